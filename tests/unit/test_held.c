/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks of filters as one program, and filters read back from a child that holds them. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <scaudit/explain.h>

#include "filter_int.h"
#include "held_int.h"
#include "verdict_help.h"
#include "with_names.h"

static const char allow_list[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"
	"'syscalls':[{'names':['read','write','exit_group','pause','kill','rt_sigreturn'],"
	"'action':'SCMP_ACT_ALLOW'},{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':"
	"[{'index':0,'value':1,'op':'SCMP_CMP_EQ'}]}]}";
static const char deny_list[] =
	"{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_KILL'},"
	"{'names':['socket'],'action':'SCMP_ACT_ERRNO','errnoRet':13,'args':"
	"[{'index':1,'value':3,'op':'SCMP_CMP_EQ'}]},"
	"{'names':['write'],'action':'SCMP_ACT_LOG'},"
	"{'names':['chmod'],'action':'SCMP_ACT_ERRNO','errnoRet':2}]}";

static const struct sca_filter *stack_of(struct sca_held **ret, struct sca_filter *v[], size_t n)
{
	const void *programs[8];
	struct sca_err err = SCA_ERR_INIT;
	size_t sizes[8];

	for (size_t i = 0; i < n; i++)
		programs[i] = sca_filter_program(v[i], &sizes[i], NULL);
	if (sca_held_new(ret, programs, sizes, n, &err) < 0)
		fail_msg("%s", err.text);
	return sca_held_filter(*ret);
}

/* By hand, what the kernel does with the answers of a stack, newest first. */
static struct sca_verdict strictest_of(struct sca_filter *v[], size_t n, const struct sca_call *c)
{
	struct sca_verdict ret = {.action = SCA_ACT_ALLOW}, one;

	for (size_t i = 0; i < n; i++) {
		sca_filter_eval(v[i], c, &one);
		if (one.action < ret.action)
			ret = one;
	}
	return ret;
}

static void test_stack(void **state _unused_)
{
	struct sca_filter *a = compile(allow_list, "oci crun", names);
	struct sca_filter *b = compile(deny_list, "oci crun", names);
	struct sca_filter *orders[][3] = {{a, b, NULL}, {b, a, NULL}, {b, a, b}, {a, NULL, NULL}};
	uint64_t seed = 7;
	size_t seen[SCA_ACT_COUNT] = {0};

	for (size_t o = 0; o < ARRAY_SIZE(orders); o++) {
		size_t n = orders[o][2] ? 3 : orders[o][1] ? 2 : 1;
		struct sca_held *h = NULL;
		const struct sca_filter *whole = stack_of(&h, orders[o], n);

		assert_int_equal(sca_held_count(h), n);
		for (unsigned i = 0; i < 20000; i++) {
			struct sca_call c = {.arch = i & 1 ? SCA_ARCH_X86_64 : SCA_ARCH_X86,
					     .nr = (int32_t)(next_random(&seed) % 400),
					     .args_known = 63};
			struct sca_verdict want, got;

			if (i % 3 == 0)
				c.nr = i & 1 ? 41 : 359;
			for (unsigned k = 0; k < 6; k++)
				c.args[k] = next_random(&seed) % 4;
			want = strictest_of(orders[o], n, &c);
			sca_filter_eval(whole, &c, &got);
			seen[got.action]++;
			if (got.action != want.action || got.data != want.data ||
			    got.by != SCA_BY_FILTER)
				fail_msg("order %zu, call %d (%d, %d): %s(%u), not %s(%u)", o, c.nr,
					 (int)c.args[0], (int)c.args[1],
					 sca_action_name(got.action), got.data,
					 sca_action_name(want.action), want.data);
		}
		sca_held_free(h);
	}
	assert_true(seen[SCA_ACT_KILL_THREAD] && seen[SCA_ACT_ERRNO] && seen[SCA_ACT_LOG] &&
		    seen[SCA_ACT_ALLOW]);
	sca_filter_free(a);
	sca_filter_free(b);
}

static size_t differences(const struct sca_filter *profile, const struct sca_filter *held)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_proof *pf = NULL;
	size_t n;

	if (sca_held_compare(&pf, profile, held, names, &err) < 0)
		fail_msg("%s", err.text);
	n = sca_proof_count(pf);
	sca_proof_free(pf);
	return n;
}

static void test_compare(void **state _unused_)
{
	struct sca_filter *a = compile(allow_list, "oci crun", names);
	struct sca_filter *b = compile(deny_list, "oci crun", names);
	struct sca_filter *one[] = {a}, *both[] = {b, a};
	struct sca_held *h = NULL, *hh = NULL;
	struct sca_proof *pf = NULL;
	bool log = false, socket_args = false;

	assert_int_equal(differences(a, stack_of(&h, one, 1)), 0);
	assert_true(differences(b, sca_held_filter(h)) > 100);
	/* mkdir, write, socket on x86_64; x32 and x86 are killed by both or by a */
	assert_int_equal(sca_held_compare(&pf, a, stack_of(&hh, both, 2), names, NULL), 0);
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *c = sca_proof_at(pf, i);

		log |= c->syscall && strcmp(c->syscall, "write") == 0 &&
		       c->after.action == SCA_ACT_LOG && !c->by_args;
		socket_args |= c->syscall && strcmp(c->syscall, "socket") == 0 && c->by_args &&
			       c->after.data == 13;
	}
	assert_true(log && socket_args);
	sca_proof_free(pf);
	sca_held_free(h);
	sca_held_free(hh);
	sca_filter_free(a);
	sca_filter_free(b);
}

static void test_refused(void **state _unused_)
{
	static const struct sock_filter odd[] = {
		{BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 0x7fff0000},
	};
	const void *programs[] = {odd};
	const size_t n[] = {2};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_held *h = NULL;

	assert_int_equal(sca_held_new(&h, programs, n, 1, &err), SCA_E_UNSUPPORTED);
	assert_non_null(strstr(err.text, "instruction"));
	assert_int_equal(sca_held_new(&h, programs, n, 0, NULL), SCA_E_LIMIT);
	assert_int_equal(sca_held_read(&h, 0, &err), -ESRCH);
	assert_null(h);
}

/* Tests that go both ways to the same place: 2^n paths, of every call. No call alone is too much. */
static void test_made_to_be_long(void **state _unused_)
{
	struct sock_filter v[2][20];
	const void *programs[2] = {v[0], v[1]};
	const size_t n[] = {ARRAY_SIZE(v[0]), ARRAY_SIZE(v[1])};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_held *h = NULL;
	struct sca_proof *pf = NULL;

	for (size_t i = 0; i < 2; i++) {
		v[i][0] = (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, 16};
		for (size_t k = 1; k + 1 < n[i]; k++)
			v[i][k] = (struct sock_filter){BPF_JMP | BPF_JSET | BPF_K, 0, 0, 1u << k};
		v[i][n[i] - 1] = (struct sock_filter){
			BPF_RET | BPF_K, 0, 0, i ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | 7};
	}
	assert_int_equal(sca_held_new(&h, programs, n, 2, NULL), 0);
	assert_int_equal(sca_held_compare(&pf, sca_held_at(h, 0), sca_held_at(h, 1), names, &err),
			 SCA_E_LIMIT);
	assert_null(pf);
	sca_held_free(h);
}

/* The kernel makes 4095 of a larger errno, and looks at no other bits of a kill. */
static void test_data(void **state _unused_)
{
	const struct sock_filter large[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 0xffff}};
	const struct sock_filter most[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 4095}};
	const void *programs[] = {large, most};
	const struct sca_call call = {.arch = SCA_ARCH_X86_64, .nr = 1};
	const size_t n[] = {1, 1};
	struct sca_held *h = NULL;
	struct sca_verdict verdict;

	assert_int_equal(sca_held_new(&h, programs, n, 2, NULL), 0);
	sca_filter_eval(sca_held_at(h, 0), &call, &verdict);
	assert_int_equal(verdict.data, 4095);
	assert_int_equal(differences(sca_held_at(h, 0), sca_held_at(h, 1)), 0);
	sca_held_free(h);
}

/* A filter that tests without a load tests 0, whatever the one before it had loaded. */
static void test_starts_from_0(void **state _unused_)
{
	const struct sock_filter newer[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
	};
	const struct sock_filter older[] = {
		{BPF_JMP | BPF_JGE | BPF_K, 0, 1, 100},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1},
	};
	const void *programs[] = {newer, older};
	const size_t n[] = {ARRAY_SIZE(newer), ARRAY_SIZE(older)};
	const struct sca_call call = {.arch = SCA_ARCH_X86_64, .nr = 200};
	struct sca_held *h = NULL;
	struct sca_verdict verdict;

	assert_int_equal(sca_held_new(&h, programs, n, 2, NULL), 0);
	sca_filter_eval(sca_held_filter(h), &call, &verdict);
	assert_int_equal(verdict.action, SCA_ACT_ERRNO);
	sca_held_free(h);
}

/* -- read back -- */

static bool load(struct sca_filter *f)
{
	size_t n;
	const void *p = sca_filter_program(f, &n, NULL);
	struct sock_fprog prog = {.len = (unsigned short)n};

	memcpy(&prog.filter, &p, sizeof(p));
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &prog) == 0;
}

static pid_t start(struct sca_filter *first, struct sca_filter *second)
{
	int fd[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		close(fd[0]);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || (first && !load(second)) ||
		    (first && !load(first)))
			_exit(1);
		(void)!write(fd[1], "x", 1);
		for (;;)
			syscall(SYS_pause);
	}
	close(fd[1]);
	assert_int_equal(read(fd[0], &c, 1), 1);
	close(fd[0]);
	return pid;
}

static char state_of(pid_t pid)
{
	char path[64], text[512];
	const char *p;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	p = strrchr(text, ')');
	return p ? p[2] : '?';
}

static void becomes(pid_t pid, char state)
{
	for (int i = 0; state_of(pid) != state && i < 3000; i++)
		usleep(10000);
	assert_int_equal(state_of(pid), state);
}

static void test_read(void **state _unused_)
{
	struct sca_filter *a = compile(allow_list, "oci crun", names);
	struct sca_filter *b = compile(deny_list, "oci crun", names);
	struct sca_err err = SCA_ERR_INIT;
	struct sca_held *h = NULL;
	struct sca_held_info info;
	pid_t pid;
	int r, status;

	if (geteuid() != 0 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0) {
		print_message("needs root without a filter\n");
		skip();
	}
	pid = start(a, b); /* a is the newest */
	r = sca_held_read(&h, pid, &err);
	if (r == -EIO || r == -EPERM) {
		kill(pid, SIGKILL);
		print_message("%s\n", err.text);
		skip();
	}
	if (r < 0)
		fail_msg("%s", err.text);
	assert_int_equal(sca_held_count(h), 2);
	assert_int_equal(differences(a, sca_held_at(h, 0)), 0);
	assert_int_equal(differences(b, sca_held_at(h, 1)), 0);
	sca_held_info(h, 0, &info);
	assert_int_equal(info.instructions, a->n);
	assert_true(!info.have_flags || info.log_flag);
	sca_held_free(h);
	/* it goes on, and can be read again */
	for (int i = 0; i < 50; i++) {
		h = NULL;
		assert_int_equal(sca_held_read(&h, pid, NULL), 0);
		sca_held_free(h);
	}
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	becomes(pid, 'S');
	/* a stopped one stays stopped */
	kill(pid, SIGSTOP);
	becomes(pid, 'T');
	h = NULL;
	assert_int_equal(sca_held_read(&h, pid, NULL), 0);
	sca_held_free(h);
	usleep(20000);
	becomes(pid, 'T');
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	sca_filter_free(a);
	sca_filter_free(b);
}

static unsigned tracer_of(pid_t pid)
{
	char path[64], line[256];
	unsigned tracer = UINT32_MAX;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "TracerPid:\t", 11) == 0)
			assert_int_equal(str_u32(str_trim(sca_str_z(line + 11)), &tracer), 0);
	fclose(f);
	return tracer;
}

/* Whoever reads is ended at any moment, by Ctrl-C or worse: the task goes on, untraced. */
static void test_interrupted(void **state _unused_)
{
	static const int signals[] = {SIGINT, SIGKILL, SIGTERM};
	struct sca_filter *a = compile(allow_list, "oci crun", names);
	struct sca_filter *b = compile(deny_list, "oci crun", names);
	struct sca_held *h = NULL;
	uint64_t seed = 3;
	pid_t pid;

	if (geteuid() != 0 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0) {
		print_message("needs root without a filter\n");
		skip();
	}
	pid = start(a, b);
	if (sca_held_read(&h, pid, NULL) < 0) {
		kill(pid, SIGKILL);
		print_message("this kernel does not give filters back\n");
		skip();
	}
	sca_held_free(h);
	for (unsigned i = 0; i < 60; i++) {
		pid_t reader = fork();

		assert_true(reader >= 0);
		if (reader == 0) {
			for (size_t k = 0; k < ARRAY_SIZE(signals); k++)
				signal(signals[k], SIG_DFL);
			for (;;) {
				h = NULL;
				if (sca_held_read(&h, pid, NULL) < 0)
					_exit(1);
				sca_held_free(h);
			}
		}
		usleep(500 + (unsigned)(next_random(&seed) % 3000));
		kill(reader, signals[i % ARRAY_SIZE(signals)]);
		assert_int_equal(waitpid(reader, NULL, 0), reader);
		assert_int_equal(tracer_of(pid), 0);
	}
	becomes(pid, 'S');
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	sca_filter_free(a);
	sca_filter_free(b);
}

static void test_read_none(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_held *h = NULL;
	pid_t pid;

	if (geteuid() != 0 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0) {
		print_message("needs root without a filter\n");
		skip();
	}
	pid = start(NULL, NULL);
	assert_int_equal(sca_held_read(&h, pid, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no filter"));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(sca_held_read(&h, pid, NULL), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stack),   cmocka_unit_test(test_compare),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_made_to_be_long),
		cmocka_unit_test(test_data), cmocka_unit_test(test_starts_from_0),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_interrupted), cmocka_unit_test(test_read_none),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
