/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as text: a tree of nodes that keep their byte ranges, as json_text.h has it for JSON.
 * libfyaml reads; what is written is spliced into the text, so comments and layout stay.
 *
 * Read is what a Kubernetes client reads without guessing. In the value that becomes JSON,
 * anchors, aliases, tags, merge keys and scalars whose type differs between YAML 1.1 and 1.2
 * are refused: nothing is expanded, so a small text stays small. Duplicate keys are refused
 * everywhere.
 */
#ifndef SCA_YAML_H
#define SCA_YAML_H

#include "json_edit.h"

#define YN_NONE UINT32_MAX

enum yn_kind { YN_SCALAR, YN_SEQ, YN_MAP, YN_ALIAS };

struct yn {
	enum yn_kind kind;
	bool flow;             /* in brackets */
	bool anchor, tag;      /* has one */
	char quote;            /* of a scalar: 0, '\'', '"'; '|' for a block scalar */
	uint32_t line;         /* 0-based */
	uint32_t start, end;   /* bytes; equal for a value that is not there ("key:") */
	uint32_t key;          /* node of the member's key; YN_NONE for elements */
	uint32_t parent;
	uint32_t first, last, next; /* children in text order */
	uint32_t n, index;
	struct sca_str value;  /* of a scalar, decoded */
};

struct yaml {
	struct sca_str text; /* borrowed */
	struct yn *v;
	size_t n, cap;
	uint32_t *docs; /* top node of each document that has one */
	size_t n_docs, cap_docs;
	struct arena arena;
};

/* err gets line and column. SCA_E_SYNTAX, SCA_E_LIMIT, SCA_E_UNSUPPORTED without libfyaml. */
int yaml_read(struct yaml *ret, struct sca_str text, struct sca_err *err);
void yaml_release(struct yaml *y);
/* The value of a member with a scalar key; YN_NONE. */
uint32_t yaml_member(const struct yaml *y, uint32_t map, struct sca_str key);
#define yaml_for_each(y, node, c) \
	for (uint32_t c = (y)->v[node].first; c != YN_NONE; c = (y)->v[c].next)
int yaml_fail(const struct yaml *y, uint32_t node, struct sca_err *err, int code,
	      const char *fmt, ...) _printf_(5, 6);

/* -- yaml_json.c -- */

/*
 * The JSON text of a node. Each value stands on the line that it has in the YAML, if there is
 * no earlier one on it. The k-th value of the JSON, in the order of jt_parse(), is node
 * (*ret_of)[k], malloc'ed.
 */
int yaml_to_json(const struct yaml *y, uint32_t top, struct buf *out, uint32_t **ret_of,
		 size_t *ret_n, struct sca_err *err);
/* Whether a plain scalar of this text would be a string, for all readers alike. */
bool yaml_plain_string(struct sca_str s);

/* -- yaml_edit.c -- */

/*
 * The YAML text after a list of edits of its JSON. SCA_E_CONFLICT with the place when the text
 * is in a form that can not be edited exactly. The caller proves the result by reading it.
 */
int yaml_apply(const struct yaml *y, const uint32_t *of, const struct je_list *l,
	       struct buf *out, struct sca_err *err);

/* -- yaml_write.c: new values -- */

/* How a value is written: as its siblings are. */
struct yaml_style {
	const struct yaml *y;
	uint32_t like;      /* a node of the same kind, YN_NONE for none */
	struct sca_str eol;
	unsigned seq_step;  /* columns from a key to the dashes of its list */
};

/* In brackets, on one line. */
void yaml_put_flow(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		   struct buf *out);
/* In block form, the first line from where out ends; the others behind `indent` blanks. No line
 * break at the end. */
void yaml_put_block(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		    unsigned indent, struct buf *out);
/* "key: value" or "key:" with the value on its own lines. */
void yaml_put_member(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		     struct sca_str key, unsigned indent, struct buf *out);

#endif
