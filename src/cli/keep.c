/* SPDX-License-Identifier: Apache-2.0 */
#include "keep.h"

#define SPANS_MOST (4 + 2 * SCA_RECORD_NAMES_MAX + 11)

/* Every span of a record; how many. */
static size_t spans_of(struct sca_record *rec, struct sca_str *ret[SPANS_MOST])
{
	struct sca_container_ref *c = &rec->container;
	struct sca_str *const fixed[] = {
		&rec->node, &rec->comm, &rec->exe, &rec->subj, &c->id, &c->engine, &c->name,
		&c->image, &c->pod, &c->ns, &c->pod_uid, &c->unit, &c->via, &c->sure,
		&c->candidates,
	};
	size_t n = ARRAY_SIZE(fixed);

	memcpy(ret, fixed, sizeof(fixed));
	for (unsigned i = 0; i < rec->n_comms; i++)
		ret[n++] = &rec->comms[i];
	for (unsigned i = 0; i < rec->n_exes; i++)
		ret[n++] = &rec->exes[i];
	return n;
}

struct sca_record *record_copy(const struct sca_record *rec, size_t *ret_bytes)
{
	struct sca_str *spans[SPANS_MOST];
	size_t bytes = sizeof(*rec), file = rec->pos.file ? strlen(rec->pos.file) + 1 : 0, n;
	struct sca_record tmp = *rec, *copy;
	char *p;

	n = spans_of(&tmp, spans);
	for (size_t i = 0; i < n; i++)
		bytes += spans[i]->n;
	bytes += file;
	copy = malloc(bytes);
	if (!copy)
		return NULL;
	*copy = *rec;
	p = (char *)(copy + 1);
	n = spans_of(copy, spans);
	for (size_t i = 0; i < n; i++) {
		if (spans[i]->n)
			memcpy(p, spans[i]->p, spans[i]->n);
		spans[i]->p = p;
		p += spans[i]->n;
	}
	if (file) {
		memcpy(p, rec->pos.file, file);
		copy->pos.file = p;
	}
	*ret_bytes = bytes;
	return copy;
}
