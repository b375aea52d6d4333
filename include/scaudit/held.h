/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters that a task really holds, as the kernel gives them back.
 *
 * Needs CAP_SYS_ADMIN, a caller without a filter of its own, a kernel with
 * CONFIG_CHECKPOINT_RESTORE, and that nobody traces the task. The task stops for a moment only:
 * the thread that attaches ends in any case, and with it the attachment.
 */
#ifndef SCAUDIT_HELD_H
#define SCAUDIT_HELD_H

#include <scaudit/patch.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SCA_HELD_MAX 64 /* filters of one task */

struct sca_held;
/*
 * Reads all filters of the thread `pid` (a process's id is that of its first thread). -ESRCH, -EPERM,
 * -EACCES; -EINVAL when it holds no filter; -ETIMEDOUT when it does not stop within two seconds;
 * SCA_E_LIMIT; SCA_E_UNSUPPORTED when an instruction is none that libseccomp or runc emits.
 */
SCA_API int sca_held_read(struct sca_held **ret, int pid, struct sca_err *err);
/* The same from programs at hand, newest first; each struct sock_filter[n]. */
SCA_API int sca_held_new(struct sca_held **ret, const void *const *programs, const size_t *n,
			 size_t count, struct sca_err *err);
SCA_API struct sca_held *sca_held_free(struct sca_held *h);

/* -- the stack, newest first -- */

SCA_API size_t sca_held_count(const struct sca_held *h);
struct sca_held_info {
	size_t instructions;
	bool have_flags; /* the kernel tells them since 4.16 */
	bool log_flag;   /* SECCOMP_FILTER_FLAG_LOG */
};
SCA_API void sca_held_info(const struct sca_held *h, size_t i, struct sca_held_info *ret);
/* One filter; verdicts have SCA_BY_FILTER. Borrowed. */
SCA_API const struct sca_filter *sca_held_at(const struct sca_held *h, size_t i);
/* All of them: every call gets the strictest answer, of equal ones the newest filter's, as in the
 * kernel. Borrowed. */
SCA_API const struct sca_filter *sca_held_filter(const struct sca_held *h);

/*
 * Every verdict in which `held` differs from a compiled profile, over the architectures of both
 * and those that this machine runs, every number, and all values of arguments: `before` is the
 * profile's, `after` the kernel's. SCA_E_LIMIT when conditions are too many to compare.
 */
SCA_API int sca_held_compare(struct sca_proof **ret, const struct sca_filter *profile,
			     const struct sca_filter *held, struct sca_names *names,
			     struct sca_err *err);

#ifdef __cplusplus
}
#endif
#endif
