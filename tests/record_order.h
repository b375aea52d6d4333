/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder reads fields that come in the kernel's order faster than others. Blanks in front of
 * a body mean nothing but make it search for all of them: both ways have to come to the same.
 */
#ifndef TESTS_RECORD_ORDER_H
#define TESTS_RECORD_ORDER_H

#include "text.h"

#include <scaudit/record.h>

static inline const char *record_differs(const struct sca_record *a, const struct sca_record *b)
{
	if (!str_eq(a->comm, b->comm) || !str_eq(a->exe, b->exe) || !str_eq(a->subj, b->subj))
		return "a text";
	if (a->have != b->have)
		return "what is known";
	if (a->action != b->action || a->denied != b->denied || a->code != b->code)
		return "the action";
	if (a->arch != b->arch || a->nr != b->nr || a->sig != b->sig || a->compat != b->compat ||
	    a->ip != b->ip || a->pid != b->pid || a->ppid != b->ppid || a->uid != b->uid ||
	    a->gid != b->gid || a->auid != b->auid || a->ses != b->ses)
		return "a number";
	return NULL;
}

/* What differs, NULL for nothing. The decoders are for one of the ways each, from first to last. */
static inline const char *order_differs(struct sca_decoder *decs[2], struct sca_str body)
{
	struct sca_frame frame = {.kind = SCA_FRAME_RECORD, .type = 1326, .body = body};
	struct sca_record a = {.count = 1}, b = {.count = 1};
	struct sca_decode_stats stats[2];
	_cleanup_buf_ struct buf blanks = BUF_INIT;
	int r;

	buf_add_z(&blanks, "  ");
	buf_add_str(&blanks, body);
	r = sca_record_decode(decs[0], &frame, &a, NULL);
	frame.body = buf_str(&blanks);
	if (r != sca_record_decode(decs[1], &frame, &b, NULL))
		return "whether it is refused";
	sca_decoder_stats(decs[0], &stats[0]);
	sca_decoder_stats(decs[1], &stats[1]);
	if (memcmp(&stats[0], &stats[1], sizeof(stats[0])) != 0)
		return "a count";
	return record_differs(&a, &b);
}

#endif
