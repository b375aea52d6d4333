/* SPDX-License-Identifier: Apache-2.0 */
/* Children that end, and children that do not. */
#include "probe.h"

#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>

static void end(void *arg)
{
	*(int *)arg = 5;
}

static void loop(void *arg _unused_)
{
	for (volatile unsigned i = 0;; i++)
		;
}

static void fault(void *arg _unused_)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void quit(void *arg _unused_)
{
	_exit(0);
}

static void test_ends(void **state _unused_)
{
	static const struct {
		const char *what;
		void (*f)(void *);
		int r;
	} rows[] = {
		{"ends", end, 0},
		{"loops", loop, SCA_E_LIMIT},
		{"aborts", fault, SCA_E_LIMIT},
		{"leaves early", quit, SCA_E_LIMIT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int touched = 0;
		int r = probe_run(rows[i].f, &touched, 1);

		if (r != rows[i].r || touched)
			fail_msg("%s: %d", rows[i].what, r);
	}
}

/* Nobody's SIGCHLD setting gets in the way. */
static void test_ignored_children(void **state _unused_)
{
	int touched = 0;
	void (*old)(int) = signal(SIGCHLD, SIG_IGN);

	assert_int_equal(probe_run(end, &touched, 1), 0);
	signal(SIGCHLD, old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_ignored_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
