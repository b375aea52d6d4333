/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "stream.h"

static void *zst_open(void)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();

	if (z &&
	    ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, STREAM_WINDOW_LOG))) {
		ZSTD_freeDCtx(z);
		return NULL;
	}
	return z;
}

static enum stream_step zst_restart(void *state)
{
	return ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only)) ? STREAM_NOMEM
									     : STREAM_OK;
}

static enum stream_step zst_step(void *state, struct stream_io *io)
{
	ZSTD_inBuffer in = {io->in, io->in_n, 0};
	ZSTD_outBuffer out = {io->out, io->out_n, 0};
	size_t r = ZSTD_decompressStream(state, &out, &in);

	io->in += in.pos;
	io->in_n -= in.pos;
	io->out += out.pos;
	io->out_n -= out.pos;
	if (!ZSTD_isError(r))
		return r == 0 ? STREAM_END : STREAM_OK;
	switch (ZSTD_getErrorCode(r)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return STREAM_GREEDY;
	case ZSTD_error_memory_allocation:
		return STREAM_NOMEM;
	default:
		return STREAM_DAMAGED;
	}
}

static void zst_close(void *state)
{
	ZSTD_freeDCtx(state);
}

const struct stream_codec stream_zst = {"zstd", zst_open, zst_restart, zst_step, zst_close};
