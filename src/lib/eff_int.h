/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the lowering (struct eff): who reads a profile, and how that reader sees it.
 *
 * Two readers exist. Go's encoding/json reads for every front end and for runc: keys match
 * case-insensitively, null changes nothing, the last of two equal keys counts, a value of
 * another type refuses the file. crun reads a config.json itself (libocispec on yajl): keys
 * match exactly, the first of two equal keys counts, a value of another type is as good as
 * absent, some members are required. Both measured (runc 1.1.5, crun 1.8.1).
 */
#ifndef SCA_EFF_INT_H
#define SCA_EFF_INT_H

#include "profile_int.h"

#define EFF_MAX_NAMES (1u << 16) /* (rule, name) pairs of one profile */
#define EFF_MAX_ARGS  (1u << 16)

enum field_kind {
	FIELD_STRING,
	FIELD_UINT,    /* Go's uint; crun's uint32 */
	FIELD_UINT64,
	FIELD_STRINGS,
	FIELD_STRUCT,
	FIELD_STRUCTS,
	FIELD_KERNEL,  /* "major.minor" */
};

/* A member of a JSON object. Lists end with a NULL key. */
struct field {
	const char *key;
	enum field_kind kind;
	const struct field *of; /* members of FIELD_STRUCT(S) */
	bool required;          /* by crun */
};

/* What sets the front ends apart. */
struct front {
	const char *who;
	const struct field *top;
	bool gates;       /* archMap, name, includes, excludes are known */
	bool min_kernel;
	bool errno_names; /* errno, defaultErrno override errnoRet, defaultErrnoRet */
	bool late_names;  /* name and names clash after the gates only, and a rule that names
			     nothing is left out */
	bool null_rule_crashes, null_arg_crashes;
	bool marshals;    /* writes a config.json of its own: [] becomes absent */
};

struct low {
	const struct sca_target *t;
	const struct jt_doc *doc;
	const struct front *front;
	struct eff *e;
	struct sca_err *err;
	struct buf text;  /* scratch */
	const char *reader; /* who reads the file, for messages */
	char runtime[TARGET_RUNTIME_MAX];
	size_t n_names, n_args;
};

static inline bool low_crun(const struct low *lo)
{
	return lo->t->runtime == SCA_RUNTIME_CRUN;
}

/* crun reads the profile itself. */
static inline bool low_yajl(const struct low *lo)
{
	return low_crun(lo) && !lo->front->marshals;
}

/* Fails at a node, as the target's runtime or as the reader of the file; its name is the text's
 * first word. */
#define low_refuse(lo, node, fmt, ...)                                                \
	jt_fail((lo)->doc, node, (lo)->err, SCA_E_REFUSED, "%s: " fmt, (lo)->runtime, \
		##__VA_ARGS__)
#define low_reject(lo, node, fmt, ...)                                               \
	jt_fail((lo)->doc, node, (lo)->err, SCA_E_REFUSED, "%s: " fmt, (lo)->reader, \
		##__VA_ARGS__)

static inline int low_no_memory(const struct low *lo)
{
	return sca_fail_errno(lo->err, ENOMEM, "reading the profile");
}

/* -- eff_schema.c -- */

extern const struct field fields_moby[], fields_moby20[], fields_common[], fields_oci[];

/* Checks the types of everything below `top` as the reader does. */
int low_check(struct low *lo, uint32_t top);
/* A member as the reader sees it; JT_NONE when absent. Its type is one the reader takes. */
uint32_t low_member(const struct low *lo, uint32_t object, const struct field *of,
		    const char *key);
/* Value of a number that low_check() let pass. */
uint64_t low_number(const struct low *lo, uint32_t node);
/* Decoded string, "" for null, in the arena. */
int low_string(struct low *lo, uint32_t node, struct sca_str *ret);
/* The two numbers of a kernel version that low_check() let pass; zeros for "". */
int low_kernel(struct low *lo, uint32_t node, unsigned ret[2]);
const struct field *low_field(const struct field *of, const char *key);

/* -- eff_rule.c -- */

int low_rule(struct low *lo, uint32_t node, struct eff_rule *r);
/* SCMP_ACT_* as the target's runtime knows it. */
int low_action(struct low *lo, uint32_t object, uint32_t node, enum sca_action *ret);
/* The errno or message of an action, from errnoRet, or errno where the front end knows it. */
int low_errno(struct low *lo, enum sca_action action, uint32_t ret_node, uint32_t name_node,
	      uint16_t *ret);

#endif
