/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose an exit was. Exits of one pid in a row from the same cgroup are one; the last two, and
 * the time of what was before them, are kept. So the process of a record at time T is told even
 * when its pid was others' since: the first exit at or behind T is its own, or its thread's,
 * and that is the oldest one kept that is not before T. All before T is somebody else's.
 */
#ifndef SCA_TRACKER_EXITS_H
#define SCA_TRACKER_EXITS_H

#include "base.h"

/* What the program in the kernel writes. 0: none. Times are of exits_clock, in ns. */
struct exits {
	uint64_t cgroup, last;   /* the latest */
	uint64_t cgroup1, last1; /* another cgroup's, before that */
	uint64_t last2;          /* what was before that, whosever */
};

/* The clock of the exits, and what the record's clock was and is ahead of it. */
struct exits_clock {
	clockid_t id;
	int64_t offset, before; /* ns; `before` it was set */
	uint64_t loaded;        /* when the program began to see */
	bool roomy;             /* all pids that there can be have room, none is forgotten */
};

void exits_clock_start(struct exits_clock *clock);
void exits_clock_read(struct exits_clock *clock);

/* A record's time by the clock as it is, and as it was. False: out of any range. */
bool exits_time(const struct exits_clock *clock, int64_t time_ms, int64_t *ret_now,
		int64_t *ret_then);

/*
 * What the exits say of a process that was there at that time: "exact" or "likely" with the
 * cgroup, or NULL. An exit shortly before it is another thread's, or the clocks are at fault:
 * told apart when /proc was asked, too, and the exits again.
 */
const char *exits_judge(const struct exits_clock *clock, const struct exits *e, int64_t now,
			int64_t then, bool again, uint64_t *ret_cgroup);

/* Whether an exit behind that time would be among those that are kept. */
bool exits_would_know(const struct exits_clock *clock, int64_t time);

#endif
