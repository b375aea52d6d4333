/* SPDX-License-Identifier: Apache-2.0 */
#include "home.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Takes over p, complete but for its tree. */
static int finish(struct sca_profile **ret, struct sca_profile *p, bool homes, struct sca_err *err)
{
	int r = homes ? home_open(p, err) : jt_parse(&p->doc, buf_str(&p->text), err);

	if (r < 0) {
		sca_err_at(err, p->name, 0, 0);
		sca_profile_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static struct sca_profile *new_profile(const char *name)
{
	struct sca_profile *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->name = strdup(name);
	if (!p->name) {
		free(p);
		return NULL;
	}
	p->text.max = SCA_PROFILE_MAX_BYTES;
	return p;
}

static int too_long(struct sca_err *err)
{
	return sca_fail(err, SCA_E_LIMIT, "longer than %u bytes, which no profile is",
			SCA_PROFILE_MAX_BYTES);
}

static int load_text(struct sca_profile **ret, struct sca_str text, const char *name, bool homes,
		     struct sca_err *err)
{
	struct sca_profile *p;

	if (text.n > SCA_PROFILE_MAX_BYTES) {
		sca_err_at(err, name, 0, 0);
		return too_long(err);
	}
	p = new_profile(name ? name : "profile");
	if (!p)
		return sca_fail(err, -ENOMEM, "out of memory");
	buf_add_str(&p->text, text);
	if (p->text.failed) {
		sca_profile_free(p);
		return sca_fail(err, -ENOMEM, "out of memory");
	}
	return finish(ret, p, homes, err);
}

int sca_profile_load_mem(struct sca_profile **ret, struct sca_str text, const char *name,
			 struct sca_err *err)
{
	return load_text(ret, text, name, false, err);
}

int sca_profile_load_text(struct sca_profile **ret, struct sca_str text, const char *name,
			  struct sca_err *err)
{
	return load_text(ret, text, name, true, err);
}

/* Identity of the file; a pipe or a terminal has none. */
static int note_file(struct sca_profile *p, int fd, struct sca_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sca_fail_errno(err, errno, "cannot read the profile");
	if (S_ISDIR(st.st_mode))
		return sca_fail_errno(err, EISDIR, "cannot read the profile");
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_size > (off_t)SCA_PROFILE_MAX_BYTES)
		return too_long(err);
	p->from_file = true;
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	p->mtime_ns = stat_mtime_ns(&st);
	return 0;
}

static int read_all(struct sca_profile *p, int fd, struct sca_err *err)
{
	for (;;) {
		size_t room = MIN((size_t)65536, SCA_PROFILE_MAX_BYTES - p->text.n);
		char more;
		ssize_t n;

		if (!buf_reserve(&p->text, room))
			return sca_fail(err, -ENOMEM, "out of memory");
		/* One byte past the limit tells whether there is more. */
		n = room ? read(fd, p->text.p + p->text.n, room) : read(fd, &more, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sca_fail_errno(err, errno, "cannot read the profile");
		if (n > 0 && room == 0)
			return too_long(err);
		if (n == 0)
			break;
		p->text.n += (size_t)n;
	}
	p->text.p[p->text.n] = '\0';
	return 0;
}

static int load_fd(struct sca_profile **ret, int fd, const char *name, bool homes,
		   struct sca_err *err)
{
	struct sca_profile *p = new_profile(name);
	int r;

	if (!p)
		return sca_fail(err, -ENOMEM, "out of memory");
	r = note_file(p, fd, err);
	if (r == 0)
		r = read_all(p, fd, err);
	if (r < 0) {
		sca_err_at(err, name, 0, 0);
		sca_profile_free(p);
		return r;
	}
	return finish(ret, p, homes, err);
}

int profile_load_fd(struct sca_profile **ret, int fd, const char *name, struct sca_err *err)
{
	return load_fd(ret, fd, name, false, err);
}

int sca_profile_load_file(struct sca_profile **ret, const char *path, struct sca_err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		int e = errno;

		sca_err_at(err, path, 0, 0);
		return sca_fail_errno(err, e, "cannot open the profile");
	}
	return load_fd(ret, fd, path, true, err);
}

int64_t stat_mtime_ns(const struct stat *st)
{
	uint64_t s = (uint64_t)st->st_mtim.tv_sec;

	return (int64_t)(s * 1000000000u + (uint64_t)st->st_mtim.tv_nsec);
}

struct sca_str sca_profile_text(const struct sca_profile *p)
{
	return buf_str(&p->text);
}

int sca_profile_check_text(const struct sca_profile *p, struct sca_err *err)
{
	if (!p->unwritten.code)
		return 0;
	if (err)
		*err = p->unwritten;
	return p->unwritten.code;
}

const char *sca_profile_name(const struct sca_profile *p)
{
	return p->name;
}

struct sca_profile *sca_profile_free(struct sca_profile *p)
{
	if (!p)
		return NULL;
	jt_release(&p->doc);
	home_free(p->home);
	buf_release(&p->text);
	buf_release(&p->json);
	free(p->name);
	free(p);
	return NULL;
}
