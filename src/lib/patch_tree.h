/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document while a patch is carried out: who stands where after the steps so far. A cell
 * is made for the children of a container when somebody looks at them; all below is the
 * original text. So pointers and guards are read off the document as it is at each step.
 */
#ifndef SCA_PATCH_TREE_H
#define SCA_PATCH_TREE_H

#include "json_text.h"

struct cell {
	struct cell *up;
	uint32_t node;          /* of the original; JT_NONE for a new value */
	struct sca_str value;   /* JSON of a new value */
	struct sca_str raw_key; /* JSON of a member's key; empty for elements and the top */
	struct sca_str key;     /* the same decoded */
	size_t rank;            /* 2i+1 for original child i, 2i for what comes in before it */
	struct cell **kids;     /* sorted by rank */
	size_t n, cap;
	bool opened;
};

struct tree {
	const struct jt_doc *doc;
	struct arena *arena; /* the cells live there */
	struct cell **by_node;
	struct cell *top;
};

/* False when out of memory, as all below that return a bool; NULL likewise. */
bool tree_init(struct tree *t, const struct jt_doc *doc, struct arena *arena);
void tree_release(struct tree *t);

struct cell *tree_cell(struct tree *t, uint32_t node);
/* Children of a container; a new value has none. */
bool tree_open(struct tree *t, struct cell *c);
/* Position of a child. */
size_t cell_index(const struct cell *c);
/* Position that a child coming in before original child i would get. */
size_t cell_slot(const struct cell *box, size_t i);

bool tree_insert(struct tree *t, struct cell *box, size_t i, struct cell *c);
void tree_remove(struct cell *c);

/* Pointer of a cell, and its compact JSON as it is now. */
bool tree_path(const struct cell *c, struct buf *out);
bool tree_value(struct tree *t, const struct cell *c, struct buf *out);

#endif
