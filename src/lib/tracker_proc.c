/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Level "proc": /proc/PID while it is there. What it said is believed for a moment, so that a
 * process whose calls are logged by the thousand is not read as often.
 */
#include "tracker_int.h"

#define SLOTS   64u
#define KEEP_MS 100u /* far less than it takes to use up all other pids */

struct slot {
	uint32_t pid;
	uint64_t until_ms; /* monotonic */
	int64_t time_ms, last_ms; /* records of that time are answered */
	struct kept_ref kept;
};

struct proc {
	struct slot slots[SLOTS];
};

static int proc_open(struct sca_tracker *t _unused_, void **ret, struct buf *why,
		     struct sca_err *err)
{
	struct proc *p;

	if (!tracker_initial_pids()) {
		buf_add_z(why, "records carry pids of the host and /proc has others here: run in "
			       "the host's pid namespace (docker --pid=host, hostPID: true)");
		return 0;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return sca_fail_errno(err, ENOMEM, "cannot watch processes");
	*ret = p;
	return 0;
}

static bool names(const struct sca_container_ref *ref)
{
	return ref->id.n || ref->unit.n;
}

static int remember(struct slot *slot, const struct sca_record *rec,
		    const struct sca_container_ref *ref, struct sca_err *err)
{
	slot->pid = 0;
	if (!kept_set(&slot->kept, ref))
		return sca_fail_errno(err, ENOMEM, "cannot remember a process");
	slot->pid = rec->pid;
	slot->until_ms = (uint64_t)clock_ms(CLOCK_MONOTONIC) + KEEP_MS;
	slot->time_ms = rec->time_ms;
	if (add_overflow(rec->time_ms, (int64_t)KEEP_MS, &slot->last_ms))
		slot->last_ms = rec->time_ms;
	return 0;
}

static int proc_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		     struct sca_container_ref *ret, struct sca_err *err)
{
	struct proc *p = level;
	struct slot *slot = &p->slots[rec->pid % SLOTS];
	bool have_time = rec->have & SCA_F_TIME;
	int64_t by_ms = t->alive ? INT64_MAX : rec->time_ms; /* it must have started by then */
	struct sca_container_ref ref;
	enum task_start start;
	int r;

	if (slot->pid == rec->pid && have_time && (uint64_t)clock_ms(CLOCK_MONOTONIC) < slot->until_ms &&
	    rec->time_ms >= slot->time_ms && rec->time_ms <= slot->last_ms) {
		*ret = slot->kept.ref;
		return names(ret);
	}
	r = container_by_pid(t->cs, rec->pid, have_time ? &by_ms : NULL, &ref, &start, err);
	if (r == -ENOMEM)
		return r;
	if (r < 0) /* hidden, or damaged: counted */
		return 0;
	if (start == TASK_START_BEHIND) {
		t->reused = true;
		return 0;
	}
	ref.via = (struct sca_str){NULL, 0};
	if (start == TASK_START_BEFORE && (!names(&ref) || str_is(ref.sure, "exact"))) {
		r = remember(slot, rec, &ref, err);
		if (r < 0)
			return r;
	}
	*ret = ref;
	return names(&ref);
}

static void proc_close(void *level)
{
	struct proc *p = level;

	for (size_t i = 0; i < SLOTS; i++)
		kept_release(&p->slots[i].kept);
	free(p);
}

const struct level_ops level_proc = {
	.via = "proc",
	.open = proc_open,
	.find = proc_find,
	.close = proc_close,
};
