/* SPDX-License-Identifier: Apache-2.0 */
/* An examination from end to end: facts, judgement, map. */
#include "doctor_int.h"

#include <fcntl.h>

struct sca_doctor *sca_doctor_free(struct sca_doctor *d)
{
	if (!d)
		return NULL;
	for (size_t i = 0; i < d->n_verdicts; i++)
		free(d->lists[i].v);
	free(d->lists);
	free(d->verdicts);
	free(d->findings);
	arena_release(&d->arena);
	free(d);
	return NULL;
}

static int read_facts(struct sca_doctor *d, const struct sca_doctor_options *o, int root,
		      struct sca_names *names)
{
	int r = doctor_read_files(d, root);

	if (r == 0 && d->f.live)
		r = doctor_read_audit(d);
	if (r == 0)
		r = doctor_read_daemons(d, root);
	if (r == 0)
		r = doctor_read_self(d, o->root);
	if (r == 0)
		r = doctor_read_runtimes(d, o);
	if (r == 0)
		r = doctor_read_calls(d, root, names);
	return r;
}

int sca_doctor_new(struct sca_doctor **ret, const struct sca_doctor_options *o,
		   struct sca_names *names, struct sca_err *err)
{
	const char *path = o->root && o->root[0] ? o->root : "/";
	_cleanup_close_ int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct sca_doctor *d;
	int r;

	if (root < 0)
		return sca_fail_errno(err, errno, "%s: cannot be looked into", path);
	d = calloc(1, sizeof(*d));
	if (!d)
		return sca_fail_errno(err, ENOMEM, "examining this host");
	d->f.live = strspn(path, "/") == strlen(path);
	d->f.audit.why = "the files of a host do not have it";
	r = read_facts(d, o, root, names);
	if (r < 0)
		sca_fail_errno(err, -r, "examining this host");
	if (r == 0)
		doctor_judge(d);
	if (r == 0 && o->profile)
		r = doctor_map(d, o, names, err);
	if (r == 0 && d->failed)
		r = sca_fail_errno(err, ENOMEM, "examining this host");
	if (r < 0) {
		sca_doctor_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

size_t sca_doctor_count(const struct sca_doctor *d)
{
	return d->n;
}

const struct sca_diagnosis *sca_doctor_at(const struct sca_doctor *d, size_t i)
{
	return i < d->n ? &d->findings[i] : NULL;
}

size_t sca_doctor_verdicts(const struct sca_doctor *d)
{
	return d->n_verdicts;
}

const struct sca_doctor_verdict *sca_doctor_verdict(const struct sca_doctor *d, size_t i)
{
	return i < d->n_verdicts ? &d->verdicts[i] : NULL;
}
