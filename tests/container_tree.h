/* SPDX-License-Identifier: Apache-2.0 */
/* A root directory of made-up processes and engine state. To be included first. */
#ifndef TESTS_CONTAINER_TREE_H
#define TESTS_CONTAINER_TREE_H

#include "container_int.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <cmocka.h>

#define A64 "aaaaaaaa0123456789abcdefaaaaaaaa0123456789abcdefaaaaaaaa01234567"
#define B64 "bbbbbbbb0123456789abcdefbbbbbbbb0123456789abcdefbbbbbbbb01234567"
#define C64 "cccccccc0123456789abcdefcccccccc0123456789abcdefcccccccc01234567"
#define D64 "dddddddd0123456789abcdefdddddddd0123456789abcdefdddddddd01234567"
#define E64 "eeeeeeee0123456789abcdefeeeeeeee0123456789abcdefeeeeeeee01234567"
#define UID "0d08203e-255a-11e9-8cd9-0007cb0b2cc8"
#define BTIME 1700000000

static char top[64];

/* A path below the root; the result is good until the next call. */
static const char *under(const char *path)
{
	static char full[1024];

	snprintf(full, sizeof(full), "%s/%s", top, path);
	return full;
}

static inline void make_dirs(const char *path)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s", under(path));
	for (char *p = full + strlen(top) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static inline void put_file(const char *path, const char *text)
{
	FILE *f;

	make_dirs(path);
	f = fopen(under(path), "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline void put_task(unsigned pid, const char *comm, char state, unsigned ticks,
			    const char *cgroup)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	snprintf(text, sizeof(text),
		 "%u (%s) %c 1 1 1 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 %u 2 3\n", pid, comm,
		 state, ticks);
	put_file(path, text);
	snprintf(path, sizeof(path), "proc/%u/cgroup", pid);
	put_file(path, cgroup);
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int make_top(void **state _unused_)
{
	char text[64];

	snprintf(top, sizeof(top), "/tmp/scaudit-container-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(text, sizeof(text), "cpu  1 2 3\nbtime %d\nprocesses 9\n", BTIME);
	put_file("proc/stat", text);
	return 0;
}

static int remove_top(void **state _unused_)
{
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define IN_TREE(f) cmocka_unit_test_setup_teardown(f, make_top, remove_top)

static inline struct sca_containers *new_containers(void)
{
	struct sca_containers *cs = NULL;

	assert_int_equal(sca_containers_new(&cs, top, NULL), 0);
	return cs;
}

#define assert_span(row, s, z)                                                            \
	do {                                                                              \
		if (!str_eq((s), sca_str_z(z)))                                           \
			fail_msg("row %u: %s is '%.*s', not '%s'", (unsigned)(row), #s,   \
				 (int)(s).n, (s).p ? (s).p : "", (z));                    \
	} while (0)

#endif
