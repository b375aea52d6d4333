/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A suggestion as SARIF: one result per finding, at the rule that decided. The patch is one
 * whole, so it is a fix of the first finding that asked for it.
 */
#include "render/sarif.h"
#include "suggest.h"

static void message(struct out *o, const struct suggestion *s, const struct sca_finding *f)
{
	struct sca_record rec;
	struct event ev;

	event_init_denial(&ev, &rec, f->denial, s->names);
	syscall_text(o, &ev);
	out_addf(o, " on %s: %s, ", ev.arch ? ev.arch : "an unknown architecture",
		 sca_action_name(rec.action));
	out_grouped(o, rec.count);
	out_z(o, rec.count == 1 ? " time" : " times");
	for (unsigned i = 0; i < rec.n_comms; i++) {
		out_z(o, i ? ", " : " by ");
		out_safe(o, rec.comms[i]);
	}
	out_lit(o, ". ");
	out_safe(o, span_z(f->why));
	if (f->answer[0]) {
		out_c(o, ' ');
		out_safe(o, span_z(f->answer));
	}
}

static json_t *result(const struct suggestion *s, const struct sca_finding *f)
{
	_cleanup_out_ struct out text = OUT_MEMORY, print = OUT_MEMORY;
	const char *arch = sca_arch_name(f->denial->arch);
	json_t *doc;

	message(&text, s, f);
	out_addf(&print, "%s:%d:%s", arch ? arch : "?", f->denial->nr,
		 sca_action_name(f->denial->action));
	doc = json_pack("{s:s, s:i, s:s, s:{s:o}, s:o, s:{s:s}}", "ruleId",
			sca_outcome_name(f->outcome), "ruleIndex", (int)f->outcome, "level",
			outcome_row(f->outcome)->level, "message", "text",
			document_text(span_z(out_string(&text))), "locations",
			sarif_locations(s->path, f->line, f->column),
			"partialFingerprints", "denial/v1", out_string(&print));
	return doc;
}

static json_t *results(const struct suggestion *s)
{
	json_t *list = json_array();
	bool fixed = !s->new_profile;

	for (size_t i = 0; i < sca_plan_count(s->plan); i++) {
		const struct sca_finding *f = sca_plan_at(s->plan, i);
		json_t *r = result(s, f);

		if (!fixed && (f->outcome == SCA_OUT_PATCH || f->outcome == SCA_OUT_ENOSYS)) {
			json_object_set_new(r, "fixes",
					    sarif_fixes(s->path, s->old_profile, s->new_profile,
							"the whole patch, proved"));
			fixed = true;
		}
		json_array_append_new(list, r);
	}
	return list;
}

static json_t *rules(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SCA_OUT_COUNT; i++) {
		const struct outcome_row *row = outcome_row((enum sca_outcome)i);

		json_array_append_new(list, sarif_rule(sca_outcome_name((enum sca_outcome)i),
						       row->meaning, row->level));
	}
	return list;
}

int suggest_sarif(struct out *o, const struct suggestion *s, struct sca_err *err)
{
	return sarif_write(o, rules(), results(s),
			   json_pack("{s:o}", "evidence", evidence_json(&s->ev)), err);
}
