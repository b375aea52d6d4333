/* SPDX-License-Identifier: Apache-2.0 */
/* Where events go, live: each outlet is a format and a sink. */
#ifndef CLI_OUTLET_H
#define CLI_OUTLET_H

#include <poll.h>

#include "sink.h"
#include "voice.h"

struct outlet {
	struct sink *sink;
	struct voice voice;
	uint64_t told; /* drops that were events already */
};

struct outlets {
	struct outlet *v;
	size_t n;
};

/* From -o, --to and --format; standard output when none is named. */
int outlets_open(struct outlets *os, struct cli *cli, struct sca_err *err);
void outlets_release(struct outlets *os);

/* -ENOMEM. */
int outlets_event(struct outlets *os, const struct event *ev, struct sca_err *err);
bool outlets_crowded(const struct outlets *os);
/* What news their sinks have, on standard error. */
void outlets_say(struct outlets *os);
/* -EPIPE: the reader of standard output is gone. */
int outlets_dispatch(struct outlets *os);
/* What to poll, os->n of it, and when to come at the latest: *ret_wait_ms only gets less. */
void outlets_poll(const struct outlets *os, struct pollfd *fds, int *ret_wait_ms);
/* Standard output's reader is there and has not taken everything yet. */
bool outlets_awaited(const struct outlets *os);
/* At the end: writes for at most wait_ms, which all share, and drops the rest; fds has room for
 * os->n. -EPIPE as above. */
int outlets_drain(struct outlets *os, struct pollfd *fds, int wait_ms);
void outlets_reopen(struct outlets *os);
/* Drops since the last call, of one outlet that has room again; 0 for none. */
uint64_t outlets_dropped(struct outlets *os, const char **ret_name);

/* A point in the stream: everything given so far. */
uint64_t outlets_given(const struct outlets *os, size_t i);
uint64_t outlets_settled(const struct outlets *os, size_t i);

#endif
