/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialects that are JSON: one object per line. GELF over TCP wants a NUL behind each
 * object; that belongs to the wire, and a line has its newline.
 */
#include "render/dialect.h"

/* -- nested objects from dotted paths -- */

#define NEST_MAX 16

/* Writes keys below an object that is open; `path` is that of the last key. */
struct nest {
	struct out *o;
	const char *path;
	unsigned depth;
	bool array[NEST_MAX]; /* the level is the one object of an array */
	bool comma;
};

static void nest_close(struct nest *n, unsigned depth)
{
	while (n->depth > depth) {
		out_c(n->o, '}');
		if (n->array[--n->depth])
			out_c(n->o, ']');
		n->comma = true;
	}
}

static void nest_name(struct nest *n, const char *p, size_t len)
{
	if (n->comma)
		out_c(n->o, ',');
	out_c(n->o, '"');
	out_add(n->o, p, len);
	out_lit(n->o, "\":");
	n->comma = true;
}

static void nest_open(struct nest *n, const char *p, size_t len)
{
	bool array = len > 2 && p[len - 1] == ']';

	if (n->depth == NEST_MAX)
		return;
	nest_name(n, p, array ? len - 2 : len);
	if (array)
		out_c(n->o, '[');
	out_c(n->o, '{');
	n->array[n->depth++] = array;
	n->comma = false;
}

/* Leaves the objects that `path` is not in, enters those that it is in, writes its key. */
static void nest_key(struct nest *n, const char *path)
{
	const char *start = path, *dot;
	unsigned depth = 0;

	for (size_t i = 0; path[i] && path[i] == n->path[i]; i++) {
		if (path[i] == '.') {
			start = path + i + 1;
			depth++;
		}
	}
	nest_close(n, depth);
	for (; (dot = strchr(start, '.')); start = dot + 1)
		nest_open(n, start, (size_t)(dot - start));
	nest_name(n, start, strlen(start));
	n->path = path;
}

static void put_scalar(struct out *o, const struct naming *f, const struct value *v)
{
	if (f->keyword)
		out_c(o, '"');
	value_json(o, v);
	if (f->keyword)
		out_c(o, '"');
}

static bool below(const char *path, const char *top)
{
	return strncmp(path, top, strlen(top)) == 0;
}

/* The rows whose path starts with `top`, or with !in those whose path does not. */
static void put_rows(struct nest *n, const struct event *ev, enum wording as, const char *top,
		     bool in)
{
	for (size_t i = 0; i < naming_count; i++) {
		const char *path = namings[i].as[as];
		struct value v;

		if (!path || !namings[i].get(ev, &v) || below(path, top) != in)
			continue;
		nest_key(n, path);
		put_scalar(n->o, &namings[i], &v);
	}
	nest_close(n, 0);
}

static void put_time(struct out *o, int64_t ms)
{
	out_c(o, '"');
	out_time(o, ms);
	out_c(o, '"');
}

static void put_id(struct out *o, const char *key, const struct event *ev)
{
	out_z(o, key);
	event_id(o, ev);
	out_c(o, '"');
}

/* -- Elastic Common Schema -- */

/* seccomp-kill-process, audit-loss */
static void put_ecs_action(struct out *o, const struct event *ev)
{
	if (ev->loss) {
		out_lit(o, "audit-loss");
		return;
	}
	out_lit(o, "seccomp-");
	for (const char *p = sca_action_name(ev->rec->action); *p; p++)
		out_c(o, *p == '_' ? '-' : *p);
}

/*
 * A loss is an event of what writes the log, for which there is no category. It is no
 * "pipeline_error": that is about the document that says so, whose fields may then be wrong.
 */
static const char *ecs_class(const struct event *ev)
{
	if (ev->loss)
		return "\"event\",\"type\":[\"error\"],\"action\":\"";
	return ev->rec->denied ? "\"alert\",\"category\":[\"intrusion_detection\",\"process\"],"
				 "\"type\":[\"denied\"],\"action\":\"" :
				 "\"event\",\"category\":[\"process\"],"
				 "\"type\":[\"info\"],\"action\":\"";
}

static void put_ecs_event(struct dialect_run *run, const struct event *ev)
{
	const struct sca_record *r = ev->rec;
	const struct verdict *verdict = verdict_of(ev);
	struct out *o = run->o;

	out_lit(o, "\"event\":{\"kind\":");
	out_z(o, ecs_class(ev));
	put_ecs_action(o, ev);
	out_lit(o, "\",\"outcome\":\"");
	out_z(o, verdict->outcome);
	out_lit(o, "\",\"severity\":");
	out_u64(o, verdict->ecs);
	put_id(o, ",\"id\":\"", ev);
	if (ev->loss && ev->loss->loss != SCA_LOSS_NONE) {
		out_lit(o, ",\"reason\":\"");
		out_z(o, sca_loss_name(ev->loss->loss));
		out_c(o, '"');
	}
	if (r->have & SCA_F_SERIAL) {
		out_lit(o, ",\"sequence\":");
		out_u64(o, r->serial);
	}
	if (r->have & SCA_F_CODE) {
		out_lit(o, ",\"code\":\"");
		out_hex(o, r->code);
		out_c(o, '"');
	}
	out_lit(o, ",\"module\":\"scaudit\",\"dataset\":\"");
	out_z(o, event_name(ev));
	out_lit(o, "\"}");
}

void ecs_event(struct dialect_run *run, const struct event *ev)
{
	struct nest n = {.o = run->o, .path = "", .comma = true};
	struct out *o = run->o;

	out_c(o, '{');
	if (ev->rec->have & SCA_F_TIME) {
		out_lit(o, "\"@timestamp\":");
		put_time(o, ev->rec->time_ms);
		out_c(o, ',');
	}
	out_lit(o, "\"ecs\":{\"version\":\"8.11.0\"},\"message\":");
	out_json(o, event_message(run, ev));
	out_c(o, ',');
	put_ecs_event(run, ev);
	put_rows(&n, ev, AS_ECS, "", true);
	out_lit(o, "}\n");
}

/* -- OCSF -- */

/*
 * A denial is a finding that somebody may have to look at. A logged call went through: it is
 * an activity of the kernel, and as a finding it would fill the queues of those who look at
 * findings. A loss is something that happened to an event log. `host`, `container` and
 * `security_control` are the profiles for who called, from where, and what became of it.
 */
struct ocsf_class {
	const char *head, *actor, *actor_end;
};

static const struct ocsf_class ocsf_finding = {
	"\"class_uid\":2004,\"category_uid\":2,\"activity_id\":1,\"type_uid\":200401,"
	"\"is_alert\":true",
	",\"evidences\":[{",
	"}]",
};

static const struct ocsf_class ocsf_kernel = {
	"\"class_uid\":1003,\"category_uid\":1,\"activity_id\":4,\"type_uid\":100304",
	",\"actor\":{",
	"}",
};

static const struct ocsf_class ocsf_log = {
	"\"class_uid\":1008,\"category_uid\":1,\"activity_id\":99,\"activity_name\":\"Lose\","
	"\"type_uid\":100899,\"log_name\":\"audit\",\"status_id\":2",
	"",
	"",
};

static const struct ocsf_class *ocsf_class_of(const struct event *ev)
{
	if (ev->loss)
		return &ocsf_log;
	return ev->rec->denied ? &ocsf_finding : &ocsf_kernel;
}

static void put_ocsf_metadata(struct out *o, const struct event *ev)
{
	out_lit(o, ",\"metadata\":{\"version\":\"1.3.0\",\"product\":{\"name\":\"scaudit\","
		   "\"vendor_name\":\"scaudit\",\"version\":\"" SCA_VERSION "\"},"
		   "\"profiles\":[\"container\",\"host\",\"security_control\"],"
		   "\"event_code\":\"");
	out_z(o, event_word(ev));
	put_id(o, "\",\"uid\":\"", ev);
	if (ev->rec->have & SCA_F_SERIAL) {
		out_lit(o, ",\"sequence\":");
		out_u64(o, ev->rec->serial);
	}
	out_c(o, '}');
}

static void put_ocsf_subject(struct out *o, const struct event *ev)
{
	if (ev->rec->denied) {
		put_id(o, ",\"finding_info\":{\"title\":\"System call denied by seccomp\","
			  "\"uid\":\"", ev);
		out_c(o, '}');
	} else if (!ev->loss) {
		out_lit(o, ",\"kernel\":{\"type_id\":2,\"type\":\"System Call\",\"name\":\"");
		if (ev->syscall)
			out_z(o, ev->syscall);
		else
			syscall_text(o, ev);
		out_lit(o, "\"}");
	}
	out_lit(o, ",\"device\":{\"type_id\":0");
	if (ev->rec->have & SCA_F_NODE) {
		out_lit(o, ",\"hostname\":");
		out_json(o, ev->rec->node);
	}
	out_c(o, '}');
}

/* An activity must have an actor, if an empty one; an evidence must not be empty. */
static void put_ocsf_actor(struct out *o, const struct event *ev)
{
	const struct ocsf_class *class = ocsf_class_of(ev);
	struct nest n = {.o = o, .path = ""};
	size_t before = o->n;

	out_z(o, class->actor);
	put_rows(&n, ev, AS_OCSF, "process.", true);
	out_z(o, class->actor_end);
	if (!n.path[0] && class != &ocsf_kernel)
		o->n = before;
}

void ocsf_event(struct dialect_run *run, const struct event *ev)
{
	struct nest rest = {.o = run->o, .path = "", .comma = true};
	const struct verdict *verdict = verdict_of(ev);
	struct out *o = run->o;

	out_c(o, '{');
	out_z(o, ocsf_class_of(ev)->head);
	if (ev->rec->have & SCA_F_TIME) {
		out_lit(o, ",\"time\":");
		out_i64(o, ev->rec->time_ms);
	}
	out_lit(o, ",\"severity_id\":");
	out_u64(o, verdict->ocsf);
	out_lit(o, ",\"severity\":\"");
	out_z(o, verdict->word);
	out_lit(o, "\",\"action_id\":");
	out_u64(o, verdict->ocsf_action);
	out_lit(o, ",\"disposition_id\":");
	out_u64(o, verdict->ocsf_disposition);
	out_lit(o, ",\"count\":");
	out_u64(o, ev->rec->count ? ev->rec->count : 1);
	out_lit(o, ",\"message\":");
	out_json(o, event_message(run, ev));
	put_ocsf_metadata(o, ev);
	put_ocsf_subject(o, ev);
	put_ocsf_actor(o, ev);
	put_rows(&rest, ev, AS_OCSF, "process.", false);
	out_lit(o, "}\n");
}

/* -- OpenTelemetry -- */

static void put_otlp_array(struct out *o, const struct value *v)
{
	unsigned n = v->kind == VALUE_NAMES ? v->n : 32u - (unsigned)__builtin_clz(v->n | 1);

	out_lit(o, "{\"arrayValue\":{\"values\":[");
	for (unsigned i = 0; i < n; i++) {
		bool known = v->kind == VALUE_NAMES || v->n & 1u << i;

		out_z(o, i ? ",{" : "{");
		if (known)
			out_lit(o, "\"stringValue\":");
		if (known && v->kind == VALUE_NAMES) {
			out_json(o, v->names[i]);
		} else if (known) {
			out_c(o, '"');
			out_hex(o, v->args[i]);
			out_c(o, '"');
		}
		out_c(o, '}');
	}
	out_lit(o, "]}}");
}

/* An integer has 64 bits and a sign there, and is a string, as JSON's numbers are not sure to
 * hold it. */
static void put_otlp_value(struct out *o, const struct value *v)
{
	switch (v->kind) {
	case VALUE_NUMBER:
	case VALUE_SIGNED:
		out_z(o, v->kind == VALUE_NUMBER && v->u > INT64_MAX ? "{\"stringValue\":\"" :
								       "{\"intValue\":\"");
		value_text(o, v);
		out_lit(o, "\"}");
		break;
	case VALUE_BOOL:
		out_lit(o, "{\"boolValue\":");
		value_json(o, v);
		out_c(o, '}');
		break;
	case VALUE_NAMES:
	case VALUE_ARGS:
		put_otlp_array(o, v);
		break;
	default:
		out_lit(o, "{\"stringValue\":");
		value_json(o, v);
		out_c(o, '}');
		break;
	}
}

static void put_otlp_head(struct dialect_run *run, const struct event *ev)
{
	const struct sca_record *r = ev->rec;
	struct out *o = run->o;

	out_lit(o, "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
		   "\"value\":{\"stringValue\":\"scaudit\"}}");
	if (r->have & SCA_F_NODE) {
		out_lit(o, ",{\"key\":\"host.name\",\"value\":{\"stringValue\":");
		out_json(o, r->node);
		out_lit(o, "}}");
	}
	out_lit(o, "]},\"scopeLogs\":[{\"scope\":{\"name\":\"scaudit\",\"version\":\""
		   SCA_VERSION "\"},\"logRecords\":[{");
	if (r->have & SCA_F_TIME && r->time_ms > 0 && r->time_ms < INT64_MAX / 1000000) {
		out_lit(o, "\"timeUnixNano\":\"");
		out_i64(o, r->time_ms);
		out_lit(o, "000000\",");
	}
	out_lit(o, "\"severityNumber\":");
	out_u64(o, verdict_of(ev)->otlp);
	out_lit(o, ",\"severityText\":\"");
	out_z(o, verdict_of(ev)->word);
	out_lit(o, "\",\"eventName\":\"");
	out_z(o, event_name(ev));
	out_lit(o, "\",\"body\":{\"stringValue\":");
	out_json(o, event_message(run, ev));
}

void otlp_event(struct dialect_run *run, const struct event *ev)
{
	struct out *o = run->o;

	put_otlp_head(run, ev);
	put_id(o, "},\"attributes\":[{\"key\":\"log.record.uid\",\"value\":{\"stringValue\":\"", ev);
	out_lit(o, "}}");
	for (size_t i = 0; i < naming_count; i++) {
		const char *key = namings[i].as[AS_OTLP];
		struct value v;

		if (!key || !namings[i].get(ev, &v))
			continue;
		out_lit(o, ",{\"key\":\"");
		out_z(o, key);
		out_lit(o, "\",\"value\":");
		put_otlp_value(o, &v);
		out_c(o, '}');
	}
	out_lit(o, "]}]}]}]}\n");
}

/* -- GELF -- */

/* A value is a string or a number there, nothing else. */
static void put_gelf_value(struct dialect_run *run, const struct value *v)
{
	if (v->kind == VALUE_BOOL || v->kind == VALUE_NAMES || v->kind == VALUE_ARGS) {
		run->text.n = 0;
		value_text(&run->text, v);
		out_json(run->o, (struct sca_str){run->text.p, run->text.n});
	} else {
		value_json(run->o, v);
	}
}

/* "host" must be there and may name the application that sends. */
void gelf_event(struct dialect_run *run, const struct event *ev)
{
	const struct sca_record *r = ev->rec;
	struct out *o = run->o;

	out_lit(o, "{\"version\":\"1.1\",\"host\":");
	out_json(o, r->have & SCA_F_NODE && r->node.n ? r->node : span_z("scaudit"));
	out_lit(o, ",\"short_message\":");
	out_json(o, event_message(run, ev));
	if (r->have & SCA_F_TIME && r->time_ms >= 0) {
		out_lit(o, ",\"timestamp\":");
		out_u64(o, (uint64_t)r->time_ms / 1000);
		out_addf(o, ".%03u", (unsigned)(r->time_ms % 1000));
	}
	out_lit(o, ",\"level\":");
	out_u64(o, verdict_of(ev)->syslog);
	put_id(o, ",\"_event_id\":\"", ev);
	for (size_t i = 0; i < naming_count; i++) {
		const char *key = namings[i].as[AS_GELF];
		struct value v;

		if (!key || !namings[i].get(ev, &v))
			continue;
		out_lit(o, ",\"");
		out_z(o, key);
		out_lit(o, "\":");
		put_gelf_value(run, &v);
	}
	out_lit(o, "}\n");
}
