/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log and its rotated predecessors in one directory: log.1 is the youngest of them, and
 * they may be packed (.gz, .xz, .zst). A lenient set has those named log-DATE, too, and the one
 * that is sought by its inode whatever follows the name; what cannot be opened does not fail it.
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
#define LOG_ODD UINT64_MAX
struct log_place {
	uint64_t age;    /* 0 for the live log, N + 1 for log.N, more for an
			  * earlier date, LOG_ODD for any other name */
	uint32_t ending; /* row of a table */
};

/* The first bytes of a log, unpacked: they tell it from others wherever it goes. */
#define LOG_BEGIN 1024u
struct log_begin {
	size_t n;
	char p[LOG_BEGIN];
};

struct log {
	int fd;
	uint64_t dev, ino, size;
	int64_t mtime_ns;
	int refused; /* the errno of opening it, in a lenient set; fd is -1 then */
	struct log_begin begin; /* these two by logset_begins() */
	bool packed;
	struct log_place place;
	char *name;         /* path; not changed once it was started */
	unsigned missed;    /* looks at the directory that did not show it, in a row */
	size_t rank;        /* order so far */
	bool started, done; /* set by the reader */
};

struct logset {
	char *dir, *path; /* path of the live log, whose last part is base; dir with its slash */
	const char *base;
	bool lenient;     /* set these three behind logset_init() */
	uint64_t sought_dev, sought_ino;
	bool unlisted;    /* the directory could not be listed: only the live log is known */
	struct log **v; /* oldest first */
	size_t n, cap;
};

/* `path` names a file. Opens nothing. 0 or -ENOMEM. */
int logset_init(struct logset *set, const char *path, struct sca_err *err);
/* Opens what is there and is not open yet. A failure names the file. */
int logset_collect(struct logset *set, struct sca_err *err);
/* The oldest that is not started; NULL when there is none. */
struct log *logset_next(const struct logset *set);
/* Reads how each log begins. Leaves out what lost its name meanwhile (packed, it is there under
 * another one), and what is being made of a log that is still there. 0 or a negative errno. */
int logset_begins(struct logset *set, struct sca_err *err);
/* n bytes of a log from `at` on, fewer only where it ends; -1 with errno. */
ssize_t log_read_at(int fd, char *p, size_t n, uint64_t at);
/* Takes the i-th out of the set. */
struct log *logset_take(struct logset *set, size_t i);
/* Puts one that was taken in front of all others. */
void logset_put_back(struct logset *set, struct log *l);
void logset_release(struct logset *set);
struct log *log_free(struct log *l);

#endif
