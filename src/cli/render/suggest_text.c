/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A suggestion for reading: the target, one block per denial, what changes, the proof. One
 * margin holds the words that say what a line is.
 */
#include "suggest.h"
#include "target.h"

#define CHANGES_MAX 12

static const struct outcome_row outcome_rows[SCA_OUT_COUNT] = {
	[SCA_OUT_PATCH] = {INK_GOOD, false, "warning", "the patch opens the call"},
	[SCA_OUT_ENOSYS] = {INK_GOOD, false, "warning",
			    "the patch makes it answer ENOSYS: the caller falls back"},
	[SCA_OUT_CAPABILITY] = {INK_WARN, true, "warning",
				"the kernel wants a capability: add that"},
	[SCA_OUT_HELD] = {INK_BAD, true, "error", "dangerous, held back"},
	[SCA_OUT_BENIGN] = {INK_FAINT, false, "note", "expected, the caller falls back"},
	[SCA_OUT_ARGS] = {INK_WARN, true, "warning",
			  "depends on arguments that the evidence lacks"},
	[SCA_OUT_NOT_DENIED] = {INK_FAINT, false, "none", "the call went through"},
	[SCA_OUT_NOT_OURS] = {INK_WARN, true, "note",
			      "this profile does not explain the denial"},
	[SCA_OUT_AGENT] = {INK_FAINT, false, "note", "an agent or a tracer decides"},
	[SCA_OUT_KERNEL] = {INK_WARN, true, "warning", "gated by minKernel"},
	[SCA_OUT_UNKNOWN] = {INK_WARN, true, "note", "no rule can name the call"},
	[SCA_OUT_CONFLICT] = {INK_WARN, true, "warning", "a rule says so on purpose"},
};

const struct outcome_row *outcome_row(enum sca_outcome o)
{
	return &outcome_rows[(size_t)o < SCA_OUT_COUNT ? o : SCA_OUT_UNKNOWN];
}

void verdict_text(struct out *o, const struct sca_verdict *v)
{
	const char *name = sca_action_scmp_name(v->action), *e;

	if (name && strncmp(name, "SCMP_ACT_", 9) == 0)
		out_z(o, name + 9);
	else
		out_z(o, sca_action_name(v->action));
	if (v->action == SCA_ACT_ERRNO) {
		e = sca_errno_name(v->data);
		out_c(o, '(');
		if (e)
			out_z(o, e);
		else
			out_u64(o, v->data);
		out_c(o, ')');
	} else if (v->data) {
		out_addf(o, "(%u)", v->data);
	}
}

/* Sentences of the library may quote a profile's own strings. */
static void put_sentence(const struct page *pg, const char *text)
{
	_cleanup_out_ struct out safe = OUT_MEMORY;

	if (!text || !text[0])
		return;
	out_safe(&safe, span_z(text));
	page_line(pg, "", INK_NONE, out_string(&safe));
}

static void put_target(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	chosen_text(pg, &s->chosen, s->path);
	target_line(pg, &s->target, s->target_given);
	for (size_t i = 0; i < sca_plan_note_count(s->plan); i++) {
		o.n = 0;
		out_safe(&o, span_z(sca_plan_note(s->plan, i)));
		page_line(pg, "note:", INK_WARN, out_string(&o));
	}
}

struct widths {
	size_t syscall, arch, action;
};

static void name_call(struct out *o, const struct event *ev)
{
	o->n = 0;
	if (ev->syscall)
		out_z(o, ev->syscall);
	else
		syscall_text(o, ev);
}

static const char *name_arch(const struct event *ev)
{
	return ev->arch ? ev->arch : "no arch";
}

/* What was done with the call then; a trace does not tell. */
static const char *name_action(const struct sca_denial *d)
{
	return sca_denial_is_traced(d) ? "traced" : sca_action_name(d->action);
}

/* Too many of a kind to have a block each: calls that a trace shows and the profile allows, and
 * those that a new profile allows without a second thought. */
static bool is_listed(const struct suggestion *s, const struct sca_finding *f)
{
	const struct sca_advice *advice;

	if (f->outcome == SCA_OUT_NOT_DENIED)
		return s->draft || sca_denial_is_traced(f->denial);
	if (!s->draft || f->outcome != SCA_OUT_PATCH || !f->syscall)
		return false;
	advice = sca_advice_find(span_z(f->syscall));
	return !advice || advice->danger == SCA_DANGER_NONE;
}

static void widen(size_t *w, size_t n)
{
	if (n > *w)
		*w = n;
}

static void measure(const struct suggestion *s, struct widths *w)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	*w = (struct widths){0};
	for (size_t i = 0; i < sca_plan_count(s->plan); i++) {
		struct sca_record rec;
		struct event ev;

		if (is_listed(s, sca_plan_at(s->plan, i)))
			continue;
		event_init_denial(&ev, &rec, sca_plan_at(s->plan, i)->denial, s->names);
		name_call(&o, &ev);
		widen(&w->syscall, o.n);
		widen(&w->arch, strlen(name_arch(&ev)));
		widen(&w->action, strlen(name_action(sca_plan_at(s->plan, i)->denial)));
	}
}

void denial_who(struct out *o, const struct sca_denial *d)
{
	if (sca_denial_is_traced(d))
		out_lit(o, "called ");
	out_grouped(o, d->count);
	out_z(o, d->count == 1 ? " time" : " times");
	for (unsigned i = 0; i < d->n_comms; i++) {
		out_z(o, i ? ", " : " by ");
		out_safe(o, d->comms[i]);
	}
	if (d->more_comms)
		out_lit(o, " and others");
	if (d->container.name.n || d->container.pod.n) {
		out_lit(o, " in ");
		out_safe(o, d->container.name.n ? d->container.name : d->container.pod);
	}
	if (d->runtime_init)
		out_lit(o, " (the runtime's own start-up)");
	if (d->forgeable && d->forgeable == d->count)
		out_lit(o, "; forgeable");
}

static void put_call(const struct page *pg, const struct suggestion *s,
		     const struct sca_finding *f, const struct widths *w)
{
	_cleanup_out_ struct out name = OUT_MEMORY, line = OUT_MEMORY;
	const char *action = name_action(f->denial);
	struct sca_record rec;
	struct event ev;
	size_t at;

	event_init_denial(&ev, &rec, f->denial, s->names);
	name_call(&name, &ev);
	page_ink(pg, INK_NAME, out_string(&name));
	out_pad(pg->o, w->syscall - name.n + 2);
	out_z(pg->o, name_arch(&ev));
	out_pad(pg->o, w->arch - strlen(name_arch(&ev)) + 2);
	page_ink(pg, ink_action(rec.action), action);
	out_pad(pg->o, w->action - strlen(action) + 2);
	at = PAGE_MARGIN + w->syscall + w->arch + w->action + 6;
	denial_who(&line, f->denial);
	page_fill(pg, (unsigned)at, (unsigned)at, out_string(&line));
}

static bool same_answer(const struct sca_finding *a, const struct sca_finding *b)
{
	return a->outcome == b->outcome && strcmp(a->why, b->why) == 0 &&
	       strcmp(a->answer, b->answer) == 0;
}

/* Denials that are explained and answered alike share a block, at the first one's place. */
static void put_block(const struct page *pg, const struct suggestion *s, size_t i,
		      const struct widths *w)
{
	const struct sca_finding *f = sca_plan_at(s->plan, i);

	for (size_t j = 0; j < i; j++)
		if (same_answer(sca_plan_at(s->plan, j), f) &&
		    !is_listed(s, sca_plan_at(s->plan, j)))
			return;
	out_c(pg->o, '\n');
	for (size_t j = i; j < sca_plan_count(s->plan); j++) {
		const struct sca_finding *g = sca_plan_at(s->plan, j);

		if (j > i && (!same_answer(g, f) || is_listed(s, g)))
			continue;
		page_label(pg, j == i ? sca_outcome_name(f->outcome) : "",
			   outcome_row(f->outcome)->ink);
		put_call(pg, s, g, w);
	}
	put_sentence(pg, f->why);
	put_sentence(pg, f->answer);
}

const char *change_reason(const struct sca_change *c)
{
	if (c->asked)
		return "asked";
	if (c->same_name)
		return "same_name";
	if (c->new_arch)
		return "new_arch";
	return c->before.by == SCA_BY_STUB ? "stub_shift" : "unasked";
}

static const char *const reason_notes[][2] = {
	{"same_name", "same name"},
	{"new_arch", "added architecture"},
	{"stub_shift", "out of runc's stub"},
	{"unasked", "NOT ASKED FOR"},
};

static void put_change(const struct page *pg, const struct sca_change *c, size_t name_width)
{
	_cleanup_out_ struct out name = OUT_MEMORY, line = OUT_MEMORY;
	const char *reason = change_reason(c), *arch = sca_arch_name(c->arch);

	if (c->syscall)
		out_z(&name, c->syscall);
	else if (c->nr_last > c->nr)
		out_addf(&name, "#%d to #%d", c->nr, c->nr_last);
	else
		out_addf(&name, "#%d", c->nr);
	out_pad(pg->o, PAGE_MARGIN);
	page_ink(pg, INK_NAME, out_string(&name));
	out_pad(pg->o, name.n < name_width ? name_width - name.n + 2 : 2);
	out_addf(pg->o, "%-8s", arch ? arch : "?");
	verdict_text(&line, &c->before);
	out_lit(&line, " -> ");
	verdict_text(&line, &c->after);
	if (c->by_args)
		out_lit(&line, " for some arguments");
	for (size_t i = 0; i < ARRAY_SIZE(reason_notes); i++)
		if (strcmp(reason, reason_notes[i][0]) == 0)
			out_addf(&line, " (%s)", reason_notes[i][1]);
	page_fill(pg, (unsigned)(PAGE_MARGIN + name_width + 10), PAGE_MARGIN + 2,
		  out_string(&line));
}

void suggest_changes(const struct page *pg, const struct suggestion *s)
{
	size_t n = sca_proof_count(s->proof), width = 0;

	for (size_t i = 0; i < n && i < CHANGES_MAX; i++) {
		const char *name = sca_proof_at(s->proof, i)->syscall;

		widen(&width, name ? strlen(name) : 12);
	}
	for (size_t i = 0; i < n && i < CHANGES_MAX; i++)
		put_change(pg, sca_proof_at(s->proof, i), width);
	if (n > CHANGES_MAX) {
		out_pad(pg->o, PAGE_MARGIN);
		out_addf(pg->o, "and %zu more; --format json lists all\n", n - CHANGES_MAX);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of listed findings of one outcome, each once. Returns how many. */
static size_t put_names(struct out *o, const struct suggestion *s, enum sca_outcome outcome)
{
	_cleanup_free_ const char **v = calloc(sca_plan_count(s->plan) + 1, sizeof(*v));
	size_t n = 0, shown = 0;

	if (!v)
		memory_ran_out();
	for (size_t i = 0; v && i < sca_plan_count(s->plan); i++) {
		const struct sca_finding *f = sca_plan_at(s->plan, i);

		if (f->outcome == outcome && f->syscall && is_listed(s, f))
			v[n++] = f->syscall;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(v[i - 1], v[i]) != 0)
			out_addf(o, "%s%s", shown++ ? ", " : "", v[i]);
	return shown;
}

static void put_listed(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out names = OUT_MEMORY, line = OUT_MEMORY;
	size_t n = put_names(&names, s, SCA_OUT_PATCH);

	if (n) {
		out_addf(&line, "%zu %s: %s", n, n == 1 ? "call" : "calls", out_string(&names));
		page_line(pg, "allowed:", INK_GOOD, out_string(&line));
	}
	line.n = names.n = 0;
	n = put_names(&names, s, SCA_OUT_NOT_DENIED);
	if (!n)
		return;
	out_addf(&line, s->draft ? "%zu more %s among those that a start needs" :
				   "%zu other traced %s allowed by the profile",
		 n, n == 1 ? "call is" : "calls are");
	page_line(pg, s->draft ? "" : "traced:", INK_FAINT, out_string(&line));
}

static void put_proof(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_proof_totals t;
	size_t n = sca_proof_count(s->proof);

	sca_proof_totals(s->proof, &t);
	out_addf(&o, "%zu %s, nothing else; ", n,
		 n == 1 ? "verdict changes" : "verdicts change");
	out_grouped(&o, t.compared);
	out_addf(&o, " compared on %zu %s", t.archs,
		 t.archs == 1 ? "architecture" : "architectures");
	page_line(pg, "proof:", INK_GOOD, out_string(&o));
	if (!s->draft)
		suggest_changes(pg, s);
}

/* How many denials a patch does not end, by what they wait for. */
static void put_result(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t ops = sca_patch_count(sca_plan_patch(s->plan)), open = 0;

	for (size_t i = 0; i < sca_plan_count(s->plan); i++)
		open += outcome_row(sca_plan_at(s->plan, i)->outcome)->open;
	if (s->draft)
		out_lit(&o, "made from nothing");
	else if (ops)
		out_addf(&o, "%zu %s", ops, ops == 1 ? "operation" : "operations");
	else
		out_z(&o, open ? "none" : "none; nothing in the profile needs to change");
	if (open)
		out_addf(&o, "; %zu %s, see above", open,
			 s->draft ? (open == 1 ? "call stays denied" : "calls stay denied") :
			 open == 1 ? "denial stays open" : "denials stay open");
	page_line(pg, s->draft ? "profile:" : "patch:", ops ? INK_GOOD : INK_FAINT, out_string(&o));
}

/* What changes comes first, then what needs somebody, then what may be left alone. */
static unsigned rank(const struct sca_finding *f)
{
	if (f->outcome == SCA_OUT_PATCH || f->outcome == SCA_OUT_ENOSYS)
		return 0;
	return outcome_row(f->outcome)->open ? 1 : 2;
}

void suggest_text(const struct page *pg, const struct suggestion *s)
{
	struct widths w;

	measure(s, &w);
	put_target(pg, s);
	for (unsigned r = 0; r < 3; r++) {
		for (size_t i = 0; i < sca_plan_count(s->plan); i++)
			if (rank(sca_plan_at(s->plan, i)) == r &&
			    !is_listed(s, sca_plan_at(s->plan, i)))
				put_block(pg, s, i, &w);
	}
	if (sca_plan_count(s->plan) == 0)
		return;
	out_c(pg->o, '\n');
	put_listed(pg, s);
	put_result(pg, s);
	if (s->proof)
		put_proof(pg, s);
}
