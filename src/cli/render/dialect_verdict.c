/* SPDX-License-Identifier: Apache-2.0 */
/* What an event amounts to, which one it is, and how it is told to people. */
#include "render/dialect.h"

/*
 * Under user_notif and trace somebody else decides, so nothing is known of the call's outcome.
 * ECS leaves the scale to the source: these are Elastic's own four steps. OTLP: 9 INFO, 10
 * INFO2, 13 WARN, 17 ERROR. Syslog: 3 err, 4 warning, 5 notice, 6 informational.
 */
static const struct verdict verdicts[SCA_ACT_COUNT] = {
	[SCA_ACT_KILL_PROCESS] = {"failure", "High", 73, 4, 17, 8, 3, 2, 2},
	[SCA_ACT_KILL_THREAD] = {"failure", "High", 73, 4, 17, 8, 3, 2, 2},
	[SCA_ACT_STRICT] = {"failure", "High", 73, 4, 17, 8, 3, 2, 2},
	[SCA_ACT_TRAP] = {"failure", "Medium", 47, 3, 13, 6, 4, 2, 2},
	[SCA_ACT_ERRNO] = {"failure", "Medium", 47, 3, 13, 5, 4, 2, 2},
	[SCA_ACT_USER_NOTIF] = {"unknown", "Low", 21, 2, 10, 3, 5, 0, 0},
	[SCA_ACT_TRACE] = {"unknown", "Low", 21, 2, 10, 3, 5, 0, 0},
	[SCA_ACT_LOG] = {"success", "Informational", 0, 1, 9, 1, 6, 3, 17},
	[SCA_ACT_ALLOW] = {"success", "Informational", 0, 1, 9, 1, 6, 3, 17},
	[SCA_ACT_UNKNOWN] = {"unknown", "Unknown", 47, 0, 13, 5, 4, 0, 0},
};

/* Nobody knows what was in the records: a warning, everywhere. */
static const struct verdict verdict_loss = {"unknown", "Medium", 47, 3, 13, 6, 4, 0, 0};

/* A call that was made, whatever became of it: for information. */
static const struct verdict verdict_traced = {"unknown", "Informational", 0, 1, 9, 1, 6, 0, 0};

const struct verdict *verdict_of(const struct event *ev)
{
	unsigned a = ev->rec->action;

	if (ev->loss)
		return &verdict_loss;
	if (sca_record_is_traced(ev->rec))
		return &verdict_traced;
	return &verdicts[a < SCA_ACT_COUNT ? a : SCA_ACT_UNKNOWN];
}

const char *event_name(const struct event *ev)
{
	if (ev->loss)
		return "scaudit.loss";
	if (sca_record_is_traced(ev->rec))
		return "scaudit.traced";
	return ev->rec->denied ? "scaudit.denial" : "scaudit.logged";
}

const char *event_word(const struct event *ev)
{
	return ev->loss ? "loss" : sca_action_name(ev->rec->action);
}

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t hash_add(uint64_t h, const void *p, size_t n)
{
	const unsigned char *c = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ c[i]) * FNV_PRIME;
	return h;
}

static uint64_t hash_number(uint64_t h, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++, v >>= 8)
		h = (h ^ (v & 0xff)) * FNV_PRIME;
	return h;
}

/* The message as it is shown, which is what NDJSON gives back. */
static uint64_t hash_loss(uint64_t h, const struct sca_frame *loss)
{
	_cleanup_out_ struct out text = OUT_MEMORY;

	out_safe(&text, loss->body);
	h = hash_number(h, loss->loss);
	h = hash_number(h, loss->lost);
	return hash_add(h, text.p, text.n);
}

/* The stamp and the caller name an event, whatever channel it came by. A report's line is told
 * apart by what it sums up, a loss by what said so, what else has no stamp by its place. */
static uint64_t event_hash(const struct event *ev)
{
	const struct sca_record *r = ev->rec;
	uint64_t h = FNV_BASIS;

	h = hash_add(h, r->node.p, r->have & SCA_F_NODE ? r->node.n : 0);
	h = hash_number(h, r->have & (SCA_F_TIME | SCA_F_SERIAL | SCA_F_PID | SCA_F_NR));
	h = hash_number(h, r->have & SCA_F_TIME ? (uint64_t)r->time_ms : 0);
	h = hash_number(h, r->have & SCA_F_SERIAL ? r->serial : 0);
	h = hash_number(h, r->have & SCA_F_PID ? r->pid : 0);
	h = hash_number(h, r->have & SCA_F_NR ? (uint32_t)r->nr : 0);
	if (ev->loss)
		h = hash_loss(h, ev->loss);
	if (ev->summary || r->count > 1) {
		h = hash_number(h, (uint64_t)r->first_ms);
		h = hash_number(h, (uint64_t)r->last_ms);
		h = hash_number(h, r->count);
		h = hash_number(h, r->action);
		h = hash_number(h, r->arch);
		h = hash_add(h, r->container.id.p, r->container.id.n);
	} else if (!(r->have & (SCA_F_TIME | SCA_F_SERIAL))) {
		h = hash_add(h, r->pos.file, r->pos.file ? strlen(r->pos.file) : 0);
		h = hash_number(h, r->pos.line);
	}
	return h;
}

void event_id(struct out *o, const struct event *ev)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t h = event_hash(ev);
	char text[16];

	for (size_t i = sizeof(text); i > 0; h >>= 4)
		text[--i] = digits[h & 15];
	out_add(o, text, sizeof(text));
}

static void put_caller(struct out *o, const struct sca_record *r)
{
	if (r->have & (SCA_F_COMM | SCA_F_PID))
		out_lit(o, " by ");
	if (r->have & SCA_F_COMM)
		out_add(o, r->comm.p, r->comm.n);
	if (r->have & SCA_F_PID) {
		out_c(o, '[');
		out_u64(o, r->pid);
		out_c(o, ']');
	}
}

static void put_where(struct out *o, const struct sca_container_ref *c)
{
	const struct sca_str *const best[] = {&c->name, &c->id, &c->unit};

	if (c->pod.n) {
		out_lit(o, " in pod ");
		out_add(o, c->ns.p, c->ns.n);
		if (c->ns.n)
			out_c(o, '/');
		out_add(o, c->pod.p, c->pod.n);
	}
	for (size_t i = 0; i < ARRAY_SIZE(best); i++) {
		if (best[i]->n) {
			out_z(o, best[i] == &c->unit ? " in unit " : " in container ");
			out_add(o, best[i]->p, best[i]->n);
			return;
		}
	}
}

struct sca_str event_message(struct dialect_run *run, const struct event *ev)
{
	struct out *o = &run->message;

	o->n = 0;
	if (ev->loss) {
		loss_text(o, ev->loss);
		return (struct sca_str){o->p, o->n};
	}
	out_lit(o, "seccomp ");
	out_z(o, sca_action_name(ev->rec->action));
	out_lit(o, ": ");
	syscall_text(o, ev);
	if (ev->rec->have & SCA_F_ARCH) {
		out_lit(o, " on ");
		if (ev->arch)
			out_z(o, ev->arch);
		else
			out_hex(o, ev->rec->arch);
	}
	put_caller(o, ev->rec);
	put_where(o, &ev->rec->container);
	if (ev->rec->count > 1) {
		out_lit(o, ", ");
		out_u64(o, ev->rec->count);
		out_lit(o, " times");
	}
	return (struct sca_str){o->p, o->n};
}
