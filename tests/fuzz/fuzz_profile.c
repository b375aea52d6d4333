/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles from anywhere, under every target. An input's first two bytes choose the target and
 * what is done with the profile; the rest is its text. Aborts when a failure has no code or text,
 * when a verdict is missing from those that unknown arguments leave open, when what `check` wants
 * to edit changes other verdicts than it says, when a logging twin lets a call through unseen or
 * its way back leads elsewhere, or when an explanation says another verdict than the filter.
 */
#include "fuzz.h"

#include <scaudit/check.h>
#include <scaudit/explain.h>
#include <scaudit/twin.h>

#include "filter_int.h"
#include "probe.h"

static struct sca_names *names;

/* A filter that needs a child to be tried counts as one that does not end. */
int probe_run(void (*f)(void *arg) _unused_, void *arg _unused_, unsigned seconds _unused_)
{
	return SCA_E_LIMIT;
}

static void make_target(uint8_t choice, struct sca_target *t)
{
	static const char *const runtimes[] = {"crun:1.14.0", "runc:1.3.0", "runc:1.0.1",
					       "crun:0.18"};

	sca_target_init(t, (enum sca_frontend)(choice % SCA_FRONTEND_COUNT));
	choice /= SCA_FRONTEND_COUNT;
	must(sca_target_set_arch(t, choice & 4 ? SCA_STR("aarch64") : SCA_STR("x86_64"), NULL) ==
			     0 &&
		     sca_target_set_kernel(t, SCA_STR("6.1"), NULL) == 0 &&
		     sca_target_set_runtime(t, sca_str_z(runtimes[choice % 4]), NULL) == 0,
	     "a target");
}

static void check_error(const struct sca_err *err, int r)
{
	char line[512];

	must(err->code == r && err->text[0], "a failure has a code and a text");
	sca_err_format(err, line, sizeof(line));
}

/* Calls that the profile's rules name, and some others. */
static void check_verdicts(const struct sca_filter *f)
{
	for (size_t i = 0; i < MIN(f->n_refs + 8, (size_t)64); i++) {
		struct sca_call c = {.arch = f->info.archs[0], .nr = (int32_t)(i * 57)};
		struct sca_reach reach;
		struct sca_verdict v;

		if (i < f->n_refs) {
			c.arch = f->refs[i].arch;
			c.nr = f->refs[i].nr;
		}
		sca_filter_reach(f, &c, &reach);
		must(reach.n >= 1, "some verdict is reached");
		for (unsigned k = 0; k < 8; k++) {
			bool found = false;

			for (unsigned a = 0; a < 6; a++)
				c.args[a] = k < 3 ? k : UINT64_MAX >> (k - 3) * 11;
			sca_filter_eval(f, &c, &v);
			for (size_t j = 0; j < reach.n; j++)
				found |= reach.v[j].action == v.action && reach.v[j].data == v.data;
			must(found || !reach.complete, "a verdict is among those reached");
		}
	}
}

static void check_checks(const struct sca_profile *p, const struct sca_target *t, bool all)
{
	const struct sca_check_options opt = {.all_loaders = all};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_compare *cmp = NULL;
	struct sca_checked *c = NULL;
	struct sca_profile *q = NULL;
	int r = sca_checked_new(&c, p, t, &opt, names, &err);

	if (r < 0) {
		check_error(&err, r);
		return;
	}
	for (size_t i = 0; i < sca_checked_count(c); i++) {
		const struct sca_problem *pr = sca_checked_at(c, i);

		must(pr->check < sca_check_count() && pr->text[0], "a problem of the table");
	}
	if (sca_checked_patch(c)) {
		must(sca_patch_apply(sca_checked_patch(c), p, &q, &err) == 0, "its edits apply");
		must(sca_compare_new(&cmp, p, q, t, names, &err) == 0, "and compare");
		must(sca_checked_change_count(c) || !sca_compare_differs(cmp),
		     "no verdict moves in silence");
	}
	sca_compare_free(cmp);
	sca_profile_free(q);
	sca_checked_free(c);
}

static void check_twin(const struct sca_profile *p, const struct sca_target *t, uint8_t how)
{
	const struct sca_twin_options opt = {how & 1 ? SCA_TWIN_FLAG : SCA_TWIN_ACTION, how & 2};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_twin *tw = NULL;
	char *undo = NULL, *text = NULL;
	size_t undo_n, text_n;
	struct sca_str now;
	int r = sca_twin_new(&tw, p, t, &opt, names, &err);

	if (r < 0) {
		check_error(&err, r);
		return;
	}
	now = sca_profile_text(sca_twin_profile(tw));
	must(sca_undo_make(now, sca_profile_text(p), &undo, &undo_n, NULL) == 0, "a way back");
	must(sca_undo_apply(now, (struct sca_str){undo, undo_n}, &text, &text_n, NULL) == 0 &&
		     str_eq((struct sca_str){text, text_n}, sca_profile_text(p)),
	     "the way back leads back");
	free(undo);
	free(text);
	sca_twin_free(tw);
}

static void check_explanations(const struct sca_profile *p, const struct sca_target *t,
			       const struct sca_filter *f)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_explainer *ex = NULL;

	must(sca_explainer_new(&ex, p, t, names, &err) == 0, "what loads is explained");
	for (size_t i = 0; i < 6; i++) {
		struct sca_call c = {.arch = f->info.archs[0], .nr = (int32_t)(i * 61)};
		const struct sca_explanation *e = NULL;
		struct sca_reach reach;

		if (i < 4 && f->n_refs) {
			c.arch = f->refs[i * f->n_refs / 4].arch;
			c.nr = f->refs[i * f->n_refs / 4].nr;
		}
		sca_filter_reach(f, &c, &reach);
		must(sca_explain_call(ex, &c, &e, &err) == 0, "a call is explained");
		must(e->ruling.v.action == reach.v[0].action && e->ruling.v.data == reach.v[0].data,
		     "by its verdict");
		must(e->why[0] && e->n_ways <= SCA_WAYS_MAX, "with a reason");
		must(e->ruling.rule < (long)f->eff->n_rules, "and a rule of the profile");
	}
	sca_explainer_free(ex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, data + n};
	uint8_t choice = input_byte(&in), what = input_byte(&in);
	struct sca_str text = {(const char *)in.p, (size_t)(in.end - in.p)};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct sca_target t;
	int r;

	must(names || sca_names_new(&names, NULL) == 0, "memory");
	if (text.n > 1 << 14 || sca_profile_load_mem(&p, text, "fuzz", NULL) < 0)
		return 0;
	make_target(choice, &t);
	r = sca_filter_compile(&f, p, &t, names, &err);
	if (r < 0)
		check_error(&err, r);
	else if (!f->info.disabled)
		check_verdicts(f);
	if (what % 4 == 1)
		check_checks(p, &t, what & 16);
	else if (what % 4 == 2)
		check_twin(p, &t, what / 4);
	else if (what % 4 == 3 && f)
		check_explanations(p, &t, f);
	sca_filter_free(f);
	sca_profile_free(p);
	return 0;
}
