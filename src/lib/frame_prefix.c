/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand in front of a record. Tools glue so much there (mail quotes, comment signs,
 * line numbers, priorities, dates in a dozen forms, hosts, tags, kernel stamps, caller ids)
 * that most of it is stepped over without being understood. What is understood is what tells
 * a log from a quotation of one: an assignment, an open quote or another record's head in
 * front means that the record is a part of somebody's text; and behind a syslog header the
 * tag says who wrote the line.
 */
#include "cursor.h"
#include "frame_int.h"

/* Who writes what behind a syslog header. */
enum { TAG_KERNEL = 1, TAG_AUDIT = 2, TAG_JSON = 4, TAG_LOGGER = 8 };

static const struct {
	const char *name;
	unsigned what;
} tags[] = {
	{"kernel", TAG_KERNEL},         {"audit", TAG_AUDIT},
	{"auditd", TAG_AUDIT},          {"audispd", TAG_AUDIT},
	{"audisp-syslog", TAG_AUDIT},   {"laurel", TAG_JSON},
	{"go-audit", TAG_JSON},         {"auditbeat", TAG_JSON},
	{"scaudit", TAG_JSON},          {"rsyslogd", TAG_LOGGER},
	{"rsyslogd-2177", TAG_LOGGER},  {"systemd-journald", TAG_LOGGER},
	{"systemd-journal", TAG_LOGGER},
};

/* Words between date and tag that are no host. */
static const char *const levels[] = {
	"EMERG", "ALERT", "CRIT",  "ERR", "ERROR", "WARNING", "WARN", "NOTICE", "INFO",
	"DEBUG", "V",     "D",     "I",   "W",     "E",       "F",
};

/* Syslog facilities that the kernel does not log under (dmesg -x, talosctl). */
static const char *const facilities[] = {
	"user", "mail", "daemon", "auth",     "syslog",  "lpr",
	"news", "uucp", "cron",   "authpriv", "ftp",
};

static bool is_one_of(struct sca_str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, sca_str_z(list[i])))
			return true;
	return false;
}

static unsigned tag_rights(struct sca_str tag)
{
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
		if (str_eq(tag, sca_str_z(tags[i].name)))
			return tags[i].what;
	return 0;
}

/* -- decoration -- */

/* grep -n: digits and ':' or '-', and no digit behind, which would make it a time or date. */
static size_t line_number(struct sca_str s)
{
	size_t n = count_digits(s);

	if (n == 0 || n > 9 || n + 1 >= s.n || (s.p[n] != ':' && s.p[n] != '-'))
		return 0;
	return ascii_digit(s.p[n + 1]) ? 0 : n + 1;
}

struct sca_str prefix_undecorate(struct sca_str line, char ret[DECORATION_MAX + 1])
{
	size_t kept = 0;

	for (;;) {
		size_t n = 0;

		skip_blanks(&line);
		if (line.n && strchr(">#*/|`", line.p[0]) && line.p[0])
			n = 1;
		else if (line.n > 1 && line.p[0] == '-' && is_blank(line.p[1]))
			n = 1;
		else if (kept == 0)
			n = line_number(line);
		if (n == 0)
			break;
		if (kept < DECORATION_MAX)
			ret[kept++] = ascii_digit(line.p[0]) ? '1' : line.p[0];
		line = str_skip(line, n);
	}
	ret[kept] = '\0';
	return line;
}

/* -- headers -- */

/* "5,339,270968766,-,caller=T55;": false when another facility than the kernel's wrote it. */
static bool take_kmsg(struct sca_str *s, struct prefix *px)
{
	struct sca_str t = *s, prio = {s->p, count_digits(*s)};
	const char *semi;
	uint64_t v;

	if (!take_digits(&t, 1, 4) || !take_char(&t, ',') || !take_digits(&t, 1, 20) ||
	    !take_char(&t, ',') || !take_digits(&t, 1, 20) || !take_char(&t, ',') || t.n == 0)
		return true;
	semi = memchr(t.p, ';', MIN(t.n, (size_t)64));
	if (!semi || str_u64(prio, &v) < 0)
		return true;
	px->kmsg = true;
	*s = str_skip(t, (size_t)(semi - t.p) + 1);
	return v >> 3 == 0;
}

/* "<5>"; *ret its facility, 0 without. */
static void take_priority(struct sca_str *s, uint64_t *ret)
{
	struct sca_str t = *s, digits;

	*ret = 0;
	if (!take_char(&t, '<'))
		return;
	digits = (struct sca_str){t.p, count_digits(t)};
	if (!take_digits(&t, 1, 3) || !take_char(&t, '>') || str_u64(digits, ret) < 0)
		return;
	*ret >>= 3;
	*s = t;
}

/* RFC 5424's structured data: "-", or elements in brackets with quoted values. */
static bool take_structured(struct sca_str *s)
{
	bool quoted = false;
	size_t i = 0;

	skip_blanks(s);
	if (take_char(s, '-'))
		return true;
	while (i < s->n && s->p[i] == '[') {
		for (; i < s->n && (quoted || s->p[i] != ']'); i++) {
			if (s->p[i] == '"')
				quoted = !quoted;
			else if (s->p[i] == '\\' && quoted)
				i++;
		}
		i++;
	}
	if (i == 0 || i > s->n)
		return false;
	*s = str_skip(*s, i);
	return true;
}

static struct sca_str nil_is_empty(struct sca_str s)
{
	return str_is(s, "-") ? (struct sca_str){NULL, 0} : s;
}

/* "1 DATE HOST APP PROCID MSGID DATA " */
static bool take_rfc5424(struct sca_str *s, struct prefix *px)
{
	struct sca_str t = *s, host, app, pid, id;

	if (!take_char(&t, '1') || !take_char(&t, ' '))
		return false;
	if (!take_char(&t, '-') && !prefix_take_iso_date(&t, px))
		return false;
	if (!take_word(&t, &host) || !take_word(&t, &app) || !take_word(&t, &pid) ||
	    !take_word(&t, &id) || !take_structured(&t))
		return false;
	px->header = true;
	px->host = nil_is_empty(host);
	px->tag = nil_is_empty(app);
	px->tag_pid = nil_is_empty(pid);
	*s = t;
	return true;
}

static void set_tag(struct prefix *px, struct sca_str word)
{
	const char *open;

	if (word.n && word.p[word.n - 1] == ':')
		word.n--;
	open = word.n && word.p[word.n - 1] == ']' ? memchr(word.p, '[', word.n) : NULL;
	px->tag = word;
	px->tag_pid = (struct sca_str){NULL, 0};
	if (open) {
		px->tag.n = (size_t)(open - word.p);
		px->tag_pid = (struct sca_str){open + 1, word.n - px->tag.n - 2};
	}
}

/* A word with its colon, glued or behind blanks as in "auditd  :". */
static bool take_tag(struct sca_str *s, struct prefix *px)
{
	struct sca_str t = *s, word, colon;

	if (!take_word(&t, &word))
		return false;
	if (word.n > 1 && word.p[word.n - 1] == ':') {
		set_tag(px, word);
		*s = t;
		return true;
	}
	if (!take_word(&t, &colon) || !str_is(colon, ":"))
		return false;
	set_tag(px, word);
	*s = t;
	return true;
}

/* CRI's "stdout F" behind the date, or Wazuh's "host->/file": a line of its own follows. */
static bool take_carrier(struct sca_str *s, struct prefix *px)
{
	struct sca_str t = *s, word, flag;
	const char *arrow;

	if (!take_word(&t, &word))
		return false;
	arrow = str_find(word, SCA_STR("->/"));
	if (arrow) {
		px->host = (struct sca_str){word.p, (size_t)(arrow - word.p)};
		*s = t;
		return true;
	}
	if ((!str_is(word, "stdout") && !str_is(word, "stderr")) || !take_word(&t, &flag) ||
	    (!str_is(flag, "F") && !str_is(flag, "P")))
		return false;
	*s = t;
	return true;
}

/* Host and tag behind a date, both optional. False when neither explains the words. */
static bool take_host_and_tag(struct sca_str *s, struct prefix *px)
{
	struct sca_str word;
	bool host = false;

	for (;;) {
		skip_blanks(s);
		if (s->n == 0 || s->p[0] == '[' || take_tag(s, px))
			return true;
		take_word(s, &word);
		if (is_one_of(word, levels, ARRAY_SIZE(levels)))
			continue;
		if (host)
			return false;
		px->host = word;
		host = true;
	}
}

static bool take_headers(struct sca_str *s, struct prefix *px)
{
	for (int i = 0; i < 3; i++) {
		skip_blanks(s);
		if (!prefix_take_date(s, px))
			return true;
		if (take_carrier(s, px))
			continue;
		px->header = true;
		return take_host_and_tag(s, px);
	}
	return true;
}

/* -- judgement -- */

static bool is_word_char(char c)
{
	return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* No assignment, no other record, and every quote closed; an apostrophe opens none. */
static bool is_plain(struct sca_str s)
{
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '=')
			return false;
		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '`' ||
			 (c == '\'' && (i == 0 || !is_word_char(s.p[i - 1]))))
			quote = c;
	}
	return !quote && !str_find(s, SCA_STR("audit("));
}

/* Everybody can write "name[pid]:" in front of a text, also into the kernel's log; and a
 * facility in words is no better than its number. */
static bool written_by_kernel_or_audit(struct sca_str s)
{
	struct sca_str word;

	while (take_word(&s, &word)) {
		struct prefix other = {0};

		skip_blanks(&s);
		if (word.n && word.p[word.n - 1] == ':')
			set_tag(&other, word);
		else if (s.n && s.p[0] == ':')
			other.tag = word;
		if (other.tag_pid.n && other.tag.n && !tag_rights(other.tag))
			return false;
		if (other.tag.n && is_one_of(other.tag, facilities, ARRAY_SIZE(facilities)))
			return false;
	}
	return true;
}

/* auditd's and audispd's own name of the host, directly in front of the record. */
static bool take_node(struct sca_str *s, struct sca_str *ret)
{
	size_t n = s->n, start;

	while (n && is_blank(s->p[n - 1]))
		n--;
	for (start = n; start && !is_blank(s->p[start - 1]);)
		start--;
	if (n - start <= 5 || n == s->n || memcmp(s->p + start, "node=", 5) != 0)
		return false;
	*ret = (struct sca_str){s->p + start + 5, n - start - 5};
	if (memchr(ret->p, '=', ret->n) || memchr(ret->p, '"', ret->n))
		return false;
	s->n = start;
	return true;
}

/* What is left between tag and record: nothing, or the word "audit:" once more. */
static bool only_audit(struct sca_str s)
{
	s = str_trim(s);
	return s.n == 0 || str_is(s, "audit:");
}

static bool tag_fits(const struct prefix *px, struct sca_str rest, enum head_form form)
{
	unsigned rights = tag_rights(px->tag);

	if (form == HEAD_JOURNALD)
		return str_trim(rest).n == 0;
	if (px->tag.n == 0 || rights & TAG_KERNEL)
		return written_by_kernel_or_audit(rest);
	return rights & TAG_AUDIT && only_audit(rest);
}

/* Everything up to the tag. False when it is no log's. */
static bool read_prefix(struct sca_str *s, struct prefix *px)
{
	uint64_t facility;

	if (!take_kmsg(s, px))
		return false;
	take_priority(s, &facility);
	if (take_rfc5424(s, px))
		return is_plain(*s);
	if (!is_plain(*s) || !take_headers(s, px))
		return false;
	return px->header || facility == 0;
}

bool prefix_read(struct sca_str text, enum head_form form, struct prefix *ret)
{
	char ignored[DECORATION_MAX + 1];
	struct sca_str node = {NULL, 0}, s;
	struct prefix px = {0};

	if (form == HEAD_AUDITD)
		take_node(&text, &node);
	s = prefix_undecorate(text, ignored);
	if (!read_prefix(&s, &px))
		return false;
	if (!px.header && form == HEAD_JOURNALD)
		take_tag(&s, &px);
	if (!tag_fits(&px, s, form))
		return false;
	if (node.n)
		px.host = node;
	*ret = px;
	return true;
}

/* What a program wrote behind its own tag, or with nothing in front of it. */
static bool read_own(struct sca_str text, unsigned rights, struct prefix *px, struct sca_str *rest)
{
	char ignored[DECORATION_MAX + 1];

	*px = (struct prefix){0};
	*rest = prefix_undecorate(text, ignored);
	if (!read_prefix(rest, px))
		return false;
	return !px->header || px->tag.n == 0 || tag_rights(px->tag) & rights;
}

bool prefix_read_json(struct sca_str text, struct prefix *ret)
{
	struct sca_str rest;

	return read_own(text, TAG_JSON, ret, &rest);
}

bool prefix_read_logger(struct sca_str text, struct prefix *ret)
{
	struct sca_str rest;

	return read_own(text, TAG_LOGGER, ret, &rest) && str_trim(rest).n == 0;
}
