/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows all have one length, so they end in the order in which they began, which is the
 * order that the table keeps.
 */
#include "window.h"

#include <limits.h>

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) ((hash) = hash_key(key, n))
#include <uthash.h>

#include "keep.h"

/* FNV-1a. The table is small: keys that somebody made to collide cost little. */
static unsigned hash_key(const void *key, size_t n)
{
	const unsigned char *p = key;
	unsigned h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

struct names {
	char *v[SCA_RECORD_NAMES_MAX];
	size_t len[SCA_RECORD_NAMES_MAX];
	unsigned n;
	uint64_t more; /* events whose name found no room */
};

struct repeat {
	UT_hash_handle hh;
	int64_t until_ms;
	uint64_t count;         /* behind the first */
	struct sca_record *rec; /* the first of them */
	bool have_time;
	int64_t first_ms, last_ms;
	struct names comms, exes;
	size_t bytes; /* of the budget */
	size_t key_n;
	char key[];
};

struct window {
	int64_t ms;
	struct sca_names *names;
	event_fn *emit;
	void *arg;
	struct repeat *table;
	size_t bytes;
	struct out key; /* scratch */
	struct window_stats stats;
};

int window_new(struct window **ret, int64_t window_ms, struct sca_names *names, event_fn *emit,
	       void *arg, struct sca_err *err)
{
	struct window *w = calloc(1, sizeof(*w));

	if (!w)
		return sca_fail(err, -ENOMEM, "no memory for the window");
	*w = (struct window){.ms = window_ms, .names = names, .emit = emit, .arg = arg,
			     .key = OUT_MEMORY};
	*ret = w;
	return 0;
}

static void free_names(struct names *names)
{
	for (unsigned i = 0; i < names->n; i++)
		free(names->v[i]);
}

static void forget(struct window *w, struct repeat *r)
{
	HASH_DEL(w->table, r);
	w->bytes -= r->bytes;
	free_names(&r->comms);
	free_names(&r->exes);
	free(r->rec);
	free(r);
}

struct window *window_free(struct window *w)
{
	if (!w)
		return NULL;
	while (w->table)
		forget(w, w->table);
	out_release(&w->key);
	free(w);
	return NULL;
}

/* -- what makes two events the same -- */

static void key_text(struct out *o, struct sca_str s)
{
	out_add(o, (const char *)&s.n, sizeof(s.n));
	out_add(o, s.p, s.n);
}

static void key_who(struct out *o, const struct sca_record *r)
{
	const struct sca_container_ref *c = &r->container;
	const struct sca_str *const where[] = {&c->id, &c->name, &c->pod, &c->ns, &c->unit,
					       &c->sure};
	bool placed = c->id.n || c->name.n || c->pod.n || c->unit.n;
	uint32_t uid = !placed && r->have & SCA_F_UID ? r->uid : UINT32_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(where); i++)
		key_text(o, *where[i]);
	if (placed)
		return;
	out_add(o, (const char *)&uid, sizeof(uid));
	key_text(o, r->have & SCA_F_EXE ? r->exe : r->comm);
}

static void make_key(struct out *o, const struct sca_record *r)
{
	const uint64_t fixed[] = {
		r->have & (SCA_F_ARCH | SCA_F_NR | SCA_F_CODE | SCA_F_NODE),
		r->source,
		r->trust,
		(uint64_t)r->action << 32 | r->code,
		(uint64_t)r->arch << 32 | (uint32_t)r->nr,
		r->args_known | (uint64_t)r->denied << 8 | (uint64_t)r->arch_given << 9 |
			(uint64_t)sca_record_is_runtime_init(r) << 10,
	};

	o->n = 0;
	out_add(o, (const char *)fixed, sizeof(fixed));
	for (unsigned i = 0; i < ARRAY_SIZE(r->args); i++)
		if (r->args_known & 1u << i)
			out_add(o, (const char *)&r->args[i], sizeof(r->args[i]));
	key_text(o, r->node);
	key_who(o, r);
}

/* -- counting -- */

/* False when out of memory; *ret is NULL when there is no room. */
static bool open_window(struct window *w, int64_t now_ms, struct repeat **ret)
{
	size_t bytes = sizeof(struct repeat) + w->key.n;
	struct repeat *r;

	*ret = NULL;
	if (HASH_COUNT(w->table) >= WINDOW_KEYS || w->bytes + bytes > WINDOW_BYTES)
		return true;
	r = calloc(1, bytes);
	if (!r)
		return false;
	r->key_n = w->key.n;
	memcpy(r->key, w->key.p, w->key.n);
	r->until_ms = now_ms + w->ms;
	r->bytes = bytes;
	HASH_ADD(hh, w->table, key, r->key_n, r);
	if (!r->hh.tbl) {
		free(r);
		return false;
	}
	w->bytes += bytes;
	*ret = r;
	return true;
}

static void note_name(struct window *w, struct repeat *r, struct names *names, struct sca_str name)
{
	char *p;

	for (unsigned i = 0; i < names->n; i++)
		if (span_eq((struct sca_str){names->v[i], names->len[i]}, name))
			return;
	p = names->n < SCA_RECORD_NAMES_MAX && w->bytes + name.n <= WINDOW_BYTES
		    ? malloc(name.n ? name.n : 1)
		    : NULL;
	if (!p) {
		names->more++;
		return;
	}
	if (name.n)
		memcpy(p, name.p, name.n);
	names->v[names->n] = p;
	names->len[names->n++] = name.n;
	r->bytes += name.n;
	w->bytes += name.n;
}

/* Keeps the first repeat: 1; 0 when there is no room. */
static int keep_first(struct window *w, struct repeat *r, const struct sca_record *rec,
		      struct sca_err *err)
{
	size_t bytes;
	struct sca_record *copy = record_copy(rec, &bytes);

	if (!copy)
		return sca_fail(err, -ENOMEM, "no memory for the window");
	if (w->bytes + bytes > WINDOW_BYTES) {
		free(copy);
		return 0;
	}
	r->rec = copy;
	r->bytes += bytes;
	w->bytes += bytes;
	return 1;
}

static void note_repeat(struct window *w, struct repeat *r, const struct sca_record *rec)
{
	if (rec->have & SCA_F_TIME) {
		if (!r->have_time || rec->time_ms < r->first_ms)
			r->first_ms = rec->time_ms;
		if (!r->have_time || rec->time_ms > r->last_ms)
			r->last_ms = rec->time_ms;
		r->have_time = true;
	}
	if (rec->have & SCA_F_COMM)
		note_name(w, r, &r->comms, rec->comm);
	if (rec->have & SCA_F_EXE)
		note_name(w, r, &r->exes, rec->exe);
	r->count++;
	w->stats.collapsed++;
}

int window_event(struct window *w, const struct event *ev, int64_t now_ms, struct sca_err *err)
{
	const struct sca_record *rec = ev->rec;
	struct repeat *r = NULL;
	int ret = window_expire(w, now_ms, err);

	if (ret != 0)
		return ret;
	if (ev->loss || ev->summary || rec->count > 1) /* tells of many already */
		return w->emit(ev, w->arg, err);
	make_key(&w->key, rec);
	if (w->key.error)
		return sca_fail(err, -ENOMEM, "no memory for the window");
	HASH_FIND(hh, w->table, w->key.p, w->key.n, r);
	if (r) {
		ret = r->rec ? 1 : keep_first(w, r, rec, err);
		if (ret < 0)
			return ret;
		if (ret > 0) {
			note_repeat(w, r, rec);
			return 0;
		}
		r = NULL;
	} else if (!open_window(w, now_ms, &r)) {
		return sca_fail(err, -ENOMEM, "no memory for the window");
	}
	w->stats.overflow += !r;
	return w->emit(ev, w->arg, err);
}

/* -- the end of a window -- */

static void show_names(const struct names *from, struct sca_str *to, unsigned *ret_n)
{
	for (unsigned i = 0; i < from->n; i++)
		to[i] = (struct sca_str){from->v[i], from->len[i]};
	*ret_n = from->n;
}

/* What they have in common; the rest of the first one's fields would be wrong for the others. */
static void summarize(const struct repeat *r, struct sca_record *ret)
{
	const struct sca_record *rec = r->rec;

	*ret = (struct sca_record){
		.have = (rec->have & (SCA_F_CODE | SCA_F_ARCH | SCA_F_NR | SCA_F_NODE)) |
			(r->have_time ? SCA_F_TIME : 0),
		.source = rec->source,
		.trust = rec->trust,
		.time_ms = r->last_ms,
		.node = rec->node,
		.action = rec->action,
		.denied = rec->denied,
		.code = rec->code,
		.arch = rec->arch,
		.nr = rec->nr,
		.arch_given = rec->arch_given,
		.args_known = rec->args_known,
		.count = r->count,
		.first_ms = r->first_ms,
		.last_ms = r->last_ms,
		.container = rec->container,
	};
	memcpy(ret->args, rec->args, sizeof(ret->args));
	show_names(&r->comms, ret->comms, &ret->n_comms);
	show_names(&r->exes, ret->exes, &ret->n_exes);
}

static int tell(struct window *w, const struct repeat *r, struct sca_err *err)
{
	struct sca_record rec;
	struct event ev;

	if (r->count == 0)
		return 0;
	w->stats.collapsed -= r->count == 1;
	if (r->count == 1) {
		event_init(&ev, r->rec, w->names);
	} else {
		summarize(r, &rec);
		event_init(&ev, &rec, w->names);
		ev.summary = true;
		ev.more_comms = r->comms.more;
		ev.more_exes = r->exes.more;
	}
	return w->emit(&ev, w->arg, err);
}

int window_due(const struct window *w, int64_t now_ms)
{
	int64_t left;

	if (!w->table)
		return -1;
	left = w->table->until_ms - now_ms;
	return left < 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

int window_expire(struct window *w, int64_t now_ms, struct sca_err *err)
{
	int ret = 0;

	while (ret == 0 && w->table && w->table->until_ms <= now_ms) {
		ret = tell(w, w->table, err);
		forget(w, w->table);
	}
	return ret;
}

int window_flush(struct window *w, struct sca_err *err)
{
	return window_expire(w, INT64_MAX, err);
}

void window_stats(const struct window *w, struct window_stats *ret)
{
	*ret = w->stats;
}
