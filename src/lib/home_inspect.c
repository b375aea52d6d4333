/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `docker inspect` prints. Docker's client reads the file of --security-opt seccomp=FILE and
 * sends its text, so that is what stands in HostConfig.SecurityOpt: JSON in a JSON string.
 */
#include "home.h"

#define OPTION_LEN strlen("seccomp=")

/* Bytes of the string's text that a piece of its coded form stands for. */
static size_t piece(struct sca_str s, size_t at, size_t *ret_plain)
{
	unsigned code = 0;

	*ret_plain = 1;
	if (s.p[at] != '\\')
		return 1;
	if (at + 6 > s.n || s.p[at + 1] != 'u')
		return 2;
	for (size_t i = at + 2; i < at + 6; i++)
		code = code << 4 | (unsigned)MAX(hex_digit(s.p[i]), 0);
	if (code >= 0xd800 && code < 0xdc00 && at + 12 <= s.n && s.p[at + 6] == '\\') {
		*ret_plain = 4;
		return 12;
	}
	*ret_plain = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
	return 6;
}

/* Steps through the coded string, whose escapes are longer than what they stand for. */
static size_t inspect_offset(const struct jt_home *home, const struct jt_doc *doc, uint32_t node)
{
	const struct home *h = (const struct home *)home;
	struct sca_str coded = {h->jt.text.p + h->start + 1, h->end - h->start - 2};
	size_t left = doc->nodes[node].start + OPTION_LEN, at = 0, plain;

	while (at < coded.n && left) {
		size_t n = piece(coded, at, &plain);

		if (plain > left)
			break;
		at += n;
		left -= plain;
	}
	return h->start + 1 + MIN(at, coded.n);
}

struct found {
	uint32_t node;      /* the string */
	size_t n;           /* strings with a profile */
	struct buf text;    /* decoded, of the first */
	struct buf names;   /* of the containers with one */
	struct buf other;   /* an option that names no profile */
};

static void add_name(const struct jt_doc *doc, uint32_t container, struct buf *out)
{
	uint32_t node = jt_member(doc, container, "Name", false);

	if (out->n)
		buf_add_z(out, ", ");
	if (node != JT_NONE && doc->nodes[node].type == JT_STRING)
		jt_string(doc, node, out);
	else
		buf_add_z(out, "one without a name");
}

static bool look_at(const struct jt_doc *doc, uint32_t container, struct found *f)
{
	uint32_t host = jt_member(doc, container, "HostConfig", false), options;

	if (host == JT_NONE || doc->nodes[host].type != JT_OBJECT)
		return true;
	options = jt_member(doc, host, "SecurityOpt", false);
	if (options == JT_NONE || doc->nodes[options].type != JT_ARRAY)
		return true;
	jt_for_each (doc, options, node) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		struct sca_str value;

		if (doc->nodes[node].type != JT_STRING)
			continue;
		if (!jt_string(doc, node, &text))
			return false;
		if (!str_starts(buf_str(&text), SCA_STR("seccomp=")) &&
		    !str_starts(buf_str(&text), SCA_STR("seccomp:")))
			continue;
		value = str_skip(buf_str(&text), OPTION_LEN);
		if (!value.n || str_trim(value).n == 0 || str_trim(value).p[0] != '{') {
			buf_reset(&f->other);
			buf_add_str(&f->other, value);
			continue;
		}
		add_name(doc, container, &f->names);
		if (f->n++)
			continue;
		f->node = node;
		buf_add_str(&f->text, value);
	}
	return !f->text.failed && !f->names.failed && !f->other.failed;
}

static bool look_at_all(const struct jt_doc *doc, struct found *f)
{
	if (doc->nodes[0].type == JT_OBJECT)
		return look_at(doc, 0, f);
	jt_for_each (doc, 0, c)
		if (doc->nodes[c].type == JT_OBJECT && !look_at(doc, c, f))
			return false;
	return true;
}

static int check(const struct found *f, const struct jt_doc *doc, struct sca_err *err)
{
	if (f->n == 1)
		return 0;
	if (f->n)
		return jt_fail(doc, 0, err, SCA_E_CONFLICT,
			       "%zu containers with a profile of their own: %.*s; inspect the one "
			       "that is meant", f->n, (int)MIN(f->names.n, 200u), f->names.p);
	if (str_is(buf_str(&f->other), "unconfined"))
		return jt_fail(doc, 0, err, SCA_E_CONFLICT,
			       "the container was made with seccomp=unconfined: nothing of it can "
			       "deny a call");
	if (f->other.n && f->other.p[0] == '/')
		return jt_fail(doc, 0, err, SCA_E_CONFLICT,
			       "the container's profile is the file %.*s: name that one",
			       (int)MIN(f->other.n, 200u), f->other.p);
	return jt_fail(doc, 0, err, SCA_E_CONFLICT,
		       "the container has no profile of its own, so the engine's default is in "
		       "force: name a copy of that, or --container instead");
}

int home_open_inspect(struct sca_profile *p, struct sca_err *err)
{
	struct found f = {.node = JT_NONE};
	struct home *h = NULL;
	int r;

	if (look_at_all(&p->doc, &f))
		r = check(&f, &p->doc, err);
	else
		r = sca_fail(err, -ENOMEM, "out of memory");
	if (r == 0 && !(h = home_new(p, SCA_HOME_INSPECT, "")))
		r = sca_fail(err, -ENOMEM, "out of memory");
	if (r == 0) {
		h->start = p->doc.nodes[f.node].start;
		h->end = p->doc.nodes[f.node].end;
		h->jt.offset = inspect_offset;
		h->outer = p->text;
		p->text = f.text;
		f.text = (struct buf)BUF_INIT;
		jt_release(&p->doc);
		p->doc = (struct jt_doc){.nodes = NULL};
		r = jt_parse(&p->doc, buf_str(&p->text), err);
		if (r < 0)
			r = sca_wrap(err, "the profile in HostConfig.SecurityOpt, at its own line "
					  "and column");
	}
	buf_release(&f.text);
	buf_release(&f.names);
	buf_release(&f.other);
	return r;
}
