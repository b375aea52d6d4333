/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options, as groups that verbs share. A group is an argp with its table; parsing, help,
 * completion and man pages all read these tables, the latter three through options_walk().
 */
#include "cli.h"

#define GROUP_EVIDENCE 1
#define GROUP_TARGET   3
#define GROUP_OUTPUT   5

const char *const format_names[FORMAT_COUNT] = {
	[FORMAT_NONE] = "",
	[FORMAT_TABLE] = "table",
	[FORMAT_TEXT] = "text",
	[FORMAT_JSON] = "json",
	[FORMAT_NDJSON] = "ndjson",
	[FORMAT_CSV] = "csv",
	[FORMAT_ECS] = "ecs",
	[FORMAT_OCSF] = "ocsf",
	[FORMAT_OTLP] = "otlp",
	[FORMAT_CEF] = "cef",
	[FORMAT_GELF] = "gelf",
	[FORMAT_SYSLOG] = "syslog",
	[FORMAT_JOURNALD] = "journald",
	[FORMAT_PROMETHEUS] = "prometheus",
	[FORMAT_PATCH] = "patch",
	[FORMAT_DIFF] = "diff",
	[FORMAT_PROFILE] = "profile",
	[FORMAT_SARIF] = "sarif",
	[FORMAT_MAN] = "man",
	[FORMAT_BASH] = "bash",
	[FORMAT_JUNIT] = "junit",
	[FORMAT_MARKDOWN] = "markdown",
	[FORMAT_MINIJAIL] = "minijail",
	[FORMAT_SYSTEMD] = "systemd",
};

static const char *const color_names[] = {
	[COLOR_AUTO] = "auto",
	[COLOR_ALWAYS] = "always",
	[COLOR_NEVER] = "never",
};

bool words_add(struct words *w, const char *word)
{
	const char **v = reallocarray(w->v, w->n + 1, sizeof(*v));

	if (!v)
		return false;
	w->v = v;
	v[w->n++] = word;
	return true;
}

const char *option_value(const struct verb *v, int key, size_t i)
{
	switch (key) {
	case OPT_FORMAT:
		return v->formats && v->formats[i].format ? format_names[v->formats[i].format]
							  : NULL;
	case OPT_COLOR:
		return i < ARRAY_SIZE(color_names) ? color_names[i] : NULL;
	case OPT_FRONTEND:
		return i < SCA_FRONTEND_COUNT ? sca_frontend_name((enum sca_frontend)i) : NULL;
	case OPT_FAIL_ON:
		return sca_severity_name((enum sca_severity)i);
	case OPT_ACTION:
		return i < SCA_ACT_UNKNOWN ? sca_action_name((enum sca_action)i) : NULL;
	case OPT_BY:
		return i < 2 ? (i ? "flag" : "action") : NULL;
	case OPT_ONLY:
		return i == 0 ? "silent" : NULL;
	case OPT_ARCH:
	case OPT_TARGET_ARCH:
		return i < sca_arch_count() ? sca_arch_name(sca_arch_at(i)) : NULL;
	default:
		return NULL;
	}
}

/* A word of a closed set, or an error that lists the set. */
static int closed_word(struct cli *cli, int key, const char *option, const char *word,
		       size_t *ret)
{
	_cleanup_out_ struct out set = OUT_MEMORY;
	const char *value;

	for (size_t i = 0; (value = option_value(cli->verb, key, i)); i++) {
		if (strcmp(value, word) == 0) {
			*ret = i;
			return 0;
		}
		out_addf(&set, "%s%s", i ? ", " : "", value);
	}
	return sca_fail(&cli->err, SCA_E_UNKNOWN, "--%s %s: %s knows %s", option, word,
			cli->verb->name, out_string(&set));
}

static int set_format(struct cli *cli, const char *word)
{
	size_t i;
	int r = closed_word(cli, OPT_FORMAT, "format", word, &i);

	if (r == 0)
		cli->format = cli->verb->formats[i].format;
	return r;
}

static int set_color(struct cli *cli, const char *word)
{
	size_t i;
	int r = closed_word(cli, OPT_COLOR, "color", word, &i);

	if (r == 0)
		cli->color = (enum color_mode)i;
	return r;
}

static int add_word(struct cli *cli, struct words *w, const char *word)
{
	return words_add(w, word) ? 0 : sca_fail(&cli->err, -ENOMEM, "no memory");
}

static const struct argp_option common_options[] = {
	{NULL, 0, NULL, 0, "Other", -1},
	{"quiet", 'q', NULL, 0, "say nothing on standard error but errors", -1},
	{"color", OPT_COLOR, "WHEN", 0, "auto, always or never; NO_COLOR is honoured", -1},
	{"help", 'h', NULL, 0, "show this help", -1},
	{"sandbox", OPT_SANDBOX, NULL, 0,
	 "give up capabilities, files and system calls that are not needed (default with -f)", -1},
	{"no-sandbox", OPT_NO_SANDBOX, NULL, 0, "keep them, for debugging", -1},
	{0},
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case 'q':
		cli->quiet = true;
		return 0;
	case OPT_COLOR:
		return set_color(cli, arg) < 0 ? EINVAL : 0;
	case 'h':
		cli->want_help = true;
		return 0;
	case OPT_SANDBOX:
		cli->sandbox = SANDBOX_ON;
		return 0;
	case OPT_NO_SANDBOX:
		cli->sandbox = SANDBOX_OFF;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option output_options[] = {
	{NULL, 0, NULL, 0, "Output", GROUP_OUTPUT},
	{"format", OPT_FORMAT, "FORMAT", 0, "", GROUP_OUTPUT},
	{"output", 'o', "FILE", 0,
	 "write to FILE, which appears whole or not at all; what tells of events is not for "
	 "everybody to read",
	 GROUP_OUTPUT},
	{0},
};

static error_t parse_output(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_FORMAT:
		return set_format(cli, arg) < 0 ? EINVAL : 0;
	case 'o':
		cli->output = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option evidence_options[] = {
	{NULL, 0, NULL, 0, "Sources", GROUP_EVIDENCE},
	{"from", OPT_FROM, "SOURCE", 0,
	 "a log: a file (plain, .gz, .xz, .zst), '-' for standard input, 'audit' for the "
	 "logs that auditd.conf names, 'journal', 'kmsg'; a trace of strace, perf trace, "
	 "sysdig or Falco, or a list of names is a file, too; live also 'netlink' (the kernel "
	 "itself) and 'unix:PATH' (auditd's af_unix plugin); may be repeated. Without: the "
	 "best log of this host",
	 GROUP_EVIDENCE},
	{"root", OPT_ROOT, "DIR", 0,
	 "look for this host's logs, processes and containers under DIR", GROUP_EVIDENCE},
	{"containers", OPT_CONTAINERS, "MAP", 0,
	 "whose the processes were, as log --state FILE left it in FILE.map (default for "
	 "this host's logs: /var/lib/scaudit/state.map)",
	 GROUP_EVIDENCE},
	{0},
};

static error_t parse_evidence(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_FROM:
		return add_word(cli, &cli->from, arg) < 0 ? EINVAL : 0;
	case OPT_ROOT:
		cli->root = arg;
		return 0;
	case OPT_CONTAINERS:
		cli->map = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option judge_options[] = {
	{"exit-code", OPT_EXIT_CODE, NULL, 0, "let the exit status tell what was found",
	 GROUP_OUTPUT},
	{"strict", OPT_STRICT, NULL, 0, "exit with 4 when the evidence is not complete",
	 GROUP_OUTPUT},
	{0},
};

static error_t parse_judge(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	(void)arg;
	switch (key) {
	case OPT_EXIT_CODE:
		cli->exit_code = true;
		return 0;
	case OPT_STRICT:
		cli->strict = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option target_options[] = {
	{NULL, 0, NULL, 0,
	 "Target: who loads the profile (defaults are said on standard error)", GROUP_TARGET},
	{"frontend", OPT_FRONTEND, "NAME", 0,
	 "docker, docker20 (before 23), podman (also CRI-O), cri (containerd), oci "
	 "(linux.seccomp of a config.json)",
	 GROUP_TARGET},
	{"runtime", OPT_RUNTIME, "NAME[:VERSION]", 0, "runc or crun", GROUP_TARGET},
	{"caps", OPT_CAPS, "SET", 0,
	 "the container's capabilities: docker-default, podman-default, all, none, "
	 "CAP_A,CAP_B, or steps +CAP_A,-CAP_B",
	 GROUP_TARGET},
	{"kernel", OPT_KERNEL, "M.N", 0, "kernel version, for minKernel", GROUP_TARGET},
	{"target-arch", OPT_TARGET_ARCH, "ARCH", 0, "native architecture of its machine",
	 GROUP_TARGET},
	{0},
};

static error_t parse_target(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;
	const struct {
		int key;
		const char **word;
	} rows[] = {
		{OPT_FRONTEND, &cli->frontend}, {OPT_RUNTIME, &cli->runtime},
		{OPT_CAPS, &cli->caps},         {OPT_KERNEL, &cli->kernel},
		{OPT_TARGET_ARCH, &cli->target_arch},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].key == key) {
			*rows[i].word = arg;
			return 0;
		}
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp common_group = {.options = common_options, .parser = parse_common};
const struct argp output_group = {.options = output_options, .parser = parse_output};
const struct argp evidence_group = {.options = evidence_options, .parser = parse_evidence};
const struct argp judge_group = {.options = judge_options, .parser = parse_judge};
const struct argp target_group = {.options = target_options, .parser = parse_target};

bool verb_has(const struct verb *v, const struct argp *group)
{
	for (size_t i = 0; v->groups && v->groups[i]; i++)
		if (v->groups[i] == group)
			return true;
	return false;
}

#define GROUPS_MAX 8

/* The verb's groups, the common one last. */
static size_t groups_of(const struct verb *v, const struct argp *groups[GROUPS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; v->groups && v->groups[i] && n < GROUPS_MAX - 1; i++)
		groups[n++] = v->groups[i];
	groups[n++] = &common_group;
	return n;
}

void options_walk(const struct verb *v, options_fn *fn, void *arg)
{
	const struct argp *groups[GROUPS_MAX];
	size_t n = groups_of(v, groups);

	for (size_t i = 0; i < n; i++) {
		for (const struct argp_option *o = groups[i]->options; o->name || o->doc; o++) {
			if (!o->name)
				fn(o->doc, NULL, arg);
			else if (!(o->flags & OPTION_HIDDEN))
				fn(NULL, o, arg);
		}
	}
}

/* What getopt refused: found again from the table, to be said with the nearest name. */
struct diagnosis {
	const char *word; /* without dashes and value; one letter for a short option */
	size_t n;
	const struct argp_option *exact, *only;
	size_t matches;
	const char *names[64];
	size_t n_names;
};

static void diagnose_option(const char *heading, const struct argp_option *opt, void *arg)
{
	struct diagnosis *d = arg;

	if (heading)
		return;
	if (d->n_names < ARRAY_SIZE(d->names))
		d->names[d->n_names++] = opt->name;
	if (d->n == 0 ? opt->key == (unsigned char)d->word[0] :
			strlen(opt->name) == d->n && memcmp(opt->name, d->word, d->n) == 0)
		d->exact = opt;
	if (d->n && strncmp(opt->name, d->word, d->n) == 0) {
		d->only = opt;
		d->matches++;
	}
}

static int say_long(struct cli *cli, struct diagnosis *d, bool has_value, bool last)
{
	const struct argp_option *opt = d->exact ? d->exact : d->matches == 1 ? d->only : NULL;
	_cleanup_free_ char *word = strndup(d->word, d->n);
	const char *near = word ? nearest(word, d->names, d->n_names) : NULL;

	if (!word)
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	if (opt && !opt->arg && has_value)
		return sca_fail(&cli->err, SCA_E_SYNTAX, "--%s takes no value", opt->name);
	if (opt && opt->arg && !has_value && last)
		return sca_fail(&cli->err, SCA_E_SYNTAX, "--%s wants a value: --%s %s",
				opt->name, opt->name, opt->arg);
	if (opt)
		return 0;
	if (d->matches > 1)
		return sca_fail(&cli->err, SCA_E_UNKNOWN,
				"--%s is short for several options; write "
				"it out",
				word);
	if (near)
		return sca_fail(&cli->err, SCA_E_UNKNOWN, "%s has no option --%s; did you mean --%s?",
				cli->verb->name, word, near);
	return sca_fail(&cli->err, SCA_E_UNKNOWN, "%s has no option --%s; see 'scaudit help %s'",
			cli->verb->name, word, cli->verb->name);
}

/* The letters of one argument. *skip: the next argument is a value. */
static int say_short(struct cli *cli, const char *letters, bool last, bool *skip)
{
	for (; *letters; letters++) {
		struct diagnosis d = {.word = letters, .n = 0};

		options_walk(cli->verb, diagnose_option, &d);
		if (!d.exact)
			return sca_fail(&cli->err, SCA_E_UNKNOWN,
					"%s has no option -%c; see 'scaudit help %s'",
					cli->verb->name, *letters, cli->verb->name);
		if (!d.exact->arg)
			continue;
		if (!letters[1] && last)
			return sca_fail(&cli->err, SCA_E_SYNTAX, "-%c wants a value: -%c %s",
					*letters, *letters, d.exact->arg);
		*skip = !letters[1];
		return 0;
	}
	return 0;
}

static int diagnose(struct cli *cli, int argc, char **argv)
{
	int r = 0;

	for (int i = 1; i < argc && r == 0; i++) {
		const char *a = argv[i];
		bool last = i + 1 == argc, skip = false;
		struct diagnosis d = {.word = a + 2};

		if (a[0] != '-' || !a[1])
			continue;
		if (strcmp(a, "--") == 0)
			break;
		if (a[1] != '-') {
			r = say_short(cli, a + 1, last, &skip);
		} else {
			d.n = strcspn(d.word, "=");
			options_walk(cli->verb, diagnose_option, &d);
			r = say_long(cli, &d, d.word[d.n] == '=', last);
			if (!d.exact)
				d.exact = d.only;
			skip = d.exact && d.exact->arg && d.word[d.n] != '=';
		}
		i += skip;
	}
	return r < 0 ? r
		     : sca_fail(&cli->err, SCA_E_SYNTAX,
				"wrong arguments; see 'scaudit help %s'", cli->verb->name);
}

static error_t parse_root(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		for (size_t i = 0; state->root_argp->children[i].argp; i++)
			state->child_inputs[i] = cli;
		return 0;
	case ARGP_KEY_ARG:
		return add_word(cli, &cli->args, arg) < 0 ? EINVAL : 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int options_parse(struct cli *cli, int argc, char **argv)
{
	const struct argp *groups[GROUPS_MAX];
	struct argp_child children[GROUPS_MAX + 1] = {{0}};
	struct argp argp = {.parser = parse_root, .children = children};
	size_t n = groups_of(cli->verb, groups);
	int r;

	for (size_t i = 0; i < n; i++)
		children[i] = (struct argp_child){.argp = groups[i]};
	r = argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, cli);
	if (r == 0)
		return 0;
	if (r == ENOMEM && !cli->err.code)
		return sca_fail(&cli->err, -ENOMEM, "no memory for the options");
	return cli->err.code ? cli->err.code : diagnose(cli, argc, argv);
}
