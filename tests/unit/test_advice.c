/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about single calls: every row's form, and what is held back. */
#include "text.h"
#include "with_names.h"

#include <scaudit/names.h>

#include <setjmp.h>
#include <cmocka.h>

static const struct sca_advice rows[] = {
#define ADVICE(name, caps, mandatory, fallback, danger, risk, answer) \
	{name, caps, mandatory, fallback, SCA_DANGER_##danger, risk, answer},
#include "tables/advice.in"
#undef ADVICE
};

static bool is_clause(const char *text)
{
	size_t n = strlen(text);

	return n == 0 || (n >= 8 && n <= 160 && text[0] != ' ' && text[n - 1] != '.' &&
			  text[n - 1] != ' ' && !strstr(text, "  "));
}

static void test_form(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sca_advice *a = &rows[i];
		struct sca_str rest = sca_str_z(a->caps), cap;
		bool known = false;
		unsigned n;
		int32_t nr;

		for (size_t k = 0; k < sca_arch_count() && !known; k++)
			known = sca_syscall_number(names, sca_arch_at(k), sca_str_z(a->name),
						   &nr) == 0;
		if (!known)
			fail_msg("%s: no architecture has it", a->name);
		while (rest.n && str_cut(&rest, ' ', &cap))
			if (sca_cap_parse(cap, &n))
				fail_msg("%s: unknown capability in \"%s\"", a->name, a->caps);
		if (a->caps_mandatory && !a->caps[0])
			fail_msg("%s: no capability is mandatory", a->name);
		if (a->danger != SCA_DANGER_NONE && !a->risk[0])
			fail_msg("%s: a warning without words", a->name);
		if (a->danger > SCA_DANGER_NOTE && !a->answer[0])
			fail_msg("%s: held back without an answer", a->name);
		if (strstr(a->answer, "never") && a->danger <= SCA_DANGER_NOTE)
			fail_msg("%s: never, and yet not held back", a->name);
		if (strstr(a->answer, "ENOSYS") && !a->enosys_fallback)
			fail_msg("%s: ENOSYS is the answer, but nobody falls back", a->name);
		if (!is_clause(a->risk) || !is_clause(a->answer))
			fail_msg("%s: \"%s\", \"%s\"", a->name, a->risk, a->answer);
		for (size_t k = 0; k < i; k++)
			if (strcmp(rows[k].name, a->name) == 0)
				fail_msg("%s stands twice", a->name);
		assert_non_null(sca_advice_find(sca_str_z(a->name)));
	}
}

/* Each of these was thought through; a change of class is a change of what scaudit opens. */
static void test_danger(void **state _unused_)
{
	static const struct {
		enum sca_danger danger;
		const char *calls;
	} classes[] = {
		{SCA_DANGER_ESCAPE,
		 "mount umount umount2 pivot_root setns fsopen fsconfig fsmount fspick move_mount "
		 "open_tree open_tree_attr mount_setattr open_by_handle_at keyctl add_key "
		 "request_key acct syslog"},
		{SCA_DANGER_KERNEL,
		 "kexec_load kexec_file_load init_module finit_module delete_module bpf "
		 "userfaultfd iopl ioperm swapon swapoff vm86 vm86old"},
		{SCA_DANGER_BYPASS, "ptrace io_uring_setup io_uring_enter io_uring_register"},
		{SCA_DANGER_NOTE,
		 "clone3 clone unshare process_vm_readv process_vm_writev kcmp pidfd_getfd "
		 "process_madvise personality chroot fanotify_init listns quotactl quotactl_fd "
		 "mknod mknodat perf_event_open modify_ldt reboot settimeofday clock_settime "
		 "clock_settime64 stime sethostname setdomainname vhangup get_mempolicy "
		 "set_mempolicy mbind set_mempolicy_home_node move_pages migrate_pages splice tee "
		 "vmsplice socketcall ipc"},
	};
	size_t n = 0, dangerous = 0;

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		struct sca_str rest = sca_str_z(classes[i].calls), call;

		while (str_cut(&rest, ' ', &call)) {
			const struct sca_advice *a = sca_advice_find(call);

			if (!a || a->danger != classes[i].danger)
				fail_msg("%.*s is %s, not %s", (int)call.n, call.p,
					 a ? sca_danger_name(a->danger) : "without a row",
					 sca_danger_name(classes[i].danger));
			n++;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		dangerous += rows[i].danger != SCA_DANGER_NONE;
	assert_int_equal(n, dangerous);
}

static void test_rows(void **state _unused_)
{
	static const struct {
		const char *name, *caps;
		bool mandatory, fallback;
	} want[] = {
		{"clone3", "CAP_SYS_ADMIN", false, true},
		{"mount", "CAP_SYS_ADMIN", true, false},
		{"fsopen", "CAP_SYS_ADMIN", true, true},
		{"open_tree", "CAP_SYS_ADMIN", false, true},
		{"init_module", "CAP_SYS_MODULE", true, false},
		{"open_by_handle_at", "CAP_DAC_READ_SEARCH", true, false},
		{"bpf", "CAP_BPF CAP_SYS_ADMIN", true, false},
		{"unshare", "CAP_SYS_ADMIN", false, false},
		{"mbind", "", false, false},
		{"statx", "", false, true},
		{"rseq", "", false, true},
		{"futex_time64", "", false, true},
		{"io_uring_setup", "", false, true},
		{"seccomp", "", false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct sca_advice *a = sca_advice_find(sca_str_z(want[i].name));

		if (!a || strcmp(a->caps, want[i].caps) != 0 ||
		    a->caps_mandatory != want[i].mandatory ||
		    a->enosys_fallback != want[i].fallback)
			fail_msg("%s is not as it should be", want[i].name);
	}
	assert_null(sca_advice_find(SCA_STR("mkdir")));
	assert_null(sca_advice_find(SCA_STR("MOUNT")));
	assert_null(sca_advice_find(SCA_STR("moun")));
	assert_null(sca_advice_find(SCA_STR("")));
}

/* The whole 64-bit time family answers ENOSYS to old programs, and so is never dangerous. */
static void test_time64(void **state _unused_)
{
	for (int32_t nr = 403; nr < 424; nr++) {
		const char *name = sca_syscall_name(names, SCA_ARCH_X86, nr);
		const struct sca_advice *a = name ? sca_advice_find(sca_str_z(name)) : NULL;

		if (nr == 415)
			assert_null(name);
		else if (!a || (!a->enosys_fallback && !a->caps_mandatory))
			fail_msg("%s: nothing is said about ENOSYS", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_danger),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_time64),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
