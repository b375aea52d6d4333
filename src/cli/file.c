/* SPDX-License-Identifier: Apache-2.0 */
/* Small files, read and written whole. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

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

int file_read(struct out *o, const char *path, size_t max, struct sca_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;
	struct stat st;

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

int file_replace(const char *path, const char *p, size_t n, struct sca_err *err)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	mode_t mode = umask(0077); /* what it tells of this host is not for everybody */
	int r = out_open(&o, path, err);

	umask(mode);
	if (r < 0)
		return r;
	out_add(&o, p, n);
	return out_finish(&o, err);
}
