/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations as one document: target, process, calls. */
#include "explain.h"

static json_t *reach_json(const struct sca_reach *reach)
{
	json_t *a = json_array();

	for (size_t i = 0; i < reach->n; i++)
		json_array_append_new(a, verdict_json(&reach->v[i]));
	return a;
}

/* Keys as in --calls, where it has them. */
static json_t *call_json(const struct sca_call *call, const char *syscall,
			 const struct sca_reach *reach, const struct sca_verdict *v)
{
	json_t *doc = json_object(), *args = json_array();
	const char *arch = sca_arch_name(call->arch);

	if (syscall)
		json_object_set_new(doc, "syscall", json_string(syscall));
	if (arch)
		json_object_set_new(doc, "arch", json_string(arch));
	json_object_set_new(doc, "nr", json_integer(call->nr));
	for (unsigned i = 0; call->args_known >> i; i++)
		json_array_append_new(args, call->args_known >> i & 1 ?
				      document_hex(call->args[i]) : json_null());
	json_object_set_new(doc, "args", args);
	json_object_set_new(doc, "verdict", json_string(sca_action_name(v->action)));
	if (v->action == SCA_ACT_ERRNO)
		json_object_set_new(doc, "errno", json_integer(v->data));
	json_object_set_new(doc, "by", json_string(sca_by_name(v->by)));
	json_object_set_new(doc, "by_args", json_boolean(reach->by_args));
	json_object_set_new(doc, "complete", json_boolean(reach->complete));
	json_object_set_new(doc, "verdicts", reach_json(reach));
	return doc;
}

static void set_place(json_t *doc, long rule, unsigned line, unsigned column,
		      const char *pointer)
{
	if (rule >= 0)
		json_object_set_new(doc, "rule", json_integer(rule));
	if (!line)
		return;
	json_object_set_new(doc, "line", json_integer(line));
	json_object_set_new(doc, "column", json_integer(column));
	json_object_set_new(doc, "pointer", document_text(span_z(pointer)));
}

static json_t *mentions_json(const struct sca_explanation *x)
{
	json_t *a = json_array();

	for (size_t i = 0; i < x->n_mentions; i++) {
		const struct sca_mention *m = &x->mentions[i];
		json_t *doc = json_object();

		set_place(doc, (long)m->rule, m->line, m->column, m->pointer);
		json_object_set_new(doc, "fate", json_string(sca_mention_fate_name(m->fate)));
		json_object_set_new(doc, "verdict", verdict_json(&m->v));
		if (m->conditions[0])
			json_object_set_new(doc, "conditions", json_string(m->conditions));
		if (m->reason[0])
			json_object_set_new(doc, "reason", document_text(span_z(m->reason)));
		json_array_append_new(a, doc);
	}
	return a;
}

static json_t *ways_json(const struct sca_explanation *x)
{
	json_t *a = json_array();

	for (size_t i = 0; i < x->n_ways; i++) {
		const struct sca_way *w = &x->ways[i];
		json_t *doc = json_pack("{s:s}", "outcome", sca_outcome_name(w->outcome));

		if (w->options[0])
			json_object_set_new(doc, "options", document_text(span_z(w->options)));
		json_object_set_new(doc, "text", document_text(span_z(w->text)));
		json_array_append_new(a, doc);
	}
	return a;
}

static json_t *advice_json(const struct sca_advice *a)
{
	json_t *doc = json_pack("{s:s, s:b, s:b}", "danger", sca_danger_name(a->danger),
				"enosys_fallback", a->enosys_fallback, "caps_mandatory",
				a->caps_mandatory);

	if (a->caps[0])
		json_object_set_new(doc, "caps", json_string(a->caps));
	if (a->risk[0])
		json_object_set_new(doc, "risk", json_string(a->risk));
	if (a->answer[0])
		json_object_set_new(doc, "answer", json_string(a->answer));
	return doc;
}

/* The answer of the process, beside the profile's. */
static void set_kernel(json_t *doc, const struct explaining *e, const struct sca_call *call)
{
	struct sca_reach reach;

	if (!e->held)
		return;
	sca_filter_reach(explain_filter(e), call, &reach);
	json_object_set_new(doc, "kernel", reach_json(&reach));
}

static json_t *explanation_json(const struct explaining *e, const struct sca_explanation *x)
{
	const struct sca_ruling *ru = &x->ruling;
	json_t *doc = call_json(&x->call, x->syscall, &ru->reach, &ru->v);
	json_t *others = json_array();

	set_place(doc, ru->rule, ru->line, ru->column, x->pointer);
	json_object_set_new(doc, "why", document_text(span_z(x->why)));
	json_object_set_new(doc, "in_libseccomp", json_boolean(x->in_libseccomp));
	json_object_set_new(doc, "mentions", mentions_json(x));
	if (x->stub_max >= 0)
		json_object_set_new(doc, "stub", json_pack("{s:i, s:o}", "max", x->stub_max, "name",
							    document_text(span_z(x->stub_name))));
	json_object_set_new(doc, "ways", ways_json(x));
	for (size_t i = 0; i < x->n_others; i++)
		json_array_append_new(others, json_string(x->others[i]));
	json_object_set_new(doc, "not_seccomp", others);
	if (x->advice)
		json_object_set_new(doc, "advice", advice_json(x->advice));
	set_kernel(doc, e, &x->call);
	return doc;
}

json_t *explain_json(const struct explaining *e, const struct sca_explanation *x,
		     const struct sca_finding *f)
{
	json_t *doc = x ? explanation_json(e, x) : json_object(), *record;
	struct sca_record rec;
	struct event ev;

	if (!f)
		return doc;
	event_init_denial(&ev, &rec, f->denial, e->names);
	record = json_pack("{s:s, s:o, s:o, s:o}", "outcome", sca_outcome_name(f->outcome), "why",
			   document_text(span_z(f->why)), "answer", document_text(span_z(f->answer)),
			   "denial", document_event(&ev));
	json_object_set_new(doc, "recorded", record);
	return doc;
}

json_t *explain_held_json(const struct explaining *e, const struct sca_call *call)
{
	json_t *doc, *filters = json_array();
	struct sca_reach reach;

	for (size_t i = 0; i < sca_held_count(e->held); i++) {
		sca_filter_reach(sca_held_at(e->held, i), call, &reach);
		json_array_append_new(filters, reach_json(&reach));
	}
	sca_filter_reach(explain_filter(e), call, &reach);
	doc = call_json(call, sca_syscall_name(e->names, call->arch, call->nr), &reach,
			&reach.v[0]);
	json_object_set_new(doc, "filters", filters);
	return doc;
}

static json_t *change_json(const struct sca_change *c)
{
	json_t *doc = json_pack("{s:s?, s:i}", "arch", sca_arch_name(c->arch), "nr", c->nr);

	if (c->nr_last > c->nr)
		json_object_set_new(doc, "nr_last", json_integer(c->nr_last));
	if (c->syscall)
		json_object_set_new(doc, "syscall", json_string(c->syscall));
	json_object_set_new(doc, "profile", verdict_json(&c->before));
	json_object_set_new(doc, "kernel", verdict_json(&c->after));
	json_object_set_new(doc, "by_args", json_boolean(c->by_args));
	return doc;
}

static json_t *process_json(const struct explaining *e)
{
	json_t *doc = json_pack("{s:I}", "pid", (json_int_t)e->pid), *filters = json_array();
	json_t *changes = json_array();
	struct sca_proof_totals t;

	for (size_t i = 0; i < sca_held_count(e->held); i++) {
		struct sca_held_info info;
		json_t *f;

		sca_held_info(e->held, i, &info);
		f = json_pack("{s:I}", "instructions", (json_int_t)info.instructions);
		if (info.have_flags)
			json_object_set_new(f, "log", json_boolean(info.log_flag));
		json_array_append_new(filters, f);
	}
	json_object_set_new(doc, "filters", filters);
	if (!e->differs) {
		json_decref(changes);
		return doc;
	}
	sca_proof_totals(e->differs, &t);
	for (size_t i = 0; i < sca_proof_count(e->differs); i++)
		json_array_append_new(changes, change_json(sca_proof_at(e->differs, i)));
	json_object_set_new(doc, "compared", document_u64(t.compared));
	json_object_set_new(doc, "differences", changes);
	if (e->twin >= 0)
		json_object_set_new(doc, "twin", json_integer(e->twin));
	return doc;
}

int explain_document(struct out *o, const struct explaining *e, const struct evidence *ev,
		     struct sca_err *err)
{
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "explanation");

	if (e->chosen.told)
		json_object_set_new(doc, "container", chosen_json(&e->chosen));
	if (e->path) {
		json_object_set_new(doc, "profile", document_text(span_z(e->path)));
		json_object_set_new(doc, "target", target_json(&e->target));
		json_object_set_new(doc, "summary", explain_summary_json(e));
	}
	if (e->held)
		json_object_set_new(doc, "process", process_json(e));
	json_object_set(doc, "calls", e->calls);
	if (ev)
		json_object_set_new(doc, "evidence", evidence_json(ev));
	return document_write(o, doc, err);
}
