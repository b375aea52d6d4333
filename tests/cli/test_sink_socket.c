/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks on sockets, against peers that are slow, die, come back or refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>

#include "sink_peer.h"

#define SMALL (64u << 10)
#define LARGE (1u << 20)

static struct sink *open_sink(const char *spec, size_t queue)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s = NULL;

	if (sink_open(&s, spec, queue, &err) < 0)
		fail_msg("%s: %s", spec, err.text);
	return s;
}

/* -- specs -- */

static void test_specs(void **state)
{
	static const struct {
		const char *spec;
		int code; /* of sink_open */
		int format; /* -1: sink_format refuses, too */
	} rows[] = {
		{"", SCA_E_UNKNOWN, -1},
		{"udp:localhost:514", SCA_E_UNKNOWN, -1},
		{"journald2", SCA_E_UNKNOWN, -1},
		{"-x", SCA_E_UNKNOWN, -1},
		{"-", 0, FORMAT_NONE},
		{"journald", 0, FORMAT_JOURNALD},
		{"journald:/run/x", 0, FORMAT_JOURNALD},
		{"unix:/tmp/x", 0, FORMAT_NONE},
		{"unix:", SCA_E_SYNTAX, FORMAT_NONE},
		{"unix:/tmp/012345678901234567890123456789012345678901234567890123456789012345"
		 "678901234567890123456789012345678901234567890", SCA_E_LIMIT, FORMAT_NONE},
		{"syslog:unix:/dev/log", 0, FORMAT_SYSLOG},
		{"syslog:udp:127.0.0.1:514", 0, FORMAT_SYSLOG},
		{"syslog:udp:127.0.0.1", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:udp:127.0.0.1:", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:udp:127.0.0.1:0", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:udp:127.0.0.1:65536", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:udp:127.0.0.1:syslog", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:tcp:::1:514", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:tcp:[]:514", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:tcp::514", SCA_E_SYNTAX, FORMAT_SYSLOG},
		{"syslog:tcp:[::1]:514", 0, FORMAT_SYSLOG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_err err = SCA_ERR_INIT;
		enum format format = FORMAT_COUNT;
		struct sink *s = NULL;
		int f = sink_format(rows[i].spec, &format, &err);
		int r = sink_open(&s, rows[i].spec, SMALL, &err);

		if (r != rows[i].code || (r < 0 && !err.text[0]))
			fail_msg("row %zu, %s: open gives %d (%s)", i, rows[i].spec, r, err.text);
		if (rows[i].format < 0 ? f != SCA_E_UNKNOWN : (int)format != rows[i].format)
			fail_msg("row %zu, %s: format %d", i, rows[i].spec, (int)format);
		if (rows[i].format < 0 && !strstr(err.text, "syslog:udp:HOST:PORT, "))
			fail_msg("row %zu: \"%s\" lists no kinds", i, err.text);
		sink_free(s);
	}
}

/* -- unix streams -- */

struct place {
	char *dir, path[100], spec[128];
};

static struct place place_new(const char *kind)
{
	struct place at = {.dir = temp_dir()};

	snprintf(at.path, sizeof(at.path), "%s/socket", at.dir);
	snprintf(at.spec, sizeof(at.spec), "%s:%s", kind, at.path);
	return at;
}

/* The connection that the sink makes to a listener. */
static struct peer *accept_peer(struct sink *s, int listener, bool counted)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	int64_t end = peer_now() + COMES_MS;
	struct peer *peer;

	while (poll(&p, 1, 0) == 0) {
		assert_true(peer_now() < end);
		assert_int_equal(serve(s, 20), 0);
	}
	peer = peer_new(accept(listener, NULL, NULL));
	assert_true(peer->fd >= 0);
	peer->counted = counted;
	return peer;
}

static void end(struct sink *s, int listener, struct peer *a, struct peer *b)
{
	sink_free(s);
	if (listener >= 0)
		close(listener);
	peer_free(a);
	peer_free(b);
}

static void test_slow_consumer(void **state)
{
	struct place at = place_new("unix");
	int listener = unix_socket(at.path, SOCK_STREAM);
	struct sink *s = open_sink(at.spec, LARGE);
	struct peer *p = accept_peer(s, listener, false);
	uint64_t dropped;

	(void)state;
	for (unsigned i = 0; i < 40000; i += 100) {
		int64_t begin = peer_now();

		put_records(s, i, i + 100);
		assert_int_equal(serve(s, 0), 0);
		assert_true(peer_now() - begin < COMES_MS);
	}
	dropped = sink_dropped(s);
	assert_true(dropped > 0 && sink_crowded(s));
	assert_int_equal(sink_given(s), sink_queued(s) + dropped);
	assert_news(s, "too slow");
	flow(s, p);
	assert_int_equal(p->total, 40000 - dropped);
	assert_int_equal(p->distinct, p->total);
	assert_false(p->backwards);
	assert_int_equal(sink_settled(s), sink_given(s));
	assert_news(s, "keeps up again");
	end(s, listener, p, NULL);
	remove_dir(at.dir);
}

/* Puts what two connections of one consumer saw together: all came, and what came twice is what
 * the first had not read when it ended. */
static void assert_joined(const struct peer *a, const struct peer *b, unsigned to)
{
	for (unsigned i = 0; i < to; i++)
		if (!a->seen[i] && !b->seen[i])
			fail_msg("record %u came to neither", i);
	assert_false(a->backwards || b->backwards);
}

static void test_goes_and_comes_back(void **state)
{
	struct place at = place_new("unix");
	struct sink *s = open_sink(at.spec, LARGE);
	struct sink_stats st;
	struct peer *a, *b;
	int listener;

	(void)state;
	put_records(s, 0, 100);
	assert_int_equal(serve(s, 0), 0);
	assert_int_equal(serve(s, 0), 0);
	assert_news(s, "not there yet: No such file or directory");
	listener = unix_socket(at.path, SOCK_STREAM);
	a = accept_peer(s, listener, false);
	flow(s, a);
	assert_all(a, 0, 100);
	assert_news(s, "back after ");

	/* It dies with records in its socket that it never read. */
	put_records(s, 100, 400);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(serve(s, 1), 0);
	peer_leave(a);
	close(listener);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(serve(s, 1), 0);
	put_records(s, 400, 500);
	assert_news(s, "gone: ");
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(serve(s, 50), 0);
	assert_null(sink_news(s));
	listener = unix_socket(at.path, SOCK_STREAM);
	b = accept_peer(s, listener, false);
	flow(s, b);
	assert_news(s, "back after ");
	assert_joined(a, b, 500);
	assert_int_equal(b->total, 400);
	assert_int_equal(sink_dropped(s), 0);
	sink_stats(s, &st);
	assert_int_equal(st.reconnects, 1);
	end(s, listener, a, b);
	remove_dir(at.dir);
}

/* A record that was half written is sent again as a whole. */
static void test_half_written(void **state)
{
	struct place at = place_new("unix");
	int listener = unix_socket(at.path, SOCK_STREAM);
	struct sink *s = open_sink(at.spec, LARGE);
	struct peer *a = accept_peer(s, listener, false), *b;

	(void)state;
	put_records(s, 0, 4000);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(serve(s, 0), 0);
	assert_true(sink_queued(s) > 0);
	/* It reads a part that ends inside of a record. */
	a->n = (size_t)read(a->fd, a->part, 10001);
	a->part[a->n] = '\0';
	while (peer_take(a))
		;
	assert_true(a->n > 0);
	peer_leave(a);
	b = accept_peer(s, listener, false);
	flow(s, b);
	assert_int_equal(b->n, 0);
	assert_joined(a, b, 4000);
	assert_int_equal(sink_dropped(s), 0);
	end(s, listener, a, b);
	remove_dir(at.dir);
}

/* -- the network -- */

static int inet_socket(int family, int type, unsigned port, unsigned *ret_port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)port),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool six = family == AF_INET6;
	struct sockaddr *sa = six ? (struct sockaddr *)&in6 : (struct sockaddr *)&in;
	socklen_t n = six ? sizeof(in6) : sizeof(in);
	int fd = socket(family, type, 0), on = 1;

	if (fd < 0 && six)
		return -1;
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sa, n) < 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, sa, &n), 0);
	*ret_port = ntohs(six ? in6.sin6_port : in.sin_port);
	return fd;
}

static int tcp_listener(int family, unsigned *ret_port)
{
	int fd = inet_socket(family, SOCK_STREAM, 0, ret_port);

	if (fd >= 0)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void inet_spec(char spec[64], const char *kind, const char *host, unsigned port)
{
	snprintf(spec, 64, "syslog:%s:%s:%u", kind, host, port);
}

static void test_tcp(void **state)
{
	unsigned port;
	int listener = tcp_listener(AF_INET, &port);
	struct sink *s;
	struct peer *a, *b;
	char spec[64];
	socklen_t n = sizeof(int);
	int on;

	(void)state;
	inet_spec(spec, "tcp", "127.0.0.1", port);
	s = open_sink(spec, LARGE);
	a = accept_peer(s, listener, true);
	put_records(s, 0, 3000);
	flow(s, a);
	assert_all(a, 0, 3000);
	assert_int_equal(getsockopt(sink_poll(s, &(short){0}, &(int){0}), IPPROTO_TCP,
				    TCP_USER_TIMEOUT, &on, &n), 0);
	assert_true(on > 0);

	/* The server ends while nothing is sent: it is noticed before the next record is. */
	peer_leave(a);
	assert_news(s, "gone: it closed the connection");
	put_records(s, 3000, 3100);
	b = accept_peer(s, listener, true);
	flow(s, b);
	assert_all(b, 3000, 3100);
	assert_int_equal(sink_dropped(s), 0);
	assert_news(s, "back after ");
	peer_leave(b);
	close(listener);
	assert_news(s, "gone: ");
	put_records(s, 0, 10);
	assert_int_equal(drain(s, 100), 0);
	assert_int_equal(sink_dropped(s), 10);
	end(s, -1, a, b);
}

static void test_tcp_refused(void **state)
{
	unsigned port;
	int listener = inet_socket(AF_INET, SOCK_STREAM, 0, &port);
	struct sink *s;
	struct peer *p;
	char spec[64];

	(void)state;
	inet_spec(spec, "tcp", "localhost", port); /* taken, but nobody listens */
	s = open_sink(spec, LARGE);
	put_records(s, 0, 50);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(serve(s, 20), 0);
	assert_news(s, "not there yet: Connection refused");
	assert_int_equal(listen(listener, 8), 0);
	p = accept_peer(s, listener, true);
	flow(s, p);
	assert_all(p, 0, 50);
	end(s, listener, p, NULL);
}

static void test_tcp_six(void **state)
{
	unsigned port;
	int listener = tcp_listener(AF_INET6, &port);
	struct sink *s;
	struct peer *p;
	char spec[64];

	(void)state;
	if (listener < 0) {
		print_message("no IPv6 here\n");
		skip();
	}
	inet_spec(spec, "tcp", "[::1]", port);
	s = open_sink(spec, SMALL);
	p = accept_peer(s, listener, true);
	put_records(s, 0, 10);
	flow(s, p);
	assert_all(p, 0, 10);
	end(s, listener, p, NULL);
}

static void test_udp(void **state)
{
	static char big[70000];
	unsigned port;
	struct peer *a = peer_new(inet_socket(AF_INET, SOCK_DGRAM, 0, &port)), *b;
	struct sink *s;
	char spec[64];

	(void)state;
	a->datagram = true;
	inet_spec(spec, "udp", "127.0.0.1", port);
	s = open_sink(spec, LARGE);
	put_records(s, 0, 100);
	memset(big, 'x', sizeof(big));
	sink_put(s, big, sizeof(big));
	put_records(s, 100, 200);
	flow(s, a);
	assert_all(a, 0, 200);
	assert_int_equal(sink_dropped(s), 1);
	assert_news(s, "too long for a datagram");

	/* Nobody at the port: what was refused waits for the next receiver. */
	peer_leave(a);
	put_records(s, 200, 220);
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(serve(s, 10), 0);
	assert_news(s, "gone: Connection refused");
	assert_int_equal(sink_queued(s), 20);
	b = peer_new(inet_socket(AF_INET, SOCK_DGRAM, port, &port));
	assert_true(b->fd >= 0);
	b->datagram = true;
	put_records(s, 220, 300);
	flow(s, b);
	assert_all(b, 200, 300);
	assert_int_equal(sink_dropped(s), 1);
	assert_news(s, "back after ");
	end(s, -1, a, b);
}

/* -- /dev/log -- */

static void test_local_datagrams(void **state)
{
	struct place at = place_new("syslog:unix");
	struct peer *a = peer_new(unix_socket(at.path, SOCK_DGRAM)), *b;
	struct sink *s = open_sink(at.spec, SMALL);
	uint64_t dropped;

	(void)state;
	a->datagram = true;
	for (unsigned i = 0; i < 3000; i += 10) { /* never read */
		put_records(s, i, i + 10);
		assert_int_equal(serve(s, 0), 0);
	}
	dropped = sink_dropped(s);
	assert_true(dropped > 0);
	assert_news(s, "too slow");
	flow(s, a);
	peer_read(a);
	assert_int_equal(a->total, 3000 - dropped);
	assert_int_equal(a->distinct, a->total);
	assert_news(s, "keeps up again");

	peer_leave(a);
	put_records(s, 3000, 3010);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(serve(s, 5), 0);
	assert_news(s, "gone: Connection refused");
	b = peer_new(unix_socket(at.path, SOCK_DGRAM));
	b->datagram = true;
	flow(s, b);
	peer_read(b);
	assert_all(b, 3000, 3010);
	end(s, -1, a, b);
	remove_dir(at.dir);
}

/* Some daemons have a stream there. */
static void test_local_stream(void **state)
{
	struct place at = place_new("syslog:unix");
	int listener = unix_socket(at.path, SOCK_STREAM);
	struct sink *s = open_sink(at.spec, LARGE);
	struct peer *p = accept_peer(s, listener, false);

	(void)state;
	put_records(s, 0, 500);
	flow(s, p);
	assert_all(p, 0, 500);
	end(s, listener, p, NULL);
	remove_dir(at.dir);
}

/* -- the end -- */

static void test_drain(void **state)
{
	struct place at = place_new("unix");
	int listener = unix_socket(at.path, SOCK_STREAM);
	struct sink *s = open_sink(at.spec, LARGE);
	struct peer *p = accept_peer(s, listener, false);
	int64_t begin;

	(void)state;
	put_records(s, 0, 4000); /* more than a socket takes */
	begin = peer_now();
	assert_int_equal(drain(s, 200), 0);
	assert_true(peer_now() - begin >= 200 && peer_now() - begin < COMES_MS);
	assert_int_equal(sink_queued(s), 0);
	assert_true(sink_dropped(s) > 0);
	peer_read(p);
	assert_true(p->total > 0 && p->total < 4000);
	end(s, listener, p, NULL);
	remove_dir(at.dir);
}

/* Consumers that are gone do not add up, and take nothing from the one that is there. */
static void test_drain_together(void **state)
{
	enum { GONE = 64 };
	struct place at = place_new("unix");
	struct outlet o[GONE + 1] = {{.sink = NULL}};
	struct outlets os = {o, GONE + 1};
	struct pollfd fds[GONE + 1];
	int64_t begin;
	char file[160];

	(void)state;
	snprintf(file, sizeof(file), "file:%s/log", at.dir);
	for (unsigned i = 0; i <= GONE; i++) {
		o[i].sink = open_sink(i == GONE ? file : at.spec, LARGE);
		put_records(o[i].sink, 0, 10);
	}
	begin = peer_now();
	assert_int_equal(outlets_drain(&os, fds, 300), 0);
	assert_true(peer_now() - begin >= 300 && peer_now() - begin < GONE * 300);
	for (unsigned i = 0; i <= GONE; i++) {
		assert_int_equal(sink_dropped(o[i].sink), i == GONE ? 0 : 10);
		sink_free(o[i].sink);
	}
	remove_dir(at.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_slow_consumer),
		cmocka_unit_test(test_goes_and_comes_back),
		cmocka_unit_test(test_half_written),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_tcp_refused),
		cmocka_unit_test(test_tcp_six),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_local_datagrams),
		cmocka_unit_test(test_local_stream),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_drain_together),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
