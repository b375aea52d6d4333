/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#define ZLIB_CONST
#include <zlib.h>

#include "stream.h"

#define GZIP_ONLY (15 + 16) /* window bits, and a gzip header is wanted */

static void *gz_open(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && inflateInit2(z, GZIP_ONLY) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static enum stream_step gz_restart(void *state)
{
	return inflateReset(state) == Z_OK ? STREAM_OK : STREAM_DAMAGED;
}

static enum stream_step gz_step(void *state, struct stream_io *io)
{
	z_stream *z = state;
	uInt in = (uInt)MIN(io->in_n, (size_t)UINT32_MAX / 2);
	uInt out = (uInt)MIN(io->out_n, (size_t)UINT32_MAX / 2);
	int r;

	z->next_in = io->in;
	z->avail_in = in;
	z->next_out = io->out;
	z->avail_out = out;
	r = inflate(z, Z_NO_FLUSH);
	in -= z->avail_in;
	out -= z->avail_out;
	io->in += in;
	io->in_n -= in;
	io->out += out;
	io->out_n -= out;
	switch (r) {
	case Z_OK:
	case Z_BUF_ERROR:
		return STREAM_OK;
	case Z_STREAM_END:
		return STREAM_END;
	case Z_MEM_ERROR:
		return STREAM_NOMEM;
	default:
		return STREAM_DAMAGED;
	}
}

static void gz_close(void *state)
{
	inflateEnd(state);
	free(state);
}

const struct stream_codec stream_gz = {"gzip", gz_open, gz_restart, gz_step, gz_close};
