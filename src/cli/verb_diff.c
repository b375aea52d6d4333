/* SPDX-License-Identifier: Apache-2.0 */
/* diff: two profiles, compared by verdict. */
#include <unistd.h>

#include "diff.h"
#include "dest.h"
#include "target.h"

#define GROUP_DIFF 4

static const struct argp_option diff_options[] = {
	{NULL, 0, NULL, 0, "What to compare, and what it means", GROUP_DIFF},
	{"all-targets", OPT_ALL_TARGETS, NULL, 0,
	 "for every front end and runtime; targets with the same result are shown together",
	 GROUP_DIFF},
	{"exit-code", OPT_EXIT_CODE, NULL, 0, "exit with 1 when a verdict differs", GROUP_DIFF},
	{"fail-on", OPT_FAIL_CHANGE, "CHANGE,...", 0,
	 "exit with 1 on these only: opened, closed, errno, action, refused (the new profile, "
	 "where the old one loads), dangerous (a dangerous call is opened)",
	 GROUP_DIFF},
	{0},
};

/* What --fail-on names; the first rows are the kinds. */
enum { FAIL_REFUSED = 1u << SCA_DIFF_COUNT, FAIL_DANGEROUS = 2u << SCA_DIFF_COUNT };

static bool fail_word(struct sca_str word, unsigned *mask)
{
	for (unsigned i = 0; i < SCA_DIFF_COUNT; i++)
		if (span_is(word, sca_diff_kind_name(i))) {
			*mask |= 1u << i;
			return true;
		}
	if (!span_is(word, "refused") && !span_is(word, "dangerous"))
		return false;
	*mask |= span_is(word, "refused") ? FAIL_REFUSED : FAIL_DANGEROUS;
	return true;
}

static int set_fail(struct cli *cli, const char *arg)
{
	struct sca_str rest = span_z(arg), word;

	while (span_cut(&rest, ',', &word))
		if (!fail_word(word, &cli->fail_change))
			return sca_fail(&cli->err, SCA_E_UNKNOWN,
					"--fail-on %s: there are opened, closed, errno, action, "
					"refused, dangerous",
					arg);
	return 0;
}

static error_t parse_diff(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_ALL_TARGETS:
		cli->all_targets = true;
		return 0;
	case OPT_EXIT_CODE:
		cli->exit_code = true;
		return 0;
	case OPT_FAIL_CHANGE:
		return set_fail(cli, arg) < 0 ? EINVAL : 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp diff_group = {.options = diff_options, .parser = parse_diff};

/* Takes the comparison. */
static int add_result(struct diff_set *set, struct sca_compare *c, const struct sca_target *t,
		      struct sca_err *err)
{
	struct diff_result *res;
	struct sca_target *targets;
	size_t i = 0;

	while (i < set->n && !sca_compare_same(set->v[i].compare, c))
		i++;
	if (i == set->n) {
		res = reallocarray(set->v, set->n + 1, sizeof(*res));
		if (!res) {
			sca_compare_free(c);
			return sca_fail(err, -ENOMEM, "no memory");
		}
		set->v = res;
		res[set->n++] = (struct diff_result){.compare = c};
	} else {
		sca_compare_free(c);
	}
	res = &set->v[i];
	targets = reallocarray(res->targets, res->n_targets + 1, sizeof(*targets));
	if (!targets)
		return sca_fail(err, -ENOMEM, "no memory");
	res->targets = targets;
	targets[res->n_targets++] = *t;
	return 0;
}

static int compare_for(struct diff_set *set, const struct sca_profile *const p[2],
		       const struct sca_target *t, struct sca_names *names, struct sca_err *err)
{
	struct sca_compare *c = NULL;
	int r = sca_compare_new(&c, p[0], p[1], t, names, err);

	return r < 0 ? r : add_result(set, c, t, err);
}

static int compare_all(struct diff_set *set, struct cli *cli,
		       const struct sca_profile *const p[2], const struct sca_target *base,
		       struct sca_names *names)
{
	struct sca_target t;
	int r = 0;

	for (size_t i = 0; r == 0 && sca_target_matrix(i, base, cli->caps, &t); i++)
		r = compare_for(set, p, &t, names, &cli->err);
	return r;
}

static int put(struct cli *cli, const struct diff_set *set)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg;
	int r = page_open(&pg, &o, cli->output, MODE_PUBLIC, cli->color, &cli->err);

	if (r < 0)
		return r;
	if (cli->format == FORMAT_JSON)
		r = diff_json(&o, set, &cli->err);
	else if (cli->format == FORMAT_MARKDOWN)
		diff_markdown(&o, set);
	else
		diff_text(&pg, set);
	return r < 0 ? r : out_finish(&o, &cli->err);
}

static bool fails(const struct cli *cli, const struct sca_compare *c)
{
	struct sca_compare_info info;

	sca_compare_info(c, &info);
	for (unsigned i = 0; i < SCA_DIFF_COUNT; i++)
		if (cli->fail_change >> i & 1 && info.calls[i])
			return true;
	if (cli->fail_change & FAIL_DANGEROUS && info.dangerous)
		return true;
	if (cli->fail_change & FAIL_REFUSED && info.new_side.refused && !info.old_side.refused)
		return true;
	return !cli->fail_change && cli->exit_code && sca_compare_differs(c);
}

static int verdict(const struct cli *cli, const struct diff_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (fails(cli, set->v[i].compare))
			return EXIT_FOUND;
	return EXIT_DONE;
}

static int run_diff(struct cli *cli, struct diff_set *set, const struct sca_profile *const p[2],
		    struct sca_names *names)
{
	bool alike = sca_profile_home(p[0]) == sca_profile_home(p[1]);
	struct sca_target t;
	int r = target_for(cli, alike ? p[0] : NULL, false, &t, &set->target_given);

	if (r < 0)
		return r;
	if (set->all && (cli->frontend || cli->runtime))
		return sca_fail(&cli->err, SCA_E_CONFLICT,
				"--all-targets means every --frontend and --runtime");
	r = set->all ? compare_all(set, cli, p, &t, names) :
		       compare_for(set, p, &t, names, &cli->err);
	if (r == 0)
		r = put(cli, set);
	return r < 0 ? r : verdict(cli, set);
}

int verb_diff(struct cli *cli)
{
	struct diff_set set = {.all = cli->all_targets};
	struct sca_profile *p[2] = {NULL, NULL};
	struct sca_names *names = NULL;
	int r = 0;

	if (cli->args.n != 2)
		return sca_fail(&cli->err, SCA_E_SYNTAX,
				"diff wants two profiles: scaudit diff OLD NEW");
	set.old_path = cli->args.v[0];
	set.new_path = cli->args.v[1];
	for (int i = 0; i < 2 && r == 0; i++)
		r = profile_open(&p[i], cli->args.v[i], &cli->err);
	if (r == 0)
		r = sca_names_new(&names, &cli->err);
	if (r == 0)
		r = run_diff(cli, &set, (const struct sca_profile *const *)p, names);
	for (size_t i = 0; i < set.n; i++) {
		sca_compare_free(set.v[i].compare);
		free(set.v[i].targets);
	}
	free(set.v);
	sca_profile_free(p[0]);
	sca_profile_free(p[1]);
	sca_names_free(names);
	return r;
}
