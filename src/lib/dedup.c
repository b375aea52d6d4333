/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same event through several channels counts once. Two tables of fixed size, each a row
 * of sets that keep their entries newest first and forget the oldest.
 *
 * Stamped records: the identity is time and serial, with pid and syscall on top, so that a
 * forged line can at best hide a record that says the same. The node takes part where both
 * sides have one: auditd writes none while the syslog line of the same event does.
 *
 * Records without a serial (journald's text): every body counts as often as the busier of
 * the two kinds of channel has shown it. So a hundred equal lines stay a hundred events, and
 * the hundred stamped copies of them add nothing. As long as no such record came, the bodies
 * of stamped ones are only written down one behind the other, which costs no cache miss.
 */
#include "mem.h"

#include <scaudit/names.h>
#include <scaudit/record.h>

#define WAYS       8u
#define STAMP_SETS (1u << 15) /* 2^18 identities of 8 bytes */
#define BODY_SETS  (1u << 14) /* 2^17 bodies of 16 bytes */
#define NOTES      (1u << 16) /* bodies written down, of 8 bytes */

struct stamp {
	uint64_t print : 48; /* 0: free */
	uint64_t node : 16;  /* 0: not known */
};

struct body {
	uint64_t print; /* 0: free */
	uint32_t stamped, bare; /* records counted so far */
};

struct sca_dedup {
	uint64_t overflow;
	bool bare_came;
	uint64_t noted; /* bodies ever written down; the last NOTES are in notes */
	uint64_t notes[NOTES];
	struct stamp stamps[STAMP_SETS][WAYS];
	struct body bodies[BODY_SETS][WAYS];
};

int sca_dedup_new(struct sca_dedup **ret, struct sca_err *err)
{
	struct sca_dedup *dd = calloc(1, sizeof(*dd));

	if (!dd)
		return sca_fail(err, -ENOMEM, "no memory for the duplicate filter");
	*ret = dd;
	return 0;
}

struct sca_dedup *sca_dedup_free(struct sca_dedup *dd)
{
	free(dd);
	return NULL;
}

uint64_t sca_dedup_overflow(const struct sca_dedup *dd)
{
	return dd->overflow;
}

/* The finisher of MurmurHash3. */
static uint64_t mix(uint64_t h, uint64_t v)
{
	h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

/* Channels disagree on how much of a host's name they show: only the first label counts, but
 * an address keeps all of it. */
static uint16_t node_print(struct sca_str node)
{
	const char *dot = node.n ? memchr(node.p, '.', node.n) : NULL;
	uint64_t h = 0;

	if (node.n == 0)
		return 0;
	if (dot && !isdigit((unsigned char)node.p[0]))
		node.n = (size_t)(dot - node.p);
	for (size_t i = 0; i < node.n; i++)
		h = mix(h, (unsigned char)(node.p[i] >= 'A' && node.p[i] <= 'Z' ? node.p[i] + 32
										: node.p[i]));
	return (uint16_t)(h % UINT16_MAX + 1);
}

/* What every channel shows in the same way: an old ausearch has no code, none has names for
 * users in common. */
static uint64_t body_print(const struct sca_record *rec)
{
	uint64_t h = mix(rec->arch, (uint64_t)rec->pid << 32 | (uint32_t)rec->nr);

	h = mix(h, rec->ip);
	h = hash_more(h, rec->comm.p, rec->comm.n);
	h = mix(hash_more(h, rec->exe.p, rec->exe.n), 0);
	return h ? h : 1;
}

/* Finds the identity, or puts it in front of its set at the cost of the oldest. Serials count up,
 * so that records in sequence share a set's neighbourhood in the cache. */
static bool stamp_seen(struct sca_dedup *dd, const struct sca_record *rec)
{
	uint64_t h = mix((uint64_t)rec->time_ms, rec->serial);
	struct stamp e, *set;
	size_t i;

	h = mix(h, (uint64_t)rec->pid << 32 | (uint32_t)rec->nr);
	e.print = h >> 16 ? h >> 16 : 1;
	e.node = node_print(rec->node);
	set = dd->stamps[rec->serial % STAMP_SETS];
	for (i = 0; i < WAYS && set[i].print; i++)
		if (set[i].print == e.print &&
		    (!set[i].node || !e.node || set[i].node == e.node))
			return true;
	if (i == WAYS) {
		dd->overflow++;
		i--;
	}
	memmove(set + 1, set, i * sizeof(*set));
	set[0] = e;
	return false;
}

static struct body *body_of(struct sca_dedup *dd, uint64_t print)
{
	struct body found = {.print = print}, *set = dd->bodies[print % BODY_SETS];
	size_t i;

	for (i = 0; i < WAYS && set[i].print; i++)
		if (set[i].print == print)
			break;
	if (i < WAYS && set[i].print) {
		found = set[i];
	} else if (i == WAYS) {
		dd->overflow++;
		i--;
	}
	memmove(set + 1, set, i * sizeof(*set));
	set[0] = found;
	return set;
}

/* The first record without a serial: from now on bodies are looked up. */
static void read_notes(struct sca_dedup *dd)
{
	uint64_t first = dd->noted > NOTES ? dd->noted - NOTES : 0;

	dd->overflow += first;
	for (uint64_t i = first; i < dd->noted; i++)
		body_of(dd, dd->notes[i % NOTES])->stamped++;
	dd->bare_came = true;
}

bool sca_dedup_seen(struct sca_dedup *dd, const struct sca_frame *frame,
		    const struct sca_record *rec)
{
	bool stamped = (rec->have & SCA_F_TIME) && (rec->have & SCA_F_SERIAL);
	uint64_t print;
	struct body *b;

	/* A line of a report stands for many events; an event of ours without a serial cannot
	 * be told from one. */
	if (frame->kind == SCA_FRAME_EVENT && (!stamped || rec->count != 1))
		return false;
	if (stamped && stamp_seen(dd, rec))
		return true;
	print = body_print(rec);
	if (stamped && !dd->bare_came) {
		dd->notes[dd->noted++ % NOTES] = print;
		return false;
	}
	if (!dd->bare_came)
		read_notes(dd);
	b = body_of(dd, print);
	if (stamped)
		return ++b->stamped <= b->bare;
	return ++b->bare <= b->stamped;
}
