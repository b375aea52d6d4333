/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal entry, whatever it was read from. journald's names with a leading underscore are
 * its own: no client can set them. Transport "audit" is journald's socket to the kernel, with
 * stamp and serial in fields of their own; "kernel" is the kernel's log. The text of every
 * other transport is somebody's message.
 */
#include "frame_int.h"

struct sca_str *journal_field(struct journal_entry *e, struct sca_str key)
{
	const struct {
		struct sca_str key;
		struct sca_str *value;
	} rows[JOURNAL_FIELDS] = {
		{SCA_STR("MESSAGE"), &e->message},
		{SCA_STR("_TRANSPORT"), &e->transport},
		{SCA_STR("_AUDIT_TYPE"), &e->audit_type},
		{SCA_STR("_AUDIT_ID"), &e->audit_id},
		{SCA_STR("_SOURCE_REALTIME_TIMESTAMP"), &e->source_time},
		{SCA_STR("_HOSTNAME"), &e->hostname},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].key, key))
			return rows[i].value;
	return NULL;
}

/* The kernel may say "audit: " in front; journald's own text starts with the record. */
static enum head_found find_head(const struct journal_entry *e, bool audit, struct head *ret)
{
	size_t at = !audit && str_starts(e->message, SCA_STR("audit: ")) ? 7 : 0;
	enum head_found found = head_at(e->message, at, ret);

	if (found != HEAD_NONE && (ret->form == HEAD_JOURNALD) == audit)
		return found;
	return HEAD_NONE;
}

static void fill_stamp(const struct journal_entry *e, struct sca_frame *frame)
{
	uint64_t us;
	uint32_t id;

	if (e->source_time.n && str_u64(e->source_time, &us) == 0) {
		frame->have_time = true;
		frame->time_ms = (int64_t)(us / 1000);
	}
	if (e->audit_id.n && str_u32(e->audit_id, &id) == 0) {
		frame->have_serial = true;
		frame->serial = id;
	}
}

int frame_journal(struct sca_framer *f, const struct journal_entry *e, const struct origin *from)
{
	bool audit = str_is(e->transport, "audit"), kernel = str_is(e->transport, "kernel");
	struct origin here = *from;
	enum head_found found;
	struct head head;
	size_t end;

	here.depth++;
	here.frame.source = SCA_SRC_JOURNAL;
	if (e->hostname.n)
		here.frame.node = e->hostname;
	if (!e->message.n) {
		f->stats.undecodable += audit && str_is(e->audit_type, "1326");
		return 0;
	}
	found = audit || kernel ? find_head(e, audit, &head) : HEAD_NONE;
	if (found == HEAD_NONE || (audit && e->audit_type.n && !str_is(e->audit_type, "1326"))) {
		if (head_next(e->message, 0, &head) != HEAD_NONE) {
			f->stats.foreign++;
			return 0;
		}
		here.frame.trust = SCA_TRUST_FORGEABLE;
		return frame_loss(f, e->message, &here);
	}
	if (found != HEAD_FOUND) {
		f->stats.torn += found == HEAD_CUT;
		f->stats.undecodable += found == HEAD_BAD;
		return 0;
	}
	if (audit)
		fill_stamp(e, &here.frame);
	return frame_record(f, e->message, &head, &here, &end);
}
