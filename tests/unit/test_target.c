/* SPDX-License-Identifier: Apache-2.0 */
/* Targets: defaults, parsing, printing. */
#include "text.h"

#include <scaudit/profile.h>

#include <setjmp.h>
#include <cmocka.h>

#define DOCKER_CAPS UINT64_C(0xa80425fb)
#define PODMAN_CAPS UINT64_C(0x800405fb)

static void test_defaults(void **state _unused_)
{
	static const struct {
		const char *name;
		enum sca_frontend f;
		enum sca_runtime runtime;
		unsigned version[3];
		uint64_t caps;
	} rows[] = {
		{"docker", SCA_FRONTEND_DOCKER, SCA_RUNTIME_RUNC, {1, 3, 0}, DOCKER_CAPS},
		{"docker20", SCA_FRONTEND_DOCKER20, SCA_RUNTIME_RUNC, {1, 1, 5}, DOCKER_CAPS},
		{"podman", SCA_FRONTEND_PODMAN, SCA_RUNTIME_CRUN, {1, 14, 0}, PODMAN_CAPS},
		{"cri", SCA_FRONTEND_CRI, SCA_RUNTIME_RUNC, {1, 3, 0}, DOCKER_CAPS},
		{"oci", SCA_FRONTEND_OCI, SCA_RUNTIME_RUNC, {1, 3, 0}, DOCKER_CAPS},
	};
	enum sca_frontend f;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_target t;

		assert_int_equal(sca_frontend_parse(sca_str_z(rows[i].name), &f), 0);
		assert_int_equal(f, rows[i].f);
		assert_string_equal(sca_frontend_name(f), rows[i].name);
		sca_target_init(&t, f);
		assert_int_equal(t.runtime, rows[i].runtime);
		assert_memory_equal(t.version, rows[i].version, sizeof(t.version));
		assert_int_equal(t.caps, rows[i].caps);
		assert_int_equal(t.arch, sca_arch_native());
		assert_true(t.kernel[0] >= 3);
	}
	assert_int_equal(sca_frontend_parse(SCA_STR("Docker"), &f), SCA_E_UNKNOWN);
	assert_int_equal(sca_frontend_parse(SCA_STR(""), &f), SCA_E_UNKNOWN);
	assert_null(sca_frontend_name(SCA_FRONTEND_COUNT));
	assert_string_equal(sca_runtime_name(SCA_RUNTIME_CRUN), "crun");
	assert_null(sca_runtime_name(SCA_RUNTIME_COUNT));
}

/* Settings on top of "docker", and what is printed then; NULL for refused. */
static const struct {
	int (*set)(struct sca_target *, struct sca_str, struct sca_err *);
	const char *text, *printed;
	int r;
} settings[] = {
	{sca_target_set_runtime, "runc", "runc 1.3.0, caps docker-default", 0},
	{sca_target_set_runtime, "crun", "crun 1.14.0", 0},
	{sca_target_set_runtime, "crun:1.8.1", "crun 1.8.1", 0},
	{sca_target_set_runtime, "runc:1.2", "runc 1.2.0", 0},
	{sca_target_set_runtime, "runc:v1.2.3-rc.1+dev", "runc 1.2.3", 0},
	{sca_target_set_runtime, "runc:1.1.5+ds1-1+deb12u1", "runc 1.1.5", 0},
	{sca_target_set_runtime, "runc:1.0.0-rc95", "runc 1.0.0", 0},
	{sca_target_set_runtime, "runc:1.0.0-rc92", NULL, SCA_E_UNSUPPORTED},
	{sca_target_set_runtime, "runc:0.1.1", NULL, SCA_E_UNSUPPORTED},
	{sca_target_set_runtime, "runc:", NULL, SCA_E_SYNTAX},
	{sca_target_set_runtime, "runc:1.x", NULL, SCA_E_SYNTAX},
	{sca_target_set_runtime, "runc:99999999999", NULL, SCA_E_SYNTAX},
	{sca_target_set_runtime, "runc:1.2.3.4", NULL, SCA_E_SYNTAX},
	{sca_target_set_runtime, "youki", NULL, SCA_E_UNKNOWN},
	{sca_target_set_runtime, "", NULL, SCA_E_UNKNOWN},
	{sca_target_set_caps, "all", "caps all,", 0},
	{sca_target_set_caps, "none", "caps none,", 0},
	{sca_target_set_caps, "podman-default", "caps podman-default,", 0},
	{sca_target_set_caps, "+CAP_SYS_ADMIN", "caps docker-default,+CAP_SYS_ADMIN,", 0},
	{sca_target_set_caps, "-CAP_NET_RAW", "caps docker-default,-CAP_NET_RAW,", 0},
	{sca_target_set_caps, "-CAP_NET_RAW,-CAP_MKNOD,-CAP_AUDIT_WRITE",
	 "caps podman-default,", 0},
	{sca_target_set_caps, "CAP_BPF, CAP_PERFMON", "caps none,+CAP_PERFMON,+CAP_BPF,", 0},
	{sca_target_set_caps, "all,-CAP_SYS_ADMIN", "caps all,-CAP_SYS_ADMIN,", 0},
	{sca_target_set_caps, "podman-default,+CAP_MKNOD", "caps podman-default,+CAP_MKNOD,",
	 0},
	{sca_target_set_caps, "CHOWN", NULL, SCA_E_UNKNOWN},
	{sca_target_set_caps, "cap_chown", NULL, SCA_E_UNKNOWN},
	{sca_target_set_caps, "CAP_CHOWN,,CAP_KILL", NULL, SCA_E_UNKNOWN},
	{sca_target_set_caps, "", NULL, SCA_E_UNKNOWN},
	{sca_target_set_kernel, "4.8", "kernel 4.8,", 0},
	{sca_target_set_kernel, "6.18.44-fc", "kernel 6.18,", 0},
	{sca_target_set_kernel, "6.1-rc3", "kernel 6.1,", 0},
	{sca_target_set_kernel, "6", NULL, SCA_E_SYNTAX},
	{sca_target_set_kernel, "6.", NULL, SCA_E_SYNTAX},
	{sca_target_set_kernel, "six.one", NULL, SCA_E_SYNTAX},
	{sca_target_set_kernel, "-1.2", NULL, SCA_E_SYNTAX},
	{sca_target_set_arch, "aarch64", ", aarch64", 0},
	{sca_target_set_arch, "SCMP_ARCH_S390X", ", s390x", 0},
	{sca_target_set_arch, "vax", NULL, SCA_E_UNKNOWN},
};

static void test_settings(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		struct sca_err err = SCA_ERR_INIT;
		struct sca_target t, before;
		char text[256];
		int r;

		sca_target_init(&t, SCA_FRONTEND_DOCKER);
		before = t;
		r = settings[i].set(&t, sca_str_z(settings[i].text), &err);
		sca_target_format(&t, text, sizeof(text));
		if (r != settings[i].r ||
		    (settings[i].printed && !strstr(text, settings[i].printed)))
			fail_msg("\"%s\": %d \"%s\" %s", settings[i].text, r, text, err.text);
		if (r < 0) {
			assert_memory_equal(&t, &before, sizeof(t));
			assert_true(err.text[0]);
		}
	}
}

/* Without a version, the one that the front end's engine ships with. */
static void test_runtime_of_frontend(void **state _unused_)
{
	struct sca_target t;

	sca_target_init(&t, SCA_FRONTEND_DOCKER20);
	assert_int_equal(sca_target_set_runtime(&t, SCA_STR("crun"), NULL), 0);
	assert_int_equal(t.version[1], 14);
	assert_int_equal(sca_target_set_runtime(&t, SCA_STR("runc"), NULL), 0);
	assert_int_equal(t.version[1], 1);
	assert_int_equal(t.version[2], 5);
}

static void test_format_cut(void **state _unused_)
{
	struct sca_target t;
	char text[8];

	sca_target_init(&t, SCA_FRONTEND_DOCKER);
	assert_int_equal(sca_target_format(&t, text, sizeof(text)), 7);
	assert_string_equal(text, "docker,");
	assert_int_equal(sca_target_format(&t, text, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_runtime_of_frontend),
		cmocka_unit_test(test_format_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
