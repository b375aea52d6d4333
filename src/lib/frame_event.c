/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scaudit's own NDJSON. An event goes on to the decoder as it stands; a line that tells of a
 * loss becomes a LOSS frame again, so that what other nodes lost is counted when their lines
 * are joined.
 */
#include "frame_int.h"
#include "json_text.h"

#define LOSS_MAX (64u << 10)

/* A later version may have reasons that this one has not. */
static enum sca_loss read_reason(const struct jt_doc *doc, uint32_t node)
{
	for (unsigned i = SCA_LOSS_NONE + 1; i < SCA_LOSS_COUNT; i++)
		if (jt_string_is(doc, node, sca_loss_name(i)))
			return (enum sca_loss)i;
	return SCA_LOSS_NONE;
}

/* An absent member and an empty one are the same. *ret_good is false for no string. */
static int read_text(struct sca_framer *f, const struct jt_doc *doc, const char *key,
		     struct sca_str *ret, bool *ret_good)
{
	uint32_t node = jt_member(doc, 0, key, false);
	_cleanup_buf_ struct buf text = {0};

	*ret = (struct sca_str){NULL, 0};
	if (node == JT_NONE)
		return 0;
	if (doc->nodes[node].type != JT_STRING) {
		*ret_good = false;
		return 0;
	}
	if (!jt_string(doc, node, &text))
		return -ENOMEM;
	return frame_keep(f, (struct sca_str){text.p, text.n}, ret);
}

/* Fills a LOSS frame. *ret_good tells whether each member is what it should be. */
static int read_loss(struct sca_framer *f, const struct jt_doc *doc, struct sca_frame *frame,
		     bool *ret_good)
{
	uint32_t lost = jt_member(doc, 0, "lost", false);
	uint32_t reason = jt_member(doc, 0, "reason", false);
	struct sca_str time;
	int64_t version;
	int r;

	*ret_good = jt_i64(doc, jt_member(doc, 0, "v", false), &version) == 0 && version == 1;
	if (reason != JT_NONE)
		frame->loss = read_reason(doc, reason);
	if (lost != JT_NONE)
		*ret_good &= jt_u64(doc, lost, &frame->lost) == 0;
	r = read_text(f, doc, "time", &time, ret_good);
	if (r == 0 && time.n) {
		frame->have_time = time_parse_rfc3339(time, &frame->time_ms) == 0;
		*ret_good &= frame->have_time;
	}
	if (r == 0)
		r = read_text(f, doc, "node", &frame->node, ret_good);
	return r < 0 ? r : read_text(f, doc, "message", &frame->body, ret_good);
}

static bool tells_of_loss(const struct jt_doc *doc)
{
	uint32_t kind;

	if (doc->nodes[0].type != JT_OBJECT || jt_member(doc, 0, "v", false) == JT_NONE)
		return false;
	kind = jt_member(doc, 0, "kind", false);
	return kind != JT_NONE && jt_string_is(doc, kind, "loss");
}

/* What can not be read is left to the decoder, which refuses and counts it. */
static int try_loss(struct sca_framer *f, struct sca_str text, struct sca_frame *frame,
		    bool *ret_good)
{
	struct jt_doc doc;
	int r;

	*ret_good = false;
	if (text.n > LOSS_MAX)
		return 0;
	r = jt_parse(&doc, text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (tells_of_loss(&doc))
		r = read_loss(f, &doc, frame, ret_good);
	jt_release(&doc);
	return r;
}

int frame_event(struct sca_framer *f, struct sca_str text, const struct origin *from)
{
	struct sca_frame frame = {
		.kind = SCA_FRAME_EVENT, .source = SCA_SRC_SCAUDIT, .body = text,
		.trust = SCA_TRUST_FORGEABLE, .pos = from->frame.pos,
	};

	if (str_find(text, SCA_STR("\"loss\""))) {
		struct sca_frame loss = frame;
		bool good;
		int r;

		loss.kind = SCA_FRAME_LOSS;
		r = try_loss(f, text, &loss, &good);
		if (r < 0)
			return r;
		if (good) {
			frame_count_loss(f, loss.lost);
			return frame_send(f, &loss);
		}
	}
	return frame_send(f, &frame);
}
