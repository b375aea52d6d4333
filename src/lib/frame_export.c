/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journalctl -o export: "KEY=value" lines, an empty line behind each entry. A value with a
 * newline or other odd bytes is written as "KEY", a 64-bit little-endian length, that many
 * bytes, a newline. Such a value may hold anything, whole forged entries too, so it is stepped
 * over by its length: the lines are taken as the bytes that they were. Where a line was cut,
 * the offset of the next one tells how much is missing.
 */
#include "frame_int.h"

/* journald's own limit (DATA_SIZE_MAX): a length above it is no length. */
#define VALUE_MAX (UINT64_C(768) << 20)

static const struct sca_str first_key = {"__CURSOR=", 9};

bool export_starts(struct sca_str line)
{
	return str_starts(line, first_key);
}

static void entry_reset(struct sca_framer *f)
{
	struct export *x = &f->export;

	buf_reset(&x->text);
	memset(x->fields, 0, sizeof(x->fields));
	x->too_long = false;
	x->state = EXPORT_FIELDS;
	x->pos = f->pos;
}

static void field_begin(struct export *x, struct sca_str key)
{
	for (x->field = 0; x->field < JOURNAL_FIELDS; x->field++)
		if (str_eq(key, journal_names[x->field]))
			break;
	if (x->field == JOURNAL_FIELDS)
		return;
	if (x->fields[x->field].have) {
		x->field = JOURNAL_FIELDS; /* given again: the first one counts */
		return;
	}
	x->fields[x->field].have = true;
	x->fields[x->field].at = x->text.n;
}

static void field_add(struct export *x, struct sca_str s)
{
	if (x->field == JOURNAL_FIELDS || x->too_long)
		return;
	buf_add_str(&x->text, s);
	x->too_long = x->text.failed;
	x->fields[x->field].n += s.n;
}

/* Hands the entry on, once its last field is in. */
static int entry_end(struct sca_framer *f)
{
	struct export *x = &f->export;
	struct journal_entry e = {0};
	struct sca_str text;
	struct origin from = frame_origin(f, &x->pos, WRITER_JOURNAL);
	int r;

	f->mode = MODE_LINES;
	if (x->too_long) {
		f->stats.undecodable++;
		return 0;
	}
	r = frame_keep(f, buf_str(&x->text), &text);
	if (r < 0)
		return r;
	for (size_t i = 0; i < JOURNAL_FIELDS; i++)
		if (x->fields[i].have)
			e.field[i] = (struct sca_str){text.p + x->fields[i].at, x->fields[i].n};
	return frame_journal(f, &e, &from);
}

static bool is_key(struct sca_str s)
{
	if (s.n == 0 || s.n > 64 || ascii_digit(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && s.p[i] != '_' && (s.p[i] < 'A' || s.p[i] > 'Z'))
			return false;
	return true;
}

/* A line where a field may start. False: it is none, this was no export. */
static bool field_line(struct sca_framer *f, struct sca_str line)
{
	struct export *x = &f->export;
	const char *eq = memchr(line.p, '=', line.n);
	struct sca_str key = {line.p, eq ? (size_t)(eq - line.p) : line.n};

	if (!is_key(key))
		return false;
	field_begin(x, key);
	if (eq) {
		field_add(x, str_skip(line, key.n + 1));
		return true;
	}
	x->state = EXPORT_LENGTH;
	x->left = 8;
	x->value_n = 0;
	return true;
}

/* Bytes of a binary field; *s is what is left behind its end. False: it has none. */
static bool binary_bytes(struct export *x, struct sca_str *s)
{
	while (s->n && x->state != EXPORT_FIELDS) {
		size_t n = (size_t)MIN(x->left, (uint64_t)s->n);

		if (x->state == EXPORT_NEWLINE) {
			if (s->p[0] != '\n')
				return false;
			x->state = EXPORT_FIELDS;
			n = 1;
		} else if (x->state == EXPORT_DATA) {
			field_add(x, (struct sca_str){s->p, n});
			x->left -= n;
		} else {
			for (size_t i = 0; i < n; i++, x->left--)
				x->value_n |= (uint64_t)(unsigned char)s->p[i] << (8 * (8 - x->left));
			if (x->left == 0 && x->value_n > VALUE_MAX)
				return false;
		}
		if (x->state == EXPORT_LENGTH && x->left == 0) {
			x->state = EXPORT_DATA;
			x->left = x->value_n;
		}
		if (x->state == EXPORT_DATA && x->left == 0)
			x->state = EXPORT_NEWLINE;
		*s = str_skip(*s, n);
	}
	return true;
}

/* What a cut line lacks: nothing can be said of its bytes but how many they are. */
static bool binary_gap(struct export *x, uint64_t n)
{
	if (x->state != EXPORT_DATA || n > x->left)
		return false;
	x->too_long = x->too_long || x->field != JOURNAL_FIELDS;
	x->left -= n;
	if (x->left == 0)
		x->state = EXPORT_NEWLINE;
	return true;
}

static bool binary_line(struct export *x, struct sca_str line)
{
	static const struct sca_str newline = {"\n", 1};
	struct sca_str end = newline;

	return binary_bytes(x, &line) && line.n == 0 && binary_bytes(x, &end);
}

/* Field lines hold no control bytes, so a '\r' at the end came from a copy through Windows. */
static struct sca_str without_cr(struct sca_str line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* The entry ends, another one starts, or a field; false in *ret_fits when none of them. */
static int entry_line(struct sca_framer *f, struct sca_str line, bool *ret_fits)
{
	int r = 0;

	if (line.n == 0)
		return entry_end(f);
	if (f->mode != MODE_EXPORT || export_starts(line)) {
		if (f->mode == MODE_EXPORT)
			r = entry_end(f);
		entry_reset(f);
		f->mode = MODE_EXPORT;
	}
	*ret_fits = field_line(f, line);
	return r;
}

int export_line(struct sca_framer *f, struct sca_str line, bool *ret_used)
{
	struct export *x = &f->export;
	uint64_t expected = x->next;
	bool fits = true;
	int r = 0;

	x->next = f->pos.offset + line.n + 1;
	*ret_used = true;
	if (f->mode == MODE_EXPORT && x->state != EXPORT_FIELDS) {
		if (f->pos.offset > expected)
			fits = binary_gap(x, f->pos.offset - expected);
		fits = fits && binary_line(x, line);
	} else {
		r = entry_line(f, without_cr(line), &fits);
		*ret_used = fits; /* else it is a line by itself */
	}
	if (!fits) {
		f->stats.undecodable++;
		f->mode = MODE_LINES;
	}
	return r;
}

int export_end(struct sca_framer *f)
{
	if (f->export.state == EXPORT_FIELDS)
		return entry_end(f);
	f->stats.torn++;
	f->mode = MODE_LINES;
	return 0;
}
