/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows a log by its path. One log is read at a time. At its end the path is looked at: is
 * another file there, the log was rotated, and all that are younger by now stand in `set`,
 * which is read before the path is looked at again. So it does not matter how often the log
 * was rotated between two looks, nor whether the older ones were packed meanwhile.
 *
 * Without a log (`cur`) there is a place where reading was, or a time since when nothing was
 * there; a log is then looked for by it, as after a restart.
 */
#include "follow.h"

#include <fcntl.h>
#include <sys/stat.h>

#define BLOCKS_MAX  32    /* of one call */
#define LOOK_MS     1000  /* without events */
#define HOLE_MAX    65536 /* behind what the file system knows to be one */
#define PATIENCE_MS 60000 /* with who goes on writing to a rotated log */
#define GO_ON       3     /* beside enum sca_next */

static void watch(struct follow *f)
{
	dir_watch_set(&f->watch, f->set.dir, f->cur ? f->rd.stream.fd : -1);
}

/* Milliseconds until what went wrong is tried again. */
static int retry_in(const struct follow *f)
{
	int64_t left = f->retry_ms - clock_ms(CLOCK_MONOTONIC);

	return left > 0 ? (int)left : 0;
}

static int idle(struct follow *f, int ms)
{
	f->wait_ms = ms;
	return SCA_NEXT_IDLE;
}

/* -- from one log to the next -- */

static int send_loss(struct follow *f, struct sca_err *err)
{
	const struct sca_pos pos = {f->path, 0, 0};
	int r = f->loss.failed ? -ENOMEM
			       : framer_loss(f->src->framer, SCA_LOSS_FILE, 0, SCA_SRC_AUDITD,
					     buf_str(&f->loss), &pos, source_queue, f->src);

	buf_reset(&f->loss);
	f->loss_told = true;
	return r < 0 ? sca_fail_errno(err, ENOMEM, "cannot tell of a loss in %s", f->path)
		     : SCA_NEXT_FRAME;
}

/* A log that may not be read: the live one is an error, once, and tried again. */
static int pass_by(struct follow *f, const struct log *l, struct sca_err *err)
{
	int r = GO_ON;

	if (l->place.age != 0) {
		follow_lose(f, l->name, "cannot be opened");
		return r;
	}
	if (l->refused != f->told) {
		r = sca_fail_errno(err, l->refused, "cannot open");
		sca_err_at(err, l->name, 0, 0);
	}
	f->told = l->refused;
	f->retry_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
	return r;
}

static int start_log(struct follow *f, const struct log *l, const struct sca_pos *at,
		     struct sca_err *err)
{
	int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0), r;

	if (fd >= 0 && lseek(fd, 0, SEEK_SET) == 0)
		r = reader_start_at(&f->rd, fd, l->name, at, l->packed, err);
	else
		r = sca_fail_errno(err, errno, "cannot read");
	if (r < 0) {
		sca_err_at(err, l->name, 0, 0);
		f->retry_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
	}
	return r;
}

/* The first log of the set becomes the one that is read. */
static int start_next(struct follow *f, struct sca_err *err)
{
	struct log *l = logset_take(&f->set, 0);
	const struct sca_pos at = f->start;
	int r;

	f->start = follow_beginning;
	f->place = place_of(l, &at);
	if (l->refused) {
		r = pass_by(f, l, err);
		log_free(l);
		return r;
	}
	r = start_log(f, l, &at, err);
	if (r < 0) {
		f->start = at;
		logset_put_back(&f->set, l);
		return r;
	}
	f->cur = l;
	f->spent = f->loss_told = false;
	f->told = 0;
	f->left_ms = clock_ms(CLOCK_MONOTONIC);
	f->seen_rotated = false;
	watch(f);
	return GO_ON;
}

static int begin_next(struct follow *f, struct sca_err *err)
{
	struct stat st;
	int r;

	if (f->loss.n || f->loss.failed)
		return send_loss(f, err);
	r = retry_in(f);
	if (r > 0)
		return idle(f, r);
	if (f->set.n)
		return start_next(f, err);
	dir_watch_drain(&f->watch);
	watch(f);
	r = follow_look_at_path(f, &st, err);
	if (r > 0)
		r = follow_look_again(f, err);
	if (r < 0)
		return r;
	return f->set.n || f->loss.n ? GO_ON : idle(f, LOOK_MS);
}

/* -- reading one log -- */

/* Whether the log was written anew: it is shorter than what was read, or begins otherwise. */
static bool overwritten(struct follow *f)
{
	int fd = f->rd.stream.fd;
	struct log_begin *b = &f->cur->begin;
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;
	char p[LOG_BEGIN];
	ssize_t n;

	if (at < 0 || fstat(fd, &st) < 0)
		return false;
	if (st.st_size < at)
		return true;
	n = log_read_at(fd, p, sizeof(p), 0);
	if (n < 0)
		return false;
	if ((size_t)n < b->n || memcmp(p, b->p, b->n) != 0)
		return true;
	b->n = (size_t)n;
	memcpy(b->p, p, b->n);
	f->cur->mtime_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
	return false;
}

/*
 * Who wrote on at its old offset after the log was truncated left a hole in front of the next
 * line. It would be taken for a part of that line.
 */
static void skip_hole(struct follow *f)
{
	int fd = f->rd.stream.fd;
	off_t at, end;
	char p[4096];
	ssize_t n = 0, k = 0;

	if (!f->cur->begin.n || f->cur->begin.p[0] != '\0' || lseek(fd, 0, SEEK_CUR) != 0)
		return;
	at = lseek(fd, 0, SEEK_DATA);
	at = MAX(at, 0);
	end = at + HOLE_MAX;
	while (at < end && k == n) {
		n = log_read_at(fd, p, sizeof(p), (uint64_t)at);
		for (k = 0; k < n && p[k] == '\0'; k++)
			;
		at += k;
		if (n <= 0)
			break;
	}
	if (lseek(fd, at, SEEK_SET) < 0)
		return;
	f->rd.offset += (uint64_t)at;
	f->rd.nuls += (uint64_t)at;
}

/*
 * How long to stay with a rotated log: who writes it may not know yet. Renaming and writing
 * set the file's ctime, so this holds after a restart, too. The clock may have been set since:
 * what happened while it was read, or in the future, is as old as it is known.
 */
static int stay_ms(struct follow *f)
{
	const struct log *next = f->set.v[0];
	struct stat st;
	int64_t age, known;

	if (f->set.n > 1 || next->place.age != 0 || f->cur->packed ||
	    fstat(f->rd.stream.fd, &st) < 0)
		return 0;
	age = clock_ms(CLOCK_REALTIME) -
	      (st.st_ctim.tv_sec * INT64_C(1000) + st.st_ctim.tv_nsec / 1000000);
	known = clock_ms(CLOCK_MONOTONIC) - f->left_ms;
	if (age < 0 || (f->seen_rotated && known < age))
		age = known;
	if (age >= f->src->grace_ms)
		return 0;
	if (known > PATIENCE_MS) {
		follow_lose(f, f->cur->name, "still written to, long after it was rotated");
		return 0;
	}
	return (int)(f->src->grace_ms - age);
}

static int at_end(struct follow *f, struct sca_err *err)
{
	int ms;

	if (!f->set.n) {
		int r;

		ms = retry_in(f);
		if (ms > 0)
			return idle(f, ms);
		r = follow_look_for_newer(f, err);
		if (r < 0)
			return r;
		if (f->set.n)
			return GO_ON; /* what was written until it was rotated */
		watch(f);
		return idle(f, LOOK_MS);
	}
	ms = stay_ms(f);
	if (ms > 0)
		return idle(f, ms);
	reader_finish(&f->rd);
	return GO_ON;
}

/* All that the log had was given out. */
static int leave(struct follow *f)
{
	if (f->cur->packed && !f->set.n) {
		f->spent = true;
		return GO_ON;
	}
	if (f->rd.skip && !f->rd.broken)
		follow_lose(f, f->cur->name, "shorter than what was read of it");
	if (!f->set.n && !f->loss.n)
		f->retry_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
	f->place = follow_here(f);
	f->cur = log_free(f->cur);
	return GO_ON;
}

/* Where memory ran out in the middle of the log. */
static int start_again(struct follow *f, struct sca_err *err)
{
	int r = retry_in(f);

	if (r > 0)
		return idle(f, r);
	r = start_log(f, f->cur, &f->place.at, err);
	if (r < 0)
		return r;
	f->starved = false;
	return GO_ON;
}

static int read_on(struct follow *f, unsigned *blocks, struct sca_err *err)
{
	struct reader *rd = &f->rd;
	int r;

	if (f->spent && !f->set.n)
		return at_end(f, err);
	if (f->starved) {
		r = start_again(f, err);
		if (r != GO_ON)
			return r;
	}
	if (!rd->ended && rd->p >= rd->end) {
		dir_watch_drain(&f->watch);
		if (!f->cur->packed && overwritten(f)) {
			follow_lose(f, f->cur->name,
			     "truncated, what was written to it before may be missing");
			reader_break(rd);
		}
		skip_hole(f);
	}
	rd->turns = 2;
	r = reader_pump(rd, err);
	if (r == SCA_NEXT_END)
		return leave(f);
	if (r == -ENOMEM) {
		f->place = follow_here(f);
		f->starved = true;
		f->retry_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
	}
	if (r != SCA_NEXT_IDLE)
		return r;
	if (rd->turns > 0)
		return at_end(f, err);
	(*blocks)--;
	return GO_ON;
}

/* -- the source -- */

static int follow_pump(struct sca_source *src, struct sca_err *err)
{
	struct follow *f = src->state;
	unsigned blocks = BLOCKS_MAX;

	while (blocks > 0) {
		int r = f->cur ? read_on(f, &blocks, err) : begin_next(f, err);

		if (r != GO_ON)
			return r;
	}
	return idle(f, 0);
}

static void follow_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct follow *f = src->state;

	reader_stats(&f->rd, add);
}

static const char *follow_name(const struct sca_source *src)
{
	const struct follow *f = src->state;

	return f->path;
}

static void follow_progress(const struct sca_source *src, uint64_t *ret_done, uint64_t *ret_total)
{
	const struct follow *f = src->state;

	*ret_done = stream_done(&f->rd.stream);
	*ret_total = 0;
}

static int follow_fd(const struct sca_source *src, int *ret_wait_ms)
{
	const struct follow *f = src->state;

	*ret_wait_ms = f->wait_ms;
	return f->watch.fd;
}

static int follow_position(const struct sca_source *src, struct buf *b,
			   struct sca_err *err _unused_)
{
	const struct follow *f = src->state;
	const struct place place = follow_here(f);

	place_write(&place, f->path, b);
	return 0;
}

static void follow_close(struct sca_source *src)
{
	struct follow *f = src->state;

	dir_watch_close(&f->watch);
	reader_release(&f->rd);
	log_free(f->cur);
	logset_release(&f->set);
	buf_release(&f->loss);
	free(f->path);
	free(f);
}

static const struct source_ops follow_ops = {
	.pump = follow_pump, .stats = follow_stats, .name = follow_name,
	.progress = follow_progress, .close = follow_close, .fd = follow_fd,
	.position = follow_position,
};

static int check_path(const char *path, struct sca_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : sca_fail_errno(err, errno, "cannot open");
	if (S_ISDIR(st.st_mode))
		return sca_fail(err, -EISDIR, "is a directory; name a log file in it");
	return 0;
}

int source_follow_open(struct sca_source *src, const char *path, struct sca_err *err)
{
	struct follow *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return sca_fail_errno(err, ENOMEM, "cannot open %s", path);
	f->src = src;
	f->loss.max = 65536;
	f->watch.fd = -1;
	src->ops = &follow_ops;
	src->state = f;
	r = reader_init(&f->rd, src, err);
	f->path = strdup(path);
	if (r == 0 && !f->path)
		r = sca_fail_errno(err, ENOMEM, "cannot open it");
	if (r == 0)
		r = framer_new(&src->framer, &src->limits, false, err);
	dir_watch_open(&f->watch);
	if (r == 0)
		r = check_path(path, err);
	if (r == 0)
		r = follow_begin(f, err);
	if (r < 0)
		sca_err_at(err, path, 0, 0);
	return r;
}
