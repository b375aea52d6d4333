/* SPDX-License-Identifier: Apache-2.0 */
/* A finished suggestion, and the forms in which it is shown. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "chosen.h"
#include "render/document.h"

struct suggestion {
	const char *path;
	struct chosen chosen;
	bool draft;        /* old_profile is one from nothing */
	bool target_given; /* some part of the target came from an option */
	struct sca_target target;
	struct sca_names *names;    /* borrowed */
	struct sca_denials *ds;
	struct sca_profile *old_profile, *new_profile; /* new: NULL without a patch */
	struct sca_plan *plan;
	struct sca_proof *proof; /* NULL without a patch */
	struct evidence ev;
};

/* What an outcome means to a reader; one row each. */
struct outcome_row {
	enum ink ink;
	bool open;          /* the denial stays, and somebody has to do something */
	const char *level;  /* SARIF */
	const char *meaning;
};
const struct outcome_row *outcome_row(enum sca_outcome o);

/* "ERRNO(EPERM)", "KILL_PROCESS" */
void verdict_text(struct out *o, const struct sca_verdict *v);
/* "3 times by mkdir, sh in web" */
void denial_who(struct out *o, const struct sca_denial *d);
/* "asked", "same_name", "new_arch", "stub_shift" or "unasked" */
const char *change_reason(const struct sca_change *c);

/* unused.c: suggest --unused, to the output; *ret_any: there is something */
int unused_report(struct cli *cli, const struct suggestion *s, bool *ret_any);

/* Reasons and proof, for standard error. */
void suggest_text(const struct page *pg, const struct suggestion *s);
/* What the proof found, when it failed. */
void suggest_changes(const struct page *pg, const struct suggestion *s);
json_t *target_json(const struct sca_target *t);
json_t *verdict_json(const struct sca_verdict *v);
/* Whole documents; NULL when out of memory. */
int suggest_json(struct out *o, const struct suggestion *s, struct sca_err *err);
int suggest_sarif(struct out *o, const struct suggestion *s, struct sca_err *err);

#endif
