/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of an explainer. Its base is a plan without denials: that has the filter, the index
 * of names and the places of rules. Ways to open a call come from plans with one denial.
 */
#ifndef SCA_EXPLAIN_INT_H
#define SCA_EXPLAIN_INT_H

#include <scaudit/explain.h>

#include "plan.h"

struct sca_explainer {
	const struct sca_profile *profile;
	struct sca_target target;
	struct sca_names *names;
	struct sca_plan *base;
	struct arena arena; /* of the last explanation */
	struct buf text;
	struct sca_explanation last;
};

int explain_no_memory(struct sca_err *err);
/* The text so far as a string in the arena; empties the text. NULL when out of memory. */
const char *explain_keep(struct sca_explainer *ex);
/* What rule_match() wants to know of a call. */
struct sca_denial explain_denial(const struct sca_call *call);

/* -- explain_mention.c -- */

/* All places that name the call, with their fates. Needs last.call, syscall and ruling. */
int explain_mentions(struct sca_explainer *ex, struct sca_err *err);
/* The places of a name of the profile; NULL when it is nowhere. */
struct call_name *explain_name(const struct sca_explainer *ex, const char *syscall);

/* -- explain_ways.c -- */

/* Fills ways, and why for a verdict that denies. */
int explain_ways(struct sca_explainer *ex, struct sca_err *err);

/* -- explain_others.c -- */

int explain_others(struct sca_explainer *ex, struct sca_err *err);

#endif
