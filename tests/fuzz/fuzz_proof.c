/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a profile and denials to a patch and its proof. An input is choices: a target, a profile of
 * calls that the planner knows something of, in some layout, denials, and calls to try. Aborts
 * when a plan's edits touch other bytes, when what they make reads as something else, when a
 * promised call is not as promised, when a proof misses a verdict that moves or has one that does
 * not, when something moves that nobody asked for, or when the way back leads elsewhere.
 *
 * Rules with several conditions have none that might send libseccomp into a loop, so no child has
 * to try them.
 */
#include "fuzz.h"

#include <scaudit/twin.h>

#include "edits.h"
#include "filter_int.h"
#include "plan_check.h"
#include "proof_int.h"

static const char *const calls[] = {
	"mkdir", "rmdir", "link", "clone", "personality", "futex", "clone3", "mount",
	"io_uring_setup", "statx", "ptrace", "chroot", "kill", "sethostname", "userfaultfd",
	"mbind", "socket", "bind", "shmget", "read", "openat2", "no_such_call",
};
static const char *const actions[] = {
	"ALLOW", "ALLOW", "ERRNO", "ERRNO", "KILL", "KILL_PROCESS", "TRAP", "LOG", "KILL_THREAD",
	"TRACE", "NOTIFY",
};
static const uint64_t values[] = {
	0, 1, 2, 3, 40, 0xffffffff, 0x100000000, 0xffffffffffffffff, 0x7e020000, 0x10000000,
};

static struct sca_names *names;

#define pick(in, list) ((list)[input_byte(in) % ARRAY_SIZE(list)])

/* -- a profile -- */

/* How the text looks: line ends, indents, blanks. */
struct layout {
	const char *line, *indent, *colon;
};

static const struct layout layouts[] = {
	{"", "", ":"}, {"\n", "\t", ": "}, {"\n", "  ", ": "}, {"\r\n", "    ", ": "},
	{" ", "", " : "},
};

static void new_line(struct buf *b, const struct layout *l, unsigned depth)
{
	buf_add_z(b, l->line);
	while (depth--)
		buf_add_z(b, l->indent);
}

static void make_args(struct input *in, struct buf *b, const struct layout *l)
{
	static const char *const any[] = {"EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ"};
	unsigned n = input_byte(in) % 4;

	if (n > 2)
		n = 0;
	if (n)
		buf_addf(b, ",\"args\"%s[", l->colon);
	for (unsigned i = 0; i < n; i++) {
		const char *op = n > 1 ? "EQ" : pick(in, any);
		unsigned index = input_byte(in) % 3;

		buf_addf(b, "%s{\"index\"%s%u,\"op\"%s\"SCMP_CMP_%s\",\"value\"%s%llu", i ? ", " : "",
			 l->colon, index, l->colon, op, l->colon,
			 (unsigned long long)pick(in, values));
		if (strcmp(op, "MASKED_EQ") == 0)
			buf_addf(b, ",\"valueTwo\"%s%llu", l->colon,
				 (unsigned long long)pick(in, values));
		buf_add_c(b, '}');
	}
	if (n)
		buf_add_c(b, ']');
}

static void make_gate(struct input *in, struct buf *b, const struct layout *l)
{
	static const char *const gates[] = {
		"\"includes\"%s{\"caps\":[\"CAP_SYS_ADMIN\"]}",
		"\"excludes\"%s{\"caps\":[\"CAP_SYS_ADMIN\"]}",
		"\"includes\"%s{\"caps\":[\"CAP_SYS_CHROOT\"]}",
		"\"excludes\"%s{\"caps\":[\"CAP_SYS_CHROOT\"]}",
		"\"includes\"%s{\"minKernel\":\"4.8\"}",
		"\"includes\"%s{\"minKernel\":\"99.1\"}",
		"\"includes\"%s{\"arches\":[\"amd64\"]}",
		"\"excludes\"%s{\"arches\":[\"amd64\",\"x32\"]}",
		"\"comment\"%s\"one, two\"",
	};
	unsigned g = input_byte(in) % 24;

	if (g >= ARRAY_SIZE(gates))
		return;
	buf_add_c(b, ',');
	for (const char *p = gates[g]; *p; p++)
		if (p[0] == '%' && p[1] == 's')
			buf_add_z(b, l->colon), p++;
		else
			buf_add_c(b, *p);
}

static void make_rule(struct input *in, struct buf *b, const struct layout *l)
{
	static const int errnos[] = {1, 13, 38, 0, 4095};
	unsigned n = 1 + input_byte(in) % 4;
	const char *action;

	new_line(b, l, 2);
	buf_add_c(b, '{');
	new_line(b, l, 3);
	buf_addf(b, "\"names\"%s[", l->colon);
	for (unsigned i = 0; i < n; i++) {
		buf_add_z(b, i ? "," : "");
		new_line(b, l, 4);
		buf_addf(b, "\"%s\"", pick(in, calls));
	}
	new_line(b, l, 3);
	buf_add_z(b, "],");
	new_line(b, l, 3);
	action = pick(in, actions);
	buf_addf(b, "\"action\"%s\"SCMP_ACT_%s\"", l->colon, action);
	if (strcmp(action, "ERRNO") == 0 && input_byte(in) & 1)
		buf_addf(b, ",\"errnoRet\"%s%d", l->colon, pick(in, errnos));
	make_args(in, b, l);
	make_gate(in, b, l);
	new_line(b, l, 2);
	buf_add_c(b, '}');
}

static void make_profile(struct input *in, struct buf *b)
{
	static const char *const archs[] = {
		"", "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],",
		"\"architectures\":[\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"],",
		("\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":"
		 "[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}],"),
	};
	const struct layout *l = &pick(in, layouts);
	const char *action = pick(in, actions);
	unsigned n = input_byte(in) % 8;

	buf_addf(b, "{%s\"defaultAction\"%s\"SCMP_ACT_%s\",", l->line, l->colon, action);
	if (strcmp(action, "ERRNO") == 0 && input_byte(in) % 3 == 0)
		buf_addf(b, "\"defaultErrnoRet\":%d,", input_byte(in) & 1 ? 38 : 13);
	buf_add_z(b, pick(in, archs));
	new_line(b, l, 1);
	buf_addf(b, "\"syscalls\"%s[", l->colon);
	for (unsigned i = 0; i < n; i++) {
		buf_add_z(b, i ? "," : "");
		make_rule(in, b, l);
	}
	new_line(b, l, 1);
	buf_addf(b, "]%s}%s", l->line, l->line);
	must(!b->failed, "memory");
}

static void make_target(struct input *in, struct sca_target *t)
{
	static const char *const runtimes[] = {"crun:1.14.0", "runc:1.3.0", "runc:1.1.5",
					       "runc:1.0.0", "crun:0.18"};

	sca_target_init(t, (enum sca_frontend)(input_byte(in) % SCA_FRONTEND_COUNT));
	must(sca_target_set_arch(t, SCA_STR("x86_64"), NULL) == 0 &&
		     sca_target_set_kernel(t, SCA_STR("6.1"), NULL) == 0 &&
		     sca_target_set_runtime(t, sca_str_z(pick(in, runtimes)), NULL) == 0,
	     "a target");
}

/* -- denials -- */

static struct sca_call make_call(struct input *in)
{
	struct sca_call c = {.arch = SCA_ARCH_X86_64};
	uint8_t how = input_byte(in);

	if (how & 1)
		c.arch = how & 2 ? SCA_ARCH_X86 : SCA_ARCH_X32;
	if (how & 4 || sca_syscall_number(names, c.arch, sca_str_z(pick(in, calls)), &c.nr) < 0)
		c.nr = (int32_t)(input_number(in, 2) % 512);
	if (how & 8)
		c.args_known = how & 16 ? 63 : 1;
	for (unsigned i = 0; i < 6 && how & 8; i++)
		c.args[i] = i < 3 ? pick(in, values) : 0;
	return c;
}

static void make_denials(struct input *in, struct sca_denials *ds, const struct sca_filter *f)
{
	for (unsigned n = 1 + input_byte(in) % 4; n; n--) {
		struct sca_call c = make_call(in);
		struct sca_record rec = {
			.have = SCA_F_NR | SCA_F_ARCH, .arch = c.arch, .nr = c.nr, .count = 1,
			.denied = true, .args_known = c.args_known,
		};
		struct sca_reach reach;
		uint8_t how = input_byte(in);

		sca_filter_reach(f, &c, &reach);
		rec.action = how % 8 ? reach.v[0].action :
				       (enum sca_action)(how / 8 % SCA_ACT_COUNT);
		if (rec.action == SCA_ACT_ALLOW || rec.action >= SCA_ACT_COUNT)
			rec.action = SCA_ACT_ERRNO;
		rec.denied = rec.action != SCA_ACT_LOG;
		memcpy(rec.args, c.args, sizeof(rec.args));
		must(sca_denials_add(ds, &rec, NULL) == 0, "memory");
	}
}

/* -- what must be true -- */

static bool listed(const struct sca_proof *pf, const struct sca_call *c)
{
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *ch = sca_proof_at(pf, i);

		if (ch->arch == c->arch && ch->nr <= c->nr && c->nr <= ch->nr_last)
			return true;
	}
	return false;
}

static void check_changes(struct input *in, const struct sca_proof *pf,
			  const struct sca_filter *before, const struct sca_filter *after)
{
	struct sca_verdict a, b;

	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *ch = sca_proof_at(pf, i);
		struct sca_call c = {ch->arch, ch->nr, 63, {0}};

		memcpy(c.args, ch->args, sizeof(c.args));
		sca_filter_eval(before, &c, &a);
		sca_filter_eval(after, &c, &b);
		must(a.action == ch->before.action && a.data == ch->before.data &&
			     b.action == ch->after.action && b.data == ch->after.data,
		     "a change is what its arguments show");
	}
	for (unsigned i = 0; i < 16; i++) {
		struct sca_call c = make_call(in);

		c.args_known = 63;
		sca_filter_eval(before, &c, &a);
		sca_filter_eval(after, &c, &b);
		must((a.action == b.action && a.data == b.data) || listed(pf, &c),
		     "a verdict that moves is in the proof");
	}
}

static void check_way_back(struct sca_str now, struct sca_str before)
{
	char *undo = NULL, *text = NULL;
	size_t undo_n, text_n;

	must(sca_undo_make(now, before, &undo, &undo_n, NULL) == 0, "there is a way back");
	must(sca_undo_apply(now, (struct sca_str){undo, undo_n}, &text, &text_n, NULL) == 0 &&
		     str_eq((struct sca_str){text, text_n}, before),
	     "the way back leads back");
	free(undo);
	free(text);
}

/*
 * Where the planner does not foresee all: conditions that overlap, and calls that socketcall and
 * ipc carry on x86, which runc's stub does not count. The proof finds what is not as promised, and
 * no patch is offered.
 */
static bool may_fail(const struct sca_plan *pl, const struct sca_filter *before)
{
	for (size_t i = 0; i < before->eff->n_rules; i++)
		if (before->eff->rules[i].n_args)
			return true;
	for (size_t i = 0; i < sca_plan_count(pl); i++) {
		const struct sca_finding *fi = sca_plan_at(pl, i);

		if (fi->syscall && (proof_multiplex_base(SCA_ARCH_X86, fi->syscall) ||
				    sca_filter_stub_counts(SCA_ARCH_X86, fi->syscall) < 0))
			return true;
	}
	return false;
}

static void check_proof(struct input *in, const struct sca_plan *pl, const struct sca_profile *p,
			const struct sca_profile *q, const struct sca_target *t,
			const struct sca_filter *before)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_filter *after = NULL;
	struct sca_proof_totals totals;
	struct sca_proof *pf = NULL;
	int r = sca_proof_new(&pf, pl, p, q, t, names, &err);

	/* Rules that contradict each other behind a silencing one are refused once that is gone. */
	if (r == SCA_E_LIMIT || r == SCA_E_REFUSED ||
	    (r == SCA_E_PROOF && may_fail(pl, before))) {
		sca_proof_free(pf);
		return;
	}
	must(r == 0, err.text);
	sca_proof_totals(pf, &totals);
	must(totals.unasked == 0 && totals.still_denied == 0, "a proof is kept");
	must(sca_filter_compile(&after, q, t, names, NULL) == 0, "what was proved loads");
	must(plan_kept(pl, after), "a promise is kept");
	check_changes(in, pf, before, after);
	sca_filter_free(after);
	sca_proof_free(pf);
}

/* Whether several rules, or one twice, name the same call. The planner then takes out what denies
 * it so that no reader is misled, which may be more than its verdict needs. */
static bool names_repeat(const struct sca_plan *pl)
{
	for (const struct call_name *cn = pl->index; cn; cn = cn->hh.next)
		if (cn->first && cn->first->next)
			return true;
	return false;
}

static void check_plan(struct input *in, const struct sca_plan *pl, const struct sca_profile *p,
		       const struct sca_target *t, const struct sca_filter *f, bool minimal)
{
	const char *why = check_edits(&pl->edits);
	struct sca_profile *q = NULL, *again = NULL;
	struct sca_err err = SCA_ERR_INIT;

	must(!why, why);
	if (sca_patch_count(sca_plan_patch(pl)) == 0)
		return;
	must(sca_patch_apply(sca_plan_patch(pl), p, &q, &err) == 0, "a plan's patch applies");
	must(sca_profile_load_mem(&again, sca_profile_text(q), "again", &err) == 0 &&
		     again->doc.n == q->doc.n,
	     "what was written is read as what it was");
	check_way_back(sca_profile_text(q), sca_profile_text(p));
	check_proof(in, pl, p, q, t, f);
	minimal = minimal && !names_repeat(pl);
	for (size_t i = 0; i < pl->edits.n && minimal; i++)
		must(plan_needs_edit(pl, i, p, t, names), "every edit is needed");
	sca_profile_free(again);
	sca_profile_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct sca_str all = {"all", 3};
	struct sca_plan_options opt = {.allow_dangerous = &all};
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct input in = {data, data + n};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_denials *ds = NULL;
	struct sca_filter *f = NULL;
	struct sca_plan *pl = NULL;
	struct sca_target t;
	uint8_t flags = input_byte(&in);

	must(names || sca_names_new(&names, NULL) == 0, "memory");
	opt.n_allow_dangerous = flags & 1;
	opt.allow_arch = flags >> 1 & 1;
	opt.allow_broad = flags >> 2 & 1;
	opt.draft = flags >> 3 & 1;
	make_target(&in, &t);
	make_profile(&in, &text);
	must(sca_profile_load_mem(&p, buf_str(&text), "model", NULL) == 0, "a profile reads");
	if (sca_filter_compile(&f, p, &t, names, &err) < 0) {
		must(err.text[0] && err.code < 0, "a refusal says why");
	} else {
		must(sca_denials_new(&ds, 0, NULL) == 0, "memory");
		make_denials(&in, ds, f);
		must(sca_plan_new(&pl, p, &t, ds, &opt, names, &err) == 0, err.text);
		check_plan(&in, pl, p, &t, f, flags >> 4 == 1);
	}
	sca_plan_free(pl);
	sca_denials_free(ds);
	sca_filter_free(f);
	sca_profile_free(p);
	return 0;
}
