/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in rules: which are no call's, which are too new for this libseccomp, which belong to
 * other architectures. A rule that its conditions drop here is read all the same, but for its
 * foreign names: it is most often theirs.
 */
#include "check.h"

#include "plan.h"

enum standing {
	NAME_KNOWN,
	NAME_FOREIGN, /* on architectures that the filter does not have */
	NAME_NEWER,   /* known to us, not to this libseccomp */
	NAME_NOBODYS,
};

static enum standing standing_of(const struct checking *ck, struct sca_str name)
{
	bool libseccomp = sca_syscall_in_libseccomp(ck->names, name);
	bool exists = false;
	unsigned arg0;
	const char *mux = plan_multiplexer_of(name, &arg0);
	int32_t nr;

	for (size_t i = 0; i < ck->eff->n_archs; i++)
		if (sca_syscall_number(ck->names, ck->eff->archs[i], name, &nr) == 0 ||
		    (mux && sca_syscall_number(ck->names, ck->eff->archs[i], sca_str_z(mux),
					       &nr) == 0))
			return libseccomp ? NAME_KNOWN : NAME_NEWER;
	for (size_t i = 0; i < sca_arch_count() && !exists; i++)
		exists = sca_syscall_number(ck->names, sca_arch_at(i), name, &nr) == 0;
	if (exists || libseccomp)
		return NAME_FOREIGN;
	return NAME_NOBODYS;
}

/* Whether case and dashes are all that is wrong. */
static bool same_letters(struct sca_str a, const char *b)
{
	size_t n = strlen(b);

	if (a.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (ascii_lower(a.p[i]) != b[i] && !(a.p[i] == '-' && b[i] == '_'))
			return false;
	return true;
}

/* Library functions are told from calls by digits (wait3, wait4). */
static bool same_but_digits(struct sca_str a, const char *b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.n && ascii_digit(a.p[i]))
			i++;
		while (ascii_digit(b[k]))
			k++;
		if (i == a.n || !b[k])
			return i == a.n && !b[k];
		if (a.p[i++] != b[k++])
			return false;
	}
}

/* Whether no other call of the filter's architectures is as near. */
static bool only_one(const struct checking *ck, struct sca_str word, const char *near)
{
	unsigned best = str_distance(word, sca_str_z(near), 3);

	if (best > 1 || same_but_digits(word, near))
		return false;
	for (size_t i = 0; i < ck->eff->n_archs; i++) {
		int32_t last = MIN(sca_syscall_last(ck->names, ck->eff->archs[i]), 8192);

		for (int32_t nr = 0; nr <= last; nr++) {
			const char *name = sca_syscall_name(ck->names, ck->eff->archs[i], nr);

			if (name && strcmp(name, near) != 0 &&
			    str_distance(word, sca_str_z(name), best) <= best)
				return false;
		}
	}
	return true;
}

static bool named_anywhere(const struct checking *ck, const char *name)
{
	for (size_t i = 0; i < ck->eff->n_rules; i++)
		for (size_t j = 0; j < ck->eff->rules[i].n_names; j++)
			if (str_eq(ck->eff->rules[i].names[j].name, sca_str_z(name)))
				return true;
	return false;
}

static void misspelt(struct checking *ck, const struct eff_name *n)
{
	const char *near = sca_syscall_nearest(ck->names, n->name);
	bool sure;

	if (!near) {
		check_add(ck, CHECK_UNKNOWN_NAME, n->node,
			  check_text(ck, "no call has the name %.*s", CUT(n->name)),
			  "Runtimes skip names that they do not know, without a word.",
			  "Remove it, or write the call's name as in its manual page.");
		return;
	}
	sure = !named_anywhere(ck, near) &&
	       (same_letters(n->name, near) || only_one(ck, n->name, near));
	check_add(ck, CHECK_MISSPELT_NAME, n->node,
		  check_text(ck, "no call has the name %.*s", CUT(n->name)),
		  "Runtimes skip names that they do not know, without a word, so the rule does not "
		  "hold for the call that was meant.",
		  check_text(ck, "Did you mean %s?%s", near,
			     named_anywhere(ck, near) ? " The profile names that one already." :
							""));
	if (sure)
		check_edit(ck, n->node, check_text(ck, "\"%s\"", near), near);
}

/* More than there are calls; a comparison of all with all is dear beyond. */
#define RULE_NAMES 1024

/* The same name again in the same rule. */
static void duplicates(struct checking *ck, const struct eff_rule *rule)
{
	struct check_list l = CHECK_LIST_INIT;
	uint32_t first = JT_NONE;
	size_t edits = ck->n_edits;

	if (rule->n_names > RULE_NAMES) {
		check_add(ck, CHECK_NOT_MEASURED, rule->node,
			  check_text(ck, "a rule with %zu names", rule->n_names),
			  "It was not searched for names that stand in it twice.", "Split it.");
		return;
	}
	for (size_t j = 1; j < rule->n_names; j++) {
		bool again = false;

		for (size_t k = 0; k < j && !again; k++)
			again = str_eq(rule->names[j].name, rule->names[k].name);
		if (!again)
			continue;
		check_list_add(&l, rule->names[j].name);
		if (first == JT_NONE)
			first = rule->names[j].node;
		check_edit(ck, rule->names[j].node, NULL, NULL);
	}
	if (first == JT_NONE)
		return;
	check_add(ck, CHECK_DUPLICATE_NAME, first,
		  check_text(ck, "%s: twice in one rule", check_list_end(ck, &l)),
		  "The second one changes nothing.", "Remove it.");
	for (; edits < ck->n_edits; edits++)
		ck->edits[edits].problem = ck->out->n - 1;
}

/* Names of one standing, from all rules: the place is that of the first. */
struct group {
	struct check_list l;
	uint32_t node;
};

static void group_add(struct group *g, const struct eff_name *n)
{
	check_list_add(&g->l, n->name);
	if (g->node == JT_NONE)
		g->node = n->node;
}

static void group_tell(struct checking *ck, struct group *g, enum check_id id, const char *what,
		       const char *reason, const char *fix)
{
	const char *names = check_list_end(ck, &g->l);

	if (g->node != JT_NONE)
		check_add(ck, id, g->node, check_text(ck, "%s: %s", what, names ? names : ""),
			  reason, fix);
}

/* Names that are nobody's and are looked at one by one. */
#define BAD_NAMES 256

void check_spelling(struct checking *ck)
{
	struct group late = {CHECK_LIST_INIT, JT_NONE}, other = {CHECK_LIST_INIT, JT_NONE};
	size_t bad = 0;

	for (size_t i = 0; i < ck->eff->n_rules && !ck->failed; i++) {
		const struct eff_rule *rule = &ck->eff->rules[i];

		for (size_t j = 0; j < rule->n_names; j++) {
			const struct eff_name *n = &rule->names[j];
			enum standing s = standing_of(ck, n->name);

			if (s == NAME_NOBODYS && ++bad <= BAD_NAMES)
				misspelt(ck, n);
			else if (s == NAME_NEWER)
				group_add(&late, n);
			else if (s == NAME_FOREIGN && rule->drop == EFF_KEPT)
				group_add(&other, n);
		}
		duplicates(ck, rule);
	}
	group_tell(ck, &late, CHECK_NEWER_NAME, "newer than the libseccomp of this host",
		   "A runtime with such a libseccomp skips them, as it does here.",
		   "Nothing is wrong with the profile; a newer libseccomp gives them effect.");
	group_tell(ck, &other, CHECK_FOREIGN_NAME, "calls of other architectures only",
		   "No architecture of this filter has them, so they do nothing here.",
		   "They are harmless where one profile serves several architectures.");
	if (bad > BAD_NAMES)
		check_add(ck, CHECK_NOT_MEASURED, ck->eff->syscalls_node,
			  check_text(ck, "%zu more names are no call's", bad - BAD_NAMES),
			  "Only so many are looked at one by one.", "");
}
