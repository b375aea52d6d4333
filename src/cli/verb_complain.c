/* SPDX-License-Identifier: Apache-2.0 */
/* complain and enforce: a profile's logging twin, and the way back. */
#include <unistd.h>

#include "complain.h"
#include "dest.h"
#include "target.h"

#define GROUP_TWIN 4
#define UNDO_MAX   (64u << 20)

static const struct argp_option complain_options[] = {
	{NULL, 0, NULL, 0, "The twin", GROUP_TWIN},
	{"by", OPT_BY, "WAY", 0,
	 "flag: a denied call stays denied and is recorded, by SECCOMP_FILTER_FLAG_LOG (crun, "
	 "runc 1.2 and newer); log: it goes through and is recorded. Without: nothing where "
	 "each denial is recorded already, else the flag where it works, else log",
	 GROUP_TWIN},
	{"only", OPT_ONLY, "silent", 0,
	 "by log, leave denials alone that are recorded already: kills, and all under the flag",
	 GROUP_TWIN},
	{"undo", OPT_UNDO, "FILE", 0, "write the way back to FILE, for enforce", GROUP_TWIN},
	{"in-place", OPT_IN_PLACE, NULL, 0,
	 "put the twin into PROFILE itself; the old one is kept as PROFILE.orig, the way back "
	 "as PROFILE.undo unless --undo names another file",
	 GROUP_TWIN},
	{0},
};

static const struct argp_option enforce_options[] = {
	{NULL, 0, NULL, 0, "The way back", GROUP_TWIN},
	{"undo", OPT_UNDO, "FILE", 0, "what complain wrote; without: PROFILE.undo", GROUP_TWIN},
	{"in-place", OPT_IN_PLACE, NULL, 0, "put the profile back into PROFILE itself",
	 GROUP_TWIN},
	{0},
};

static int set_by(struct cli *cli, const char *arg)
{
	static const char *const words[] = {[TWIN_LOG] = "log", [TWIN_FLAG] = "flag"};

	for (enum twin_way way = TWIN_LOG; way <= TWIN_FLAG; way++) {
		if (strcmp(arg, words[way]) == 0) {
			cli->by = way;
			return 0;
		}
	}
	return sca_fail(&cli->err, SCA_E_UNKNOWN, "--by %s: there is flag and log", arg);
}

static int set_only(struct cli *cli, const char *arg)
{
	if (strcmp(arg, "silent") != 0)
		return sca_fail(&cli->err, SCA_E_UNKNOWN, "--only %s: there is silent", arg);
	cli->only_silent = true;
	return 0;
}

static error_t parse_twin(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_BY:
		return set_by(cli, arg) < 0 ? EINVAL : 0;
	case OPT_ONLY:
		return set_only(cli, arg) < 0 ? EINVAL : 0;
	case OPT_UNDO:
		cli->undo = arg;
		return 0;
	case OPT_IN_PLACE:
		cli->in_place = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp complain_group = {.options = complain_options, .parser = parse_twin};
const struct argp enforce_group = {.options = enforce_options, .parser = parse_twin};

/* -- both -- */

static int one_profile(struct cli *cli)
{
	if (cli->args.n != 1)
		return sca_fail(&cli->err, SCA_E_SYNTAX, "%s wants one profile: scaudit %s PROFILE",
				cli->verb->name, cli->verb->name);
	return 0;
}

static int undo_path(char **ret, struct cli *cli, bool needed)
{
	int r = cli->undo ? asprintf(ret, "%s", cli->undo) :
		needed    ? asprintf(ret, "%s.undo", cli->args.v[0]) :
			    0;

	if (r < 0) {
		*ret = NULL;
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	}
	return 0;
}

static int put_diff(struct out *o, const struct sca_profile *from, const struct sca_profile *to,
		    const char *path, struct sca_err *err)
{
	char *text;
	size_t n;
	int r = sca_text_diff(sca_profile_text(from), sca_profile_text(to), path, &text, &n, err);

	if (r < 0)
		return r;
	out_add(o, text, n);
	free(text);
	return 0;
}

static void say_done(const struct cli *cli, const char *path, const char *what)
{
	_cleanup_out_ struct out o = OUT_MEMORY, line = OUT_MEMORY;
	struct page pg = {&o, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, cli->color)};

	if (cli->quiet)
		return;
	out_safe(&line, span_z(path));
	out_z(&line, what);
	page_line(&pg, "done:", INK_GOOD, out_string(&line));
	say_page(&o);
}

/* -- complain -- */

static int put_patch(struct out *o, const struct complaint *c, struct sca_err *err)
{
	char *text;
	size_t n;
	int r = sca_patch_json(sca_twin_patch(c->twin), c->profile, &text, &n, err);

	if (r < 0)
		return r;
	out_add(o, text, n);
	free(text);
	return 0;
}

static int put_twin(struct cli *cli, struct out *o, const struct complaint *c)
{
	const struct sca_profile *twin = sca_twin_profile(c->twin);
	struct sca_str text = sca_profile_text(twin);

	int r;

	if (cli->format == FORMAT_PATCH)
		return put_patch(o, c, &cli->err);
	r = sca_profile_check_text(twin, &cli->err);
	if (r < 0)
		return r;
	switch (cli->format) {
	case FORMAT_DIFF:
		return put_diff(o, c->profile, twin, c->path, &cli->err);
	case FORMAT_JSON:
		return complain_json(o, c, &cli->err);
	default:
		out_add(o, text.p, text.n);
		return 0;
	}
}

/* The way back is on disk before the profile changes. */
static int write_undo(struct cli *cli, const struct complaint *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	_cleanup_free_ char *text = NULL;
	size_t n = 0;
	int r = sca_profile_check_text(sca_twin_profile(c->twin), &cli->err);

	if (r == 0)
		r = sca_undo_make(sca_profile_text(sca_twin_profile(c->twin)),
				  sca_profile_text(c->profile), &text, &n, &cli->err);
	if (r == 0)
		r = out_open_mode(&o, c->undo_path, MODE_EVENTS, &cli->err);
	if (r < 0)
		return r;
	out_add(&o, text, n);
	return out_finish(&o, &cli->err);
}

/* The twin has taken the profile's place, even if that is not on disk for sure. */
static bool is_twin(const struct complaint *c)
{
	_cleanup_out_ struct out now = OUT_MEMORY;
	struct sca_str text = sca_profile_text(sca_twin_profile(c->twin));

	return file_read(&now, c->path, text.n, NULL) == 0 && now.n == text.n &&
	       memcmp(now.p, text.p, text.n) == 0;
}

static bool changes(const struct complaint *c)
{
	return sca_patch_count(sca_twin_patch(c->twin)) > 0;
}

static int write_twin(struct cli *cli, const struct complaint *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	bool to_stdout = !cli->in_place || cli->format || cli->output;
	int r = to_stdout ? out_open(&o, cli->output, &cli->err) : 0;

	if (r == 0 && to_stdout)
		r = put_twin(cli, &o, c);
	if (r == 0 && c->undo_path && (changes(c) || !cli->in_place))
		r = write_undo(cli, c);
	if (r == 0 && cli->in_place && changes(c)) {
		r = profile_replace(sca_twin_profile(c->twin), c->path, c->profile, true,
				    &cli->err);
		if (r < 0 && c->undo_path && !is_twin(c))
			unlink(c->undo_path);
	}
	if (r == 0 && to_stdout)
		r = out_finish(&o, &cli->err);
	return r;
}

static int new_twin(struct sca_twin **ret, const struct complaint *c, enum sca_twin_by by,
		    bool only_silent, struct sca_err *err)
{
	struct sca_twin_options opt = {.by = by, .only_silent = only_silent};

	return sca_twin_new(ret, c->profile, &c->target, &opt, c->names, err);
}

/* By order. */
static int make_ordered(struct cli *cli, struct complaint *c)
{
	struct sca_twin *other = NULL;
	struct sca_twin_info info;
	int r;

	c->way = cli->by;
	if (cli->by == TWIN_FLAG)
		return new_twin(&c->twin, c, SCA_TWIN_FLAG, false, &cli->err);
	r = new_twin(&c->twin, c, SCA_TWIN_ACTION, cli->only_silent, &cli->err);
	if (r < 0)
		return r;
	sca_twin_info(c->twin, &info);
	if (info.log_flag || !sca_compare_differs(sca_twin_compare(c->twin)))
		return 0;
	r = new_twin(&other, c, SCA_TWIN_FLAG, false, NULL);
	c->flag_would_do = r == 0;
	sca_twin_free(other);
	return r == -ENOMEM ? sca_fail(&cli->err, r, "no memory for a twin") : 0;
}

/* Nothing where each denial leaves a record; else the flag, under which each does and none goes
 * through; else, where the target can not have it, LOG. */
static int make_least(struct cli *cli, struct complaint *c)
{
	struct sca_twin_info info;
	int r = new_twin(&c->twin, c, SCA_TWIN_ACTION, true, &cli->err);

	if (r < 0)
		return r;
	sca_twin_info(c->twin, &info);
	if (!changes(c) && info.silent == 0)
		return 0;
	c->twin = sca_twin_free(c->twin);
	c->way = TWIN_FLAG;
	r = new_twin(&c->twin, c, SCA_TWIN_FLAG, false, &c->no_flag);
	if (r == SCA_E_REFUSED || r == SCA_E_UNSUPPORTED) {
		c->way = TWIN_LOG;
		return new_twin(&c->twin, c, SCA_TWIN_ACTION, cli->only_silent, &cli->err);
	}
	if (r < 0)
		cli->err = c->no_flag;
	return r;
}

static int run_complain(struct cli *cli, struct complaint *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg = {&o, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, cli->color)};
	int r = cli->by == TWIN_LEAST ? make_least(cli, c) : make_ordered(cli, c);

	if (r == 0 && cli->in_place && changes(c) && access(c->undo_path, F_OK) == 0)
		r = sca_fail(&cli->err, SCA_E_CONFLICT,
			     "%s is there already, so the profile may be a twin; take that way "
			     "back first (scaudit enforce), or name another --undo FILE",
			     c->undo_path);
	if (r == 0)
		r = write_twin(cli, c);
	if (r < 0)
		return r;
	if (!cli->quiet) {
		complain_text(&pg, cli, c);
		say_page(&o);
	}
	if (cli->in_place)
		say_done(cli, c->path, changes(c) ? " is the twin now" : " stays as it is");
	return EXIT_DONE;
}

int verb_complain(struct cli *cli)
{
	struct complaint c = {.no_flag = SCA_ERR_INIT};
	int r = one_profile(cli);

	if (r < 0)
		return r;
	c.path = cli->args.v[0];
	if (cli->by == TWIN_FLAG && cli->only_silent)
		return sca_fail(&cli->err, SCA_E_CONFLICT,
				"--by flag changes no action, so --only has nothing to choose");
	r = undo_path(&c.undo_path, cli, cli->in_place);
	if (r == 0)
		r = profile_open(&c.profile, c.path, &cli->err);
	if (r == 0)
		r = target_for(cli, c.profile, false, &c.target, &c.target_given);
	if (r == 0 && cli->in_place)
		r = home_check_file(c.profile, "--in-place", &cli->err);
	if (r == 0)
		r = sca_names_new(&c.names, &cli->err);
	if (r == 0)
		r = run_complain(cli, &c);
	sca_twin_free(c.twin);
	sca_profile_free(c.profile);
	sca_names_free(c.names);
	free(c.undo_path);
	return r;
}

/* -- enforce -- */

static int take_back(struct cli *cli, const struct sca_profile *twin, const char *undo,
		     struct sca_profile **ret)
{
	_cleanup_out_ struct out text = OUT_MEMORY;
	_cleanup_free_ char *before = NULL;
	size_t n = 0;
	int r = file_read(&text, undo, UNDO_MAX, &cli->err);

	if (r == 0) {
		r = sca_undo_apply(sca_profile_text(twin), (struct sca_str){text.p, text.n},
				   &before, &n, &cli->err);
		if (r < 0)
			sca_err_at(&cli->err, undo, 0, 0);
	}
	return r < 0 ? r : sca_profile_load_text(ret, (struct sca_str){before, n}, undo, &cli->err);
}

static int write_back(struct cli *cli, const struct sca_profile *twin,
		      const struct sca_profile *before)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	bool to_stdout = !cli->in_place || cli->format || cli->output;
	struct sca_str text = sca_profile_text(before);
	int r = to_stdout ? out_open(&o, cli->output, &cli->err) : 0;

	if (r == 0 && to_stdout && cli->format == FORMAT_DIFF)
		r = put_diff(&o, twin, before, cli->args.v[0], &cli->err);
	else if (r == 0 && to_stdout)
		out_add(&o, text.p, text.n);
	if (r == 0 && cli->in_place)
		r = profile_replace(before, cli->args.v[0], twin, false, &cli->err);
	if (r == 0 && to_stdout)
		r = out_finish(&o, &cli->err);
	return r;
}

int verb_enforce(struct cli *cli)
{
	struct sca_profile *twin = NULL, *before = NULL;
	_cleanup_free_ char *undo = NULL;
	int r = one_profile(cli);

	if (r == 0)
		r = undo_path(&undo, cli, true);
	if (r == 0)
		r = profile_open(&twin, cli->args.v[0], &cli->err);
	if (r == 0)
		r = take_back(cli, twin, undo, &before);
	if (r == 0)
		r = write_back(cli, twin, before);
	if (r == 0 && cli->in_place && !cli->undo && undo)
		unlink(undo); /* it fits no file any more, and would stand in complain's way */
	if (r == 0 && cli->in_place)
		say_done(cli, cli->args.v[0], " is what it was, byte for byte");
	sca_profile_free(twin);
	sca_profile_free(before);
	return r < 0 ? r : EXIT_DONE;
}
