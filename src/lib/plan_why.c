/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What decided a call. The verdict comes from running the filter; the profile's text only
 * says which rule stands behind it. Where the record and the filter disagree, no rule is
 * blamed: something else denied the call.
 */
#include "plan.h"

#include <seccomp.h>

/* A mask of 0 compares nothing. Two conditions on one argument become a rule each. */
bool rule_unconditional(const struct eff_rule *rule)
{
	size_t no_ops = 0;

	for (size_t i = 0; i < rule->n_args; i++)
		no_ops += rule->args[i].op == SCMP_CMP_MASKED_EQ && rule->args[i].value == 0;
	return rule_split(rule) ? no_ops > 0 : no_ops == rule->n_args;
}

bool mention_live(const struct mention *m)
{
	return m->rule->drop == EFF_KEPT && m->name->fate == EFF_FATE_ADDED;
}

const struct mention *plan_decider(const struct call_name *cn)
{
	for (const struct mention *m = cn->first; m; m = m->next)
		if (mention_live(m) && rule_unconditional(m->rule))
			return m;
	return NULL;
}

/* A record without an action fits every denying verdict; of the others only its own action. A
 * call judged with an architecture that the filter lacked is no witness of its verdict. */
static bool explains(const struct sca_plan *pl, const struct find *f, const struct sca_verdict *v)
{
	enum sca_action recorded = f->pub.denial->action;

	if (f->bad_arch && v->by != SCA_BY_BAD_ARCH)
		return true;
	if (plan_seen(pl, f->pub.denial))
		return sca_action_denies(v->action);
	return recorded == SCA_ACT_UNKNOWN ? sca_action_denies(v->action) : recorded == v->action;
}

static void judge(struct sca_plan *pl, struct find *f)
{
	const struct sca_denial *d = f->pub.denial;
	struct sca_call call = {.arch = d->arch, .nr = d->nr, .args_known = d->args_known};
	struct sca_reach *old = &f->pub.old_reach;

	memcpy(call.args, d->args, sizeof(call.args));
	sca_filter_reach(pl->filter, &call, old);
	f->bad_arch = old->n > 0 && old->v[0].by == SCA_BY_BAD_ARCH;
	f->reach = *old;
	f->v = old->v[0];
	if (f->bad_arch && !explains(pl, f, &f->v))
		return;
	if (f->bad_arch && pl->wider)
		sca_filter_reach(pl->wider, &call, &f->reach);
	for (size_t i = 0; i < f->reach.n && !f->explained; i++) {
		f->explained = explains(pl, f, &f->reach.v[i]);
		if (f->explained)
			f->v = f->reach.v[i];
	}
}

/* The rule that says what the verdict says. */
static const struct eff_rule *find_rule(const struct find *f)
{
	const struct mention *m = plan_decider(f->name);

	if (m)
		return m->rule;
	for (m = f->name->first; m; m = m->next) {
		if (m->rule->drop != EFF_KEPT || m->rule->action != f->v.action)
			continue;
		if (m->name->fate == EFF_FATE_REDUNDANT && f->v.by == SCA_BY_DEFAULT &&
		    rule_unconditional(m->rule))
			return m->rule;
		if (m->name->fate == EFF_FATE_ADDED &&
		    rule_match(m->rule, f->pub.denial) == MATCH_YES)
			return m->rule;
	}
	return NULL;
}

/* A rule for socket() is also one for socketcall(1), which no rule then names. */
static bool depends_on_call(const struct sca_plan *pl, const struct find *f)
{
	struct sca_call call = {.arch = f->pub.denial->arch, .nr = f->pub.denial->nr};
	struct sca_reach any;

	if (!plan_multiplexer(f->pub.syscall))
		return false;
	sca_filter_reach(pl->wider ? pl->wider : pl->filter, &call, &any);
	return any.by_args;
}

static void find_mentions(const struct sca_plan *pl, struct find *f)
{
	bool conditional = depends_on_call(pl, f);

	for (const struct mention *m = f->name->first; m; m = m->next) {
		conditional |= mention_live(m) && !rule_unconditional(m->rule);
		if (!f->gated && m->rule->drop != EFF_KEPT && m->rule->drop != EFF_NAME_FORM &&
		    m->rule->action == SCA_ACT_ALLOW)
			f->gated = m->rule;
	}
	if (sca_action_denies(f->v.action) &&
	    (f->v.by == SCA_BY_RULE || f->v.by == SCA_BY_DEFAULT))
		f->rule = find_rule(f);
	f->conditional = f->reach.by_args || (conditional && !plan_decider(f->name));
}

static void set_place(struct sca_plan *pl, struct find *f)
{
	if (f->rule) {
		f->pub.rule = (long)f->rule->index;
		f->pub.line = plan_rule_line(pl, f->rule);
		f->pub.column = pl->rule_column[f->rule->index];
	} else if (f->v.by == SCA_BY_DEFAULT) {
		f->pub.line = pl->default_line;
		f->pub.column = pl->default_column;
	}
}

int plan_why(struct sca_plan *pl, struct find *f, struct sca_err *err)
{
	const struct sca_denial *d = f->pub.denial;

	f->pub.rule = -1;
	f->cap = f->missing_arg = -1;
	if (!d->have_arch || !d->have_nr)
		return 0;
	f->pub.syscall = sca_syscall_name(pl->names, d->arch, d->nr);
	judge(pl, f);
	if (f->pub.syscall) {
		struct sca_str name = sca_str_z(f->pub.syscall);

		f->advice = sca_advice_find(name);
		for (size_t i = 0; i < pl->opt->n_allow_dangerous; i++)
			f->named |= str_eq(pl->opt->allow_dangerous[i], name);
		f->name = plan_name(pl, name);
		if (!f->name)
			return plan_no_memory(err);
		if (f->explained)
			find_mentions(pl, f);
	}
	set_place(pl, f);
	return 0;
}
