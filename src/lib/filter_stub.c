/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runc's ENOSYS stub (libcontainer/seccomp/patchbpf, since 1.0.0-rc93): a call whose number is
 * above all that the profile names answers ENOSYS before the filter is asked, so that a libc
 * newer than the profile falls back. Same instructions in the same forms as runc's; where
 * runc walks a Go map the order of the architectures is the profile's here.
 */
#include "filter_int.h"

#include <linux/audit.h>
#include <seccomp.h>

static bool permissive(enum sca_action action)
{
	return action == SCA_ACT_ALLOW || action == SCA_ACT_LOG || action == SCA_ACT_TRACE;
}

static bool has_stub(const struct sca_filter *f)
{
	return f->target.runtime == SCA_RUNTIME_RUNC && !permissive(f->eff->default_action);
}

/* Since 1.1.15 the native architecture takes part though the profile does not list it. */
static bool covers(const struct sca_filter *f, uint32_t arch)
{
	return arch != f->target.arch || f->eff->native_listed ||
	       !target_before(&f->target, 1, 1, 15);
}

/* The largest number among all names of the surviving rules, redundant ones too. */
static void find_max(const struct sca_filter *f, struct stub_max *m)
{
	for (size_t i = 0; i < f->eff->n_rules; i++) {
		const struct eff_rule *rule = &f->eff->rules[i];

		for (size_t j = 0; rule->drop == EFF_KEPT && j < rule->n_names; j++) {
			int nr = seccomp_syscall_resolve_name_arch(m->arch,
								   rule->names[j].name.p);

			if (nr > m->max) {
				m->max = nr;
				m->name = rule->names[j].name;
			}
		}
	}
}

void filter_stub_find(struct sca_filter *f)
{
	if (!has_stub(f))
		return;
	for (size_t i = 0; i < f->eff->n_archs; i++) {
		struct stub_max m = {.arch = f->eff->archs[i]};

		if (!covers(f, m.arch))
			continue;
		find_max(f, &m);
		f->info.stub |= m.max > 0;
		f->stub[f->n_stub++] = m;
	}
}

int32_t sca_filter_stub_max(const struct sca_filter *f, uint32_t arch, struct sca_str *ret_name)
{
	for (size_t i = 0; i < f->n_stub; i++) {
		const struct stub_max *m = &f->stub[i];

		if (m->arch != arch || m->max == 0)
			continue;
		if (ret_name)
			*ret_name = m->name;
		return arch == SCA_ARCH_X32 ? m->max & ~SCA_X32_BIT : m->max;
	}
	return -1;
}

int32_t sca_filter_stub_counts(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	if (nr < 0)
		return -1;
	return arch == SCA_ARCH_X32 ? nr & ~SCA_X32_BIT : nr;
}

/* Instructions are put in front of what is there: jumps are counted from the end. */
struct tail {
	struct sock_filter *end;
	size_t n, cap;
	bool full;
};

static void push(struct tail *t, uint16_t code, size_t jt, size_t jf, uint32_t k)
{
	if (t->n == t->cap || jt > 255 || jf > 255) {
		t->full = true;
		return;
	}
	t->n++;
	*(t->end - t->n) = (struct sock_filter){code, (uint8_t)jt, (uint8_t)jf, k};
}

#define RET_ENOSYS  (SECCOMP_RET_ERRNO | ENOSYS)
#define LOAD_WORD   (BPF_LD | BPF_W | BPF_ABS)
#define JUMP(op)    (BPF_JMP | (op) | BPF_K)

/* nr > max ends at the shared ENOSYS return when that is near enough, else at one of its own.
 * The section's last instruction jumps over the whole tail, into the filter. */
static void push_one(struct tail *t, const struct stub_max *m, bool s390_setup)
{
	size_t len = t->n;
	bool near = len <= 255;
	size_t over = near ? 1 : 2;

	push(t, BPF_JMP | BPF_JA, 0, 0, (uint32_t)len);
	if (near) {
		push(t, JUMP(BPF_JGT), len, 0, (uint32_t)m->max);
	} else {
		push(t, BPF_RET | BPF_K, 0, 0, RET_ENOSYS);
		push(t, JUMP(BPF_JGT), 0, 1, (uint32_t)m->max);
	}
	if (m->arch == SCA_ARCH_X86_64)
		push(t, JUMP(BPF_JSET), over, 0, SCA_X32_BIT);
	if (m->arch == SCA_ARCH_X32)
		push(t, JUMP(BPF_JSET), 0, over, SCA_X32_BIT);
	if (s390_setup) {
		push(t, BPF_RET | BPF_K, 0, 0, RET_ENOSYS);
		push(t, JUMP(BPF_JEQ), 0, 1, 0);
	}
	push(t, LOAD_WORD, 0, 0, BPF_WORD_NR * 4);
}

static void push_both(struct tail *t, const struct stub_max *x86, const struct stub_max *x32)
{
	size_t len = t->n;

	push(t, BPF_JMP | BPF_JA, 0, 0, (uint32_t)len);
	if (len + 1 <= 255) {
		push(t, JUMP(BPF_JGT), len, 0, (uint32_t)x32->max);
		push(t, JUMP(BPF_JGT), len + 1, 1, (uint32_t)x86->max);
	} else {
		push(t, BPF_RET | BPF_K, 0, 0, RET_ENOSYS);
		push(t, JUMP(BPF_JGT), 0, 1, (uint32_t)x32->max);
		push(t, JUMP(BPF_JGT), 1, 2, (uint32_t)x86->max);
	}
	push(t, JUMP(BPF_JSET), 1, 0, SCA_X32_BIT);
	push(t, LOAD_WORD, 0, 0, BPF_WORD_NR * 4);
}

static uint32_t token_of(uint32_t arch)
{
	return arch == SCA_ARCH_X32 ? SCA_ARCH_X86_64 : arch;
}

static const struct stub_max *find_stub(const struct sca_filter *f, uint32_t arch)
{
	for (size_t i = 0; i < f->n_stub; i++)
		if (f->stub[i].arch == arch && f->stub[i].max > 0)
			return &f->stub[i];
	return NULL;
}

/* The section of one AUDIT_ARCH_* token; nothing when the profile names no call of it. */
static void push_section(struct tail *t, const struct sca_filter *f, uint32_t token)
{
	const struct stub_max *m = find_stub(f, token);
	const struct stub_max *x32 =
		token == SCA_ARCH_X86_64 ? find_stub(f, SCA_ARCH_X32) : NULL;
	bool s390 = (token & ~__AUDIT_ARCH_64BIT) == AUDIT_ARCH_S390;

	if (m && x32)
		push_both(t, m, x32);
	else if (m || x32)
		push_one(t, m ? m : x32, s390 && !target_before(&f->target, 1, 1, 3));
}

size_t filter_stub_emit(const struct sca_filter *f, struct sock_filter *v, size_t cap)
{
	struct tail t = {.end = v + cap, .cap = cap};
	uint32_t tokens[ARRAY_SIZE(f->stub)];
	size_t starts[ARRAY_SIZE(f->stub)],
		n = 0; /* counted from the end; 0: straight to the filter */

	if (!has_stub(f))
		return 0;
	push(&t, BPF_RET | BPF_K, 0, 0, RET_ENOSYS);
	push(&t, BPF_JMP | BPF_JA, 0, 0, 1);
	for (size_t i = 0; i < f->n_stub; i++) {
		uint32_t token = token_of(f->stub[i].arch);
		size_t len = t.n, seen = 0;

		while (seen < n && tokens[seen] != token)
			seen++;
		if (seen < n)
			continue;
		push_section(&t, f, token);
		tokens[n] = token;
		starts[n++] = t.n > len ? t.n : 0;
	}
	push(&t, BPF_JMP | BPF_JA, 0, 0, (uint32_t)t.n);
	for (size_t i = 0; i < n; i++) {
		size_t jump = t.n - starts[i];

		if (jump <= 255) {
			push(&t, JUMP(BPF_JEQ), jump, 0, tokens[i]);
		} else {
			push(&t, BPF_JMP | BPF_JA, 0, 0, (uint32_t)jump);
			push(&t, JUMP(BPF_JEQ), 0, 1, tokens[i]);
		}
	}
	push(&t, LOAD_WORD, 0, 0, BPF_WORD_ARCH * 4);
	return t.full ? 0 : t.n;
}
