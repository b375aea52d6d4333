/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while profiles are compared, events replayed, a twin made and undone:
 * each allocation fails once. Each failure is -ENOMEM, and no allocation is left behind.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "failing_malloc.h"
#include "verdict_help.h"

#include <scaudit/replay.h>
#include <scaudit/twin.h>

/* The denied clone3 holds an allowed one down, so the twin is made twice. */
#define PROFILE(names) \
	"{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'architectures':" \
	"['SCMP_ARCH_X86_64'],'syscalls':[{'names':['clone3'],'action':'SCMP_ACT_ERRNO'}," \
	"{'names':[" names ",'clone3'],'action':'SCMP_ACT_ALLOW'}]}"

struct world {
	struct sca_profile *p[2];
	struct sca_names *names;
	struct sca_denials *ds;
	struct sca_target t;
};

static int compare(struct world *w, struct sca_err *err)
{
	struct sca_compare *c = NULL;
	int r = sca_compare_new(&c, w->p[0], w->p[1], &w->t, w->names, err);

	sca_compare_free(c);
	return r;
}

static int replay(struct world *w, struct sca_err *err)
{
	struct sca_denials *ds = NULL;
	struct sca_replay *rp = NULL;
	int r = sca_replay_new(&rp, w->p[0], &w->t, w->ds, w->names, err);

	if (r == 0)
		r = sca_replay_as_denied(rp, &ds, err);
	sca_replay_free(rp);
	sca_denials_free(ds);
	return r;
}

static int twin(struct world *w, struct sca_err *err)
{
	struct sca_twin_options opt = {SCA_TWIN_ACTION, false};
	_cleanup_free_ char *undo = NULL, *back = NULL;
	struct sca_twin *tw = NULL;
	struct sca_str text;
	size_t n, back_n;
	int r = sca_twin_new(&tw, w->p[0], &w->t, &opt, w->names, err);

	if (r < 0)
		return r;
	text = sca_profile_text(sca_twin_profile(tw));
	r = sca_undo_make(text, sca_profile_text(w->p[0]), &undo, &n, err);
	if (r == 0)
		r = sca_undo_apply(text, (struct sca_str){undo, n}, &back, &back_n, err);
	sca_twin_free(tw);
	return r;
}

static void open_world(struct world *w)
{
	struct sca_record rec = {.have = SCA_F_ARCH | SCA_F_NR | SCA_F_COMM, .action = SCA_ACT_LOG,
				 .arch = SCA_ARCH_X86_64, .nr = 83, .count = 1};

	*w = (struct world){.names = NULL};
	rec.comm = SCA_STR("app");
	target_from(&w->t, "docker crun:1.14.0");
	assert_int_equal(sca_names_new(&w->names, NULL), 0);
	assert_int_equal(profile_from(&w->p[0], PROFILE("'read'"), NULL), 0);
	assert_int_equal(profile_from(&w->p[1], PROFILE("'read','mkdir'"), NULL), 0);
	assert_int_equal(sca_denials_new(&w->ds, 0, NULL), 0);
	assert_int_equal(sca_denials_add(w->ds, &rec, NULL), 0);
}

static void close_world(struct world *w)
{
	sca_profile_free(w->p[0]);
	sca_profile_free(w->p[1]);
	sca_denials_free(w->ds);
	sca_names_free(w->names);
}

static void fail_each(int (*fn)(struct world *w, struct sca_err *err))
{
	struct sca_err none = SCA_ERR_INIT;
	struct world w;
	long nth;

	prepare_malloc();
	open_world(&w);
	assert_int_equal(fn(&w, &none), 0); /* fills the names' cache */
	for (nth = 0; nth < 5000; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		long before = live;
		int r;

		countdown = nth;
		r = fn(&w, &err);
		assert_int_equal(live, before);
		if (check(nth, r, &err))
			break;
	}
	print_message("%ld allocations\n", nth);
	assert_in_range(nth, 15, 4999);
	close_world(&w);
}

static void test_compare(void **state _unused_)
{
	fail_each(compare);
}

static void test_replay(void **state _unused_)
{
	fail_each(replay);
}

static void test_twin(void **state _unused_)
{
	fail_each(twin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
