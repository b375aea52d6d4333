/* SPDX-License-Identifier: Apache-2.0 */
/* Containers by a user's word, in trees of files that the test makes; and where engines keep
 * their files. */
#include "container_tree.h"

#include "container_engine.h"

#define HEAD "0123456789abcdef0123456789abcdef0123456789abcdef0123456"
#define F64 "fade" HEAD "78901"
#define G64 "fade" HEAD "78902"

static void put_pod(const char *id, const char *ns, const char *pod, const char *name)
{
	char path[512], text[512];

	snprintf(path, sizeof(path),
		 "run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json", id);
	snprintf(text, sizeof(text),
		 "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"%s\","
		 "\"io.kubernetes.cri.sandbox-name\":\"%s\","
		 "\"io.kubernetes.cri.sandbox-namespace\":\"%s\"}}", name, pod, ns);
	put_file(path, text);
}

static void put_docker(const char *data, const char *id, const char *name, bool running)
{
	char path[512], text[512];

	snprintf(path, sizeof(path), "%s/containers/%s/config.v2.json", data, id);
	snprintf(text, sizeof(text), "{\"Name\":\"/%s\"}", name);
	put_file(path, text);
	if (!running)
		return;
	snprintf(path, sizeof(path), "run/docker/runtime-runc/moby/%s/state.json", id);
	put_file(path, "{\"init_process_pid\":9}");
}

static void put_all(void)
{
	put_docker("var/lib/docker", A64, "web", true);
	put_docker("var/lib/docker", B64, "twin", false);
	put_docker("var/lib/docker", C64, "twin", true);
	put_docker("var/lib/docker", F64, "db", false);
	put_docker("var/lib/docker", G64, "aaaa", true);
	put_pod(D64, "prod", "web-0", "app");
	put_pod(E64, "test", "web-0", "app");
	put_file("run/runc/plain/state.json", "{}");
	put_file("run/crun/not-there/other", "");
	put_file("var/lib/lxc/l1/config", "\n");
	put_file("var/lib/containers/storage/vfs-containers/containers.json",
		 "[{\"id\":\"pm-id\",\"names\":[\"pm\"]},{\"id\":7},7]");
}

static const struct {
	const char *word, *id;  /* id NULL: the code, with a part of its text */
	int code;
	const char *text;
} words[] = {
	{"web", A64, 0, NULL},
	{A64, A64, 0, NULL},
	{"aaaaaaaa", A64, 0, NULL},
	{"aaaaa", A64, 0, NULL},
	/* a name goes before the head of an id */
	{"aaaa", G64, 0, NULL},
	/* of two the one that runs */
	{"twin", C64, 0, NULL},
	{"fade", G64, 0, NULL},
	{"prod/web-0/app", D64, 0, NULL},
	{"test/web-0/app", E64, 0, NULL},
	{"web-0/app", NULL, SCA_E_CONFLICT,
	 "web-0/app means 2 containers, give one's id or POD/CONTAINER: prod/web-0/app "
	 "(dddddddd0123, containerd), test/web-0/app (eeeeeeee0123, containerd)"},
	{"app", NULL, SCA_E_CONFLICT, "app means 2 containers"},
	{"plain", "plain", 0, NULL},
	{"plai", "plain", 0, NULL},
	{"l1", "l1", 0, NULL},
	{"pm", "pm-id", 0, NULL},
	{"pm-i", "pm-id", 0, NULL},
	{"not-there", NULL, -ENOENT, "no container is called not-there; there are web"},
	{"wbe", NULL, -ENOENT, "did you mean web?"},
	{"twni", NULL, -ENOENT, "did you mean twin?"},
	{"ddd", NULL, -ENOENT, "no container is called ddd"},
	{"web-0", NULL, -ENOENT, "no container is called web-0"},
	{"/web-0/app", NULL, -ENOENT, "no container"},
	{"a/prod/web-0/app", NULL, -ENOENT, "no container"},
	{"/", NULL, -ENOENT, "no container"},
	{"../../etc", NULL, -ENOENT, "no container"},
	{"", NULL, -ENOENT, "empty"},
};

static void test_find(void **state _unused_)
{
	struct sca_containers *cs = new_containers();

	put_all();
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		struct sca_container_state st = {0};
		struct sca_err err = SCA_ERR_INIT;
		int r = sca_containers_find(cs, sca_str_z(words[i].word), &st, &err);

		if (r != words[i].code || (r < 0 && !strstr(err.text, words[i].text)))
			fail_msg("row %u, %s: %d, %s", i, words[i].word, r, err.text);
		if (r == 0)
			assert_span(i, st.id, words[i].id);
	}
	sca_containers_free(cs);
}

static int note(const struct sca_container_state *st, void *arg, struct sca_err *err _unused_)
{
	buf_add_str(arg, (struct sca_str){st->id.p, MIN(st->id.n, (size_t)6)});
	buf_add_c(arg, ' ');
	return str_is(st->id, "l1") ? 1 : 0;
}

/* Each once, in order, until the caller has enough. */
static void test_each(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_containers *cs = new_containers();

	assert_int_equal(sca_containers_each(cs, note, &b, NULL), 0);
	assert_int_equal(b.n, 0);
	put_all();
	cs->missing_ms = 0;
	assert_int_equal(sca_containers_each(cs, note, &b, NULL), 0);
	assert_string_equal(b.p, "aaaaaa bbbbbb cccccc dddddd eeeeee fade01 fade01 l1 ");
	sca_containers_free(cs);
}

static const struct {
	const char *file, *text, *dir; /* then Docker's data, and Podman's, are there */
	unsigned damaged;
} dirs[] = {
	{"etc/docker/daemon.json", "{\"data-root\":\"/srv/d\"}", "srv/d", 0},
	{"etc/docker/daemon.json", "{\"data-root\":\"srv/d\"}", "var/lib/docker", 1},
	{"etc/docker/daemon.json", "{\"data-root\":7}", "var/lib/docker", 0},
	{"etc/docker/daemon.json", "{", "var/lib/docker", 1},
	{"etc/docker/daemon.json", "{\"data-root\":\"/a\\u0000b\"}", "var/lib/docker", 1},
};

static void test_dirs(void **state _unused_)
{
	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct sca_containers *cs = new_containers();
		struct sca_container_stats stats;
		struct sca_container_state st;

		put_file(dirs[i].file, dirs[i].text);
		put_docker(dirs[i].dir, A64, "moved", false);
		if (sca_containers_find(cs, SCA_STR("moved"), &st, NULL) != 0)
			fail_msg("row %u: not found", i);
		sca_containers_stats(cs, &stats);
		assert_int_equal(stats.damaged, dirs[i].damaged);
		sca_containers_free(cs);
		assert_int_equal(nftw(under(dirs[i].dir), remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	}
}

static const struct {
	const char *text, *table, *key, *value;
} tomls[] = {
	{"state = \"/s\"\n[x]\nstate = \"/t\"\n", "", "state", "/s"},
	{"state = \"/s\"\n[x]\nstate = '/t' # comment\n", "x", "state", "/t"},
	{"  [ x ]  \n\tstate=\"/t\"", "x", "state", "/t"},
	{"[[x]]\nstate = \"/t\"", "x", "state", NULL},
	{"# state = \"/t\"\n", "", "state", NULL},
	{"state = \"/a\\\\b\"\n", "", "state", NULL},
	{"state = \"\"\"\n/t\"\"\"\n", "", "state", ""},
	{"state = \"/t\n", "", "state", NULL},
	{"state = 7\nstates = \"/t\"\n", "", "state", NULL},
	{"=\n==\n[\nstate", "", "state", NULL},
	{"", "", "state", NULL},
};

static void test_toml(void **state _unused_)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tomls); i++) {
		struct sca_str value = {NULL, 0};
		bool found = toml_string(sca_str_z(tomls[i].text), tomls[i].table, tomls[i].key,
					 &value);

		if (found != (tomls[i].value != NULL))
			fail_msg("row %u: %d", i, found);
		if (found)
			assert_span(i, value, tomls[i].value);
	}
}

static const struct {
	const char *file, *text, *version;
} packages[] = {
	{"var/lib/dpkg/status",
	 "Package: libc6\nStatus: install ok installed\nVersion: 2.36\n\nPackage: runc\n"
	 "Status: install ok installed\nVersion: 1.1.5+ds1-1\n", "1.1.5+ds1-1"},
	{"var/lib/dpkg/status", "Package: runc\nStatus: install ok installed\nVersion: 2:1.2-3\n",
	 "1.2-3"},
	{"var/lib/dpkg/status", "Package: runc\nStatus: deinstall ok config-files\nVersion: 1.1\n",
	 NULL},
	{"var/lib/dpkg/status", "Package: runcx\nVersion: 1.1\n\nPackage: crun\nVersion: 1.8\n",
	 NULL},
	{"lib/apk/db/installed", "C:Q1\nP:runc\nV:1.1.9-r2\nA:x86_64\n\nP:crun\nV:1\n", "1.1.9-r2"},
	{"lib/apk/db/installed", "P:crun\nV:1\n", NULL},
};

static void test_packages(void **state _unused_)
{
	for (unsigned i = 0; i < ARRAY_SIZE(packages); i++) {
		struct sca_containers *cs = new_containers();
		struct sca_str version = {NULL, 0};
		struct arena text = ARENA_INIT;

		put_file(packages[i].file, packages[i].text);
		assert_int_equal(engine_package(cs, "runc", &text, &version),
				 packages[i].version != NULL);
		assert_span(i, version, packages[i].version ? packages[i].version : "");
		arena_release(&text);
		sca_containers_free(cs);
		assert_int_equal(unlink(under(packages[i].file)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_find),
		IN_TREE(test_each),
		IN_TREE(test_dirs),
		cmocka_unit_test(test_toml),
		IN_TREE(test_packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
