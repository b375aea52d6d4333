/* SPDX-License-Identifier: Apache-2.0 */
/* Level "proc": /proc/PID while it is there (tracker_task.h). */
#include "tracker_int.h"

static int proc_open(struct sca_tracker *t, void **ret, struct buf *why,
		     struct sca_err *err _unused_)
{
	if (tracker_initial_pids())
		*ret = &t->tasks;
	else
		buf_add_z(why, "records carry pids of the host and /proc has others here: run in "
			       "the host's pid namespace (docker --pid=host, hostPID: true)");
	return 0;
}

static int proc_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		     struct sca_container_ref *ret, struct sca_err *err)
{
	int64_t by_ms = t->alive ? INT64_MAX : rec->time_ms; /* it must have started by then */
	struct sca_container_ref ref;
	enum task_start start;
	struct task *task;
	int r = tasks_place(level, t->cs, rec->pid, &task, err);

	if (r == -ENOMEM)
		return r;
	t->cs->stats.gone += r == 0;
	if (r <= 0) /* hidden and damaged ones are counted */
		return 0;
	r = tasks_answer(t->cs, task, err);
	if (r < 0)
		return r;
	r = container_judge(t->cs, &task->says, rec->have & SCA_F_TIME ? &by_ms : NULL, &ref,
			    &start, err);
	if (r < 0)
		return r;
	if (start == TASK_START_BEHIND) {
		t->reused = true;
		return 0;
	}
	if (ref.id.n == 0 && ref.unit.n == 0)
		return 0;
	ref.via = (struct sca_str){NULL, 0};
	*ret = ref;
	return 1;
}

static void proc_close(void *level _unused_)
{
	/* the tracker's own */
}

const struct level_ops level_proc = {
	.via = "proc",
	.open = proc_open,
	.find = proc_find,
	.close = proc_close,
};
