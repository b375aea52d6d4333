/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) \
	((hash) = (unsigned)(hash_more(0, (const char *)(key), n) >> 16))
#define uthash_nonfatal_oom(elt) (cg->no_memory = true)
#include <uthash.h>

#define DEPTH_MAX     32u
#define PENDING_MAX   4096u
#define LOOK_STEP_MS  5u    /* a new cgroup is looked at so often, */
#define LOOK_YOUNG_MS 300u  /* while it is young; then ever more rarely, */
#define LOOK_OLD_MS   5000u /* until it is old */
#define LOOK_RESTS    4u    /* behind a look comes a rest so many times as long */
#define LOOK_OFTEN    32u   /* so often on request, as soon as a millisecond has passed */
#define LOOK_SLOW_MS  1000u /* then */
#define KEEP_MS       10000u
#define SCAN_AGAIN_MS 1000u
#define SWEEP_FREES   (CGROUPS_MAX / 8)

struct cgroup {
	UT_hash_handle hh;
	uint64_t id;
	char *path;           /* malloc'ed */
	struct kept_ref kept; /* ref.via empty: nothing was found yet */
	bool known;           /* an engine's files told of it */
	bool gone, replaced;  /* replaced: another one has its path */
	uint64_t look_ms;     /* the last look; monotonic */
	unsigned looks;       /* without anything that an engine knew */
};

struct pending {
	uint64_t id, born_ms, due_ms;
};

struct cgroups {
	struct sca_containers *cs;
	struct cgroup_mount mount;
	struct cgroup *by_id; /* in order of arrival */
	struct cgroup_watch *watch;
	struct cgroups_made *made;
	struct runtime_names *runtimes;
	int epoll, timer;
	struct pending pending[PENDING_MAX];
	size_t n_pending;
	uint64_t now_ms, armed_ms, scan_ms, sweep_ms, rest_ms;
	uint64_t evicted;
	bool no_memory;
};

static uint64_t clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void read_clock(struct cgroups *cg)
{
	cg->now_ms = clock_us() / 1000;
}

static int no_memory(struct sca_err *err)
{
	return sca_fail_errno(err, ENOMEM, "cannot remember a cgroup");
}

/* -- the table -- */

static struct cgroup *find(const struct cgroups *cg, uint64_t id)
{
	struct cgroup *c;

	HASH_FIND(hh, cg->by_id, &id, sizeof(id), c);
	return c;
}

static void drop(struct cgroups *cg, struct cgroup *c)
{
	HASH_DEL(cg->by_id, c);
	kept_release(&c->kept);
	free(c->path);
	free(c);
}

static bool still_there(const struct cgroups *cg, struct cgroup *c)
{
	struct stat st;

	if (fstatat(cg->mount.fd, c->path[1] ? c->path + 1 : ".", &st, AT_SYMLINK_NOFOLLOW) < 0)
		c->gone = true;
	else if (st.st_ino != c->id)
		c->gone = c->replaced = true;
	return !c->gone;
}

/* Room for one more: the oldest of those that are gone go. False when all are there. */
static bool make_room(struct cgroups *cg)
{
	struct cgroup *next;
	size_t freed = 0;

	if (HASH_COUNT(cg->by_id) < CGROUPS_MAX)
		return true;
	if (cg->now_ms < cg->sweep_ms)
		return false;
	for (struct cgroup *c = cg->by_id; c; c = next) {
		next = c->hh.next;
		if (still_there(cg, c))
			continue;
		drop(cg, c);
		cg->evicted++;
		if (++freed == SWEEP_FREES)
			break;
	}
	if (freed == 0)
		cg->sweep_ms = cg->now_ms + SCAN_AGAIN_MS;
	return freed > 0;
}

/* Only what may become a container's is looked at; a systemd unit, and what no pattern knows, says
 * all that it has to say when it is asked for. */
static int look_later(struct cgroups *cg, const struct cgroup *c, struct sca_err *err)
{
	struct sca_cgroup what;
	int r = sca_containers_decode(cg->cs, sca_str_z(c->path), &what, NULL);

	if (r == -ENOMEM)
		return no_memory(err);
	if (r == 0 && cg->n_pending < PENDING_MAX &&
	    (what.kind == SCA_CGROUP_CONTAINER || what.kind == SCA_CGROUP_CANDIDATE))
		cg->pending[cg->n_pending++] = (struct pending){
			.id = c->id, .born_ms = cg->now_ms, .due_ms = cg->now_ms,
		};
	return 0;
}

/* *ret NULL when there is no room. Known ids stay as they are: they do not come back. */
static int add(struct cgroups *cg, uint64_t id, struct sca_str path, struct cgroup **ret,
	       struct sca_err *err)
{
	struct cgroup *c = find(cg, id);

	*ret = c;
	if (c)
		return 0;
	if (!make_room(cg)) {
		cg->evicted++;
		return 0;
	}
	c = calloc(1, sizeof(*c));
	if (!c || !(c->path = strndup(path.p, path.n))) {
		free(c);
		return no_memory(err);
	}
	c->id = id;
	cg->no_memory = false;
	HASH_ADD(hh, cg->by_id, id, sizeof(c->id), c);
	if (cg->no_memory) {
		free(c->path);
		free(c);
		return no_memory(err);
	}
	*ret = c;
	return look_later(cg, c, err);
}

/* -- looking for the container -- */

/* Asks for the container of the path. What an earlier answer said stays when this one says less. */
static int look(struct cgroups *cg, struct cgroup *c, struct sca_err *err)
{
	const struct sca_container_state *state = NULL;
	struct sca_container_ref ref = {0};
	int r;

	c->look_ms = cg->now_ms;
	c->looks++;
	cg->cs->anew = !c->known;
	containers_begin(cg->cs);
	r = container_by_path(cg->cs, sca_str_z(c->path), &ref, err);
	cg->cs->anew = false;
	if (r == 0 && ref.id.n)
		r = state_lookup(cg->cs, ref.id, &state, err);
	if (r == -ENOMEM)
		return r;
	/* A name may be another container's by now; 64 digits do not come back. */
	if (r < 0 || (!state && c->kept.text) || (c->replaced && ref.id.n != 64))
		return 0;
	if (ref.id.n == 0 && ref.unit.n == 0) {
		const char *runtime = runtime_of(cg->runtimes, c->path + 1);

		if (!runtime)
			return 0;
		ref = (struct sca_container_ref){
			.id = sca_str_z(c->path + 1), .engine = sca_str_z(runtime),
			.sure = SCA_STR("likely"),
		};
	}
	ref.via = (struct sca_str){NULL, 0};
	if (!kept_set(&c->kept, &ref))
		return no_memory(err);
	c->known = state;
	if (c->known)
		c->looks = 0;
	return 0;
}

static void arm(struct cgroups *cg)
{
	struct itimerspec when = {0};
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < cg->n_pending; i++)
		due = MIN(due, MAX(cg->pending[i].due_ms, cg->rest_ms));
	if (due == cg->armed_ms)
		return;
	cg->armed_ms = due;
	if (due != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(due / 1000);
		when.it_value.tv_nsec = (long)(due % 1000) * 1000000 + 1;
	}
	timerfd_settime(cg->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* One look that was due. False when there is to be no other. */
static int look_pending(struct cgroups *cg, struct pending *p, bool *ret_again, struct sca_err *err)
{
	struct cgroup *c = find(cg, p->id);
	uint64_t age = cg->now_ms - p->born_ms;
	int r = c && !c->known ? look(cg, c, err) : 0;

	*ret_again = c && !c->known && age < LOOK_OLD_MS && still_there(cg, c);
	p->due_ms = cg->now_ms + (age < LOOK_YOUNG_MS ? LOOK_STEP_MS : age);
	return r;
}

/* Takes no more than its share of the time, however many containers start. */
static int look_now(struct cgroups *cg, struct sca_err *err)
{
	uint64_t begin_us = clock_us(), spent_ms = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < cg->n_pending && cg->now_ms >= cg->rest_ms;) {
		bool again = true;

		if (cg->pending[i].due_ms <= cg->now_ms) {
			r = look_pending(cg, &cg->pending[i], &again, err);
			spent_ms = (clock_us() - begin_us) / 1000;
		}
		if (again)
			i++;
		else
			cg->pending[i] = cg->pending[--cg->n_pending];
		if (spent_ms)
			cg->rest_ms = cg->now_ms + spent_ms * LOOK_RESTS;
	}
	return r;
}

/* -- directories -- */

/* 1, or 0 for a path that is too long to be followed. */
static int add_name(struct buf *path, struct sca_str name, struct sca_err *err)
{
	size_t n;

	if (add_overflow(path->n, name.n, &n) || n + 1 >= SCA_CGROUP_PATH_MAX)
		return 0;
	buf_add_c(path, '/');
	buf_add_str(path, name);
	return path->failed ? no_memory(err) : 1;
}

static int scan_dir(struct cgroups *cg, int parent, const char *name, struct buf *path,
		    unsigned depth, struct sca_err *err)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct cgroup *c = NULL;
	struct dirent *de;
	struct stat st;
	size_t n = path->n;
	int r = 0;

	if (!dir) {
		r = fd >= 0 && errno == ENOMEM ? no_memory(err) : 0;
		sca_close_(&fd);
		return r;
	}
	if (fstat(dirfd(dir), &st) == 0) {
		r = watch_add(cg->watch, path->p, st.st_ino, err);
		if (r == 0)
			r = add(cg, st.st_ino, n == cg->mount.path.n ? SCA_STR("/") :
				str_skip(buf_str(path), cg->mount.path.n), &c, err);
	}
	while (r == 0 && depth < DEPTH_MAX && (de = readdir(dir))) {
		if (de->d_type != DT_DIR || de->d_name[0] == '.')
			continue;
		r = add_name(path, sca_str_z(de->d_name), err);
		if (r > 0)
			r = scan_dir(cg, dirfd(dir), de->d_name, path, depth + 1, err);
		path->n = n;
		path->p[n] = '\0';
	}
	closedir(dir);
	return r;
}

int cgroups_scan(struct cgroups *cg, struct sca_err *err)
{
	_cleanup_buf_ struct buf path = {.max = SCA_CGROUP_PATH_MAX};

	read_clock(cg);
	cg->scan_ms = cg->now_ms;
	buf_add_str(&path, buf_str(&cg->mount.path));
	return path.failed ? no_memory(err) : scan_dir(cg, cg->mount.fd, ".", &path, 0, err);
}

/* A cgroup that no event told of: gone before its number could be asked for, or made through
 * the mount of another cgroup namespace, which no watch sees. */
static int resolve(struct cgroups *cg, uint64_t id, struct cgroup **ret, struct sca_err *err)
{
	_cleanup_buf_ struct buf path = {.max = SCA_CGROUP_PATH_MAX};
	int r = made_find(cg->made, id, &path) ? 0 : mount_find(&cg->mount, id, &path);

	*ret = NULL;
	if (r == 0)
		return add(cg, id, buf_str(&path), ret, err);
	if (path.failed)
		return no_memory(err);
	/* Without CAP_DAC_READ_SEARCH. */
	if (r != -EPERM || cg->now_ms < cg->scan_ms + SCAN_AGAIN_MS)
		return 0;
	r = cgroups_scan(cg, err);
	*ret = find(cg, id);
	return r;
}

int cgroups_appeared(struct cgroups *cg, uint64_t parent, struct sca_str name, uint64_t id,
		     struct sca_err *err)
{
	_cleanup_buf_ struct buf path = {.max = SCA_CGROUP_PATH_MAX};
	struct cgroup *c = find(cg, parent);
	int r = 0;

	if (!c)
		r = resolve(cg, parent, &c, err);
	if (r < 0 || !c)
		return r;
	buf_add_str(&path, buf_str(&cg->mount.path));
	buf_add_z(&path, c->path[1] ? c->path : "");
	r = path.failed ? no_memory(err) : add_name(&path, name, err);
	if (r <= 0)
		return r;
	if (id)
		return add(cg, id, str_skip(buf_str(&path), cg->mount.path.n), &c, err);
	return scan_dir(cg, cg->mount.fd, path.p + cg->mount.path.n + 1, &path, 0, err);
}

/* -- asking -- */

int cgroups_find(struct cgroups *cg, uint64_t id, struct sca_container_ref *ret,
		 struct sca_err *err)
{
	struct cgroup *c = find(cg, id);
	unsigned wait_ms;
	int r = 0;

	read_clock(cg);
	if (!c)
		r = resolve(cg, id, &c, err);
	if (r < 0 || !c)
		return r;
	wait_ms = c->known ? KEEP_MS : c->looks < LOOK_OFTEN ? 1 : LOOK_SLOW_MS;
	if (cg->now_ms >= c->look_ms + wait_ms && (still_there(cg, c) || !c->known))
		r = look(cg, c, err);
	if (r < 0)
		return r;
	if (!c->kept.text)
		return 0;
	*ret = c->kept.ref;
	return 1;
}

bool cgroups_knows(struct cgroups *cg, uint64_t id)
{
	struct cgroup *c = find(cg, id);

	return c || (resolve(cg, id, &c, NULL) == 0 && c);
}

int cgroups_fd(const struct cgroups *cg)
{
	return cg->epoll;
}

int cgroups_dispatch(struct cgroups *cg, struct sca_err *err)
{
	uint64_t ticks;
	int r;

	read_clock(cg);
	if (read(cg->timer, &ticks, sizeof(ticks)) == (ssize_t)sizeof(ticks))
		cg->armed_ms = UINT64_MAX;
	r = runtime_names_read(cg->runtimes, err);
	if (r == 0)
		r = watch_read(cg->watch, cg, err);
	if (r == 0)
		r = look_now(cg, err);
	arm(cg);
	return r;
}

uint64_t cgroups_evicted(const struct cgroups *cg)
{
	return cg->evicted;
}

/* -- opening -- */

static bool watch_all(struct cgroups *cg)
{
	struct epoll_event event = {.events = EPOLLIN};

	cg->epoll = epoll_create1(EPOLL_CLOEXEC);
	cg->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (cg->epoll < 0 || cg->timer < 0)
		return false;
	epoll_ctl(cg->epoll, EPOLL_CTL_ADD, runtime_names_fd(cg->runtimes), &event); /* if any */
	return epoll_ctl(cg->epoll, EPOLL_CTL_ADD, cg->timer, &event) == 0 &&
	       epoll_ctl(cg->epoll, EPOLL_CTL_ADD, watch_fd(cg->watch), &event) == 0;
}

int cgroups_new(struct cgroups **ret, struct sca_containers *cs, struct buf *why,
		struct sca_err *err)
{
	struct cgroups *cg = calloc(1, sizeof(*cg));
	int r = 0;

	if (!cg)
		return no_memory(err);
	cg->cs = cs;
	cg->epoll = cg->timer = -1;
	cg->armed_ms = UINT64_MAX;
	*ret = NULL;
	if (mount_open(&cg->mount, cs->root, why))
		r = runtime_names_new(&cg->runtimes, cs->root, err);
	if (r == 0 && cg->runtimes)
		r = watch_open(&cg->watch, cg->mount.fd, why, err);
	if (r == 0 && cg->watch && !watch_all(cg))
		buf_addf(why, "the cgroups can not be watched: %s", strerrordesc_np(errno));
	else if (r == 0 && cg->watch) {
		cg->made = made_open(cs->root);
		r = cgroups_scan(cg, err);
		arm(cg);
	}
	if (r == 0 && why->n == 0)
		*ret = cg;
	else
		cgroups_free(cg);
	return r;
}

struct cgroups *cgroups_free(struct cgroups *cg)
{
	if (!cg)
		return NULL;
	while (cg->by_id)
		drop(cg, cg->by_id);
	watch_free(cg->watch);
	made_close(cg->made);
	runtime_names_free(cg->runtimes);
	sca_close_(&cg->epoll);
	sca_close_(&cg->timer);
	mount_close(&cg->mount);
	free(cg);
	return NULL;
}
