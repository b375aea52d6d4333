/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points in time as people write them: "2026-11-24", "2026-11-24 06:14:08.5+01:00",
 * "1795509315.968", "10min ago", "2h", "yesterday", "now". Without a zone it is UTC, as in
 * everything that scaudit prints.
 */
#include <time.h>

#include "cli.h"

#define DAY_MS 86400000

static bool take(struct sca_str *s, const char *set)
{
	if (s->n == 0 || s->p[0] == '\0' || !strchr(set, s->p[0]))
		return false;
	*s = span_skip(*s, 1);
	return true;
}

/* Between 1 and max digits; *ret_n tells how many when it is not NULL. */
static bool take_number(struct sca_str *s, size_t max, uint64_t *ret, size_t *ret_n)
{
	struct sca_str digits = {s->p, 0};

	while (digits.n < s->n && digits.n < max && is_digit(s->p[digits.n]))
		digits.n++;
	if (!span_u64(digits, ret))
		return false;
	if (ret_n)
		*ret_n = digits.n;
	*s = span_skip(*s, digits.n);
	return true;
}

/* ".968" as milliseconds; 0 when there is none. */
static bool take_fraction(struct sca_str *s, int64_t *ret)
{
	int64_t scale = 100;

	*ret = 0;
	if (!take(s, ".,"))
		return true;
	if (s->n == 0 || !is_digit(s->p[0]))
		return false;
	for (; s->n && is_digit(s->p[0]); *s = span_skip(*s, 1)) {
		*ret += (s->p[0] - '0') * scale;
		scale /= 10;
	}
	return true;
}

static bool take_zone(struct sca_str *s, int64_t *ret_ms)
{
	int64_t sign = s->n && s->p[0] == '-' ? -1 : 1;
	uint64_t h, m = 0;
	size_t n;

	*ret_ms = 0;
	if (take(s, "Zz"))
		return true;
	if (!take(s, "+-"))
		return true;
	if (!take_number(s, 2, &h, &n) || n != 2 || h > 14)
		return false;
	take(s, ":");
	if (s->n && (!take_number(s, 2, &m, &n) || n != 2 || m > 59))
		return false;
	*ret_ms = sign * (int64_t)(h * 60 + m) * 60000;
	return true;
}

static int calendar(struct sca_str s, int64_t *ret_ms)
{
	uint64_t y, mo, d, h = 0, mi = 0, sec = 0;
	int64_t ms = 0, zone = 0;
	struct tm tm = {0}, back;
	size_t n;
	time_t t;

	if (!take_number(&s, 4, &y, &n) || n != 4 || !take(&s, "-") ||
	    !take_number(&s, 2, &mo, NULL) || !take(&s, "-") || !take_number(&s, 2, &d, NULL))
		return SCA_E_SYNTAX;
	if (take(&s, " Tt")) {
		if (!take_number(&s, 2, &h, NULL) || !take(&s, ":") ||
		    !take_number(&s, 2, &mi, &n) || n != 2)
			return SCA_E_SYNTAX;
		if (take(&s, ":") && (!take_number(&s, 2, &sec, &n) || n != 2 ||
				      !take_fraction(&s, &ms)))
			return SCA_E_SYNTAX;
		take(&s, " ");
		if (!take_zone(&s, &zone))
			return SCA_E_SYNTAX;
	}
	if (s.n)
		return SCA_E_SYNTAX;
	if (h > 23 || mi > 59 || sec > 60)
		return SCA_E_RANGE;
	tm = (struct tm){.tm_year = (int)y - 1900, .tm_mon = (int)mo - 1, .tm_mday = (int)d};
	back = tm;
	t = timegm(&back); /* a date that does not exist comes back as another */
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday)
		return SCA_E_RANGE;
	*ret_ms = (int64_t)t * 1000 + (int64_t)((h * 60 + mi) * 60 + sec) * 1000 + ms - zone;
	return 0;
}

static const struct unit {
	const char *names; /* separated by blanks */
	int64_t ms;
} units[] = {
	{"s sec secs second seconds", 1000},
	{"m min mins minute minutes", 60000},
	{"h hour hours", 3600000},
	{"d day days", DAY_MS},
	{"w week weeks", 7 * DAY_MS},
};

static int64_t unit_ms(struct sca_str word)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct sca_str names = span_z(units[i].names), name;

		while (span_cut(&names, ' ', &name))
			if (span_eq(name, word))
				return units[i].ms;
	}
	return 0;
}

/* "10min ago", "2h", "1 day 6 hours ago": how long before now. */
static int distance(struct sca_str s, int64_t now_ms, int64_t *ret_ms)
{
	int64_t sum = 0;

	for (;;) {
		struct sca_str word;
		uint64_t v;
		int64_t part;
		size_t n = 0;

		while (take(&s, " "))
			;
		if (!take_number(&s, 9, &v, NULL))
			return SCA_E_SYNTAX;
		while (take(&s, " "))
			;
		while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
			n++;
		word = (struct sca_str){s.p, n};
		s = span_skip(s, n);
		if (__builtin_mul_overflow((int64_t)v, unit_ms(word), &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return SCA_E_RANGE;
		if (unit_ms(word) == 0)
			return SCA_E_SYNTAX;
		while (take(&s, " "))
			;
		if (s.n == 0 || span_is(s, "ago"))
			break;
	}
	*ret_ms = now_ms - sum;
	return 0;
}

int when_duration(struct sca_str text, int64_t *ret_ms)
{
	int64_t ago;
	int r = distance(text, 0, &ago);

	if (r == 0)
		*ret_ms = -ago;
	return r;
}

static bool epoch(struct sca_str s, int64_t *ret_ms)
{
	uint64_t secs;
	int64_t ms;

	if (!take_number(&s, 12, &secs, NULL) || !take_fraction(&s, &ms) || s.n)
		return false;
	*ret_ms = (int64_t)secs * 1000 + ms;
	return true;
}

int when_parse(struct sca_str text, int64_t now_ms, int64_t *ret_ms)
{
	static const struct {
		const char *word;
		int64_t days;
	} words[] = {{"today", 0}, {"yesterday", 1}};

	if (span_is(text, "now")) {
		*ret_ms = now_ms;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (span_is(text, words[i].word)) {
			*ret_ms = now_ms - now_ms % DAY_MS - words[i].days * DAY_MS;
			return 0;
		}
	}
	if (epoch(text, ret_ms))
		return 0;
	if (text.n > 4 && text.p[4] == '-')
		return calendar(text, ret_ms);
	return distance(text, now_ms, ret_ms);
}
