/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "ignore.h"

#define IGNORE_MAX_BYTES (1u << 20)

static int read_text(struct ignore *ig, size_t *ret_n, struct sca_err *err)
{
	FILE *f = fopen(ig->path, "re");
	size_t n;
	bool bad;

	if (!f)
		return sca_fail_errno(err, errno, "%s", ig->path);
	ig->text = malloc(IGNORE_MAX_BYTES + 1);
	if (!ig->text) {
		fclose(f);
		return sca_fail(err, -ENOMEM, "no memory");
	}
	n = fread(ig->text, 1, IGNORE_MAX_BYTES + 1, f);
	bad = ferror(f);
	fclose(f);
	if (bad)
		return sca_fail(err, -EIO, "%s can not be read", ig->path);
	if (n > IGNORE_MAX_BYTES)
		return sca_fail(err, SCA_E_LIMIT, "%s is longer than 1 MB", ig->path);
	*ret_n = n;
	return 0;
}

static struct sca_str trim(struct sca_str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_skip(s, 1);
	while (s.n && strchr(" \t\r", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The next word; *s is what follows. */
static struct sca_str word(struct sca_str *s)
{
	struct sca_str w = {s->p, 0};

	while (w.n < s->n && s->p[w.n] != ' ' && s->p[w.n] != '\t')
		w.n++;
	*s = trim(span_skip(*s, w.n));
	return w;
}

static bool date(struct sca_str s, char today[16], bool *ret_expired)
{
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i != 4 && i != 7 && !is_digit(s.p[i]))
			return false;
	if (memcmp(s.p + 5, "01", 2) < 0 || memcmp(s.p + 5, "12", 2) > 0 ||
	    memcmp(s.p + 8, "01", 2) < 0 || memcmp(s.p + 8, "31", 2) > 0)
		return false;
	*ret_expired = memcmp(s.p, today, 10) <= 0;
	return true;
}

static int unknown_check(struct sca_err *err, struct sca_str id)
{
	const char *ids[64], *near;
	_cleanup_free_ char *z = strndup(id.p, id.n);
	size_t n = 0;

	for (; n < sca_check_count() && n < ARRAY_SIZE(ids); n++)
		ids[n] = sca_check_at(n)->id;
	if (!z)
		return sca_fail(err, -ENOMEM, "no memory");
	near = nearest(z, ids, n);
	return near ? sca_fail(err, SCA_E_UNKNOWN, "there is no check %s; did you mean %s?", z,
			       near) :
		      sca_fail(err, SCA_E_UNKNOWN,
			       "there is no check %s; the ids stand in brackets in the output",
			       z);
}

static int read_row(struct ignore_row *row, struct sca_str s, char today[16], struct sca_err *err)
{
	struct sca_str id = word(&s), w = word(&s);
	size_t i;

	for (i = 0; i < sca_check_count(); i++)
		if (span_is(id, sca_check_at(i)->id))
			break;
	if (i == sca_check_count())
		return unknown_check(err, id);
	row->check = i;
	if (w.n && w.p[0] == '/') {
		row->pointer = w;
		w = word(&s);
	}
	if (!date(w, today, &row->expired))
		return sca_fail(err, SCA_E_SYNTAX,
				"the day until when is missing: ID [POINTER] YYYY-MM-DD REASON");
	if (s.n == 0)
		return sca_fail(err, SCA_E_SYNTAX,
				"the reason is missing: ID [POINTER] YYYY-MM-DD REASON");
	row->until = w;
	row->reason = s;
	return 0;
}

int ignore_load(struct ignore *ret, const char *path, struct sca_err *err)
{
	time_t now = time(NULL);
	char today[16] = "";
	struct sca_str rest = {NULL, 0}, line;
	struct tm tm;
	int r;

	ret->path = path;
	r = read_text(ret, &rest.n, err);
	if (r < 0)
		return r;
	rest.p = ret->text;
	gmtime_r(&now, &tm);
	strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	for (unsigned n = 1; span_cut(&rest, '\n', &line); n++) {
		struct ignore_row *v, row = {.line = n};

		line = trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		r = read_row(&row, line, today, err);
		if (r < 0) {
			sca_err_at(err, path, n, 1);
			return r;
		}
		v = reallocarray(ret->v, ret->n + 1, sizeof(*v));
		if (!v)
			return sca_fail(err, -ENOMEM, "no memory");
		ret->v = v;
		v[ret->n++] = row;
	}
	return 0;
}

void ignore_free(struct ignore *ig)
{
	free(ig->v);
	free(ig->text);
}

static bool below(struct sca_str place, struct sca_str pointer)
{
	return place.n >= pointer.n &&
	       (pointer.n == 0 || memcmp(place.p, pointer.p, pointer.n) == 0) &&
	       (place.n == pointer.n || pointer.n == 0 || place.p[pointer.n] == '/');
}

const struct ignore_row *ignore_find(struct ignore *ig, const struct sca_problem *p)
{
	for (size_t i = 0; i < ig->n; i++) {
		struct ignore_row *row = &ig->v[i];

		if (row->check != p->check || !below(span_z(p->pointer), row->pointer))
			continue;
		row->used = true;
		if (!row->expired)
			return row;
	}
	return NULL;
}
