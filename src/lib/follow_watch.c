/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wakes a follower early. Network, overlay and bind mounts give no events for what others
 * write, and the number of watches is limited: so nothing here fails, and who waits does so
 * for a bounded time.
 */
#include "base.h"

#include <limits.h>
#include <sys/inotify.h>

#include "follow.h"

#define DIR_EVENTS \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR)
#define FILE_EVENTS (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF)

void dir_watch_open(struct dir_watch *w)
{
	*w = (struct dir_watch){inotify_init1(IN_NONBLOCK | IN_CLOEXEC), -1, -1};
}

/* The same inode gives the same watch again. */
static void replace(struct dir_watch *w, int *wd, const char *path, uint32_t events)
{
	int next = path ? inotify_add_watch(w->fd, path, events) : -1;

	if (*wd >= 0 && *wd != next)
		inotify_rm_watch(w->fd, *wd);
	*wd = next;
}

void dir_watch_set(struct dir_watch *w, const char *dir, int file_fd)
{
	char path[64];

	if (w->fd < 0)
		return;
	replace(w, &w->dir, dir && !dir[0] ? "." : dir, DIR_EVENTS);
	/* By its descriptor: its name may be another file's already. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file_fd);
	replace(w, &w->file, file_fd >= 0 ? path : NULL, FILE_EVENTS);
}

void dir_watch_drain(struct dir_watch *w)
{
	char events[4096];

	if (w->fd >= 0)
		while (read(w->fd, events, sizeof(events)) > 0)
			;
}

void dir_watch_close(struct dir_watch *w)
{
	sca_close_(&w->fd);
	w->fd = -1;
}
