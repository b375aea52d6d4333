/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in front of libc (LD_PRELOAD) and makes reads and writes of files, pipes and stream
 * sockets short and interrupted, as signals, networks and quotas do. IO_SHORT=N: at most N bytes
 * at a time; IO_EINTR=K: every K-th call is interrupted first; IO_LOG=FILE: how many there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static unsigned long calls, interrupted, shortened;

static unsigned long number(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : 0;
}

/* Where the kernel may move less than it was asked for: that of a memfd is all there is. */
static int is_stream(int fd)
{
	char link[32], target[16];
	struct stat st;
	int type = 0, e = errno;
	socklen_t n = sizeof(type);

	if (fstat(fd, &st) < 0) {
		errno = e;
		return 0;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, target, sizeof(target)) > 7 && memcmp(target, "/memfd:", 7) == 0)
		return 0;
	if (S_ISSOCK(st.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM;
	return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode);
}

/* How many bytes of n this call may move; -1: none, it is interrupted. */
static ssize_t allowed(int fd, size_t n)
{
	unsigned long most = number("IO_SHORT"), each = number("IO_EINTR");

	if (!is_stream(fd))
		return (ssize_t)n;
	calls++;
	if (each && calls % each == 0) {
		interrupted++;
		errno = EINTR;
		return -1;
	}
	if (most && n > most) {
		shortened++;
		n = 1 + calls * 2654435761u % most;
	}
	return (ssize_t)n;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t read(int fd, void *p, size_t n)
{
	ssize_t a = allowed(fd, n);

	return a < 0 ? a : NEXT(read)(fd, p, (size_t)a);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t a = allowed(fd, n);

	return a < 0 ? a : NEXT(pread)(fd, p, (size_t)a, at);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
	ssize_t a = allowed(fd, n);

	return a < 0 ? a : NEXT(recv)(fd, p, (size_t)a, flags);
}

ssize_t write(int fd, const void *p, size_t n)
{
	ssize_t a = allowed(fd, n);

	return a < 0 ? a : NEXT(write)(fd, p, (size_t)a);
}

/* Short within the first part: the caller has to go on in the middle of it. */
ssize_t writev(int fd, const struct iovec *v, int count)
{
	size_t n = 0;
	ssize_t a;

	for (int i = 0; i < count; i++)
		n += v[i].iov_len;
	a = allowed(fd, n);
	if (a < 0)
		return a;
	if ((size_t)a == n)
		return NEXT(writev)(fd, v, count);
	if ((size_t)a > v[0].iov_len)
		a = (ssize_t)v[0].iov_len;
	return NEXT(write)(fd, v[0].iov_base, (size_t)a);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr m = *msg;
	struct iovec v;
	ssize_t a = allowed(fd, msg->msg_iovlen ? msg->msg_iov[0].iov_len : 0);

	if (a < 0 || !is_stream(fd) || msg->msg_iovlen == 0)
		return a < 0 ? a : NEXT(sendmsg)(fd, msg, flags);
	v = (struct iovec){msg->msg_iov[0].iov_base, (size_t)a};
	m.msg_iov = &v;
	m.msg_iovlen = 1;
	return NEXT(sendmsg)(fd, &m, flags);
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("IO_LOG");
	FILE *f = path ? fopen(path, "ae") : NULL;

	if (!f)
		return;
	fprintf(f, "%lu %lu %lu\n", calls, interrupted, shortened);
	fclose(f);
}
