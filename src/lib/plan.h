/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a plan. Each denial becomes one finding, in four passes:
 *
 *	plan_why.c   what decided this call               (profile-semantics.md 2.2)
 *	plan_rows.c  its situation -> outcome and goal    (section 3, a table of rows)
 *	plan_edit.c  the goals of all names -> edits
 *	plan_text.c  the sentences, which can name the edits
 *
 * plan_args.c knows conditions on arguments, plan_caps.c what a capability would open,
 * plan_arch.c how an architecture is added.
 *
 * A goal belongs to a name, not to a denial: libseccomp gives a rule to every architecture of
 * the filter, so one edit serves all denials of a name, and the strongest goal wins.
 */
#ifndef SCA_PLAN_H
#define SCA_PLAN_H

#include <scaudit/patch.h>

#include "json_edit.h"
#include "profile_int.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) HASH_OAT(key, n, hash) /* the default falls through cases */
#include <uthash.h>

#define PLAN_ARGS 6

/* One place where the profile names a call. */
struct mention {
	const struct eff_rule *rule;
	const struct eff_name *name;
	struct mention *next; /* in order of the text */
	bool take;            /* the plan takes the name out of this rule */
};

/* (arg & mask) == value, or arg == value when mask is 0. */
struct condition {
	unsigned index;
	uint64_t mask, value;
};

/* A conditional rule to be written: allow for these argument values only. */
struct narrow {
	struct narrow *next;
	size_t n;
	struct condition v[PLAN_ARGS];
	const struct eff_rule *like; /* a conditional rule, for gates and place; or NULL */
	size_t cause;
};

/* What the patch makes of a name, weakest first. */
enum goal { GOAL_NONE, GOAL_NARROW, GOAL_ENOSYS, GOAL_OPEN };

/* How the edits reached the goal; for the sentences. */
enum how {
	HOW_NONE,
	HOW_INSERT,  /* into the names of rule `into` */
	HOW_MOVE,    /* from rule `out_of` to rule `into` */
	HOW_TAKE,    /* out of rule `out_of`, nothing else is needed */
	HOW_RULE,    /* in a new rule (and out of `out_of`, unless NULL) */
	HOW_REPLACE, /* rule `out_of` itself is rewritten */
	HOW_NARROW,  /* in a conditional rule of its own */
};

struct call_name {
	UT_hash_handle hh;
	struct sca_str name;
	struct mention *first, *last;
	enum goal goal;
	size_t cause;          /* index of the finding that asked first */
	struct narrow *narrow; /* GOAL_NARROW: one rule each, in order of request */
	enum how how;
	const struct eff_rule *into, *out_of;
	const struct mention *typo; /* a misspelling of this name */
	unsigned stamp;             /* scratch of plan_caps.c */
};

/* What one more capability in the bounding set would change. */
struct cap_effect {
	bool done;
	struct eff *eff;
	size_t opens; /* calls of the native architecture */
};

struct find {
	struct sca_finding pub;
	struct call_name *name; /* NULL when the number has none */
	const struct sca_advice *advice;
	/* pub.old_reach, but with the architecture added where the plan adds it */
	struct sca_reach reach;
	struct sca_verdict v; /* the one of `reach` that explains the record */
	bool explained;
	bool bad_arch;                /* under the profile as it is */
	bool conditional;             /* the verdict depends on arguments */
	bool named;                   /* --allow-dangerous names this very call */
	const struct eff_rule *rule;  /* decides the verdict; NULL: defaultAction or no rule */
	const struct eff_rule *gated; /* would allow, but its gate drops it; the first one */
	enum goal goal;
	struct narrow *narrow;
	int missing_arg; /* the argument that `narrow` lacks; -1 */
	int cap;         /* row 7: the capability to add; -1 when none opens the rule */
	size_t others;   /* row 7: other calls that it opens */
};

struct sca_plan {
	const struct sca_profile *profile;
	const struct sca_target *target;
	const struct sca_plan_options *opt;
	struct sca_names *names;
	struct sca_filter *filter;
	struct sca_filter *wider; /* with the missing architectures of row 9; NULL */
	const struct eff *eff;    /* of filter */
	bool name_form;           /* the profile is written in "name" form throughout */
	struct arena arena;
	struct buf text; /* scratch */
	struct call_name *index;
	struct find *finds;
	size_t n;
	unsigned *rule_line, *rule_column; /* of every rule; 0: not looked up yet */
	unsigned default_line, default_column;
	struct cap_effect caps[64];
	unsigned stamp;
	uint32_t archs[8]; /* row 9: architectures to add */
	size_t n_archs;
	const char *arch_refusal; /* why they can not be; NULL */
	struct je_list edits;
	struct sca_patch *patch;
	const char *notes[8];
	size_t n_notes;
};

/* -- plan.c -- */

/* The index entry of a name; NULL when there is none. */
struct call_name *plan_known_name(const struct sca_plan *pl, struct sca_str name);
/* The same, made when it is new. NULL when out of memory. */
struct call_name *plan_name(struct sca_plan *pl, struct sca_str name);
/* 1-based line of a rule; looked up once. */
unsigned plan_rule_line(struct sca_plan *pl, const struct eff_rule *rule);
int plan_no_memory(struct sca_err *err);
/* The object with defaultAction and syscalls: the document, or its linux.seccomp. */
uint32_t plan_top(const struct sca_plan *pl);

static inline bool lets_through(enum sca_action action)
{
	return !sca_action_denies(action);
}

/* The evidence says that the call was made, and this profile alone says what comes of it. */
static inline bool plan_seen(const struct sca_plan *pl, const struct sca_denial *d)
{
	return pl->opt->draft || sca_denial_is_traced(d);
}

static inline enum sca_danger plan_danger(const struct find *f)
{
	return f->advice ? f->advice->danger : SCA_DANGER_NONE;
}

/* -- plan_why.c -- */

/* Fills name, verdicts, the deciding rule and its line. The denial is set. */
int plan_why(struct sca_plan *pl, struct find *f, struct sca_err *err);
/* The first unconditional rule that libseccomp gets for a name: it decides. NULL for none. */
const struct mention *plan_decider(const struct call_name *cn);
bool rule_unconditional(const struct eff_rule *rule);
bool mention_live(const struct mention *m); /* libseccomp gets it */

/* -- plan_rows.c -- */

/* No rule opens the number; see there. */
bool plan_out_of_reach(const struct sca_plan *pl, const struct find *f);
/* Fills outcome, row and goal. */
int plan_row(struct sca_plan *pl, struct find *f, struct sca_err *err);

/* -- plan_args.c -- */

/* Two conditions look at the same argument: the runtimes make a rule of each then. */
bool rule_split(const struct eff_rule *rule);
enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN };
/* Whether a rule's conditions hold for the arguments that the denial knows. */
enum match rule_match(const struct eff_rule *rule, const struct sca_denial *d);
/* Whether a rule's conditions fix every argument that they look at to one value. */
bool rule_exact(const struct eff_rule *rule);
/*
 * The conditions that open exactly this call, by what the call's selecting argument is or by
 * what the live conditional rules compare. *ret NULL when nothing says which argument
 * selects; *ret_missing is the lowest argument that the evidence lacks, or -1.
 */
int plan_narrow(struct sca_plan *pl, const struct find *f, struct narrow **ret,
		int *ret_missing, struct sca_err *err);
/* Many calls in one, told apart by argument 0 (x86, s390 and a few more). */
bool plan_multiplexer(const char *syscall);
/* The call behind one, when its argument is known; NULL otherwise. */
const char *plan_multiplexed(const char *syscall, const struct sca_denial *d);
/* The multiplexer that carries a call, and its argument for it; NULL when there is none. */
const char *plan_multiplexer_of(struct sca_str call, unsigned *ret_arg0);
bool narrow_equal(const struct narrow *a, const struct narrow *b);

/* -- plan_caps.c -- */

/* Of the capabilities that the kernel accepts for this call, the one whose addition makes the
 * profile allow it and opens least besides; -1 when there is none. */
int plan_cap(struct sca_plan *pl, const struct find *f, int *ret_cap, size_t *ret_others,
	     struct sca_err *err);
/* Whether the profile allows a call that it does not allow now when this capability (below 64)
 * comes to the bounding set, and how many other calls it allows besides then. */
int plan_cap_opens(struct sca_plan *pl, const struct call_name *cn, unsigned cap, bool *ret_opens,
		   size_t *ret_others, struct sca_err *err);
/* Whether the target holds one of the capabilities that the kernel accepts. */
bool plan_has_cap(const struct sca_plan *pl, const struct sca_advice *advice);
/* Whether a user namespace of its own gives a process the capability for this call. */
bool plan_in_user_namespace(const char *syscall);
/* First string of excludes.caps of a rule, as it stands; empty when there is none. */
struct sca_str rule_excluded_cap(const struct sca_plan *pl, const struct eff_rule *rule);

/* -- plan_arch.c -- */

/* Whether a machine of the target's architecture can run programs of that one. */
bool plan_arch_possible(const struct sca_plan *pl, uint32_t arch);
bool arch_runs_on(uint32_t native, uint32_t arch);
/* Collects the architectures to add, and compiles the filter that has them. */
int plan_archs(struct sca_plan *pl, const struct sca_denials *ds, struct sca_err *err);
/* Keeps those only through which some call is opened in the end. */
void plan_archs_prune(struct sca_plan *pl);
int plan_arch_edits(struct sca_plan *pl, struct je_list *edits, struct sca_err *err);

/* -- plan_edit.c -- */

int plan_edits(struct sca_plan *pl, struct sca_err *err);

/* -- plan_text.c: what decided; plan_answer.c: what to do -- */

int plan_texts(struct sca_plan *pl, struct sca_err *err);
void plan_answer(struct sca_plan *pl, struct buf *b, const struct find *f);
int plan_notes(struct sca_plan *pl, struct sca_err *err);

/* -- plan_words.c: pieces of sentences -- */

void say_word(struct buf *b, struct sca_str word); /* from the profile */
void say_verdict(struct buf *b, const struct sca_verdict *v); /* "ERRNO(EPERM)" */
void say_action(struct buf *b, enum sca_action action);       /* "KILL_PROCESS" */
void say_default(struct buf *b, const struct sca_plan *pl);   /* "defaultAction ERRNO(EPERM)" */
/* "rule 3 (line 21)" */
void say_rule(struct buf *b, struct sca_plan *pl, const struct eff_rule *rule);
void say_gate(struct buf *b, const struct eff_rule *rule); /* "wants CAP_SYS_ADMIN" */
void say_reach(struct buf *b, const struct sca_reach *reach); /* "ERRNO(EPERM) or ALLOW" */
/* "x86_64, x86 and x32": the filter's architectures that have the call. */
void say_archs(struct buf *b, struct sca_plan *pl, struct sca_str syscall);
void say_caps(struct buf *b, const struct sca_advice *advice); /* "CAP_BPF or CAP_SYS_ADMIN" */
/* Text from the advice table as a sentence behind others, after a word that introduces it. */
void say_advice(struct buf *b, const char *word, const char *text);

#endif
