/* SPDX-License-Identifier: Apache-2.0 */
/* Two profiles compared for one target or many, and the forms in which that is shown. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "cli.h"
#include "render/document.h"

/* Targets for which the two profiles differ in the same way. */
struct diff_result {
	struct sca_compare *compare; /* of the first of them */
	struct sca_target *targets;
	size_t n_targets;
};

struct diff_set {
	const char *old_path, *new_path;
	bool all;          /* the matrix of targets, not one */
	bool target_given;
	struct diff_result *v;
	size_t n;
};

/* The same change of one call on several architectures. */
struct diff_row {
	const struct sca_difference *first;
	struct out archs; /* "x86_64 x86 x32" */
};

/* malloc'ed; freed with diff_rows_free(). NULL when out of memory, or with *ret_n 0. */
struct diff_row *diff_rows(const struct sca_compare *c, size_t *ret_n);
void diff_rows_free(struct diff_row *v, size_t n);

/* "mkdir", "#473 to #535" */
void diff_call(struct out *o, const struct sca_change *c);
/* "for some arguments, such as 0x28, 0x1"; nothing when it is for all */
void diff_args(struct out *o, const struct sca_change *c);
/* "2 verdicts opened, 1 closed; 1,234 compared on 3 architectures" */
void diff_totals(struct out *o, const struct sca_compare *c);
/* "docker (runc 1.1.5, runc 1.3.0), podman (crun 1.14.0)" */
void diff_targets(struct out *o, const struct diff_result *res);
/* What is to be known about both profiles as a whole; false past the last one. */
bool diff_note(struct out *o, const struct sca_compare *c, size_t i);
/* The loader's reason for one of the two, whose word is "old" or "new"; NULL when it loads. */
const struct sca_err *diff_refusal(const struct sca_compare_info *info, bool of_new);

void diff_text(const struct page *pg, const struct diff_set *set);
void diff_markdown(struct out *o, const struct diff_set *set);
int diff_json(struct out *o, const struct diff_set *set, struct sca_err *err);
struct json_t *difference_json(const struct sca_difference *d);

#endif
