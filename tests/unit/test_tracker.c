/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracker without privileges: what it says when it can not, whose an exit is, and when a
 * process in /proc is another one. Live tests have the rest.
 */
#include "container_tree.h"

#include "tracker_exits.h"
#include "tracker_int.h"

#include <signal.h>
#include <sys/wait.h>

/* -- whose exit: times in seconds of the level's clock, which began to see at 100 -- */

#define S(n) ((n) * 1000000000ull)

static const struct {
	struct exits e;
	unsigned time;
	bool small; /* fewer entries than there can be pids */
	unsigned cgroup;
	const char *sure;
} exits[] = {
	/* ended behind the record; at it; before it */
	{{7, S(200), 0, 0, 0}, 199, false, 7, "exact"},
	{{7, S(200), 0, 0, 0}, 200, false, 7, "exact"},
	{{7, S(200), 0, 0, 0}, 201, false, 0, NULL},
	/* long behind it: another of the same pid may have been forgotten in between */
	{{7, S(900), 0, 0, 0}, 150, false, 7, "exact"},
	{{7, S(900), 0, 0, 0}, 150, true, 7, "likely"},
	{{7, S(209), 0, 0, 0}, 150, true, 7, "exact"},
	/* two in turn: the first behind the record */
	{{7, S(300), 8, S(200), 0}, 250, false, 7, "exact"},
	{{7, S(300), 8, S(200), 0}, 150, false, 8, "exact"},
	{{7, S(300), 8, S(200), 0}, 301, false, 0, NULL},
	/* three: that one's cgroup was forgotten */
	{{7, S(300), 8, S(200), S(160)}, 150, false, 0, NULL},
	{{7, S(300), 8, S(200), S(160)}, 161, false, 8, "exact"},
	{{7, S(300), 8, S(200), S(160)}, 250, false, 7, "exact"},
	/* before the program ran */
	{{7, S(101), 0, 0, 0}, 99, false, 7, "likely"},
	{{7, S(101), 0, 0, 0}, 90, false, 0, NULL},
};

static void test_exits(void **state _unused_)
{
	for (unsigned i = 0; i < ARRAY_SIZE(exits); i++) {
		const struct exits_clock clock = {.loaded = S(100), .roomy = !exits[i].small};
		int64_t time = (int64_t)S(exits[i].time);
		uint64_t cgroup = 0;
		const char *sure = exits_judge(&clock, &exits[i].e, time, time, false, &cgroup);

		assert_span(i, sca_str_z(sure), exits[i].sure ? exits[i].sure : "");
		if (sure && cgroup != exits[i].cgroup)
			fail_msg("row %u: cgroup %u, not %u", i, (unsigned)cgroup,
				 exits[i].cgroup);
	}
}

/* An exit just before the record counts when nothing else is left, and never as exact. */
static void test_slack(void **state _unused_)
{
	const struct exits e = {7, S(200), 0, 0, 0};
	const struct exits_clock b = {.loaded = S(100), .roomy = true};
	const int64_t soon = S(200) + 25000000, late = S(200) + 100000000;
	uint64_t cgroup = 0;

	assert_null(exits_judge(&b, &e, soon, soon, false, &cgroup));
	assert_string_equal(exits_judge(&b, &e, soon, soon, true, &cgroup), "likely");
	assert_null(exits_judge(&b, &e, late, late, true, &cgroup));
	/* the clock was set forward in between */
	assert_string_equal(exits_judge(&b, &e, late, S(199), true, &cgroup), "likely");
}

/* A record's time is anything that fits the type. */
static void test_record_time(void **state _unused_)
{
	static const struct {
		int64_t ms;
		bool good;
	} times[] = {
		{INT64_MIN, false}, {INT64_MAX, false}, {INT64_MAX / 1000000, true},
		{-1, false},        {0, false},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(times); i++) {
		struct exits_clock clock = {.id = CLOCK_BOOTTIME};
		int64_t now, then;

		exits_clock_start(&clock);
		if (exits_time(&clock, times[i].ms, &now, &then) != times[i].good)
			fail_msg("row %u", i);
	}
}

/* -- /proc: the process is there, but is it the one? -- */

static void test_start(void **state _unused_)
{
	static const struct {
		int64_t after_boot_ms;
		enum task_start start;
		const char *sure;
	} rows[] = {
		/* started at 5.00 to 5.01 s, boot is known to a second */
		{6009, TASK_START_BEFORE, "exact"},
		{6008, TASK_START_UNKNOWN, "likely"},
		{5000, TASK_START_UNKNOWN, "likely"},
		{4960, TASK_START_UNKNOWN, "likely"},
		{4949, TASK_START_BEHIND, "likely"},
		{0, TASK_START_BEHIND, "likely"},
	};
	struct sca_containers *cs = new_containers();
	struct sca_container_ref ref;
	enum task_start start;

	put_task(300, "sh", 'S', 500, "0::/docker/" A64 "\n");
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t ms = BTIME * 1000LL + rows[i].after_boot_ms;

		assert_int_equal(container_by_pid(cs, 300, &ms, &ref, &start, NULL), 0);
		if (start != rows[i].start)
			fail_msg("row %u: %d, not %d", i, (int)start, (int)rows[i].start);
		assert_span(i, ref.sure, rows[i].sure);
	}
	assert_int_equal(container_by_pid(cs, 300, NULL, &ref, &start, NULL), 0);
	assert_int_equal(start, TASK_START_UNKNOWN);
	sca_containers_free(cs);
}

/* What no engine knew is asked again at once when somebody has reason to. */
static void test_anew(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_container_ref ref;

	assert_int_equal(sca_containers_by_path(cs, SCA_STR("/docker/" A64), &ref, NULL), 0);
	assert_span(0, ref.name, "");
	put_file("var/lib/docker/containers/" A64 "/config.v2.json", "{\"Name\": \"/web\"}");
	assert_int_equal(sca_containers_by_path(cs, SCA_STR("/docker/" A64), &ref, NULL), 0);
	assert_span(1, ref.name, "");
	cs->anew = true;
	assert_int_equal(sca_containers_by_path(cs, SCA_STR("/docker/" A64), &ref, NULL), 0);
	assert_span(2, ref.name, "web");
	sca_containers_free(cs);
}

/* -- the tracker as a whole -- */

static void test_only_here(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_tracker *t = NULL;
	struct sca_err err = SCA_ERR_INIT;

	assert_int_equal(sca_tracker_new(&t, cs, 0, &err), SCA_E_UNSUPPORTED);
	assert_null(t);
	sca_containers_free(cs);
}

static void test_nothing_left(void **state _unused_)
{
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME, .pid = (uint32_t)getpid()};
	struct sca_containers *cs = NULL;
	struct sca_tracker_stats stats;
	struct sca_container_ref ref;
	struct sca_tracker *t = NULL;
	const char *why;

	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	assert_int_equal(sca_tracker_new(&t, cs, (1u << SCA_TRACK_COUNT) - 1, NULL), 0);
	for (int i = 0; i < SCA_TRACK_COUNT; i++) {
		why = NULL;
		assert_false(sca_tracker_level(t, (enum sca_track)i, &why));
		assert_non_null(strstr(why, "on request"));
		assert_string_not_equal(sca_track_name((enum sca_track)i), "unknown");
	}
	assert_false(sca_tracker_level(t, SCA_TRACK_COUNT, &why));
	assert_int_equal(sca_tracker_find(t, &rec, &ref, NULL), 0);
	assert_span(0, ref.via, "none");
	assert_span(0, ref.sure, "unknown");
	assert_int_equal(sca_tracker_dispatch(t, NULL), 0);
	sca_tracker_stats(t, &stats);
	assert_int_equal(stats.unknown, 1);
	sca_tracker_free(t);
	sca_containers_free(cs);
}

/* Whatever this machine lets us do: nothing fails, each level works or says why not, and
 * nothing is found for what can not be there. */
static void test_here(void **state _unused_)
{
	static const struct sca_record rows[] = {
		{.have = 0},
		{.have = SCA_F_TIME, .pid = 1},
		{.have = SCA_F_PID, .pid = UINT32_MAX},
		{.have = SCA_F_PID | SCA_F_TIME, .pid = 1, .time_ms = INT64_MIN},
		{.have = SCA_F_PID | SCA_F_TIME, .pid = UINT32_MAX, .time_ms = INT64_MAX},
		{.have = SCA_F_PID | SCA_F_TIME, .pid = 0, .time_ms = -1},
	};
	struct sca_containers *cs = NULL;
	struct sca_container_ref ref;
	struct sca_tracker *t = NULL;

	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	assert_int_equal(sca_tracker_new(&t, cs, 0, NULL), 0);
	for (int i = 0; i < SCA_TRACK_COUNT; i++) {
		const char *why = NULL;

		assert_true(sca_tracker_level(t, (enum sca_track)i, &why) == !why);
	}
	assert_true(sca_tracker_fd(t) >= 0);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(sca_tracker_find(t, &rows[i], &ref, NULL), 0);
		assert_span(i, ref.id, "");
	}
	sca_tracker_free(t);
	sca_containers_free(cs);
	assert_null(sca_tracker_free(NULL));
}

static volatile sig_atomic_t children;

static void count_child(int sig _unused_)
{
	children++;
}

/* The program does not notice the child of a self-test. */
static void test_child(void **state _unused_)
{
	uint32_t pid = 0;

	signal(SIGCHLD, count_child);
	assert_int_equal(tracker_child(&pid), 0);
	assert_true(pid > 0);
	assert_int_equal(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	assert_int_equal(children, 0);
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(tracker_child(&pid), 0);
	signal(SIGCHLD, SIG_DFL);
}

static void test_kept(void **state _unused_)
{
	char id[] = "abc", name[] = "web";
	struct sca_container_ref ref = {.id = {id, 3}, .name = {name, 3}, .sure = SCA_STR("exact")};
	struct kept_ref kept = {0};

	assert_true(kept_set(&kept, &ref));
	id[0] = name[0] = 'x';
	assert_span(0, kept.ref.id, "abc");
	assert_span(0, kept.ref.name, "web");
	assert_span(0, kept.ref.sure, "exact");
	assert_span(0, kept.ref.pod, "");
	assert_true(kept_set(&kept, &kept.ref));
	assert_span(1, kept.ref.name, "web");
	kept_release(&kept);
	assert_null(kept.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits),
		cmocka_unit_test(test_slack),
		cmocka_unit_test(test_record_time),
		IN_TREE(test_start),
		IN_TREE(test_anew),
		IN_TREE(test_only_here),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_here),
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
