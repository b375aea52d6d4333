/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer that rotates its log at random moments, and a reader that is ended and begins again
 * at a place it saved: each record comes, in order, and behind the place saved once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "follow_log.h"

#define KEPT 400

static unsigned below(unsigned *seed, unsigned n)
{
	return (unsigned)rand_r(seed) % n;
}

static uint32_t some_more(uint32_t i, uint32_t last, unsigned *seed, unsigned n)
{
	uint32_t to = i + below(seed, n);

	return MIN(last, to);
}

/* In pieces: a reader meets lines that are not whole. */
static void write_pieces(int fd, struct sca_str s, unsigned *seed)
{
	while (s.n) {
		size_t piece = 1 + below(seed, 3000), n = MIN(s.n, piece);
		ssize_t w = write(fd, s.p, n);

		if (w != (ssize_t)n)
			_exit(3);
		s = str_skip(s, n);
	}
}

static void write_records(int fd, uint32_t from, uint32_t to, unsigned *seed)
{
	struct buf b = BUF_INIT;

	add_records(&b, from, to);
	write_pieces(fd, buf_str(&b), seed);
	buf_release(&b);
}

static bool exists(const struct at *t, const char *name)
{
	char path[PATH_N];

	path_of(t, name, path);
	return access(path, F_OK) == 0;
}

/* All get the next number, packed or not, as logrotate does it. */
static void shift(const struct at *t)
{
	for (unsigned n = KEPT; n > 0; n--)
		for (size_t k = PLAIN; k < ARRAY_SIZE(packers); k++) {
			char from[64], to[64];

			snprintf(from, sizeof(from), "log.%u%s", n, packers[k].ending);
			snprintf(to, sizeof(to), "log.%u%s", n + 1, packers[k].ending);
			if (exists(t, from))
				move(t, from, to);
		}
	move(t, "log", "log.1");
}

static int open_log(const struct at *t)
{
	char path[PATH_N];
	int fd;

	path_of(t, "log", path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		_exit(4);
	return fd;
}

static void pack_one(const struct at *t, unsigned *seed)
{
	char from[64], to[64];
	unsigned n = 1 + below(seed, 4);

	snprintf(from, sizeof(from), "log.%u", n);
	snprintf(to, sizeof(to), "log.%u%s", n, packers[1 + below(seed, 3)].ending);
	if (exists(t, from))
		pack(t, from, to);
}

static void writer(const struct at *t, uint32_t last, unsigned seed)
{
	int fd = open_log(t);
	uint32_t i = 1;

	while (i <= last) {
		uint32_t to = some_more(i, last, &seed, 60);

		write_records(fd, i, to, &seed);
		i = to + 1;
		if (below(&seed, 8) == 0) {
			int next;

			shift(t);
			/* it takes a while until the writer uses the new log */
			to = some_more(i, last, &seed, 5);
			if (below(&seed, 2) && i <= to) {
				write_records(fd, i, to, &seed);
				i = to + 1;
			}
			next = open_log(t);
			to = some_more(i, last, &seed, 5);
			if (below(&seed, 4) == 0 && i <= to) {
				write_records(fd, i, to, &seed);
				i = to + 1;
			}
			close(fd);
			fd = next;
			if (below(&seed, 2))
				pack_one(t, &seed);
		}
		if (below(&seed, 3) == 0)
			usleep(below(&seed, 12000));
	}
	close(fd);
}

/* Records 1..last, whatever happens. */
static void read_all(struct at *t, uint32_t last, unsigned seed)
{
	uint32_t expect = 1, saved = 1, ends = 0;

	save(t);
	while (expect <= last) {
		struct sca_frame f;
		struct sca_err err;
		int r;

		if (!next_in(t, COMES_MS, &r, &f, &err))
			fail_msg("seed %u: nothing behind serial %u", seed, expect - 1);
		if (r != SCA_NEXT_FRAME || f.kind != SCA_FRAME_RECORD)
			fail_msg("serial %u: %d %s, loss %.*s", expect, r, err.text,
				 r == 1 ? (int)f.body.n : 0, r == 1 ? f.body.p : "");
		if (f.serial != expect)
			fail_msg("after %u ends: serial %u instead of %u, from %s line %llu", ends,
				 f.serial, expect, f.pos.file, (unsigned long long)f.pos.line);
		expect++;
		if (below(&seed, 40) == 0) {
			save(t);
			saved = expect;
		}
		if (below(&seed, 150) == 0) {
			restart(t);
			expect = saved;
			ends++;
			if (below(&seed, 3) == 0)
				usleep(below(&seed, 30000));
		}
	}
	want_nothing(t, 0, 50);
	assert_true(ends > 10);
}

static void test_rotation(void **state)
{
	const uint32_t last = 10000;

	(void)state;
	for (unsigned seed = 1; seed <= 2; seed++) {
		struct at t = {.row = "stress", .backlog = true, .grace_ms = 1000};
		int status = 0;
		pid_t pid;

		dir_new(&t);
		follow(&t, (struct sca_str){NULL, 0});
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			writer(&t, last, seed);
			_exit(0);
		}
		read_all(&t, last, seed);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		dir_free(&t);
	}
}

/* In place: what is lost between copy and truncation cannot be had, but it is told. */
static void test_truncation(void **state)
{
	const uint32_t last = 5000;
	struct at t = {.row = "truncation", .backlog = true};
	uint32_t seen = 0, missing = 0, losses = 0, told = 0;
	struct sca_frame f;
	struct sca_err err;
	pid_t pid;
	int r;

	(void)state;
	dir_new(&t);
	put(&t, "log", 1, 1);
	follow(&t, (struct sca_str){NULL, 0});
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned seed = 3;
		char path[PATH_N];

		path_of(&t, "log", path);
		for (uint32_t i = 2; i <= last; i += 10) {
			put(&t, "log", i, MIN(last, i + 9));
			if (below(&seed, 10) == 0 && i + 10 <= last && truncate(path, 0) < 0)
				_exit(1);
			usleep(below(&seed, 1000));
		}
		_exit(0);
	}
	while (seen < last && next_in(&t, COMES_MS, &r, &f, &err)) {
		assert_int_equal(r, SCA_NEXT_FRAME);
		if (f.kind == SCA_FRAME_LOSS) {
			losses++;
			continue;
		}
		if (f.serial <= seen || (f.serial > seen + 1 && losses == told))
			fail_msg("serial %u behind %u, no loss told", f.serial, seen);
		told = losses;
		missing += f.serial - seen - 1;
		seen = f.serial;
	}
	assert_int_equal(seen, last);
	assert_true(losses > 0);
	print_message("%u records missing, %u losses told\n", missing, losses);
	waitpid(pid, NULL, 0);
	dir_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
