/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All paths of one or two filter programs for a call whose arguments are partly unknown.
 *
 * A test of a known word is decided. A test of an unknown word goes both ways, and each way
 * adds a constraint on that word; a way that no value of the word satisfies together with the
 * constraints before it is not taken. Constraints never span words, so this is exact: every
 * leaf comes with one input that reaches it, and every reachable combination of return values
 * is met, unless the work limit ends the walk.
 */
#ifndef SCA_WALK_H
#define SCA_WALK_H

#include "bpf.h"

#define WALK_STEPS 4096 /* undecided tests on one path */

/* What an undecided test looked at, and the way it went. */
struct walk_step {
	uint32_t mask, k;
	uint16_t pc;
	uint8_t word;
	uint8_t op; /* BPF_OP() */
	bool truth;
	bool flipped; /* both ways were taken */
	uint8_t prog;
};

struct walk {
	const struct sock_filter *prog[2];
	/* For one program only: skip what leads nowhere new, see filter_int.h. Or NULL. */
	const uint64_t *ahead;
	uint64_t found;
	size_t n_progs;
	uint16_t known;      /* bit n: word n of `input` is given */
	struct bpf_data input; /* given words, then a witness for the present path */
	uint32_t value[2];   /* return values at a leaf */
	size_t ret_pc[2];
	uint64_t work, max_work;
	bool complete;       /* the walk met everything; false after the limit was hit */
	/* private */
	bool started;
	size_t fixed;        /* first steps that hold from the start, walk_assume() */
	size_t n;
	struct walk_step steps[WALK_STEPS];
};

/* Clears everything but the steps. Fill prog, n_progs, known and input before walk_next(). */
void walk_init(struct walk *w, uint64_t max_work);
/* Only inputs where (word op k) is `truth`. False when no input is left. */
bool walk_assume(struct walk *w, unsigned word, uint8_t op, uint32_t k, bool truth);
/* The next leaf: value, ret_pc and input tell. False at the end. */
bool walk_next(struct walk *w);

#endif
