/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled filters: the corpus, verdicts, the stub, what loaders refuse late. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>
#include <seccomp.h>

#include "filter_int.h"
#include "verdict_help.h"
#include "with_names.h"

/* -- the corpus: its MANIFEST.tsv was made by another model and real runtimes -- */

/* By column of the manifest, which was read with Docker's capabilities throughout. */
static const char *const columns[] = {
	[5] = "docker runc:1.3.0",
	[6] = "docker20 runc:1.1.5",
	[7] = "podman crun:1.14.0 caps:docker-default",
	[8] = "cri runc:1.3.0",
};

static int compile_file(struct sca_filter **ret, const char *path, const char *target,
			struct sca_err *err)
{
	struct sca_profile *p = NULL;
	struct sca_target t;
	int r = sca_profile_load_file(&p, path, err);

	target_from(&t, target);
	if (r == 0)
		r = sca_filter_compile(ret, p, &t, names, err);
	sca_profile_free(p);
	return r;
}

static void check_row(const char *path, const char *target, const char *want)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_filter *f = NULL;
	struct sca_filter_info info;
	char got[160];
	int r = compile_file(&f, path, target, &err);

	if (strncmp(want, "REFUSED", 7) == 0) {
		if (r != SCA_E_REFUSED)
			fail_msg("%s: %s: not refused", path, target);
		return;
	}
	if (r < 0)
		fail_msg("%s: %s: %s", path, target, err.text);
	sca_filter_info(f, &info);
	snprintf(got, sizeof(got), "ok rules=%zu unknown=%zu redundant=%zu insns=%zu",
		 info.rules, info.unknown, info.redundant, info.instructions);
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s\nwant %s\ngot  %s", path, target, want, got);
	sca_filter_free(f);
}

static void test_corpus(void **state _unused_)
{
	char path[512], line[1024];
	size_t rows = 0;
	FILE *tsv;

	if (!shared_path(path, sizeof(path), "MANIFEST.tsv")) {
		print_message("%s is not there\n", path);
		skip();
	}
	tsv = fopen(path, "re");
	assert_non_null(tsv);
	while (fgets(line, sizeof(line), tsv)) {
		struct sca_str rest = sca_str_z(line), cell, file;

		rest.n -= rest.n && rest.p[rest.n - 1] == '\n';
		assert_true(str_cut(&rest, '\t', &file));
		for (size_t i = 1; str_cut(&rest, '\t', &cell); i++) {
			char want[128], name[256];

			if (i >= ARRAY_SIZE(columns) || !columns[i] || cell.n < 2 ||
			    str_starts(cell, SCA_STR("docker")) || str_is(cell, "podman") ||
			    str_is(cell, "containerd"))
				continue;
			snprintf(want, sizeof(want), "%.*s", (int)cell.n, cell.p);
			snprintf(name, sizeof(name), "%.*s", (int)file.n, file.p);
			check_row(shared_path(path, sizeof(path), name), columns[i], want);
			rows++;
		}
	}
	fclose(tsv);
	print_message("%zu profiles and front ends as in the manifest\n", rows);
	assert_true(rows > 100);
}

/* -- tests/tables/verdict.t -- */

struct table {
	char profile[256], json[2048], target[128];
	struct sca_filter *f;
	bool absent; /* the corpus is not there */
	size_t line, rows;
};

static void table_compile(struct table *t)
{
	struct sca_err err = SCA_ERR_INIT;
	char path[512];

	t->f = sca_filter_free(t->f);
	t->absent = false;
	if (t->json[0]) {
		t->f = compile(t->json, t->target, names);
		return;
	}
	t->absent = !shared_path(path, sizeof(path), t->profile);
	if (!t->absent && compile_file(&t->f, path, t->target, &err) < 0)
		fail_msg("verdict.t:%zu: %s", t->line, err.text);
}

static void table_call(struct table *t, const struct sca_call *call, const char *want)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_reach reach;

	sca_filter_reach(t->f, call, &reach);
	add_reach_text(&b, &reach);
	if (strcmp(b.p, want) != 0)
		fail_msg("verdict.t:%zu: %s: number %d\nwant %s\ngot  %s", t->line, t->target,
			 call->nr, want, b.p);
	if (reach.n == 1) {
		struct sca_verdict v;

		sca_filter_eval(t->f, call, &v);
		assert_int_equal(v.action, reach.v[0].action);
		assert_int_equal(v.data, reach.v[0].data);
		assert_int_equal(v.by, reach.v[0].by);
	}
	t->rows++;
}

static void table_row(struct table *t, struct sca_str line)
{
	const char *arrow = str_find(line, SCA_STR(" -> "));
	struct sca_str left, want, arch, nr, from, rest;
	uint32_t first, last;
	char text[256];
	struct sca_call call;

	if (!arrow)
		fail_msg("verdict.t:%zu: no arrow", t->line);
	left = (struct sca_str){line.p, (size_t)(arrow - line.p)};
	want = str_trim(str_skip(line, left.n + 4));
	snprintf(text, sizeof(text), "%.*s", (int)want.n, want.p);
	rest = left;
	assert_true(next_word(&rest, &arch) && next_word(&rest, &nr));
	if (str_cut(&nr, '-', &from) && str_u32(from, &first) == 0 && str_u32(nr, &last) == 0) {
		call = (struct sca_call){0};
		assert_int_equal(sca_arch_parse(arch, &call.arch), 0);
		for (uint32_t i = first; i <= last; i++) {
			call.nr = (int32_t)i;
			table_call(t, &call, text);
		}
		return;
	}
	if (!call_from(&call, left, names))
		fail_msg("verdict.t:%zu: unknown call", t->line);
	table_call(t, &call, text);
}

static bool take_key(struct sca_str line, const char *key, char *out, size_t cap)
{
	struct sca_str k = sca_str_z(key);

	if (!str_starts(line, k))
		return false;
	line = str_trim(str_skip(line, k.n));
	snprintf(out, cap, "%.*s", (int)line.n, line.p);
	return true;
}

static void test_table(void **state _unused_)
{
	struct table t = {0};
	FILE *file = fopen("tests/tables/verdict.t", "re");
	char line[4096];
	size_t skipped = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct sca_str s = str_trim(sca_str_z(line));

		t.line++;
		if (s.n == 0 || s.p[0] == '#')
			continue;
		if (take_key(s, "profile:", t.profile, sizeof(t.profile)))
			t.json[0] = '\0';
		else if (take_key(s, "json:", t.json, sizeof(t.json)))
			;
		else if (take_key(s, "target:", t.target, sizeof(t.target)))
			table_compile(&t);
		else if (t.absent)
			skipped++;
		else
			table_row(&t, s);
	}
	fclose(file);
	sca_filter_free(t.f);
	print_message("%zu rows, %zu skipped without the corpus\n", t.rows, skipped);
	assert_true(t.rows > 50);
}

/* -- refused by the runtime while it talks to libseccomp, or by the kernel -- */

#define A(rules) "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" rules "]}"
#define N(name, action, more) "{'names':['" name "'],'action':'SCMP_ACT_" action "'" more "}"
#define C(more) ",'args':[{'value':1," more "}]"
#define EQ "'op':'SCMP_CMP_EQ'"
#define B(i, op, v) "{'index':" i ",'op':'SCMP_CMP_" op "','value':" v "}"

static void test_refused(void **state _unused_)
{
	static const struct {
		const char *target, *json, *path, *text;
	} rows[] = {
		{"oci", A(N("mkdir", "ERRNO", C(EQ)) "," N("mkdir", "KILL", C(EQ))),
		 "/syscalls/1/names/0",
		 "runc 1.3.0: error adding seccomp rule for syscall mkdir: file exists ("},
		{"oci crun", A(N("mkdir", "ERRNO", C(EQ)) "," N("mkdir", "KILL", C(EQ))),
		 "/syscalls/1/names/0",
		 "crun 1.14.0: seccomp_rule_add_array `mkdir`: File exists ("},
		{"oci", A(N("mkdir", "ERRNO", ",'errnoRet':4096")), "/syscalls/0/names/0",
		 "runc 1.3.0: error adding seccomp rule for syscall mkdir: two checks on same "
		 "syscall"},
		{"oci", A(N("nosuchcall", "ERRNO", ",'errnoRet':4096")), NULL, NULL},
		{"oci", A(N("mkdir", "ERRNO", C("'index':6," EQ))), "/syscalls/0/args/0",
		 "runc 1.3.0: syscalls only have up to 6 arguments (6 given); use index 0 to "
		 "5"},
		{"oci crun", A(N("mkdir", "ERRNO", C("'index':6," EQ))), "/syscalls/0/args/0",
		 "crun 1.14.0: invalid seccomp index 6"},
		{"oci", A(N("nosuchcall", "ERRNO", C("'index':6," EQ))), NULL, NULL},
		{"oci", A(N("mkdir", "ALLOW", C("'index':6," EQ))), NULL, NULL},
		{"oci crun", A(N("mkdir", "ERRNO", C("'op':'EQ'"))), "/syscalls/0/args/0",
		 "crun 1.14.0: get_seccomp_operator"},
		{"oci crun", A(N("nosuchcall", "ERRNO", C("'op':'EQ'"))), NULL, NULL},
		{"oci", A(N("", "ERRNO", "")), "/syscalls/0/names/0",
		 "runc 1.3.0: empty string"},
		{"oci crun", A(N("", "ERRNO", "")), NULL, NULL},
		{"oci runc:1.0.1", A(N("mkdir", "ALLOW", "")), "/syscalls/0/names/0",
		 "runc 1.0.1: error adding seccomp rule for syscall mkdir: permission denied "
		 "("},
		{"oci runc:1.0.1", A(N("nosuchcall", "ALLOW", "")), NULL, NULL},
		{"oci runc:1.0.2", A(N("mkdir", "ALLOW", "")), NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_err err = SCA_ERR_INIT;
		struct sca_filter *f = NULL;
		int r = compile_text(&f, rows[i].json, rows[i].target, names, &err);

		if (r != (rows[i].text ? SCA_E_REFUSED : 0) ||
		    (r < 0 && (strcmp(err.path, rows[i].path) != 0 || err.line != 1 ||
			       strncmp(err.text, rows[i].text, strlen(rows[i].text)) != 0)))
			fail_msg("%s: %s\n%d %s: %s", rows[i].target, rows[i].json, r, err.path,
				 err.text);
		sca_filter_free(f);
	}
}

/* Three rules that libseccomp 2.5.4 loops on for ever. A newer one may compile them. */
static const char endless[] =
	A(N("mkdir", "LOG", ",'args':[" B("2", "LE", "18446744073709551615") ","
	    B("0", "GT", "2114060288") "]") ","
	  N("mkdir", "ERRNO", ",'args':[" B("1", "GE", "2114060288") "]") ","
	  N("mkdir", "KILL", ",'args':[" B("0", "GT", "2114060288") ","
	    B("2", "NE", "2114060288") "]"));

static void test_endless(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_filter *f = NULL;
	int r = compile_text(&f, endless, "oci", names, &err);

	if (r < 0) {
		assert_int_equal(r, SCA_E_REFUSED);
		assert_string_equal(err.path, "/syscalls");
		assert_non_null(strstr(err.text, "does not come to an end"));
	}
	print_message("libseccomp %u.%u.%u %s\n", seccomp_version()->major,
		      seccomp_version()->minor, seccomp_version()->micro,
		      r < 0 ? "does not end" : "ends");
	sca_filter_free(f);
}

/* n conditional rules on one call, each two instructions or so. */
static char *many_conditions(unsigned n)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	buf_add_z(&b,
		  ""
		  "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['ioctl'],'action':'"
		  "SCMP_ACT_ALLOW','args':[{'index':1,'op':'SCMP_CMP_EQ','value':1}");
	for (unsigned i = 2; i <= n; i++)
		buf_addf(&b, ",{'index':1,'op':'SCMP_CMP_EQ','value':%u}", i);
	buf_add_z(&b, "]}]}");
	return buf_steal(&b, NULL);
}

static void test_too_long(void **state _unused_)
{
	static const struct {
		unsigned n;
		int r;
		const char *text;
	} rows[] = {
		{4000, 0, NULL},
		{4200, SCA_E_REFUSED, "instructions, the kernel takes 4096"},
		{9000, SCA_E_LIMIT, "more than 8192 different rules"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *json = many_conditions(rows[i].n);
		struct sca_err err = SCA_ERR_INIT;
		struct sca_filter *f = NULL;
		int r = compile_text(&f, json, "oci", names, &err);

		if (r != rows[i].r || (r < 0 && !strstr(err.text, rows[i].text)))
			fail_msg("%u conditions: %d %s", rows[i].n, r, err.text);
		sca_filter_free(f);
	}
}

/* -- the program -- */

/* Repeats of unconditional rules are not handed to libseccomp again: it makes no difference. */
static void test_repeats(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{A(N("socket", "ERRNO", "") "," N("mkdir", "KILL", "")),
		 A(N("socket", "ERRNO", "") "," N("mkdir", "KILL", "") "," N(
			 "socket", "ERRNO", "") "," N("mkdir", "KILL", ""))},
		{A(N("shmget", "ERRNO", C(EQ)) "," N("shmget", "TRAP", "")),
		 A(N("shmget", "ERRNO", C(EQ)) "," N("shmget", "TRAP", "") "," N("shmget",
										 "TRAP", ""))},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct sca_filter *a = compile(pairs[i][0], "oci", names);
		struct sca_filter *b = compile(pairs[i][1], "oci", names);

		assert_int_equal(a->n, b->n);
		assert_memory_equal(a->prog, b->prog, a->n * sizeof(*a->prog));
		assert_true(b->info.rules > a->info.rules);
		sca_filter_free(a);
		sca_filter_free(b);
	}
}

#define DENY(archs, names) "{'defaultAction':'SCMP_ACT_ERRNO','architectures':[" archs "]," \
	"'syscalls':[{'names':[" names "],'action':'SCMP_ACT_ALLOW'}]}"

/* runc's stub, its exact size, and the maxima. */
static const struct {
	const char *target, *json;
	size_t n; /* instructions */
	bool stub;
	int32_t max[3]; /* x86_64, x86, x32 */
	const char *name; /* of the first maximum that there is */
} stubs[] = {
	/* ld arch, jeq, ja, ld nr, jset, jgt, ja, ja, ret */
	{"oci runc:1.3.0", DENY("", "'read','mkdir'"), 9, true, {83, -1, -1}, "mkdir"},
	{"oci runc:1.1.5", DENY("", "'mkdir'"), 4, false, {-1, -1, -1}, NULL},
	{"oci runc:1.1.15", DENY("", "'mkdir'"), 9, true, {83, -1, -1}, "mkdir"},
	{"oci runc:1.1.5",
	 DENY("'SCMP_ARCH_X86_64'", "'mkdir'"),
	 9,
	 true,
	 {83, -1, -1},
	 "mkdir"},
	{"oci runc:1.1.5",
	 DENY("'SCMP_ARCH_X86'", "'mkdir'"),
	 8,
	 true,
	 {-1, 39, -1},
	 "mkdir"},
	{"oci runc:1.1.5",
	 DENY("'SCMP_ARCH_X32'", "'mkdir'"),
	 9,
	 true,
	 {-1, -1, 83},
	 "mkdir"},
	{"oci runc:1.3.0",
	 DENY("'SCMP_ARCH_X32'", "'mkdir'"),
	 10,
	 true,
	 {83, -1, 83},
	 "mkdir"},
	{"oci runc:1.3.0",
	 DENY("'SCMP_ARCH_X86','SCMP_ARCH_X32'", "'mkdir'"),
	 14,
	 true,
	 {83, 39, 83},
	 "mkdir"},
	/* read is 0 on x86_64: no maximum, but a jump to the filter */
	{"oci runc:1.3.0", DENY("", "'read'"), 5, false, {-1, -1, -1}, NULL},
	{"oci runc:1.3.0",
	 DENY("'SCMP_ARCH_X86'", "'read'"),
	 9,
	 true,
	 {-1, 3, -1},
	 "read"},
	{"oci crun", DENY("", "'mkdir'"), 0, false, {-1, -1, -1}, NULL},
	{"oci", A(N("mkdir", "ERRNO", "")), 0, false, {-1, -1, -1}, NULL},
	{"oci", "{'defaultAction':'SCMP_ACT_LOG'}", 0, false, {-1, -1, -1}, NULL},
	{"oci", "{'defaultAction':'SCMP_ACT_TRACE'}", 0, false, {-1, -1, -1}, NULL},
	{"oci", "{'defaultAction':'SCMP_ACT_KILL'}", 5, false, {-1, -1, -1}, NULL},
};

static void test_stub(void **state _unused_)
{
	static const uint32_t archs[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32};

	for (size_t i = 0; i < ARRAY_SIZE(stubs); i++) {
		struct sca_filter *f = compile(stubs[i].json, stubs[i].target, names);
		const char *want = stubs[i].name;

		if (f->stub_n != stubs[i].n || f->info.stub != stubs[i].stub)
			fail_msg("row %zu: %zu instructions", i, f->stub_n);
		for (size_t j = 0; j < ARRAY_SIZE(archs); j++) {
			struct sca_str name = {NULL, 0};

			assert_int_equal(sca_filter_stub_max(f, archs[j], &name),
					 stubs[i].max[j]);
			if (stubs[i].max[j] >= 0)
				assert_true(str_eq(name, sca_str_z(want)));
		}
		assert_int_equal(f->n, f->stub_n + f->info.instructions);
		sca_filter_free(f);
	}
}

/* Every architecture at once: the stub's sections move far apart. */
static void test_many_archs(void **state _unused_)
{
	static const char *const natives[] = {"x86_64", "s390x"};

	for (size_t i = 0; i < ARRAY_SIZE(natives); i++) {
		_cleanup_buf_ struct buf json = BUF_INIT;
		char target[64];
		struct sca_filter *f;
		uint32_t native;

		assert_int_equal(sca_arch_parse(sca_str_z(natives[i]), &native), 0);
		buf_add_z(&json, "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
			  N("read','close','exit_group','clone", "ALLOW", "")
			  "],'architectures':[");
		buf_addf(&json, "'%s'", sca_arch_scmp_name(native));
		for (size_t j = 0; j < sca_arch_count(); j++) {
			uint32_t arch = sca_arch_at(j);

			if (sca_arch_compilable(arch) && !((arch ^ native) & 0x40000000) &&
			    !strstr(sca_arch_scmp_name(arch), "PARISC"))
				buf_addf(&json, ",'%s'", sca_arch_scmp_name(arch));
		}
		buf_add_z(&json, "]}");
		snprintf(target, sizeof(target), "oci arch:%s", natives[i]);
		f = compile(json.p, target, names);
		assert_true(f->eff->n_archs > 3);
		for (size_t j = 0; j < f->eff->n_archs; j++) {
			struct sca_call call = {.arch = f->eff->archs[j]};
			int32_t max = sca_filter_stub_max(f, call.arch, NULL);
			struct sca_verdict v;

			assert_true(max > 0);
			call.nr = max;
			sca_filter_eval(f, &call, &v);
			assert_int_equal(v.action, SCA_ACT_ALLOW);
			assert_int_equal(v.by, SCA_BY_RULE);
			call.nr = max + 1;
			sca_filter_eval(f, &call, &v);
			assert_int_equal(v.action, SCA_ACT_ERRNO);
			assert_int_equal(v.data, ENOSYS);
			assert_int_equal(v.by, SCA_BY_STUB);
		}
		sca_filter_free(f);
	}
}

static const char info_profile[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','flags':['SECCOMP_FILTER_FLAG_LOG'],"
	"'architectures':['SCMP_ARCH_X86'],'syscalls':[" N("read','write", "ALLOW", "") "," N(
		"mkdir", "ERRNO", "") "," N("nosuchcall", "ALLOW",
					    "") "," N("bpf", "ALLOW",
						      ",'includes':{'caps':['CAP_BPF']}") "]}";

static void test_info(void **state _unused_)
{
	struct sca_filter *f = compile(info_profile, "docker", names);
	struct sca_filter_info info;
	const struct eff *e = sca_filter_eff(f);
	struct sca_err err = SCA_ERR_INIT;
	size_t n = 0;

	sca_filter_info(f, &info);
	assert_false(info.disabled);
	assert_true(info.stub && info.log_flag);
	assert_int_equal(info.rules, 2);
	assert_int_equal(info.redundant, 1);
	assert_int_equal(info.unknown, 1);
	assert_int_equal(info.gated, 1);
	assert_int_equal(info.n_archs, 2);
	assert_int_equal(info.archs[0], SCA_ARCH_X86_64);
	assert_int_equal(info.archs[1], SCA_ARCH_X86);
	assert_int_equal(e->rules[0].names[1].fate, EFF_FATE_ADDED);
	assert_int_equal(e->rules[1].names[0].fate, EFF_FATE_REDUNDANT);
	assert_int_equal(e->rules[2].names[0].fate, EFF_FATE_UNKNOWN);
	assert_int_equal(e->rules[3].names[0].fate, EFF_FATE_NONE);
	assert_non_null(sca_filter_program(f, &n, &err));
	assert_int_equal(n, f->n);
	sca_filter_free(f);

	f = compile("{}", "docker", names);
	sca_filter_info(f, &info);
	assert_true(info.disabled);
	assert_null(sca_filter_program(f, &n, &err));
	assert_int_equal(err.code, SCA_E_UNSUPPORTED);
	sca_filter_free(f);
}

static const char arg_profile[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],'syscalls':["
	N("mkdir','clone", "ALLOW", ",'args':[" B("0", "EQ", "5") ",{'index':2,'op':"
	  "'SCMP_CMP_MASKED_EQ','value':12,'valueTwo':4}]") ","
	N("mkdir", "LOG", ",'args':[" B("0", "GT", "18446744073709551615") "]") "]}";

static void test_arg_values(void **state _unused_)
{
	struct sca_filter *f = compile(arg_profile, "docker", names);
	uint64_t v[4];

	assert_int_equal(sca_filter_arg_values(f, SCA_ARCH_X86_64, 83, 0, v, 4), 2);
	assert_int_equal(v[0], 5);
	assert_int_equal(v[1], UINT64_MAX);
	assert_int_equal(sca_filter_arg_values(f, SCA_ARCH_X86, 39, 2, v, 4), 2);
	assert_int_equal(v[0], 4);
	assert_int_equal(v[1], 12);
	assert_int_equal(sca_filter_arg_values(f, SCA_ARCH_X86_64, 83, 1, v, 4), 0);
	assert_int_equal(sca_filter_arg_values(f, SCA_ARCH_X86_64, 84, 0, v, 4), 0);
	assert_int_equal(sca_filter_arg_values(f, SCA_ARCH_X86_64, 83, 0, v, 1), 1);
	assert_int_equal(sca_filter_arg_values(f, SCA_ARCH_X32, 83, 0, v, 4), 0);
	sca_filter_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),  cmocka_unit_test(test_table),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_endless),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_repeats), cmocka_unit_test(test_stub),
		cmocka_unit_test(test_many_archs), cmocka_unit_test(test_info),
		cmocka_unit_test(test_arg_values),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}
