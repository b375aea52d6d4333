/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/dialect.h"
#include "textfile.h"

#define NO_NUMBER INT32_MIN /* a number that no call has */

struct textfile {
	char *path, *temp; /* node_exporter reads *.prom: "x.prom.new" is none */
	int64_t pause_ms, due_ms;
	struct sca_denials *ds;
};

int textfile_new(struct textfile **ret, const char *path, int pause_ms, struct sca_err *err)
{
	struct textfile *t;
	struct stat st;
	int r;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return sca_fail(err, SCA_E_CONFLICT,
				"%s is no regular file, so it can not be replaced as a whole",
				path);
	t = calloc(1, sizeof(*t));
	if (!t)
		return sca_fail(err, -ENOMEM, "no memory");
	t->pause_ms = pause_ms;
	t->due_ms = INT64_MIN;
	t->path = strdup(path);
	if (asprintf(&t->temp, "%s.new", path) < 0)
		t->temp = NULL;
	r = t->path && t->temp ? sca_denials_new(&t->ds, TEXTFILE_SERIES, err) :
				 sca_fail(err, -ENOMEM, "no memory");
	if (r < 0) {
		textfile_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

struct textfile *textfile_free(struct textfile *t)
{
	if (!t)
		return NULL;
	sca_denials_free(t->ds);
	free(t->path);
	free(t->temp);
	free(t);
	return NULL;
}

/* Only what becomes a label takes part, so that the set grows with the series. */
int textfile_add(struct textfile *t, const struct event *ev, struct sca_err *err)
{
	const struct sca_record *from = ev->rec;
	struct sca_record rec = {
		.have = from->have & (SCA_F_CODE | SCA_F_ARCH | SCA_F_NR | SCA_F_TIME),
		.source = from->source,
		.trust = from->trust,
		.time_ms = from->time_ms,
		.action = from->action,
		.denied = from->denied,
		.code = from->code,
		.arch = from->arch,
		.nr = from->nr,
		.count = from->count,
		.container = {.engine = from->container.engine, .ns = from->container.ns},
	};

	if (ev->loss)
		return 0; /* in the evidence */
	if (!ev->syscall) {
		rec.have &= ~(uint32_t)SCA_F_NR;
		rec.nr = NO_NUMBER;
	}
	return sca_denials_add(t->ds, &rec, err);
}

int textfile_due(const struct textfile *t, int64_t now_ms)
{
	int64_t left = t->due_ms > now_ms ? t->due_ms - now_ms : 0;

	return left < INT_MAX ? (int)left : INT_MAX;
}

/* Not fsync'ed: after a crash of the machine the numbers start at 0 in any case. What another
 * run left is removed; a link in its place is not followed. */
static int put_file(const struct textfile *t, const struct out *o, struct sca_err *err)
{
	size_t done = 0;
	int fd, e = 0;

	unlink(t->temp);
	fd = open(t->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return sca_fail_errno(err, errno, "can not write %s", t->temp);
	while (e == 0 && done < o->n) {
		ssize_t n = write(fd, o->p + done, o->n - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			e = errno;
	}
	if (close(fd) < 0 && e == 0)
		e = errno;
	if (e == 0 && rename(t->temp, t->path) == 0)
		return 0;
	e = e ? e : errno;
	unlink(t->temp);
	return sca_fail_errno(err, e, "can not write %s", t->path);
}

int textfile_write(struct textfile *t, int64_t now_ms, struct sca_names *names,
		   const struct evidence *ev, struct sca_err *err)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_denial_totals totals;
	struct evidence own = *ev;
	int r;

	t->due_ms = now_ms + t->pause_ms;
	sca_denials_totals(t->ds, &totals);
	own.other = totals.other;
	r = prometheus_report(&o, t->ds, names, &own, err);
	if (r == 0 && o.error)
		r = sca_fail(err, -ENOMEM, "no memory for the series");
	return r < 0 ? r : put_file(t, &o, err);
}
