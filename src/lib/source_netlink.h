/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram of the audit socket, judged. Apart from the socket so that it can be tested. */
#ifndef SCA_SOURCE_NETLINK_H
#define SCA_SOURCE_NETLINK_H

#include "base.h"

#include <sys/socket.h>

#include <linux/netlink.h>

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

#endif
