/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a file goes: its directory, held open, and its name there. All files that the program
 * writes itself are written through this; profiles that change in place are the library's
 * (sca_profile_write(), which does the same).
 *
 * A file is replaced as a whole: a temporary one beside it, fsync, rename, fsync of the
 * directory. Whoever opens it sees the old bytes or the new ones, after a crash, too. A
 * directory that is renamed or swapped meanwhile changes nothing: it is the one that was opened.
 *
 * A link that is the last component is followed while the place is opened, never later. In a
 * directory that everybody may write to, a link or a file may have been planted: there both have
 * to be this user's or the directory's owner's.
 */
#ifndef CLI_DEST_H
#define CLI_DEST_H

#include <signal.h>
#include <sys/stat.h>

#include <scaudit/error.h>

#include "span.h"

struct out;

#define MODE_PUBLIC  0666 /* less the umask, as all modes of new files */
#define MODE_EVENTS  0640 /* what processes did is not for everybody */
#define MODE_PRIVATE 0600

struct dest {
	char *path; /* as it was named */
	char *name; /* in the directory; no link unless `as_is` */
	int dir;
	bool as_is;  /* no regular file, or `opened`: it is written, not replaced */
	bool opened; /* one of /proc's links to an open file */
	bool there;
	struct stat st; /* of what is there, for `opened` of what is behind it */
};
#define DEST_NONE {.dir = -1}

/* The directory in front of a name, with its slash; "." where there is none. The caller frees it;
 * NULL: no memory. */
char *path_dir(const char *path);

int dest_open(struct dest *to, const char *path, struct sca_err *err);
/* The same, and a link as the last component is refused. */
int dest_open_plain(struct dest *to, const char *path, struct sca_err *err);
void dest_close(struct dest *to);
#define _cleanup_dest_ _cleanup_(dest_close)
/* Whether both are the same file, be there one or not. */
bool dest_same(const struct dest *a, const struct dest *b);
/* SCA_E_CONFLICT when an open file is one that somebody else left in everybody's directory. */
int dest_check(const struct dest *to, int fd, struct sca_err *err);

/* Adds the regular file to o. -ENOENT, ... name the path; -EFBIG: more than max bytes. */
int dest_read(const struct dest *to, size_t max, struct out *o, struct sca_err *err);
/* Puts bytes in its place. A new file has this mode, one that is replaced keeps its own. */
int dest_replace(struct dest *to, const char *p, size_t n, mode_t mode, struct sca_err *err);

/* -- a file until it has its name; a signal that ends the program removes it -- */

struct temp {
	struct temp *volatile next;
	int dir;
	char name[sizeof(".scaudit-0123456789abcdef.tmp")];
};

/* An fd to write to, *ret to be committed or dropped. */
int temp_new(struct temp **ret, const struct dest *to, mode_t mode, int *ret_fd,
	      struct sca_err *err);
/* fsync, name, fsync of the directory; the fd stays open. It is gone then, whatever comes. */
int temp_commit(struct temp *t, struct dest *to, int fd, struct sca_err *err);
void temp_drop(struct temp *t);
/* The files of all of them, for an end without a way back. */
void temps_remove(void);

/* Signals that end the program wait from hold to let_go: for what has to be done as a whole. */
void signals_hold(sigset_t *ret);
void signals_let_go(const sigset_t *held);

#endif
