/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of a task: the stack, the whole, and how it differs from a profile. */
#include "held_int.h"

#include "proof_int.h"

struct sca_held {
	size_t n;
	struct sca_held_info info[SCA_HELD_MAX];
	struct sca_filter *v[SCA_HELD_MAX]; /* newest first */
	struct sca_filter *whole; /* NULL: v[0] alone */
};

/* Puts one filter on top of the older ones. */
static int add(struct sca_held *h, size_t i, const struct held_program *p,
	       const struct sca_filter **older, struct sca_err *err)
{
	struct sca_filter *f = NULL, *both = NULL;
	int r = held_wrap(&f, p->v, p->n, err);

	if (r < 0)
		return sca_wrap(err, "filter %zu of the process, newest first", i + 1);
	h->v[i] = f;
	h->info[i] = (struct sca_held_info){p->n, p->have_flags, p->log_flag};
	if (!*older) {
		*older = f;
		return 0;
	}
	r = held_stack(&both, f, *older, err);
	if (r < 0)
		return r;
	sca_filter_free(h->whole);
	*older = h->whole = both;
	return 0;
}

/* Programs newest first. */
static int make(struct sca_held **ret, const struct held_program *v, size_t n,
		struct sca_err *err)
{
	struct sca_held *h = calloc(1, sizeof(*h));
	const struct sca_filter *older = NULL;
	int r = 0;

	if (!h)
		return sca_fail(err, -ENOMEM, "no memory for the filters of a process");
	h->n = n;
	for (size_t i = n; i > 0 && r == 0; i--)
		r = add(h, i - 1, &v[i - 1], &older, err);
	if (r < 0)
		sca_held_free(h);
	else
		*ret = h;
	return r;
}

int sca_held_new(struct sca_held **ret, const void *const *programs, const size_t *n,
		 size_t count, struct sca_err *err)
{
	struct held_program v[SCA_HELD_MAX];

	if (count == 0 || count > SCA_HELD_MAX)
		return sca_fail(err, SCA_E_LIMIT, "1 to %d filters, not %zu", SCA_HELD_MAX, count);
	for (size_t i = 0; i < count; i++) {
		v[i] = (struct held_program){.n = n[i]};
		memcpy(&v[i].v, &programs[i], sizeof(v[i].v));
	}
	return make(ret, v, count, err);
}

int sca_held_read(struct sca_held **ret, int pid, struct sca_err *err)
{
	struct held_program v[SCA_HELD_MAX] = {{0}}, newest_first[SCA_HELD_MAX];
	size_t n = 0;
	int r = held_fetch(pid, v, SCA_HELD_MAX, &n, err);

	for (size_t i = 0; i < n; i++)
		newest_first[i] = v[n - 1 - i];
	if (r == 0)
		r = make(ret, newest_first, n, err);
	for (size_t i = 0; i < n; i++)
		free(v[i].v);
	return r;
}

struct sca_held *sca_held_free(struct sca_held *h)
{
	if (h) {
		for (size_t i = 0; i < h->n; i++)
			sca_filter_free(h->v[i]);
		sca_filter_free(h->whole);
		free(h);
	}
	return NULL;
}

size_t sca_held_count(const struct sca_held *h)
{
	return h->n;
}

void sca_held_info(const struct sca_held *h, size_t i, struct sca_held_info *ret)
{
	*ret = h->info[i];
}

const struct sca_filter *sca_held_at(const struct sca_held *h, size_t i)
{
	return i < h->n ? h->v[i] : NULL;
}

const struct sca_filter *sca_held_filter(const struct sca_held *h)
{
	return h->whole ? h->whole : h->v[0];
}

/* A difference is nobody's wish here, so that the proof fails says nothing. */
int sca_held_compare(struct sca_proof **ret, const struct sca_filter *profile,
		     const struct sca_filter *held, struct sca_names *names, struct sca_err *err)
{
	struct sca_err fails = SCA_ERR_INIT;
	int r = proof_compare(ret, profile, held, NULL, 0, names, &fails);

	if (r == 0 || (r == SCA_E_PROOF && *ret))
		return 0;
	if (err)
		*err = fails;
	return r;
}
