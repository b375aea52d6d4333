/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blind-spot map: every call of every architecture of a filter, grouped by verdict. Verdicts
 * come from the compiled program; a call whose verdict depends on arguments is in each group that
 * some arguments lead to.
 */
#include "doctor_int.h"

#define VERDICTS_MAX 4096u /* groups; distinct errno values of all architectures */
#define FLAG         "SECCOMP_FILTER_FLAG_LOG"

struct map {
	struct sca_doctor *d;
	struct sca_filter *filter;
	struct sca_filter_info info;
	struct sca_names *names;
	const struct sca_doctor_options *o;
	bool failed;
};

const char *sca_sight_name(enum sca_sight s)
{
	static const char *const names[SCA_SIGHT_COUNT] = {
		[SCA_SIGHT_SILENT] = "denied silently",
		[SCA_SIGHT_DENIED] = "denied and logged",
		[SCA_SIGHT_LOGGED] = "allowed and logged",
		[SCA_SIGHT_ALLOWED] = "allowed",
	};

	return (size_t)s < SCA_SIGHT_COUNT ? names[s] : NULL;
}

static void see(const struct map *m, struct sca_doctor_verdict *v)
{
	bool silent;

	v->why = doctor_silent(&m->d->f, v->verdict.action, m->info.log_flag);
	silent = v->why[0];
	if (sca_action_denies(v->verdict.action))
		v->sight = silent ? SCA_SIGHT_SILENT : SCA_SIGHT_DENIED;
	else
		v->sight = silent || v->verdict.action == SCA_ACT_ALLOW ? SCA_SIGHT_ALLOWED
									: SCA_SIGHT_LOGGED;
}

/* The group of a verdict; who decides (by) does not set groups apart. */
static size_t group_of(struct map *m, uint32_t arch, const struct sca_verdict *verdict)
{
	struct sca_doctor *d = m->d;
	size_t i;

	for (i = 0; i < d->n_verdicts; i++) {
		const struct sca_doctor_verdict *v = &d->verdicts[i];

		if (v->arch == arch && v->verdict.action == verdict->action &&
		    v->verdict.data == verdict->data)
			return i;
	}
	if (i == VERDICTS_MAX || !vec_grow(&d->verdicts, &d->cap_verdicts, i) ||
	    !vec_grow(&d->lists, &d->cap_lists, i)) {
		m->failed = true;
		return SIZE_MAX;
	}
	d->verdicts[i] = (struct sca_doctor_verdict){.arch = arch, .verdict = *verdict};
	d->lists[i] = (struct call_list){NULL, 0};
	see(m, &d->verdicts[i]);
	d->n_verdicts++;
	return i;
}

static void add_call(struct map *m, size_t group, const struct sca_doctor_call *call)
{
	struct sca_doctor_verdict *v;
	struct call_list *list;

	if (m->failed)
		return;
	v = &m->d->verdicts[group];
	list = &m->d->lists[group];
	if (vec_grow(&list->v, &list->cap, v->n))
		list->v[v->n++] = *call;
	else
		m->failed = true;
}

static void map_call(struct map *m, uint32_t arch, int32_t nr)
{
	const struct sca_call call = {.arch = arch, .nr = nr};
	struct sca_doctor_call row = {.name = sca_syscall_name(m->names, arch, nr), .nr = nr};
	const struct sca_advice *advice;
	struct sca_reach reach;

	if (!row.name)
		return;
	advice = sca_advice_find(sca_str_z(row.name));
	row.danger = advice ? advice->danger : SCA_DANGER_NONE;
	sca_filter_reach(m->filter, &call, &reach);
	row.by_args = reach.n > 1;
	for (size_t i = 0; i < reach.n && !m->failed; i++)
		add_call(m, group_of(m, arch, &reach.v[i]), &row);
}

static int by_weight(const void *pa, const void *pb)
{
	const struct sca_doctor_call *a = pa, *b = pb;
	bool known_a, known_b;

	if (a->danger != b->danger)
		return a->danger > b->danger ? -1 : 1;
	known_a = sca_advice_find(sca_str_z(a->name));
	known_b = sca_advice_find(sca_str_z(b->name));
	if (known_a != known_b)
		return known_a ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int by_sight(const void *pa, const void *pb)
{
	const struct sca_doctor_verdict *a = pa, *b = pb;

	if (a->arch != b->arch)
		return a->arch == sca_arch_native() ? -1
		     : b->arch == sca_arch_native() ? 1
		     : a->arch < b->arch            ? -1
						    : 1;
	if (a->sight != b->sight)
		return a->sight < b->sight ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return a->verdict.data < b->verdict.data ? -1 : a->verdict.data > b->verdict.data;
}

static void sort(struct sca_doctor *d)
{
	for (size_t i = 0; i < d->n_verdicts; i++) {
		qsort(d->lists[i].v, d->verdicts[i].n, sizeof(*d->lists[i].v), by_weight);
		d->verdicts[i].calls = d->lists[i].v;
	}
	if (d->n_verdicts)
		qsort(d->verdicts, d->n_verdicts, sizeof(*d->verdicts), by_sight);
}

/* -- what follows from it -- */

/* In single quotes for a shell. */
static void add_quoted(struct buf *b, const char *z)
{
	buf_add_c(b, '\'');
	for (; *z; z++) {
		if (*z == '\'')
			buf_add_z(b, "'\\'");
		buf_add_c(b, *z);
	}
	buf_add_c(b, '\'');
}

/*
 * The flag where the runtime takes it: nothing else changes, what a runtime does without `flags`
 * included. Elsewhere the calls have to go through to be seen.
 */
static void add_jq(struct buf *b, bool flag)
{
	if (flag)
		buf_add_z(b, ".flags = (.flags // [\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]) + [\"" FLAG
			     "\"]");
	else
		buf_add_z(b, "def log: .action = \"SCMP_ACT_LOG\" | del(.errnoRet, .errno); "
			     "def hidden: . == \"SCMP_ACT_ERRNO\" or . == \"SCMP_ACT_TRAP\" or "
			     ". == \"SCMP_ACT_TRACE\"; "
			     "(if .defaultAction | hidden then .defaultAction = \"SCMP_ACT_LOG\" | "
			     "del(.defaultErrnoRet, .defaultErrno) else . end) | "
			     "(.syscalls[]? | select(.action | hidden)) |= log");
}

static bool flag_helps(const struct map *m)
{
	const struct sca_target *t = m->o->target;

	return t->frontend != SCA_FRONTEND_DOCKER20 && doctor_takes_flag(t->runtime, t->version);
}

/* A container's own profile is put into a file first. */
static void advise(const struct map *m, struct sca_diagnosis *found)
{
	_cleanup_buf_ struct buf show = BUF_INIT, undo = BUF_INIT;
	const char *name = sca_profile_name(m->o->profile);
	const char *base = strrchr(name, '/');
	_cleanup_buf_ struct buf out = BUF_INIT;
	bool flag = flag_helps(m);

	if (m->o->in_config)
		buf_add_z(&out, "profile.json");
	else
		buf_add_z(&out, base ? base + 1 : name);
	buf_add_z(&out, ".logging");
	buf_add_z(&show, "jq '");
	if (m->o->in_config)
		buf_add_z(&show, ".linux.seccomp | ");
	add_jq(&show, flag);
	buf_add_z(&show, "' ");
	add_quoted(&show, name);
	buf_add_z(&show, " >");
	if (out.p)
		add_quoted(&show, out.p);
	buf_add_z(&undo, "rm -- ");
	if (out.p)
		add_quoted(&undo, out.p);
	m->d->failed |= show.failed || undo.failed || out.failed;
	if (m->d->failed)
		return;
	doctor_set(m->d, &found->show, "%s", show.p);
	doctor_set(m->d, &found->undo, "%s", undo.p);
	doctor_set(m->d, &found->then, "start the container with this file instead of the profile, "
				       "and with the profile again to undo it%s",
		   flag ? "; it denies the same calls"
			: "; while it is used the calls go through, so use it where they may: the "
			  "target does not take " FLAG ", with which they would stay denied");
}

/* Calls of the native architecture that are denied without a record, by their reason. */
static void judge_map(const struct map *m)
{
	const char *reason = "";
	struct sca_doctor *d = m->d;
	struct sca_diagnosis *found;
	size_t silent = 0, conditional = 0;

	for (size_t i = 0; i < d->n_verdicts; i++) {
		const struct sca_doctor_verdict *v = &d->verdicts[i];

		if (v->sight != SCA_SIGHT_SILENT || v->arch != m->o->target->arch)
			continue;
		for (size_t j = 0; j < v->n; j++)
			conditional += v->calls[j].by_args;
		silent += v->n;
		reason = v->why;
	}
	if (m->info.disabled) {
		doctor_add(d, "profile", SCA_HEALTH_NOTE,
			   "it sets no filter: all calls are allowed, none is logged");
	} else if (silent == 0) {
		doctor_add(d, "profile", SCA_HEALTH_OK, "every denial leaves a record");
	} else {
		char some[64] = "";

		if (conditional)
			snprintf(some, sizeof(some), " (%zu of them for some arguments only)",
				 conditional);
		found = doctor_add(d, "profile", SCA_HEALTH_PROBLEM,
				   "%zu calls of %s are denied without a record%s: %s", silent,
				   sca_arch_name(m->o->target->arch), some, reason);
		if (found && strstr(reason, FLAG))
			advise(m, found);
		else
			doctor_set(d, found ? &found->then : NULL,
				   "what is said above about the host comes first");
	}
}

/* The container would not even start. */
static int refused(struct sca_doctor *d, const struct sca_err *why)
{
	char text[1024];

	sca_err_format(why, text, sizeof(text));
	doctor_add(d, "profile", SCA_HEALTH_PROBLEM, "the target refuses it: %s", text);
	return 0;
}

int doctor_map(struct sca_doctor *d, const struct sca_doctor_options *o, struct sca_names *names,
	       struct sca_err *err)
{
	struct map m = {.d = d, .o = o, .names = names};
	struct sca_err why = SCA_ERR_INIT;
	int r = sca_filter_compile(&m.filter, o->profile, o->target, names, &why);

	if (r == SCA_E_REFUSED)
		return refused(d, &why);
	if (r < 0 && err)
		*err = why;
	if (r < 0)
		return r;
	sca_filter_info(m.filter, &m.info);
	for (size_t i = 0; !m.info.disabled && i < m.info.n_archs; i++) {
		int32_t last = sca_syscall_last(names, m.info.archs[i]);

		for (int32_t nr = 0; nr <= last && !m.failed; nr++)
			map_call(&m, m.info.archs[i], nr);
	}
	sca_filter_free(m.filter);
	if (m.failed)
		return sca_fail_errno(err, ENOMEM, "mapping the profile");
	sort(d);
	judge_map(&m);
	return 0;
}
