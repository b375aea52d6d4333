/* SPDX-License-Identifier: Apache-2.0 */
#include "json_layout.h"

/* Nodes looked at on either side in search of an example. */
#define SEARCH_MAX 8192u

static const struct sca_str nothing = {"", 0};

static struct sca_str span(const struct jt_doc *doc, uint32_t from, uint32_t to)
{
	return (struct sca_str){doc->text.p + from, to - from};
}

static bool has_break(struct sca_str s)
{
	return s.n && memchr(s.p, '\n', s.n);
}

bool jl_breaks(const struct jt_doc *doc, uint32_t from, uint32_t to)
{
	return has_break(span(doc, from, to));
}

uint32_t jl_start(const struct jt_doc *doc, uint32_t child)
{
	const struct jt_node *nd = &doc->nodes[child];

	return nd->key_end > nd->key_start ? nd->key_start : nd->start;
}

/* The blanks from their last line break on; all of them when there is none. */
static struct sca_str from_break(struct sca_str blanks)
{
	const char *end = blanks.p + blanks.n, *nl = memrchr(blanks.p, '\n', blanks.n);

	if (!nl)
		return blanks;
	if (nl > blanks.p && nl[-1] == '\r')
		nl--;
	return (struct sca_str){nl, (size_t)(end - nl)};
}

/* The indentation behind a line break. */
static struct sca_str behind_break(struct sca_str blanks)
{
	const char *nl = memrchr(blanks.p, '\n', blanks.n);

	return nl ? (struct sca_str){nl + 1, (size_t)(blanks.p + blanks.n - nl - 1)} : nothing;
}

static struct sca_str eol_of(struct sca_str blanks)
{
	struct sca_str s = from_break(blanks);

	return s.p[0] == '\r' ? SCA_STR("\r\n") : SCA_STR("\n");
}

/* Blanks at the start of the line that offset `at` is on. */
static struct sca_str line_indent(const struct jt_doc *doc, uint32_t at)
{
	struct sca_str before = span(doc, 0, at);
	const char *nl = memrchr(before.p, '\n', before.n), *p = nl ? nl + 1 : before.p, *q = p;

	while (q < before.p + before.n && (*q == ' ' || *q == '\t'))
		q++;
	return (struct sca_str){p, (size_t)(q - p)};
}

/* Blanks behind the opening bracket of a container with children. */
static struct sca_str opening(const struct jt_doc *doc, uint32_t box)
{
	return span(doc, doc->nodes[box].start + 1, jl_start(doc, doc->nodes[box].first));
}

/* Separator between two neighbours. Returns whether it breaks the line. */
static bool sep_read(const struct jt_doc *doc, uint32_t a, uint32_t b, struct jl_sep *ret)
{
	struct sca_str gap = span(doc, doc->nodes[a].end, jl_start(doc, b));
	size_t before = (size_t)((const char *)memchr(gap.p, ',', gap.n) - gap.p);

	ret->before = from_break((struct sca_str){gap.p, before});
	ret->after = from_break((struct sca_str){gap.p + before + 1, gap.n - before - 1});
	if (has_break(ret->before) && has_break(ret->after))
		ret->before = nothing;
	return has_break(ret->before) || has_break(ret->after);
}

/* The blanks and the colon between key and value; false when a line break is in them. */
static bool colon_read(const struct jt_doc *doc, uint32_t member, struct sca_str *ret)
{
	struct sca_str s = span(doc, doc->nodes[member].key_end, doc->nodes[member].start);

	if (doc->nodes[member].key_end == doc->nodes[member].key_start || has_break(s))
		return false;
	*ret = s;
	return true;
}

void jl_style_read(struct jl_style *ret, const struct jt_doc *doc)
{
	const struct jt_node *top = &doc->nodes[0];
	struct jl_style st = {.doc = doc, .eol = SCA_STR("\n"), .unit = SCA_STR("  ")};
	struct sca_str all = span(doc, top->start, top->end), open;
	const char *nl = memchr(all.p, '\n', all.n);
	bool have_colon = false, have_sep = false;

	st.lines = nl;
	if (nl && nl[-1] == '\r')
		st.eol = SCA_STR("\r\n");
	if (top->n) {
		open = opening(doc, 0);
		if (has_break(open))
			st.unit = behind_break(open);
	}
	for (uint32_t c = 0; c < doc->n && !(have_colon && have_sep); c++) {
		if (!have_colon)
			have_colon = colon_read(doc, c, &st.colon);
		if (!have_sep && doc->nodes[c].next != JT_NONE)
			have_sep = !sep_read(doc, c, doc->nodes[c].next, &st.inlined);
	}
	if (!have_colon)
		st.colon = st.lines ? SCA_STR(": ") : SCA_STR(":");
	if (!have_sep) {
		st.inlined.before = nothing;
		st.inlined.after = str_eq(st.colon, SCA_STR(":")) ? nothing : SCA_STR(" ");
	}
	*ret = st;
}

/* Longest line that the container has a part in. */
static size_t width_of(const struct jt_doc *doc, uint32_t box)
{
	const char *p = doc->text.p + doc->nodes[box].start, *end = doc->text.p + doc->text.n;
	const char *stop = doc->text.p + doc->nodes[box].end;
	const char *start = memrchr(doc->text.p, '\n', (size_t)(p - doc->text.p));
	size_t width = 0;

	for (p = start ? start + 1 : doc->text.p; p < stop;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		nl = nl ? nl : end;
		width = MAX(width, (size_t)(nl - p));
		p = nl + 1;
	}
	return width;
}

void jl_list_read(const struct jl_style *st, uint32_t container, struct jl_list *ret)
{
	const struct jt_doc *doc = st->doc;
	struct jl_list l = {.inlined = st->inlined};
	size_t breaks = 0, gaps = 0;
	uint32_t prev = JT_NONE;

	jt_for_each (doc, container, c) {
		if (prev != JT_NONE) {
			bool broken = sep_read(doc, prev, c, &l.last);

			if (gaps == 0)
				l.first = l.last;
			if (broken)
				l.broken = l.last;
			else if (gaps == breaks)
				l.inlined = l.last;
			breaks += broken;
			gaps++;
		}
		prev = c;
	}
	if (gaps == 0) {
		l.lines = has_break(opening(doc, container));
		l.last = (struct jl_sep){nothing, from_break(opening(doc, container))};
		l.first = l.last;
	} else {
		l.lines = breaks == gaps;
		l.mixed = breaks && !l.lines;
	}
	if (l.mixed)
		l.width = width_of(doc, container);
	*ret = l;
}

struct jl_sep jl_sep_before(const struct jl_style *st, const struct jl_list *l, uint32_t prev,
			    uint32_t next)
{
	const struct jt_doc *doc = st->doc;
	struct jl_sep sep;
	struct sca_str open;

	if (!l->lines) {
		if (prev != JT_NONE && !sep_read(doc, prev, next, &sep))
			return sep;
		prev = doc->nodes[next].next;
		if (prev != JT_NONE && !sep_read(doc, next, prev, &sep))
			return sep;
		return l->inlined;
	}
	if (prev != JT_NONE) {
		sep_read(doc, prev, next, &sep);
		return sep;
	}
	/* The first child keeps its own indentation, whatever the others have. */
	open = opening(doc, doc->nodes[next].parent);
	sep = l->first;
	if (has_break(open) && has_break(sep.after))
		sep.after = from_break(open);
	return sep;
}

struct jl_sep jl_sep_end(const struct jl_list *l, size_t column, size_t n)
{
	if (l->lines)
		return l->last;
	if (l->mixed && column + n + 2 > l->width)
		return l->broken;
	return l->inlined;
}

/* The key that tells what a node is for: its own, or for elements that of the array. */
static struct sca_str kind_of(const struct jt_doc *doc, uint32_t node, bool *element)
{
	struct sca_str key = jt_raw_key(doc, node);

	*element = key.n == 0 && doc->nodes[node].parent != JT_NONE;
	while (key.n == 0 && doc->nodes[node].parent != JT_NONE) {
		node = doc->nodes[node].parent;
		key = jt_raw_key(doc, node);
	}
	return key;
}

static bool fits_one_line(const struct jt_doc *doc, uint32_t box)
{
	const struct jt_node *nd = &doc->nodes[box];

	return nd->n && !jl_breaks(doc, nd->start, nd->end);
}

struct jl_place jl_place_of(const struct jl_style *st, uint32_t node)
{
	const struct jt_node *nd = &st->doc->nodes[node];
	struct jl_place place = {
		.near = node,
		.one_line = nd->parent != JT_NONE && fits_one_line(st->doc, nd->parent),
		.many_lines = nd->type >= JT_ARRAY && jl_breaks(st->doc, nd->start, nd->end),
		.indent = line_indent(st->doc, nd->start),
	};

	place.kind = kind_of(st->doc, node, &place.element);
	return place;
}

struct jl_place jl_place_in(const struct jl_style *st, uint32_t box, uint32_t near, uint32_t at)
{
	struct jl_place place = {
		.near = near,
		.one_line = fits_one_line(st->doc, box),
		.indent = line_indent(st->doc, at),
	};
	bool element;

	place.kind = kind_of(st->doc, box, &element);
	place.element = st->doc->nodes[box].type == JT_ARRAY;
	return place;
}

static bool holds_scalars(const struct jt_doc *doc, uint32_t box)
{
	return doc->nodes[doc->nodes[box].first].type < JT_ARRAY;
}

/*
 * The nearest container of the same type and kind that has children; failing that, the
 * nearest one of the same type whose children are alike (scalars or not). JT_NONE when
 * there is neither.
 */
static uint32_t find_example(const struct jl_style *st, const struct jt_doc *v, uint32_t node,
			     const struct jl_place *place)
{
	const struct jt_doc *doc = st->doc;
	bool scalars = holds_scalars(v, node), element;
	uint32_t alike = JT_NONE;

	for (uint32_t i = 0; i < 2 * SEARCH_MAX; i++) {
		uint32_t step = (i + 1) / 2, c;

		if (i % 2 ? step > place->near : step >= doc->n - place->near)
			continue;
		c = i % 2 ? place->near - step : place->near + step;
		if (doc->nodes[c].type != v->nodes[node].type || doc->nodes[c].n == 0)
			continue;
		if (str_eq(kind_of(doc, c, &element), place->kind) && element == place->element)
			return c;
		if (alike == JT_NONE && holds_scalars(doc, c) == scalars)
			alike = c;
	}
	return alike;
}

/* How to write one container. */
struct form {
	bool lines;   /* line breaks inside the brackets */
	bool each;    /* one child a line; else wrapped at `width` */
	size_t width;
	struct sca_str eol, unit, colon, pad; /* pad: inside the brackets of a single line */
	struct jl_sep sep;                    /* within a line */
};

static void form_from_example(const struct jl_style *st, uint32_t box, struct form *f)
{
	const struct jt_doc *doc = st->doc;
	struct sca_str open = opening(doc, box), base, inner;
	struct jl_list l;

	jl_list_read(st, box, &l);
	f->lines = has_break(open);
	f->each = !l.mixed;
	f->width = l.width;
	f->sep = l.inlined;
	if (doc->nodes[box].type == JT_OBJECT)
		f->colon = jl_colon(st, box);
	if (!f->lines) {
		f->pad = open;
		return;
	}
	f->eol = eol_of(open);
	inner = behind_break(open);
	base = line_indent(doc, doc->nodes[box].start);
	if (str_starts(inner, base))
		f->unit = str_skip(inner, base.n);
}

static struct form form_find(const struct jl_style *st, const struct jt_doc *v, uint32_t node,
			     const struct jl_place *place)
{
	uint32_t example = find_example(st, v, node, place);
	struct form f = {
		.lines = st->lines,
		.each = true,
		.eol = st->eol,
		.unit = st->unit,
		.colon = st->colon,
		.sep = st->inlined,
	};

	if (example != JT_NONE)
		form_from_example(st, example, &f);
	if (place->one_line)
		f.lines = false;
	else if (place->many_lines)
		f.lines = true;
	if (f.unit.n == 0)
		f.unit = st->unit;
	return f;
}

struct sca_str jl_colon(const struct jl_style *st, uint32_t object)
{
	struct sca_str colon;

	jt_for_each (st->doc, object, c)
		if (colon_read(st->doc, c, &colon))
			return colon;
	return st->colon;
}

void jl_put_sep(struct buf *out, struct jl_sep sep)
{
	buf_add_str(out, sep.before);
	buf_add_c(out, ',');
	buf_add_str(out, sep.after);
}

struct writer {
	const struct jl_style *st;
	const struct jt_doc *v;
	struct buf *out;
	struct buf indent;
};

static void put_line(struct writer *w, struct sca_str eol)
{
	buf_add_str(w->out, eol);
	buf_add_str(w->out, buf_str(&w->indent));
}

/* What goes between the last child written and the next, which takes about n bytes. */
static void put_between(struct writer *w, const struct form *f, size_t n)
{
	const char *nl = w->out->n ? memrchr(w->out->p, '\n', w->out->n) : NULL;
	size_t column = nl ? (size_t)(w->out->p + w->out->n - nl - 1) : w->out->n;

	if (f->lines && (f->each || column + n + 2 > f->width)) {
		buf_add_c(w->out, ',');
		put_line(w, f->eol);
	} else {
		jl_put_sep(w->out, f->sep);
	}
}

/* Recursion is as deep as jt_parse() lets values nest. */
static void put_node(struct writer *w, uint32_t node, const struct jl_place *place)
{
	const struct jt_node *nd = &w->v->nodes[node];
	bool object = nd->type == JT_OBJECT;
	size_t outer = w->indent.n;
	struct form f;

	if (nd->n == 0) {
		json_add_compact(w->out, jt_raw(w->v, node));
		return;
	}
	f = form_find(w->st, w->v, node, place);
	buf_add_c(w->out, object ? '{' : '[');
	if (f.lines) {
		buf_add_str(&w->indent, f.unit);
		put_line(w, f.eol);
	} else {
		buf_add_str(w->out, f.pad);
	}
	jt_for_each (w->v, node, c) {
		const struct jt_node *ch = &w->v->nodes[c];
		struct sca_str key = jt_raw_key(w->v, c);
		struct jl_place inner = {
			.near = place->near,
			.kind = object ? key : place->kind,
			.element = !object,
			.one_line = place->one_line || (object && !f.lines),
		};

		if (c != nd->first)
			put_between(w, &f, ch->end - ch->start);
		buf_add_str(w->out, key);
		if (object)
			buf_add_str(w->out, f.colon);
		put_node(w, c, &inner);
	}
	if (f.lines) {
		w->indent.n = outer;
		put_line(w, f.eol);
	} else {
		buf_add_str(w->out, f.pad);
	}
	buf_add_c(w->out, object ? '}' : ']');
}

void jl_put(const struct jl_style *st, struct buf *out, const struct jt_doc *v,
	    const struct jl_place *place)
{
	struct writer w = {.st = st, .v = v, .out = out, .indent = BUF_INIT};

	buf_add_str(&w.indent, place->indent);
	put_node(&w, 0, place);
	if (w.indent.failed)
		out->failed = true;
	buf_release(&w.indent);
}
