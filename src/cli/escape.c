/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escaping. comm, exe and file names are chosen by strangers: what leaves this program can
 * neither drive a terminal nor reorder text, break a JSON line, nor run in a spreadsheet.
 */
#include <wchar.h>

#include "out.h"

#define EACH(byte) (0x0101010101010101u * (byte))

const char *ascii_end(const char *p, const char *end)
{
	uint64_t w;

	for (; end - p >= (ptrdiff_t)sizeof(w); p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		if (w & EACH(0x80))
			break;
	}
	while (p < end && (unsigned char)*p < 0x80)
		p++;
	return p;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
uint32_t utf8_take(const char *p, const char *end, size_t *ret_n)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0},
		     {0xe0, 0xc0, 0x80},
		     {0xf0, 0xe0, 0x800},
		     {0xf8, 0xf0, 0x10000}};
	size_t left = (size_t)(end - p);

	*ret_n = 0;
	for (size_t n = 1; n <= ARRAY_SIZE(forms) && n <= left; n++) {
		unsigned char mask = forms[n - 1].mask;
		uint32_t c = (unsigned char)p[0];

		if ((c & mask) != forms[n - 1].lead)
			continue;
		c &= (unsigned char)~mask;
		for (size_t i = 1; i < n; i++) {
			if (((unsigned char)p[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | ((unsigned char)p[i] & 0x3f);
		}
		if (c < forms[n - 1].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*ret_n = n;
		return c;
	}
	return 0;
}

/* Moves the cursor, hides, or reorders what stands around it. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Bytes of a word that have the value: the highest bit of each; wrong behind the first. */
static uint64_t bytes_equal(uint64_t w, unsigned char value)
{
	w ^= EACH(value);
	return (w - EACH(1)) & ~w;
}

/* The first byte that is not plain, or end. Eight at a time: most text is plain. */
static const char *plain_end(const char *p, const char *end)
{
	uint64_t w;

	for (; end - p >= (ptrdiff_t)sizeof(w); p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		if (((w - EACH(0x20)) | w | bytes_equal(w, '"') | bytes_equal(w, '\\') |
		     bytes_equal(w, 0x7f)) & EACH(0x80))
			break;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

/* Above U+FFFF a control is written as its two surrogates. */
static void json_control(struct out *o, uint32_t c)
{
	if (c > 0xffff) {
		c -= 0x10000;
		out_addf(o, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	} else {
		out_addf(o, "\\u%04x", c);
	}
}

bool out_json(struct out *o, struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;
	bool odd = false;

	out_c(o, '"');
	while (p < end) {
		const char *q = plain_end(p, end);
		uint32_t c;
		size_t n;

		out_add(o, p, (size_t)(q - p));
		if (q == end)
			break;
		p = q;
		c = utf8_take(p, end, &n);
		if (n == 0) {
			out_addf(o, "\\\\x%02x", (unsigned char)*p);
			odd = true;
			n = 1;
		} else if (c == '"' || c == '\\') {
			out_c(o, '\\');
			out_c(o, *p);
		} else if (is_control(c)) {
			json_control(o, c);
		} else {
			out_add(o, p, n);
		}
		p += n;
	}
	out_c(o, '"');
	return odd;
}

void out_json_text(struct out *o, struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;

	while (p < end) {
		size_t n;
		uint32_t c = utf8_take(p, end, &n);

		if (n && c >= 0x7f && is_control(c))
			json_control(o, c);
		else
			out_add(o, p, n ? n : 1);
		p += n ? n : 1;
	}
}

/* One character for a terminal; its width is added to *width. */
static size_t safe_char(struct out *o, const char *p, const char *end, size_t *width)
{
	size_t n, before = o->n;
	uint32_t c = utf8_take(p, end, &n);
	int columns;

	if (n == 0)
		out_addf(o, "\\x%02x", (unsigned char)*p);
	else if (is_control(c) && c < 0x100)
		out_addf(o, "\\x%02x", c);
	else if (is_control(c))
		out_addf(o, "\\u%04x", c);
	else {
		out_add(o, p, n);
		columns = c < 0x80 ? 1 : wcwidth((wchar_t)c);
		*width += columns < 0 ? 1 : (size_t)columns;
		return n;
	}
	*width += o->n - before;
	return n ? n : 1;
}

size_t out_safe(struct out *o, struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;
	size_t width = 0;

	while (p < end)
		p += safe_char(o, p, end, &width);
	return width;
}

void out_escaped(struct out *o, struct sca_str s, const char *special)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;
	bool twice = strchr(special, '\\');

	while (p < end) {
		const char *q = p;
		size_t n, width = 0;
		uint32_t c;

		while (q < end && is_plain(*q) && !strchr(special, *q))
			q++;
		out_add(o, p, (size_t)(q - p));
		p = q;
		if (p == end)
			break;
		c = utf8_take(p, end, &n);
		if (n == 0 || is_control(c) ? twice : c < 0x80 && strchr(special, (char)c))
			out_c(o, '\\');
		p += safe_char(o, p, end, &width);
	}
}

static bool starts_formula(struct sca_str s)
{
	return s.n && memchr("=+-@\t\r", s.p[0], 6);
}

void out_csv(struct out *o, struct sca_str s)
{
	struct out text = OUT_MEMORY;
	bool formula = starts_formula(s), quote;

	out_safe(&text, s);
	quote = formula ||
		(text.n && (memchr(text.p, '"', text.n) || memchr(text.p, ',', text.n) ||
			    text.p[0] == ' ' || text.p[text.n - 1] == ' '));
	if (quote)
		out_c(o, '"');
	if (formula)
		out_c(o, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			out_c(o, '"');
		out_c(o, text.p[i]);
	}
	if (quote)
		out_c(o, '"');
	if (text.error && !o->error)
		o->error = text.error;
	out_release(&text);
}

void out_roff(struct out *o, const char *z)
{
	bool start = o->n == 0 || o->p[o->n - 1] == '\n';

	for (; *z; z++) {
		if (start && (*z == '.' || *z == '\''))
			out_lit(o, "\\&");
		if (*z == '\\')
			out_lit(o, "\\e");
		else if (*z == '-')
			out_lit(o, "\\-");
		else
			out_c(o, *z);
		start = *z == '\n';
	}
}
