/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb table, and the one place where errors are printed and become exit codes.
 */
#include <locale.h>
#include <signal.h>

#include "cli.h"
#include "render/document.h"

const struct exit_row exit_rows[] = {
	{EXIT_DONE, NULL, "done"},
	{EXIT_FOUND, &judge_group,
	 "with --exit-code: changes are suggested, or denials were found"},
	{EXIT_ERROR, NULL, "the command or its input was wrong, or a result could not be written"},
	{EXIT_OPEN, &suggest_group, "with --exit-code: some denials stay, nothing in the patch ends them"},
	{EXIT_INCOMPLETE, &judge_group, "with --strict: the evidence is not complete"},
};
const size_t exit_row_count = ARRAY_SIZE(exit_rows);

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
static const struct argp *const output_groups[] = {&output_group, NULL};

static const struct format_row suggest_formats[] = {
	{FORMAT_PATCH, "JSON Patch (RFC 6902)"},
	{FORMAT_DIFF, "unified diff"},
	{FORMAT_PROFILE, "the patched profile"},
	{FORMAT_JSON, "one document with findings, patch and proof"},
	{FORMAT_SARIF, "SARIF 2.1.0"},
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
static const struct format_row help_formats[] = {
	{FORMAT_TEXT, "for reading"},
	{FORMAT_MAN, "a manual page"},
	{FORMAT_BASH, "completion for bash"},
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
static const struct example help_examples[] = {
	{"scaudit help suggest", ""},
	{"scaudit help --format bash >/etc/bash_completion.d/scaudit", ""},
	{0},
};

const struct verb verbs[] = {
	{
		.name = "suggest",
		.args = "[PROFILE [SOURCE...]]",
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
			"error.",
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
			"until SIGINT or SIGTERM. SIGHUP reopens the output file.",
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

static int fail(const struct sca_err *err)
{
	say_error(err);
	return EXIT_ERROR;
}

static int run(struct cli *cli, int argc, char **argv)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = options_parse(cli, argc, argv);

	if (r == 0 && cli->want_help) {
		r = out_open(&o, NULL, &cli->err);
		if (r == 0) {
			help_text(&o, cli->verb);
			r = out_finish(&o, &cli->err);
		}
	} else if (r == 0) {
		r = cli->verb->run(cli);
	}
	return r < 0 ? fail(&cli->err) : r;
}

/* `scaudit` alone shows the verbs; --help and --version before a verb are verbs too. */
static int no_verb(void)
{
	struct out o = OUT_MEMORY;

	help_text(&o, NULL);
	say_page(&o);
	out_release(&o);
	return EXIT_ERROR;
}

static const char *verb_word(const char *word)
{
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	return word;
}

int main(int argc, char **argv)
{
	struct cli cli = {.err = SCA_ERR_INIT};
	int r;

	setlocale(LC_CTYPE, "");
	document_init();
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return no_verb();
	cli.verb = verb_find(verb_word(argv[1]));
	if (!cli.verb) {
		if (argv[1][0] == '-')
			sca_fail(&cli.err, SCA_E_SYNTAX,
				 "options stand after the verb: scaudit VERB %s", argv[1]);
		else
			verb_unknown(&cli.err, argv[1]);
		return fail(&cli.err);
	}
	r = run(&cli, argc - 1, argv + 1);
	filter_free(cli.filter);
	free(cli.args.v);
	free(cli.from.v);
	free(cli.to.v);
	free(cli.allow_dangerous.v);
	return r;
}
