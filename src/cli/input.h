/* SPDX-License-Identifier: Apache-2.0 */
/* The way in, as a loop of one's own takes it: step by step, and what to poll in between. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "cli.h"
#include "state.h"

enum input_step {
	STEP_IDLE, /* nothing now */
	STEP_TOOK, /* one frame, whatever became of it */
	STEP_STOP, /* the event's function wants no more */
	STEP_END,  /* all sources ended */
};
/* Takes one frame; as input_run() does with all. enum input_step, or negative. */
int input_step(struct input *in, event_fn *fn, void *arg, struct sca_err *err);

/* Sources, what to poll of each (-1: nothing) and for how long at most (-1: for ever); one
 * whose time came is woken. */
size_t input_count(const struct input *in);
int input_poll(const struct input *in, size_t i, int *ret_wait_ms);
/* What --from said of it, and the source itself. */
const char *input_spec(const struct input *in, size_t i);
const struct sca_source *input_source(const struct input *in, size_t i);
void input_wake(struct input *in, size_t i);
/* While held, sources that lose nothing by it are not read. */
void input_hold(struct input *in, bool hold);

/* NULL where the logs are another host's. */
struct attribution *input_attribution(struct input *in);

/* Whether everything is read that sources with a past have. */
bool input_caught_up(const struct input *in);
/* Whether it goes on where an earlier run was. */
bool input_resumed(const struct input *in);
/* The text of --state, behind everything that fn was given; frames that wait go to it first. */
int input_state(struct input *in, event_fn *fn, void *arg, struct out *o, struct sca_err *err);

/* Loss events that no source has a frame for: what they counted since the last call; at the
 * start, that a source without a past was not heard since the last run; an output's. */
int input_losses(struct input *in, event_fn *fn, void *arg, struct sca_err *err);
int input_gaps(struct input *in, event_fn *fn, void *arg, struct sca_err *err);
void input_count_dropped(struct input *in, uint64_t lost);
int input_output_loss(struct input *in, const char *name, uint64_t lost, event_fn *fn, void *arg,
		      struct sca_err *err);

#endif
