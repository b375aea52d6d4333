/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a call gets its verdict under a profile, and what would change that.
 *
 * An explainer is a profile compiled for a target. It answers in two ways: a ruling is quick
 * and made for many calls; an explanation is for a reader. Verdicts come from running the
 * filter (profile.h), ways to open a call from the planner (patch.h): an explanation does not
 * know better than they do.
 */
#ifndef SCAUDIT_EXPLAIN_H
#define SCAUDIT_EXPLAIN_H

#include <scaudit/patch.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads "[ARCH:]NAME-OR-NUMBER[:A0[:A1...]]": at most six arguments, hexadecimal behind 0x or
 * decimal, "?" or nothing for an unknown one. Without ARCH the call is one of `native`. A number
 * with the x32 bit is a call of x32; -1 is the one that tracers set. SCA_E_SYNTAX, SCA_E_RANGE;
 * SCA_E_UNKNOWN for a name that the architecture lacks.
 */
SCA_API int sca_call_parse(struct sca_str text, uint32_t native, struct sca_names *names,
			   struct sca_call *ret, struct sca_err *err);

struct sca_explainer;
/* SCA_E_REFUSED when the target would not load the profile. Borrows all its arguments but t. */
SCA_API int sca_explainer_new(struct sca_explainer **ret, const struct sca_profile *p,
			      const struct sca_target *t, struct sca_names *names,
			      struct sca_err *err);
SCA_API struct sca_explainer *sca_explainer_free(struct sca_explainer *ex);
SCA_API const struct sca_filter *sca_explainer_filter(const struct sca_explainer *ex);
/* What defaultAction makes; SCA_BY_NONE without a filter. */
SCA_API void sca_explainer_default(const struct sca_explainer *ex, struct sca_verdict *ret);
/* The highest number of an architecture that runc's ENOSYS stub lets pass to the filter, -1 when
 * there is no stub; *ret_name is the name in the profile that set it. Borrowed. */
SCA_API int32_t sca_explainer_stub(const struct sca_explainer *ex, uint32_t arch,
				   struct sca_str *ret_name);

/* -- rulings -- */

struct sca_ruling {
	struct sca_reach reach;
	/* reach.v[0], the most severe, but `by` says what answered: SCA_BY_DEFAULT, too, where
	 * rules name the call and none of their conditions holds */
	struct sca_verdict v;
	long rule;             /* index in /syscalls; -1 unless v.by is SCA_BY_RULE, or when
				  libseccomp's merging leaves no rule to name */
	unsigned line, column; /* of that rule, or of defaultAction; 0: no place in the text */
};
SCA_API void sca_explain_ruling(struct sca_explainer *ex, const struct sca_call *call,
				struct sca_ruling *ret);

/* -- explanations -- */

/* What became of one place of the profile that names the call. */
enum sca_mention_fate {
	SCA_MENTION_DECIDES,
	SCA_MENTION_HOLDS,     /* its conditions hold, but it does not decide */
	SCA_MENTION_MAY_HOLD,  /* its conditions look at arguments that are not known */
	SCA_MENTION_FAILS,     /* its conditions do not hold for these arguments */
	SCA_MENTION_SILENCED,  /* an earlier rule, or what stands before all rules, decides */
	SCA_MENTION_REDUNDANT, /* the default action says the same: the runtime skips it */
	SCA_MENTION_GATED,     /* a condition on capabilities, architecture or kernel drops it */
	SCA_MENTION_VOID,      /* the front end does not read this form */
	SCA_MENTION_UNKNOWN,   /* this libseccomp does not know the name */
	SCA_MENTION_COUNT,
};
SCA_API const char *sca_mention_fate_name(enum sca_mention_fate fate); /* "decides", ... */

struct sca_mention {
	size_t rule;           /* index in /syscalls */
	unsigned line, column; /* of the name */
	const char *pointer;   /* RFC 6901, of the name */
	struct sca_verdict v;  /* what the rule asks for */
	enum sca_mention_fate fate;
	const char *conditions; /* "argument 0 == 0x28"; "" for none */
	const char *reason;     /* a clause: why it has this fate; "" when that says itself */
};

/* A way to open the call, and what it opens besides. */
struct sca_way {
	enum sca_outcome outcome; /* PATCH and ENOSYS: suggest writes it; CAPABILITY: add one */
	const char *options;      /* that suggest wants for it, "--allow-dangerous bpf"; or "" */
	const char *text;         /* sentences */
};

#define SCA_WAYS_MAX 8
struct sca_explanation {
	struct sca_call call;
	const char *syscall; /* NULL when the number has no name */
	struct sca_ruling ruling;
	const char *pointer; /* of the rule or of defaultAction; "" for no place */
	bool in_libseccomp;  /* the one we run with knows the name */
	const char *why;     /* a sentence: what decided */
	const struct sca_mention *mentions; /* in order of the text */
	size_t n_mentions;
	int32_t stub_max; /* see sca_explainer_stub() */
	const char *stub_name; /* "" for none */
	struct sca_way ways[SCA_WAYS_MAX];
	size_t n_ways;
	/* Where some verdict lets the call through: what else refuses such calls, sentences. */
	const char *const *others;
	size_t n_others;
	const struct sca_advice *advice; /* NULL for none */
};
/* *ret is borrowed until the next call for this explainer. */
SCA_API int sca_explain_call(struct sca_explainer *ex, const struct sca_call *call,
			     const struct sca_explanation **ret, struct sca_err *err);

#ifdef __cplusplus
}
#endif
#endif
