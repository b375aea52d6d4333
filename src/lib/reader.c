/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From blocks of bytes to lines in the framer. Whole lines are looked at where they lie in
 * the block. Only a line that goes over a block's end is copied, into `line`, and fed from
 * there; so no anchor is ever cut by a block's end.
 */
#include "mem.h"

#include <sys/stat.h>

#include "source.h"

#define BLOCK_MAX (256u << 10)

int reader_init(struct reader *rd, struct sca_source *src, struct sca_err *err)
{
	*rd = (struct reader){.src = src, .stream = {.fd = -1}};
	/* A line longer than line_max is longer than a block: only `line` has to measure. */
	rd->block_cap = MIN((size_t)BLOCK_MAX, src->limits.line_max);
	rd->line.max = src->limits.line_max;
	if (posix_memalign((void **)&rd->block, 4096, rd->block_cap) != 0) {
		rd->block = NULL;
		return sca_fail_errno(err, ENOMEM, "cannot read");
	}
	scan_init(&rd->scan, SCAN_BEST);
	return 0;
}

void reader_release(struct reader *rd)
{
	stream_release(&rd->stream);
	buf_release(&rd->line);
	free(rd->block);
	rd->block = NULL;
}

static void begin(struct reader *rd, const char *name)
{
	rd->past_bytes += rd->stream.out_bytes;
	rd->past_lines += rd->line_no;
	stream_release(&rd->stream);
	rd->name = name;
	rd->p = rd->end = rd->block_end = rd->block;
	rd->offset = rd->line_no = rd->skip = 0;
	rd->first_line = 1;
	rd->ended = rd->broken = rd->dry = rd->refused = false;
}

/* A file that somebody else owns, or that everybody may write, is not auditd's whatever it says. */
static bool is_own(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & S_IWOTH) &&
	       (st.st_uid == 0 || st.st_uid == geteuid());
}

int reader_start(struct reader *rd, int fd, const char *name, struct sca_err *err)
{
	begin(rd, name);
	framer_file(rd->src->framer, is_own(fd));
	return stream_init(&rd->stream, fd, name, err);
}

int reader_start_at(struct reader *rd, int fd, const char *name, const struct sca_pos *at,
		    bool packed, struct sca_err *err)
{
	int r = reader_start(rd, fd, name, err);

	if (r < 0 || at->offset == 0)
		return r;
	rd->offset = at->offset;
	rd->first_line = at->line;
	if (packed) {
		rd->skip = at->offset;
		return 0;
	}
	/* What stands there is the inside of a text: its first bytes tell no kind. */
	rd->stream.known = true;
	if (lseek(fd, (off_t)at->offset, SEEK_SET) < 0)
		return sca_fail_errno(err, errno, "cannot go to byte %llu",
				      (unsigned long long)at->offset);
	return 0;
}

/* Of the line that comes next; 0 when it is not known. */
static uint64_t line_number(const struct reader *rd)
{
	return rd->first_line ? rd->first_line + rd->line_no : 0;
}

static uint64_t count_nuls(const char *p, const char *end)
{
	uint64_t n = 0;

	while (p < end) {
		p = memchr(p, '\0', (size_t)(end - p));
		if (!p)
			break;
		for (; p < end && *p == '\0'; p++)
			n++;
	}
	return n;
}

/* What comes from the framer next began with what is open there, or else here. */
static void mark(struct reader *rd, const struct sca_pos *here)
{
	if (!framer_open(rd->src->framer, &rd->given))
		rd->given = *here;
}

static int feed(struct reader *rd, struct sca_str line, uint64_t offset)
{
	const struct sca_pos pos = {rd->name, line_number(rd), offset};
	int r;

	mark(rd, &pos);
	r = framer_line(rd->src->framer, line, &pos, source_queue, rd->src);

	rd->line_no++;
	rd->refused = r < 0;
	return r < 0 ? sca_fail_errno(&rd->failed, -r, "cannot keep what a line holds") : 0;
}

/* -- the line that goes over the end of a block -- */

static bool line_open(const struct reader *rd)
{
	return rd->line.n || rd->cut;
}

/* Keeps the next part of the line, what of it fits. */
static int line_add(struct reader *rd, const char *p, const char *end)
{
	size_t room = rd->line.max - rd->line.n, n = (size_t)(end - p);

	if (n == 0)
		return 0;
	if (!line_open(rd))
		rd->line_offset = rd->offset;
	rd->nuls += count_nuls(p, end);
	rd->offset += n;
	buf_add(&rd->line, p, MIN(n, room));
	if (n > room && !rd->cut) {
		rd->cut = true;
		rd->overlong++;
	}
	return rd->line.failed ? sca_fail_errno(&rd->failed, ENOMEM, "cannot keep a line") : 0;
}

static bool line_wanted(const struct reader *rd)
{
	const char *end = rd->line.p + rd->line.n;
	struct scan_count ignored = {0};

	return framer_wants_all(rd->src->framer) ||
	       scan_next(&rd->scan, rd->line.p, end, &ignored) < end;
}

/* Feeds the line, which is complete. It has to stay until its frames were taken. */
static int line_close(struct reader *rd)
{
	rd->line_fed = true;
	if (line_wanted(rd))
		return feed(rd, buf_str(&rd->line), rd->line_offset);
	rd->line_no++;
	return 0;
}

static void line_drop(struct reader *rd)
{
	buf_reset(&rd->line);
	rd->cut = rd->line_fed = false;
}

/* -- the lines that lie in the block -- */

/*
 * Reads a block and sets its whole lines apart from the ends of those that go over it. *any
 * is set to whether there was something to read.
 */
static int next_block(struct reader *rd, bool *any)
{
	const char *newline;
	size_t n = 0;
	int r = line_add(rd, rd->end, rd->block_end);

	rd->p = rd->end = rd->block_end = rd->block;
	if (r == 0)
		r = stream_read(&rd->stream, rd->block, rd->block_cap, &n, &rd->failed);
	rd->dry = r == -EAGAIN;
	if (rd->dry)
		r = 0;
	if (r < 0)
		return r;
	*any = n > 0;
	rd->block_end = rd->block + n;
	if (unlikely(rd->skip)) {
		size_t skipped = (size_t)MIN(rd->skip, (uint64_t)n);

		rd->skip -= skipped;
		rd->p += skipped;
	}
	if (line_open(rd) && n) {
		newline = memchr(rd->block, '\n', n);
		r = line_add(rd, rd->block, newline ? newline : rd->block_end);
		if (r == 0 && newline)
			r = line_close(rd);
		rd->offset += newline != NULL;
		rd->p = newline ? newline + 1 : rd->block_end;
	}
	newline = memrchr(rd->p, '\n', (size_t)(rd->block_end - rd->p));
	rd->end = newline ? newline + 1 : rd->p;
	return r;
}

/* Feeds the next line that the framer wants and steps behind it; or behind all lines. */
static int next_line(struct reader *rd)
{
	const char *at = rd->p, *start = rd->p, *newline;
	struct scan_count count = {0};
	int r;

	if (!framer_wants_all(rd->src->framer)) {
		at = scan_next(&rd->scan, rd->p, rd->end, &count);
		rd->line_no += count.lines;
		rd->nuls += count.nuls;
		newline = memrchr(rd->p, '\n', (size_t)(at - rd->p));
		start = newline ? newline + 1 : rd->p;
		rd->offset += (uint64_t)(start - rd->p);
		rd->p = start;
		if (at == rd->end)
			return 0;
	}
	newline = memchr(at, '\n', (size_t)(rd->end - at));
	rd->nuls += count_nuls(at, newline);
	r = feed(rd, (struct sca_str){start, (size_t)(newline - start)}, rd->offset);
	rd->offset += (uint64_t)(newline + 1 - start);
	rd->p = newline + 1;
	return r;
}

struct sca_pos reader_place(const struct reader *rd)
{
	struct sca_pos pos = {rd->name, line_number(rd), rd->offset};

	if (source_queued(rd->src) || rd->refused)
		return rd->given;
	if (rd->broken)
		return rd->stopped;
	if (framer_open(rd->src->framer, &pos))
		return pos;
	if (line_open(rd) && !rd->line_fed)
		pos.offset = rd->line_offset;
	return pos;
}

/* Ends the stream. What is left of a broken one is no whole line. */
static void finish(struct reader *rd, bool broken)
{
	rd->stopped = reader_place(rd);
	rd->broken = broken;
	rd->ended = true;
	mark(rd, &rd->stopped);
	if (line_open(rd) && !rd->line_fed) {
		if (!broken)
			line_close(rd);
		else if (line_wanted(rd))
			rd->torn++;
		rd->line_fed = true;
	}
	if (framer_flush(rd->src->framer, source_queue, rd->src) < 0 && !rd->failed.code)
		sca_fail_errno(&rd->failed, ENOMEM, "cannot keep the last lines");
}

void reader_finish(struct reader *rd)
{
	if (!rd->ended)
		finish(rd, false);
}

void reader_break(struct reader *rd)
{
	if (!rd->ended)
		finish(rd, true);
}

int reader_pump(struct reader *rd, struct sca_err *err)
{
	while (!source_queued(rd->src)) {
		bool any = true;

		if (rd->line_fed)
			line_drop(rd);
		if (rd->ended) {
			int code = rd->failed.code;

			if (!code)
				return SCA_NEXT_END;
			sca_err_at(&rd->failed, rd->name, 0, 0);
			if (err)
				*err = rd->failed;
			rd->failed = (struct sca_err)SCA_ERR_INIT;
			return code;
		}
		if (unlikely(rd->turns) && rd->p >= rd->end && --rd->turns == 0)
			return SCA_NEXT_IDLE;
		if ((rd->p < rd->end ? next_line(rd) : next_block(rd, &any)) < 0)
			finish(rd, true);
		else if (!any)
			return SCA_NEXT_IDLE;
	}
	return SCA_NEXT_FRAME;
}

void reader_stats(const struct reader *rd, struct sca_source_stats *add)
{
	add->bytes += rd->past_bytes + rd->stream.out_bytes;
	add->lines += rd->past_lines + rd->line_no;
	add->overlong += rd->overlong;
	add->nul_bytes += rd->nuls;
	add->torn += rd->torn;
}
