/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as lines of columns, written as they come: a column starts at its least width and
 * grows when something longer shows up, so that a log of any length needs no memory.
 */
#include "render/table.h"

static void cell_time(struct out *o, const struct event *ev)
{
	if (ev->rec->have & SCA_F_TIME)
		short_time(o, ev->rec->time_ms, true);
	else if (ev->rec->last_ms)
		short_time(o, ev->rec->last_ms, true);
}

/* Container, or what stands for one, in front of the thread's name. */
static void cell_who(struct out *o, const struct event *ev)
{
	const struct sca_container_ref *c = &ev->rec->container;
	/* Twelve digits of an id are what engines show. */
	const struct sca_str id = {c->id.p, c->id.n == 64 ? 12 : c->id.n};
	const struct sca_str *const best[] = {&c->name, &c->pod, &id, &c->unit};

	for (size_t i = 0; i < ARRAY_SIZE(best); i++) {
		if (best[i]->n) {
			out_safe(o, *best[i]);
			out_c(o, '/');
			break;
		}
	}
	if (ev->rec->have & SCA_F_COMM)
		out_safe(o, ev->rec->comm);
	for (unsigned i = 0; i < ev->rec->n_comms && !(ev->rec->have & SCA_F_COMM); i++) {
		if (i)
			out_c(o, ',');
		out_safe(o, ev->rec->comms[i]);
	}
}

static void cell_pid(struct out *o, const struct event *ev)
{
	if (ev->rec->have & SCA_F_PID)
		out_u64(o, ev->rec->pid);
	else if (ev->rec->count > 1)
		out_addf(o, "x%llu", (unsigned long long)ev->rec->count);
}

static void cell_action(struct out *o, const struct event *ev)
{
	out_z(o, sca_action_name(ev->rec->action));
}

static void cell_exe(struct out *o, const struct event *ev)
{
	if (ev->rec->have & SCA_F_EXE)
		out_safe(o, ev->rec->exe);
	else if (ev->rec->n_exes)
		out_safe(o, ev->rec->exes[0]);
}

static const struct column {
	const char *title;
	unsigned least, most; /* 0: to the end of the line */
	bool right;
	void (*cell)(struct out *o, const struct event *ev);
} columns[] = {
	{"TIME UTC", 8, 8, false, cell_time},
	{"ACTION", 12, 12, false, cell_action},
	{"SYSCALL", 19, 28, false, syscall_text},
	{"ARCH", 6, 12, false, arch_text},
	{"PID", 6, 10, true, cell_pid},
	{"WHO", 12, 32, false, cell_who},
	{"EXE", 0, 0, false, cell_exe},
};
_Static_assert(ARRAY_SIZE(columns) == TABLE_COLUMNS, "table.h counts the columns");

void table_start(struct table *t, struct out *o, unsigned width, bool colors)
{
	*t = (struct table){.page = {o, width, colors}, .cell = OUT_MEMORY, .day = INT64_MIN};
	for (size_t i = 0; i < TABLE_COLUMNS; i++)
		t->width[i] = columns[i].least;
}

void table_end(struct table *t)
{
	out_release(&t->cell);
}

static size_t skip_char(const char *p, const char *end)
{
	size_t n;

	utf8_take(p, end, &n);
	return n ? n : 1;
}

/* The last part of a path says most: what does not fit is cut in front. */
static void put_tail(struct table *t, const char *text, size_t columns_left)
{
	const char *end = text + strlen(text);
	size_t w = 0;

	for (const char *p = text; p < end; p += skip_char(p, end))
		w++;
	if (w > columns_left && columns_left > 0) {
		for (; w + 1 > columns_left; w--)
			text += skip_char(text, end);
		out_c(t->page.o, '<');
	}
	if (columns_left > 0)
		out_add(t->page.o, text, (size_t)(end - text));
}

static size_t text_width(const char *text)
{
	size_t n = 0;

	for (const char *p = text, *end = text + strlen(text); p < end; p += skip_char(p, end))
		n++;
	return n;
}

static void put_cell(struct table *t, size_t i, const char *text, enum ink ink, size_t *at)
{
	const struct column *c = &columns[i];
	size_t w = text_width(text), pad;

	if (c->least == 0) {
		if (*at < t->page.width)
			put_tail(t, text, t->page.width - *at);
		return;
	}
	if (w > t->width[i])
		t->width[i] = (unsigned)(w < c->most ? w : c->most);
	pad = w < t->width[i] ? t->width[i] - w : 0;
	out_pad(t->page.o, c->right ? pad : 0);
	page_ink(&t->page, ink, text);
	out_pad(t->page.o, (c->right ? 0 : pad) + 1);
	*at += w + pad + 1;
}

/* Blanks at the end of a line are nobody's. */
static void end_line(struct out *o)
{
	while (o->n && o->p[o->n - 1] == ' ')
		o->n--;
	out_c(o, '\n');
}

static void put_head(struct table *t)
{
	size_t at = 0;

	for (size_t i = 0; i < TABLE_COLUMNS; i++)
		put_cell(t, i, columns[i].title, INK_HEAD, &at);
	end_line(t->page.o);
}

/* The columns show the time of day only, so a day is a line of its own. */
static void put_day(struct table *t, const struct event *ev)
{
	int64_t ms = ev->rec->have & SCA_F_TIME ? ev->rec->time_ms : ev->rec->last_ms;
	int64_t day = ms / 86400000 - (ms % 86400000 < 0);

	if (ms == 0 || day == t->day)
		return;
	t->day = day;
	t->cell.n = 0;
	short_time(&t->cell, ms, false);
	if (t->cell.n > 9)
		t->cell.n -= 9;
	page_ink(&t->page, INK_FAINT, out_string(&t->cell));
	out_c(t->page.o, '\n');
}

/* Leaves what fits, with a mark when that is not all. */
static void cut_end(struct out *text, size_t room)
{
	const char *p = out_string(text), *end = p + text->n;

	for (; p < end && room > 1; room--)
		p += skip_char(p, end);
	if (p + skip_char(p, end) >= end)
		return;
	text->n -= (size_t)(end - p);
	if (room)
		out_c(text, '>');
}

/* No call, so none of the columns behind: what is missing in a few words. */
static void put_loss(struct table *t, const struct event *ev)
{
	_cleanup_out_ struct out text = OUT_MEMORY;
	size_t at = 0;

	t->cell.n = 0;
	cell_time(&t->cell, ev);
	put_cell(t, 0, out_string(&t->cell), INK_FAINT, &at);
	put_cell(t, 1, "loss", INK_WARN, &at);
	loss_text(&text, ev->loss);
	t->cell.n = 0;
	out_safe(&t->cell, (struct sca_str){text.p, text.n});
	cut_end(&t->cell, at < t->page.width ? t->page.width - at : 0);
	page_ink(&t->page, INK_FAINT, out_string(&t->cell));
	end_line(t->page.o);
}

void table_event(struct table *t, const struct event *ev)
{
	size_t at = 0;

	if (!t->headed)
		put_head(t);
	t->headed = true;
	put_day(t, ev);
	if (ev->loss) {
		put_loss(t, ev);
		return;
	}
	for (size_t i = 0; i < TABLE_COLUMNS; i++) {
		enum ink ink = columns[i].cell == cell_action ? ink_action(ev->rec->action) :
			       columns[i].cell == syscall_text ? INK_NAME :
								 INK_NONE;

		t->cell.n = 0;
		columns[i].cell(&t->cell, ev);
		put_cell(t, i, out_string(&t->cell), ink, &at);
	}
	end_line(t->page.o);
}
