/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) (cg->no_memory = true)
#include <uthash.h>

#define DEPTH_MAX     32u
#define MOUNTINFO_MAX (4u << 20)
#define ROOT_ID       1u
#define KERNFS_HANDLE 0xfe /* FILEID_KERNFS: the id, in 8 bytes */
#define PENDING_MAX   4096u
#define LOOK_STEP_MS  5u    /* a new cgroup is looked at so often, */
#define LOOK_YOUNG_MS 300u  /* while it is young; then ever more rarely, */
#define LOOK_OLD_MS   5000u /* until it is old */
#define LOOK_SHARE    4u    /* looking may take one part of so many of the time */
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
	bool gone;
	uint64_t look_ms;     /* the last look; monotonic */
	unsigned looks;       /* without anything that an engine knew */
};

struct pending {
	uint64_t id, born_ms, due_ms;
};

struct cgroups {
	struct sca_containers *cs;
	int mount; /* the hierarchy's root */
	struct buf mount_path;
	struct cgroup *by_id; /* in order of arrival */
	struct cgroup_watch *watch;
	struct cgroups_made *made;
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

bool cgroups_knows(const struct cgroups *cg, uint64_t id)
{
	return find(cg, id);
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

	if (!c->gone && (fstatat(cg->mount, c->path[1] ? c->path + 1 : ".", &st,
				 AT_SYMLINK_NOFOLLOW) < 0 || st.st_ino != c->id))
		c->gone = true;
	return !c->gone;
}

/* Room for one more: the oldest of those that are gone go. False when all are there. */
static bool make_room(struct cgroups *cg)
{
	struct cgroup *c, *next;
	size_t freed = 0;

	if (HASH_COUNT(cg->by_id) < CGROUPS_MAX)
		return true;
	if (cg->now_ms < cg->sweep_ms)
		return false;
	HASH_ITER(hh, cg->by_id, c, next) {
		if (still_there(cg, c))
			continue;
		drop(cg, c);
		cg->evicted++;
		if (++freed == SWEEP_FREES)
			break;
	}
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

/* An OCI runtime writes what it knows when the container is nearly made, but has a directory of
 * its name before it makes the cgroup, by default with the same name. */
static bool runtime_has(const struct cgroups *cg, const struct cgroup *c,
			struct sca_container_ref *ret)
{
	static const char *const runtimes[] = {"runc", "crun"};
	const char *name = c->path + 1;
	char path[PATH_MAX];

	if (!*name || *name == '.' || strchr(name, '/'))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		int n = snprintf(path, sizeof(path), "run/%s/%s", runtimes[i], name);
		int fd = n < (int)sizeof(path) ? root_open(cg->cs->root, path,
							   O_PATH | O_DIRECTORY) : -1;

		if (fd < 0)
			continue;
		close(fd);
		*ret = (struct sca_container_ref){
			.id = sca_str_z(name), .engine = sca_str_z(runtimes[i]),
			.sure = SCA_STR("likely"),
		};
		return true;
	}
	return false;
}

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
	if (r < 0 || (!state && c->kept.text))
		return 0;
	if (ref.id.n == 0 && ref.unit.n == 0 && !runtime_has(cg, c, &ref))
		return 0;
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
			cg->rest_ms = cg->now_ms + spent_ms * LOOK_SHARE;
	}
	return r;
}

/* -- directories -- */

static int scan_dir(struct cgroups *cg, int parent, const char *name, struct buf *path,
		    unsigned depth, struct sca_err *err)
{
	_cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 && depth <= DEPTH_MAX ? fdopendir(fd) : NULL;
	struct cgroup *c = NULL;
	struct dirent *de;
	struct stat st;
	size_t n = path->n;
	int r = 0;

	if (!dir)
		return fd >= 0 && depth <= DEPTH_MAX && errno == ENOMEM ? no_memory(err) : 0;
	fd = -1; /* the stream's */
	if (fstat(dirfd(dir), &st) == 0) {
		cgroup_watch_add(cg->watch, path->p, st.st_ino);
		r = add(cg, st.st_ino, n == cg->mount_path.n ? SCA_STR("/") :
			str_skip(buf_str(path), cg->mount_path.n), &c, err);
	}
	while (r == 0 && (de = readdir(dir))) {
		if (de->d_type != DT_DIR || de->d_name[0] == '.')
			continue;
		buf_addf(path, "/%s", de->d_name);
		if (!path->failed)
			r = scan_dir(cg, dirfd(dir), de->d_name, path, depth + 1, err);
		path->failed = false; /* too long: not followed */
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
	buf_add_str(&path, buf_str(&cg->mount_path));
	return path.failed ? no_memory(err) : scan_dir(cg, cg->mount, ".", &path, 0, err);
}

/* The path by the file handle, which is the id. -ESTALE when the directory is gone. */
static int path_by_handle(const struct cgroups *cg, uint64_t id, struct buf *ret)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} u = {.handle = {.handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE}};
	_cleanup_close_ int fd = -1;
	char link[64], path[SCA_CGROUP_PATH_MAX];
	struct sca_str s = {path, 0};
	ssize_t n;

	memcpy(u.room + offsetof(struct file_handle, f_handle), &id, sizeof(id));
	fd = open_by_handle_at(cg->mount, &u.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	s.n = n > 0 && (size_t)n < sizeof(path) ? (size_t)n : 0;
	if (!str_starts(s, buf_str(&cg->mount_path)) || s.n <= cg->mount_path.n ||
	    s.p[cg->mount_path.n] != '/')
		return -ESTALE;
	buf_add_str(ret, str_skip(s, cg->mount_path.n));
	return ret->failed ? -ENOMEM : 0;
}

/* A cgroup that no event told of: gone before its number could be asked for, or made through
 * the mount of another cgroup namespace, which no watch sees. */
static int resolve(struct cgroups *cg, uint64_t id, struct cgroup **ret, struct sca_err *err)
{
	_cleanup_buf_ struct buf path = {.max = SCA_CGROUP_PATH_MAX};
	int r = made_find(cg->made, id, &path) ? 0 : path_by_handle(cg, id, &path);

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
	buf_add_str(&path, buf_str(&cg->mount_path));
	buf_addf(&path, "%s/%.*s", c->path[1] ? c->path : "", (int)name.n, name.p);
	if (path.failed)
		return 0;
	if (id)
		return add(cg, id, str_skip(buf_str(&path), cg->mount_path.n), &c, err);
	return scan_dir(cg, cg->mount, path.p + cg->mount_path.n + 1, &path, 0, err);
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
	if (cg->now_ms >= c->look_ms + wait_ms && (!c->known || still_there(cg, c)))
		r = look(cg, c, err);
	if (r < 0)
		return r;
	if (!c->kept.text)
		return 0;
	*ret = c->kept.ref;
	return 1;
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
	r = cgroup_watch_read(cg->watch, cg, err);
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

/* mountinfo writes blanks and the like as \ooo. */
static void unescape(struct buf *b, struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && s.n - i >= 4) {
			buf_add_c(b, (char)((s.p[i + 1] - '0') * 64 + (s.p[i + 2] - '0') * 8 +
					    (s.p[i + 3] - '0')));
			i += 3;
		} else {
			buf_add_c(b, s.p[i]);
		}
	}
}

/* Opens the mount of one line of mountinfo when it is the whole hierarchy. */
static void try_mount(struct cgroups *cg, struct sca_str line, bool *ret_partial)
{
	struct sca_str word, at = {0};
	struct stat st;
	bool v2 = false;

	for (unsigned i = 0; i < 5; i++)
		if (!str_cut(&line, ' ', &at))
			return;
	while (str_cut(&line, ' ', &word) && !str_is(word, "-"))
		;
	v2 = str_cut(&line, ' ', &word) && str_is(word, "cgroup2");
	if (!v2)
		return;
	buf_reset(&cg->mount_path);
	unescape(&cg->mount_path, at);
	if (cg->mount_path.failed)
		return;
	cg->mount = open(cg->mount_path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cg->mount >= 0 && (fstat(cg->mount, &st) < 0 || st.st_ino != ROOT_ID)) {
		*ret_partial = true;
		sca_close_(&cg->mount);
		cg->mount = -1;
	}
}

static bool find_mount(struct cgroups *cg, struct buf *why)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	bool partial = false;
	struct sca_str rest, line;

	if (root_read(cg->cs->root, "proc/self/mountinfo", MOUNTINFO_MAX, &b) < 0) {
		buf_add_z(why, "/proc/self/mountinfo can not be read: mount /proc");
		return false;
	}
	rest = buf_str(&b);
	while (cg->mount < 0 && str_cut(&rest, '\n', &line))
		try_mount(cg, line, &partial);
	if (cg->mount >= 0)
		return true;
	buf_add_z(why, partial ? "only a part of the cgroups is seen here: mount the host's "
				 "/sys/fs/cgroup, or run in its cgroup namespace (docker "
				 "--cgroupns=host)" :
				 "there is no cgroup2 hierarchy (boot with "
				 "systemd.unified_cgroup_hierarchy=1, or mount it: mount -t cgroup2 "
				 "none DIR)");
	return false;
}

static bool watch_all(struct cgroups *cg)
{
	struct epoll_event event = {.events = EPOLLIN};

	cg->epoll = epoll_create1(EPOLL_CLOEXEC);
	cg->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return cg->epoll >= 0 && cg->timer >= 0 &&
	       epoll_ctl(cg->epoll, EPOLL_CTL_ADD, cg->timer, &event) == 0 &&
	       epoll_ctl(cg->epoll, EPOLL_CTL_ADD, cgroup_watch_fd(cg->watch), &event) == 0;
}

int cgroups_new(struct cgroups **ret, struct sca_containers *cs, struct buf *why,
		struct sca_err *err)
{
	struct cgroups *cg = calloc(1, sizeof(*cg));
	int r = 0;

	if (!cg)
		return no_memory(err);
	cg->cs = cs;
	cg->mount = cg->epoll = cg->timer = -1;
	cg->mount_path.max = SCA_CGROUP_PATH_MAX;
	cg->armed_ms = UINT64_MAX;
	*ret = NULL;
	if (find_mount(cg, why))
		r = cgroup_watch_open(&cg->watch, cg->mount, why, err);
	if (r == 0 && cg->watch && !watch_all(cg))
		buf_addf(why, "the cgroups can not be watched: %s", strerrordesc_np(errno));
	else if (r == 0 && cg->watch) {
		cg->made = made_open(cs->root);
		r = cgroups_scan(cg, err);
	}
	if (r == 0 && why->n == 0)
		*ret = cg;
	else
		cgroups_free(cg);
	return r;
}

struct cgroups *cgroups_free(struct cgroups *cg)
{
	struct cgroup *c, *next;

	if (!cg)
		return NULL;
	HASH_ITER(hh, cg->by_id, c, next)
		drop(cg, c);
	cgroup_watch_free(cg->watch);
	made_close(cg->made);
	sca_close_(&cg->epoll);
	sca_close_(&cg->timer);
	sca_close_(&cg->mount);
	buf_release(&cg->mount_path);
	free(cg);
	return NULL;
}
