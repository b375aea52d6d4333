/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf.h"

static int bad(struct sca_err *err, size_t pc, const struct sock_filter *p, const char *what)
{
	return sca_fail(err, SCA_E_UNSUPPORTED, "BPF instruction %zu (code 0x%x): %s", pc,
			(unsigned)p->code, what);
}

int bpf_check(const struct sock_filter *prog, size_t n, struct sca_err *err)
{
	if (n == 0 || prog[n - 1].code != (BPF_RET | BPF_K))
		return sca_fail(err, SCA_E_UNSUPPORTED, "BPF program does not end in a return");
	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *p = &prog[pc];
		size_t room = n - pc - 1; /* instructions after this one */

		switch (p->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (p->k % 4 || p->k / 4 >= BPF_WORDS)
				return bad(err, pc, p, "load outside of the data");
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_RET | BPF_K:
			break;
		case BPF_JMP | BPF_JA:
			if (p->k >= room)
				return bad(err, pc, p, "jump out of the program");
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (p->jt >= room || p->jf >= room)
				return bad(err, pc, p, "jump out of the program");
			break;
		default:
			return bad(err, pc, p,
				   "not an instruction that libseccomp or runc emits");
		}
	}
	return 0;
}

uint32_t bpf_run(const struct sock_filter *prog, const struct bpf_data *d, size_t *ret_pc)
{
	const struct sock_filter *p = prog;
	uint32_t a = 0;

	for (;; p++) {
		switch (p->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = d->w[p->k / 4];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= p->k;
			break;
		case BPF_JMP | BPF_JA:
			p += p->k;
			break;
		case BPF_RET | BPF_K:
			*ret_pc = (size_t)(p - prog);
			return p->k;
		default:
			p += bpf_taken(p->code, a, p->k) ? p->jt : p->jf;
			break;
		}
	}
}
