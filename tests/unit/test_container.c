/* SPDX-License-Identifier: Apache-2.0 */
/* Processes, how sure their containers are, and links, in trees of files that the test makes. */
#include "container_tree.h"

#include <sys/syscall.h>

static const struct {
	const char *comm, *cgroup, *id, *engine, *unit;
	char state;
} tasks[] = {
	{"sh", "0::/docker/" A64 "\n", A64, "docker", "", 'S'},
	/* hybrid: the container is in v1's hierarchies only, what 0:: says is the engine's */
	{"sh", "3:memory:/x\n1:name=systemd:/docker/" A64 "\n0::/system.slice/docker.service\n", A64,
	 "docker", "", 'S'},
	{"sh", "1:name=systemd:/\n0::/docker/" A64 "\n", A64, "docker", "", 'Z'},
	{"sh", "2:pids:/\n1:name=systemd:/\n0::/\n", "", "", "", 'Z'},
	{"sh", "0::/\n", "", "", "", 'S'},
	{"sh", "0::/system.slice/a.service\n", "", "systemd", "a.service", 'S'},
	/* comm is the attacker's, names of cgroups may hold colons */
	{"a) Z 1 (b) R 2", "0::/kubepods-burstable-pod" UID ".slice:cri-containerd:" A64 "\n", A64,
	 "containerd", "", 'S'},
	{"sh", "12:cpu,cpuacct:/docker/" A64 "\n", A64, "docker", "", 'S'},
	{"sh", "0::/docker/" A64 " (deleted)\n", A64, "docker", "", 'S'},
	{"sh", "garbage\n:\n0:\n0::docker\n\n0::/docker/" A64, A64, "docker", "", 'S'},
	{"sh", "0::/../docker/" A64 "\n", "", "", "", 'S'},
	{"sh", "0::/machine.slice/libpod-conmon-" A64 ".scope\n", "", "", "", 'S'},
	{"sh", "", "", "", "", 'S'},
};

static void test_tasks(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;
	struct sca_container_ref ref;

	for (unsigned i = 0; i < ARRAY_SIZE(tasks); i++) {
		bool known = tasks[i].engine[0];

		put_task(100 + i, tasks[i].comm, tasks[i].state, 500, tasks[i].cgroup);
		assert_int_equal(sca_containers_by_pid(cs, 100 + i, (BTIME + 10) * 1000LL, true,
						       &ref, NULL), 0);
		assert_span(i, ref.id, tasks[i].id);
		assert_span(i, ref.engine, tasks[i].engine);
		assert_span(i, ref.unit, tasks[i].unit);
		assert_span(i, ref.via, known ? "proc" : "none");
		assert_span(i, ref.sure, known ? "exact" : "");
	}
	assert_int_equal(sca_containers_by_pid(cs, 99, 0, false, &ref, NULL), 0);
	assert_span(99, ref.via, "none");
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.zombie, 1);
	assert_int_equal(stats.gone, 1);
	assert_int_equal(stats.malformed, 4);
	assert_int_equal(stats.late, 0);
	sca_containers_free(cs);
}

static void test_when(void **state _unused_)
{
	static const struct {
		unsigned ticks;
		int64_t after_boot_ms;
		bool have_time;
		const char *sure;
	} when[] = {
		{500, 6009, true, "exact"}, /* btime is cut to seconds, ticks are 10 ms */
		{500, 6008, true, "likely"},
		{500, 5000, true, "likely"},
		{500, 0, true, "likely"},
		{500, -5000, true, "likely"},
		{500, 99999, false, "likely"},
		{0, 1009, true, "exact"},
	};
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;
	struct sca_container_ref ref;

	assert_int_equal(sysconf(_SC_CLK_TCK), 100);
	for (unsigned i = 0; i < ARRAY_SIZE(when); i++) {
		put_task(300, "sh", 'S', when[i].ticks, "0::/docker/" A64 "\n");
		assert_int_equal(sca_containers_by_pid(cs, 300,
						       BTIME * 1000LL + when[i].after_boot_ms,
						       when[i].have_time, &ref, NULL), 0);
		assert_span(i, ref.sure, when[i].sure);
	}
	/* Two hierarchies, two containers: the first one, with a doubt. */
	put_task(301, "sh", 'S', 1, "0::/docker/" A64 "\n1:name=systemd:/docker/" B64 "\n");
	assert_int_equal(sca_containers_by_pid(cs, 301, BTIME * 2000LL, true, &ref, NULL), 0);
	assert_span(301, ref.id, A64);
	assert_span(301, ref.sure, "likely");
	/* No boot time, no certainty. */
	put_file("proc/stat", "cpu 1\nbtime x\n");
	assert_int_equal(sca_containers_by_pid(cs, 300, BTIME * 2000LL, true, &ref, NULL), 0);
	assert_span(300, ref.sure, "likely");
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.conflict, 1);
	assert_int_equal(stats.late, 5);
	assert_int_equal(stats.malformed, 1);
	put_file("proc/302/stat", "302 (sh S 1");
	put_file("proc/302/cgroup", "0::/docker/" A64 "\n");
	assert_int_equal(sca_containers_by_pid(cs, 302, 0, false, &ref, NULL), SCA_E_SYNTAX);
	sca_containers_free(cs);
}

/* Links lead nowhere but below the root, whose "/" is the root itself. */
static void test_links(void **state _unused_)
{
	static const char *const ids[] = {"", ".", "..", "../runc/web", "a/b", ".hidden"};
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;
	struct sca_container_state st = {0};
	/* valgrind and old kernels have no openat2(); then links are refused, inside or not. */
	bool inside = syscall(SYS_openat2, -1, NULL, NULL, 0) < 0 && errno != ENOSYS;
	char outside[128], text[256];
	FILE *f;

	snprintf(outside, sizeof(outside), "%s-outside", top);
	assert_int_equal(mkdir(outside, 0755), 0);
	snprintf(text, sizeof(text), "%s/state.json", outside);
	f = fopen(text, "we");
	assert_non_null(f);
	fputs("{\"init_process_pid\":6}", f);
	assert_int_equal(fclose(f), 0);
	make_dirs("run/runc/x");
	put_file("srv/real/state.json", "{\"init_process_pid\":7}");
	assert_int_equal(symlink(outside, under("run/runc/out")), 0);
	snprintf(text, sizeof(text), "../../../../../..%s", outside);
	assert_int_equal(symlink(text, under("run/runc/up")), 0);
	assert_int_equal(symlink("/srv/real", under("run/runc/in")), 0);
	assert_int_equal(symlink("loop", under("run/runc/loop")), 0);
	assert_int_equal(sca_containers_state(cs, SCA_STR("out"), &st, NULL), -ENOENT);
	assert_int_equal(sca_containers_state(cs, SCA_STR("up"), &st, NULL), -ENOENT);
	assert_int_equal(sca_containers_state(cs, SCA_STR("in"), &st, NULL), inside ? 0 : -ENOENT);
	assert_int_equal(st.init_pid, inside ? 7 : 0);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_int_equal(sca_containers_state(cs, sca_str_z(ids[i]), &st, NULL), -ENOENT);
	assert_int_equal(sca_containers_state(cs, SCA_STR("in\0x"), &st, NULL), -ENOENT);
	sca_containers_stats(cs, &stats);
	assert_true(stats.damaged == 0 || !inside);
	assert_int_equal(sca_containers_state(cs, SCA_STR("loop"), &st, NULL), -ENOENT);
	sca_containers_stats(cs, &stats);
	assert_true(stats.damaged > 0);
	snprintf(text, sizeof(text), "%s/state.json", outside);
	unlink(text);
	rmdir(outside);
	sca_containers_free(cs);
}

/* Where openat2() is missing. What is no directory on the way may be a link: no difference. */
static void test_walk(void **state _unused_)
{
	static const struct {
		const char *path;
		int r;
	} rows[] = {
		{"a/b/f", 0},         {"/a//b/./f", 0},      {"a/b/f/", 0},     {"a/x", -ENOENT},
		{"a/b/f/x", -ELOOP},  {"a/../a/b/f", -EXDEV}, {"link/f", -ELOOP}, {"a/b/l", -ELOOP},
		{"", 0},              {"/", 0},
	};
	int root;

	put_file("a/b/f", "x");
	assert_int_equal(symlink("a/b", under("link")), 0);
	assert_int_equal(symlink("f", under("a/b/l")), 0);
	root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = root_walk(root, rows[i].path, O_RDONLY);

		if ((r < 0 ? r : 0) != rows[i].r)
			fail_msg("%s: %d", rows[i].path, r);
		if (r >= 0)
			close(r);
	}
	close(root);
}

static void test_root(void **state _unused_)
{
	struct sca_containers *cs = NULL;
	struct sca_err err = SCA_ERR_INIT;

	assert_int_equal(sca_containers_new(&cs, under("none"), &err), -ENOENT);
	assert_string_equal(err.file, under("none"));
	assert_int_equal(sca_containers_new(&cs, under("proc/stat"), NULL), -ENOTDIR);
	assert_null(sca_containers_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_tasks), IN_TREE(test_when), IN_TREE(test_links),
		IN_TREE(test_walk),  IN_TREE(test_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
