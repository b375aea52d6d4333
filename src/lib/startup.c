/* SPDX-License-Identifier: Apache-2.0 */
#include "startup.h"

/* Who makes the call. Of a runtime that is what it was seen to do under the filter, with and
 * without no_new_privs, also the calls that Go's runtime makes now and then. */
enum maker {
	BY_LIBC = 1 << 0,   /* glibc or musl, static or dynamic, from execve to exit */
	BY_RUNC = 1 << 1,
	BY_RUNC13 = 1 << 2, /* runc from 1.3 on */
	BY_CRUN = 1 << 3,
};

/* profile-semantics.md section 5, in order of the names. */
static const struct {
	const char *name;
	unsigned by;
} calls[] = {
	{"access", BY_LIBC},
	{"arch_prctl", BY_LIBC},
	{"brk", BY_LIBC},
	{"capget", BY_RUNC},
	{"capset", BY_RUNC | BY_CRUN},
	{"chdir", BY_RUNC},
	{"close", BY_LIBC | BY_RUNC},
	{"close_range", BY_RUNC13},
	{"epoll_ctl", BY_RUNC},
	{"epoll_pwait", BY_RUNC},
	{"execve", BY_LIBC | BY_RUNC | BY_CRUN},
	{"exit", BY_LIBC},
	{"exit_group", BY_LIBC},
	{"faccessat2", BY_RUNC},
	{"fchown", BY_RUNC},
	{"fcntl", BY_RUNC},
	{"fcntl64", BY_RUNC},
	{"fstat", BY_LIBC | BY_RUNC},
	{"fstat64", BY_LIBC | BY_RUNC},
	{"fstatfs", BY_RUNC},
	{"fstatfs64", BY_RUNC},
	{"futex", BY_LIBC | BY_RUNC},
	{"getcwd", BY_RUNC},
	{"getdents64", BY_RUNC},
	{"getgid", BY_RUNC},
	{"getpid", BY_RUNC},
	{"getppid", BY_RUNC},
	{"getrandom", BY_LIBC},
	{"getuid", BY_RUNC},
	{"madvise", BY_RUNC},
	{"mmap", BY_LIBC | BY_RUNC},
	{"mmap2", BY_LIBC | BY_RUNC},
	{"mprotect", BY_LIBC},
	{"munmap", BY_LIBC | BY_RUNC},
	{"nanosleep", BY_RUNC},
	{"newfstatat", BY_LIBC | BY_RUNC},
	{"open", BY_LIBC},
	{"openat", BY_LIBC | BY_RUNC},
	{"openat2", BY_RUNC13},
	{"prctl", BY_RUNC | BY_CRUN},
	{"pread64", BY_LIBC},
	{"prlimit64", BY_LIBC},
	{"read", BY_LIBC | BY_RUNC},
	{"readlink", BY_LIBC},
	{"readlinkat", BY_LIBC},
	{"rseq", BY_LIBC},
	{"rt_sigaction", BY_CRUN},
	{"rt_sigprocmask", BY_CRUN},
	{"rt_sigreturn", BY_RUNC},
	{"sched_yield", BY_RUNC},
	{"set_robust_list", BY_LIBC},
	{"set_thread_area", BY_LIBC},
	{"set_tid_address", BY_LIBC},
	{"setgid", BY_RUNC},
	{"setgroups", BY_RUNC},
	{"setresgid", BY_CRUN},
	{"setresuid", BY_CRUN},
	{"setuid", BY_RUNC},
	{"sigaltstack", BY_RUNC},
	{"statx", BY_RUNC13},
	{"tgkill", BY_RUNC},
	{"write", BY_RUNC | BY_CRUN},
};

static unsigned makers(const struct sca_target *t)
{
	if (t->runtime == SCA_RUNTIME_CRUN)
		return BY_LIBC | BY_CRUN;
	return BY_LIBC | BY_RUNC | (target_before(t, 1, 3, 0) ? 0 : BY_RUNC13);
}

bool startup_next(const struct sca_target *t, size_t *at, struct sca_str *ret)
{
	unsigned by = makers(t);

	while (*at < ARRAY_SIZE(calls)) {
		size_t i = (*at)++;

		if (calls[i].by & by) {
			*ret = sca_str_z(calls[i].name);
			return true;
		}
	}
	return false;
}

bool startup_needs(const struct sca_target *t, struct sca_str name)
{
	struct sca_str call;

	for (size_t at = 0; startup_next(t, &at, &call);)
		if (str_eq(call, name))
			return true;
	return false;
}
