/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd's SystemCallFilter= and its like (systemd.exec(5)), as systemd 252 takes them: the first
 * SystemCallFilter= decides whether it is a list of what is allowed or of what is denied, later
 * ones add to it and take away, an empty one starts anew. A list of what is allowed has @default
 * in it. Other keys of a unit are not looked at.
 */
#include "policy_int.h"

/* Only put() adds to a table. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) (u->no_memory = true)
#define HASH_FUNCTION(key, n, hash) HASH_OAT(key, n, hash) /* the default falls through cases */
#include <uthash.h>

#define GROUP_DEPTH 8
#define STEPS_MAX   (1u << 20) /* names that groups expand to */
#define ANSWER_KILL (-1)
#define ANSWER_NONE (-2) /* that of SystemCallErrorNumber= */

static const struct {
	const char *name, *calls;
} groups[] = {
#define GROUP(name, calls) {name, calls},
#include "tables/systemd_groups.in"
};

const struct policy_arch policy_archs[] = {
	{"x86", "SCMP_ARCH_X86"},           {"x86-64", "SCMP_ARCH_X86_64"},
	{"x32", "SCMP_ARCH_X32"},           {"arm", "SCMP_ARCH_ARM"},
	{"arm64", "SCMP_ARCH_AARCH64"},     {"mips", "SCMP_ARCH_MIPS"},
	{"mips64", "SCMP_ARCH_MIPS64"},     {"mips64-n32", "SCMP_ARCH_MIPS64N32"},
	{"mips-le", "SCMP_ARCH_MIPSEL"},    {"mips64-le", "SCMP_ARCH_MIPSEL64"},
	{"mips64-le-n32", "SCMP_ARCH_MIPSEL64N32"},
	{"ppc", "SCMP_ARCH_PPC"},           {"ppc64", "SCMP_ARCH_PPC64"},
	{"ppc64-le", "SCMP_ARCH_PPC64LE"},  {"s390", "SCMP_ARCH_S390"},
	{"s390x", "SCMP_ARCH_S390X"},       {"riscv64", "SCMP_ARCH_RISCV64"},
	{"parisc", "SCMP_ARCH_PARISC"},     {"parisc64", "SCMP_ARCH_PARISC64"},
};
const size_t n_policy_archs = ARRAY_SIZE(policy_archs);

struct sca_str policy_group(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (str_eq(name, sca_str_z(groups[i].name)))
			return sca_str_z(groups[i].calls);
	return (struct sca_str){NULL, 0};
}

/* -- sets of names -- */

struct entry {
	struct sca_str name;
	const char *at;
	int answer; /* errno, or one of ANSWER_* */
	bool in;
	UT_hash_handle hh;
};

struct list {
	struct entry *set; /* entries are the arena's; taken away ones stay, without `in` */
	bool begun, inverse; /* the first assignment had a '~' */
};

struct unit {
	struct policy *pl;
	struct list filter, log;
	int errnum;
	size_t steps;
	bool archs_given, no_memory;
	uint32_t archs; /* bit n: policy_archs[n] */
};

/* uthash's tables are malloc'ed. */
static void clear(struct list *l)
{
	HASH_CLEAR(hh, l->set);
	l->begun = l->inverse = false;
}

static int put(struct unit *u, struct list *l, struct sca_str name, const char *at, bool in,
	       int answer)
{
	struct entry *e;

	if (++u->steps > STEPS_MAX)
		return policy_fail(u->pl, at, SCA_E_LIMIT, "the groups name more than %u calls",
				   STEPS_MAX);
	HASH_FIND(hh, l->set, name.p, (unsigned)name.n, e);
	if (!e) {
		e = arena_alloc(&u->pl->arena, sizeof(*e));
		if (!e)
			return policy_no_memory(u->pl);
		e->name = name;
		HASH_ADD_KEYPTR(hh, l->set, e->name.p, (unsigned)name.n, e);
		if (u->no_memory)
			return policy_no_memory(u->pl);
	}
	e->at = at;
	e->in = in;
	e->answer = answer;
	return 0;
}

/* A word without its errno: a call, or a group with what is in it. */
static int put_word(struct unit *u, struct list *l, struct sca_str word, const char *at, bool in,
		    int answer, unsigned depth)
{
	struct sca_str calls, name;
	int r = 0;

	if (word.n == 0 || word.p[0] != '@') {
		if (!policy_is_name(word))
			return policy_fail(u->pl, at, SCA_E_SYNTAX,
					   "\"%.*s\" is no name of a call", (int)MIN(word.n, (size_t)40),
					   word.n ? word.p : "");
		return put(u, l, word, at, in, answer);
	}
	calls = policy_group(word);
	if (!calls.n || depth == GROUP_DEPTH)
		return policy_fail(u->pl, at, SCA_E_UNKNOWN,
				   "%.*s is no group that is known here", (int)MIN(word.n, (size_t)40),
				   word.p);
	while (r == 0 && str_cut(&calls, ' ', &name))
		r = put_word(u, l, name, at, in, answer, depth + 1);
	return r;
}

/* -- values -- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\';
}

/* The next word of a value, whose lines are joined. */
static bool next_word(struct sca_str *s, struct sca_str *ret)
{
	size_t n = 0;

	while (s->n && is_blank(s->p[0]))
		*s = str_skip(*s, 1);
	while (n < s->n && !is_blank(s->p[n]))
		n++;
	*ret = (struct sca_str){s->p, n};
	*s = str_skip(*s, n);
	return n > 0;
}

static int read_answer(struct unit *u, struct sca_str word, const char *at, int *ret)
{
	if (str_is(word, "kill")) {
		*ret = ANSWER_KILL;
		return 0;
	}
	if (sca_errno_parse(word, ret) < 0 || *ret < 0 || *ret > 4095)
		return policy_fail(u->pl, at, SCA_E_SYNTAX,
				   "\"%.*s\" is neither an errno (1, EPERM) nor kill",
				   (int)MIN(word.n, (size_t)40), word.n ? word.p : "");
	return 0;
}

static int read_call(struct unit *u, struct list *l, struct sca_str word, bool inverse)
{
	const char *at = word.p;
	struct sca_str rest = word, name;
	int answer = ANSWER_NONE, r;

	str_cut(&rest, ':', &name);
	if (name.n < word.n) {
		r = read_answer(u, rest, at, &answer);
		if (r < 0)
			return r;
		if (!inverse || !l->inverse) {
			buf_addf(&u->pl->notes, inverse ?
				 "line %u: %.*s gets the default, as every call that is not "
				 "allowed\n" :
				 "line %u: systemd leaves %.*s out: only what is denied has an "
				 "errno\n",
				 policy_line(u->pl, at), (int)MIN(word.n, (size_t)64), at);
			answer = ANSWER_NONE;
		}
		if (!inverse)
			return 0;
	}
	return put_word(u, l, name, at, inverse == l->inverse, answer, 0);
}

static int read_list(struct unit *u, struct list *l, struct sca_str value)
{
	struct sca_str word;
	bool inverse = false;
	int r = 0;

	value = str_trim(value);
	if (!value.n) {
		clear(l);
		return 0;
	}
	if (value.p[0] == '~') {
		inverse = true;
		value = str_skip(value, 1);
	}
	if (!l->begun) {
		l->begun = true;
		l->inverse = inverse;
		if (l == &u->filter && !inverse)
			r = put_word(u, l, SCA_STR("@default"), value.p, true, ANSWER_NONE, 0);
	}
	while (r == 0 && next_word(&value, &word))
		r = read_call(u, l, word, inverse);
	return r;
}

static int read_archs(struct unit *u, struct sca_str value)
{
	struct sca_str word;
	size_t i;

	u->archs_given = str_trim(value).n > 0;
	if (!u->archs_given)
		u->archs = 0;
	while (next_word(&value, &word)) {
		for (i = 0; i < n_policy_archs; i++)
			if (str_eq(word, sca_str_z(policy_archs[i].systemd)))
				break;
		if (i < n_policy_archs)
			u->archs |= UINT32_C(1) << i;
		else if (!str_is(word, "native"))
			return policy_fail(u->pl, word.p, SCA_E_UNKNOWN,
					   "%.*s is no architecture of systemd; native, x86-64, "
					   "x86, ...", (int)MIN(word.n, (size_t)40), word.p);
	}
	return 0;
}

static int read_errnum(struct unit *u, struct sca_str value)
{
	value = str_trim(value);
	u->errnum = ANSWER_KILL;
	return value.n ? read_answer(u, value, value.p, &u->errnum) : 0;
}

static int read_line(struct unit *u, struct sca_str line)
{
	struct sca_str value = line, key;

	if (!line.n || strchr("#;[", line.p[0]) || !memchr(line.p, '=', line.n))
		return 0;
	str_cut(&value, '=', &key);
	key = str_trim(key);
	if (str_is(key, "SystemCallFilter"))
		return read_list(u, &u->filter, value);
	if (str_is(key, "SystemCallLog"))
		return read_list(u, &u->log, value);
	if (str_is(key, "SystemCallArchitectures"))
		return read_archs(u, value);
	if (str_is(key, "SystemCallErrorNumber"))
		return read_errnum(u, value);
	return 0;
}

/* -- what it comes to -- */

struct answer {
	enum sca_action action;
	uint16_t err;
};

/* `e` is NULL for a call that no list names; `logged` is NULL when the other list has none. */
static struct answer answer_of(const struct unit *u, const struct entry *e,
			       const struct entry *logged)
{
	bool in = e && e->in;
	int answer = e && in && e->answer != ANSWER_NONE ? e->answer : u->errnum;

	if (u->filter.begun && in == u->filter.inverse) {
		if (answer == ANSWER_KILL)
			return (struct answer){SCA_ACT_KILL_PROCESS, 0};
		return (struct answer){SCA_ACT_ERRNO, (uint16_t)answer};
	}
	if (u->log.begun && (logged && logged->in) != u->log.inverse)
		return (struct answer){SCA_ACT_LOG, 0};
	return (struct answer){SCA_ACT_ALLOW, 0};
}

static int add(struct unit *u, struct entry *e, struct entry *logged)
{
	struct answer a = answer_of(u, e, logged);
	const struct entry *any = e ? e : logged;
	struct policy_call c = {
		.name = any->name,
		.at = (uint32_t)(any->at - u->pl->text.p),
		.action = a.action,
		.err = a.err,
	};

	if (a.action == u->pl->action && a.err == u->pl->code)
		return 0;
	return policy_add(u->pl, &c);
}

static int add_calls(struct unit *u)
{
	struct answer rest = answer_of(u, NULL, NULL);
	struct entry *e, *other;
	int r = 0;

	u->pl->action = rest.action;
	u->pl->code = rest.err;
	for (e = u->filter.set; e; e = e->hh.next) {
		HASH_FIND(hh, u->log.set, e->name.p, (unsigned)e->name.n, other);
		if (r == 0)
			r = add(u, e, other);
	}
	for (e = u->log.set; e; e = e->hh.next) {
		HASH_FIND(hh, u->filter.set, e->name.p, (unsigned)e->name.n, other);
		if (r == 0 && !other)
			r = add(u, NULL, e);
	}
	return r;
}

/* Without SystemCallArchitectures= systemd filters each that the machine runs. The native one is
 * in every filter. */
static void add_archs(struct unit *u)
{
	struct buf *b = &u->pl->archs;
	size_t n = 0;

	if (!u->archs_given) {
		buf_add_z(b,
			  "\t\"archMap\": [\n"
			  "\t\t{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
			  "[\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]},\n"
			  "\t\t{\"architecture\": \"SCMP_ARCH_AARCH64\", \"subArchitectures\": "
			  "[\"SCMP_ARCH_ARM\"]},\n"
			  "\t\t{\"architecture\": \"SCMP_ARCH_S390X\", \"subArchitectures\": "
			  "[\"SCMP_ARCH_S390\"]}\n\t],\n");
		return;
	}
	for (size_t i = 0; i < n_policy_archs; i++)
		if (u->archs >> i & 1)
			buf_addf(b, "%s\"%s\"", n++ ? ", " : "\t\"architectures\": [",
				 policy_archs[i].scmp);
	if (n)
		buf_add_z(b, "],\n");
}

/* The end of a line and of those that go on with it. */
static size_t line_length(struct sca_str s)
{
	size_t i = 0;

	while (i < s.n && (s.p[i] != '\n' || (i && s.p[i - 1] == '\\')))
		i++;
	return i;
}

int policy_read_systemd(struct policy *pl)
{
	struct unit u = {.pl = pl, .errnum = ANSWER_KILL};
	struct sca_str rest = pl->text;
	int r = 0;

	while (r == 0 && rest.n) {
		size_t n = line_length(rest);

		r = read_line(&u, str_trim((struct sca_str){rest.p, n}));
		rest = str_skip(rest, n + 1);
	}
	if (r == 0)
		r = add_calls(&u);
	if (r == 0)
		add_archs(&u);
	clear(&u.filter);
	clear(&u.log);
	return r;
}
