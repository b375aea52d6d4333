/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits made from a stream of numbers, and what must be true of them. Shared by the unit
 * tests, the oracle and the fuzz target.
 */
#ifndef TESTS_EDITS_H
#define TESTS_EDITS_H

#include "json_edit.h"

/* Numbers from the bytes of an input, then (or only) from a seed: xorshift64*. */
struct numbers {
	const uint8_t *p, *end;
	uint64_t seed;
};

static inline uint32_t number_below(struct numbers *nu, uint32_t n)
{
	uint32_t v = 0;

	if (nu->p < nu->end) {
		for (int i = 0; i < 3 && nu->p < nu->end; i++)
			v = v << 8 | *nu->p++;
	} else {
		nu->seed ^= nu->seed >> 12;
		nu->seed ^= nu->seed << 25;
		nu->seed ^= nu->seed >> 27;
		v = (uint32_t)(nu->seed * UINT64_C(2685821657736338717) >> 32);
	}
	return n ? v % n : 0;
}

static inline struct sca_str number_value(struct numbers *nu)
{
	static const char *const values[] = {
		"\"new\"", "\"n\\u00e9w\"", "18446744073709551615", "null", "[]", "{}",
		"[\"a\",\"b\",\"c\"]",
		"{\"names\":[\"x\",\"y\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[],\"comment\":\"\"}",
		"{\"names\":[\"x\"],\"args\":[{\"index\":0,\"op\":\"EQ\"}],\"i\":{\"c\":[1]}}",
		"[[1,[2]],{\"k\":{\"k\":[]}}]",
	};

	return sca_str_z(values[number_below(nu, ARRAY_SIZE(values))]);
}

static inline int add_some_edit(struct je_list *l, struct numbers *nu, size_t cause)
{
	static const char *const keys[] = {"comment", "flags", "k~/y", "defaultErrnoRet"};
	const struct jt_doc *doc = l->doc;
	uint32_t node = number_below(nu, (uint32_t)doc->n), from;
	const struct jt_node *nd = &doc->nodes[node];

	switch (number_below(nu, 8)) {
	case 0:
		return je_remove(l, node, cause);
	case 1:
		return je_replace(l, node, number_value(nu), cause);
	case 2:
		from = number_below(nu, (uint32_t)doc->n);
		return je_move(l, from, nd->type == JT_ARRAY || node == 0 ? node : nd->parent,
			       number_below(nu, nd->n + 1), cause);
	case 3:
	case 4:
		while (nd->type != JT_OBJECT && nd->parent != JT_NONE) {
			node = nd->parent;
			nd = &doc->nodes[node];
		}
		return je_member(l, node, keys[number_below(nu, ARRAY_SIZE(keys))],
				 number_value(nu), cause);
	default:
		if (nd->type != JT_ARRAY && nd->parent != JT_NONE) {
			node = nd->parent;
			nd = &doc->nodes[node];
		}
		return je_insert(l, node, number_below(nu, nd->n + 1), number_value(nu), cause);
	}
}

static inline void drop_last_edit(struct je_list *l)
{
	l->n--;
	free(l->v[l->n].key);
	free(l->v[l->n].value);
}

/* Up to `max` edits that je_check() has nothing against. */
static inline void make_edits(struct je_list *l, struct numbers *nu, size_t max)
{
	for (size_t tries = 1 + number_below(nu, (uint32_t)max); tries; tries--) {
		size_t n = l->n;

		if (add_some_edit(l, nu, n) == 0 && je_check(l, NULL) < 0)
			drop_last_edit(l);
	}
}

/* -- what an edited document is: a second opinion, without splices -- */

static inline bool edit_takes(const struct je_edit *e, uint32_t node)
{
	return (e->kind == JE_REMOVE && e->node == node) ||
	       (e->kind == JE_INSERT && e->from == node);
}

static inline bool child_goes(const struct je_list *l, uint32_t node)
{
	for (size_t i = 0; i < l->n; i++)
		if (edit_takes(&l->v[i], node))
			return true;
	return false;
}

static inline const struct je_edit *replacement_of(const struct je_list *l, uint32_t node)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].kind == JE_REPLACE && l->v[i].node == node)
			return &l->v[i];
	return NULL;
}

static inline void begin_child(struct buf *out, size_t *count)
{
	if ((*count)++)
		buf_add_c(out, ',');
}

/* New children before original child `index`. Returns how many. */
static inline size_t model_new(const struct je_list *l, uint32_t box, size_t index,
			       struct buf *out, size_t *count)
{
	size_t was = *count;

	for (size_t i = 0; i < l->n; i++) {
		const struct je_edit *e = &l->v[i];
		size_t at = e->kind == JE_MEMBER ? l->doc->nodes[box].n : e->index;

		if ((e->kind != JE_INSERT && e->kind != JE_MEMBER) || e->node != box || at != index)
			continue;
		begin_child(out, count);
		if (e->kind == JE_MEMBER) {
			json_add_string(out, sca_str_z(e->key));
			buf_add_c(out, ':');
		}
		json_add_compact(out, sca_str_z(e->value));
	}
	return *count - was;
}

/* Compact JSON of a node after the edits. */
static inline void model_edits(const struct je_list *l, uint32_t node, struct buf *out)
{
	const struct je_edit *e = replacement_of(l, node);
	const struct jt_node *nd = &l->doc->nodes[node];
	size_t count = 0;

	if (e || nd->type < JT_ARRAY) {
		json_add_compact(out, e ? sca_str_z(e->value) : jt_raw(l->doc, node));
		return;
	}
	buf_add_c(out, nd->type == JT_OBJECT ? '{' : '[');
	jt_for_each (l->doc, node, c) {
		model_new(l, node, l->doc->nodes[c].index, out, &count);
		if (child_goes(l, c))
			continue;
		begin_child(out, &count);
		if (nd->type == JT_OBJECT) {
			json_add_compact(out, jt_raw_key(l->doc, c));
			buf_add_c(out, ':');
		}
		model_edits(l, c, out);
	}
	model_new(l, node, nd->n, out, &count);
	buf_add_c(out, nd->type == JT_OBJECT ? '}' : ']');
}

/* -- what an edit must leave alone -- */

static inline struct sca_str text_between(const struct jt_doc *doc, uint32_t from, uint32_t to)
{
	return (struct sca_str){doc->text.p + from, to - from};
}

static inline bool subtree_touched(const struct je_list *l, uint32_t node)
{
	const struct jt_node *nd = &l->doc->nodes[node];

	for (size_t i = 0; i < l->n; i++) {
		const struct je_edit *e = &l->v[i];
		uint32_t at = l->doc->nodes[e->node].start;

		if (at >= nd->start && at < nd->end)
			return true;
		if (e->kind != JE_INSERT || e->from == JT_NONE)
			continue;
		at = l->doc->nodes[e->from].start;
		if (at >= nd->start && at < nd->end)
			return true;
	}
	return false;
}

static inline uint32_t child_start(const struct jt_doc *doc, uint32_t c)
{
	return jt_raw_key(doc, c).n ? doc->nodes[c].key_start : doc->nodes[c].start;
}

/*
 * Untouched values have the same bytes, and so has what stands between two neighbours that
 * stay neighbours, and between a bracket and the child that stays beside it. NULL, or what
 * is not so.
 */
static inline const char *check_kept(const struct je_list *l, uint32_t node,
				     const struct jt_doc *now, uint32_t now_node)
{
	const struct jt_doc *doc = l->doc;
	const struct jt_node *nd = &doc->nodes[node], *nn = &now->nodes[now_node];
	uint32_t c2 = nn->first, before = nd->start + 1, before2 = nn->start + 1;
	_cleanup_buf_ struct buf ignore = BUF_INIT;
	bool beside = true;

	if (!subtree_touched(l, node))
		return str_eq(jt_raw(doc, node), jt_raw(now, now_node)) ? NULL : "a value changed";
	if (replacement_of(l, node))
		return NULL;
	jt_for_each (doc, node, c) {
		size_t count = 0, n = model_new(l, node, doc->nodes[c].index, &ignore, &count);
		const char *why;

		for (; n; n--, beside = false)
			c2 = now->nodes[c2].next;
		if (child_goes(l, c)) {
			beside = false;
			continue;
		}
		if (!str_eq(jt_raw_key(doc, c), jt_raw_key(now, c2)))
			return "a key changed";
		if (beside && !str_eq(text_between(doc, before, child_start(doc, c)),
				      text_between(now, before2, child_start(now, c2))))
			return "the blanks before a child changed";
		why = check_kept(l, c, now, c2);
		if (why)
			return why;
		before = doc->nodes[c].end;
		before2 = now->nodes[c2].end;
		c2 = now->nodes[c2].next;
		beside = true;
	}
	if (beside && c2 == JT_NONE &&
	    !str_eq(text_between(doc, before, nd->end), text_between(now, before2, nn->end)))
		return "the blanks before a closing bracket changed";
	return NULL;
}

/* All of it for one list. NULL, or what is wrong. */
static inline const char *check_edits(const struct je_list *l)
{
	_cleanup_buf_ struct buf want = BUF_INIT, got = BUF_INIT;
	const struct jt_node *top = &l->doc->nodes[0];
	const char *why = NULL;
	struct jt_doc now;
	struct sca_str text;
	size_t tail = l->doc->text.n - top->end;
	char *p;

	if (je_apply(l, &p, &text.n, NULL) < 0)
		return "je_apply() failed";
	text.p = p;
	if (text.n < top->start + tail || memcmp(p, l->doc->text.p, top->start) != 0 ||
	    memcmp(p + text.n - tail, l->doc->text.p + top->end, tail) != 0)
		why = "text around the top value changed";
	model_edits(l, 0, &want);
	json_add_compact(&got, text);
	if (!why && !str_eq(buf_str(&want), buf_str(&got)))
		why = "the result is another document";
	if (!why && jt_parse(&now, text, NULL) < 0)
		why = "the result is not JSON";
	if (!why) {
		why = check_kept(l, 0, &now, 0);
		jt_release(&now);
	}
	free(p);
	return why;
}

#endif
