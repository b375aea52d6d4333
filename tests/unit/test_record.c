/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "record_order.h"
#include "record_table.h"

/* What stands behind the code in a log that auditd enriched, and in copies of it. */
static const char *const tails[] = {
	"",
	"\x1d" "AUID=\"unset\" UID=\"root\" ARCH=i386 SYSCALL=close",
	"AUID=\"unset\" UID=\"unknown(1000660000)\" ARCH=x86_64 SYSCALL=close",
	" AUID=\"unset\" UID=\"root\" ARCH=x86_64 SYSCALL=close",
	"#035AUID=\"unset\"",
	"\\u001dAUID=\\\"unset\\\"",
	"^]AUID=\"unset\"",
	"\xe2\x90\x9d" "AUID=\"unset\"",
	"**",
	"  ",
};

static struct sca_frame frame_of(struct sca_str text)
{
	bool event = text.n && *text.p == '{';

	return (struct sca_frame){
		.kind = event ? SCA_FRAME_EVENT : SCA_FRAME_RECORD,
		.source = event ? SCA_SRC_SCAUDIT : SCA_SRC_NETLINK,
		.type = 1326,
		.body = text,
	};
}

static void decode(struct sca_decoder *dec, const struct table_case *c, const char *how,
		   const char *row, struct sca_str text)
{
	struct sca_frame frame = frame_of(text);
	struct sca_record rec, untouched;
	struct sca_err err = SCA_ERR_INIT;
	struct table_result res = {&frame, &rec, 0};

	memset(&untouched, 0xa5, sizeof(untouched));
	rec = untouched;
	res.error = sca_record_decode(dec, &frame, &rec, &err);
	if (res.error) {
		res.rec = NULL;
		assert_memory_equal(&rec, &untouched, sizeof(rec));
		assert_int_equal(err.code, res.error);
		assert_true(err.text[0] != '\0');
	}
	table_check(c, how, row, &res);
}

static struct sca_decoder *decoder_for(const struct table_case *c)
{
	struct sca_decoder *dec = NULL;
	struct sca_str name;
	uint32_t arch;

	assert_int_equal(sca_decoder_new(&dec, NULL), 0);
	if (table_word(c, "arch", &name)) {
		assert_int_equal(sca_arch_parse(name, &arch), 0);
		sca_decoder_set_arch(dec, arch);
	}
	return dec;
}

static uint64_t count_of(const struct table_case *c, const char *word)
{
	struct sca_str text;
	uint64_t n = 0;

	if (table_word(c, word, &text))
		assert_int_equal(str_u64(text, &n), 0);
	return n;
}

static void check_counts(const struct table_case *c, const struct sca_decoder *dec, size_t inputs)
{
	struct sca_decode_stats s;

	sca_decoder_stats(dec, &s);
	if (s.no_arch != count_of(c, "no_arch") || s.incomplete != count_of(c, "incomplete") ||
	    s.malformed != count_of(c, "malformed") ||
	    s.duplicate_field != count_of(c, "duplicate") ||
	    s.records + s.incomplete + s.malformed != inputs)
		fail_msg("%s (line %s): no_arch %llu incomplete %llu malformed %llu duplicate %llu",
			 c->name, c->line, (unsigned long long)s.no_arch,
			 (unsigned long long)s.incomplete, (unsigned long long)s.malformed,
			 (unsigned long long)s.duplicate_field);
}

static void run_case(const struct table_case *c)
{
	size_t n_tails = table_word(c, "exact", NULL) ? 1 : ARRAY_SIZE(tails);

	for (size_t t = 0; t < n_tails; t++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		struct sca_decoder *dec = decoder_for(c);
		struct sca_str rest = buf_str(&c->in), line;
		size_t i = 0;

		rest.n--;
		while (str_cut(&rest, '\n', &line)) {
			/* Only what ends in its code has a tail. */
			bool tail = t && str_find(line, SCA_STR(" code=0x")) && *line.p != '{';

			if (i >= c->n_out)
				fail_msg("%s (line %s): a row is missing", c->name, c->line);
			buf_reset(&text);
			buf_add_str(&text, line);
			buf_add_z(&text, tail ? tails[t] : "");
			decode(dec, c, tails[t], c->out[i++], buf_str(&text));
		}
		assert_int_equal(i, c->n_out);
		check_counts(c, dec, i);
		sca_decoder_free(dec);
	}
}

static void test_table(void **state _unused_)
{
	table_for_each("tests/tables/record.t", run_case);
}

/* -- however a body is cut, what comes of it is right or nothing -- */

static const char *const bodies[] = {
	"auid=4294967295 uid=0 gid=0 ses=4294967295 subj==cri-containerd.apparmor.d (enforce) "
	"pid=3315793 comm=\"chmod\" exe=\"/bin/chmod\" sig=0 arch=c000003e syscall=268 compat=0 "
	"ip=0x7fd8c219ef24 code=0x7ffc0000",
	"auid=0 uid=0 gid=0 ses=1 pid=7 comm=517420 exe=\"/a\" sig=31 arch=40000003 syscall=265 "
	"compat=1 ip=0xf7f82849 code=0x80000000",
	"auid=0 uid=0 gid=0 ses=1 pid=7 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e "
	"syscall=1073741964 compat=0 ip=0x1 code=0x50000",
	"auid=0 uid=0 gid=0 ses=1 pid=7 comm=\"a\" exe=\"/a\" sig=0 arch=c00000b7 syscall=-1 "
	"compat=0 ip=0x1 code=0x7fc00000",
};

static void test_cut_anywhere(void **state _unused_)
{
	struct sca_decoder *dec = NULL;

	assert_int_equal(sca_decoder_new(&dec, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct sca_frame frame = frame_of(sca_str_z(bodies[i]));
		size_t whole = frame.body.n, decoded = 0;
		struct sca_record full, cut;

		assert_int_equal(sca_record_decode(dec, &frame, &full, NULL), 0);
		for (frame.body.n = 0; frame.body.n < whole; frame.body.n++) {
			if (sca_record_decode(dec, &frame, &cut, NULL) < 0)
				continue;
			decoded++;
			if (cut.nr != full.nr || cut.arch != full.arch || cut.sig != full.sig ||
			    cut.denied != full.denied ||
			    (cut.action != full.action && cut.action != SCA_ACT_UNKNOWN))
				fail_msg("body %zu cut at %zu is another record", i, frame.body.n);
		}
		assert_int_equal(decoded > 0, full.sig != 0);
	}
	sca_decoder_free(dec);
}

/* -- a body read by the kernel's order, and by searching -- */

static uint64_t random_below(uint64_t *state, uint64_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % n;
}

/* Some bytes changed, taken out, or put in a second time: mostly what means something. */
static void mutate(struct buf *b, uint64_t *seed)
{
	static const char bytes[] = "  \"\"==0019afxAF(\x1d\x80<";
	size_t at, n;

	for (uint64_t i = 1 + random_below(seed, 3); i > 0 && b->n > 0; i--) {
		at = random_below(seed, b->n);
		n = random_below(seed, 12);
		n = MIN(n, b->n - at);
		switch (random_below(seed, 3)) {
		case 0:
			b->p[at] = bytes[random_below(seed, sizeof(bytes))];
			break;
		case 1:
			memmove(b->p + at, b->p + at + n, b->n - at - n);
			b->n -= n;
			break;
		default:
			if (!buf_reserve(b, n))
				return;
			memmove(b->p + at + n, b->p + at, b->n - at);
			b->n += n;
		}
	}
}

static void check_order(struct sca_decoder *decs[2], struct sca_str body)
{
	const char *what = order_differs(decs, body);

	if (what)
		fail_msg("%s differs: %.*s", what, (int)body.n, body.p);
}

static void check_mutations(struct sca_str body)
{
	struct sca_decoder *decs[2] = {NULL, NULL};
	uint64_t seed = body.n;

	assert_int_equal(sca_decoder_new(&decs[0], NULL), 0);
	assert_int_equal(sca_decoder_new(&decs[1], NULL), 0);
	check_order(decs, body);
	for (unsigned i = 0; i < 500; i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		buf_add_str(&text, body);
		mutate(&text, &seed);
		check_order(decs, buf_str(&text));
	}
	sca_decoder_free(decs[0]);
	sca_decoder_free(decs[1]);
}

static void mutate_case(const struct table_case *c)
{
	struct sca_str rest = buf_str(&c->in), line;

	rest.n--;
	while (str_cut(&rest, '\n', &line))
		if (line.n && *line.p != '{')
			check_mutations(line);
}

static void test_order(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		check_mutations(sca_str_z(bodies[i]));
	table_for_each("tests/tables/record.t", mutate_case);
}

static void test_runtime_init(void **state _unused_)
{
	static const struct {
		const char *comm, *exe;
		bool init;
	} rows[] = {
		{"runc:[2:INIT]", "/", true},
		{"runc:[1:CHILD]", "/", false},
		{"runc:[0:INIT]", "", true},
		{"runc:[x:INIT]", "/", false},
		{"runc:[2:INIT]x", "/", false},
		{"runc", "/usr/bin/runc", false},
		{"crun", "/", true},
		{"crun", "/usr/bin/crun", true},
		{"crun", "/crun", true},
		{"crun", "/usr/bin/notcrun", false},
		{"crun", "/home/x", false},
		{"sh", "/", false},
		{"", "", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_record rec = {
			.comm = sca_str_z(rows[i].comm), .exe = sca_str_z(rows[i].exe)};

		if (sca_record_is_runtime_init(&rec) != rows[i].init)
			fail_msg("%s with %s", rows[i].comm, rows[i].exe);
	}
}

static void test_source_names(void **state _unused_)
{
	for (int a = 0; a < SCA_SRC_COUNT; a++) {
		assert_string_not_equal(sca_source_kind_name((enum sca_source_kind)a), "unknown");
		for (int b = 0; b < a; b++)
			assert_string_not_equal(sca_source_kind_name((enum sca_source_kind)a),
						sca_source_kind_name((enum sca_source_kind)b));
	}
	assert_string_equal(sca_source_kind_name(SCA_SRC_COUNT), "unknown");
}

static void test_loss_is_no_record(void **state _unused_)
{
	struct sca_frame frame = {.kind = SCA_FRAME_LOSS};
	struct sca_decode_stats s;
	struct sca_decoder *dec = NULL;
	struct sca_record rec;

	assert_int_equal(sca_decoder_new(&dec, NULL), 0);
	assert_int_equal(sca_record_decode(dec, &frame, &rec, NULL), -EINVAL);
	sca_decoder_stats(dec, &s);
	assert_int_equal(s.records + s.incomplete + s.malformed, 0);
	assert_null(sca_decoder_free(dec));
	assert_null(sca_decoder_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_runtime_init),
		cmocka_unit_test(test_source_names),
		cmocka_unit_test(test_loss_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
