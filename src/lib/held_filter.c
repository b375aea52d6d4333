/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters out of bare programs, and stacks of them as one program.
 *
 * Two filters in one: each return of the newer becomes a jump into a copy of the older in which
 * every return is the stricter of the two. Returns of a program have few values, so the copies
 * are few; and the result is as good as any other program for walking and comparing. Each program
 * starts with an accumulator of 0, so a copy begins with an instruction that makes it so.
 */
#include "held_int.h"

#include <linux/seccomp.h>

#define STACK_MAX 65000 /* walk.c counts instructions in 16 bits */

static int no_memory(struct sca_err *err)
{
	return sca_fail(err, -ENOMEM, "no memory for the filter of a process");
}

static void add_arch(struct eff *e, uint32_t arch)
{
	for (size_t i = 0; i < e->n_archs; i++)
		if (e->archs[i] == arch)
			return;
	if (e->n_archs < ARRAY_SIZE(e->archs))
		e->archs[e->n_archs++] = arch;
}

/* Native first; what this machine runs besides; what the program asks for. */
static void collect_archs(struct sca_filter *f)
{
	struct eff *e = f->eff;

	add_arch(e, f->target.arch);
	if (f->target.arch == SCA_ARCH_X86_64) {
		add_arch(e, SCA_ARCH_X86);
		add_arch(e, SCA_ARCH_X32);
	} else if (f->target.arch == SCA_ARCH_AARCH64) {
		add_arch(e, SCA_ARCH_ARM);
	}
	for (size_t pc = 0; pc < f->n; pc++)
		if (f->prog[pc].code == (BPF_JMP | BPF_JEQ | BPF_K) && sca_arch_name(f->prog[pc].k))
			add_arch(e, f->prog[pc].k);
	f->info.n_archs = e->n_archs;
	memcpy(f->info.archs, e->archs, sizeof(f->info.archs));
}

/* Takes the program over. */
static int wrap(struct sca_filter **ret, struct sock_filter *prog, size_t n, struct sca_err *err)
{
	struct sca_filter *f = calloc(1, sizeof(*f));

	if (f)
		f->eff = calloc(1, sizeof(*f->eff));
	if (!f || !f->eff) {
		free(f);
		free(prog);
		return no_memory(err);
	}
	f->bare = true;
	f->target.arch = sca_arch_native();
	f->eff->default_node = f->eff->syscalls_node = f->eff->archs_node = JT_NONE;
	f->eff->default_action = SCA_ACT_ALLOW;
	f->prog = prog;
	f->n = f->info.instructions = n;
	collect_archs(f);
	if (filter_look_ahead(f) < 0) {
		sca_filter_free(f);
		return no_memory(err);
	}
	*ret = f;
	return 0;
}

int held_wrap(struct sca_filter **ret, const struct sock_filter *prog, size_t n,
	      struct sca_err *err)
{
	struct sock_filter *copy;
	int r = bpf_check(prog, n, err);

	if (r < 0)
		return r;
	copy = calloc(n, sizeof(*copy));
	if (!copy)
		return no_memory(err);
	memcpy(copy, prog, n * sizeof(*copy));
	return wrap(ret, copy, n, err);
}

/* kernel/seccomp.c, seccomp_run_filters(): the newest filter runs first, and another's answer
 * counts when its action is smaller as a signed number. */
static uint32_t strictest(uint32_t newer, uint32_t older)
{
	int32_t a = (int32_t)(newer & SECCOMP_RET_ACTION_FULL);
	int32_t b = (int32_t)(older & SECCOMP_RET_ACTION_FULL);

	return b < a ? older : newer;
}

static size_t distinct_returns(const struct sca_filter *f, uint32_t *v, size_t cap)
{
	size_t n = 0;

	for (size_t pc = 0; pc < f->n; pc++) {
		size_t i = 0;

		if (f->prog[pc].code != (BPF_RET | BPF_K))
			continue;
		while (i < n && v[i] != f->prog[pc].k)
			i++;
		if (i == n && n < cap)
			v[n++] = f->prog[pc].k;
	}
	return n;
}

static void fill_stack(struct sock_filter *to, const struct sca_filter *newer,
		       const struct sca_filter *older, const uint32_t *rets, size_t n_rets)
{
	for (size_t pc = 0; pc < newer->n; pc++) {
		size_t i = 0;

		to[pc] = newer->prog[pc];
		if (to[pc].code != (BPF_RET | BPF_K))
			continue;
		while (i + 1 < n_rets && rets[i] != to[pc].k)
			i++;
		to[pc] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0,
					      (uint32_t)(newer->n - pc - 1 + i * (older->n + 1))};
	}
	to += newer->n;
	for (size_t i = 0; i < n_rets; i++, to += older->n) {
		*to++ = (struct sock_filter){BPF_ALU | BPF_AND | BPF_K, 0, 0, 0};
		for (size_t pc = 0; pc < older->n; pc++) {
			to[pc] = older->prog[pc];
			if (to[pc].code == (BPF_RET | BPF_K))
				to[pc].k = strictest(rets[i], to[pc].k);
		}
	}
}

int held_stack(struct sca_filter **ret, const struct sca_filter *newer,
	       const struct sca_filter *older, struct sca_err *err)
{
	uint32_t rets[256];
	size_t n_rets = distinct_returns(newer, rets, ARRAY_SIZE(rets)), n;
	struct sock_filter *v;

	if (n_rets == 0 || n_rets == ARRAY_SIZE(rets) || mul_overflow(n_rets, older->n + 1, &n) ||
	    add_overflow(n, newer->n, &n) || n > STACK_MAX)
		return sca_fail(err, SCA_E_LIMIT,
				"the filters of the process are too long to be joined; look at them "
				"one by one");
	v = calloc(n, sizeof(*v));
	if (!v)
		return no_memory(err);
	fill_stack(v, newer, older, rets, n_rets);
	return wrap(ret, v, n, err);
}
