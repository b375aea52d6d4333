/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of sinks: numbered records of many lengths, a loop that serves a sink, and a peer that
 * checks what arrives. To be included behind cmocka.h.
 */
#ifndef TESTS_SINK_PEER_H
#define TESTS_SINK_PEER_H

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "outlet.h"

#define RECORDS_MOST 100000u
#define RECORD_MOST  512u
#define COMES_MS     30000 /* within which comes what has to, on whatever machine */

static inline int64_t peer_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* "000042 xxxx...\n" */
static inline size_t record_text(char text[RECORD_MOST], unsigned i)
{
	int n = snprintf(text, RECORD_MOST, "%06u ", i);
	size_t pad = i * 37u % 300;

	memset(text + n, 'a' + (int)(i % 26), pad);
	text[(size_t)n + pad] = '\n';
	return (size_t)n + pad + 1;
}

static inline void put_records(struct sink *s, unsigned from, unsigned to)
{
	char text[RECORD_MOST];

	for (unsigned i = from; i < to; i++)
		sink_put(s, text, record_text(text, i));
}

static inline uint64_t sink_queued(const struct sink *s)
{
	struct sink_stats st;

	sink_stats(s, &st);
	assert_true(sink_settled(s) <= st.records - st.queued);
	assert_int_equal(sink_settled(s) == st.records, st.queued == 0);
	return st.queued;
}

static inline uint64_t sink_dropped(const struct sink *s)
{
	struct sink_stats st;

	sink_stats(s, &st);
	assert_int_equal(st.records, sink_given(s));
	return st.dropped;
}

/* The end of the program for this sink. */
static inline int drain(struct sink *s, int wait_ms)
{
	struct outlet o = {.sink = s};
	struct outlets os = {&o, 1};
	struct pollfd p;

	return outlets_drain(&os, &p, wait_ms);
}

/* Serves the sink once, as the program's loop does. */
static inline int serve(struct sink *s, int most_ms)
{
	struct pollfd p = {0};
	int wait;

	p.fd = sink_poll(s, &p.events, &wait);
	poll(&p, 1, wait < 0 || wait > most_ms ? most_ms : wait);
	return sink_dispatch(s);
}

/* What a peer has: how often each record came, and bytes of one that is not whole yet. */
struct peer {
	int fd;
	bool counted;  /* octet counting */
	bool datagram; /* a record each, no newline */
	unsigned seen[RECORDS_MOST];
	unsigned distinct, total, last;
	bool backwards; /* a record came behind a later one */
	char part[65536];
	size_t n;
};

static inline struct peer *peer_new(int fd)
{
	struct peer *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->fd = fd;
	return p;
}

static inline void peer_leave(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}

static inline void peer_free(struct peer *p)
{
	if (p && p->fd >= 0)
		close(p->fd);
	free(p);
}

static inline void peer_record(struct peer *p, const char *text, size_t n)
{
	char want[RECORD_MOST];
	char *end;
	unsigned i = (unsigned)strtoul(text, &end, 10);

	assert_true(i < RECORDS_MOST && end == text + 6);
	if (record_text(want, i) - 1 != n || memcmp(want, text, n) != 0)
		fail_msg("record %u came as \"%.*s\"", i, (int)n, text);
	p->distinct += p->seen[i]++ == 0;
	p->backwards |= p->total && i < p->last;
	p->last = i;
	p->total++;
}

/* The whole records of what has come; false when the next is not whole. */
static inline bool peer_take(struct peer *p)
{
	char *newline, *text = p->part;
	size_t n, skip;

	if (p->counted) {
		unsigned long len = strtoul(p->part, &text, 10);

		if (p->n == 0 || text >= p->part + p->n)
			return false;
		assert_true(*text == ' ' && len < RECORD_MOST);
		text++;
		n = len;
		skip = (size_t)(text - p->part) + n;
	} else {
		newline = memchr(p->part, '\n', p->n);
		if (!newline)
			return false;
		n = (size_t)(newline - p->part);
		skip = n + 1;
	}
	if (skip > p->n)
		return false;
	peer_record(p, text, n);
	memmove(p->part, p->part + skip, p->n - skip);
	p->n -= skip;
	p->part[p->n] = '\0';
	return true;
}

/* Reads what is there; false at the end of the stream. */
static inline bool peer_read(struct peer *p)
{
	for (;;) {
		struct pollfd ready = {.fd = p->fd, .events = POLLIN};
		ssize_t n;

		if (poll(&ready, 1, 0) <= 0)
			return true;
		n = read(p->fd, p->part + p->n, sizeof(p->part) - 1 - p->n);
		if (n == 0 && !p->datagram)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (p->datagram) {
			p->part[n] = '\0';
			peer_record(p, p->part, (size_t)n);
			continue;
		}
		p->n += (size_t)n;
		p->part[p->n] = '\0';
		while (peer_take(p))
			;
	}
}

/* Serves the sink and lets the peer read until the queue is empty. */
static inline void flow(struct sink *s, struct peer *p)
{
	int64_t end = peer_now() + COMES_MS;

	do {
		assert_int_equal(serve(s, 5), 0);
		if (p)
			peer_read(p);
	} while (sink_queued(s) && peer_now() < end);
	assert_int_equal(sink_queued(s), 0);
}

/* Every record of from..to came, none of them out of order; once each. What was written to a
 * network may be on its way. */
static inline void assert_all(struct peer *p, unsigned from, unsigned to)
{
	int64_t end = peer_now() + COMES_MS;

	for (unsigned i = from; i < to; i++) {
		while (!p->seen[i] && peer_now() < end && peer_read(p))
			poll(NULL, 0, 5);
		if (p->seen[i] != 1)
			fail_msg("record %u came %u times", i, p->seen[i]);
	}
	assert_false(p->backwards);
}

/* Words of news, which may have to come yet; each is told once. */
static inline void assert_news(struct sink *s, const char *words)
{
	int64_t end = peer_now() + COMES_MS;
	const char *news;

	while (!(news = sink_news(s)) && peer_now() < end)
		assert_int_equal(serve(s, 5), 0);
	if (!news || !strstr(news, words))
		fail_msg("news is \"%s\", not \"%s\"", news ? news : "none", words);
	assert_null(sink_news(s));
}

static inline char *temp_dir(void)
{
	char *dir = strdup("/tmp/scaudit-sink.XXXXXX");

	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline void remove_dir(char *dir)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
	free(dir);
}

/* A listening or receiving unix socket. */
static inline int unix_socket(const char *path, int type)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	assert_true(fd >= 0 && strlen(path) < sizeof(un.sun_path));
	memcpy(un.sun_path, path, strlen(path));
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

#endif
