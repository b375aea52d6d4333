/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host logs of its denials and what it hides, and the least change that shows it.
 *
 * An examination reads facts of the host (files below one root; on this machine also the
 * kernel's audit state, the sources and the ways to attribute) and judges them. With a profile
 * it has a map, too: every call of every architecture of the filter, by its verdict and by
 * whether this host would leave a record of it.
 *
 * What could not be read is said as such, never taken for well or ill.
 */
#ifndef SCAUDIT_DOCTOR_H
#define SCAUDIT_DOCTOR_H

#include <scaudit/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sca_doctor;

/* A runtime that the caller found. */
struct sca_doctor_runtime {
	const char *path;
	const char *word; /* "runc:1.1.5", as for sca_target_set_runtime(); NULL when it was not run */
};

struct sca_doctor_options {
	const char *root; /* NULL or "/": this machine */
	const struct sca_doctor_runtime *runtimes;
	size_t n_runtimes;
	/* the map; NULL for none */
	const struct sca_profile *profile;
	const struct sca_target *target;
	bool in_config; /* the profile is linux.seccomp of the file that it is named after */
};

/* Looks and judges. Borrows nothing but names. -ENOENT, ... when root is no directory; -ENOMEM. A
 * profile that its target refuses is a finding. */
SCA_API int sca_doctor_new(struct sca_doctor **ret, const struct sca_doctor_options *o,
			   struct sca_names *names, struct sca_err *err);
SCA_API struct sca_doctor *sca_doctor_free(struct sca_doctor *d);

/* -- findings -- */

enum sca_health {
	SCA_HEALTH_OK,
	SCA_HEALTH_UNKNOWN, /* could not be looked at; what says why */
	SCA_HEALTH_NOTE,    /* hides something under conditions that what names */
	SCA_HEALTH_PROBLEM, /* hides denials, or a source of them can not be used */
	SCA_HEALTH_COUNT,
};
SCA_API const char *sca_health_name(enum sca_health h); /* "ok", "unknown", "note", "problem" */

struct sca_diagnosis {
	const char *id; /* of the closed set in src/lib/doctor_judge.c; static */
	enum sca_health health;
	const char *what; /* sentences */
	const char *show; /* commands of a shell that show what is hidden; "" when none do */
	const char *undo; /* commands that take them back; "" when there is nothing to undo */
	const char *then; /* what the commands alone do not do, or do besides; or "" */
};
SCA_API size_t sca_doctor_count(const struct sca_doctor *d);
SCA_API const struct sca_diagnosis *sca_doctor_at(const struct sca_doctor *d, size_t i);

/* -- the map -- */

enum sca_sight {
	SCA_SIGHT_SILENT,  /* denied, no record */
	SCA_SIGHT_DENIED,  /* denied, recorded */
	SCA_SIGHT_LOGGED,  /* allowed, recorded */
	SCA_SIGHT_ALLOWED, /* allowed, no record */
	SCA_SIGHT_COUNT,
};
SCA_API const char *sca_sight_name(enum sca_sight s); /* "denied silently", ... */

struct sca_doctor_call {
	const char *name;
	int32_t nr;
	enum sca_danger danger;
	bool by_args; /* for some arguments only */
};

/* The calls of one architecture that have a verdict in common: the dangerous ones first, then
 * those that something is known of, then by name. */
struct sca_doctor_verdict {
	uint32_t arch;
	struct sca_verdict verdict; /* by is that of the first call */
	enum sca_sight sight;
	const char *why; /* why it is silent, "" otherwise; static */
	const struct sca_doctor_call *calls;
	size_t n;
};
/* By architecture, the native one first, then by sight, then by number of calls. None when the
 * front end sets no filter. */
SCA_API size_t sca_doctor_verdicts(const struct sca_doctor *d);
SCA_API const struct sca_doctor_verdict *sca_doctor_verdict(const struct sca_doctor *d, size_t i);

#ifdef __cplusplus
}
#endif
#endif
