/* SPDX-License-Identifier: Apache-2.0 */
#include "map_int.h"

#include <utlist.h>

#define JOIN_MS 10000 /* between two sightings the pid can not have gone round */
#define SOON_MS 5000  /* behind the last one it is likely still the same process */

int sca_map_new(struct sca_map **ret, struct sca_err *err)
{
	struct sca_map *m = calloc(1, sizeof(*m));

	if (!m)
		return sca_fail_errno(err, ENOMEM, "cannot make a map of containers");
	*ret = m;
	return 0;
}

static void place_free(struct place *p)
{
	kept_release(&p->kept);
	free(p->node);
	free(p);
}

struct sca_map *sca_map_free(struct sca_map *m)
{
	struct place *p, *p_next;
	struct seen *s, *s_next;

	if (!m)
		return NULL;
	for (p = m->places; p; p = p_next) {
		p_next = p->newer;
		place_free(p);
	}
	for (s = m->seens; s; s = s_next) {
		s_next = s->newer;
		free(s);
	}
	free(m->own);
	free(m);
	return NULL;
}

static int no_memory(struct sca_err *err)
{
	return sca_fail_errno(err, ENOMEM, "cannot remember a container");
}

int map_own(struct sca_map *m, struct sca_str node, struct sca_err *err)
{
	if (m->own_n || node.n == 0)
		return 0;
	m->own = malloc(node.n);
	if (!m->own)
		return no_memory(err);
	memcpy(m->own, node.p, node.n);
	m->own_n = node.n;
	return 0;
}

/* Sources disagree on how much of a host's name they show: its first label counts, of an address
 * all. */
static struct sca_str host(struct sca_str node)
{
	const char *dot = node.n ? memchr(node.p, '.', node.n) : NULL;

	if (dot && !ascii_digit(node.p[0]))
		node.n = (size_t)(dot - node.p);
	return node;
}

static bool same_node(const struct sca_map *m, struct sca_str a, struct sca_str b)
{
	const struct sca_str own = {m->own, m->own_n};

	return str_eq_nocase(host(a.n ? a : own), host(b.n ? b : own));
}

/* -- places -- */

static struct place **place_bucket(struct sca_map *m, const struct sca_container_ref *ref)
{
	uint64_t h = ref->id.n ? hash_more(1, ref->id.p, ref->id.n) :
				 hash_more(2, ref->unit.p, ref->unit.n);

	return &m->place_buckets[h % PLACE_BUCKETS];
}

static bool same_container(const struct sca_container_ref *a, const struct sca_container_ref *b)
{
	if (a->id.n || b->id.n)
		return str_eq(a->id, b->id);
	return str_eq(a->unit, b->unit) && str_eq(a->engine, b->engine);
}

static void seen_drop(struct sca_map *m, struct seen *s)
{
	struct seen **at = &m->seen_buckets[s->pid % SEEN_BUCKETS];

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	DL_DELETE2(m->seens, s, prev, newer);
	m->n_seens--;
	free(s);
}

/* With all that was seen of it. */
static void place_drop(struct sca_map *m, struct place *p)
{
	struct place **at = place_bucket(m, &p->kept.ref);
	struct seen *s, *s_next;

	for (s = m->seens; s; s = s_next) {
		s_next = s->newer;
		if (s->place == p)
			seen_drop(m, s);
	}
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	DL_DELETE2(m->places, p, prev, newer);
	m->n_places--;
	place_free(p);
}

static int place_new(struct sca_map *m, struct sca_str node, const struct sca_container_ref *ref,
		     struct place **ret, struct sca_err *err)
{
	struct place *p = calloc(1, sizeof(*p)), **at = place_bucket(m, ref);

	if (!p)
		return no_memory(err);
	p->node = malloc(node.n + 1);
	if (!p->node || !kept_set(&p->kept, ref)) {
		place_free(p);
		return no_memory(err);
	}
	if (node.n)
		memcpy(p->node, node.p, node.n);
	p->node_n = node.n;
	if (m->n_places == MAP_PLACES_MAX)
		place_drop(m, m->places);
	p->next = *at;
	*at = p;
	DL_APPEND2(m->places, p, prev, newer);
	m->n_places++;
	*ret = p;
	return 0;
}

/* A later answer may know less, when the engine's files are gone. */
static bool knows_more(const struct sca_container_ref *now, const struct sca_container_ref *kept)
{
	return (now->name.n || !kept->name.n) && (now->image.n || !kept->image.n) &&
	       (now->pod.n || !kept->pod.n);
}

int map_place(struct sca_map *m, struct sca_str node, const struct sca_container_ref *ref,
	      struct place **ret, struct sca_err *err)
{
	struct sca_container_ref own = *ref;
	struct place *p = *place_bucket(m, ref);

	own.via = own.sure = own.candidates = (struct sca_str){NULL, 0};
	while (p && !(same_container(&p->kept.ref, ref) && same_node(m, place_node(p), node)))
		p = p->next;
	if (!p)
		return place_new(m, node, &own, ret, err);
	if (knows_more(&own, &p->kept.ref) && !kept_set(&p->kept, &own))
		return no_memory(err);
	DL_DELETE2(m->places, p, prev, newer);
	DL_APPEND2(m->places, p, prev, newer);
	*ret = p;
	return 0;
}

/* -- sightings -- */

/* Whether another's sighting of the pid begins in the gap between two. */
static bool interrupted(const struct sca_map *m, const struct seen *s, int64_t first_ms,
			int64_t last_ms)
{
	int64_t from = MIN(s->last_ms, last_ms), to = MAX(s->first_ms, first_ms);
	const struct seen *o = m->seen_buckets[s->pid % SEEN_BUCKETS];

	for (; o; o = o->next)
		if (o->pid == s->pid && o->place != s->place && o->first_ms <= to &&
		    o->last_ms >= from && same_node(m, place_node(o->place), place_node(s->place)))
			return true;
	return false;
}

int map_seen(struct sca_map *m, struct place *place, uint32_t pid, int64_t first_ms,
	     int64_t last_ms, struct sca_err *err)
{
	struct seen **at = &m->seen_buckets[pid % SEEN_BUCKETS], *s = *at;

	while (s && !(s->pid == pid && s->place == place && first_ms <= s->last_ms + JOIN_MS &&
		      last_ms >= s->first_ms - JOIN_MS && !interrupted(m, s, first_ms, last_ms)))
		s = s->next;
	if (s) {
		s->first_ms = MIN(s->first_ms, first_ms);
		s->last_ms = MAX(s->last_ms, last_ms);
		DL_DELETE2(m->seens, s, prev, newer);
		DL_APPEND2(m->seens, s, prev, newer);
		return 0;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return no_memory(err);
	if (m->n_seens == SCA_MAP_PIDS_MAX)
		seen_drop(m, m->seens);
	*s = (struct seen){.next = *at, .place = place, .pid = pid, .first_ms = first_ms,
			   .last_ms = last_ms};
	*at = s;
	DL_APPEND2(m->seens, s, prev, newer);
	m->n_seens++;
	return 0;
}

int sca_map_add(struct sca_map *m, struct sca_str node, uint32_t pid, int64_t time_ms,
		const struct sca_container_ref *ref, struct sca_err *err)
{
	struct place *place;
	int r;

	if (!str_is(ref->sure, "exact") || (ref->id.n == 0 && ref->unit.n == 0) || time_ms < 0 ||
	    time_ms > MAP_TIME_MAX_MS)
		return 0;
	r = map_own(m, node, err);
	if (r == 0)
		r = map_place(m, node, ref, &place, err);
	return r < 0 ? r : map_seen(m, place, pid, time_ms, time_ms, err);
}

/* -- answers -- */

static const struct place *by_time(const struct sca_map *m, struct sca_str node, uint32_t pid,
				   int64_t time_ms, bool *ret_exact)
{
	const struct place *inside = NULL;
	const struct seen *last = NULL, *s = m->seen_buckets[pid % SEEN_BUCKETS];

	for (; s; s = s->next) {
		if (s->pid != pid || s->first_ms > time_ms || !same_node(m, place_node(s->place), node))
			continue;
		if (time_ms <= s->last_ms) {
			if (inside && inside != s->place)
				return NULL; /* what was seen contradicts itself */
			inside = s->place;
		}
		if (!last || s->last_ms > last->last_ms)
			last = s;
	}
	*ret_exact = inside;
	if (inside)
		return inside;
	return last && time_ms - last->last_ms <= SOON_MS ? last->place : NULL;
}

/* 64 hex digits are one container's, whatever the node; other ids are names. */
static const struct place *by_id(const struct sca_map *m, struct sca_str node,
				 const struct sca_container_ref *ref, bool *ret_exact)
{
	uint64_t h = hash_more(1, ref->id.p, ref->id.n);
	const struct place *p = m->place_buckets[h % PLACE_BUCKETS], *other = NULL;

	*ret_exact = ref->id.n == 64;
	for (; p; p = p->next) {
		if (!str_eq(p->kept.ref.id, ref->id))
			continue;
		if (same_node(m, place_node(p), node))
			return p;
		other = p;
	}
	return *ret_exact ? other : NULL;
}

int sca_map_find(const struct sca_map *m, const struct sca_record *rec,
		 struct sca_container_ref *ret, struct sca_err *err _unused_)
{
	struct sca_str node = rec->have & SCA_F_NODE ? rec->node : (struct sca_str){NULL, 0};
	const struct place *p = NULL;
	bool exact = false;

	if (rec->container.id.n)
		p = by_id(m, node, &rec->container, &exact);
	else if (rec->have & SCA_F_PID && rec->have & SCA_F_TIME)
		p = by_time(m, node, rec->pid, rec->time_ms, &exact);
	*ret = p ? p->kept.ref : (struct sca_container_ref){0};
	ret->via = p ? SCA_STR("map") : SCA_STR("none");
	if (p)
		ret->sure = exact ? SCA_STR("exact") : SCA_STR("likely");
	return 0;
}
