/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_int.h"

#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const struct {
	const char *name;
	const struct level_ops *ops;
} levels[SCA_TRACK_COUNT] = {
	[SCA_TRACK_BPF] = {"bpf", &level_bpf},
	[SCA_TRACK_PROC] = {"proc", &level_proc},
	[SCA_TRACK_LINEAGE] = {"lineage", &level_lineage},
	[SCA_TRACK_INIT] = {"init", &level_init},
	[SCA_TRACK_HINT] = {"hint", &level_hint},
	[SCA_TRACK_CANDIDATES] = {"candidates", &level_candidates},
};

/* A process that still ran when bpf was asked may have ended before /proc was. */
static const enum sca_track order[] = {
	SCA_TRACK_BPF,  SCA_TRACK_PROC, SCA_TRACK_BPF,        SCA_TRACK_LINEAGE,
	SCA_TRACK_INIT, SCA_TRACK_HINT, SCA_TRACK_CANDIDATES,
};

const char *sca_track_name(enum sca_track level)
{
	return level < SCA_TRACK_COUNT ? levels[level].name : "unknown";
}

static int open_level(struct sca_tracker *t, enum sca_track i, struct sca_err *err)
{
	const struct level_ops *ops = levels[i].ops;
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
	struct buf *why = &t->level[i].why;
	int r;

	why->max = 1024;
	r = ops->open(t, &t->level[i].state, why, err);
	if (r < 0 || !t->level[i].state)
		return r;
	if (ops->fd && epoll_ctl(t->epoll, EPOLL_CTL_ADD, ops->fd(t->level[i].state), &event) < 0)
		return sca_fail_errno(err, errno, "cannot watch processes");
	return 0;
}

int sca_tracker_new(struct sca_tracker **ret, struct sca_containers *cs, unsigned skip,
		    struct sca_err *err)
{
	struct sca_tracker *t;
	int r = 0;

	if (!cs->live)
		return sca_fail(err, SCA_E_UNSUPPORTED, "processes are followed on this machine "
				"only, not below a root directory");
	t = calloc(1, sizeof(*t));
	if (!t)
		return sca_fail_errno(err, ENOMEM, "cannot watch processes");
	t->cs = cs;
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->epoll < 0)
		r = sca_fail_errno(err, errno, "cannot watch processes");
	for (unsigned i = 0; r == 0 && i < SCA_TRACK_COUNT; i++) {
		if (skip & 1u << i)
			buf_add_z(&t->level[i].why, "is left out on request");
		else
			r = open_level(t, i, err);
	}
	if (r < 0)
		sca_tracker_free(t);
	else
		*ret = t;
	return r;
}

struct sca_tracker *sca_tracker_free(struct sca_tracker *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++) {
		if (t->level[i].state)
			levels[i].ops->close(t->level[i].state);
		buf_release(&t->level[i].why);
	}
	tasks_release(&t->tasks);
	sca_close_(&t->epoll);
	free(t);
	return NULL;
}

bool sca_tracker_level(const struct sca_tracker *t, enum sca_track level, const char **ret_why)
{
	const struct buf *why;

	if (level >= SCA_TRACK_COUNT) {
		*ret_why = "is no level";
		return false;
	}
	why = &t->level[level].why;
	*ret_why = t->level[level].state ? NULL : why->p ? why->p : "cannot be had here";
	return t->level[level].state;
}

int sca_tracker_fd(const struct sca_tracker *t)
{
	return t->epoll;
}

int sca_tracker_dispatch(struct sca_tracker *t, struct sca_err *err)
{
	struct epoll_event ready[SCA_TRACK_COUNT];
	int n = epoll_wait(t->epoll, ready, SCA_TRACK_COUNT, 0);

	for (int i = 0; i < n; i++) {
		enum sca_track level = ready[i].data.u32;
		int r = levels[level].ops->dispatch(t, t->level[level].state, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int sca_tracker_find(struct sca_tracker *t, const struct sca_record *rec,
		     struct sca_container_ref *ret, struct sca_err *err)
{
	struct sca_container_ref ref = {0};
	int r = sca_tracker_dispatch(t, err);

	t->reused = t->alive = false;
	tasks_begin(&t->tasks, rec);
	for (size_t i = 0; r == 0 && rec->have & SCA_F_PID && i < ARRAY_SIZE(order); i++) {
		enum sca_track level = order[i];

		if (!t->level[level].state)
			continue;
		t->again = i > 0 && level == order[0];
		r = levels[level].ops->find(t, t->level[level].state, rec, &ref, err);
		if (r <= 0)
			continue;
		if (ref.via.n == 0)
			ref.via = sca_str_z(levels[level].ops->via);
		t->stats.found[level]++;
		t->stats.unknown += level == SCA_TRACK_CANDIDATES;
	}
	tasks_end(&t->tasks);
	if (r < 0)
		return r;
	if (r == 0) {
		ref = (struct sca_container_ref){.via = SCA_STR("none"),
						 .sure = SCA_STR("unknown")};
		t->stats.unknown++;
		t->stats.reused += t->reused;
	}
	*ret = ref;
	return 0;
}

void sca_tracker_stats(const struct sca_tracker *t, struct sca_tracker_stats *ret)
{
	*ret = t->stats;
	for (size_t i = 0; i < SCA_TRACK_COUNT; i++)
		if (t->level[i].state && levels[i].ops->stats)
			levels[i].ops->stats(t->level[i].state, ret);
}

/* -- shared by the levels -- */

int tracker_child(uint32_t *ret_pid)
{
	/* All zeros, so the order of clone()'s arguments, which machines differ in, is no matter:
	 * a copy of this process without an exit signal. libc's fork() would send SIGCHLD. */
	long pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	pid_t r;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		for (;;)
			syscall(SYS_exit_group, 0);
	while ((r = waitpid((pid_t)pid, NULL, __WALL)) < 0 && errno == EINTR)
		;
	if (r < 0)
		return -errno;
	*ret_pid = (uint32_t)pid;
	return 0;
}

bool tracker_initial_pids(void)
{
	const ino_t initial = 0xeffffffc; /* PROC_PID_INIT_INO, part of the kernel's interface */
	char self[32], own[32];
	struct stat st;
	ssize_t n;

	if (stat("/proc/self/ns/pid", &st) < 0 || st.st_ino != initial)
		return false;
	n = readlink("/proc/self", self, sizeof(self));
	snprintf(own, sizeof(own), "%ld", (long)getpid());
	return n > 0 && (size_t)n == strlen(own) && memcmp(self, own, (size_t)n) == 0;
}
