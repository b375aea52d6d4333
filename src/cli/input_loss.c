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

static void loss_frame(struct sca_frame *f, enum sca_loss loss, uint64_t lost, const char *name)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*f = (struct sca_frame){
		.kind = SCA_FRAME_LOSS, .source = SCA_SRC_SCAUDIT, .trust = SCA_TRUST_KERNEL,
		.have_time = true,
		.time_ms = now.tv_sec * 1000 + now.tv_nsec / 1000000,
		.loss = loss, .lost = lost, .pos = {.file = name},
	};
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
			loss_frame(&f, c->loss, counted(&now, c) - counted(&s->told, c),
				   sca_source_name(s->src));
			r = input_take_loss(in, &f, fn, arg, err);
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
		loss_frame(&f, SCA_LOSS_GAP, 0, sca_source_name(in->v[i].src));
		f.body = span_z("nobody listened between the last run and this one");
		r = input_take_loss(in, &f, fn, arg, err);
	}
	return r;
}

int input_output_loss(struct input *in, const char *name, uint64_t lost, event_fn *fn, void *arg,
		      struct sca_err *err)
{
	struct sca_frame f;

	in->ev.output_lost += lost;
	loss_frame(&f, SCA_LOSS_OUTPUT, lost, name);
	f.body = span_z("the consumer was too slow for its queue, or gone");
	return input_take_loss(in, &f, fn, arg, err);
}
