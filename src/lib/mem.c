/* SPDX-License-Identifier: Apache-2.0 */
#include "mem.h"

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
	if (b->p)
		b->p[0] = '\0';
}

bool buf_reserve(struct buf *b, size_t extra)
{
	size_t need, cap;
	char *p;

	if (b->failed)
		return false;
	if (add_overflow(b->n, extra, &need) || add_overflow(need, (size_t)1, &need) ||
	    (b->max && need - 1 > b->max)) {
		b->failed = true;
		return false;
	}
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap : 64;
	while (cap < need)
		if (mul_overflow(cap, (size_t)2, &cap))
			cap = need;
	p = realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!buf_reserve(b, n))
		return;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add_str(struct buf *b, struct sca_str s)
{
	buf_add(b, s.p, s.n);
}

void buf_add_z(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

void buf_add_c(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!buf_reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

char *buf_steal(struct buf *b, size_t *ret_n)
{
	char *p;
	size_t n = b->n;

	if (!b->p)
		buf_reserve(b, 0);
	if (b->failed || !b->p) {
		buf_release(b);
		return NULL;
	}
	b->p[n] = '\0';
	p = steal(&b->p);
	*b = (struct buf){.max = b->max};
	if (ret_n)
		*ret_n = n;
	return p;
}

#define ARENA_CHUNK 16384u

struct arena_chunk {
	struct arena_chunk *next;
	size_t n, cap;
	max_align_t data[];
};

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = sizeof(max_align_t);
	struct arena_chunk *c = a->chunks;
	size_t size, total, used;
	void *p;

	if (add_overflow(n, align - 1, &size))
		return NULL;
	size = size / align * align;
	if (size == 0)
		size = align;
	if (add_overflow(a->used, size, &used) || (a->max && used > a->max))
		return NULL;
	if (!c || c->cap - c->n < size) {
		size_t cap = MAX(size, (size_t)ARENA_CHUNK);

		if (add_overflow(cap, sizeof(*c), &total))
			return NULL;
		c = malloc(total);
		if (!c) {
			a->failed = true;
			return NULL;
		}
		*c = (struct arena_chunk){.next = a->chunks, .cap = cap};
		a->chunks = c;
	}
	p = (char *)c->data + c->n;
	c->n += size;
	a->used = used;
	return memset(p, 0, size);
}

char *arena_dup(struct arena *a, struct sca_str s)
{
	size_t n;
	char *p;

	if (add_overflow(s.n, (size_t)1, &n))
		return NULL;
	p = arena_alloc(a, n);
	if (p && s.n)
		memcpy(p, s.p, s.n);
	return p;
}

bool arena_dup_str(struct arena *a, struct sca_str s, struct sca_str *ret)
{
	char *p = arena_dup(a, s);

	if (!p)
		return false;
	*ret = (struct sca_str){p, s.n};
	return true;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_release(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	a->used = 0;
	a->failed = false;
}

bool vec_grow_(void **p, size_t *cap, size_t n, size_t elem)
{
	size_t want, bytes;
	void *q;

	if (n < *cap)
		return true;
	want = *cap ? *cap : 8;
	while (want <= n)
		if (mul_overflow(want, (size_t)2, &want))
			return false;
	if (mul_overflow(want, elem, &bytes))
		return false;
	q = realloc(*p, bytes);
	if (!q)
		return false;
	*p = q;
	*cap = want;
	return true;
}
