/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose doing a change is: that of a call that was asked for, of its name on another
 * architecture, of an architecture that was asked for, of runc's stub; or nobody's.
 */
#include "proof_int.h"

#include <seccomp.h>

int proof_multiplex_base(uint32_t arch, const char *syscall)
{
	int base = 0;

	if (syscall && strcmp(syscall, "socketcall") == 0)
		base = -100;
	else if (syscall && strcmp(syscall, "ipc") == 0)
		base = -200;
	return base && seccomp_syscall_resolve_name_arch(arch, "shmget") < 0 ? base : 0;
}

/* The call that socketcall or ipc carries. False when it is neither, or has no such number. */
static bool inner_name(uint32_t arch, const char *syscall, uint64_t number, char out[32])
{
	int base = proof_multiplex_base(arch, syscall);
	_cleanup_free_ char *name = NULL;

	if (base == 0 || number == 0 || number >= PROOF_INNER)
		return false;
	name = seccomp_syscall_resolve_num_arch(arch, base - (int)number);
	if (name)
		snprintf(out, 32, "%s", name);
	return name;
}

const char *proof_name(const struct proof_ask *ask)
{
	return ask->inner[0] ? ask->inner : ask->name;
}

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

	return strcmp(proof_name(*a), proof_name(*b));
}

int proof_sort_asks(struct proving *pr, const struct proof_ask *asks, size_t n)
{
	pr->asks = calloc(MAX(n, (size_t)1), sizeof(*pr->asks));
	pr->named = calloc(MAX(n, (size_t)1), sizeof(*pr->named));
	pr->here = calloc(MAX(n, (size_t)1), sizeof(*pr->here));
	if (!pr->asks || !pr->named || !pr->here)
		return -ENOMEM;
	pr->n_asks = n;
	if (n == 0)
		return 0;
	memcpy(pr->asks, asks, n * sizeof(*asks));
	qsort(pr->asks, n, sizeof(*pr->asks), compare_calls);
	for (size_t i = 0; i < n; i++) {
		struct proof_ask *ask = &pr->asks[i];

		if (ask->call.args_known & 1)
			inner_name(ask->call.arch, ask->name, ask->call.args[0], ask->inner);
		if (ask->name)
			pr->named[pr->n_named++] = ask;
	}
	if (pr->n_named)
		qsort(pr->named, pr->n_named, sizeof(*pr->named), compare_names);
	return 0;
}

/* The asks for one call: the first and their count. */
static const struct proof_ask *asks_for(const struct proving *pr, uint32_t arch, int32_t nr,
					size_t *ret_n)
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

/* Where the asks for a name begin in the list of names; *ret_end: behind the last. */
static size_t named_asks(const struct proving *pr, const char *name, size_t *ret_end)
{
	size_t lo = 0, hi = pr->n_named, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(name, proof_name(pr->named[mid])) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < pr->n_named && strcmp(name, proof_name(pr->named[end])) == 0;)
		end++;
	*ret_end = end;
	return lo;
}

void proof_gather(struct proving *pr, uint32_t arch, int32_t nr, const char *name)
{
	const struct proof_ask *own = asks_for(pr, arch, nr, &pr->n_here);
	size_t end;

	memcpy(pr->here, own, pr->n_here * sizeof(*own));
	/* Where nobody asks for the very call, its name is enough, whatever the arguments. */
	if (pr->n_here == 0 || !name || proof_multiplex_base(arch, name))
		return;
	for (size_t i = named_asks(pr, name, &end); i < end; i++) {
		struct proof_ask *ask = &pr->here[pr->n_here];

		if (pr->named[i]->call.arch == arch || pr->named[i]->inner[0])
			continue;
		*ask = *pr->named[i];
		ask->call.arch = arch;
		ask->call.nr = nr;
		ask->namesake = true;
		pr->n_here++;
	}
}

/* Whether some ask for that name is kept by the verdict. */
static bool name_asked(const struct proving *pr, const char *name, const struct sca_verdict *v)
{
	size_t end;

	for (size_t i = named_asks(pr, name, &end); i < end; i++)
		if (proof_keeps(pr->named[i], v))
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

bool proof_in_filter(const struct sca_filter *f, uint32_t arch)
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

/* -- blame -- */

static bool inner_name_asked(const struct proving *pr, const struct sca_change *c)
{
	char inner[32];

	return inner_name(c->arch, c->syscall, c->args[0], inner) &&
	       name_asked(pr, inner, &c->after);
}

/* What the default says may come from beside a rule: socketcall and ipc carry many calls, and a
 * rule for one of them names the number. */
static bool known_call(const struct sca_filter *f, const struct sca_verdict *v, uint32_t arch,
		       int32_t nr)
{
	return v->by == SCA_BY_DEFAULT ||
	       (v->by == SCA_BY_RULE && (filter_find(f, arch, nr) ||
					 (v->action == f->eff->default_action &&
					  v->data == f->eff->default_err)));
}

/* A number crosses the stub's edge while the rules say what they said before. */
static bool is_stub_shift(const struct proving *pr, const struct sca_change *c)
{
	const struct sca_filter *const *f = pr->pw->f;

	if (c->before.by == SCA_BY_STUB)
		return c->after.by != SCA_BY_STUB &&
		       known_call(f[0], &c->after, c->arch, c->nr);
	return c->after.by == SCA_BY_STUB && known_call(f[1], &c->before, c->arch, c->nr);
}

enum blame proof_blame(const struct proving *pr, const struct sca_change *c,
		       enum proof_owner owner)
{
	const struct sca_filter *const *f = pr->pw->f;
	bool any;

	if (call_asked(pr, c, &any) && owner == OWNER_SELF)
		return BLAME_ASKED;
	if ((!any || owner == OWNER_NAMESAKE) && c->syscall &&
	    name_asked(pr, c->syscall, &c->after))
		return BLAME_SAME_NAME;
	if (!any && inner_name_asked(pr, c))
		return BLAME_SAME_NAME;
	if (!proof_in_filter(f[0], c->arch) && proof_in_filter(f[1], c->arch) &&
	    arch_asked(pr, c->arch))
		return BLAME_NEW_ARCH;
	return is_stub_shift(pr, c) ? BLAME_STUB_SHIFT : BLAME_UNASKED;
}
