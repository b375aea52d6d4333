/* SPDX-License-Identifier: Apache-2.0 */
/* replay: recorded events against a profile. */
#include <unistd.h>

#include "dest.h"
#include "replay.h"
#include "target.h"

#define GROUP_REPLAY 4

static const struct argp_option replay_options[] = {
	{NULL, 0, NULL, 0, "What counts", GROUP_REPLAY},
	{"baseline", OPT_BASELINE, "FILE", 0,
	 "what an earlier replay or report wrote as NDJSON: only what is worse than it counts",
	 GROUP_REPLAY},
	{0},
};

static error_t parse_replay(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	if (key != OPT_BASELINE)
		return ARGP_ERR_UNKNOWN;
	cli->baseline = arg;
	return 0;
}

const struct argp replay_group = {.options = replay_options, .parser = parse_replay};

static int put(struct cli *cli, const struct replay *rp)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg;
	int r = page_open(&pg, &o, cli->output, MODE_EVENTS, cli->color, &cli->err);

	if (r < 0)
		return r;
	if (cli->format == FORMAT_JSON)
		r = replay_json(&o, rp, &cli->err);
	else if (cli->format == FORMAT_NDJSON)
		replay_ndjson(&o, rp);
	else
		replay_text(&pg, rp);
	return r < 0 ? r : out_finish(&o, &cli->err);
}

/* What is bad outweighs what is open. */
static enum exit_code found(const struct replay *rp)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < sca_replay_count(rp->rp); i++) {
		const struct sca_replayed *r = sca_replay_at(rp->rp, i);

		if (!replay_counts(rp, r))
			continue;
		if (replay_weight(r->state) == REPLAY_BAD)
			return EXIT_FOUND;
		code = EXIT_OPEN;
	}
	return code;
}

static int run_replay(struct cli *cli, struct input *in, struct replay *rp)
{
	int r = input_check_output(in, cli->output, &cli->err);

	rp->names = input_names(in);
	if (r == 0)
		r = sca_denials_new(&rp->ds, 0, &cli->err);
	if (r == 0)
		r = input_collect(in, rp->ds, &rp->ev, &cli->err);
	if (r == 0)
		r = sca_replay_new(&rp->rp, rp->profile, &rp->target, rp->ds, rp->names,
				   &cli->err);
	if (r == 0)
		r = put(cli, rp);
	if (r < 0)
		return r;
	if (cli->format != FORMAT_JSON || rp->ev.kept == 0)
		input_say(in, &rp->ev);
	return input_exit_code(in, &rp->ev, found(rp));
}

int verb_replay(struct cli *cli)
{
	struct replay rp = {.path = NULL};
	struct input *in = NULL;
	int r;

	if (cli->args.n == 0)
		return sca_fail(&cli->err, SCA_E_SYNTAX,
				"replay wants a profile: scaudit replay PROFILE [SOURCE...]");
	rp.path = cli->args.v[0];
	r = profile_open(&rp.profile, rp.path, &cli->err);
	if (r == 0)
		r = target_for(cli, rp.profile, false, &rp.target, &rp.target_given);
	if (r == 0 && cli->baseline)
		r = baseline_load(&rp.base, cli->baseline, &cli->err);
	if (r == 0)
		r = input_open(&in, cli, 1);
	if (r == 0)
		r = run_replay(cli, in, &rp);
	sca_replay_free(rp.rp);
	baseline_free(rp.base);
	sca_denials_free(rp.ds);
	sca_profile_free(rp.profile);
	input_free(in);
	return r;
}
