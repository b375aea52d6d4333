/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd's journal, by libsystemd. Its index finds the entries that can matter: what
 * journald had from the kernel's audit socket, the kernel's log, and what journald says
 * itself about messages that it lost. Only system journals of this machine are read; with
 * another root, those below it.
 *
 * What journald did not get itself the journal does not tell: when the kernel's audit socket
 * runs over, journald 252 reads no more from it until it is started again, and says so in the
 * kernel's log only. The source "netlink" counts such losses.
 */
#include "journal_int.h"

#define STEPS_MAX 4096u /* entries without a frame, before the caller has its turn */

/* -- the entry -- */

/* The value is libsystemd's until its next call. 1; 0 when the entry has no such field; or a
 * negative errno when it is damaged. */
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
		return r == -ENOENT ? 0 : r;
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

/* Nothing is left. 1 when that is to be looked at once more. */
static int at_end(struct sca_source *src)
{
	struct journal *jr = src->state;
	int r = jr->moved ? journal_take_cursor(jr) : 0;

	if (r < 0 || !src->follow)
		return r;
	if (!jr->tail)
		return journal_mark(jr);
	journal_reached(jr);
	return 0;
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
			free(steal(&jr->tail));
			r = take_entry(src);
			if (r < 0 && r != -ENOMEM) {
				jr->undecodable++;
				r = 0;
			}
			if (r == 0 && source_queued(src))
				r = journal_take_cursor(jr);
		} else if (r == 0 && !looked) {
			looked = true;
			r = sd_journal_process(jr->j);
			if (r > SD_JOURNAL_NOP)
				continue;
		} else if (r == 0) {
			r = at_end(src);
			jr->busy = r > 0;
			if (r > 0)
				continue;
			return r;
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
	return MAX(sd_journal_get_fd(jr->j), -1);
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
	free(jr->tail);
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
		r = journal_start(src, err);
	if (r < 0)
		sca_err_at(err, jr->name, 0, 0);
	return r;
}
