/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out in the levels of the tracker and in the map: whichever allocation it is,
 * the caller is told, and nothing leaks.
 */
#include "container_tree.h"
#include "inits.h"
#include "map_int.h"

#include "failing_malloc.h"

static const struct level_ops *const ops[SCA_TRACK_COUNT] = {
	[SCA_TRACK_INIT] = &level_init,
	[SCA_TRACK_HINT] = &level_hint,
	[SCA_TRACK_CANDIDATES] = &level_candidates,
};

static int feed(struct lineage *l, enum lineage_what what, uint32_t pid, uint32_t parent,
		struct sca_err *err)
{
	struct lineage_event ev = {
		.what = what, .pid = pid, .tgid = pid, .parent = parent, .at_ns = 1000000000,
	};

	return lineage_feed(l, &ev, err);
}

static int run_lineage(struct sca_err *err)
{
	const struct lineage_life *life = NULL;
	struct sca_containers *cs = NULL;
	struct sca_container_ref ref;
	struct lineage *l = NULL;
	int r = sca_containers_new(&cs, top, err);

	if (r == 0)
		r = lineage_new(&l, cs, 2, err);
	if (r == 0)
		r = lineage_seed(l, 1, err);
	if (r == 0)
		r = feed(l, LINEAGE_FORK, 8, 7, err);
	if (r == 0)
		r = feed(l, LINEAGE_EXEC, 8, 0, err);
	if (r == 0)
		r = feed(l, LINEAGE_FORK, 9, 8, err); /* makes room */
	if (r == 0)
		r = feed(l, LINEAGE_EXIT, 9, 8, err);
	if (r == 0 && lineage_at(l, 9, 1000000000, &life) == LINEAGE_FOUND)
		r = lineage_answer(l, life, false, &ref, err);
	r = MIN(r, 0);
	lineage_free(l);
	sca_containers_free(cs);
	return r;
}

static int run_levels(struct sca_err *err)
{
	struct sca_record rec = {
		.pid = 42, .have = SCA_F_PID | SCA_F_TIME | SCA_F_EXE | SCA_F_SUBJ,
		.exe = SCA_STR("/bin/sh"), .subj = SCA_STR("u:r:t:s0:c1"),
	};
	struct sca_container_ref ref;
	struct sca_tracker t = {0};
	struct timespec ts;
	int r = sca_containers_new(&t.cs, top, err);

	clock_gettime(CLOCK_REALTIME, &ts);
	rec.time_ms = ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	for (size_t i = 0; r == 0 && i < SCA_TRACK_COUNT; i++)
		if (ops[i])
			r = ops[i]->open(&t, &t.level[i].state, &t.level[i].why, err);
	for (unsigned pid = 42; r == 0 && pid <= 50; pid += 8) {
		rec.pid = pid;
		for (size_t i = 0; r >= 0 && i < SCA_TRACK_COUNT; i++)
			if (ops[i])
				r = ops[i]->find(&t, t.level[i].state, &rec, &ref, err);
		r = MIN(r, 0);
	}
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++) {
		if (ops[i] && t.level[i].state)
			ops[i]->close(t.level[i].state);
		buf_release(&t.level[i].why);
	}
	tasks_release(&t.tasks);
	sca_containers_free(t.cs);
	return r;
}

static int run_map(struct sca_err *err)
{
	struct sca_container_ref ref = {.id = SCA_STR("web"), .sure = SCA_STR("exact")};
	struct sca_map *m = NULL, *again = NULL;
	char *text = NULL;
	size_t n = 0;
	int r = sca_map_new(&m, err);

	if (r == 0)
		r = sca_map_add(m, SCA_STR("n1"), 7, 1000, &ref, err);
	if (r == 0)
		r = sca_map_text(m, &text, &n, err);
	if (r == 0)
		r = sca_map_new(&again, err);
	if (r == 0)
		r = sca_map_read(again, (struct sca_str){text, n}, "map", err);
	free(text);
	sca_map_free(m);
	sca_map_free(again);
	return r;
}

static void put_tree(void)
{
	put_task(7, "sh", 'S', 10, "0::/docker/" A64 "\n");
	put_task(8, "runc", 'S', 100, "0::/system.slice/x.service\n");
	put_file("proc/8/status", "Uid:\t0\t0\t0\t0\nNSpid:\t8\n");
	put_file("proc/8/cmdline", "runc");
	put_file("run/runc/web/state.json",
		 "{\"init_process_pid\":42,\"init_process_start\":100,"
		 "\"config\":{\"labels\":[\"bundle=/srv\"]}}");
	put_file("srv/config.json", "{\"root\":{\"path\":\"root\"},\"process\":{\"selinuxLabel\":"
				    "\"u:r:t:s0:c1\"},\"annotations\":{\"nerdctl/name\":\"shop\"}}");
	put_file("srv/root/bin/sh", "");
	put_task(50, "kid", 'S', 100, "0::/\n");
	put_file("proc/50/stat",
		 "50 (kid) S 51 1 1 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 100 2 3\n");
	put_task(51, "conmon", 'S', 100, "0::/\n");
	put_file("proc/51/status", "Uid:\t0\t0\t0\t0\nNSpid:\t51\n");
	put_file("proc/51/cmdline", "conmon");
}

static void run(int (*f)(struct sca_err *err))
{
	struct sca_err err = SCA_ERR_INIT;
	long nth = 0, before;
	int r;

	prepare_malloc();
	put_tree();
	r = f(&err);
	if (r != 0)
		fail_msg("with all memory: %d: %s", r, err.text);
	do {
		err = (struct sca_err)SCA_ERR_INIT;
		before = live;
		countdown = nth;
		r = f(&err);
		if (live != before)
			fail_msg("allocation %ld fails: %ld are not freed", nth, live - before);
	} while (!check(nth++, r, &err) && nth < 100000);
	assert_true(nth > 5 && nth < 100000);
}

static void test_lineage(void **state _unused_)
{
	run(run_lineage);
}

static void test_levels(void **state _unused_)
{
	run(run_levels);
}

static void test_map(void **state _unused_)
{
	run(run_map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_lineage), IN_TREE(test_levels), IN_TREE(test_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
