/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the directories that the runtimes keep, by inotify. What is not there yet is waited
 * for in the directory above it.
 */
#include "inits.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/inotify.h>

#define WATCHES_MAX 8192u
#define ENTRIES_MAX 65536u /* of one directory that are looked at */
#define AT_ONCE_MAX 4096u  /* reads of the queue in one call, so that it ends */

enum role {
	ABOVE, /* on the way to a row's directory */
	SPACE, /* a row's directory of namespaces */
	TOP,   /* one directory a container */
	BOX,   /* a container's own */
};

static const uint32_t masks[] = {
	[ABOVE] = IN_CREATE | IN_MOVED_TO,
	[SPACE] = IN_CREATE | IN_MOVED_TO,
	[TOP] = IN_CREATE | IN_MOVED_TO | IN_DELETE,
	[BOX] = IN_CLOSE_WRITE | IN_MOVED_TO,
};

struct one_dir {
	int wd;
	enum role role;
	char *path; /* below the root, no slash in front */
};

struct dirs {
	struct sca_containers *cs;
	dirs_fn f;
	void *arg;
	int fd;
	struct one_dir *all;  /* ascending by wd */
	size_t n, cap;
	bool rescan; /* directories that are watched are looked through all the same */
	uint64_t lost;
};

int dirs_fd(const struct dirs *w)
{
	return w->fd;
}

uint64_t dirs_lost(const struct dirs *w)
{
	return w->lost;
}

struct dirs *dirs_close(struct dirs *w)
{
	if (!w)
		return NULL;
	for (size_t i = 0; i < w->n; i++)
		free(w->all[i].path);
	free(w->all);
	sca_close_(&w->fd);
	free(w);
	return NULL;
}

static int no_memory(struct sca_err *err)
{
	return sca_fail_errno(err, ENOMEM, "cannot watch the engines' files");
}

/* Where wd is, or would be. */
static size_t place_of(const struct dirs *w, int wd)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (w->all[middle].wd < wd)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct one_dir *watched(const struct dirs *w, int wd)
{
	size_t i = place_of(w, wd);

	return i < w->n && w->all[i].wd == wd ? &w->all[i] : NULL;
}

static void forget(struct dirs *w, int wd)
{
	struct one_dir *dir = watched(w, wd);

	if (!dir)
		return;
	free(dir->path);
	memmove(dir, dir + 1, (size_t)(w->all + w->n - (dir + 1)) * sizeof(*dir));
	w->n--;
}

static bool join(char out[PATH_MAX], const char *path, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", path, name);

	return n > 0 && n < PATH_MAX;
}

/* 1 when the directory is watched now, 0 when it is not there or was watched before. */
static int add(struct dirs *w, const char *path, enum role role, struct sca_err *err)
{
	_cleanup_close_ int fd = root_open(w->cs->root, path, O_PATH | O_DIRECTORY);
	char link[32], *copy;
	size_t i;
	int wd;

	if (fd < 0) /* most often it is not there yet, or gone again */
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	wd = w->n < WATCHES_MAX ? inotify_add_watch(w->fd, link, masks[role] | IN_ONLYDIR) : -1;
	if (wd < 0) {
		w->lost++;
		return 0;
	}
	if (watched(w, wd))
		return 0;
	copy = strdup(path);
	if (!copy || !vec_grow(&w->all, &w->cap, w->n)) {
		free(copy);
		inotify_rm_watch(w->fd, wd);
		return no_memory(err);
	}
	i = place_of(w, wd);
	memmove(&w->all[i + 1], &w->all[i], (w->n - i) * sizeof(w->all[0]));
	w->all[i] = (struct one_dir){wd, role, copy};
	w->n++;
	return 1;
}

static int add_below(struct dirs *w, enum role role, const char *path, const char *name,
		     struct sca_err *err);

/* Watches a directory and, where that is new, what is in it. */
static int add_all(struct dirs *w, enum role role, const char *path, struct sca_err *err)
{
	int r = add(w, path, role, err), fd;
	struct dirent *de;
	DIR *dir;

	if (r < 0 || (r == 0 && !w->rescan))
		return r;
	fd = root_open(w->cs->root, path, O_RDONLY | O_DIRECTORY);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		r = fd >= 0 && errno == ENOMEM ? no_memory(err) : 0;
		sca_close_(&fd);
		return r;
	}
	r = 0;
	for (unsigned n = 0; r == 0 && n < ENTRIES_MAX && (de = readdir(dir)); n++)
		r = add_below(w, role, path, de->d_name, err);
	closedir(dir);
	return r;
}

/* A directory `name` in one of that role. */
static int add_below(struct dirs *w, enum role role, const char *path, const char *name,
		     struct sca_err *err)
{
	char full[PATH_MAX];
	int r;

	if (name[0] == '.' || !join(full, path, name))
		return 0;
	if (role == SPACE)
		return add_all(w, TOP, full, err);
	r = add(w, full, BOX, err);
	if (r < 0 || (r == 0 && !w->rescan))
		return r;
	/* Its files may have come before the watch. */
	return w->f(w->arg, sca_str_z(name), false, err);
}

/* Watches all there is of a row's directory and of those above it. */
static int plant(struct dirs *w, const struct state_dir *row, struct sca_err *err)
{
	char path[PATH_MAX];
	const char *slash = row->dir;
	int r;

	while ((slash = strchr(slash, '/'))) {
		snprintf(path, sizeof(path), "%.*s", (int)(slash - row->dir), row->dir);
		r = add(w, path, ABOVE, err);
		if (r < 0)
			return r;
		slash++;
	}
	/* What is found is looked up, and that may read the engines' settings anew: `row` goes. */
	snprintf(path, sizeof(path), "%s", row->dir);
	return add_all(w, row->namespaces ? SPACE : TOP, path, err);
}

/* All rows, or those whose directory is `path` or below it. */
static int plant_rows(struct dirs *w, const char *path, struct sca_err *err)
{
	size_t n = path ? strlen(path) : 0;
	const struct state_dir *row;
	int r = 0;

	for (size_t i = 0; r == 0 && (row = state_dir(w->cs, i)); i++) {
		if (row->tasks || (path && (strncmp(row->dir, path, n) != 0 ||
					    (row->dir[n] != '/' && row->dir[n] != '\0'))))
			continue;
		r = plant(w, row, err);
	}
	return r;
}

static int on_event(struct dirs *w, const struct inotify_event *ev, const char *name,
		    struct sca_err *err)
{
	const struct one_dir *dir = watched(w, ev->wd);
	char path[PATH_MAX];
	const char *slash;
	int r;

	if (ev->mask & IN_Q_OVERFLOW) {
		w->lost++;
		w->rescan = true;
		r = plant_rows(w, NULL, err);
		w->rescan = false;
		return r;
	}
	if (!dir)
		return 0;
	if (ev->mask & IN_IGNORED) {
		forget(w, ev->wd);
		return 0;
	}
	if (ev->mask & IN_DELETE)
		return w->f(w->arg, sca_str_z(name), true, err);
	if (dir->role == ABOVE)
		return join(path, dir->path, name) ? plant_rows(w, path, err) : 0;
	if (dir->role != BOX) {
		snprintf(path, sizeof(path), "%s", dir->path); /* dirs may move */
		return ev->mask & IN_ISDIR ? add_below(w, dir->role, path, name, err) : 0;
	}
	if (strcmp(name, "state.json") != 0 && strcmp(name, "status") != 0)
		return 0;
	slash = strrchr(dir->path, '/');
	return w->f(w->arg, sca_str_z(slash ? slash + 1 : dir->path), false, err);
}

int dirs_dispatch(struct dirs *w, struct sca_err *err)
{
	_Alignas(struct inotify_event) char buf[16384];

	for (unsigned i = 0; i < AT_ONCE_MAX; i++) {
		ssize_t n = read(w->fd, buf, sizeof(buf));
		struct inotify_event ev;

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return sca_fail_errno(err, errno, "cannot watch the engines' files");
		if (n <= 0)
			return 0;
		for (const char *p = buf; p < buf + n; p += sizeof(ev) + ev.len) {
			int r;

			memcpy(&ev, p, sizeof(ev));
			r = on_event(w, &ev, ev.len ? p + sizeof(ev) : "", err);
			if (r < 0) {
				w->lost++;
				return r;
			}
		}
	}
	return 0;
}

int dirs_open(struct dirs **ret, struct sca_containers *cs, dirs_fn f, void *arg,
	       struct buf *why, struct sca_err *err)
{
	struct dirs *w = calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return no_memory(err);
	*w = (struct dirs){.cs = cs, .f = f, .arg = arg};
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0) {
		buf_addf(why, "the kernel gives no inotify watch (%s)", sca_err_str(-errno));
		dirs_close(w);
		return 0;
	}
	r = plant_rows(w, NULL, err);
	if (r < 0)
		dirs_close(w);
	else
		*ret = w;
	return r;
}
