/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are made before a program's own, under the container's filter. */
#ifndef SCA_STARTUP_H
#define SCA_STARTUP_H

#include "profile_int.h"

/* How a call is needed, by the target's runtime or by a C library. */
enum start_need {
	START_MADE = 1 << 0,      /* it is made, maybe one can do without */
	START_RUNTIME = 1 << 1,   /* the runtime starts no container without it */
	START_EARLY = 1 << 2,     /* nor without this one, unless no_new_privs is set */
	START_SOMETIMES = 1 << 3, /* Go's runtime makes it now and then */
	START_PROGRAM = 1 << 4,   /* glibc ends on an errno for it */
	START_KILLED = 1 << 5,    /* glibc does without, but is killed for it */
	START_LOADER = 1 << 6,    /* the dynamic loader ends on an errno for it */
};

/*
 * Steps through the calls that are needed in one of these ways, in order of their names; *at
 * starts with 0. In which of them; 0 behind the last call.
 */
unsigned startup_next(const struct sca_target *t, unsigned need, size_t *at, struct sca_str *ret);
/* What is enough instead of the call; empty when nothing is. */
struct sca_str startup_other(struct sca_str name, unsigned need);
/* Whether the runtime or a C library makes the call to start a program. */
bool startup_makes(const struct sca_target *t, struct sca_str name);

#endif
