/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a process or a cgroup path to the container it belongs to.
 *
 * A path is decoded by one table of patterns, from its innermost component outward: the
 * innermost container wins, the one around it is `outer`. Nothing else is asked for that, so
 * it works for paths of another machine, too. What a path does not say (name, image, pod) is
 * read from the state files of the engines, without asking a daemon: runc, crun, Docker,
 * containerd and its CRI, Podman, CRI-O, LXC.
 *
 * The rule over all others: no container is named that the evidence does not name. "/" is not
 * proof of the host: it is also what a process on its way out shows. It stays unknown.
 *
 * All files are looked up under one root directory, and no link leads out of it.
 */
#ifndef SCAUDIT_CONTAINER_H
#define SCAUDIT_CONTAINER_H

#include <scaudit/error.h>
#include <scaudit/profile.h>
#include <scaudit/record.h>
#include <scaudit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sca_containers;

enum sca_cgroup_kind {
	SCA_CGROUP_UNKNOWN,   /* "/", or nothing that a pattern knows */
	SCA_CGROUP_CONTAINER,
	SCA_CGROUP_CANDIDATE, /* /ID or /NAMESPACE/ID: a container if an engine's state says so */
	SCA_CGROUP_MONITOR,   /* conmon and the like: beside container `id`, not in it */
	SCA_CGROUP_UNIT,      /* a systemd service or scope; engine is systemd or systemd-user */
	SCA_CGROUP_RELATIVE,  /* starts with /../: seen from inside a cgroup namespace */
};

struct sca_cgroup {
	enum sca_cgroup_kind kind;
	struct sca_str engine; /* "cri": containerd or Docker, the path can not tell; "oci": any */
	struct sca_str id;
	struct sca_str pod_uid; /* with dashes; 32 hex digits for static pods */
	struct sca_str pod_id;  /* Podman's pod */
	struct sca_str qos;     /* guaranteed, burstable or besteffort; empty outside of pods */
	struct sca_str unit;    /* as systemd spells it, with its \x2d; around the container, if any */
	struct sca_str outer_engine, outer_id; /* the container around this one */
};

/* What the engines' files say of a container; empty and 0 when they do not. */
struct sca_container_state {
	struct sca_str id, engine;
	struct sca_str name, image, pod, ns, pod_uid;
	uint32_t init_pid;
	uint64_t init_start;    /* of init_pid, in ticks since boot, as in /proc/PID/stat */
	struct sca_str runtime; /* "runc" or "crun", by the form of its state: it has a process */
	struct sca_str cgroup;  /* without the mount point where the engine tells it */
	struct sca_str config;  /* OCI config.json in force, below the root */
	struct sca_str profile; /* file that the seccomp profile came from, below the root */
	struct sca_str rootfs;  /* the container's root directory, below the root */
	struct sca_str label;   /* SELinux label of its processes, or else of its files */
};

struct sca_container_stats {
	uint64_t lookups;   /* of engine state */
	uint64_t cached;    /* of them, answered from memory */
	uint64_t missing;   /* no engine knows the id */
	uint64_t evicted;   /* remembered answers that made room */
	uint64_t damaged;   /* state files that are not in their form, too large, or unreadable */
	uint64_t malformed; /* paths and /proc files that are not in the kernel's form */
	uint64_t overlong;  /* paths above SCA_CGROUP_PATH_MAX */
	uint64_t costly;    /* paths on which a pattern of the user ran into its limit */
	uint64_t gone;      /* processes that had ended */
	uint64_t zombie;    /* of the unknown: has exited, its cgroup is lost */
	uint64_t late;      /* attributed, but the process may have started behind the record */
	uint64_t misplaced; /* paths with an id whose engine has it at another cgroup */
	uint64_t conflict;  /* attributed, but the hierarchies of v1 and v2 name two containers */
	uint64_t unlisted;  /* containers past SCA_CONTAINERS_MAX when all were asked for */
};

#define SCA_CGROUP_PATH_MAX   4096
#define SCA_CONTAINER_PATTERNS_MAX 64 /* of the user */
#define SCA_CONTAINERS_MAX         4096

/* `root` NULL or "/" for this machine. -ENOENT, -EACCES, ... when it is no directory. */
SCA_API int sca_containers_new(struct sca_containers **ret, const char *root,
			       struct sca_err *err);
SCA_API struct sca_containers *sca_containers_free(struct sca_containers *cs);

/*
 * Adds patterns from text, one a line: `engine = regex`; blank lines and lines that start with
 * # do not count. The regex (PCRE2) is tried before the built-in ones, on the path cut at each
 * component from the innermost outward; its first group is the id. It should end in $ and may
 * look at the last eight components only. `file` is for errors, which have line and column.
 * Either all lines are taken or none.
 */
SCA_API int sca_containers_add_patterns(struct sca_containers *cs, struct sca_str text,
					const char *file, struct sca_err *err);

/*
 * Decodes one path. The spans point into `path`, into the patterns, or into cs, until its next
 * non-const call. SCA_E_SYNTAX: not a cgroup path (no slash in front, a NUL); SCA_E_LIMIT: too
 * long, or a pattern of the user takes too long on it. All are counted and no reason to stop.
 */
SCA_API int sca_containers_decode(struct sca_containers *cs, struct sca_str path,
				  struct sca_cgroup *ret, struct sca_err *err);

/*
 * The container of a path, with what the engines know of it. Unknown is no failure: then all
 * spans are empty but via, which is "none". Otherwise via is "cgroup" and sure is "exact"; or
 * "likely" when the id's engine has it at another cgroup. Then the container around it, if any,
 * is the answer: who may make cgroups of his own may give them any name. A systemd unit has
 * engine and unit, and no id. Spans are borrowed until the next non-const call.
 * Errors as of sca_containers_decode(), and -ENOMEM.
 */
SCA_API int sca_containers_by_path(struct sca_containers *cs, struct sca_str path,
				   struct sca_container_ref *ret, struct sca_err *err);

/*
 * The container of a process, from /proc/PID. via is "proc". sure is "exact" when the process
 * certainly started before time_ms, so that pid is not another's by now; else, and without a
 * time, "likely". Processes that are gone are unknown, not failures. -ENOMEM, -EACCES, ...
 */
SCA_API int sca_containers_by_pid(struct sca_containers *cs, uint32_t pid, int64_t time_ms,
				  bool have_time, struct sca_container_ref *ret,
				  struct sca_err *err);

/* What the engines' files say of an id (or of LXC's name). -ENOENT: none knows it. Borrowed. */
SCA_API int sca_containers_state(struct sca_containers *cs, struct sca_str id,
				 struct sca_container_state *ret, struct sca_err *err);

/* The directories below which engines keep these files, as they are configured now; NULL past the
 * end. With a slash in front, below the root, borrowed. */
SCA_API const char *sca_containers_dir(struct sca_containers *cs, size_t i);

/*
 * Every container that an engine's files know, dead ones included, in order of id; a Kubernetes
 * pod's sandbox is one, too. fn: 0; positive to stop, which is no failure; negative with err set.
 * It must not call cs. -ENOMEM.
 */
typedef int sca_container_fn(const struct sca_container_state *st, void *arg,
			     struct sca_err *err);
SCA_API int sca_containers_each(struct sca_containers *cs, sca_container_fn *fn, void *arg,
				struct sca_err *err);

/*
 * The one container of a name, an id, the head of an id (4 characters or more), POD/CONTAINER or
 * NAMESPACE/POD/CONTAINER. A whole id goes before a name, that before the head of an id; of
 * several equals one that alone has a process. SCA_E_CONFLICT: several, the text lists them;
 * -ENOENT: none, the text has the nearest names. Borrowed as by sca_containers_state().
 */
SCA_API int sca_containers_find(struct sca_containers *cs, struct sca_str name,
				struct sca_container_state *ret, struct sca_err *err);

/* Where a container's profile was found. */
enum sca_profile_from {
	SCA_PROFILE_FILE,    /* the file that the engine was given, still there */
	SCA_PROFILE_COPY,    /* the engine's copy of a file that it does not name */
	SCA_PROFILE_DEFAULT, /* the file that the engine gives all that have none of their own */
	SCA_PROFILE_CONFIG,  /* linux.seccomp of the OCI config.json in force */
};

struct sca_container_profile {
	struct sca_profile *profile; /* the caller frees it; named after the file it is from */
	enum sca_profile_from from;
	struct sca_target target;
	bool have_runtime, have_version, have_caps; /* told; else the front end's default */
	bool no_new_privs;
	bool changed; /* what runs has another filter: the profile was changed since it started */
};

/*
 * The profile in force and the target that loads it, as the engine's files have them; only the
 * target, and none of the errors about profiles, with target_only. st is of this cs and may be
 * borrowed from it. With SCA_PROFILE_CONFIG the front end is oci, as what the engine's own one
 * does was done. SCA_E_CONFLICT: it runs without one (unconfined, privileged);
 * SCA_E_UNSUPPORTED: its engine has none in JSON (LXC), or keeps none of a container that has
 * ended; errors of reading and of syntax.
 */
SCA_API int sca_containers_profile(struct sca_containers *cs,
				   const struct sca_container_state *st, bool target_only,
				   struct sca_container_profile *ret, struct sca_err *err);

SCA_API void sca_containers_stats(const struct sca_containers *cs,
				  struct sca_container_stats *ret);

#ifdef __cplusplus
}
#endif
#endif
