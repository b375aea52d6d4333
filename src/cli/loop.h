/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of what runs for long: sources, the tracker and outputs behind one poll(), and
 * once in a while a look at what was lost and a saved position. Reading never waits for an
 * output, but for sources that can wait.
 *
 * SIGINT and SIGTERM: what is there is written, the position saved, done. SIGHUP: files are
 * opened anew. A closed standard output ends it as SIGTERM does.
 */
#ifndef CLI_LOOP_H
#define CLI_LOOP_H

#include "cli.h"

/* Reads `in` to the end of its sources, or for ever. EXIT_DONE, ... or negative. */
int loop_run(struct cli *cli, struct input *in);

#endif
