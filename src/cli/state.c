/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "dest.h"
#include "state.h"

#define STATE_MAX (1u << 20)

static int check(const json_t *doc, const char *path, struct sca_err *err)
{
	const json_t *kind = json_object_get(doc, "kind");

	if (json_integer_value(json_object_get(doc, "v")) != 1 || !json_is_string(kind) ||
	    strcmp(json_string_value(kind), "state") != 0 ||
	    !json_is_array(json_object_get(doc, "sources")))
		return sca_fail(err, SCA_E_SYNTAX,
				"%s is no state of scaudit; name another file, or remove it to "
				"begin anew",
				path);
	return 0;
}

int state_open(struct state *st, const char *path, struct sca_err *err)
{
	_cleanup_dest_ struct dest to = DEST_NONE;
	_cleanup_out_ struct out text = OUT_MEMORY;
	json_error_t error;
	int r = dest_open(&to, path, err);

	st->doc = NULL;
	if (r == 0)
		r = dest_read(&to, STATE_MAX, &text, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	st->doc = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &error);
	if (!st->doc) {
		r = sca_fail(err, SCA_E_SYNTAX,
			     "%s; the state is damaged: remove it to begin anew", error.text);
		sca_err_at(err, path, (unsigned)error.line, (unsigned)error.column);
		return r;
	}
	return check(st->doc, path, err);
}

char *state_position(const struct state *st, const char *from)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(st->doc, "sources"), i, row) {
		const char *word = json_string_value(json_object_get(row, "from"));
		const json_t *position = json_object_get(row, "position");

		if (word && position && strcmp(word, from) == 0)
			return json_dumps(position, JSON_COMPACT | JSON_ENCODE_ANY);
	}
	return NULL;
}

void state_release(struct state *st)
{
	json_decref(st->doc);
	st->doc = NULL;
}

void state_begin(struct out *o)
{
	out_lit(o, "{\"v\":1,\"kind\":\"state\",\"sources\":[");
}

void state_add(struct out *o, const char *from, struct sca_str position)
{
	if (o->n && o->p[o->n - 1] == '}')
		out_c(o, ',');
	out_lit(o, "\n{\"from\":");
	out_json(o, span_z(from));
	out_lit(o, ",\"position\":");
	out_add(o, position.p, position.n);
	out_c(o, '}');
}

void state_end(struct out *o)
{
	out_lit(o, "]}\n");
}
