/* SPDX-License-Identifier: Apache-2.0 */
/* Events written in one format, whichever it is. */
#ifndef CLI_VOICE_H
#define CLI_VOICE_H

#include "cli.h"
#include "render/dialect.h"
#include "render/table.h"

struct voice {
	struct out o; /* where it writes; opened and released by whoever owns the voice */
	enum format format;
	const struct dialect *dialect; /* NULL: a format of our own */
	struct dialect_run words;
	struct table table;
};
#define VOICE_INIT                                                          \
	{.o = OUT_MEMORY, .table = {.cell = OUT_MEMORY},                    \
	 .words = {.message = OUT_MEMORY, .text = OUT_MEMORY}}

/* SCA_E_CONFLICT: a terminal is no place for this format. */
int voice_check(enum format format, bool terminal, struct sca_err *err);
/* `terminal` is the descriptor of one, or -1. */
void voice_start(struct voice *v, enum format format, int terminal, enum color_mode color);
void voice_event(struct voice *v, const struct event *ev);
void voice_end(struct voice *v); /* releases all but v->o */

#endif
