/* SPDX-License-Identifier: Apache-2.0 */
/* Names and numbers of calls, on every architecture. */
#include "text.h"
#include "with_names.h"

#include <scaudit/names.h>

#include <seccomp.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct {
	uint32_t arch;
	int32_t nr;
	const char *name; /* NULL: the number has none */
} calls[] = {
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
	{0xc0009026, 581, "rseq_slice_yield"},
	{0xc0009026, 582, NULL},
	{0xc0000102, 63, "read"}, /* loongarch64, which libseccomp 2.5 lacks */
	{0xc0000102, 79, "newfstatat"},
	{0xc0000102, 38, NULL}, /* renameat */
	{0xc0000102, 163, NULL},
	{0xc0000102, 164, NULL},
	{0xc0000102, 447, NULL},
	{0xc0000102, 435, "clone3"},
	{0xc0000102, 403, NULL},
	{0x28, 3, "read"}, /* armeb */
	{0x28, 0xf0002, "cacheflush"},
	{SCA_ARCH_ARM, 0xf0006, "get_tls"},
	{SCA_ARCH_ARM, 0xf0000, NULL},
	{SCA_ARCH_ARM, 0xf0007, NULL},
	{SCA_ARCH_AARCH64, 0xf0001, NULL},
	{0xc0000032, 425, NULL}, /* ia64 counted from 1024 */
	{0x2a, 424, "pidfd_send_signal"},
	{0x2a, 403, "clock_gettime64"},
	{0x4, 435, "clone3"}, /* m68k */
	{0x8000002b, 403, NULL}, /* sparc64 */
	{0x8000002b, 469, "file_setattr"},
	{0x8, 4403, "clock_gettime64"},
	{0x80000008, 5403, NULL},
	{0xe0000008, 6403, "clock_gettime64"},
	{0xc0000008, 5471, "rseq_slice_yield"},
	{0xc0000008, 4003, NULL}, /* o32's number on n64 */
	{0xc00000f3, 259, "riscv_flush_icache"},
	{0x16, 447, "memfd_secret"},
	{SCA_ARCH_X32, 447, "memfd_secret"},
	{SCA_ARCH_X32, 547, "pwritev2"},
	{SCA_ARCH_X32, 548, NULL},
	{SCA_ARCH_X32, 0x40000000, NULL}, /* with the bit it is no number of ours */
	{SCA_ARCH_X86, 402, "msgctl"},
	{SCA_ARCH_X86, 415, NULL},
	{SCA_ARCH_X86_64, -1, NULL},
	{SCA_ARCH_X86_64, INT32_MAX, NULL},
	{SCA_ARCH_X86_64, INT32_MIN, NULL},
	{SCA_ARCH_X86, -101, NULL}, /* libseccomp's pseudo number of socket */
	{0x1234, 1, NULL},
};

static void test_calls(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const char *name = sca_syscall_name(names, calls[i].arch, calls[i].nr);
		int32_t nr = -2;

		if (!calls[i].name != !name || (name && strcmp(name, calls[i].name) != 0))
			fail_msg("%x %d is %s, not %s", calls[i].arch, calls[i].nr,
				 name ? name : "nothing", calls[i].name ? calls[i].name : "nothing");
		if (name && (sca_syscall_number(names, calls[i].arch, sca_str_z(name), &nr) ||
			     nr != calls[i].nr))
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

/* Where libseccomp has a name of the late table, too, it has it at the same number, so that our
 * continuation is checked as far as the one here reaches. Also: no name twice, no number lost. */
static void test_late_table(void **state _unused_)
{
	static const struct {
		int32_t nr;
		const char *name;
	} rows[] = {
#define LATE(nr, name, group) {nr, name},
#include "tables/syscalls_late.in"
	};
	size_t compared = 0;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		uint32_t arch = sca_arch_at(i);
		int32_t bit = arch == SCA_ARCH_X32 ? SCA_X32_BIT : 0, nr;
		int first = seccomp_syscall_resolve_name_arch(arch, "read");
		int32_t base = first >= 4000 && first < 7000 ? first / 1000 * 1000 : 0;

		for (size_t k = 0; sca_arch_compilable(arch) && k < ARRAY_SIZE(rows); k++) {
			int theirs = seccomp_syscall_resolve_name_arch(arch, rows[k].name);
			bool ours = !sca_syscall_number(names, arch, sca_str_z(rows[k].name), &nr);

			if (theirs >= 0 && (theirs & ~bit) != rows[k].nr + base)
				fail_msg("%s %s: %d, not %d", sca_arch_name(arch), rows[k].name,
					 theirs, rows[k].nr + base);
			if (theirs != -1 && (theirs >= 0) != ours)
				fail_msg("%s %s: %d there, %d here", sca_arch_name(arch),
					 rows[k].name, theirs, ours ? nr : -1);
			compared += theirs >= 0;
		}
		for (int32_t n = 0; n <= MIN(sca_syscall_last(names, arch), 7000); n++) {
			const char *name = sca_syscall_name(names, arch, n);

			if (name && (sca_syscall_number(names, arch, sca_str_z(name), &nr) ||
				     nr != n))
				fail_msg("%s %s: %d and %d", sca_arch_name(arch), name, n, nr);
		}
	}
	print_message("%zu late numbers agree\n", compared);
	assert_true(compared > 500);
}

static void test_known_and_near(void **state _unused_)
{
	static const struct {
		const char *name, *near;
	} rows[] = {
		{"mkdr", "mkdir"},       {"Mkdir", "mkdir"},    {"opneat", "openat"},
		{"io-uring-setup", "io_uring_setup"}, {"clone33", "clone3"},
		{"OPENAT2", "openat2"},  {"DUP", "dup"},        {"mseall", "mseal"},
		{"riscv_hwprob", "riscv_hwprobe"}, {"fchmodat22", "fchmodat2"},
		{"clock_gettime46", "clock_gettime64"}, {"statx", "statx"},
		{"qqqqqqqq", NULL},      {"", NULL},            {"x", NULL},
		{"dpu", NULL}, /* one in three letters is no slip */
		{"abcd", NULL},          {"mkdirectory", NULL},
	};
	char long_name[300];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *near = sca_syscall_nearest(names, sca_str_z(rows[i].name));

		if (!near != !rows[i].near || (near && strcmp(near, rows[i].near) != 0))
			fail_msg("near \"%s\": %s", rows[i].name, near ? near : "nothing");
	}
	memset(long_name, 'a', sizeof(long_name));
	assert_null(sca_syscall_nearest(names, (struct sca_str){long_name, sizeof(long_name)}));
	assert_false(sca_syscall_in_libseccomp(names,
					       (struct sca_str){long_name, sizeof(long_name)}));
	assert_true(sca_syscall_in_libseccomp(names, SCA_STR("mkdir")));
	assert_true(sca_syscall_in_libseccomp(names, SCA_STR("set_tls"))); /* ARM's */
	assert_true(sca_syscall_in_libseccomp(names, SCA_STR("socketcall")));
	assert_false(sca_syscall_in_libseccomp(names, SCA_STR("Mkdir")));
	assert_false(sca_syscall_in_libseccomp(names, SCA_STR("mkdir\0x")));
	assert_false(sca_syscall_in_libseccomp(names, SCA_STR("")));
}

static void test_last(void **state _unused_)
{
	assert_int_equal(sca_syscall_last(names, SCA_ARCH_X86_64), 471);
	assert_int_equal(sca_syscall_last(names, SCA_ARCH_X32), 547);
	assert_int_equal(sca_syscall_last(names, SCA_ARCH_ARM), 0xf0006);
	assert_int_equal(sca_syscall_last(names, 0x16), 469);
	assert_int_equal(sca_syscall_last(names, 0x8), 4471);
	assert_int_equal(sca_syscall_last(names, 0xc0009026), 581);
	assert_int_equal(sca_syscall_last(names, 0xc0000032), -1);
	assert_int_equal(sca_syscall_last(names, 0x1234), -1);
}

/* A name on an architecture that has no such call, and names in no table. */
static void test_no_number(void **state _unused_)
{
	static const struct {
		uint32_t arch;
		struct sca_str name;
	} rows[] = {
		{SCA_ARCH_X86_64, SCA_STR("socketcall")}, {SCA_ARCH_X86_64, SCA_STR("ipc")},
		{SCA_ARCH_X86_64, SCA_STR("clock_gettime64")}, {SCA_ARCH_X86_64, SCA_STR("set_tls")},
		{SCA_ARCH_AARCH64, SCA_STR("open")},      {SCA_ARCH_AARCH64, SCA_STR("mkdir")},
		{SCA_ARCH_X86, SCA_STR("accept")},        {SCA_ARCH_X86, SCA_STR("send")},
		{SCA_ARCH_X86_64, SCA_STR("Mkdir")},      {SCA_ARCH_X86_64, SCA_STR("mkdi")},
		{SCA_ARCH_X86_64, SCA_STR("mkdirx")},     {SCA_ARCH_X86_64, SCA_STR("")},
		{SCA_ARCH_X86_64, SCA_STR("mkdir\0")},    {0x1234, SCA_STR("mkdir")},
		{0, SCA_STR("mkdir")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int32_t nr = 7;

		if (sca_syscall_number(names, rows[i].arch, rows[i].name, &nr) != SCA_E_UNKNOWN ||
		    nr != 7)
			fail_msg("%x %.*s is %d", rows[i].arch, (int)rows[i].name.n,
				 rows[i].name.p, nr);
	}
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Look-ups stand in the path of every record and of every name of a profile; a profile of 65536
 * unknown names must not hang the checker. Bounds are loose for sanitizers. */
static void test_speed(void **state _unused_)
{
	struct sca_names *fresh;
	double start = seconds(), filled, numbers, near;
	size_t found = 0;
	int32_t nr;

	assert_int_equal(sca_names_new(&fresh, NULL), 0);
	for (size_t i = 0; i < sca_arch_count(); i++)
		found += !sca_syscall_number(fresh, sca_arch_at(i), SCA_STR("no_such"), &nr);
	filled = seconds() - start;
	start = seconds();
	for (int i = 0; i < 100000; i++)
		found += sca_syscall_name(fresh, SCA_ARCH_X86_64, i % 500) != NULL &&
			 !sca_syscall_number(fresh, SCA_ARCH_X86, SCA_STR("socket"), &nr);
	numbers = seconds() - start;
	start = seconds();
	for (int i = 0; i < 1000; i++)
		found += sca_syscall_nearest(fresh, SCA_STR("clock_nanosleeep_tiem64x")) != NULL;
	near = seconds() - start;
	sca_names_free(fresh);
	print_message("all tables %.1f ms, name and number %.0f ns, nearest %.0f us (%zu)\n",
		      filled * 1e3, numbers * 1e4, near * 1e3, found);
	assert_true(filled < 1 && numbers < 1 && near < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_against_libseccomp),
		cmocka_unit_test(test_late_table),
		cmocka_unit_test(test_no_number),
		cmocka_unit_test(test_known_and_near),
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
