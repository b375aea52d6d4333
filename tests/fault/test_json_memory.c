/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while a profile is read, edited, patched, compared and written: the
 * first allocation fails, then the second, and so on until all succeed. Each failure is
 * -ENOMEM, and no allocation is left behind.
 */
#include "patch_int.h"
#include "profile_int.h"

#include <setjmp.h>
#include <cmocka.h>

#include "failing_malloc.h"

static const char text[] =
	"{\n\t\"syscalls\": [\n\t\t{\"names\": [\"a\", \"b\"], \"args\": []},\n"
	"\t\t{\n\t\t\t\"names\": [\n\t\t\t\t\"c\"\n\t\t\t]\n\t\t}\n\t],\n\t\"e\": {}\n}\n";

static int add_edits(struct je_list *l)
{
	const struct jt_doc *doc = l->doc;
	uint32_t names = jt_find(doc, SCA_STR("/syscalls/0/names"));
	uint32_t second = jt_find(doc, SCA_STR("/syscalls/1"));
	int r = je_insert(l, names, 1, SCA_STR("\"n\""), 0);

	if (r == 0)
		r = je_insert(l, jt_find(doc, SCA_STR("/syscalls")), 1,
			      SCA_STR("{\"names\":[\"x\",\"y\"],\"args\":[{\"index\":0}]}"), 0);
	if (r == 0)
		r = je_move(l, jt_find(doc, SCA_STR("/syscalls/1/names/0")), names, 2, 0);
	if (r == 0)
		r = je_remove(l, second, 0);
	if (r == 0)
		r = je_member(l, jt_find(doc, SCA_STR("/e")), "k/~", SCA_STR("[1]"), 0);
	if (r == 0)
		r = je_replace(l, jt_find(doc, SCA_STR("/syscalls/0/args")), SCA_STR("[2]"), 0);
	return r;
}

static int use_patch(const struct sca_patch *pt, const struct sca_profile *p, struct sca_err *err)
{
	struct sca_profile *q = NULL;
	char *s;
	size_t n;
	int r = sca_patch_json(pt, p, &s, &n, err);

	if (r < 0)
		return r;
	free(s);
	r = sca_patch_apply(pt, p, &q, err);
	if (r == 0)
		r = sca_text_diff(sca_profile_text(p), sca_profile_text(q), "p", &s, &n, err);
	if (r == 0)
		free(s);
	sca_profile_free(q);
	return r;
}

static int all(struct sca_err *err)
{
	struct sca_profile *p = NULL;
	struct sca_patch *pt = NULL;
	struct je_list l;
	int r = sca_profile_load_mem(&p, sca_str_z(text), "p.json", err);

	if (r < 0)
		return r;
	je_init(&l, &p->doc);
	r = add_edits(&l);
	if (r < 0)
		sca_fail(err, r, "out of memory");
	else
		r = patch_from_edits(&pt, &l, err);
	if (r == 0)
		r = use_patch(pt, p, err);
	sca_patch_free(pt);
	je_release(&l);
	sca_profile_free(p);
	return r;
}

static int replace(const struct sca_profile *p, const char *path, struct sca_err *err)
{
	struct sca_profile *q = NULL;
	int r = sca_profile_load_file(&q, path, err);

	if (r == 0)
		r = sca_profile_write(p, path, q, true, err);
	sca_profile_free(q);
	return r;
}

static void test_edits(void **state _unused_)
{
	long nth;

	prepare_malloc();
	for (nth = 0; nth < 10000; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;
		int r;

		countdown = nth;
		r = all(&err);
		assert_int_equal(live, before);
		if (check(nth, r, &err))
			break;
	}
	print_message("%ld allocations\n", nth);
	assert_in_range(nth, 50, 9999);
}

static void test_write(void **state _unused_)
{
	char dir[] = "/tmp/scaudit-memory-XXXXXX", path[64], orig[64];
	struct sca_profile *p = NULL;
	long nth;

	prepare_malloc();
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/p.json", dir);
	snprintf(orig, sizeof(orig), "%s/p.json.orig", dir);
	assert_int_equal(sca_profile_load_mem(&p, sca_str_z(text), "p", NULL), 0);
	for (nth = 0; nth < 10000; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		FILE *f = fopen(path, "we");
		long before;
		int r;

		assert_non_null(f);
		fputs("{}", f);
		fclose(f);
		before = live;
		countdown = nth;
		r = replace(p, path, &err);
		assert_int_equal(live, before);
		if (check(nth, r, &err))
			break;
		assert_true(r == 0 || access(orig, F_OK) < 0);
		unlink(orig);
	}
	print_message("%ld allocations\n", nth);
	assert_in_range(nth, 5, 9999);
	unlink(path);
	unlink(orig);
	if (rmdir(dir) < 0)
		fail_msg("%s is not empty", dir);
	sca_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
