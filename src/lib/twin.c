/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logging twin: edits of the profile's own text, judged by the programs that come out.
 *
 * A rule that says LOG under a default that says LOG is skipped by every runtime, and what it
 * had held down comes to life: `ERRNO clone3` in front of `ALLOW clone3` would become an unseen
 * ALLOW, and so would `ERRNO socket(40)` beside `ALLOW socket(not 16)`. So the twin is made,
 * compared, and made again without allowing rules for such names: they are logged whole.
 */
#include "patch_int.h"
#include "profile_int.h"

#include <scaudit/twin.h>

struct sca_twin {
	struct sca_twin_info info;
	struct sca_profile *profile;
	struct sca_patch *patch;
	struct sca_compare *compare;
};

struct making {
	const struct sca_profile *p;
	const struct sca_target *t;
	const struct sca_twin_options *opt;
	struct sca_names *names;
	struct sca_err *err;
	struct sca_filter *filter; /* of the profile as it is */
	const struct eff *eff;
	bool fold;                 /* how its reader takes keys */
	struct je_list edits;
	const char **gone;         /* names to be taken out of allowing rules */
	size_t n_gone, cap_gone;
	struct sca_twin *tw;
};

static int no_memory(const struct making *m)
{
	return sca_fail_errno(m->err, ENOMEM, "making a twin");
}

/* -- edits -- */

/* Whether a denial leaves a record whatever the filter's flags are. */
static bool always_recorded(enum sca_action a)
{
	return a == SCA_ACT_KILL_PROCESS || a == SCA_ACT_KILL_THREAD;
}

static bool turns(const struct making *m, enum sca_action a)
{
	if (!sca_action_denies(a))
		return false;
	return !m->opt->only_silent || !(m->eff->flag_log || always_recorded(a));
}

/* The errno goes with the action: crun refuses one that has no use. */
static int turn(struct making *m, uint32_t object, uint32_t action, const char *const keys[2])
{
	int r = je_replace(&m->edits, action, SCA_STR("\"SCMP_ACT_LOG\""), 0);

	jt_for_each(&m->p->doc, object, c) {
		for (int i = 0; i < 2 && r == 0; i++)
			if (jt_key_is(&m->p->doc, c, keys[i], m->fold))
				r = je_remove(&m->edits, c, 0);
	}
	return r;
}

static int turn_default(struct making *m)
{
	static const char *const keys[2] = {"defaultErrnoRet", "defaultErrno"};

	if (m->eff->default_node == JT_NONE || !turns(m, m->eff->default_action))
		return 0;
	m->tw->info.default_turned = true;
	return turn(m, 0, m->eff->default_node, keys);
}

static int turn_rules(struct making *m)
{
	static const char *const keys[2] = {"errnoRet", "errno"};
	int r = 0;

	for (size_t i = 0; i < m->eff->n_rules && r == 0; i++) {
		const struct eff_rule *rule = &m->eff->rules[i];
		uint32_t action = jt_member(&m->p->doc, rule->node, "action", m->fold);

		if (rule->drop != EFF_KEPT || action == JT_NONE || !turns(m, rule->action))
			continue;
		m->tw->info.rules_turned++;
		r = turn(m, rule->node, action, keys);
	}
	return r;
}

static bool is_gone(const struct making *m, struct sca_str name)
{
	for (size_t i = 0; i < m->n_gone; i++)
		if (str_eq(name, sca_str_z(m->gone[i])))
			return true;
	return false;
}

/* A rule that would name nothing any more goes as a whole. */
static int thin_rule(struct making *m, const struct eff_rule *rule)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < rule->n_names; i++)
		n += is_gone(m, rule->names[i].name);
	if (n == 0)
		return 0;
	m->tw->info.names_removed += n;
	if (n == rule->n_names)
		return je_remove(&m->edits, rule->node, 0);
	for (size_t i = 0; i < rule->n_names && r == 0; i++)
		if (is_gone(m, rule->names[i].name))
			r = je_remove(&m->edits, rule->names[i].node, 0);
	return r;
}

static int thin_rules(struct making *m)
{
	int r = 0;

	for (size_t i = 0; i < m->eff->n_rules && r == 0 && m->n_gone; i++)
		if (m->eff->rules[i].drop == EFF_KEPT &&
		    m->eff->rules[i].action == SCA_ACT_ALLOW)
			r = thin_rule(m, &m->eff->rules[i]);
	return r;
}

/* Without "flags" a runtime has a default of its own, which a list would take away. */
static int add_flag(struct making *m)
{
	const struct jt_doc *doc = &m->p->doc;
	uint32_t flags = jt_member(doc, 0, "flags", m->fold);
	struct sca_str both = SCA_STR(
		"[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]");

	if (m->eff->flag_log)
		return 0;
	m->tw->info.flag_added = true;
	if (flags == JT_NONE)
		return je_member(&m->edits, 0, "flags", both, 0);
	if (doc->nodes[flags].type != JT_ARRAY)
		return je_replace(&m->edits, flags, both, 0);
	return je_insert(&m->edits, flags, doc->nodes[flags].n,
			 SCA_STR("\"SECCOMP_FILTER_FLAG_LOG\""), 0);
}

static int collect_edits(struct making *m)
{
	int r;

	if (m->eff->disabled)
		return 0;
	if (m->opt->by == SCA_TWIN_FLAG)
		return add_flag(m);
	r = turn_default(m);
	if (r == 0)
		r = turn_rules(m);
	return r < 0 ? r : thin_rules(m);
}

/* -- making -- */

static void drop(struct sca_twin *tw)
{
	tw->compare = sca_compare_free(tw->compare);
	tw->profile = sca_profile_free(tw->profile);
	tw->patch = sca_patch_free(tw->patch);
	tw->info = (struct sca_twin_info){0};
}

static int make(struct making *m)
{
	struct sca_compare_info info;
	int r;

	drop(m->tw);
	je_release(&m->edits);
	if (collect_edits(m) < 0)
		return no_memory(m);
	r = patch_from_edits(&m->tw->patch, &m->edits, m->err);
	if (r == 0)
		r = sca_patch_apply(m->tw->patch, m->p, &m->tw->profile, m->err);
	if (r == 0)
		r = sca_compare_new(&m->tw->compare, m->p, m->tw->profile, m->t, m->names,
				    m->err);
	if (r < 0)
		return r;
	sca_compare_info(m->tw->compare, &info);
	if (info.new_side.refused) {
		if (m->err)
			*m->err = info.new_side.why;
		return sca_wrap(m->err, "the twin would be refused");
	}
	m->tw->info.log_flag = info.new_side.filter.log_flag;
	return 0;
}

static bool goes_unseen(const struct sca_difference *d)
{
	return d->kind == SCA_DIFF_OPENED && d->change.after.action == SCA_ACT_ALLOW;
}

static bool is_noise(const struct sca_difference *d)
{
	return d->change.before.action == SCA_ACT_ALLOW && d->change.after.action == SCA_ACT_LOG;
}

static int find_gone(struct making *m)
{
	for (size_t i = 0; i < sca_compare_count(m->tw->compare); i++) {
		const struct sca_difference *d = sca_compare_at(m->tw->compare, i);
		struct sca_str name = sca_str_z(d->change.syscall);

		if (!name.p || !goes_unseen(d) || is_gone(m, name))
			continue;
		if (!vec_grow(&m->gone, &m->cap_gone, m->n_gone))
			return no_memory(m);
		m->gone[m->n_gone++] = name.p;
	}
	return 0;
}

/* -- what the twin does -- */

static void count_call(struct sca_twin_info *info, const struct sca_filter *f,
		       const struct sca_call *call)
{
	struct sca_reach reach;
	bool denied = false, silent = false;

	sca_filter_reach(f, call, &reach);
	for (size_t i = 0; i < reach.n; i++) {
		if (!sca_action_denies(reach.v[i].action))
			continue;
		denied = true;
		silent |= !info->log_flag && !always_recorded(reach.v[i].action);
	}
	info->denied += denied;
	info->silent += silent;
}

static int count(struct making *m)
{
	struct sca_twin_info *info = &m->tw->info;
	struct sca_filter_info fi;
	struct sca_filter *f;
	int r = sca_filter_compile(&f, m->tw->profile, m->t, m->names, m->err);

	if (r < 0)
		return r;
	sca_filter_info(f, &fi);
	for (size_t i = 0; i < fi.n_archs && !fi.disabled; i++) {
		int32_t last = sca_syscall_last(m->names, fi.archs[i]);

		for (int32_t nr = 0; nr <= last + 64; nr++)
			if (nr > last || sca_syscall_name(m->names, fi.archs[i], nr))
				count_call(info, f,
					   &(struct sca_call){.arch = fi.archs[i], .nr = nr});
	}
	for (size_t i = 0; i < sca_compare_count(m->tw->compare); i++) {
		const struct sca_difference *d = sca_compare_at(m->tw->compare, i);

		if (goes_unseen(d))
			info->unseen += (size_t)(d->change.nr_last - d->change.nr) + 1;
		if (is_noise(d))
			info->noisy++;
	}
	sca_filter_free(f);
	return 0;
}

static int run(struct making *m)
{
	int r = sca_filter_compile(&m->filter, m->p, m->t, m->names, m->err);

	if (r < 0)
		return r;
	m->eff = sca_filter_eff(m->filter);
	r = make(m);
	if (r == 0 && m->opt->by == SCA_TWIN_FLAG && !m->eff->disabled && !m->tw->info.log_flag)
		return sca_fail(m->err, SCA_E_UNSUPPORTED,
				"%s drops the profile's flags, so they can not make it log",
				sca_frontend_name(m->t->frontend));
	if (r == 0 && m->opt->by == SCA_TWIN_ACTION)
		r = find_gone(m);
	if (r == 0 && m->n_gone)
		r = make(m);
	return r < 0 ? r : count(m);
}

int sca_twin_new(struct sca_twin **ret, const struct sca_profile *p, const struct sca_target *t,
		 const struct sca_twin_options *opt, struct sca_names *names,
		 struct sca_err *err)
{
	struct making m = {.p = p, .t = t, .opt = opt, .names = names, .err = err};
	int r;

	m.fold = t->runtime != SCA_RUNTIME_CRUN || t->frontend != SCA_FRONTEND_OCI;
	je_init(&m.edits, &p->doc);
	m.tw = calloc(1, sizeof(*m.tw));
	r = m.tw ? run(&m) : no_memory(&m);
	je_release(&m.edits);
	free(m.gone);
	sca_filter_free(m.filter);
	if (r < 0) {
		sca_twin_free(m.tw);
		return r;
	}
	*ret = m.tw;
	return 0;
}

struct sca_twin *sca_twin_free(struct sca_twin *tw)
{
	if (tw) {
		drop(tw);
		free(tw);
	}
	return NULL;
}

void sca_twin_info(const struct sca_twin *tw, struct sca_twin_info *ret)
{
	*ret = tw->info;
}

const struct sca_profile *sca_twin_profile(const struct sca_twin *tw)
{
	return tw->profile;
}

const struct sca_patch *sca_twin_patch(const struct sca_twin *tw)
{
	return tw->patch;
}

const struct sca_compare *sca_twin_compare(const struct sca_twin *tw)
{
	return tw->compare;
}
