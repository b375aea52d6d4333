/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters in Prometheus' text format. Labels have few values each: no process, no container
 * ID, no name that a container chooses. Groups that differ in nothing else are added up, as a
 * series may stand there once only.
 */
#include "render/dialect.h"

struct series {
	struct out labels;
	uint64_t count;
	bool denied;
};

static void put_label(struct out *o, const char *key, struct sca_str value)
{
	if (!value.n)
		return;
	out_c(o, o->n ? ',' : '{');
	out_z(o, key);
	out_lit(o, "=\"");
	out_escaped(o, value, "\\\"");
	out_c(o, '"');
}

static void put_labels(struct out *o, const struct event *ev)
{
	_cleanup_out_ struct out text = OUT_MEMORY;
	const struct sca_record *r = ev->rec;

	put_label(o, "action", span_z(sca_action_name(r->action)));
	if (ev->syscall)
		out_z(&text, ev->syscall);
	else
		syscall_text(&text, ev);
	put_label(o, "syscall", (struct sca_str){text.p, text.n});
	text.n = 0;
	if (ev->arch)
		out_z(&text, ev->arch);
	else if (r->have & SCA_F_ARCH)
		out_hex(&text, r->arch);
	put_label(o, "arch", (struct sca_str){text.p, text.n});
	put_label(o, "engine", r->container.engine);
	put_label(o, "namespace", r->container.ns);
	out_c(o, '}');
	if (text.error && !o->error)
		o->error = text.error;
}

static int by_labels(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	size_t n = x->labels.n < y->labels.n ? x->labels.n : y->labels.n;
	int r;

	if (x->denied != y->denied)
		return x->denied ? -1 : 1;
	r = memcmp(x->labels.p, y->labels.p, n);
	return r ? r : (x->labels.n > y->labels.n) - (x->labels.n < y->labels.n);
}

static void put_head(struct out *o, const char *name, const char *type, const char *help)
{
	out_addf(o, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_series(struct out *o, const char *name, const char *help,
		       const struct series *s, size_t n, bool denied)
{
	bool headed = false;

	for (size_t i = 0; i < n; i++) {
		uint64_t sum = s[i].count;

		if (s[i].denied != denied)
			continue;
		while (i + 1 < n && by_labels(&s[i], &s[i + 1]) == 0)
			if (__builtin_add_overflow(sum, s[++i].count, &sum))
				sum = UINT64_MAX;
		if (!headed)
			put_head(o, name, "counter", help);
		headed = true;
		out_z(o, name);
		out_add(o, s[i].labels.p, s[i].labels.n);
		out_c(o, ' ');
		out_u64(o, sum);
		out_c(o, '\n');
	}
}

static void put_number(struct out *o, const char *name, const char *type, const char *help,
		       uint64_t value)
{
	put_head(o, name, type, help);
	out_addf(o, "%s %llu\n", name, (unsigned long long)value);
}

/* Every reason, as a series that starts with its first loss has no increase to alert on. */
static void put_losses(struct out *o, const struct evidence *ev)
{
	put_head(o, "scaudit_lost_records_total", "counter",
		 "Records that are known to be lost, by where they got lost.");
	for (unsigned i = 0; i < SCA_LOSS_COUNT; i++) {
		uint64_t n = i == SCA_LOSS_TORN	    ? ev->src.torn :
			     i == SCA_LOSS_OVERLONG ? ev->src.overlong :
						      0;

		if (__builtin_add_overflow(n, ev->losses[i].lost, &n))
			n = UINT64_MAX;
		out_addf(o, "scaudit_lost_records_total{reason=\"%s\"} %llu\n",
			 evidence_loss_name(i), (unsigned long long)n);
	}
}

static void put_evidence(struct out *o, const struct evidence *ev)
{
	put_number(o, "scaudit_forgeable_records_total", "counter",
		   "Records from a channel that others can write to.", ev->forgeable);
	put_losses(o, ev);
	put_number(o, "scaudit_ungrouped_events_total", "counter",
		   "Events that found no room for a series of their own.", ev->other);
	put_number(o, "scaudit_evidence_complete", "gauge",
		   "1 when nothing is known to be missing from what was read.",
		   evidence_complete(ev));
}

int prometheus_report(struct out *o, const struct sca_denials *ds, struct sca_names *names,
		      const struct evidence *ev, struct sca_err *err)
{
	size_t n = sca_denials_count(ds);
	struct series *s = calloc(n ? n : 1, sizeof(*s));
	bool whole = s;

	for (size_t i = 0; i < n && whole; i++) {
		struct sca_record rec;
		struct event e;

		event_init_denial(&e, &rec, sca_denials_at(ds, i), names);
		s[i] = (struct series){OUT_MEMORY, rec.count, rec.denied};
		put_labels(&s[i].labels, &e);
		whole = !s[i].labels.error;
	}
	if (whole) {
		qsort(s, n, sizeof(*s), by_labels);
		put_series(o, "scaudit_denials_total", "System calls that seccomp denied.", s, n,
			   true);
		put_series(o, "scaudit_logged_total",
			   "System calls that seccomp logged and let through.", s, n, false);
		put_evidence(o, ev);
	}
	for (size_t i = 0; s && i < n; i++)
		out_release(&s[i].labels);
	free(s);
	return whole ? 0 : sca_fail(err, -ENOMEM, "no memory for the series");
}
