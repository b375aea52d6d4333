/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles from nothing, and the report of what a profile allows and nobody calls. For every
 * target: what is in the evidence is allowed afterwards or held back with a reason, nothing else
 * but the start is, and the proof agrees.
 */
#include "text.h"

#include <setjmp.h>
#include <cmocka.h>

#include <scaudit/unused.h>

#include "plan_check.h"
#include "startup.h"
#include "verdict_help.h"

static const char *const targets[] = {
	"docker runc:1.1.5", "docker runc:1.3.0", "docker20 runc:1.1.5",
	"podman crun:1.14.0", "cri runc:1.3.0", "oci crun:1.8.1", "docker runc:1.3.0 arch:aarch64",
};

struct world {
	struct sca_names *names;
	struct sca_denials *ds;
	struct sca_target t;
};

static void world_open(struct world *w, const char *target)
{
	*w = (struct world){.names = NULL};
	assert_int_equal(sca_names_new(&w->names, NULL), 0);
	assert_int_equal(sca_denials_new(&w->ds, 0, NULL), 0);
	target_from(&w->t, target);
}

static void world_close(struct world *w)
{
	sca_denials_free(w->ds);
	sca_names_free(w->names);
}

static void see(struct world *w, uint32_t arch, const char *name, enum sca_action action,
		bool denied, unsigned known, uint64_t arg0)
{
	struct sca_record rec = {
		.have = SCA_F_ARCH | SCA_F_NR, .arch = arch, .action = action, .denied = denied,
		.args_known = known, .args = {arg0}, .count = 1,
	};

	if (sca_syscall_number(w->names, arch, sca_str_z(name), &rec.nr) == 0)
		assert_int_equal(sca_denials_add(w->ds, &rec, NULL), 0);
}

static bool allows(struct world *w, const struct sca_filter *f, uint32_t arch, const char *name,
		   uint64_t arg0)
{
	struct sca_call call = {.arch = arch, .args_known = 63, .args = {arg0}};
	struct sca_verdict v;

	if (sca_syscall_number(w->names, arch, sca_str_z(name), &call.nr) < 0)
		return true;
	sca_filter_eval(f, &call, &v);
	return !sca_action_denies(v.action);
}

/* The finished profile of a world's evidence, compiled; the plan must keep its promises. */
static struct sca_filter *finish(struct world *w, enum sca_action action, size_t want_held)
{
	struct sca_plan_options opt = {.draft = true};
	struct sca_profile *draft = NULL, *done = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_filter *f = NULL;
	struct sca_plan *plan = NULL;
	struct sca_proof *proof = NULL;
	size_t held = 0;

	assert_int_equal(sca_profile_draft(&draft, &w->t, action, w->ds, w->names, &err), 0);
	if (sca_plan_new(&plan, draft, &w->t, w->ds, &opt, w->names, &err) < 0 ||
	    sca_patch_apply(sca_plan_patch(plan), draft, &done, &err) < 0 ||
	    sca_proof_new(&proof, plan, draft, done, &w->t, w->names, &err) < 0 ||
	    sca_filter_compile(&f, done, &w->t, w->names, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(plan_kept(plan, f));
	for (size_t i = 0; i < plan->edits.n; i++)
		assert_true(plan_needs_edit(plan, i, draft, &w->t, w->names));
	for (size_t i = 0; i < sca_plan_count(plan); i++) {
		const struct sca_finding *fi = sca_plan_at(plan, i);

		assert_true(fi->outcome != SCA_OUT_NOT_OURS);
		held += fi->outcome == SCA_OUT_HELD;
	}
	assert_int_equal(held, want_held);
	sca_proof_free(proof);
	sca_plan_free(plan);
	sca_profile_free(done);
	sca_profile_free(draft);
	return f;
}

static void test_draft(void **state _unused_)
{
	static const enum sca_action actions[] = {SCA_ACT_ERRNO, SCA_ACT_KILL_PROCESS,
						  SCA_ACT_KILL_THREAD, SCA_ACT_TRAP};

	for (size_t i = 0; i < ARRAY_SIZE(targets) * ARRAY_SIZE(actions); i++) {
		struct sca_str call;
		struct sca_filter *f;
		struct world w;

		world_open(&w, targets[i % ARRAY_SIZE(targets)]);
		see(&w, w.t.arch, "mkdirat", SCA_ACT_UNKNOWN, false, 0, 0);  /* traced */
		see(&w, w.t.arch, "unlinkat", SCA_ACT_LOG, false, 0, 0);     /* logged */
		see(&w, w.t.arch, "renameat", SCA_ACT_KILL_THREAD, true, 0, 0);
		see(&w, w.t.arch, "clone", SCA_ACT_UNKNOWN, false, 1, 0x1200011);
		see(&w, w.t.arch, "personality", SCA_ACT_UNKNOWN, false, 1, 8);
		see(&w, w.t.arch, "io_uring_setup", SCA_ACT_UNKNOWN, false, 0, 0);
		see(&w, w.t.arch, "read", SCA_ACT_UNKNOWN, false, 0, 0);
		f = finish(&w, actions[i / ARRAY_SIZE(targets)],
			   actions[i / ARRAY_SIZE(targets)] == SCA_ACT_ERRNO);
		for (size_t at = 0; startup_next(&w.t, START_MADE, &at, &call);)
			assert_true(allows(&w, f, w.t.arch, call.p, 0));
		assert_true(allows(&w, f, w.t.arch, "mkdirat", 0));
		assert_true(allows(&w, f, w.t.arch, "unlinkat", 0));
		assert_true(allows(&w, f, w.t.arch, "renameat", 0));
		assert_true(allows(&w, f, w.t.arch, "clone", 0x1200011));
		assert_false(allows(&w, f, w.t.arch, "clone", 0x10000000));
		assert_true(allows(&w, f, w.t.arch, "personality", 8));
		assert_false(allows(&w, f, w.t.arch, "personality", 0x40000));
		assert_false(allows(&w, f, w.t.arch, "io_uring_setup", 0));
		assert_false(allows(&w, f, w.t.arch, "fchmodat", 0));
		sca_filter_free(f);
		world_close(&w);
	}
}

static void test_architectures(void **state _unused_)
{
	struct sca_filter_info info;
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct world w;

	world_open(&w, "docker arch:x86_64");
	see(&w, SCA_ARCH_X86, "mkdir", SCA_ACT_UNKNOWN, false, 0, 0);
	see(&w, SCA_ARCH_ARM, "mkdir", SCA_ACT_LOG, false, 0, 0); /* not of this machine */
	assert_int_equal(sca_profile_draft(&p, &w.t, SCA_ACT_ERRNO, w.ds, w.names, NULL), 0);
	assert_int_equal(sca_filter_compile(&f, p, &w.t, w.names, NULL), 0);
	sca_profile_free(p);
	sca_filter_info(f, &info);
	assert_int_equal(info.n_archs, 2);
	assert_int_equal(info.archs[0], SCA_ARCH_X86_64);
	assert_int_equal(info.archs[1], SCA_ARCH_X86);
	sca_filter_free(f);
	world_close(&w);
}

static void test_refusals(void **state _unused_)
{
	static const enum sca_action bad[] = {SCA_ACT_ALLOW, SCA_ACT_LOG, SCA_ACT_TRACE,
					      SCA_ACT_USER_NOTIF, SCA_ACT_STRICT, SCA_ACT_UNKNOWN};
	struct sca_profile *p = NULL;
	struct world w;

	world_open(&w, targets[0]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(sca_profile_draft(&p, &w.t, bad[i], w.ds, w.names, NULL), -EINVAL);
	assert_null(p);
	world_close(&w);
}

/* Every subset of calls that a trace may hold ends in a profile that keeps its promises. */
static void test_random(void **state _unused_)
{
	uint64_t dice = 1326;

	for (unsigned round = 0; round < 40; round++) {
		struct sca_plan_options opt = {.draft = true};
		struct sca_profile *draft = NULL, *done = NULL;
		struct sca_err err = SCA_ERR_INIT;
		struct sca_proof *proof = NULL;
		struct sca_plan *plan = NULL;
		struct world w;

		world_open(&w, targets[round % ARRAY_SIZE(targets)]);
		for (int32_t nr = 0; nr <= sca_syscall_last(w.names, w.t.arch); nr++) {
			const char *name = sca_syscall_name(w.names, w.t.arch, nr);

			dice = dice * 6364136223846793005u + 1442695040888963407u;
			if (name && (dice >> 33) % 4 == 0)
				see(&w, w.t.arch, name, SCA_ACT_UNKNOWN, false, (dice >> 40) & 1,
				    dice >> 50);
		}
		if (sca_profile_draft(&draft, &w.t, SCA_ACT_ERRNO, w.ds, w.names, &err) < 0 ||
		    sca_plan_new(&plan, draft, &w.t, w.ds, &opt, w.names, &err) < 0 ||
		    sca_patch_apply(sca_plan_patch(plan), draft, &done, &err) < 0 ||
		    sca_proof_new(&proof, plan, draft, done, &w.t, w.names, &err) < 0)
			fail_msg("round %u: %s", round, err.text);
		sca_proof_free(proof);
		sca_plan_free(plan);
		sca_profile_free(done);
		sca_profile_free(draft);
		world_close(&w);
	}
}

/* A traced call is wanted where the profile denies it, and none where it does not. */
static void test_traced(void **state _unused_)
{
	static const char json[] =
		"{'defaultAction':'SCMP_ACT_KILL_PROCESS','syscalls':[{'names':['read','clone'],"
		"'action':'SCMP_ACT_ALLOW'},{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':"
		"[{'index':0,'value':1,'op':'SCMP_CMP_EQ'}]}]}";
	static const struct {
		const char *name;
		unsigned known;
		uint64_t arg0;
		enum sca_outcome want;
	} rows[] = {
		{"read", 0, 0, SCA_OUT_NOT_DENIED},      {"mkdirat", 0, 0, SCA_OUT_PATCH},
		{"socket", 1, 1, SCA_OUT_NOT_DENIED},    {"socket", 1, 2, SCA_OUT_PATCH},
		{"socket", 0, 0, SCA_OUT_ARGS},          {"open_by_handle_at", 0, 0, SCA_OUT_HELD},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_profile *p = NULL;
		struct sca_plan *plan = NULL;
		struct world w;

		world_open(&w, "oci crun:1.14.0 arch:x86_64");
		see(&w, w.t.arch, rows[i].name, SCA_ACT_UNKNOWN, false, rows[i].known, rows[i].arg0);
		assert_int_equal(profile_from(&p, json, NULL), 0);
		assert_int_equal(sca_plan_new(&plan, p, &w.t, w.ds, NULL, w.names, NULL), 0);
		if (sca_plan_at(plan, 0)->outcome != rows[i].want)
			fail_msg("row %zu (%s): %s: %s", i, rows[i].name,
				 sca_outcome_name(sca_plan_at(plan, 0)->outcome),
				 sca_plan_at(plan, 0)->why);
		sca_plan_free(plan);
		sca_profile_free(p);
		world_close(&w);
	}
}

static void test_unused(void **state _unused_)
{
	static const char json[] =
		"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"
		"'syscalls':[{'names':['mkdir','rmdir','execve','nosuchcall','splice'],'action':"
		"'SCMP_ACT_ALLOW'},{'names':['mkdir','link','mount'],'action':'SCMP_ACT_ALLOW'},"
		"{'names':['bpf'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_SYS_ADMIN']}},"
		"{'names':['rename'],'action':'SCMP_ACT_ERRNO'},{'names':['personality'],'action':"
		"'SCMP_ACT_ALLOW','args':[{'index':0,'value':8,'op':'SCMP_CMP_EQ'}]}]}";
	struct sca_unused_totals t;
	const struct sca_unused_rule *r;
	struct sca_profile *p = NULL;
	struct sca_unused *u = NULL;
	struct world w;

	world_open(&w, "docker arch:x86_64");
	see(&w, SCA_ARCH_X86, "mkdir", SCA_ACT_UNKNOWN, false, 0, 0);
	assert_int_equal(profile_from(&p, json, NULL), 0);
	assert_int_equal(sca_unused_new(&u, p, &w.t, w.ds, w.names, NULL), 0);
	sca_unused_totals(u, &t);
	assert_int_equal(t.allowed, 7); /* not: the unknown one, bpf, rename; mkdir once */
	assert_int_equal(t.seen, 1);
	assert_int_equal(t.startup, 1); /* execve */
	assert_int_equal(t.unused, 5);
	assert_false(t.default_allows);
	assert_int_equal(sca_unused_count(u), 3);
	r = sca_unused_at(u, 0); /* the rule with mount, which is worst */
	assert_int_equal(r->index, 1);
	assert_int_equal(r->n, 2);
	assert_string_equal(r->calls[0].name, "mount");
	assert_string_equal(r->calls[1].name, "link");
	for (size_t i = 0; i < sca_unused_count(u); i++)
		if (sca_unused_at(u, i)->index == 4)
			assert_true(sca_unused_at(u, i)->calls[0].conditional);
	assert_null(sca_unused_at(u, 3));
	assert_null(sca_unused_free(u));
	sca_profile_free(p);
	world_close(&w);
}

/* What the report leaves out, and its order. */
static void test_unused_odd(void **state _unused_)
{
	static const char json[] =
		"{'defaultAction':'SCMP_ACT_LOG','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"
		"'syscalls':[{'names':['rmdir'],'action':'SCMP_ACT_TRACE'},"
		"{'names':['link','socketcall'],'action':'SCMP_ACT_ALLOW'},"
		"{'names':['link'],'action':'SCMP_ACT_ALLOW'},"
		"{'names':['symlink'],'action':'SCMP_ACT_ALLOW'}]}";
	static const struct sca_record seen[] = {
		{.have = SCA_F_NR, .nr = 86, .action = SCA_ACT_LOG, .count = 1}, /* no arch */
		{.have = SCA_F_ARCH, .arch = SCA_ARCH_X86_64, .action = SCA_ACT_LOG, .count = 1},
		{.have = SCA_F_ARCH | SCA_F_NR, .arch = SCA_ARCH_X86_64, .nr = 99999,
		 .action = SCA_ACT_LOG, .count = 1},
	};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_unused_totals t;
	struct sca_profile *p = NULL;
	struct sca_unused *u = NULL;
	struct world w;

	world_open(&w, "docker arch:x86_64");
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
		assert_int_equal(sca_denials_add(w.ds, &seen[i], NULL), 0);
	assert_int_equal(profile_from(&p, json, NULL), 0);
	assert_int_equal(sca_unused_new(&u, p, &w.t, w.ds, w.names, &err), 0);
	sca_unused_totals(u, &t);
	assert_true(t.default_allows);
	assert_int_equal(t.seen, 0);
	assert_int_equal(t.unused, 3); /* link once, socketcall of x86 alone, symlink */
	assert_int_equal(sca_unused_count(u), 2);
	assert_int_equal(sca_unused_at(u, 0)->index, 1); /* as bad as the other: as in the file */
	assert_int_equal(sca_unused_at(u, 1)->index, 3);
	assert_int_equal(sca_unused_at(u, 0)->n, 2);
	sca_unused_free(u);
	sca_profile_free(p);

	u = NULL;
	assert_int_equal(profile_from(&p, "{'defaultAction':'SCMP_ACT_NOSUCH'}", NULL), 0);
	assert_true(sca_unused_new(&u, p, &w.t, w.ds, w.names, &err) < 0);
	assert_null(u);
	assert_non_null(strstr(err.text, "SCMP_ACT_NOSUCH"));
	assert_null(sca_unused_free(NULL));
	sca_profile_free(p);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draft),   cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_random),
		cmocka_unit_test(test_traced),  cmocka_unit_test(test_unused),
		cmocka_unit_test(test_unused_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
