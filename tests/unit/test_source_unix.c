/* SPDX-License-Identifier: Apache-2.0 */
/* auditd's af_unix plugin, played by the test: it listens, accepts and writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base.h"

#include <scaudit/source.h>

#define BODY(serial)                                                                       \
	"auid=1000 uid=0 gid=0 ses=3 pid=" #serial " comm=\"probe\" exe=\"/usr/bin/probe\" sig=0 " \
	"arch=c000003e syscall=83 compat=0 ip=0x7f8039d00829 code=0x50000"
#define STAMP(serial) "audit(1795502175.137:" #serial "): "
#define LINE(serial)  "type=SECCOMP msg=" STAMP(serial) BODY(serial)
#define TAIL          "\x1d" "AUID=\"user\" UID=\"root\" GID=\"root\" ARCH=x86_64 SYSCALL=mkdir"
#define OTHER         "type=SYSCALL msg=audit(1795502175.137:9): arch=c000003e a0=1326 key=(null)"
#define FORGED                                                                             \
	"type=USER_LOGIN msg=audit(1795502175.137:8): pid=1 msg='op=login " LINE(66) " res=success'"

#define WHOLE 8986u /* of a padded message */

/* -- the server -- */

static char dir[64], path[96], spec[104];
static int listener = -1, peer = -1;

static void listen_here(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	unlink(path);
	memcpy(at.sun_path, path, strlen(path));
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
}

static void accept_one(void)
{
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(peer >= 0);
}

static void hang_up(void)
{
	sca_close_(&peer);
	peer = -1;
}

static void stop_listening(void)
{
	sca_close_(&listener);
	listener = -1;
	unlink(path);
}

static void send_bytes(const char *p, size_t n)
{
	assert_int_equal(send(peer, p, n, MSG_NOSIGNAL), n);
}

/* -- the reader -- */

struct got {
	size_t n, losses;
	uint32_t serials[64];
	bool kernel; /* trust of the last one */
};

static struct sca_source *follow(void)
{
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;

	if (sca_source_follow(&src, spec, NULL, NULL, NULL, &err) < 0)
		fail_msg("%s: %s", spec, err.text);
	return src;
}

/* Takes what is there; true when the source wants to be called again soon. */
static bool take(struct sca_source *src, struct got *got)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;
	int r, wait;

	while ((r = sca_source_next(src, &f, &err)) == SCA_NEXT_FRAME) {
		if (f.kind == SCA_FRAME_LOSS) {
			assert_int_equal(f.loss, SCA_LOSS_GAP);
			got->losses++;
			continue;
		}
		assert_true(got->n < ARRAY_SIZE(got->serials));
		assert_true(f.have_serial && f.have_time);
		assert_int_equal(f.source, SCA_SRC_AUDITD);
		assert_int_equal(f.time_ms, 1795502175137);
		if (!str_starts(f.body, SCA_STR("auid=1000 uid=0")) || f.body.n < 100 ||
		    memcmp(f.body.p + f.body.n - 12, "code=0x50000", 12) != 0)
			fail_msg("serial %u: body \"%.*s\"", f.serial, (int)f.body.n, f.body.p);
		got->kernel = f.trust == SCA_TRUST_KERNEL;
		got->serials[got->n++] = f.serial;
	}
	if (r < 0)
		fail_msg("%s", err.text);
	assert_int_equal(r, SCA_NEXT_IDLE);
	sca_source_fd(src, &wait);
	return wait >= 0;
}

/* Until it has nothing to do but wait for more, as a caller's loop would. */
static void settle(struct sca_source *src, struct got *got)
{
	struct pollfd p = {.events = POLLIN};
	int wait;

	for (unsigned i = 0; i < 50 && take(src, got); i++) {
		p.fd = sca_source_fd(src, &wait);
		if (p.fd < 0)
			return;
		poll(&p, 1, wait);
	}
	assert_false(take(src, got));
}

/* It is not connected, and tries again `pause` ms after `since`, or a little later. */
static void check_pause(const struct sca_source *src, int64_t since, int pause)
{
	int wait;

	assert_int_equal(sca_source_fd(src, &wait), -1);
	assert_in_range(wait, MAX(pause - (clock_ms(CLOCK_MONOTONIC) - since), 0), pause);
}

static void check_serials(const char *what, const struct got *got, const uint32_t *want, size_t n)
{
	for (size_t i = 0; i < MAX(got->n, n); i++)
		if (got->n != n || got->serials[i] != want[i])
			fail_msg("%s: %zu records, want %zu; number %zu is %u, want %u", what,
				 got->n, n, i, i < got->n ? got->serials[i] : 0, i < n ? want[i] : 0);
}

/* -- streams -- */

struct stream_text {
	char p[8 * WHOLE];
	size_t n;
};

static void add_bytes(struct stream_text *s, const void *p, size_t n)
{
	assert_true(s->n + n <= sizeof(s->p));
	memcpy(s->p + s->n, p, n);
	s->n += n;
}

static void add_header(struct stream_text *s, uint32_t ver, uint32_t type, uint32_t size)
{
	const uint32_t h[4] = {ver, 16, type, size};

	add_bytes(s, h, sizeof(h));
}

/* A message of auditd 3.0.9: behind the text stands whatever its buffer held. */
static void add_message(struct stream_text *s, bool padded, uint32_t ver, uint32_t type,
			const char *text, struct sca_str stale)
{
	size_t start = s->n, n = strlen(text);

	add_header(s, ver, type, (uint32_t)n);
	add_bytes(s, text, n);
	if (!padded)
		return;
	assert_true(stale.n <= start + WHOLE - s->n);
	add_bytes(s, stale.p, stale.n);
	memset(s->p + s->n, 0, start + WHOLE - s->n);
	s->n = start + WHOLE;
}

enum kind { LINES, RAW, ENRICHED, RAW_COMPACT, ENRICHED_COMPACT, KINDS };
static const char *const kind_names[] = {"lines", "raw, padded", "enriched, padded",
					 "raw, compact", "enriched, compact"};

/* With `more`, a long record of another type follows, so that nobody waits for quiet. */
static void make_stream(struct stream_text *s, enum kind kind, bool more)
{
	static char other[8700];
	/* what an older record left, made to look like a message */
	static const char stale[] =
		"\0\0\0\0\x10\0\0\0\x2e\x05\0\0\xa8\0\0\0" STAMP(66) BODY(66);
	static const struct {
		uint32_t type;
		const char *raw, *line;
	} rows[] = {
		{1326, STAMP(1) BODY(1), LINE(1) TAIL},
		{1300, STAMP(9) "arch=c000003e a0=1326", OTHER},
		{1326, STAMP(2) BODY(2), LINE(2) TAIL},
		{1112, STAMP(8) "pid=1 msg='" LINE(66) "'", FORGED},
		{1326, STAMP(3) BODY(3), "node=n1 " LINE(3)},
		{1326, STAMP(4) BODY(4), LINE(4) TAIL},
		{1300, other, other},
	};
	bool padded = kind == RAW || kind == ENRICHED;
	bool raw = kind == RAW || kind == RAW_COMPACT;

	memset(other, 'x', sizeof(other) - 1);
	s->n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows) - !more; i++) {
		if (kind == LINES) {
			add_bytes(s, rows[i].line, strlen(rows[i].line));
			add_bytes(s, "\n", 1);
		} else {
			add_message(s, padded, !raw, rows[i].type, raw ? rows[i].raw : rows[i].line,
				    (struct sca_str){stale, sizeof(stale) - 1});
		}
	}
}

static const uint32_t all[] = {1, 2, 3, 4};

/* Takes the whole stream, cut at `at`, or at every byte of its first `bytewise`. */
static void run_stream(const char *what, const struct stream_text *s, size_t at, size_t bytewise)
{
	struct sca_source *src = follow();
	struct sca_source_stats stats;
	struct got got = {0};
	size_t sent = 0;

	accept_one();
	for (; sent < MIN(bytewise, s->n); sent++) {
		send_bytes(s->p + sent, 1);
		take(src, &got);
	}
	if (at > sent) {
		send_bytes(s->p + sent, at - sent);
		take(src, &got);
		sent = at;
	}
	send_bytes(s->p + sent, s->n - sent);
	settle(src, &got);
	check_serials(what, &got, all, ARRAY_SIZE(all));
	assert_int_equal(got.losses, 0);
	sca_source_stats(src, &stats);
	assert_int_equal(stats.bytes, s->n);
	assert_int_equal(stats.undecodable, 0);
	assert_int_equal(stats.torn, 0);
	sca_source_free(src);
	hang_up();
}

static void test_streams(void **state _unused_)
{
	static struct stream_text s;
	char what[64];

	for (enum kind k = 0; k < KINDS; k++) {
		make_stream(&s, k, false);
		snprintf(what, sizeof(what), "%s, at once", kind_names[k]);
		run_stream(what, &s, 0, 0);
		make_stream(&s, k, true);
		snprintf(what, sizeof(what), "%s, byte by byte", kind_names[k]);
		run_stream(what, &s, 0, MIN(s.n, 2 * WHOLE + 400));
	}
}

/* Cut in two at every byte of the first two messages and of what surrounds the padding. */
static void test_cuts(void **state _unused_)
{
	static struct stream_text s;
	char what[64];

	for (enum kind k = 0; k < KINDS; k++) {
		make_stream(&s, k, true);
		for (size_t at = 1; at < s.n; at += at > 500 && at % WHOLE > 40 &&
						    at % WHOLE < WHOLE - 40 ? 37 : 1) {
			snprintf(what, sizeof(what), "%s, cut at %zu", kind_names[k], at);
			run_stream(what, &s, at, 0);
			if (at > 2 * WHOLE + 100)
				break;
		}
	}
}

/* A record is given out when it has come, though what follows would tell the form. */
static void test_first_at_once(void **state _unused_)
{
	static struct stream_text s;
	const uint32_t want[] = {1, 2};

	for (unsigned padded = 0; padded < 2; padded++) {
		struct sca_source *src = follow();
		struct got got = {0};

		accept_one();
		s.n = 0;
		add_message(&s, padded, 0, 1326, STAMP(1) BODY(1), SCA_STR("old text"));
		send_bytes(s.p, s.n);
		take(src, &got);
		check_serials("the first", &got, want, 1);
		settle(src, &got);
		s.n = 0;
		add_message(&s, padded, 0, 1326, STAMP(2) BODY(2), SCA_STR("old text"));
		send_bytes(s.p, s.n);
		take(src, &got);
		check_serials("the second", &got, want, 2);
		sca_source_free(src);
		hang_up();
	}
}

/* -- what is no such stream -- */

static void test_garbage(void **state _unused_)
{
	static struct stream_text s;
	static const struct {
		const char *what;
		uint32_t header[4];
		const char *text;
	} rows[] = {
		{"absurd size", {0, 16, 1326, 8971}, ""},
		{"huge size", {0, 16, 1326, UINT32_MAX}, ""},
		{"no size", {0, 16, 1326, 0}, ""},
		{"other header", {0, 12, 1326, 20}, ""},
		{"no type", {0, 16, 0, 20}, ""},
		{"zeros", {0, 0, 0, 0}, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_source *src = follow();
		struct sca_source_stats stats;
		struct got got = {0};
		int64_t since;

		accept_one();
		s.n = 0;
		add_bytes(&s, rows[i].header, sizeof(rows[i].header));
		send_bytes(s.p, s.n);
		since = clock_ms(CLOCK_MONOTONIC);
		take(src, &got);
		sca_source_stats(src, &stats);
		if (got.n || got.losses != 1 || stats.undecodable != 1)
			fail_msg("%s: %zu records, %zu losses, %llu undecodable", rows[i].what, got.n,
				 got.losses, (unsigned long long)stats.undecodable);
		/* it comes back, not at once */
		check_pause(src, since, 100);
		sca_source_free(src);
		hang_up();
	}
}

/* Stale text that makes both readings possible: neither is taken. */
static void test_ambiguous(void **state _unused_)
{
	static struct stream_text s;
	static char filler[WHOLE];
	struct sca_source *src = follow();
	struct sca_source_stats stats;
	struct got got = {0};
	size_t n = strlen(STAMP(1) BODY(1));

	accept_one();
	s.n = 0;
	add_message(&s, false, 0, 1326, STAMP(1) BODY(1), SCA_STR(""));
	add_header(&s, 0, 1326, (uint32_t)(WHOLE - n - 32));
	memset(filler, 'x', sizeof(filler));
	memcpy(filler, STAMP(66) BODY(66), strlen(STAMP(66) BODY(66)));
	add_bytes(&s, filler, WHOLE - n - 32);
	assert_int_equal(s.n, WHOLE);
	add_message(&s, true, 0, 1326, STAMP(2) BODY(2), SCA_STR(""));
	send_bytes(s.p, s.n);
	take(src, &got);
	check_serials("ambiguous", &got, all, 1);
	assert_int_equal(got.losses, 1);
	sca_source_stats(src, &stats);
	assert_int_equal(stats.undecodable, 1);
	sca_source_free(src);
	hang_up();
}

static void test_overlong(void **state _unused_)
{
	static const struct sca_limits limits = {.line_max = 4096};
	struct sca_source *src;
	struct sca_source_stats stats;
	struct got got = {0};
	char big[3000];

	assert_int_equal(sca_source_follow(&src, spec, NULL, &limits, NULL, NULL), 0);
	accept_one();
	memset(big, 'x', sizeof(big));
	for (unsigned i = 0; i < 20; i++) {
		send_bytes(big, sizeof(big));
		take(src, &got);
	}
	send_bytes(LINE(66) "\n" LINE(1) "\n", strlen(LINE(66) "\n" LINE(1) "\n"));
	take(src, &got);
	check_serials("overlong", &got, all, 1);
	sca_source_stats(src, &stats);
	assert_int_equal(stats.overlong, 1);
	sca_source_free(src);
	hang_up();
}

/* A record without its end does not take the next line for it. */
static void test_cut_record(void **state _unused_)
{
	static const char text[] = "type=SECCOMP msg=" STAMP(7) "auid=1000 uid=0 gid=0 ses=3 pid=4\n"
				   LINE(1) "\n";
	struct sca_source *src = follow();
	struct sca_source_stats stats;
	struct got got = {0};

	accept_one();
	send_bytes(text, sizeof(text) - 1);
	take(src, &got);
	check_serials("cut", &got, all, 1);
	sca_source_stats(src, &stats);
	assert_int_equal(stats.torn, 1);
	sca_source_free(src);
	hang_up();
}

/* -- the connection -- */

static void sleep_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void test_reconnect(void **state _unused_)
{
	struct sca_source *src = follow();
	struct sca_source_stats stats;
	struct got got = {0};
	int64_t since;
	int wait;

	accept_one();
	send_bytes(LINE(1) "\ntype=SECC", strlen(LINE(1) "\ntype=SECC"));
	take(src, &got);
	hang_up();
	stop_listening();
	since = clock_ms(CLOCK_MONOTONIC);
	take(src, &got);
	check_serials("before", &got, all, 1);
	assert_int_equal(got.losses, 1);
	sca_source_stats(src, &stats);
	assert_int_equal(stats.torn, 1);
	assert_int_equal(stats.loss_messages, 1);
	/* nobody is there: longer and longer pauses, and no more losses */
	for (unsigned i = 0; i < 3; i++) {
		check_pause(src, since, 100 << i);
		sca_source_fd(src, &wait);
		sleep_ms(wait);
		since = clock_ms(CLOCK_MONOTONIC);
		take(src, &got);
	}
	assert_int_equal(got.losses, 1);
	listen_here();
	sca_source_fd(src, &wait);
	sleep_ms(wait);
	take(src, &got);
	assert_true(sca_source_fd(src, &wait) >= 0);
	accept_one();
	send_bytes(LINE(2) "\n", strlen(LINE(2) "\n"));
	take(src, &got);
	check_serials("after", &got, all, 2);
	assert_int_equal(got.losses, 1);
	/* that it answered ends the long pauses */
	hang_up();
	since = clock_ms(CLOCK_MONOTONIC);
	take(src, &got);
	assert_int_equal(got.losses, 2);
	check_pause(src, since, 100);
	sca_source_free(src);
}

/* Only root's word, at a socket of root's, is auditd's. */
static void test_trust(void **state _unused_)
{
	struct sca_source *src;
	struct got got = {0};

	for (unsigned forged = 0; forged < 2; forged++) {
		if (forged && chown(path, 65534, 65534) < 0) {
			print_message("needs root to give a file away\n");
			skip();
		}
		src = follow();
		accept_one();
		send_bytes(LINE(1) "\n", strlen(LINE(1) "\n"));
		take(src, &got);
		assert_int_equal(got.kernel, geteuid() == 0 && !forged);
		sca_source_free(src);
		hang_up();
	}
	stop_listening();
	listen_here();
}

static void test_peer_trust(void **state _unused_)
{
	struct sca_source *src;
	struct got got = {0};

	if (geteuid() != 0) {
		print_message("needs root to be somebody else\n");
		skip();
	}
	stop_listening();
	/* who listens counts; the file is root's all the same */
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(seteuid(65534), 0);
	listen_here();
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown(path, 0, 0), 0);
	src = follow();
	accept_one();
	send_bytes(LINE(1) "\n", strlen(LINE(1) "\n"));
	take(src, &got);
	check_serials("of nobody", &got, all, 1);
	assert_false(got.kernel);
	sca_source_free(src);
	hang_up();
	assert_int_equal(chmod(dir, 0700), 0);
	stop_listening();
	listen_here();
}

static void test_refused(void **state _unused_)
{
	static const struct {
		const char *spec;
		bool follow;
		int code;
		const char *says;
	} rows[] = {
		{"unix:/nowhere/socket", true, -ENOENT, "af_unix.conf"},
		{"unix:", true, -EINVAL, "path of a socket"},
		{"unix:/nowhere/socket", false, SCA_E_UNSUPPORTED, "log -f"},
	};
	struct sca_source *src;
	char far[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_err err = SCA_ERR_INIT;
		int r = rows[i].follow ? sca_source_follow(&src, rows[i].spec, NULL, NULL, NULL, &err)
				       : sca_source_open(&src, rows[i].spec, NULL, NULL, &err);

		if (r != rows[i].code || !strstr(err.text, rows[i].says) ||
		    strcmp(err.file, rows[i].spec) != 0)
			fail_msg("%s: %d, %s: %s", rows[i].spec, r, err.file, err.text);
	}
	memset(far, 'x', sizeof(far));
	memcpy(far, "unix:/", 6);
	far[200] = '\0';
	assert_int_equal(sca_source_follow(&src, far, NULL, NULL, NULL, NULL), -EINVAL);
	far[113] = '\0'; /* 108 bytes of path */
	assert_int_equal(sca_source_follow(&src, far, NULL, NULL, NULL, NULL), -EINVAL);
	far[112] = '\0';
	assert_int_equal(sca_source_follow(&src, far, NULL, NULL, NULL, NULL), -ENOENT);
}

static int set_up(void **state _unused_)
{
	snprintf(dir, sizeof(dir), "/tmp/scaudit-unix-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/events", dir);
	snprintf(spec, sizeof(spec), "unix:%s", path);
	listen_here();
	return 0;
}

static int tear_down(void **state _unused_)
{
	hang_up();
	stop_listening();
	return rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_first_at_once),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_ambiguous),
		cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_cut_record),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_peer_trust),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
