/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan by vectors. scan.c includes it once for each kind of vector, with
 *
 *	F(name)              the name of a function of this kind
 *	TARGET               attribute of its functions
 *	VEC_N                bytes of a vector, 16 or 32
 *	LOOKUP(table, i)     for each byte of i, below 16, that byte of the table; a vector of
 *	                     32 looks each half up in the half of the table that it stands in
 *	ANY(v)               whether any byte of v is not 0
 */

typedef uint8_t F(vec) __attribute__((vector_size(VEC_N)));
#define vec F(vec)

struct F(tables) {
	vec low[SCAN_PROBE], high[SCAN_PROBE];
};

static inline TARGET vec F(load)(const void *p)
{
	vec v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The groups that allow each byte at one place of a probe. */
static inline TARGET vec F(place)(const struct F(tables) *t, int place, const char *p)
{
	vec v = F(load)(p + place);

	return (vec)LOOKUP(t->low[place], v & 15) & (vec)LOOKUP(t->high[place], v / 16);
}

/* For each byte the groups of which a probe may begin there. */
static inline TARGET vec F(probe)(const struct F(tables) *t, const char *p)
{
	return F(place)(t, 0, p) & F(place)(t, 1, p) & F(place)(t, 2, p);
}

/* Sum of the bytes, each at most 254. */
static inline TARGET uint64_t F(sum)(vec v)
{
	const uint64_t even = 0x00ff00ff00ff00ff, ones = 0x0001000100010001;
	uint64_t words[VEC_N / 8], n = 0;

	memcpy(words, &v, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		n += ((words[i] & even) + (words[i] >> 8 & even)) * ones >> 48;
	return n;
}

/* The first anchor whose probe begins in the block at p; NULL if there is none. */
static TARGET const char *F(verify)(const struct scan *s, const struct F(tables) *t,
				    const char *begin, const char *p, const char *end)
{
	for (const char *stop = p + BLOCK_N; p < stop; p += VEC_N) {
		vec hit = F(probe)(t, p);
		uint8_t maybe[VEC_N];

		if (!ANY(hit))
			continue;
		memcpy(maybe, &hit, sizeof(maybe));
		for (size_t i = 0; i < VEC_N; i++) {
			unsigned groups = maybe[i] ? groups_at(s, p + i) : 0;

			if (groups && any_anchor(s, groups, begin, p + i, end))
				return p + i;
		}
	}
	return NULL;
}

/* Counts from p up to q, which is less than a block away. */
static inline TARGET void F(count)(const char *p, const char *q, struct scan_count *count)
{
	static const uint8_t number[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
					   11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
					   22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
	vec lines = {0}, nuls = {0};

	for (; p < q; p += VEC_N) {
		vec v = F(load)(p);
		vec inside = (vec)(F(load)(number) < (uint8_t)MIN(q - p, VEC_N));

		lines -= (vec)(v == '\n') & inside;
		nuls -= (vec)(v == '\0') & inside;
	}
	count->lines += F(sum)(lines);
	count->nuls += F(sum)(nuls);
}

static TARGET const char *F(next)(const struct scan *s, const char *begin, const char *end,
				  struct scan_count *count)
{
	const char *p = begin, *q = NULL;
	struct F(tables) t;

	for (int k = 0; k < SCAN_PROBE; k++) {
		t.low[k] = F(load)(s->low[k]);
		t.high[k] = F(load)(s->high[k]);
	}
	while (!q && (size_t)(end - p) >= BLOCK_N + SCAN_PROBE) {
		vec lines = {0}, nuls = {0};
		const char *from = p;

		/* as many blocks as the bytes of the counters take */
		for (unsigned turn = 0; turn < 254 / (BLOCK_N / VEC_N); turn++, p += BLOCK_N) {
			vec any = {0};

			if ((size_t)(end - p) < BLOCK_N + SCAN_PROBE)
				break;
			for (size_t i = 0; i < BLOCK_N; i += VEC_N)
				any |= F(probe)(&t, p + i);
			if (unlikely(ANY(any))) {
				q = F(verify)(s, &t, begin, p, end);
				if (q)
					break;
			}
			for (size_t i = 0; i < BLOCK_N; i += VEC_N) {
				vec v = F(load)(p + i);

				lines -= (vec)(v == '\n');
				nuls -= (vec)(v == '\0');
			}
		}
		if (p > from) {
			count->lines += F(sum)(lines);
			count->nuls += F(sum)(nuls);
		}
	}
	if (!q)
		return next_bytewise(s, begin, p, end, count);
	F(count)(p, q, count);
	return q;
}

#undef vec
#undef F
#undef TARGET
#undef VEC_N
#undef LOOKUP
#undef ANY
