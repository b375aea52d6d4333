/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail on command, and are counted. To be included by one file of a program,
 * behind cmocka.h if at all. Below them is glibc's malloc, or the address sanitizer's.
 *
 * libseccomp 2.5.4 does not survive a failed allocation of its own, and jansson 2.14 drops
 * bytes of a text and then writes behind its end, so none of theirs fails; but those of the
 * program's allocator for jansson (src/cli/render/document.c) do.
 */
#ifndef TESTS_FAILING_MALLOC_H
#define TESTS_FAILING_MALLOC_H

#include <link.h>
#include <malloc.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

/* volatile: compilers hold that malloc() and free() change no variable of the program. */
static volatile long countdown = -1; /* allocations until one fails; -1: none does */
static volatile long live;           /* allocations that were not freed */
static volatile long asked;          /* allocations that could have failed */
static volatile long refused;        /* those that did */
static const void *volatile refused_last; /* who asked */
/* From the one that fails on, memory is full: there is only what is freed from then on. */
static _unused_ volatile bool for_good;
static volatile size_t freed;

#ifndef ALSO_SPARED
#define ALSO_SPARED "libseccomp"
#endif
static const char *const spared_names[] = {"libseccomp", "libjansson", ALSO_SPARED};
static uintptr_t spared[ARRAY_SIZE(spared_names)][2]; /* their addresses */

static int find_spared(struct dl_phdr_info *info, size_t size _unused_, void *arg _unused_)
{
	for (size_t k = 0; k < ARRAY_SIZE(spared_names); k++) {
		uintptr_t *range = spared[k];

		if (!strstr(info->dlpi_name, spared_names[k]))
			continue;
		for (int i = 0; i < info->dlpi_phnum; i++) {
			uintptr_t at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

			if (info->dlpi_phdr[i].p_type != PT_LOAD)
				continue;
			range[0] = range[0] ? MIN(range[0], at) : at;
			range[1] = MAX(range[1], at + info->dlpi_phdr[i].p_memsz);
		}
	}
	return 0;
}

/* For code that runs before the sanitizers are ready. */
#define EARLY __attribute__((no_sanitize("address", "undefined")))

EARLY static bool is_spared(const void *caller)
{
	for (size_t k = 0; k < ARRAY_SIZE(spared_names); k++)
		if ((uintptr_t)caller >= spared[k][0] && (uintptr_t)caller < spared[k][1])
			return true;
	return false;
}

/* The linker gives the usual names to those of this file, for libc and all libraries, too. */
#if UNDER_ASAN
#define BELOW(f) __interceptor_##f
#else
#define BELOW(f) __libc_##f
#endif
extern void *BELOW(malloc)(size_t n);
extern void *BELOW(calloc)(size_t n, size_t size);
extern void *BELOW(realloc)(void *p, size_t n);
extern void *BELOW(memalign)(size_t align, size_t n);
extern void BELOW(free)(void *p);

/* The sanitizer's interceptors allocate behind our back, and it looks for leaks by itself. */
#define COUNT(n) (live += UNDER_ASAN ? 0 : (n))
#define REFUSE(n) refuse(n, __builtin_return_address(0))

EARLY static bool refuse(size_t n, const void *caller)
{
	if (is_spared(caller))
		return false;
	asked++;
	if (countdown < 0 || countdown > 0) {
		countdown -= countdown > 0;
		return false;
	}
	if (n && n <= freed) {
		freed -= n;
		return false;
	}
	if (!for_good)
		countdown = -1;
	refused++;
	refused_last = caller;
	errno = ENOMEM;
	return true;
}

EARLY SCA_API void *malloc(size_t n)
{
	void *p = REFUSE(n) ? NULL : BELOW(malloc)(n);

	COUNT(p != NULL);
	return p;
}

EARLY SCA_API void *calloc(size_t n, size_t size)
{
	void *p = REFUSE(n * size) ? NULL : BELOW(calloc)(n, size);

	COUNT(p != NULL);
	return p;
}

EARLY SCA_API void *realloc(void *p, size_t n)
{
	size_t old = for_good && countdown == 0 ? malloc_usable_size(p) : 0;
	void *q = REFUSE(n) ? NULL : BELOW(realloc)(p, n);

	COUNT(!p && q);
	freed += q ? old : 0;
	return q;
}

EARLY SCA_API int posix_memalign(void **ret, size_t align, size_t n)
{
	void *p = REFUSE(n) ? NULL : BELOW(memalign)(align, n);

	if (!p)
		return ENOMEM;
	COUNT(1);
	*ret = p;
	return 0;
}

EARLY SCA_API void free(void *p)
{
	COUNT(-(p != NULL));
	if (for_good && countdown == 0)
		freed += malloc_usable_size(p);
	BELOW(free)(p);
}
#if UNDER_ASAN
/* The sanitizer's own take its memory from below. */
EARLY SCA_API char *strndup(const char *z, size_t max)
{
	size_t n = strnlen(z, max);
	char *p = REFUSE(n + 1) ? NULL : BELOW(malloc)(n + 1);

	if (!p)
		return NULL;
	COUNT(1);
	memcpy(p, z, n);
	p[n] = '\0';
	return p;
}

EARLY SCA_API char *strdup(const char *z)
{
	char *p = REFUSE(strlen(z) + 1) ? NULL : BELOW(malloc)(strlen(z) + 1);

	COUNT(p != NULL);
	return p ? memcpy(p, z, strlen(z) + 1) : NULL;
}
#endif

/* Before the first failure. */
static void prepare_malloc(void)
{
	dl_iterate_phdr(find_spared, NULL);
}

#ifdef CMOCKA_H_
/* Whether a run was the last: none of its allocations failed. A failure that libc makes up for
 * (asprintf() can do without its last one) is none. */
static _unused_ bool check(long nth, int r, const struct sca_err *err)
{
	bool failed = countdown < 0;

	countdown = -1;
	if (r == 0)
		return !failed;
	if (!failed || r != -ENOMEM || err->code != -ENOMEM)
		fail_msg("allocation %ld fails: %d: %s", nth, r, err->text);
	return false;
}
#endif

#endif
