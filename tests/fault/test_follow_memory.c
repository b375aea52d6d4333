/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a log is followed: at opening, through packed backlog, over a
 * rotation, at a restart. Each failure is -ENOMEM, no allocation is left behind, and reading on
 * after it is possible.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "follow_log.h"

#include "failing_malloc.h"

#define RECORDS 12

/* Packed data is made with memory of its own. */
static void make(struct at *t)
{
	dir_new(t);
	put(t, "log.3", 1, 3);
	pack(t, "log.3", "log.3.gz");
	put(t, "log.2", 4, 6);
	pack(t, "log.2", "log.2.zst");
	put(t, "log.1", 7, 9);
	put(t, "log", 10, 12);
}

/* Reads until there is nothing now. Counts what came. */
static int take(struct sca_source *src, unsigned *count, struct sca_err *err)
{
	struct sca_frame f;
	int r;

	while ((r = sca_source_next(src, &f, err)) == SCA_NEXT_FRAME)
		if (f.kind == SCA_FRAME_RECORD)
			++*count;
	return r;
}

static int all(const char *path, unsigned *count, struct sca_err *err)
{
	struct sca_follow how = {.backlog = true};
	struct sca_source *src = NULL, *again = NULL;
	unsigned ignored = 0;
	int r = sca_source_follow(&src, path, NULL, NULL, &how, err);

	if (r == 0)
		r = take(src, count, err);
	if (r == 0)
		r = sca_source_position(src, &how.position, err);
	if (r == 0)
		r = sca_source_follow(&again, path, NULL, NULL, &how, err);
	if (r == 0)
		r = take(again, &ignored, err);
	assert_int_equal(ignored, 0);
	sca_source_free(again);
	sca_source_free(src);
	return r;
}

static void test_memory(void **state _unused_)
{
	struct at t = {.row = "memory"};
	char path[PATH_N];
	bool last = false;
	long nth = 0;

	prepare_malloc();
	make(&t);
	usleep(1100000); /* a log that was renamed a moment ago is idle for its grace */
	path_of(&t, "log", path);
	for (; !last; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		unsigned count = 0;
		long before = live;
		int r;

		countdown = nth;
		r = all(path, &count, &err);
		last = check(nth, r, &err);
		assert_int_equal(live, before);
		if (last)
			assert_int_equal(count, RECORDS);
	}
	print_message("%ld allocations\n", nth - 1);
	dir_free(&t);
}

/* A failure in the middle is told once; behind it nothing is missing and nothing comes twice. */
static void test_goes_on(void **state _unused_)
{
	struct at t = {.row = "memory, then on"};
	unsigned failures = 0;

	prepare_malloc();
	make(&t);
	for (long nth = 0; nth < 60; nth++) {
		unsigned expect = 1, losses = 0;
		struct sca_frame f;
		struct sca_err err;
		int r;

		t.backlog = true;
		follow(&t, (struct sca_str){NULL, 0});
		countdown = nth;
		while (expect <= RECORDS) {
			if (!next_in(&t, 4000, &r, &f, &err))
				fail_msg("allocation %ld: nothing behind %u", nth, expect - 1);
			countdown = r == -ENOMEM ? -1 : countdown;
			failures += r == -ENOMEM;
			if (r < 0 && r != -ENOMEM)
				fail_msg("allocation %ld: %d %s", nth, r, err.text);
			if (r == SCA_NEXT_FRAME && f.kind == SCA_FRAME_LOSS)
				losses++;
			else if (r == SCA_NEXT_FRAME && f.serial != expect++)
				fail_msg("allocation %ld: %u instead of %u", nth, f.serial,
					 expect - 1);
		}
		countdown = -1;
		assert_int_equal(losses, 0);
		t.src = sca_source_free(t.src);
	}
	assert_true(failures > 2);
	dir_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
