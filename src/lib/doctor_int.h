/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of an examination: the facts, which are read first (doctor_facts.c,
 * doctor_daemons.c, doctor_audit.c, doctor_self.c), and the judgement (doctor_judge.c,
 * doctor_logs.c), which reads nothing else.
 */
#ifndef SCA_DOCTOR_INT_H
#define SCA_DOCTOR_INT_H

#include "mem.h"

#include <scaudit/doctor.h>
#include <scaudit/tracker.h>

#define DOCTOR_RUNTIMES_MAX 8
#define DOCTOR_SOURCES_MAX  4
#define DOCTOR_RULES_MAX    16

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

enum cgroups { CGROUPS_UNKNOWN, CGROUPS_V1, CGROUPS_HYBRID, CGROUPS_V2 };

/* The kernel's struct audit_status, as far as it matters. */
struct audit_state {
	bool known;
	const char *why; /* not known */
	uint32_t enabled, failure, pid, rate_limit, backlog_limit, lost;
};

/* An audit rule that drops records of type SECCOMP, as auditctl takes it behind -a or -d. */
struct audit_rule {
	const char *text;
	bool all; /* of them; else only those of some tasks */
};

struct runtime_fact {
	const char *path;
	enum sca_runtime runtime;
	bool known;          /* its version is */
	unsigned version[3];
};

/* A place that records can be read from (include/scaudit/source.h). */
struct source_fact {
	const char *spec;
	bool usable;
	bool absent;     /* not in use on this host */
	const char *why; /* not usable */
};

/* Spans and strings are in the arena of the examination. */
struct doctor_facts {
	bool live; /* this machine, not a tree of files */

	/* the kernel */
	struct sca_str avail, logged; /* actions_avail, actions_logged */
	bool have_avail, have_logged;
	enum fact audit_off;          /* audit=0 on its command line */
	struct audit_state audit;
	bool have_rules;
	size_t n_rules, more_rules;   /* past DOCTOR_RULES_MAX */
	struct audit_rule rules[DOCTOR_RULES_MAX];
	bool printk_known;
	uint32_t printk_seconds, printk_burst;

	/* who takes the records */
	enum fact auditd;             /* runs */
	uint32_t auditd_pid;
	const char *taker;            /* comm of the process that the kernel sends them to */
	const char *conf, *log;       /* of auditd: its files */
	bool conf_read, write_logs, local_events;
	bool log_room;                /* the next three are known */
	uint64_t log_free_mb, log_floor_mb;
	const char *log_floor_action;
	enum fact journald;
	enum fact journal_listens;    /* its socket is in the group */
	uint32_t journal_drops;

	/* what is read, and whose it was */
	size_t n_sources;
	struct source_fact sources[DOCTOR_SOURCES_MAX];
	bool levels_known;
	const char *levels[SCA_TRACK_COUNT]; /* NULL: works; else why not */
	enum fact init_pid, init_net, init_user; /* namespaces */
	enum cgroups cgroups;

	/* who loads filters */
	size_t n_runtimes;
	struct runtime_fact runtimes[DOCTOR_RUNTIMES_MAX];
	const char *newest_call;      /* that libseccomp has a name for */
	size_t n_newer;               /* calls that the kernel has and libseccomp not */
	bool newer_known;
	const char *newer;            /* their names, the first ones */
};

/* The calls of one verdict. */
struct call_list {
	struct sca_doctor_call *v;
	size_t cap;
};

struct sca_doctor {
	struct arena arena;
	struct doctor_facts f;
	struct sca_diagnosis *findings;
	size_t n, cap;
	bool failed; /* no memory */
	struct sca_doctor_verdict *verdicts;
	size_t n_verdicts, cap_verdicts;
	struct call_list *lists; /* as many, in the order in which they were met */
	size_t cap_lists;
};

/* -- facts; they fail for want of memory only -- */

int doctor_read_files(struct sca_doctor *d, int root);
int doctor_read_daemons(struct sca_doctor *d, int root);
int doctor_read_audit(struct sca_doctor *d);
int doctor_read_self(struct sca_doctor *d, const char *root);
int doctor_read_runtimes(struct sca_doctor *d, const struct sca_doctor_options *o);
int doctor_read_calls(struct sca_doctor *d, int root, struct sca_names *names);

/* One rule of the exclude list, as the kernel has it; false when it drops no SECCOMP record. */
struct audit_rule_data;
bool doctor_rule(struct sca_doctor *d, const struct audit_rule_data *r, size_t n,
		 struct audit_rule *ret);

/* -- judgement -- */

/* Appends; strings are copied by printf into the arena. */
struct sca_diagnosis *doctor_add(struct sca_doctor *d, const char *id, enum sca_health health,
			       const char *fmt, ...) _printf_(4, 5);
/* Sets show, undo or then of a finding (NULL is taken). */
void doctor_set(struct sca_doctor *d, const char **field, const char *fmt, ...) _printf_(3, 4);

void doctor_judge(struct sca_doctor *d);      /* all checks over d->f */
void doctor_judge_logs(struct sca_doctor *d); /* doctor_logs.c: the part about who takes them */
bool doctor_word(struct sca_str words, const char *word);
/* Whether a runtime takes SECCOMP_FILTER_FLAG_LOG from a profile. */
bool doctor_takes_flag(enum sca_runtime r, const unsigned version[3]);

/* Why this host leaves no record of an action that a filter with or without the flag decides;
 * "" when it leaves one. */
const char *doctor_silent(const struct doctor_facts *f, enum sca_action action, bool flag);

/* -- the map: doctor_map.c -- */

int doctor_map(struct sca_doctor *d, const struct sca_doctor_options *o, struct sca_names *names,
	       struct sca_err *err);

#endif
