/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framer: lines of text in, frames out (record.h). It tells the kind of each line by
 * itself, so a file may mix them. The byte side (source*.c) owns reading, decompression and
 * cutting into lines; everything about what a line means is here.
 *
 * Most lines of a log are nobody's business. The caller may leave out every line that
 * framer_anchored() refuses, but only while framer_wants_all() is false: inside a multi-line
 * thing, and at the start of an input, the framer needs every line. Feeding more lines than
 * needed changes nothing but the time it takes.
 */
#ifndef SCA_FRAME_H
#define SCA_FRAME_H

#include "mem.h"

#include <scaudit/source.h>

struct sca_framer;

/* 0, or negative to stop: framer_line() and framer_flush() return it at once, and what the
 * line still held is gone. */
typedef int framer_emit_fn(const struct sca_frame *frame, void *arg);

/*
 * regular_file: the input is a regular file that nobody else can write, so lines in auditd's
 * format get SCA_TRUST_KERNEL if the first one has it, and journal entries (JSON, export) with
 * _TRANSPORT audit or kernel if the first line is the journal's; otherwise everything is
 * SCA_TRUST_FORGEABLE. limits may be NULL or hold zeros: the defaults of source.h.
 */
int framer_new(struct sca_framer **ret, const struct sca_limits *limits, bool regular_file,
	       struct sca_err *err);

/* What regular_file is, for the next input. */
void framer_file(struct sca_framer *f, bool regular_file);

/*
 * One line without its '\n' (a '\r' may stay), NUL bytes included. A line longer than
 * line_max is passed cut to line_max; pos->offset must stay true all the same, it is how a
 * journal export's binary field is stepped over. pos->line 1 starts a new input: what an
 * earlier one left open is dropped and counted as torn (call framer_flush() before, to get
 * what can be had of it).
 *
 * Calls emit for each frame, zero or more times. A frame's spans point into the line or into
 * the framer; those of all frames of one call stay valid until the next call on the framer.
 *
 * 0, -ENOMEM, or what emit returned.
 */
int framer_line(struct sca_framer *f, struct sca_str line, const struct sca_pos *pos,
		framer_emit_fn *emit, void *arg);

/*
 * A record whose type stands elsewhere (netlink's and af_unix's headers): `text` is
 * "audit(SEC.mmm:SERIAL): BODY". Its frame has this kind and trust. Types that are none of
 * ours are ignored; a text that is not in that form counts as undecodable.
 */
int framer_payload(struct sca_framer *f, enum sca_source_kind kind, enum sca_trust trust,
		   uint32_t type, struct sca_str text, const struct sca_pos *pos,
		   framer_emit_fn *emit, void *arg);

/* A message of the kernel's own, as the source knows (kmsg: the facility was checked), without
 * what a logger puts in front: its record or loss gets this kind and trust. One that holds such
 * words but does not start with them counts as foreign. */
int framer_trusted_line(struct sca_framer *f, enum sca_source_kind kind, enum sca_trust trust,
			struct sca_str line, const struct sca_pos *pos, framer_emit_fn *emit,
			void *arg);

/* The fields of a journal entry that are needed; those with an underscore in front are
 * journald's own. */
enum journal_field {
	JOURNAL_MESSAGE,
	JOURNAL_TRANSPORT,
	JOURNAL_AUDIT_TYPE,
	JOURNAL_AUDIT_ID,
	JOURNAL_TIME,
	JOURNAL_HOST,
	JOURNAL_FACILITY,
	JOURNAL_FIELDS,
};
extern const struct sca_str journal_names[JOURNAL_FIELDS];
struct journal_entry {
	struct sca_str field[JOURNAL_FIELDS];
};
/* An entry of a journal itself. The spans of its frames point into the entry's. */
int framer_journal(struct sca_framer *f, const struct journal_entry *entry,
		   enum sca_trust trust, const struct sca_pos *pos, framer_emit_fn *emit,
		   void *arg);

/* A loss that the source itself saw. */
int framer_loss(struct sca_framer *f, enum sca_loss loss, uint64_t lost,
		enum sca_source_kind kind, struct sca_str text, const struct sca_pos *pos,
		framer_emit_fn *emit, void *arg);

/* End of input: what is pending (a wrapped record, a journal entry) is emitted or counted. Frames
 * of the line before stay as they are. */
int framer_flush(struct sca_framer *f, framer_emit_fn *emit, void *arg);

/* True while the next lines must be fed even if they hold no anchor: inside a wrapped record,
 * an export entry or pretty-printed JSON, and until the first line of an input with text. */
bool framer_wants_all(const struct sca_framer *f);

/* Whether a thing of several lines is half read, and where its first line is. */
bool framer_open(const struct sca_framer *f, struct sca_pos *ret);

/*
 * The substrings of which every line that means something by itself holds at least one.
 * X(text, fold); with fold, letters match case-insensitively and text is in lower case.
 * No anchor holds a newline. framer_anchored() is exactly "one of these occurs"; a vector
 * prefilter may look for any superset.
 *
 *   1326          type=1326, UNKNOWN[1326], AUDIT1326, "type":1326
 *   seccomp       type=SECCOMP, journald's SECCOMP auid=, reason="seccomp" (type 1701), JSON
 *   " code=0x"    a body whose head was left out (snappy-debug, pastes)
 *   __CURSOR=     first field of a journal export entry
 *   {"v":         our own NDJSON; it need not hold the word seccomp
 *   the rest      messages that say records were lost (frame_loss.c)
 */
#define FRAME_ANCHORS(X)                        \
	X("1326", false)                        \
	X("seccomp", true)                      \
	X(" code=0x", false)                    \
	X("__CURSOR=", false)                   \
	X("{\"v\":", false)                     \
	X("audit_lost=", false)                 \
	X("audit_backlog=", false)              \
	X("_printk_skb:", false)                \
	X("limit exceeded", false)              \
	X("queue overflow", false)              \
	X("out of memory in audit_log", false)  \
	X("Suppressed ", false)                 \
	X("rate-limiting", false)               \
	X("evt.type", false)                    \
	X("evt_type=", false)                   \
	X("\"output_fields\"", false)

bool framer_anchored(struct sca_str line);

/* Adds to: frames, foreign, torn, undecodable, loss_messages, lost. */
void framer_stats(const struct sca_framer *f, struct sca_source_stats *add);
struct sca_framer *framer_free(struct sca_framer *f);

#endif
