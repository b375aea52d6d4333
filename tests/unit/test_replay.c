/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded events against a profile: each state. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "verdict_help.h"
#include "with_names.h"

#include <scaudit/replay.h>

static const char profile_json[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64'],'syscalls':["
	"{'names':['read','mkdir'],'action':'SCMP_ACT_ALLOW'},"
	"{'names':['rmdir'],'action':'SCMP_ACT_LOG'},"
	"{'names':['clone3','kill'],'action':'SCMP_ACT_ERRNO','errnoRet':38},"
	"{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':"
	"[{'index':0,'op':'SCMP_CMP_EQ','value':1}]}]}";

static const struct row {
	const char *call; /* "" for none */
	enum sca_action action;
	const char *want;
} rows[] = {
	{"x86_64 chdir", SCA_ACT_ERRNO, "denied errno"},
	{"x86_64 chdir", SCA_ACT_KILL_PROCESS, "denied errno"},
	{"x86_64 chdir", SCA_ACT_LOG, "broken errno"},
	{"x86_64 mkdir", SCA_ACT_ERRNO, "ended allow"},
	{"x86_64 mkdir", SCA_ACT_LOG, "passes allow"},
	{"x86_64 rmdir", SCA_ACT_TRAP, "ended log"},
	{"x86_64 socket", SCA_ACT_ERRNO, "arguments errno allow"},
	{"x86_64 socket", SCA_ACT_LOG, "arguments errno allow"},
	{"x86_64 socket 1", SCA_ACT_ERRNO, "ended allow"},
	{"x86_64 socket 2", SCA_ACT_ERRNO, "denied errno"},
	{"x86_64 socket 2", SCA_ACT_LOG, "broken errno"},
	/* ENOSYS alone does not make it benign: nobody falls back from kill() */
	{"x86_64 clone3", SCA_ACT_ERRNO, "benign errno"},
	{"x86_64 clone3", SCA_ACT_LOG, "benign errno"},
	{"x86_64 kill", SCA_ACT_ERRNO, "denied errno"},
	{"x86 mkdir", SCA_ACT_KILL_THREAD, "denied kill_thread"},
	{"x86_64 9999", SCA_ACT_ERRNO, "denied errno"},
	{"", SCA_ACT_ERRNO, "unknown"},
};

static void add_row(struct sca_denials *ds, const struct row *row)
{
	struct sca_record rec = {.action = row->action};
	struct sca_call call = {.arch = 0};

	rec.denied = sca_action_denies(row->action);
	if (row->call[0]) {
		assert_true(call_from(&call, sca_str_z(row->call), names));
		rec.have |= SCA_F_ARCH | SCA_F_NR;
	}
	rec.comm = SCA_STR("crun"); /* the runtime's start-up */
	rec.exe = SCA_STR("/");
	rec.have |= SCA_F_COMM | SCA_F_EXE;
	rec.arch = call.arch;
	rec.nr = call.nr;
	rec.args_known = call.args_known;
	memcpy(rec.args, call.args, sizeof(rec.args));
	assert_int_equal(sca_denials_add(ds, &rec, NULL), 0);
}

static void test_rows(void **state _unused_)
{
	struct sca_profile *p = NULL;
	struct sca_target t;

	target_from(&t, "docker crun:1.14.0");
	assert_int_equal(profile_from(&p, profile_json, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_denials *ds = NULL;
		struct sca_replay *rp = NULL;
		const struct sca_replayed *r;

		assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
		add_row(ds, &rows[i]);
		assert_int_equal(sca_replay_new(&rp, p, &t, ds, names, NULL), 0);
		assert_int_equal(sca_replay_count(rp), 1);
		r = sca_replay_at(rp, 0);
		buf_add_z(&b, sca_replay_state_name(r->state));
		for (size_t j = 0; j < r->reach.n; j++)
			buf_addf(&b, " %s", sca_action_name(r->reach.v[j].action));
		if (!str_eq(buf_str(&b), sca_str_z(rows[i].want)))
			fail_msg("row %zu, %s: want %s, got %s", i, rows[i].call, rows[i].want,
				 b.p);
		sca_replay_free(rp);
		sca_denials_free(ds);
	}
	sca_profile_free(p);
}

/* All rows in one set: by state, and every group once. */
static void test_order(void **state _unused_)
{
	struct sca_profile *p = NULL;
	struct sca_denials *ds = NULL;
	struct sca_replay *rp = NULL;
	struct sca_target t;

	target_from(&t, "docker crun:1.14.0");
	assert_int_equal(profile_from(&p, profile_json, NULL), 0);
	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_row(ds, &rows[i]);
	assert_int_equal(sca_replay_new(&rp, p, &t, ds, names, NULL), 0);
	assert_int_equal(sca_replay_count(rp), sca_denials_count(ds));
	for (size_t i = 1; i < sca_replay_count(rp); i++)
		assert_true(sca_replay_at(rp, i - 1)->state <= sca_replay_at(rp, i)->state);
	sca_replay_free(rp);
	sca_denials_free(ds);
	sca_profile_free(p);
}

/* Logged calls become the profile's denials; nothing is lost, and counts stay. */
static void test_as_denied(void **state _unused_)
{
	struct sca_denial_totals before, after;
	struct sca_profile *p = NULL;
	struct sca_denials *ds = NULL, *made = NULL;
	struct sca_replay *rp = NULL;
	struct sca_target t;
	size_t broken = 0;

	target_from(&t, "docker crun:1.14.0");
	assert_int_equal(profile_from(&p, profile_json, NULL), 0);
	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_row(ds, &rows[i]);
	assert_int_equal(sca_replay_new(&rp, p, &t, ds, names, NULL), 0);
	assert_int_equal(sca_replay_as_denied(rp, &made, NULL), 0);
	sca_denials_totals(ds, &before);
	sca_denials_totals(made, &after);
	for (size_t i = 0; i < sca_replay_count(rp); i++) {
		const struct sca_replayed *r = sca_replay_at(rp, i);

		broken += !r->denial->denied && r->state != SCA_REPLAY_PASSES;
	}
	assert_int_equal(broken, 4);
	for (size_t i = 0; i < sca_denials_count(made); i++) {
		assert_true(sca_denials_at(made, i)->runtime_init);
		assert_int_equal(sca_denials_at(made, i)->n_comms, 1);
	}
	assert_true(after.events == before.events);
	assert_true(after.denied == before.denied + broken);
	assert_true(after.forgeable == before.forgeable);
	sca_replay_free(rp);
	sca_denials_free(ds);
	sca_denials_free(made);
	sca_profile_free(p);
}

static void test_refused(void **state _unused_)
{
	struct sca_profile *p = NULL;
	struct sca_denials *ds = NULL;
	struct sca_replay *rp = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_target t;

	target_from(&t, "docker runc:1.1.5");
	assert_int_equal(profile_from(&p, "{'defaultAction':'SCMP_ACT_NO'}", NULL), 0);
	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	assert_int_equal(sca_replay_new(&rp, p, &t, ds, names, &err), SCA_E_REFUSED);
	assert_null(rp);
	sca_denials_free(ds);
	sca_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_as_denied),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
