/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters as a process may hold them. An input is a stack of programs and calls to try. Aborts
 * when a program that was taken runs out of itself, when the stack answers other than its
 * programs one by one do, when a verdict is missing from those that unknown arguments leave open,
 * when a path's witness takes another path, or when a comparison misses a difference or makes one
 * up.
 */
#include "fuzz.h"

#include <linux/seccomp.h>

#include "held_int.h"
#include "walk.h"

#define PROGRAMS 3
#define LENGTH   64 /* instructions */
#define CALLS    8
#define WORK     200000

struct stack {
	struct sock_filter v[PROGRAMS][LENGTH];
	size_t n[PROGRAMS], count;
};

static struct sca_names *names;

/* Mostly what passes the check, at times not. */
static struct sock_filter instruction(struct input *in, size_t room)
{
	static const uint16_t codes[] = {
		BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGT | BPF_K,
		BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JSET | BPF_K, BPF_JMP | BPF_JA,
		BPF_ALU | BPF_AND | BPF_K, BPF_RET | BPF_K,
	};
	uint8_t op = input_byte(in);
	struct sock_filter p;

	p.jt = input_byte(in);
	p.jf = input_byte(in);
	p.k = (uint32_t)input_number(in, 4);
	if (op & 0x80) {
		p.code = op & 0x7f;
		return p;
	}
	p.code = codes[op % ARRAY_SIZE(codes)];
	if (p.code == (BPF_LD | BPF_W | BPF_ABS))
		p.k = p.k % BPF_WORDS * 4;
	else if (p.code == (BPF_JMP | BPF_JA))
		p.k = room ? p.k % (uint32_t)room : 0;
	if (bpf_is_jump(p.code) && room) {
		p.jt = (uint8_t)(p.jt % room);
		p.jf = (uint8_t)(p.jf % room);
	}
	return p;
}

static void read_stack(struct input *in, struct stack *st)
{
	st->count = 1 + input_byte(in) % PROGRAMS;
	for (size_t i = 0; i < st->count; i++) {
		st->n[i] = input_byte(in) % (LENGTH + 1);
		for (size_t pc = 0; pc < st->n[i]; pc++)
			st->v[i][pc] = instruction(in, st->n[i] - pc - 1);
		if (st->n[i] && !(input_byte(in) & 0x80))
			st->v[i][st->n[i] - 1].code = BPF_RET | BPF_K;
	}
}

/* As the kernel runs it, every step checked. */
static uint32_t run_one(const struct sock_filter *v, size_t n, const struct bpf_data *d)
{
	uint32_t a = 0;
	size_t pc = 0;

	for (size_t steps = 0; steps <= n; steps++) {
		const struct sock_filter *p = &v[pc];

		must(pc < n, "a run stays in the program");
		switch (p->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			must(p->k < sizeof(*d) && p->k % 4 == 0, "a load stays in the data");
			a = d->w[p->k / 4];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= p->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += p->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == p->k ? p->jt : p->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > p->k ? p->jt : p->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= p->k ? p->jt : p->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += (a & p->k) ? p->jt : p->jf;
			break;
		default:
			must(p->code == (BPF_RET | BPF_K), "a known instruction");
			return p->k;
		}
		pc++;
	}
	must(false, "a run ends");
	return 0;
}

/* The strictest answer; of equal ones that of the newest, which is the first. */
static uint32_t run_all(const struct stack *st, const struct bpf_data *d)
{
	uint32_t ret = run_one(st->v[0], st->n[0], d);

	for (size_t i = 1; i < st->count; i++) {
		uint32_t one = run_one(st->v[i], st->n[i], d);

		if ((int32_t)(one & SECCOMP_RET_ACTION_FULL) <
		    (int32_t)(ret & SECCOMP_RET_ACTION_FULL))
			ret = one;
	}
	return ret;
}

static struct sca_call read_call(struct input *in)
{
	static const uint32_t archs[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32,
					 SCA_ARCH_AARCH64};
	struct sca_call c = {.arch = archs[input_byte(in) % ARRAY_SIZE(archs)]};

	c.nr = (int32_t)(input_number(in, 2) % 512);
	c.args_known = input_byte(in) & 63;
	for (unsigned i = 0; i < 6; i++)
		c.args[i] = input_number(in, i < 2 ? 8 : 1);
	return c;
}

static void check_call(const struct stack *st, const struct sca_filter *f, struct sca_call c)
{
	struct sca_reach reach;
	struct sca_verdict v, want;
	struct bpf_data d;
	bool found = false;
	uint32_t value;

	sca_filter_reach(f, &c, &reach);
	must(reach.n >= 1 && reach.n <= SCA_REACH_MAX, "some verdict is reached");
	must(reach.by_args == (reach.n > 1), "several are told");
	for (size_t i = 1; i < reach.n; i++)
		must(reach.v[i - 1].action <= reach.v[i].action, "the most severe is first");
	c.args_known = 63;
	filter_data(f, &c, &d);
	value = run_all(st, &d);
	want = filter_verdict(f, &c, value, 0);
	sca_filter_eval(f, &c, &v);
	must(v.by == SCA_BY_FILTER && verdict_same(&v, &want), "a stack answers as in the kernel");
	for (size_t i = 0; i < reach.n; i++)
		found |= verdict_same(&reach.v[i], &want);
	must(found || !reach.complete, "a verdict is among those that can be reached");
}

/* Every path of the program has an input that takes it. */
static void check_walk(const struct sca_filter *f, const struct sca_call *c)
{
	static struct walk w;
	size_t pc;

	walk_init(&w, WORK);
	w.prog[0] = f->prog;
	w.n_progs = 1;
	w.known = filter_known_words(f, c);
	filter_data(f, c, &w.input);
	for (unsigned i = 0; i < 1000 && walk_next(&w); i++)
		must(bpf_run(f->prog, &w.input, &pc) == w.value[0] && pc == w.ret_pc[0],
		     "a witness takes its path");
}

static bool listed(const struct sca_proof *pf, const struct sca_call *c)
{
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *ch = sca_proof_at(pf, i);

		if (ch->arch == c->arch && ch->nr <= c->nr && c->nr <= ch->nr_last)
			return true;
	}
	return false;
}

static void check_compare(const struct sca_held *h, const struct sca_call *calls)
{
	const struct sca_filter *a = sca_held_at(h, 0), *b = sca_held_filter(h);
	struct sca_err err = SCA_ERR_INIT;
	struct sca_proof *pf = NULL;
	int r = sca_held_compare(&pf, a, b, names, &err);

	must(r == 0 || (r == SCA_E_LIMIT && err.text[0]), "two filters compare");
	if (r < 0)
		return;
	must(a != b || sca_proof_count(pf) == 0, "a filter is what it is");
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *ch = sca_proof_at(pf, i);

		must(!verdict_same(&ch->before, &ch->after) && ch->nr <= ch->nr_last, "a change");
	}
	for (size_t i = 0; i < CALLS; i++) {
		struct sca_verdict va, vb;
		struct sca_call c = calls[i];

		c.args_known = 63;
		sca_filter_eval(a, &c, &va);
		sca_filter_eval(b, &c, &vb);
		must(verdict_same(&va, &vb) || listed(pf, &c) || c.arch == SCA_ARCH_AARCH64,
		     "a difference is found");
	}
	sca_proof_free(pf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, data + n};
	struct sca_err err = SCA_ERR_INIT;
	const void *programs[PROGRAMS];
	struct sca_call calls[CALLS];
	struct sca_held *h = NULL;
	struct stack st = {.count = 0};
	bool compare = input_byte(&in) & 1;
	int r;

	must(names || sca_names_new(&names, NULL) == 0, "memory");
	read_stack(&in, &st);
	for (size_t i = 0; i < st.count; i++)
		programs[i] = st.v[i];
	r = sca_held_new(&h, programs, st.n, st.count, &err);
	if (r < 0) {
		must((r == SCA_E_UNSUPPORTED || r == SCA_E_LIMIT) && err.code == r && err.text[0],
		     "a refusal says why");
		return 0;
	}
	for (size_t i = 0; i < CALLS; i++) {
		calls[i] = read_call(&in);
		check_call(&st, sca_held_filter(h), calls[i]);
		if (i % 4 == 0)
			check_walk(sca_held_filter(h), &calls[i]);
	}
	if (compare)
		check_compare(h, calls);
	sca_held_free(h);
	return 0;
}
