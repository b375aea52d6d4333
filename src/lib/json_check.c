/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a list of edits makes sense: the rules that je_check() promises. */
#include "json_edit.h"

#include <scaudit/profile.h>

enum mark {
	MARK_REMOVED = 1,
	MARK_REPLACED = 2,
	MARK_MOVED = 4,
	MARK_PLAIN = 8, /* seen to have a pointer of its own, as have its ancestors */
};
#define MARK_TAKEN (MARK_REMOVED | MARK_REPLACED | MARK_MOVED)

static bool moves(const struct je_edit *e)
{
	return e->kind == JE_INSERT && e->from != JT_NONE;
}

/* What all new values come to. */
struct total {
	size_t bytes, nodes;
};

/* Containers around and including a node. */
static unsigned depth_at(const struct jt_doc *doc, uint32_t node)
{
	unsigned depth = doc->nodes[node].type >= JT_ARRAY;

	for (uint32_t c = doc->nodes[node].parent; c != JT_NONE; c = doc->nodes[c].parent)
		depth++;
	return depth;
}

/* Its form, and that the new document stays within the limits of a document. */
static int check_value(const struct jt_doc *doc, const struct je_edit *e, struct total *total,
		       struct sca_err *err)
{
	struct sca_err inner = SCA_ERR_INIT;
	unsigned around, depth = 0;
	struct jt_doc v;
	int r;

	if (e->kind == JE_REMOVE)
		return 0;
	r = jt_parse(&v, sca_str_z(e->value), &inner);
	if (r < 0)
		return sca_fail(err, r, "new value is not JSON: %s", inner.text);
	for (uint32_t c = 0; c < v.n; c++)
		depth = MAX(depth, depth_at(&v, c));
	around = depth_at(doc, e->node);
	if (e->kind == JE_REPLACE && doc->nodes[e->node].type >= JT_ARRAY)
		around--;
	total->nodes += v.n;
	total->bytes += v.text.n;
	jt_release(&v);
	if (around + depth > SCA_PROFILE_MAX_DEPTH)
		return jt_fail(doc, e->node, err, SCA_E_LIMIT,
			       "with the new value, arrays and objects nest deeper than %d",
			       SCA_PROFILE_MAX_DEPTH);
	if (total->bytes > SCA_PROFILE_MAX_BYTES || total->nodes > JT_MAX_NODES - 1)
		return sca_fail(err, SCA_E_LIMIT, "new values exceed %u bytes or %u nodes",
				SCA_PROFILE_MAX_BYTES, JT_MAX_NODES);
	return 0;
}

/* The edit by itself. */
static int check_shape(const struct jt_doc *doc, const struct je_edit *e, struct total *total,
		       struct sca_err *err)
{
	if (e->node >= doc->n || (moves(e) && e->from >= doc->n))
		return sca_fail(err, -EINVAL, "edit of a node that the document does not have");
	switch (e->kind) {
	case JE_INSERT:
		if (doc->nodes[e->node].type != JT_ARRAY)
			return jt_fail(doc, e->node, err, SCA_E_CONFLICT,
				       "an element can only go into an array");
		if (e->index > doc->nodes[e->node].n)
			return jt_fail(doc, e->node, err, SCA_E_CONFLICT,
				       "index %zu is past the end of the array", e->index);
		break;
	case JE_MEMBER:
		if (doc->nodes[e->node].type != JT_OBJECT)
			return jt_fail(doc, e->node, err, SCA_E_CONFLICT,
				       "a member can only go into an object");
		if (jt_member(doc, e->node, e->key, false) != JT_NONE)
			return jt_fail(doc, e->node, err, SCA_E_CONFLICT,
				       "member \"%s\" exists already", e->key);
		break;
	case JE_REMOVE:
		if (doc->nodes[e->node].parent == JT_NONE)
			return jt_fail(doc, e->node, err, SCA_E_CONFLICT,
				       "the whole document can not be removed");
		break;
	case JE_REPLACE:
		break;
	}
	if (moves(e) && doc->nodes[e->from].parent == JT_NONE)
		return jt_fail(doc, e->from, err, SCA_E_CONFLICT,
			       "the whole document can not be moved");
	return check_value(doc, e, total, err);
}

/* Removing one of two members with the same key would bring the other to life. */
static bool has_twin(const struct jt_doc *doc, uint32_t node)
{
	const struct jt_node *nd = &doc->nodes[node];

	if (nd->key_end == nd->key_start)
		return false;
	jt_for_each (doc, nd->parent, c)
		if (c != node && jt_same_key(doc, c, node))
			return true;
	return false;
}

static int take(const struct jt_doc *doc, unsigned char *marks, uint32_t node, enum mark mark,
		struct sca_err *err)
{
	if (marks[node] & MARK_TAKEN)
		return jt_fail(doc, node, err, SCA_E_CONFLICT,
			       "two edits change the same value");
	marks[node] |= mark;
	if (mark != MARK_REPLACED && has_twin(doc, node))
		return jt_fail(doc, node, err, SCA_E_CONFLICT,
			       "the member's key stands twice; remove one by hand first");
	return 0;
}

static int check_pointer(const struct jt_doc *doc, unsigned char *marks, uint32_t node,
			 struct sca_err *err)
{
	for (uint32_t c = node; c != JT_NONE && !(marks[c] & MARK_PLAIN);
	     c = doc->nodes[c].parent) {
		if (jt_shadowed(doc, c))
			return jt_fail(doc, c, err, SCA_E_CONFLICT,
				       "a later member has the same key: this is void");
		marks[c] |= MARK_PLAIN;
	}
	return 0;
}

/* No edit changes an ancestor of `node`, or `node` itself when `self`. */
static int check_above(const struct jt_doc *doc, const unsigned char *marks, uint32_t node,
		       bool self, unsigned fatal, struct sca_err *err)
{
	for (uint32_t c = self ? node : doc->nodes[node].parent; c != JT_NONE;
	     c = doc->nodes[c].parent)
		if (marks[c] & fatal)
			return jt_fail(doc, node, err, SCA_E_CONFLICT,
				       "another edit removes, replaces or moves its parent");
	return 0;
}

static int check_overlap(const struct jt_doc *doc, unsigned char *marks,
			 const struct je_edit *e, struct sca_err *err)
{
	bool into = e->kind == JE_INSERT || e->kind == JE_MEMBER;
	int r = check_above(doc, marks, e->node, into, MARK_TAKEN, err);

	if (r == 0)
		r = check_pointer(doc, marks, e->node, err);
	if (r == 0 && moves(e))
		r = check_above(doc, marks, e->from, false, MARK_REPLACED | MARK_MOVED, err);
	if (r == 0 && moves(e))
		r = check_pointer(doc, marks, e->from, err);
	return r;
}

static int by_key(const void *x, const void *y)
{
	const struct je_edit *a = *(struct je_edit *const *)x, *b = *(struct je_edit *const *)y;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return strcmp(a->key, b->key);
}

/* No object gets the same new member twice. */
static int check_members(const struct je_list *l, struct sca_err *err)
{
	_cleanup_free_ struct je_edit **v = NULL;
	size_t n = 0;

	v = calloc(l->n ? l->n : 1, sizeof(struct je_edit *));
	if (!v)
		return sca_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].kind == JE_MEMBER)
			v[n++] = &l->v[i];
	qsort(v, n, sizeof(struct je_edit *), by_key);
	for (size_t i = 1; i < n; i++)
		if (by_key(&v[i - 1], &v[i]) == 0)
			return jt_fail(l->doc, v[i]->node, err, SCA_E_CONFLICT,
				       "two edits add member \"%s\"", v[i]->key);
	return 0;
}

int je_check(const struct je_list *l, struct sca_err *err)
{
	const struct jt_doc *doc = l->doc;
	_cleanup_free_ unsigned char *marks = calloc(doc->n ? doc->n : 1, 1);
	struct total total = {0, 0};
	int r = 0;

	if (!marks)
		return sca_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < l->n && r == 0; i++) {
		const struct je_edit *e = &l->v[i];

		r = check_shape(doc, e, &total, err);
		if (r == 0 && e->kind == JE_REMOVE)
			r = take(doc, marks, e->node, MARK_REMOVED, err);
		else if (r == 0 && e->kind == JE_REPLACE)
			r = take(doc, marks, e->node, MARK_REPLACED, err);
		else if (r == 0 && moves(e))
			r = take(doc, marks, e->from, MARK_MOVED, err);
	}
	for (size_t i = 0; i < l->n && r == 0; i++)
		r = check_overlap(doc, marks, &l->v[i], err);
	return r < 0 ? r : check_members(l, err);
}
