/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of lines and of what comes of them, tests/tables/{frame,record}.t. To be included
 * behind cmocka.h.
 *
 *	= NAME        a case
 *	@ WORD...     its conditions and the counts that are not 0
 *	< TEXT        input
 *	> KEY=VALUE   what comes out, one line each: the keys named have these values, and a
 *	              key behind '!' has none
 *
 * In texts and values \n \r \t \e \s (a blank) \\ and \xNN stand for bytes.
 */
#ifndef TESTS_RECORD_TABLE_H
#define TESTS_RECORD_TABLE_H

#include "text.h"

#include <scaudit/names.h>
#include <scaudit/record.h>

#define TABLE_OUT_MAX 32

struct table_case {
	char name[128];
	char words[512];
	char line[16]; /* of the table, for messages */
	struct buf in; /* inputs, each with a newline */
	char *out[TABLE_OUT_MAX];
	size_t n_out;
};

static inline void table_unescape(struct buf *to, const char *s)
{
	static const char from[] = "nrtes\\", bytes[] = "\n\r\t\x1b \\";

	for (; *s; s++) {
		const char *k = s[0] == '\\' && s[1] ? strchr(from, s[1]) : NULL;

		if (k) {
			buf_add_c(to, bytes[k - from]);
			s++;
		} else if (s[0] == '\\' && s[1] == 'x') {
			buf_add_c(to, (char)(hex_digit(s[2]) << 4 | hex_digit(s[3])));
			s += 3;
		} else {
			buf_add_c(to, *s);
		}
	}
}

static inline void table_case_clear(struct table_case *c)
{
	buf_release(&c->in);
	for (size_t i = 0; i < c->n_out; i++)
		free(c->out[i]);
	memset(c, 0, sizeof(*c));
}

/* Calls `run` for each case of a table. */
static inline void table_for_each(const char *path, void (*run)(const struct table_case *c))
{
	struct table_case c = {0};
	char *text = NULL;
	size_t cap = 0, cases = 0;
	unsigned at = 0;
	FILE *f = fopen(path, "re");
	ssize_t n;

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	while ((n = getline(&text, &cap, f)) > 0 || c.name[0]) {
		const char *rest = n > 2 ? text + 2 : "";

		at++;
		if (n > 0 && text[n - 1] == '\n')
			text[n - 1] = '\0';
		if (n <= 0 || text[0] == '=') {
			if (c.name[0])
				run(&c);
			cases += c.name[0] != '\0';
			table_case_clear(&c);
			if (n <= 0)
				break;
			snprintf(c.name, sizeof(c.name), "%s", rest);
			snprintf(c.line, sizeof(c.line), "%u", at);
		} else if (text[0] == '@') {
			snprintf(c.words, sizeof(c.words), "%s", rest);
		} else if (text[0] == '<') {
			table_unescape(&c.in, rest);
			buf_add_c(&c.in, '\n');
		} else if (text[0] == '>') {
			assert_true(c.n_out < TABLE_OUT_MAX);
			c.out[c.n_out++] = strdup(rest);
		} else if (text[0] && text[0] != '#') {
			fail_msg("%s:%u: no such row: %s", path, at, text);
		}
	}
	free(text);
	fclose(f);
	assert_true(cases > 0);
	print_message("%s: %zu cases\n", path, cases);
}

/* Whether the case has the word, or "word=VALUE"; the value goes to *ret. */
static inline bool table_word(const struct table_case *c, const char *word, struct sca_str *ret)
{
	struct sca_str words = sca_str_z(c->words), w;
	size_t n = strlen(word);

	while (str_cut(&words, ' ', &w)) {
		if (w.n < n || memcmp(w.p, word, n) != 0 || (w.n > n && w.p[n] != '='))
			continue;
		if (ret)
			*ret = str_skip(w, n + 1);
		return true;
	}
	return false;
}

/* -- values by name -- */

/* Everything that a row may ask for: the frame, and the record or why there is none. */
struct table_result {
	const struct sca_frame *frame;
	const struct sca_record *rec;
	int error;
};

static inline void put_names(struct buf *b, const struct sca_str *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i)
			buf_add_c(b, ',');
		buf_add_str(b, names[i]);
	}
}

static inline bool frame_value(const struct sca_frame *f, struct sca_str key, struct buf *b)
{
	static const char *const kinds[] = {"record", "event", "loss"};

	if (str_is(key, "kind"))
		buf_add_z(b, kinds[f->kind]);
	else if (str_is(key, "source"))
		buf_add_z(b, sca_source_kind_name(f->source));
	else if (str_is(key, "trust"))
		buf_add_z(b, f->trust == SCA_TRUST_KERNEL ? "kernel" : "forgeable");
	else if (str_is(key, "line"))
		buf_addf(b, "%llu", (unsigned long long)f->pos.line);
	else if (str_is(key, "type"))
		buf_addf(b, "%u", f->type);
	else if (str_is(key, "lost"))
		buf_addf(b, "%llu", (unsigned long long)f->lost);
	else if (str_is(key, "reason"))
		buf_add_z(b, sca_loss_name(f->loss));
	else if (str_is(key, "body"))
		buf_add_str(b, f->body);
	else if (str_is(key, "node") && f->node.n)
		buf_add_str(b, f->node);
	else if (str_is(key, "time") && f->have_time)
		buf_addf(b, "%lld", (long long)f->time_ms);
	else if (str_is(key, "serial") && f->have_serial)
		buf_addf(b, "%u", f->serial);
	else
		return false;
	return true;
}

static inline bool number_value(const struct sca_record *r, struct sca_str key, struct buf *b)
{
	const struct {
		const char *key;
		uint32_t bit;
		const char *fmt;
		uint64_t value;
	} rows[] = {
		{"auid", SCA_F_AUID, "%llu", r->auid}, {"uid", SCA_F_UID, "%llu", r->uid},
		{"gid", SCA_F_GID, "%llu", r->gid},    {"ses", SCA_F_SES, "%llu", r->ses},
		{"pid", SCA_F_PID, "%llu", r->pid},    {"ppid", SCA_F_PPID, "%llu", r->ppid},
		{"sig", SCA_F_SIG, "%llu", (uint64_t)r->sig},
		{"compat", SCA_F_COMPAT, "%llu", r->compat},
		{"nr", SCA_F_NR, "%lld", (uint64_t)(int64_t)r->nr},
		{"ip", SCA_F_IP, "0x%llx", r->ip},     {"code", SCA_F_CODE, "0x%llx", r->code},
		{"time", SCA_F_TIME, "%lld", (uint64_t)r->time_ms},
		{"serial", SCA_F_SERIAL, "%llu", r->serial},
		{"count", 0, "%llu", r->count},        {"first", 0, "%lld", (uint64_t)r->first_ms},
		{"last", 0, "%lld", (uint64_t)r->last_ms},
		{"denied", 0, "%llu", r->denied},      {"given", 0, "%llu", r->arch_given},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!str_eq(key, sca_str_z(rows[i].key)))
			continue;
		if (rows[i].bit && !(r->have & rows[i].bit))
			return false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_addf(b, rows[i].fmt, (unsigned long long)rows[i].value);
#pragma GCC diagnostic pop
		return true;
	}
	return false;
}

static inline bool text_value(const struct sca_record *r, struct sca_str key, struct buf *b)
{
	const struct sca_container_ref *c = &r->container;
	const struct {
		const char *key;
		uint32_t bit;
		struct sca_str value;
	} rows[] = {
		{"comm", SCA_F_COMM, r->comm}, {"exe", SCA_F_EXE, r->exe}, {"subj", SCA_F_SUBJ, r->subj},
		{"node", SCA_F_NODE, r->node}, {"id", 0, c->id}, {"engine", 0, c->engine},
		{"name", 0, c->name}, {"image", 0, c->image}, {"pod", 0, c->pod},
		{"namespace", 0, c->ns}, {"pod_uid", 0, c->pod_uid}, {"unit", 0, c->unit},
		{"via", 0, c->via}, {"sure", 0, c->sure},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!str_eq(key, sca_str_z(rows[i].key)))
			continue;
		if (rows[i].bit ? !(r->have & rows[i].bit) : !rows[i].value.p)
			return false;
		buf_add_str(b, rows[i].value);
		return true;
	}
	return false;
}

static inline bool record_value(const struct sca_record *r, struct sca_str key, struct buf *b)
{
	const char *arch = sca_arch_name(r->arch);

	if (str_is(key, "arch")) {
		if (!(r->have & SCA_F_ARCH))
			return false;
		buf_addf(b, arch ? "%s" : "%s%x", arch ? arch : "", r->arch);
	} else if (str_is(key, "action")) {
		buf_add_z(b, sca_action_name(r->action));
	} else if (str_is(key, "comms") && r->n_comms) {
		put_names(b, r->comms, r->n_comms);
	} else if (str_is(key, "exes") && r->n_exes) {
		put_names(b, r->exes, r->n_exes);
	} else if (str_is(key, "args") && r->args_known) {
		for (unsigned i = 0; i < 6; i++)
			if (r->args_known >> i & 1)
				buf_addf(b, "%u:0x%llx,", i, (unsigned long long)r->args[i]);
	} else {
		return number_value(r, key, b) || text_value(r, key, b);
	}
	return true;
}

static inline bool table_value(const struct table_result *res, struct sca_str key, struct buf *b)
{
	if (str_is(key, "error") && res->error) {
		buf_add_z(b, res->error == SCA_E_INCOMPLETE ? "incomplete"
			     : res->error == SCA_E_SYNTAX   ? "syntax"
			     : res->error == SCA_E_RANGE    ? "range"
							    : "other");
		return true;
	}
	return frame_value(res->frame, key, b) || (res->rec && record_value(res->rec, key, b));
}

/* Holds what came out against an expectation. A record that has none but is refused fails. */
static inline void table_check(const struct table_case *c, const char *how, const char *row,
			       const struct table_result *res)
{
	_cleanup_buf_ struct buf words = BUF_INIT, want = BUF_INIT, have = BUF_INIT;
	struct sca_str rest = sca_str_z(row), word, key;
	bool refusal = strstr(row, "error=") != NULL;

	if (res->error && !refusal)
		fail_msg("%s (line %s, %s): refused: %d", c->name, c->line, how, res->error);
	while (str_cut(&rest, ' ', &word)) {
		bool absent = word.n && *word.p == '!', found;

		if (word.n == 0)
			continue;
		word = absent ? str_skip(word, 1) : word;
		buf_reset(&words);
		buf_reset(&want);
		buf_reset(&have);
		key = word;
		if (!absent && str_cut(&word, '=', &key)) {
			buf_add_str(&words, word);
			buf_add_z(&words, "");
			table_unescape(&want, words.p ? words.p : "");
		}
		found = table_value(res, key, &have);
		if (absent ? found : !found || !str_eq(buf_str(&want), buf_str(&have)))
			fail_msg("%s (line %s, %s): %.*s is %s%.*s, not %s%.*s", c->name, c->line,
				 how, (int)key.n, key.p, found ? "" : "absent", (int)have.n,
				 have.p ? have.p : "", absent ? "absent" : "", (int)want.n,
				 want.p ? want.p : "");
	}
}

#endif
