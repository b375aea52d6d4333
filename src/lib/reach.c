/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set of verdicts that unknown arguments leave open. walk.c enumerates paths; looking
 * ahead, a path is given up as soon as every return value it could still end in is known.
 */
#include "filter_int.h"
#include "walk.h"

#define REACH_WORK (4u << 20) /* some 10 ms */

static uint64_t ret_bit(struct sca_filter *f, uint32_t value)
{
	size_t i = 0;

	while (i < f->n_rets && f->rets[i] != value)
		i++;
	if (i == ARRAY_SIZE(f->rets))
		return FILTER_OTHER_RETS;
	if (i == f->n_rets)
		f->rets[f->n_rets++] = value;
	return UINT64_C(1) << i;
}

int filter_look_ahead(struct sca_filter *f)
{
	f->ahead = calloc(f->n, sizeof(*f->ahead));
	if (!f->ahead)
		return -ENOMEM;
	for (size_t pc = f->n; pc-- > 0;) {
		const struct sock_filter *p = &f->prog[pc];

		if (p->code == (BPF_RET | BPF_K))
			f->ahead[pc] = ret_bit(f, p->k);
		else if (p->code == (BPF_JMP | BPF_JA))
			f->ahead[pc] = f->ahead[pc + 1 + p->k];
		else if (bpf_is_jump(p->code))
			f->ahead[pc] = f->ahead[pc + 1 + p->jt] | f->ahead[pc + 1 + p->jf];
		else
			f->ahead[pc] = f->ahead[pc + 1];
	}
	return 0;
}

/* Keeps the set sorted: enum sca_action is in order of severity. */
static void add_verdict(struct sca_reach *r, struct sca_verdict v)
{
	size_t i = r->n;

	for (size_t j = 0; j < r->n; j++)
		if (verdict_same(&r->v[j], &v))
			return;
	if (r->n == SCA_REACH_MAX) {
		r->complete = false;
		return;
	}
	for (; i > 0 && (r->v[i - 1].action > v.action ||
			 (r->v[i - 1].action == v.action && r->v[i - 1].data > v.data)); i--)
		r->v[i] = r->v[i - 1];
	r->v[i] = v;
	r->n++;
}

void sca_filter_reach(const struct sca_filter *f, const struct sca_call *call,
		      struct sca_reach *ret)
{
	struct walk w;

	*ret = (struct sca_reach){.complete = true};
	if (f->info.disabled) {
		add_verdict(ret,
			    (struct sca_verdict){.action = SCA_ACT_ALLOW, .by = SCA_BY_NONE});
		return;
	}
	walk_init(&w, REACH_WORK);
	w.prog[0] = f->prog;
	w.n_progs = 1;
	w.ahead = f->ahead;
	w.known = filter_known_words(f, call);
	filter_data(f, call, &w.input);
	while (walk_next(&w)) {
		w.found |= f->ahead[w.ret_pc[0]] & ~FILTER_OTHER_RETS;
		add_verdict(ret, filter_verdict(f, call, w.value[0], w.ret_pc[0]));
	}
	ret->complete &= w.complete;
	ret->by_args = ret->n > 1;
	if (ret->n == 0) {
		struct sca_verdict v;

		sca_filter_eval(f, call, &v);
		add_verdict(ret, v);
	}
}
