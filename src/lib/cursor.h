/* SPDX-License-Identifier: Apache-2.0 */
/* Stepping over the front of a span; what is not there leaves it as it was. */
#ifndef SCA_CURSOR_H
#define SCA_CURSOR_H

#include "text.h"

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline void skip_blanks(struct sca_str *s)
{
	while (s->n && is_blank(s->p[0]))
		*s = str_skip(*s, 1);
}

/* Cuts off the next word; false when only blanks are left. */
static inline bool take_word(struct sca_str *s, struct sca_str *ret)
{
	size_t n = 0;

	skip_blanks(s);
	while (n < s->n && !is_blank(s->p[n]))
		n++;
	*ret = (struct sca_str){s->p, n};
	*s = str_skip(*s, n);
	return n > 0;
}

static inline size_t count_digits(struct sca_str s)
{
	size_t n = 0;

	while (n < s.n && ascii_digit(s.p[n]))
		n++;
	return n;
}

static inline bool take_char(struct sca_str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static inline bool take_digits(struct sca_str *s, size_t min, size_t max)
{
	size_t n = count_digits(*s);

	if (n < min || n > max)
		return false;
	*s = str_skip(*s, n);
	return true;
}

#endif
