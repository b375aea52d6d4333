/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in: opens sources, takes frames from them by turns so that events come in order of
 * time where they have one, decodes, drops duplicates, filters, and counts everything.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* A source and the one frame that waits; a frame is valid until its source's next call. */
struct stream_in {
	struct sca_source *src;
	struct sca_frame frame;
	bool pending;
};

struct input {
	const struct cli *cli;
	struct stream_in *v;
	size_t n, open; /* sources; those that have a frame waiting or to come */
	struct sca_source **sources; /* the same, for progress */
	const char **specs;
	struct sca_names *names;
	struct sca_decoder *dec;
	struct sca_dedup *dedup;
	struct sca_err err; /* of the source at hand */
	struct evidence ev;
	struct sca_source_stats told; /* torn and overlong lines, as losses */
};

struct input *input_free(struct input *in)
{
	if (!in)
		return NULL;
	for (size_t i = 0; i < in->n; i++)
		sca_source_free(in->v[i].src);
	free(in->v);
	free(in->sources);
	free(in->specs);
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

static int add_source(struct input *in, const char *spec, struct sca_err *err)
{
	struct sca_source *src;
	int r = sca_source_open(&src, spec, in->cli->root, NULL, err);

	if (r < 0)
		return r;
	in->specs[in->n] = spec;
	in->sources[in->n] = src;
	in->v[in->n++].src = src;
	return 0;
}

/* Logs that a kernel's records end up in, auditd's first: only one of them gets a record. */
static const char *const default_specs[] = {
	"audit", "/var/log/kern.log", "/var/log/syslog", "/var/log/messages",
};

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

	for (size_t i = 0; i < ARRAY_SIZE(default_specs); i++) {
		const char *spec = default_specs[i], *root = cli->root;
		_cleanup_free_ char *path = NULL;
		struct sca_err err = SCA_ERR_INIT;

		if (spec[0] == '/' && root) {
			if (asprintf(&path, "%s%s", root, spec) < 0)
				return sca_fail(&cli->err, -ENOMEM, "no memory");
			spec = path;
		}
		if (add_source(in, spec, &err) == 0) {
			if (!cli->quiet)
				say("reading %s (no --from)", sca_source_name(in->v[0].src));
			in->specs[0] = default_specs[i];
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
		r = add_source(in, spec, &cli->err);
		if (r < 0)
			return r;
	}
	return 0;
}

int input_open(struct input **ret, struct cli *cli, size_t skip)
{
	struct input *in = calloc(1, sizeof(*in));
	int r;

	if (!in)
		return sca_fail(&cli->err, -ENOMEM, "no memory");
	in->cli = cli;
	r = open_all(in, cli, skip);
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

/* Brings a source's next record to its head; sources that fail are left with a word. */
static void advance(struct input *in, struct stream_in *s)
{
	int r;

	while ((r = sca_source_next(s->src, &s->frame, &in->err)) != SCA_NEXT_END) {
		s->pending = r == SCA_NEXT_FRAME;
		if (s->pending)
			return;
		if (r >= 0)
			continue;
		/* a damaged file of a set does not hide the others */
		in->ev.stopped++;
		progress_hide();
		sca_err_at(&in->err, sca_source_name(s->src), 0, 0);
		say_error(&in->err);
		in->err = (struct sca_err)SCA_ERR_INIT;
		if (r == -ENOMEM)
			break;
	}
	s->pending = false;
	in->open--;
}

/* The source whose turn it is: one without a stamp, else the one with the oldest. */
static struct stream_in *choose(struct input *in)
{
	struct stream_in *best = NULL;

	if (in->n == 1)
		return &in->v[0];
	for (size_t i = 0; i < in->n; i++) {
		struct stream_in *s = &in->v[i];

		if (!s->pending)
			continue;
		if (!s->frame.have_time)
			return s;
		if (!best || s->frame.time_ms < best->frame.time_ms)
			best = s;
	}
	return best;
}

static int take_loss(struct input *in, const struct sca_frame *frame, event_fn *fn, void *arg,
		     struct sca_err *err)
{
	struct sca_record rec;
	struct event ev;

	evidence_add_loss(&in->ev, frame);
	event_init_loss(&ev, &rec, frame);
	return filter_pass(in->cli->filter, &ev) ? fn(&ev, arg, err) : 0;
}

/* One frame: decoded, counted, and handed over unless it is a duplicate or filtered out. */
static int take(struct input *in, const struct sca_frame *frame, event_fn *fn, void *arg,
		struct sca_err *err)
{
	struct sca_record rec;
	struct event ev;
	int r;

	if (frame->kind == SCA_FRAME_LOSS)
		return take_loss(in, frame, fn, arg, err);
	r = sca_record_decode(in->dec, frame, &rec, err);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return 0; /* counted by the decoder */
	if (sca_dedup_seen(in->dedup, frame, &rec)) {
		in->ev.duplicates++;
		return 0;
	}
	event_init(&ev, &rec, in->names);
	if (!filter_pass(in->cli->filter, &ev))
		return 0;
	in->ev.kept++;
	in->ev.forgeable += rec.trust != SCA_TRUST_KERNEL;
	if ((size_t)rec.source < SCA_SRC_COUNT)
		in->ev.kinds[rec.source]++;
	return fn(&ev, arg, err);
}

static bool wants_progress(const struct input *in)
{
	return !in->cli->quiet && !in->cli->streams && isatty(STDERR_FILENO);
}

static void add_stats(struct sca_source_stats *sum, const struct sca_source *src)
{
	struct sca_source_stats s;

	sca_source_stats(src, &s);
	sum->bytes += s.bytes;
	sum->lines += s.lines;
	sum->frames += s.frames;
	sum->overlong += s.overlong;
	sum->torn += s.torn;
	sum->foreign += s.foreign;
	sum->undecodable += s.undecodable;
	sum->loss_messages += s.loss_messages;
	sum->lost += s.lost;
	sum->nul_bytes += s.nul_bytes;
}

static int tell_torn(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	struct sca_source_stats now = {0};

	for (size_t i = 0; i < in->n; i++)
		add_stats(&now, in->v[i].src);
	return evidence_tell_torn(&now, &in->told, fn, arg, err);
}

int input_run(struct input *in, event_fn *fn, void *arg, struct sca_err *err)
{
	int r = 0;

	if (wants_progress(in))
		progress_start(in->sources, in->n);
	in->open = in->n;
	for (size_t i = 0; i < in->n; i++)
		advance(in, &in->v[i]);
	while (r == 0 && in->open) {
		struct stream_in *s = choose(in);

		r = take(in, &s->frame, fn, arg, err);
		if (r == 0)
			advance(in, s);
	}
	if (r == 0)
		r = tell_torn(in, fn, arg, err);
	progress_stop();
	return r < 0 ? r : 0;
}

static bool several_kinds(const struct evidence *ev)
{
	unsigned n = 0;

	for (size_t i = 0; i < SCA_SRC_COUNT; i++)
		n += ev->kinds[i] != 0;
	return n > 1;
}

void input_evidence(const struct input *in, struct evidence *ret)
{
	*ret = in->ev;
	ret->sources = in->n;
	ret->filtered = filter_given(in->cli->filter);
	for (size_t i = 0; i < in->n; i++)
		add_stats(&ret->src, in->v[i].src);
	sca_decoder_stats(in->dec, &ret->dec);
	filter_stats(in->cli->filter, &ret->filter);
	if (in->n > 1 || several_kinds(&in->ev)) /* nothing else comes twice */
		ret->dedup_overflow = sca_dedup_overflow(in->dedup);
}

/* What to do when a log holds nothing: the usual reason is that nothing was logged. */
#define SILENT                                                                            \
	"a denial by ERRNO, TRAP or TRACE leaves a record only if the filter was loaded with " \
	"SECCOMP_FILTER_FLAG_LOG: put it into the profile's \"flags\" and look again"

static void explain_empty(const struct input *in, const struct evidence *ev)
{
	const char *name = in->n == 1 ? sca_source_name(in->v[0].src) : "the sources";

	if (ev->dec.records)
		say("%llu %s read, none passes the filters",
		    (unsigned long long)ev->dec.records,
		    ev->dec.records == 1 ? "record" : "records");
	else if (ev->src.bytes == 0)
		say("%s is empty", name);
	else if (ev->src.nul_bytes && ev->src.frames == 0)
		say("%s looks like binary data, not like a log", name);
	else if (ev->src.frames > ev->src.loss_messages)
		say("no SECCOMP record in %s is complete", name);
	else
		say("no SECCOMP record in %s (%llu %s read); " SILENT, name,
		    (unsigned long long)ev->src.lines, ev->src.lines == 1 ? "line" : "lines");
}

static int add_denial(const struct event *ev, void *arg, struct sca_err *err)
{
	return ev->loss ? 0 : sca_denials_add(arg, ev->rec, err);
}

int input_collect(struct input *in, struct sca_denials *ds, struct evidence *ret,
		  struct sca_err *err)
{
	struct sca_denial_totals totals;
	int r = input_run(in, add_denial, ds, err);

	if (r < 0)
		return r;
	sca_denials_sort(ds);
	sca_denials_totals(ds, &totals);
	in->ev.other = totals.other;
	input_evidence(in, ret);
	return 0;
}

void input_say(const struct input *in, const struct evidence *ev)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct page pg = {&o, term_width(STDERR_FILENO),
			  term_colors(STDERR_FILENO, in->cli->color)};

	if (in->cli->quiet)
		return;
	if (ev->kept == 0 && ev->stopped == 0)
		explain_empty(in, ev);
	if (ev->kept || !evidence_complete(ev)) {
		evidence_text(&pg, ev);
		say_page(&o);
	}
}

int input_exit_code(const struct input *in, const struct evidence *ev, enum exit_code found)
{
	if (ev->stopped)
		return EXIT_ERROR;
	if (in->cli->strict && !evidence_complete(ev))
		return EXIT_INCOMPLETE;
	return in->cli->exit_code ? found : EXIT_DONE;
}
