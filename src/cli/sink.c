/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all sinks have in common: the table of kinds, when to try again, what is counted.
 */
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sink_int.h"

#define PAUSE_FIRST_MS  100
#define PAUSE_MOST_MS   30000
#define CONNECT_MS      10000

static const struct sink_kind kinds[] = {
	{"-", "-", FORMAT_NONE, &stdout_ops, 0, FRAME_LINE},
	{"file:", "file:PATH", FORMAT_NONE, &file_ops, 0, FRAME_LINE},
	{"syslog:unix:", "syslog:unix:PATH", FORMAT_SYSLOG, &local_ops, SOCK_DGRAM, FRAME_BARE},
	{"syslog:udp:", "syslog:udp:HOST:PORT", FORMAT_SYSLOG, &udp_ops, SOCK_DGRAM, FRAME_BARE},
	{"syslog:tcp:", "syslog:tcp:HOST:PORT", FORMAT_SYSLOG, &stream_ops, SOCK_STREAM,
	 FRAME_COUNTED},
	{"journald", "journald", FORMAT_JOURNALD, &journald_ops, SOCK_DGRAM, FRAME_BARE},
	{"journald:", "journald:PATH", FORMAT_JOURNALD, &journald_ops, SOCK_DGRAM, FRAME_BARE},
	{"unix:", "unix:PATH", FORMAT_NONE, &stream_ops, SOCK_STREAM, FRAME_LINE},
};

static const struct sink_kind *find_kind(const char *spec, struct sca_err *err)
{
	_cleanup_out_ struct out list = OUT_MEMORY;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i].word);

		if (kinds[i].word[n - 1] == ':' ? strncmp(spec, kinds[i].word, n) == 0 :
						  strcmp(spec, kinds[i].word) == 0)
			return &kinds[i];
		out_z(&list, i ? ", " : "");
		out_z(&list, kinds[i].form);
	}
	sca_fail(err, SCA_E_UNKNOWN, "can not write to \"%s\"; there are: %s", spec,
		 out_string(&list));
	return NULL;
}

int sink_format(const char *spec, enum format *ret, struct sca_err *err)
{
	const struct sink_kind *kind = find_kind(spec, err);

	if (!kind)
		return SCA_E_UNKNOWN;
	*ret = kind->format;
	return 0;
}

int sink_open(struct sink **ret, const char *spec, size_t queue_bytes, struct sca_err *err)
{
	const struct sink_kind *kind = find_kind(spec, err);
	struct sink *s;
	int r;

	if (!kind)
		return SCA_E_UNKNOWN;
	s = calloc(1, sizeof(*s));
	if (!s)
		return sca_fail(err, -ENOMEM, "no memory");
	*s = (struct sink){.kind = kind, .ops = kind->ops, .fd = -1, .socktype = kind->socktype,
			   .framing = kind->framing, .pause_ms = PAUSE_FIRST_MS};
	s->name = strdup(strcmp(spec, "-") == 0 ? "standard output" : spec);
	r = s->name ? queue_init(&s->q, queue_bytes) : -ENOMEM;
	if (r < 0)
		sca_fail_errno(err, -r, "no queue for %s", spec);
	else
		r = s->ops->open(s, spec + strlen(kind->word), err);
	if (r < 0) {
		sink_free(s);
		return r;
	}
	s->since = s->retry_at = clock_ms(CLOCK_MONOTONIC);
	*ret = s;
	return 0;
}

static void close_fd(struct sink *s)
{
	if (s->fd >= 0 && s->ops != &stdout_ops)
		close(s->fd);
	s->fd = -1;
}

struct sink *sink_free(struct sink *s)
{
	if (!s)
		return NULL;
	close_fd(s);
	queue_release(&s->q);
	host_free(s->host);
	free(s->path);
	free(s->name);
	free(s);
	return NULL;
}

const char *sink_name(const struct sink *s)
{
	return s->name;
}

static void set_mood(struct sink *s, enum sink_mood mood)
{
	if (s->mood == mood)
		return;
	if (s->mood == MOOD_FINE) { /* slow and gone may follow each other */
		s->since = clock_ms(CLOCK_MONOTONIC);
		s->dropped_then = s->dropped;
	}
	s->mood = mood;
}

void sink_put(struct sink *s, const char *p, size_t n)
{
	if (n == 0)
		return;
	if (queue_put(&s->q, s->given++, p, n))
		return;
	if (s->mood == MOOD_FINE)
		set_mood(s, MOOD_SLOW);
	s->dropped++;
}

void sink_drop_next(struct sink *s)
{
	while (s->q.head < s->q.next)
		queue_settled(&s->q);
	queue_settled(&s->q);
	s->part = 0;
	s->dropped++;
	s->too_long++;
}

bool sink_crowded(const struct sink *s)
{
	return s->q.tail - s->q.head > s->q.cap / 2;
}

uint64_t sink_given(const struct sink *s)
{
	return s->given;
}

uint64_t sink_settled(const struct sink *s)
{
	return s->q.n ? queue_oldest(&s->q) : s->given;
}

void sink_stats(const struct sink *s, struct sink_stats *ret)
{
	*ret = (struct sink_stats){s->given, s->dropped, s->q.n, s->reconnects, s->bytes};
}

/* -- up and down -- */

static void go_up(struct sink *s)
{
	s->reconnects += s->ever_up && !s->ops->lasting;
	s->state = SINK_UP;
	s->conn_sent = s->conn_settled = 0;
	if (!s->ops->proves)
		return;
	s->ever_up = true;
	if (s->mood == MOOD_GONE)
		set_mood(s, MOOD_FINE);
}

/* What a lasting sink began is finished there; elsewhere it is sent again as a whole. */
static void go_down(struct sink *s, int error, int64_t now_ms)
{
	if (!s->ops->lasting) {
		close_fd(s);
		queue_rewind(&s->q);
		s->part = 0;
	}
	s->state = SINK_DOWN;
	s->retry_at = now_ms + s->pause_ms;
	s->pause_ms = s->pause_ms < PAUSE_MOST_MS / 2 ? s->pause_ms * 2 : PAUSE_MOST_MS;
	if (s->mood != MOOD_GONE)
		s->error = error;
	set_mood(s, MOOD_GONE);
}

static void go_on(struct sink *s, int64_t now_ms)
{
	int r = s->ops->connect(s, now_ms);

	if (r == 0) {
		go_up(s);
	} else if (r == -EINPROGRESS) {
		s->state = SINK_CONNECTING;
		s->deadline = now_ms + CONNECT_MS;
	} else {
		go_down(s, -r, now_ms);
	}
}

static void finish_connecting(struct sink *s, int64_t now_ms)
{
	struct pollfd p = {.fd = s->fd, .events = POLLOUT};
	int error = 0;
	socklen_t n = sizeof(error);

	if (poll(&p, 1, 0) <= 0) {
		if (now_ms >= s->deadline)
			go_down(s, ETIMEDOUT, now_ms);
		return;
	}
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		error = errno;
	if (error)
		go_down(s, error, now_ms);
	else
		go_up(s);
}

/* Something arrived. */
static void note_progress(struct sink *s)
{
	s->pause_ms = PAUSE_FIRST_MS;
	s->ever_up = true;
	if (s->mood == MOOD_GONE || (s->mood == MOOD_SLOW && !sink_crowded(s)))
		set_mood(s, MOOD_FINE);
}

static int work(struct sink *s, int64_t now_ms)
{
	uint64_t queued = s->q.n, too_long = s->too_long;
	int r = s->ops->send(s, now_ms);

	if (s->ops->settle && (r == 0 || r == -EAGAIN))
		s->ops->settle(s, now_ms);
	if (queued - s->q.n > s->too_long - too_long)
		note_progress(s);
	if (r == -EPIPE && s->ops == &stdout_ops)
		return -EPIPE;
	if (r < 0 && r != -EAGAIN)
		go_down(s, -r, now_ms);
	return 0;
}

int sink_dispatch(struct sink *s)
{
	int64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	if (s->state == SINK_DOWN && now_ms >= s->retry_at)
		go_on(s, now_ms);
	if (s->state == SINK_CONNECTING)
		finish_connecting(s, now_ms);
	return s->state == SINK_UP ? work(s, now_ms) : 0;
}

int sink_poll(const struct sink *s, short *ret_events, int *ret_wait_ms)
{
	int64_t left = s->state == SINK_CONNECTING ? s->deadline - clock_ms(CLOCK_MONOTONIC) :
		       s->state == SINK_DOWN       ? s->retry_at - clock_ms(CLOCK_MONOTONIC) :
						     -1;

	*ret_events = 0;
	*ret_wait_ms = s->state == SINK_UP ? -1 : left > 0 ? (int)left : 0;
	if (s->state == SINK_DOWN)
		return -1;
	if (s->state == SINK_CONNECTING || s->q.next < s->q.tail)
		*ret_events |= POLLOUT;
	if (s->state == SINK_UP && s->socktype)
		*ret_events |= POLLIN;
	if (s->state == SINK_UP && s->q.n_sent)
		*ret_wait_ms = s->ops->settle_wait_ms;
	return s->fd;
}

bool sink_is_empty(const struct sink *s)
{
	return s->q.n == 0;
}

bool sink_is_awaited(const struct sink *s)
{
	return s->ops == &stdout_ops && s->state == SINK_UP && s->q.n;
}

void sink_hurry(struct sink *s)
{
	s->retry_at = 0;
}

void sink_drop_rest(struct sink *s)
{
	s->dropped += s->q.n;
	while (s->q.n)
		queue_settled(&s->q);
	s->part = 0;
}

int sink_reopen(struct sink *s, struct sca_err *err)
{
	struct sink fresh = {.kind = s->kind, .ops = s->ops, .fd = -1};
	int r;

	if (s->ops != &file_ops)
		return 0;
	r = s->ops->open(&fresh, s->path, err);
	free(fresh.path);
	if (r < 0)
		return sca_wrap(err, "the open one stays in use");
	close(s->fd);
	s->fd = fresh.fd;
	s->torn = fresh.torn;
	s->part = 0; /* half a record in the old one: it is whole in the new one */
	s->retry_at = 0;
	s->pause_ms = PAUSE_FIRST_MS;
	return 0;
}

/* -- words -- */

static const char *reason(const struct sink *s)
{
	return s->why ? s->why : strerror(s->error);
}

static void tell_fine(struct sink *s, unsigned long long dropped)
{
	int64_t secs = (clock_ms(CLOCK_MONOTONIC) - s->since + 500) / 1000;
	const char *what = s->told == MOOD_SLOW ? "keeps up again" : "back";
	int n = snprintf(s->news, sizeof(s->news), "%s after %lld s", what, (long long)secs);

	if (dropped && n > 0 && (size_t)n < sizeof(s->news))
		snprintf(s->news + n, sizeof(s->news) - (size_t)n, ", %llu %s dropped", dropped,
			 dropped == 1 ? "record" : "records");
}

const char *sink_news(struct sink *s)
{
	if (s->mood == s->told) {
		if (s->too_long == 0 || s->told_too_long)
			return NULL;
		s->told_too_long = true;
		return "a record is too long for a datagram: it and others like it are dropped";
	}
	switch (s->mood) {
	case MOOD_GONE:
		snprintf(s->news, sizeof(s->news), "%s: %s; it is tried again, records wait",
			 s->ops->lasting ? "can not be written" :
			 s->ever_up      ? "gone" :
					   "not there yet",
			 reason(s));
		break;
	case MOOD_SLOW:
		snprintf(s->news, sizeof(s->news),
			 "too slow: its queue is full, records are dropped and counted");
		break;
	case MOOD_FINE:
		tell_fine(s, s->dropped - s->dropped_then);
		break;
	}
	s->told = s->mood;
	return s->news;
}
