/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event in the words of other systems. What differs between them is data: one table says
 * what each field is called where (dialect_fields.c), one how grave each action is there
 * (dialect_verdict.c); a dialect is a row of dialects[] with the function that writes a line.
 */
#ifndef CLI_RENDER_DIALECT_H
#define CLI_RENDER_DIALECT_H

#include "cli.h"

/* Columns of the table of names. */
enum wording {
	AS_ECS,     /* dotted path; a component "name[]" is an array of one object */
	AS_OCSF,    /* likewise; "process..." stands below the event's actor or evidence */
	AS_OTLP,    /* attribute */
	AS_CEF,     /* extension key; "cs1 label" has its label beside it */
	AS_SYSLOG,  /* SD-NAME */
	AS_GELF,
	AS_JOURNALD,
	AS_COUNT,
};

typedef bool value_get(const struct event *ev, struct value *ret);

struct naming {
	const char *field; /* the event's field; NULL for what only this table knows */
	value_get *get;    /* of that field, set by dialect_start() */
	const char *as[AS_COUNT]; /* NULL: not here; what the dialect's frame says already */
	bool keyword;      /* a number that names something: text for ECS and OCSF */
};
extern struct naming namings[];
extern const size_t naming_count;

/* How an action is judged, one row each; a loss has its own. */
struct verdict {
	const char *outcome; /* of the call, in the words of ECS */
	const char *word;    /* OCSF's caption */
	unsigned char ecs, ocsf, otlp, cef, syslog; /* syslog: journald and GELF, too */
	unsigned char ocsf_action, ocsf_disposition;
};
const struct verdict *verdict_of(const struct event *ev);

struct dialect_run {
	struct out *o;
	struct out message, text; /* scratch */
};

struct dialect {
	enum format format;
	bool raw; /* carries bytes as they were logged: nothing for a terminal */
	void (*put)(struct dialect_run *run, const struct event *ev);
};

/* NULL for the formats that are not made here. */
const struct dialect *dialect_find(enum format format);
void dialect_start(struct dialect_run *run, struct out *o);
void dialect_event(const struct dialect *d, struct dialect_run *run, const struct event *ev);
void dialect_end(struct dialect_run *run);

/* 16 hex digits, the same for the same event whenever and however often it is read. */
void event_id(struct out *o, const struct event *ev);
/* One word: "errno", "loss" */
const char *event_word(const struct event *ev);
/* One line for people, of any bytes: "seccomp errno: mkdir(83) on x86_64 by web[12]". */
struct sca_str event_message(struct dialect_run *run, const struct event *ev);
/* "scaudit.denial", "scaudit.logged", "scaudit.loss" */
const char *event_name(const struct event *ev);

/* -- dialect_json.c, dialect_line.c -- */

void ecs_event(struct dialect_run *run, const struct event *ev);
void ocsf_event(struct dialect_run *run, const struct event *ev);
void otlp_event(struct dialect_run *run, const struct event *ev);
void gelf_event(struct dialect_run *run, const struct event *ev);
void cef_event(struct dialect_run *run, const struct event *ev);
void syslog_event(struct dialect_run *run, const struct event *ev);
void journald_event(struct dialect_run *run, const struct event *ev);

/* -- prometheus.c -- */

/* Counters of the denial set as a textfile for node_exporter. */
int prometheus_report(struct out *o, const struct sca_denials *ds, struct sca_names *names,
		      const struct evidence *ev, struct sca_err *err);

#endif
