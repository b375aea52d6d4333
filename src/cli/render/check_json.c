/* SPDX-License-Identifier: Apache-2.0 */
/* Checked profiles as one document, and as SARIF. */
#include "checkup.h"
#include "render/sarif.h"
#include "suggest.h"

static json_t *problem_json(const struct checkups *cs, const struct checkup *c, size_t i)
{
	const struct sca_problem *p = sca_checked_at(c->checked, i);
	const struct ignore_row *row = c->ignored[i];
	json_t *doc = json_pack("{s:s, s:s}", "id", sca_check_at(p->check)->id, "severity",
				sca_severity_name(p->severity));

	if (p->line) {
		json_object_set_new(doc, "line", json_integer(p->line));
		json_object_set_new(doc, "column", json_integer(p->column));
	}
	json_object_set_new(doc, "pointer", document_text(span_z(p->pointer)));
	json_object_set_new(doc, "text", document_text(span_z(p->text)));
	json_object_set_new(doc, "reason", document_text(span_z(p->reason)));
	json_object_set_new(doc, "fix", document_text(span_z(p->fix)));
	json_object_set_new(doc, "fixable", json_boolean(p->edited));
	json_object_set_new(doc, "fixed", json_boolean(p->edited && cs->write));
	if (row)
		json_object_set_new(doc, "ignored",
				    json_pack("{s:o, s:o}", "reason", document_text(row->reason),
					      "until", document_text(row->until)));
	return doc;
}

static json_t *profile_json(const struct checkups *cs, const struct checkup *c)
{
	json_t *problems = json_array(), *changes = json_array();

	for (size_t i = 0; i < sca_checked_count(c->checked); i++)
		json_array_append_new(problems, problem_json(cs, c, i));
	for (size_t i = 0; i < sca_checked_change_count(c->checked); i++)
		json_array_append_new(changes,
				      document_text(span_z(sca_checked_change(c->checked, i))));
	return json_pack("{s:o, s:o, s:o}", "file", document_text(span_z(c->path)), "problems",
			 problems, "changes", changes);
}

int checkup_json(struct out *o, const struct checkups *cs, struct sca_err *err)
{
	json_t *profiles = json_array(), *totals = json_object(), *doc;

	for (size_t k = 0; k < cs->n; k++)
		json_array_append_new(profiles, profile_json(cs, &cs->v[k]));
	for (unsigned s = 0; s < SCA_SEVERITY_COUNT; s++)
		json_object_set_new(totals, sca_severity_name((enum sca_severity)s),
				    json_integer((json_int_t)cs->counts[s]));
	json_object_set_new(totals, "ignored", json_integer((json_int_t)cs->n_ignored));
	json_object_set_new(totals, "fixed", json_integer((json_int_t)cs->n_fixed));
	doc = json_pack("{s:i, s:o, s:o, s:o}", "v", 1, "target", target_json(&cs->target),
			"profiles", profiles, "totals", totals);
	if (cs->chosen.told)
		json_object_set_new(doc, "container", chosen_json(&cs->chosen));
	return document_write(o, doc, err);
}

/* -- SARIF -- */

static json_t *result(const struct checkup *c, size_t i)
{
	const struct sca_problem *p = sca_checked_at(c->checked, i);
	_cleanup_out_ struct out text = OUT_MEMORY, print = OUT_MEMORY;
	const struct sca_check *check = sca_check_at(p->check);
	json_t *doc;

	out_safe(&text, span_z(p->text));
	out_z(&text, p->reason[0] || p->fix[0] ? ". " : "");
	out_safe(&text, span_z(p->reason));
	out_z(&text, p->reason[0] && p->fix[0] ? " " : "");
	out_safe(&text, span_z(p->fix));
	out_z(&print, check->id);
	out_safe(&print, span_z(p->pointer));
	doc = json_pack("{s:s, s:i, s:s, s:{s:o}, s:o, s:{s:s}}", "ruleId", check->id,
			"ruleIndex", (int)p->check, "level", sca_severity_name(p->severity),
			"message", "text", document_text(span_z(out_string(&text))), "locations",
			sarif_locations(c->path, p->line, p->column), "partialFingerprints",
			"problem/v1", out_string(&print));
	if (c->ignored[i])
		json_object_set_new(doc, "suppressions",
				    json_pack("[{s:s, s:o}]", "kind", "external", "justification",
					      document_text(c->ignored[i]->reason)));
	return doc;
}

static void add_results(json_t *list, const struct checkup *c)
{
	bool fixed = !c->fixed;

	for (size_t i = 0; i < sca_checked_count(c->checked); i++) {
		json_t *r = result(c, i);

		if (!fixed && sca_checked_at(c->checked, i)->edited) {
			json_object_set_new(r, "fixes",
					    sarif_fixes(c->path, c->profile, c->fixed,
							"all safe fixes of this file, measured"));
			fixed = true;
		}
		json_array_append_new(list, r);
	}
}

int checkup_sarif(struct out *o, const struct checkups *cs, struct sca_err *err)
{
	json_t *rules = json_array(), *results = json_array();

	for (size_t i = 0; i < sca_check_count(); i++) {
		const struct sca_check *check = sca_check_at(i);

		json_array_append_new(rules, sarif_rule(check->id, check->meaning,
							sca_severity_name(check->severity)));
	}
	for (size_t k = 0; k < cs->n; k++)
		add_results(results, &cs->v[k]);
	return sarif_write(o, rules, results,
			   json_pack("{s:o}", "target", target_json(&cs->target)), err);
}
