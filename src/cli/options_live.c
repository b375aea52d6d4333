/* SPDX-License-Identifier: Apache-2.0 */
/* Options of what runs for long: following, resuming, where to. */
#include "cli.h"

#define GROUP_LIVE 2

#define LAST_MAX   10000u
#define WINDOW_MAX (24 * 3600000)

static const struct argp_option live_options[] = {
	{NULL, 0, NULL, 0, "Following", GROUP_LIVE},
	{"follow", 'f', NULL, 0,
	 "go on with what is written from now on; --since, -n and --state begin earlier",
	 GROUP_LIVE},
	{"lines", 'n', "N", 0, "the last N events first (10 on a terminal)", GROUP_LIVE},
	{"state", OPT_STATE, "FILE", 0,
	 "keep in FILE how far it came, and go on from there; what containers there were is "
	 "kept in FILE.map",
	 GROUP_LIVE},
	{"to", OPT_TO, "TARGET", 0,
	 "send events to syslog:unix:/dev/log, syslog:udp:HOST:PORT, syslog:tcp:HOST:PORT, "
	 "journald or unix:PATH; may be repeated, and - is standard output",
	 GROUP_LIVE},
	{"window", OPT_WINDOW, "TIME", 0,
	 "say the same denial of a container once, then once a TIME (10s, 5min) with a count",
	 GROUP_LIVE},
	{0},
};

static int set_last(struct cli *cli, const char *arg)
{
	uint64_t n;

	if (!span_u64(span_z(arg), &n) || n > LAST_MAX)
		return sca_fail(&cli->err, SCA_E_RANGE, "-n %s: a number from 0 to %u", arg,
				LAST_MAX);
	cli->last = (unsigned)n;
	cli->have_last = true;
	return 0;
}

static int set_window(struct cli *cli, const char *arg)
{
	if (when_duration(span_z(arg), &cli->window_ms) < 0 || cli->window_ms < 1 ||
	    cli->window_ms > WINDOW_MAX)
		return sca_fail(&cli->err, SCA_E_RANGE, "--window %s: a time such as 10s or 5min",
				arg);
	return 0;
}

static error_t parse_live(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case 'f':
		cli->follow = true;
		return 0;
	case 'n':
		return set_last(cli, arg) < 0 ? EINVAL : 0;
	case OPT_STATE:
		cli->state = arg;
		return 0;
	case OPT_TO:
		if (words_add(&cli->to, arg))
			return 0;
		sca_fail(&cli->err, -ENOMEM, "no memory");
		return EINVAL;
	case OPT_WINDOW:
		return set_window(cli, arg) < 0 ? EINVAL : 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp live_group = {.options = live_options, .parser = parse_live};
