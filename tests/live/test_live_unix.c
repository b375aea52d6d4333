/* SPDX-License-Identifier: Apache-2.0 */
/* A real auditd with its af_unix plugin: each denial of a real kernel comes exactly once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "deny.h"

static char dir[64];
static pid_t auditd = -1; /* the shell around it */
static int control = -1;  /* it ends auditd when this is closed */

/* Waits for others' auditd: the kernel serves one. */
static const char script[] =
	"live_top=.; . tests/live/lib.sh\n"
	"for i in $(seq 60); do\n"
	"	why=$(live_missing auditd auditctl)\n"
	"	case $why in '') break ;; *'runs already'*) sleep 1 ;; *) break ;; esac\n"
	"done\n"
	"if [ -n \"$why\" ]; then echo \"$why\"; exit; fi\n"
	"live_plugin \"$1\" \"$2\"\n"
	"live_auditd_start \"$1\" \"$3\" || { echo 'auditd does not start'; exit 1; }\n"
	"live_wait test -S \"$1/events\"\n"
	"echo ready\n"
	"read -r word\n"
	"live_auditd_stop\n"
	"rm -f \"$1/events\"\n";

/* NULL when it runs; else why not. */
static const char *auditd_start(const char *format, const char *log_format)
{
	static char said[256];
	int in[2], out[2];
	ssize_t n;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	auditd = fork();
	assert_true(auditd >= 0);
	if (auditd == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execlp("sh", "sh", "-c", script, "sh", dir, format, log_format, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	control = in[1];
	n = read(out[0], said, sizeof(said) - 1);
	close(out[0]);
	said[MAX(n, 0)] = '\0';
	return strcmp(said, "ready\n") == 0 ? NULL : said;
}

static void auditd_stop(void)
{
	if (auditd < 0)
		return;
	close(control);
	waitpid(auditd, NULL, 0);
	auditd = -1;
}

static struct sca_source *follow(void)
{
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;
	char spec[96];

	snprintf(spec, sizeof(spec), "unix:%s/events", dir);
	if (sca_source_follow(&src, spec, NULL, NULL, NULL, &err) < 0)
		fail_msg("%s: %s", err.file, err.text);
	return src;
}

/* Whether a connection to auditd's socket is in its queue: "TYPE STATE INODE PATH". */
static bool is_queued(void)
{
	FILE *f = fopen("/proc/net/unix", "re");
	char line[512];
	bool found = false;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		found = found || (strstr(line, " 0001 02 ") && strstr(line, dir));
	fclose(f);
	return found;
}

/* auditd takes the connection when its loop comes to it: what it dispatches until then it
 * gives to nobody. */
static void let_accept(void)
{
	for (int i = 0; i < 300 && is_queued(); i++)
		poll(NULL, 0, 100);
	assert_false(is_queued());
}

/* The log that auditd wrote beside has the same records. */
static void check_log(const struct denials *d)
{
	struct denials in_log = *d;
	struct sca_source *src;
	char path[96];

	memset(in_log.seen, 0, sizeof(in_log.seen));
	snprintf(path, sizeof(path), "%s/audit.log", dir);
	assert_int_equal(sca_source_open(&src, path, NULL, NULL, NULL), 0);
	denials_wait(&in_log, src);
	sca_source_free(src);
	denials_check("audit.log", &in_log);
	assert_memory_equal(in_log.serials, d->serials, sizeof(d->serials));
}

static void run(const char *format, const char *log_format)
{
	const char *why = auditd_start(format, log_format);
	struct sca_source_stats stats;
	struct sca_source *src;
	struct denials d;
	char what[64];

	if (why) {
		print_message("%s", why);
		skip();
	}
	denials_init(&d);
	src = follow();
	let_accept();
	deny(&d, 60);
	denials_wait(&d, src);
	snprintf(what, sizeof(what), "%s, %s", format, log_format);
	denials_check(what, &d);
	assert_int_equal(d.losses, 0);
	check_log(&d);
	/* auditd goes and comes back: one gap, and what comes behind it */
	auditd_stop();
	why = auditd_start(format, log_format);
	if (why)
		fail_msg("auditd does not come back: %s", why);
	denials_wait(&d, src);
	assert_int_equal(d.losses, 1);
	assert_int_equal(d.loss, SCA_LOSS_GAP);
	for (int wait, i = 0; sca_source_fd(src, &wait) < 0 && i < 50; i++) {
		struct sca_frame f;

		poll(NULL, 0, wait);
		assert_int_equal(sca_source_next(src, &f, NULL), SCA_NEXT_IDLE);
	}
	let_accept();
	deny(&d, 12);
	denials_wait(&d, src);
	denials_check("after a restart", &d);
	assert_int_equal(d.losses, 1);
	sca_source_stats(src, &stats);
	assert_int_equal(stats.undecodable, 0);
	assert_int_equal(stats.torn, 0);
	sca_source_free(src);
}

static void test_string_raw(void **state _unused_)
{
	run("string", "RAW");
}

static void test_string_enriched(void **state _unused_)
{
	run("string", "ENRICHED");
}

static void test_binary_raw(void **state _unused_)
{
	run("binary", "RAW");
}

static void test_binary_enriched(void **state _unused_)
{
	run("binary", "ENRICHED");
}

static int set_up(void **state _unused_)
{
	snprintf(dir, sizeof(dir), "/tmp/scaudit-unix-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state _unused_)
{
	char command[96];

	auditd_stop();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(test_string_raw),
		TEST(test_string_enriched),
		TEST(test_binary_raw),
		TEST(test_binary_enriched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
