/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180 with CRLF; what a spreadsheet would run as a formula is made text. */
#include "event.h"

/* The next column behind event_fields[*i - 1], those of USE_LAST behind all others. */
static const struct field *next_column(enum field_use use, size_t *i)
{
	while (*i < 2 * event_field_count) {
		bool second = *i >= event_field_count;
		const struct field *f = &event_fields[*i - (second ? event_field_count : 0)];

		(*i)++;
		if ((f->use & use) && second == !!(f->use & USE_LAST))
			return f;
	}
	return NULL;
}

void csv_header(struct out *o, enum field_use use)
{
	const struct field *f;
	bool first = true;

	for (size_t i = 0; (f = next_column(use, &i)); first = false) {
		if (!first)
			out_c(o, ',');
		out_z(o, f->name);
	}
	out_lit(o, "\r\n");
}

void csv_event(struct out *o, const struct event *ev, enum field_use use)
{
	struct out text = OUT_MEMORY;
	const struct field *f;
	bool first = true;

	for (size_t i = 0; (f = next_column(use, &i)); first = false) {
		struct value v;

		if (!first)
			out_c(o, ',');
		if (!f->get(ev, &v))
			continue;
		if (v.kind == VALUE_TEXT || v.kind == VALUE_NAMES) {
			text.n = 0;
			value_text(&text, &v);
			out_csv(o, (struct sca_str){text.p, text.n});
		} else {
			value_text(o, &v);
		}
	}
	out_lit(o, "\r\n");
	if (text.error && !o->error)
		o->error = text.error;
	out_release(&text);
}
