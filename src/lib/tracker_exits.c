/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_exits.h"

#define NS_PER_MS  1000000
#define SLACK_NS   (50ll * NS_PER_MS)    /* clocks are set by a bit, and not read at once */
#define STEP_NS    (500ll * NS_PER_MS)   /* less is drift */
#define PAUSE_NS   20000ll               /* between readings that are one */
#define SOON_NS    (60000ll * NS_PER_MS) /* too short to use up all pids, and to forget one */
#define AT_ONCE_NS (5000ll * NS_PER_MS)

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void exits_clock_start(struct exits_clock *clock)
{
	clock->offset = (int64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(clock->id));
	exits_clock_read(clock);
	clock->before = clock->offset;
	clock->loaded = clock_ns(clock->id);
}

/* Between two readings of one clock is the other's. Only what happened at once is believed, or
 * what differs by more than the pause in between: that clock was set. */
void exits_clock_read(struct exits_clock *clock)
{
	int64_t pause = INT64_MAX, now = 0, moved;

	for (unsigned i = 0; i < 3 && pause > PAUSE_NS; i++) {
		uint64_t before = clock_ns(clock->id), wall = clock_ns(CLOCK_REALTIME);
		uint64_t after = clock_ns(clock->id);

		if ((int64_t)(after - before) < pause) {
			pause = (int64_t)(after - before);
			now = (int64_t)(wall - before) - pause / 2;
		}
	}
	moved = now > clock->offset ? now - clock->offset : clock->offset - now;
	if (pause > PAUSE_NS && moved < pause + STEP_NS)
		return;
	if (moved > STEP_NS)
		clock->before = clock->offset;
	clock->offset = now;
}

/* What the exits say of a process that was there at a moment. NULL: nothing that is sure. */
static const char *judge(const struct exits_clock *clock, const struct exits *e, int64_t time,
			 uint64_t *ret_cgroup)
{
	uint64_t from = time > 0 ? (uint64_t)time : 1, last;

	/* Three in turn: the process may have been of those that made room. */
	if (e->last < from || e->last2 >= from)
		return NULL;
	*ret_cgroup = e->last1 >= from ? e->cgroup1 : e->cgroup;
	last = e->last1 >= from ? e->last1 : e->last;
	/* Before the program ran, others' exits went unseen. */
	if (from < clock->loaded)
		return last - from <= AT_ONCE_NS ? "likely" : NULL;
	return clock->roomy || last - from <= SOON_NS ? "exact" : "likely";
}

bool exits_time(const struct exits_clock *clock, int64_t time_ms, int64_t *ret_now,
		int64_t *ret_then)
{
	int64_t wall;

	return !mul_overflow(time_ms, (int64_t)NS_PER_MS, &wall) &&
	       !sub_overflow(wall, clock->offset, ret_now) && *ret_now >= SLACK_NS &&
	       !sub_overflow(wall, clock->before, ret_then) && *ret_then >= SLACK_NS;
}

const char *exits_judge(const struct exits_clock *clock, const struct exits *e, int64_t now,
			int64_t then, bool again, uint64_t *ret_cgroup)
{
	const char *sure = judge(clock, e, now, ret_cgroup);

	if (sure || !again)
		return sure;
	if (judge(clock, e, now - SLACK_NS, ret_cgroup))
		return "likely";
	if (then != now && judge(clock, e, then - SLACK_NS, ret_cgroup))
		return "likely";
	return NULL;
}

bool exits_would_know(const struct exits_clock *clock, int64_t time)
{
	return (uint64_t)time >= clock->loaded &&
	       (clock->roomy || clock_ns(clock->id) <= (uint64_t)time + SOON_NS);
}
