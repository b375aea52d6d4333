/* SPDX-License-Identifier: Apache-2.0 */
/* Levels that ask files: init, hint and candidates, in a tree that the test makes. */
#include "container_tree.h"
#include "inits.h"

/* Trees have no live tracker: this one has the level's states and nothing else. */
struct world {
	struct sca_tracker t;
	struct sca_containers *cs;
};

static const struct level_ops *const ops[SCA_TRACK_COUNT] = {
	[SCA_TRACK_INIT] = &level_init,
	[SCA_TRACK_HINT] = &level_hint,
	[SCA_TRACK_CANDIDATES] = &level_candidates,
};

static void world_open(struct world *w)
{
	*w = (struct world){.cs = new_containers()};
	w->t.cs = w->cs;
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++)
		if (ops[i]) {
			assert_int_equal(ops[i]->open(&w->t, &w->t.level[i].state,
						      &w->t.level[i].why, NULL), 0);
			assert_non_null(w->t.level[i].state);
		}
}

static void world_close(struct world *w)
{
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++) {
		if (ops[i])
			ops[i]->close(w->t.level[i].state);
		buf_release(&w->t.level[i].why);
	}
	tasks_release(&w->t.tasks);
	sca_containers_free(w->cs);
}

static void dispatch(struct world *w)
{
	assert_int_equal(level_init.dispatch(&w->t, w->t.level[SCA_TRACK_INIT].state, NULL), 0);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Asks one level of a record of now. */
static bool ask(struct world *w, enum sca_track level, const struct sca_record *of,
		struct sca_container_ref *ret)
{
	struct sca_record rec = *of;

	rec.have |= SCA_F_PID | SCA_F_TIME;
	if (rec.time_ms == 0)
		rec.time_ms = now_ms();
	w->t.reused = false;
	*ret = (struct sca_container_ref){0};
	return ops[level]->find(&w->t, w->t.level[level].state, &rec, ret, NULL) > 0;
}

static void check_init(struct world *w, uint32_t pid, const char *id, const char *name,
		       const char *sure, int line)
{
	struct sca_record rec = {.pid = pid};
	struct sca_container_ref ref;
	bool found = ask(w, SCA_TRACK_INIT, &rec, &ref);

	if (found != (id[0] != '\0') || !str_eq(ref.id, sca_str_z(id)) ||
	    !str_eq(ref.name, sca_str_z(name)) || !str_eq(ref.sure, sca_str_z(sure)))
		fail_msg("line %d: pid %u: id '%.*s', name '%.*s', sure '%.*s'", line, pid,
			 (int)ref.id.n, ref.id.p, (int)ref.name.n, ref.name.p, (int)ref.sure.n,
			 ref.sure.p);
}
#define CHECK_INIT(w, pid, id, name, sure) check_init(w, pid, id, name, sure, __LINE__)

static void put_runc(const char *id, unsigned pid, unsigned start, const char *config)
{
	char path[128], text[512];

	snprintf(path, sizeof(path), "srv/%s/config.json", id);
	put_file(path, config);
	snprintf(path, sizeof(path), "run/runc/%s/state.json", id);
	snprintf(text, sizeof(text),
		 "{\"init_process_pid\":%u,\"init_process_start\":%u,"
		 "\"config\":{\"labels\":[\"bundle=/srv/%s\"]}}", pid, start, id);
	put_file(path, text);
}

static void drop(const char *dir)
{
	assert_int_equal(nftw(under(dir), remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#define NAMED(name) "{\"annotations\":{\"nerdctl/name\":\"" name "\"}}"

/* Engines come later than the tracker, containers go before they are asked for. */
static void test_init(void **state _unused_)
{
	struct world w;

	put_task(7, "x", 'S', 100, "0::/\n");
	put_runc("early", 7, 100, NAMED("first"));
	world_open(&w);
	CHECK_INIT(&w, 7, "early", "first", "exact");
	put_task(7, "x", 'S', 9000, "0::/\n");
	CHECK_INIT(&w, 7, "", "", ""); /* another process by now */
	assert_true(w.t.reused);
	put_task(7, "x", 'S', 100, "0::/\n");
	put_task(8, "kid", 'S', 200, "0::/\n");
	put_file("proc/8/stat", "8 (kid) S 7 1 1 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 200 2 3\n");
	CHECK_INIT(&w, 8, "early", "first", "likely");

	put_runc("web", 42, 100, NAMED("shop"));
	CHECK_INIT(&w, 42, "", "", "");
	dispatch(&w);
	CHECK_INIT(&w, 42, "web", "shop", "likely"); /* its pid may be another's since */
	drop("run/runc/web");
	dispatch(&w);
	usleep(3000);
	CHECK_INIT(&w, 42, "", "", ""); /* a record behind its end */

	put_file("run/crun/cr/status", "{\"pid\":44,\"process-start-time\":100,\"cgroup-path\":\"/cr\"}");
	put_file("run/containerd/runc/k8s.io/" B64 "/state.json",
		 "{\"init_process_pid\":46,\"init_process_start\":100}");
	dispatch(&w);
	CHECK_INIT(&w, 44, "cr", "", "likely");
	CHECK_INIT(&w, 46, B64, "", "likely");

	drop("run/crun");
	dispatch(&w);
	put_file("run/crun/cr2/status", "{\"pid\":45,\"process-start-time\":100}");
	dispatch(&w);
	CHECK_INIT(&w, 45, "cr2", "", "likely"); /* in a directory that came back */

	put_file("run/runc/bad/state.json", "{\"init_process_pid\":47}");
	put_file("run/runc/worse/state.json", "{");
	put_file("run/runc/file", "");
	dispatch(&w);
	CHECK_INIT(&w, 47, "", "", "");
	world_close(&w);
}

/* What is known of a container outlives it, also in the cache of containers. */
static void test_outlives(void **state _unused_)
{
	struct sca_record rec = {.pid = 42};
	struct sca_container_state st;
	struct sca_container_ref ref;
	struct world w;

	make_dirs("run/");
	world_open(&w);
	put_runc(A64, 42, 100, NAMED("shop"));
	dispatch(&w);
	rec.time_ms = now_ms();
	drop("run/runc/" A64);
	drop("srv/" A64);
	usleep(60000);
	dispatch(&w);
	assert_true(ask(&w, SCA_TRACK_INIT, &rec, &ref));
	assert_true(str_is(ref.name, "shop"));
	assert_int_equal(sca_containers_state(w.cs, SCA_STR(A64), &st, NULL), 0);
	assert_true(str_is(st.name, "shop"));
	world_close(&w);
}

static void put_parent(unsigned pid, unsigned ppid, const char *comm)
{
	char path[64], text[256];

	put_task(pid, comm, 'S', 100, "0::/\n");
	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	snprintf(text, sizeof(text),
		 "%u (%s) S %u 1 1 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 100 2 3\n", pid, comm, ppid);
	put_file(path, text);
	snprintf(path, sizeof(path), "proc/%u/status", pid);
	put_file(path, "Uid:\t0\t0\t0\t0\nNSpid:\t1\n");
}

static void put_cmdline(unsigned pid, struct sca_str line)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "proc/%u/cmdline", pid);
	put_file(path, "");
	f = fopen(under(path), "we");
	assert_non_null(f);
	assert_int_equal(fwrite(line.p, 1, line.n, f), line.n);
	fclose(f);
}

static void test_parent(void **state _unused_)
{
	static const struct {
		const char *comm;
		struct sca_str line;
		const char *id, *name, *pod, *engine;
	} rows[] = {
		{"conmon", SCA_STR("conmon\0-c\0" C64 "\0-n\0web\0"), C64, "web", "", "podman"},
		{"containerd-shim", SCA_STR("containerd-shim-runc-v2\0-namespace\0moby\0-id\0" A64 "\0"),
		 A64, "shop", "", "docker"},
		{"containerd-shim", SCA_STR("containerd-shim-runc-v2\0-namespace\0k8s.io\0-id\0" B64
					    "\0"), "", "", "app-0", ""},
		{"containerd-shim", SCA_STR("containerd-shim-runc-v2\0-namespace\0k8s.io\0-id\0" D64
					    "\0"), "", "", "", ""}, /* of no pod that is known */
		{"runc", SCA_STR("runc\0run\0web\0"), "", "", "", ""}, /* a hook, perhaps */
		{"sh", SCA_STR("conmon\0-c\0" C64 "\0"), "", "", "", ""},
	};
	struct world w;

	put_file("var/lib/docker/containers/" A64 "/config.v2.json", "{\"Name\":\"/shop\"}");
	put_file("run/containerd/io.containerd.runtime.v2.task/k8s.io/" B64 "/config.json",
		 "{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"app-0\"}}");
	put_parent(50, 51, "victim");
	put_parent(51, 52, "sh");
	world_open(&w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_record rec = {.pid = 50};
		struct sca_container_ref ref;
		bool found;

		put_parent(52, 1, rows[i].comm);
		put_cmdline(52, rows[i].line);
		found = ask(&w, SCA_TRACK_HINT, &rec, &ref);
		if (found != (rows[i].id[0] || rows[i].pod[0]) ||
		    !str_eq(ref.id, sca_str_z(rows[i].id)) ||
		    !str_eq(ref.name, sca_str_z(rows[i].name)) ||
		    !str_eq(ref.pod, sca_str_z(rows[i].pod)) ||
		    !str_eq(ref.engine, sca_str_z(rows[i].engine)) ||
		    (found && !str_is(ref.sure, "likely")))
			fail_msg("row %zu: id '%.*s', name '%.*s', pod '%.*s'", i, (int)ref.id.n,
				 ref.id.p, (int)ref.name.n, ref.name.p, (int)ref.pod.n, ref.pod.p);
	}
	/* The record knows its parent when /proc does not. */
	put_parent(52, 1, "conmon");
	put_cmdline(52, rows[0].line);
	{
		struct sca_record rec = {.pid = 60, .ppid = 52, .have = SCA_F_PPID};
		struct sca_container_ref ref;

		assert_true(ask(&w, SCA_TRACK_HINT, &rec, &ref));
		assert_true(str_is(ref.id, C64));
	}
	world_close(&w);
}

#define LABELED(mcs) "{\"process\":{\"selinuxLabel\":\"system_u:system_r:container_t:s0:" mcs "\"}}"

static void test_label(void **state _unused_)
{
	static const struct {
		const char *subj, *id;
	} rows[] = {
		{"system_u:system_r:container_t:s0:c1,c2", "one"},
		{"system_u:system_r:spc_t:s0:c5,c6", ""}, /* two containers have it */
		{"system_u:system_r:container_t:s0:c7,c8", ""},
		{"system_u:system_r:container_t:s0", ""},
		{"system_u:system_r:container_t:s0-s0:c0.c1023", ""},
		{"docker-default (enforce)", ""},
		{"", ""},
	};
	struct world w;

	put_runc("one", 71, 100, LABELED("c1,c2"));
	put_runc("two", 72, 100, LABELED("c5,c6"));
	put_runc("three", 73, 100, "{\"linux\":{\"mountLabel\":\"u:r:container_file_t:s0:c5,c6\"}}");
	world_open(&w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_record rec = {
			.pid = 99, .have = SCA_F_SUBJ, .subj = sca_str_z(rows[i].subj),
		};
		struct sca_container_ref ref;
		bool found = ask(&w, SCA_TRACK_HINT, &rec, &ref);

		if (found != (rows[i].id[0] != '\0') || !str_eq(ref.id, sca_str_z(rows[i].id)) ||
		    (found && (!str_is(ref.via, "label") || !str_is(ref.sure, "likely"))))
			fail_msg("row %zu: id '%.*s', via '%.*s'", i, (int)ref.id.n, ref.id.p,
				 (int)ref.via.n, ref.via.p);
	}
	world_close(&w);
}

static void test_candidates(void **state _unused_)
{
	static const struct {
		const char *exe, *candidates;
	} rows[] = {
		{"/bin/only", "c1"},
		{"/bin/sh", "c0, c1, c2, c3 and 2 more"},
		{"/bin/none", ""},
		{"/link/only", "c1"}, /* a link stays in the root */
		{"/../../../srv/c1/rootfs/bin/only", ""},
		{"bin/only", ""},
	};
	struct world w;
	char id[16], path[64];

	for (unsigned i = 0; i < 6; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		put_runc(id, 80 + i, 100, "{\"root\":{\"path\":\"rootfs\"}}");
		snprintf(path, sizeof(path), "srv/%s/rootfs/bin/sh", id);
		put_file(path, "");
	}
	put_file("srv/c1/rootfs/bin/only", "");
	assert_int_equal(symlink("/bin", under("srv/c1/rootfs/link")), 0);
	world_open(&w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_record rec = {
			.pid = 99, .have = SCA_F_EXE, .exe = sca_str_z(rows[i].exe),
		};
		struct sca_container_ref ref;
		bool found = ask(&w, SCA_TRACK_CANDIDATES, &rec, &ref);

		if (found != (rows[i].candidates[0] != '\0') || ref.id.n || ref.name.n ||
		    ref.candidates.n != strlen(rows[i].candidates) ||
		    (found && !str_is(ref.sure, "candidates")))
			fail_msg("row %zu: '%.*s'", i, (int)ref.candidates.n, ref.candidates.p);
	}
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_init),  IN_TREE(test_outlives),   IN_TREE(test_parent),
		IN_TREE(test_label), IN_TREE(test_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
