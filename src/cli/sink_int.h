/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of sink.h. A kind of sink is a row of kinds[] in sink.c; how it connects and writes
 * is a struct sink_ops. Whatever fails there is a negative errno; what follows from it (the
 * pause, the counting, the words for people) is the same for all and stands in sink.c.
 */
#ifndef CLI_SINK_INT_H
#define CLI_SINK_INT_H

#include "sink.h"

#include <sys/uio.h>

/* -- sink_queue.c: a ring whose memory is mapped twice, so that each record is in one piece -- */

struct queue {
	char *p;
	size_t cap; /* whole pages */
	/* Counted on from the start, not wrapped. Of head..next it is not known yet whether they
	 * arrived; next..tail were not sent. */
	uint64_t head, next, tail;
	uint64_t n, n_sent; /* records in head..tail, in head..next */
};

int queue_init(struct queue *q, size_t bytes);
void queue_release(struct queue *q);
/* False when there is no room. `number` counts all that were given. */
bool queue_put(struct queue *q, uint64_t number, const char *p, size_t n);
/* The number of the oldest; the queue is not empty. */
uint64_t queue_oldest(const struct queue *q);
/* The record at *at, which moves behind it; false at the tail. */
bool queue_step(const struct queue *q, uint64_t *at, struct sca_str *ret);
void queue_sent(struct queue *q);    /* one more of next */
void queue_settled(struct queue *q); /* the oldest one is done with; sent before or not */
void queue_rewind(struct queue *q);  /* what was sent and not settled is to be sent again */

/* -- sink_host.c: HOST:PORT -- */

struct host;
/* Takes the text apart and asks the resolver, which may take its time. A name that does not
 * exist is a failure, a resolver that does not answer is none. */
int host_open(struct host **ret, const char *spec, int socktype, struct sca_err *err);
struct host *host_free(struct host *h);
/* The addresses by turns; NULL while there is none. After each round, a minute apart, the
 * name is looked up again in a thread. */
const struct addrinfo *host_next(struct host *h, int64_t now_ms);

/* -- a sink -- */

enum sink_state { SINK_DOWN, SINK_CONNECTING, SINK_UP };

/* What its consumer is like, as people are told. */
enum sink_mood { MOOD_FINE, MOOD_SLOW, MOOD_GONE };

/* How a record becomes bytes. */
enum framing {
	FRAME_LINE,   /* as it is */
	FRAME_BARE,   /* without the newline at its end */
	FRAME_COUNTED /* its length and a blank before it, no newline (RFC 6587, 3.4.1) */
};

struct sink_ops {
	/* The spec behind its word. Fails only for what can never work. */
	int (*open)(struct sink *s, const char *rest, struct sca_err *err);
	int (*connect)(struct sink *s, int64_t now_ms); /* 0, -EINPROGRESS */
	/* Sends from the queue: 0 when it stopped by itself, -EAGAIN when it has to wait. */
	int (*send)(struct sink *s, int64_t now_ms);
	/* Settles what is known to have arrived; NULL: that is known when it is sent. */
	void (*settle)(struct sink *s, int64_t now_ms);
	bool lasting;      /* a failure leaves the descriptor open and a record begun */
	bool proves;       /* connecting proves that somebody is there */
	int settle_wait_ms; /* how often to ask */
};

struct sink_kind {
	const char *word; /* the spec, or its beginning when it ends in a colon */
	const char *form; /* of the whole spec */
	enum format format;
	const struct sink_ops *ops;
	int socktype;
	enum framing framing;
};

struct sink {
	const struct sink_kind *kind;
	const struct sink_ops *ops;
	char *name;
	struct queue q;
	size_t part;   /* bytes written of the record at next */
	int fd;
	enum sink_state state;
	int64_t retry_at, deadline; /* DOWN, CONNECTING */
	int pause_ms;
	/* told to people */
	enum sink_mood mood, told;
	bool ever_up, told_too_long;
	int64_t since;       /* of the mood */
	uint64_t dropped_then; /* when it began */
	const char *why;     /* instead of error's meaning */
	int error;
	char news[256];
	/* counted */
	uint64_t given, dropped, too_long, bytes, reconnects;
	/* of each kind */
	char *path;
	struct host *host;
	int socktype;
	enum framing framing;
	unsigned char out_type;      /* standard output: enum in sink_file.c */
	bool torn;                   /* file: its last line has no end */
	uint64_t conn_sent, conn_settled; /* bytes on this connection */
	uint64_t mark;               /* sink_socket.c, datagrams: sent before mark_at */
	int64_t mark_at;
};

extern const struct sink_ops stdout_ops, file_ops, stream_ops, udp_ops, local_ops, journald_ops;

/* The next record can never be sent. */
void sink_drop_next(struct sink *s);
/* Bytes of a record as it is framed. */
size_t sink_framed(const struct sink *s, struct sca_str rec);

/* -- sink_socket.c -- */

/* A socket's path, and connecting to it as s->socktype. */
int sink_path_open(struct sink *s, const char *rest, struct sca_err *err);
int sink_path_connect(struct sink *s, int64_t now_ms);
/* Sends records as datagrams. One that is too long is given to `too_long`, when that is not
 * NULL, which returns 0 or a negative errno; -EMSGSIZE drops the record. */
int sink_datagrams(struct sink *s, int (*too_long)(struct sink *s, struct sca_str rec));

/* -- sink_write.c: a batch of records as one write -- */

#define BATCH_RECORDS 64

struct batch {
	struct iovec v[2 * BATCH_RECORDS];
	int n;
	size_t bytes;
	char counts[BATCH_RECORDS][12];
};

/* Whole records of at most `most` bytes together; when the first alone is longer, so much of it. */
void batch_gather(struct batch *b, const struct sink *s, size_t most);
/* n bytes of it were written. Settles the records, too, unless the kind does that itself. */
void batch_written(struct sink *s, size_t n);

#endif
