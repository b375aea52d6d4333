/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, and what the levels ask of the table. */
#include "lineage.h"

uint64_t lineage_now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t lineage_clock(int64_t time_ms)
{
	uint64_t real = lineage_now(CLOCK_REALTIME), mono = lineage_now(CLOCK_MONOTONIC), at;

	if (time_ms < 0 || mul_overflow((uint64_t)time_ms, UINT64_C(1000000), &at) ||
	    add_overflow(at, mono, &at))
		return 0;
	return at - MIN(at, real);
}

/* /proc counts the time that the machine slept, the events' clock does not. */
uint64_t lineage_start(const struct sca_containers *cs, uint64_t ticks)
{
	long hz = sysconf(_SC_CLK_TCK);
	uint64_t ns, boot, mono;

	if (hz <= 0 || mul_overflow(ticks, UINT64_C(1000000000) / (uint64_t)hz, &ns))
		return 0;
	if (!cs->live)
		return ns;
	mono = lineage_now(CLOCK_MONOTONIC);
	boot = lineage_now(CLOCK_BOOTTIME);
	return ns - MIN(ns, boot - MIN(boot, mono));
}

bool lineage_same_birth(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= LINEAGE_BIRTH_NS;
}

const struct lineage *lineage_of(const struct sca_tracker *t)
{
	const struct lineage_level *level = t->level[SCA_TRACK_LINEAGE].state;

	return level ? level->table : NULL;
}

int lineage_task(struct sca_tracker *t, uint32_t pid, uint64_t at_ns, struct task **ret,
		 uint64_t *ret_born_ns, struct sca_err *err)
{
	struct task *task;
	int r = tasks_find(&t->tasks, t->cs, pid, &task, err);

	if (r <= 0)
		return r == -ENOMEM ? r : 0;
	*ret_born_ns = lineage_start(t->cs, task->says.st.start);
	*ret = task;
	return *ret_born_ns <= lineage_later(at_ns, LINEAGE_SLACK_NS);
}

int lineage_parent(struct sca_tracker *t, uint32_t pid, uint64_t at_ns, uint32_t *ret_ppid,
		   uint64_t *ret_born_ns, struct sca_err *err)
{
	const struct lineage *l = lineage_of(t);
	const struct lineage_life *life = NULL;
	struct task *task;
	uint64_t born;
	int r;

	if (l && lineage_at(l, pid, at_ns, &life) == LINEAGE_FOUND) {
		*ret_ppid = life->ppid;
		*ret_born_ns = life->born_ns;
		return 1;
	}
	r = lineage_task(t, pid, at_ns, &task, &born, err);
	if (r <= 0)
		return r;
	*ret_ppid = task->says.st.ppid;
	*ret_born_ns = born;
	return 1;
}

bool lineage_cmdline(const struct sca_tracker *t, uint32_t pid, uint64_t at_ns,
		     struct sca_str *ret)
{
	const struct lineage *l = lineage_of(t);
	const struct lineage_life *life = NULL;

	*ret = (struct sca_str){NULL, 0};
	if (!l || lineage_at(l, pid, at_ns, &life) != LINEAGE_FOUND)
		return false;
	if (life->cmdline)
		*ret = (struct sca_str){life->cmdline, life->cmdline_n};
	return true;
}
