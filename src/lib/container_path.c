/* SPDX-License-Identifier: Apache-2.0 */
/* What a cgroup path says. */
#include "container_int.h"

#define WINDOW 8u /* components that a pattern sees, so that deep paths stay cheap */

/* 1 with group 1 in *ret, 0 for no match. */
static int match(struct sca_containers *cs, const pcre2_code *code, struct sca_str s, size_t from,
		 struct sca_str *ret, size_t *ret_start, struct sca_err *err)
{
	const struct patterns *ps = &cs->patterns;
	int r = pcre2_match(code, (PCRE2_SPTR)s.p, s.n, from, 0, ps->data, ps->context);
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(ps->data);

	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	if (r == PCRE2_ERROR_NOMEMORY)
		return sca_fail_errno(err, ENOMEM, "cannot match a cgroup path");
	if (r < 0) {
		cs->stats.costly++;
		return sca_fail(err, SCA_E_LIMIT, "a pattern for cgroup paths takes too long; "
				"simplify it");
	}
	/* r is 0 when a user's pattern has more groups than are asked for. */
	if (r == 1 || at[2] == PCRE2_UNSET || at[3] < at[2])
		return 0;
	*ret = (struct sca_str){s.p + at[2], at[3] - at[2]};
	*ret_start = at[0];
	return 1;
}

/* Cuts the last component. False when there is none left. */
static bool cut_last(struct sca_str *path)
{
	const char *slash = path->n ? memrchr(path->p, '/', path->n) : NULL;

	path->n = slash ? (size_t)(slash - path->p) : 0;
	return path->n > 0;
}

static size_t window(struct sca_str path)
{
	for (unsigned i = 0; i < WINDOW; i++)
		if (!cut_last(&path))
			return 0;
	return path.n;
}

struct hit {
	const struct cgroup_pattern *pattern;
	struct sca_str id;
	struct sca_str cut; /* the path down to the container */
	size_t start;       /* where in it the pattern starts */
};

/* Tries one cut against the user's patterns, then the built-in ones. */
static int try_cut(struct sca_containers *cs, struct sca_str cut, bool candidates, struct hit *ret,
		   struct sca_err *err)
{
	const struct patterns *ps = &cs->patterns;
	size_t from = window(cut);

	ret->cut = cut;
	for (size_t i = 0; i < ps->n_user + ps->n_own; i++) {
		const struct cgroup_pattern *p = i < ps->n_user ? &ps->user[i] :
								  &ps->own[i - ps->n_user];
		int r;

		if ((p->kind == SCA_CGROUP_CANDIDATE) != candidates)
			continue;
		r = match(cs, p->code, cut, from, &ret->id, &ret->start, err);
		if (r < 0)
			return r;
		if (r == 0 || (ret->id.n == 0 && p->kind != SCA_CGROUP_MONITOR))
			continue;
		ret->pattern = p;
		return 1;
	}
	return 0;
}

static int innermost(struct sca_containers *cs, struct sca_str path, struct hit *ret,
		     struct sca_err *err)
{
	for (; path.n; cut_last(&path)) {
		int r = try_cut(cs, path, false, ret, err);

		if (r)
			return r;
	}
	return 0;
}

/* The last match of a fact at or behind `from`; empty when there is none. */
static int fact(struct sca_containers *cs, enum cgroup_fact which, struct sca_str path,
		size_t from, struct sca_str *ret, struct sca_err *err)
{
	struct sca_str value = {NULL, 0};
	size_t start = 0;
	int r;

	*ret = value;
	while ((r = match(cs, cs->patterns.facts[which], path, from, &value, &start, err)) > 0) {
		*ret = value;
		from = (size_t)(value.p - path.p) + value.n;
	}
	return r;
}

/* Undoes systemd's \xNN, or turns `_` into `-`: what units do to names. */
static int respell(struct sca_containers *cs, struct sca_str *s, bool unit, struct sca_err *err)
{
	char *to, *p = arena_dup(&cs->scratch, *s);
	size_t n = 0;

	if (!p)
		return sca_fail_errno(err, ENOMEM, "cannot decode a cgroup path");
	to = p;
	for (size_t i = 0; i < s->n; i++) {
		char c = s->p[i];

		if (unit && c == '\\' && s->n - i >= 4 && s->p[i + 1] == 'x') {
			int high = hex_digit(s->p[i + 2]), low = hex_digit(s->p[i + 3]);

			if (high >= 0 && low >= 0 && (high || low)) {
				c = (char)(high * 16 + low);
				i += 3;
			}
		} else if (!unit && c == '_') {
			c = '-';
		}
		to[n++] = c;
	}
	*s = (struct sca_str){p, n};
	return 0;
}

/* Pod, class and Podman's pod: of the container at the end of `path`. */
static int pod_facts(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *cg,
		     struct sca_err *err)
{
	struct sca_str kubepods;
	int r = fact(cs, FACT_POD_UID, path, 0, &cg->pod_uid, err);

	if (r == 0)
		r = fact(cs, FACT_POD_ID, path, 0, &cg->pod_id, err);
	if (r < 0 || cg->pod_uid.n == 0)
		return r;
	r = fact(cs, FACT_QOS, path, 0, &cg->qos, err);
	if (r == 0)
		r = fact(cs, FACT_KUBEPODS, path, 0, &kubepods, err);
	if (r == 0 && cg->qos.n == 0 && kubepods.n)
		cg->qos = SCA_STR("guaranteed");
	if (r == 0 && memchr(cg->pod_uid.p, '_', cg->pod_uid.n))
		r = respell(cs, &cg->pod_uid, false, err);
	return r;
}

static int decode_hit(struct sca_containers *cs, const struct hit *hit, struct sca_cgroup *cg,
		      struct sca_err *err)
{
	struct sca_str above = {hit->cut.p, hit->start};
	struct hit outer = {0};
	int r = 0;

	cg->kind = hit->pattern->kind;
	cg->engine = sca_str_z(hit->pattern->engine);
	cg->id = hit->id;
	if (hit->pattern->escaped)
		r = respell(cs, &cg->id, true, err);
	if (r == 0)
		r = innermost(cs, above, &outer, err);
	if (r < 0)
		return r;
	r = 0;
	if (outer.pattern && outer.pattern->kind == SCA_CGROUP_CONTAINER) {
		cg->outer_engine = sca_str_z(outer.pattern->engine);
		cg->outer_id = outer.id;
		if (outer.pattern->escaped)
			r = respell(cs, &cg->outer_id, true, err);
	}
	if (r == 0)
		r = fact(cs, FACT_UNIT, above, outer.pattern ? outer.cut.n : 0, &cg->unit, err);
	return r;
}

static int decode_unit(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *cg,
		       struct sca_err *err)
{
	struct sca_str manager;
	int r = fact(cs, FACT_UNIT, path, 0, &cg->unit, err);

	if (r == 0)
		r = fact(cs, FACT_USER_MANAGER, path, 0, &manager, err);
	if (r < 0 || cg->unit.n == 0)
		return r;
	cg->kind = SCA_CGROUP_UNIT;
	cg->engine = manager.n ? SCA_STR("systemd-user") : SCA_STR("systemd");
	return 0;
}

int cgroup_path_check(struct sca_containers *cs, struct sca_str *path, struct sca_err *err)
{
	struct sca_str deleted = SCA_STR(" (deleted)");

	if (path->n > SCA_CGROUP_PATH_MAX) {
		cs->stats.overlong++;
		return sca_fail(err, SCA_E_LIMIT, "a cgroup path of %zu bytes, more than %d",
				path->n, SCA_CGROUP_PATH_MAX);
	}
	if (path->n == 0 || path->p[0] != '/' || memchr(path->p, '\0', path->n)) {
		cs->stats.malformed++;
		return sca_fail(err, SCA_E_SYNTAX, "not a cgroup path: it starts with a slash and "
				"has no NUL");
	}
	if (path->n > deleted.n &&
	    memcmp(path->p + path->n - deleted.n, deleted.p, deleted.n) == 0)
		path->n -= deleted.n;
	while (path->n && path->p[path->n - 1] == '/')
		path->n--;
	return 0;
}

int cgroup_candidate(struct sca_containers *cs, struct sca_str *path, struct sca_str *ret_id,
		     struct sca_str *ret_cut, struct sca_err *err)
{
	struct hit hit;

	for (; path->n; cut_last(path)) {
		int r = try_cut(cs, *path, true, &hit, err);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		*ret_id = hit.id;
		*ret_cut = *path;
		cut_last(path);
		return 1;
	}
	return 0;
}

int cgroup_decode(struct sca_containers *cs, struct sca_str path, struct sca_cgroup *ret,
		  struct sca_err *err)
{
	struct sca_cgroup cg = {0};
	struct hit hit = {0};
	int r = cgroup_path_check(cs, &path, err);

	if (r < 0)
		return r;
	if (str_starts(path, SCA_STR("/../")) || str_is(path, "/..")) {
		*ret = (struct sca_cgroup){.kind = SCA_CGROUP_RELATIVE};
		return 0;
	}
	r = innermost(cs, path, &hit, err);
	if (r < 0)
		return r;
	if (hit.pattern)
		r = decode_hit(cs, &hit, &cg, err);
	else
		r = decode_unit(cs, path, &cg, err);
	if (r == 0)
		r = pod_facts(cs, hit.pattern ? hit.cut : path, &cg, err);
	if (r == 0 && cg.kind == SCA_CGROUP_UNKNOWN)
		r = try_cut(cs, path, true, &hit, err);
	if (r < 0)
		return r;
	if (r > 0) {
		cg.kind = SCA_CGROUP_CANDIDATE;
		cg.engine = sca_str_z(hit.pattern->engine);
		cg.id = hit.id;
	}
	*ret = cg;
	return 0;
}
