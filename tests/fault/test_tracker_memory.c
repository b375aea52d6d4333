/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a tracker is opened, sees a cgroup come and a process of it go:
 * each failure is -ENOMEM, and nothing is left behind. What this machine does not allow is
 * not tried: as nobody, that is most of it.
 */
#include "base.h"

#include <scaudit/tracker.h>

#include <setjmp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "failing_malloc.h"

static char cgroup[512]; /* empty: none can be made */

static int make_child(uint32_t *ret_pid)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		char procs[sizeof(cgroup) + 16];
		FILE *f;

		countdown = -1;
		snprintf(procs, sizeof(procs), "%s/cgroup.procs", cgroup);
		f = fopen(procs, "we");
		if (f) {
			fputs("0", f);
			fclose(f);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	*ret_pid = (uint32_t)pid;
	return 0;
}

static int all(long nth, struct sca_err *err)
{
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME};
	struct sca_container_ref ref;
	struct sca_containers *cs = NULL;
	struct sca_tracker *t = NULL;
	struct timespec ts;
	int r = sca_containers_new(&cs, NULL, err);

	countdown = nth; /* tests/fault/test_container_memory.c has those before */
	if (r == 0)
		r = sca_tracker_new(&t, cs, 0, err);
	clock_gettime(CLOCK_REALTIME, &ts);
	rec.time_ms = ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (r == 0 && cgroup[0])
		mkdir(cgroup, 0755);
	if (r == 0)
		r = make_child(&rec.pid);
	if (r == 0)
		r = sca_tracker_find(t, &rec, &ref, err);
	rec.pid = (uint32_t)getpid();
	if (r == 0)
		r = sca_tracker_find(t, &rec, &ref, err);
	sca_tracker_free(t);
	sca_containers_free(cs);
	if (cgroup[0])
		rmdir(cgroup);
	return r;
}

static void find_place(void)
{
	FILE *f = popen("findmnt -n -l -t cgroup2 -o TARGET | head -n 1", "re");
	char mount[256] = "";

	if (f && fgets(mount, sizeof(mount), f) && geteuid() == 0) {
		mount[strcspn(mount, "\n")] = '\0';
		snprintf(cgroup, sizeof(cgroup), "%s/%064x", mount, (unsigned)getpid());
	}
	if (f)
		pclose(f);
}

static void test_memory(void **state _unused_)
{
	bool last = false;
	long nth = 0;

	prepare_malloc();
	find_place();
	for (; !last; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;

		last = check(nth, all(nth, &err), &err);
		assert_int_equal(live, before);
	}
	print_message("%ld allocations\n", nth - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
