/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's audit records by its multicast group, beside any audit daemon and without one.
 * SECCOMP records come also while audit is disabled (auditctl -e 0: measured on 6.18); with
 * audit=0 on the kernel's command line there is no such socket.
 *
 * What finds no room in the socket's buffer is dropped by the kernel, which counts it: the
 * Drops column of /proc/net/netlink, which SO_MEMINFO gives for one's own socket. Its growth
 * is the loss, exactly; records of all types are in it. Serials are no measure: other records
 * have them, too, and one may be used twice.
 *
 * The kernel sends in the initial network namespace only. To join the group in another one
 * works and stays silent for ever, so that is refused.
 */
#include "mem.h"

#include <libaudit.h>
#include <linux/sock_diag.h>
#include <poll.h>

#include "source.h"
#include "source_netlink.h"

#define BUFFER_WANTED (8 << 20) /* the kernel doubles it for its own bookkeeping */
#define BATCH         64u
#define SLOT          16384u    /* the longest record has MAX_AUDIT_MESSAGE_LENGTH, 8970 */
#define BATCHES_MAX   16u       /* without a frame, before the caller gets its turn */
#define LOOK_MS       1000      /* for losses, when nothing comes */
#define ANSWER_MS     50        /* until the kernel says what it lost */
#define HEAR_MS       500

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

struct netlink {
	int fd;
	int buffer;     /* bytes, as the kernel counts them */
	bool ended;
	bool overrun;   /* the socket said so, since the last loss was told */
	uint32_t drops; /* those that were told */
	struct kernel_lost kernel;
	uint64_t bytes, datagrams, foreign, overlong, malformed;
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_nl from[BATCH];
	char slots[BATCH][SLOT];
};

/* -- one datagram -- */

enum datagram datagram_read(const struct sockaddr_nl *from, const char *p, size_t n, bool cut,
			    uint32_t *ret_type, struct sca_str *ret_text)
{
	struct nlmsghdr h;

	if (from->nl_family != AF_NETLINK || from->nl_pid != 0)
		return DATAGRAM_FOREIGN;
	if (n < sizeof(h))
		return DATAGRAM_MALFORMED;
	memcpy(&h, p, sizeof(h));
	if (h.nlmsg_type != AUDIT_SECCOMP && h.nlmsg_type != AUDIT_ANOM_ABEND)
		return DATAGRAM_OTHER;
	if (cut)
		return DATAGRAM_CUT;
	/* What an audit daemon is sent does not count the header in. */
	if (h.nlmsg_len != n && h.nlmsg_len != n - sizeof(h))
		return DATAGRAM_MALFORMED;
	*ret_type = h.nlmsg_type;
	*ret_text = (struct sca_str){p + sizeof(h), n - sizeof(h)};
	return DATAGRAM_RECORD;
}

/* A sender without an address is not the kernel, either. */
static int take(struct sca_source *src, const struct mmsghdr *m)
{
	static const struct sockaddr_nl nobody = {.nl_family = AF_UNSPEC};
	const struct msghdr *h = &m->msg_hdr;
	struct netlink *nl = src->state;
	const struct sca_pos nowhere = {NULL, 0, 0};
	struct sca_str text;
	uint32_t type;

	nl->datagrams++;
	nl->bytes += m->msg_len;
	switch (datagram_read(h->msg_namelen == sizeof(nobody) ? h->msg_name : &nobody,
			      h->msg_iov->iov_base, m->msg_len, h->msg_flags & MSG_TRUNC, &type,
			      &text)) {
	case DATAGRAM_RECORD:
		return framer_payload(src->framer, SCA_SRC_NETLINK, SCA_TRUST_KERNEL, type, text,
				      &nowhere, source_queue, src);
	case DATAGRAM_FOREIGN:
		nl->foreign++;
		break;
	case DATAGRAM_CUT:
		nl->overlong++;
		break;
	case DATAGRAM_MALFORMED:
		nl->malformed++;
		break;
	case DATAGRAM_OTHER:
		break;
	}
	return 0;
}

/* Takes what waits, up to a batch. *ret_n: datagrams; or 1 when there is cause to look again. */
static int receive(struct sca_source *src, unsigned *ret_n, struct sca_err *err)
{
	struct netlink *nl = src->state;
	int n, r = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		nl->iov[i] = (struct iovec){nl->slots[i], SLOT};
		nl->msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &nl->from[i], .msg_namelen = sizeof(nl->from[i]),
			.msg_iov = &nl->iov[i], .msg_iovlen = 1,
		};
	}
	n = recvmmsg(nl->fd, nl->msgs, BATCH, MSG_DONTWAIT, NULL);
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
		nl->ended = true;
		return sca_fail_errno(err, errno, "cannot receive audit records");
	}
	nl->overrun |= n < 0 && errno == ENOBUFS;
	*ret_n = n < 0 ? errno != EAGAIN : (unsigned)n;
	for (int i = 0; i < n && r == 0; i++)
		r = take(src, &nl->msgs[i]);
	return r < 0 ? sca_fail_errno(err, -r, "cannot take audit records") : 0;
}

/* -- losses -- */

/* False when the kernel does not tell (before 4.12). */
static bool read_drops(const struct netlink *nl, uint32_t *ret)
{
	uint32_t v[SK_MEMINFO_VARS];
	socklen_t n = sizeof(v);

	if (getsockopt(nl->fd, SOL_SOCKET, SO_MEMINFO, v, &n) < 0 ||
	    n <= SK_MEMINFO_DROPS * sizeof(*v))
		return false;
	*ret = v[SK_MEMINFO_DROPS];
	return true;
}

static int tell(struct sca_source *src, enum sca_loss loss, uint32_t lost, const char *text,
		struct sca_err *err)
{
	const struct sca_pos nowhere = {NULL, 0, 0};
	int r = framer_loss(src->framer, loss, lost, SCA_SRC_NETLINK, sca_str_z(text), &nowhere,
			    source_queue, src);

	return r < 0 ? sca_fail_errno(err, -r, "cannot tell of lost audit records") : 0;
}

/* One loss at most is queued: the next one's text would take the place of its text. */
static int tell_losses(struct sca_source *src, struct sca_err *err)
{
	struct netlink *nl = src->state;
	uint32_t drops, lost;
	char text[192];
	bool known = read_drops(nl, &drops);

	if (known ? drops != nl->drops : nl->overrun) {
		lost = known ? drops - nl->drops : 0; /* the counter goes round */
		nl->drops = known ? drops : 0;
		nl->overrun = false;
		snprintf(text, sizeof(text),
			 "netlink: audit records of any type did not fit into the socket's buffer "
			 "of %d bytes", nl->buffer);
		return tell(src, SCA_LOSS_NETLINK, lost, text, err);
	}
	lost = kernel_lost_look(&nl->kernel);
	return lost ? tell(src, SCA_LOSS_KERNEL, lost,
			   "audit_lost: the kernel lost audit records of any type; those that only "
			   "a slow audit daemon missed are among them", err)
		    : 0;
}

/* -- the source -- */

static int netlink_pump(struct sca_source *src, struct sca_err *err)
{
	struct netlink *nl = src->state;

	if (nl->ended)
		return SCA_NEXT_END;
	for (unsigned i = 0; i < BATCHES_MAX; i++) {
		unsigned n = 1;
		int r = tell_losses(src, err);

		if (r == 0 && !source_queued(src))
			r = receive(src, &n, err);
		if (r < 0)
			return r;
		if (source_queued(src))
			return SCA_NEXT_FRAME;
		if (n == 0)
			break;
	}
	return SCA_NEXT_IDLE;
}

static void netlink_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct netlink *nl = src->state;

	add->bytes += nl->bytes;
	add->lines += nl->datagrams;
	add->overlong += nl->overlong;
	add->foreign += nl->foreign;
	add->undecodable += nl->malformed;
}

static const char *netlink_name(const struct sca_source *src _unused_)
{
	return "netlink";
}

static void netlink_progress(const struct sca_source *src, uint64_t *ret_done,
			     uint64_t *ret_total)
{
	const struct netlink *nl = src->state;

	*ret_done = nl->bytes;
	*ret_total = 0;
}

static int netlink_fd(const struct sca_source *src, int *ret_wait_ms)
{
	const struct netlink *nl = src->state;

	*ret_wait_ms = nl->ended ? 0 : nl->kernel.asked ? ANSWER_MS : LOOK_MS;
	return nl->fd;
}

static void netlink_close(struct sca_source *src)
{
	struct netlink *nl = src->state;

	sca_close_(&nl->fd);
	kernel_lost_close(&nl->kernel);
	free(nl);
}

static const struct source_ops netlink_ops = {
	.pump = netlink_pump, .stats = netlink_stats, .name = netlink_name,
	.progress = netlink_progress, .close = netlink_close, .fd = netlink_fd,
};

/* The larger size needs CAP_NET_ADMIN; without it net.core.rmem_max is the limit. */
static void set_buffer(struct netlink *nl)
{
	int size = BUFFER_WANTED;
	socklen_t n = sizeof(nl->buffer);

	if (setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	getsockopt(nl->fd, SOL_SOCKET, SO_RCVBUF, &nl->buffer, &n);
}

/* Not audit_open(): that one writes to the system log when it fails. */
static int join(struct netlink *nl, struct sca_err *err)
{
	const struct sockaddr_nl group = {
		.nl_family = AF_NETLINK, .nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1),
	};

	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	if (nl->fd < 0 && (errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT || errno == EINVAL))
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"this kernel has no audit, or was started with audit=0; "
				"no SECCOMP record is made here");
	if (nl->fd < 0)
		return sca_fail_errno(err, errno, "cannot open an audit socket");
	set_buffer(nl);
	if (bind(nl->fd, (const struct sockaddr *)&group, sizeof(group)) == 0)
		return 0;
	if (errno == EPERM)
		return sca_fail(err, -EPERM,
				"cannot listen to the kernel's audit records; it needs "
				"CAP_AUDIT_READ, outside of any user namespace");
	return sca_fail_errno(err, errno, "cannot listen to the kernel's audit records");
}

/*
 * Some settings of the network are the initial namespace's only, and /proc/sys shows those of
 * the reader's own. Where it shows none, our joining is heard as a record (EVENT_LISTENER) if
 * audit is enabled.
 */
static int check_place(const struct netlink *nl, struct sca_err *err)
{
	struct pollfd p = {.fd = nl->fd, .events = POLLIN};

	if (access("/proc/sys/net/core/netdev_max_backlog", F_OK) == 0)
		return 0;
	if (access("/proc/sys/net/core/somaxconn", F_OK) == 0)
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"no audit records arrive in this network namespace; run it with "
				"the host's network (hostNetwork, --network host)");
	if (poll(&p, 1, HEAR_MS) > 0)
		return 0;
	return sca_fail(err, SCA_E_UNSUPPORTED,
			"no audit record arrives, and without /proc/sys/net it cannot be told "
			"whether one ever will; mount it and run with the host's network");
}

int source_netlink_open(struct sca_source *src, const char *spec _unused_,
			const char *root _unused_, struct sca_err *err)
{
	struct netlink *nl;
	int r;

	if (!src->follow)
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"netlink holds no past records; follow it with log -f, or read "
				"kmsg, journal or a log file");
	nl = calloc(1, sizeof(*nl));
	/* Then no batch fails half-way. */
	if (!nl || !vec_grow(&src->queue, &src->queue_cap, BATCH)) {
		free(nl);
		return sca_fail_errno(err, ENOMEM, "cannot open netlink");
	}
	nl->fd = nl->kernel.fd = -1;
	src->ops = &netlink_ops;
	src->state = nl;
	r = framer_new(&src->framer, &src->limits, false, err);
	if (r == 0)
		r = join(nl, err);
	if (r == 0)
		r = check_place(nl, err);
	if (r == 0)
		kernel_lost_open(&nl->kernel);
	if (r < 0)
		sca_err_at(err, "netlink", 0, 0);
	return r;
}
