/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON object: our own events, journal entries, records of shippers, and objects that
 * wrap a line of text (containers' logs, dmesg -J, cloud loggers). Only the journal's own
 * field names keep the trust of the input; everything else anybody can write.
 */
#include "frame_int.h"

typedef int reader(struct sca_framer *f, json_t *obj, const struct origin *from);

static int read_object(struct sca_framer *f, json_t *obj, const struct origin *from);

/* A string or integer as text; empty for anything else. Borrows from the value or `keep`. */
static int scalar(struct sca_framer *f, json_t *v, struct sca_str *ret)
{
	*ret = (struct sca_str){NULL, 0};
	if (json_is_string(v)) {
		*ret = (struct sca_str){json_string_value(v), json_string_length(v)};
	} else if (json_is_integer(v)) {
		char *z = arena_printf(&f->keep, "%" JSON_INTEGER_FORMAT, json_integer_value(v));

		if (!z)
			return -ENOMEM;
		*ret = sca_str_z(z);
	}
	return 0;
}

/* Follows "a.b.c" through objects; NULL when there is no such member. */
static json_t *member(json_t *obj, const char *path)
{
	struct sca_str rest = sca_str_z(path), key;

	while (obj && str_cut(&rest, '.', &key))
		obj = json_object_getn(obj, key.p, key.n);
	return obj;
}

static int text_of(struct sca_framer *f, json_t *obj, const char *path, struct sca_str *ret)
{
	return scalar(f, member(obj, path), ret);
}

/* "1464176620.068:1445"; the serial may be missing. */
static bool read_stamp(struct sca_str s, struct sca_frame *frame)
{
	struct sca_str sec, ms;
	uint32_t serial, milli;
	int64_t t;

	if (!str_cut(&s, '.', &sec) || !str_cut(&s, ':', &ms) || ms.n != 3 ||
	    str_i64(sec, &t) < 0 || str_u32(ms, &milli) < 0 || mul_overflow(t, INT64_C(1000), &t) ||
	    add_overflow(t, (int64_t)milli, &t))
		return false;
	frame->have_time = true;
	frame->time_ms = t;
	if (s.n && str_u32(s, &serial) == 0) {
		frame->have_serial = true;
		frame->serial = serial;
	}
	return true;
}

static struct sca_frame shipped(const struct origin *from, enum sca_source_kind source)
{
	struct sca_frame frame = from->frame;

	frame.source = source;
	frame.trust = SCA_TRUST_FORGEABLE;
	frame.type = 1326;
	return frame;
}

/* -- journalctl -o json -- */

/* A value that is not UTF-8 comes as an array of byte numbers, a repeated field as an array of
 * values, of which the first counts; one that is too long as null. */
static int journal_value(struct sca_framer *f, json_t *v, struct sca_str *ret)
{
	size_t n = json_array_size(v);
	char *to;

	if (!json_is_array(v) || n == 0 || !json_is_integer(json_array_get(v, 0)))
		return scalar(f, json_is_array(v) ? json_array_get(v, 0) : v, ret);
	to = arena_alloc(&f->keep, n);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		json_int_t byte = json_integer_value(json_array_get(v, i));

		if (byte < 0 || byte > 255)
			return 0;
		to[i] = (char)byte;
	}
	*ret = (struct sca_str){to, n};
	return 0;
}

static bool is_journal(json_t *obj)
{
	return json_object_get(obj, "_TRANSPORT") || json_object_get(obj, "__CURSOR");
}

static int read_journal(struct sca_framer *f, json_t *obj, const struct origin *from)
{
	struct journal_entry e = {0};
	const char *key;
	json_t *v;

	json_object_foreach (obj, key, v) {
		struct sca_str *to = journal_field(&e, sca_str_z(key));
		struct sca_str s = {NULL, 0};
		int r;

		if (!to)
			continue;
		r = journal_value(f, v, &s);
		if (r == 0 && s.n)
			r = frame_keep(f, s, to);
		if (r < 0)
			return r;
	}
	return frame_journal(f, &e, from);
}

/* -- go-audit: {"sequence":N,"timestamp":"S.mmm","messages":[{"type":1326,"data":"auid=..."}]} -- */

static bool is_go_audit(json_t *obj)
{
	return json_is_array(json_object_get(obj, "messages")) && json_object_get(obj, "sequence");
}

static int read_go_audit(struct sca_framer *f, json_t *obj, const struct origin *from)
{
	json_t *messages = json_object_get(obj, "messages"), *message;
	struct origin here = *from;
	struct sca_str s;
	size_t i, end;
	int r;

	here.frame = shipped(from, SCA_SRC_GO_AUDIT);
	r = text_of(f, obj, "timestamp", &s);
	if (r < 0)
		return r;
	read_stamp(s, &here.frame);
	r = text_of(f, obj, "sequence", &s);
	if (r < 0)
		return r;
	here.frame.have_serial = str_u32(s, &here.frame.serial) == 0;
	json_array_foreach (messages, i, message) {
		struct head head = {.form = HEAD_KERNEL, .type = 1326,
				    .have_time = here.frame.have_time,
				    .time_ms = here.frame.time_ms,
				    .have_serial = here.frame.have_serial,
				    .serial = here.frame.serial};

		if (json_integer_value(json_object_get(message, "type")) != 1326)
			continue;
		r = text_of(f, message, "data", &s);
		if (r == 0)
			r = frame_keep(f, s, &s);
		if (r == 0)
			r = frame_record(f, s, &head, &here, &end);
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- shippers that take the record apart: one table of where each word is -- */

struct place {
	const char *path;
	size_t word; /* offset in struct words */
};

#define WORD(path, member) {path, offsetof(struct words, member)}

static const struct place laurel_places[] = {
	WORD("auid", auid), WORD("uid", uid), WORD("gid", gid), WORD("ses", ses),
	WORD("subj", subj), WORD("pid", pid), WORD("sig", sig), WORD("arch", arch),
	WORD("syscall", syscall), WORD("compat", compat), WORD("ip", ip), WORD("code", code),
	WORD("comm", comm), WORD("exe", exe),
};

static const struct place auditbeat_places[] = {
	WORD("user.audit.id", auid), WORD("user.auid", auid), WORD("user.id", uid),
	WORD("user.uid", uid), WORD("user.group.id", gid), WORD("user.gid", gid),
	WORD("auditd.session", ses), WORD("auditd.data.subj", subj), WORD("process.pid", pid),
	WORD("auditd.data.sig", sig), WORD("auditd.data.arch", arch),
	WORD("auditd.data.syscall", syscall), WORD("auditd.data.compat", compat),
	WORD("auditd.data.ip", ip), WORD("auditd.data.code", code), WORD("process.name", comm),
	WORD("process.executable", exe), WORD("process.exe", exe),
};

/* The first place that has a value counts. */
static int read_words(struct sca_framer *f, json_t *obj, const struct place *places, size_t n,
		      struct words *ret)
{
	*ret = (struct words){0};
	for (size_t i = 0; i < n; i++) {
		struct sca_str *to = (struct sca_str *)((char *)ret + places[i].word), s;
		int r = text_of(f, obj, places[i].path, &s);

		if (r < 0)
			return r;
		if (s.p && !to->p)
			*to = s;
	}
	return 0;
}

/* laurel writes bytes that are not printable, and '%', as %XX. */
static int undo_percent(struct sca_framer *f, struct sca_str *s)
{
	size_t n = 0;
	char *to;

	if (s->n == 0 || !memchr(s->p, '%', s->n))
		return 0;
	to = arena_alloc(&f->keep, s->n);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; n++) {
		int hi = i + 2 < s->n && s->p[i] == '%' ? hex_digit(s->p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s->p[i + 2]) : -1;

		to[n] = lo >= 0 ? (char)(hi << 4 | lo) : s->p[i];
		i += lo >= 0 ? 3 : 1;
	}
	*s = (struct sca_str){to, n};
	return 0;
}

static bool is_laurel(json_t *obj)
{
	return json_object_get(obj, "SECCOMP") && json_is_string(json_object_get(obj, "ID"));
}

static int read_laurel(struct sca_framer *f, json_t *obj, const struct origin *from)
{
	struct sca_frame frame = shipped(from, SCA_SRC_LAUREL);
	json_t *list = json_object_get(obj, "SECCOMP"), *one = json_is_array(list) ? NULL : list;
	struct sca_str id, node;
	struct words w;
	int r;

	r = text_of(f, obj, "ID", &id);
	if (r == 0)
		r = text_of(f, obj, "NODE", &node);
	if (r == 0 && node.n)
		r = frame_keep(f, node, &frame.node);
	read_stamp(id, &frame);
	for (size_t i = 0; r == 0 && i < (one ? 1 : json_array_size(list)); i++) {
		json_t *rec = one ? one : json_array_get(list, i);

		r = read_words(f, rec, laurel_places, ARRAY_SIZE(laurel_places), &w);
		if (r == 0)
			r = undo_percent(f, &w.comm);
		if (r == 0)
			r = undo_percent(f, &w.exe);
		if (r == 0)
			r = frame_words(f, &w, &frame);
	}
	return r;
}

static bool is_auditbeat(json_t *obj)
{
	const char *type = json_string_value(member(obj, "auditd.message_type"));
	const char *action = json_string_value(member(obj, "event.action"));

	return (type && strcmp(type, "seccomp") == 0) ||
	       (action && strcmp(action, "violated-seccomp-policy") == 0);
}

static int read_auditbeat(struct sca_framer *f, json_t *obj, const struct origin *from)
{
	static const char *const hosts[] = {"host.hostname", "host.name", "agent.hostname",
					    "beat.hostname"};
	struct sca_frame frame = shipped(from, SCA_SRC_AUDITBEAT);
	struct sca_str s;
	struct words w;
	int r;

	r = text_of(f, obj, "@timestamp", &s);
	if (r < 0)
		return r;
	frame.have_time = s.n && time_parse_rfc3339(s, &frame.time_ms) == 0;
	r = text_of(f, obj, "auditd.sequence", &s);
	if (r < 0)
		return r;
	frame.have_serial = s.n && str_u32(s, &frame.serial) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(hosts) && !frame.node.n; i++) {
		r = text_of(f, obj, hosts[i], &s);
		if (r == 0 && s.n)
			r = frame_keep(f, s, &frame.node);
		if (r < 0)
			return r;
	}
	r = read_words(f, obj, auditbeat_places, ARRAY_SIZE(auditbeat_places), &w);
	return r < 0 ? r : frame_words(f, &w, &frame);
}

/* -- objects around a line of text, or around another object -- */

static const char *const wrappers[] = {
	"msg", "message", "MESSAGE", "log", "line", "short_message", "textPayload", "jsonPayload",
	"full_message", "body", "raw", "_raw", "dmesg",
};

static int read_wrapped(struct sca_framer *f, json_t *v, const struct origin *from)
{
	struct sca_str s, line;
	size_t i;
	json_t *e;
	int r = 0;

	if (json_is_object(v))
		return read_object(f, v, from);
	if (json_is_array(v)) {
		json_array_foreach (v, i, e)
			if (json_is_object(e) && (r = read_object(f, e, from)) < 0)
				return r;
		return 0;
	}
	if (!json_is_string(v))
		return 0;
	s = (struct sca_str){json_string_value(v), json_string_length(v)};
	r = s.n ? frame_keep(f, s, &s) : 0;
	while (r == 0 && s.n && str_cut(&s, '\n', &line)) {
		r = frame_clean(f, &line);
		if (r == 0 && framer_anchored(line))
			r = frame_text(f, line, from);
	}
	return r;
}

static int read_wrapper(struct sca_framer *f, json_t *obj, const struct origin *from)
{
	struct origin inner = *from;

	inner.depth++;
	inner.frame.trust = SCA_TRUST_FORGEABLE;
	for (size_t i = 0; i < ARRAY_SIZE(wrappers); i++) {
		json_t *v = json_object_get(obj, wrappers[i]);
		int r = v ? read_wrapped(f, v, &inner) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_any(json_t *obj)
{
	return json_is_object(obj);
}

static const struct {
	bool (*is)(json_t *obj);
	reader *read;
} forms[] = {
	{is_journal, read_journal},     {is_laurel, read_laurel}, {is_go_audit, read_go_audit},
	{is_auditbeat, read_auditbeat}, {is_any, read_wrapper},
};

static int read_object(struct sca_framer *f, json_t *obj, const struct origin *from)
{
	if (from->depth >= ORIGIN_DEPTH_MAX) {
		f->stats.undecodable++;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (forms[i].is(obj))
			return forms[i].read(f, obj, from);
	return 0;
}

/* Our own events are many, and are not read here: the decoder does (record_event.c). */
static int own_event(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	struct sca_frame frame = shipped(from, SCA_SRC_SCAUDIT);

	frame.kind = SCA_FRAME_EVENT;
	frame.body = str_trim(text);
	return frame_send(f, &frame);
}

int frame_json(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	const size_t flags = JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK;
	json_t *value;
	int r = 0;

	if (str_starts(text, SCA_STR("{\"v\":")))
		return own_event(f, text, from);
	if (from->depth >= ORIGIN_DEPTH_MAX) {
		f->stats.undecodable++;
		return 0;
	}
	value = json_loadb(text.p, text.n, flags, NULL);
	if (!value) /* a number past 63 bits must not cost the record beside it */
		value = json_loadb(text.p, text.n, flags | JSON_DECODE_INT_AS_REAL, NULL);
	if (!value) {
		f->stats.undecodable++;
		return 0;
	}
	r = read_wrapped(f, value, from);
	json_decref(value);
	return r;
}
