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
#define RETRY_MS    1000  /* after a file that could not be read */
#define PATIENCE_MS 60000 /* with who goes on writing to a rotated log */
#define GO_ON       3     /* beside enum sca_next */

struct follow {
	struct reader rd;
	struct sca_source *src;
	char *path;
	struct watch watch;
	struct log *cur;
	struct logset set;    /* what comes behind it */
	struct sca_pos start; /* where the first of them begins */
	struct place place;   /* without cur and set: where reading was */
	struct buf loss;      /* text of a LOSS frame that is to come */
	bool loss_told;       /* of what is looked for now */
	bool spent;           /* cur is packed and has no more to give */
	int64_t left_ms;      /* since when cur is known to be rotated */
	int64_t retry_ms;
	int told;             /* what is wrong with the path, told once */
	int wait_ms;
};

static const struct sca_pos beginning = {NULL, 1, 0};

static int64_t now_ms(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static int idle(struct follow *f, int ms)
{
	f->wait_ms = ms;
	return SCA_NEXT_IDLE;
}

static struct place here(const struct follow *f)
{
	if (f->cur) {
		struct sca_pos at = reader_place(&f->rd);

		return place_of(f->cur, &at);
	}
	return f->set.n && !f->loss.n ? place_of(f->set.v[0], &f->start) : f->place;
}

/* The logs that the path's directory has, and how they begin. A link is followed first: what
 * was rotated stands beside the file that it leads to. */
static int collect(struct follow *f, struct sca_err *err)
{
	_cleanup_free_ char *real = realpath(f->path, NULL);
	int r;

	logset_release(&f->set);
	r = logset_init(&f->set, real ? real : f->path, err);
	f->set.lenient = true;
	if (r == 0)
		r = logset_collect(&f->set, err);
	if (r == 0)
		r = logset_begins(&f->set, err);
	if (r < 0) {
		logset_release(&f->set);
		f->retry_ms = now_ms(CLOCK_MONOTONIC) + RETRY_MS;
	}
	return r;
}

static void watch(struct follow *f)
{
	watch_set(&f->watch, f->set.dir, f->cur ? f->rd.stream.fd : -1);
}

/* Milliseconds until what went wrong is tried again. */
static int retry_in(const struct follow *f)
{
	int64_t left = f->retry_ms - now_ms(CLOCK_MONOTONIC);

	return left > 0 ? (int)left : 0;
}

/* 1 with *ret, a regular file; 0 when there is none now. */
static int look_at_path(struct follow *f, struct stat *ret, struct sca_err *err)
{
	int r = 0;

	if (stat(f->path, ret) < 0) {
		if (errno != ENOENT && errno != f->told)
			r = sca_fail_errno(err, errno, "cannot look at it");
		f->told = errno == ENOENT ? 0 : errno;
	} else if (!S_ISREG(ret->st_mode)) {
		int e = S_ISDIR(ret->st_mode) ? EISDIR : EINVAL;

		if (e != f->told)
			r = sca_fail(err, -e, "is no regular file any more; waiting for one");
		f->told = e;
	} else {
		return 1;
	}
	sca_err_at(r < 0 ? err : NULL, f->path, 0, 0);
	return r;
}

/* -- from one log to the next -- */

/* Text for the LOSS frame; the first one counts. */
static void lose(struct follow *f, const char *what, const char *name)
{
	if (!f->loss.n)
		buf_addf(&f->loss, "%s %s", name, what);
}

static void take_first(struct follow *f, size_t n)
{
	while (n-- > 0)
		log_free(logset_take(&f->set, 0));
}

/* Whether another file is at the path by now. Then the set is all that came behind cur. */
static int look_for_newer(struct follow *f, struct sca_err *err)
{
	const struct place place = here(f);
	struct stat st;
	size_t i;
	int r = look_at_path(f, &st, err);

	if (r <= 0)
		return r;
	f->told = 0;
	if (st.st_dev == f->cur->dev && st.st_ino == f->cur->ino)
		return 0;
	r = collect(f, err);
	if (r < 0)
		return r;
	i = place_find(&place, &f->set);
	if (i < f->set.n && f->set.v[i]->place.age != LOG_ODD) {
		take_first(f, i + 1);
	} else {
		bool odd = i < f->set.n;

		place_keep_newer(&place, &f->set);
		if (!odd && (f->set.n > 1 || f->set.unlisted))
			lose(f, "is gone, and so may be others that came behind it", f->cur->name);
	}
	f->start = beginning;
	f->left_ms = now_ms(CLOCK_MONOTONIC);
	return 0;
}

/* Without a log to read: looks for the one where reading was, and what came behind it. */
static int look_again(struct follow *f, struct sca_err *err)
{
	size_t i;
	int r = collect(f, err);

	if (r < 0)
		return r;
	f->start = beginning;
	i = f->place.known ? place_find(&f->place, &f->set) : f->set.n;
	if (i < f->set.n) {
		struct log *l = logset_take(&f->set, i);

		f->start = f->place.at;
		if (l->place.age == LOG_ODD)
			place_keep_newer(&f->place, &f->set);
		else
			take_first(f, i);
		logset_put_back(&f->set, l);
		return 0;
	}
	if (f->place.known && f->set.n && !f->loss_told)
		lose(f, "has no log any more in which reading was", f->path);
	place_keep_newer(&f->place, &f->set);
	f->place.known = f->place.known && !f->loss.n;
	return 0;
}

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

/* The first log of the set becomes the one that is read. */
static int start_next(struct follow *f, struct sca_err *err)
{
	struct log *l = logset_take(&f->set, 0);
	const struct sca_pos at = f->start;
	int fd, r;

	f->start = beginning;
	f->place = place_of(l, &at);
	if (l->refused) {
		r = l->place.age == 0 && l->refused != f->told
			    ? sca_fail_errno(err, l->refused, "cannot open") : GO_ON;
		if (l->place.age == 0) {
			f->told = l->refused;
			f->retry_ms = now_ms(CLOCK_MONOTONIC) + RETRY_MS;
		} else {
			lose(f, "cannot be opened", l->name);
		}
		sca_err_at(r < 0 ? err : NULL, l->name, 0, 0);
		log_free(l);
		return r;
	}
	fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	r = fd < 0 ? sca_fail_errno(err, errno, "cannot read")
		   : reader_start_at(&f->rd, fd, l->name, &at, l->packed, err);
	if (r < 0) {
		sca_err_at(err, l->name, 0, 0);
		f->retry_ms = now_ms(CLOCK_MONOTONIC) + RETRY_MS;
		log_free(l);
		return r;
	}
	f->cur = l;
	f->spent = f->loss_told = false;
	f->told = 0;
	f->left_ms = now_ms(CLOCK_MONOTONIC);
	watch(f);
	return GO_ON;
}

static int begin_next(struct follow *f, struct sca_err *err)
{
	struct stat st;
	int r;

	if (f->loss.n || f->loss.failed)
		return send_loss(f, err);
	if (f->set.n)
		return start_next(f, err);
	r = retry_in(f);
	if (r > 0)
		return idle(f, r);
	watch(f);
	r = look_at_path(f, &st, err);
	if (r > 0)
		r = look_again(f, err);
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
	n = pread(fd, p, sizeof(p), 0);
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
 * How long to stay with a rotated log: who writes it may not know yet. Renaming and writing
 * set the file's ctime, so this holds after a restart, too.
 */
static int stay_ms(struct follow *f)
{
	const struct log *next = f->set.v[0];
	struct stat st;
	int64_t age;

	if (f->set.n > 1 || next->place.age != 0 || f->cur->packed ||
	    fstat(f->rd.stream.fd, &st) < 0)
		return 0;
	age = now_ms(CLOCK_REALTIME) -
	      (st.st_ctim.tv_sec * INT64_C(1000) + st.st_ctim.tv_nsec / 1000000);
	if (age < 0 || age >= f->src->grace_ms)
		return 0;
	if (now_ms(CLOCK_MONOTONIC) - f->left_ms > PATIENCE_MS) {
		lose(f, "is still written to, long after it was rotated", f->cur->name);
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
		r = look_for_newer(f, err);
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
		lose(f, "is shorter than what was read of it", f->cur->name);
	if (!f->set.n && !f->loss.n)
		f->retry_ms = now_ms(CLOCK_MONOTONIC) + RETRY_MS;
	f->place = here(f);
	f->cur = log_free(f->cur);
	return GO_ON;
}

static int read_on(struct follow *f, unsigned *blocks, struct sca_err *err)
{
	struct reader *rd = &f->rd;
	int r;

	if (f->spent && !f->set.n)
		return at_end(f, err);
	if (!rd->ended && rd->p >= rd->end && !f->cur->packed && overwritten(f)) {
		lose(f, "was truncated; what was written to it before may be missing",
		     f->cur->name);
		reader_break(rd);
	}
	rd->turns = 2;
	r = reader_pump(rd, err);
	if (r == SCA_NEXT_END)
		return leave(f);
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

	watch_drain(&f->watch);
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

static int follow_position(const struct sca_source *src, struct buf *b, struct sca_err *err _unused_)
{
	const struct follow *f = src->state;
	const struct place place = here(f);

	place_write(&place, f->path, b);
	return 0;
}

static void follow_close(struct sca_source *src)
{
	struct follow *f = src->state;

	watch_close(&f->watch);
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

/* -- where to begin -- */

/* The beginning of the log's last line, which is behind the last newline. */
static int find_end(const struct log *l, size_t line_max, struct sca_pos *ret,
		    struct sca_err *err)
{
	uint64_t at = l->size;
	char p[4096];

	*ret = (struct sca_pos){NULL, 0, at};
	while (at > 0 && l->size - at < line_max) {
		size_t want = (size_t)MIN((uint64_t)sizeof(p), at);
		ssize_t n = pread(l->fd, p, want, (off_t)(at - want));
		const char *newline;

		if (n < 0)
			return sca_fail_errno(err, errno, "cannot read");
		if ((size_t)n < want)
			return 0; /* truncated just now; that is seen later */
		newline = memrchr(p, '\n', want);
		at -= want;
		if (newline) {
			ret->offset = at + (uint64_t)(newline + 1 - p);
			return 0;
		}
	}
	if (at == 0)
		*ret = beginning;
	return 0;
}

static int begin(struct follow *f, struct sca_err *err)
{
	struct log *live;
	int r;

	f->place.mtime_ns = now_ms(CLOCK_REALTIME_COARSE) * 1000000;
	if (f->src->how.position.n) {
		r = place_read(&f->place, f->src->how.position, err);
		return r < 0 ? r : look_again(f, err);
	}
	r = collect(f, err);
	if (r < 0)
		return r;
	live = f->set.n ? f->set.v[f->set.n - 1] : NULL;
	if (live && live->place.age != 0)
		live = NULL;
	if (live && live->refused)
		return sca_fail_errno(err, live->refused,
				      "cannot open (many logs are for root only)");
	if (live && live->packed)
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"is compressed, and so does not grow; read it without following");
	f->start = beginning;
	while (f->set.n && f->set.v[0]->place.age == LOG_ODD)
		take_first(f, 1);
	if (f->src->how.backlog)
		return 0;
	take_first(f, f->set.n - (live != NULL));
	return live ? find_end(live, f->src->limits.line_max, &f->start, err) : 0;
}

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
		r = framer_new(&src->framer, &src->limits, true, err);
	watch_open(&f->watch);
	if (r == 0)
		r = check_path(path, err);
	if (r == 0)
		r = begin(f, err);
	if (r < 0)
		sca_err_at(err, path, 0, 0);
	return r;
}
