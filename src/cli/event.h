/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event as the outside sees it: one table of fields (render/columns.c) from which NDJSON,
 * CSV, JSON documents, --match and the documentation come.
 */
#ifndef CLI_EVENT_H
#define CLI_EVENT_H

#include <scaudit/denial.h>
#include <scaudit/names.h>
#include <scaudit/record.h>

#include "out.h"

struct event {
	const struct sca_record *rec;
	const struct sca_frame *loss; /* no call: somebody says that records were lost */
	const char *arch;    /* NULL: no arch in the record, or one that has no name */
	const char *syscall; /* NULL when unknown */
	bool summary;        /* a report's line: stands for many */
	uint64_t more_comms, more_exes; /* of its events, those whose names are not listed */
};

/* Names the record's arch and call. */
void event_init(struct event *ev, const struct sca_record *rec, struct sca_names *names);
/* The same for a group of the denial set; *rec is filled and must live as long as ev. */
void event_init_denial(struct event *ev, struct sca_record *rec, const struct sca_denial *d,
		       struct sca_names *names);
/* A LOSS frame as an event. *rec is filled with what both have and must live as long as ev. */
void event_init_loss(struct event *ev, struct sca_record *rec, const struct sca_frame *frame);

enum value_kind {
	VALUE_TEXT,  /* s, any bytes */
	VALUE_WORD,  /* s, a word of our own tables: nothing in it to escape */
	VALUE_NUMBER, /* u */
	VALUE_SIGNED, /* i */
	VALUE_HEX,   /* u, shown as 0x text */
	VALUE_BOOL,  /* u */
	VALUE_TIME,  /* i, milliseconds */
	VALUE_RAW,   /* s, shown as its bytes in hex */
	VALUE_NAMES, /* names[n] */
	VALUE_ARGS,  /* args, known in mask n */
};

struct value {
	enum value_kind kind;
	union {
		struct sca_str s;
		uint64_t u;
		int64_t i;
		const struct sca_str *names;
		const uint64_t *args;
	};
	unsigned n;
};

enum field_use {
	USE_CSV = 1 << 0,        /* column of log --format csv */
	USE_REPORT = 1 << 1,     /* column of report --format csv */
	USE_LAST = 1 << 2,       /* behind the others: who counts columns finds the old ones */
};

struct field {
	const char *group; /* NDJSON object that holds the key, NULL for the event itself */
	const char *name;  /* "comm", "container.id": --match, CSV header, help */
	const char *key;   /* NDJSON: ",\"comm\":" */
	unsigned key_n;
	unsigned char use; /* enum field_use */
	bool (*get)(const struct event *ev, struct value *ret); /* false: absent */
	const char *help;
};

extern const struct field event_fields[];
extern const size_t event_field_count;

/* NULL when there is none of that name. */
const struct field *field_find(struct sca_str name);
/* The value as text, as NDJSON shows it but without quotes and escapes. */
void value_text(struct out *o, const struct value *v);
/* The value as NDJSON shows it. */
void value_json(struct out *o, const struct value *v);

/* -- render/ -- */

void ndjson_event(struct out *o, const struct event *ev);
void csv_header(struct out *o, enum field_use use);
void csv_event(struct out *o, const struct event *ev, enum field_use use);
/* "mkdir(83)", "#1524", "?" */
void syscall_text(struct out *o, const struct event *ev);
/* "12 records lost (printk): 12 callbacks suppressed", of any bytes */
void loss_text(struct out *o, const struct sca_frame *loss);
/* "x86_64"; "x86*" when an option said so; "0xdeadbeef"; "?" */
void arch_text(struct out *o, const struct event *ev);
/* "2026-11-24 06:14:08", "06:14:08" with time_only */
void short_time(struct out *o, int64_t ms, bool time_only);

#endif
