/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of calls: a name a line, several with commas or blanks between them, with a count behind
 * (NAME COUNT) or in front (uniq -c); or the table of strace -c, where the fourth column counts.
 * Whatever made them, they tell that these calls were made.
 */
#include "cursor.h"
#include "frame_int.h"

/* One call of a list. */
struct entry {
	struct sca_str name;
	uint64_t count;
};

static bool take_item(struct sca_str *s, struct sca_str *ret)
{
	size_t n = 0;

	while (s->n && (is_blank(s->p[0]) || s->p[0] == ','))
		*s = str_skip(*s, 1);
	while (n < s->n && !is_blank(s->p[n]) && s->p[n] != ',')
		n++;
	*ret = (struct sca_str){s->p, n};
	*s = str_skip(*s, n);
	return n > 0;
}

static bool is_word(struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && s.p[i] != '_' && (s.p[i] < 'a' || s.p[i] > 'z'))
			return false;
	return s.n > 0;
}

static struct sca_str uncommented(struct sca_str line)
{
	const char *p = line.n ? memchr(line.p, '#', line.n) : NULL;

	if (p)
		line.n = (size_t)(p - line.p);
	return str_trim(line);
}

/* A count has a line for itself and its name. */
static bool read_counted(struct sca_str line, struct entry *ret)
{
	struct sca_str a, b, rest = line;

	if (!take_item(&rest, &a) || !take_item(&rest, &b) || str_trim(rest).n)
		return false;
	if (str_u64(b, &ret->count) == 0)
		ret->name = a;
	else if (str_u64(a, &ret->count) == 0)
		ret->name = b;
	else
		return false;
	return ret->count > 0 && ret->count <= INT64_MAX && is_word(ret->name);
}

/* "  0.00    0.000000           0         8         1 mmap"; errors may be absent. */
static bool read_counts(struct sca_str line, struct entry *ret)
{
	struct sca_str word, calls = {NULL, 0};
	size_t n = 0;

	for (; take_word(&line, &word); n++) {
		if (n == 3)
			calls = word;
		ret->name = word;
	}
	return (n == 5 || n == 6) && str_u64(calls, &ret->count) == 0 && ret->count > 0 &&
	       ret->count <= INT64_MAX && is_word(ret->name);
}

static int send_entry(struct sca_framer *f, const struct entry *e, const struct origin *from)
{
	struct traced_call c = {.source = SCA_SRC_NAMES, .name = e->name, .count = e->count};
	bool known;
	int r = frame_knows_call(f, e->name, &known);

	if (r < 0)
		return r;
	if (!known) {
		f->stats.undecodable++;
		return 0;
	}
	return frame_call(f, &c, from);
}

/* Words only; most lines of other inputs are none, and need no table of names. */
static bool is_list(struct sca_str line)
{
	struct sca_str item;

	while (take_item(&line, &item))
		if (!is_word(item))
			return false;
	return true;
}

int names_start(struct sca_framer *f, struct sca_str line, enum mode *ret)
{
	struct sca_str rest = uncommented(line), item;
	struct entry e;
	bool known = false;
	int r = 0;

	if (str_starts(str_trim(line), SCA_STR("% time "))) {
		*ret = MODE_COUNTS;
		return 0;
	}
	if (read_counted(rest, &e)) {
		r = frame_knows_call(f, e.name, &known);
	} else if (rest.n && is_list(rest)) {
		known = true;
		while (r == 0 && known && take_item(&rest, &item))
			r = frame_knows_call(f, item, &known);
	}
	if (r == 0 && known)
		*ret = MODE_NAMES;
	return r;
}

int names_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
	       bool *ret_used)
{
	struct entry e = {.count = 1};
	int r = 0;

	if (f->mode == MODE_COUNTS) {
		*ret_used = true;
		return read_counts(line, &e) && !str_is(e.name, "total") ? send_entry(f, &e, from)
									  : 0;
	}
	line = uncommented(line);
	*ret_used = is_list(line);
	if (!*ret_used)
		return 0;
	if (read_counted(line, &e))
		return send_entry(f, &e, from);
	e.count = 1;
	while (r == 0 && take_item(&line, &e.name))
		r = send_entry(f, &e, from);
	return r;
}
