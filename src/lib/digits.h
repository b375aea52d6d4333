/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits, eight bytes of text at a time: no branch for each of them, whose end no processor
 * can foresee. The first byte is the lowest of the word.
 */
#ifndef SCA_DIGITS_H
#define SCA_DIGITS_H

#include "base.h"

#include <endian.h>

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

#endif
