/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two profiles by verdict: both are compiled for a target, and the two programs are compared
 * over every architecture of both, every number, and every value of the arguments. What a
 * text difference hides (a rule that was silenced all along, a gate, runc's ENOSYS stub) shows,
 * and what it shouts (order, layout) does not.
 *
 * A profile that the target refuses is an answer, too: the comparison holds the refusal.
 */
#ifndef SCAUDIT_COMPARE_H
#define SCAUDIT_COMPARE_H

#include <scaudit/patch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order of the list. */
enum sca_diff_kind {
	SCA_DIFF_OPENED, /* denied before, goes through now */
	SCA_DIFF_CLOSED, /* went through, is denied now */
	SCA_DIFF_ERRNO,  /* denied with another errno */
	SCA_DIFF_ACTION, /* another action of the same effect: killed instead of refused, logged
			    instead of allowed */
	SCA_DIFF_COUNT,
};
SCA_API const char *sca_diff_kind_name(enum sca_diff_kind kind); /* "opened", ... */

struct sca_difference {
	enum sca_diff_kind kind;
	struct sca_change change;         /* its `asked` and the like are false */
	const struct sca_advice *advice;  /* of an opened call that is dangerous; else NULL */
};

struct sca_compare_side {
	bool refused;
	struct sca_err why;            /* of the refusal */
	struct sca_filter_info filter; /* of a profile that loads */
};

struct sca_compare_info {
	struct sca_target target;
	struct sca_compare_side old_side, new_side;
	uint64_t compared;           /* verdict pairs; 0 when a side is refused */
	size_t archs;
	size_t calls[SCA_DIFF_COUNT]; /* numbers, of all architectures, one for each verdict pair */
	bool dangerous;              /* some opened call is */
};

struct sca_compare;
/* Borrows the names for as long as the result lives, everything else during the call. */
SCA_API int sca_compare_new(struct sca_compare **ret, const struct sca_profile *old_profile,
			    const struct sca_profile *new_profile, const struct sca_target *t,
			    struct sca_names *names, struct sca_err *err);
SCA_API struct sca_compare *sca_compare_free(struct sca_compare *c);
SCA_API void sca_compare_info(const struct sca_compare *c, struct sca_compare_info *ret);
/* By kind, dangerous ones first, then by architecture and number. */
SCA_API size_t sca_compare_count(const struct sca_compare *c);
SCA_API const struct sca_difference *sca_compare_at(const struct sca_compare *c, size_t i);
/* Something differs: a verdict, or one of the two is refused and the other is not. */
SCA_API bool sca_compare_differs(const struct sca_compare *c);
/* Both say the same, for whichever targets they are: differences and refusals. */
SCA_API bool sca_compare_same(const struct sca_compare *a, const struct sca_compare *b);

/*
 * The i-th target of the matrix of front ends and runtimes; false past the end. Kernel and
 * architecture are those of `base`; capabilities, too, with keep_caps, else the front end's
 * default set.
 */
SCA_API bool sca_target_matrix(size_t i, const struct sca_target *base, bool keep_caps,
			       struct sca_target *ret);

#ifdef __cplusplus
}
#endif
#endif
