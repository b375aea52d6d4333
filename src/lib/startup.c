/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sets were found by experiment on x86_64 (profile-semantics.md section 5): a container with
 * `true`, each call taken away by itself, runc 1.1.5 and 1.3.6, crun 1.8.1 and 1.28, glibc 2.36
 * and musl. Without no_new_privs (the engines' default) the filter is loaded early, and the
 * runtime changes user and capabilities under it.
 */
#include "startup.h"

#define MADE    START_MADE
#define START   (START_MADE | START_RUNTIME)
#define EARLY   (START_MADE | START_EARLY)
#define OFTEN   (START_MADE | START_SOMETIMES)
#define PROGRAM (START_MADE | START_PROGRAM)
#define KILLED  (START_MADE | START_KILLED)
#define LOADER  (START_MADE | START_LOADER)

/* In order of the names. `libc` is glibc or musl, static or dynamic, from execve to exit; the
 * others are what a runtime was seen to do under the filter. */
static const struct row {
	const char *name;
	unsigned libc, runc, runc13, crun; /* runc before 1.3, and from then on */
} calls[] = {
	{"access", MADE, 0, 0, 0},
	{"arch_prctl", PROGRAM, 0, 0, 0},
	{"brk", PROGRAM | KILLED, 0, 0, 0},
	{"capget", 0, EARLY, EARLY, 0},
	{"capset", 0, EARLY, EARLY, EARLY},
	{"chdir", 0, EARLY, EARLY, 0},
	{"close", LOADER, START, START, 0},
	{"close_range", 0, 0, MADE, 0},
	{"epoll_ctl", 0, MADE, MADE, 0},
	{"epoll_pwait", 0, MADE, MADE, 0},
	{"execve", PROGRAM, START, START, START},
	{"exit", MADE, 0, 0, 0},
	{"exit_group", PROGRAM | KILLED, 0, 0, 0},
	{"faccessat2", 0, EARLY, EARLY, 0},
	{"fchown", 0, MADE, MADE, 0},
	{"fcntl", 0, MADE, MADE, 0},
	{"fcntl64", 0, MADE, MADE, 0},
	{"fstat", MADE, EARLY, START, 0},
	{"fstat64", MADE, MADE, MADE, 0},
	{"fstatfs", 0, START, START, 0},
	{"fstatfs64", 0, MADE, MADE, 0},
	{"futex", MADE, OFTEN, OFTEN, 0},
	{"getcwd", 0, EARLY, EARLY, 0},
	{"getdents64", 0, START, START, 0},
	{"getgid", 0, MADE, MADE, 0},
	{"getpid", 0, MADE, MADE, 0},
	{"getppid", 0, EARLY, EARLY, 0},
	{"getrandom", KILLED, 0, 0, 0},
	{"getuid", 0, MADE, MADE, 0},
	{"madvise", 0, MADE, MADE, 0},
	{"mmap", LOADER, OFTEN, OFTEN, 0},
	{"mmap2", MADE, MADE, MADE, 0},
	{"mprotect", PROGRAM, 0, 0, 0},
	{"munmap", MADE, MADE, MADE, 0},
	{"nanosleep", 0, MADE, MADE, 0},
	{"newfstatat", LOADER, EARLY, EARLY, 0},
	{"open", MADE, 0, 0, 0},
	{"openat", LOADER, START, START, 0},
	{"openat2", 0, 0, START, 0},
	{"prctl", 0, EARLY, EARLY, EARLY},
	{"pread64", LOADER, 0, 0, 0},
	{"prlimit64", KILLED, 0, 0, 0},
	{"read", LOADER, EARLY, EARLY, 0},
	{"readlink", MADE, 0, 0, 0},
	{"readlinkat", MADE, 0, 0, 0},
	{"rseq", KILLED, 0, 0, 0},
	{"rt_sigaction", 0, 0, 0, EARLY},
	{"rt_sigprocmask", 0, 0, 0, EARLY},
	{"rt_sigreturn", 0, OFTEN, OFTEN, 0},
	{"sched_yield", 0, MADE, MADE, 0},
	{"set_robust_list", KILLED, 0, 0, 0},
	{"set_thread_area", MADE, 0, 0, 0},
	{"set_tid_address", KILLED, 0, 0, 0},
	{"setgid", 0, EARLY, EARLY, 0},
	{"setgroups", 0, EARLY, EARLY, 0},
	{"setresgid", 0, 0, 0, EARLY},
	{"setresuid", 0, 0, 0, EARLY},
	{"setuid", 0, EARLY, EARLY, 0},
	{"sigaltstack", 0, MADE, MADE, 0},
	{"statx", 0, 0, START, 0},
	{"tgkill", 0, MADE, MADE, 0},
	{"write", 0, START, START, EARLY},
};

/* Calls of which one is enough; the other has the need in the table. */
static const struct {
	const char *call, *other;
	unsigned need;
} others[] = {
	{"brk", "mmap", START_PROGRAM},
	{"exit_group", "exit", START_PROGRAM},
	{"faccessat2", "getuid", START_EARLY},
	{"newfstatat", "fstat", START_LOADER},
};

static unsigned needs(const struct sca_target *t, const struct row *c)
{
	if (t->runtime == SCA_RUNTIME_CRUN)
		return c->libc | c->crun;
	return c->libc | (target_before(t, 1, 3, 0) ? c->runc : c->runc13);
}

unsigned startup_next(const struct sca_target *t, unsigned need, size_t *at, struct sca_str *ret)
{
	while (*at < ARRAY_SIZE(calls)) {
		const struct row *c = &calls[(*at)++];

		if (needs(t, c) & need) {
			*ret = sca_str_z(c->name);
			return needs(t, c) & need;
		}
	}
	return 0;
}

struct sca_str startup_other(struct sca_str name, unsigned need)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].need & need && str_eq(name, sca_str_z(others[i].call)))
			return sca_str_z(others[i].other);
	return (struct sca_str){NULL, 0};
}

bool startup_makes(const struct sca_target *t, struct sca_str name)
{
	struct sca_str call;

	for (size_t at = 0; startup_next(t, START_MADE, &at, &call);)
		if (str_eq(call, name))
			return true;
	return false;
}
