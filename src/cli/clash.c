/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is read is not overwritten, and none is written twice: by whatever names, links
 * and descriptors both came.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "dest.h"

#define STATE_FILES 2
#define OUTPUTS_MORE (STATE_FILES + 2) /* -o, --undo */

struct output {
	const char *option; /* as it was given, for messages */
	struct dest dest;
};

struct clash {
	struct cli *cli;
	struct output *v;
	size_t n;
	char *paths[OUTPUTS_MORE]; /* that were made */
	size_t n_paths;
};

static int add(struct clash *c, const char *option, const char *path)
{
	struct output *o = &c->v[c->n];
	int r = dest_open(&o->dest, path, &c->cli->err);

	if (r < 0)
		return r;
	o->option = option;
	c->n++;
	return 0;
}

static int add_made(struct clash *c, const char *option, const char *path, const char *suffix)
{
	char **made = &c->paths[c->n_paths];

	if (asprintf(made, "%s%s", path, suffix) < 0)
		return sca_fail(&c->cli->err, -ENOMEM, "no memory");
	c->n_paths++;
	return add(c, option, *made);
}

/* Standard output, when it is a file and nothing else takes the result. */
static int add_stdout(struct clash *c)
{
	struct output *o = &c->v[c->n];

	o->dest = (struct dest)DEST_NONE;
	if (fstat(STDOUT_FILENO, &o->dest.st) < 0 || !S_ISREG(o->dest.st.st_mode))
		return 0;
	o->dest.there = true;
	o->option = "the output";
	c->n++;
	return 0;
}

static int add_outputs(struct clash *c)
{
	const struct cli *cli = c->cli;
	bool complains = verb_has(cli->verb, &complain_group);
	bool is_stdout = !cli->output && cli->to.n == 0;
	int r = cli->output ? add(c, "the output", cli->output) : 0;

	for (size_t i = 0; r == 0 && i < cli->to.n; i++) {
		is_stdout |= strcmp(cli->to.v[i], "-") == 0;
		if (strncmp(cli->to.v[i], "file:", 5) == 0 && cli->to.v[i][5])
			r = add(c, cli->to.v[i], cli->to.v[i] + 5);
	}
	if (r == 0 && is_stdout)
		r = add_stdout(c);
	if (r == 0 && cli->state)
		r = add(c, "--state", cli->state);
	if (r == 0 && cli->state)
		r = add_made(c, "the map of --state", cli->state, ".map");
	if (r == 0 && complains && cli->undo)
		r = add(c, "--undo", cli->undo);
	else if (r == 0 && complains && cli->in_place && cli->args.n)
		r = add_made(c, "the undo file", cli->args.v[0], ".undo");
	return r;
}

static int refuse(const struct clash *c, const struct output *o, const char *path, bool profile)
{
	const char *way = !profile				  ? "write elsewhere" :
			  c->cli->verb->run == verb_check	  ? "--fix changes a profile" :
			  verb_has(c->cli->verb, &suggest_group) ||
					  verb_has(c->cli->verb, &complain_group) ||
					  verb_has(c->cli->verb, &enforce_group) ?
								    "--in-place changes a profile" :
								    "write elsewhere";

	return sca_fail(&c->cli->err, SCA_E_CONFLICT, "%s would overwrite %s; %s", o->option, path,
			way);
}

static int check_input(const struct clash *c, const char *path, bool profile)
{
	struct stat st;

	if (!path || (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(path, &st)) < 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct dest *to = &c->v[i].dest;

		if (to->there && to->st.st_dev == st.st_dev && to->st.st_ino == st.st_ino)
			return refuse(c, &c->v[i], path, profile);
	}
	return 0;
}

static int check_inputs(struct clash *c)
{
	const struct cli *cli = c->cli;
	const bool enforces = verb_has(cli->verb, &enforce_group);
	const char *const named[] = {cli->map, cli->calls, cli->ignore, cli->baseline,
				     enforces ? cli->undo : NULL};
	_cleanup_free_ char *undo = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && !cli->draft && i < cli->args.n && i < cli->verb->profiles; i++)
		r = check_input(c, cli->args.v[i], true);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(named); i++)
		r = check_input(c, named[i], false);
	if (r < 0 || !enforces || cli->undo || cli->args.n == 0)
		return r;
	if (asprintf(&undo, "%s.undo", cli->args.v[0]) < 0) {
		undo = NULL;
		return sca_fail(&c->cli->err, -ENOMEM, "no memory");
	}
	return check_input(c, undo, false);
}

static int check_each_other(const struct clash *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = i + 1; k < c->n; k++)
			if (!c->v[i].dest.as_is && !c->v[k].dest.as_is &&
			    dest_same(&c->v[i].dest, &c->v[k].dest))
				return sca_fail(&c->cli->err, SCA_E_CONFLICT,
						"%s and %s are one file; name two",
						c->v[i].option, c->v[k].option);
	return 0;
}

/* With `found` that alone is what is read. */
static int check(struct cli *cli, const char *found)
{
	struct clash c = {.cli = cli};
	int r;

	c.v = calloc(cli->to.n + OUTPUTS_MORE + 1, sizeof(*c.v));
	if (!c.v)
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	r = add_outputs(&c);
	if (r == 0)
		r = found ? check_input(&c, found, false) : check_inputs(&c);
	if (r == 0)
		r = check_each_other(&c);
	for (size_t i = 0; i < c.n; i++)
		dest_close(&c.v[i].dest);
	for (size_t i = 0; i < c.n_paths; i++)
		free(c.paths[i]);
	free(c.v);
	return r;
}

int clash_check(struct cli *cli)
{
	return check(cli, NULL);
}

int clash_check_found(struct cli *cli, const char *path)
{
	return check(cli, path);
}
