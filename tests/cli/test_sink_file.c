/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks on standard output and files: slow and gone readers, rotation, full disks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

#include "sink_peer.h"

#define SMALL (64u << 10)

/* -- standard output -- */

static int saved_stdout = -1;

static struct sink *stdout_sink(int fd)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s = NULL;

	fflush(stdout);
	saved_stdout = dup(STDOUT_FILENO);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(sink_open(&s, "-", SMALL, &err), 0);
	return s;
}

static void stdout_back(struct sink *s)
{
	sink_free(s);
	dup2(saved_stdout, STDOUT_FILENO);
	close(saved_stdout);
}

static void test_slow_reader(void **state)
{
	struct sink *s;
	struct peer *p;
	uint64_t dropped;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = stdout_sink(fds[1]);
	p = peer_new(fds[0]);
	for (unsigned i = 0; i < 5000; i += 10) {
		int64_t begin = peer_now();

		put_records(s, i, i + 10);
		assert_int_equal(serve(s, 0), 0);
		assert_true(peer_now() - begin < COMES_MS);
	}
	dropped = sink_dropped(s);
	assert_true(dropped > 0);
	assert_true(sink_crowded(s));
	/* Drops do not move what is settled past what waits. */
	assert_int_equal(sink_settled(s), 5000 - dropped - sink_queued(s));
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	assert_news(s, "too slow");
	flow(s, p);
	assert_int_equal(sink_dropped(s), dropped);
	assert_int_equal(p->total, 5000 - dropped);
	assert_false(p->backwards);
	assert_news(s, "keeps up again after ");
	put_records(s, 5000, 5001);
	flow(s, p);
	assert_int_equal(p->seen[5000], 1);
	stdout_back(s);
	peer_free(p);
	close(fds[1]);
}

/* A reader that is gone is told of even when nothing was to be written. */
static void test_gone_reader(void **state)
{
	(void)state;
	for (unsigned records = 0; records < 2; records++) {
		struct sink *s;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		s = stdout_sink(fds[1]);
		put_records(s, 0, records);
		close(fds[0]);
		assert_int_equal(serve(s, 0), -EPIPE);
		assert_int_equal(drain(s, 1000), -EPIPE);
		assert_int_equal(sink_dropped(s), records);
		assert_int_equal(sink_queued(s), 0);
		stdout_back(s);
		close(fds[1]);
	}
}

static void test_long_record(void **state)
{
	static char text[50000], got[sizeof(text)];
	size_t n = 0;
	struct sink *s;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = stdout_sink(fds[1]);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	text[sizeof(text) - 1] = '\n';
	sink_put(s, text, sizeof(text));
	while (n < sizeof(text)) {
		ssize_t r;

		assert_int_equal(serve(s, 0), 0);
		r = read(fds[0], got + n, 3000);
		assert_true(r > 0);
		n += (size_t)r;
	}
	assert_memory_equal(text, got, sizeof(text));
	assert_int_equal(sink_queued(s), 0);
	sink_put(s, text, SMALL + 1);
	assert_int_equal(sink_dropped(s), 1);
	stdout_back(s);
	close(fds[0]);
	close(fds[1]);
}

/* As systemd gives it to services. */
static void test_stdout_socket(void **state)
{
	struct sink *s;
	struct peer *p;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	s = stdout_sink(fds[1]);
	p = peer_new(fds[0]);
	put_records(s, 0, 200);
	flow(s, p);
	assert_all(p, 0, 200);
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	peer_leave(p);
	put_records(s, 0, 1);
	assert_int_equal(serve(s, 0), -EPIPE);
	stdout_back(s);
	peer_free(p);
	close(fds[1]);
}

/* -- files -- */

static struct sink *file_sink(const char *path, size_t queue)
{
	struct sca_err err = SCA_ERR_INIT;
	char spec[256];
	struct sink *s = NULL;

	snprintf(spec, sizeof(spec), "file:%s", path);
	if (sink_open(&s, spec, queue, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(sink_name(s), spec);
	return s;
}

static struct peer *read_file(const char *path)
{
	struct peer *p = peer_new(open(path, O_RDONLY));

	assert_true(p->fd >= 0);
	assert_false(peer_read(p));
	assert_int_equal(p->n, 0);
	peer_leave(p);
	return p;
}

static void assert_file(const char *path, unsigned from, unsigned to)
{
	struct peer *p = read_file(path);

	assert_all(p, from, to);
	assert_int_equal(p->total, to - from);
	free(p);
}

static void test_rotation(void **state)
{
	char *dir = temp_dir(), path[128], old[128];
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(old, sizeof(old), "%s/log.1", dir);
	s = file_sink(path, SMALL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	put_records(s, 0, 100);
	flow(s, NULL);
	assert_int_equal(rename(path, old), 0);
	put_records(s, 100, 150);
	flow(s, NULL);
	put_records(s, 150, 160); /* still queued */
	assert_int_equal(sink_reopen(s, &err), 0);
	put_records(s, 160, 200);
	flow(s, NULL);
	assert_file(old, 0, 150);
	assert_file(path, 150, 200);

	/* A place that can not be opened leaves the old file in use. */
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(sink_reopen(s, &err) < 0);
	assert_non_null(strstr(err.text, "the open one stays in use"));
	put_records(s, 200, 210);
	flow(s, NULL);
	assert_file(old, 150, 210);
	assert_int_equal(sink_dropped(s), 0);
	assert_null(sink_news(s));
	sink_free(s);
	remove_dir(dir);
}

static void test_appends(void **state)
{
	static const char torn[] = "000000 \n000001 bb";
	char *dir = temp_dir(), path[128];
	struct sink *s;
	char text[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, torn, sizeof(torn) - 1), sizeof(torn) - 1);
	close(fd);
	s = file_sink(path, SMALL);
	sink_put(s, "next\n", 5);
	assert_int_equal(drain(s, 1000), 0);
	sink_free(s);
	fd = open(path, O_RDONLY);
	memset(text, 0, sizeof(text));
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "000000 \n000001 bb\nnext\n");
	close(fd);
	remove_dir(dir);
}

static void test_refused(void **state)
{
	char *dir = temp_dir(), spec[3][160];
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s;

	(void)state;
	snprintf(spec[0], sizeof(spec[0]), "file:%s", dir);
	snprintf(spec[1], sizeof(spec[1]), "file:%s/link", dir);
	snprintf(spec[2], sizeof(spec[2]), "file:%s/no/log", dir);
	assert_int_equal(symlink("target", spec[1] + 5), 0);
	assert_int_equal(sink_open(&s, spec[0], SMALL, &err), -EISDIR);
	assert_int_equal(sink_open(&s, spec[1], SMALL, &err), -ELOOP);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(sink_open(&s, spec[2], SMALL, &err), -ENOENT);
	assert_int_equal(sink_open(&s, "file:", SMALL, &err), SCA_E_SYNTAX);
	remove_dir(dir);
}

static void test_dev_full(void **state)
{
	struct sink *s = file_sink("/dev/full", 4096);
	int64_t begin = peer_now();

	(void)state;
	while (peer_now() - begin < 500) {
		put_records(s, 0, 1);
		assert_int_equal(serve(s, 20), 0);
	}
	put_records(s, 0, 1000);
	assert_news(s, "can not be written: No space left on device");
	assert_true(sink_dropped(s) > 0);
	assert_int_equal(sink_given(s), sink_dropped(s) + sink_queued(s));
	begin = peer_now();
	assert_int_equal(drain(s, 300), 0);
	assert_true(peer_now() - begin >= 300 && peer_now() - begin < COMES_MS);
	assert_int_equal(sink_dropped(s), sink_given(s));
	sink_free(s);
}

/* A disk fills up in the middle of a record, and has room again. */
static void test_full_disk(void **state)
{
	char *dir = temp_dir(), path[128], filler[128];
	struct sink *s;
	char block[4096] = {0};
	struct peer *p;
	int fd;

	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", dir, "tmpfs", 0, "size=64k") < 0) {
		remove_dir(dir);
		print_message("a small tmpfs can not be mounted: needs root\n");
		skip();
	}
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(filler, sizeof(filler), "%s/filler", dir);
	s = file_sink(path, SMALL);
	fd = open(filler, O_WRONLY | O_CREAT, 0600);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	close(fd);
	put_records(s, 0, 300);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(serve(s, 10), 0);
	assert_true(sink_queued(s) > 0);
	assert_news(s, "can not be written: No space left on device");
	unlink(filler);
	flow(s, NULL);
	assert_news(s, "back after ");
	assert_int_equal(sink_dropped(s), 0);
	p = read_file(path);
	assert_all(p, 0, 300);
	free(p);
	sink_free(s);
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
	remove_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_reader),   cmocka_unit_test(test_gone_reader),
		cmocka_unit_test(test_long_record),   cmocka_unit_test(test_stdout_socket),
		cmocka_unit_test(test_rotation),      cmocka_unit_test(test_appends),
		cmocka_unit_test(test_refused),       cmocka_unit_test(test_dev_full),
		cmocka_unit_test(test_full_disk),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
