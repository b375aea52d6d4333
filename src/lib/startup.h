/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are made before a program's own, under the container's filter. */
#ifndef SCA_STARTUP_H
#define SCA_STARTUP_H

#include "profile_int.h"

/*
 * Steps through the calls that the target's runtime or any C library needs to start a program,
 * in order of their names; *at starts with 0. False behind the last one.
 */
bool startup_next(const struct sca_target *t, size_t *at, struct sca_str *ret);
bool startup_needs(const struct sca_target *t, struct sca_str name);

#endif
