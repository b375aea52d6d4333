/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pack.h"

#include <scaudit/source.h>

/* -- a root with a log set in it -- */

struct root {
	char dir[64];
};

#define PATH_N 256

static void in_root(const struct root *root, const char *path, char ret[PATH_N])
{
	int n = snprintf(ret, PATH_N, "%s%s", root->dir, path);

	assert_true(n > 0 && n < PATH_N);
}

static void root_mkdir(const struct root *root, const char *path)
{
	char full[PATH_N];

	in_root(root, path, full);
	assert_int_equal(mkdir(full, 0755), 0);
}

static void root_new(struct root *root)
{
	static const char *const dirs[] = {"/etc", "/etc/audit", "/var", "/var/log",
					   "/var/log/audit"};

	snprintf(root->dir, sizeof(root->dir), "/tmp/test_source_audit.XXXXXX");
	assert_non_null(mkdtemp(root->dir));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		root_mkdir(root, dirs[i]);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void root_free(struct root *root)
{
	nftw(root->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void root_write(const struct root *root, const char *path, struct sca_str s, int flags)
{
	char full[PATH_N];
	int fd;

	in_root(root, path, full);
	fd = open(full, O_WRONLY | O_CREAT | flags, 0600);
	if (fd < 0 || write(fd, s.p ? s.p : "", s.n) != (ssize_t)s.n)
		fail_msg("cannot write %s", full);
	close(fd);
}

static void root_rename(const struct root *root, const char *from, const char *to)
{
	char a[PATH_N], b[PATH_N];

	in_root(root, from, a);
	in_root(root, to, b);
	assert_int_equal(rename(a, b), 0);
}

#define LOG "/var/log/audit/audit.log"

static void add_records(struct buf *b, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i <= to; i++)
		buf_addf(b,
			 "type=SECCOMP msg=audit(1795502175.137:%u): auid=0 uid=0 gid=0 ses=3 "
			 "pid=9 comm=\"x\" exe=\"/x\" sig=0 arch=c000003e syscall=83 compat=0 "
			 "ip=0x7f80 code=0x50000\n",
			 i);
}

/* Appends the records of serials from..to to a log, packed as its ending says. */
static void put(const struct root *root, const char *path, uint32_t from, uint32_t to)
{
	_cleanup_buf_ struct buf b = BUF_INIT, packed = BUF_INIT;
	const char *dot = strrchr(path, '.');
	size_t kind = PLAIN;

	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++)
		if (dot && strcmp(dot, packers[k].ending) == 0)
			kind = k;
	add_records(&b, from, to);
	packers[kind].pack(&packed, buf_str(&b));
	root_write(root, path, buf_str(&packed), O_APPEND);
}

/* As auditd does: the oldest first, then a new live log. */
static void rotate(const struct root *root, unsigned keep, uint32_t from, uint32_t to)
{
	for (unsigned n = keep; n > 0; n--) {
		char a[64], b[64], full[PATH_N];

		snprintf(a, sizeof(a), n > 1 ? LOG ".%u" : LOG, n - 1);
		snprintf(b, sizeof(b), LOG ".%u", n);
		in_root(root, a, full);
		if (access(full, F_OK) == 0)
			root_rename(root, a, b);
	}
	put(root, LOG, from, to);
}

/* -- reading it -- */

static struct sca_source *open_set(const struct root *root)
{
	struct sca_source *src = NULL;
	struct sca_err err = SCA_ERR_INIT;

	if (sca_source_open(&src, "audit", root->dir, NULL, &err) != 0)
		fail_msg("%s: %s", err.file, err.text);
	return src;
}

/* Expects the serials from..to in order and each once. */
static void expect(struct sca_source *src, uint32_t from, uint32_t to, const char *what)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;

	for (uint32_t i = from; i <= to; i++) {
		int r = sca_source_next(src, &f, &err);

		if (r != SCA_NEXT_FRAME)
			fail_msg("%s: %d instead of serial %u, %s", what, r, i, err.text);
		if (f.serial != i)
			fail_msg("%s: serial %u instead of %u, from %s", what, f.serial, i,
				 f.pos.file);
		assert_int_equal(f.trust, SCA_TRUST_KERNEL);
	}
}

static void expect_end(struct sca_source *src, const char *what)
{
	struct sca_frame f;
	int r = sca_source_next(src, &f, NULL);

	if (r != SCA_NEXT_END)
		fail_msg("%s: %d instead of the end", what, r);
}

static void test_order(void **state)
{
	struct root root;
	struct sca_source *src;
	struct sca_source_stats st;
	uint64_t done, total;
	char want[PATH_N];

	(void)state;
	root_new(&root);
	root_write(&root, "/etc/audit/auditd.conf", SCA_STR("log_file = " LOG "\n"), 0);
	put(&root, LOG ".11.gz", 1, 3);
	put(&root, LOG ".10.xz", 4, 6);
	put(&root, LOG ".9.zst", 7, 9);
	put(&root, LOG ".2.gz", 10, 12);
	put(&root, LOG ".2", 13, 15);
	put(&root, LOG ".1", 16, 18);
	put(&root, LOG, 19, 20);
	/* none of these is of the set */
	put(&root, LOG ".0", 100, 100);
	put(&root, LOG ".save", 100, 100);
	put(&root, LOG ".1.bak", 100, 100);
	put(&root, LOG ".1.gz.tmp", 100, 100);
	put(&root, LOG "2", 100, 100);
	put(&root, LOG ".99999999999", 100, 100);
	put(&root, "/var/log/audit/xaudit.log", 100, 100);
	root_mkdir(&root, LOG ".3");
	in_root(&root, LOG ".4", want);
	assert_int_equal(mkfifo(want, 0600), 0);

	src = open_set(&root);
	in_root(&root, LOG, want);
	assert_string_equal(sca_source_name(src), want);
	sca_source_progress(src, &done, &total);
	assert_int_equal(done, 0);
	assert_true(total > 1000);
	expect(src, 1, 1, "order");
	in_root(&root, LOG ".11.gz", want);
	assert_string_equal(sca_source_name(src), want);
	expect(src, 2, 20, "order");
	expect_end(src, "order");
	sca_source_progress(src, &done, &total);
	assert_int_equal(done, total);
	sca_source_stats(src, &st);
	assert_int_equal(st.frames, 20);
	assert_int_equal(st.lines, 20);
	sca_source_free(src);
	root_free(&root);
}

/* Rotation at each moment between opening and the end, once and several times. */
static void test_rotation(void **state)
{
	(void)state;
	for (uint32_t before = 0; before <= 12; before++)
		for (uint32_t times = 1; times <= 4; times++) {
			struct sca_source *src;
			struct root root;
			char what[64];

			snprintf(what, sizeof(what), "%u rotations after %u frames", times,
				 before);
			root_new(&root);
			put(&root, LOG ".2", 1, 4);
			put(&root, LOG ".1", 5, 8);
			put(&root, LOG, 9, 12);
			src = open_set(&root);
			expect(src, 1, before, what);
			/* the live log grows and is rotated; two rotated ones are kept */
			put(&root, LOG, 13, 14);
			for (uint32_t t = 0; t < times; t++)
				rotate(&root, 2, 15 + 2 * t, 16 + 2 * t);
			expect(src, before + 1, 14, what);
			/* what came and went meanwhile cannot be known */
			expect(src, times > 3 ? 17 : 15, 14 + 2 * times, what);
			expect_end(src, what);
			sca_source_free(src);
			root_free(&root);
		}
}

/* A log that goes away while the set is open is read to its end all the same. */
static void test_removed(void **state)
{
	struct root root;
	struct sca_source *src;
	char full[PATH_N];

	(void)state;
	root_new(&root);
	put(&root, LOG ".1", 1, 4);
	put(&root, LOG, 5, 8);
	src = open_set(&root);
	expect(src, 1, 2, "removed");
	in_root(&root, LOG ".1", full);
	assert_int_equal(unlink(full), 0);
	expect(src, 3, 7, "removed");
	sca_source_free(src);
	root_free(&root);
}

/* One damaged file is told and does not hide the others. */
static void test_damaged(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT, packed = BUF_INIT;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src;
	struct sca_frame f;
	struct root root;
	char full[PATH_N];

	(void)state;
	root_new(&root);
	add_records(&b, 1, 3);
	pack_gz(&packed, buf_str(&b));
	root_write(&root, LOG ".1.gz", (struct sca_str){packed.p, packed.n - 4}, 0);
	put(&root, LOG, 4, 5);
	src = open_set(&root);
	expect(src, 1, 3, "damaged");
	assert_int_equal(sca_source_next(src, &f, &err), SCA_E_SYNTAX);
	in_root(&root, LOG ".1.gz", full);
	assert_string_equal(err.file, full);
	assert_non_null(strstr(err.text, "gzip data ends too early"));
	expect(src, 4, 5, "damaged");
	expect_end(src, "damaged");
	sca_source_free(src);
	root_free(&root);
}

/* A writer that rotates all the time: what is read has no hole and nothing twice. */
static void test_stress(void **state)
{
	enum { ENOUGH = 300, MOST = 100000, KEPT = 12, EACH_US = 20000 };
	struct root root;
	uint32_t last = 0;
	pid_t pid;

	(void)state;
	root_new(&root);
	put(&root, LOG, 1, 5);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (uint32_t serial = 6; serial < MOST; serial += 5) {
			rotate(&root, KEPT, serial, serial + 4);
			usleep(EACH_US);
		}
		_exit(0);
	}
	while (last < ENOUGH) {
		int64_t begin = clock_ms(CLOCK_MONOTONIC);
		struct sca_source *src = open_set(&root);
		bool seen[MOST] = {false};
		uint32_t first = MOST, holes = 0, twice = 0;
		struct sca_frame f;

		while (sca_source_next(src, &f, NULL) == SCA_NEXT_FRAME && f.serial < MOST) {
			twice += seen[f.serial];
			seen[f.serial] = true;
			first = MIN(first, f.serial);
			last = MAX(last, f.serial);
		}
		sca_source_free(src);
		for (uint32_t i = first; i <= last; i++)
			holes += !seen[i];
		/* Logs may have gone meanwhile when it took as long as they are kept. */
		if (twice || (holes && clock_ms(CLOCK_MONOTONIC) - begin <
				       (KEPT - 2) * EACH_US / 1000)) {
			kill(pid, SIGKILL);
			fail_msg("of %u to %u, %u are missing and %u came twice", first, last,
				 holes, twice);
		}
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	root_free(&root);
}

static void test_conf(void **state)
{
	static const struct {
		const char *conf; /* NULL: no such file */
		const char *log;  /* where the log is; NULL: an error is expected */
		const char *text;
	} rows[] = {
		{NULL, LOG, NULL},
		{"", LOG, NULL},
		{"log_file = /var/log/audit/audit.log\n", LOG, NULL},
		{"log_file = /var/log/other.log", "/var/log/other.log", NULL},
		{"#log_file = /nowhere\n  LOG_FILE=/var/log/other.log   \r\n",
		 "/var/log/other.log", NULL},
		{"log_file = /var/log/a\nlog_file = /var/log/b\n", "/var/log/b", NULL},
		{"log_format = RAW\nlog_file_x = /var/log/b\nmax_log_file = 8\n", LOG, NULL},
		{"log_file = /top.log\n", "/top.log", NULL},
		{"log_file = var/log/b\n", NULL,
		 "/etc/audit/auditd.conf: log_file is not the absolute path"},
		{"log_file = /var/log/\n", NULL, "log_file is not the absolute path of a file"},
		{"log_file =\n", NULL, "log_file is not the absolute path of a file"},
		{"log_file = /var/log/none.log\n", NULL,
		 "/var/log/none.log: no audit log is here; auditd does not run or writes none"},
		{"log_file = /var/none/x.log\n", NULL, "/var/none/x.log: no audit log is here"},
		{"log_file = /etc/audit/auditd.conf/x\n", NULL,
		 "cannot list the directory: Not a directory"},
	};
	static const char *const tails[] = {"", "/", "///"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct root root;
		struct sca_source *src = NULL;
		struct sca_err err = SCA_ERR_INIT;
		char buf[800], given[128];
		int r;

		root_new(&root);
		if (rows[i].conf)
			root_write(&root, "/etc/audit/auditd.conf", sca_str_z(rows[i].conf), 0);
		if (rows[i].log)
			put(&root, rows[i].log, 1, 2);
		snprintf(given, sizeof(given), "%s%s", root.dir, tails[i % 3]);
		r = sca_source_open(&src, "audit", given, NULL, &err);
		sca_err_format(&err, buf, sizeof(buf));
		if ((r == 0) != (rows[i].log != NULL) || (r < 0 && !strstr(buf, rows[i].text)))
			fail_msg("row %zu: %d \"%s\"", i, r, buf);
		if (r == 0) {
			expect(src, 1, 2, rows[i].log);
			expect_end(src, rows[i].log);
		}
		sca_source_free(src);
		root_free(&root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),   cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_removed), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_stress),  cmocka_unit_test(test_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
