/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How good the evidence is: one table of counters, said in words and in JSON. A count of zero
 * is not shown, but that nothing was lost is.
 */
#include <jansson.h>

#include "cli.h"

static const struct counter {
	const char *key; /* JSON */
	size_t offset;
	bool hole; /* something is missing: the evidence is not complete */
	const char *one, *many; /* "%s ..." after the number */
} counters[] = {
#define AT(member) offsetof(struct evidence, member)
	{"duplicates", AT(duplicates), false, "duplicate dropped", "duplicates dropped"},
	{"without_time", AT(filter.untimed), false, "record without a time left out",
	 "records without a time left out"},
	{"no_arch", AT(dec.no_arch), false, "record without an architecture",
	 "records without an architecture"},
	{"forged_or_quoted", AT(src.foreign), false, "forged or quoted record ignored",
	 "forged or quoted records ignored"},
	{"duplicate_fields", AT(dec.duplicate_field), false, "record with a field twice",
	 "records with a field twice"},
	{"undecided_matches", AT(filter.undecided), true, "pattern match ran into its limit",
	 "pattern matches ran into their limit"},
	{"lost", AT(src.lost), true, "record lost", "records lost"},
	{"torn", AT(src.torn), true, "torn record", "torn records"},
	{"overlong_lines", AT(src.overlong), true, "overlong line cut", "overlong lines cut"},
	{"undecodable", AT(src.undecodable), true, "undecodable record", "undecodable records"},
	{"incomplete", AT(dec.incomplete), true, "incomplete record", "incomplete records"},
	{"malformed", AT(dec.malformed), true, "malformed record", "malformed records"},
	{"unattributed", AT(unattributed), false, "record of no known container",
	 "records of no known container"},
	{"damaged_engine_files", AT(who.damaged), false, "engine's file not readable or damaged",
	 "engines' files not readable or damaged"},
	{"malformed_cgroups", AT(who.malformed), false, "process file not in the kernel's form",
	 "process files not in the kernel's form"},
	{"overlong_cgroups", AT(who.overlong), false, "cgroup path too long",
	 "cgroup paths too long"},
	{"undecided_patterns", AT(who.costly), false, "container pattern ran into its limit",
	 "container patterns ran into their limit"},
	{"misplaced_containers", AT(who.misplaced), false,
	 "cgroup with an id that its engine has elsewhere",
	 "cgroups with an id that their engine has elsewhere"},
	{"contradictory_cgroups", AT(who.conflict), false, "process in cgroups of two containers",
	 "processes in cgroups of two containers"},
	{"unlisted_containers", AT(who.unlisted), false, "container past the limit of a list",
	 "containers past the limit of a list"},
	{"output_lost", AT(output_lost), true, "event found no room in an output",
	 "events found no room in an output"},
	{"not_grouped", AT(other), true, "event found no room for a group",
	 "events found no room for a group"},
	{"identities_forgotten", AT(dedup_overflow), false,
	 "identity forgotten: a duplicate may count twice",
	 "identities forgotten: duplicates may count twice"},
	{"stopped_sources", AT(stopped), true, "source ended in an error",
	 "sources ended in an error"},
#undef AT
};

static uint64_t counter_value(const struct evidence *ev, const struct counter *c)
{
	uint64_t v;

	memcpy(&v, (const char *)ev + c->offset, sizeof(v));
	return v;
}

void evidence_add_loss(struct evidence *ev, const struct sca_frame *frame)
{
	unsigned reason = frame->loss;
	struct evidence_loss *l = &ev->losses[reason < SCA_LOSS_COUNT ? reason : SCA_LOSS_NONE];

	l->uncounted += frame->lost == 0;
	if (__builtin_add_overflow(l->lost, frame->lost, &l->lost))
		l->lost = UINT64_MAX;
}

const char *evidence_loss_name(unsigned reason)
{
	return reason == SCA_LOSS_NONE ? "other" : sca_loss_name(reason);
}

static int tell_loss(enum sca_loss reason, uint64_t lost, event_fn *fn, void *arg,
		     struct sca_err *err)
{
	struct sca_frame frame = {
		.kind = SCA_FRAME_LOSS, .source = SCA_SRC_COUNT, .loss = reason, .lost = lost,
	};
	struct sca_record rec;
	struct event ev;

	event_init_loss(&ev, &rec, &frame);
	return fn(&ev, arg, err);
}

int evidence_tell_losses(const struct evidence *ev, event_fn *fn, void *arg, struct sca_err *err)
{
	int r = 0;

	for (unsigned i = 0; i < SCA_LOSS_COUNT && r == 0; i++)
		if (ev->losses[i].lost || ev->losses[i].uncounted)
			r = tell_loss(i, ev->losses[i].lost, fn, arg, err);
	if (r == 0 && ev->src.torn)
		r = tell_loss(SCA_LOSS_TORN, ev->src.torn, fn, arg, err);
	if (r == 0 && ev->src.overlong)
		r = tell_loss(SCA_LOSS_OVERLONG, ev->src.overlong, fn, arg, err);
	return r;
}

/* A log that says it lost something without a number. */
static bool lost_unknown(const struct evidence *ev)
{
	return ev->src.loss_messages && ev->src.lost == 0;
}

bool evidence_complete(const struct evidence *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (counters[i].hole && counter_value(ev, &counters[i]))
			return false;
	return !lost_unknown(ev);
}

static void add_count(struct out *o, uint64_t n, const char *one, const char *many)
{
	out_grouped(o, n);
	out_c(o, ' ');
	out_z(o, n == 1 ? one : many);
}

/* "all from auditd", or "5 auditd, 3 syslog". */
static void add_kinds(struct out *o, const struct evidence *ev)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < SCA_SRC_COUNT; i++)
		kinds += ev->kinds[i] != 0;
	for (size_t i = 0, done = 0; i < SCA_SRC_COUNT; i++) {
		if (!ev->kinds[i])
			continue;
		out_z(o, kinds == 1 ? (ev->kept == 1 ? ", from " : ", all from ") :
			 done++     ? ", " :
				      ": ");
		if (kinds > 1) {
			out_grouped(o, ev->kinds[i]);
			out_lit(o, " from ");
		}
		out_z(o, sca_source_kind_name((enum sca_source_kind)i));
	}
}

/* ": 100 printk, 20 kernel, some backlog" */
static void add_losses(struct out *o, const struct evidence *ev)
{
	const char *sep = ": ";

	for (unsigned i = 1; i <= SCA_LOSS_COUNT; i++) {
		unsigned reason = i % SCA_LOSS_COUNT; /* other reasons come last */
		const struct evidence_loss *l = &ev->losses[reason];

		if (!l->lost && !l->uncounted)
			continue;
		out_z(o, sep);
		sep = ", ";
		if (l->lost)
			out_grouped(o, l->lost);
		else
			out_lit(o, "some");
		out_c(o, ' ');
		out_z(o, evidence_loss_name(reason));
	}
}

static void add_troubles(struct out *o, const struct evidence *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t n = counter_value(ev, &counters[i]);

		if (n) {
			out_lit(o, "; ");
			add_count(o, n, counters[i].one, counters[i].many);
			if (counters[i].offset == offsetof(struct evidence, src.lost))
				add_losses(o, ev);
		}
	}
	if (lost_unknown(ev)) {
		out_lit(o, "; records were lost, the log does not say how many");
		add_losses(o, ev);
	}
}

void evidence_text(const struct page *pg, const struct evidence *ev)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	bool whole = evidence_complete(ev), clean = whole && !ev->src.foreign;

	add_count(&o, ev->kept, "record", "records");
	if (ev->filtered && ev->kept != ev->dec.records - ev->duplicates) {
		out_lit(&o, " of ");
		out_grouped(&o, ev->dec.records - ev->duplicates);
	}
	out_lit(&o, " from ");
	add_count(&o, ev->sources, "source", "sources");
	add_kinds(&o, ev);
	if (ev->forgeable) {
		out_lit(&o, "; ");
		if (ev->forgeable == ev->kept)
			out_z(&o, ev->kept == 1 ? "forgeable" : "all forgeable");
		else
			add_count(&o, ev->forgeable, "forgeable", "forgeable");
		out_lit(&o, " (anybody may write there)");
	}
	add_troubles(&o, ev);
	if (clean)
		out_lit(&o, "; nothing lost, torn or forged that we could see");
	else if (whole)
		out_lit(&o, "; nothing lost or torn that we could see");
	page_line(pg, "evidence:", whole ? INK_FAINT : INK_WARN, out_string(&o));
}

static json_t *count_json(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* {"printk":100}; or, for what has no number, how many messages. */
static json_t *losses_json(const struct evidence *ev, bool counted)
{
	json_t *doc = json_object();

	for (unsigned i = 0; i < SCA_LOSS_COUNT; i++) {
		uint64_t n = counted ? ev->losses[i].lost : ev->losses[i].uncounted;

		if (n)
			json_object_set_new(doc, evidence_loss_name(i), count_json(n));
	}
	return doc;
}

json_t *evidence_json(const struct evidence *ev)
{
	json_t *doc = json_pack("{s:I, s:I, s:I, s:I, s:b}", "sources", (json_int_t)ev->sources,
				"lines", (json_int_t)ev->src.lines, "records",
				(json_int_t)ev->dec.records, "used", (json_int_t)ev->kept,
				"complete", evidence_complete(ev));
	json_t *kinds = json_object();

	for (size_t i = 0; i < SCA_SRC_COUNT; i++)
		if (ev->kinds[i])
			json_object_set_new(kinds,
					    sca_source_kind_name((enum sca_source_kind)i),
					    json_integer((json_int_t)ev->kinds[i]));
	json_object_set_new(doc, "kinds", kinds);
	json_object_set_new(doc, "forgeable", json_integer((json_int_t)ev->forgeable));
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t n = counter_value(ev, &counters[i]);

		if (n || counters[i].hole)
			json_object_set_new(doc, counters[i].key, count_json(n));
	}
	if (lost_unknown(ev))
		json_object_set_new(doc, "lost_unknown", json_true());
	if (ev->src.loss_messages) {
		json_object_set_new(doc, "losses", losses_json(ev, true));
		json_object_set_new(doc, "loss_messages_without_number", losses_json(ev, false));
	}
	return doc;
}
