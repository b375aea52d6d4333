/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The levels bpf and proc of the tracker with cgroups and processes that the test makes: pids
 * that come back, cgroups that are gone, and what a process may not do or see.
 */
#include "text.h"

#include <scaudit/tracker.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

static char unified[256]; /* where cgroup2 is mounted */
static struct sca_containers *cs;
static unsigned run; /* makes names ours */

static int find_unified(void **state _unused_)
{
	FILE *f = popen("findmnt -n -l -t cgroup2 -o TARGET | head -n 1", "re");

	if (f && fgets(unified, sizeof(unified), f))
		unified[strcspn(unified, "\n")] = '\0';
	if (f)
		pclose(f);
	run = 0xd0000000u + (unsigned)getpid();
	return 0;
}

static void need_root(void)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	if (!unified[0]) {
		print_message("no cgroup2 is mounted here\n");
		skip();
	}
}

static struct sca_tracker *track(unsigned skip)
{
	struct sca_tracker *t = NULL;
	struct sca_err err = SCA_ERR_INIT;

	if (!cs)
		assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	if (sca_tracker_new(&t, cs, skip, &err) < 0)
		fail_msg("%s", err.text);
	return t;
}

static void need_bpf(struct sca_tracker *t)
{
	const char *why;

	if (!sca_tracker_level(t, SCA_TRACK_BPF, &why)) {
		print_message("bpf %s\n", why);
		skip();
	}
}

/* The n-th cgroup of this test, named like a container. */
static void id_of(unsigned n, char id[65])
{
	snprintf(id, 65, "%016x%048x", run, n);
}

static void path_of(unsigned n, char path[512])
{
	char id[65];

	id_of(n, id);
	snprintf(path, 512, "%s/%s", unified, id);
}

static void make_cgroup(unsigned n)
{
	char path[512];

	path_of(n, path);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void remove_cgroup(unsigned n)
{
	char path[512];

	path_of(n, path);
	assert_int_equal(rmdir(path), 0);
}

/* What a test that failed left. */
static int remove_cgroups(void **state _unused_)
{
	char path[512];

	for (unsigned i = 0; unified[0] && i < 50; i++) {
		path_of(i, path);
		rmdir(path);
	}
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool put_into(unsigned n, const char *who)
{
	char path[512 + 16], procs[512];
	_cleanup_close_ int fd = -1;

	path_of(n, procs);
	snprintf(path, sizeof(path), "%s/cgroup.procs", procs);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, who, strlen(who)) == (ssize_t)strlen(who);
}

static void join(unsigned n)
{
	if (!put_into(n, "0"))
		_exit(9);
}

static void move(pid_t pid, unsigned n)
{
	char who[16];

	snprintf(who, sizeof(who), "%d", (int)pid);
	assert_true(put_into(n, who));
}

/*
 * A process in cgroup n that has this pid, 0 for any, and ends when the descriptor is closed.
 * -1: the pid is taken.
 */
static pid_t start_in(unsigned n, pid_t want, int *ret_leash)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = want ? (uint64_t)(uintptr_t)&want : 0,
		.set_tid_size = want ? 1 : 0,
	};
	int leash[2], ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(leash, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		close(leash[1]);
		join(n);
		if (write(ready[1], "", 1) == 1)
			while (read(leash[0], &c, 1) < 0)
				;
		_exit(0);
	}
	close(ready[1]);
	close(leash[0]);
	if (pid > 0 && read(ready[0], &c, 1) != 1)
		fail_msg("no process in the cgroup");
	close(ready[0]);
	*ret_leash = leash[1];
	return pid;
}

static void end(pid_t pid, int leash)
{
	close(leash);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void expect(struct sca_tracker *t, int line, pid_t pid, int64_t time_ms, const char *via,
		   const char *sure, int n)
{
	struct sca_record rec = {
		.have = SCA_F_PID | SCA_F_TIME, .pid = (uint32_t)pid, .time_ms = time_ms,
	};
	struct sca_container_ref ref;
	char id[65] = "";

	if (n >= 0)
		id_of((unsigned)n, id);
	assert_int_equal(sca_tracker_find(t, &rec, &ref, NULL), 0);
	if (!str_eq(ref.id, sca_str_z(id)) || !str_eq(ref.via, sca_str_z(via)) ||
	    !str_eq(ref.sure, sca_str_z(sure)))
		fail_msg("line %d: %.*s via %.*s, %.*s; expected %s via %s, %s", line,
			 (int)ref.id.n, ref.id.p, (int)ref.via.n, ref.via.p, (int)ref.sure.n,
			 ref.sure.p, id, via, sure);
}
#define EXPECT(t, ...) expect(t, __LINE__, __VA_ARGS__)

/* One pid, in one cgroup after the other: each record has its own time's answer. */
static void test_pid_comes_back(void **state _unused_)
{
	struct sca_tracker_stats stats;
	struct sca_tracker *t;
	int64_t at[4];
	pid_t pid = 0;
	int leash;

	need_root();
	t = track(0);
	need_bpf(t);
	for (unsigned i = 0; i < 4; i++) {
		pid_t got;

		make_cgroup(i);
		usleep(60000); /* more than clocks are allowed to differ by */
		got = start_in(i, pid, &leash);
		if (got < 0) {
			print_message("pid %d was taken by another process\n", (int)pid);
			skip();
		}
		pid = got;
		usleep(60000);
		at[i] = now_ms();
		EXPECT(t, pid, at[i], "proc", "exact", (int)i);
		if (i == 1) /* alive, but a record of the one before */
			EXPECT(t, pid, at[0], "bpf-exit", "exact", 0);
		end(pid, leash);
		remove_cgroup(i);
		EXPECT(t, pid, at[i], "bpf-exit", "exact", (int)i);
		if (i > 0)
			EXPECT(t, pid, at[i - 1], "bpf-exit", "exact", (int)i - 1);
		EXPECT(t, pid, now_ms() + 1000, "none", "unknown", -1);
	}
	EXPECT(t, pid, at[1], "none", "unknown", -1);
	EXPECT(t, pid, at[0], "none", "unknown", -1);
	sca_tracker_stats(t, &stats);
	assert_true(stats.reused >= 2);
	sca_tracker_free(t);
}

/* What was read of a process does not outlast its move, nor itself, by a moment: there are no
 * pauses here, and a pid is used again at once. */
static void test_moved(void **state _unused_)
{
	struct sca_tracker *t;
	pid_t pid, got;
	int leash;

	need_root();
	t = track(1u << SCA_TRACK_BPF | 1u << SCA_TRACK_LINEAGE);
	make_cgroup(0);
	make_cgroup(1);
	pid = start_in(0, 0, &leash);
	usleep(60000);
	for (unsigned i = 0; i < 20; i++) {
		EXPECT(t, pid, now_ms(), "proc", "exact", (int)(i % 2));
		EXPECT(t, pid, now_ms(), "proc", "exact", (int)(i % 2));
		move(pid, (i + 1) % 2);
	}
	end(pid, leash);
	EXPECT(t, pid, now_ms(), "none", "unknown", -1);
	for (unsigned i = 0; i < 5; i++) {
		got = start_in(i % 2, pid, &leash);
		if (got < 0) {
			print_message("pid %d was taken by another process\n", (int)pid);
			skip();
		}
		EXPECT(t, pid, now_ms() + 1000, "proc", "exact", (int)(i % 2));
		EXPECT(t, pid, now_ms() + 1000, "proc", "exact", (int)(i % 2));
		end(pid, leash);
	}
	remove_cgroup(0);
	remove_cgroup(1);
	sca_tracker_free(t);
}

/* Cgroup and process are gone before the tracker is asked anything. */
static void test_cgroup_gone(void **state _unused_)
{
	struct sca_tracker *t;
	pid_t pids[50];
	int64_t at[50];
	int leash;

	need_root();
	t = track(1u << SCA_TRACK_PROC);
	need_bpf(t);
	for (unsigned i = 0; i < ARRAY_SIZE(pids); i++) {
		make_cgroup(i);
		pids[i] = start_in(i, 0, &leash);
		at[i] = now_ms();
		end(pids[i], leash);
		remove_cgroup(i);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT(t, pids[i], at[i], "bpf-exit", "exact", (int)i);
	sca_tracker_free(t);
}

/* Exits that the program did not see may have been anybody's. */
static void test_before_the_program(void **state _unused_)
{
	struct sca_tracker *t;
	int64_t early;
	pid_t pid;
	int leash;

	need_root();
	make_cgroup(0);
	early = now_ms();
	pid = start_in(0, 0, &leash);
	usleep(20000);
	t = track(0);
	EXPECT(t, pid, early - 3600000, "none", "unknown", -1);
	end(pid, leash);
	remove_cgroup(0);
	if (sca_tracker_level(t, SCA_TRACK_BPF, &(const char *){NULL})) {
		EXPECT(t, pid, early, "bpf-exit", "likely", 0);
		EXPECT(t, pid, early - 3600000, "none", "unknown", -1);
	}
	sca_tracker_free(t);
}

/* -- what a process may not do or see -- */

static bool keep_only(uint64_t caps)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)caps, .permitted = (uint32_t)caps},
		{.effective = (uint32_t)(caps >> 32), .permitted = (uint32_t)(caps >> 32)},
	};

	return syscall(SYS_capset, &head, data) == 0;
}

#define CAP(c) (1ull << CAP_##c)

/* What each does in its child before it opens a tracker; false when it can not be done. */
static bool no_caps(void)
{
	return keep_only(0);
}

static bool own_pids(void)
{
	return unshare(CLONE_NEWPID) == 0;
}

static bool no_cgroup2(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       umount2("/sys/fs/cgroup", MNT_DETACH) == 0;
}

static bool own_cgroups(void)
{
	join(0);
	return no_cgroup2() && unshare(CLONE_NEWCGROUP) == 0 &&
	       mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL) == 0;
}

static const struct {
	const char *name;
	bool (*enter)(void);
	bool in_child; /* a pid namespace is its children's */
	const char *why[SCA_TRACK_COUNT]; /* a word of the reason; NULL: works */
} places[] = {
	{"without capabilities", no_caps, false, {"CAP_BPF", NULL}},
	{"another pid namespace", own_pids, true, {NULL, "pid namespace"}},
	{"without cgroup2", no_cgroup2, false, {"no cgroup2", NULL}},
	{"a cgroup namespace", own_cgroups, false, {"only a part", NULL}},
};

/* In a child: 0 as expected. */
static int look_around(size_t row)
{
	struct sca_containers *own = NULL;
	struct sca_tracker *t = NULL;
	int r = 0;

	if (sca_containers_new(&own, NULL, NULL) < 0 || sca_tracker_new(&t, own, 0, NULL) < 0)
		return 2;
	for (unsigned i = SCA_TRACK_BPF; i <= SCA_TRACK_PROC; i++) {
		const char *word = places[row].why[i], *why = NULL;
		bool works = sca_tracker_level(t, i, &why);

		if (works != !word || (word && !strstr(why, word))) {
			dprintf(2, "%s: %s %s\n", places[row].name, sca_track_name(i),
				works ? "works" : why);
			r = 1;
		}
	}
	sca_tracker_free(t);
	sca_containers_free(own);
	return r;
}

static void test_places(void **state _unused_)
{
	struct sca_tracker *t;

	need_root();
	t = track(0);
	need_bpf(t);
	sca_tracker_free(t);
	make_cgroup(0);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int status = 0;
		pid_t pid = fork();

		if (pid == 0) {
			if (!places[i].enter())
				_exit(77);
			pid = places[i].in_child ? fork() : 0;
			if (pid == 0)
				_exit(look_around(i));
			waitpid(pid, &status, 0);
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			fail_msg("%s: status 0x%x", places[i].name, (unsigned)status);
	}
	remove_cgroup(0);
}

/* Without CAP_SYS_ADMIN there is no fanotify and no tracepoint; inotify serves while cgroups are
 * there long enough to be seen. */
static void test_inotify(void **state _unused_)
{
	int up[2], down[2], status = 0, leash;
	int64_t at;
	pid_t pid, victim;
	char c = 0;

	need_root();
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	assert_int_equal(pipe2(down, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME};
		struct sca_container_ref ref;
		struct sca_tracker *t;
		const char *why = NULL;
		char id[65];

		id_of(0, id);
		keep_only(CAP(BPF) | CAP(PERFMON));
		t = track(1u << SCA_TRACK_PROC);
		if (!sca_tracker_level(t, SCA_TRACK_BPF, &why))
			dprintf(2, "inotify: %s\n", why);
		(void)!write(up[1], why ? "n" : "y", 1);
		if (read(down[0], &c, 1) == 1) /* the cgroup is there */
			sca_tracker_dispatch(t, NULL);
		(void)!write(up[1], "y", 1);
		if (read(down[0], &rec.pid, sizeof(rec.pid)) != sizeof(rec.pid) ||
		    read(down[0], &rec.time_ms, sizeof(rec.time_ms)) != sizeof(rec.time_ms) ||
		    sca_tracker_find(t, &rec, &ref, NULL) < 0)
			_exit(2);
		_exit(!(str_eq(ref.id, sca_str_z(id)) && str_is(ref.via, "bpf-exit")));
	}
	assert_int_equal(read(up[0], &c, 1), 1);
	make_cgroup(0);
	(void)!write(down[1], &c, 1);
	assert_int_equal(read(up[0], &(char){0}, 1), 1);
	victim = start_in(0, 0, &leash);
	at = now_ms();
	end(victim, leash);
	remove_cgroup(0);
	(void)!write(down[1], &(uint32_t){(uint32_t)victim}, sizeof(uint32_t));
	(void)!write(down[1], &at, sizeof(at));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (c == 'n') {
		print_message("CAP_BPF and CAP_PERFMON are not enough here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_pid_comes_back, remove_cgroups),
		cmocka_unit_test_teardown(test_moved, remove_cgroups),
		cmocka_unit_test_teardown(test_cgroup_gone, remove_cgroups),
		cmocka_unit_test_teardown(test_before_the_program, remove_cgroups),
		cmocka_unit_test_teardown(test_places, remove_cgroups),
		cmocka_unit_test_teardown(test_inotify, remove_cgroups),
	};

	return cmocka_run_group_tests(tests, find_unified, NULL);
}
