/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

/* -- one word: is there a value that satisfies all constraints on it? -- */

enum maybe { NEVER, PERHAPS, ALWAYS };

static enum maybe negate(enum maybe m)
{
	return (enum maybe)(ALWAYS - m);
}

/* The constraint for all values that agree with v but for the bits `open`, which v has not. */
static enum maybe holds(const struct walk_step *s, uint32_t v, uint32_t open)
{
	uint32_t least = v & s->mask, most = (v | open) & s->mask;
	enum maybe m;

	switch (s->op) {
	case BPF_JEQ:
		if ((s->k & ~s->mask) || ((v ^ s->k) & s->mask & ~open))
			m = NEVER;
		else
			m = least == most ? ALWAYS : PERHAPS;
		break;
	case BPF_JGT:
		m = least > s->k ? ALWAYS : most > s->k ? PERHAPS : NEVER;
		break;
	case BPF_JGE:
		m = least >= s->k ? ALWAYS : most >= s->k ? PERHAPS : NEVER;
		break;
	default: /* BPF_JSET */
		m = least & s->k ? ALWAYS : most & s->k ? PERHAPS : NEVER;
		break;
	}
	return s->truth ? m : negate(m);
}

/* All constraints on a word; *ret_bits are the open bits that undecided ones look at. */
static enum maybe all_hold(struct walk *w, uint8_t word, uint32_t v, uint32_t open,
			   uint32_t *ret_bits)
{
	enum maybe all = ALWAYS;

	*ret_bits = 0;
	w->work += w->n;
	for (size_t i = 0; i < w->n && all != NEVER; i++) {
		const struct walk_step *s = &w->steps[i];
		enum maybe m = s->word == word ? holds(s, v, open) : ALWAYS;

		if (m == PERHAPS)
			*ret_bits |= s->mask & open;
		all = MIN(all, m);
	}
	return all;
}

/*
 * Decides open bits from the highest down, 0 before 1, but only bits that matter to some
 * constraint that is still undecided; the others stay 0. The smallest value is found.
 */
static bool solve_open(struct walk *w, uint8_t word, uint32_t v, uint32_t open, uint32_t *ret)
{
	uint32_t bits, bit;
	enum maybe m = all_hold(w, word, v, open, &bits);

	if (m == ALWAYS)
		*ret = v;
	if (m != PERHAPS)
		return m == ALWAYS;
	if (w->work > w->max_work) {
		w->complete = false;
		return false;
	}
	bit = UINT32_C(1) << (31 - __builtin_clz(bits));
	return solve_open(w, word, v, open ^ bit, ret) ||
	       solve_open(w, word, v | bit, open ^ bit, ret);
}

/* Equalities fix bits; what contradicts them is seen at once. */
static bool solve(struct walk *w, uint8_t word)
{
	uint32_t v = 0, open = UINT32_MAX;

	for (size_t i = 0; i < w->n; i++) {
		const struct walk_step *s = &w->steps[i];

		if (s->word != word || s->op != BPF_JEQ || !s->truth)
			continue;
		if ((s->k & ~s->mask) || ((v ^ s->k) & s->mask & ~open))
			return false;
		v |= s->k;
		open &= ~s->mask;
	}
	w->work += w->n;
	return solve_open(w, word, v, open, &w->input.w[word]);
}

/* -- paths -- */

struct place {
	size_t prog, pc;
	uint8_t word; /* of the accumulator; BPF_WORDS for the constant 0 */
	uint32_t mask;
};

void walk_init(struct walk *w, uint64_t max_work)
{
	memset(w, 0, offsetof(struct walk, steps));
	w->max_work = max_work;
	w->complete = true;
}

bool walk_assume(struct walk *w, unsigned word, uint8_t op, uint32_t k, bool truth)
{
	w->steps[w->n++] = (struct walk_step){
		.mask = UINT32_MAX, .k = k, .word = (uint8_t)word, .op = op, .truth = truth,
		.flipped = true,
	};
	w->fixed = w->n;
	return solve(w, (uint8_t)word);
}

static uint32_t accumulator(const struct walk *w, const struct place *at)
{
	return at->word == BPF_WORDS ? 0 : w->input.w[at->word] & at->mask;
}

/* A test: goes the way that the present witness goes, and notes it when the other is open. */
static bool test(struct walk *w, struct place *at, const struct sock_filter *p)
{
	bool truth = bpf_taken(p->code, accumulator(w, at), p->k);

	if (at->word != BPF_WORDS && !(w->known >> at->word & 1)) {
		if (w->n == WALK_STEPS) {
			w->complete = false;
			return false;
		}
		w->steps[w->n++] = (struct walk_step){
			.mask = at->mask, .k = p->k, .pc = (uint16_t)at->pc, .word = at->word,
			.op = BPF_OP(p->code), .truth = truth, .prog = (uint8_t)at->prog,
		};
	}
	at->pc += 1u + (truth ? p->jt : p->jf);
	return true;
}

/* Runs to a leaf. False when the path is cut: nothing new ahead, or the limit. */
static bool run(struct walk *w, struct place at)
{
	for (;;) {
		const struct sock_filter *p = &w->prog[at.prog][at.pc];

		if (++w->work > w->max_work) {
			w->complete = false;
			return false;
		}
		if (w->ahead && !(w->ahead[at.pc] & ~w->found))
			return false;
		switch (p->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			at.word = (uint8_t)(p->k / 4);
			at.mask = UINT32_MAX;
			at.pc++;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			at.mask &= p->k;
			at.pc++;
			break;
		case BPF_JMP | BPF_JA:
			at.pc += 1 + p->k;
			break;
		case BPF_RET | BPF_K:
			w->value[at.prog] = p->k;
			w->ret_pc[at.prog] = at.pc;
			if (++at.prog == w->n_progs)
				return true;
			at = (struct place){.prog = at.prog, .word = BPF_WORDS};
			break;
		default:
			if (!test(w, &at, p))
				return false;
		}
	}
}

/* Takes the last test that has a way left the other way. */
static bool backtrack(struct walk *w, struct place *ret)
{
	while (w->n > w->fixed) {
		struct walk_step *s = &w->steps[w->n - 1];
		const struct sock_filter *p = &w->prog[s->prog][s->pc];

		if (!s->flipped) {
			s->flipped = true;
			s->truth = !s->truth;
			if (solve(w, s->word)) {
				*ret = (struct place){s->prog,
						      s->pc + 1u + (s->truth ? p->jt : p->jf),
						      s->word, s->mask};
				return true;
			}
		}
		w->n--;
	}
	return false;
}

bool walk_next(struct walk *w)
{
	struct place at = {.word = BPF_WORDS};

	if (w->started && !backtrack(w, &at))
		return false;
	w->started = true;
	while (!run(w, at))
		if (w->work > w->max_work || !backtrack(w, &at))
			return false;
	return true;
}
