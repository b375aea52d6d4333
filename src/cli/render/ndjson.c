/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON object per line, and the same values as text. Written by hand: this is the path of
 * every event.
 */
#include "event.h"

static void put_args(struct out *o, const struct value *v)
{
	out_c(o, '[');
	for (unsigned i = 0; v->n >> i; i++) {
		if (i)
			out_c(o, ',');
		if (v->n & 1u << i) {
			out_c(o, '"');
			out_hex(o, v->args[i]);
			out_c(o, '"');
		} else {
			out_lit(o, "null");
		}
	}
	out_c(o, ']');
}

static void put_names(struct out *o, const struct value *v)
{
	out_c(o, '[');
	for (unsigned i = 0; i < v->n; i++) {
		if (i)
			out_c(o, ',');
		out_json(o, v->names[i]);
	}
	out_c(o, ']');
}

void value_json(struct out *o, const struct value *v)
{
	switch (v->kind) {
	case VALUE_TEXT:
		out_json(o, v->s);
		break;
	case VALUE_NUMBER:
		out_u64(o, v->u);
		break;
	case VALUE_SIGNED:
	case VALUE_BOOL:
		value_text(o, v);
		break;
	case VALUE_NAMES:
		put_names(o, v);
		break;
	case VALUE_ARGS:
		put_args(o, v);
		break;
	case VALUE_WORD:
	case VALUE_HEX:
	case VALUE_TIME:
	case VALUE_RAW:
		out_c(o, '"');
		value_text(o, v);
		out_c(o, '"');
		break;
	}
}

void ndjson_event(struct out *o, const struct event *ev)
{
	const char *group = NULL;
	bool first = true; /* of its object: without a comma */

	out_c(o, '{');
	for (size_t i = 0; i < event_field_count; i++) {
		const struct field *f = &event_fields[i];
		struct value v;

		if (!f->get(ev, &v))
			continue;
		if (group && f->group != group) {
			out_c(o, '}');
			group = NULL;
		}
		if (f->group && !group) {
			group = f->group;
			first = true;
			out_lit(o, ",\"");
			out_z(o, group);
			out_lit(o, "\":{");
		}
		out_add(o, f->key + first, f->key_n - first);
		first = false;
		value_json(o, &v);
	}
	if (group)
		out_c(o, '}');
	out_lit(o, "}\n");
}

void value_text(struct out *o, const struct value *v)
{
	switch (v->kind) {
	case VALUE_TEXT:
	case VALUE_WORD:
		out_add(o, v->s.p, v->s.n);
		break;
	case VALUE_RAW:
		out_bytes_hex(o, v->s);
		break;
	case VALUE_NUMBER:
		out_u64(o, v->u);
		break;
	case VALUE_SIGNED:
		out_i64(o, v->i);
		break;
	case VALUE_HEX:
		out_hex(o, v->u);
		break;
	case VALUE_BOOL:
		if (v->u)
			out_lit(o, "true");
		else
			out_lit(o, "false");
		break;
	case VALUE_TIME:
		out_time(o, v->i);
		break;
	case VALUE_NAMES:
		for (unsigned i = 0; i < v->n; i++) {
			if (i)
				out_lit(o, "; ");
			out_add(o, v->names[i].p, v->names[i].n);
		}
		break;
	case VALUE_ARGS:
		for (unsigned i = 0; v->n >> i; i++) {
			if (i)
				out_c(o, ' ');
			if (v->n & 1u << i)
				out_hex(o, v->args[i]);
			else
				out_c(o, '?');
		}
		break;
	}
}
