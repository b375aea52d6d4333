/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest --unused: what the profile allows and nobody was seen to call. A report: what a program
 * did not do yet, it may do tomorrow, so nothing here becomes a patch.
 */
#include <unistd.h>

#include "dest.h"
#include "suggest.h"
#include "target.h"

/* "2 h 5 min", the two largest units. */
static void put_span(struct out *o, int64_t ms)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t left = ms / 1000;
	unsigned shown = 0;

	for (size_t i = 0; i < ARRAY_SIZE(units) && shown < 2; i++) {
		if (left < units[i].seconds && (shown || units[i].seconds > 1))
			continue;
		out_addf(o, "%s%lld %s", shown ? " " : "", (long long)(left / units[i].seconds),
			 units[i].unit);
		left %= units[i].seconds;
		shown++;
	}
}

static void put_seen(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_denial_totals t;

	sca_denials_totals(s->ds, &t);
	out_grouped(&o, t.events);
	out_z(&o, t.events == 1 ? " event" : " events");
	if (t.traced) {
		out_lit(&o, ", ");
		out_grouped(&o, t.traced);
		out_z(&o, t.traced == 1 ? " of it a traced call" : " of them traced calls");
	}
	if (t.have_time) {
		out_lit(&o, ", over ");
		put_span(&o, t.last_ms - t.first_ms);
	}
	if (t.traced == 0)
		out_lit(&o, ". Records tell of calls that were denied or logged, not of those "
			    "that were allowed: only a trace (strace -f) or a profile that logs "
			    "all shows what is used");
	page_line(pg, "seen:", t.traced ? INK_FAINT : INK_WARN, out_string(&o));
}

static enum ink danger_ink(enum sca_danger danger)
{
	if (danger > SCA_DANGER_NOTE)
		return INK_BAD;
	return danger == SCA_DANGER_NOTE ? INK_WARN : INK_FAINT;
}

static void put_name(struct out *o, const struct sca_unused_call *c)
{
	out_safe(o, span_z(c->name));
	if (c->conditional)
		out_lit(o, " (some arguments)");
}

/* Dangerous calls have a line each, the others share one. */
static void put_rule(const struct page *pg, const struct sca_unused_rule *r)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t i;

	out_c(pg->o, '\n');
	out_addf(&o, "line %u: %zu of %zu calls unused", r->line, r->n, r->allowed);
	if (r->startup)
		out_addf(&o, ", %zu more only needed to start", r->startup);
	out_addf(pg->o, "rule %-5zu  ", r->index);
	page_fill(pg, PAGE_MARGIN, PAGE_MARGIN, out_string(&o));
	for (i = 0; i < r->n && r->calls[i].danger != SCA_DANGER_NONE; i++) {
		o.n = 0;
		put_name(&o, &r->calls[i]);
		if (r->calls[i].risk[0])
			out_addf(&o, ": %s", r->calls[i].risk);
		page_line(pg, sca_danger_name(r->calls[i].danger), danger_ink(r->calls[i].danger),
			  out_string(&o));
	}
	o.n = 0;
	for (size_t first = i; i < r->n; i++) {
		out_z(&o, i > first ? ", " : "");
		put_name(&o, &r->calls[i]);
	}
	if (o.n)
		page_line(pg, "", INK_NONE, out_string(&o));
}

/* Old profiles have a rule for each call: those without danger share a block. */
static bool is_single(const struct sca_unused_rule *r)
{
	return r->n == 1 && r->allowed == 1 && r->calls[0].danger == SCA_DANGER_NONE;
}

static void put_rules(const struct page *pg, const struct sca_unused *u)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t singles = 0;

	for (size_t i = 0; i < sca_unused_count(u); i++) {
		const struct sca_unused_rule *r = sca_unused_at(u, i);

		if (r->n && !is_single(r))
			put_rule(pg, r);
		if (!is_single(r))
			continue;
		out_z(&o, singles++ ? ", " : "");
		put_name(&o, &r->calls[0]);
	}
	if (!singles)
		return;
	out_addf(pg->o, "\n%zu %s of one call each, unused:\n", singles,
		 singles == 1 ? "rule" : "rules");
	page_line(pg, "", INK_NONE, out_string(&o));
}

static void put_text(struct out *o, const struct cli *cli, const struct suggestion *s,
		     const struct sca_unused *u)
{
	struct page pg = {o, term_width(STDOUT_FILENO), term_colors(STDOUT_FILENO, cli->color)};
	_cleanup_out_ struct out line = OUT_MEMORY;
	struct sca_unused_totals t;

	sca_unused_totals(u, &t);
	target_line(&pg, &s->target, s->target_given);
	put_seen(&pg, s);
	out_addf(&line, "%zu of %zu allowed calls; %zu were seen, %zu more are needed to start",
		 t.unused, t.allowed, t.seen, t.startup);
	page_line(&pg, "unused:", t.unused ? INK_WARN : INK_GOOD, out_string(&line));
	if (t.default_allows)
		page_line(&pg, "note:", INK_WARN,
			  "defaultAction allows whatever no rule denies; that is not listed");
	put_rules(&pg, u);
	if (!t.unused)
		return;
	out_c(o, '\n');
	page_line(&pg, "next:", INK_FAINT,
		  "what a program has not done yet it may do tomorrow: in an error path, at "
		  "another hour, with another libc. Take calls out step by step, the dangerous "
		  "ones first, with SCMP_ACT_LOG in between");
}

static json_t *rule_json(const struct sca_unused_rule *r)
{
	json_t *calls = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct sca_unused_call *c = &r->calls[i];

		json_array_append_new(calls, json_pack("{s:o, s:s, s:s, s:b}", "syscall",
						       document_text(span_z(c->name)),
						       "danger", sca_danger_name(c->danger),
						       "risk", c->risk, "conditional",
						       c->conditional));
	}
	return json_pack("{s:I, s:i, s:i, s:I, s:I, s:I, s:o}", "rule", (json_int_t)r->index,
			 "line", (int)r->line, "column", (int)r->column, "allowed",
			 (json_int_t)r->allowed, "seen", (json_int_t)r->seen, "startup",
			 (json_int_t)r->startup, "unused", calls);
}

static int put_json(struct out *o, const struct suggestion *s, const struct sca_unused *u,
		    struct sca_err *err)
{
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "unused"), *rules = json_array();
	struct sca_denial_totals seen;
	struct sca_unused_totals t;

	sca_unused_totals(u, &t);
	sca_denials_totals(s->ds, &seen);
	for (size_t i = 0; i < sca_unused_count(u); i++)
		json_array_append_new(rules, rule_json(sca_unused_at(u, i)));
	json_object_set_new(doc, "profile", document_text(span_z(s->path)));
	json_object_set_new(doc, "target", target_json(&s->target));
	json_object_set_new(doc, "allowed", document_u64(t.allowed));
	json_object_set_new(doc, "seen", document_u64(t.seen));
	json_object_set_new(doc, "startup", document_u64(t.startup));
	json_object_set_new(doc, "unused", document_u64(t.unused));
	json_object_set_new(doc, "default_allows", json_boolean(t.default_allows));
	json_object_set_new(doc, "events", document_u64(seen.events));
	json_object_set_new(doc, "traced", document_u64(seen.traced));
	if (seen.have_time)
		json_object_set_new(doc, "span_ms", document_u64((uint64_t)(seen.last_ms -
									    seen.first_ms)));
	json_object_set_new(doc, "rules", rules);
	json_object_set_new(doc, "evidence", evidence_json(&s->ev));
	return document_write(o, doc, err);
}

int unused_report(struct cli *cli, const struct suggestion *s, bool *ret_any)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_unused *u = NULL;
	struct sca_unused_totals t;
	int r = sca_unused_new(&u, s->old_profile, &s->target, s->ds, s->names, &cli->err);

	if (r < 0)
		return r;
	sca_unused_totals(u, &t);
	*ret_any = t.unused > 0;
	r = out_open_mode(&o, cli->output, MODE_EVENTS, &cli->err);
	if (r == 0 && cli->format == FORMAT_JSON)
		r = put_json(&o, s, u, &cli->err);
	else if (r == 0)
		put_text(&o, cli, s, u);
	if (r == 0)
		r = out_finish(&o, &cli->err);
	sca_unused_free(u);
	return r;
}
