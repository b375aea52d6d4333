/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as one document: results, each with the targets that share it. */
#include "diff.h"
#include "suggest.h"

json_t *difference_json(const struct sca_difference *d)
{
	const struct sca_change *c = &d->change;
	json_t *doc = json_pack("{s:s, s:s?, s:i}", "change", sca_diff_kind_name(d->kind),
				"arch", sca_arch_name(c->arch), "nr", c->nr);

	if (c->nr_last > c->nr)
		json_object_set_new(doc, "nr_last", json_integer(c->nr_last));
	if (c->syscall)
		json_object_set_new(doc, "syscall", json_string(c->syscall));
	json_object_set_new(doc, "before", verdict_json(&c->before));
	json_object_set_new(doc, "after", verdict_json(&c->after));
	if (c->by_args) {
		json_t *args = json_array();

		for (unsigned i = 0; i < 6; i++)
			json_array_append_new(args, document_hex(c->args[i]));
		json_object_set_new(doc, "args", args);
	}
	if (d->advice) {
		json_object_set_new(doc, "danger",
				    json_string(sca_danger_name(d->advice->danger)));
		json_object_set_new(doc, "risk", json_string(d->advice->risk));
	}
	return doc;
}

static json_t *side_json(const struct sca_compare_side *side)
{
	json_t *doc = json_pack("{s:b}", "refused", side->refused);

	if (side->refused) {
		json_object_set_new(doc, "why", document_text(span_z(side->why.text)));
		if (side->why.line) {
			json_object_set_new(doc, "line", json_integer(side->why.line));
			json_object_set_new(doc, "column", json_integer(side->why.column));
		}
		if (side->why.path[0])
			json_object_set_new(doc, "pointer",
					    document_text(span_z(side->why.path)));
		return doc;
	}
	json_object_set_new(doc, "filter", json_boolean(!side->filter.disabled));
	json_object_set_new(doc, "log_flag", json_boolean(side->filter.log_flag));
	json_object_set_new(doc, "stub", json_boolean(side->filter.stub));
	return doc;
}

static json_t *result_json(const struct diff_result *res)
{
	json_t *doc = json_object(), *targets = json_array(), *totals = json_object();
	json_t *changes = json_array();
	struct sca_compare_info info;

	sca_compare_info(res->compare, &info);
	for (size_t i = 0; i < res->n_targets; i++)
		json_array_append_new(targets, target_json(&res->targets[i]));
	json_object_set_new(totals, "compared", document_u64(info.compared));
	json_object_set_new(totals, "archs", document_u64(info.archs));
	for (unsigned i = 0; i < SCA_DIFF_COUNT; i++)
		json_object_set_new(totals, sca_diff_kind_name(i), document_u64(info.calls[i]));
	for (size_t i = 0; i < sca_compare_count(res->compare); i++)
		json_array_append_new(changes, difference_json(sca_compare_at(res->compare, i)));
	json_object_set_new(doc, "targets", targets);
	json_object_set_new(doc, "differs", json_boolean(sca_compare_differs(res->compare)));
	json_object_set_new(doc, "old", side_json(&info.old_side));
	json_object_set_new(doc, "new", side_json(&info.new_side));
	json_object_set_new(doc, "totals", totals);
	json_object_set_new(doc, "changes", changes);
	return doc;
}

int diff_json(struct out *o, const struct diff_set *set, struct sca_err *err)
{
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "diff");
	json_t *results = json_array();

	for (size_t i = 0; i < set->n; i++)
		json_array_append_new(results, result_json(&set->v[i]));
	json_object_set_new(doc, "old", document_text(span_z(set->old_path)));
	json_object_set_new(doc, "new", document_text(span_z(set->new_path)));
	json_object_set_new(doc, "results", results);
	return document_write(o, doc, err);
}
