/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of other sandboxes: what their lines become, what is refused and where, and that a
 * written one allows nothing that the profile does not.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "../corpus.h"
#include "verdict_help.h"
#include "with_names.h"

#include <scaudit/compare.h>
#include <scaudit/policy.h>

#define M SCA_POLICY_MINIJAIL
#define S SCA_POLICY_SYSTEMD

/* -- reading, by verdicts -- */

static const struct {
	const char *text, *call, *want;
} verdicts[] = {
	{"read: 1\n", "x86_64 read", "allow rule"},
	{"# x\n\nread: 1 # y\r\nwrite: return EACCES\n", "x86_64 write", "errno(13) rule"},
	{"read: 1", "x86_64 write", "kill_process default"},
	{"@default trap\nread: 1", "x86_64 write", "trap default"},
	{"@default kill-thread\nread: 1", "x86_64 write", "kill_thread default"},
	{"@denylist\nread: return 1\n", "x86_64 read", "errno(1) rule"},
	{"@denylist\nread: return 1\n", "x86_64 write", "allow default"},
	{"read: 1\n", "i386 read", "kill_thread bad_arch"},
	{"read: arg0 == 3 || \\\n  arg0 == 0x5\n", "x86_64 read 3", "allow rule"},
	{"read: arg0 == 3 || \\\n  arg0 == 0x5\n", "x86_64 read 5", "allow rule"},
	{"read: arg0 == 3 || \\\n  arg0 == 0x5\n", "x86_64 read 4", "kill_process rule"},
	{"read: arg0 == 3 && arg2 < 8", "x86_64 read 3,?,7", "allow rule"},
	{"read: arg0 == 3 && arg2 < 8", "x86_64 read 3,?,8", "kill_process rule"},
	{"read: arg0 == 3; return EPERM", "x86_64 read 4", "errno(1) rule"},
	{"read: arg0 == 3; return EPERM", "x86_64 read 3", "allow rule"},
	{"read: arg0 in 6", "x86_64 read 4", "allow rule"},
	{"read: arg0 in 2|0x4", "x86_64 read 1", "kill_process rule"},
	{"read: arg0 in ~1", "x86_64 read 0xfffffffffffffffe", "allow rule"},
	{"read: arg0 & 4", "x86_64 read 5", "allow rule"},
	{"read: arg0 & 4", "x86_64 read 3", "kill_process rule"},
	{"[Service]\nSystemCallFilter=read\n", "x86_64 read", "allow rule"},
	{"[Service]\nSystemCallFilter=read\n", "x86_64 execve", "allow rule"},
	{"[Service]\nSystemCallFilter=read\n", "i386 read", "allow rule"},
	{"[Service]\nSystemCallFilter=read\n", "x86_64 mount", "kill_process default"},
	{"SystemCallFilter=read\nSystemCallErrorNumber=EPERM\n", "x86_64 mount",
	 "errno(1) default"},
	{"SystemCallFilter=@mount\n", "x86_64 umount2", "allow rule"},
	{"SystemCallFilter=@system-service\nSystemCallFilter=~@mount read\n", "x86_64 read",
	 "kill_process default"},
	{"SystemCallFilter=~read:ENOSYS\n", "x86_64 read", "errno(38) rule"},
	{"SystemCallFilter=~read:kill write\nSystemCallErrorNumber=1", "x86_64 read",
	 "kill_process rule"},
	{"SystemCallFilter=~read:kill \\\n write\nSystemCallErrorNumber=1", "x86_64 write",
	 "errno(1) rule"},
	{"SystemCallFilter=~read write\nSystemCallFilter=read\n", "x86_64 read", "allow default"},
	{"SystemCallFilter=~read\nSystemCallFilter=\nSystemCallFilter=mount", "x86_64 read",
	 "kill_process default"},
	{"SystemCallFilter=read:1\n", "x86_64 read", "kill_process default"},
	{"SystemCallFilter=read\nSystemCallLog=read", "x86_64 read", "log rule"},
	{"SystemCallLog=~read\n", "x86_64 read", "allow rule"},
	{"SystemCallLog=~read\n", "x86_64 write", "log default"},
	{"SystemCallFilter=read\nSystemCallArchitectures=native\n", "i386 read",
	 "kill_thread bad_arch"},
	{"SystemCallFilter=read\nSystemCallArchitectures=native x86\n", "i386 read", "allow rule"},
};

static void test_verdicts(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		struct sca_profile *p = NULL;
		struct sca_filter *f = NULL;
		struct sca_verdict v;
		struct sca_target t;
		struct sca_call call;

		target_from(&t, "docker crun:1.14.0 arch:x86_64");
		if (sca_profile_load_text(&p, sca_str_z(verdicts[i].text), "x", &err) < 0 ||
		    sca_filter_compile(&f, p, &t, names, &err) < 0)
			fail_msg("row %zu: %s\n%s", i, err.text, verdicts[i].text);
		assert_true(sca_profile_apart(p));
		assert_true(call_from(&call, sca_str_z(verdicts[i].call), names));
		sca_filter_eval(f, &call, &v);
		add_verdict_text(&b, &v);
		if (!str_eq(buf_str(&b), sca_str_z(verdicts[i].want)))
			fail_msg("row %zu: %s\n%s: want %s, got %s", i, verdicts[i].text,
				 verdicts[i].call, verdicts[i].want, b.p);
		sca_filter_free(f);
		sca_profile_free(p);
	}
}

/* -- refused, with its place -- */

static const struct {
	enum sca_policy kind;
	const char *text;
	int code;
	unsigned line, column;
} refused[] = {
	{M, "read: 2", SCA_E_SYNTAX, 1, 7},
	{M, "read: 1\nread: 1", SCA_E_CONFLICT, 2, 1},
	{M, "read 1", SCA_E_SYNTAX, 1, 6},
	{M, "read:", SCA_E_SYNTAX, 1, 6},
	{M, "read: 1 1", SCA_E_SYNTAX, 1, 9},
	{M, "READ: 1", SCA_E_SYNTAX, 1, 1},
	{M, "{read, write}: 1", SCA_E_SYNTAX, 1, 1},
	{M, "read: arg6 == 1", SCA_E_SYNTAX, 1, 7},
	{M, "read: arg0 == PROT_EXEC", SCA_E_SYNTAX, 1, 15},
	{M, "read: arg0 == 010", SCA_E_SYNTAX, 1, 15},
	{M, "read: arg0 == -1", SCA_E_SYNTAX, 1, 15},
	{M, "read: arg0 == 18446744073709551616", SCA_E_SYNTAX, 1, 15},
	{M, "read: arg0 & 3", SCA_E_UNSUPPORTED, 1, 12},
	{M, "read: arg0 ~ 3", SCA_E_SYNTAX, 1, 12},
	{M, "read: arg0", SCA_E_SYNTAX, 1, 11},
	{M, "read: arg0 == 1 &&", SCA_E_SYNTAX, 1, 19},
	{M, "read: arg0 > 1 && arg0 < 3", SCA_E_UNSUPPORTED, 1, 19},
	{M, "read: return 4096", SCA_E_SYNTAX, 1, 14},
	{M, "read: user-notify", SCA_E_SYNTAX, 1, 7},
	{M, "read: arg0 == 1; 1", SCA_E_SYNTAX, 1, 18},
	{M, "@include /etc/passwd", SCA_E_UNSUPPORTED, 1, 1},
	{M, "@default log", SCA_E_SYNTAX, 1, 10},
	{M, "@default return 1", SCA_E_SYNTAX, 1, 10},
	{M, "@denylist\nread: 1", SCA_E_SYNTAX, 2, 1},
	{M, "@denylist\nread: arg0 == 1; return 1", SCA_E_SYNTAX, 2, 7},
	{M, "read: 1\n@denylist", SCA_E_SYNTAX, 2, 10},
	{S, "SystemCallFilter=@no-such", SCA_E_UNKNOWN, 1, 18},
	{S, "[Service]\nSystemCallFilter=read 17", SCA_E_SYNTAX, 2, 23},
	{S, "SystemCallFilter=~read:EFOO", SCA_E_SYNTAX, 1, 19},
	{S, "SystemCallFilter=\"read\"", SCA_E_SYNTAX, 1, 18},
	{S, "SystemCallFilter=~read:", SCA_E_SYNTAX, 1, 19},
	{S, "SystemCallErrorNumber=x", SCA_E_SYNTAX, 1, 23},
	{S, "SystemCallArchitectures=native vax", SCA_E_UNKNOWN, 1, 32},
};

static void test_refused(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct sca_err err = SCA_ERR_INIT;
		char *json = NULL, *notes = NULL;
		int r = sca_policy_read(&json, &notes, sca_str_z(refused[i].text),
					refused[i].kind, &err);

		if (r != refused[i].code || err.line != refused[i].line ||
		    err.column != refused[i].column)
			fail_msg("row %zu: %s\ngot %d at %u:%u: %s", i, refused[i].text, r,
				 err.line, err.column, err.text);
		assert_null(json);
	}
}

/* Any bytes: an answer or an error, within the limits. */
static void test_hostile(void **state _unused_)
{
	static const char *const bits[] = {"read", ":", "1", "arg0", "==", "&", "&&", "||", ";",
					   "return", "\n", "\\\n", "~", "|", "in", "#", "@default",
					   " ", "SystemCallFilter=", "@known", "\xff", "=", "[",
					   "SystemCallLog=", "@", "0x"};
	uint64_t seed = 7;

	for (size_t i = 0; i < 3000; i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		char *json = NULL, *notes = NULL;

		for (uint64_t n = next_random(&seed) % 12; n > 0; n--)
			buf_add_z(&b, bits[next_random(&seed) % ARRAY_SIZE(bits)]);
		if (sca_policy_read(&json, &notes, buf_str(&b), i & 1 ? M : S, &err) == 0) {
			struct sca_profile *p = NULL;

			assert_int_equal(sca_profile_load_mem(&p, sca_str_z(json), "x", NULL), 0);
			sca_profile_free(p);
		}
		free(json);
		free(notes);
	}
}

static void test_groups_limit(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_err err = SCA_ERR_INIT;
	char *json = NULL, *notes = NULL;

	buf_add_z(&b, "SystemCallFilter=");
	for (size_t i = 0; i < 10000; i++)
		buf_add_z(&b, "@known ");
	assert_int_equal(sca_policy_read(&json, &notes, buf_str(&b), S, &err), SCA_E_LIMIT);
	buf_reset(&b);
	for (size_t i = 0; i <= SCA_POLICY_MAX_CALLS; i++)
		buf_addf(&b, "x%zu: 1\n", i);
	assert_int_equal(sca_policy_read(&json, &notes, buf_str(&b), M, &err), SCA_E_LIMIT);
}

static void test_guess(void **state _unused_)
{
	static const struct {
		const char *text;
		int want; /* -1: none */
	} rows[] = {
		{"", -1},
		{"{}", -1},
		{"defaultAction: SCMP_ACT_ALLOW\n", -1},
		{"# c\n\n  read: 1\n", M},
		{"read: arg0 == 1", M},
		{"kind: x", -1},
		{"@include /x", M},
		{"[1]", -1},
		{"[Unit]\nDescription=x\n", -1},
		{"[Unit]\nDescription=x\n[Service]\nSystemCallFilter=read", S},
		{"; x\nSystemCallFilter=read", S},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum sca_policy kind = M;
		bool is = sca_policy_guess(sca_str_z(rows[i].text), &kind);

		if (is ? (int)kind != rows[i].want : rows[i].want != -1)
			fail_msg("row %zu: %s", i, rows[i].text);
	}
}

/* -- writing -- */

static void check_not_wider(const struct sca_profile *p, const char *path, const char *target,
			    enum sca_policy kind)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *back = NULL;
	struct sca_compare *c = NULL;
	struct sca_compare_info info;
	char *text = NULL, *notes = NULL, said[512];
	struct sca_target t;
	int r;

	target_from(&t, target);
	r = sca_policy_write(&text, &notes, p, &t, kind, names, &err);
	if (r == SCA_E_REFUSED || r == SCA_E_UNSUPPORTED)
		return;
	assert_int_equal(r, 0);
	r = sca_profile_load_text(&back, sca_str_z(text), "policy", &err);
	if (r == 0)
		r = sca_compare_new(&c, p, back, &t, names, &err);
	if (r < 0) {
		sca_err_format(&err, said, sizeof(said));
		fail_msg("%s: %s\n%s", path, said, text);
	}
	sca_compare_info(c, &info);
	if (info.new_side.refused)
		fail_msg("%s: %s", path, info.new_side.why.text);
	if (info.calls[SCA_DIFF_OPENED])
		fail_msg("%s %s %d: %zu calls are wider, %s first\n%s", path, target, kind,
			 info.calls[SCA_DIFF_OPENED],
			 sca_compare_at(c, 0)->change.syscall ?: "?", text);
	sca_compare_free(c);
	sca_profile_free(back);
	free(text);
	free(notes);
}

static void test_corpus(void **state _unused_)
{
	static const char *const targets[] = {"docker runc:1.3.0", "podman crun:1.14.0"};
	const char *path;
	glob_t g;

	corpus_open(&g);
	corpus_for_each(&g, path) {
		struct sca_profile *p = corpus_load(path);

		for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
			check_not_wider(p, path, targets[i], M);
			check_not_wider(p, path, targets[i], S);
		}
		sca_profile_free(p);
	}
	globfree(&g);
}

#define P(action, rules) "{'defaultAction':'SCMP_ACT_" action "'," \
	"'architectures':['SCMP_ARCH_X86_64'],'syscalls':[" rules "]}"
#define R(name, action, more) "{'names':[" name "],'action':'SCMP_ACT_" action "'" more "}"
#define ARG(op, v, two) ",'args':[{'index':0,'op':'SCMP_CMP_" op "','value':" #v ",'valueTwo':" #two "}]"

static const struct {
	enum sca_policy kind;
	const char *profile;
	const char *has, *lacks, *note;
} written[] = {
	{M, P("ERRNO", R("'read'", "ALLOW", "")), "read: 1\n", "write", "default"},
	{M, P("KILL_PROCESS", R("'read'", "ALLOW", "")), "@default kill-process\nread: 1\n", "x:", ""},
	{M, P("KILL_PROCESS", R("'read'", "ERRNO", ",'errnoRet':38")), "read: return 38\n", "1\n", ""},
	{M, P("KILL_PROCESS", R("'read'", "ALLOW", ARG("MASKED_EQ", 6, 0))),
	 "read: arg0 in 0xfffffffffffffff9\n", "read: 1", ""},
	{M, P("KILL_PROCESS", R("'read'", "ALLOW", ARG("MASKED_EQ", 6, 2))), "", "read", "read"},
	{M, P("KILL_PROCESS", R("'read'", "ALLOW", ARG("NE", 40, 0))), "read: arg0 != 0x28\n", ": 1", ""},
	{M, P("ALLOW", R("'read'", "ERRNO", ",'errnoRet':5")), "@denylist\nread: return 5\n", "write", ""},
	{M, P("ALLOW", R("'read'", "KILL_PROCESS", "")), "read: return 1\n", "write", "another answer: read"},
	{M, P("KILL_PROCESS", R("'read'", "LOG", "")), "read: 1\n", "log", "without being logged: read"},
	{S, P("ERRNO", R("'read'", "ALLOW", "")), "SystemCallFilter=read\n", "write", ""},
	{S, P("ERRNO", R("'read'", "ALLOW", "")), "SystemCallFilter=~", ":1", ""},
	{S, P("ERRNO", R("'read'", "ALLOW", ARG("EQ", 1, 0))), "", "=read", "allows some: read"},
	{S, P("ERRNO", R("'open'", "ERRNO", ",'errnoRet':38")), "", "=open", "another answer: open"},
	{S, P("ALLOW", R("'read'", "ERRNO", ",'errnoRet':5") "," R("'write'", "KILL_PROCESS", "")),
	 "SystemCallFilter=~read:5 write:kill\n", "@default", ""},
	{S, P("ERRNO", R("'read'", "LOG", "")), "SystemCallLog=read\n", "~read", ""},
};

static void test_written(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		struct sca_err err = SCA_ERR_INIT;
		char *text = NULL, *notes = NULL;
		struct sca_profile *p = NULL;
		struct sca_target t;

		target_from(&t, "docker crun:1.14.0 arch:x86_64");
		assert_int_equal(profile_from(&p, written[i].profile, &err), 0);
		if (sca_policy_write(&text, &notes, p, &t, written[i].kind, names, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		if (!strstr(text, written[i].has) || strstr(text, written[i].lacks) ||
		    (written[i].note[0] ? !strstr(notes, written[i].note) : notes[0]))
			fail_msg("row %zu: %s\n%s\n%s", i, written[i].profile, text, notes);
		check_not_wider(p, written[i].profile, "docker crun:1.14.0 arch:x86_64",
				written[i].kind);
		sca_profile_free(p);
		free(text);
		free(notes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hostile),      cmocka_unit_test(test_groups_limit),
		cmocka_unit_test(test_guess),        cmocka_unit_test(test_written),
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
