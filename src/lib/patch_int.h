/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a patch, and how one is made. */
#ifndef SCA_PATCH_INT_H
#define SCA_PATCH_INT_H

#include <scaudit/patch.h>

#include "json_edit.h"

/* A `test` operation: the value that the document has at path before the operation. */
struct patch_guard {
	const char *path, *value;
};

struct patch_step {
	struct sca_op op;
	size_t n_guards;
	struct patch_guard guards[2];
};

struct sca_patch {
	struct arena arena; /* strings of the steps */
	struct patch_step *steps;
	size_t n;
	struct je_list edits; /* nodes of the text below; doc is set for each use */
	char *text;           /* the text that the patch is for */
	size_t text_n;
};

/*
 * Makes a patch of a list of edits; the list stays the caller's, and the patch borrows nothing
 * of it. Operations stand in the list's order, removals last, so that a move out of a removed
 * value comes first. Fails as je_check().
 */
int patch_from_edits(struct sca_patch **ret, const struct je_list *edits, struct sca_err *err);

#endif
