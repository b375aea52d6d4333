/* SPDX-License-Identifier: Apache-2.0 */
/* Whose was the process that is dead by now: the tracker against victims in real containers. */
#include "victims.h"

/* What is asked for: 200 victims or more a row, 4,000 in the storm. */
static const struct victims_case cases[] = {
	{"children killed at once", "exec", 4, 4, 50, 2000, 0, false, false},
	{"children killed at once, read late", "exec", 4, 4, 50, 0, 0, false, true},
	{"children without exec", "fork", 4, 4, 50, 0, 0, false, false},
	{"first process, 1 at a time", "first", 20, 1, 0, 0, 0, false, false},
	{"first process, 8 at once", "first", 200, 8, 0, 0, 0, false, false},
	{"first process, bare runc", "first", 50, 8, 0, 0, 0, true, false},
	{"fork storm", "storm", 4, 4, 1000, 0, 0, false, false},
	{"children, four CPU hogs", "exec", 4, 4, 50, 2000, 4, false, false},
	{"first process, 8 at once, four CPU hogs", "first", 50, 8, 0, 0, 4, false, false},
};

/*
 * Never a wrong name, and all victims found. Bare runc writes down what it knows milliseconds
 * before the process starts, and takes it away at its end: who gets no CPU in between knows the
 * container's id, but not what else it is called.
 */
static bool good(const struct victims_case *c, const struct victims_tally *t)
{
	if (t->wrong || (t->records != t->expected && t->overruns == 0))
		return false;
	return t->right == t->records && (c->bare || t->named == t->records);
}

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
		bad += !good(&cases[i], &tally);
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
