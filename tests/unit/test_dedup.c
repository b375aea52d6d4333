/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text.h"

#include <scaudit/names.h>
#include <scaudit/record.h>

/* A record as a channel shows it. 's': with stamp and serial; 'b': bare; 'e': our own event
 * with both, 'r': an event without them. */
struct sight {
	char channel;
	int64_t time;
	uint32_t serial;
	const char *node;
	int32_t nr;
	uint32_t pid;
	uint64_t count;
	bool seen;
};

static bool see(struct sca_dedup *dd, const struct sight *s)
{
	bool event = s->channel == 'e' || s->channel == 'r';
	struct sca_frame frame = {.kind = event ? SCA_FRAME_EVENT : SCA_FRAME_RECORD};
	struct sca_record rec = {
		.have = SCA_F_NR | SCA_F_ARCH | SCA_F_PID,
		.arch = SCA_ARCH_X86_64,
		.nr = s->nr,
		.pid = s->pid,
		.node = sca_str_z(s->node),
		.comm = SCA_STR("comm"),
		.exe = SCA_STR("/usr/bin/longer-than-eight"),
		.count = s->count ? s->count : 1,
	};

	if (s->channel == 's' || s->channel == 'e') {
		rec.have |= SCA_F_TIME | SCA_F_SERIAL;
		rec.time_ms = s->time;
		rec.serial = s->serial;
	}
	return sca_dedup_seen(dd, &frame, &rec);
}

#define CASE_MAX 8
static const struct {
	const char *name;
	struct sight in[CASE_MAX];
} cases[] = {
	{"the same stamp is the same event", {
		{'s', 1, 7, "", 83, 5, 0, false}, {'s', 1, 7, "", 83, 5, 0, true},
		{'s', 1, 8, "", 83, 5, 0, false}, {'s', 2, 7, "", 83, 5, 0, false},
		{'s', 1, 7, "", 83, 5, 0, true}}},
	{"a forged line hides nothing else", {
		{'s', 1, 7, "", 1, 5, 0, false}, {'s', 1, 7, "", 83, 5, 0, false},
		{'s', 1, 7, "", 83, 6, 0, false}}},
	{"serials are a node's own", {
		{'s', 1, 7, "a", 83, 5, 0, false}, {'s', 1, 7, "b", 83, 5, 0, false},
		{'s', 1, 7, "a", 83, 5, 0, true}, {'s', 1, 7, "b", 83, 5, 0, true}}},
	{"a channel without node is any", {
		{'s', 1, 7, "", 83, 5, 0, false}, {'s', 1, 7, "a", 83, 5, 0, true},
		{'s', 1, 8, "a", 83, 5, 0, false}, {'s', 1, 8, "", 83, 5, 0, true}}},
	{"short and long name of a host", {
		{'s', 1, 7, "Web1.example.com", 83, 5, 0, false}, {'s', 1, 7, "web1", 83, 5, 0, true},
		{'s', 1, 9, "10.0.0.1", 83, 5, 0, false}, {'s', 1, 9, "10.0.0.2", 83, 5, 0, false}}},
	{"a journal's lines, then the kernel's", {
		{'b', 0, 0, "", 83, 5, 0, false}, {'b', 0, 0, "", 83, 5, 0, false},
		{'s', 1, 7, "", 83, 5, 0, true}, {'s', 1, 8, "", 83, 5, 0, true},
		{'s', 1, 9, "", 83, 5, 0, false}, {'b', 0, 0, "", 83, 5, 0, true}}},
	{"the kernel's, then a journal's lines", {
		{'s', 1, 7, "", 83, 5, 0, false}, {'b', 0, 0, "", 83, 5, 0, true},
		{'b', 0, 0, "", 83, 5, 0, false}, {'b', 0, 0, "", 83, 6, 0, false}}},
	{"our own events join in", {
		{'e', 1, 7, "n", 83, 5, 0, false}, {'s', 1, 7, "", 83, 5, 0, true},
		{'e', 1, 7, "n", 83, 5, 0, true}, {'b', 0, 0, "", 83, 5, 0, true}}},
	{"a report's lines never do", {
		{'r', 0, 0, "", 83, 5, 9, false}, {'r', 0, 0, "", 83, 5, 9, false},
		{'e', 1, 7, "", 83, 5, 9, false}, {'e', 1, 7, "", 83, 5, 9, false},
		{'r', 0, 0, "", 83, 5, 1, false}, {'r', 0, 0, "", 83, 5, 1, false}}},
};

static void test_cases(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sca_dedup *dd = NULL;

		assert_int_equal(sca_dedup_new(&dd, NULL), 0);
		for (size_t k = 0; k < CASE_MAX && cases[i].in[k].channel; k++)
			if (see(dd, &cases[i].in[k]) != cases[i].in[k].seen)
				fail_msg("%s: sight %zu", cases[i].name, k);
		assert_int_equal(sca_dedup_overflow(dd), 0);
		assert_null(sca_dedup_free(dd));
	}
	assert_null(sca_dedup_free(NULL));
}

/* A hundred equal lines are a hundred events, through one channel or both. */
static void test_true_count(void **state _unused_)
{
	for (int order = 0; order < 3; order++) {
		struct sca_dedup *dd = NULL;
		int n = 0;

		assert_int_equal(sca_dedup_new(&dd, NULL), 0);
		for (uint32_t i = 0; i < 200; i++) {
			bool stamped = order == 2 ? i % 2 : (i < 100) == order;
			struct sight s = {stamped ? 's' : 'b', 1, i, "", 83, 5, 0, false};

			n += !see(dd, &s);
		}
		assert_int_equal(n, 100);
		sca_dedup_free(dd);
	}
}

/* Memory is fixed: what is forgotten is counted, what is recent is known. */
static void test_overflow(void **state _unused_)
{
	const uint32_t events = 1000000, recent = 20000;
	struct sca_dedup *dd = NULL;
	uint32_t again = 0;

	assert_int_equal(sca_dedup_new(&dd, NULL), 0);
	for (uint32_t i = 0; i < events; i++) {
		struct sight s = {'s', i / 10, i, "", 83, i, 0, false};

		if (see(dd, &s))
			fail_msg("event %u is taken for another one", i);
	}
	assert_true(sca_dedup_overflow(dd) >= events - (1u << 18));
	for (uint32_t i = events - recent; i < events; i++) {
		struct sight s = {'s', i / 10, i, "", 83, i, 0, false};

		again += see(dd, &s);
	}
	assert_int_equal(again, recent);
	sca_dedup_free(dd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_true_count),
		cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
