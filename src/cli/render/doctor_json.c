/* SPDX-License-Identifier: Apache-2.0 */
/* An examination as one JSON document. */
#include "doctor.h"
#include "suggest.h"

static void set_text(json_t *doc, const char *key, const char *text)
{
	if (text[0])
		json_object_set_new(doc, key, document_text(span_z(text)));
}

static json_t *finding_json(const struct sca_diagnosis *f)
{
	json_t *doc = json_object();

	set_text(doc, "id", f->id);
	set_text(doc, "health", sca_health_name(f->health));
	set_text(doc, "what", f->what);
	set_text(doc, "show", f->show);
	set_text(doc, "undo", f->undo);
	set_text(doc, "then", f->then);
	return doc;
}

static json_t *calls_json(const struct sca_doctor_verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++) {
		const struct sca_doctor_call *call = &v->calls[i];
		json_t *row = json_pack("{s:s, s:i}", "syscall", call->name, "nr", call->nr);

		if (call->danger != SCA_DANGER_NONE)
			set_text(row, "danger", sca_danger_name(call->danger));
		if (call->by_args)
			json_object_set_new(row, "by_args", json_true());
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *verdict_row(const struct sca_doctor_verdict *v)
{
	json_t *doc = json_object();

	set_text(doc, "arch", sca_arch_name(v->arch));
	set_text(doc, "sight", sca_sight_name(v->sight));
	set_text(doc, "why", v->why);
	json_object_set_new(doc, "verdict", verdict_json(&v->verdict));
	json_object_set_new(doc, "count", document_u64(v->n));
	json_object_set_new(doc, "calls", calls_json(v));
	return doc;
}

static json_t *map_json(const struct checkup *c)
{
	json_t *doc = json_object(), *list = json_array();
	char target[512];

	sca_target_format(&c->target, target, sizeof(target));
	if (c->chosen.title)
		set_text(doc, "container", c->chosen.title);
	set_text(doc, "profile", sca_profile_name(c->profile));
	set_text(doc, "target", target);
	for (size_t i = 0; i < sca_doctor_verdicts(c->doctor); i++)
		json_array_append_new(list, verdict_row(sca_doctor_verdict(c->doctor, i)));
	json_object_set_new(doc, "verdicts", list);
	return doc;
}

int doctor_json(struct out *o, const struct checkup *c, struct sca_err *err)
{
	json_t *doc = json_pack("{s:i}", "v", 1), *findings = json_array();

	json_object_set_new(doc, "problems", document_u64(checkup_count(c, SCA_HEALTH_PROBLEM)));
	for (size_t i = 0; i < sca_doctor_count(c->doctor); i++)
		json_array_append_new(findings, finding_json(sca_doctor_at(c->doctor, i)));
	json_object_set_new(doc, "findings", findings);
	if (c->profile)
		json_object_set_new(doc, "map", map_json(c));
	return document_write(o, doc, err);
}
