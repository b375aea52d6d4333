/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minijail's policies (minijail0(5)): "name: 1", "name: return N", conditions in disjunctive
 * normal form, "@default", "@denylist". Every clause of a condition becomes a rule of its own.
 *
 * What minijail does by constants of its build, other files, or tests that a rule can not make is
 * refused at its place.
 */
#include "policy_int.h"

#define CLAUSES_MAX 256

struct reader {
	struct policy *pl;
	const char *p, *end; /* of the line, with its continuations */
	struct sca_str tok;  /* current token, empty at the end of the line */
	bool denylist;
	struct sca_str negated; /* of the only condition, where it has a negation */
};

/* -- tokens -- */

static bool word_char(char c)
{
	return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' ||
	       c == '-' || c == '@';
}

static void next(struct reader *rd)
{
	static const char *const two[] = {"==", "!=", "<=", ">=", "&&", "||"};
	size_t n = 0, left;

	while (rd->p < rd->end && memchr(" \t\r\n\\", *rd->p, 5))
		rd->p++;
	if (rd->p < rd->end && *rd->p == '#')
		rd->p = rd->end;
	left = (size_t)(rd->end - rd->p);
	while (n < left && word_char(rd->p[n]))
		n++;
	for (size_t i = 0; n == 0 && left > 1 && i < ARRAY_SIZE(two); i++)
		if (memcmp(rd->p, two[i], 2) == 0)
			n = 2;
	if (n == 0 && left)
		n = 1;
	rd->tok = (struct sca_str){rd->p, n};
	rd->p += n;
}

static bool take(struct reader *rd, const char *word)
{
	if (!str_eq(rd->tok, sca_str_z(word)))
		return false;
	next(rd);
	return true;
}

#define refuse(rd, code, fmt, ...) \
	policy_fail((rd)->pl, (rd)->tok.p, code, fmt, ##__VA_ARGS__)

static int want(struct reader *rd, const char *what)
{
	return refuse(rd, SCA_E_SYNTAX, "%s is expected here, not \"%.*s\"", what,
		      (int)MIN(rd->tok.n, (size_t)40), rd->tok.n ? rd->tok.p : "");
}

/* -- conditions -- */

static int read_value(struct reader *rd, uint64_t *ret)
{
	uint64_t all = 0, one;

	do {
		bool flip = take(rd, "~");
		bool octal = rd->tok.n > 1 && rd->tok.p[0] == '0' && rd->tok.p[1] != 'x';

		if (octal || str_any64(rd->tok, &one) < 0)
			return want(rd, "a decimal or hexadecimal number (constants by their value)");
		next(rd);
		all |= flip ? ~one : one;
	} while (take(rd, "|"));
	*ret = all;
	return 0;
}

static const struct op {
	const char *text, *scmp, *negated;
} ops[] = {
	{"==", "EQ", "NE"}, {"!=", "NE", "EQ"}, {"<", "LT", "GE"},
	{"<=", "LE", "GT"}, {">", "GT", "LE"},  {">=", "GE", "LT"},
};

static char *arg_json(struct reader *rd, unsigned index, const char *op, uint64_t value,
		      bool masked, uint64_t want_bits)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	buf_addf(&b, "\n\t\t\t\t{\"index\": %u, \"op\": \"SCMP_CMP_%s\", \"value\": %llu", index, op,
		 (unsigned long long)value);
	if (masked)
		buf_addf(&b, ", \"valueTwo\": %llu", (unsigned long long)want_bits);
	buf_add_z(&b, "}");
	return b.failed ? NULL : arena_dup(&rd->pl->arena, buf_str(&b));
}

/* "argN OP VALUE" to a condition, and to the opposite one where there is one. */
static int read_atom(struct reader *rd, unsigned *ret_index, const char **ret, const char **ret_not)
{
	struct sca_str arg = rd->tok, op;
	unsigned index;
	uint64_t v = 0;
	int r;

	*ret = *ret_not = NULL;
	*ret_index = 0;
	if (arg.n != 4 || !str_starts(arg, SCA_STR("arg")) || arg.p[3] < '0' || arg.p[3] > '5')
		return want(rd, "arg0 to arg5");
	*ret_index = index = (unsigned)(arg.p[3] - '0');
	next(rd);
	op = rd->tok;
	next(rd);
	r = read_value(rd, &v);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (str_eq(op, sca_str_z(ops[i].text))) {
			*ret = arg_json(rd, index, ops[i].scmp, v, false, 0);
			*ret_not = arg_json(rd, index, ops[i].negated, v, false, 0);
			return *ret && *ret_not ? 0 : policy_no_memory(rd->pl);
		}
	if (str_is(op, "in")) {
		*ret = arg_json(rd, index, "MASKED_EQ", ~v, true, 0);
		return *ret ? 0 : policy_no_memory(rd->pl);
	}
	if (!str_is(op, "&"))
		return policy_fail(rd->pl, op.p ? op.p : arg.p, SCA_E_SYNTAX,
				   "one of == != < <= > >= & in is expected here");
	if (v == 0 || (v & (v - 1)))
		return policy_fail(rd->pl, op.p, SCA_E_UNSUPPORTED,
				   "& with other than one bit is no condition of a profile: write "
				   "argN & 1 || argN & 2");
	*ret = arg_json(rd, index, "MASKED_EQ", v, true, v);
	*ret_not = arg_json(rd, index, "MASKED_EQ", v, true, 0);
	return *ret && *ret_not ? 0 : policy_no_memory(rd->pl);
}

/* One clause. Two conditions on one argument are alternatives to a runtime, so they are refused. */
static int read_clause(struct reader *rd, struct sca_str *ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	unsigned seen = 0, index = 0;
	const char *is = NULL, *is_not = NULL;

	rd->negated = (struct sca_str){NULL, 0};
	do {
		const char *at = rd->tok.p;
		int r = read_atom(rd, &index, &is, &is_not);

		if (r < 0)
			return r;
		if (seen >> index & 1)
			return policy_fail(rd->pl, at, SCA_E_UNSUPPORTED,
					   "two conditions on one argument in a clause: runtimes "
					   "take them for alternatives");
		if (!seen)
			rd->negated = sca_str_z(is_not);
		else
			rd->negated = (struct sca_str){NULL, 0};
		buf_addf(&b, "%s%s", seen ? "," : "", is);
		seen |= 1u << index;
	} while (take(rd, "&&"));
	if (b.failed || !arena_dup_str(&rd->pl->arena, buf_str(&b), ret))
		return policy_no_memory(rd->pl);
	return 0;
}

/* -- actions -- */

static int read_errno(struct reader *rd, struct policy_call *c)
{
	int e;

	if (sca_errno_parse(rd->tok, &e) < 0 || e < 0 || e > 4095)
		return want(rd, "an errno, 1 or EPERM,");
	c->action = SCA_ACT_ERRNO;
	c->err = (uint16_t)e;
	next(rd);
	return 0;
}

/* Those that need no agent. false: none. */
static bool plain_action(struct sca_str word, enum sca_action *ret)
{
	static const struct {
		const char *word;
		enum sca_action action;
	} table[] = {
		{"1", SCA_ACT_ALLOW},
		{"allow", SCA_ACT_ALLOW},
		{"log", SCA_ACT_LOG},
		{"trap", SCA_ACT_TRAP},
		{"kill", SCA_ACT_KILL_PROCESS},
		{"kill-process", SCA_ACT_KILL_PROCESS},
		{"kill-thread", SCA_ACT_KILL_THREAD},
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_eq(word, sca_str_z(table[i].word))) {
			*ret = table[i].action;
			return true;
		}
	return false;
}

static int read_action(struct reader *rd, struct policy_call *c)
{
	if (take(rd, "return"))
		return read_errno(rd, c);
	if (!plain_action(rd->tok, &c->action))
		return want(rd, "1, return N, kill, trap, log or argN");
	next(rd);
	return 0;
}

/* "; return N" of a condition. A rule can say it where the condition has an opposite. */
static int read_else(struct reader *rd, struct policy_call c, size_t clauses)
{
	const char *at = rd->tok.p;
	int r = read_action(rd, &c);

	if (r < 0)
		return r;
	if (c.action != SCA_ACT_ERRNO)
		return policy_fail(rd->pl, at, SCA_E_SYNTAX, "; return N is expected here");
	if (clauses == 1 && rd->negated.n) {
		c.args = rd->negated;
		return policy_add(rd->pl, &c);
	}
	buf_addf(&rd->pl->notes,
		 "line %u: what the condition does not cover gets the default, not errno %u\n",
		 policy_line(rd->pl, at), c.err);
	return 0;
}

static int read_condition(struct reader *rd, struct policy_call c)
{
	size_t n = 0;
	int r;

	if (rd->denylist)
		return refuse(rd, SCA_E_SYNTAX, "@denylist takes only return N");
	c.action = SCA_ACT_ALLOW;
	do {
		if (n++ == CLAUSES_MAX)
			return refuse(rd, SCA_E_LIMIT, "more than %d clauses", CLAUSES_MAX);
		r = read_clause(rd, &c.args);
		if (r == 0)
			r = policy_add(rd->pl, &c);
		if (r < 0)
			return r;
	} while (take(rd, "||"));
	return take(rd, ";") ? read_else(rd, c, n) : 0;
}

/* -- lines -- */

static int read_call(struct reader *rd)
{
	struct policy_call c = {.name = rd->tok, .at = (uint32_t)(rd->tok.p - rd->pl->text.p)};
	int r;

	if (!policy_is_name(c.name))
		return want(rd, "a call's name");
	next(rd);
	if (!take(rd, ":"))
		return want(rd, "':' behind a call's name");
	if (str_starts(rd->tok, SCA_STR("arg")))
		return read_condition(rd, c);
	r = read_action(rd, &c);
	if (r == 0 && rd->denylist && c.action != SCA_ACT_ERRNO)
		return policy_fail(rd->pl, c.name.p, SCA_E_SYNTAX, "@denylist takes only return N");
	return r < 0 ? r : policy_add(rd->pl, &c);
}

static int read_directive(struct reader *rd)
{
	struct policy *pl = rd->pl;
	enum sca_action action;

	if (take(rd, "@denylist")) {
		if (pl->n)
			return refuse(rd, SCA_E_SYNTAX, "@denylist is the first line of a policy");
		rd->denylist = true;
		pl->action = SCA_ACT_ALLOW;
		return 0;
	}
	if (take(rd, "@default")) {
		if (!plain_action(rd->tok, &action) || !sca_action_denies(action))
			return want(rd, "kill-process, kill-thread or trap");
		pl->action = action;
		next(rd);
		return 0;
	}
	if (str_is(rd->tok, "@frequency")) {
		buf_addf(&pl->notes, "line %u: @frequency only orders the tests, and is left out\n",
			 policy_line(pl, rd->tok.p));
		rd->p = rd->end;
		next(rd);
		return 0;
	}
	return refuse(rd, SCA_E_UNSUPPORTED,
		      "%.*s: one file is read, and no other; put its lines here",
		      (int)MIN(rd->tok.n, (size_t)40), rd->tok.p);
}

static int by_name(const void *a, const void *b)
{
	const struct policy_call *x = *(const struct policy_call *const *)a;
	const struct policy_call *y = *(const struct policy_call *const *)b;
	int r = memcmp(x->name.p, y->name.p, MIN(x->name.n, y->name.n));

	if (r == 0)
		r = (x->name.n > y->name.n) - (x->name.n < y->name.n);
	return r ? r : (x->at > y->at) - (x->at < y->at);
}

/* minijail's versions differ in what the second line of a call does. */
static int check_twice(struct policy *pl)
{
	_cleanup_free_ const struct policy_call **v = calloc(pl->n + 1, sizeof(*v));

	if (!v)
		return policy_no_memory(pl);
	for (size_t i = 0; i < pl->n; i++)
		v[i] = &pl->calls[i];
	qsort(v, pl->n, sizeof(*v), by_name);
	for (size_t i = 1; i < pl->n; i++)
		if (v[i]->at != v[i - 1]->at && str_eq(v[i]->name, v[i - 1]->name))
			return policy_fail(pl, v[i]->name.p, SCA_E_CONFLICT,
					   "%.*s has a line already", (int)v[i]->name.n,
					   v[i]->name.p);
	return 0;
}

static const char *line_end(const char *p, const char *end)
{
	for (;;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl)
			return end;
		if (nl == p || nl[-1] != '\\')
			return nl;
		p = nl + 1;
	}
}

int policy_read_minijail(struct policy *pl)
{
	struct reader rd = {.pl = pl, .p = pl->text.p};
	const char *end = pl->text.p + pl->text.n;
	int r = 0;

	pl->action = SCA_ACT_KILL_PROCESS;
	while (r == 0 && rd.p < end) {
		rd.end = line_end(rd.p, end);
		next(&rd);
		if (rd.tok.n)
			r = rd.tok.p[0] == '@' ? read_directive(&rd) : read_call(&rd);
		if (r == 0 && rd.tok.n)
			r = want(&rd, "the end of the line");
		rd.p = rd.end + (rd.end < end);
	}
	return r < 0 ? r : check_twice(pl);
}
