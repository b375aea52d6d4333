/* SPDX-License-Identifier: Apache-2.0 */
/* log: one event per record, as it is read; tail: the same, followed. */
#include <unistd.h>

#include "loop.h"
#include "dest.h"
#include "voice.h"

struct log_run {
	struct voice voice;
	bool denied;
};

static int put_event(const struct event *ev, void *arg, struct sca_err *err)
{
	struct log_run *run = arg;

	(void)err;
	run->denied |= !ev->loss && ev->rec->denied;
	voice_event(&run->voice, ev);
	out_record_end(&run->voice.o);
	return run->voice.o.error != 0;
}

static int run_log(struct cli *cli, struct input *in, struct log_run *run)
{
	struct voice *v = &run->voice;
	struct out *o = &v->o;
	struct evidence ev;
	enum format format;
	int r = input_check_output(in, cli->output, &cli->err);

	if (r == 0)
		r = out_open_mode(o, cli->output, MODE_EVENTS, &cli->err);
	if (r < 0)
		return r;
	cli->streams = isatty(o->fd);
	format = cli->format  ? cli->format :
		 cli->output  ? FORMAT_NDJSON :
		 cli->streams ? FORMAT_TABLE :
				FORMAT_NDJSON;
	r = voice_check(format, cli->streams, &cli->err);
	if (r < 0)
		return r;
	voice_start(v, format, cli->streams ? o->fd : -1, cli->color);
	r = input_run(in, put_event, run, &cli->err);
	if (cli->streams && v->table.headed)
		out_c(o, '\n'); /* the evidence stands apart */
	if (r == 0)
		r = out_finish(o, &cli->err);
	if (r < 0)
		return r;
	input_evidence(in, &ev);
	input_say(in, &ev);
	return input_exit_code(in, &ev, run->denied ? EXIT_FOUND : EXIT_DONE);
}

/* What only makes sense while something runs on. */
static int check_live(struct cli *cli)
{
	const char *given = cli->state ? "--state" : cli->have_last ? "-n" :
			    cli->window_ms ? "--window" : NULL;

	if (cli->format == FORMAT_PROMETHEUS && !cli->follow)
		return sca_fail(&cli->err, SCA_E_CONFLICT,
				"--format prometheus is for following: add -f, or use report");
	if (given && !cli->follow)
		return sca_fail(&cli->err, SCA_E_CONFLICT, "%s is for following: add -f", given);
	if (cli->follow && !cli->have_last && !filter_since(cli->filter) && !cli->output &&
	    cli->to.n == 0 && isatty(STDOUT_FILENO)) {
		cli->last = 10;
		cli->have_last = true;
	}
	return 0;
}

int verb_log(struct cli *cli)
{
	struct log_run run = {.voice = VOICE_INIT};
	struct input *in;
	int r = check_live(cli);

	if (r == 0)
		r = input_open(&in, cli, 0);
	if (r < 0)
		return r;
	if (cli->follow || cli->to.n)
		r = loop_run(cli, in);
	else
		r = run_log(cli, in, &run);
	voice_end(&run.voice);
	out_release(&run.voice.o);
	input_free(in);
	return r;
}

int verb_tail(struct cli *cli)
{
	cli->follow = true;
	return verb_log(cli);
}
