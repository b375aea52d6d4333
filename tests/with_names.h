/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of system calls, for all tests of a program:
 * cmocka_run_group_tests(tests, make_names, free_names).
 */
#ifndef TESTS_WITH_NAMES_H
#define TESTS_WITH_NAMES_H

#include "base.h"

#include <scaudit/names.h>

static struct sca_names *names;

static int make_names(void **state _unused_)
{
	return sca_names_new(&names, NULL);
}

static int free_names(void **state _unused_)
{
	names = sca_names_free(names);
	return 0;
}

#endif
