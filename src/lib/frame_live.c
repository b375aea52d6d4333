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

static bool starts_with_any(struct sca_str s, const struct sca_str *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, v[i]))
			return true;
	return false;
}

static bool holds_any(struct sca_str s, const struct sca_str *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(s, v[i]))
			return true;
	return false;
}

enum message { MESSAGE_OWN, MESSAGE_QUOTES, MESSAGE_OTHER };

/*
 * The kernel's messages about records start with what they are. Further on in another message
 * the same words are a quotation: the name of a USB device, a user's audit message.
 */
static enum message judge(struct sca_str line)
{
	static const struct sca_str heads[] = {{"type=1326 audit(", 16}, {"type=1701 audit(", 16}};
	static const struct sca_str losses[] = {{"kauditd_printk_skb: ", 20},
						{"audit_printk_skb: ", 18}};
	static const struct sca_str words[] = {{"audit_lost=", 11}, {"_printk_skb: ", 13}};
	const struct sca_str tag = SCA_STR("audit: "), type = SCA_STR("type=");
	bool tagged = str_starts(line, tag); /* since 3.14 */
	struct sca_str text = str_skip(line, tagged ? tag.n : 0), rest = str_skip(text, 1);

	if (holds_any(rest, heads, ARRAY_SIZE(heads)))
		return MESSAGE_QUOTES;
	if (starts_with_any(text, heads, ARRAY_SIZE(heads)) || (tagged && !str_starts(text, type)) ||
	    starts_with_any(line, losses, ARRAY_SIZE(losses)))
		return MESSAGE_OWN;
	return holds_any(line, words, ARRAY_SIZE(words)) ? MESSAGE_QUOTES : MESSAGE_OTHER;
}

struct trusted {
	framer_emit_fn *emit;
	void *arg;
	enum sca_source_kind kind;
	enum sca_trust trust;
};

/* Only for what has the kernel's own form: a message of the kernel's may quote anything. */
static int send_trusted(const struct sca_frame *frame, void *arg)
{
	const struct trusted *t = arg;
	struct sca_frame own = *frame;

	if (own.source == SCA_SRC_KERNEL || own.source == SCA_SRC_KMSG) {
		own.source = t->kind;
		own.trust = t->trust;
	}
	return t->emit(&own, t->arg);
}

int framer_trusted_line(struct sca_framer *f, enum sca_source_kind kind, enum sca_trust trust,
			struct sca_str line, const struct sca_pos *pos, framer_emit_fn *emit,
			void *arg)
{
	struct trusted t = {emit, arg, kind, trust};
	enum message what;
	int r;

	what = judge(line);
	f->stats.foreign += what == MESSAGE_QUOTES;
	if (what != MESSAGE_OWN)
		return 0;
	r = framer_line(f, line, pos, send_trusted, &t);
	/* Each of these lines is whole: what would go on in the next one is torn. */
	return r < 0 ? r : frame_end(f);
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
