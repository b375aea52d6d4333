/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of verdicts over unknown arguments, against brute force. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>
#include <seccomp.h>

#include "filter_int.h"
#include "verdict_help.h"
#include "walk.h"
#include "with_names.h"

#define E(args, ret) \
	"{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':" #ret ",'args':[" args "]}"
#define C(i, o, v)     "{'index':" #i ",'op':'SCMP_CMP_" #o "','value':" #v "}"
#define M(i, mask, v) \
	"{'index':" #i ",'op':'SCMP_CMP_MASKED_EQ','value':" #mask ",'valueTwo':" #v "}"
#define P(rules) "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" rules "]}"

static void test_sets(void **state _unused_)
{
	static const struct {
		const char *json, *call, *want;
	} rows[] = {
		{P(E("", 1)), "x86_64 mkdir", "errno(1) rule"},
		{P(E(C(0, EQ, 5), 1)), "x86_64 mkdir", "errno(1) rule | allow rule"},
		{P(E(C(0, EQ, 5), 1)), "x86_64 mkdir 5", "errno(1) rule"},
		{P(E(C(0, EQ, 5), 1)), "x86_64 mkdir 0x100000005", "allow rule"},
		{P(E(C(0, EQ, 5), 1)), "x86_64 mkdir ?,5", "errno(1) rule | allow rule"},
		{P(E(C(0, EQ, 5) "," C(1, EQ, 6), 1)), "x86_64 mkdir 5",
		 "errno(1) rule | allow rule"},
		{P(E(C(0, EQ, 5) "," C(1, EQ, 6), 1)), "x86_64 mkdir ?,7", "allow rule"},
		/* the default can not be reached: every value is covered */
		{P(E(C(0, LE, 5), 1) "," E(C(0, GT, 5), 2)), "x86_64 mkdir",
		 "errno(1) rule | errno(2) rule"},
		{P(E(C(0, NE, 5), 1) "," E(C(0, EQ, 5), 2)), "x86_64 mkdir",
		 "errno(1) rule | errno(2) rule"},
		{P(E(M(0, 1, 0), 1) "," E(M(0, 1, 1), 2)), "x86_64 mkdir",
		 "errno(1) rule | errno(2) rule"},
		/* a mask that no value can satisfy */
		{P(E(M(0, 1, 0), 1)), "x86_64 mkdir", "errno(1) rule | allow rule"},
		/* other calls and architectures are not concerned */
		{P(E(C(0, EQ, 5), 1)), "x86_64 rmdir", "allow default"},
		{P(E(C(0, EQ, 5), 1)), "x86 mkdir", "kill_thread bad_arch"},
		{P(E(C(0, EQ, 5), 1)), "x86_64 -1", "allow default"},
		{"{}", "x86_64 mkdir", "allow none"},
		/* more than fit */
		{P(E(C(0, EQ, 1), 1) "," E(C(0, EQ, 2), 2) "," E(C(0, EQ, 3), 3) "," E(
			 C(0, EQ, 4), 4) "," E(C(0, EQ, 5),
					       5) "," E(C(0, EQ, 6),
							6) "," E(C(0, EQ, 7),
								 7) "," E(C(0, EQ, 8), 8)),
		 "x86_64 mkdir 3", "errno(3) rule"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_filter *f = compile(rows[i].json, "oci", names);
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_reach reach;
		struct sca_call call;

		assert_true(call_from(&call, sca_str_z(rows[i].call), names));
		sca_filter_reach(f, &call, &reach);
		add_reach_text(&b, &reach);
		if (!str_eq(buf_str(&b), sca_str_z(rows[i].want)) ||
		    reach.by_args != (reach.n > 1))
			fail_msg("%s: %s\nwant %s\ngot  %s", rows[i].json, rows[i].call,
				 rows[i].want, b.p);
		sca_filter_free(f);
	}
}

static void test_overflow(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_call call = {.arch = SCA_ARCH_X86_64, .nr = 83};
	struct sca_filter *f;
	struct sca_reach reach;

	buf_add_z(&b, "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[");
	for (unsigned i = 1; i <= 20; i++)
		buf_addf(&b,
			 ""
			 "%s{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':%u,'args':["
			 "{'index':0,'op':'SCMP_CMP_EQ','value':%u}]}",
			 i > 1 ? "," : "", i, i);
	buf_add_z(&b, "]}");
	f = compile(b.p, "oci", names);
	sca_filter_reach(f, &call, &reach);
	assert_int_equal(reach.n, SCA_REACH_MAX);
	assert_false(reach.complete);
	assert_true(reach.by_args);
	sca_filter_free(f);
}

/* -- random profiles -- */

struct rng {
	uint64_t s;
};

static unsigned below(struct rng *r, unsigned n)
{
	return (unsigned)(next_random(&r->s) >> 33) % n;
}

/* Few and telling values, so that conditions meet each other. */
static uint64_t pick_value(struct rng *r)
{
	static const uint64_t v[] = {
		0, 1, 2, 5, 8, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000005,
		0x7e020000, 0x10000000, UINT64_MAX, UINT64_MAX - 1, 0x8000000000000000,
	};

	return v[below(r, ARRAY_SIZE(v))];
}

static void add_random_rule(struct buf *b, struct rng *r)
{
	static const char *const ops[] = {"EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ"};
	static const char *const actions[] = {"ALLOW", "ERRNO", "LOG", "KILL_PROCESS", "TRAP"};
	const char *name = below(r, 4) ? "mkdir" : "socket";
	unsigned args = 1 + below(r, 3);

	buf_addf(b, "{'names':['%s'],'action':'SCMP_ACT_%s','args':[", name,
		 actions[below(r, ARRAY_SIZE(actions))]);
	for (unsigned i = 0; i < args; i++) {
		const char *op = ops[below(r, ARRAY_SIZE(ops))];
		uint64_t mask = pick_value(r), v = pick_value(r);
		bool masked = strcmp(op, "MASKED_EQ") == 0;

		buf_addf(b,
			 "%s{'index':%u,'op':'SCMP_CMP_%s','value':%" PRIu64
			 ",'valueTwo':%" PRIu64 "}",
			 i ? "," : "", below(r, 3), op, masked ? mask : v, v & mask);
	}
	buf_add_z(b, "]}");
}

/* NULL when libseccomp refuses the rules as contradictory. */
static struct sca_filter *random_filter(struct rng *r)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	unsigned n = 1 + below(r, 5);
	struct sca_filter *f = NULL;

	buf_add_z(&b, "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':77,'architectures':"
		      "['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],'syscalls':[");
	for (unsigned i = 0; i < n; i++) {
		buf_add_z(&b, i ? "," : "");
		add_random_rule(&b, r);
	}
	buf_add_z(&b, "]}");
	return compile_text(&f, b.p, below(r, 2) ? "oci" : "oci crun", names, NULL) < 0 ? NULL
											: f;
}

/* Candidate values of one argument: the constants of the program, their neighbours, and the
 * same with other upper halves. */
static size_t candidates(const struct sca_filter *f, struct rng *r, uint64_t out[], size_t cap)
{
	size_t n = 0;

	for (size_t pc = 0; pc < f->n && n + 4 < cap; pc++) {
		uint64_t k = f->prog[pc].k;

		if (!bpf_is_jump(f->prog[pc].code) || k > UINT32_MAX || below(r, 3) == 0)
			continue;
		k += below(r, 3);
		k -= 1;
		out[n++] = k;
		out[n++] = k & UINT32_MAX;
		out[n++] = k << 32 | pick_value(r);
	}
	out[n++] = pick_value(r);
	return n;
}

static bool in_reach(const struct sca_reach *reach, const struct sca_verdict *v)
{
	for (size_t i = 0; i < reach->n; i++)
		if (reach->v[i].action == v->action && reach->v[i].data == v->data &&
		    reach->v[i].by == v->by)
			return true;
	return false;
}

/* Nothing outside of the set is ever seen. */
static void check_contains(const struct sca_filter *f, const struct sca_call *open,
			   struct rng *r)
{
	uint64_t v[48];
	size_t n = candidates(f, r, v, ARRAY_SIZE(v));
	struct sca_reach reach;

	sca_filter_reach(f, open, &reach);
	assert_true(reach.n > 0);
	assert_true(reach.complete);
	for (unsigned i = 0; i < 400; i++) {
		struct sca_call call = *open;
		struct sca_verdict got;

		for (unsigned a = 0; a < 3; a++)
			if (!(open->args_known >> a & 1))
				call.args[a] = v[below(r, (unsigned)n)];
		call.args_known = 7;
		sca_filter_eval(f, &call, &got);
		if (!in_reach(&reach, &got))
			fail_msg("%s(%d) by %d is reached with %" PRIx64 ",%" PRIx64
				 ",%" PRIx64,
				 sca_action_name(got.action), got.data, got.by, call.args[0],
				 call.args[1], call.args[2]);
	}
}

/* And everything in it is: each leaf of the full walk has an input that gets there. */
static void check_witnesses(const struct sca_filter *f, const struct sca_call *open)
{
	static struct walk w;
	struct sca_reach reach;
	uint64_t leaves = 0;
	bool met[SCA_REACH_MAX] = {false};

	sca_filter_reach(f, open, &reach);
	walk_init(&w, 1u << 24);
	w.prog[0] = f->prog;
	w.n_progs = 1;
	w.known = 1u << BPF_WORD_NR | 1u << BPF_WORD_ARCH;
	filter_data(f, open, &w.input);
	while (walk_next(&w)) {
		struct sca_verdict v = filter_verdict(f, open, w.value[0], w.ret_pc[0]);
		size_t pc;

		assert_int_equal(bpf_run(f->prog, &w.input, &pc), w.value[0]);
		assert_int_equal(pc, w.ret_pc[0]);
		assert_true(in_reach(&reach, &v));
		for (size_t i = 0; i < reach.n; i++)
			met[i] |= reach.v[i].action == v.action && reach.v[i].data == v.data;
		leaves++;
	}
	assert_true(w.complete);
	assert_true(leaves >= reach.n);
	for (size_t i = 0; i < reach.n; i++)
		assert_true(met[i]);
}

static void test_random(void **state _unused_)
{
	struct rng r = {0x5ca0d17};
	unsigned done = 0, by_args = 0;

	for (unsigned i = 0; i < 600; i++) {
		static const int32_t numbers[] = {83, 41, 39, 359, 102};
		struct sca_filter *f = random_filter(&r);

		if (!f)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(numbers); j++) {
			struct sca_call open = {.arch = j < 2 ? SCA_ARCH_X86_64 : SCA_ARCH_X86,
						.nr = numbers[j]};
			struct sca_reach reach;

			check_witnesses(f, &open);
			check_contains(f, &open, &r);
			sca_filter_reach(f, &open, &reach);
			by_args += reach.by_args;
			open.args_known = 1;
			open.args[0] = pick_value(&r);
			check_contains(f, &open, &r);
		}
		done++;
		sca_filter_free(f);
	}
	print_message("%u random profiles, %u calls that depend on arguments\n", done, by_args);
	assert_true(done > 100 && by_args > 100);
}

/* The solver of one word against all values of a small one. */
static void test_word(void **state _unused_)
{
	static const uint8_t ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
	struct rng r = {0xbadc0de};
	unsigned sat = 0;

	for (unsigned i = 0; i < 4000; i++) {
		struct sock_filter prog[40];
		bool want[2] = {false, false};
		unsigned n = 1 + below(&r, 6);
		size_t pc = 0;
		static struct walk w;
		unsigned leaves = 0;

		/* 1 when all tests on the low byte pass, else 0 */
		for (unsigned t = 0; t < n; t++) {
			bool truth = below(&r, 2);
			uint8_t miss = (uint8_t)(3 * (n - t) - 3 + 1);

			uint32_t mask = below(&r, 2) ? 0xff : below(&r, 256);
			uint16_t op = ops[below(&r, 4)];
			uint32_t k = below(&r, 256);

			prog[pc++] = (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, 16};
			prog[pc++] =
				(struct sock_filter){BPF_ALU | BPF_AND | BPF_K, 0, 0, mask};
			prog[pc++] =
				(struct sock_filter){(uint16_t)(BPF_JMP | op | BPF_K),
						     truth ? 0 : miss, truth ? miss : 0, k};
		}
		prog[pc++] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, 1};
		prog[pc++] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, 0};
		assert_int_equal(bpf_check(prog, pc, NULL), 0);
		for (unsigned v = 0; v < 256; v++) {
			struct bpf_data d = {.w = {[4] = v}};
			size_t at;

			want[bpf_run(prog, &d, &at)] = true;
		}
		walk_init(&w, 1u << 20);
		w.prog[0] = prog;
		w.n_progs = 1;
		while (walk_next(&w)) {
			size_t at;

			leaves |= 1u << w.value[0];
			assert_int_equal(bpf_run(prog, &w.input, &at), w.value[0]);
		}
		if (leaves != (want[0] | (unsigned)want[1] << 1) || !w.complete)
			fail_msg("program %u: leaves %u", i, leaves);
		sat += want[1];
	}
	print_message("%u of 4000 conjunctions can hold\n", sat);
	assert_true(sat > 400 && sat < 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),   cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_random), cmocka_unit_test(test_word),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
