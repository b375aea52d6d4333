/* SPDX-License-Identifier: Apache-2.0 */
/* An examination, and the forms in which it is shown. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "chosen.h"
#include "render/document.h"

#define RUNTIMES_MAX 8

struct found_runtime {
	char *path, *word; /* word: NULL when it was not run, or did not say */
};

struct checkup {
	struct sca_doctor *doctor;
	struct found_runtime runtimes[RUNTIMES_MAX];
	size_t n_runtimes;
	/* the map; profile is NULL without one */
	struct sca_profile *profile;
	struct sca_target target;
	bool target_given;
	struct chosen chosen; /* by --container */
};

/* -- doctor_runtimes.c -- */

/* runc and crun where packages put them; asked for their version on this machine only. */
int runtimes_find(struct checkup *c, const char *root, struct sca_err *err);

size_t checkup_count(const struct checkup *c, enum sca_health health);
void doctor_text(const struct page *pg, const struct checkup *c);
int doctor_json(struct out *o, const struct checkup *c, struct sca_err *err);

#endif
