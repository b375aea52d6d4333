/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of cgroup paths: the built-in table, and what the user adds. */
#include "container_int.h"

#define REGEX_MAX   1024u
#define ENGINE_MAX  32u
/* The built-in patterns stay far below; a user's may not hold up the stream of records. */
#define MATCH_LIMIT 100000u
#define DEPTH_LIMIT 1000u
#define HEAP_LIMIT  1024u /* KiB */

#define OPTIONS (PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C)

static const struct {
	enum sca_cgroup_kind kind;
	bool escaped;
	const char *engine, *regex;
} rows[] = {
#define CGROUP(kind, engine, escaped, regex) {SCA_CGROUP_##kind, escaped, engine, regex},
#include "tables/container.in"
};

static const char *const fact_rows[] = {
#define FACT(name, regex) [FACT_##name] = regex,
#include "tables/container.in"
};

static int compile(struct sca_str regex, pcre2_code **ret, size_t *ret_offset, struct sca_err *err)
{
	PCRE2_UCHAR text[160];
	PCRE2_SIZE offset = 0;
	pcre2_code *code;
	int e = 0;

	code = pcre2_compile((PCRE2_SPTR)regex.p, regex.n, OPTIONS, &e, &offset, NULL);
	if (!code) {
		*ret_offset = offset;
		if (e == PCRE2_ERROR_NOMEMORY || e == PCRE2_ERROR_HEAP_FAILED)
			return sca_fail_errno(err, ENOMEM, "cannot compile a cgroup pattern");
		pcre2_get_error_message(e, text, sizeof(text));
		return sca_fail(err, SCA_E_SYNTAX, "%s", (const char *)text);
	}
	/* Without JIT, or without memory that may be executed, the interpreter does it. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	*ret = code;
	return 0;
}

static int add(struct cgroup_pattern **v, size_t *n, size_t *cap, pcre2_code *code,
	       enum sca_cgroup_kind kind, bool escaped, struct sca_str engine, struct sca_err *err)
{
	char *name = strndup(engine.p, engine.n);

	if (!name || !vec_grow(v, cap, *n)) {
		free(name);
		pcre2_code_free(code);
		return sca_fail_errno(err, ENOMEM, "cannot keep a cgroup pattern");
	}
	(*v)[(*n)++] = (struct cgroup_pattern){code, kind, escaped, name};
	return 0;
}

static void drop(struct cgroup_pattern *v, size_t from, size_t *n)
{
	while (*n > from) {
		--*n;
		pcre2_code_free(v[*n].code);
		free(v[*n].engine);
	}
}

int patterns_init(struct patterns *ps, struct sca_err *err)
{
	pcre2_code *code = NULL;
	size_t offset;
	int r = 0;

	ps->data = pcre2_match_data_create(2, NULL);
	ps->context = pcre2_match_context_create(NULL);
	if (!ps->data || !ps->context)
		return sca_fail_errno(err, ENOMEM, "cannot compile the cgroup patterns");
	pcre2_set_match_limit(ps->context, MATCH_LIMIT);
	pcre2_set_depth_limit(ps->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(ps->context, HEAP_LIMIT);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++) {
		r = compile(sca_str_z(rows[i].regex), &code, &offset, err);
		if (r == 0)
			r = add(&ps->own, &ps->n_own, &ps->own_cap, code, rows[i].kind,
				rows[i].escaped, sca_str_z(rows[i].engine), err);
	}
	for (size_t i = 0; r == 0 && i < FACT_COUNT; i++)
		r = compile(sca_str_z(fact_rows[i]), &ps->facts[i], &offset, err);
	return r;
}

void patterns_release(struct patterns *ps)
{
	drop(ps->own, 0, &ps->n_own);
	drop(ps->user, 0, &ps->n_user);
	free(ps->own);
	free(ps->user);
	for (size_t i = 0; i < FACT_COUNT; i++)
		pcre2_code_free(ps->facts[i]);
	pcre2_match_data_free(ps->data);
	pcre2_match_context_free(ps->context);
	*ps = (struct patterns){0};
}

static bool engine_name(struct sca_str s)
{
	if (s.n == 0 || s.n > ENGINE_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !ascii_digit(c) && !(i && strchr("._-", c)))
			return false;
	}
	return memchr(s.p, '\0', s.n) == NULL;
}

/* One line; *ret_at is what the error is about. */
static int add_line(struct patterns *ps, struct sca_str line, const char **ret_at,
		    struct sca_err *err)
{
	struct sca_str engine, regex = line;
	pcre2_code *code = NULL;
	uint32_t groups = 0;
	size_t offset = 0;
	int r;

	*ret_at = line.p;
	if (!memchr(line.p, '=', line.n))
		return sca_fail(err, SCA_E_SYNTAX, "no '=': a line is `engine = regex`");
	str_cut(&regex, '=', &engine);
	engine = str_trim(engine);
	regex = str_trim(regex);
	if (!engine_name(engine))
		return sca_fail(err, SCA_E_SYNTAX, "the engine's name takes up to %u of a-z, 0-9, "
				"'.', '_' and '-', and starts with one of the first two", ENGINE_MAX);
	*ret_at = regex.n ? regex.p : line.p + line.n;
	if (regex.n == 0 || regex.n > REGEX_MAX)
		return sca_fail(err, regex.n ? SCA_E_LIMIT : SCA_E_SYNTAX,
				"a pattern has 1 to %u bytes", REGEX_MAX);
	if (ps->n_user == SCA_CONTAINER_PATTERNS_MAX)
		return sca_fail(err, SCA_E_LIMIT, "more than %d patterns",
				SCA_CONTAINER_PATTERNS_MAX);
	r = compile(regex, &code, &offset, err);
	*ret_at += r < 0 ? MIN(offset, regex.n) : 0;
	if (r < 0)
		return r;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups == 0) {
		pcre2_code_free(code);
		return sca_fail(err, SCA_E_SYNTAX, "no group: put what is the container's id "
				"into parentheses");
	}
	return add(&ps->user, &ps->n_user, &ps->user_cap, code, SCA_CGROUP_CONTAINER, false,
		   engine, err);
}

int patterns_add(struct patterns *ps, struct sca_str text, const char *file, struct sca_err *err)
{
	size_t before = ps->n_user;
	struct sca_str line, used;
	unsigned number = 0;
	const char *at;
	int r = 0;

	while (r == 0 && str_cut(&text, '\n', &line)) {
		number++;
		used = str_trim(line);
		if (used.n == 0 || used.p[0] == '#')
			continue;
		r = add_line(ps, used, &at, err);
		if (r < 0)
			sca_err_at(err, file, number, (unsigned)(at - line.p) + 1);
	}
	if (r < 0)
		drop(ps->user, before, &ps->n_user);
	return r;
}
