/* SPDX-License-Identifier: Apache-2.0 */
/* Every place of the profile that names a call, and what became of it. */
#include "explain_int.h"

#include <seccomp.h>

const char *sca_mention_fate_name(enum sca_mention_fate fate)
{
	static const char *const names[SCA_MENTION_COUNT] = {
		[SCA_MENTION_DECIDES] = "decides",   [SCA_MENTION_HOLDS] = "holds",
		[SCA_MENTION_MAY_HOLD] = "may_hold", [SCA_MENTION_FAILS] = "fails",
		[SCA_MENTION_SILENCED] = "silenced", [SCA_MENTION_REDUNDANT] = "redundant",
		[SCA_MENTION_GATED] = "gated",       [SCA_MENTION_VOID] = "void",
		[SCA_MENTION_UNKNOWN] = "unknown",
	};

	return (unsigned)fate < SCA_MENTION_COUNT ? names[fate] : NULL;
}

static void say_condition(struct buf *b, const struct eff_arg *a)
{
	static const char *const ops[] = {
		[SCMP_CMP_NE] = "!=", [SCMP_CMP_LT] = "<",  [SCMP_CMP_LE] = "<=",
		[SCMP_CMP_EQ] = "==", [SCMP_CMP_GE] = ">=", [SCMP_CMP_GT] = ">",
	};

	if (a->op == SCMP_CMP_MASKED_EQ)
		buf_addf(b, "argument %u & %#llx == %#llx", a->index,
			 (unsigned long long)a->value, (unsigned long long)a->value_two);
	else if ((size_t)a->op < ARRAY_SIZE(ops) && ops[a->op])
		buf_addf(b, "argument %u %s %#llx", a->index, ops[a->op],
			 (unsigned long long)a->value);
	else
		buf_addf(b, "argument %u", a->index);
}

static void say_conditions(struct buf *b, const struct eff_rule *rule)
{
	for (size_t i = 0; i < rule->n_args; i++) {
		if (i)
			buf_add_z(b, rule_split(rule) ? " or " : " and ");
		say_condition(b, &rule->args[i]);
	}
}

/* What stands before all rules, when that answered. */
static const char *ahead(enum sca_by by)
{
	switch (by) {
	case SCA_BY_BAD_ARCH:
		return "the filter does not have the architecture";
	case SCA_BY_STUB:
		return "runc's ENOSYS stub answers ahead of it";
	default:
		return NULL;
	}
}

static enum sca_mention_fate live_fate(struct sca_explainer *ex, const struct mention *m,
				       const struct mention *decider, bool first)
{
	const struct sca_explanation *x = &ex->last;
	const struct sca_denial d = explain_denial(&x->call);
	struct buf *b = &ex->text;
	const char *who = ahead(x->ruling.v.by);

	if (who) {
		buf_add_z(b, who);
		return SCA_MENTION_SILENCED;
	}
	if (decider && m != decider) {
		say_rule(b, ex->base, decider->rule);
		buf_add_z(b, " decides for all arguments, and libseccomp drops this one");
		return SCA_MENTION_SILENCED;
	}
	if ((long)m->rule->index == x->ruling.rule && first)
		return SCA_MENTION_DECIDES;
	switch (decider ? MATCH_YES : rule_match(m->rule, &d)) {
	case MATCH_NO:
		return SCA_MENTION_FAILS;
	case MATCH_YES:
		if (x->ruling.reach.n == 1)
			buf_add_z(b, "libseccomp's order of conditions puts another answer first");
		return SCA_MENTION_HOLDS;
	default:
		return SCA_MENTION_MAY_HOLD;
	}
}

/* The fate; the reason is left in the text. */
static enum sca_mention_fate find_fate(struct sca_explainer *ex, const struct mention *m,
				       const struct mention *decider, bool first)
{
	struct buf *b = &ex->text;

	if (m->rule->drop == EFF_NAME_FORM) {
		say_gate(b, m->rule);
		return SCA_MENTION_VOID;
	}
	if (m->rule->drop != EFF_KEPT) {
		say_gate(b, m->rule);
		return SCA_MENTION_GATED;
	}
	switch (m->name->fate) {
	case EFF_FATE_REDUNDANT:
		buf_add_z(b, "says what ");
		say_default(b, ex->base);
		buf_add_z(b, " says, so the runtime skips it");
		return SCA_MENTION_REDUNDANT;
	case EFF_FATE_UNKNOWN:
		buf_add_z(b, "this libseccomp does not know the name, so the runtime skips it");
		return SCA_MENTION_UNKNOWN;
	default:
		return live_fate(ex, m, decider, first);
	}
}

static int fill(struct sca_explainer *ex, struct sca_mention *ret, const struct mention *m,
		const struct mention *decider, bool first)
{
	const struct jt_doc *doc = &ex->profile->doc;

	ret->rule = m->rule->index;
	ret->v = (struct sca_verdict){m->rule->action, m->rule->err, SCA_BY_RULE};
	jt_place(doc, m->name->node, &ret->line, &ret->column);
	if (!jt_pointer(doc, m->name->node, &ex->text))
		return -ENOMEM;
	ret->pointer = explain_keep(ex);
	say_conditions(&ex->text, m->rule);
	ret->conditions = explain_keep(ex);
	ret->fate = find_fate(ex, m, decider, first);
	ret->reason = explain_keep(ex);
	return ret->pointer && ret->conditions && ret->reason ? 0 : -ENOMEM;
}

int explain_mentions(struct sca_explainer *ex, struct sca_err *err)
{
	struct sca_explanation *x = &ex->last;
	const struct call_name *cn = explain_name(ex, x->syscall);
	const struct mention *decider = cn ? plan_decider(cn) : NULL;
	struct sca_mention *v;
	bool first = true;
	size_t n = 0;

	for (const struct mention *m = cn ? cn->first : NULL; m; m = m->next)
		n++;
	if (n == 0)
		return 0;
	v = arena_alloc(&ex->arena, n * sizeof(*v));
	if (!v)
		return explain_no_memory(err);
	for (const struct mention *m = cn->first; m; m = m->next) {
		struct sca_mention *to = &v[x->n_mentions];

		if (fill(ex, to, m, decider, first) < 0)
			return explain_no_memory(err);
		first &= to->fate != SCA_MENTION_DECIDES;
		x->n_mentions++;
	}
	x->mentions = v;
	return 0;
}
