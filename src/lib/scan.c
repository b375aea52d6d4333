/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "frame.h"
#include "scan.h"

#define ANCHOR(text, fold) {SCA_STR(text), fold, 0, 0},
static const struct scan_anchor anchors[] = {FRAME_ANCHORS(ANCHOR)};
_Static_assert(ARRAY_SIZE(anchors) <= SCAN_ANCHORS_MAX, "raise SCAN_ANCHORS_MAX");
#define HOLDS_PROBE(text, fold) \
	_Static_assert(sizeof(text) > SCAN_PROBE, "an anchor is shorter than a probe");
FRAME_ANCHORS(HOLDS_PROBE)

/*
 * Three bytes that are rare in logs, and the group of each, a bit of the tables. Those of a
 * group are told apart by more work only, so the frequent ones are alone and the others share
 * where their mixtures are rare, too. An anchor is searched by the first row that it holds,
 * else by its own first three bytes: a row that is missing costs time only.
 */
static const struct {
	char probe[SCAN_PROBE + 1];
	uint8_t group;
} rare[] = {
	{"132", 0}, {"ecc", 1}, {"cod", 2}, {"xce", 3}, {"klo", 3}, {"__C", 4}, {"t_l", 4},
	{"rfl", 5}, {"e-l", 5}, {"_lo", 6}, {"Sup", 6}, {"{\"v", 7}, {"tk_", 7},
};

static void choose_probe(struct scan_anchor *a)
{
	a->at = 0;
	a->bit = 1u << 7;
	for (size_t i = 0; i < ARRAY_SIZE(rare); i++) {
		const char *q = str_find(a->text, (struct sca_str){rare[i].probe, SCAN_PROBE});

		if (q) {
			a->at = (size_t)(q - a->text.p);
			a->bit = (uint8_t)(1u << rare[i].group);
			break;
		}
	}
}

static void allow(struct scan *s, size_t place, char c, uint8_t bit)
{
	unsigned char u = (unsigned char)c;

	s->byte[place][u] |= bit;
	for (unsigned half = 0; half < 32; half += 16) {
		s->low[place][half + (u & 15)] |= bit;
		s->high[place][half + (u >> 4)] |= bit;
	}
}

static bool is_anchor(const struct scan_anchor *a, const char *begin, const char *p,
		      const char *end)
{
	if ((size_t)(p - begin) < a->at || (size_t)(end - p) < a->text.n - a->at)
		return false;
	p -= a->at;
	if (!a->fold)
		return memcmp(p, a->text.p, a->text.n) == 0;
	for (size_t i = 0; i < a->text.n; i++)
		if (ascii_lower(p[i]) != a->text.p[i])
			return false;
	return true;
}

/* The groups of which a probe is at p. */
static inline unsigned groups_at(const struct scan *s, const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return s->byte[0][u[0]] & s->byte[1][u[1]] & s->byte[2][u[2]];
}

static bool any_anchor(const struct scan *s, unsigned groups, const char *begin, const char *p,
		       const char *end)
{
	for (size_t i = 0; i < s->n; i++)
		if ((groups & s->anchors[i].bit) && is_anchor(&s->anchors[i], begin, p, end))
			return true;
	return false;
}

/* From p on byte by byte. */
static const char *next_bytewise(const struct scan *s, const char *begin, const char *p,
				 const char *end, struct scan_count *count)
{
	uint64_t lines = 0, nuls = 0;

	for (; p < end; p++) {
		unsigned groups = end - p >= SCAN_PROBE ? groups_at(s, p) : 0;

		if (unlikely(groups) && any_anchor(s, groups, begin, p, end))
			break;
		lines += *p == '\n';
		nuls += *p == '\0';
	}
	count->lines += lines;
	count->nuls += nuls;
	return p;
}

static const char *next_bytes(const struct scan *s, const char *begin, const char *end,
			      struct scan_count *count)
{
	return next_bytewise(s, begin, begin, end, count);
}

#define BLOCK_N 128u

#if defined(__x86_64__) || defined(__i386__)
#define F(name)          name##_16
#define TARGET           __attribute__((target("ssse3")))
#define VEC_N            16
#define LOOKUP(table, i) _mm_shuffle_epi8((__m128i)(table), (__m128i)(i))
#define ZEROS(v)         _mm_cmpeq_epi8((__m128i)(v), _mm_setzero_si128())
#define ANY(v)           (_mm_movemask_epi8(ZEROS(v)) != 0xffff)
#include "scan_vec.h"

#define F(name)          name##_32
#define TARGET           __attribute__((target("avx2")))
#define VEC_N            32
#define LOOKUP(table, i) _mm256_shuffle_epi8((__m256i)(table), (__m256i)(i))
#define ANY(v)           (!_mm256_testz_si256((__m256i)(v), (__m256i)(v)))
#include "scan_vec.h"
#elif defined(__aarch64__)
#define F(name)          name##_16
#define TARGET
#define VEC_N            16
#define LOOKUP(table, i) vqtbl1q_u8((uint8x16_t)(table), (uint8x16_t)(i))
#define ANY(v)           (vmaxvq_u8((uint8x16_t)(v)) != 0)
#include "scan_vec.h"
#endif

/* NULL when the processor lacks it. */
static scan_fn *way_of(enum scan_way way)
{
	if (way == SCAN_BYTES)
		return next_bytes;
#if defined(__x86_64__) || defined(__i386__)
	if (way == SCAN_16 && __builtin_cpu_supports("ssse3"))
		return next_16;
	if (way == SCAN_32 && __builtin_cpu_supports("avx2"))
		return next_32;
#elif defined(__aarch64__)
	if (way == SCAN_16)
		return next_16;
#endif
	return NULL;
}

bool scan_init(struct scan *s, enum scan_way way)
{
	*s = (struct scan){.n = ARRAY_SIZE(anchors)};
	for (size_t i = 0; i < s->n; i++) {
		struct scan_anchor *a = &s->anchors[i];

		*a = anchors[i];
		choose_probe(a);
		for (size_t k = 0; k < SCAN_PROBE; k++) {
			char c = a->text.p[a->at + k];

			allow(s, k, c, a->bit);
			if (a->fold && c >= 'a' && c <= 'z')
				allow(s, k, (char)(c - 32), a->bit);
		}
	}
	if (way != SCAN_BEST) {
		s->next = way_of(way);
		return s->next != NULL;
	}
	for (way = SCAN_32; !s->next; way--)
		s->next = way_of(way);
	return true;
}
