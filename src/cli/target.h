/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "cli.h"

/* The target of the options. With `told`, *t is one already and only what is given changes it.
 * *ret_given: some part came from an option, or was told. */
int target_set(struct cli *cli, bool told, struct sca_target *t, bool *ret_given);
/* sca_profile_load_file(), with a word about YAML. */
int profile_open(struct sca_profile **ret, const char *path, struct sca_err *err);
/* "target:     docker, runc 1.3.0, ..." */
void target_line(const struct page *pg, const struct sca_target *t, bool given);

#endif
