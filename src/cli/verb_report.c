/* SPDX-License-Identifier: Apache-2.0 */
/* report: denials grouped and counted. */
#include <unistd.h>

#include "cli.h"
#include "dest.h"
#include "render/dialect.h"
#include "render/document.h"
#include "render/groups.h"

static json_t *totals_json(const struct sca_denials *ds)
{
	json_t *doc = json_object();
	struct sca_denial_totals t;

	sca_denials_totals(ds, &t);
	json_object_set_new(doc, "events", document_u64(t.events));
	json_object_set_new(doc, "denied", document_u64(t.denied));
	json_object_set_new(doc, "logged_only", document_u64(t.events - t.denied - t.traced));
	if (t.traced)
		json_object_set_new(doc, "traced", document_u64(t.traced));
	json_object_set_new(doc, "forgeable", document_u64(t.forgeable));
	json_object_set_new(doc, "groups", document_u64(sca_denials_count(ds)));
	if (t.have_time) {
		_cleanup_out_ struct out o = OUT_MEMORY;

		out_time(&o, t.first_ms);
		json_object_set_new(doc, "first", document_text((struct sca_str){o.p, o.n}));
		o.n = 0;
		out_time(&o, t.last_ms);
		json_object_set_new(doc, "last", document_text((struct sca_str){o.p, o.n}));
	}
	return doc;
}

static int put_document(struct out *o, const struct sca_denials *ds, struct input *in,
			const struct evidence *ev, struct sca_err *err)
{
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "report"), *groups = json_array();

	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		struct sca_record rec;
		struct event e;

		event_init_denial(&e, &rec, sca_denials_at(ds, i), input_names(in));
		json_array_append_new(groups, document_event(&e));
	}
	json_object_set_new(doc, "totals", totals_json(ds));
	json_object_set_new(doc, "groups", groups);
	json_object_set_new(doc, "evidence", evidence_json(ev));
	return document_write(o, doc, err);
}

static int put_loss(const struct event *ev, void *arg, struct sca_err *err)
{
	(void)err;
	ndjson_event(arg, ev);
	out_record_end(arg);
	return 0;
}

static void put_lines(struct out *o, const struct sca_denials *ds, struct input *in, bool csv)
{
	if (csv)
		csv_header(o, USE_REPORT);
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		struct sca_record rec;
		struct event e;

		event_init_denial(&e, &rec, sca_denials_at(ds, i), input_names(in));
		if (csv)
			csv_event(o, &e, USE_REPORT);
		else
			ndjson_event(o, &e);
		out_record_end(o);
	}
}

static int put(struct cli *cli, struct out *o, const struct sca_denials *ds, struct input *in,
	       const struct evidence *ev)
{
	struct page pg = {o, isatty(o->fd) ? term_width(o->fd) : UINT_MAX,
			  term_colors(o->fd, cli->color)};

	switch (cli->format) {
	case FORMAT_JSON:
		return put_document(o, ds, in, ev, &cli->err);
	case FORMAT_NDJSON:
	case FORMAT_CSV:
		put_lines(o, ds, in, cli->format == FORMAT_CSV);
		/* who joins the lines of several nodes must see what is missing, too */
		return cli->format == FORMAT_CSV ?
			       0 : evidence_tell_losses(ev, put_loss, o, &cli->err);
	case FORMAT_PROMETHEUS:
		return prometheus_report(o, ds, input_names(in), ev, &cli->err);
	default:
		return ev->kept ? groups_table(&pg, ds, input_names(in), &cli->err) : 0;
	}
}

static int run_report(struct cli *cli, struct input *in, struct sca_denials *ds)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_denial_totals totals;
	struct evidence ev = {0};
	int r = input_check_output(in, cli->output, &cli->err);

	if (r == 0)
		r = input_collect(in, ds, &ev, &cli->err);
	if (r == 0)
		r = out_open_mode(&o, cli->output, MODE_EVENTS, &cli->err);
	if (r == 0)
		r = put(cli, &o, ds, in, &ev);
	if (r == 0)
		r = out_finish(&o, &cli->err);
	if (r < 0)
		return r;
	sca_denials_totals(ds, &totals);
	if (cli->format != FORMAT_JSON || ev.kept == 0)
		input_say(in, &ev);
	return input_exit_code(in, &ev, totals.denied ? EXIT_FOUND : EXIT_DONE);
}

int verb_report(struct cli *cli)
{
	struct sca_denials *ds = NULL;
	struct input *in = NULL;
	int r = input_open(&in, cli, 0);

	if (r == 0)
		r = sca_denials_new(&ds, 0, &cli->err);
	if (r == 0)
		r = run_report(cli, in, ds);
	sca_denials_free(ds);
	input_free(in);
	return r;
}
