/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container an event is of. Live, a tracker knows also those that died at once; a log
 * of this host that is read afterwards has /proc for what still runs, and the map for the
 * rest. Records of other hosts have only a map, and what they say themselves.
 */
#ifndef CLI_ATTRIBUTE_H
#define CLI_ATTRIBUTE_H

#include "cli.h"

struct attribution;

/* `live`: a tracker is started. */
int attribution_open(struct attribution **ret, struct cli *cli, bool live, struct sca_err *err);
struct attribution *attribution_free(struct attribution *a);

/*
 * Fills rec->container where the record does not name one; its spans are good until the next
 * call. `local`: the source is this host's own. Negative for -ENOMEM only.
 */
int attribution_find(struct attribution *a, struct sca_record *rec, bool local,
		     struct sca_err *err);

/* Of the tracker: -1 when there is none. */
int attribution_fd(const struct attribution *a);
int attribution_dispatch(struct attribution *a, struct sca_err *err);
/* Whether there is a tracker, and it looks things up in a BPF map. */
bool attribution_live(const struct attribution *a, bool *ret_bpf);
/* Says on standard error what level of finding containers this host allows. */
void attribution_say(const struct attribution *a);

/* The map as text, malloc'ed; NULL when nothing was added since the last call. */
int attribution_map(struct attribution *a, char **ret, size_t *ret_n, struct sca_err *err);

/* The engines' files, borrowed. */
struct sca_containers *attribution_containers(struct attribution *a);

#endif
