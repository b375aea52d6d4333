/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Docker wrote of a container's profile, and of its target. The profile is text in its own
 * files: the file that it was made from is not recorded.
 */
#include "container_look.h"

/* "NET_ADMIN" and "CAP_NET_ADMIN"; unknown ones are of a newer kernel and gate nothing here. */
static uint64_t docker_caps(const json_t *list, bool *ret_all)
{
	uint64_t caps = 0;

	*ret_all = false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct sca_str word = json_str(json_array_get(list, i));
		char name[64];
		unsigned cap;

		*ret_all |= str_eq_nocase(word, SCA_STR("ALL"));
		snprintf(name, sizeof(name), "%s%.*s",
			 str_starts(word, SCA_STR("CAP_")) ? "" : "CAP_",
			 (int)MIN(word.n, (size_t)48), word.n ? word.p : "");
		if (sca_cap_parse(sca_str_z(name), &cap) == 0)
			caps |= UINT64_C(1) << cap;
	}
	return caps;
}

static int docker_json(struct look *lk, const char *file, char path[PATH_MAX], json_t **ret,
		       struct sca_err *err)
{
	*ret = NULL;
	if (!path_make(path, "%s/containers/%.*s/%s", lk->dirs->docker_data, (int)lk->st.id.n,
		       lk->st.id.p, file))
		return 0;
	return engine_json(lk->cs, path, STATE_FILE_MAX, ret) < 0 ? look_no_memory(err) : 0;
}

/* The capabilities are for a container that has ended: its config.json went with it. */
int docker_target(struct look *lk, struct sca_err *err)
{
	struct sca_target *t = &lk->out.target;
	bool add_all, drop_all;
	uint64_t add, drop;
	char path[PATH_MAX];
	struct sca_str runtime;
	json_t *host;
	int r = docker_json(lk, "hostconfig.json", path, &host, err);

	if (r < 0 || !host)
		return r;
	/* 23 and newer write this member only when it is set, which they refuse. */
	if (json_object_get(host, "KernelMemory"))
		sca_target_init(t, SCA_FRONTEND_DOCKER20);
	add = docker_caps(json_object_get(host, "CapAdd"), &add_all);
	drop = docker_caps(json_object_get(host, "CapDrop"), &drop_all);
	if (add_all || json_is_true(json_object_get(host, "Privileged"))) {
		sca_target_set_caps(t, SCA_STR("all"), NULL);
		t->caps &= ~drop;
	} else {
		t->caps = ((drop_all ? 0 : t->caps) & ~drop) | add;
	}
	lk->out.have_caps = true;
	runtime = json_str(json_object_get(host, "Runtime"));
	if (!lk->st.runtime.n && runtime.n && !arena_dup_str(&lk->text, runtime, &lk->st.runtime))
		r = look_no_memory(err);
	json_decref(host);
	return r;
}

/* The daemon's choice where the container has none: a file that daemon.json names, or the list
 * that is built into it. */
static int docker_default(struct look *lk, bool privileged, struct sca_err *err)
{
	const char *path = lk->dirs->docker_profile;

	if (privileged)
		lk->why_unconfined = "--privileged";
	else if (path && strcmp(path, "unconfined") == 0)
		lk->why_unconfined = "seccomp-profile in Docker's daemon.json says so";
	else if (path && path[0] == '/')
		return look_file(lk, sca_str_z(path), SCA_PROFILE_DEFAULT, err);
	return 0;
}

static int docker_choice(struct look *lk, const json_t *host, const json_t *config,
			 const char *file, struct sca_err *err)
{
	struct sca_str text = json_str(json_object_get(config, "SeccompProfile"));
	const json_t *options = json_object_get(host, "SecurityOpt");
	const char *name;
	int r;

	for (size_t i = 0; !text.n && i < json_array_size(options); i++) {
		struct sca_str option = json_str(json_array_get(options, i));

		if (str_starts(option, SCA_STR("seccomp=")) ||
		    str_starts(option, SCA_STR("seccomp:")))
			text = str_skip(option, strlen("seccomp="));
	}
	if (text.n == 0 || str_is(text, "builtin"))
		return docker_default(lk, json_is_true(json_object_get(host, "Privileged")), err);
	if (str_is(text, "unconfined")) {
		lk->why_unconfined = "--security-opt seccomp=unconfined";
		return 0;
	}
	if (text.p[0] == '/')
		return look_file(lk, text, SCA_PROFILE_FILE, err);
	name = look_name(lk, sca_str_z(file));
	if (!name)
		return look_no_memory(err);
	r = sca_profile_load_mem(&lk->out.profile, text, name, err);
	lk->out.from = SCA_PROFILE_COPY;
	return r < 0 ? r : 1;
}

int docker_profile(struct look *lk, struct sca_err *err)
{
	char path[PATH_MAX];
	json_t *host = NULL, *config = NULL;
	int r = docker_json(lk, "hostconfig.json", path, &host, err);

	if (r == 0)
		r = docker_json(lk, "config.v2.json", path, &config, err);
	if (r == 0)
		r = docker_choice(lk, host, config, path, err);
	json_decref(host);
	json_decref(config);
	return r;
}
