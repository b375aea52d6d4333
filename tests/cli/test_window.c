/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats collapse, and the counts of what goes out are those of what came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "keep.h"
#include "window.h"

#define MS 10000

/* What goes out, a line each: "83x3 web" with its comms, "+2" for names without room. */
struct trace {
	struct out o;
	uint64_t events;
	int stop; /* what emit returns */
};

static int emit(const struct event *ev, void *arg, struct sca_err *err)
{
	struct trace *t = arg;
	const struct sca_record *r = ev->rec;

	(void)err;
	t->events += r->count ? r->count : 1;
	out_addf(&t->o, "%dx%llu", r->nr, (unsigned long long)r->count);
	if (ev->summary)
		out_addf(&t->o, " %lld-%lld", (long long)r->first_ms, (long long)r->last_ms);
	if (r->have & SCA_F_PID)
		out_addf(&t->o, " pid %u", r->pid);
	for (unsigned i = 0; i < r->n_comms; i++)
		out_addf(&t->o, " %.*s", (int)r->comms[i].n, r->comms[i].p);
	if (ev->more_comms)
		out_addf(&t->o, " +%llu", (unsigned long long)ev->more_comms);
	out_c(&t->o, '\n');
	return t->stop;
}

/* One event: when it comes, and what differs from the others. */
struct step {
	int64_t at;
	int nr;
	const char *container, *comm, *exe;
	uint32_t pid, uid;
	uint64_t count;
};

static struct sca_record record_of(const struct step *st)
{
	return (struct sca_record){
		.have = SCA_F_TIME | SCA_F_NR | SCA_F_ARCH | SCA_F_CODE | SCA_F_PID | SCA_F_COMM |
			SCA_F_EXE | SCA_F_UID,
		.source = SCA_SRC_NETLINK,
		.trust = SCA_TRUST_KERNEL,
		.time_ms = 1000 + st->at,
		.action = SCA_ACT_ERRNO,
		.denied = true,
		.code = 0x50000,
		.arch = SCA_ARCH_X86_64,
		.nr = st->nr,
		.pid = st->pid,
		.uid = st->uid,
		.comm = span_z(st->comm ? st->comm : "sh"),
		.exe = span_z(st->exe ? st->exe : "/bin/sh"),
		.count = st->count ? st->count : 1,
		.container.id = span_z(st->container),
		.pos = {"log", 7, 0},
	};
}

#define E(at_, nr_, container_, ...) \
	{.at = at_, .nr = nr_, .container = container_, __VA_ARGS__}

/* clang-format off */
static const struct row {
	const char *what;
	struct step steps[12]; /* ended by an event of number 0 */
	const char *want; /* with everything told at the end */
} rows[] = {
	{"one event", {E(0, 83, "a", .pid = 1)}, "83x1 pid 1\n"},
	{"one repeat is told as it was",
	 {E(0, 83, "a", .pid = 1), E(5, 83, "a", .pid = 2)},
	 "83x1 pid 1\n83x1 pid 2\n"},
	{"three repeats, two names",
	 {E(0, 83, "a", .comm = "x", .pid = 1), E(5, 83, "a", .comm = "y"),
	  E(7, 83, "a", .comm = "z"), E(9, 83, "a", .comm = "y")},
	 "83x1 pid 1\n83x3 1005-1009 y z\n"},
	{"another call, another container",
	 {E(0, 83, "a", .pid = 1), E(1, 84, "a", .pid = 2), E(2, 83, "b", .pid = 3)},
	 "83x1 pid 1\n84x1 pid 2\n83x1 pid 3\n"},
	{"without a container: program and user",
	 {E(0, 83, NULL, .exe = "/a", .pid = 1),
	  E(1, 83, NULL, .exe = "/b", .pid = 2),
	  E(2, 83, NULL, .exe = "/a", .uid = 5, .pid = 3),
	  E(3, 83, NULL, .comm = "other", .exe = "/a", .pid = 4)},
	 "83x1 pid 1\n83x1 pid 2\n83x1 pid 3\n83x1 pid 4\n"},
	{"in a container neither program nor user matters",
	 {E(0, 83, "a", .exe = "/a", .pid = 1),
	  E(1, 83, "a", .exe = "/b"),
	  E(2, 83, "a", .exe = "/c", .uid = 5)},
	 "83x1 pid 1\n83x2 1001-1002 sh\n"},
	{"the window does not move with its events, the next one begins anew",
	 {E(0, 83, "a", .pid = 1),
	  E(9000, 83, "a"),
	  E(9999, 83, "a"),
	  E(MS, 83, "a", .pid = 4),
	  E(MS + 1, 83, "a"),
	  E(MS + 2, 83, "a")},
	 "83x1 pid 1\n83x2 10000-10999 sh\n83x1 pid 4\n83x2 11001-11002 sh\n"},
	{"what tells of many already passes",
	 {E(0, 83, "a", .pid = 1), E(1, 83, "a", .pid = 2, .count = 7)},
	 "83x1 pid 1\n83x7 pid 2\n"},
	{"nine names",
	 {E(0, 83, "a", .pid = 1), E(1, 83, "a", .comm = "1"), E(1, 83, "a", .comm = "2"),
	  E(1, 83, "a", .comm = "3"), E(1, 83, "a", .comm = "4"), E(1, 83, "a", .comm = "5"),
	  E(1, 83, "a", .comm = "6"), E(1, 83, "a", .comm = "7"), E(1, 83, "a", .comm = "8"),
	  E(1, 83, "a", .comm = "9"), E(2, 83, "a", .comm = "1")},
	 "83x1 pid 1\n83x10 1001-1002 1 2 3 4 5 6 7 8 +1\n"},
};
/* clang-format on */

static struct sca_names *names;

static int setup(void **state)
{
	(void)state;
	return sca_names_new(&names, NULL);
}

static int teardown(void **state)
{
	(void)state;
	sca_names_free(names);
	return 0;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trace t = {.o = OUT_MEMORY};
		struct window *w = NULL;
		uint64_t given = 0;

		assert_int_equal(window_new(&w, MS, names, emit, &t, NULL), 0);
		assert_int_equal(window_due(w, 0), -1);
		for (const struct step *st = rows[i].steps; st->nr; st++) {
			struct sca_record rec = record_of(st);
			struct event ev;

			event_init(&ev, &rec, names);
			assert_int_equal(window_event(w, &ev, st->at, NULL), 0);
			given += rec.count;
		}
		assert_int_equal(window_flush(w, NULL), 0);
		assert_int_equal(window_due(w, 0), -1);
		if (strcmp(out_string(&t.o), rows[i].want) != 0)
			fail_msg("%s:\n%s, not\n%s", rows[i].what, out_string(&t.o), rows[i].want);
		assert_int_equal(t.events, given);
		window_free(w);
		out_release(&t.o);
	}
}

static void test_due(void **state)
{
	struct trace t = {.o = OUT_MEMORY};
	struct window *w = NULL;
	struct step st = E(100, 83, "a", .pid = 1);
	struct window_stats stats;

	(void)state;
	assert_int_equal(window_new(&w, MS, names, emit, &t, NULL), 0);
	for (unsigned i = 0; i < 5; i++) {
		struct sca_record rec = record_of(&st);
		struct event ev;

		event_init(&ev, &rec, names);
		assert_int_equal(window_event(w, &ev, 100, NULL), 0);
	}
	assert_int_equal(window_due(w, 100), MS);
	assert_int_equal(window_due(w, 5000), MS + 100 - 5000);
	assert_int_equal(window_due(w, 99999), 0);
	assert_int_equal(window_expire(w, MS + 99, NULL), 0);
	assert_int_equal(t.events, 1);
	t.stop = 7;
	assert_int_equal(window_expire(w, MS + 100, NULL), 7);
	assert_int_equal(t.events, 5);
	window_stats(w, &stats);
	assert_int_equal(stats.collapsed, 4);
	assert_int_equal(stats.overflow, 0);
	window_free(w);
	out_release(&t.o);
}

/* More different events than there is room for, and names of the greatest length. */
static void test_bounds(void **state)
{
	static char exe[4096];
	struct trace t = {.o = OUT_MEMORY};
	struct window *w = NULL;
	struct window_stats stats;
	uint64_t given = 0;

	(void)state;
	memset(exe, 'x', sizeof(exe) - 1);
	assert_int_equal(window_new(&w, MS, names, emit, &t, NULL), 0);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 5000; i++) {
			struct step st = E(0, 1 + (int)i, NULL, .exe = exe);
			struct sca_record rec = record_of(&st);
			struct event ev;

			exe[i % 4000] = (char)('a' + round);
			event_init(&ev, &rec, names);
			assert_int_equal(window_event(w, &ev, 10, NULL), 0);
			given++;
		}
	}
	window_stats(w, &stats);
	assert_true(stats.overflow > 0);
	assert_int_equal(window_flush(w, NULL), 0);
	assert_int_equal(t.events, given);
	window_free(w);
	out_release(&t.o);
}

/* Every loss is told. */
static void test_losses(void **state)
{
	struct sca_frame frame = {.kind = SCA_FRAME_LOSS, .loss = SCA_LOSS_KERNEL, .lost = 5};
	struct trace t = {.o = OUT_MEMORY};
	struct window *w = NULL;

	(void)state;
	assert_int_equal(window_new(&w, MS, names, emit, &t, NULL), 0);
	for (unsigned i = 0; i < 3; i++) {
		struct sca_record rec;
		struct event ev;

		event_init_loss(&ev, &rec, &frame);
		assert_int_equal(window_event(w, &ev, 10, NULL), 0);
		assert_int_equal(t.events, i + 1);
	}
	assert_int_equal(window_due(w, 10), -1);
	window_free(w);
	out_release(&t.o);
}

static void test_copy(void **state)
{
	struct step st = {5, 83, "id", "comm", "/exe", 1, 2, 1};
	struct sca_record rec = record_of(&st), *copy;
	struct out a = OUT_MEMORY, b = OUT_MEMORY;
	struct event ev;
	size_t bytes = 0;

	(void)state;
	rec.n_comms = 2;
	rec.comms[0] = span_z("one");
	rec.comms[1] = span_z("");
	rec.n_exes = SCA_RECORD_NAMES_MAX;
	for (unsigned i = 0; i < rec.n_exes; i++)
		rec.exes[i] = span_z("exe");
	rec.container.unit = span_z("a.service");
	copy = record_copy(&rec, &bytes);
	assert_non_null(copy);
	assert_true(bytes > sizeof(rec));
	assert_ptr_not_equal(copy->comm.p, rec.comm.p);
	assert_ptr_not_equal(copy->exes[7].p, rec.exes[7].p);
	assert_ptr_not_equal(copy->pos.file, rec.pos.file);
	event_init(&ev, &rec, names);
	ndjson_event(&a, &ev);
	event_init(&ev, copy, names);
	ndjson_event(&b, &ev);
	assert_string_equal(out_string(&a), out_string(&b));
	free(copy);
	out_release(&a);
	out_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
