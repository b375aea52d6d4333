/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken for a record of the kernel's. The socket itself: tests/live/test_live_kernel.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/audit.h>

#include <scaudit/source.h>

#include "source_netlink.h"

#define TEXT "audit(1.001:1): auid=0"

static const struct row {
	const char *name;
	unsigned short family, type;
	uint32_t sender;
	int length;    /* what the header says, less what came */
	size_t n;      /* bytes that came; 0: header and text */
	bool cut;
	enum datagram want;
} rows[] = {
	{"a record", AF_NETLINK, AUDIT_SECCOMP, 0, 0, 0, false, DATAGRAM_RECORD},
	{"killed process", AF_NETLINK, AUDIT_ANOM_ABEND, 0, 0, 0, false, DATAGRAM_RECORD},
	{"header not counted in", AF_NETLINK, AUDIT_SECCOMP, 0, -16, 0, false, DATAGRAM_RECORD},
	{"another type", AF_NETLINK, AUDIT_SYSCALL, 0, 0, 0, false, DATAGRAM_OTHER},
	{"another type, cut", AF_NETLINK, AUDIT_SYSCALL, 0, 0, 0, true, DATAGRAM_OTHER},
	{"an answer", AF_NETLINK, NLMSG_ERROR, 0, 0, 0, false, DATAGRAM_OTHER},
	{"from a process", AF_NETLINK, AUDIT_SECCOMP, 4711, 0, 0, false, DATAGRAM_FOREIGN},
	{"from the last port", AF_NETLINK, AUDIT_SECCOMP, UINT32_MAX, 0, 0, false,
	 DATAGRAM_FOREIGN},
	{"from a process, another type", AF_NETLINK, AUDIT_USER, 1, 0, 0, false, DATAGRAM_FOREIGN},
	{"from no address", AF_UNSPEC, AUDIT_SECCOMP, 0, 0, 0, false, DATAGRAM_FOREIGN},
	{"cut", AF_NETLINK, AUDIT_SECCOMP, 0, 0, 0, true, DATAGRAM_CUT},
	{"longer than what came", AF_NETLINK, AUDIT_SECCOMP, 0, 1, 0, false, DATAGRAM_MALFORMED},
	{"shorter than what came", AF_NETLINK, AUDIT_SECCOMP, 0, -1, 0, false, DATAGRAM_MALFORMED},
	{"half a header not counted in", AF_NETLINK, AUDIT_SECCOMP, 0, -8, 0, false,
	 DATAGRAM_MALFORMED},
	{"half a header", AF_NETLINK, AUDIT_SECCOMP, 0, 0, 8, false, DATAGRAM_MALFORMED},
	{"a header only", AF_NETLINK, AUDIT_SECCOMP, 0, 0, sizeof(struct nlmsghdr), false,
	 DATAGRAM_RECORD},
};

static void test_datagrams(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const struct sockaddr_nl from = {.nl_family = row->family, .nl_pid = row->sender};
		const size_t whole = sizeof(struct nlmsghdr) + sizeof(TEXT) - 1;
		size_t n = row->n ? row->n : whole;
		struct nlmsghdr h = {
			.nlmsg_type = row->type,
			.nlmsg_len = (uint32_t)((long)n + row->length),
		};
		char *p = malloc(n); /* exactly, so that a sanitizer sees each byte too many */
		uint32_t type = 0;
		struct sca_str text = {NULL, 0};
		enum datagram got;

		assert_non_null(p);
		memcpy(p, &h, MIN(n, sizeof(h)));
		if (n == whole)
			memcpy(p + sizeof(h), TEXT, sizeof(TEXT) - 1);
		got = datagram_read(&from, p, n, row->cut, &type, &text);
		if (got != row->want)
			fail_msg("%s: %d, not %d", row->name, got, row->want);
		if (got == DATAGRAM_RECORD &&
		    (type != row->type || text.n != n - sizeof(h) ||
		     (text.n && !str_is(text, TEXT))))
			fail_msg("%s: type %u, text \"%.*s\"", row->name, type, (int)text.n,
				 text.p);
		free(p);
	}
}

/* -- what the kernel says it lost -- */

static const struct {
	const char *name;
	unsigned short type;
	size_t cut; /* bytes that are missing at the end */
	uint32_t daemon, lost, want;
	bool closes;
} answers[] = {
	{"the first one is where it starts", AUDIT_GET, 0, 0, 1000, 0, false},
	{"nothing new", AUDIT_GET, 0, 7, 1000, 0, false},
	{"five", AUDIT_GET, 0, 7, 1005, 5, false},
	{"of an older kernel", AUDIT_GET, sizeof(struct audit_status) - 28, 7, 1006, 1, false},
	{"too short", AUDIT_GET, sizeof(struct audit_status) - 24, 7, 2000, 0, false},
	{"half a header", AUDIT_GET, sizeof(struct audit_status) + 8, 7, 2000, 0, false},
	{"another type", AUDIT_LIST_RULES, 0, 7, 2000, 0, false},
	{"told to begin anew", AUDIT_GET, 0, 7, 3, 3, false},
	{"near the end", AUDIT_GET, 0, 7, UINT32_MAX, UINT32_MAX - 3, false},
	{"round", AUDIT_GET, 0, 7, 2, 2, false},
	{"refused", NLMSG_ERROR, 0, 7, 9, 0, true},
};

static void test_kernel_lost(void **state _unused_)
{
	struct kernel_lost k = {.fd = dup(STDERR_FILENO)}, held = {.fd = -1, .known = true, .holds = true};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct {
			struct nlmsghdr h;
			struct audit_status st;
		} m = {
			.h = {.nlmsg_type = answers[i].type},
			.st = {.pid = answers[i].daemon, .lost = answers[i].lost},
		};
		uint32_t got = kernel_lost_answer(&k, (char *)&m, sizeof(m) - answers[i].cut);

		if (got != answers[i].want || (k.fd < 0) != answers[i].closes)
			fail_msg("%s: %u, not %u", answers[i].name, got, answers[i].want);
		/* A kernel that holds them back counts each one, while there is no daemon. */
		if (answers[i].type == AUDIT_GET && !answers[i].daemon)
			assert_int_equal(kernel_lost_answer(&held, (char *)&m, sizeof(m)), 0);
	}
	kernel_lost_close(&k);
}

/* It holds no past. */
static void test_no_past(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src;

	assert_int_equal(sca_source_open(&src, "netlink", NULL, NULL, &err), SCA_E_UNSUPPORTED);
	assert_non_null(strstr(err.text, "log -f"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_kernel_lost),
		cmocka_unit_test(test_no_past),
	};

	return cmocka_run_group_tests_name("source_netlink", tests, NULL, NULL);
}
