/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the event's fields, in the order of the NDJSON keys. A field is absent when
 * the record did not say; nothing is made up in its place.
 */
#include "event.h"

void event_init(struct event *ev, const struct sca_record *rec, struct sca_names *names)
{
	*ev = (struct event){
		.rec = rec,
		.summary = rec->first_ms || rec->last_ms || rec->n_comms || rec->n_exes,
	};
	if (!(rec->have & SCA_F_ARCH))
		return;
	ev->arch = sca_arch_name(rec->arch);
	if (rec->have & SCA_F_NR)
		ev->syscall = sca_syscall_name(names, rec->arch, rec->nr);
}

void event_init_denial(struct event *ev, struct sca_record *rec, const struct sca_denial *d,
		       struct sca_names *names)
{
	*rec = (struct sca_record){
		.have = SCA_F_CODE | (d->have_arch ? SCA_F_ARCH : 0) |
			(d->have_nr ? SCA_F_NR : 0),
		.source = SCA_SRC_COUNT, /* of several kinds */
		.trust = d->forgeable ? SCA_TRUST_FORGEABLE : SCA_TRUST_KERNEL,
		.action = d->action,
		.denied = d->denied,
		.code = d->code,
		.arch = d->arch,
		.nr = d->nr,
		.args_known = d->args_known,
		.count = d->count,
		.first_ms = d->have_time ? d->first_ms : 0,
		.last_ms = d->have_time ? d->last_ms : 0,
		.n_comms = d->n_comms,
		.n_exes = d->n_exes,
		.container = d->container,
		.pos = d->pos,
	};
	_Static_assert(SCA_RECORD_NAMES_MAX >= SCA_DENIAL_NAMES_MAX,
		       "a group's names fit a record");
	memcpy(rec->args, d->args, sizeof(rec->args));
	memcpy(rec->comms, d->comms, sizeof(d->comms));
	memcpy(rec->exes, d->exes, sizeof(d->exes));
	event_init(ev, rec, names);
	ev->summary = true;
	ev->more_comms = d->more_comms;
	ev->more_exes = d->more_exes;
}

void event_init_loss(struct event *ev, struct sca_record *rec, const struct sca_frame *frame)
{
	*rec = (struct sca_record){
		.have = (frame->have_time ? SCA_F_TIME : 0) | (frame->node.n ? SCA_F_NODE : 0),
		.source = frame->source,
		.trust = frame->trust,
		.time_ms = frame->time_ms,
		.node = frame->node,
		.action = SCA_ACT_UNKNOWN,
		.count = 1,
		.pos = frame->pos,
	};
	*ev = (struct event){.rec = rec, .loss = frame};
}

static bool text(struct value *v, struct sca_str s)
{
	*v = (struct value){.kind = VALUE_TEXT, .s = s};
	return true;
}

static bool word(struct value *v, const char *z)
{
	*v = (struct value){.kind = VALUE_WORD, .s = span_z(z)};
	return z;
}

/* Bytes that are not UTF-8 can not be seen in the text: they come as hex besides. */
static bool raw_bytes(struct value *v, struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;

	while ((p = ascii_end(p, end)) < end) {
		size_t n;

		utf8_take(p, end, &n);
		if (n == 0) {
			*v = (struct value){.kind = VALUE_RAW, .s = s};
			return true;
		}
		p += n;
	}
	return false;
}

static bool names(struct value *v, const struct sca_str *p, unsigned n)
{
	*v = (struct value){.kind = VALUE_NAMES, .names = p, .n = n};
	return n > 0;
}

/* GET(name, condition, kind, member, expression): a getter. */
#define GET(name, have_, kind_, member, expr)                                          \
	static bool get_##name(const struct event *ev, struct value *v)                \
	{                                                                              \
		const struct sca_record *r = ev->rec;                                  \
                                                                                       \
		if (!(have_))                                                          \
			return false;                                                  \
		*v = (struct value){.kind = kind_, .member = (expr)};                  \
		(void)r;                                                               \
		return true;                                                           \
	}
#define GET_TEXT(name, expr)                                            \
	static bool get_##name(const struct event *ev, struct value *v) \
	{                                                               \
		struct sca_str s = ev->rec->expr;                       \
                                                                        \
		return s.n && text(v, s);                               \
	}

GET(v, true, VALUE_NUMBER, u, 1)
GET(time, r->have & SCA_F_TIME, VALUE_TIME, i, r->time_ms)
GET(serial, r->have & SCA_F_SERIAL, VALUE_NUMBER, u, r->serial)
GET(node, r->have & SCA_F_NODE, VALUE_TEXT, s, r->node)
GET(code, r->have & SCA_F_CODE, VALUE_HEX, u, r->code)
GET(denied, !ev->loss, VALUE_BOOL, u, r->denied)
GET(lost, ev->loss && ev->loss->lost, VALUE_NUMBER, u, ev->loss->lost)
GET(message, ev->loss && ev->loss->body.n, VALUE_TEXT, s, ev->loss->body)
GET(nr, r->have & SCA_F_NR, VALUE_SIGNED, i, r->nr)
GET(pid, r->have & SCA_F_PID, VALUE_NUMBER, u, r->pid)
GET(comm, r->have & SCA_F_COMM, VALUE_TEXT, s, r->comm)
GET(exe, r->have & SCA_F_EXE, VALUE_TEXT, s, r->exe)
GET(uid, r->have & SCA_F_UID, VALUE_NUMBER, u, r->uid)
GET(gid, r->have & SCA_F_GID, VALUE_NUMBER, u, r->gid)
GET(auid, r->have & SCA_F_AUID, VALUE_NUMBER, u, r->auid)
GET(ses, r->have & SCA_F_SES, VALUE_NUMBER, u, r->ses)
GET(subj, r->have & SCA_F_SUBJ, VALUE_TEXT, s, r->subj)
GET(sig, r->have & SCA_F_SIG, VALUE_SIGNED, i, r->sig)
GET(ip, r->have & SCA_F_IP, VALUE_HEX, u, r->ip)
GET(count, !ev->loss, VALUE_NUMBER, u, r->count ? r->count : 1)
GET(first, r->first_ms || r->last_ms, VALUE_TIME, i, r->first_ms)
GET(last, r->first_ms || r->last_ms, VALUE_TIME, i, r->last_ms)
GET(more_comms, ev->more_comms, VALUE_NUMBER, u, ev->more_comms)
GET(more_exes, ev->more_exes, VALUE_NUMBER, u, ev->more_exes)
GET(line, r->pos.line, VALUE_NUMBER, u, r->pos.line)
GET_TEXT(c_id, container.id)
GET_TEXT(c_engine, container.engine)
GET_TEXT(c_name, container.name)
GET_TEXT(c_image, container.image)
GET_TEXT(c_pod, container.pod)
GET_TEXT(c_ns, container.ns)
GET_TEXT(c_pod_uid, container.pod_uid)
GET_TEXT(c_unit, container.unit)
GET_TEXT(c_via, container.via)
GET_TEXT(c_sure, container.sure)
GET_TEXT(c_candidates, container.candidates)

static bool get_kind(const struct event *ev, struct value *v)
{
	return (ev->summary || ev->loss) && word(v, ev->loss ? "loss" : "denial");
}

/* A later version's own loss has a reason that this one does not know. */
static bool get_reason(const struct event *ev, struct value *v)
{
	return ev->loss && ev->loss->loss != SCA_LOSS_NONE &&
	       word(v, sca_loss_name(ev->loss->loss));
}

static bool get_action(const struct event *ev, struct value *v)
{
	return !ev->loss && word(v, sca_action_name(ev->rec->action));
}

static bool get_syscall(const struct event *ev, struct value *v)
{
	return word(v, ev->syscall);
}

/* An architecture without a name keeps its token, so that it is not lost. */
static bool get_arch(const struct event *ev, struct value *v)
{
	if (ev->arch)
		return word(v, ev->arch);
	*v = (struct value){.kind = VALUE_HEX, .u = ev->rec->arch};
	return ev->rec->have & SCA_F_ARCH;
}

static bool get_arch_from(const struct event *ev, struct value *v)
{
	return (ev->rec->have & SCA_F_ARCH) && ev->rec->arch_given && word(v, "option");
}

static bool get_comm_hex(const struct event *ev, struct value *v)
{
	return (ev->rec->have & SCA_F_COMM) && raw_bytes(v, ev->rec->comm);
}

static bool get_exe_hex(const struct event *ev, struct value *v)
{
	return (ev->rec->have & SCA_F_EXE) && raw_bytes(v, ev->rec->exe);
}

static bool get_args(const struct event *ev, struct value *v)
{
	*v = (struct value){
		.kind = VALUE_ARGS, .args = ev->rec->args, .n = ev->rec->args_known & 63};
	return v->n;
}

static bool get_source(const struct event *ev, struct value *v)
{
	return (size_t)ev->rec->source < SCA_SRC_COUNT &&
	       word(v, sca_source_kind_name(ev->rec->source));
}

static bool get_file(const struct event *ev, struct value *v)
{
	return ev->rec->pos.file && text(v, span_z(ev->rec->pos.file));
}

static bool get_trust(const struct event *ev, struct value *v)
{
	return word(v, ev->rec->trust == SCA_TRUST_KERNEL ? "kernel" : "forgeable");
}

static bool get_comms(const struct event *ev, struct value *v)
{
	return names(v, ev->rec->comms, ev->rec->n_comms);
}

static bool get_exes(const struct event *ev, struct value *v)
{
	return names(v, ev->rec->exes, ev->rec->n_exes);
}

static const char group_container[] = "container", group_source[] = "source";

#define KEY(k) ",\"" k "\":", sizeof(k) + 3
#define TOP(name, use, get, help) {NULL, name, KEY(name), use, get, help}
#define IN(group, name, use, get, help) \
	{group_##group, #group "." name, KEY(name), use, get, help}
#define LOG  USE_CSV
#define SUM  USE_REPORT
#define BOTH (USE_CSV | USE_REPORT)
#define NEW  (USE_CSV | USE_LAST)

const struct field event_fields[] = {
	TOP("v", 0, get_v, "version of this format"),
	TOP("kind", NEW, get_kind,
	    "\"denial\" in a report's lines, which stand for many events; \"loss\": records are "
	    "missing"),
	TOP("time", LOG, get_time, "the kernel's stamp, UTC"),
	TOP("serial", LOG, get_serial, "audit serial, per boot and node"),
	TOP("node", LOG, get_node, "host that sent the record"),
	TOP("reason", NEW, get_reason, "of a loss: where the records got lost"),
	TOP("lost", NEW, get_lost, "of a loss: how many, when that is known"),
	TOP("message", NEW, get_message, "of a loss: what said so"),
	TOP("action", BOTH, get_action, "what the kernel did"),
	TOP("code", LOG, get_code, "the record's code"),
	TOP("denied", BOTH, get_denied, "false when the call went through"),
	TOP("syscall", BOTH, get_syscall, "the call's name on its architecture"),
	TOP("nr", BOTH, get_nr, "the call's number; without the x32 bit"),
	TOP("arch", BOTH, get_arch, "architecture, libseccomp's name"),
	TOP("arch_from", LOG, get_arch_from, "\"option\" when --arch said so"),
	TOP("pid", LOG, get_pid, "process, in the host's numbering"),
	TOP("comm", LOG, get_comm, "name of the thread"),
	TOP("comm_hex", 0, get_comm_hex, "its bytes, when they are not UTF-8"),
	TOP("exe", LOG, get_exe, "program, as seen in its container"),
	TOP("exe_hex", 0, get_exe_hex, "its bytes, when they are not UTF-8"),
	TOP("uid", LOG, get_uid, "user, in the host's numbering"),
	TOP("gid", LOG, get_gid, "group"),
	TOP("auid", LOG, get_auid, "login user"),
	TOP("ses", LOG, get_ses, "login session"),
	TOP("subj", LOG, get_subj, "security label"),
	TOP("sig", LOG, get_sig, "signal sent, 0 for none"),
	TOP("ip", LOG, get_ip, "instruction pointer"),
	TOP("args", BOTH, get_args, "the call's arguments, where a source knows them"),
	IN(container, "id", BOTH, get_c_id, "container ID"),
	IN(container, "engine", LOG, get_c_engine, "its engine"),
	IN(container, "name", BOTH, get_c_name, "its name"),
	IN(container, "image", LOG, get_c_image, "its image"),
	IN(container, "pod", BOTH, get_c_pod, "Kubernetes pod"),
	IN(container, "namespace", BOTH, get_c_ns, "the pod's namespace"),
	IN(container, "pod_uid", LOG, get_c_pod_uid, "the pod's UID"),
	IN(container, "unit", BOTH, get_c_unit, "systemd unit"),
	IN(container, "via", LOG, get_c_via, "how the container was found"),
	IN(container, "sure", LOG, get_c_sure, "how sure that is"),
	IN(container, "candidates", 0, get_c_candidates, "which it may have been, when sure says so"),
	IN(source, "kind", LOG, get_source, "form in which the record came"),
	IN(source, "file", LOG, get_file, "its file"),
	IN(source, "line", LOG, get_line, "its line there"),
	IN(source, "trust", BOTH, get_trust,
	   "kernel, or forgeable: anybody may have written it"),
	TOP("count", BOTH, get_count, "events that this line stands for"),
	TOP("first", SUM, get_first, "time of the first"),
	TOP("last", SUM, get_last, "time of the last"),
	TOP("comms", SUM, get_comms, "names of the threads"),
	TOP("exes", SUM, get_exes, "programs"),
	TOP("more_comms", SUM, get_more_comms, "events whose thread is none of those"),
	TOP("more_exes", SUM, get_more_exes, "events whose program is none of those"),
};
const size_t event_field_count = ARRAY_SIZE(event_fields);

const struct field *field_find(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(event_fields); i++)
		if (span_is(name, event_fields[i].name))
			return &event_fields[i];
	return NULL;
}
