/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out in what only live mode has: sinks, the window, the textfile. The first
 * allocation fails, then the second, and so on until all succeed. Each failure is -ENOMEM, and
 * no allocation is left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "sink.h"
#include "textfile.h"
#include "window.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#include "failing_malloc.h"

static struct sca_names *names;
static char path[64];

static int emit(const struct event *ev, void *arg, struct sca_err *err)
{
	(void)err;
	*(uint64_t *)arg += ev->rec->count;
	return 0;
}

static struct sca_record record_of(int nr, const char *comm, const char *id)
{
	return (struct sca_record){
		.have = SCA_F_NR | SCA_F_ARCH | SCA_F_COMM | SCA_F_EXE,
		.arch = SCA_ARCH_X86_64,
		.nr = nr,
		.denied = true,
		.comm = span_z(comm),
		.exe = span_z("/bin/sh"),
		.count = 1,
		.container = {.id = span_z(id), .engine = span_z("docker")},
		.pos = {"log", 1, 0},
	};
}

static const struct {
	int nr;
	const char *comm, *id;
} calls[] = {{83, "a", "x"}, {83, "b", "x"}, {83, "c", "x"}, {84, "a", NULL}, {84, "a", NULL}};

/* A name that finds no memory counts among those that found no room: that is no failure. */
static int run_window(struct sca_err *err)
{
	struct window *w = NULL;
	uint64_t events = 0, given = 0;
	int r = window_new(&w, 1000, names, emit, &events, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(calls); i++) {
		struct sca_record rec = record_of(calls[i].nr, calls[i].comm, calls[i].id);
		struct event ev;

		event_init(&ev, &rec, names);
		r = window_event(w, &ev, 0, err);
		given += r == 0;
	}
	if (w)
		assert_int_equal(window_flush(w, err), 0);
	assert_true(events >= given); /* what failed may have gone out, nothing is missing */
	window_free(w);
	return r;
}

static int run_textfile(struct sca_err *err)
{
	struct textfile *t = NULL;
	struct evidence ev = {0};
	int r = textfile_new(&t, path, 1, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(calls); i++) {
		struct sca_record rec = record_of(calls[i].nr, calls[i].comm, calls[i].id);
		struct event e;

		event_init(&e, &rec, names);
		r = textfile_add(t, &e, err);
	}
	if (r == 0)
		r = textfile_write(t, 0, names, &ev, err);
	textfile_free(t);
	return r;
}

static int run_sinks(struct sca_err *err)
{
	static const char *const specs[] = {
		"file:/dev/null", "unix:/nowhere", "syslog:unix:/nowhere", "journald:/nowhere",
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(specs); i++) {
		struct sink *s = NULL;

		r = sink_open(&s, specs[i], 1, err);
		if (r < 0)
			break;
		sink_put(s, "record\n", 7);
		assert_int_equal(sink_dispatch(s), 0);
		sink_news(s);
		r = sink_reopen(s, err);
		sink_free(s);
	}
	return r;
}

/* What came of one attempt, as an exit status. */
enum { DONE, FAILED_WELL, WRONG };

static int attempt(int (*run)(struct sca_err *err), long nth)
{
	struct sca_err err = SCA_ERR_INIT;
	long before = live;
	bool failed;
	int r;

	countdown = nth;
	r = run(&err);
	failed = countdown < 0;
	countdown = -1;
	if (live == before && r == 0)
		return failed ? FAILED_WELL : DONE;
	if (live == before && failed && r == -ENOMEM && err.code == -ENOMEM)
		return FAILED_WELL;
	print_error("allocation %ld fails: %d: %s; %ld left behind\n", nth, r, err.text,
		    live - before);
	return WRONG;
}

/* Each attempt is a process of its own: the program, too, ends when memory ran out. */
static void run_all(int (*run)(struct sca_err *err))
{
	int status = FAILED_WELL;
	long nth = 0;

	prepare_malloc();
	for (; status == FAILED_WELL; nth++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(attempt(run, nth));
		assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
		assert_true(WIFEXITED(status));
		status = WEXITSTATUS(status);
	}
	assert_int_equal(status, DONE);
	assert_true(nth > 3);
}

static void test_window(void **state)
{
	(void)state;
	run_all(run_window);
}

static void test_textfile(void **state)
{
	(void)state;
	run_all(run_textfile);
	unlink(path);
}

static void test_sinks(void **state)
{
	(void)state;
	run_all(run_sinks);
}

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/scaudit-memory.%d.prom", (int)getpid());
	if (sca_names_new(&names, NULL) < 0)
		return -1;
	/* It makes its tables when it is first asked. */
	return sca_syscall_name(names, SCA_ARCH_X86_64, 83) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	sca_names_free(names);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_textfile),
		cmocka_unit_test(test_sinks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
