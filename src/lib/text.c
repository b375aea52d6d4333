/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

int str_u64(struct sca_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return SCA_E_SYNTAX;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return SCA_E_SYNTAX;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (mul_overflow(v, (uint64_t)10, &v) ||
		    add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return SCA_E_RANGE;
	}
	*ret = v;
	return 0;
}

int str_u32(struct sca_str s, uint32_t *ret)
{
	uint64_t v;
	int r = str_u64(s, &v);

	if (r < 0)
		return r;
	if (v > UINT32_MAX)
		return SCA_E_RANGE;
	*ret = (uint32_t)v;
	return 0;
}

int str_i64(struct sca_str s, int64_t *ret)
{
	bool neg = s.n > 0 && s.p[0] == '-';
	uint64_t v;
	int r = str_u64(neg ? str_skip(s, 1) : s, &v);

	if (r < 0)
		return r;
	if (v > (uint64_t)INT64_MAX + neg)
		return SCA_E_RANGE;
	*ret = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int str_hex64(struct sca_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return SCA_E_SYNTAX;
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_digit(s.p[i]);

		if (d < 0)
			return SCA_E_SYNTAX;
		if (v >> 60)
			return SCA_E_RANGE;
		v = v << 4 | (unsigned)d;
	}
	*ret = v;
	return 0;
}

int str_any64(struct sca_str s, uint64_t *ret)
{
	if (s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X'))
		return str_hex64(str_skip(s, 2), ret);
	return str_u64(s, ret);
}

bool str_eq_nocase(struct sca_str a, struct sca_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct sca_str str_trim(struct sca_str s)
{
	while (s.n && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

const char *str_find(struct sca_str s, struct sca_str needle)
{
	return s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
}

bool str_cut(struct sca_str *s, char sep, struct sca_str *ret)
{
	const char *q;

	if (!s->p)
		return false;
	q = s->n ? memchr(s->p, sep, s->n) : NULL;
	if (!q) {
		*ret = *s;
		*s = (struct sca_str){NULL, 0};
		return true;
	}
	*ret = (struct sca_str){s->p, (size_t)(q - s->p)};
	s->n -= ret->n + 1;
	s->p = q + 1;
	return true;
}

unsigned str_distance(struct sca_str a, struct sca_str b, unsigned limit)
{
	unsigned rows[3][STR_NEAR_MAX], *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.n >= STR_NEAR_MAX || b.n >= STR_NEAR_MAX ||
	    (a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
		return limit + 1;
	for (unsigned j = 0; j <= b.n; j++)
		above[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *t = before, least;

		least = row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned d = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			d = MIN(d, above[j] + 1);
			d = MIN(d, row[j - 1] + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				d = MIN(d, before[j - 2] + 1);
			row[j] = d;
			least = MIN(least, d);
		}
		/* the row's least value grows by one at most, and a swap spans two rows */
		if (least > limit + 1)
			return limit + 1;
		before = above;
		above = row;
		row = t;
	}
	return MIN(above[b.n], limit + 1);
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
size_t utf8_len(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t left = (size_t)(end - p);
	unsigned char lo = 0x80, hi = 0xbf;
	size_t n;

	if (left == 0)
		return 0;
	if (u[0] < 0x80)
		return 1;
	if (u[0] >= 0xc2 && u[0] <= 0xdf)
		n = 2;
	else if (u[0] >= 0xe0 && u[0] <= 0xef)
		n = 3;
	else if (u[0] >= 0xf0 && u[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (left < n)
		return 0;
	if (u[0] == 0xe0)
		lo = 0xa0;
	else if (u[0] == 0xed)
		hi = 0x9f;
	else if (u[0] == 0xf0)
		lo = 0x90;
	else if (u[0] == 0xf4)
		hi = 0x8f;
	if (u[1] < lo || u[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (u[i] < 0x80 || u[i] > 0xbf)
			return 0;
	return n;
}

static bool json_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f && c != '"' && c != '\\';
}

bool json_add_string(struct buf *b, struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;
	bool odd = false;

	buf_add_c(b, '"');
	while (p < end) {
		const char *q = p;
		size_t n;

		while (q < end && json_plain(*q))
			q++;
		buf_add(b, p, (size_t)(q - p));
		if (q == end)
			break;
		p = q;
		n = utf8_len(p, end);
		if (n > 1) {
			buf_add(b, p, n);
		} else if (n == 0) {
			buf_addf(b, "\\\\x%02x", (unsigned char)*p);
			odd = true;
			n = 1;
		} else if (*p == '"' || *p == '\\') {
			buf_add_c(b, '\\');
			buf_add_c(b, *p);
		} else {
			buf_addf(b, "\\u%04x", (unsigned char)*p);
		}
		p += n;
	}
	buf_add_c(b, '"');
	return odd;
}

/* Code point of a well-formed sequence of n bytes. */
static uint32_t utf8_decode(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t c = n == 1 ? u[0] : u[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (u[i] & 0x3f);
	return c;
}

/* Controls that move the cursor, hide or reorder text on a terminal. */
static bool unsafe_on_terminal(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

void text_add_safe(struct buf *b, struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;

	while (p < end) {
		size_t n = utf8_len(p, end);
		uint32_t c = n ? utf8_decode(p, n) : 0;

		if (n == 0)
			buf_addf(b, "\\x%02x", (unsigned char)*p);
		else if (unsafe_on_terminal(c) && c < 0x100)
			buf_addf(b, "\\x%02x", c);
		else if (unsafe_on_terminal(c))
			buf_addf(b, "\\u%04x", c);
		else
			buf_add(b, p, n);
		p += n ? n : 1;
	}
}

/* Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant's algorithm). */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

bool time_from_civil(int64_t year, unsigned month, unsigned day, unsigned hour, unsigned min,
		     unsigned sec, unsigned ms, int64_t *ret_ms)
{
	static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (year < 0 || year > 999999 || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1] || hour > 23 || min > 59 || sec > 60 || ms > 999)
		return false;
	*ret_ms = ((days_from_civil(year, month, day) * 24 + hour) * 60 + min) * 60000 +
		  (int64_t)sec * 1000 + ms;
	return true;
}

size_t time_format_ms(int64_t ms, char buf[TIME_TEXT_MAX])
{
	int64_t secs = ms / 1000, frac = ms % 1000;
	struct tm tm;
	time_t t;
	int n;

	if (frac < 0) {
		frac += 1000;
		secs--;
	}
	t = (time_t)secs;
	if (!gmtime_r(&t, &tm))
		memset(&tm, 0, sizeof(tm));
	n = snprintf(buf, TIME_TEXT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
		     (long long)tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		     tm.tm_min, tm.tm_sec, (int)frac);
	return n < 0 ? 0 : (size_t)n;
}

/* Reads exactly n digits at *s and steps over them. */
static bool take_digits(struct sca_str *s, size_t n, unsigned *ret)
{
	uint64_t v;

	if (s->n < n || str_u64((struct sca_str){s->p, n}, &v) < 0)
		return false;
	*ret = (unsigned)v;
	*s = (struct sca_str){s->p + n, s->n - n};
	return true;
}

static bool take_char(struct sca_str *s, const char *set)
{
	if (s->n == 0 || s->p[0] == '\0' || !strchr(set, s->p[0]))
		return false;
	*s = (struct sca_str){s->p + 1, s->n - 1};
	return true;
}

/* Zone as minutes east of UTC. */
static bool take_zone(struct sca_str *s, int *ret)
{
	unsigned h, m = 0;
	int sign;

	*ret = 0;
	if (s->n == 0 || take_char(s, "Zz"))
		return true;
	sign = s->p[0] == '-' ? -1 : 1;
	if (!take_char(s, "+-") || !take_digits(s, 2, &h))
		return false;
	take_char(s, ":");
	if (s->n && !take_digits(s, 2, &m))
		return false;
	if (h > 23 || m > 59)
		return false;
	*ret = sign * (int)(h * 60 + m);
	return true;
}

int time_parse_rfc3339(struct sca_str s, int64_t *ret_ms)
{
	unsigned y, mo, d, h, mi, sec, ms = 0, scale = 100;
	int64_t t;
	int zone;

	if (!take_digits(&s, 4, &y) || !take_char(&s, "-") || !take_digits(&s, 2, &mo) ||
	    !take_char(&s, "-") || !take_digits(&s, 2, &d) || !take_char(&s, "Tt ") ||
	    !take_digits(&s, 2, &h) || !take_char(&s, ":") || !take_digits(&s, 2, &mi) ||
	    !take_char(&s, ":") || !take_digits(&s, 2, &sec))
		return SCA_E_SYNTAX;
	if (take_char(&s, ".,")) {
		if (s.n == 0 || !ascii_digit(s.p[0]))
			return SCA_E_SYNTAX;
		for (; s.n && ascii_digit(s.p[0]); s.p++, s.n--) {
			ms += (unsigned)(s.p[0] - '0') * scale;
			scale /= 10;
		}
	}
	if (!take_zone(&s, &zone) || s.n)
		return SCA_E_SYNTAX;
	if (!time_from_civil(y, mo, d, h, mi, sec, ms, &t))
		return SCA_E_RANGE;
	*ret_ms = t - (int64_t)zone * 60000;
	return 0;
}
