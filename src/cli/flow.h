/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to an event between reading and the outlets: of the backlog only the last N
 * go on (-n), repeats are collapsed (--window), and a textfile counts (--format prometheus).
 */
#ifndef CLI_FLOW_H
#define CLI_FLOW_H

#include "outlet.h"
#include "textfile.h"
#include "window.h"

struct flow {
	struct cli *cli;
	struct sca_names *names;
	struct outlets outlets;
	struct window *window;     /* NULL: none */
	struct textfile *textfile; /* NULL: none */
	struct sca_record **last;  /* ring of cli->last; NULL once the backlog is through */
	size_t last_at;
	bool denied; /* for --exit-code */
};

/* -n only when `backlog`. */
int flow_open(struct flow *f, struct cli *cli, struct sca_names *names, bool backlog,
	      struct sca_err *err);
void flow_release(struct flow *f);

/* An event_fn; arg is the flow. */
int flow_event(const struct event *ev, void *arg, struct sca_err *err);
/* The backlog is through: what of it is wanted goes out. */
int flow_caught_up(struct flow *f, struct sca_err *err);
/* Milliseconds until flow_work() has something to do; -1: not by the clock. */
int flow_due(const struct flow *f, int64_t now_ms);
int flow_work(struct flow *f, int64_t now_ms, struct input *in, struct sca_err *err);
/* All that is held goes out, so that a position can be in front of nothing. */
int flow_flush(struct flow *f, struct sca_err *err);
/* At the end: the textfile's last numbers. */
int flow_finish(struct flow *f, struct input *in, struct sca_err *err);

#endif
