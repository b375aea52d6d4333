/* SPDX-License-Identifier: Apache-2.0 */
/* Rulings, and explanations put together from their parts. */
#include "explain_int.h"

int explain_no_memory(struct sca_err *err)
{
	return sca_fail(err, -ENOMEM, "no memory for the explanation");
}

const char *explain_keep(struct sca_explainer *ex)
{
	const char *z = ex->text.failed ? NULL : arena_dup(&ex->arena, buf_str(&ex->text));

	buf_reset(&ex->text);
	return z;
}

struct sca_denial explain_denial(const struct sca_call *call)
{
	struct sca_denial d = {
		.have_arch = true,
		.have_nr = true,
		.arch = call->arch,
		.nr = call->nr,
		.args_known = call->args_known,
		.count = 1,
	};

	memcpy(d.args, call->args, sizeof(d.args));
	return d;
}

int sca_explainer_new(struct sca_explainer **ret, const struct sca_profile *p,
		      const struct sca_target *t, struct sca_names *names, struct sca_err *err)
{
	struct sca_explainer *ex = calloc(1, sizeof(*ex));
	struct sca_denials *none = NULL;
	int r;

	if (!ex)
		return explain_no_memory(err);
	ex->profile = p;
	ex->target = *t;
	ex->names = names;
	r = sca_denials_new(&none, 1, err);
	if (r == 0)
		r = sca_plan_new(&ex->base, p, &ex->target, none, NULL, names, err);
	sca_denials_free(none);
	if (r < 0)
		sca_explainer_free(ex);
	else
		*ret = ex;
	return r;
}

struct sca_explainer *sca_explainer_free(struct sca_explainer *ex)
{
	if (ex) {
		sca_plan_free(ex->base);
		arena_release(&ex->arena);
		buf_release(&ex->text);
		free(ex);
	}
	return NULL;
}

const struct sca_filter *sca_explainer_filter(const struct sca_explainer *ex)
{
	return ex->base->filter;
}

void sca_explainer_default(const struct sca_explainer *ex, struct sca_verdict *ret)
{
	const struct eff *eff = ex->base->eff;

	if (eff->disabled)
		*ret = (struct sca_verdict){SCA_ACT_ALLOW, 0, SCA_BY_NONE};
	else
		*ret = (struct sca_verdict){eff->default_action, eff->default_err, SCA_BY_DEFAULT};
}

int32_t sca_explainer_stub(const struct sca_explainer *ex, uint32_t arch,
			   struct sca_str *ret_name)
{
	*ret_name = (struct sca_str){NULL, 0};
	return sca_filter_stub_max(ex->base->filter, arch, ret_name);
}

/* -- rulings -- */

struct call_name *explain_name(const struct sca_explainer *ex, const char *syscall)
{
	return syscall ? plan_known_name(ex->base, sca_str_z(syscall)) : NULL;
}

static bool says(const struct eff_rule *rule, const struct sca_verdict *v)
{
	bool data = v->action == SCA_ACT_ERRNO || v->action == SCA_ACT_TRACE;

	return rule->action == v->action && (!data || rule->err == v->data);
}

static bool is_default(const struct sca_plan *pl, const struct sca_verdict *v)
{
	const struct eff_rule like = {.action = pl->eff->default_action,
				      .err = pl->eff->default_err};

	return says(&like, v);
}

/*
 * The rule that says what the filter answers: the unconditional one, or one whose conditions
 * hold; where arguments are unknown, the only one whose conditions may. NULL when none does.
 */
static const struct eff_rule *find_rule(const struct call_name *cn, const struct sca_denial *d,
					const struct sca_verdict *v)
{
	const struct mention *m = plan_decider(cn);
	const struct eff_rule *maybe = NULL;
	size_t candidates = 0;

	if (m)
		return says(m->rule, v) ? m->rule : NULL;
	for (m = cn->first; m; m = m->next) {
		enum match match;

		if (!mention_live(m) || !says(m->rule, v))
			continue;
		match = rule_match(m->rule, d);
		if (match == MATCH_YES)
			return m->rule;
		if (match == MATCH_UNKNOWN && m->rule != maybe) {
			maybe = m->rule;
			candidates++;
		}
	}
	return candidates == 1 ? maybe : NULL;
}

/* libseccomp's rule for socketcall(1, ...) is one for socket; its conditions are moved there, so
 * they say nothing. */
static const struct eff_rule *find_inner(const struct sca_explainer *ex, const char *syscall,
					 const struct sca_denial *d, const struct sca_verdict *v)
{
	const struct call_name *cn = explain_name(ex, plan_multiplexed(syscall, d));
	const struct mention *m = cn ? plan_decider(cn) : NULL;

	if (m)
		return says(m->rule, v) ? m->rule : NULL;
	for (m = cn ? cn->first : NULL; m; m = m->next)
		if (mention_live(m) && says(m->rule, v))
			return m->rule;
	return NULL;
}

/* The rule that stands behind a verdict; `by` becomes the default where there is none and the
 * default says the same. */
static const struct eff_rule *blame(const struct sca_explainer *ex, const struct sca_denial *d,
				    const char *syscall, struct sca_verdict *v)
{
	const struct call_name *cn = explain_name(ex, syscall);
	const struct eff_rule *rule = cn ? find_rule(cn, d, v) : NULL;

	if (!rule && plan_multiplexer(syscall))
		rule = find_inner(ex, syscall, d, v);
	if (!rule && is_default(ex->base, v))
		v->by = SCA_BY_DEFAULT;
	return rule;
}

static void set_rule(struct sca_explainer *ex, const struct sca_call *call,
		     struct sca_ruling *ret)
{
	const char *syscall = sca_syscall_name(ex->names, call->arch, call->nr);
	const struct sca_denial d = explain_denial(call);
	const struct eff_rule *rule = NULL;

	for (size_t i = ret->reach.n; i-- > 0;)
		rule = blame(ex, &d, syscall, &ret->reach.v[i]);
	ret->v = ret->reach.v[0];
	if (!rule)
		return;
	ret->rule = (long)rule->index;
	ret->line = plan_rule_line(ex->base, rule);
	ret->column = ex->base->rule_column[rule->index];
}

void sca_explain_ruling(struct sca_explainer *ex, const struct sca_call *call,
			struct sca_ruling *ret)
{
	*ret = (struct sca_ruling){.rule = -1};
	sca_filter_reach(ex->base->filter, call, &ret->reach);
	ret->v = ret->reach.v[0];
	if (ret->v.by == SCA_BY_RULE)
		set_rule(ex, call, ret);
	if (ret->v.by == SCA_BY_DEFAULT) {
		ret->line = ex->base->default_line;
		ret->column = ex->base->default_column;
	}
}

/* -- explanations -- */

static int set_pointer(struct sca_explainer *ex, struct sca_err *err)
{
	struct sca_explanation *x = &ex->last;
	const struct eff *eff = ex->base->eff;
	uint32_t node = x->ruling.v.by == SCA_BY_DEFAULT ? eff->default_node : JT_NONE;

	if (x->ruling.rule >= 0)
		node = eff->rules[x->ruling.rule].node;
	if (node != JT_NONE && !jt_pointer(&ex->profile->doc, node, &ex->text))
		return explain_no_memory(err);
	x->pointer = explain_keep(ex);
	return x->pointer ? 0 : explain_no_memory(err);
}

static int set_stub(struct sca_explainer *ex, struct sca_err *err)
{
	struct sca_explanation *x = &ex->last;
	struct sca_str name;

	x->stub_max = sca_explainer_stub(ex, x->call.arch, &name);
	buf_add_str(&ex->text, name);
	x->stub_name = explain_keep(ex);
	return x->stub_name ? 0 : explain_no_memory(err);
}

/* That a rule for socket() is also one for socketcall(1), which it does not name. */
static void say_inner(struct sca_explainer *ex)
{
	const struct sca_explanation *x = &ex->last;
	const struct sca_denial d = explain_denial(&x->call);
	const char *inner = plan_multiplexed(x->syscall, &d);

	if (inner)
		buf_addf(&ex->text, " libseccomp makes a rule for %s one for %s(%llu), too.", inner,
			 x->syscall, (unsigned long long)x->call.args[0]);
}

/* The sentence for what is let through, and for numbers without a name above the stub; for
 * other denials the planner has one. */
static int set_why(struct sca_explainer *ex, struct sca_err *err)
{
	struct sca_explanation *x = &ex->last;
	struct buf *b = &ex->text;
	const struct sca_ruling *ru = &x->ruling;
	const char *name = x->syscall ? x->syscall : "it";

	if (ru->v.by == SCA_BY_NONE) {
		buf_add_z(b, "The profile sets no filter for this target, so it denies nothing.");
	} else if (ru->v.by == SCA_BY_STUB) {
		buf_addf(b, "runc's ENOSYS stub answers ahead of the profile: %d is above %d (",
			 x->call.nr, x->stub_max);
		say_word(b, sca_str_z(x->stub_name));
		buf_add_z(b, "), the highest number that counts.");
	} else if (ru->rule >= 0) {
		say_rule(b, ex->base, &ex->base->eff->rules[ru->rule]);
		if (!b->failed)
			b->p[0] = 'R';
		buf_add_z(b, " answers ");
		say_verdict(b, &ru->v);
		buf_add_z(b, ru->reach.by_args || ex->base->eff->rules[ru->rule].n_args ?
			  " for these arguments." : ".");
		if (!explain_name(ex, x->syscall))
			say_inner(ex);
	} else if (ru->v.by == SCA_BY_DEFAULT) {
		buf_addf(b, explain_name(ex, x->syscall) ? "No rule for %s applies: " :
			 "No rule names %s: ", name);
		say_default(b, ex->base);
		buf_add_z(b, " answers.");
	} else {
		buf_addf(b, "The rules for %s, as libseccomp merges them, answer ", name);
		say_verdict(b, &ru->v);
		buf_add_c(b, '.');
	}
	x->why = explain_keep(ex);
	return x->why ? 0 : explain_no_memory(err);
}

int sca_explain_call(struct sca_explainer *ex, const struct sca_call *call,
		     const struct sca_explanation **ret, struct sca_err *err)
{
	struct sca_explanation *x = &ex->last;
	int r;

	arena_release(&ex->arena);
	buf_reset(&ex->text);
	*x = (struct sca_explanation){.call = *call};
	sca_explain_ruling(ex, call, &x->ruling);
	x->syscall = sca_syscall_name(ex->names, call->arch, call->nr);
	if (x->syscall) {
		x->advice = sca_advice_find(sca_str_z(x->syscall));
		x->in_libseccomp = sca_syscall_in_libseccomp(ex->names, sca_str_z(x->syscall));
	}
	r = set_pointer(ex, err);
	if (r == 0)
		r = set_stub(ex, err);
	if (r == 0)
		r = set_why(ex, err);
	if (r == 0)
		r = explain_mentions(ex, err);
	if (r == 0 && sca_action_denies(x->ruling.v.action))
		r = explain_ways(ex, err);
	if (r == 0 && lets_through(x->ruling.reach.v[x->ruling.reach.n - 1].action))
		r = explain_others(ex, err);
	if (r < 0)
		return r;
	*ret = x;
	return 0;
}
