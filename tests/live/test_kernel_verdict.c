/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts against the real ones: the kernel's, for our programs, and those of the filters
 * that live runc and crun containers really hold.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>
#include "real_filter.h"
#include "with_names.h"

/* Profiles of the corpus, and what the kernel is asked to say about them. */
static const struct {
	const char *file, *target;
} corpus[] = {
	{"moby-profiles-head-default.json", "docker runc:1.3.0"},
	{"moby-profiles-head-default.json", "docker20 runc:1.1.5 caps:all"},
	{"moby-profiles-head-default.json", "podman crun:1.14.0"},
	{"moby-profiles-head-default.json", "cri runc:1.1.5"},
	{"container-libs-head.json", "podman crun:1.14.0"},
	{"container-libs-head.json", "docker runc:1.3.0"},
	{"moby-default-v1.12.0.json", "docker runc:1.2.0"},
	{"jail__seccomp.json", "docker runc:1.3.0"},
	{"safe-ai__config_seccomp.json", "docker runc:1.3.0"},
	{"vectra-guard__seccomp-profile.json", "cri crun:1.8.1"},
	{"seccomp-diff__charts_seccomp-diff_files_random2.json", "docker runc:1.3.0"},
	{"seccompute__examples_profile5-ptrace-conditional-pid-restriction.json",
	 "oci runc:1.1.5"},
};

static const uint64_t arg_values[] = {
	0,  1,  2,  8,          0x20008,     0x10000000, 0x7e020000,
	38, 39, 40, 0xffffffff, 0x100000028, UINT64_MAX,
};

static struct sca_filter *compile_corpus(size_t i)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct sca_target t;
	char path[512];

	if (!shared_path(path, sizeof(path), corpus[i].file)) {
		print_message("%s is not there\n", path);
		skip();
	}
	target_from(&t, corpus[i].target);
	if (sca_profile_load_file(&p, path, &err) < 0 ||
	    sca_filter_compile(&f, p, &t, names, &err) < 0)
		fail_msg("%s: %s", corpus[i].file, err.text);
	sca_profile_free(p);
	return f;
}

static size_t all_calls(struct sca_call *v, size_t cap)
{
	static const uint32_t archs[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32};
	size_t n = 0;

	for (size_t a = 0; a < ARRAY_SIZE(archs); a++) {
		for (int32_t nr = archs[a] == SCA_ARCH_X32 ? 0 : -1; nr < 620; nr++) {
			for (size_t i = 0; i < ARRAY_SIZE(arg_values); i++) {
				struct sca_call *c = &v[n];

				if (beyond_seccomp(archs[a], nr))
					break;
				/* all values for the calls that have conditions somewhere */
				if (i > 1 && !sca_syscall_name(names, archs[a], nr))
					break;
				assert_true(n < cap);
				*c = (struct sca_call){
					.arch = archs[a], .nr = nr, .args_known = 63};
				for (unsigned k = 0; k < 6; k++)
					c->args[k] = arg_values[(i * (k + 1) + k) %
								ARRAY_SIZE(arg_values)];
				if (archs[a] == SCA_ARCH_X86)
					for (unsigned k = 0; k < 6; k++)
						c->args[k] &= UINT32_MAX;
				n++;
			}
		}
	}
	return n;
}

static void check_tagged(size_t row, const struct sca_call *calls, size_t n, struct report *rep)
{
	struct sca_filter *f = compile_corpus(row);
	struct sock_filter prog[BPF_MAXINSNS];
	size_t n_prog = 0, seen[SCA_ACT_COUNT] = {0};
	const void *p = sca_filter_program(f, &n_prog, NULL);

	memcpy(prog, p, n_prog * sizeof(*prog));
	tag_returns(prog, n_prog);
	memset(rep, 0, sizeof(*rep));
	run_child(rep, prog, n_prog, calls, n);
	if (!rep->loaded || rep->done != n)
		fail_msg("%s: %zu of %zu calls made, filter %sloaded", corpus[row].file,
			 rep->done, n, rep->loaded ? "" : "not ");
	for (size_t i = 0; i < n; i++) {
		struct sca_verdict v;

		sca_filter_eval(f, &calls[i], &v);
		seen[v.action]++;
		if (rep->result[i] != tagged(&v))
			fail_msg("%s, %s: %s %d %" PRIx64 ",%" PRIx64
				 ": the kernel says %ld, we say %ld",
				 corpus[row].file, corpus[row].target,
				 sca_arch_name(calls[i].arch), calls[i].nr, calls[i].args[0],
				 calls[i].args[1], rep->result[i], tagged(&v));
	}
	print_message("%s, %s: %zu calls alike, %zu of them allowed\n", corpus[row].file,
		      corpus[row].target, n, seen[SCA_ACT_ALLOW]);
	sca_filter_free(f);
}

static void test_kernel(void **state _unused_)
{
	const size_t cap = 3 * 622 * ARRAY_SIZE(arg_values);
	struct sca_call *calls = calloc(cap, sizeof(*calls));
	struct report *rep = report_new(cap);
	size_t n;

	if (!HAVE_ABIS) {
		print_message("calls are made on x86_64 only\n");
		skip();
	}
	assert_non_null(calls);
	n = all_calls(calls, cap);
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++)
		check_tagged(i, calls, n, rep);
	munmap(rep, sizeof(*rep) + cap * sizeof(long));
	free(calls);
}

/* -- the filter as it is: calls that fail harmlessly when they go through -- */

static const char harmless[] =
	"access open mkdir rmdir unlink chmod chown link symlink rename stat lstat statfs "
	"mount umount2 chroot pivot_root mknod readlink truncate utimes setxattr getxattr "
	"openat mkdirat statx openat2 bind connect read write close dup ioctl fcntl fstat "
	"lseek pread64 readv sendto recvfrom ftruncate fsync flock getdents64 epoll_ctl "
	"timerfd_settime fallocate pidfd_open pidfd_getfd kcmp process_vm_readv bpf "
	"perf_event_open userfaultfd io_uring_setup keyctl add_key request_key finit_module "
	"open_by_handle_at name_to_handle_at setns clone3 quotactl getpid getuid "
	"fanotify_init mbind get_mempolicy move_pages landlock_create_ruleset memfd_secret "
	"faccessat2 fchmodat2 close_range epoll_pwait2 getcwd getgroups sysinfo times uname "
	"capget";

static void check_real(size_t row, struct report *rep, size_t *ret_told)
{
	struct sca_filter *f = compile_corpus(row);
	struct sca_str rest = sca_str_z(harmless), word;

	while (next_word(&rest, &word)) {
		struct sca_call c = {.arch = SCA_ARCH_X86_64, .args_known = 63};
		struct sca_verdict v;
		long control;
		int status;

		if (sca_syscall_number(names, c.arch, word, &c.nr) < 0)
			fail_msg("%.*s has no number", (int)word.n, word.p);
		memset(c.args, 0xff, sizeof(c.args));
		memset(rep, 0, sizeof(*rep));
		run_child(rep, NULL, 0, &c, 1);
		assert_int_equal(rep->done, 1);
		control = rep->result[0];
		memset(rep, 0, sizeof(*rep));
		status = run_child(rep, f->prog, f->n, &c, 1);
		assert_true(rep->loaded);
		assert_true(WIFSIGNALED(status));
		sca_filter_eval(f, &c, &v);
		if (v.action == SCA_ACT_ALLOW || v.action == SCA_ACT_LOG) {
			/* pids differ from child to child */
			if (rep->done != 1 || (control < 0 && rep->result[0] != control))
				fail_msg("%s: %.*s: allowed, but %ld, not %ld",
					 corpus[row].file, (int)word.n, word.p, rep->result[0],
					 control);
		} else if (v.action == SCA_ACT_ERRNO) {
			if (rep->done != 1 || rep->result[0] != -(long)v.data)
				fail_msg("%s: %.*s: should be errno %d, is %ld",
					 corpus[row].file, (int)word.n, word.p, v.data,
					 rep->result[0]);
		} else if (rep->done != 0 || WTERMSIG(status) != SIGSYS) {
			fail_msg("%s: %.*s: should be killed", corpus[row].file, (int)word.n,
				 word.p);
		}
		*ret_told += v.action == SCA_ACT_ERRNO ? control != -(long)v.data
						       : v.action == SCA_ACT_ALLOW;
	}
	sca_filter_free(f);
}

static void test_real(void **state _unused_)
{
	struct report *rep = report_new(1);
	size_t told = 0;

	if (!HAVE_ABIS) {
		print_message("calls are made on x86_64 only\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++)
		check_real(i, rep, &told);
	print_message("%zu calls carried out or refused as said\n", told);
	assert_true(told > 500);
}

/* -- what live containers hold -- */

static const char *const runnable[] = {
	"moby-profiles-head-default.json",
	"container-libs-head.json",
	"moby-default-v20.10.24.json",
	"containers-common-v0.50.0.json",
	"runc__tests_integration_testdata_seccomp_syscall_test1.json",
	"seccompute__examples_example.json",
};

/* Both programs for the same calls. */
static size_t compare_programs(const struct sca_filter *f, const struct sock_filter *prog,
			       const char *what)
{
	const size_t cap = 3 * 622 * ARRAY_SIZE(arg_values);
	struct sca_call *calls = calloc(cap, sizeof(*calls));
	size_t n;

	assert_non_null(calls);
	n = all_calls(calls, cap);
	for (size_t i = 0; i < n; i++) {
		struct bpf_data d;
		uint32_t theirs, ours;
		size_t pc;

		filter_data(f, &calls[i], &d);
		theirs = bpf_run(prog, &d, &pc);
		ours = bpf_run(f->prog, &d, &pc);
		if (theirs != ours)
			fail_msg("%s: %s %d %" PRIx64 ": the container has %x, we have %x",
				 what, sca_arch_name(calls[i].arch), calls[i].nr,
				 calls[i].args[0], theirs, ours);
	}
	free(calls);
	return n;
}

static void check_runtime(const char *name, const char *dir, const char *target,
			  const char *json, const char *what)
{
	static struct sock_filter prog[BPF_MAXINSNS];
	struct sca_err err = SCA_ERR_INIT;
	struct sca_filter *f = NULL;
	_cleanup_buf_ struct buf b = BUF_INIT;
	int r = compile_text(&f, json, target, names, &err);
	pid_t pid = 0;
	size_t n;

	buf_add_z(&b, json);
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\'')
			b.p[i] = '"';
	n = live_start(name, dir, b.p, prog, ARRAY_SIZE(prog), &pid);
	live_stop(name, dir);
	if ((n > 0) != (r == 0))
		fail_msg("%s under %s: %s, and we say %s", what, target,
			 n ? "it starts" : "it does not start",
			 r < 0 ? err.text : "that it is fine");
	if (n > 0) {
		size_t calls;

		assert_int_equal(bpf_check(prog, n, &err), 0);
		calls = compare_programs(f, prog, what);
		print_message("%s under %s: %zu calls alike, %zu instructions, ours %zu%s\n",
			      what, target, calls, n, f->n,
			      n == f->n && memcmp(prog, f->prog, n * sizeof(*prog)) == 0
				      ? ", the same"
				      : "");
		assert_int_equal(n, f->n);
	} else {
		print_message("%s under %s: refused by both: %s\n", what, target, err.text);
	}
	sca_filter_free(f);
}

static void check_table(const char *name, const char *dir, const char *target)
{
	FILE *table = fopen("tests/tables/runtime.t", "re");
	char line[2048], what[32];
	unsigned n = 0;

	assert_non_null(table);
	while (fgets(line, sizeof(line), table)) {
		struct sca_str s = str_trim(sca_str_z(line));

		n++;
		if (s.n == 0 || s.p[0] == '#')
			continue;
		line[(size_t)(s.p - line) + s.n] = '\0';
		snprintf(what, sizeof(what), "runtime.t:%u", n);
		check_runtime(name, dir, target, s.p, what);
	}
	fclose(table);
}

static void check_all(const char *name, const char *version, const char *dir)
{
	char target[128], path[512];

	snprintf(target, sizeof(target), "oci %s:%s", name, version);
	check_table(name, dir, target);
	for (size_t i = 0; i < ARRAY_SIZE(runnable); i++) {
		struct sca_profile *p = NULL;

		if (!shared_path(path, sizeof(path), runnable[i])) {
			print_message("%s is not there\n", path);
			continue;
		}
		assert_int_equal(sca_profile_load_file(&p, path, NULL), 0);
		check_runtime(name, dir, target, sca_profile_text(p).p, runnable[i]);
		sca_profile_free(p);
	}
}

static void test_runtime(void **state)
{
	const char *name = *state;
	char dir[] = "/tmp/sca-verdict-XXXXXX", command[256], version[64];

	if (geteuid() != 0 || !have(name) || !have("busybox") || !have("unshare")) {
		print_message("needs root, %s, busybox (static) and unshare\n", name);
		skip();
	}
	assert_true(live_version(name, version, sizeof(version)));
	assert_non_null(mkdtemp(dir));
	live_dir(dir);
	check_all(name, version, dir);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	static char runc[] = "runc", crun[] = "crun";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_real),
		cmocka_unit_test_prestate(test_runtime, runc),
		cmocka_unit_test_prestate(test_runtime, crun),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
