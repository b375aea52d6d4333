/* SPDX-License-Identifier: Apache-2.0 */
/* A file by its path, or standard input. */
#include "base.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "source.h"

struct file {
	struct reader rd;
	uint64_t total;
	char name[];
};

static int file_pump(struct sca_source *src, struct sca_err *err)
{
	struct file *f = src->state;
	int r = reader_pump(&f->rd, err);

	if (r != SCA_NEXT_IDLE)
		return r;
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

static const struct source_ops file_ops = {
	.pump = file_pump, .stats = file_stats, .name = file_name, .progress = file_progress,
	.close = file_close,
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

int source_file_open(struct sca_source *src, const char *spec, const char *root _unused_,
		     struct sca_err *err)
{
	bool is_stdin = strcmp(spec, "-") == 0, regular;
	const char *name = is_stdin ? "standard input" : spec;
	struct file *f = calloc(1, sizeof(*f) + strlen(name) + 1);
	struct stat st;
	int fd = -1, r;

	if (!f)
		return sca_fail_errno(err, ENOMEM, "cannot open %s", name);
	memcpy(f->name, name, strlen(name));
	src->ops = &file_ops;
	src->state = f;
	r = reader_init(&f->rd, src, err);
	if (r == 0)
		r = is_stdin ? dup_stdin(&fd, err) : source_open_fd(AT_FDCWD, spec, &fd, err);
	if (r < 0)
		goto out;
	regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	f->total = regular ? (uint64_t)st.st_size : 0;
	/* Who wrote what comes by standard input is not known. */
	r = framer_new(&src->framer, &src->limits, regular && !is_stdin, err);
	if (r == 0)
		r = reader_start(&f->rd, fd, f->name, err);
	else
		close(fd);
out:
	if (r < 0)
		sca_err_at(err, name, 0, 0);
	return r;
}
