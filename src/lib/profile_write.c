/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaces a profile on disk. Everything is done below one descriptor of the directory, and
 * the name is switched last, so whoever opens the file sees the old text or the new one.
 *
 * Kept of the old file: mode, owner, group and extended attributes (SELinux label, ACL) but
 * those that vouch for its bytes. Not kept: other hard links, which go on naming the old text.
 */
#include "profile_int.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <scaudit/patch.h>

#define TEMP_TRIES 16
#define XATTR_MAX  65536u

struct writer {
	const char *path; /* for messages */
	const char *base; /* its last component */
	int dir, old;
	struct stat st; /* of the old file */
	struct sca_err *err;
};

/* A file under a name of its own until it takes its place. */
struct temp {
	char name[sizeof(".scaudit-0123456789abcdef.tmp")];
	bool there;
};

static int open_dir(struct writer *w)
{
	const char *slash = strrchr(w->path, '/');
	_cleanup_free_ char *dir = NULL;

	w->base = slash ? slash + 1 : w->path;
	dir = slash ? strndup(w->path, (size_t)(slash - w->path) + 1) : strdup(".");
	if (!dir)
		return sca_fail(w->err, -ENOMEM, "out of memory");
	if (!*w->base)
		return sca_fail_errno(w->err, EISDIR, "cannot write the profile");
	w->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir < 0)
		return sca_fail_errno(w->err, errno, "cannot open the directory %s", dir);
	return 0;
}

static int fail_link(struct writer *w)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(w->dir, w->base, target, sizeof(target) - 1);

	if (n < 0)
		return sca_fail_errno(w->err, errno, "cannot read the symbolic link");
	return sca_fail(w->err, SCA_E_CONFLICT,
			"a symbolic link to %.*s; name the file itself to replace it", (int)n,
			target);
}

static int changed(struct writer *w)
{
	return sca_fail(w->err, SCA_E_CONFLICT,
			"the file changed since it was read; it is left as it is, start again");
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       stat_mtime_ns(a) == stat_mtime_ns(b);
}

/* The old file is the one that was loaded, down to its bytes. */
static int check_old(struct writer *w, const struct sca_profile *loaded)
{
	struct sca_str text = sca_profile_text(loaded);
	size_t done = 0;
	char block[8192];

	if (loaded->from_file &&
	    (w->st.st_dev != loaded->dev || w->st.st_ino != loaded->ino ||
	     stat_mtime_ns(&w->st) != loaded->mtime_ns))
		return changed(w);
	for (;;) {
		ssize_t n = read(w->old, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sca_fail_errno(w->err, errno, "cannot read the old profile");
		if (n == 0)
			break;
		if ((size_t)n > text.n - done || memcmp(block, text.p + done, (size_t)n) != 0)
			return changed(w);
		done += (size_t)n;
	}
	return done == text.n ? 0 : changed(w);
}

static int open_old(struct writer *w)
{
	w->old = openat(w->dir, w->base,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (w->old < 0 && errno == ELOOP)
		return fail_link(w);
	if (w->old < 0)
		return sca_fail_errno(w->err, errno, "cannot open the profile to replace");
	if (fstat(w->old, &w->st) < 0)
		return sca_fail_errno(w->err, errno, "cannot read the profile's attributes");
	if (!S_ISREG(w->st.st_mode))
		return sca_fail(w->err, SCA_E_CONFLICT,
				"not a regular file, so it can not be replaced");
	return 0;
}

/* -- the new file -- */

static int create_temp(struct writer *w, struct temp *t, int *ret_fd)
{
	for (int i = 0; i < TEMP_TRIES; i++) {
		uint64_t id;
		int fd;

		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			return sca_fail_errno(w->err, errno, "no random bytes for a file name");
		snprintf(t->name, sizeof(t->name), ".scaudit-%016llx.tmp",
			 (unsigned long long)id);
		fd = openat(w->dir, t->name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			t->there = true;
			*ret_fd = fd;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return sca_fail_errno(w->err, errno, "cannot create a file in the profile's directory");
}

static int write_all(struct writer *w, int fd, struct sca_str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sca_fail_errno(w->err, errno, "cannot write the new text");
		text = str_skip(text, (size_t)n);
	}
	return 0;
}

/* An attribute that is gone by now, or that the file system only shows, is left out. */
static int copy_xattr(struct writer *w, int fd, const char *name, char *value)
{
	struct sca_str s = sca_str_z(name);
	ssize_t n;

	if (str_is(s, "security.ima") || str_is(s, "security.evm"))
		return 0;
	n = fgetxattr(w->old, name, value, XATTR_MAX);
	if (n >= 0 && fsetxattr(fd, name, value, (size_t)n, 0) == 0)
		return 0;
	if (errno == ENODATA || errno == ENOTSUP)
		return 0;
	return sca_fail_errno(w->err, errno, "cannot keep the attribute %s", name);
}

static int copy_xattrs(struct writer *w, int fd)
{
	_cleanup_free_ char *names = malloc(XATTR_MAX), *value = malloc(XATTR_MAX);
	ssize_t n;
	int r = 0;

	if (!names || !value)
		return sca_fail(w->err, -ENOMEM, "out of memory");
	n = flistxattr(w->old, names, XATTR_MAX);
	if (n < 0 && errno == ENOTSUP)
		return 0;
	if (n < 0)
		return sca_fail_errno(w->err, errno, "cannot list the profile's attributes");
	for (const char *p = names; p < names + n && r == 0; p += strlen(p) + 1)
		r = copy_xattr(w, fd, p, value);
	return r;
}

/* Owner before attributes and mode: a change of owner may clear them. */
static int copy_attributes(struct writer *w, int fd)
{
	int r;

	if (fchown(fd, w->st.st_uid, w->st.st_gid) < 0)
		return sca_fail_errno(w->err, errno, "cannot keep owner %lu and group %lu",
				      (unsigned long)w->st.st_uid, (unsigned long)w->st.st_gid);
	r = copy_xattrs(w, fd);
	if (r < 0)
		return r;
	if (fchmod(fd, w->st.st_mode & 07777) < 0)
		return sca_fail_errno(w->err, errno, "cannot keep the mode");
	return 0;
}

static int make_temp(struct writer *w, struct temp *t, struct sca_str text)
{
	int fd = -1, r = create_temp(w, t, &fd);

	if (r == 0)
		r = write_all(w, fd, text);
	if (r == 0)
		r = copy_attributes(w, fd);
	if (r == 0 && fsync(fd) < 0)
		r = sca_fail_errno(w->err, errno, "cannot flush the new text to disk");
	if (fd >= 0 && close(fd) < 0 && r == 0)
		r = sca_fail_errno(w->err, errno, "cannot write the new text");
	return r;
}

static int place_temp(struct writer *w, struct temp *t, const char *name)
{
	if (renameat(w->dir, t->name, w->dir, name) < 0)
		return sca_fail_errno(w->err, errno, "cannot rename the new file to %s", name);
	t->there = false;
	return 0;
}

static void drop_temp(const struct writer *w, const struct temp *t)
{
	if (t->there)
		unlinkat(w->dir, t->name, 0);
}

/* -- all of it -- */

/* Both files are complete on disk before the first name is switched. */
static int replace(struct writer *w, struct sca_str text, struct sca_str old_text, bool backup)
{
	_cleanup_free_ char *orig = NULL;
	struct temp new_file = {.there = false}, old_file = {.there = false};
	struct stat now;
	int r;

	if (asprintf(&orig, "%s.orig", w->base) < 0) {
		orig = NULL;
		return sca_fail(w->err, -ENOMEM, "out of memory");
	}
	r = make_temp(w, &new_file, text);
	if (r == 0 && backup)
		r = make_temp(w, &old_file, old_text);
	if (r == 0 && (fstatat(w->dir, w->base, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
		       !same_file(&now, &w->st)))
		r = changed(w);
	if (r == 0 && backup)
		r = place_temp(w, &old_file, orig);
	if (r == 0)
		r = place_temp(w, &new_file, w->base);
	drop_temp(w, &new_file);
	drop_temp(w, &old_file);
	if (r < 0)
		return r;
	/* Some file systems can not flush a directory and say EINVAL. */
	if (fsync(w->dir) < 0 && errno != EINVAL)
		return sca_fail_errno(w->err, errno,
				      "the file is replaced, but not its directory flushed");
	return 0;
}

int sca_profile_write(const struct sca_profile *new_profile, const char *path,
		      const struct sca_profile *loaded, bool backup, struct sca_err *err)
{
	struct writer w = {.path = path, .dir = -1, .old = -1, .err = err};
	int r = sca_profile_check_text(new_profile, err);

	if (r == 0 && sca_profile_apart(loaded) && sca_profile_home(loaded) != SCA_HOME_INSPECT)
		r = sca_fail(err, SCA_E_CONFLICT,
			     "the file is a policy of another form, which is not edited in place");
	if (r == 0 && sca_profile_home(loaded) == SCA_HOME_INSPECT)
		r = sca_fail(err, SCA_E_CONFLICT,
			     "the file tells of a container and makes none: the profile comes from "
			     "the file that --security-opt seccomp= named");
	if (r == 0)
		r = open_dir(&w);
	if (r == 0)
		r = open_old(&w);
	if (r == 0)
		r = check_old(&w, loaded);
	if (r == 0)
		r = replace(&w, sca_profile_text(new_profile), sca_profile_text(loaded),
			    backup);
	sca_close_(&w.old);
	sca_close_(&w.dir);
	if (r < 0)
		sca_err_at(err, path, 0, 0);
	return r;
}
