/* SPDX-License-Identifier: Apache-2.0 */
/* All containers that the engines' files know, and the one that a user's word means. */
#include "container_engine.h"

#define ID_HEAD_MIN  4u /* of an id's head as a name */
#define LISTED_MAX   8u
#define NEAREST_MAX  3u
#define SHORT_ID     12u

struct ids {
	struct sca_containers *cs;
	struct arena text;
	struct sca_str *v;
	size_t n, cap;
	const char *dir; /* of the namespace walk */
	bool no_memory;
};

static bool add_id(struct ids *ids, struct sca_str id)
{
	if (id.n == 0)
		return true;
	if (!vec_grow(&ids->v, &ids->cap, ids->n) ||
	    !arena_dup_str(&ids->text, id, &ids->v[ids->n]))
		ids->no_memory = true;
	else
		ids->n++;
	return !ids->no_memory;
}

static bool add_name(const char *name, void *arg)
{
	return add_id(arg, sca_str_z(name));
}

static void add_dir(struct ids *ids, const char *dir)
{
	if (engine_each_entry(ids->cs, dir, SCA_CONTAINERS_MAX * 2, add_name, ids) < 0)
		ids->no_memory = true;
}

static bool add_namespace(const char *name, void *arg)
{
	struct ids *ids = arg;
	char path[PATH_MAX];

	if (path_make(path, "%s/%s", ids->dir, name))
		add_dir(ids, path);
	return !ids->no_memory;
}

static int cmp_ids(const void *a, const void *b)
{
	const struct sca_str *x = a, *y = b;
	int r = memcmp(x->p, y->p, MIN(x->n, y->n));

	return r ? r : (x->n > y->n) - (x->n < y->n);
}

/* Sorted, once each, no more than the limit; what is past it is counted. */
static void settle(struct ids *ids)
{
	size_t n = 0;

	if (ids->n)
		qsort(ids->v, ids->n, sizeof(*ids->v), cmp_ids);
	for (size_t i = 0; i < ids->n; i++)
		if (n == 0 || !str_eq(ids->v[i], ids->v[n - 1]))
			ids->v[n++] = ids->v[i];
	ids->cs->stats.unlisted += n - MIN(n, (size_t)SCA_CONTAINERS_MAX);
	ids->n = MIN(n, (size_t)SCA_CONTAINERS_MAX);
}

/* Every name that an engine gives a directory or an entry; whether it is a container's, its state
 * will tell. */
static void gather(struct ids *ids, const struct engine_dirs *dirs)
{
	const struct state_dir *row;
	char path[PATH_MAX];

	for (size_t i = 0; !ids->no_memory && (row = state_dir(ids->cs, i)); i++) {
		ids->dir = row->dir;
		if (!row->namespaces)
			add_dir(ids, row->dir);
		else if (engine_each_entry(ids->cs, row->dir, 64, add_namespace, ids) < 0)
			ids->no_memory = true;
	}
	for (size_t i = 0; storage_drivers[i] && !ids->no_memory; i++) {
		json_t *all;

		if (engine_storage(ids->cs, i, &all) < 0)
			ids->no_memory = true;
		for (size_t k = 0; k < json_array_size(all); k++)
			if (!add_id(ids, json_str(json_object_get(json_array_get(all, k), "id"))))
				break;
		engine_storage_done(ids->cs, all);
	}
	if (!ids->no_memory && path_make(path, "%s/containers", dirs->docker_data))
		add_dir(ids, path);
	if (!ids->no_memory)
		add_dir(ids, LXC_DIR);
	settle(ids);
}

/* Calls fn for each; what it is given may be gone at the next look-up. */
static int each(struct sca_containers *cs, sca_container_fn *fn, void *arg, struct sca_err *err)
{
	const struct sca_container_state *state;
	const struct engine_dirs *dirs;
	struct ids ids = {.cs = cs};
	int r = engine_dirs(cs, &dirs);

	engine_list_begin(cs);
	if (r == 0)
		gather(&ids, dirs);
	if (r < 0 || ids.no_memory)
		r = sca_fail_errno(err, ENOMEM, "cannot list the containers");
	for (size_t i = 0; r == 0 && i < ids.n; i++) {
		r = state_lookup(cs, ids.v[i], &state, err);
		if (r == 0 && state)
			r = fn(state, arg, err);
	}
	engine_list_end(cs);
	arena_release(&ids.text);
	free(ids.v);
	return r;
}

int sca_containers_each(struct sca_containers *cs, sca_container_fn *fn, void *arg,
			struct sca_err *err)
{
	int r;

	containers_begin(cs);
	r = each(cs, fn, arg, err);
	return MIN(r, 0);
}

/* How well a container answers to a word. */
enum rank { NO_MATCH, ID_HEAD, NAME, WHOLE_ID };

struct near {
	unsigned distance;
	char text[STR_NEAR_MAX];
};

struct search {
	struct sca_str word;
	enum rank rank;
	size_t n, running;              /* matches of that rank, those that have a process */
	struct sca_str first, running_first; /* ids, in cs->scratch */
	struct arena *text;
	struct buf list;
	struct near near[NEAREST_MAX];
	size_t n_near;
	struct buf names;               /* some of all, for who asks for none of them */
	bool unread;                    /* there may be more */
	bool unlisted;                  /* there are more than are looked at */
	size_t known;
};

/* POD/CONTAINER or NAMESPACE/POD/CONTAINER */
static bool is_in_pod(const struct sca_container_state *st, struct sca_str word)
{
	struct sca_str part[3], rest = word;
	size_t n = 0;

	while (n < 3 && str_cut(&rest, '/', &part[n]))
		n++;
	if (n < 2 || rest.n || !st->name.n || !st->pod.n)
		return false;
	return str_eq(part[n - 1], st->name) && str_eq(part[n - 2], st->pod) &&
	       (n == 2 || str_eq(part[0], st->ns));
}

static enum rank rank_of(const struct sca_container_state *st, struct sca_str word)
{
	if (str_eq(st->id, word))
		return WHOLE_ID;
	if (str_eq(st->name, word) || is_in_pod(st, word))
		return NAME;
	return word.n >= ID_HEAD_MIN && str_starts(st->id, word) ? ID_HEAD : NO_MATCH;
}

/* "prod/web-0/app (0123456789ab, containerd)" */
static void describe(struct buf *b, const struct sca_container_state *st)
{
	if (st->ns.n && st->pod.n)
		buf_addf(b, "%.*s/", (int)st->ns.n, st->ns.p);
	if (st->pod.n)
		buf_addf(b, "%.*s/", (int)st->pod.n, st->pod.p);
	if (st->name.n)
		buf_add_str(b, st->name);
	else
		buf_add_z(b, "no name");
	buf_addf(b, " (%.*s%s%.*s)", (int)MIN(st->id.n, (size_t)SHORT_ID), st->id.p,
		 st->engine.n ? ", " : "", (int)st->engine.n, st->engine.n ? st->engine.p : "");
}

/* Keeps the nearest names, the best first; names that stand for several count once. */
static void note_near(struct search *s, struct sca_str name)
{
	unsigned limit = (unsigned)MIN(s->word.n / 3, (size_t)2), d;
	size_t at = 0;

	if (!name.n || name.n >= STR_NEAR_MAX || !limit)
		return;
	d = str_distance(s->word, name, limit);
	if (d > limit)
		return;
	for (size_t i = 0; i < s->n_near; i++)
		if (str_eq(name, sca_str_z(s->near[i].text)))
			return;
	while (at < s->n_near && s->near[at].distance <= d)
		at++;
	if (at == NEAREST_MAX)
		return;
	s->n_near = MIN(s->n_near + 1, (size_t)NEAREST_MAX);
	memmove(&s->near[at + 1], &s->near[at], (s->n_near - at - 1) * sizeof(s->near[0]));
	s->near[at] = (struct near){.distance = d};
	memcpy(s->near[at].text, name.p, name.n);
}

static int judge(const struct sca_container_state *st, void *arg, struct sca_err *err)
{
	struct search *s = arg;
	enum rank rank = rank_of(st, s->word);

	if (s->known++ < LISTED_MAX) {
		if (s->names.n)
			buf_add_z(&s->names, ", ");
		describe(&s->names, st);
	}
	note_near(s, st->name);
	if (rank == NO_MATCH || rank < s->rank)
		return 0;
	if (rank > s->rank) {
		s->rank = rank;
		s->n = s->running = 0;
		buf_reset(&s->list);
	}
	if (s->n++ < LISTED_MAX) {
		if (s->list.n)
			buf_add_z(&s->list, ", ");
		describe(&s->list, st);
	}
	if ((s->n == 1 && !arena_dup_str(s->text, st->id, &s->first)) ||
	    (st->runtime.n && ++s->running == 1 &&
	     !arena_dup_str(s->text, st->id, &s->running_first)) ||
	    s->list.failed || s->names.failed)
		return sca_fail_errno(err, ENOMEM, "cannot look for a container");
	return 0;
}

#define WORD_MAX   64u
#define LIST_BYTES 380u /* of an error's text */

static int none(const struct search *s, struct sca_err *err)
{
	int n = (int)MIN(s->word.n, (size_t)WORD_MAX);

	if (s->n_near)
		return sca_fail(err, -ENOENT,
				"no container is called %.*s; did you mean %s%s%s%s%s?", n,
				s->word.p, s->near[0].text, s->n_near > 1 ? " or " : "",
				s->n_near > 1 ? s->near[1].text : "", s->n_near > 2 ? " or " : "",
				s->n_near > 2 ? s->near[2].text : "");
	if (s->known == 0)
		return sca_fail(err, -ENOENT, "no container is called %.*s: %s", n, s->word.p,
				s->unread ? "the engines' files cannot be read; root can" :
					    "no engine's files are here");
	return sca_fail(err, -ENOENT, "no container is called %.*s; there are %.*s%s%s%s", n,
			s->word.p, (int)MIN(s->names.n, (size_t)LIST_BYTES), s->names.p,
			s->known > LISTED_MAX || s->names.n > LIST_BYTES ? ", ..." : "",
			s->unread ? ", and some files cannot be read" : "",
			s->unlisted ? "; not all were looked at: a whole id finds each" : "");
}

static int several(const struct search *s, struct sca_err *err)
{
	return sca_fail(err, SCA_E_CONFLICT,
			"%.*s means %zu containers, give one's id or POD/CONTAINER: %.*s%s",
			(int)MIN(s->word.n, (size_t)WORD_MAX), s->word.p, s->n,
			(int)MIN(s->list.n, (size_t)LIST_BYTES), s->list.p,
			s->n > LISTED_MAX || s->list.n > LIST_BYTES ? ", ..." : "");
}

int sca_containers_find(struct sca_containers *cs, struct sca_str name,
			struct sca_container_state *ret, struct sca_err *err)
{
	const struct sca_container_state *state = NULL;
	struct search s = {.word = name, .text = &cs->scratch};
	uint64_t damaged = cs->stats.damaged, unlisted = cs->stats.unlisted;
	int r = 0;

	containers_begin(cs);
	if (name.n == 0)
		return sca_fail(err, -ENOENT, "an empty name is no container's");
	if (name.n == 64)
		r = state_lookup(cs, name, &state, err);
	if (r == 0 && !state) {
		r = each(cs, judge, &s, err);
		s.unread = cs->stats.damaged != damaged;
		s.unlisted = cs->stats.unlisted != unlisted;
		if (r == 0 && s.n == 0)
			r = none(&s, err);
		else if (r == 0 && s.n > 1 && s.running != 1)
			r = several(&s, err);
		if (r == 0)
			r = state_lookup(cs, s.running == 1 ? s.running_first : s.first, &state,
					 err);
		if (r == 0 && !state) /* it ended in between */
			r = none(&s, err);
	}
	buf_release(&s.list);
	buf_release(&s.names);
	if (r != 0 || !state)
		return r;
	*ret = *state;
	return 0;
}
