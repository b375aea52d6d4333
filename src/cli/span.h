/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every file of the command line needs: attributes, spans, strict numbers, escaping.
 */
#ifndef CLI_SPAN_H
#define CLI_SPAN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <scaudit/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _unused_       __attribute__((unused))

static inline void free_p(void *pp)
{
	free(*(void **)pp);
}
#define _cleanup_free_ _cleanup_(free_p)

/* A clock in milliseconds. */
static inline int64_t clock_ms(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static inline struct sca_str span_z(const char *z)
{
	return (struct sca_str){z, z ? strlen(z) : 0};
}

static inline bool span_eq(struct sca_str a, struct sca_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct sca_str a, const char *z)
{
	return span_eq(a, span_z(z));
}

static inline struct sca_str span_skip(struct sca_str s, size_t n)
{
	return n < s.n ? (struct sca_str){s.p + n, s.n - n} : (struct sca_str){NULL, 0};
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The whole span as a decimal number, or as a hexadecimal one behind 0x. */
bool span_u64(struct sca_str s, uint64_t *ret);
/* The part before the next `sep`, which is cut off *s; false when *s is used up. */
bool span_cut(struct sca_str *s, char sep, struct sca_str *ret);

/* The row of `names` that is nearest to a mistyped word, NULL when none is near. */
const char *nearest(const char *word, const char *const *names, size_t n);

#endif
