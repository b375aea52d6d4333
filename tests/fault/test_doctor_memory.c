/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a host's files are examined and a profile is mapped: each failure is
 * -ENOMEM, and no allocation is left behind.
 */
#include "doctor_int.h"

#include <setjmp.h>
#include <cmocka.h>

#include "failing_malloc.h"

#define ROOT "tests/cases/doctor/host/root"
#define TEXT                                                                           \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],"   \
	"\"action\":\"SCMP_ACT_ALLOW\"}]}"

static int examine(const struct sca_doctor_options *o, struct sca_names *names,
		   struct sca_err *err)
{
	struct sca_doctor *d = NULL;
	int r = sca_doctor_new(&d, o, names, err);

	if (r == 0)
		assert_true(sca_doctor_count(d) > 8);
	sca_doctor_free(d);
	return r;
}

static void test_examination(void **state _unused_)
{
	const struct sca_doctor_runtime runtime = {ROOT "/usr/bin/runc", "runc:1.1.5"};
	struct sca_doctor_options o = {.root = ROOT, .runtimes = &runtime, .n_runtimes = 1};
	struct sca_names *names = NULL;
	struct sca_profile *p = NULL;
	struct sca_target t;
	long nth;

	prepare_malloc();
	assert_int_equal(sca_names_new(&names, NULL), 0);
	assert_int_equal(sca_profile_load_mem(&p, sca_str_z(TEXT), "p.json", NULL), 0);
	sca_target_init(&t, SCA_FRONTEND_OCI);
	o.profile = p;
	o.target = &t;
	assert_int_equal(examine(&o, names, NULL), 0); /* fills the names' cache */
	for (nth = 0; nth < 5000; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;
		int r;

		countdown = nth;
		r = examine(&o, names, &err);
		assert_int_equal(live, before);
		if (check(nth, r, &err))
			break;
	}
	print_message("%ld allocations\n", nth);
	assert_in_range(nth, 50, 4999);
	sca_profile_free(p);
	sca_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_examination)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
