/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#include <fcntl.h>
#include <poll.h>

#include "stream.h"

#define STREAM_IN 65536u

#define MAGIC(lit) "" lit, sizeof(lit) - 1

/* First bytes of what is not text. Without a codec the advice says how to read it. */
static const struct magic {
	const char *bytes;
	size_t n;
	const struct stream_codec *codec;
	const char *advice;
} magics[] = {
	{MAGIC("\x1f\x8b"), &stream_gz, NULL},
	{MAGIC("\xfd\x37zXZ\0"), &stream_xz, NULL},
	{MAGIC("\x28\xb5\x2f\xfd"), &stream_zst, NULL},
	{MAGIC("BZh91AY&SY"), NULL, "is compressed with bzip2; pass on what bzip2 -dc prints"},
	{MAGIC("\x04\x22\x4d\x18"), NULL,
	 "is compressed with lz4; pass on what lz4 -dc prints"},
	{MAGIC("LPKSHHRH"), NULL,
	 "is a binary journal; pass on what journalctl --file prints with -o export"},
};

int stream_init(struct stream *s, int fd, const char *name, struct sca_err *err)
{
	*s = (struct stream){.fd = fd, .name = name};
	s->in = malloc(STREAM_IN);
	if (!s->in) {
		stream_release(s);
		return sca_fail_errno(err, ENOMEM, "cannot read");
	}
	/* Pipes refuse the advice, which is as good. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

void stream_release(struct stream *s)
{
	if (s->state)
		s->codec->close(s->state);
	free(s->in);
	sca_close_(&s->fd);
	*s = (struct stream){.fd = -1};
}

static int read_fd(struct stream *s, void *p, size_t cap, size_t *ret_n, struct sca_err *err)
{
	for (;;) {
		struct pollfd pfd = {.fd = s->fd, .events = POLLIN};
		ssize_t n;

		/* Others may share the descriptor's file, so O_NONBLOCK is not ours to set. */
		if (s->nowait && poll(&pfd, 1, 0) == 0)
			return -EAGAIN;
		n = read(s->fd, p, cap);
		if (n >= 0) {
			*ret_n = (size_t)n;
			s->in_bytes += (size_t)n;
			return 0;
		}
		if (errno == EAGAIN && s->nowait)
			return -EAGAIN;
		if (errno == EAGAIN)
			poll(&pfd, 1, -1);
		else if (errno != EINTR)
			return sca_fail_errno(err, errno, "cannot read at byte %llu",
					      (unsigned long long)s->in_bytes);
	}
}

/* Reads on behind the input that is left. */
static int fill(struct stream *s, struct sca_err *err)
{
	size_t n = 0;
	int r;

	if (s->in_at == s->in_n)
		s->in_at = s->in_n = 0;
	r = read_fd(s, s->in + s->in_n, STREAM_IN - s->in_n, &n, err);
	if (r < 0)
		return r;
	s->in_n += n;
	s->in_end = n == 0;
	return 0;
}

/* Tells the kind from as many bytes as it takes: text is told by the first one. */
static int tell_kind(struct stream *s, struct sca_err *err)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(magics)) {
		const struct magic *m = &magics[i];

		if (memcmp(s->in, m->bytes, MIN(s->in_n, m->n)) != 0) {
			i++;
		} else if (s->in_n >= m->n) {
			if (!m->codec)
				return sca_fail(err, SCA_E_UNSUPPORTED, "%s", m->advice);
			s->state = m->codec->open();
			if (!s->state)
				return sca_fail_errno(err, ENOMEM, "cannot read");
			s->codec = m->codec;
			break;
		} else if (s->in_end) {
			i++;
		} else {
			int r = fill(s, err);

			if (r < 0)
				return r;
		}
	}
	s->known = true;
	return 0;
}

static int fail_bad(const struct stream *s, struct sca_err *err)
{
	const char *name = s->codec->name;
	unsigned long long at = stream_done(s);

	switch (s->bad) {
	case STREAM_NOMEM:
		return sca_fail_errno(err, ENOMEM, "cannot decompress");
	case STREAM_GREEDY:
		return sca_fail(err, SCA_E_LIMIT,
				"%s data at byte %llu wants more than %u MiB of memory; "
				"decompress it first",
				name, at, STREAM_MEMORY_MAX >> 20);
	case STREAM_TRUNCATED:
		return sca_fail(err, SCA_E_SYNTAX,
				"%s data ends too early, at byte %llu; the file is cut off or "
				"still being written",
				name, at);
	default:
		return sca_fail(err, SCA_E_SYNTAX, "%s data is damaged near byte %llu", name,
				at);
	}
}

/* Steps over padding to the next member. False at the end of the input. */
static bool next_member(struct stream *s)
{
	while (s->in_at < s->in_n && s->in[s->in_at] == 0)
		s->in_at++;
	if (s->in_at == s->in_n)
		return false;
	s->bad = s->codec->restart(s->state);
	s->boundary = false;
	return true;
}

/*
 * One step of the decompressor over what input there is; none is left only at the input's
 * end, and then it may still hold output. Returns the bytes written.
 */
static size_t step(struct stream *s, char *buf, size_t cap)
{
	struct stream_io io = {s->in + s->in_at, s->in_n - s->in_at, (unsigned char *)buf, cap};
	size_t had = io.in_n;
	enum stream_step r = s->codec->step(s->state, &io);

	s->in_at = s->in_n - io.in_n;
	if (r == STREAM_END)
		s->boundary = true;
	else if (r != STREAM_OK)
		s->bad = r;
	else if (io.in_n == had && io.out_n == cap)
		s->bad = had ? STREAM_DAMAGED : STREAM_TRUNCATED;
	return cap - io.out_n;
}

static int read_codec(struct stream *s, char *buf, size_t cap, size_t *ret_n,
		      struct sca_err *err)
{
	size_t n = 0;

	while (n == 0) {
		if (s->bad)
			return fail_bad(s, err);
		if (s->in_at == s->in_n && !s->in_end) {
			int r = fill(s, err);

			if (r < 0)
				return r;
		}
		if (!s->boundary)
			n = step(s, buf, cap);
		else if (!next_member(s) && s->in_end)
			break;
	}
	s->out_bytes += n;
	*ret_n = n;
	return 0;
}

int stream_read(struct stream *s, char *buf, size_t cap, size_t *ret_n, struct sca_err *err)
{
	int r;

	if (!s->known) {
		r = s->in_n ? 0 : fill(s, err);
		if (r == 0)
			r = tell_kind(s, err);
		if (r < 0)
			return r;
	}
	if (s->codec)
		return read_codec(s, buf, cap, ret_n, err);
	if (s->in_at < s->in_n) {
		*ret_n = MIN(cap, s->in_n - s->in_at);
		memcpy(buf, s->in + s->in_at, *ret_n);
		s->in_at += *ret_n;
	} else {
		r = read_fd(s, buf, cap, ret_n, err);
		if (r < 0)
			return r;
	}
	s->out_bytes += *ret_n;
	return 0;
}
