/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From situation to answer: the table of profile-semantics.md section 3, asked from top to
 * bottom; the first row that fits decides. What the caller gets for a patch is the goal of
 * the name; what it costs in edits is plan_edit.c's business.
 */
#include "plan.h"

#define ENOSYS_LINUX 38

/* -- predicates; each may rely on those above it having said no -- */

static bool no_number(const struct sca_plan *pl _unused_, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;

	return !d->have_arch || !d->have_nr || d->nr < 0;
}

static bool silenced_by_default(const struct sca_plan *pl, const struct find *f)
{
	return !f->pub.denial->denied && !plan_seen(pl, f->pub.denial) &&
	       f->v.action == SCA_ACT_LOG &&
	       pl->eff->default_action == SCA_ACT_LOG;
}

static bool let_through(const struct sca_plan *pl, const struct find *f)
{
	if (plan_seen(pl, f->pub.denial))
		return !f->explained && f->reach.complete;
	return !f->pub.denial->denied || f->pub.denial->action == SCA_ACT_LOG;
}

/* Also strict mode, a profile without a filter, and another machine's architecture. */
static bool unexplained(const struct sca_plan *pl, const struct find *f)
{
	return (!f->explained && f->reach.complete) ||
	       (f->bad_arch && !plan_arch_possible(pl, f->pub.denial->arch));
}

/* The search for reachable verdicts gave up before it met the recorded one. */
static bool too_many_verdicts(const struct sca_plan *pl _unused_, const struct find *f)
{
	return !f->explained;
}

static bool arch_refused(const struct sca_plan *pl, const struct find *f)
{
	return f->v.by == SCA_BY_BAD_ARCH && pl->arch_refusal && f->pub.denial->arch != SCA_ARCH_X32;
}

static bool arch_missing(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->v.by == SCA_BY_BAD_ARCH;
}

static bool arch_suffices(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->bad_arch && f->reach.complete && lets_through(f->reach.v[0].action);
}

static bool asks_agent(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->v.action == SCA_ACT_USER_NOTIF || f->v.action == SCA_ACT_TRACE;
}

static bool unnamed(const struct sca_plan *pl _unused_, const struct find *f)
{
	return !f->name;
}

/* The runtime's start-up code has no fallback for the plain calls that it makes. */
static bool startup_needs(const struct find *f)
{
	return f->pub.denial->runtime_init && plan_danger(f) == SCA_DANGER_NONE;
}

static bool falls_back(const struct find *f)
{
	return f->advice && f->advice->enosys_fallback && !f->named && !f->conditional &&
	       !startup_needs(f);
}

static bool expected_enosys(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->v.action == SCA_ACT_ERRNO && f->v.data == ENOSYS_LINUX && falls_back(f);
}

/* Of a multiplexed call (msgget on x86) runc does not count the direct number, so that no rule
 * brings it below the stub. */
bool plan_out_of_reach(const struct sca_plan *pl, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;

	return f->v.by == SCA_BY_STUB && sca_filter_stub_counts(d->arch, f->name->name.p) < d->nr &&
	       sca_syscall_in_libseccomp(pl->names, f->name->name);
}

static bool not_in_libseccomp(const struct sca_plan *pl, const struct find *f)
{
	return !sca_syscall_in_libseccomp(pl->names, f->name->name);
}

static bool cap_opens(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->cap >= 0;
}

/* No gate names the capability, but the kernel would refuse the call just as the filter does. A
 * call that kills is another matter: opening it turns death into EPERM. */
static bool cap_lacking(const struct sca_plan *pl, const struct find *f)
{
	return f->advice && f->advice->caps_mandatory && !f->advice->enosys_fallback && !f->named &&
	       f->v.action == SCA_ACT_ERRNO && !plan_has_cap(pl, f->advice);
}

static bool kernel_too_old(const struct sca_plan *pl _unused_, const struct find *f)
{
	if (f->named || f->rule)
		return false;
	for (const struct mention *m = f->name->first; m; m = m->next)
		if (m->rule->drop == EFF_INC_KERNEL && m->rule->action == SCA_ACT_ALLOW)
			return true;
	return false;
}

static bool deny_list(const struct sca_plan *pl)
{
	return lets_through(pl->eff->default_action);
}

static bool default_enosys(const struct sca_plan *pl)
{
	return pl->eff->default_action == SCA_ACT_ERRNO && pl->eff->default_err == ENOSYS_LINUX;
}

/* A conditional rule denies these very arguments. */
static bool on_purpose(const struct sca_plan *pl, const struct find *f)
{
	return f->conditional && f->rule && f->rule->n_args && !deny_list(pl) &&
	       !pl->opt->allow_broad;
}

/*
 * ENOSYS instead of ALLOW where the caller copes with it and the call is more than harmless:
 * clone3 hides its flags from any filter, io_uring's operations pass it by. A call that gives
 * nothing (statx, faccessat2, rseq: danger NONE) is better allowed, which the default profiles
 * do too, as a fallback is slower and often less exact; unless something better is known
 * (uselib: the kernel has it no more). Callers of io_uring and the like take any error: there
 * only a death is worth a change.
 */
static bool better_enosys(const struct sca_plan *pl _unused_, const struct find *f)
{
	if (plan_danger(f) > SCA_DANGER_ESCAPE && f->v.action == SCA_ACT_ERRNO)
		return false;
	return falls_back(f) && (plan_danger(f) != SCA_DANGER_NONE || *f->advice->answer) &&
	       f->v.by != SCA_BY_STUB;
}

static bool void_form(const struct find *f)
{
	for (const struct mention *m = f->name->first; m; m = m->next)
		if (m->rule->drop == EFF_NAME_FORM)
			return true;
	return false;
}

static bool void_form_conditional(const struct sca_plan *pl _unused_, const struct find *f)
{
	for (const struct mention *m = f->name->first; m; m = m->next)
		if (m->rule->drop == EFF_NAME_FORM && !rule_unconditional(m->rule) &&
		    m->rule->action == SCA_ACT_ALLOW)
			return !f->named;
	return false;
}

/*
 * Of a deny-list's conditional rules, those that may have made the record. One alone that
 * fixes its arguments proves them; several, or a range, need arguments or allow_broad.
 */
static bool deny_list_known(const struct find *f)
{
	const struct mention *candidate = NULL;
	size_t n = 0;

	if (plan_decider(f->name))
		return true;
	for (const struct mention *m = f->name->first; m; m = m->next) {
		enum match match;

		if (!mention_live(m) || m->rule->action != f->v.action)
			continue;
		match = rule_match(m->rule, f->pub.denial);
		if (match == MATCH_YES)
			return true;
		n += match != MATCH_NO;
		candidate = m;
	}
	return n == 1 && rule_exact(candidate->rule);
}

static bool args_lacking(const struct sca_plan *pl, const struct find *f)
{
	if (!f->conditional || pl->opt->allow_broad)
		return false;
	return deny_list(pl) ? !deny_list_known(f) : !f->narrow;
}

/* Where no rule says it outright, conditions are written for calls that are not harmless. Against
 * a rule with conditions of its own libseccomp takes no second one. */
static bool narrows(const struct sca_plan *pl, const struct find *f)
{
	if (!f->narrow || deny_list(pl) || plan_decider(f->name) || (f->rule && f->rule->n_args))
		return false;
	return f->conditional || plan_danger(f) != SCA_DANGER_NONE;
}

static bool broad(const struct sca_plan *pl, const struct find *f)
{
	return f->conditional && !deny_list(pl);
}

static bool denied_by_list(const struct sca_plan *pl, const struct find *f _unused_)
{
	return deny_list(pl);
}

static bool denied_like_default(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->rule && f->v.by == SCA_BY_DEFAULT;
}

static bool denied_by_rule(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->rule;
}

static bool gated_by_cap(const struct sca_plan *pl _unused_, const struct find *f)
{
	return f->gated && f->gated->drop == EFF_INC_CAPS;
}

static bool name_form(const struct sca_plan *pl, const struct find *f)
{
	return pl->name_form || void_form(f);
}

static bool stub_shifts(const struct sca_plan *pl, const struct find *f)
{
	for (size_t i = 0; i < pl->eff->n_archs; i++) {
		int32_t max = sca_filter_stub_max(pl->filter, pl->eff->archs[i], NULL);

		if (max >= 0 && sca_filter_stub_counts(pl->eff->archs[i], f->name->name.p) > max)
			return true;
	}
	return false;
}

static bool default_kills(const struct sca_plan *pl, const struct find *f _unused_)
{
	return pl->eff->default_action == SCA_ACT_KILL_PROCESS ||
	       pl->eff->default_action == SCA_ACT_KILL_THREAD;
}

static bool anything(const struct sca_plan *pl _unused_, const struct find *f _unused_)
{
	return true;
}

static const struct row {
	bool (*fits)(const struct sca_plan *pl, const struct find *f);
	unsigned number; /* profile-semantics.md section 3; 0: not a row of it */
	enum sca_outcome outcome;
	enum goal goal;
} rows[] = {
	{no_number, 0, SCA_OUT_UNKNOWN, GOAL_NONE},
	{silenced_by_default, 17, SCA_OUT_NOT_DENIED, GOAL_NONE},
	{let_through, 0, SCA_OUT_NOT_DENIED, GOAL_NONE},
	{unexplained, 0, SCA_OUT_NOT_OURS, GOAL_NONE},
	{too_many_verdicts, 4, SCA_OUT_ARGS, GOAL_NONE},
	{arch_refused, 9, SCA_OUT_CONFLICT, GOAL_NONE},
	{arch_missing, 9, SCA_OUT_HELD, GOAL_NONE},
	{arch_suffices, 9, SCA_OUT_PATCH, GOAL_NONE},
	{asks_agent, 19, SCA_OUT_AGENT, GOAL_NONE},
	{unnamed, 0, SCA_OUT_UNKNOWN, GOAL_NONE},
	{expected_enosys, 11, SCA_OUT_BENIGN, GOAL_NONE},
	{plan_out_of_reach, 11, SCA_OUT_BENIGN, GOAL_NONE},
	{not_in_libseccomp, 13, SCA_OUT_UNKNOWN, GOAL_NONE},
	{cap_opens, 7, SCA_OUT_CAPABILITY, GOAL_NONE},
	{cap_lacking, 7, SCA_OUT_CAPABILITY, GOAL_NONE},
	{kernel_too_old, 10, SCA_OUT_KERNEL, GOAL_NONE},
	{on_purpose, 6, SCA_OUT_CONFLICT, GOAL_NONE},
	{better_enosys, 12, SCA_OUT_ENOSYS, GOAL_ENOSYS},
	{void_form_conditional, 15, SCA_OUT_ARGS, GOAL_NONE},
	{args_lacking, 4, SCA_OUT_ARGS, GOAL_NONE},
	{narrows, 5, SCA_OUT_PATCH, GOAL_NARROW},
	{broad, 4, SCA_OUT_PATCH, GOAL_OPEN},
	{denied_by_list, 16, SCA_OUT_PATCH, GOAL_OPEN},
	{denied_like_default, 3, SCA_OUT_PATCH, GOAL_OPEN},
	{denied_by_rule, 2, SCA_OUT_PATCH, GOAL_OPEN},
	{gated_by_cap, 8, SCA_OUT_PATCH, GOAL_OPEN},
	{name_form, 15, SCA_OUT_PATCH, GOAL_OPEN},
	{stub_shifts, 14, SCA_OUT_PATCH, GOAL_OPEN},
	{default_kills, 18, SCA_OUT_PATCH, GOAL_OPEN},
	{anything, 1, SCA_OUT_PATCH, GOAL_OPEN},
};

/* Opening it would be dangerous, and nobody asked for that by name. */
static bool held_back(const struct sca_plan *pl, const struct find *f)
{
	if (plan_danger(f) < SCA_DANGER_ESCAPE || f->named)
		return false;
	for (size_t i = 0; i < pl->opt->n_allow_dangerous; i++)
		if (str_is(pl->opt->allow_dangerous[i], "all"))
			return false;
	return true;
}

/* What the predicates want to know and what can run out of memory. */
static int prepare(struct sca_plan *pl, struct find *f, struct sca_err *err)
{
	int r = 0;

	if (!f->name || !f->explained ||
	    (!f->pub.denial->denied && !plan_seen(pl, f->pub.denial)))
		return 0;
	if (f->advice && f->advice->caps_mandatory && !f->named && !plan_has_cap(pl, f->advice))
		r = plan_cap(pl, f, &f->cap, &f->others, err);
	if (r == 0 && f->v.by != SCA_BY_BAD_ARCH)
		r = plan_narrow(pl, f, &f->narrow, &f->missing_arg, err);
	return r;
}

/* Where defaultAction is to answer, conditional rules that deny stand in the way, too. When an
 * unconditional one goes, those that it silenced begin to speak. */
static void mark_takes(struct find *f)
{
	bool silenced = plan_decider(f->name);

	for (struct mention *m = f->name->first; m; m = m->next) {
		enum match match = rule_match(m->rule, f->pub.denial);

		if (mention_live(m) && sca_action_denies(m->rule->action))
			m->take |= match == MATCH_YES ||
				   (match == MATCH_UNKNOWN &&
				    (silenced || m->rule->action == f->v.action));
	}
}

int plan_row(struct sca_plan *pl, struct find *f, struct sca_err *err)
{
	const struct row *row = rows;
	int r = prepare(pl, f, err);

	if (r < 0)
		return r;
	while (!row->fits(pl, f))
		row++;
	f->pub.row = row->number;
	f->pub.outcome = row->outcome;
	f->goal = row->goal;
	if (row->goal != GOAL_NONE && row->goal != GOAL_ENOSYS && held_back(pl, f)) {
		f->pub.outcome = SCA_OUT_HELD;
		f->goal = GOAL_NONE;
	}
	if (f->goal == GOAL_ENOSYS ? default_enosys(pl) : f->goal != GOAL_NONE && deny_list(pl))
		mark_takes(f);
	return 0;
}
