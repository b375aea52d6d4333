/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <scaudit/scaudit.h>

#include <setjmp.h>
#include <cmocka.h>

#define A64 "aaaaaaaa0123456789abcdefaaaaaaaa0123456789abcdefaaaaaaaa01234567"
#define B64 "bbbbbbbb0123456789abcdefbbbbbbbb0123456789abcdefbbbbbbbb01234567"
#define UID "0d08203e-255a-11e9-8cd9-0007cb0b2cc8"
#define UID_SLICE "0d08203e_255a_11e9_8cd9_0007cb0b2cc8"

static const char *const kinds[] = {
	[SCA_CGROUP_UNKNOWN] = "unknown",   [SCA_CGROUP_CONTAINER] = "container",
	[SCA_CGROUP_CANDIDATE] = "candidate", [SCA_CGROUP_MONITOR] = "monitor",
	[SCA_CGROUP_UNIT] = "unit",         [SCA_CGROUP_RELATIVE] = "relative",
};

static struct sca_containers *new_containers(void)
{
	struct sca_containers *cs = NULL;

	assert_int_equal(sca_containers_new(&cs, NULL, NULL), 0);
	return cs;
}

/* "kind engine id pod_uid pod_id qos unit outer_engine outer_id", "-" for the empty ones. */
static void spell(struct buf *b, const struct sca_cgroup *cg)
{
	const struct sca_str parts[] = {
		cg->engine, cg->id, cg->pod_uid, cg->pod_id, cg->qos,
		cg->unit, cg->outer_engine, cg->outer_id,
	};
	size_t n = ARRAY_SIZE(parts);

	while (n && parts[n - 1].n == 0)
		n--;
	buf_add_z(b, kinds[cg->kind]);
	for (size_t i = 0; i < n; i++) {
		buf_add_c(b, ' ');
		buf_add_str(b, parts[i].n ? parts[i] : SCA_STR("-"));
	}
}

static const struct {
	const char *path, *expect;
} rows[] = {
	/* the usual ones, and what hangs below or above them */
	{"/docker/" A64, "container docker " A64},
	{"/system.slice/docker-" A64 ".scope", "container docker " A64},
	{"/system.slice/docker-" A64 ".scope/init.scope", "container docker " A64},
	{"/docker/" A64 "/a/b/c/d/e/f/g/h/i/j/k/l", "container docker " A64},
	{"/docker/" A64 " (deleted)", "container docker " A64},
	{"/docker/" A64 "/", "container docker " A64},
	{"/a.slice/" A64, "container oci " A64},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_SLICE
	 ".slice/cri-containerd-" A64 ".scope", "container containerd " A64 " " UID " - burstable"},
	{"/kubepods/besteffort/pod" UID "/" A64, "container cri " A64 " " UID " - besteffort"},
	{"/kubepods/pod" UID "/" A64, "container cri " A64 " " UID " - guaranteed"},
	{"/system.slice/containerd.service/kubepods-burstable-pod" UID_SLICE
	 ".slice:cri-containerd:" A64,
	 "container containerd " A64 " " UID " - burstable containerd.service"},
	{"/machine.slice/machine-libpod_pod_" B64 ".slice/libpod-" A64 ".scope/container",
	 "container podman " A64 " - " B64},
	{"/system.slice/web.service/libpod-payload-" A64,
	 "container podman " A64 " - - - web.service"},
	/* one in the other: what is said of the outer one is not said of the inner one */
	{"/system.slice/docker-" A64 ".scope/kubelet/kubepods/burstable/pod" UID "/" B64,
	 "container cri " B64 " " UID " - burstable - docker " A64},
	{"/system.slice/kind.service/docker/" A64 "/system.slice/in.service/docker/" B64,
	 "container docker " B64 " - - - in.service docker " A64},
	{"/kubepods/burstable/pod" UID "/" A64 "/pod11111111-2222-3333-4444-555555555555",
	 "container cri " A64 " " UID " - burstable"},
	{"/lxc.payload.outer/lxc.payload.inner/x.scope",
	 "container lxc inner - - - - lxc outer"},
	/* helpers beside a container are not in it */
	{"/machine.slice/libpod-conmon-" A64 ".scope", "monitor podman " A64},
	{"/system.slice/crio-conmon-" A64 ".scope", "monitor cri-o " A64},
	{"/libpod_parent/conmon", "monitor podman"},
	{"/lxc.monitor.web", "monitor lxc web"},
	{"/machine.slice/systemd-nspawn@a\\x2db.service/supervisor",
	 "monitor nspawn a-b"},
	/* what units do to names */
	{"/machine.slice/systemd-nspawn@a\\x2db.service/payload", "container nspawn a-b"},
	{"/machine.slice/machine-a\\x2db.scope", "container machined a-b"},
	{"/machine.slice/machine-a\\x00b\\x2.scope", "container machined a\\x00b\\x2"},
	{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
	 "unit systemd - - - - machine-qemu\\x2d1\\x2dvm.scope"},
	{"/machine.slice/machine-lxc\\x2d9\\x2da\\x2db.scope", "container libvirt-lxc a-b"},
	{"/system.slice/a\\x2db.service", "unit systemd - - - - a\\x2db.service"},
	{"/user.slice/user-1000.slice/user@1000.service/app.slice/x.service",
	 "unit systemd-user - - - - x.service"},
	{"/system.slice/user@x.service", "unit systemd - - - - user@x.service"},
	/* nothing is named that is not there */
	{"/", "unknown"},
	{"/../" A64, "relative"},
	{"/..", "relative"},
	{"/..docker/" A64, "container oci " A64},
	{"/docker/" A64 "0", "candidate oci " A64 "0"},
	{"/docker/x" A64, "candidate oci x" A64},
	{"/docker/AAAAAAAA0123456789abcdefaaaaaaaa0123456789abcdefaaaaaaaa01234567",
	 "candidate oci AAAAAAAA0123456789abcdefaaaaaaaa0123456789abcdefaaaaaaaa01234567"},
	{"/docker/" A64 "\n", "candidate oci " A64 "\n"},
	{"/xdocker/" A64, "container oci " A64},
	{"/podruntime.slice/kubelet.service", "unit systemd - - - - kubelet.service"},
	{"/kubepods/burstable/podbeef/x", "unknown"},
	{"/a/b/c", "unknown"},
	{"/web", "candidate oci web"},
	{"/ns/web", "candidate oci web"},
	{"/system.slice", "unknown"},
	{"/system.slice/var-lib.mount", "unknown"},
	{"/system.slice/web.service.d", "candidate oci web.service.d"},
};

static void test_rows(void **state)
{
	struct sca_containers *cs = new_containers();
	struct sca_cgroup cg;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		if (sca_containers_decode(cs, sca_str_z(rows[i].path), &cg, NULL) < 0)
			fail_msg("%s: refused", rows[i].path);
		spell(&b, &cg);
		if (strcmp(b.p, rows[i].expect) != 0)
			fail_msg("%s:\n  %s instead of\n  %s", rows[i].path, b.p, rows[i].expect);
	}
	sca_containers_free(cs);
}

/* Paths of other machines, with what other tools or their authors say of them. */
static void compare_line(struct sca_containers *cs, struct sca_str line)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_str path = {0}, expect = line;
	struct sca_cgroup cg;

	assert_true(str_cut(&expect, '\t', &path));
	for (unsigned i = 0, tabs = 0; i < expect.n; i++)
		if (expect.p[i] == '\t' && ++tabs == 4)
			expect.n = i;
	if (sca_containers_decode(cs, path, &cg, NULL) < 0)
		fail_msg("%.*s: refused", (int)path.n, path.p);
	if (cg.kind == SCA_CGROUP_RELATIVE)
		cg.engine = SCA_STR("relative");
	if (cg.kind == SCA_CGROUP_UNIT)
		cg.id = cg.unit;
	buf_add_str(&b, cg.engine.n ? cg.engine : SCA_STR("none"));
	buf_add_z(&b, cg.kind == SCA_CGROUP_MONITOR ? "-monitor" : "");
	for (unsigned i = 0; i < 3; i++) {
		struct sca_str s = i == 0 ? cg.id : i == 1 ? cg.pod_uid : cg.qos;

		buf_add_c(&b, '\t');
		buf_add_str(&b, s.n ? s : SCA_STR("-"));
	}
	if (!str_eq(buf_str(&b), expect))
		fail_msg("%.*s:\n  %s instead of\n  %.*s", (int)path.n, path.p, b.p,
			 (int)expect.n, expect.p);
}

static void test_collected(void **state)
{
	const char *top = getenv("SCA_SHARED");
	char name[512], line[8192];
	struct sca_containers *cs;
	unsigned n = 0;
	FILE *f;

	(void)state;
	snprintf(name, sizeof(name), "%s/data/cgroup_paths.tsv", top ? top : "../shared");
	f = fopen(name, "re");
	if (!f) {
		print_message("no collected paths: %s is not there\n", name);
		skip();
	}
	cs = new_containers();
	while (f && fgets(line, sizeof(line), f))
		if (n++) /* the first one names the columns */
			compare_line(cs, str_trim(sca_str_z(line)));
	fclose(f);
	assert_true(n > 80);
	sca_containers_free(cs);
}

static void test_user_patterns(void **state)
{
	static const char text[] = "# ours\n\n  own = /own-([a-z]+)$\r\nown2=^/x/(?:y/)?(z+)(q)?(r)?$\n"
				   "mine = /docker/(c{4})[^/]*$";
	static const struct {
		const char *path, *expect;
	} own[] = {
		{"/a/own-web/sub", "container own web"},
		{"/docker/cccc-x", "container mine cccc"},
		{"/docker/" A64, "container docker " A64},
		{"/x/y/zz", "container own2 zz"},
		{"/x/y/zzqr", "container own2 zz"},
		{"/own-/x/y", "unknown"},
	};
	struct sca_containers *cs = new_containers();
	struct sca_cgroup cg;

	(void)state;
	assert_int_equal(sca_containers_add_patterns(cs, sca_str_z(text), "a.conf", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		assert_int_equal(sca_containers_decode(cs, sca_str_z(own[i].path), &cg, NULL), 0);
		spell(&b, &cg);
		assert_string_equal(b.p, own[i].expect);
	}
	sca_containers_free(cs);
}

static void test_user_errors(void **state)
{
	static const struct {
		const char *text;
		int code;
		unsigned line, column;
	} bad[] = {
		{"x", SCA_E_SYNTAX, 1, 1},
		{"\n#\n = /(a)$", SCA_E_SYNTAX, 3, 2},
		{"Up = /(a)$", SCA_E_SYNTAX, 1, 1},
		{"-a = /(a)$", SCA_E_SYNTAX, 1, 1},
		{"a b = /(a)$", SCA_E_SYNTAX, 1, 1},
		{"abcdefghijabcdefghijabcdefghijabc = /(a)$", SCA_E_SYNTAX, 1, 1},
		{"a =", SCA_E_SYNTAX, 1, 4},
		{"ok = /(a)$\n  a = /a$", SCA_E_SYNTAX, 2, 7},
		{"a = /(a", SCA_E_SYNTAX, 1, 8},
		{"a = /([z-a])", SCA_E_SYNTAX, 1, 10},
		{"a = (*UTF)/(a)", SCA_E_SYNTAX, 1, 11},
	};
	struct sca_containers *cs = new_containers();
	struct sca_cgroup cg;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct sca_err err = SCA_ERR_INIT;
		int r = sca_containers_add_patterns(cs, sca_str_z(bad[i].text), "a.conf", &err);

		if (r != bad[i].code || err.line != bad[i].line || err.column != bad[i].column ||
		    strcmp(err.file, "a.conf") != 0)
			fail_msg("%s: %d at %s:%u:%u: %s", bad[i].text, r, err.file, err.line,
				 err.column, err.text);
	}
	/* The good line before a bad one is not taken. */
	assert_int_equal(sca_containers_decode(cs, SCA_STR("/x/y/z/a"), &cg, NULL), 0);
	assert_int_equal(cg.kind, SCA_CGROUP_UNKNOWN);
	for (int i = 0; i < SCA_CONTAINER_PATTERNS_MAX; i++)
		assert_int_equal(sca_containers_add_patterns(cs, SCA_STR("a = /(a)$"), NULL, NULL),
				 0);
	assert_int_equal(sca_containers_add_patterns(cs, SCA_STR("a = /(a)$"), NULL, NULL),
			 SCA_E_LIMIT);
	sca_containers_free(cs);
}

static void test_hostile(void **state)
{
	struct sca_containers *cs = new_containers();
	struct sca_container_stats stats;
	size_t big = 1u << 20;
	char *text = malloc(big);
	struct sca_cgroup cg;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < big; i++)
		text[i] = i % 2 ? 'a' : '/';
	assert_int_equal(sca_containers_decode(cs, (struct sca_str){text, big}, &cg, NULL),
			 SCA_E_LIMIT);
	assert_int_equal(sca_containers_decode(cs, SCA_STR(""), &cg, NULL), SCA_E_SYNTAX);
	assert_int_equal(sca_containers_decode(cs, SCA_STR("docker"), &cg, NULL), SCA_E_SYNTAX);
	assert_int_equal(sca_containers_decode(cs, SCA_STR("/docker/\0"), &cg, NULL), SCA_E_SYNTAX);
	/* As many components, and as long ones, as fit: each must be a matter of little time. */
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(sca_containers_decode(cs, (struct sca_str){text, 4096}, &cg, NULL),
				 0);
		assert_int_equal(cg.kind, SCA_CGROUP_UNKNOWN);
	}
	memset(text + 1, '-', 4095);
	assert_int_equal(sca_containers_decode(cs, (struct sca_str){text, 4096}, &cg, NULL), 0);
	/* A pattern that backtracks without end is stopped, and nothing else is guessed. */
	assert_int_equal(sca_containers_add_patterns(cs, SCA_STR("slow = /((?:a+)+)[!?]$"), NULL,
						     NULL), 0);
	memset(text + 1, 'a', 64);
	assert_int_equal(sca_containers_decode(cs, (struct sca_str){text, 64}, &cg, NULL),
			 SCA_E_LIMIT);
	sca_containers_stats(cs, &stats);
	assert_int_equal(stats.overlong, 1);
	assert_int_equal(stats.malformed, 3);
	assert_int_equal(stats.costly, 1);
	free(text);
	sca_containers_free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_collected),
		cmocka_unit_test(test_user_patterns),
		cmocka_unit_test(test_user_errors),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
