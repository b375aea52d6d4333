/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor.h"

#include "trace_front.h"

bool trace_take_pid(struct sca_str *s, struct trace_line *l)
{
	size_t n = count_digits(*s);

	if (n == 0 || str_u32((struct sca_str){s->p, n}, &l->pid) < 0)
		return false;
	*s = str_skip(*s, n);
	if (take_char(s, '<')) {
		const char *end = s->n ? memchr(s->p, '>', s->n) : NULL;

		if (!end)
			return false;
		*s = str_skip(*s, (size_t)(end - s->p) + 1);
	}
	l->have_pid = l->marked = true;
	return true;
}

/* "1795502175.137" is a time, "06:14:08" one without a date, "0.000123" a distance. */
static bool take_time(struct sca_str *s, struct trace_line *l)
{
	size_t n = count_digits(*s), fraction;
	struct sca_str t = str_skip(*s, n);
	uint64_t seconds = 0, ms = 0;

	if (n == 2 && take_char(&t, ':') && take_digits(&t, 2, 2) && take_char(&t, ':') &&
	    take_digits(&t, 2, 2)) {
		if (take_char(&t, '.') && !take_digits(&t, 1, 9))
			return false;
	} else if (n && n <= 12 && take_char(&t, '.')) {
		fraction = count_digits(t);
		if (fraction < 3 || fraction > 9 ||
		    str_u64((struct sca_str){s->p, n}, &seconds) < 0 ||
		    str_u64((struct sca_str){t.p, 3}, &ms) < 0)
			return false;
		t = str_skip(t, fraction);
		l->have_time = n >= 9;
		l->time_ms = (int64_t)(seconds * 1000 + ms);
	} else if (n >= 9 && n <= 12 && t.n && t.p[0] == ' ') {
		if (str_u64((struct sca_str){s->p, n}, &seconds) < 0)
			return false;
		l->have_time = true;
		l->time_ms = (int64_t)(seconds * 1000);
	} else {
		return false;
	}
	if (t.n == 0 || !is_blank(t.p[0]))
		return false;
	*s = t;
	l->marked = true;
	return true;
}

/* "[00007f12abcd]" of -i, "[  59]" of -n. */
static bool take_bracket(struct sca_str *s, struct trace_line *l)
{
	struct sca_str in;
	const char *end = s->n && s->p[0] == '[' ? memchr(s->p, ']', s->n) : NULL;
	uint64_t ip;
	uint32_t nr;

	if (!end)
		return false;
	in = str_trim((struct sca_str){s->p + 1, (size_t)(end - s->p) - 1});
	if (in.n < 8 && str_u32(in, &nr) == 0 && nr <= INT32_MAX) {
		l->have_nr = true;
		l->nr = (int32_t)nr;
	} else if (str_hex64(in, &ip) < 0) {
		return false;
	}
	*s = str_skip(*s, (size_t)(end - s->p) + 1);
	return true;
}

/* "(+     0.000123)", what -r adds to a time. */
static void take_distance(struct sca_str *s)
{
	const char *end = str_starts(*s, SCA_STR("(+")) ? memchr(s->p, ')', s->n) : NULL;

	if (end)
		*s = str_skip(*s, (size_t)(end - s->p) + 1);
}

struct trace_line trace_front(struct sca_str text)
{
	struct trace_line l = {.rest = text};
	struct sca_str *s = &l.rest, mark;

	skip_blanks(s);
	if (str_starts(*s, SCA_STR("[pid"))) {
		mark = str_skip(*s, 4);
		skip_blanks(&mark);
		if (trace_take_pid(&mark, &l) && take_char(&mark, ']'))
			*s = mark;
	} else if (!take_time(s, &l)) {
		mark = *s;
		if (trace_take_pid(&mark, &l) && mark.n && is_blank(mark.p[0]))
			*s = mark;
	}
	skip_blanks(s);
	if (take_time(s, &l))
		skip_blanks(s);
	take_distance(s);
	skip_blanks(s);
	for (unsigned i = 0; i < 2 && take_bracket(s, &l); i++)
		skip_blanks(s);
	return l;
}
