/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --state FILE keeps: for each source, by the word that named it, where to go on. A
 * position is saved only when everything in front of it has left the program, so a run that
 * is killed repeats at most what came since the last save, and misses nothing.
 *
 *	{"v":1,"kind":"state","sources":[{"from":"audit","position":{...}}]}
 */
#ifndef CLI_STATE_H
#define CLI_STATE_H

#include "cli.h"

struct json_t;
struct state {
	struct json_t *doc; /* NULL: the file does not exist */
};

/* A file that is damaged is an error: going on from elsewhere must be the user's choice. */
int state_open(struct state *st, const char *path, struct sca_err *err);
/* The position of a source as text, malloc'ed; NULL when the file has none. */
char *state_position(const struct state *st, const char *from);
void state_release(struct state *st);

/* Adds one source to the text of a state that state_begin() began; state_end() ends it. */
void state_begin(struct out *o);
void state_add(struct out *o, const char *from, struct sca_str position);
void state_end(struct out *o);

#endif
