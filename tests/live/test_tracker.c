/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose was the process that is dead by now: the tracker with all its levels, but those that
 * need the process connector, against victims in real containers.
 */
#include "victims.h"

/* The rates that the issue asks for, at its numbers. */
static const struct victims_case cases[] = {
	{"children killed at once", "exec", 4, 4, 50, 2000, 0, false, false},
	{"children killed at once, read late", "exec", 4, 4, 50, 0, 0, false, true},
	{"children without exec", "fork", 4, 4, 50, 0, 0, false, false},
	{"first process, 1 at a time", "first", 20, 1, 0, 0, 0, false, false},
	{"first process, 8 at once", "first", 200, 8, 0, 0, 0, false, false},
	{"first process, ids as people give them", "first", 50, 8, 0, 0, 0, true, false},
	{"fork storm", "storm", 4, 4, 1000, 0, 0, false, false},
	{"children, four CPU hogs", "exec", 4, 4, 50, 2000, 4, false, false},
	{"first process, 8 at once, four CPU hogs", "first", 50, 8, 0, 0, 4, false, false},
};

static void test_bpf(void **state _unused_)
{
	struct sca_containers *cs = NULL;
	struct sca_tracker *t = NULL;
	const char *why = NULL;
	struct victims v;
	unsigned bad = 0;

	victims_setup(&v);
	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	assert_int_equal(sca_tracker_new(&t, cs, 0, NULL), 0);
	if (!sca_tracker_level(t, SCA_TRACK_BPF, &why)) {
		print_message("bpf %s\n", why);
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct victims_tally tally;

		victims_case(&v, &cases[i], t, &tally);
		victims_print(&cases[i], &tally);
		bad += tally.records != tally.expected || tally.right != tally.records ||
		       tally.named != tally.records;
	}
	sca_tracker_free(t);
	sca_containers_free(cs);
	victims_teardown(&v);
	if (bad)
		fail_msg("%u of %zu scenarios fall short", bad, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bpf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
