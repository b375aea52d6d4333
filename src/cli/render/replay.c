/* SPDX-License-Identifier: Apache-2.0 */
/* A replay: one line a group, the worst first; and as documents. */
#include "replay.h"
#include "suggest.h"
#include "target.h"

static const struct {
	enum ink ink;
	enum replay_weight weight;
	const char *one, *many; /* behind a number, in the result */
} states[SCA_REPLAY_COUNT] = {
	[SCA_REPLAY_BROKEN] = {INK_BAD, REPLAY_BAD, "would break", "would break"},
	[SCA_REPLAY_DENIED] = {INK_WARN, REPLAY_BAD, "is still denied", "are still denied"},
	[SCA_REPLAY_ARGS] = {INK_WARN, REPLAY_OPEN, "depends on arguments",
			     "depend on arguments"},
	[SCA_REPLAY_UNKNOWN] = {INK_WARN, REPLAY_OPEN, "has no call in its records",
				"have no call in their records"},
	[SCA_REPLAY_BENIGN] = {INK_FAINT, REPLAY_FINE, "falls back", "fall back"},
	[SCA_REPLAY_ENDED] = {INK_GOOD, REPLAY_FINE, "is ended", "are ended"},
	[SCA_REPLAY_PASSES] = {INK_FAINT, REPLAY_FINE, "passes as before", "pass as before"},
};

enum replay_weight replay_weight(enum sca_replay_state s)
{
	return states[s].weight;
}

bool replay_counts(const struct replay *rp, const struct sca_replayed *r)
{
	return replay_weight(r->state) != REPLAY_FINE && !baseline_has(rp->base, r);
}

void replay_verdict(struct out *o, const struct sca_replayed *r)
{
	for (size_t i = 0; i < r->reach.n; i++) {
		if (i)
			out_lit(o, " or ");
		verdict_text(o, &r->reach.v[i]);
	}
	if (!r->reach.complete)
		out_lit(o, " or more");
	if (r->reach.n == 0)
		out_c(o, '?');
}

/* -- text -- */

enum { CELL_CALL, CELL_ARCH, CELL_WAS, CELLS };

struct line {
	struct out cell[CELLS];
};

static void fill_line(struct line *l, const struct replay *rp, const struct sca_replayed *r)
{
	struct sca_record rec;
	struct event ev;

	event_init_denial(&ev, &rec, r->denial, rp->names);
	for (size_t i = 0; i < CELLS; i++)
		l->cell[i].n = 0;
	if (ev.syscall)
		out_z(&l->cell[CELL_CALL], ev.syscall);
	else
		syscall_text(&l->cell[CELL_CALL], &ev);
	arch_text(&l->cell[CELL_ARCH], &ev);
	out_z(&l->cell[CELL_WAS], sca_action_name(rec.action));
}

static void measure(struct line *l, const struct replay *rp, size_t width[CELLS])
{
	for (size_t i = 0; i < CELLS; i++)
		width[i] = 0;
	for (size_t i = 0; i < sca_replay_count(rp->rp); i++) {
		fill_line(l, rp, sca_replay_at(rp->rp, i));
		for (size_t c = 0; c < CELLS; c++)
			if (l->cell[c].n > width[c])
				width[c] = l->cell[c].n;
	}
}

/* "-> ERRNO(EPERM), 3 times by mkdir in web; as in the baseline" */
static void put_rest(struct out *o, const struct replay *rp, const struct sca_replayed *r)
{
	const struct sca_denial *d = r->denial;

	out_lit(o, "-> ");
	replay_verdict(o, r);
	out_lit(o, ", ");
	denial_who(o, d);
	if (replay_weight(r->state) != REPLAY_FINE && baseline_has(rp->base, r))
		out_lit(o, "; as in the baseline");
}

static void put_line(const struct page *pg, const struct replay *rp, struct line *l,
		     const struct sca_replayed *r, const size_t width[CELLS])
{
	static const enum ink inks[CELLS] = {INK_NAME, INK_NONE, INK_NONE};
	_cleanup_out_ struct out rest = OUT_MEMORY;
	size_t at = PAGE_MARGIN;

	fill_line(l, rp, r);
	for (size_t c = 0; c < CELLS; c++) {
		page_ink(pg, inks[c], out_string(&l->cell[c]));
		out_pad(pg->o, width[c] - l->cell[c].n + (c == CELL_WAS ? 1 : 2));
		at += width[c] + (c == CELL_WAS ? 1 : 2);
	}
	put_rest(&rest, rp, r);
	page_fill(pg, (unsigned)at, PAGE_MARGIN + 2, out_string(&rest));
}

static void put_result(const struct page *pg, const struct replay *rp)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t n[SCA_REPLAY_COUNT] = {0}, worse = 0;

	for (size_t i = 0; i < sca_replay_count(rp->rp); i++) {
		const struct sca_replayed *r = sca_replay_at(rp->rp, i);

		n[r->state]++;
		worse += replay_counts(rp, r);
	}
	for (size_t i = 0; i < SCA_REPLAY_COUNT; i++)
		if (n[i])
			out_addf(&o, "%s%zu %s", o.n ? ", " : "", n[i],
				 n[i] == 1 ? states[i].one : states[i].many);
	if (rp->base)
		out_addf(&o, "; %zu worse than in the baseline", worse);
	page_line(pg, "result:", worse ? INK_WARN : INK_GOOD, out_string(&o));
}

void replay_text(const struct page *pg, const struct replay *rp)
{
	struct line l = {{OUT_MEMORY, OUT_MEMORY, OUT_MEMORY}};
	size_t width[CELLS], count = sca_replay_count(rp->rp);

	target_line(pg, &rp->target, rp->target_given);
	measure(&l, rp, width);
	for (size_t i = 0; i < count; i++) {
		const struct sca_replayed *r = sca_replay_at(rp->rp, i);
		bool first = i == 0 || sca_replay_at(rp->rp, i - 1)->state != r->state;

		page_label(pg, first ? sca_replay_state_name(r->state) : "",
			   states[r->state].ink);
		put_line(pg, rp, &l, r, width);
	}
	if (count)
		put_result(pg, rp);
	for (size_t c = 0; c < CELLS; c++)
		out_release(&l.cell[c]);
}

/* -- documents -- */

static json_t *verdicts_json(const struct sca_replayed *r)
{
	json_t *v = json_array();

	for (size_t i = 0; i < r->reach.n; i++)
		json_array_append_new(v, verdict_json(&r->reach.v[i]));
	return v;
}

static json_t *totals_json(const struct replay *rp)
{
	json_t *doc = json_object();
	size_t n[SCA_REPLAY_COUNT] = {0}, worse = 0;

	for (size_t i = 0; i < sca_replay_count(rp->rp); i++) {
		n[sca_replay_at(rp->rp, i)->state]++;
		worse += replay_counts(rp, sca_replay_at(rp->rp, i));
	}
	for (unsigned i = 0; i < SCA_REPLAY_COUNT; i++)
		json_object_set_new(doc, sca_replay_state_name(i), document_u64(n[i]));
	json_object_set_new(doc, "counted", document_u64(worse));
	return doc;
}

int replay_json(struct out *o, const struct replay *rp, struct sca_err *err)
{
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "replay");
	json_t *groups = json_array();

	for (size_t i = 0; i < sca_replay_count(rp->rp); i++) {
		const struct sca_replayed *r = sca_replay_at(rp->rp, i);
		json_t *group = json_pack("{s:s, s:b, s:o, s:b}", "state",
					  sca_replay_state_name(r->state), "counts",
					  replay_counts(rp, r), "verdicts", verdicts_json(r),
					  "complete", r->reach.complete);
		struct sca_record rec;
		struct event ev;

		event_init_denial(&ev, &rec, r->denial, rp->names);
		json_object_set_new(group, "denial", document_event(&ev));
		json_array_append_new(groups, group);
	}
	json_object_set_new(doc, "profile", document_text(span_z(rp->path)));
	json_object_set_new(doc, "target", target_json(&rp->target));
	json_object_set_new(doc, "totals", totals_json(rp));
	json_object_set_new(doc, "groups", groups);
	json_object_set_new(doc, "evidence", evidence_json(&rp->ev));
	return document_write(o, doc, err);
}

void replay_ndjson(struct out *o, const struct replay *rp)
{
	for (size_t i = 0; i < sca_replay_count(rp->rp); i++) {
		const struct sca_replayed *r = sca_replay_at(rp->rp, i);
		_cleanup_out_ struct out text = OUT_MEMORY;
		struct sca_record rec;
		struct event ev;

		event_init_denial(&ev, &rec, r->denial, rp->names);
		ndjson_event(&text, &ev);
		out_add(o, text.p, text.n > 2 ? text.n - 2 : 0); /* without "}\n" */
		out_addf(o, ",\"replay\":\"%s\",\"verdicts\":[",
			 sca_replay_state_name(r->state));
		for (size_t j = 0; j < r->reach.n; j++) {
			out_z(o, j ? ",\"" : "\"");
			verdict_text(o, &r->reach.v[j]);
			out_c(o, '"');
		}
		out_lit(o, "]}\n");
		if (text.error)
			o->error = text.error;
		out_record_end(o);
	}
}
