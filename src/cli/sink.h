/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a stream of events goes, live: standard output, a file that may be rotated, a syslog
 * daemon, journald, a unix socket. Each has a bounded queue between the reading and a
 * consumer that may be slow or gone: when it is full the newest record is dropped and
 * counted, and reading goes on. Nothing here blocks, but the look-up of a host's name when the
 * sink is opened.
 *
 *	-                      standard output
 *	file:PATH              appended to; reopened by sink_reopen() (SIGHUP)
 *	syslog:unix:PATH       a datagram a record, as to /dev/log; lines where that is a stream
 *	syslog:udp:HOST:PORT   a datagram a record (RFC 5426)
 *	syslog:tcp:HOST:PORT   octet counting (RFC 6587)
 *	journald[:PATH]        native fields, /run/systemd/journal/socket
 *	unix:PATH              a stream socket, one record a line
 *
 * Why the newest: what waits is then always the oldest, in order and without holes, one gap has
 * one place and one count, and a saved position has a meaning (sink_settled). Sparing kills at
 * the cost of others would promise what it can not keep: a container that floods can flood with
 * kills. What helps against a flood is --window, in front of this.
 *
 * What is promised of delivery: a record reaches a stream whole, at least once, as long as the
 * other side's kernel answers for what it took (sink_socket.c); a datagram at most once, and of
 * one that the network or the receiver's buffer lost nobody is told. A file gets each once.
 */
#ifndef CLI_SINK_H
#define CLI_SINK_H

#include "cli.h"

#define SINK_QUEUE_BYTES (8u << 20)

struct sink;

struct sink_stats {
	uint64_t records;    /* given to it */
	uint64_t dropped;    /* no room, too long for a datagram, or left at the end */
	uint64_t queued;     /* wait, or may have to be sent again; the rest was written */
	uint64_t reconnects;
	uint64_t bytes;      /* written */
};

/* The format that a kind of sink wants; FORMAT_NONE: any. SCA_E_UNKNOWN lists the kinds. */
int sink_format(const char *spec, enum format *ret, struct sca_err *err);
/*
 * Opens. A consumer that is not there yet is no failure: it is tried again with growing pauses,
 * 0.1 s to 30 s. A spec that can never work (no such host, a directory, a link) is one.
 */
int sink_open(struct sink **ret, const char *spec, size_t queue_bytes, struct sca_err *err);
struct sink *sink_free(struct sink *s);
const char *sink_name(const struct sink *s); /* for messages, borrowed */

/* One whole record with its end (newline, or what the format ends in). Never blocks. */
void sink_put(struct sink *s, const char *p, size_t n);
/* Above half of its queue: whoever can wait should not read on. */
bool sink_crowded(const struct sink *s);
/* Records ever given, and how many of the first of them are all written or dropped. */
uint64_t sink_given(const struct sink *s);
uint64_t sink_settled(const struct sink *s);

/* What to poll: the fd (-1: none) with *ret_events, and when to come at the latest. Polled
 * with no events at all, standard output still tells that its reader is gone. */
int sink_poll(const struct sink *s, short *ret_events, int *ret_wait_ms);
/* Connects and writes as far as it goes. -EPIPE: the reader of standard output is gone;
 * other failures are the sink's own business and counted. */
int sink_dispatch(struct sink *s);
bool sink_is_empty(const struct sink *s);
/* Standard output whose reader is there and has not taken everything yet. */
bool sink_is_awaited(const struct sink *s);
/* Tries once more at the next dispatch, however long the pause is. */
void sink_hurry(struct sink *s);
void sink_drop_rest(struct sink *s); /* and counts it */
int sink_reopen(struct sink *s, struct sca_err *err); /* no-op for what is no file */
void sink_stats(const struct sink *s, struct sink_stats *ret);
/* A word for standard error when its state changed since the last call: "gone: ...", "back
 * after 12 s, 40 records dropped"; NULL for no news. Borrowed until the next call. */
const char *sink_news(struct sink *s);

#endif
