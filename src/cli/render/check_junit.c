/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit XML, as CI servers read it: a suite for each profile, in it a case for each problem and
 * one that passes for each check without any. A problem below --fail-on passes and is told as
 * output; without --fail-on, notes do.
 */
#include "checkup.h"

/* Attribute value or text; what XML can not hold comes as \xNN. */
static void put_xml(struct out *o, const char *z)
{
	_cleanup_out_ struct out safe = OUT_MEMORY;

	out_safe(&safe, span_z(z));
	for (const char *p = out_string(&safe); *p; p++) {
		switch (*p) {
		case '&':
			out_lit(o, "&amp;");
			break;
		case '<':
			out_lit(o, "&lt;");
			break;
		case '>':
			out_lit(o, "&gt;");
			break;
		case '"':
			out_lit(o, "&quot;");
			break;
		default:
			out_c(o, *p);
		}
	}
}

static bool fails(const struct checkups *cs, const struct sca_problem *p)
{
	return p->severity <=
	       (cs->fail_on < SCA_SEVERITY_COUNT ? cs->fail_on : SCA_SEVERITY_WARNING);
}

static void put_words(struct out *o, const struct checkup *c, const struct sca_problem *p)
{
	put_xml(o, c->path);
	if (p->line)
		out_addf(o, ":%u:%u", p->line, p->column);
	out_addf(o, ": %s: ", sca_severity_name(p->severity));
	put_xml(o, p->text);
	out_c(o, '\n');
	put_xml(o, p->reason);
	if (p->fix[0])
		out_lit(o, "\nfix: ");
	put_xml(o, p->fix);
}

static void start_case(struct out *o, const struct checkup *c, size_t check, const char *pointer)
{
	out_lit(o, "    <testcase classname=\"");
	put_xml(o, c->path);
	out_addf(o, "\" name=\"%s%s", sca_check_at(check)->id, pointer[0] ? " " : "");
	put_xml(o, pointer);
	out_c(o, '"');
}

static void put_problem(struct out *o, const struct checkups *cs, const struct checkup *c, size_t i)
{
	const struct sca_problem *p = sca_checked_at(c->checked, i);

	start_case(o, c, p->check, p->pointer);
	if (c->ignored[i] || !checkup_counts(cs, c, i)) {
		_cleanup_free_ char *reason =
			c->ignored[i] ? strndup(c->ignored[i]->reason.p, c->ignored[i]->reason.n) :
					strdup("fixed");

		if (!reason)
			memory_ran_out();
		out_lit(o, "><skipped message=\"");
		put_xml(o, reason ? reason : "");
		out_lit(o, "\"/></testcase>\n");
	} else if (fails(cs, p)) {
		out_addf(o, "><failure type=\"%s\" message=\"", sca_severity_name(p->severity));
		put_xml(o, p->text);
		out_lit(o, "\">");
		put_words(o, c, p);
		out_lit(o, "</failure></testcase>\n");
	} else {
		out_lit(o, "><system-out>");
		put_words(o, c, p);
		out_lit(o, "</system-out></testcase>\n");
	}
}

static bool has_problem(const struct checkup *c, size_t check)
{
	for (size_t i = 0; i < sca_checked_count(c->checked); i++)
		if (sca_checked_at(c->checked, i)->check == check)
			return true;
	return false;
}

static void put_suite(struct out *o, const struct checkups *cs, const struct checkup *c)
{
	size_t tests = sca_checked_count(c->checked), failures = 0, skipped = 0;

	for (size_t i = 0; i < sca_checked_count(c->checked); i++) {
		bool counts = checkup_counts(cs, c, i);

		skipped += !counts;
		failures += counts && fails(cs, sca_checked_at(c->checked, i));
	}
	for (size_t k = 0; k < sca_check_count(); k++)
		tests += !has_problem(c, k);
	out_lit(o, "  <testsuite name=\"");
	put_xml(o, c->path);
	out_addf(o, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", tests,
		 failures, skipped);
	for (size_t i = 0; i < sca_checked_count(c->checked); i++)
		put_problem(o, cs, c, i);
	for (size_t k = 0; k < sca_check_count(); k++) {
		if (has_problem(c, k))
			continue;
		start_case(o, c, k, "");
		out_lit(o, "/>\n");
	}
	out_lit(o, "  </testsuite>\n");
}

void checkup_junit(struct out *o, const struct checkups *cs)
{
	out_lit(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"scaudit check\">\n");
	for (size_t k = 0; k < cs->n; k++)
		put_suite(o, cs, &cs->v[k]);
	out_lit(o, "</testsuites>\n");
}
