/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing two programs for one call: exactly, over all values of the unknown arguments.
 *
 * Most calls test no argument: one run each. Where arguments are tested, the programs are
 * first compared by shape from the first undecided test on; equal shape is equal behaviour,
 * and that settles the calls that a patch does not touch. What is left is walked jointly:
 * every path of the old program, and under its constraints every path of the new one.
 */
#include "proof_int.h"

#include <linux/seccomp.h>

/* Of all calls together, some seconds: a process may hold a filter that is made to be long to
 * compare. Of real profiles no two take more than 80,000 steps. */
#define WORK (UINT64_C(128) << 20)

static const struct sock_filter allow_all[] = {
	{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
};

static const struct sock_filter *program(const struct sca_filter *f)
{
	return f->info.disabled ? allow_all : f->prog;
}

struct cursor {
	const struct sock_filter *prog;
	size_t pc;
	uint8_t word;
	uint32_t mask;
};

/* Goes on to the next undecided test, or to the RET. */
static const struct sock_filter *settle(const struct walk *w, struct cursor *c)
{
	for (;;) {
		const struct sock_filter *p = &c->prog[c->pc];

		if (p->code == (BPF_LD | BPF_W | BPF_ABS)) {
			c->word = (uint8_t)(p->k / 4);
			c->mask = UINT32_MAX;
			c->pc++;
		} else if (p->code == (BPF_ALU | BPF_AND | BPF_K)) {
			c->mask &= p->k;
			c->pc++;
		} else if (p->code == (BPF_JMP | BPF_JA)) {
			c->pc += 1 + p->k;
		} else if (p->code == (BPF_RET | BPF_K) || c->word == BPF_WORDS ||
			   !(w->known >> c->word & 1)) {
			return p;
		} else {
			uint32_t a = w->input.w[c->word] & c->mask;

			c->pc += 1u + (bpf_taken(p->code, a, p->k) ? p->jt : p->jf);
		}
	}
}

/* Notes a pair of tests. False when it was there with another accumulator, or no room is left;
 * *ret_new tells whether it is the first time. */
static bool visit(struct proof_walk *pw, const struct test_pair *t, bool *ret_new)
{
	size_t slot = (t->a * 31u + t->b * 17u) % ARRAY_SIZE(pw->visited);

	*ret_new = false;
	for (; pw->visited[slot].a; slot = (slot + 1) % ARRAY_SIZE(pw->visited)) {
		const struct test_pair *v = &pw->visited[slot];

		if (v->a == t->a && v->b == t->b)
			return v->word == t->word && v->mask == t->mask;
	}
	if (++pw->n_visited > ARRAY_SIZE(pw->visited) / 2)
		return false;
	pw->visited[slot] = *t;
	*ret_new = true;
	return true;
}

/* Compares the next undecided tests, or returns, of both; tests are put on the list. */
static bool same_next(struct proof_walk *pw, struct cursor c[2])
{
	const struct sock_filter *p = settle(&pw->walk, &c[0]), *q = settle(&pw->walk, &c[1]);

	if (p->code != q->code || p->k != q->k)
		return false;
	if (p->code == (BPF_RET | BPF_K))
		return true;
	if (c[0].word != c[1].word || c[0].mask != c[1].mask ||
	    pw->n_todo == ARRAY_SIZE(pw->todo))
		return false;
	pw->todo[pw->n_todo++] = (struct test_pair){
		(uint16_t)(c[0].pc + 1), (uint16_t)(c[1].pc + 1), c[0].word, c[0].mask,
	};
	return true;
}

/* Whether both programs make the same tests in the same order with the same results. */
static bool same_shape(struct proof_walk *pw)
{
	const struct sock_filter *const prog[2] = {pw->walk.prog[0], pw->walk.prog[1]};
	struct cursor c[2] = {{prog[0], 0, BPF_WORDS, 0}, {prog[1], 0, BPF_WORDS, 0}};

	pw->n_todo = 0;
	if (!same_next(pw, c))
		return false;
	if (pw->n_todo == 0)
		return true;
	memset(pw->visited, 0, sizeof(pw->visited));
	pw->n_visited = 0;
	while (pw->n_todo > 0) {
		const struct test_pair t = pw->todo[--pw->n_todo];
		bool is_new;

		if (!visit(pw, &t, &is_new))
			return false;
		for (int way = 0; is_new && way < 2; way++) {
			for (int i = 0; i < 2; i++) {
				size_t pc = (i ? t.b : t.a) - 1u;
				const struct sock_filter *p = &prog[i][pc];

				c[i] = (struct cursor){prog[i], pc + 1 + (way ? p->jt : p->jf),
						       t.word, t.mask};
			}
			if (!same_next(pw, c))
				return false;
		}
	}
	return true;
}

/* A word of an ask's arguments; false when the ask does not know it. */
static bool ask_word(const struct proof_walk *pw, const struct proof_ask *ask, uint8_t word,
		     uint32_t *ret)
{
	for (unsigned i = 0; i < 6; i++) {
		bool low = word == filter_word_low(pw->f[0], i);

		if (!low && word != filter_word_high(pw->f[0], i))
			continue;
		*ret = (uint32_t)(low ? ask->call.args[i] : ask->call.args[i] >> 32);
		return ask->call.args_known >> i & 1;
	}
	return false;
}

/*
 * What was assumed, and the tests by which the new program singles out the present path. That
 * a word differs from some constant says nothing: rules for other values make such cuts
 * through any region.
 */
static size_t selecting(const struct walk *w, const struct walk_step *ret[], size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n && n < cap; i++)
		if (i < w->fixed || (w->steps[i].prog == 1 &&
				     (w->steps[i].op != BPF_JEQ || w->steps[i].truth)))
			ret[n++] = &w->steps[i];
	return n;
}

/* Whether an ask knows no argument otherwise than the call at work has it. */
static bool agrees(const struct proof_walk *pw, const struct proof_ask *ask)
{
	for (unsigned i = 0; i < 6; i++) {
		size_t word = filter_word_low(pw->f[0], i);
		uint32_t v;

		if (pw->walk.known >> word & 1 && ask_word(pw, ask, (uint8_t)word, &v) &&
		    v != pw->walk.input.w[word])
			return false;
	}
	return true;
}

/*
 * Whose ask's doing the present leaf is: what it knows passes the selecting tests, and its own
 * verdict moves from and to the same. An ask that knows no argument owns all.
 */
static enum proof_owner owner_of(const struct proof_walk *pw, const struct proof_ask *asks, size_t n_asks)
{
	const struct walk *w = &pw->walk;
	const struct walk_step *s[64];
	size_t n = n_asks ? selecting(w, s, ARRAY_SIZE(s)) : 0;

	for (size_t i = 0; i < n_asks; i++) {
		const struct proof_ask *ask = &asks[i];
		bool fits = ask->call.args_known == 0;
		uint32_t v;

		for (unsigned j = 0; j < ask->n_own && !fits; j++)
			fits = ask->own[j].value[0] == w->value[0] &&
			       ask->own[j].value[1] == w->value[1] && agrees(pw, ask);
		for (size_t j = 0; j < n && fits; j++)
			fits = !ask_word(pw, ask, s[j]->word, &v) ||
			       bpf_taken(s[j]->op, v & s[j]->mask, s[j]->k) == s[j]->truth;
		if (fits)
			return ask->namesake ? OWNER_NAMESAKE : OWNER_SELF;
	}
	return OWNER_NONE;
}

static bool add_pair(struct proof_walk *pw, enum proof_owner owner)
{
	const struct walk *w = &pw->walk;
	struct proof_pair *p = &pw->pairs[pw->n];

	for (size_t i = 0; i < pw->n; i++)
		if (pw->pairs[i].value[0] == w->value[0] &&
		    pw->pairs[i].value[1] == w->value[1] && pw->pairs[i].owner == owner)
			return true;
	if (pw->n == PROOF_PAIRS)
		return false;
	for (int i = 0; i < 2; i++) {
		p->value[i] = w->value[i];
		p->pc[i] = w->ret_pc[i];
	}
	for (unsigned a = 0; a < 6; a++)
		p->args[a] = w->input.w[filter_word_low(pw->f[0], a)] |
			     (uint64_t)w->input.w[filter_word_high(pw->f[0], a)] << 32;
	p->owner = owner;
	pw->n++;
	return true;
}

/* The arguments outside of those that were compared one by one. False when there are none. */
static bool assume(struct proof_walk *pw, enum proof_rest rest)
{
	unsigned low = (unsigned)filter_word_low(pw->f[0], 0);
	unsigned high = (unsigned)filter_word_high(pw->f[0], 0);

	switch (rest) {
	case REST_LOW:
		return walk_assume(&pw->walk, low, BPF_JGE, PROOF_INNER, true);
	case REST_HIGH:
		return !(pw->walk.known >> high & 1) &&
		       walk_assume(&pw->walk, high, BPF_JEQ, 0, false);
	default:
		return true;
	}
}

int proof_walk_call(struct proof_walk *pw, const struct sca_call *call, enum proof_rest rest,
		    const struct proof_ask *asks, size_t n_asks, struct sca_err *err)
{
	struct walk *w = &pw->walk;
	bool room = true;

	pw->n = 0;
	walk_init(w, WORK - MIN(pw->work, WORK));
	w->n_progs = 2;
	w->known = filter_known_words(pw->f[0], call);
	filter_data(pw->f[0], call, &w->input);
	for (int i = 0; i < 2; i++)
		w->prog[i] = program(pw->f[i]);
	if (same_shape(pw)) {
		pw->compared++;
		return 0;
	}
	room = assume(pw, rest);
	while (room && walk_next(w)) {
		bool moves = w->value[0] != w->value[1];

		room = add_pair(pw, moves ? owner_of(pw, asks, n_asks) : OWNER_NONE);
		pw->compared++;
	}
	pw->work += w->work;
	if (!w->complete || (!room && pw->n == PROOF_PAIRS))
		return sca_fail(
			err, SCA_E_LIMIT,
			"the conditions on call %d are too many to compare; simplify them",
			call->nr);
	return 0;
}

/* -- numbers -- */

static int compare_numbers(const void *pa, const void *pb)
{
	int32_t a = *(const int32_t *)pa, b = *(const int32_t *)pb;

	return a < b ? -1 : a > b;
}

/* Past the last number that any kernel of today knows, but not out to ARM's private calls. */
static int32_t dense_end(uint32_t arch, struct sca_names *names)
{
	int32_t last = sca_syscall_last(names, arch);

	if (last >= 8192)
		for (last = 1023; last > 0 && !sca_syscall_name(names, arch, last);)
			last--;
	return last + 64;
}

/* -1 is what a tracer makes of a call that it skips; x32 has none of its own. */
static bool add_number(uint32_t arch, int32_t **v, size_t *cap, size_t *n, int64_t nr)
{
	if (nr < -(arch != SCA_ARCH_X32) || nr >= SCA_X32_BIT)
		return true;
	if (!vec_grow(v, cap, *n))
		return false;
	(*v)[(*n)++] = (int32_t)nr;
	return true;
}

/* Between two neighbouring constants of a program all numbers fare alike. */
static bool add_constants(const struct proof_walk *pw, uint32_t arch, int32_t **v, size_t *cap,
			  size_t *n)
{
	for (int i = 0; i < 2; i++) {
		const struct sca_filter *f = pw->f[i];

		for (size_t pc = 0; pc < f->n; pc++) {
			int64_t k = f->prog[pc].k;

			if (!bpf_is_jump(f->prog[pc].code))
				continue;
			if (arch == SCA_ARCH_X32)
				k &= ~(int64_t)SCA_X32_BIT;
			for (int64_t d = -1; d <= 1; d++)
				if (!add_number(arch, v, cap, n, k + d))
					return false;
		}
	}
	return true;
}

int proof_numbers(const struct proof_walk *pw, uint32_t arch, struct sca_names *names,
		  int32_t **ret, size_t *ret_n)
{
	int32_t *v = NULL, end = dense_end(arch, names);
	size_t n = 0, cap = 0, kept = 0;
	bool ok = true;

	for (int32_t nr = -1; ok && nr <= end; nr++)
		ok = add_number(arch, &v, &cap, &n, nr);
	if (!ok || !add_constants(pw, arch, &v, &cap, &n) || !v) {
		free(v);
		return -ENOMEM;
	}
	qsort(v, n, sizeof(*v), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || v[i] != v[kept - 1])
			v[kept++] = v[i];
	*ret = v;
	*ret_n = kept;
	return 0;
}
