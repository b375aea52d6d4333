/* SPDX-License-Identifier: Apache-2.0 */
/* log: one event per record, as it is read. */
#include <limits.h>
#include <unistd.h>

#include "cli.h"
#include "render/dialect.h"
#include "render/table.h"

struct log_run {
	struct out o;
	struct table table;
	enum format format;
	const struct dialect *dialect;
	struct dialect_run words; /* of the dialect */
	bool denied;
};

static int put_event(const struct event *ev, void *arg, struct sca_err *err)
{
	struct log_run *run = arg;

	(void)err;
	run->denied |= ev->rec->denied;
	if (run->dialect)
		dialect_event(run->dialect, &run->words, ev);
	else if (run->format == FORMAT_NDJSON)
		ndjson_event(&run->o, ev);
	else if (run->format == FORMAT_CSV)
		csv_event(&run->o, ev, USE_CSV);
	else
		table_event(&run->table, ev);
	out_record_end(&run->o);
	return run->o.error != 0;
}

static int run_log(struct cli *cli, struct input *in, struct log_run *run)
{
	struct evidence ev;
	bool to_terminal;
	int r = input_check_output(in, cli->output, &cli->err);

	if (r == 0)
		r = out_open(&run->o, cli->output, &cli->err);
	if (r < 0)
		return r;
	to_terminal = isatty(run->o.fd);
	cli->streams = to_terminal;
	run->format = cli->format       ? cli->format :
		      cli->output       ? FORMAT_NDJSON :
		      run->o.each       ? FORMAT_TABLE :
					  FORMAT_NDJSON;
	run->dialect = dialect_find(run->format);
	if (run->dialect && run->dialect->raw && to_terminal)
		return sca_fail(&cli->err, SCA_E_CONFLICT,
				"--format %s carries names as strangers chose them, which can "
				"drive a terminal: use -o FILE or a pipe",
				format_names[run->format]);
	dialect_start(&run->words, &run->o);
	table_start(&run->table, &run->o, to_terminal ? term_width(run->o.fd) : UINT_MAX,
		    term_colors(run->o.fd, cli->color));
	if (run->format == FORMAT_CSV)
		csv_header(&run->o, USE_CSV);
	r = input_run(in, put_event, run, &cli->err);
	if (to_terminal && run->table.headed)
		out_c(&run->o, '\n'); /* the evidence stands apart */
	if (r == 0)
		r = out_finish(&run->o, &cli->err);
	if (r < 0)
		return r;
	input_evidence(in, &ev);
	input_say(in, &ev);
	return input_exit_code(in, &ev, run->denied ? EXIT_FOUND : EXIT_DONE);
}

int verb_log(struct cli *cli)
{
	struct log_run run = {.o = OUT_MEMORY,
			      .table = {.cell = OUT_MEMORY},
			      .words = {.message = OUT_MEMORY, .text = OUT_MEMORY}};
	struct input *in;
	int r = input_open(&in, cli, 0);

	if (r < 0)
		return r;
	r = run_log(cli, in, &run);
	table_end(&run.table);
	dialect_end(&run.words);
	out_release(&run.o);
	input_free(in);
	return r;
}
