/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "cli.h"

/* The target of the options, and of the profile's home where they name no front end (p: NULL for
 * none). With `told`, *t is one already and only what is given changes it.
 * *ret_given: some part came from an option, or was told. */
int target_for(struct cli *cli, const struct sca_profile *p, bool told, struct sca_target *t,
	       bool *ret_given);
/* The same without a profile. */
int target_set(struct cli *cli, bool told, struct sca_target *t, bool *ret_given);
/* sca_profile_load_file() */
int profile_open(struct sca_profile **ret, const char *path, struct sca_err *err);
/* "profile:    spec of a SeccompProfile, ..." and what is to know of it; nothing for plain JSON.
 * `decides`: the home said what the front end is. */
void home_lines(const struct page *pg, const struct sca_profile *p, bool decides);
/* SCA_E_CONFLICT for a file that makes no container, so neither "--in-place" nor a diff, which is
 * what `option` asks for, is of use. */
int home_check_file(const struct sca_profile *p, const char *option, struct sca_err *err);
/* The way of a patch to a home that is not changed in place; false: there is none to tell. */
bool home_next(struct out *o, const struct sca_profile *old_profile,
	       const struct sca_profile *new_profile);
/* "target:     docker, runc 1.3.0, ..." */
void target_line(const struct page *pg, const struct sca_target *t, bool given);

#endif
