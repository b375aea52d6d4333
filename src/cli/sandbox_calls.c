/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's own filter, made as for a container: front end docker (whose gates leave out what
 * needs a capability that was given up), runc (whose stub answers calls of the future with
 * ENOSYS, so that a newer libc falls back).
 *
 * A call that nobody foresaw is refused with EPERM and logged, not ended: what a new libc may try
 * must not take down a node's only witness. Calls that no way of this program leads to, and that
 * are what an intruder needs (another program, another process' memory, mounts, the kernel),
 * end the process.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

#ifndef SECCOMP_FILTER_FLAG_LOG
#define SECCOMP_FILTER_FLAG_LOG (1UL << 1)
#endif

static long load(const void *program, size_t n, unsigned long flags)
{
	struct sock_fprog prog = {.len = (unsigned short)n};

	memcpy(&prog.filter, &program, sizeof(program)); /* the kernel only reads it */
	return syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static int load_best(const void *program, size_t n, const char **ret_missing, struct sca_err *err)
{
	long r = load(program, n, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG);

	if (r < 0 && errno == EINVAL) { /* before Linux 4.14 */
		*ret_missing = "the log of what its filter denies";
		r = load(program, n, SECCOMP_FILTER_FLAG_TSYNC);
	}
	if (r > 0)
		return sca_fail(err, SCA_E_REFUSED, "the own filter does not reach thread %ld; "
				"--no-sandbox runs without", r);
	if (r < 0)
		return sca_fail_errno(err, errno, "the kernel does not take the own filter; "
				      "--no-sandbox runs without");
	return 0;
}

int sandbox_calls_enter(uint64_t caps, const char **ret_missing, struct sca_err *err)
{
	const struct sca_str text = {sandbox_profile, sandbox_profile_n};
	struct sca_profile *profile = NULL;
	struct sca_filter *filter = NULL;
	struct sca_names *names = NULL;
	struct sca_target target;
	const void *program = NULL;
	size_t n = 0;
	int r;

	*ret_missing = NULL;
	if (prctl(PR_GET_SECCOMP) < 0) {
		*ret_missing = "seccomp";
		return 0;
	}
	sca_target_init(&target, SCA_FRONTEND_DOCKER);
	target.caps = caps;
	r = sca_names_new(&names, err);
	if (r == 0)
		r = sca_profile_load_mem(&profile, text, "scaudit-seccomp.json", err);
	if (r == 0)
		r = sca_filter_compile(&filter, profile, &target, names, err);
	if (r == 0) {
		program = sca_filter_program(filter, &n, err);
		r = program ? load_best(program, n, ret_missing, err) : err->code;
	}
	sca_filter_free(filter);
	sca_profile_free(profile);
	sca_names_free(names);
	return r;
}
