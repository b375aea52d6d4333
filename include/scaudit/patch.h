/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan, patch and proof.
 *
 * A plan answers each denial: a patch operation, a piece of advice, or a refusal with the
 * reason. A patch is a list of operations on the profile's tree; applying it splices the
 * original text and leaves every other byte. The proof compiles both texts for the target
 * and compares the two programs.
 */
#ifndef SCAUDIT_PATCH_H
#define SCAUDIT_PATCH_H

#include <scaudit/denial.h>
#include <scaudit/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- patch -- */

enum sca_op_kind {
	SCA_OP_ADD,     /* value at path */
	SCA_OP_REMOVE,  /* path */
	SCA_OP_REPLACE, /* value at path */
	SCA_OP_MOVE,    /* from -> path */
};

/*
 * One operation of RFC 6902. Pointers are those of the document at that step (the
 * operations before it are done), so the list is a valid JSON Patch as it stands.
 */
struct sca_op {
	enum sca_op_kind kind;
	const char *path;  /* RFC 6901 */
	const char *from;  /* MOVE only */
	const char *value; /* compact JSON; ADD and REPLACE */
	size_t cause;      /* index of the plan's finding that asked for it first */
};

struct sca_patch;
SCA_API size_t sca_patch_count(const struct sca_patch *pt);
SCA_API const struct sca_op *sca_patch_op(const struct sca_patch *pt, size_t i);
SCA_API struct sca_patch *sca_patch_free(struct sca_patch *pt);

/* A fresh profile holding the patched text, in the home of the old one, which is untouched. See
 * sca_profile_check_text() before showing its text. */
SCA_API int sca_patch_apply(const struct sca_patch *pt, const struct sca_profile *p,
			    struct sca_profile **ret, struct sca_err *err);
/* RFC 6902 array with `test` guards before each operation, one operation a line, newline at
 * the end. malloc'ed, the caller frees. "[]\n" for an empty patch. Paths are those of the
 * document that the file holds ("/spec/syscalls/0"), as `kubectl patch --type=json` takes them; of
 * SCA_HOME_INSPECT those of the profile. */
SCA_API int sca_patch_json(const struct sca_patch *pt, const struct sca_profile *p, char **ret,
			   size_t *ret_n, struct sca_err *err);
/* Unified diff of two texts, 3 lines of context, "a/NAME" and "b/NAME". malloc'ed; empty when
 * equal. Keeps "\ No newline at end of file". */
SCA_API int sca_text_diff(struct sca_str old_text, struct sca_str new_text, const char *name,
			  char **ret, size_t *ret_n, struct sca_err *err);
/*
 * Replaces the file atomically: temporary file in the same directory, mode and owner kept,
 * fsync, rename, fsync of the directory. Follows no symbolic link in the last component; a
 * file that changed since it was loaded is left alone (SCA_E_CONFLICT). With `backup`, the
 * old bytes are kept as PATH.orig first (an existing one is replaced).
 */
SCA_API int sca_profile_write(const struct sca_profile *new_profile, const char *path,
			      const struct sca_profile *loaded, bool backup, struct sca_err *err);

/* -- plan -- */

/* Outcome of one denial, or of a call that was traced and that the profile would deny. */
enum sca_outcome {
	SCA_OUT_PATCH,      /* an operation opens it */
	SCA_OUT_ENOSYS,     /* an operation makes it answer ENOSYS, so that the libc falls back */
	SCA_OUT_CAPABILITY, /* the kernel wants a capability anyway: add that, no patch */
	SCA_OUT_HELD,       /* dangerous: held back, --allow-dangerous NAME opens it */
	SCA_OUT_BENIGN,     /* expected: the libc falls back (ENOSYS); leave it */
	SCA_OUT_ARGS,       /* depends on arguments that the evidence lacks */
	SCA_OUT_NOT_DENIED, /* logged only, or the action lets the call through */
	SCA_OUT_NOT_OURS,   /* this profile does not explain it: another filter or version */
	SCA_OUT_AGENT,      /* NOTIFY or TRACE: somebody else decides */
	SCA_OUT_KERNEL,     /* gated by minKernel */
	SCA_OUT_UNKNOWN,    /* number without a name, or a name that libseccomp lacks: no rule possible */
	SCA_OUT_CONFLICT,   /* a rule says so on purpose and a patch can not be exact */
	SCA_OUT_COUNT,
};
SCA_API const char *sca_outcome_name(enum sca_outcome o); /* "patch", "enosys", "capability", ... */

struct sca_finding {
	const struct sca_denial *denial; /* borrowed from the set */
	const char *syscall;             /* NULL when the number has no name */
	enum sca_outcome outcome;
	unsigned row;          /* situation in profile-semantics.md section 3; 0 for none */
	struct sca_reach old_reach; /* verdicts under the profile as it is */
	long rule;             /* index in /syscalls of the rule that decides, -1 for none */
	unsigned line, column; /* of that rule, or of defaultAction; 0 when not applicable */
	const char *why;       /* one sentence: what decided */
	const char *answer;    /* one sentence or more: what to do, what it opens besides; "" for none */
};

struct sca_plan_options {
	const struct sca_str *allow_dangerous; /* names, or "all" */
	size_t n_allow_dangerous;
	bool allow_arch;  /* permit adding a missing architecture (row 9) */
	bool allow_broad; /* permit an unconditional allow over conditional rules (row 4) */
	bool draft; /* the profile was not in force when the evidence was made: what it denies
		     * of that is wanted, whatever was done to it then */
};

/*
 * A profile made from nothing, to be planned for: it denies all calls but those that the target's
 * runtime and the C libraries need to start a program, on the target's architecture and on those
 * of the evidence that run there. `action` is a denying one; errno is EPERM.
 */
SCA_API int sca_profile_draft(struct sca_profile **ret, const struct sca_target *t,
			      enum sca_action action, const struct sca_denials *ds,
			      struct sca_names *names, struct sca_err *err);

struct sca_plan;
/*
 * Plans for every denial of the set that this profile could explain. SCA_E_REFUSED when the
 * target would not load the profile. The plan borrows all its arguments.
 */
SCA_API int sca_plan_new(struct sca_plan **ret, const struct sca_profile *p,
			 const struct sca_target *t, const struct sca_denials *ds,
			 const struct sca_plan_options *opt, struct sca_names *names,
			 struct sca_err *err);
SCA_API struct sca_plan *sca_plan_free(struct sca_plan *plan);
SCA_API size_t sca_plan_count(const struct sca_plan *plan);
SCA_API const struct sca_finding *sca_plan_at(const struct sca_plan *plan, size_t i);
SCA_API const struct sca_patch *sca_plan_patch(const struct sca_plan *plan); /* borrowed */
/* Remarks about the profile as a whole ("rules are void under cri"); i < count. */
SCA_API size_t sca_plan_note_count(const struct sca_plan *plan);
SCA_API const char *sca_plan_note(const struct sca_plan *plan, size_t i);

/* -- proof -- */

struct sca_change {
	uint32_t arch;
	int32_t nr;          /* first of a run of equal changes without a name */
	int32_t nr_last;     /* == nr for a single one */
	const char *syscall; /* NULL when unnamed; borrowed from names */
	struct sca_verdict before, after;
	bool asked;          /* one of the calls that the plan set out to change */
	bool same_name;      /* not a denied (arch, number), but the name that was opened, on
				another architecture of the filter: libseccomp can not do less */
	bool new_arch;       /* on an architecture that the patch adds to the filter */
	bool by_args;        /* only for some argument values; an example is in args */
	uint64_t args[6];
};

struct sca_proof;
/*
 * Compares old and new over every architecture of both filters, every number from 0 to the
 * last known + 64, x32 included, and boundary values of every argument condition in either
 * program. SCA_E_PROOF when a call that the plan promised to open is still denied, or when
 * something moves that is neither asked for nor the same name: the caller must not offer the
 * patch then, and *ret still holds the proof (NULL on other errors).
 */
SCA_API int sca_proof_new(struct sca_proof **ret, const struct sca_plan *plan,
			  const struct sca_profile *old_profile,
			  const struct sca_profile *new_profile, const struct sca_target *t,
			  struct sca_names *names, struct sca_err *err);
SCA_API struct sca_proof *sca_proof_free(struct sca_proof *pf);
SCA_API size_t sca_proof_count(const struct sca_proof *pf); /* changes, asked ones first */
SCA_API const struct sca_change *sca_proof_at(const struct sca_proof *pf, size_t i);

struct sca_proof_totals {
	uint64_t compared;   /* verdict pairs evaluated */
	size_t archs;
	size_t asked;        /* changes asked for */
	size_t same_name;    /* the same names on the filter's other architectures */
	size_t new_arch;     /* calls of an architecture that the patch adds, as asked */
	size_t stub_shift;   /* numbers that leave runc's ENOSYS stub for the default action */
	size_t unasked;      /* anything else */
	size_t still_denied; /* promised and not opened */
};
SCA_API void sca_proof_totals(const struct sca_proof *pf, struct sca_proof_totals *ret);

#ifdef __cplusplus
}
#endif
#endif
