/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The level "init": the first process of a container is told by its engine's own files. They are
 * read as soon as they are written, since a container may end a moment later and take them
 * along; what they say stays known, its name in the cache of containers, too.
 */
#include "inits.h"

#include <scaudit/record.h>

#define STEPS_MAX 64u /* from a process up to its container's first one */

struct inits {
	struct dirs *dirs;
	struct sca_containers *cs;
	struct init *ring[INITS_MAX];    /* in order of arrival */
	struct init *buckets[INITS_MAX]; /* by pid, newer ones first */
	size_t at;
};

static struct init *init_free(struct init *in)
{
	if (in) {
		kept_release(&in->kept);
		arena_release(&in->text);
		free(in);
	}
	return NULL;
}

const struct init *inits_at(const struct sca_tracker *t, size_t i)
{
	const struct inits *s = t->level[SCA_TRACK_INIT].state;

	return s && i < INITS_MAX ? s->ring[i] : NULL;
}

bool init_alive(const struct init *in, uint64_t at_ns)
{
	return (in->born_ns <= at_ns || in->born_ns - at_ns <= LINEAGE_SLACK_NS) &&
	       at_ns <= in->gone_ns;
}

static int no_memory(struct sca_err *err)
{
	return sca_fail_errno(err, ENOMEM, "cannot remember a container");
}

static void gone(struct inits *s, struct sca_str id)
{
	for (size_t i = 0; i < INITS_MAX && s->ring[i]; i++)
		if (s->ring[i]->gone_ns == LINEAGE_ALIVE && str_eq(s->ring[i]->kept.ref.id, id))
			s->ring[i]->gone_ns = lineage_now(CLOCK_MONOTONIC);
}

static struct init **bucket_of(struct inits *s, uint32_t pid)
{
	return &s->buckets[pid % INITS_MAX];
}

/* The entry of that very process, or a new one in the place of the oldest. */
static struct init *entry_of(struct inits *s, const struct sca_container_state *st)
{
	struct init *in = *bucket_of(s, st->init_pid), **at;

	while (in && !(in->pid == st->init_pid && in->start == st->init_start &&
		       str_eq(in->kept.ref.id, st->id)))
		in = in->next;
	if (in)
		return in;
	in = calloc(1, sizeof(*in));
	if (!in)
		return NULL;
	if (s->ring[s->at]) {
		at = bucket_of(s, s->ring[s->at]->pid);
		while (*at != s->ring[s->at])
			at = &(*at)->next;
		*at = s->ring[s->at]->next;
		init_free(s->ring[s->at]);
	}
	s->ring[s->at] = in;
	s->at = (s->at + 1) % INITS_MAX;
	at = bucket_of(s, st->init_pid);
	*in = (struct init){
		.next = *at, .pid = st->init_pid, .start = st->init_start,
		.born_ns = lineage_start(s->cs, st->init_start), .gone_ns = LINEAGE_ALIVE,
	};
	*at = in;
	return in;
}

static int seen(void *arg, struct sca_str id, bool is_gone, struct sca_err *err)
{
	struct inits *s = arg;
	const struct sca_container_state *st = NULL;
	struct init *in;
	int r;

	if (is_gone) {
		gone(s, id);
		return 0;
	}
	containers_begin(s->cs);
	r = state_refresh(s->cs, id, &st, err);
	/* Without its start a process is any that has the pid. */
	if (r < 0 || !st || st->init_pid == 0 || st->init_start == 0)
		return r;
	in = entry_of(s, st);
	if (!in)
		return no_memory(err);
	arena_release(&in->text);
	in->label = in->rootfs = (struct sca_str){NULL, 0};
	if (!arena_dup_str(&in->text, st->label, &in->label) ||
	    !arena_dup_str(&in->text, st->rootfs, &in->rootfs) ||
	    !kept_set(&in->kept, &(struct sca_container_ref){
			.id = st->id, .engine = st->engine, .name = st->name, .image = st->image,
			.pod = st->pod, .ns = st->ns, .pod_uid = st->pod_uid}))
		return no_memory(err);
	return 0;
}

/* -- the level -- */

static void inits_close(void *level)
{
	struct inits *s = level;

	dirs_close(s->dirs);
	for (size_t i = 0; i < INITS_MAX; i++)
		init_free(s->ring[i]);
	free(s);
}

static int inits_open(struct sca_tracker *t, void **ret, struct buf *why, struct sca_err *err)
{
	struct inits *s;
	int r;

	if (t->cs->live && !tracker_initial_pids()) {
		buf_add_z(why, "the engines tell pids of the host, and /proc has others here: run in "
			       "the host's pid namespace (docker --pid=host, hostPID: true)");
		return 0;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return no_memory(err);
	s->cs = t->cs;
	r = dirs_open(&s->dirs, t->cs, seen, s, why, err);
	if (r == 0 && s->dirs) {
		*ret = s;
		return 0;
	}
	inits_close(s);
	return r;
}

static int inits_fd(const void *level)
{
	return dirs_fd(((const struct inits *)level)->dirs);
}

static int inits_dispatch(struct sca_tracker *t _unused_, void *level, struct sca_err *err)
{
	return dirs_dispatch(((struct inits *)level)->dirs, err);
}

/* The container whose first process had the pid at that time. *ret_certain: the process is known to
 * be the one that started then. */
static int match(struct sca_tracker *t, const struct inits *s, uint32_t pid, uint64_t at_ns,
		 const struct init **ret, bool *ret_certain, struct sca_err *err)
{
	uint64_t born = 0;
	uint32_t ppid;
	int r = -1;

	for (const struct init *in = s->buckets[pid % INITS_MAX]; in; in = in->next) {
		if (in->pid != pid || !init_alive(in, at_ns))
			continue;
		if (r < 0)
			r = lineage_parent(t, pid, at_ns, &ppid, &born, err);
		if (r < 0)
			return r;
		if (r > 0 && !lineage_same_birth(born, in->born_ns)) {
			t->reused = true;
			continue;
		}
		*ret = in;
		*ret_certain = r > 0;
		return 1;
	}
	return 0;
}

static int inits_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		      struct sca_container_ref *ret, struct sca_err *err)
{
	const struct inits *s = level;
	const struct init *in = NULL;
	uint64_t at = rec->have & SCA_F_TIME ? lineage_clock(rec->time_ms) : lineage_now(CLOCK_MONOTONIC);
	uint32_t pid = rec->pid, ppid;
	bool certain = false;

	for (unsigned i = 0; i < STEPS_MAX && pid > 1; i++) {
		int r = match(t, s, pid, at, &in, &certain, err);

		if (r < 0)
			return r;
		if (r > 0) {
			/* Of a descendant it is only likely: a container may be in a container. */
			certain = certain && i == 0 && rec->have & SCA_F_TIME;
			*ret = in->kept.ref;
			ret->sure = certain ? SCA_STR("exact") : SCA_STR("likely");
			return 1;
		}
		r = lineage_parent(t, pid, at, &ppid, &at, err);
		if (r <= 0)
			return r;
		pid = ppid;
	}
	return 0;
}

static void inits_stats(const void *level, struct sca_tracker_stats *add)
{
	add->lost += dirs_lost(((const struct inits *)level)->dirs);
}

const struct level_ops level_init = {
	.via = "init",
	.open = inits_open,
	.fd = inits_fd,
	.dispatch = inits_dispatch,
	.find = inits_find,
	.stats = inits_stats,
	.close = inits_close,
};
