/* SPDX-License-Identifier: Apache-2.0 */
/* Small files, whole. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "dest.h"

static int read_all(int fd, size_t max, struct out *o)
{
	for (;;) {
		ssize_t n;

		if (o->cap - o->n < 4096 && !out_grow(o, 4096))
			return -ENOMEM;
		n = read(fd, o->p + o->n, o->cap - o->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		o->n += (size_t)n;
		if (o->n > max)
			return -EFBIG;
	}
}

static int read_file(int fd, const char *path, size_t max, struct out *o, struct sca_err *err)
{
	struct stat st;
	int r;

	if (fd < 0)
		return sca_fail_errno(err, errno, "can not read %s", path);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (st.st_size > 0 && (uint64_t)st.st_size > max)
		r = -EFBIG; /* no byte of it is kept */
	else
		r = read_all(fd, max, o);
	close(fd);
	if (r == -EINVAL)
		return sca_fail(err, -EINVAL, "%s is no regular file", path);
	if (r == -EFBIG)
		return sca_fail(err, SCA_E_LIMIT, "%s is longer than %zu bytes", path, max);
	return r < 0 ? sca_fail_errno(err, -r, "can not read %s", path) : 0;
}

#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

int file_read(struct out *o, const char *path, size_t max, struct sca_err *err)
{
	return read_file(open(path, READ_FLAGS), path, max, o, err);
}

int dest_read(const struct dest *to, size_t max, struct out *o, struct sca_err *err)
{
	return read_file(openat(to->dir, to->name, READ_FLAGS | O_NOFOLLOW), to->path, max, o, err);
}

int profile_replace(const struct sca_profile *fresh, const char *path,
		    const struct sca_profile *loaded, bool backup, struct sca_err *err)
{
	sigset_t held;
	int r;

	signals_hold(&held);
	r = sca_profile_write(fresh, path, loaded, backup, err);
	signals_let_go(&held);
	return r;
}
