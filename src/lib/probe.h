/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying in a child process what might not end, or end badly.
 */
#ifndef SCA_PROBE_H
#define SCA_PROBE_H

#include "base.h"

/*
 * Runs `f` in a forked child with a limit on its processor time. Whatever f does is lost with
 * the child; that it came to an end is the answer. 0; SCA_E_LIMIT when the child was ended by
 * the limit or by a fault; -errno when there could be no child.
 */
int probe_run(void (*f)(void *arg), void *arg, unsigned seconds);

#endif
