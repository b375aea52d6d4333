/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what decides a call under a profile, or under the filters of a process. */
#include <unistd.h>

#include "explain.h"
#include "dest.h"
#include "sandbox.h"
#include "target.h"

#define GROUP_EXPLAIN 0

static const struct argp_option explain_options[] = {
	{NULL, 0, NULL, 0, "What is asked", GROUP_EXPLAIN},
	{"calls", OPT_CALLS, "FILE", 0,
	 "the calls of FILE ('-': standard input), one a line; answers are JSON objects, one a "
	 "line, in the same order",
	 GROUP_EXPLAIN},
	{"event", OPT_EVENT, NULL, 0,
	 "the calls of recorded events; the arguments behind PROFILE are sources then",
	 GROUP_EXPLAIN},
	{"pid", OPT_TASK, "PID", 0,
	 "read the filters that this process holds (root), and show where they differ from the "
	 "profile",
	 GROUP_EXPLAIN},
	{"container", OPT_CONTAINER, "NAME", 0,
	 "of this container: its target; without PROFILE, its own; with --event its events",
	 GROUP_EXPLAIN},
	{0},
};

static error_t parse_explain(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_CALLS:
		cli->calls = arg;
		return 0;
	case OPT_EVENT:
		cli->event = true;
		return 0;
	case OPT_TASK:
		cli->task = arg;
		return 0;
	case OPT_CONTAINER:
		return filter_option(cli, key, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp explain_group = {.options = explain_options, .parser = parse_explain};

const struct sca_filter *explain_filter(const struct explaining *e)
{
	return e->held ? sca_held_filter(e->held) : sca_explainer_filter(e->ex);
}

void put_call_name(struct out *o, const char *syscall, int32_t nr)
{
	if (syscall)
		out_z(o, syscall);
	else
		out_addf(o, "#%d", nr);
}

/* -- the process -- */

static int read_process(struct explaining *e, struct cli *cli)
{
	if (!span_u64(span_z(cli->task), &e->pid) || e->pid == 0 || e->pid > INT32_MAX)
		return sca_fail(&cli->err, SCA_E_SYNTAX, "--pid wants the number of a process");
	if (sca_held_read(&e->held, (int)e->pid, &cli->err) < 0)
		return cli->err.code;
	return sandbox_enter(cli, NULL); /* a filter of our own forbids to read others' */
}

/* Of the filters as a whole; where that differs, one of several may still be the profile's. */
static int compare(struct explaining *e, struct sca_err *err)
{
	const struct sca_filter *own = sca_explainer_filter(e->ex);
	size_t n = sca_held_count(e->held);
	int r = sca_held_compare(&e->differs, own, sca_held_filter(e->held), e->names, err);

	if (r < 0 || sca_proof_count(e->differs) == 0 || n == 1)
		return r;
	for (size_t i = 0; i < n && e->twin < 0; i++) {
		struct sca_proof *one = NULL;

		r = sca_held_compare(&one, own, sca_held_at(e->held, i), e->names, err);
		if (r < 0)
			return r;
		if (sca_proof_count(one) == 0)
			e->twin = (int)i;
		sca_proof_free(one);
	}
	return 0;
}

/* A path has a dot or a slash in it, or is no call; a call is needed only where there is no need
 * of a profile. */
static bool is_profile(const struct explaining *e, const char *word)
{
	struct sca_call call;

	return strpbrk(word, "./") ||
	       sca_call_parse(span_z(word), e->target.arch, e->names, &call, NULL) < 0;
}

static int open_container(struct explaining *e, struct cli *cli)
{
	int r = chosen_take(&e->chosen, cli, &e->path, &e->profile, &e->target);

	return r < 0 ? r : filter_add_container(cli->filter, e->chosen.id, &cli->err);
}

static int prepare(struct explaining *e, struct cli *cli)
{
	int r = target_set(cli, false, &e->target, &e->target_given);

	if (r == 0)
		r = sca_names_new(&e->names, &cli->err);
	if (r == 0 && cli->task)
		r = read_process(e, cli);
	e->chosen.word = filter_container(cli->filter);
	if (r == 0 && filter_given(cli->filter) && !e->chosen.word)
		return sca_fail(&cli->err, SCA_E_CONFLICT, "explain takes one --container");
	if (r == 0 && cli->args.n &&
	    ((!e->held && !e->chosen.word) || cli->event || is_profile(e, cli->args.v[0]))) {
		e->path = cli->args.v[0];
		e->skip = 1;
	}
	if (r == 0 && cli->calls && cli->args.n > e->skip)
		return sca_fail(&cli->err, SCA_E_CONFLICT,
				"with --calls the calls stand in its file, not behind PROFILE");
	if (r == 0 && e->chosen.word)
		r = open_container(e, cli);
	if (r == 0 && !e->path && !e->held)
		return sca_fail(&cli->err, SCA_E_SYNTAX,
				"explain wants a profile: scaudit explain PROFILE [CALL...]; or a "
				"--container NAME, whose engine knows it");
	if (r < 0 || !e->path)
		return r;
	if (!e->profile)
		r = profile_open(&e->profile, e->path, &cli->err);
	if (r == 0)
		r = target_for(cli, e->profile, e->chosen.told, &e->target, &e->target_given);
	if (r == 0)
		r = sca_explainer_new(&e->ex, e->profile, &e->target, e->names, &cli->err);
	return r < 0 || !e->held ? r : compare(e, &cli->err);
}

/* Options that do not go together. */
static int check(struct cli *cli)
{
	if (cli->calls && cli->event)
		return sca_fail(&cli->err, SCA_E_CONFLICT, "--calls or --event, not both");
	if (cli->event && cli->task)
		return sca_fail(&cli->err, SCA_E_CONFLICT, "--event or --pid, not both");
	if (!cli->event && (cli->from.n || cli->strict))
		return sca_fail(&cli->err, SCA_E_CONFLICT, "--from and --strict go with --event");
	return 0;
}

/* -- answers -- */

static void keep_call(struct explaining *e, const char *text, json_t *doc)
{
	json_object_set_new(doc, "call", document_text(span_z(text)));
	json_array_append_new(e->calls, doc);
}

static int one_call(struct explaining *e, struct cli *cli, const struct page *pg,
		    const char *text, const struct sca_call *call)
{
	const struct sca_explanation *x;
	struct sca_reach reach;
	int r = 0;

	sca_filter_reach(explain_filter(e), call, &reach);
	e->denied |= sca_action_denies(reach.v[0].action);
	if (!e->ex) {
		if (cli->format == FORMAT_JSON)
			keep_call(e, text, explain_held_json(e, call));
		else
			explain_held_text(pg, e, call);
		return 0;
	}
	r = sca_explain_call(e->ex, call, &x, &cli->err);
	if (r == 0 && cli->format == FORMAT_JSON)
		keep_call(e, text, explain_json(e, x, NULL));
	else if (r == 0)
		explain_text(pg, e, x, NULL);
	return r;
}

static int all_calls(struct explaining *e, struct cli *cli, const struct page *pg)
{
	bool text = cli->format != FORMAT_JSON, first = true;
	size_t skip = e->skip;
	int r = 0;

	if (text && e->held) {
		explain_process_text(pg, e);
		first = false;
	}
	if (text && !e->held && cli->args.n == skip)
		explain_summary_text(pg, e);
	for (size_t i = skip; i < cli->args.n && r == 0; i++) {
		struct sca_call call;

		r = sca_call_parse(span_z(cli->args.v[i]), e->target.arch, e->names, &call,
				   &cli->err);
		if (r < 0)
			break;
		if (text && !first)
			out_c(pg->o, '\n');
		first = false;
		r = one_call(e, cli, pg, cli->args.v[i], &call);
	}
	return r;
}

/* One block a group of denials; what the profile does not explain keeps the planner's words. */
static int all_events(struct explaining *e, struct cli *cli, const struct page *pg,
		      const struct sca_denials *ds, const struct sca_plan *plan)
{
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		const struct sca_finding *f = sca_plan_at(plan, i);
		const struct sca_denial *d = f->denial;
		struct sca_call call = {d->arch, d->nr, d->args_known, {0}};
		const struct sca_explanation *x = NULL;
		int r = 0;

		memcpy(call.args, d->args, sizeof(call.args));
		if (d->have_arch && d->have_nr)
			r = sca_explain_call(e->ex, &call, &x, &cli->err);
		if (r < 0)
			return r;
		e->denied |= f->denial->denied;
		if (cli->format == FORMAT_JSON) {
			json_array_append_new(e->calls, explain_json(e, x, f));
			continue;
		}
		if (i)
			out_c(pg->o, '\n');
		explain_text(pg, e, x, f);
	}
	return 0;
}

static int run_events(struct explaining *e, struct cli *cli, const struct page *pg,
		      struct evidence *ev)
{
	struct sca_denials *ds = NULL;
	struct sca_plan *plan = NULL;
	struct input *in = NULL;
	int r = input_open(&in, cli, e->skip);

	if (r == 0)
		r = input_check_output(in, cli->output, &cli->err);
	if (r == 0)
		r = sca_denials_new(&ds, 0, &cli->err);
	if (r == 0)
		r = input_collect(in, ds, ev, &cli->err);
	if (r == 0)
		r = sca_plan_new(&plan, e->profile, &e->target, ds, NULL, e->names, &cli->err);
	if (r == 0)
		r = all_events(e, cli, pg, ds, plan);
	if (r == 0) {
		input_say(in, ev);
		r = input_exit_code(in, ev, e->denied ? EXIT_FOUND : EXIT_DONE);
	}
	sca_plan_free(plan);
	sca_denials_free(ds);
	input_free(in);
	return r;
}

static void say_target(const struct cli *cli, const struct explaining *e)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg = {&o, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, cli->color)};

	if (cli->quiet || !e->path)
		return;
	chosen_text(&pg, &e->chosen, e->path);
	target_line(&pg, &e->target, e->target_given);
	say_page(&o);
}

/* The exit code, or negative. */
static int run(struct explaining *e, struct cli *cli, struct out *o)
{
	struct page pg = {o, term_width(o->fd), term_colors(o->fd, cli->color)};
	struct evidence ev = {0};
	int r, code = EXIT_DONE;

	if (cli->calls) {
		r = explain_calls(e, cli->calls, o, &cli->err);
	} else if (cli->event) {
		code = r = run_events(e, cli, &pg, &ev);
	} else {
		r = all_calls(e, cli, &pg);
	}
	if (r < 0)
		return r;
	if (cli->format == FORMAT_JSON && !cli->calls)
		r = explain_document(o, e, cli->event ? &ev : NULL, &cli->err);
	if (r < 0 || cli->event)
		return r < 0 ? r : code;
	if (cli->exit_code &&
	    (e->denied || (e->differs && sca_proof_count(e->differs))))
		code = EXIT_FOUND;
	if (e->bad_calls) {
		say("--calls: %llu line%s no call; see their \"error\"",
		    (unsigned long long)e->bad_calls, e->bad_calls == 1 ? " is" : "s are");
		code = EXIT_ERROR;
	}
	return code;
}

int verb_explain(struct cli *cli)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct explaining e = {.twin = -1};
	int r = check(cli), code = 0;

	if (r == 0)
		r = prepare(&e, cli);
	if (r == 0 && cli->event && !e.ex)
		r = sca_fail(&cli->err, SCA_E_SYNTAX, "--event wants a profile");
	if (r == 0)
		r = out_open_mode(&o, cli->output, MODE_EVENTS, &cli->err);
	if (r == 0) {
		say_target(cli, &e);
		e.calls = json_array();
		code = r = run(&e, cli, &o);
	}
	if (r >= 0)
		r = out_finish(&o, &cli->err);
	json_decref(e.calls);
	sca_proof_free(e.differs);
	sca_held_free(e.held);
	sca_explainer_free(e.ex);
	sca_profile_free(e.profile);
	sca_names_free(e.names);
	chosen_free(&e.chosen);
	return r < 0 ? r : code;
}
