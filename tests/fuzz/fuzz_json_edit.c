/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text and edits of it. An input is a document, and behind a NUL byte the numbers that
 * edits are made from; without one, only reading is tried. Aborts when a text that was read
 * is not what it was, when an edit gives another document than it should or moves bytes it
 * need not, or when a patch or a diff can not be made of it.
 */
#include "fuzz.h"

#include "edits.h"
#include "patch_int.h"
#include "profile_int.h"

/* Every node lies within its parent, behind the sibling before it, and its pointer leads back. */
static void check_tree(const struct jt_doc *doc)
{
	_cleanup_buf_ struct buf path = BUF_INIT, plain = BUF_INIT;

	for (uint32_t c = 0; c < doc->n; c++) {
		const struct jt_node *nd = &doc->nodes[c];
		bool hidden = false;
		struct jt_doc one;

		must(nd->start < nd->end && nd->end <= doc->text.n, "a node is within the text");
		if (nd->parent != JT_NONE)
			must(doc->nodes[nd->parent].start < child_start(doc, c) &&
				     nd->end < doc->nodes[nd->parent].end,
			     "a node is within its parent");
		if (nd->next != JT_NONE)
			must(nd->end < child_start(doc, nd->next), "siblings are in order");
		must(nd->type < JT_ARRAY || (nd->first == JT_NONE) == (nd->n == 0), "children");
		must(jt_parse(&one, jt_raw(doc, c), NULL) == 0 && one.nodes[0].type == nd->type,
		     "a node's bytes are JSON");
		jt_release(&one);
		buf_reset(&plain);
		must(nd->type != JT_STRING || jt_string(doc, c, &plain), "a string decodes");
		for (uint32_t up = c; up != JT_NONE; up = doc->nodes[up].parent)
			hidden |= jt_shadowed(doc, up);
		buf_reset(&path);
		must(jt_pointer(doc, c, &path), "a node has a pointer");
		must(hidden || jt_find(doc, buf_str(&path)) == c, "a pointer leads back");
	}
}

/* The same document without blanks reads the same. */
static void check_compact(const struct jt_doc *doc)
{
	_cleanup_buf_ struct buf b = BUF_INIT, again = BUF_INIT;
	struct jt_doc other;

	json_add_compact(&b, jt_raw(doc, 0));
	must(jt_parse(&other, buf_str(&b), NULL) == 0, "compact JSON is JSON");
	must(other.n == doc->n, "compact JSON is the same document");
	json_add_compact(&again, jt_raw(&other, 0));
	must(str_eq(buf_str(&b), buf_str(&again)), "compact JSON stays");
	jt_release(&other);
}

static void check_patch(const struct sca_profile *p, const struct je_list *l)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *q = NULL;
	struct sca_patch *pt = NULL;
	struct jt_doc doc;
	char *text;
	size_t n;
	int r = patch_from_edits(&pt, l, &err);

	if (r == SCA_E_CONFLICT) /* a key that no pointer can name */
		return;
	must(r == 0, "a patch can be made");
	must(sca_patch_count(pt) == l->n, "each edit is an operation");
	must(sca_patch_json(pt, p, &text, &n, NULL) == 0, "a patch has JSON");
	r = jt_parse(&doc, (struct sca_str){text, n}, NULL);
	must(r == 0 || r == SCA_E_LIMIT, "a patch's JSON is JSON");
	if (r == 0)
		jt_release(&doc);
	free(text);
	must(sca_patch_apply(pt, p, &q, &err) == 0, "a patch applies");
	must(sca_text_diff(sca_profile_text(p), sca_profile_text(q), "f", &text, &n, NULL) == 0,
	     "there is a diff");
	must((n == 0) == str_eq(sca_profile_text(p), sca_profile_text(q)),
	     "a diff is empty for equal texts only");
	free(text);
	sca_profile_free(q);
	sca_patch_free(pt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *nul = n ? memchr(data, 0, n) : NULL;
	struct numbers nu = {.p = nul ? nul + 1 : data + n, .end = data + n, .seed = 1};
	struct sca_str text = {(const char *)data, nul ? (size_t)(nul - data) : n};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	char line[512];
	struct je_list l;
	const char *why;

	if (n > 1 << 16)
		return 0;
	if (sca_profile_load_mem(&p, text, "fuzz", &err) < 0) {
		must(err.code == SCA_E_SYNTAX || err.code == SCA_E_LIMIT, "a failure has a code");
		must(err.line > 0 && err.column > 0, "a failure has a place");
		sca_err_format(&err, line, sizeof(line));
		return 0;
	}
	check_tree(&p->doc);
	check_compact(&p->doc);
	je_init(&l, &p->doc);
	if (nul)
		make_edits(&l, &nu, 16);
	why = check_edits(&l);
	must(!why, why);
	check_patch(p, &l);
	je_release(&l);
	sca_profile_free(p);
	return 0;
}
