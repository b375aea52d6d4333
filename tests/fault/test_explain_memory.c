/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while calls are explained and filters are stacked: the first allocation
 * fails, then the second, and so on until all succeed. Each failure is -ENOMEM, and no
 * allocation is left behind.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include <scaudit/scaudit.h>

#include "failing_malloc.h"
#include "verdict_help.h"

static const char text[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read','clone3'],'action':"
	"'SCMP_ACT_ALLOW'},{'names':['read'],'action':'SCMP_ACT_KILL'},{'names':['bpf','mount'],"
	"'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_SYS_ADMIN']}}]}";

static int explain_all(const struct sca_profile *p, struct sca_names *names, struct sca_err *err)
{
	static const char *const calls[] = {"read", "bpf", "io_uring_setup", "600", "x86:read"};
	const struct sca_explanation *x;
	struct sca_explainer *ex = NULL;
	struct sca_target t;
	int r;

	target_from(&t, "docker runc:1.3.0");
	r = sca_explainer_new(&ex, p, &t, names, err);
	for (size_t i = 0; i < ARRAY_SIZE(calls) && r == 0; i++) {
		struct sca_call c;

		r = sca_call_parse(sca_str_z(calls[i]), t.arch, names, &c, err);
		if (r == 0)
			r = sca_explain_call(ex, &c, &x, err);
	}
	sca_explainer_free(ex);
	return r;
}

static int stack_two(struct sca_filter *f, struct sca_names *names, struct sca_err *err)
{
	struct sca_held *h = NULL;
	struct sca_proof *pf = NULL;
	const void *programs[2];
	size_t n[2];
	int r;

	programs[0] = programs[1] = sca_filter_program(f, &n[0], NULL);
	n[1] = n[0];
	r = sca_held_new(&h, programs, n, 2, err);
	if (r == 0)
		r = sca_held_compare(&pf, f, sca_held_filter(h), names, err);
	if (r == 0)
		assert_int_equal(sca_proof_count(pf), 0);
	sca_proof_free(pf);
	sca_held_free(h);
	return r;
}

static void test_explain(void **state _unused_)
{
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct sca_names *names = NULL;
	struct sca_err none = SCA_ERR_INIT;
	struct sca_target t;
	long nth[2] = {0, 0};

	prepare_malloc();
	target_from(&t, "docker runc:1.3.0");
	assert_int_equal(sca_names_new(&names, NULL), 0);
	assert_int_equal(profile_from(&p, text, NULL), 0);
	assert_int_equal(sca_filter_compile(&f, p, &t, names, NULL), 0);
	assert_int_equal(explain_all(p, names, &none), 0); /* fills the names' cache */
	assert_int_equal(stack_two(f, names, &none), 0);
	for (int what = 0; what < 2; what++) {
		for (;; nth[what]++) {
			struct sca_err err = SCA_ERR_INIT;
			long before = live;
			int r;

			countdown = nth[what];
			r = what ? stack_two(f, names, &err) : explain_all(p, names, &err);
			assert_int_equal(live, before);
			if (check(nth[what], r, &err))
				break;
		}
	}
	print_message("%ld and %ld allocations\n", nth[0], nth[1]);
	assert_in_range(nth[0], 100, 9999);
	assert_in_range(nth[1], 5, 999);
	sca_filter_free(f);
	sca_profile_free(p);
	sca_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
