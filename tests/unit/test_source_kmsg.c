/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's ring buffer, as a file below another root. The device: tests/live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <sys/stat.h>

#include <scaudit/source.h>

#include "source_kmsg.h"

#define BODY                                                                                     \
	"auid=1000 uid=0 gid=0 ses=3 pid=7 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=83 " \
	"compat=0 ip=0x7f code=0x50000"
#define RECORD(serial) "audit: type=1326 audit(1795502175.137:" #serial "): " BODY
#define TEXT(lit) {lit, sizeof(lit) - 1}

/* -- one record -- */

static const struct parse_row {
	struct sca_str in;
	bool valid, kernel;
	uint64_t seq, usec;
	struct sca_str text;
} parse_rows[] = {
	{TEXT("5,339,270968766,-;audit: x\n"), true, true, 339, 270968766, TEXT("audit: x")},
	{TEXT("5,339,270968766,-;audit: x"), true, true, 339, 270968766, TEXT("audit: x")},
	{TEXT("4,0,0,c;x\n SUBSYSTEM=acpi\n DEVICE=+acpi:a\n"), true, true, 0, 0, TEXT("x")},
	{TEXT("7,1,2,-,caller=T55;a;b,c\n"), true, true, 1, 2, TEXT("a;b,c")},
	{TEXT("6,1,2,-;\n"), true, true, 1, 2, {NULL, 0}},
	{TEXT("6,1,2,-;"), true, true, 1, 2, {NULL, 0}},
	{TEXT("13,1,2,-;user\n"), true, false, 1, 2, TEXT("user")},
	{TEXT("30,1,2,-;daemon\n"), true, false, 1, 2, TEXT("daemon")},
	{TEXT("8,1,2,-;user, emergency\n"), true, false, 1, 2, TEXT("user, emergency")},
	{TEXT("5,18446744073709551615,18446744073709551615,-;x\n"), true, true, UINT64_MAX,
	 UINT64_MAX, TEXT("x")},
	{TEXT("5,18446744073709551616,1,-;x\n"), .valid = false},
	{TEXT("-1,1,2,-;x\n"), .valid = false},
	{TEXT(",1,2,-;x\n"), .valid = false},
	{TEXT("5,1,2;x\n"), .valid = false},
	{TEXT("5,1,2,-\n;x\n"), .valid = false},
	{TEXT("5,1,2,-"), .valid = false},
	{TEXT("5,1,2,"), .valid = false},
	{TEXT("5,1,"), .valid = false},
	{TEXT("5"), .valid = false},
	{TEXT("\n"), .valid = false},
	{TEXT(" SUBSYSTEM=acpi\n"), .valid = false},
	{TEXT("<5>[    1.0] x\n"), .valid = false},
	{{NULL, 0}, .valid = false},
};

static void test_parse(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(parse_rows); i++) {
		const struct parse_row *row = &parse_rows[i];
		struct kmsg_record rec = {0};

		if (kmsg_parse(row->in, &rec) != row->valid)
			fail_msg("row %zu: valid is wrong", i);
		if (row->valid && (rec.kernel != row->kernel || rec.seq != row->seq ||
				   rec.usec != row->usec || !str_eq(rec.text, row->text)))
			fail_msg("row %zu: seq %" PRIu64 ", usec %" PRIu64 ", text \"%.*s\"", i,
				 rec.seq, rec.usec, (int)rec.text.n, rec.text.p);
	}
}

static const struct {
	const char *in, *want;
} escapes[] = {
	{"", ""},
	{"plain", "plain"},
	{"a\\x5cb", "a\\b"},
	{"\\x5cx41", "\\x41"}, /* once only */
	{"caf\\xc3\\xa9", "caf\xc3\xa9"},
	{"\\xC3", "\xc3"},
	{"x\\x0aaudit: type=1326", "x\\x0aaudit: type=1326"},
	{"\\x00\\x1b[31m\\x7f\\x09", "\\x00\\x1b[31m\\x7f\\x09"},
	{"\\x4", "\\x4"},
	{"\\x", "\\x"},
	{"\\", "\\"},
	{"\\xg0\\y41", "\\xg0\\y41"},
};

static void test_unescape(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
		char *p = strdup(escapes[i].in);
		struct sca_str got = kmsg_unescape(p, strlen(p));

		if (!str_eq(got, sca_str_z(escapes[i].want)))
			fail_msg("\"%s\": \"%.*s\"", escapes[i].in, (int)got.n, got.p);
		free(p);
	}
}

/* -- the source -- */

static char root[64];

static void _printf_(2, 3) put(const char *path, const char *fmt, ...)
{
	char name[256];
	va_list ap;
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s", root, path);
	f = fopen(name, "ae");
	assert_non_null(f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

static void clear(const char *path)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/%s", root, path);
	unlink(name);
}

#define BOOT "proc/sys/kernel/random/boot_id"

static void set_boot(const char *id)
{
	clear(BOOT);
	put(BOOT, "%s\n", id);
}

static int make_root(void **state _unused_)
{
	static const char *const dirs[] = {"", "/dev", "/proc", "/proc/sys", "/proc/sys/kernel",
					   "/proc/sys/kernel/random"};
	char name[256];

	snprintf(root, sizeof(root), "/tmp/test_source_kmsg.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 1; i < ARRAY_SIZE(dirs); i++) {
		snprintf(name, sizeof(name), "%s%s", root, dirs[i]);
		if (mkdir(name, 0700) < 0)
			return -1;
	}
	set_boot("first");
	return 0;
}

static int remove_root(void **state _unused_)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* What comes until there is no more: "17 =5 18" is serials 17 and 18, and a loss of 5. */
static int drain(struct sca_source *src, char text[512])
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;
	size_t n = 0;
	int r;

	text[0] = '\0';
	while ((r = sca_source_next(src, &f, &err)) == SCA_NEXT_FRAME) {
		if (f.trust != SCA_TRUST_KERNEL || f.source != SCA_SRC_KMSG)
			fail_msg("source %s, trust %d", sca_source_kind_name(f.source), f.trust);
		if (f.kind == SCA_FRAME_LOSS)
			n += (size_t)snprintf(text + n, 512 - n, "%s=%" PRIu64, n ? " " : "",
					      f.lost);
		else
			n += (size_t)snprintf(text + n, 512 - n, "%s%u", n ? " " : "", f.serial);
		assert_true(n < 512);
		if (f.kind == SCA_FRAME_RECORD && !str_eq(f.body, SCA_STR(BODY)))
			fail_msg("body \"%.*s\"", (int)f.body.n, f.body.p);
	}
	if (r < 0)
		fail_msg("%s", err.text);
	return r;
}

static struct sca_source *follow(bool backlog, const char *position)
{
	struct sca_follow how = {backlog, sca_str_z(position)};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src;

	if (sca_source_follow(&src, "kmsg", root, NULL, &how, &err) < 0)
		fail_msg("%s", err.text);
	return src;
}

static void expect(struct sca_source *src, const char *want, int end)
{
	char got[512];

	assert_int_equal(drain(src, got), end);
	if (strcmp(got, want) != 0)
		fail_msg("\"%s\", not \"%s\"", got, want);
}

static void test_once(void **state _unused_)
{
	struct sca_source_stats st;
	struct sca_source *src;

	clear("dev/kmsg");
	put("dev/kmsg", "6,10,1000,-;booted\n SUBSYSTEM=acpi\n DEVICE=+acpi:a\n");
	put("dev/kmsg", "5,11,2000,-;" RECORD(17) "\n");
	put("dev/kmsg", "13,12,2000,-;" RECORD(66) "\n");            /* by a process */
	put("dev/kmsg", "6,13,2000,-;usb 1-1: Product: " RECORD(66) "\n");
	put("dev/kmsg", "6,14,2000,-;x\\x0a" RECORD(66) "\n");
	put("dev/kmsg", "6,15,2000,-;x\\x0d5,99,1,-;" RECORD(66) "\n");
	put("dev/kmsg", "5,16,2000,-,caller=T5;" RECORD(18) "\n");
	put("dev/kmsg", "5,17,2000,-;audit: type=1326 audit(1.001:66): auid=0 uid=0 gid=0\n");
	put("dev/kmsg", "no record\n");
	put("dev/kmsg", "4,23,2000,-;kauditd_printk_skb: 40 callbacks suppressed\n");
	put("dev/kmsg", "5,24,2000,-;" RECORD(19)); /* the last line has no end */
	assert_int_equal(sca_source_open(&src, "kmsg", root, NULL, NULL), 0);
	expect(src, "17 18 =5 =40 19", SCA_NEXT_END);
	sca_source_stats(src, &st);
	assert_int_equal(st.foreign, 4);
	assert_int_equal(st.torn, 1);
	assert_int_equal(st.undecodable, 1);
	assert_int_equal(st.lost, 45);
	assert_int_equal(st.loss_messages, 2);
	assert_string_equal(sca_source_name(src), "kmsg");
	expect(src, "", SCA_NEXT_END);
	sca_source_free(src);
}

static void test_overlong(void **state _unused_)
{
	_cleanup_free_ char *fill = malloc(40001);
	struct sca_source_stats st;
	struct sca_source *src;

	assert_non_null(fill);
	memset(fill, 'x', 40000);
	fill[40000] = '\0';
	clear("dev/kmsg");
	put("dev/kmsg", "5,1,2000,-;%s" RECORD(66) "\n", fill);
	put("dev/kmsg", "5,2,2000,-;" RECORD(17) "\n");
	assert_int_equal(sca_source_open(&src, "kmsg", root, NULL, NULL), 0);
	expect(src, "17", SCA_NEXT_END);
	sca_source_stats(src, &st);
	assert_true(st.overlong >= 1);
	sca_source_free(src);
}

/* Where it goes on: behind all that was given out, in front of everything else. */
static void test_follow(void **state _unused_)
{
	struct sca_str position;
	struct sca_source *src;
	struct sca_frame f;
	char saved[4][128];
	int wait;

	clear("dev/kmsg");
	put("dev/kmsg", "5,7,2000,-;" RECORD(17) "\n");
	src = follow(false, "");
	expect(src, "", SCA_NEXT_IDLE);
	assert_int_equal(sca_source_fd(src, &wait), -1);
	assert_true(wait > 0);
	assert_int_equal(sca_source_position(src, &position, NULL), 0);
	snprintf(saved[0], sizeof(saved[0]), "%.*s", (int)position.n, position.p);
	put("dev/kmsg", "5,8,2000,-;" RECORD(18));
	expect(src, "", SCA_NEXT_IDLE); /* the line is not whole yet */
	put("dev/kmsg", "\n5,11,2000,-;" RECORD(19) "\n");
	for (size_t i = 1; i < 4; i++) { /* 18, the hole, 19 */
		assert_int_equal(sca_source_next(src, &f, NULL), SCA_NEXT_FRAME);
		assert_int_equal(f.kind, i == 2 ? SCA_FRAME_LOSS : SCA_FRAME_RECORD);
		assert_int_equal(sca_source_position(src, &position, NULL), 0);
		snprintf(saved[i], sizeof(saved[i]), "%.*s", (int)position.n, position.p);
	}
	expect(src, "", SCA_NEXT_IDLE);
	sca_source_free(src);

	for (size_t i = 0; i < 4; i++) {
		static const char *const rest[] = {"18 =2 19", "=2 19", "19", ""};

		src = follow(false, saved[i]);
		expect(src, rest[i], SCA_NEXT_IDLE);
		sca_source_free(src);
	}
	src = follow(true, "");
	expect(src, "17 18 =2 19", SCA_NEXT_IDLE);
	sca_source_free(src);

	/* What was overwritten while nobody read, and a new boot. */
	clear("dev/kmsg");
	put("dev/kmsg", "5,100,2000,-;" RECORD(20) "\n");
	src = follow(false, saved[3]);
	expect(src, "=88 20", SCA_NEXT_IDLE);
	sca_source_free(src);
	set_boot("second");
	clear("dev/kmsg");
	put("dev/kmsg", "6,0,1,-;booting\n5,1,2000,-;" RECORD(3) "\n");
	src = follow(false, saved[3]);
	expect(src, "3", SCA_NEXT_IDLE);
	sca_source_free(src);
	clear("dev/kmsg");
	put("dev/kmsg", "5,4,2000,-;" RECORD(4) "\n");
	src = follow(false, saved[3]);
	expect(src, "=4 4", SCA_NEXT_IDLE);
	sca_source_free(src);
	set_boot("first");
}

static void test_bad_position(void **state _unused_)
{
	static const char *const bad[] = {
		"x", "{}", "[]", "{\"boot_id\":\"first\"}", "{\"next\":1}",
		"{\"boot_id\":\"first\",\"next\":-1}", "{\"boot_id\":\"first\",\"next\":1.5}",
		"{\"boot_id\":1,\"next\":1}", "{\"boot_id\":\"first\",\"next\":99999999999999999999}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct sca_follow how = {false, sca_str_z(bad[i])};
		struct sca_err err = SCA_ERR_INIT;
		struct sca_source *src;

		if (sca_source_follow(&src, "kmsg", root, NULL, &how, &err) != SCA_E_SYNTAX)
			fail_msg("%s is taken", bad[i]);
		assert_non_null(strstr(err.text, "position"));
	}
}

static void test_refused(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src;
	char name[256];

	clear("dev/kmsg");
	assert_int_equal(sca_source_open(&src, "kmsg", root, NULL, &err), -ENOENT);
	snprintf(name, sizeof(name), "%s/dev/kmsg", root);
	assert_int_equal(mkdir(name, 0700), 0);
	err = (struct sca_err)SCA_ERR_INIT;
	assert_int_equal(sca_source_open(&src, "kmsg", root, NULL, &err), -EINVAL);
	rmdir(name);
	/* No link leads out. */
	assert_int_equal(symlink("/dev/null", name), 0);
	err = (struct sca_err)SCA_ERR_INIT;
	assert_true(sca_source_open(&src, "kmsg", root, NULL, &err) < 0);
	unlink(name);
	err = (struct sca_err)SCA_ERR_INIT;
	assert_int_equal(sca_source_open(&src, "kmsg", "/nonexistent", NULL, &err), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),    cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_once),     cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_follow),   cmocka_unit_test(test_bad_position),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("source_kmsg", tests, make_root, remove_root);
}
