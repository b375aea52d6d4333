/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What decided a call, as sentences. They say what is known and no more: for a person at a
 * terminal of 80 columns, and as text in JSON.
 */
#include "plan.h"

#define TYPOS_MAX 16 /* unknown names that are compared with all known ones */

static void say_no_number(struct buf *b, const struct sca_denial *d)
{
	if (!d->have_nr)
		buf_add_z(b, "The record carries no system call number.");
	else if (!d->have_arch)
		buf_addf(b, "The record carries no architecture, so number %d has no name.", d->nr);
	else
		buf_addf(b, "Number %d is no system call: a tracer or an agent that skips a call "
			    "sets it.", d->nr);
}

static void say_let_through(const struct sca_plan *pl, struct buf *b, const struct find *f)
{
	if (plan_seen(pl, f->pub.denial))
		buf_add_z(b, "The profile allows it.");
	else if (f->pub.row == 17)
		buf_add_z(b, "The call went through: defaultAction LOG only logs what no rule "
			     "names.");
	else
		buf_add_z(b, "The call went through and was only logged.");
}

static void say_unexplained(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;

	if (f->reach.n && f->reach.v[0].by == SCA_BY_NONE) {
		buf_add_z(b, "The profile sets no filter for this target, so it denies nothing.");
	} else if (d->action == SCA_ACT_STRICT) {
		buf_add_z(b, "Strict mode (prctl mode 1, signal 9) killed the task; no filter was "
			     "asked.");
	} else if (f->bad_arch && !plan_arch_possible(pl, d->arch)) {
		buf_addf(b, "%s programs do not run on %s, which the target is.",
			 sca_arch_name(d->arch) ? sca_arch_name(d->arch) : "Such",
			 sca_arch_name(pl->target->arch));
	} else {
		buf_add_z(b, "The record says ");
		say_action(b, d->action);
		buf_add_z(b, ", but for this call the profile answers ");
		say_reach(b, &f->pub.old_reach);
		if (f->bad_arch)
			buf_addf(b, ", as %s is not among its architectures",
				 sca_arch_name(d->arch));
		buf_add_c(b, '.');
	}
}

/* Rules that name the call and do not count for it: their gates, their form, their spelling. */
static size_t say_void_rules(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	size_t n = 0;

	for (const struct mention *m = f->name->first; m && n < 3; m = m->next) {
		if (m->rule->drop == EFF_KEPT && m->name->fate != EFF_FATE_UNKNOWN)
			continue;
		buf_add_z(b, n++ ? ", " : "");
		say_rule(b, pl, m->rule);
		buf_add_c(b, ' ');
		if (m->rule->drop != EFF_KEPT)
			say_gate(b, m->rule);
		else
			buf_add_z(b, "has it, but this libseccomp does not know the name");
	}
	if (!n && f->name->typo) {
		say_rule(b, pl, f->name->typo->rule);
		buf_add_z(b, " has \"");
		say_word(b, f->name->typo->name->name);
		buf_add_z(b, "\", which is no system call");
		n++;
	}
	return n;
}

static void say_stub(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;
	struct sca_str top = {NULL, 0};
	int32_t max = sca_filter_stub_max(pl->filter, d->arch, &top);
	size_t end;

	buf_addf(b, "runc's ENOSYS stub answered ahead of the profile: %d is above %d", d->nr, max);
	if (top.n) {
		buf_add_z(b, " (");
		say_word(b, top);
		buf_add_c(b, ')');
	}
	buf_add_z(b, ", the highest number that counts");
	end = b->n;
	buf_add_z(b, ": ");
	if (!say_void_rules(pl, b, f))
		b->n = end;
	buf_add_c(b, '.');
}

static void say_absent(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	size_t start = b->n;

	buf_addf(b, "No rule for %s applies: ", f->pub.syscall);
	if (say_void_rules(pl, b, f)) {
		buf_add_z(b, "; ");
	} else {
		b->n = start;
		buf_addf(b, "No rule names %s: ", f->pub.syscall);
	}
	say_default(b, pl);
	buf_add_z(b, " answers.");
}

/* Rules behind the deciding one, which libseccomp drops without a word. */
static void say_silenced(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	size_t n = 0;

	for (const struct mention *m = f->name->first; m && n < 3; m = m->next) {
		if (!mention_live(m) || m->rule == f->rule)
			continue;
		buf_add_z(b, n++ ? ", " : "; that silences ");
		say_rule(b, pl, m->rule);
	}
}

static void say_decider(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	bool agent = f->v.action == SCA_ACT_USER_NOTIF || f->v.action == SCA_ACT_TRACE;
	size_t at = b->n;

	say_rule(b, pl, f->rule);
	if (!b->failed)
		b->p[at] = 'R';
	buf_add_z(b, agent ? " hands it on with " : " denies it with ");
	say_verdict(b, &f->v);
	if (f->v.by == SCA_BY_DEFAULT)
		buf_add_z(b, ", as defaultAction would");
	else if (f->conditional)
		buf_add_z(b, " for these arguments");
	else
		say_silenced(pl, b, f);
	buf_add_c(b, '.');
}

static void say_conditional(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	size_t n = 0;

	if (f->reach.n > 1) {
		buf_addf(b, "What %s gets depends on its arguments: ", f->pub.syscall);
		say_reach(b, &f->reach);
	} else {
		buf_addf(b, "No condition for %s fits these arguments: ", f->pub.syscall);
		say_default(b, pl);
		buf_add_z(b, " answers");
	}
	for (const struct mention *m = f->name->first; m && n < 3; m = m->next) {
		if (!mention_live(m))
			continue;
		buf_add_z(b, n++ ? ", " : "; see ");
		say_rule(b, pl, m->rule);
	}
	buf_add_c(b, '.');
}

static void say_why(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;

	if (d->runtime_init && d->denied)
		buf_add_z(b, "The container runtime's own start-up was denied, not the "
			     "application. ");
	if (!d->have_arch || !d->have_nr || d->nr < 0)
		say_no_number(b, d);
	else if (f->pub.outcome == SCA_OUT_NOT_DENIED)
		say_let_through(pl, b, f);
	else if (f->pub.outcome == SCA_OUT_NOT_OURS)
		say_unexplained(pl, b, f);
	else if (f->bad_arch)
		buf_addf(b, "%s is not among the filter's architectures, and libseccomp kills its "
			    "calls whatever the rules say.", sca_arch_name(d->arch));
	else if (!f->name)
		buf_addf(b, "No table has a name for number %d on %s.", d->nr,
			 sca_arch_name(d->arch) ? sca_arch_name(d->arch) : "that architecture");
	else if (f->v.by == SCA_BY_STUB)
		say_stub(pl, b, f);
	else if (f->rule)
		say_decider(pl, b, f);
	else if (f->conditional)
		say_conditional(pl, b, f);
	else
		say_absent(pl, b, f);
	if (d->denied && d->action == SCA_ACT_UNKNOWN && f->explained)
		buf_add_z(b, " The record does not say which action it was, so this is likely, "
			     "not certain.");
}

/* An unknown name of the profile that is nearest to a known one, for say_void_rules(). */
static void find_typos(struct sca_plan *pl)
{
	unsigned n = 0;
	int32_t nr;

	for (struct call_name *cn = pl->index; cn && n < TYPOS_MAX; cn = cn->hh.next) {
		struct call_name *meant = NULL;
		const char *nearest;

		if (!cn->first || sca_syscall_in_libseccomp(pl->names, cn->name) ||
		    !sca_syscall_number(pl->names, pl->target->arch, cn->name, &nr))
			continue;
		n++;
		nearest = sca_syscall_nearest(pl->names, cn->name);
		if (nearest)
			meant = plan_known_name(pl, sca_str_z(nearest));
		if (meant)
			meant->typo = cn->first;
	}
}

int plan_texts(struct sca_plan *pl, struct sca_err *err)
{
	find_typos(pl);
	for (size_t i = 0; i < pl->n; i++) {
		struct find *f = &pl->finds[i];

		buf_reset(&pl->text);
		say_why(pl, &pl->text, f);
		f->pub.why = pl->text.failed ? NULL : arena_dup(&pl->arena, buf_str(&pl->text));
		buf_reset(&pl->text);
		plan_answer(pl, &pl->text, f);
		f->pub.answer = pl->text.failed ? NULL :
				arena_dup(&pl->arena, buf_str(&pl->text));
		if (!f->pub.why || !f->pub.answer)
			return plan_no_memory(err);
	}
	return plan_notes(pl, err);
}
