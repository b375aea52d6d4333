/* SPDX-License-Identifier: Apache-2.0 */
/* check: what profiles say that their authors can hardly mean. */
#include <sys/stat.h>
#include <unistd.h>

#include "checkup.h"
#include "target.h"

#define GROUP_CHECK 4

static const struct argp_option check_options[] = {
	{NULL, 0, NULL, 0, "Checking", GROUP_CHECK},
	{"fail-on", OPT_FAIL_ON, "SEVERITY", 0,
	 "exit with 1 when there is a problem of this severity or a graver one: error, warning, "
	 "note",
	 GROUP_CHECK},
	{"fix", OPT_FIX, NULL, 0,
	 "make the safe edits in PROFILE itself, atomically; the old one is kept as "
	 "PROFILE.orig",
	 GROUP_CHECK},
	{"ignore", OPT_IGNORE, "FILE", 0,
	 "problems to live with, one a line: ID [POINTER] YYYY-MM-DD REASON; the day is the "
	 "first on which it counts again",
	 GROUP_CHECK},
	{"list", OPT_LIST, NULL, 0, "list the checks", GROUP_CHECK},
	{0},
};

static int set_fail_on(struct cli *cli, const char *word)
{
	for (unsigned s = 0; s < SCA_SEVERITY_COUNT; s++) {
		if (strcmp(word, sca_severity_name((enum sca_severity)s)) == 0) {
			cli->fail_on = sca_severity_name((enum sca_severity)s);
			return 0;
		}
	}
	return sca_fail(&cli->err, SCA_E_UNKNOWN,
			"--fail-on %s: there are error, warning, note", word);
}

static error_t parse_check(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_FAIL_ON:
		return set_fail_on(cli, arg) < 0 ? EINVAL : 0;
	case OPT_FIX:
		cli->fix = true;
		return 0;
	case OPT_IGNORE:
		cli->ignore = arg;
		return 0;
	case OPT_LIST:
		cli->list = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp check_group = {.options = check_options, .parser = parse_check};

bool checkup_counts(const struct checkups *cs, const struct checkup *c, size_t i)
{
	return !c->ignored[i] && !(cs->write && sca_checked_at(c->checked, i)->edited);
}

static bool keep(const struct sca_problem *p, void *arg)
{
	return ignore_find(arg, p) != NULL;
}

/* Of a home that says who loads it, that loader alone is asked. */
static int judge(struct cli *cli, struct checkups *cs, struct checkup *c, struct sca_names *names)
{
	struct sca_check_options opt = {cs->all_loaders, keep, &cs->ignore};
	enum sca_frontend frontend;
	bool given;
	int r = target_for(cli, c->profile, cs->chosen.told, &cs->target, &given);

	if (!cli->frontend && sca_profile_frontend(c->profile, &frontend))
		opt = (struct sca_check_options){false, keep, &cs->ignore};
	return r < 0 ? r :
		       sca_checked_new(&c->checked, c->profile, &cs->target, &opt, names,
				       &cli->err);
}

static int check_one(struct cli *cli, struct checkups *cs, struct checkup *c,
		     struct sca_names *names)
{
	struct sca_err *err = &cli->err;
	struct sca_err why = SCA_ERR_INIT;
	int r = c->profile ? 0 : profile_open(&c->profile, c->path, &why);
	size_t n;

	if (r == SCA_E_SYNTAX) {
		r = sca_checked_unreadable(&c->checked, &why, err);
	} else if (r < 0) {
		*err = why;
		return r;
	} else {
		r = judge(cli, cs, c, names);
	}
	if (r < 0)
		return r;
	n = sca_checked_count(c->checked);
	c->ignored = calloc(n + 1, sizeof(*c->ignored));
	if (!c->ignored)
		return sca_fail(err, -ENOMEM, "no memory");
	for (size_t i = 0; i < n; i++)
		c->ignored[i] = ignore_find(&cs->ignore, sca_checked_at(c->checked, i));
	if (sca_checked_patch(c->checked))
		r = sca_patch_apply(sca_checked_patch(c->checked), c->profile, &c->fixed, err);
	return r;
}

static void count(struct checkups *cs, const struct checkup *c)
{
	for (size_t i = 0; i < sca_checked_count(c->checked); i++) {
		const struct sca_problem *p = sca_checked_at(c->checked, i);

		cs->n_ignored += c->ignored[i] != NULL;
		cs->n_fixed += cs->write && p->edited;
		cs->counts[p->severity] += checkup_counts(cs, c, i);
	}
}

static int put(struct cli *cli, struct out *o, const struct checkups *cs)
{
	struct page pg = {o, term_width(o->fd), term_colors(o->fd, cli->color)};

	switch (cli->format) {
	case FORMAT_JSON:
		return checkup_json(o, cs, &cli->err);
	case FORMAT_SARIF:
		return checkup_sarif(o, cs, &cli->err);
	case FORMAT_JUNIT:
		checkup_junit(o, cs);
		return 0;
	default:
		checkup_text(&pg, cs);
		return 0;
	}
}

/* -- what is said beside the result -- */

static void put_count(struct out *o, size_t n, const char *word, bool plural)
{
	out_addf(o, ", %zu %s%s", n, word, plural && n != 1 ? "s" : "");
}

static void say_totals(const struct page *pg, const struct checkups *cs)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	out_addf(&o, "%zu %s", cs->n, cs->n == 1 ? "profile" : "profiles");
	for (unsigned s = 0; s < SCA_SEVERITY_COUNT; s++)
		put_count(&o, cs->counts[s], sca_severity_name((enum sca_severity)s), true);
	if (cs->n_ignored)
		put_count(&o, cs->n_ignored, "ignored", false);
	if (cs->n_fixed)
		put_count(&o, cs->n_fixed, "fixed", false);
	page_line(pg, "checked:",
		  cs->counts[SCA_SEVERITY_ERROR]	   ? INK_BAD :
		  cs->counts[SCA_SEVERITY_WARNING] ? INK_WARN :
						     INK_GOOD,
		  out_string(&o));
}

static void say_rows(const struct page *pg, const struct ignore *ig)
{
	for (size_t i = 0; i < ig->n; i++) {
		_cleanup_out_ struct out o = OUT_MEMORY;
		const struct ignore_row *row = &ig->v[i];

		if (!row->expired && row->used)
			continue;
		out_safe(&o, span_z(ig->path));
		out_addf(&o, ":%u: ", row->line);
		out_z(&o, sca_check_at(row->check)->id);
		if (row->expired) {
			out_lit(&o, " was ignored until ");
			out_safe(&o, row->until);
			out_z(&o, row->used ? " and counts again" : " and is gone; remove the line");
		} else {
			out_lit(&o, " is ignored and does not occur; remove the line");
		}
		page_line(pg, "ignore:", INK_WARN, out_string(&o));
	}
}

static void say_changes(const struct page *pg, const struct checkups *cs)
{
	bool any = false;

	for (size_t k = 0; k < cs->n; k++) {
		const struct sca_checked *c = cs->v[k].checked;

		any |= cs->v[k].fixed != NULL;
		for (size_t i = 0; cs->write && i < sca_checked_change_count(c); i++)
			page_line(pg, i ? "" : "changes:", INK_GOOD, sca_checked_change(c, i));
		if (cs->write && cs->v[k].fixed) {
			_cleanup_out_ struct out o = OUT_MEMORY;

			out_safe(&o, span_z(cs->v[k].path));
			out_lit(&o, " is changed, the old one is kept as ");
			out_safe(&o, span_z(cs->v[k].path));
			out_lit(&o, ".orig");
			page_line(pg, "done:", INK_GOOD, out_string(&o));
		}
	}
	if (any && !cs->write)
		page_line(pg, "next:", INK_FAINT,
			  "--fix makes the safe edits; no verdict changes but of names that it "
			  "corrects");
}

static void say_all(struct cli *cli, const struct checkups *cs, bool given)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg = {&o, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, cli->color)};

	chosen_text(&pg, &cs->chosen, cs->v[0].path);
	target_line(&pg, &cs->target, given);
	say_totals(&pg, cs);
	say_rows(&pg, &cs->ignore);
	say_changes(&pg, cs);
	say_page(&o);
}

/* -- all of it -- */

static int write_all(struct cli *cli, const struct checkups *cs)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = out_open(&o, cli->output, &cli->err);

	if (r == 0)
		r = put(cli, &o, cs);
	for (size_t k = 0; k < cs->n && r == 0 && cs->write; k++)
		if (cs->v[k].fixed)
			r = profile_replace(cs->v[k].fixed, cs->v[k].path, cs->v[k].profile, true,
					    &cli->err);
	return r == 0 ? out_finish(&o, &cli->err) : r;
}

static enum exit_code found(const struct checkups *cs)
{
	for (unsigned s = 0; s < SCA_SEVERITY_COUNT && s <= (unsigned)cs->fail_on; s++)
		if (cs->fail_on != SCA_SEVERITY_COUNT && cs->counts[s])
			return EXIT_FOUND;
	return EXIT_DONE;
}

/* Whose target it is, and without a PROFILE its own is the one profile. */
static int open_container(struct cli *cli, struct checkups *cs)
{
	struct checkup *c = &cs->v[0];
	const char *why;
	int r = chosen_take(&cs->chosen, cli, &c->path, &c->profile, &cs->target);

	if (r < 0 || !cli->fix)
		return r;
	why = chosen_not_yours(&cs->chosen);
	return why ? sca_fail(&cli->err, SCA_E_CONFLICT,
			      "--fix: %s %s; put the profile into a file of yours and fix that",
			      c->path, why) : 0;
}

static int run(struct cli *cli, struct checkups *cs)
{
	struct sca_names *names = NULL;
	size_t n = cli->args.n ? cli->args.n : 1;
	bool given;
	int r = 0;

	for (size_t k = 0; k < cli->args.n; k++)
		cs->v[k].path = cli->args.v[k];
	if (cs->chosen.word)
		r = open_container(cli, cs);
	if (r == 0)
		r = target_set(cli, cs->chosen.told, &cs->target, &given);
	if (r == 0 && cli->ignore)
		r = ignore_load(&cs->ignore, cli->ignore, &cli->err);
	if (r == 0)
		r = sca_names_new(&names, &cli->err);
	if (r == 0)
		cs->all_loaders = !cli->frontend && !cli->runtime && !cs->chosen.told;
	for (; r == 0 && cs->n < n; cs->n++) {
		r = check_one(cli, cs, &cs->v[cs->n], names);
		if (r == 0)
			count(cs, &cs->v[cs->n]);
	}
	if (r == 0)
		r = write_all(cli, cs);
	sca_names_free(names);
	if (r < 0)
		return r;
	if (!cli->quiet)
		say_all(cli, cs, given);
	return found(cs);
}

static int list_checks(struct cli *cli)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = out_open(&o, cli->output, &cli->err);

	for (size_t i = 0; r == 0 && i < sca_check_count(); i++) {
		const struct sca_check *k = sca_check_at(i);

		out_addf(&o, "%-18s %-7s %s\n", k->id, sca_severity_name(k->severity), k->meaning);
	}
	return r == 0 ? out_finish(&o, &cli->err) : r;
}

int verb_check(struct cli *cli)
{
	struct checkups cs = {.write = cli->fix, .fail_on = SCA_SEVERITY_COUNT,
			      .chosen.word = cli->container};
	size_t n = cli->args.n ? cli->args.n : 1;
	int r;

	if (cli->list)
		return list_checks(cli);
	if (cli->args.n == 0 && !cli->container)
		return sca_fail(&cli->err, SCA_E_SYNTAX,
				"check wants a profile: scaudit check PROFILE...; or a --container "
				"NAME, whose engine knows it");
	for (unsigned s = 0; cli->fail_on && s < SCA_SEVERITY_COUNT; s++)
		if (cli->fail_on == sca_severity_name((enum sca_severity)s))
			cs.fail_on = (enum sca_severity)s;
	cs.v = calloc(n, sizeof(*cs.v));
	r = cs.v ? run(cli, &cs) : sca_fail(&cli->err, -ENOMEM, "no memory");
	for (size_t k = 0; cs.v && k < n; k++) {
		sca_checked_free(cs.v[k].checked);
		sca_profile_free(cs.v[k].fixed);
		sca_profile_free(cs.v[k].profile);
		free(cs.v[k].ignored);
	}
	free(cs.v);
	ignore_free(&cs.ignore);
	chosen_free(&cs.chosen);
	return r;
}
