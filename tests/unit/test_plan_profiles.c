/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that a real profile denies, one at a time: the plan, its patch and the proof. What
 * the proof says must be exactly what was asked, or the plan must say why there is no patch.
 * And all of them at once, against the clock.
 */
#include "plan.h"

#include <setjmp.h>
#include <cmocka.h>

/* Each call costs three runs of libseccomp. SCA_FULL in the environment: all calls, a minute. */
#define STRIDE 3

static const struct {
	const char *file;
	enum sca_frontend frontend;
} profiles[] = {
	{"moby-profiles-head-default.json", SCA_FRONTEND_DOCKER},
	{"container-libs-head.json", SCA_FRONTEND_PODMAN},
	{"moby-default-v1.12.0.json", SCA_FRONTEND_DOCKER},
	{"moby-default-v20.10.24.json", SCA_FRONTEND_DOCKER20},
	{"containers-common-v0.33.0.json", SCA_FRONTEND_PODMAN},
};

struct subject {
	const char *file;
	struct sca_names *names;
	struct sca_profile *p;
	struct sca_target target;
	struct sca_filter *filter;
	unsigned outcomes[SCA_OUT_COUNT];
	unsigned seen, calls, failed;
};

static bool subject_open(struct subject *s, size_t i)
{
	const char *shared = getenv("SCA_SHARED");
	char path[512];

	*s = (struct subject){.file = profiles[i].file};
	snprintf(path, sizeof(path), "%s/data/profiles/%s", shared ? shared : "../shared", s->file);
	if (access(path, R_OK) < 0) {
		print_message("skipped: %s is not there\n", path);
		return false;
	}
	sca_target_init(&s->target, profiles[i].frontend);
	assert_int_equal(sca_target_set_arch(&s->target, SCA_STR("x86_64"), NULL), 0);
	assert_int_equal(sca_target_set_kernel(&s->target, SCA_STR("6.1"), NULL), 0);
	assert_int_equal(sca_names_new(&s->names, NULL), 0);
	assert_int_equal(sca_profile_load_file(&s->p, path, NULL), 0);
	assert_int_equal(sca_filter_compile(&s->filter, s->p, &s->target, s->names, NULL), 0);
	return true;
}

static void subject_close(struct subject *s)
{
	sca_filter_free(s->filter);
	sca_profile_free(s->p);
	sca_names_free(s->names);
}

/* Adds the call as the filter would have it recorded; false when it is not denied. */
static bool add_denied(const struct subject *s, struct sca_denials *ds, uint32_t arch, int32_t nr)
{
	struct sca_record rec = {.have = SCA_F_NR | SCA_F_ARCH, .count = 1, .denied = true};
	struct sca_call call = {.arch = arch, .nr = nr};
	struct sca_reach reach;

	sca_filter_reach(s->filter, &call, &reach);
	if (!sca_action_denies(reach.v[0].action))
		return false;
	rec.arch = arch;
	rec.nr = nr;
	rec.action = reach.v[0].action;
	assert_int_equal(sca_denials_add(ds, &rec, NULL), 0);
	return true;
}

static void check_patch(struct subject *s, const struct sca_plan *pl)
{
	const struct sca_finding *f = sca_plan_at(pl, 0);
	struct sca_profile *patched = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_proof *pf = NULL;
	struct sca_proof_totals t = {0};
	bool promised = f->outcome == SCA_OUT_PATCH || f->outcome == SCA_OUT_ENOSYS;
	int r;

	s->outcomes[f->outcome]++;
	if (!*f->why || !*f->answer || promised != (sca_patch_count(sca_plan_patch(pl)) > 0)) {
		print_error("%s: %s: %s with %zu operations\n", s->file, f->syscall,
			    sca_outcome_name(f->outcome), sca_patch_count(sca_plan_patch(pl)));
		s->failed++;
	}
	if (!promised)
		return;
	r = sca_patch_apply(sca_plan_patch(pl), s->p, &patched, &err);
	if (r == 0)
		r = sca_proof_new(&pf, pl, s->p, patched, &s->target, s->names, &err);
	if (pf)
		sca_proof_totals(pf, &t);
	if (r < 0 || t.asked < 1 || t.unasked || t.still_denied) {
		print_error("%s: %s: %s (asked %zu, same name %zu, stub %zu, unasked %zu, denied %zu)\n",
			    s->file, f->syscall, err.text, t.asked, t.same_name, t.stub_shift,
			    t.unasked, t.still_denied);
		s->failed++;
	}
	sca_proof_free(pf);
	sca_profile_free(patched);
}

static void one_call(struct subject *s, uint32_t arch, int32_t nr,
		     const struct sca_plan_options *opt)
{
	unsigned stride = getenv("SCA_FULL") ? 1 : opt ? 3 * STRIDE : STRIDE;
	struct sca_denials *ds = NULL;
	struct sca_plan *pl = NULL;
	struct sca_err err = SCA_ERR_INIT;

	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	if (sca_syscall_name(s->names, arch, nr) && add_denied(s, ds, arch, nr) &&
	    s->seen++ % stride == 0) {
		s->calls++;
		if (sca_plan_new(&pl, s->p, &s->target, ds, opt, s->names, &err) < 0) {
			print_error("%s: %u:%d: %s\n", s->file, arch, nr, err.text);
			s->failed++;
		} else {
			check_patch(s, pl);
		}
	}
	sca_plan_free(pl);
	sca_denials_free(ds);
}

static void print_outcomes(const struct subject *s, const char *what)
{
	print_message("%-32s %-10s %3u calls:", s->file, what, s->calls);
	for (unsigned i = 0; i < SCA_OUT_COUNT; i++)
		if (s->outcomes[i])
			print_message(" %s %u", sca_outcome_name(i), s->outcomes[i]);
	print_message("\n");
}

static void run_profiles(const char *what, const struct sca_plan_options *opt)
{
	unsigned failed = 0, opened = 0;

	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		struct subject s;

		if (!subject_open(&s, i))
			continue;
		opened++;
		for (int32_t nr = 0; nr <= sca_syscall_last(s.names, SCA_ARCH_X86_64); nr++)
			one_call(&s, SCA_ARCH_X86_64, nr, opt);
		for (int32_t nr = 0; nr <= sca_syscall_last(s.names, SCA_ARCH_X86); nr += 7)
			one_call(&s, SCA_ARCH_X86, nr, opt);
		print_outcomes(&s, what);
		failed += s.failed;
		subject_close(&s);
	}
	if (!opened)
		skip();
	assert_int_equal(failed, 0);
}

static void test_as_asked(void **state _unused_)
{
	run_profiles("default", NULL);
}

/* With nothing held back: most of the calls get a patch, and each is proved. */
static void test_all_open(void **state _unused_)
{
	static const struct sca_str all = {"all", 3};
	const struct sca_plan_options opt = {
		.allow_dangerous = &all,
		.n_allow_dangerous = 1,
		.allow_broad = true,
	};

	run_profiles("all open", &opt);
}

/* All calls of three architectures that moby's profile denies, in one plan. */
static void test_many(void **state _unused_)
{
	static const uint32_t archs[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32};
	struct sca_denials *ds = NULL;
	struct sca_plan *pl = NULL;
	struct timespec a, b;
	struct subject s;
	double ms;

	if (!subject_open(&s, 0))
		skip();
	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		for (int32_t nr = 0; nr < 1000 && sca_denials_count(ds) < 1000; nr++)
			add_denied(&s, ds, archs[i], nr);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	assert_int_equal(sca_plan_new(&pl, s.p, &s.target, ds, NULL, s.names, NULL), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
	print_message("%zu denials planned in %.1f ms of CPU time\n", sca_plan_count(pl), ms);
	assert_int_equal(sca_plan_count(pl), sca_denials_count(ds));
	assert_true(ms < 2000); /* sanitizers and a busy machine included */
	sca_plan_free(pl);
	sca_denials_free(ds);
	subject_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_asked),
		cmocka_unit_test(test_all_open),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
