/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framer: which reader a line goes to. Several readers need more than one line; while
 * one of them is in the middle of its thing it sees each line first and says whether the
 * line belongs to it.
 */
#include "frame_int.h"

#define LINE_MAX_DEFAULT  (1u << 20)
#define ENTRY_MAX_DEFAULT (256u << 10)
#define PASTE_MAX_DEFAULT 8u

int framer_new(struct sca_framer **ret, const struct sca_limits *limits, bool regular_file,
	       struct sca_err *err)
{
	struct sca_framer *f = calloc(1, sizeof(*f));

	if (!f)
		return sca_fail(err, -ENOMEM, "no memory for reading lines");
	if (limits)
		f->limits = *limits;
	if (!f->limits.line_max)
		f->limits.line_max = LINE_MAX_DEFAULT;
	if (!f->limits.entry_max)
		f->limits.entry_max = ENTRY_MAX_DEFAULT;
	if (!f->limits.paste_max)
		f->limits.paste_max = PASTE_MAX_DEFAULT;
	f->regular_file = regular_file;
	f->paste.text.max = f->export.text.max = f->pretty.text.max = f->limits.entry_max;
	*ret = f;
	return 0;
}

struct sca_framer *framer_free(struct sca_framer *f)
{
	if (!f)
		return NULL;
	sca_names_free(f->names);
	arena_release(&f->keep);
	buf_release(&f->paste.text);
	buf_release(&f->paste.node);
	buf_release(&f->export.text);
	buf_release(&f->pretty.text);
	free(f->trace.tasks);
	free(f);
	return NULL;
}

void framer_file(struct sca_framer *f, bool own)
{
	f->regular_file = own;
}

bool framer_wants_all(const struct sca_framer *f)
{
	return f->mode != MODE_LINES;
}

bool framer_open(const struct sca_framer *f, struct sca_pos *ret)
{
	if (f->mode == MODE_PASTE)
		*ret = f->paste.from.frame.pos;
	else if (f->mode == MODE_EXPORT)
		*ret = f->export.pos;
	else if (f->mode == MODE_PRETTY && f->pretty.depth > 0)
		*ret = f->pretty.start;
	else
		return false;
	return true;
}

void framer_stats(const struct sca_framer *f, struct sca_source_stats *add)
{
	add->frames += f->stats.frames;
	add->foreign += f->stats.foreign;
	add->torn += f->stats.torn;
	add->undecodable += f->stats.undecodable;
	add->loss_messages += f->stats.loss_messages;
	add->lost += f->stats.lost;
}

static bool has_folded(struct sca_str s, struct sca_str lower)
{
	for (; s.n >= lower.n; s = str_skip(s, 1))
		if (ascii_lower(s.p[0]) == lower.p[0] &&
		    str_eq_nocase((struct sca_str){s.p, lower.n}, lower))
			return true;
	return false;
}

bool framer_anchored(struct sca_str line)
{
#define ANCHOR(text, fold) {{text, sizeof(text) - 1}, fold},
	static const struct {
		struct sca_str text;
		bool fold;
	} anchors[] = {FRAME_ANCHORS(ANCHOR)};
#undef ANCHOR

	if (line.n == 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(anchors); i++)
		if (anchors[i].fold ? has_folded(line, anchors[i].text)
				    : str_find(line, anchors[i].text) != NULL)
			return true;
	return false;
}

/* -- what the readers call -- */

int frame_send(struct sca_framer *f, const struct sca_frame *frame)
{
	f->stats.frames++;
	return f->emit(frame, f->arg);
}

int frame_keep(struct sca_framer *f, struct sca_str s, struct sca_str *ret)
{
	return arena_dup_str(&f->keep, s, ret) ? 0 : -ENOMEM;
}

int frame_names(struct sca_framer *f, struct sca_names **ret)
{
	int r = f->names ? 0 : sca_names_new(&f->names, NULL);

	if (r == 0)
		*ret = f->names;
	return r;
}

/* -- lines -- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct sca_str trim_end(struct sca_str s)
{
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Bytes of a terminal control sequence at p: CSI, or a two or three byte escape. */
static size_t escape_len(const char *p, const char *end)
{
	const char *q = p + 1;

	if (q < end && *q == '[') {
		for (q++; q < end && (unsigned char)*q >= 0x20 && (unsigned char)*q < 0x40;)
			q++;
	} else {
		while (q < end && (unsigned char)*q >= 0x20 && (unsigned char)*q < 0x30)
			q++;
	}
	return (size_t)(q - p) + (q < end);
}

/* Colours and the emphasis of markdown ("**syscall=296**") go, but not what a quoted name
 * holds of the latter. */
static int strip_marks(struct sca_framer *f, struct sca_str *s)
{
	const char *p = s->p, *end = s->p + s->n;
	bool quoted = false;
	char *to, *at;

	to = at = arena_alloc(&f->keep, s->n);
	if (!to)
		return -ENOMEM;
	while (p < end) {
		if (*p == '\x1b') {
			p += escape_len(p, end);
			continue;
		}
		if (!quoted && end - p >= 2 && p[0] == '*' && p[1] == '*') {
			p += 2;
			continue;
		}
		if (*p == '"')
			quoted = !quoted;
		*at++ = *p++;
	}
	*s = (struct sca_str){to, (size_t)(at - to)};
	return 0;
}

int frame_clean(struct sca_framer *f, struct sca_str *line)
{
	if (line->n >= 3 && memcmp(line->p, "\xef\xbb\xbf", 3) == 0)
		*line = str_skip(*line, 3);
	if (line->n && (memchr(line->p, '\x1b', line->n) || str_find(*line, SCA_STR("**")))) {
		int r = strip_marks(f, line);

		if (r < 0)
			return r;
	}
	*line = trim_end(*line);
	return 0;
}

/* Nothing of an input reaches into the next one. */
static void drop_open(struct sca_framer *f)
{
	f->stats.torn += f->mode == MODE_PASTE || f->mode == MODE_EXPORT ||
			 (f->mode == MODE_PRETTY && f->pretty.depth > 0);
	f->mode = MODE_START;
	free(f->trace.tasks);
	f->trace = (struct trace){.tasks = NULL};
}

/* By what a line starts with. Records of auditd and the journal's entries have nothing in front. */
static enum writer writer_of(struct sca_str line)
{
	if (str_starts(line, SCA_STR("type=")) || str_starts(line, SCA_STR("node=")))
		return WRITER_AUDITD;
	if (export_starts(line) || str_starts(line, SCA_STR("data:")) ||
	    (line.n && strchr("{[\x1e", line.p[0]) && line.p[0]))
		return WRITER_JOURNAL;
	return WRITER_OTHER;
}

static enum sca_trust trust(const struct sca_framer *f, enum writer writer)
{
	return f->regular_file && f->writer == writer && writer != WRITER_OTHER
		? SCA_TRUST_KERNEL : SCA_TRUST_FORGEABLE;
}

struct origin frame_origin(const struct sca_framer *f, const struct sca_pos *pos,
			   enum writer writer)
{
	return (struct origin){
		.frame = {
			.kind = SCA_FRAME_RECORD, .trust = trust(f, writer), .pos = *pos,
		},
	};
}

/* "code=0x..." and nothing else. */
static bool is_code(struct sca_str s)
{
	if (!str_starts(s, SCA_STR("code=0x")) || s.n < 8 || s.n > 15)
		return false;
	for (size_t i = 7; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return true;
}

/*
 * The one shape that most records have: a whole line of auditd's own, RAW or ENRICHED. False
 * when anything about it is unusual: then it is for frame_text().
 */
static bool is_plain_auditd(const struct sca_framer *f, struct sca_str line, struct sca_frame *ret)
{
	static const struct sca_str start = {"type=SECCOMP msg=audit(", 23};
	struct sca_str body;
	const char *p;
	struct head h;

	if (!str_starts(line, start) || head_at(line, 0, &h) != HEAD_FOUND || h.interpreted ||
	    h.body == line.n || memchr(line.p, '\x1b', line.n))
		return false;
	body = (struct sca_str){line.p + h.body, line.n - h.body};
	p = memchr(body.p, '\x1d', body.n);
	if (p)
		body.n = (size_t)(p - body.p);
	body = trim_end(body);
	p = memrchr(body.p, ' ', body.n);
	if (!p || !is_code(str_skip(body, (size_t)(p - body.p) + 1)))
		return false;
	*ret = (struct sca_frame){
		.kind = SCA_FRAME_RECORD,
		.source = SCA_SRC_AUDITD,
		.trust = trust(f, WRITER_AUDITD),
		.type = h.type,
		.have_time = h.have_time,
		.have_serial = h.have_serial,
		.time_ms = h.time_ms,
		.serial = h.serial,
		.body = body,
		.pos = f->pos,
	};
	return true;
}

/* A trace or a list of names, which has no end but the input's. */
static int list_line(struct sca_framer *f, struct sca_str line, bool *ret_used)
{
	struct origin from = frame_origin(f, &f->pos, WRITER_OTHER);

	if (f->mode == MODE_TRACE)
		return trace_line(f, line, &from, ret_used);
	if (f->mode == MODE_SYSDIG)
		return sysdig_line(f, line, &from, ret_used);
	if (f->mode == MODE_PERF || f->mode == MODE_PERF_COUNTS)
		return perf_line(f, line, &from, ret_used);
	return names_line(f, line, &from, ret_used);
}

/* The first line with text says who wrote the input, and whether it is JSON over several lines, a
 * trace or a list of names; a comment may stand in front. */
static int first_line(struct sca_framer *f, struct sca_str line, bool *ret_used)
{
	bool trace = false;
	int r;

	if (str_trim(line).n == 0) {
		*ret_used = true;
		return 0;
	}
	if (str_starts(line, SCA_STR("#")))
		return 0;
	f->mode = MODE_LINES;
	f->writer = writer_of(line);
	if (pretty_starts(line))
		return pretty_line(f, line, ret_used);
	if (sysdig_starts(line))
		f->mode = MODE_SYSDIG;
	if (f->mode == MODE_SYSDIG || perf_starts(line, &f->mode))
		return list_line(f, line, ret_used);
	r = trace_starts(f, line, &trace);
	if (r < 0)
		return r;
	if (trace)
		f->mode = MODE_TRACE;
	else
		r = names_start(f, line, &f->mode);
	return r < 0 || f->mode == MODE_LINES ? r : list_line(f, line, ret_used);
}

/* A journal's export entry, multi-line JSON, a wrapped record, a trace; else the line is by
 * itself. */
static int mode_line(struct sca_framer *f, struct sca_str line, bool *ret_used)
{
	int r;

	if (f->mode == MODE_EXPORT)
		return export_line(f, line, ret_used);
	r = frame_clean(f, &line);
	if (r < 0)
		return r;
	if (f->mode == MODE_PASTE)
		return paste_line(f, line, ret_used);
	if (f->mode == MODE_PRETTY)
		return pretty_line(f, line, ret_used);
	if (f->mode == MODE_START)
		return first_line(f, line, ret_used);
	return list_line(f, line, ret_used);
}

int framer_line(struct sca_framer *f, struct sca_str line, const struct sca_pos *pos,
		framer_emit_fn *emit, void *arg)
{
	struct sca_frame frame;
	struct sca_str clean;
	struct origin from;
	bool used = false;
	int r;

	f->emit = emit;
	f->arg = arg;
	if (f->keep.chunks)
		arena_release(&f->keep);
	if (unlikely(pos->line == 1))
		drop_open(f);
	f->pos = *pos;
	if (f->mode != MODE_LINES) {
		r = mode_line(f, line, &used);
		if (r < 0 || used)
			return r;
	}
	if (likely(is_plain_auditd(f, line, &frame)))
		return frame_send(f, &frame);
	if (export_starts(line))
		return export_line(f, line, &used);
	clean = line;
	r = frame_clean(f, &clean);
	from = frame_origin(f, pos, writer_of(clean));
	/* What only the cleaning put together was no anchor to whoever left lines out. */
	if (r < 0 || clean.n == 0 || (clean.p != line.p && !framer_anchored(line)))
		return r;
	return frame_text(f, clean, &from);
}

int framer_flush(struct sca_framer *f, framer_emit_fn *emit, void *arg)
{
	int r = 0;

	/* What the last line's frames point to stays: they may wait in a queue. */
	f->emit = emit;
	f->arg = arg;
	if (f->mode == MODE_PASTE)
		r = paste_end(f);
	else if (f->mode == MODE_EXPORT)
		r = export_end(f);
	else if (f->mode == MODE_PRETTY)
		r = pretty_end(f);
	f->mode = MODE_START;
	return r;
}
