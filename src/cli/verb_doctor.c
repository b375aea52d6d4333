/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what this host logs of its denials, and what it hides. */
#include <unistd.h>

#include "doctor.h"
#include "sandbox.h"
#include "target.h"

static const struct argp_option doctor_options[] = {
	{"exit-code", OPT_EXIT_CODE, NULL, 0, "exit with 1 when there is a problem", 2},
	{0},
};

static error_t parse_doctor(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	(void)arg;
	switch (key) {
	case OPT_EXIT_CODE:
		cli->exit_code = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp doctor_group = {.options = doctor_options, .parser = parse_doctor};

size_t checkup_count(const struct checkup *c, enum sca_health health)
{
	size_t n = 0;

	for (size_t i = 0; i < sca_doctor_count(c->doctor); i++)
		n += sca_doctor_at(c->doctor, i)->health == health;
	return n;
}

/* The version that is installed here, where the target's runtime has no other. */
static int take_version(struct checkup *c, struct cli *cli)
{
	const char *name = sca_runtime_name(c->target.runtime);
	size_t n = strlen(name);

	if (cli->runtime ? strchr(cli->runtime, ':') != NULL : c->chosen.profile.have_version)
		return 0;
	for (size_t i = 0; i < c->n_runtimes; i++) {
		const char *word = c->runtimes[i].word;

		if (word && strncmp(word, name, n) == 0 && word[n] == ':')
			return sca_target_set_runtime(&c->target, span_z(word), &cli->err);
	}
	return 0;
}

static int prepare(struct checkup *c, struct cli *cli)
{
	const char *path = cli->args.n ? cli->args.v[0] : NULL;
	int r = runtimes_find(c, cli->root, &cli->err);

	if (r == 0)
		r = sandbox_enter(cli, NULL); /* behind it no program is started any more */
	if (cli->args.n > 1)
		return sca_fail(&cli->err, SCA_E_SYNTAX, "doctor takes one profile");
	c->chosen.word = cli->container;
	if (r == 0 && cli->container)
		r = chosen_take(&c->chosen, cli, &path, &c->profile, &c->target);
	if (r == 0 && cli->args.n)
		r = profile_open(&c->profile, cli->args.v[0], &cli->err);
	if (r == 0)
		r = target_for(cli, c->profile, cli->container, &c->target, &c->target_given);
	return r == 0 ? take_version(c, cli) : r;
}

static int examine(struct checkup *c, struct cli *cli, struct sca_names *names)
{
	bool in_config = c->chosen.shown && c->chosen.profile.from == SCA_PROFILE_CONFIG;
	struct sca_doctor_runtime runtimes[RUNTIMES_MAX];
	const struct sca_doctor_options o = {
		.root = cli->root, .runtimes = runtimes, .n_runtimes = c->n_runtimes,
		.profile = c->profile, .target = &c->target, .in_config = in_config,
	};

	for (size_t i = 0; i < c->n_runtimes; i++)
		runtimes[i] = (struct sca_doctor_runtime){c->runtimes[i].path,
							  c->runtimes[i].word};
	return sca_doctor_new(&c->doctor, &o, names, &cli->err);
}

static int show(const struct checkup *c, struct cli *cli)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = out_open(&o, cli->output, &cli->err);
	struct page pg = {&o, term_width(o.fd), term_colors(o.fd, cli->color)};

	if (r < 0)
		return r;
	if (cli->format == FORMAT_JSON)
		r = doctor_json(&o, c, &cli->err);
	else
		doctor_text(&pg, c);
	return r < 0 ? r : out_finish(&o, &cli->err);
}

static void release(struct checkup *c)
{
	for (size_t i = 0; i < c->n_runtimes; i++) {
		free(c->runtimes[i].path);
		free(c->runtimes[i].word);
	}
	sca_doctor_free(c->doctor);
	sca_profile_free(c->profile);
	chosen_free(&c->chosen);
}

int verb_doctor(struct cli *cli)
{
	struct checkup c = {.doctor = NULL};
	struct sca_names *names = NULL;
	int r = sca_names_new(&names, &cli->err);

	if (r == 0)
		r = prepare(&c, cli);
	if (r == 0)
		r = examine(&c, cli, names);
	if (r == 0)
		r = show(&c, cli);
	if (r == 0 && cli->exit_code && checkup_count(&c, SCA_HEALTH_PROBLEM))
		r = EXIT_FOUND;
	release(&c);
	sca_names_free(names);
	return r;
}
