/* SPDX-License-Identifier: Apache-2.0 */
/* What explain works with, and the forms in which it answers. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "suggest.h"

struct explaining {
	const char *path; /* NULL: no profile, the held filters alone */
	size_t skip;      /* arguments in front of the calls and sources: the profile, if it is one */
	struct chosen chosen;
	bool target_given;
	struct sca_target target;
	struct sca_names *names;
	struct sca_profile *profile;
	struct sca_explainer *ex;   /* NULL without a profile */
	struct sca_held *held;      /* NULL without --pid */
	uint64_t pid;
	struct sca_proof *differs;  /* of the held filters from the profile; NULL without both */
	int twin; /* of several held filters the one that is the profile's; -1 */
	/* what was found */
	bool denied;
	uint64_t bad_calls; /* of --calls */
	json_t *calls;      /* explanations as JSON, gathered for the document */
};

/* The filter that has the last word: the kernel's where it is known. */
const struct sca_filter *explain_filter(const struct explaining *e);
/* "mkdir", or "#83" for a number without a name. */
void put_call_name(struct out *o, const char *syscall, int32_t nr);

/* -- explain_calls.c: --calls -- */

int explain_calls(struct explaining *e, const char *path, struct out *o, struct sca_err *err);

/* -- render/explain_text.c -- */

/* A call by the profile; `who` (of a record) and f (NULL without one) come with an event. */
void explain_text(const struct page *pg, const struct explaining *e,
		  const struct sca_explanation *x, const struct sca_finding *f);
/* A call by the held filters alone. */
void explain_held_text(const struct page *pg, const struct explaining *e,
		       const struct sca_call *call);
/* The process: its filters, and how they differ from the profile. */
void explain_process_text(const struct page *pg, const struct explaining *e);

/* -- render/explain_json.c -- */

json_t *explain_json(const struct explaining *e, const struct sca_explanation *x,
		     const struct sca_finding *f);
json_t *explain_held_json(const struct explaining *e, const struct sca_call *call);
int explain_document(struct out *o, const struct explaining *e, const struct evidence *ev,
		     struct sca_err *err);

/* -- render/explain_summary.c: the profile as a whole -- */

/* Known calls of one architecture by what answers them. */
struct explain_count {
	uint32_t arch;
	unsigned known, allowed, by_args, denied;
	int32_t stub_max; /* -1 without a stub */
	struct sca_str stub_name;
};
void explain_count(const struct explaining *e, uint32_t arch, struct explain_count *ret);
void explain_summary_text(const struct page *pg, const struct explaining *e);
json_t *explain_summary_json(const struct explaining *e);

#endif
