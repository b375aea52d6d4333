/* SPDX-License-Identifier: Apache-2.0 */
/* Between the planner's three editing files. */
#ifndef SCA_PLAN_EDIT_H
#define SCA_PLAN_EDIT_H

#include "plan.h"

/* An order of names to put another into. */
struct shelf {
	struct sca_str *v;
	size_t *at; /* index of each in its array */
	size_t n;
	bool sorted, blind; /* blind: underscores do not count */
};

/* What becomes of all names with one goal. */
struct host {
	enum sca_action action;
	uint16_t err;
	bool by_default;             /* defaultAction does it: leaving the other rules is enough */
	const struct eff_rule *rule; /* NULL: a new one */
	uint32_t array;              /* its names */
	struct shelf shelf;
	struct buf fresh;            /* names of the new rule */
	size_t fresh_cause;
};

/* -- plan_host.c -- */

/* Chooses the host for an action. 0 or -ENOMEM; h->fresh is to be released in any case. */
int host_init(struct sca_plan *pl, struct host *h, enum sca_action action, uint16_t err);
/* Whether an action is what the host stands for; a call that is logged and let through is as
 * good as an allowed one. */
bool host_wants(const struct host *h, enum sca_action action, uint16_t err);
/* Before which element of the host's array a name goes (in "name" form: before which rule). */
size_t host_place(const struct sca_plan *pl, const struct host *h, struct sca_str name);
/* In the order of the host's list. */
int host_compare(const struct host *h, struct sca_str a, struct sca_str b);

/* -- plan_write.c: rules as compact JSON -- */

void write_names_rule(struct buf *b, const struct host *h, struct sca_str quoted_names);
void write_name_rule(struct buf *b, const struct host *h, struct sca_str name);
void write_narrow_rule(struct buf *b, const struct sca_plan *pl, const struct narrow *nw,
		       struct sca_str name);

#endif
