/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages, one for the program and one per verb. */
#include <ctype.h>

#include "cli.h"
#include "render/pages.h"

struct man {
	struct out *o;
	const struct verb *verb;
};

static void section(struct out *o, const char *title)
{
	out_addf(o, ".SH %s\n", title);
}

static void put_option(const char *heading, const struct argp_option *opt, void *arg)
{
	struct man *m = arg;

	if (heading) {
		out_lit(m->o, ".SS ");
		out_roff(m->o, heading);
		out_c(m->o, '\n');
		return;
	}
	out_lit(m->o, ".TP\n");
	if (opt->key < 0x80 && isprint(opt->key))
		out_addf(m->o, "\\fB\\-%c\\fR, ", opt->key);
	out_lit(m->o, "\\fB\\-\\-");
	out_roff(m->o, opt->name);
	out_lit(m->o, "\\fR");
	if (opt->arg) {
		out_lit(m->o, " \\fI");
		out_roff(m->o, opt->arg);
		out_lit(m->o, "\\fR");
	}
	out_c(m->o, '\n');
	if (opt->key != OPT_FORMAT)
		out_roff(m->o, opt->doc);
	for (const struct format_row *f = m->verb->formats;
	     opt->key == OPT_FORMAT && f && f->format; f++) {
		out_addf(m->o, "%s\\fB%s\\fR: ", f == m->verb->formats ? "" : "; ",
			 format_names[f->format]);
		out_roff(m->o, f->says);
	}
	out_c(m->o, '\n');
}

static void put_paragraphs(struct out *o, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			out_lit(o, "\n.PP\n");
		else
			out_roff(o, (const char[]){*text, '\0'});
	}
	out_c(o, '\n');
}

static void put_fields(struct out *o)
{
	section(o, "FIELDS");
	out_lit(o,
		"Keys of an event, in their order; names for \\fB\\-\\-match\\fR and "
		"columns of CSV. What a record does not say is absent.\n");
	for (size_t i = 0; i < event_field_count; i++) {
		out_lit(o, ".TP\n\\fB");
		out_roff(o, event_fields[i].name);
		out_lit(o, "\\fR\n");
		out_roff(o, event_fields[i].help);
		out_c(o, '\n');
	}
}

static void put_examples(struct out *o, const struct example *e)
{
	if (!e)
		return;
	section(o, "EXAMPLES");
	for (; e->command; e++) {
		out_lit(o, ".TP\n\\fB");
		out_roff(o, e->command);
		out_lit(o, "\\fR\n");
		out_roff(o, e->says);
		out_c(o, '\n');
	}
}

static void put_exit_status(struct out *o, const struct verb *v)
{
	section(o, "EXIT STATUS");
	for (size_t i = 0; i < exit_row_count; i++) {
		if (v && exit_rows[i].group && !verb_has(v, exit_rows[i].group))
			continue;
		out_addf(o, ".TP\n%d\n", exit_rows[i].code);
		out_roff(o, exit_rows[i].meaning);
		out_c(o, '\n');
	}
}

static void put_see_also(struct out *o, const struct verb *v)
{
	section(o, "SEE ALSO");
	if (v)
		out_lit(o, ".BR scaudit (1),\n");
	for (size_t i = 0; i < verb_count; i++)
		if (&verbs[i] != v && verbs[i].groups)
			out_addf(o, ".BR scaudit\\-%s (1),\n", verbs[i].name);
	out_lit(o, ".BR seccomp (2),\n.BR auditd (8)\n");
}

static void program_page(struct out *o)
{
	section(o, "NAME");
	out_lit(o, "scaudit \\- from seccomp denials to a proved patch of the profile\n");
	section(o, "SYNOPSIS");
	out_lit(o, "\\fBscaudit\\fR \\fIVERB\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n");
	section(o, "DESCRIPTION");
	out_lit(o,
		"Reads what a seccomp filter denied, names each call from its own "
		"architecture, and proposes the smallest change of the container's profile, "
		"proved before it is offered.\n");
	section(o, "VERBS");
	for (size_t i = 0; i < verb_count; i++) {
		out_lit(o, ".TP\n\\fB");
		out_roff(o, verbs[i].name);
		out_lit(o, "\\fR");
		out_roff(o, verbs[i].args[0] ? " " : "");
		out_roff(o, verbs[i].args);
		out_c(o, '\n');
		out_roff(o, verbs[i].summary);
		out_c(o, '\n');
	}
}

static void verb_page(struct out *o, const struct verb *v)
{
	struct man m = {o, v};

	section(o, "NAME");
	out_lit(o, "scaudit\\-");
	out_roff(o, v->name);
	out_lit(o, " \\- ");
	out_roff(o, v->summary);
	out_c(o, '\n');
	section(o, "SYNOPSIS");
	out_lit(o, "\\fBscaudit ");
	out_roff(o, v->name);
	out_addf(o, "\\fR%s ", v->groups ? " [\\fIOPTION\\fR...]" : "");
	out_roff(o, v->args);
	out_c(o, '\n');
	section(o, "DESCRIPTION");
	put_paragraphs(o, v->about);
	section(o, "OPTIONS");
	options_walk(v, put_option, &m);
	if (verb_has(v, &filter_group))
		put_fields(o);
	put_examples(o, v->examples);
}

void man_page(struct out *o, const struct verb *v)
{
	out_addf(o, ".\\\" made by scaudit help --format man\n.TH SCAUDIT%s", v ? "\\-" : "");
	for (const char *p = v ? v->name : ""; *p; p++)
		out_c(o, (char)toupper((unsigned char)*p));
	out_lit(o, " 1 \"\" \"scaudit " SCA_VERSION "\" \"scaudit\"\n");
	if (v)
		verb_page(o, v);
	else
		program_page(o);
	put_exit_status(o, v);
	put_see_also(o, v);
}
