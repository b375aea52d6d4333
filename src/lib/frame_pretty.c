/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON over several lines: journalctl -o json-pretty, dmesg -J, what jq prints. Such an input
 * starts with its brace or bracket and is read value by value, so that no more than one object
 * is held: the elements of an array at the top, and those of the "dmesg" array, count as
 * values of their own. The first byte that JSON cannot have there ends it.
 */
#include "frame_int.h"

enum scanned { SCAN_MORE, SCAN_OBJECT, SCAN_NOT_JSON };

static bool is_object(const struct pretty *p)
{
	return p->depth > 0 && p->objects >> (p->depth - 1) & 1;
}

static void capture_begin(struct sca_framer *f)
{
	struct pretty *p = &f->pretty;

	buf_reset(&p->text);
	p->capturing = true;
	p->too_long = false;
	p->pos = f->pos;
}

#define DMESG_HEAD_MAX 64u

/* Whether the object so far is `{ "dmesg": `, blanks aside. */
static bool is_dmesg_list(const struct pretty *p)
{
	static const char want[] = "{\"dmesg\":";
	size_t k = 0;

	if (p->depth != 1 || p->base != 0 || p->text.n > DMESG_HEAD_MAX)
		return false;
	for (size_t i = 0; i < p->text.n; i++) {
		if (memchr(" \t\r\n", p->text.p[i], 4))
			continue;
		if (k >= sizeof(want) - 1 || p->text.p[i] != want[k++])
			return false;
	}
	return k == sizeof(want) - 1;
}

static bool open_container(struct sca_framer *f, bool object)
{
	struct pretty *p = &f->pretty;

	if (p->depth == PRETTY_DEPTH_MAX)
		return false;
	if (p->depth == 0)
		p->start = f->pos;
	if (object && !p->capturing)
		capture_begin(f);
	if (!object && p->depth == 0) {
		p->base = 1;
	} else if (!object && is_dmesg_list(p)) {
		p->base = 2;
		p->capturing = false;
	}
	p->objects &= ~(UINT64_C(1) << p->depth);
	p->objects |= (uint64_t)object << p->depth;
	p->depth++;
	return true;
}

static enum scanned close_container(struct pretty *p, bool object)
{
	if (p->depth == 0 || is_object(p) != object)
		return SCAN_NOT_JSON;
	p->depth--;
	if (p->depth < p->base)
		p->base = p->depth;
	return p->capturing && p->depth == p->base ? SCAN_OBJECT : SCAN_MORE;
}

static enum scanned scan_byte(struct sca_framer *f, char c)
{
	struct pretty *p = &f->pretty;

	if (p->quoted) {
		if (p->escaped)
			p->escaped = false;
		else if (c == '\\')
			p->escaped = true;
		else if (c == '"')
			p->quoted = false;
		return c == '\n' ? SCAN_NOT_JSON : SCAN_MORE;
	}
	switch (c) {
	case '{':
	case '[':
		return open_container(f, c == '{') ? SCAN_MORE : SCAN_NOT_JSON;
	case '}':
	case ']':
		return close_container(p, c == '}');
	case '"':
		p->quoted = true;
		return p->depth > 0 ? SCAN_MORE : SCAN_NOT_JSON;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return SCAN_MORE;
	}
	if (p->depth == 0)
		return SCAN_NOT_JSON;
	return strchr(",:+-.0123456789truefalsnE", c) && c ? SCAN_MORE : SCAN_NOT_JSON;
}

static void hold_byte(struct pretty *p, char c)
{
	if (!p->capturing || p->too_long)
		return;
	buf_add_c(&p->text, c);
	p->too_long = p->text.failed;
}

static int object_end(struct sca_framer *f)
{
	struct pretty *p = &f->pretty;
	struct origin from = frame_origin(f, &p->pos, WRITER_JOURNAL);
	struct sca_str text;
	int r;

	p->capturing = false;
	if (p->too_long) {
		f->stats.undecodable++;
		return 0;
	}
	r = frame_keep(f, buf_str(&p->text), &text);
	return r < 0 ? r : frame_json(f, text, &from);
}

static void restart(struct pretty *p)
{
	p->depth = p->base = 0;
	p->capturing = p->quoted = p->escaped = false;
}

/* The first line is one of openings only, as every printer of such JSON makes it; a line with
 * more is an object of its own, perhaps a cut one, and must not swallow those behind it. */
bool pretty_starts(struct sca_str line)
{
	struct sca_framer trial = {.mode = MODE_PRETTY};
	enum scanned s = SCAN_MORE;

	line = str_trim(line);
	if (*line.p != '{' && *line.p != '[')
		return false;
	if (line.p[line.n - 1] != '{' && line.p[line.n - 1] != '[')
		return false;
	for (size_t i = 0; i < line.n && s != SCAN_NOT_JSON; i++)
		s = scan_byte(&trial, line.p[i]);
	return s != SCAN_NOT_JSON && trial.pretty.depth > 0 && !trial.pretty.quoted;
}

int pretty_line(struct sca_framer *f, struct sca_str line, bool *ret_used)
{
	struct pretty *p = &f->pretty;

	if (f->mode != MODE_PRETTY)
		restart(p);
	for (size_t i = 0; i <= line.n; i++) {
		char c = i < line.n ? line.p[i] : '\n';
		enum scanned s = scan_byte(f, c);
		int r;

		if (s == SCAN_NOT_JSON) {
			f->stats.undecodable += p->depth > 0;
			f->mode = MODE_LINES;
			return 0;
		}
		hold_byte(p, c);
		if (s != SCAN_OBJECT)
			continue;
		r = object_end(f);
		if (r < 0)
			return r;
	}
	f->mode = MODE_PRETTY;
	*ret_used = true;
	return 0;
}

int pretty_end(struct sca_framer *f)
{
	f->stats.torn += f->pretty.depth > 0;
	f->mode = MODE_LINES;
	return 0;
}
