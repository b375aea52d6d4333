/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patch before the running kernel: the old filter refuses a call, the filter compiled from
 * the patched text lets it through to the kernel's own answer, and its neighbours stay refused.
 * Needs no privileges: a child sets no_new_privs and loads the program itself.
 */
#include "text.h"

#include <scaudit/scaudit.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

#ifdef __x86_64__
#define PROFILE "samples/web.json"
#define ERRNO_EPERM 1

/* Calls that the sample profile lacks, harmless with all arguments -1, and told apart from a
 * refusal by the kernel's own answer. */
static const int32_t calls[] = {
	SYS_fsync, SYS_flock, SYS_fchdir, SYS_getpgid, SYS_getsid, SYS_umask, SYS_times,
	SYS_mincore, SYS_msync, SYS_fadvise64, SYS_inotify_rm_watch, SYS_eventfd2,
	SYS_timerfd_create, SYS_sched_getscheduler, SYS_getpriority, SYS_fallocate, SYS_syncfs,
	SYS_mkdir, SYS_sync_file_range, SYS_get_mempolicy,
};

struct outcome {
	bool done;
	long result[3]; /* negative errno, or 0: the call, and its neighbours in `calls` */
};

static long attempt(int32_t nr)
{
	long r = syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);

	return r < 0 ? -errno : 0;
}

/* Makes the i-th call and two others in a child under `f` (NULL: under no filter). */
static struct outcome run(struct sca_filter *f, size_t i)
{
	struct outcome *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sock_fprog prog = {0};
	struct outcome ret;
	size_t n = 0;
	pid_t pid;

	assert_true(shared != MAP_FAILED);
	if (f) {
		const void *program = sca_filter_program(f, &n, NULL);

		assert_non_null(program);
		memcpy(&prog.filter, &program, sizeof(program));
		prog.len = (unsigned short)n;
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (f && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
			  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog)))
			syscall(SYS_exit_group, 1);
		for (size_t k = 0; k < 3; k++)
			shared->result[k] = attempt(calls[(i + k) % ARRAY_SIZE(calls)]);
		shared->done = true;
		syscall(SYS_exit_group, 0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	ret = *shared;
	munmap(shared, sizeof(*shared));
	if (!ret.done)
		fail_msg("the child under the filter did not come to its end");
	return ret;
}

static struct sca_denials *denial_of(int32_t nr)
{
	struct sca_record rec = {
		.have = SCA_F_ARCH | SCA_F_NR | SCA_F_CODE,
		.trust = SCA_TRUST_KERNEL,
		.arch = SCA_ARCH_X86_64,
		.nr = nr,
		.action = SCA_ACT_ERRNO,
		.code = 0x50000,
		.denied = true,
		.count = 1,
	};
	struct sca_denials *ds = NULL;

	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	assert_int_equal(sca_denials_add(ds, &rec, NULL), 0);
	return ds;
}

static void one_call(const struct sca_profile *p, const struct sca_target *t,
		     struct sca_names *names, size_t i)
{
	const char *name = sca_syscall_name(names, SCA_ARCH_X86_64, calls[i]);
	const struct sca_plan_options opt = {0};
	struct sca_denials *ds = denial_of(calls[i]);
	struct sca_filter *before = NULL, *after = NULL;
	struct sca_profile *patched = NULL;
	struct sca_plan *plan = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct outcome bare, old, new;

	if (sca_plan_new(&plan, p, t, ds, &opt, names, &err) ||
	    sca_patch_apply(sca_plan_patch(plan), p, &patched, &err) ||
	    sca_filter_compile(&before, p, t, names, &err) ||
	    sca_filter_compile(&after, patched, t, names, &err))
		fail_msg("%s: %s", name, err.text);
	assert_int_equal(sca_plan_at(plan, 0)->outcome, SCA_OUT_PATCH);
	bare = run(NULL, i);
	old = run(before, i);
	new = run(after, i);
	if (bare.result[0] == -ERRNO_EPERM)
		fail_msg("%s says EPERM without a filter: choose another call", name);
	if (old.result[0] != -ERRNO_EPERM || new.result[0] != bare.result[0])
		fail_msg("%s: %ld bare, %ld before, %ld after", name, bare.result[0], old.result[0],
			 new.result[0]);
	for (size_t k = 1; k < 3; k++)
		if (new.result[k] != -ERRNO_EPERM)
			fail_msg("%s opened a neighbour, too", name);
	sca_filter_free(after);
	sca_filter_free(before);
	sca_profile_free(patched);
	sca_plan_free(plan);
	sca_denials_free(ds);
}

static void test_patched_filter(void **state)
{
	enum sca_runtime runtime = *(enum sca_runtime *)*state;
	struct sca_profile *p = NULL;
	struct sca_names *names = NULL;
	struct sca_target t;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0) {
		print_message("this process is under a filter already\n");
		skip();
	}
	sca_target_init(&t, SCA_FRONTEND_DOCKER);
	t.runtime = runtime;
	assert_int_equal(sca_names_new(&names, NULL), 0);
	assert_int_equal(sca_profile_load_file(&p, PROFILE, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		one_call(p, &t, names, i);
	sca_profile_free(p);
	sca_names_free(names);
}
#else
static void test_patched_filter(void **state _unused_)
{
	print_message("the calls of this test are those of x86_64\n");
	skip();
}
#endif

int main(void)
{
	static enum sca_runtime runtimes[] = {SCA_RUNTIME_RUNC, SCA_RUNTIME_CRUN};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_patched_filter, &runtimes[0]),
		cmocka_unit_test_prestate(test_patched_filter, &runtimes[1]),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
