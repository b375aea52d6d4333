/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would open a call: the planner's answer as it stands; the one that it gives when it may
 * do what it holds back by itself; each capability that a gate wants. What else is opened on
 * each way is part of the planner's sentences.
 */
#include "explain_int.h"

static bool add_way(struct sca_explainer *ex, enum sca_outcome outcome, const char *options,
		    const char *text)
{
	struct sca_explanation *x = &ex->last;

	if (x->n_ways < SCA_WAYS_MAX)
		x->ways[x->n_ways++] = (struct sca_way){outcome, options, text};
	return options && text;
}

/* What must be given to suggest so that it goes on where it stopped; false: nothing helps. */
static bool further(const struct find *f, struct sca_plan_options *opt)
{
	switch (f->pub.outcome) {
	case SCA_OUT_HELD:
	case SCA_OUT_CAPABILITY:
	case SCA_OUT_BENIGN:
	case SCA_OUT_ENOSYS:
	case SCA_OUT_KERNEL:
		opt->allow_arch = f->bad_arch;
		opt->n_allow_dangerous = !f->bad_arch;
		return true;
	case SCA_OUT_ARGS:
	case SCA_OUT_CONFLICT:
		opt->allow_broad = true;
		return f->rule || f->conditional;
	default:
		return false;
	}
}

static const char *options_text(struct sca_explainer *ex, const struct sca_plan_options *opt)
{
	struct buf *b = &ex->text;

	if (opt->allow_arch)
		buf_add_z(b, "--allow-arch");
	else if (opt->allow_broad)
		buf_add_z(b, "--allow-broad");
	else
		buf_addf(b, "--allow-dangerous %s", ex->last.syscall);
	return explain_keep(ex);
}

static bool writes(const struct sca_finding *f)
{
	return f->outcome == SCA_OUT_PATCH || f->outcome == SCA_OUT_ENOSYS;
}

/* The plan for the one denial. */
static int plan_one(struct sca_explainer *ex, const struct sca_denials *ds,
		    const struct sca_plan_options *opt, struct sca_plan **ret,
		    struct sca_err *err)
{
	return sca_plan_new(ret, ex->profile, &ex->target, ds, opt, ex->names, err);
}

static int add_planned(struct sca_explainer *ex, const struct sca_finding *f,
		       const char *options, struct sca_err *err)
{
	if (!f->answer[0])
		return 0;
	return add_way(ex, f->outcome, options,
		       arena_dup(&ex->arena, sca_str_z(f->answer))) ? 0 : explain_no_memory(err);
}

/* The planner asks for evidence; who asks by hand can just say more. */
static int add_question(struct sca_explainer *ex, const struct find *f, struct sca_err *err)
{
	struct buf *b = &ex->text;

	buf_addf(b, "Argument %d decides; name its value to get an answer: %s", f->missing_arg,
		 ex->last.syscall);
	for (int i = 0; i <= f->missing_arg && f->missing_arg < 6; i++)
		buf_add_z(b, i < f->missing_arg ? ":?" : ":0x1");
	buf_add_c(b, '.');
	return add_way(ex, SCA_OUT_ARGS, "", explain_keep(ex)) ? 0 : explain_no_memory(err);
}

static int go_further(struct sca_explainer *ex, const struct find *f,
		      const struct sca_denials *ds, struct sca_err *err)
{
	struct sca_str name = sca_str_z(ex->last.syscall);
	struct sca_plan_options opt = {.allow_dangerous = &name};
	struct sca_plan *pl = NULL;
	const struct sca_finding *g;
	int r;

	if (!name.n || !further(f, &opt))
		return 0;
	r = plan_one(ex, ds, &opt, &pl, err);
	if (r < 0)
		return r;
	g = sca_plan_at(pl, 0);
	if (writes(g) && strcmp(g->answer, f->pub.answer) != 0)
		r = add_planned(ex, g, options_text(ex, &opt), err);
	sca_plan_free(pl);
	return r;
}

static int add_capability(struct sca_explainer *ex, const struct call_name *cn,
			  const struct eff_rule *rule, unsigned cap, struct sca_err *err)
{
	const char *name = sca_cap_name(cap);
	struct buf *b = &ex->text;
	size_t others;
	bool opens;
	int r = plan_cap_opens(ex->base, cn, cap, &opens, &others, err);

	if (r < 0 || !opens || !name)
		return r;
	/* Docker's and Podman's word: no other front end has rules that want one. */
	buf_addf(b, "--cap-add %s lets ", name + strlen("CAP_"));
	say_rule(b, ex->base, rule);
	buf_add_z(b, " apply");
	if (others)
		buf_addf(b, ", and opens %zu other call%s of this profile", others,
			 others == 1 ? "" : "s");
	buf_add_z(b, "; the kernel then grants all that the capability stands for.");
	return add_way(ex, SCA_OUT_CAPABILITY, "", explain_keep(ex)) ? 0 : explain_no_memory(err);
}

/* The capabilities that dropped rules want, but for the one that the planner named. */
static int add_capabilities(struct sca_explainer *ex, int told, struct sca_err *err)
{
	const struct call_name *cn = explain_name(ex, ex->last.syscall);
	uint64_t seen = told >= 0 ? UINT64_C(1) << told : 0;
	int r = 0;

	for (const struct mention *m = cn ? cn->first : NULL; m && r == 0; m = m->next) {
		unsigned cap;

		if (m->rule->drop != EFF_INC_CAPS || !lets_through(m->rule->action) ||
		    sca_cap_parse(m->rule->what, &cap) < 0 || cap > 63 || seen >> cap & 1)
			continue;
		seen |= UINT64_C(1) << cap;
		r = add_capability(ex, cn, m->rule, cap, err);
	}
	return r;
}

static int ask(struct sca_explainer *ex, const struct sca_denials *ds, struct sca_err *err)
{
	struct sca_plan *pl = NULL;
	const struct find *f;
	int r = plan_one(ex, ds, NULL, &pl, err);

	if (r < 0)
		return r;
	f = &pl->finds[0];
	if (ex->last.syscall || ex->last.ruling.v.by != SCA_BY_STUB)
		ex->last.why = arena_dup(&ex->arena, sca_str_z(f->pub.why));
	if (!ex->last.why)
		r = explain_no_memory(err);
	else if (f->pub.outcome == SCA_OUT_ARGS && f->missing_arg >= 0)
		r = add_question(ex, f, err);
	else
		r = add_planned(ex, &f->pub, "", err);
	if (r == 0)
		r = go_further(ex, f, ds, err);
	if (r == 0)
		r = add_capabilities(ex, f->pub.outcome == SCA_OUT_CAPABILITY ? f->cap : -1, err);
	sca_plan_free(pl);
	return r;
}

int explain_ways(struct sca_explainer *ex, struct sca_err *err)
{
	const struct sca_explanation *x = &ex->last;
	struct sca_record rec = {
		.have = SCA_F_ARCH | SCA_F_NR | SCA_F_CODE,
		.trust = SCA_TRUST_KERNEL,
		.arch = x->call.arch,
		.nr = x->call.nr,
		.action = x->ruling.v.action,
		.code = sca_action_code(x->ruling.v.action),
		.denied = true,
		.args_known = x->call.args_known,
		.count = 1,
	};
	struct sca_denials *ds = NULL;
	int r = sca_denials_new(&ds, 1, err);

	memcpy(rec.args, x->call.args, sizeof(rec.args));
	if (r == 0)
		r = sca_denials_add(ds, &rec, err);
	/* a set without room counts, and is no error */
	if (r == 0 && sca_denials_count(ds) == 0)
		r = explain_no_memory(err);
	if (r == 0)
		r = ask(ex, ds, err);
	sca_denials_free(ds);
	return r;
}
