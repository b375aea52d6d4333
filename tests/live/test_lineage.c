/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process connector and the engines' files, without BPF: who a dead process belonged to,
 * against victims in real containers. No answer may be another container's.
 */
#include "victims.h"

#define CONNECTOR (1u << SCA_TRACK_BPF)
#define NOT_PROC  (1u << SCA_TRACK_PROC)

static const struct {
	struct victims_case c;
	unsigned skip;
	unsigned percent; /* at least so many right */
} rows[] = {
	{{"children killed at once", "exec", 4, 4, 50, 2000, 0, false, false}, CONNECTOR, 95},
	{{"children, no /proc", "exec", 4, 4, 50, 2000, 0, false, false}, CONNECTOR | NOT_PROC, 95},
	{{"children, read late", "exec", 4, 4, 50, 0, 0, false, true}, CONNECTOR, 95},
	{{"children without exec", "fork", 4, 4, 50, 0, 0, false, false}, CONNECTOR, 95},
	{{"first process, 8 at once", "first", 200, 8, 0, 0, 0, false, false}, CONNECTOR, 95},
	{{"first process, no /proc, people's ids", "first", 200, 8, 0, 0, 0, true, false},
	 CONNECTOR | NOT_PROC, 95},
	{{"fork storm", "storm", 4, 4, 1000, 0, 0, false, false}, CONNECTOR, 95},
	{{"children, four CPU hogs", "exec", 4, 4, 50, 2000, 4, false, false}, CONNECTOR, 95},
	{{"first process, four CPU hogs", "first", 200, 8, 0, 0, 4, false, false}, CONNECTOR, 95},
};

static bool run(struct victims *v, size_t i)
{
	struct sca_containers *cs = NULL;
	struct sca_tracker *t = NULL;
	struct victims_tally tally;
	const char *why = NULL;

	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	assert_int_equal(sca_tracker_new(&t, cs, rows[i].skip, NULL), 0);
	if (!sca_tracker_level(t, SCA_TRACK_LINEAGE, &why)) {
		print_message("lineage: %s\n", why);
		skip();
	}
	assert_true(sca_tracker_level(t, SCA_TRACK_INIT, &why));
	victims_case(v, &rows[i].c, t, &tally);
	victims_print(&rows[i].c, &tally);
	sca_tracker_free(t);
	sca_containers_free(cs);
	return tally.wrong == 0 && tally.records == tally.expected &&
	       tally.right * 100 >= tally.records * rows[i].percent;
}

static void test_victims(void **state _unused_)
{
	struct victims v;
	unsigned bad = 0;

	victims_setup(&v);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		bad += !run(&v, i);
	victims_teardown(&v);
	if (bad)
		fail_msg("%u of %zu scenarios fall short", bad, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_victims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
