/* SPDX-License-Identifier: Apache-2.0 */
/* New values in the hand of those beside them: block or brackets, order of keys, quotes. */
#include "yaml.h"

static void put_blanks(struct buf *out, unsigned n)
{
	while (n--)
		buf_add_c(out, ' ');
}

/* The sample's member with the key of `node`. */
static uint32_t like_member(const struct yaml_style *st, struct sca_str key)
{
	if (st->like == YN_NONE)
		return YN_NONE;
	return yaml_member(st->y, st->like, key);
}

static char like_quote(const struct yaml_style *st)
{
	char quote = st->like == YN_NONE ? 0 : st->y->v[st->like].quote;

	return quote == '|' ? '"' : quote;
}

static bool single_will_do(struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] >= 0x7f || s.p[i] == '\'')
			return false;
	return true;
}

static void put_text(struct buf *out, struct sca_str s, char quote)
{
	if (!quote && yaml_plain_string(s)) {
		buf_add_str(out, s);
	} else if (quote == '\'' && single_will_do(s)) {
		buf_add_c(out, '\'');
		buf_add_str(out, s);
		buf_add_c(out, '\'');
	} else {
		json_add_string(out, s); /* JSON's strings are YAML's */
	}
}

static void put_scalar(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		       struct buf *out)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (v->nodes[node].type != JT_STRING) {
		buf_add_str(out, jt_raw(v, node));
		return;
	}
	if (!jt_string(v, node, &text))
		out->failed = true;
	put_text(out, buf_str(&text), like_quote(st));
}

/* The style for a child: of the sample's member, or of its first element. */
static struct yaml_style child_style(const struct yaml_style *st, struct sca_str key, bool member)
{
	struct yaml_style own = *st;

	if (member)
		own.like = like_member(st, key);
	else if (st->like != YN_NONE)
		own.like = st->y->v[st->like].first;
	return own;
}

/* The n children of an object in the order of the sample's members, new ones behind. */
static bool order(const struct yaml_style *st, const struct jt_doc *v, uint32_t node, uint32_t *ret)
{
	_cleanup_buf_ struct buf key = BUF_INIT;
	size_t n = 0;

	if (v->nodes[node].type == JT_OBJECT && st->like != YN_NONE &&
	    st->y->v[st->like].kind == YN_MAP)
		yaml_for_each (st->y, st->like, s)
			jt_for_each (v, node, c) {
				buf_reset(&key);
				if (jt_key(v, c, &key) && n < v->nodes[node].n &&
				    str_eq(buf_str(&key), st->y->v[st->y->v[s].key].value))
					ret[n++] = c;
			}
	jt_for_each (v, node, c) {
		bool there = false;

		for (size_t i = 0; i < n && !there; i++)
			there = ret[i] == c;
		if (!there && n < v->nodes[node].n)
			ret[n++] = c;
	}
	return !key.failed && n == v->nodes[node].n;
}

/* Children to write, in order; malloc'ed, NULL with out->failed set. */
static uint32_t *children(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
			  struct buf *out)
{
	uint32_t *c = calloc(v->nodes[node].n + 1, sizeof(*c));
	bool ok = c && order(st, v, node, c);

	if (ok)
		return c;
	free(c);
	out->failed = true;
	return NULL;
}

static bool is_box(const struct jt_doc *v, uint32_t node)
{
	return v->nodes[node].type == JT_ARRAY || v->nodes[node].type == JT_OBJECT;
}

void yaml_put_flow(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		   struct buf *out)
{
	bool map = v->nodes[node].type == JT_OBJECT;
	_cleanup_free_ uint32_t *c = NULL;

	if (!is_box(v, node)) {
		put_scalar(st, v, node, out);
		return;
	}
	c = children(st, v, node, out);
	buf_add_c(out, map ? '{' : '[');
	for (size_t i = 0; c && i < v->nodes[node].n; i++) {
		_cleanup_buf_ struct buf key = BUF_INIT;
		struct yaml_style own;

		if (i)
			buf_add_z(out, ", ");
		if (map) {
			if (!jt_key(v, c[i], &key))
				out->failed = true;
			put_text(out, buf_str(&key), 0);
			buf_add_z(out, ": ");
		}
		own = child_style(st, buf_str(&key), map);
		yaml_put_flow(&own, v, c[i], out);
	}
	buf_add_c(out, map ? '}' : ']');
}

/* In brackets: what is empty, and what the sample has in brackets. */
static bool wants_flow(const struct yaml_style *st, const struct jt_doc *v, uint32_t node)
{
	if (!is_box(v, node) || v->nodes[node].n == 0)
		return true;
	return st->like != YN_NONE && st->y->v[st->like].flow;
}

void yaml_put_member(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		     struct sca_str key, unsigned indent, struct buf *out)
{
	put_text(out, key, 0);
	buf_add_c(out, ':');
	if (wants_flow(st, v, node)) {
		buf_add_c(out, ' ');
		yaml_put_flow(st, v, node, out);
		return;
	}
	indent += v->nodes[node].type == JT_ARRAY ? st->seq_step : 2;
	buf_add_str(out, st->eol);
	put_blanks(out, indent);
	yaml_put_block(st, v, node, indent, out);
}

void yaml_put_block(const struct yaml_style *st, const struct jt_doc *v, uint32_t node,
		    unsigned indent, struct buf *out)
{
	bool map = v->nodes[node].type == JT_OBJECT;
	_cleanup_free_ uint32_t *c = NULL;

	if (wants_flow(st, v, node)) {
		yaml_put_flow(st, v, node, out);
		return;
	}
	c = children(st, v, node, out);
	for (size_t i = 0; c && i < v->nodes[node].n; i++) {
		_cleanup_buf_ struct buf key = BUF_INIT;
		struct yaml_style own;

		if (i) {
			buf_add_str(out, st->eol);
			put_blanks(out, indent);
		}
		if (map && !jt_key(v, c[i], &key))
			out->failed = true;
		own = child_style(st, buf_str(&key), map);
		if (map) {
			yaml_put_member(&own, v, c[i], buf_str(&key), indent, out);
		} else {
			buf_add_z(out, "- ");
			yaml_put_block(&own, v, c[i], indent + 2, out);
		}
	}
}
