/* SPDX-License-Identifier: Apache-2.0 */
/* A difference for reading: one line a call, the dangerous ones first and said to be. */
#include "diff.h"
#include "suggest.h"
#include "target.h"

#define NAME_MOST 24

static const struct {
	const char *label;
	enum ink ink;
} kind_rows[SCA_DIFF_COUNT] = {
	[SCA_DIFF_OPENED] = {"opened", INK_WARN},
	[SCA_DIFF_CLOSED] = {"closed", INK_GOOD},
	[SCA_DIFF_ERRNO] = {"errno", INK_FAINT},
	[SCA_DIFF_ACTION] = {"action", INK_FAINT},
};

struct widths {
	size_t call, archs;
};

static void measure(struct diff_row *rows, size_t n, struct widths *w)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	*w = (struct widths){0};
	for (size_t i = 0; i < n; i++) {
		o.n = 0;
		diff_call(&o, &rows[i].first->change);
		if (o.n > w->call && o.n <= NAME_MOST)
			w->call = o.n;
		if (rows[i].archs.n > w->archs)
			w->archs = rows[i].archs.n;
	}
}

static void put_danger(const struct page *pg, const struct sca_advice *a)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	out_pad(pg->o, PAGE_MARGIN + 2);
	page_ink(pg, INK_BAD, "dangerous: ");
	out_z(&o, a->risk);
	page_fill(pg, PAGE_MARGIN + 13, PAGE_MARGIN + 4, out_string(&o));
}

static void put_row(const struct page *pg, struct diff_row *row, const struct widths *w)
{
	_cleanup_out_ struct out call = OUT_MEMORY, line = OUT_MEMORY;
	const struct sca_change *c = &row->first->change;
	size_t at = PAGE_MARGIN, pad;

	diff_call(&call, c);
	page_ink(pg, row->first->advice ? INK_BAD : INK_NAME, out_string(&call));
	pad = call.n < w->call ? w->call - call.n + 2 : 2;
	out_pad(pg->o, pad);
	at += call.n + pad;
	out_z(pg->o, out_string(&row->archs));
	pad = w->archs - row->archs.n + 2;
	out_pad(pg->o, pad);
	at += row->archs.n + pad;
	verdict_text(&line, &c->before);
	out_lit(&line, " -> ");
	verdict_text(&line, &c->after);
	if (c->by_args) {
		out_c(&line, ' ');
		diff_args(&line, c);
	}
	page_fill(pg, (unsigned)at, PAGE_MARGIN + 2, out_string(&line));
	if (row->first->advice)
		put_danger(pg, row->first->advice);
}

static void put_refusal(const struct page *pg, const struct sca_err *why, const char *path)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	char text[1024];

	if (!why)
		return;
	sca_err_format(why, text, sizeof(text));
	if (!why->file[0]) {
		out_safe(&o, span_z(path));
		out_lit(&o, ": ");
	}
	out_z(&o, text);
	page_line(pg, "refused:", INK_BAD, out_string(&o));
}

static void put_result(const struct page *pg, const struct diff_set *set,
		       const struct diff_result *res)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_compare_info info;
	struct diff_row *rows;
	struct widths w;
	size_t n;

	sca_compare_info(res->compare, &info);
	put_refusal(pg, diff_refusal(&info, false), set->old_path);
	put_refusal(pg, diff_refusal(&info, true), set->new_path);
	for (size_t i = 0; diff_note(&o, res->compare, i); i++, o.n = 0)
		page_line(pg, "note:", INK_WARN, out_string(&o));
	rows = diff_rows(res->compare, &n);
	measure(rows, n, &w);
	for (size_t i = 0; i < n; i++) {
		enum sca_diff_kind kind = rows[i].first->kind;
		bool first = i == 0 || rows[i - 1].first->kind != kind;

		page_label(pg, first ? kind_rows[kind].label : "", kind_rows[kind].ink);
		put_row(pg, &rows[i], &w);
	}
	diff_rows_free(rows, n);
	diff_totals(&o, res->compare);
	page_line(pg, "result:", sca_compare_differs(res->compare) ? INK_WARN : INK_GOOD,
		  out_string(&o));
}

static void put_target(const struct page *pg, const struct diff_set *set,
		       const struct diff_result *res)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (!set->all) {
		target_line(pg, &res->targets[0], set->target_given);
		return;
	}
	diff_targets(&o, res);
	page_line(pg, res->n_targets == 1 ? "target:" : "targets:", INK_FAINT, out_string(&o));
}

void diff_text(const struct page *pg, const struct diff_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (i)
			out_c(pg->o, '\n');
		put_target(pg, set, &set->v[i]);
		put_result(pg, set, &set->v[i]);
	}
}
