/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "logset.h"

#define ROUNDS_MAX 16u /* of looking at a directory that changes each time */
#define LOST       3u  /* looks without a log until it has no name: rotated out, or packed */

/* Of one age, a packed log is from an earlier turn than one that is still to be packed. */
static const char *const endings[] = {".gz", ".xz", ".zst", ""};
#define ENDING_NONE (ARRAY_SIZE(endings) - 1)

/* Whether `name` is one of the set, and which. */
static bool parse_name(const char *base, const char *name, struct log_place *ret)
{
	size_t n = strlen(base);
	struct sca_str rest, ending;

	if (strncmp(name, base, n) != 0)
		return false;
	rest = sca_str_z(name + n);
	*ret = (struct log_place){0, ENDING_NONE};
	if (rest.n == 0)
		return true;
	if (rest.p[0] != '.')
		return false;
	rest = str_skip(rest, 1);
	ending = rest;
	while (ending.n && ascii_digit(ending.p[0]))
		ending = str_skip(ending, 1);
	rest.n -= ending.n;
	if (str_u32(rest, &ret->age) < 0 || ret->age == 0)
		return false;
	for (uint32_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (str_eq(ending, sca_str_z(endings[i]))) {
			ret->ending = i;
			return true;
		}
	return false;
}

/* What has lost its name is older than all that have one. */
static int oldest_first(const void *a, const void *b)
{
	const struct log *x = *(struct log *const *)a, *y = *(struct log *const *)b;

	if ((x->missed >= LOST) != (y->missed >= LOST))
		return x->missed >= LOST ? -1 : 1;
	if (x->place.age != y->place.age)
		return x->place.age < y->place.age ? 1 : -1;
	if (x->place.ending != y->place.ending)
		return x->place.ending > y->place.ending ? 1 : -1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int youngest_first(const void *a, const void *b)
{
	return -oldest_first(a, b);
}

static struct log *log_free(struct log *l)
{
	if (l) {
		sca_close_(&l->fd);
		free(l->name);
		free(l);
	}
	return NULL;
}

static struct log *log_new(const struct logset *set, const char *name,
			   const struct log_place *place)
{
	struct log *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	*l = (struct log){.fd = -1, .place = *place};
	if (asprintf(&l->name, "%s/%s", set->dir, name) < 0) {
		l->name = NULL;
		return log_free(l);
	}
	return l;
}

struct names {
	struct log **v;
	size_t n, cap;
};

/* All names of the set that the directory has now. */
static int list_names(const struct logset *set, struct names *names, struct sca_err *err)
{
	const char *path = set->dir[0] ? set->dir : "/";
	DIR *dir = opendir(path);
	struct dirent *de;
	struct log_place place;
	bool failed = false;
	int r;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir) {
		r = sca_fail_errno(err, errno, "cannot list the directory");
		sca_err_at(err, path, 0, 0);
		return r;
	}
	while (!failed && (de = readdir(dir))) {
		if (!parse_name(set->base, de->d_name, &place))
			continue;
		if (!vec_grow(&names->v, &names->cap, names->n) ||
		    !(names->v[names->n] = log_new(set, de->d_name, &place)))
			failed = true;
		else
			names->n++;
	}
	closedir(dir);
	return failed ? sca_fail_errno(err, ENOMEM, "cannot list %s", path) : 0;
}

/* Opens; 0 for what is gone again or no regular file. 1 when it is open. */
static int open_log(struct log *l, struct sca_err *err)
{
	struct stat st;

	l->fd = open(l->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (l->fd < 0 && errno == ENOENT)
		return 0;
	if (l->fd < 0 || fstat(l->fd, &st) < 0) {
		int r = sca_fail_errno(err, errno, "cannot open");

		sca_err_at(err, l->name, 0, 0);
		return r;
	}
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->size = (uint64_t)st.st_size;
	return S_ISREG(st.st_mode);
}

static struct log *find_log(const struct logset *set, const struct log *l)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i]->dev == l->dev && set->v[i]->ino == l->ino)
			return set->v[i];
	return NULL;
}

/* Takes the log behind one name into the set unless it is there under whatever name. *ret
 * becomes true when something is new or moves. */
static int add_log(struct logset *set, struct log **own, bool *ret, struct sca_err *err)
{
	struct log *l = *own, *known;
	int r = open_log(l, err);

	if (r < 0)
		return r;
	if (r == 0) {
		*ret |= l->fd < 0;
		return 0;
	}
	known = find_log(set, l);
	if (known) {
		known->place = l->place;
		known->missed = 0;
		if (!known->started) {
			char *name = known->name;

			known->name = l->name;
			l->name = name;
		}
		return 0;
	}
	if (!vec_grow(&set->v, &set->cap, set->n))
		return sca_fail_errno(err, ENOMEM, "cannot open %s", l->name);
	set->v[set->n++] = steal(own);
	*ret = true;
	return 0;
}

/*
 * One look. Youngest first: what is renamed to an older name meanwhile is met again under it,
 * and what is met later has the greater age. A directory that is read while its files are
 * renamed may leave one out; then *ret_changed asks for another look.
 */
static int look(struct logset *set, bool *ret_changed, struct sca_err *err)
{
	struct names names = {0};
	int r = list_names(set, &names, err);

	*ret_changed = false;
	for (size_t i = 0; i < set->n; i++)
		set->v[i]->missed++;
	if (names.n)
		qsort(names.v, names.n, sizeof(names.v[0]), youngest_first);
	for (size_t i = 0; i < names.n; i++) {
		if (r == 0)
			r = add_log(set, &names.v[i], ret_changed, err);
		log_free(names.v[i]);
	}
	free(names.v);
	for (size_t i = 0; i < set->n; i++)
		*ret_changed |= set->v[i]->missed > 0 && set->v[i]->missed < LOST;
	return r;
}

int logset_collect(struct logset *set, struct sca_err *err)
{
	bool changed = true;

	for (unsigned round = 0; changed && round < ROUNDS_MAX; round++) {
		int r = look(set, &changed, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < set->n; i++)
		set->v[i]->rank = i;
	if (set->n)
		qsort(set->v, set->n, sizeof(set->v[0]), oldest_first);
	return 0;
}

struct log *logset_next(const struct logset *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (!set->v[i]->started)
			return set->v[i];
	return NULL;
}

int logset_init(struct logset *set, const char *path, struct sca_err *err)
{
	*set = (struct logset){.path = strdup(path), .dir = strdup(path)};
	if (!set->path || !set->dir) {
		logset_release(set);
		return sca_fail_errno(err, ENOMEM, "cannot open %s", path);
	}
	*strrchr(set->dir, '/') = '\0';
	set->base = set->path + strlen(set->dir) + 1;
	return 0;
}

void logset_release(struct logset *set)
{
	for (size_t i = 0; i < set->n; i++)
		log_free(set->v[i]);
	free(set->v);
	free(set->dir);
	free(set->path);
	*set = (struct logset){0};
}
