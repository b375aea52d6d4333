/* SPDX-License-Identifier: Apache-2.0 */
/* What command lines say of those who start containers; ~ stands for the end of an argument. */
#include "starter.h"

#include <setjmp.h>
#include <cmocka.h>

static const struct {
	const char *line; /* NULL id: not of a starter, or without an id */
	enum starter who;
	const char *id, *name, *space;
} rows[] = {
	{"/usr/bin/conmon~--api-version~1~-c~ID~-u~ID~-r~/usr/bin/runc~-b~/b~-n~web~", STARTER_CONMON,
	 "ID", "web", ""},
	{"conmon~--cid=ID~-n~web~", 0, NULL, NULL, NULL},
	{"conmon~-c=ID~--n=web~", STARTER_CONMON, "ID", "web", ""},
	{"conmon~-c~", 0, NULL, NULL, NULL},
	{"/usr/bin/containerd-shim-runc-v2~-namespace~k8s.io~-id~POD~-address~/run/c.sock~",
	 STARTER_SHIM, "POD", "", "k8s.io"},
	{"containerd-shim~-namespace~moby~-workdir~/w~-id~ID~", STARTER_SHIM, "ID", "", "moby"},
	{"containerd-shim-runc-v2~--namespace~moby~--id~ID~", STARTER_SHIM, "ID", "", "moby"},
	{"containerd-shim-runc-v2~-namespace~moby~", 0, NULL, NULL, NULL},
	{"runc~run~-b~/bundle~web~", STARTER_RUNTIME, "web", "", ""},
	{"/usr/sbin/runc~--root~/run/docker/runtime-runc/moby~create~--bundle~/b~--pid-file~/p~ID~",
	 STARTER_RUNTIME, "ID", "", ""},
	{"crun~--systemd-cgroup~create~ID~", STARTER_RUNTIME, "ID", "", ""},
	{"runc~exec~--process~/tmp/p~--detach~ID~", STARTER_RUNTIME, "ID", "", ""},
	{"runc~exec~--process=/tmp/p~ID~", STARTER_RUNTIME, "ID", "", ""},
	{"runc~exec~ID~sh~", 0, NULL, NULL, NULL}, /* which word is the id is not told */
	{"runc~exec~web~run~", 0, NULL, NULL, NULL},
	{"runc~init~", 0, NULL, NULL, NULL},
	{"runc~run~", 0, NULL, NULL, NULL},
	{"runc~run~--help~", 0, NULL, NULL, NULL},
	{"runc~delete~web~", 0, NULL, NULL, NULL},
	{"runc~state~web~", 0, NULL, NULL, NULL},
	{"runc~", 0, NULL, NULL, NULL},
	{"runcx~run~web~", 0, NULL, NULL, NULL},
	{"sh~-c~conmon~", 0, NULL, NULL, NULL},
	{"/conmon/sh~-c~ID~", 0, NULL, NULL, NULL},
	{"~", 0, NULL, NULL, NULL},
	{"", 0, NULL, NULL, NULL},
	{"runc~run~web", 0, NULL, NULL, NULL}, /* a title that was written over */
	{"~~~~", 0, NULL, NULL, NULL},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_str line = sca_str_z(rows[i].line);
		struct starter_says says = {0};
		char *text = malloc(line.n + 1); /* of this size, for sanitizers */
		bool found;

		assert_non_null(text);
		for (size_t k = 0; k < line.n; k++)
			text[k] = line.p[k] == '~' ? '\0' : line.p[k];
		found = starter_parse((struct sca_str){text, line.n}, &says);
		if (found != (rows[i].id != NULL) ||
		    (found && (says.who != rows[i].who || !str_eq(says.id, sca_str_z(rows[i].id)) ||
			       !str_eq(says.name, sca_str_z(rows[i].name)) ||
			       !str_eq(says.space, sca_str_z(rows[i].space)))))
			fail_msg("row %zu: %s: found %d, id '%.*s', name '%.*s'", i, rows[i].line,
				 found, (int)says.id.n, says.id.p, (int)says.name.n, says.name.p);
		free(text);
	}
}

/* More arguments than are looked at name nothing. */
static void test_many(void **state)
{
	struct buf b = BUF_INIT;
	struct starter_says says;

	(void)state;
	buf_add(&b, "runc\0run", 9);
	for (unsigned i = 0; i < 1000; i++)
		buf_add(&b, "--debug", 8);
	buf_add(&b, "web", 4);
	assert_false(b.failed);
	assert_false(starter_parse(buf_str(&b), &says));
	buf_release(&b);
}

static void test_comm(void **state)
{
	static const struct {
		const char *comm;
		bool starter;
	} comms[] = {
		{"runc", true}, {"crun", true}, {"conmon", true}, {"containerd-shim", true},
		{"runc:[2:INIT]", false}, {"containerd", false}, {"", false}, {"sh", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(comms); i++)
		if (starter_comm(sca_str_z(comms[i].comm)) != comms[i].starter)
			fail_msg("row %zu: %s", i, comms[i].comm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_many), cmocka_unit_test(test_comm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
