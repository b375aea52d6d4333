/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first processes of containers, from the engines' files: what is left of a container that
 * is gone. tracker_dirs.c sees the files come and go, tracker_init.c remembers.
 */
#ifndef SCA_INITS_H
#define SCA_INITS_H

#include "lineage.h"

#define INITS_MAX 4096u /* the oldest makes room */

struct init {
	struct init *next; /* in the bucket of the pid */
	uint32_t pid;
	uint64_t start;            /* in ticks, as the engine has it */
	uint64_t born_ns, gone_ns; /* LINEAGE_ALIVE while its files are there */
	struct kept_ref kept;
	struct arena text;
	struct sca_str label, rootfs; /* of the configuration; empty when it has none */
};

/* The i-th known container; NULL past the last, and without the level. Borrowed until the next
 * call on the tracker. */
const struct init *inits_at(const struct sca_tracker *t, size_t i);
/* Whether a container was there at that time. */
bool init_alive(const struct init *in, uint64_t at_ns);

/* -- the watch -- */

struct dirs;
/* A container's files are there, or have changed, or are gone. */
typedef int (*dirs_fn)(void *arg, struct sca_str id, bool gone, struct sca_err *err);

/* Tells of all that are there at once. *ret NULL and a reason in `why` when the kernel gives no
 * watch; negative for a failure of f and -ENOMEM. */
int dirs_open(struct dirs **ret, struct sca_containers *cs, dirs_fn f, void *arg,
	       struct buf *why, struct sca_err *err);
int dirs_fd(const struct dirs *w);
int dirs_dispatch(struct dirs *w, struct sca_err *err);
uint64_t dirs_lost(const struct dirs *w); /* events and directories not seen */
struct dirs *dirs_close(struct dirs *w);

#endif
