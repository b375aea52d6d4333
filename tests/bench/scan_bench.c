/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of a record from the file to the denial set, step by step: each row does all that
 * the row above does and one thing more. The best of five runs.
 *
 *	scan_bench FILE
 */
#include "base.h"

#include <fcntl.h>

#include <scaudit/scaudit.h>

#include "scan.h"
#include "stream.h"

#define RUNS 5

/* What a step went through. */
struct work {
	uint64_t bytes, items;
};

static _Noreturn void die(const char *what, const struct sca_err *err)
{
	char text[1024];

	sca_err_format(err, text, sizeof(text));
	fprintf(stderr, "scan_bench: %s: %s\n", what, text);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Reads; with `scan` it also looks for anchors, block by block. */
static struct work blocks(const char *path, struct scan *scan)
{
	enum { BLOCK = 256 << 10 };
	struct sca_err err = SCA_ERR_INIT;
	struct scan_count count = {0};
	struct work w = {0};
	struct stream s;
	char *block = aligned_alloc(4096, BLOCK);
	size_t n;

	if (!block || stream_init(&s, open(path, O_RDONLY | O_CLOEXEC), path, &err) < 0)
		die(path, &err);
	for (;;) {
		const char *p = block, *end;

		if (stream_read(&s, block, BLOCK, &n, &err) < 0)
			die(path, &err);
		if (n == 0)
			break;
		for (end = p + n; scan && (p = scan_next(scan, p, end, &count)) < end;) {
			p = memchr(p, '\n', (size_t)(end - p));
			if (!p)
				break;
			w.items++;
			p++;
		}
	}
	w.bytes = s.out_bytes;
	stream_release(&s);
	free(block);
	return w;
}

enum depth { FRAMES, RECORDS, GROUPS };

static struct work frames(const char *path, enum depth depth)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source_stats stats;
	struct sca_denials *ds = NULL;
	struct sca_decoder *dec = NULL;
	struct sca_source *src = NULL;
	struct sca_record rec;
	struct sca_frame f;
	struct work w = {0};

	if (sca_source_open(&src, path, NULL, NULL, &err) < 0 ||
	    sca_decoder_new(&dec, &err) < 0 || sca_denials_new(&ds, 0, &err) < 0)
		die(path, &err);
	while (sca_source_next(src, &f, &err) == SCA_NEXT_FRAME) {
		if (depth >= RECORDS && sca_record_decode(dec, &f, &rec, &err) < 0)
			continue;
		if (depth >= GROUPS && sca_denials_add(ds, &rec, &err) < 0)
			die(path, &err);
		w.items++;
	}
	sca_source_stats(src, &stats);
	w.bytes = stats.bytes;
	sca_source_free(src);
	sca_decoder_free(dec);
	sca_denials_free(ds);
	return w;
}

static struct work blocks_by(const char *path, enum scan_way way)
{
	struct scan scan;

	return scan_init(&scan, way) ? blocks(path, &scan) : (struct work){0};
}

static struct work step(const char *path, unsigned i)
{
	switch (i) {
	case 0:
		return blocks(path, NULL);
	case 1:
		return blocks_by(path, SCAN_BYTES);
	case 2:
		return blocks_by(path, SCAN_16);
	case 3:
		return blocks_by(path, SCAN_BEST);
	default:
		return frames(path, FRAMES + i - 4);
	}
}

int main(int argc, char **argv)
{
	static const char *const steps[] = {
		"read", "scan by byte", "scan by 16", "scan", "frames", "records", "denial set",
	};

	if (argc != 2) {
		fprintf(stderr, "usage: scan_bench FILE\n");
		return 2;
	}
	printf("%-20s %9s %9s %11s %12s\n", "", "seconds", "GB/s", "found", "found/s");
	for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
		struct work w = {0};
		double best = 0;

		for (unsigned run = 0; run < RUNS; run++) {
			double begin = now(), took;

			w = step(argv[1], i);
			took = now() - begin;
			if (run == 0 || took < best)
				best = took;
		}
		printf("%-20s %9.3f %9.2f %11llu %12.0f\n", steps[i], best,
		       (double)w.bytes / best / 1e9, (unsigned long long)w.items,
		       (double)w.items / best);
	}
	return 0;
}
