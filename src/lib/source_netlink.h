/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the netlink source. */
#ifndef SCA_SOURCE_NETLINK_H
#define SCA_SOURCE_NETLINK_H

#include "base.h"

#include <sys/socket.h>

#include <linux/netlink.h>

/* -- one datagram of the audit socket, judged -- */

enum datagram {
	DATAGRAM_RECORD,    /* of a type that may be about seccomp */
	DATAGRAM_OTHER,     /* another type's; its contents are not looked at */
	DATAGRAM_FOREIGN,   /* not from the kernel */
	DATAGRAM_CUT,       /* a record longer than the buffer */
	DATAGRAM_MALFORMED, /* a record whose length is not what came */
};

/* `cut`: MSG_TRUNC was set. *ret_text points into p; set for a record only. */
enum datagram datagram_read(const struct sockaddr_nl *from, const char *p, size_t n, bool cut,
			    uint32_t *ret_type, struct sca_str *ret_text);

/*
 * -- source_netlink_lost.c: records that the kernel lost before it could send them --
 *
 * Its counter (auditctl -s) is asked for once a second, on a socket of its own. Only who has
 * CAP_AUDIT_CONTROL in the initial pid namespace is told; others do not see such losses.
 *
 * The counter is no exact measure of what is missing here: what did not reach a slow audit
 * daemon is in it, though the group got it. Without a daemon and with audit=1 on the kernel's
 * command line that is every record; then it says nothing and is not looked at.
 */
struct kernel_lost {
	int fd; /* -1: it is not told */
	bool asked, known, holds;
	uint32_t lost;
	int64_t next_ms;
};
void kernel_lost_open(struct kernel_lost *k);
/* How many since the last call; 0 also while the answer is awaited. */
uint32_t kernel_lost_look(struct kernel_lost *k);
void kernel_lost_close(struct kernel_lost *k);
/* For tests: an answer of the kernel's, taken into account. */
uint32_t kernel_lost_answer(struct kernel_lost *k, const char *p, size_t n);

#endif
