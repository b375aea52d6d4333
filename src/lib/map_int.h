/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a map: containers, and when a pid was seen to be whose. map.c remembers and answers,
 * map_text.c is the map as text.
 */
#ifndef SCA_MAP_INT_H
#define SCA_MAP_INT_H

#include "tracker_int.h"

#define MAP_PLACES_MAX  4096u
#define MAP_TIME_MAX_MS 253402300799999 /* the end of the year 9999 */

/* A container, or a unit, of one node. */
struct place {
	struct place *next; /* in the bucket */
	struct place *prev, *newer;
	struct kept_ref kept;
	char *node;
	size_t node_n;
	uint64_t number; /* while the text is made */
};

/* A process was the place's at both ends, and nobody else's in between. */
struct seen {
	struct seen *next; /* in the bucket */
	struct seen *prev, *newer;
	struct place *place;
	uint32_t pid;
	int64_t first_ms, last_ms;
};

#define PLACE_BUCKETS 1024u
#define SEEN_BUCKETS  16384u

struct sca_map {
	struct place *places; /* the oldest first, as utlist.h has them */
	struct seen *seens;
	size_t n_places, n_seens;
	char *own; /* the node that is meant where none is named */
	size_t own_n;
	struct place *place_buckets[PLACE_BUCKETS];
	struct seen *seen_buckets[SEEN_BUCKETS];
};

/* The place of that node and container, made where there is none; names become the newest. */
int map_place(struct sca_map *m, struct sca_str node, const struct sca_container_ref *ref,
	      struct place **ret, struct sca_err *err);
/* The place stays, whatever makes room. */
int map_seen(struct sca_map *m, struct place *place, uint32_t pid, int64_t first_ms,
	     int64_t last_ms, struct sca_err *err);
/* Sets the node that is meant where none is named: the first one that is. */
int map_own(struct sca_map *m, struct sca_str node, struct sca_err *err);

static inline struct sca_str place_node(const struct place *p)
{
	return (struct sca_str){p->node, p->node_n};
}

#endif
