/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of following a file. A log is told by its device and inode together with its first
 * bytes: an inode number comes back as another file's, and a packed or copied log has another
 * one.
 */
#ifndef SCA_FOLLOW_H
#define SCA_FOLLOW_H

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
/* Leaves in what is younger by the time of its last change: not that log itself unless it is
 * the live one, and none with an odd name. */
void place_keep_newer(const struct place *p, struct logset *set);

/* -- follow_watch.c: inotify, as far as there is one -- */

struct watch {
	int fd; /* becomes readable; -1: none */
	int dir, file;
};

void watch_open(struct watch *w);
/* What is watched is given each time: a directory may be another one by now. NULL and -1: none. */
void watch_set(struct watch *w, const char *dir, int file_fd);
void watch_drain(struct watch *w);
void watch_close(struct watch *w);

/* -- source_follow.c -- */

/* A PATH of regular files, or one where nothing is yet. `name` is used in errors. */
int source_follow_open(struct sca_source *src, const char *path, struct sca_err *err);

#endif
