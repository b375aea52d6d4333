/* SPDX-License-Identifier: Apache-2.0 */
/* Names of architectures, calls, actions, errno values and capabilities; what is known of calls. */
#include "text.h"

#include <scaudit/names.h>

#include <seccomp.h>
#include <setjmp.h>
#include <cmocka.h>

static struct sca_names *names;

static int setup(void **state _unused_)
{
	return sca_names_new(&names, NULL);
}

static int teardown(void **state _unused_)
{
	names = sca_names_free(names);
	return 0;
}

/* Every token of a record goes to a name and back; libseccomp's tokens agree with its own. */
static void test_arch_round_trip(void **state _unused_)
{
	for (size_t i = 0; i < sca_arch_count(); i++) {
		uint32_t token = sca_arch_at(i), back = 0;
		const char *name = sca_arch_name(token), *scmp = sca_arch_scmp_name(token);
		char hex[16];

		snprintf(hex, sizeof(hex), "%x", token);
		if (sca_arch_parse(sca_str_z(name), &back) || back != token)
			fail_msg("%s does not come back", name);
		if (sca_arch_parse(sca_str_z(hex), &back) || back != token)
			fail_msg("token %s of %s does not come back", hex, name);
		if (scmp && (sca_arch_parse(sca_str_z(scmp), &back) || back != token))
			fail_msg("%s does not come back", scmp);
		for (size_t k = 0; k < i; k++)
			if (sca_arch_at(k) == token)
				fail_msg("token %s stands twice", hex);
		/* a name that libseccomp resolves has libseccomp's token */
		if (scmp && seccomp_arch_resolve_name(name) &&
		    seccomp_arch_resolve_name(name) != token)
			fail_msg("libseccomp has another token for %s", name);
	}
	assert_null(sca_arch_name(0x1234));
	assert_int_equal(sca_arch_at(100000), 0);
}

static void test_arch_spellings(void **state _unused_)
{
	static const struct {
		const char *text;
		uint32_t arch; /* 0: unknown */
	} rows[] = {
		{"i686", 0x40000003},     {"i386", 0x40000003},   {"AMD64", 0xc000003e},
		{"SCMP_ARCH_X86", 0x40000003}, {"scmp_arch_x32", 0x4000003e},
		{"0xC00000B7", 0xc00000b7}, {"c00000b7", 0xc00000b7}, {"arm64", 0xc00000b7},
		{"armv7l", 0x40000028},   {"armeb", 0x28},        {"14", 0x14},
		{"16", 0x16},             {"8", 0x8},             {"mips64el", 0xc0000008},
		{"", 0},                  {"SCMP_ARCH_NATIVE", 0}, {"c000003f", 0},
		{"1c000003e", 0},         {"x86_64 ", 0},         {"SCMP_ARCH_", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t arch = 0;
		int r = sca_arch_parse(sca_str_z(rows[i].text), &arch);

		if (arch != rows[i].arch || (r == 0) != (rows[i].arch != 0))
			fail_msg("\"%s\" gives %x", rows[i].text, arch);
	}
	assert_string_equal(sca_arch_go_name(0xc00000b7), "arm64");
	assert_null(sca_arch_scmp_name(0xc0009026));
	assert_true(sca_arch_compilable(sca_arch_native()));
	assert_true(sca_arch_compilable(0x80000016)); /* big-endian s390x, without the native one */
	assert_false(sca_arch_compilable(0xc0009026));
}

static void test_record_pairs(void **state _unused_)
{
	static const struct {
		uint32_t token;
		int64_t nr;
		uint32_t arch;
		int32_t want;
	} rows[] = {
		{0xc000003e, 83, 0xc000003e, 83},
		{0xc000003e, -1, 0xc000003e, -1},
		{0xc000003e, 1073741964, 0x4000003e, 140},
		{0xc000003e, 0x40000000, 0x4000003e, 0},
		{0x40000003, 0x40000001, 0x40000003, 0x40000001},
		{0x40000008, 4003, 0x40000008, 4003},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t arch, token;
		int32_t nr, back;

		sca_arch_from_record(rows[i].token, rows[i].nr, &arch, &nr);
		sca_arch_to_record(arch, nr, &token, &back);
		if (arch != rows[i].arch || nr != rows[i].want || token != rows[i].token ||
		    back != (int32_t)rows[i].nr)
			fail_msg("row %zu: %x %d, back %x %d", i, arch, nr, token, back);
	}
}

static void test_calls(void **state _unused_)
{
	static const struct {
		uint32_t arch;
		int32_t nr;
		const char *name; /* NULL: the number has none */
	} rows[] = {
		{SCA_ARCH_X86_64, 83, "mkdir"},
		{SCA_ARCH_X86, 21, "mount"},
		{SCA_ARCH_X86_64, 21, "access"},
		{SCA_ARCH_X86, 359, "socket"},
		{SCA_ARCH_X86, 102, "socketcall"},
		{SCA_ARCH_X86, 117, "ipc"},
		{SCA_ARCH_X32, 165, "mount"},
		{SCA_ARCH_X32, 512, "rt_sigaction"},
		{SCA_ARCH_X32, 13, NULL}, /* 512 on x32 */
		{SCA_ARCH_X32, 453, NULL}, /* abi "64" in syscall_64.tbl */
		{SCA_ARCH_X86_64, 512, NULL},
		{SCA_ARCH_X86_64, 335, "uretprobe"},
		{SCA_ARCH_X86_64, 336, "uprobe"},
		{SCA_ARCH_X86_64, 403, NULL}, /* *_time64 are for 32 bits */
		{SCA_ARCH_X86, 403, "clock_gettime64"},
		{SCA_ARCH_ARM, 403, "clock_gettime64"},
		{SCA_ARCH_AARCH64, 435, "clone3"},
		{0x4000002a, 435, NULL}, /* sh */
		{SCA_ARCH_X86_64, 462, "mseal"},
		{SCA_ARCH_X86_64, 471, "rseq_slice_yield"},
		{SCA_ARCH_X86_64, 472, NULL},
		{0x16, 469, "file_setattr"},
		{0x16, 470, NULL}, /* the 31-bit table is frozen */
		{SCA_ARCH_AARCH64, 447, "memfd_secret"},
		{SCA_ARCH_ARM, 447, NULL},
		{0xc00000f3, 258, "riscv_hwprobe"},
		{SCA_ARCH_ARM, 0xf0005, "set_tls"},
		{SCA_ARCH_ARM, 983041, "breakpoint"},
		{0x8, 4003, "read"},
		{0x8, 3, NULL}, /* a record has the base */
		{0x8, 4435, "clone3"},
		{0xc0000008, 5000, "read"},
		{0xa0000008, 6000, "read"},
		{0xc0009026, 545, "clone3"}, /* Alpha: 110 more */
		{0xc0009026, 435, NULL},
		{SCA_ARCH_X86_64, -1, NULL},
		{SCA_ARCH_X86_64, INT32_MAX, NULL},
		{SCA_ARCH_X86_64, INT32_MIN, NULL},
		{SCA_ARCH_X86, -101, NULL}, /* libseccomp's pseudo number of socket */
		{0x1234, 1, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *name = sca_syscall_name(names, rows[i].arch, rows[i].nr);
		int32_t nr = -2;

		if (!rows[i].name != !name || (name && strcmp(name, rows[i].name) != 0))
			fail_msg("%x %d is %s, not %s", rows[i].arch, rows[i].nr,
				 name ? name : "nothing", rows[i].name ? rows[i].name : "nothing");
		if (name && (sca_syscall_number(names, rows[i].arch, sca_str_z(name), &nr) ||
			     nr != rows[i].nr))
			fail_msg("%s comes back as %d", name, nr);
	}
}

/* libseccomp is the oracle wherever it has a name, on all its architectures. */
static void test_against_libseccomp(void **state _unused_)
{
	size_t compared = 0;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		uint32_t arch = sca_arch_at(i);
		int32_t bit = arch == SCA_ARCH_X32 ? SCA_X32_BIT : 0;
		int first = seccomp_syscall_resolve_name_arch(arch, "read");
		int32_t base = first >= 4000 && first < 7000 ? first / 1000 * 1000 : 0;

		if (!sca_arch_scmp_name(arch))
			continue;
		for (int32_t nr = base; nr < base + 600; nr++) {
			char *theirs = seccomp_syscall_resolve_num_arch(arch, nr | bit);
			const char *ours = sca_syscall_name(names, arch, nr);

			if (theirs && (!ours || strcmp(ours, theirs) != 0))
				fail_msg("%s %d: %s here, %s in libseccomp", sca_arch_name(arch),
					 nr, ours ? ours : "nothing", theirs);
			compared += theirs != NULL;
			free(theirs);
		}
	}
	print_message("%zu numbers agree\n", compared);
	assert_true(compared > 5000);
}

static void test_known_and_near(void **state _unused_)
{
	static const struct {
		const char *name, *near;
	} rows[] = {
		{"mkdr", "mkdir"},       {"Mkdir", "mkdir"},    {"opneat", "openat"},
		{"io-uring-setup", "io_uring_setup"}, {"clone33", "clone3"},
		{"qqqqqqqq", NULL},      {"", NULL},            {"x", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *near = sca_syscall_nearest(names, sca_str_z(rows[i].name));

		if (!near != !rows[i].near || (near && strcmp(near, rows[i].near) != 0))
			fail_msg("near \"%s\": %s", rows[i].name, near ? near : "nothing");
	}
	assert_true(sca_syscall_in_libseccomp(names, SCA_STR("mkdir")));
	assert_false(sca_syscall_in_libseccomp(names, SCA_STR("Mkdir")));
	assert_false(sca_syscall_in_libseccomp(names, SCA_STR("mkdir\0x")));
	assert_false(sca_syscall_in_libseccomp(names, SCA_STR("")));
	assert_int_equal(sca_syscall_last(names, SCA_ARCH_X86_64), 471);
	assert_int_equal(sca_syscall_last(names, SCA_ARCH_X32), 547);
	assert_int_equal(sca_syscall_last(names, 0x1234), -1);
}

static void test_actions(void **state _unused_)
{
	static const struct {
		uint32_t code;
		int sig;
		enum sca_action action;
		bool denies;
	} rows[] = {
		{0x80000000, 31, SCA_ACT_KILL_PROCESS, true}, {0, 31, SCA_ACT_KILL_THREAD, true},
		{0, 9, SCA_ACT_STRICT, true},                 {0x30000, 0, SCA_ACT_TRAP, true},
		{0x50000, 0, SCA_ACT_ERRNO, true},            {0x50026, 0, SCA_ACT_ERRNO, true},
		{0x7fc00000, 0, SCA_ACT_USER_NOTIF, true},    {0x7ff00000, 0, SCA_ACT_TRACE, true},
		{0x7ffc0000, 0, SCA_ACT_LOG, false},          {0x7fff0000, 0, SCA_ACT_ALLOW, false},
		{0x12340000, 31, SCA_ACT_UNKNOWN, true},      {0xffff0000, 31, SCA_ACT_UNKNOWN, true},
	};
	enum sca_action a;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum sca_action got = sca_action_from_code(rows[i].code, rows[i].sig);

		if (got != rows[i].action || sca_action_denies(got) != rows[i].denies)
			fail_msg("code %x sig %d is %s", rows[i].code, rows[i].sig,
				 sca_action_name(got));
		if (sca_action_parse(sca_str_z(sca_action_name(got)), &a) || a != got)
			fail_msg("%s does not come back", sca_action_name(got));
	}
	assert_int_equal(sca_action_parse(SCA_STR("SCMP_ACT_KILL"), &a), 0);
	assert_int_equal(a, SCA_ACT_KILL_THREAD);
	assert_int_equal(sca_action_parse(SCA_STR("scmp_act_kill"), &a), SCA_E_UNKNOWN);
	assert_null(sca_action_scmp_name(SCA_ACT_STRICT));
}

static void test_errno_and_caps(void **state _unused_)
{
	unsigned cap = 99;
	int e = 0;

	assert_string_equal(sca_errno_name(1), "EPERM");
	assert_null(sca_errno_name(0));
	assert_null(sca_errno_name(4096));
	assert_int_equal(sca_errno_parse(SCA_STR("ENOSYS"), &e), 0);
	assert_int_equal(e, 38);
	assert_int_equal(sca_errno_parse(SCA_STR("4095"), &e), 0);
	assert_int_equal(sca_errno_parse(SCA_STR("4096"), &e), SCA_E_RANGE);
	assert_int_equal(sca_errno_parse(SCA_STR("enosys"), &e), SCA_E_UNKNOWN);
	assert_int_equal(sca_cap_parse(SCA_STR("CAP_SYS_ADMIN"), &cap), 0);
	assert_int_equal(cap, 21);
	assert_int_equal(sca_cap_parse(SCA_STR("SYS_ADMIN"), &cap), SCA_E_UNKNOWN);
	assert_int_equal(sca_cap_parse(SCA_STR("cap_sys_admin"), &cap), SCA_E_UNKNOWN);
	for (unsigned i = 0; sca_cap_name(i); i++) {
		assert_int_equal(sca_cap_parse(sca_str_z(sca_cap_name(i)), &cap), 0);
		assert_int_equal(cap, i);
	}
	assert_null(sca_cap_name(64));
}

/* Every row is about a call that some architecture has, names real capabilities, and says why
 * it holds back what it holds back. */
static void test_advice(void **state _unused_)
{
	static const char *const held[] = {"mount", "bpf", "io_uring_setup", "kexec_load",
					   "init_module", "open_by_handle_at", "setns", "ptrace"};
	size_t rows = 0;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		for (int32_t nr = 0; nr < 7000; nr++) {
			const char *name = sca_syscall_name(names, sca_arch_at(i), nr);
			const struct sca_advice *a = name ? sca_advice_find(sca_str_z(name)) : NULL;
			struct sca_str rest, cap;
			unsigned n;

			if (!a)
				continue;
			rows++;
			rest = sca_str_z(a->caps);
			while (rest.n && str_cut(&rest, ' ', &cap))
				if (sca_cap_parse(cap, &n))
					fail_msg("%s: unknown capability in %s", name, a->caps);
			if (a->danger > SCA_DANGER_NOTE && (!a->risk[0] || !a->answer[0]))
				fail_msg("%s is held back without risk or answer", name);
			if (a->caps_mandatory && !a->caps[0])
				fail_msg("%s: no capability is mandatory", name);
		}
	}
	assert_true(rows > 100);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		if (sca_advice_find(sca_str_z(held[i]))->danger <= SCA_DANGER_NOTE)
			fail_msg("%s is not held back", held[i]);
	assert_null(sca_advice_find(SCA_STR("mkdir")));
	assert_true(sca_advice_find(SCA_STR("clone3"))->enosys_fallback);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arch_round_trip), cmocka_unit_test(test_arch_spellings),
		cmocka_unit_test(test_record_pairs),    cmocka_unit_test(test_calls),
		cmocka_unit_test(test_against_libseccomp), cmocka_unit_test(test_known_and_near),
		cmocka_unit_test(test_actions),         cmocka_unit_test(test_errno_and_caps),
		cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
