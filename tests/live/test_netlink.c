/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's records by netlink: each denial once, nothing that a process made up, and when
 * the socket's buffer is too small, exactly as many lost as were lost. Works beside an audit
 * daemon and without one, with audit enabled and disabled.
 */
#include "denials.h"

#include <scaudit/scaudit.h>

#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <cmocka.h>

static struct sca_decoder *dec;
static char name[16];

static int setup(void **state _unused_)
{
	snprintf(name, sizeof(name), "nl%d", (int)getpid());
	return sca_decoder_new(&dec, NULL);
}

static int teardown(void **state _unused_)
{
	dec = sca_decoder_free(dec);
	return 0;
}

static void need_root(void)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
}

static struct sca_source *open_source(void)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src = NULL;

	need_root();
	if (sca_source_follow(&src, "netlink", NULL, NULL, NULL, &err) == SCA_E_UNSUPPORTED) {
		print_message("%s\n", err.text);
		skip();
	}
	if (!src)
		fail_msg("%s", err.text);
	return src;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The next frame, or false when none comes for so long. */
static bool next(struct sca_source *src, struct sca_frame *f, int quiet_ms)
{
	int64_t until = now_ms() + quiet_ms;
	struct sca_err err = SCA_ERR_INIT;
	int r, wait;

	while ((r = sca_source_next(src, f, &err)) == SCA_NEXT_IDLE && now_ms() < until)
		poll(&(struct pollfd){.fd = sca_source_fd(src, &wait), .events = POLLIN}, 1, 20);
	if (r < 0)
		fail_msg("%s", err.text);
	return r == SCA_NEXT_FRAME;
}

/* Whether the frame is of our children; checks what all of them must be. */
static bool is_ours(const struct sca_frame *f, struct sca_record *rec)
{
	if (f->kind != SCA_FRAME_RECORD)
		return false;
	assert_int_equal(f->source, SCA_SRC_NETLINK);
	assert_int_equal(f->trust, SCA_TRUST_KERNEL);
	assert_true(f->have_time && f->have_serial);
	if (sca_record_decode(dec, f, rec, NULL) < 0)
		fail_msg("\"%.*s\" does not decode", (int)f->body.n, f->body.p);
	return str_eq(rec->comm, sca_str_z(name));
}

static void reap(pid_t pid)
{
	if (!denials_reap(pid)) {
		print_message("this kernel loads no filter that logs\n");
		skip();
	}
}

/* -- each denial once -- */

#define TIMES 40

static const struct kind {
	const char *what;
	struct denial call;
	uint32_t ret, arch, code;
	int32_t nr;
	unsigned times, seen;
} kinds[] = {
	{"log", {SYS_getppid, false}, SECCOMP_RET_LOG, 0, 0x7ffc0000, SYS_getppid, TIMES, TIMES},
	{"errno", {SYS_getppid, false}, SECCOMP_RET_ERRNO | 42, 0, 0x50000, SYS_getppid, TIMES,
	 TIMES},
	{"kill", {SYS_getppid, false}, SECCOMP_RET_KILL_PROCESS, 0, 0x80000000, SYS_getppid, TIMES,
	 1},
#ifdef __x86_64__
	{"log, 32 bit", {64, true}, SECCOMP_RET_LOG, SCA_ARCH_X86, 0x7ffc0000, 64, TIMES, TIMES},
	{"log, x32", {0x40000000 + SYS_getppid, false}, SECCOMP_RET_LOG, SCA_ARCH_X32, 0x7ffc0000,
	 SYS_getppid, TIMES, TIMES},
#endif
};

static bool works_x86(void)
{
	const struct denial d = {20 /* getpid */, true};
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		denial_call(&d);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status);
}

static void check_kind(struct sca_source *src, const struct kind *k)
{
	uint32_t last = 0;
	unsigned seen = 0;
	struct sca_record rec;
	struct sca_frame f;
	pid_t pid = denials_start(name, k->ret, &k->call, 1, k->times);

	reap(pid);
	while (next(src, &f, seen < k->seen ? 30000 : 200)) {
		if (!is_ours(&f, &rec))
			continue;
		if (rec.pid != (uint32_t)pid || rec.nr != k->nr || rec.code != k->code ||
		    (k->arch && rec.arch != k->arch) || rec.denied != (k->ret != SECCOMP_RET_LOG))
			fail_msg("%s: pid %u nr %d arch %s code %#x", k->what, rec.pid, rec.nr,
				 sca_arch_name(rec.arch), rec.code);
		assert_true(seen == 0 || (int32_t)(rec.serial - last) > 0);
		last = rec.serial;
		seen++;
	}
	if (seen != k->seen)
		fail_msg("%s: %u of %u came", k->what, seen, k->seen);
}

static void test_each_once(void **state _unused_)
{
	struct sca_source *src = open_source();

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].call.x86 && !works_x86())
			print_message("no 32-bit calls here\n");
		else
			check_kind(src, &kinds[i]);
	}
	sca_source_free(src);
}

/* -- what processes make up -- */

#define FORGED                                                                                \
	"audit(1795502175.137:4242): auid=0 uid=0 gid=0 ses=1 pid=4242 comm=\"%s\" exe=\"/x\" "  \
	"sig=0 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x50000"

/* To the source's port, as root may; *ret_sent counts those that the kernel passed on. */
static void forge(struct sca_source *src, unsigned *ret_sent)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK};
	struct {
		struct nlmsghdr h;
		char text[400];
	} m = {.h = {.nlmsg_type = AUDIT_SECCOMP}};
	socklen_t n = sizeof(to);
	int fd, wait;

	assert_int_equal(getsockname(sca_source_fd(src, &wait), (struct sockaddr *)&to, &n), 0);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	assert_true(fd >= 0);
	m.h.nlmsg_len = (uint32_t)(sizeof(m.h) +
				   (size_t)snprintf(m.text, sizeof(m.text), FORGED, name));
	for (unsigned group = 0; group < 2; group++) {
		to.nl_groups = group;
		to.nl_pid = group ? 0 : to.nl_pid;
		if (sendto(fd, &m, m.h.nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to)) > 0)
			*ret_sent += 1;
		else
			print_message("the kernel refuses to forge %s: %s\n",
				      group ? "to the group" : "to a port", strerror(errno));
	}
	close(fd);
}

/* A user's message is the kernel's own record, with our text in it. */
static void quote(void)
{
	_cleanup_close_ int fd = audit_open();
	char text[512];

	snprintf(text, sizeof(text), "type=1326 " FORGED, name);
	if (fd < 0 || audit_log_user_avc_message(fd, AUDIT_USER_AVC, text, NULL, NULL, NULL, 0) < 0)
		print_message("no user message could be sent\n");
}

static void test_forged(void **state _unused_)
{
	struct sca_source *src = open_source();
	const struct denial d = {SYS_getppid, false};
	struct sca_source_stats st;
	struct sca_record rec;
	struct sca_frame f;
	unsigned sent = 0, seen = 0;
	pid_t pid;

	forge(src, &sent);
	quote();
	pid = denials_start(name, SECCOMP_RET_LOG, &d, 1, 1);
	reap(pid);
	while (next(src, &f, seen ? 200 : 5000)) {
		if (!is_ours(&f, &rec))
			continue;
		assert_int_equal(rec.pid, pid);
		assert_int_not_equal(rec.serial, 4242);
		seen++;
	}
	assert_int_equal(seen, 1);
	sca_source_stats(src, &st);
	/* Sending to the group puts no group's mark on what came to a port. */
	if (st.foreign < sent)
		fail_msg("%u were forged, %" PRIu64 " were found", sent, st.foreign);
	if (!sent)
		print_message("nothing could be forged\n");
	sca_source_free(src);
}

/* -- losses -- */

/* The Drops column of the socket's row. */
static uint64_t drops_column(int fd)
{
	FILE *f = fopen("/proc/net/netlink", "re");
	uint64_t drops = UINT64_MAX;
	char line[256];
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fstat(fd, &st), 0);
	while (fgets(line, sizeof(line), f)) {
		struct sca_str s = sca_str_z(line), word, last[2] = {{NULL, 0}, {NULL, 0}};
		char *end;

		while (str_starts(s, SCA_STR(" ")) || s.n) {
			size_t n = strcspn(s.p, " \n");

			word = (struct sca_str){s.p, n};
			s = str_skip(s, n + strspn(s.p + n, " \n"));
			if (word.n) {
				last[0] = last[1];
				last[1] = word;
			}
		}
		if (last[1].n && (uint64_t)strtoumax(last[1].p, &end, 10) == st.st_ino)
			drops = strtoumax(last[0].p, &end, 10);
	}
	fclose(f);
	return drops;
}

struct tally {
	uint64_t all, ours; /* datagrams of any type; records of ours */
	uint64_t lost, kernel; /* told as lost, by the socket and by the kernel */
};

static void drain(struct sca_source *src, int quiet_ms, struct tally *t)
{
	struct sca_source_stats st;
	struct sca_record rec;
	struct sca_frame f;

	while (next(src, &f, quiet_ms)) {
		if (f.kind == SCA_FRAME_LOSS) {
			assert_true(f.loss == SCA_LOSS_NETLINK || f.loss == SCA_LOSS_KERNEL);
			assert_true(f.lost > 0 && f.body.n > 0);
			*(f.loss == SCA_LOSS_NETLINK ? &t->lost : &t->kernel) += f.lost;
		}
		t->ours += is_ours(&f, &rec);
	}
	sca_source_stats(src, &st);
	t->all = st.lines;
}

/*
 * A source with a buffer for a few dozen records, and one beside it that has room for all: what
 * the first saw and lost is what the second saw, whatever others do meanwhile.
 */
static void test_overrun(void **state _unused_)
{
	struct sca_source *wide = open_source(), *narrow = open_source();
	const struct denial d = {SYS_getppid, false};
	const uint64_t sent = 4000;
	struct tally w = {0}, n = {0}, w0 = {0}, n0 = {0};
	int size = 65536, wait, fd = sca_source_fd(narrow, &wait);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	drain(wide, 50, &w0);
	drain(narrow, 50, &n0);
	reap(denials_start(name, SECCOMP_RET_LOG, &d, 1, sent));
	for (int i = 0; i < 20; i++) {
		drain(wide, 200, &w);
		drain(narrow, 200, &n);
		if (w.ours == sent && n.all - n0.all + n.lost == w.all - w0.all)
			break;
	}
	if (w.lost || w.ours != sent)
		fail_msg("even the wide one lost %" PRIu64 " and saw %" PRIu64 " of %" PRIu64,
			 w.lost, w.ours, sent);
	if (n.all - n0.all + n.lost != w.all - w0.all || n.lost == 0 || n.ours == 0)
		fail_msg("%" PRIu64 " came and %" PRIu64 " were lost of %" PRIu64, n.all - n0.all,
			 n.lost, w.all - w0.all);
	if (drops_column(fd) != n.lost)
		fail_msg("/proc/net/netlink says %" PRIu64 " drops, not %" PRIu64,
			 drops_column(fd), n.lost);
	print_message("%" PRIu64 " sent: %" PRIu64 " seen, %" PRIu64 " lost and counted\n", sent,
		      n.ours, n.lost);
	sca_source_free(wide);
	sca_source_free(narrow);
}

#define BURST      20000u
#define PROCESSES  4u

/* sent = seen + dropped by the socket + lost by the kernel. Others' records may be among the
 * lost; then it is tried again. */
static void test_burst(void **state _unused_)
{
	const struct denial d = {SYS_getppid, false};
	struct audit_status before = {0}, after = {0};
	bool known;

	for (int try = 0; try < 5; try++) {
		struct sca_source *src = open_source();
		struct tally t = {0};
		pid_t pids[PROCESSES];
		uint64_t kernel;

		known = audit_state(&before);
		for (unsigned i = 0; i < PROCESSES; i++)
			pids[i] = denials_start(name, SECCOMP_RET_LOG, &d, 1, BURST / PROCESSES);
		drain(src, 1000, &t);
		for (unsigned i = 0; i < PROCESSES; i++)
			reap(pids[i]);
		drain(src, 500, &t);
		known = audit_state(&after) && known;
		sca_source_free(src);
		kernel = known ? after.lost - before.lost : 0;
		print_message("%u sent: %" PRIu64 " seen, %" PRIu64 " dropped by the socket, %"
			      PRIu64 " lost by the kernel%s\n", BURST, t.ours, t.lost, kernel,
			      known ? "" : " (it does not tell)");
		assert_true(t.ours <= BURST);
		if (t.ours + t.lost + kernel == BURST)
			return;
		/* What the audit daemon alone did not get counts as lost, too. */
		if (t.ours + t.lost <= BURST && t.ours + t.lost + kernel > BURST)
			print_message("more lost than is missing: others' records, or a slow "
				      "audit daemon's\n");
		else if (t.ours + t.lost + kernel < BURST && known)
			fail_msg("some are missing and not counted");
	}
	print_message("never alone on this machine: more were counted as lost than were missing\n");
	skip();
}

/*
 * The kernel is told to make ten records a second and no more, for the time that 300 denials
 * take. Needs to be alone: others' records are lost and counted, too.
 */
static void test_kernel_lost(void **state _unused_)
{
	const struct denial d = {SYS_getppid, false};
	struct audit_status before = {0}, after = {0};
	bool known = audit_state(&before);
	struct sca_source *src = open_source();
	const uint64_t sent = 300;
	struct tally t = {0};
	int fd = audit_open();
	pid_t pid;

	if (!known || audit_set_rate_limit(fd, 10) <= 0) {
		print_message("the kernel's audit cannot be set (CAP_AUDIT_CONTROL)\n");
		close(fd);
		sca_source_free(src);
		skip();
	}
	pid = denials_start(name, SECCOMP_RET_LOG, &d, 1, sent);
	denials_reap(pid);
	audit_set_rate_limit(fd, before.rate_limit);
	close(fd);
	drain(src, 2500, &t);
	sca_source_free(src);
	assert_true(audit_state(&after));
	assert_int_equal(after.rate_limit, before.rate_limit);
	print_message("%" PRIu64 " sent: %" PRIu64 " seen, %" PRIu64 " lost by the kernel\n", sent,
		      t.ours, t.kernel);
	assert_true(t.kernel <= after.lost - before.lost);
	assert_true(t.ours < sent && t.ours + t.lost + t.kernel >= sent);
}

/* -- where nothing arrives -- */

/* The source's answer there; 1 when there is no such place. */
static int place(int flags, bool mask, struct sca_err *err)
{
	struct sca_source *src;

	if (unshare(flags) < 0)
		return 1;
	if (mask && (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		     mount("none", "/proc/sys", "tmpfs", 0, NULL) < 0))
		return 1;
	return sca_source_follow(&src, "netlink", NULL, NULL, NULL, err);
}

static void test_places(void **state _unused_)
{
	static const struct {
		int flags;
		bool mask;
		int code;
		const char *text;
	} rows[] = {
		{CLONE_NEWNET, false, SCA_E_UNSUPPORTED, "network namespace"},
		{CLONE_NEWNET | CLONE_NEWNS, true, SCA_E_UNSUPPORTED, "host's network"},
		{CLONE_NEWUSER, false, -EPERM, "CAP_AUDIT_READ"},
	};

	need_root();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			struct sca_err err = SCA_ERR_INIT;
			int r = place(rows[i].flags, rows[i].mask, &err);

			if (r == 1)
				_exit(2);
			if (r == rows[i].code && strstr(err.text, rows[i].text))
				_exit(0);
			fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
			print_message("row %zu: this namespace cannot be made here\n", i);
		else if (status)
			fail_msg("row %zu: another answer", i);
	}
}

/* A pid namespace changes nothing: records come, with the pids of the first one. */
static void test_pid_namespace(void **state _unused_)
{
	const struct denial d = {SYS_getppid, false};
	int status;
	pid_t pid;

	need_root();
	sca_source_free(open_source());
	pid = fork();
	if (pid == 0) {
		struct sca_record rec;
		struct sca_source *src;
		struct sca_frame f;
		bool found = false;

		if (unshare(CLONE_NEWPID) < 0)
			_exit(2);
		pid = fork();
		if (pid > 0)
			_exit(waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1);
		if (sca_source_follow(&src, "netlink", NULL, NULL, NULL, NULL) < 0)
			_exit(1);
		pid = denials_start(name, SECCOMP_RET_LOG, &d, 1, 1);
		waitpid(pid, &status, 0);
		while (!found && next(src, &f, 30000))
			found = is_ours(&f, &rec) && rec.pid != (uint32_t)pid;
		_exit(!found);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
		print_message("no pid namespace can be made here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once), cmocka_unit_test(test_forged),
		cmocka_unit_test(test_overrun),   cmocka_unit_test(test_burst),
		cmocka_unit_test(test_kernel_lost), cmocka_unit_test(test_places),
		cmocka_unit_test(test_pid_namespace),
	};

	return cmocka_run_group_tests_name("netlink", tests, setup, teardown);
}
