/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two filters: what moves, and whose doing it is. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "proof_int.h"
#include "verdict_help.h"
#include "with_names.h"

#define D(top, rules) "{'defaultAction':'SCMP_ACT_ERRNO'," top "'syscalls':[" rules "]}"
#define X64 "'architectures':['SCMP_ARCH_X86_64'],"
#define X86 "'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"
#define W(name, action, more) "{'names':[" name "],'action':'SCMP_ACT_" action "'" more "}"
#define OK(names) W(names, "ALLOW", "")
#define IF(name, action, arg) W(name, action, ",'args':[" arg "]")
#define EQ(i, v) "{'index':" #i ",'op':'SCMP_CMP_EQ','value':" #v "}"
#define MASKED(i, m, v) \
	"{'index':" #i ",'op':'SCMP_CMP_MASKED_EQ','value':" #m ",'valueTwo':" #v "}"

/* "x86_64 mkdir; x86 mkdir 5; !x86_64 clone3": calls to open; ! for those to answer ENOSYS. */
static size_t asks_from(struct proof_ask *v, size_t cap, const char *text)
{
	struct sca_str rest = sca_str_z(text), item;
	size_t n = 0;

	while (str_cut(&rest, ';', &item)) {
		item = str_trim(item);
		if (item.n == 0)
			continue;
		assert_true(n < cap);
		v[n] = (struct proof_ask){.enosys = item.p[0] == '!'};
		if (v[n].enosys)
			item = str_skip(item, 1);
		if (!call_from(&v[n].call, item, names))
			fail_msg("bad call in \"%s\"", text);
		v[n].name = sca_syscall_name(names, v[n].call.arch, v[n].call.nr);
		n++;
	}
	return n;
}

static const char *blame_of(const struct sca_change *c)
{
	bool stub = c->before.by == SCA_BY_STUB || c->after.by == SCA_BY_STUB;

	if (c->asked || c->same_name)
		return c->asked ? "asked" : "same";
	return c->new_arch ? "arch" : stub ? "stub" : "UNASKED";
}

static void add_change_text(struct buf *b, const struct sca_change *c)
{
	buf_addf(b, "%s%s ", b->n ? "; " : "", blame_of(c));
	buf_addf(b, "%s ", sca_arch_name(c->arch));
	if (c->syscall)
		buf_add_z(b, c->syscall);
	else if (c->nr == c->nr_last)
		buf_addf(b, "%d", c->nr);
	else
		buf_addf(b, "%d-%d", c->nr, c->nr_last);
	if (c->by_args)
		buf_addf(b, "(%" PRIx64 ",%" PRIx64 ")", c->args[0], c->args[1]);
	buf_add_c(b, ' ');
	add_verdict_text(b, &c->before);
	buf_add_z(b, " > ");
	add_verdict_text(b, &c->after);
}

struct row {
	const char *target, *before, *after, *asks, *want;
	int r;
	size_t still_denied;
};

/* Changes are listed without the run of the stub's numbers: those are counted. */
static void check(const struct row *row)
{
	struct sca_filter *f[2] = {compile(row->before, row->target, names),
				   compile(row->after, row->target, names)};
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_proof_totals t;
	struct proof_ask asks[16];
	struct sca_proof *pf = NULL;
	size_t n = asks_from(asks, ARRAY_SIZE(asks), row->asks), listed = 0;
	int r = proof_compare(&pf, f[0], f[1], asks, n, names, &err);

	assert_non_null(pf);
	sca_proof_totals(pf, &t);
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *c = sca_proof_at(pf, i);

		listed += (size_t)(c->nr_last - c->nr) + 1;
		if (c->asked || c->same_name ||
		    (c->before.by != SCA_BY_STUB && c->after.by != SCA_BY_STUB))
			add_change_text(&b, c);
	}
	if (t.stub_shift)
		buf_addf(&b, "%s%zu leave the stub", b.n ? "; " : "", t.stub_shift);
	if (r != row->r || t.still_denied != row->still_denied ||
	    !str_eq(buf_str(&b), sca_str_z(row->want)))
		fail_msg("%s\n%s\n%s\nwant %s\ngot  %s (%d, %zu denied) %s", row->target,
			 row->before, row->after, row->want, b.p ? b.p : "", r, t.still_denied,
			 err.text);
	assert_int_equal(listed, t.asked + t.same_name + t.new_arch + t.stub_shift + t.unasked);
	assert_true((r == 0) == (t.unasked == 0 && t.still_denied == 0));
	assert_true(t.compared > 500 || t.archs == 0);
	sca_proof_free(pf);
	sca_filter_free(f[0]);
	sca_filter_free(f[1]);
}

static const struct row changes[] = {
	/* nothing moves */
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read'")), "", "", 0, 0},
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read','nosuchcall'")), "", "", 0, 0},
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read'")), "x86_64 mkdir", "",
	 SCA_E_PROOF, 1},
	/* one call; its name on the other architecture */
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read','mkdir'")), "x86_64 mkdir",
	 "asked x86_64 mkdir errno(1) default > allow rule", 0, 0},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','mkdir'")), "x86_64 mkdir",
	 "asked x86_64 mkdir errno(1) default > allow rule; same x86 mkdir errno(1) default > "
	 "allow rule",
	 0, 0},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','mkdir'")), "x86 mkdir",
	 "asked x86 mkdir errno(1) default > allow rule; same x86_64 mkdir errno(1) default > "
	 "allow rule",
	 0, 0},
	/* more than asked for, less than asked for, the wrong way */
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read','mkdir','rmdir'")), "x86_64 mkdir",
	 "asked x86_64 mkdir errno(1) default > allow rule; UNASKED x86_64 rmdir errno(1) "
	 "default > allow rule",
	 SCA_E_PROOF, 0},
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read','mkdir'")),
	 "x86_64 mkdir;x86_64 rmdir", "asked x86_64 mkdir errno(1) default > allow rule",
	 SCA_E_PROOF, 1},
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'mkdir'")), "x86_64 mkdir",
	 "asked x86_64 mkdir errno(1) default > allow rule; UNASKED x86_64 read allow rule > "
	 "errno(1) default",
	 SCA_E_PROOF, 0},
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read'") "," W("'mkdir'", "KILL", "")),
	 "x86_64 mkdir", "UNASKED x86_64 mkdir errno(1) default > kill_thread rule",
	 SCA_E_PROOF, 1},
	/* complain: everything else goes through */
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read'") "," W("'mkdir'", "LOG", "")),
	 "x86_64 mkdir", "asked x86_64 mkdir errno(1) default > log rule", 0, 0},
	/* ENOSYS */
	{"oci crun", D(X64, OK("'read'")),
	 D(X64, OK("'read'") "," W("'clone3'", "ERRNO", ",'errnoRet':38")), "!x86_64 clone3",
	 "asked x86_64 clone3 errno(1) default > errno(38) rule", 0, 0},
	{"oci crun", D(X64, OK("'read'")), D(X64, OK("'read','clone3'")), "!x86_64 clone3",
	 "UNASKED x86_64 clone3 errno(1) default > allow rule", SCA_E_PROOF, 1},
	/* a changed default moves everything; the numbers without names in one run */
	{"oci crun",
	 ""
	 "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['read'],'action':'SCMP_ACT_"
	 "ALLOW'}]}",
	 ""
	 "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['read'],'action':'SCMP_ACT_"
	 "ERRNO','errnoRet':5}]}",
	 "", "UNASKED x86_64 read allow rule > errno(5) rule", SCA_E_PROOF, 0},
	/* the stub */
	{"oci runc:1.3.0", D(X64, OK("'exit_group'")), D(X64, OK("'exit_group','statx'")),
	 "x86_64 statx", "asked x86_64 statx errno(38) stub > allow rule; 100 leave the stub",
	 0, 0},
	{"oci runc:1.3.0", D(X64, OK("'exit_group','statx'")), D(X64, OK("'exit_group'")), "",
	 "100 leave the stub", SCA_E_PROOF, 0},
	{"oci runc:1.3.0", D(X64, OK("'statx'")), D(X64, OK("'statx','mkdir'")), "x86_64 mkdir",
	 "asked x86_64 mkdir errno(1) default > allow rule", 0, 0},
	/* conditions: only the values asked for */
	{"oci crun", D(X64, IF("'clone'", "ALLOW", MASKED(0, 2114060288, 0))),
	 D(X64, IF("'clone'", "ALLOW", MASKED(0, 2114060288, 0)) "," IF(
			"'clone'", "ALLOW", MASKED(0, 2114060288, 268435456))),
	 "x86_64 clone 0x10000011", "asked x86_64 clone(10000000,0) errno(1) rule > allow rule",
	 0, 0},
	{"oci crun", D(X64, IF("'clone'", "ALLOW", MASKED(0, 2114060288, 0))),
	 D(X64,
	   IF("'clone'", "ALLOW", MASKED(0, 2114060288, 0)) "," IF(
		   "'clone'", "ALLOW",
		   MASKED(0, 2114060288, 268435456)) "," IF("'clone'", "ALLOW",
							    MASKED(0, 2114060288, 536870912))),
	 "x86_64 clone 0x10000011",
	 "asked x86_64 clone(10000000,0) errno(1) rule > allow rule; UNASKED x86_64 "
	 "clone(20000000,0) errno(1) rule > allow rule",
	 SCA_E_PROOF, 0},
	{"oci crun", D(X64, IF("'ioctl'", "ALLOW", EQ(1, 5))),
	 D(X64, IF("'ioctl'", "ALLOW", EQ(1, 5)) "," IF("'ioctl'", "ALLOW", EQ(1, 7))),
	 "x86_64 ioctl 3,7", "asked x86_64 ioctl(0,7) errno(1) rule > allow rule", 0, 0},
	{"oci crun", D(X64, IF("'ioctl'", "ALLOW", EQ(1, 5))),
	 D(X64, IF("'ioctl'", "ALLOW", EQ(1, 5)) "," IF("'ioctl'", "ALLOW", EQ(1, 7))),
	 "x86_64 ioctl 3,8", "UNASKED x86_64 ioctl(0,7) errno(1) rule > allow rule",
	 SCA_E_PROOF, 1},
	/* the same name asked for on both architectures, with other arguments on each */
	{"oci crun", D(X86, OK("'read'")),
	 D(X86, OK("'read'") "," IF("'ioctl'", "ALLOW", EQ(1, 5)) "," IF(
			"'ioctl'", "ALLOW", EQ(1, 7))),
	 "x86_64 ioctl 3,5; x86 ioctl 3,7",
	 "asked x86_64 ioctl(0,5) errno(1) default > allow rule; asked x86 ioctl(0,7) errno(1) "
	 "default > allow rule; same x86_64 ioctl(0,7) errno(1) default > allow rule; same x86 "
	 "ioctl(0,5) errno(1) default > allow rule",
	 0, 0},
	{"oci crun", D(X86, OK("'read'")),
	 D(X86, OK("'read'") "," IF("'ioctl'", "ALLOW", EQ(1, 5)) "," IF(
			"'ioctl'", "ALLOW", EQ(1, 7)) "," IF("'ioctl'", "ALLOW", EQ(1, 9))),
	 "x86_64 ioctl 3,5; x86 ioctl 3,7",
	 "asked x86_64 ioctl(0,5) errno(1) default > allow rule; asked x86 ioctl(0,7) errno(1) "
	 "default > allow rule; UNASKED x86_64 ioctl(0,9) errno(1) default > allow rule; UNASKED "
	 "x86 ioctl(0,9) errno(1) default > allow rule; same x86_64 ioctl(0,7) errno(1) default > "
	 "allow rule; same x86 ioctl(0,5) errno(1) default > allow rule",
	 SCA_E_PROOF, 0},
	/* a condition on argument 1 over rules on argument 0 cuts no region loose */
	{"oci crun",
	 D(X64, IF("'socket'", "ALLOW", EQ(0, 1)) "," IF("'socket'", "ALLOW", EQ(0, 2))),
	 D(X64, IF("'socket'", "ALLOW", EQ(0, 1)) "," IF("'socket'", "ALLOW", EQ(0, 2)) "," IF(
			"'socket'", "ALLOW", EQ(1, 3))),
	 "x86_64 socket 16,3", "asked x86_64 socket(0,3) errno(1) rule > allow rule", 0, 0},
	/* but what silences another rule shows: the condition on the later argument wins */
	{"oci crun",
	 D(X64, IF("'socket'", "ALLOW", EQ(0, 1)) "," W(
			"'socket'", "ERRNO", ",'errnoRet':13,'args':[" EQ(0, 2) "]")),
	 D(X64, IF("'socket'", "ALLOW", EQ(0, 1)) "," W(
			"'socket'", "ERRNO",
			",'errnoRet':13,'args':[" EQ(0, 2) "]") "," IF("'socket'", "ALLOW",
								       EQ(1, 5))),
	 "x86_64 socket 7,5",
	 "asked x86_64 socket(0,5) errno(1) rule > allow rule; UNASKED x86_64 socket(2,5) "
	 "errno(13) rule > allow rule",
	 SCA_E_PROOF, 0},
	/* nothing known: the whole call may open */
	{"oci crun", D(X64, IF("'ioctl'", "ALLOW", EQ(1, 5))), D(X64, OK("'ioctl'")),
	 "x86_64 ioctl", "asked x86_64 ioctl(0,0) errno(1) rule > allow rule", 0, 0},
	/* narrow is not enough then */
	{"oci crun", D(X64, OK("'read'")),
	 D(X64, OK("'read'") "," IF("'ioctl'", "ALLOW", EQ(1, 5))), "x86_64 ioctl",
	 "asked x86_64 ioctl(0,5) errno(1) default > allow rule", SCA_E_PROOF, 1},
	/* dirty upper halves: 64-bit against masked */
	{"oci crun", D(X64, IF("'socket'", "ALLOW", EQ(0, 2))),
	 D(X64, IF("'socket'", "ALLOW", MASKED(0, 4294967295, 2))), "",
	 "UNASKED x86_64 socket(100000002,0) errno(1) rule > allow rule", SCA_E_PROOF, 0},
	/* socket on x86 opens a way through socketcall */
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','socket'")), "x86_64 socket",
	 "asked x86_64 socket errno(1) default > allow rule; same x86 socketcall(1,0) errno(1) "
	 "default > allow rule; same x86 socket errno(1) default > allow rule",
	 0, 0},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','socketcall'")), "x86 socketcall",
	 "asked x86 socketcall(0,0) errno(1) default > allow rule", 0, 0},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','socketcall'")), "x86_64 socket",
	 "UNASKED x86 socketcall(0,0) errno(1) default > allow rule; same x86 socketcall(1,0) "
	 "errno(1) default > allow rule",
	 SCA_E_PROOF, 1},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','socket','bind'")),
	 "x86 socketcall 1",
	 "asked x86 socketcall(1,0) errno(1) default > allow rule; UNASKED x86_64 bind "
	 "errno(1) "
	 "default > allow rule; UNASKED x86 socketcall(2,0) errno(1) default > allow rule; "
	 "UNASKED "
	 "x86 bind errno(1) default > allow rule; same x86_64 socket errno(1) default > allow "
	 "rule; same x86 socket errno(1) default > allow rule",
	 SCA_E_PROOF, 0},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','socketcall'")),
	 "x86 socketcall 1",
	 "asked x86 socketcall(1,0) errno(1) default > allow rule; UNASKED x86 socketcall(0,0) "
	 "errno(1) default > allow rule",
	 SCA_E_PROOF, 0},
	{"oci crun", D(X86, OK("'read'")), D(X86, OK("'read','shmat'")), "x86_64 shmat",
	 "asked x86_64 shmat errno(1) default > allow rule; same x86 ipc(15,0) errno(1) "
	 "default > allow rule; same x86 shmat errno(1) default > allow rule",
	 0, 0},
	/* seccomp stays off */
	{"docker", "{}", "{'syscalls':[]}", "", "", 0, 0},
};

static void test_changes(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		check(&changes[i]);
}

/* All that the new architecture's programs may do: counted, and fine if it was asked for. */
static void test_new_arch(void **state _unused_)
{
	static const struct {
		const char *asks;
		int r;
		size_t asked, still_denied;
	} rows[] = {
		{"x86 mkdir", 0, 1, 0},
		{"x86 rmdir", SCA_E_PROOF, 0, 1},
		{"", SCA_E_PROOF, 0, 0},
	};
	struct sca_filter *before = compile(D(X64, OK("'read','mkdir'")), "oci crun", names);
	struct sca_filter *after = compile(D(X86, OK("'read','mkdir'")), "oci crun", names);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_proof_totals t;
		struct proof_ask asks[4];
		struct sca_proof *pf = NULL;
		size_t n = asks_from(asks, ARRAY_SIZE(asks), rows[i].asks);

		assert_int_equal(proof_compare(&pf, before, after, asks, n, names, NULL),
				 rows[i].r);
		sca_proof_totals(pf, &t);
		assert_int_equal(t.asked, rows[i].asked);
		assert_int_equal(t.still_denied, rows[i].still_denied);
		assert_true((n ? t.new_arch : t.unasked) > 400);
		assert_int_equal(n ? t.unasked : t.new_arch, 0);
		sca_proof_free(pf);
	}
	sca_filter_free(before);
	sca_filter_free(after);
}

/* -- against brute force -- */

static unsigned below(uint64_t *s, unsigned n)
{
	return (unsigned)(next_random(s) >> 33) % n;
}

static const uint64_t values[] = {0, 1, 2, 5, 0xffffffff, 0x100000001, 0x100000005, UINT64_MAX};

static void add_random_rules(struct buf *b, uint64_t *s, unsigned n)
{
	static const char *const calls[] = {"mkdir", "socket", "rmdir", "shmget"};
	static const char *const ops[] = {"EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ"};
	static const char *const actions[] = {"ALLOW", "KILL_PROCESS", "LOG"};

	for (unsigned i = 0; i < n; i++) {
		unsigned args = below(s, 3);

		const char *call = calls[below(s, 4)];

		buf_addf(b, "%s{'names':['%s'],'action':'SCMP_ACT_%s','args':[", i ? "," : "",
			 call, actions[below(s, 3)]);
		for (unsigned j = 0; j < args; j++) {
			const char *op = ops[below(s, 7)];
			uint64_t v = values[below(s, 8)];

			buf_addf(b,
				 "%s{'index':%u,'op':'SCMP_CMP_%s','value':%" PRIu64
				 ",'valueTwo':%" PRIu64 "}",
				 j ? "," : "", j, op, v, values[below(s, 2)]);
		}
		buf_add_z(b, "]}");
	}
}

static struct sca_filter *random_filter(uint64_t *s, const char *target)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_filter *f = NULL;

	buf_add_z(&b, "{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],"
		      "'syscalls':[");
	add_random_rules(&b, s, 1 + below(s, 5));
	buf_add_z(&b, "]}");
	return compile_text(&f, b.p, target, names, NULL) < 0 ? NULL : f;
}

/* Whether the proof has this change, for this very call. */
static bool has_change(const struct sca_proof *pf, const struct sca_call *call,
		       const struct sca_verdict *v0, const struct sca_verdict *v1)
{
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *c = sca_proof_at(pf, i);

		if (c->arch == call->arch && c->nr <= call->nr && call->nr <= c->nr_last &&
		    c->before.action == v0->action && c->before.data == v0->data &&
		    c->after.action == v1->action && c->after.data == v1->data)
			return true;
	}
	return false;
}

/* Every difference that random arguments show is in the proof. */
static unsigned check_complete(const struct sca_filter *f[2], const struct sca_proof *pf,
			       uint64_t *s)
{
	static const struct sca_call calls[] = {
		{.arch = SCA_ARCH_X86_64, .nr = 83}, {.arch = SCA_ARCH_X86_64, .nr = 41},
		{.arch = SCA_ARCH_X86_64, .nr = 84}, {.arch = SCA_ARCH_X86_64, .nr = 29},
		{.arch = SCA_ARCH_X86, .nr = 39},    {.arch = SCA_ARCH_X86, .nr = 102},
		{.arch = SCA_ARCH_X86, .nr = 359},   {.arch = SCA_ARCH_X86, .nr = 117},
		{.arch = SCA_ARCH_X86, .nr = 395},   {.arch = SCA_ARCH_X86_64, .nr = 333},
		{.arch = SCA_ARCH_X32, .nr = 83},    {.arch = SCA_ARCH_X86, .nr = 500},
	};
	unsigned differ = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		for (unsigned k = 0; k < 60; k++) {
			struct sca_call call = calls[i];
			struct sca_verdict v[2];

			call.args_known = 7;
			for (unsigned a = 0; a < 3; a++)
				call.args[a] = values[below(s, 8)] + (k + a) % 3 - 1;
			if (call.nr == 117 || call.nr == 102)
				call.args[0] = below(s, 40);
			sca_filter_eval(f[0], &call, &v[0]);
			sca_filter_eval(f[1], &call, &v[1]);
			if (v[0].action == v[1].action && v[0].data == v[1].data)
				continue;
			differ++;
			if (!has_change(pf, &call, &v[0], &v[1]))
				fail_msg("%s %d %" PRIx64 ",%" PRIx64
					 ": %s > %s is not in the proof",
					 sca_arch_name(call.arch), call.nr, call.args[0],
					 call.args[1], sca_action_name(v[0].action),
					 sca_action_name(v[1].action));
		}
	}
	return differ;
}

/* Every change's example shows it. */
static void check_sound(const struct sca_filter *f[2], const struct sca_proof *pf)
{
	for (size_t i = 0; i < sca_proof_count(pf); i++) {
		const struct sca_change *c = sca_proof_at(pf, i);
		struct sca_call call = {.arch = c->arch, .nr = c->nr, .args_known = 63};
		struct sca_verdict v[2];

		memcpy(call.args, c->args, sizeof(call.args));
		for (int j = 0; j < 2; j++)
			sca_filter_eval(f[j], &call, &v[j]);
		assert_int_equal(v[0].action, c->before.action);
		assert_int_equal(v[0].data, c->before.data);
		assert_int_equal(v[0].by, c->before.by);
		assert_int_equal(v[1].action, c->after.action);
		assert_int_equal(v[1].data, c->after.data);
		assert_int_equal(v[1].by, c->after.by);
	}
}

static void test_random(void **state _unused_)
{
	static const char *const targets[] = {"oci crun", "oci runc:1.3.0"};
	uint64_t s = 0xfeed5eed;
	unsigned differ = 0, done = 0;

	for (unsigned i = 0; i < 60; i++) {
		const struct sca_filter *f[2] = {random_filter(&s, targets[i % 2]),
						 random_filter(&s, targets[i % 2])};
		struct sca_proof *pf = NULL;
		int r;

		if (f[0] && f[1]) {
			r = proof_compare(&pf, f[0], f[1], NULL, 0, names, NULL);
			assert_true(r == 0 || r == SCA_E_PROOF);
			differ += check_complete(f, pf, &s);
			check_sound(f, pf);
			done++;
		}
		sca_proof_free(pf);
		for (int j = 0; j < 2; j++)
			sca_filter_free((struct sca_filter *)(uintptr_t)f[j]);
	}
	print_message("%u random pairs, %u differences found by chance\n", done, differ);
	assert_true(done > 30 && differ > 1000);
}

/* A hundred conditions on one call, and one more. */
static void test_many_conditions(void **state _unused_)
{
	struct sca_filter *f[2];
	struct proof_ask ask = {.call = {.arch = SCA_ARCH_X86_64, .nr = 16, .args_known = 2,
					 .args = {0, 1000}}, .name = "ioctl"};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_proof *pf = NULL;
	struct sca_proof_totals t;

	for (unsigned i = 0; i < 2; i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		buf_add_z(&b,
			  "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['ioctl'],"
			  "'action':'SCMP_ACT_ALLOW','args':[" EQ(1, 0));
		for (unsigned v = 1; v <= 300; v++)
			buf_addf(&b, ",{'index':1,'op':'SCMP_CMP_EQ','value':%u}", v * 3);
		buf_add_z(&b, i ? ",{'index':1,'op':'SCMP_CMP_EQ','value':1000}]}]}" : "]}]}");
		f[i] = compile(b.p, "oci", names);
	}
	if (proof_compare(&pf, f[0], f[1], &ask, 1, names, &err) < 0)
		fail_msg("%s", err.text);
	sca_proof_totals(pf, &t);
	assert_int_equal(t.asked, 1);
	assert_int_equal(sca_proof_count(pf), 1);
	assert_int_equal(sca_proof_at(pf, 0)->args[1], 1000);
	assert_true(sca_proof_at(pf, 0)->by_args);
	sca_proof_free(pf);
	sca_filter_free(f[0]);
	sca_filter_free(f[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_new_arch),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many_conditions),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
