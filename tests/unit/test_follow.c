/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are followed: rows of steps, what happens to the log and what comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/eventfd.h>

#include "follow_log.h"

static void want(struct at *t, size_t step, uint32_t from, uint32_t to)
{
	struct sca_frame f;
	struct sca_err err;
	int r;

	for (uint32_t i = from; i <= to; i++) {
		if (!next_in(t, COMES_MS, &r, &f, &err))
			fail_msg("%s, step %zu: nothing instead of serial %u", t->row, step, i);
		if (r != SCA_NEXT_FRAME)
			fail_msg("%s, step %zu: %d (%s) instead of serial %u", t->row, step, r,
				 err.text, i);
		if (f.kind == SCA_FRAME_LOSS)
			fail_msg("%s, step %zu: loss (%.*s) instead of serial %u", t->row, step,
				 (int)f.body.n, f.body.p, i);
		if (f.serial != i)
			fail_msg("%s, step %zu: serial %u of %s instead of %u", t->row, step,
				 f.serial, f.pos.file, i);
		assert_int_equal(f.trust, SCA_TRUST_KERNEL);
	}
}

static void want_loss(struct at *t, size_t step, const char *text)
{
	struct sca_frame f;
	struct sca_err err;
	int r;

	if (!next_in(t, COMES_MS, &r, &f, &err) || r != SCA_NEXT_FRAME || f.kind != SCA_FRAME_LOSS)
		fail_msg("%s, step %zu: no loss but %d (%s) serial %u", t->row, step, r, err.text,
			 r == SCA_NEXT_FRAME ? f.serial : 0);
	assert_int_equal(f.loss, SCA_LOSS_FILE);
	if (!str_find(f.body, sca_str_z(text)))
		fail_msg("%s, step %zu: loss says \"%.*s\"", t->row, step, (int)f.body.n, f.body.p);
}

static void want_error(struct at *t, size_t step, int code)
{
	struct sca_frame f;
	struct sca_err err;
	int r;

	if (!next_in(t, COMES_MS, &r, &f, &err) || r != code || !err.file[0])
		fail_msg("%s, step %zu: %d \"%s\" \"%s\"", t->row, step, r, err.file, err.text);
}

/* -- the rows -- */

enum op {
	END_OF_STEPS, OPEN, OPEN_ALL, PUT, TEXT, MOVE, COPY, PACK, CUT, REMOVE, LINK, DIR_NEW,
	WANT, LOSS, ERROR, NOTHING, GRACE, SAVE, RESTART,
};

struct step {
	enum op op;
	const char *a, *b;
	uint32_t from, to;
};

#define STEPS_MAX 40
struct row {
	const char *name;
	struct step steps[STEPS_MAX];
};

#define NINE            (9 * sizeof(HEAD "1" TAIL) - 9) /* bytes of records 1 to 9 */

#define open_at_end     {OPEN, NULL, NULL, 0, 0}
#define open_backlog    {OPEN_ALL, NULL, NULL, 0, 0}
#define put(a, n, m)    {PUT, a, NULL, n, m}
#define text(a, s)      {TEXT, a, s, 0, 0}
#define move(a, b)      {MOVE, a, b, 0, 0}
#define copy(a, b)      {COPY, a, b, 0, 0}
#define pack(a, b)      {PACK, a, b, 0, 0}
#define cut(a, n)       {CUT, a, NULL, n, 0}
#define rm(a)           {REMOVE, a, NULL, 0, 0}
#define ln(to, a)       {LINK, to, a, 0, 0}
#define mkdir(a)        {DIR_NEW, a, NULL, 0, 0}
#define want(n, m)      {WANT, NULL, NULL, n, m}
#define loss(s)         {LOSS, s, NULL, 0, 0}
#define error(e)        {ERROR, NULL, NULL, e, 0}
#define nothing         {NOTHING, NULL, NULL, 3 * GRACE_MS, 0}
#define now_nothing     {NOTHING, NULL, NULL, 0, 0}
#define patient         {GRACE, NULL, NULL, 1000, 0} /* as long as a writer may be held up */
#define save            {SAVE, NULL, NULL, 0, 0}
#define restart         {RESTART, NULL, NULL, 0, 0}
#define save_restart    save, restart

/* clang-format off */
static const struct row rows[] = {
	{"append", {put("log", 1, 2), open_backlog, want(1, 2), nothing, put("log", 3, 4),
		want(3, 4)}},
	{"from the end on", {put("log.1", 1, 2), put("log", 3, 4), open_at_end, now_nothing,
		put("log", 5, 6), want(5, 6)}},
	{"a line in progress", {put("log", 1, 1), text("log", HEAD "2"), open_at_end, nothing,
		text("log", TAIL), want(2, 2)}},
	{"a line in three parts", {open_backlog, text("log", HEAD), nothing, text("log", "7"), nothing,
		text("log", TAIL HEAD "8"), want(7, 7), nothing, text("log", TAIL), want(8, 8)}},
	{"empty log", {text("log", ""), open_at_end, nothing, put("log", 1, 1), want(1, 1)}},
	{"not there yet", {open_at_end, nothing, put("log", 1, 2), want(1, 2)}},
	{"not there yet, rotated before the look", {open_at_end, now_nothing, put("log.2", 1, 2),
		put("log.1", 3, 4), put("log", 5, 6), want(1, 6)}},
	{"backlog", {put("log.3.gz", 1, 0), put("log.3", 1, 2), pack("log.3", "log.3.gz"),
		put("log.2", 3, 4), pack("log.2", "log.2.xz"), put("log.1", 5, 6), put("log", 7, 8),
		open_backlog, want(1, 8), nothing, put("log", 9, 9), want(9, 9)}},
	{"backlog, packed only", {put("x", 1, 4), pack("x", "log.1.zst"), open_backlog, want(1, 4),
		nothing, put("log", 5, 5), want(5, 5)}},
	{"backlog by date", {put("log-20261122", 1, 2), pack("log-20261122", "log-20261122.gz"),
		put("log-20261123-1795502175", 5, 6), put("log-20261123-1795502174", 3, 4),
		put("log", 7, 8), put("log-x", 99, 99), put("log-1-", 99, 99), open_backlog, want(1, 8)}},

	{"rotation", {put("log", 1, 2), open_backlog, want(1, 2), move("log", "log.1"), nothing,
		put("log.1", 3, 4), want(3, 4), put("log", 7, 8), put("log.1", 5, 6), want(5, 8),
		put("log", 9, 9), want(9, 9)}},
	{"rotation, the writer is late", {put("log", 1, 2), open_backlog, patient, want(1, 2),
		move("log", "log.1"), text("log", ""), now_nothing, put("log.1", 3, 3), want(3, 3),
		now_nothing, put("log.1", 4, 4), put("log", 5, 5), want(4, 5)}},
	{"rotation to an unknown name", {put("log", 1, 2), open_backlog, want(1, 2), put("log", 3, 3),
		move("log", "log.old"), put("log", 4, 4), want(3, 4)}},
	{"rotation by date", {put("log-20261120", 91, 92), put("log", 1, 2), open_at_end, now_nothing,
		put("log", 3, 3), move("log", "log-20261124"), put("log", 4, 4),
		move("log", "log-20261125"), put("log", 5, 5), want(3, 5)}},
	{"rotation of a partial line", {open_backlog, text("log", HEAD "1"), nothing,
		move("log", "log.1"), text("log.1", TAIL), put("log", 2, 2), want(1, 2)}},
	{"a last line without newline", {put("log", 1, 1), text("log", HEAD "2): auid=0 uid=0 gid=0 "
		"ses=3 pid=9 comm=\"x\" exe=\"/x\" sig=0 arch=c000003e syscall=83 compat=0 ip=0x7f80 "
		"code=0x50000"), open_backlog, want(1, 1), nothing, move("log", "log.1"),
		put("log", 3, 3), want(2, 3)}},
	{"rotated three times", {put("log.1", 91, 92), put("log", 1, 2), open_at_end, now_nothing,
		put("log", 3, 3), move("log.1", "log.2"), move("log", "log.1"), put("log", 4, 5),
		move("log.2", "log.3"), move("log.1", "log.2"), move("log", "log.1"), put("log", 6, 7),
		move("log.3", "log.4"), move("log.2", "log.3"), move("log.1", "log.2"),
		move("log", "log.1"), put("log", 8, 9), want(3, 9), put("log", 10, 10), want(10, 10)}},
	{"rotated three times and packed", {put("log.1", 91, 92), put("log", 1, 2), open_at_end,
		now_nothing, put("log", 3, 3), move("log.1", "log.2"), move("log", "log.1"),
		put("log", 4, 5), move("log.2", "log.4"), move("log.1", "log.3"), move("log", "log.2"),
		put("log", 6, 7), move("log", "log.1"), put("log", 8, 9), pack("log.3", "log.3.gz"),
		pack("log.2", "log.2.xz"), pack("log.1", "log.1.zst"), want(3, 9)}},
	{"packing goes on", {put("log", 1, 2), open_backlog, want(1, 2), move("log", "log.2"),
		put("log", 3, 4), text("log.1.gz", "\x1f\x8b"), move("log", "log.1"), put("log", 5, 6),
		want(3, 6)}},
	{"both are there, packed and not", {put("log", 1, 2), open_backlog, want(1, 2),
		move("log", "log.2"), put("log", 3, 4), copy("log", "x"), pack("x", "log.1.gz"),
		move("log", "log.1"), put("log", 5, 6), want(3, 6)}},
	{"the log of the reader is gone", {put("log", 1, 2), open_backlog, want(1, 2), put("log", 3, 3),
		rm("log"), put("log.1", 4, 4), put("log", 5, 5), want(3, 3),
		loss("log: gone, and so may be others"), want(4, 5)}},

	{"removed and made again", {put("log", 1, 2), open_backlog, want(1, 2), put("log", 3, 3),
		rm("log"), want(3, 3), nothing, put("log", 4, 5), want(4, 5)}},
	{"a directory for a while", {put("log", 1, 2), open_backlog, want(1, 2), rm("log"),
		mkdir("log"), error((uint32_t)-EISDIR), nothing, rm("log"), put("log", 3, 3), want(3, 3)}},
	{"copied and truncated", {put("log", 1, 2), open_backlog, want(1, 2), copy("log", "log.1"),
		cut("log", 0), put("log", 3, 3), loss("log: truncated"), want(3, 3)}},
	{"copied and truncated before it was read", {put("log", 1, 2), open_backlog, want(1, 2),
		put("log", 3, 4), copy("log", "log.1"), cut("log", 0), put("log", 5, 5),
		loss("log: truncated"), want(3, 5)}},
	{"copied, packed and truncated twice", {put("log", 1, 2), open_backlog, want(1, 2),
		put("log", 3, 4), copy("log", "x"), pack("x", "log.2.gz"), cut("log", 0),
		put("log", 5, 6), copy("log", "x"), pack("x", "log.1.xz"), cut("log", 0),
		put("log", 7, 7), loss("log: truncated"), want(3, 7)}},
	{"truncated and longer again", {put("log", 1, 2), open_backlog, want(1, 2), cut("log", 0),
		put("log", 10, 19), loss("log: truncated"), want(10, 19), put("log", 20, 20), want(20, 20)}},
	{"truncated to a part", {put("log", 1, 20), open_backlog, want(1, 20), nothing, cut("log", NINE),
		loss("log: truncated"), want(1, 9), put("log", 30, 30), want(30, 30)}},
	{"truncated, the writer keeps its offset", {put("log", 1, 20), open_backlog, want(1, 20),
		cut("log", 0), cut("log", 9999), put("log", 30, 31), loss("log: truncated"),
		want(30, 31), save_restart, put("log", 32, 32), want(32, 32)}},
	{"truncated inside a line", {put("log", 1, 1), text("log", HEAD "2"), open_backlog, want(1, 1),
		nothing, cut("log", 0), loss("log: truncated"), put("log", 3, 3), want(3, 3)}},

	{"written anew by an editor", {put("log", 1, 3), open_backlog, want(1, 2), put("log", 4, 4),
		copy("log", "x"), move("x", "log"), want(3, 4), nothing, put("log", 5, 5), want(5, 5),
		copy("log", "x"), move("x", "log"), save, put("log", 6, 6), restart, want(6, 6)}},
	{"written anew, some lines are others", {put("log", 1, 20), open_backlog, want(1, 20), save,
		put("x", 1, 9), text("x", "a\n"), put("x", 10, 22), move("x", "log"), restart,
		loss("read last is gone"), want(1, 22)}},
	{"another beginning, as long as before", {put("log", 11, 12), open_backlog, want(11, 12), save,
		cut("log", 0), put("log", 21, 22), restart, loss("read last is gone"), want(21, 22)}},

	{"a link", {mkdir("sub"), put("sub/real", 1, 2), ln("sub/real", "log"), open_backlog,
		want(1, 2), put("sub/real", 3, 3), want(3, 3), put("sub/real", 4, 4),
		move("sub/real", "sub/real.2"), put("sub/real", 5, 5), move("sub/real", "sub/real.1"),
		put("sub/real", 6, 6), want(4, 6)}},
	{"a link that leads elsewhere", {put("a", 1, 2), put("b", 3, 4), ln("a", "log"), open_backlog,
		want(1, 2), put("a", 5, 5), rm("log"), ln("b", "log"), want(5, 5), want(3, 4)}},
	{"a link to nothing", {ln("a", "log"), open_at_end, nothing, put("a", 1, 2), want(1, 2)}},

	{"restart", {put("log", 1, 3), open_backlog, want(1, 2), save_restart, want(3, 3), nothing,
		save_restart, put("log", 4, 4), want(4, 4)}},
	{"restart before the first one", {put("log", 1, 2), open_at_end, save, put("log", 3, 3), restart,
		want(3, 3)}},
	{"restart where nothing was", {open_at_end, save, put("log.1", 1, 2), put("log", 3, 3), restart,
		want(1, 3)}},
	{"restart, nothing yet", {open_at_end, save_restart, nothing, put("log", 1, 1), want(1, 1)}},
	{"restart inside a line", {put("log", 1, 1), text("log", HEAD "2"), open_backlog, want(1, 1),
		nothing, save_restart, nothing, text("log", TAIL), want(2, 2)}},
	{"restart after rotation", {put("log", 1, 4), open_backlog, want(1, 2), save,
		move("log", "log.1"), put("log", 5, 6), restart, want(3, 6)}},
	{"restart after three rotations", {put("log.1", 91, 91), put("log", 1, 4), open_at_end,
		now_nothing, put("log", 5, 6), want(5, 5), save, move("log", "log.3"), put("log", 7, 8),
		move("log", "log.2"), put("log", 9, 10), move("log", "log.1"), put("log", 11, 12),
		move("log.1", "log.1"), restart, want(6, 12)}},
	{"restart after packing", {put("log", 1, 4), open_backlog, want(1, 2), save,
		pack("log", "log.2.gz"), put("log.1", 5, 6), put("log", 7, 8), restart, want(3, 8)}},
	{"restart inside a packed log", {put("x", 1, 4), pack("x", "log.1.xz"), put("log", 5, 6),
		open_backlog, want(1, 2), save_restart, want(3, 4), save, move("log.1.xz", "log.2.xz"),
		move("log", "log.1"), put("log", 7, 7), restart, want(5, 7)}},
	{"restart in a rotated log, path missing", {put("log", 1, 4), open_backlog, want(1, 2), save,
		move("log", "log.1"), restart, want(3, 4), nothing, put("log", 5, 5), want(5, 5)}},
	{"restart, all gone", {put("log", 1, 4), open_backlog, want(1, 2), save, rm("log"), restart,
		nothing, put("log", 5, 5), loss("log: the log that was read last is gone"), want(5, 5)}},
	{"restart, its log is gone", {put("log.3", 91, 92), put("log", 1, 4), open_at_end, now_nothing,
		put("log", 5, 5), want(5, 5), save, rm("log"), put("log.2", 6, 6), put("log.1", 7, 7),
		put("log", 8, 8), restart, loss("log: the log that was read last is gone"), want(6, 8)}},
	{"restart, truncated and packed", {put("log", 1, 20), open_backlog, want(1, 20), save,
		cut("log", NINE), pack("log", "log.1.gz"), put("log", 21, 21), restart,
		loss("log.1.gz: shorter than what was read of it"), want(21, 21)}},
	{"restart after truncation", {put("log", 1, 4), open_backlog, want(1, 4), save,
		copy("log", "log.1"), cut("log", 0), put("log", 5, 5), restart, want(5, 5)}},
	{"restart after truncation without a copy", {put("log", 1, 4), open_backlog, want(1, 4), save,
		cut("log", 0), put("log", 5, 5), restart,
		loss("log: the log that was read last is gone"), want(5, 5)}},
	{"restart with an unknown name", {put("log", 1, 3), open_backlog, want(1, 2), save,
		move("log", "log.old"), put("log", 4, 4), restart, want(3, 4)}},
	{"restart with a record over two lines", {text("log", HEAD "1): auid=0 uid=0 gid=0 ses=3 "
		"pid=9\n"), open_backlog, nothing, save_restart, text("log", "comm=\"x\" exe=\"/x\" sig=0 "
		"arch=c000003e syscall=83 compat=0 ip=0x7f80 code=0x50000\n"),
		{WANT, "forgeable", NULL, 1, 1}, save_restart, nothing}},
};
/* clang-format on */
#undef put
#undef text
#undef move
#undef copy
#undef pack
#undef cut
#undef rm
#undef ln
#undef mkdir
#undef want
#undef loss
#undef error
#undef save
#undef restart

static void do_open(struct at *t, bool backlog)
{
	t->backlog = backlog;
	follow(t, (struct sca_str){NULL, 0});
}

static void make(struct at *t, const struct step *s)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	char path[PATH_N];

	path_of(t, s->op == LINK ? s->b : s->a, path);
	switch (s->op) {
	case PUT:
		put(t, s->a, s->from, s->to);
		break;
	case TEXT:
		write_file(t, s->a, sca_str_z(s->b), O_APPEND);
		break;
	case MOVE:
		move(t, s->a, s->b);
		break;
	case COPY:
		read_whole(t, s->a, &b);
		write_file(t, s->b, buf_str(&b), O_TRUNC);
		break;
	case PACK:
		pack(t, s->a, s->b);
		break;
	case CUT:
		assert_int_equal(truncate(path, s->from), 0);
		break;
	case REMOVE:
		drop(t, s->a);
		break;
	case LINK:
		assert_int_equal(symlink(s->a, path), 0);
		break;
	case DIR_NEW:
		assert_int_equal(mkdir(path, 0755), 0);
		break;
	default:
		fail_msg("%s: no such step", t->row);
	}
}

static void want_pasted(struct at *t, uint32_t serial)
{
	struct sca_frame f;
	struct sca_err err;
	int r;

	if (!next_in(t, COMES_MS, &r, &f, &err) || r != SCA_NEXT_FRAME || f.serial != serial)
		fail_msg("%s: no serial %u", t->row, serial);
	assert_int_equal(f.source, SCA_SRC_PASTE);
}

static void run_step(struct at *t, size_t i, const struct step *s)
{
	switch (s->op) {
	case OPEN:
	case OPEN_ALL:
		do_open(t, s->op == OPEN_ALL);
		break;
	case WANT:
		if (s->a)
			want_pasted(t, s->from);
		else
			want(t, i, s->from, s->to);
		break;
	case LOSS:
		want_loss(t, i, s->a);
		break;
	case ERROR:
		want_error(t, i, (int)s->from);
		break;
	case NOTHING:
		want_nothing(t, i, s->from);
		break;
	case GRACE:
		t->src->grace_ms = s->from;
		break;
	case SAVE:
		save(t);
		break;
	case RESTART:
		restart(t);
		break;
	default:
		make(t, s);
	}
}

/* Each row, and that a restart behind it gives nothing again. */
static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct at t = {.row = rows[i].name};
		size_t n = 0;

		dir_new(&t);
		for (; n < STEPS_MAX && rows[i].steps[n].op; n++)
			run_step(&t, n, &rows[i].steps[n]);
		want_nothing(&t, n, 0);
		/* and it goes on from there */
		save(&t);
		restart(&t);
		want_nothing(&t, n, 0);
		dir_free(&t);
	}
}

/* -- one by one -- */

static int64_t time_to_wake(void)
{
	static const struct step steps[] = {
		{TEXT, "log", "", 0, 0},         {PUT, "log", NULL, 1, 1},
		{MOVE, "log", "log.1", 0, 0},    {PUT, "log", NULL, 2, 2},
		{REMOVE, "log", NULL, 0, 0},     {PUT, "log", NULL, 3, 3},
	};
	struct at t = {.row = "wakes"};
	int64_t begin, took = 0;

	dir_new(&t);
	do_open(&t, true);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct pollfd pfd = {.events = POLLIN};
		int wait;

		want_nothing(&t, i, 0);
		pfd.fd = sca_source_fd(t.src, &wait);
		if (poll(&pfd, 1, 0) != 0)
			fail_msg("step %zu: awake without a cause", i);
		make(&t, &steps[i]);
		begin = now_ms();
		if (steps[i].op == PUT)
			want(&t, i, steps[i].from, steps[i].to);
		took += now_ms() - begin;
	}
	dir_free(&t);
	return took;
}

/* Events wake it: far sooner than by looking each second, which takes three of them. */
static void test_wakes(void **state)
{
	int64_t took = 0;

	(void)state;
	for (int try = 0; try < 10; try++)
		if ((took = time_to_wake()) <= 800)
			return;
	fail_msg("%lld ms, ten times", (long long)took);
}

/* The kernel gives no events, as for what others write to a network file system. */
static void test_without_events(void **state)
{
	struct at t = {.row = "no events"};
	int wait, fd, silent = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)state;
	assert_true(silent >= 0);
	dir_new(&t);
	put(&t, "log", 1, 1);
	do_open(&t, true);
	fd = sca_source_fd(t.src, &wait);
	if (fd >= 0)
		assert_int_equal(dup2(silent, fd), fd);
	close(silent);
	want(&t, 0, 1, 1);
	want_nothing(&t, 1, 0);
	sca_source_fd(t.src, &wait);
	assert_in_range(wait, 1, 1000);
	put(&t, "log", 2, 2);
	move(&t, "log", "log.1");
	put(&t, "log", 3, 3);
	want(&t, 2, 2, 3);
	dir_free(&t);
}

/* Lines without end and no record in them: each call does a part. */
static void test_bounded(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct at t = {.row = "bounded"};
	struct sca_frame f;
	unsigned calls = 0;
	int r, wait = 0;

	(void)state;
	dir_new(&t);
	while (b.n < 1u << 20)
		buf_add_z(&b, "type=SYSCALL msg=audit(1795502175.137:1): arch=c000003e syscall=83\n");
	for (int i = 0; i < 40; i++)
		write_file(&t, "log", buf_str(&b), O_APPEND);
	put(&t, "log", 1, 1);
	do_open(&t, true);
	while ((r = sca_source_next(t.src, &f, NULL)) == SCA_NEXT_IDLE) {
		sca_source_fd(t.src, &wait);
		assert_int_equal(wait, 0);
		calls++;
	}
	assert_int_equal(r, SCA_NEXT_FRAME);
	assert_int_equal(f.serial, 1);
	assert_in_range(calls, 3, 10);
	dir_free(&t);
}

/* Lines are numbered on where the first run was. */
static void test_lines(void **state)
{
	struct at t = {.row = "lines"};
	struct sca_frame f;

	(void)state;
	dir_new(&t);
	put(&t, "log", 1, 2);
	write_file(&t, "log", SCA_STR("\n\n"), O_APPEND);
	put(&t, "log", 3, 3);
	do_open(&t, true);
	want(&t, 0, 1, 2);
	save(&t);
	restart(&t);
	assert_int_equal(sca_source_next(t.src, &f, NULL), SCA_NEXT_FRAME);
	assert_int_equal(f.pos.line, 5);
	save(&t);
	put(&t, "log", 4, 4);
	restart(&t);
	assert_int_equal(sca_source_next(t.src, &f, NULL), SCA_NEXT_FRAME);
	assert_int_equal(f.pos.line, 6);
	t.src = sca_source_free(t.src);
	/* from the end on nobody counted */
	t.backlog = false;
	follow(&t, (struct sca_str){NULL, 0});
	put(&t, "log", 5, 5);
	assert_int_equal(sca_source_next(t.src, &f, NULL), SCA_NEXT_FRAME);
	assert_int_equal(f.serial, 5);
	assert_int_equal(f.pos.line, 0);
	dir_free(&t);
}

/* A line with two records: given out in part, it comes again as a whole. */
static void test_part_of_line(void **state)
{
#define DATA                                                                          \
	"{\"type\":1326,\"data\":\"auid=0 uid=0 gid=0 ses=3 pid=9 comm=\\\"x\\\" exe=\\\"/x\\\" " \
	"sig=0 arch=c000003e syscall=83 compat=0 ip=0x7f80 code=0x50000\"}"
	static const char line[] = "{\"sequence\":7,\"timestamp\":\"1464176620.068\",\"messages\":["
		DATA "," DATA "],\"uid_map\":{}}\n";
	static const size_t taken[] = {1, 2, 0}; /* of which the first comes again */
	struct at t = {.row = "part of a line"};

	(void)state;
	dir_new(&t);
	write_file(&t, "log", SCA_STR("x\n"), O_APPEND);
	write_file(&t, "log", sca_str_z(line), O_APPEND);
	do_open(&t, true);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		struct sca_frame f;

		for (size_t k = 0; k < taken[i]; k++)
			if (sca_source_next(t.src, &f, NULL) != SCA_NEXT_FRAME || f.serial != 7)
				fail_msg("round %zu: no frame %zu", i, k);
		save(&t);
		restart(&t);
	}
	want_nothing(&t, 2, 0);
	dir_free(&t);
}

static const char good_place[] =
	"{\"kind\":\"file\",\"path\":\"/x\",\"mtime\":1,\"dev\":\"1\",\"ino\":\"2\","
	"\"offset\":9,\"line\":2,\"begin\":9,\"hash\":\"0123456789abcdef\"}";
static const struct {
	const char *text; /* what is replaced in the good one, or the whole */
	const char *by;
	const char *error;
} bad[] = {
	{"", "", NULL},
	{NULL, "x", "expected"},
	{NULL, "{", ""},
	{NULL, "[]", "it is no JSON object"},
	{NULL, "{}", "it is not that of a file"},
	{NULL, "\xff\xfe", ""},
	{"\"file\"", "\"journal\"", "it is not that of a file"},
	{"\"file\"", "1", "it is not that of a file"},
	{"\"mtime\":1", "\"mtime\":-1", "its mtime is no time"},
	{"\"mtime\":1", "\"mtime\":\"1\"", "its mtime is no time"},
	{"\"mtime\":1", "\"mtime\":9223372036854775808", "its mtime is no time"},
	{"\"dev\":\"1\"", "\"dev\":1", "its dev or ino is no number"},
	{"\"dev\":\"1\"", "\"dev\":\"\"", "its dev or ino is no number"},
	{"\"ino\":\"2\"", "\"ino\":\"18446744073709551616\"", "its dev or ino"},
	{"\"offset\":9", "\"offset\":9.0", "its offset is no place"},
	{"\"offset\":9", "\"offset\":18446744073709551615", "its offset is no place"},
	{"\"offset\":9", "\"offset\":null", "its offset is no place"},
	{"\"line\":2", "\"line\":[]", "its line is no number"},
	{"\"begin\":9", "\"begin\":1025", "its begin or hash"},
	{"\"begin\":9", "\"begin\":0", "it is behind the beginning"},
	{"0123456789abcdef", "0123456789abcdeg", "its begin or hash"},
	{"0123456789abcdef", "0123456789abcde", "its begin or hash"},
	{"}", "", ""},
};

static void test_bad_positions(void **state)
{
	struct at t = {.row = "bad positions"};
	char path[PATH_N];

	(void)state;
	dir_new(&t);
	put(&t, "log", 1, 1);
	path_of(&t, "log", path);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		struct sca_source *src = NULL;
		struct sca_follow how = {0};
		const char *at = bad[i].text ? strstr(good_place, bad[i].text) : good_place;
		int r;

		assert_non_null(at);
		buf_add(&b, good_place, (size_t)(at - good_place));
		buf_add_z(&b, bad[i].by);
		buf_add_z(&b, bad[i].text ? at + strlen(bad[i].text) : "");
		how.position = buf_str(&b);
		r = sca_source_follow(&src, path, NULL, NULL, &how, &err);
		if (!bad[i].error) {
			assert_int_equal(r, 0);
			sca_source_free(src);
		} else if (r != SCA_E_SYNTAX || src || strcmp(err.file, path) != 0 ||
			   !strstr(err.text, "the saved position is damaged: ") ||
			   !strstr(err.text, bad[i].error) ||
			   !strstr(err.text, "remove it to start anew")) {
			fail_msg("row %zu: %d \"%s\"", i, r, err.text);
		}
	}
	dir_free(&t);
}

static void test_open_errors(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *text;
	} wrong[] = {
		{"dir", -EISDIR, "is a directory; name a log file in it"},
		{"plain/x", -ENOTDIR, "cannot open: Not a directory"},
		{"packed", SCA_E_UNSUPPORTED, "read it without following"},
	};
	struct at t = {.row = "errors"};
	char path[PATH_N];

	(void)state;
	dir_new(&t);
	path_of(&t, "dir", path);
	assert_int_equal(mkdir(path, 0755), 0);
	put(&t, "plain", 1, 1);
	put(&t, "x", 1, 1);
	pack(&t, "x", "x.gz");
	move(&t, "x.gz", "packed");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct sca_err err = SCA_ERR_INIT;
		struct sca_source *src = NULL;
		int r;

		path_of(&t, wrong[i].name, path);
		r = sca_source_follow(&src, path, NULL, NULL, NULL, &err);
		if (r != wrong[i].code || src || !strstr(err.text, wrong[i].text) ||
		    strcmp(err.file, path) != 0)
			fail_msg("%s: %d \"%s\"", wrong[i].name, r, err.text);
		assert_int_equal(sca_source_follow(&src, path, NULL, NULL, NULL, NULL), r);
	}
	dir_free(&t);
}

static void as_nobody(bool on)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(on ? 65534 : 0), 0);
}

static void set_mode(const struct at *t, const char *name, mode_t mode)
{
	char path[PATH_N];

	path_of(t, name, path);
	assert_int_equal(chmod(path, mode), 0);
}

/* What may not be read is told and hides nothing else. */
static void test_no_permission(void **state)
{
	struct at t = {.row = "no permission"};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_follow how = {.backlog = true};
	char path[PATH_N];
	int r;

	(void)state;
	dir_new(&t);
	assert_int_equal(chmod(t.dir, 0755), 0);
	put(&t, "log.2", 1, 2);
	put(&t, "log.1", 3, 4);
	put(&t, "log", 5, 6);
	set_mode(&t, "log.1", 0);
	as_nobody(true);
	do_open(&t, true);
	want(&t, 0, 1, 2);
	want_loss(&t, 1, "log.1: cannot be opened");
	want(&t, 2, 5, 6);
	as_nobody(false);
	/* the new log may not be read at first */
	move(&t, "log", "log.1");
	put(&t, "log", 7, 7);
	set_mode(&t, "log", 0);
	as_nobody(true);
	want_error(&t, 3, -EACCES);
	want_nothing(&t, 4, 3 * GRACE_MS);
	as_nobody(false);
	set_mode(&t, "log", 0644);
	as_nobody(true);
	want(&t, 5, 7, 7);
	as_nobody(false);

	t.src = sca_source_free(t.src);
	set_mode(&t, "log", 0);
	path_of(&t, "log", path);
	as_nobody(true);
	r = sca_source_follow(&t.src, path, NULL, NULL, &how, &err);
	as_nobody(false);
	assert_int_equal(r, -EACCES);
	assert_string_equal(err.text, "cannot open (many logs are for root only): Permission denied");
	dir_free(&t);
}

/* A directory that may be passed but not listed: the log is followed all the same. */
static void test_unlisted(void **state)
{
	struct at t = {.row = "unlisted"};

	(void)state;
	if (getuid() != 0) {
		print_message("needs root to be refused a directory of its own\n");
		skip();
	}
	dir_new(&t);
	assert_int_equal(chmod(t.dir, 0711), 0);
	put(&t, "log.1", 91, 92);
	put(&t, "log", 1, 2);
	as_nobody(true);
	do_open(&t, true);
	want(&t, 0, 1, 2);
	as_nobody(false);
	put(&t, "log", 3, 3);
	move(&t, "log", "log.1");
	put(&t, "log", 4, 4);
	as_nobody(true);
	want(&t, 1, 3, 3);
	want_loss(&t, 2, "and so may be others");
	want(&t, 3, 4, 4);
	as_nobody(false);
	dir_free(&t);
}

/* The directory is another one: what was in the old one is read to its end. */
static void test_directory_replaced(void **state)
{
	struct at t = {.row = "directory replaced"};
	char old[PATH_N];

	(void)state;
	dir_new(&t);
	put(&t, "log", 1, 2);
	do_open(&t, true);
	want(&t, 0, 1, 2);
	put(&t, "log", 3, 3);
	snprintf(old, sizeof(old), "%s.old", t.dir);
	assert_int_equal(rename(t.dir, old), 0);
	want(&t, 1, 3, 3);
	want_nothing(&t, 2, 3 * GRACE_MS);
	assert_int_equal(mkdir(t.dir, 0755), 0);
	put(&t, "log", 4, 4);
	want(&t, 3, 4, 4);
	put(&t, "log", 5, 5);
	want(&t, 4, 5, 5);
	nftw(old, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	dir_free(&t);
}

/* The set that auditd.conf names, below a root; no log is there at first. */
static void test_audit(void **state)
{
	struct at t = {.row = "audit"};
	char path[PATH_N];

	(void)state;
	dir_new(&t);
	path_of(&t, "etc", path);
	assert_int_equal(mkdir(path, 0755), 0);
	path_of(&t, "etc/audit", path);
	assert_int_equal(mkdir(path, 0755), 0);
	write_file(&t, "etc/audit/auditd.conf", SCA_STR("log_file = /log\n"), 0);
	assert_int_equal(sca_source_follow(&t.src, "audit", t.dir, NULL, NULL, NULL), 0);
	t.src->grace_ms = GRACE_MS;
	path_of(&t, "log", path);
	assert_string_equal(sca_source_name(t.src), path);
	want_nothing(&t, 0, 0);
	put(&t, "log.1", 1, 2);
	put(&t, "log", 3, 4);
	want(&t, 1, 1, 4);
	save(&t);
	t.src = sca_source_free(t.src);
	put(&t, "log", 5, 5);
	/* the same log by its path */
	follow(&t, buf_str(&t.saved));
	want(&t, 2, 5, 5);
	dir_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_wakes),
		cmocka_unit_test(test_without_events),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_part_of_line),
		cmocka_unit_test(test_bad_positions),
		cmocka_unit_test(test_open_errors),
		cmocka_unit_test(test_no_permission),
		cmocka_unit_test(test_unlisted),
		cmocka_unit_test(test_directory_replaced),
		cmocka_unit_test(test_audit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
