/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled filter. It keeps its own copy of everything but the document that the nodes in
 * struct eff point into.
 *
 * One program holds runc's ENOSYS stub (the first stub_n instructions, often none) and what
 * libseccomp made of the rules. Verdicts come from running it as a whole, from the start.
 */
#ifndef SCA_FILTER_INT_H
#define SCA_FILTER_INT_H

#include "bpf.h"
#include "profile_int.h"

/* One call that some added rule names, on one architecture. Sorted by arch, nr, rule. */
struct filter_ref {
	uint32_t arch;
	int32_t nr;
	uint32_t rule; /* index in eff->rules */
};

struct stub_max {
	uint32_t arch;
	int32_t max; /* as libseccomp has it: with the x32 bit */
	struct sca_str name;
};

struct sca_filter {
	struct sca_target target;
	struct eff *eff;
	struct sca_filter_info info;
	bool bare; /* a program from elsewhere: eff has architectures only */
	struct sock_filter *prog;
	size_t n, stub_n;
	struct stub_max stub[ARRAY_SIZE(((struct sca_filter_info *)0)->archs)];
	size_t n_stub;
	struct filter_ref *refs;
	size_t n_refs, cap_refs;
	/* For reach.c: the program's distinct return values, and per instruction which of
	 * them can be reached from it. Bit 63 stands for all that found no bit. */
	uint32_t rets[63];
	size_t n_rets;
	uint64_t *ahead;
};

#define FILTER_OTHER_RETS (UINT64_C(1) << 63)

/* -- filter_stub.c -- */

/* Finds the per-architecture maxima. Then filter_stub_emit() writes the stub's instructions to
 * the END of v[0..cap) and returns their count; 0 when it does not fit. */
void filter_stub_find(struct sca_filter *f);
size_t filter_stub_emit(const struct sca_filter *f, struct sock_filter *v, size_t cap);

/* -- verdict.c -- */

/* The call as the program sees it; unknown arguments are 0. */
void filter_data(const struct sca_filter *f, const struct sca_call *call, struct bpf_data *ret);
static inline bool verdict_same(const struct sca_verdict *a, const struct sca_verdict *b)
{
	return a->action == b->action && a->data == b->data && a->by == b->by;
}
/* Bits of the words of bpf_data that the call gives: number, architecture, known arguments,
 * and the high words that are 0 for a 32-bit program. */
uint16_t filter_known_words(const struct sca_filter *f, const struct sca_call *call);
/* Words of bpf_data that hold an argument. */
size_t filter_word_low(const struct sca_filter *f, unsigned arg);
size_t filter_word_high(const struct sca_filter *f, unsigned arg);
/* Verdict of a return value. pc: index of the RET. */
struct sca_verdict filter_verdict(const struct sca_filter *f, const struct sca_call *call,
				  uint32_t value, size_t pc);
/* First reference to a call, NULL when no rule names it. */
const struct filter_ref *filter_find(const struct sca_filter *f, uint32_t arch, int32_t nr);

/* -- reach.c -- */

int filter_look_ahead(struct sca_filter *f);

#endif
