/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live attribution: the container of a process that may be dead before its record is read.
 *
 * A tracker watches this machine and remembers. Asked for a record it takes the first answer
 * of its levels, in this order, which the measurements in tests/bench/README.md justify:
 *
 *	bpf        a program on the raw tracepoint sched_process_exit keeps the cgroup of each
 *	           process that ended (needs CAP_BPF and CAP_PERFMON, cgroup2): exact. With
 *	           CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH it names cgroups that came and went
 *	           before they could be looked at, too. The capabilities stay needed (CAP_BPF
 *	           for each look where kernel.unprivileged_bpf_disabled is set before Linux 5.19)
 *	proc       /proc/PID while it lives, its start checked against the record's time; asked
 *	           before and behind it, bpf makes that exact
 *	lineage    the process connector: a child has its parent's answer until it moves
 *	           (needs CAP_NET_ADMIN, the initial network and pid namespace)
 *	init       the engines' state files, watched: the container's first process
 *	parent     what the command lines of conmon, the shims and the runtimes say, the SELinux
 *	           label (via is then "label")
 *	candidates no single answer, but those that are possible
 *
 * "/" never proves the host. A level that cannot work here says why; a self-test finds those
 * that only seem to (namespaces).
 */
#ifndef SCAUDIT_TRACKER_H
#define SCAUDIT_TRACKER_H

#include <scaudit/container.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sca_tracker;

enum sca_track {
	SCA_TRACK_BPF,
	SCA_TRACK_PROC,
	SCA_TRACK_LINEAGE,
	SCA_TRACK_INIT,
	SCA_TRACK_HINT,       /* "parent" and "label" */
	SCA_TRACK_CANDIDATES,
	SCA_TRACK_COUNT,
};
SCA_API const char *sca_track_name(enum sca_track level);

struct sca_tracker_stats {
	uint64_t found[SCA_TRACK_COUNT]; /* answers by level */
	uint64_t unknown;                /* nothing found, or candidates only */
	uint64_t lost;                   /* events of processes, and of files, not taken in time */
	uint64_t evicted;                /* processes and cgroups forgotten to make room */
	uint64_t reused;                 /* of the unknown: the pid was another's at that time */
};

/*
 * `cs` is borrowed and must be of this machine. Levels in the mask `skip` (1 << level) are not
 * used. A level that cannot be had is no failure: sca_tracker_level() tells why.
 */
SCA_API int sca_tracker_new(struct sca_tracker **ret, struct sca_containers *cs, unsigned skip,
			    struct sca_err *err);
SCA_API struct sca_tracker *sca_tracker_free(struct sca_tracker *t);
/* Whether a level works; *ret_why is borrowed, for people, NULL when it does. */
SCA_API bool sca_tracker_level(const struct sca_tracker *t, enum sca_track level,
			       const char **ret_why);

/* One descriptor (epoll) to poll for POLLIN; dispatch then takes all that waits and never
 * blocks. find() dispatches by itself, so a record is answered with all that came before. */
SCA_API int sca_tracker_fd(const struct sca_tracker *t);
SCA_API int sca_tracker_dispatch(struct sca_tracker *t, struct sca_err *err);

/*
 * The container of the record's pid (a tgid of the initial pid namespace). via and sure are
 * always set: via is a level's word ("bpf-exit" for bpf) or "none", sure is exact, likely,
 * candidates or unknown. Unknown is no failure. Spans are borrowed until the next call on
 * the tracker or on its containers. -ENOMEM.
 */
SCA_API int sca_tracker_find(struct sca_tracker *t, const struct sca_record *rec,
			     struct sca_container_ref *ret, struct sca_err *err);
SCA_API void sca_tracker_stats(const struct sca_tracker *t, struct sca_tracker_stats *ret);

/*
 * The map: which pid was which container's, from when to when, as NDJSON text that another run
 * or another machine reads. The newest `SCA_MAP_PIDS_MAX` processes are kept.
 */
#define SCA_MAP_PIDS_MAX 65536
struct sca_map;
SCA_API int sca_map_new(struct sca_map **ret, struct sca_err *err);
SCA_API struct sca_map *sca_map_free(struct sca_map *m);
/* Remembers that at time_ms the process was this container's; only exact answers are kept. The
 * first node that is named is the map's own: an empty one means it, here and in a record. */
SCA_API int sca_map_add(struct sca_map *m, struct sca_str node, uint32_t pid, int64_t time_ms,
			const struct sca_container_ref *ref, struct sca_err *err);
/* Adds what a text says; texts of several maps may stand one behind the other. SCA_E_SYNTAX with
 * line and column; the map is then as before. */
SCA_API int sca_map_read(struct sca_map *m, struct sca_str text, const char *file,
			 struct sca_err *err);
/* The whole map as text, malloc'ed and NUL-terminated. */
SCA_API int sca_map_text(const struct sca_map *m, char **ret, size_t *ret_n, struct sca_err *err);
/*
 * The answer for a record: by its node, pid and time; or, where the record has a container's id
 * already, the names that belong to it. via is "map"; sure is exact inside of what was seen of
 * the process, likely shortly behind it. Empty spans but via "none" when it knows nothing.
 */
SCA_API int sca_map_find(const struct sca_map *m, const struct sca_record *rec,
			 struct sca_container_ref *ret, struct sca_err *err);

#ifdef __cplusplus
}
#endif
#endif
