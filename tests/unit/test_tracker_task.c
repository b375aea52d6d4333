/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often the tracker reads a process: each open below /proc is counted, not timed. What must be
 * read again for an answer to stay right, live/test_tracker_levels.c has.
 */
#include "container_tree.h"

#include "tracker_int.h"

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PIDS_MAX 65536u

static struct {
	unsigned pid[PIDS_MAX]; /* opens of proc/PID */
	unsigned stat;          /* of proc/stat */
	unsigned unknown;       /* the kernel does not know the call */
} opened;

/* In the place of libc's: all files below a root are opened by it. */
long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6], r;
	uint32_t pid;
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	r = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (number == SYS_openat2) {
		struct sca_str path = sca_str_z((const char *)a[1]), proc = SCA_STR("proc/");

		opened.unknown += r < 0 && errno == ENOSYS;
		if (str_is(path, "proc/stat"))
			opened.stat++;
		else if (str_starts(path, proc) && str_u32(str_skip(path, proc.n), &pid) == 0)
			opened.pid[pid % PIDS_MAX]++;
	}
	return r;
}

static void count_anew(void)
{
	memset(&opened, 0, sizeof(opened));
}

static void need_openat2(void)
{
	int fd = root_open(AT_FDCWD, "proc", O_PATH);

	sca_close_(&fd);
	if (opened.unknown) {
		print_message("openat2() is not known here\n");
		skip();
	}
}

static int64_t now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

/* -- one record, in a tree -- */

static void put_child(unsigned pid, unsigned ppid, const char *comm)
{
	char path[64], text[256];

	put_task(pid, comm, 'S', 100, "0::/\n");
	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	snprintf(text, sizeof(text),
		 "%u (%s) S %u 1 1 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 100 2 3\n", pid, comm,
		 ppid);
	put_file(path, text);
}

static void put_conmon(unsigned pid, unsigned ticks)
{
	static const char line[] = "conmon\0-c\0" C64;
	FILE *f;

	put_task(pid, "conmon", 'S', ticks, "0::/\n");
	put_file("proc/52/status", "Uid:\t0\t0\t0\t0\nNSpid:\t52\n");
	put_file("proc/52/cmdline", "");
	f = fopen(under("proc/52/cmdline"), "we");
	assert_non_null(f);
	assert_int_equal(fwrite(line, 1, sizeof(line), f), sizeof(line));
	assert_int_equal(fclose(f), 0);
}

static const struct level_ops *const ops[SCA_TRACK_COUNT] = {
	[SCA_TRACK_INIT] = &level_init,
	[SCA_TRACK_HINT] = &level_hint,
	[SCA_TRACK_CANDIDATES] = &level_candidates,
};

static void tracker_open(struct sca_tracker *t)
{
	*t = (struct sca_tracker){.cs = new_containers(), .epoll = epoll_create1(EPOLL_CLOEXEC)};
	t->level[SCA_TRACK_PROC].state = &t->tasks;
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++)
		if (ops[i])
			assert_int_equal(ops[i]->open(t, &t->level[i].state, &t->level[i].why,
						      NULL), 0);
}

static void tracker_close(struct sca_tracker *t)
{
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++) {
		if (ops[i])
			ops[i]->close(t->level[i].state);
		buf_release(&t->level[i].why);
	}
	tasks_release(&t->tasks);
	sca_close_(&t->epoll);
	sca_containers_free(t->cs);
}

/* The levels proc, init, hint and candidates each ask for the process, and two for its parents:
 * a process of the host that nobody knows is the one that all are asked for. */
static void test_once_for_a_record(void **state _unused_)
{
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME | SCA_F_EXE, .pid = 50,
				 .exe = SCA_STR("/bin/sh")};
	struct sca_container_ref ref;
	struct sca_tracker t;

	need_openat2();
	put_child(50, 51, "victim");
	put_child(51, 52, "sh");
	put_child(52, 1, "sshd");
	put_file("run/runc/web/state.json",
		 "{\"init_process_pid\":50,\"init_process_start\":9000}"); /* another's by now */
	tracker_open(&t);
	for (unsigned n = 1; n <= 3; n++) {
		rec.time_ms = now_ms();
		count_anew();
		assert_int_equal(sca_tracker_find(&t, &rec, &ref, NULL), 0);
		assert_span(n, ref.via, "none");
		for (unsigned pid = 50; pid <= 52; pid++)
			if (opened.pid[pid] != 1) /* files may change: each record anew */
				fail_msg("record %u: process %u is read %u times", n, pid,
					 opened.pid[pid]);
	}
	tracker_close(&t);
}

/* A parent that is younger than its child has the pid of who was that. */
static void test_young_parent(void **state _unused_)
{
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME, .pid = 50, .time_ms = now_ms()};
	struct sca_container_ref ref;
	struct sca_tracker t;

	put_child(50, 52, "victim");
	tracker_open(&t);
	put_conmon(52, 100);
	assert_int_equal(sca_tracker_find(&t, &rec, &ref, NULL), 0);
	assert_span(0, ref.via, "parent");
	assert_span(0, ref.id, C64);
	put_conmon(52, 110);
	assert_int_equal(sca_tracker_find(&t, &rec, &ref, NULL), 0);
	assert_span(1, ref.via, "none");
	tracker_close(&t);
}

/* -- a flood, from a process of this machine -- */

#define FLOOD 500u

struct flood {
	struct sca_containers *cs;
	struct sca_tracker *t;
	pid_t pid;
	int leash;
};

static void flood_open(struct flood *f, unsigned skipped)
{
	const char *why = NULL;
	int leash[2];
	char c;

	need_openat2();
	*f = (struct flood){.leash = -1};
	assert_int_equal(sca_containers_new(&f->cs, NULL, NULL), 0);
	assert_int_equal(sca_tracker_new(&f->t, f->cs, skipped, NULL), 0);
	if (!sca_tracker_level(f->t, SCA_TRACK_PROC, &why)) {
		print_message("proc: %s\n", why);
		sca_tracker_free(f->t);
		sca_containers_free(f->cs);
		skip();
	}
	assert_int_equal(pipe2(leash, O_CLOEXEC), 0);
	f->pid = fork();
	assert_true(f->pid >= 0);
	if (f->pid == 0) {
		close(leash[1]);
		while (read(leash[0], &c, 1) < 0)
			;
		_exit(0);
	}
	close(leash[0]);
	f->leash = leash[1];
	count_anew();
}

static void flood_end(struct flood *f)
{
	close(f->leash);
	assert_int_equal(waitpid(f->pid, NULL, 0), f->pid);
	f->leash = -1;
}

static void flood_close(struct flood *f)
{
	if (f->leash >= 0)
		flood_end(f);
	sca_tracker_free(f->t);
	sca_containers_free(f->cs);
}

static unsigned opens_of(const struct flood *f)
{
	return opened.pid[(uint32_t)f->pid % PIDS_MAX];
}

static void ask(struct flood *f, int64_t time_ms, struct sca_container_ref *ret)
{
	struct sca_record rec = {
		.have = SCA_F_PID | SCA_F_TIME, .pid = (uint32_t)f->pid, .time_ms = time_ms,
	};

	assert_int_equal(sca_tracker_find(f->t, &rec, ret, NULL), 0);
}

/* Records as they come, from a process that has just started: it is never opened again. */
static void test_flood(void **state _unused_)
{
	struct sca_container_ref ref;
	struct flood f;

	flood_open(&f, ~(1u << SCA_TRACK_PROC));
	for (unsigned i = 0; i < FLOOD; i++)
		ask(&f, now_ms(), &ref);
	assert_int_equal(opens_of(&f), 1);
	assert_true(opened.stat < FLOOD / 2); /* once, unless somebody sets the clock */
	flood_end(&f); /* gone is gone, whatever was open */
	ask(&f, now_ms(), &ref);
	assert_span(0, ref.via, "none");
	assert_int_equal(opens_of(&f), 2);
	flood_close(&f);
}

/* Records that had to wait, where no connector knows parents: one reading serves them all, for
 * as long as it does. */
static void test_backlog(void **state _unused_)
{
	const unsigned *parents = &opened.pid[(uint32_t)getpid() % PIDS_MAX];
	struct sca_container_ref ref;
	int64_t at, begin;
	unsigned most;
	struct flood f;

	flood_open(&f, 1u << SCA_TRACK_BPF | 1u << SCA_TRACK_LINEAGE);
	at = now_ms();
	usleep(2 * TASK_LAG_MS * 1000);
	begin = clock_ms(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < FLOOD; i++)
		ask(&f, at, &ref);
	most = 1 + (unsigned)(clock_ms(CLOCK_MONOTONIC) - begin) / TASK_KEEP_MS;
	print_message("%u records: the process was opened %u times, its parent %u times, at most %u\n",
		      FLOOD, opens_of(&f), *parents, most);
	assert_in_range(opens_of(&f), 1, most);
	assert_in_range(*parents, 0, most); /* 0: a container or a unit has us */
	flood_close(&f);
}

/* A reading that is old, or by a clock that was set since, serves nobody. */
static void test_clocks(void **state _unused_)
{
	static const struct {
		int64_t real_ms, mono_ms;
	} since[] = {
		{-2 * TASK_KEEP_MS, -2 * TASK_KEEP_MS}, /* it is old */
		{3600000, 0},                           /* the clock was set back */
		{-3600000, 0},                          /* or forward */
	};
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME, .pid = (uint32_t)getpid(),
				 .time_ms = now_ms() - 10000000};
	const unsigned *opens = &opened.pid[rec.pid % PIDS_MAX];
	struct sca_containers *cs = NULL;
	struct tasks ts = {0};

	need_openat2();
	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(since); i++) {
		struct task *task = NULL;

		count_anew();
		for (unsigned n = 1; n <= 2; n++) {
			tasks_begin(&ts, &rec);
			assert_int_equal(tasks_find(&ts, cs, rec.pid, &task, NULL), 1);
			tasks_end(&ts);
			task->read.real_ms += since[i].real_ms;
			task->read.mono_ms += since[i].mono_ms;
			if (*opens != n)
				fail_msg("row %zu: read %u times, not %u", i, *opens, n);
		}
	}
	tasks_release(&ts);
	sca_containers_free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_once_for_a_record),
		IN_TREE(test_young_parent),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
