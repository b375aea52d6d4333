/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's audit state and the rules that keep records from being made, over netlink: who
 * lacks CAP_AUDIT_CONTROL is refused. Not through libaudit, which writes to the system log when it
 * is refused; its names are used.
 *
 * Only the exclude list counts. Measured on 6.18: a SECCOMP record needs neither `enabled 1` nor an
 * audited task (-a never,task does not hide it), and the list drops with either action.
 */
#include "doctor_int.h"

#include <libaudit.h>
#include <poll.h>
#include <sys/socket.h>

#define ANSWER_MAX  16384u
#define ANSWER_MS   1000
#define ANSWERS_MAX 4096u
#define SECCOMP     1326u

struct question {
	struct sca_doctor *d;
	int fd;
	uint16_t type;
	/* one answer; returns whether it was the last one */
	bool (*take)(struct sca_doctor *d, const char *p, size_t n);
};

static int send_question(const struct question *q)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	const struct nlmsghdr h = {
		.nlmsg_len = sizeof(h), .nlmsg_type = q->type, .nlmsg_flags = NLM_F_REQUEST,
	};

	return sendto(q->fd, &h, sizeof(h), MSG_DONTWAIT, (const struct sockaddr *)&kernel,
		      sizeof(kernel)) < 0
		       ? -errno
		       : 0;
}

/* 1: the end, 0: more to come, or a negative errno. */
static int receive(const struct question *q, char *p)
{
	struct pollfd pfd = {.fd = q->fd, .events = POLLIN};
	struct sockaddr_nl from = {0};
	socklen_t from_n = sizeof(from);
	struct nlmsghdr h;
	struct nlmsgerr e;
	ssize_t n;

	if (poll(&pfd, 1, ANSWER_MS) <= 0)
		return -ETIMEDOUT;
	n = recvfrom(q->fd, p, ANSWER_MAX, MSG_DONTWAIT, (struct sockaddr *)&from, &from_n);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if ((size_t)n < sizeof(h) || from_n != sizeof(from) || from.nl_pid != 0)
		return 0;
	memcpy(&h, p, sizeof(h));
	if (h.nlmsg_type == NLMSG_ERROR && (size_t)n >= sizeof(h) + sizeof(e)) {
		memcpy(&e, p + sizeof(h), sizeof(e));
		return e.error ? e.error : 0;
	}
	if (h.nlmsg_type == NLMSG_DONE)
		return 1;
	if (h.nlmsg_type != q->type)
		return 0;
	return q->take(q->d, p + sizeof(h), (size_t)n - sizeof(h));
}

static int ask(const struct question *q)
{
	_cleanup_free_ char *p = malloc(ANSWER_MAX);
	int r;

	if (!p)
		return -ENOMEM;
	r = send_question(q);
	for (unsigned i = 0; r == 0 && i < ANSWERS_MAX; i++)
		r = receive(q, p);
	return MIN(r, 0);
}

static bool take_state(struct sca_doctor *d, const char *p, size_t n)
{
	struct audit_status st = {0};

	memcpy(&st, p, MIN(n, sizeof(st)));
	d->f.audit = (struct audit_state){
		.known = n >= offsetof(struct audit_status, lost) + sizeof(st.lost),
		.why = "its answer is too short",
		.enabled = st.enabled, .failure = st.failure, .pid = st.pid,
		.rate_limit = st.rate_limit, .backlog_limit = st.backlog_limit, .lost = st.lost,
	};
	return true;
}

/* -- rules -- */

static bool compare(uint32_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case AUDIT_EQUAL:
		return a == b;
	case AUDIT_NOT_EQUAL:
		return a != b;
	case AUDIT_LESS_THAN:
		return a < b;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return a <= b;
	case AUDIT_GREATER_THAN:
		return a > b;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return a >= b;
	default:
		return false;
	}
}

static bool is_string(uint32_t field)
{
	return field == AUDIT_EXE || (field >= AUDIT_SUBJ_USER && field <= AUDIT_SUBJ_CLR);
}

/* " -F NAME OP VALUE" without the blanks around OP; *at is how far the strings are used. */
static bool add_field(struct buf *b, const struct audit_rule_data *r, size_t i, size_t n,
		      size_t *at)
{
	const char *name = audit_field_to_name((int)r->fields[i]);
	const char *op = audit_operator_to_symbol((int)r->fieldflags[i]);
	const char *type = r->fields[i] == AUDIT_MSGTYPE
				   ? audit_msg_type_to_name((int)r->values[i])
				   : NULL;

	if (!name || !op)
		return false;
	buf_addf(b, " -F '%s%s", name, op);
	if (is_string(r->fields[i])) {
		if (r->values[i] > n - *at || memchr(r->buf + *at, '\'', r->values[i]))
			return false;
		buf_add(b, r->buf + *at, r->values[i]);
		*at += r->values[i];
	} else if (type) {
		buf_add_z(b, type);
	} else {
		buf_addf(b, "%u", r->values[i]);
	}
	buf_add_c(b, '\'');
	return true;
}

bool doctor_rule(struct sca_doctor *d, const struct audit_rule_data *r, size_t n,
		 struct audit_rule *ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	size_t strings, at = 0;
	bool all = true, written = true;

	if (n < sizeof(*r) || (r->flags & ~(uint32_t)AUDIT_FILTER_PREPEND) != AUDIT_FILTER_EXCLUDE ||
	    r->field_count > AUDIT_MAX_FIELDS)
		return false;
	strings = MIN(n - sizeof(*r), (size_t)r->buflen);
	buf_add_z(&b, r->action == AUDIT_NEVER ? "never,exclude" : "always,exclude");
	for (size_t i = 0; i < r->field_count; i++) {
		if (r->fields[i] != AUDIT_MSGTYPE)
			all = false;
		else if (!compare(r->fieldflags[i], SECCOMP, r->values[i]))
			return false;
		written = written && add_field(&b, r, i, strings, &at);
	}
	*ret = (struct audit_rule){.all = all};
	ret->text = written ? arena_dup(&d->arena, buf_str(&b)) : NULL;
	d->failed |= b.failed;
	return true;
}

static bool take_rule(struct sca_doctor *d, const char *p, size_t n)
{
	struct audit_rule rule;

	/* The payload of a netlink message is aligned as its header is. */
	if (!doctor_rule(d, (const struct audit_rule_data *)(const void *)p, n, &rule))
		return false;
	if (d->f.n_rules < DOCTOR_RULES_MAX)
		d->f.rules[d->f.n_rules++] = rule;
	else
		d->f.more_rules++;
	return false;
}

static const char *refusal(int e)
{
	switch (e) {
	case EPERM:
	case EACCES:
		return "it tells only root, and in the host's pid namespace";
	case ECONNREFUSED:
		return "it answers in the host's network namespace only";
	case EPROTONOSUPPORT:
		return "this kernel has no audit";
	default:
		return "it does not answer";
	}
}

int doctor_read_audit(struct sca_doctor *d)
{
	_cleanup_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	struct question state = {.d = d, .fd = fd, .type = AUDIT_GET, .take = take_state};
	struct question rules = {.d = d, .fd = fd, .type = AUDIT_LIST_RULES, .take = take_rule};
	int r = fd < 0 ? -errno : ask(&state);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		d->f.audit.why = refusal(-r);
		return 0;
	}
	r = ask(&rules);
	d->f.have_rules = r == 0;
	return r == -ENOMEM ? r : 0;
}
