/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the journal is read from: its cursor of the last entry that was looked at. A cursor
 * finds its entry in whatever file that is by now; where the entry is gone, what stands next.
 */
#include "text.h"

#include <jansson.h>

#include "journal_int.h"

#define MARK_MS 10000

/* -- which entries -- */

/* Terms of one row must all hold; one row must. */
static const char *const matches[][2] = {
	{"_TRANSPORT=audit", "_AUDIT_TYPE=1326"},
	{"_TRANSPORT=kernel", NULL},
	{"_TRANSPORT=driver", "MESSAGE_ID=" ID_DROPPED},
	{"_TRANSPORT=driver", "MESSAGE_ID=" ID_MISSED},
};

static int add_matches(sd_journal *j)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(matches); i++) {
		r = sd_journal_add_disjunction(j);
		for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(matches[i]) && matches[i][k]; k++)
			r = sd_journal_add_match(j, matches[i][k], 0);
	}
	return r;
}

/* -- where to go on -- */

int journal_take_cursor(struct journal *jr)
{
	char *cursor;
	int r = sd_journal_get_cursor(jr->j, &cursor);

	jr->moved = false;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	free(jr->before);
	jr->before = jr->cursor;
	jr->cursor = cursor;
	return 0;
}

/* The value of one of a cursor's parts, "s=...;i=...;": i is the number of the entry in the
 * sequence s, which goes on from file to file. */
static struct sca_str cursor_part(const char *cursor, char key)
{
	struct sca_str rest = sca_str_z(cursor), part;

	while (str_cut(&rest, ';', &part))
		if (part.n > 2 && part.p[0] == key && part.p[1] == '=')
			return str_skip(part, 2);
	return (struct sca_str){NULL, 0};
}

static bool follows(const char *cursor, const char *next)
{
	struct sca_str s = cursor_part(cursor, 's');
	uint64_t i, k;

	return s.n && str_eq(s, cursor_part(next, 's')) &&
	       str_hex64(cursor_part(cursor, 'i'), &i) == 0 &&
	       str_hex64(cursor_part(next, 'i'), &k) == 0 && k == i + 1;
}

/* Whether the journal, not yet filtered, still has the cursor's entry or the one behind it:
 * else nobody knows what stood between. */
static int find_gap(struct journal *jr)
{
	_cleanup_free_ char *next = NULL;
	int r = sd_journal_seek_cursor(jr->j, jr->cursor);

	if (r >= 0)
		r = sd_journal_next(jr->j);
	if (r <= 0) {
		jr->gap = true;
		return r;
	}
	r = sd_journal_test_cursor(jr->j, jr->cursor);
	if (r != 0)
		return r;
	r = sd_journal_get_cursor(jr->j, &next);
	jr->gap = r < 0 || !follows(jr->cursor, next);
	return r;
}

static int read_position(struct journal *jr, struct sca_str position, struct sca_err *err)
{
	json_t *v = json_loadb(position.p, position.n, 0, NULL);
	const char *kind = json_string_value(json_object_get(v, "kind"));
	const char *cursor = json_string_value(json_object_get(v, "cursor"));
	int r = 0;

	if (!kind || strcmp(kind, "journal") != 0 || !cursor)
		r = sca_fail(err, SCA_E_SYNTAX, "the position to go on from is not one of a journal");
	else if (cursor[0]) {
		jr->cursor = strdup(cursor);
		if (!jr->cursor)
			r = sca_fail_errno(err, ENOMEM, "cannot go on");
	}
	json_decref(v);
	return r;
}

/* The journal's last entry, whatever it is, is where following starts. */
static int find_tail(struct journal *jr)
{
	int r = sd_journal_seek_tail(jr->j);

	if (r >= 0)
		r = sd_journal_previous(jr->j);
	return r > 0 ? journal_take_cursor(jr) : r;
}

/* Behind the cursor, with the matches. */
static int go_back(struct journal *jr)
{
	int r = add_matches(jr->j);

	jr->skip = jr->cursor != NULL;
	if (r < 0)
		return r;
	return jr->cursor ? sd_journal_seek_cursor(jr->j, jr->cursor) : sd_journal_seek_head(jr->j);
}

/* Sets the cursor to start behind, before the matches are set. */
static int find_start(struct sca_source *src, struct sca_err *err)
{
	struct journal *jr = src->state;
	int r = 0;

	if (src->how.position.n) {
		r = read_position(jr, src->how.position, err);
		if (r < 0 || !jr->cursor)
			return r;
		r = find_gap(jr);
		if (r == -EINVAL)
			return sca_fail(err, SCA_E_SYNTAX, "\"%.100s\" is no cursor of a journal",
					jr->cursor);
	} else if (src->follow && !src->how.backlog) {
		r = find_tail(jr);
	}
	return r < 0 ? sca_fail_errno(err, -r, "cannot find where to start") : 0;
}

int journal_start(struct sca_source *src, struct sca_err *err)
{
	struct journal *jr = src->state;
	int r = find_start(src, err);

	if (r < 0)
		return r;
	r = go_back(jr);
	return r < 0 ? sca_fail_errno(err, -r, "cannot find where to start") : 0;
}

int journal_mark(struct journal *jr)
{
	struct timespec t = {0};
	int64_t now;
	int r;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (now < jr->mark_at)
		return 0;
	jr->mark_at = now + MARK_MS;
	sd_journal_flush_matches(jr->j);
	r = sd_journal_seek_tail(jr->j);
	if (r >= 0)
		r = sd_journal_previous(jr->j);
	if (r > 0)
		r = sd_journal_get_cursor(jr->j, &jr->tail);
	if (r >= 0)
		r = go_back(jr);
	return r < 0 ? r : 1;
}

void journal_reached(struct journal *jr)
{
	free(jr->before);
	jr->before = jr->cursor;
	jr->cursor = steal(&jr->tail);
}
