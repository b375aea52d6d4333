/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of other sandboxes: read as a profile, and a profile written as one, as far as they
 * can say it. What is written never allows more than the profile does under its target.
 *
 * sca_profile_load_file() and sca_profile_load_text() know these forms by their content.
 */
#ifndef SCAUDIT_POLICY_H
#define SCAUDIT_POLICY_H

#include <scaudit/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SCA_POLICY_MAX_CALLS 16384

enum sca_policy {
	SCA_POLICY_MINIJAIL, /* "name: 1", "name: arg0 == 2", "name: return 1" */
	SCA_POLICY_SYSTEMD,  /* SystemCallFilter= and its like, in a unit or alone */
};

/* The first line that says something decides. False for anything else. */
SCA_API bool sca_policy_guess(struct sca_str text, enum sca_policy *ret);
/*
 * A profile as moby writes them, for a policy's text; malloc'ed, the caller frees. *ret_notes: what
 * it can not hold, a line each, "" for nothing; malloc'ed. SCA_E_SYNTAX and SCA_E_UNSUPPORTED
 * with line and column for what has no meaning, or none that a profile could have without
 * allowing more.
 */
SCA_API int sca_policy_read(char **ret, char **ret_notes, struct sca_str text,
			    enum sca_policy kind, struct sca_err *err);
/* The policy that says what the profile does under a target; strings as above. */
SCA_API int sca_policy_write(char **ret, char **ret_notes, const struct sca_profile *p,
			     const struct sca_target *t, enum sca_policy kind,
			     struct sca_names *names, struct sca_err *err);

#ifdef __cplusplus
}
#endif
#endif
