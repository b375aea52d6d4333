/* SPDX-License-Identifier: Apache-2.0 */
/* suggest: from denials to a proved patch of the profile. */
#include <unistd.h>

#include <scaudit/policy.h>

#include "dest.h"
#include "sandbox.h"
#include "suggest.h"
#include "target.h"

static const struct argp_option suggest_options[] = {
	{NULL, 0, NULL, 0, "What the patch may do", 4},
	{"allow-dangerous", OPT_ALLOW_DANGEROUS, "NAME", 0,
	 "open this call although it is dangerous, or 'all'; may be repeated", 4},
	{"allow-arch", OPT_ALLOW_ARCH, NULL, 0,
	 "add an architecture that the profile lacks: the whole profile opens to its programs",
	 4},
	{"allow-broad", OPT_ALLOW_BROAD, NULL, 0,
	 "allow a call for all arguments where rules with conditions decide now", 4},
	{"logged", OPT_LOGGED, NULL, 0,
	 "take calls that went through and were logged for denials, where PROFILE denies them: "
	 "the log is of a run under its twin that complain made",
	 4},
	{"in-place", OPT_IN_PLACE, NULL, 0,
	 "change PROFILE itself: atomically, keeping mode and owner, the old one as "
	 "PROFILE.orig; a symbolic link is refused: name the file",
	 4},
	{NULL, 0, NULL, 0, "Instead of a patch", 6},
	{"new", OPT_NEW, NULL, 0,
	 "a profile from nothing: it allows what the sources show, and what the target's "
	 "runtime and the C libraries need to start; all arguments are sources",
	 6},
	{"default", OPT_DEFAULT, "ACTION", 0,
	 "with --new: what other calls get, errno (EPERM) without; kill_process, "
	 "kill_thread, trap",
	 6},
	{"unused", OPT_UNUSED, NULL, 0,
	 "a report of what PROFILE allows and the sources do not show", 6},
	{0},
};

static int set_default(struct cli *cli, const char *word)
{
	static const enum sca_action can[] = {SCA_ACT_ERRNO, SCA_ACT_KILL_PROCESS,
					      SCA_ACT_KILL_THREAD, SCA_ACT_TRAP};

	if (sca_action_parse(span_z(word), &cli->draft_action) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(can); i++)
			if (can[i] == cli->draft_action)
				return 0;
	return sca_fail(&cli->err, SCA_E_UNKNOWN,
			"--default %s: there are errno, kill_process, kill_thread, trap", word);
}

static error_t parse_suggest(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_ALLOW_DANGEROUS:
		if (words_add(&cli->allow_dangerous, arg))
			return 0;
		sca_fail(&cli->err, -ENOMEM, "no memory");
		return ENOMEM;
	case OPT_ALLOW_ARCH:
		cli->allow_arch = true;
		return 0;
	case OPT_ALLOW_BROAD:
		cli->allow_broad = true;
		return 0;
	case OPT_LOGGED:
		cli->logged = true;
		return 0;
	case OPT_IN_PLACE:
		cli->in_place = true;
		return 0;
	case OPT_NEW:
		cli->draft = true;
		return 0;
	case OPT_DEFAULT:
		return set_default(cli, arg) < 0 ? EINVAL : 0;
	case OPT_UNUSED:
		cli->unused = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp suggest_group = {.options = suggest_options, .parser = parse_suggest};

static int judge_logged(struct suggestion *s, struct sca_err *err)
{
	struct sca_denials *ds = NULL;
	struct sca_replay *rp = NULL;
	int r = sca_replay_new(&rp, s->old_profile, &s->target, s->ds, s->names, err);

	if (r == 0)
		r = sca_replay_as_denied(rp, &ds, err);
	sca_replay_free(rp);
	if (r < 0)
		return r;
	sca_denials_free(s->ds);
	s->ds = ds;
	return 0;
}

static int make_plan(struct suggestion *s, struct cli *cli)
{
	_cleanup_free_ struct sca_str *names =
		calloc(cli->allow_dangerous.n + 1, sizeof(*names));
	struct sca_plan_options opt = {
		.allow_dangerous = names,
		.n_allow_dangerous = cli->allow_dangerous.n,
		.allow_arch = cli->allow_arch,
		.allow_broad = cli->allow_broad,
		.draft = s->draft,
	};
	const struct sca_patch *patch;
	int r;

	if (!names)
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	for (size_t i = 0; i < cli->allow_dangerous.n; i++)
		names[i] = span_z(cli->allow_dangerous.v[i]);
	r = sca_plan_new(&s->plan, s->old_profile, &s->target, s->ds, &opt, s->names,
			 &cli->err);
	if (r < 0)
		return r;
	patch = sca_plan_patch(s->plan);
	if (sca_patch_count(patch) == 0)
		return 0;
	r = sca_patch_apply(patch, s->old_profile, &s->new_profile, &cli->err);
	if (r < 0)
		return r;
	return sca_proof_new(&s->proof, s->plan, s->old_profile, s->new_profile, &s->target,
			     s->names, &cli->err);
}

static int put_text(struct out *o, char *text, size_t n)
{
	out_add(o, text, n);
	free(text);
	return 0;
}

static bool is_policy(enum format format)
{
	return format == FORMAT_MINIJAIL || format == FORMAT_SYSTEMD;
}

/* The profile as a policy, and to standard error what that can not say. */
static int put_policy(struct cli *cli, struct out *o, const struct suggestion *s,
		      const struct sca_profile *p)
{
	enum sca_policy kind = cli->format == FORMAT_SYSTEMD ? SCA_POLICY_SYSTEMD :
							       SCA_POLICY_MINIJAIL;
	_cleanup_out_ struct out lost = OUT_MEMORY;
	struct page pg = {&lost, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, cli->color)};
	char *text, *notes, *next;
	int r = sca_policy_write(&text, &notes, p, &s->target, kind, s->names, &cli->err);

	if (r < 0)
		return r;
	out_add(o, text, strlen(text));
	for (char *line = notes; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		page_line(&pg, "lost:", INK_WARN, line);
	}
	if (!cli->quiet)
		say_page(&lost);
	free(text);
	free(notes);
	return 0;
}

static int put(struct cli *cli, struct out *o, const struct suggestion *s)
{
	const struct sca_profile *p = s->new_profile ? s->new_profile : s->old_profile;
	struct sca_str text = sca_profile_text(p);
	char *made;
	size_t n;
	int r;

	switch (s->draft && !cli->format ? FORMAT_PROFILE : cli->format) {
	case FORMAT_DIFF:
		r = sca_profile_check_text(p, &cli->err);
		if (r == 0)
			r = sca_text_diff(sca_profile_text(s->old_profile), text, s->path, &made,
					  &n, &cli->err);
		return r < 0 ? r : put_text(o, made, n);
	case FORMAT_PROFILE:
		r = sca_profile_check_text(p, &cli->err);
		if (r == 0)
			out_add(o, text.p, text.n);
		return r;
	case FORMAT_JSON:
		return suggest_json(o, s, &cli->err);
	case FORMAT_SARIF:
		return suggest_sarif(o, s, &cli->err);
	case FORMAT_MINIJAIL:
	case FORMAT_SYSTEMD:
		return put_policy(cli, o, s, p);
	default:
		r = sca_patch_json(sca_plan_patch(s->plan), s->old_profile, &made, &n,
				   &cli->err);
		return r < 0 ? r : put_text(o, made, n);
	}
}

static enum exit_code found(const struct suggestion *s)
{
	for (size_t i = 0; i < sca_plan_count(s->plan); i++)
		if (outcome_row(sca_plan_at(s->plan, i)->outcome)->open)
			return EXIT_OPEN;
	return s->new_profile ? EXIT_FOUND : EXIT_DONE;
}

/* A patch that does more or less than it claims is not shown to anybody. */
static int proof_failed(struct cli *cli, const struct page *pg, const struct suggestion *s)
{
	say_error(&cli->err);
	if (s->proof)
		suggest_changes(pg, s);
	out_lit(pg->o,
		"No patch is offered. Please report this, with the profile and the log.\n");
	say_page(pg->o);
	return cli->exit_code ? EXIT_OPEN : EXIT_ERROR;
}

static int write_result(struct cli *cli, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	bool to_stdout = !cli->in_place || cli->format || cli->output;
	/* these tell of processes, the others are profiles and their changes */
	bool events = cli->format == FORMAT_JSON || cli->format == FORMAT_SARIF;
	int r = to_stdout ? out_open_mode(&o, cli->output, events ? MODE_EVENTS : MODE_PUBLIC,
					  &cli->err) : 0;

	if (r == 0 && to_stdout)
		r = put(cli, &o, s);
	if (r == 0 && cli->in_place && s->new_profile)
		r = profile_replace(s->new_profile, s->path, s->old_profile, true, &cli->err);
	if (r == 0 && to_stdout)
		r = out_finish(&o, &cli->err);
	return r;
}

/* How the patch gets to the container. */
static void say_way(const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (chosen_not_yours(&s->chosen)) {
		out_lit(&o, "--format profile -o FILE writes the patched profile, for ");
		chosen_way(&o, &s->chosen);
		out_lit(&o, "; ");
	}
	out_safe(&o, span_z(s->chosen.title));
	out_lit(&o, " keeps the profile that it was created with, so create it anew");
	page_line(pg, "next:", INK_FAINT, out_string(&o));
}

static void say_next(const struct cli *cli, const struct page *pg, const struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (cli->in_place) {
		out_safe(&o, span_z(s->path));
		out_lit(&o, " is changed, the old one is kept as ");
		out_safe(&o, span_z(s->path));
		out_lit(&o, ".orig");
		page_line(pg, "done:", INK_GOOD, out_string(&o));
	} else if (s->draft) {
		if (!cli->output)
			out_lit(&o, "-o FILE writes it; ");
		out_lit(&o, "docker run --security-opt seccomp=FILE tries it, scaudit suggest FILE "
			    "adds what is denied then");
		page_line(pg, "next:", INK_FAINT, out_string(&o));
	} else if (chosen_not_yours(&s->chosen)) {
		; /* it has no place */
	} else if (is_policy(cli->format)) {
		; /* it is what was asked for */
	} else if (home_next(&o, s->old_profile, s->new_profile)) {
		page_line(pg, "next:", INK_FAINT, out_string(&o));
	} else if (!cli->format && !cli->output) {
		out_lit(&o, "--in-place puts it into ");
		out_safe(&o, span_z(s->path));
		out_lit(&o, "; --format diff shows it as a diff");
		page_line(pg, "next:", INK_FAINT, out_string(&o));
	}
	if (s->chosen.shown)
		say_way(pg, s);
	say_page(pg->o);
}

static int run_unused(struct cli *cli, struct input *in, struct suggestion *s)
{
	bool any;
	int r = unused_report(cli, s, &any);

	if (r < 0)
		return r;
	if (cli->format != FORMAT_JSON)
		input_say(in, &s->ev);
	return input_exit_code(in, &s->ev, any ? EXIT_FOUND : EXIT_DONE);
}

static int run_suggest(struct cli *cli, struct input *in, struct suggestion *s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg = {&o, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, cli->color)};
	int r = input_check_output(in, cli->output, &cli->err);

	if (r == 0)
		r = sca_denials_new(&s->ds, 0, &cli->err);
	if (r == 0)
		r = input_collect(in, s->ds, &s->ev, &cli->err);
	if (r == 0 && s->draft)
		r = sca_profile_draft(&s->old_profile, &s->target, cli->draft_action, s->ds,
				      s->names, &cli->err);
	if (r == 0 && cli->unused)
		return run_unused(cli, in, s);
	if (r == 0 && cli->logged)
		r = judge_logged(s, &cli->err);
	if (r == 0)
		r = make_plan(s, cli);
	if (r == SCA_E_PROOF)
		return proof_failed(cli, &pg, s);
	if (r < 0)
		return r;
	if (!cli->quiet) {
		home_lines(&pg, s->old_profile, !cli->frontend && !s->chosen.told);
		suggest_text(&pg, s);
		say_page(&o);
	}
	input_say(in, &s->ev);
	r = write_result(cli, s);
	if (r < 0)
		return r;
	if ((s->new_profile || s->draft) && !cli->quiet)
		say_next(cli, &pg, s);
	return input_exit_code(in, &s->ev, found(s));
}

/* What goes together: there is one result, in the forms that it has. */
static int check_way(struct cli *cli)
{
	const char *option = cli->draft ? "new" : "unused";

	if (!cli->draft && !cli->unused)
		return 0;
	if (cli->draft && cli->unused)
		return sca_fail(&cli->err, SCA_E_CONFLICT, "--new and --unused: one at a time");
	if (cli->in_place)
		return sca_fail(&cli->err, SCA_E_CONFLICT,
				"--%s changes no file; -o FILE writes what it makes", option);
	if (cli->format && cli->format != FORMAT_JSON &&
	    !(cli->draft && (cli->format == FORMAT_PROFILE || is_policy(cli->format))))
		return sca_fail(&cli->err, SCA_E_CONFLICT, "--%s knows --format %s", option,
				cli->draft ? "profile, json, minijail and systemd" : "json");
	return 0;
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

/* Asks the engine's files about the container: the target, without a PROFILE also that; and widens
 * the filter to the id. */
static int open_container(struct suggestion *s, struct cli *cli)
{
	struct sca_err err = SCA_ERR_INIT;
	struct chosen *c = &s->chosen;
	int r = chosen_ask(c, cli->root, s->path, &err);

	if (r < 0 && s->path)
		r = go_on(s, cli, &err);
	else if (r < 0)
		cli->err = err;
	if (r == 0 && c->known)
		r = filter_add_container(cli->filter, c->id, &cli->err);
	if (r == 0 && c->told)
		r = chosen_give(c, cli, &s->path, &s->old_profile, &s->target);
	return r;
}

/* SCA_E_CONFLICT when the profile is no file that is the user's to change. */
static int check_in_place(const struct suggestion *s, struct sca_err *err)
{
	_cleanup_out_ struct out way = OUT_MEMORY;
	const char *why = chosen_not_yours(&s->chosen);

	if (!why)
		return home_check_file(s->old_profile, "--in-place", err);
	chosen_way(&way, &s->chosen);
	return sca_fail(err, SCA_E_CONFLICT,
			"--in-place: %s %s; --format profile -o FILE writes the patched profile, "
			"for %s", s->path, why, out_string(&way));
}

/* The target, and the profile: the one that is named, or the one of the container. */
static int prepare(struct suggestion *s, struct cli *cli)
{
	int r = 0;

	s->chosen.word = filter_container(cli->filter);
	s->draft = cli->draft;
	r = check_way(cli);
	if (r < 0)
		return r;
	if (s->draft)
		s->path = "new profile";
	else if (cli->args.n)
		s->path = cli->args.v[0];
	else if (!s->chosen.word)
		return sca_fail(&cli->err, SCA_E_SYNTAX,
				"suggest wants a profile: scaudit suggest PROFILE [SOURCE...]; or "
				"one --container NAME, whose engine knows it");
	if (s->chosen.word)
		r = open_container(s, cli);
	cli->found = s->path;
	if (r == 0)
		r = sandbox_enter(cli, NULL);
	if (r == 0 && !s->old_profile && !s->draft)
		r = profile_open(&s->old_profile, s->path, &cli->err);
	if (r == 0)
		r = target_for(cli, s->old_profile, s->chosen.told, &s->target,
			       &s->target_given);
	if (r == 0 && cli->in_place)
		r = check_in_place(s, &cli->err);
	if (r == 0 && cli->format == FORMAT_DIFF)
		r = home_check_file(s->old_profile, "--format diff", &cli->err);
	return r;
}

int verb_suggest(struct cli *cli)
{
	struct suggestion s = {.path = NULL};
	struct input *in = NULL;
	int r = prepare(&s, cli);

	if (r == 0)
		r = input_open(&in, cli, cli->args.n && !cli->draft ? 1 : 0);
	if (r == 0) {
		s.names = input_names(in);
		r = run_suggest(cli, in, &s);
	}
	sca_proof_free(s.proof);
	sca_plan_free(s.plan);
	sca_profile_free(s.new_profile);
	sca_profile_free(s.old_profile);
	sca_denials_free(s.ds);
	chosen_free(&s.chosen);
	input_free(in);
	return r;
}
