/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles inside of something else: found, judged by its places, edited and nothing else moved. */
#include "home.h"
#include "patch_int.h"

#include <glob.h>
#include <setjmp.h>
#include <cmocka.h>

#include "edits.h"

#define CR "apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: SeccompProfile\n"

/* -- what is found -- */

static const struct {
	const char *text;
	int code;
	enum sca_home home;
	const char *pointer;
	const char *want; /* JSON of the profile with ' for ", or a part of the error */
} homes[] = {
	{"{'defaultAction':'A'}", 0, SCA_HOME_JSON, "", "{'defaultAction':'A'}"},
	{"{'ociVersion':'1','syscalls':[]}", 0, SCA_HOME_JSON, "", NULL},
	{"{}", 0, SCA_HOME_JSON, "", "{}"},
	{"{'ociVersion':'1.0','linux':{'seccomp': {'defaultAction':'A'}}}", 0, SCA_HOME_OCI,
	 "/linux/seccomp", "{'defaultAction':'A'}"},
	{"{'ociVersion':'1.0','linux':{}}", SCA_E_CONFLICT, 0, NULL, "without linux.seccomp"},
	{"{'ociVersion':'1.0','linux':{'seccomp':null}}", SCA_E_CONFLICT, 0, NULL,
	 "/linux/seccomp: a container's configuration without linux.seccomp"},
	{"{'apiVersion':'security-profiles-operator.x-k8s.io/v1','kind':'SeccompProfile',\n"
	 "'spec':{'defaultAction':'A'}}", 0, SCA_HOME_SPO, "/spec", "{'defaultAction':'A'}"},
	{"{'apiVersion':'v1','kind':'List','items':[]}", SCA_E_UNSUPPORTED, 0, NULL,
	 "t:1:27: /kind: of Kubernetes' resources"},
	{"[{'Name':'/w','HostConfig':{'SecurityOpt':['seccomp={\\'defaultAction\\':\\'A\\'}']}}]", 0,
	 SCA_HOME_INSPECT, "", "{'defaultAction':'A'}"},
	{"{'HostConfig':{'SecurityOpt':['x','seccomp:{}']}}", 0, SCA_HOME_INSPECT, "", "{}"},
	{"[{'HostConfig':{'SecurityOpt':['seccomp=unconfined']}}]", SCA_E_CONFLICT, 0, NULL,
	 "seccomp=unconfined"},
	{"[{'HostConfig':{'SecurityOpt':['seccomp=/etc/p.json']}}]", SCA_E_CONFLICT, 0, NULL,
	 "the file /etc/p.json"},
	{"[{'HostConfig':{'SecurityOpt':null}}]", SCA_E_CONFLICT, 0, NULL, "no profile of its own"},
	{"[{'Name':'/a','HostConfig':{'SecurityOpt':['seccomp={}']}},\n"
	 "{'Name':'/b','HostConfig':{'SecurityOpt':['seccomp={}']}}]", SCA_E_CONFLICT, 0, NULL,
	 "2 containers with a profile of their own: /a, /b"},
	{"[{'HostConfig':{'SecurityOpt':['seccomp={nope']}}]", SCA_E_SYNTAX, 0, NULL,
	 "HostConfig.SecurityOpt"},
	{CR "spec: {defaultAction: A}\n", 0, SCA_HOME_SPO, "/spec", "{'defaultAction':'A'}"},
	{"# c\r\n" CR "spec:\r\n  defaultAction: A", 0, SCA_HOME_SPO, "/spec",
	 "{'defaultAction':'A'}"},
	{"syscalls: []\n", 0, SCA_HOME_YAML, "", "{'syscalls':[]}"},
	{"---\n---\ndefaultAction: A\n...\n", 0, SCA_HOME_YAML, "", "{'defaultAction':'A'}"},
	{CR "spec: {a: 1}\n---\n" CR "metadata: {name: n}\n", SCA_E_CONFLICT, 0, NULL,
	 "2 profiles in one file: one without a name (line 1), n (line 5)"},
	{"kind: VarmorPolicy\nspec: 1\n", SCA_E_UNSUPPORTED, 0, NULL, "a VarmorPolicy, but"},
	{"a: 1\n", SCA_E_SYNTAX, 0, NULL, "YAML without a profile"},
	{CR "metadata: {name: n}\n", SCA_E_SYNTAX, 0, NULL, "t:1:1: a SeccompProfile without a spec"},
	{CR "spec: []\n", SCA_E_SYNTAX, 0, NULL, "without a spec"},
	{CR "spec: {defaultErrnoRet: 38}\n", SCA_E_CONFLICT, 0, NULL,
	 "t:3:25: /spec/defaultErrnoRet: a SeccompProfile has no"},
	{CR "spec:\n  syscalls:\n  - action: SCMP_ACT_ERRNO\n    errnoRet: 0\n", SCA_E_CONFLICT, 0,
	 NULL, "t:6:15: /spec/syscalls/0/errnoRet: errnoRet 0"},
	/* what is not expanded */
	{"x: &a [1]\ndefaultAction: A\n", SCA_E_SYNTAX, 0, NULL, "t:1:7: an anchor"},
	{"x: 1\nsyscalls: *a\n", SCA_E_SYNTAX, 0, NULL, "t:2:11: an alias"},
	{"defaultAction: !!str A\n", SCA_E_SYNTAX, 0, NULL, "a tag"},
	{"defaultAction: A\n<<: {a: 1}\n", SCA_E_SYNTAX, 0, NULL, "t:2:1: a merge key"},
	{"defaultAction: A\ndefaultAction: B\n", SCA_E_SYNTAX, 0, NULL,
	 "t:2:1: the key defaultAction is there twice"},
	{CR "metadata: {a: 1, a: 2}\nspec: {}\n", SCA_E_SYNTAX, 0, NULL, "t:3:18: the key a"},
	{"defaultAction: A\n[1]: 2\n", SCA_E_SYNTAX, 0, NULL, "t:2:1: a key that is no plain text"},
	{"defaultAction: [A\n", SCA_E_SYNTAX, 0, NULL, "this is no YAML"},
	{"defaultAction: A\n\tb: 1\n", SCA_E_SYNTAX, 0, NULL, "this is no YAML"},
	{"defaultAction: \xff\n", SCA_E_SYNTAX, 0, NULL, "t:1:16: this is no UTF-8"},
	{"%TAG ! tag:x,2000:\n---\ndefaultAction: A\n", SCA_E_SYNTAX, 0, NULL, "a directive other"},
	{"defaultAction: A\x01\n", SCA_E_SYNTAX, 0, NULL, "t:1:17: a control character"},
	{"%YAML 1.2\n---\ndefaultAction: A\n", 0, SCA_HOME_YAML, "", "{'defaultAction':'A'}"},
	/* values */
	{"syscalls: [0x10, 0o17, 18446744073709551615, -1, 7]\n", 0, SCA_HOME_YAML, "",
	 "{'syscalls':[16,15,18446744073709551615,-1,7]}"},
	{"syscalls: [~, null, , True, false, '1', \"no\", a-b, _llseek]\n", SCA_E_SYNTAX, 0, NULL,
	 "this is no YAML"},
	{"syscalls: [~, null, True, false, '1', \"no\", a-b, _llseek]\n", 0, SCA_HOME_YAML, "",
	 "{'syscalls':[null,null,true,false,'1','no','a-b','_llseek']}"},
	{"syscalls:\n", 0, SCA_HOME_YAML, "", "{'syscalls':null}"},
	{"syscalls: yes\n", SCA_E_SYNTAX, 0, NULL, "t:1:11: yes is true or false to some readers"},
	{"syscalls: [a, 017]\n", SCA_E_SYNTAX, 0, NULL, "t:1:15: 017 is octal to some"},
	{"syscalls: 1.5\n", SCA_E_SYNTAX, 0, NULL, "1.5 is no whole number"},
	{"syscalls: 0o8\n", SCA_E_SYNTAX, 0, NULL, "0o8 is no number"},
	{"syscalls: 1_000\n", SCA_E_SYNTAX, 0, NULL, "1_000 is no whole number"},
	{"syscalls: 18446744073709551616\n", SCA_E_SYNTAX, 0, NULL, "is no whole number"},
	{"syscalls: |\n  a\n  b\n", 0, SCA_HOME_YAML, "", "{'syscalls':'a\\u000ab\\u000a'}"},
};

static struct buf with_quotes(const char *text, bool yaml)
{
	struct buf b = BUF_INIT;

	buf_add_z(&b, text);
	for (size_t i = 0; !yaml && i < b.n; i++)
		if (b.p[i] == '\'')
			b.p[i] = '"';
	return b;
}

static void finds_homes(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
		_cleanup_buf_ struct buf text = with_quotes(homes[i].text,
							   !strchr("{[", homes[i].text[0]));
		_cleanup_buf_ struct buf got = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		struct sca_profile *p = NULL;
		char said[800] = "";
		int r = sca_profile_load_text(&p, buf_str(&text), "t", &err);
		bool ok = r == homes[i].code;

		if (r < 0)
			sca_err_format(&err, said, sizeof(said));
		if (r == 0) {
			json_add_compact(&got, jt_raw(&p->doc, 0));
			for (size_t k = 0; k < got.n; k++)
				if (got.p[k] == '"')
					got.p[k] = '\'';
			ok = ok && sca_profile_home(p) == homes[i].home &&
			     strcmp(sca_profile_pointer(p), homes[i].pointer) == 0 &&
			     (!homes[i].want || strcmp(got.p, homes[i].want) == 0);
		} else {
			ok = ok && strstr(said, homes[i].want);
		}
		if (!ok) {
			print_error("row %zu: %s\ncode %d %s, home %d, %s\n", i, homes[i].text, r,
				    said, p ? (int)sca_profile_home(p) : -1, got.n ? got.p : "");
			failed++;
		}
		sca_profile_free(p);
	}
	assert_int_equal(failed, 0);
}

/* -- edits -- */

static char *read_file(const char *path)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	FILE *f = fopen(path, "re");
	char block[4096];
	size_t n;

	if (!f)
		fail_msg("%s is not there", path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	buf_add_z(&b, "");
	return buf_steal(&b, &n);
}

/* Lines of a and b that are in neither the equal start nor the equal end. */
static void region(struct sca_str a, struct sca_str b, size_t *ret_a, size_t *ret_b)
{
	size_t head = 0, tail = 0, max = MIN(a.n, b.n);

	while (head < max && a.p[head] == b.p[head])
		head++;
	while (head && head < MAX(a.n, b.n) && a.p[head - 1] != '\n')
		head--;
	while (tail < max - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
		tail++;
	/* an end starts behind a line break, or is all that is left */
	while (tail && ((a.n - tail > head && a.p[a.n - tail - 1] != '\n') ||
			(b.n - tail > head && b.p[b.n - tail - 1] != '\n')))
		tail--;
	*ret_a = *ret_b = 0;
	for (size_t i = head; i < a.n - tail; i++)
		*ret_a += a.p[i] == '\n' || i + 1 == a.n - tail;
	for (size_t i = head; i < b.n - tail; i++)
		*ret_b += b.p[i] == '\n' || i + 1 == b.n - tail;
}

/* Lines of b that are not a's, in a's order. */
static size_t foreign(struct sca_str a, struct sca_str b)
{
	struct sca_str line, other, rest;
	size_t n = 0;

	while (str_cut(&b, '\n', &line)) {
		rest = a;
		while (str_cut(&rest, '\n', &other) && !str_eq(line, other))
			;
		if (str_eq(line, other))
			a = rest;
		else
			n++;
	}
	return n;
}

static size_t comments(struct sca_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '#';
	return n;
}

struct tally {
	size_t met, done, refused, failed;
};

static void complain(const char *what, const char *name, const struct sca_profile *p,
		     const struct sca_profile *q, const struct je_edit *e, struct tally *t)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct sca_err err = SCA_ERR_INIT;
	char said[800] = "";

	jt_pointer(&p->doc, e->node, &path);
	if (q && sca_profile_check_text(q, &err) < 0)
		sca_err_format(&err, said, sizeof(said));
	if (t->failed++ < 5)
		print_error("%s: %s: kind %d at %s, index %zu, value %s: %s\n%s\n", name, what,
			    e->kind, path.p, e->index, e->value ? e->value : "", said,
			    q && !said[0] ? sca_profile_text(q).p : "");
}

/* `may_refuse`: removals may be too much for the text. */
static void check_edit(const struct sca_profile *p, struct je_list *l, const char *name,
		       struct tally *t)
{
	_cleanup_buf_ struct buf want = BUF_INIT, got = BUF_INIT, model = BUF_INIT;
	const struct je_edit *e = &l->v[0];
	struct sca_patch *pt = NULL;
	struct sca_profile *q = NULL, *again = NULL;
	size_t gone, come;

	assert_int_equal(patch_from_edits(&pt, l, NULL), 0);
	assert_int_equal(sca_patch_apply(pt, p, &q, NULL), 0);
	sca_patch_free(pt);
	model_edits(l, 0, &model);
	json_add_compact(&want, buf_str(&model));
	if (sca_profile_check_text(q, NULL) < 0) {
		t->refused++;
		if (e->kind != JE_REMOVE && (e->kind != JE_REPLACE || p->doc.nodes[e->node].n == 0))
			complain("refused", name, p, q, e, t);
		sca_profile_free(q);
		return;
	}
	t->done++;
	assert_int_equal(sca_profile_load_text(&again, sca_profile_text(q), "again", NULL), 0);
	json_add_compact(&got, jt_raw(&again->doc, 0));
	region(sca_profile_text(p), sca_profile_text(q), &gone, &come);
	if (!str_eq(buf_str(&want), buf_str(&got)) && e->kind != JE_INSERT)
		complain("means something else", name, p, q, e, t);
	else if (e->kind == JE_REPLACE ? gone > 1 || come > 1 :
		 e->kind == JE_REMOVE ?
		 come > 1 && foreign(sca_profile_text(p), sca_profile_text(q)) > 1 :
		 gone > 1)
		complain("moves other lines", name, p, q, e, t);
	else if (e->kind != JE_REMOVE &&
		 comments(sca_profile_text(p)) != comments(sca_profile_text(q)))
		complain("loses a comment", name, p, q, e, t);
	sca_profile_free(again);
	sca_profile_free(q);
}

/* Every text is read in a child first, and it takes a sanitizer's process long to fork: there one
 * edit of several has to do. */
#if defined(__SANITIZE_ADDRESS__)
#define ONE_OF 8
#else
#define ONE_OF 1
#endif

static void try_one(const struct sca_profile *p, struct je_list *l, const char *name,
		    struct tally *t)
{
	if (l->n && je_check(l, NULL) == 0 && t->met++ % ONE_OF == 0)
		check_edit(p, l, name, t);
	je_release(l);
}

/* Every insertion, removal, replacement and new member, one at a time. */
static void edit_everywhere(const struct sca_profile *p, const char *name, struct tally *t)
{
	const struct jt_doc *doc = &p->doc;
	struct je_list l;

	je_init(&l, doc);
	for (uint32_t c = 0; c < doc->n; c++) {
		const struct jt_node *nd = &doc->nodes[c];
		bool rules = nd->type == JT_ARRAY && nd->n &&
			     doc->nodes[nd->first].type == JT_OBJECT;

		for (size_t i = 0; nd->type == JT_ARRAY && i <= nd->n; i++) {
			je_insert(&l, c, i, rules ? SCA_STR("{\"names\":[\"zz\"],\"action\":\"B\"}") :
						    SCA_STR("\"zz_new\""), 0);
			try_one(p, &l, name, t);
		}
		if (nd->type == JT_OBJECT) {
			je_member(&l, c, "extra", SCA_STR("[{\"a\":[\"b\",\"on\"],\"c\":7}]"), 0);
			try_one(p, &l, name, t);
		}
		if (c) {
			je_remove(&l, c, 0);
			try_one(p, &l, name, t);
		}
		je_replace(&l, c, SCA_STR("\"SCMP_ACT_LOG\""), 0);
		if (nd->type < JT_ARRAY)
			try_one(p, &l, name, t);
		je_release(&l);
	}
}

/* The same text with other line ends, and without the last one. */
static void edit_variants(const char *text, const char *name, struct tally *t)
{
	for (int v = 0; v < 3; v++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		struct sca_profile *p = NULL;
		char said[800];

		for (const char *c = text; *c; c++) {
			if (v == 1 && *c == '\n')
				buf_add_c(&b, '\r');
			if (v != 2 || *c != '\n' || c[1])
				buf_add_c(&b, *c);
		}
		if (sca_profile_load_text(&p, buf_str(&b), name, &err) < 0) {
			sca_err_format(&err, said, sizeof(said));
			fail_msg("variant %d: %s", v, said);
		}
		edit_everywhere(p, name, t);
		sca_profile_free(p);
	}
}

static void edits_tables(void **state)
{
	static const char *const files[] = {"flow", "block", "bare", "odd"};
	struct tally t = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *text = NULL;
		char path[128];

		snprintf(path, sizeof(path), "tests/tables/yaml/%s.yaml", files[i]);
		text = read_file(path);
		edit_variants(text, files[i], &t);
	}
	print_message("%zu edits, %zu refused\n", t.done, t.refused);
	assert_int_equal(t.failed, 0);
	assert_true(t.done * ONE_OF > 400 && t.refused * 4 < t.done);
}

/* A file of several profiles, one document after the other. */
static void edit_documents(char *text, const char *name, struct tally *t, size_t *profiles)
{
	for (char *doc = text, *next; doc; doc = next) {
		next = strstr(doc, "\n---");
		if (next)
			*next = '\0', next += 4;
		if (!strstr(doc, "kind: SeccompProfile") && !strstr(doc, "\ndefaultAction"))
			continue;
		++*profiles;
		edit_variants(doc, name, t);
	}
}

static void edits_corpus(void **state)
{
	const char *top = getenv("SCA_SHARED");
	struct tally t = {0};
	size_t profiles = 0;
	char pattern[512];
	glob_t g;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/data/profiles/*.yaml", top ? top : "../shared");
	if (glob(pattern, 0, NULL, &g) != 0) {
		print_message("no profiles: %s is not there\n", pattern);
		skip();
	}
	for (size_t i = 0; i < g.gl_pathc; i++) {
		_cleanup_free_ char *text = read_file(g.gl_pathv[i]);

		edit_documents(text, strrchr(g.gl_pathv[i], '/') + 1, &t, &profiles);
	}
	globfree(&g);
	print_message("%zu profiles, %zu edits, %zu refused\n", profiles, t.done, t.refused);
	assert_int_equal(t.failed, 0);
	assert_true(profiles >= 8);
}

/* Several edits at once: done exactly, or refused with the model right. */
static void edits_at_random(void **state)
{
	_cleanup_free_ char *text = read_file("tests/tables/yaml/block.yaml");
	struct sca_profile *p = NULL;
	size_t done = 0;

	(void)state;
	assert_int_equal(sca_profile_load_text(&p, sca_str_z(text), "block", NULL), 0);
	for (uint64_t seed = 1; seed <= 400 / ONE_OF; seed++) {
		struct numbers nu = {.seed = seed * 0x9e3779b97f4a7c15u};
		struct sca_patch *pt = NULL;
		struct sca_profile *q = NULL;
		struct je_list l;

		je_init(&l, &p->doc);
		make_edits(&l, &nu, 6);
		if (patch_from_edits(&pt, &l, NULL) == 0) {
			_cleanup_buf_ struct buf model = BUF_INIT;
			struct jt_doc doc;

			assert_int_equal(sca_patch_apply(pt, p, &q, NULL), 0);
			done += sca_profile_check_text(q, NULL) == 0;
			model_edits(&l, 0, &model);
			assert_int_equal(jt_parse(&doc, buf_str(&model), NULL), 0);
			assert_int_equal(doc.n, q->doc.n);
			jt_release(&doc);
			sca_profile_free(q);
			sca_patch_free(pt);
		}
		je_release(&l);
	}
	sca_profile_free(p);
	print_message("%zu of 400 done in the text\n", done);
	assert_true(done * ONE_OF > 40);
}

/* -- places and patches -- */

static const struct {
	const char *text, *node;
	unsigned line, column;
} places[] = {
	{CR "spec:\n  syscalls:\n  - names: [a,\n      \"b\"]\n", "/syscalls/0/names/1", 6, 7},
	{CR "spec:\n  syscalls:\n  - names: [a]\n", "/syscalls/0", 5, 5},
	{"{\"ociVersion\":\"1\",\n \"linux\":{\"seccomp\": {\"a\":[\n 7]}}}", "/a/0", 3, 2},
	{"{\"ociVersion\":\"1\",\n \"linux\":{\"seccomp\": {\"a\":[\n 7]}}}", "/a", 2, 27},
	{"[{\"HostConfig\":{\"SecurityOpt\":[\n\"seccomp={\\\"a\\\":[\\\"\\u00e9\\\",7]}\"]}}]", "/a/1",
	 2, 29},
	{"[{\"HostConfig\":{\"SecurityOpt\":[\n\"seccomp={\\\"a\\\":[\\\"\\u20ac\\\",7]}\"]}}]", "/a/1",
	 2, 29},
	{"[{\"HostConfig\":{\"SecurityOpt\":[\n\"seccomp={\\\"a\\\":[\\\"\\ud83d\\ude00\\\",7]}\"]}}]",
	 "/a/1", 2, 35},
	{"[{\"HostConfig\":1},7,{\"HostConfig\":{\"SecurityOpt\":1}},"
	 "{\"HostConfig\":{\"SecurityOpt\":[7,\n"
	 "\"seccomp={\\\"a\\\":[\\\"\\u0041\\\",7]}\"]}}]", "/a/1", 2, 29},
};

static void knows_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct sca_profile *p = NULL;
		unsigned line, column;
		uint32_t node;

		assert_int_equal(sca_profile_load_text(&p, sca_str_z(places[i].text), "t", NULL), 0);
		node = jt_find(&p->doc, sca_str_z(places[i].node));
		assert_true(node != JT_NONE);
		jt_place(&p->doc, node, &line, &column);
		if (line != places[i].line || column != places[i].column)
			fail_msg("row %zu: %u:%u", i, line, column);
		sca_profile_free(p);
	}
}

static void patches_the_document(void **state)
{
	static const char text[] = "{\"ociVersion\":\"1\",\"linux\":{\n"
				   "  \"seccomp\": {\"syscalls\":[]},\n  \"x\" : 1}}\n";
	struct sca_profile *p = NULL, *q = NULL;
	struct sca_patch *pt = NULL;
	struct je_list l;
	char *json;
	size_t n;

	(void)state;
	assert_int_equal(sca_profile_load_text(&p, sca_str_z(text), "t", NULL), 0);
	je_init(&l, &p->doc);
	je_member(&l, 0, "flags", SCA_STR("[\"F\"]"), 0);
	assert_int_equal(patch_from_edits(&pt, &l, NULL), 0);
	assert_int_equal(sca_patch_json(pt, p, &json, &n, NULL), 0);
	assert_string_equal(json, "[\n  {\"op\":\"test\",\"path\":\"/linux/seccomp\",\"value\":"
				  "{\"syscalls\":[]}},\n  {\"op\":\"add\",\"path\":"
				  "\"/linux/seccomp/flags\",\"value\":[\"F\"]}\n]\n");
	assert_int_equal(sca_patch_apply(pt, p, &q, NULL), 0);
	assert_string_equal(sca_profile_text(q).p,
			    "{\"ociVersion\":\"1\",\"linux\":{\n"
			    "  \"seccomp\": {\"syscalls\":[],\"flags\":[\"F\"]},\n  \"x\" : 1}}\n");
	free(json);
	je_release(&l);
	sca_patch_free(pt);
	sca_profile_free(q);
	sca_profile_free(p);
}

/* As deep as it gets, and deeper. */
static void bounds_depth(void **state)
{
	(void)state;
	for (int brackets = 0; brackets < 2; brackets++) {
		for (size_t depth = 50; depth < 5000; depth += 4900) {
			_cleanup_buf_ struct buf b = BUF_INIT;
			struct sca_profile *p = NULL;
			int r;

			buf_add_z(&b, "syscalls: ");
			for (size_t i = 0; i < depth; i++)
				buf_add_z(&b, brackets ? "[" : i ? "- " : "\n- ");
			buf_add_z(&b, "a");
			for (size_t i = 0; brackets && i < depth; i++)
				buf_add_z(&b, "]");
			r = sca_profile_load_text(&p, buf_str(&b), "deep", NULL);
			assert_true(depth < 64 ? r == 0 : r == SCA_E_LIMIT || r == SCA_E_SYNTAX);
			sca_profile_free(p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_homes),	   cmocka_unit_test(knows_places),
		cmocka_unit_test(patches_the_document), cmocka_unit_test(edits_tables),
		cmocka_unit_test(edits_corpus),	   cmocka_unit_test(edits_at_random),
		cmocka_unit_test(bounds_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
