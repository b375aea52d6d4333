/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two files that edit YAML: blocks, and what stands in brackets. */
#ifndef SCA_YAML_EDIT_INT_H
#define SCA_YAML_EDIT_INT_H

#include "yaml.h"

struct ye_splice {
	size_t from, to; /* of the original */
	size_t at, n;    /* the new bytes, in the pool */
	size_t order;
};

struct yaml_edit {
	const struct yaml *y;
	const uint32_t *of; /* YAML node of each JSON node */
	struct yaml_style style;
	struct buf pool;
	struct ye_splice *splices;
	size_t n_splices, cap_splices;
	struct sca_err *err;
};

/* A list or map, and what happens to its children. */
struct ye_box {
	uint32_t node;
	uint32_t *kids;
	bool *gone;
	size_t n, n_gone;
	const struct je_edit **fresh; /* in the order of the edits */
	size_t n_new;
};

size_t ye_line_start(const struct yaml_edit *ed, size_t at);
size_t ye_line_end(const struct yaml_edit *ed, size_t at);
/* Only blanks, and whether a byte is there, in a range. */
bool ye_blank(const struct yaml_edit *ed, size_t from, size_t to);
bool ye_has(const struct yaml_edit *ed, size_t from, size_t to, char c);
size_t ye_child_start(const struct yaml_edit *ed, uint32_t child); /* of its key, if any */
size_t ye_behind_colon(const struct yaml_edit *ed, uint32_t key);  /* SIZE_MAX: not seen */
/* SCA_E_CONFLICT at a node's place. */
int ye_refuse(struct yaml_edit *ed, uint32_t node, const char *why);
/* Replaces a range by what the pool holds from `at` on. */
int ye_splice(struct yaml_edit *ed, size_t from, size_t to, size_t at);

/* -- yaml_flow.c -- */

int ye_change_flow(struct yaml_edit *ed, const struct ye_box *b);
/* The first children of an empty list or map. */
int ye_fill(struct yaml_edit *ed, const struct ye_box *b);

#endif
