/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program with allocations that fail on command, for tests/fault/alloc.py; linked with the
 * objects of src/cli. SCA_ALLOC=N[+] has the Nth allocation fail (+: and all behind it). At the
 * end a line goes to the descriptor that SCA_ALLOC_REPORT names: allocations that could have
 * failed, those that did, and who asked for the last of them.
 */
#include "base.h"

#include <dlfcn.h>

#include "failing_malloc.h"

static int report = -1;

static bool number(const char **p, long *ret)
{
	long v = 0;

	if (!*p || **p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; ++*p)
		v = v * 10 + (**p - '0');
	*ret = v;
	return true;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("SCA_ALLOC"), *fd = getenv("SCA_ALLOC_REPORT");
	long n;

	prepare_malloc();
	if (number(&fd, &n))
		report = (int)n;
	asked = 0;
	if (number(&at, &n)) {
		for_good = *at == '+';
		countdown = n;
	}
}

__attribute__((destructor)) static void end(void)
{
	const void *caller = refused_last;
	char line[512];
	Dl_info who = {NULL, NULL, NULL, NULL};
	int n;

	countdown = -1;
	if (caller)
		dladdr(caller, &who);
	n = snprintf(line, sizeof(line), "%ld %ld %s %s+0x%lx\n", asked, refused,
		     who.dli_fname ? who.dli_fname : "-", who.dli_sname ? who.dli_sname : "",
		     caller ? (long)((const char *)caller - (const char *)who.dli_fbase) : 0L);
	if (report >= 0 && write(report, line, (size_t)n) < 0)
		_exit(98);
}
