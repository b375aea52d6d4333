/* SPDX-License-Identifier: Apache-2.0 */
/* Patches: operations, guards, their JSON, and applying them. tests/oracle has the second half:
 * another program carries the operations out. */
#include "patch_int.h"
#include "profile_int.h"

#include <setjmp.h>
#include <cmocka.h>

#include "corpus.h"
#include "edits.h"

static const char text[] = "{\n"
			   "\t\"defaultAction\": \"ERRNO\",\n"
			   "\t\"syscalls\": [\n"
			   "\t\t{\"names\": [\"a\", \"c\"], \"action\": \"ALLOW\"},\n"
			   "\t\t{\"names\": [\"x\"], \"action\": \"KILL\"}\n"
			   "\t],\n"
			   "\t\"flags\": []\n"
			   "}\n";

static const char steps_json[] =
	"[\n"
	"  {'op':'test','path':'/syscalls/0/names/1','value':'c'},\n"
	"  {'op':'add','path':'/syscalls/0/names/1','value':'b'},\n"
	"  {'op':'test','path':'/syscalls/0/names/2','value':'c'},\n"
	"  {'op':'add','path':'/syscalls/0/names/3','value':'d'},\n"
	"  {'op':'test','path':'/syscalls/1','value':{'names':['x'],'action':'KILL'}},\n"
	"  {'op':'add','path':'/syscalls/2','value':{'names':['n'],'action':'LOG'}},\n"
	"  {'op':'test','path':'/flags','value':[]},\n"
	"  {'op':'add','path':'/flags/0','value':'F'},\n"
	"  {'op':'test','path':'/syscalls/1/names/0','value':'x'},\n"
	"  {'op':'test','path':'/syscalls/0/names/3','value':'d'},\n"
	"  {'op':'move','from':'/syscalls/1/names/0','path':'/syscalls/0/names/4'},\n"
	"  {'op':'test','path':'/defaultAction','value':'ERRNO'},\n"
	"  {'op':'replace','path':'/defaultAction','value':'LOG'},\n"
	"  {'op':'test','path':'/syscalls/0',"
	"'value':{'names':['a','b','c','d','x'],'action':'ALLOW'}},\n"
	"  {'op':'add','path':'/syscalls/0/a~1b','value':[1,2]},\n"
	"  {'op':'test','path':'/syscalls/1','value':{'names':[],'action':'KILL'}},\n"
	"  {'op':'remove','path':'/syscalls/1'}\n"
	"]\n";

static struct sca_profile *load(const char *json)
{
	struct sca_profile *p = NULL;

	assert_int_equal(sca_profile_load_mem(&p, sca_str_z(json), "p.json", NULL), 0);
	return p;
}

static uint32_t at(const struct sca_profile *p, const char *pointer)
{
	uint32_t node = jt_find(&p->doc, sca_str_z(pointer));

	assert_true(node != JT_NONE);
	return node;
}

/* In `want`, ' stands for ". */
static void check_json(const struct je_list *l, const struct sca_profile *p, const char *want)
{
	struct sca_patch *pt = NULL;
	char *json;
	size_t n;

	assert_int_equal(patch_from_edits(&pt, l, NULL), 0);
	assert_int_equal(sca_patch_json(pt, p, &json, &n, NULL), 0);
	assert_int_equal(strlen(json), n);
	for (char *c = json; *c; c++)
		*c = *c == '"' ? '\'' : *c;
	assert_string_equal(json, want);
	free(json);
	sca_patch_free(pt);
}

static void test_json(void **state _unused_)
{
	struct sca_profile *p = load(text);
	struct je_list l;

	je_init(&l, &p->doc);
	check_json(&l, p, "[]\n");
	je_insert(&l, at(p, "/syscalls/0/names"), 1, SCA_STR("\"b\""), 4);
	je_insert(&l, at(p, "/syscalls/0/names"), 2, SCA_STR("\"d\""), 5);
	je_insert(&l, at(p, "/syscalls"), 2, SCA_STR("{\"names\": [\"n\"], \"action\": \"LOG\"}"), 6);
	je_insert(&l, at(p, "/flags"), 0, SCA_STR("\"F\""), 6);
	je_remove(&l, at(p, "/syscalls/1"), 7);
	je_move(&l, at(p, "/syscalls/1/names/0"), at(p, "/syscalls/0/names"), 2, 7);
	je_replace(&l, at(p, "/defaultAction"), SCA_STR(" \"LOG\" "), 8);
	je_member(&l, at(p, "/syscalls/0"), "a/b", SCA_STR("[1, 2]"), 9);
	check_json(&l, p, steps_json);
	je_release(&l);
	sca_profile_free(p);
}

static void test_apply(void **state _unused_)
{
	struct sca_profile *p = load(text), *q = NULL, *other = load("{}");
	struct sca_err err = SCA_ERR_INIT;
	struct sca_patch *pt = NULL;
	struct je_list l;
	char line[512], *json;
	size_t n;

	je_init(&l, &p->doc);
	je_insert(&l, at(p, "/syscalls/0/names"), 1, SCA_STR("\"b\""), 4);
	je_remove(&l, at(p, "/syscalls/1"), 7);
	assert_int_equal(patch_from_edits(&pt, &l, &err), 0);
	je_release(&l); /* nothing of it is borrowed */
	assert_int_equal(sca_patch_count(pt), 2);
	assert_null(sca_patch_op(pt, 2));
	assert_int_equal(sca_patch_op(pt, 0)->cause, 4);
	assert_int_equal(sca_patch_op(pt, 1)->kind, SCA_OP_REMOVE);
	assert_null(sca_patch_op(pt, 1)->value);
	assert_int_equal(sca_patch_apply(pt, p, &q, &err), 0);
	assert_string_equal(sca_profile_text(q).p,
			    "{\n"
			    "\t\"defaultAction\": \"ERRNO\",\n"
			    "\t\"syscalls\": [\n"
			    "\t\t{\"names\": [\"a\", \"b\", \"c\"], \"action\": \"ALLOW\"}\n"
			    "\t],\n"
			    "\t\"flags\": []\n"
			    "}\n");
	assert_string_equal(sca_profile_name(q), "p.json");
	assert_string_equal(sca_profile_text(p).p, text);
	assert_int_equal(err.code, 0);
	assert_int_equal(sca_patch_apply(pt, other, &q, &err), SCA_E_CONFLICT);
	sca_err_format(&err, line, sizeof(line));
	assert_string_equal(line, "p.json: the patch was made for another text");
	assert_int_equal(sca_patch_json(pt, other, &json, &n, NULL), SCA_E_CONFLICT);
	sca_patch_free(pt);
	sca_profile_free(p);
	sca_profile_free(q);
	sca_profile_free(other);
	assert_null(sca_patch_free(NULL));
}

/* A long neighbour is guarded by its first part, the last of duplicate keys only. */
static void test_long_guard(void **state _unused_)
{
	struct buf b = BUF_INIT;
	struct sca_profile *p;
	struct je_list l;

	buf_add_z(&b, "[{\"k\":1,\"k\":[\"first\"");
	for (int i = 0; i < 100; i++)
		buf_addf(&b, ",\"name%d\"", i);
	buf_add_z(&b, "]}]");
	p = load(b.p);
	je_init(&l, &p->doc);
	je_insert(&l, 0, 1, SCA_STR("0"), 0);
	check_json(&l, p, "[\n"
			  "  {'op':'test','path':'/0/k/0','value':'first'},\n"
			  "  {'op':'add','path':'/1','value':0}\n"
			  "]\n");
	je_release(&l);
	sca_profile_free(p);
	buf_release(&b);
}

static void test_refused(void **state _unused_)
{
	struct sca_profile *p = load("{\"a\\u0000b\":{\"c\":1},\"d\":1}");
	struct sca_err err = SCA_ERR_INIT;
	struct sca_patch *pt = NULL;
	struct je_list l;

	je_init(&l, &p->doc);
	je_replace(&l, 2, SCA_STR("2"), 0);
	assert_int_equal(patch_from_edits(&pt, &l, &err), SCA_E_CONFLICT);
	assert_string_equal(err.text, "a key holds a NUL character: no pointer can name it");
	je_release(&l);
	je_replace(&l, 3, SCA_STR("2"), 0);
	je_remove(&l, 3, 0);
	assert_int_equal(patch_from_edits(&pt, &l, &err), SCA_E_CONFLICT);
	assert_null(pt);
	je_release(&l);
	sca_profile_free(p);
}

/* -- the operations, carried out one at a time on the text -- */

struct stepper {
	struct buf text;
	struct jt_doc doc;
	struct je_list l;
};

static uint32_t find(const struct stepper *s, const char *pointer)
{
	return jt_find(&s->doc, sca_str_z(pointer));
}

static bool test_holds(const struct stepper *s, const struct patch_guard *g)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	uint32_t node = find(s, g->path);

	if (node == JT_NONE)
		return false;
	json_add_compact(&b, jt_raw(&s->doc, node));
	return str_eq(buf_str(&b), sca_str_z(g->value));
}

/* The list's edits so far become the text. */
static bool step_done(struct stepper *s)
{
	size_t n;
	char *p;

	if (je_apply(&s->l, &p, &n, NULL) < 0)
		return false;
	je_release(&s->l);
	jt_release(&s->doc);
	buf_reset(&s->text);
	buf_add(&s->text, p, n);
	free(p);
	return jt_parse(&s->doc, buf_str(&s->text), NULL) == 0;
}

/* RFC 6902 "add": the last token of the path says where in its parent. */
static bool step_add(struct stepper *s, const char *path, const char *value)
{
	const char *slash = strrchr(path, '/');
	_cleanup_buf_ struct buf key = BUF_INIT;
	uint32_t up;
	uint64_t i;

	if (!slash)
		return false;
	up = jt_find(&s->doc, (struct sca_str){path, (size_t)(slash - path)});
	if (up == JT_NONE)
		return false;
	if (s->doc.nodes[up].type == JT_ARRAY)
		return str_u64(sca_str_z(slash + 1), &i) == 0 &&
		       je_insert(&s->l, up, i, sca_str_z(value), 0) == 0 && step_done(s);
	for (const char *p = slash + 1; *p; p++) {
		if (*p == '~')
			p++;
		buf_add_c(&key, *p == '0' && p[-1] == '~' ? '~' : *p == '1' && p[-1] == '~' ? '/' : *p);
	}
	return je_member(&s->l, up, key.p, sca_str_z(value), 0) == 0 && step_done(s);
}

static bool step(struct stepper *s, const struct patch_step *st)
{
	_cleanup_buf_ struct buf value = BUF_INIT;

	for (size_t i = 0; i < st->n_guards; i++)
		if (!test_holds(s, &st->guards[i]))
			return false;
	switch (st->op.kind) {
	case SCA_OP_ADD:
		return step_add(s, st->op.path, st->op.value);
	case SCA_OP_REMOVE:
		return je_remove(&s->l, find(s, st->op.path), 0) == 0 && step_done(s);
	case SCA_OP_REPLACE:
		return je_replace(&s->l, find(s, st->op.path), sca_str_z(st->op.value), 0) == 0 &&
		       step_done(s);
	case SCA_OP_MOVE:
		json_add_compact(&value, jt_raw(&s->doc, find(s, st->op.from)));
		return je_remove(&s->l, find(s, st->op.from), 0) == 0 && step_done(s) &&
		       step_add(s, st->op.path, value.p);
	}
	return false;
}

static const char *check_steps(const struct sca_patch *pt, const struct sca_profile *p)
{
	_cleanup_buf_ struct buf want = BUF_INIT, got = BUF_INIT;
	struct stepper s = {.text = BUF_INIT};
	struct sca_profile *q = NULL;
	const char *why = NULL;

	buf_add_str(&s.text, sca_profile_text(p));
	assert_int_equal(jt_parse(&s.doc, buf_str(&s.text), NULL), 0);
	je_init(&s.l, &s.doc);
	for (size_t i = 0; i < pt->n && !why; i++)
		if (!step(&s, &pt->steps[i]))
			why = pt->steps[i].op.path;
	if (!why && sca_patch_apply(pt, p, &q, NULL) < 0)
		why = "the patch does not apply";
	if (!why) {
		json_add_compact(&want, sca_profile_text(q));
		json_add_compact(&got, buf_str(&s.text));
		if (!str_eq(buf_str(&want), buf_str(&got)))
			why = "the operations give another document";
	}
	sca_profile_free(q);
	je_release(&s.l);
	jt_release(&s.doc);
	buf_release(&s.text);
	return why;
}

static void test_random(void **state _unused_)
{
	struct numbers nu = {.seed = 6902};
	size_t steps = 0, guards = 0;
	const char *path, *why;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (int round = 0; round < 12; round++) {
			uint64_t seed = nu.seed;
			struct sca_patch *pt = NULL;
			struct je_list l;

			je_init(&l, &p->doc);
			make_edits(&l, &nu, 12);
			assert_int_equal(patch_from_edits(&pt, &l, NULL), 0);
			why = check_steps(pt, p);
			if (why)
				fail_msg("%s, seed %llu: %s", path, (unsigned long long)seed, why);
			for (size_t i = 0; i < pt->n; i++)
				guards += pt->steps[i].n_guards;
			steps += pt->n;
			sca_patch_free(pt);
			je_release(&l);
		}
		sca_profile_free(p);
	}
	globfree(&g);
	print_message("%zu operations, %zu guards\n", steps, guards);
	assert_true(steps > 1000 && guards >= steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_long_guard),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
