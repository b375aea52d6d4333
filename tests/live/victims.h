/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Victims: real runc containers whose processes are killed for their first denied call, the
 * records that the kernel multicasts of them, and a tracker that is asked for each at once.
 * A victim's comm tells the container it is of, so every answer is judged. To be included first.
 *
 *	struct victims v;
 *	victims_setup(&v);                       skips the test where it cannot be had
 *	victims_case(&v, &row, tracker, &tally); any number of times
 *	victims_print(&row, &tally);
 *	victims_teardown(&v);
 */
#ifndef TESTS_LIVE_VICTIMS_H
#define TESTS_LIVE_VICTIMS_H

#include "frame.h"
#include "text.h"

#include <scaudit/scaudit.h>
#include <scaudit/tracker.h>

#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#ifndef NETLINK_AUDIT
#define NETLINK_AUDIT 9
#endif
/* containerd's places, in a namespace of our own */
#define VICTIMS_BUNDLES "/run/containerd/io.containerd.runtime.v2.task/victims-%u"
#define VICTIMS_STATE   "/run/containerd/runc/victims-%u"
#define VICTIMS_RECEIVE (8 << 20)
#define VICTIMS_WAIT_MS 90000
#define VICTIMS_QUIET_MS 1000 /* without a record, when all containers have ended */

struct victims {
	char dir[64];
	unsigned run;     /* makes names ours: others test here, too */
	unsigned started; /* containers, over all cases; a container's number */
	int audit;
	struct sca_framer *framer;
	struct sca_decoder *decoder;
};

struct victims_case {
	const char *name, *mode; /* of victim.c */
	unsigned containers, at_once;
	unsigned kids, pause_us; /* of each container; 0 kids: it is the victim itself */
	unsigned hogs;           /* processes that only burn CPU, beside */
	bool bare;               /* as people run runc, with ids of their own; else as containerd
				  * does: 64 hex digits, and the bundle is there from the start */
	bool late;               /* all records are read when all victims are dead */
};

struct victims_tally {
	unsigned expected, records;
	unsigned right, exact, named; /* named: right, and with the container's own name */
	unsigned wrong, none;
	unsigned wrong_exact;         /* of the wrong: said to be exact */
	unsigned overruns;            /* of our socket */
	struct sca_tracker_stats by;  /* of this case alone */
	char first_wrong[256];
};

/* What the callback of the framer needs. */
struct victims_reading {
	struct victims *v;
	const struct victims_case *c;
	struct sca_tracker *tracker;
	struct victims_tally *tally;
	unsigned first; /* container of this case */
};

static inline int _printf_(1, 2) victims_sh(const char *fmt, ...)
{
	char command[2048];
	va_list ap;
	int n, r;

	va_start(ap, fmt);
	n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_true(n > 0 && n < (int)sizeof(command));
	r = system(command);
	return r < 0 || !WIFEXITED(r) ? -1 : WEXITSTATUS(r);
}

static inline void victims_id(const struct victims *v, const struct victims_case *c, unsigned n,
			      char id[65])
{
	if (c->bare)
		snprintf(id, 65, "victim-%u-%u", v->run, n);
	else
		snprintf(id, 65, "%016x%048x", v->run, n);
}

/* -- set-up: one root file system, one configuration with places to fill in -- */

static inline void victims_need(const char *tool)
{
	if (victims_sh("command -v %s >/dev/null 2>&1", tool) != 0) {
		print_message("%s is not installed (scripts/deps installs it)\n", tool);
		skip();
	}
}

static inline void victims_listen(struct victims *v)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int bytes = VICTIMS_RECEIVE;

	v->audit = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	if (v->audit < 0 || bind(v->audit, (struct sockaddr *)&to, sizeof(to)) < 0) {
		print_message("cannot read audit records from the kernel: %s\n", strerror(errno));
		skip();
	}
	setsockopt(v->audit, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

static inline void victims_setup(struct victims *v)
{
	static const char *const tools[] = {"runc", "jq", "cc"};

	*v = (struct victims){.audit = -1, .run = (unsigned)getpid()};
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		victims_need(tools[i]);
	victims_listen(v);
	snprintf(v->dir, sizeof(v->dir), "/tmp/scaudit-victims-XXXXXX");
	assert_non_null(mkdtemp(v->dir));
	assert_int_equal(victims_sh("cd %s && mkdir -p root/proc root/dev root/sys && "
				    "${CC:-cc} -O2 -static -o root/victim "
				    "\"$OLDPWD/tests/live/victim.c\"", v->dir), 0);
	assert_int_equal(victims_sh(
		"cd %s && runc spec && jq '.process.terminal = false | .process.rlimits = [] "
		"| .process.args = [\"/victim\", \"@TAG@\", \"@MODE@\", \"@KIDS@\", \"@PAUSE@\"] "
		"| .annotations = {\"nerdctl/name\": \"shop-@N@\"} | .root.path = \"%s/root\" "
		"| .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", "
		"syscalls: [{names: [\"acct\"], action: \"SCMP_ACT_KILL_PROCESS\"}]} "
		"| del(.linux.resources)' config.json >base.json && rm config.json",
		v->dir, v->dir), 0);
	assert_int_equal(framer_new(&v->framer, NULL, false, NULL), 0);
	assert_int_equal(sca_decoder_new(&v->decoder, NULL), 0);
}

static inline void victims_teardown(struct victims *v)
{
	v->framer = framer_free(v->framer);
	v->decoder = sca_decoder_free(v->decoder);
	sca_close_(&v->audit);
	if (v->dir[0])
		victims_sh("rm -rf %s " VICTIMS_BUNDLES " " VICTIMS_STATE, v->dir, v->run, v->run);
}

/* -- a process of its own starts the containers, and waits for them -- */

static inline void victims_bundle_path(const struct victims *v, const struct victims_case *c,
				       unsigned n, char path[256])
{
	char id[65];

	victims_id(v, c, n, id);
	if (c->bare)
		snprintf(path, 256, "%s/%u", v->dir, n);
	else
		snprintf(path, 256, VICTIMS_BUNDLES "/%s", v->run, id);
}

static inline void victims_bundle(const struct victims *v, const struct victims_case *c, unsigned n)
{
	char path[256];

	victims_bundle_path(v, c, n, path);
	assert_int_equal(victims_sh("mkdir -p %s && sed -e 's/@TAG@/k%u-%u/;s/@MODE@/%s/;"
				    "s/@KIDS@/%u/;s/@PAUSE@/%u/;s/@N@/%u/' %s/base.json "
				    ">%s/config.json", path, v->run, n, c->mode, c->kids,
				    c->pause_us, n, v->dir, path), 0);
}

static inline pid_t victims_spawn(const struct victims *v, const struct victims_case *c, unsigned n)
{
	char bundle[256], id[65], log[128], state[128] = "/run/runc";
	char run[] = "run", b[] = "-b", runc[] = "runc", root[] = "--root";
	char *argv[] = {runc, root, state, run, b, bundle, id, NULL};
	posix_spawn_file_actions_t fa;
	pid_t pid = -1;

	victims_id(v, c, n, id);
	victims_bundle_path(v, c, n, bundle);
	if (!c->bare)
		snprintf(state, sizeof(state), VICTIMS_STATE, v->run);
	snprintf(log, sizeof(log), "%s/%u.log", v->dir, n);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&fa, 1, 2);
	if (posix_spawnp(&pid, runc, &fa, NULL, argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

static inline pid_t victims_start(const struct victims *v, const struct victims_case *c)
{
	pid_t pid;

	for (unsigned i = 0; i < c->containers; i++)
		victims_bundle(v, c, v->started + i);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned running = 0;

		for (unsigned i = 0; i < c->containers; i++) {
			if (running == c->at_once && wait(NULL) > 0)
				running--;
			running += victims_spawn(v, c, v->started + i) > 0;
		}
		while (wait(NULL) > 0)
			;
		_exit(0);
	}
	return pid;
}

static inline void victims_hogs(pid_t *hogs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		hogs[i] = fork();
		if (hogs[i] == 0) {
			alarm(VICTIMS_WAIT_MS / 1000);
			for (volatile unsigned long k = 0;; k++)
				;
		}
	}
}

/* -- records -- */

static inline void victims_judge(struct victims_reading *rd, const struct sca_record *rec, unsigned n)
{
	struct victims_tally *t = rd->tally;
	struct sca_container_ref ref = {0};
	char id[65], name[32];

	t->records++;
	assert_int_equal(sca_tracker_find(rd->tracker, rec, &ref, NULL), 0);
	victims_id(rd->v, rd->c, n, id);
	snprintf(name, sizeof(name), "shop-%u", n);
	if (ref.id.n == 0 && ref.unit.n == 0) {
		t->none++;
	} else if (str_eq(ref.id, sca_str_z(id))) {
		t->right++;
		t->exact += str_is(ref.sure, "exact");
		t->named += str_eq(ref.name, sca_str_z(name));
	} else {
		if (t->wrong++ == 0)
			snprintf(t->first_wrong, sizeof(t->first_wrong),
				 "%s is said to be %.*s%.*s (%.*s, %.*s)", id, (int)ref.id.n,
				 ref.id.p, (int)ref.unit.n, ref.unit.p, (int)ref.via.n, ref.via.p,
				 (int)ref.sure.n, ref.sure.p);
		t->wrong_exact += str_is(ref.sure, "exact");
	}
}

static int victims_frame(const struct sca_frame *frame, void *arg)
{
	struct victims_reading *rd = arg;
	struct sca_record rec;
	struct sca_str rest, run;
	uint32_t run_no, n;

	if (sca_record_decode(rd->v->decoder, frame, &rec, NULL) < 0)
		return 0;
	rest = rec.comm;
	if (rest.n < 2 || rest.p[0] != 'k' || !str_cut(&rest, '-', &run) ||
	    str_u32(str_skip(run, 1), &run_no) < 0 || run_no != rd->v->run ||
	    str_u32(rest, &n) < 0 || n < rd->first || n >= rd->first + rd->c->containers)
		return 0;
	victims_judge(rd, &rec, n);
	return 0;
}

/* Takes all that waits; the number of messages. */
static inline unsigned victims_read(struct victims_reading *rd)
{
	char message[16384];
	const struct sca_pos pos = {.file = "netlink"};
	unsigned count = 0;
	ssize_t n;

	for (;;) {
		struct nlmsghdr head;

		n = recv(rd->v->audit, message, sizeof(message), 0);
		if (n < 0 && errno == ENOBUFS) {
			rd->tally->overruns++;
			continue;
		}
		if (n < (ssize_t)sizeof(head))
			return count;
		memcpy(&head, message, sizeof(head));
		count++;
		assert_int_equal(framer_payload(rd->v->framer, SCA_SRC_NETLINK, SCA_TRUST_KERNEL,
						head.nlmsg_type,
						(struct sca_str){message + NLMSG_HDRLEN,
								 (size_t)n - NLMSG_HDRLEN},
						&pos, victims_frame, rd), 0);
	}
}

static inline int64_t victims_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Until all containers ended and no more records come. */
static inline void victims_collect(struct victims_reading *rd, pid_t starter)
{
	int64_t begin = victims_now(), last = begin;
	bool running = true;

	while (victims_now() < begin + VICTIMS_WAIT_MS) {
		struct pollfd fds[] = {
			{.fd = rd->c->late && running ? -1 : rd->v->audit, .events = POLLIN},
			{.fd = sca_tracker_fd(rd->tracker), .events = POLLIN},
		};

		poll(fds, 2, 20);
		if (fds[1].revents)
			assert_int_equal(sca_tracker_dispatch(rd->tracker, NULL), 0);
		if (fds[0].revents && victims_read(rd) > 0)
			last = victims_now();
		if (running && waitpid(starter, NULL, WNOHANG) == starter) {
			running = false;
			last = victims_now();
		}
		if (!running && (rd->tally->records >= rd->tally->expected ||
				 victims_now() > last + VICTIMS_QUIET_MS))
			return;
	}
	if (running) {
		kill(starter, SIGKILL);
		waitpid(starter, NULL, 0);
	}
}

static inline void victims_case(struct victims *v, const struct victims_case *c,
				struct sca_tracker *tracker, struct victims_tally *ret)
{
	struct victims_reading rd = {
		.v = v, .c = c, .tracker = tracker, .tally = ret, .first = v->started,
	};
	struct sca_tracker_stats before;
	pid_t starter, hogs[16];
	uint64_t *by, *was;

	assert_true(c->hogs <= ARRAY_SIZE(hogs));
	*ret = (struct victims_tally){.expected = c->containers * MAX(c->kids, 1u)};
	sca_tracker_stats(tracker, &before);
	victims_hogs(hogs, c->hogs);
	starter = victims_start(v, c);
	victims_collect(&rd, starter);
	for (unsigned i = 0; i < c->hogs; i++) {
		kill(hogs[i], SIGKILL);
		waitpid(hogs[i], NULL, 0);
	}
	v->started += c->containers;
	sca_tracker_stats(tracker, &ret->by);
	by = (uint64_t *)&ret->by;
	was = (uint64_t *)&before;
	for (size_t i = 0; i < sizeof(before) / sizeof(*was); i++)
		by[i] -= was[i];
}

static inline void victims_print(const struct victims_case *c, const struct victims_tally *t)
{
	print_message("# %s:", c->name);
	for (int i = 0; i < SCA_TRACK_CANDIDATES; i++)
		if (t->by.found[i])
			print_message(" %s %u/%u,", sca_track_name((enum sca_track)i),
				      (unsigned)t->by.found[i], t->records);
	print_message(" right %u/%u, exact %u, named %u, wrong %u, none %u", t->right, t->expected,
		      t->exact, t->named, t->wrong, t->none);
	if (t->records != t->expected || t->overruns)
		print_message(", records %u, overruns %u", t->records, t->overruns);
	print_message("%s%s\n", t->wrong ? "; first wrong: " : "", t->first_wrong);
}

#endif
