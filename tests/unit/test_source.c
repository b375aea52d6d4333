/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pack.h"

#include <scaudit/source.h>

#ifndef O_DIRECT
#define O_DIRECT 040000
#endif

/* -- a log, and what is in it -- */

#define RECORD(serial)                                                                     \
	"type=SECCOMP msg=audit(1795502175.137:" #serial "): auid=1000 uid=0 gid=0 ses=3 " \
	"subj=docker-default pid=" #serial " comm=\"probe\" exe=\"/usr/bin/probe\" sig=0 " \
	"arch=c000003e syscall=83 compat=0 ip=0x7f8039d00829 code=0x50000"
#define OTHER(serial)                                                                   \
	"type=SYSCALL msg=audit(1795502175.137:" #serial "): arch=c000003e syscall=83 " \
	"success=yes exit=0 a0=1326 ppid=1 pid=2 comm=\"probe\" exe=\"/usr/bin/probe\" key=(null)"

/* clang-format off */
static const char text[] =
	OTHER(1) "\n"
	RECORD(2) "\n"
	"\n"
	"free text\n"
	RECORD(3) "\x1d" "AUID=\"user\" UID=\"root\" GID=\"root\" ARCH=x86_64 SYSCALL=mkdir\n"
	RECORD(4) "\r\n"
	OTHER(5) "\n"
	OTHER(6) "\n"
	RECORD(7) "\n"
	RECORD(8);
/* clang-format on */
static const struct sca_str whole = {text, sizeof(text) - 1};

/* Serial and line of each record. */
static const struct want {
	uint32_t serial;
	uint64_t line;
} wants[] = {{2, 2}, {3, 5}, {4, 6}, {7, 9}, {8, 10}};
#define LINES 10

/* Collects; serials of what came, the code of an error behind it. */
struct got {
	size_t n;
	uint32_t serials[64];
	uint64_t lines[64];
	bool kernel; /* trust of the last one */
	int code;
	struct sca_err err;
	struct sca_source_stats stats;
};

static void take(struct sca_source *src, struct got *got, struct sca_str input)
{
	struct sca_frame f;
	int r;

	*got = (struct got){0};
	while ((r = sca_source_next(src, &f, &got->err)) == SCA_NEXT_FRAME) {
		if (f.kind != SCA_FRAME_RECORD)
			continue;
		assert_true(got->n < ARRAY_SIZE(got->serials));
		assert_true(f.have_serial);
		if (input.n &&
		    (f.pos.offset >= input.n ||
		     !str_starts(str_skip(input, f.pos.offset), SCA_STR("type=SECCOMP"))))
			fail_msg("serial %u: no record at offset %llu", f.serial,
				 (unsigned long long)f.pos.offset);
		if (!str_starts(f.body, SCA_STR("auid=1000 uid=0")) ||
		    !memmem(f.body.p, f.body.n, "code=0x50000", 12))
			fail_msg("serial %u: body \"%.*s\"", f.serial, (int)f.body.n, f.body.p);
		assert_non_null(f.pos.file);
		got->kernel = f.trust == SCA_TRUST_KERNEL;
		got->lines[got->n] = f.pos.line;
		got->serials[got->n++] = f.serial;
	}
	got->code = r;
	if (r < 0) {
		struct sca_err err;

		/* an error is told once */
		assert_int_equal(sca_source_next(src, &f, &err), SCA_NEXT_END);
	}
	assert_int_equal(sca_source_next(src, &f, NULL), SCA_NEXT_END);
	sca_source_stats(src, &got->stats);
}

static void take_path(const char *path, const struct sca_limits *limits, struct sca_str input,
		      struct got *got)
{
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;

	if (sca_source_open(&src, path, NULL, limits, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	take(src, got, input);
	sca_source_free(src);
}

static void take_fd(int fd, const struct sca_limits *limits, struct sca_str input,
		    struct got *got)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	take_path(path, limits, input, got);
	close(fd);
}

static int fd_of(struct sca_str s)
{
	int fd = memfd_create("source", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(write(fd, s.p ? s.p : "", s.n), s.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* The read end of a pipe that `parts` come through, each by a read of its own. */
static int pipe_of(const struct sca_str *parts, size_t n)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_DIRECT), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		if (fork() != 0)
			_exit(0);
		for (size_t i = 0; i < n; i++)
			if (parts[i].n &&
			    write(fds[1], parts[i].p, parts[i].n) != (ssize_t)parts[i].n)
				_exit(1);
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return fds[0];
}

static void check_wants(const struct got *got, size_t n, const char *what)
{
	if (got->n != n)
		fail_msg("%s: %zu records instead of %zu, %s", what, got->n, n, got->err.text);
	for (size_t i = 0; i < n; i++)
		if (got->serials[i] != wants[i].serial || got->lines[i] != wants[i].line)
			fail_msg("%s: record %zu is serial %u of line %llu", what, i,
				 got->serials[i], (unsigned long long)got->lines[i]);
}

static void check_whole(const struct got *got, const char *what)
{
	check_wants(got, ARRAY_SIZE(wants), what);
	if (got->code != SCA_NEXT_END || got->stats.bytes != sizeof(text) - 1 ||
	    got->stats.lines != LINES || got->stats.frames != ARRAY_SIZE(wants) ||
	    got->stats.overlong || got->stats.torn || got->stats.nul_bytes)
		fail_msg("%s: code %d, %llu bytes, %llu lines, %llu frames, %llu torn", what,
			 got->code, (unsigned long long)got->stats.bytes,
			 (unsigned long long)got->stats.lines,
			 (unsigned long long)got->stats.frames,
			 (unsigned long long)got->stats.torn);
}

/* -- tests -- */

static void test_whole(void **state)
{
	struct got got;
	int saved = dup(0), fd;

	(void)state;
	take_fd(fd_of(whole), NULL, whole, &got);
	check_whole(&got, "file");
	assert_true(got.kernel);

	take_fd(pipe_of(&whole, 1), NULL, whole, &got);
	check_whole(&got, "pipe");
	assert_false(got.kernel);

	fd = fd_of(whole);
	assert_int_equal(dup2(fd, 0), 0);
	close(fd);
	take_path("-", NULL, whole, &got);
	check_whole(&got, "standard input");
	assert_false(got.kernel);
	/* it is still open */
	assert_true(fcntl(0, F_GETFD) >= 0);
	assert_int_equal(dup2(saved, 0), 0);
	close(saved);
}

static void test_fifo(void **state)
{
	char dir[] = "/tmp/test_source.XXXXXX", path[64];
	struct got got;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(path, O_WRONLY);

		_exit(write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1);
	}
	take_path(path, NULL, whole, &got);
	check_whole(&got, "fifo");
	waitpid(pid, NULL, 0);
	unlink(path);
	rmdir(dir);
}

/* Wherever a read ends, the frames are those of the whole. */
static void test_splits(void **state)
{
	(void)state;
	for (size_t at = 0; at < sizeof(text); at++) {
		const struct sca_str parts[] = {{text, at}, {text + at, sizeof(text) - 1 - at}};
		struct got got;
		char what[64];

		snprintf(what, sizeof(what), "split at %zu", at);
		take_fd(pipe_of(parts, 2), NULL, whole, &got);
		check_whole(&got, what);
	}
}

static void test_small_reads(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 7, 100, 333};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct sca_str parts[sizeof(text)];
		struct got got;
		char what[64];
		size_t n = 0;

		for (size_t at = 0; at < sizeof(text) - 1; at += sizes[i])
			parts[n++] = (struct sca_str){text + at,
						      MIN(sizes[i], sizeof(text) - 1 - at)};
		snprintf(what, sizeof(what), "reads of %zu", sizes[i]);
		take_fd(pipe_of(parts, n), NULL, whole, &got);
		check_whole(&got, what);
	}
}

/* Blocks of any size: line_max bounds them. */
static void test_small_blocks(void **state)
{
	(void)state;
	for (size_t max = 400; max < sizeof(text) + 2; max += 7) {
		struct sca_limits limits = {.line_max = max};
		struct got got;
		char what[64];

		snprintf(what, sizeof(what), "line_max %zu", max);
		take_fd(fd_of(whole), &limits, whole, &got);
		check_whole(&got, what);
	}
}

/* The log many times over, so that blocks of the real size end anywhere. */
static void test_many_blocks(void **state)
{
	_cleanup_buf_ struct buf all = BUF_INIT;
	struct sca_source *src;
	struct sca_frame f;
	uint64_t want_line = 0, n = 0;
	char path[64];
	int fd;

	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_add_z(&all, i % 3 ? OTHER(1) "\n" : "x\n" RECORD(2) "\n");
	fd = fd_of(buf_str(&all));
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	assert_int_equal(sca_source_open(&src, path, NULL, NULL, NULL), 0);
	while (sca_source_next(src, &f, NULL) == SCA_NEXT_FRAME) {
		want_line += n++ ? 4 : 2;
		if (f.pos.line != want_line ||
		    strncmp(all.p + f.pos.offset, RECORD(2) "\n", sizeof(RECORD(2))) != 0)
			fail_msg("frame %llu: line %llu, offset %llu", (unsigned long long)n,
				 (unsigned long long)f.pos.line,
				 (unsigned long long)f.pos.offset);
	}
	assert_int_equal(n, 1000);
	sca_source_free(src);
	close(fd);
}

static void test_packed(void **state)
{
	(void)state;
	for (size_t k = PLAIN; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf packed = BUF_INIT;
		struct got got;

		packers[k].pack(&packed, (struct sca_str){text, 900});
		packers[k].pack(&packed, (struct sca_str){text + 900, sizeof(text) - 1 - 900});
		take_fd(fd_of(buf_str(&packed)), NULL, whole, &got);
		check_whole(&got, packers[k].name);
		assert_true(got.kernel);
	}
}

/* Cut: every record whose line is whole, then the error; a piece of a record is none. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t k = PLAIN + 1; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf packed = BUF_INIT;
		size_t whole_lines = 0, torn = 0;

		packers[k].pack(&packed, whole);
		for (size_t cut = 10; cut < packed.n; cut++) {
			struct got got;
			char what[64];

			snprintf(what, sizeof(what), "%s cut at %zu", packers[k].name, cut);
			take_fd(fd_of((struct sca_str){packed.p, cut}), NULL, whole, &got);
			check_wants(&got, got.n, what);
			if (got.code != SCA_E_SYNTAX ||
			    !strstr(got.err.text, "ends too early, at byte") ||
			    strncmp(got.err.file, "/dev/fd/", 8) != 0)
				fail_msg("%s: %d \"%s\" \"%s\"", what, got.code, got.err.file,
					 got.err.text);
			whole_lines = MAX(whole_lines, got.n);
			torn += got.stats.torn;
		}
		/* the last line has no newline: whole or not cannot be told */
		assert_int_equal(whole_lines, ARRAY_SIZE(wants) - 1);
		assert_true(torn > 0);
	}
}

static void test_overlong(void **state)
{
	static const struct {
		size_t len; /* of the second line */
		uint64_t overlong;
	} rows[] = {{0, 0},    {599, 0},  {600, 0},  {601, 1},
		    {1199, 1}, {1200, 1}, {1201, 1}, {9999, 1}};
	const struct sca_limits limits = {.line_max = 600};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int newline = 0; newline < 2; newline++) {
			_cleanup_buf_ struct buf all = BUF_INIT;
			struct got got;
			char what[64];

			buf_add_z(&all, RECORD(2) "\n");
			for (size_t j = 0; j < rows[i].len; j++)
				buf_add_c(&all, "x "[j % 2]);
			/* what stands behind line_max is not seen */
			if (rows[i].overlong)
				memcpy(all.p + all.n - 12, "type=SECCOMP", 12);
			if (newline)
				buf_add_z(&all, "\n" RECORD(3));
			snprintf(what, sizeof(what), "line of %zu", rows[i].len);
			take_fd(fd_of(buf_str(&all)), &limits, buf_str(&all), &got);
			if (got.n != 1 + (size_t)newline || got.lines[0] != 1 ||
			    (newline && got.lines[1] != 3) ||
			    got.stats.overlong != rows[i].overlong ||
			    got.stats.lines != 1 + (newline ? 2 : rows[i].len > 0))
				fail_msg(
					"%s, newline %d: %zu records, %llu overlong, %llu lines",
					what, newline, got.n,
					(unsigned long long)got.stats.overlong,
					(unsigned long long)got.stats.lines);
		}
}

/* A record at the start of a line that is too long is there all the same. */
static void test_overlong_record(void **state)
{
	_cleanup_buf_ struct buf all = BUF_INIT;
	const struct sca_limits limits = {.line_max = 600};
	struct got got;

	(void)state;
	buf_add_z(&all, RECORD(2) "\x1d");
	while (all.n < 5000)
		buf_add_z(&all, "AUID=\"unset\" ");
	take_fd(fd_of(buf_str(&all)), &limits, buf_str(&all), &got);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.stats.overlong, 1);
}

static long peak_kib(void)
{
	struct rusage ru;

	assert_int_equal(getrusage(RUSAGE_SELF, &ru), 0);
	return ru.ru_maxrss;
}

/* A line without end costs time, not memory. */
static void test_endless_line(void **state)
{
	static const size_t mib = 100;
	long before = peak_kib();
	struct got got;
	int fds[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		static char block[65536];

		memset(block, ' ', sizeof(block));
		for (size_t i = 0; i < mib * 16; i++)
			if (write(fds[1], block, sizeof(block)) != sizeof(block))
				_exit(1);
		_exit(write(fds[1], "\n" RECORD(2), sizeof(RECORD(2))) < 0);
	}
	close(fds[1]);
	take_fd(fds[0], NULL, (struct sca_str){0}, &got);
	waitpid(pid, NULL, 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.lines[0], 2);
	assert_int_equal(got.stats.overlong, 1);
	assert_int_equal(got.stats.bytes, mib * 1048576 + sizeof(RECORD(2)));
	if (peak_kib() - before > 12 * 1024)
		fail_msg("%ld KiB more", peak_kib() - before);
}

/* A decompression bomb of zeros: the same. */
static void test_bomb(void **state)
{
	static const size_t mib = 64;
	_cleanup_buf_ struct buf zeros = BUF_INIT, one = BUF_INIT, packed = BUF_INIT;
	struct got got;
	long before;

	(void)state;
	assert_true(buf_reserve(&zeros, 1048576));
	memset(zeros.p, 0, 1048576);
	pack_gz(&one, (struct sca_str){zeros.p, 1048576});
	for (size_t i = 0; i < mib; i++)
		buf_add_str(&packed, buf_str(&one));
	buf_release(&zeros);
	before = peak_kib();
	take_fd(fd_of(buf_str(&packed)), NULL, (struct sca_str){0}, &got);
	assert_int_equal(got.code, SCA_NEXT_END);
	assert_int_equal(got.stats.nul_bytes, mib * 1048576);
	assert_int_equal(got.stats.overlong, 1);
	if (peak_kib() - before > 12 * 1024)
		fail_msg("%ld KiB more", peak_kib() - before);
}

static void test_nul_bytes(void **state)
{
	(void)state;
	/* one NUL byte at each place, by reads of each of some sizes */
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		struct sca_limits limits = {.line_max = at % 2 ? 400 : 0};
		_cleanup_buf_ struct buf all = BUF_INIT;
		struct got got;

		buf_add_str(&all, whole);
		if (all.p[at] == '\n')
			continue;
		all.p[at] = '\0';
		/* the record may be refused now; the count must be right */
		{
			struct sca_source *src;
			struct sca_frame f;
			char path[64];
			int fd = fd_of(buf_str(&all));

			snprintf(path, sizeof(path), "/dev/fd/%d", fd);
			assert_int_equal(sca_source_open(&src, path, NULL, &limits, NULL), 0);
			while (sca_source_next(src, &f, NULL) == SCA_NEXT_FRAME)
				;
			sca_source_stats(src, &got.stats);
			sca_source_free(src);
			close(fd);
		}
		if (got.stats.nul_bytes != 1 || got.stats.lines != LINES)
			fail_msg("NUL at %zu: %llu counted, %llu lines", at,
				 (unsigned long long)got.stats.nul_bytes,
				 (unsigned long long)got.stats.lines);
	}
}

static void test_errors(void **state)
{
	static const struct {
		const char *spec;
		int code;
		const char *text;
	} rows[] = {
		{"", -EINVAL, "the name of a source is empty; name a file, -, audit, journal, kmsg, "
					  "netlink or unix:PATH"},
		{"/tmp", -EISDIR, "/tmp: is a directory; name a log file in it"},
		{"/nowhere/x.log", -ENOENT,
		 "/nowhere/x.log: cannot open: No such file or directory"},
		{"/etc/passwd/x", -ENOTDIR, "/etc/passwd/x: cannot open: Not a directory"},
		{"/proc/1/mem/..", -ENOTDIR, "cannot open: Not a directory"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_source *src = NULL;
		struct sca_err err = SCA_ERR_INIT;
		int r = sca_source_open(&src, rows[i].spec, NULL, NULL, &err);
		char buf[600];

		sca_err_format(&err, buf, sizeof(buf));
		if (r != rows[i].code || !strstr(buf, rows[i].text) || src)
			fail_msg("\"%s\": %d \"%s\"", rows[i].spec, r, buf);
		assert_int_equal(sca_source_open(&src, rows[i].spec, NULL, NULL, NULL),
				 rows[i].code);
	}
}

static void test_no_permission(void **state)
{
	char path[] = "/tmp/test_source.XXXXXX";
	struct sca_source *src = NULL;
	struct sca_err err = SCA_ERR_INIT;
	int fd = mkstemp(path), r;
	bool root = geteuid() == 0;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(chmod(path, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	r = sca_source_open(&src, path, NULL, NULL, &err);
	if (root)
		assert_int_equal(seteuid(0), 0);
	unlink(path);
	assert_int_equal(r, -EACCES);
	assert_string_equal(err.file, path);
	assert_string_equal(err.text,
			    "cannot open (many logs are for root only): Permission denied");
}

static void test_names(void **state)
{
	struct sca_source *src;
	uint64_t done, total;
	struct sca_frame f;
	char path[64];
	int fd = fd_of(whole);

	(void)state;
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	assert_int_equal(sca_source_open(&src, path, NULL, NULL, NULL), 0);
	assert_string_equal(sca_source_name(src), path);
	sca_source_progress(src, &done, &total);
	assert_int_equal(done, 0);
	assert_int_equal(total, sizeof(text) - 1);
	while (sca_source_next(src, &f, NULL) == SCA_NEXT_FRAME)
		;
	sca_source_progress(src, &done, &total);
	assert_int_equal(done, total);
	assert_null(sca_source_free(src));
	assert_null(sca_source_free(NULL));
	close(fd);
	assert_int_equal(sca_source_open(&src, "-", NULL, NULL, NULL), 0);
	assert_string_equal(sca_source_name(src), "standard input");
	sca_source_free(src);
}


/* Whose file it is, and who else may write it. */
static void test_owner(void **state _unused_)
{
	static const struct {
		mode_t mode;
		uid_t uid;
		bool kernel;
	} rows[] = {
		{0600, 0, true},     {0640, 0, true},  {0664, 0, true},
		{0602, 0, false},    {0666, 0, false}, {0600, 65534, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct got got;
		int fd = fd_of(whole);

		assert_int_equal(fchmod(fd, rows[i].mode), 0);
		if (rows[i].uid && fchown(fd, rows[i].uid, (gid_t)-1) < 0) {
			print_message("row %zu: only root gives a file away\n", i);
			close(fd);
			continue;
		}
		take_fd(fd, NULL, whole, &got);
		if (got.kernel != rows[i].kernel)
			fail_msg("row %zu: kernel %d", i, got.kernel);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_whole),         cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_splits),        cmocka_unit_test(test_small_reads),
		cmocka_unit_test(test_small_blocks),  cmocka_unit_test(test_many_blocks),
		cmocka_unit_test(test_packed),        cmocka_unit_test(test_cut),
		cmocka_unit_test(test_overlong),      cmocka_unit_test(test_overlong_record),
		cmocka_unit_test(test_endless_line),  cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_nul_bytes),     cmocka_unit_test(test_errors),
		cmocka_unit_test(test_no_permission), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
