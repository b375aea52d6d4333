/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real denials: children under a filter that logs. Needs no privileges. Each child has a name
 * of its own, by which its records are found among those of others.
 */
#ifndef TESTS_DENIALS_H
#define TESTS_DENIALS_H

#include "base.h"

#include <libaudit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct denial {
	long nr;
	bool x86; /* by int $0x80 */
};

static inline void denial_call(const struct denial *d)
{
#ifdef __x86_64__
	if (d->x86) {
		long r = d->nr;

		__asm__ volatile("int $0x80" : "+a"(r) : "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
				 : "memory", "r8", "r9", "r10", "r11");
		return;
	}
#endif
	syscall(d->nr, 0, 0, 0, 0, 0, 0);
}

/* Ends the calling process: 0 when all calls were made, 3 when the filter cannot be loaded. */
static inline void __attribute__((noreturn))
denials_make(const char *name, uint32_t action, const struct denial *v, size_t n,
	     unsigned long times)
{
	struct sock_filter f[20];
	struct sock_fprog prog = {.filter = f};
	size_t at = 0;

	f[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n && at + 3 < ARRAY_SIZE(f); i++) {
		f[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						       (uint32_t)v[i].nr, 0, 1);
		f[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
	}
	f[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	prog.len = (unsigned short)at;
	prctl(PR_SET_NAME, name, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &prog) < 0)
		_exit(3);
	for (unsigned long k = 0; k < times; k++)
		for (size_t i = 0; i < n; i++)
			denial_call(&v[i]);
	_exit(0);
}

static inline pid_t denials_start(const char *name, uint32_t action, const struct denial *v,
				  size_t n, unsigned long times)
{
	pid_t pid = fork();

	if (pid == 0)
		denials_make(name, action, v, n, times);
	return pid;
}

/*
 * While the kernel's queue is full its callers sleep, for up to a minute (backlog_wait_time), and
 * one may be left asleep when the queue is empty again. The next record wakes it: here is one.
 */
static inline void denials_nudge(void)
{
	const struct denial d = {SYS_getppid, false};
	pid_t pid = denials_start("nudge", SECCOMP_RET_LOG, &d, 1, 1);

	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* As waitpid(); false when the filter could not be loaded. */
static inline bool denials_reap(pid_t pid)
{
	int status, r;

	for (int i = 1; (r = waitpid(pid, &status, WNOHANG)) == 0; i++) {
		poll(NULL, 0, 10);
		if (i % 50 == 0)
			denials_nudge();
	}
	return r != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 3;
}

/* What the kernel says of its audit: false when it does not tell. */
static inline bool audit_state(struct audit_status *ret)
{
	_cleanup_close_ int fd = audit_open();
	struct audit_reply rep;

	if (fd < 0 || audit_request_status(fd) <= 0)
		return false;
	for (int i = 0; i < 20; i++) {
		if (audit_get_reply(fd, &rep, GET_REPLY_NONBLOCKING, 0) > 0 &&
		    rep.type == AUDIT_GET) {
			*ret = *rep.status;
			return true;
		}
		poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 100);
	}
	return false;
}

#endif
