/* SPDX-License-Identifier: Apache-2.0 */
/* The denial set as a table. */
#include <libsmartcols.h>

#include "render/groups.h"

struct layout {
	bool one_day; /* all events on one day: its date stands below the table */
};

static void cell_container(struct out *o, const struct event *ev, const struct layout *l)
{
	const struct sca_container_ref *c = &ev->rec->container;

	(void)l;
	if (c->pod.n) {
		if (c->ns.n) {
			out_safe(o, c->ns);
			out_c(o, '/');
		}
		out_safe(o, c->pod);
		if (c->name.n)
			out_c(o, '/');
	}
	out_safe(o, c->name);
	if (o->n == 0 && c->id.n)
		out_safe(o, (struct sca_str){c->id.p, c->id.n < 12 ? c->id.n : 12});
	if (o->n == 0)
		out_safe(o, c->unit);
}

static void cell_syscall(struct out *o, const struct event *ev, const struct layout *l)
{
	(void)l;
	syscall_text(o, ev);
}

static void cell_arch(struct out *o, const struct event *ev, const struct layout *l)
{
	(void)l;
	arch_text(o, ev);
}

static void cell_action(struct out *o, const struct event *ev, const struct layout *l)
{
	(void)l;
	out_z(o, sca_action_name(ev->rec->action));
}

static void cell_count(struct out *o, const struct event *ev, const struct layout *l)
{
	(void)l;
	out_u64(o, ev->rec->count);
}

/* The year stands below the table. */
static void put_time(struct out *o, const struct event *ev, int64_t ms, const struct layout *l)
{
	struct out t = OUT_MEMORY;

	if (ev->rec->first_ms || ev->rec->last_ms)
		short_time(&t, ms, l->one_day);
	if (t.n > 8 && !l->one_day)
		out_add(o, t.p + t.n - 14, 14);
	else
		out_add(o, t.p, t.n);
	out_release(&t);
}

static void cell_first(struct out *o, const struct event *ev, const struct layout *l)
{
	put_time(o, ev, ev->rec->first_ms, l);
}

static void cell_last(struct out *o, const struct event *ev, const struct layout *l)
{
	put_time(o, ev, ev->rec->last_ms, l);
}

static void cell_comms(struct out *o, const struct event *ev, const struct layout *l)
{
	(void)l;
	for (unsigned i = 0; i < ev->rec->n_comms; i++) {
		if (i)
			out_lit(o, ", ");
		out_safe(o, ev->rec->comms[i]);
	}
	if (ev->more_comms)
		out_lit(o, ", ...");
}

static const struct column {
	const char *title;
	int flags;
	void (*cell)(struct out *o, const struct event *ev, const struct layout *l);
} columns[] = {
	{"CONTAINER", SCOLS_FL_TRUNC, cell_container},
	{"SYSCALL", 0, cell_syscall},
	{"ARCH", 0, cell_arch},
	{"ACTION", 0, cell_action},
	{"COUNT", SCOLS_FL_RIGHT, cell_count},
	{"FIRST", 0, cell_first},
	{"LAST", 0, cell_last},
	{"COMMS", SCOLS_FL_TRUNC, cell_comms},
};

static bool any_container(const struct sca_denials *ds)
{
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		const struct sca_container_ref *c = &sca_denials_at(ds, i)->container;

		if (c->id.n || c->name.n || c->pod.n || c->unit.n)
			return true;
	}
	return false;
}

static int64_t day_of(int64_t ms)
{
	return ms / 86400000 - (ms % 86400000 < 0);
}

static const char *action_color(const struct event *ev, const struct page *pg)
{
	return pg->colors ? ink_start(ink_action(ev->rec->action)) : NULL;
}

static int fill(struct libscols_table *tb, const struct page *pg, const struct sca_denials *ds,
		struct sca_names *names, size_t skip, const struct layout *l)
{
	_cleanup_out_ struct out text = OUT_MEMORY;

	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		struct libscols_line *ln = scols_table_new_line(tb, NULL);
		struct sca_record rec;
		struct event ev;

		if (!ln)
			return -ENOMEM;
		event_init_denial(&ev, &rec, sca_denials_at(ds, i), names);
		for (size_t c = skip; c < ARRAY_SIZE(columns); c++) {
			text.n = 0;
			columns[c].cell(&text, &ev, l);
			if (text.error ||
			    scols_line_set_data(ln, c - skip, out_string(&text)) < 0)
				return -ENOMEM;
			if (columns[c].cell == cell_action && pg->colors)
				scols_cell_set_color(scols_line_get_cell(ln, c - skip),
						     action_color(&ev, pg));
		}
	}
	return 0;
}

/* "9 events in 8 groups, 8 denied, 1 logged only, 3 traced; 2026-11-24 08:35:15 to 08:35:16 UTC" */
static void put_totals(const struct page *pg, const struct sca_denials *ds,
		       const struct sca_denial_totals *t, bool one_day)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	size_t groups = sca_denials_count(ds);
	uint64_t logged = t->events - t->denied - t->traced;

	out_grouped(&o, t->events);
	out_addf(&o, " %s in %zu %s: ", t->events == 1 ? "event" : "events", groups,
		 groups == 1 ? "group" : "groups");
	out_grouped(&o, t->denied);
	out_lit(&o, " denied");
	if (logged) {
		out_lit(&o, ", ");
		out_grouped(&o, logged);
		out_lit(&o, " logged only");
	}
	if (t->traced) {
		out_lit(&o, ", ");
		out_grouped(&o, t->traced);
		out_lit(&o, " traced");
	}
	if (t->have_time) {
		out_lit(&o, "; ");
		short_time(&o, t->first_ms, false);
		if (t->last_ms / 1000 != t->first_ms / 1000) {
			out_lit(&o, " to ");
			short_time(&o, t->last_ms, one_day);
		}
		out_lit(&o, " UTC");
	}
	out_c(pg->o, '\n');
	page_line(pg, "total:", INK_FAINT, out_string(&o));
}

/* As scols_print_table_to_string(), which does not tell that memory ran out in between. */
static int print(struct libscols_table *tb, char **ret)
{
	size_t n;
	FILE *f = open_memstream(ret, &n);
	bool failed;

	if (!f)
		return -ENOMEM;
	scols_table_set_stream(tb, f);
	failed = scols_print_table(tb) < 0 || ferror(f);
	return fclose(f) != 0 || failed || !*ret ? -ENOMEM : 0;
}

int groups_table(const struct page *pg, const struct sca_denials *ds, struct sca_names *names,
		 struct sca_err *err)
{
	struct libscols_table *tb = scols_new_table();
	size_t skip = any_container(ds) ? 0 : 1;
	struct sca_denial_totals t;
	struct layout l;
	char *text = NULL;
	int r = tb ? 0 : -ENOMEM;

	sca_denials_totals(ds, &t);
	l.one_day = t.have_time && day_of(t.first_ms) == day_of(t.last_ms);
	for (size_t c = skip; c < ARRAY_SIZE(columns) && r == 0; c++)
		if (!scols_table_new_column(tb, columns[c].title, 0, columns[c].flags))
			r = -ENOMEM;
	if (r == 0) {
		scols_table_enable_noencoding(tb, 1); /* cells are safe already */
		scols_table_enable_colors(tb, pg->colors);
		scols_table_set_termforce(tb, pg->width == UINT_MAX ? SCOLS_TERMFORCE_NEVER :
								      SCOLS_TERMFORCE_ALWAYS);
		if (pg->width != UINT_MAX)
			scols_table_set_termwidth(tb, pg->width);
		r = fill(tb, pg, ds, names, skip, &l);
	}
	if (r == 0)
		r = print(tb, &text);
	if (r == 0) {
		out_z(pg->o, text);
		if (pg->o->n && pg->o->p[pg->o->n - 1] != '\n')
			out_c(pg->o, '\n');
		put_totals(pg, ds, &t, l.one_day);
	}
	free(text);
	scols_unref_table(tb);
	return r < 0 ? sca_fail(err, -ENOMEM, "no memory for the table") : 0;
}
