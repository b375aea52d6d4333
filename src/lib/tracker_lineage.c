/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The level "lineage": the kernel's process connector, which tells of every fork, exec and exit
 * of the machine, and the table that these make.
 */
#include "lineage.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <scaudit/record.h>

#define RECEIVE_BYTES (16 << 20) /* 40,000 events; used only while nobody reads */
#define BATCH         64u
#define MESSAGE_MAX   256u        /* an event is 76 bytes long */
#define AT_ONCE_MAX   (1u << 16)  /* events taken in one call, so that it ends */
#define TEST_TRIES    3
#define TEST_MS       200
#define RESEED_NS     1000000000u /* /proc is read again at most once in that time */
#define SK_DROPS      8           /* SK_MEMINFO_DROPS of linux/sock_diag.h */
#define EVENTS        (PROC_EVENT_FORK | PROC_EVENT_EXEC | PROC_EVENT_EXIT)

struct connector {
	struct lineage_level base;
	int fd;
	uint64_t drops;   /* of the socket, as counted before */
	bool reseed;      /* /proc is to be read again */
	uint64_t seeded_ns;
	uint32_t test_pid; /* whose events are waited for */
	bool test_forked, test_ended;
	char messages[BATCH][MESSAGE_MAX];
};

/* -- messages -- */

/* True for an event of a kind that the table wants. */
static bool read_event(const char *p, size_t n, struct lineage_event *ret)
{
	struct proc_event ev;
	size_t head = offsetof(struct proc_event, event_data);

	if (n < head)
		return false;
	memset(&ev, 0, sizeof(ev));
	memcpy(&ev, p, MIN(n, sizeof(ev)));
	ret->at_ns = ev.timestamp_ns;
	switch ((uint32_t)ev.what) {
	case PROC_EVENT_FORK:
		ret->what = LINEAGE_FORK;
		ret->pid = (uint32_t)ev.event_data.fork.child_pid;
		ret->tgid = (uint32_t)ev.event_data.fork.child_tgid;
		ret->parent = (uint32_t)ev.event_data.fork.parent_tgid;
		return n >= head + sizeof(ev.event_data.fork);
	case PROC_EVENT_EXEC:
		ret->what = LINEAGE_EXEC;
		ret->pid = (uint32_t)ev.event_data.exec.process_pid;
		ret->tgid = (uint32_t)ev.event_data.exec.process_tgid;
		return n >= head + sizeof(ev.event_data.exec);
	case (uint32_t)PROC_EVENT_EXIT:
		ret->what = LINEAGE_EXIT;
		ret->pid = (uint32_t)ev.event_data.exit.process_pid;
		ret->tgid = (uint32_t)ev.event_data.exit.process_tgid;
		return n >= head + offsetof(struct exit_proc_event, exit_code);
	}
	return false;
}

/* One message of the kernel; nobody else is believed. */
static int take(struct connector *c, const char *p, size_t n, struct sca_err *err)
{
	struct lineage_event ev = {0};
	struct nlmsghdr head;
	struct cn_msg cn;
	size_t at = NLMSG_HDRLEN;

	if (n < at + sizeof(cn))
		return 0;
	memcpy(&head, p, sizeof(head));
	memcpy(&cn, p + at, sizeof(cn));
	at += sizeof(cn);
	if (head.nlmsg_len > n || head.nlmsg_len < at || head.nlmsg_type == NLMSG_ERROR ||
	    cn.id.idx != CN_IDX_PROC || cn.id.val != CN_VAL_PROC ||
	    cn.len > head.nlmsg_len - at || !read_event(p + at, cn.len, &ev))
		return 0;
	if (c->test_pid && ev.tgid == c->test_pid) {
		c->test_forked |= ev.what == LINEAGE_FORK;
		c->test_ended |= ev.what == LINEAGE_EXIT;
	}
	return lineage_feed(c->base.table, &ev, err);
}

/* The socket overran. Its own counter knows by how many, the error says only that. */
static void overrun(struct connector *c)
{
	uint32_t info[SK_DROPS + 1] = {0};
	socklen_t n = sizeof(info);
	uint64_t lost = 1;

	if (getsockopt(c->fd, SOL_SOCKET, SO_MEMINFO, info, &n) == 0 && n == sizeof(info)) {
		lost = (uint32_t)(info[SK_DROPS] - (uint32_t)c->drops);
		c->drops = info[SK_DROPS];
	}
	lineage_lost(c->base.table, lost);
	c->reseed = true;
}

/* Up to BATCH messages. Their number, or a failure; 0 when none waits. */
static int receive(struct connector *c, struct sca_err *err)
{
	struct sockaddr_nl from[BATCH];
	struct mmsghdr got[BATCH];
	struct iovec iov[BATCH];
	int n, r;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){c->messages[i], MESSAGE_MAX};
		got[i] = (struct mmsghdr){
			.msg_hdr = {.msg_name = &from[i], .msg_namelen = sizeof(from[i]),
				    .msg_iov = &iov[i], .msg_iovlen = 1},
		};
	}
	n = recvmmsg(c->fd, got, BATCH, MSG_DONTWAIT, NULL);
	if (n < 0 && errno == ENOBUFS) {
		overrun(c);
		return 1;
	}
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 :
		       sca_fail_errno(err, errno, "cannot read the process connector");
	for (int i = 0; i < n; i++) {
		if (got[i].msg_hdr.msg_namelen != sizeof(from[i]) || from[i].nl_pid != 0 ||
		    got[i].msg_hdr.msg_flags & MSG_TRUNC)
			continue;
		r = take(c, c->messages[i], got[i].msg_len, err);
		if (r < 0) {
			/* What the rest of the batch said is gone as if the socket had lost it. */
			lineage_lost(c->base.table, (uint64_t)(n - i));
			c->reseed = true;
			return r;
		}
	}
	return n;
}

static int drain(struct connector *c, struct sca_err *err)
{
	unsigned taken = 0;
	int n;

	do {
		n = receive(c, err);
		if (n < 0)
			return n;
		taken += (unsigned)n;
	} while (n > 0 && taken < AT_ONCE_MAX);
	return 0;
}

/* -- the level -- */

/* Listens, to all events and then to the wanted ones only (Linux 6.6; older kernels step over the
 * longer message). Negative errno. */
static int listen_(int fd)
{
	const uint32_t wants[] = {PROC_CN_MCAST_LISTEN, (uint32_t)EVENTS};

	for (unsigned words = 1; words <= ARRAY_SIZE(wants); words++) {
		char message[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(wants))] = {0};
		size_t payload = words * sizeof(wants[0]);
		struct nlmsghdr head = {
			.nlmsg_len = (uint32_t)NLMSG_LENGTH(sizeof(struct cn_msg) + payload),
			.nlmsg_type = NLMSG_DONE,
		};
		struct cn_msg cn = {
			.id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC}, .len = (uint16_t)payload,
		};

		memcpy(message, &head, sizeof(head));
		memcpy(message + NLMSG_HDRLEN, &cn, sizeof(cn));
		memcpy(message + NLMSG_HDRLEN + sizeof(cn), wants, payload);
		if (send(fd, message, head.nlmsg_len, 0) < 0)
			return -errno;
	}
	return 0;
}

static int open_socket(struct connector *c, struct buf *why)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	int bytes = RECEIVE_BYTES, r;

	c->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	if (c->fd < 0) {
		buf_addf(why, "the kernel has no process connector (%s)", sca_err_str(-errno));
		return -1;
	}
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (bind(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		buf_addf(why, "the process connector refuses (%s); it needs CAP_NET_ADMIN",
			 sca_err_str(-errno));
		return -1;
	}
	r = listen_(c->fd);
	if (r == -ECONNREFUSED)
		buf_add_z(why, "the process connector is not in this network namespace; run in the "
			       "initial one (hostNetwork)");
	else if (r < 0)
		buf_addf(why, "the process connector refuses (%s); it needs CAP_NET_ADMIN",
			 sca_err_str(r));
	return r;
}

/* A child that ends at once must be heard of. 1, 0, or a failure. */
static int self_test(struct connector *c, struct sca_err *err)
{
	for (unsigned i = 0; i < TEST_TRIES; i++) {
		uint64_t end = lineage_now(CLOCK_MONOTONIC) + TEST_MS * UINT64_C(1000000), now;
		struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
		int r = tracker_child(&c->test_pid);

		/* Its events wait already; a machine that is all forks has many before them. */
		while (r == 0 && (now = lineage_now(CLOCK_MONOTONIC)) < end) {
			poll(&pfd, 1, (int)((end - now) / 1000000) + 1);
			r = drain(c, err);
			if (r < 0)
				return r;
			if (c->test_forked && c->test_ended)
				return 1;
		}
		if (r == -ENOMEM)
			return sca_fail_errno(err, ENOMEM, "cannot follow processes");
	}
	return 0;
}

static int seed(struct connector *c, struct sca_err *err)
{
	int r;

	c->reseed = false;
	c->seeded_ns = lineage_now(CLOCK_MONOTONIC);
	r = lineage_seed(c->base.table, c->seeded_ns, err);
	return r == -ENOMEM ? r : 0;
}

static void connector_close(void *level)
{
	struct connector *c = level;

	sca_close_(&c->fd);
	lineage_free(c->base.table);
	free(c);
}

static int connector_open(struct sca_tracker *t, void **ret, struct buf *why, struct sca_err *err)
{
	struct connector *c = calloc(1, sizeof(*c));
	int r = -1;

	if (!c)
		return sca_fail_errno(err, ENOMEM, "cannot follow processes");
	c->fd = -1;
	if (!tracker_initial_pids())
		buf_add_z(why, "the process connector is silent in this pid namespace; run in the "
			       "initial one (hostPID)");
	else
		r = open_socket(c, why);
	if (r < 0) {
		connector_close(c);
		return 0;
	}
	r = lineage_new(&c->base.table, t->cs, LINEAGE_MAX, err);
	if (r == 0)
		r = self_test(c, err);
	if (r == 0)
		buf_add_z(why, "the process connector is silent: a child's fork and end were not "
			       "heard; run in the initial pid namespace (hostPID)");
	if (r > 0) {
		r = seed(c, err);
		if (r == 0) {
			c->test_pid = 0;
			*ret = steal(&c);
		}
	}
	if (c)
		connector_close(c);
	return r;
}

static int connector_fd(const void *level)
{
	return ((const struct connector *)level)->fd;
}

static int connector_dispatch(struct sca_tracker *t _unused_, void *level, struct sca_err *err)
{
	struct connector *c = level;
	int r = drain(c, err);

	if (r == 0 && c->reseed && lineage_now(CLOCK_MONOTONIC) - c->seeded_ns >= RESEED_NS)
		r = seed(c, err);
	return r;
}

static int connector_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
			  struct sca_container_ref *ret, struct sca_err *err)
{
	struct connector *c = level;
	const struct lineage_life *life = NULL;
	struct sca_container_ref first;
	bool only = true;
	int r;

	if (rec->have & SCA_F_TIME)
		t->reused |= lineage_at(c->base.table, rec->pid, lineage_clock(rec->time_ms),
					&life) == LINEAGE_OTHER;
	else
		life = lineage_newest(c->base.table, rec->pid, &only);
	if (!life || !only)
		return 0;
	if (life->broken && t->level[SCA_TRACK_INIT].state) {
		/* A container's first process, perhaps: then its engine's files know better. */
		r = level_init.find(t, t->level[SCA_TRACK_INIT].state, rec, &first, err);
		if (r < 0 || (r > 0 && str_is(first.sure, "exact")))
			return MIN(r, 0);
	}
	r = lineage_answer(c->base.table, life, sca_record_is_runtime_init(rec), ret, err);
	if (r > 0 && !(rec->have & SCA_F_TIME))
		ret->sure = SCA_STR("likely");
	return r;
}

static void connector_stats(const void *level, struct sca_tracker_stats *add)
{
	lineage_stats(((const struct connector *)level)->base.table, add);
}

const struct level_ops level_lineage = {
	.via = "lineage",
	.open = connector_open,
	.fd = connector_fd,
	.dispatch = connector_dispatch,
	.find = connector_find,
	.stats = connector_stats,
	.close = connector_close,
};
