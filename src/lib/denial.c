/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The denial set. Groups live in a uthash table keyed by plain bytes; containers and names
 * are interned in one capped arena, so that neither many groups nor long names let memory
 * grow with the log.
 */
#include "mem.h"

#include <scaudit/denial.h>

#include <sys/random.h>

#define HASH_NONFATAL_OOM 1
/* Seeded, so that nobody can write a log whose groups all fall into one bucket. */
#define HASH_FUNCTION(key, n, hash) \
	((hash) = (unsigned)(hash_more(ds->seed, (const char *)(key), n) >> 16))
#include <uthash.h>

#define GROUPS_DEFAULT 8192u
#define NAMES_MAX      (2u << 20)
#define RECENT         256u /* a power of two */

/* A container as a key: its fields joined by NUL bytes. */
struct container {
	UT_hash_handle hh;
	struct sca_container_ref ref;
	size_t n;
	char key[];
};

/* Zeroed before it is filled: it is compared and hashed as bytes. */
struct key {
	const struct container *container;
	uint32_t arch;
	int32_t nr;
	uint32_t action;
	uint32_t args_known;
	uint32_t flags; /* have_arch, denied, runtime_init */
	uint32_t pad;
	uint64_t args[6];
};

struct group {
	UT_hash_handle hh;
	struct key key;
	struct sca_denial d;
};

struct sca_denials {
	struct group *table;
	struct container *containers;
	struct group **v;
	size_t n, cap, max;
	uint64_t seed;
	struct arena names;
	struct group *recent[RECENT]; /* by a part of the key: logs repeat themselves */
	struct buf scratch;
	bool no_memory; /* the last addition found none */
	struct sca_denial_totals totals;
};

int sca_denials_new(struct sca_denials **ret, size_t max_groups, struct sca_err *err)
{
	struct sca_denials *ds = calloc(1, sizeof(*ds));

	if (!ds)
		return sca_fail(err, -ENOMEM, "no memory for the denial set");
	if (getrandom(&ds->seed, sizeof(ds->seed), GRND_NONBLOCK) != sizeof(ds->seed))
		ds->seed = (uintptr_t)ds;
	ds->max = max_groups ? max_groups : GROUPS_DEFAULT;
	ds->names.max = NAMES_MAX;
	*ret = ds;
	return 0;
}

struct sca_denials *sca_denials_free(struct sca_denials *ds)
{
	if (!ds)
		return NULL;
	HASH_CLEAR(hh, ds->table);
	HASH_CLEAR(hh, ds->containers);
	for (size_t i = 0; i < ds->n; i++)
		free(ds->v[i]);
	free(ds->v);
	arena_release(&ds->names);
	buf_release(&ds->scratch);
	free(ds);
	return NULL;
}

#define CONTAINER_KEYS   8 /* who it is */
#define CONTAINER_FIELDS 10 /* and how that was found */

static struct sca_str *container_field(struct sca_container_ref *c, size_t i)
{
	struct sca_str *const fields[CONTAINER_FIELDS] = {
		&c->id, &c->engine, &c->name, &c->image, &c->pod,
		&c->ns, &c->pod_uid, &c->unit, &c->via, &c->sure,
	};

	return fields[i];
}

static bool no_container(const struct sca_container_ref *c)
{
	return !(c->id.n | c->engine.n | c->name.n | c->image.n | c->pod.n | c->ns.n |
		 c->pod_uid.n | c->unit.n);
}

/* The interned container of a reference: NULL in *ret for none. False when there is no room. */
static bool intern_container(struct sca_denials *ds, const struct sca_container_ref *from,
			     const struct container **ret)
{
	struct sca_container_ref ref = *from;
	struct container *c = NULL;

	*ret = NULL;
	if (no_container(from))
		return true;
	buf_reset(&ds->scratch);
	for (size_t i = 0; i < CONTAINER_KEYS; i++) {
		buf_add_str(&ds->scratch, *container_field(&ref, i));
		buf_add_c(&ds->scratch, '\0');
	}
	if (ds->scratch.failed) {
		ds->no_memory = true;
		return false;
	}
	HASH_FIND(hh, ds->containers, ds->scratch.p, ds->scratch.n, c);
	if (!c) {
		c = arena_alloc(&ds->names, sizeof(*c) + ds->scratch.n);
		if (!c)
			return false;
		c->n = ds->scratch.n;
		memcpy(c->key, ds->scratch.p, c->n);
		for (size_t i = 0; i < CONTAINER_FIELDS; i++)
			if (!arena_dup_str(&ds->names, *container_field(&ref, i),
					   container_field(&c->ref, i)))
				return false;
		HASH_ADD(hh, ds->containers, key, c->n, c);
		if (!c->hh.tbl) {
			ds->no_memory = true;
			return false;
		}
	}
	*ret = c;
	return true;
}

enum { KEY_ARCH = 1, KEY_DENIED = 2, KEY_RUNTIME_INIT = 4 };

static bool make_key(struct sca_denials *ds, const struct sca_record *rec, struct key *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!intern_container(ds, &rec->container, &ret->container))
		return false;
	if (rec->have & SCA_F_ARCH) {
		ret->arch = rec->arch;
		ret->flags |= KEY_ARCH;
	}
	ret->nr = rec->nr;
	ret->action = rec->action;
	if (rec->denied)
		ret->flags |= KEY_DENIED;
	if (sca_record_is_runtime_init(rec))
		ret->flags |= KEY_RUNTIME_INIT;
	ret->args_known = rec->args_known & 0x3f;
	for (unsigned i = 0; i < 6; i++)
		if (ret->args_known & 1u << i)
			ret->args[i] = rec->args[i];
	return true;
}

static struct group *group_new(struct sca_denials *ds, const struct key *key,
			       const struct sca_record *rec)
{
	struct group *g;

	if (ds->n >= ds->max)
		return NULL;
	g = vec_grow(&ds->v, &ds->cap, ds->n) ? calloc(1, sizeof(*g)) : NULL;
	ds->no_memory = !g;
	if (!g)
		return NULL;
	g->key = *key;
	g->d = (struct sca_denial){
		.have_arch = key->flags & KEY_ARCH,
		.have_nr = rec->have & SCA_F_NR,
		.arch = key->arch,
		.nr = key->nr,
		.action = rec->action,
		.denied = rec->denied,
		.runtime_init = key->flags & KEY_RUNTIME_INIT,
		.args_known = key->args_known,
		.code = rec->code,
		.pos = rec->pos,
	};
	if (key->container)
		g->d.container = key->container->ref;
	memcpy(g->d.args, key->args, sizeof(g->d.args));
	HASH_ADD(hh, ds->table, key, sizeof(g->key), g);
	if (!g->hh.tbl) {
		ds->no_memory = true;
		free(g);
		return NULL;
	}
	ds->v[ds->n++] = g;
	return g;
}

/* Remembers a name among at most SCA_DENIAL_NAMES_MAX; events without room are counted. */
static void note_name(struct arena *arena, struct sca_str *names, unsigned *n, uint64_t *more,
		      struct sca_str name, uint64_t count)
{
	for (unsigned i = 0; i < *n; i++)
		if (str_eq(names[i], name))
			return;
	if (*n < SCA_DENIAL_NAMES_MAX && arena_dup_str(arena, name, &names[*n]))
		(*n)++;
	else
		*more += count;
}

static void note_names(struct sca_denials *ds, struct sca_denial *d, const struct sca_record *rec,
		       uint64_t count)
{
	if (rec->have & SCA_F_COMM)
		note_name(&ds->names, d->comms, &d->n_comms, &d->more_comms, rec->comm, count);
	for (unsigned i = 0; i < rec->n_comms; i++)
		note_name(&ds->names, d->comms, &d->n_comms, &d->more_comms, rec->comms[i], 1);
	if (rec->have & SCA_F_EXE)
		note_name(&ds->names, d->exes, &d->n_exes, &d->more_exes, rec->exe, count);
	for (unsigned i = 0; i < rec->n_exes; i++)
		note_name(&ds->names, d->exes, &d->n_exes, &d->more_exes, rec->exes[i], 1);
}

/* First and last time of a record that may itself stand for many. */
static bool record_span(const struct sca_record *rec, int64_t *first, int64_t *last)
{
	if (rec->first_ms || rec->last_ms) {
		*first = rec->first_ms;
		*last = MAX(rec->last_ms, rec->first_ms);
		return true;
	}
	*first = *last = rec->time_ms;
	return rec->have & SCA_F_TIME;
}

static void widen(bool *have, int64_t *first_ms, int64_t *last_ms, int64_t first, int64_t last)
{
	*first_ms = *have ? MIN(*first_ms, first) : first;
	*last_ms = *have ? MAX(*last_ms, last) : last;
	*have = true;
}

static uint64_t sat_add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* The group of a record, made if need be; NULL when there is no room for it. Most records have
 * a key that one of the recent groups has. */
static struct group *find_group(struct sca_denials *ds, const struct sca_record *rec)
{
	struct group **recent, *g;
	struct key key;

	if (!make_key(ds, rec, &key))
		return NULL;
	recent = &ds->recent[(key.arch ^ (uint32_t)key.nr ^ key.action << 4 ^ key.flags << 6) % RECENT];
	g = *recent;
	if (!g || memcmp(&g->key, &key, sizeof(key)) != 0)
		HASH_FIND(hh, ds->table, &key, sizeof(key), g);
	if (!g)
		g = group_new(ds, &key, rec);
	if (g)
		*recent = g;
	return g;
}

int sca_denials_add(struct sca_denials *ds, const struct sca_record *rec, struct sca_err *err)
{
	uint64_t count = rec->count ? rec->count : 1;
	uint64_t forgeable = rec->trust == SCA_TRUST_KERNEL ? 0 : count;
	struct sca_denial_totals *t = &ds->totals;
	struct group *g;
	int64_t first, last;
	bool timed = record_span(rec, &first, &last);

	t->events = sat_add(t->events, count);
	t->denied = sat_add(t->denied, rec->denied ? count : 0);
	t->traced = sat_add(t->traced, sca_record_is_traced(rec) ? count : 0);
	t->forgeable = sat_add(t->forgeable, forgeable);
	t->no_arch = sat_add(t->no_arch, rec->have & SCA_F_ARCH ? 0 : count);
	if (timed)
		widen(&t->have_time, &t->first_ms, &t->last_ms, first, last);

	ds->no_memory = ds->names.failed = false;
	g = find_group(ds, rec);
	if (!g && (ds->no_memory || ds->names.failed))
		return sca_fail(err, -ENOMEM, "no memory for the denial set");
	if (!g) {
		t->other = sat_add(t->other, count);
		return 0;
	}
	g->d.count = sat_add(g->d.count, count);
	g->d.forgeable = sat_add(g->d.forgeable, forgeable);
	if (timed)
		widen(&g->d.have_time, &g->d.first_ms, &g->d.last_ms, first, last);
	note_names(ds, &g->d, rec, count);
	return ds->names.failed ? sca_fail(err, -ENOMEM, "no memory for a name") : 0;
}

#define CMP(a, b) ((a) < (b) ? -1 : (a) > (b))

static int cmp_str(struct sca_str a, struct sca_str b)
{
	size_t n = MIN(a.n, b.n);
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : CMP(a.n, b.n);
}

static int cmp_container(const struct container *a, const struct container *b)
{
	if (a == b || !a || !b)
		return CMP(!!a, !!b);
	return cmp_str((struct sca_str){a->key, a->n}, (struct sca_str){b->key, b->n});
}

/* A total order: equal only for the same key. */
static int cmp_group(const void *pa, const void *pb)
{
	const struct group *ga = *(struct group *const *)pa, *gb = *(struct group *const *)pb;
	const struct sca_denial *a = &ga->d, *b = &gb->d;
	int r;

	if ((r = CMP(b->count, a->count)) || (r = CMP(a->arch, b->arch)) ||
	    (r = CMP(a->nr, b->nr)) || (r = CMP(a->action, b->action)) ||
	    (r = cmp_container(ga->key.container, gb->key.container)) ||
	    (r = CMP(a->args_known, b->args_known)) || (r = CMP(ga->key.flags, gb->key.flags)))
		return r;
	for (unsigned i = 0; i < 6; i++)
		if ((r = CMP(a->args[i], b->args[i])))
			return r;
	return 0;
}

void sca_denials_sort(struct sca_denials *ds)
{
	if (ds->n > 1)
		qsort(ds->v, ds->n, sizeof(*ds->v), cmp_group);
}

size_t sca_denials_count(const struct sca_denials *ds)
{
	return ds->n;
}

const struct sca_denial *sca_denials_at(const struct sca_denials *ds, size_t i)
{
	return i < ds->n ? &ds->v[i]->d : NULL;
}

void sca_denials_totals(const struct sca_denials *ds, struct sca_denial_totals *ret)
{
	*ret = ds->totals;
}
