/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and JSON strings, which are written many digits and bytes at a time, against the same
 * made one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>

#include "out.h"

static void check_number(uint64_t v)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " 0x%" PRIx64 " %" PRId64, v, v, (int64_t)v);
	out_u64(&o, v);
	out_c(&o, ' ');
	out_hex(&o, v);
	out_c(&o, ' ');
	out_i64(&o, (int64_t)v);
	assert_string_equal(out_string(&o), text);
}

static void test_numbers(void **state)
{
	(void)state;
	for (uint64_t v = 1, i = 0; i < 20; i++, v *= 10) {
		check_number(v - 1);
		check_number(v);
		check_number(v + 1);
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		check_number((UINT64_C(1) << bit) - 1);
		check_number(UINT64_C(1) << bit);
	}
	check_number(UINT64_MAX);
}

/* One byte in the middle of plain ones, at each place of texts of each length. */
static void check_json(unsigned char c)
{
	_cleanup_out_ struct out one = OUT_MEMORY;
	char byte = (char)c;
	bool odd = out_json(&one, (struct sca_str){&byte, 1});

	for (size_t n = 1; n < 35; n++) {
		for (size_t at = 0; at < n; at++) {
			_cleanup_out_ struct out whole = OUT_MEMORY, parts = OUT_MEMORY;
			char text[64];

			memset(text, 'x', n);
			text[at] = byte;
			if (out_json(&whole, (struct sca_str){text, n}) != odd)
				fail_msg("byte %u at %zu of %zu is odd in one way only", c, at, n);
			out_c(&parts, '"');
			out_add(&parts, text, at);
			out_add(&parts, one.p + 1, one.n - 2);
			out_add(&parts, text + at + 1, n - at - 1);
			out_c(&parts, '"');
			assert_string_equal(out_string(&whole), out_string(&parts));
			if ((ascii_end(text, text + n) == text + n) != (c < 0x80))
				fail_msg("byte %u at %zu of %zu", c, at, n);
		}
	}
}

static void test_json(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++)
		check_json((unsigned char)c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
