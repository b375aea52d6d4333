/* SPDX-License-Identifier: Apache-2.0 */
/* Names and codes of actions, errno values and capabilities. */
#include "text.h"

#include <scaudit/names.h>

#include <linux/capability.h>
#include <setjmp.h>
#include <cmocka.h>

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
}

static void test_action_spellings(void **state _unused_)
{
	static const struct {
		const char *text;
		enum sca_action action; /* SCA_ACT_COUNT: none */
	} rows[] = {
		{"SCMP_ACT_KILL", SCA_ACT_KILL_THREAD}, {"SCMP_ACT_KILL_THREAD", SCA_ACT_KILL_THREAD},
		{"SCMP_ACT_KILL_PROCESS", SCA_ACT_KILL_PROCESS}, {"SCMP_ACT_NOTIFY", SCA_ACT_USER_NOTIF},
		{"SCMP_ACT_ERRNO", SCA_ACT_ERRNO},      {"errno", SCA_ACT_ERRNO},
		{"scmp_act_kill", SCA_ACT_COUNT},       {"SCMP_ACT_STRICT", SCA_ACT_COUNT},
		{"SCMP_ACT_", SCA_ACT_COUNT},           {"", SCA_ACT_COUNT},
		{"kill", SCA_ACT_COUNT}, /* an old ausearch means any of three */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum sca_action a = SCA_ACT_COUNT;

		sca_action_parse(sca_str_z(rows[i].text), &a);
		if (a != rows[i].action)
			fail_msg("\"%s\" is %s", rows[i].text, sca_action_name(a));
	}
	for (int a = 0; a < SCA_ACT_STRICT; a++)
		assert_int_equal(sca_action_from_code(sca_action_code((enum sca_action)a), 31), a);
	assert_null(sca_action_scmp_name(SCA_ACT_STRICT));
	assert_null(sca_action_scmp_name(SCA_ACT_UNKNOWN));
}

static void test_errno(void **state _unused_)
{
	static const struct {
		const char *text;
		int r, value;
	} rows[] = {
		{"EPERM", 0, 1},      {"ENOSYS", 0, 38},     {"38", 0, 38},
		{"0", 0, 0},          {"4095", 0, 4095},     {"4096", SCA_E_RANGE, 0},
		{"EWOULDBLOCK", 0, 11}, {"EDEADLOCK", 0, 35}, {"ENOTSUP", 0, 95},
		{"EOPNOTSUPP", 0, 95}, {"enosys", SCA_E_UNKNOWN, 0}, {"ENOSYS ", SCA_E_UNKNOWN, 0},
		{"", SCA_E_UNKNOWN, 0}, {"-1", SCA_E_UNKNOWN, 0}, {"3x", SCA_E_SYNTAX, 0},
		{"99999999999", SCA_E_RANGE, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int e = -7, r = sca_errno_parse(sca_str_z(rows[i].text), &e);

		if (r != rows[i].r || e != (r ? -7 : rows[i].value))
			fail_msg("\"%s\": %d, %d", rows[i].text, r, e);
	}
	for (int e = -1; e <= 4096; e++) {
		int back;

		if (sca_errno_name(e) &&
		    (sca_errno_parse(sca_str_z(sca_errno_name(e)), &back) || back != e))
			fail_msg("%d does not come back", e);
	}
	assert_string_equal(sca_errno_name(1), "EPERM");
	assert_null(sca_errno_name(0));
	assert_null(sca_errno_name(-1));
	assert_null(sca_errno_name(41));
}

/* The kernel's own header says which number a name has. */
static void test_caps(void **state _unused_)
{
#define ROW(cap) {cap, #cap}
	static const struct {
		unsigned cap;
		const char *name;
	} rows[] = {
		ROW(CAP_CHOWN), ROW(CAP_DAC_OVERRIDE), ROW(CAP_DAC_READ_SEARCH), ROW(CAP_FOWNER),
		ROW(CAP_FSETID), ROW(CAP_KILL), ROW(CAP_SETGID), ROW(CAP_SETUID), ROW(CAP_SETPCAP),
		ROW(CAP_LINUX_IMMUTABLE), ROW(CAP_NET_BIND_SERVICE), ROW(CAP_NET_BROADCAST),
		ROW(CAP_NET_ADMIN), ROW(CAP_NET_RAW), ROW(CAP_IPC_LOCK), ROW(CAP_IPC_OWNER),
		ROW(CAP_SYS_MODULE), ROW(CAP_SYS_RAWIO), ROW(CAP_SYS_CHROOT), ROW(CAP_SYS_PTRACE),
		ROW(CAP_SYS_PACCT), ROW(CAP_SYS_ADMIN), ROW(CAP_SYS_BOOT), ROW(CAP_SYS_NICE),
		ROW(CAP_SYS_RESOURCE), ROW(CAP_SYS_TIME), ROW(CAP_SYS_TTY_CONFIG), ROW(CAP_MKNOD),
		ROW(CAP_LEASE), ROW(CAP_AUDIT_WRITE), ROW(CAP_AUDIT_CONTROL), ROW(CAP_SETFCAP),
		ROW(CAP_MAC_OVERRIDE), ROW(CAP_MAC_ADMIN), ROW(CAP_SYSLOG), ROW(CAP_WAKE_ALARM),
		ROW(CAP_BLOCK_SUSPEND), ROW(CAP_AUDIT_READ), ROW(CAP_PERFMON), ROW(CAP_BPF),
		ROW(CAP_CHECKPOINT_RESTORE),
	};
	static const char *const wrong[] = {"SYS_ADMIN", "cap_sys_admin", "CAP_SYS_ADMIN ",
					    "CAP_", "", "CAP_NONE", "21", "Cap_Chown"};
	unsigned cap;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *name = sca_cap_name(rows[i].cap);

		if (!name || strcmp(name, rows[i].name) != 0)
			fail_msg("%u is %s, not %s", rows[i].cap, name ? name : "nothing",
				 rows[i].name);
		assert_int_equal(sca_cap_parse(sca_str_z(name), &cap), 0);
		assert_int_equal(cap, rows[i].cap);
	}
	assert_null(sca_cap_name(ARRAY_SIZE(rows)));
	assert_null(sca_cap_name(UINT32_MAX));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (sca_cap_parse(sca_str_z(wrong[i]), &cap) != SCA_E_UNKNOWN)
			fail_msg("\"%s\" is taken", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_action_spellings),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
