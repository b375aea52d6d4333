/* SPDX-License-Identifier: Apache-2.0 */
/* Names of actions, errno values and capabilities. */
#include "text.h"

#include <scaudit/names.h>

/* include/uapi/linux/seccomp.h; STRICT and UNKNOWN are ours. */
static const struct {
	const char *name;
	const char *scmp;
	uint32_t code;
	bool denies;
} actions[SCA_ACT_COUNT] = {
	[SCA_ACT_KILL_PROCESS] = {"kill_process", "SCMP_ACT_KILL_PROCESS", 0x80000000, true},
	[SCA_ACT_KILL_THREAD] = {"kill_thread", "SCMP_ACT_KILL_THREAD", 0x00000000, true},
	[SCA_ACT_TRAP] = {"trap", "SCMP_ACT_TRAP", 0x00030000, true},
	[SCA_ACT_ERRNO] = {"errno", "SCMP_ACT_ERRNO", 0x00050000, true},
	[SCA_ACT_USER_NOTIF] = {"user_notif", "SCMP_ACT_NOTIFY", 0x7fc00000, true},
	[SCA_ACT_TRACE] = {"trace", "SCMP_ACT_TRACE", 0x7ff00000, true},
	[SCA_ACT_LOG] = {"log", "SCMP_ACT_LOG", 0x7ffc0000, false},
	[SCA_ACT_ALLOW] = {"allow", "SCMP_ACT_ALLOW", 0x7fff0000, false},
	[SCA_ACT_STRICT] = {"strict", NULL, 0x00000000, true},
	[SCA_ACT_UNKNOWN] = {"unknown", NULL, 0xffff0000, true},
};

/* Other spellings: libseccomp's old name of KILL_THREAD, and words of ausearch. */
static const struct {
	const char *name;
	enum sca_action action;
} aliases[] = {
	{"SCMP_ACT_KILL", SCA_ACT_KILL_THREAD}, {"kill-process", SCA_ACT_KILL_PROCESS},
	{"kill-thread", SCA_ACT_KILL_THREAD},   {"user-notify", SCA_ACT_USER_NOTIF},
	{"notify", SCA_ACT_USER_NOTIF},
};

#define ACTION_MASK 0xffff0000u
#define SIGKILL_NR  9

enum sca_action sca_action_from_code(uint32_t code, int sig)
{
	code &= ACTION_MASK;
	if (code == 0 && sig == SIGKILL_NR)
		return SCA_ACT_STRICT;
	for (int a = 0; a < SCA_ACT_STRICT; a++)
		if (actions[a].code == code)
			return (enum sca_action)a;
	return SCA_ACT_UNKNOWN;
}

uint32_t sca_action_code(enum sca_action action)
{
	return (unsigned)action < SCA_ACT_COUNT ? actions[action].code : ACTION_MASK;
}

const char *sca_action_name(enum sca_action action)
{
	return (unsigned)action < SCA_ACT_COUNT ? actions[action].name : "unknown";
}

const char *sca_action_scmp_name(enum sca_action action)
{
	return (unsigned)action < SCA_ACT_COUNT ? actions[action].scmp : NULL;
}

int sca_action_parse(struct sca_str text, enum sca_action *ret)
{
	for (int a = 0; a < SCA_ACT_COUNT; a++) {
		if (str_eq(text, sca_str_z(actions[a].name)) ||
		    (actions[a].scmp && str_eq(text, sca_str_z(actions[a].scmp)))) {
			*ret = (enum sca_action)a;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (str_eq(text, sca_str_z(aliases[i].name))) {
			*ret = aliases[i].action;
			return 0;
		}
	}
	return SCA_E_UNKNOWN;
}

bool sca_action_denies(enum sca_action action)
{
	return (unsigned)action >= SCA_ACT_COUNT || actions[action].denies;
}

/* -- errno -- */

#define ERRNO_MAX 4095 /* include/linux/err.h MAX_ERRNO */

const char *sca_errno_name(int e)
{
	return e > 0 && e <= ERRNO_MAX ? strerrorname_np(e) : NULL;
}

/* Second names of a number, which strerrorname_np() never gives. */
static const struct {
	const char *name;
	int value;
} errno_aliases[] = {
	{"EWOULDBLOCK", EWOULDBLOCK},
	{"EDEADLOCK", EDEADLOCK},
	{"ENOTSUP", ENOTSUP},
};

int sca_errno_parse(struct sca_str text, int *ret)
{
	uint32_t n;

	if (text.n && ascii_digit(text.p[0])) {
		int r = str_u32(text, &n);

		if (r < 0)
			return r;
		if (n > ERRNO_MAX)
			return SCA_E_RANGE;
		*ret = (int)n;
		return 0;
	}
	for (int e = 1; e <= ERRNO_MAX; e++) {
		const char *name = strerrorname_np(e);

		if (name && str_eq(text, sca_str_z(name))) {
			*ret = e;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(errno_aliases); i++) {
		if (str_eq(text, sca_str_z(errno_aliases[i].name))) {
			*ret = errno_aliases[i].value;
			return 0;
		}
	}
	return SCA_E_UNKNOWN;
}

/*
 * -- capabilities, include/uapi/linux/capability.h --
 *
 * libcap-ng knows them as "chown", and only up to the last one of the running kernel; profiles
 * want "CAP_CHOWN", and may be meant for another machine.
 */

static const char *const caps[] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
	"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
	"CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
	"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};

int sca_cap_parse(struct sca_str text, unsigned *ret)
{
	for (unsigned i = 0; i < ARRAY_SIZE(caps); i++) {
		if (str_eq(text, sca_str_z(caps[i]))) {
			*ret = i;
			return 0;
		}
	}
	return SCA_E_UNKNOWN;
}

const char *sca_cap_name(unsigned cap)
{
	return cap < ARRAY_SIZE(caps) ? caps[cap] : NULL;
}
