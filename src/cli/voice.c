/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "voice.h"

int voice_check(enum format format, bool terminal, struct sca_err *err)
{
	const struct dialect *d = dialect_find(format);

	if (!d || !d->raw || !terminal)
		return 0;
	return sca_fail(err, SCA_E_CONFLICT,
			"--format %s carries names as strangers chose them, which can drive a "
			"terminal: use -o FILE or a pipe",
			format_names[format]);
}

void voice_start(struct voice *v, enum format format, int terminal, enum color_mode color)
{
	v->format = format;
	v->dialect = dialect_find(format);
	dialect_start(&v->words, &v->o);
	table_start(&v->table, &v->o, terminal >= 0 ? term_width(terminal) : UINT_MAX,
		    term_colors(terminal, color));
	if (format == FORMAT_CSV)
		csv_header(&v->o, USE_CSV);
}

void voice_event(struct voice *v, const struct event *ev)
{
	if (v->dialect)
		dialect_event(v->dialect, &v->words, ev);
	else if (v->format == FORMAT_NDJSON)
		ndjson_event(&v->o, ev);
	else if (v->format == FORMAT_CSV)
		csv_event(&v->o, ev, USE_CSV);
	else
		table_event(&v->table, ev);
}

void voice_end(struct voice *v)
{
	table_end(&v->table);
	dialect_end(&v->words);
}
