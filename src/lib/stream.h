/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file descriptor, decompressed. The kind is told by the first bytes, when
 * the first read comes; opening reads nothing. Plain bytes go straight to the caller's memory.
 *
 * A gzip file may have several members, an xz file several streams, a zstd file several
 * frames; zero bytes between them are padding. Damaged or truncated data is an error only
 * after everything before it was handed out. Memory is bounded, whatever the data claims:
 * a bomb costs time only.
 */
#ifndef SCA_STREAM_H
#define SCA_STREAM_H

#include "base.h"

/* What a decompressor may use; `xz -9` and `zstd -19` need less. */
#define STREAM_MEMORY_MAX (72u << 20)
#define STREAM_WINDOW_LOG 26

enum stream_step {
	STREAM_OK,  /* went on, or needs more input or room */
	STREAM_END, /* a member, stream or frame ended well */
	STREAM_DAMAGED,
	STREAM_TRUNCATED,
	STREAM_GREEDY, /* wants more than STREAM_MEMORY_MAX */
	STREAM_NOMEM,
};

struct stream_io {
	const unsigned char *in;
	size_t in_n;
	unsigned char *out;
	size_t out_n;
};

/* One row per compression, see stream.c. */
struct stream_codec {
	const char *name;
	void *(*open)(void); /* NULL: out of memory */
	/* Makes ready for a next member after STREAM_END. */
	enum stream_step (*restart)(void *state);
	/* Moves the four fields of io on by what was used and written. */
	enum stream_step (*step)(void *state, struct stream_io *io);
	void (*close)(void *state);
};
extern const struct stream_codec stream_gz, stream_xz, stream_zst;

struct stream {
	int fd;           /* owned; -1 when closed */
	const char *name; /* borrowed, for errors */
	bool nowait;      /* a read that would block is -EAGAIN, and stream_read() may be called again */
	bool known;       /* the kind was told */
	bool in_end;
	bool boundary; /* the last member is complete */
	enum stream_step bad;
	const struct stream_codec *codec; /* NULL: plain */
	void *state;
	unsigned char *in; /* STREAM_IN bytes */
	size_t in_at, in_n;
	uint64_t in_bytes;  /* read from fd */
	uint64_t out_bytes; /* handed out */
};

/* Takes fd, also on failure. */
int stream_init(struct stream *s, int fd, const char *name, struct sca_err *err);
void stream_release(struct stream *s);

/* Reads up to `cap` bytes (more than 0); *ret_n 0 means the end. EINTR and non-blocking
 * descriptors are waited out, but with `nowait`: then -EAGAIN, without a word in err. */
int stream_read(struct stream *s, char *buf, size_t cap, size_t *ret_n, struct sca_err *err);

/* Bytes of the input that were used up. */
static inline uint64_t stream_done(const struct stream *s)
{
	return s->in_bytes - (s->in_n - s->in_at);
}

#endif
