/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dangerous calls that are allowed: by a rule, or because nothing names them. A rule behind a
 * condition was thought about, and its condition holds for this target only.
 */
#include "check.h"

/* What a class of dangerous calls does; calls that their kernel refuses anyway stand apart. */
static const char *const classes[] = {
	[SCA_DANGER_ESCAPE] = "leads out of the container or to others' secrets",
	[SCA_DANGER_KERNEL] = "gives the kernel or the machine",
	[SCA_DANGER_BYPASS] = "makes the rest of the filter moot",
};

/* Without one of its capabilities the kernel refuses the call altogether. */
static bool kernel_refuses(const struct checking *ck, const struct sca_advice *a)
{
	struct sca_str rest = sca_str_z(a->caps), word;
	unsigned cap;

	if (!a->caps_mandatory)
		return false;
	while (str_cut(&rest, ' ', &word))
		if (sca_cap_parse(word, &cap) == 0 && ck->t->caps >> cap & 1)
			return false;
	return true;
}

static bool ring_told(const struct checking *ck, const char *name)
{
	if (!str_starts(sca_str_z(name), SCA_STR("io_uring_")))
		return false;
	for (size_t i = 0; i < ck->out->n; i++)
		if (ck->out->v[i].pub.check == CHECK_IO_URING)
			return true;
	return false;
}

/* NULL when the call is harmless, unknown, or not open for all arguments. */
static const struct sca_advice *dangerous(const struct checking *ck, struct sca_str name,
					  enum sca_by by)
{
	const struct sca_advice *a = sca_advice_find(name);
	struct sca_reach reach;

	if (!a || a->danger < SCA_DANGER_ESCAPE || ring_told(ck, a->name) ||
	    check_open(ck, ck->t->arch, name, &reach) != OPEN_WHOLLY || reach.v[0].by != by)
		return NULL;
	return a;
}

static void rule_class(struct checking *ck, const struct eff_rule *r, enum sca_danger danger,
		       bool refused)
{
	_cleanup_buf_ struct buf why = BUF_INIT;
	struct check_list l = CHECK_LIST_INIT;
	const struct sca_advice *only = NULL;
	const char *last = "";
	uint32_t node = JT_NONE;

	for (size_t j = 0; j < r->n_names; j++) {
		const struct sca_advice *a = dangerous(ck, r->names[j].name, SCA_BY_RULE);

		if (!a || a->danger != danger || kernel_refuses(ck, a) != refused ||
		    r->names[j].fate != EFF_FATE_ADDED)
			continue;
		check_list_add(&l, r->names[j].name);
		only = l.n == 1 ? a : NULL;
		node = node == JT_NONE ? r->names[j].node : node;
		if (why.n < 400 && strcmp(last, a->risk) != 0)
			buf_addf(&why, "%s%s: %s", why.n ? "; " : "", a->name, a->risk);
		last = a->risk;
	}
	if (l.n == 0)
		return;
	ck->failed |= why.failed;
	check_add_as(
		ck, CHECK_DANGEROUS, refused ? SCA_SEVERITY_NOTE : SCA_SEVERITY_WARNING, node,
		check_text(ck, "allowed, and %s: %s", classes[danger], check_list_end(ck, &l)),
		check_text(ck, "%s.%s", why.failed ? "" : why.p,
			   refused ? " The kernel refuses it without a capability that the "
				     "container lacks." : ""),
		refused ? "Gate the rule with includes.caps, so that it opens with the capability." :
		only	? check_text(ck, "Better: %s.", only->answer) :
			  "Take out what no program here is known to need.");
}

static void by_default(struct checking *ck)
{
	int32_t last = MIN(sca_syscall_last(ck->names, ck->t->arch), 8192);
	struct check_list l = CHECK_LIST_INIT;
	size_t denied = 0;

	for (int32_t nr = 0; nr <= last; nr++) {
		const char *name = sca_syscall_name(ck->names, ck->t->arch, nr);
		struct sca_reach reach;

		if (!name)
			continue;
		if (dangerous(ck, sca_str_z(name), SCA_BY_DEFAULT))
			check_list_add(&l, sca_str_z(name));
		denied += check_open(ck, ck->t->arch, sca_str_z(name), &reach) == OPEN_SHUT;
	}
	check_add(ck, CHECK_DEFAULT_ALLOW, check_member(ck, ck->top, "defaultAction"),
		  denied ? check_text(ck, "what no rule names is allowed; %zu calls are denied",
				      denied) :
			   "everything is allowed",
		  check_text(ck, "Calls of tomorrow are allowed, too.%s%s%s",
			     l.n ? " Dangerous ones today: " : "", check_list_end(ck, &l),
			     l.n ? "." : ""),
		  "Start from the engine's default profile and deny on top of it.");
}

void check_danger(struct checking *ck)
{
	enum sca_action def = ck->eff->default_action;

	for (size_t i = 0; i < ck->eff->n_rules; i++) {
		const struct eff_rule *r = &ck->eff->rules[i];

		if (r->drop != EFF_KEPT || r->gated ||
		    (r->action != SCA_ACT_ALLOW && r->action != SCA_ACT_LOG))
			continue;
		for (enum sca_danger d = SCA_DANGER_ESCAPE; d <= SCA_DANGER_BYPASS; d++) {
			rule_class(ck, r, d, false);
			rule_class(ck, r, d, true);
		}
	}
	if (def == SCA_ACT_ALLOW)
		by_default(ck);
}
