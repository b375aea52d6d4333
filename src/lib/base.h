/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First include of every library source: attributes, checked arithmetic, cleanup helpers,
 * and the functions that are banned here.
 */
#ifndef SCA_BASE_H
#define SCA_BASE_H

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <scaudit/types.h>
#include <scaudit/error.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

#define _cleanup_(f)    __attribute__((cleanup(f)))
#define _printf_(a, b)  __attribute__((format(printf, a, b)))
#define _unused_        __attribute__((unused))
#define likely(x)       __builtin_expect(!!(x), 1)
#define unlikely(x)     __builtin_expect(!!(x), 0)

/* All true when the result does not fit; *r is then unspecified. */
#define add_overflow(a, b, r) __builtin_add_overflow(a, b, r)
#define sub_overflow(a, b, r) __builtin_sub_overflow(a, b, r)
#define mul_overflow(a, b, r) __builtin_mul_overflow(a, b, r)

static inline void sca_free_(void *pp)
{
	free(*(void **)pp);
}
#define _cleanup_free_ _cleanup_(sca_free_)

static inline void sca_close_(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_close_ _cleanup_(sca_close_)

/* Takes the pointer out of an owning variable. */
#define steal(pp)                          \
	({                                 \
		__typeof__(*(pp)) t_ = *(pp); \
		*(pp) = NULL;              \
		t_;                        \
	})

/* Takes the descriptor out of an owning variable. */
static inline int steal_fd(int *fd)
{
	int t = *fd;

	*fd = -1;
	return t;
}

static inline struct sca_str sca_str_z(const char *z)
{
	return (struct sca_str){z, z ? strlen(z) : 0};
}
#define SCA_STR(lit) ((struct sca_str){"" lit, sizeof(lit) - 1})

static inline bool str_eq(struct sca_str a, struct sca_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
#define str_is(s, lit) str_eq((s), SCA_STR(lit))
/* A clock in milliseconds. */
static inline int64_t clock_ms(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static inline bool str_starts(struct sca_str s, struct sca_str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}
static inline struct sca_str str_skip(struct sca_str s, size_t n)
{
	return n < s.n ? (struct sca_str){s.p + n, s.n - n} : (struct sca_str){NULL, 0};
}

/*
 * Banned: unbounded, locale-dependent, or silent about bad input. text.h and mem.h have the
 * span versions. The includes above come first so that libc's headers are unharmed.
 */
#define SCA_BANNED(f) f##_is_banned_see_base_h
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef atoll
#undef strtol
#undef strtoul
#undef strtoll
#undef strtoull
#undef sscanf
#undef gets
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#define strcpy(...)   SCA_BANNED(strcpy)
#define strcat(...)   SCA_BANNED(strcat)
#define strncpy(...)  SCA_BANNED(strncpy)
#define strncat(...)  SCA_BANNED(strncat)
#define sprintf(...)  SCA_BANNED(sprintf)
#define vsprintf(...) SCA_BANNED(vsprintf)
#define strtok(...)   SCA_BANNED(strtok)
#define atoi(...)     SCA_BANNED(atoi)
#define atol(...)     SCA_BANNED(atol)
#define atoll(...)    SCA_BANNED(atoll)
#define strtol(...)   SCA_BANNED(strtol)
#define strtoul(...)  SCA_BANNED(strtoul)
#define strtoll(...)  SCA_BANNED(strtoll)
#define strtoull(...) SCA_BANNED(strtoull)
#define sscanf(...)   SCA_BANNED(sscanf)
#define gets(...)     SCA_BANNED(gets)
#define gmtime(...)   SCA_BANNED(gmtime)
#define localtime(...) SCA_BANNED(localtime)
#define ctime(...)    SCA_BANNED(ctime)
#define asctime(...)  SCA_BANNED(asctime)

#endif
