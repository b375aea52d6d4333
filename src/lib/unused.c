/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the rules that the target's runtime gets and asks the compiled filter about each name.
 * Names are what counts, as rules are made of them: a call seen on one architecture is seen.
 */
#include "mem.h"

#include <scaudit/unused.h>

#include "startup.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) HASH_OAT(key, n, hash) /* the default falls through cases */
#include <uthash.h>

struct known_name {
	UT_hash_handle hh;
	struct sca_str name;
	bool seen;
	bool counted; /* a rule has it already */
};

struct sca_unused {
	struct arena arena;
	struct known_name *index;
	struct sca_unused_rule *rules;
	size_t n;
	struct sca_unused_totals totals;
};

/* What the work needs, and the result does not. */
struct search {
	struct sca_unused *u;
	const struct sca_profile *p;
	const struct sca_target *t;
	struct sca_names *names;
	struct sca_filter *filter;
	const struct eff *eff;
};

static struct known_name *name_entry(struct sca_unused *u, struct sca_str name)
{
	struct known_name *kn = NULL;

	HASH_FIND(hh, u->index, name.p, name.n, kn);
	if (kn)
		return kn;
	kn = arena_alloc(&u->arena, sizeof(*kn));
	if (!kn || !arena_dup_str(&u->arena, name, &kn->name))
		return NULL;
	HASH_ADD_KEYPTR(hh, u->index, kn->name.p, kn->name.n, kn);
	return kn->hh.tbl ? kn : NULL;
}

static bool note_seen(const struct search *s, const struct sca_denials *ds)
{
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		const struct sca_denial *d = sca_denials_at(ds, i);
		const char *name = d->have_arch && d->have_nr ?
				   sca_syscall_name(s->names, d->arch, d->nr) : NULL;
		struct known_name *kn;

		if (!name)
			continue;
		kn = name_entry(s->u, sca_str_z(name));
		if (!kn)
			return false;
		kn->seen = true;
	}
	return true;
}

/* Whether some architecture of the filter lets the call through, for some arguments. */
static bool is_allowed(const struct search *s, struct sca_str name, bool *ret_conditional)
{
	bool allowed = false;

	*ret_conditional = false;
	for (size_t i = 0; i < s->eff->n_archs; i++) {
		struct sca_call call = {.arch = s->eff->archs[i]};
		struct sca_reach reach;
		bool passes = false, denies = false;

		if (sca_syscall_number(s->names, call.arch, name, &call.nr) < 0)
			continue;
		sca_filter_reach(s->filter, &call, &reach);
		for (size_t j = 0; j < reach.n; j++) {
			passes |= !sca_action_denies(reach.v[j].action);
			denies |= sca_action_denies(reach.v[j].action);
		}
		allowed |= passes;
		*ret_conditional |= passes && denies;
	}
	return allowed;
}

static int by_danger(const void *pa, const void *pb)
{
	const struct sca_unused_call *a = pa, *b = pb;

	if (a->danger != b->danger)
		return a->danger > b->danger ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void count_call(const struct search *s, struct sca_unused_rule *rule,
		       struct sca_unused_call *calls, struct known_name *kn, bool conditional)
{
	const struct sca_advice *advice = sca_advice_find(kn->name);

	rule->allowed++;
	if (kn->seen) {
		rule->seen++;
	} else if (startup_makes(s->t, kn->name)) {
		rule->startup++;
	} else {
		calls[rule->n++] = (struct sca_unused_call){
			.name = kn->name.p,
			.danger = advice ? advice->danger : SCA_DANGER_NONE,
			.risk = advice ? advice->risk : "",
			.conditional = conditional,
		};
	}
}

static int search_rule(struct search *s, const struct eff_rule *r, struct sca_err *err)
{
	struct sca_unused_rule *rule = &s->u->rules[s->u->n];
	struct sca_unused_call *calls =
		arena_alloc(&s->u->arena, (r->n_names + 1) * sizeof(*calls));

	if (!calls)
		return sca_fail(err, -ENOMEM, "no memory for the calls of a rule");
	*rule = (struct sca_unused_rule){.index = r->index, .calls = calls};
	for (size_t i = 0; i < r->n_names; i++) {
		struct known_name *kn = name_entry(s->u, r->names[i].name);
		bool conditional;

		if (!kn)
			return sca_fail(err, -ENOMEM, "no memory for the calls of a rule");
		if (kn->counted || r->names[i].fate == EFF_FATE_UNKNOWN ||
		    !is_allowed(s, kn->name, &conditional))
			continue;
		kn->counted = true;
		count_call(s, rule, calls, kn, conditional);
	}
	if (!rule->allowed)
		return 0;
	qsort(calls, rule->n, sizeof(*calls), by_danger);
	jt_place(&s->p->doc, r->node, &rule->line, &rule->column);
	s->u->totals.allowed += rule->allowed;
	s->u->totals.seen += rule->seen;
	s->u->totals.startup += rule->startup;
	s->u->totals.unused += rule->n;
	s->u->n++;
	return 0;
}

static enum sca_danger worst(const struct sca_unused_rule *r)
{
	return r->n ? r->calls[0].danger : SCA_DANGER_NONE;
}

static int by_worst(const void *pa, const void *pb)
{
	const struct sca_unused_rule *a = pa, *b = pb;

	if (worst(a) != worst(b))
		return worst(a) > worst(b) ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int search(struct search *s, const struct sca_denials *ds, struct sca_err *err)
{
	int r = sca_filter_compile(&s->filter, s->p, s->t, s->names, err);

	if (r < 0)
		return r;
	s->eff = sca_filter_eff(s->filter);
	s->u->totals.default_allows =
		s->eff->disabled || !sca_action_denies(s->eff->default_action);
	s->u->rules = arena_alloc(&s->u->arena, (s->eff->n_rules + 1) * sizeof(*s->u->rules));
	if (!s->u->rules || !note_seen(s, ds))
		return sca_fail(err, -ENOMEM, "no memory for the calls seen");
	for (size_t i = 0; i < s->eff->n_rules && r == 0; i++)
		if (s->eff->rules[i].drop == EFF_KEPT &&
		    !sca_action_denies(s->eff->rules[i].action))
			r = search_rule(s, &s->eff->rules[i], err);
	if (s->u->n > 1)
		qsort(s->u->rules, s->u->n, sizeof(*s->u->rules), by_worst);
	return r;
}

int sca_unused_new(struct sca_unused **ret, const struct sca_profile *p,
		   const struct sca_target *t, const struct sca_denials *ds,
		   struct sca_names *names, struct sca_err *err)
{
	struct search s = {.p = p, .t = t, .names = names};
	int r;

	s.u = calloc(1, sizeof(*s.u));
	if (!s.u)
		return sca_fail(err, -ENOMEM, "no memory for a report");
	r = search(&s, ds, err);
	sca_filter_free(s.filter);
	if (r < 0)
		sca_unused_free(s.u);
	else
		*ret = s.u;
	return r;
}

struct sca_unused *sca_unused_free(struct sca_unused *u)
{
	if (!u)
		return NULL;
	HASH_CLEAR(hh, u->index);
	arena_release(&u->arena);
	free(u);
	return NULL;
}

size_t sca_unused_count(const struct sca_unused *u)
{
	return u->n;
}

const struct sca_unused_rule *sca_unused_at(const struct sca_unused *u, size_t i)
{
	return i < u->n ? &u->rules[i] : NULL;
}

void sca_unused_totals(const struct sca_unused *u, struct sca_unused_totals *ret)
{
	*ret = u->totals;
}
