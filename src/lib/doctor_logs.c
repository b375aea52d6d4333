/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement about who takes the records. With a daemon the kernel's buffer gets none; without
 * one it gets as many as the limit on printing lets through. Multicast listeners (journald,
 * scaudit's netlink source) get all of them either way.
 */
#include "doctor_int.h"

static void no_daemon(struct sca_doctor *d)
{
	const struct doctor_facts *f = &d->f;
	struct sca_diagnosis *found;

	if (f->auditd == FACT_UNKNOWN && !f->audit.known) {
		doctor_add(d, "auditd", SCA_HEALTH_UNKNOWN, "whether it runs is not known: there "
			   "are no processes in /proc");
		return;
	}
	if (f->audit.known && f->audit.pid) {
		doctor_add(d, "auditd", SCA_HEALTH_NOTE,
			   "the kernel sends its records to process %u (%s), which is not auditd: "
			   "where they go is its own affair", f->audit.pid,
			   f->taker ? f->taker : "not in this pid namespace");
		return;
	}
	if (f->audit.known && f->auditd == FACT_YES)
		doctor_add(d, "auditd", SCA_HEALTH_NOTE,
			   "a process of that name runs (%u), but the kernel sends it nothing: it "
			   "gave up, is about to start, or is something else", f->auditd_pid);
	found = doctor_add(d, "auditd", SCA_HEALTH_NOTE,
			   "none %s: records go to the kernel's buffer (dmesg), at most %u in %u "
			   "seconds, the rest is suppressed",
			   f->audit.known && f->auditd == FACT_YES ? "is served" : "runs",
			   f->printk_known ? f->printk_burst : 10,
			   f->printk_known ? f->printk_seconds : 5);
	doctor_set(d, found ? &found->then : NULL,
		   "'scaudit tail' asks the kernel itself and gets all of them; so does an "
		   "auditd: 'systemctl start auditd', undone by 'auditctl --signal stop'");
}

static void daemon_log(struct sca_doctor *d)
{
	const struct doctor_facts *f = &d->f;
	struct sca_diagnosis *found;
	bool well = true;

	if (!f->conf_read) {
		doctor_add(d, "auditd", SCA_HEALTH_NOTE, "it runs (process %u), but %s can not be "
			   "read, so where it writes is assumed", f->auditd_pid, f->conf);
	}
	if (!f->local_events) {
		found = doctor_add(d, "auditd", SCA_HEALTH_PROBLEM,
				   "it takes no records of this host (local_events = no in %s)",
				   f->conf);
		doctor_set(d, found ? &found->then : NULL,
			   "'scaudit tail' gets them from the kernel, without a change");
		well = false;
	}
	if (!f->write_logs) {
		found = doctor_add(d, "auditd", SCA_HEALTH_PROBLEM,
				   "it writes no log (write_logs = no in %s), it feeds its plugins only",
				   f->conf);
		doctor_set(d, found ? &found->show : NULL,
			   "sed -i 's/^ *write_logs *=.*/write_logs = yes/I' '%s' && kill -HUP %u",
			   f->conf, f->auditd_pid);
		doctor_set(d, found ? &found->undo : NULL,
			   "sed -i 's/^ *write_logs *=.*/write_logs = no/I' '%s' && kill -HUP %u",
			   f->conf, f->auditd_pid);
		well = false;
	}
	if (well)
		doctor_add(d, "auditd", SCA_HEALTH_OK,
			   "it runs (process %u) and writes to %s; the kernel's buffer gets none",
			   f->auditd_pid, f->log);
}

static void log_room(struct sca_doctor *d)
{
	const struct doctor_facts *f = &d->f;
	struct sca_diagnosis *found;

	if (!f->log_room || !f->write_logs)
		return;
	if (f->log_free_mb > f->log_floor_mb) {
		doctor_add(d, "auditd-disk", SCA_HEALTH_OK, "%ju MB are free for %s",
			   (uintmax_t)f->log_free_mb, f->log);
		return;
	}
	found = doctor_add(d, "auditd-disk", SCA_HEALTH_PROBLEM,
			   "%ju MB are free for %s, and from %ju MB on down auditd does what "
			   "admin_space_left_action says: %s", (uintmax_t)f->log_free_mb, f->log,
			   (uintmax_t)f->log_floor_mb, f->log_floor_action);
	doctor_set(d, found ? &found->show : NULL, "kill -USR2 %u", f->auditd_pid);
	doctor_set(d, found ? &found->then : NULL,
		   "make room first; the signal tells a suspended auditd to go on writing");
}

static void journal(struct sca_doctor *d)
{
	const struct doctor_facts *f = &d->f;
	struct sca_diagnosis *found;

	if (f->journald == FACT_UNKNOWN)
		return;
	if (f->journald == FACT_NO) {
		doctor_add(d, "journald", SCA_HEALTH_OK, "none runs");
	} else if (f->journal_listens == FACT_UNKNOWN ||
		   (f->journal_listens == FACT_NO && f->live && f->init_net != FACT_YES)) {
		doctor_add(d, "journald", SCA_HEALTH_UNKNOWN,
			   "it runs; whether it listens to audit can not be read");
	} else if (f->journal_listens == FACT_NO) {
		found = doctor_add(d, "journald", SCA_HEALTH_NOTE,
				   "it runs, but does not listen to audit (its Audit= would not "
				   "change that): the journal has what is printed by the kernel only");
		doctor_set(d, found ? &found->show : NULL,
			   "systemctl unmask systemd-journald-audit.socket && systemctl start "
			   "systemd-journald-audit.socket && systemctl restart systemd-journald");
		doctor_set(d, found ? &found->undo : NULL,
			   "systemctl mask --now systemd-journald-audit.socket && systemctl restart "
			   "systemd-journald");
		doctor_set(d, found ? &found->then : NULL, "not needed where auditd writes a log");
	} else if (f->journal_drops) {
		found = doctor_add(d, "journald", SCA_HEALTH_PROBLEM,
				   "its audit socket was overrun %u times: those records are not in "
				   "the journal, and systemd 252 and older read none after the first",
				   f->journal_drops);
		doctor_set(d, found ? &found->show : NULL, "systemctl restart systemd-journald");
		doctor_set(d, found ? &found->then : NULL,
			   "what was lost stays lost; under a flood it happens again");
	} else {
		doctor_add(d, "journald", SCA_HEALTH_OK, "it listens to audit and lost nothing");
	}
}

void doctor_judge_logs(struct sca_doctor *d)
{
	/* Anybody can have the name; whom the kernel serves is certain. */
	bool runs = d->f.auditd == FACT_YES &&
		    (!d->f.audit.known || d->f.audit.pid == d->f.auditd_pid);

	if (runs)
		daemon_log(d);
	else
		no_daemon(d);
	if (runs)
		log_room(d);
	journal(d);
}
