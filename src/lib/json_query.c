/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to a parsed document. Strings are compared in their decoded form one character at
 * a time, so no question but jt_string() and jt_key() needs memory.
 */
#include "json_text.h"

#include <scaudit/profile.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static uint32_t hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)hex_digit(p[i]);
	return v;
}

static size_t put_utf8(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/*
 * *pp is at \uXXXX. A high surrogate takes the low one behind it along; a lone one of either
 * kind becomes U+FFFD and nothing else is consumed, as in Go.
 */
static size_t next_unicode(const char **pp, const char *end, char out[4])
{
	const char *p = *pp;
	uint32_t c = hex4(p + 2), low;

	*pp = p + 6;
	if (c < 0xd800 || c > 0xdfff)
		return put_utf8(c, out);
	if (c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
		low = hex4(p + 8);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*pp = p + 12;
			return put_utf8(0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), out);
		}
	}
	return put_utf8(0xfffd, out);
}

/* One decoded character of a string's contents as UTF-8; [*pp, end) was checked by the reader
 * and is not empty. Returns its length. */
static size_t next_char(const char **pp, const char *end, char out[4])
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *p = *pp, *q;
	size_t n;

	if (*p != '\\') {
		n = utf8_len(p, end);
		memcpy(out, n ? p : replacement, n ? n : 3);
		*pp = p + (n ? n : 1);
		return n ? n : 3;
	}
	if (p[1] == 'u')
		return next_unicode(pp, end, out);
	q = strchr(from, p[1]);
	out[0] = q ? to[q - from] : p[1];
	*pp = p + 2;
	return 1;
}

/* A token of a JSON pointer, one character at a time; 0 for a '~' that is not ~0 or ~1. */
static size_t next_token_char(const char **pp, const char *end, char out[4])
{
	const char *p = *pp;

	*pp = p + 1;
	out[0] = *p;
	if (*p != '~')
		return 1;
	if (end - p < 2 || (p[1] != '0' && p[1] != '1'))
		return 0;
	*pp = p + 2;
	out[0] = p[1] == '0' ? '~' : '/';
	return 1;
}

static struct sca_str contents(const struct jt_doc *doc, uint32_t start, uint32_t end)
{
	return (struct sca_str){doc->text.p + start + 1, end - start - 2};
}

static struct sca_str key_contents(const struct jt_doc *doc, uint32_t node)
{
	return contents(doc, doc->nodes[node].key_start, doc->nodes[node].key_end);
}

static bool has_key(const struct jt_node *nd)
{
	return nd->key_end > nd->key_start;
}

/* Go folds the two letters outside ASCII that have an ASCII partner: long s and Kelvin. */
static size_t fold_char(char c[4], size_t n)
{
	if (n == 1)
		c[0] = ascii_lower(c[0]);
	else if (n == 2 && memcmp(c, "\xc5\xbf", 2) == 0)
		c[0] = 's', n = 1;
	else if (n == 3 && memcmp(c, "\xe2\x84\xaa", 3) == 0)
		c[0] = 'k', n = 1;
	return n;
}

static bool decodes_to(struct sca_str coded, struct sca_str plain, bool fold)
{
	const char *p = coded.p, *end = p + coded.n;
	char c[4];

	while (p < end) {
		size_t n = next_char(&p, end, c);

		if (fold)
			n = fold_char(c, n);
		if (n > plain.n)
			return false;
		for (size_t i = 0; i < n; i++)
			if (c[i] != (fold ? ascii_lower(plain.p[i]) : plain.p[i]))
				return false;
		plain = (struct sca_str){plain.p + n, plain.n - n};
	}
	return plain.n == 0;
}

static bool decode(struct sca_str coded, struct buf *out)
{
	const char *p = coded.p, *end = p + coded.n;
	char c[4];

	if (!buf_reserve(out, coded.n))
		return false;
	while (p < end)
		buf_add(out, c, next_char(&p, end, c));
	return !out->failed;
}

uint32_t jt_child(const struct jt_doc *doc, uint32_t node, size_t i)
{
	jt_for_each (doc, node, c)
		if (doc->nodes[c].index == i)
			return c;
	return JT_NONE;
}

uint32_t jt_member(const struct jt_doc *doc, uint32_t object, const char *key, bool fold)
{
	struct sca_str want = sca_str_z(key);
	uint32_t found = JT_NONE;

	if (doc->nodes[object].type != JT_OBJECT)
		return JT_NONE;
	jt_for_each (doc, object, c)
		if (decodes_to(key_contents(doc, c), want, fold))
			found = c;
	return found;
}

bool jt_string(const struct jt_doc *doc, uint32_t node, struct buf *out)
{
	const struct jt_node *nd = &doc->nodes[node];

	return decode(contents(doc, nd->start, nd->end), out);
}

bool jt_key(const struct jt_doc *doc, uint32_t node, struct buf *out)
{
	return decode(key_contents(doc, node), out);
}

bool jt_key_is(const struct jt_doc *doc, uint32_t node, const char *key, bool fold)
{
	return decodes_to(key_contents(doc, node), sca_str_z(key), fold);
}

bool jt_string_is(const struct jt_doc *doc, uint32_t node, const char *text)
{
	const struct jt_node *nd = &doc->nodes[node];

	return nd->type == JT_STRING &&
	       decodes_to(contents(doc, nd->start, nd->end), sca_str_z(text), false);
}

bool jt_same_key(const struct jt_doc *doc, uint32_t a, uint32_t b)
{
	struct sca_str x = key_contents(doc, a), y = key_contents(doc, b);
	const char *p = x.p, *p_end = p + x.n, *q = y.p, *q_end = q + y.n;
	char c[4], d[4];

	while (p < p_end && q < q_end) {
		size_t n = next_char(&p, p_end, c);

		if (n != next_char(&q, q_end, d) || memcmp(c, d, n) != 0)
			return false;
	}
	return p == p_end && q == q_end;
}

bool jt_shadowed(const struct jt_doc *doc, uint32_t node)
{
	if (!has_key(&doc->nodes[node]))
		return false;
	for (uint32_t c = doc->nodes[node].next; c != JT_NONE; c = doc->nodes[c].next)
		if (jt_same_key(doc, node, c))
			return true;
	return false;
}

struct sca_str jt_raw(const struct jt_doc *doc, uint32_t node)
{
	const struct jt_node *nd = &doc->nodes[node];

	return (struct sca_str){doc->text.p + nd->start, nd->end - nd->start};
}

struct sca_str jt_raw_key(const struct jt_doc *doc, uint32_t node)
{
	const struct jt_node *nd = &doc->nodes[node];

	return (struct sca_str){doc->text.p + nd->key_start, nd->key_end - nd->key_start};
}

void json_add_compact(struct buf *out, struct sca_str json)
{
	const char *p = json.p, *end = p + json.n;
	bool quoted = false;

	while (p < end) {
		size_t n = utf8_len(p, end);

		if (!quoted && strchr(" \t\r\n", *p)) {
			p++;
			continue;
		}
		if (*p == '\\')
			n = 2;
		else if (*p == '"')
			quoted = !quoted;
		buf_add(out, n ? p : replacement, n ? n : 3);
		p += n ? n : 1;
	}
}

int jt_u64(const struct jt_doc *doc, uint32_t node, uint64_t *ret)
{
	if (doc->nodes[node].type != JT_NUMBER)
		return SCA_E_SYNTAX;
	return str_u64(jt_raw(doc, node), ret);
}

int jt_i64(const struct jt_doc *doc, uint32_t node, int64_t *ret)
{
	if (doc->nodes[node].type != JT_NUMBER)
		return SCA_E_SYNTAX;
	return str_i64(jt_raw(doc, node), ret);
}

void jt_locate(struct sca_str text, size_t offset, unsigned *line, unsigned *column)
{
	const char *p = text.p, *at = text.p + MIN(offset, text.n), *q;
	unsigned n = 1;

	while (p < at && (q = memchr(p, '\n', (size_t)(at - p)))) {
		p = q + 1;
		n++;
	}
	*line = n;
	*column = (unsigned)(at - p) + 1;
}

size_t jt_offset(const struct jt_doc *doc, uint32_t node)
{
	return doc->home ? doc->home->offset(doc->home, doc, node) : doc->nodes[node].start;
}

struct sca_str jt_file(const struct jt_doc *doc)
{
	return doc->home ? doc->home->text : doc->text;
}

void jt_place(const struct jt_doc *doc, uint32_t node, unsigned *line, unsigned *column)
{
	jt_locate(jt_file(doc), jt_offset(doc, node), line, column);
}

void jt_add_token(struct buf *out, struct sca_str key)
{
	buf_add_c(out, '/');
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == '~')
			buf_add_z(out, "~0");
		else if (key.p[i] == '/')
			buf_add_z(out, "~1");
		else
			buf_add_c(out, key.p[i]);
	}
}

bool jt_pointer(const struct jt_doc *doc, uint32_t node, struct buf *out)
{
	uint32_t chain[SCA_PROFILE_MAX_DEPTH + 1];
	_cleanup_buf_ struct buf key = BUF_INIT;
	size_t n = 0;

	buf_add(out, "", 0);
	for (; doc->nodes[node].parent != JT_NONE; node = doc->nodes[node].parent)
		chain[n++] = node;
	while (n--) {
		if (!has_key(&doc->nodes[chain[n]])) {
			buf_addf(out, "/%u", doc->nodes[chain[n]].index);
			continue;
		}
		buf_reset(&key);
		if (!jt_key(doc, chain[n], &key))
			return false;
		jt_add_token(out, buf_str(&key));
	}
	return !out->failed;
}

static bool token_is_key(const struct jt_doc *doc, uint32_t node, struct sca_str token)
{
	struct sca_str key = key_contents(doc, node);
	const char *p = key.p, *p_end = p + key.n, *q = token.p, *q_end = q + token.n;
	char c[4], d[4];

	while (p < p_end) {
		size_t n = next_char(&p, p_end, c);

		for (size_t i = 0; i < n; i++)
			if (q == q_end || next_token_char(&q, q_end, d) == 0 || d[0] != c[i])
				return false;
	}
	return q == q_end;
}

static uint32_t find_token(const struct jt_doc *doc, uint32_t node, struct sca_str token)
{
	uint32_t found = JT_NONE;
	uint64_t i;

	if (doc->nodes[node].type == JT_ARRAY) {
		if (str_u64(token, &i) < 0 || (token.n > 1 && token.p[0] == '0'))
			return JT_NONE;
		return jt_child(doc, node, i);
	}
	if (doc->nodes[node].type == JT_OBJECT)
		jt_for_each (doc, node, c)
			if (token_is_key(doc, c, token))
				found = c;
	return found;
}

uint32_t jt_find(const struct jt_doc *doc, struct sca_str pointer)
{
	uint32_t node = 0;
	struct sca_str token;

	if (doc->n == 0 || (pointer.n && pointer.p[0] != '/'))
		return JT_NONE;
	if (pointer.n == 0)
		return node;
	pointer = (struct sca_str){pointer.p + 1, pointer.n - 1};
	while (node != JT_NONE && str_cut(&pointer, '/', &token))
		node = find_token(doc, node, token);
	return node;
}

int jt_fail(const struct jt_doc *doc, uint32_t node, struct sca_err *err, int code,
	    const char *fmt, ...)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char text[384];
	unsigned line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jt_place(doc, node, &line, &column);
	sca_err_at(err, NULL, line, column);
	buf_add_z(&path, doc->home ? doc->home->pointer : "");
	/* An error without its place would be taken for one of the file as a whole. */
	if (!jt_pointer(doc, node, &path))
		return sca_fail(err, -ENOMEM, "out of memory");
	if (path.n)
		sca_err_path(err, "%s", path.p);
	return sca_fail(err, code, "%s", text);
}
