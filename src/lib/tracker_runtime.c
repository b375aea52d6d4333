/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OCI runtime writes what it knows when the container is nearly made, but has a directory of
 * its name before it makes the cgroup, by default with the same name. Those names are kept, as
 * the directory goes with the container.
 */
#include "tracker_cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/inotify.h>

#define NAMES_MAX 1024u
#define EVENTS    (IN_CREATE | IN_ONLYDIR)

struct runtime_names {
	int fd, root;
	int run;                     /* watch on /run, where a runtime's directory may come yet */
	int dirs[SCA_RUNTIME_COUNT];
	struct {
		char *name; /* malloc'ed */
		const char *runtime;
	} ring[NAMES_MAX];
	size_t at;
};

static void watch_runtimes(struct runtime_names *rn)
{
	for (size_t i = 0; i < SCA_RUNTIME_COUNT; i++) {
		char path[32];

		snprintf(path, sizeof(path), RUNTIME_DIR "%s", sca_runtime_name(i));
		rn->dirs[i] = inotify_add_watch(rn->fd, path, EVENTS);
	}
}

int runtime_names_new(struct runtime_names **ret, int root, struct sca_err *err)
{
	struct runtime_names *rn = calloc(1, sizeof(*rn));

	if (!rn)
		return sca_fail_errno(err, ENOMEM, "cannot watch container runtimes");
	rn->root = root;
	rn->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (rn->fd >= 0) {
		rn->run = inotify_add_watch(rn->fd, RUNTIME_DIR, EVENTS);
		watch_runtimes(rn);
	}
	*ret = rn;
	return 0;
}

struct runtime_names *runtime_names_free(struct runtime_names *rn)
{
	if (!rn)
		return NULL;
	for (size_t i = 0; i < NAMES_MAX; i++)
		free(rn->ring[i].name);
	sca_close_(&rn->fd);
	free(rn);
	return NULL;
}

int runtime_names_fd(const struct runtime_names *rn)
{
	return rn->fd;
}

static int keep(struct runtime_names *rn, const char *runtime, struct sca_str name,
		struct sca_err *err)
{
	char *copy = strndup(name.p, name.n);

	if (!copy)
		return sca_fail_errno(err, ENOMEM, "cannot remember a container's name");
	free(rn->ring[rn->at].name);
	rn->ring[rn->at].name = copy;
	rn->ring[rn->at].runtime = runtime;
	rn->at = (rn->at + 1) % NAMES_MAX;
	return 0;
}

int runtime_names_read(struct runtime_names *rn, struct sca_err *err)
{
	_Alignas(struct inotify_event) char events[4096];
	ssize_t n;

	while ((n = read(rn->fd, events, sizeof(events))) > 0) {
		struct sca_str s = {events, (size_t)n};
		struct inotify_event head;

		for (; s.n >= sizeof(head); s = str_skip(s, sizeof(head) + head.len)) {
			int r = 0;

			memcpy(&head, s.p, sizeof(head));
			if (head.len > s.n - sizeof(head))
				break;
			if (head.wd == rn->run)
				watch_runtimes(rn);
			for (size_t i = 0; r == 0 && i < SCA_RUNTIME_COUNT; i++)
				if (head.wd == rn->dirs[i] && head.mask & IN_ISDIR && head.len)
					r = keep(rn, sca_runtime_name(i),
						 (struct sca_str){s.p + sizeof(head),
								  strnlen(s.p + sizeof(head),
									  head.len)}, err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

const char *runtime_of(const struct runtime_names *rn, const char *name)
{
	char path[PATH_MAX];

	if (!*name || *name == '.' || strchr(name, '/'))
		return NULL;
	for (size_t i = 0; i < SCA_RUNTIME_COUNT; i++) {
		int n = snprintf(path, sizeof(path), RUNTIME_DIR "%s/%s", sca_runtime_name(i), name);
		int fd = n < (int)sizeof(path) ? root_open(rn->root, path, O_PATH | O_DIRECTORY) :
						 -1;

		if (fd >= 0) {
			close(fd);
			return sca_runtime_name(i);
		}
	}
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (rn->ring[i].name && strcmp(rn->ring[i].name, name) == 0)
			return rn->ring[i].runtime;
	return NULL;
}
