/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the goals of the names to edits. libseccomp decides by the first unconditional rule, so
 * a name that some rule denies leaves that rule, and stands in one with the wanted action. One
 * edit serves one name, so that none can be left out; a rule that has no name left goes.
 */
#include "plan_edit.h"

#include "patch_int.h"

struct take {
	const struct eff_rule *rule;
	uint32_t node; /* JT_NONE: moved away by its own edit */
	size_t cause;
};

/* A rule to be written. */
struct fresh {
	size_t index; /* before which rule */
	char *text;
	size_t cause;
};

struct editor {
	struct sca_plan *pl;
	struct take *takes;
	size_t n_takes, cap_takes;
	struct fresh *fresh;
	size_t n_fresh, cap_fresh;
	size_t *gone, *come; /* names, per rule */
};

static int take(struct editor *ed, const struct mention *m, bool moved, size_t cause)
{
	if (!vec_grow(&ed->takes, &ed->cap_takes, ed->n_takes))
		return -ENOMEM;
	ed->takes[ed->n_takes++] =
		(struct take){m->rule, moved ? JT_NONE : m->name->node, cause};
	ed->gone[m->rule->index]++;
	return 0;
}

static int add_rule(struct editor *ed, size_t index, struct buf *text, size_t cause)
{
	char *p = buf_steal(text, NULL);

	if (!p)
		return -ENOMEM;
	if (!vec_grow(&ed->fresh, &ed->cap_fresh, ed->n_fresh)) {
		free(p);
		return -ENOMEM;
	}
	ed->fresh[ed->n_fresh++] = (struct fresh){index, p, cause};
	return 0;
}

/* Into the host or a new rule; `from` is the place that the name leaves, NULL for none. */
static int put(struct editor *ed, struct call_name *cn, struct host *h, const struct mention *from)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_plan *pl = ed->pl;
	size_t at = host_place(pl, h, cn->name);

	cn->into = h->rule;
	if (h->rule) {
		ed->come[h->rule->index]++;
		cn->how = from ? HOW_MOVE : HOW_INSERT;
		if (from)
			return je_move(&pl->edits, from->name->node, h->array, at, cn->cause);
		json_add_string(&b, cn->name);
		return b.failed ? -ENOMEM :
		       je_insert(&pl->edits, h->array, at, buf_str(&b), cn->cause);
	}
	cn->how = HOW_RULE;
	if (pl->name_form) {
		write_name_rule(&b, h, cn->name);
		return add_rule(ed, at, &b, cn->cause);
	}
	if (!h->fresh.n)
		h->fresh_cause = cn->cause;
	buf_add_z(&h->fresh, h->fresh.n ? "," : "");
	json_add_string(&h->fresh, cn->name);
	return h->fresh.failed ? -ENOMEM : 0;
}

/* A rule of the "name" form has no other name: it is rewritten where it stands. */
static int rewrite(struct editor *ed, struct call_name *cn, const struct host *h,
		   const struct eff_rule *rule)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	cn->how = HOW_REPLACE;
	cn->out_of = rule;
	write_name_rule(&b, h, cn->name);
	return b.failed ? -ENOMEM :
	       je_replace(&ed->pl->edits, rule->node, buf_str(&b), cn->cause);
}

/* The first rule in the way: it decides, or it says what the default says. */
static const struct mention *first_obstacle(const struct call_name *cn, const struct host *h)
{
	const struct mention *m = plan_decider(cn);

	if (m)
		return host_wants(h, m->rule->action, m->rule->err) ? NULL : m;
	for (m = cn->first; m && !h->by_default; m = m->next)
		if (m->rule->drop == EFF_KEPT && m->name->fate == EFF_FATE_REDUNDANT &&
		    rule_unconditional(m->rule))
			return m;
	return NULL;
}

static bool decides(const struct mention *m)
{
	return mention_live(m) && rule_unconditional(m->rule);
}

/* Leaves the rules in front of the first one with the wanted action, be it there already or be
 * it the host. Where defaultAction does it, all of them. A rule that repeats the default is in
 * nobody's way, but a file that denies and allows the same call misleads its readers. */
static int leave_rules(struct editor *ed, struct call_name *cn, const struct host *h,
		       const struct mention *first)
{
	for (const struct mention *m = cn->first; m; m = m->next) {
		bool marked = h->by_default && m->take;

		if (m != first && !decides(m) && !marked)
			continue;
		if (m != first && decides(m) &&
		    (host_wants(h, m->rule->action, m->rule->err) ||
		     (cn->into && m->rule->index > cn->into->index)))
			break;
		if (!cn->out_of)
			cn->out_of = m->rule;
		if (take(ed, m, m == first && cn->how == HOW_MOVE, cn->cause) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int reach_goal(struct editor *ed, struct call_name *cn, struct host *h)
{
	const struct mention *first = first_obstacle(cn, h);
	bool found = h->by_default;
	int r;

	for (const struct mention *m = cn->first; m && !found; m = m->next)
		found = decides(m) && host_wants(h, m->rule->action, m->rule->err);
	cn->how = HOW_TAKE;
	cn->out_of = first ? first->rule : NULL;
	if (!found) {
		if (first && first->rule->name_form)
			return rewrite(ed, cn, h, first->rule);
		r = put(ed, cn, h, first);
		if (r < 0)
			return r;
	}
	return leave_rules(ed, cn, h, first);
}

static int reach_narrow(struct editor *ed, struct call_name *cn)
{
	cn->how = HOW_NARROW;
	for (const struct narrow *nw = cn->narrow; nw; nw = nw->next) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		write_narrow_rule(&b, ed->pl, nw, cn->name);
		if (add_rule(ed, nw->like ? nw->like->index + 1 : ed->pl->eff->n_rules, &b,
			     nw->cause) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int compare_names(const void *a, const void *b, void *host)
{
	const struct call_name *x = *(struct call_name *const *)a, *y = *(struct call_name *const *)b;
	int c = host_compare(host, x->name, y->name);

	return c ? c : strcmp(x->name.p, y->name.p);
}

/* All names of one goal, in the order of the list that takes them in. */
static int reach_all(struct editor *ed, enum goal goal, struct host *h)
{
	struct sca_plan *pl = ed->pl;
	_cleanup_free_ struct call_name **v = NULL;
	size_t n = 0;
	int r = 0;

	v = calloc(HASH_COUNT(pl->index) + 1, sizeof(struct call_name *));
	if (!v)
		return -ENOMEM;
	for (struct call_name *cn = pl->index; cn; cn = cn->hh.next)
		if (cn->goal == goal)
			v[n++] = cn;
	qsort_r(v, n, sizeof(struct call_name *), compare_names, h);
	for (size_t i = 0; i < n && r == 0; i++)
		r = goal == GOAL_NARROW ? reach_narrow(ed, v[i]) : reach_goal(ed, v[i], h);
	if (r == 0 && h->fresh.n) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		write_names_rule(&b, h, buf_str(&h->fresh));
		r = add_rule(ed, pl->eff->n_rules, &b, h->fresh_cause);
	}
	return r;
}

static int remove_taken(struct editor *ed)
{
	struct je_list *edits = &ed->pl->edits;
	const size_t done = SIZE_MAX;

	for (size_t i = 0; i < ed->n_takes; i++) {
		const struct take *t = &ed->takes[i];
		size_t *gone = &ed->gone[t->rule->index];
		bool emptied = *gone == t->rule->n_names && !ed->come[t->rule->index];
		int r = 0;

		if (emptied) {
			r = je_remove(edits, t->rule->node, t->cause);
			*gone = done;
		} else if (*gone != done && t->node != JT_NONE) {
			r = je_remove(edits, t->node, t->cause);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* New rules go into the array; a profile without one gets it whole. */
static int insert_rules(struct editor *ed)
{
	struct je_list *edits = &ed->pl->edits;
	uint32_t array = ed->pl->eff->syscalls_node;
	_cleanup_buf_ struct buf all = BUF_INIT;
	int r = 0;

	if (!ed->n_fresh)
		return 0;
	if (array != JT_NONE && edits->doc->nodes[array].type == JT_ARRAY) {
		for (size_t i = 0; i < ed->n_fresh && r == 0; i++)
			r = je_insert(edits, array, ed->fresh[i].index,
				      sca_str_z(ed->fresh[i].text), ed->fresh[i].cause);
		return r;
	}
	for (size_t i = 0; i < ed->n_fresh; i++)
		buf_addf(&all, "%c%s", i ? ',' : '[', ed->fresh[i].text);
	buf_add_c(&all, ']');
	if (all.failed)
		return -ENOMEM;
	return array == JT_NONE ?
	       je_member(edits, plan_top(ed->pl), "syscalls", buf_str(&all), ed->fresh[0].cause) :
	       je_replace(edits, array, buf_str(&all), ed->fresh[0].cause);
}

static int edit_all(struct editor *ed)
{
	static const struct {
		enum goal goal;
		enum sca_action action;
		uint16_t err;
	} goals[] = {
		{GOAL_OPEN, SCA_ACT_ALLOW, 0},
		{GOAL_NARROW, SCA_ACT_ALLOW, 0},
		{GOAL_ENOSYS, SCA_ACT_ERRNO, 38},
	};
	size_t n = ed->pl->eff->n_rules;
	int r = 0;

	ed->gone = calloc(n + 1, sizeof(*ed->gone));
	ed->come = calloc(n + 1, sizeof(*ed->come));
	if (!ed->gone || !ed->come)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(goals) && r == 0; i++) {
		struct host h;

		r = host_init(ed->pl, &h, goals[i].action, goals[i].err);
		if (r == 0)
			r = reach_all(ed, goals[i].goal, &h);
		buf_release(&h.fresh);
	}
	if (r == 0)
		r = remove_taken(ed);
	if (r == 0)
		r = insert_rules(ed);
	return r;
}

int plan_edits(struct sca_plan *pl, struct sca_err *err)
{
	struct editor ed = {.pl = pl};
	int r = plan_arch_edits(pl, &pl->edits, err);

	if (r == 0)
		r = edit_all(&ed);
	for (size_t i = 0; i < ed.n_fresh; i++)
		free(ed.fresh[i].text);
	free(ed.fresh);
	free(ed.takes);
	free(ed.gone);
	free(ed.come);
	if (r < 0)
		return plan_no_memory(err);
	return patch_from_edits(&pl->patch, &pl->edits, err);
}
