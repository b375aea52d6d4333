/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose child is whose: processes by the kernel's own events, each with the cgroup that it was
 * last known in. Only the table; where the events come from is tracker_lineage.c's matter.
 *
 * A process is a life: a pid from its fork to its end. A new one has its parent's cgroup until
 * it executes a program; then /proc is read again. All times are CLOCK_MONOTONIC in ns.
 *
 * What may be wrong is marked, and never said to be exact:
 *	broken   it executed a program, and then /proc could not be read, or said "/": the first
 *	         process of a container was in the runtime's cgroup before
 *	strayed  its parent's children were seen to go elsewhere (runtimes, shims, systemd)
 *	old      events were lost since the last reading of /proc that it comes from
 */
#ifndef SCA_LINEAGE_H
#define SCA_LINEAGE_H

#include "tracker_int.h"

#define LINEAGE_MAX      65536u
#define LINEAGE_SLACK_NS 25000000u /* a record's clock is a tick late and cut to ms */
#define LINEAGE_BIRTH_NS 35000000u /* a start in /proc is cut to a tick; pids come back later */
#define LINEAGE_ALIVE    UINT64_MAX

enum lineage_what { LINEAGE_FORK, LINEAGE_EXEC, LINEAGE_EXIT };

struct lineage_event {
	enum lineage_what what;
	uint32_t pid;    /* the thread */
	uint32_t tgid;   /* the process */
	uint32_t parent; /* FORK: the process */
	uint64_t at_ns;
};

/* One text of /proc/PID/cgroup, shared by all that have it. */
struct lineage_home {
	struct lineage_home *next; /* in the bucket */
	uint64_t hash;
	unsigned refs;
	bool all_root;
	bool conflict; /* two hierarchies name two containers */
	struct kept_ref kept; /* empty until an engine or a path says whose it is */
	uint64_t news, until_ms; /* an answer without a name is asked for anew then */
	size_t n;
	char text[];
};

#define HOME_BUCKETS 1024u
struct homes {
	struct sca_containers *cs;
	struct lineage_home *buckets[HOME_BUCKETS];
};

void homes_release(struct homes *hs);
/* A reference to the home of that text; put gives it back. */
int home_get(struct homes *hs, struct sca_str text, struct lineage_home **ret,
	     struct sca_err *err);
void home_put(struct homes *hs, struct lineage_home *home);
/* Asks whose a home is; `anew` also where nobody knew it a moment ago. */
int home_ask(struct homes *hs, struct lineage_home *home, bool anew, struct sca_err *err);
/* The same where the answer may be better by now. */
int home_refresh(struct homes *hs, struct lineage_home *home, struct sca_err *err);

struct lineage_life {
	uint32_t pid, ppid;
	uint32_t next;        /* in the bucket: newer ones of a pid first */
	uint32_t newer, older; /* in the list of the running, or of the ended */
	uint32_t epoch;
	bool own;     /* /proc was read for this very process */
	bool broken, strayed;
	bool scatters; /* its children go elsewhere */
	uint64_t born_ns, died_ns;
	struct lineage_home *home; /* NULL: never known */
	char *cmdline; /* of one that starts containers (starter.h), or of its parent; else NULL */
	size_t cmdline_n;
};

struct lineage;

int lineage_new(struct lineage **ret, struct sca_containers *cs, size_t max, struct sca_err *err);
struct lineage *lineage_free(struct lineage *l);

/* Reads all of /proc: at the start, and again when events were lost. */
int lineage_seed(struct lineage *l, uint64_t now_ns, struct sca_err *err);
int lineage_feed(struct lineage *l, const struct lineage_event *ev, struct sca_err *err);
/* Events were lost; what is inherited from before is `old` from now on. */
void lineage_lost(struct lineage *l, uint64_t n);

enum lineage_match {
	LINEAGE_NONE,   /* the pid was never seen */
	LINEAGE_OTHER,  /* only at other times */
	LINEAGE_FOUND,
};
/* The life of a pid at a time, as exact as a record's clock is; borrowed until the next event. */
enum lineage_match lineage_at(const struct lineage *l, uint32_t pid, uint64_t at_ns,
			      const struct lineage_life **ret);
/* The newest life of a pid whatever the time, and whether it is the only one. */
const struct lineage_life *lineage_newest(const struct lineage *l, uint32_t pid, bool *ret_only);

/*
 * The container of a life: 1 with *ret, sure set, spans good until the next event; or 0.
 * `runtime`: the record is of a runtime's own start-up code, which is moved without an exec.
 */
int lineage_answer(struct lineage *l, const struct lineage_life *life, bool runtime,
		   struct sca_container_ref *ret, struct sca_err *err);

void lineage_stats(const struct lineage *l, struct sca_tracker_stats *add);

static inline uint64_t lineage_later(uint64_t ns, uint64_t by)
{
	return ns > UINT64_MAX - by ? UINT64_MAX : ns + by;
}

uint64_t lineage_now(clockid_t clock);
/* A record's time on the clock of the events; 0 for before boot. */
uint64_t lineage_clock(int64_t time_ms);
/* A start as /proc tells it, in ticks since boot, on that clock, up to a tick early. */
uint64_t lineage_start(const struct sca_containers *cs, uint64_t ticks);
/* Whether two births, one of them from /proc, may be the same. */
bool lineage_same_birth(uint64_t a, uint64_t b);

/* What the level's state begins with, for the other levels. */
struct lineage_level {
	struct lineage *table;
};
/* NULL when there is no such level. */
const struct lineage *lineage_of(const struct sca_tracker *t);
/* Parent and birth of the process that had the pid at that time: from the table, or from /proc
 * while it lives. 1, 0, or -ENOMEM. */
int lineage_parent(struct sca_tracker *t, uint32_t pid, uint64_t at_ns, uint32_t *ret_ppid,
		   uint64_t *ret_born_ns, struct sca_err *err);
/* What /proc has of it, and its birth. 1, 0, or -ENOMEM. */
int lineage_task(struct sca_tracker *t, uint32_t pid, uint64_t at_ns, struct task **ret,
		 uint64_t *ret_born_ns, struct sca_err *err);
/* The command line of a process that starts containers, empty for others; false when the table
 * knows nothing of the process. */
bool lineage_cmdline(const struct sca_tracker *t, uint32_t pid, uint64_t at_ns,
		     struct sca_str *ret);

#endif
