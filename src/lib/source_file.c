/* SPDX-License-Identifier: Apache-2.0 */
/* A file by its path, or standard input. */
#include "base.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "follow.h"

#define BLOCKS_MAX 32u /* of one call, when following */

struct file {
	struct reader rd;
	uint64_t total;
	bool regular;
	char name[];
};

static int file_pump(struct sca_source *src, struct sca_err *err)
{
	struct file *f = src->state;
	int r;

	f->rd.turns = src->follow ? BLOCKS_MAX + 1 : 0;
	r = reader_pump(&f->rd, err);
	if (r != SCA_NEXT_IDLE)
		return r;
	if (src->follow && (f->rd.dry || f->rd.turns == 0))
		return SCA_NEXT_IDLE;
	reader_finish(&f->rd);
	return reader_pump(&f->rd, err);
}

static void file_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct file *f = src->state;

	reader_stats(&f->rd, add);
}

static const char *file_name(const struct sca_source *src)
{
	const struct file *f = src->state;

	return f->name;
}

static void file_progress(const struct sca_source *src, uint64_t *ret_done, uint64_t *ret_total)
{
	const struct file *f = src->state;

	*ret_done = stream_done(&f->rd.stream);
	*ret_total = f->total;
}

static void file_close(struct sca_source *src)
{
	struct file *f = src->state;

	reader_release(&f->rd);
	free(f);
}

static int file_fd(const struct sca_source *src, int *ret_wait_ms)
{
	const struct file *f = src->state;

	*ret_wait_ms = f->rd.dry ? -1 : 0;
	return f->regular ? -1 : f->rd.stream.fd;
}

static const struct source_ops file_ops = {
	.pump = file_pump, .stats = file_stats, .name = file_name, .progress = file_progress,
	.close = file_close, .fd = file_fd,
};

static int dup_stdin(int *ret_fd, struct sca_err *err)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	int r = fd < 0 ? sca_fail_errno(err, errno, "cannot read") : source_check_fd(fd, err);

	if (r == 0)
		*ret_fd = fd;
	else if (fd >= 0)
		close(fd);
	return r;
}

/* Whether the path leads to what has no place to go back to: a FIFO, a pipe, a terminal. */
static bool is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/*
 * For following: neither opening nor reading waits for a writer. A FIFO that has a name does not
 * end when its last writer goes away, for the next one may come: held open for writing, it has
 * one always.
 */
static int open_stream(const char *path, int *ret_fd, struct sca_err *err)
{
	const int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, O_RDONLY | flags), both;
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return sca_fail_errno(err, errno, "cannot open");
	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 &&
	    fs.f_type != PIPEFS_MAGIC) {
		both = open(path, O_RDWR | flags);
		if (both >= 0) {
			close(fd);
			fd = both;
		}
	}
	*ret_fd = fd;
	return 0;
}

static int open_file(const struct sca_source *src, const char *spec, bool is_stdin, int *ret_fd,
		     struct sca_err *err)
{
	if (is_stdin)
		return dup_stdin(ret_fd, err);
	return src->follow ? open_stream(spec, ret_fd, err)
			   : source_open_fd(AT_FDCWD, spec, ret_fd, err);
}

int source_file_open(struct sca_source *src, const char *spec, const char *root _unused_,
		     struct sca_err *err)
{
	bool is_stdin = strcmp(spec, "-") == 0;
	const char *name = is_stdin ? "standard input" : spec;
	struct stat st;
	struct file *f;
	int fd = -1, r;

	if (src->follow && !is_stdin && !is_stream(spec))
		return source_follow_open(src, spec, err);
	f = calloc(1, sizeof(*f) + strlen(name) + 1);
	if (!f)
		return sca_fail_errno(err, ENOMEM, "cannot open %s", name);
	memcpy(f->name, name, strlen(name));
	src->ops = &file_ops;
	src->state = f;
	r = reader_init(&f->rd, src, err);
	if (r == 0)
		r = open_file(src, spec, is_stdin, &fd, err);
	if (r < 0)
		goto out;
	f->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	f->total = f->regular ? (uint64_t)st.st_size : 0;
	r = framer_new(&src->framer, &src->limits, false, err);
	if (r == 0)
		r = reader_start(&f->rd, fd, f->name, err);
	else
		close(fd);
	if (r == 0)
		f->rd.stream.nowait = src->follow;
	/* Who wrote what comes by standard input is not known. */
	if (r == 0 && is_stdin)
		framer_file(src->framer, false);
out:
	if (r < 0)
		sca_err_at(err, name, 0, 0);
	return r;
}
