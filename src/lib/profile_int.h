/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a profile, and what a target makes of it before libseccomp sees it.
 *
 * struct eff is the effective profile: the OCI linux.seccomp object that the target's front
 * end hands to the runtime (knowledge: profile-semantics.md 2.1, steps F1 to F6), with every
 * rule of the text accounted for: kept, or dropped and why.
 */
#ifndef SCA_PROFILE_INT_H
#define SCA_PROFILE_INT_H

#include <scaudit/profile.h>

#include "json_text.h"

struct sca_profile {
	char *name;
	struct buf text; /* of the file */
	struct buf json; /* of the profile, where that is something else */
	struct jt_doc doc;
	struct home *home;        /* NULL: JSON text of its own */
	struct sca_err unwritten; /* why `text` is not what `doc` is; code 0: it is */
	/* of the file it was loaded from, so that a write sees a change in between */
	bool from_file;
	uint64_t dev, ino;
	int64_t mtime_ns;
};

/* JSON of its own from a file that is open; the fd stays the caller's. */
int profile_load_fd(struct sca_profile **ret, int fd, const char *name, struct sca_err *err);

/* Times outside of what 64 bits of nanoseconds hold wrap; only equality counts. */
struct stat;
int64_t stat_mtime_ns(const struct stat *st);

enum eff_drop {
	EFF_KEPT,
	EFF_INC_CAPS,   /* includes.caps: `what` is the first that the bounding set lacks */
	EFF_INC_ARCHES, /* includes.arches */
	EFF_INC_KERNEL, /* includes.minKernel: `what` */
	EFF_EXC_CAPS,   /* excludes.caps: `what` is the first that the bounding set holds */
	EFF_EXC_ARCHES,
	EFF_EXC_KERNEL,
	EFF_NAME_FORM,  /* "name" under containerd: the rule names nothing */
};

/* What became of one (rule, name) pair at the runtime and libseccomp. */
enum eff_fate {
	EFF_FATE_NONE,      /* the rule was dropped before */
	EFF_FATE_ADDED,
	EFF_FATE_REDUNDANT, /* action equals the default: the runtime skips it */
	EFF_FATE_UNKNOWN,   /* this libseccomp does not know the name: the runtime skips it */
};

struct eff_arg {
	unsigned index;
	int op; /* enum scmp_compare */
	uint64_t value, value_two;
	uint32_t node;
};

struct eff_name {
	struct sca_str name;
	uint32_t node; /* the string in the document */
	enum eff_fate fate;
};

struct eff_rule {
	uint32_t node; /* the rule object */
	size_t index;  /* in /syscalls */
	enum eff_drop drop;
	struct sca_str what;
	bool gated;    /* has an includes/excludes condition that this front end honours */
	bool name_form; /* "name" instead of "names" */
	enum sca_action action;
	uint16_t err; /* errno of ERRNO, message of TRACE */
	struct eff_name *names;
	size_t n_names;
	struct eff_arg *args;
	size_t n_args;
};

struct eff {
	struct arena arena;
	bool disabled; /* no filter at all */
	enum sca_action default_action;
	uint16_t default_err;
	uint32_t default_node; /* JT_NONE when absent */
	uint32_t archs[32];    /* native first, then as listed, no duplicates */
	size_t n_archs;
	bool archs_listed;     /* `architectures` or a matching archMap entry is there */
	bool native_listed;    /* and the native one is among them */
	uint32_t archs_node;   /* array where another arch would be added; JT_NONE */
	uint32_t syscalls_node;
	bool flags_given, flag_log, flag_spec_allow;
	bool has_listener;
	struct eff_rule *rules; /* every rule of the text, in order */
	size_t n_rules;
};

/* For "%.*s": a span, cut so that the rest of an error's text finds room. */
#define CUT(s) (int)MIN((s).n, (size_t)64), (s).n ? (s).p : ""

/* Whether the target's runtime is older than that version. */
static inline bool target_before(const struct sca_target *t, unsigned major, unsigned minor,
				 unsigned micro)
{
	const unsigned *v = t->version;

	if (v[0] != major)
		return v[0] < major;
	return v[1] != minor ? v[1] < minor : v[2] < micro;
}
/* "runc 1.1.5", for messages. */
#define TARGET_RUNTIME_MAX 48
void target_runtime(const struct sca_target *t, char buf[TARGET_RUNTIME_MAX]);

/* Lowers. SCA_E_REFUSED with the front end's or the runtime's reason. Rules keep node indices
 * into p->doc. Fates are filled by the compiler. */
int eff_new(struct eff **ret, const struct sca_profile *p, const struct sca_target *t,
	    struct sca_err *err);
struct eff *eff_free(struct eff *e);

/* The effective profile of a compiled filter. Borrowed. */
const struct eff *sca_filter_eff(const struct sca_filter *f);
/* Highest number that the profile names for an arch, for runc's stub: -1 when the stub does not
 * cover that arch. *ret_name: the name that set it (borrowed), may be NULL. */
int32_t sca_filter_stub_max(const struct sca_filter *f, uint32_t arch,
			    struct sca_str *ret_name);
/* The number that a NUL-terminated name would raise that maximum to: -1 when the stub would not
 * count it (unknown on that arch, or multiplexed: libseccomp has no number of its own). */
int32_t sca_filter_stub_counts(uint32_t arch, const char *name);
/* Argument conditions' constants that matter for a call, for boundary values: every constant
 * that some condition of a surviving rule for this name compares argument `arg` with. */
size_t sca_filter_arg_values(const struct sca_filter *f, uint32_t arch, int32_t nr,
			     unsigned arg, uint64_t *out, size_t cap);

#endif
