/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that run: runc and crun (in a mount namespace with pure cgroup2, which it wants)
 * start one each, and its process, its cgroup path and its state must name it. Engines that
 * have daemons are not started.
 */
#include "text.h"

#include <scaudit/scaudit.h>

#include <setjmp.h>
#include <sys/wait.h>
#include <cmocka.h>

#define PURE "unshare -m --propagation private sh -c 'umount -R /sys/fs/cgroup 2>/dev/null; " \
	     "mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"' v2 "

static const struct runtime {
	const char *name, *prefix;
} runtimes[] = {
	{"runc", ""},
	{"crun", PURE},
};

static char dir[64], id[64];

static int _printf_(1, 2) sh(const char *fmt, ...)
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

static int make_bundle(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/scaudit-live-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(id, sizeof(id), "scaudit-test-%d", (int)getpid());
	return 0;
}

static int remove_bundle(void **state)
{
	(void)state;
	return sh("rm -rf %s", dir);
}

static void need(const char *tool)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	if (sh("command -v %s >/dev/null 2>&1", tool) != 0) {
		print_message("%s is not installed (scripts/deps installs it)\n", tool);
		skip();
	}
}

/* The pid of the container's first process, when it runs. */
static uint32_t start(const struct runtime *rt)
{
	char path[256], line[32] = "";
	uint32_t pid = 0;
	FILE *f;

	need(rt->name);
	need("busybox");
	need("jq");
	need("unshare");
	assert_int_equal(sh("cd %s && mkdir -p rootfs/bin rootfs/proc rootfs/dev rootfs/sys && "
			    "cp \"$(command -v busybox)\" rootfs/bin/busybox && %s spec && "
			    "jq '.process.terminal = false | .process.rlimits = [] "
			    "| .process.args = [\"/bin/busybox\", \"sleep\", \"60\"] "
			    "| .annotations = {\"nerdctl/name\": \"shop\"} "
			    "| del(.linux.resources)' config.json >new && mv new config.json",
			    dir, rt->name), 0);
	assert_int_equal(sh("%s%s run -d --pid-file %s/pid -b %s %s </dev/null >%s/out 2>&1 || "
			    "{ cat %s/out >&2; false; }", rt->prefix, rt->name, dir, dir, id, dir,
			    dir), 0);
	snprintf(path, sizeof(path), "%s/pid", dir);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_int_equal(str_u32(str_trim(sca_str_z(line)), &pid), 0);
	return pid;
}

static void stop(const struct runtime *rt)
{
	sh("%s%s delete -f %s >/dev/null 2>&1", rt->prefix, rt->name, id);
}

/* Everything that is asked while the container runs; judged when it is gone. */
static void look(const struct runtime *rt, struct sca_containers *cs, char why[512])
{
	struct sca_container_state st = {0};
	struct sca_container_ref ref = {0};
	struct timespec now;
	uint32_t pid = start(rt);
	int64_t ms;
	int r;

	why[0] = '\0';
#define JUDGE(true_when) \
	if (!why[0] && !(true_when)) \
		snprintf(why, 512, "line %d: %s; id %.*s, sure %.*s, name %.*s", __LINE__, \
			 #true_when, (int)ref.id.n, ref.id.p, (int)ref.sure.n, ref.sure.p, \
			 (int)ref.name.n, ref.name.p)
	clock_gettime(CLOCK_REALTIME, &now);
	ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
	r = sca_containers_by_pid(cs, pid, ms + 50, true, &ref, NULL);
	JUDGE(r == 0 && str_eq(ref.id, sca_str_z(id)));
	JUDGE(str_eq(ref.engine, SCA_STR("nerdctl")) && str_is(ref.name, "shop"));
	JUDGE(str_is(ref.via, "proc") && str_is(ref.sure, "exact"));
	r = sca_containers_by_pid(cs, pid, ms - 3600000, true, &ref, NULL);
	JUDGE(r == 0 && str_eq(ref.id, sca_str_z(id)) && str_is(ref.sure, "likely"));
	r = sca_containers_state(cs, sca_str_z(id), &st, NULL);
	JUDGE(r == 0 && st.init_pid == pid && st.init_start > 0);
	JUDGE(st.cgroup.n > 0 && st.config.n > 0);
	if (r == 0) {
		char path[SCA_CGROUP_PATH_MAX];

		snprintf(path, sizeof(path), "%.*s/below", (int)st.cgroup.n, st.cgroup.p);
		r = sca_containers_by_path(cs, sca_str_z(path), &ref, NULL);
		JUDGE(r == 0 && str_eq(ref.id, sca_str_z(id)) && str_is(ref.via, "cgroup"));
	}
	stop(rt);
	r = sca_containers_by_pid(cs, pid, ms, true, &ref, NULL);
	/* Until it is reaped, a process keeps its path on cgroup2. */
	JUDGE(r == 0 && (ref.id.n == 0 || str_eq(ref.id, sca_str_z(id))));
}

static void run(const struct runtime *rt)
{
	struct sca_containers *cs = NULL;
	char why[512];

	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	look(rt, cs, why);
	sca_containers_free(cs);
	if (why[0])
		fail_msg("%s: %s", rt->name, why);
}

static void test_runc(void **state)
{
	(void)state;
	run(&runtimes[0]);
}

static void test_crun(void **state)
{
	(void)state;
	run(&runtimes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_runc, make_bundle, remove_bundle),
		cmocka_unit_test_setup_teardown(test_crun, make_bundle, remove_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
