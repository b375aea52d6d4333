/* SPDX-License-Identifier: Apache-2.0 */
/* The verb table: what each verb takes, how it writes, what its help says. */
#include "cli.h"

static const struct argp *const suggest_groups[] = {
	&evidence_group, &filter_group, &target_group, &suggest_group,
	&output_group,   &judge_group,  NULL,
};
static const struct argp *const event_groups[] = {
	&evidence_group, &filter_group, &output_group, &judge_group, NULL,
};
static const struct argp *const log_groups[] = {
	&evidence_group, &live_group, &filter_group, &output_group, &judge_group, NULL,
};
static const struct argp *const doctor_groups[] = {
	&chosen_group, &doctor_group, &target_group, &output_group, NULL,
};
static const struct argp *const output_groups[] = {&output_group, NULL};
static const struct argp *const explain_groups[] = {
	&explain_group, &evidence_group, &target_group, &output_group, &judge_group, NULL,
};
static const struct argp *const check_groups[] = {
	&chosen_group, &target_group, &check_group, &output_group, NULL,
};

static const struct argp *const replay_groups[] = {
	&evidence_group, &filter_group, &target_group, &replay_group,
	&output_group,   &judge_group,  NULL,
};
static const struct argp *const complain_groups[] = {
	&target_group, &complain_group, &output_group, NULL,
};
static const struct argp *const enforce_groups[] = {&enforce_group, &output_group, NULL};
static const struct argp *const diff_groups[] = {
	&target_group, &diff_group, &output_group, NULL,
};

static const struct format_row suggest_formats[] = {
	{FORMAT_PATCH, "JSON Patch (RFC 6902)"},
	{FORMAT_DIFF, "unified diff"},
	{FORMAT_PROFILE, "the patched profile"},
	{FORMAT_JSON, "one document with findings, patch and proof"},
	{FORMAT_SARIF, "SARIF 2.1.0"},
	{FORMAT_MINIJAIL, "the patched profile as a policy of minijail"},
	{FORMAT_SYSTEMD, "the same as SystemCallFilter= and its like"},
	{0},
};
static const struct format_row log_formats[] = {
	{FORMAT_TABLE, "columns; the default on a terminal"},
	{FORMAT_NDJSON, "one JSON object per event; the default elsewhere"},
	{FORMAT_CSV, "RFC 4180"},
	{FORMAT_ECS, "Elastic Common Schema 8, one object per line"},
	{FORMAT_OCSF, "OCSF 1.x, one object per line: denials are Detection Findings, logged "
		      "calls are Kernel Activity"},
	{FORMAT_OTLP, "OpenTelemetry logs, one OTLP/JSON object per line"},
	{FORMAT_CEF, "ArcSight's Common Event Format, without a syslog header"},
	{FORMAT_GELF, "Graylog's GELF 1.1, one object per line"},
	{FORMAT_SYSLOG, "RFC 5424 with structured data"},
	{FORMAT_JOURNALD, "the journal's export format; not for a terminal"},
	{FORMAT_PROMETHEUS, "with -f and -o FILE: counters, as node_exporter's textfile "
			    "collector takes them"},
	{0},
};
static const struct format_row report_formats[] = {
	{FORMAT_TABLE, "columns"},
	{FORMAT_JSON, "one document"},
	{FORMAT_NDJSON, "one JSON object per group, which --from reads again"},
	{FORMAT_CSV, "RFC 4180"},
	{FORMAT_PROMETHEUS, "counters, as node_exporter's textfile collector takes them"},
	{0},
};
static const struct format_row resolve_formats[] = {
	{FORMAT_TEXT, "for reading"},
	{FORMAT_JSON, "one document"},
	{0},
};
static const struct format_row doctor_formats[] = {
	{FORMAT_TEXT, "for reading"},
	{FORMAT_JSON, "one document"},
	{0},
};
static const struct format_row help_formats[] = {
	{FORMAT_TEXT, "for reading"},
	{FORMAT_MAN, "a manual page"},
	{FORMAT_BASH, "completion for bash"},
	{0},
};

static const struct format_row explain_formats[] = {
	{FORMAT_TEXT, "for reading"},
	{FORMAT_JSON, "one document; with --calls one JSON object per line in any case"},
	{0},
};
static const struct format_row check_formats[] = {
	{FORMAT_TEXT, "as compilers write: FILE:LINE:COLUMN: SEVERITY: TEXT [ID]"},
	{FORMAT_JSON, "one document"},
	{FORMAT_SARIF, "SARIF 2.1.0"},
	{FORMAT_JUNIT, "JUnit XML"},
	{0},
};

static const struct format_row replay_formats[] = {
	{FORMAT_TABLE, "for reading"},
	{FORMAT_JSON, "one document"},
	{FORMAT_NDJSON, "one JSON object per group, which --baseline and --from read"},
	{0},
};
static const struct format_row complain_formats[] = {
	{FORMAT_PROFILE, "the twin"},
	{FORMAT_PATCH, "JSON Patch (RFC 6902)"},
	{FORMAT_DIFF, "unified diff"},
	{FORMAT_JSON, "one document with what it lets through, and the patch"},
	{0},
};
static const struct format_row enforce_formats[] = {
	{FORMAT_PROFILE, "the profile as it was"},
	{FORMAT_DIFF, "unified diff"},
	{0},
};
static const struct format_row diff_formats[] = {
	{FORMAT_TEXT, "for reading"},
	{FORMAT_JSON, "one document"},
	{FORMAT_MARKDOWN, "for a pull request"},
	{0},
};

static const struct example suggest_examples[] = {
	{"scaudit suggest profile.json /var/log/audit/audit.log", "the patch, and why"},
	{"scaudit suggest profile.json --since yesterday --format diff",
	 "as a diff, for a review"},
	{"scaudit suggest --container web", "the container's own profile and denials"},
	{"scaudit suggest profile.json audit.log --in-place",
	 "change the profile, keep profile.json.orig"},
	{"scaudit suggest profile.json audit.log --exit-code --strict -q", "a gate in CI"},
	{"scaudit suggest --new trace.txt -o profile.json",
	 "a profile from nothing, by strace -f -o trace.txt PROGRAM"},
	{"scaudit suggest --unused profile.json trace.txt", "what could be taken out of it"},
	{0},
};
static const struct example log_examples[] = {
	{"scaudit log --since '1h' --action kill_process", "who was killed in the last hour"},
	{"dmesg | scaudit log -", "from the kernel's own buffer"},
	{"scaudit log audit.log --match comm=^nginx | jq .syscall", "events as JSON"},
	{0},
};
static const struct example tail_examples[] = {
	{"scaudit tail", "denials on this host as they happen"},
	{"scaudit tail --container web --action kill_process,errno", "of one container"},
	{"scaudit tail --state /var/lib/scaudit/state --format ecs -o /var/log/scaudit.json",
	 "for a log shipper; goes on where it was after a restart"},
	{"scaudit tail --to syslog:unix:/dev/log --window 10s",
	 "to the syslog daemon, repeats counted"},
	{0},
};
static const struct example report_examples[] = {
	{"scaudit report", "this host's denials"},
	{"scaudit report audit.log* --format csv -o denials.csv", "for a spreadsheet"},
	{"scaudit report node1.ndjson node2.ndjson",
	 "several hosts' reports or events, joined"},
	{0},
};
static const struct example resolve_examples[] = {
	{"scaudit resolve clone3", "its number everywhere, and what is known about it"},
	{"scaudit resolve 39 x86", "what 32-bit programs mean by 39"},
	{0},
};
static const struct example explain_examples[] = {
	{"scaudit explain profile.json mkdir clone:0x10000000", "two calls, one with an argument"},
	{"scaudit explain profile.json --event audit.log", "the calls that were denied"},
	{"scaudit log --container web --format ndjson | scaudit explain profile.json --event -",
	 "those of one container"},
	{"scaudit explain profile.json --calls calls.txt | jq -r .verdict", "many calls"},
	{"scaudit explain profile.json --pid 4711",
	 "whether a container's filter is what this profile makes"},
	{"scaudit explain --container web mount", "under the container's own profile"},
	{0},
};
static const struct example diff_examples[] = {
	{"scaudit diff old.json new.json", "what changes under Docker"},
	{"scaudit diff old.json new.json --all-targets", "and everywhere else"},
	{"scaudit diff old.json new.json --fail-on opened,refused -q", "a gate in CI"},
	{"scaudit diff old.json new.json --format markdown", "as a comment to a pull request"},
	{0},
};
static const struct example replay_examples[] = {
	{"scaudit replay profile.json /var/log/audit/audit.log", "what it still denies"},
	{"scaudit replay profile.json audit.log --exit-code -q", "a gate in CI"},
	{"scaudit replay profile.json audit.log --format ndjson -o known.ndjson",
	 "what is known to be denied"},
	{"scaudit replay profile.json new.log --baseline known.ndjson --exit-code",
	 "and what is worse than that"},
	{0},
};
static const struct example complain_examples[] = {
	{"scaudit complain profile.json -o twin.json --undo profile.undo",
	 "for a test run; the way back is kept"},
	{"scaudit complain profile.json --by log --runtime crun:1.14",
	 "let all go through, and record it"},
	{"scaudit complain profile.json --in-place", "enforce profile.json takes it back"},
	{0},
};
static const struct example enforce_examples[] = {
	{"scaudit enforce twin.json --undo profile.undo >profile.json", "the way back"},
	{"scaudit enforce profile.json --in-place", "after complain --in-place"},
	{0},
};
static const struct example doctor_examples[] = {
	{"scaudit doctor", "what this host logs, and what it hides"},
	{"scaudit doctor profile.json --runtime crun",
	 "which denials of a profile leave no record"},
	{"scaudit doctor --container web", "the same of a container's own profile"},
	{0},
};
static const struct example help_examples[] = {
	{"scaudit help suggest", ""},
	{"scaudit help --format bash >/etc/bash_completion.d/scaudit", ""},
	{0},
};

static const struct example check_examples[] = {
	{"scaudit check profile.json", "for every loader"},
	{"scaudit check profile.json --frontend cri --fail-on warning -q", "a gate in CI"},
	{"scaudit check profiles/*.json --ignore known.txt --format sarif -o check.sarif",
	 "for a code review"},
	{"scaudit check --container web", "the container's own profile, for its runtime"},
	{0},
};

const struct verb verbs[] = {
	{
		.name = "suggest",
		.args = "[PROFILE [SOURCE...]]",
		.profiles = 1,
		.summary =
			"the smallest patch of a profile that ends the recorded denials, "
			"proved",
		.about =
			"Reads what was denied, finds what in PROFILE decided it, and writes "
			"the smallest change that opens exactly those calls. The change is "
			"offered only after the old and the new profile were compiled as the "
			"target's runtime compiles them and compared over every architecture "
			"and call.\n"
			"With one --container, its engine's files tell the target; without "
			"PROFILE also the profile in force.\n"
			"PROFILE may also be a SeccompProfile of the Security Profiles Operator "
			"(YAML or JSON), a container's config.json, or what docker inspect "
			"prints: the profile is read, and but for the last changed, where it "
			"stands.\n"
			"Some denials are better answered otherwise: with a capability, with "
			"ENOSYS, or not at all. Dangerous calls are held back until they are "
			"named. The patch goes to standard output, the reasons to standard "
			"error.\n"
			"A trace (strace, perf, sysdig, Falco) or a list of names tells which calls "
			"were made: those that PROFILE would deny are treated as denials. --new "
			"makes a profile of them, --unused reports what PROFILE allows and nothing calls.",
		.groups = suggest_groups,
		.formats = suggest_formats,
		.examples = suggest_examples,
		.run = verb_suggest,
	},
	{
		.name = "log",
		.args = "[SOURCE...]",
		.summary = "one event per SECCOMP record",
		.about =
			"Reads logs in any form in which SECCOMP records come, names each "
			"call from its own architecture, and writes one event per record: "
			"columns on a terminal, NDJSON elsewhere. An event that came by "
			"several ways is written once. Several sources are merged by time.",
		.groups = log_groups,
		.formats = log_formats,
		.examples = log_examples,
		.run = verb_log,
	},
	{
		.name = "tail",
		.args = "[SOURCE...]",
		.summary = "log --follow",
		.about =
			"What log -f does: first the last events, then each new one as it comes, "
			"until SIGINT or SIGTERM. SIGHUP reopens the output file. What it does not need "
			"from then on it gives up first: capabilities, files, system calls.",
		.groups = log_groups,
		.formats = log_formats,
		.examples = tail_examples,
		.run = verb_tail,
	},
	{
		.name = "report",
		.args = "[SOURCE...]",
		.summary = "denials grouped and counted",
		.about =
			"Groups events by container, call, architecture and action, and "
			"shows how often, when first and last, and by whom.",
		.groups = event_groups,
		.formats = report_formats,
		.examples = report_examples,
		.run = verb_report,
	},
	{
		.name = "explain",
		.args = "[PROFILE] [CALL...]",
		.profiles = 1,
		.summary = "why a call gets its verdict, and what would open it",
		.about =
			"Compiles PROFILE as the target's runtime does, asks the filter about "
			"each CALL, and shows what decided: the rule, the default action, an "
			"architecture that the filter lacks, or runc's ENOSYS stub; every place "
			"that names the call, and why those that do not count do not; what would "
			"open it, and what each way opens besides. Of a call that is allowed it "
			"says what else can refuse it. Without CALL it sums the profile up.\n"
			"A CALL is [ARCH:]NAME-OR-NUMBER[:A0[:A1...]]: arguments are hexadecimal "
			"behind 0x or decimal, ? or nothing for an unknown one.\n"
			"With --pid PROFILE may be left out: then the filters that the process "
			"holds answer alone. Their verdict is the strictest of all. With "
			"--exit-code 1 means that a call is denied, or that the filters differ.\n"
			"With --container its engine's files tell the target; without PROFILE "
			"also the profile in force. With --event a first argument is PROFILE, "
			"so sources stand behind --from.",
		.groups = explain_groups,
		.formats = explain_formats,
		.examples = explain_examples,
		.run = verb_explain,
	},
	{
		.name = "check",
		.args = "[PROFILE...]",
		.profiles = UINT_MAX,
		.summary = "what is wrong with a profile",
		.about =
			"Looks for what a profile says and its author can hardly mean: names "
			"that no call has, rules that never decide, conditions that can be got "
			"around, calls without which nothing starts, and what a loader refuses. "
			"What a profile does is measured on the filter that the target's runtime "
			"makes of it.\n"
			"Without --frontend and --runtime, every front end and runtime is asked "
			"whether it would take the profile. With --container that is its own; "
			"without PROFILE its profile in force is checked.",
		.groups = check_groups,
		.formats = check_formats,
		.examples = check_examples,
		.run = verb_check,
	},
	{
		.name = "diff",
		.args = "OLD NEW",
		.profiles = 2,
		.summary = "how two profiles differ, by verdict and not by text",
		.about =
			"Compiles both profiles as the target's runtime does and compares them "
			"over every architecture, call and argument: which calls are opened, "
			"which are closed, which are refused with another errno or action. "
			"Dangerous calls that are opened stand first.\n"
			"The same text means different things to different front ends and "
			"runtimes: --all-targets looks at all of them. A profile that one of "
			"them refuses to load is part of the answer.",
		.groups = diff_groups,
		.formats = diff_formats,
		.examples = diff_examples,
		.run = verb_diff,
	},
	{
		.name = "replay",
		.args = "PROFILE [SOURCE...]",
		.profiles = 1,
		.summary = "which recorded denials a profile still denies, and what it would break",
		.about =
			"Asks the profile, compiled as the target's runtime does, about every "
			"recorded call: denied still, ended, depending on arguments that the "
			"record lacks; and of calls that went through and were logged, which "
			"it would break. So a profile made from a log can be tested on the "
			"next log before it is put into force.",
		.groups = replay_groups,
		.formats = replay_formats,
		.examples = replay_examples,
		.run = verb_replay,
	},
	{
		.name = "complain",
		.args = "PROFILE",
		.profiles = 1,
		.summary = "the logging twin of a profile: each denial leaves a record",
		.about =
			"Most denials leave no record. The twin is PROFILE with the fewest "
			"changes after which each of them does: the log flag where the target's "
			"runtime takes it, under which nothing goes through; otherwise denying "
			"actions become LOG. --by log has that in any case: then programs go on "
			"where they were denied a call, and one test run shows all that they "
			"need. What the twin lets through is found by comparing both programs "
			"and said, dangerous calls first.\n"
			"The twin goes to standard output; --undo FILE keeps the way back, which "
			"enforce takes byte for byte.",
		.groups = complain_groups,
		.formats = complain_formats,
		.examples = complain_examples,
		.run = verb_complain,
	},
	{
		.name = "enforce",
		.args = "PROFILE",
		.profiles = 1,
		.summary = "the way back from a logging twin, byte for byte",
		.about =
			"Restores the profile that complain made PROFILE from. An undo is taken "
			"only by the very twin that it was made for; one that was edited since "
			"is left alone.",
		.groups = enforce_groups,
		.formats = enforce_formats,
		.examples = enforce_examples,
		.run = verb_enforce,
	},
	{
		.name = "doctor",
		.args = "[PROFILE]",
		.profiles = 1,
		.summary =
			"what this host logs, what it hides, and the least change that shows it",
		.about =
			"Looks at the kernel, its audit, who takes the records, the runtimes and what "
			"this user may read. Each finding that hides something ends with the commands "
			"that show it and those that take them back. Nothing is changed.\n"
			"With a PROFILE or a container also the map of its blind spots: which calls "
			"are denied without a record, denied and logged, allowed and logged, allowed. "
			"The version of the runtime is the installed one unless told otherwise.",
		.groups = doctor_groups,
		.formats = doctor_formats,
		.examples = doctor_examples,
		.run = verb_doctor,
	},
	{
		.name = "resolve",
		.args = "NAME|NUMBER... [ARCH...]",
		.summary =
			"name and number of a call on every architecture, and what is known "
			"of it",
		.about = "A word that names an architecture restricts the answer to it.",
		.groups = output_groups,
		.formats = resolve_formats,
		.examples = resolve_examples,
		.run = verb_resolve,
	},
	{
		.name = "help",
		.args = "[VERB]",
		.summary = "help, a manual page, or completion for bash",
		.about =
			"All three are made from the tables that the program itself works "
			"with.",
		.groups = output_groups,
		.formats = help_formats,
		.examples = help_examples,
		.run = verb_help,
	},
	{
		.name = "version",
		.args = "",
		.summary = "the version",
		.about = "",
		.run = verb_version,
	},
};
const size_t verb_count = ARRAY_SIZE(verbs);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < verb_count; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int verb_unknown(struct sca_err *err, const char *name)
{
	const char *names[ARRAY_SIZE(verbs)], *near;

	for (size_t i = 0; i < verb_count; i++)
		names[i] = verbs[i].name;
	near = nearest(name, names, verb_count);
	if (near)
		return sca_fail(err, SCA_E_UNKNOWN, "there is no verb %s; did you mean %s?", name,
				near);
	return sca_fail(err, SCA_E_UNKNOWN, "there is no verb %s; 'scaudit help' lists them",
			name);
}
