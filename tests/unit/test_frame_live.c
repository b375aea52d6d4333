/* SPDX-License-Identifier: Apache-2.0 */
/* What live sources hand to the framer: payloads, lines of the kernel's log, their own losses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>

#include "frame.h"

#define BODY                                                                                     \
	"auid=1000 uid=0 gid=0 ses=3 pid=7 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=83 " \
	"compat=0 ip=0x7f code=0x50000"
#define STAMP "audit(1795502175.137:19429): "
#define OLD                                                                                  \
	"auid=0 uid=0 gid=0 ses=1 pid=7 comm=\"a\" reason=\"seccomp\" sig=0 syscall=20 ip=0x1 " \
	"code=0x50000"

struct out {
	struct sca_frame v[8];
	size_t n;
	int fail_at; /* this frame is answered with an error; 0: none */
};

static int collect(const struct sca_frame *frame, void *arg)
{
	struct out *out = arg;

	if (out->fail_at && out->n + 1 == (size_t)out->fail_at)
		return -EPIPE;
	assert_true(out->n < ARRAY_SIZE(out->v));
	out->v[out->n++] = *frame;
	return 0;
}

static const struct sca_pos nowhere = {NULL, 0, 0};

static struct sca_framer *framer(void)
{
	struct sca_framer *f;

	assert_int_equal(framer_new(&f, NULL, false, NULL), 0);
	return f;
}

static struct sca_source_stats stats_of(const struct sca_framer *f)
{
	struct sca_source_stats s = {0};

	framer_stats(f, &s);
	return s;
}

static void check_body(const char *name, const struct sca_frame *frame, struct sca_str body)
{
	if (!str_eq(frame->body, body))
		fail_msg("%s: body \"%.*s\", not \"%.*s\"", name, (int)frame->body.n,
			 frame->body.p, (int)body.n, body.p);
}

/* -- payloads -- */

#define TEXT(lit) {lit, sizeof(lit) - 1}

static const struct payload_row {
	const char *name;
	uint32_t type;
	struct sca_str text, body; /* no body: no frame */
	uint64_t undecodable;
	int64_t time_ms;
	uint32_t serial;
} payload_rows[] = {
	{"a record", 1326, TEXT(STAMP BODY), TEXT(BODY), 0, 1795502175137, 19429},
	{"a newline behind it", 1326, TEXT(STAMP BODY "\n"), TEXT(BODY), 0, 1795502175137, 19429},
	{"padded with NULs", 1326, TEXT(STAMP BODY "\0\0\0\0"), TEXT(BODY), 0, 1795502175137, 19429},
	{"no clock yet", 1326, TEXT("audit(7.030:1): " BODY), TEXT(BODY), 0, 7030, 1},
	{"far future", 1326, TEXT("audit(6914317446.261:4294967295): " BODY), TEXT(BODY), 0,
	 6914317446261, 4294967295},
	{"killed process, before 3.8", 1701, TEXT(STAMP OLD), TEXT(OLD), 0, 1795502175137, 19429},
	{"killed process, no seccomp", 1701,
	 TEXT(STAMP "auid=0 uid=0 gid=0 ses=1 pid=7 comm=\"a\" exe=\"/a\" sig=11 res=1"),
	 {NULL, 0}, 0, 0, 0},
	{"quoted by a user's message", 1112,
	 TEXT(STAMP "pid=7 uid=0 auid=0 ses=1 msg='type=1326 " STAMP BODY "'"), {NULL, 0}, 0, 0, 0},
	{"a system call's record", 1300, TEXT(STAMP BODY), {NULL, 0}, 0, 0, 0},
	{"type of an option", 0, TEXT(STAMP BODY), {NULL, 0}, 0, 0, 0},
	{"empty", 1326, {NULL, 0}, {NULL, 0}, 1, 0, 0},
	{"blank", 1326, TEXT(" \n"), {NULL, 0}, 1, 0, 0},
	{"no stamp", 1326, TEXT(BODY), {NULL, 0}, 1, 0, 0},
	{"stamp cut", 1326, TEXT("audit(1795502175.137:19"), {NULL, 0}, 1, 0, 0},
	{"stamp without serial", 1326, TEXT("audit(1795502175.137): " BODY), {NULL, 0}, 1, 0, 0},
	{"serial above 32 bits", 1326, TEXT("audit(1.001:4294967296): " BODY), {NULL, 0}, 1, 0, 0},
	{"seconds above 64 bits", 1326, TEXT("audit(99999999999999999999.001:1): " BODY),
	 {NULL, 0}, 1, 0, 0},
	{"a sign in the stamp", 1326, TEXT("audit(-1.001:1): " BODY), {NULL, 0}, 1, 0, 0},
	{"no colon behind the stamp", 1326, TEXT("audit(1.001:1) " BODY), {NULL, 0}, 1, 0, 0},
	{"a word in front", 1326, TEXT("x " STAMP BODY), {NULL, 0}, 1, 0, 0},
	{"auditd's head in front", 1326, TEXT("type=SECCOMP msg=" STAMP BODY), {NULL, 0}, 1, 0, 0},
	{"no body", 1326, TEXT("audit(1.001:1): "), {NULL, 0}, 1, 0, 0},
	{"a second record in it stays a part of it", 1326,
	 TEXT(STAMP BODY "\ntype=1326 audit(1.001:1): " BODY),
	 TEXT(BODY "\ntype=1326 audit(1.001:1): " BODY), 0, 1795502175137, 19429},
};

static void test_payload(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(payload_rows); i++) {
		const struct payload_row *row = &payload_rows[i];
		struct sca_framer *f = framer();
		struct out out = {0};

		assert_int_equal(framer_payload(f, SCA_SRC_NETLINK, SCA_TRUST_KERNEL, row->type,
						row->text, &nowhere, collect, &out), 0);
		if (out.n != (row->body.n != 0) || stats_of(f).undecodable != row->undecodable ||
		    stats_of(f).frames != out.n)
			fail_msg("%s: %zu frames, %" PRIu64 " undecodable", row->name, out.n,
				 stats_of(f).undecodable);
		if (out.n) {
			const struct sca_frame *v = &out.v[0];

			check_body(row->name, v, row->body);
			if (v->kind != SCA_FRAME_RECORD || v->source != SCA_SRC_NETLINK ||
			    v->trust != SCA_TRUST_KERNEL || v->type != row->type ||
			    !v->have_time || v->time_ms != row->time_ms || !v->have_serial ||
			    v->serial != row->serial || v->node.n || v->lost)
				fail_msg("%s: the frame's head is wrong", row->name);
		}
		framer_free(f);
	}
}

static void test_payload_of_others(void **state _unused_)
{
	struct sca_framer *f = framer();
	struct out out = {0};

	/* Kind and trust are the caller's; so is stopping. */
	assert_int_equal(framer_payload(f, SCA_SRC_AUDITD, SCA_TRUST_FORGEABLE, 1326,
					SCA_STR(STAMP BODY), &nowhere, collect, &out), 0);
	assert_int_equal(out.v[0].source, SCA_SRC_AUDITD);
	assert_int_equal(out.v[0].trust, SCA_TRUST_FORGEABLE);
	out.fail_at = 2;
	assert_int_equal(framer_payload(f, SCA_SRC_AUDITD, SCA_TRUST_FORGEABLE, 1326,
					SCA_STR(STAMP BODY), &nowhere, collect, &out), -EPIPE);
	framer_free(f);
}

/* -- lines of the kernel's log -- */

#define RECORD "audit: type=1326 " STAMP BODY
#define NAMED(comm)                                                                           \
	"auid=1000 uid=0 gid=0 ses=3 pid=7 comm=" comm " exe=\"/a\" sig=0 arch=c000003e "       \
	"syscall=83 compat=0 ip=0x7f code=0x50000"

static const struct line_row {
	const char *name;
	struct sca_str line;
	size_t frames;
	struct sca_str body; /* of the first */
	enum sca_loss loss;
	uint64_t lost, foreign, torn, undecodable;
} line_rows[] = {
	{"a record", TEXT(RECORD), 1, TEXT(BODY), 0, 0, 0, 0, 0},
	{"without audit: (before 3.14)", TEXT("type=1326 " STAMP BODY), 1, TEXT(BODY), 0, 0, 0, 0, 0},
	/* What cleaning the line copied must live as long as the frame. */
	{"asterisks in a name", TEXT("audit: type=1326 " STAMP NAMED("\"a**b\"")), 1,
	 TEXT(NAMED("\"a**b\"")), 0, 0, 0, 0, 0},
	{"suppressed", TEXT("kauditd_printk_skb: 219990 callbacks suppressed"), 1,
	 TEXT("kauditd_printk_skb: 219990 callbacks suppressed"), SCA_LOSS_PRINTK, 219990, 0, 0, 0},
	{"lost", TEXT("audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64"), 1,
	 TEXT("audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64"), SCA_LOSS_KERNEL, 5,
	 0, 0, 0},
	{"backlog", TEXT("audit: backlog limit exceeded"), 1, TEXT("audit: backlog limit exceeded"),
	 SCA_LOSS_BACKLOG, 0, 0, 0, 0},
	{"another message that quotes one", TEXT("foo: x=\"audit: audit_lost=5 \" y"), 0,
	 {NULL, 0}, 0, 0, 1, 0, 0},
	{"another message that quotes a record",
	 TEXT("usb 1-1: Product: type=1326 " STAMP BODY), 0, {NULL, 0}, 0, 0, 1, 0, 0},
	{"a device with the name of a loss",
	 TEXT("usb 1-1: Product: audit: audit_lost=5 audit_rate_limit=0"), 0, {NULL, 0}, 0, 0, 1, 0, 0},
	{"two records run together", TEXT(RECORD " " RECORD), 0, {NULL, 0}, 0, 0, 1, 0, 0},
	{"another audit record that quotes one",
	 TEXT("audit: type=1112 audit(1.001:1): pid=7 msg='audit: type=1326 " STAMP BODY "'"), 0,
	 {NULL, 0}, 0, 0, 1, 0, 0},
	{"cut in its body", TEXT("audit: type=1326 audit(1.001:1): auid=1000 uid=0 gid=0 ses=3"),
	 0, {NULL, 0}, 0, 0, 0, 1, 0},
	{"cut in its head", TEXT("audit: type=1326 audit(1.0"), 0, {NULL, 0}, 0, 0, 0, 1, 0},
	{"a syslog's line", TEXT("Jul  6 15:37:40 host kernel: " RECORD), 0, {NULL, 0}, 0, 0, 1,
	 0, 0},
	{"auditd's line", TEXT("type=SECCOMP msg=" STAMP BODY), 0, {NULL, 0}, 0, 0, 0, 0, 0},
	{"an event of ours behind a loss",
	 TEXT("kauditd_printk_skb: 4 callb {\"v\":1,\"nr\":1} _skb"), 0, {NULL, 0}, 0, 0, 0, 0, 0},
	{"elided stamp", TEXT("audit: type=1326 audit(...): " BODY), 0, {NULL, 0}, 0, 0, 0, 0, 1},
	{"no such stamp", TEXT("audit: type=1326 audit(x:1): " BODY), 0, {NULL, 0}, 0, 0, 0, 0, 1},
	{"ausearch's stamp", TEXT("audit: type=1326 audit(11/24/26 06:36:13.125:19384) : " BODY), 0,
	 {NULL, 0}, 0, 0, 0, 0, 1},
	{"killed, not for seccomp",
	 TEXT("audit: type=1701 audit(1.001:1): auid=0 uid=0 pid=7 comm=\"a\" sig=11 res=1"), 0,
	 {NULL, 0}, 0, 0, 0, 0, 0},
	{"killed, before 3.8", TEXT("type=1701 " STAMP OLD), 1, TEXT(OLD), 0, 0, 0, 0, 0},
	{"an event of ours", TEXT("{\"v\":1,\"nr\":1}"), 0, {NULL, 0}, 0, 0, 0, 0, 0},
	{"nothing", {NULL, 0}, 0, {NULL, 0}, 0, 0, 0, 0, 0},
	{"plain", TEXT("EXT4-fs (vda): mounted"), 0, {NULL, 0}, 0, 0, 0, 0, 0},
};

static void check_line(const struct line_row *row, const struct sca_framer *f,
		       const struct out *out)
{
	struct sca_source_stats s = stats_of(f);
	const struct sca_frame *v = &out->v[0];

	if (out->n != row->frames || s.foreign != row->foreign || s.torn != row->torn ||
	    s.lost != row->lost || s.undecodable != row->undecodable)
		fail_msg("%s: %zu frames, foreign %" PRIu64 ", torn %" PRIu64 ", lost %" PRIu64,
			 row->name, out->n, s.foreign, s.torn, s.lost);
	if (!out->n)
		return;
	check_body(row->name, v, row->body);
	if (v->source != SCA_SRC_KMSG || v->trust != SCA_TRUST_KERNEL)
		fail_msg("%s: source %s, trust %d", row->name, sca_source_kind_name(v->source),
			 v->trust);
	if (v->loss != row->loss || v->lost != row->lost ||
	    v->kind != (row->loss ? SCA_FRAME_LOSS : SCA_FRAME_RECORD))
		fail_msg("%s: a loss, or none", row->name);
}

static void test_lines(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(line_rows); i++) {
		const struct line_row *row = &line_rows[i];
		struct sca_framer *f = framer();
		struct out out = {0};
		/* A copy: the frame may point into the line, but not behind it. */
		char *line = malloc(row->line.n + 1);

		assert_non_null(line);
		if (row->line.n)
			memcpy(line, row->line.p, row->line.n);
		assert_int_equal(framer_trusted_line(f, SCA_SRC_KMSG, SCA_TRUST_KERNEL,
						     (struct sca_str){line, row->line.n}, &nowhere,
						     collect, &out), 0);
		check_line(row, f, &out);
		framer_free(f);
		free(line);
	}
}

/* Nothing of a line reaches into the next one. */
static void test_lines_apart(void **state _unused_)
{
	static const struct sca_str lines[] = {
		TEXT("audit: type=1326 audit(1.001:1): auid=1000 uid=0 gid=0 ses=3 pid=7"),
		TEXT("comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=83 code=0x50000"),
		TEXT("__CURSOR=x"),
		TEXT(RECORD),
		TEXT("{"),
		TEXT("\"a\": ["),
		TEXT(RECORD),
	};
	struct sca_framer *f = framer();
	struct out out = {0};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(framer_trusted_line(f, SCA_SRC_KMSG, SCA_TRUST_KERNEL, lines[i],
						     &nowhere, collect, &out), 0);
	assert_int_equal(out.n, 2);
	for (size_t i = 0; i < out.n; i++) {
		assert_int_equal(out.v[i].source, SCA_SRC_KMSG);
		assert_int_equal(out.v[i].trust, SCA_TRUST_KERNEL);
		assert_int_equal(out.v[i].serial, 19429);
	}
	assert_true(stats_of(f).torn >= 1);
	framer_free(f);
}

/* -- losses of the source's own -- */

static void test_loss(void **state _unused_)
{
	struct sca_framer *f = framer();
	struct out out = {0};
	char text[] = "12 records";
	const struct sca_frame *v = &out.v[0];

	assert_int_equal(framer_loss(f, SCA_LOSS_NETLINK, 12, SCA_SRC_NETLINK, sca_str_z(text),
				     &nowhere, collect, &out), 0);
	memset(text, 'x', sizeof(text) - 1);
	check_body("the text is copied", v, SCA_STR("12 records"));
	assert_int_equal(v->kind, SCA_FRAME_LOSS);
	assert_int_equal(v->loss, SCA_LOSS_NETLINK);
	assert_int_equal(v->lost, 12);
	assert_int_equal(v->source, SCA_SRC_NETLINK);
	assert_int_equal(v->trust, SCA_TRUST_KERNEL);
	assert_true(v->have_time && !v->have_serial);
	assert_true(llabs(v->time_ms - (int64_t)time(NULL) * 1000) < 60000);

	assert_int_equal(framer_loss(f, SCA_LOSS_KMSG, 0, SCA_SRC_KMSG, (struct sca_str){NULL, 0},
				     &nowhere, collect, &out), 0);
	assert_int_equal(out.v[1].body.n, 0);
	assert_int_equal(stats_of(f).lost, 12);
	assert_int_equal(framer_loss(f, SCA_LOSS_KMSG, UINT64_MAX, SCA_SRC_KMSG,
				     (struct sca_str){NULL, 0}, &nowhere, collect, &out), 0);
	assert_true(stats_of(f).lost == UINT64_MAX);
	assert_int_equal(stats_of(f).loss_messages, 3);
	framer_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_payload),     cmocka_unit_test(test_payload_of_others),
		cmocka_unit_test(test_lines),       cmocka_unit_test(test_lines_apart),
		cmocka_unit_test(test_loss),
	};

	return cmocka_run_group_tests_name("frame_live", tests, NULL, NULL);
}
