/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML value as JSON. Types of plain scalars are those that a Kubernetes client finds; where
 * YAML 1.1 and 1.2 find different ones the value is refused, with what to write instead.
 */
#include "yaml.h"

#include <scaudit/profile.h>

struct writer {
	const struct yaml *y;
	struct buf *out;
	uint32_t line;
	uint32_t *of;
	size_t n, cap;
	struct sca_err *err;
};

/* Words that some YAML reader takes for something else than text. */
static const struct {
	struct sca_str word; /* in lower case */
	const char *json;    /* NULL: readers disagree */
} words[] = {
	{{"", 0}, "null"},
	{{"~", 1}, "null"},
	{{"null", 4}, "null"},
	{{"true", 4}, "true"},
	{{"false", 5}, "false"},
	{{"yes", 3}, NULL},
	{{"no", 2}, NULL},
	{{"on", 2}, NULL},
	{{"off", 3}, NULL},
	{{"y", 1}, NULL},
	{{"n", 1}, NULL},
	{{".nan", 4}, NULL},
	{{".inf", 4}, NULL},
	{{"-.inf", 5}, NULL},
	{{"+.inf", 5}, NULL},
};

/* Whether a plain scalar is one of the words; *ret_json as in the table. */
static bool is_word(struct sca_str s, const char **ret_json)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_nocase(s, words[i].word)) {
			*ret_json = words[i].json;
			return true;
		}
	return false;
}

/* It starts as a number does: then it has to be one. */
static bool numeric(struct sca_str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');

	return s.n > i && (ascii_digit(s.p[i]) ||
			   (s.p[i] == '.' && s.n > i + 1 && ascii_digit(s.p[i + 1])));
}

bool yaml_plain_string(struct sca_str s)
{
	const char *json;

	if (is_word(s, &json) || numeric(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool word = ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
			    c == '_';

		if (!word && (i == 0 || (c != '-' && c != '.' && c != '/')))
			return false;
	}
	return true;
}

static int refuse(struct writer *w, uint32_t node, const char *what)
{
	struct sca_str s = w->y->v[node].value;

	return yaml_fail(w->y, node, w->err, SCA_E_SYNTAX, "%.*s %s", (int)MIN(s.n, 64u),
			 s.n ? s.p : "", what);
}

static int put_number(struct writer *w, uint32_t node, struct sca_str s)
{
	uint64_t u;
	int64_t i;

	if (s.n > 1 && s.p[0] == '0' && ascii_digit(s.p[1]))
		return refuse(w, node, "is octal to some readers and decimal to others: write "
				       "0o... or no leading 0");
	if (s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'o')) {
		if (s.p[1] == 'x' && str_hex64(str_skip(s, 2), &u) == 0)
			return buf_addf(w->out, "%llu", (unsigned long long)u), 0;
		u = 0;
		for (size_t k = 2; s.p[1] == 'o' && k < s.n; k++) {
			if (s.p[k] < '0' || s.p[k] > '7' || u >> 61)
				return refuse(w, node, "is no number that fits 64 bits");
			u = u << 3 | (uint64_t)(s.p[k] - '0');
		}
		if (s.p[1] == 'o')
			return buf_addf(w->out, "%llu", (unsigned long long)u), 0;
	}
	if (str_u64(s, &u) == 0)
		return buf_addf(w->out, "%llu", (unsigned long long)u), 0;
	if (str_i64(s, &i) == 0)
		return buf_addf(w->out, "%lld", (long long)i), 0;
	return refuse(w, node, "is no whole number of 64 bits; if it is text, quote it");
}

static int put_scalar(struct writer *w, uint32_t node)
{
	const struct yn *nd = &w->y->v[node];
	const char *json;

	if (nd->quote) {
		json_add_string(w->out, nd->value);
	} else if (is_word(nd->value, &json)) {
		if (!json)
			return refuse(w, node, "is true or false to some readers and text to "
					       "others: quote it, or write true or false");
		buf_add_z(w->out, json);
	} else if (numeric(nd->value)) {
		return put_number(w, node, nd->value);
	} else {
		json_add_string(w->out, nd->value);
	}
	return 0;
}

static void go_to_line(struct writer *w, uint32_t line)
{
	for (; w->line < line; w->line++)
		buf_add_c(w->out, '\n');
}

/* What would have to be expanded, or would change the type, is no part of a profile. */
static int check_node(struct writer *w, uint32_t node)
{
	const struct yn *nd = &w->y->v[node];

	if (nd->kind == YN_ALIAS)
		return yaml_fail(w->y, node, w->err, SCA_E_SYNTAX,
				 "an alias in a profile is not followed: write the value out");
	if (nd->anchor)
		return yaml_fail(w->y, node, w->err, SCA_E_SYNTAX,
				 "an anchor in a profile: an edit here would be one elsewhere; "
				 "write the value out where it is used");
	if (nd->tag)
		return yaml_fail(w->y, node, w->err, SCA_E_SYNTAX,
				 "a tag in a profile: take it away, quotes make text of a value");
	return 0;
}

static int put_node(struct writer *w, uint32_t node);

static int put_key(struct writer *w, uint32_t key)
{
	const struct yn *nd = &w->y->v[key];
	int r = check_node(w, key);

	if (r < 0)
		return r;
	if (!nd->quote && str_is(nd->value, "<<"))
		return yaml_fail(w->y, key, w->err, SCA_E_SYNTAX,
				 "a merge key in a profile is not followed: write the members out");
	go_to_line(w, nd->line);
	json_add_string(w->out, nd->value);
	buf_add_c(w->out, ':');
	return 0;
}

static int put_children(struct writer *w, uint32_t node)
{
	bool map = w->y->v[node].kind == YN_MAP, any = false;
	int r = 0;

	buf_add_c(w->out, map ? '{' : '[');
	yaml_for_each (w->y, node, c) {
		if (any)
			buf_add_c(w->out, ',');
		any = true;
		if (map)
			r = put_key(w, w->y->v[c].key);
		if (r == 0)
			r = put_node(w, c);
		if (r < 0)
			return r;
	}
	buf_add_c(w->out, map ? '}' : ']');
	return 0;
}

/* The reader has bounded the depth. */
static int put_node(struct writer *w, uint32_t node)
{
	int r = check_node(w, node);

	if (r < 0)
		return r;
	if (!vec_grow(&w->of, &w->cap, w->n))
		return sca_fail(w->err, -ENOMEM, "out of memory");
	w->of[w->n++] = node;
	go_to_line(w, w->y->v[node].line);
	return w->y->v[node].kind == YN_SCALAR ? put_scalar(w, node) : put_children(w, node);
}

int yaml_to_json(const struct yaml *y, uint32_t top, struct buf *out, uint32_t **ret_of,
		 size_t *ret_n, struct sca_err *err)
{
	struct writer w = {.y = y, .out = out, .err = err};
	int r = put_node(&w, top);

	if (r == 0 && out->failed)
		r = out->max && out->n + 64 >= out->max ?
			    sca_fail(err, SCA_E_LIMIT, "longer than %u bytes as JSON",
				     SCA_PROFILE_MAX_BYTES) :
			    sca_fail(err, -ENOMEM, "out of memory");
	if (r < 0) {
		free(w.of);
		return r;
	}
	*ret_of = w.of;
	*ret_n = w.n;
	return 0;
}
