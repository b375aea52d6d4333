/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#include <lzma.h>

#include "stream.h"

static enum stream_step xz_restart(void *state)
{
	return lzma_stream_decoder(state, STREAM_MEMORY_MAX, 0) == LZMA_OK ? STREAM_OK
									   : STREAM_NOMEM;
}

static void xz_close(void *state)
{
	lzma_end(state);
	free(state);
}

static void *xz_open(void)
{
	lzma_stream *z = malloc(sizeof(*z));

	if (!z)
		return NULL;
	*z = (lzma_stream)LZMA_STREAM_INIT;
	if (xz_restart(z) != STREAM_OK) {
		xz_close(z);
		return NULL;
	}
	return z;
}

static enum stream_step xz_step(void *state, struct stream_io *io)
{
	lzma_stream *z = state;
	lzma_ret r;

	z->next_in = io->in;
	z->avail_in = io->in_n;
	z->next_out = io->out;
	z->avail_out = io->out_n;
	r = lzma_code(z, LZMA_RUN);
	io->in = z->next_in;
	io->in_n = z->avail_in;
	io->out = z->next_out;
	io->out_n = z->avail_out;
	switch (r) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return STREAM_OK;
	case LZMA_STREAM_END:
		return STREAM_END;
	case LZMA_MEMLIMIT_ERROR:
		return STREAM_GREEDY;
	case LZMA_MEM_ERROR:
		return STREAM_NOMEM;
	default:
		return STREAM_DAMAGED;
	}
}

const struct stream_codec stream_xz = {"xz", xz_open, xz_restart, xz_step, xz_close};
