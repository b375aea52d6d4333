/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the lines worth looking at: those that hold one of FRAME_ANCHORS. One pass over the
 * bytes, many at a time, that also counts lines and NUL bytes.
 *
 * From each anchor three bytes in a row, its probe, are searched by vector operations. Where
 * a probe may be, the whole anchor is compared. So what is found is exact: a line is found
 * if and only if framer_anchored() holds for it.
 */
#ifndef SCA_SCAN_H
#define SCA_SCAN_H

#include "base.h"

#define SCAN_ANCHORS_MAX 16
#define SCAN_PROBE       3

/* How many bytes at a time. */
enum scan_way {
	SCAN_BEST, /* the widest that this processor has */
	SCAN_BYTES,
	SCAN_16, /* SSSE3, or aarch64 */
	SCAN_32, /* AVX2 */
};

struct scan;

struct scan_count {
	uint64_t lines; /* newlines */
	uint64_t nuls;
};

typedef const char *scan_fn(const struct scan *s, const char *p, const char *end,
			    struct scan_count *count);

struct scan {
	scan_fn *next;
	size_t n;
	struct scan_anchor {
		struct sca_str text;
		bool fold;
		size_t at;   /* of the probe in the text */
		uint8_t bit; /* of its group */
	} anchors[SCAN_ANCHORS_MAX];
	/* The groups of anchors that have a byte at a place of their probe: by the byte's value,
	 * and by the low and the high half of it (the 16 entries twice). */
	uint8_t byte[SCAN_PROBE][256];
	uint8_t low[SCAN_PROBE][32], high[SCAN_PROBE][32];
};

/* False when this processor does not have that way; SCAN_BEST and SCAN_BYTES are always. */
bool scan_init(struct scan *s, enum scan_way way);

/*
 * Looks through whole lines: p is the start of a line, end is behind a newline or at the end
 * of the input. Returns a place inside the first line that holds an anchor, or end. Adds the
 * newlines and NUL bytes in front of that place.
 */
static inline const char *scan_next(const struct scan *s, const char *p, const char *end,
				    struct scan_count *count)
{
	return s->next(s, p, end, count);
}

#endif
