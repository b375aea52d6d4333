/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a plan is minimal: without any one of its edits it breaks a promise. */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H

#include "patch_int.h"
#include "plan.h"

/* Whether all calls that the plan promised are as promised under a filter. */
static bool plan_kept(const struct sca_plan *pl, const struct sca_filter *f)
{
	for (size_t i = 0; i < sca_plan_count(pl); i++) {
		const struct sca_finding *fi = sca_plan_at(pl, i);
		const struct sca_denial *d = fi->denial;
		struct sca_call call = {d->arch, d->nr, d->args_known, {0}};
		bool enosys = fi->outcome == SCA_OUT_ENOSYS;
		struct sca_reach reach;

		if (!enosys && fi->outcome != SCA_OUT_PATCH)
			continue;
		memcpy(call.args, d->args, sizeof(call.args));
		sca_filter_reach(f, &call, &reach);
		for (size_t j = 0; j < reach.n; j++)
			if (enosys ? reach.v[j].data != 38 : sca_action_denies(reach.v[j].action))
				return false;
	}
	return true;
}

/*
 * Edits that need not be needed: those that keep the file in order (removal from a rule that
 * repeats the default, of a rule that lost its last name to a move, of a void archMap), and a
 * rule for ENOSYS that runc's stub happens to make up for.
 */
static bool plan_tidies(const struct sca_plan *pl, const struct je_edit *e, const struct jt_doc *doc)
{
	const struct find *f = &pl->finds[e->cause];

	if (e->kind != JE_REMOVE)
		return f->pub.outcome == SCA_OUT_ENOSYS &&
		       pl->target->runtime == SCA_RUNTIME_RUNC;
	if (f->v.by == SCA_BY_DEFAULT || doc->nodes[e->node].type == JT_ARRAY)
		return true;
	for (size_t i = 0; i < pl->edits.n; i++)
		if (pl->edits.v[i].from != JT_NONE &&
		    doc->nodes[doc->nodes[pl->edits.v[i].from].parent].parent == e->node)
			return true;
	return false;
}

static bool plan_needs_edit(const struct sca_plan *pl, size_t skip, const struct sca_profile *p,
			    const struct sca_target *t, struct sca_names *names)
{
	struct je_list less = pl->edits;
	struct sca_profile *patched = NULL;
	struct sca_patch *pt = NULL;
	struct sca_filter *f = NULL;
	bool needed;

	if (plan_tidies(pl, &pl->edits.v[skip], &p->doc))
		return true;
	less.v = malloc(less.n * sizeof(*less.v));
	if (!less.v)
		return true;
	less.n = 0;
	for (size_t i = 0; i < pl->edits.n; i++)
		if (i != skip)
			less.v[less.n++] = pl->edits.v[i];
	needed = patch_from_edits(&pt, &less, NULL) < 0 ||
		 sca_patch_apply(pt, p, &patched, NULL) < 0 ||
		 sca_filter_compile(&f, patched, t, names, NULL) < 0 || !plan_kept(pl, f);
	sca_filter_free(f);
	sca_profile_free(patched);
	sca_patch_free(pt);
	free(less.v);
	return needed;
}

#endif
