/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions on arguments: whether a rule's hold for a denial, and which ones open exactly
 * the call that was denied.
 *
 * libseccomp compares 64 bits on 64-bit architectures, while the kernel cuts an int argument
 * to 32 afterwards; a condition on an int therefore masks the upper half off.
 */
#include "plan.h"

#include <seccomp.h>

#define ARCH_64BIT  0x80000000u /* __AUDIT_ARCH_64BIT */
#define ARCH_S390   0x16u
#define MASK_INT    0xffffffffull
/* The CLONE_NEW* bits that clone() takes; unshare() has CLONE_NEWTIME besides. */
#define MASK_CLONE   0x7e020000ull
#define MASK_UNSHARE 0x7e020080ull

/* Which argument says what a call does, for calls that do many things. */
static const struct selector {
	const char *name;
	unsigned index;
	uint64_t mask; /* 0: the whole value */
	bool flags;    /* a set of bits: the mask of an existing rule is taken instead */
	unsigned index2;
	uint64_t mask2; /* 0: no second one; it is used when it is known */
} selectors[] = {
	{"clone", 0, MASK_CLONE, true, 0, 0},
	{"unshare", 0, MASK_UNSHARE, true, 0, 0},
	{"personality", 0, 0, false, 0, 0},
	{"socket", 0, MASK_INT, false, 1, 0xf},
	{"ioctl", 1, MASK_INT, false, 0, 0},
	{"fcntl", 1, MASK_INT, false, 0, 0},
	{"fcntl64", 1, MASK_INT, false, 0, 0},
	{"prctl", 0, MASK_INT, false, 0, 0},
};

static const struct selector *selector_find(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++)
		if (str_eq(name, sca_str_z(selectors[i].name)))
			return &selectors[i];
	return NULL;
}

static bool arg_holds(const struct eff_arg *a, uint64_t arg, bool wide)
{
	uint64_t width = wide ? UINT64_MAX : MASK_INT;
	uint64_t x = arg & width, y = a->value & width;

	switch (a->op) {
	case SCMP_CMP_NE:
		return x != y;
	case SCMP_CMP_LT:
		return x < y;
	case SCMP_CMP_LE:
		return x <= y;
	case SCMP_CMP_EQ:
		return x == y;
	case SCMP_CMP_GE:
		return x >= y;
	case SCMP_CMP_GT:
		return x > y;
	case SCMP_CMP_MASKED_EQ:
		return (x & y) == (a->value_two & width);
	default:
		return false;
	}
}

bool rule_split(const struct eff_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->n_args; i++) {
		unsigned bit = rule->args[i].index < PLAN_ARGS ? 1u << rule->args[i].index : 0;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

enum match rule_match(const struct eff_rule *rule, const struct sca_denial *d)
{
	bool wide = d->arch & ARCH_64BIT, any = rule_split(rule);
	size_t yes = 0, no = 0;

	for (size_t i = 0; i < rule->n_args; i++) {
		const struct eff_arg *a = &rule->args[i];

		if (a->index >= PLAN_ARGS || !(d->args_known & 1u << a->index))
			continue;
		if (arg_holds(a, d->args[a->index], wide))
			yes++;
		else
			no++;
	}
	if (any)
		return yes ? MATCH_YES : no == rule->n_args ? MATCH_NO : MATCH_UNKNOWN;
	return no ? MATCH_NO : yes == rule->n_args ? MATCH_YES : MATCH_UNKNOWN;
}

bool rule_exact(const struct eff_rule *rule)
{
	if (rule_split(rule))
		return false;
	for (size_t i = 0; i < rule->n_args; i++) {
		const struct eff_arg *a = &rule->args[i];

		if (a->op != SCMP_CMP_EQ &&
		    (a->op != SCMP_CMP_MASKED_EQ || (a->value & MASK_INT) != MASK_INT))
			return false;
	}
	return rule->n_args > 0;
}

/* The last live conditional rule that allows: a new one stands best behind it. */
static const struct eff_rule *sibling(const struct call_name *cn)
{
	const struct eff_rule *last = NULL;

	for (const struct mention *m = cn->first; m; m = m->next)
		if (mention_live(m) && m->rule->n_args && lets_through(m->rule->action))
			last = m->rule;
	return last;
}

static void add_condition(struct narrow *nw, const struct sca_denial *d, unsigned index,
			  uint64_t mask)
{
	uint64_t arg = d->args[index];

	nw->v[nw->n++] = (struct condition){index, mask, mask ? arg & mask : arg};
}

/* By the call's own selector. Returns the argument that is missing, or -1. */
static int by_selector(const struct selector *sel, const struct sca_denial *d, struct narrow *nw)
{
	unsigned index = sel->index;
	uint64_t mask = sel->mask;

	if (str_is(sca_str_z(sel->name), "clone") &&
	    (d->arch == SCA_ARCH_S390X || d->arch == ARCH_S390))
		index = 1;
	if (nw->like && sel->flags && nw->like->n_args == 1 &&
	    nw->like->args[0].op == SCMP_CMP_MASKED_EQ) {
		index = nw->like->args[0].index;
		mask = nw->like->args[0].value;
	}
	if (!(d->args_known & 1u << index))
		return (int)index;
	add_condition(nw, d, index, mask);
	if (sel->mask2 && d->args_known & 1u << sel->index2)
		add_condition(nw, d, sel->index2, sel->mask2);
	return -1;
}

static bool has_condition(const struct narrow *nw, unsigned index)
{
	for (size_t i = 0; i < nw->n; i++)
		if (nw->v[i].index == index)
			return true;
	return false;
}

/* A rule that denies some values of another argument must keep to do so: the new one says which
 * value of it was meant. */
static int beside_denying(const struct find *f, struct narrow *nw)
{
	const struct sca_denial *d = f->pub.denial;

	for (const struct mention *m = f->name->first; m; m = m->next) {
		if (!mention_live(m) || lets_through(m->rule->action))
			continue;
		for (size_t i = 0; i < m->rule->n_args; i++) {
			unsigned index = m->rule->args[i].index;

			if (index >= PLAN_ARGS || has_condition(nw, index))
				continue;
			if (!(d->args_known & 1u << index))
				return (int)index;
			add_condition(nw, d, index, 0);
		}
	}
	return -1;
}

/* By what the live conditional rules look at: the same arguments, each with the mask that all
 * of them use, or else the whole value. */
static int by_siblings(const struct find *f, struct narrow *nw)
{
	const struct sca_denial *d = f->pub.denial;
	uint64_t mask[PLAN_ARGS] = {0};
	bool used[PLAN_ARGS] = {false}, whole[PLAN_ARGS] = {false};

	for (const struct mention *m = f->name->first; m; m = m->next) {
		if (!mention_live(m))
			continue;
		for (size_t i = 0; i < m->rule->n_args; i++) {
			const struct eff_arg *a = &m->rule->args[i];

			if (a->index >= PLAN_ARGS)
				continue;
			whole[a->index] |= a->op != SCMP_CMP_MASKED_EQ ||
					   (used[a->index] && mask[a->index] != a->value);
			used[a->index] = true;
			mask[a->index] = a->value;
		}
	}
	for (unsigned i = 0; i < PLAN_ARGS; i++) {
		if (!used[i])
			continue;
		if (!(d->args_known & 1u << i))
			return (int)i;
		add_condition(nw, d, i, whole[i] ? 0 : mask[i]);
	}
	return -1;
}

int plan_narrow(struct sca_plan *pl, const struct find *f, struct narrow **ret,
		int *ret_missing, struct sca_err *err)
{
	const struct selector *sel = selector_find(f->name->name);
	struct narrow *nw;
	int missing;

	*ret = NULL;
	*ret_missing = -1;
	if (plan_multiplexer(f->pub.syscall)) {
		*ret_missing = f->pub.denial->args_known & 1 ? -1 : 0;
		return 0;
	}
	if (!sel && !f->conditional)
		return 0;
	nw = arena_alloc(&pl->arena, sizeof(*nw));
	if (!nw)
		return plan_no_memory(err);
	nw->like = sibling(f->name);
	nw->cause = (size_t)(f - pl->finds);
	missing = sel ? by_selector(sel, f->pub.denial, nw) : by_siblings(f, nw);
	if (missing < 0)
		missing = beside_denying(f, nw);
	*ret_missing = missing;
	if (missing < 0 && nw->n)
		*ret = nw;
	return 0;
}

bool narrow_equal(const struct narrow *a, const struct narrow *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].index != b->v[i].index || a->v[i].mask != b->v[i].mask ||
		    a->v[i].value != b->v[i].value)
			return false;
	return true;
}

/* net/socket.c and ipc/syscall.c of the kernel. */
static const struct {
	const char *multiplexer;
	unsigned first, n;
	const char *calls[20];
} multiplexers[] = {
	{"socketcall", 1, 20,
	 {"socket", "bind", "connect", "listen", "accept", "getsockname", "getpeername",
	  "socketpair", "send", "recv", "sendto", "recvfrom", "shutdown", "setsockopt",
	  "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg"}},
	{"ipc", 1, 4, {"semop", "semget", "semctl", "semtimedop"}},
	{"ipc", 11, 4, {"msgsnd", "msgrcv", "msgget", "msgctl"}},
	{"ipc", 21, 4, {"shmat", "shmdt", "shmget", "shmctl"}},
};

bool plan_multiplexer(const char *syscall)
{
	for (size_t i = 0; syscall && i < ARRAY_SIZE(multiplexers); i++)
		if (strcmp(multiplexers[i].multiplexer, syscall) == 0)
			return true;
	return false;
}

const char *plan_multiplexer_of(struct sca_str call, unsigned *ret_arg0)
{
	for (size_t i = 0; i < ARRAY_SIZE(multiplexers); i++)
		for (unsigned j = 0; j < multiplexers[i].n; j++) {
			if (!str_eq(call, sca_str_z(multiplexers[i].calls[j])))
				continue;
			*ret_arg0 = multiplexers[i].first + j;
			return multiplexers[i].multiplexer;
		}
	return NULL;
}

const char *plan_multiplexed(const char *syscall, const struct sca_denial *d)
{
	/* ipc() has a version number in the upper half. */
	uint64_t call = d->args[0] & 0xffff;

	for (size_t i = 0; syscall && d->args_known & 1 && i < ARRAY_SIZE(multiplexers); i++)
		if (strcmp(multiplexers[i].multiplexer, syscall) == 0 &&
		    call >= multiplexers[i].first &&
		    call < multiplexers[i].first + multiplexers[i].n)
			return multiplexers[i].calls[call - multiplexers[i].first];
	return NULL;
}
