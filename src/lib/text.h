/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict reading of numbers from spans, and escaping on the way out.
 *
 * Readers consume the whole span or fail: 0, SCA_E_SYNTAX (not a number of that form) or
 * SCA_E_RANGE. *ret is written on success only. No signs, blanks or prefixes but those said.
 */
#ifndef SCA_TEXT_H
#define SCA_TEXT_H

#include "mem.h"

int str_u64(struct sca_str s, uint64_t *ret);   /* decimal digits */
int str_u32(struct sca_str s, uint32_t *ret);
int str_i64(struct sca_str s, int64_t *ret);    /* optional '-' */
int str_hex64(struct sca_str s, uint64_t *ret); /* 1 to 16 hex digits, either case, no 0x */
int str_any64(struct sca_str s, uint64_t *ret); /* decimal, or hex behind 0x */

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_nocase(struct sca_str a, struct sca_str b); /* ASCII */
struct sca_str str_trim(struct sca_str s);              /* blanks, tabs, CR, LF at both ends */
/* First occurrence, or NULL. */
const char *str_find(struct sca_str s, struct sca_str needle);
/* Cuts the part before the next `sep` off *s; false when *s is used up. */
bool str_cut(struct sca_str *s, char sep, struct sca_str *ret);

#define STR_NEAR_MAX 64
/* Edit distance in bytes with a swap of neighbours as one step; limit + 1 for all above the limit,
 * and for spans of STR_NEAR_MAX bytes or more. */
unsigned str_distance(struct sca_str a, struct sca_str b, unsigned limit);

/* Length of the well-formed UTF-8 sequence at p (1 to 4), 0 when there is none. */
size_t utf8_len(const char *p, const char *end);

/*
 * JSON string with its quotes. Control characters, `"` and `\` are escaped; a byte that is
 * not part of well-formed UTF-8 becomes the text \xNN (that is, `\\xNN` in the JSON).
 * Returns whether such a byte was met.
 */
bool json_add_string(struct buf *b, struct sca_str s);

/* For terminals: C0, DEL, C1 controls, bidirectional overrides and bytes that are not UTF-8
 * become \xNN or \uNNNN; a backslash stays. */
void text_add_safe(struct buf *b, struct sca_str s);

/* "2026-11-24T06:14:08.421Z", UTC; years past 9999 as they come. Returns the length. */
#define TIME_TEXT_MAX 48
size_t time_format_ms(int64_t ms, char buf[TIME_TEXT_MAX]);
/* RFC 3339 with optional fraction ('.' or ',') and zone (Z, +hh:mm, +hhmm, or none: UTC). */
int time_parse_rfc3339(struct sca_str s, int64_t *ret_ms);
/* Milliseconds since the epoch of a UTC calendar date; months and days are 1-based. */
bool time_from_civil(int64_t year, unsigned month, unsigned day, unsigned hour, unsigned min,
		     unsigned sec, unsigned ms, int64_t *ret_ms);

#endif
