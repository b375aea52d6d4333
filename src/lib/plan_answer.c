/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a denial, and what that opens besides. */
#include "plan.h"

/* -- patches -- */

static void say_on_archs(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	buf_add_z(b, " on ");
	say_archs(b, pl, f->name->name);
	buf_add_c(b, '.');
}

static void say_conditions(struct buf *b, const struct narrow *nw)
{
	for (size_t i = 0; i < nw->n; i++) {
		const struct condition *c = &nw->v[i];

		buf_add_z(b, i ? " and " : "");
		if (c->mask)
			buf_addf(b, "argument %u & %#llx is %#llx", c->index,
				 (unsigned long long)c->mask, (unsigned long long)c->value);
		else
			buf_addf(b, "argument %u is %#llx", c->index, (unsigned long long)c->value);
	}
}

static void say_edit(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	const struct call_name *cn = f->name;
	const char *effect = f->goal == GOAL_ENOSYS ? "makes it answer ENOSYS" : "allows it";

	switch (cn->how) {
	case HOW_INSERT:
		buf_add_z(b, "Adding it to ");
		say_rule(b, pl, cn->into);
		break;
	case HOW_MOVE:
		buf_add_z(b, "Moving it from ");
		say_rule(b, pl, cn->out_of);
		buf_add_z(b, " to ");
		say_rule(b, pl, cn->into);
		break;
	case HOW_TAKE:
		buf_add_z(b, "Taking it out of ");
		if (cn->out_of)
			say_rule(b, pl, cn->out_of);
		break;
	case HOW_RULE:
		buf_add_z(b, "A new rule");
		if (cn->out_of) {
			buf_add_z(b, ", in place of ");
			say_rule(b, pl, cn->out_of);
			buf_add_c(b, ',');
		}
		break;
	case HOW_REPLACE:
		buf_add_z(b, "A new action for ");
		say_rule(b, pl, cn->out_of);
		break;
	default:
		return;
	}
	buf_addf(b, " %s", effect);
	say_on_archs(pl, b, f);
}

static void say_narrow(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	buf_add_z(b, "A new rule allows it only where ");
	say_conditions(b, f->narrow);
	buf_add_c(b, ',');
	say_on_archs(pl, b, f);
}

/* Numbers that leave runc's stub because a higher one is named now. */
static void say_stub_shift(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	for (size_t i = 0; i < pl->eff->n_archs; i++) {
		uint32_t arch = pl->eff->archs[i];
		int32_t max = sca_filter_stub_max(pl->filter, arch, NULL);
		int32_t nr = sca_filter_stub_counts(arch, f->name->name.p);

		if (max < 0 || nr <= max + 1)
			continue;
		buf_addf(b, " On %s the numbers %d to %d leave runc's ENOSYS stub: ",
			 sca_arch_name(arch), max + 1, nr - 1);
		say_default(b, pl);
		buf_add_z(b, " answers them.");
	}
}

/* A rule for socket() is one for socketcall(1) as well. */
static void say_multiplexer(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	unsigned arg0;
	const char *mux = plan_multiplexer_of(f->name->name, &arg0);

	for (size_t i = 0; mux && i < pl->eff->n_archs; i++) {
		struct sca_call call = {.arch = pl->eff->archs[i], .args_known = 1, .args = {arg0}};
		struct sca_verdict v;

		if (sca_syscall_number(pl->names, call.arch, sca_str_z(mux), &call.nr))
			continue;
		sca_filter_eval(pl->filter, &call, &v);
		if (sca_action_denies(v.action))
			buf_addf(b, " On %s it opens %s(%u) besides.", sca_arch_name(call.arch), mux,
				 arg0);
	}
}

static void say_side_effects(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	enum sca_danger danger = plan_danger(f);

	if (f->pub.row == 4)
		buf_add_z(b, " It is then allowed for all arguments, and its conditional rules are "
			     "void.");
	if (f->pub.row == 8 && !f->advice)
		buf_add_z(b, " The capability of the gate would be wider.");
	else if (f->pub.row == 8 && !f->advice->caps_mandatory)
		buf_add_z(b, " The kernel does not insist on the gate's capability, which would be "
			     "wider.");
	if (plan_multiplexer(f->pub.syscall))
		buf_addf(b, " %s carries many calls, and no rule can tell them apart: conditions on "
			    "them do not hold for 32-bit programs then.", f->pub.syscall);
	say_multiplexer(pl, b, f);
	say_stub_shift(pl, b, f);
	if (f->pub.row == 18)
		buf_add_z(b, " Any other call that no rule names still kills.");
	if (danger != SCA_DANGER_NONE) {
		say_advice(b, danger == SCA_DANGER_NOTE ? "Note: " : "Dangerous: ", f->advice->risk);
		say_advice(b, "Advice: ", f->advice->answer);
	}
	if (f->advice && f->advice->caps_mandatory && !plan_has_cap(pl, f->advice)) {
		buf_add_z(b, " The kernel will still refuse it without ");
		say_caps(b, f->advice);
		buf_add_c(b, '.');
	}
}

static size_t count_allowed(const struct sca_plan *pl)
{
	size_t n = 0;

	for (const struct call_name *cn = pl->index; cn; cn = cn->hh.next) {
		const struct mention *m = plan_decider(cn);

		n += m && m->rule->action == SCA_ACT_ALLOW;
	}
	return n;
}

static void say_arch(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	uint32_t arch = f->pub.denial->arch;
	bool held = f->pub.outcome == SCA_OUT_HELD;

	buf_addf(b, held ? "--allow-arch adds %s: that" : "Adding %s", sca_arch_scmp_name(arch));
	if (lets_through(pl->eff->default_action))
		buf_addf(b, " opens all that the profile does not deny to %s programs",
			 sca_arch_name(arch));
	else
		buf_addf(b, " opens the whole profile, %zu allowed names, to %s programs",
			 count_allowed(pl), sca_arch_name(arch));
	if (arch == SCA_ARCH_X86)
		buf_add_z(b, "; conditions on socket do not hold there (socketcall)");
	buf_add_z(b, held ? ". Names that only they use may be denied next." : ".");
}

static void say_patch(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	if (f->bad_arch)
		say_arch(pl, b, f);
	if (f->bad_arch && f->goal != GOAL_NONE)
		buf_add_c(b, ' ');
	if (f->goal == GOAL_NARROW)
		say_narrow(pl, b, f);
	else if (f->goal != GOAL_NONE)
		say_edit(pl, b, f);
	if (f->goal == GOAL_ENOSYS) {
		buf_add_z(b, " The caller falls back then.");
		say_stub_shift(pl, b, f);
		if (plan_danger(f) != SCA_DANGER_NONE)
			say_advice(b, "Not allowed because: ", f->advice->risk);
	} else if (f->goal != GOAL_NONE) {
		say_side_effects(pl, b, f);
	}
}

/* -- refusals and advice -- */

static void say_held(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	if (f->pub.row != 9) {
		say_advice(b, "Held back: ", f->advice->risk);
		say_advice(b, "Advice: ", f->advice->answer);
		buf_addf(b, " --allow-dangerous %s opens it.", f->pub.syscall);
	} else if (f->pub.denial->arch == SCA_ARCH_X32) {
		buf_add_z(b, "Held back: x32 calls are a way around filters, and no distribution has "
			     "x32 programs. Look at the program; SCMP_ARCH_X32 is not added here.");
	} else {
		say_arch(pl, b, f);
	}
}

static void say_capability(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	bool engine = pl->target->frontend != SCA_FRONTEND_CRI &&
		      pl->target->frontend != SCA_FRONTEND_OCI;

	if (f->cap >= 0) {
		const char *name = sca_cap_name((unsigned)f->cap);

		buf_addf(b, "The kernel demands %s anyway. ", name);
		if (engine)
			buf_addf(b, "--cap-add %s", name + strlen("CAP_"));
		else
			buf_add_z(b, "Adding it");
		buf_add_z(b, " opens the rule by itself");
		if (f->others)
			buf_addf(b, ", and %zu other call%s of this profile", f->others,
				 f->others == 1 ? "" : "s");
		buf_add_z(b, ". No patch.");
	} else {
		buf_add_z(b, "The kernel itself demands ");
		say_caps(b, f->advice);
		buf_add_z(b, ", which the target lacks: a patch would only move the refusal from the "
			     "filter to the kernel.");
	}
	if (plan_in_user_namespace(f->pub.syscall))
		buf_addf(b, " A process in a user namespace of its own holds it there: "
			    "--allow-dangerous %s opens the call alone.", f->pub.syscall);
}

static void say_benign(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	buf_add_z(b, "Leave it: the answer is ENOSYS, on which callers fall back.");
	if (plan_out_of_reach(pl, f)) {
		buf_addf(b, " runc does not count the number of %s here, so no rule opens it; the libc "
			    "has another way (socketcall, ipc).", f->pub.syscall);
		return;
	}
	say_advice(b, "Do not allow it: ", plan_danger(f) ? f->advice->risk : "");
	if (!sca_syscall_in_libseccomp(pl->names, f->name->name))
		buf_add_z(b, " No rule can allow it before the runtime's libseccomp knows the name.");
	else
		buf_addf(b, " If a program fails on it all the same, --allow-dangerous %s allows "
			    "it.", f->pub.syscall);
}

static void say_args(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	const char *call;

	if (!f->explained) {
		buf_add_z(b, "Too many verdicts are possible to tell which one this was. Give the "
			     "arguments, as scaudit run records them.");
		return;
	}
	if (f->pub.row == 15) {
		buf_add_z(b, "Write the rule in the form \"names\": [...]; its conditions say what it "
			     "allows.");
		return;
	}
	call = plan_multiplexed(f->pub.syscall, f->pub.denial);
	if (call) {
		buf_addf(b, "Argument 0 says that the call is %s: a rule for %s opens it, on every "
			    "architecture. --allow-broad opens all of %s.", call, call,
			 f->pub.syscall);
		return;
	}
	if (f->missing_arg >= 0)
		buf_addf(b, "Argument %d decides, and the record does not have it. ",
			 f->missing_arg);
	buf_addf(b, "\"strace -f -e trace=%s\", scaudit run or scaudit agent bring them. "
		    "--allow-broad opens it for all arguments", f->pub.syscall);
	buf_add_z(b, lets_through(pl->eff->default_action) ? "." :
		     " and makes its conditional rules void.");
}

static void say_not_denied(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	if (plan_seen(pl, f->pub.denial))
		return;
	buf_add_z(b, "Nothing was denied.");
	if (f->pub.row == 17 && f->pub.syscall)
		buf_addf(b, " Adding %s to a rule that allows silences the record.",
			 f->pub.syscall);
	else if (f->reach.n && sca_action_denies(f->reach.v[0].action)) {
		buf_add_z(b, " The record is of a logging twin of this profile, which itself answers ");
		say_reach(b, &f->reach);
		buf_add_c(b, '.');
	}
}

static void say_not_ours(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;
	const char *arch = sca_arch_name(d->arch);

	if (d->action == SCA_ACT_STRICT) {
		buf_add_z(b, "The program called prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT). No patch.");
	} else if (f->bad_arch && !plan_arch_possible(pl, d->arch)) {
		buf_addf(b, "If the record is from such a machine, give --target-arch %s.",
			 arch ? arch : "ARCH");
	} else {
		buf_addf(b, "No patch: something else denied it. Likely: a filter of the program's own "
			    "on top of this one%s; an older version of the profile (a container keeps "
			    "the one it started with); other capabilities or another runtime than "
			    "--caps and --runtime say",
			 d->action == SCA_ACT_TRAP ? " (Chromium, systemd and sshd use TRAP)" : "");
		buf_add_z(b, pl->target->runtime == SCA_RUNTIME_CRUN ?
			  "; crun's cache of compiled filters." : ".");
	}
}

static void say_agent(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	if (f->v.action == SCA_ACT_TRACE)
		buf_add_z(b, "The tracer decides; without one such calls answer ENOSYS. No patch.");
	else if (pl->eff->has_listener)
		buf_add_z(b, "The agent behind listenerPath decides; look there. No patch.");
	else
		buf_add_z(b, "The profile has no listenerPath, so nobody answers and such calls get "
			     "ENOSYS. Give it an agent, or another action for the rule.");
}

static void say_kernel(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	buf_addf(b, "Newer kernels have the rule; this target is %u.%u. Copying it without its "
		    "minKernel is a choice to be made knowingly, and --allow-dangerous %s makes it.",
		 pl->target->kernel[0], pl->target->kernel[1], f->pub.syscall);
	say_advice(b, "Risk: ", f->advice ? f->advice->risk : "");
}

static void say_unknown(struct sca_plan *pl _unused_, struct buf *b, const struct find *f)
{
	const struct sca_denial *d = f->pub.denial;

	if (!d->have_nr || (d->have_arch && d->nr < 0)) {
		buf_add_z(b, "No rule can name it.");
	} else if (!d->have_arch) {
		buf_add_z(b, "If all such records come from one architecture, name it with --arch.");
	} else if (!f->name) {
		buf_add_z(b, "A profile has names only, so no rule can open it.");
	} else {
		buf_addf(b, "Naming %s in the profile is harmless, but has no effect until the "
			    "runtime's libseccomp knows it. Till then it answers ", f->pub.syscall);
		say_verdict(b, &f->v);
		buf_add_c(b, '.');
	}
}

static void say_conflict(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	struct sca_str cap;

	if (!f->rule) {
		buf_addf(b, "%s can not be added to this profile: %s.",
			 sca_arch_scmp_name(f->pub.denial->arch), pl->arch_refusal);
		return;
	}
	cap = rule_excluded_cap(pl, f->rule);
	buf_add_z(b, "It says so on purpose, and a rule that allows the same would contradict it. "
		     "Change ");
	say_rule(b, pl, f->rule);
	if (cap.n && f->rule->gated) {
		buf_add_z(b, ", or add ");
		say_word(b, cap);
		buf_add_z(b, ", which drops it");
	}
	buf_add_c(b, '.');
}

void plan_answer(struct sca_plan *pl, struct buf *b, const struct find *f)
{
	static void (*const says[SCA_OUT_COUNT])(struct sca_plan *, struct buf *,
						 const struct find *) = {
		[SCA_OUT_PATCH] = say_patch,
		[SCA_OUT_ENOSYS] = say_patch,
		[SCA_OUT_CAPABILITY] = say_capability,
		[SCA_OUT_HELD] = say_held,
		[SCA_OUT_BENIGN] = say_benign,
		[SCA_OUT_ARGS] = say_args,
		[SCA_OUT_NOT_DENIED] = say_not_denied,
		[SCA_OUT_NOT_OURS] = say_not_ours,
		[SCA_OUT_AGENT] = say_agent,
		[SCA_OUT_KERNEL] = say_kernel,
		[SCA_OUT_UNKNOWN] = say_unknown,
		[SCA_OUT_CONFLICT] = say_conflict,
	};

	says[f->pub.outcome](pl, b, f);
}
