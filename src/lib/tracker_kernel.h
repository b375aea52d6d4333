/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small programs in the kernel, through bpf(2) and by hand: no libbpf and no BTF, as nothing is
 * read from the kernel's structures.
 */
#ifndef SCA_TRACKER_KERNEL_H
#define SCA_TRACKER_KERNEL_H

#include "mem.h"

#include <linux/bpf.h>

#define OP(c, d, s, o, i) \
	{.code = (c), .dst_reg = (d), .src_reg = (s), .off = (int16_t)(o), .imm = (i)}
#define CALL(f)        OP(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT           OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define MOV(d, s)      OP(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i)      OP(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i)      OP(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ADD_REG(d, s)  OP(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define AND(d, i)      OP(BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0, i)
#define SHIFT(d, i)    OP(BPF_ALU64 | BPF_RSH | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o)  OP(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define LOAD32(d, s, o) OP(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE(d, o, s) OP(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE32(d, o, s) OP(BPF_STX | BPF_MEM | BPF_W, d, s, o, 0)
#define ZERO(d, o)     OP(BPF_ST | BPF_MEM | BPF_DW, d, 0, o, 0)
#define IF_ZERO(r, n)  OP(BPF_JMP | BPF_JEQ | BPF_K, r, 0, n, 0) /* skips n */
#define IF_SAME(r, s, n) OP(BPF_JMP | BPF_JEQ | BPF_X, r, s, n, 0)
#define UNLESS_ZERO(r, n) OP(BPF_JMP | BPF_JNE | BPF_K, r, 0, n, 0)
#define SKIP(n)        OP(BPF_JMP | BPF_JA, 0, 0, n, 0)
/* The program's one map; two instructions. */
#define MAP(d)         OP(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, 0), OP(0, 0, 0, 0, 0)

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, STACK };

/* A descriptor or a negative errno. */
int kernel_map(const char *name, size_t key, size_t value, uint32_t entries);
int kernel_program(const char *name, enum bpf_prog_type type, const struct bpf_insn *insns,
		   size_t n, int map);
int kernel_attach_raw(int program, const char *tracepoint);
/* The tracepoint by its number; works as long as the descriptor is open. */
int kernel_attach(int program, uint64_t tracepoint);

bool kernel_lookup(int map, const void *key, void *ret_value);
bool kernel_first_key(int map, void *ret_key);

/* What a failure means, to people. */
void kernel_refused(struct buf *why, int error, const char *what);

#endif
