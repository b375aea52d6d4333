/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Problems that somebody looked at and lives with, for a time. A line of the file is
 *
 *	ID [POINTER] YYYY-MM-DD REASON
 *
 * with "#" before remarks. Without a pointer every problem with that id is meant; with one, those
 * at this place and below. From that day on (UTC) the line does not hold any more.
 */
#ifndef CLI_IGNORE_H
#define CLI_IGNORE_H

#include "cli.h"

struct ignore_row {
	unsigned line;
	size_t check;
	struct sca_str pointer; /* n 0: everywhere */
	struct sca_str until, reason;
	bool expired, used;
};

struct ignore {
	const char *path;
	char *text;
	struct ignore_row *v;
	size_t n;
};

int ignore_load(struct ignore *ret, const char *path, struct sca_err *err);
void ignore_free(struct ignore *ig);
/* The row that a problem is ignored by; NULL when it counts. Notes the use, of expired rows too. */
const struct ignore_row *ignore_find(struct ignore *ig, const struct sca_problem *p);

#endif
