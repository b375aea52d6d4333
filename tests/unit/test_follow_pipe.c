/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes and sockets that are followed: standard input as an audit daemon's plugin, FIFOs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "follow_log.h"

static void send_all(int fd, struct sca_str s)
{
	assert_int_equal(write(fd, s.p, s.n), s.n);
}

static void send_records(int fd, uint32_t from, uint32_t to)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	add_records(&b, from, to);
	send_all(fd, buf_str(&b));
}

static struct sca_source *open_spec(const char *spec)
{
	const struct sca_follow how = {.backlog = true};
	struct sca_source *src = NULL;
	struct sca_err err = SCA_ERR_INIT;

	if (sca_source_follow(&src, spec, NULL, NULL, &how, &err) != 0)
		fail_msg("%s: %s: %s", spec, err.file, err.text);
	return src;
}

static bool readable(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return poll(&pfd, 1, 0) > 0;
}

/* Frames from..to, then `last`. */
static void want(struct sca_source *src, const char *what, uint32_t from, uint32_t to, int last)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;
	int r;

	for (uint32_t i = from; i <= to; i++) {
		r = sca_source_next(src, &f, &err);
		if (r != SCA_NEXT_FRAME || f.serial != i)
			fail_msg("%s: %d (%s) instead of serial %u", what, r, err.text, i);
		assert_int_equal(f.trust, SCA_TRUST_FORGEABLE);
	}
	r = sca_source_next(src, &f, &err);
	if (r != last)
		fail_msg("%s: %d (%s) instead of %d behind %u", what, r, err.text, last, to);
}

/* Takes the place of standard input; returns what was there. */
static int become_stdin(int fd)
{
	int had = fcntl(0, F_DUPFD_CLOEXEC, 10);

	assert_int_equal(dup2(fd, 0), 0);
	close(fd);
	return had;
}

static void restore_stdin(int had)
{
	if (had >= 0) {
		assert_int_equal(dup2(had, 0), 0);
		close(had);
	} else {
		close(0);
	}
}

static void test_plugin(void **state)
{
	static const char *const what[] = {"pipe", "socket"};

	(void)state;
	for (size_t kind = 0; kind < ARRAY_SIZE(what); kind++) {
		struct sca_source *src;
		struct sca_str place;
		int fds[2], had, wait, fd;

		if (kind == 0)
			assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		else
			assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		had = become_stdin(fds[0]);
		src = open_spec("-");
		want(src, what[kind], 1, 0, SCA_NEXT_IDLE);
		fd = sca_source_fd(src, &wait);
		assert_int_equal(wait, -1);
		assert_false(readable(fd));
		send_records(fds[1], 1, 3);
		assert_true(readable(fd));
		want(src, what[kind], 1, 3, SCA_NEXT_IDLE);
		send_all(fds[1], SCA_STR(HEAD "4"));
		want(src, what[kind], 1, 0, SCA_NEXT_IDLE);
		assert_false(readable(fd));
		send_all(fds[1], SCA_STR(TAIL));
		want(src, what[kind], 4, 4, SCA_NEXT_IDLE);
		assert_int_equal(sca_source_position(src, &place, NULL), 0);
		assert_int_equal(place.n, 0);
		/* others share what we read from */
		assert_false(fcntl(0, F_GETFL) & O_NONBLOCK);
		send_records(fds[1], 5, 5);
		close(fds[1]);
		assert_true(readable(fd));
		want(src, what[kind], 5, 5, SCA_NEXT_END);
		want(src, what[kind], 1, 0, SCA_NEXT_END);
		sca_source_free(src);
		restore_stdin(had);
	}
}

/* Compressed, and byte for byte. */
static void test_packed(void **state)
{
	(void)state;
	for (size_t k = PLAIN; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf b = BUF_INIT, packed = BUF_INIT;
		struct sca_source *src;
		struct sca_frame f;
		uint32_t seen = 0;
		int fds[2], had, r = SCA_NEXT_IDLE;

		add_records(&b, 1, 9);
		packers[k].pack(&packed, buf_str(&b));
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		had = become_stdin(fds[0]);
		src = open_spec("-");
		for (size_t i = 0; i < packed.n; i++) {
			send_all(fds[1], (struct sca_str){packed.p + i, 1});
			while ((r = sca_source_next(src, &f, NULL)) == SCA_NEXT_FRAME)
				assert_int_equal(f.serial, ++seen);
			assert_int_equal(r, SCA_NEXT_IDLE);
		}
		assert_int_equal(seen, 9);
		close(fds[1]);
		want(src, packers[k].name, 1, 0, SCA_NEXT_END);
		sca_source_free(src);
		restore_stdin(had);
	}
}

static void test_regular(void **state)
{
	struct sca_source *src;
	int fd = memfd_create("log", MFD_CLOEXEC), had, wait;

	(void)state;
	assert_true(fd >= 0);
	send_records(fd, 1, 3);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	had = become_stdin(fd);
	src = open_spec("-");
	assert_int_equal(sca_source_fd(src, &wait), -1);
	assert_int_equal(wait, 0);
	want(src, "regular", 1, 3, SCA_NEXT_END);
	sca_source_free(src);
	restore_stdin(had);
}

/* It has a name, so the next writer may come. */
static void test_fifo(void **state)
{
	struct at t = {.row = "fifo"};
	struct sca_source *src;
	char path[PATH_N];

	(void)state;
	dir_new(&t);
	path_of(&t, "fifo", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	src = open_spec(path);
	want(src, "fifo", 1, 0, SCA_NEXT_IDLE);
	for (uint32_t i = 1; i <= 3; i++) {
		int wait, fd = open(path, O_WRONLY);

		assert_true(fd >= 0);
		send_records(fd, i, i);
		close(fd);
		want(src, "fifo", i, i, SCA_NEXT_IDLE);
		assert_false(readable(sca_source_fd(src, &wait)));
	}
	sca_source_free(src);
	dir_free(&t);
}

/* A pipe by /dev/fd, as shells give it, ends with its writer. */
static void test_pipe_path(void **state)
{
	struct sca_source *src;
	char path[64];
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	src = open_spec(path);
	close(fds[0]);
	send_records(fds[1], 1, 2);
	want(src, "pipe by path", 1, 2, SCA_NEXT_IDLE);
	close(fds[1]);
	want(src, "pipe by path", 1, 0, SCA_NEXT_END);
	sca_source_free(src);
}

/* A writer without end and without a record: each call does a part. */
static void test_bounded(void **state)
{
	struct sca_source *src;
	struct sca_frame f;
	int fds[2], had, wait, idles = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		static char block[65536];

		memset(block, '\n', sizeof(block));
		for (;;)
			if (write(fds[1], block, sizeof(block)) < 0)
				_exit(0);
	}
	close(fds[1]);
	had = become_stdin(fds[0]);
	src = open_spec("-");
	for (int i = 0; i < 200; i++) {
		assert_int_equal(sca_source_next(src, &f, NULL), SCA_NEXT_IDLE);
		sca_source_fd(src, &wait);
		idles += wait == -1 || wait == 0;
	}
	assert_int_equal(idles, 200);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	sca_source_free(src);
	restore_stdin(had);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plugin),  cmocka_unit_test(test_packed),
		cmocka_unit_test(test_regular), cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_pipe_path), cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
