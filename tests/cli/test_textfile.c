/* SPDX-License-Identifier: Apache-2.0 */
/* The textfile: its series, its bounds, that it is replaced as a whole; promtool reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "textfile.h"

static struct sca_names *names;
static char dir[] = "/tmp/scaudit-textfile.XXXXXX", path[64];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/x.prom", dir);
	return sca_names_new(&names, NULL);
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	sca_names_free(names);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void add(struct textfile *t, int nr, enum sca_action action, const char *id)
{
	struct sca_record rec = {
		.have = SCA_F_NR | SCA_F_ARCH | SCA_F_PID | SCA_F_COMM,
		.trust = SCA_TRUST_KERNEL,
		.action = action,
		.denied = action != SCA_ACT_LOG,
		.arch = SCA_ARCH_X86_64,
		.nr = nr,
		.pid = 42,
		.comm = span_z("runc:[2:INIT]"),
		.count = 1,
		.container = {.id = span_z(id), .engine = span_z("docker"),
			      .pod = span_z("pod"), .ns = span_z("a\"b\\c\nd")},
	};
	struct event ev;

	event_init(&ev, &rec, names);
	assert_int_equal(textfile_add(t, &ev, NULL), 0);
}

static void add_loss(struct textfile *t)
{
	struct sca_frame frame = {.kind = SCA_FRAME_LOSS, .loss = SCA_LOSS_KERNEL, .lost = 5};
	struct sca_record rec;
	struct event ev;

	event_init_loss(&ev, &rec, &frame);
	assert_int_equal(textfile_add(t, &ev, NULL), 0);
}

static char *read_text(void)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void write_now(struct textfile *t, int64_t now_ms)
{
	struct evidence ev = {.forgeable = 3, .losses[SCA_LOSS_KERNEL].lost = 9};
	struct sca_err err = SCA_ERR_INIT;

	if (textfile_write(t, now_ms, names, &ev, &err) < 0)
		fail_msg("%s", err.text);
}

static void has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no line \"%s\" in\n%s", line, text);
}

static void promtool(void)
{
	char command[128];

	if (system("command -v promtool >/dev/null") != 0) {
		print_message("promtool is not installed\n");
		skip();
	}
	snprintf(command, sizeof(command), "promtool check metrics <%s >&2", path);
	assert_int_equal(system(command), 0);
}

static void test_counts(void **state)
{
	struct textfile *t = NULL;
	struct stat st;
	char id[16];

	(void)state;
	assert_int_equal(textfile_new(&t, path, 15000, NULL), 0);
	assert_int_equal(textfile_due(t, 5), 0);
	write_now(t, 5);
	assert_int_equal(textfile_due(t, 5), 15000);
	assert_int_equal(textfile_due(t, 16000), 0);
	has(read_text(), "scaudit_lost_records_total{reason=\"kernel\"} 9\n");
	promtool();
	for (unsigned i = 0; i < 20000; i++) { /* containers come and go: no series more */
		snprintf(id, sizeof(id), "id%u", i);
		add(t, 83, SCA_ACT_ERRNO, id);
	}
	add(t, 83, SCA_ACT_LOG, "x");
	add_loss(t); /* the evidence has it */
	for (int nr = 5000; nr < 15000; nr++) /* nor do numbers that no call has */
		add(t, nr, SCA_ACT_KILL_PROCESS, "x");
	write_now(t, 20000);
	has(read_text(), "scaudit_denials_total{action=\"errno\",syscall=\"mkdir\",arch=\"x86_64\","
			 "engine=\"docker\",namespace=\"a\\\"b\\\\c\\\\x0ad\"} 20000\n");
	has(read_text(), "scaudit_logged_total{action=\"log\",");
	has(read_text(), "{action=\"kill_process\",syscall=\"?\",arch=\"x86_64\",");
	has(read_text(), "\"} 10000\n");
	has(read_text(), "scaudit_ungrouped_events_total 0\n");
	assert_null(strstr(read_text(), "unknown"));
	assert_null(strstr(read_text(), "id1"));
	assert_null(strstr(read_text(), "pod"));
	promtool();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0444, 0444); /* for node_exporter's user */
	textfile_free(t);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit lim;

	getrlimit(RLIMIT_FSIZE, &lim);
	lim.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &lim);
}

/* The old file stays whole when the new one can not be written, and nothing else stays. */
static void test_failures(void **state)
{
	struct evidence ev = {0};
	struct sca_err err = SCA_ERR_INIT;
	struct textfile *t = NULL;
	glob_t g;
	char temps[80];

	(void)state;
	snprintf(temps, sizeof(temps), "%s/.s*", dir);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(textfile_new(&t, path, 15000, NULL), 0);
	add(t, 83, SCA_ACT_ERRNO, "x");
	write_now(t, 0);
	has(read_text(), "\"} 1\n");

	limit_files(10);
	add(t, 83, SCA_ACT_ERRNO, "x");
	assert_true(textfile_write(t, 100, names, &ev, &err) < 0);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(err.text, path));
	has(read_text(), "\"} 1\n");
	assert_int_equal(glob(temps, 0, NULL, &g), GLOB_NOMATCH);
	assert_int_equal(textfile_due(t, 100), 15000);
	write_now(t, 200);
	has(read_text(), "\"} 2\n");
	textfile_free(t);
	assert_int_equal(textfile_new(&t, "/dev/null", 1, &err), SCA_E_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
