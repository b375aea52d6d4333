/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a difference, for every form in which it is shown. */
#include "diff.h"

static bool same_call(const struct sca_change *a, const struct sca_change *b)
{
	if (a->syscall && b->syscall)
		return strcmp(a->syscall, b->syscall) == 0;
	return !a->syscall && !b->syscall && a->nr == b->nr && a->nr_last == b->nr_last;
}

static bool same_verdict(const struct sca_verdict *a, const struct sca_verdict *b)
{
	return a->action == b->action && a->data == b->data;
}

/* The same on another architecture. */
static bool joins(const struct sca_difference *x, const struct sca_difference *y)
{
	const struct sca_change *a = &x->change, *b = &y->change;

	return x->kind == y->kind && a->arch != b->arch && same_call(a, b) &&
	       same_verdict(&a->before, &b->before) && same_verdict(&a->after, &b->after) &&
	       a->by_args == b->by_args &&
	       (!a->by_args || memcmp(a->args, b->args, sizeof(a->args)) == 0);
}

static void add_arch(struct diff_row *row, uint32_t arch)
{
	const char *name = sca_arch_name(arch);

	if (row->archs.n)
		out_c(&row->archs, ' ');
	if (name)
		out_z(&row->archs, name);
	else
		out_hex(&row->archs, arch);
}

struct diff_row *diff_rows(const struct sca_compare *c, size_t *ret_n)
{
	size_t count = sca_compare_count(c), n = 0, i, j;
	struct diff_row *v = calloc(count ? count : 1, sizeof(*v));

	*ret_n = 0;
	if (!v)
		memory_ran_out();
	for (i = 0; v && i < count; i++) {
		const struct sca_difference *d = sca_compare_at(c, i);

		for (j = 0; j < n && !joins(v[j].first, d); j++)
			;
		if (j == n)
			v[n++] = (struct diff_row){.first = d, .archs = OUT_MEMORY};
		add_arch(&v[j], d->change.arch);
	}
	*ret_n = n;
	return v;
}

void diff_rows_free(struct diff_row *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out_release(&v[i].archs);
	free(v);
}

void diff_call(struct out *o, const struct sca_change *c)
{
	if (c->syscall)
		out_z(o, c->syscall);
	else if (c->nr_last > c->nr)
		out_addf(o, "#%d to #%d", c->nr, c->nr_last);
	else
		out_addf(o, "#%d", c->nr);
}

void diff_args(struct out *o, const struct sca_change *c)
{
	unsigned n = 6;

	if (!c->by_args)
		return;
	while (n > 1 && c->args[n - 1] == 0)
		n--;
	out_lit(o, "for some arguments, such as ");
	for (unsigned i = 0; i < n; i++) {
		if (i)
			out_lit(o, ", ");
		out_hex(o, c->args[i]);
	}
}

void diff_totals(struct out *o, const struct sca_compare *c)
{
	static const char *const words[SCA_DIFF_COUNT] = {
		[SCA_DIFF_OPENED] = "opened",
		[SCA_DIFF_CLOSED] = "closed",
		[SCA_DIFF_ERRNO] = "with another errno",
		[SCA_DIFF_ACTION] = "with another action",
	};
	struct sca_compare_info info;
	bool first = true;

	sca_compare_info(c, &info);
	for (size_t i = 0; i < SCA_DIFF_COUNT; i++) {
		if (!info.calls[i])
			continue;
		out_z(o, first ? "" : ", ");
		out_grouped(o, info.calls[i]);
		if (first)
			out_z(o, info.calls[i] == 1 ? " verdict" : " verdicts");
		out_addf(o, " %s", words[i]);
		first = false;
	}
	if (info.old_side.refused || info.new_side.refused) {
		out_lit(o, "no verdicts to compare");
		return;
	}
	if (first)
		out_lit(o, "no verdict differs");
	out_lit(o, "; ");
	out_grouped(o, info.compared);
	out_addf(o, " compared on %zu %s", info.archs,
		 info.archs == 1 ? "architecture" : "architectures");
}

static void runtime_text(struct out *o, const struct sca_target *t)
{
	out_addf(o, "%s %u.%u.%u", sca_runtime_name(t->runtime), t->version[0], t->version[1],
		 t->version[2]);
}

void diff_targets(struct out *o, const struct diff_result *res)
{
	for (size_t i = 0; i < res->n_targets; i++) {
		const struct sca_target *t = &res->targets[i];

		if (i && t[-1].frontend == t->frontend)
			out_lit(o, ", ");
		else
			out_addf(o, "%s%s (", i ? "), " : "", sca_frontend_name(t->frontend));
		runtime_text(o, t);
	}
	out_c(o, ')');
}

const struct sca_err *diff_refusal(const struct sca_compare_info *info, bool of_new)
{
	const struct sca_compare_side *side = of_new ? &info->new_side : &info->old_side;

	return side->refused ? &side->why : NULL;
}

bool diff_note(struct out *o, const struct sca_compare *c, size_t i)
{
	struct sca_compare_info info;
	const struct sca_filter_info *f[2] = {&info.old_side.filter, &info.new_side.filter};
	const char *which[2] = {"the old profile", "the new profile"};

	sca_compare_info(c, &info);
	if (info.old_side.refused || info.new_side.refused)
		return false;
	for (int k = 0; k < 2; k++)
		if (f[k]->disabled && !f[1 - k]->disabled && i-- == 0) {
			out_addf(o,
				 "%s sets no filter: with it every architecture goes through, "
				 "also those that are not compared here", which[k]);
			return true;
		}
	for (int k = 0; k < 2; k++)
		if (f[k]->log_flag && !f[1 - k]->log_flag && i-- == 0) {
			out_addf(o,
				 "only %s has SECCOMP_FILTER_FLAG_LOG: what it refuses leaves "
				 "a record", which[k]);
			return true;
		}
	return false;
}
