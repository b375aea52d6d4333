/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growable bytes with a hard cap, and a bump arena.
 *
 * buf: `p` is NULL until something is added and is always followed by a NUL that `n` does
 * not count. A failed addition sets `failed` and leaves the contents; later additions do
 * nothing. So a caller may add many things and test once.
 */
#ifndef SCA_MEM_H
#define SCA_MEM_H

#include "base.h"

struct buf {
	char *p;
	size_t n, cap;
	size_t max; /* 0: no limit but memory */
	bool failed;
};
#define BUF_INIT {0}

void buf_release(struct buf *b); /* contents only; b is as after BUF_INIT but keeps max */
#define _cleanup_buf_ _cleanup_(buf_release)

bool buf_reserve(struct buf *b, size_t extra); /* room for `extra` more bytes and the NUL */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct sca_str s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_c(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
void buf_reset(struct buf *b); /* n = 0, keeps the memory, clears failed */
char *buf_steal(struct buf *b, size_t *ret_n); /* malloc'ed; NULL when failed. b is empty then */
static inline struct sca_str buf_str(const struct buf *b)
{
	return (struct sca_str){b->p, b->n};
}

/*
 * arena: many small allocations, one release. Returned memory is aligned for any type and
 * zeroed. NULL when out of memory or past `max` bytes.
 */
struct arena_chunk;
struct arena {
	struct arena_chunk *chunks;
	size_t used; /* bytes handed out */
	size_t max;  /* 0: no limit */
	bool failed; /* memory ran out, not the limit */
};
#define ARENA_INIT {0}
void *arena_alloc(struct arena *a, size_t n);
char *arena_dup(struct arena *a, struct sca_str s); /* NUL-terminated copy */
bool arena_dup_str(struct arena *a, struct sca_str s, struct sca_str *ret);
char *arena_printf(struct arena *a, const char *fmt, ...) _printf_(2, 3);
void arena_release(struct arena *a);
#define _cleanup_arena_ _cleanup_(arena_release)

/* Goes on with a hash over n bytes, eight a step. For tables in memory: the value depends on
 * the machine, and is no defence against made-up keys unless h starts from a secret. */
static inline uint64_t hash_more(uint64_t h, const char *p, size_t n)
{
	uint64_t w;

	h ^= n;
	for (; n >= sizeof(w); p += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		h = (h ^ w) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	if (n) {
		w = 0;
		memcpy(&w, p, n);
		h = (h ^ w) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return h;
}

/*
 * Grows a malloc'ed vector by doubling so that index n fits. Returns false and leaves
 * everything as it was when memory or size_t runs out.
 */
bool vec_grow_(void **p, size_t *cap, size_t n, size_t elem);
#define vec_grow(p, cap, n) vec_grow_((void **)(p), (cap), (n), sizeof(**(p)))

#endif
