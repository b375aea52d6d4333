/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small profiles made up by a fixed seed, with contradicting, repeated, gated and silenced rules,
 * and denials that they explain. Whatever the plan promises must come out of the compiled
 * patch, nothing else may move, and no edit may be superfluous.
 */
#include "text.h"

#include <setjmp.h>
#include <cmocka.h>

#include "plan_check.h"

#define ROUNDS 1000

static const char *const calls[] = {
	"mkdir", "rmdir", "link", "clone", "personality", "futex", "clone3", "mount",
	"io_uring_setup", "statx", "ptrace", "chroot", "kill", "sethostname", "userfaultfd",
	"mbind",
};

struct dice {
	uint64_t state;
};

/* Knuth's MMIX generator; the same everywhere. */
static unsigned roll(struct dice *d, unsigned n)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(d->state >> 33) % n;
}

#define pick(d, list) ((list)[roll((d), ARRAY_SIZE(list))])

static void make_rule(struct dice *d, struct buf *b, bool name_form)
{
	static const char *const actions[] = {"ALLOW", "ALLOW",	"ERRNO", "ERRNO",
					      "KILL",  "KILL_PROCESS", "TRAP",  "LOG"};
	static const int errnos[] = {1, 13, 38};
	const char *action = pick(d, actions);

	if (name_form) {
		buf_addf(b, "{\"name\":\"%s\"", pick(d, calls));
	} else {
		unsigned n = 1 + roll(d, 4);

		for (unsigned i = 0; i < n; i++)
			buf_addf(b, "%s\"%s\"", i ? "," : "{\"names\":[", pick(d, calls));
		buf_add_c(b, ']');
	}
	buf_addf(b, ",\"action\":\"SCMP_ACT_%s\"", action);
	if (strcmp(action, "ERRNO") == 0 && roll(d, 2))
		buf_addf(b, ",\"errnoRet\":%d", pick(d, errnos));
	if (roll(d, 6) == 0)
		buf_addf(b, ",\"%s\":{\"caps\":[\"CAP_SYS_%s\"]}",
			 roll(d, 2) ? "includes" : "excludes", roll(d, 2) ? "ADMIN" : "CHROOT");
	buf_add_c(b, '}');
}

static void make_profile(struct dice *d, struct buf *b, bool name_form)
{
	static const char *const defaults[] = {"ERRNO", "ERRNO", "ERRNO", "KILL",
					       "KILL_PROCESS", "TRAP", "LOG", "ALLOW"};
	const char *action = pick(d, defaults);
	unsigned n = roll(d, 7);

	buf_addf(b, "{\"defaultAction\":\"SCMP_ACT_%s\"", action);
	if (strcmp(action, "ERRNO") == 0 && roll(d, 3) == 0)
		buf_addf(b, ",\"defaultErrnoRet\":%d", roll(d, 2) ? 38 : 13);
	if (roll(d, 2))
		buf_add_z(b, ",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]");
	buf_add_z(b, ",\"syscalls\":[");
	for (unsigned i = 0; i < n; i++) {
		buf_add_z(b, i ? "," : "");
		make_rule(d, b, name_form);
	}
	buf_add_z(b, "]}");
	assert_false(b->failed);
}

static void make_denials(struct dice *d, struct sca_denials *ds, const struct sca_filter *f,
			 struct sca_names *names)
{
	unsigned n = 1 + roll(d, 4);

	for (unsigned i = 0; i < n; i++) {
		struct sca_call call = {.arch = roll(d, 4) ? SCA_ARCH_X86_64 : SCA_ARCH_X86};
		struct sca_record rec = {.have = SCA_F_NR | SCA_F_ARCH, .count = 1, .denied = true};
		struct sca_reach reach;

		if (sca_syscall_number(names, call.arch, sca_str_z(pick(d, calls)), &call.nr) < 0)
			continue;
		sca_filter_reach(f, &call, &reach);
		if (!sca_action_denies(reach.v[0].action))
			continue;
		rec.arch = call.arch;
		rec.nr = call.nr;
		rec.action = reach.v[0].action;
		assert_int_equal(sca_denials_add(ds, &rec, NULL), 0);
	}
}

static bool check(const struct sca_plan *pl, const struct sca_profile *p,
		  const struct sca_target *t, struct sca_names *names)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *patched = NULL;
	struct sca_proof *proof = NULL;
	bool good = true;

	if (sca_patch_apply(sca_plan_patch(pl), p, &patched, &err) < 0 ||
	    sca_proof_new(&proof, pl, p, patched, t, names, &err) < 0) {
		print_error("%s\n", err.text);
		good = false;
	}
	for (size_t i = 0; i < pl->edits.n && good; i++)
		if (!plan_needs_edit(pl, i, p, t, names)) {
			print_error("edit %zu is not needed\n", i);
			good = false;
		}
	if (!good)
		print_error("of %.*s\nto %s\n", (int)sca_profile_text(p).n, sca_profile_text(p).p,
			    patched ? sca_profile_text(patched).p : "nothing");
	sca_proof_free(proof);
	sca_profile_free(patched);
	return good;
}

/* Returns whether the plan had edits. */
static bool round_of(struct dice *d, struct sca_names *names)
{
	static const enum sca_frontend fronts[] = {SCA_FRONTEND_DOCKER, SCA_FRONTEND_PODMAN,
						   SCA_FRONTEND_CRI};
	static const struct sca_str all = {"all", 3};
	struct sca_plan_options opt = {.allow_arch = roll(d, 2), .n_allow_dangerous = roll(d, 2)};
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct sca_denials *ds = NULL;
	struct sca_plan *pl = NULL;
	struct sca_target t;
	bool patched;

	opt.allow_dangerous = &all;
	sca_target_init(&t, pick(d, fronts));
	assert_int_equal(sca_target_set_arch(&t, SCA_STR("x86_64"), NULL), 0);
	assert_int_equal(sca_target_set_runtime(&t, roll(d, 2) ? SCA_STR("crun:1.14.0") :
						SCA_STR("runc:1.3.0"), NULL), 0);
	make_profile(d, &text, t.frontend != SCA_FRONTEND_CRI && roll(d, 8) == 0);
	assert_int_equal(sca_profile_load_mem(&p, buf_str(&text), "random", NULL), 0);
	assert_int_equal(sca_filter_compile(&f, p, &t, names, NULL), 0);
	assert_int_equal(sca_denials_new(&ds, 0, NULL), 0);
	make_denials(d, ds, f, names);
	assert_int_equal(sca_plan_new(&pl, p, &t, ds, &opt, names, NULL), 0);
	patched = sca_patch_count(sca_plan_patch(pl));
	if (patched)
		assert_true(check(pl, p, &t, names));
	sca_plan_free(pl);
	sca_denials_free(ds);
	sca_filter_free(f);
	sca_profile_free(p);
	return patched;
}

static void test_random(void **state _unused_)
{
	struct sca_names *names = NULL;
	unsigned patched = 0;

	assert_int_equal(sca_names_new(&names, NULL), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct dice d = {i};

		patched += round_of(&d, names);
	}
	print_message("%u of %u profiles patched\n", patched, ROUNDS);
	assert_true(patched > ROUNDS / 2);
	sca_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
