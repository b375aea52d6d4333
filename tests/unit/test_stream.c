/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>

#include "pack.h"
#include "stream.h"

static int fd_of(struct sca_str s)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, s.p ? s.p : "", s.n), s.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Reads all in steps of `cap`; 0 or the error's code. */
static int read_all(int fd, size_t cap, struct buf *out, struct sca_err *err)
{
	struct stream s;
	size_t n = 0;
	int r = stream_init(&s, fd, "x", err);

	assert_int_equal(r, 0);
	do {
		assert_true(buf_reserve(out, cap));
		r = stream_read(&s, out->p + out->n, cap, &n, err);
		out->n += r < 0 ? 0 : n;
	} while (r == 0 && n > 0);
	if (r < 0) {
		char again[16];
		struct sca_err e = SCA_ERR_INIT;

		/* an error stays */
		assert_int_equal(stream_read(&s, again, sizeof(again), &n, &e), r);
	} else {
		assert_int_equal(s.out_bytes, out->n);
	}
	stream_release(&s);
	return r;
}

static void sample(struct buf *out, size_t n)
{
	uint32_t x = 12345;

	for (size_t i = 0; out->n < n; i++) {
		x = x * 1664525 + 1013904223;
		buf_addf(out, "line %zu %x\n", i, x >> 8);
	}
	out->n = n;
	assert_false(out->failed);
}

static void test_whole(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 9, 4096, 70000, 1000000};
	static const size_t caps[] = {1, 7, 4096, 262144};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(packers); k++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			for (size_t c = 0; c < ARRAY_SIZE(caps); c++) {
				_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT,
							 got = BUF_INIT;
				struct sca_err err = SCA_ERR_INIT;

				if (sizes[i] / caps[c] > 100000)
					continue;
				sample(&text, sizes[i]);
				packers[k].pack(&packed, buf_str(&text));
				if (read_all(fd_of(buf_str(&packed)), caps[c], &got, &err) !=
					    0 ||
				    !str_eq(buf_str(&text), buf_str(&got)))
					fail_msg("%s, %zu bytes, read by %zu: %zu bytes, %s",
						 packers[k].name, sizes[i], caps[c], got.n,
						 err.text);
			}
}

/* Members may follow each other, be empty, and have zero bytes between and after them. */
static void test_members(void **state)
{
	(void)state;
	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++)
		for (size_t pad = 0; pad <= 8; pad += 4) {
			_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT,
						 got = BUF_INIT;
			_cleanup_buf_ struct buf all = BUF_INIT;
			struct sca_err err = SCA_ERR_INIT;
			static const char zeros[8];

			sample(&text, 100000);
			for (int m = 0; m < 3; m++) {
				struct sca_str part =
					m == 1 ? (struct sca_str){"", 0} : buf_str(&text);

				packers[k].pack(&packed, part);
				buf_add(&packed, zeros, pad);
				buf_add_str(&all, part);
			}
			if (read_all(fd_of(buf_str(&packed)), 65536, &got, &err) != 0 ||
			    !str_eq(buf_str(&all), buf_str(&got)))
				fail_msg("%s, padding %zu: %zu bytes, %s", packers[k].name, pad,
					 got.n, err.text);
		}
}

/* Cut anywhere, all that could be decoded comes first, then the error that says where. */
static void test_truncated(void **state)
{
	(void)state;
	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT;
		size_t most = 0;

		sample(&text, 3000);
		packers[k].pack(&packed, buf_str(&text));
		for (size_t cut = 6; cut < packed.n; cut++) {
			_cleanup_buf_ struct buf got = BUF_INIT;
			struct sca_err err = SCA_ERR_INIT;
			char want[64];

			snprintf(want, sizeof(want), "%s data ends too early, at byte %zu;",
				 packers[k].name, cut);
			if (read_all(fd_of((struct sca_str){packed.p, cut}), 1000, &got,
				     &err) != SCA_E_SYNTAX ||
			    !strstr(err.text, want) || got.n > text.n ||
			    memcmp(got.p, text.p, got.n) != 0)
				fail_msg("%s cut at %zu of %zu: %zu bytes, \"%s\"",
					 packers[k].name, cut, packed.n, got.n, err.text);
			most = MAX(most, got.n);
		}
		if (most != text.n)
			fail_msg("%s: only %zu bytes before the error", packers[k].name, most);
	}
}

/* Any flipped byte is an error or harmless (gzip's header has bytes that mean nothing);
 * never other text with a good end. */
static void test_damaged(void **state)
{
	(void)state;
	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT;
		size_t errors = 0;

		sample(&text, 3000);
		packers[k].pack(&packed, buf_str(&text));
		for (size_t i = 6; i < packed.n; i++) {
			_cleanup_buf_ struct buf got = BUF_INIT;
			struct sca_err err = SCA_ERR_INIT;
			int r;

			packed.p[i] ^= 0x55;
			r = read_all(fd_of(buf_str(&packed)), 4096, &got, &err);
			packed.p[i] ^= 0x55;
			errors += r < 0;
			if (r == 0 && !str_eq(buf_str(&text), buf_str(&got)))
				fail_msg("%s: byte %zu flipped gave other text",
					 packers[k].name, i);
		}
		if (errors + 16 < packed.n)
			fail_msg("%s: %zu errors for %zu flips", packers[k].name, errors,
				 packed.n);
	}
}

static void test_garbage_behind(void **state)
{
	(void)state;
	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT, got = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		int r;

		sample(&text, 5000);
		packers[k].pack(&packed, buf_str(&text));
		buf_add_z(&packed, "this is no member at all");
		r = read_all(fd_of(buf_str(&packed)), 4096, &got, &err);
		if (r != SCA_E_SYNTAX || !strstr(err.text, "is damaged near byte") ||
		    !str_eq(buf_str(&text), buf_str(&got)))
			fail_msg("%s: %zu bytes, \"%s\"", packers[k].name, got.n, err.text);
	}
}

/* Data that claims a huge window is refused instead of believed. */
static void test_greedy(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT, got = BUF_INIT;
	static const char window[] = "\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00";
	lzma_options_lzma opt;
	lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &opt}, {LZMA_VLI_UNKNOWN, NULL}};
	struct sca_err err = SCA_ERR_INIT;
	size_t at = 0;

	(void)state;
	sample(&text, 1000);
	lzma_lzma_preset(&opt, 0);
	opt.dict_size = 1u << 30;
	assert_true(buf_reserve(&packed, 4096));
	/* the encoder for one buffer keeps the claim and needs no such memory */
	opt.mode = LZMA_MODE_FAST;
	opt.mf = LZMA_MF_HC3;
	assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL,
						   (const uint8_t *)text.p, text.n,
						   (uint8_t *)packed.p, &at, 4096),
			 LZMA_OK);
	assert_int_equal(read_all(fd_of((struct sca_str){packed.p, at}), 4096, &got, &err),
			 SCA_E_LIMIT);
	assert_non_null(strstr(err.text, "xz data at byte"));
	err = (struct sca_err)SCA_ERR_INIT;
	assert_int_equal(
		read_all(fd_of((struct sca_str){window, sizeof(window) - 1}), 4096, &got, &err),
		SCA_E_LIMIT);
	assert_non_null(strstr(err.text, "zstd data at byte"));
}

static void test_kinds(void **state)
{
	static const struct {
		struct sca_str bytes;
		int code;
		const char *text;
	} rows[] = {
		{SCA_STR(""), 0, NULL},
		{SCA_STR("\x1f"), 0, NULL},
		{SCA_STR("\xfd"
			 "7zXY"),
		 0, NULL},
		{SCA_STR("BZh"), 0, NULL},
		{SCA_STR("LPKS"), 0, NULL},
		{SCA_STR("\x1f\x8b"), SCA_E_SYNTAX, "gzip data ends too early, at byte 2"},
		{SCA_STR("BZh91AY&SYxx"), SCA_E_UNSUPPORTED, "bzip2 -dc"},
		{SCA_STR("\x04\x22\x4d\x18xx"), SCA_E_UNSUPPORTED, "lz4 -dc"},
		{SCA_STR("LPKSHHRHxx"), SCA_E_UNSUPPORTED, "journalctl --file"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf got = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		int r = read_all(fd_of(rows[i].bytes), 100, &got, &err);

		if (r != rows[i].code || (r < 0 && !strstr(err.text, rows[i].text)) ||
		    (r == 0 && !str_eq(buf_str(&got), rows[i].bytes)))
			fail_msg("row %zu: %d \"%s\", %zu bytes", i, r, err.text, got.n);
	}
}

/* A pipe that gives one byte at a time, non-blocking. */
static void test_pipe(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT, got = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		int fds[2];
		pid_t pid;

		sample(&text, 2000);
		packers[k].pack(&packed, buf_str(&text));
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			for (size_t i = 0; i < packed.n; i++) {
				if (i % 500 == 0)
					usleep(1000);
				if (write(fds[1], packed.p + i, 1) != 1)
					_exit(1);
			}
			_exit(0);
		}
		close(fds[1]);
		if (read_all(fds[0], 300, &got, &err) != 0 ||
		    !str_eq(buf_str(&text), buf_str(&got)))
			fail_msg("%s: %zu bytes, %s", packers[k].name, got.n, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),          cmocka_unit_test(test_members),
		cmocka_unit_test(test_truncated),      cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_garbage_behind), cmocka_unit_test(test_greedy),
		cmocka_unit_test(test_kinds),          cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
