/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd's journal, by libsystemd. Its index finds the entries that can matter: what
 * journald had from the kernel's audit socket, the kernel's log, and what journald says
 * itself about messages that it lost. Only system journals of this machine are read; with
 * another root, those below it.
 *
 * The position is the journal's cursor of the last entry that was looked at.
 */
#include "text.h"

#include <jansson.h>

#include "journal_files.h"
#include "source.h"

#define STEPS_MAX 4096u /* entries without a frame, before the caller has its turn */

struct journal {
	sd_journal *j;
	enum sca_trust trust;
	char *cursor, *before; /* of the last entry; of the one before it, while its frames wait */
	bool moved;            /* since cursor was taken */
	bool skip;             /* the first entry if it is the one at the cursor: it was had */
	bool gap;              /* a loss that is to be told */
	bool busy, ended;
	struct buf text;       /* the entry's fields */
	int64_t time_ms;       /* when journald received it */
	uint64_t entries, bytes, undecodable;
	char name[]; /* journal, or the root that it is below */
};

/* -- which entries -- */

#define ID_DROPPED "a596d6fe7bfa4994828e72309e95d61e" /* journald: Suppressed N messages */
#define ID_MISSED  "e9bf28e6e834481bb6f48f548ad13606" /* journald: Missed N kernel messages */

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

/* -- the entry -- */

/* The value is libsystemd's until its next call. 1; 0 when the entry has no such field. */
static int get_field(struct journal *jr, struct sca_str name, struct sca_str *ret)
{
	struct sca_str data;
	const void *p;
	char key[32];
	int r;

	if (name.n >= sizeof(key))
		return 0;
	memcpy(key, name.p, name.n);
	key[name.n] = '\0';
	r = sd_journal_get_data(jr->j, key, &p, &data.n);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	data.p = p;
	if (!str_starts(data, name) || data.n == name.n || data.p[name.n] != '=')
		return 0;
	*ret = str_skip(data, name.n + 1);
	return 1;
}

/* The entry's own time for what has none. */
static int queue_entry(const struct sca_frame *frame, void *arg)
{
	struct sca_source *src = arg;
	const struct journal *jr = src->state;
	struct sca_frame own = *frame;

	if (own.kind == SCA_FRAME_LOSS) {
		own.have_time = jr->time_ms > 0;
		own.time_ms = jr->time_ms;
	}
	return source_queue(&own, src);
}

static int take_fields(struct sca_source *src, const struct sca_pos *pos)
{
	struct journal *jr = src->state;
	struct journal_entry e = {0};
	size_t at[JOURNAL_FIELDS + 1] = {0};

	buf_reset(&jr->text);
	for (size_t i = 0; i < JOURNAL_FIELDS; i++) {
		struct sca_str value = {NULL, 0};
		int r = get_field(jr, journal_names[i], &value);

		if (r < 0)
			return r;
		if (value.n > src->limits.entry_max - jr->text.n) {
			jr->undecodable++;
			return 0;
		}
		buf_add_str(&jr->text, value);
		at[i + 1] = jr->text.n;
	}
	if (jr->text.failed)
		return -ENOMEM;
	for (size_t i = 0; i < JOURNAL_FIELDS; i++)
		if (at[i + 1] > at[i])
			e.field[i] = (struct sca_str){jr->text.p + at[i], at[i + 1] - at[i]};
	return framer_journal(src->framer, &e, jr->trust, pos, queue_entry, src);
}

/* "Missed 12 kernel messages": the ring buffer went past before journald read it. */
static int take_missed(struct sca_source *src, struct sca_str message, const struct sca_pos *pos)
{
	struct sca_str id, word, rest = message;
	uint64_t n = 0;
	int r = get_field(src->state, SCA_STR("MESSAGE_ID"), &id);

	if (r <= 0 || !str_is(id, ID_MISSED))
		return MIN(r, 0);
	r = get_field(src->state, journal_names[JOURNAL_MESSAGE], &rest);
	if (r <= 0)
		return r;
	message = rest;
	str_cut(&rest, ' ', &word);
	if (str_cut(&rest, ' ', &word))
		str_u64(word, &n);
	return framer_loss(src->framer, SCA_LOSS_KMSG, n, SCA_SRC_JOURNAL, message, pos,
			   queue_entry, src);
}

static int take_entry(struct sca_source *src)
{
	struct journal *jr = src->state;
	const struct sca_pos pos = {jr->name, 0, 0};
	struct sca_str message = {NULL, 0};
	uint64_t us = 0;
	int r;

	jr->entries++;
	r = get_field(jr, journal_names[JOURNAL_MESSAGE], &message);
	if (r < 0)
		return r;
	jr->bytes += message.n;
	if (sd_journal_get_realtime_usec(jr->j, &us) < 0)
		us = 0;
	jr->time_ms = (int64_t)(us / 1000);
	if (str_starts(message, SCA_STR("Missed ")))
		return take_missed(src, message, &pos);
	/* Of the kernel's log only some are ours; one of the audit socket's without a text
	 * counts. */
	return r > 0 && !framer_anchored(message) ? 0 : take_fields(src, &pos);
}

/* -- where to go on -- */

static int take_cursor(struct journal *jr)
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
	return r > 0 ? take_cursor(jr) : r;
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

static int start(struct sca_source *src, struct sca_err *err)
{
	struct journal *jr = src->state;
	int r = find_start(src, err);

	if (r < 0)
		return r;
	r = add_matches(jr->j);
	if (r >= 0)
		r = jr->cursor ? sd_journal_seek_cursor(jr->j, jr->cursor)
			       : sd_journal_seek_head(jr->j);
	jr->skip = jr->cursor != NULL;
	return r < 0 ? sca_fail_errno(err, -r, "cannot find where to start") : 0;
}

/* -- reading -- */

/* The next entry that was not had. 1, 0 at the end, or a negative errno. */
static int next_entry(struct journal *jr)
{
	bool skip = jr->skip;
	int r = sd_journal_next(jr->j);

	if (r <= 0)
		return r;
	jr->skip = false;
	jr->moved = true;
	if (skip && sd_journal_test_cursor(jr->j, jr->cursor) > 0)
		return sd_journal_next(jr->j);
	return r;
}

/* Until frames wait, nothing more is there (0), or STEPS_MAX; only that leaves busy set. */
static int read_some(struct sca_source *src)
{
	struct journal *jr = src->state;
	bool looked = !src->follow; /* for changes of the files since the last entry */
	int r;

	jr->busy = true;
	for (unsigned i = 0; i < STEPS_MAX || !src->follow; i++) {
		r = next_entry(jr);
		if (r > 0) {
			r = take_entry(src);
			if (r == 0 && source_queued(src))
				r = take_cursor(jr);
		} else if (r == 0 && !looked) {
			looked = true;
			r = sd_journal_process(jr->j);
			if (r > SD_JOURNAL_NOP)
				continue;
		} else if (r == 0) {
			jr->busy = false;
			return jr->moved ? take_cursor(jr) : 0;
		}
		if (r < 0 || source_queued(src))
			return r;
	}
	return 0;
}

static int journal_pump(struct sca_source *src, struct sca_err *err)
{
	struct journal *jr = src->state;
	const struct sca_pos pos = {jr->name, 0, 0};
	int r;

	if (jr->ended)
		return SCA_NEXT_END;
	if (jr->gap) {
		jr->gap = false;
		r = framer_loss(src->framer, SCA_LOSS_GAP, 0, SCA_SRC_JOURNAL,
				SCA_STR("the journal has not kept what follows the last entry read"),
				&pos, source_queue, src);
	} else {
		r = read_some(src);
	}
	if (r < 0) {
		jr->ended = true;
		src->queue_at = src->queue_n = 0;
		return sca_fail_errno(err, -r, "%s: cannot read", jr->name);
	}
	if (source_queued(src))
		return SCA_NEXT_FRAME;
	jr->ended = !src->follow;
	return src->follow ? SCA_NEXT_IDLE : SCA_NEXT_END;
}

/* -- the table's functions -- */

static void journal_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct journal *jr = src->state;

	add->bytes += jr->bytes;
	add->lines += jr->entries;
	add->undecodable += jr->undecodable;
}

static const char *journal_name(const struct sca_source *src)
{
	const struct journal *jr = src->state;

	return jr->name;
}

static void journal_progress(const struct sca_source *src, uint64_t *ret_done,
			     uint64_t *ret_total)
{
	const struct journal *jr = src->state;

	*ret_done = jr->bytes;
	*ret_total = 0;
}

static int journal_fd(const struct sca_source *src, int *ret_wait_ms)
{
	struct journal *jr = src->state;
	uint64_t until, now;
	struct timespec t;

	if (jr->busy) {
		*ret_wait_ms = 0;
	} else if (sd_journal_get_timeout(jr->j, &until) > 0 && until != UINT64_MAX &&
		   clock_gettime(CLOCK_MONOTONIC, &t) == 0) {
		now = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
		*ret_wait_ms = until > now ? (int)MIN((until - now + 999) / 1000, 60000u) : 0;
	}
	return sd_journal_get_fd(jr->j);
}

static int journal_position(const struct sca_source *src, struct buf *b,
			    struct sca_err *err _unused_)
{
	const struct journal *jr = src->state;

	buf_add_z(b, "{\"kind\":\"journal\",\"cursor\":");
	json_add_string(b, sca_str_z(source_queued(src) ? jr->before : jr->cursor));
	buf_add_c(b, '}');
	return 0;
}

static void journal_close(struct sca_source *src)
{
	struct journal *jr = src->state;

	sd_journal_close(jr->j);
	free(jr->cursor);
	free(jr->before);
	buf_release(&jr->text);
	free(jr);
}

static const struct source_ops journal_ops = {
	.pump = journal_pump, .stats = journal_stats, .name = journal_name,
	.progress = journal_progress, .close = journal_close, .fd = journal_fd,
	.position = journal_position,
};

/* -- opening -- */

int source_journal_open(struct sca_source *src, const char *spec, const char *root,
			struct sca_err *err)
{
	struct sca_str at = sca_str_z(root);
	struct journal *jr;
	int r;

	while (at.n && at.p[at.n - 1] == '/')
		at.n--;
	jr = calloc(1, sizeof(*jr) + at.n + strlen(spec) + 1);
	if (!jr)
		return sca_fail_errno(err, ENOMEM, "cannot open the journal");
	memcpy(jr->name, at.n ? at.p : spec, at.n ? at.n : strlen(spec));
	src->ops = &journal_ops;
	src->state = jr;
	r = framer_new(&src->framer, &src->limits, true, err);
	if (r == 0)
		r = journal_open_files(&jr->j, at, src->follow, &jr->trust, err);
	if (r == 0 && sd_journal_set_data_threshold(jr->j, src->limits.entry_max + 64) < 0)
		r = sca_fail_errno(err, EINVAL, "cannot read");
	if (r == 0)
		r = start(src, err);
	if (r < 0)
		sca_err_at(err, jr->name, 0, 0);
	return r;
}
