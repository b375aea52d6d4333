/* SPDX-License-Identifier: Apache-2.0 */
#include "rootdir.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* O_PATH opens nothing that could block, and openat2() takes no other flags with it. */
static int more_flags(int flags)
{
	return flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY | O_NONBLOCK);
}

/* Takes the fd out of an owning variable. */
static int keep(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

int root_walk(int root, const char *path, int flags)
{
	struct sca_str rest = sca_str_z(path), part;
	_cleanup_close_ int at = -1;
	char name[NAME_MAX + 1];

	while (str_cut(&rest, '/', &part)) {
		int from = at >= 0 ? at : root, fd;

		if (part.n == 0 || str_is(part, "."))
			continue;
		if (str_is(part, ".."))
			return -EXDEV;
		if (part.n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		fd = openat(from, name, O_NOFOLLOW | (rest.n ? O_PATH | O_DIRECTORY | O_CLOEXEC :
							       more_flags(flags)));
		if (fd < 0)
			return errno == ENOTDIR && rest.n ? -ELOOP : -errno;
		sca_close_(&at);
		at = fd;
	}
	if (at < 0)
		at = openat(root, ".", more_flags(flags));
	return at < 0 ? -errno : keep(&at);
}

int root_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)more_flags(flags),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	for (unsigned tries = 0; tries < 8; tries++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR) /* a rename raced with ".." */
			break;
	}
	if (errno == ENOSYS || errno == EPERM) /* old kernel, or a filter that does not know it */
		return root_walk(root, path, flags);
	return -errno;
}

int root_read(int root, const char *path, size_t max, struct buf *b)
{
	_cleanup_close_ int fd = root_open(root, path, O_RDONLY);

	return fd < 0 ? fd : root_read_fd(fd, max, b);
}

int root_read_fd(int fd, size_t max, struct buf *b)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > 0 && (uint64_t)st.st_size > max)
		return -EFBIG;
	for (;;) {
		/* One byte above the limit tells whether there is more. */
		size_t room = MIN((size_t)16384, max + 1 - b->n);

		if (!buf_reserve(b, room))
			return -ENOMEM;
		n = read(fd, b->p + b->n, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		b->n += (size_t)n;
		b->p[b->n] = '\0';
		if (b->n > max)
			return -EFBIG;
	}
}
