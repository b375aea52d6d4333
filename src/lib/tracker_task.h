/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes as /proc has them, each read once for a record whichever levels ask, and for the
 * records behind it only as often as it takes to be right:
 *
 *	older than the reading   it serves them: who was there at that moment and had started before
 *	                         the record made it, and where it was then is nearer to the truth
 *	                         than where it is by now. Older by what a record's clock may lag,
 *	                         as long as no clock was set, and not for long.
 *	newer                    the cgroup file, which stays open, is read again. It is that
 *	                         process's and never that of another with its pid, so the same text
 *	                         is the same process in the same place. Its parent is read anew.
 *
 * In a tree of files (cs->live is false) nothing outlasts a record.
 */
#ifndef SCA_TRACKER_TASK_H
#define SCA_TRACKER_TASK_H

#include "container_int.h"

#include <scaudit/record.h>

#define TASKS_MAX    64u
#define TASK_KEEP_MS 100
#define TASK_LAG_MS  25 /* a record's clock is a tick late and cut to ms */

/* A container's identity that is kept: all strings in one block. */
struct kept_ref {
	struct sca_container_ref ref;
	char *text; /* malloc'ed */
};
bool kept_set(struct kept_ref *k, const struct sca_container_ref *ref); /* false: no memory */
void kept_release(struct kept_ref *k);

struct task_moment {
	uint64_t turn; /* the record that was asked for then */
	int64_t real_ms, mono_ms;
};

struct task {
	bool there;
	struct task_moment read;   /* just before all of it was */
	struct task_moment placed; /* just before its cgroup was, or was found unchanged */
	char *cgroup;              /* malloc'ed text */
	size_t cgroup_n;
	int cgroup_fd;             /* -1: closed */
	bool answered;
	int64_t answered_ms;
	struct process_says says;  /* but for st, of tasks_answer() */
	struct kept_ref kept;      /* what says.ref is in */
	bool have_cmdline;
	struct buf cmdline;        /* of one that starts containers (starter.h), else empty */
};

struct tasks {
	uint32_t pid[TASKS_MAX]; /* 0: free */
	struct task task[TASKS_MAX];
	unsigned next;           /* makes room */
	const struct sca_record *rec; /* asked for at present; NULL: each question is one of its own */
	uint64_t turn;
	struct buf text;
};

/* From one to the other all questions are for one record. */
void tasks_begin(struct tasks *ts, const struct sca_record *rec);
void tasks_end(struct tasks *ts);
void tasks_release(struct tasks *ts);

/*
 * The process that has the pid: 1, or 0 when it is gone. Negative for what can not be read, which
 * is counted, and -ENOMEM. Borrowed until the next question.
 */
int tasks_find(struct tasks *ts, struct sca_containers *cs, uint32_t pid, struct task **ret,
	       struct sca_err *err);
/* The same but for its parent and name, which may be those of before. */
int tasks_place(struct tasks *ts, struct sca_containers *cs, uint32_t pid, struct task **ret,
		struct sca_err *err);
/* Sees to task->says. Asks again after a moment: engines write their files while a container
 * starts. */
int tasks_answer(struct sca_containers *cs, struct task *task, struct sca_err *err);

#endif
