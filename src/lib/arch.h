/* SPDX-License-Identifier: Apache-2.0 */
/* The table of architectures, see tables/arch.in. */
#ifndef SCA_ARCH_H
#define SCA_ARCH_H

#include "text.h"

#include <scaudit/names.h>

/* Groups of late calls that an architecture has or has not, see tables/syscalls_late.in. */
enum arch_group {
	COMMON = 1 << 0,
	TIME64 = 1 << 1,
	CLONE3 = 1 << 2,
	SECRET = 1 << 3,
	SHADOW = 1 << 4,
	SINCE_6_19 = 1 << 5,
};

struct arch {
	uint32_t token;
	const char *name;
	const char *scmp_name; /* NULL when libseccomp has no such architecture */
	const char *go;        /* NULL when there is none */
	const char *aliases;   /* between blanks */
	int32_t base;          /* what its numbers have on top of its table's */
	unsigned groups;       /* bits of enum arch_group */
};

/* NULL when the token is in no row. */
const struct arch *arch_find(uint32_t token);
/* The row's position, below sca_arch_count(). */
size_t arch_index(const struct arch *a);
/* Whether the libseccomp we run with knows the architecture. */
bool arch_in_libseccomp(uint32_t token);

#endif
