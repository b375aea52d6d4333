/* SPDX-License-Identifier: Apache-2.0 */
/* Remarks about the profile as a whole, once per plan. */
#include "plan.h"

/* Turns pl->text into a note. There is room for more than can be said. */
static int note(struct sca_plan *pl, struct sca_err *err)
{
	char *p = pl->text.failed ? NULL : arena_dup(&pl->arena, buf_str(&pl->text));

	buf_reset(&pl->text);
	if (!p)
		return plan_no_memory(err);
	if (pl->n_notes < ARRAY_SIZE(pl->notes))
		pl->notes[pl->n_notes++] = p;
	return 0;
}

static bool has_gate(const struct jt_doc *doc, const struct eff_rule *rule)
{
	uint32_t inc = jt_member(doc, rule->node, "includes", true);
	uint32_t exc = jt_member(doc, rule->node, "excludes", true);

	return (inc != JT_NONE && doc->nodes[inc].n) || (exc != JT_NONE && doc->nodes[exc].n);
}

/* containerd and the runtimes know the OCI form only. */
static int note_ignored(struct sca_plan *pl, struct sca_err *err)
{
	const struct jt_doc *doc = &pl->profile->doc;
	const char *who = pl->target->frontend == SCA_FRONTEND_CRI ? "containerd" : "The runtime";
	size_t gates = 0, forms = 0;
	uint32_t map = jt_member(doc, plan_top(pl), "archMap", true);
	int r = 0;

	if (pl->target->frontend != SCA_FRONTEND_CRI && pl->target->frontend != SCA_FRONTEND_OCI)
		return 0;
	for (size_t i = 0; i < pl->eff->n_rules; i++) {
		gates += has_gate(doc, &pl->eff->rules[i]);
		forms += pl->eff->rules[i].drop == EFF_NAME_FORM;
	}
	if (gates) {
		buf_addf(&pl->text, "%s ignores includes and excludes: %zu rule%s of this profile "
				    "apply without their gates.", who, gates, gates == 1 ? "" : "s");
		r = note(pl, err);
	}
	if (forms && r == 0) {
		buf_addf(&pl->text, "%s ignores the \"name\" form: %zu rule%s of this profile name "
				    "nothing. Write \"names\": [...].", who, forms,
			 forms == 1 ? "" : "s");
		r = note(pl, err);
	}
	if (map != JT_NONE && doc->nodes[map].n && r == 0) {
		buf_addf(&pl->text, "%s ignores archMap: programs of other architectures are killed "
				    "unless \"architectures\" lists them.", who);
		r = note(pl, err);
	}
	return r;
}

/* The kernel logs these actions only for a filter that asks for it. */
static int note_log_flag(struct sca_plan *pl, struct sca_err *err)
{
	static const enum sca_action silent[] = {SCA_ACT_ERRNO, SCA_ACT_TRAP, SCA_ACT_TRACE,
						 SCA_ACT_USER_NOTIF};
	struct sca_filter_info info;

	sca_filter_info(pl->filter, &info);
	if (info.log_flag || pl->opt->draft)
		return 0;
	for (size_t i = 0; i < pl->n; i++)
		for (size_t j = 0; j < ARRAY_SIZE(silent); j++) {
			if (!pl->finds[i].pub.denial->denied || !pl->finds[i].explained ||
			    pl->finds[i].pub.denial->action != silent[j])
				continue;
			buf_add_z(&pl->text, "The records of ");
			say_action(&pl->text, silent[j]);
			buf_add_z(&pl->text, " are from a filter with SECCOMP_FILTER_FLAG_LOG, which "
					     "this profile does not set: from a variant of it, or "
					     "from another filter.");
			return note(pl, err);
		}
	return 0;
}

/* runc has no stub for a profile that names nothing; sca_filter_stub_max() then says nothing. */
static int note_new_stub(struct sca_plan *pl, struct sca_err *err)
{
	if (pl->target->runtime != SCA_RUNTIME_RUNC || !sca_patch_count(pl->patch) ||
	    lets_through(pl->eff->default_action) ||
	    pl->eff->default_action == SCA_ACT_TRACE)
		return 0;
	for (size_t i = 0; i < pl->eff->n_rules; i++)
		if (pl->eff->rules[i].drop == EFF_KEPT && pl->eff->rules[i].n_names)
			return 0;
	buf_add_z(&pl->text, "The profile names no call. With its first name runc's ENOSYS stub comes "
			     "to it: numbers above the highest name answer ENOSYS.");
	return note(pl, err);
}

int plan_notes(struct sca_plan *pl, struct sca_err *err)
{
	int r;

	buf_reset(&pl->text);
	if (pl->eff->disabled) {
		buf_add_z(&pl->text, "The profile has neither defaultAction nor syscalls: no filter is "
				     "set at all.");
		return note(pl, err);
	}
	r = note_ignored(pl, err);
	if (r == 0)
		r = note_new_stub(pl, err);
	return r < 0 ? r : note_log_flag(pl, err);
}
