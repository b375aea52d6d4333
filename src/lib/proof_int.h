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
	/* filled by the proof: the name that is meant when the call is socketcall or ipc with a
	 * known argument 0, and pairs of return values that the call itself has */
	char inner[32];
	struct {
		uint32_t value[2];
	} own[4];
	unsigned n_own;
	bool namesake; /* made on another architecture, and looked for on this one */
};

/* Whose a change may be: who asks for that very call has it before who asks for its name. */
enum proof_owner { OWNER_NONE, OWNER_SELF, OWNER_NAMESAKE };

/*
 * The proof without a plan: compares and classifies, see sca_proof_new(). Borrows the asks and
 * both filters during the call only; names stay borrowed by the result.
 */
int proof_compare(struct sca_proof **ret, const struct sca_filter *before,
		  const struct sca_filter *after, const struct proof_ask *asks, size_t n_asks,
		  struct sca_names *names, struct sca_err *err);

struct proof_walk;

struct proving {
	struct proof_walk *pw;
	struct sca_names *names;
	struct sca_proof *pf;
	struct sca_err *err;
	struct proof_ask *asks;          /* by arch and number */
	const struct proof_ask **named;  /* by proof_name(); those with one */
	size_t n_asks, n_named;
	struct proof_ask *here;          /* what proof_gather() found; room for all */
	size_t n_here;
	uint32_t archs[64];
	size_t n_archs, rank; /* rank: the architecture at work */
};

/* -- proof_blame.c -- */

/* Whose doing a change is; in the order of the list. */
enum blame { BLAME_ASKED, BLAME_UNASKED, BLAME_SAME_NAME, BLAME_NEW_ARCH, BLAME_STUB_SHIFT };

/* Whether a verdict keeps the promise: the call goes through, or answers ENOSYS. */
bool proof_keeps(const struct proof_ask *ask, const struct sca_verdict *v);
/* The name that an ask wants opened; NULL when there is none. */
const char *proof_name(const struct proof_ask *ask);
/* Fills pr's own lists; -ENOMEM. */
int proof_sort_asks(struct proving *pr, const struct proof_ask *asks, size_t n);
/* Fills `here`: the asks for one call, and those for its name elsewhere as if made for it. */
void proof_gather(struct proving *pr, uint32_t arch, int32_t nr, const char *name);
/* socketcall and ipc carry many calls, chosen by argument 0; libseccomp gives them the pseudo
 * numbers base - args[0]. 0: not such a call. */
int proof_multiplex_base(uint32_t arch, const char *syscall);
bool proof_in_filter(const struct sca_filter *f, uint32_t arch);
/* `owner`: whose ask the change lies where, see proof_pair. */
enum blame proof_blame(const struct proving *pr, const struct sca_change *c,
		       enum proof_owner owner);

/* -- proof_walk.c: both programs on one call -- */

/* Return values that some arguments lead to. */
struct proof_pair {
	uint32_t value[2];
	size_t pc[2];
	uint64_t args[6]; /* that reach it */
	enum proof_owner owner; /* of asks, whose such arguments are what it asks for */
};

#define PROOF_PAIRS 128
#define PROOF_INNER 32 /* calls that socketcall and ipc carry, at most */

/* What is left when argument 0 was compared for 0 to PROOF_INNER - 1, each by itself. */
enum proof_rest {
	REST_ALL,  /* nothing was */
	REST_LOW,  /* larger low words */
	REST_HIGH, /* high words other than 0 */
};

struct proof_walk {
	const struct sca_filter *f[2];
	struct walk walk;
	struct proof_pair pairs[PROOF_PAIRS];
	size_t n;
	uint64_t compared; /* pairs of runs so far */
	uint64_t work;     /* steps of all walks so far */
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
 * when the programs have the same shape there. The asks are those for this call. SCA_E_LIMIT
 * when the work limit is hit.
 */
int proof_walk_call(struct proof_walk *pw, const struct sca_call *call, enum proof_rest rest,
		    const struct proof_ask *asks, size_t n_asks, struct sca_err *err);

/* Numbers of an architecture worth comparing, malloc'ed, ascending. */
int proof_numbers(const struct proof_walk *pw, uint32_t arch, struct sca_names *names,
		  int32_t **ret, size_t *ret_n);

#endif
