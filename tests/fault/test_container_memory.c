/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a process is followed to its container and to what the engines
 * know of it, a container is looked for by name, and its profile is read: each failure is
 * -ENOMEM, and no allocation is left behind.
 */
#include "container_tree.h"

#include "failing_malloc.h"

/* By name, from a directory that daemon.json moved; config.json has the same filter. */
static int by_name(struct sca_containers *cs, struct sca_err *err)
{
	struct sca_container_profile p;
	struct sca_container_state st;
	int r = sca_containers_find(cs, SCA_STR("shop"), &st, err);

	if (r == 0)
		r = sca_containers_profile(cs, &st, false, &p, err);
	if (r < 0)
		return r;
	if (p.from != SCA_PROFILE_COPY || p.changed || p.target.caps != 1 || !p.have_version)
		r = sca_fail(err, SCA_E_UNKNOWN, "Docker's copy");
	sca_profile_free(p.profile);
	return r;
}

static int all(struct sca_err *err)
{
	struct sca_containers *cs = NULL;
	struct sca_container_ref ref;
	struct sca_cgroup cg;
	int r = sca_containers_new(&cs, top, err);

	if (r == 0)
		r = sca_containers_add_patterns(cs, SCA_STR("own = /own-(.+)$"), "a.conf", err);
	if (r == 0)
		r = sca_containers_decode(cs, SCA_STR("/machine.slice/machine-a\\x2db.scope"), &cg,
					  err);
	if (r == 0)
		r = sca_containers_by_path(cs, SCA_STR("/web/sub"), &ref, err);
	if (r == 0 && !str_is(ref.id, "web"))
		r = sca_fail(err, SCA_E_UNKNOWN, "the runtime's container");
	if (r == 0)
		r = sca_containers_by_pid(cs, 7, BTIME * 2000LL, true, &ref, err);
	if (r == 0 && !(str_is(ref.name, "app") && str_is(ref.sure, "exact")))
		r = sca_fail(err, SCA_E_UNKNOWN, "the pod's container");
	if (r == 0)
		r = by_name(cs, err);
	sca_containers_free(cs);
	return r;
}

static void test_memory(void **state _unused_)
{
	bool last = false;
	long nth = 0;

	prepare_malloc();
	put_task(7, "sh", 'S', 1, "0::/kubepods/pod" UID "/" A64 "\n");
	put_file("run/runc/web/state.json",
		 "{\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/web\"},"
		 "\"config\":{\"labels\":[\"bundle=/srv/web\"]}}");
	put_file("run/containerd/io.containerd.runtime.v2.task/k8s.io/" A64 "/config.json",
		 "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\"}}");
	put_file("var/lib/containers/storage/overlay-containers/containers.json",
		 "[{\"id\":\"" A64 "\",\"metadata\":\"{}\"}]");
	put_file("etc/docker/daemon.json", "{\"data-root\":\"/srv/docker\"}");
	put_file("var/lib/dpkg/status",
		 "Package: runc\nStatus: install ok installed\nVersion: 1:1.1.5+ds1-1\n");
	put_file("srv/docker/containers/" B64 "/config.v2.json",
		 "{\"Name\":\"/shop\",\"SeccompProfile\":\"{\\\"defaultAction\\\":"
		 "\\\"SCMP_ACT_ALLOW\\\"}\"}");
	put_file("srv/docker/containers/" B64 "/hostconfig.json", "{\"Runtime\":\"runc\"}");
	put_file("run/docker/runtime-runc/moby/" B64 "/state.json",
		 "{\"config\":{\"labels\":[\"bundle=/srv/shop\"]}}");
	put_file("srv/shop/config.json",
		 "{\"process\":{\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"]}},"
		 "\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}}");
	for (; !last; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;

		countdown = nth;
		last = check(nth, all(&err), &err);
		assert_int_equal(live, before);
	}
	print_message("%ld allocations\n", nth - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {IN_TREE(test_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
