/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets share: the entry, the abort, and values out of an input's bytes. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static inline void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

/*
 * An input that is read from its front; behind its end all bytes are 0. One read a statement: in
 * which order arguments are evaluated is up to the compiler, and what clang found must mean the
 * same to gcc.
 */
struct input {
	const uint8_t *p, *end;
};

static inline uint8_t input_byte(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

static inline uint64_t input_number(struct input *in, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)input_byte(in) << 8 * i;
	return v;
}

/* Cuts the part before the next NUL off an input, or all of it. */
static inline struct sca_str input_text(struct input *in)
{
	const uint8_t *nul = in->p < in->end ? memchr(in->p, 0, (size_t)(in->end - in->p)) : NULL;
	struct sca_str s = {(const char *)in->p, (size_t)((nul ? nul : in->end) - in->p)};

	in->p = nul ? nul + 1 : in->end;
	return s;
}

/* Whether a span lies in another one; an empty one may be anywhere. */
static inline bool span_within(struct sca_str part, struct sca_str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

#endif
