/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layout of JSON text: how the children of a container are set apart, and how a new value is
 * written so that it looks like the text around it. Spans point into the document.
 */
#ifndef SCA_JSON_LAYOUT_H
#define SCA_JSON_LAYOUT_H

#include "json_text.h"

/* The blanks on both sides of a comma. At most one line break is in them, and what stands
 * before it is not: a blank line or trailing blanks of the original are never copied. */
struct jl_sep {
	struct sca_str before, after;
};

/* The document's habits, for places without an example of their own. */
struct jl_style {
	const struct jt_doc *doc;
	bool lines; /* the text has line breaks at all */
	struct sca_str eol, unit, colon;
	struct jl_sep inlined;
};

/* How one container's children are set apart. */
struct jl_list {
	bool lines;                /* every child starts a line of its own */
	bool mixed;                /* some do: a wrapped list */
	struct jl_sep first, last; /* between the first two and between the last two children */
	struct jl_sep inlined;     /* without a line break; from elsewhere if need be */
	struct jl_sep broken;      /* with a line break; mixed only */
	size_t width;              /* longest line of the container; mixed only */
};

/* Where a new value goes. */
struct jl_place {
	uint32_t near;         /* original node close by: the nearest example counts */
	struct sca_str kind;   /* raw key the value stands under; its array's for elements */
	bool element;          /* an array's element */
	bool one_line;         /* the surroundings allow no line break */
	bool many_lines;       /* they want one */
	struct sca_str indent; /* of the line that the value starts on */
};

/* Start of a child, with its key if it has one. */
uint32_t jl_start(const struct jt_doc *doc, uint32_t child);
/* Whether a line break stands between two offsets. */
bool jl_breaks(const struct jt_doc *doc, uint32_t from, uint32_t to);

void jl_style_read(struct jl_style *ret, const struct jt_doc *doc);
/* `container` has children. */
void jl_list_read(const struct jl_style *st, uint32_t container, struct jl_list *ret);

/* What to write between a new child and the original child `next` behind it; `prev` is the
 * original child before `next`, JT_NONE for none. */
struct jl_sep jl_sep_before(const struct jl_style *st, const struct jl_list *l, uint32_t prev,
			    uint32_t next);
/* What to write between the last child and a new one of n bytes, where the line has `column`
 * bytes so far. */
struct jl_sep jl_sep_end(const struct jl_list *l, size_t column, size_t n);

/* The place of original node `node`, and of a new child of `box` at offset `at`. */
struct jl_place jl_place_of(const struct jl_style *st, uint32_t node);
struct jl_place jl_place_in(const struct jl_style *st, uint32_t box, uint32_t near,
			    uint32_t at);

/* Key and value are told apart as `object`'s members have it. */
struct sca_str jl_colon(const struct jl_style *st, uint32_t object);
void jl_put_sep(struct buf *out, struct jl_sep sep);
/* Writes v's top value. Scalars are copied; containers follow the nearest example. */
void jl_put(const struct jl_style *st, struct buf *out, const struct jt_doc *v,
	    const struct jl_place *place);

#endif
