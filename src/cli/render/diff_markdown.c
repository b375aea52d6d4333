/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as markdown, for a pull request. Nothing in a file's name or text starts a markup. */
#include "diff.h"
#include "suggest.h"

static void put_safe(struct out *o, const char *text)
{
	out_escaped(o, span_z(text), "\\`*_{}[]<>#|&~@:.");
}

static void put_row(struct out *o, struct diff_row *row)
{
	const struct sca_change *c = &row->first->change;
	const struct sca_advice *a = row->first->advice;

	out_addf(o, "| %s | `", sca_diff_kind_name(row->first->kind));
	diff_call(o, c);
	out_addf(o, "` | %s | ", out_string(&row->archs));
	verdict_text(o, &c->before);
	out_lit(o, " | ");
	verdict_text(o, &c->after);
	out_lit(o, " | ");
	if (a)
		out_addf(o, "**dangerous:** %s%s", a->risk, c->by_args ? "; " : "");
	diff_args(o, c);
	out_lit(o, " |\n");
}

static void put_refusal(struct out *o, const struct sca_err *why, const char *which)
{
	if (!why)
		return;
	out_addf(o, "The %s profile is **refused**: ", which);
	if (why->line)
		out_addf(o, "line %u, column %u: ", why->line, why->column);
	put_safe(o, why->text);
	out_lit(o, "\n\n");
}

static void put_table(struct out *o, const struct sca_compare *c)
{
	size_t n;
	struct diff_row *rows = diff_rows(c, &n);

	if (n)
		out_lit(o, "| change | call | architectures | before | after | note |\n"
			   "|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++)
		put_row(o, &rows[i]);
	if (n)
		out_c(o, '\n');
	diff_rows_free(rows, n);
}

static void put_result(struct out *o, const struct diff_set *set, const struct diff_result *res)
{
	_cleanup_out_ struct out text = OUT_MEMORY;
	struct sca_compare_info info;
	char target[512];

	sca_compare_info(res->compare, &info);
	if (set->all)
		diff_targets(&text, res);
	else
		sca_target_format(&info.target, target, sizeof(target));
	out_z(o, "Under ");
	out_z(o, set->all ? out_string(&text) : target);
	out_lit(o, ": **");
	diff_totals(o, res->compare);
	out_lit(o, "**\n\n");
	put_refusal(o, diff_refusal(&info, false), "old");
	put_refusal(o, diff_refusal(&info, true), "new");
	text.n = 0;
	for (size_t i = 0; diff_note(&text, res->compare, i); i++, text.n = 0)
		out_addf(o, "Note: %s\n\n", out_string(&text));
	put_table(o, res->compare);
}

void diff_markdown(struct out *o, const struct diff_set *set)
{
	out_lit(o, "### Seccomp verdicts: ");
	put_safe(o, set->old_path);
	out_lit(o, " → ");
	put_safe(o, set->new_path);
	out_lit(o, "\n\n");
	for (size_t i = 0; i < set->n; i++)
		put_result(o, set, &set->v[i]);
	while (o->n > 1 && o->p[o->n - 1] == '\n' && o->p[o->n - 2] == '\n')
		o->n--;
}
