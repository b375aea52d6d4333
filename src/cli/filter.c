/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which events a verb sees. Values of one option are alternatives, options must all hold. One
 * row per option says how its value is read and how an event is tested.
 */
#include <time.h>

#include "cli.h"

#define GROUP_FILTER 2

static const struct argp_option filter_options[] = {
	{NULL, 0, NULL, 0, "Only some events (options add up; values of one are alternatives)",
	 GROUP_FILTER},
	{"container", OPT_CONTAINER, "[POD/]NAME|ID", 0, "of this container", GROUP_FILTER},
	{"pod", OPT_POD, "[NS/]POD|UID", 0, "of this Kubernetes pod", GROUP_FILTER},
	{"unit", OPT_UNIT, "UNIT", 0, "of this systemd unit", GROUP_FILTER},
	{"comm", OPT_COMM, "NAME", 0, "with this thread name", GROUP_FILTER},
	{"exe", OPT_EXE, "PATH", 0, "of this program, as its container sees it", GROUP_FILTER},
	{"pid", OPT_PID, "PID,...", 0, "of these processes", GROUP_FILTER},
	{"uid", OPT_UID, "UID,...", 0, "of these users, in the host's numbering", GROUP_FILTER},
	{"arch", OPT_ARCH, "ARCH,...", 0,
	 "of these architectures; a single one is also assumed where a record has none",
	 GROUP_FILTER},
	{"syscall", OPT_SYSCALL, "NAME|NR,...", 0, "with these calls", GROUP_FILTER},
	{"action", OPT_ACTION, "ACTION,...", 0, "with these actions", GROUP_FILTER},
	{"since", OPT_SINCE, "TIME", 0,
	 "not before TIME: '2026-11-24 06:14' (UTC unless it has a zone), seconds since the "
	 "epoch, '2h', '10min ago', 'yesterday'",
	 GROUP_FILTER},
	{"until", OPT_UNTIL, "TIME", 0, "not after TIME", GROUP_FILTER},
	{"match", OPT_MATCH, "FIELD=REGEX", 0,
	 "whose field matches a Perl regular expression; all that are given must match",
	 GROUP_FILTER},
	{0},
};

struct want {
	const struct filter_row *row;
	struct sca_str text;
	uint64_t number;
};

struct filter {
	struct want *wants;
	size_t n;
	struct match **matches;
	size_t n_matches;
	bool has_since, has_until;
	int64_t since_ms, until_ms;
	struct filter_stats stats;
};

static bool known(const struct event *ev, uint32_t field)
{
	return ev->rec->have & field;
}

/* POD/CONTAINER or NAMESPACE/POD/CONTAINER */
static bool test_in_pod(const struct sca_container_ref *c, struct sca_str word)
{
	struct sca_str part[3];
	size_t n = 0;

	while (n < 3 && span_cut(&word, '/', &part[n]))
		n++;
	return n >= 2 && word.n == 0 && c->name.n && c->pod.n &&
	       span_eq(part[n - 1], c->name) && span_eq(part[n - 2], c->pod) &&
	       (n == 2 || span_eq(part[0], c->ns));
}

static bool test_container(const struct event *ev, const struct want *w)
{
	const struct sca_container_ref *c = &ev->rec->container;

	return span_eq(c->name, w->text) || test_in_pod(c, w->text) ||
	       (w->text.n >= 4 && c->id.n >= w->text.n &&
		memcmp(c->id.p, w->text.p, w->text.n) == 0);
}

static bool test_pod(const struct event *ev, const struct want *w)
{
	const struct sca_container_ref *c = &ev->rec->container;
	struct sca_str pod = w->text, ns;

	if (memchr(w->text.p, '/', w->text.n)) {
		span_cut(&pod, '/', &ns);
		return span_eq(c->ns, ns) && span_eq(c->pod, pod);
	}
	return (c->pod.n && span_eq(c->pod, pod)) || (c->pod_uid.n && span_eq(c->pod_uid, pod));
}

static bool test_unit(const struct event *ev, const struct want *w)
{
	return span_eq(ev->rec->container.unit, w->text);
}

static bool test_comm(const struct event *ev, const struct want *w)
{
	if (known(ev, SCA_F_COMM) && span_eq(ev->rec->comm, w->text))
		return true;
	for (unsigned i = 0; i < ev->rec->n_comms; i++)
		if (span_eq(ev->rec->comms[i], w->text))
			return true;
	return false;
}

static bool test_exe(const struct event *ev, const struct want *w)
{
	if (known(ev, SCA_F_EXE) && span_eq(ev->rec->exe, w->text))
		return true;
	for (unsigned i = 0; i < ev->rec->n_exes; i++)
		if (span_eq(ev->rec->exes[i], w->text))
			return true;
	return false;
}

static bool test_pid(const struct event *ev, const struct want *w)
{
	return known(ev, SCA_F_PID) && ev->rec->pid == w->number;
}

static bool test_uid(const struct event *ev, const struct want *w)
{
	return known(ev, SCA_F_UID) && ev->rec->uid == w->number;
}

static bool test_arch(const struct event *ev, const struct want *w)
{
	return known(ev, SCA_F_ARCH) && ev->rec->arch == w->number;
}

static bool test_syscall(const struct event *ev, const struct want *w)
{
	if (w->text.n)
		return ev->syscall && span_is(w->text, ev->syscall);
	return known(ev, SCA_F_NR) && ev->rec->nr == (int64_t)w->number;
}

static bool test_action(const struct event *ev, const struct want *w)
{
	return ev->rec->action == w->number;
}

static int read_number(struct want *w, const char *option, struct sca_err *err)
{
	if (span_u64(w->text, &w->number) && w->number <= UINT32_MAX)
		return 0;
	return sca_fail(err, SCA_E_SYNTAX, "--%s takes numbers, not %.*s", option,
			(int)w->text.n, w->text.p);
}

static int read_arch(struct want *w, const char *option, struct sca_err *err)
{
	uint32_t arch;

	if (sca_arch_parse(w->text, &arch) < 0)
		return sca_fail(err, SCA_E_UNKNOWN,
				"--%s: no architecture is called %.*s; 'scaudit resolve read' "
				"shows all",
				option, (int)w->text.n, w->text.p);
	w->number = arch;
	return 0;
}

/* A name, checked; or a number, -1 included. */
static int read_syscall(struct want *w, const char *option, struct sca_err *err)
{
	struct sca_names *names = NULL;
	const char *near;
	int32_t nr;
	int r;

	if (span_is(w->text, "-1"))
		w->number = UINT64_MAX;
	if (span_is(w->text, "-1") ||
	    (span_u64(w->text, &w->number) && w->number <= INT32_MAX)) {
		w->text.n = 0;
		return 0;
	}
	r = sca_names_new(&names, err);
	if (r < 0)
		return r;
	r = SCA_E_UNKNOWN;
	for (size_t i = 0; i < sca_arch_count() && r < 0; i++)
		r = sca_syscall_number(names, sca_arch_at(i), w->text, &nr);
	if (r < 0) {
		near = sca_syscall_nearest(names, w->text);
		sca_fail(err, SCA_E_UNKNOWN, "--%s: no call is named %.*s%s%s%s", option,
			 (int)w->text.n, w->text.p, near ? "; did you mean " : "",
			 near ? near : "", near ? "?" : "");
	}
	sca_names_free(names);
	return r < 0 ? SCA_E_UNKNOWN : 0;
}

static int read_action(struct want *w, const char *option, struct sca_err *err)
{
	enum sca_action action;

	if (sca_action_parse(w->text, &action) < 0)
		return sca_fail(err, SCA_E_UNKNOWN,
				"--%s: no action is called %.*s; there are kill_process, "
				"kill_thread, trap, errno, user_notif, trace, log, strict",
				option, (int)w->text.n, w->text.p);
	w->number = action;
	return 0;
}

static const struct filter_row {
	int key;
	const char *option;
	bool list; /* the value is a list with commas */
	int (*read)(struct want *w, const char *option,
		    struct sca_err *err); /* NULL: as it is */
	bool (*test)(const struct event *ev, const struct want *w);
} filter_rows[] = {
	{OPT_CONTAINER, "container", false, NULL, test_container},
	{OPT_POD, "pod", false, NULL, test_pod},
	{OPT_UNIT, "unit", false, NULL, test_unit},
	{OPT_COMM, "comm", false, NULL, test_comm},
	{OPT_EXE, "exe", false, NULL, test_exe},
	{OPT_PID, "pid", true, read_number, test_pid},
	{OPT_UID, "uid", true, read_number, test_uid},
	{OPT_ARCH, "arch", true, read_arch, test_arch},
	{OPT_SYSCALL, "syscall", true, read_syscall, test_syscall},
	{OPT_ACTION, "action", true, read_action, test_action},
};

struct filter *filter_free(struct filter *f)
{
	if (!f)
		return NULL;
	for (size_t i = 0; i < f->n_matches; i++)
		match_free(f->matches[i]);
	free(f->matches);
	free(f->wants);
	free(f);
	return NULL;
}

static int add_want(struct filter *f, const struct filter_row *row, struct sca_str text,
		    struct sca_err *err)
{
	struct want *wants = reallocarray(f->wants, f->n + 1, sizeof(*wants));
	struct want w = {.row = row, .text = text};
	int r;

	if (!wants)
		return sca_fail(err, -ENOMEM, "no memory for a filter");
	f->wants = wants;
	if (text.n == 0)
		return sca_fail(err, SCA_E_SYNTAX, "--%s got an empty value", row->option);
	r = row->read ? row->read(&w, row->option, err) : 0;
	if (r < 0)
		return r;
	wants[f->n++] = w;
	return 0;
}

static int add_values(struct filter *f, const struct filter_row *row, const char *arg,
		      struct sca_err *err)
{
	struct sca_str rest = span_z(arg), value;
	int r = 0;

	if (!row->list)
		return add_want(f, row, rest, err);
	while (r == 0 && span_cut(&rest, ',', &value))
		r = add_want(f, row, value, err);
	return r;
}

static int add_match(struct filter *f, const char *arg, struct sca_err *err)
{
	struct match **v = reallocarray(f->matches, f->n_matches + 1, sizeof(struct match *));
	int r;

	if (!v)
		return sca_fail(err, -ENOMEM, "no memory for a filter");
	f->matches = v;
	r = match_new(&v[f->n_matches], arg, err);
	if (r == 0)
		f->n_matches++;
	return r;
}

static int set_time(bool *has, int64_t *ms, const char *option, const char *arg,
		    struct sca_err *err)
{
	int r = when_parse(span_z(arg), (int64_t)time(NULL) * 1000, ms);

	*has = r == 0;
	if (r < 0)
		return sca_fail(err, r,
				"--%s: %s is no time; write '2026-11-24 06:14:08', seconds since "
				"the epoch, '2h', '10min ago' or 'yesterday'", option, arg);
	return 0;
}

static int add(struct cli *cli, int key, const char *arg)
{
	struct filter *f = cli->filter;

	if (key == OPT_MATCH)
		return add_match(f, arg, &cli->err);
	if (key == OPT_SINCE)
		return set_time(&f->has_since, &f->since_ms, "since", arg, &cli->err);
	if (key == OPT_UNTIL)
		return set_time(&f->has_until, &f->until_ms, "until", arg, &cli->err);
	for (size_t i = 0; i < ARRAY_SIZE(filter_rows); i++)
		if (filter_rows[i].key == key)
			return add_values(f, &filter_rows[i], arg, &cli->err);
	return ARGP_ERR_UNKNOWN;
}

error_t filter_option(struct cli *cli, int key, const char *arg)
{
	int r;

	if (key < OPT_CONTAINER || key > OPT_MATCH)
		return ARGP_ERR_UNKNOWN;
	if (!cli->filter)
		cli->filter = calloc(1, sizeof(*cli->filter));
	if (!cli->filter) {
		sca_fail(&cli->err, -ENOMEM, "no memory for a filter");
		return ENOMEM;
	}
	r = add(cli, key, arg);
	return r < 0 ? EINVAL : r;
}

static error_t parse_filter(int key, char *arg, struct argp_state *state)
{
	return filter_option(state->input, key, arg);
}

const struct argp filter_group = {.options = filter_options, .parser = parse_filter};

bool filter_given(const struct filter *f)
{
	return f && (f->n || f->n_matches || f->has_since || f->has_until);
}

bool filter_since(const struct filter *f)
{
	return f && f->has_since;
}

uint32_t filter_arch(const struct filter *f)
{
	uint32_t arch = 0;

	for (size_t i = 0; f && i < f->n; i++) {
		if (f->wants[i].row->key != OPT_ARCH)
			continue;
		if (arch)
			return 0;
		arch = (uint32_t)f->wants[i].number;
	}
	return arch;
}

const char *filter_container(const struct filter *f)
{
	const char *word = NULL;

	for (size_t i = 0; f && i < f->n; i++) {
		if (f->wants[i].row->key != OPT_CONTAINER)
			continue;
		if (word)
			return NULL;
		word = f->wants[i].text.p;
	}
	return word;
}

int filter_add_container(struct filter *f, const char *id, struct sca_err *err)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->wants[i].row->key == OPT_CONTAINER)
			return add_want(f, f->wants[i].row, span_z(id), err);
	return 0;
}

/* A summary line passes when any part of its span does. */
static bool pass_time(struct filter *f, const struct event *ev)
{
	int64_t first = ev->rec->time_ms, last = first;

	if (ev->rec->first_ms || ev->rec->last_ms) {
		first = ev->rec->first_ms;
		last = ev->rec->last_ms;
	} else if (!known(ev, SCA_F_TIME)) {
		f->stats.untimed++;
		return false;
	}
	return !(f->has_since && last < f->since_ms) && !(f->has_until && first > f->until_ms);
}

/* What is lost may have been anybody's. When it has no time, it may have been then. */
static bool pass_loss(struct filter *f, const struct event *ev)
{
	return !known(ev, SCA_F_TIME) || pass_time(f, ev);
}

bool filter_pass(struct filter *f, const struct event *ev)
{
	unsigned given = 0, hit = 0;

	if (!f)
		return true;
	if (ev->loss)
		return pass_loss(f, ev);
	for (size_t i = 0; i < f->n; i++) {
		const struct want *w = &f->wants[i];
		unsigned bit = 1u << (w->row - filter_rows);

		given |= bit;
		if (!(hit & bit) && w->row->test(ev, w))
			hit |= bit;
	}
	if (given != hit)
		return false;
	for (size_t i = 0; i < f->n_matches; i++)
		if (!match_event(f->matches[i], ev, &f->stats.undecided))
			return false;
	return !(f->has_since || f->has_until) || pass_time(f, ev);
}

void filter_stats(const struct filter *f, struct filter_stats *ret)
{
	*ret = f ? f->stats : (struct filter_stats){0};
}
