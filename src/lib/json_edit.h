/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits of JSON text that keep every byte they need not touch.
 *
 * All edits of a list refer to nodes and indices of the ORIGINAL document. je_apply() then
 * splices them in one pass; patch_from_edits() (patch_int.h) gives the same edits as RFC 6902
 * operations whose pointers are right when they are carried out in order.
 *
 * Layout: a new element copies its neighbours' line breaks, indentation and blanks; a new
 * object is written in the form of the array's existing objects (one line or many, their
 * indent unit, key order as given). Tabs, CRLF and a missing final newline stay.
 */
#ifndef SCA_JSON_EDIT_H
#define SCA_JSON_EDIT_H

#include "json_text.h"

enum je_kind {
	JE_INSERT,  /* value into array `node` before original element `index` (n: at the end) */
	JE_REMOVE,  /* original element or member `node` */
	JE_REPLACE, /* value of `node` */
	JE_MEMBER,  /* member `key`: value at the end of object `node` */
};

struct je_edit {
	enum je_kind kind;
	uint32_t node;
	size_t index;
	char *key;      /* owned; JE_MEMBER */
	char *value;    /* owned; compact JSON of the new value */
	/* This JE_INSERT is the target of moving element `from` (an original string node with
	 * the same value); JT_NONE otherwise. The removal is part of this edit. */
	uint32_t from;
	size_t cause;   /* carried through to sca_op.cause */
};

struct je_list {
	const struct jt_doc *doc; /* borrowed */
	struct je_edit *v;
	size_t n, cap;
};

void je_init(struct je_list *l, const struct jt_doc *doc);
void je_release(struct je_list *l);

/* Each copies its strings. 0 or -ENOMEM. Two inserts at one place keep their order. */
int je_insert(struct je_list *l, uint32_t array, size_t index, struct sca_str value, size_t cause);
int je_move(struct je_list *l, uint32_t from, uint32_t array, size_t index, size_t cause);
int je_remove(struct je_list *l, uint32_t node, size_t cause);
int je_replace(struct je_list *l, uint32_t node, struct sca_str value, size_t cause);
int je_member(struct je_list *l, uint32_t object, const char *key, struct sca_str value,
	      size_t cause);
/* Appends a copy of an edit. */
int je_copy(struct je_list *l, const struct je_edit *e);

/*
 * Whether the edits fit the document and each other. SCA_E_CONFLICT with the place when two
 * edits overlap (a removed rule whose name is also moved is fine: a move out of a removed
 * ancestor takes the value along), when a new member's key exists, or when a duplicate key
 * leaves a value without a pointer of its own. SCA_E_SYNTAX for a value that is no JSON.
 */
int je_check(const struct je_list *l, struct sca_err *err);

/* The new text, malloc'ed. Fails as je_check(). */
int je_apply(const struct je_list *l, char **ret, size_t *ret_n, struct sca_err *err);

#endif
