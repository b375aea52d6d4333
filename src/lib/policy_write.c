/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile as another sandbox's policy. Verdicts are the compiled filter's, call by call; the
 * text of a rule only serves for conditions, and only where the filter's verdicts are allow and
 * deny and every rule of the call allows. What can not be said is denied, and told.
 */
#include "filter_int.h"
#include "policy_int.h"

#include <seccomp.h>

struct writer {
	const struct sca_filter *f;
	struct sca_names *names;
	struct sca_filter_info info;
	enum sca_action action; /* of the default, in the policy */
	bool denylist;
	struct buf out, notes;
	struct buf allowed, denied, logged; /* words of systemd's lists */
	/* Names of what was lost, by kind. */
	struct buf conditions, archs, answers, logs;
};

/* What a policy is to do with a call. */
struct judged {
	const char *name;
	struct sca_verdict v; /* a call by conditions: what it is refused with */
	bool conditions;      /* depends on arguments */
	bool differs;         /* between the architectures */
};

static bool passes(enum sca_action a)
{
	return !sca_action_denies(a);
}

static void lose(struct buf *b, const char *name)
{
	buf_addf(b, "%s%s", b->n ? " " : "", name);
}

/* The first verdict of a reach is the most severe. */
static void judge_on(struct writer *w, uint32_t arch, int32_t nr, struct judged *j)
{
	struct sca_call call = {.arch = arch, .nr = nr};
	struct sca_reach reach;

	sca_filter_reach(w->f, &call, &reach);
	j->v = reach.v[0];
	j->conditions = reach.n > 1 || !reach.complete;
	if (j->conditions && passes(j->v.action) && !reach.complete)
		j->v = (struct sca_verdict){.action = SCA_ACT_KILL_PROCESS};
	if (reach.n > 1 && reach.complete && passes(j->v.action))
		j->conditions = false;
}

/* Over `n` architectures; what they disagree on is denied when one denies it. */
static void judge(struct writer *w, const char *name, size_t n, struct judged *ret)
{
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		struct judged j = {.name = name};
		int32_t nr;

		if (sca_syscall_number(w->names, w->info.archs[i], sca_str_z(name), &nr) < 0)
			continue;
		judge_on(w, w->info.archs[i], nr, &j);
		if (first) {
			*ret = j;
			first = false;
			continue;
		}
		ret->differs |= j.conditions != ret->conditions || j.v.action != ret->v.action;
		ret->conditions |= j.conditions;
		if (passes(ret->v.action) && !passes(j.v.action))
			ret->v = j.v;
	}
}

/* -- minijail's conditions -- */

static const char *op_text(int op)
{
	static const char *const texts[] = {
		[SCMP_CMP_NE] = "!=", [SCMP_CMP_LT] = "<", [SCMP_CMP_LE] = "<=",
		[SCMP_CMP_EQ] = "==", [SCMP_CMP_GE] = ">=", [SCMP_CMP_GT] = ">",
	};

	return op > 0 && (size_t)op < ARRAY_SIZE(texts) ? texts[op] : NULL;
}

static bool add_arg(struct buf *b, const struct eff_arg *a)
{
	uint64_t mask = a->value;

	if (a->op != SCMP_CMP_MASKED_EQ) {
		if (!op_text(a->op))
			return false;
		buf_addf(b, "arg%u %s 0x%llx", a->index, op_text(a->op),
			 (unsigned long long)a->value);
		return true;
	}
	if (a->value_two == 0) {
		const uint64_t rest = ~mask;

		buf_addf(b, "arg%u in 0x%llx", a->index, (unsigned long long)rest);
		return true;
	}
	if (a->value_two != mask || (mask & (mask - 1)))
		return false;
	buf_addf(b, "arg%u & 0x%llx", a->index, (unsigned long long)mask);
	return true;
}

static bool add_clause(struct buf *b, const struct eff_rule *rule)
{
	unsigned seen = 0;

	if (rule->action != SCA_ACT_ALLOW || rule->n_args == 0)
		return false;
	for (size_t i = 0; i < rule->n_args; i++) {
		if (seen >> rule->args[i].index & 1)
			return false;
		seen |= 1u << rule->args[i].index;
		buf_add_z(b, i ? " && " : b->n ? " || " : "");
		if (!add_arg(b, &rule->args[i]))
			return false;
	}
	return true;
}

/* Whether the call's rules, all of them, are a condition of minijail's. */
static bool add_condition(struct writer *w, const char *name, struct buf *b)
{
	uint32_t arch = w->info.archs[0];
	const struct filter_ref *r;
	int32_t nr;

	if (w->denylist || sca_syscall_number(w->names, arch, sca_str_z(name), &nr) < 0)
		return false;
	r = filter_find(w->f, arch, nr);
	if (!r)
		return false;
	for (; r < w->f->refs + w->f->n_refs && r->arch == arch && r->nr == nr; r++)
		if (!add_clause(b, &w->f->eff->rules[r->rule]))
			return false;
	return true;
}

/* -- minijail -- */

static int put_minijail(struct writer *w, const struct judged *j)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	bool pass = !j->conditions && passes(j->v.action);
	uint16_t e = j->v.action == SCA_ACT_ERRNO ? j->v.data : EPERM;

	if (w->denylist) {
		if (!pass)
			buf_addf(&w->out, "%s: return %u\n", j->name, e);
		if (!pass && (j->conditions || j->v.action != SCA_ACT_ERRNO))
			lose(j->conditions ? &w->conditions : &w->answers, j->name);
		if (pass && j->v.action == SCA_ACT_LOG)
			lose(&w->logs, j->name);
		return 0;
	}
	if (pass) {
		buf_addf(&w->out, "%s: 1\n", j->name);
		if (j->v.action == SCA_ACT_LOG)
			lose(&w->logs, j->name);
	} else if (j->conditions && add_condition(w, j->name, &b)) {
		buf_addf(&w->out, "%s: %s", j->name, b.failed ? "" : b.p);
		if (j->v.action == SCA_ACT_ERRNO && j->v.by == SCA_BY_RULE)
			buf_addf(&w->out, "; return %u", j->v.data);
		buf_add_c(&w->out, '\n');
	} else if (j->conditions) {
		lose(&w->conditions, j->name);
	} else if (j->v.by == SCA_BY_RULE && j->v.action == SCA_ACT_ERRNO) {
		buf_addf(&w->out, "%s: return %u\n", j->name, e);
	} else if (j->v.by == SCA_BY_RULE && j->v.action != w->action) {
		lose(&w->answers, j->name);
	}
	return b.failed ? -ENOMEM : 0;
}

static void head_minijail(struct writer *w)
{
	static const struct {
		enum sca_action action;
		const char *line;
	} defaults[] = {
		{SCA_ACT_KILL_PROCESS, "@default kill-process\n"},
		{SCA_ACT_KILL_THREAD, "@default kill-thread\n"},
		{SCA_ACT_TRAP, "@default trap\n"},
	};
	const char *line = defaults[0].line;

	if (w->denylist) {
		buf_add_z(&w->out, "@denylist\n");
		return;
	}
	w->action = SCA_ACT_KILL_PROCESS;
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (defaults[i].action == w->f->eff->default_action) {
			w->action = defaults[i].action;
			line = defaults[i].line;
		}
	buf_add_z(&w->out, line);
	if (w->action != w->f->eff->default_action)
		buf_add_z(&w->notes, "calls without a line kill the process: minijail's default "
				     "has no errno\n");
}

/* -- systemd -- */

static bool in_default_group(const char *name)
{
	struct sca_str calls = policy_group(SCA_STR("@default")), one;

	while (str_cut(&calls, ' ', &one))
		if (str_eq(one, sca_str_z(name)))
			return true;
	return false;
}

static void put_systemd(struct writer *w, const struct judged *j)
{
	bool pass = !j->conditions && passes(j->v.action);
	const struct eff *e = w->f->eff;

	if (j->conditions)
		lose(&w->conditions, j->name);
	else if (j->differs && !pass)
		lose(&w->archs, j->name);
	if (pass && j->v.action == SCA_ACT_LOG && e->default_action != SCA_ACT_LOG)
		lose(&w->logged, j->name);
	if (w->denylist && !pass) {
		lose(&w->denied, j->name);
		if (j->v.action == SCA_ACT_ERRNO)
			buf_addf(&w->denied, ":%u", j->v.data);
		else
			buf_add_z(&w->denied, ":kill");
		return;
	}
	if (w->denylist)
		return;
	if (pass)
		lose(&w->allowed, j->name);
	else if (in_default_group(j->name))
		lose(&w->denied, j->name);
	if (!pass && !j->conditions && j->v.by == SCA_BY_RULE &&
	    (j->v.action != e->default_action || j->v.data != e->default_err))
		lose(&w->answers, j->name);
}

static void head_systemd(struct writer *w)
{
	const struct eff *e = w->f->eff;

	buf_add_z(&w->out, "[Service]\nSystemCallArchitectures=native");
	for (size_t i = 1; i < w->info.n_archs; i++) {
		const char *scmp = sca_arch_scmp_name(w->info.archs[i]);

		for (size_t k = 0; scmp && k < n_policy_archs; k++)
			if (strcmp(scmp, policy_archs[k].scmp) == 0)
				buf_addf(&w->out, " %s", policy_archs[k].systemd);
	}
	buf_add_c(&w->out, '\n');
	if (w->denylist) {
		if (e->default_action == SCA_ACT_LOG)
			buf_add_z(&w->out, "SystemCallLog=~\n");
		return;
	}
	if (e->default_action == SCA_ACT_ERRNO)
		buf_addf(&w->out, "SystemCallErrorNumber=%u\n", e->default_err);
	else if (e->default_action != SCA_ACT_KILL_PROCESS)
		buf_addf(&w->notes, "calls that are not allowed kill the process, not %s\n",
			 sca_action_name(e->default_action));
	/* The first assignment makes it a list of what is allowed. */
	buf_add_z(&w->out, "SystemCallFilter=@default\n");
}

#define LINE_WIDTH 88

/* Assignments of a list, as many as its words need. */
static void put_list(struct buf *out, const char *key, const struct buf *words)
{
	struct sca_str rest = buf_str(words), word;
	size_t width = 0;

	while (str_cut(&rest, ' ', &word)) {
		if (width == 0 || width + 1 + word.n > LINE_WIDTH) {
			buf_addf(out, "%s%s", width ? "\n" : "", key);
			width = strlen(key);
		} else {
			buf_add_c(out, ' ');
			width++;
		}
		buf_add_str(out, word);
		width += word.n;
	}
	if (width)
		buf_add_c(out, '\n');
}

/* -- all of it -- */

static int put_calls(struct writer *w, enum sca_policy kind)
{
	size_t n = kind == SCA_POLICY_MINIJAIL ? 1 : w->info.n_archs;

	for (size_t i = 0; i < n; i++)
		for (int32_t nr = 0; nr <= sca_syscall_last(w->names, w->info.archs[i]); nr++) {
			const char *name = sca_syscall_name(w->names, w->info.archs[i], nr);
			struct judged j = {.name = name};
			bool seen = false;
			int32_t other;

			for (size_t k = 0; name && k < i; k++)
				seen |= sca_syscall_number(w->names, w->info.archs[k],
							   sca_str_z(name), &other) == 0;
			if (!name || seen)
				continue;
			judge(w, name, n, &j);
			if (kind == SCA_POLICY_SYSTEMD)
				put_systemd(w, &j);
			else if (put_minijail(w, &j) < 0)
				return -ENOMEM;
		}
	return 0;
}

static void put_notes(struct writer *w, enum sca_policy kind)
{
	const struct {
		const struct buf *names;
		const char *words;
	} lost[] = {
		{&w->conditions, "denied for all arguments, the profile allows some"},
		{&w->archs, "denied, the architectures differ"},
		{&w->answers, "denied with another answer"},
		{&w->logs, "allowed without being logged"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lost); i++)
		if (lost[i].names->n)
			buf_addf(&w->notes, "%s: %s\n", lost[i].words, lost[i].names->p);
	if (kind == SCA_POLICY_MINIJAIL && w->info.n_archs > 1)
		buf_add_z(&w->notes, "a policy of minijail is for one architecture: programs of the "
				     "others are killed\n");
	if (w->info.stub && !w->denylist)
		buf_add_z(&w->notes, "runc answers ENOSYS for calls newer than the profile: here they "
				     "get the default\n");
}

static int write_all(struct writer *w, enum sca_policy kind)
{
	int r;

	sca_filter_info(w->f, &w->info);
	/* The stub denies by number, which no list of names does. */
	w->denylist = passes(w->f->eff->default_action) && !w->info.stub;
	w->action = w->f->eff->default_action;
	if (kind == SCA_POLICY_SYSTEMD)
		head_systemd(w);
	else
		head_minijail(w);
	r = put_calls(w, kind);
	put_list(&w->out, "SystemCallFilter=", &w->allowed);
	put_list(&w->out, "SystemCallFilter=~", &w->denied);
	put_list(&w->out, "SystemCallLog=", &w->logged);
	put_notes(w, kind);
	if (w->allowed.failed || w->denied.failed || w->logged.failed || w->conditions.failed ||
	    w->archs.failed || w->answers.failed || w->logs.failed || w->out.failed ||
	    w->notes.failed)
		return -ENOMEM;
	return r;
}

int sca_policy_write(char **ret, char **ret_notes, const struct sca_profile *p,
		     const struct sca_target *t, enum sca_policy kind, struct sca_names *names,
		     struct sca_err *err)
{
	struct writer w = {.names = names};
	struct sca_filter *f = NULL;
	_cleanup_free_ char *out = NULL;
	char *notes;
	int r = sca_filter_compile(&f, p, t, names, err);

	if (r < 0)
		return r;
	w.f = f;
	if (f->info.disabled)
		r = sca_fail(err, SCA_E_UNSUPPORTED,
			     "the profile sets no filter: no policy is what says that");
	else if (write_all(&w, kind) < 0)
		r = sca_fail(err, -ENOMEM, "no memory for a policy");
	if (r == 0) {
		out = buf_steal(&w.out, NULL);
		notes = buf_steal(&w.notes, NULL);
		if (out && notes) {
			*ret = steal(&out);
			*ret_notes = notes;
		} else {
			free(notes);
			r = sca_fail(err, -ENOMEM, "no memory for a policy");
		}
	}
	buf_release(&w.out);
	buf_release(&w.notes);
	buf_release(&w.allowed);
	buf_release(&w.denied);
	buf_release(&w.logged);
	buf_release(&w.conditions);
	buf_release(&w.archs);
	buf_release(&w.answers);
	buf_release(&w.logs);
	sca_filter_free(f);
	return r;
}
