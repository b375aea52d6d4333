/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own NDJSON back into a record: events, and the lines of a report ("kind":"denial") with
 * their counts and names. A key that is absent is an unknown value; a key with a value of the
 * wrong kind refuses the line. Keys are those of the table, as they stand, and unknown ones
 * are stepped over: a later version may have more.
 */
#include "json_text.h"
#include "record_int.h"

#define EVENT_VERSION 1
#define EVENT_MAX     (256u << 10)

enum member {
	M_VERSION,
	M_KIND,
	M_U32,
	M_SIG,
	M_NR,
	M_CODE,
	M_HEX64,
	M_TIME,   /* RFC 3339 */
	M_COUNT,
	M_TEXT,
	M_BYTES,  /* hex of a text that is no UTF-8 */
	M_NAMES,
	M_ARGS,
	M_ARCH,
	M_DENIED, /* true or false */
	M_OBJECT, /* the container, whose members have a table of their own */
};

/* One object's members, in the order that we write them. */
struct row {
	const char *key;
	enum member kind;
	uint32_t bit;
	size_t offset; /* into struct event */
};

/* What the object says, before it is judged. */
struct event {
	struct sca_decoder *dec;
	struct jt_doc doc;
	struct sca_err *err;
	struct sca_record rec;
	struct sca_str action, syscall, arch_from;
	bool versioned, denied;
};

#define IN(member)  offsetof(struct event, member)
#define REC(member) offsetof(struct event, rec.member)
#define BOX(member) offsetof(struct event, rec.container.member)

static const struct row event_rows[] = {
	{"v", M_VERSION, 0, 0},
	{"kind", M_KIND, 0, 0},
	{"time", M_TIME, SCA_F_TIME, REC(time_ms)},
	{"serial", M_U32, SCA_F_SERIAL, REC(serial)},
	{"node", M_TEXT, SCA_F_NODE, REC(node)},
	{"action", M_TEXT, 0, IN(action)},
	{"denied", M_DENIED, 0, 0},
	{"code", M_CODE, SCA_F_CODE, REC(code)},
	{"syscall", M_TEXT, 0, IN(syscall)},
	{"nr", M_NR, SCA_F_NR, REC(nr)},
	{"arch", M_ARCH, SCA_F_ARCH, REC(arch)},
	{"arch_from", M_TEXT, 0, IN(arch_from)},
	{"pid", M_U32, SCA_F_PID, REC(pid)},
	{"ppid", M_U32, SCA_F_PPID, REC(ppid)},
	{"comm", M_TEXT, SCA_F_COMM, REC(comm)},
	{"comm_hex", M_BYTES, SCA_F_COMM, REC(comm)},
	{"exe", M_TEXT, SCA_F_EXE, REC(exe)},
	{"exe_hex", M_BYTES, SCA_F_EXE, REC(exe)},
	{"uid", M_U32, SCA_F_UID, REC(uid)},
	{"gid", M_U32, SCA_F_GID, REC(gid)},
	{"auid", M_U32, SCA_F_AUID, REC(auid)},
	{"ses", M_U32, SCA_F_SES, REC(ses)},
	{"subj", M_TEXT, SCA_F_SUBJ, REC(subj)},
	{"sig", M_SIG, SCA_F_SIG, REC(sig)},
	{"compat", M_U32, SCA_F_COMPAT, REC(compat)},
	{"ip", M_HEX64, SCA_F_IP, REC(ip)},
	{"args", M_ARGS, 0, 0},
	{"container", M_OBJECT, 0, 0},
	{"count", M_COUNT, 0, REC(count)},
	{"first", M_TIME, 0, REC(first_ms)},
	{"last", M_TIME, 0, REC(last_ms)},
	{"comms", M_NAMES, 0, REC(comms)},
	{"exes", M_NAMES, 0, REC(exes)},
};

static const struct row container_rows[] = {
	{"id", M_TEXT, 0, BOX(id)},
	{"engine", M_TEXT, 0, BOX(engine)},
	{"name", M_TEXT, 0, BOX(name)},
	{"image", M_TEXT, 0, BOX(image)},
	{"pod", M_TEXT, 0, BOX(pod)},
	{"namespace", M_TEXT, 0, BOX(ns)},
	{"pod_uid", M_TEXT, 0, BOX(pod_uid)},
	{"unit", M_TEXT, 0, BOX(unit)},
	{"via", M_TEXT, 0, BOX(via)},
	{"sure", M_TEXT, 0, BOX(sure)},
};
_Static_assert(ARRAY_SIZE(event_rows) <= 64, "a bit for each row");

static int wrong(const struct event *ev, const struct row *row, const char *want)
{
	return sca_fail(ev->err, SCA_E_SYNTAX, "event's \"%s\" is not %s", row->key, want);
}

/* A string's contents: of the text itself where they stand as they are, else decoded into
 * the scratch, which has the room for all of them. */
static int text_of(struct event *ev, uint32_t node, struct sca_str *ret)
{
	struct buf *scratch = &ev->dec->scratch;
	struct sca_str s = jt_raw(&ev->doc, node);
	size_t at = scratch->n;
	bool plain = true;

	s = (struct sca_str){s.p + 1, s.n - 2};
	for (size_t i = 0; i < s.n && plain; i++)
		plain = s.p[i] != '\\' && (unsigned char)s.p[i] < 0x80;
	if (plain) {
		*ret = s;
		return 0;
	}
	if (!jt_string(&ev->doc, node, scratch))
		return sca_fail(ev->err, -ENOMEM, "no memory for an event");
	*ret = (struct sca_str){scratch->p + at, scratch->n - at};
	return 0;
}

static bool is_type(const struct event *ev, uint32_t node, enum jt_type type)
{
	return ev->doc.nodes[node].type == type;
}

static int read_text(struct event *ev, const struct row *row, uint32_t node, struct sca_str *ret)
{
	return is_type(ev, node, JT_STRING) ? text_of(ev, node, ret) : wrong(ev, row, "a string");
}

static int read_int(struct event *ev, const struct row *row, uint32_t node, int64_t min,
		    int64_t max, int64_t *ret)
{
	int r = is_type(ev, node, JT_NUMBER) ? jt_i64(&ev->doc, node, ret) : SCA_E_SYNTAX;

	if (r == SCA_E_SYNTAX)
		return wrong(ev, row, "an integer");
	if (r < 0 || *ret < min || *ret > max)
		return sca_fail(ev->err, SCA_E_RANGE, "event's \"%s\" does not fit", row->key);
	return 0;
}

static int read_hex(struct event *ev, const struct row *row, uint32_t node, uint64_t max,
		    uint64_t *ret)
{
	struct sca_str s = {NULL, 0};
	int r = read_text(ev, row, node, &s);

	if (r < 0)
		return r;
	return str_any64(s, ret) < 0 || *ret > max ? wrong(ev, row, "a number behind 0x") : 0;
}

static int read_bytes(struct event *ev, const struct row *row, uint32_t node, struct sca_str *ret)
{
	struct sca_str s = {NULL, 0};
	int r = read_text(ev, row, node, &s);

	if (r < 0)
		return r;
	r = decoder_hex(ev->dec, s, 0, ret);
	if (r == -ENOMEM)
		return sca_fail(ev->err, r, "no memory for an event");
	return r < 0 ? wrong(ev, row, "an even number of hex digits") : 0;
}

static int read_names(struct event *ev, const struct row *row, uint32_t node)
{
	bool comms = row->offset == REC(comms);
	struct sca_str *to = comms ? ev->rec.comms : ev->rec.exes;
	unsigned *n = comms ? &ev->rec.n_comms : &ev->rec.n_exes;

	if (!is_type(ev, node, JT_ARRAY))
		return wrong(ev, row, "an array");
	jt_for_each(&ev->doc, node, c) {
		int r = is_type(ev, c, JT_STRING) ? 0 : wrong(ev, row, "an array of strings");

		if (r == 0 && *n < SCA_RECORD_NAMES_MAX)
			r = text_of(ev, c, &to[(*n)++]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* An argument that is not known is null. */
static int read_args(struct event *ev, const struct row *row, uint32_t node)
{
	unsigned i = 0;

	if (!is_type(ev, node, JT_ARRAY) || ev->doc.nodes[node].n > ARRAY_SIZE(ev->rec.args))
		return wrong(ev, row, "an array of at most six");
	jt_for_each(&ev->doc, node, c) {
		if (!is_type(ev, c, JT_NULL)) {
			int r = read_hex(ev, row, c, UINT64_MAX, &ev->rec.args[i]);

			if (r < 0)
				return r;
			ev->rec.args_known |= 1u << i;
		}
		i++;
	}
	return 0;
}

/* An architecture that no table has stands there as the record's token, 0xdeadbeef. */
/* An architecture that no table has stands there as the record's token, 0xdeadbeef. */
static int read_arch(struct event *ev, const struct row *row, uint32_t node)
{
	struct sca_str s = {NULL, 0};
	uint64_t token;
	int r = read_text(ev, row, node, &s);

	if (r < 0 || sca_arch_parse(s, &ev->rec.arch) == 0)
		return r;
	if (!str_starts(s, SCA_STR("0x")) || str_any64(s, &token) < 0 || token > UINT32_MAX)
		return wrong(ev, row, "one that is known");
	ev->rec.arch = (uint32_t)token;
	return 0;
}

static int read_word(struct event *ev, const struct row *row, uint32_t node)
{
	int64_t version;

	if (row->kind == M_DENIED) {
		ev->denied = !is_type(ev, node, JT_FALSE);
		return ev->denied && !is_type(ev, node, JT_TRUE) ? wrong(ev, row, "true or false")
								  : 0;
	}
	if (row->kind == M_KIND)
		return jt_string_is(&ev->doc, node, "denial")
			       ? 0
			       : wrong(ev, row, "one that tells of a call");
	if (jt_i64(&ev->doc, node, &version) < 0 || version != EVENT_VERSION)
		return sca_fail(ev->err, SCA_E_SYNTAX, "event's version is not %d", EVENT_VERSION);
	ev->versioned = true;
	return 0;
}

static int read_time(struct event *ev, const struct row *row, uint32_t node, int64_t *ret)
{
	struct sca_str s = {NULL, 0};
	int r = read_text(ev, row, node, &s);

	if (r < 0)
		return r;
	return time_parse_rfc3339(s, ret) < 0 ? wrong(ev, row, "a time") : 0;
}

static int read_object(struct event *ev, uint32_t object, const struct row *rows, size_t n);

static int read_container(struct event *ev, const struct row *row, uint32_t node)
{
	if (!is_type(ev, node, JT_OBJECT))
		return wrong(ev, row, "an object");
	return read_object(ev, node, container_rows, ARRAY_SIZE(container_rows));
}

static int read_member(struct event *ev, const struct row *row, uint32_t node)
{
	void *to = (char *)ev + row->offset;
	uint64_t u = 0;
	int64_t v = 0;
	int r = 0;

	switch (row->kind) {
	case M_VERSION:
	case M_KIND:
	case M_DENIED:
		return read_word(ev, row, node);
	case M_U32:
		r = read_int(ev, row, node, 0, UINT32_MAX, &v);
		*(uint32_t *)to = (uint32_t)v;
		break;
	case M_SIG:
		r = read_int(ev, row, node, 0, INT32_MAX, &v);
		*(int32_t *)to = (int32_t)v;
		break;
	case M_NR:
		r = read_int(ev, row, node, INT32_MIN, INT32_MAX, &v);
		*(int32_t *)to = (int32_t)v;
		break;
	case M_COUNT:
		r = read_int(ev, row, node, 1, INT64_MAX, &v);
		*(uint64_t *)to = (uint64_t)v;
		break;
	case M_CODE:
		r = read_hex(ev, row, node, UINT32_MAX, &u);
		*(uint32_t *)to = (uint32_t)u;
		break;
	case M_HEX64:
		r = read_hex(ev, row, node, UINT64_MAX, to);
		break;
	case M_TIME:
		r = read_time(ev, row, node, to);
		break;
	case M_TEXT:
		if (ev->rec.have & row->bit)
			return 0; /* its bytes were there already */
		r = read_text(ev, row, node, to);
		break;
	case M_BYTES:
		r = read_bytes(ev, row, node, to);
		break;
	case M_NAMES:
		return read_names(ev, row, node);
	case M_ARGS:
		return read_args(ev, row, node);
	case M_ARCH:
		r = read_arch(ev, row, node);
		break;
	case M_OBJECT:
		return read_container(ev, row, node);
	}
	ev->rec.have |= row->bit;
	return r;
}

/* Members nearly always stand in the table's order, so the search starts behind the last one
 * found. Of two with the same key the first counts. */
static int read_object(struct event *ev, uint32_t object, const struct row *rows, size_t n)
{
	uint64_t met = 0;
	size_t next = 0;

	jt_for_each(&ev->doc, object, c) {
		struct sca_str key = jt_raw_key(&ev->doc, c);
		size_t i, k = next;
		int r;

		key = (struct sca_str){key.p + 1, key.n - 2};
		for (i = 0; i < n && !str_eq(key, sca_str_z(rows[k].key)); i++)
			k = k + 1 < n ? k + 1 : 0;
		if (i == n)
			continue;
		next = k + 1 < n ? k + 1 : 0;
		if (met & UINT64_C(1) << k) {
			ev->dec->stats.duplicate_field++;
			continue;
		}
		met |= UINT64_C(1) << k;
		r = read_member(ev, &rows[k], c);
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- judgement -- */

/* A trace tells names, of the machine that it was made on: this one, unless an option knows
 * better. */
static bool assume_arch(struct event *ev)
{
	struct sca_record *rec = &ev->rec;

	if (rec->source < SCA_SRC_STRACE) /* every kind behind it is one of traces */
		return false;
	rec->arch_given = ev->dec->default_arch != 0;
	rec->arch = rec->arch_given ? ev->dec->default_arch : sca_arch_native();
	rec->have |= SCA_F_ARCH;
	return true;
}

static int number_of_name(struct event *ev)
{
	struct sca_decoder *dec = ev->dec;
	struct sca_record *rec = &ev->rec;
	int r = 0;

	if (!ev->syscall.p)
		return sca_fail(ev->err, SCA_E_INCOMPLETE, "event has no syscall");
	if (!(rec->have & SCA_F_ARCH) && !assume_arch(ev))
		return sca_fail(ev->err, SCA_E_INCOMPLETE, "event names a syscall but no arch");
	if (!dec->names)
		r = sca_names_new(&dec->names, ev->err);
	if (r < 0)
		return r;
	if (sca_syscall_number(dec->names, rec->arch, ev->syscall, &rec->nr) < 0)
		return sca_fail(ev->err, SCA_E_INCOMPLETE, "event's syscall has no known number");
	rec->have |= SCA_F_NR;
	return 0;
}

/* The action decides and the code must agree: a report line of strict mode has code 0 and no
 * signal to tell it from kill_thread. */
static int judge_action(struct event *ev)
{
	struct sca_record *rec = &ev->rec;
	bool coded = rec->have & SCA_F_CODE;

	if (!ev->action.p && !coded)
		return sca_fail(ev->err, SCA_E_INCOMPLETE, "event has neither action nor code");
	if (!ev->action.p)
		rec->action = sca_action_from_code(rec->code, rec->sig);
	else if (str_is(ev->action, "unknown"))
		rec->action = SCA_ACT_UNKNOWN;
	else if (sca_action_parse(ev->action, &rec->action) < 0)
		return sca_fail(ev->err, SCA_E_SYNTAX, "event's action is none");
	else if (coded && sca_action_code(rec->action) != (rec->code & 0xffff0000u))
		return sca_fail(ev->err, SCA_E_SYNTAX, "event's action and code contradict");
	if (rec->action == SCA_ACT_ALLOW)
		return sca_fail(ev->err, SCA_E_SYNTAX, "event's action is never recorded");
	/* Told by its action; only of an unknown one the event itself says whether. */
	rec->denied = sca_action_denies(rec->action) &&
		      (rec->action != SCA_ACT_UNKNOWN || ev->denied);
	return 0;
}

static int judge(struct event *ev)
{
	struct sca_record *rec = &ev->rec;
	int r = 0;

	if (!ev->versioned)
		return sca_fail(ev->err, SCA_E_SYNTAX, "event has no version");
	rec->arch_given = (rec->have & SCA_F_ARCH) && str_is(ev->arch_from, "option");
	if (!(rec->have & SCA_F_NR))
		r = number_of_name(ev);
	else if (!(rec->have & SCA_F_ARCH))
		assume_arch(ev);
	return r < 0 ? r : judge_action(ev);
}

int record_decode_event(struct sca_decoder *dec, struct sca_str body, struct sca_record *rec,
			struct sca_err *err)
{
	struct event ev = {.dec = dec, .err = err, .rec = *rec, .denied = true};
	int r;

	if (body.n > EVENT_MAX)
		return sca_fail(err, SCA_E_SYNTAX, "event is longer than %u bytes", EVENT_MAX);
	/* A byte that is no UTF-8 becomes three. */
	if (!buf_reserve(&dec->scratch, 3 * body.n))
		return sca_fail(err, -ENOMEM, "no memory for an event");
	r = jt_parse(&ev.doc, body, err);
	if (r == SCA_E_LIMIT)
		r = sca_fail(err, SCA_E_SYNTAX, "event is nested too deep");
	if (r < 0)
		return r;
	r = is_type(&ev, 0, JT_OBJECT)
		    ? read_object(&ev, 0, event_rows, ARRAY_SIZE(event_rows))
		    : sca_fail(err, SCA_E_SYNTAX, "event is not an object");
	if (r == 0)
		r = judge(&ev);
	jt_release(&ev.doc);
	if (r == 0)
		*rec = ev.rec;
	return r;
}
