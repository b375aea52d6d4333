/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a proof: two filters and the calls that were meant to change.
 */
#ifndef SCA_PROOF_INT_H
#define SCA_PROOF_INT_H

#include <scaudit/patch.h>

#include "filter_int.h"
#include "walk.h"

struct proof_ask {
	struct sca_call call;
	const char *name; /* NULL when the number has none */
	bool enosys;      /* to answer ENOSYS, not to go through */
	/* filled by the proof: pairs of return values that the call itself has */
	struct {
		uint32_t value[2];
	} own[4];
	unsigned n_own;
};

/*
 * The proof without a plan: compares and classifies, see sca_proof_new(). Borrows the asks and
 * both filters during the call only; names stay borrowed by the result.
 */
int proof_compare(struct sca_proof **ret, const struct sca_filter *before,
		  const struct sca_filter *after, const struct proof_ask *asks, size_t n_asks,
		  struct sca_names *names, struct sca_err *err);

/* Whether a verdict keeps the promise: the call goes through, or answers ENOSYS. */
bool proof_keeps(const struct proof_ask *ask, const struct sca_verdict *v);

/* -- proof_walk.c: both programs on one call -- */

/* Return values that some arguments lead to. */
struct proof_pair {
	uint32_t value[2];
	size_t pc[2];
	uint64_t args[6]; /* that reach it */
	bool owned;       /* and are what an ask asks for */
};

#define PROOF_PAIRS 128

struct proof_walk {
	const struct sca_filter *f[2];
	struct walk walk;
	struct proof_pair pairs[PROOF_PAIRS];
	size_t n;
	uint64_t compared; /* pairs of runs so far */
	/* Scratch of the comparison by shape: undecided tests of both programs, +1. */
	struct test_pair {
		uint16_t a, b;
		uint8_t word;
		uint32_t mask;
	} visited[4096], todo[1024];
	size_t n_visited, n_todo;
};

/*
 * Fills pairs with every distinct pair of return values of the two programs for a call; none
 * when the programs have the same shape there. `above`: argument 0 is larger than this (low
 * word), -1 for no such condition. The asks are those for this call. SCA_E_LIMIT when the work
 * limit is hit.
 */
int proof_walk_call(struct proof_walk *pw, const struct sca_call *call, int64_t above,
		    const struct proof_ask *asks, size_t n_asks, struct sca_err *err);

/* Numbers of an architecture worth comparing, malloc'ed, ascending. */
int proof_numbers(const struct proof_walk *pw, uint32_t arch, struct sca_names *names,
		  int32_t **ret, size_t *ret_n);

#endif
