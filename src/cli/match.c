/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --match FIELD=REGEX. Patterns see bytes, as the record holds them. A search that runs into
 * a limit is counted and matches nothing: a hostile name can not hold the program up.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "cli.h"

#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 1000
#define HEAP_KIB    4096

struct match {
	const struct field *field;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	struct out text;
};

struct match *match_free(struct match *m)
{
	if (!m)
		return NULL;
	pcre2_match_context_free(m->limits);
	pcre2_match_data_free(m->data);
	pcre2_code_free(m->code);
	out_release(&m->text);
	free(m);
	return NULL;
}

static int unknown_field(struct sca_err *err, struct sca_str name)
{
	_cleanup_free_ const char **names = calloc(event_field_count, sizeof(*names));
	_cleanup_free_ char *word = strndup(name.n ? name.p : "", name.n);
	const char *near;

	if (!names || !word)
		return sca_fail(err, -ENOMEM, "no memory");
	for (size_t i = 0; i < event_field_count; i++)
		names[i] = event_fields[i].name;
	near = nearest(word, names, event_field_count);
	if (near)
		return sca_fail(err, SCA_E_UNKNOWN,
				"--match: an event has no field %s; did you mean %s?", word,
				near);
	return sca_fail(err, SCA_E_UNKNOWN,
			"--match: an event has no field %s; 'scaudit help log' lists them",
			word);
}

static int compile(struct match *m, struct sca_str regex, struct sca_err *err)
{
	PCRE2_SIZE at;
	int e;

	m->code = pcre2_compile((PCRE2_SPTR)(regex.n ? regex.p : ""), regex.n,
				PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_DOLLAR_ENDONLY, &e,
				&at, NULL);
	if (!m->code) {
		char why[128];

		if (pcre2_get_error_message(e, (PCRE2_UCHAR *)why, sizeof(why)) < 0)
			snprintf(why, sizeof(why), "error %d", e);
		return sca_fail(err, SCA_E_SYNTAX,
				"--match %s: the pattern is wrong at character %zu: %s",
				m->field->name, at + 1, why);
	}
	pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE); /* without JIT it is slower only */
	m->data = pcre2_match_data_create(1, NULL);
	m->limits = pcre2_match_context_create(NULL);
	if (!m->data || !m->limits)
		return sca_fail(err, -ENOMEM, "no memory for a pattern");
	pcre2_set_match_limit(m->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(m->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(m->limits, HEAP_KIB);
	return 0;
}

int match_new(struct match **ret, const char *text, struct sca_err *err)
{
	struct sca_str rest = span_z(text), name;
	struct match *m;
	int r;

	if (!strchr(text, '=') || !span_cut(&rest, '=', &name))
		return sca_fail(err, SCA_E_SYNTAX,
				"--match takes FIELD=REGEX, for example comm=^nginx; got %s",
				text);
	if (!field_find(name))
		return unknown_field(err, name);
	m = calloc(1, sizeof(*m));
	if (!m)
		return sca_fail(err, -ENOMEM, "no memory for a pattern");
	m->text.fd = -1;
	m->field = field_find(name);
	r = compile(m, rest, err);
	if (r < 0) {
		match_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

bool match_event(struct match *m, const struct event *ev, uint64_t *undecided)
{
	struct value v;
	int r;

	if (!m->field->get(ev, &v))
		return false;
	m->text.n = 0;
	value_text(&m->text, &v);
	r = pcre2_match(m->code, (PCRE2_SPTR)(m->text.n ? m->text.p : ""), m->text.n, 0, 0,
			m->data, m->limits);
	if (r < 0 && r != PCRE2_ERROR_NOMATCH)
		(*undecided)++;
	return r >= 0;
}
