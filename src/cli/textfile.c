/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "dest.h"
#include "render/dialect.h"
#include "textfile.h"

#define NO_NUMBER INT32_MIN /* a number that no call has */

struct textfile {
	struct dest dest;
	int64_t pause_ms, due_ms;
	struct sca_denials *ds;
};

int textfile_new(struct textfile **ret, const char *path, int pause_ms, struct sca_err *err)
{
	struct textfile *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return sca_fail(err, -ENOMEM, "no memory");
	t->pause_ms = pause_ms;
	t->due_ms = INT64_MIN;
	r = dest_open(&t->dest, path, err);
	if (r == 0 && t->dest.as_is)
		r = sca_fail(err, SCA_E_CONFLICT,
			     "%s is no regular file, so it can not be replaced as a whole", path);
	if (r == 0)
		r = sca_denials_new(&t->ds, TEXTFILE_SERIES, err);
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
	dest_close(&t->dest);
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
	/* counters without names of processes; node_exporter reads them as another user */
	return r < 0 ? r : dest_replace(&t->dest, o.p, o.n, 0644, err);
}
