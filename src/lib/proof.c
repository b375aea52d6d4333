/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of a patch: which verdicts move between two filters. Whose doing that is, is found
 * in proof_blame.c.
 */
#include "proof_int.h"

struct entry {
	struct sca_change pub;
	enum blame blame;
	size_t arch_rank;
};

struct sca_proof {
	struct entry *v;
	size_t n, cap;
	struct sca_proof_totals totals;
};

static int no_memory(const struct proving *pr)
{
	return sca_fail_errno(pr->err, ENOMEM, "comparing two filters");
}

/* -- changes -- */

static struct sca_verdict verdict_of(const struct sca_filter *f, const struct sca_call *call,
				     uint32_t value, size_t pc)
{
	if (f->info.disabled)
		return (struct sca_verdict){.action = SCA_ACT_ALLOW, .by = SCA_BY_NONE};
	return filter_verdict(f, call, value, pc);
}

/* Same change, but for arguments or a neighbouring number without a name. */
static bool absorbs(const struct entry *e, const struct sca_change *c, enum blame blame)
{
	const struct sca_change *p = &e->pub;

	if (e->blame != blame || p->arch != c->arch || !verdict_same(&p->before, &c->before) ||
	    !verdict_same(&p->after, &c->after))
		return false;
	if (p->nr == c->nr)
		return true;
	return !p->syscall && !c->syscall && !p->by_args && !c->by_args &&
	       p->nr_last + 1 == c->nr;
}

/* The list is filled in ascending order of numbers, so only its end can absorb. */
static int add_change(struct proving *pr, const struct sca_change *c, enum blame blame)
{
	struct sca_proof *pf = pr->pf;
	struct entry *e;

	for (size_t i = pf->n; i-- > 0 && pf->v[i].pub.arch == c->arch &&
	     pf->v[i].pub.nr_last + 1 >= c->nr;) {
		if (!absorbs(&pf->v[i], c, blame))
			continue;
		pf->v[i].pub.nr_last = c->nr;
		return 0;
	}
	if (!vec_grow(&pf->v, &pf->cap, pf->n))
		return no_memory(pr);
	e = &pf->v[pf->n++];
	*e = (struct entry){.pub = *c, .blame = blame, .arch_rank = pr->rank};
	e->pub.asked = blame == BLAME_ASKED;
	e->pub.same_name = blame == BLAME_SAME_NAME;
	e->pub.new_arch = blame == BLAME_NEW_ARCH;
	return 0;
}

static int add_pairs(struct proving *pr, const struct sca_call *call, const char *name,
		     bool cut)
{
	const struct proof_walk *pw = pr->pw;

	for (size_t i = 0; i < pw->n; i++) {
		const struct proof_pair *p = &pw->pairs[i];
		struct sca_change c = {
			.arch = call->arch,
			.nr = call->nr,
			.nr_last = call->nr,
			.syscall = name,
			.before = verdict_of(pw->f[0], call, p->value[0], p->pc[0]),
			.after = verdict_of(pw->f[1], call, p->value[1], p->pc[1]),
			.by_args = cut || pw->n > 1,
		};
		int r;

		/* What the kernel does not look at may differ in a process' own filter. */
		if (c.before.action == c.after.action && c.before.data == c.after.data)
			continue;
		memcpy(c.args, p->args, sizeof(c.args));
		r = add_change(pr, &c, proof_blame(pr, &c, p->owner));
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- comparing -- */

/* What the asked calls themselves do, so that a region can be told to be theirs. */
static int fill_own(struct proving *pr)
{
	struct proof_walk *pw = pr->pw;

	for (size_t i = 0; i < pr->n_here; i++) {
		struct proof_ask *ask = &pr->here[i];
		int r;

		if (ask->call.args_known == 0)
			continue;
		r = proof_walk_call(pw, &ask->call, REST_ALL, NULL, 0, pr->err);
		if (r < 0)
			return r;
		for (size_t j = 0; j < pw->n && ask->n_own < ARRAY_SIZE(ask->own); j++)
			memcpy(ask->own[ask->n_own++].value, pw->pairs[j].value,
			       sizeof(ask->own[0].value));
	}
	return 0;
}

static int compare_once(struct proving *pr, const struct sca_call *call, const char *name,
			enum proof_rest rest, bool cut)
{
	int r = proof_walk_call(pr->pw, call, rest, pr->here, pr->n_here, pr->err);

	return r < 0 ? r : add_pairs(pr, call, name, cut);
}

/* Each inner call by itself, so that it can be told whose doing a change of it is. */
static int compare_inner(struct proving *pr, struct sca_call *call, const char *name)
{
	int r = 0;

	call->args_known = 1;
	for (; call->args[0] < PROOF_INNER && r == 0; call->args[0]++)
		r = compare_once(pr, call, name, REST_ALL, true);
	call->args_known = 0;
	if (r == 0)
		r = compare_once(pr, call, name, REST_LOW, true);
	return r < 0 ? r : compare_once(pr, call, name, REST_HIGH, true);
}

static int compare_call(struct proving *pr, uint32_t arch, int32_t nr)
{
	struct sca_call call = {.arch = arch, .nr = nr};
	const char *name = sca_syscall_name(pr->names, arch, nr);
	int r;

	proof_gather(pr, arch, nr, name);
	r = fill_own(pr);
	if (r < 0)
		return r;
	if (proof_multiplex_base(arch, name))
		return compare_inner(pr, &call, name);
	return compare_once(pr, &call, name, REST_ALL, false);
}

static int compare_arch(struct proving *pr, uint32_t arch)
{
	_cleanup_free_ int32_t *v = NULL;
	size_t n = 0;
	int r = 0;

	if (proof_numbers(pr->pw, arch, pr->names, &v, &n) < 0)
		return no_memory(pr);
	for (size_t i = 0; i < n && r == 0; i++)
		r = compare_call(pr, arch, v[i]);
	return r;
}

static void add_arch(struct proving *pr, uint32_t arch)
{
	for (size_t i = 0; i < pr->n_archs; i++)
		if (pr->archs[i] == arch)
			return;
	if (pr->n_archs < ARRAY_SIZE(pr->archs))
		pr->archs[pr->n_archs++] = arch;
}

/* Those of both filters, and x32 wherever x86_64 is: its calls bear x86_64's token. */
static void collect_archs(struct proving *pr)
{
	for (int i = 0; i < 2; i++)
		for (size_t j = 0; j < pr->pw->f[i]->info.n_archs; j++)
			add_arch(pr, pr->pw->f[i]->info.archs[j]);
	for (size_t i = 0; i < pr->n_archs; i++)
		if (pr->archs[i] == SCA_ARCH_X86_64)
			add_arch(pr, SCA_ARCH_X32);
}

static int compare_entries(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	if (a->blame != b->blame)
		return a->blame < b->blame ? -1 : 1;
	if (a->arch_rank != b->arch_rank)
		return a->arch_rank < b->arch_rank ? -1 : 1;
	if (a->pub.nr != b->pub.nr)
		return a->pub.nr < b->pub.nr ? -1 : 1;
	return a->pub.args[0] < b->pub.args[0] ? -1 : a->pub.args[0] > b->pub.args[0];
}

/* -- judgement -- */

static void count_changes(struct proving *pr)
{
	struct sca_proof_totals *t = &pr->pf->totals;

	t->compared = pr->pw->compared;
	t->archs = pr->n_archs;
	for (size_t i = 0; i < pr->pf->n; i++) {
		const struct entry *e = &pr->pf->v[i];
		size_t n = (size_t)(e->pub.nr_last - e->pub.nr) + 1;

		t->asked += e->blame == BLAME_ASKED ? n : 0;
		t->same_name += e->blame == BLAME_SAME_NAME ? n : 0;
		t->new_arch += e->blame == BLAME_NEW_ARCH ? n : 0;
		t->stub_shift += e->blame == BLAME_STUB_SHIFT ? n : 0;
		t->unasked += e->blame == BLAME_UNASKED ? n : 0;
	}
}

/* The first ask that is not kept, counting all. */
static const struct proof_ask *check_asks(struct proving *pr)
{
	const struct proof_ask *first = NULL;

	for (size_t i = 0; i < pr->n_asks; i++) {
		const struct proof_ask *ask = &pr->asks[i];
		struct sca_reach reach;
		bool kept = true;

		sca_filter_reach(pr->pw->f[1], &ask->call, &reach);
		for (size_t j = 0; j < reach.n; j++)
			kept &= proof_keeps(ask, &reach.v[j]);
		if (kept && reach.complete)
			continue;
		pr->pf->totals.still_denied++;
		if (!first)
			first = ask;
	}
	return first;
}

static int judge(struct proving *pr)
{
	const struct sca_proof_totals *t = &pr->pf->totals;
	const struct proof_ask *denied;
	const struct sca_change *c = NULL;

	count_changes(pr);
	denied = check_asks(pr);
	if (denied)
		return sca_fail(
			pr->err, SCA_E_PROOF,
			"%zu of %zu calls would still be denied, the first is %s %s (%d)",
			t->still_denied, pr->n_asks, sca_arch_name(denied->call.arch),
			denied->name ? denied->name : "number", denied->call.nr);
	for (size_t i = 0; i < pr->pf->n && !c; i++)
		if (pr->pf->v[i].blame == BLAME_UNASKED)
			c = &pr->pf->v[i].pub;
	if (!c)
		return 0;
	return sca_fail(
		pr->err, SCA_E_PROOF,
		"%zu verdicts would change that nobody asked for, the first is %s %s (%d): %s "
		"to %s",
		t->unasked, sca_arch_name(c->arch), c->syscall ? c->syscall : "number", c->nr,
		sca_action_name(c->before.action), sca_action_name(c->after.action));
}

static int prove(struct proving *pr, const struct proof_ask *asks, size_t n)
{
	int r = proof_sort_asks(pr, asks, n) < 0 ? no_memory(pr) : 0;

	if (r == 0)
		collect_archs(pr);
	for (; r == 0 && pr->rank < pr->n_archs; pr->rank++)
		r = compare_arch(pr, pr->archs[pr->rank]);
	if (r < 0)
		return r;
	if (pr->pf->n)
		qsort(pr->pf->v, pr->pf->n, sizeof(*pr->pf->v), compare_entries);
	return judge(pr);
}

int proof_compare(struct sca_proof **ret, const struct sca_filter *before,
		  const struct sca_filter *after, const struct proof_ask *asks, size_t n_asks,
		  struct sca_names *names, struct sca_err *err)
{
	struct proving pr = {.names = names, .err = err};
	int r;

	*ret = NULL;
	pr.pw = calloc(1, sizeof(*pr.pw));
	pr.pf = calloc(1, sizeof(*pr.pf));
	if (!pr.pw || !pr.pf) {
		r = no_memory(&pr);
	} else {
		pr.pw->f[0] = before;
		pr.pw->f[1] = after;
		r = prove(&pr, asks, n_asks);
	}
	if (r == 0 || r == SCA_E_PROOF)
		*ret = steal(&pr.pf);
	sca_proof_free(pr.pf);
	free(pr.asks);
	free(pr.named);
	free(pr.here);
	free(pr.pw);
	return r;
}

/* -- the public side -- */

static int collect_asks(const struct sca_plan *plan, struct proof_ask **ret, size_t *ret_n)
{
	size_t count = sca_plan_count(plan), n = 0;
	struct proof_ask *v = calloc(MAX(count, (size_t)1), sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct sca_finding *f = sca_plan_at(plan, i);
		/* What is opened for all arguments (row 4) is asked for all of them. */
		unsigned known = f->row == 4 ? 0 : f->denial->args_known;

		if (f->outcome != SCA_OUT_PATCH && f->outcome != SCA_OUT_ENOSYS)
			continue;
		v[n] = (struct proof_ask){
			.call = {f->denial->arch, f->denial->nr, known, {0}},
			.name = f->syscall,
			.enosys = f->outcome == SCA_OUT_ENOSYS,
		};
		memcpy(v[n++].call.args, f->denial->args, sizeof(f->denial->args));
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

int sca_proof_new(struct sca_proof **ret, const struct sca_plan *plan,
		  const struct sca_profile *old_profile, const struct sca_profile *new_profile,
		  const struct sca_target *t, struct sca_names *names, struct sca_err *err)
{
	struct sca_filter *before = NULL, *after = NULL;
	struct proof_ask *asks = NULL;
	size_t n = 0;
	int r = sca_filter_compile(&before, old_profile, t, names, err);

	*ret = NULL;
	if (r == 0) {
		r = sca_filter_compile(&after, new_profile, t, names, err);
		if (r < 0)
			sca_wrap(err, "the patched profile does not compile");
	}
	if (r == 0 && collect_asks(plan, &asks, &n) < 0)
		r = sca_fail_errno(err, ENOMEM, "collecting the calls to prove");
	if (r == 0)
		r = proof_compare(ret, before, after, asks, n, names, err);
	free(asks);
	sca_filter_free(before);
	sca_filter_free(after);
	return r;
}

struct sca_proof *sca_proof_free(struct sca_proof *pf)
{
	if (pf) {
		free(pf->v);
		free(pf);
	}
	return NULL;
}

size_t sca_proof_count(const struct sca_proof *pf)
{
	return pf->n;
}

const struct sca_change *sca_proof_at(const struct sca_proof *pf, size_t i)
{
	return i < pf->n ? &pf->v[i].pub : NULL;
}

void sca_proof_totals(const struct sca_proof *pf, struct sca_proof_totals *ret)
{
	*ret = pf->totals;
}
