/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of architectures, system calls, actions, errno values and capabilities.
 *
 * An architecture is libseccomp's 32-bit token: the AUDIT_ARCH_* value of
 * include/uapi/linux/audit.h for all but x32, which the kernel reports as x86_64 with
 * bit 30 set in the number and which has the token SCA_ARCH_X32 here.
 *
 * A system call's number is always the kernel's own for that architecture, as a record
 * shows it (MIPS with its base of 4000/5000/6000, ARM private calls at 0xf0000), but
 * without the x32 bit. libseccomp's negative pseudo numbers never appear.
 *
 * Nothing here guesses: an unknown name or number is reported as unknown.
 */
#ifndef SCAUDIT_NAMES_H
#define SCAUDIT_NAMES_H

#include <scaudit/error.h>
#include <scaudit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SCA_ARCH_X86_64  0xc000003eu
#define SCA_ARCH_X86     0x40000003u
#define SCA_ARCH_X32     0x4000003eu
#define SCA_ARCH_AARCH64 0xc00000b7u
#define SCA_ARCH_ARM     0x40000028u
#define SCA_ARCH_S390X   0x80000016u
#define SCA_X32_BIT      0x40000000

/* -- architectures: one row each in tables/arch.in -- */

/* The rows of the table, libseccomp's architectures first. i < sca_arch_count(). */
SCA_API size_t sca_arch_count(void);
SCA_API uint32_t sca_arch_at(size_t i);

/* libseccomp's name ("x86_64", "x86", "x32", "aarch64", ...); for the others the kernel's
 * name in lower case ("alpha"). NULL when the token is in no row. */
SCA_API const char *sca_arch_name(uint32_t arch);

/* "SCMP_ARCH_X86_64"; NULL when libseccomp (2.5.4 or newer) has no such architecture. */
SCA_API const char *sca_arch_scmp_name(uint32_t arch);

/* The name Go programs use in includes.arches ("amd64", "arm64"); NULL when there is none. */
SCA_API const char *sca_arch_go_name(uint32_t arch);

/* Whether the libseccomp we run with can compile for it. */
SCA_API bool sca_arch_compilable(uint32_t arch);

/* Reads any spelling: ours, SCMP_ARCH_*, uname -m (i686, armv7l), Go's, or a record's hex
 * token with or without 0x. Letters case-insensitive. 0, or SCA_E_UNKNOWN. */
SCA_API int sca_arch_parse(struct sca_str text, uint32_t *ret);

/* The architecture this program runs on. */
SCA_API uint32_t sca_arch_native(void);

/* Splits a record's pair: x86_64 with bit 30 set becomes x32 without it; -1 stays -1. */
SCA_API void sca_arch_from_record(uint32_t token, int64_t nr, uint32_t *ret_arch, int32_t *ret_nr);

/* The way back: the token and the number as a record and as seccomp_data hold them. */
SCA_API void sca_arch_to_record(uint32_t arch, int32_t nr, uint32_t *ret_token, int32_t *ret_nr);

/* -- system calls -- */

/* A lazily filled cache over libseccomp's tables and our own continuation. Not locked. */
struct sca_names;
SCA_API int sca_names_new(struct sca_names **ret, struct sca_err *err);
SCA_API struct sca_names *sca_names_free(struct sca_names *names);

/* Borrowed until sca_names_free(); NULL when unknown (also for nr -1). */
SCA_API const char *sca_syscall_name(struct sca_names *names, uint32_t arch, int32_t nr);

/* Kernel number of a name on an architecture. 0; SCA_E_UNKNOWN when the architecture has
 * no such call or the name is in no table. Names are case-sensitive, as libseccomp's. */
SCA_API int sca_syscall_number(struct sca_names *names, uint32_t arch, struct sca_str name,
			       int32_t *ret);

/* Highest number with a name on that architecture (x32: without the bit); -1 if none. */
SCA_API int32_t sca_syscall_last(struct sca_names *names, uint32_t arch);

/* Whether the libseccomp we run with resolves the name at all (then a rule can use it). */
SCA_API bool sca_syscall_in_libseccomp(struct sca_names *names, struct sca_str name);

/* The nearest known name, for "did you mean"; NULL when nothing is near. Borrowed. */
SCA_API const char *sca_syscall_nearest(struct sca_names *names, struct sca_str name);

/* -- actions -- */

/* Action of a record's code (its low half is ignored). sig 9 with code 0 is strict mode. */
SCA_API enum sca_action sca_action_from_code(uint32_t code, int sig);
SCA_API uint32_t sca_action_code(enum sca_action action); /* the SECCOMP_RET_* value */
SCA_API const char *sca_action_name(enum sca_action action); /* "kill_process", "errno", ... */
SCA_API const char *sca_action_scmp_name(enum sca_action action); /* "SCMP_ACT_ERRNO"; NULL for none */
SCA_API int sca_action_parse(struct sca_str text, enum sca_action *ret); /* either spelling */
SCA_API bool sca_action_denies(enum sca_action action); /* false for LOG and ALLOW */

/* -- errno values (Linux generic numbers) and capabilities -- */

SCA_API const char *sca_errno_name(int e); /* "EPERM"; NULL when unknown */
SCA_API int sca_errno_parse(struct sca_str text, int *ret); /* "ENOSYS" or "38" */

/* Capability n is bit n of a set (include/uapi/linux/capability.h). Names are exact. */
SCA_API int sca_cap_parse(struct sca_str text, unsigned *ret); /* "CAP_CHOWN"; else SCA_E_UNKNOWN */
SCA_API const char *sca_cap_name(unsigned cap);                /* "CAP_CHOWN"; NULL when unknown */

/* -- what is known about a call: one row each in tables/advice.in -- */

enum sca_danger {
	SCA_DANGER_NONE,   /* opening it gives nothing that the caller has not */
	SCA_DANGER_NOTE,   /* widens what can be attacked; opened with a word of warning */
	SCA_DANGER_ESCAPE, /* leads out of the container or to other processes' secrets */
	SCA_DANGER_KERNEL, /* gives kernel code, kernel memory or the machine itself */
	SCA_DANGER_BYPASS, /* makes the rest of the filter moot */
};

struct sca_advice {
	const char *name;     /* syscall */
	const char *caps;     /* capabilities that the kernel itself demands, "CAP_A CAP_B" any of; or "" */
	bool caps_mandatory;  /* without one of them the kernel refuses the call altogether */
	bool enosys_fallback; /* libc or common users fall back when it answers ENOSYS */
	enum sca_danger danger;
	const char *risk;     /* one short sentence, or "" */
	const char *answer;   /* the better answer than allowing it, or "" */
};

/* NULL when there is nothing to say. Static. */
SCA_API const struct sca_advice *sca_advice_find(struct sca_str name);
SCA_API const char *sca_danger_name(enum sca_danger danger);

#ifdef __cplusplus
}
#endif
#endif
