/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sample application's native helper: makes one call that its profile refuses, with and
 * without 32-bit entry. Built static and run inside the container by scripts/make-samples.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __i386__
#define JOBS {"mkdir", SYS_mkdir}
#else
#define JOBS {"io_uring_setup", SYS_io_uring_setup}, {"clone3", SYS_clone3}
#endif

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		long nr;
	} jobs[] = {JOBS};

	for (size_t i = 0; argc > 1 && i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (strcmp(argv[1], jobs[i].name) == 0) {
			long r = syscall(jobs[i].nr, argc > 2 ? (long)argv[2] : 0, 0, 0, 0, 0, 0);

			printf("%s: %s\n", argv[1], r < 0 ? strerror(errno) : "done");
			return r < 0;
		}
	}
	return 2;
}
