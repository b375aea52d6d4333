/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log and its rotated predecessors in one directory: log.1 is the youngest of them, and
 * they may be packed (.gz, .xz, .zst).
 *
 * All of them are renamed when the log is rotated, at any moment. So a log is what its device
 * and inode say, never its name: all are opened before anything is read, and the directory
 * is read again until it shows nothing that is not open. Descriptors stay open to the end,
 * or an inode could come back as another log.
 */
#ifndef SCA_LOGSET_H
#define SCA_LOGSET_H

#include "base.h"

/* What a name says. */
struct log_place {
	uint32_t age;    /* 0 for the live log, N for log.N */
	uint32_t ending; /* row of a table */
};

struct log {
	int fd;
	uint64_t dev, ino, size;
	struct log_place place;
	char *name;         /* path; not changed once it was started */
	unsigned missed;    /* looks at the directory that did not show it, in a row */
	size_t rank;        /* order so far */
	bool started, done; /* set by the reader */
};

struct logset {
	char *dir, *path; /* path of the live log, whose last part is base */
	const char *base;
	struct log **v; /* oldest first */
	size_t n, cap;
};

/* `path` is absolute and names a file. Opens nothing. 0 or -ENOMEM. */
int logset_init(struct logset *set, const char *path, struct sca_err *err);
/* Opens what is there and is not open yet. A failure names the file. */
int logset_collect(struct logset *set, struct sca_err *err);
/* The oldest that is not started; NULL when there is none. */
struct log *logset_next(const struct logset *set);
void logset_release(struct logset *set);

#endif
