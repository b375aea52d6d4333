/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of container.h: patterns, the cache of engine state, and the object that holds them.
 */
#ifndef SCA_CONTAINER_INT_H
#define SCA_CONTAINER_INT_H

#include "rootdir.h"

#include <scaudit/container.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum cgroup_fact {
#define FACT(name, regex) FACT_##name,
#include "tables/container.in"
	FACT_COUNT
};

struct cgroup_pattern {
	pcre2_code *code;
	enum sca_cgroup_kind kind;
	bool escaped;
	char *engine; /* malloc'ed */
};

struct patterns {
	struct cgroup_pattern *own, *user;
	size_t n_own, own_cap, n_user, user_cap;
	pcre2_code *facts[FACT_COUNT];
	pcre2_match_data *data;
	pcre2_match_context *context;
};

int patterns_init(struct patterns *ps, struct sca_err *err);
void patterns_release(struct patterns *ps);
int patterns_add(struct patterns *ps, struct sca_str text, const char *file, struct sca_err *err);

/* One answer about an id; the strings are in `text`. Found or not, it stays for a while. */
struct state_entry {
	struct state_entry *next; /* in the bucket */
	struct arena text;
	struct sca_str key;
	bool found;
	uint64_t until_ms; /* monotonic */
	struct sca_container_state state;
};

#define STORAGE_DRIVERS 4
#define ENGINE_DIRS     4
#define STATE_DIRS      (ENGINE_DIRS + SCA_RUNTIME_COUNT)
#define RUNTIME_DIR     "/run/" /* behind it the name of the runtime */

/* Where runtimes and shims keep a directory for each container. */
struct state_dir {
	const char *dir;    /* no slash in front */
	const char *engine; /* NULL: any, or the runtime alone */
	bool namespaces;    /* one directory a namespace in between */
	bool tasks;         /* bundles: no state of a process */
};

/* Where engines keep their files, see container_engine.h. */
struct engine_dirs {
	struct arena text;
	bool known;
	uint64_t until_ms;
	const char *docker_data, *docker_exec, *storage, *containerd;
	const char *docker_profile, *podman_profile; /* configured defaults, or NULL */
	struct state_dir state[STATE_DIRS];
};

#define STATE_BUCKETS     1024u
#define STATE_ENTRIES_MAX SCA_CONTAINERS_MAX
#define STATE_KEEP_MS     10000u /* an id that is a name can come back as another container */
#define STATE_MISSING_MS  1000u  /* state is written a moment after the first process starts */

struct sca_containers {
	int root;
	char *root_path; /* for messages and names: "" for this machine's own */
	bool live;       /* root is this machine's own */
	uint64_t btime;  /* of /proc/stat, when that was read; 0: it was not */
	struct patterns patterns;
	struct arena scratch; /* what the last answer borrows */
	struct state_entry *buckets[STATE_BUCKETS];
	struct state_entry *ring[STATE_ENTRIES_MAX]; /* in order of arrival */
	size_t ring_at;
	uint64_t now_ms; /* monotonic, of the present call: no answer in it changes on the way */
	uint64_t keep_ms, missing_ms;
	struct engine_dirs dirs;
	bool listing; /* see engine_list_begin() */
	bool have_storage[STORAGE_DRIVERS];
	struct json_t *storage[STORAGE_DRIVERS];
	bool anew; /* what no engine knew a moment ago is asked again */
	uint64_t news; /* times that an engine's files told something */
	struct sca_container_stats stats;
};

/* Starts a call: the last answer is void, the clock is read. */
void containers_begin(struct sca_containers *cs);

/* As sca_containers_decode(), but what an earlier answer borrowed stays. */
int cgroup_decode(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *ret,
		  struct sca_err *err);
/* The next candidate of a path that decode found no container in: cuts *path from the inside.
 * 1 with *ret_id, 0 at the end. */
int cgroup_candidate(struct sca_containers *cs, struct sca_str *path, struct sca_str *ret_id,
		     struct sca_str *ret_cut, struct sca_err *err);
/* Path without " (deleted)" and trailing slashes. SCA_E_SYNTAX, SCA_E_LIMIT. Counted. */
int cgroup_path_check(struct sca_containers *cs, struct sca_str *path, struct sca_err *err);

/* As sca_containers_by_path(), but what an earlier answer borrowed stays. */
int container_by_path(struct sca_containers *cs, struct sca_str path,
		      struct sca_container_ref *ret, struct sca_err *err);

/* What /proc/PID/stat tells. */
struct task_stat {
	char comm[16];
	bool zombie;
	uint32_t ppid;
	uint64_t start; /* ticks since boot */
};
/* Everything of one process: its stat and the text of its cgroup file, which stays open where
 * `ret_fd` is not NULL. 1, 0 when it is gone. */
int process_read(struct sca_containers *cs, uint32_t pid, struct buf *cgroup,
		 struct task_stat *st, int *ret_fd, struct sca_err *err);
/* The container of a /proc/PID/cgroup; via is "cgroup" or "none". What an earlier answer borrowed
 * stays. *ret_all_root: every path is "/"; *ret_conflict: two hierarchies name two containers. */
int container_by_cgroups(struct sca_containers *cs, struct sca_str text, bool *ret_all_root,
			 bool *ret_conflict, struct sca_container_ref *ret, struct sca_err *err);

/* A process' start, as against a moment. */
enum task_start {
	TASK_START_UNKNOWN, /* within what the clocks can not tell apart, or nothing is known */
	TASK_START_BEFORE,
	TASK_START_BEHIND,
};
/* What was read of a process, and what container_by_cgroups() made of it. */
struct process_says {
	struct task_stat st;
	bool all_root, conflict;
	struct sca_container_ref ref;
};
/* Whether that is the answer for a record of *time_ms; NULL: of no known time. Counted. */
int container_judge(struct sca_containers *cs, const struct process_says *says,
		    const int64_t *time_ms, struct sca_container_ref *ret,
		    enum task_start *ret_start, struct sca_err *err);
/* As sca_containers_by_pid(); *ret_start as against *time_ms, UNKNOWN for NULL. */
int container_by_pid(struct sca_containers *cs, uint32_t pid, const int64_t *time_ms,
		     struct sca_container_ref *ret, enum task_start *ret_start,
		     struct sca_err *err);

/* Reads the engines' files. 1 when `ret` says something, 0 when no engine knows the id. */
int state_from_files(struct sca_containers *cs, struct sca_str id, struct arena *text,
		     struct sca_container_state *ret, struct sca_err *err);
/* From memory or from the files. NULL in *ret when no engine knows the id. */
int state_lookup(struct sca_containers *cs, struct sca_str id,
		 const struct sca_container_state **ret, struct sca_err *err);
/* The same from the files, whatever memory has. */
int state_refresh(struct sca_containers *cs, struct sca_str id,
		  const struct sca_container_state **ret, struct sca_err *err);
/* NULL past the last one, and without memory. As the engines are configured now. */
const struct state_dir *state_dir(struct sca_containers *cs, size_t i);

#endif
