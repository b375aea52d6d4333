/* SPDX-License-Identifier: Apache-2.0 */
/* The container that --container names, as its engine knows it: its profile and its target. */
#ifndef CLI_CHOSEN_H
#define CLI_CHOSEN_H

#include <jansson.h>

#include "cli.h"

struct chosen {
	const char *word; /* of --container; NULL without, or with several */
	struct sca_containers *containers;
	bool known;       /* an engine has it */
	bool told;        /* and told its target, and its profile where no PROFILE is given */
	bool shown;       /* its profile is the one that is worked on */
	bool assumed;     /* the version of its runtime */
	char *id, *title, *engine;
	struct sca_container_profile profile;
};

/* Asks the engine's files about word. */
int chosen_ask(struct chosen *c, const char *root, bool target_only, struct sca_err *err);
/* What was told: the target, and where *path is NULL the profile, which is the caller's. */
int chosen_give(struct chosen *c, struct cli *cli, const char **path,
		struct sca_profile **profile, struct sca_target *target);
/* Both, where the word has to be the name of a container here. */
int chosen_take(struct chosen *c, struct cli *cli, const char **path,
		struct sca_profile **profile, struct sca_target *target);
/* Why the profile is no file that is the user's to change; NULL when it is, and for a PROFILE. */
const char *chosen_not_yours(const struct chosen *c);
/* How the user's next container gets another profile. */
void chosen_way(struct out *o, const struct chosen *c);
/* "container:  web, docker, ..." and what is to know of it; nothing when nothing was told. */
void chosen_text(const struct page *pg, const struct chosen *c, const char *path);
/* "from" is there when the profile is the container's own. */
json_t *chosen_json(const struct chosen *c);
void chosen_free(struct chosen *c);

#endif
