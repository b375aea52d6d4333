/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sysdig and Falco write: events of the kernel, in text or JSON, most of which are calls. As
 * with a trace they tell that a call was made, and not what a filter did with it.
 *
 *	34378 12:02:36.269753803 2 sh (7896) > mkdir path=/x mode=0
 *	34379 12:02:36.269754164 2 sh (7896) < mkdir res=0
 *	7 12:02:36.269754164 0 web (5d2f0c1e9a7b) sh (7896:12) > close fd=3
 *	{"evt.dir":">","evt.type":"mkdir","proc.name":"sh","thread.tid":7896,...}
 *	{"output_fields":{"evt.type":"mkdir","container.id":"5d2f0c1e9a7b",...},"rule":...}
 *	12:02:36.269754164: Notice A rule's text (evt_type=mkdir user=root ...)
 *
 * A call has an event where it is entered and one where it returns. The first counts; the second
 * where none of that call was seen to be entered, as newer versions do not write those.
 */
#include "cursor.h"
#include "frame_int.h"

/* The kernel cuts names of programs there, so what looks like an end behind it is none. */
#define COMM_MAX 15u

struct sysdig_event {
	struct traced_call call;
	struct sca_str args;
	char direction; /* '>' or '<'; 0 when not told */
};

/* -- what an event is -- */

/* Events that are no calls. */
static const char *const no_calls[] = {
	"switch",     "procexit",      "signaldeliver", "drop",       "container", "k8s",
	"mesos",      "tracer",        "notification",  "infra",      "infra_event", "procinfo",
	"cpu_hotplug", "page_fault",   "pluginevent",   "asyncevent", "scapevent", "sysdigevent",
	"useradded",  "userdeleted",   "groupadded",    "groupdeleted", "tracepoint",
};

/* Calls whose events have another name, on machines where that is none of a call. */
static const struct {
	const char *event, *call;
} renamed[] = {
	{"pread", "pread64"},
	{"pwrite", "pwrite64"},
	{"prlimit", "prlimit64"},
	{"umount", "umount2"},
};

static bool is_no_call(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(no_calls); i++)
		if (str_eq(name, sca_str_z(no_calls[i])))
			return true;
	return false;
}

static struct sca_str renamed_call(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++)
		if (str_eq(name, sca_str_z(renamed[i].event)))
			return sca_str_z(renamed[i].call);
	return name;
}

/* The word behind a key, up to a blank, a comma or a parenthesis; empty when it is absent. */
static struct sca_str value_of(struct sca_str text, struct sca_str key)
{
	const char *p = str_find(text, key);
	struct sca_str v = {NULL, 0};

	if (!p || (p > text.p && !is_blank(p[-1]) && p[-1] != '('))
		return v;
	text = str_skip(text, (size_t)(p - text.p) + key.n);
	v.p = text.p;
	while (v.n < text.n && !memchr(" \t,()", text.p[v.n], 5))
		v.n++;
	return v;
}

/* "ID=318(getrandom) nativeID=318": a call that has no event of its own. The first number is
 * sysdig's, the second one the kernel's: *ret_number tells that the name is made of it. */
static int generic_name(struct sca_framer *f, struct sca_str args, struct sca_str *ret,
			bool *ret_number)
{
	struct sca_str id = value_of(args, SCA_STR("ID=")), rest, nr;
	uint32_t n;
	char *z;

	*ret = (struct sca_str){NULL, 0};
	if (id.p && id.n) {
		rest = str_skip(args, (size_t)(id.p - args.p) + id.n);
		if (take_char(&rest, '(')) {
			*ret = (struct sca_str){rest.p, frame_word_len(rest)};
			return 0;
		}
	}
	nr = value_of(args, SCA_STR("nativeID="));
	if (str_u32(nr, &n) < 0 || n > INT32_MAX)
		return 0;
	z = arena_printf(&f->keep, "syscall_0x%x", n);
	if (!z)
		return -ENOMEM;
	*ret = sca_str_z(z);
	*ret_number = true;
	return 0;
}

/* The call's own name, and this machine's number of it or -1. *ret_known is false for a name that
 * no table has. */
static int resolve(struct sca_framer *f, struct sysdig_event *e, int32_t *ret_nr, bool *ret_known)
{
	struct sca_str *name = &e->call.name;
	struct sca_names *names;
	uint32_t native = sca_arch_native();
	int r = frame_names(f, &names);

	*ret_nr = -1;
	*ret_known = false;
	if (r == 0 && str_is(*name, "syscall"))
		r = generic_name(f, e->args, name, ret_known);
	if (r < 0)
		return r;
	if (*ret_known)
		return 0;
	if (sca_syscall_number(names, native, *name, ret_nr) < 0) {
		*name = renamed_call(*name);
		if (sca_syscall_number(names, native, *name, ret_nr) < 0)
			*ret_nr = -1;
	}
	return frame_knows_call(f, *name, ret_known);
}

/* What a new process returns from is its parent's call. */
static bool is_childs(const struct sysdig_event *e)
{
	return (str_starts(e->call.name, SCA_STR("clone")) || str_is(e->call.name, "fork") ||
		str_is(e->call.name, "vfork")) &&
	       str_is(value_of(e->args, SCA_STR("res=")), "0");
}

/* Whether calls of that name are seen where they are entered. */
static bool was_entered(struct trace *t, int32_t nr, char direction)
{
	uint64_t bit;

	if (nr < 0 || nr >= TRACE_NUMBERS)
		return direction == '<';
	bit = UINT64_C(1) << nr % 64;
	if (direction == '>')
		t->entered[nr / 64] |= bit;
	return direction == '<' && t->entered[nr / 64] & bit;
}

static int send_event(struct sca_framer *f, struct sysdig_event *e, const struct origin *from)
{
	bool known;
	int32_t nr;
	int r;

	if (is_no_call(e->call.name))
		return 0;
	r = resolve(f, e, &nr, &known);
	if (r < 0)
		return r;
	if (!known) {
		f->stats.undecodable += e->direction != '<';
		return 0;
	}
	if (was_entered(&f->trace, nr, e->direction) || (e->direction == '<' && is_childs(e)))
		return 0;
	return frame_call(f, &e->call, from);
}

/* -- containers -- */

static bool is_container(struct sca_str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (hex_digit(id.p[i]) < 0)
			return false;
	return id.n >= 12 && id.n <= 64;
}

/* Whatever stands where there is nothing. */
static void drop_absent(struct sca_str *s)
{
	if (str_is(*s, "<NA>") || str_is(*s, "null"))
		*s = (struct sca_str){NULL, 0};
}

/* "host" is no container, and names without one are nothing to go by. */
static void judge_container(struct sca_container_ref *c)
{
	if (!is_container(c->id)) {
		*c = (struct sca_container_ref){0};
		return;
	}
	drop_absent(&c->name);
	drop_absent(&c->image);
	drop_absent(&c->pod);
	drop_absent(&c->ns);
}

/* -- text of sysdig -- */

/* "12:02:36.269753803", "1504634391.290153856" */
static bool take_clock(struct sca_str *s, struct origin *here)
{
	size_t n = count_digits(*s);
	struct sca_str t = *s;
	uint64_t seconds, ms;

	if (n == 2) {
		if (!take_digits(&t, 2, 2) || !take_char(&t, ':') || !take_digits(&t, 2, 2) ||
		    !take_char(&t, ':') || !take_digits(&t, 2, 2))
			return false;
		if (take_char(&t, '.') && !take_digits(&t, 1, 9))
			return false;
	} else {
		t = str_skip(t, n);
		if (n == 0 || n > 12 || !take_char(&t, '.') || count_digits(t) != 9 ||
		    str_u64((struct sca_str){s->p, n}, &seconds) < 0 ||
		    str_u64((struct sca_str){t.p, 3}, &ms) < 0)
			return false;
		here->frame.have_time = n >= 9;
		here->frame.time_ms = n >= 9 ? (int64_t)(seconds * 1000 + ms) : 0;
		t = str_skip(t, 9);
	}
	*s = t;
	return true;
}

/* " (7896) > ", " (7896:12) < " at the start; steps over it. */
static bool take_thread(struct sca_str *s, struct sysdig_event *e)
{
	struct sca_str t = *s;
	uint32_t tid;
	size_t n;

	if (!take_char(&t, ' ') || !take_char(&t, '('))
		return false;
	n = count_digits(t);
	if (n == 0 || str_u32((struct sca_str){t.p, n}, &tid) < 0)
		return false;
	t = str_skip(t, n);
	if (take_char(&t, ':') && !take_digits(&t, 1, 10))
		return false;
	if (!str_starts(t, SCA_STR(") > ")) && !str_starts(t, SCA_STR(") < ")))
		return false;
	e->call.pid = tid;
	e->direction = t.p[2];
	*s = str_skip(t, 4);
	return true;
}

/* "web (5d2f0c1e9a7b) ", of -pc. */
static void take_container(struct sca_str *s, struct sca_container_ref *c)
{
	struct sca_str t = *s, name, id;

	if (!take_word(&t, &name) || !take_word(&t, &id) || id.n < 3 || id.p[0] != '(' ||
	    id.p[id.n - 1] != ')' || str_starts(t, SCA_STR(" > ")) || str_starts(t, SCA_STR(" < ")))
		return;
	id = (struct sca_str){id.p + 1, id.n - 2};
	if (!is_container(id) && !str_is(id, "host"))
		return;
	c->name = name;
	c->id = id;
	skip_blanks(&t);
	*s = t;
}

/* False: no event of sysdig's. The program's name ends at the last place where it may. */
static bool read_event(struct sca_str line, struct sysdig_event *e, struct origin *here)
{
	struct sca_str s = line, all, tail;
	bool found = false;
	size_t n;

	skip_blanks(&s);
	if (!take_digits(&s, 1, 20) || !take_char(&s, ' ') || !take_clock(&s, here) ||
	    !take_char(&s, ' ') || !take_digits(&s, 1, 5) || !take_char(&s, ' '))
		return false;
	take_container(&s, &e->call.container);
	all = s;
	for (size_t i = 0; i <= COMM_MAX && i < all.n; i++) {
		tail = str_skip(all, i);
		if (!take_thread(&tail, e))
			continue;
		found = true;
		e->call.comm = (struct sca_str){all.p, i};
		s = tail;
	}
	if (!found)
		return false;
	n = frame_word_len(s);
	e->call.name = (struct sca_str){s.p, n};
	e->args = str_skip(s, n);
	return n && (e->args.n == 0 || is_blank(e->args.p[0]));
}

bool sysdig_starts(struct sca_str line)
{
	struct origin here = {0};
	struct sysdig_event e = {0};

	return read_event(line, &e, &here);
}

int sysdig_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
		bool *ret_used)
{
	struct origin here = *from;
	struct sysdig_event e = {.call = {.source = SCA_SRC_SYSDIG}};

	*ret_used = read_event(line, &e, &here);
	if (!*ret_used)
		return 0;
	judge_container(&e.call.container);
	return send_event(f, &e, &here);
}

/* -- text of Falco -- */

/* A rule's text is its author's: only the call is looked for. */
int falco_text(struct sca_framer *f, struct sca_str text, const struct origin *from,
	       bool *ret_used)
{
	static const char *const priorities[] = {
		"Emergency", "Alert", "Critical", "Error", "Warning",
		"Notice", "Informational", "Info", "Debug",
	};
	struct origin here = *from;
	struct sysdig_event e = {.call = {.source = SCA_SRC_FALCO}};
	struct sca_str word;

	*ret_used = false;
	if (!take_clock(&text, &here) || !take_char(&text, ':') || !take_word(&text, &word))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(priorities) && !*ret_used; i++)
		*ret_used = str_eq(word, sca_str_z(priorities[i]));
	if (!*ret_used)
		return 0;
	e.call.name = value_of(text, SCA_STR("evt_type="));
	if (!e.call.name.n)
		e.call.name = value_of(text, SCA_STR("evt.type="));
	return e.call.name.n ? send_event(f, &e, &here) : 0;
}

/* -- JSON of both -- */

/* Nanoseconds since the epoch, as a number; or a date. */
static void set_time(const json_t *o, const char *key, struct origin *here)
{
	const json_t *v = json_object_get(o, key);
	json_int_t ns = json_integer_value(v);
	struct sca_str s = {json_string_value(v), json_string_length(v)};

	if (here->frame.have_time)
		return;
	if (json_is_integer(v) && ns > 0) {
		here->frame.have_time = true;
		here->frame.time_ms = ns / 1000000;
	} else if (json_is_string(v) && s.n > 10 && s.p[4] == '-') {
		here->frame.have_time = time_parse_rfc3339(s, &here->frame.time_ms) == 0;
	}
}

static int read_fields(struct sca_framer *f, const json_t *o, struct sysdig_event *e)
{
	struct sca_str tid = {NULL, 0}, pid = {NULL, 0}, direction = {NULL, 0};
	struct sca_container_ref *c = &e->call.container;
	const struct {
		const char *key;
		struct sca_str *to;
	} rows[] = {
		{"evt.type", &e->call.name}, {"proc.name", &e->call.comm},
		{"evt.info", &e->args},      {"evt.dir", &direction},
		{"thread.tid", &tid},        {"proc.pid", &pid},
		{"container.id", &c->id},    {"container.name", &c->name},
		{"k8s.pod.name", &c->pod},   {"k8s.ns.name", &c->ns},
		{"container.image.repository", &c->image},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = json_text(f, json_object_get(o, rows[i].key), rows[i].to);

		if (r < 0)
			return r;
	}
	if (str_u32(pid, &e->call.pid) < 0 && str_u32(tid, &e->call.pid) < 0)
		e->call.pid = 0;
	if (e->call.comm.n > COMM_MAX)
		e->call.comm.n = COMM_MAX;
	e->direction = direction.n == 1 && (*direction.p == '<' || *direction.p == '>') ?
		       *direction.p : '\0';
	drop_absent(&e->call.comm);
	judge_container(c);
	return 0;
}

/* Falco's alerts have the fields that their rules name, and some are of other things than calls. */
static bool is_alert(const json_t *o)
{
	const char *source = json_string_value(json_object_get(o, "source"));

	return json_is_object(json_object_get(o, "output_fields")) &&
	       json_is_string(json_object_get(o, "rule")) &&
	       (!source || strcmp(source, "syscall") == 0);
}

int frame_sysdig(struct sca_framer *f, const json_t *o, const struct origin *from,
		 bool *ret_known)
{
	bool alert = is_alert(o);
	struct sysdig_event e = {.call = {.source = alert ? SCA_SRC_FALCO : SCA_SRC_SYSDIG}};
	const json_t *fields = alert ? json_object_get(o, "output_fields") : o;
	struct origin here = *from;
	int r;

	*ret_known = alert || json_is_string(json_object_get(o, "evt.type"));
	if (!*ret_known)
		return 0;
	set_time(o, "time", &here);
	set_time(fields, "evt.rawtime", &here);
	set_time(fields, "evt.outputtime", &here);
	set_time(fields, "evt.time", &here);
	set_time(fields, "evt.time.iso8601", &here);
	r = read_fields(f, fields, &e);
	if (r == 0 && alert && json_is_string(json_object_get(o, "hostname")))
		r = json_text(f, json_object_get(o, "hostname"), &here.frame.node);
	if (r < 0)
		return r;
	/* An alert is of one event, whichever its rule is about. */
	if (alert)
		e.direction = '\0';
	if (!e.call.name.n) {
		f->stats.undecodable++;
		return 0;
	}
	return send_event(f, &e, &here);
}
