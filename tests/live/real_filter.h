/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the kernel itself what a filter says, and getting at the filters of live containers.
 * To be included behind cmocka.h.
 */
#ifndef TESTS_LIVE_REAL_FILTER_H
#define TESTS_LIVE_REAL_FILTER_H

#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "filter_int.h"
#include "verdict_help.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

/* -- system calls of every ABI of this machine -- */

#if defined(__x86_64__)
#define HAVE_ABIS 1
long abi_x86_64(uint64_t nr, const uint64_t args[6]);
long abi_x86(uint64_t nr, const uint64_t args[6]);
__asm__(".text\n"
	"abi_x86_64:\n"
	"	push %rbx\n	mov %rdi, %rax\n	mov %rsi, %rbx\n"
	"	mov 0(%rbx), %rdi\n	mov 8(%rbx), %rsi\n	mov 16(%rbx), %rdx\n"
	"	mov 24(%rbx), %r10\n	mov 32(%rbx), %r8\n	mov 40(%rbx), %r9\n"
	"	syscall\n	pop %rbx\n	ret\n"
	"abi_x86:\n"
	"	push %rbx\n	push %rbp\n	mov %rdi, %rax\n	mov %rsi, %r8\n"
	"	mov 0(%r8), %rbx\n	mov 8(%r8), %rcx\n	mov 16(%r8), %rdx\n"
	"	mov 24(%r8), %rsi\n	mov 32(%r8), %rdi\n	mov 40(%r8), %rbp\n"
	"	int $0x80\n	cltq\n	pop %rbp\n	pop %rbx\n	ret\n");

static inline long make_call(const struct sca_call *c)
{
	uint32_t token;
	int32_t nr;

	sca_arch_to_record(c->arch, c->nr, &token, &nr);
	if (token == SCA_ARCH_X86)
		return abi_x86((uint32_t)nr, c->args);
	return abi_x86_64((uint64_t)(uint32_t)nr, c->args);
}
#else
#define HAVE_ABIS 0
static inline long make_call(const struct sca_call *c _unused_)
{
	return 0;
}
#endif

static inline bool load(const struct sock_filter *prog, size_t n)
{
	struct sock_fprog fprog = {(unsigned short)n, (struct sock_filter *)(uintptr_t)prog};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) == 0;
}

/* Shared with a child that can not even exit: it ends by an illegal instruction. */
struct report {
	bool loaded;
	size_t done;
	long result[];
};

static inline struct report *report_new(size_t calls)
{
	void *p = mmap(NULL, sizeof(struct report) + calls * sizeof(long),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static inline int run_child(struct report *rep, const struct sock_filter *prog, size_t n,
		     const struct sca_call *calls, size_t n_calls)
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		static const int deadly[] = {SIGILL, SIGSYS, SIGSEGV, SIGBUS, SIGFPE};

		/* cmocka would make a failed test of them, and go on */
		for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
			signal(deadly[i], SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		alarm(20);
		rep->loaded = n == 0 || load(prog, n);
		for (size_t i = 0; i < n_calls && rep->loaded; i++) {
			rep->result[i] = make_call(&calls[i]);
			rep->done++;
		}
		__builtin_trap();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* -- every return replaced by an errno that tells it, so that no call is carried out -- */

#define TAG 2000

static inline void tag_returns(struct sock_filter *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum sca_action a;

		if (v[i].code != (BPF_RET | BPF_K))
			continue;
		a = sca_action_from_code(v[i].k, 0);
		if (a != SCA_ACT_ERRNO)
			v[i].k = SECCOMP_RET_ERRNO | (TAG + (uint32_t)a);
	}
}

static inline long tagged(const struct sca_verdict *v)
{
	return v->action == SCA_ACT_ERRNO ? -(long)v->data : -(long)(TAG + v->action);
}

/* Linux 6.14 and newer carry out uretprobe (335) and uprobe (336) without asking any filter,
 * and both end a process that has no such probe. */
static inline bool beyond_seccomp(uint32_t arch, int32_t nr)
{
	return arch == SCA_ARCH_X86_64 && (nr == 335 || nr == 336);
}

/* -- live containers -- */

static inline bool have(const char *tool)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", tool);
	return system(command) == 0;
}

static inline bool output_of(const char *command, char *out, size_t cap)
{
	FILE *p = popen(command, "re");
	size_t n;

	if (!p)
		return false;
	n = fread(out, 1, cap - 1, p);
	out[n] = '\0';
	while (n && out[n - 1] == '\n')
		out[--n] = '\0';
	return pclose(p) == 0 && n > 0;
}

static inline void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* A container that sleeps. The filter goes in last, so that the profile need not allow what
 * the runtime does before. */
static inline void write_bundle(const char *dir, const char *seccomp)
{
	static const char head[] =
		"{\"ociVersion\":\"1.0.2\",\"hostname\":\"c\",\"root\":{\"path\":\"root\"},"
		"\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"env\":[\"PATH=/"
		"bin\"],\"cwd\":\"/\","
		"\"args\":[\"/bin/sleep\",\"60\"],\"noNewPrivileges\":true},"
		"\"mounts\":[{\"destination\":\"/"
		"proc\",\"type\":\"proc\",\"source\":\"proc\"}],"
		"\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},"
		"{\"type\":\"uts\"},{\"type\":\"ipc\"}],\"seccomp\":";
	_cleanup_buf_ struct buf b = BUF_INIT;
	char path[256];

	buf_add_z(&b, head);
	buf_add_z(&b, seccomp);
	buf_add_z(&b, "}}");
	snprintf(path, sizeof(path), "%s/config.json", dir);
	write_file(path, b.p);
}

/* crun wants pure cgroup2; it gets that in a mount namespace of its own. */
static const char crun_in_cgroup2[] =
	"unshare -m --propagation private sh -c 'umount -R /sys/fs/cgroup 2>/dev/null; "
	"mount -t cgroup2 none /sys/fs/cgroup; exec crun \"$@\"' crun";

static inline int runtime(const char *name, const char *dir, const char *what)
{
	char command[1024];

	snprintf(command, sizeof(command), "%s --root %s/state %s </dev/null >%s/out 2>&1",
		 strcmp(name, "crun") == 0 ? crun_in_cgroup2 : name, dir, what, dir);
	return system(command);
}

static inline size_t read_filter(pid_t pid, struct sock_filter *prog, size_t cap)
{
	long n = -1;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) {
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
		waitpid(pid, &status, __WALL);
		n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, NULL, NULL);
		if (n > 0 && (size_t)n <= cap)
			n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, NULL, prog);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	return n > 0 ? (size_t)n : 0;
}

/* Runs a container under the profile and reads its filter back. 0 when it does not start. It
 * goes on until live_stop(). */
static inline size_t live_start(const char *name, const char *dir, const char *seccomp,
			 struct sock_filter *prog, size_t cap, pid_t *ret_pid)
{
	char what[256], text[32];
	size_t n = 0;
	int r;

	write_bundle(dir, seccomp);
	snprintf(what, sizeof(what), "run -d --bundle %s --pid-file %s/pid sca-verdict", dir,
		 dir);
	r = runtime(name, dir, what);
	snprintf(what, sizeof(what), "cat %s/pid", dir);
	if (r == 0 && output_of(what, text, sizeof(text))) {
		uint64_t pid = 0;

		assert_int_equal(str_u64(sca_str_z(text), &pid), 0);
		*ret_pid = (pid_t)pid;
		/* crun answers before its child has loaded the filter */
		for (unsigned i = 0; i < 100 && n == 0; i++) {
			n = read_filter((pid_t)pid, prog, cap);
			if (n == 0)
				usleep(20000);
		}
		if (n == 0)
			print_message("reading the filter of process %s: %s\n", text,
				      strerror(errno));
	}
	return n;
}

static inline void live_stop(const char *name, const char *dir)
{
	runtime(name, dir, "delete -f sca-verdict");
}

/* The version that a runtime says of itself; false when it is not here. */
static inline bool live_version(const char *name, char *out, size_t cap)
{
	char command[256];

	snprintf(command, sizeof(command), "%s --version | sed -n 's/^%s version //p'", name,
		 name);
	return have(name) && output_of(command, out, cap);
}

/*
 * The directory that live_start() wants; it is removed by the caller. Where the compiler can,
 * its /bin/sleep is a loop of half a minute and more without a single system call, so that it lives
 * under any profile that lets it start.
 */
static inline void live_dir(const char *dir)
{
	static const char loop[] = ".globl _start\\n_start: mov $0x40000000, %rax\\n"
				   "1: pause\\ndec %rax\\njnz 1b\\nud2\\n";
	char command[512];

	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p root/bin root/proc root/dev state && "
		 "{ printf '%%b' '%s' | ${CC:-cc} -nostdlib -static -x assembler - -o root/bin/sleep "
		 "2>/dev/null || cp \"$(command -v busybox)\" root/bin/sleep; }", dir, loop);
	assert_int_equal(system(command), 0);
}

#endif
