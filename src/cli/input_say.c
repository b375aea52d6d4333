/* SPDX-License-Identifier: Apache-2.0 */
/* How good what was read is, or why there is nothing. */
#include <unistd.h>

#include "input_int.h"

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
	if (in->who)
		sca_containers_stats(attribution_containers(in->who), &ret->who);
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
		say(in->cli->follow ? "nothing came from %s" : "%s is empty", name);
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
