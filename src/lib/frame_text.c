/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of text: the records in it. Usually it is one; two messages of a console may have
 * run together, and a line may be about records without being one. JSON is told by its brace
 * and goes to its own reader.
 */
#include "cursor.h"
#include "frame_int.h"

/* auditd refuses longer ones (MAX_AUDIT_MESSAGE_LENGTH is 8970). */
#define RECORD_MAX 16384u

static struct sca_str part(struct sca_str s, size_t from, size_t to)
{
	return (struct sca_str){s.p + from, to - from};
}

/* The offset behind the code that ends a body in [from, to), or 0. */
static size_t code_end(struct sca_str text, size_t from, size_t to)
{
	const struct sca_str key = SCA_STR(" code=0x");
	const char *p = str_find(part(text, from ? from - 1 : 0, to), key);
	size_t at;

	if (!p)
		return 0;
	at = (size_t)(p - text.p) + key.n;
	for (size_t i = 0; i < 9 && at < to; i++, at++)
		if (!ascii_digit(text.p[at]) && (text.p[at] < 'a' || text.p[at] > 'f'))
			break;
	return at;
}

bool record_is_complete(struct sca_str text, const struct head *head, size_t *ret_end)
{
	size_t to = MIN(text.n, head->body + RECORD_MAX);

	if (head->interpreted) {
		const char *p = str_find(part(text, head->body, to), SCA_STR(" code="));

		*ret_end = p && (size_t)(p - text.p) + 6 < text.n ? text.n : 0;
	} else {
		*ret_end = code_end(text, head->body, to);
	}
	return *ret_end != 0;
}

static void fill_stamp(struct sca_frame *frame, const struct head *head)
{
	frame->type = head->type;
	if (head->have_time) {
		frame->have_time = true;
		frame->time_ms = head->time_ms;
	}
	if (head->have_serial) {
		frame->have_serial = true;
		frame->serial = head->serial;
	}
}

/* /dev/kmsg writes "\\xNN" for controls, bytes above 0x7e and the backslash. */
static int undo_kmsg(struct sca_framer *f, struct sca_str *s)
{
	char *to, *at;
	size_t i = 0;

	if (!s->n || !memchr(s->p, '\\', s->n))
		return 0;
	to = at = arena_alloc(&f->keep, s->n);
	if (!to)
		return -ENOMEM;
	while (i < s->n) {
		bool escape = s->n - i >= 4 && s->p[i] == '\\' && s->p[i + 1] == 'x';
		int hi = escape ? hex_digit(s->p[i + 2]) : -1;
		int lo = escape ? hex_digit(s->p[i + 3]) : -1;

		if (hi >= 0 && lo >= 0) {
			*at++ = (char)(hi << 4 | lo);
			i += 4;
		} else {
			*at++ = s->p[i++];
		}
	}
	*s = (struct sca_str){to, (size_t)(at - to)};
	return 0;
}

static int send_body(struct sca_framer *f, struct sca_str body, const struct head *head,
		     const struct origin *from)
{
	struct sca_frame frame = from->frame;

	fill_stamp(&frame, head);
	if (head->interpreted)
		return frame_ausearch(f, body, &frame);
	if (frame.source == SCA_SRC_KMSG) {
		int r = undo_kmsg(f, &body);

		if (r < 0)
			return r;
	}
	frame.body = body;
	return frame_send(f, &frame);
}

/* The text ends before the record does, and no more will come. */
static int incomplete(struct sca_framer *f, struct sca_str text, const struct head *head,
		     const struct origin *from)
{
	struct sca_str body = part(text, head->body, text.n);

	/* A kill shows in sig= already; what has not even its number was cut. */
	if (head->interpreted || !str_find(body, SCA_STR(" syscall="))) {
		f->stats.torn++;
		return 0;
	}
	return send_body(f, body, head, from);
}

int frame_record(struct sca_framer *f, struct sca_str text, const struct head *head,
		 const struct origin *from, size_t *ret_end)
{
	struct head next;
	size_t end;

	*ret_end = 0;
	if (!record_is_complete(text, head, &end)) {
		if (from->depth == 0)
			return paste_start(f, text, head, from);
		return incomplete(f, text, head, from);
	}
	if (!head->interpreted &&
	    head_next(part(text, 0, end), head->body, &next) != HEAD_NONE) {
		f->stats.torn++;
		return 0;
	}
	*ret_end = end;
	return send_body(f, part(text, head->body, end), head, from);
}

/* The value of a field in a body, up to the next blank and without quotes. */
static struct sca_str peek_field(struct sca_str body, struct sca_str key)
{
	const char *p = str_find(body, key), *end = body.p + body.n, *q;

	if (!p)
		return (struct sca_str){NULL, 0};
	p += key.n;
	p += p < end && *p == '"';
	for (q = p; q < end && *q != ' ' && *q != '"';)
		q++;
	return (struct sca_str){p, (size_t)(q - p)};
}

/*
 * In journald's text form the tag is "audit", or, where a viewer took the name from the
 * metadata of the process, that of the record's own process.
 */
static bool tag_is_of_record(const struct prefix *px, struct sca_str body)
{
	if (px->tag.n == 0)
		return !px->header;
	if (str_is(px->tag, "audit"))
		return true;
	if (px->tag_pid.n)
		return str_eq(px->tag_pid, peek_field(body, SCA_STR(" pid=")));
	return str_eq(px->tag, peek_field(body, SCA_STR(" comm=")));
}

static enum sca_source_kind source_of(const struct head *head, const struct prefix *px)
{
	if (head->form == HEAD_JOURNALD)
		return SCA_SRC_JOURNAL;
	if (px->kmsg)
		return SCA_SRC_KMSG;
	if (px->header)
		return SCA_SRC_SYSLOG;
	return head->form == HEAD_AUDITD ? SCA_SRC_AUDITD : SCA_SRC_KERNEL;
}

/* Whether nothing but "node=NAME " stands in front: auditd's own line. Viewers put blanks in
 * front of the later lines of somebody's message. */
static bool is_line_start(struct sca_str before, const struct prefix *px)
{
	return before.n == 0 || (before.n == px->host.n + 6 && str_starts(before, SCA_STR("node=")));
}

/* Judges what stands before a record's head and says what is known by it. */
static bool read_surroundings(struct sca_str text, size_t at, const struct head *head,
			      struct origin *from)
{
	struct sca_str before = part(text, at, head->start);
	struct sca_frame *frame = &from->frame;
	struct prefix px;

	if (!prefix_read(before, head->form, &px))
		return false;
	if (head->form == HEAD_JOURNALD &&
	    !tag_is_of_record(&px, part(text, head->body, text.n)))
		return false;
	frame->source = source_of(head, &px);
	if (head->form != HEAD_AUDITD || head->interpreted || at != 0 ||
	    !is_line_start(before, &px))
		frame->trust = SCA_TRUST_FORGEABLE;
	if (px.host.n)
		frame->node = px.host;
	if (px.have_time) {
		frame->have_time = true;
		frame->time_ms = px.time_ms;
	}
	return true;
}

/* *ret_any: there was a record, or what looks like one. */
static int text_records(struct sca_framer *f, struct sca_str text, const struct origin *from,
			bool *ret_any)
{
	enum head_found found;
	struct head head;
	size_t at = 0, end;

	while ((found = head_next(text, at, &head)) != HEAD_NONE) {
		struct origin here = *from;
		int r;

		*ret_any = true;
		if (!read_surroundings(text, at, &head, &here)) {
			f->stats.foreign++;
			return 0;
		}
		if (found == HEAD_BAD) {
			f->stats.undecodable++;
			return 0;
		}
		if (found == HEAD_CUT) {
			if (here.depth == 0)
				return paste_start(f, text, &head, &here);
			f->stats.torn++;
			return 0;
		}
		r = frame_record(f, text, &head, &here, &end);
		if (r < 0 || end == 0)
			return r;
		at = end;
	}
	return 0;
}

/* "260(fchownat)", what snappy-debug makes of "syscall=260". The offset of the digits. */
static size_t snappy_syscall(struct sca_str s, size_t *ret_digits, size_t *ret_end)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		struct sca_str t = str_skip(s, i + 1);
		size_t n = count_digits(t);
		const char *close;

		if (s.p[i] != ' ' || n == 0 || n == t.n || t.p[n] != '(')
			continue;
		close = memchr(t.p + n, ')', t.n - n);
		if (!close)
			return 0;
		*ret_digits = n;
		*ret_end = (size_t)(close - s.p) + 1;
		return i + 1;
	}
	return 0;
}

/*
 * A body whose head was left out: quoted by hand, or in snappy-debug's "Log:" line. Only the
 * whole body is taken; what is the end of one only is counted.
 */
static int headless(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	struct sca_frame frame = from->frame;
	struct sca_str s;
	char ignored[DECORATION_MAX + 1];
	size_t nr, digits, past, end;

	s = prefix_undecorate(text, ignored);
	if (str_starts(s, SCA_STR("Log: ")))
		s = str_skip(s, 5);
	end = s.n > 9 ? code_end(s, 1, MIN(s.n, (size_t)RECORD_MAX)) : 0;
	if (!end || !str_find(s, SCA_STR(" ip=0x")))
		return 0;
	s.n = end;
	if (!str_starts(s, SCA_STR("auid=")) || !str_find(s, SCA_STR(" sig="))) {
		f->stats.undecodable++;
		return 0;
	}
	nr = snappy_syscall(s, &digits, &past);
	if (nr) {
		char *to = arena_printf(&f->keep, "%.*ssyscall=%.*s%.*s", (int)nr, s.p,
					(int)digits, s.p + nr, (int)(s.n - past), s.p + past);

		if (!to)
			return -ENOMEM;
		s = sca_str_z(to);
	}
	frame.source = SCA_SRC_KERNEL;
	frame.trust = SCA_TRUST_FORGEABLE;
	frame.type = 1326;
	frame.body = s;
	return frame_send(f, &frame);
}

/* JSON, perhaps behind a header: NDJSON of a shipper in a syslog file or a container's log. */
static bool is_json(struct sca_str text, struct prefix *ret_px, size_t *ret_at)
{
	const char *brace = memchr(text.p, '{', text.n);
	struct sca_str before, inside;

	if (!brace)
		return false;
	before = part(text, 0, (size_t)(brace - text.p));
	inside = str_trim(str_skip(text, before.n + 1));
	if (inside.n == 0 || *inside.p != '"')
		return false;
	*ret_at = before.n;
	before = str_trim(before);
	if (str_is(before, "[")) {
		/* An array that goes on with the next line has its first element here. */
		if (text.p[text.n - 1] != ',')
			*ret_at = (size_t)(before.p - text.p);
		before.n = 0;
	}
	return prefix_read_json(before, ret_px);
}

static int text_json(struct sca_framer *f, struct sca_str text, size_t at, const struct prefix *px,
		     const struct origin *from)
{
	struct sca_str before = str_trim(part(text, 0, at));
	struct origin inner = *from;

	/* Journal entries stand alone on their line, but for the marks of json-seq and json-sse. */
	if (before.n && !str_is(before, "\x1e") && !str_is(before, "data:"))
		inner.frame.trust = SCA_TRUST_FORGEABLE;
	if (px->host.n)
		inner.frame.node = px->host;
	return frame_json(f, str_skip(text, at), &inner);
}

int frame_text(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	struct prefix px;
	bool any = false;
	size_t at;
	int r;

	if (text.n == 0)
		return 0;
	if (is_json(text, &px, &at))
		return text_json(f, text, at, &px, from);
	r = text_records(f, text, from, &any);
	if (r < 0 || any)
		return r;
	r = falco_text(f, text, from, &any);
	if (r < 0 || any)
		return r;
	r = headless(f, text, from);
	return r < 0 ? r : frame_loss(f, text, from);
}
