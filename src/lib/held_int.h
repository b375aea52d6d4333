/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCA_HELD_INT_H
#define SCA_HELD_INT_H

#include <scaudit/held.h>

#include "filter_int.h"

struct held_program {
	struct sock_filter *v;
	size_t n;
	bool have_flags, log_flag;
};

/* -- held_filter.c -- */

/* A filter of nothing but its program, which is copied. */
int held_wrap(struct sca_filter **ret, const struct sock_filter *prog, size_t n,
	      struct sca_err *err);
/* One program that answers what a stack of two does. */
int held_stack(struct sca_filter **ret, const struct sca_filter *newer,
	       const struct sca_filter *older, struct sca_err *err);

/* -- held_read.c -- */

/* Fills v[] as the kernel counts, oldest first; the programs are malloc'ed, also on failure. */
int held_fetch(int pid, struct held_program *v, size_t cap, size_t *ret_n, struct sca_err *err);

#endif
