/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of tests/tables/plan/, see the README there. Every case whose plan has operations is
 * also applied and proved, and each edit is left out in turn: some promised call must then
 * still be closed.
 */
#include "plan.h"
#include "text.h"

#include <glob.h>
#include <setjmp.h>
#include <cmocka.h>

#include "plan_check.h"

#define CASE_LINES 64

enum word { W_IS, W_WHY, W_ANSWER, W_NOTE, W_OP, W_PROOF, W_REFUSED, W_DENY };

struct expect {
	enum word word;
	size_t denial; /* of W_IS, W_WHY, W_ANSWER */
	char *text;
	unsigned line;
};

struct plan_case {
	char title[160];
	unsigned line;
	struct sca_target target;
	struct sca_plan_options opt;
	struct sca_str dangerous[8];
	char words[256]; /* of dangerous */
	struct buf profile;
	struct sca_denials *ds;
	size_t n_denials;
	struct expect expect[CASE_LINES];
	size_t n;
};

struct run {
	const char *path;
	struct sca_names *names;
	unsigned line, cases, failed;
	struct buf last_profile;
	struct plan_case *c;
};

static _printf_(3, 4) void complain(struct run *run, unsigned line, const char *fmt, ...)
{
	va_list ap;
	char text[4096];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_error("%s:%u: %s: %s\n", run->path, line, run->c->title, text);
	run->failed++;
}

/* -- reading -- */

static void read_target(struct run *run, struct sca_str line)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_target *t = &run->c->target;
	enum sca_frontend frontend;
	struct sca_str word;
	int r = 0;

	str_cut(&line, ' ', &word);
	r = sca_frontend_parse(word, &frontend);
	if (r == 0)
		sca_target_init(t, frontend);
	while (r == 0 && str_cut(&line, ' ', &word)) {
		if (str_starts(word, SCA_STR("caps=")))
			r = sca_target_set_caps(t, str_skip(word, 5), &err);
		else if (str_starts(word, SCA_STR("kernel=")))
			r = sca_target_set_kernel(t, str_skip(word, 7), &err);
		else if (str_starts(word, SCA_STR("arch=")))
			r = sca_target_set_arch(t, str_skip(word, 5), &err);
		else
			r = sca_target_set_runtime(t, word, &err);
	}
	if (r < 0)
		complain(run, run->line, "bad target: %s", err.text);
}

static void read_option(struct run *run, struct sca_str line)
{
	struct plan_case *c = run->c;
	struct sca_str word;

	while (str_cut(&line, ' ', &word)) {
		if (str_is(word, "broad")) {
			c->opt.allow_broad = true;
		} else if (str_is(word, "arch")) {
			c->opt.allow_arch = true;
		} else if (str_starts(word, SCA_STR("dangerous=")) &&
			   c->opt.n_allow_dangerous < ARRAY_SIZE(c->dangerous)) {
			size_t at = strlen(c->words);

			word = str_skip(word, 10);
			snprintf(c->words + at, sizeof(c->words) - at, "%.*s", (int)word.n, word.p);
			c->dangerous[c->opt.n_allow_dangerous++] = sca_str_z(c->words + at);
			c->opt.allow_dangerous = c->dangerous;
		} else {
			complain(run, run->line, "bad option %.*s", (int)word.n, word.p);
		}
	}
}

static void read_arg(struct run *run, struct sca_str word, struct sca_record *rec)
{
	unsigned i = word.n > 3 && word.p[0] == 'a' ? (unsigned)(word.p[1] - '0') : 9;

	if (i > 5 || str_any64(str_skip(word, 3), &rec->args[i]) < 0)
		complain(run, run->line, "bad argument %.*s", (int)word.n, word.p);
	else
		rec->args_known |= 1u << i;
}

static void read_deny(struct run *run, struct sca_str line)
{
	struct sca_record rec = {.have = SCA_F_NR | SCA_F_COMM, .count = 1, .denied = true};
	struct sca_str arch, call, action, word;
	int64_t nr;
	int r;

	str_cut(&line, ' ', &arch);
	str_cut(&line, ' ', &call);
	str_cut(&line, ' ', &action);
	r = sca_action_parse(action, &rec.action);
	if (str_is(action, "unknown") || str_is(action, "strict"))
		rec.action = str_is(action, "strict") ? SCA_ACT_STRICT : SCA_ACT_UNKNOWN, r = 0;
	rec.denied = rec.action != SCA_ACT_LOG;
	rec.comm = SCA_STR("app");
	if (!str_is(arch, "-")) {
		rec.have |= SCA_F_ARCH;
		r = r < 0 ? r : sca_arch_parse(arch, &rec.arch);
	}
	if (str_i64(call, &nr) == 0)
		rec.nr = (int32_t)nr;
	else
		r = r < 0 ? r : sca_syscall_number(run->names, rec.arch, call, &rec.nr);
	if (r < 0)
		complain(run, run->line, "bad denial: %s", sca_err_str(r));
	while (str_cut(&line, ' ', &word)) {
		if (str_is(word, "init"))
			rec.comm = SCA_STR("runc:[2:INIT]");
		else
			read_arg(run, word, &rec);
	}
	assert_int_equal(sca_denials_add(run->c->ds, &rec, NULL), 0);
	run->c->n_denials++;
}

static void read_expect(struct run *run, enum word word, struct sca_str text)
{
	struct plan_case *c = run->c;

	if (c->n == CASE_LINES) {
		complain(run, run->line, "too many lines");
		return;
	}
	c->expect[c->n++] = (struct expect){word, c->n_denials - 1, strndup(text.p, text.n),
					    run->line};
}

/* -- checking -- */

static bool find_in_notes(const struct sca_plan *pl, const char *text)
{
	for (size_t i = 0; i < sca_plan_note_count(pl); i++)
		if (strstr(sca_plan_note(pl, i), text))
			return true;
	return false;
}

static void check_finding(struct run *run, const struct expect *e, const struct sca_finding *f)
{
	char got[64];

	snprintf(got, sizeof(got), f->rule < 0 ? "%s %u -" : "%s %u %ld",
		 sca_outcome_name(f->outcome), f->row, f->rule);
	if (e->word == W_IS && strcmp(got, e->text))
		complain(run, e->line, "is \"%s\", not \"%s\"\n\twhy    %s\n\tanswer %s", got,
			 e->text, f->why, f->answer);
	if (e->word == W_WHY && !strstr(f->why, e->text))
		complain(run, e->line, "why is\n\t%s", f->why);
	if (e->word == W_ANSWER && !strstr(f->answer, e->text))
		complain(run, e->line, "answer is\n\t%s", f->answer);
}

static void format_op(const struct sca_op *op, char *out, size_t n)
{
	static const char *const kinds[] = {"add", "remove", "replace", "move"};
	const char *last = op->kind == SCA_OP_MOVE ? op->from : op->value;

	snprintf(out, n, op->kind == SCA_OP_REMOVE ? "%s %s%s" : "%s %s %s", kinds[op->kind],
		 op->path, op->kind == SCA_OP_REMOVE ? "" : last);
}

static void check_ops(struct run *run, const struct sca_patch *pt)
{
	size_t n = 0;
	char got[2048];

	for (size_t i = 0; i < run->c->n; i++) {
		const struct expect *e = &run->c->expect[i];

		if (e->word != W_OP)
			continue;
		if (n < sca_patch_count(pt))
			format_op(sca_patch_op(pt, n), got, sizeof(got));
		else
			snprintf(got, sizeof(got), "missing");
		n++;
		if (strcmp(got, e->text))
			complain(run, e->line, "operation is\n\t%s", got);
	}
	for (; n < sca_patch_count(pt); n++) {
		format_op(sca_patch_op(pt, n), got, sizeof(got));
		complain(run, run->c->line, "operation too many\n\t%s", got);
	}
}

static void check_proof(struct run *run, const struct sca_plan *pl, const struct sca_profile *p,
			const struct sca_profile *patched)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_proof *pf = NULL;
	struct sca_proof_totals t = {0};
	char got[64];
	int r = sca_proof_new(&pf, pl, p, patched, &run->c->target, run->names, &err);

	if (pf)
		sca_proof_totals(pf, &t);
	if (r < 0)
		complain(run, run->c->line, "proof: %s (unasked %zu, still denied %zu)", err.text,
			 t.unasked, t.still_denied);
	snprintf(got, sizeof(got), "%zu %zu %zu", t.asked, t.same_name, t.stub_shift);
	for (size_t i = 0; i < run->c->n; i++)
		if (run->c->expect[i].word == W_PROOF && strcmp(run->c->expect[i].text, got))
			complain(run, run->c->expect[i].line, "proof is %s", got);
	sca_proof_free(pf);
}

static void check_minimal(struct run *run, const struct sca_plan *pl, const struct sca_profile *p)
{
	for (size_t i = 0; i < pl->edits.n; i++)
		if (!plan_needs_edit(pl, i, p, &run->c->target, run->names))
			complain(run, run->c->line, "edit %zu is not needed", i);
}

static void check_plan(struct run *run, const struct sca_plan *pl, const struct sca_profile *p)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *patched = NULL;

	for (size_t i = 0; i < run->c->n; i++) {
		const struct expect *e = &run->c->expect[i];

		if (e->word <= W_ANSWER && e->denial < sca_plan_count(pl))
			check_finding(run, e, sca_plan_at(pl, e->denial));
		if (e->word == W_NOTE && !find_in_notes(pl, e->text))
			complain(run, e->line, "no such note among %zu", sca_plan_note_count(pl));
		if (e->word == W_REFUSED)
			complain(run, e->line, "not refused");
	}
	check_ops(run, sca_plan_patch(pl));
	if (!sca_patch_count(sca_plan_patch(pl)))
		return;
	if (sca_patch_apply(sca_plan_patch(pl), p, &patched, &err) < 0) {
		complain(run, run->c->line, "apply: %s", err.text);
		return;
	}
	check_proof(run, pl, p, patched);
	check_minimal(run, pl, p);
	sca_profile_free(patched);
}

static void end_case(struct run *run)
{
	struct plan_case *c = run->c;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_plan *pl = NULL;
	int r;

	if (!c)
		return;
	run->cases++;
	r = sca_profile_load_mem(&p, buf_str(&c->profile), run->path, &err);
	if (r == 0)
		r = sca_plan_new(&pl, p, &c->target, c->ds, &c->opt, run->names, &err);
	if (r == 0)
		check_plan(run, pl, p);
	else if (r != SCA_E_REFUSED || !c->n || c->expect[c->n - 1].word != W_REFUSED ||
		 !strstr(err.text, c->expect[c->n - 1].text))
		complain(run, c->line, "no plan: %s", err.text);
	sca_plan_free(pl);
	sca_profile_free(p);
	sca_denials_free(c->ds);
	for (size_t i = 0; i < c->n; i++)
		free(c->expect[i].text);
	buf_release(&c->profile);
	free(c);
	run->c = NULL;
}

/* -- driver -- */

static void begin_case(struct run *run, struct sca_str title)
{
	end_case(run);
	run->c = calloc(1, sizeof(*run->c));
	assert_non_null(run->c);
	run->c->line = run->line;
	snprintf(run->c->title, sizeof(run->c->title), "%.*s", (int)title.n, title.p);
	sca_target_init(&run->c->target, SCA_FRONTEND_DOCKER);
	assert_int_equal(sca_target_set_arch(&run->c->target, SCA_STR("x86_64"), NULL), 0);
	assert_int_equal(sca_target_set_kernel(&run->c->target, SCA_STR("6.1"), NULL), 0);
	assert_int_equal(sca_target_set_runtime(&run->c->target, SCA_STR("crun:1.14.0"), NULL), 0);
	assert_int_equal(sca_denials_new(&run->c->ds, 0, NULL), 0);
}

static void read_profile(struct run *run, struct sca_str *text)
{
	struct sca_str line;

	buf_reset(&run->last_profile);
	while (str_cut(text, '\n', &line)) {
		run->line++;
		if (str_is(line, "."))
			break;
		buf_add_str(&run->last_profile, line);
		buf_add_c(&run->last_profile, '\n');
	}
}

static void read_line(struct run *run, struct sca_str line, struct sca_str *text)
{
	static const struct {
		const char *word;
		enum word expect;
	} words[] = {
		{"is ", W_IS},   {"why ", W_WHY},	{"answer ", W_ANSWER},
		{"op ", W_OP},   {"proof ", W_PROOF},   {"note ", W_NOTE},
		{"deny ", W_DENY}, {"refused ", W_REFUSED},
	};

	if (str_starts(line, SCA_STR("== "))) {
		begin_case(run, str_skip(line, 3));
		return;
	}
	if (!line.n || line.p[0] == '#' || !run->c)
		return;
	if (str_starts(line, SCA_STR("target "))) {
		read_target(run, str_skip(line, 7));
		return;
	}
	if (str_starts(line, SCA_STR("option "))) {
		read_option(run, str_skip(line, 7));
		return;
	}
	if (str_starts(line, SCA_STR("profile"))) {
		if (!str_is(line, "profile same"))
			read_profile(run, text);
		buf_add_str(&run->c->profile, buf_str(&run->last_profile));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct sca_str word = sca_str_z(words[i].word);

		if (!str_starts(line, word))
			continue;
		if (words[i].expect == W_DENY)
			read_deny(run, str_skip(line, word.n));
		else
			read_expect(run, words[i].expect, str_skip(line, word.n));
		return;
	}
	complain(run, run->line, "what is \"%.*s\"?", (int)line.n, line.p);
}

static void test_tables(void **state _unused_)
{
	struct run run = {0};
	glob_t g;

	assert_int_equal(sca_names_new(&run.names, NULL), 0);
	assert_int_equal(glob("tests/tables/plan/*.t", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct sca_str text, line;
		_cleanup_buf_ struct buf b = BUF_INIT;
		char chunk[4096];
		FILE *f = fopen(g.gl_pathv[i], "re");

		assert_non_null(f);
		while (!feof(f) && !ferror(f))
			buf_add(&b, chunk, fread(chunk, 1, sizeof(chunk), f));
		fclose(f);
		run.path = g.gl_pathv[i];
		run.line = 0;
		text = buf_str(&b);
		while (str_cut(&text, '\n', &line)) {
			run.line++;
			read_line(&run, line, &text);
		}
		end_case(&run);
	}
	globfree(&g);
	buf_release(&run.last_profile);
	sca_names_free(run.names);
	print_message("%u cases, %u failures\n", run.cases, run.failed);
	assert_int_not_equal(run.cases, 0);
	assert_int_equal(run.failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
