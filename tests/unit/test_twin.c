/* SPDX-License-Identifier: Apache-2.0 */
/* The logging twin and the way back: by rows, and for every profile of the corpus. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "../corpus.h"
#include "verdict_help.h"
#include "with_names.h"

#include <scaudit/twin.h>

/* -- rows -- */

#define P(action, more, rules) "{'defaultAction':'SCMP_ACT_" action "'," more "'syscalls':[" \
	rules "]}"
#define W(name, action, more) "{'names':[" name "],'action':'SCMP_ACT_" action "'" more "}"

static const struct row {
	const char *target;
	enum sca_twin_by by;
	bool only_silent;
	const char *profile, *want; /* an error's words begin with ! */
} rows[] = {
	{"docker runc:1.1.5", SCA_TWIN_ACTION, false,
	 P("ERRNO", "'defaultErrnoRet':38,", W("'read'", "ALLOW", "")),
	 P("LOG", "", W("'read'", "ALLOW", ""))},
	{"docker crun:1.14.0", SCA_TWIN_ACTION, false,
	 P("ALLOW", "", W("'read'", "ERRNO", ",'errnoRet':13") "," W("'write'", "KILL", "")),
	 P("ALLOW", "", W("'read'", "LOG", "") "," W("'write'", "LOG", ""))},
	/* kills leave a record */
	{"docker crun:1.14.0", SCA_TWIN_ACTION, true,
	 P("KILL", "", W("'read'", "ERRNO", "") "," W("'write'", "KILL_PROCESS", "")),
	 P("KILL", "", W("'read'", "LOG", "") "," W("'write'", "KILL_PROCESS", ""))},
	/* with the flag every denial does */
	{"docker crun:1.14.0", SCA_TWIN_ACTION, true,
	 P("ERRNO", "'flags':['SECCOMP_FILTER_FLAG_LOG'],", W("'read'", "ALLOW", "")),
	 P("ERRNO", "'flags':['SECCOMP_FILTER_FLAG_LOG'],", W("'read'", "ALLOW", ""))},
	/* a silenced rule does not come to life */
	{"docker crun:1.14.0", SCA_TWIN_ACTION, false,
	 P("ERRNO", "", W("'clone3'", "ERRNO", ",'errnoRet':38") ","
	   W("'read','clone3'", "ALLOW", "") "," W("'clone3'", "ALLOW", "")),
	 P("LOG", "", W("'clone3'", "LOG", "") "," W("'read'", "ALLOW", ""))},
	/* nor does one for other arguments: the name is logged whole */
	{"docker crun:1.14.0", SCA_TWIN_ACTION, false,
	 P("ERRNO", "", W("'socket'", "ERRNO", ",'args':[{'index':0,'op':'SCMP_CMP_EQ','value':40}],"
			  "'errnoRet':22") ","
	   W("'socket','read'", "ALLOW", ",'args':[{'index':0,'op':'SCMP_CMP_NE','value':16}]")),
	 P("LOG", "", W("'socket'", "LOG", ",'args':[{'index':0,'op':'SCMP_CMP_EQ','value':40}]") ","
	   W("'read'", "ALLOW", ",'args':[{'index':0,'op':'SCMP_CMP_NE','value':16}]"))},
	/* but one that decides stays */
	{"docker crun:1.14.0", SCA_TWIN_ACTION, false,
	 P("ERRNO", "", W("'clone3'", "ALLOW", "") "," W("'clone3'", "ERRNO", ",'errnoRet':38")),
	 P("LOG", "", W("'clone3'", "ALLOW", "") "," W("'clone3'", "LOG", ""))},
	/* gated rules are not this target's */
	{"docker crun:1.14.0", SCA_TWIN_ACTION, false,
	 P("ALLOW", "", W("'read'", "ERRNO", ",'includes':{'caps':['CAP_SYS_ADMIN']}")),
	 P("ALLOW", "", W("'read'", "ERRNO", ",'includes':{'caps':['CAP_SYS_ADMIN']}"))},
	{"docker runc:1.3.0", SCA_TWIN_FLAG, false, P("ERRNO", "", ""),
	 "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[],'flags':["
	 "'SECCOMP_FILTER_FLAG_LOG','SECCOMP_FILTER_FLAG_SPEC_ALLOW']}"},
	{"docker crun:1.14.0", SCA_TWIN_FLAG, false, P("ERRNO", "'flags':[],", ""),
	 P("ERRNO", "'flags':['SECCOMP_FILTER_FLAG_LOG'],", "")},
	{"docker crun:1.14.0", SCA_TWIN_FLAG, false,
	 P("ERRNO", "'flags':['SECCOMP_FILTER_FLAG_LOG'],", ""),
	 P("ERRNO", "'flags':['SECCOMP_FILTER_FLAG_LOG'],", "")},
	{"docker runc:1.1.5", SCA_TWIN_FLAG, false, P("ERRNO", "", ""),
	 "!the twin would be refused: runc 1.1.5: seccomp flags"},
	{"docker20 runc:1.3.0", SCA_TWIN_FLAG, false, P("ERRNO", "", ""),
	 "!docker20 drops the profile's flags"},
	{"docker runc:1.1.5", SCA_TWIN_ACTION, false, "{}", "{}"},
	{"docker runc:1.1.5", SCA_TWIN_ACTION, false, P("NO", "", ""), "!runc 1.1.5: "},
};

static void without_blanks(struct buf *b, struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ')
			buf_add_c(b, s.p[i] == '"' ? '\'' : s.p[i]);
}

static void test_rows(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_twin_options opt = {rows[i].by, rows[i].only_silent};
		_cleanup_buf_ struct buf got = BUF_INIT, want = BUF_INIT;
		struct sca_profile *p = NULL;
		struct sca_twin *tw = NULL;
		struct sca_err err = SCA_ERR_INIT;
		struct sca_target t;

		target_from(&t, rows[i].target);
		assert_int_equal(profile_from(&p, rows[i].profile, &err), 0);
		if (sca_twin_new(&tw, p, &t, &opt, names, &err) < 0) {
			if (rows[i].want[0] != '!' ||
			    !str_starts(sca_str_z(err.text), sca_str_z(rows[i].want + 1)))
				fail_msg("row %zu: %s", i, err.text);
		} else {
			without_blanks(&got, sca_profile_text(sca_twin_profile(tw)));
			without_blanks(&want, sca_str_z(rows[i].want));
			if (!str_eq(buf_str(&got), buf_str(&want)))
				fail_msg("row %zu:\nwant %s\ngot  %s", i, want.p, got.p);
		}
		sca_twin_free(tw);
		sca_profile_free(p);
	}
}

/* -- the way back -- */

static void check_undo(struct sca_str now, struct sca_str before)
{
	struct sca_err err = SCA_ERR_INIT;
	_cleanup_free_ char *undo = NULL, *back = NULL, *other = malloc(now.n + 1);
	size_t n = 0, back_n = 0;

	assert_non_null(other);
	assert_int_equal(sca_undo_make(now, before, &undo, &n, &err), 0);
	if (sca_undo_apply(now, (struct sca_str){undo, n}, &back, &back_n, &err) < 0)
		fail_msg("%s\n%.*s", err.text, (int)n, undo);
	assert_true(str_eq((struct sca_str){back, back_n}, before));
	if (now.n == 0)
		return;
	memcpy(other, now.p, now.n);
	other[now.n / 2] ^= 1;
	free(steal(&back));
	assert_int_equal(sca_undo_apply((struct sca_str){other, now.n},
					(struct sca_str){undo, n}, &back, &back_n, NULL),
			 SCA_E_CONFLICT);
}

/* No byte of an undo can be changed and another text come out. */
static void check_damage(struct sca_str now, struct sca_str before)
{
	_cleanup_free_ char *undo = NULL;
	size_t n = 0;

	assert_int_equal(sca_undo_make(now, before, &undo, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		char *back = NULL;
		size_t back_n = 0;

		undo[i] ^= 1;
		if (sca_undo_apply(now, (struct sca_str){undo, n}, &back, &back_n, NULL) == 0)
			assert_true(str_eq((struct sca_str){back, back_n}, before));
		free(back);
		back = NULL;
		if (sca_undo_apply(now, (struct sca_str){undo, i}, &back, &back_n, NULL) == 0)
			assert_true(str_eq((struct sca_str){back, back_n}, before));
		free(back);
		undo[i] ^= 1;
	}
}

static void test_undo(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{"", ""},         {"a\n", ""},       {"", "a\n"},
		{"a", "a\n"},     {"a\n", "a"},      {"a\nb\nc\n", "a\nx\nc\n"},
		{"a\r\nb", "a\r\nc"}, {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n2\n3\n4\n5\n6\n7\n8\nx"},
		{"\\ a\n+b\n-c\n", "-c\n+b\n\\ a\n"}, {"--- a\n", "+++ a\n@@ -1 +1 @@\n"},
		{"a\nb\n", "a\nb\nc\nd\n"}, {"\xff\n", "\xfe\x01\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		check_undo(sca_str_z(pairs[i][0]), sca_str_z(pairs[i][1]));
		check_damage(sca_str_z(pairs[i][0]), sca_str_z(pairs[i][1]));
	}
}

/* -- the corpus -- */

/* Every call that the profile denies goes through its twin recorded, or is killed with a record
 * as before. Verdicts of the first and of the last value of unknown arguments. */
static void check_recorded(const struct sca_profile *p, const struct sca_twin *tw,
			   const struct sca_target *t, const char *path)
{
	struct sca_filter *f[2] = {NULL, NULL};
	struct sca_filter_info info;

	assert_int_equal(sca_filter_compile(&f[0], p, t, names, NULL), 0);
	assert_int_equal(sca_filter_compile(&f[1], sca_twin_profile(tw), t, names, NULL), 0);
	sca_filter_info(f[0], &info);
	for (size_t i = 0; i < info.n_archs; i++) {
		for (int32_t k = 0; k < 1200; k++) {
			struct sca_call call = {.arch = info.archs[i], .nr = k / 2,
						.args_known = k & 1 ? 0x3f : 0};
			struct sca_verdict before, after;

			memset(call.args, 0xff, sizeof(call.args));
			sca_filter_eval(f[0], &call, &before);
			sca_filter_eval(f[1], &call, &after);
			if (sca_action_denies(before.action) ? after.action != SCA_ACT_LOG :
							       sca_action_denies(after.action))
				fail_msg("%s: %s %d: %s becomes %s", path,
					 sca_arch_name(call.arch), call.nr,
					 sca_action_name(before.action),
					 sca_action_name(after.action));
		}
	}
	sca_filter_free(f[0]);
	sca_filter_free(f[1]);
}

static size_t calls(const struct sca_twin *tw, enum sca_diff_kind kind)
{
	struct sca_compare_info info;

	sca_compare_info(sca_twin_compare(tw), &info);
	return info.calls[kind];
}

/* 1 when the target loads the profile. */
static size_t check_profile(const struct sca_profile *p, const struct sca_target *t,
			    const char *path)
{
	struct sca_twin_options opt = {SCA_TWIN_ACTION, false};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_twin_info info;
	struct sca_twin *tw = NULL;
	int r = sca_twin_new(&tw, p, t, &opt, names, &err);

	if (r == SCA_E_REFUSED && !str_starts(sca_str_z(err.text), SCA_STR("the twin")))
		return 0;
	if (r < 0)
		fail_msg("%s: %s", path, err.text);
	sca_twin_info(tw, &info);
	if (info.denied || info.silent || info.unseen || calls(tw, SCA_DIFF_CLOSED))
		fail_msg("%s: %zu denied, %zu silent, %zu unseen, %zu closed", path, info.denied,
			 info.silent, info.unseen, calls(tw, SCA_DIFF_CLOSED));
	check_recorded(p, tw, t, path);
	check_undo(sca_profile_text(sca_twin_profile(tw)), sca_profile_text(p));
	sca_twin_free(tw);

	opt.only_silent = true;
	assert_int_equal(sca_twin_new(&tw, p, t, &opt, names, &err), 0);
	assert_int_equal(calls(tw, SCA_DIFF_CLOSED), 0);
	check_undo(sca_profile_text(sca_twin_profile(tw)), sca_profile_text(p));
	sca_twin_free(tw);

	opt = (struct sca_twin_options){SCA_TWIN_FLAG, false};
	if (sca_twin_new(&tw, p, t, &opt, names, &err) == 0) {
		sca_twin_info(tw, &info);
		assert_int_equal(info.silent, 0);
		assert_false(sca_compare_differs(sca_twin_compare(tw)));
		check_undo(sca_profile_text(sca_twin_profile(tw)), sca_profile_text(p));
		sca_twin_free(tw);
	}
	return 1;
}

static void test_corpus(void **state _unused_)
{
	static const char *const targets[] = {"docker runc:1.1.5", "podman crun:1.14.0", "oci crun:1.14.0"};
	size_t loads = 0;
	const char *path;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
			struct sca_target t;

			target_from(&t, targets[i]);
			loads += check_profile(p, &t, path);
		}
		sca_profile_free(p);
	}
	assert_true(loads >= g.gl_pathc * 2);
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
