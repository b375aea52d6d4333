/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of checking: what all checks share. */
#ifndef SCA_CHECK_INT_H
#define SCA_CHECK_INT_H

#include <scaudit/check.h>

#include "filter_int.h"
#include "json_edit.h"

/* In the order of the table in check.c. */
enum check_id {
	CHECK_SYNTAX,
	CHECK_REFUSED,
	CHECK_REFUSED_ELSEWHERE,
	CHECK_NO_FILTER,
	CHECK_GATES_IGNORED,
	CHECK_NEAR_KEY,
	CHECK_MISSPELT_NAME,
	CHECK_UNKNOWN_NAME,
	CHECK_NEWER_NAME,
	CHECK_FOREIGN_NAME,
	CHECK_DUPLICATE_NAME,
	CHECK_SHADOWED_RULE,
	CHECK_REPEATED_RULE,
	CHECK_REDUNDANT_RULE,
	CHECK_EMPTY_RULE,
	CHECK_UNKNOWN_CAPABILITY,
	CHECK_UNKNOWN_GATE_ARCH,
	CHECK_CLOSED_GATE,
	CHECK_SAME_ARGUMENT,
	CHECK_VOID_MASK,
	CHECK_CUT_VALUE,
	CHECK_UNUSED_VALUE,
	CHECK_WIDE_COMPARE,
	CHECK_MULTIPLEXER,
	CHECK_EQUIVALENT,
	CHECK_IO_URING,
	CHECK_DANGEROUS,
	CHECK_DEFAULT_ALLOW,
	CHECK_FAKE_SUCCESS,
	CHECK_ERRNO_IGNORED,
	CHECK_NO_LISTENER,
	CHECK_KILL_THREAD,
	CHECK_RUNTIME_START,
	CHECK_RUNTIME_EARLY,
	CHECK_RUNTIME_SOMETIMES,
	CHECK_PROGRAM_START,
	CHECK_LOADER_START,
	CHECK_FALLBACK,
	CHECK_FALLBACK_TIME,
	CHECK_DEFAULT_ERRNO,
	CHECK_OTHER_ABI,
	CHECK_ABI_NAMES,
	CHECK_X32,
	CHECK_NO_RECORD,
	CHECK_NOT_MEASURED,
	CHECK_COUNT,
};

struct check_problem {
	struct sca_problem pub;
	uint32_t at; /* offset in the file, UINT32_MAX for none */
};

struct sca_checked {
	struct arena arena;
	struct check_problem *v;
	size_t n, cap;
	struct sca_patch *patch;
	const char **changes;
	size_t n_changes, cap_changes;
};

/* An edit that --fix may make. */
struct check_edit {
	size_t problem;       /* index before sorting */
	const char *name;     /* the call whose verdict it is meant to change; NULL: none */
	uint32_t node;
	const char *value;    /* compact JSON; NULL: remove the node */
};

struct checking {
	const struct sca_profile *p;
	const struct jt_doc *doc;
	const struct sca_target *t;
	struct sca_names *names;
	struct sca_err *err;
	struct sca_checked *out;
	struct sca_filter *filter; /* of the target */
	const struct eff *eff;
	uint32_t top;              /* the object that holds defaultAction */
	struct sca_check_options opt;
	struct check_edit *edits;
	size_t n_edits, cap_edits;
	bool failed;               /* memory ran out on the way */
};

/* -- check.c -- */

/* Text in the result's arena, NULL when memory ran out. */
const char *check_text(struct checking *ck, const char *fmt, ...) _printf_(2, 3);
/* Adds a problem at a node (JT_NONE: the file). NULL among the texts means no memory. */
void check_add(struct checking *ck, enum check_id id, uint32_t node, const char *text,
	       const char *reason, const char *fix);
/* The same with a severity below the table's. */
void check_add_as(struct checking *ck, enum check_id id, enum sca_severity severity,
		  uint32_t node, const char *text, const char *reason, const char *fix);
/* Attaches an edit to the problem that was added last. */
void check_edit(struct checking *ck, uint32_t node, const char *value, const char *name);

/* A list of words that is cut after some: "a, b, c and 12 more". */
struct check_list {
	struct buf text;
	size_t n, shown;
};
#define CHECK_LIST_INIT {.text = BUF_INIT}
void check_list_add(struct check_list *l, struct sca_str word);
/* Finishes and releases the list; its text in the arena. */
const char *check_list_end(struct checking *ck, struct check_list *l);

/* What a filter does with a call, whatever its arguments are. */
enum openness {
	OPEN_ABSENT, /* the architecture has no such call */
	OPEN_SHUT,   /* no arguments let it through */
	OPEN_PARTLY,
	OPEN_WHOLLY,
};
enum openness check_open(const struct checking *ck, uint32_t arch, struct sca_str name,
			 struct sca_reach *ret);
static inline bool check_passes(const struct sca_verdict *v)
{
	return v->action == SCA_ACT_ALLOW || v->action == SCA_ACT_LOG;
}
/* "Rule 3 (line 12)" */
const char *check_rule(struct checking *ck, const struct eff_rule *rule);
/* The first added rule for a call, NULL when the default answers. */
const struct eff_rule *check_rule_for(const struct checking *ck, uint32_t arch,
				      struct sca_str name);
/* The node of a member that says it, for a position; the object itself when absent. */
uint32_t check_member(const struct checking *ck, uint32_t object, const char *key);

/* -- one function for each family of checks -- */

int check_loaders(struct checking *ck, struct sca_err *refused); /* check_load.c */
void check_gates_ignored(struct checking *ck);
void check_keys(struct checking *ck);    /* check_keys.c */
void check_gates(struct checking *ck);
void check_spelling(struct checking *ck); /* check_names.c */
int check_rules(struct checking *ck);    /* check_rules.c */
void check_args(struct checking *ck);    /* check_args.c */
void check_actions(struct checking *ck); /* check_actions.c */
void check_calls(struct checking *ck);   /* check_calls.c */
void check_danger(struct checking *ck);
void check_start(struct checking *ck);   /* check_start.c */
void check_world(struct checking *ck);   /* check_world.c */

/* Makes and measures the patch of the safe edits. check_fix.c */
int check_fix(struct checking *ck);

#endif
