/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a field of the event is called in each dialect. The nested dialects write the rows in
 * this order, so rows with a common path stand together.
 *
 * comm is the name of a thread that the thread may choose: ECS and OCSF have the process's
 * name for it, as other agents do; OpenTelemetry says that process.executable.name is taken
 * from the program's path, so there it is thread.name. CEF's dvcpid is the process that
 * reports, which is not this one: the caller is the source (spid, sproc, suid). A loss is no
 * event that came often: CEF's cnt and OCSF's count are not for how many records it was. GELF's
 * _message would collide with what Graylog makes of short_message.
 */
#include "render/dialect.h"

static bool constant(struct value *v, const char *word)
{
	*v = (struct value){.kind = VALUE_WORD, .s = span_z(word)};
	return true;
}

/* OCSF wants a file's name and kind beside its path. */
static bool get_exe_name(const struct event *ev, struct value *v)
{
	struct sca_str s = ev->rec->exe;
	const char *slash = s.n ? memrchr(s.p, '/', s.n) : NULL;

	if (!(ev->rec->have & SCA_F_EXE))
		return false;
	if (slash)
		s = span_skip(s, (size_t)(slash + 1 - s.p));
	*v = (struct value){.kind = VALUE_TEXT, .s = s};
	return true;
}

static bool get_exe_type(const struct event *ev, struct value *v)
{
	*v = (struct value){.kind = VALUE_NUMBER, .u = 1}; /* Regular File */
	return ev->rec->have & SCA_F_EXE;
}

static bool get_orchestrator(const struct event *ev, struct value *v)
{
	return ev->rec->container.pod.n && constant(v, "kubernetes");
}

static bool get_resource_type(const struct event *ev, struct value *v)
{
	return ev->rec->container.pod.n && constant(v, "pod");
}

#define NAME(field, ecs, ocsf, otlp, cef, syslog, gelf, journald) \
	{field, NULL, {ecs, ocsf, otlp, cef, syslog, gelf, journald}, false}
#define KEYWORD(field, ecs, ocsf, otlp, cef, syslog, gelf, journald) \
	{field, NULL, {ecs, ocsf, otlp, cef, syslog, gelf, journald}, true}
#define ONLY(get, as, name) {NULL, get, {[as] = name}, false}

struct naming namings[] = {
	NAME("node", "host.name", NULL, NULL, "dvchost", "node", NULL, "SCAUDIT_NODE"),
	NAME("time", NULL, NULL, NULL, NULL, "time", NULL, "SCAUDIT_TIME"),
	NAME("serial", NULL, NULL, "scaudit.serial", "scauditSerial", "serial", "_serial",
	     "SCAUDIT_SERIAL"),
	NAME("kind", NULL, NULL, "scaudit.kind", NULL, "kind", "_kind", "SCAUDIT_KIND"),
	NAME("action", NULL, NULL, "scaudit.action", "act", "action", "_action",
	     "SCAUDIT_ACTION"),
	NAME("pid", "process.pid", "process.pid", "process.pid", "spid", "pid", "_pid",
	     "SCAUDIT_PID"),
	NAME("comm", "process.name", "process.name", "thread.name", "sproc", "comm", "_comm",
	     "SCAUDIT_COMM"),
	NAME("exe", "process.executable", "process.file.path", "process.executable.path",
	     "filePath", "exe", "_exe", "SCAUDIT_EXE"),
	ONLY(get_exe_name, AS_OCSF, "process.file.name"),
	ONLY(get_exe_type, AS_OCSF, "process.file.type_id"),
	KEYWORD("uid", "process.user.id", "process.user.uid", "process.real_user.id", "suid",
		"uid", "_uid", "SCAUDIT_UID"),
	KEYWORD("gid", "process.group.id", "process.user.groups[].uid",
		"process.real_group.id", "scauditGid", "gid", "_gid", "SCAUDIT_GID"),
	NAME("container.id", "container.id", "process.container.uid", "container.id",
	     "cs1 containerId", "container.id", "_container_id", "CONTAINER_ID_FULL"),
	NAME("container.name", "container.name", "process.container.name", "container.name",
	     "cs4 containerName", "container.name", "_container_name", "CONTAINER_NAME"),
	NAME("container.image", "container.image.name", "process.container.image.name",
	     "container.image.name", "cs5 containerImage", "container.image",
	     "_container_image", "IMAGE_NAME"),
	NAME("container.engine", "container.runtime", "process.container.runtime",
	     "container.runtime.name", "scauditEngine", "container.engine",
	     "_container_engine", "SCAUDIT_ENGINE"),
	NAME("container.pod_uid", "orchestrator.resource.id", "process.container.pod_uuid",
	     "k8s.pod.uid", "scauditPodUid", "container.pod_uid", "_pod_uid", "K8S_POD_UID"),
	NAME("container.pod", "orchestrator.resource.name", "unmapped.pod", "k8s.pod.name",
	     "scauditPod", "container.pod", "_pod", "K8S_POD_NAME"),
	ONLY(get_resource_type, AS_ECS, "orchestrator.resource.type"),
	ONLY(get_orchestrator, AS_ECS, "orchestrator.type"),
	ONLY(get_orchestrator, AS_OCSF, "process.container.orchestrator"),
	NAME("container.namespace", "orchestrator.namespace", "unmapped.namespace",
	     "k8s.namespace.name", "cs6 namespace", "container.namespace", "_namespace",
	     "K8S_NAMESPACE_NAME"),
	NAME("reason", NULL, "status_detail", "scaudit.loss.reason", "reason", "reason",
	     "_reason", "SCAUDIT_LOSS_REASON"),
	NAME("message", "scaudit.loss.message", "raw_data", "scaudit.loss.message",
	     "scauditLossMessage", "message", "_loss_message", "SCAUDIT_LOSS_MESSAGE"),
	NAME("lost", "scaudit.loss.lost", "unmapped.lost", "scaudit.loss.lost", "cn2 lost",
	     "lost", "_lost", "SCAUDIT_LOST"),
	NAME("syscall", "scaudit.syscall.name", "unmapped.syscall.name",
	     "scaudit.syscall.name", "cs2 syscall", "syscall", "_syscall", "SCAUDIT_SYSCALL"),
	NAME("nr", "scaudit.syscall.nr", "unmapped.syscall.nr", "scaudit.syscall.nr",
	     "cn1 syscallNumber", "nr", "_nr", "SCAUDIT_NR"),
	NAME("arch", "scaudit.syscall.arch", "unmapped.syscall.arch", "scaudit.syscall.arch",
	     "cs3 arch", "arch", "_arch", "SCAUDIT_ARCH"),
	NAME("arch_from", "scaudit.syscall.arch_from", "unmapped.syscall.arch_from",
	     "scaudit.syscall.arch_from", "scauditArchFrom", "arch_from", "_arch_from",
	     "SCAUDIT_ARCH_FROM"),
	NAME("args", "scaudit.syscall.args", "unmapped.syscall.args", "scaudit.syscall.args",
	     "scauditArgs", "args", "_args", "SCAUDIT_ARGS"),
	NAME("code", NULL, "unmapped.code", "scaudit.code", "scauditCode", "code", "_code",
	     "SCAUDIT_CODE"),
	NAME("denied", "scaudit.denied", "unmapped.denied", "scaudit.denied", "scauditDenied",
	     "denied", "_denied", "SCAUDIT_DENIED"),
	KEYWORD("auid", "scaudit.auid", "unmapped.auid", "scaudit.auid", "scauditAuid", "auid",
		"_auid", "SCAUDIT_AUID"),
	KEYWORD("ses", "scaudit.ses", "process.session.uid", "scaudit.ses", "scauditSes",
		"ses", "_ses", "SCAUDIT_SES"),
	NAME("subj", "scaudit.subj", "unmapped.subj", "scaudit.subj", "scauditSubj", "subj",
	     "_subj", "SCAUDIT_SUBJ"),
	NAME("sig", "scaudit.sig", "unmapped.sig", "scaudit.sig", "scauditSig", "sig", "_sig",
	     "SCAUDIT_SIG"),
	NAME("ip", "scaudit.ip", "unmapped.ip", "scaudit.ip", "scauditIp", "ip", "_ip",
	     "SCAUDIT_IP"),
	NAME("comm_hex", "scaudit.comm_hex", "unmapped.comm_hex", "scaudit.comm_hex",
	     "scauditCommHex", "comm_hex", "_comm_hex", NULL),
	NAME("exe_hex", "scaudit.exe_hex", "unmapped.exe_hex", "scaudit.exe_hex",
	     "scauditExeHex", "exe_hex", "_exe_hex", NULL),
	NAME("container.unit", "scaudit.unit", "unmapped.unit", "scaudit.unit", "scauditUnit",
	     "container.unit", "_unit", "SCAUDIT_UNIT"),
	NAME("container.via", "scaudit.via", "unmapped.via", "scaudit.via", "scauditVia",
	     "container.via", "_container_via", "SCAUDIT_CONTAINER_VIA"),
	NAME("container.sure", "scaudit.sure", "unmapped.sure", "scaudit.sure", "scauditSure",
	     "container.sure", "_container_sure", "SCAUDIT_CONTAINER_SURE"),
	NAME("container.candidates", "scaudit.candidates", "unmapped.candidates",
	     "scaudit.candidates", "scauditCandidates", "container.candidates",
	     "_container_candidates", "SCAUDIT_CONTAINER_CANDIDATES"),
	NAME("source.kind", "scaudit.source.kind", "unmapped.source.kind",
	     "scaudit.source.kind", "scauditSource", "source.kind", "_source_kind",
	     "SCAUDIT_SOURCE_KIND"),
	NAME("source.file", "scaudit.source.file", "unmapped.source.file",
	     "scaudit.source.file", "scauditFile", "source.file", "_source_file",
	     "SCAUDIT_SOURCE_FILE"),
	NAME("source.line", "scaudit.source.line", "unmapped.source.line",
	     "scaudit.source.line", "scauditLine", "source.line", "_source_line",
	     "SCAUDIT_SOURCE_LINE"),
	NAME("source.trust", "scaudit.source.trust", "unmapped.source.trust",
	     "scaudit.source.trust", "scauditTrust", "source.trust", "_source_trust",
	     "SCAUDIT_SOURCE_TRUST"),
	NAME("count", "scaudit.count", NULL, "scaudit.count", "cnt", "count", "_count",
	     "SCAUDIT_COUNT"),
	NAME("first", "scaudit.first", "unmapped.first", "scaudit.first", "start", "first",
	     "_first", "SCAUDIT_FIRST"),
	NAME("last", "scaudit.last", "unmapped.last", "scaudit.last", "end", "last", "_last",
	     "SCAUDIT_LAST"),
	NAME("comms", "scaudit.comms", "unmapped.comms", "scaudit.comms", "scauditComms",
	     "comms", "_comms", "SCAUDIT_COMMS"),
	NAME("exes", "scaudit.exes", "unmapped.exes", "scaudit.exes", "scauditExes", "exes",
	     "_exes", "SCAUDIT_EXES"),
};
const size_t naming_count = ARRAY_SIZE(namings);

static const struct dialect dialects[] = {
	{FORMAT_ECS, false, ecs_event},       {FORMAT_OCSF, false, ocsf_event},
	{FORMAT_OTLP, false, otlp_event},     {FORMAT_CEF, false, cef_event},
	{FORMAT_GELF, false, gelf_event},     {FORMAT_SYSLOG, false, syslog_event},
	{FORMAT_JOURNALD, true, journald_event},
};

const struct dialect *dialect_find(enum format format)
{
	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++)
		if (dialects[i].format == format)
			return &dialects[i];
	return NULL;
}

void dialect_start(struct dialect_run *run, struct out *o)
{
	*run = (struct dialect_run){.o = o, .message = OUT_MEMORY, .text = OUT_MEMORY};
	for (size_t i = 0; i < naming_count; i++)
		if (namings[i].field)
			namings[i].get = field_find(span_z(namings[i].field))->get;
}

void dialect_event(const struct dialect *d, struct dialect_run *run, const struct event *ev)
{
	d->put(run, ev);
	if (!run->o->error)
		run->o->error = run->message.error ? run->message.error : run->text.error;
}

void dialect_end(struct dialect_run *run)
{
	out_release(&run->message);
	out_release(&run->text);
}
