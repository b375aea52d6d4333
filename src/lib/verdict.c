/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts of a compiled filter for a call, and what the filter knows about itself.
 */
#include "filter_int.h"

#include <linux/audit.h>
#include <seccomp.h>

void sca_filter_info(const struct sca_filter *f, struct sca_filter_info *ret)
{
	*ret = f->info;
}

const void *sca_filter_program(struct sca_filter *f, size_t *ret_n, struct sca_err *err)
{
	if (f->info.disabled) {
		sca_fail(err, SCA_E_UNSUPPORTED,
			 "the profile sets no filter, so there is no program");
		return NULL;
	}
	*ret_n = f->n;
	return f->prog;
}

const struct eff *sca_filter_eff(const struct sca_filter *f)
{
	return f->eff;
}

const char *sca_by_name(enum sca_by by)
{
	static const char *const names[] = {
		[SCA_BY_RULE] = "rule",         [SCA_BY_DEFAULT] = "default",
		[SCA_BY_STUB] = "stub",         [SCA_BY_BAD_ARCH] = "bad_arch",
		[SCA_BY_NONE] = "none",         [SCA_BY_FILTER] = "filter",
	};

	return (size_t)by < ARRAY_SIZE(names) ? names[by] : NULL;
}

static bool little_endian(const struct sca_filter *f)
{
	return f->target.arch & __AUDIT_ARCH_LE;
}

size_t filter_word_low(const struct sca_filter *f, unsigned arg)
{
	return BPF_WORD_ARGS + 2 * arg + !little_endian(f);
}

size_t filter_word_high(const struct sca_filter *f, unsigned arg)
{
	return BPF_WORD_ARGS + 2 * arg + little_endian(f);
}

/* A 32-bit program's arguments have no high words. x32 is a 64-bit one in this. */
static bool has_high_words(uint32_t arch)
{
	return arch & __AUDIT_ARCH_64BIT || arch == SCA_ARCH_X32;
}

uint16_t filter_known_words(const struct sca_filter *f, const struct sca_call *call)
{
	unsigned known = 1u << BPF_WORD_NR | 1u << BPF_WORD_ARCH;

	for (unsigned i = 0; i < 6; i++) {
		if (call->args_known >> i & 1)
			known |= 1u << filter_word_low(f, i) | 1u << filter_word_high(f, i);
		if (!has_high_words(call->arch))
			known |= 1u << filter_word_high(f, i);
	}
	return (uint16_t)known;
}

void filter_data(const struct sca_filter *f, const struct sca_call *call, struct bpf_data *ret)
{
	int32_t nr;

	*ret = (struct bpf_data){0};
	sca_arch_to_record(call->arch, call->nr, &ret->w[BPF_WORD_ARCH], &nr);
	ret->w[BPF_WORD_NR] = (uint32_t)nr;
	for (unsigned i = 0; i < 6; i++) {
		if (!(call->args_known >> i & 1))
			continue;
		ret->w[filter_word_low(f, i)] = (uint32_t)call->args[i];
		if (has_high_words(call->arch))
			ret->w[filter_word_high(f, i)] = (uint32_t)(call->args[i] >> 32);
	}
}

const struct filter_ref *filter_find(const struct sca_filter *f, uint32_t arch, int32_t nr)
{
	size_t lo = 0, hi = f->n_refs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct filter_ref *r = &f->refs[mid];

		if (r->arch < arch || (r->arch == arch && r->nr < nr))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == f->n_refs || f->refs[lo].arch != arch || f->refs[lo].nr != nr)
		return NULL;
	return &f->refs[lo];
}

static bool has_arch(const struct sca_filter *f, uint32_t arch)
{
	for (size_t i = 0; i < f->eff->n_archs; i++)
		if (f->eff->archs[i] == arch)
			return true;
	return false;
}

static enum sca_by by_what(const struct sca_filter *f, const struct sca_call *call, size_t pc)
{
	if (f->bare)
		return SCA_BY_FILTER;
	if (pc < f->stub_n)
		return SCA_BY_STUB;
	if (!has_arch(f, call->arch))
		return SCA_BY_BAD_ARCH;
	return filter_find(f, call->arch, call->nr) ? SCA_BY_RULE : SCA_BY_DEFAULT;
}

struct sca_verdict filter_verdict(const struct sca_filter *f, const struct sca_call *call,
				  uint32_t value, size_t pc)
{
	struct sca_verdict v = {
		.action = sca_action_from_code(value, 0),
		.by = by_what(f, call, pc),
	};

	if (v.action == SCA_ACT_ERRNO || v.action == SCA_ACT_TRACE)
		v.data = (uint16_t)(value & SECCOMP_RET_DATA);
	/* as the kernel does; libseccomp writes no larger one, other filters may */
	if (v.action == SCA_ACT_ERRNO)
		v.data = MIN(v.data, (uint16_t)4095);
	return v;
}

void sca_filter_eval(const struct sca_filter *f, const struct sca_call *call,
		     struct sca_verdict *ret)
{
	struct bpf_data d;
	uint32_t value;
	size_t pc;

	if (f->info.disabled) {
		*ret = (struct sca_verdict){.action = SCA_ACT_ALLOW, .by = SCA_BY_NONE};
		return;
	}
	filter_data(f, call, &d);
	value = bpf_run(f->prog, &d, &pc);
	*ret = filter_verdict(f, call, value, pc);
}

size_t sca_filter_arg_values(const struct sca_filter *f, uint32_t arch, int32_t nr,
			     unsigned arg, uint64_t *out, size_t cap)
{
	const struct filter_ref *r = f->info.disabled ? NULL : filter_find(f, arch, nr);
	size_t n = 0;

	for (; r && r < f->refs + f->n_refs && r->arch == arch && r->nr == nr; r++) {
		const struct eff_rule *rule = &f->eff->rules[r->rule];

		for (size_t i = 0; i < rule->n_args && n < cap; i++) {
			const struct eff_arg *a = &rule->args[i];

			if (a->index != arg)
				continue;
			out[n++] = a->op == SCMP_CMP_MASKED_EQ ? a->value_two : a->value;
			if (a->op == SCMP_CMP_MASKED_EQ && n < cap)
				out[n++] = a->value;
		}
	}
	return n;
}
