/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of following a file. A log is told by its device and inode together with its first
 * bytes: an inode number comes back as another file's, and a packed or copied log has another
 * one.
 */
#ifndef SCA_FOLLOW_H
#define SCA_FOLLOW_H

#include <sys/stat.h>

#include "logset.h"
#include "source.h"

/* -- follow_place.c: a place in a log, and how it is written down -- */

struct place {
	bool known; /* false: no log was there yet; only mtime_ns counts */
	uint64_t dev, ino;
	struct sca_pos at; /* of the first line not wholly given out, unpacked; file is NULL */
	int64_t mtime_ns;  /* logs that were changed since then are not older than this one */
	uint32_t begin_n;
	uint64_t begin_hash;
};

struct place place_of(const struct log *l, const struct sca_pos *at);
/* One JSON object in one line; `path` is for who reads it. */
void place_write(const struct place *p, const char *path, struct buf *out);
/* SCA_E_SYNTAX, SCA_E_LIMIT or -ENOMEM. The text may be anything. */
int place_read(struct place *ret, struct sca_str text, struct sca_err *err);
/* Index of the log; set->n when it is not there. */
size_t place_find(const struct place *p, const struct logset *set);
/* Leaves in what is younger by the time of its last change, and the live log; not that log itself
 * unless it is the live one. */
void place_keep_newer(const struct place *p, struct logset *set);

/* -- follow_watch.c: inotify, as far as there is one -- */

struct dir_watch {
	int fd; /* becomes readable; -1: none */
	int dir, file;
};

void dir_watch_open(struct dir_watch *w);
/* What is watched is given each time: a directory may be another one by now. NULL and -1: none. */
void dir_watch_set(struct dir_watch *w, const char *dir, int file_fd);
void dir_watch_drain(struct dir_watch *w);
void dir_watch_close(struct dir_watch *w);

/* -- source_follow.c and follow_look.c -- */

/* `cur` is read; what is known to come behind it waits in `set`. source_follow.c says how. */
struct follow {
	struct reader rd;
	struct sca_source *src;
	char *path;
	struct dir_watch watch;
	struct log *cur;
	struct logset set;    /* what comes behind it */
	struct sca_pos start; /* where the first of them begins */
	struct place place;   /* where reading was, without cur and set */
	struct buf loss;      /* text of a LOSS frame that is to come */
	bool loss_told;       /* of what is looked for now */
	bool spent;           /* cur is packed and has no more to give */
	bool starved;         /* cur is at `place`, for memory ran out there */
	int64_t left_ms;      /* since when cur is known to be rotated */
	bool seen_rotated;    /* that was while it was read */
	int64_t retry_ms;
	int told;             /* what is wrong with the path, told once */
	int wait_ms;
};

#define RETRY_MS 1000 /* after what could not be read */
extern const struct sca_pos follow_beginning;

/* Where reading is: what sca_source_position() tells. */
struct place follow_here(const struct follow *f);
/* Text for the LOSS frame; the first one counts. */
void follow_lose(struct follow *f, const char *name, const char *what);

/* 1 with *ret when a regular file is at the path; 0 when there is none now. */
int follow_look_at_path(struct follow *f, struct stat *ret, struct sca_err *err);
/* Whether another file is at the path by now. Then the set is all that came behind cur. */
int follow_look_for_newer(struct follow *f, struct sca_err *err);
/* Without a log to read: looks for the one where reading was, and what came behind it. */
int follow_look_again(struct follow *f, struct sca_err *err);
/* Where the first look begins: at the position, with the backlog, or at the end. */
int follow_begin(struct follow *f, struct sca_err *err);

/* A PATH of regular files, or one where nothing is yet. `name` is used in errors. */
int source_follow_open(struct sca_source *src, const char *path, struct sca_err *err);

#endif
