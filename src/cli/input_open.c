/* SPDX-License-Identifier: Apache-2.0 */
/* Opens what is to be read: what was named, or the best that this host has. */
#include <sys/stat.h>
#include <unistd.h>

#include "input_int.h"

struct input *input_free(struct input *in)
{
	if (!in)
		return NULL;
	for (size_t i = 0; i < in->n; i++)
		sca_source_free(in->v[i].src);
	free(in->v);
	free(in->sources);
	free(in->specs);
	state_release(&in->state);
	attribution_free(in->who);
	sca_dedup_free(in->dedup);
	sca_decoder_free(in->dec);
	sca_names_free(in->names);
	free(in);
	return NULL;
}

struct sca_names *input_names(struct input *in)
{
	return in->names;
}

/* Opens for following, where an earlier run came to. */
static int follow_source(struct input *in, const char *spec, struct sca_source **ret,
			 struct sca_err *err)
{
	const struct cli *cli = in->cli;
	_cleanup_free_ char *position = state_position(&in->state, spec);
	const struct sca_follow how = {
		.backlog = cli->last || filter_since(cli->filter),
		.position = span_z(position),
	};

	return sca_source_follow(ret, spec, cli->root, NULL, &how, err);
}

/* Whether standard input is what this host's auditd gives to its plugins. */
static bool child_of_auditd(void)
{
	_cleanup_out_ struct out comm = OUT_MEMORY;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)getppid());
	return file_read(&comm, path, 64, NULL) == 0 &&
	       (span_is((struct sca_str){comm.p, comm.n}, "auditd\n") ||
		span_is((struct sca_str){comm.p, comm.n}, "audispd\n"));
}

static const char *const words[] = {"audit", "netlink", "kmsg", "journal"};

static bool is_word(const char *spec)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(spec, words[i]) == 0)
			return true;
	return false;
}

/* A word mistyped looks like a file that is not there. */
static const char *meant_word(const char *spec)
{
	return nearest(spec, words, ARRAY_SIZE(words));
}

/* Whether a word or path of --from is this host's own log, so that its pids are this host's. */
static bool is_local(const struct cli *cli, const char *spec)
{
	if (is_word(spec))
		return true;
	if (strcmp(spec, "-") == 0)
		return cli->follow && child_of_auditd();
	return cli->follow || strncmp(spec, "unix:", 5) == 0;
}

static int add_source(struct input *in, const char *spec, struct sca_err *err)
{
	struct stream_in *s = &in->v[in->n];
	struct sca_str position;
	int r = in->cli->follow ? follow_source(in, spec, &s->src, err)
				: sca_source_open(&s->src, spec, in->cli->root, NULL, err);

	if (r < 0)
		return r;
	s->local = is_local(in->cli, spec);
	s->patient = !in->cli->follow ||
		     (sca_source_position(s->src, &position, NULL) == 0 && position.n);
	in->specs[in->n] = spec;
	in->sources[in->n++] = s->src;
	in->open++;
	return 0;
}

/* To follow what is not there yet is no mistake, but it must not look like silence. */
static void say_absent(const struct input *in, const char *spec)
{
	const char *near = meant_word(spec);

	if (in->cli->quiet || !in->cli->follow || is_word(spec) || access(spec, F_OK) == 0 ||
	    errno != ENOENT || strcmp(spec, "-") == 0 || strncmp(spec, "unix:", 5) == 0)
		return;
	say("%s: no such file yet; waiting for it%s%s%s", spec, near ? " (did you mean " : "",
	    near ? near : "", near ? "?)" : "");
}

/* One that was asked for by name. */
static int add_named(struct input *in, const char *spec, struct sca_err *err)
{
	int r = add_source(in, spec, err);
	const char *near = r == -ENOENT && !is_word(spec) ? meant_word(spec) : NULL;

	if (near)
		return sca_fail(err, -ENOENT, "no such file; did you mean --from %s?", near);
	if (r == 0)
		say_absent(in, spec);
	return r;
}

/*
 * Where a kernel's records end up, the best first. Only the first that is there is read: a
 * record gets into several of them. To follow, the kernel itself is best, but it can not be
 * asked again after a restart.
 */
static const char *const default_read[] = {
	"audit", "journal", "/var/log/kern.log", "/var/log/syslog", "/var/log/messages", "kmsg",
	NULL,
};
static const char *const default_follow[] = {"netlink", "audit", "journal", "kmsg", NULL};
static const char *const default_resume[] = {"audit", "journal", "kmsg", "netlink", NULL};

static const char *const *default_specs(const struct cli *cli)
{
	return !cli->follow ? default_read : cli->state ? default_resume : default_follow;
}

static void note_try(struct out *tried, const char *spec, const struct sca_err *err)
{
	char text[512];

	out_z(tried, tried->n ? ", " : "");
	if (err->code == -ENOENT) {
		out_z(tried, strcmp(spec, "audit") == 0 ? "auditd's log" : spec);
	} else {
		sca_err_format(err, text, sizeof(text));
		out_z(tried, text);
	}
}

static int open_default(struct input *in, struct cli *cli)
{
	_cleanup_out_ struct out tried = OUT_MEMORY;
	bool denied = false;

	for (const char *const *p = default_specs(cli); *p; p++) {
		const char *spec = *p, *root = cli->root;
		_cleanup_free_ char *path = NULL;
		struct sca_err err = SCA_ERR_INIT;

		if (spec[0] == '/' && root) {
			if (asprintf(&path, "%s%s", root, spec) < 0)
				return sca_fail(&cli->err, -ENOMEM, "no memory");
			spec = path;
		}
		if (add_source(in, spec, &err) == 0) {
			if (!cli->quiet)
				say("%s %s (no --from)", cli->follow ? "following" : "reading",
				    sca_source_name(in->v[0].src));
			in->specs[0] = *p;
			in->v[0].local = true;
			return 0;
		}
		denied |= err.code == -EACCES || err.code == -EPERM;
		note_try(&tried, spec, &err);
	}
	return sca_fail(&cli->err, -ENOENT, "found no log to read (%s); %s", out_string(&tried),
			denied ? "run it as root, or name a log with --from FILE"
			       : "name one with --from FILE, or pipe it: dmesg | scaudit log -");
}

static int open_all(struct input *in, struct cli *cli, size_t skip)
{
	size_t n = cli->from.n + cli->args.n - skip;
	bool stdin_used = false;

	in->v = calloc(n + 1, sizeof(*in->v));
	in->sources = calloc(n + 1, sizeof(struct sca_source *));
	in->specs = calloc(n + 1, sizeof(*in->specs));
	if (!in->v || !in->sources || !in->specs)
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	if (n == 0)
		return open_default(in, cli);
	for (size_t i = 0; i < n; i++) {
		const char *spec = i < cli->from.n ? cli->from.v[i] :
						     cli->args.v[skip + i - cli->from.n];
		bool is_stdin = strcmp(spec, "-") == 0;
		int r;

		if (is_stdin && stdin_used)
			return sca_fail(&cli->err, SCA_E_CONFLICT,
					"standard input can be read only once");
		stdin_used |= is_stdin;
		r = add_named(in, spec, &cli->err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A log from elsewhere has pids that mean nothing here. */
static bool wants_containers(const struct input *in)
{
	bool local = false;

	for (size_t i = 0; i < in->n; i++)
		local |= in->v[i].local;
	return local || in->cli->map;
}

int input_open(struct input **ret, struct cli *cli, size_t skip)
{
	struct input *in = calloc(1, sizeof(*in));
	int r;

	if (!in)
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	in->cli = cli;
	r = cli->state ? state_open(&in->state, cli->state, &cli->err) : 0;
	if (r == 0)
		r = open_all(in, cli, skip);
	if (r == 0 && wants_containers(in))
		r = attribution_open(&in->who, cli, cli->follow, &cli->err);
	if (r == 0)
		r = sca_names_new(&in->names, &cli->err);
	if (r == 0)
		r = sca_decoder_new(&in->dec, &cli->err);
	if (r == 0)
		r = sca_dedup_new(&in->dedup, &cli->err);
	if (r < 0) {
		input_free(in);
		return r;
	}
	if (filter_arch(cli->filter))
		sca_decoder_set_arch(in->dec, filter_arch(cli->filter));
	*ret = in;
	return 0;
}

int input_check_output(struct input *in, const char *path, struct sca_err *err)
{
	struct stat out, st;

	if ((path ? stat(path, &out) : fstat(STDOUT_FILENO, &out)) < 0 || !S_ISREG(out.st_mode))
		return 0;
	for (size_t i = 0; i < in->n; i++) {
		const char *spec = in->specs[i];
		bool is_stdin = strcmp(spec, "-") == 0;
		const char *name = is_stdin ? spec : sca_source_name(in->v[i].src);

		if ((is_stdin ? fstat(STDIN_FILENO, &st) : stat(name, &st)) == 0 &&
		    st.st_dev == out.st_dev && st.st_ino == out.st_ino)
			return sca_fail(err, SCA_E_CONFLICT,
					"%s is read and would be overwritten; write elsewhere",
					is_stdin ? "standard input's file" : name);
	}
	return 0;
}
