/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explanations for reading. The first line of a block is a compiler's: file:line:column, then
 * the call and its verdict; below it, at one margin, why, where else, and what to do.
 */
#include "explain.h"

#define CHANGES_MAX 20

static enum ink ink_verdict(const struct sca_reach *reach)
{
	return reach->v[0].action == SCA_ACT_ALLOW ? INK_GOOD : ink_action(reach->v[0].action);
}

static void put_place(struct out *o, const struct explaining *e, unsigned line, unsigned column)
{
	out_safe(o, span_z(e->path));
	if (line)
		out_addf(o, ":%u:%u", line, column);
	out_lit(o, ": ");
}

static void put_args(struct out *o, const struct sca_call *call)
{
	if (!call->args_known)
		return;
	out_c(o, '(');
	for (unsigned i = 0; call->args_known >> i; i++) {
		out_z(o, i ? ", " : "");
		if (call->args_known >> i & 1)
			out_hex(o, call->args[i]);
		else
			out_c(o, '?');
	}
	out_c(o, ')');
}

/* "mkdir(0x1), x86_64 83: ERRNO(EPERM) by rule 3 or ALLOW by default" */
static void put_head(struct out *o, const struct sca_call *call, const char *syscall,
		     const struct sca_reach *reach, long rule)
{
	const char *arch = sca_arch_name(call->arch);

	put_call_name(o, syscall, call->nr);
	put_args(o, call);
	out_addf(o, ", %s", arch ? arch : "?");
	if (syscall)
		out_addf(o, " %d", call->nr);
	out_lit(o, ": ");
	for (size_t i = 0; i < reach->n; i++) {
		const char *by = sca_by_name(reach->v[i].by);

		out_z(o, i == 0 ? "" : i + 1 < reach->n ? ", " : " or ");
		verdict_text(o, &reach->v[i]);
		if (reach->v[i].by == SCA_BY_RULE && i == 0 && rule >= 0)
			out_addf(o, " by rule %ld", rule);
		else
			out_addf(o, " by %s", reach->v[i].by == SCA_BY_BAD_ARCH ? "bad arch" : by);
	}
	if (!reach->complete)
		out_lit(o, " or more");
}

static void put_paragraph(const struct page *pg, const char *label, enum ink ink,
			  const char *text)
{
	_cleanup_out_ struct out safe = OUT_MEMORY;

	if (!text || !text[0])
		return;
	out_safe(&safe, span_z(text));
	page_line(pg, label, ink, out_string(&safe));
}

static void put_mentions(const struct page *pg, const struct explaining *e,
			 const struct sca_explanation *x)
{
	for (size_t i = 0; i < x->n_mentions; i++) {
		const struct sca_mention *m = &x->mentions[i];
		_cleanup_out_ struct out o = OUT_MEMORY;

		put_place(&o, e, m->line, m->column);
		out_addf(&o, "rule %zu ", m->rule);
		verdict_text(&o, &m->v);
		if (m->conditions[0])
			out_addf(&o, " if %s", m->conditions);
		if (m->reason[0]) {
			out_lit(&o, ": ");
			out_safe(&o, span_z(m->reason));
		}
		page_line(pg, sca_mention_fate_name(m->fate),
			  m->fate == SCA_MENTION_DECIDES ? INK_NAME : INK_FAINT, out_string(&o));
	}
}

static void put_way(const struct page *pg, const struct sca_way *w)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (w->options[0])
		out_addf(&o, "With suggest %s: ", w->options);
	out_z(&o, w->text);
	put_paragraph(pg, sca_outcome_name(w->outcome), outcome_row(w->outcome)->ink,
		      out_string(&o));
}

static void put_others(const struct page *pg, const struct sca_explanation *x)
{
	if (!x->n_others)
		return;
	page_line(pg, "not seccomp", INK_GOOD,
		  sca_action_denies(x->ruling.v.action) ?
		  "Where it passes the filter and fails all the same, look at:" :
		  "It passes the filter. When it fails all the same, look at:");
	for (size_t i = 0; i < x->n_others; i++)
		put_paragraph(pg, "", INK_NONE, x->others[i]);
}

/* What an allowed call gives away. */
static void put_danger(const struct page *pg, const struct sca_explanation *x)
{
	const struct sca_advice *a = x->advice;
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (!a || a->danger == SCA_DANGER_NONE || sca_action_denies(x->ruling.v.action))
		return;
	out_addf(&o, "Allowed: %s", a->risk[0] ? a->risk : sca_danger_name(a->danger));
	if (a->answer[0])
		out_addf(&o, ". Advice: %s", a->answer);
	out_c(&o, '.');
	page_line(pg, sca_danger_name(a->danger),
		  a->danger > SCA_DANGER_NOTE ? INK_BAD : INK_WARN, out_string(&o));
}

static bool same_reach(const struct sca_reach *a, const struct sca_reach *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].action != b->v[i].action || a->v[i].data != b->v[i].data)
			return false;
	return true;
}

static void put_reach(struct out *o, const struct sca_reach *reach)
{
	for (size_t i = 0; i < reach->n; i++) {
		out_z(o, i ? " or " : "");
		verdict_text(o, &reach->v[i]);
	}
}

/* What the kernel's filters say where the profile says something else. */
static void put_kernel(const struct page *pg, const struct explaining *e,
		       const struct sca_explanation *x)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_reach reach;

	if (!e->held)
		return;
	sca_filter_reach(explain_filter(e), &x->call, &reach);
	if (same_reach(&reach, &x->ruling.reach))
		return;
	out_addf(&o, "Process %llu gets another answer: ", (unsigned long long)e->pid);
	put_reach(&o, &reach);
	out_c(&o, '.');
	page_line(pg, "kernel", INK_BAD, out_string(&o));
}

static void put_call(const struct page *pg, const struct explaining *e,
		     const struct sca_explanation *x)
{
	const struct sca_ruling *ru = &x->ruling;
	_cleanup_out_ struct out o = OUT_MEMORY;

	put_place(&o, e, ru->line, ru->column);
	page_ink(pg, INK_HEAD, out_string(&o));
	o.n = 0;
	put_head(&o, &x->call, x->syscall, &ru->reach, ru->rule);
	page_ink(pg, ink_verdict(&ru->reach), out_string(&o));
	out_c(pg->o, '\n');
}

/* The denials of a group that this profile does not explain. */
static bool foreign(const struct sca_finding *f)
{
	return f->outcome == SCA_OUT_NOT_OURS || f->outcome == SCA_OUT_NOT_DENIED ||
	       f->outcome == SCA_OUT_UNKNOWN;
}

static void put_event(const struct page *pg, const struct sca_finding *f)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	out_z(&o, sca_action_name(f->denial->action));
	out_lit(&o, ", ");
	denial_who(&o, f->denial);
	page_line(pg, "recorded", ink_action(f->denial->action), out_string(&o));
}

void explain_text(const struct page *pg, const struct explaining *e,
		  const struct sca_explanation *x, const struct sca_finding *f)
{
	bool own = !f || !foreign(f);

	if (x)
		put_call(pg, e, x);
	if (f)
		put_event(pg, f);
	if (x && own)
		put_paragraph(pg, "why", INK_FAINT, x->why);
	if (!own) {
		put_paragraph(pg, sca_outcome_name(f->outcome), outcome_row(f->outcome)->ink,
			      f->why);
		put_paragraph(pg, "", INK_NONE, f->answer);
	}
	if (!x)
		return;
	put_mentions(pg, e, x);
	put_kernel(pg, e, x);
	for (size_t i = 0; i < x->n_ways && own; i++)
		put_way(pg, &x->ways[i]);
	put_danger(pg, x);
	if (!f)
		put_others(pg, x);
}

/* -- the process -- */

void explain_held_text(const struct page *pg, const struct explaining *e,
		       const struct sca_call *call)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t n = sca_held_count(e->held);
	struct sca_reach reach;

	sca_filter_reach(explain_filter(e), call, &reach);
	put_head(&o, call, sca_syscall_name(e->names, call->arch, call->nr), &reach, -1);
	page_ink(pg, ink_verdict(&reach), out_string(&o));
	out_c(pg->o, '\n');
	for (size_t i = 0; i < n && n > 1; i++) {
		o.n = 0;
		sca_filter_reach(sca_held_at(e->held, i), call, &reach);
		out_addf(&o, "filter %zu of %zu says ", i + 1, n);
		put_reach(&o, &reach);
		page_line(pg, i == 0 ? "newest" : i + 1 == n ? "oldest" : "", INK_FAINT,
			  out_string(&o));
	}
}

static void put_filters(const struct page *pg, const struct explaining *e)
{
	size_t n = sca_held_count(e->held);
	_cleanup_out_ struct out o = OUT_MEMORY;

	out_addf(&o, "%llu holds %zu filter%s", (unsigned long long)e->pid, n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		struct sca_held_info info;

		sca_held_info(e->held, i, &info);
		out_z(&o, i ? "; " : n > 1 ? ", newest first: " : " of ");
		out_grouped(&o, info.instructions);
		out_lit(&o, " instructions");
		if (info.log_flag)
			out_lit(&o, ", denials logged");
	}
	page_line(pg, "process:", INK_FAINT, out_string(&o));
}

static void put_change(const struct page *pg, const struct sca_change *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const char *arch = sca_arch_name(c->arch);

	if (!c->syscall && c->nr_last > c->nr)
		out_addf(&o, "#%d to #%d", c->nr, c->nr_last);
	else
		put_call_name(&o, c->syscall, c->nr);
	out_addf(&o, ", %s: the profile says ", arch ? arch : "?");
	verdict_text(&o, &c->before);
	out_lit(&o, ", the kernel ");
	verdict_text(&o, &c->after);
	if (c->by_args)
		out_lit(&o, ", for some arguments");
	page_line(pg, "", INK_NONE, out_string(&o));
}

/* Why they differ: a filter more, or another world. */
static void put_reason(const struct page *pg, const struct explaining *e)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (e->twin >= 0) {
		out_addf(&o, "Filter %d of %zu alone is what ", e->twin + 1,
			 sca_held_count(e->held));
		out_safe(&o, span_z(e->path));
		out_lit(&o, " makes for this target; the others come from elsewhere, most often "
			    "from the program itself.");
	} else {
		out_lit(&o, "A container keeps the filter that it started with; other capabilities, "
			    "another runtime or its version make another one (--caps, --runtime), "
			    "and programs can add filters of their own.");
	}
	page_line(pg, "", INK_NONE, out_string(&o));
}

void explain_process_text(const struct page *pg, const struct explaining *e)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_proof_totals t;
	size_t n;

	put_filters(pg, e);
	if (!e->differs) {
		page_line(pg, "next:", INK_FAINT,
			  "a filter has no names: with the PROFILE that it was made from, rules are "
			  "shown, and where the two differ");
		return;
	}
	n = sca_proof_count(e->differs);
	sca_proof_totals(e->differs, &t);
	if (n)
		out_addf(&o, "%zu difference%s from ", n, n == 1 ? "" : "s");
	else
		out_lit(&o, "what the kernel holds is ");
	out_safe(&o, span_z(e->path));
	out_z(&o, n ? " in " : " for this target; ");
	out_grouped(&o, t.compared);
	out_addf(&o, " verdicts compared on %zu architecture%s", t.archs, t.archs == 1 ? "" : "s");
	page_line(pg, n ? "differs:" : "same:", n ? INK_BAD : INK_GOOD, out_string(&o));
	for (size_t i = 0; i < n && i < CHANGES_MAX; i++)
		put_change(pg, sca_proof_at(e->differs, i));
	o.n = 0;
	if (n > CHANGES_MAX) {
		out_addf(&o, "and %zu more; --format json lists all", n - CHANGES_MAX);
		page_line(pg, "", INK_NONE, out_string(&o));
	}
	if (n)
		put_reason(pg, e);
}
