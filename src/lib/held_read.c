/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PTRACE_SECCOMP_GET_FILTER. A thread of its own attaches: when it ends, however it ends, the
 * kernel detaches what it traced, and the task goes on. The same holds when the whole process is
 * ended meanwhile.
 */
#include "held_int.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define GET_FILTER   0x420c /* PTRACE_SECCOMP_GET_FILTER; not in every libc's header */
#define GET_METADATA 0x420d /* PTRACE_SECCOMP_GET_METADATA */
#define WAIT_STEPS   2000   /* of a millisecond */

struct fetch {
	int pid;
	struct held_program *v;
	size_t cap, n;
	int error; /* errno; 0 */
	const char *step;
	bool too_many;
};

/* Without libc's wrapper, which takes numbers as pointers. */
static long trace(const struct fetch *f, long request, uintptr_t addr, uintptr_t data)
{
	return syscall(SYS_ptrace, request, (long)f->pid, addr, data);
}

/* PTRACE_INTERRUPT stops it, or a signal that came first does: that one goes back at the end. */
static bool wait_stopped(struct fetch *f, int *ret_signal)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int status;

	for (unsigned i = 0; i < WAIT_STEPS; i++) {
		pid_t pid = waitpid(f->pid, &status, __WALL | WNOHANG);

		if (pid < 0 || (pid == f->pid && !WIFSTOPPED(status))) {
			f->error = ESRCH;
			return false;
		}
		if (pid == f->pid) {
			*ret_signal = status >> 16 ? 0 : WSTOPSIG(status);
			return true;
		}
		nanosleep(&pause, NULL);
	}
	f->error = ETIMEDOUT;
	return false;
}

static void note_flags(const struct fetch *f, size_t i, struct held_program *p)
{
	struct {
		uint64_t filter_off, flags;
	} meta = {.filter_off = i};

	p->have_flags = trace(f, GET_METADATA, sizeof(meta), (uintptr_t)&meta) >=
			(long)sizeof(meta);
	p->log_flag = p->have_flags && meta.flags & SECCOMP_FILTER_FLAG_LOG;
}

/* One filter; false at the end, and on failure. */
static bool fetch_one(struct fetch *f, size_t i)
{
	long n = trace(f, GET_FILTER, i, 0);
	struct held_program *p = &f->v[i];

	if (n < 0) {
		f->error = errno == ENOENT && i > 0 ? 0 : errno;
		return false;
	}
	f->too_many = i == f->cap || n > BPF_MAXINSNS;
	if (f->too_many)
		return false;
	p->v = calloc((size_t)n + 1, sizeof(*p->v));
	p->n = (size_t)n;
	f->n = i + 1;
	if (!p->v || trace(f, GET_FILTER, i, (uintptr_t)p->v) != n) {
		f->error = p->v ? EIO : ENOMEM;
		return false;
	}
	note_flags(f, i, p);
	return true;
}

static void *fetch_all(void *arg)
{
	struct fetch *f = arg;
	int sig = 0;

	f->step = "attach to it";
	if (trace(f, PTRACE_SEIZE, 0, 0) < 0 || trace(f, PTRACE_INTERRUPT, 0, 0) < 0) {
		f->error = errno;
		return NULL;
	}
	f->step = "stop it";
	if (!wait_stopped(f, &sig))
		return NULL;
	f->step = "read its filters";
	for (size_t i = 0; fetch_one(f, i); i++)
		;
	trace(f, PTRACE_DETACH, 0, (uintptr_t)sig);
	return NULL;
}

/* Signals are the other threads' business. */
static int run(struct fetch *f)
{
	sigset_t all, old;
	pthread_t thread;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&thread, NULL, fetch_all, f);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r == 0)
		pthread_join(thread, NULL);
	return r;
}

static const char *hint(int e)
{
	switch (e) {
	case ESRCH:
		return "; no such process";
	case EPERM:
		return "; it wants root, nobody else tracing the process, and that it has not ended";
	case EACCES:
		return "; it wants CAP_SYS_ADMIN and a caller without a filter of its own";
	case EINVAL:
		return "; it holds no filter";
	case EIO:
		return "; the kernel lacks CONFIG_CHECKPOINT_RESTORE";
	case ETIMEDOUT:
		return "; it does not stop, perhaps it waits for a disk or a dead file server";
	default:
		return "";
	}
}

int held_fetch(int pid, struct held_program *v, size_t cap, size_t *ret_n, struct sca_err *err)
{
	struct fetch f = {.pid = pid, .v = v, .cap = cap};
	int e = pid > 0 ? run(&f) : ESRCH;

	*ret_n = f.n;
	if (e == 0)
		e = f.error;
	if (f.too_many)
		return sca_fail(err, SCA_E_LIMIT, "process %d holds more than %zu filters", pid,
				cap);
	if (e == ENOENT)
		e = EINVAL;
	if (e)
		return sca_fail(err, -e, "process %d: can not %s%s", pid,
				f.step ? f.step : "look at it", hint(e));
	return 0;
}
