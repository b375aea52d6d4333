/* SPDX-License-Identifier: Apache-2.0 */
/* A log in a directory, and who follows it. To be included behind cmocka.h. */
#ifndef TESTS_FOLLOW_LOG_H
#define TESTS_FOLLOW_LOG_H

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sys/stat.h>

#include "pack.h"
#include "source.h"
#include "text.h"

#define GRACE_MS 60 /* instead of the second that a rotated log is waited with */
#define PATH_N   256
#define COMES_MS 30000 /* within which comes what has to, on whatever machine */

/* -- the directory and what is done in it -- */

struct at {
	char dir[64];
	struct sca_source *src;
	struct buf saved; /* position */
	const char *row;
	bool backlog;
	unsigned grace_ms; /* 0: GRACE_MS */
};

static inline void path_of(const struct at *t, const char *name, char ret[PATH_N])
{
	int n = snprintf(ret, PATH_N, "%s/%s", t->dir, name);

	assert_true(n > 0 && n < PATH_N);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void dir_new(struct at *t)
{
	snprintf(t->dir, sizeof(t->dir), "/tmp/test_follow.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
}

static inline void dir_free(struct at *t)
{
	sca_source_free(t->src);
	buf_release(&t->saved);
	nftw(t->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void write_file(const struct at *t, const char *name, struct sca_str s, int flags)
{
	char path[PATH_N];
	int fd;

	path_of(t, name, path);
	fd = open(path, O_WRONLY | O_CREAT | flags, 0644);
	if (fd < 0 || write(fd, s.p ? s.p : "", s.n) != (ssize_t)s.n)
		fail_msg("%s: cannot write %s", t->row, path);
	close(fd);
}

static inline void read_whole(const struct at *t, const char *name, struct buf *out)
{
	char path[PATH_N], p[4096];
	ssize_t n;
	int fd;

	path_of(t, name, path);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		fail_msg("%s: cannot read %s", t->row, path);
	while ((n = read(fd, p, sizeof(p))) > 0)
		buf_add(out, p, (size_t)n);
	close(fd);
}

#define HEAD "type=SECCOMP msg=audit(1795502175.137:"
#define TAIL                                                                                 \
	"): auid=0 uid=0 gid=0 ses=3 pid=9 comm=\"x\" exe=\"/x\" sig=0 arch=c000003e syscall=83 " \
	"compat=0 ip=0x7f80 code=0x50000\n"

static inline void add_records(struct buf *b, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i <= to; i++)
		buf_addf(b, HEAD "%u" TAIL, i);
}

static inline void put(const struct at *t, const char *name, uint32_t from, uint32_t to)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	add_records(&b, from, to);
	write_file(t, name, buf_str(&b), O_APPEND);
}

static inline void move(const struct at *t, const char *from, const char *to)
{
	char a[PATH_N], b[PATH_N];

	path_of(t, from, a);
	path_of(t, to, b);
	if (rename(a, b) < 0)
		fail_msg("%s: cannot rename %s", t->row, a);
}

static inline void drop(const struct at *t, const char *name)
{
	char path[PATH_N];

	path_of(t, name, path);
	if (remove(path) < 0)
		fail_msg("%s: cannot remove %s", t->row, path);
}

/* As gzip does: the packed file beside the other, which then goes away. */
static inline void pack(const struct at *t, const char *from, const char *to)
{
	_cleanup_buf_ struct buf b = BUF_INIT, packed = BUF_INIT;

	read_whole(t, from, &b);
	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++)
		if (strcmp(strrchr(to, '.'), packers[k].ending) == 0)
			packers[k].pack(&packed, buf_str(&b));
	assert_true(packed.n > 0);
	write_file(t, to, buf_str(&packed), O_TRUNC);
	if (strcmp(from, to) != 0)
		drop(t, from);
}

/* -- following -- */

static inline void follow(struct at *t, struct sca_str position)
{
	const struct sca_follow how = {.backlog = t->backlog, .position = position};
	struct sca_err err = SCA_ERR_INIT;
	char path[PATH_N];

	path_of(t, "log", path);
	t->src = NULL;
	if (sca_source_follow(&t->src, path, NULL, NULL, &how, &err) != 0)
		fail_msg("%s: %s: %s", t->row, err.file, err.text);
	t->src->grace_ms = t->grace_ms ? t->grace_ms : GRACE_MS;
}

static inline void save(struct at *t)
{
	struct sca_str s;

	assert_int_equal(sca_source_position(t->src, &s, NULL), 0);
	buf_reset(&t->saved);
	buf_add_str(&t->saved, s);
	if (memchr(s.p, '\n', s.n) || s.p[0] != '{' || s.p[s.n - 1] != '}')
		fail_msg("%s: no line of JSON: %.*s", t->row, (int)s.n, s.p);
}

static inline void restart(struct at *t)
{
	t->src = sca_source_free(t->src);
	follow(t, buf_str(&t->saved));
}

static inline int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits as a loop of events would. False when the source has nothing within `ms`. */
static inline bool next_in(struct at *t, int64_t ms, int *ret, struct sca_frame *f,
			   struct sca_err *err)
{
	int64_t end = now_ms() + ms;

	*err = (struct sca_err)SCA_ERR_INIT;
	for (;;) {
		struct pollfd pfd = {.events = POLLIN};
		int wait;

		*ret = sca_source_next(t->src, f, err);
		if (*ret != SCA_NEXT_IDLE)
			return true;
		if (now_ms() >= end)
			return false;
		pfd.fd = sca_source_fd(t->src, &wait);
		if (wait > 1000)
			fail_msg("%s: waits %d ms", t->row, wait);
		poll(&pfd, 1, wait < 0 ? (int)ms : (int)MIN((int64_t)wait, ms));
	}
}

static inline void want_nothing(struct at *t, size_t step, unsigned ms)
{
	struct sca_frame f;
	struct sca_err err;
	int r;

	if (next_in(t, ms, &r, &f, &err))
		fail_msg("%s, step %zu: %d (%s) serial %u instead of nothing", t->row, step, r,
			 err.text, r == SCA_NEXT_FRAME ? f.serial : 0);
}

#endif
