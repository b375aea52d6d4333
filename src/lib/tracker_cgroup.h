/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroups of this machine's version 2 hierarchy by their ids, which are the inode numbers
 * of their directories: path and container, kept when the cgroup is gone. Ids do not come
 * back.
 *
 * What names a container (its engine's files) may go with it, so it is looked up when the
 * directory appears, and again soon after, as engines write a moment later.
 */
#ifndef SCA_TRACKER_CGROUP_H
#define SCA_TRACKER_CGROUP_H

#include "tracker_int.h"

struct cgroups;

/* *ret NULL and a reason in `why` when there is no such hierarchy, or only a part is seen. */
int cgroups_new(struct cgroups **ret, struct sca_containers *cs, struct buf *why,
		struct sca_err *err);
struct cgroups *cgroups_free(struct cgroups *cg);
int cgroups_fd(const struct cgroups *cg);
int cgroups_dispatch(struct cgroups *cg, struct sca_err *err);
bool cgroups_knows(struct cgroups *cg, uint64_t id);
/* 1 with the container or unit (via empty), 0 when the cgroup or its container is unknown. */
int cgroups_find(struct cgroups *cg, uint64_t id, struct sca_container_ref *ret,
		 struct sca_err *err);
uint64_t cgroups_evicted(const struct cgroups *cg);

/* -- the mount -- */

struct cgroup_mount {
	int fd; /* the hierarchy's root */
	struct buf path;
};

/* False with a reason when there is none, or none of the whole hierarchy. */
bool mount_open(struct cgroup_mount *m, int root, struct buf *why);
void mount_close(struct cgroup_mount *m);
/* Adds the path of a cgroup by its file handle, which is its id. -ESTALE when it is gone, -EPERM
 * without CAP_DAC_READ_SEARCH, -ENOMEM. */
int mount_find(const struct cgroup_mount *m, uint64_t id, struct buf *ret);

/* -- for the watch -- */

#define CGROUPS_MAX 16384u

struct cgroup_watch;

/* A directory that appeared in the cgroup `parent`. id 0: not told, it is looked at. */
int cgroups_appeared(struct cgroups *cg, uint64_t parent, struct sca_str name, uint64_t id,
		     struct sca_err *err);
/* Events were lost: looks at all directories. */
int cgroups_scan(struct cgroups *cg, struct sca_err *err);

/*
 * Tells of new directories: one mark on the whole file system by fanotify (needs
 * CAP_SYS_ADMIN), else inotify on each directory. NULL and a reason when neither works.
 */
int watch_open(struct cgroup_watch **ret, int mount, struct buf *why, struct sca_err *err);
struct cgroup_watch *watch_free(struct cgroup_watch *w);
int watch_fd(const struct cgroup_watch *w);
/* Before a directory's entries are read, so that none is missed. `path` is NUL-terminated, with
 * the mount's. Nothing to do for fanotify; one watch too many for the system is no failure. */
int watch_add(struct cgroup_watch *w, const char *path, uint64_t id, struct sca_err *err);
int watch_read(struct cgroup_watch *w, struct cgroups *cg, struct sca_err *err);


/* -- what the kernel notes of cgroups that were there too shortly for the watch -- */

struct cgroups_made;

/* NULL when it cannot be had; then a few names are not found that otherwise would be. */
struct cgroups_made *made_open(int root);
struct cgroups_made *made_close(struct cgroups_made *m);
bool made_find(const struct cgroups_made *m, uint64_t id, struct buf *ret_path);

/* -- what OCI runtimes call their containers -- */

struct runtime_names;

int runtime_names_new(struct runtime_names **ret, int root, struct sca_err *err);
struct runtime_names *runtime_names_free(struct runtime_names *rn);
int runtime_names_fd(const struct runtime_names *rn);
int runtime_names_read(struct runtime_names *rn, struct sca_err *err);
/* The runtime that has, or lately had, a container of that name. NULL: none. */
const char *runtime_of(const struct runtime_names *rn, const char *name);

#endif
