/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: compiles the profile, runs the passes of plan.h, and hands out the findings. */
#include "plan.h"

#include "patch_int.h"

const char *sca_outcome_name(enum sca_outcome o)
{
	static const char *const names[SCA_OUT_COUNT] = {
		[SCA_OUT_PATCH] = "patch",
		[SCA_OUT_ENOSYS] = "enosys",
		[SCA_OUT_CAPABILITY] = "capability",
		[SCA_OUT_HELD] = "held",
		[SCA_OUT_BENIGN] = "benign",
		[SCA_OUT_ARGS] = "args",
		[SCA_OUT_NOT_DENIED] = "not_denied",
		[SCA_OUT_NOT_OURS] = "not_ours",
		[SCA_OUT_AGENT] = "agent",
		[SCA_OUT_KERNEL] = "kernel",
		[SCA_OUT_UNKNOWN] = "unknown",
		[SCA_OUT_CONFLICT] = "conflict",
	};

	return (unsigned)o < SCA_OUT_COUNT ? names[o] : "unknown";
}

int plan_no_memory(struct sca_err *err)
{
	return sca_fail(err, -ENOMEM, "no memory for the plan");
}

struct call_name *plan_known_name(const struct sca_plan *pl, struct sca_str name)
{
	struct call_name *cn = NULL;

	HASH_FIND(hh, pl->index, name.p, name.n, cn);
	return cn;
}

struct call_name *plan_name(struct sca_plan *pl, struct sca_str name)
{
	struct call_name *cn = plan_known_name(pl, name);

	if (cn)
		return cn;
	cn = arena_alloc(&pl->arena, sizeof(*cn));
	if (!cn || !arena_dup_str(&pl->arena, name, &cn->name))
		return NULL;
	HASH_ADD_KEYPTR(hh, pl->index, cn->name.p, cn->name.n, cn);
	return cn->hh.tbl ? cn : NULL;
}

uint32_t plan_top(const struct sca_plan *pl)
{
	uint32_t node = pl->eff->default_node;

	if (node == JT_NONE)
		node = pl->eff->syscalls_node;
	return node == JT_NONE ? 0 : pl->profile->doc.nodes[node].parent;
}

unsigned plan_rule_line(struct sca_plan *pl, const struct eff_rule *rule)
{
	unsigned *line = &pl->rule_line[rule->index];

	if (!*line)
		jt_place(&pl->profile->doc, rule->node, line, &pl->rule_column[rule->index]);
	return *line;
}

/* Every (rule, name) of the text, dropped rules included. */
static int build_index(struct sca_plan *pl, struct sca_err *err)
{
	const struct eff *eff = pl->eff;
	bool plural = false;

	for (size_t i = 0; i < eff->n_rules; i++) {
		const struct eff_rule *rule = &eff->rules[i];

		pl->name_form |= rule->name_form;
		plural |= !rule->name_form && rule->n_names;
		for (size_t j = 0; j < rule->n_names; j++) {
			struct mention *m = arena_alloc(&pl->arena, sizeof(*m));
			struct call_name *cn = m ? plan_name(pl, rule->names[j].name) : NULL;

			if (!cn)
				return plan_no_memory(err);
			*m = (struct mention){.rule = rule, .name = &rule->names[j]};
			if (cn->last)
				cn->last->next = m;
			else
				cn->first = m;
			cn->last = m;
		}
	}
	pl->name_form = pl->name_form && !plural && pl->target->frontend != SCA_FRONTEND_CRI &&
			pl->target->frontend != SCA_FRONTEND_OCI;
	pl->rule_line = arena_alloc(&pl->arena, (eff->n_rules + 1) * sizeof(unsigned));
	pl->rule_column = arena_alloc(&pl->arena, (eff->n_rules + 1) * sizeof(unsigned));
	if (!pl->rule_line || !pl->rule_column)
		return plan_no_memory(err);
	if (eff->default_node != JT_NONE)
		jt_place(&pl->profile->doc, eff->default_node, &pl->default_line,
			 &pl->default_column);
	return 0;
}

static int judge_all(struct sca_plan *pl, const struct sca_denials *ds, struct sca_err *err)
{
	int r = 0;

	for (size_t i = 0; i < pl->n && r == 0; i++) {
		pl->finds[i].pub.denial = sca_denials_at(ds, i);
		r = plan_why(pl, &pl->finds[i], err);
		if (r == 0)
			r = plan_row(pl, &pl->finds[i], err);
	}
	return r;
}

static void add_narrow(struct call_name *cn, struct narrow *nw)
{
	struct narrow **end = &cn->narrow;

	for (; *end; end = &(*end)->next)
		if (narrow_equal(*end, nw))
			return;
	*end = nw;
}

/*
 * The strongest goal of a name is the goal of all its findings: a rule for all arguments makes
 * conditional ones void, and a call can not be allowed for one caller and missing for another.
 */
static void join_goals(struct sca_plan *pl)
{
	for (size_t i = 0; i < pl->n; i++) {
		struct find *f = &pl->finds[i];

		if (f->name && f->goal > f->name->goal) {
			f->name->goal = f->goal;
			f->name->cause = i;
		}
	}
	for (size_t i = 0; i < pl->n; i++) {
		struct find *f = &pl->finds[i];

		if (f->goal == GOAL_NONE || !f->name)
			continue;
		if (f->name->goal == GOAL_NARROW)
			add_narrow(f->name, f->narrow);
		f->goal = f->name->goal;
		f->pub.outcome = f->goal == GOAL_ENOSYS ? SCA_OUT_ENOSYS : SCA_OUT_PATCH;
	}
}

static int build(struct sca_plan *pl, const struct sca_denials *ds, struct sca_err *err)
{
	int r = sca_filter_compile(&pl->filter, pl->profile, pl->target, pl->names, err);

	if (r < 0)
		return r;
	pl->eff = sca_filter_eff(pl->filter);
	pl->n = sca_denials_count(ds);
	pl->finds = calloc(pl->n + 1, sizeof(*pl->finds));
	if (!pl->finds)
		return plan_no_memory(err);
	r = build_index(pl, err);
	if (r == 0 && pl->opt->allow_arch)
		r = plan_archs(pl, ds, err);
	if (r == 0)
		r = judge_all(pl, ds, err);
	if (r < 0)
		return r;
	plan_archs_prune(pl);
	join_goals(pl);
	r = plan_edits(pl, err);
	return r < 0 ? r : plan_texts(pl, err);
}

int sca_plan_new(struct sca_plan **ret, const struct sca_profile *p, const struct sca_target *t,
		 const struct sca_denials *ds, const struct sca_plan_options *opt,
		 struct sca_names *names, struct sca_err *err)
{
	static const struct sca_plan_options none;
	struct sca_plan *pl = calloc(1, sizeof(*pl));
	int r;

	if (!pl)
		return plan_no_memory(err);
	pl->profile = p;
	pl->target = t;
	pl->names = names;
	pl->opt = opt ? opt : &none;
	je_init(&pl->edits, &p->doc);
	r = build(pl, ds, err);
	if (r < 0) {
		sca_plan_free(pl);
		return r;
	}
	*ret = pl;
	return 0;
}

struct sca_plan *sca_plan_free(struct sca_plan *pl)
{
	if (!pl)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(pl->caps); i++)
		eff_free(pl->caps[i].eff);
	HASH_CLEAR(hh, pl->index);
	sca_patch_free(pl->patch);
	je_release(&pl->edits);
	sca_filter_free(pl->wider);
	sca_filter_free(pl->filter);
	buf_release(&pl->text);
	arena_release(&pl->arena);
	free(pl->finds);
	free(pl);
	return NULL;
}

size_t sca_plan_count(const struct sca_plan *pl)
{
	return pl->n;
}

const struct sca_finding *sca_plan_at(const struct sca_plan *pl, size_t i)
{
	return i < pl->n ? &pl->finds[i].pub : NULL;
}

const struct sca_patch *sca_plan_patch(const struct sca_plan *pl)
{
	return pl->patch;
}

size_t sca_plan_note_count(const struct sca_plan *pl)
{
	return pl->n_notes;
}

const char *sca_plan_note(const struct sca_plan *pl, size_t i)
{
	return i < pl->n_notes ? pl->notes[i] : NULL;
}
