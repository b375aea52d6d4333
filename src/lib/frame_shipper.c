/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as other tools ship them in JSON: Auditbeat (6 and later), laurel, go-audit. None
 * of them can be told from an imitation, so what they say is forgeable.
 */
#include "frame_int.h"

int json_text(struct sca_framer *f, const json_t *v, struct sca_str *ret)
{
	char *z;

	*ret = (struct sca_str){NULL, 0};
	if (json_is_string(v))
		return frame_keep(f, (struct sca_str){json_string_value(v), json_string_length(v)},
				  ret);
	if (!json_is_integer(v))
		return 0;
	z = arena_printf(&f->keep, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (!z)
		return -ENOMEM;
	*ret = sca_str_z(z);
	return 0;
}

/* The value at a path of keys, of which any neighbours may be written as one dotted key. */
static const json_t *at_path(const json_t *o, const char *path)
{
	const json_t *v = json_object_get(o, path);
	const char *dot = path;
	char key[32];

	while (!v && (dot = strchr(dot, '.'))) {
		size_t n = (size_t)(dot - path);

		if (n >= sizeof(key))
			break;
		memcpy(key, path, n);
		key[n] = '\0';
		v = json_object_get(o, key);
		dot++;
		v = v ? at_path(v, dot) : NULL;
	}
	return v;
}

struct path {
	const char *path;
	struct sca_str *to;
};

/* A value that was found stays, so a second path to the same span is an alternative. */
static int read_paths(struct sca_framer *f, const json_t *o, const struct path *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = rows[i].to->p ? NULL : at_path(o, rows[i].path);
		int r = v ? json_text(f, v, rows[i].to) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int auditbeat(struct sca_framer *f, const json_t *o, struct sca_frame *frame)
{
	struct words w = {0};
	struct sca_str time = {NULL, 0}, serial = {NULL, 0}, node = {NULL, 0};
	const struct path rows[] = {
		{"@timestamp", &time},           {"auditd.sequence", &serial},
		{"host.name", &node},            {"host.hostname", &node},
		{"beat.hostname", &node},        {"user.audit.id", &w.auid},
		{"user.auid", &w.auid},          {"user.id", &w.uid},
		{"user.uid", &w.uid},            {"user.group.id", &w.gid},
		{"user.gid", &w.gid},            {"auditd.session", &w.ses},
		{"process.pid", &w.pid},         {"process.name", &w.comm},
		{"process.executable", &w.exe},  {"process.exe", &w.exe},
		{"auditd.data.sig", &w.sig},     {"auditd.data.arch", &w.arch},
		{"auditd.data.ip", &w.ip},       {"auditd.data.syscall", &w.syscall},
		{"auditd.data.code", &w.code},   {"auditd.data.compat", &w.compat},
	};
	int r = read_paths(f, o, rows, ARRAY_SIZE(rows));

	if (r < 0)
		return r;
	frame->source = SCA_SRC_AUDITBEAT;
	frame->have_time = time_parse_rfc3339(time, &frame->time_ms) == 0;
	frame->have_serial = str_u32(serial, &frame->serial) == 0;
	if (node.n)
		frame->node = node;
	return frame_words(f, &w, frame);
}

/* laurel writes bytes that are no plain text, and '%', as %XX. */
static int undo_percent(struct sca_framer *f, struct sca_str *s)
{
	struct sca_str copy;
	size_t n = 0;
	char *to;
	int r;

	if (!s->n || !memchr(s->p, '%', s->n))
		return 0;
	r = frame_keep(f, *s, &copy);
	if (r < 0)
		return r;
	to = arena_alloc(&f->keep, s->n);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		int hi = s->p[i] == '%' && s->n - i > 2 ? hex_digit(s->p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s->p[i + 2]) : -1;

		to[n++] = lo >= 0 ? (char)(hi << 4 | lo) : s->p[i];
		i += lo >= 0 ? 2 : 0;
	}
	*s = (struct sca_str){to, n};
	return 0;
}

static int laurel_record(struct sca_framer *f, const json_t *o, const struct sca_frame *frame)
{
	struct words w = {0};
	const struct path rows[] = {
		{"auid", &w.auid}, {"uid", &w.uid},   {"gid", &w.gid},         {"ses", &w.ses},
		{"subj", &w.subj}, {"pid", &w.pid},   {"comm", &w.comm},       {"exe", &w.exe},
		{"sig", &w.sig},   {"arch", &w.arch}, {"syscall", &w.syscall}, {"compat", &w.compat},
		{"ip", &w.ip},     {"code", &w.code},
	};
	int r = read_paths(f, o, rows, ARRAY_SIZE(rows));

	if (r == 0)
		r = undo_percent(f, &w.comm);
	if (r == 0)
		r = undo_percent(f, &w.exe);
	if (r == 0)
		r = undo_percent(f, &w.subj);
	return r < 0 ? r : frame_words(f, &w, frame);
}

static void set_stamp(struct sca_frame *frame, struct sca_str stamp)
{
	struct head h = {0};

	if (!head_read_stamp(stamp, &h))
		return;
	frame->have_time = h.have_time;
	frame->time_ms = h.time_ms;
	frame->have_serial = h.have_serial;
	frame->serial = h.serial;
}

static int laurel(struct sca_framer *f, const json_t *o, struct sca_frame *frame)
{
	const json_t *v = json_object_get(o, "SECCOMP"), *e;
	struct sca_str id = {NULL, 0}, node = {NULL, 0};
	const struct path rows[] = {{"ID", &id}, {"NODE", &node}};
	int r = read_paths(f, o, rows, ARRAY_SIZE(rows));
	size_t i;

	if (r < 0)
		return r;
	frame->source = SCA_SRC_LAUREL;
	set_stamp(frame, id);
	if (node.n)
		frame->node = node;
	if (json_is_object(v))
		return laurel_record(f, v, frame);
	json_array_foreach(v, i, e) {
		r = laurel_record(f, e, frame);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Its data is the kernel's body; the stamp stands beside. */
static int go_audit(struct sca_framer *f, const json_t *o, const struct origin *from)
{
	const json_t *messages = json_object_get(o, "messages"), *e;
	struct origin inner = *from;
	struct sca_str time = {NULL, 0}, serial = {NULL, 0};
	char *stamp;
	size_t i, end;
	int r = json_text(f, json_object_get(o, "timestamp"), &time);

	if (r == 0)
		r = json_text(f, json_object_get(o, "sequence"), &serial);
	if (r < 0)
		return r;
	stamp = arena_printf(&f->keep, "%.*s:%.*s", (int)time.n, time.p ? time.p : "",
			     (int)serial.n, serial.p ? serial.p : "");
	if (!stamp)
		return -ENOMEM;
	inner.frame.source = SCA_SRC_GO_AUDIT;
	inner.depth++;
	set_stamp(&inner.frame, sca_str_z(stamp));
	json_array_foreach(messages, i, e) {
		const struct head head = {.form = HEAD_KERNEL, .type = 1326};
		struct sca_str body = {NULL, 0};

		if (json_integer_value(json_object_get(e, "type")) != head.type)
			continue;
		r = json_text(f, json_object_get(e, "data"), &body);
		if (r == 0 && !body.n)
			f->stats.undecodable++;
		else if (r == 0)
			r = frame_record(f, body, &head, &inner, &end);
		if (r < 0)
			return r;
	}
	return 0;
}

int frame_shipper(struct sca_framer *f, const json_t *o, const struct origin *from,
		  bool *ret_known)
{
	struct origin inner = *from;
	const char *type = json_string_value(at_path(o, "auditd.message_type"));
	const char *action = json_string_value(at_path(o, "event.action"));

	inner.frame.trust = SCA_TRUST_FORGEABLE;
	inner.frame.type = 1326;
	*ret_known = true;
	if ((type && str_eq_nocase(sca_str_z(type), SCA_STR("seccomp"))) ||
	    (action && strcmp(action, "violated-seccomp-policy") == 0))
		return auditbeat(f, o, &inner.frame);
	if (json_is_string(json_object_get(o, "ID")) && json_object_get(o, "SECCOMP"))
		return laurel(f, o, &inner.frame);
	if (json_object_get(o, "sequence") && json_is_array(json_object_get(o, "messages")))
		return go_audit(f, o, &inner);
	*ret_known = false;
	return 0;
}
