/* SPDX-License-Identifier: Apache-2.0 */
/* Problems as a compiler tells them, for eyes and for editors. */
#include "checkup.h"

static enum ink severity_ink(enum sca_severity s)
{
	return s == SCA_SEVERITY_ERROR	 ? INK_BAD :
	       s == SCA_SEVERITY_WARNING ? INK_WARN :
					   INK_FAINT;
}

static size_t put_place(struct out *o, const struct checkup *c, const struct sca_problem *p)
{
	size_t width = out_safe(o, span_z(c->path)), from = o->n;

	if (p->line)
		out_addf(o, ":%u:%u", p->line, p->column);
	out_lit(o, ": ");
	return width + (o->n - from);
}

static void put_paragraph(const struct page *pg, const char *label, const char *text,
			  const char *more)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (!text[0])
		return;
	out_safe(&o, span_z(text));
	out_z(&o, more);
	out_pad(pg->o, 4);
	out_z(pg->o, label);
	page_fill(pg, 4 + (unsigned)strlen(label), 4 + (unsigned)strlen(label), out_string(&o));
}

static void put_problem(const struct page *pg, const struct checkups *cs, const struct checkup *c,
			const struct sca_problem *p)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const char *severity = sca_severity_name(p->severity);
	size_t column = put_place(pg->o, c, p);

	page_ink(pg, severity_ink(p->severity), severity);
	out_lit(pg->o, ": ");
	out_safe(&o, span_z(p->text));
	out_addf(&o, " [%s]", sca_check_at(p->check)->id);
	page_fill(pg, (unsigned)(column + strlen(severity) + 2), 4, out_string(&o));
	put_paragraph(pg, "", p->reason, "");
	put_paragraph(pg, "fix: ", p->fix, p->edited && !cs->write ? " --fix does it." : "");
}

void checkup_text(const struct page *pg, const struct checkups *cs)
{
	for (size_t k = 0; k < cs->n; k++)
		for (size_t i = 0; i < sca_checked_count(cs->v[k].checked); i++)
			if (checkup_counts(cs, &cs->v[k], i))
				put_problem(pg, cs, &cs->v[k],
					    sca_checked_at(cs->v[k].checked, i));
}
