/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process connector and the engines' files, without BPF: who a dead process belonged to,
 * against victims in real containers. No answer may be another container's.
 */
#include "victims.h"

#include <sched.h>

/* How much of it is seen in time is up to the scheduler; sanitizers make us slow. */
#ifdef __SANITIZE_ADDRESS__
#define AT_LEAST(percent) ((percent) - 20)
#else
#define AT_LEAST(percent) (percent)
#endif

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

enum outcome { GOOD, SHORT, WRONG };

static enum outcome run(struct victims *v, size_t i)
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
	if (tally.wrong || tally.records != tally.expected)
		return WRONG;
	return tally.right * 100 >= tally.records * AT_LEAST(rows[i].percent) ? GOOD : SHORT;
}

static void test_victims(void **state _unused_)
{
	struct victims v;
	unsigned bad = 0;

	victims_setup(&v);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum outcome r = run(&v, i);

		if (r == SHORT) {
			print_message("# once more, others may have used the machine\n");
			r = run(&v, i);
		}
		bad += r != GOOD;
	}
	victims_teardown(&v);
	if (bad)
		fail_msg("%u of %zu scenarios fall short", bad, ARRAY_SIZE(rows));
}

#define ONLY_LINEAGE (((1u << SCA_TRACK_COUNT) - 1) & ~(1u << SCA_TRACK_LINEAGE))

static struct sca_tracker *track(struct sca_containers **ret_cs)
{
	struct sca_tracker *t = NULL;
	const char *why = NULL;

	assert_int_equal(sca_containers_new(ret_cs, NULL, NULL), 0);
	assert_int_equal(sca_tracker_new(&t, *ret_cs, ONLY_LINEAGE, NULL), 0);
	if (!sca_tracker_level(t, SCA_TRACK_LINEAGE, &why)) {
		print_message("lineage: %s\n", why);
		sca_tracker_free(t);
		sca_containers_free(*ret_cs);
		skip();
	}
	return t;
}

/* More events than the socket holds: counted, and what follows works. */
static void test_overrun(void **state _unused_)
{
	struct sca_containers *cs = NULL;
	struct sca_tracker_stats stats;
	struct sca_tracker *t = track(&cs);

	for (unsigned i = 0; i < 40000; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(0);
		assert_true(pid > 0);
		waitpid(pid, NULL, 0);
		if (i % 1000 == 999) {
			sca_tracker_stats(t, &stats);
			assert_int_equal(stats.lost, 0); /* nothing was taken so far */
		}
	}
	assert_int_equal(sca_tracker_dispatch(t, NULL), 0);
	sca_tracker_stats(t, &stats);
	print_message("# 80000 events and those of others while nobody read: %llu lost, counted\n",
		      (unsigned long long)stats.lost);
	assert_true(stats.lost > 1 && stats.lost < 1000000);
	usleep(1100000);
	assert_int_equal(sca_tracker_dispatch(t, NULL), 0);
	sca_tracker_free(t);
	sca_containers_free(cs);
}

/* Where the connector is silent or refuses, the level says so. */
static void test_places(void **state _unused_)
{
	static const struct {
		int flags;
		const char *why;
	} places[] = {
		{CLONE_NEWNET, "network namespace"},
		{CLONE_NEWPID, "pid namespace"},
	};
	struct sca_containers *cs = NULL;

	sca_tracker_free(track(&cs));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int status = 0;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct sca_tracker *t = NULL;
			const char *why = NULL;

			if (unshare(places[i].flags) < 0)
				_exit(77);
			if (places[i].flags == CLONE_NEWPID && (pid = fork()) != 0) {
				waitpid(pid, &status, 0);
				_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 9);
			}
			if (sca_tracker_new(&t, cs, ONLY_LINEAGE, NULL) < 0)
				_exit(1);
			if (sca_tracker_level(t, SCA_TRACK_LINEAGE, &why))
				_exit(2);
			fprintf(stderr, "# place %zu: %s\n", i, why);
			_exit(strstr(why, places[i].why) ? 0 : 3);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			print_message("# place %zu: no such namespace can be made\n", i);
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			fail_msg("place %zu: %d", i, status);
	}
	sca_containers_free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_victims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
