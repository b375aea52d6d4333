/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files below a root directory that may be somebody's fixture or a mounted image: no link and
 * no ".." leads out of it, and nothing that can block is opened.
 */
#ifndef SCA_ROOTDIR_H
#define SCA_ROOTDIR_H

#include "text.h"

/* `path` with or without a slash in front, NUL-terminated. An fd, or a negative errno. Where the
 * kernel has no openat2() (before 5.6) links are refused (-ELOOP) instead of kept inside. */
int root_open(int root, const char *path, int flags);
/* That other way: component by component. */
int root_walk(int root, const char *path, int flags);

/* The whole regular file, at most `max` bytes; b->n is 0 before. 0, a negative errno, -EFBIG for a
 * longer file, -EINVAL for what is no regular file. */
int root_read(int root, const char *path, size_t max, struct buf *b);
/* The same of a file that is open, from where it stands. */
int root_read_fd(int fd, size_t max, struct buf *b);

#endif
