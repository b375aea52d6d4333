/* SPDX-License-Identifier: Apache-2.0 */
/* Engine state in trees of files that the test makes. */
#include "container_tree.h"

static void put_states(void)
{
	put_file("run/runc/web/state.json",
		 "{\"id\":\"web\",\"init_process_pid\":42,\"init_process_start\":777,"
		 "\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/unified/web\","
		 "\"pids\":\"/sys/fs/cgroup/pids/w\"},"
		 "\"config\":{\"labels\":[\"a=b\",\"bundle=/srv/web\"]}}");
	put_file("srv/web/config.json", "{\"annotations\":null,\"linux\":{}}");
	put_file("run/runc/v1/state.json",
		 "{\"init_process_pid\":43,\"cgroup_paths\":{"
		 "\"name=systemd\":\"/sys/fs/cgroup/systemd/v1\"}}");
	put_file("run/crun/cr/status",
		 "{\"pid\":44,\"process-start-time\":778,\"cgroup-path\":\"/cr\","
		 "\"bundle\":\"/gone\"}");
	put_file("run/crun/cr/config.json", "{}");
	put_file("run/docker/runtime-runc/moby/" A64 "/state.json",
		 "{\"init_process_pid\":45,"
		 "\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/docker/" A64 "\"}}");
	put_file("run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" A64
		 "/config.json", "{\"annotations\":null}");
	put_file("var/lib/docker/containers/" A64 "/config.v2.json",
		 "{\"Name\":\"/shop\",\"SeccompProfile\":\"/etc/shop.json\","
		 "\"Config\":{\"Image\":\"shop:1\",\"Labels\":{}},\"State\":{\"Pid\":45}}");
	put_file("run/containerd/runc/k8s.io/" B64 "/state.json",
		 "{\"init_process_pid\":46,\"config\":{\"labels\":[\"bundle=/run/containerd/"
		 "io.containerd.runtime.v2.task/k8s.io/" B64 "\"]}}");
	put_file("run/containerd/io.containerd.runtime.v2.task/k8s.io/" B64 "/config.json",
		 "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
		 "\"io.kubernetes.cri.container-name\":\"app\","
		 "\"io.kubernetes.cri.image-name\":\"app:2\","
		 "\"io.kubernetes.cri.sandbox-name\":\"app-0\","
		 "\"io.kubernetes.cri.sandbox-namespace\":\"prod\","
		 "\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"}}");
	put_file("var/lib/containers/storage/overlay-containers/containers.json",
		 "[{\"id\":\"" D64 "\"},{\"id\":\"" C64 "\",\"names\":[\"pm\"],\"metadata\":"
		 "\"{\\\"image-name\\\":\\\"bb:1\\\",\\\"name\\\":\\\"pm\\\"}\"}]");
	put_file("var/lib/containers/storage/overlay-containers/" C64 "/userdata/config.json",
		 "{\"annotations\":{\"io.podman.annotations.seccomp\":\"/etc/p.json\","
		 "\"io.container.manager\":\"libpod\"}}");
	put_file("run/runc/" E64 "/state.json",
		 "{\"init_process_pid\":47,\"config\":{\"labels\":[\"bundle=/run/b\"]}}");
	put_file("run/b/config.json",
		 "{\"annotations\":{\"io.kubernetes.cri-o.ImageName\":\"img:3\","
		 "\"io.kubernetes.container.name\":\"c\",\"io.kubernetes.pod.name\":\"p\","
		 "\"io.kubernetes.pod.namespace\":\"n\",\"io.kubernetes.pod.uid\":\"" UID "\","
		 "\"io.container.manager\":\"cri-o\"}}");
	put_file("var/lib/lxc/l1/config",
		 "# x\nlxc.seccomp.profile = /etc/l.seccomp\nlxc.net=a=b\n");
}

static const struct {
	const char *id, *engine, *name, *image, *pod, *ns, *pod_uid, *cgroup, *config, *profile;
	unsigned pid, start;
} states[] = {
	{"web", "runc", "", "", "", "", "", "/web", "/srv/web/config.json", "", 42, 777},
	{"v1", "runc", "", "", "", "", "", "/v1", "", "", 43, 0},
	{"cr", "crun", "", "", "", "", "", "/cr", "/run/crun/cr/config.json", "", 44, 778},
	{A64, "docker", "shop", "shop:1", "", "", "", "/docker/" A64,
	 "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" A64 "/config.json",
	 "/etc/shop.json", 45, 0},
	{B64, "containerd", "app", "app:2", "app-0", "prod", UID, "",
	 "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" B64 "/config.json", "", 46, 0},
	{C64, "podman", "pm", "bb:1", "", "", "", "",
	 "/var/lib/containers/storage/overlay-containers/" C64 "/userdata/config.json",
	 "/etc/p.json", 0, 0},
	{D64, "podman", "", "", "", "", "", "", "", "", 0, 0},
	{E64, "cri-o", "c", "img:3", "p", "n", UID, "", "/run/b/config.json", "", 47, 0},
	{"l1", "lxc", "l1", "", "", "", "", "", "", "/etc/l.seccomp", 0, 0},
};

static void test_states(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;
	struct sca_container_state st;

	put_states();
	for (unsigned i = 0; i < ARRAY_SIZE(states); i++) {
		assert_int_equal(sca_containers_state(cs, sca_str_z(states[i].id), &st, NULL), 0);
		assert_span(i, st.id, states[i].id);
		assert_span(i, st.engine, states[i].engine);
		assert_span(i, st.name, states[i].name);
		assert_span(i, st.image, states[i].image);
		assert_span(i, st.pod, states[i].pod);
		assert_span(i, st.ns, states[i].ns);
		assert_span(i, st.pod_uid, states[i].pod_uid);
		assert_span(i, st.cgroup, states[i].cgroup);
		assert_span(i, st.config, states[i].config);
		assert_span(i, st.profile, states[i].profile);
		assert_int_equal(st.init_pid, states[i].pid);
		assert_int_equal(st.init_start, states[i].start);
	}
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.damaged, 0);
	assert_int_equal(stats.missing, 0);
	assert_int_equal(sca_containers_state(cs, SCA_STR("no"), &st, NULL), -ENOENT);
	sca_containers_free(cs);
}

static const struct {
	const char *path, *id, *engine, *name, *pod, *unit;
	bool unsure;
} paths[] = {
	{"/docker/" A64, A64, "docker", "shop", "", "", false},
	{"/kubepods/burstable/pod" UID "/" B64, B64, "containerd", "app", "app-0", "", false},
	{"/x.slice/" E64, E64, "cri-o", "c", "p", "", false},
	{"/docker/" B64 "/x/" D64 "x", B64, "docker", "app", "app-0", "", false},
	/* a directory at the top is a container only if an engine has it, and has it there */
	{"/web", "web", "runc", "", "", "", false},
	{"/web/sub/deep", "web", "runc", "", "", "", false},
	{"/web/system.slice/init.scope", "web", "runc", "", "", "", false},
	{"/cr", "cr", "crun", "", "", "", false},
	{"/other/web", "", "", "", "", "", false},
	{"/no", "", "", "", "", "", false},
	{"/system.slice/web.service", "", "systemd", "", "", "web.service", false},
	{"/lxc.payload.l1/x", "l1", "lxc", "l1", "", "", false},
	{"/", "", "", "", "", "", false},
	/* a name of one engine is not that of another */
	{"/machine.slice/machine-web.scope", "web", "machined", "", "", "", false},
	/* a cgroup that a container made below its own, with the id of another one */
	{"/x/" E64 "/docker/" A64, E64, "cri-o", "c", "p", "", true},
	{"/lxc.payload.l1/docker-" A64 ".scope", "l1", "lxc", "l1", "", "", true},
	{"/elsewhere/docker/" A64, A64, "docker", "shop", "", "", true},
	{"/docker/" A64 "/docker/" D64, D64, "docker", "", "", "", false},
};

static void test_paths(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;
	struct sca_container_ref ref;

	put_states();
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		bool known = paths[i].engine[0];

		assert_int_equal(sca_containers_by_path(cs, sca_str_z(paths[i].path), &ref, NULL),
				 0);
		assert_span(i, ref.id, paths[i].id);
		assert_span(i, ref.engine, paths[i].engine);
		assert_span(i, ref.name, paths[i].name);
		assert_span(i, ref.pod, paths[i].pod);
		assert_span(i, ref.unit, paths[i].unit);
		assert_span(i, ref.via, known ? "cgroup" : "none");
		assert_span(i, ref.sure, !known ? "" : paths[i].unsure ? "likely" : "exact");
	}
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.misplaced, 3);
	sca_containers_free(cs);
}

/* How many files were damaged, asking for "bad" alone. */
static uint64_t damaged(struct sca_container_state *st)
{
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;

	*st = (struct sca_container_state){0};
	(void)sca_containers_state(cs, SCA_STR("bad"), st, NULL);
	sca_containers_stats(cs, &stats);
	sca_containers_free(cs);
	return stats.damaged;
}

static void test_damaged(void **state _unused_)
{
	static const struct {
		const char *text;
		unsigned damaged, pid;
	} bad[] = {
		{"", 1, 0},
		{"{", 1, 0},
		{"[[[[[[[[[[[[", 1, 0},
		{"[]", 0, 0},
		{"null", 1, 0},
		{"{\"init_process_pid\":-1}", 0, 0},
		{"{\"init_process_pid\":4294967296}", 0, 0},
		{"{\"init_process_pid\":\"1\",\"cgroup_paths\":[],\"config\":{\"labels\":{}}}", 0, 0},
		{"{\"init_process_pid\":5,\"config\":{\"labels\":[\"bundle=a\\u0000b\",7]}}", 0, 5},
	};
	const char *path = "run/runc/bad/state.json";
	struct sca_container_state st;
	size_t big = 5u << 20;
	char *text = malloc(big + 1);

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		put_file(path, bad[i].text);
		if (damaged(&st) != bad[i].damaged || st.init_pid != bad[i].pid)
			fail_msg("row %u: pid %u", i, st.init_pid);
	}
	/* Too large, too deep, no file: each is refused and counted, none holds the reader up. */
	assert_non_null(text);
	memset(text, '[', big);
	text[big] = '\0';
	put_file(path, text);
	assert_int_equal(damaged(&st), 1);
	put_file(path, text + (4u << 20));
	assert_int_equal(damaged(&st), 1);
	free(text);
	assert_int_equal(unlink(under(path)), 0);
	assert_int_equal(mkfifo(under(path), 0600), 0);
	assert_int_equal(damaged(&st), 1);
}

static void test_memory_of_answers(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct timespec pause = {.tv_nsec = 5000000};
	struct sca_container_stats stats;
	struct sca_container_state st;
	char id[32];

	cs->missing_ms = cs->keep_ms = 3600000;
	assert_int_equal(sca_containers_state(cs, SCA_STR("late"), &st, NULL), -ENOENT);
	put_file("run/runc/late/state.json", "{\"init_process_pid\":1}");
	assert_int_equal(sca_containers_state(cs, SCA_STR("late"), &st, NULL), -ENOENT);
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.lookups, 2);
	assert_int_equal(stats.cached, 1);
	assert_int_equal(stats.missing, 2);
	cs->missing_ms = cs->keep_ms = 0;
	assert_int_equal(sca_containers_state(cs, SCA_STR("late2"), &st, NULL), -ENOENT);
	put_file("run/runc/late2/state.json", "{\"init_process_pid\":2}");
	nanosleep(&pause, NULL);
	assert_int_equal(sca_containers_state(cs, SCA_STR("late2"), &st, NULL), 0);
	assert_int_equal(st.init_pid, 2);
	/* A name that is gone can come back as another; 64 digits stay known. */
	put_file("run/runc/" A64 "/state.json", "{\"init_process_pid\":3}");
	assert_int_equal(sca_containers_state(cs, SCA_STR(A64), &st, NULL), 0);
	unlink(under("run/runc/late2/state.json"));
	unlink(under("run/runc/" A64 "/state.json"));
	nanosleep(&pause, NULL);
	assert_int_equal(sca_containers_state(cs, SCA_STR("late2"), &st, NULL), -ENOENT);
	assert_int_equal(sca_containers_state(cs, SCA_STR(A64), &st, NULL), 0);
	assert_int_equal(st.init_pid, 3);
	for (unsigned i = 0; i < STATE_ENTRIES_MAX + 10; i++) {
		snprintf(id, sizeof(id), "id%u", i);
		assert_int_equal(sca_containers_state(cs, sca_str_z(id), &st, NULL), -ENOENT);
	}
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.evicted, 13);
	sca_containers_free(cs);
}

/* What is half written is read again soon, and takes the place of nothing that was whole. */
static void test_half_written(void **state _unused_)
{
	static const char config[] = "var/lib/docker/containers/" A64 "/config.v2.json";
	static const char whole[] = "{\"Name\":\"/shop\",\"Config\":{\"Image\":\"shop:1\"}}";
	struct sca_containers *cs = new_containers();
	struct timespec pause = {.tv_nsec = 5000000};
	struct sca_container_state st;

	cs->missing_ms = 0;
	cs->keep_ms = 3600000;
	put_file("run/docker/runtime-runc/moby/" A64 "/state.json", "{\"init_process_pid\":3}");
	put_file(config, "{\"Name\":\"/sh");
	assert_int_equal(sca_containers_state(cs, SCA_STR(A64), &st, NULL), 0);
	assert_int_equal(st.name.n, 0);
	put_file(config, whole);
	nanosleep(&pause, NULL);
	assert_int_equal(sca_containers_state(cs, SCA_STR(A64), &st, NULL), 0);
	assert_true(str_is(st.name, "shop"));
	cs->keep_ms = 0;
	put_file(config, "{\"Name\":\"/sh");
	nanosleep(&pause, NULL);
	assert_int_equal(sca_containers_state(cs, SCA_STR(A64), &st, NULL), 0);
	assert_true(str_is(st.name, "shop"));
	sca_containers_free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_states),
		IN_TREE(test_paths),
		IN_TREE(test_damaged),
		IN_TREE(test_memory_of_answers),
		IN_TREE(test_half_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
