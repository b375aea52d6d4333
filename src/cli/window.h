/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --window: repeats of an event collapse. The first goes out at once; those that follow it
 * within the window are counted, and at its end one line tells of them: the same event again
 * when it was one, otherwise a summary as report writes it ("kind":"denial") with the count,
 * first and last time, and up to eight names of threads and programs. So the counts of all
 * lines add up to the events that happened. The next one after that starts anew.
 *
 * Repeats are of one node, source and trust, have the same action, call and arguments, and the
 * same container; where there is none, the same unit; or else the same program and user. The
 * window is of the loop's clock: a record's own time may be anything.
 *
 * At most WINDOW_KEYS different events and WINDOW_BYTES are kept; what finds no room goes out
 * as it is, and is counted.
 */
#ifndef CLI_WINDOW_H
#define CLI_WINDOW_H

#include "cli.h"

#define WINDOW_KEYS  4096u
#define WINDOW_BYTES (8u << 20)

struct window;

struct window_stats {
	uint64_t collapsed; /* events that went out only as a count */
	uint64_t overflow;  /* events that found no room */
};

/* emit(event, arg) takes what goes out; `names` is borrowed. */
int window_new(struct window **ret, int64_t window_ms, struct sca_names *names, event_fn *emit,
	       void *arg, struct sca_err *err);
struct window *window_free(struct window *w);

/* Returns what emit returned, or -ENOMEM. now_ms: any clock that only goes forward. */
int window_event(struct window *w, const struct event *ev, int64_t now_ms, struct sca_err *err);
/* Milliseconds until a window ends; -1: none is open. */
int window_due(const struct window *w, int64_t now_ms);
/* Tells of the windows that have ended. */
int window_expire(struct window *w, int64_t now_ms, struct sca_err *err);
/* Of all. */
int window_flush(struct window *w, struct sca_err *err);
void window_stats(const struct window *w, struct window_stats *ret);

#endif
