/* SPDX-License-Identifier: Apache-2.0 */
#include "container_int.h"

#include <fcntl.h>

int sca_containers_new(struct sca_containers **ret, const char *root, struct sca_err *err)
{
	struct sca_containers *cs = calloc(1, sizeof(*cs));
	int r;

	if (!cs)
		return sca_fail_errno(err, ENOMEM, "cannot look for containers");
	cs->live = !root || strcmp(root, "/") == 0;
	cs->keep_ms = STATE_KEEP_MS;
	cs->missing_ms = STATE_MISSING_MS;
	cs->root_path = strdup(cs->live ? "" : root);
	cs->root = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cs->root < 0) {
		r = sca_fail_errno(err, errno, "cannot open the root directory");
		sca_err_at(err, root ? root : "/", 0, 0);
	} else if (!cs->root_path) {
		r = sca_fail_errno(err, ENOMEM, "cannot look for containers");
	} else {
		r = patterns_init(&cs->patterns, err);
	}
	if (r < 0)
		sca_containers_free(cs);
	else
		*ret = cs;
	return r;
}

static void entry_free(struct state_entry *e)
{
	if (e) {
		arena_release(&e->text);
		free(e);
	}
}

struct sca_containers *sca_containers_free(struct sca_containers *cs)
{
	if (!cs)
		return NULL;
	for (size_t i = 0; i < STATE_ENTRIES_MAX; i++)
		entry_free(cs->ring[i]);
	patterns_release(&cs->patterns);
	arena_release(&cs->scratch);
	arena_release(&cs->dirs.text);
	sca_close_(&cs->root);
	free(cs->root_path);
	free(cs);
	return NULL;
}

void sca_containers_stats(const struct sca_containers *cs, struct sca_container_stats *ret)
{
	*ret = cs->stats;
}

int sca_containers_add_patterns(struct sca_containers *cs, struct sca_str text, const char *file,
				struct sca_err *err)
{
	return patterns_add(&cs->patterns, text, file, err);
}

void containers_begin(struct sca_containers *cs)
{
	cs->now_ms = (uint64_t)clock_ms(CLOCK_MONOTONIC);
	arena_release(&cs->scratch);
}

int sca_containers_decode(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *ret,
			  struct sca_err *err)
{
	containers_begin(cs);
	return cgroup_decode(cs, path, ret, err);
}

static struct state_entry **bucket_of(struct sca_containers *cs, struct sca_str id)
{
	return &cs->buckets[hash_more(0, id.p, id.n) % STATE_BUCKETS];
}

static void unlink_entry(struct sca_containers *cs, struct state_entry *e)
{
	struct state_entry **at = bucket_of(cs, e->key);

	while (*at && *at != e)
		at = &(*at)->next;
	if (*at)
		*at = e->next;
}

/* Engines replace their files while they are read: what was damaged, or not there yet, is no
 * answer to keep for long. */
static bool is_partial(const struct sca_containers *cs, uint64_t damaged,
		       const struct sca_container_state *state)
{
	return cs->stats.damaged != damaged || state->name.n == 0;
}

/* Asks the engines' files anew. What is not known any more stays as it was: a container's records
 * may come after its end, and 64 hex digits do not come back as another one. */
static int refresh(struct sca_containers *cs, struct state_entry *e, struct sca_err *err)
{
	struct sca_container_state state = {0};
	struct arena text = {.max = 65536};
	uint64_t damaged = cs->stats.damaged;
	struct sca_str key;
	int r = state_from_files(cs, e->key, &text, &state, err);
	bool partial = r >= 0 && is_partial(cs, damaged, &state);

	if (r < 0 || (e->found && e->key.n == 64 && (r == 0 || (partial && e->state.name.n)))) {
		arena_release(&text);
		if (r < 0)
			return r;
	} else if (!arena_dup_str(&text, e->key, &key)) {
		arena_release(&text);
		return sca_fail_errno(err, ENOMEM, "cannot remember a container");
	} else {
		arena_release(&e->text);
		e->text = text;
		e->key = key;
		e->state = state;
		e->found = r > 0;
		cs->news += e->found;
	}
	e->until_ms = cs->now_ms + (partial && (r > 0 || !e->found) ? cs->missing_ms : cs->keep_ms);
	return 0;
}

/* A new entry for an id, in the place of the oldest one. */
static int remember(struct sca_containers *cs, struct sca_str id, struct state_entry **ret,
		    struct sca_err *err)
{
	struct state_entry *e = calloc(1, sizeof(*e)), **at;
	int r;

	if (!e || !arena_dup_str(&e->text, id, &e->key)) {
		entry_free(e);
		return sca_fail_errno(err, ENOMEM, "cannot remember a container");
	}
	r = refresh(cs, e, err);
	if (r < 0) {
		entry_free(e);
		return r;
	}
	at = &cs->ring[cs->ring_at];
	cs->ring_at = (cs->ring_at + 1) % STATE_ENTRIES_MAX;
	if (*at) {
		unlink_entry(cs, *at);
		entry_free(*at);
		cs->stats.evicted++;
	}
	*at = e;
	at = bucket_of(cs, e->key);
	e->next = *at;
	*at = e;
	*ret = e;
	return 0;
}

int state_lookup(struct sca_containers *cs, struct sca_str id,
		 const struct sca_container_state **ret, struct sca_err *err)
{
	struct state_entry *e = *bucket_of(cs, id);
	int r = 0;

	cs->stats.lookups++;
	while (e && !str_eq(e->key, id))
		e = e->next;
	if (!e)
		r = remember(cs, id, &e, err);
	else if (e->until_ms < cs->now_ms || (cs->anew && !e->found))
		r = refresh(cs, e, err);
	else
		cs->stats.cached++;
	if (r < 0 || !e)
		return r;
	cs->stats.missing += !e->found;
	*ret = e->found ? &e->state : NULL;
	return 0;
}

int state_refresh(struct sca_containers *cs, struct sca_str id,
		  const struct sca_container_state **ret, struct sca_err *err)
{
	struct state_entry *e = *bucket_of(cs, id);

	while (e && !str_eq(e->key, id))
		e = e->next;
	if (e)
		e->until_ms = 0;
	return state_lookup(cs, id, ret, err);
}

int sca_containers_state(struct sca_containers *cs, struct sca_str id,
			 struct sca_container_state *ret, struct sca_err *err)
{
	const struct sca_container_state *state = NULL;
	int r;

	containers_begin(cs);
	r = state_lookup(cs, id, &state, err);
	if (r < 0)
		return r;
	if (!state)
		return sca_fail(err, -ENOENT, "no container engine's state has %.*s",
				(int)MIN(id.n, (size_t)80), id.p);
	*ret = *state;
	return 0;
}

/* Adds what the engines know; the path's own words win but for names that say less. */
static void add_state(struct sca_container_ref *ref, const struct sca_container_state *state)
{
	if (str_is(ref->engine, "cri") || str_is(ref->engine, "oci"))
		if (state->engine.n)
			ref->engine = state->engine;
	ref->name = state->name;
	ref->image = state->image;
	ref->pod = state->pod;
	ref->ns = state->ns;
	if (ref->pod_uid.n == 0)
		ref->pod_uid = state->pod_uid;
}

/* Looks for a candidate that an engine knows and that has this very cgroup. 1 when found. */
static int confirm(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *cg,
		   const struct sca_container_state **ret, struct sca_err *err)
{
	struct sca_str id, cut;
	int r;

	while ((r = cgroup_candidate(cs, &path, &id, &cut, err)) > 0) {
		r = state_lookup(cs, id, ret, err);
		if (r < 0)
			return r;
		if (*ret && str_eq((*ret)->cgroup, cut)) {
			*cg = (struct sca_cgroup){
				.kind = SCA_CGROUP_CONTAINER,
				.engine = SCA_STR("oci"),
				.id = id,
			};
			return 1;
		}
	}
	*ret = NULL;
	return r;
}

/* Whether `path` is at `top` or below it. */
static bool at_or_below(struct sca_str path, struct sca_str top)
{
	return str_starts(path, top) && (path.n == top.n || path.p[top.n] == '/');
}

/*
 * What the engines know of a container that a path names. An id that is no more than a name must
 * come from the same engine. Where the engine's own cgroup is another one, somebody gave a
 * cgroup of his that id: with a container around it, that container is the one.
 */
static int find_state(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *cg,
		      bool *ret_misplaced, const struct sca_container_state **ret,
		      struct sca_err *err)
{
	int r = state_lookup(cs, cg->id, ret, err);

	*ret_misplaced = false;
	if (r < 0)
		return r;
	if (*ret && cg->id.n != 64 && !str_eq((*ret)->engine, cg->engine))
		*ret = NULL;
	if (!*ret || (*ret)->cgroup.n == 0 || at_or_below(path, (*ret)->cgroup))
		return 0;
	cs->stats.misplaced++;
	*ret_misplaced = true;
	if (cg->outer_id.n == 0)
		return 0;
	*cg = (struct sca_cgroup){
		.kind = SCA_CGROUP_CONTAINER, .engine = cg->outer_engine, .id = cg->outer_id,
	};
	r = state_lookup(cs, cg->id, ret, err);
	if (r == 0 && *ret && cg->id.n != 64 && !str_eq((*ret)->engine, cg->engine))
		*ret = NULL;
	return r;
}

int container_by_path(struct sca_containers *cs, struct sca_str path,
		      struct sca_container_ref *ret, struct sca_err *err)
{
	const struct sca_container_state *state = NULL;
	struct sca_container_ref ref = {.via = SCA_STR("none")};
	bool misplaced = false;
	struct sca_cgroup cg;
	int r = cgroup_path_check(cs, &path, err);

	if (r < 0)
		return r;
	/* The answer does not borrow from the caller's path. */
	if (!arena_dup_str(&cs->scratch, path.n ? path : SCA_STR("/"), &path))
		return sca_fail_errno(err, ENOMEM, "cannot look for a container");
	r = cgroup_decode(cs, path, &cg, err);
	if (r < 0)
		return r;
	if (cg.kind == SCA_CGROUP_CONTAINER)
		r = find_state(cs, path, &cg, &misplaced, &state, err);
	else if (cg.kind == SCA_CGROUP_CANDIDATE || cg.kind == SCA_CGROUP_UNIT ||
		 cg.kind == SCA_CGROUP_UNKNOWN)
		r = confirm(cs, path, &cg, &state, err);
	if (r < 0)
		return r;
	if (cg.kind == SCA_CGROUP_CONTAINER || cg.kind == SCA_CGROUP_UNIT) {
		ref = (struct sca_container_ref){
			.id = cg.id, .engine = cg.engine, .pod_uid = cg.pod_uid, .unit = cg.unit,
			.via = SCA_STR("cgroup"),
			.sure = misplaced ? SCA_STR("likely") : SCA_STR("exact"),
		};
		if (state)
			add_state(&ref, state);
	}
	*ret = ref;
	return 0;
}

int sca_containers_by_path(struct sca_containers *cs, struct sca_str path,
			   struct sca_container_ref *ret, struct sca_err *err)
{
	containers_begin(cs);
	return container_by_path(cs, path, ret, err);
}
