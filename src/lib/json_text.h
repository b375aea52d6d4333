/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as text: a tree of nodes that keep their byte ranges, so that meaning can be read
 * from it and edits can be spliced into the original bytes. jansson can do neither: it keeps
 * no positions and refuses integers above 2^63-1.
 *
 * The grammar is RFC 8259 as Go's encoding/json reads it: any value at the top, no byte
 * order mark, no comments, nothing but blanks after it. Invalid UTF-8 and lone surrogates
 * are accepted (Go replaces them by U+FFFD when it decodes; so does jt_string).
 *
 * Nodes are indices into doc->nodes; node 0 is the top value. Limits are those of
 * profile.h unless said otherwise.
 */
#ifndef SCA_JSON_TEXT_H
#define SCA_JSON_TEXT_H

#include "text.h"

enum jt_type { JT_NULL, JT_FALSE, JT_TRUE, JT_NUMBER, JT_STRING, JT_ARRAY, JT_OBJECT };

#define JT_NONE UINT32_MAX

/* Values in one document: more than SCA_PROFILE_MAX_RULES rules of the usual size. */
#define JT_MAX_NODES (1u << 20)

struct jt_node {
	enum jt_type type;
	uint32_t start, end;         /* bytes of the value; strings with their quotes */
	uint32_t key_start, key_end; /* bytes of the member's key with its quotes; equal if none */
	uint32_t parent;             /* JT_NONE for the top */
	uint32_t first, last, next;  /* children in text order, next sibling; JT_NONE */
	uint32_t n;                  /* number of children */
	uint32_t index;              /* position among the siblings */
};

struct jt_doc;

/* Where a document stands that is a part of another text. */
struct jt_home {
	const char *pointer; /* of its top in the other document */
	struct sca_str text; /* the other text */
	/* The offset in it of a node. */
	size_t (*offset)(const struct jt_home *home, const struct jt_doc *doc, uint32_t node);
};

struct jt_doc {
	struct sca_str text; /* borrowed */
	const struct jt_home *home; /* borrowed; NULL: the text stands for itself */
	struct jt_node *nodes;
	size_t n, cap;
};

/* err gets line and column, not the file. SCA_E_SYNTAX, SCA_E_LIMIT, -ENOMEM. */
int jt_parse(struct jt_doc *ret, struct sca_str text, struct sca_err *err);
void jt_release(struct jt_doc *doc);

/* The i-th child of an array or object; JT_NONE past the end. O(i). */
uint32_t jt_child(const struct jt_doc *doc, uint32_t node, size_t i);
#define jt_for_each(doc, node, c) \
	for (uint32_t c = (doc)->nodes[node].first; c != JT_NONE; c = (doc)->nodes[c].next)

/* The value of a member: the LAST one whose decoded key equals `key`, as in Go; with fold,
 * letters match case-insensitively (bytes.EqualFold on ASCII, plus U+017F and U+212A). */
uint32_t jt_member(const struct jt_doc *doc, uint32_t object, const char *key, bool fold);

/* Decoded contents of a string node, or of a member's key. False when out of memory. */
bool jt_string(const struct jt_doc *doc, uint32_t node, struct buf *out);
bool jt_key(const struct jt_doc *doc, uint32_t node, struct buf *out);
/* Whether a member's key is `key`, folding letters as jt_member() does. */
bool jt_key_is(const struct jt_doc *doc, uint32_t node, const char *key, bool fold);
bool jt_string_is(const struct jt_doc *doc, uint32_t node, const char *text);
/* The node's bytes as they stand. */
struct sca_str jt_raw(const struct jt_doc *doc, uint32_t node);
struct sca_str jt_raw_key(const struct jt_doc *doc, uint32_t node); /* empty if it has none */
/* Valid JSON without blanks, and with U+FFFD for bytes that are not UTF-8. */
void json_add_compact(struct buf *out, struct sca_str json);

/* Whether two members' decoded keys are equal, and whether a later sibling has the same key: a
 * shadowed member has no meaning and no pointer of its own. */
bool jt_same_key(const struct jt_doc *doc, uint32_t a, uint32_t b);
bool jt_shadowed(const struct jt_doc *doc, uint32_t node);

/* A number written as decimal digits, as Go decodes into uint64 ("1e3", "1.0", "-1" are
 * SCA_E_SYNTAX), or into int64. */
int jt_u64(const struct jt_doc *doc, uint32_t node, uint64_t *ret);
int jt_i64(const struct jt_doc *doc, uint32_t node, int64_t *ret);

/* 1-based line, and column in bytes, of an offset. */
void jt_locate(struct sca_str text, size_t offset, unsigned *line, unsigned *column);
/* The text where the document stands; a node's offset in it, and line and column. */
struct sca_str jt_file(const struct jt_doc *doc);
size_t jt_offset(const struct jt_doc *doc, uint32_t node);
void jt_place(const struct jt_doc *doc, uint32_t node, unsigned *line, unsigned *column);
/* RFC 6901 pointer of a node ("" for the top), NUL-terminated into out. */
bool jt_pointer(const struct jt_doc *doc, uint32_t node, struct buf *out);
/* Adds "/" and a decoded key, escaped as RFC 6901 wants. */
void jt_add_token(struct buf *out, struct sca_str key);
/* Node of a pointer, exact keys, last duplicate wins; JT_NONE when there is none. */
uint32_t jt_find(const struct jt_doc *doc, struct sca_str pointer);

/* Sets code, text, line, column and pointer of a node in one statement. Returns code. */
int jt_fail(const struct jt_doc *doc, uint32_t node, struct sca_err *err, int code,
	    const char *fmt, ...) _printf_(5, 6);

#endif
