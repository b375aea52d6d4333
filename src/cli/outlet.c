/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "outlet.h"

static int check_format(const struct cli *cli, enum format format, struct sca_err *err)
{
	for (const struct format_row *row = cli->verb->formats; row->format; row++)
		if (row->format == format)
			return 0;
	return sca_fail(err, SCA_E_CONFLICT, "%s has no format %s", cli->verb->name,
			format_names[format]);
}

/* One sink and what is written to it: its own format, the one asked for, or what fits. */
static int add(struct outlets *os, struct cli *cli, const char *spec, struct sca_err *err)
{
	bool is_stdout = strcmp(spec, "-") == 0;
	bool terminal = is_stdout && isatty(STDOUT_FILENO);
	struct outlet *o = &os->v[os->n];
	enum format own = FORMAT_NONE, format;
	int r = sink_format(spec, &own, err);

	if (r < 0)
		return r;
	format = own         ? own :
		 cli->format && cli->format != FORMAT_PROMETHEUS ? cli->format :
		 terminal    ? FORMAT_TABLE :
			       FORMAT_NDJSON;
	r = check_format(cli, format, err);
	if (r == 0)
		r = voice_check(format, terminal, err);
	if (r == 0)
		r = sink_open(&o->sink, spec, SINK_QUEUE_BYTES, err);
	if (r < 0)
		return r;
	o->voice = (struct voice)VOICE_INIT;
	os->n++;
	voice_start(&o->voice, format, terminal ? STDOUT_FILENO : -1, cli->color);
	return 0;
}

int outlets_open(struct outlets *os, struct cli *cli, struct sca_err *err)
{
	_cleanup_free_ char *file = NULL;
	int r = 0;

	os->v = calloc(cli->to.n + 2, sizeof(*os->v));
	if (!os->v || (cli->output && asprintf(&file, "file:%s", cli->output) < 0))
		return sca_fail(err, -ENOMEM, "no memory");
	if (cli->output && cli->format != FORMAT_PROMETHEUS)
		r = add(os, cli, file, err);
	for (size_t i = 0; r == 0 && i < cli->to.n; i++)
		r = add(os, cli, cli->to.v[i], err);
	if (r == 0 && os->n == 0 && cli->format != FORMAT_PROMETHEUS)
		r = add(os, cli, "-", err);
	return r;
}

void outlets_release(struct outlets *os)
{
	for (size_t i = 0; i < os->n; i++) {
		voice_end(&os->v[i].voice);
		out_release(&os->v[i].voice.o);
		sink_free(os->v[i].sink);
	}
	free(os->v);
	*os = (struct outlets){.v = NULL};
}

int outlets_event(struct outlets *os, const struct event *ev, struct sca_err *err)
{
	for (size_t i = 0; i < os->n; i++) {
		struct out *o = &os->v[i].voice.o;

		voice_event(&os->v[i].voice, ev);
		if (o->error || memory_is_out())
			return sca_fail(err, -ENOMEM, "no memory for an event");
		sink_put(os->v[i].sink, o->p, o->n);
		o->n = 0;
	}
	return 0;
}

bool outlets_crowded(const struct outlets *os)
{
	for (size_t i = 0; i < os->n; i++)
		if (sink_crowded(os->v[i].sink))
			return true;
	return false;
}

void outlets_say(struct outlets *os)
{
	for (size_t i = 0; i < os->n; i++) {
		const char *news = sink_news(os->v[i].sink);

		if (news)
			say("%s: %s", sink_name(os->v[i].sink), news);
	}
}

int outlets_dispatch(struct outlets *os)
{
	int r = 0;

	for (size_t i = 0; i < os->n; i++)
		if (sink_dispatch(os->v[i].sink) == -EPIPE)
			r = -EPIPE;
	return r;
}

void outlets_poll(const struct outlets *os, struct pollfd *fds, int *ret_wait_ms)
{
	for (size_t i = 0; i < os->n; i++) {
		short events = 0;
		int wait, fd = sink_poll(os->v[i].sink, &events, &wait);

		fds[i] = (struct pollfd){.fd = events ? fd : -1, .events = events};
		if (wait >= 0 && (*ret_wait_ms < 0 || wait < *ret_wait_ms))
			*ret_wait_ms = wait;
	}
}

bool outlets_awaited(const struct outlets *os)
{
	for (size_t i = 0; i < os->n; i++)
		if (sink_is_awaited(os->v[i].sink))
			return true;
	return false;
}

/* True: nothing is left. A reader that is gone takes nothing more, the others do. */
static bool drain_step(struct outlets *os, int *r)
{
	bool empty = true;

	for (size_t i = 0; i < os->n; i++) {
		struct sink *s = os->v[i].sink;

		if (sink_dispatch(s) == -EPIPE) {
			*r = -EPIPE;
			sink_drop_rest(s);
		}
		empty = empty && sink_is_empty(s);
	}
	return empty;
}

int outlets_drain(struct outlets *os, struct pollfd *fds, int wait_ms)
{
	int64_t end = clock_ms(CLOCK_MONOTONIC) + wait_ms, left = wait_ms;
	int r = 0;

	for (size_t i = 0; i < os->n; i++)
		sink_hurry(os->v[i].sink);
	while (!drain_step(os, &r) && left > 0) {
		int wait = (int)left;

		outlets_poll(os, fds, &wait);
		poll(fds, os->n, wait);
		left = end - clock_ms(CLOCK_MONOTONIC);
	}
	for (size_t i = 0; i < os->n; i++)
		sink_drop_rest(os->v[i].sink);
	return r;
}

void outlets_reopen(struct outlets *os)
{
	struct sca_err err = SCA_ERR_INIT;

	for (size_t i = 0; i < os->n; i++)
		if (sink_reopen(os->v[i].sink, &err) < 0) {
			say_error(&err);
			err = (struct sca_err)SCA_ERR_INIT;
		}
}

uint64_t outlets_dropped(struct outlets *os, const char **ret_name)
{
	for (size_t i = 0; i < os->n; i++) {
		struct outlet *o = &os->v[i];
		struct sink_stats st;
		uint64_t n;

		sink_stats(o->sink, &st);
		n = st.dropped - o->told;
		if (n == 0 || sink_crowded(o->sink))
			continue;
		o->told = st.dropped;
		*ret_name = sink_name(o->sink);
		return n;
	}
	return 0;
}

uint64_t outlets_given(const struct outlets *os, size_t i)
{
	return sink_given(os->v[i].sink);
}

uint64_t outlets_settled(const struct outlets *os, size_t i)
{
	return sink_settled(os->v[i].sink);
}
