/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one more capability in the bounding set would make of the profile. Gates are decided
 * by the front end, before libseccomp: lowering the profile again says which rules appear
 * and disappear, and "the first unconditional rule decides" what that does to a name.
 */
#include "plan.h"

static bool same_as_default(const struct eff *e, const struct eff_rule *rule)
{
	if (rule->action != e->default_action)
		return false;
	return (rule->action != SCA_ACT_ERRNO && rule->action != SCA_ACT_TRACE) ||
	       rule->err == e->default_err;
}

/* Whether the profile as lowered into `e` allows a call whatever its arguments. */
static bool allows(struct sca_plan *pl, const struct eff *e, const struct call_name *cn)
{
	if (!sca_syscall_in_libseccomp(pl->names, cn->name))
		return false;
	for (const struct mention *m = cn->first; m; m = m->next) {
		const struct eff_rule *rule = &e->rules[m->rule->index];

		if (rule->drop == EFF_KEPT && !same_as_default(e, rule) &&
		    rule_unconditional(rule))
			return rule->action == SCA_ACT_ALLOW;
	}
	return e->default_action == SCA_ACT_ALLOW;
}

static size_t count_opened(struct sca_plan *pl, const struct eff *wider)
{
	unsigned stamp = ++pl->stamp;
	size_t n = 0;
	int32_t nr;

	for (size_t i = 0; i < wider->n_rules; i++) {
		const struct eff_rule *rule = &wider->rules[i];

		if (rule->drop != EFF_KEPT || pl->eff->rules[i].drop == EFF_KEPT)
			continue;
		for (size_t j = 0; j < rule->n_names; j++) {
			struct call_name *cn = plan_known_name(pl, rule->names[j].name);

			if (!cn || cn->stamp == stamp)
				continue;
			cn->stamp = stamp;
			n += !sca_syscall_number(pl->names, pl->target->arch, cn->name, &nr) &&
			     allows(pl, wider, cn) && !allows(pl, pl->eff, cn);
		}
	}
	return n;
}

static int effect(struct sca_plan *pl, unsigned cap, struct cap_effect **ret, struct sca_err *err)
{
	struct cap_effect *ce = &pl->caps[cap];
	struct sca_target wider = *pl->target;
	int r;

	*ret = ce;
	if (ce->done)
		return 0;
	wider.caps |= UINT64_C(1) << cap;
	r = eff_new(&ce->eff, pl->profile, &wider, NULL);
	if (r == -ENOMEM)
		return plan_no_memory(err);
	/* A rule that this capability switches on may be one that the target refuses. */
	ce->done = true;
	if (r == 0 && ce->eff->n_rules == pl->eff->n_rules)
		ce->opens = count_opened(pl, ce->eff);
	else
		ce->eff = eff_free(ce->eff);
	return 0;
}

int plan_cap_opens(struct sca_plan *pl, const struct call_name *cn, unsigned cap, bool *ret_opens,
		   size_t *ret_others, struct sca_err *err)
{
	struct cap_effect *ce;
	int32_t nr;
	int r = effect(pl, cap, &ce, err);

	if (r < 0)
		return r;
	*ret_opens = ce->eff && allows(pl, ce->eff, cn);
	/* The call itself was counted if the native architecture has it. */
	*ret_others = *ret_opens ? ce->opens - !sca_syscall_number(pl->names, pl->target->arch,
								   cn->name, &nr) : 0;
	return 0;
}

int plan_cap(struct sca_plan *pl, const struct find *f, int *ret_cap, size_t *ret_others,
	     struct sca_err *err)
{
	struct sca_str caps = sca_str_z(f->advice->caps), word;
	int best = -1;
	size_t least = 0;

	while (str_cut(&caps, ' ', &word)) {
		size_t others;
		unsigned cap;
		bool opens;
		int r;

		if (sca_cap_parse(word, &cap) < 0 || cap >= ARRAY_SIZE(pl->caps))
			continue;
		r = plan_cap_opens(pl, f->name, cap, &opens, &others, err);
		if (r < 0)
			return r;
		if (opens && (best < 0 || others < least)) {
			best = (int)cap;
			least = others;
		}
	}
	*ret_cap = best;
	*ret_others = least;
	return 0;
}

bool plan_has_cap(const struct sca_plan *pl, const struct sca_advice *advice)
{
	struct sca_str caps = sca_str_z(advice->caps), word;
	unsigned cap;

	while (str_cut(&caps, ' ', &word))
		if (sca_cap_parse(word, &cap) == 0 && cap < 64 && pl->target->caps >> cap & 1)
			return true;
	return false;
}

struct sca_str rule_excluded_cap(const struct sca_plan *pl, const struct eff_rule *rule)
{
	const struct jt_doc *doc = &pl->profile->doc;
	uint32_t node = jt_member(doc, rule->node, "excludes", true);

	if (node != JT_NONE && doc->nodes[node].type == JT_OBJECT)
		node = jt_member(doc, node, "caps", true);
	if (node == JT_NONE || doc->nodes[node].type != JT_ARRAY || !doc->nodes[node].n)
		return (struct sca_str){NULL, 0};
	node = doc->nodes[node].first;
	if (doc->nodes[node].type != JT_STRING)
		return (struct sca_str){NULL, 0};
	return (struct sca_str){doc->text.p + doc->nodes[node].start + 1,
				doc->nodes[node].end - doc->nodes[node].start - 2};
}

/* The kernel asks whether the capability is held in the user namespace that owns the object, not
 * in the first one (ns_capable(); with CLONE_NEWUSER a process has all of them in its own). */
bool plan_in_user_namespace(const char *syscall)
{
	static const char *const calls[] = {
		"chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr",
		"move_mount", "pivot_root", "setdomainname", "sethostname", "setns", "umount",
		"umount2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (strcmp(calls[i], syscall) == 0)
			return true;
	return false;
}
