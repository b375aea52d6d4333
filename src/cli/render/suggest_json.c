/* SPDX-License-Identifier: Apache-2.0 */
/* A suggestion as one document: target, findings, patch, proof, evidence. */
#include "suggest.h"

json_t *target_json(const struct sca_target *t)
{
	char text[512];
	json_t *caps = json_array();

	for (unsigned i = 0; i < 64; i++)
		if (t->caps & UINT64_C(1) << i && sca_cap_name(i))
			json_array_append_new(caps, json_string(sca_cap_name(i)));
	sca_target_format(t, text, sizeof(text));
	return json_pack("{s:s, s:s, s:o, s:o, s:s?, s:o}", "text", text, "frontend",
			 sca_frontend_name(t->frontend), "runtime",
			 json_sprintf("%s %u.%u.%u",
				      sca_runtime_name(t->runtime), t->version[0], t->version[1],
				      t->version[2]),
			 "kernel", json_sprintf("%u.%u", t->kernel[0], t->kernel[1]), "arch",
			 sca_arch_name(t->arch), "caps", caps);
}

json_t *verdict_json(const struct sca_verdict *v)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	verdict_text(&o, v);
	return json_pack("{s:s, s:s, s:s}", "action", sca_action_name(v->action), "text",
			 out_string(&o), "by", sca_by_name(v->by));
}

static json_t *finding_json(const struct suggestion *s, const struct sca_finding *f)
{
	json_t *doc = json_pack("{s:s}", "outcome", sca_outcome_name(f->outcome));
	json_t *verdicts = json_array();
	struct sca_record rec;
	struct event ev;

	event_init_denial(&ev, &rec, f->denial, s->names);
	if (f->syscall)
		json_object_set_new(doc, "syscall", json_string(f->syscall));
	json_object_set_new(doc, "open", json_boolean(outcome_row(f->outcome)->open));
	if (f->row)
		json_object_set_new(doc, "row", json_integer(f->row));
	if (f->rule >= 0)
		json_object_set_new(doc, "rule", json_integer(f->rule));
	if (f->line) {
		json_object_set_new(doc, "line", json_integer(f->line));
		json_object_set_new(doc, "column", json_integer(f->column));
	}
	for (size_t i = 0; i < f->old_reach.n; i++)
		json_array_append_new(verdicts, verdict_json(&f->old_reach.v[i]));
	json_object_set_new(doc, "verdicts", verdicts);
	json_object_set_new(doc, "why", document_text(span_z(f->why)));
	json_object_set_new(doc, "answer", document_text(span_z(f->answer)));
	json_object_set_new(doc, "denial", document_event(&ev));
	return doc;
}

static json_t *change_json(const struct sca_change *c)
{
	json_t *doc = json_pack("{s:s?, s:i}", "arch", sca_arch_name(c->arch), "nr", c->nr);

	if (c->nr_last > c->nr)
		json_object_set_new(doc, "nr_last", json_integer(c->nr_last));
	if (c->syscall)
		json_object_set_new(doc, "syscall", json_string(c->syscall));
	json_object_set_new(doc, "before", verdict_json(&c->before));
	json_object_set_new(doc, "after", verdict_json(&c->after));
	json_object_set_new(doc, "reason", json_string(change_reason(c)));
	if (c->by_args) {
		json_t *args = json_array();

		for (unsigned i = 0; i < 6; i++)
			json_array_append_new(args, document_hex(c->args[i]));
		json_object_set_new(doc, "args", args);
	}
	return doc;
}

static json_t *proof_json(const struct sca_proof *proof)
{
	struct sca_proof_totals t;
	json_t *doc, *changes = json_array();

	sca_proof_totals(proof, &t);
	for (size_t i = 0; i < sca_proof_count(proof); i++)
		json_array_append_new(changes, change_json(sca_proof_at(proof, i)));
	doc = json_object();
	json_object_set_new(doc, "compared", document_u64(t.compared));
	json_object_set_new(doc, "archs", document_u64(t.archs));
	json_object_set_new(doc, "asked", document_u64(t.asked));
	json_object_set_new(doc, "same_name", document_u64(t.same_name));
	json_object_set_new(doc, "new_arch", document_u64(t.new_arch));
	json_object_set_new(doc, "stub_shift", document_u64(t.stub_shift));
	json_object_set_new(doc, "unasked", document_u64(t.unasked));
	json_object_set_new(doc, "still_denied", document_u64(t.still_denied));
	json_object_set_new(doc, "changes", changes);
	return doc;
}

/* What --new made: its patch is one of a draft that nobody has. */
static json_t *profile_json(const struct suggestion *s)
{
	struct sca_str text = sca_profile_text(s->new_profile ? s->new_profile : s->old_profile);
	json_t *doc = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);

	return doc ? doc : json_object();
}

int suggest_json(struct out *o, const struct suggestion *s, struct sca_err *err)
{
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "suggestion");
	json_t *findings = json_array(), *notes = json_array(), *patch;
	char *text;
	size_t n;
	int r = sca_patch_json(sca_plan_patch(s->plan), s->old_profile, &text, &n, err);

	if (r < 0) {
		json_decref(doc);
		json_decref(findings);
		json_decref(notes);
		return r;
	}
	patch = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
	free(text);
	for (size_t i = 0; i < sca_plan_count(s->plan); i++)
		json_array_append_new(findings, finding_json(s, sca_plan_at(s->plan, i)));
	for (size_t i = 0; i < sca_plan_note_count(s->plan); i++)
		json_array_append_new(notes, document_text(span_z(sca_plan_note(s->plan, i))));
	if (s->chosen.known)
		json_object_set_new(doc, "container", chosen_json(&s->chosen));
	json_object_set_new(doc, "profile", document_text(span_z(s->path)));
	json_object_set_new(doc, "target", target_json(&s->target));
	json_object_set_new(doc, "notes", notes);
	json_object_set_new(doc, "findings", findings);
	json_object_set_new(doc, "patch", patch ? patch : json_array());
	if (s->draft)
		json_object_set_new(doc, "new_profile", profile_json(s));
	if (s->proof)
		json_object_set_new(doc, "proof", proof_json(s->proof));
	json_object_set_new(doc, "evidence", evidence_json(&s->ev));
	return document_write(o, doc, err);
}
