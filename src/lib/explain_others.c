/* SPDX-License-Identifier: Apache-2.0 */
/* A call that the profile lets through and that fails all the same: who else refuses it. */
#include "explain_int.h"

static const struct other {
	const char *calls, *text;
} rows[] = {
#define OTHER(calls, text) {calls, text},
#include "tables/others.in"
#undef OTHER
};

static bool concerns(const struct other *row, const char *word)
{
	return row->calls[0] == '\0' || strstr(row->calls, word);
}

/* The kernel's own demand, and whether the target meets it. */
static void say_capability(struct sca_explainer *ex)
{
	const struct sca_advice *a = ex->last.advice;
	struct buf *b = &ex->text;

	buf_add_z(b, "Capability: the kernel wants ");
	say_caps(b, a);
	buf_add_z(b, a->caps_mandatory ? "" : " for some uses");
	buf_add_z(b, plan_has_cap(ex->base, a) ? ", which the target has (a process may have "
						 "dropped it)" : ", which the target lacks");
	if (plan_in_user_namespace(ex->last.syscall))
		buf_add_z(b, "; in a user namespace of its own a process has it there only");
	buf_add_c(b, '.');
}

int explain_others(struct sca_explainer *ex, struct sca_err *err)
{
	struct sca_explanation *x = &ex->last;
	const char **v = arena_alloc(&ex->arena, (ARRAY_SIZE(rows) + 1) * sizeof(*v));
	char word[80];

	if (!v)
		return explain_no_memory(err);
	if (!x->syscall)
		return 0;
	if (x->advice && x->advice->caps[0]) {
		say_capability(ex);
		v[x->n_others] = explain_keep(ex);
		if (!v[x->n_others++])
			return explain_no_memory(err);
	}
	snprintf(word, sizeof(word), " %s ", x->syscall);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (concerns(&rows[i], word))
			v[x->n_others++] = rows[i].text;
	x->others = v;
	return 0;
}
