/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where container engines keep their files, and how these are read. All paths are below the
 * root. Directories that an administrator moved are found through the engines' own
 * configuration.
 */
#ifndef SCA_CONTAINER_ENGINE_H
#define SCA_CONTAINER_ENGINE_H

#include "container_int.h"

#include <jansson.h>
#include <limits.h>

#define STATE_FILE_MAX   (4u << 20)
#define STORAGE_FILE_MAX (16u << 20) /* Podman and CRI-O: one file for all containers */
#define KUBELET_SECCOMP  "/var/lib/kubelet/seccomp"
#define LXC_DIR          "/var/lib/lxc"

/* "overlay", ...: containers/storage has a directory for each; NULL-terminated */
extern const char *const storage_drivers[];

/* Directories and defaults as configured now. Reads the configuration again when what it knows
 * is older than other state may be. -ENOMEM. */
int engine_dirs(struct sca_containers *cs, const struct engine_dirs **ret);

bool path_make(char path[PATH_MAX], const char *fmt, ...) _printf_(2, 3);

/* NULL in *ret when there is none, or none to use; the latter is counted. -ENOMEM. */
int engine_json(struct sca_containers *cs, const char *path, size_t max, json_t **ret);
/* containers.json of a storage driver, as engine_json(). *ret is borrowed while cs->listing, else
 * the caller's: engine_storage_done() knows. */
int engine_storage(struct sca_containers *cs, size_t driver, json_t **ret);
void engine_storage_done(const struct sca_containers *cs, json_t *all);
/* From then on the files that speak of all containers are read once, until the end. */
void engine_list_begin(struct sca_containers *cs);
void engine_list_end(struct sca_containers *cs);

/* Calls fn for each entry of a directory that is no hidden one until it returns false, at most
 * `max` times. A directory that is not there has none. -ENOMEM. */
int engine_each_entry(struct sca_containers *cs, const char *dir, size_t max,
		      bool (*fn)(const char *name, void *arg), void *arg);

/* The version of an installed package as dpkg or apk keep it, without its epoch: 1, 0 when neither
 * knows it, -ENOMEM. */
int engine_package(struct sca_containers *cs, const char *name, struct arena *text,
		   struct sca_str *ret);

static inline struct sca_str json_str(const json_t *value)
{
	return (struct sca_str){json_string_value(value), json_string_length(value)};
}

/* The value of `key = "..."` below a [table] of TOML ("" for none); only strings on one line and
 * without escapes. */
bool toml_string(struct sca_str text, const char *table, const char *key, struct sca_str *ret);

#endif
