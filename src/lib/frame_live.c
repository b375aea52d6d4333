/* SPDX-License-Identifier: Apache-2.0 */
/* What live sources hand to the framer: they know more than a line of text says. */
#include "frame_int.h"

static void begin(struct sca_framer *f, const struct sca_pos *pos, framer_emit_fn *emit, void *arg)
{
	f->emit = emit;
	f->arg = arg;
	f->pos = *pos;
	arena_release(&f->keep);
}

/* Kernels before 3.8 told of it in the record of a killed process. */
static bool is_seccomp(uint32_t type, struct sca_str text)
{
	return type == 1326 || (type == 1701 && str_find(text, SCA_STR(" reason=\"seccomp\"")));
}

/* Blanks and what some senders count in: a newline, the NUL behind the text. */
static struct sca_str trim_tail(struct sca_str s)
{
	while (s.n && (s.p[s.n - 1] == '\0' || s.p[s.n - 1] == '\n' || s.p[s.n - 1] == ' '))
		s.n--;
	return s;
}

int framer_payload(struct sca_framer *f, enum sca_source_kind kind, enum sca_trust trust,
		   uint32_t type, struct sca_str text, const struct sca_pos *pos,
		   framer_emit_fn *emit, void *arg)
{
	const struct sca_str start = SCA_STR("audit(");
	struct origin from = {.frame = {.kind = SCA_FRAME_RECORD, .pos = *pos}};
	struct sca_frame *frame = &from.frame;
	struct head head = {.type = type};
	const char *close;

	begin(f, pos, emit, arg);
	if (!is_seccomp(type, text))
		return 0;
	text = trim_tail(text);
	close = str_starts(text, start) ? memchr(text.p, ')', text.n) : NULL;
	if (!close ||
	    !head_read_stamp((struct sca_str){text.p + start.n,
					      (size_t)(close - text.p) - start.n}, &head)) {
		f->stats.undecodable++;
		return 0;
	}
	text = str_skip(text, (size_t)(close - text.p) + 1);
	if (!str_starts(text, SCA_STR(": "))) {
		f->stats.undecodable++;
		return 0;
	}
	frame->source = kind;
	frame->trust = trust;
	frame->type = type;
	frame->have_time = head.have_time;
	frame->have_serial = head.have_serial;
	frame->time_ms = head.time_ms;
	frame->serial = head.serial;
	frame->body = str_skip(text, 2);
	return frame_send(f, frame);
}

enum message { MESSAGE_RECORD, MESSAGE_LOSS, MESSAGE_QUOTES, MESSAGE_OTHER };

/*
 * The kernel's messages about records start with what they are. Further on in another message
 * the same words are a quotation: the name of a USB device, a user's audit message. *ret_at is
 * where a record's head starts.
 */
static enum message judge(struct sca_str line, size_t *ret_at)
{
	static const struct sca_str heads[] = {{"type=1326 audit(", 16}, {"type=1701 audit(", 16}};
	static const struct sca_str losses[] = {{"kauditd_printk_skb: ", 20},
						{"audit_printk_skb: ", 18}};
	const struct sca_str tag = SCA_STR("audit: "); /* since 3.14 */
	struct sca_str text = str_starts(line, tag) ? str_skip(line, tag.n) : line;
	bool record = false, loss = text.n < line.n && !str_starts(text, SCA_STR("type="));
	bool quotes = str_find(line, SCA_STR("audit_lost=")) != NULL;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		if (str_find(str_skip(text, 1), heads[i]))
			return MESSAGE_QUOTES;
		record |= str_starts(text, heads[i]);
		loss |= str_starts(line, losses[i]);
		quotes |= str_find(line, losses[i]) != NULL;
	}
	*ret_at = line.n - text.n;
	if (record || loss)
		return record ? MESSAGE_RECORD : MESSAGE_LOSS;
	return quotes ? MESSAGE_QUOTES : MESSAGE_OTHER;
}

struct trusted {
	framer_emit_fn *emit;
	void *arg;
	enum sca_source_kind kind;
	enum sca_trust trust;
};

static int send_trusted(const struct sca_frame *frame, void *arg)
{
	const struct trusted *t = arg;
	struct sca_frame own = *frame;

	own.source = t->kind;
	own.trust = t->trust;
	return t->emit(&own, t->arg);
}

static int trusted_record(struct sca_framer *f, struct sca_str line, size_t at,
			  const struct origin *from)
{
	struct head head;
	size_t end;

	switch (head_at(line, at, &head)) {
	case HEAD_FOUND:
		if (!head.interpreted && head.have_serial)
			return frame_record(f, line, &head, from, &end);
		f->stats.undecodable++;
		break;
	case HEAD_BAD:
		f->stats.undecodable++;
		break;
	case HEAD_CUT:
		f->stats.torn++;
		break;
	case HEAD_NONE: /* a killed process, and not for seccomp */
		break;
	}
	return 0;
}

int framer_trusted_line(struct sca_framer *f, enum sca_source_kind kind, enum sca_trust trust,
			struct sca_str line, const struct sca_pos *pos, framer_emit_fn *emit,
			void *arg)
{
	struct trusted t = {emit, arg, kind, trust};
	/* By its depth it is whole: the next line is no part of it. */
	const struct origin from = {
		.frame = {.kind = SCA_FRAME_RECORD, .source = SCA_SRC_KERNEL, .pos = *pos},
		.depth = 1,
	};
	size_t at;

	begin(f, pos, send_trusted, &t);
	line = trim_tail(line);
	switch (judge(line, &at)) {
	case MESSAGE_RECORD:
		return trusted_record(f, line, at, &from);
	case MESSAGE_LOSS:
		return frame_loss(f, line, &from);
	case MESSAGE_QUOTES:
		f->stats.foreign++;
		break;
	case MESSAGE_OTHER:
		break;
	}
	return 0;
}

int framer_journal(struct sca_framer *f, const struct journal_entry *entry,
		   enum sca_trust trust, const struct sca_pos *pos, framer_emit_fn *emit,
		   void *arg)
{
	struct origin from = {
		.frame = {.kind = SCA_FRAME_RECORD, .trust = trust, .pos = *pos},
	};

	begin(f, pos, emit, arg);
	return frame_journal(f, entry, &from);
}

void frame_count_loss(struct sca_framer *f, uint64_t lost)
{
	f->stats.loss_messages++;
	if (add_overflow(f->stats.lost, lost, &f->stats.lost))
		f->stats.lost = UINT64_MAX;
}

int framer_loss(struct sca_framer *f, enum sca_loss loss, uint64_t lost,
		enum sca_source_kind kind, struct sca_str text, const struct sca_pos *pos,
		framer_emit_fn *emit, void *arg)
{
	struct sca_frame frame = {
		.kind = SCA_FRAME_LOSS, .source = kind, .trust = SCA_TRUST_KERNEL,
		.loss = loss, .lost = lost, .pos = *pos,
	};
	struct timespec now;
	int r;

	begin(f, pos, emit, arg);
	if (clock_gettime(CLOCK_REALTIME, &now) == 0) {
		frame.have_time = true;
		frame.time_ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
	}
	r = frame_keep(f, text, &frame.body);
	if (r < 0)
		return r;
	frame_count_loss(f, lost);
	return frame_send(f, &frame);
}
