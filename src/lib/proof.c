/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of a patch: which verdicts move between two filters, and whose doing that is.
 */
#include "proof_int.h"

#include <seccomp.h>

/* Whose doing a change is; in the order of the list. */
enum blame { BLAME_ASKED, BLAME_UNASKED, BLAME_SAME_NAME, BLAME_NEW_ARCH, BLAME_STUB_SHIFT };

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

struct proving {
	struct proof_walk *pw;
	struct sca_names *names;
	struct sca_proof *pf;
	struct sca_err *err;
	struct proof_ask *asks;          /* by arch and number */
	const struct proof_ask **named;  /* by name; those with one */
	size_t n_asks, n_named;
	uint32_t archs[64];
	size_t n_archs, rank; /* rank: the architecture at work */
};

static int no_memory(const struct proving *pr)
{
	return sca_fail_errno(pr->err, ENOMEM, "comparing two filters");
}

/* -- asks -- */

bool proof_keeps(const struct proof_ask *ask, const struct sca_verdict *v)
{
	if (ask->enosys)
		return v->action == SCA_ACT_ERRNO && v->data == ENOSYS;
	return !sca_action_denies(v->action);
}

static int order_call(uint32_t arch, int32_t nr, const struct sca_call *b)
{
	if (arch != b->arch)
		return arch < b->arch ? -1 : 1;
	return nr < b->nr ? -1 : nr > b->nr;
}

static int compare_calls(const void *pa, const void *pb)
{
	const struct proof_ask *a = pa, *b = pb;

	return order_call(a->call.arch, a->call.nr, &b->call);
}

static int compare_names(const void *pa, const void *pb)
{
	const struct proof_ask *const *a = pa, *const *b = pb;

	return strcmp((*a)->name, (*b)->name);
}

static int sort_asks(struct proving *pr, const struct proof_ask *asks, size_t n)
{
	pr->asks = calloc(MAX(n, (size_t)1), sizeof(*pr->asks));
	pr->named = calloc(MAX(n, (size_t)1), sizeof(*pr->named));
	if (!pr->asks || !pr->named)
		return no_memory(pr);
	pr->n_asks = n;
	if (n == 0)
		return 0;
	memcpy(pr->asks, asks, n * sizeof(*asks));
	qsort(pr->asks, n, sizeof(*pr->asks), compare_calls);
	for (size_t i = 0; i < n; i++)
		if (pr->asks[i].name)
			pr->named[pr->n_named++] = &pr->asks[i];
	if (pr->n_named)
		qsort(pr->named, pr->n_named, sizeof(*pr->named), compare_names);
	return 0;
}

/* The asks for one call: the first and their count. */
static struct proof_ask *asks_for(const struct proving *pr, uint32_t arch, int32_t nr, size_t *ret_n)
{
	size_t lo = 0, hi = pr->n_asks, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (order_call(arch, nr, &pr->asks[mid].call) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < pr->n_asks && order_call(arch, nr, &pr->asks[end].call) == 0;)
		end++;
	*ret_n = end - lo;
	return &pr->asks[lo];
}

/* Whether some ask for that name is kept by the verdict. */
static bool name_asked(const struct proving *pr, const char *name, const struct sca_verdict *v)
{
	size_t lo = 0, hi = pr->n_named;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(name, pr->named[mid]->name) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < pr->n_named && strcmp(name, pr->named[lo]->name) == 0; lo++)
		if (proof_keeps(pr->named[lo], v))
			return true;
	return false;
}

/* Whether some ask for that very call is kept by the verdict; *ret_any: there is an ask. */
static bool call_asked(const struct proving *pr, const struct sca_change *c, bool *ret_any)
{
	size_t n;
	const struct proof_ask *asks = asks_for(pr, c->arch, c->nr, &n);

	*ret_any = n > 0;
	for (size_t i = 0; i < n; i++)
		if (proof_keeps(&asks[i], &c->after))
			return true;
	return false;
}

static bool in_filter(const struct sca_filter *f, uint32_t arch)
{
	for (size_t i = 0; i < f->info.n_archs; i++)
		if (f->info.archs[i] == arch)
			return true;
	return false;
}

static bool arch_asked(const struct proving *pr, uint32_t arch)
{
	for (size_t i = 0; i < pr->n_asks; i++)
		if (pr->asks[i].call.arch == arch)
			return true;
	return false;
}

/* -- changes -- */

/* socketcall and ipc carry many calls, chosen by argument 0; libseccomp numbers them so. */
static int multiplex_base(uint32_t arch, const char *syscall)
{
	int base = 0;

	if (syscall && strcmp(syscall, "socketcall") == 0)
		base = -100;
	else if (syscall && strcmp(syscall, "ipc") == 0)
		base = -200;
	return base && seccomp_syscall_resolve_name_arch(arch, "shmget") < 0 ? base : 0;
}

static bool inner_name_asked(const struct proving *pr, const struct sca_change *c)
{
	int base = multiplex_base(c->arch, c->syscall);
	_cleanup_free_ char *inner = NULL;

	if (base == 0 || c->args[0] == 0 || c->args[0] > 31)
		return false;
	inner = seccomp_syscall_resolve_num_arch(c->arch, base - (int)c->args[0]);
	return inner && name_asked(pr, inner, &c->after);
}

static bool known_call(const struct sca_filter *f, const struct sca_verdict *v, uint32_t arch,
		       int32_t nr)
{
	return v->by == SCA_BY_DEFAULT || (v->by == SCA_BY_RULE && filter_find(f, arch, nr));
}

/* A number crosses the stub's edge while the rules say what they said before. */
static bool is_stub_shift(const struct proving *pr, const struct sca_change *c)
{
	const struct sca_filter *const *f = pr->pw->f;

	if (c->before.by == SCA_BY_STUB)
		return c->after.by != SCA_BY_STUB && known_call(f[0], &c->after, c->arch, c->nr);
	return c->after.by == SCA_BY_STUB && known_call(f[1], &c->before, c->arch, c->nr);
}

static enum blame find_blame(const struct proving *pr, const struct sca_change *c, bool owned)
{
	const struct sca_filter *const *f = pr->pw->f;
	bool any;

	if (call_asked(pr, c, &any) && owned)
		return BLAME_ASKED;
	if (!any && ((c->syscall && name_asked(pr, c->syscall, &c->after)) || inner_name_asked(pr, c)))
		return BLAME_SAME_NAME;
	if (!in_filter(f[0], c->arch) && in_filter(f[1], c->arch) && arch_asked(pr, c->arch))
		return BLAME_NEW_ARCH;
	return is_stub_shift(pr, c) ? BLAME_STUB_SHIFT : BLAME_UNASKED;
}

static struct sca_verdict verdict_of(const struct sca_filter *f, const struct sca_call *call,
				     uint32_t value, size_t pc)
{
	if (f->info.disabled)
		return (struct sca_verdict){.action = SCA_ACT_ALLOW, .by = SCA_BY_NONE};
	return filter_verdict(f, call, value, pc);
}

static bool same_verdict(const struct sca_verdict *a, const struct sca_verdict *b)
{
	return a->action == b->action && a->data == b->data && a->by == b->by;
}

/* Same change, but for arguments or a neighbouring number without a name. */
static bool absorbs(const struct entry *e, const struct sca_change *c, enum blame blame)
{
	const struct sca_change *p = &e->pub;

	if (e->blame != blame || p->arch != c->arch || !same_verdict(&p->before, &c->before) ||
	    !same_verdict(&p->after, &c->after))
		return false;
	if (p->nr == c->nr)
		return true;
	return !p->syscall && !c->syscall && !p->by_args && !c->by_args && p->nr_last + 1 == c->nr;
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

static int add_pairs(struct proving *pr, const struct sca_call *call, const char *name, bool cut)
{
	const struct proof_walk *pw = pr->pw;

	for (size_t i = 0; i < pw->n; i++) {
		const struct proof_pair *p = &pw->pairs[i];
		struct sca_change c = {
			.arch = call->arch, .nr = call->nr, .nr_last = call->nr, .syscall = name,
			.before = verdict_of(pw->f[0], call, p->value[0], p->pc[0]),
			.after = verdict_of(pw->f[1], call, p->value[1], p->pc[1]),
			.by_args = cut || pw->n > 1,
		};
		int r;

		if (p->value[0] == p->value[1])
			continue;
		memcpy(c.args, p->args, sizeof(c.args));
		r = add_change(pr, &c, find_blame(pr, &c, p->owned));
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- comparing -- */

/* What the asked calls themselves do, so that a region can be told to be theirs. */
static int fill_own(struct proving *pr, struct proof_ask *asks, size_t n)
{
	struct proof_walk *pw = pr->pw;

	for (size_t i = 0; i < n; i++) {
		int r;

		if (asks[i].call.args_known == 0)
			continue;
		r = proof_walk_call(pw, &asks[i].call, -1, NULL, 0, pr->err);
		if (r < 0)
			return r;
		asks[i].n_own = 0;
		for (size_t j = 0; j < pw->n && asks[i].n_own < ARRAY_SIZE(asks[i].own); j++)
			memcpy(asks[i].own[asks[i].n_own++].value, pw->pairs[j].value,
			       sizeof(asks[i].own[0].value));
	}
	return 0;
}

static int compare_once(struct proving *pr, const struct sca_call *call, const char *name,
			int64_t above, bool cut)
{
	size_t n;
	struct proof_ask *asks = asks_for(pr, call->arch, call->nr, &n);
	int r = proof_walk_call(pr->pw, call, above, asks, n, pr->err);

	return r < 0 ? r : add_pairs(pr, call, name, cut);
}

static int compare_call(struct proving *pr, uint32_t arch, int32_t nr)
{
	struct sca_call call = {.arch = arch, .nr = nr};
	const char *name = sca_syscall_name(pr->names, arch, nr);
	size_t n;
	struct proof_ask *asks = asks_for(pr, arch, nr, &n);
	int r = fill_own(pr, asks, n);

	if (r < 0 || !multiplex_base(arch, name))
		return r < 0 ? r : compare_once(pr, &call, name, -1, false);
	call.args_known = 1;
	for (call.args[0] = 0; call.args[0] < 32 && r == 0; call.args[0]++)
		r = compare_once(pr, &call, name, -1, true);
	call.args_known = 0;
	return r < 0 ? r : compare_once(pr, &call, name, 31, true);
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

/* Those of both filters, and x32 wherever x86_64 is: its calls bear x86_64's token. */
static void collect_archs(struct proving *pr)
{
	uint32_t x32 = SCA_ARCH_X32;

	for (int i = 0; i < 3; i++) {
		const struct sca_filter_info *info = &pr->pw->f[i & 1]->info;
		const uint32_t *archs = i < 2 ? info->archs : &x32;
		size_t n = i < 2 ? info->n_archs : in_filter(pr->pw->f[0], SCA_ARCH_X86_64);

		for (size_t j = 0; j < n; j++) {
			size_t k = 0;

			while (k < pr->n_archs && pr->archs[k] != archs[j])
				k++;
			if (k == pr->n_archs && k < ARRAY_SIZE(pr->archs))
				pr->archs[pr->n_archs++] = archs[j];
		}
	}
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
		return sca_fail(pr->err, SCA_E_PROOF,
				"%zu of %zu calls would still be denied, the first is %s %s (%d)",
				t->still_denied, pr->n_asks, sca_arch_name(denied->call.arch),
				denied->name ? denied->name : "number", denied->call.nr);
	if (t->unasked == 0)
		return 0;
	for (size_t i = 0; i < pr->pf->n && !c; i++)
		if (pr->pf->v[i].blame == BLAME_UNASKED)
			c = &pr->pf->v[i].pub;
	return sca_fail(pr->err, SCA_E_PROOF,
			"%zu verdicts would change that nobody asked for, the first is %s %s (%d): %s "
			"to %s", t->unasked, sca_arch_name(c->arch), c->syscall ? c->syscall : "number",
			c->nr, sca_action_name(c->before.action), sca_action_name(c->after.action));
}

static int prove(struct proving *pr, const struct proof_ask *asks, size_t n)
{
	int r = sort_asks(pr, asks, n);

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

		if (f->outcome != SCA_OUT_PATCH && f->outcome != SCA_OUT_ENOSYS)
			continue;
		v[n] = (struct proof_ask){
			.call = {f->denial->arch, f->denial->nr, f->denial->args_known, {0}},
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
