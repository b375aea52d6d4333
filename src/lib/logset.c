/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "logset.h"
#include "stream.h"

#define ROUNDS_MAX 16u /* of looking at a directory that changes each time */
#define LOST       3u  /* looks without a log until it has no name: rotated out, or packed */

/* Of one age, a packed log is from an earlier turn than one that is still to be packed. */
static const char *const endings[] = {".gz", ".xz", ".zst", ""};
#define ENDING_NONE (ARRAY_SIZE(endings) - 1)

#define AGE_0    UINT64_C(1) /* of log.0, which auditd does not make */
#define AGE_LAST (AGE_0 + UINT32_MAX)
#define DATE_MAX UINT64_C(9999999999999999999) /* ages of dates are behind those of numbers */

/* "20261124", or "20261124-1795502175": the later one is the younger log. */
static bool parse_date(struct sca_str s, uint64_t *ret_age)
{
	uint64_t v = 0;
	bool digits = false;

	for (; s.n; s = str_skip(s, 1)) {
		if (s.p[0] == '-' && digits && s.n > 1)
			continue;
		if (!ascii_digit(s.p[0]) || mul_overflow(v, 10u, &v) ||
		    add_overflow(v, (uint64_t)(s.p[0] - '0'), &v))
			return false;
		digits = true;
	}
	*ret_age = UINT64_MAX - v;
	return digits && v > 0 && v <= DATE_MAX;
}

static bool parse_number(struct sca_str s, uint64_t *ret_age)
{
	uint32_t n;

	if (str_u32(s, &n) < 0)
		return false;
	*ret_age = AGE_0 + n;
	return true;
}

/* What stands behind the name of the live log. */
static bool parse_rest(struct sca_str rest, struct log_place *ret)
{
	struct sca_str ending;
	bool dated;

	*ret = (struct log_place){0, ENDING_NONE};
	if (rest.n == 0)
		return true;
	dated = rest.p[0] == '-';
	if (rest.p[0] != '.' && !dated)
		return false;
	rest = str_skip(rest, 1);
	ending = rest;
	while (ending.n && (ascii_digit(ending.p[0]) || (dated && ending.p[0] == '-')))
		ending = str_skip(ending, 1);
	rest.n -= ending.n;
	if (!(dated ? parse_date(rest, &ret->age) : parse_number(rest, &ret->age)))
		return false;
	for (uint32_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (str_eq(ending, sca_str_z(endings[i]))) {
			ret->ending = i;
			return true;
		}
	return false;
}

static bool is_sought(const struct logset *set, const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s%s", set->dir, name) < 0) {
		path = NULL;
		return false;
	}
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_dev == set->sought_dev &&
	       st.st_ino == set->sought_ino;
}

/* Whether `name` is one of the set, and which. */
static bool parse_name(const struct logset *set, const char *name, struct log_place *ret)
{
	size_t n = strlen(set->base);

	if (strncmp(name, set->base, n) != 0)
		return false;
	if (parse_rest(sca_str_z(name + n), ret))
		return set->lenient || (ret->age != AGE_0 && ret->age <= AGE_LAST);
	*ret = (struct log_place){LOG_ODD, ENDING_NONE};
	return set->lenient && is_sought(set, name);
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

struct log *log_free(struct log *l)
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
	if (asprintf(&l->name, "%s%s", set->dir, name) < 0) {
		l->name = NULL;
		return log_free(l);
	}
	return l;
}

struct names {
	struct log **v;
	size_t n, cap;
};

static bool add_name(const struct logset *set, struct names *names, const char *name)
{
	struct log_place place;

	if (!parse_name(set, name, &place))
		return true;
	if (!vec_grow(&names->v, &names->cap, names->n))
		return false;
	names->v[names->n] = log_new(set, name, &place);
	if (!names->v[names->n])
		return false;
	names->n++;
	return true;
}

/* All names of the set that the directory has now. */
static int list_names(struct logset *set, struct names *names, struct sca_err *err)
{
	const char *path = set->dir[0] ? set->dir : ".";
	DIR *dir = opendir(path);
	struct dirent *de;
	bool good = true;
	int r;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir && set->lenient && errno == EACCES) {
		set->unlisted = true;
		return add_name(set, names, set->base)
			       ? 0 : sca_fail_errno(err, ENOMEM, "cannot open %s", set->path);
	}
	if (!dir) {
		r = sca_fail_errno(err, errno, "cannot list the directory");
		sca_err_at(err, path, 0, 0);
		return r;
	}
	while (good && (de = readdir(dir)))
		good = add_name(set, names, de->d_name);
	closedir(dir);
	return good ? 0 : sca_fail_errno(err, ENOMEM, "cannot list %s", path);
}

/* What a lenient set does without: the file's own fault, not that of the process. */
static bool is_its_fault(int e)
{
	return e != EMFILE && e != ENFILE && e != ENOMEM;
}

/* Opens; 0 for what is gone again or no regular file. 1 when it is open, or refused. */
static int open_log(const struct logset *set, struct log *l, struct sca_err *err)
{
	struct stat st;

	l->fd = open(l->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (l->fd < 0 && errno == ENOENT)
		return 0;
	if (l->fd < 0 && set->lenient && is_its_fault(errno)) {
		l->refused = errno;
		if (stat(l->name, &st) < 0)
			return 0;
	} else if (l->fd < 0 || fstat(l->fd, &st) < 0) {
		int r = l->fd < 0 && !is_its_fault(errno)
			? sca_fail_errno(err, errno, "cannot open; all logs of a set are open at "
					 "once: raise the limit (ulimit -n), or name some of them")
			: sca_fail_errno(err, errno, "cannot open");

		sca_err_at(err, l->name, 0, 0);
		return r;
	}
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->size = (uint64_t)st.st_size;
	l->mtime_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
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
	int r = open_log(set, l, err);

	if (r < 0)
		return r;
	if (r == 0) {
		*ret |= l->fd < 0 && !l->refused;
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

struct log *logset_take(struct logset *set, size_t i)
{
	struct log *l = set->v[i];

	set->n--;
	memmove(set->v + i, set->v + i + 1, (set->n - i) * sizeof(set->v[0]));
	return l;
}

void logset_put_back(struct logset *set, struct log *l)
{
	memmove(set->v + 1, set->v, set->n * sizeof(set->v[0]));
	set->v[0] = l;
	set->n++;
}

/* File systems of networks and of user space give less at a time, and are interrupted. */
ssize_t log_read_at(int fd, char *p, size_t n, uint64_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, p + done, n - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* Damaged or unfinished packed data has a shorter beginning, or none. */
static int read_begin(struct log *l, struct sca_err *err)
{
	struct log_begin *b = &l->begin;
	struct stream s = {.fd = -1};
	size_t n = 1;
	int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	int r = fd < 0 ? sca_fail_errno(err, errno, "cannot read") : 0;

	if (r == 0)
		r = stream_init(&s, fd, l->name, err);
	if (r < 0)
		return r;
	lseek(fd, 0, SEEK_SET);
	while (r == 0 && n && b->n < sizeof(b->p)) {
		r = stream_read(&s, b->p + b->n, sizeof(b->p) - b->n, &n, NULL);
		b->n += r == 0 ? n : 0;
	}
	l->packed = s.codec != NULL;
	lseek(fd, 0, SEEK_SET);
	stream_release(&s);
	return r == -ENOMEM ? sca_fail_errno(err, ENOMEM, "cannot read") : 0;
}

/* Whether b is a, packed: while that goes on both are there. What b has of its beginning is
 * then all that was written so far. */
static bool is_twin(const struct log *a, const struct log *b)
{
	if (a->packed || !b->packed || a->begin.n < b->begin.n || a->begin.n == 0)
		return false;
	if (b->begin.n < LOG_BEGIN && a->place.age != b->place.age)
		return false;
	return memcmp(a->begin.p, b->begin.p, b->begin.n) == 0;
}

static bool has_twin(const struct logset *set, const struct log *l)
{
	for (size_t i = 0; i < set->n; i++)
		if (is_twin(set->v[i], l))
			return true;
	return false;
}

int logset_begins(struct logset *set, struct sca_err *err)
{
	for (size_t i = set->n; i-- > 0;)
		if (set->v[i]->missed >= LOST)
			log_free(logset_take(set, i));
	for (size_t i = 0; i < set->n; i++) {
		int r = set->v[i]->refused ? 0 : read_begin(set->v[i], err);

		if (r < 0)
			return r;
	}
	for (size_t i = set->n; i-- > 0;)
		if (has_twin(set, set->v[i]))
			log_free(logset_take(set, i));
	return 0;
}

int logset_init(struct logset *set, const char *path, struct sca_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;

	*set = (struct logset){.path = strdup(path), .dir = strndup(path, n)};
	if (!set->path || !set->dir) {
		logset_release(set);
		return sca_fail_errno(err, ENOMEM, "cannot open %s", path);
	}
	set->base = set->path + n;
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
