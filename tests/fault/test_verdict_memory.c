/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a profile is lowered and compiled, and while two filters are
 * compared: the first allocation fails, then the second, and so on until all succeed. Each
 * failure is -ENOMEM, and no allocation is left behind.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "failing_malloc.h"
#include "proof_int.h"
#include "verdict_help.h"

#define PROFILE(names) \
	"{'defaultAction':'SCMP_ACT_ERRNO','archMap':[{'architecture':'SCMP_ARCH_X86_64'," \
	"'subArchitectures':['SCMP_ARCH_X86']}],'syscalls':[{'names':[" names "],'action':" \
	"'SCMP_ACT_ALLOW'},{'names':['clone'],'action':'SCMP_ACT_LOG','args':[{'index':0," \
	"'value':5,'op':'SCMP_CMP_MASKED_EQ','valueTwo':1}]},{'names':['bpf'],'action':" \
	"'SCMP_ACT_ALLOW','includes':{'caps':['CAP_BPF'],'minKernel':'4.8'}}]}"

static int all(struct sca_profile *const p[2], struct sca_names *names, struct sca_err *err)
{
	struct proof_ask ask = {.call = {.arch = SCA_ARCH_X86_64, .nr = 83}, .name = "mkdir"};
	struct sca_filter *f[2] = {NULL, NULL};
	struct sca_proof *pf = NULL;
	struct sca_target t;
	int r;

	sca_target_init(&t, SCA_FRONTEND_DOCKER);
	r = sca_filter_compile(&f[0], p[0], &t, names, err);
	if (r == 0)
		r = sca_filter_compile(&f[1], p[1], &t, names, err);
	if (r == 0)
		r = proof_compare(&pf, f[0], f[1], &ask, 1, names, err);
	sca_proof_free(pf);
	sca_filter_free(f[0]);
	sca_filter_free(f[1]);
	return r;
}

static void test_compile_and_compare(void **state _unused_)
{
	struct sca_profile *p[2] = {NULL, NULL};
	struct sca_names *names = NULL;
	struct sca_err none = SCA_ERR_INIT;
	long nth;

	prepare_malloc();
	assert_int_equal(sca_names_new(&names, NULL), 0);
	assert_int_equal(profile_from(&p[0], PROFILE("'read'"), NULL), 0);
	assert_int_equal(profile_from(&p[1], PROFILE("'read','mkdir'"), NULL), 0);
	assert_int_equal(all(p, names, &none), 0); /* fills the names' cache */
	for (nth = 0; nth < 1000; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;
		int r;

		countdown = nth;
		r = all(p, names, &err);
		assert_int_equal(live, before);
		if (check(nth, r, &err))
			break;
	}
	print_message("%ld allocations\n", nth);
	assert_in_range(nth, 30, 999);
	sca_profile_free(p[0]);
	sca_profile_free(p[1]);
	sca_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compile_and_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
