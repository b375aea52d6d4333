/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a source. A kind of source is one table of functions; it finds lines (or records
 * of its own form) and hands them to the framer, whose frames wait in a queue until
 * sca_source_next() gives them out one by one. Nothing is read while frames wait, so what
 * they point at stays; nothing is copied.
 */
#ifndef SCA_SOURCE_INT_H
#define SCA_SOURCE_INT_H

#include <scaudit/source.h>

#include "frame.h"
#include "scan.h"
#include "stream.h"

struct source_ops {
	/*
	 * Goes on until frames are queued (SCA_NEXT_FRAME), nothing more can be had now
	 * (SCA_NEXT_IDLE), or ever (SCA_NEXT_END). Fails with an empty queue only; the call
	 * after a failure goes on behind it, at last with SCA_NEXT_END.
	 */
	int (*pump)(struct sca_source *src, struct sca_err *err);
	/* Adds what the queue and the framer do not know: bytes, lines, overlong, nul_bytes. */
	void (*stats)(const struct sca_source *src, struct sca_source_stats *add);
	const char *(*name)(const struct sca_source *src);
	void (*progress)(const struct sca_source *src, uint64_t *ret_done, uint64_t *ret_total);
	void (*close)(struct sca_source *src); /* NULL state is nothing to close */
	/* Of sources that follow; NULL: never idle. */
	int (*fd)(const struct sca_source *src, int *ret_wait_ms);
	/* Adds one JSON object; NULL: cannot go back. Asked for when no frame waits, or for the
	 * place in front of the thing that the waiting ones came from. */
	int (*position)(const struct sca_source *src, struct buf *b, struct sca_err *err);
};

struct sca_source {
	const struct source_ops *ops;
	void *state;              /* of the kind; owned by it */
	struct sca_limits limits; /* no zeros */
	bool follow;
	struct sca_follow how;    /* its position is borrowed until open returned */
	unsigned grace_ms;        /* how long a rotated file may still be written to */
	struct buf place;         /* what sca_source_position() gave out */
	struct sca_framer *framer;
	struct sca_frame *queue;
	size_t queue_at, queue_n, queue_cap;
};

/* Each sets ops and state; sca_source_open() closes what a failure leaves. */
int source_file_open(struct sca_source *src, const char *spec, const char *root,
		     struct sca_err *err);
int source_audit_open(struct sca_source *src, const char *spec, const char *root,
		      struct sca_err *err);
int source_kmsg_open(struct sca_source *src, const char *spec, const char *root,
		     struct sca_err *err);
int source_netlink_open(struct sca_source *src, const char *spec, const char *root,
			struct sca_err *err);
int source_journal_open(struct sca_source *src, const char *spec, const char *root,
			struct sca_err *err);
int source_unix_open(struct sca_source *src, const char *spec, const char *root,
		     struct sca_err *err);

/* Fits framer_emit_fn; arg is the source. */
int source_queue(const struct sca_frame *frame, void *src);

static inline bool source_queued(const struct sca_source *src)
{
	return src->queue_at < src->queue_n;
}

/* Refuses a directory. */
int source_check_fd(int fd, struct sca_err *err);
/* Opens for reading what is no directory. */
int source_open_fd(int dirfd, const char *path, int *ret_fd, struct sca_err *err);

/*
 * The lines of one stream after the other, into the source's framer. Only lines with an
 * anchor are fed, and all lines while the framer wants them. Memory is one block and one
 * line of at most line_max bytes, whatever the input.
 */
struct reader {
	struct sca_source *src;
	struct scan scan;
	struct stream stream;
	const char *name;
	char *block;
	size_t block_cap;
	const char *p, *end;   /* whole lines of the block that are still to be looked at */
	const char *block_end; /* end .. block_end: the beginning of a line */
	struct buf line;       /* a line that came with several blocks */
	bool line_fed;         /* it was handed out: it goes away with the next step */
	bool cut;              /* its rest is skipped */
	uint64_t line_offset;  /* where it began */
	uint64_t offset;       /* of p in the text */
	uint64_t line_no;      /* lines of the stream in front of p, from where it began */
	uint64_t first_line;   /* number of the line where it began; 0: not known */
	uint64_t skip;         /* bytes of a packed stream in front of where it begins */
	unsigned turns;        /* that many minus one blocks may be read; 0: any number */
	bool dry;              /* nothing to read now, but perhaps later (stream's nowait) */
	uint64_t past_bytes, past_lines; /* of earlier streams */
	uint64_t overlong, nuls, torn;
	bool ended, broken;
	bool refused;           /* the last line that was fed found no memory */
	struct sca_pos given;   /* of what the waiting frames came from */
	struct sca_pos stopped; /* where it was when it ended */
	struct sca_err failed;  /* what ended it, until it is told */
};

int reader_init(struct reader *rd, struct sca_source *src, struct sca_err *err);
/* Begins a stream; takes fd, also on failure. `name` is borrowed by the frames. */
int reader_start(struct reader *rd, int fd, const char *name, struct sca_err *err);
/* Likewise at a place that reader_place() told; of a packed stream after decompression. */
int reader_start_at(struct reader *rd, int fd, const char *name, const struct sca_pos *at,
		    bool packed, struct sca_err *err);
/* The first line that is not wholly given out: frames wait, or it is half read, or the first
 * of several that belong together. */
struct sca_pos reader_place(const struct reader *rd);
/*
 * SCA_NEXT_FRAME; SCA_NEXT_IDLE where the input ends or `turns` does (it is 0 then), though a
 * later call looks again. What
 * goes wrong ends the stream: it is returned once, when all frames before it were taken.
 * SCA_NEXT_END behind that, and after reader_finish().
 */
int reader_pump(struct reader *rd, struct sca_err *err);
/* Takes the end for the end: feeds a last line without newline, flushes the framer. */
void reader_finish(struct reader *rd);
/* Ends it where no line ends: what is half read is no line. */
void reader_break(struct reader *rd);
void reader_stats(const struct reader *rd, struct sca_source_stats *add);
void reader_release(struct reader *rd);

#endif
