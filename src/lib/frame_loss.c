/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that say records were lost: by the kernel's audit queues (kernel/audit.c), by its
 * limit on printing them, or by a syslog daemon. They are held to the same rule as records: a
 * line that only quotes one tells nothing.
 */
#include "cursor.h"
#include "frame_int.h"

enum number {
	NUMBER_NONE,
	NUMBER_LOST, /* how many, since the last such message */
	NUMBER_SUM,  /* how many, since boot */
};

/* A message is `text`, a number where it has one, and somewhere behind it `tail`. Each holds
 * an anchor (frame.h). */
static const struct message {
	struct sca_str text;
	enum number number;
	struct sca_str tail;
	enum sca_loss why;
	bool logger; /* of a syslog daemon, not of the kernel */
} messages[] = {
#define ROW(text, number, tail, why, logger)                                        \
	{{text, sizeof(text) - 1}, NUMBER_##number, {tail, sizeof(tail) - 1}, SCA_LOSS_##why, \
	 logger}
	ROW("audit: audit_lost=", SUM, " ", KERNEL, false),
	ROW("audit: audit_backlog=", NONE, "", BACKLOG, false),
	ROW("audit: backlog limit exceeded", NONE, "", BACKLOG, false),
	ROW("audit: rate limit exceeded", NONE, "", RATE, false),
	ROW("audit: kauditd retry queue overflow", NONE, "", BACKLOG, false),
	ROW("audit: kauditd hold queue overflow", NONE, "", BACKLOG, false),
	ROW("audit: out of memory in audit_log", NONE, "", MEMORY, false),
	ROW("kauditd_printk_skb: ", LOST, " callbacks suppressed", PRINTK, false),
	ROW("audit_printk_skb: ", LOST, " callbacks suppressed", PRINTK, false),
	ROW("Suppressed ", LOST, " messages from", LOGGER, true),
	ROW("imjournal: ", LOST, " messages lost due to rate-limiting", LOGGER, true),
	ROW("imuxsock lost ", LOST, " due to rate-limiting", LOGGER, true),
	ROW("imjournal: begin to drop messages due to rate-limiting", NONE, "", LOGGER, true),
	ROW("imuxsock begins to drop ", NONE, " due to rate-limiting", LOGGER, true),
#undef ROW
};

static bool match(const struct message *m, struct sca_str at, uint64_t *ret)
{
	struct sca_str s, digits;

	if (!str_starts(at, m->text))
		return false;
	*ret = 0;
	s = str_skip(at, m->text.n);
	digits = (struct sca_str){s.p, m->number == NUMBER_NONE ? 0 : count_digits(s)};
	if (m->number != NUMBER_NONE && str_u64(digits, ret) < 0)
		return false;
	return m->tail.n == 0 || str_find(str_skip(s, digits.n), m->tail);
}

static const struct message *find_message(struct sca_str text, size_t *ret_at, uint64_t *ret_n)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		const char *p = str_find(text, messages[i].text);

		if (!p)
			continue;
		*ret_at = (size_t)(p - text.p);
		if (match(&messages[i], (struct sca_str){p, text.n - *ret_at}, ret_n))
			return &messages[i];
	}
	return NULL;
}

/* What of a sum is new. One that is lower than before starts from a new boot. */
static uint64_t since_last(struct loss *l, struct sca_str node, uint64_t sum)
{
	uint64_t host = 0xcbf29ce484222325u, last;
	size_t i;

	for (i = 0; i < node.n; i++)
		host = (host ^ (unsigned char)node.p[i]) * 0x100000001b3u;
	for (i = 0; i < LOSS_HOSTS; i++)
		if (l->hosts[i].host == host)
			break;
	if (i == LOSS_HOSTS) {
		i = l->next;
		l->next = (l->next + 1) % LOSS_HOSTS;
		l->hosts[i].host = host;
		l->hosts[i].sum = 0;
	}
	last = l->hosts[i].sum;
	l->hosts[i].sum = sum;
	return sum >= last ? sum - last : sum;
}

int frame_loss(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	struct sca_frame frame = from->frame;
	const struct message *m;
	struct prefix px;
	uint64_t n = 0;
	size_t at = 0;

	m = find_message(text, &at, &n);
	if (!m)
		return 0;
	if (!(m->logger ? prefix_read_logger((struct sca_str){text.p, at}, &px)
			: prefix_read((struct sca_str){text.p, at}, HEAD_KERNEL, &px))) {
		f->stats.foreign++;
		return 0;
	}
	if (px.host.n)
		frame.node = px.host;
	if (m->number == NUMBER_SUM)
		n = since_last(&f->loss, frame.node, n);
	frame.kind = SCA_FRAME_LOSS;
	if (from->depth == 0)
		frame.source = px.header ? SCA_SRC_SYSLOG : px.kmsg ? SCA_SRC_KMSG : SCA_SRC_KERNEL;
	frame.trust = SCA_TRUST_FORGEABLE;
	frame.have_time = px.have_time;
	frame.time_ms = px.have_time ? px.time_ms : 0;
	frame.body = str_skip(text, at);
	frame.loss = m->why;
	frame.lost = n;
	frame_count_loss(f, n);
	return frame_send(f, &frame);
}
