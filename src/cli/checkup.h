/* SPDX-License-Identifier: Apache-2.0 */
/* Checked profiles, and the forms in which they are shown. */
#ifndef CLI_CHECKUP_H
#define CLI_CHECKUP_H

#include "chosen.h"
#include "ignore.h"
#include "render/document.h"

struct checkup {
	const char *path;
	struct sca_profile *profile, *fixed; /* fixed: NULL without safe edits */
	struct sca_checked *checked;
	const struct ignore_row **ignored;   /* one for each problem; NULL: it counts */
};

struct checkups {
	struct checkup *v;
	size_t n;
	struct sca_target target;
	struct chosen chosen;        /* by --container */
	bool all_loaders;
	bool write;                  /* --fix */
	enum sca_severity fail_on;   /* SCA_SEVERITY_COUNT: never */
	struct ignore ignore;
	size_t counts[SCA_SEVERITY_COUNT]; /* of those that count */
	size_t n_ignored, n_fixed;
};

/* Whether a problem counts: not ignored, and not ended by --fix. */
bool checkup_counts(const struct checkups *cs, const struct checkup *c, size_t i);

void checkup_text(const struct page *pg, const struct checkups *cs);
void checkup_junit(struct out *o, const struct checkups *cs);
/* Whole documents; negative when out of memory. */
int checkup_json(struct out *o, const struct checkups *cs, struct sca_err *err);
int checkup_sarif(struct out *o, const struct checkups *cs, struct sca_err *err);

#endif
