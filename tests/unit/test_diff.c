/* SPDX-License-Identifier: Apache-2.0 */
/* Unified diffs: small texts by hand, then diff(1) for the same text and patch(1) and git for
 * the way back. */
#include "profile_int.h"

#include <scaudit/patch.h>

#include <fcntl.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/wait.h>

#include "corpus.h"
#include "edits.h"

static char *diff(struct sca_str a, struct sca_str b, const char *name)
{
	char *p;
	size_t n;

	assert_int_equal(sca_text_diff(a, b, name, &p, &n, NULL), 0);
	assert_int_equal(strlen(p), n);
	return p;
}

static void test_rows(void **state _unused_)
{
	static const struct {
		const char *a, *b, *diff; /* without the two lines of the head */
	} rows[] = {
		{"", "", ""},
		{"a\n", "a\n", ""},
		{"", "a\n", "@@ -0,0 +1 @@\n+a\n"},
		{"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"},
		{"a\n", "a", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n"},
		{"a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"x\na", "y\na", "@@ -1,2 +1,2 @@\n-x\n+y\n a\n\\ No newline at end of file\n"},
		{"a\nb", "a\nb\nc", "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n"
				    "\\ No newline at end of file\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n",
		 "@@ -3,6 +3,7 @@\n 3\n 4\n 5\n+x\n 6\n 7\n 8\n"},
		/* six equal lines between two changes: one hunk; seven: two */
		{"a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		 "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
		{"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
		 "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
		/* a block that could stand at several places stands as low as it can */
		{"{\na\n},\n{\nb\n}\n", "{\na\n},\n{\nx\n},\n{\nb\n}\n",
		 "@@ -2,5 +2,8 @@\n a\n },\n {\n+x\n+},\n+{\n b\n }\n"},
		/* ... but beside a block of the other side, and taking in what it comes to touch */
		{"a\nb\n", "b\nb\n", "@@ -1,2 +1,2 @@\n-a\n+b\n b\n"},
		{"c\na\na\n", "a\nc\n", "@@ -1,3 +1,2 @@\n-c\n-a\n a\n+c\n"},
		{"c\na\n", "b\nc\nc\n", "@@ -1,2 +1,3 @@\n+b\n+c\n c\n-a\n"},
		{"a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = diff(sca_str_z(rows[i].a), sca_str_z(rows[i].b), "f"), want[512];

		snprintf(want, sizeof(want), "%s%s", *rows[i].diff ? "--- a/f\n+++ b/f\n" : "",
			 rows[i].diff);
		if (strcmp(got, want) != 0)
			fail_msg("row %zu: got\n%s\nwant\n%s", i, got, want);
		free(got);
	}
}

static void test_names(void **state _unused_)
{
	static const char *const rows[][2] = {
		{"p.json", "--- a/p.json\n+++ b/p.json\n"},
		{"/etc/p.json", "--- a/etc/p.json\n+++ b/etc/p.json\n"},
		{"my profile.json", "--- a/my profile.json\t\n+++ b/my profile.json\t\n"},
		{"a\n+++ b/x", "--- \"a/a\\012+++ b/x\"\n+++ \"b/a\\012+++ b/x\"\n"},
		{"q\"\\", "--- \"a/q\\\"\\\\\"\n+++ \"b/q\\\"\\\\\"\n"},
		{"\xc3\xa9\x1b[31m", "--- \"a/\\303\\251\\033[31m\"\n+++ \"b/\\303\\251\\033[31m\"\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = diff(SCA_STR("1\n"), SCA_STR("2\n"), rows[i][0]);

		if (strncmp(got, rows[i][1], strlen(rows[i][1])) != 0 ||
		    !strstr(got, "\n@@ -1 +1 @@\n-1\n+2\n"))
			fail_msg("%s: %s", rows[i][0], got);
		free(got);
	}
}

/* -- other programs -- */

static char dir[] = "/tmp/scaudit-diff-XXXXXX";

static void put_file(const char *name, struct sca_str text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text.n ? text.p : "", 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

static int run(const char *command)
{
	char line[256];
	int r;

	snprintf(line, sizeof(line), "cd %s && %s >out 2>&1", dir, command);
	r = system(line);
	return WIFEXITED(r) ? WEXITSTATUS(r) : -1;
}

static bool have(const char *command)
{
	if (run(command) == 0)
		return true;
	print_message("%s: not installed\n", command);
	return false;
}

/* diff(1) has the same hunks. */
static bool same_as_diff(struct sca_str a, struct sca_str b, const char *ours)
{
	put_file("old", a);
	put_file("new", b);
	put_file("ours", sca_str_z(ours));
	run("(diff -u --label a/f --label b/f old new > theirs)");
	return run("cmp ours theirs") == 0;
}

/* Both ways back lead to the new text, whatever else holds. */
static void check_applies(struct sca_str a, struct sca_str b, const char *ours, const char *what)
{
	put_file("f", a);
	put_file("want", b);
	put_file("ours", sca_str_z(ours));
	if (*ours && (run("patch -s -p1 < ours") != 0 || run("cmp f want") != 0))
		fail_msg("%s: patch(1) does not get there; see %s", what, dir);
	put_file("f", a);
	if (*ours && (run("git apply --whitespace=nowarn ours") != 0 || run("cmp f want") != 0))
		fail_msg("%s: git apply does not get there; see %s", what, dir);
}

static void remove_dir(void)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -rf %s", dir);
	assert_int_equal(system(line), 0);
}

static void test_profiles(void **state _unused_)
{
	struct numbers nu = {.seed = 3};
	size_t texts = 0, same = 0;
	const char *path;
	glob_t g;

	corpus_open(&g);
	assert_non_null(mkdtemp(dir));
	if (!have("diff --version") || !have("patch --version") || !have("git --version")) {
		remove_dir();
		skip();
	}
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (int round = 0; round < 4; round++) {
			struct sca_str now;
			struct je_list l;
			char *ours, *q;

			je_init(&l, &p->doc);
			make_edits(&l, &nu, 1u << round);
			assert_int_equal(je_apply(&l, &q, &now.n, NULL), 0);
			now.p = q;
			ours = diff(sca_profile_text(p), now, "f");
			check_applies(sca_profile_text(p), now, ours, path);
			same += same_as_diff(sca_profile_text(p), now, ours);
			texts++;
			free(ours);
			free(q);
			je_release(&l);
		}
		sca_profile_free(p);
	}
	globfree(&g);
	remove_dir();
	print_message("%zu of %zu diffs are diff(1)'s\n", same, texts);
	/* Of equally short ways, diff(1) may take another one. */
	assert_true(same * 100 >= texts * 97);
}

/* -- bounds -- */

/* Applies a diff by hand: the fallback of one big block must be right, too. */
static void test_far_apart(void **state _unused_)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	size_t minus = 0, plus = 0;
	struct sca_str rest, line;
	char *got;

	buf_add_z(&a, "head\n");
	buf_add_z(&b, "head\n");
	for (int i = 0; i < 5000; i++) {
		buf_addf(&a, "old %d\n", i);
		buf_addf(&b, "new %d\n", i);
	}
	buf_add_z(&a, "tail\n");
	buf_add_z(&b, "tail\n");
	got = diff(buf_str(&a), buf_str(&b), "f");
	rest = sca_str_z(got);
	while (str_cut(&rest, '\n', &line)) {
		minus += str_starts(line, SCA_STR("-old "));
		plus += str_starts(line, SCA_STR("+new "));
	}
	assert_int_equal(minus, 5000);
	assert_int_equal(plus, 5000);
	assert_non_null(strstr(got, "@@ -1,5002 +1,5002 @@\n head\n-old 0\n"));
	free(got);
	buf_release(&a);
	buf_release(&b);
}

/* Texts made to be slow: many equal lines in both. */
static void test_slow_texts(void **state _unused_)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct numbers nu = {.seed = 5};
	clock_t start = clock();

	for (int i = 0; i < 200000; i++) {
		buf_addf(&a, "%u\n", number_below(&nu, 2));
		buf_addf(&b, "%u\n", number_below(&nu, 2));
	}
	free(diff(buf_str(&a), buf_str(&b), "f"));
	print_message("%.2f s\n", (double)(clock() - start) / CLOCKS_PER_SEC);
	assert_true(clock() - start < 20 * CLOCKS_PER_SEC);
	buf_release(&a);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_far_apart),
		cmocka_unit_test(test_slow_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
