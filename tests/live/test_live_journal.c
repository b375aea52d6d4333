/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real journald, in a mount namespace where it finds nothing of the machine's own, takes
 * the records from the kernel's audit socket: each denial of a real kernel comes exactly once
 * out of its journal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "deny.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <scaudit/error.h>

static const char *const daemons[] = {
	"/usr/lib/systemd/systemd-journald",
	"/lib/systemd/systemd-journald",
};
static const char *daemon_path;
static pid_t journald = -1;

/* Audit= empty leaves the kernel's audit as it is; it gives the records all the same. */
static const char conf[] =
	"[Journal]\nStorage=volatile\nAudit=\nForwardToSyslog=no\nForwardToWall=no\n";

static const char *journald_start(bool kmsg)
{
	struct stat st;
	FILE *f;

	mkdir("/run/systemd/journal", 0755);
	mkdir("/run/log/journal", 0755);
	mkdir("/run/systemd/journald.conf.d", 0755);
	f = fopen("/run/systemd/journald.conf.d/test.conf", "w");
	if (!f || fprintf(f, "%sReadKMsg=%s\n", conf, kmsg ? "yes" : "no") < 0 || fclose(f) != 0)
		return "its configuration cannot be written";
	journald = fork();
	if (journald == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		execl(daemon_path, daemon_path, NULL);
		_exit(127);
	}
	for (unsigned i = 0; i < 300; i++) {
		if (stat("/run/systemd/journal/stdout", &st) == 0)
			return NULL;
		poll(NULL, 0, 100);
	}
	return "journald does not start here";
}

static void journald_stop(void)
{
	if (journald <= 0)
		return;
	kill(journald, SIGTERM);
	waitpid(journald, NULL, 0);
	journald = -1;
}

/* Records that the kernel could not give to journald, as its socket was full. One is enough:
 * journald 252 then listens no more ("Got invalid event from epoll"). */
static bool overrun(void)
{
	FILE *f = fopen("/proc/net/netlink", "r");
	char line[256];
	unsigned protocol, port, drops;
	bool found = false;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (fscanf(f, "%*s %u %u %*s %*s %*s %*s %*s %u", &protocol, &port, &drops) == 3 &&
		    protocol == 9 && port == (unsigned)journald)
			found = found || drops > 0;
	fclose(f);
	return found;
}

/* Others' denials may be too many for journald; that is no fault of the source's. */
static void check_seen(const char *what, const struct denials *d)
{
	if (!denials_all_seen(d) && overrun()) {
		print_message("%s: journald's socket was overrun by others' records\n", what);
		journald_stop();
		assert_null(journald_start(false));
		skip();
	}
	denials_check(what, d);
}

static struct sca_source *follow(const char *position)
{
	struct sca_follow how = {.position = sca_str_z(position)};
	struct sca_source *src;
	struct sca_err err = SCA_ERR_INIT;

	if (sca_source_follow(&src, "journal", NULL, NULL, &how, &err) < 0)
		fail_msg("%s: %s", err.file, err.text);
	return src;
}

static char *save(struct sca_source *src)
{
	struct sca_str s;
	char *p;

	assert_int_equal(sca_source_position(src, &s, NULL), 0);
	p = strndup(s.p, s.n);
	assert_non_null(p);
	return p;
}

static size_t archived(bool take_away)
{
	char command[128];
	FILE *p;
	unsigned n = 0;

	snprintf(command, sizeof(command), "find /run/log/journal -name 'system@*' %s | wc -l",
		 take_away ? "-print -delete" : "");
	p = popen(command, "r");
	assert_non_null(p);
	if (fscanf(p, "%u", &n) != 1)
		n = 0;
	pclose(p);
	return n;
}

/* journald rotates on SIGUSR2. */
static void rotate(void)
{
	size_t before = archived(false);

	kill(journald, SIGUSR2);
	for (unsigned i = 0; i < 300 && archived(false) == before; i++)
		poll(NULL, 0, 100);
}

static void test_follow(void **state _unused_)
{
	struct sca_source *src;
	struct denials d;

	denials_init(&d);
	src = follow(NULL);
	deny(&d, 60);
	denials_wait(&d, src);
	check_seen("journal", &d);
	rotate();
	deny(&d, 12);
	denials_wait(&d, src);
	check_seen("rotated", &d);
	assert_true(archived(true) > 0);
	deny(&d, 12);
	denials_wait(&d, src);
	check_seen("vacuumed", &d);
	assert_int_equal(d.losses, 0);
	sca_source_free(src);
}

/* Stopped, and gone on from where it was, across rotation: none missed, none twice. */
static void test_resume(void **state _unused_)
{
	struct sca_source *src;
	struct denials d;
	char *place;

	denials_init(&d);
	src = follow(NULL);
	deny(&d, 9);
	denials_wait(&d, src);
	for (unsigned i = 0; i < 3; i++) {
		place = save(src);
		sca_source_free(src);
		deny(&d, 9);
		if (i)
			rotate();
		deny(&d, 9);
		src = follow(place);
		free(place);
		denials_wait(&d, src);
		check_seen("resumed", &d);
	}
	assert_int_equal(d.losses, 0);
	/* the entry it stopped at is the last that was taken away: nothing is missing */
	rotate();
	place = save(src);
	sca_source_free(src);
	archived(true);
	src = follow(place);
	free(place);
	deny(&d, 3);
	denials_wait(&d, src);
	check_seen("resumed behind a vacuum", &d);
	print_message("losses that were told of it: %zu\n", d.losses);
	sca_source_free(src);
}

/* What is taken away unread is a gap. */
static void test_gap(void **state _unused_)
{
	struct denials d, lost;
	struct sca_source *src;
	char *place;

	denials_init(&d);
	src = follow(NULL);
	deny(&d, 3);
	denials_wait(&d, src);
	place = save(src);
	sca_source_free(src);
	lost = d;
	src = follow(place);
	deny(&lost, 6);
	denials_wait(&lost, src);
	sca_source_free(src);
	rotate();
	archived(true);
	memcpy(d.pids, lost.pids, sizeof(d.pids));
	d.n = lost.n;
	deny(&d, 3);
	src = follow(place);
	free(place);
	for (unsigned i = 3; i < 9; i++)
		d.seen[i] = 1; /* so that nobody waits for them */
	denials_wait(&d, src);
	check_seen("behind a gap", &d);
	assert_int_equal(d.losses, 1);
	assert_int_equal(d.loss, SCA_LOSS_GAP);
	sca_source_free(src);
}

/* Who writes into /dev/kmsg, to the journal's socket or to syslog's is not the kernel. */
static void test_forged(void **state _unused_)
{
	struct sca_source_stats stats;
	struct sca_source *src;
	struct denials d;
	char command[512];

	journald_stop();
	assert_null(journald_start(true));
	poll(NULL, 0, 1000);
	denials_init(&d);
	src = follow(NULL);
	d.n = 1;
	d.pids[0] = 66;
	snprintf(command, sizeof(command),
		 "t='audit: type=1326 audit(1.2:3): auid=0 uid=0 gid=0 ses=1 pid=66 comm=\"%s\" "
		 "sig=0 arch=c000003e syscall=140 compat=0 ip=0x1 code=0x7ffc0000'\n"
		 "echo \"$t\" >/dev/kmsg; echo \"<5>$t\" >/dev/kmsg\n"
		 "logger -t kernel -u /run/systemd/journal/dev-log \"$t\" || :\n"
		 "printf '_TRANSPORT=kernel\\nMESSAGE=%%s\\n' \"$t\" | logger --journald || :",
		 d.comm);
	assert_int_equal(system(command), 0);
	denials_wait(&d, src);
	assert_int_equal(d.seen[0], 0);
	sca_source_stats(src, &stats);
	assert_true(stats.foreign >= 2); /* those of /dev/kmsg were looked at */
	sca_source_free(src);
}

/* The whole journal, read once. */
static void test_whole(void **state _unused_)
{
	struct sca_source *src;
	struct denials d;

	denials_init(&d);
	src = follow(NULL);
	deny(&d, 30);
	denials_wait(&d, src);
	sca_source_free(src);
	memset(d.seen, 0, sizeof(d.seen));
	assert_int_equal(sca_source_open(&src, "journal", NULL, NULL, NULL), 0);
	denials_wait(&d, src);
	check_seen("whole", &d);
	sca_source_free(src);
}

static const char *missing(void)
{
	static const char *const hidden[] = {"/run/systemd", "/run/log", "/var/log/journal"};

	if (geteuid() != 0)
		return "needs root";
	for (size_t i = 0; !daemon_path && i < ARRAY_SIZE(daemons); i++)
		if (access(daemons[i], X_OK) == 0)
			daemon_path = daemons[i];
	if (!daemon_path)
		return "systemd-journald is not installed";
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "no mount namespace can be had here";
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		mkdir(hidden[i], 0755);
		if (mount("test", hidden[i], "tmpfs", 0, "mode=755") < 0)
			return "no file system can be mounted here";
	}
	return journald_start(false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follow), cmocka_unit_test(test_resume),
		cmocka_unit_test(test_gap),    cmocka_unit_test(test_whole),
		cmocka_unit_test(test_forged),
	};
	const char *why = missing();
	int r;

	if (why) {
		printf("1..0 # SKIP %s\n", why);
		journald_stop();
		return 0;
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	journald_stop();
	return r;
}
