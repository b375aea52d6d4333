/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framer's inside. A line goes to the reader of its form; a form that wraps another one
 * (JSON around a line of syslog) hands the inner text on with an origin that says what is
 * known already. Every reader ends in frame_send().
 */
#ifndef SCA_FRAME_INT_H
#define SCA_FRAME_INT_H

#include "frame.h"
#include "text.h"

#include <jansson.h>

#include <scaudit/names.h>

enum mode {
	MODE_START,  /* no text seen yet */
	MODE_LINES,
	MODE_PASTE,  /* a record whose rest may stand on the next lines */
	MODE_EXPORT, /* inside a journal export entry */
	MODE_PRETTY, /* inside, or between, JSON values of several lines */
	MODE_TRACE,  /* what strace wrote, from its first line to the end */
	MODE_NAMES,  /* names of calls, likewise */
	MODE_COUNTS, /* the table of strace -c, likewise */
	MODE_SYSDIG, /* text of sysdig, likewise */
	MODE_PERF,   /* of perf trace */
	MODE_PERF_COUNTS, /* of perf trace -s */
};

/* What is known of a text before it is read. */
struct origin {
	struct sca_frame frame; /* position, trust; node and stamp as far as the wrapping tells */
	unsigned depth;         /* how many forms the text is wrapped in */
};
#define ORIGIN_DEPTH_MAX 4u

/* frame_paste.c */
#define DECORATION_MAX 8
struct paste {
	struct buf text, node;
	struct origin from; /* of the first line; its node is in `node` */
	char decoration[DECORATION_MAX + 1];
	unsigned lines;
};

/* frame_export.c */
enum export_state { EXPORT_FIELDS, EXPORT_LENGTH, EXPORT_DATA, EXPORT_NEWLINE };
struct export {
	enum export_state state;
	struct buf text; /* values kept, one behind the other */
	struct {
		size_t at, n;
		bool have;
	} fields[JOURNAL_FIELDS];
	size_t field;   /* that the value belongs to; JOURNAL_FIELDS for none */
	uint64_t left;  /* bytes of the length or of the value still to come */
	uint64_t value_n;
	uint64_t next;  /* offset where the next line starts when none was cut */
	bool too_long;
	struct sca_pos pos;
};

/* frame_pretty.c */
#define PRETTY_DEPTH_MAX 64u
struct pretty {
	struct buf text;
	uint64_t objects; /* bit n: the container at depth n is an object */
	unsigned depth;
	unsigned base;    /* containers around what is read one by one */
	bool capturing, quoted, escaped, too_long;
	struct sca_pos pos;   /* of the object that is read */
	struct sca_pos start; /* of the outermost value */
};

/* frame_loss.c: audit_lost is a sum since boot, so the last one of each host is kept. */
#define LOSS_HOSTS 16u
struct loss {
	struct {
		uint64_t host, sum;
	} hosts[LOSS_HOSTS];
	size_t next;
};

/* frame_trace.c: the processes of a trace, found by number; made when they are needed */
#define TRACE_TASKS 1024u
#define TRACE_PROBE 16u
#define TRACE_NAME  33u
#define TRACE_NUMBERS 1024
struct trace_task;
struct trace {
	struct trace_task *tasks;
	uint32_t caller; /* of the last line that was a call, if it may have been refused */
	char call[TRACE_NAME]; /* "" when it was not */
	uint64_t entered[TRACE_NUMBERS / 64]; /* sysdig: calls that were seen to be entered */
};

/* Who wrote the input, by its first line with text; lines of another form are quotations. */
enum writer { WRITER_OTHER, WRITER_AUDITD, WRITER_JOURNAL };

struct sca_framer {
	struct sca_limits limits;
	bool regular_file;
	enum writer writer;
	enum mode mode;
	struct sca_source_stats stats;
	struct sca_names *names; /* made when a form with names for numbers is met */

	/* of the call that runs */
	framer_emit_fn *emit;
	void *arg;
	struct sca_pos pos;
	struct arena keep; /* what this call's frames point to */

	struct paste paste;
	struct export export;
	struct pretty pretty;
	struct loss loss;
	struct trace trace;
};

/* -- frame.c -- */

/* Of what stands in the input itself. */
struct origin frame_origin(const struct sca_framer *f, const struct sca_pos *pos,
			   enum writer writer);
int frame_send(struct sca_framer *f, const struct sca_frame *frame);
/* A copy that lives as long as the call's frames. -ENOMEM. */
int frame_keep(struct sca_framer *f, struct sca_str s, struct sca_str *ret);
/* The line as its writer meant it: no byte order mark, colours, emphasis, blanks at the end. */
int frame_clean(struct sca_framer *f, struct sca_str *line);
int frame_names(struct sca_framer *f, struct sca_names **ret);
/* One line, or a text that stood inside another form. */
int frame_text(struct sca_framer *f, struct sca_str text, const struct origin *from);

/* -- frame_head.c: the head of a record in text -- */

enum head_form {
	HEAD_AUDITD,   /* type=SECCOMP msg=audit(...): */
	HEAD_KERNEL,   /* type=1326 audit(...): */
	HEAD_JOURNALD, /* SECCOMP auid= */
};

enum head_found {
	HEAD_FOUND,
	HEAD_NONE,
	HEAD_CUT, /* the text ends inside it */
	HEAD_BAD, /* a record's head with a stamp that cannot be */
};

struct head {
	enum head_form form;
	uint32_t type;
	bool interpreted; /* ausearch -i */
	bool have_time, have_serial;
	int64_t time_ms;
	uint32_t serial;
	size_t start; /* offset of type= or SECCOMP */
	size_t body;  /* offset of what follows the stamp */
};

/* The record head that starts at `at`, or the first one from there on. */
enum head_found head_at(struct sca_str text, size_t at, struct head *ret);
enum head_found head_next(struct sca_str text, size_t at, struct head *ret);

/* "SEC.mmm:SERIAL" into the head's stamp. */
bool head_read_stamp(struct sca_str s, struct head *ret);

/* -- frame_prefix.c: what may stand in front of it -- */

struct prefix {
	bool have_time; /* the date had a year and a zone */
	int64_t time_ms;
	struct sca_str host;
	struct sca_str tag; /* without its [pid] */
	struct sca_str tag_pid;
	bool header; /* a syslog header: date, perhaps host and tag */
	bool kmsg;
};

/* Takes quotation marks of mails, comment signs, bullets and grep's line numbers off the
 * front; what they were goes to `ret`, blanks left out, so that two lines can be compared. */
struct sca_str prefix_undecorate(struct sca_str line, char ret[DECORATION_MAX + 1]);
/* False: no log writes this in front of a record, it is a quotation or made up. */
bool prefix_read(struct sca_str text, enum head_form form, struct prefix *ret);
/* Likewise in front of a JSON object, and of a message of a syslog daemon's own. */
bool prefix_read_json(struct sca_str text, struct prefix *ret);
bool prefix_read_logger(struct sca_str text, struct prefix *ret);

/* frame_date.c: step over a date, and set the time when it is one */
bool prefix_take_date(struct sca_str *s, struct prefix *px);
bool prefix_take_iso_date(struct sca_str *s, struct prefix *px);

/* -- the forms; each int is 0, -ENOMEM or what emit returned -- */

/* A record whose head was found and whose surroundings are known. *ret_end is the offset
 * behind it, 0 when nothing after it can be told apart from it. */
int frame_record(struct sca_framer *f, struct sca_str text, const struct head *head,
		 const struct origin *from, size_t *ret_end);
/* Whether the body has its code, and where that ends. */
bool record_is_complete(struct sca_str text, const struct head *head, size_t *ret_end);

int paste_start(struct sca_framer *f, struct sca_str line, const struct head *head,
		const struct origin *from);
/* *ret_used: the line was a part of it. */
int paste_line(struct sca_framer *f, struct sca_str line, bool *ret_used);
int paste_end(struct sca_framer *f);

/* One JSON object or array. The text must live as long as the call's frames. */
int frame_json(struct sca_framer *f, struct sca_str text, const struct origin *from);

/* frame_event.c: a line of our own */
int frame_event(struct sca_framer *f, struct sca_str text, const struct origin *from);

/* The entry's trust is that of the origin: whoever reads the container knows whether its
 * field names are the journal's own. */
int frame_journal(struct sca_framer *f, const struct journal_entry *e, const struct origin *from);

bool export_starts(struct sca_str line);
int export_line(struct sca_framer *f, struct sca_str line, bool *ret_used);
int export_end(struct sca_framer *f);

bool pretty_starts(struct sca_str line);
int pretty_line(struct sca_framer *f, struct sca_str line, bool *ret_used);
int pretty_end(struct sca_framer *f);

/* Text in ausearch's words; the frame is complete but for its body. */
int frame_ausearch(struct sca_framer *f, struct sca_str text, const struct sca_frame *frame);

/* frame_shipper.c: objects that other tools write; *ret_known is set when it is one */
int frame_shipper(struct sca_framer *f, const json_t *o, const struct origin *from,
		  bool *ret_known);
/* Text of a string or an integer, kept for the call; NULL in it for any other value. */
int json_text(struct sca_framer *f, const json_t *v, struct sca_str *ret);

/* frame_words.c: the kernel's body of values as other tools print them, empty when absent */
struct words {
	struct sca_str auid, uid, gid, ses, subj, pid, sig, arch, syscall, compat, ip, code;
	struct sca_str comm, exe; /* bytes; NULL when absent */
	bool old_arm; /* audit-userspace says armeb for little-endian arm */
};
/* Adds the body and sends; a call without a number is counted as undecodable. */
int frame_words(struct sca_framer *f, const struct words *w, const struct sca_frame *frame);

/* A call that was seen being made, or that a trace tells was refused; an EVENT frame. */
struct traced_call {
	enum sca_source_kind source;
	struct sca_str name;
	uint32_t arch; /* 0: not told */
	uint32_t pid;  /* 0: not told */
	struct sca_str comm;
	bool denied;
	enum sca_action action; /* when denied */
	unsigned args_known;
	uint64_t args[6];
	uint64_t count; /* 0 is 1 */
	struct sca_container_ref container; /* without an id: not told */
};

/* frame_trace.c */
/* Bytes of the call's name that a text starts with. */
size_t frame_word_len(struct sca_str s);
int frame_call(struct sca_framer *f, const struct traced_call *c, const struct origin *from);
/* Whether a name is a call of this machine, or of the 32-bit programs that may run on it. */
int frame_knows_call(struct sca_framer *f, struct sca_str name, bool *ret);
int trace_starts(struct sca_framer *f, struct sca_str line, bool *ret);
int trace_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
	       bool *ret_used);

/* frame_names.c: *ret is the mode that such a line starts, MODE_LINES for none */
int names_start(struct sca_framer *f, struct sca_str line, enum mode *ret);
int names_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
	       bool *ret_used);

/* frame_sysdig.c: events of sysdig and Falco */
bool sysdig_starts(struct sca_str line);
int sysdig_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
		bool *ret_used);
int falco_text(struct sca_framer *f, struct sca_str text, const struct origin *from,
	       bool *ret_used);
int frame_sysdig(struct sca_framer *f, const json_t *o, const struct origin *from,
		 bool *ret_known);

/* frame_perf.c: *ret is the mode that such a line starts, set when it is one */
bool perf_starts(struct sca_str line, enum mode *ret);
int perf_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
	      bool *ret_used);

int frame_loss(struct sca_framer *f, struct sca_str text, const struct origin *from);
/* frame_live.c */
void frame_count_loss(struct sca_framer *f, uint64_t lost);

#endif
