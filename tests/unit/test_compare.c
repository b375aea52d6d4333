/* SPDX-License-Identifier: Apache-2.0 */
/* Two profiles by verdict: what counts as opened, and that it is all there is. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "../corpus.h"
#include "filter_int.h"
#include "verdict_help.h"
#include "with_names.h"

#include <scaudit/compare.h>

#define P(action, rules) "{'defaultAction':'SCMP_ACT_" action "','architectures':" \
	"['SCMP_ARCH_X86_64'],'syscalls':[" rules "]}"
#define W(name, action, more) "{'names':[" name "],'action':'SCMP_ACT_" action "'" more "}"
#define MASKED(m, v) ",'args':[{'index':0,'op':'SCMP_CMP_MASKED_EQ','value':" #m \
	",'valueTwo':" #v "}]"

static const struct row {
	const char *target, *before, *after, *want;
} rows[] = {
	{"docker runc:1.1.5", P("ERRNO", ""), P("ERRNO", ""), ""},
	{"docker crun:1.14.0", P("ERRNO", ""), P("ERRNO", W("'mkdir'", "ALLOW", "")),
	 "opened mkdir"},
	{"docker crun:1.14.0", P("ERRNO", W("'mkdir'", "ALLOW", "")), P("ERRNO", ""),
	 "closed mkdir"},
	{"docker crun:1.14.0", P("ERRNO", ""),
	 P("ERRNO", W("'mkdir'", "ERRNO", ",'errnoRet':38")), "errno mkdir"},
	{"docker crun:1.14.0", P("ERRNO", ""), P("ERRNO", W("'mkdir'", "KILL_PROCESS", "")),
	 "action mkdir"},
	{"docker crun:1.14.0", P("ALLOW", ""), P("ALLOW", W("'mkdir'", "LOG", "")),
	 "action mkdir"},
	/* dangerous ones first, then by number */
	{"docker crun:1.14.0", P("ERRNO", ""),
	 P("ERRNO", W("'mkdir','bpf','read'", "ALLOW", "")), "opened bpf! opened read opened mkdir"},
	/* a rule that was silenced all along */
	{"docker crun:1.14.0", P("ERRNO", W("'mkdir'", "ALLOW", "")),
	 P("ERRNO", W("'mkdir'", "ALLOW", "") "," W("'mkdir'", "KILL", "")), ""},
	{"docker crun:1.14.0", P("ERRNO", W("'socket'", "ALLOW", "")),
	 P("ERRNO", W("'socket'", "ALLOW", MASKED(255, 2))), "closed socket(args)"},
	/* the order of names means nothing */
	{"docker runc:1.3.0", P("ERRNO", W("'mkdir','read'", "ALLOW", "")),
	 P("ERRNO", W("'read'", "ALLOW", "") "," W("'mkdir'", "ALLOW", "")), ""},
	{"docker runc:1.1.5", P("ERRNO", ""),
	 "{'defaultAction':'SCMP_ACT_ERRNO','flags':['SECCOMP_FILTER_FLAG_LOG']}",
	 "new refused"},
	{"docker runc:1.3.0", P("ERRNOX", ""), P("ERRNO", ""), "old refused"},
};

static void add_difference(struct buf *b, const struct sca_difference *d)
{
	buf_addf(b, "%s%s %s%s%s", b->n ? " " : "", sca_diff_kind_name(d->kind),
		 d->change.syscall ? d->change.syscall : "?", d->change.by_args ? "(args)" : "",
		 d->advice ? "!" : "");
}

static struct sca_compare *compare_text(const struct row *row)
{
	struct sca_profile *p[2] = {NULL, NULL};
	struct sca_compare *c = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_target t;

	target_from(&t, row->target);
	assert_int_equal(profile_from(&p[0], row->before, &err), 0);
	assert_int_equal(profile_from(&p[1], row->after, &err), 0);
	if (sca_compare_new(&c, p[0], p[1], &t, names, &err) < 0)
		fail_msg("%s\n%s\n%s", err.text, row->before, row->after);
	sca_profile_free(p[0]);
	sca_profile_free(p[1]);
	return c;
}

static void test_rows(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_compare *c = compare_text(&rows[i]);
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_compare_info info;

		sca_compare_info(c, &info);
		for (size_t j = 0; j < sca_compare_count(c); j++)
			add_difference(&b, sca_compare_at(c, j));
		if (info.old_side.refused || info.new_side.refused)
			buf_addf(&b, "%s refused", info.old_side.refused ? "old" : "new");
		if (!str_eq(buf_str(&b), sca_str_z(rows[i].want)))
			fail_msg("row %zu: want %s, got %s", i, rows[i].want, b.p ? b.p : "");
		assert_int_equal(sca_compare_differs(c), rows[i].want[0] != '\0');
		assert_true(sca_compare_same(c, c));
		sca_compare_free(c);
	}
}

static void test_matrix(void **state _unused_)
{
	struct sca_target base, t, seen[64];
	size_t n = 0;

	sca_target_init(&base, SCA_FRONTEND_PODMAN);
	base.kernel[0] = 4;
	base.kernel[1] = 7;
	base.caps = 5;
	for (; sca_target_matrix(n, &base, true, &t); n++) {
		assert_true(n < ARRAY_SIZE(seen));
		assert_int_equal(t.kernel[0], 4);
		assert_int_equal(t.kernel[1], 7);
		assert_true(t.caps == 5);
		for (size_t i = 0; i < n; i++)
			assert_memory_not_equal(&seen[i], &t, sizeof(t));
		seen[n] = t;
	}
	assert_true(n >= SCA_FRONTEND_COUNT * 2);
}

/* -- all pairs of neighbours in the corpus -- */

struct pair {
	struct sca_profile *p[2];
	struct sca_target t;
};

static size_t calls(const struct sca_compare *c, enum sca_diff_kind kind)
{
	struct sca_compare_info info;

	sca_compare_info(c, &info);
	return info.calls[kind];
}

/* Each call whose verdict moves is in the list, and none that does not; unknown arguments 0. */
static void check_against_eval(const struct pair *pr, const struct sca_compare *c)
{
	struct sca_filter *f[2] = {NULL, NULL};

	for (int i = 0; i < 2; i++)
		assert_int_equal(sca_filter_compile(&f[i], pr->p[i], &pr->t, names, NULL), 0);
	for (int32_t nr = 0; nr < 500; nr++) {
		struct sca_call call = {.arch = SCA_ARCH_X86_64, .nr = nr};
		struct sca_verdict v[2];
		bool listed = false, always = false;

		for (int i = 0; i < 2; i++)
			sca_filter_eval(f[i], &call, &v[i]);
		for (size_t i = 0; i < sca_compare_count(c); i++) {
			const struct sca_change *ch = &sca_compare_at(c, i)->change;

			if (ch->arch != call.arch || nr < ch->nr || nr > ch->nr_last)
				continue;
			listed = true;
			always |= !ch->by_args;
		}
		if (v[0].action != v[1].action || v[0].data != v[1].data)
			assert_true(listed);
		else
			assert_false(always);
	}
	sca_filter_free(f[0]);
	sca_filter_free(f[1]);
}

static void check_pair(const struct pair *pr)
{
	struct sca_compare *ab = NULL, *ba = NULL, *aa = NULL;
	struct sca_compare_info info;

	assert_int_equal(sca_compare_new(&ab, pr->p[0], pr->p[1], &pr->t, names, NULL), 0);
	assert_int_equal(sca_compare_new(&ba, pr->p[1], pr->p[0], &pr->t, names, NULL), 0);
	assert_int_equal(sca_compare_new(&aa, pr->p[0], pr->p[0], &pr->t, names, NULL), 0);
	assert_false(sca_compare_differs(aa));
	assert_int_equal(calls(ab, SCA_DIFF_OPENED), calls(ba, SCA_DIFF_CLOSED));
	assert_int_equal(calls(ab, SCA_DIFF_CLOSED), calls(ba, SCA_DIFF_OPENED));
	assert_int_equal(calls(ab, SCA_DIFF_ERRNO), calls(ba, SCA_DIFF_ERRNO));
	assert_int_equal(calls(ab, SCA_DIFF_ACTION), calls(ba, SCA_DIFF_ACTION));
	sca_compare_info(ab, &info);
	if (!info.old_side.refused && !info.new_side.refused)
		check_against_eval(pr, ab);
	sca_compare_free(ab);
	sca_compare_free(ba);
	sca_compare_free(aa);
}

static void test_corpus(void **state _unused_)
{
	static const char *const targets[] = {"docker runc:1.3.0", "cri crun:1.14.0"};
	struct pair pr = {.p = {NULL, NULL}};
	const char *path;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		sca_profile_free(pr.p[0]);
		pr.p[0] = pr.p[1];
		pr.p[1] = corpus_load(path);
		for (size_t j = 0; pr.p[0] && j < ARRAY_SIZE(targets); j++) {
			target_from(&pr.t, targets[j]);
			check_pair(&pr);
		}
	}
	sca_profile_free(pr.p[0]);
	sca_profile_free(pr.p[1]);
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
