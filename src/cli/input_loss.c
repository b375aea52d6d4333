/* SPDX-License-Identifier: Apache-2.0 */
/* Losses that no frame tells of. */
#include <time.h>

#include "input_int.h"

/* Losses that a source counts, but has no frame for. */
static const struct counted_loss {
	size_t offset; /* in its stats */
	enum sca_loss loss;
} counted_losses[] = {
	{offsetof(struct sca_source_stats, torn), SCA_LOSS_TORN},
	{offsetof(struct sca_source_stats, overlong), SCA_LOSS_OVERLONG},
};

static uint64_t counted(const struct sca_source_stats *st, const struct counted_loss *c)
{
	uint64_t v;

	memcpy(&v, (const char *)st + c->offset, sizeof(v));
	return v;
}

/* Made here: anybody who can write to a source can bring it about. Afterwards nobody knows when
 * it was. */
static void loss_frame(const struct input *in, struct sca_frame *f, enum sca_loss loss,
		       uint64_t lost, const char *name)
{
	struct timespec now;

	*f = (struct sca_frame){
		.kind = SCA_FRAME_LOSS, .source = SCA_SRC_SCAUDIT, .loss = loss, .lost = lost,
		.trust = SCA_TRUST_FORGEABLE, .pos = {.file = name},
	};
	if (in->cli->follow && clock_gettime(CLOCK_REALTIME, &now) == 0) {
		f->have_time = true;
		f->time_ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
	}
}

/* Not in the ledger: these have counters of their own. */
static int tell(const struct sca_frame *frame, event_fn *fn, void *arg, struct sca_err *err)
{
	struct sca_record rec;
	struct event ev;

	event_init_loss(&ev, &rec, frame);
	return fn(&ev, arg, err);
}

int input_losses(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	int r = 0;

	for (size_t i = 0; i < in->n; i++) {
		struct stream_in *s = &in->v[i];
		struct sca_source_stats now;

		sca_source_stats(s->src, &now);
		for (size_t k = 0; r == 0 && k < ARRAY_SIZE(counted_losses); k++) {
			const struct counted_loss *c = &counted_losses[k];
			struct sca_frame f;

			if (counted(&now, c) <= counted(&s->told, c))
				continue;
			loss_frame(in, &f, c->loss, counted(&now, c) - counted(&s->told, c),
				   sca_source_name(s->src));
			r = tell(&f, fn, arg, err);
		}
		s->told = now;
	}
	return r;
}

int input_gaps(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && in->state.doc && i < in->n; i++) {
		struct sca_frame f;

		if (in->v[i].patient)
			continue;
		loss_frame(in, &f, SCA_LOSS_GAP, 0, sca_source_name(in->v[i].src));
		f.body = span_z("nobody listened between the last run and this one");
		r = input_take_loss(in, &f, fn, arg, err);
	}
	return r;
}

void input_count_dropped(struct input *in, uint64_t lost)
{
	in->ev.output_lost += lost;
}

int input_output_loss(struct input *in, const char *name, uint64_t lost, event_fn *fn, void *arg,
		      struct sca_err *err)
{
	struct sca_frame f;

	input_count_dropped(in, lost);
	loss_frame(in, &f, SCA_LOSS_OUTPUT, lost, name);
	f.body = span_z("the consumer was too slow for its queue, or gone");
	return tell(&f, fn, arg, err);
}
