/* SPDX-License-Identifier: Apache-2.0 */
/* What is found in a profile, where, and what is not found in its neighbour without the fault. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>

#include <scaudit/check.h>

#include "verdict_help.h"
#include "with_names.h"

#define ALLOW(names) "{'names':[" names "],'action':'SCMP_ACT_ALLOW'}"
#define DENY(names)  "{'names':[" names "],'action':'SCMP_ACT_ERRNO','errnoRet':1}"
#define ARCHS	     "'architectures':['SCMP_ARCH_X86'],"
#define BLACK(rules) "{'defaultAction':'SCMP_ACT_ALLOW'," ARCHS "'syscalls':[" rules "]}"
#define WHITE(rules) "{'defaultAction':'SCMP_ACT_ERRNO'," ARCHS "'syscalls':[" rules "]}"
#define ARGS(names, args) "{'names':[" names "],'action':'SCMP_ACT_ALLOW','args':[" args "]}"
#define EQ(i, v) "{'index':" i ",'value':" v ",'op':'SCMP_CMP_EQ'}"
#define MASKED(v, w) "{'index':0,'value':" v ",'valueTwo':" w ",'op':'SCMP_CMP_MASKED_EQ'}"
#define GATED(names, gate) "{'names':[" names "],'action':'SCMP_ACT_ALLOW'," gate "}"
#define INC(key, word) "'includes':{'" key "':['" word "']}"
#define START1_1 "'close','execve','fstatfs','getdents64','openat','write'"
#define START_NNP \
	"'capget','capset','chdir','faccessat2','fstat','getcwd','getppid','newfstatat','prctl','read'," \
	"'setgid','setgroups','setuid'"
#define GO "'futex','rt_sigreturn','mmap'"
#define PROGRAM "'brk','mprotect','arch_prctl','exit_group'"

/* `id` is found at `pointer`; with a NULL pointer it is not found at all. */
static const struct row {
	const char *target, *json, *id, *pointer;
} rows[] = {
	/* loaders */
	{"docker", WHITE("{'names':['read'],'action':'ALLOW'}"), "refused", "/syscalls/0/action"},
	{"docker", WHITE(ALLOW("'read'")), "refused", NULL},
	{"podman crun:1.14", "{'defaultAction':'SCMP_ACT_ALLOW','defaultErrnoRet':1,'syscalls':[]}",
	 "refused", "/defaultErrnoRet"},
	{"docker", "{'defaultAction':'SCMP_ACT_ERRNO','flags':['SECCOMP_FILTER_FLAG_LOG']}",
	 "refused-elsewhere", "/flags"},
	{"docker", WHITE(ALLOW("'read'")), "refused-elsewhere", NULL},
	{"docker", "{}", "no-filter", ""},
	{"docker", WHITE(ALLOW("'read'")), "no-filter", NULL},
	{"docker", WHITE(GATED("'read'", INC("caps", "CAP_CHOWN"))), "gates-ignored",
	 "/syscalls/0/includes"},
	{"cri", WHITE("{'name':'read','action':'SCMP_ACT_ALLOW'}"), "gates-ignored",
	 "/syscalls/0/name"},
	{"docker", WHITE(GATED("'read'", "'includes':{},'excludes':{}")), "gates-ignored", NULL},
	{"podman", WHITE(GATED("'read'", "'includes':{'minKernel':'4.8'}")), "gates-ignored",
	 "/syscalls/0/includes/minKernel"},
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_ERRNO','errorRet':2}"),
	 "unknown-key", "/syscalls/0/errorRet"},
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_ALLOW','_comment':''}"),
	 "unknown-key", NULL},
	/* names */
	{"docker", WHITE(ALLOW("'opnat'")), "misspelt-name", "/syscalls/0/names/0"},
	{"docker", WHITE(ALLOW("'Mkdir'")), "misspelt-name", "/syscalls/0/names/0"},
	{"docker", WHITE(ALLOW("'openat','listxattrat','rseq_slice_yield'")), "misspelt-name", NULL},
	{"docker", WHITE(ALLOW("'read','initgroups'")), "unknown-name", "/syscalls/0/names/1"},
	{"docker", WHITE(ALLOW("'mseal','listns','uretprobe','rseq_slice_yield'")), "unknown-name",
	 NULL},
	{"docker", WHITE(ALLOW("'read','rseq_slice_yield'")), "newer-name", "/syscalls/0/names/1"},
	{"docker", WHITE(ALLOW("'read'")), "newer-name", NULL},
	{"docker", WHITE(ALLOW("'breakpoint'")), "foreign-name", "/syscalls/0/names/0"},
	{"docker", WHITE(ALLOW("'send','recv','mmap2','socketcall'")), "foreign-name", NULL},
	{"docker", WHITE(ALLOW("'read','write','read'")), "duplicate-name", "/syscalls/0/names/2"},
	{"docker", WHITE(ALLOW("'read'") "," ALLOW("'write'")), "duplicate-name", NULL},
	/* rules */
	{"docker", WHITE("{'names':['clone3'],'action':'SCMP_ACT_ERRNO','errnoRet':38},"
			 ALLOW("'read','clone3'")),
	 "shadowed-rule", "/syscalls/1/names/1"},
	{"docker", WHITE(ARGS("'clone'", EQ("0", "5")) "," ALLOW("'clone'")), "shadowed-rule",
	 "/syscalls/0/names/0"},
	{"docker", WHITE(ARGS("'clone'", EQ("0", "5")) "," ARGS("'clone'", EQ("0", "6"))),
	 "shadowed-rule", NULL},
	{"docker", WHITE(ALLOW("'read'") "," ALLOW("'write','read'")), "repeated-rule",
	 "/syscalls/1/names/1"},
	{"docker", WHITE(ALLOW("'read'") "," ALLOW("'read'")), "shadowed-rule", NULL},
	{"docker", WHITE(ALLOW("'read'") "," ALLOW("'write'")), "repeated-rule", NULL},
	{"docker", WHITE(DENY("'read'")), "redundant-rule", "/syscalls/0"},
	{"docker", WHITE(ALLOW("'read'")), "redundant-rule", NULL},
	{"docker", WHITE(ALLOW("'read'") "," ALLOW("")), "empty-rule", "/syscalls/1"},
	{"docker", WHITE(ALLOW("'read'")), "empty-rule", NULL},
	/* gates */
	{"docker", WHITE(GATED("'bpf'", INC("caps", "SYS_ADMIN"))), "unknown-capability",
	 "/syscalls/0/includes/caps/0"},
	{"docker", WHITE(GATED("'bpf'", INC("caps", "CAP_SYS_ADMIN"))), "unknown-capability", NULL},
	{"docker", WHITE(GATED("'bpf'", INC("arches", "x86_64"))), "unknown-arch",
	 "/syscalls/0/includes/arches/0"},
	{"docker", WHITE(GATED("'bpf'", INC("arches", "amd64"))), "unknown-arch", NULL},
	{"docker", WHITE(GATED("'bpf'", INC("caps", "CAP_BPF")
			       ",'excludes':{'caps':['CAP_BPF']}")),
	 "closed-gate", "/syscalls/0/includes/caps/0"},
	{"docker", WHITE(GATED("'bpf'", INC("caps", "CAP_BPF")
			       ",'excludes':{'caps':['CAP_CHOWN']}")),
	 "closed-gate", NULL},
	/* conditions */
	{"docker", WHITE(ARGS("'kill'", EQ("1", "9") "," EQ("1", "15"))), "same-argument",
	 "/syscalls/0/args/1"},
	{"docker", WHITE(ARGS("'kill'", EQ("0", "9") "," EQ("1", "15"))), "same-argument", NULL},
	{"docker", WHITE(ARGS("'clone'", MASKED("0", "2114060288"))), "void-mask",
	 "/syscalls/0/args/0"},
	{"docker", WHITE(ARGS("'clone'", MASKED("2114060288", "0"))), "void-mask", NULL},
	{"docker", WHITE(ARGS("'clone'", MASKED("15", "16"))), "value-outside-mask",
	 "/syscalls/0/args/0"},
	{"docker", WHITE(ARGS("'clone'", MASKED("15", "8"))), "value-outside-mask", NULL},
	{"docker", WHITE(ARGS("'clone'", "{'index':0,'value':1,'valueTwo':2,'op':'SCMP_CMP_EQ'}")),
	 "unused-value", "/syscalls/0/args/0"},
	{"docker", WHITE(ARGS("'clone'", EQ("0", "1"))), "unused-value", NULL},
	{"docker", WHITE(ARGS("'socket'", "{'index':0,'value':40,'op':'SCMP_CMP_NE'}")),
	 "wide-compare", "/syscalls/0/args"},
	{"docker", BLACK("{'names':['kill'],'action':'SCMP_ACT_ERRNO','args':[" EQ("1", "9") "]}"),
	 "wide-compare", "/syscalls/0/args"},
	{"docker", WHITE(ARGS("'socket'", EQ("0", "2")) "," ARGS("'socket'", EQ("0", "1"))),
	 "wide-compare", NULL},
	{"docker", WHITE(ARGS("'socket'", MASKED("4294967295", "2"))), "wide-compare", NULL},
	/* ways around */
	{"docker", WHITE(ARGS("'socket'", EQ("0", "2")) "," ALLOW("'socketcall'")), "multiplexer",
	 "/syscalls/1/names/0"},
	{"docker", WHITE(ALLOW("'shmat'") "," ALLOW("'ipc'")), "multiplexer", "/syscalls/1/names/0"},
	{"docker", WHITE(ARGS("'socket'", EQ("0", "2"))), "multiplexer", "/syscalls/0"},
	{"docker", WHITE(ALLOW("'socket','connect'")), "multiplexer", NULL},
	{"docker", BLACK(DENY("'chmod'")), "equivalent", "/syscalls/0/names/0"},
	{"docker", BLACK(DENY("'chmod','fchmod','fchmodat'")
			 ",{'names':['fchmodat2'],'action':'SCMP_ACT_ERRNO'}"),
	 "equivalent", NULL},
	{"docker", WHITE(ARGS("'clone'", MASKED("2114060288", "0")) "," ALLOW("'clone3'")),
	 "equivalent", "/syscalls/0/names/0"},
	{"docker", WHITE(ALLOW("'openat'")), "equivalent", NULL},
	{"docker", BLACK("{'names':['clone3'],'action':'SCMP_ACT_ERRNO','errnoRet':38}"),
	 "equivalent", NULL},
	{"docker", WHITE(ALLOW("'io_uring_setup','io_uring_enter'")), "io-uring-bypass",
	 "/syscalls/0/names/0"},
	{"docker", WHITE(ALLOW("'io_uring_register'")), "io-uring-bypass", NULL},
	{"docker", WHITE(ALLOW("'read','bpf'")), "dangerous-allow", "/syscalls/0/names/1"},
	{"docker", WHITE(GATED("'bpf'", INC("caps", "CAP_CHOWN"))), "dangerous-allow", NULL},
	{"docker", WHITE(ALLOW("'read'")), "dangerous-allow", NULL},
	{"docker", BLACK(DENY("'mkdir'")), "default-allow", "/defaultAction"},
	{"docker", WHITE(ALLOW("'read'")), "default-allow", NULL},
	/* actions */
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':0}"),
	 "fake-success", "/syscalls/0/errnoRet"},
	{"docker", WHITE(DENY("'read'")), "fake-success", NULL},
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_ALLOW','errnoRet':1}"),
	 "errno-ignored", "/syscalls/0/errnoRet"},
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_TRACE','errnoRet':1}"),
	 "errno-ignored", NULL},
	{"podman", WHITE("{'names':['mkdir'],'action':'SCMP_ACT_NOTIFY'}"), "no-listener",
	 "/syscalls/0/action"},
	{"podman", "{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/run/a','syscalls':[{'names':"
		   "['mkdir'],'action':'SCMP_ACT_NOTIFY'}]}",
	 "no-listener", NULL},
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_KILL'}"), "kill-thread",
	 "/syscalls/0/action"},
	{"docker", WHITE("{'names':['read'],'action':'SCMP_ACT_KILL_THREAD'}"), "kill-thread", NULL},
	/* starting */
	{"docker runc:1.1.5", WHITE(ALLOW(START_NNP "," GO "," PROGRAM)), "runtime-start",
	 "/defaultAction"},
	{"docker runc:1.1.5", WHITE(ALLOW(START1_1 "," GO)), "runtime-privileges",
	 "/defaultAction"},
	{"docker runc:1.1.5", WHITE(ALLOW(START1_1 "," START_NNP)), "runtime-privileges", NULL},
	{"docker runc:1.1.5", WHITE(ALLOW(START1_1 "," START_NNP "," PROGRAM)),
	 "runtime-sometimes", "/defaultAction"},
	{"docker runc:1.1.5", WHITE(ALLOW(GO)), "runtime-sometimes", NULL},
	{"podman", WHITE(ALLOW("'execve'")), "runtime-sometimes", NULL},
	{"docker runc:1.1.5", WHITE(ALLOW(START1_1 "," START_NNP "," GO)), "runtime-start", NULL},
	{"docker runc:1.3.0", WHITE(ALLOW(START1_1 "," START_NNP "," GO)), "runtime-start",
	 "/defaultAction"},
	{"docker runc:1.3.0", WHITE(ALLOW(START1_1 "," START_NNP "," GO ",'openat2','statx'")),
	 "runtime-start", NULL},
	{"podman crun:1.14",
	 WHITE(ALLOW("'capset','execve','prctl','rt_sigaction','rt_sigprocmask','setresgid',"
		     "'setresuid','write'")),
	 "runtime-privileges", NULL},
	{"docker", WHITE(ALLOW("'execve','brk','mprotect','exit_group'")), "program-start",
	 "/defaultAction"},
	{"docker", WHITE(ALLOW("'execve','mmap','mprotect','arch_prctl','exit'")), "program-start",
	 NULL},
	{"podman", "{'defaultAction':'SCMP_ACT_KILL','syscalls':[" ALLOW("'execve'," PROGRAM) "]}",
	 "program-start", "/defaultAction"},
	{"docker", WHITE(ALLOW("'openat','read','pread64','mmap','close'")), "loader-start",
	 "/defaultAction"},
	{"docker", WHITE(ALLOW("'openat','read','pread64','fstat','mmap','close'")),
	 "loader-start", NULL},
	{"docker", WHITE(ALLOW("'execve'," PROGRAM)), "program-start", NULL},
	{"podman", WHITE(ALLOW("'read'")), "fallback", "/defaultAction"},
	{"docker", BLACK(DENY("'statx'")), "fallback", "/syscalls/0/action"},
	{"docker", BLACK("{'names':['statx'],'action':'SCMP_ACT_ERRNO','errnoRet':38}"), "fallback",
	 NULL},
	{"podman", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'syscalls':[]}",
	 "fallback", NULL},
	{"podman", WHITE(ALLOW("'read'")), "fallback-time64", "/defaultAction"},
	{"docker", WHITE(ALLOW("'read'")), "fallback-time64", NULL},
	/* the world */
	{"podman", WHITE(ALLOW("'read'")), "default-errno", "/defaultAction"},
	{"podman", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'syscalls':[]}",
	 "default-errno", NULL},
	{"docker", WHITE(ALLOW("'read'")), "default-errno", NULL},
	{"docker arch:x86_64", "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[]}", "other-abi",
	 "/defaultAction"},
	{"docker arch:x86_64", WHITE(ALLOW("'read'")), "other-abi", NULL},
	{"docker arch:x86_64", WHITE(ALLOW("'mmap'")), "abi-names", "/architectures"},
	{"docker arch:x86_64", WHITE(ALLOW("'mmap','mmap2'")), "abi-names", NULL},
	{"docker arch:x86_64",
	 "{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X32']}", "x32",
	 "/architectures"},
	{"docker arch:x86_64", WHITE(ALLOW("'read'")), "x32", NULL},
	{"docker", WHITE(ALLOW("'read'")), "no-record", "/defaultAction"},
	{"docker", BLACK("{'names':['read'],'action':'SCMP_ACT_KILL_PROCESS'}"), "no-record", NULL},
	{"docker",
	 "{'defaultAction':'SCMP_ACT_ERRNO','flags':['SECCOMP_FILTER_FLAG_LOG'],'syscalls':[]}",
	 "no-record", NULL},
	{"docker", WHITE(ALLOW("'read'")), "not-measured", NULL},
};

static struct sca_checked *check(const char *target, const char *json)
{
	const struct sca_check_options all = {.all_loaders = true};
	struct sca_checked *c = NULL;
	struct sca_profile *p = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_target t;

	target_from(&t, target);
	if (profile_from(&p, json, &err) < 0 ||
	    sca_checked_new(&c, p, &t, &all, names, &err) < 0)
		fail_msg("%s: %s", json, err.text);
	sca_profile_free(p);
	return c;
}

static const struct sca_problem *find(const struct sca_checked *c, const char *id,
				      const char *pointer)
{
	for (size_t i = 0; i < sca_checked_count(c); i++) {
		const struct sca_problem *p = sca_checked_at(c, i);

		if (strcmp(sca_check_at(p->check)->id, id) == 0 &&
		    (!pointer || strcmp(p->pointer, pointer) == 0))
			return p;
	}
	return NULL;
}

static void list(const struct sca_checked *c)
{
	for (size_t i = 0; i < sca_checked_count(c); i++)
		print_message("  %s at \"%s\": %s\n", sca_check_at(sca_checked_at(c, i)->check)->id,
			      sca_checked_at(c, i)->pointer, sca_checked_at(c, i)->text);
}

static void test_rows(void **state _unused_)
{
	size_t failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct sca_checked *c = check(row->target, row->json);
		bool found = find(c, row->id, row->pointer) != NULL;

		if (found != (row->pointer != NULL)) {
			print_message("row %zu, %s: %s %s\n", i, row->json, row->id,
				      found ? "is found" : "is not found");
			list(c);
			failed++;
		}
		sca_checked_free(c);
	}
	assert_int_equal(failed, 0);
}

/* Each check has rows with and without it, and well-formed words. */
static void test_table(void **state _unused_)
{
	for (size_t i = 0; i < sca_check_count(); i++) {
		const struct sca_check *k = sca_check_at(i);
		bool with = false, without = false;

		assert_true(k->id && k->meaning && k->severity < SCA_SEVERITY_COUNT);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(k->id, sca_check_at(j)->id);
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			with |= strcmp(rows[j].id, k->id) == 0 && rows[j].pointer;
			without |= strcmp(rows[j].id, k->id) == 0 && !rows[j].pointer;
		}
		if ((!with || !without) && strcmp(k->id, "syntax") != 0 &&
		    strcmp(k->id, "not-measured") != 0)
			fail_msg("%s: no row %s it", k->id, with ? "without" : "with");
	}
	for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
		size_t i = 0;

		while (i < sca_check_count() && strcmp(sca_check_at(i)->id, rows[j].id) != 0)
			i++;
		if (i == sca_check_count())
			fail_msg("row %zu: there is no check %s", j, rows[j].id);
	}
	assert_null(sca_check_at(sca_check_count()));
}

/* -- edits -- */

static const struct fix_row {
	const char *json, *after, *change; /* after NULL: no patch */
} fix_rows[] = {
	{WHITE(ALLOW("'read','write','read'")), WHITE(ALLOW("'read','write'")), ""},
	{WHITE(ALLOW("'exit_group','mkdri'")), WHITE(ALLOW("'exit_group','mkdir'")),
	 "x86_64 mkdir: ERRNO(EPERM) -> ALLOW; x86 mkdir: ERRNO(EPERM) -> ALLOW; "},
	{WHITE("{'names':['read'],'action':'SCMP_ACT_ALLOW','errnoRet':1}"), WHITE(ALLOW("'read'")),
	 ""},
	/* A library's function, and a name that stands in another rule. */
	{WHITE(ALLOW("'exit_group','wait3'")), NULL, ""},
	{WHITE(ALLOW("'exit_group','mkdri'") "," ALLOW("'mkdir'")), NULL, ""},
	/* The corrected name would raise the ENOSYS stub: only the rest is edited. */
	{WHITE(ALLOW("'read','read','faccesat2'")), WHITE(ALLOW("'read','faccesat2'")), ""},
	/* A rule that never decides may be meant. */
	{WHITE(ALLOW("'read'") "," ALLOW("'read'")), NULL, ""},
};

static void test_fixes(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(fix_rows); i++) {
		const struct fix_row *row = &fix_rows[i];
		_cleanup_buf_ struct buf changes = BUF_INIT;
		struct sca_profile *p = NULL, *fresh = NULL, *want = NULL;
		struct sca_checked *c = NULL;
		struct sca_target t;

		target_from(&t, "docker arch:x86_64");
		assert_int_equal(profile_from(&p, row->json, NULL), 0);
		assert_int_equal(sca_checked_new(&c, p, &t, NULL, names, NULL), 0);
		if ((sca_checked_patch(c) != NULL) != (row->after != NULL))
			fail_msg("row %zu: a patch %s", i, row->after ? "is missing" : "is made");
		for (size_t k = 0; k < sca_checked_change_count(c); k++)
			buf_addf(&changes, "%s; ", sca_checked_change(c, k));
		assert_string_equal(changes.p ? changes.p : "", row->change);
		if (row->after) {
			assert_int_equal(profile_from(&want, row->after, NULL), 0);
			assert_int_equal(sca_patch_apply(sca_checked_patch(c), p, &fresh, NULL), 0);
			assert_int_equal(sca_profile_text(fresh).n, sca_profile_text(want).n);
			assert_memory_equal(sca_profile_text(fresh).p, sca_profile_text(want).p,
					    sca_profile_text(want).n);
		}
		sca_checked_free(c);
		sca_profile_free(fresh);
		sca_profile_free(want);
		sca_profile_free(p);
	}
}

static bool keep_names(const struct sca_problem *p, void *arg)
{
	++*(size_t *)arg;
	return strcmp(sca_check_at(p->check)->id, "misspelt-name") == 0 &&
	       strcmp(p->pointer, "/syscalls/0/names/2") == 0;
}

/* What is to be kept is not edited, the rest is. */
static void test_keep(void **state _unused_)
{
	size_t asked = 0;
	const struct sca_check_options opt = {false, keep_names, &asked};
	struct sca_profile *p = NULL;
	struct sca_checked *c = NULL;
	struct sca_target t;

	target_from(&t, "docker");
	assert_int_equal(profile_from(&p, WHITE(ALLOW("'exit_group','exit_group','mkdri'")), NULL),
			 0);
	assert_int_equal(sca_checked_new(&c, p, &t, &opt, names, NULL), 0);
	assert_true(asked > 0);
	assert_int_equal(sca_patch_count(sca_checked_patch(c)), 1);
	assert_string_equal(sca_patch_op(sca_checked_patch(c), 0)->path, "/syscalls/0/names/1");
	assert_false(find(c, "misspelt-name", NULL)->edited);
	assert_true(find(c, "duplicate-name", NULL)->edited);
	sca_checked_free(c);
	sca_profile_free(p);
}

/* -- places and bounds -- */

static void test_places(void **state _unused_)
{
	struct sca_checked *c =
		check("docker", "{'defaultAction':'SCMP_ACT_ERRNO',\n 'syscalls':[\n  "
				ALLOW("'read',\n   'initgroups'") "\n]}");
	const struct sca_problem *p = find(c, "unknown-name", NULL);

	assert_non_null(p);
	assert_int_equal(p->line, 4);
	assert_int_equal(p->column, 4);
	for (size_t i = 1; i < sca_checked_count(c); i++)
		assert_true(sca_checked_at(c, i - 1)->line <= sca_checked_at(c, i)->line);
	sca_checked_free(c);
}

static void test_unreadable(void **state _unused_)
{
	struct sca_err why = {.code = SCA_E_SYNTAX, .line = 3, .column = 7, .text = "no comma"};
	struct sca_checked *c = NULL;

	assert_int_equal(sca_checked_unreadable(&c, &why, NULL), 0);
	assert_int_equal(sca_checked_count(c), 1);
	assert_int_equal(sca_checked_at(c, 0)->line, 3);
	assert_string_equal(sca_check_at(sca_checked_at(c, 0)->check)->id, "syntax");
	assert_string_equal(sca_checked_at(c, 0)->text, "no comma");
	sca_checked_free(c);
}

/* One call in more rules than are measured, each with a condition. */
static void test_many_rules(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_checked *c;

	buf_add_z(&b, "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" ALLOW("'read'"));
	for (unsigned i = 0; i < 20; i++)
		buf_addf(&b, ",{'names':['personality'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,"
			 "'value':%u,'op':'SCMP_CMP_EQ'}]}", i);
	buf_add_z(&b, "]}");
	c = check("docker", b.p);
	assert_non_null(find(c, "not-measured", "/syscalls"));
	sca_checked_free(c);
}

/* Thousands of bad names: an end, and a word about the rest. */
static void test_bounds(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_checked *c;

	buf_add_z(&b, "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'action':'SCMP_ACT_ALLOW',"
		      "'names':['read'");
	for (unsigned i = 0; i < 4000; i++)
		buf_addf(&b, ",'no_such_call_%u'", i);
	buf_add_z(&b, "]}]}");
	c = check("docker", b.p);
	assert_non_null(find(c, "not-measured", "/syscalls"));
	assert_in_range(sca_checked_count(c), 257, 300);
	sca_checked_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),   cmocka_unit_test(test_table),
		cmocka_unit_test(test_fixes),  cmocka_unit_test(test_keep),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_many_rules),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
