/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"
#include "keep.h"

/* Behind the window. */
static int put(const struct event *ev, void *arg, struct sca_err *err)
{
	struct flow *f = arg;

	return outlets_event(&f->outlets, ev, err);
}

int flow_open(struct flow *f, struct cli *cli, struct sca_names *names, bool backlog,
	      struct sca_err *err)
{
	int r;

	*f = (struct flow){.cli = cli, .names = names};
	if (cli->format == FORMAT_PROMETHEUS && !cli->output)
		return sca_fail(err, SCA_E_CONFLICT,
				"--format prometheus counts into a file: add -o FILE");
	r = outlets_open(&f->outlets, cli, err);
	if (r == 0 && cli->format == FORMAT_PROMETHEUS)
		r = textfile_new(&f->textfile, cli->output, TEXTFILE_PAUSE_MS, err);
	if (r == 0 && cli->window_ms)
		r = window_new(&f->window, cli->window_ms, names, put, f, err);
	if (r == 0 && backlog && cli->have_last && cli->last) {
		f->last = calloc(cli->last, sizeof(struct sca_record *));
		if (!f->last)
			r = sca_fail(err, -ENOMEM, "no memory");
	}
	return r;
}

static void drop_last(struct flow *f)
{
	for (size_t i = 0; f->last && i < f->cli->last; i++)
		free(f->last[i]);
	free(f->last);
	f->last = NULL;
}

void flow_release(struct flow *f)
{
	drop_last(f);
	window_free(f->window);
	textfile_free(f->textfile);
	outlets_release(&f->outlets);
}

static int pass(struct flow *f, const struct event *ev, struct sca_err *err)
{
	if (f->window)
		return window_event(f->window, ev, clock_ms(CLOCK_MONOTONIC), err);
	return outlets_event(&f->outlets, ev, err);
}

static int keep(struct flow *f, const struct event *ev, struct sca_err *err)
{
	size_t bytes;
	struct sca_record *copy = record_copy(ev->rec, &bytes);

	if (!copy)
		return sca_fail(err, -ENOMEM, "no memory for the last %u events", f->cli->last);
	free(f->last[f->last_at]);
	f->last[f->last_at] = copy;
	f->last_at = (f->last_at + 1) % f->cli->last;
	return 0;
}

int flow_event(const struct event *ev, void *arg, struct sca_err *err)
{
	struct flow *f = arg;
	int r = 0;

	f->denied |= !ev->loss && ev->rec->denied;
	if (f->textfile)
		r = textfile_add(f->textfile, ev, err);
	if (r < 0)
		return r;
	return f->last && !ev->loss ? keep(f, ev, err) : pass(f, ev, err);
}

int flow_caught_up(struct flow *f, struct sca_err *err)
{
	int r = 0;

	for (size_t i = 0; f->last && r == 0 && i < f->cli->last; i++) {
		const struct sca_record *rec = f->last[(f->last_at + i) % f->cli->last];
		struct event ev;

		if (!rec)
			continue;
		event_init(&ev, rec, f->names);
		r = pass(f, &ev, err);
	}
	drop_last(f);
	return r;
}

int flow_due(const struct flow *f, int64_t now_ms)
{
	int window = f->window ? window_due(f->window, now_ms) : -1;
	int textfile = f->textfile ? textfile_due(f->textfile, now_ms) : -1;

	return window < 0 ? textfile : textfile < 0 || window < textfile ? window : textfile;
}

static int write_textfile(struct flow *f, int64_t now_ms, struct input *in, struct sca_err *err)
{
	struct evidence ev;

	input_evidence(in, &ev);
	return textfile_write(f->textfile, now_ms, f->names, &ev, err);
}

int flow_work(struct flow *f, int64_t now_ms, struct input *in, struct sca_err *err)
{
	struct sca_err e = SCA_ERR_INIT;

	if (f->textfile && textfile_due(f->textfile, now_ms) == 0 &&
	    write_textfile(f, now_ms, in, &e) < 0)
		say_error(&e); /* and later again */
	return f->window ? window_expire(f->window, now_ms, err) : 0;
}

int flow_flush(struct flow *f, struct sca_err *err)
{
	int r = flow_caught_up(f, err);

	return r == 0 && f->window ? window_flush(f->window, err) : r;
}

int flow_finish(struct flow *f, struct input *in, struct sca_err *err)
{
	return f->textfile ? write_textfile(f, clock_ms(CLOCK_MONOTONIC), in, err) : 0;
}
