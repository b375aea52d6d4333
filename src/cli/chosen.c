/* SPDX-License-Identifier: Apache-2.0 */
/* suggest --container: what the container's engine tells of its profile and target. */
#include "suggest.h"

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

static int ask(struct chosen *c, const char *root, bool target_only, struct sca_err *err)
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

/* With a PROFILE the container is a filter first, maybe of another host's log or for all that
 * have the name: that no engine here has it, or several do, is no reason to stop. */
static int go_on(const struct suggestion *s, struct cli *cli, const struct sca_err *err)
{
	char text[1024];

	if (err->code == -ENOMEM) {
		cli->err = *err;
		return err->code;
	}
	sca_err_format(err, text, sizeof(text));
	if (err->code != -ENOENT && !cli->quiet)
		say("the target is not %s's own: %s", s->chosen.word, text);
	return 0;
}

int chosen_open(struct suggestion *s, struct cli *cli)
{
	struct sca_err err = SCA_ERR_INIT;
	struct chosen *c = &s->chosen;
	int r = ask(c, cli->root, s->path, &err);

	if (r < 0 && s->path)
		r = go_on(s, cli, &err);
	else if (r < 0)
		cli->err = err;
	if (r == 0 && c->known)
		r = filter_add_container(cli->filter, c->id, &cli->err);
	if (r < 0 || !c->told)
		return r;
	s->target = c->profile.target;
	c->assumed = !c->profile.have_version && !cli->runtime;
	if (!s->path) {
		s->old_profile = c->profile.profile;
		s->path = sca_profile_name(s->old_profile);
		c->shown = true;
	}
	return 0;
}

/* How the user's next container gets the patch. */
static void put_way(struct out *o, const struct chosen *c)
{
	if (strcmp(c->engine, "docker") == 0 || strcmp(c->engine, "podman") == 0)
		out_addf(o, "%s run --security-opt seccomp=FILE", c->engine);
	else
		out_lit(o, "the new container");
}

int chosen_check_in_place(const struct suggestion *s, struct sca_err *err)
{
	static const char *const what[] = {
		[SCA_PROFILE_COPY] = "is the engine's own copy",
		[SCA_PROFILE_DEFAULT] = "is the default of all containers",
		[SCA_PROFILE_CONFIG] = "belongs to a container that runs",
	};
	_cleanup_out_ struct out way = OUT_MEMORY;

	if (!s->chosen.shown || s->chosen.profile.from == SCA_PROFILE_FILE)
		return 0;
	put_way(&way, &s->chosen);
	return sca_fail(err, SCA_E_CONFLICT,
			"--in-place: %s %s; --format profile -o FILE writes the patched profile, "
			"for %s",
			s->path, what[s->chosen.profile.from], out_string(&way));
}

void chosen_next(struct out *o, const struct suggestion *s)
{
	if (!s->chosen.shown)
		return;
	if (s->chosen.profile.from != SCA_PROFILE_FILE) {
		out_lit(o, "--format profile -o FILE writes the patched profile, for ");
		put_way(o, &s->chosen);
		out_lit(o, "; ");
	}
	out_safe(o, span_z(s->chosen.title));
	out_lit(o, " keeps the profile that it was created with, so create it anew");
}

static void put_profile(struct out *o, const struct suggestion *s)
{
	static const char *const what[] = {
		[SCA_PROFILE_FILE] = "profile ",
		[SCA_PROFILE_COPY] = "profile as the engine keeps it in ",
		[SCA_PROFILE_DEFAULT] = "the engine's default profile ",
		[SCA_PROFILE_CONFIG] = "profile in force: linux.seccomp of ",
	};

	out_z(o, what[s->chosen.profile.from]);
	out_safe(o, span_z(s->path));
}

void chosen_text(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const struct chosen *c = &s->chosen;

	if (!c->told)
		return;
	out_safe(&o, span_z(c->title));
	if (c->engine[0]) {
		out_lit(&o, ", ");
		out_safe(&o, span_z(c->engine));
	}
	if (c->shown) {
		out_lit(&o, ", ");
		put_profile(&o, s);
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
