/* SPDX-License-Identifier: Apache-2.0 */
/* Our RFC 6902 operations in the hands of python-jsonpatch: see jsonpatch/apply.py. */
#include "patch_int.h"
#include "profile_int.h"

#include <setjmp.h>
#include <cmocka.h>
#include <sys/wait.h>

#include "corpus.h"
#include "edits.h"

#define ROUNDS 25

static int run_python(const char *file)
{
	static const char *const pythons[] = {"python3", "/usr/bin/python3"};
	char command[600];
	int r = 77;

	for (size_t i = 0; i < ARRAY_SIZE(pythons) && r >= 77; i++) {
		snprintf(command, sizeof(command), "%s tests/oracle/jsonpatch/apply.py <%s >&2",
			 pythons[i], file);
		r = system(command);
		r = WIFEXITED(r) ? WEXITSTATUS(r) : 99;
	}
	return r;
}

/* JSON in JSON, byte for byte. */
static void add_text(struct buf *b, const char *before, struct sca_str text)
{
	buf_add_z(b, before);
	assert_false(json_add_string(b, text));
}

static void add_case(struct buf *b, const char *path, const struct sca_profile *p,
		     struct numbers *nu)
{
	struct sca_profile *q = NULL;
	struct sca_patch *pt = NULL;
	struct je_list l;
	char name[400], *json;
	size_t n;

	snprintf(name, sizeof(name), "%s, seed %llu", path, (unsigned long long)nu->seed);
	je_init(&l, &p->doc);
	make_edits(&l, nu, 16);
	assert_int_equal(patch_from_edits(&pt, &l, NULL), 0);
	assert_int_equal(sca_patch_apply(pt, p, &q, NULL), 0);
	assert_int_equal(sca_patch_json(pt, p, &json, &n, NULL), 0);
	add_text(b, "[", sca_str_z(name));
	add_text(b, ",", sca_profile_text(p));
	add_text(b, ",", (struct sca_str){json, n});
	add_text(b, ",", sca_profile_text(q));
	buf_add_z(b, "]\n");
	free(json);
	sca_patch_free(pt);
	sca_profile_free(q);
	je_release(&l);
}

static void test_python(void **state _unused_)
{
	char file[] = "/tmp/scaudit-jsonpatch-XXXXXX";
	struct numbers nu = {.seed = 77};
	struct buf b = BUF_INIT;
	const char *path;
	glob_t g;
	FILE *f;
	int r;

	corpus_open(&g);
	f = fdopen(mkstemp(file), "w");
	assert_non_null(f);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (int i = 0; i < ROUNDS; i++) {
			buf_reset(&b);
			add_case(&b, path, p, &nu);
			assert_int_equal(fwrite(b.p, 1, b.n, f), b.n);
		}
		sca_profile_free(p);
	}
	assert_int_equal(fclose(f), 0);
	globfree(&g);
	buf_release(&b);
	r = run_python(file);
	unlink(file);
	if (r == 77) {
		print_message("needs Python's jsonpatch (Debian: python3-jsonpatch)\n");
		skip();
	}
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
