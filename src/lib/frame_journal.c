/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal entry, whatever it was read from. journald's names with a leading underscore are
 * its own: no client can set them. Transport "audit" is journald's socket to the kernel, with
 * stamp and serial in fields of their own; "kernel" is the kernel's log, which who may write to
 * /dev/kmsg can write to, too, but not with the kernel's facility. The text of every other
 * transport is somebody's message.
 */
#include "frame_int.h"

const struct sca_str journal_names[JOURNAL_FIELDS] = {
	[JOURNAL_MESSAGE] = {"MESSAGE", 7},
	[JOURNAL_TRANSPORT] = {"_TRANSPORT", 10},
	[JOURNAL_AUDIT_TYPE] = {"_AUDIT_TYPE", 11},
	[JOURNAL_AUDIT_ID] = {"_AUDIT_ID", 9},
	[JOURNAL_TIME] = {"_SOURCE_REALTIME_TIMESTAMP", 26},
	[JOURNAL_HOST] = {"_HOSTNAME", 9},
	[JOURNAL_FACILITY] = {"SYSLOG_FACILITY", 15},
};

/* The kernel may say "audit: " in front; journald's own text starts with the record. */
static enum head_found find_head(struct sca_str message, bool audit, struct head *ret)
{
	size_t at = !audit && str_starts(message, SCA_STR("audit: ")) ? 7 : 0;
	enum head_found found = head_at(message, at, ret);

	if (found != HEAD_NONE && (ret->form == HEAD_JOURNALD) == audit)
		return found;
	return HEAD_NONE;
}

static void fill_stamp(const struct journal_entry *e, struct sca_frame *frame)
{
	uint64_t us;
	uint32_t id;

	if (str_u64(e->field[JOURNAL_TIME], &us) == 0) {
		frame->have_time = true;
		frame->time_ms = (int64_t)(us / 1000);
	}
	if (str_u32(e->field[JOURNAL_AUDIT_ID], &id) == 0) {
		frame->have_serial = true;
		frame->serial = id;
	}
}

int frame_journal(struct sca_framer *f, const struct journal_entry *e, const struct origin *from)
{
	struct sca_str message = e->field[JOURNAL_MESSAGE], type = e->field[JOURNAL_AUDIT_TYPE];
	bool audit = str_is(e->field[JOURNAL_TRANSPORT], "audit");
	struct sca_str facility = e->field[JOURNAL_FACILITY];
	bool kernel = str_is(e->field[JOURNAL_TRANSPORT], "kernel") &&
		      (facility.n == 0 || str_is(facility, "0"));
	bool ours = type.n == 0 || str_is(type, "1326");
	enum head_found found = HEAD_NONE;
	struct origin here = *from;
	struct head head;
	size_t end;

	here.depth++;
	here.frame.source = SCA_SRC_JOURNAL;
	if (e->field[JOURNAL_HOST].n)
		here.frame.node = e->field[JOURNAL_HOST];
	if (!message.n) {
		f->stats.undecodable += audit && type.n && ours;
		return 0;
	}
	if (kernel || (audit && ours))
		found = find_head(message, audit, &head);
	switch (found) {
	case HEAD_FOUND:
		if (audit)
			fill_stamp(e, &here.frame);
		return frame_record(f, message, &head, &here, &end);
	case HEAD_CUT:
		f->stats.torn++;
		return 0;
	case HEAD_BAD:
		f->stats.undecodable++;
		return 0;
	case HEAD_NONE:
		break;
	}
	if (head_next(message, 0, &head) != HEAD_NONE) {
		f->stats.foreign++;
		return 0;
	}
	return frame_loss(f, message, &here);
}
