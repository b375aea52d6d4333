/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180 with CRLF; what a spreadsheet would run as a formula is made text. */
#include "event.h"

void csv_header(struct out *o, enum field_use use)
{
	bool first = true;

	for (size_t i = 0; i < event_field_count; i++) {
		if (!(event_fields[i].use & use))
			continue;
		if (!first)
			out_c(o, ',');
		out_z(o, event_fields[i].name);
		first = false;
	}
	out_lit(o, "\r\n");
}

void csv_event(struct out *o, const struct event *ev, enum field_use use)
{
	struct out text = OUT_MEMORY;
	bool first = true;

	for (size_t i = 0; i < event_field_count; i++) {
		const struct field *f = &event_fields[i];
		struct value v;

		if (!(f->use & use))
			continue;
		if (!first)
			out_c(o, ',');
		first = false;
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
