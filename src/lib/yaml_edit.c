/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits of a profile's JSON as edits of the YAML it came from. A list item and a member on lines
 * of their own come and go as whole lines; what stands in brackets is edited in them. What would
 * take a comment away, or stands in a form without such lines, is refused. Whoever calls proves
 * the outcome by reading it again, so what is missed here is refused there.
 */
#include "yaml_edit_int.h"

/* -- lines -- */

size_t ye_line_start(const struct yaml_edit *ed, size_t at)
{
	const char *p = ed->y->text.p, *nl = at ? memrchr(p, '\n', at) : NULL;

	return nl ? (size_t)(nl + 1 - p) : 0;
}

bool ye_blank(const struct yaml_edit *ed, size_t from, size_t to)
{
	for (; from < to; from++)
		if (ed->y->text.p[from] != ' ')
			return false;
	return true;
}

bool ye_has(const struct yaml_edit *ed, size_t from, size_t to, char c)
{
	return from < to && memchr(ed->y->text.p + from, c, to - from);
}

size_t ye_child_start(const struct yaml_edit *ed, uint32_t child)
{
	uint32_t key = ed->y->v[child].key;

	return ed->y->v[key == YN_NONE ? child : key].start;
}

/* Behind the line that ends at `at` but for a comment; SIZE_MAX when more is on it. */
size_t ye_line_end(const struct yaml_edit *ed, size_t at)
{
	struct sca_str s = ed->y->text;

	if (at && s.p[at - 1] == '\n')
		return at; /* a block scalar */
	while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\r'))
		at++;
	if (at < s.n && s.p[at] != '\n' && s.p[at] != '#')
		return SIZE_MAX;
	while (at < s.n && s.p[at] != '\n')
		at++;
	return at < s.n ? at + 1 : at;
}

/* A value that is not there ends behind its colon. */
static size_t child_end(const struct yaml_edit *ed, uint32_t child)
{
	const struct yn *nd = &ed->y->v[child];
	size_t at = nd->end;

	if (nd->start < nd->end || nd->key == YN_NONE)
		return at;
	return ye_behind_colon(ed, nd->key);
}

size_t ye_behind_colon(const struct yaml_edit *ed, uint32_t key)
{
	struct sca_str s = ed->y->text;
	size_t at = ed->y->v[key].end;

	while (at < s.n && s.p[at] == ' ')
		at++;
	return at < s.n && s.p[at] == ':' ? at + 1 : SIZE_MAX;
}

static size_t lines_end(const struct yaml_edit *ed, uint32_t child)
{
	size_t at = child_end(ed, child);

	return at == SIZE_MAX ? at : ye_line_end(ed, at);
}

/* The dash of a list item, with nothing before it on its line; SIZE_MAX. */
static size_t dash_of(const struct yaml_edit *ed, uint32_t item)
{
	size_t at = ed->y->v[item].start;

	while (at && strchr(" \r\n", ed->y->text.p[at - 1]))
		at--;
	if (!at || ed->y->text.p[at - 1] != '-' ||
	    !ye_blank(ed, ye_line_start(ed, at - 1), at - 1))
		return SIZE_MAX;
	return at - 1;
}

/* -- splices -- */

int ye_refuse(struct yaml_edit *ed, uint32_t node, const char *why)
{
	return yaml_fail(ed->y, node, ed->err, SCA_E_CONFLICT, "%s", why);
}

int ye_splice(struct yaml_edit *ed, size_t from, size_t to, size_t at)
{
	if (ed->pool.failed || !vec_grow(&ed->splices, &ed->cap_splices, ed->n_splices))
		return sca_fail(ed->err, -ENOMEM, "out of memory");
	ed->splices[ed->n_splices] =
		(struct ye_splice){from, to, at, ed->pool.n - at, ed->n_splices};
	ed->n_splices++;
	return 0;
}

static int by_offset(const void *x, const void *y)
{
	const struct ye_splice *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if ((a->from == a->to) != (b->from == b->to))
		return a->from == a->to ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Deletions may overlap each other, and nothing else. */
static int join(struct yaml_edit *ed, struct buf *out)
{
	struct sca_str text = ed->y->text;
	bool deleted = true;
	size_t done = 0;

	if (ed->n_splices)
		qsort(ed->splices, ed->n_splices, sizeof(*ed->splices), by_offset);
	for (size_t i = 0; i < ed->n_splices; i++) {
		const struct ye_splice *s = &ed->splices[i];

		if (s->from < done && (s->n || !deleted))
			return sca_fail(ed->err, SCA_E_CONFLICT, "two edits meet in one place");
		if (s->from > done)
			buf_add(out, text.p + done, s->from - done);
		buf_add(out, ed->pool.n ? ed->pool.p + s->at : "", s->n);
		done = MAX(done, s->to);
		deleted = s->n == 0;
	}
	buf_add(out, text.p + done, text.n - done);
	return out->failed ? sca_fail(ed->err, -ENOMEM, "out of memory") : 0;
}

/* -- block lists and maps -- */

static int delete_block(struct yaml_edit *ed, const struct ye_box *b, uint32_t i)
{
	uint32_t child = b->kids[i];
	bool map = ed->y->v[b->node].kind == YN_MAP;
	size_t from = map ? ye_child_start(ed, child) : dash_of(ed, child), to;

	if (from == SIZE_MAX)
		return ye_refuse(ed, child, "the item does not start a line of its own");
	if (ye_blank(ed, ye_line_start(ed, from), from)) {
		to = lines_end(ed, child);
		from = ye_line_start(ed, from);
		if (to == SIZE_MAX)
			return ye_refuse(ed, child, "something else stands on its line");
	} else if (i + 1 < b->n) { /* "- key: value": the next member takes the place */
		to = ye_child_start(ed, b->kids[i + 1]);
		if (ye_has(ed, from, to, '#'))
			return ye_refuse(ed, child, "a comment would go with it");
	} else {
		return ye_refuse(ed, child, "nothing would be left behind the dash");
	}
	return ye_splice(ed, from, to, ed->pool.n);
}

/* Puts what the pool holds from `at` on, as lines in front of offset `where`. */
static int put_lines(struct yaml_edit *ed, size_t where, size_t at)
{
	struct buf lines = BUF_INIT;
	int r;

	if (where == 0 || ed->y->text.p[where - 1] == '\n') {
		buf_add_str(&ed->pool, ed->style.eol);
		return ye_splice(ed, where, where, at);
	}
	/* the text's last line has no end */
	if (ed->pool.n > at)
		buf_add(&lines, ed->pool.p + at, ed->pool.n - at);
	ed->pool.n = at;
	buf_add_str(&ed->pool, ed->style.eol);
	buf_add_str(&ed->pool, buf_str(&lines));
	ed->pool.failed |= lines.failed;
	r = ye_splice(ed, where, where, at);
	buf_release(&lines);
	return r;
}

static int insert_item(struct yaml_edit *ed, const struct ye_box *b, size_t i,
		       const struct jt_doc *v)
{
	uint32_t near = b->kids[i ? i - 1 : 0];
	size_t dash = dash_of(ed, near), where, line, start, at = ed->pool.n;
	struct yaml_style st = ed->style;

	if (dash == SIZE_MAX && i && i < b->n)
		dash = dash_of(ed, b->kids[i]);
	where = i ? lines_end(ed, near) : dash == SIZE_MAX ? dash : ye_line_start(ed, dash);
	if (dash == SIZE_MAX || where == SIZE_MAX)
		return ye_refuse(ed, near, "the items do not stand on lines of their own");
	line = ye_line_start(ed, dash);
	for (start = dash + 1; ed->y->text.p[start] == ' '; start++)
		;
	if (strchr("\r\n", ed->y->text.p[start])) /* the neighbour begins on the next line */
		start = dash + 1;
	buf_add(&ed->pool, ed->y->text.p + line, start - line);
	buf_add_z(&ed->pool, start == dash + 1 ? " " : "");
	st.like = near;
	yaml_put_block(&st, v, 0, (unsigned)(MAX(start, dash + 2) - line), &ed->pool);
	return put_lines(ed, where, at);
}

static int insert_member(struct yaml_edit *ed, const struct ye_box *b, const struct jt_doc *v,
			 struct sca_str key)
{
	uint32_t last = b->kids[b->n - 1];
	size_t first = ye_child_start(ed, b->kids[0]), where = lines_end(ed, last);
	size_t column = first - ye_line_start(ed, first), at = ed->pool.n;

	if (where == SIZE_MAX)
		return ye_refuse(ed, last, "something else stands on its line");
	for (size_t i = 0; i < column; i++)
		buf_add_c(&ed->pool, ' ');
	yaml_put_member(&ed->style, v, 0, key, (unsigned)column, &ed->pool);
	return put_lines(ed, where, at);
}

static int insert_block(struct yaml_edit *ed, const struct ye_box *b, const struct je_edit *e)
{
	struct jt_doc v;
	int r = jt_parse(&v, sca_str_z(e->value), ed->err);

	if (r < 0)
		return r;
	r = e->kind == JE_MEMBER ? insert_member(ed, b, &v, sca_str_z(e->key)) :
				   insert_item(ed, b, e->index, &v);
	jt_release(&v);
	return r;
}

/* All children go: "key: []". */
static int empty_block(struct yaml_edit *ed, const struct ye_box *b)
{
	const struct yn *box = &ed->y->v[b->node];
	size_t where = box->key == YN_NONE ? SIZE_MAX : ye_behind_colon(ed, box->key);
	size_t at = ed->pool.n;

	if (where == SIZE_MAX)
		return ye_refuse(ed, b->node, "nothing would be left of a list without a key");
	buf_add_z(&ed->pool, box->kind == YN_MAP ? " {}" : " []");
	return ye_splice(ed, where, where, at);
}

static int change_block(struct yaml_edit *ed, const struct ye_box *b)
{
	int r = b->n_gone == b->n && !b->n_new ? empty_block(ed, b) : 0;

	for (size_t i = 0; i < b->n && r == 0; i++)
		if (b->gone[i])
			r = delete_block(ed, b, (uint32_t)i);
	for (size_t i = 0; i < b->n_new && r == 0; i++)
		r = insert_block(ed, b, b->fresh[i]);
	return r;
}

/* -- one edit that is no change of a box -- */

static int replace(struct yaml_edit *ed, const struct je_edit *e)
{
	uint32_t node = ed->of[e->node];
	const struct yn *nd = &ed->y->v[node];
	size_t from = nd->start, to = nd->end, at = ed->pool.n;
	struct yaml_style st = ed->style;
	struct jt_doc v;
	int r;

	if (nd->quote == '|' || (nd->kind != YN_SCALAR && !nd->flow))
		return ye_refuse(ed, node, "a block is not replaced as a whole");
	if (ye_has(ed, from, to, '#') && nd->kind != YN_SCALAR)
		return ye_refuse(ed, node, "a comment would go with it");
	r = jt_parse(&v, sca_str_z(e->value), ed->err);
	if (r < 0)
		return r;
	st.like = node;
	if (from == to) {
		from = to = child_end(ed, node);
		buf_add_c(&ed->pool, ' ');
	}
	yaml_put_flow(&st, &v, 0, &ed->pool);
	jt_release(&v);
	if (from == SIZE_MAX)
		return ye_refuse(ed, node, "its place is not seen");
	return ye_splice(ed, from, to, at);
}

/* -- boxes -- */

/* What happens to the children of one box. */
struct change {
	uint32_t box;
	size_t order;
	uint32_t gone; /* YN_NONE: e comes */
	const struct je_edit *e;
};

struct changes {
	struct change *v;
	size_t n, cap;
};

static bool add_change(struct changes *c, uint32_t box, uint32_t gone, const struct je_edit *e)
{
	if (!vec_grow(&c->v, &c->cap, c->n))
		return false;
	c->v[c->n] = (struct change){box, c->n, gone, e};
	c->n++;
	return true;
}

static bool goes_along(const struct je_list *l, const bool *gone, uint32_t node)
{
	const struct jt_node *nodes = l->doc->nodes;

	for (uint32_t c = nodes[node].parent; c != JT_NONE; c = nodes[c].parent)
		if (gone[c])
			return true;
	return false;
}

static bool collect(struct yaml_edit *ed, const struct je_list *l, struct changes *c)
{
	_cleanup_free_ bool *gone = calloc(l->doc->n, sizeof(*gone));
	bool ok = gone;

	for (size_t i = 0; ok && i < l->n; i++)
		if (l->v[i].kind == JE_REMOVE)
			gone[l->v[i].node] = true;
	for (size_t i = 0; ok && i < l->n; i++) {
		const struct je_edit *e = &l->v[i];
		uint32_t node = ed->of[e->node], from;

		if (e->kind == JE_REMOVE)
			ok = add_change(c, ed->y->v[node].parent, node, NULL);
		else if (e->kind != JE_REPLACE)
			ok = add_change(c, node, YN_NONE, e);
		if (!ok || e->kind != JE_INSERT || e->from == JT_NONE ||
		    goes_along(l, gone, e->from))
			continue;
		from = ed->of[e->from];
		ok = add_change(c, ed->y->v[from].parent, from, NULL);
	}
	return ok;
}

static int by_box(const void *x, const void *y)
{
	const struct change *a = x, *b = y;

	if (a->box != b->box)
		return a->box < b->box ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int change_box(struct yaml_edit *ed, const struct change *c, size_t n)
{
	const struct yn *box = &ed->y->v[c->box];
	struct ye_box b = {.node = c->box, .n = box->n};
	int r = 0;

	b.kids = calloc(b.n + 1, sizeof(*b.kids));
	b.gone = calloc(b.n + 1, sizeof(*b.gone));
	b.fresh = calloc(n, sizeof(const struct je_edit *));
	if (!b.kids || !b.gone || !b.fresh) {
		r = sca_fail(ed->err, -ENOMEM, "out of memory");
	} else {
		yaml_for_each (ed->y, c->box, kid)
			b.kids[ed->y->v[kid].index] = kid;
		for (size_t i = 0; i < n; i++) {
			if (c[i].gone == YN_NONE)
				b.fresh[b.n_new++] = c[i].e;
			else
				b.gone[ed->y->v[c[i].gone].index] = true;
		}
		for (size_t i = 0; i < b.n; i++)
			b.n_gone += b.gone[i];
		r = b.n == 0 ? ye_fill(ed, &b) : box->flow ? ye_change_flow(ed, &b) :
							     change_block(ed, &b);
	}
	free(b.kids);
	free(b.gone);
	free(b.fresh);
	return r;
}

static int change_all(struct yaml_edit *ed, const struct je_list *l)
{
	struct changes c = {NULL, 0, 0};
	int r = 0;

	if (!collect(ed, l, &c))
		r = sca_fail(ed->err, -ENOMEM, "out of memory");
	if (c.n)
		qsort(c.v, c.n, sizeof(*c.v), by_box);
	for (size_t i = 0, n; i < c.n && r == 0; i += n) {
		for (n = 1; i + n < c.n && c.v[i + n].box == c.v[i].box; n++)
			;
		r = change_box(ed, c.v + i, n);
	}
	for (size_t i = 0; i < l->n && r == 0; i++)
		if (l->v[i].kind == JE_REPLACE)
			r = replace(ed, &l->v[i]);
	free(c.v);
	return r;
}

/* -- the text's habits -- */

static void read_style(struct yaml_edit *ed)
{
	const struct yaml *y = ed->y;
	const char *nl = y->text.n ? memchr(y->text.p, '\n', y->text.n) : NULL;

	ed->style = (struct yaml_style){.y = y, .like = YN_NONE, .eol = SCA_STR("\n"),
					.seq_step = 2};
	if (nl && nl > y->text.p && nl[-1] == '\r')
		ed->style.eol = SCA_STR("\r\n");
	for (uint32_t i = 0; i < y->n; i++) {
		const struct yn *nd = &y->v[i];
		size_t dash, key;

		if (nd->kind != YN_SEQ || nd->flow || nd->key == YN_NONE || !nd->n)
			continue;
		dash = dash_of(ed, nd->first);
		key = y->v[nd->key].start;
		if (dash == SIZE_MAX)
			continue;
		dash -= ye_line_start(ed, dash);
		key -= ye_line_start(ed, key);
		ed->style.seq_step = dash > key ? (unsigned)(dash - key) : 0;
		return;
	}
}

int yaml_apply(const struct yaml *y, const uint32_t *of, const struct je_list *l,
	       struct buf *out, struct sca_err *err)
{
	struct yaml_edit ed = {.y = y, .of = of, .err = err};
	int r;

	read_style(&ed);
	r = change_all(&ed, l);
	if (r == 0)
		r = join(&ed, out);
	buf_release(&ed.pool);
	free(ed.splices);
	return r;
}
