/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the kernel's text, read where a cursor stands. Decimal digits are taken eight bytes
 * at a time: no branch for each of them, whose end no processor can foresee.
 */
#ifndef SCA_RECORD_VALUE_H
#define SCA_RECORD_VALUE_H

#include "record_int.h"

#include <endian.h>

/* Where the reading is. Apart from the body, and passed by reference to inlined functions only,
 * so that it lives in registers: this is the inner loop of the program. */
struct cursor {
	const char *p, *end;
};
#define INLINE static inline __attribute__((always_inline))

/* What reading a value came to. CUT: the body ends inside it. */
enum got { GOT, GOT_NOTHING, GOT_CUT, GOT_BAD, GOT_RANGE, GOT_NOMEM };

#define SEPARATOR '\x1d'

/* -- eight bytes as a word, the first byte lowest -- */

#define DIGITS_EACH(byte) (0x0101010101010101u * (byte))

static inline uint64_t digits_load(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);
}

/* Bytes in front of the first whose highest bit is set, all eight when none is. */
static inline unsigned digits_before(uint64_t stop)
{
	stop &= DIGITS_EACH(0x80);
	return stop ? (unsigned)__builtin_ctzll(stop) / 8 : 8;
}

/* How many decimal digits the word starts with. A sum's carry only gets behind a stop. */
static inline unsigned digits_count(uint64_t w)
{
	w ^= DIGITS_EACH('0');
	return digits_before((w + DIGITS_EACH(0x80 - 10)) | w);
}

/* The value of the first n digits, 1 to 8, which are there. */
static inline uint32_t digits_value(uint64_t w, unsigned n)
{
	w = (w ^ DIGITS_EACH('0')) << (64 - 8 * n);
	w = (w * 10 + (w >> 8)) & 0x00ff00ff00ff00ffu;
	w = (w * 100 + (w >> 16)) & 0x0000ffff0000ffffu;
	return (uint32_t)(w * 10000 + (w >> 32));
}

/* The eight bytes that come next, zeros behind the end. */
static uint64_t last_bytes(struct cursor c)
{
	char last[8] = {0};

	memcpy(last, c.p, (size_t)(c.end - c.p));
	return digits_load(last);
}

INLINE uint64_t next_bytes(const struct cursor *c)
{
	return likely(c->end - c->p >= 8) ? digits_load(c->p) : last_bytes(*c);
}

/* -- values -- */

INLINE bool at_stop(const struct cursor *c)
{
	return c->p == c->end || *c->p == ' ' || *c->p == SEPARATOR;
}

INLINE enum got stopped(const struct cursor *c)
{
	return likely(at_stop(c)) ? GOT : GOT_BAD;
}

/* Behind the digits. Eleven are too many for a value, and ten do not overflow. */
static const char *read_digits(struct cursor c, uint64_t *ret)
{
	const char *end = c.end - c.p > 11 ? c.p + 11 : c.end;
	uint64_t v = 0;

	for (; c.p < end && ascii_digit(*c.p); c.p++)
		v = v * 10 + (unsigned)(*c.p - '0');
	*ret = v;
	return c.p;
}

/* max is 10^8 to 10^10. */
INLINE enum got read_decimal(struct cursor *c, uint64_t max, uint64_t *ret)
{
	uint64_t w = next_bytes(c), v;
	unsigned n = digits_count(w);
	const char *p = c->p + n;

	if (unlikely(n == 0))
		return c->p == c->end ? GOT_CUT : GOT_BAD;
	v = digits_value(w, n);
	if (unlikely(n == 8)) {
		p = read_digits(*c, &v);
		if (v > max)
			return GOT_RANGE;
	}
	c->p = p;
	*ret = v;
	return stopped(c);
}

/* The kernel prints lower case: an upper-case digit is the start of a glued-on "AUID=". */
INLINE enum got read_hex(struct cursor *c, unsigned digits, uint64_t *ret)
{
	static const unsigned char value[256] = { /* one more than the digit is worth */
		['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4, ['4'] = 5,  ['5'] = 6,
		['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
		['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	};
	const char *p = c->p;
	uint64_t v = 0;
	unsigned d;

	for (; p < c->end && (d = value[(unsigned char)*p]); p++)
		v = v << 4 | (d - 1);
	if (unlikely(p == c->p))
		return p == c->end ? GOT_CUT : GOT_BAD;
	if (unlikely((size_t)(p - c->p) > digits))
		return GOT_RANGE;
	c->p = p;
	*ret = v;
	return GOT;
}

INLINE enum got read_0x(struct cursor *c, unsigned digits, uint64_t *ret)
{
	if (unlikely(c->end - c->p < 2))
		return GOT_CUT;
	if (unlikely(c->p[0] != '0' || c->p[1] != 'x'))
		return GOT_BAD;
	c->p += 2;
	return read_hex(c, digits, ret);
}

/* A security context may hold blanks, "docker-default (enforce)", and older AppArmor doubles
 * the '='. */
INLINE enum got read_subj(struct cursor *c, struct sca_str *ret)
{
	const char *start = c->p + (c->p < c->end && *c->p == '='), *q, *first = NULL;

	for (q = start; (q = memchr(q, ' ', (size_t)(c->end - q))); q++) {
		struct sca_str rest = {q + 1, (size_t)(c->end - q - 1)};

		if (!first)
			first = q;
		if (str_starts(rest, SCA_STR("pid=")) || str_starts(rest, SCA_STR("ppid=")))
			break;
	}
	if (!q)
		q = first;
	if (!q)
		return GOT_CUT;
	*ret = (struct sca_str){start, (size_t)(q - start)};
	c->p = q;
	return ret->n ? GOT : GOT_NOTHING;
}

INLINE enum got read_id(struct cursor *c, uint64_t *ret)
{
	static const char unset[] = "4294967295"; /* -1 as the kernel prints it */
	const size_t n = sizeof(unset) - 1;

	if (c->end - c->p < (ptrdiff_t)n || memcmp(c->p, unset, n) != 0)
		return read_decimal(c, UINT32_MAX, ret);
	c->p += n;
	return at_stop(c) ? GOT_NOTHING : GOT_BAD;
}

#endif
