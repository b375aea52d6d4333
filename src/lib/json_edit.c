/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From edits to splices. Every container with new or vanishing children is walked once; what
 * changes between two children that stay is one splice, and everything else stays as it is.
 */
#include "json_edit.h"
#include "json_layout.h"

/* -- the list -- */

void je_init(struct je_list *l, const struct jt_doc *doc)
{
	*l = (struct je_list){.doc = doc};
}

void je_release(struct je_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].key);
		free(l->v[i].value);
	}
	free(l->v);
	*l = (struct je_list){.doc = l->doc};
}

static int add_edit(struct je_list *l, struct je_edit e, const char *key, struct sca_str value)
{
	if (!vec_grow(&l->v, &l->cap, l->n))
		return -ENOMEM;
	if (key && !(e.key = strdup(key)))
		return -ENOMEM;
	if (value.p && !(e.value = strndup(value.p, value.n))) {
		free(e.key);
		return -ENOMEM;
	}
	l->v[l->n++] = e;
	return 0;
}

int je_insert(struct je_list *l, uint32_t array, size_t index, struct sca_str value,
	      size_t cause)
{
	struct je_edit e = {JE_INSERT, .node = array, .index = index, .from = JT_NONE,
			    .cause = cause};

	return add_edit(l, e, NULL, value);
}

int je_move(struct je_list *l, uint32_t from, uint32_t array, size_t index, size_t cause)
{
	struct je_edit e = {JE_INSERT, .node = array, .index = index, .from = from,
			    .cause = cause};

	return add_edit(l, e, NULL, jt_raw(l->doc, from));
}

int je_remove(struct je_list *l, uint32_t node, size_t cause)
{
	struct je_edit e = {JE_REMOVE, .node = node, .from = JT_NONE, .cause = cause};

	return add_edit(l, e, NULL, (struct sca_str){NULL, 0});
}

int je_replace(struct je_list *l, uint32_t node, struct sca_str value, size_t cause)
{
	struct je_edit e = {JE_REPLACE, .node = node, .from = JT_NONE, .cause = cause};

	return add_edit(l, e, NULL, value);
}

int je_member(struct je_list *l, uint32_t object, const char *key, struct sca_str value,
	      size_t cause)
{
	struct je_edit e = {JE_MEMBER, .node = object, .from = JT_NONE, .cause = cause};

	return add_edit(l, e, key, value);
}

int je_copy(struct je_list *l, const struct je_edit *e)
{
	struct je_edit copy = *e;

	copy.key = copy.value = NULL;
	return add_edit(l, copy, e->key, sca_str_z(e->value));
}

/* -- splices -- */

struct splice {
	uint32_t from, to; /* of the original */
	size_t at, n;      /* the new bytes, in the pool */
};

/* A child that comes into or goes out of a container. */
struct change {
	uint32_t box;
	size_t index;            /* before which original child; or of the one that goes */
	const struct je_edit *e; /* NULL: the child goes */
	size_t order;
};

struct apply {
	const struct jt_doc *doc;
	struct jl_style style;
	struct buf pool;
	struct splice *splices;
	size_t n_splices, cap_splices;
	struct change *changes;
	size_t n_changes, cap_changes;
};

/* What happens between the child `prev` and the child `next` that both stay. */
struct run {
	uint32_t box, prev, next;       /* JT_NONE: the container's start, its end */
	uint32_t first_gone, last_gone; /* JT_NONE: none */
	const struct change *c;         /* of them, those with an edit are the new children */
	size_t n, n_new;
};

static bool add_splice(struct apply *ap, uint32_t from, uint32_t to, size_t at)
{
	if (ap->pool.failed || !vec_grow(&ap->splices, &ap->cap_splices, ap->n_splices))
		return false;
	ap->splices[ap->n_splices++] = (struct splice){from, to, at, ap->pool.n - at};
	return true;
}

static bool add_change(struct apply *ap, uint32_t box, size_t index, const struct je_edit *e)
{
	if (!vec_grow(&ap->changes, &ap->cap_changes, ap->n_changes))
		return false;
	ap->changes[ap->n_changes] = (struct change){box, index, e, ap->n_changes};
	ap->n_changes++;
	return true;
}

/* Writes a new child, with its key if it is a member. je_check() has parsed the value before,
 * so what fails here is memory. */
static bool put_child(struct apply *ap, const struct je_edit *e, struct jl_place place)
{
	struct sca_str value = str_trim(sca_str_z(e->value));
	struct buf key = BUF_INIT;
	struct jt_doc v;
	bool ok;

	if (jt_parse(&v, value, NULL) < 0)
		return false;
	if (e->kind == JE_MEMBER) {
		json_add_string(&key, sca_str_z(e->key));
		buf_add_str(&ap->pool, buf_str(&key));
		buf_add_str(&ap->pool, jl_colon(&ap->style, e->node));
		place.kind = buf_str(&key);
	}
	jl_put(&ap->style, &ap->pool, &v, &place);
	ok = !key.failed && !ap->pool.failed;
	buf_release(&key);
	jt_release(&v);
	return ok;
}

/* Bytes between the line's start and `at`, of the text as it will be: of the pool behind
 * `from` when that has a line break, else also of the original. */
static size_t column_at(const struct apply *ap, size_t from, uint32_t at)
{
	struct sca_str s = {ap->pool.n ? ap->pool.p + from : "", ap->pool.n - from};
	const char *nl = memrchr(s.p, '\n', s.n);

	if (nl)
		return (size_t)(s.p + s.n - nl - 1);
	nl = memrchr(ap->doc->text.p, '\n', at);
	return s.n + at - (nl ? (size_t)(nl + 1 - ap->doc->text.p) : 0);
}

/* In front of a child that stays, children go and none come. */
static bool run_close(struct apply *ap, const struct run *r)
{
	const struct jt_doc *doc = ap->doc;
	uint32_t from = jl_start(doc, r->first_gone), end = doc->nodes[r->last_gone].end;
	uint32_t to = jl_start(doc, r->next), prev_end;

	if (r->prev != JT_NONE) {
		/* At the end of a line: the line break behind them stays. */
		prev_end = doc->nodes[r->prev].end;
		if (jl_breaks(doc, end, to) && !jl_breaks(doc, prev_end, from))
			return add_splice(ap, prev_end, end, ap->pool.n);
	}
	return add_splice(ap, from, to, ap->pool.n);
}

/* In front of a child that stays. New children take the places of old ones, if there are. */
static bool run_before(struct apply *ap, const struct jl_list *list, const struct run *r)
{
	const struct jt_doc *doc = ap->doc;
	bool replace = r->first_gone != JT_NONE;
	uint32_t from = jl_start(doc, replace ? r->first_gone : r->next);
	uint32_t to = replace ? doc->nodes[r->last_gone].end : from;
	struct jl_place place = jl_place_in(&ap->style, r->box, r->next, from);
	size_t at = ap->pool.n, left = r->n_new;
	struct jl_sep sep;

	if (r->n_new == 0)
		return run_close(ap, r);
	sep = jl_sep_before(&ap->style, list, replace ? r->last_gone : r->prev, r->next);
	for (size_t i = 0; i < r->n; i++) {
		if (!r->c[i].e)
			continue;
		if (!put_child(ap, r->c[i].e, place))
			return false;
		if (--left || !replace)
			jl_put_sep(&ap->pool, sep);
	}
	return add_splice(ap, from, to, at);
}

/* Behind the last child that stays. New children take the places of old ones first. */
static bool run_end(struct apply *ap, const struct jl_list *list, const struct run *r)
{
	const struct jt_doc *doc = ap->doc;
	bool replace = r->first_gone != JT_NONE && (r->n_new || r->prev == JT_NONE);
	uint32_t from = replace ? jl_start(doc, r->first_gone) : doc->nodes[r->prev].end;
	uint32_t to = r->first_gone != JT_NONE ? doc->nodes[r->last_gone].end : from;
	struct jl_place place = jl_place_in(&ap->style, r->box, doc->nodes[r->box].last, from);
	size_t at = ap->pool.n;

	for (size_t i = 0, written = 0; i < r->n; i++) {
		struct jl_sep sep;

		if (!r->c[i].e)
			continue;
		sep = jl_sep_end(list, column_at(ap, at, from), strlen(r->c[i].e->value));
		if (written++ || !replace)
			jl_put_sep(&ap->pool, sep);
		if (!put_child(ap, r->c[i].e, place))
			return false;
	}
	if (replace && r->n_new == 0) { /* nothing is left: so are the blanks in the brackets */
		from = doc->nodes[r->box].start + 1;
		to = doc->nodes[r->box].end - 1;
	}
	return add_splice(ap, from, to, at);
}

/* The first children of an empty container: it is written anew. */
static bool fill_empty(struct apply *ap, const struct change *c, size_t n)
{
	const struct jt_node *box = &ap->doc->nodes[c->box];
	struct jl_place place = jl_place_of(&ap->style, c->box);
	struct buf text = BUF_INIT;
	size_t at = ap->pool.n;
	struct jt_doc v;
	bool ok;

	buf_add_c(&text, box->type == JT_OBJECT ? '{' : '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_c(&text, ',');
		if (c[i].e->kind == JE_MEMBER) {
			json_add_string(&text, sca_str_z(c[i].e->key));
			buf_add_c(&text, ':');
		}
		buf_add_z(&text, c[i].e->value);
	}
	buf_add_c(&text, box->type == JT_OBJECT ? '}' : ']');
	ok = !text.failed && jt_parse(&v, buf_str(&text), NULL) == 0;
	if (ok) {
		jl_put(&ap->style, &ap->pool, &v, &place);
		jt_release(&v);
		ok = add_splice(ap, box->start, box->end, at);
	}
	buf_release(&text);
	return ok;
}

/* All changes of one container, sorted by index. */
static bool change_box(struct apply *ap, const struct change *c, size_t n)
{
	const struct jt_doc *doc = ap->doc;
	struct run none = {c->box, JT_NONE, JT_NONE, JT_NONE, JT_NONE, c, 0, 0}, run = none;
	struct jl_list list;
	size_t i = 0;

	if (doc->nodes[c->box].n == 0)
		return fill_empty(ap, c, n);
	jl_list_read(&ap->style, c->box, &list);
	jt_for_each (doc, c->box, child) {
		bool gone = false;

		for (; i < n && c[i].index == doc->nodes[child].index; i++) {
			run.n++;
			run.n_new += c[i].e != NULL;
			gone |= c[i].e == NULL;
		}
		if (gone) {
			run.first_gone = run.first_gone == JT_NONE ? child : run.first_gone;
			run.last_gone = child;
			continue;
		}
		run.next = child;
		if (run.n && !run_before(ap, &list, &run))
			return false;
		run = none;
		run.prev = child;
		run.c = c + i;
	}
	run.n += n - i;
	run.n_new += n - i;
	return run.n == 0 || run_end(ap, &list, &run);
}

static int by_place(const void *x, const void *y)
{
	const struct change *a = x, *b = y;

	if (a->box != b->box)
		return a->box < b->box ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int by_offset(const void *x, const void *y)
{
	const struct splice *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* Whether the list removes an ancestor of `node`, which takes it along. `gone` is indexed by
 * node. */
static bool goes_along(const struct jt_doc *doc, const bool *gone, uint32_t node)
{
	for (uint32_t c = doc->nodes[node].parent; c != JT_NONE; c = doc->nodes[c].parent)
		if (gone[c])
			return true;
	return false;
}

static bool collect(struct apply *ap, const struct je_list *l, const struct je_edit *e,
		    const bool *gone)
{
	const struct jt_node *nodes = l->doc->nodes, *nd = &nodes[e->node];
	size_t at = ap->pool.n;

	switch (e->kind) {
	case JE_REPLACE:
		return put_child(ap, e, jl_place_of(&ap->style, e->node)) &&
		       add_splice(ap, nd->start, nd->end, at);
	case JE_REMOVE:
		return add_change(ap, nd->parent, nd->index, NULL);
	case JE_MEMBER:
		return add_change(ap, e->node, nd->n, e);
	case JE_INSERT:
		if (e->from != JT_NONE && !goes_along(l->doc, gone, e->from) &&
		    !add_change(ap, nodes[e->from].parent, nodes[e->from].index, NULL))
			return false;
		return add_change(ap, e->node, e->index, e);
	}
	return false;
}

static bool make_splices(struct apply *ap, const struct je_list *l)
{
	_cleanup_free_ bool *gone = calloc(l->doc->n, sizeof(*gone));

	if (!gone)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].kind == JE_REMOVE)
			gone[l->v[i].node] = true;
	for (size_t i = 0; i < l->n; i++)
		if (!collect(ap, l, &l->v[i], gone))
			return false;
	if (ap->n_changes)
		qsort(ap->changes, ap->n_changes, sizeof(*ap->changes), by_place);
	for (size_t i = 0, n; i < ap->n_changes; i += n) {
		for (n = 1; i + n < ap->n_changes; n++)
			if (ap->changes[i + n].box != ap->changes[i].box)
				break;
		if (!change_box(ap, ap->changes + i, n))
			return false;
	}
	if (ap->n_splices)
		qsort(ap->splices, ap->n_splices, sizeof(*ap->splices), by_offset);
	return true;
}

int je_apply(const struct je_list *l, char **ret, size_t *ret_n, struct sca_err *err)
{
	struct apply ap = {.doc = l->doc};
	struct sca_str text = l->doc->text;
	struct buf out = BUF_INIT;
	size_t done = 0;
	char *p = NULL;
	int r = je_check(l, err);

	if (r < 0)
		return r;
	jl_style_read(&ap.style, l->doc);
	if (make_splices(&ap, l)) {
		for (size_t i = 0; i < ap.n_splices; i++) {
			const struct splice *s = &ap.splices[i];

			buf_add(&out, text.p + done, s->from - done);
			buf_add(&out, ap.pool.n ? ap.pool.p + s->at : "", s->n);
			done = s->to;
		}
		buf_add(&out, text.p + done, text.n - done);
		p = buf_steal(&out, ret_n);
	}
	buf_release(&ap.pool);
	free(ap.splices);
	free(ap.changes);
	if (!p)
		return sca_fail(err, -ENOMEM, "out of memory");
	*ret = p;
	return 0;
}
