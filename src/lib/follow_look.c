/* SPDX-License-Identifier: Apache-2.0 */
/* Which logs are to be read, in what order, and from where on. */
#include "follow.h"

#include <fcntl.h>
#include <sys/stat.h>

const struct sca_pos follow_beginning = {NULL, 1, 0};

struct place follow_here(const struct follow *f)
{
	if (f->cur && !f->starved) {
		struct sca_pos at = reader_place(&f->rd);

		return place_of(f->cur, &at);
	}
	return !f->cur && f->set.n && !f->loss.n ? place_of(f->set.v[0], &f->start) : f->place;
}

int follow_look_at_path(struct follow *f, struct stat *ret, struct sca_err *err)
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

void follow_lose(struct follow *f, const char *name, const char *what)
{
	if (!f->loss.n)
		buf_addf(&f->loss, "%s: %s", name, what);
}

/* The logs that the path's directory has, and how they begin. A link is followed first: what
 * was rotated stands beside the file that it leads to. */
static int collect(struct follow *f, const struct place *sought, struct sca_err *err)
{
	_cleanup_free_ char *real = realpath(f->path, NULL);
	int r;

	logset_release(&f->set);
	r = logset_init(&f->set, real ? real : f->path, err);
	f->set.lenient = true;
	f->set.sought_dev = sought->dev;
	f->set.sought_ino = sought->ino;
	if (r == 0)
		r = logset_collect(&f->set, err);
	if (r == 0)
		r = logset_begins(&f->set, err);
	if (r < 0) {
		logset_release(&f->set);
		f->retry_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
	}
	return r;
}

/* -- where to go on -- */

static void take_first(struct follow *f, size_t n)
{
	while (n-- > 0)
		log_free(logset_take(&f->set, 0));
}

int follow_look_for_newer(struct follow *f, struct sca_err *err)
{
	const struct place place = follow_here(f);
	struct stat st;
	size_t i;
	int r = follow_look_at_path(f, &st, err);

	if (r <= 0)
		return r;
	f->told = 0;
	if (st.st_dev == f->cur->dev && st.st_ino == f->cur->ino)
		return 0;
	r = collect(f, &place, err);
	if (r < 0)
		return r;
	i = place_find(&place, &f->set);
	f->start = follow_beginning;
	if (i < f->set.n && f->set.v[i]->place.age == 0) {
		/* Written anew by who copied what was in it. */
		take_first(f, i);
		f->start = place.at;
	} else if (i < f->set.n && f->set.v[i]->place.age != LOG_ODD) {
		take_first(f, i + 1);
	} else {
		bool odd = i < f->set.n;

		place_keep_newer(&place, &f->set);
		if (!odd && (f->set.unlisted ||
			     (f->set.n && f->set.v[0]->place.age != 0)))
			follow_lose(f, f->cur->name,
				    "gone, and so may be others that came behind it");
	}
	f->left_ms = clock_ms(CLOCK_MONOTONIC);
	f->seen_rotated = true;
	return 0;
}

int follow_look_again(struct follow *f, struct sca_err *err)
{
	size_t i;
	int r = collect(f, &f->place, err);

	if (r < 0)
		return r;
	f->start = follow_beginning;
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
		follow_lose(f, f->path, "the log that was read last is gone, its rest is missing");
	place_keep_newer(&f->place, &f->set);
	f->place.known = f->place.known && !f->loss.n;
	return 0;
}

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
		ssize_t n = log_read_at(l->fd, p, want, at - want);
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
		*ret = follow_beginning;
	return 0;
}

int follow_begin(struct follow *f, struct sca_err *err)
{
	struct log *live;
	int r;

	f->place.mtime_ns = clock_ms(CLOCK_REALTIME_COARSE) * 1000000;
	if (f->src->how.position.n) {
		r = place_read(&f->place, f->src->how.position, err);
		return r < 0 ? r : follow_look_again(f, err);
	}
	r = collect(f, &f->place, err);
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
	f->start = follow_beginning;
	if (f->src->how.backlog)
		return 0;
	take_first(f, f->set.n - (live != NULL));
	return live ? find_end(live, f->src->limits.line_max, &f->start, err) : 0;
}
