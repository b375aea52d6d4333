/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes on their way out: to a descriptor in large blocks that end where a record ends, or
 * to memory. The first failure stays in `error`; later additions do nothing, so a caller adds
 * many things and asks once.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <sys/types.h>

#include <scaudit/error.h>

#include "span.h"

struct dest;
struct temp;

struct out {
	char *p;
	size_t n, cap;
	int fd;     /* -1: memory */
	bool each;  /* write every record at once: somebody watches */
	int error;  /* errno of the first failure */
	/* a file: where it goes, and what is written until it is whole */
	struct dest *dest;
	struct temp *temp;
	bool own_dest;
};
#define OUT_MEMORY {.fd = -1}

/*
 * Memory ran out somewhere in the program. What was made since may lack something that nobody
 * asked for, so it is not written as an answer, and the program ends with an error.
 */
void memory_ran_out(void);
bool memory_is_out(void);
void memory_say(void); /* the last word, on standard error; needs none itself */
/* Ends the program at once, as a signal would: without an unfinished file. */
void memory_end(int code) __attribute__((noreturn));

void out_release(struct out *o); /* removes an unfinished temporary file */
#define _cleanup_out_ _cleanup_(out_release)

bool out_grow(struct out *o, size_t extra);
void out_addf(struct out *o, const char *fmt, ...) _printf_(2, 3);
void out_pad(struct out *o, size_t n); /* blanks */

static inline void out_add(struct out *o, const char *p, size_t n)
{
	if (o->cap - o->n < n && !out_grow(o, n))
		return;
	if (n)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}
#define out_lit(o, lit) out_add((o), "" lit, sizeof(lit) - 1)

static inline void out_z(struct out *o, const char *z)
{
	out_add(o, z, strlen(z));
}

static inline void out_c(struct out *o, char c)
{
	out_add(o, &c, 1);
}

void out_u64(struct out *o, uint64_t v);
void out_i64(struct out *o, int64_t v);
void out_hex(struct out *o, uint64_t v);       /* 0x... */
void out_grouped(struct out *o, uint64_t v);   /* 1,524 */
void out_bytes_hex(struct out *o, struct sca_str s);
/* "2026-11-24T06:14:08.421Z" */
void out_time(struct out *o, int64_t ms);

/* The end of a record: a good place to write what has gathered. */
void out_record_end(struct out *o);
/* Writes everything. 0 or the negative errno of the first failure. */
int out_flush(struct out *o);
const char *out_string(struct out *o); /* memory only: NUL-terminated; "" when it failed */

/* Standard output, or with a path a file that appears whole when out_finish() is called. What
 * tells what processes did is opened with MODE_EVENTS (dest.h). */
int out_open(struct out *o, const char *path, struct sca_err *err);
int out_open_mode(struct out *o, const char *path, mode_t mode, struct sca_err *err);
int out_open_dest(struct out *o, struct dest *to, mode_t mode, struct sca_err *err);
/* Flushes and gives the file its name. A closed pipe (-EPIPE) is no failure: 0. */
int out_finish(struct out *o, struct sca_err *err);

/* -- escape.c -- */

/* The first byte above 0x7f, or end. */
const char *ascii_end(const char *p, const char *end);
/* Code point of the well-formed UTF-8 sequence at p; *ret_n is its length, 0 for none. */
uint32_t utf8_take(const char *p, const char *end, size_t *ret_n);
/* JSON string with quotes: controls (C0, DEL, C1, bidirectional) become \u00XX, bytes that are
 * not UTF-8 the text \xNN. Returns whether such a byte was met. */
bool out_json(struct out *o, struct sca_str s);
/* JSON text that another writer made: adds the escapes for controls that it left out. */
void out_json_text(struct out *o, struct sca_str s);
/* For terminals and plain text: the same characters become \xNN or \uNNNN. Returns the
 * number of columns taken, a wide character counted as its width in the locale. */
size_t out_safe(struct out *o, struct sca_str s);
/* The same, with a backslash in front of each of the characters in `special`, all of them
 * ASCII. With a backslash among them, those of \xNN and \uNNNN are doubled, too. */
void out_escaped(struct out *o, struct sca_str s, const char *special);
/* RFC 4180 field; one that a spreadsheet would run as a formula gets a quote in front. */
void out_csv(struct out *o, struct sca_str s);
/* roff text: nothing in it starts a request or an escape. */
void out_roff(struct out *o, const char *z);

#endif
