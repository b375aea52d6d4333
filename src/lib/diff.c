/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unified diff of two texts, E. Myers' greedy algorithm on lines. Work and memory are bounded:
 * texts that are too far apart are shown as one block that goes and one that comes.
 *
 * A line includes its newline, so a missing one at the end is a difference like any other.
 */
#include "text.h"

#include <scaudit/patch.h>

#define CONTEXT    3
#define MAX_EDITS  2048       /* differing lines that are still told apart */
#define MAX_STEPS  (1u << 27) /* line comparisons */

struct line {
	const char *p;
	size_t n;
	uint64_t hash;
};

struct side {
	struct line *v;
	size_t n, cap;
	bool *changed; /* n + 2 entries, the first is for line -1: false at both ends */
};

struct diff {
	struct side a, b;
	size_t head, tail; /* equal lines at both ends, left out of the search */
	int32_t **rows;    /* furthest points after d edits, for the way back */
	size_t n_rows;
	size_t steps;
};

static uint64_t hash_line(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
	return h;
}

static bool split(struct side *s, struct sca_str text)
{
	const char *p = text.p, *end = text.n ? p + text.n : p;
	bool *flags;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl + 1 : end) - p);

		if (!vec_grow(&s->v, &s->cap, s->n))
			return false;
		s->v[s->n++] = (struct line){p, n, hash_line(p, n)};
		p += n;
	}
	flags = calloc(s->n + 2, sizeof(*flags));
	s->changed = flags ? flags + 1 : NULL;
	return flags;
}

static bool same(const struct line *x, const struct line *y)
{
	return x->hash == y->hash && x->n == y->n && memcmp(x->p, y->p, x->n) == 0;
}

static void trim_ends(struct diff *df)
{
	size_t max = MIN(df->a.n, df->b.n);

	while (df->head < max && same(&df->a.v[df->head], &df->b.v[df->head]))
		df->head++;
	while (df->tail < max - df->head &&
	       same(&df->a.v[df->a.n - 1 - df->tail], &df->b.v[df->b.n - 1 - df->tail]))
		df->tail++;
}

/*
 * Furthest x on diagonal k (x - y = k) after d > 0 edits, before equal lines: one down or one
 * right of the row of d - 1 edits. Rows are indexed by k + d.
 */
static int32_t step(const int32_t *prev, int32_t d, int32_t k, bool *down)
{
	int32_t above = k < d - 1 ? prev[k + d] : -1;
	int32_t left = k > 1 - d ? prev[k + d - 2] + 1 : -1;

	*down = left <= above;
	return *down ? above : left;
}

/*
 * Fills df->rows until both texts are used up. 1 when they are, 0 at a bound, -ENOMEM.
 * Points outside of the texts are kept as they come: no equal lines follow there, and the
 * way back never meets them.
 */
static int search(struct diff *df)
{
	int32_t n = (int32_t)(df->a.n - df->head - df->tail);
	int32_t m = (int32_t)(df->b.n - df->head - df->tail);

	df->rows = calloc(MAX_EDITS + 1, sizeof(*df->rows));
	if (!df->rows)
		return -ENOMEM;
	for (int32_t d = 0; d <= MAX_EDITS && df->steps < MAX_STEPS; d++) {
		int32_t *row = malloc((2 * (size_t)d + 1) * sizeof(*row));

		if (!row)
			return -ENOMEM;
		df->rows[df->n_rows++] = row;
		for (int32_t k = -d; k <= d; k += 2) {
			bool down;
			int32_t x = d ? step(df->rows[d - 1], d, k, &down) : 0, y = x - k;

			while (x < n && y < m && same(&df->a.v[df->head + (size_t)x],
						      &df->b.v[df->head + (size_t)y])) {
				x++;
				y++;
				df->steps++;
			}
			row[k + d] = x;
			if (x >= n && y >= m)
				return 1;
		}
		df->steps += (size_t)d;
	}
	return 0;
}

/* Goes the way back and marks the lines that differ. */
static void mark(struct diff *df)
{
	bool *a = df->a.changed + df->head, *b = df->b.changed + df->head;
	int32_t x = (int32_t)(df->a.n - df->head - df->tail);
	int32_t y = (int32_t)(df->b.n - df->head - df->tail);

	for (int32_t d = (int32_t)df->n_rows - 1; d > 0; d--) {
		int32_t k = x - y;
		bool down;

		x = step(df->rows[d - 1], d, k, &down);
		y = x - k;
		if (down)
			b[--y] = true;
		else
			a[--x] = true;
	}
}

/* -- where a block of changes stands, when it could stand at several places -- */

/* A block of changed lines of one side; `other` is the first unchanged line behind the place
 * that it corresponds to on the other side. */
struct block {
	size_t start, end, other;
};

static bool can_rise(const struct side *s, const struct block *bl)
{
	return bl->start && same(&s->v[bl->start - 1], &s->v[bl->end - 1]);
}

/* One line up. Takes in a block that it comes to touch. */
static void rise(struct side *s, const struct side *o, struct block *bl)
{
	s->changed[--bl->start] = true;
	s->changed[--bl->end] = false;
	while (s->changed[(ptrdiff_t)bl->start - 1])
		bl->start--;
	do
		bl->other--;
	while (o->changed[bl->other]);
}

/* One line down, likewise. Returns whether the other side has changed lines there. */
static bool sink(struct side *s, const struct side *o, struct block *bl)
{
	bool meets = false;

	s->changed[bl->start++] = false;
	s->changed[bl->end++] = true;
	while (s->changed[bl->end])
		bl->end++;
	while (o->changed[++bl->other])
		meets = true;
	return meets;
}

/* Puts a block where diff(1) has it: as far down as it goes, but beside a block of the other
 * side if it can. */
static void settle_block(struct side *s, const struct side *o, struct block *bl)
{
	size_t n, beside;

	do {
		n = bl->end - bl->start;
		while (can_rise(s, bl))
			rise(s, o, bl);
		beside = o->changed[(ptrdiff_t)bl->other - 1] ? bl->end : SIZE_MAX;
		while (bl->end < s->n && same(&s->v[bl->start], &s->v[bl->end]))
			if (sink(s, o, bl))
				beside = bl->end;
	} while (n != bl->end - bl->start);
	while (beside < bl->end)
		rise(s, o, bl);
}

static void settle(struct side *s, const struct side *o)
{
	struct block bl = {0, 0, 0};

	for (;;) {
		for (; bl.end < s->n && !s->changed[bl.end]; bl.end++) {
			while (o->changed[bl.other])
				bl.other++;
			bl.other++;
		}
		if (bl.end == s->n)
			return;
		bl.start = bl.end;
		while (s->changed[bl.end])
			bl.end++;
		while (o->changed[bl.other])
			bl.other++;
		settle_block(s, o, &bl);
	}
}

/* -- output -- */

/* File name as patch(1) and git read it: quoted when it holds anything odd; a blank in it is
 * told from the end of the name by a tab. */
static void put_name(struct buf *out, const char *mark, char side, const char *name)
{
	bool odd = false;

	while (*name == '/')
		name++;
	for (const char *p = name; *p; p++)
		odd |= (unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f || *p == '"' ||
		       *p == '\\';
	buf_addf(out, "%s %s%c/", mark, odd ? "\"" : "", side);
	for (const char *p = name; *p; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
			buf_addf(out, "\\%03o", (unsigned char)*p);
		else if (*p == '"' || *p == '\\')
			buf_addf(out, "\\%c", *p);
		else
			buf_add_c(out, *p);
	}
	buf_add_z(out, odd ? "\"\n" : strchr(name, ' ') ? "\t\n" : "\n");
}

static void put_line(struct buf *out, char mark, const struct line *l)
{
	buf_add_c(out, mark);
	buf_add(out, l->p, l->n);
	if (l->p[l->n - 1] != '\n')
		buf_add_z(out, "\n\\ No newline at end of file\n");
}

static void put_range(struct buf *out, char mark, size_t from, size_t n)
{
	buf_addf(out, " %c%zu", mark, n ? from + 1 : from);
	if (n != 1)
		buf_addf(out, ",%zu", n);
}

/* Lines [i, i_end) of a and [j, j_end) of b. */
static void put_hunk(struct buf *out, const struct diff *df, size_t i, size_t i_end, size_t j,
		     size_t j_end)
{
	buf_add_z(out, "@@");
	put_range(out, '-', i, i_end - i);
	put_range(out, '+', j, j_end - j);
	buf_add_z(out, " @@\n");
	while (i < i_end || j < j_end) {
		if (df->a.changed[i])
			put_line(out, '-', &df->a.v[i++]);
		else if (df->b.changed[j])
			put_line(out, '+', &df->b.v[j++]);
		else
			put_line(out, ' ', &df->a.v[i++]), j++;
	}
}

/* Steps over the changed lines at i and j. */
static bool skip_changed(const struct diff *df, size_t *i, size_t *j)
{
	size_t was = *i + *j;

	while (df->a.changed[*i])
		++*i;
	while (df->b.changed[*j])
		++*j;
	return *i + *j > was;
}

static void put_hunks(struct buf *out, const struct diff *df)
{
	size_t i = 0, j = 0, n, after;

	while (i < df->a.n || j < df->b.n) {
		size_t i0 = i, j0 = j;

		if (!skip_changed(df, &i, &j)) {
			i++, j++;
			continue;
		}
		n = MIN(MIN(i0, j0), (size_t)CONTEXT);
		i0 -= n;
		j0 -= n;
		/* The hunk goes on over up to twice the context. */
		for (after = 0; i + after < df->a.n && after < 2 * CONTEXT;) {
			size_t x = i + ++after, y = j + after;

			if (!skip_changed(df, &x, &y))
				continue;
			i = x;
			j = y;
			after = 0;
		}
		after = MIN(df->a.n - i, (size_t)CONTEXT);
		put_hunk(out, df, i0, i + after, j0, j + after);
		i += after;
		j += after;
	}
}

static void diff_release(struct diff *df)
{
	for (size_t i = 0; i < df->n_rows; i++)
		free(df->rows[i]);
	free(df->rows);
	free(df->a.v);
	free(df->b.v);
	free(df->a.changed ? df->a.changed - 1 : NULL);
	free(df->b.changed ? df->b.changed - 1 : NULL);
}

static bool compare(struct diff *df)
{
	int r;

	trim_ends(df);
	r = search(df);
	if (r < 0)
		return false;
	if (r) {
		mark(df);
	} else {
		for (size_t i = df->head; i < df->a.n - df->tail; i++)
			df->a.changed[i] = true;
		for (size_t i = df->head; i < df->b.n - df->tail; i++)
			df->b.changed[i] = true;
	}
	settle(&df->a, &df->b);
	settle(&df->b, &df->a);
	return true;
}

int sca_text_diff(struct sca_str old_text, struct sca_str new_text, const char *name,
		  char **ret, size_t *ret_n, struct sca_err *err)
{
	struct diff df = {0};
	struct buf out = BUF_INIT;
	char *text = NULL;

	if (MAX(old_text.n, new_text.n) > INT32_MAX / 2)
		return sca_fail(err, SCA_E_LIMIT, "text is too long to compare");
	if (split(&df.a, old_text) && split(&df.b, new_text) && compare(&df)) {
		if (!str_eq(old_text, new_text)) {
			put_name(&out, "---", 'a', name);
			put_name(&out, "+++", 'b', name);
			put_hunks(&out, &df);
		}
		text = buf_steal(&out, ret_n);
	}
	diff_release(&df);
	if (!text)
		return sca_fail(err, -ENOMEM, "out of memory");
	*ret = text;
	return 0;
}
