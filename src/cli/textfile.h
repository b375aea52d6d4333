/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log -f --format prometheus -o FILE: counters since the start, for the textfile collector of
 * node_exporter. The file is replaced as a whole, at most once in a while, whether or not its
 * numbers changed: its time tells an alert that the program lives.
 *
 * Series have the labels of render/prometheus.c only, so containers that come and go add none.
 * Numbers without a name are one series an architecture: a program that tries them all can not
 * fill the file. What finds no room is counted in scaudit_ungrouped_events_total.
 */
#ifndef CLI_TEXTFILE_H
#define CLI_TEXTFILE_H

#include "cli.h"

#define TEXTFILE_PAUSE_MS 15000
#define TEXTFILE_SERIES   4096u

struct textfile;

/* The path has to be a file's, or nothing yet. */
int textfile_new(struct textfile **ret, const char *path, int pause_ms, struct sca_err *err);
struct textfile *textfile_free(struct textfile *t);
/* A loss is no call: those are counted by what is given to textfile_write(). */
int textfile_add(struct textfile *t, const struct event *ev, struct sca_err *err);
/* Milliseconds until textfile_write() is to be called; 0 at first. */
int textfile_due(const struct textfile *t, int64_t now_ms);
/* Writes now. Of `ev`, "other" is the textfile's own. A failure leaves the last file as it is
 * and is tried again after the same pause. */
int textfile_write(struct textfile *t, int64_t now_ms, struct sca_names *names,
		   const struct evidence *ev, struct sca_err *err);

#endif
