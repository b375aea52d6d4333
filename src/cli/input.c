/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in: takes frames from the sources by turns so that events come in order of time
 * where they have one, decodes, drops duplicates, finds the container, filters, and counts
 * everything.
 */
#include <unistd.h>

#include "input_int.h"

/* Brings a source's next frame to its head; what fails is left with a word. -ENOMEM, which is no
 * matter of that source. */
static int advance(struct input *in, struct stream_in *s)
{
	int r;

	while ((r = sca_source_next(s->src, &s->frame, &in->err)) < 0) {
		/* a damaged file of a set does not hide the others */
		sca_err_at(&in->err, sca_source_name(s->src), 0, 0);
		if (r == -ENOMEM)
			return r;
		in->ev.stopped++;
		progress_hide();
		say_error(&in->err);
		in->err = (struct sca_err)SCA_ERR_INIT;
	}
	s->pending = r == SCA_NEXT_FRAME;
	s->idle = r == SCA_NEXT_IDLE;
	s->ended = !s->pending && !s->idle;
	in->open -= s->ended;
	return 0;
}

static bool resting(const struct input *in, const struct stream_in *s)
{
	return s->ended || s->idle || (in->held && s->patient);
}

/*
 * The source whose turn it is: one that can not wait; else one without a stamp; else the one
 * with the oldest. NULL in *ret when none has a frame.
 */
static int choose(struct input *in, struct stream_in **ret)
{
	struct stream_in *best = NULL;

	for (size_t i = 0; i < in->n; i++) {
		struct stream_in *s = &in->v[i];

		if (!s->pending && !resting(in, s) && advance(in, s) < 0)
			return -ENOMEM;
		if (!s->pending || (in->held && s->patient))
			continue;
		if (!s->patient || !s->frame.have_time) {
			best = s;
			break;
		}
		if (!best || s->frame.time_ms < best->frame.time_ms)
			best = s;
	}
	*ret = best;
	return 0;
}

static int attribute(struct input *in, const struct stream_in *s, struct sca_record *rec,
		     struct sca_err *err)
{
	int r = in->who ? attribution_find(in->who, rec, s->local, err) : 0;
	const struct sca_container_ref *c = &rec->container;

	if (r == 0 && in->who)
		in->ev.unattributed += !(c->id.n || c->unit.n || c->name.n || c->pod_uid.n);
	return r;
}

int input_take_loss(struct input *in, const struct sca_frame *frame, event_fn *fn, void *arg,
		    struct sca_err *err)
{
	struct sca_record rec;
	struct event ev;

	evidence_add_loss(&in->ev, frame);
	event_init_loss(&ev, &rec, frame);
	return filter_pass(in->cli->filter, &ev) ? fn(&ev, arg, err) : 0;
}

/* One frame: decoded, counted, and handed over unless it is a duplicate or filtered out. */
static int take(struct input *in, const struct stream_in *s, event_fn *fn, void *arg,
		struct sca_err *err)
{
	struct sca_record rec;
	struct event ev;
	int r;

	if (s->frame.kind == SCA_FRAME_LOSS)
		return input_take_loss(in, &s->frame, fn, arg, err);
	r = sca_record_decode(in->dec, &s->frame, &rec, err);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return 0; /* counted by the decoder */
	if (sca_dedup_seen(in->dedup, &s->frame, &rec)) {
		in->ev.duplicates++;
		return 0;
	}
	r = attribute(in, s, &rec, err);
	if (r < 0)
		return r;
	event_init(&ev, &rec, in->names);
	if (!filter_pass(in->cli->filter, &ev))
		return 0;
	in->ev.kept++;
	in->ev.forgeable += rec.trust != SCA_TRUST_KERNEL;
	if ((size_t)rec.source < SCA_SRC_COUNT)
		in->ev.kinds[rec.source]++;
	return fn(&ev, arg, err);
}

int input_step(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	struct stream_in *s;
	int r = choose(in, &s);

	if (r < 0) {
		*err = in->err;
		return r;
	}
	if (!s)
		return in->open ? STEP_IDLE : STEP_END;
	r = take(in, s, fn, arg, err);
	s->pending = false;
	return r < 0 ? r : r > 0 ? STEP_STOP : STEP_TOOK;
}

static bool wants_progress(const struct input *in)
{
	return !in->cli->quiet && !in->cli->streams && isatty(STDERR_FILENO);
}

int input_run(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	int r;

	if (wants_progress(in))
		progress_start(in->sources, in->n);
	do
		r = input_step(in, fn, arg, err);
	while (r == STEP_TOOK);
	if (r == STEP_END)
		r = input_losses(in, fn, arg, err);
	progress_stop();
	return r < 0 ? r : 0;
}

/* -- live -- */

size_t input_count(const struct input *in)
{
	return in->n;
}

const char *input_spec(const struct input *in, size_t i)
{
	return in->specs[i];
}

const struct sca_source *input_source(const struct input *in, size_t i)
{
	return in->v[i].src;
}

int input_poll(const struct input *in, size_t i, int *ret_wait_ms)
{
	const struct stream_in *s = &in->v[i];
	int fd = -1;

	*ret_wait_ms = -1;
	if (!s->ended && !(in->held && s->patient))
		fd = sca_source_fd(s->src, ret_wait_ms);
	return fd;
}

void input_wake(struct input *in, size_t i)
{
	in->v[i].idle = false;
}

void input_hold(struct input *in, bool hold)
{
	in->held = hold;
}

struct attribution *input_attribution(struct input *in)
{
	return in->who;
}

/* Frames that wait are behind their source's position, so they are taken now. */
static int take_waiting(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < in->n; i++) {
		struct stream_in *s = &in->v[i];

		if (!s->pending)
			continue;
		r = take(in, s, fn, arg, err);
		s->pending = false;
	}
	return r;
}

bool input_caught_up(const struct input *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->v[i].patient && !in->v[i].idle && !in->v[i].ended)
			return false;
	return true;
}

bool input_resumed(const struct input *in)
{
	return in->state.doc != NULL;
}

int input_state(struct input *in, event_fn *fn, void *arg, struct out *o, struct sca_err *err)
{
	int r = take_waiting(in, fn, arg, err);

	if (r < 0)
		return r;
	state_begin(o);
	for (size_t i = 0; i < in->n; i++) {
		struct sca_str position;

		r = sca_source_position(in->v[i].src, &position, err);
		if (r < 0)
			return r;
		if (position.n)
			state_add(o, in->specs[i], position);
	}
	state_end(o);
	return 0;
}
