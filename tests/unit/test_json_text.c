/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON as text: what is refused and how, strings, numbers, pointers; jansson as oracle. */
#include "profile_int.h"

#include <jansson.h>
#include <setjmp.h>
#include <cmocka.h>

#include "corpus.h"
#include "edits.h"

#define GO "; Go's loader refuses it too"

static const struct {
	const char *text, *error;
} refused[] = {
	{"", "line 1:1: text is empty, expected a JSON object"},
	{" \n\t\r\n", "line 1:1: text is empty, expected a JSON object"},
	{"{\n  \"a\": [1 2]\n}",
	 "line 2:11: expected ',' or ']' after an array element, found '2'"},
	{"{\"a\":1 \"b\":2}", "line 1:8: expected ',' or '}' after a member, found '\"'"},
	{"[1}", "line 1:3: expected ',' or ']' after an array element, found '}'"},
	{"{\"a\":1]", "line 1:7: expected ',' or '}' after a member, found ']'"},
	{"[1,\n 2,\n]", "line 2:3: trailing comma before ']'" GO},
	{"{\"a\": 1 ,\n}", "line 1:9: trailing comma before '}'" GO},
	{"[,1]", "line 1:2: expected a value, found ','"},
	{"[1,,2]", "line 1:4: expected a value, found ','"},
	{"{,}", "line 1:2: expected a member's key in double quotes, found ','"},
	{"{\"a\" 1}", "line 1:6: expected ':' after a member's key, found '1'"},
	{"{\"a\":}", "line 1:6: expected a value, found '}'"},
	{"{1:2}", "line 1:2: expected a member's key in double quotes, found '1'"},
	{"{\n\ta: 1}", "line 2:2: member key 'a' is not in double quotes" GO},
	{"[1, // one\n 2]", "line 1:5: comment: JSON has none" GO},
	{"[1 /* one */]", "line 1:4: comment: JSON has none" GO},
	{"# profile\n{}", "line 1:1: comment: JSON has none" GO},
	{"{} // end", "line 1:4: text goes on behind the end of the JSON value" GO},
	{"{}\n{}", "line 2:1: text goes on behind the end of the JSON value" GO},
	{"[1]]", "line 1:4: text goes on behind the end of the JSON value" GO},
	{"\xef\xbb\xbf{}", "line 1:1: byte order mark at the start of the text" GO},
	{"[\xef\xbb\xbf]", "line 1:2: byte order mark inside the text" GO},
	{"\xff\xfe{", "line 1:1: text is in UTF-16, JSON is UTF-8" GO},
	{"['a']", "line 1:2: single quote: JSON strings take double quotes" GO},
	{"{'a': 1}", "line 1:2: single quote: JSON strings take double quotes" GO},
	{"[NaN]", "line 1:2: expected a value, found the word 'NaN'" GO},
	{"[True]", "line 1:2: expected a value, found the word 'True'" GO},
	{"[nulls]", "line 1:2: expected a value, found the word 'nulls'" GO},
	{"[-Infinity]", "line 1:2: '-' without digits behind it"},
	{"apiVersion: v1",
	 "line 1:1: expected a value, found 'apiVersion:': this looks like YAML" GO},
	{"---\na: 1", "line 1:1: expected a value, found '---': this looks like YAML" GO},
	{"[007]", "line 1:2: number with a leading zero" GO},
	{"[-01]", "line 1:2: number with a leading zero" GO},
	{"[0x1F]", "line 1:2: hexadecimal number: JSON has decimal ones only" GO},
	{"[1.]", "line 1:2: number without digits behind its point" GO},
	{"[.5]", "line 1:2: expected a value, found '.'"},
	{"[+1]", "line 1:2: expected a value, found '+'"},
	{"[1e]", "line 1:2: number without digits in its exponent"},
	{"[1e+]", "line 1:2: number without digits in its exponent"},
	{"[1_0]", "line 1:3: expected ',' or ']' after an array element, found the word '_0'" GO},
	{"[\"a\n\"]", "line 1:2: string without a closing quote on its line"},
	{"[\"a", "line 1:2: string without a closing quote"},
	{"[\"a\\", "line 1:4: backslash that starts no escape of JSON's" GO},
	{"[\"a\tb\"]", "line 1:4: control character 0x09 in a string: write \\u0009"},
	{"[\"a\x1f\"]", "line 1:4: control character 0x1f in a string: write \\u001f"},
	{"[\"\\x41\"]", "line 1:3: backslash that starts no escape of JSON's" GO},
	{"[\"\\'\"]", "line 1:3: backslash that starts no escape of JSON's" GO},
	{"[\"\\u12g4\"]", "line 1:3: \\u without four hexadecimal digits"},
	{"[\"\\u12", "line 1:3: \\u without four hexadecimal digits"},
	{"[", "line 1:2: text ends inside an array that is not closed, expected a value"},
	{"[1,\n", "line 2:1: text ends inside an array that is not closed, expected a value"},
	{"{\"a\":[1]", "line 1:9: text ends inside an object that is not closed, expected "
		      "',' or '}' after a member"},
	{"[\x01]", "line 1:2: expected a value, found byte 0x01"},
	{"[\x7f]", "line 1:2: expected a value, found byte 0x7f"},
	{"[\xc2\xa0]", "line 1:2: expected a value, found byte 0xc2"},
};

static void test_refused(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct sca_err err = SCA_ERR_INIT;
		char text[512];
		struct jt_doc doc;

		if (jt_parse(&doc, sca_str_z(refused[i].text), &err) != SCA_E_SYNTAX)
			fail_msg("accepted, or another code: %s", refused[i].text);
		sca_err_format(&err, text, sizeof(text));
		if (strcmp(text, refused[i].error) != 0)
			fail_msg("%s\n got: %s\nwant: %s", refused[i].text, text, refused[i].error);
	}
}

static void test_accepted(void **state _unused_)
{
	static const struct sca_str rows[] = {
		{"{}", 2}, {"[]", 2}, {" 1 ", 3}, {"null", 4}, {"\"\"", 2}, {"-0", 2}, {"0.0e-00", 7},
		{"1E400", 5}, {"[\"\xff\xfe\"]", 6}, {"[\"\\ud800\"]", 10}, {"[\"\\udc00\\ud800\"]", 16},
		{"{\"a\":1,\"a\":2}", 13}, {"[\"\x7f\"]", 5}, {"[\"\\u0000\"]", 10}, {"{\"\":0}", 6},
		{"[99999999999999999999999999]", 28}, {"[\"\xed\xa0\x80\"]", 7},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_err err = SCA_ERR_INIT;
		struct jt_doc doc;

		if (jt_parse(&doc, rows[i], &err) < 0)
			fail_msg("%s: %s", rows[i].p, err.text);
		assert_true(doc.nodes[0].parent == JT_NONE);
		jt_release(&doc);
	}
	assert_int_equal(jt_parse(&(struct jt_doc){0}, (struct sca_str){"[\"a\0b\"]", 7}, NULL),
			 SCA_E_SYNTAX);
	assert_int_equal(jt_parse(&(struct jt_doc){0}, (struct sca_str){"1\0", 2}, NULL),
			 SCA_E_SYNTAX);
}

static void test_limits(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct buf b = BUF_INIT;
	struct jt_doc doc;

	for (int depth = 64; depth <= 65; depth++) {
		buf_reset(&b);
		for (int i = 0; i < depth; i++)
			buf_add_c(&b, '[');
		for (int i = 0; i < depth; i++)
			buf_add_c(&b, ']');
		assert_int_equal(jt_parse(&doc, buf_str(&b), &err), depth > 64 ? SCA_E_LIMIT : 0);
		if (depth <= 64)
			jt_release(&doc);
	}
	assert_string_equal(err.text, "arrays and objects nest deeper than 64");
	assert_int_equal(err.column, 65);

	buf_reset(&b);
	buf_add_c(&b, '[');
	for (unsigned i = 0; i < JT_MAX_NODES; i++)
		buf_add_z(&b, "0,");
	buf_add_z(&b, "0]");
	assert_int_equal(jt_parse(&doc, buf_str(&b), &err), SCA_E_LIMIT);
	assert_string_equal(err.text, "more than 1048576 values in the text");

	buf_reset(&b);
	assert_true(buf_reserve(&b, SCA_PROFILE_MAX_BYTES + 1));
	memset(b.p, ' ', SCA_PROFILE_MAX_BYTES + 1);
	b.p[0] = '1';
	b.n = SCA_PROFILE_MAX_BYTES;
	assert_int_equal(jt_parse(&doc, buf_str(&b), &err), 0);
	jt_release(&doc);
	b.n++;
	assert_int_equal(jt_parse(&doc, buf_str(&b), &err), SCA_E_LIMIT);
	assert_string_equal(err.text, "text is longer than 16777216 bytes");
	buf_release(&b);
}

static void test_strings(void **state _unused_)
{
	static const struct {
		const char *json, *plain;
		size_t n;
	} rows[] = {
		{"\"\"", "", 0},
		{"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\b\f\n\r\t", 9},
		{"\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac", 6},
		{"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4},
		{"\"\\ud83d\"", "\xef\xbf\xbd", 3},
		{"\"\\ud83dx\"", "\xef\xbf\xbdx", 4},
		{"\"\\ud83d\\u0041\"", "\xef\xbf\xbd""A", 4},
		{"\"\\ud83d\\n\"", "\xef\xbf\xbd\n", 4},
		{"\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd", 6},
		{"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", 7},
		{"\"\xff\xc3\"", "\xef\xbf\xbd\xef\xbf\xbd", 6},
		{"\"\xed\xa0\x80\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 9},
		{"\"a\\u0000b\"", "a\0b", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct jt_doc doc;

		assert_int_equal(jt_parse(&doc, sca_str_z(rows[i].json), NULL), 0);
		assert_true(jt_string(&doc, 0, &b));
		if (!str_eq(buf_str(&b), (struct sca_str){rows[i].plain, rows[i].n}))
			fail_msg("%s: %zu bytes: %s", rows[i].json, b.n, b.p);
		assert_true(jt_string_is(&doc, 0, rows[i].plain) == (strlen(rows[i].plain) == rows[i].n));
		assert_false(jt_string_is(&doc, 0, "other"));
		jt_release(&doc);
	}
}

static void test_members(void **state _unused_)
{
	static const char text[] = "{\"Names\":1,\"names\":2,\"n\\u0061mes\":3,\"NAMES\":4,"
				   "\"\xc5\xbfy\xc5\xbf\":5,\"\xe2\x84\xaa\":6,\"nam\":7,\"n\xc3\x84\":8}";
	static const struct {
		const char *key;
		bool fold;
		uint64_t v; /* 0: none */
	} rows[] = {
		{"names", false, 3}, {"names", true, 4}, {"Names", false, 1}, {"NAMES", false, 4},
		{"sys", true, 5}, {"sys", false, 0}, {"SYS", true, 5}, {"k", true, 6}, {"K", true, 6},
		{"k", false, 0}, {"name", true, 0}, {"namess", true, 0}, {"", true, 0}, {"NAM", true, 7},
		{"n\xc3\x84", true, 8}, {"n\xc3\xa4", true, 0},
	};
	struct jt_doc doc;

	assert_int_equal(jt_parse(&doc, sca_str_z(text), NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t node = jt_member(&doc, 0, rows[i].key, rows[i].fold);
		uint64_t v = 0;

		if (node != JT_NONE)
			assert_int_equal(jt_u64(&doc, node, &v), 0);
		if (v != rows[i].v)
			fail_msg("%s, fold %d: %llu", rows[i].key, rows[i].fold, (unsigned long long)v);
	}
	assert_true(jt_member(&doc, 1, "names", false) == JT_NONE);
	assert_true(jt_same_key(&doc, 2, 3));
	assert_false(jt_same_key(&doc, 1, 2));
	assert_true(jt_shadowed(&doc, 2));
	assert_false(jt_shadowed(&doc, 3));
	jt_release(&doc);
}

static void test_numbers(void **state _unused_)
{
	static const struct {
		const char *json;
		int r_u;
		uint64_t u;
		int r_i;
		int64_t i;
	} rows[] = {
		{"0", 0, 0, 0, 0},
		{"18446744073709551615", 0, UINT64_MAX, SCA_E_RANGE, 0},
		{"18446744073709551616", SCA_E_RANGE, 0, SCA_E_RANGE, 0},
		{"-9223372036854775808", SCA_E_SYNTAX, 0, 0, INT64_MIN},
		{"-0", SCA_E_SYNTAX, 0, 0, 0},
		{"1e3", SCA_E_SYNTAX, 0, SCA_E_SYNTAX, 0},
		{"1.0", SCA_E_SYNTAX, 0, SCA_E_SYNTAX, 0},
		{"\"8\"", SCA_E_SYNTAX, 0, SCA_E_SYNTAX, 0},
		{"null", SCA_E_SYNTAX, 0, SCA_E_SYNTAX, 0},
	};

	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		struct jt_doc doc;
		uint64_t u = 0;
		int64_t i = 0;

		assert_int_equal(jt_parse(&doc, sca_str_z(rows[k].json), NULL), 0);
		if (jt_u64(&doc, 0, &u) != rows[k].r_u || u != rows[k].u ||
		    jt_i64(&doc, 0, &i) != rows[k].r_i || i != rows[k].i)
			fail_msg("row %s", rows[k].json);
		jt_release(&doc);
	}
}

static void test_pointers(void **state _unused_)
{
	/* The document of RFC 6901, and what is ours. */
	static const char text[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
		"\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"dup\":9,\"dup\":[10],\"\\u00e9\":11}";
	static const struct {
		const char *pointer, *raw;
	} rows[] = {
		{"/foo", "[\"bar\",\"baz\"]"}, {"/foo/0", "\"bar\""}, {"/foo/1", "\"baz\""},
		{"/", "0"}, {"/a~1b", "1"}, {"/c%d", "2"}, {"/e^f", "3"}, {"/g|h", "4"},
		{"/i\\j", "5"}, {"/k\"l", "6"}, {"/ ", "7"}, {"/m~0n", "8"}, {"/dup", "[10]"},
		{"/dup/0", "10"}, {"/\xc3\xa9", "11"}, {"/foo/2", NULL}, {"/foo/-", NULL},
		{"/foo/00", NULL}, {"/foo/01", NULL}, {"/foo/+1", NULL}, {"/foo/", NULL},
		{"/foo/0/0", NULL}, {"foo", NULL}, {"/m~n", NULL}, {"/m~2n", NULL}, {"/m~", NULL},
		{"/fo", NULL}, {"/fooo", NULL}, {"//", NULL},
		{"/foo/18446744073709551616", NULL},
	};
	struct jt_doc doc;
	struct buf b = BUF_INIT;

	assert_int_equal(jt_parse(&doc, sca_str_z(text), NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t node = jt_find(&doc, sca_str_z(rows[i].pointer));

		if ((node == JT_NONE) != !rows[i].raw ||
		    (rows[i].raw && !str_eq(jt_raw(&doc, node), sca_str_z(rows[i].raw))))
			fail_msg("pointer %s", rows[i].pointer);
	}
	assert_int_equal(jt_find(&doc, SCA_STR("")), 0);
	for (uint32_t c = 0; c < doc.n; c++) {
		buf_reset(&b);
		assert_true(jt_pointer(&doc, c, &b));
		if (!jt_shadowed(&doc, c) && jt_find(&doc, buf_str(&b)) != c)
			fail_msg("%s does not lead back", b.p);
	}
	buf_release(&b);
	jt_release(&doc);
}

static void test_places(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct jt_doc doc;
	char text[512];
	unsigned line, column;

	assert_int_equal(jt_parse(&doc, SCA_STR("{\n\t\"a\": [1,\r\n  \"\\u00e4\"]\n}"), NULL), 0);
	assert_int_equal(jt_fail(&doc, jt_find(&doc, SCA_STR("/a/1")), &err, SCA_E_REFUSED, "no %d", 7),
			 SCA_E_REFUSED);
	sca_err_at(&err, "p.json", 0, 0);
	sca_err_format(&err, text, sizeof(text));
	assert_string_equal(text, "p.json:3:3: /a/1: no 7");
	jt_locate(doc.text, 0, &line, &column);
	assert_true(line == 1 && column == 1);
	jt_locate(doc.text, 100000, &line, &column);
	assert_true(line == 4 && column == 2);
	jt_release(&doc);
}

static void test_compact(void **state _unused_)
{
	static const char *const rows[][2] = {
		{"{ \"a b\" : [ 1 ,\t2\r\n] }", "{\"a b\":[1,2]}"},
		{"\" \\\" \\\\\"", "\" \\\" \\\\\""},
		{"\"\xff\"", "\"\xef\xbf\xbd\""},
		{"1e3", "1e3"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		json_add_compact(&b, sca_str_z(rows[i][0]));
		assert_string_equal(b.p, rows[i][1]);
	}
}

/* -- jansson -- */

static bool same_tree(const struct jt_doc *doc, uint32_t node, json_t *j)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	size_t distinct = 0;

	switch (doc->nodes[node].type) {
	case JT_NULL:
		return json_is_null(j);
	case JT_FALSE:
		return json_is_false(j);
	case JT_TRUE:
		return json_is_true(j);
	case JT_NUMBER:
		return json_is_number(j);
	case JT_STRING:
		return json_is_string(j) && jt_string(doc, node, &b) &&
		       str_eq(buf_str(&b),
			      (struct sca_str){json_string_value(j), json_string_length(j)});
	case JT_ARRAY:
		if (!json_is_array(j) || json_array_size(j) != doc->nodes[node].n)
			return false;
		jt_for_each (doc, node, c)
			if (!same_tree(doc, c, json_array_get(j, doc->nodes[c].index)))
				return false;
		return true;
	case JT_OBJECT:
		if (!json_is_object(j))
			return false;
		jt_for_each (doc, node, c) {
			if (jt_shadowed(doc, c))
				continue;
			buf_reset(&b);
			if (!jt_key(doc, c, &b) || !same_tree(doc, c, json_object_get(j, b.p)))
				return false;
			distinct++;
		}
		return distinct == json_object_size(j);
	}
	return false;
}

/*
 * Both read the text, to the same tree, or both refuse it. jansson differs from Go and so from
 * us where it says so by code: it refuses bytes that are not UTF-8, lone surrogates, keys with
 * NUL and numbers that a double does not hold. We refuse depth above 64.
 */
static void compare(struct sca_str text, const char *what)
{
	size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
	struct sca_err err = SCA_ERR_INIT;
	json_error_t je;
	json_t *j = json_loadb(text.p, text.n, flags, &je);
	struct jt_doc doc;
	int r = jt_parse(&doc, text, &err);
	enum json_error_code code = json_error_code(&je);

	if (r == SCA_E_SYNTAX && j)
		fail_msg("%s: we refuse, jansson does not: %s\n%.*s", what, err.text, (int)text.n, text.p);
	if (r == 0 && !j && code != json_error_invalid_utf8 && code != json_error_numeric_overflow &&
	    code != json_error_null_byte_in_key && !strstr(je.text, "invalid Unicode"))
		fail_msg("%s: jansson refuses, we do not: %s\n%.*s", what, je.text, (int)text.n, text.p);
	if (r == 0 && j && !same_tree(&doc, 0, j))
		fail_msg("%s: another tree:\n%.*s", what, (int)text.n, text.p);
	json_decref(j);
	if (r == 0)
		jt_release(&doc);
}

static void test_jansson(void **state _unused_)
{
	static const char bytes[] = "{}[]\",:\\u/ \n\t0123456789eE.+-truefalsn\x01\x7f\x80\xc3\xa9'#*";
	struct numbers nu = {.seed = 7};
	const char *path;
	size_t texts = 0;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);
		struct buf b = BUF_INIT;

		compare(sca_profile_text(p), path);
		for (int round = 0; round < 200 && p->text.n < 20000; round++, texts++) {
			buf_reset(&b);
			buf_add_str(&b, sca_profile_text(p));
			for (uint32_t n = 1 + number_below(&nu, 3); n; n--) {
				size_t at = number_below(&nu, (uint32_t)b.n), gone = number_below(&nu, 3);

				gone = MIN(gone, b.n - at);
				memmove(b.p + at, b.p + at + gone, b.n - at - gone);
				b.n -= gone;
				if (at < b.n)
					b.p[at] = bytes[number_below(&nu, sizeof(bytes) - 1)];
			}
			compare(buf_str(&b), path);
		}
		buf_release(&b);
		sca_profile_free(p);
	}
	globfree(&g);
	print_message("%zu damaged texts\n", texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_compact),
		cmocka_unit_test(test_jansson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
