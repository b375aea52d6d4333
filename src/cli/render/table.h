/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RENDER_TABLE_H
#define CLI_RENDER_TABLE_H

#include "event.h"
#include "term.h"

#define TABLE_COLUMNS 7

struct table {
	struct page page;
	struct out cell;
	unsigned width[TABLE_COLUMNS];
	int64_t day; /* since the epoch, of the last line */
	bool headed;
};

void table_start(struct table *t, struct out *o, unsigned width, bool colors);
void table_event(struct table *t, const struct event *ev);
void table_end(struct table *t);

#endif
