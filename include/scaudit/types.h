/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared value types of libscaudit.
 *
 * A string from outside is a span: pointer and length, not NUL terminated, any byte
 * value. A span borrows; who owns the bytes is said where the span is handed out.
 */
#ifndef SCAUDIT_TYPES_H
#define SCAUDIT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SCA_API __attribute__((visibility("default")))

struct sca_str {
	const char *p; /* never read when n is 0; may then be NULL */
	size_t n;      /* bytes */
};

/* Where something stands in an input. `file` is borrowed; NULL when there is none. */
struct sca_pos {
	const char *file;
	uint64_t line;   /* 1-based; 0 when unknown */
	uint64_t offset; /* byte offset of the line's start in the decompressed stream */
};

/*
 * How far a record can be believed. KERNEL: the channel lets nobody but the kernel or
 * auditd write such a record (a regular file in auditd's format, netlink from port 0,
 * /dev/kmsg with facility kern, a journal entry with _TRANSPORT audit or kernel).
 * FORGEABLE: anybody who can write the text could have made it up (syslog, stdin, pastes,
 * JSON of another tool).
 */
enum sca_trust {
	SCA_TRUST_FORGEABLE,
	SCA_TRUST_KERNEL,
};

/* What the kernel did with the call (kernel/seccomp.c, SECCOMP_RET_ACTION_FULL). */
enum sca_action {
	SCA_ACT_KILL_PROCESS, /* 0x80000000 */
	SCA_ACT_KILL_THREAD,  /* 0x00000000 */
	SCA_ACT_TRAP,         /* 0x00030000 */
	SCA_ACT_ERRNO,        /* 0x00050000 */
	SCA_ACT_USER_NOTIF,   /* 0x7fc00000 */
	SCA_ACT_TRACE,        /* 0x7ff00000 */
	SCA_ACT_LOG,          /* 0x7ffc0000: the call went through */
	SCA_ACT_ALLOW,        /* 0x7fff0000: never in a record, only in verdicts */
	SCA_ACT_STRICT,       /* mode 1 (prctl): record with sig=9 and code=0x0 */
	SCA_ACT_UNKNOWN,      /* any other value, or no code in the record */
	SCA_ACT_COUNT,
};

#ifdef __cplusplus
}
#endif
#endif
