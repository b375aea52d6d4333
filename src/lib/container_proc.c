/* SPDX-License-Identifier: Apache-2.0 */
/* The container of a process, from /proc/PID. */
#include "container_int.h"

#include <fcntl.h>

#define PROC_FILE_MAX 65536u /* a cgroup file has a line a hierarchy */
#define LINES_MAX     64u
#define START_SLACK_MS 50 /* a record's clock is a tick late, a clock may have been set a bit */

/* comm may hold blanks and parentheses, the fields behind it can not: the last one ends it. */
static bool parse_stat(struct sca_str s, struct task_stat *ret)
{
	const char *end = s.n ? memrchr(s.p, ')', s.n) : NULL;
	const char *comm = s.n ? memchr(s.p, '(', s.n) : NULL;
	struct sca_str rest, word = {0};
	unsigned field = 2;

	if (!end || !comm || comm > end)
		return false;
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)(end - comm - 1), comm + 1);
	rest = str_trim(str_skip(s, (size_t)(end - s.p) + 1));
	while (field < 22 && str_cut(&rest, ' ', &word)) {
		if (++field == 3)
			ret->zombie = str_is(word, "Z") || str_is(word, "X");
		if (field == 4 && str_u32(word, &ret->ppid) < 0)
			return false;
	}
	return field == 22 && str_u64(word, &ret->start) == 0;
}

static bool parse_btime(struct sca_str s, uint64_t *ret)
{
	struct sca_str line, prefix = SCA_STR("btime ");

	while (str_cut(&s, '\n', &line))
		if (str_starts(line, prefix))
			return str_u64(str_skip(line, prefix.n), ret) == 0;
	return false;
}

/* The boot as this machine's clocks tell it, one ms late, in ms since the epoch. */
static bool boot_of_clocks(int64_t *ret)
{
	struct timespec real, since;

	if (clock_gettime(CLOCK_REALTIME, &real) < 0 || clock_gettime(CLOCK_BOOTTIME, &since) < 0)
		return false;
	*ret = (real.tv_sec - since.tv_sec) * 1000 + (real.tv_nsec - since.tv_nsec) / 1000000 + 1;
	return true;
}

static bool agrees(int64_t exact, uint64_t btime)
{
	return exact >= (int64_t)btime * 1000 && exact <= (int64_t)btime * 1000 + 1000;
}

/*
 * The latest moment the system can have booted, in ms since the epoch, and how much earlier it
 * may have been. btime is cut to seconds; on this machine the clocks tell it to the millisecond,
 * and are believed when they agree. They are asked each time, as they may be set; /proc/stat, which
 * is long, only once as long as they agree with what it said.
 */
static int boot_ms(struct sca_containers *cs, int64_t *ret, int64_t *ret_blur,
		   struct sca_err *err)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	int64_t exact = 0;
	bool clocks = cs->live && boot_of_clocks(&exact);
	uint64_t btime = cs->btime;
	int r;

	if (!clocks || !btime || !agrees(exact, btime)) {
		r = root_read(cs->root, "proc/stat", 4u << 20, &b);
		if (r == -ENOMEM)
			return sca_fail_errno(err, ENOMEM, "cannot read /proc/stat");
		if (r < 0 || !parse_btime(buf_str(&b), &btime) || btime > INT64_MAX / 2000) {
			cs->stats.malformed++;
			return 0;
		}
		cs->btime = btime;
	}
	*ret = (int64_t)btime * 1000 + 999;
	*ret_blur = 999;
	if (clocks && agrees(exact, btime)) {
		*ret = exact;
		*ret_blur = 2;
	}
	return 1;
}

/* When the process started, as against time_ms. A failure other than of memory is no answer. */
static int compare_start(struct sca_containers *cs, const struct task_stat *st, int64_t time_ms,
			 enum task_start *ret, struct sca_err *err)
{
	long hz = sysconf(_SC_CLK_TCK);
	uint64_t ms;
	int64_t boot = 0, blur = 0, start, behind;
	int r = boot_ms(cs, &boot, &blur, err);

	*ret = TASK_START_UNKNOWN;
	if (r <= 0)
		return r;
	/* The kernel cuts to a tick, so the process is up to one tick younger. */
	if (hz <= 0 || add_overflow(st->start, (uint64_t)1, &ms) ||
	    mul_overflow(ms, (uint64_t)1000, &ms) ||
	    add_overflow(boot, (int64_t)MIN(ms / (uint64_t)hz, (uint64_t)INT64_MAX / 2), &start))
		return 0;
	if (start <= time_ms)
		*ret = TASK_START_BEFORE;
	else if (sub_overflow(start, time_ms, &behind) ||
		 behind > blur + 1000 / hz + START_SLACK_MS)
		*ret = TASK_START_BEHIND;
	return 0;
}

struct lines {
	struct sca_str path[LINES_MAX];
	size_t n;
	bool all_root;
};

/* Paths in order of belief: 0:: keeps the path even of a zombie, then systemd's own hierarchy,
 * then the others as they come. */
static void parse_cgroups(struct sca_containers *cs, struct sca_str text, struct lines *ret)
{
	struct sca_str rest = text, line, number, controllers;

	*ret = (struct lines){.all_root = true};
	for (unsigned rank = 0; rank < 3; rank++) {
		rest = text;
		while (str_cut(&rest, '\n', &line)) {
			bool v2, systemd;

			if (line.n == 0)
				continue;
			if (!str_cut(&line, ':', &number) || !str_cut(&line, ':', &controllers) ||
			    line.n == 0 || line.p[0] != '/') {
				cs->stats.malformed += rank == 0;
				continue;
			}
			v2 = str_is(number, "0") && controllers.n == 0;
			systemd = str_is(controllers, "name=systemd");
			if (rank != (v2 ? 0 : systemd ? 1 : 2) || ret->n == LINES_MAX)
				continue;
			ret->path[ret->n++] = line;
			ret->all_root &= line.n == 1;
		}
	}
}

/* The first path that names a container, or else the first that names a unit. */
int container_by_cgroups(struct sca_containers *cs, struct sca_str text, bool *ret_all_root,
			 bool *ret_conflict, struct sca_container_ref *ret, struct sca_err *err)
{
	struct sca_container_ref ref, best = {.via = SCA_STR("none")};
	struct lines lines;

	parse_cgroups(cs, text, &lines);
	*ret_all_root = lines.all_root;
	*ret_conflict = false;
	for (size_t i = 0; i < lines.n; i++) {
		int r;

		if (i && str_eq(lines.path[i], lines.path[i - 1]))
			continue;
		r = container_by_path(cs, lines.path[i], &ref, err);
		if (r == -ENOMEM)
			return r;
		if (r < 0) /* counted */
			continue;
		if (best.id.n && ref.id.n && !str_eq(best.id, ref.id))
			*ret_conflict = true;
		if ((ref.id.n && !best.id.n) || (ref.unit.n && !best.unit.n && !best.id.n))
			best = ref;
	}
	*ret = best;
	return 0;
}

/* The directory stays that process's even when the pid is another's. */
int process_read(struct sca_containers *cs, uint32_t pid, struct buf *cgroup,
		 struct task_stat *st, int *ret_fd, struct sca_err *err)
{
	_cleanup_buf_ struct buf stat = BUF_INIT;
	_cleanup_close_ int dir = -1, fd = -1;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "proc/%u", pid);
	dir = root_open(cs->root, path, O_PATH | O_DIRECTORY);
	r = dir < 0 ? dir : root_read(dir, "stat", PROC_FILE_MAX, &stat);
	if (r == 0)
		r = fd = root_open(dir, "cgroup", O_RDONLY);
	if (r >= 0)
		r = root_read_fd(fd, PROC_FILE_MAX, cgroup);
	if (r == -ENOENT || r == -ESRCH || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return sca_fail_errno(err, -r, "cannot read /proc/%u", pid);
	if (!parse_stat(buf_str(&stat), st)) {
		cs->stats.malformed++;
		return sca_fail(err, SCA_E_SYNTAX, "/proc/%u/stat is not in the kernel's form",
				pid);
	}
	if (ret_fd)
		*ret_fd = steal_fd(&fd);
	return 1;
}

int container_judge(struct sca_containers *cs, const struct process_says *says,
		    const int64_t *time_ms, struct sca_container_ref *ret,
		    enum task_start *ret_start, struct sca_err *err)
{
	struct sca_container_ref ref = says->ref;
	enum task_start start = TASK_START_UNKNOWN;
	bool exact;
	int r = time_ms ? compare_start(cs, &says->st, *time_ms, &start, err) : 0;

	if (r < 0)
		return r;
	exact = start == TASK_START_BEFORE && !says->conflict && str_is(ref.sure, "exact");
	if (ref.id.n || ref.unit.n) {
		cs->stats.late += time_ms && start != TASK_START_BEFORE;
		cs->stats.conflict += says->conflict;
		ref.via = SCA_STR("proc");
		ref.sure = exact ? SCA_STR("exact") : SCA_STR("likely");
	} else if (says->st.zombie && says->all_root) {
		cs->stats.zombie++;
	}
	*ret = ref;
	*ret_start = start;
	return 0;
}

int container_by_pid(struct sca_containers *cs, uint32_t pid, const int64_t *time_ms,
		     struct sca_container_ref *ret, enum task_start *ret_start,
		     struct sca_err *err)
{
	_cleanup_buf_ struct buf cgroup = BUF_INIT;
	struct process_says says;
	int r;

	containers_begin(cs);
	r = process_read(cs, pid, &cgroup, &says.st, NULL, err);
	if (r < 0)
		return r;
	if (r == 0) {
		cs->stats.gone++;
		*ret = (struct sca_container_ref){.via = SCA_STR("none")};
		*ret_start = TASK_START_UNKNOWN;
		return 0;
	}
	r = container_by_cgroups(cs, buf_str(&cgroup), &says.all_root, &says.conflict, &says.ref,
				 err);
	return r < 0 ? r : container_judge(cs, &says, time_ms, ret, ret_start, err);
}

int sca_containers_by_pid(struct sca_containers *cs, uint32_t pid, int64_t time_ms,
			  bool have_time, struct sca_container_ref *ret, struct sca_err *err)
{
	enum task_start start;

	return container_by_pid(cs, pid, have_time ? &time_ms : NULL, ret, &start, err);
}
