/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader: one loop over a few states, no recursion. The open containers are the chain of
 * parents in the tree itself, so the only growing memory is the node vector.
 */
#include "json_text.h"

#include <scaudit/profile.h>

#define GO_TOO "; Go's loader refuses it too"

enum state {
	ST_FIRST, /* behind an opening bracket: a child or the closing one */
	ST_VALUE,
	ST_KEY,
	ST_AFTER, /* behind a complete value */
	ST_END,
};

struct reader {
	struct jt_doc doc;
	const char *p, *end;
	uint32_t open; /* innermost open container, JT_NONE at the top */
	unsigned depth;
	uint32_t key_start, key_end; /* of the member whose value comes next */
	const char *comma;           /* the comma just read, NULL behind a bracket or colon */
	struct sca_err *err;
};

static int fail_at(struct reader *rd, const char *at, int code, const char *fmt, ...)
	_printf_(4, 5);

static int fail_at(struct reader *rd, const char *at, int code, const char *fmt, ...)
{
	char text[256];
	unsigned line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jt_locate(rd->doc.text, (size_t)(at - rd->doc.text.p), &line, &column);
	sca_err_at(rd->err, NULL, line, column);
	return sca_fail(rd->err, code, "%s", text);
}

#define bad(rd, at, ...) fail_at((rd), (at), SCA_E_SYNTAX, __VA_ARGS__)

static void skip_blanks(struct reader *rd)
{
	while (rd->p < rd->end &&
	       (*rd->p == ' ' || *rd->p == '\t' || *rd->p == '\n' || *rd->p == '\r'))
		rd->p++;
}

static uint32_t offset(const struct reader *rd, const char *p)
{
	return (uint32_t)(p - rd->doc.text.p);
}

static bool in_object(const struct reader *rd)
{
	return rd->open != JT_NONE && rd->doc.nodes[rd->open].type == JT_OBJECT;
}

static bool looks_at(const struct reader *rd, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(rd->end - rd->p) >= n && memcmp(rd->p, word, n) == 0;
}

static size_t word_length(const struct reader *rd)
{
	const char *p = rd->p;

	while (p < rd->end && p - rd->p < 32 && (isalnum((unsigned char)*p) || *p == '_'))
		p++;
	return (size_t)(p - rd->p);
}

/* A word that is none of JSON's, or JSON's in the wrong place. */
static int bad_word(struct reader *rd, const char *wanted)
{
	size_t n = word_length(rd);
	bool colon = rd->p + n < rd->end && rd->p[n] == ':';

	if (rd->doc.n == 0 && colon)
		return bad(rd, rd->p, "expected %s, found '%.*s:': this looks like YAML" GO_TOO,
			   wanted, (int)n, rd->p);
	if (in_object(rd) && colon)
		return bad(rd, rd->p, "member key '%.*s' is not in double quotes" GO_TOO,
			   (int)n, rd->p);
	return bad(rd, rd->p, "expected %s, found the word '%.*s'" GO_TOO, wanted, (int)n,
		   rd->p);
}

/* Names the mistake at rd->p, where `wanted` should stand. */
static int unexpected(struct reader *rd, const char *wanted)
{
	unsigned char c;

	if (rd->p == rd->end && rd->open != JT_NONE)
		return bad(rd, rd->p, "text ends inside an %s that is not closed, expected %s",
			   in_object(rd) ? "object" : "array", wanted);
	if (rd->p == rd->end)
		return bad(rd, rd->p, "text ends, expected %s", wanted);
	c = (unsigned char)*rd->p;
	if (looks_at(rd, "//") || looks_at(rd, "/*") || c == '#')
		return bad(rd, rd->p, "comment: JSON has none" GO_TOO);
	if (c == '\'')
		return bad(rd, rd->p, "single quote: JSON strings take double quotes" GO_TOO);
	if (looks_at(rd, "\xef\xbb\xbf"))
		return bad(rd, rd->p, "byte order mark inside the text" GO_TOO);
	if (rd->doc.n == 0 && looks_at(rd, "---"))
		return bad(rd, rd->p, "expected %s, found '---': this looks like YAML" GO_TOO,
			   wanted);
	if (isalpha(c) || c == '_')
		return bad_word(rd, wanted);
	if (c > 0x20 && c < 0x7f)
		return bad(rd, rd->p, "expected %s, found '%c'", wanted, c);
	return bad(rd, rd->p, "expected %s, found byte 0x%02x", wanted, c);
}

static const char *skip_digits(const struct reader *rd, const char *p)
{
	while (p < rd->end && ascii_digit(*p))
		p++;
	return p;
}

static int read_number(struct reader *rd)
{
	const char *p = rd->p, *q;

	if (*p == '-')
		p++;
	q = skip_digits(rd, p);
	if (q == p)
		return bad(rd, rd->p, "'-' without digits behind it");
	if (*p == '0' && q - p > 1)
		return bad(rd, rd->p, "number with a leading zero" GO_TOO);
	if (*p == '0' && q < rd->end && (*q == 'x' || *q == 'X'))
		return bad(rd, rd->p, "hexadecimal number: JSON has decimal ones only" GO_TOO);
	if (q < rd->end && *q == '.') {
		p = q + 1;
		q = skip_digits(rd, p);
		if (q == p)
			return bad(rd, rd->p, "number without digits behind its point" GO_TOO);
	}
	if (q < rd->end && (*q == 'e' || *q == 'E')) {
		p = q + 1;
		if (p < rd->end && (*p == '+' || *p == '-'))
			p++;
		q = skip_digits(rd, p);
		if (q == p)
			return bad(rd, rd->p, "number without digits in its exponent");
	}
	rd->p = q;
	return 0;
}

/* rd->p is at the backslash. */
static int read_escape(struct reader *rd)
{
	const char *p = rd->p + 1;

	if (p < rd->end && *p == 'u') {
		for (p++; p < rd->end && p - rd->p < 6 && hex_digit(*p) >= 0; p++)
			;
		if (p - rd->p < 6)
			return bad(rd, rd->p, "\\u without four hexadecimal digits");
		rd->p = p;
		return 0;
	}
	if (p == rd->end || *p == '\0' || !strchr("\"\\/bfnrt", *p))
		return bad(rd, rd->p, "backslash that starts no escape of JSON's" GO_TOO);
	rd->p = p + 1;
	return 0;
}

static int read_string(struct reader *rd)
{
	const char *start = rd->p++;
	int r;

	while (rd->p < rd->end && *rd->p != '"') {
		unsigned char c = (unsigned char)*rd->p;

		if (c == '\n' || c == '\r')
			return bad(rd, start, "string without a closing quote on its line");
		if (c < 0x20)
			return bad(rd, rd->p,
				   "control character 0x%02x in a string: write \\u%04x", c, c);
		if (c != '\\') {
			rd->p++;
			continue;
		}
		r = read_escape(rd);
		if (r < 0)
			return r;
	}
	if (rd->p == rd->end)
		return bad(rd, start, "string without a closing quote");
	rd->p++;
	return 0;
}

/* Appends a node that starts at rd->p and links it to the open container. */
static int add_node(struct reader *rd, enum jt_type type)
{
	struct jt_doc *doc = &rd->doc;
	uint32_t id = (uint32_t)doc->n;
	struct jt_node *nd;

	if (doc->n >= JT_MAX_NODES)
		return fail_at(rd, rd->p, SCA_E_LIMIT, "more than %u values in the text",
			       JT_MAX_NODES);
	if (!vec_grow(&doc->nodes, &doc->cap, doc->n))
		return sca_fail(rd->err, -ENOMEM, "out of memory");
	nd = &doc->nodes[doc->n++];
	*nd = (struct jt_node){
		.type = type,
		.start = offset(rd, rd->p),
		.key_start = rd->key_start,
		.key_end = rd->key_end,
		.parent = rd->open,
		.first = JT_NONE,
		.last = JT_NONE,
		.next = JT_NONE,
	};
	if (rd->open != JT_NONE) {
		struct jt_node *up = &doc->nodes[rd->open];

		nd->index = up->n++;
		if (up->first == JT_NONE)
			up->first = id;
		else
			doc->nodes[up->last].next = id;
		up->last = id;
	}
	rd->key_start = rd->key_end = 0;
	return 0;
}

static int read_open(struct reader *rd, enum jt_type type, enum state *next)
{
	int r;

	if (rd->depth >= SCA_PROFILE_MAX_DEPTH)
		return fail_at(rd, rd->p, SCA_E_LIMIT, "arrays and objects nest deeper than %d",
			       SCA_PROFILE_MAX_DEPTH);
	r = add_node(rd, type);
	if (r < 0)
		return r;
	rd->open = (uint32_t)rd->doc.n - 1;
	rd->depth++;
	rd->p++;
	rd->comma = NULL;
	*next = ST_FIRST;
	return 0;
}

static int read_scalar(struct reader *rd)
{
	static const struct {
		const char *word;
		enum jt_type type;
	} words[] = {{"null", JT_NULL}, {"false", JT_FALSE}, {"true", JT_TRUE}};
	char c = *rd->p;
	int r;

	if (c == '"') {
		r = add_node(rd, JT_STRING);
		return r < 0 ? r : read_string(rd);
	}
	if (c == '-' || ascii_digit(c)) {
		r = add_node(rd, JT_NUMBER);
		return r < 0 ? r : read_number(rd);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!looks_at(rd, words[i].word) || word_length(rd) != strlen(words[i].word))
			continue;
		r = add_node(rd, words[i].type);
		rd->p += strlen(words[i].word);
		return r;
	}
	return unexpected(rd, "a value");
}

static int read_value(struct reader *rd, enum state *next)
{
	int r;

	if (rd->comma && rd->p < rd->end && *rd->p == ']')
		return bad(rd, rd->comma, "trailing comma before ']'" GO_TOO);
	if (rd->p == rd->end || (*rd->p == '-' && looks_at(rd, "---")))
		return unexpected(rd, "a value");
	if (*rd->p == '[')
		return read_open(rd, JT_ARRAY, next);
	if (*rd->p == '{')
		return read_open(rd, JT_OBJECT, next);
	r = read_scalar(rd);
	if (r < 0)
		return r;
	rd->doc.nodes[rd->doc.n - 1].end = offset(rd, rd->p);
	*next = ST_AFTER;
	return 0;
}

static int read_key(struct reader *rd, enum state *next)
{
	const char *start = rd->p;
	int r;

	if (rd->comma && rd->p < rd->end && *rd->p == '}')
		return bad(rd, rd->comma, "trailing comma before '}'" GO_TOO);
	if (rd->p == rd->end || *rd->p != '"')
		return unexpected(rd, "a member's key in double quotes");
	r = read_string(rd);
	if (r < 0)
		return r;
	rd->key_start = offset(rd, start);
	rd->key_end = offset(rd, rd->p);
	skip_blanks(rd);
	if (rd->p == rd->end || *rd->p != ':')
		return unexpected(rd, "':' after a member's key");
	rd->p++;
	rd->comma = NULL;
	*next = ST_VALUE;
	return 0;
}

static void close_container(struct reader *rd)
{
	struct jt_node *nd = &rd->doc.nodes[rd->open];

	rd->p++;
	nd->end = offset(rd, rd->p);
	rd->open = nd->parent;
	rd->depth--;
}

static int read_after(struct reader *rd, enum state *next)
{
	bool object = in_object(rd);

	if (rd->open == JT_NONE) {
		if (rd->p < rd->end)
			return bad(rd, rd->p,
				   "text goes on behind the end of the JSON value" GO_TOO);
		*next = ST_END;
		return 0;
	}
	if (rd->p < rd->end && *rd->p == ',') {
		rd->comma = rd->p++;
		*next = object ? ST_KEY : ST_VALUE;
		return 0;
	}
	if (rd->p < rd->end && *rd->p == (object ? '}' : ']')) {
		close_container(rd);
		return 0;
	}
	return unexpected(rd, object ? "',' or '}' after a member" :
				       "',' or ']' after an array element");
}

static int read_first(struct reader *rd, enum state *next)
{
	bool object = in_object(rd);

	if (rd->p < rd->end && *rd->p == (object ? '}' : ']')) {
		close_container(rd);
		*next = ST_AFTER;
	} else {
		*next = object ? ST_KEY : ST_VALUE;
	}
	return 0;
}

static int read_text(struct reader *rd)
{
	enum state state = ST_VALUE;
	int r = 0;

	while (r == 0 && state != ST_END) {
		skip_blanks(rd);
		switch (state) {
		case ST_FIRST:
			r = read_first(rd, &state);
			break;
		case ST_VALUE:
			r = read_value(rd, &state);
			break;
		case ST_KEY:
			r = read_key(rd, &state);
			break;
		case ST_AFTER:
			r = read_after(rd, &state);
			break;
		case ST_END:
			break;
		}
	}
	return r;
}

/* Mistakes of the text as a whole. */
static int check_text(struct reader *rd)
{
	struct sca_str all = rd->doc.text;

	if (all.n > SCA_PROFILE_MAX_BYTES)
		return sca_fail(rd->err, SCA_E_LIMIT, "text is longer than %u bytes",
				SCA_PROFILE_MAX_BYTES);
	if (str_trim(all).n == 0)
		return bad(rd, all.p, "text is empty, expected a JSON object");
	if (looks_at(rd, "\xef\xbb\xbf"))
		return bad(rd, all.p, "byte order mark at the start of the text" GO_TOO);
	if (looks_at(rd, "\xff\xfe") || looks_at(rd, "\xfe\xff"))
		return bad(rd, all.p, "text is in UTF-16, JSON is UTF-8" GO_TOO);
	return 0;
}

int jt_parse(struct jt_doc *ret, struct sca_str text, struct sca_err *err)
{
	struct sca_str all = text.n ? text : SCA_STR("");
	struct reader rd = {
		.doc = {.text = all},
		.p = all.p,
		.end = all.p + all.n,
		.open = JT_NONE,
		.err = err,
	};
	int r;

	r = check_text(&rd);
	if (r == 0)
		r = read_text(&rd);
	if (r < 0) {
		jt_release(&rd.doc);
		return r;
	}
	*ret = rd.doc;
	return 0;
}

void jt_release(struct jt_doc *doc)
{
	free(doc->nodes);
	*doc = (struct jt_doc){0};
}
