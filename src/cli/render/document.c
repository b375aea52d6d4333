/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "render/document.h"

/* A failed allocation costs jansson 2.14 bytes of a text, silently, and then it reads and writes
 * behind the text's end. */
static void *sure_malloc(size_t n)
{
	void *p = malloc(n);

	if (!p)
		memory_end(EXIT_ERROR);
	return p;
}

void document_init(void)
{
	json_set_alloc_funcs(sure_malloc, free);
}

json_t *document_text(struct sca_str s)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;

	while (p < end) {
		size_t n;

		utf8_take(p, end, &n);
		if (n)
			out_add(&o, p, n);
		else
			out_addf(&o, "\\x%02x", (unsigned char)*p);
		p += n ? n : 1;
	}
	return o.error ? NULL : json_stringn_nocheck(o.n ? o.p : "", o.n);
}

json_t *document_u64(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

static json_t *names_array(const struct value *v)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < v->n; i++)
		json_array_append_new(a, document_text(v->names[i]));
	return a;
}

json_t *document_hex(uint64_t v)
{
	return json_sprintf("0x%llx", (unsigned long long)v);
}

static json_t *args_array(const struct value *v)
{
	json_t *a = json_array();

	for (unsigned i = 0; v->n >> i; i++) {
		bool known = v->n & 1u << i;

		json_array_append_new(a, known ? document_hex(v->args[i]) : json_null());
	}
	return a;
}

static json_t *value_document(const struct value *v)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	switch (v->kind) {
	case VALUE_NUMBER:
		return document_u64(v->u);
	case VALUE_SIGNED:
		return json_integer(v->i);
	case VALUE_BOOL:
		return json_boolean(v->u);
	case VALUE_NAMES:
		return names_array(v);
	case VALUE_ARGS:
		return args_array(v);
	case VALUE_TEXT:
		return document_text(v->s);
	default:
		value_text(&o, v);
		return document_text((struct sca_str){o.p, o.n});
	}
}

json_t *document_event(const struct event *ev)
{
	json_t *doc = json_object();

	for (size_t i = 0; i < event_field_count; i++) {
		const struct field *f = &event_fields[i];
		const char *key = f->group ? f->name + strlen(f->group) + 1 : f->name;
		json_t *into = doc;
		struct value v;

		if (!f->get(ev, &v))
			continue;
		if (f->group) {
			into = json_object_get(doc, f->group);
			if (!into)
				json_object_set_new(doc, f->group, into = json_object());
		}
		json_object_set_new(into, key, value_document(&v));
	}
	return doc;
}

static int dump(const char *p, size_t n, void *arg)
{
	struct out *o = arg;

	out_json_text(o, (struct sca_str){p, n});
	return o->error ? -1 : 0;
}

int document_write(struct out *o, json_t *doc, struct sca_err *err)
{
	bool whole = doc && !memory_is_out();
	int r = whole ? json_dump_callback(doc, dump, o, JSON_INDENT(2)) : -1;

	json_decref(doc);
	if (r < 0)
		return sca_fail(err, -ENOMEM, "no memory for the document");
	out_c(o, '\n');
	return 0;
}
