/* SPDX-License-Identifier: Apache-2.0 */
/* The journald sink against a socket that unpacks entries as journald does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>

#include "sink_peer.h"

#define JOURNAL_MAX (2u << 20)

/* One entry, of a datagram or of the file that came with it; its length, 0 for none. */
static size_t receive(int fd, char *text, bool *ret_file)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec v = {text, JOURNAL_MAX};
	struct msghdr msg = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int file, want = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

	*ret_file = false;
	if (n != 0 || !c)
		return n > 0 ? (size_t)n : 0;
	assert_true(c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS);
	memcpy(&file, CMSG_DATA(c), sizeof(file));
	assert_int_equal(fcntl(file, F_GET_SEALS), want);
	n = pread(file, text, JOURNAL_MAX, 0);
	close(file);
	*ret_file = true;
	return n > 0 ? (size_t)n : 0;
}

static void test_entries(void **state)
{
	static const size_t sizes[] = {10, 1000, 100000, 180000, 500000, 1000000};
	char *dir = temp_dir(), path[100], spec[128];
	char *entry = malloc(JOURNAL_MAX), *got = malloc(JOURNAL_MAX);
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s = NULL;
	unsigned files = 0;
	int fd;

	(void)state;
	assert_true(entry && got);
	snprintf(path, sizeof(path), "%s/socket", dir);
	snprintf(spec, sizeof(spec), "journald:%s", path);
	fd = unix_socket(path, SOCK_DGRAM);
	assert_int_equal(sink_open(&s, spec, SINK_QUEUE_BYTES, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int n = snprintf(entry, JOURNAL_MAX, "MESSAGE=%zu\nSCAUDIT_COMM=", i);
		size_t len = (size_t)n + sizes[i];
		bool file;

		memset(entry + n, 'x', sizes[i]);
		memcpy(entry + len, "\n\n", 2);
		sink_put(s, entry, len + 2);
		for (unsigned k = 0; k < 10 && sink_queued(s); k++)
			assert_int_equal(serve(s, 10), 0);
		assert_int_equal(sink_queued(s), 0);
		/* The empty line that ends an entry in a stream is not sent. */
		assert_int_equal(receive(fd, got, &file), len + 1);
		assert_memory_equal(got, entry, len + 1);
		files += file;
	}
	assert_true(files > 0 && files < ARRAY_SIZE(sizes));
	assert_int_equal(sink_dropped(s), 0);
	assert_null(sink_news(s));
	sink_free(s);
	close(fd);
	free(entry);
	free(got);
	remove_dir(dir);
}

static void test_not_there(void **state)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sink *s = NULL;

	(void)state;
	assert_int_equal(sink_open(&s, "journald:/nowhere/socket", 1, &err), 0);
	put_records(s, 0, 3);
	assert_int_equal(drain(s, 250), 0);
	assert_news(s, "not there yet: No such file or directory");
	assert_int_equal(sink_dropped(s), 3);
	sink_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_not_there),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
