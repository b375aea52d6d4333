/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Followed while the real logrotate does what it can: each way of rotating, with as many
 * rotations between two looks, with and without restarts in between. Every record comes once
 * and in order; only truncation in place tells of a loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "follow_log.h"

static const struct config {
	const char *name, *text;
	bool truncates;
} configs[] = {
	{"create", "rotate 20\n create\n", false},
	{"nocreate", "rotate 20\n nocreate\n", false},
	{"gzip", "rotate 20\n create\n compress\n", false},
	{"delayed xz", "rotate 20\n create\n compress\n delaycompress\n compresscmd /usr/bin/xz\n "
		       "compressext .xz\n", false},
	{"by date", "rotate 20\n create\n dateext\n dateformat -%Y%m%d-%s\n", false},
	{"by date, gzip", "rotate 20\n create\n dateext\n dateformat -%Y%m%d-%s\n compress\n",
	 false},
	{"from 0", "rotate 20\n create\n start 0\n", false},
	{"copytruncate", "rotate 20\n copytruncate\n", true},
	{"copytruncate, gzip", "rotate 20\n copytruncate\n compress\n", true},
};

static void write_config(const struct at *t, const struct config *c)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	buf_addf(&b, "%s/log {\n %s notifempty\n missingok\n}\n", t->dir, c->text);
	write_file(t, "conf", buf_str(&b), O_TRUNC);
}

static void rotate(const struct at *t)
{
	char conf[PATH_N], state[PATH_N];
	int status = 0;
	pid_t pid;

	path_of(t, "conf", conf);
	path_of(t, "state", state);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execlp("logrotate", "logrotate", "-f", "-s", state, conf, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s: logrotate: status %x", t->row, status);
}

static bool is_here(const char *program)
{
	char path[64];

	snprintf(path, sizeof(path), "/usr/bin/%s", program);
	if (access(path, X_OK) == 0)
		return true;
	snprintf(path, sizeof(path), "/usr/sbin/%s", program);
	return access(path, X_OK) == 0;
}

/* Takes records up to `last`; a truncation may be told before any of them. */
static void take(struct at *t, const struct config *c, uint32_t *expect, uint32_t last)
{
	while (*expect <= last) {
		struct sca_frame f;
		struct sca_err err;
		int r;

		if (!next_in(t, COMES_MS, &r, &f, &err))
			fail_msg("%s: nothing instead of serial %u", t->row, *expect);
		if (r != SCA_NEXT_FRAME)
			fail_msg("%s: %d %s instead of serial %u", t->row, r, err.text, *expect);
		if (f.kind == SCA_FRAME_LOSS && c->truncates)
			continue;
		if (f.kind == SCA_FRAME_LOSS || f.serial != *expect)
			fail_msg("%s: serial %u of %s, loss \"%.*s\", instead of serial %u", t->row,
				 f.serial, f.pos.file, f.kind == SCA_FRAME_LOSS ? (int)f.body.n : 0,
				 f.body.p, *expect);
		++*expect;
	}
}

static void run(const struct config *c, unsigned rotations, bool restarts)
{
	struct at t = {.row = c->name, .backlog = true};
	bool dated = strstr(c->text, "dateext") != NULL;
	uint32_t written = 0, expect = 1;

	dir_new(&t);
	write_config(&t, c);
	follow(&t, (struct sca_str){NULL, 0});
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < rotations; i++) {
			put(&t, "log", written + 1, written + 20);
			written += 20;
			if (i == 0 && round % 2)
				take(&t, c, &expect, written - 7);
			if (i == 0 && restarts)
				save(&t);
			if (dated && (i || round))
				usleep(1050000); /* a name of its own for each */
			rotate(&t);
		}
		put(&t, "log", written + 1, written + 2);
		written += 2;
		if (restarts)
			restart(&t);
		take(&t, c, &expect, written);
		if (dated && rotations > 1)
			break;
	}
	want_nothing(&t, 0, 3 * GRACE_MS);
	dir_free(&t);
}

static void test_logrotate(void **state)
{
	(void)state;
	if (!is_here("logrotate") || !is_here("xz")) {
		print_message("logrotate or xz is not installed\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++)
		for (unsigned rotations = 1; rotations <= 3; rotations += 2)
			for (int restarts = 0; restarts < 2; restarts++)
				run(&configs[i], rotations, restarts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_logrotate)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
