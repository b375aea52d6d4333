/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON: our own events, entries of the journal, what shippers write, and objects of any other
 * kind that carry a line of text (Kubernetes, Docker, fluent-bit, dmesg -J). The last are
 * searched member by member, down to a text under one of the usual names.
 */
#include "frame_int.h"

#define WALK_DEPTH_MAX 8u

static const char *const text_keys[] = {
	"MESSAGE", "message", "msg",      "log", "text",    "line",
	"body",    "raw",     "original", "_raw", "textPayload",
};

static const char *const time_keys[] = {"@timestamp", "timestamp", "time", "ts"};
static const char *const host_keys[] = {"_HOSTNAME", "hostname", "host", "HOSTNAME"};

static bool is_one_of(const char *key, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(key, list[i]) == 0)
			return true;
	return false;
}

/*
 * A journal field's value: text; an array of numbers for bytes that are no UTF-8; an array of
 * strings for a field that was given several times, of which the first counts. null: too long
 * for journalctl to show.
 */
static int field_value(struct sca_framer *f, const json_t *v, struct sca_str *ret)
{
	size_t n = json_array_size(v);
	char *p;

	if (json_is_string(v))
		return json_text(f, v, ret);
	if (n == 0)
		return 0;
	if (json_is_string(json_array_get(v, 0)))
		return json_text(f, json_array_get(v, 0), ret);
	p = arena_alloc(&f->keep, n);
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *b = json_array_get(v, i);

		if (!json_is_integer(b) || json_integer_value(b) < 0 || json_integer_value(b) > 255)
			return 0;
		p[i] = (char)json_integer_value(b);
	}
	*ret = (struct sca_str){p, n};
	return 0;
}

/* Whether a key is a journal field's name, or, with `loose`, what a forwarder made of it: in
 * lower case, without the underscore. */
static bool is_field(const char *key, enum journal_field i, bool loose)
{
	struct sca_str a = sca_str_z(key), b = journal_names[i];

	if (!loose)
		return str_eq(a, b);
	while (a.n && *a.p == '_')
		a = str_skip(a, 1);
	return str_eq_nocase(a, *b.p == '_' ? str_skip(b, 1) : b);
}

/*
 * The names with underscores are journald's own, and only an object that is a whole line has
 * them from journald. Where a forwarder dropped the underscores anybody may have set them.
 */
static int journal_object(struct sca_framer *f, json_t *o, const struct origin *from, bool *known)
{
	struct journal_entry e = {0};
	struct origin inner = *from;
	bool own = json_object_get(o, "_TRANSPORT") != NULL;
	const char *key;
	json_t *v;

	json_object_foreach(o, key, v) {
		for (enum journal_field i = 0; i < JOURNAL_FIELDS; i++) {
			int r = 0;

			if (!e.field[i].p && is_field(key, i, !own))
				r = field_value(f, v, &e.field[i]);
			if (r < 0)
				return r;
		}
	}
	*known = e.field[JOURNAL_TRANSPORT].p != NULL;
	if (!*known)
		return 0;
	if (!own)
		inner.frame.trust = SCA_TRUST_FORGEABLE;
	return frame_journal(f, &e, &inner);
}

/* A text of one line, or of several. */
static int text_lines(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	struct sca_str line;
	int r = 0;

	while (r == 0 && str_cut(&text, '\n', &line)) {
		r = frame_clean(f, &line);
		if (r == 0 && line.n && framer_anchored(line))
			r = frame_text(f, line, from);
	}
	return r;
}

/* Host and time of the object stand for a text that has none of its own. */
static int object_origin(struct sca_framer *f, const json_t *o, struct origin *from)
{
	const json_t *v = NULL;
	struct sca_str time;
	int r = 0;

	from->depth++;
	from->frame.trust = SCA_TRUST_FORGEABLE;
	for (size_t i = 0; i < ARRAY_SIZE(host_keys) && !json_is_string(v); i++)
		v = json_object_get(o, host_keys[i]);
	if (json_is_string(v))
		r = json_text(f, v, &from->frame.node);
	v = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(time_keys) && !json_is_string(v); i++)
		v = json_object_get(o, time_keys[i]);
	if (r < 0 || !json_is_string(v))
		return r;
	time = (struct sca_str){json_string_value(v), json_string_length(v)};
	if (time.n > 19 && strpbrk(time.p + 19, "Zz+-"))
		from->frame.have_time = time_parse_rfc3339(time, &from->frame.time_ms) == 0;
	return 0;
}

/* dmesg -J: what a program wrote into the kernel's log has another facility. */
static bool is_users_kmsg(const json_t *o)
{
	const json_t *pri = json_object_get(o, "pri");

	return json_is_integer(pri) && json_integer_value(pri) >> 3 != 0;
}

static int own_object(struct sca_framer *f, const json_t *o, const struct origin *from)
{
	char *z = json_dumps(o, JSON_COMPACT);
	struct sca_str text;
	int r;

	if (!z)
		return -ENOMEM;
	r = frame_keep(f, sca_str_z(z), &text);
	free(z);
	return r < 0 ? r : frame_event(f, text, from);
}

static int walk(struct sca_framer *f, json_t *v, const struct origin *from, unsigned depth);

/* A text may stand in an object twice, as "message" and as "original": the first one that
 * gives something is enough. */
static int search_object(struct sca_framer *f, json_t *o, const struct origin *from, unsigned depth)
{
	uint64_t frames = f->stats.frames;
	struct origin inner = *from;
	const char *key;
	json_t *v;
	int r = object_origin(f, o, &inner);

	if (r < 0)
		return r;
	json_object_foreach(o, key, v) {
		struct sca_str text;

		if (json_is_string(v) && is_one_of(key, text_keys, ARRAY_SIZE(text_keys))) {
			r = json_text(f, v, &text);
			if (r == 0 && is_users_kmsg(o)) {
				f->stats.foreign += framer_anchored(text);
				return 0;
			}
			if (r == 0)
				r = text_lines(f, text, &inner);
		} else if (json_is_object(v) || json_is_array(v)) {
			r = walk(f, v, &inner, depth + 1);
		}
		if (r < 0 || f->stats.frames != frames)
			return r;
	}
	return 0;
}

static bool is_own(const json_t *o)
{
	const char *kind = json_string_value(json_object_get(o, "kind"));

	return json_is_integer(json_object_get(o, "v")) &&
	       (json_object_get(o, "action") || (kind && strcmp(kind, "loss") == 0));
}

static int walk_object(struct sca_framer *f, json_t *o, const struct origin *from, unsigned depth)
{
	bool known;
	int r;

	if (is_own(o))
		return own_object(f, o, from);
	r = journal_object(f, o, from, &known);
	if (r < 0 || known)
		return r;
	r = frame_shipper(f, o, from, &known);
	if (r < 0 || known)
		return r;
	r = frame_sysdig(f, o, from, &known);
	if (r < 0 || known)
		return r;
	return search_object(f, o, from, depth);
}

static int walk(struct sca_framer *f, json_t *v, const struct origin *from, unsigned depth)
{
	json_t *e;
	size_t i;

	if (depth > WALK_DEPTH_MAX)
		return 0;
	if (json_is_object(v))
		return walk_object(f, v, from, depth);
	json_array_foreach(v, i, e) {
		int r = walk(f, e, from, depth + 1);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Whether the text can hold anything for us: most JSON does not, and is not parsed. An event
 * of ours over several lines has blanks within the anchor. */
static bool matters(struct sca_str text)
{
	return framer_anchored(text) ||
	       (memchr(text.p, '\n', text.n) && str_find(text, SCA_STR("\"v\"")));
}

int frame_json(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	json_error_t why;
	json_t *v;
	int r;

	if (text.p[text.n - 1] == ',')
		text.n--; /* a line of an array */
	if (str_starts(text, SCA_STR("{\"v\":")))
		return frame_event(f, text, from);
	if (!matters(text))
		return 0;
	if (from->depth > ORIGIN_DEPTH_MAX || text.n > f->limits.entry_max) {
		f->stats.undecodable++;
		return 0;
	}
	v = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &why);
	if (!v) {
		if (json_error_code(&why) == json_error_out_of_memory)
			return -ENOMEM;
		if (json_error_code(&why) == json_error_premature_end_of_input)
			f->stats.torn++;
		else
			f->stats.undecodable++;
		return 0;
	}
	r = walk(f, v, from, 0);
	json_decref(v);
	return r;
}
