/* SPDX-License-Identifier: Apache-2.0 */
/* The journal below a root: files that systemd-journal-remote writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <grp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "mem.h"

#include <scaudit/source.h>

#define BODY                                                                           \
	"auid=1000 uid=0 gid=0 ses=3 pid=77 comm=\"probe\" exe=\"/usr/bin/probe\" sig=0 " \
	"arch=c000003e syscall=83 compat=0 ip=0x7f8039d00829 code=0x50000"
#define KERNEL(serial) "audit: type=1326 audit(1795502175.137:" #serial "): " BODY

#define MACHINE "3d1219c7c4c5404aaa1f6d2a48adfda4"
#define OTHER_MACHINE "3d1219c7c4c5404aaa1f6d2a48adfda5"

static const char *const writers[] = {
	"/usr/lib/systemd/systemd-journal-remote",
	"/lib/systemd/systemd-journal-remote",
};
static const char *writer;
static char root[64];

/* -- writing a journal -- */

static void run(const char *fmt, ...) _printf_(1, 2);
static void run(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("%s: failed", command);
}

/* Fields that every entry has; the time goes on by a second each. */
static void add_entry(struct buf *b, const char *fields)
{
	static uint64_t n;

	n++;
	buf_addf(b, "__REALTIME_TIMESTAMP=%llu\n__MONOTONIC_TIMESTAMP=%llu\n",
		 (unsigned long long)(1795502175000000u + n * 1000000),
		 (unsigned long long)(n * 1000000));
	buf_addf(b, "_BOOT_ID=9d86979cdd534ee9aacf2875c776f138\n%s\n\n", fields);
}

static void add_audit(struct buf *b, unsigned serial)
{
	char fields[512];

	snprintf(fields, sizeof(fields),
		 "_TRANSPORT=audit\n_AUDIT_TYPE=1326\n_AUDIT_ID=%u\n_HOSTNAME=n1\n"
		 "_SOURCE_REALTIME_TIMESTAMP=1795502175137000\nMESSAGE=SECCOMP " BODY, serial);
	add_entry(b, fields);
}

static void append_to(const char *machine, const char *file, const struct buf *b)
{
	char command[400];
	FILE *p;

	assert_false(b->failed);
	run("mkdir -p %s/var/log/journal/%s", root, machine);
	snprintf(command, sizeof(command), "%s -o %s/var/log/journal/%s/%s - >/dev/null 2>&1",
		 writer, root, machine, file);
	p = popen(command, "w");
	assert_non_null(p);
	assert_int_equal(fwrite(b->p, 1, b->n, p), b->n);
	assert_int_equal(pclose(p), 0);
}

static void append(const struct buf *b)
{
	append_to(MACHINE, "system.journal", b);
}

static void append_audit(unsigned from, unsigned to)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	for (unsigned i = from; i <= to; i++)
		add_audit(&b, i);
	append(&b);
}

/* -- reading it -- */

struct got {
	size_t n, losses;
	uint32_t serials[64];
	bool forgeable;
	enum sca_loss loss; /* the last one */
	uint64_t lost;
	int64_t loss_ms;
};

static void take_frame(struct got *got, const struct sca_frame *f)
{
	assert_int_equal(f->source, SCA_SRC_JOURNAL);
	if (f->kind == SCA_FRAME_LOSS) {
		got->losses++;
		got->loss = f->loss;
		got->lost += f->lost;
		got->loss_ms = f->time_ms;
		return;
	}
	assert_true(got->n < ARRAY_SIZE(got->serials));
	assert_true(f->have_serial && f->have_time);
	assert_int_equal(f->time_ms, 1795502175137);
	if (!str_eq(f->body, SCA_STR(BODY)))
		fail_msg("serial %u: body \"%.*s\"", f->serial, (int)f->body.n, f->body.p);
	got->forgeable = got->forgeable || f->trust != SCA_TRUST_KERNEL;
	got->serials[got->n++] = f->serial;
}

/* Up to `max` frames; what next() said at last. */
static int take(struct sca_source *src, struct got *got, size_t max)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;
	int r = SCA_NEXT_FRAME;

	while (max-- && (r = sca_source_next(src, &f, &err)) == SCA_NEXT_FRAME)
		take_frame(got, &f);
	if (r < 0)
		fail_msg("%s", err.text);
	return r;
}

/* As a caller's loop would, until so many frames came or a while passed. */
static void wait_for(struct sca_source *src, struct got *got, size_t frames)
{
	struct pollfd p = {.events = POLLIN};
	int wait;

	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(take(src, got, SIZE_MAX), SCA_NEXT_IDLE);
		if (got->n + got->losses >= frames)
			return;
		p.fd = sca_source_fd(src, &wait);
		assert_true(p.fd >= 0);
		poll(&p, 1, wait >= 0 && wait < 100 ? wait : 100);
	}
}

static void check(const char *what, const struct got *got, unsigned from, unsigned to)
{
	size_t n = to >= from ? to - from + 1 : 0;

	for (size_t i = 0; i < MAX(n, got->n); i++)
		if (got->n != n || got->serials[i] != from + i)
			fail_msg("%s: %zu records, want %zu; number %zu has serial %u, want %zu", what,
				 got->n, n, i, i < got->n ? got->serials[i] : 0, from + i);
}

static struct sca_source *follow(bool backlog, const char *position)
{
	struct sca_follow how = {.backlog = backlog, .position = sca_str_z(position)};
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;

	if (sca_source_follow(&src, "journal", root, NULL, &how, &err) < 0)
		fail_msg("%s: %s", err.file, err.text);
	return src;
}

static void save(struct sca_source *src, char *ret, size_t cap)
{
	struct sca_str s;

	assert_int_equal(sca_source_position(src, &s, NULL), 0);
	assert_true(s.n > 0 && s.n < cap);
	memcpy(ret, s.p, s.n);
	ret[s.n] = '\0';
}

static void whole(const struct sca_limits *limits, struct got *got,
		  struct sca_source_stats *ret_stats)
{
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;

	*got = (struct got){0};
	if (sca_source_open(&src, "journal", root, limits, &err) < 0)
		fail_msg("%s: %s", err.file, err.text);
	assert_int_equal(take(src, got, SIZE_MAX), SCA_NEXT_END);
	assert_int_equal(take(src, got, SIZE_MAX), SCA_NEXT_END);
	assert_string_equal(sca_source_name(src), root);
	sca_source_stats(src, ret_stats);
	sca_source_free(src);
}

/* -- tests -- */

/* What one entry gives: a record, or a loss and how many. */
static const struct {
	const char *fields;
	uint32_t serial;
	enum sca_loss loss;
	uint64_t lost, foreign, undecodable;
} entries[] = {
	{.fields = "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nMESSAGE=" KERNEL(2), .serial = 2},
	{.fields = "_TRANSPORT=kernel\nMESSAGE=" KERNEL(3), .serial = 3},
	{.fields = "_TRANSPORT=audit\n_AUDIT_TYPE=1326\n_AUDIT_ID=4\n"
	 "_SOURCE_REALTIME_TIMESTAMP=1795502175137000\nMESSAGE=AUDIT1326 " BODY,
	 .serial = 4},
	/* by /dev/kmsg, whoever it was */
	{.fields = "_TRANSPORT=kernel\nSYSLOG_FACILITY=1\nMESSAGE=" KERNEL(66), .foreign = 1},
	{.fields = "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nMESSAGE=usb 1-1: " KERNEL(66),
	 .foreign = 1},
	{.fields = "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nMESSAGE=a cat sat on the keyboard"},
	{.fields = "_TRANSPORT=syslog\nMESSAGE=" KERNEL(66)},
	{.fields = "_TRANSPORT=journal\n_AUDIT_TYPE=1326\nMESSAGE=SECCOMP " BODY},
	{.fields = "TRANSPORT=audit\nAUDIT_TYPE=1326\nMESSAGE=SECCOMP " BODY},
	{.fields = "_TRANSPORT=audit\n_AUDIT_TYPE=1300\nMESSAGE=SYSCALL arch=c000003e a0=1326"},
	{.fields = "_TRANSPORT=audit\n_AUDIT_TYPE=1326\n_AUDIT_ID=5", .undecodable = 1},
	{.fields = "_TRANSPORT=driver\nMESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n"
	 "MESSAGE=Suppressed 312 messages from foo.service",
	 .loss = SCA_LOSS_LOGGER, .lost = 312},
	{.fields = "_TRANSPORT=driver\nMESSAGE_ID=e9bf28e6e834481bb6f48f548ad13606\n"
	 "MESSAGE=Missed 7 kernel messages",
	 .loss = SCA_LOSS_KMSG, .lost = 7},
	{.fields = "_TRANSPORT=driver\nMESSAGE_ID=e9bf28e6e834481bb6f48f548ad13606\n"
	 "MESSAGE=Missed a number",
	 .loss = SCA_LOSS_KMSG},
	{.fields = "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nMESSAGE=Missed 7 kernel messages"},
	{.fields = "_TRANSPORT=syslog\nMESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n"
	 "MESSAGE=Suppressed 312 messages from foo.service"},
	{.fields = "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\n"
	 "MESSAGE=kauditd_printk_skb: 5 callbacks suppressed",
	 .loss = SCA_LOSS_PRINTK, .lost = 5},
};

static void test_entries(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_source_stats stats;
		struct got got;

		run("rm -rf %s/var", root);
		add_entry(&b, entries[i].fields);
		append(&b);
		whole(NULL, &got, &stats);
		if (got.n != (entries[i].serial != 0) || got.losses != (entries[i].loss != SCA_LOSS_NONE))
			fail_msg("row %zu: %zu records, %zu losses", i, got.n, got.losses);
		if (got.n && (got.serials[0] != entries[i].serial || got.forgeable))
			fail_msg("row %zu: serial %u, %s", i, got.serials[0],
				 got.forgeable ? "forgeable" : "kernel");
		if (got.loss != entries[i].loss || got.lost != entries[i].lost ||
		    (got.losses && (got.loss_ms < 1795502176000 || got.loss_ms > 1795503175000)))
			fail_msg("row %zu: loss %s, %llu, at %lld", i, sca_loss_name(got.loss),
				 (unsigned long long)got.lost, (long long)got.loss_ms);
		if (stats.foreign != entries[i].foreign || stats.undecodable != entries[i].undecodable ||
		    stats.loss_messages != got.losses || stats.lost != got.lost)
			fail_msg("row %zu: %llu foreign, %llu undecodable", i,
				 (unsigned long long)stats.foreign,
				 (unsigned long long)stats.undecodable);
	}
}

static void test_whole(void **state _unused_)
{
	struct sca_source_stats stats;
	struct got got;

	append_audit(1, 20);
	whole(NULL, &got, &stats);
	check("whole", &got, 1, 20);
	assert_false(got.forgeable);
	assert_int_equal(stats.lines, 20);
	assert_int_equal(stats.frames, 20);
}

/* An entry above the limit is counted, and those around it come. */
static void test_large(void **state _unused_)
{
	static const struct sca_limits limits = {.entry_max = 4096};
	_cleanup_buf_ struct buf b = BUF_INIT, big = BUF_INIT;
	struct sca_source_stats stats;
	struct got got;

	add_audit(&b, 1);
	buf_add_z(&big, "_TRANSPORT=audit\n_AUDIT_TYPE=1326\n_AUDIT_ID=66\nMESSAGE=SECCOMP " BODY);
	while (big.n < 100000)
		buf_add_z(&big, " and so on");
	add_entry(&b, big.p);
	add_audit(&b, 2);
	append(&b);
	whole(&limits, &got, &stats);
	check("large", &got, 1, 2);
	assert_int_equal(stats.undecodable, 1);
}

static void test_follow(void **state _unused_)
{
	struct sca_source *tail, *all;
	struct got end = {0}, got = {0};

	append_audit(1, 3);
	tail = follow(false, NULL);
	all = follow(true, NULL);
	assert_int_equal(take(tail, &end, SIZE_MAX), SCA_NEXT_IDLE);
	assert_int_equal(take(all, &got, SIZE_MAX), SCA_NEXT_IDLE);
	check("the end", &end, 1, 0);
	check("backlog", &got, 1, 3);
	for (unsigned i = 4; i < 20; i += 4) {
		append_audit(i, i + 3);
		wait_for(tail, &end, i);
		wait_for(all, &got, i + 3);
		check("from the end", &end, 4, i + 3);
		check("from the start", &got, 1, i + 3);
	}
	assert_int_equal(end.losses + got.losses, 0);
	sca_source_free(tail);
	sca_source_free(all);
}

/* The last entry is none of ours. */
static void test_end_of_others(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_source *src;
	struct got got = {0};
	char position[512];

	add_audit(&b, 1);
	add_entry(&b, "_TRANSPORT=syslog\nMESSAGE=hello");
	append(&b);
	src = follow(false, NULL);
	assert_int_equal(take(src, &got, SIZE_MAX), SCA_NEXT_IDLE);
	save(src, position, sizeof(position));
	append_audit(2, 3);
	wait_for(src, &got, 2);
	check("behind others", &got, 2, 3);
	sca_source_free(src);
	got.n = 0;
	src = follow(false, position);
	wait_for(src, &got, 2);
	check("again", &got, 2, 3);
	assert_int_equal(got.losses, 0);
	sca_source_free(src);
}

/* Wherever it stops, it goes on behind the last frame that it gave out. */
static void test_resume(void **state _unused_)
{
	struct sca_source *src;
	char position[512];

	append_audit(1, 10);
	for (unsigned n = 0; n <= 10; n++) {
		struct got got = {0};

		src = follow(true, NULL);
		take(src, &got, n);
		save(src, position, sizeof(position));
		sca_source_free(src);
		src = follow(true, position);
		wait_for(src, &got, 10);
		check("resumed", &got, 1, 10);
		assert_int_equal(got.losses, 0);
		sca_source_free(src);
	}
}

static void rotate(const char *to)
{
	run("mv %s/var/log/journal/" MACHINE "/system.journal "
	    "%s/var/log/journal/" MACHINE "/system@%s.journal", root, root, to);
}

static void vacuum(const char *which)
{
	run("rm %s/var/log/journal/" MACHINE "/system@%s.journal", root, which);
}

static void test_rotate(void **state _unused_)
{
	struct sca_source *src;
	struct got got = {0};
	char position[512];

	append_audit(1, 3);
	src = follow(true, NULL);
	wait_for(src, &got, 3);
	rotate("1");
	append_audit(4, 6);
	wait_for(src, &got, 6);
	check("rotated", &got, 1, 6);
	/* what was read may go */
	vacuum("1");
	append_audit(7, 8);
	wait_for(src, &got, 8);
	check("vacuumed", &got, 1, 8);
	/* rotated twice before it is looked at */
	rotate("2");
	append_audit(9, 10);
	rotate("3");
	append_audit(11, 12);
	wait_for(src, &got, 12);
	check("rotated twice", &got, 1, 12);
	save(src, position, sizeof(position));
	sca_source_free(src);
	rotate("4");
	append_audit(13, 14);
	src = follow(false, position);
	wait_for(src, &got, 14);
	check("rotated while away", &got, 1, 14);
	assert_int_equal(got.losses, 0);
	sca_source_free(src);
}

/* What was rotated away unread is not in the journal any more: that is said. */
static void test_gap(void **state _unused_)
{
	struct sca_source *src;
	struct got got = {0};
	char position[512];

	append_audit(1, 4);
	src = follow(true, NULL);
	take(src, &got, 2);
	save(src, position, sizeof(position));
	sca_source_free(src);
	rotate("1");
	append_audit(5, 6);
	vacuum("1");
	got.n = 0;
	src = follow(false, position);
	wait_for(src, &got, 3);
	check("what is left", &got, 5, 6);
	assert_int_equal(got.losses, 1);
	assert_int_equal(got.loss, SCA_LOSS_GAP);
	assert_int_equal(got.lost, 0);
	sca_source_free(src);
}

/* The place moves along with entries that are nobody's business, so that a record of long ago
 * may go. */
static void test_quiet_place(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_source *src;
	struct got got = {0};
	char position[512];

	append_audit(1, 2);
	rotate("1");
	for (unsigned i = 0; i < 20; i++)
		add_entry(&b, "_TRANSPORT=syslog\nMESSAGE=hello");
	append(&b);
	src = follow(true, NULL);
	assert_int_equal(take(src, &got, SIZE_MAX), SCA_NEXT_IDLE);
	save(src, position, sizeof(position));
	/* and goes on from there */
	append_audit(3, 4);
	wait_for(src, &got, 4);
	check("quiet", &got, 1, 4);
	sca_source_free(src);
	vacuum("1");
	src = follow(false, position);
	got.n = 2;
	wait_for(src, &got, 4);
	check("resumed", &got, 1, 4);
	assert_int_equal(got.losses, 0);
	sca_source_free(src);
}

static void test_trust(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_source_stats stats;
	struct got got;

	/* a container's journal beside: nobody knows which of them is the machine's */
	append_audit(1, 2);
	add_audit(&b, 3);
	append_to(OTHER_MACHINE, "system.journal", &b);
	whole(NULL, &got, &stats);
	check("two machines", &got, 1, 3);
	assert_true(got.forgeable);
	run("rm -r %s/var/log/journal/" OTHER_MACHINE, root);
	/* those of users and of remote machines are none */
	append_to(MACHINE, "user-1000.journal", &b);
	append_to("remote", "remote-n2.journal", &b);
	whole(NULL, &got, &stats);
	check("a user's, a remote one", &got, 1, 2);
	assert_false(got.forgeable);
	/* but for one that claims to be */
	append_to("remote", "system.journal", &b);
	whole(NULL, &got, &stats);
	check("a remote one as the system's", &got, 1, 3);
	assert_true(got.forgeable);
}

static void expect_error(const char *what, const char *position, int code, const char *says)
{
	struct sca_follow how = {.position = sca_str_z(position)};
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;
	int r = sca_source_follow(&src, "journal", root, NULL, &how, &err);

	if (r != code || !strstr(err.text, says) || strcmp(err.file, root) != 0)
		fail_msg("%s: %d, %s: %s", what, r, err.file, err.text);
}

static void test_errors(void **state _unused_)
{
	char long_cursor[4096];

	expect_error("nothing", NULL, -ENOENT, "/var/log/journal or");
	run("mkdir -p %s/var/log/journal/" MACHINE, root);
	expect_error("no file", NULL, -ENOENT, "/run/log/journal");
	append_audit(1, 1);
	expect_error("no JSON", "s=1;i=2", SCA_E_SYNTAX, "position");
	expect_error("of a file", "{\"kind\":\"file\",\"cursor\":\"s=1\"}", SCA_E_SYNTAX, "position");
	expect_error("no cursor", "{\"kind\":\"journal\"}", SCA_E_SYNTAX, "position");
	expect_error("bad cursor", "{\"kind\":\"journal\",\"cursor\":\"x\"}", SCA_E_SYNTAX,
		     "no cursor");
	memset(long_cursor, 'x', sizeof(long_cursor));
	memcpy(long_cursor, "{\"kind\":\"journal\",\"cursor\":\"", 28);
	memcpy(long_cursor + sizeof(long_cursor) - 3, "\"}", 3);
	expect_error("long cursor", long_cursor, SCA_E_SYNTAX, "no cursor");
	/* an empty one is of an empty journal: all is new */
	{
		struct sca_source *src = follow(false, "{\"kind\":\"journal\",\"cursor\":\"\"}");
		struct got got = {0};

		wait_for(src, &got, 1);
		check("empty cursor", &got, 1, 1);
		sca_source_free(src);
	}
	if (geteuid() != 0) {
		print_message("needs root to be somebody else\n");
		skip();
	}
	run("chmod 755 %s", root);
	run("chmod 640 %s/var/log/journal/" MACHINE "/system.journal", root);
	assert_int_equal(setgroups(0, NULL), 0);
	assert_int_equal(setegid(65534), 0);
	assert_int_equal(seteuid(65534), 0);
	expect_error("file", NULL, -EACCES, "systemd-journal");
	assert_int_equal(seteuid(0), 0);
	run("chmod 700 %s/var/log/journal/" MACHINE, root);
	assert_int_equal(seteuid(65534), 0);
	expect_error("directory", NULL, -EACCES, "systemd-journal");
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
}

static int set_up(void **state _unused_)
{
	snprintf(root, sizeof(root), "/tmp/scaudit-journal-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state _unused_)
{
	run("rm -rf %s", root);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_entries), TEST(test_whole),         TEST(test_large),
		TEST(test_follow),  TEST(test_end_of_others), TEST(test_resume),
		TEST(test_rotate),  TEST(test_gap),           TEST(test_quiet_place),
		TEST(test_trust),   TEST(test_errors),
	};

	for (size_t i = 0; !writer && i < ARRAY_SIZE(writers); i++)
		if (access(writers[i], X_OK) == 0)
			writer = writers[i];
	if (!writer) {
		print_message("1..0 # SKIP systemd-journal-remote is not installed\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
