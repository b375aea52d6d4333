/* SPDX-License-Identifier: Apache-2.0 */
#include "span.h"

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return 99;
}

bool span_u64(struct sca_str s, uint64_t *ret)
{
	bool hex = s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x';
	uint64_t base = hex ? 16 : 10, v = 0;

	if (hex)
		s = span_skip(s, 2);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t d = (uint64_t)digit_value(s.p[i]);

		if (d >= base || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return false;
	}
	*ret = v;
	return true;
}

bool span_cut(struct sca_str *s, char sep, struct sca_str *ret)
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
	*s = (struct sca_str){q + 1, s->n - ret->n - 1};
	return true;
}

#define WORD_MAX 32

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits between two words, a swap of neighbours counting as one. */
static size_t edit_distance(const char *a, size_t an, const char *b, size_t bn)
{
	size_t row[3][WORD_MAX + 1], *prev2 = row[0], *prev = row[1], *cur = row[2], *t;

	for (size_t j = 0; j <= bn; j++)
		prev[j] = j;
	for (size_t i = 1; i <= an; i++) {
		cur[0] = i;
		for (size_t j = 1; j <= bn; j++) {
			cur[j] = min3(prev[j] + 1, cur[j - 1] + 1,
				      prev[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    prev2[j - 2] + 1 < cur[j])
				cur[j] = prev2[j - 2] + 1;
		}
		t = prev2;
		prev2 = prev;
		prev = cur;
		cur = t;
	}
	return prev[bn];
}

const char *nearest(const char *word, const char *const *names, size_t n)
{
	size_t best = 3, wn = strlen(word);
	const char *found = NULL;

	if (wn == 0 || wn > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t nn = strlen(names[i]), d;

		if (nn > WORD_MAX)
			continue;
		d = edit_distance(word, wn, names[i], nn);
		if (d < best && d < wn && d < nn) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
