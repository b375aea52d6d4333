/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement about the kernel, the runtimes and this process, from the facts alone. One row a
 * check; what is about auditd and journald is in doctor_logs.c.
 *
 * Commands are for a POSIX shell of root on the host. Each pair of show and undo leaves the
 * host as it was.
 */
#include "doctor_int.h"

#define LOGGED "/proc/sys/kernel/seccomp/actions_logged"

const char *sca_health_name(enum sca_health h)
{
	static const char *const names[SCA_HEALTH_COUNT] = {
		[SCA_HEALTH_OK] = "ok",
		[SCA_HEALTH_UNKNOWN] = "unknown",
		[SCA_HEALTH_NOTE] = "note",
		[SCA_HEALTH_PROBLEM] = "problem",
	};

	return (size_t)h < SCA_HEALTH_COUNT ? names[h] : NULL;
}

static _printf_(2, 0) const char *printed(struct sca_doctor *d, const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;
	const char *copy;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	copy = text ? arena_dup(&d->arena, sca_str_z(text)) : NULL;
	d->failed |= !copy;
	return copy ? copy : "";
}

struct sca_diagnosis *doctor_add(struct sca_doctor *d, const char *id, enum sca_health health,
			       const char *fmt, ...)
{
	struct sca_diagnosis *f;
	va_list ap;

	if (!vec_grow(&d->findings, &d->cap, d->n)) {
		d->failed = true;
		return NULL;
	}
	f = &d->findings[d->n++];
	va_start(ap, fmt);
	*f = (struct sca_diagnosis){.id = id, .health = health, .what = printed(d, fmt, ap),
				  .show = "", .undo = "", .then = ""};
	va_end(ap);
	return f;
}

void doctor_set(struct sca_doctor *d, const char **field, const char *fmt, ...)
{
	va_list ap;

	if (!field)
		return;
	va_start(ap, fmt);
	*field = printed(d, fmt, ap);
	va_end(ap);
}

/* -- what the kernel makes records of -- */

static const enum sca_action denials[] = {
	SCA_ACT_KILL_PROCESS, SCA_ACT_KILL_THREAD, SCA_ACT_TRAP, SCA_ACT_ERRNO,
	SCA_ACT_USER_NOTIF,   SCA_ACT_TRACE,       SCA_ACT_LOG,
};

static bool wants_flag(enum sca_action a)
{
	return a == SCA_ACT_TRAP || a == SCA_ACT_ERRNO || a == SCA_ACT_USER_NOTIF ||
	       a == SCA_ACT_TRACE;
}

const char *doctor_silent(const struct doctor_facts *f, enum sca_action action, bool flag)
{
	if (action == SCA_ACT_ALLOW)
		return "";
	if (f->audit_off == FACT_YES)
		return "the kernel was started with audit=0";
	for (size_t i = 0; i < f->n_rules; i++)
		if (f->rules[i].all)
			return "an audit rule excludes SECCOMP records";
	if (f->have_logged && !doctor_word(f->logged, sca_action_name(action)))
		return "not in kernel.seccomp.actions_logged";
	if (wants_flag(action) && !flag)
		return "the filter is loaded without SECCOMP_FILTER_FLAG_LOG";
	return "";
}

static void judge_kernel(struct sca_doctor *d, const char *id)
{
	if (d->f.have_avail)
		doctor_add(d, id, SCA_HEALTH_OK, "it knows the actions %.*s",
			   (int)MIN(d->f.avail.n, 200u), d->f.avail.p);
	else
		doctor_add(d, id, d->f.live ? SCA_HEALTH_PROBLEM : SCA_HEALTH_UNKNOWN,
			   "there is no /proc/sys/kernel/seccomp: either the kernel is older than "
			   "4.14 or has no CONFIG_SECCOMP_FILTER, or /proc is not its own");
}

static void judge_actions(struct sca_doctor *d, const char *id)
{
	_cleanup_buf_ struct buf missing = BUF_INIT;
	const struct doctor_facts *f = &d->f;
	struct sca_diagnosis *found;

	if (!f->have_logged) {
		doctor_add(d, id, SCA_HEALTH_UNKNOWN, LOGGED " can not be read");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(denials); i++) {
		const char *name = sca_action_name(denials[i]);

		if (doctor_word(f->avail, name) && !doctor_word(f->logged, name))
			buf_addf(&missing, "%s%s", missing.n ? " " : "", name);
	}
	d->failed |= missing.failed;
	if (missing.n == 0) {
		doctor_add(d, id, SCA_HEALTH_OK,
			   "every action may leave records; errno, trap, trace and user_notif only "
			   "where the filter was loaded with SECCOMP_FILTER_FLAG_LOG");
		return;
	}
	found = doctor_add(d, id, SCA_HEALTH_PROBLEM,
			   "the kernel makes no records of the action%s %s, whatever a filter asks "
			   "for", memchr(missing.p, ' ', missing.n) ? "s" : "", missing.p);
	if (!found)
		return;
	doctor_set(d, &found->show, "echo '%.*s%s%s' >" LOGGED, (int)MIN(f->logged.n, 200u),
		   f->logged.n ? f->logged.p : "", f->logged.n ? " " : "", missing.p);
	doctor_set(d, &found->undo, "echo '%.*s' >" LOGGED, (int)MIN(f->logged.n, 200u),
		   f->logged.n ? f->logged.p : "");
	doctor_set(d, &found->then,
		   "something sets it, perhaps in /etc/sysctl.d: it would come back there");
}

static void judge_audit(struct sca_doctor *d, const char *id)
{
	const struct audit_state *a = &d->f.audit;
	struct sca_diagnosis *found;

	if (d->f.audit_off == FACT_YES) {
		found = doctor_add(d, id, SCA_HEALTH_PROBLEM,
				   "the kernel was started with audit=0: it makes no records at "
				   "all until it is started without");
		if (found)
			doctor_set(d, &found->then,
				   "take audit=0 out of the kernel's command line (for GRUB in "
				   "/etc/default/grub, then update-grub) and reboot; put it back "
				   "to undo it");
	} else if (!a->known) {
		doctor_add(d, id, SCA_HEALTH_UNKNOWN, "the kernel's audit state is not known: %s",
			   a->why);
	} else if (a->enabled == 2) {
		doctor_add(d, id, SCA_HEALTH_OK,
			   "on and locked: its rules and limits stay as they are until a reboot");
	} else {
		doctor_add(d, id, SCA_HEALTH_OK, a->enabled ? "on"
				: "enabled 0, which does not matter: SECCOMP records need no audit "
				  "rules, only their companions (ANOM_ABEND, SYSCALL) are missing");
	}
}

static void judge_limits(struct sca_doctor *d, const char *id)
{
	const struct audit_state *a = &d->f.audit;
	bool problem = false;
	struct sca_diagnosis *found;

	if (!a->known)
		return;
	if (a->rate_limit) {
		found = doctor_add(d, id, SCA_HEALTH_PROBLEM,
				   "the kernel makes at most %u records in a second and drops the "
				   "rest", a->rate_limit);
		doctor_set(d, found ? &found->show : NULL, "auditctl -r 0");
		doctor_set(d, found ? &found->undo : NULL, "auditctl -r %u", a->rate_limit);
		problem = true;
	}
	if (a->backlog_limit && a->backlog_limit < 1024) {
		found = doctor_add(d, id, SCA_HEALTH_NOTE,
				   "its queue holds %u records: a burst above that is lost",
				   a->backlog_limit);
		doctor_set(d, found ? &found->show : NULL, "auditctl -b 8192");
		doctor_set(d, found ? &found->undo : NULL, "auditctl -b %u", a->backlog_limit);
		problem = true;
	}
	if (a->failure == 2) {
		doctor_add(d, id, SCA_HEALTH_NOTE,
			   "a lost record makes the kernel panic (failure 2, auditctl -f)");
		problem = true;
	}
	if (!problem)
		doctor_add(d, id, SCA_HEALTH_OK, "no rate limit, a queue of %u records",
			   a->backlog_limit);
	if (a->lost)
		doctor_add(d, id, SCA_HEALTH_NOTE,
			   "%u records were lost since it was started or told to count anew "
			   "(auditctl --reset-lost); without a daemon they may have had listeners "
			   "all the same", a->lost);
}

static void judge_rules(struct sca_doctor *d, const char *id)
{
	const struct doctor_facts *f = &d->f;

	if (!f->have_rules) {
		if (f->audit.known)
			doctor_add(d, id, SCA_HEALTH_UNKNOWN, "audit's rules can not be listed");
		return;
	}
	for (size_t i = 0; i < f->n_rules; i++) {
		const struct audit_rule *r = &f->rules[i];
		struct sca_diagnosis *found =
			doctor_add(d, id, r->all ? SCA_HEALTH_PROBLEM : SCA_HEALTH_NOTE,
				   "an audit rule drops %s records of type SECCOMP: -a %s",
				   r->all ? "all" : "some", r->text ? r->text : "(not writable)");

		if (!found || !r->text)
			continue;
		if (f->audit.enabled == 2) {
			doctor_set(d, &found->then, "the rules are locked until a reboot");
			continue;
		}
		doctor_set(d, &found->show, "auditctl -d %s", r->text);
		doctor_set(d, &found->undo, "auditctl -a %s", r->text);
		doctor_set(d, &found->then,
			   "it comes back with the rules in /etc/audit/rules.d if it is from there");
	}
	if (f->more_rules)
		doctor_add(d, id, SCA_HEALTH_NOTE, "and %zu more such rules", f->more_rules);
	if (f->n_rules == 0)
		doctor_add(d, id, SCA_HEALTH_OK, "no audit rule drops SECCOMP records");
}

/* -- who loads filters -- */

bool doctor_takes_flag(enum sca_runtime r, const unsigned v[3])
{
	if (r == SCA_RUNTIME_CRUN)
		return v[0] > 0 || v[1] >= 9;
	return v[0] > 1 || (v[0] == 1 && v[1] >= 2);
}

static void judge_runtimes(struct sca_doctor *d, const char *id)
{
	const struct doctor_facts *f = &d->f;

	for (size_t i = 0; i < f->n_runtimes; i++) {
		const struct runtime_fact *r = &f->runtimes[i];
		const char *name = sca_runtime_name(r->runtime);
		const unsigned *v = r->version;

		if (!r->known)
			doctor_add(d, id, SCA_HEALTH_UNKNOWN, "%s: which version of %s it is was "
				   "not asked", r->path, name);
		else if (doctor_takes_flag(r->runtime, v))
			doctor_add(d, id, SCA_HEALTH_OK, "%s is %s %u.%u.%u: it takes "
				   "SECCOMP_FILTER_FLAG_LOG from a profile, and loads filters %s",
				   r->path, name, v[0], v[1], v[2],
				   r->runtime == SCA_RUNTIME_CRUN && v[0] == 0 && v[1] < 20
					   ? "with it unless told otherwise"
					   : "without it unless told to");
		else
			doctor_add(d, id, SCA_HEALTH_NOTE, "%s is %s %u.%u.%u: it refuses to start a "
				   "container whose profile has SECCOMP_FILTER_FLAG_LOG, so its ERRNO "
				   "denials leave no record; %s or newer takes it",
				   r->path, name, v[0], v[1], v[2],
				   r->runtime == SCA_RUNTIME_CRUN ? "crun 0.9" : "runc 1.2.0");
	}
	if (f->n_runtimes == 0)
		doctor_add(d, id, SCA_HEALTH_UNKNOWN,
			   "neither runc nor crun is where they are looked for");
}

static void judge_libseccomp(struct sca_doctor *d, const char *id)
{
	const struct doctor_facts *f = &d->f;
	const char *newest = f->newest_call ? f->newest_call : "(none)";

	if (!f->newer_known)
		doctor_add(d, id, SCA_HEALTH_UNKNOWN,
			   "the newest call it has a name for is %s; which calls the kernel has can "
			   "not be read", newest);
	else if (f->n_newer == 0)
		doctor_add(d, id, SCA_HEALTH_OK,
			   "it has names for all calls of this kernel, the newest is %s", newest);
	else
		doctor_add(d, id, SCA_HEALTH_NOTE,
			   "the newest call it has a name for is %s; the kernel has %zu that it has "
			   "not: %s%s. A runtime that is linked with it skips rules that name them",
			   newest, f->n_newer, f->newer, f->n_newer > 6 ? " ..." : "");
}

/* -- what is read, and whose it was -- */

static void judge_cgroups(struct sca_doctor *d, const char *id)
{
	switch (d->f.cgroups) {
	case CGROUPS_V2:
		doctor_add(d, id, SCA_HEALTH_OK, "version 2");
		break;
	case CGROUPS_HYBRID:
		doctor_add(d, id, SCA_HEALTH_OK, "hybrid: controllers in version 1, systemd's own "
			   "tree in version 2");
		break;
	case CGROUPS_V1:
		doctor_add(d, id, SCA_HEALTH_OK, "version 1");
		break;
	default:
		doctor_add(d, id, SCA_HEALTH_UNKNOWN, "none is mounted at /sys/fs/cgroup");
	}
}

static void judge_namespaces(struct sca_doctor *d, const char *id)
{
	const struct doctor_facts *f = &d->f;

	if (!f->live)
		return;
	if (f->init_pid == FACT_NO)
		doctor_add(d, id, SCA_HEALTH_PROBLEM,
			   "scaudit is not in the host's pid namespace: the pids in records mean "
			   "nothing here; start it with hostPID or --pid host");
	if (f->init_net == FACT_NO)
		doctor_add(d, id, SCA_HEALTH_PROBLEM,
			   "scaudit is not in the host's network namespace: the kernel sends it no "
			   "records; start it with hostNetwork or --network host");
	if (f->init_user == FACT_NO)
		doctor_add(d, id, SCA_HEALTH_NOTE,
			   "scaudit is in a user namespace: its root is not the host's");
	if (f->init_pid == FACT_YES && f->init_net != FACT_NO && f->init_user != FACT_NO)
		doctor_add(d, id, SCA_HEALTH_OK, "the host's own%s",
			   f->init_net == FACT_UNKNOWN ? "; of the network's it is not known" : "");
}

static void judge_sources(struct sca_doctor *d, const char *id)
{
	bool any = false;

	for (size_t i = 0; i < d->f.n_sources; i++) {
		const struct source_fact *s = &d->f.sources[i];

		any |= s->usable;
		if (s->usable)
			doctor_add(d, id, SCA_HEALTH_OK, "%s can be read", s->spec);
		else
			doctor_add(d, id, s->absent ? SCA_HEALTH_OK : SCA_HEALTH_NOTE,
				   s->absent ? "%s is not in use: %s" : "%s can not be read: %s",
				   s->spec, s->why);
	}
	if (!any && !d->f.live)
		doctor_add(d, id, SCA_HEALTH_NOTE, "none of its logs is among the files");
	else if (!any && d->f.n_sources)
		doctor_add(d, id, SCA_HEALTH_PROBLEM,
			   "this user can read none of them%s",
			   geteuid() ? "; root can, or who is in the groups adm and "
				       "systemd-journal" : "");
}

static void judge_levels(struct sca_doctor *d, const char *id)
{
	_cleanup_buf_ struct buf works = BUF_INIT;

	if (!d->f.levels_known)
		return;
	for (unsigned i = 0; i < SCA_TRACK_COUNT; i++) {
		const char *name = sca_track_name((enum sca_track)i);

		if (d->f.levels[i])
			doctor_add(d, id, SCA_HEALTH_NOTE, "%s can not be used: %s", name,
				   d->f.levels[i]);
		else
			buf_addf(&works, "%s%s", works.n ? " " : "", name);
	}
	if (works.n)
		doctor_add(d, id, SCA_HEALTH_OK, "ways that work here: %s", works.p);
	d->failed |= works.failed;
}

static void judge_logs(struct sca_doctor *d, const char *id _unused_)
{
	doctor_judge_logs(d);
}

static const struct check {
	const char *id;
	void (*judge)(struct sca_doctor *d, const char *id);
} checks[] = {
	{"kernel", judge_kernel},
	{"actions-logged", judge_actions},
	{"audit", judge_audit},
	{"audit-rules", judge_rules},
	{"audit-limits", judge_limits},
	{"logs", judge_logs},
	{"source", judge_sources},
	{"runtime", judge_runtimes},
	{"libseccomp", judge_libseccomp},
	{"cgroups", judge_cgroups},
	{"namespaces", judge_namespaces},
	{"attribution", judge_levels},
};

void doctor_judge(struct sca_doctor *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		checks[i].judge(d, checks[i].id);
}
