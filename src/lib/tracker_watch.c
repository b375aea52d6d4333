/* SPDX-License-Identifier: Apache-2.0 */
/* New directories of the cgroup hierarchy, by fanotify or by inotify. */
#include "tracker_cgroup.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) \
	((hash) = (unsigned)(hash_more(0, (const char *)(key), n) >> 16))
#define uthash_nonfatal_oom(elt) (w->no_memory = true)
#include <uthash.h>

#ifndef FAN_REPORT_TARGET_FID /* Linux 5.17 */
#define FAN_REPORT_TARGET_FID 0x1000
#endif
#define EVENTS_MAX 16384u

struct watched {
	UT_hash_handle hh;
	int wd;
	uint64_t id;
};

struct cgroup_watch {
	int fd;
	bool inotify;
	struct watched *by_wd;
	bool no_memory;
};

/* The mark is on the file system, so it sees all directories at once. */
static bool open_fanotify(struct cgroup_watch *w, int mount)
{
	static const unsigned reports[] = {
		FAN_REPORT_DFID_NAME | FAN_REPORT_FID | FAN_REPORT_TARGET_FID,
		FAN_REPORT_DFID_NAME,
	};

	for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
		w->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | reports[i],
				      O_RDONLY);
		if (w->fd >= 0 &&
		    fanotify_mark(w->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
				  FAN_CREATE | FAN_ONDIR, mount, ".") == 0)
			return true;
		sca_close_(&w->fd);
		w->fd = -1;
	}
	return false;
}

int watch_open(struct cgroup_watch **ret, int mount, struct buf *why, struct sca_err *err)
{
	struct cgroup_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return sca_fail_errno(err, ENOMEM, "cannot watch cgroups");
	if (!open_fanotify(w, mount)) {
		w->inotify = true;
		w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	}
	if (w->fd < 0) {
		buf_addf(why, "neither fanotify nor inotify is to be had: %s; raise "
			      "fs.inotify.max_user_instances", strerrordesc_np(errno));
		w = watch_free(w);
	}
	*ret = w;
	return 0;
}

struct cgroup_watch *watch_free(struct cgroup_watch *w)
{
	if (!w)
		return NULL;
	while (w->by_wd) {
		struct watched *at = w->by_wd;

		HASH_DEL(w->by_wd, at);
		free(at);
	}
	sca_close_(&w->fd);
	free(w);
	return NULL;
}

int watch_fd(const struct cgroup_watch *w)
{
	return w->fd;
}

int watch_add(struct cgroup_watch *w, const char *path, uint64_t id, struct sca_err *err)
{
	struct watched *at;
	int wd;

	if (!w->inotify)
		return 0;
	wd = inotify_add_watch(w->fd, path, IN_CREATE | IN_ONLYDIR | IN_DONT_FOLLOW);
	if (wd < 0)
		return 0;
	HASH_FIND_INT(w->by_wd, &wd, at);
	if (!at) {
		at = calloc(1, sizeof(*at));
		if (!at)
			return sca_fail_errno(err, ENOMEM, "cannot watch cgroups");
		at->wd = wd;
		w->no_memory = false;
		HASH_ADD_INT(w->by_wd, wd, at);
		if (w->no_memory) {
			free(at);
			return sca_fail_errno(err, ENOMEM, "cannot watch cgroups");
		}
	}
	at->id = id;
	return 0;
}

/* -- fanotify's events: a head, then pieces of different kinds -- */

struct dir_event {
	uint64_t parent, id;
	struct sca_str name;
};

/* A file handle of cgroup2: the id and nothing else. The bytes behind it go to *ret_rest. */
static uint64_t handle_id(struct sca_str s, struct sca_str *ret_rest)
{
	struct file_handle head;
	uint64_t id;

	if (s.n < sizeof(head))
		return 0;
	memcpy(&head, s.p, sizeof(head));
	s = str_skip(s, sizeof(head));
	if (head.handle_bytes != sizeof(id) || s.n < sizeof(id))
		return 0;
	memcpy(&id, s.p, sizeof(id));
	*ret_rest = str_skip(s, sizeof(id));
	return id;
}

static void read_pieces(struct sca_str s, struct dir_event *ev)
{
	struct fanotify_event_info_header head;
	const size_t skip = offsetof(struct fanotify_event_info_fid, handle);

	*ev = (struct dir_event){0};
	while (s.n >= sizeof(head)) {
		struct sca_str piece = {s.p, 0}, rest = {NULL, 0};
		uint64_t id;

		memcpy(&head, s.p, sizeof(head));
		if (head.len < sizeof(head) || head.len > s.n)
			return;
		piece.n = head.len;
		id = handle_id(str_skip(piece, skip), &rest);
		if (head.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME) {
			ev->parent = id;
			ev->name = (struct sca_str){rest.p, rest.n ? strnlen(rest.p, rest.n) : 0};
		} else if (head.info_type == FAN_EVENT_INFO_TYPE_FID) {
			ev->id = id;
		}
		s = str_skip(s, head.len);
	}
}

/* True when events were lost. */
static int take_fanotify(struct sca_str s, struct cgroups *cg, bool *ret_lost, struct sca_err *err)
{
	struct fanotify_event_metadata head;
	int r = 0;

	while (r == 0 && s.n >= sizeof(head)) {
		struct dir_event ev;

		memcpy(&head, s.p, sizeof(head));
		if (head.event_len < sizeof(head) || head.event_len > s.n ||
		    head.vers != FANOTIFY_METADATA_VERSION)
			break;
		*ret_lost |= head.mask & FAN_Q_OVERFLOW;
		read_pieces((struct sca_str){s.p + sizeof(head), head.event_len - sizeof(head)},
			    &ev);
		if (ev.parent && ev.name.n)
			r = cgroups_appeared(cg, ev.parent, ev.name, ev.id, err);
		s = str_skip(s, head.event_len);
	}
	return r;
}

static int take_inotify(struct cgroup_watch *w, struct sca_str s, struct cgroups *cg,
			bool *ret_lost, struct sca_err *err)
{
	struct inotify_event head;
	int r = 0;

	while (r == 0 && s.n >= sizeof(head)) {
		struct watched *at;
		const char *name;

		memcpy(&head, s.p, sizeof(head));
		if (head.len > s.n - sizeof(head))
			break;
		name = s.p + sizeof(head);
		*ret_lost |= head.mask & IN_Q_OVERFLOW;
		HASH_FIND_INT(w->by_wd, &head.wd, at);
		if (at && head.mask & IN_IGNORED) {
			HASH_DEL(w->by_wd, at);
			free(at);
		} else if (at && head.mask & IN_CREATE && head.mask & IN_ISDIR && head.len) {
			r = cgroups_appeared(cg, at->id,
					     (struct sca_str){name, strnlen(name, head.len)}, 0,
					     err);
		}
		s = str_skip(s, sizeof(head) + head.len);
	}
	return r;
}

int watch_read(struct cgroup_watch *w, struct cgroups *cg, struct sca_err *err)
{
	_Alignas(struct fanotify_event_metadata) char events[EVENTS_MAX];
	bool lost = false;
	int r = 0;
	ssize_t n;

	while (r == 0 && (n = read(w->fd, events, sizeof(events))) > 0) {
		struct sca_str s = {events, (size_t)n};

		r = w->inotify ? take_inotify(w, s, cg, &lost, err) :
				 take_fanotify(s, cg, &lost, err);
	}
	return r == 0 && lost ? cgroups_scan(cg, err) : r;
}
