/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_task.h"

static int no_memory(struct sca_err *err)
{
	return sca_fail_errno(err, ENOMEM, "cannot remember a process");
}

void tasks_begin(struct tasks *ts, const struct sca_record *rec)
{
	ts->rec = rec;
	ts->turn++;
}

void tasks_end(struct tasks *ts)
{
	ts->rec = NULL;
}

static void forget(struct tasks *ts, unsigned i)
{
	struct task *task = &ts->task[i];

	if (ts->pid[i]) {
		sca_close_(&task->cgroup_fd);
		free(task->cgroup);
		kept_release(&task->kept);
		buf_release(&task->cmdline);
	}
	ts->pid[i] = 0;
	*task = (struct task){.cgroup_fd = -1};
}

void tasks_release(struct tasks *ts)
{
	for (unsigned i = 0; i < TASKS_MAX; i++)
		forget(ts, i);
	buf_release(&ts->text);
}

/* -- how long a reading serves -- */

static struct task_moment now(const struct tasks *ts)
{
	return (struct task_moment){
		.turn = ts->turn,
		.real_ms = clock_ms(CLOCK_REALTIME),
		.mono_ms = clock_ms(CLOCK_MONOTONIC),
	};
}

static bool serves(const struct tasks *ts, const struct sca_containers *cs,
		   const struct task_moment *then)
{
	struct task_moment at;
	int64_t age;

	if (!ts->rec)
		return false;
	if (then->turn == ts->turn)
		return true;
	if (!cs->live || !(ts->rec->have & SCA_F_TIME) ||
	    ts->rec->time_ms > then->real_ms - TASK_LAG_MS)
		return false;
	at = now(ts);
	age = at.mono_ms - then->mono_ms;
	return age <= TASK_KEEP_MS && llabs(at.real_ms - then->real_ms - age) <= 2;
}

/* The kernel makes the text for each reading from the start, and gives all that there is room for. */
static bool is_unmoved(struct tasks *ts, const struct task *task)
{
	ssize_t n;

	buf_reset(&ts->text);
	if (task->cgroup_fd < 0 || !buf_reserve(&ts->text, task->cgroup_n + 1))
		return false;
	n = pread(task->cgroup_fd, ts->text.p, task->cgroup_n + 1, 0);
	return n > 0 && (size_t)n == task->cgroup_n &&
	       memcmp(ts->text.p, task->cgroup, task->cgroup_n) == 0;
}

/* -- reading -- */

static int read_anew(struct tasks *ts, struct sca_containers *cs, uint32_t pid, unsigned i,
		     struct sca_err *err)
{
	/* Who made a record will make more of them. */
	bool keep_open = cs->live && ts->rec && ts->rec->pid == pid;
	struct task task = {.read = now(ts), .cgroup_fd = -1};
	int r;

	forget(ts, i);
	task.placed = task.read;
	buf_reset(&ts->text);
	r = process_read(cs, pid, &ts->text, &task.says.st, keep_open ? &task.cgroup_fd : NULL,
			 err);
	if (r < 0)
		return r;
	task.there = r;
	task.cgroup_n = ts->text.n;
	task.cgroup = malloc(task.cgroup_n + 1);
	if (!task.cgroup) {
		sca_close_(&task.cgroup_fd);
		return no_memory(err);
	}
	if (task.cgroup_n)
		memcpy(task.cgroup, ts->text.p, task.cgroup_n);
	ts->task[i] = task;
	ts->pid[i] = pid;
	return 0;
}

static int find(struct tasks *ts, struct sca_containers *cs, uint32_t pid, bool place_only,
		struct task **ret, struct sca_err *err)
{
	struct task_moment at = now(ts);
	struct task *task;
	unsigned i = 0;
	int r;

	if (pid == 0)
		return 0;
	while (i < TASKS_MAX && ts->pid[i] != pid)
		i++;
	if (i == TASKS_MAX) {
		i = ts->next;
		ts->next = (ts->next + 1) % TASKS_MAX;
	}
	task = &ts->task[i];
	if (ts->pid[i] == pid && serves(ts, cs, place_only ? &task->placed : &task->read)) {
		*ret = task;
		return task->there;
	}
	if (ts->pid[i] == pid && place_only && is_unmoved(ts, task)) {
		task->placed = at;
	} else {
		r = read_anew(ts, cs, pid, i, err);
		if (r < 0)
			return r;
	}
	*ret = task;
	return task->there;
}

int tasks_find(struct tasks *ts, struct sca_containers *cs, uint32_t pid, struct task **ret,
	       struct sca_err *err)
{
	return find(ts, cs, pid, false, ret, err);
}

int tasks_place(struct tasks *ts, struct sca_containers *cs, uint32_t pid, struct task **ret,
		struct sca_err *err)
{
	return find(ts, cs, pid, true, ret, err);
}

int tasks_answer(struct sca_containers *cs, struct task *task, struct sca_err *err)
{
	int64_t at_ms = clock_ms(CLOCK_MONOTONIC);
	struct sca_container_ref ref;
	int r;

	if (task->answered && at_ms - task->answered_ms < TASK_KEEP_MS)
		return 0;
	task->answered = false;
	containers_begin(cs);
	r = container_by_cgroups(cs, (struct sca_str){task->cgroup, task->cgroup_n},
				 &task->says.all_root, &task->says.conflict, &ref, err);
	if (r < 0)
		return r;
	if (!kept_set(&task->kept, &ref))
		return no_memory(err);
	task->says.ref = task->kept.ref;
	task->answered = true;
	task->answered_ms = at_ms;
	return 0;
}

/* -- */

bool kept_set(struct kept_ref *k, const struct sca_container_ref *ref)
{
	struct sca_container_ref copy = *ref;
	struct sca_str *const spans[] = {
		&copy.id,  &copy.engine,  &copy.name, &copy.image, &copy.pod,
		&copy.ns,  &copy.pod_uid, &copy.unit, &copy.via,   &copy.sure,
		&copy.candidates,
	};
	char *text, *to;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
		n += spans[i]->n;
	text = malloc(n + 1);
	if (!text)
		return false;
	to = text;
	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		if (spans[i]->n)
			memcpy(to, spans[i]->p, spans[i]->n);
		spans[i]->p = to;
		to += spans[i]->n;
	}
	free(k->text);
	k->text = text;
	k->ref = copy;
	return true;
}

void kept_release(struct kept_ref *k)
{
	free(k->text);
	*k = (struct kept_ref){0};
}
