/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed data for tests. To be included behind cmocka.h. */
#ifndef TESTS_PACK_H
#define TESTS_PACK_H

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "mem.h"

static inline void pack_plain(struct buf *out, struct sca_str s)
{
	buf_add_str(out, s);
}

static inline void pack_gz(struct buf *out, struct sca_str s)
{
	z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)s.p, .avail_in = (uInt)s.n};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_true(buf_reserve(out, deflateBound(&z, s.n) + 64));
	z.next_out = (Bytef *)out->p + out->n;
	z.avail_out = (uInt)(out->cap - out->n);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += z.total_out;
	deflateEnd(&z);
}

static inline void pack_xz(struct buf *out, struct sca_str s)
{
	size_t at = 0, cap = lzma_stream_buffer_bound(s.n);

	assert_true(buf_reserve(out, cap));
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL,
						 (const uint8_t *)s.p, s.n,
						 (uint8_t *)out->p + out->n, &at, cap),
			 LZMA_OK);
	out->n += at;
}

static inline void pack_zst(struct buf *out, struct sca_str s)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t cap = ZSTD_compressBound(s.n), n;

	assert_non_null(z);
	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	assert_true(buf_reserve(out, cap));
	n = ZSTD_compress2(z, out->p + out->n, cap, s.p, s.n);
	assert_false(ZSTD_isError(n));
	out->n += n;
	ZSTD_freeCCtx(z);
}

static const struct packer {
	const char *name, *ending;
	void (*pack)(struct buf *out, struct sca_str s);
} packers[] = {
	{"plain", "", pack_plain},
	{"gzip", ".gz", pack_gz},
	{"xz", ".xz", pack_xz},
	{"zstd", ".zst", pack_zst},
};
#define PLAIN 0

#endif
