/* SPDX-License-Identifier: Apache-2.0 */
#include "patch_tree.h"

#include <scaudit/profile.h>

bool tree_init(struct tree *t, const struct jt_doc *doc, struct arena *arena)
{
	*t = (struct tree){.doc = doc, .arena = arena};
	t->by_node = calloc(doc->n, sizeof(struct cell *));
	t->top = arena_alloc(arena, sizeof(struct cell));
	if (!t->by_node || !t->top) {
		tree_release(t);
		return false;
	}
	t->by_node[0] = t->top;
	return true;
}

void tree_release(struct tree *t)
{
	free(t->by_node);
	t->by_node = NULL;
}

static bool is_array(const struct tree *t, const struct cell *c)
{
	return t->doc->nodes[c->node].type == JT_ARRAY;
}

static bool read_key(struct tree *t, struct cell *c)
{
	_cleanup_buf_ struct buf key = BUF_INIT;

	c->raw_key = jt_raw_key(t->doc, c->node);
	return jt_key(t->doc, c->node, &key) && arena_dup_str(t->arena, buf_str(&key), &c->key);
}

bool tree_open(struct tree *t, struct cell *c)
{
	const struct jt_doc *doc = t->doc;
	struct cell *kids;
	size_t n;

	if (c->opened || c->node == JT_NONE || doc->nodes[c->node].type < JT_ARRAY)
		return true;
	n = doc->nodes[c->node].n;
	kids = arena_alloc(t->arena, (n ? n : 1) * sizeof(*kids));
	c->kids = arena_alloc(t->arena, (n + 8) * sizeof(struct cell *));
	if (!kids || !c->kids)
		return false;
	c->cap = n + 8;
	jt_for_each (doc, c->node, child) {
		struct cell *kid = &kids[c->n];

		*kid = (struct cell){.up = c, .node = child, .rank = 2 * c->n + 1};
		if (!is_array(t, c) && !read_key(t, kid))
			return false;
		c->kids[c->n++] = kid;
		t->by_node[child] = kid;
	}
	c->opened = true;
	return true;
}

struct cell *tree_cell(struct tree *t, uint32_t node)
{
	struct cell *up;

	if (t->by_node[node])
		return t->by_node[node];
	up = tree_cell(t, t->doc->nodes[node].parent);
	return up && tree_open(t, up) ? t->by_node[node] : NULL;
}

/* First position whose rank is above `rank`. */
static size_t above(const struct cell *box, size_t rank)
{
	size_t lo = 0, hi = box->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (box->kids[mid]->rank > rank)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

size_t cell_slot(const struct cell *box, size_t i)
{
	return above(box, 2 * i);
}

/* Original children have ranks of their own; new ones share theirs. */
size_t cell_index(const struct cell *c)
{
	size_t i = above(c->up, c->rank);

	while (i > 0 && c->up->kids[i - 1] != c)
		i--;
	return i - 1;
}

bool tree_insert(struct tree *t, struct cell *box, size_t i, struct cell *c)
{
	size_t at = cell_slot(box, i);

	if (box->n == box->cap) {
		struct cell **kids = arena_alloc(t->arena, 2 * box->cap * sizeof(*kids));

		if (!kids)
			return false;
		memcpy(kids, box->kids, box->n * sizeof(*kids));
		box->kids = kids;
		box->cap *= 2;
	}
	memmove(box->kids + at + 1, box->kids + at, (box->n - at) * sizeof(*box->kids));
	box->kids[at] = c;
	box->n++;
	c->up = box;
	c->rank = 2 * i;
	return true;
}

void tree_remove(struct cell *c)
{
	size_t at = cell_index(c);

	c->up->n--;
	memmove(c->up->kids + at, c->up->kids + at + 1, (c->up->n - at) * sizeof(*c->up->kids));
}

bool tree_path(const struct cell *c, struct buf *out)
{
	const struct cell *chain[SCA_PROFILE_MAX_DEPTH + 1];
	size_t n = 0;

	buf_add(out, "", 0);
	for (; c->up; c = c->up)
		chain[n++] = c;
	while (n--) {
		if (chain[n]->raw_key.n)
			jt_add_token(out, chain[n]->key);
		else
			buf_addf(out, "/%zu", cell_index(chain[n]));
	}
	return !out->failed;
}

/* Recursion is as deep as jt_parse() lets values nest. */
bool tree_value(struct tree *t, const struct cell *c, struct buf *out)
{
	if (c->node == JT_NONE) {
		json_add_compact(out, c->value);
		return !out->failed;
	}
	if (!c->opened) {
		json_add_compact(out, jt_raw(t->doc, c->node));
		return !out->failed;
	}
	buf_add_c(out, is_array(t, c) ? '[' : '{');
	for (size_t i = 0; i < c->n; i++) {
		const struct cell *kid = c->kids[i];

		if (i)
			buf_add_c(out, ',');
		if (kid->raw_key.n) {
			json_add_compact(out, kid->raw_key);
			buf_add_c(out, ':');
		}
		if (!tree_value(t, kid, out))
			return false;
	}
	buf_add_c(out, is_array(t, c) ? ']' : '}');
	return !out->failed;
}
