/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile allows and the evidence never shows: for a report, not for a patch, as no
 * evidence says what a program may still do.
 */
#ifndef SCAUDIT_UNUSED_H
#define SCAUDIT_UNUSED_H

#include <scaudit/denial.h>
#include <scaudit/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sca_unused_call {
	const char *name;
	enum sca_danger danger;
	const char *risk; /* one sentence, or "" */
	bool conditional; /* allowed for some arguments only */
};

/* A rule that allows; a call that several rules allow belongs to the first one. */
struct sca_unused_rule {
	size_t index;          /* in /syscalls */
	unsigned line, column;
	size_t allowed;        /* calls that it allows */
	size_t seen;           /* of them, in the evidence */
	size_t startup;        /* not seen, but a runtime or a C library makes them to start */
	const struct sca_unused_call *calls; /* the others, the most dangerous first */
	size_t n;
};

struct sca_unused_totals {
	size_t allowed, seen, startup, unused;
	bool default_allows; /* defaultAction allows all that no rule denies, seen or not */
};

struct sca_unused;
/* The profile is compiled for the target: what its rules do not reach is not among them.
 * Errors as of sca_filter_compile(). Rules with the most dangerous unused calls come first. */
SCA_API int sca_unused_new(struct sca_unused **ret, const struct sca_profile *p,
			   const struct sca_target *t, const struct sca_denials *ds,
			   struct sca_names *names, struct sca_err *err);
SCA_API struct sca_unused *sca_unused_free(struct sca_unused *u);
SCA_API size_t sca_unused_count(const struct sca_unused *u);
SCA_API const struct sca_unused_rule *sca_unused_at(const struct sca_unused *u, size_t i);
SCA_API void sca_unused_totals(const struct sca_unused *u, struct sca_unused_totals *ret);

#ifdef __cplusplus
}
#endif
#endif
