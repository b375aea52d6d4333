/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libfyaml's events to the tree. The library is loaded when the first YAML text is met: most
 * runs never need it, and starting the program stays as fast as without it.
 */
#include "probe.h"
#include "yaml.h"

#include <dlfcn.h>
#include <libfyaml.h>

#include <scaudit/profile.h>

#define SONAME "libfyaml.so.0"

/* It has bugs that hostile text finds, so each text is first read in a child. */
#define PROBE_SECONDS 5
#define OPEN_MAX      4096 /* brackets, those in texts and comments counted, too */

/* What is called of libfyaml, each once. */
#define FUNCTIONS(X)            \
	X(fy_diag_cfg_default)    \
	X(fy_diag_create)         \
	X(fy_diag_destroy)        \
	X(fy_diag_set_collect_errors) \
	X(fy_diag_errors_iterate) \
	X(fy_parser_create)       \
	X(fy_parser_destroy)      \
	X(fy_parser_set_string)   \
	X(fy_parser_parse)        \
	X(fy_parser_event_free)   \
	X(fy_parser_get_stream_error) \
	X(fy_event_get_token)     \
	X(fy_event_get_anchor_token) \
	X(fy_event_get_tag_token) \
	X(fy_event_get_node_style) \
	X(fy_token_start_mark)    \
	X(fy_token_end_mark)      \
	X(fy_token_get_text)      \
	X(fy_token_scalar_style)

struct fyaml {
	void *handle;
#define X(name) __typeof__(&name) name;
	FUNCTIONS(X)
#undef X
};

static int fyaml_open(struct fyaml *f, struct sca_err *err)
{
	errno = 0;
	f->handle = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!f->handle && errno == ENOMEM)
		return sca_fail(err, -ENOMEM, "no memory for " SONAME);
	if (!f->handle)
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"reading YAML takes " SONAME ", which is not installed: "
				"scripts/deps does that, or yq -o json .spec FILE makes JSON of it");
#define X(name)                                                                          \
	*(void **)&f->name = dlsym(f->handle, #name);                                    \
	if (!f->name)                                                                    \
		return sca_fail(err, SCA_E_UNSUPPORTED,                                  \
				SONAME " has no " #name "(): it is too old, or too new");
	FUNCTIONS(X)
#undef X
	return 0;
}

/* -- the tree -- */

struct reader {
	struct fyaml f;
	struct yaml *y;
	uint32_t open;   /* innermost open collection, YN_NONE at the top */
	uint32_t *keys;  /* per depth: the key whose value comes next */
	unsigned depth;
	struct fy_parser *parser;
	struct fy_diag *diag;
	struct sca_err *err;
};

int yaml_fail(const struct yaml *y, uint32_t node, struct sca_err *err, int code,
	      const char *fmt, ...)
{
	unsigned line, column;
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jt_locate(y->text, y->v[node].start, &line, &column);
	sca_err_at(err, NULL, line, column);
	return sca_fail(err, code, "%s", text);
}

static int no_memory(struct sca_err *err)
{
	return sca_fail(err, -ENOMEM, "out of memory");
}

/* libfyaml's marks leave out the quotes, and the star of an alias. */
static void widen(const struct yaml *y, struct yn *nd)
{
	char mark = nd->kind == YN_ALIAS ? '*' : nd->quote == '|' ? 0 : nd->quote;

	if (mark && nd->start && y->text.p[nd->start - 1] == mark)
		nd->start--;
	if (mark && mark != '*' && nd->end < y->text.n && y->text.p[nd->end] == mark)
		nd->end++;
}

static void set_place(struct reader *rd, struct yn *nd, struct fy_event *ev)
{
	struct fy_token *token = rd->f.fy_event_get_token(ev);
	const struct fy_mark *from = token ? rd->f.fy_token_start_mark(token) : NULL;
	const struct fy_mark *to = token ? rd->f.fy_token_end_mark(token) : NULL;
	const struct yn *key = nd->key == YN_NONE ? NULL : &rd->y->v[nd->key];

	if (from && to && from->input_pos <= to->input_pos && to->input_pos <= rd->y->text.n) {
		nd->start = (uint32_t)from->input_pos;
		nd->end = (uint32_t)to->input_pos;
		nd->line = (uint32_t)MAX(from->line, 0);
		widen(rd->y, nd);
	} else if (key) {
		nd->start = nd->end = key->end;
		nd->line = key->line;
	}
}

/* Hangs a new node into the tree. A scalar may turn out to be a key: *ret_key. */
static int add_node(struct reader *rd, struct yn nd, struct fy_event *ev, uint32_t *ret)
{
	struct yaml *y = rd->y;
	struct yn *up = rd->open == YN_NONE ? NULL : &y->v[rd->open];
	uint32_t id = (uint32_t)y->n;
	bool is_key = up && up->kind == YN_MAP && rd->keys[rd->depth] == YN_NONE;

	if (y->n >= JT_MAX_NODES)
		return sca_fail(rd->err, SCA_E_LIMIT, "more than %u values", JT_MAX_NODES);
	if (!vec_grow(&y->v, &y->cap, y->n) || !y->v)
		return no_memory(rd->err);
	up = rd->open == YN_NONE ? NULL : &y->v[rd->open];
	nd.parent = rd->open;
	nd.first = nd.last = nd.next = YN_NONE;
	nd.key = up && up->kind == YN_MAP && !is_key ? rd->keys[rd->depth] : YN_NONE;
	nd.anchor = rd->f.fy_event_get_anchor_token(ev);
	nd.tag = rd->f.fy_event_get_tag_token(ev);
	set_place(rd, &nd, ev);
	y->v[y->n++] = nd;
	*ret = id;
	if (is_key) {
		rd->keys[rd->depth] = id;
		return nd.kind == YN_SCALAR ? 0 :
		       yaml_fail(y, id, rd->err, SCA_E_SYNTAX, "a key that is no plain text");
	}
	if (!up) {
		if (!vec_grow(&y->docs, &y->cap_docs, y->n_docs))
			return no_memory(rd->err);
		y->docs[y->n_docs++] = id;
		return 0;
	}
	if (up->kind == YN_MAP)
		rd->keys[rd->depth] = YN_NONE;
	y->v[id].index = up->n++;
	if (up->first == YN_NONE)
		up->first = id;
	else
		y->v[up->last].next = id;
	up->last = id;
	return 0;
}

static bool is_empty(struct reader *rd, struct fy_token *token)
{
	const struct fy_mark *from = rd->f.fy_token_start_mark(token);
	const struct fy_mark *to = rd->f.fy_token_end_mark(token);

	return !from || !to || from->input_pos == to->input_pos;
}

static int add_scalar(struct reader *rd, struct fy_event *ev)
{
	static const char quotes[] = {
		[FYSS_PLAIN] = 0,
		[FYSS_SINGLE_QUOTED] = '\'',
		[FYSS_DOUBLE_QUOTED] = '"',
		[FYSS_LITERAL] = '|',
		[FYSS_FOLDED] = '|',
	};
	struct fy_token *token = rd->f.fy_event_get_token(ev);
	struct yn nd = {.kind = YN_SCALAR};
	struct sca_str text = {NULL, 0};
	int style;
	uint32_t id;

	if (token) {
		style = rd->f.fy_token_scalar_style(token);
		nd.quote = style >= 0 && style < (int)ARRAY_SIZE(quotes) ? quotes[style] : '|';
		text.p = rd->f.fy_token_get_text(token, &text.n);
		/* out of memory it gives an empty text, which only a block may be */
		if ((!text.p || (text.n == 0 && nd.quote != '|')) && !is_empty(rd, token))
			return no_memory(rd->err);
		text.n = text.p ? text.n : 0;
	}
	if (!arena_dup_str(&rd->y->arena, text, &nd.value))
		return no_memory(rd->err);
	return add_node(rd, nd, ev, &id);
}

static int open_box(struct reader *rd, struct fy_event *ev, enum yn_kind kind)
{
	struct yn nd = {.kind = kind};
	uint32_t id = YN_NONE;
	int r;

	nd.flow = rd->f.fy_event_get_node_style(ev) == FYNS_FLOW;
	r = add_node(rd, nd, ev, &id);
	if (r < 0)
		return r;
	if (rd->depth >= SCA_PROFILE_MAX_DEPTH)
		return yaml_fail(rd->y, id, rd->err, SCA_E_LIMIT,
				 "nested deeper than %d levels", SCA_PROFILE_MAX_DEPTH);
	rd->open = id;
	rd->keys[++rd->depth] = YN_NONE;
	return 0;
}

struct key_ref {
	struct sca_str text;
	uint32_t node;
};

static int by_text(const void *x, const void *y)
{
	const struct key_ref *a = x, *b = y;
	size_t n = MIN(a->text.n, b->text.n);
	int c = n ? memcmp(a->text.p, b->text.p, n) : 0;

	if (c || a->text.n != b->text.n)
		return c ? c : a->text.n < b->text.n ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static int check_keys(struct reader *rd, uint32_t map)
{
	const struct yaml *y = rd->y;
	_cleanup_free_ struct key_ref *v = NULL;
	size_t n = 0;

	if (y->v[map].n < 2)
		return 0;
	v = calloc(y->v[map].n, sizeof(*v));
	if (!v)
		return no_memory(rd->err);
	yaml_for_each (y, map, c)
		v[n++] = (struct key_ref){y->v[y->v[c].key].value, y->v[c].key};
	qsort(v, n, sizeof(*v), by_text);
	for (size_t i = 1; i < n; i++)
		if (str_eq(v[i - 1].text, v[i].text))
			return yaml_fail(y, v[i].node, rd->err, SCA_E_SYNTAX,
					 "the key %.*s is there twice", (int)MIN(v[i].text.n, 64u),
					 v[i].text.n ? v[i].text.p : "");
	return 0;
}

static int close_box(struct reader *rd, struct fy_event *ev)
{
	struct fy_token *token = rd->f.fy_event_get_token(ev);
	const struct fy_mark *to = token ? rd->f.fy_token_end_mark(token) : NULL;
	struct yaml *y = rd->y;
	struct yn *nd = y->v ? &y->v[rd->open] : NULL;
	uint32_t id = rd->open;

	if (!nd)
		return no_memory(rd->err);
	if (nd->flow && to && to->input_pos <= y->text.n)
		nd->end = (uint32_t)to->input_pos;
	else if (nd->last != YN_NONE)
		nd->end = y->v[nd->last].end;
	if (!nd->flow && nd->first != YN_NONE) {
		uint32_t c = nd->first;

		nd->start = y->v[nd->kind == YN_MAP ? y->v[c].key : c].start;
	}
	rd->depth--;
	rd->open = nd->parent;
	return nd->kind == YN_MAP ? check_keys(rd, id) : 0;
}

static int take_event(struct reader *rd, struct fy_event *ev)
{
	uint32_t id;

	switch (ev->type) {
	case FYET_SCALAR:
		return add_scalar(rd, ev);
	case FYET_ALIAS:
		return add_node(rd, (struct yn){.kind = YN_ALIAS}, ev, &id);
	case FYET_MAPPING_START:
		return open_box(rd, ev, YN_MAP);
	case FYET_SEQUENCE_START:
		return open_box(rd, ev, YN_SEQ);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		return close_box(rd, ev);
	default:
		return 0;
	}
}

/* -- errors of the library -- */

static void say_nothing(struct fy_diag *diag, void *user, const char *text, size_t n)
{
	(void)diag;
	(void)user;
	(void)text;
	(void)n;
}

/* The first thing that libfyaml has to say. */
static int parse_error(struct reader *rd)
{
	void *at = NULL;
	struct fy_diag_error *e = rd->f.fy_diag_errors_iterate(rd->diag, &at);

	if (!e || !e->msg)
		return sca_fail(rd->err, SCA_E_SYNTAX, "this is no YAML, or memory ran out");
	if (e->line >= 0 && e->column >= 0)
		sca_err_at(rd->err, NULL, (unsigned)e->line, (unsigned)e->column);
	return sca_fail(rd->err, SCA_E_SYNTAX, "this is no YAML: %.200s", e->msg);
}

static int make_parser(struct reader *rd)
{
	struct fy_diag_cfg dc;
	struct fy_parse_cfg pc = {.search_path = "", .flags = FYPCF_QUIET | FYPCF_SLOPPY_FLOW_INDENTATION};

	rd->f.fy_diag_cfg_default(&dc);
	dc.fp = NULL;
	dc.output_fn = say_nothing;
	dc.colorize = false;
	rd->diag = rd->f.fy_diag_create(&dc);
	if (!rd->diag)
		return no_memory(rd->err);
	rd->f.fy_diag_set_collect_errors(rd->diag, true);
	pc.diag = rd->diag;
	rd->parser = rd->f.fy_parser_create(&pc);
	if (!rd->parser ||
	    rd->f.fy_parser_set_string(rd->parser, rd->y->text.p, rd->y->text.n) < 0)
		return no_memory(rd->err);
	return 0;
}

static int read_events(struct reader *rd)
{
	struct fy_event *ev;
	bool ended = false;
	int r = 0;

	while (r == 0 && (ev = rd->f.fy_parser_parse(rd->parser))) {
		ended = ev->type == FYET_STREAM_END;
		r = take_event(rd, ev);
		rd->f.fy_parser_event_free(rd->parser, ev);
	}
	if (r == 0 && (!ended || rd->f.fy_parser_get_stream_error(rd->parser)))
		r = parse_error(rd);
	return r;
}

/* -- what libfyaml is not given, or not without a try -- */

static int bad_byte(struct sca_str text, size_t at, struct sca_err *err, const char *what)
{
	unsigned line, column;

	jt_locate(text, at, &line, &column);
	sca_err_at(err, NULL, line, column);
	return sca_fail(err, SCA_E_SYNTAX, "%s", what);
}

/* UTF-8 of what YAML calls printable, and no directives but the version's: %TAG is of no use
 * where tags are refused, and libfyaml 0.7 loops on broken ones. It also takes 350 bytes for each
 * bracket that is open, before the first event tells of one. */
static int check_bytes(struct sca_str text, struct sca_err *err)
{
	const char *p = text.p, *end = p + text.n;
	unsigned open = 0;

	while (p < end) {
		unsigned char c = (unsigned char)*p;
		size_t at = (size_t)(p - text.p), n = utf8_len(p, end);
		struct sca_str rest = {p, (size_t)(end - p)};

		if (!n)
			return bad_byte(text, at, err, "this is no UTF-8, so no YAML");
		if ((c < 0x20 && !strchr("\t\r\n", c)) || !c || c == 0x7f)
			return bad_byte(text, at, err, "a control character, which YAML has not");
		if (c == '%' && (at == 0 || p[-1] == '\n') &&
		    !str_starts(rest, SCA_STR("%YAML 1.1\n")) &&
		    !str_starts(rest, SCA_STR("%YAML 1.2\n")) &&
		    !str_starts(rest, SCA_STR("%YAML 1.1\r\n")) &&
		    !str_starts(rest, SCA_STR("%YAML 1.2\r\n")))
			return bad_byte(text, at, err, "a directive other than %YAML 1.2 is not read");
		open += c == '[' || c == '{';
		open -= open && (c == ']' || c == '}');
		if (open > OPEN_MAX)
			return bad_byte(text, at, err, "too many brackets are open");
		p += n;
	}
	return 0;
}

static int read_all(struct yaml *ret, struct sca_str text, struct sca_err *err)
{
	uint32_t keys[SCA_PROFILE_MAX_DEPTH + 1] = {0};
	struct yaml y = {.text = text};
	struct reader rd = {.y = &y, .open = YN_NONE, .keys = keys, .err = err};
	int r;

	r = fyaml_open(&rd.f, err);
	if (r == 0)
		r = make_parser(&rd);
	if (r == 0)
		r = read_events(&rd);
	if (rd.parser)
		rd.f.fy_parser_destroy(rd.parser);
	if (rd.diag)
		rd.f.fy_diag_destroy(rd.diag);
	if (rd.f.handle)
		dlclose(rd.f.handle);
	if (r < 0) {
		yaml_release(&y);
		return r;
	}
	*ret = y;
	return 0;
}

static void try_it(void *arg)
{
	struct sca_str *text = arg;
	struct yaml y;

	if (read_all(&y, *text, NULL) == 0)
		yaml_release(&y);
}

int yaml_read(struct yaml *ret, struct sca_str text, struct sca_err *err)
{
	int r;

	if (text.n > SCA_PROFILE_MAX_BYTES)
		return sca_fail(err, SCA_E_LIMIT, "longer than %u bytes", SCA_PROFILE_MAX_BYTES);
	r = check_bytes(text, err);
	if (r < 0)
		return r;
	r = probe_run(try_it, &text, PROBE_SECONDS);
	if (r == SCA_E_LIMIT)
		return sca_fail(err, r, "libfyaml does not come to an end with this text, or "
				       "memory ran out");
	return r < 0 ? sca_fail_errno(err, -r, "cannot start a child to try the YAML in") :
		       read_all(ret, text, err);
}

void yaml_release(struct yaml *y)
{
	arena_release(&y->arena);
	free(y->v);
	free(y->docs);
	*y = (struct yaml){0};
}

uint32_t yaml_member(const struct yaml *y, uint32_t map, struct sca_str key)
{
	if (y->v[map].kind == YN_MAP)
		yaml_for_each (y, map, c)
			if (str_eq(y->v[y->v[c].key].value, key))
				return c;
	return YN_NONE;
}
