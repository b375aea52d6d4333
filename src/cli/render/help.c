/* SPDX-License-Identifier: Apache-2.0 */
/* Help for reading on a terminal. */
#include <ctype.h>
#include <unistd.h>

#include "cli.h"

#define OPTION_INDENT 28

struct help {
	struct page page;
	const struct verb *verb;
};

static void put_formats(struct help *h)
{
	for (const struct format_row *f = h->verb->formats; f && f->format; f++) {
		_cleanup_out_ struct out line = OUT_MEMORY;

		if (f != h->verb->formats)
			out_pad(h->page.o, OPTION_INDENT);
		out_addf(&line, "%s: %s%s", format_names[f->format], f->says,
			 f[1].format ? ";" : "");
		page_fill(&h->page, OPTION_INDENT, OPTION_INDENT, out_string(&line));
	}
}

static void put_option(const char *heading, const struct argp_option *opt, void *arg)
{
	_cleanup_out_ struct out label = OUT_MEMORY;
	struct help *h = arg;

	if (heading) {
		out_c(h->page.o, '\n');
		page_ink(&h->page, INK_HEAD, heading);
		out_c(h->page.o, '\n');
		return;
	}
	if (opt->key < 0x80 && isprint(opt->key))
		out_addf(&label, "  -%c, --%s", opt->key, opt->name);
	else
		out_addf(&label, "      --%s", opt->name);
	if (opt->arg)
		out_addf(&label, " %s", opt->arg);
	out_add(h->page.o, label.p, label.n);
	if (label.n + 2 > OPTION_INDENT) {
		out_c(h->page.o, '\n');
		out_pad(h->page.o, OPTION_INDENT);
	} else {
		out_pad(h->page.o, OPTION_INDENT - label.n);
	}
	if (opt->key == OPT_FORMAT)
		put_formats(h);
	else
		page_fill(&h->page, OPTION_INDENT, OPTION_INDENT, opt->doc);
}

static void put_paragraphs(const struct page *pg, const char *text)
{
	struct sca_str rest = span_z(text), part;

	while (text[0] && span_cut(&rest, '\n', &part)) {
		_cleanup_free_ char *z = strndup(part.p, part.n);

		if (!z)
			memory_ran_out();
		out_c(pg->o, '\n');
		page_fill(pg, 0, 0, z ? z : "");
	}
}

static void put_fields(const struct page *pg)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	for (size_t i = 0; i < event_field_count; i++)
		out_addf(&o, "%s%s", i ? " " : "", event_fields[i].name);
	out_c(pg->o, '\n');
	page_ink(pg, INK_HEAD, "Fields of an event");
	out_lit(pg->o, "\n  ");
	page_fill(pg, 2, 2, out_string(&o));
}

static void put_examples(const struct page *pg, const struct example *e)
{
	if (!e)
		return;
	out_c(pg->o, '\n');
	page_ink(pg, INK_HEAD, "Examples");
	out_c(pg->o, '\n');
	for (; e->command; e++) {
		if (e->says[0])
			out_addf(pg->o, "  # %s\n", e->says);
		out_addf(pg->o, "  %s\n", e->command);
	}
}

static void put_exit_codes(const struct page *pg, const struct verb *v)
{
	out_c(pg->o, '\n');
	page_ink(pg, INK_HEAD, "Exit status");
	out_c(pg->o, '\n');
	for (size_t i = 0; i < exit_row_count; i++) {
		char code[8];

		if (exit_rows[i].group && !verb_has(v, exit_rows[i].group))
			continue;
		snprintf(code, sizeof(code), "%d", exit_rows[i].code);
		page_item(pg, code, INK_NONE, 5, exit_rows[i].meaning);
	}
}

static void put_verbs(const struct page *pg)
{
	page_ink(pg, INK_HEAD, "usage:");
	out_lit(pg->o, " scaudit VERB [OPTION...] [ARGUMENT...]\n\n");
	for (size_t i = 0; i < verb_count; i++)
		page_item(pg, verbs[i].name, INK_NAME, 12, verbs[i].summary);
	out_lit(pg->o, "\n'scaudit help VERB' says more. Start with: scaudit report\n");
}

void help_text(struct out *o, const struct verb *v)
{
	struct help h = {
		.page = {o, term_width(o->fd), term_colors(o->fd, COLOR_AUTO)},
		.verb = v,
	};

	if (h.page.width > 100)
		h.page.width = 100; /* long lines are hard to read */
	if (!v) {
		put_verbs(&h.page);
		return;
	}
	page_ink(&h.page, INK_HEAD, "usage:");
	out_addf(o, " scaudit %s%s%s%s\n", v->name, v->groups ? " [OPTION...]" : "",
		 v->args[0] ? " " : "", v->args);
	out_c(o, '\n');
	out_addf(o, "%s\n", v->summary);
	put_paragraphs(&h.page, v->about);
	options_walk(v, put_option, &h);
	if (verb_has(v, &filter_group))
		put_fields(&h.page);
	put_examples(&h.page, v->examples);
	if (v->groups)
		put_exit_codes(&h.page, v);
}
