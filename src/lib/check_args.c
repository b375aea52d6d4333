/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions that do not do what they seem to do.
 */
#include "check.h"

#include <linux/audit.h>
#include <seccomp.h>

/* Arguments of which the kernel looks at the lower 32 bits only (int and unsigned int in the
 * kernel's own definitions; clone and personality cut their longs). Indices behind the name. */
static const struct narrow {
	const char *name, *indices;
} narrow[] = {
	{"socket", "012"},     {"socketpair", "012"}, {"personality", "0"}, {"clone", "0"},
	{"ioctl", "01"},       {"fcntl", "01"},       {"prctl", "0"},       {"bpf", "0"},
	{"kill", "01"},        {"tgkill", "012"},     {"tkill", "01"},      {"setns", "01"},
	{"setsockopt", "012"}, {"getsockopt", "012"}, {"seccomp", "0"},     {"madvise", "2"},
	{"futex", "1"},        {"keyctl", "0"},       {"open", "1"},        {"openat", "2"},
	{"memfd_create", "1"}, {"accept4", "3"},      {"shmctl", "01"},     {"msgctl", "01"},
	{"semctl", "012"},     {"setpriority", "012"}, {"flock", "1"},      {"umount2", "1"},
	{"arch_prctl", "0"},   {"sched_setscheduler", "01"},
};

/* s390 has clone's flags in the second argument. */
static bool is_narrow(const struct checking *ck, const struct narrow *n, unsigned arg)
{
	bool s390 = (ck->t->arch & 0xffff) == 22;

	if (s390 && strcmp(n->name, "clone") == 0)
		return arg == 1;
	return strchr(n->indices, (char)('0' + arg)) != NULL;
}

static bool lets_through(const struct checking *ck, int32_t nr, unsigned arg, uint64_t value)
{
	struct sca_call call = {.arch = ck->t->arch, .nr = nr, .args_known = 1u << arg};
	struct sca_reach reach;

	call.args[arg] = value;
	sca_filter_reach(ck->filter, &call, &reach);
	for (size_t i = 0; i < reach.n; i++)
		if (check_passes(&reach.v[i]))
			return true;
	return false;
}

/* A value that is denied, and goes through with an upper bit set that the kernel does not see. */
static bool find_bypass(const struct checking *ck, int32_t nr, unsigned arg, uint64_t *ret)
{
	uint64_t edge[64];
	size_t n = sca_filter_arg_values(ck->filter, ck->t->arch, nr, arg, edge,
					 ARRAY_SIZE(edge));

	for (size_t i = 0; i < n; i++) {
		for (int d = -1; d <= 1; d++) {
			uint64_t low = (edge[i] + (uint64_t)(int64_t)d) & UINT32_MAX;

			if (!lets_through(ck, nr, arg, low) &&
			    lets_through(ck, nr, arg, low | UINT64_C(1) << 32)) {
				*ret = low;
				return true;
			}
		}
	}
	return false;
}

static void wide_compare(struct checking *ck, const struct narrow *row)
{
	const struct eff_rule *rule = check_rule_for(ck, ck->t->arch, sca_str_z(row->name));
	const struct filter_ref *ref;
	uint64_t value;
	int32_t nr;

	if (!rule || sca_syscall_number(ck->names, ck->t->arch, sca_str_z(row->name), &nr) < 0)
		return;
	for (unsigned arg = 0; arg < 6; arg++) {
		if (!is_narrow(ck, row, arg) || !find_bypass(ck, nr, arg, &value))
			continue;
		ref = filter_find(ck->filter, ck->t->arch, nr);
		for (; ref < ck->filter->refs + ck->filter->n_refs && ref->nr == nr; ref++)
			if (ck->eff->rules[ref->rule].n_args)
				rule = &ck->eff->rules[ref->rule];
		check_add(ck, CHECK_WIDE_COMPARE,
			  check_member(ck, rule->node, "args"),
			  check_text(ck,
				     "%s: argument %u = %llu is denied, 0x1%08llx goes through",
				     row->name, arg, (unsigned long long)value,
				     (unsigned long long)value),
			  "The filter compares 64 bits, the kernel looks at the lower 32 of this "
			  "argument and takes both for the same.",
			  "Allow the wanted values one by one with SCMP_CMP_MASKED_EQ, value "
			  "4294967295 (the mask), valueTwo the value.");
		return;
	}
}

/* -- one condition, one rule -- */

static void one_condition(struct checking *ck, const struct eff_arg *a)
{
	if (a->op != SCMP_CMP_MASKED_EQ && a->value_two != 0)
		check_add(ck, CHECK_UNUSED_VALUE, a->node,
			  check_text(ck, "valueTwo %llu is not looked at",
				     (unsigned long long)a->value_two),
			  "Only SCMP_CMP_MASKED_EQ has two values: value is the mask, valueTwo what "
			  "the rest has to be.",
			  "Remove it, or use SCMP_CMP_MASKED_EQ.");
	if (a->op != SCMP_CMP_MASKED_EQ)
		return;
	if (a->value == 0)
		check_add(ck, CHECK_VOID_MASK, a->node,
			  check_text(ck, "the mask, value, is 0; valueTwo is 0x%llx",
				     (unsigned long long)a->value_two),
			  "libseccomp leaves such a condition out: every argument fits.",
			  "Put the mask into value and what is wanted into valueTwo.");
	else if (a->value_two & ~a->value)
		check_add(ck, CHECK_CUT_VALUE, a->node,
			  check_text(ck, "valueTwo 0x%llx has bits outside of the mask 0x%llx",
				     (unsigned long long)a->value_two,
				     (unsigned long long)a->value),
			  check_text(ck, "libseccomp cuts them off and compares with 0x%llx.",
				     (unsigned long long)(a->value_two & a->value)),
			  "Check whether value (the mask) and valueTwo are exchanged.");
}

static void conditions(struct checking *ck, const struct eff_rule *r)
{
	bool told = false;
	unsigned seen = 0;

	for (size_t i = 0; i < r->n_args; i++) {
		const struct eff_arg *a = &r->args[i];
		unsigned bit = a->index < 6 ? 1u << a->index : 0;

		one_condition(ck, a);
		if (seen & bit && !told) {
			told = true;
			check_add(ck, CHECK_SAME_ARGUMENT, a->node,
				  check_text(ck, "a second condition on argument %u", a->index),
				  "Runtimes make a rule of its own of each condition then: one that "
				  "holds is enough, those on other arguments included.",
				  "For a set of values write a rule for each; a range can not be "
				  "written.");
		}
		seen |= bit;
	}
}

void check_args(struct checking *ck)
{
	for (size_t i = 0; i < ck->eff->n_rules; i++)
		conditions(ck, &ck->eff->rules[i]);
	if (ck->t->arch & __AUDIT_ARCH_64BIT)
		for (size_t i = 0; i < ARRAY_SIZE(narrow); i++)
			wide_compare(ck, &narrow[i]);
}
