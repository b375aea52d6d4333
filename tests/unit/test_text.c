/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, times, escapes, buffers and the error value. */
#include "text.h"

#include <setjmp.h>
#include <cmocka.h>

static void test_numbers(void **state _unused_)
{
	static const struct {
		const char *in;
		int r;
		uint64_t v;
	} u64[] = {
		{"0", 0, 0},
		{"007", 0, 7},
		{"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", SCA_E_RANGE, 0},
		{"99999999999999999999999", SCA_E_RANGE, 0},
		{"", SCA_E_SYNTAX, 0},
		{"-1", SCA_E_SYNTAX, 0},
		{"+1", SCA_E_SYNTAX, 0},
		{" 1", SCA_E_SYNTAX, 0},
		{"1x", SCA_E_SYNTAX, 0},
		{"99999999999999999999999x", SCA_E_SYNTAX, 0},
	}, hex[] = {
		{"c000003e", 0, 0xc000003e},
		{"ffffffffffffffff", 0, UINT64_MAX},
		{"10000000000000000", SCA_E_RANGE, 0},
		{"0x1", SCA_E_SYNTAX, 0},
		{"", SCA_E_SYNTAX, 0},
	};
	int64_t i = 0;
	uint32_t w = 0;

	for (size_t k = 0; k < ARRAY_SIZE(u64); k++) {
		uint64_t v = 0;

		if (str_u64(sca_str_z(u64[k].in), &v) != u64[k].r || v != u64[k].v)
			fail_msg("u64 row \"%s\"", u64[k].in);
	}
	for (size_t k = 0; k < ARRAY_SIZE(hex); k++) {
		uint64_t v = 0;

		if (str_hex64(sca_str_z(hex[k].in), &v) != hex[k].r || v != hex[k].v)
			fail_msg("hex row \"%s\"", hex[k].in);
	}
	assert_int_equal(str_i64(SCA_STR("-9223372036854775808"), &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(str_i64(SCA_STR("9223372036854775808"), &i), SCA_E_RANGE);
	assert_int_equal(str_i64(SCA_STR("-"), &i), SCA_E_SYNTAX);
	assert_int_equal(str_u32(SCA_STR("4294967296"), &w), SCA_E_RANGE);
}

static void test_escapes(void **state _unused_)
{
	static const struct {
		struct sca_str in;
		const char *json, *safe;
	} rows[] = {
		{SCA_STR("plain"), "\"plain\"", "plain"},
		{SCA_STR("a\"b\\c"), "\"a\\\"b\\\\c\"", "a\"b\\c"},
		{SCA_STR("\033[31mred"), "\"\\u001b[31mred\"", "\\x1b[31mred"},
		{SCA_STR("nl\ncr\r"), "\"nl\\u000acr\\u000d\"", "nl\\x0acr\\x0d"},
		{SCA_STR("nul\0end"), "\"nul\\u0000end\"", "nul\\x00end"},
		{SCA_STR("\xff\xc3"), "\"\\\\xff\\\\xc3\"", "\\xff\\xc3"},
		{SCA_STR("\xc3\xa9"), "\"\xc3\xa9\"", "\xc3\xa9"},
		{SCA_STR("\xc2\x9b"), "\"\xc2\x9b\"", "\\x9b"},            /* C1 CSI */
		{SCA_STR("\xe2\x80\xae"), "\"\xe2\x80\xae\"", "\\u202e"}, /* RLO */
		{SCA_STR("\xc0\xaf"), "\"\\\\xc0\\\\xaf\"", "\\xc0\\xaf"}, /* overlong */
		{SCA_STR("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\"", "\\xed\\xa0\\x80"},
		{SCA_STR("\x7f"), "\"\\u007f\"", "\\x7f"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf j = BUF_INIT, t = BUF_INIT;

		json_add_string(&j, rows[i].in);
		text_add_safe(&t, rows[i].in);
		assert_string_equal(j.p, rows[i].json);
		assert_string_equal(t.p, rows[i].safe);
	}
}

static void test_times(void **state _unused_)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} rows[] = {
		{"2026-11-24T06:14:08.421Z", "2026-11-24T06:14:08.421Z"},
		{"2026-11-24T07:14:08,421966+01:00", "2026-11-24T06:14:08.421Z"},
		{"2026-11-24 06:14:08", "2026-11-24T06:14:08.000Z"},
		{"2026-11-23T22:44:08-0730", "2026-11-24T06:14:08.000Z"},
		{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
		{"2026-13-01T00:00:00Z", NULL},
		{"2026-11-24T25:00:00Z", NULL},
		{"2026-11-24", NULL},
		{"2026-11-24T06:14:08.Z", NULL},
		{"2026-11-24T06:14:08Zx", NULL},
		{"", NULL},
	};
	char out[TIME_TEXT_MAX];
	int64_t ms;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = time_parse_rfc3339(sca_str_z(rows[i].in), &ms);

		if (rows[i].out ? r < 0 : r == 0)
			fail_msg("row \"%s\" gives %d", rows[i].in, r);
		if (rows[i].out) {
			time_format_ms(ms, out);
			assert_string_equal(out, rows[i].out);
		}
	}
	time_format_ms(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	time_format_ms(INT64_C(6914317446261), out); /* a stamp seen in the wild */
	assert_string_equal(out, "2189-02-07T19:44:06.261Z");
}

static void test_buf_cap(void **state _unused_)
{
	struct buf b = {.max = 5};

	buf_add_z(&b, "12345");
	assert_false(b.failed);
	buf_add_c(&b, '6');
	assert_true(b.failed);
	assert_string_equal(b.p, "12345");
	buf_reset(&b);
	buf_addf(&b, "%d", 42);
	assert_string_equal(b.p, "42");
	buf_release(&b);
}

static void test_error(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	char out[64], longname[400];

	sca_err_at(&err, "p.json", 212, 22);
	sca_err_path(&err, "/syscalls/%d", 7);
	assert_int_equal(sca_fail(&err, SCA_E_RANGE, "%d is too big", 9), SCA_E_RANGE);
	assert_int_equal(sca_wrap(&err, "rule %d", 7), SCA_E_RANGE);
	sca_err_at(&err, "other", 1, 1); /* the first place stays */
	sca_err_format(&err, out, sizeof(out));
	assert_string_equal(out, "p.json:212:22: /syscalls/7: rule 7: 9 is too big");
	assert_int_equal(sca_err_format(&err, out, 8), 7);
	assert_string_equal(out, "p.json:");

	err = (struct sca_err)SCA_ERR_INIT;
	sca_fail_errno(&err, ENOENT, "open %s", "x");
	assert_string_equal(err.text, "open x: No such file or directory");
	memset(longname, 'x', sizeof(longname) - 1);
	longname[sizeof(longname) - 1] = '\0';
	sca_err_at(&err, longname, 0, 0);
	assert_int_equal(strlen(err.file), sizeof(err.file) - 1);
	assert_int_equal(sca_fail(NULL, -EIO, "x"), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_times),   cmocka_unit_test(test_buf_cap),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
