/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own NDJSON back into a record: events, and the lines of a report ("kind":"denial") with
 * their counts and names. A key that is absent is an unknown value; a key with a value of the
 * wrong kind refuses the line.
 */
#include "record_int.h"

#define EVENT_VERSION 1

static int wrong(struct sca_err *err, const char *key, const char *want)
{
	return sca_fail(err, SCA_E_SYNTAX, "event's \"%s\" is not %s", key, want);
}

static struct sca_str str_of(const json_t *v)
{
	return (struct sca_str){json_string_value(v), json_string_length(v)};
}

/* An absent key leaves *ret. */
static int get_str(const json_t *o, const char *key, struct sca_str *ret, struct sca_err *err)
{
	const json_t *v = json_object_get(o, key);

	if (!v)
		return 0;
	if (!json_is_string(v))
		return wrong(err, key, "a string");
	*ret = str_of(v);
	return 0;
}

static int get_int(const json_t *o, const char *key, int64_t min, int64_t max, bool *have,
		   int64_t *ret, struct sca_err *err)
{
	const json_t *v = json_object_get(o, key);

	*have = v != NULL;
	if (!v)
		return 0;
	if (!json_is_integer(v))
		return wrong(err, key, "an integer");
	*ret = json_integer_value(v);
	if (*ret < min || *ret > max)
		return sca_fail(err, SCA_E_RANGE, "event's \"%s\" does not fit", key);
	return 0;
}

static int get_hex(const json_t *o, const char *key, uint64_t max, bool *have, uint64_t *ret,
		   struct sca_err *err)
{
	struct sca_str s = {NULL, 0};
	int r = get_str(o, key, &s, err);

	*have = s.p != NULL;
	if (r < 0 || !s.p)
		return r;
	if (str_any64(s, ret) < 0 || *ret > max)
		return wrong(err, key, "a number behind 0x");
	return 0;
}

static int get_time(const json_t *o, const char *key, bool *have, int64_t *ret, struct sca_err *err)
{
	struct sca_str s = {NULL, 0};
	int r = get_str(o, key, &s, err);

	*have = s.p != NULL;
	if (r < 0 || !s.p)
		return r;
	return time_parse_rfc3339(s, ret) < 0 ? wrong(err, key, "a time") : 0;
}

/* Numbers: one row each. */
static int get_numbers(const json_t *o, struct sca_record *rec, struct sca_err *err)
{
	const struct {
		const char *key;
		uint32_t bit;
		uint32_t *to;
	} rows[] = {
		{"serial", SCA_F_SERIAL, &rec->serial}, {"pid", SCA_F_PID, &rec->pid},
		{"ppid", SCA_F_PPID, &rec->ppid},       {"uid", SCA_F_UID, &rec->uid},
		{"gid", SCA_F_GID, &rec->gid},          {"auid", SCA_F_AUID, &rec->auid},
		{"ses", SCA_F_SES, &rec->ses},          {"compat", SCA_F_COMPAT, &rec->compat},
	};
	bool have;
	int64_t v;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		r = get_int(o, rows[i].key, 0, UINT32_MAX, &have, &v, err);
		if (r < 0)
			return r;
		if (have) {
			*rows[i].to = (uint32_t)v;
			rec->have |= rows[i].bit;
		}
	}
	r = get_int(o, "sig", 0, INT32_MAX, &have, &v, err);
	if (r < 0)
		return r;
	if (have) {
		rec->sig = (int32_t)v;
		rec->have |= SCA_F_SIG;
	}
	r = get_int(o, "count", 1, INT64_MAX, &have, &v, err);
	if (r == 0 && have)
		rec->count = (uint64_t)v;
	return r;
}

/* comm and exe: the bytes themselves stand in KEY_hex when they are no UTF-8. */
static int get_name(struct sca_decoder *dec, const json_t *o, const char *key, const char *key_hex,
		    uint32_t bit, size_t room, struct sca_record *rec, struct sca_str *to,
		    struct sca_err *err)
{
	struct sca_str hex = {NULL, 0};
	int r = get_str(o, key, to, err);

	if (r == 0)
		r = get_str(o, key_hex, &hex, err);
	if (r < 0)
		return r;
	if (hex.n) {
		r = decoder_hex(dec, hex, room, to);
		if (r < 0)
			return r == -ENOMEM ? sca_fail(err, r, "no memory for a name")
					    : wrong(err, key_hex, "an even number of hex digits");
	}
	if (to->p)
		rec->have |= bit;
	return 0;
}

static int get_names(const json_t *o, const char *key, struct sca_str *to, unsigned *n,
		     struct sca_err *err)
{
	const json_t *v = json_object_get(o, key), *e;
	size_t i;

	if (v && !json_is_array(v))
		return wrong(err, key, "an array");
	json_array_foreach(v, i, e) {
		if (!json_is_string(e))
			return wrong(err, key, "an array of strings");
		if (i < SCA_RECORD_NAMES_MAX)
			to[(*n)++] = str_of(e);
	}
	return 0;
}

/* An argument that is not known is null. */
static int get_args(const json_t *o, struct sca_record *rec, struct sca_err *err)
{
	const json_t *v = json_object_get(o, "args"), *e;
	size_t i;

	if (v && (!json_is_array(v) || json_array_size(v) > ARRAY_SIZE(rec->args)))
		return wrong(err, "args", "an array of at most six");
	json_array_foreach(v, i, e) {
		if (json_is_null(e))
			continue;
		if (!json_is_string(e) || str_any64(str_of(e), &rec->args[i]) < 0)
			return wrong(err, "args", "an array of numbers behind 0x");
		rec->args_known |= 1u << i;
	}
	return 0;
}

static int get_container(const json_t *o, struct sca_container_ref *ref, struct sca_err *err)
{
	const json_t *c = json_object_get(o, "container");
	const struct {
		const char *key;
		struct sca_str *to;
	} rows[] = {
		{"id", &ref->id},         {"engine", &ref->engine}, {"name", &ref->name},
		{"image", &ref->image},   {"pod", &ref->pod},       {"namespace", &ref->ns},
		{"pod_uid", &ref->pod_uid}, {"unit", &ref->unit},   {"via", &ref->via},
		{"sure", &ref->sure},
	};

	if (!c)
		return 0;
	if (!json_is_object(c))
		return wrong(err, "container", "an object");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = get_str(c, rows[i].key, rows[i].to, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int number_of_name(struct sca_decoder *dec, struct sca_str name, struct sca_record *rec,
			  struct sca_err *err)
{
	int r;

	if (!(rec->have & SCA_F_ARCH))
		return sca_fail(err, SCA_E_INCOMPLETE, "event names a syscall but no arch");
	if (!dec->names) {
		r = sca_names_new(&dec->names, err);
		if (r < 0)
			return r;
	}
	if (sca_syscall_number(dec->names, rec->arch, name, &rec->nr) < 0)
		return sca_fail(err, SCA_E_INCOMPLETE, "event's syscall has no number that is known");
	rec->have |= SCA_F_NR;
	return 0;
}

/* An architecture that no table has stands there as the record's token, 0xdeadbeef. */
static bool read_token(struct sca_str s, uint32_t *ret)
{
	uint64_t v;

	if (!str_starts(s, SCA_STR("0x")) || str_any64(s, &v) < 0 || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static int get_call(struct sca_decoder *dec, const json_t *o, struct sca_record *rec,
		    struct sca_err *err)
{
	struct sca_str arch = {NULL, 0}, name = {NULL, 0}, from = {NULL, 0};
	bool have;
	int64_t nr;
	int r = get_str(o, "arch", &arch, err);

	if (r == 0)
		r = get_str(o, "arch_from", &from, err);
	if (r == 0)
		r = get_str(o, "syscall", &name, err);
	if (r == 0)
		r = get_int(o, "nr", INT32_MIN, INT32_MAX, &have, &nr, err);
	if (r < 0)
		return r;
	if (arch.p) {
		if (sca_arch_parse(arch, &rec->arch) < 0 && !read_token(arch, &rec->arch))
			return wrong(err, "arch", "an architecture we know");
		rec->have |= SCA_F_ARCH;
		rec->arch_given = str_is(from, "option");
	}
	if (have) {
		rec->nr = (int32_t)nr;
		rec->have |= SCA_F_NR;
		return 0;
	}
	if (!name.p)
		return sca_fail(err, SCA_E_INCOMPLETE, "event has no syscall");
	return number_of_name(dec, name, rec, err);
}

/* The action decides and the code must agree: a report line of strict mode has code 0 and no
 * signal to tell it from kill_thread. */
static int get_action(const json_t *o, struct sca_record *rec, struct sca_err *err)
{
	struct sca_str name = {NULL, 0};
	uint64_t code = 0;
	bool have;
	int r = get_hex(o, "code", UINT32_MAX, &have, &code, err);

	if (r == 0)
		r = get_str(o, "action", &name, err);
	if (r < 0)
		return r;
	if (have) {
		rec->code = (uint32_t)code;
		rec->have |= SCA_F_CODE;
		rec->action = sca_action_from_code(rec->code, rec->sig);
	}
	if (!name.p && !have)
		return sca_fail(err, SCA_E_INCOMPLETE, "event has neither action nor code");
	if (name.p && str_is(name, "unknown")) {
		rec->action = SCA_ACT_UNKNOWN;
	} else if (name.p) {
		if (sca_action_parse(name, &rec->action) < 0)
			return wrong(err, "action", "an action");
		if (have && sca_action_code(rec->action) != (rec->code & 0xffff0000u))
			return sca_fail(err, SCA_E_SYNTAX, "event's action and code contradict");
	}
	if (rec->action == SCA_ACT_ALLOW)
		return wrong(err, "action", "one that is recorded");
	rec->denied = sca_action_denies(rec->action);
	return 0;
}

static int get_stamps(const json_t *o, struct sca_record *rec, struct sca_err *err)
{
	bool have;
	int r = get_time(o, "time", &have, &rec->time_ms, err);

	if (r == 0 && have)
		rec->have |= SCA_F_TIME;
	if (r == 0)
		r = get_time(o, "first", &have, &rec->first_ms, err);
	if (r == 0)
		r = get_time(o, "last", &have, &rec->last_ms, err);
	return r;
}

static int get_texts(struct sca_decoder *dec, const json_t *o, size_t room, struct sca_record *rec,
		     struct sca_err *err)
{
	int r = get_str(o, "node", &rec->node, err);

	if (r == 0)
		r = get_str(o, "subj", &rec->subj, err);
	if (r == 0)
		r = get_name(dec, o, "comm", "comm_hex", SCA_F_COMM, room, rec, &rec->comm, err);
	if (r == 0)
		r = get_name(dec, o, "exe", "exe_hex", SCA_F_EXE, room, rec, &rec->exe, err);
	if (r == 0)
		r = get_names(o, "comms", rec->comms, &rec->n_comms, err);
	if (r == 0)
		r = get_names(o, "exes", rec->exes, &rec->n_exes, err);
	if (rec->node.p)
		rec->have |= SCA_F_NODE;
	if (rec->subj.p)
		rec->have |= SCA_F_SUBJ;
	return r;
}

static int fill(struct sca_decoder *dec, const json_t *o, size_t room, struct sca_record *rec,
		struct sca_err *err)
{
	struct sca_str kind = {NULL, 0};
	bool have;
	int64_t version;
	int r;

	if (!json_is_object(o))
		return sca_fail(err, SCA_E_SYNTAX, "event is not an object");
	r = get_int(o, "v", INT64_MIN, INT64_MAX, &have, &version, err);
	if (r < 0)
		return r;
	if (!have || version != EVENT_VERSION)
		return sca_fail(err, SCA_E_SYNTAX, "event's version is not %d", EVENT_VERSION);
	r = get_str(o, "kind", &kind, err);
	if (r == 0 && kind.p && !str_is(kind, "denial"))
		return wrong(err, "kind", "one that tells of a call");
	if (r == 0)
		r = get_numbers(o, rec, err);
	if (r == 0)
		r = get_stamps(o, rec, err);
	if (r == 0)
		r = get_call(dec, o, rec, err);
	if (r == 0)
		r = get_action(o, rec, err);
	if (r == 0)
		r = get_texts(dec, o, room, rec, err);
	if (r == 0)
		r = get_hex(o, "ip", UINT64_MAX, &have, &rec->ip, err);
	if (r == 0 && have)
		rec->have |= SCA_F_IP;
	if (r == 0)
		r = get_args(o, rec, err);
	if (r == 0)
		r = get_container(o, &rec->container, err);
	return r;
}

int record_decode_event(struct sca_decoder *dec, struct sca_str body, struct sca_record *rec,
			struct sca_err *err)
{
	json_error_t why;

	json_decref(dec->event);
	dec->event = json_loadb(body.n ? body.p : "", body.n, JSON_ALLOW_NUL, &why);
	if (!dec->event) {
		if (json_error_code(&why) == json_error_out_of_memory)
			return sca_fail(err, -ENOMEM, "no memory for an event");
		return sca_fail(err, SCA_E_SYNTAX, "event is not JSON: %s", why.text);
	}
	return fill(dec, dec->event, body.n, rec, err);
}
