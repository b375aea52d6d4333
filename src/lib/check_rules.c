/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that decide nothing. libseccomp keeps the rules of one call apart from those of all
 * others, so what a rule adds for a call is measured on a small profile that names this call
 * only: compiled with the rule and without it, the two programs compared over everything.
 */
#include "check.h"

#include <seccomp.h>

#include "proof_int.h"

#define MEASUREMENTS 1024
/* libseccomp takes long for many rules with conditions on one call, and for nothing else. */
#define NAME_USES  64
#define NAME_RULES 16 /* with conditions */

/* A name in a rule that is handed to libseccomp. */
struct use {
	struct sca_str name;
	const struct eff_rule *rule;
	uint32_t node;
	bool dead;
	bool repeats;               /* the same is said elsewhere */
	const struct eff_rule *by;  /* who decides instead; NULL: several rules together */
};

struct measuring {
	struct checking *ck;
	struct sca_target target;
	size_t left;
	size_t skipped; /* names with more uses than are measured */
};

/* By name, then in the order of the rules. */
static int compare_uses(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;
	size_t n = MIN(a->name.n, b->name.n);
	int r = n ? memcmp(a->name.p, b->name.p, n) : 0;

	if (r || a->name.n != b->name.n)
		return r ? r : a->name.n < b->name.n ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static void write_rule(struct buf *b, const struct use *u)
{
	static const char *const ops[] = {
		[SCMP_CMP_NE] = "NE", [SCMP_CMP_LT] = "LT", [SCMP_CMP_LE] = "LE",
		[SCMP_CMP_EQ] = "EQ", [SCMP_CMP_GE] = "GE", [SCMP_CMP_GT] = "GT",
		[SCMP_CMP_MASKED_EQ] = "MASKED_EQ",
	};
	const struct eff_rule *r = u->rule;

	buf_add_z(b, "{\"names\":[");
	json_add_string(b, u->name);
	buf_addf(b, "],\"action\":\"%s\"", sca_action_scmp_name(r->action));
	if (r->action == SCA_ACT_ERRNO || r->action == SCA_ACT_TRACE)
		buf_addf(b, ",\"errnoRet\":%u", r->err);
	buf_add_z(b, ",\"args\":[");
	for (size_t i = 0; i < r->n_args; i++)
		buf_addf(b,
			 "%s{\"index\":%u,\"value\":%llu,\"valueTwo\":%llu,"
			 "\"op\":\"SCMP_CMP_%s\"}",
			 i ? "," : "", r->args[i].index, (unsigned long long)r->args[i].value,
			 (unsigned long long)r->args[i].value_two, ops[r->args[i].op]);
	buf_add_z(b, "]}");
}

/* A profile of these uses but the dead ones and `without`, in OCI form. */
static void write_profile(struct buf *b, const struct eff *e, const struct use *v, size_t n,
			  const struct use *without)
{
	const char *comma = "";

	buf_addf(b, "{\"defaultAction\":\"%s\"", sca_action_scmp_name(e->default_action));
	if (e->default_action == SCA_ACT_ERRNO || e->default_action == SCA_ACT_TRACE)
		buf_addf(b, ",\"defaultErrnoRet\":%u", e->default_err);
	buf_add_z(b, ",\"architectures\":[");
	for (size_t i = 0; i < e->n_archs; i++)
		buf_addf(b, "%s\"%s\"", i ? "," : "", sca_arch_scmp_name(e->archs[i]));
	buf_add_z(b, "],\"syscalls\":[");
	for (size_t i = 0; i < n; i++) {
		if (v[i].dead || &v[i] == without)
			continue;
		buf_add_z(b, comma);
		write_rule(b, &v[i]);
		comma = ",";
	}
	buf_add_z(b, "]}");
}

static int compile(struct measuring *m, const struct use *v, size_t n, const struct use *without,
		   struct sca_filter **ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_profile *p = NULL;
	int r;

	write_profile(&b, m->ck->eff, v, n, without);
	if (b.failed)
		return -ENOMEM;
	r = sca_profile_load_mem(&p, buf_str(&b), "one call", NULL);
	if (r == 0)
		r = sca_filter_compile(ret, p, &m->target, m->ck->names, NULL);
	sca_profile_free(p);
	return r;
}

/* Whether the verdicts stay as they are without one use. */
static int measure(struct measuring *m, const struct use *v, size_t n, const struct use *u,
		   bool *ret)
{
	struct sca_filter *with = NULL, *without = NULL;
	struct sca_proof *pf = NULL;
	int r = compile(m, v, n, NULL, &with);

	*ret = false;
	m->left--;
	if (r == 0)
		r = compile(m, v, n, u, &without);
	if (r == 0)
		r = proof_compare(&pf, with, without, NULL, 0, m->ck->names, NULL);
	*ret = r == 0 && sca_proof_count(pf) == 0;
	sca_proof_free(pf);
	sca_filter_free(with);
	sca_filter_free(without);
	return r == -ENOMEM ? r : 0;
}

static bool same_rule(const struct eff_rule *a, const struct eff_rule *b)
{
	if (a->action != b->action || a->err != b->err || a->n_args != b->n_args)
		return false;
	for (size_t i = 0; i < a->n_args; i++)
		if (a->args[i].index != b->args[i].index || a->args[i].op != b->args[i].op ||
		    a->args[i].value != b->args[i].value ||
		    a->args[i].value_two != b->args[i].value_two)
			return false;
	return true;
}

/* Who answers in the place of a dead use: the same rule again, or the first without conditions. */
static void find_decider(const struct use *v, size_t n, struct use *u)
{
	u->by = NULL;
	for (size_t i = 0; i < n; i++) {
		if (v[i].dead || &v[i] == u)
			continue;
		if (same_rule(v[i].rule, u->rule)) {
			u->by = v[i].rule;
			u->repeats = true;
			return;
		}
		if (!u->by && v[i].rule->n_args == 0)
			u->by = v[i].rule;
	}
}

/* The uses of one name, later ones first: of two that say the same the first one stays. */
static int measure_name(struct measuring *m, struct use *v, size_t n)
{
	for (size_t i = n; i-- > 0 && n > 1 && m->left > 0;) {
		bool dead;
		int r;

		if (i > 0 && v[i - 1].rule == v[i].rule) {
			v[i].dead = true; /* told as a duplicate name */
			v[i].by = v[i].rule;
			continue;
		}
		r = measure(m, v, n, &v[i], &dead);
		if (r < 0)
			return r;
		if (!dead)
			continue;
		find_decider(v, n, &v[i]);
		v[i].dead = true;
	}
	return 0;
}

static size_t collect(const struct eff *e, struct use *v)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_rules; i++)
		for (size_t j = 0; j < e->rules[i].n_names; j++)
			if (e->rules[i].names[j].fate == EFF_FATE_ADDED)
				v[n++] = (struct use){.name = e->rules[i].names[j].name,
						      .rule = &e->rules[i],
						      .node = e->rules[i].names[j].node};
	return n;
}

static bool too_many(const struct use *v, size_t n)
{
	size_t conditional = 0;

	for (size_t i = 0; i < n; i++)
		conditional += v[i].rule->n_args > 0;
	return n > NAME_USES || conditional > NAME_RULES;
}

static int measure_all(struct measuring *m, struct use *v, size_t n)
{
	int r = 0;

	for (size_t i = 0, end; i < n && r == 0; i = end) {
		for (end = i + 1; end < n && str_eq(v[end].name, v[i].name);)
			end++;
		if (too_many(v + i, end - i))
			m->skipped++;
		else
			r = measure_name(m, v + i, end - i);
	}
	return r;
}

/* -- telling -- */

static int compare_dead(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;

	if (a->dead != b->dead)
		return a->dead ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	if (a->repeats != b->repeats)
		return a->repeats < b->repeats ? -1 : 1;
	if (a->by != b->by)
		return a->by < b->by ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static void tell(struct checking *ck, const struct use *v, size_t n)
{
	struct check_list l = CHECK_LIST_INIT;
	const struct use *u = &v[0];
	const char *action = sca_action_scmp_name(u->rule->action), *names, *by, *why;

	if (u->by == u->rule)
		return;
	for (size_t i = 0; i < n; i++)
		check_list_add(&l, v[i].name);
	names = check_list_end(ck, &l);
	by = u->by ? check_rule(ck, u->by) : "";
	if (!names || !by)
		return;
	if (u->repeats) {
		check_add(ck, CHECK_REPEATED_RULE, u->node,
			  check_text(ck, "said before: %s", names),
			  check_text(ck, "%s says %s for it already; without this one nothing "
				     "changes.", by, action),
			  "Keep one of the two.");
		return;
	}
	why = !u->by ? "Other rules together cover all that it holds for; without it nothing changes." :
		       check_text(ck,
				  "%s answers with %s; without this one nothing changes. The first "
				  "rule without conditions counts, wherever it stands.",
				  by, sca_action_scmp_name(u->by->action));
	check_add(ck, CHECK_SHADOWED_RULE, u->node,
		  check_text(ck, "this rule's %s never decides: %s", action, names), why,
		  "Take the name out of the rule that is not meant.");
}

static void tell_all(struct checking *ck, struct use *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare_dead);
	for (size_t i = 0, end; i < n && v[i].dead; i = end) {
		for (end = i + 1; end < n && v[end].dead && v[end].rule == v[i].rule &&
				  v[end].by == v[i].by && v[end].repeats == v[i].repeats;)
			end++;
		tell(ck, v + i, end - i);
	}
}

/* Rules that the runtime skips, and rules for nothing. */
static void skipped_rules(struct checking *ck)
{
	for (size_t i = 0; i < ck->eff->n_rules; i++) {
		const struct eff_rule *r = &ck->eff->rules[i];

		if (r->drop != EFF_KEPT)
			continue;
		if (r->n_names == 0)
			check_add(ck, CHECK_EMPTY_RULE, r->node, "the rule names no call", "",
				  "Remove it, or give it names.");
		else if (r->names[0].fate == EFF_FATE_REDUNDANT)
			check_add(ck, CHECK_REDUNDANT_RULE, r->node,
				  check_text(ck, "the rule repeats the default, %s",
					     sca_action_scmp_name(r->action)),
				  ck->filter->info.stub ?
					  "The runtime skips it; only the ENOSYS stub counts its "
					  "names. runc before 1.0.2 does not start with it." :
					  "The runtime skips it. runc before 1.0.2 does not start "
					  "with it.",
				  "Remove it, or change what it was meant to change.");
	}
}

int check_rules(struct checking *ck)
{
	struct measuring m = {.ck = ck, .left = MEASUREMENTS};
	_cleanup_free_ struct use *v = NULL;
	size_t n = 0;
	int r;

	skipped_rules(ck);
	for (size_t i = 0; i < ck->eff->n_rules; i++)
		n += ck->eff->rules[i].n_names;
	if (n == 0)
		return 0;
	v = calloc(n, sizeof(*v));
	if (!v)
		return sca_fail_errno(ck->err, ENOMEM, "checking the rules");
	sca_target_init(&m.target, SCA_FRONTEND_OCI);
	sca_target_set_runtime(&m.target, SCA_STR("crun"), NULL);
	m.target.arch = ck->t->arch;
	n = collect(ck->eff, v);
	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), compare_uses);
	r = measure_all(&m, v, n);
	if (r < 0)
		return sca_fail_errno(ck->err, -r, "measuring what rules decide");
	tell_all(ck, v, n);
	if (m.left == 0 || m.skipped)
		check_add(ck, CHECK_NOT_MEASURED, ck->eff->syscalls_node,
			  m.left ? check_text(ck, "%zu %s in very many rules", m.skipped,
					      m.skipped == 1 ? "name stands" : "names stand") :
				   check_text(ck, "more than %u names stand in several rules",
					      MEASUREMENTS),
			  "Which of the rest decide was not measured.",
			  "Write each name once, and check again.");
	return 0;
}
