/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of lists and maps in brackets: on one line they are written anew around the values that
 * stay; over several lines, values with a line of their own come and go as lines. */
#include "yaml_edit_int.h"

static int put_fresh(struct yaml_edit *ed, const struct ye_box *b, const struct je_edit *e)
{
	struct yaml_style st = ed->style;
	struct jt_doc v;
	int r = jt_parse(&v, sca_str_z(e->value), ed->err);

	if (r < 0)
		return r;
	if (e->kind == JE_MEMBER) {
		json_add_string(&ed->pool, sca_str_z(e->key));
		buf_add_z(&ed->pool, ": ");
	} else if (b->n) {
		st.like = b->kids[e->index ? MIN(e->index, b->n) - 1 : 0];
	}
	yaml_put_flow(&st, &v, 0, &ed->pool);
	jt_release(&v);
	return 0;
}

static size_t place_of(const struct ye_box *b, const struct je_edit *e)
{
	return e->kind == JE_MEMBER ? b->n : e->index;
}

static void put_raw(struct yaml_edit *ed, size_t from, size_t to)
{
	if (from < to)
		buf_add(&ed->pool, ed->y->text.p + from, to - from);
}

/* Offset of the comma behind a value, on its line; SIZE_MAX. */
static size_t comma_behind(const struct yaml_edit *ed, uint32_t kid)
{
	struct sca_str s = ed->y->text;
	size_t at = ed->y->v[kid].end;

	while (at < s.n && s.p[at] == ' ')
		at++;
	return at < s.n && s.p[at] == ',' ? at : SIZE_MAX;
}

/* -- on one line -- */

static int change_line(struct yaml_edit *ed, const struct ye_box *b)
{
	const struct yn *box = &ed->y->v[b->node];
	size_t first = ye_child_start(ed, b->kids[0]), at = ed->pool.n, written = 0;
	size_t last = ed->y->v[b->kids[b->n - 1]].end, left = b->n - b->n_gone + b->n_new;
	int r = 0;

	put_raw(ed, box->start, left ? first : box->start + 1);
	for (size_t i = 0; i <= b->n; i++) {
		for (size_t j = 0; j < b->n_new && r == 0; j++) {
			if (place_of(b, b->fresh[j]) != i)
				continue;
			buf_add_z(&ed->pool, written++ ? ", " : "");
			r = put_fresh(ed, b, b->fresh[j]);
		}
		if (r < 0)
			return r;
		if (i == b->n || b->gone[i])
			continue;
		if (written++) { /* as it stands, when its neighbour stays too */
			if (i && !b->gone[i - 1] && b->n_new == 0)
				put_raw(ed, ed->y->v[b->kids[i - 1]].end,
					ye_child_start(ed, b->kids[i]));
			else
				buf_add_z(&ed->pool, ", ");
		}
		put_raw(ed, ye_child_start(ed, b->kids[i]), ed->y->v[b->kids[i]].end);
	}
	put_raw(ed, left ? last : box->end - 1, box->end);
	return ye_splice(ed, box->start, box->end, at);
}

/* -- over several lines -- */

/* It starts a line, and nothing but a comma and a comment is behind it. */
static bool own_line(const struct yaml_edit *ed, uint32_t kid)
{
	size_t start = ye_child_start(ed, kid), comma = comma_behind(ed, kid);

	return ye_blank(ed, ye_line_start(ed, start), start) &&
	       ye_line_end(ed, comma == SIZE_MAX ? ed->y->v[kid].end : comma + 1) != SIZE_MAX;
}

static int delete_flow(struct yaml_edit *ed, const struct ye_box *b, size_t i)
{
	uint32_t kid = b->kids[i];
	size_t from = ye_child_start(ed, kid), to = ed->y->v[kid].end;
	size_t comma = comma_behind(ed, kid), before;
	int r = 0;

	if (own_line(ed, kid) && (comma != SIZE_MAX || i)) {
		before = i ? comma_behind(ed, b->kids[i - 1]) : SIZE_MAX;
		if (comma == SIZE_MAX && before == SIZE_MAX)
			return ye_refuse(ed, kid, "the comma before it is on another line");
		if (comma == SIZE_MAX)
			r = ye_splice(ed, before, before + 1, ed->pool.n);
		return r < 0 ? r : ye_splice(ed, ye_line_start(ed, from),
					     ye_line_end(ed, comma == SIZE_MAX ? to : comma + 1),
					     ed->pool.n);
	}
	if (i + 1 < b->n)
		to = ye_child_start(ed, b->kids[i + 1]);
	else if (i)
		from = ed->y->v[b->kids[i - 1]].end;
	if (ye_has(ed, from, to, '#'))
		return ye_refuse(ed, kid, "a comment would go with it");
	return ye_splice(ed, from, to, ed->pool.n);
}

static int append_flow(struct yaml_edit *ed, const struct ye_box *b, const struct je_edit *e)
{
	uint32_t last = b->kids[b->n - 1];
	size_t end = ed->y->v[last].end, comma = comma_behind(ed, last), at = ed->pool.n, line;
	size_t start = ye_child_start(ed, last);
	int r;

	if (!own_line(ed, last)) {
		buf_add_z(&ed->pool, ", ");
		r = put_fresh(ed, b, e);
		return r < 0 ? r : ye_splice(ed, end, end, at);
	}
	if (comma == SIZE_MAX) {
		buf_add_c(&ed->pool, ',');
		r = ye_splice(ed, end, end, at);
		if (r < 0)
			return r;
		at = ed->pool.n;
	}
	line = ye_line_end(ed, comma == SIZE_MAX ? end : comma + 1);
	put_raw(ed, ye_line_start(ed, start), start);
	r = put_fresh(ed, b, e);
	buf_add_z(&ed->pool, comma == SIZE_MAX ? "" : ",");
	buf_add_str(&ed->pool, ed->style.eol);
	return r < 0 ? r : ye_splice(ed, line, line, at);
}

static int insert_flow(struct yaml_edit *ed, const struct ye_box *b, const struct je_edit *e)
{
	size_t i = place_of(b, e), at = ed->pool.n, start;
	int r;

	if (i >= b->n)
		return append_flow(ed, b, e);
	start = ye_child_start(ed, b->kids[i]);
	r = put_fresh(ed, b, e);
	buf_add_c(&ed->pool, ',');
	if (own_line(ed, b->kids[i])) {
		buf_add_str(&ed->pool, ed->style.eol);
		put_raw(ed, ye_line_start(ed, start), start);
	} else {
		buf_add_c(&ed->pool, ' ');
	}
	return r < 0 ? r : ye_splice(ed, start, start, at);
}

static int change_lines(struct yaml_edit *ed, const struct ye_box *b)
{
	const struct yn *box = &ed->y->v[b->node];
	size_t appended = 0, at = ed->pool.n;
	int r = 0;

	if (b->n_gone == b->n) {
		if (b->n_new || ye_has(ed, box->start, box->end, '#'))
			return ye_refuse(ed, b->node, "all of a list in brackets would go");
		buf_add_z(&ed->pool, box->kind == YN_MAP ? "{}" : "[]");
		return ye_splice(ed, box->start, box->end, at);
	}
	for (size_t i = 0; i < b->n && r == 0; i++)
		if (b->gone[i])
			r = delete_flow(ed, b, i);
	for (size_t i = 0; i < b->n_new && r == 0; i++) {
		appended += place_of(b, b->fresh[i]) >= b->n;
		if (appended > 1)
			return ye_refuse(ed, b->node, "several values come to the end of a list "
						      "in brackets");
		r = insert_flow(ed, b, b->fresh[i]);
	}
	return r;
}

int ye_change_flow(struct yaml_edit *ed, const struct ye_box *b)
{
	const struct yn *box = &ed->y->v[b->node];

	return ye_has(ed, box->start, box->end, '\n') ? change_lines(ed, b) : change_line(ed, b);
}

/* -- an empty one -- */

/* The new children as one JSON value. */
static bool all_fresh(const struct ye_box *b, bool map, struct buf *out)
{
	buf_add_c(out, map ? '{' : '[');
	for (size_t i = 0; i < b->n_new; i++) {
		if (i)
			buf_add_c(out, ',');
		if (map) {
			json_add_string(out, sca_str_z(b->fresh[i]->key));
			buf_add_c(out, ':');
		}
		buf_add_z(out, b->fresh[i]->value);
	}
	buf_add_c(out, map ? '}' : ']');
	return !out->failed;
}

/* Rules get lines of their own when the list is a block map's member; the rest stays in the
 * brackets. */
int ye_fill(struct yaml_edit *ed, const struct ye_box *b)
{
	const struct yn *box = &ed->y->v[b->node];
	_cleanup_buf_ struct buf json = BUF_INIT;
	size_t from = box->start, at = ed->pool.n, column;
	bool block = box->key != YN_NONE && !ed->y->v[box->parent].flow;
	struct jt_doc v;
	int r;

	if (box->start == box->end || ye_has(ed, box->start, box->end, '#'))
		return ye_refuse(ed, b->node, "its place is not seen");
	if (!all_fresh(b, box->kind == YN_MAP, &json))
		return sca_fail(ed->err, -ENOMEM, "out of memory");
	r = jt_parse(&v, buf_str(&json), ed->err);
	if (r < 0)
		return r;
	if (block && v.n > 1 && v.nodes[1].type == JT_OBJECT) {
		from = ye_behind_colon(ed, box->key);
		column = ed->y->v[box->key].start;
		column -= ye_line_start(ed, column);
		column += ed->style.seq_step;
		buf_add_str(&ed->pool, ed->style.eol);
		for (size_t i = 0; i < column; i++)
			buf_add_c(&ed->pool, ' ');
		yaml_put_block(&ed->style, &v, 0, (unsigned)column, &ed->pool);
	} else {
		yaml_put_flow(&ed->style, &v, 0, &ed->pool);
	}
	jt_release(&v);
	if (from == SIZE_MAX)
		return ye_refuse(ed, b->node, "its place is not seen");
	return ye_splice(ed, from, box->end, at);
}
