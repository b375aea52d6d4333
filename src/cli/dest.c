/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "out.h"
#include "dest.h"

#define LINKS_MAX 40 /* as the kernel's */
#define TRIES     16 /* for a name that is free */

/* -- signals -- */

static struct temp *volatile temps; /* changes while signals are held only */

void temps_remove(void)
{
	for (const struct temp *t = temps; t; t = t->next)
		unlinkat(t->dir, t->name, 0);
}

static void on_end(int sig)
{
	temps_remove();
	signal(sig, SIG_DFL);
	raise(sig);
}

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};

void signals_hold(sigset_t *ret)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		sigaddset(&set, ends[i]);
	sigprocmask(SIG_BLOCK, &set, ret);
}

void signals_let_go(const sigset_t *held)
{
	sigprocmask(SIG_SETMASK, held, NULL);
}

/* -- the destination -- */

void dest_close(struct dest *to)
{
	if (to->dir >= 0)
		close(to->dir);
	free(to->path);
	free(to->name);
	*to = (struct dest)DEST_NONE;
}

static int fail(const struct dest *to, int e, struct sca_err *err)
{
	return sca_fail_errno(err, e, "can not write %s", to->path);
}

char *path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

/* Takes `path`, seen from the directory that is open, apart. */
static int step_into(struct dest *to, const char *path, struct sca_err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = path_dir(path);
	char *name = strdup(slash ? slash + 1 : path);
	int fd;

	free(to->name);
	to->name = name;
	if (!dir || !name)
		return sca_fail(err, -ENOMEM, "no memory");
	if (!*name)
		return fail(to, *path ? EISDIR : ENOENT, err);
	fd = openat(to->dir < 0 ? AT_FDCWD : to->dir, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES) /* it may be one that only takes files */
		fd = openat(to->dir < 0 ? AT_FDCWD : to->dir, dir,
			    O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(to, errno, err);
	if (to->dir >= 0)
		close(to->dir);
	to->dir = fd;
	return 0;
}

/* The kernel's fs.protected_symlinks and its like do this only where they are switched on. */
static int check_owner(const struct dest *to, const struct stat *st, struct sca_err *err)
{
	struct stat dir;

	if (fstat(to->dir, &dir) < 0)
		return fail(to, errno, err);
	if (!(dir.st_mode & S_IWOTH) || st->st_uid == geteuid() || st->st_uid == dir.st_uid)
		return 0;
	return sca_fail(err, SCA_E_CONFLICT,
			"%s is a %s of user %lu in a directory where everybody may leave one; "
			"write elsewhere, or remove it",
			to->path, S_ISLNK(st->st_mode) ? "link" : "file",
			(unsigned long)st->st_uid);
}

int dest_check(const struct dest *to, int fd, struct sca_err *err)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? fail(to, errno, err) : check_owner(to, &st, err);
}

/* Those of /proc/self/fd have no name behind them that could be trusted. */
static bool in_proc(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* What has the name now. 1: a link, followed one step. */
static int look(struct dest *to, bool follow, struct sca_err *err)
{
	char target[PATH_MAX];
	ssize_t n;
	int r;

	to->there = fstatat(to->dir, to->name, &to->st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!to->there)
		return errno == ENOENT ? 0 : fail(to, errno, err);
	r = check_owner(to, &to->st, err);
	if (r < 0)
		return r;
	to->as_is = !S_ISREG(to->st.st_mode);
	if (!S_ISLNK(to->st.st_mode))
		return 0;
	if (!follow)
		return sca_fail(err, -ELOOP,
				"can not write %s: it is a symbolic link; name the file itself",
				to->path);
	to->opened = in_proc(to->dir);
	if (to->opened)
		return fstatat(to->dir, to->name, &to->st, 0) < 0 ? fail(to, errno, err) : 0;
	n = readlinkat(to->dir, to->name, target, sizeof(target) - 1);
	if (n < 0)
		return fail(to, errno, err);
	target[n] = '\0';
	r = step_into(to, target, err);
	return r < 0 ? r : 1;
}

static int open_dest(struct dest *to, const char *path, bool follow, struct sca_err *err)
{
	int r;

	*to = (struct dest)DEST_NONE;
	to->path = strdup(path);
	r = to->path ? step_into(to, path, err) : sca_fail(err, -ENOMEM, "no memory");
	for (int i = 0; r == 0 && (r = look(to, follow, err)) == 1; r = 0)
		if (++i > LINKS_MAX) {
			r = fail(to, ELOOP, err);
			break;
		}
	if (r < 0)
		dest_close(to);
	return r;
}

int dest_open(struct dest *to, const char *path, struct sca_err *err)
{
	return open_dest(to, path, true, err);
}

int dest_open_plain(struct dest *to, const char *path, struct sca_err *err)
{
	return open_dest(to, path, false, err);
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool dest_same(const struct dest *a, const struct dest *b)
{
	struct stat in_a, in_b;

	if (a->there != b->there)
		return false;
	if (a->there)
		return same_inode(&a->st, &b->st);
	return strcmp(a->name, b->name) == 0 && fstat(a->dir, &in_a) == 0 &&
	       fstat(b->dir, &in_b) == 0 && same_inode(&in_a, &in_b);
}

/* -- a file until it has its name -- */

static int create(struct temp *t, const struct dest *to, struct sca_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t id;
		int fd;

		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			return fail(to, errno, err);
		snprintf(t->name, sizeof(t->name), ".scaudit-%016llx.tmp",
			 (unsigned long long)id);
		fd = openat(t->dir, t->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	return fail(to, errno, err);
}

/* Of a file that is replaced: its owner as far as this user may give files away, and its mode.
 * A group that can not be kept does not hand its rights to another one. */
static int set_owner_and_mode(const struct dest *to, int fd, mode_t mode)
{
	if (to->there) {
		mode = to->st.st_mode & 0777;
		if (fchown(fd, (uid_t)-1, to->st.st_gid) < 0)
			mode &= ~(mode_t)0070;
		if (fchown(fd, to->st.st_uid, (gid_t)-1) < 0 && errno != EPERM)
			return -errno;
	} else {
		mode_t mask = umask(0);

		umask(mask);
		mode &= ~mask;
	}
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

static void forget(struct temp *t)
{
	struct temp *volatile *at = &temps;

	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	free(t);
}

static void catch_ends(void)
{
	static bool done;

	for (size_t i = 0; i < ARRAY_SIZE(ends) && !done; i++)
		if (signal(ends[i], on_end) == SIG_IGN)
			signal(ends[i], SIG_IGN);
	done = true;
}

int temp_new(struct temp **ret, const struct dest *to, mode_t mode, int *ret_fd,
	      struct sca_err *err)
{
	struct temp *t = calloc(1, sizeof(*t));
	sigset_t held;
	int fd, r;

	if (!t)
		return sca_fail(err, -ENOMEM, "no memory");
	t->dir = to->dir;
	signals_hold(&held);
	fd = create(t, to, err);
	if (fd >= 0) {
		catch_ends();
		t->next = temps;
		temps = t;
	}
	signals_let_go(&held);
	if (fd < 0) {
		free(t);
		return fd;
	}
	r = set_owner_and_mode(to, fd, mode);
	if (r < 0) {
		temp_drop(t);
		close(fd);
		return sca_fail_errno(err, -r, "can not set the mode of %s", to->path);
	}
	*ret = t;
	*ret_fd = fd;
	return 0;
}

void temp_drop(struct temp *t)
{
	sigset_t held;

	signals_hold(&held);
	unlinkat(t->dir, t->name, 0);
	forget(t);
	signals_let_go(&held);
}

/* Some file systems can not flush, and say so; O_PATH can not (EBADF). */
static int flush(int fd)
{
	if (fsync(fd) == 0 || errno == EINVAL || errno == EROFS || errno == EBADF)
		return 0;
	return -errno;
}

int temp_commit(struct temp *t, struct dest *to, int fd, struct sca_err *err)
{
	sigset_t held;
	int r = flush(fd);

	signals_hold(&held);
	if (r == 0 && renameat(t->dir, t->name, to->dir, to->name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(t->dir, t->name, 0);
	forget(t);
	signals_let_go(&held);
	if (r < 0)
		return fail(to, -r, err);
	to->there = fstat(fd, &to->st) == 0;
	r = flush(to->dir);
	return r < 0 ? sca_fail_errno(err, -r, "%s is written, but its directory not flushed",
				      to->path) : 0;
}

int dest_replace(struct dest *to, const char *p, size_t n, mode_t mode, struct sca_err *err)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = out_open_dest(&o, to, mode, err);

	if (r < 0)
		return r;
	out_add(&o, p, n);
	return out_finish(&o, err);
}
