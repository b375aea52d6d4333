/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles, targets, filters and verdicts.
 *
 * A profile is its text and the tree parsed from it; what it means depends on who loads it.
 * A target names that world: front end (which rules survive), runtime (how they become
 * libseccomp calls), capabilities, kernel, architecture. A filter is a profile compiled for a
 * target with libseccomp and exported as BPF; verdicts come from running that program, never
 * from a model of rule precedence.
 *
 * Semantics and sources: shared/knowledge/profile-semantics.md, summed up in src/README.md.
 */
#ifndef SCAUDIT_PROFILE_H
#define SCAUDIT_PROFILE_H

#include <scaudit/names.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- profile -- */

#define SCA_PROFILE_MAX_BYTES (16u << 20)
#define SCA_PROFILE_MAX_DEPTH 64
#define SCA_PROFILE_MAX_RULES 65536

struct sca_profile;

enum sca_frontend {
	SCA_FRONTEND_DOCKER,   /* Docker 23 or newer */
	SCA_FRONTEND_DOCKER20, /* Docker before 23: no defaultErrnoRet, flags, listenerPath */
	SCA_FRONTEND_PODMAN,   /* Podman, CRI-O, Buildah: containers/common */
	SCA_FRONTEND_CRI,      /* containerd CRI, ctr, nerdctl: gates are ignored */
	SCA_FRONTEND_OCI,      /* linux.seccomp of a config.json, straight to the runtime */
	SCA_FRONTEND_COUNT,
};

/* Where a profile stands. Its JSON is what is judged; its text is what is edited. */
enum sca_home {
	SCA_HOME_JSON,    /* JSON text of its own */
	SCA_HOME_YAML,    /* the same as YAML */
	SCA_HOME_SPO,     /* /spec of a Security Profiles Operator's SeccompProfile, YAML or JSON */
	SCA_HOME_OCI,     /* /linux/seccomp of a container's config.json */
	SCA_HOME_INSPECT, /* a string of HostConfig.SecurityOpt, as `docker inspect` prints it */
	SCA_HOME_MINIJAIL, /* a policy of minijail, see policy.h */
	SCA_HOME_SYSTEMD,  /* SystemCallFilter= and its like of systemd */
	SCA_HOME_COUNT,
};

/*
 * Loads and checks the JSON syntax as Go's encoding/json does (no comments, no trailing
 * commas, no byte order mark, nothing after the value). Meaning is checked per target, at
 * sca_filter_compile(). Errors carry file:line:column.
 *
 * A profile that stands inside of something else is found by that file's content; places in
 * errors are then those of the file. A file with several profiles is refused, naming them.
 */
SCA_API int sca_profile_load_file(struct sca_profile **ret, const char *path, struct sca_err *err);
/* The text of a file, with the homes that sca_profile_load_file() knows. `name` is for messages
 * and is copied; the text is copied. */
SCA_API int sca_profile_load_text(struct sca_profile **ret, struct sca_str text, const char *name,
				  struct sca_err *err);
/* A profile's JSON and nothing around it. */
SCA_API int sca_profile_load_mem(struct sca_profile **ret, struct sca_str text, const char *name,
				 struct sca_err *err);
/* The file's text; the profile's alone where that stands apart. Borrowed. */
SCA_API struct sca_str sca_profile_text(const struct sca_profile *p);
SCA_API const char *sca_profile_name(const struct sca_profile *p);    /* borrowed */
SCA_API enum sca_home sca_profile_home(const struct sca_profile *p);
/* Whether the file does not hold the profile's text, so that an edit has no place in it. */
SCA_API bool sca_profile_apart(const struct sca_profile *p);
/* JSON pointer of the profile in its file's document, "" for the top. Borrowed. */
SCA_API const char *sca_profile_pointer(const struct sca_profile *p);
/* What somebody who judges it should know of its home, or NULL. Borrowed. */
SCA_API const char *sca_profile_note(const struct sca_profile *p);
/* The front end that a home implies: SPO cri, OCI oci, inspect docker. False for the others. */
SCA_API bool sca_profile_frontend(const struct sca_profile *p, enum sca_frontend *ret);
/*
 * Whether the text says what the profile is. SCA_E_CONFLICT for a patched one whose YAML is in a
 * form that can not be edited exactly: its verdicts are right, its text is not to be shown.
 */
SCA_API int sca_profile_check_text(const struct sca_profile *p, struct sca_err *err);
SCA_API struct sca_profile *sca_profile_free(struct sca_profile *p);

/* -- target -- */

enum sca_runtime {
	SCA_RUNTIME_RUNC,
	SCA_RUNTIME_CRUN,
	SCA_RUNTIME_COUNT,
};

struct sca_target {
	enum sca_frontend frontend;
	enum sca_runtime runtime;
	unsigned version[3]; /* of the runtime */
	uint64_t caps;       /* bounding set, bit n is capability n */
	unsigned kernel[2];  /* for minKernel */
	uint32_t arch;       /* native; the implicit one of every filter */
};

/*
 * Defaults of a front end: docker runc 1.3.0, docker20 runc 1.1.5, podman crun 1.14.0, cri runc
 * 1.3.0, oci runc 1.3.0; the engine's default capability set; this machine's kernel
 * (uname) and architecture.
 */
SCA_API void sca_target_init(struct sca_target *t, enum sca_frontend frontend);
SCA_API int sca_frontend_parse(struct sca_str text, enum sca_frontend *ret);
SCA_API const char *sca_frontend_name(enum sca_frontend f);
SCA_API const char *sca_runtime_name(enum sca_runtime r);
/* "runc", "crun:1.8.1"; keeps the default version of that runtime when none is given. */
SCA_API int sca_target_set_runtime(struct sca_target *t, struct sca_str text, struct sca_err *err);
/* "docker-default", "podman-default", "all", "none", or a comma list, "+CAP_X"/"-CAP_X" steps. */
SCA_API int sca_target_set_caps(struct sca_target *t, struct sca_str text, struct sca_err *err);
SCA_API int sca_target_set_kernel(struct sca_target *t, struct sca_str text, struct sca_err *err);
SCA_API int sca_target_set_arch(struct sca_target *t, struct sca_str text, struct sca_err *err);
/* "docker, runc 1.3.0, caps docker-default, kernel 6.18, x86_64"; cut to cap. */
SCA_API size_t sca_target_format(const struct sca_target *t, char *buf, size_t cap);

/* -- filter -- */

struct sca_filter;

/*
 * Compiles as the target would. SCA_E_REFUSED when one of its loaders (front end, runtime,
 * libseccomp, kernel limit of 4096 instructions) would refuse the profile: the text gives
 * the loader and its reason, the place gives line, column and pointer.
 */
SCA_API int sca_filter_compile(struct sca_filter **ret, const struct sca_profile *p,
			       const struct sca_target *t, struct sca_names *names,
			       struct sca_err *err);
SCA_API struct sca_filter *sca_filter_free(struct sca_filter *f);

struct sca_filter_info {
	bool disabled;        /* the front end sets no filter at all ("{}") */
	size_t rules;         /* handed to libseccomp: one per name, or per condition where two
				 conditions of a rule look at the same argument */
	size_t redundant;     /* skipped: same action as the default */
	size_t unknown;       /* skipped: name unknown to this libseccomp */
	size_t gated;         /* rules dropped by includes/excludes */
	size_t instructions;  /* of the BPF program, without the stub */
	size_t n_archs;
	uint32_t archs[32];   /* native first */
	bool stub;            /* runc puts its ENOSYS stub in front */
	bool log_flag;        /* loaded with SECCOMP_FILTER_FLAG_LOG */
};
SCA_API void sca_filter_info(const struct sca_filter *f, struct sca_filter_info *ret);
/* The program, struct sock_filter[], for loading into a kernel; includes the stub where the
 * runtime adds one. *ret_n is the count of instructions. Borrowed. */
SCA_API const void *sca_filter_program(struct sca_filter *f, size_t *ret_n, struct sca_err *err);

/* -- verdict -- */

struct sca_call {
	uint32_t arch; /* as everywhere: x32 is an architecture, nr has no bit 30 */
	int32_t nr;
	unsigned args_known; /* bit n: args[n] is known */
	uint64_t args[6];
};

enum sca_by {
	SCA_BY_RULE,     /* some rule names this call */
	SCA_BY_DEFAULT,  /* defaultAction */
	SCA_BY_STUB,     /* runc's ENOSYS stub: number above all that the profile names */
	SCA_BY_BAD_ARCH, /* architecture not in the filter: killed by libseccomp's default */
	SCA_BY_NONE,     /* no filter: everything is allowed */
	SCA_BY_FILTER,   /* a filter without a profile, see held.h */
};
/* "rule", "default", "stub", "bad_arch", "none", "filter" */
SCA_API const char *sca_by_name(enum sca_by by);

struct sca_verdict {
	enum sca_action action;
	uint16_t data; /* errno for ERRNO, message for TRACE, else 0 */
	enum sca_by by;
};

#define SCA_REACH_MAX 8
struct sca_reach {
	size_t n; /* 1 or more; sorted by severity, most severe first */
	struct sca_verdict v[SCA_REACH_MAX];
	bool complete; /* false: more than SCA_REACH_MAX, or the search limit was hit */
	bool by_args;  /* more than one verdict: it depends on unknown arguments */
};

/* All arguments are taken as given; unknown ones as 0. */
SCA_API void sca_filter_eval(const struct sca_filter *f, const struct sca_call *call,
			     struct sca_verdict *ret);
/* Every verdict that some value of the unknown arguments reaches. */
SCA_API void sca_filter_reach(const struct sca_filter *f, const struct sca_call *call,
			      struct sca_reach *ret);

#ifdef __cplusplus
}
#endif
#endif
