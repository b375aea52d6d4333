/* SPDX-License-Identifier: Apache-2.0 */
/* The BPF validator and evaluator. */
#include "bpf.h"

#include <setjmp.h>
#include <cmocka.h>

#define LD(k)      {BPF_LD | BPF_W | BPF_ABS, 0, 0, (k)}
#define AND(k)     {BPF_ALU | BPF_AND | BPF_K, 0, 0, (k)}
#define JA(k)      {BPF_JMP | BPF_JA, 0, 0, (k)}
#define J(op, k, t, f) {BPF_JMP | (op) | BPF_K, (t), (f), (k)}
#define RET(k)     {BPF_RET | BPF_K, 0, 0, (k)}

#define INSNS 8

static void test_check(void **state _unused_)
{
	static const struct {
		const char *what;
		size_t n;
		struct sock_filter v[INSNS];
		bool ok;
	} rows[] = {
		{"a return", 1, {RET(0)}, true},
		{"nothing", 0, {RET(0)}, false},
		{"no return at the end", 1, {LD(0)}, false},
		{"load of the last word", 2, {LD(60), RET(0)}, true},
		{"load past the data", 2, {LD(64), RET(0)}, false},
		{"load across words", 2, {LD(2), RET(0)}, false},
		{"load far away", 2, {LD(UINT32_MAX), RET(0)}, false},
		{"jumps to the last one", 3, {J(BPF_JEQ, 0, 1, 0), RET(1), RET(0)}, true},
		{"jt past the end", 3, {J(BPF_JEQ, 0, 2, 0), RET(1), RET(0)}, false},
		{"jf past the end", 3, {J(BPF_JSET, 0, 0, 2), RET(1), RET(0)}, false},
		{"ja to the last one", 3, {JA(1), RET(1), RET(0)}, true},
		{"ja past the end", 3, {JA(2), RET(1), RET(0)}, false},
		{"ja around the world", 2, {JA(UINT32_MAX), RET(0)}, false},
		{"return of the accumulator", 1, {{BPF_RET | BPF_A, 0, 0, 0}}, false},
		{"byte load", 2, {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}, RET(0)}, false},
		{"indirect load", 2, {{BPF_LD | BPF_W | BPF_IND, 0, 0, 0}, RET(0)}, false},
		{"scratch memory", 2, {{BPF_ST, 0, 0, 0}, RET(0)}, false},
		{"compare with x", 2, {{BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0}, RET(0)}, false},
		{"division", 2, {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, RET(0)}, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_err err = SCA_ERR_INIT;
		int r = bpf_check(rows[i].v, rows[i].n, &err);

		if ((r == 0) != rows[i].ok || (r < 0 && r != SCA_E_UNSUPPORTED))
			fail_msg("%s: %d %s", rows[i].what, r, err.text);
	}
}

static void test_run(void **state _unused_)
{
	static const struct {
		const char *what;
		uint32_t word; /* value of word 4 */
		struct sock_filter v[INSNS];
		uint32_t ret;
		size_t pc;
	} rows[] = {
		{"jeq taken", 7, {LD(16), J(BPF_JEQ, 7, 1, 0), RET(1), RET(2)}, 2, 3},
		{"jeq not taken", 6, {LD(16), J(BPF_JEQ, 7, 1, 0), RET(1), RET(2)}, 1, 2},
		{"jgt at the border", 7, {LD(16), J(BPF_JGT, 7, 1, 0), RET(1), RET(2)}, 1, 2},
		{"jge at the border", 7, {LD(16), J(BPF_JGE, 7, 1, 0), RET(1), RET(2)}, 2, 3},
		{"jgt is unsigned",
		 UINT32_MAX,
		 {LD(16), J(BPF_JGT, 7, 1, 0), RET(1), RET(2)},
		 2,
		 3},
		{"jset", 6, {LD(16), J(BPF_JSET, 2, 1, 0), RET(1), RET(2)}, 2, 3},
		{"jset of nothing", 6, {LD(16), J(BPF_JSET, 9, 1, 0), RET(1), RET(2)}, 1, 2},
		{"and",
		 0x12345678,
		 {LD(16), AND(0xff), J(BPF_JEQ, 0x78, 1, 0), RET(1), RET(2)},
		 2,
		 4},
		{"ja", 0, {JA(2), RET(1), RET(2), RET(3)}, 3, 3},
		{"accumulator starts at 0", 5, {J(BPF_JEQ, 0, 1, 0), RET(1), RET(2)}, 2, 2},
		{"other word", 5, {LD(20), J(BPF_JEQ, 0, 1, 0), RET(1), RET(2)}, 2, 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bpf_data d = {.w = {[4] = rows[i].word}};
		size_t pc = 99;
		uint32_t ret = bpf_run(rows[i].v, &d, &pc);

		if (ret != rows[i].ret || pc != rows[i].pc)
			fail_msg("%s: returns %u at %zu", rows[i].what, ret, pc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
