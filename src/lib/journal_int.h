/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the source "journal": what its reading and its finding of places share. */
#ifndef SCA_JOURNAL_INT_H
#define SCA_JOURNAL_INT_H

#include "journal_files.h"
#include "source.h"

/* Of messages of journald's own about what it lost. */
#define ID_DROPPED "a596d6fe7bfa4994828e72309e95d61e" /* Suppressed N messages */
#define ID_MISSED  "e9bf28e6e834481bb6f48f548ad13606" /* Missed N kernel messages */

struct journal {
	sd_journal *j;
	enum sca_trust trust;
	char *cursor, *before; /* of the last entry; of the one before it, while its frames wait */
	bool moved;            /* since cursor was taken */
	char *tail;            /* see journal_mark() */
	int64_t mark_at;       /* of the monotonic clock, in milliseconds */
	bool skip;             /* the first entry if it is the one at the cursor: it was had */
	bool gap;              /* a loss that is to be told */
	bool busy, ended;
	struct buf text;       /* the entry's fields */
	int64_t time_ms;       /* when journald received it */
	uint64_t entries, bytes, undecodable;
	char name[]; /* journal, or the root that it is below */
};

/* Goes to where reading starts, with the matches set: src->how says it. Sets gap where the
 * journal has not kept what stood behind the position. */
int journal_start(struct sca_source *src, struct sca_err *err);
/* The entry just read is the last one that was had. 0 or -ENOMEM. */
int journal_take_cursor(struct journal *jr);
/*
 * Entries that matter are rare, and the last one may be rotated away long before the next one
 * comes. So the place to go on from moves along with the entries that do not matter: mark()
 * notes the journal's last entry, whatever it is, and goes back; when from there nothing more
 * is found, all in front of it was had, and reached() takes it for the cursor. Both are for
 * when nothing is left to read. mark() returns 1 when it is time to and it did.
 */
int journal_mark(struct journal *jr);
void journal_reached(struct journal *jr);

#endif
