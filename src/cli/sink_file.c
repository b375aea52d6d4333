/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard output and files.
 *
 * Standard output shares its open file description with whoever started the program, so it is
 * not switched to non-blocking: a pipe or a terminal is asked by poll() first, and a pipe that
 * is writable takes PIPE_BUF bytes at once. A regular file never makes anybody wait for
 * another process.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dest.h"
#include "sink_int.h"

#define WRITE_MOST  (256u << 10)
#define ROUNDS_MOST 64

enum out_type { OUT_FILE, OUT_ASKED, OUT_SOCKET };

static int stdout_open(struct sink *s, const char *rest, struct sca_err *err)
{
	struct stat st;

	(void)rest;
	if (fstat(STDOUT_FILENO, &st) < 0)
		return sca_fail_errno(err, errno, "can not write to standard output");
	s->fd = STDOUT_FILENO;
	s->out_type = S_ISREG(st.st_mode)  ? OUT_FILE :
		      S_ISSOCK(st.st_mode) ? OUT_SOCKET :
					     OUT_ASKED;
	return 0;
}

/* A line that a crash or a full disk cut in two. */
static bool is_torn(int fd)
{
	struct stat st;
	char last;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	       pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

/* What is appended to it would be damaged, too. */
static int end_torn(struct sink *s)
{
	if (s->torn && write(s->fd, "\n", 1) != 1)
		return -errno;
	s->torn = false;
	return 0;
}

/*
 * A link as the last component is not followed: who may write to the directory could point
 * it anywhere; what somebody else left there is not written either. A FIFO is opened for
 * reading, too, so that it needs no reader to be there.
 */
static int file_open(struct sink *s, const char *rest, struct sca_err *err)
{
	_cleanup_dest_ struct dest to = DEST_NONE;
	int flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int r;

	if (!*rest)
		return sca_fail(err, SCA_E_SYNTAX, "file: needs a path behind it");
	s->path = strdup(rest);
	if (!s->path)
		return sca_fail(err, -ENOMEM, "no memory");
	r = dest_open_plain(&to, rest, err);
	if (r < 0)
		return r;
	s->fd = openat(to.dir, to.name, flags, MODE_EVENTS);
	if (s->fd < 0)
		return sca_fail_errno(err, errno, "can not write %s", rest);
	r = dest_check(&to, s->fd, err);
	if (r < 0) {
		close(s->fd);
		s->fd = -1;
		return r;
	}
	s->torn = is_torn(s->fd);
	return 0;
}

static int lasting_connect(struct sink *s, int64_t now_ms)
{
	(void)s;
	(void)now_ms;
	return 0;
}

/* Whether it takes bytes now; a reader that is gone shows even when there is nothing to write. */
static int ask(const struct sink *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLOUT};

	if (poll(&p, 1, 0) <= 0)
		return -EAGAIN;
	if (p.revents & (POLLERR | POLLHUP))
		return -EPIPE;
	return p.revents & POLLOUT ? 0 : -EAGAIN;
}

static ssize_t write_batch(const struct sink *s, struct batch *b)
{
	struct msghdr msg = {.msg_iov = b->v, .msg_iovlen = (size_t)b->n};

	if (s->ops == &stdout_ops && s->out_type == OUT_SOCKET)
		return sendmsg(s->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	return writev(s->fd, b->v, b->n);
}

static int lasting_send(struct sink *s, int64_t now_ms)
{
	bool asked = s->ops == &stdout_ops && s->out_type != OUT_FILE;
	struct batch b;

	(void)now_ms;
	for (unsigned i = 0; i < ROUNDS_MOST; i++) {
		int r = asked ? ask(s) : 0;
		ssize_t n;

		if (r == -EPIPE || s->q.next == s->q.tail)
			return r;
		if (r == 0)
			r = end_torn(s);
		if (r < 0)
			return r;
		batch_gather(&b, s, asked && s->out_type == OUT_ASKED ? PIPE_BUF : WRITE_MOST);
		n = write_batch(s, &b);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		batch_written(s, (size_t)n);
	}
	return 0;
}

const struct sink_ops stdout_ops = {
	.open = stdout_open,
	.connect = lasting_connect,
	.send = lasting_send,
	.lasting = true,
};

const struct sink_ops file_ops = {
	.open = file_open,
	.connect = lasting_connect,
	.send = lasting_send,
	.lasting = true,
};
