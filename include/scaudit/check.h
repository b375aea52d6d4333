/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking a profile: what its loaders would refuse, and what it says that its author can
 * hardly mean. Every check is one row of a table with an id that stays; a problem is one
 * place where a check found something.
 *
 * What a profile does is measured on the compiled filter, for one target. Only who would refuse
 * it is asked of the other front ends and runtimes, too.
 */
#ifndef SCAUDIT_CHECK_H
#define SCAUDIT_CHECK_H

#include <scaudit/patch.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sca_severity {
	SCA_SEVERITY_ERROR,   /* it does not start, or does not do what is written */
	SCA_SEVERITY_WARNING, /* it leaves a gap, or breaks programs */
	SCA_SEVERITY_NOTE,    /* worth knowing */
	SCA_SEVERITY_COUNT,
};
SCA_API const char *sca_severity_name(enum sca_severity s); /* "error", "warning", "note" */

/* -- the table of checks -- */

struct sca_check {
	const char *id;             /* "misspelt-name" */
	enum sca_severity severity; /* the worst that its problems have */
	const char *meaning;        /* one line */
};
SCA_API size_t sca_check_count(void);
SCA_API const struct sca_check *sca_check_at(size_t i); /* in a fixed order */

/* -- checking -- */

struct sca_problem {
	size_t check;               /* index in the table */
	enum sca_severity severity;
	unsigned line, column;      /* 0 when the file as a whole is meant */
	const char *pointer;        /* RFC 6901; "" for the top */
	const char *text;           /* what is there: a clause, no full stop */
	const char *reason;         /* why that is a problem: sentences */
	const char *fix;            /* what to do: sentences; "" for none */
	bool edited;                /* the patch takes care of it */
};

struct sca_check_options {
	/* Ask every front end, with each runtime, whether it would take the profile: what the
	 * given target refuses is an error, what others refuse a note. */
	bool all_loaders;
	/* Problems that the patch is to leave alone; NULL: none. Places are not known yet, the
	 * pointer is. */
	bool (*keep)(const struct sca_problem *p, void *arg);
	void *arg;
};

struct sca_checked;

/*
 * Checks for a target. A profile that it refuses is checked no further, and that is a problem,
 * not a failure. `opt` may be NULL; all is borrowed during the call only.
 */
SCA_API int sca_checked_new(struct sca_checked **ret, const struct sca_profile *p,
			    const struct sca_target *t, const struct sca_check_options *opt,
			    struct sca_names *names, struct sca_err *err);
/* A text that no loader can read: the one problem is the error that loading it gave. */
SCA_API int sca_checked_unreadable(struct sca_checked **ret, const struct sca_err *why,
				   struct sca_err *err);
SCA_API struct sca_checked *sca_checked_free(struct sca_checked *c);

/* Problems, by position, graver ones first in one place. */
SCA_API size_t sca_checked_count(const struct sca_checked *c);
SCA_API const struct sca_problem *sca_checked_at(const struct sca_checked *c, size_t i);

/*
 * The safe edits: those that change no verdict of this target, and corrected names, which change
 * the verdicts of the call that was meant and no other. Both was measured. NULL when there are
 * none; borrowed.
 */
SCA_API const struct sca_patch *sca_checked_patch(const struct sca_checked *c);
/* What the patch changes, as "x86_64 mkdir: ERRNO to ALLOW"; i < count. */
SCA_API size_t sca_checked_change_count(const struct sca_checked *c);
SCA_API const char *sca_checked_change(const struct sca_checked *c, size_t i);

#ifdef __cplusplus
}
#endif
#endif
