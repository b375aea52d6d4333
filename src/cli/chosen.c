/* SPDX-License-Identifier: Apache-2.0 */
/* --container: what the container's engine tells of its profile and target. */
#include "chosen.h"
#include "render/document.h"

static const struct argp_option chosen_options[] = {
	{NULL, 0, NULL, 0, "What is examined", 2},
	{"container", OPT_CONTAINER, "NAME", 0,
	 "a container's own profile and target, as its engine's files have them", 2},
	{"root", OPT_ROOT, "DIR", 0,
	 "the host whose files are under DIR; what only a kernel can tell is left out", 2},
	{0},
};

static error_t parse_chosen(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_CONTAINER:
		cli->container = arg;
		return 0;
	case OPT_ROOT:
		cli->root = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp chosen_group = {.options = chosen_options, .parser = parse_chosen};

void chosen_free(struct chosen *c)
{
	sca_containers_free(c->containers);
	free(c->id);
	free(c->title);
	free(c->engine);
}

static char *dup_span(struct sca_str s)
{
	return strndup(s.n ? s.p : "", s.n);
}

static int keep(struct chosen *c, const struct sca_container_state *st, struct sca_err *err)
{
	c->id = dup_span(st->id);
	c->title = dup_span(st->name.n ? st->name : st->id);
	c->engine = dup_span(st->engine);
	c->known = c->id && c->title && c->engine;
	return c->known ? 0 : sca_fail(err, -ENOMEM, "no memory");
}

int chosen_ask(struct chosen *c, const char *root, bool target_only, struct sca_err *err)
{
	struct sca_container_state st;
	int r = sca_containers_new(&c->containers, root, err);

	if (r == 0)
		r = sca_containers_find(c->containers, span_z(c->word), &st, err);
	if (r == 0)
		r = keep(c, &st, err);
	if (r == 0)
		r = sca_containers_profile(c->containers, &st, target_only, &c->profile, err);
	c->told = r == 0;
	return r;
}

int chosen_give(struct chosen *c, struct cli *cli, const char **path,
		struct sca_profile **profile, struct sca_target *target)
{
	*target = c->profile.target;
	c->assumed = !c->profile.have_version && !cli->runtime;
	if (*path)
		return 0;
	*profile = c->profile.profile;
	*path = sca_profile_name(*profile);
	c->shown = true;
	return clash_check_found(cli, *path);
}

int chosen_take(struct chosen *c, struct cli *cli, const char **path,
		struct sca_profile **profile, struct sca_target *target)
{
	int r = chosen_ask(c, cli->root, *path, &cli->err);

	return r < 0 ? r : chosen_give(c, cli, path, profile, target);
}

void chosen_way(struct out *o, const struct chosen *c)
{
	if (strcmp(c->engine, "docker") == 0 || strcmp(c->engine, "podman") == 0)
		out_addf(o, "%s run --security-opt seccomp=FILE", c->engine);
	else
		out_lit(o, "the new container");
}

const char *chosen_not_yours(const struct chosen *c)
{
	static const char *const why[] = {
		[SCA_PROFILE_COPY] = "is the engine's own copy",
		[SCA_PROFILE_DEFAULT] = "is the default of all containers",
		[SCA_PROFILE_CONFIG] = "belongs to a container that runs",
	};

	return c->shown && c->profile.from != SCA_PROFILE_FILE ? why[c->profile.from] : NULL;
}

static void put_profile(struct out *o, const struct chosen *c, const char *path)
{
	static const char *const what[] = {
		[SCA_PROFILE_FILE] = "profile ",
		[SCA_PROFILE_COPY] = "profile as the engine keeps it in ",
		[SCA_PROFILE_DEFAULT] = "the engine's default profile ",
		[SCA_PROFILE_CONFIG] = "profile in force: linux.seccomp of ",
	};

	out_z(o, what[c->profile.from]);
	out_safe(o, span_z(path));
}

void chosen_text(const struct page *pg, const struct chosen *c, const char *path)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (!c->told)
		return;
	out_safe(&o, span_z(c->title));
	if (c->engine[0]) {
		out_lit(&o, ", ");
		out_safe(&o, span_z(c->engine));
	}
	if (c->shown) {
		out_lit(&o, ", ");
		put_profile(&o, c, path);
	}
	page_line(pg, "container:", INK_FAINT, out_string(&o));
	if (c->shown && c->profile.changed)
		page_line(pg, "note:", INK_WARN,
			  "the container runs under another filter than this file makes now: the "
			  "file was changed since");
	if (c->assumed)
		page_line(pg, "note:", INK_WARN,
			  "which version of the runtime it has is not told here, so one is "
			  "assumed; --runtime NAME:VERSION says it");
}

json_t *chosen_json(const struct chosen *c)
{
	static const char *const from[] = {
		[SCA_PROFILE_FILE] = "file",
		[SCA_PROFILE_COPY] = "copy",
		[SCA_PROFILE_DEFAULT] = "default",
		[SCA_PROFILE_CONFIG] = "config",
	};
	json_t *json = json_object();

	json_object_set_new(json, "id", document_text(span_z(c->id)));
	json_object_set_new(json, "name", document_text(span_z(c->title)));
	json_object_set_new(json, "engine", document_text(span_z(c->engine)));
	if (c->shown) {
		json_object_set_new(json, "from", json_string(from[c->profile.from]));
		json_object_set_new(json, "changed", json_boolean(c->profile.changed));
	}
	return json;
}
