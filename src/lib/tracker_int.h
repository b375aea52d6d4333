/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of tracker.h. A level is one table of functions, in the order they are asked
 * (tracker.c); each keeps its own state and knows nothing of the others.
 */
#ifndef SCA_TRACKER_INT_H
#define SCA_TRACKER_INT_H

#include "tracker_task.h"

#include <scaudit/tracker.h>

struct level_ops {
	const char *via; /* of its answers */
	/*
	 * *ret NULL and a reason in `why` when it cannot be had here; negative for -ENOMEM only.
	 * A level with an fd passes a self-test of its own: an event of a child that it forks.
	 */
	int (*open)(struct sca_tracker *t, void **ret, struct buf *why, struct sca_err *err);
	int (*fd)(const void *level);                                   /* NULL: none */
	int (*dispatch)(struct sca_tracker *t, void *level, struct sca_err *err); /* NULL: none */
	/* 1 with *ret (via left empty, sure set; spans good until the next call on t), or 0. */
	int (*find)(struct sca_tracker *t, void *level, const struct sca_record *rec,
		    struct sca_container_ref *ret, struct sca_err *err);
	void (*stats)(const void *level, struct sca_tracker_stats *add); /* NULL: none */
	void (*close)(void *level);
};

extern const struct level_ops level_bpf, level_proc, level_lineage, level_init, level_hint,
	level_candidates;

struct sca_tracker {
	struct sca_containers *cs;
	struct {
		void *state; /* NULL: not here */
		struct buf why;
	} level[SCA_TRACK_COUNT];
	int epoll;
	struct tasks tasks;
	/* What a level's find() learned on the way, for those behind it: */
	bool reused; /* at the record's time the pid was another's */
	bool alive;  /* no process of this pid has ended since the record */
	bool again;  /* the level is asked a second time */
	struct sca_tracker_stats stats;
};

/* For self-tests: a child that ends at once and is reaped, unseen by the program: it has no
 * exit signal. 0 or a negative errno. */
int tracker_child(uint32_t *ret_pid);

/* Records carry numbers of the initial pid namespace. Whether ours, and /proc's, are such. */
bool tracker_initial_pids(void);

#endif
