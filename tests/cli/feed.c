/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed SPEC [SECONDS]: gives the records on standard input to a sink, for tests of real
 * consumers. It waits while the sink is crowded and at the end for SECONDS (5); what the sink
 * says and its counters go to standard error. Exits 1 when a record was dropped.
 */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "sink.h"

static void say_news(struct sink *s)
{
	const char *news = sink_news(s);

	if (news)
		fprintf(stderr, "%s: %s\n", sink_name(s), news);
}

static void serve(struct sink *s)
{
	struct pollfd p = {0};
	int wait;

	p.fd = sink_poll(s, &p.events, &wait);
	poll(&p, 1, wait < 0 || wait > 100 ? 100 : wait);
	sink_dispatch(s);
	say_news(s);
}

/* A line, or an entry for the journal: NAME=value, NAME and eight bytes of length before a value
 * of any bytes, an empty line at the end. */
static size_t record_length(const char *p, size_t n, bool journal)
{
	size_t at = 0;

	while (at < n) {
		const char *end = memchr(p + at, '\n', n - at);
		size_t line = end ? (size_t)(end - p) - at : n - at;
		uint64_t len;

		if (!end)
			return n;
		if (journal && line && !memchr(p + at, '=', line) && at + line + 9 <= n) {
			memcpy(&len, end + 1, sizeof(len));
			line += sizeof(len) + 1 + (size_t)len;
		}
		at += line + 1;
		if (!journal || line == 0)
			return at;
	}
	return n;
}

static int feed(struct sink *s, const struct out *in, bool journal, int wait_ms)
{
	struct sink_stats st;

	for (size_t at = 0; at < in->n;) {
		size_t n = record_length(in->p + at, in->n - at, journal);

		while (sink_crowded(s))
			serve(s);
		sink_put(s, in->p + at, n);
		at += n;
	}
	sink_drain(s, wait_ms);
	say_news(s);
	sink_stats(s, &st);
	fprintf(stderr, "%llu records, %llu dropped, %llu reconnects, %llu bytes\n",
		(unsigned long long)st.records, (unsigned long long)st.dropped,
		(unsigned long long)st.reconnects, (unsigned long long)st.bytes);
	return st.dropped ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct out in = OUT_MEMORY;
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s = NULL;
	char block[65536];
	uint64_t secs = 5;
	enum format format = FORMAT_NONE;
	ssize_t n;
	int r;

	if (argc < 2 || (argc > 2 && !span_u64(span_z(argv[2]), &secs))) {
		fprintf(stderr, "usage: feed SPEC [SECONDS] <RECORDS\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	while ((n = read(STDIN_FILENO, block, sizeof(block))) > 0)
		out_add(&in, block, (size_t)n);
	r = sink_format(argv[1], &format, &err);
	if (r == 0)
		r = sink_open(&s, argv[1], SINK_QUEUE_BYTES, &err);
	if (r < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	r = feed(s, &in, format == FORMAT_JOURNALD, (int)secs * 1000);
	sink_free(s);
	out_release(&in);
	return r;
}
