/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one table of verbs (verbs.c), groups of options that verbs share
 * (options.c, filter.c), one way in for events (input.c). Help, completion and man pages are
 * made from these tables.
 */
#ifndef CLI_H
#define CLI_H

#include <argp.h>

#include <scaudit/scaudit.h>

#include "event.h"
#include "term.h"

/* One row each in exit_rows[]. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FOUND = 1,      /* with --exit-code */
	EXIT_ERROR = 2,
	EXIT_OPEN = 3,       /* with --exit-code */
	EXIT_INCOMPLETE = 4, /* with --strict */
};
struct exit_row {
	enum exit_code code;
	const struct argp *group; /* of verbs with this group; NULL: of all */
	const char *meaning;
};
extern const struct exit_row exit_rows[];
extern const size_t exit_row_count;

enum format {
	FORMAT_NONE,
	FORMAT_TABLE,
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_NDJSON,
	FORMAT_CSV,
	FORMAT_ECS,
	FORMAT_OCSF,
	FORMAT_OTLP,
	FORMAT_CEF,
	FORMAT_GELF,
	FORMAT_SYSLOG,
	FORMAT_JOURNALD,
	FORMAT_PROMETHEUS,
	FORMAT_PATCH,
	FORMAT_DIFF,
	FORMAT_PROFILE,
	FORMAT_SARIF,
	FORMAT_MAN,
	FORMAT_BASH,
	FORMAT_JUNIT,
	FORMAT_MARKDOWN,
	FORMAT_MINIJAIL,
	FORMAT_SYSTEMD,
	FORMAT_COUNT,
};
extern const char *const format_names[FORMAT_COUNT];

/* Keys of options without a letter, of all groups. */
enum option_key {
	OPT_FROM = 0x100,
	OPT_ROOT,
	OPT_FORMAT,
	OPT_COLOR,
	OPT_EXIT_CODE,
	OPT_STRICT,
	OPT_CONTAINER,
	OPT_POD,
	OPT_UNIT,
	OPT_COMM,
	OPT_EXE,
	OPT_PID,
	OPT_UID,
	OPT_ARCH,
	OPT_SYSCALL,
	OPT_ACTION,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_MATCH,
	OPT_FRONTEND,
	OPT_RUNTIME,
	OPT_CAPS,
	OPT_KERNEL,
	OPT_TARGET_ARCH,
	OPT_ALLOW_DANGEROUS,
	OPT_ALLOW_ARCH,
	OPT_ALLOW_BROAD,
	OPT_IN_PLACE,
	OPT_CONTAINERS,
	OPT_STATE,
	OPT_TO,
	OPT_WINDOW,
	OPT_VERSION,
	OPT_CALLS,
	OPT_EVENT,
	OPT_TASK,
	OPT_FAIL_ON,
	OPT_FIX,
	OPT_IGNORE,
	OPT_LIST,
	OPT_ALL_TARGETS,
	OPT_FAIL_CHANGE,
	OPT_BASELINE,
	OPT_BY,
	OPT_ONLY,
	OPT_UNDO,
	OPT_NEW,
	OPT_DEFAULT,
	OPT_UNUSED,
	OPT_LOGGED,
	OPT_SANDBOX,
	OPT_NO_SANDBOX,
};

/* A list that options append to. */
struct words {
	const char **v;
	size_t n;
};
bool words_add(struct words *w, const char *word);

struct filter;

/* Whether it gives up what it does not need; by itself it does so to follow. */
enum sandbox_mode {
	SANDBOX_AUTO,
	SANDBOX_ON,
	SANDBOX_OFF,
};

/* One invocation. Strings point into argv. */
struct cli {
	const struct verb *verb;
	struct sca_err err;
	struct words args; /* plain arguments */
	bool want_help;
	bool streams; /* standard output is a terminal that shows records as they come */
	/* output */
	enum format format; /* FORMAT_NONE: the verb's own choice */
	const char *output;
	enum color_mode color;
	bool quiet;
	enum sandbox_mode sandbox;
	bool sandboxed; /* it was entered */
	const char *found; /* the profile that a container's engine named */
	/* evidence */
	struct words from;
	const char *root;
	bool exit_code, strict;
	struct filter *filter;
	const char *map; /* --containers */
	/* live */
	bool follow, have_last;
	unsigned last;
	const char *state;
	struct words to;
	int64_t window_ms; /* 0: every event */
	/* target: words as given, NULL for the default; applied in this order */
	const char *frontend, *runtime, *caps, *kernel, *target_arch;
	/* doctor, check */
	const char *container;
	/* suggest */
	struct words allow_dangerous;
	bool allow_arch, allow_broad, in_place, logged;
	bool draft, unused;
	enum sca_action draft_action;
	/* explain */
	const char *calls; /* --calls */
	const char *task;  /* --pid */
	bool event;
	/* check */
	const char *fail_on; /* a severity's name, from the library */
	const char *ignore;
	bool fix, list;
	/* diff */
	bool all_targets;
	unsigned fail_change; /* bits of enum sca_diff_kind, and more: verb_diff.c */
	/* replay */
	const char *baseline;
	/* complain, enforce */
	enum twin_way { TWIN_LEAST, TWIN_LOG, TWIN_FLAG } by;
	bool only_silent;
	const char *undo;
};

struct example {
	const char *command, *says;
};

/* A way of writing the result; `says` completes "--format NAME: ...". */
struct format_row {
	enum format format;
	const char *says;
};

struct verb {
	const char *name;
	const char *args;    /* after the options in the synopsis */
	unsigned profiles;   /* of the arguments, the first so many are files that are read whole */
	const char *summary; /* one line */
	const char *about;   /* paragraphs, separated by a newline */
	const struct argp *const *groups; /* NULL-terminated */
	const struct format_row
		*formats; /* FORMAT_NONE-terminated, the default first; or NULL */
	const struct example *examples;   /* NULL-terminated, or NULL */
	int (*run)(struct cli *cli);      /* exit code, or negative with cli->err set */
};

/* -- verbs.c -- */

extern const struct verb verbs[];
extern const size_t verb_count;
const struct verb *verb_find(const char *name);
/* SCA_E_UNKNOWN with the nearest verb's name. */
int verb_unknown(struct sca_err *err, const char *name);

/* -- options.c -- */

extern const struct argp live_group; /* options_live.c */
extern const struct argp output_group, evidence_group, judge_group, target_group;

/* Parses a verb's arguments (argv[0] is the verb). Negative with cli->err set. */
int options_parse(struct cli *cli, int argc, char **argv);

bool verb_has(const struct verb *v, const struct argp *group);

/* Calls fn for every heading (opt NULL) and every option of a verb, in order of display. */
typedef void options_fn(const char *heading, const struct argp_option *opt, void *arg);
void options_walk(const struct verb *v, options_fn *fn, void *arg);
/* The closed set of values of an option; NULL past the end and for free ones. */
const char *option_value(const struct verb *v, int key, size_t i);

/* -- filter.c -- */

extern const struct argp filter_group;

struct filter_stats {
	uint64_t untimed;   /* events without a time that --since or --until left out */
	uint64_t undecided; /* patterns that ran into a limit: no match */
};

/* One option of the group; ARGP_ERR_UNKNOWN for another. */
error_t filter_option(struct cli *cli, int key, const char *arg);
struct filter *filter_free(struct filter *f);
bool filter_given(const struct filter *f);
bool filter_since(const struct filter *f); /* --since was given */
/* The one architecture of --arch, 0 when none or several were named. */
uint32_t filter_arch(const struct filter *f);
/* The one word of --container, NULL when none or several were given. */
const char *filter_container(const struct filter *f);
/* Another alternative of a --container that was given; the id is borrowed. */
int filter_add_container(struct filter *f, const char *id, struct sca_err *err);
bool filter_pass(struct filter *f, const struct event *ev);
void filter_stats(const struct filter *f, struct filter_stats *ret);

/* -- match.c: --match FIELD=REGEX -- */

struct match;
int match_new(struct match **ret, const char *text, struct sca_err *err);
struct match *match_free(struct match *m);
/* *undecided is counted up when a limit ended the search. */
bool match_event(struct match *m, const struct event *ev, uint64_t *undecided);

/* -- when.c -- */

/* A point in time as --since takes it; now_ms is the present. 0 or SCA_E_SYNTAX/RANGE. */
int when_parse(struct sca_str text, int64_t now_ms, int64_t *ret_ms);
/* "10s", "1 min 30 s". 0 or SCA_E_SYNTAX/RANGE. */
int when_duration(struct sca_str text, int64_t *ret_ms);

/* -- input.c -- */

#define EVIDENCE_NAMES_MAX 4

/* What was read, and what was not. */
struct evidence {
	uint64_t sources;
	uint64_t stopped; /* sources that ended in an error */
	struct sca_source_stats src; /* sums */
	struct sca_decode_stats dec;
	struct filter_stats filter;
	uint64_t duplicates;
	uint64_t kept;       /* records that passed the filters */
	uint64_t forgeable;  /* of the kept */
	uint64_t kinds[SCA_SRC_COUNT]; /* of the kept */
	uint64_t dedup_overflow;
	uint64_t unattributed; /* records of this host whose container is not known */
	struct sca_container_stats who; /* what engines' files and cgroups were like */
	uint64_t output_lost;  /* events that an output had no room for */
	uint64_t other; /* events without a group of their own; the verb fills it */
	/* the ledger: why records are missing; each is part of src.lost and src.loss_messages */
	struct evidence_loss {
		uint64_t lost;
		uint64_t uncounted; /* messages without a number */
	} losses[SCA_LOSS_COUNT];
	bool filtered;  /* filters were given */
};

struct input;
/* Opens cli->from and args[skip...], or the best source there is. */
int input_open(struct input **ret, struct cli *cli, size_t skip);
struct input *input_free(struct input *in);
struct sca_names *input_names(struct input *in);
/* SCA_E_CONFLICT when `path` (or, when NULL, standard output) is one of the sources. */
int input_check_output(struct input *in, const char *path, struct sca_err *err);

/* Hands over every record that is no duplicate and passes the filters, and every loss (ev->loss)
 * of that time, in order of time as far as they have one. fn: 0; positive to stop; negative with err set. */
typedef int event_fn(const struct event *ev, void *arg, struct sca_err *err);
int input_run(struct input *in, event_fn *fn, void *arg, struct sca_err *err);
void input_evidence(const struct input *in, struct evidence *ret);
/* input_run() into a denial set, which is sorted then. */
int input_collect(struct input *in, struct sca_denials *ds, struct evidence *ret,
		  struct sca_err *err);
/* Says on standard error how good the evidence is, or why there is none. */
void input_say(const struct input *in, const struct evidence *ev);
/* The exit code of a verb that found this evidence; `found` is what --exit-code asks for. */
int input_exit_code(const struct input *in, const struct evidence *ev, enum exit_code found);

/* -- evidence.c -- */

bool evidence_complete(const struct evidence *ev);
/* Enters a LOSS frame in the ledger. */
void evidence_add_loss(struct evidence *ev, const struct sca_frame *frame);
/* Its rows' names, "other" for the reasons of later versions. */
const char *evidence_loss_name(unsigned reason);
/* The ledger as events, one a reason, torn and overlong lines among them. */
int evidence_tell_losses(const struct evidence *ev, event_fn *fn, void *arg, struct sca_err *err);
/* "evidence: ..." and its newline. */
void evidence_text(const struct page *pg, const struct evidence *ev);
struct json_t *evidence_json(const struct evidence *ev);

/* -- progress.c -- */

/* Watches a set of sources from a timer; nothing shows before a second has passed. */
void progress_start(struct sca_source *const *sources, size_t n);
void progress_hide(void); /* erases the line, until the next tick */
void progress_stop(void);

/* -- file.c: small files, whole -- */

/* Adds a regular file of at most max bytes to o. -ENOENT, ... name the path. */
int file_read(struct out *o, const char *path, size_t max, struct sca_err *err);
/* sca_profile_write(), which a signal that ends the program does not cut short. */
int profile_replace(const struct sca_profile *fresh, const char *path,
		    const struct sca_profile *loaded, bool backup, struct sca_err *err);

/* -- clash.c -- */

/* SCA_E_CONFLICT when what is to be written is a file that this invocation reads, or writes
 * otherwise. Sources are known when they are open: input_check_output(). */
int clash_check(struct cli *cli);
/* The same of a file that is no argument: a container's own profile. */
int clash_check_found(struct cli *cli, const char *path);

/* -- say.c: standard error -- */

/* "scaudit: ..." */
void say(const char *fmt, ...) _printf_(1, 2);
void say_error(const struct sca_err *err);
/* Writes and empties a page made for standard error. */
void say_page(struct out *o);

/* -- the verbs -- */

int verb_suggest(struct cli *cli);
int verb_log(struct cli *cli);
int verb_tail(struct cli *cli);
int verb_report(struct cli *cli);
int verb_resolve(struct cli *cli);
int verb_help(struct cli *cli);
int verb_explain(struct cli *cli);
int verb_version(struct cli *cli);
int verb_check(struct cli *cli);
extern const struct argp suggest_group, explain_group, check_group;
int verb_diff(struct cli *cli);
int verb_replay(struct cli *cli);
int verb_complain(struct cli *cli);
int verb_enforce(struct cli *cli);
/* A container of a host, for verbs without a filter of events. */
extern const struct argp chosen_group;
extern const struct argp diff_group, replay_group, complain_group, enforce_group;
int verb_doctor(struct cli *cli);
extern const struct argp doctor_group;

/* Help of a verb, or with NULL the list of verbs. */
void help_text(struct out *o, const struct verb *v);

#endif
