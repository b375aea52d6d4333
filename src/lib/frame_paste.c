/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record over several lines: a mail or a commit message wrapped it at its blanks, quoted or
 * indented it. A line is taken for the next part only when the record still lacks its code,
 * the line before ends in a whole field, and this one starts with a field's name behind the
 * same decoration. A wrap inside of a field is not put together: nothing shows that it fits.
 */
#include "frame_int.h"
#include "record_int.h"

static bool keep_text(struct buf *b, struct sca_str s)
{
	buf_reset(b);
	buf_add_str(b, s);
	return !b->failed;
}

int paste_start(struct sca_framer *f, struct sca_str line, const struct head *head,
		const struct origin *from)
{
	struct paste *p = &f->paste;
	struct sca_str text = str_skip(line, head->start);

	if (text.n > f->limits.entry_max) {
		f->stats.torn++;
		return 0;
	}
	prefix_undecorate(line, p->decoration);
	if (!keep_text(&p->text, text) || !keep_text(&p->node, from->frame.node))
		return -ENOMEM;
	p->from = *from;
	p->from.frame.node = buf_str(&p->node);
	p->lines = 1;
	f->mode = MODE_PASTE;
	return 0;
}

static struct sca_str last_word(struct sca_str s)
{
	size_t start = s.n;

	while (start && s.p[start - 1] != ' ')
		start--;
	return str_skip(s, start);
}

/* "key=value", the end of a head "...):", or the mode of a profile, "(enforce)". */
static bool ends_whole(struct sca_str s)
{
	struct sca_str word = last_word(s);
	const char *eq;

	if (word.n == 0)
		return false;
	if (word.p[word.n - 1] == ')' || word.p[word.n - 1] == ':')
		return true;
	eq = memchr(word.p, '=', word.n);
	return eq && eq + 1 < word.p + word.n;
}

static bool continues(const struct paste *p, struct sca_str line)
{
	struct sca_str held = buf_str(&p->text), rest;
	char decoration[DECORATION_MAX + 1];
	struct head head;

	rest = prefix_undecorate(line, decoration);
	if (strcmp(decoration, p->decoration) != 0)
		return false;
	if (head_at(held, 0, &head) == HEAD_CUT)
		return str_starts(rest, SCA_STR("audit(")) ||
		       str_starts(rest, SCA_STR("msg=audit("));
	if (!ends_whole(held))
		return false;
	return record_field_starts(rest) ||
	       (str_starts(rest, SCA_STR("(")) && str_starts(last_word(held), SCA_STR("subj=")));
}

/* Sends what there is. */
static int finish(struct sca_framer *f)
{
	struct paste *p = &f->paste;
	struct origin from = p->from;
	struct sca_str text;
	struct head head;
	size_t end;
	int r;

	f->mode = MODE_LINES;
	r = frame_keep(f, buf_str(&p->text), &text);
	if (r == 0)
		r = frame_keep(f, from.frame.node, &from.frame.node);
	if (r < 0)
		return r;
	if (p->lines > 1) {
		from.frame.source = SCA_SRC_PASTE;
		from.frame.trust = SCA_TRUST_FORGEABLE;
	}
	if (head_at(text, 0, &head) != HEAD_FOUND) {
		f->stats.torn++;
		return 0;
	}
	from.depth = 1; /* no further lines */
	return frame_record(f, text, &head, &from, &end);
}

int paste_line(struct sca_framer *f, struct sca_str line, bool *ret_used)
{
	struct paste *p = &f->paste;
	char ignored[DECORATION_MAX + 1];
	struct head head;
	size_t end;

	if (p->lines >= f->limits.paste_max || !continues(p, line))
		return finish(f);
	line = prefix_undecorate(line, ignored);
	if (line.n >= f->limits.entry_max - p->text.n)
		return finish(f);
	*ret_used = true;
	p->lines++;
	buf_add_c(&p->text, ' ');
	buf_add_str(&p->text, line);
	if (p->text.failed)
		return -ENOMEM;
	if (head_at(buf_str(&p->text), 0, &head) == HEAD_FOUND &&
	    record_is_complete(buf_str(&p->text), &head, &end))
		return finish(f);
	return 0;
}

int paste_end(struct sca_framer *f)
{
	return finish(f);
}
