/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's ring buffer while it is written: denials come out of it once each, text that
 * processes write into it never does, and a later run goes on where this one was. The kernel
 * prints records only while no audit daemon takes them, and not more than a few in a row.
 */
#include "denials.h"

#include <scaudit/scaudit.h>

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <cmocka.h>

static struct sca_decoder *dec;
static char name[16];

static int setup(void **state _unused_)
{
	snprintf(name, sizeof(name), "km%d", (int)getpid());
	return sca_decoder_new(&dec, NULL);
}

static int teardown(void **state _unused_)
{
	dec = sca_decoder_free(dec);
	return 0;
}

static struct sca_source *open_source(bool backlog, const char *position)
{
	struct sca_follow how = {backlog, sca_str_z(position)};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src = NULL;

	if (sca_source_follow(&src, "kmsg", NULL, NULL, &how, &err) == 0)
		return src;
	if (err.code == -EPERM || err.code == -EACCES || err.code == -ENOENT) {
		print_message("%s\n", err.text);
		skip();
	}
	fail_msg("%s", err.text);
	return NULL;
}

/* Our children's records, and what was told as lost. */
struct tally {
	unsigned calls[2]; /* by number: getppid, and the 32-bit one */
	uint32_t pids[2];
	uint64_t lost;
};

#define NR_X86 64 /* getppid of i386 */

static void count(const struct sca_frame *f, struct tally *t)
{
	struct sca_record rec;
	unsigned x86;

	assert_int_equal(f->source, SCA_SRC_KMSG);
	assert_int_equal(f->trust, SCA_TRUST_KERNEL);
	if (f->kind == SCA_FRAME_LOSS) {
		assert_true(f->have_time);
		assert_true(llabs(f->time_ms - (int64_t)time(NULL) * 1000) < 24 * 3600 * 1000);
		t->lost += f->lost;
		return;
	}
	if (sca_record_decode(dec, f, &rec, NULL) < 0 || !str_eq(rec.comm, sca_str_z(name)))
		return;
	x86 = rec.arch == SCA_ARCH_X86;
	if (rec.nr != (x86 ? NR_X86 : SYS_getppid) || rec.action != SCA_ACT_LOG)
		fail_msg("arch %s nr %d", sca_arch_name(rec.arch), rec.nr);
	t->calls[x86]++;
	t->pids[x86] = rec.pid;
}

static void drain(struct sca_source *src, int quiet_ms, struct tally *t)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;
	int r, wait;

	for (;;) {
		struct pollfd p = {.fd = sca_source_fd(src, &wait), .events = POLLIN};

		while ((r = sca_source_next(src, &f, &err)) == SCA_NEXT_FRAME)
			count(&f, t);
		if (r < 0)
			fail_msg("%s", err.text);
		if (poll(&p, 1, quiet_ms) == 0)
			return;
	}
}

static void need_printing(void)
{
	struct audit_status st = {0};

	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	if (audit_state(&st) && st.pid != 0) {
		print_message("audit daemon %u takes the records, so none is printed\n", st.pid);
		skip();
	}
}

static pid_t make(bool x86)
{
	const struct denial native = {SYS_getppid, false}, other = {NR_X86, true};
	pid_t pid = denials_start(name, SECCOMP_RET_LOG, x86 ? &other : &native, 1, 1);
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? pid : 0;
}

/* The limit on printing is the kernel's, for all: it lets go after some seconds. */
static void test_each_once(void **state _unused_)
{
	for (int try = 0; try < 5; try++) {
		struct sca_source *src;
		struct tally t = {0};
		pid_t native, x86 = 0;

		need_printing();
		src = open_source(false, "");
		native = make(false);
#ifdef __x86_64__
		x86 = make(true);
#endif
		if (!native) {
			print_message("this kernel loads no filter that logs\n");
			skip();
		}
		drain(src, 500, &t);
		sca_source_free(src);
		if (t.calls[0] > 1 || t.calls[1] > 1)
			fail_msg("a denial came twice");
		if (t.calls[0] == 1 && t.calls[1] == (x86 != 0)) {
			assert_int_equal(t.pids[0], native);
			assert_int_equal(t.pids[1], x86);
			return;
		}
		print_message("not printed, the kernel's limit is reached; waiting\n");
		sleep(6);
	}
	print_message("the kernel's limit on printing was never free (10 messages in 5 s)\n");
	skip();
}

static void write_log(const char *fmt, ...) _printf_(1, 2);
static void write_log(const char *fmt, ...)
{
	_cleanup_close_ int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[600];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (fd < 0 || write(fd, text, (size_t)n) < 0) {
		print_message("/dev/kmsg cannot be written: %s\n", strerror(errno));
		skip();
	}
}

#define FORGED                                                                              \
	"type=1326 audit(1795502175.137:4242): auid=0 uid=0 gid=0 ses=1 pid=4242 comm=\"%s\" " \
	"exe=\"/x\" sig=0 arch=c000003e syscall=110 compat=0 ip=0x1 code=0x7ffc0000"

static void test_forged(void **state _unused_)
{
	struct sca_source *src;
	struct sca_source_stats st;
	struct tally t = {0};

	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	src = open_source(false, "");
	write_log("audit: " FORGED, name);
	write_log("<5>audit: " FORGED, name); /* facility kern is not taken from a process */
	write_log("<13>x\naudit: " FORGED, name);
	write_log("<5>kauditd_printk_skb: 4711000 callbacks suppressed");
	drain(src, 300, &t);
	assert_int_equal(t.calls[0] + t.calls[1], 0);
	assert_true(t.lost < 4711000);
	sca_source_stats(src, &st);
	assert_true(st.foreign >= 3);
	sca_source_free(src);
}

/* What comes while nobody reads is there for the next run; what this one saw is not. */
static void test_resume(void **state _unused_)
{
	for (int try = 0; try < 5; try++) {
		struct tally t = {0}, t2 = {0};
		struct sca_source *src;
		struct sca_str position;
		char saved[128];

		need_printing();
		src = open_source(false, "");
		make(false);
		drain(src, 300, &t);
		assert_int_equal(sca_source_position(src, &position, NULL), 0);
		assert_true(position.n > 0 && position.n < sizeof(saved));
		snprintf(saved, sizeof(saved), "%.*s", (int)position.n, position.p);
		sca_source_free(src);
		make(false);
		usleep(100000);
		src = open_source(true, saved); /* the position wins */
		drain(src, 300, &t2);
		sca_source_free(src);
		assert_true(t.calls[0] <= 1 && t2.calls[0] <= 1);
		if (t.calls[0] == 1 && t2.calls[0] == 1)
			return;
		print_message("not printed, the kernel's limit is reached; waiting\n");
		sleep(6);
	}
	print_message("the kernel's limit on printing was never free (10 messages in 5 s)\n");
	skip();
}

/* Once through all that is there. */
static void test_once(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source_stats st;
	struct sca_source *src;
	struct sca_frame f;
	int r;

	sca_source_free(open_source(false, ""));
	if (sca_source_open(&src, "kmsg", NULL, NULL, &err) < 0)
		fail_msg("%s", err.text);
	while ((r = sca_source_next(src, &f, &err)) == SCA_NEXT_FRAME)
		assert_int_equal(f.trust, SCA_TRUST_KERNEL);
	assert_int_equal(r, SCA_NEXT_END);
	sca_source_stats(src, &st);
	assert_true(st.lines > 0);
	assert_int_equal(st.undecodable, 0);
	sca_source_free(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_once),
	};

	return cmocka_run_group_tests_name("kmsg", tests, setup, teardown);
}
