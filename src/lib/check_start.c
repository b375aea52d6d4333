/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be allowed so that anything starts: calls that the runtime makes under the filter
 * and calls of every program (startup.c knows them), and calls whose callers live with ENOSYS only.
 */
#include "check.h"
#include "startup.h"

/* Callers take ENOSYS for an old kernel and fall back; they take EPERM for the answer. */
static const struct fallback {
	const char *call, *who;
} fallbacks[] = {
	{"clone3", "glibc 2.34 and newer starts no thread and no process"},
	{"faccessat2", "glibc 2.33 and newer: test -r and access() fail"},
	{"fchmodat2", "glibc 2.39 and newer: tar, rsync and others fail to set modes"},
	{"statx", "glibc, Qt and others: stat fails"},
	{"openat2", "systemd and runc fail to open files"},
	{"close_range", "programs that close descriptors before exec give up"},
	{"epoll_pwait2", "event loops end with an error"},
	{"futex_waitv", "Wine and Proton end with an error"},
};
static const char fallbacks_32[] =
	"clock_gettime64 clock_nanosleep_time64 futex_time64 ppoll_time64 pselect6_time64 "
	"timerfd_settime64 utimensat_time64 recvmmsg_time64 semtimedop_time64 "
	"rt_sigtimedwait_time64 clock_getres_time64";

/* ENOSYS is no way out but for openat2, which runc does without. */
static bool missing_one(const struct checking *ck, struct sca_str name)
{
	struct sca_reach reach;

	if (check_open(ck, ck->t->arch, name, &reach) != OPEN_SHUT)
		return false;
	return !(str_is(name, "openat2") && reach.v[0].action == SCA_ACT_ERRNO &&
		 reach.v[0].data == ENOSYS);
}

static bool killed(const struct checking *ck, struct sca_str name)
{
	struct sca_reach reach;

	return check_open(ck, ck->t->arch, name, &reach) == OPEN_SHUT &&
	       reach.v[0].action <= SCA_ACT_TRAP;
}

/* One way of several is enough. */
static bool missing(const struct checking *ck, struct sca_str name, unsigned need)
{
	struct sca_str other = startup_other(name, need);

	if (need & START_KILLED && killed(ck, name))
		return true;
	return need & ~(unsigned)START_KILLED && missing_one(ck, name) &&
	       (other.n == 0 || missing_one(ck, other));
}

static void add_missing(const struct checking *ck, unsigned need, struct check_list *l)
{
	struct sca_str name;
	unsigned how;

	for (size_t at = 0; (how = startup_next(ck->t, need, &at, &name));)
		if (missing(ck, name, how))
			check_list_add(l, name);
}

static uint32_t default_node(const struct checking *ck)
{
	return check_member(ck, ck->top, "defaultAction");
}

static void runtime_start(struct checking *ck)
{
	struct check_list always = CHECK_LIST_INIT, early = CHECK_LIST_INIT,
			  sometimes = CHECK_LIST_INIT;
	char runtime[TARGET_RUNTIME_MAX];

	target_runtime(ck->t, runtime);
	add_missing(ck, START_RUNTIME, &always);
	add_missing(ck, START_EARLY, &early);
	add_missing(ck, START_SOMETIMES, &sometimes);
	if (always.n)
		check_add(ck, CHECK_RUNTIME_START, default_node(ck),
			  check_text(ck, "%s starts no container without %s", runtime,
				     check_list_end(ck, &always)),
			  "It makes these calls under the filter, and reports their failure as "
			  "something else, or not at all.",
			  "Allow them.");
	if (early.n)
		check_add(ck, CHECK_RUNTIME_EARLY, default_node(ck),
			  check_text(ck, "without no_new_privs %s starts no container without %s",
				     runtime, check_list_end(ck, &early)),
			  "Unless no_new_privs is set, the filter is loaded before the runtime "
			  "changes user, capabilities and directory.",
			  "Allow them, or run with no-new-privileges.");
	if (sometimes.n)
		check_add(ck, CHECK_RUNTIME_SOMETIMES, default_node(ck),
			  check_text(ck, "%s fails now and then without %s", runtime,
				     check_list_end(ck, &sometimes)),
			  "It is a Go program, whose runtime makes these calls when threads meet: "
			  "2 to 25 of 25 starts failed.",
			  "Allow them.");
	buf_release(&always.text);
	buf_release(&early.text);
	buf_release(&sometimes.text);
}

static void program_start(struct checking *ck)
{
	struct check_list all = CHECK_LIST_INIT, loader = CHECK_LIST_INIT;

	add_missing(ck, START_PROGRAM | START_KILLED, &all);
	add_missing(ck, START_LOADER, &loader);
	if (all.n)
		check_add(ck, CHECK_PROGRAM_START, default_node(ck),
			  check_text(ck, "a program of glibc does not start or end without %s",
				     check_list_end(ck, &all)),
			  "It makes these before its own first line, or behind its last one.",
			  "Allow them.");
	if (loader.n)
		check_add(ck, CHECK_LOADER_START, default_node(ck),
			  check_text(ck, "no dynamically linked program of glibc starts without %s",
				     check_list_end(ck, &loader)),
			  "Its loader maps the libraries with these.",
			  "Allow them, unless all programs are linked statically.");
	buf_release(&all.text);
	buf_release(&loader.text);
}

/* -- ENOSYS -- */

/* Calls that are denied with something else, and the place of the first one. */
struct denials {
	struct check_list l;
	struct sca_verdict v;
	uint32_t node;
};

static bool denied_otherwise(const struct checking *ck, uint32_t arch, struct sca_str name,
			     struct sca_verdict *ret)
{
	struct sca_reach reach;

	if (check_open(ck, arch, name, &reach) != OPEN_SHUT)
		return false;
	*ret = reach.v[0];
	return ret->action <= SCA_ACT_ERRNO &&
	       !(ret->action == SCA_ACT_ERRNO && ret->data == ENOSYS);
}

static void add_denied(const struct checking *ck, uint32_t arch, struct sca_str name,
		       struct denials *d)
{
	const struct eff_rule *rule = check_rule_for(ck, arch, name);
	struct sca_verdict v;

	if (!denied_otherwise(ck, arch, name, &v))
		return;
	if (d->l.n == 0) {
		d->v = v;
		d->node = v.by == SCA_BY_RULE && rule ? check_member(ck, rule->node, "action") :
							default_node(ck);
	}
	check_list_add(&d->l, name);
}

static void tell_fallback(struct checking *ck, enum check_id id, uint32_t arch,
			  struct denials *d, const char *why)
{
	const char *names = check_list_end(ck, &d->l);
	const char *answer = d->v.action == SCA_ACT_ERRNO ? sca_errno_name(d->v.data) : NULL;
	bool filter_late = ck->filter->info.stub;

	check_add(ck, id, d->node,
		  check_text(ck, "%s on %s: %s",
			     answer ? answer : sca_action_scmp_name(d->v.action),
			     sca_arch_name(arch), names),
		  check_text(ck, "Callers fall back when the answer is ENOSYS, not on this one: %s.",
			     why),
		  check_text(ck,
			     "Allow them, or let them answer ENOSYS by a rule with errnoRet 38%s.",
			     filter_late ? "" : ", or all by defaultErrnoRet 38"));
}

static void fallback_native(struct checking *ck)
{
	struct denials d = {.l = CHECK_LIST_INIT};
	_cleanup_buf_ struct buf why = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(fallbacks); i++) {
		struct sca_str name = sca_str_z(fallbacks[i].call);
		const struct sca_advice *a = sca_advice_find(name);
		size_t n = d.l.n;

		if (a && a->enosys_fallback)
			add_denied(ck, ck->t->arch, name, &d);
		if (d.l.n > n)
			buf_addf(&why, "%s%s: %s", why.n ? "; " : "", fallbacks[i].call,
				 fallbacks[i].who);
	}
	ck->failed |= why.failed;
	if (d.l.n && !why.failed)
		tell_fallback(ck, CHECK_FALLBACK, ck->t->arch, &d, why.p);
	buf_release(&d.l.text);
}

static void fallback_32(struct checking *ck, uint32_t arch)
{
	struct sca_str rest = sca_str_z(fallbacks_32), word;
	struct denials d = {.l = CHECK_LIST_INIT};

	while (str_cut(&rest, ' ', &word))
		add_denied(ck, arch, word, &d);
	if (d.l.n)
		tell_fallback(ck, CHECK_FALLBACK_TIME, arch, &d,
			      "programs with 64-bit time (musl 1.2, Debian's armhf) can not "
			      "wait, sleep or read the clock");
	buf_release(&d.l.text);
}

void check_start(struct checking *ck)
{
	runtime_start(ck);
	program_start(ck);
	fallback_native(ck);
	for (size_t i = 0; i < ck->eff->n_archs; i++)
		fallback_32(ck, ck->eff->archs[i]);
}
