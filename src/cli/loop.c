/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "attribute.h"
#include "flow.h"
#include "input.h"
#include "loop.h"
#include "dest.h"
#include "sandbox.h"

#define MAX(a, b)  ((a) > (b) ? (a) : (b))
#define STEPS      256   /* between two looks at everything else */
#define TICK_MS    1000  /* looks at losses, saves the position */
#define MAP_MS     10000 /* saves the map */
#define READ_MS    1000  /* at the end, for sources that have more and more */
#define DRAIN_MS   3000  /* at the end, for a consumer that is slow */

struct loop {
	struct cli *cli;
	struct input *in;
	struct flow flow;
	int signals; /* signalfd */
	bool stop;
	bool closed; /* standard output's reader is gone, and wants no more */
	bool backlog; /* is still being read */
	int64_t next_tick, next_map;
	/* a position waits until all that is in front of it left the queues */
	int64_t next_mark;
	struct out mark;
	bool marked;
	uint64_t *mark_given; /* of each outlet */
	struct out saved; /* what the file holds */
	struct dest state, map; /* --state, open from the start */
	struct pollfd *fds;
	int64_t *wake_at; /* of each source; 0: not by the clock */
	size_t n_sources;
};

/* -- the position -- */

static bool mark_settled(const struct loop *l)
{
	for (size_t i = 0; i < l->flow.outlets.n; i++)
		if (outlets_settled(&l->flow.outlets, i) < l->mark_given[i])
			return false;
	return true;
}

/* Writes the marked position once everything in front of it has left. */
static int save_mark(struct loop *l, struct sca_err *err)
{
	int r;

	if (!l->marked || !mark_settled(l))
		return 0;
	l->marked = false;
	if (l->mark.n == l->saved.n && memcmp(l->mark.p, l->saved.p, l->mark.n) == 0)
		return 0;
	r = dest_replace(&l->state, l->mark.p, l->mark.n, MODE_PRIVATE, err);
	if (r < 0)
		return r;
	l->saved.n = 0;
	out_add(&l->saved, l->mark.p, l->mark.n);
	return 0;
}

static int set_mark(struct loop *l, struct sca_err *err)
{
	int r = 0;

	if (!l->cli->state || l->marked || l->flow.last)
		return 0;
	l->mark.n = 0;
	/* what the window holds would be in front of the position */
	if (l->flow.window)
		r = flow_flush(&l->flow, err);
	if (r == 0)
		r = input_state(l->in, flow_event, &l->flow, &l->mark, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < l->flow.outlets.n; i++)
		l->mark_given[i] = outlets_given(&l->flow.outlets, i);
	l->marked = true;
	return save_mark(l, err);
}

static int save_map(struct loop *l, struct sca_err *err)
{
	struct attribution *who = input_attribution(l->in);
	_cleanup_free_ char *text = NULL;
	size_t n = 0;
	int r;

	if (!l->cli->state || !who)
		return 0;
	r = attribution_map(who, &text, &n, err);
	if (r < 0 || !text)
		return r;
	return dest_replace(&l->map, text, n, MODE_PRIVATE, err);
}

/* A disk that is full now may not be later: what can not be saved is said, and tried again. */
static void try_save(struct loop *l, int (*save)(struct loop *l, struct sca_err *err))
{
	struct sca_err err = SCA_ERR_INIT;

	if (save(l, &err) < 0)
		say_error(&err);
}

/* -- once in a while -- */

static int tick(struct loop *l, int64_t now)
{
	const char *name = NULL;
	uint64_t dropped;
	int r = input_losses(l->in, flow_event, &l->flow, &l->cli->err);

	if (r == 0 && (dropped = outlets_dropped(&l->flow.outlets, &name)))
		r = input_output_loss(l->in, name, dropped, flow_event, &l->flow, &l->cli->err);
	outlets_say(&l->flow.outlets);
	if (now >= l->next_mark) {
		/* it ends the window, so it comes no more often than that */
		l->next_mark = now + MAX(TICK_MS, l->cli->window_ms);
		try_save(l, set_mark);
	}
	return r;
}

static int take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			outlets_reopen(&l->flow.outlets);
		else
			l->stop = true;
	}
	return 0;
}

/* -- the loop -- */

static void shorten(int *wait, int64_t by)
{
	if (by >= 0 && (*wait < 0 || by < *wait))
		*wait = (int)by;
}

/* Descriptors: signals, tracker, sources, outlets; in this order. */
static size_t fill_poll(struct loop *l, int64_t now, int *ret_wait)
{
	struct attribution *who = input_attribution(l->in);
	struct pollfd *p = l->fds;
	int wait;

	*p++ = (struct pollfd){.fd = l->signals, .events = POLLIN};
	*p++ = (struct pollfd){.fd = who ? attribution_fd(who) : -1, .events = POLLIN};
	for (size_t i = 0; i < l->n_sources; i++) {
		*p++ = (struct pollfd){.fd = input_poll(l->in, i, &wait), .events = POLLIN};
		if (wait < 0)
			l->wake_at[i] = 0;
		else if (!l->wake_at[i])
			l->wake_at[i] = now + wait;
		if (l->wake_at[i])
			shorten(ret_wait, MAX(l->wake_at[i] - now, 0));
	}
	outlets_poll(&l->flow.outlets, p, ret_wait);
	shorten(ret_wait, flow_due(&l->flow, now));
	return (size_t)(p - l->fds) + l->flow.outlets.n;
}

/* Waits for something to do, and does all of it but reading. */
static int rest(struct loop *l, bool idle)
{
	int64_t before = clock_ms(CLOCK_MONOTONIC);
	int wait = idle ? (int)(l->next_tick > before ? l->next_tick - before : 0) : 0;
	size_t n = fill_poll(l, before, &wait);
	struct attribution *who = input_attribution(l->in);
	int64_t now;
	int r;

	if (poll(l->fds, n, wait) < 0 && errno != EINTR)
		return sca_fail_errno(&l->cli->err, errno, "can not wait for sources");
	now = clock_ms(CLOCK_MONOTONIC);
	take_signals(l);
	for (size_t i = 0; i < l->n_sources; i++) {
		if (!l->fds[2 + i].revents && !(l->wake_at[i] && now >= l->wake_at[i]))
			continue;
		l->wake_at[i] = 0;
		input_wake(l->in, i);
	}
	r = who && l->fds[1].revents ? attribution_dispatch(who, &l->cli->err) : 0;
	if (r == 0)
		r = flow_work(&l->flow, now, l->in, &l->cli->err);
	if (outlets_dispatch(&l->flow.outlets) == -EPIPE)
		l->stop = l->closed = true;
	try_save(l, save_mark);
	if (r == 0 && now >= l->next_tick) {
		l->next_tick = now + TICK_MS;
		r = tick(l, now);
	}
	if (r == 0 && now >= l->next_map) {
		l->next_map = now + MAP_MS;
		try_save(l, save_map);
	}
	return r;
}

static int read_some(struct loop *l)
{
	int r = STEP_TOOK;

	input_hold(l->in, outlets_crowded(&l->flow.outlets));
	for (unsigned i = 0; r == STEP_TOOK && i < STEPS; i++)
		r = input_step(l->in, flow_event, &l->flow, &l->cli->err);
	return r;
}

static int work(struct loop *l)
{
	int r = input_gaps(l->in, flow_event, &l->flow, &l->cli->err);

	while (r >= 0 && !l->stop) {
		r = read_some(l);
		if (r < 0 || r == STEP_END || r == STEP_STOP)
			break;
		if (l->backlog && input_caught_up(l->in)) {
			l->backlog = false;
			if (flow_caught_up(&l->flow, &l->cli->err) < 0)
				return l->cli->err.code;
		}
		r = rest(l, r == STEP_IDLE);
	}
	return r < 0 ? r : 0;
}

/* What waits in sources that can not be asked again: a pipe of auditd, a socket's buffer. */
static int read_rest(struct loop *l)
{
	int64_t end = clock_ms(CLOCK_MONOTONIC) + READ_MS;
	int r;

	for (size_t i = 0; i < l->n_sources; i++)
		input_wake(l->in, i);
	input_hold(l->in, true);
	do
		r = input_step(l->in, flow_event, &l->flow, &l->cli->err);
	while (r == STEP_TOOK && clock_ms(CLOCK_MONOTONIC) < end);
	return r < 0 ? r : 0;
}

/* A pager stops reading for minutes: it is waited for as any program would; a signal ends it. */
static int await_reader(struct loop *l)
{
	int r = 0;

	while (r == 0 && !l->stop && outlets_awaited(&l->flow.outlets))
		r = rest(l, true);
	return r;
}

/* What was read gets out, and is saved; but not past what found no way out. */
static int finish(struct loop *l)
{
	const char *name = NULL;
	uint64_t left;
	int r;

	l->marked = false;
	l->backlog = false;
	l->next_mark = INT64_MAX;
	r = read_rest(l);
	if (r == 0)
		r = flow_flush(&l->flow, &l->cli->err);
	if (r == 0)
		r = tick(l, 0);
	if (r == 0)
		r = flow_flush(&l->flow, &l->cli->err);
	if (r == 0 && !l->cli->follow)
		r = await_reader(l);
	if (outlets_drain(&l->flow.outlets, l->fds, DRAIN_MS) == -EPIPE)
		l->closed = true;
	outlets_say(&l->flow.outlets);
	left = outlets_dropped(&l->flow.outlets, &name);
	input_count_dropped(l->in, left);
	if (r == 0 && left == 0)
		try_save(l, set_mark);
	try_save(l, save_map);
	if (r == 0)
		r = flow_finish(&l->flow, l->in, &l->cli->err);
	if (r == 0 && left && !l->cli->follow && !l->closed)
		r = sca_fail(&l->cli->err, -EPIPE, "%s did not take %llu of the events", name,
			     (unsigned long long)left);
	return r;
}

static int set_signals(struct loop *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!isatty(STDOUT_FILENO)) /* else it says that the terminal is gone */
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	l->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return l->signals < 0 ? sca_fail_errno(&l->cli->err, errno, "can not take signals") : 0;
}

/* What is written to a source would be read again, for ever. */
static int check_outputs(struct loop *l)
{
	struct cli *cli = l->cli;
	int r = input_check_output(l->in, cli->output, &cli->err);

	for (size_t i = 0; r == 0 && i < cli->to.n; i++)
		if (strncmp(cli->to.v[i], "file:", 5) == 0)
			r = input_check_output(l->in, cli->to.v[i] + 5, &cli->err);
	return r;
}

static int open_state(struct loop *l)
{
	_cleanup_free_ char *map = NULL;
	struct cli *cli = l->cli;
	int r;

	if (!cli->state)
		return 0;
	if (asprintf(&map, "%s.map", cli->state) < 0) {
		map = NULL;
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	}
	r = input_check_output(l->in, cli->state, &cli->err);
	if (r == 0)
		r = input_check_output(l->in, map, &cli->err);
	if (r == 0)
		r = dest_open(&l->state, cli->state, &cli->err);
	return r < 0 ? r : dest_open(&l->map, map, &cli->err);
}

static int start(struct loop *l)
{
	int r = check_outputs(l);

	if (r == 0)
		r = open_state(l);
	if (r < 0)
		return r;
	l->backlog = !input_resumed(l->in);
	r = flow_open(&l->flow, l->cli, input_names(l->in), l->backlog, &l->cli->err);
	l->n_sources = input_count(l->in);
	if (r == 0)
		r = set_signals(l);
	if (r == 0)
		r = sandbox_enter(l->cli, l->in);
	if (r < 0)
		return r;
	l->fds = calloc(2 + l->n_sources + l->flow.outlets.n, sizeof(*l->fds));
	l->mark_given = calloc(l->flow.outlets.n, sizeof(*l->mark_given));
	l->wake_at = calloc(l->n_sources + 1, sizeof(*l->wake_at));
	if (!l->fds || !l->mark_given || !l->wake_at)
		return sca_fail(&l->cli->err, -ENOMEM, "no memory");
	l->next_map = clock_ms(CLOCK_MONOTONIC) + MAP_MS;
	if (!l->cli->quiet && input_attribution(l->in))
		attribution_say(input_attribution(l->in));
	return 0;
}

int loop_run(struct cli *cli, struct input *in)
{
	struct loop l = {.cli = cli, .in = in, .signals = -1, .mark = OUT_MEMORY,
			 .saved = OUT_MEMORY, .state = DEST_NONE, .map = DEST_NONE};
	struct evidence ev;
	int r = start(&l);

	if (r == 0)
		r = work(&l);
	if (r == 0)
		r = finish(&l);
	if (r == 0) {
		input_evidence(in, &ev);
		input_say(in, &ev);
		r = input_exit_code(in, &ev, l.flow.denied ? EXIT_FOUND : EXIT_DONE);
	}
	flow_release(&l.flow);
	out_release(&l.mark);
	out_release(&l.saved);
	dest_close(&l.state);
	dest_close(&l.map);
	free(l.wake_at);
	free(l.mark_given);
	free(l.fds);
	if (l.signals >= 0)
		close(l.signals);
	return r;
}
