/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text.h"

#include "frame.h"
#include "scan.h"

#define ANCHOR(text, fold) {SCA_STR(text), fold},
static const struct anchor {
	struct sca_str text;
	bool fold;
} anchors[] = {FRAME_ANCHORS(ANCHOR)};

static const enum scan_way ways[] = {SCAN_BEST, SCAN_BYTES, SCAN_16, SCAN_32};

/* -- the same by the simplest means -- */

static bool is_at(const struct anchor *a, const char *p, size_t n)
{
	struct sca_str part = {p, a->text.n};

	if (n < a->text.n)
		return false;
	return a->fold ? str_eq_nocase(part, a->text) : str_eq(part, a->text);
}

static bool naive_anchored(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(anchors); k++)
			if (is_at(&anchors[k], p + i, n - i))
				return true;
	return false;
}

/* Steps through a text with both; every line found must be one that naive_anchored() finds,
 * and none may be missing; the counts must be true at each step. */
static size_t compare(const struct scan *s, const char *text, size_t n, const char *what)
{
	const char *p = text, *end = text + n, *line = text;
	struct scan_count count = {0};
	uint64_t lines = 0, nuls = 0;
	size_t hits = 0;

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end, *at;

		if (!naive_anchored(line, (size_t)(stop - line))) {
			lines += newline != NULL;
			for (const char *q = line; q < stop; q++)
				nuls += *q == '\0';
			line = newline ? newline + 1 : end;
			continue;
		}
		hits++;
		at = scan_next(s, p, end, &count);
		if (at < line || at >= stop)
			fail_msg("%s: found at %td, the line is %td to %td", what, at - text,
				 line - text, stop - text);
		for (const char *q = line; q < stop; q++)
			nuls += *q == '\0';
		for (const char *q = at; q < stop; q++)
			count.nuls += *q == '\0';
		if (count.lines != lines || count.nuls != nuls)
			fail_msg(
				"%s: %llu lines and %llu NULs in front of %td, not %llu and %llu",
				what, (unsigned long long)count.lines,
				(unsigned long long)count.nuls, at - text,
				(unsigned long long)lines, (unsigned long long)nuls);
		count.lines += newline != NULL;
		lines += newline != NULL;
		p = line = newline ? newline + 1 : end;
	}
	if (p < end && scan_next(s, p, end, &count) != end)
		fail_msg("%s: found what is not there behind %td", what, p - text);
	if (count.lines != lines || count.nuls != nuls)
		fail_msg("%s: counts differ at the end", what);
	return hits;
}

/* An exact allocation, so that a sanitizer sees every byte read too far. */
static size_t compare_copy(const struct scan *s, struct sca_str text, const char *what)
{
	char *copy = malloc(text.n ? text.n : 1);
	size_t hits;

	assert_non_null(copy);
	if (text.n)
		memcpy(copy, text.p, text.n);
	hits = compare(s, copy, text.n, what);
	free(copy);
	return hits;
}

/* One anchor behind `at` other bytes: at the end and before it, cut, spoilt, and in two lines. */
static void check_place(const struct scan *s, const struct anchor *a, size_t at)
{
	char text[700], what[128];
	const struct sca_str last = {text, at + a->text.n}, inner = {text, last.n + 290};
	const struct sca_str cut = {text, last.n - 1};
	char *byte = &text[at + at % a->text.n];

	memset(text, 'x', sizeof(text));
	memcpy(text + at, a->text.p, a->text.n);
	snprintf(what, sizeof(what), "\"%s\" at %zu", a->text.p, at);
	assert_int_equal(compare_copy(s, last, what), 1);
	assert_int_equal(compare_copy(s, inner, what), 1);
	assert_int_equal(compare_copy(s, cut, what), 0);
	*byte ^= 1;
	assert_int_equal(compare_copy(s, inner, what), 0);
	*byte ^= 1;
	text[at + a->text.n / 2] = '\n';
	assert_int_equal(compare_copy(s, inner, what), 0);
}

/* Every anchor at every distance from the start and from the end. */
static void test_places(void **state)
{
	(void)state;
	for (size_t v = 0; v < ARRAY_SIZE(ways); v++) {
		struct scan s;

		if (!scan_init(&s, ways[v]))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(anchors); k++)
			for (size_t at = 0; at < 300; at++)
				check_place(&s, &anchors[k], at);
	}
}

static void test_case(void **state)
{
	static const struct {
		const char *text;
		size_t hits;
	} rows[] = {
		{"SECCOMP", 1},
		{"seccomp", 1},
		{"sEcCoMp", 1},
		{"SECC\xcfMP", 0},
		{"SEC\nCOMP", 0},
		{"__CURSOR=", 1},
		{"__cursor=", 0},
		{" CODE=0x", 0},
		{" code=0x", 1},
		{"code=0x", 0},
		{"Suppressed ", 1},
		{"suppressed ", 0},
		{"{\"v\":", 1},
		{"{\"V\":", 0},
		{"success account access exec accept", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t v = 0; v < ARRAY_SIZE(ways); v++) {
			struct scan s;
			size_t hits;

			if (!scan_init(&s, ways[v]))
				continue;
			hits = compare_copy(&s, sca_str_z(rows[i].text), rows[i].text);
			if (hits != rows[i].hits)
				fail_msg("\"%s\": %zu hits", rows[i].text, hits);
		}
}

static uint32_t rnd(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Texts made of parts of anchors, whole anchors, newlines, NUL bytes and filling. */
static void random_text(struct buf *b, uint32_t *seed, size_t n, unsigned rarity)
{
	while (b->n < n) {
		const struct anchor *a = &anchors[rnd(seed) % ARRAY_SIZE(anchors)];

		switch (rnd(seed) % rarity) {
		case 0:
			buf_add_str(b, a->text);
			break;
		case 1:
			buf_add(b, a->text.p, rnd(seed) % a->text.n);
			break;
		case 2: {
			size_t from = rnd(seed) % a->text.n;

			buf_add(b, a->text.p + from, a->text.n - from);
			break;
		}
		case 3:
		case 4:
			buf_add_c(b, '\n');
			break;
		case 5:
			buf_add_c(b, '\0');
			break;
		case 6:
			buf_add_c(b, (char)rnd(seed));
			break;
		default:
			buf_add_c(b, (char)('a' + rnd(seed) % 26));
		}
	}
	b->n = n;
	assert_false(b->failed);
}

static void test_random(void **state)
{
	static const unsigned rarities[] = {8, 40, 400, 4000};
	uint32_t seed = 4711;
	size_t hits = 0;

	(void)state;
	for (int turn = 0; turn < 600; turn++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		uint32_t began = seed;
		char what[64];

		random_text(&text, &seed, rnd(&seed) % 3000, rarities[turn % 4]);
		snprintf(what, sizeof(what), "random text of seed %u", began);
		for (size_t v = 0; v < ARRAY_SIZE(ways); v++) {
			struct scan s;

			if (!scan_init(&s, ways[v]))
				continue;
			hits += compare_copy(&s, buf_str(&text), what);
		}
	}
	/* the texts are worth something only if they hold both kinds of lines */
	assert_true(hits > 5000);
}

/* So many newlines and NUL bytes that the counters' lanes would overflow. */
static void test_counts(void **state)
{
	static const char fills[] = {'\n', '\0', '\r', (char)0xff};

	(void)state;
	for (size_t i = 0; i < sizeof(fills); i++)
		for (size_t v = 0; v < ARRAY_SIZE(ways); v++) {
			const size_t n = 100003;
			struct scan_count count = {0};
			char *text = malloc(n);
			struct scan s;

			assert_non_null(text);
			memset(text, fills[i], n);
			if (!scan_init(&s, ways[v]))
				continue;
			assert_ptr_equal(scan_next(&s, text, text + n, &count), text + n);
			assert_int_equal(count.lines, fills[i] == '\n' ? n : 0);
			assert_int_equal(count.nuls, fills[i] == '\0' ? n : 0);
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
