/* SPDX-License-Identifier: Apache-2.0 */
/* Calls as text, rulings and explanations, against rows; rulings of real profiles for consistency. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include <scaudit/explain.h>

#include "verdict_help.h"
#include "with_names.h"

/* -- calls -- */

static const struct {
	const char *text, *want; /* "arch nr known a0,a1..", or the error's words behind ! */
} calls[] = {
	{"mkdir", "x86_64 83 0 "},
	{"83", "x86_64 83 0 "},
	{"0x53:1", "x86_64 83 1 1"},
	{"x86:mkdir", "x86 39 0 "},
	{"SCMP_ARCH_X86:39:0x1:?:3", "x86 39 5 1,0,3"},
	{"i686:socket", "x86 359 0 "},
	{"c000003e:83", "x86_64 83 0 "},
	{"40000003:83", "x86 83 0 "},
	{"x32:mkdir", "x32 83 0 "},
	{"0x40000053", "x32 83 0 "},
	{"x32:0x40000053", "x32 83 0 "},
	{"-1", "x86_64 -1 0 "},
	{"4294967295", "x86_64 -1 0 "},
	{"arm:0xf0002", "arm 983042 0 "},
	{"read:::0xffffffffffffffff", "x86_64 0 4 0,0,ffffffffffffffff"},
	{"read:1:2:3:4:5:6", "x86_64 0 63 1,2,3,4,5,6"},
	{"read:", "x86_64 0 0 "},
	{"read:1:2:3:4:5:6:7", "!six arguments"},
	{"read:1:2:3:4:5:6:", "!six arguments"},
	{"read:-1", "!decimal, hexadecimal"},
	{"read: 1", "!decimal, hexadecimal"},
	{"read:0x10000000000000000", "!decimal, hexadecimal"},
	{"", "!no name or number"},
	{":", "!no name or number"},
	{"x86:", "!no call has that name"},
	{"mkdri", "!did you mean mkdir?"},
	{"MKDIR", "!no call has that name"},
	{"x86_64:socketcall", "!x86_64 has no such call; x86 has"},
	{"4294967296", "!32 bits"},
	{"83x", "!32 bits"},
	{"-2147483649", "!32 bits"},
	{"bogus:read", "!no call has that name"},
};

static void call_text(struct buf *b, const struct sca_call *c)
{
	buf_addf(b, "%s %d %u ", sca_arch_name(c->arch), c->nr, c->args_known);
	for (unsigned i = 0; c->args_known >> i; i++)
		buf_addf(b, "%s%" PRIx64, i ? "," : "", c->args[i]);
}

static void test_calls(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		const char *want = calls[i].want;
		struct sca_call c;
		int r = sca_call_parse(sca_str_z(calls[i].text), SCA_ARCH_X86_64, names, &c, &err);

		if (r == 0)
			call_text(&b, &c);
		else
			buf_addf(&b, "!%s", err.text);
		if (r == 0 ? strcmp(b.p, want) != 0 : *want != '!' || !strstr(b.p, want + 1))
			fail_msg("%s: %s, not %s", calls[i].text, b.p, want);
	}
}

/* -- rulings -- */

static const char profile[] =
	"{'defaultAction':'SCMP_ACT_ERRNO',\n"
	"'archMap':[{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_X86']}],\n"
	"'syscalls':[\n"
	"{'names':['read','faccessat2'],'action':'SCMP_ACT_ALLOW'},\n"
	"{'names':['read'],'action':'SCMP_ACT_KILL_PROCESS'},\n"
	"{'names':['personality'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2,'op':"
	"'SCMP_CMP_EQ'}]},\n"
	"{'names':['personality'],'action':'SCMP_ACT_ERRNO','errnoRet':97,'args':[{'index':0,"
	"'value':16,'op':'SCMP_CMP_EQ'}]},\n"
	"{'names':['mkdir'],'action':'SCMP_ACT_ERRNO'},\n"
	"{'names':['bpf'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_BPF']}},\n"
	"{'name':'chmod','action':'SCMP_ACT_TRAP'},\n"
	"{'names':['nosuchcall'],'action':'SCMP_ACT_ALLOW'},\n"
	"{'names':['uname','uname'],'action':'SCMP_ACT_LOG'},\n"
	"{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2,'op':"
	"'SCMP_CMP_EQ'}]}\n"
	"]}";

static const struct {
	const char *target, *call;
	const char *ruling; /* verdict, rule, line */
	const char *fates;  /* of all mentions: "rule fate", ... */
} rows[] = {
	{"docker runc:1.3.0", "read", "allow rule 0 4", "0 decides,1 silenced"},
	{"docker runc:1.3.0", "x86:read", "allow rule 0 4", "0 decides,1 silenced"},
	{"docker runc:1.3.0", "x32:read", "kill_thread bad_arch -1 0", "0 silenced,1 silenced"},
	{"docker runc:1.3.0", "personality:2", "allow rule 2 6", "2 decides,3 fails"},
	{"docker runc:1.3.0", "personality:16", "errno(97) rule 3 7", "2 fails,3 decides"},
	{"docker runc:1.3.0", "personality:3", "errno(1) default -1 1", "2 fails,3 fails"},
	{"docker runc:1.3.0", "personality", "errno(1) default -1 1 + errno(97) rule + allow rule",
	 "2 may_hold,3 may_hold"},
	{"docker runc:1.3.0", "x86:socketcall:1", "allow rule 9 13", ""},
	{"docker runc:1.3.0", "mkdir", "errno(1) default -1 1", "4 redundant"},
	{"docker runc:1.3.0", "bpf", "errno(1) default -1 1", "5 gated"},
	{"docker runc:1.3.0 caps:all", "bpf", "allow rule 5 9", "5 decides"},
	{"docker runc:1.3.0", "chmod", "trap rule 6 10", "6 decides"},
	{"cri runc:1.3.0", "chmod", "errno(1) default -1 1", "6 void"},
	{"cri runc:1.3.0", "x86:read", "kill_thread bad_arch -1 0", "0 silenced,1 silenced"},
	{"docker runc:1.3.0", "uname", "log rule 8 12", "8 decides,8 silenced"},
	{"docker runc:1.3.0", "440", "errno(38) stub -1 0", ""},
	{"docker crun:1.8.1", "440", "errno(1) default -1 1", ""},
	{"docker runc:1.3.0", "439", "allow rule 0 4", "0 decides"},
	{"docker runc:1.3.0", "9999", "errno(38) stub -1 0", ""},
	{"docker crun:1.8.1", "9999", "errno(1) default -1 1", ""},
	{"docker runc:1.3.0", "getpid", "errno(1) default -1 1", ""},
};

static void ruling_text(struct buf *b, const struct sca_ruling *ru)
{
	add_verdict_text(b, &ru->v);
	buf_addf(b, " %ld %u", ru->rule, ru->line);
	for (size_t i = 1; i < ru->reach.n; i++) {
		buf_add_z(b, " + ");
		add_verdict_text(b, &ru->reach.v[i]);
	}
}

static void check_row(size_t i)
{
	_cleanup_buf_ struct buf b = BUF_INIT, again = BUF_INIT, fates = BUF_INIT;
	const struct sca_explanation *x = NULL;
	struct sca_explainer *ex = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_target t;
	struct sca_ruling ru;
	struct sca_call c;

	target_from(&t, rows[i].target);
	if (profile_from(&p, profile, &err) < 0 || sca_explainer_new(&ex, p, &t, names, &err) < 0 ||
	    sca_call_parse(sca_str_z(rows[i].call), t.arch, names, &c, &err) < 0 ||
	    sca_explain_call(ex, &c, &x, &err) < 0)
		fail_msg("row %zu: %s", i, err.text);
	sca_explain_ruling(ex, &c, &ru);
	ruling_text(&b, &ru);
	ruling_text(&again, &x->ruling);
	assert_string_equal(b.p, again.p);
	buf_add_z(&fates, "");
	for (size_t k = 0; k < x->n_mentions; k++)
		buf_addf(&fates, "%s%zu %s", k ? "," : "", x->mentions[k].rule,
			 sca_mention_fate_name(x->mentions[k].fate));
	if (strcmp(b.p, rows[i].ruling) != 0 || strcmp(fates.n ? fates.p : "", rows[i].fates) != 0)
		fail_msg("%s, %s: %s; %s\nnot %s; %s", rows[i].target, rows[i].call, b.p,
			 fates.n ? fates.p : "", rows[i].ruling, rows[i].fates);
	assert_true(x->why[0]);
	/* whoever is denied learns what to do, whoever is let through who else may refuse */
	if (sca_action_denies(ru.v.action))
		assert_true(x->n_ways > 0);
	else if (x->syscall)
		assert_true(x->n_others > 0);
	sca_explainer_free(ex);
	sca_profile_free(p);
}

static void test_rows(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(i);
}

/* -- what opens a call -- */

static const char gated[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[\n"
	"{'names':['read'],'action':'SCMP_ACT_ALLOW'},\n"
	"{'names':['bpf','mount','umount2'],'action':'SCMP_ACT_ALLOW',"
	"'includes':{'caps':['CAP_SYS_ADMIN']}},\n"
	"{'names':['bpf'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_BPF']}},\n"
	"{'names':['bpf'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_SYS_ADMIN']}},\n"
	"{'names':['bpf'],'action':'SCMP_ACT_KILL_PROCESS','includes':{'caps':['CAP_SYS_BOOT']}},\n"
	"{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_CHOWN']}},\n"
	"{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_FOWNER']}},\n"
	"{'names':['kill'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'value':0,'op':"
	"'SCMP_CMP_EQ'}]}\n"
	"]}";

static const struct {
	const char *target, *call;
	const char *ways; /* a part of each text, in order, by | */
} way_rows[] = {
	{"docker runc:1.3.0", "bpf",
	 "--cap-add BPF opens the rule by itself|Adding it to rule 0|"
	 "--cap-add SYS_ADMIN lets rule 1 (line 3) apply, and opens 2 other calls of this profile;"},
	{"cri runc:1.3.0", "bpf", ""}, /* containerd knows no gates */
	{"docker runc:1.3.0 caps:none", "mkdir",
	 "Adding it to rule 0|--cap-add CHOWN lets rule 5 (line 7) apply; the kernel|"
	 "--cap-add FOWNER lets rule 6 (line 8) apply; the kernel"},
	{"docker runc:1.3.0", "kill", "kill:?:0x1|allowed for all arguments"},
	{"docker runc:1.3.0", "kill:1:9", "only where argument 1 is 0x9"},
};

static void check_ways(size_t i)
{
	struct sca_str want = sca_str_z(way_rows[i].ways), part;
	const struct sca_explanation *x = NULL;
	struct sca_explainer *ex = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_target t;
	struct sca_call c;
	size_t n = 0;

	target_from(&t, way_rows[i].target);
	if (profile_from(&p, gated, &err) < 0 || sca_explainer_new(&ex, p, &t, names, &err) < 0 ||
	    sca_call_parse(sca_str_z(way_rows[i].call), t.arch, names, &c, &err) < 0 ||
	    sca_explain_call(ex, &c, &x, &err) < 0)
		fail_msg("row %zu: %s", i, err.text);
	for (; want.n && str_cut(&want, '|', &part); n++)
		if (n >= x->n_ways || !str_find(sca_str_z(x->ways[n].text), part))
			fail_msg("row %zu, way %zu of %zu: %s\nnot %.*s", i, n, x->n_ways,
				 n < x->n_ways ? x->ways[n].text : "none", (int)part.n, part.p);
	if (n != x->n_ways)
		fail_msg("row %zu: %zu ways; %s", i, x->n_ways, n < x->n_ways ? x->ways[n].text : "");
	sca_explainer_free(ex);
	sca_profile_free(p);
}

static void test_ways(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(way_rows); i++)
		check_ways(i);
}

/* -- real profiles -- */

static const char *const corpus[][2] = {
	{"moby-profiles-head-default.json", "docker runc:1.3.0"},
	{"container-libs-head.json", "podman crun:1.14.0"},
	{"moby-default-v1.12.0.json", "cri runc:1.1.5"},
	{"seccomp-diff__charts_seccomp-diff_files_random2.json", "docker runc:1.3.0"},
};

/* What a ruling says is what the filter says, and its rule asks for that. */
static void check_ruling(struct sca_explainer *ex, const struct sca_call *c)
{
	const struct eff *eff = sca_filter_eff(sca_explainer_filter(ex));
	struct sca_verdict v, d;
	struct sca_ruling ru;

	sca_explain_ruling(ex, c, &ru);
	sca_filter_eval(sca_explainer_filter(ex), c, &v);
	sca_explainer_default(ex, &d);
	if (ru.v.action != v.action || ru.v.data != v.data || ru.reach.n != 1)
		fail_msg("%d: another verdict", c->nr);
	if (ru.v.by == SCA_BY_DEFAULT && (v.action != d.action || v.data != d.data))
		fail_msg("%d: not the default", c->nr);
	if (ru.rule >= 0 &&
	    (ru.v.by != SCA_BY_RULE || eff->rules[ru.rule].action != v.action || !ru.line))
		fail_msg("%d: rule %ld does not say so", c->nr, ru.rule);
}

static void test_corpus(void **state _unused_)
{
	static const uint32_t archs[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32, SCA_ARCH_ARM};
	char path[512];

	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++) {
		struct sca_explainer *ex = NULL;
		struct sca_profile *p = NULL;
		uint64_t seed = i + 1;
		struct sca_target t;

		if (!shared_path(path, sizeof(path), corpus[i][0])) {
			print_message("%s is not there\n", path);
			skip();
		}
		target_from(&t, corpus[i][1]);
		assert_int_equal(sca_profile_load_file(&p, path, NULL), 0);
		assert_int_equal(sca_explainer_new(&ex, p, &t, names, NULL), 0);
		for (unsigned k = 0; k < 20000; k++) {
			struct sca_call c = {.arch = archs[k % 4], .args_known = 63};

			c.nr = (int32_t)(next_random(&seed) % 600);
			for (unsigned a = 0; a < 6; a++)
				c.args[a] = next_random(&seed) % (k & 64 ? 64 : UINT64_MAX);
			check_ruling(ex, &c);
		}
		sca_explainer_free(ex);
		sca_profile_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_rows), cmocka_unit_test(test_ways),
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
