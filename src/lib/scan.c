/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#define HAVE_AVX2 1
#else
#define HAVE_AVX2 0
#endif

#include "frame.h"
#include "scan.h"

#define ANCHOR(text, fold) {SCA_STR(text), fold, 0, 0},
static const struct scan_anchor anchors[] = {FRAME_ANCHORS(ANCHOR)};
_Static_assert(ARRAY_SIZE(anchors) <= SCAN_ANCHORS_MAX, "raise SCAN_ANCHORS_MAX");

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
	{"132", 0}, {"ecc", 1}, {"cod", 2}, {"xce", 3}, {"klo", 3},  {"__C", 4}, {"t_l", 4},
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
	s->low[place][u & 15] |= bit;
	s->high[place][u >> 4] |= bit;
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

/* Whether an anchor's probe is at p and the anchor around it. */
static bool any_anchor(const struct scan *s, const char *begin, const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned groups;

	if (end - p < SCAN_PROBE)
		return false;
	groups = s->byte[0][u[0]] & s->byte[1][u[1]] & s->byte[2][u[2]];
	if (likely(!groups))
		return false;
	for (size_t i = 0; i < s->n; i++)
		if ((groups & s->anchors[i].bit) && is_anchor(&s->anchors[i], begin, p, end))
			return true;
	return false;
}

/* Byte by byte up to `stop`; `end` bounds what an anchor may reach over. */
static const char *next_bytewise(const struct scan *s, const char *begin, const char *p,
				 const char *stop, const char *end, struct scan_count *count)
{
	for (; p < stop; p++) {
		if (any_anchor(s, begin, p, end))
			return p;
		count->lines += *p == '\n';
		count->nuls += *p == '\0';
	}
	return p;
}

/* -- with the vectors that every compiler has -- */

typedef uint8_t vec __attribute__((vector_size(16)));
#define VEC_N   sizeof(vec)
#define BLOCK_N (4 * VEC_N)
#define TURNS   63u /* blocks until a lane of the counters, 4 a block, may overflow */

static inline vec vec_load(const void *p)
{
	vec v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline bool vec_any(vec v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof(half));
	return (half[0] | half[1]) != 0;
}

static inline unsigned vec_sum(vec v)
{
	unsigned n = 0;

	for (size_t i = 0; i < VEC_N; i++)
		n += v[i];
	return n;
}

/* Four vectors from p on, letters in lower case (and some other bytes as others). */
static inline void vec_load_block(vec v[4], const char *p)
{
	const vec space = (vec){0} + ' ';

	v[0] = vec_load(p) | space;
	v[1] = vec_load(p + VEC_N) | space;
	v[2] = vec_load(p + 2 * VEC_N) | space;
	v[3] = vec_load(p + 3 * VEC_N) | space;
}

static inline bool vec_probe(const struct scan *s, const char *p)
{
	vec a[4], b[4], c[4], hit = {0};

	vec_load_block(a, p);
	vec_load_block(b, p + 1);
	vec_load_block(c, p + 2);
	for (size_t i = 0; i < s->n; i++) {
		vec x = vec_load(s->splat[i][0]), y = vec_load(s->splat[i][1]);
		vec z = vec_load(s->splat[i][2]);

		hit |= (vec)((a[0] == x) & (b[0] == y) & (c[0] == z));
		hit |= (vec)((a[1] == x) & (b[1] == y) & (c[1] == z));
		hit |= (vec)((a[2] == x) & (b[2] == y) & (c[2] == z));
		hit |= (vec)((a[3] == x) & (b[3] == y) & (c[3] == z));
	}
	return vec_any(hit);
}

static const char *next_portable(const struct scan *s, const char *begin, const char *end,
				 struct scan_count *count)
{
	const char *p = begin;

	while ((size_t)(end - p) >= BLOCK_N + SCAN_PROBE) {
		vec lines = {0}, nuls = {0};
		bool hit = false;

		for (unsigned turn = 0; turn < TURNS; turn++, p += BLOCK_N) {
			if ((size_t)(end - p) < BLOCK_N + SCAN_PROBE)
				break;
			hit = vec_probe(s, p);
			if (hit)
				break;
			for (size_t i = 0; i < BLOCK_N; i += VEC_N) {
				lines -= (vec)(vec_load(p + i) == '\n');
				nuls -= (vec)(vec_load(p + i) == 0);
			}
		}
		count->lines += vec_sum(lines);
		count->nuls += vec_sum(nuls);
		if (hit) {
			const char *stop = p + BLOCK_N;

			p = next_bytewise(s, begin, p, stop, end, count);
			if (p < stop)
				return p;
		}
	}
	return next_bytewise(s, begin, p, end, end, count);
}

/* -- with AVX2 -- */

#if HAVE_AVX2
#define AVX2 __attribute__((target("avx2,popcnt,bmi")))

struct avx2_tables {
	__m256i low[SCAN_PROBE], high[SCAN_PROBE];
};

static inline AVX2 __m256i avx2_load(const char *p)
{
	return _mm256_loadu_si256((const __m256i_u *)p);
}

/* The groups that allow each of 32 bytes at one place of a probe. */
static inline AVX2 __m256i avx2_place(const struct avx2_tables *t, int place, const char *p)
{
	const __m256i half = _mm256_set1_epi8(15);
	__m256i v = avx2_load(p + place);
	__m256i low = _mm256_and_si256(v, half);
	__m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), half);

	return _mm256_and_si256(_mm256_shuffle_epi8(t->low[place], low),
				_mm256_shuffle_epi8(t->high[place], high));
}

/* For each of 32 bytes the groups of which a probe may begin there. */
static inline AVX2 __m256i avx2_probe(const struct avx2_tables *t, const char *p)
{
	return _mm256_and_si256(_mm256_and_si256(avx2_place(t, 0, p), avx2_place(t, 1, p)),
				avx2_place(t, 2, p));
}

static inline AVX2 unsigned avx2_equal(const char *p, char c)
{
	return (unsigned)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(avx2_load(p), _mm256_set1_epi8(c)));
}

static inline AVX2 uint64_t avx2_sum(__m256i v)
{
	__m256i s = _mm256_sad_epu8(v, _mm256_setzero_si256());

	return (uint64_t)_mm256_extract_epi64(s, 0) + (uint64_t)_mm256_extract_epi64(s, 1) +
	       (uint64_t)_mm256_extract_epi64(s, 2) + (uint64_t)_mm256_extract_epi64(s, 3);
}

/* The first anchor whose probe begins in the `n` bytes at p; NULL if there is none. */
static AVX2 const char *avx2_verify(const struct scan *s, const struct avx2_tables *t,
				    const char *begin, const char *p, size_t n, const char *end)
{
	for (size_t i = 0; i < n; i += sizeof(__m256i)) {
		__m256i none = _mm256_cmpeq_epi8(avx2_probe(t, p + i), _mm256_setzero_si256());
		uint32_t bits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; bits; bits &= bits - 1) {
			const char *q = p + i + __builtin_ctz(bits);

			if (any_anchor(s, begin, q, end))
				return q;
		}
	}
	return NULL;
}

/* Counts from p up to q, less than a block apart. */
static AVX2 void avx2_count(const char *p, const char *q, struct scan_count *count)
{
	for (; p < q; p += sizeof(__m256i)) {
		size_t n = MIN((size_t)(q - p), sizeof(__m256i));
		uint32_t mask = (uint32_t)((1ull << n) - 1);

		count->lines += (unsigned)__builtin_popcount(avx2_equal(p, '\n') & mask);
		count->nuls += (unsigned)__builtin_popcount(avx2_equal(p, '\0') & mask);
	}
}

#define AVX2_BLOCK 128u

static AVX2 const char *next_avx2(const struct scan *s, const char *begin, const char *end,
				  struct scan_count *count)
{
	const __m256i newline = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
	const char *p = begin, *q = NULL;
	struct avx2_tables t;

	for (int k = 0; k < SCAN_PROBE; k++) {
		t.low[k] = _mm256_broadcastsi128_si256(
			_mm_loadu_si128((const __m128i_u *)s->low[k]));
		t.high[k] = _mm256_broadcastsi128_si256(
			_mm_loadu_si128((const __m128i_u *)s->high[k]));
	}
	while (!q && (size_t)(end - p) >= AVX2_BLOCK + SCAN_PROBE) {
		__m256i lines = zero, nuls = zero;

		for (unsigned turn = 0; turn < TURNS; turn++, p += AVX2_BLOCK) {
			__m256i any = zero;

			if ((size_t)(end - p) < AVX2_BLOCK + SCAN_PROBE)
				break;
			for (size_t i = 0; i < AVX2_BLOCK; i += sizeof(any))
				any = _mm256_or_si256(any, avx2_probe(&t, p + i));
			if (unlikely(!_mm256_testz_si256(any, any))) {
				q = avx2_verify(s, &t, begin, p, AVX2_BLOCK, end);
				if (q)
					break;
			}
			for (size_t i = 0; i < AVX2_BLOCK; i += sizeof(any)) {
				__m256i v = avx2_load(p + i);

				lines = _mm256_sub_epi8(lines, _mm256_cmpeq_epi8(v, newline));
				nuls = _mm256_sub_epi8(nuls, _mm256_cmpeq_epi8(v, zero));
			}
		}
		count->lines += avx2_sum(lines);
		count->nuls += avx2_sum(nuls);
	}
	if (!q)
		return next_bytewise(s, begin, p, end, end, count);
	avx2_count(p, q, count);
	return q;
}
#endif

void scan_init(struct scan *s, bool portable)
{
	*s = (struct scan){.next = next_portable, .n = ARRAY_SIZE(anchors)};
	for (size_t i = 0; i < s->n; i++) {
		struct scan_anchor *a = &s->anchors[i];

		*a = anchors[i];
		choose_probe(a);
		for (size_t k = 0; k < SCAN_PROBE; k++) {
			char c = a->text.p[a->at + k];

			allow(s, k, c, a->bit);
			memset(s->splat[i][k], c | ' ', sizeof(s->splat[i][k]));
			if (a->fold && c >= 'a' && c <= 'z')
				allow(s, k, (char)(c - 32), a->bit);
		}
	}
#if HAVE_AVX2
	if (!portable && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
	    __builtin_cpu_supports("bmi"))
		s->next = next_avx2;
#else
	(void)portable;
#endif
}
