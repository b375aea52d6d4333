/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What auditd writes to its plugins: lines of text (format = string), or messages with a
 * header in front (format = binary). Which one is told from the first byte.
 *
 * A binary message is four numbers of 32 bits in the host's order (version, length of the
 * header, record type, length of the text) and the text. Version 0, of auditd with
 * log_format RAW, is the kernel's text; version 1 is the whole line. auditd before 3.1 sends
 * its whole buffer of 8970 bytes with every message, and behind the text stands what is left
 * of older records: somebody's text, perhaps made to look like a message. So it matters to
 * know which of the two a stream is (audisp.c says how), and what might be either is refused.
 */
#ifndef SCA_AUDISP_H
#define SCA_AUDISP_H

#include "text.h"

#define AUDISP_HEADER 16u
#define AUDISP_TEXT   8970u /* MAX_AUDIT_MESSAGE_LENGTH of libaudit */
#define AUDISP_WHOLE  (AUDISP_HEADER + AUDISP_TEXT)

enum audisp_form {
	AUDISP_NEW,     /* nothing has come */
	AUDISP_LINES,
	AUDISP_BINARY,  /* not known yet which: */
	AUDISP_PADDED,  /* each message is AUDISP_WHOLE bytes */
	AUDISP_COMPACT, /* one begins where the text of the one before it ends */
};

struct audisp {
	enum audisp_form form;
	size_t line_max;
	struct buf in;
	size_t at;        /* in.p[at] is the first byte that was not used */
	bool first_out;   /* BINARY: the first message was given out, and stays at `at` */
	bool skipping;    /* LINES: inside of one that is too long */
	uint64_t overlong;
};

struct audisp_message {
	bool line;     /* text is a whole line; else the kernel's text of a record of this type */
	uint32_t type;
	struct sca_str text; /* until audisp_room() */
};

void audisp_start(struct audisp *a, size_t line_max); /* a new stream; keeps the memory */
/* Room for bytes to read, of which audisp_took() tells how many came. False: no memory. */
bool audisp_room(struct audisp *a, char **ret, size_t *ret_n);
void audisp_took(struct audisp *a, size_t n);
/* 1 with *ret, 0 when more must come first, SCA_E_SYNTAX when it is no such stream. `quiet`:
 * nothing came for so long that a message on its way would be here whole. */
int audisp_next(struct audisp *a, bool quiet, struct audisp_message *ret);
/* Whether to call again when the stream is quiet. */
bool audisp_wants_quiet(const struct audisp *a);
/* Bytes that are part of no message. */
bool audisp_torn(const struct audisp *a);
void audisp_release(struct audisp *a);

#endif
