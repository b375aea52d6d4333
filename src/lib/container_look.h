/* SPDX-License-Identifier: Apache-2.0 */
/* A look at one container for its profile: what engines are asked, and with what. */
#ifndef SCA_CONTAINER_LOOK_H
#define SCA_CONTAINER_LOOK_H

#include "container_engine.h"
#include "profile_int.h"

struct look {
	struct sca_containers *cs;
	const struct engine_dirs *dirs;
	struct arena text;
	struct sca_container_state st; /* spans in `text` */
	struct sca_str who;            /* name, or the head of the id */
	const char *why_unconfined;
	/* config.json in force */
	struct buf config_text;
	struct jt_doc config;
	bool have_config;
	uint32_t seccomp; /* JT_NONE: not in it */
	struct sca_container_profile out;
};

int look_no_memory(struct sca_err *err);
/* The name of a file below the root as messages show it. */
char *look_name(struct look *lk, struct sca_str path);
/* Takes a profile from a file: 1, 0 when that is not there. */
int look_file(struct look *lk, struct sca_str path, enum sca_profile_from from,
	      struct sca_err *err);

/* Part of the target that its config.json will not tell. */
int docker_target(struct look *lk, struct sca_err *err);
/* 1 with the profile, 0 for what config.json has. */
int docker_profile(struct look *lk, struct sca_err *err);

#endif
