/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journald's native protocol: the fields of an entry as one datagram. What is too long for
 * that goes into a sealed memory file whose descriptor is sent.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sink_int.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static int journal_open(struct sink *s, const char *rest, struct sca_err *err)
{
	return sink_path_open(s, *rest ? rest : JOURNAL_SOCKET, err);
}

static int send_fd(int socket, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS}};
	struct msghdr msg = {.msg_control = &control, .msg_controllen = sizeof(control.room)};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(socket, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int send_file(struct sink *s, struct sca_str entry)
{
	int fd = memfd_create("scaudit-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r = fd < 0 ? -errno : 0;

	for (size_t done = 0; r == 0 && done < entry.n;) {
		ssize_t n = write(fd, entry.p + done, entry.n - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			r = -errno;
	}
	if (r == 0 && fcntl(fd, F_ADD_SEALS,
			    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		r = -errno;
	if (r == 0)
		r = send_fd(s->fd, fd);
	if (fd >= 0)
		close(fd);
	return r;
}

static int journal_send(struct sink *s, int64_t now_ms)
{
	(void)now_ms;
	return sink_datagrams(s, send_file);
}

const struct sink_ops journald_ops = {
	.open = journal_open,
	.connect = sink_path_connect,
	.send = journal_send,
	.proves = true,
};
