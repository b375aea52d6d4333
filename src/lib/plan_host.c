/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host: the rule that takes in the names of a goal, and the place of a name in it.
 *
 * The first rule with the wanted action that every front end keeps and that looks at no
 * argument. Where a name goes: into its sorted place when the list is sorted (bytewise, or as
 * moby does without regard to underscores; one element in eight may be out of place), else
 * before the last element, which is a diff of one line as well.
 */
#include "plan_edit.h"

static int compare(struct sca_str a, struct sca_str b, bool blind)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		while (blind && i < a.n && a.p[i] == '_')
			i++;
		while (blind && j < b.n && b.p[j] == '_')
			j++;
		if (i >= a.n || j >= b.n)
			return (int)(i < a.n) - (int)(j < b.n);
		if (a.p[i] != b.p[j])
			return (unsigned char)a.p[i] < (unsigned char)b.p[j] ? -1 : 1;
	}
}

static size_t descents(const struct shelf *s, bool blind)
{
	size_t n = 0;

	for (size_t i = 1; i < s->n; i++)
		n += compare(s->v[i - 1], s->v[i], blind) > 0;
	return n;
}

static void shelf_close(struct shelf *s)
{
	size_t plain = descents(s, false), blind = descents(s, true);

	s->blind = blind < plain;
	s->sorted = MIN(plain, blind) * 8 <= s->n;
}

/* The place with the fewest elements on the wrong side; the first of several. */
static size_t shelf_place(const struct shelf *s, struct sca_str name)
{
	size_t wrong = 0, least, best = 0;

	if (!s->sorted)
		return s->n - 1;
	for (size_t i = 0; i < s->n; i++)
		wrong += compare(s->v[i], name, s->blind) < 0;
	least = wrong;
	for (size_t i = 0; i < s->n; i++) {
		int c = compare(s->v[i], name, s->blind);

		wrong = wrong + (c > 0) - (c < 0);
		if (wrong < least) {
			least = wrong;
			best = i + 1;
		}
	}
	return best;
}

static bool shelf_alloc(struct sca_plan *pl, struct shelf *s, size_t n)
{
	s->v = arena_alloc(&pl->arena, n * sizeof(*s->v));
	s->at = arena_alloc(&pl->arena, n * sizeof(*s->at));
	s->n = 0;
	return s->v && s->at;
}

static void shelf_add(struct shelf *s, struct sca_str name, size_t at)
{
	s->v[s->n] = name;
	s->at[s->n++] = at;
}

/* No gate that any front end could honour: absent, null or an empty object. */
static bool ungated(const struct jt_doc *doc, const struct eff_rule *rule)
{
	static const char *const keys[] = {"includes", "excludes"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		uint32_t node = jt_member(doc, rule->node, keys[i], true);

		if (node != JT_NONE && doc->nodes[node].n)
			return false;
	}
	return true;
}

bool host_wants(const struct host *h, enum sca_action action, uint16_t err)
{
	if (h->action == SCA_ACT_ALLOW)
		return lets_through(action);
	return action == h->action && err == h->err;
}

static bool can_host(const struct jt_doc *doc, const struct host *h, const struct eff_rule *rule)
{
	return rule->drop == EFF_KEPT && !rule->name_form && rule->n_names && !rule->n_args &&
	       rule->action == h->action && (rule->action != SCA_ACT_ERRNO || rule->err == h->err) &&
	       ungated(doc, rule);
}

int host_init(struct sca_plan *pl, struct host *h, enum sca_action action, uint16_t err)
{
	const struct jt_doc *doc = &pl->profile->doc;
	const struct eff *eff = pl->eff;

	*h = (struct host){.action = action, .err = err, .array = JT_NONE};
	h->by_default = host_wants(h, eff->default_action, eff->default_err);
	for (size_t i = 0; i < eff->n_rules && !h->rule && !h->by_default; i++)
		if (can_host(doc, h, &eff->rules[i]))
			h->rule = &eff->rules[i];
	if (h->rule) {
		if (!shelf_alloc(pl, &h->shelf, h->rule->n_names))
			return -ENOMEM;
		h->array = doc->nodes[h->rule->names[0].node].parent;
		for (size_t i = 0; i < h->rule->n_names; i++)
			shelf_add(&h->shelf, h->rule->names[i].name,
				  doc->nodes[h->rule->names[i].node].index);
	} else if (pl->name_form) {
		if (!shelf_alloc(pl, &h->shelf, eff->n_rules))
			return -ENOMEM;
		for (size_t i = 0; i < eff->n_rules; i++)
			if (eff->rules[i].n_names == 1)
				shelf_add(&h->shelf, eff->rules[i].names[0].name, i);
	}
	shelf_close(&h->shelf);
	return 0;
}

size_t host_place(const struct sca_plan *pl, const struct host *h, struct sca_str name)
{
	size_t i;

	if (!h->shelf.n)
		return pl->eff->n_rules;
	i = shelf_place(&h->shelf, name);
	return i < h->shelf.n ? h->shelf.at[i] : h->shelf.at[h->shelf.n - 1] + 1;
}

int host_compare(const struct host *h, struct sca_str a, struct sca_str b)
{
	return compare(a, b, h->shelf.blind);
}
