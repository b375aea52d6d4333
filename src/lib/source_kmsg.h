/* SPDX-License-Identifier: Apache-2.0 */
/* One record of /dev/kmsg, taken apart. Apart from the device so that it can be tested. */
#ifndef SCA_SOURCE_KMSG_H
#define SCA_SOURCE_KMSG_H

#include "text.h"

struct kmsg_record {
	uint64_t seq, usec; /* usec: since boot, as the kernel's log counts it */
	bool kernel;        /* facility kern: nobody else can write that */
	struct sca_str text; /* still escaped */
};

/* "PRIORITY,SEQ,USEC,FLAGS[,KEY=VALUE...];TEXT", and lines that begin with a blank, which are left
 * out. False when it is not in that form. */
bool kmsg_parse(struct sca_str s, struct kmsg_record *ret);

/*
 * Takes \xNN back, in place. Control characters stay as they are written: no audit record holds
 * one, and what follows a line feed must not look like a line of its own.
 */
struct sca_str kmsg_unescape(char *p, size_t n);

#endif
