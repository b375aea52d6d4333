/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, names and spellings of architectures, and a record's pair of token and number. */
#include "text.h"

#include <scaudit/names.h>

#include <seccomp.h>
#include <setjmp.h>
#include <cmocka.h>

/* Every token that a record can have, and x32: record-formats.md section 6. */
static const struct {
	uint32_t token;
	const char *name;
} tokens[] = {
	{0xc000003e, "x86_64"},     {0x40000003, "x86"},        {0x4000003e, "x32"},
	{0xc00000b7, "aarch64"},    {0x40000028, "arm"},        {0x28, "armeb"},
	{0x8, "mips"},              {0x40000008, "mipsel"},     {0x80000008, "mips64"},
	{0xa0000008, "mips64n32"},  {0xc0000008, "mipsel64"},   {0xe0000008, "mipsel64n32"},
	{0x14, "ppc"},              {0x80000015, "ppc64"},      {0xc0000015, "ppc64le"},
	{0x16, "s390"},             {0x80000016, "s390x"},      {0x400000f3, "riscv32"},
	{0xc00000f3, "riscv64"},    {0x40000102, "loongarch32"}, {0xc0000102, "loongarch64"},
	{0xf, "parisc"},            {0x8000000f, "parisc64"},   {0x4, "m68k"},
	{0x2a, "sheb"},             {0x4000002a, "sh"},         {0x8000002a, "sh64"},
	{0xc000002a, "shel64"},     {0x2, "sparc"},             {0x8000002b, "sparc64"},
	{0xc0009026, "alpha"},      {0xc0000032, "ia64"},       {0x4000005d, "arcompact"},
	{0x5d, "arcompactbe"},      {0x400000c3, "arcv2"},      {0xc3, "arcv2be"},
	{0x400000fc, "csky"},       {0x5e, "xtensa"},           {0x5c, "openrisc"},
	{0x40000071, "nios2"},      {0xbd, "microblaze"},       {0xa4, "hexagon"},
	{0x2e, "h8300"},            {0x4000008c, "c6x"},        {0x8c, "c6xbe"},
	{0x4000004c, "cris"},       {0x5441, "frv"},            {0x58, "m32r"},
	{0x400000a7, "nds32"},      {0xa7, "nds32be"},          {0xc00000bf, "tilegx"},
	{0x400000bf, "tilegx32"},   {0x400000bc, "tilepro"},    {0x4000006e, "unicore"},
};

static void test_arch_tokens(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		const char *name = sca_arch_name(tokens[i].token);
		const char *spellings[] = {name, sca_arch_scmp_name(tokens[i].token),
					   sca_arch_go_name(tokens[i].token), NULL, NULL};
		char hex[2][16];

		if (!name || strcmp(name, tokens[i].name) != 0)
			fail_msg("%x is %s, not %s", tokens[i].token, name ? name : "nothing",
				 tokens[i].name);
		snprintf(hex[0], sizeof(hex[0]), "%x", tokens[i].token);
		snprintf(hex[1], sizeof(hex[1]), "0x%08X", tokens[i].token);
		spellings[3] = hex[0];
		spellings[4] = hex[1];
		for (size_t k = 0; k < ARRAY_SIZE(spellings); k++) {
			uint32_t back = 0;

			if (spellings[k] && (sca_arch_parse(sca_str_z(spellings[k]), &back) ||
					     back != tokens[i].token))
				fail_msg("%s does not come back from %s", name, spellings[k]);
		}
	}
	assert_int_equal(sca_arch_count(), ARRAY_SIZE(tokens));
	assert_null(sca_arch_name(0x1234));
	assert_null(sca_arch_name(0));
	assert_int_equal(sca_arch_at(100000), 0);
}

/* libseccomp's own names and tokens, and a probe for what it compiles: a filter of that
 * architecture alone, as a filter holds one endianness. */
static void test_arch_libseccomp(void **state _unused_)
{
	bool others = false;
	size_t n = 0;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		uint32_t token = sca_arch_at(i);
		const char *name = sca_arch_name(token), *scmp = sca_arch_scmp_name(token);
		scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
		uint32_t theirs = seccomp_arch_resolve_name(name);
		bool compiles;

		assert_non_null(ctx);
		compiles = token == seccomp_arch_native() ||
			   (seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE) == 0 &&
			    seccomp_arch_add(ctx, token) == 0);
		seccomp_release(ctx);
		if (compiles != sca_arch_compilable(token))
			fail_msg("%s: compiles %d, we say %d", name, compiles, !compiles);
		if ((theirs || compiles) && (!scmp || theirs != token))
			fail_msg("libseccomp has %x for %s", theirs, name);
		if (scmp && others)
			fail_msg("%s stands behind the kernel's", name);
		if (scmp && (strncmp(scmp, "SCMP_ARCH_", 10) != 0 ||
			     !str_eq_nocase(sca_str_z(scmp + 10), sca_str_z(name))))
			fail_msg("%s and %s do not match", name, scmp);
		others = others || !scmp;
		n += compiles;
	}
	assert_true(n >= 19);
	assert_int_equal(sca_arch_native(), seccomp_arch_native());
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
		{"mips64le", 0xc0000008}, {"386", 0x40000003},    {"shel", 0x4000002a},
		{"sh", 0x4000002a},       {"sheb", 0x2a},         {"ppc64el", 0xc0000015},
		{"SCMP_ARCH_SHEB", 0x2a}, {"SCMP_ARCH_SH", 0x4000002a},
		{"", 0},                  {"SCMP_ARCH_NATIVE", 0}, {"c000003f", 0},
		{"1c000003e", 0},         {"x86_64 ", 0},         {"SCMP_ARCH_", 0},
		{"0", 0},                 {"0x", 0},              {" ", 0},
		{"i386 i486", 0},         {"x86_64\n", 0},        {"SCMP_ARCH_ARMEB", 0},
	};
	/* moby compares includes.arches with these (profile-semantics.md 1.1) */
	static const struct {
		const char *go, *name;
	} moby[] = {
		{"amd64", "x86_64"},   {"x86", "x86"},         {"arm", "arm"},
		{"arm64", "aarch64"},  {"ppc64le", "ppc64le"}, {"s390x", "s390x"},
		{"riscv64", "riscv64"}, {"mips64", "mips64"},  {"mipsel64", "mipsel64"},
		{"loongarch64", "loongarch64"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t arch = 0;
		int r = sca_arch_parse(sca_str_z(rows[i].text), &arch);

		if (arch != rows[i].arch || (r == 0) != (rows[i].arch != 0))
			fail_msg("\"%s\" gives %x", rows[i].text, arch);
	}
	for (size_t i = 0; i < ARRAY_SIZE(moby); i++) {
		uint32_t arch = 0;

		assert_int_equal(sca_arch_parse(sca_str_z(moby[i].name), &arch), 0);
		if (strcmp(sca_arch_go_name(arch), moby[i].go) != 0)
			fail_msg("%s is %s in Go", moby[i].name, sca_arch_go_name(arch));
	}
	assert_null(sca_arch_go_name(0xc0009026));
	assert_null(sca_arch_scmp_name(0xc0009026));
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
		{0xc000003e, 0x7fffffff, 0x4000003e, 0x3fffffff},
		{0xc000003e, 0x3fffffff, 0xc000003e, 0x3fffffff},
		{0xc00000b7, -1, 0xc00000b7, -1},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arch_tokens),
		cmocka_unit_test(test_arch_libseccomp),
		cmocka_unit_test(test_arch_spellings),
		cmocka_unit_test(test_record_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
