/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF as seccomp filters use it: loads of 32-bit words of struct seccomp_data, AND
 * with a constant, forward jumps, return of a constant. Neither libseccomp nor runc emits
 * anything else; a program with another opcode is refused, not guessed at.
 *
 * bpf_check() guarantees what the others rely on: every load is an aligned word inside the
 * data, every jump lands inside the program, the last instruction returns. Jumps only go
 * forward, so a run takes at most n steps.
 */
#ifndef SCA_BPF_H
#define SCA_BPF_H

#include "base.h"

#include <linux/filter.h>

#define BPF_WORDS 16 /* of struct seccomp_data: nr, arch, ip, args */

enum {
	BPF_WORD_NR = 0,
	BPF_WORD_ARCH = 1,
	BPF_WORD_ARGS = 4, /* two words each, the low one first on a little-endian machine */
};

/* seccomp_data as a program sees it, one 32-bit word after the other. */
struct bpf_data {
	uint32_t w[BPF_WORDS];
};

int bpf_check(const struct sock_filter *prog, size_t n, struct sca_err *err);

/* Value of the RET that is reached, and its index. */
uint32_t bpf_run(const struct sock_filter *prog, const struct bpf_data *d, size_t *ret_pc);

/* Whether a conditional jump with the accumulator `a` is taken. */
static inline bool bpf_taken(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default: /* BPF_JSET */
		return a & k;
	}
}

static inline bool bpf_is_jump(uint16_t code)
{
	return BPF_CLASS(code) == BPF_JMP && code != (BPF_JMP | BPF_JA);
}

#endif
