/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a profile is checked: each failure is -ENOMEM, and no allocation is
 * left behind. The profile has something for every family of checks.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include <scaudit/check.h>

#include "failing_malloc.h"
#include "verdict_help.h"

static const char profile[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],'defaultAktion':1,"
	"'syscalls':[{'names':['exit_group','read','read','mkdri','initgroups','breakpoint',"
	"'rseq_slice_yield','socketcall','io_uring_setup','io_uring_enter','bpf','mount'],"
	"'action':'SCMP_ACT_ALLOW','errnoRet':1},{'names':['socket','clone'],'action':"
	"'SCMP_ACT_ALLOW','args':[{'index':0,'value':40,'op':'SCMP_CMP_NE'}]},{'names':['read'],"
	"'action':'SCMP_ACT_KILL','includes':{'caps':['SYS_ADMIN','CAP_CHOWN'],'arches':"
	"['x86_64']},'excludes':{'caps':['CAP_CHOWN']}},{'names':['read'],'action':"
	"'SCMP_ACT_ERRNO','errnoRet':0}]}";

static int all(const struct sca_profile *p, struct sca_names *names, struct sca_err *err)
{
	const struct sca_check_options opt = {.all_loaders = true};
	struct sca_checked *c = NULL;
	struct sca_target t;
	int r;

	sca_target_init(&t, SCA_FRONTEND_DOCKER);
	r = sca_checked_new(&c, p, &t, &opt, names, err);
	if (r == 0 && (sca_checked_count(c) < 20 || sca_checked_change_count(c) != 2))
		r = sca_fail(err, SCA_E_UNKNOWN, "%zu problems, %zu changes",
			     sca_checked_count(c), sca_checked_change_count(c));
	sca_checked_free(c);
	return r;
}

static void test_memory(void **state _unused_)
{
	struct sca_profile *p = NULL;
	struct sca_names *names = NULL;
	struct sca_err none = SCA_ERR_INIT;
	long nth, total = 0;

	prepare_malloc();
	assert_int_equal(sca_names_new(&names, NULL), 0);
	assert_int_equal(profile_from(&p, profile, NULL), 0);
	assert_int_equal(all(p, names, &none), 0); /* fills the names' cache */
	for (nth = 0; nth < 100000; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;
		int r;

		countdown = nth;
		r = all(p, names, &err);
		assert_int_equal(live, before);
		total = nth;
		if (check(nth, r, &err))
			break;
	}
	print_message("%ld allocations\n", total);
	assert_in_range(total, 300, 99999);
	sca_profile_free(p);
	sca_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
