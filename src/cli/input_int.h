/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the way in: input_open.c opens, input.c takes, input_loss.c makes the events of
 * what nobody has a frame for, input_say.c tells how good it was. */
#ifndef CLI_INPUT_INT_H
#define CLI_INPUT_INT_H

#include "attribute.h"
#include "input.h"

/* A source and the one frame that waits; a frame is valid until its source's next call. */
struct stream_in {
	struct sca_source *src;
	struct sca_frame frame;
	bool pending;
	bool idle;    /* nothing to be had until input_wake() */
	bool ended;
	bool local;   /* this host's own: its pids are */
	bool patient; /* can be left alone for a while and loses nothing */
	struct sca_source_stats told; /* losses that were events already */
};

struct input {
	const struct cli *cli;
	struct stream_in *v;
	size_t n, open; /* sources; those that did not end */
	bool held;      /* patient sources are left alone */
	struct sca_source **sources; /* the same, for progress */
	const char **specs;
	struct sca_names *names;
	struct sca_decoder *dec;
	struct sca_dedup *dedup;
	struct attribution *who;
	struct sca_err err; /* of the source at hand */
	struct evidence ev;
	struct state state; /* of an earlier run */
};

/* A loss is counted, and an event that a filter of time may leave out. */
int input_take_loss(struct input *in, const struct sca_frame *frame, event_fn *fn, void *arg,
		    struct sca_err *err);

#endif
