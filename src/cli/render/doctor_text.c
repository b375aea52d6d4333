/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An examination for reading: the problems with what shows them, the notes, the map, and what is
 * well. Commands stand on lines of their own, unbroken, so that they can be taken as they are.
 */
#include "doctor.h"
#include "suggest.h"
#include "target.h"

#define NAMES_SHOWN 24

static const struct health_row {
	enum sca_health health;
	const char *label;
	enum ink ink;
} health_rows[] = {
	{SCA_HEALTH_PROBLEM, "problem:", INK_BAD},
	{SCA_HEALTH_NOTE, "note:", INK_WARN},
	{SCA_HEALTH_UNKNOWN, "unknown:", INK_FAINT},
	{SCA_HEALTH_OK, "ok:", INK_GOOD},
};

static void put_command(const struct page *pg, const char *label, const char *command)
{
	if (!command[0])
		return;
	out_pad(pg->o, 4);
	page_ink(pg, INK_FAINT, label);
	out_pad(pg->o, PAGE_MARGIN - 4 - strlen(label));
	out_safe(pg->o, span_z(command));
	out_c(pg->o, '\n');
}

static void put_finding(const struct page *pg, const struct health_row *row,
			const struct sca_diagnosis *f)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	out_addf(&o, "%s: ", f->id);
	out_safe(&o, span_z(f->what));
	page_line(pg, row->label, row->ink, out_string(&o));
	put_command(pg, "show", f->show);
	put_command(pg, "undo", f->undo);
	if (f->then[0]) {
		o.n = 0;
		out_safe(&o, span_z(f->then));
		page_line(pg, "", INK_NONE, out_string(&o));
	}
}

static void put_findings(const struct page *pg, const struct checkup *c, size_t row)
{
	for (size_t i = 0; i < sca_doctor_count(c->doctor); i++) {
		const struct sca_diagnosis *f = sca_doctor_at(c->doctor, i);

		if (f->health == health_rows[row].health)
			put_finding(pg, &health_rows[row], f);
	}
}

/* -- the map -- */

static void put_names(const struct page *pg, const struct sca_doctor_verdict *v)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t shown = v->n > NAMES_SHOWN ? NAMES_SHOWN : v->n;

	for (size_t i = 0; i < shown; i++)
		out_addf(&o, "%s%s%s", i ? " " : "", v->calls[i].name,
			 v->calls[i].by_args ? "*" : "");
	if (v->n > shown)
		out_addf(&o, " and %zu more", v->n - shown);
	page_line(pg, "", INK_NONE, out_string(&o));
}

static void put_verdict(const struct page *pg, const struct sca_doctor_verdict *v)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	out_addf(&o, "%s: %zu by ", sca_sight_name(v->sight), v->n);
	verdict_text(&o, &v->verdict);
	if (v->why[0])
		out_addf(&o, " (%s)", v->why);
	page_line(pg, sca_arch_name(v->arch), v->sight == SCA_SIGHT_SILENT ? INK_BAD : INK_FAINT,
		  out_string(&o));
	if (v->sight != SCA_SIGHT_ALLOWED)
		put_names(pg, v);
}

/* Of a further architecture only how many. */
static size_t put_counts(const struct page *pg, const struct checkup *c, size_t i)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const struct sca_doctor_verdict *first = sca_doctor_verdict(c->doctor, i), *v;
	size_t n[SCA_SIGHT_COUNT] = {0};

	for (; (v = sca_doctor_verdict(c->doctor, i)) && v->arch == first->arch; i++)
		n[v->sight] += v->n;
	for (unsigned s = 0; s < SCA_SIGHT_COUNT; s++)
		if (n[s])
			out_addf(&o, "%s%s: %zu", o.n ? ", " : "",
				 sca_sight_name((enum sca_sight)s), n[s]);
	page_line(pg, sca_arch_name(first->arch), INK_FAINT, out_string(&o));
	return i;
}

static void put_map(const struct page *pg, const struct checkup *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const struct sca_doctor_verdict *v;
	bool by_args = false;
	size_t i = 0;

	if (!c->profile)
		return;
	out_c(pg->o, '\n');
	if (c->chosen.title) {
		out_safe(&o, span_z(c->chosen.title));
		page_line(pg, "container:", INK_FAINT, out_string(&o));
		o.n = 0;
	}
	out_safe(&o, span_z(sca_profile_name(c->profile)));
	page_line(pg, "profile:", INK_FAINT, out_string(&o));
	target_line(pg, &c->target, c->target_given);
	for (; (v = sca_doctor_verdict(c->doctor, i)) && v->arch == c->target.arch; i++) {
		put_verdict(pg, v);
		for (size_t j = 0; v->sight != SCA_SIGHT_ALLOWED && j < v->n; j++)
			by_args |= v->calls[j].by_args;
	}
	while (sca_doctor_verdict(c->doctor, i))
		i = put_counts(pg, c, i);
	if (by_args)
		page_line(pg, "", INK_NONE, "* for some arguments only");
	if (sca_doctor_verdicts(c->doctor))
		page_line(pg, "other", INK_FAINT,
			  "calls of any other architecture are killed");
}

static void put_sum(const struct page *pg, const struct checkup *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t problems = checkup_count(c, SCA_HEALTH_PROBLEM);
	size_t notes = checkup_count(c, SCA_HEALTH_NOTE);

	out_addf(&o, "%zu problem%s, %zu note%s%s", problems, problems == 1 ? "" : "s", notes,
		 notes == 1 ? "" : "s",
		 c->profile ? "" : "; with a PROFILE or --container also which of its denials "
				   "nobody sees");
	out_c(pg->o, '\n');
	page_line(pg, "sum:", INK_HEAD, out_string(&o));
}

void doctor_text(const struct page *pg, const struct checkup *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(health_rows); i++)
		put_findings(pg, c, i);
	put_map(pg, c);
	put_sum(pg, c);
}
