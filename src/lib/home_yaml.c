/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles in YAML: a SeccompProfile among a file's documents, or a profile alone. */
#include "home.h"

/* Behind comments and blanks comes a document mark, a directive or "key:". */
bool home_looks_like_yaml(struct sca_str text)
{
	size_t i = 0, from;

	for (;;) {
		while (i < text.n && strchr(" \t\r\n", text.p[i]) && text.p[i])
			i++;
		if (i == text.n || text.p[i] != '#')
			break;
		while (i < text.n && text.p[i] != '\n')
			i++;
	}
	text = str_skip(text, i);
	if (str_starts(text, SCA_STR("---")) || str_starts(text, SCA_STR("%")))
		return true;
	for (from = i = 0; i < text.n; i++)
		if (ascii_lower(text.p[i]) < 'a' || ascii_lower(text.p[i]) > 'z')
			break;
	return i > from && i < text.n && text.p[i] == ':';
}

static struct sca_str scalar(const struct yaml *y, uint32_t map, const char *key)
{
	uint32_t node = yaml_member(y, map, sca_str_z(key));

	if (node == YN_NONE || y->v[node].kind != YN_SCALAR)
		return (struct sca_str){NULL, 0};
	return y->v[node].value;
}

static bool is_spo(const struct yaml *y, uint32_t doc)
{
	return str_starts(scalar(y, doc, "apiVersion"), SCA_STR(SPO_GROUP)) &&
	       str_is(scalar(y, doc, "kind"), SPO_KIND);
}

static bool is_bare(const struct yaml *y, uint32_t doc)
{
	return yaml_member(y, doc, SCA_STR("defaultAction")) != YN_NONE ||
	       yaml_member(y, doc, SCA_STR("syscalls")) != YN_NONE;
}

static struct sca_str title(const struct yaml *y, uint32_t doc)
{
	uint32_t meta = yaml_member(y, doc, SCA_STR("metadata"));
	struct sca_str name = {NULL, 0};

	if (meta != YN_NONE)
		name = scalar(y, meta, "name");
	return name.n ? name : SCA_STR("one without a name");
}

static int none(const struct yaml *y, struct sca_err *err)
{
	struct sca_str kind = {NULL, 0};

	for (size_t i = 0; i < y->n_docs && !kind.n; i++)
		kind = scalar(y, y->docs[i], "kind");
	if (kind.n)
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"a %.*s, but no " SPO_KIND " of " SPO_GROUP "*: write the profile "
				"in it to a file of its own",
				CUT(kind));
	return sca_fail(err, SCA_E_SYNTAX, "YAML without a profile: neither a " SPO_KIND
					   " nor defaultAction and syscalls");
}

static int several(const struct yaml *y, struct sca_err *err)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	unsigned line, column;
	size_t n = 0;

	for (size_t i = 0; i < y->n_docs; i++) {
		struct sca_str name = title(y, y->docs[i]);

		if (!is_spo(y, y->docs[i]) && !is_bare(y, y->docs[i]))
			continue;
		jt_locate(y->text, y->v[y->docs[i]].start, &line, &column);
		if (n++ < 8)
			buf_addf(&list, "%s%.*s (line %u)", n > 1 ? ", " : "", CUT(name), line);
	}
	if (list.failed)
		return sca_fail(err, -ENOMEM, "out of memory");
	return sca_fail(err, SCA_E_CONFLICT,
			"%zu profiles in one file: %s%s; give the one that is meant a file of its "
			"own", n, list.p, n > 8 ? ", ..." : "");
}

/* The document with the profile. */
static int choose(const struct yaml *y, uint32_t *ret, struct sca_err *err)
{
	uint32_t found = YN_NONE;

	for (size_t i = 0; i < y->n_docs; i++) {
		if (!is_spo(y, y->docs[i]) && !is_bare(y, y->docs[i]))
			continue;
		if (found != YN_NONE)
			return several(y, err);
		found = y->docs[i];
	}
	if (found == YN_NONE)
		return none(y, err);
	*ret = found;
	return 0;
}

static size_t yaml_offset(const struct jt_home *home, const struct jt_doc *doc, uint32_t node)
{
	const struct home *h = (const struct home *)home;
	const struct yn *nd = &h->yaml.v[h->of[node]];

	(void)doc;
	return nd->start;
}

/* Its JSON, with a map to where each value stands. */
static int read_profile(struct sca_profile *p, uint32_t top, struct sca_err *err)
{
	struct home *h = p->home;
	size_t n = 0;
	int r;

	p->json.max = SCA_PROFILE_MAX_BYTES;
	r = yaml_to_json(&h->yaml, top, &p->json, &h->of, &n, err);
	if (r == 0)
		r = jt_parse(&p->doc, buf_str(&p->json), err);
	if (r == 0 && p->doc.n != n)
		return sca_fail(err, SCA_E_UNSUPPORTED, "%zu values became %zu as JSON", n,
				p->doc.n);
	return r;
}

int home_open_yaml(struct sca_profile *p, struct sca_err *err)
{
	struct home *h = home_new(p, SCA_HOME_YAML, "");
	uint32_t top = YN_NONE, spec;
	int r;

	if (!h)
		return sca_fail(err, -ENOMEM, "out of memory");
	h->is_yaml = true;
	h->jt.offset = yaml_offset;
	r = yaml_read(&h->yaml, buf_str(&p->text), err);
	if (r == 0)
		r = choose(&h->yaml, &top, err);
	if (r < 0)
		return r;
	if (!is_spo(&h->yaml, top))
		return read_profile(p, top, err);
	spec = yaml_member(&h->yaml, top, SCA_STR("spec"));
	if (spec == YN_NONE || (h->yaml.v[spec].kind != YN_MAP && h->yaml.v[spec].kind != YN_ALIAS))
		return yaml_fail(&h->yaml, top, err, SCA_E_SYNTAX, "a " SPO_KIND " without a spec");
	h->kind = SCA_HOME_SPO;
	h->pointer = h->jt.pointer = "/spec";
	r = read_profile(p, spec, err);
	return r < 0 ? r : home_check_spo(p, err);
}

/* -- edits -- */

/* 1; 0 when they differ; -ENOMEM. */
static int same_value(const struct jt_doc *a, uint32_t x, const struct jt_doc *b, uint32_t y);

/* Members in another order are the same; in one with equal keys, the common case, each is met
 * at once. */
static int same_members(const struct jt_doc *a, uint32_t x, const struct jt_doc *b, uint32_t y)
{
	uint32_t d = b->nodes[y].first;

	jt_for_each (a, x, c) {
		_cleanup_buf_ struct buf key = BUF_INIT;
		uint32_t there = d;
		int r;

		if (!jt_key(a, c, &key))
			return -ENOMEM;
		if (memchr(key.n ? key.p : "", '\0', key.n))
			return 0;
		if (!jt_key_is(b, d, key.n ? key.p : "", false))
			there = jt_member(b, y, key.n ? key.p : "", false);
		r = there == JT_NONE ? 0 : same_value(a, c, b, there);
		if (r <= 0)
			return r;
		d = b->nodes[d].next;
	}
	return 1;
}

static int same_value(const struct jt_doc *a, uint32_t x, const struct jt_doc *b, uint32_t y)
{
	const struct jt_node *p = &a->nodes[x], *q = &b->nodes[y];
	_cleanup_buf_ struct buf s = BUF_INIT, t = BUF_INIT;
	uint32_t d = q->first;
	int r = 1;

	if (p->type != q->type || p->n != q->n)
		return 0;
	switch (p->type) {
	case JT_NUMBER:
		return str_eq(jt_raw(a, x), jt_raw(b, y));
	case JT_STRING:
		if (!jt_string(a, x, &s) || !jt_string(b, y, &t))
			return -ENOMEM;
		return str_eq(buf_str(&s), buf_str(&t));
	case JT_OBJECT:
		return same_members(a, x, b, y);
	case JT_ARRAY:
		jt_for_each (a, x, c) {
			r = same_value(a, c, b, d);
			if (r <= 0)
				return r;
			d = b->nodes[d].next;
		}
		return 1;
	default:
		return 1;
	}
}

/* Edits the YAML and reads it again: what comes out is what the JSON became, or nothing. */
static int edit_text(const struct sca_profile *p, const struct je_list *edits,
		     const struct jt_doc *want, struct sca_profile **ret, struct sca_err *err)
{
	_cleanup_buf_ struct buf text = {.max = SCA_PROFILE_MAX_BYTES};
	struct sca_profile *q = NULL;
	int r = yaml_apply(&p->home->yaml, p->home->of, edits, &text, err);

	if (r < 0)
		return r;
	r = sca_profile_load_text(&q, buf_str(&text), p->name, err);
	if (r < 0)
		return r;
	r = q->home && q->home->kind == p->home->kind ? same_value(&q->doc, 0, want, 0) : 0;
	if (r <= 0) {
		sca_profile_free(q);
		return r < 0 ? r : sca_fail(err, SCA_E_CONFLICT,
					    "the edited YAML would mean something else");
	}
	*ret = q;
	return 0;
}

int home_apply_yaml(const struct sca_profile *p, const struct je_list *edits, struct sca_str json,
		    struct sca_profile **ret, struct sca_err *err)
{
	struct sca_err why = SCA_ERR_INIT;
	struct sca_profile *q = NULL;
	int r = sca_profile_load_mem(&q, json, p->name, err);

	if (r < 0)
		return r;
	r = edit_text(p, edits, &q->doc, ret, &why);
	if (r == 0 || r == -ENOMEM) {
		sca_profile_free(q);
		return r < 0 ? sca_fail(err, -ENOMEM, "out of memory") : 0;
	}
	sca_err_at(&why, p->name, 0, 0);
	why.code = SCA_E_CONFLICT;
	sca_wrap(&why, "this YAML is left alone, for it can not be edited exactly; the JSON patch "
		       "says what to change by hand");
	q->unwritten = why;
	*ret = q;
	return 0;
}
