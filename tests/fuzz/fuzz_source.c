/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files as a source reads them: plain, or packed by gzip, xz or zstd, in blocks. Aborts when
 * it matters for the frames how large the blocks are or whether the file was packed, when counts
 * and frames disagree, when a failure has no text, or when a file does not end.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <zlib.h>

#include <scaudit/source.h>

#define CALLS_MAX 1000000
#define LINE_MIN  4096 /* and so the least block */

struct run {
	uint64_t frames, hash;
	struct sca_source_stats stats;
	int failed;
};

static void add(struct run *run, const void *p, size_t n)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i++)
		run->hash = (run->hash ^ u[i]) * 0x100000001b3u;
}

static void see(struct run *run, const struct sca_frame *f)
{
	run->frames++;
	must(f->source < SCA_SRC_COUNT, "a source");
	add(run, &f->kind, sizeof(f->kind));
	add(run, &f->trust, sizeof(f->trust));
	add(run, &f->pos.line, sizeof(f->pos.line));
	add(run, &f->pos.offset, sizeof(f->pos.offset));
	add(run, f->node.p, f->node.n);
	add(run, f->body.p, f->body.n);
}

static struct run read_fd(int fd, size_t line_max)
{
	const struct sca_limits limits = {.line_max = line_max};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src = NULL;
	struct run run = {.frames = 0};
	struct sca_frame f;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(sca_source_open(&src, path, NULL, &limits, &err) == 0, "a file opens");
	for (unsigned i = 0; (r = sca_source_next(src, &f, &err)) != SCA_NEXT_END; i++) {
		must(r == SCA_NEXT_FRAME || r < 0, "a file is never idle");
		must(r != -ENOMEM && i < CALLS_MAX, "a file ends");
		if (r == SCA_NEXT_FRAME) {
			see(&run, &f);
			continue;
		}
		must(!run.failed && err.text[0], "it fails once, and says why");
		run.failed = r;
	}
	sca_source_stats(src, &run.stats);
	must(run.stats.frames == run.frames, "frames are counted");
	sca_source_free(src);
	return run;
}

static int file_of(const void *p, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, p, n) == (ssize_t)n, "a file");
	return fd;
}

static int packed(const uint8_t *p, size_t n)
{
	size_t cap = compressBound(n) + 64;
	_cleanup_free_ uint8_t *to = malloc(cap);
	z_stream z = {.next_in = (uint8_t *)(uintptr_t)p, .avail_in = (uInt)n, .next_out = to,
		      .avail_out = (uInt)cap};

	must(to && deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK &&
		     deflate(&z, Z_FINISH) == Z_STREAM_END,
	     "gzip");
	cap -= z.avail_out;
	deflateEnd(&z);
	return file_of(to, cap);
}

static bool same(const struct run *a, const struct run *b)
{
	return a->frames == b->frames && a->hash == b->hash;
}

static bool looks_packed(const uint8_t *p, size_t n)
{
	return n > 1 && ((p[0] == 0x1f && p[1] == 0x8b) || (p[0] == 0xfd && p[1] == '7') ||
			 (p[0] == 0x28 && p[1] == 0xb5));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_close_ int fd = -1, gz = -1;
	struct run small, large, from_gz;

	if (n > 1 << 17)
		return 0;
	fd = file_of(data, n);
	small = read_fd(fd, LINE_MIN);
	large = read_fd(fd, 1 << 20);
	must(small.stats.overlong || same(&small, &large), "blocks do not matter");
	must(small.failed == large.failed, "nor for what is damaged");
	if (n == 0 || large.failed || looks_packed(data, n))
		return 0;
	gz = packed(data, n);
	from_gz = read_fd(gz, 1 << 20);
	must(!from_gz.failed && from_gz.stats.bytes == n, "what was packed is read");
	must(same(&large, &from_gz), "packing does not matter");
	return 0;
}
