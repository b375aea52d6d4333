/* SPDX-License-Identifier: Apache-2.0 */
/* Two profiles by verdict: proof_compare() without anything asked for. */
#include "proof_int.h"

#include <scaudit/compare.h>

struct sca_compare {
	struct sca_compare_info info;
	struct sca_difference *v;
	size_t n;
};

const char *sca_diff_kind_name(enum sca_diff_kind kind)
{
	static const char *const names[] = {
		[SCA_DIFF_OPENED] = "opened",
		[SCA_DIFF_CLOSED] = "closed",
		[SCA_DIFF_ERRNO] = "errno",
		[SCA_DIFF_ACTION] = "action",
	};

	return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : NULL;
}

static enum sca_diff_kind kind_of(const struct sca_change *c)
{
	bool before = sca_action_denies(c->before.action);
	bool after = sca_action_denies(c->after.action);

	if (before != after)
		return before ? SCA_DIFF_OPENED : SCA_DIFF_CLOSED;
	return c->before.action == c->after.action ? SCA_DIFF_ERRNO : SCA_DIFF_ACTION;
}

/* -- collecting -- */

static unsigned danger_of(const struct sca_difference *d)
{
	return d->advice ? d->advice->danger : SCA_DANGER_NONE;
}

static struct sca_difference difference(const struct sca_change *c)
{
	struct sca_difference d = {.kind = kind_of(c), .change = *c};

	if (d.kind == SCA_DIFF_OPENED && c->syscall)
		d.advice = sca_advice_find(sca_str_z(c->syscall));
	if (d.advice && d.advice->danger == SCA_DANGER_NONE)
		d.advice = NULL;
	return d;
}

/* The list of a proof is by architecture and number already, and stays so within a kind. */
static void add_kind(struct sca_compare *c, const struct sca_proof *pf, enum sca_diff_kind kind,
		     unsigned danger)
{
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		struct sca_difference d = difference(sca_proof_at(pf, i));

		if (d.kind == kind && danger_of(&d) == danger)
			c->v[c->n++] = d;
	}
}

static int collect(struct sca_compare *c, const struct sca_proof *pf, struct sca_err *err)
{
	struct sca_proof_totals totals;

	c->v = calloc(MAX(sca_proof_count(pf), (size_t)1), sizeof(*c->v));
	if (!c->v)
		return sca_fail_errno(err, ENOMEM, "comparing two profiles");
	for (unsigned danger = SCA_DANGER_BYPASS; danger > SCA_DANGER_NONE; danger--)
		add_kind(c, pf, SCA_DIFF_OPENED, danger);
	for (unsigned kind = 0; kind < SCA_DIFF_COUNT; kind++)
		add_kind(c, pf, kind, SCA_DANGER_NONE);
	sca_proof_totals(pf, &totals);
	c->info.compared = totals.compared;
	c->info.archs = totals.archs;
	for (size_t i = 0; i < c->n; i++) {
		const struct sca_change *ch = &c->v[i].change;

		c->info.calls[c->v[i].kind] += (size_t)(ch->nr_last - ch->nr) + 1;
		c->info.dangerous |= c->v[i].advice != NULL;
	}
	return 0;
}

/* That something moves is the answer here, not a failure. */
static int compare(struct sca_compare *c, const struct sca_filter *before,
		   const struct sca_filter *after, struct sca_names *names,
		   struct sca_err *err)
{
	struct sca_err moved = SCA_ERR_INIT;
	struct sca_proof *pf = NULL;
	int r = proof_compare(&pf, before, after, NULL, 0, names, &moved);

	if (r == 0 || r == SCA_E_PROOF)
		r = collect(c, pf, err);
	else if (err)
		*err = moved;
	sca_proof_free(pf);
	return r;
}

static int load(struct sca_filter **ret, struct sca_compare_side *side,
		const struct sca_profile *p, const struct sca_target *t,
		struct sca_names *names, struct sca_err *err)
{
	int r = sca_filter_compile(ret, p, t, names, &side->why);

	side->refused = r == SCA_E_REFUSED;
	if (r == 0)
		sca_filter_info(*ret, &side->filter);
	if (r == 0 || side->refused)
		return 0;
	if (err)
		*err = side->why;
	return r;
}

int sca_compare_new(struct sca_compare **ret, const struct sca_profile *old_profile,
		    const struct sca_profile *new_profile, const struct sca_target *t,
		    struct sca_names *names, struct sca_err *err)
{
	struct sca_filter *before = NULL, *after = NULL;
	struct sca_compare *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return sca_fail_errno(err, ENOMEM, "comparing two profiles");
	c->info.target = *t;
	r = load(&before, &c->info.old_side, old_profile, t, names, err);
	if (r == 0)
		r = load(&after, &c->info.new_side, new_profile, t, names, err);
	if (r == 0 && before && after)
		r = compare(c, before, after, names, err);
	sca_filter_free(before);
	sca_filter_free(after);
	if (r == 0)
		*ret = steal(&c);
	sca_compare_free(c);
	return r;
}

struct sca_compare *sca_compare_free(struct sca_compare *c)
{
	if (c) {
		free(c->v);
		free(c);
	}
	return NULL;
}

/* -- asking -- */

void sca_compare_info(const struct sca_compare *c, struct sca_compare_info *ret)
{
	*ret = c->info;
}

size_t sca_compare_count(const struct sca_compare *c)
{
	return c->n;
}

const struct sca_difference *sca_compare_at(const struct sca_compare *c, size_t i)
{
	return i < c->n ? &c->v[i] : NULL;
}

bool sca_compare_differs(const struct sca_compare *c)
{
	return c->n || c->info.old_side.refused != c->info.new_side.refused;
}

static bool same_side(const struct sca_compare_side *a, const struct sca_compare_side *b)
{
	return a->refused == b->refused && a->filter.disabled == b->filter.disabled &&
	       (!a->refused || strcmp(a->why.text, b->why.text) == 0);
}

static bool same_verdict(const struct sca_verdict *a, const struct sca_verdict *b)
{
	return a->action == b->action && a->data == b->data;
}

static bool same_change(const struct sca_change *a, const struct sca_change *b)
{
	return a->arch == b->arch && a->nr == b->nr && a->nr_last == b->nr_last &&
	       a->by_args == b->by_args && same_verdict(&a->before, &b->before) &&
	       same_verdict(&a->after, &b->after) &&
	       (!a->by_args || memcmp(a->args, b->args, sizeof(a->args)) == 0);
}

bool sca_compare_same(const struct sca_compare *a, const struct sca_compare *b)
{
	if (a->n != b->n || !same_side(&a->info.old_side, &b->info.old_side) ||
	    !same_side(&a->info.new_side, &b->info.new_side))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_change(&a->v[i].change, &b->v[i].change))
			return false;
	return true;
}

/* -- targets -- */

/* Each changes what a profile means: runc's rules of the stub and of flags before and since
 * 1.2; crun reads a config.json by itself. */
static const struct {
	enum sca_runtime runtime;
	unsigned version[3];
} matrix_runtimes[] = {
	{SCA_RUNTIME_RUNC, {1, 1, 5}},
	{SCA_RUNTIME_RUNC, {1, 3, 0}},
	{SCA_RUNTIME_CRUN, {1, 14, 0}},
};

bool sca_target_matrix(size_t i, const struct sca_target *base, bool keep_caps,
		       struct sca_target *ret)
{
	size_t front = i / ARRAY_SIZE(matrix_runtimes), rt = i % ARRAY_SIZE(matrix_runtimes);

	if (front >= SCA_FRONTEND_COUNT)
		return false;
	sca_target_init(ret, (enum sca_frontend)front);
	ret->runtime = matrix_runtimes[rt].runtime;
	memcpy(ret->version, matrix_runtimes[rt].version, sizeof(ret->version));
	memcpy(ret->kernel, base->kernel, sizeof(ret->kernel));
	ret->arch = base->arch;
	if (keep_caps)
		ret->caps = base->caps;
	return true;
}
