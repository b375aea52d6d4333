/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of JSON text: tables/json_edit.t row by row, then properties over the real profiles. */
#include "profile_int.h"

#include <setjmp.h>
#include <cmocka.h>

#include "corpus.h"
#include "edits.h"

/* -- the table: see its head for the form -- */

struct part {
	struct buf text;
	bool crlf, no_eol;
};

static void part_finish(struct part *pt)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	if (pt->no_eol && pt->text.n)
		pt->text.n--;
	if (!pt->crlf)
		return;
	for (size_t i = 0; i < pt->text.n; i++) {
		if (pt->text.p[i] == '\n')
			buf_add_c(&b, '\r');
		buf_add_c(&b, pt->text.p[i]);
	}
	buf_reset(&pt->text);
	buf_add_str(&pt->text, buf_str(&b));
}

static struct sca_str word(struct sca_str *line)
{
	struct sca_str w = {NULL, 0};

	str_cut(line, ' ', &w);
	return w;
}

static uint32_t node_of(const struct jt_doc *doc, struct sca_str pointer, const char *row)
{
	uint32_t node = jt_find(doc, str_is(pointer, ".") ? SCA_STR("") : pointer);

	if (node == JT_NONE)
		fail_msg("%s: no node %.*s", row, (int)pointer.n, pointer.p);
	return node;
}

static size_t index_of(const struct jt_doc *doc, uint32_t node, struct sca_str text)
{
	uint64_t v = doc->nodes[node].n;

	if (!str_is(text, "end"))
		assert_int_equal(str_u64(text, &v), 0);
	return v;
}

static void add_line(struct je_list *l, struct sca_str line, const char *row)
{
	struct sca_str verb = word(&line), first = word(&line), second;
	uint32_t node = node_of(l->doc, first, row), to;
	char key[64];
	int r;

	if (str_is(verb, "insert")) {
		second = word(&line);
		r = je_insert(l, node, index_of(l->doc, node, second), line, 0);
	} else if (str_is(verb, "move")) {
		to = node_of(l->doc, word(&line), row);
		r = je_move(l, node, to, index_of(l->doc, to, line), 0);
	} else if (str_is(verb, "member")) {
		second = word(&line);
		snprintf(key, sizeof(key), "%.*s", (int)second.n, second.p);
		r = je_member(l, node, key, line, 0);
	} else if (str_is(verb, "replace")) {
		r = je_replace(l, node, line, 0);
	} else {
		assert_true(str_is(verb, "remove"));
		r = je_remove(l, node, 0);
	}
	assert_int_equal(r, 0);
}

/* What must hold where the edits are allowed. */
static void check_after(const struct je_list *l, struct sca_str after, const char *row)
{
	struct sca_err err = SCA_ERR_INIT;
	const char *why;
	char *p;
	size_t n;

	if (je_apply(l, &p, &n, &err) < 0)
		fail_msg("%s: %s", row, err.text);
	if (!str_eq((struct sca_str){p, n}, after))
		fail_msg("%s: got\n%.*s", row, (int)n, p);
	free(p);
	why = check_edits(l);
	if (why)
		fail_msg("%s: %s", row, why);
}

static void check_error(const struct je_list *l, struct sca_str want, const char *row)
{
	struct sca_err err = SCA_ERR_INIT;
	char text[512], *p;
	size_t n;

	if (je_apply(l, &p, &n, &err) == 0)
		fail_msg("%s: not refused:\n%.*s", row, (int)n, p);
	n = sca_err_format(&err, text, sizeof(text));
	if (!str_eq(str_trim(want), (struct sca_str){text, n}))
		fail_msg("%s: %s", row, text);
}

static void run_row(const char *row, struct part parts[3], bool error)
{
	struct sca_str edits, line;
	struct jt_doc doc;
	struct je_list l;

	for (int i = 0; i < 3; i++)
		part_finish(&parts[i]);
	assert_int_equal(jt_parse(&doc, buf_str(&parts[0].text), NULL), 0);
	je_init(&l, &doc);
	edits = buf_str(&parts[1].text);
	while (str_cut(&edits, '\n', &line))
		if (line.n)
			add_line(&l, line, row);
	if (error)
		check_error(&l, buf_str(&parts[2].text), row);
	else
		check_after(&l, buf_str(&parts[2].text), row);
	je_release(&l);
	jt_release(&doc);
	for (int i = 0; i < 3; i++) {
		buf_release(&parts[i].text);
		parts[i] = (struct part){.text = BUF_INIT};
	}
}

static void read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	char block[4096];
	size_t n;

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	while ((n = fread(block, 1, sizeof(block), f)))
		buf_add(out, block, n);
	fclose(f);
}

static void test_table(void **state _unused_)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	struct part parts[3] = {{.text = BUF_INIT}, {.text = BUF_INIT}, {.text = BUF_INIT}};
	struct sca_str rest, line;
	char row[80] = "";
	bool error = false;
	unsigned rows = 0;
	int at = -1;

	read_file("tests/tables/json_edit.t", &file);
	assert_true(file.n && file.p[file.n - 1] == '\n');
	file.n--;
	rest = buf_str(&file);
	while (str_cut(&rest, '\n', &line)) {
		if (str_starts(line, SCA_STR("== "))) {
			if (at >= 0)
				run_row(row, parts, error);
			snprintf(row, sizeof(row), "%.*s", (int)line.n - 3, line.p + 3);
			at = -1;
			rows++;
		} else if (str_starts(line, SCA_STR("-- "))) {
			at++;
			assert_in_range(at, 0, 2);
			error = str_starts(line, SCA_STR("-- error"));
			parts[at].crlf = str_find(line, SCA_STR("crlf"));
			parts[at].no_eol = str_find(line, SCA_STR("no-eol"));
		} else if (at >= 0) {
			buf_add_str(&parts[at].text, line);
			buf_add_c(&parts[at].text, '\n');
		}
	}
	run_row(row, parts, error);
	assert_in_range(rows, 40, 1000);
}

/* -- properties -- */

static void test_no_edits(void **state _unused_)
{
	const char *path;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);
		struct sca_str text = sca_profile_text(p);
		struct je_list l;
		char *q;
		size_t n;

		je_init(&l, &p->doc);
		assert_int_equal(je_apply(&l, &q, &n, NULL), 0);
		if (!str_eq((struct sca_str){q, n}, text))
			fail_msg("%s: no edits, but the text changed", path);
		free(q);
		sca_profile_free(p);
	}
	globfree(&g);
}

static void test_random_edits(void **state _unused_)
{
	struct numbers nu = {.seed = 20261124};
	const char *path, *why;
	size_t edits = 0;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (int round = 0; round < 60; round++) {
			uint64_t seed = nu.seed;
			struct je_list l;

			je_init(&l, &p->doc);
			make_edits(&l, &nu, 12);
			edits += l.n;
			why = check_edits(&l);
			if (why)
				fail_msg("%s, seed %llu: %s", path, (unsigned long long)seed, why);
			je_release(&l);
		}
		sca_profile_free(p);
	}
	globfree(&g);
	print_message("%zu edits\n", edits);
	assert_true(edits > 5000);
}

/* A member that a later one hides has no pointer, so nothing in it can be patched. */
static void test_shadowed(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct jt_doc doc;
	struct je_list l;

	assert_int_equal(jt_parse(&doc, SCA_STR("{\"a\":[1],\"\\u0061\":[2]}"), NULL), 0);
	je_init(&l, &doc);
	je_insert(&l, 1, 0, SCA_STR("0"), 0);
	assert_int_equal(je_check(&l, &err), SCA_E_CONFLICT);
	assert_string_equal(err.text, "a later member has the same key: this is void");
	je_release(&l);
	je_move(&l, 2, 3, 0, 0);
	assert_int_equal(je_check(&l, NULL), SCA_E_CONFLICT);
	je_release(&l);
	je_insert(&l, 3, 0, SCA_STR("0"), 0);
	assert_int_equal(je_check(&l, NULL), 0);
	je_release(&l);
	jt_release(&doc);
}

static bool one_a_line(const struct jt_doc *doc, uint32_t array)
{
	uint32_t from = doc->nodes[array].start;

	if (doc->nodes[array].type != JT_ARRAY || doc->nodes[array].n == 0)
		return false;
	jt_for_each (doc, array, c) {
		if (!memchr(doc->text.p + from, '\n', doc->nodes[c].start - from))
			return false;
		from = doc->nodes[c].end;
	}
	return true;
}

/* The new text is the old one with one more line. */
static bool one_line_more(struct sca_str old_text, struct sca_str new_text)
{
	size_t same = 0, more = new_text.n - old_text.n;
	const char *line;

	while (same < old_text.n && old_text.p[same] == new_text.p[same])
		same++;
	while (same > 0 && memcmp(new_text.p + same + more, old_text.p + same, old_text.n - same))
		same--;
	/* The added piece may be taken to start earlier where the text repeats itself. */
	for (line = new_text.p + same; line > new_text.p && line[-1] != '\n'; line--)
		if (line[-1] != line[more - 1])
			return false;
	return line[more - 1] == '\n' && memchr(line, '\n', more) == line + more - 1;
}

/* One name before another that stands on a line of its own: one line more, nothing else; and
 * taking it out again gives the old bytes back. */
static void insert_and_back(const struct sca_profile *p, uint32_t array, size_t index,
			    const char *path)
{
	_cleanup_buf_ struct buf pointer = BUF_INIT;
	struct je_list l;
	struct jt_doc now;
	struct sca_str text, back;
	char *q, *b;

	je_init(&l, &p->doc);
	je_insert(&l, array, index, SCA_STR("\"a_new_name\""), 0);
	assert_int_equal(je_apply(&l, &q, &text.n, NULL), 0);
	text.p = q;
	je_release(&l);
	assert_true(jt_pointer(&p->doc, array, &pointer));
	if (index < p->doc.nodes[array].n && !one_line_more(p->doc.text, text))
		fail_msg("%s: %s/%zu is not one line more", path, pointer.p, index);
	assert_int_equal(jt_parse(&now, text, NULL), 0);
	je_init(&l, &now);
	je_remove(&l, jt_child(&now, jt_find(&now, buf_str(&pointer)), index), 0);
	assert_int_equal(je_apply(&l, &b, &back.n, NULL), 0);
	back.p = b;
	if (!str_eq(back, p->doc.text))
		fail_msg("%s: %s/%zu: in and out is not the old text", path, pointer.p, index);
	je_release(&l);
	jt_release(&now);
	free(q);
	free(b);
}

static void test_one_name_one_line(void **state _unused_)
{
	size_t places = 0;
	const char *path;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (uint32_t a = 0; a < p->doc.n; a++) {
			size_t n = p->doc.nodes[a].n;

			if (!one_a_line(&p->doc, a) || p->doc.nodes[p->doc.nodes[a].first].type !=
							       JT_STRING)
				continue;
			for (size_t i = 0; i <= n; i += 1 + n / 7, places++)
				insert_and_back(p, a, i, path);
		}
		sca_profile_free(p);
	}
	globfree(&g);
	print_message("%zu places\n", places);
	assert_true(places > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_edits),
		cmocka_unit_test(test_random_edits),
		cmocka_unit_test(test_shadowed),
		cmocka_unit_test(test_one_name_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
