/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments as strace writes them: numbers, and the flags on which profiles have conditions.
 */
#ifndef SCA_TRACE_ARGS_H
#define SCA_TRACE_ARGS_H

#include "base.h"

/*
 * Of a call's text behind its '(', the arguments that tell calls of one name apart (clone's
 * flags, socket's family, ...). Others stay unknown, as most differ with every call. `whole`: the
 * last one that stands there does so wholly, though no parenthesis follows. Returns the mask of
 * those known.
 */
unsigned trace_args(struct sca_str name, struct sca_str text, bool whole, uint64_t args[6]);

#endif
