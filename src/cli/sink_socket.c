/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets. A write that succeeds says only that the kernel has the bytes, so a record stays in
 * the queue until more is known, and is sent again when the connection is lost before:
 *
 *	stream    until the other side's kernel has it (TCP), or its program (unix): SIOCOUTQ
 *	UDP       until no "port unreachable" came back for a while
 *	unix      it is in the receiver's own queue at once
 *
 * So a record may arrive twice, and what a syslog daemon had not read when it died is lost
 * without anybody being told: syslog has no receipts.
 */
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sink_int.h"

#define WRITE_MOST   (64u << 10)
#define ROUNDS_MOST  64
#define SEND_MOST    256 /* datagrams in a row */
#define UDP_HOLD_MS  200
#define DEAD_MS      30000

static int local_address(const char *path, struct sockaddr_un *ret, struct sca_err *err)
{
	size_t n = strlen(path);

	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (n == 0)
		return sca_fail(err, SCA_E_SYNTAX, "a socket needs a path");
	if (n >= sizeof(ret->sun_path))
		return sca_fail(err, SCA_E_LIMIT, "%s is longer than a socket's path may be (%zu)",
				path, sizeof(ret->sun_path) - 1);
	memcpy(ret->sun_path, path, n);
	return 0;
}

int sink_path_open(struct sink *s, const char *rest, struct sca_err *err)
{
	struct sockaddr_un un;
	int r = local_address(rest, &un, err);

	if (r < 0)
		return r;
	s->path = strdup(rest);
	return s->path ? 0 : sca_fail(err, -ENOMEM, "no memory");
}

static int host_spec_open(struct sink *s, const char *rest, struct sca_err *err)
{
	return host_open(&s->host, rest, s->socktype, err);
}

/* syslog:tcp: or unix: */
static int stream_open(struct sink *s, const char *rest, struct sca_err *err)
{
	return s->framing == FRAME_COUNTED ? host_spec_open(s, rest, err) :
					     sink_path_open(s, rest, err);
}

/* A peer that vanished without a word is noticed within half a minute. */
static void watch_peer(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, 15},
		{IPPROTO_TCP, TCP_KEEPINTVL, 5},
		{IPPROTO_TCP, TCP_KEEPCNT, 3},
		{IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_MS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			   sizeof(options[i].value));
}

static int start(struct sink *s, int family, const struct sockaddr *to, socklen_t n)
{
	int r;

	s->fd = socket(family, s->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	if (family != AF_UNIX && s->socktype == SOCK_STREAM)
		watch_peer(s->fd);
	do
		r = connect(s->fd, to, n);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static int host_connect(struct sink *s, int64_t now_ms)
{
	const struct addrinfo *ai = host_next(s->host, now_ms);

	s->why = ai ? NULL : "its name can not be resolved at present";
	return ai ? start(s, ai->ai_family, ai->ai_addr, ai->ai_addrlen) : -EHOSTUNREACH;
}

int sink_path_connect(struct sink *s, int64_t now_ms)
{
	struct sockaddr_un un;
	int r = local_address(s->path, &un, NULL);

	(void)now_ms;
	s->why = NULL;
	if (r == 0)
		r = start(s, AF_UNIX, (const struct sockaddr *)&un, sizeof(un));
	if (r == -EAGAIN)
		s->why = "it has too many connections waiting";
	return r;
}

static int stream_connect(struct sink *s, int64_t now_ms)
{
	return s->host ? host_connect(s, now_ms) : sink_path_connect(s, now_ms);
}

/* What comes back is of no interest, but that the connection ended and that a datagram was
 * refused are told this way. */
static int hear(struct sink *s)
{
	char scrap[512];
	ssize_t n;

	for (unsigned i = 0; i < ROUNDS_MOST; i++) {
		n = recv(s->fd, scrap, sizeof(scrap), MSG_DONTWAIT | MSG_TRUNC);
		if (n == 0 && s->socktype == SOCK_STREAM) {
			s->why = "it closed the connection";
			return -ECONNRESET;
		}
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
	}
	return 0;
}

static int stream_send(struct sink *s, int64_t now_ms)
{
	int r = hear(s);
	struct batch b;

	(void)now_ms;
	for (unsigned i = 0; r == 0 && s->q.next < s->q.tail && i < ROUNDS_MOST; i++) {
		struct msghdr msg = {.msg_iov = b.v};
		ssize_t n;

		batch_gather(&b, s, WRITE_MOST);
		msg.msg_iovlen = (size_t)b.n;
		n = sendmsg(s->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0)
			batch_written(s, (size_t)n);
		else if (errno != EINTR)
			r = -errno;
	}
	return r;
}

/* The bytes that the other side has not: what is settled lies before them. */
static void stream_settle(struct sink *s, int64_t now_ms)
{
	struct sca_str rec;
	uint64_t at;
	int waiting;

	(void)now_ms;
	if (ioctl(s->fd, SIOCOUTQ, &waiting) < 0)
		return;
	while (s->q.n_sent) {
		at = s->q.head;
		queue_step(&s->q, &at, &rec);
		if (s->conn_settled + sink_framed(s, rec) + (uint64_t)waiting > s->conn_sent)
			break;
		s->conn_settled += sink_framed(s, rec);
		queue_settled(&s->q);
	}
}

/* One datagram a record. */
int sink_datagrams(struct sink *s, int (*too_long)(struct sink *s, struct sca_str rec))
{
	int r = hear(s);
	struct sca_str rec;

	for (unsigned i = 0; r == 0 && i < SEND_MOST; i++) {
		uint64_t at = s->q.next;

		if (!queue_step(&s->q, &at, &rec))
			break;
		rec.n = sink_framed(s, rec);
		if (send(s->fd, rec.p, rec.n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			r = -errno;
		if ((r == -EMSGSIZE || r == -ENOBUFS) && too_long)
			r = too_long(s, rec);
		if (r == 0) {
			batch_written(s, rec.n);
		} else if (r == -EMSGSIZE) {
			sink_drop_next(s);
			s->mark = 0;
		}
		if (r == -EMSGSIZE || r == -EINTR)
			r = 0;
	}
	return r;
}

static int udp_send(struct sink *s, int64_t now_ms)
{
	(void)now_ms;
	return sink_datagrams(s, NULL);
}

/* What was sent on the last connection and not settled is sent again, and waits again. */
static int udp_connect(struct sink *s, int64_t now_ms)
{
	s->mark = 0;
	s->mark_at = now_ms;
	return host_connect(s, now_ms);
}

/* Two generations: those sent before the mark have waited long enough when the mark has. */
static void udp_settle(struct sink *s, int64_t now_ms)
{
	if (!sink_crowded(s) && now_ms - s->mark_at < UDP_HOLD_MS)
		return;
	if (sink_crowded(s))
		s->mark = s->q.next;
	while (s->q.n_sent && s->q.head < s->mark)
		queue_settled(&s->q);
	s->mark = s->q.next;
	s->mark_at = now_ms;
}

static int local_connect(struct sink *s, int64_t now_ms)
{
	int r = sink_path_connect(s, now_ms);

	if (r == -EPROTOTYPE) { /* it is the other kind: some daemons have a stream there */
		close(s->fd);
		s->socktype = s->socktype == SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM;
		s->framing = s->socktype == SOCK_DGRAM ? FRAME_BARE : FRAME_LINE;
		r = sink_path_connect(s, now_ms);
	}
	return r;
}

static int local_send(struct sink *s, int64_t now_ms)
{
	return s->socktype == SOCK_DGRAM ? sink_datagrams(s, NULL) : stream_send(s, now_ms);
}

/* Of the datagrams nothing is open: they are where they belong when they are sent. */
static void local_settle(struct sink *s, int64_t now_ms)
{
	if (s->socktype == SOCK_STREAM)
		stream_settle(s, now_ms);
	else
		while (s->q.n_sent)
			queue_settled(&s->q);
}

const struct sink_ops stream_ops = {
	.open = stream_open,
	.connect = stream_connect,
	.send = stream_send,
	.settle = stream_settle,
	.proves = true,
	.settle_wait_ms = 100,
};

const struct sink_ops udp_ops = {
	.open = host_spec_open,
	.connect = udp_connect,
	.send = udp_send,
	.settle = udp_settle,
	.settle_wait_ms = UDP_HOLD_MS,
};

const struct sink_ops local_ops = {
	.open = sink_path_open,
	.connect = local_connect,
	.send = local_send,
	.settle = local_settle,
	.proves = true,
	.settle_wait_ms = 100,
};
