/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out under the public functions that no other test_*_memory.c drives: one
 * allocation fails, each in turn, and then all behind it, too. The answer is -ENOMEM with err set,
 * nothing left behind and *ret as it was; or all is as with memory, to the last word. Functions
 * that need no memory are shown to ask for none. tests/fault/api_memory.sh compares the names in
 * these files with the library's list.
 */
#include "base.h"

#include <setjmp.h>
#include <dlfcn.h>
#include <ftw.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <scaudit/scaudit.h>

/*
 * glibc's loader keeps some of what a dlopen() that failed had made; libfyaml 0.7 crashes, which
 * costs the library a child, and the answer is that the text can not be read; libsystemd leaves
 * out the journals for which it had no memory, and says nothing (and so what reads this machine,
 * the rows with `root`, may fail with another code).
 */
#define ALSO_SPARED "ld-linux", "libfyaml", "libsystemd"
#include "failing_malloc.h"
#include "pack.h"
#include "text.h"

#define SAMPLES 100 /* of a scenario with more allocations; SCA_SAMPLES says otherwise */
#define CASES   "tests/cases/"

struct run {
	struct sca_names *names;
	struct sca_target target;
	struct sca_err *err;
	uint64_t digest; /* of all that was answered */
	bool written;    /* a function that failed wrote *ret */
};

#define UNSET ((void *)8)
/* r = call, which fills p; p is NULL when it fails. */
#define GET(run, r, p, call)                                                             \
	do {                                                                             \
		if ((r) == 0) {                                                          \
			(p) = UNSET;                                                     \
			(r) = (call);                                                    \
			if ((r) < 0) {                                                   \
				(run)->written |= (p) != UNSET;                          \
				(p) = NULL;                                              \
			}                                                                \
		}                                                                        \
	} while (0)

static void mix(struct run *run, const char *p, size_t n)
{
	run->digest = hash_more(run->digest, p ? p : "", p ? n : 0);
}

static void mix_z(struct run *run, const char *z)
{
	mix(run, z, z ? strlen(z) : 0);
}

static void mix_n(struct run *run, uint64_t n)
{
	mix(run, (const char *)&n, sizeof(n));
}

/* -- what the scenarios read -- */

#define LINE(nr, comm)                                                                       \
	"type=SECCOMP msg=audit(1795502175.137:" #nr "): auid=0 uid=0 gid=0 ses=3 pid=9 comm=\"" comm \
	"\" exe=\"/x\" sig=0 arch=c000003e syscall=" #nr " compat=0 ip=0x7f80 code=0x50000\n"

static const char log_text[] = LINE(83, "a") LINE(321, "b") LINE(600, "c") LINE(165, "d");
static char dir[] = "/tmp/scaudit-api-XXXXXX";

static const char rules[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\",\"write\","
	"\"exit_group\"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"bpf\"],\"action\":"
	"\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":[\"CAP_BPF\"]}}]}";
static const char more_rules[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\",\"write\","
	"\"mkdir\",\"bpf\",\"exit_group\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

static const struct home_text {
	const char *name, *text;
} homes[] = {
	{"JSON", rules},
	{"YAML", "# mine\ndefaultAction: SCMP_ACT_ERRNO\nsyscalls:\n- names: [read, 'write']\n"
		 "  action: \"SCMP_ACT_ALLOW\"\n"},
	{"operator", "apiVersion: security-profiles-operator.x-k8s.io/v1beta1\n"
		     "kind: SeccompProfile\nmetadata:\n  name: p\nspec:\n"
		     "  defaultAction: SCMP_ACT_ERRNO\n  syscalls:\n  - action: SCMP_ACT_ALLOW\n"
		     "    names:\n    - read\n"},
	{"config.json", "{\"ociVersion\":\"1.0.2\",\"process\":{},\"linux\":{\"seccomp\":"
			"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],"
			"\"action\":\"SCMP_ACT_ALLOW\"}]}}}"},
	{"inspect", "[{\"Id\":\"a\",\"HostConfig\":{\"SecurityOpt\":[\"seccomp={\\\"defaultAction\\\":"
		    "\\\"SCMP_ACT_ERRNO\\\",\\\"syscalls\\\":[{\\\"names\\\":[\\\"read\\\"],"
		    "\\\"action\\\":\\\"SCMP_ACT_ALLOW\\\"}]}\"]}}]"},
	{"minijail", "read: 1\nwrite: arg0 == 1\nexit_group: return 1\n"},
	{"systemd", "[Service]\nSystemCallFilter=read write @io-event\nSystemCallErrorNumber=EPERM\n"},
};

/* -- scenarios -- */

static int denials_of(struct run *run, struct sca_denials **ret)
{
	static const int calls[] = {83, 321, 165, 600};
	struct sca_record rec = {.have = SCA_F_ARCH | SCA_F_NR | SCA_F_COMM | SCA_F_EXE,
				 .action = SCA_ACT_ERRNO, .denied = true, .code = 0x50000,
				 .arch = SCA_ARCH_X86_64, .count = 1};
	struct sca_denial_totals totals;
	struct sca_denials *ds = NULL;
	int r = 0;

	GET(run, r, ds, sca_denials_new(&ds, 0, run->err));
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(calls); i++) {
		rec.nr = calls[i];
		rec.comm = i % 2 ? SCA_STR("b") : SCA_STR("runc:[2:INIT]");
		rec.exe = SCA_STR("/bin/sh");
		rec.container.id = i ? SCA_STR("web") : SCA_STR("");
		r = sca_denials_add(ds, &rec, run->err);
	}
	if (r < 0) {
		sca_denials_free(ds);
		return r;
	}
	sca_denials_sort(ds);
	sca_denials_totals(ds, &totals);
	mix_n(run, totals.events << 8 | totals.other);
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		const struct sca_denial *d = sca_denials_at(ds, i);

		mix_n(run, (uint64_t)d->nr);
		mix(run, d->comms[0].p, d->comms[0].n);
		mix(run, d->container.id.p, d->container.id.n);
	}
	*ret = ds;
	return 0;
}

static void mix_profile(struct run *run, const struct sca_profile *p)
{
	enum sca_frontend f = SCA_FRONTEND_OCI;
	struct sca_str text = sca_profile_text(p);

	mix(run, text.p, text.n);
	mix_z(run, sca_profile_name(p));
	mix_z(run, sca_profile_pointer(p));
	mix_z(run, sca_profile_note(p));
	mix_n(run, sca_profile_frontend(p, &f) ? f : 99);
	mix_n(run, (uint64_t)sca_profile_home(p) << 1 | sca_profile_apart(p));
}

static int prove(struct run *run, const struct sca_plan *plan, const struct sca_profile *p,
		 const struct sca_profile *q)
{
	struct sca_proof_totals t;
	struct sca_proof *pf = NULL;
	int r = sca_proof_new(&pf, plan, p, q, &run->target, run->names, run->err);

	if (r < 0)
		return r;
	sca_proof_totals(pf, &t);
	mix_n(run, t.compared);
	for (size_t i = 0; i < sca_proof_count(pf); i++)
		mix_z(run, sca_proof_at(pf, i)->syscall);
	sca_proof_free(pf);
	return 0;
}

static void mix_plan(struct run *run, const struct sca_plan *plan)
{
	const struct sca_patch *pt = sca_plan_patch(plan);

	for (size_t i = 0; i < sca_plan_count(plan); i++) {
		const struct sca_finding *f = sca_plan_at(plan, i);

		mix_z(run, f->syscall);
		mix_z(run, sca_outcome_name(f->outcome));
		mix_z(run, f->why);
		mix_z(run, f->answer);
	}
	for (size_t i = 0; i < sca_plan_note_count(plan); i++)
		mix_z(run, sca_plan_note(plan, i));
	for (size_t i = 0; i < sca_patch_count(pt); i++)
		mix_z(run, sca_patch_op(pt, i)->path);
}

/* A profile as it stands in a home: read, planned for, patched, proved. */
static int suggest(struct run *run, const void *arg)
{
	const struct home_text *h = arg;
	const struct sca_str all = SCA_STR("all");
	const struct sca_plan_options opt = {&all, 1, true, true, false};
	struct sca_profile *p = NULL, *q = NULL;
	struct sca_denials *ds = NULL;
	struct sca_plan *plan = NULL;
	char *text = NULL;
	size_t n = 0;
	int r = 0;

	GET(run, r, p, sca_profile_load_text(&p, sca_str_z(h->text), "p", run->err));
	if (r == 0)
		mix_profile(run, p);
	if (r == 0)
		r = denials_of(run, &ds);
	GET(run, r, plan, sca_plan_new(&plan, p, &run->target, ds, &opt, run->names, run->err));
	if (r == 0)
		mix_plan(run, plan);
	GET(run, r, text, sca_patch_json(sca_plan_patch(plan), p, &text, &n, run->err));
	if (r == 0)
		mix(run, text, n);
	GET(run, r, q, sca_patch_apply(sca_plan_patch(plan), p, &q, run->err));
	if (r == 0) {
		mix_profile(run, q);
		mix_n(run, sca_profile_check_text(q, NULL) == 0);
		r = prove(run, plan, p, q);
	}
	free(text);
	sca_plan_free(plan);
	sca_denials_free(ds);
	sca_profile_free(q);
	sca_profile_free(p);
	return r;
}

static int policy(struct run *run, const void *arg)
{
	enum sca_policy kind = arg ? SCA_POLICY_SYSTEMD : SCA_POLICY_MINIJAIL;
	struct sca_str text = sca_str_z(homes[arg ? 6 : 5].text);
	char *json = NULL, *notes = NULL, *back = NULL, *lost = NULL;
	struct sca_profile *p = NULL;
	int r = 0;

	assert_true(sca_policy_guess(text, &kind));
	notes = UNSET;
	GET(run, r, json, sca_policy_read(&json, &notes, text, kind, run->err));
	notes = r < 0 ? NULL : notes;
	GET(run, r, p, sca_profile_load_mem(&p, sca_str_z(json), "p", run->err));
	lost = UNSET;
	GET(run, r, back, sca_policy_write(&back, &lost, p, &run->target, kind, run->names, run->err));
	lost = r < 0 ? NULL : lost;
	mix_z(run, json);
	mix_z(run, notes);
	mix_z(run, back);
	mix_z(run, lost);
	sca_profile_free(p);
	free(json);
	free(notes);
	free(back);
	free(lost);
	return r;
}

static int draft(struct run *run, const void *arg _unused_)
{
	struct sca_unused_totals t;
	struct sca_denials *ds = NULL;
	struct sca_profile *p = NULL;
	struct sca_unused *u = NULL;
	int r = denials_of(run, &ds);

	GET(run, r, p, sca_profile_draft(&p, &run->target, SCA_ACT_ERRNO, ds, run->names, run->err));
	GET(run, r, u, sca_unused_new(&u, p, &run->target, ds, run->names, run->err));
	if (r == 0) {
		mix_profile(run, p);
		sca_unused_totals(u, &t);
		mix_n(run, t.allowed << 32 | t.unused);
		for (size_t i = 0; i < sca_unused_count(u); i++)
			for (size_t k = 0; k < sca_unused_at(u, i)->n; k++)
				mix_z(run, sca_unused_at(u, i)->calls[k].name);
	}
	sca_unused_free(u);
	sca_profile_free(p);
	sca_denials_free(ds);
	return r;
}

static int names(struct run *run, const void *arg _unused_)
{
	int32_t nr = 0;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		uint32_t arch = sca_arch_at(i);

		mix_n(run, (uint64_t)sca_syscall_last(run->names, arch));
		for (int32_t k = 0; k < 480; k += 13)
			mix_z(run, sca_syscall_name(run->names, arch, k));
		mix_n(run, sca_syscall_number(run->names, arch, SCA_STR("mkdir"), &nr) == 0);
		mix_n(run, (uint64_t)nr);
	}
	mix_z(run, sca_syscall_nearest(run->names, SCA_STR("mkdri")));
	mix_n(run, sca_syscall_in_libseccomp(run->names, SCA_STR("mkdir")));
	return 0;
}

static int judge(struct run *run, const void *arg _unused_)
{
	struct sca_compare *c = NULL, *d = NULL;
	struct sca_profile *p = NULL, *q = NULL;
	struct sca_checked *ck = NULL;
	struct sca_compare_info info;
	struct sca_err why = {.code = SCA_E_SYNTAX, .text = "broken"};
	struct sca_target t;
	int r = 0;

	GET(run, r, p, sca_profile_load_mem(&p, sca_str_z(rules), "p", run->err));
	GET(run, r, q, sca_profile_load_mem(&q, sca_str_z(more_rules), "q", run->err));
	GET(run, r, c, sca_compare_new(&c, p, q, &run->target, run->names, run->err));
	sca_target_matrix(2, &run->target, true, &t);
	GET(run, r, d, sca_compare_new(&d, p, q, &t, run->names, run->err));
	GET(run, r, ck, sca_checked_unreadable(&ck, &why, run->err));
	if (r == 0) {
		sca_compare_info(c, &info);
		mix_n(run, info.compared << 2 | sca_compare_differs(c) << 1 | sca_compare_same(c, d));
		for (size_t i = 0; i < sca_compare_count(c); i++)
			mix_z(run, sca_compare_at(c, i)->change.syscall);
		mix_z(run, sca_checked_at(ck, 0)->text);
	}
	sca_checked_free(ck);
	sca_compare_free(c);
	sca_compare_free(d);
	sca_profile_free(p);
	sca_profile_free(q);
	return r;
}

/* A file of the directory, or a spec as it stands. */
static const char *spec_of(const char *arg, char ret[128])
{
	const char *colon = strchr(arg, ':');

	if (strncmp(arg, "log", 3) != 0 && !colon)
		return arg;
	snprintf(ret, 128, "%.*s%s/%s", colon ? (int)(colon - arg + 1) : 0, arg, dir,
		 colon ? colon + 1 : arg);
	return ret;
}

/* Reads to the end or until there is nothing now; a file, or a spec that this machine has. */
static int read_source(struct run *run, const void *arg)
{
	struct sca_source_stats st;
	char spec[128];
	struct sca_source *src = NULL;
	struct sca_frame frame;
	struct sca_str at;
	int r = 0;

	GET(run, r, src, sca_source_open(&src, spec_of(arg, spec), dir, NULL, run->err));
	while (r == 0 && (r = sca_source_next(src, &frame, run->err)) == SCA_NEXT_FRAME) {
		mix(run, frame.body.p, frame.body.n);
		r = 0;
	}
	if (r == SCA_NEXT_END)
		r = 0;
	if (r == 0)
		r = sca_source_position(src, &at, run->err);
	if (src) {
		sca_source_stats(src, &st);
		mix_n(run, st.frames);
	}
	sca_source_free(src);
	return r;
}

static int follow_source(struct run *run, const void *arg)
{
	const struct sca_follow how = {.backlog = false};
	struct sca_source *src = NULL;
	struct sca_frame frame;
	struct sca_str at;
	uint64_t done, total;
	int r = 0, wait;
	char spec[128];

	GET(run, r, src, sca_source_follow(&src, spec_of(arg, spec), NULL, NULL, &how,
					    run->err));
	for (int i = 0; r == 0 && i < 2; i++) {
		r = sca_source_next(src, &frame, run->err);
		r = MIN(r, 0);
	}
	if (r == 0) {
		mix_z(run, sca_source_name(src));
		mix_n(run, sca_source_fd(src, &wait) >= 0);
		sca_source_progress(src, &done, &total);
		r = sca_source_position(src, &at, run->err);
	}
	sca_source_free(src);
	return r;
}

static int hold(struct run *run, const void *arg)
{
	struct sca_held_info info;
	struct sca_held *h = NULL;
	int r = 0;

	GET(run, r, h, sca_held_read(&h, *(const pid_t *)arg, run->err));
	for (size_t i = 0; r == 0 && i < sca_held_count(h); i++) {
		sca_held_info(h, i, &info);
		mix_n(run, info.instructions << 1 | (sca_held_at(h, i) != NULL));
	}
	sca_held_free(h);
	return r;
}

static int see(const struct sca_container_state *st, void *arg, struct sca_err *err)
{
	struct run *run = arg;

	(void)err;
	mix(run, st->id.p, st->id.n);
	mix(run, st->name.p, st->name.n);
	return 0;
}

static int containers(struct run *run, const void *arg)
{
	struct sca_containers *cs = NULL;
	struct sca_container_state st;
	int r = 0;

	GET(run, r, cs, sca_containers_new(&cs, arg, run->err));
	if (r == 0)
		r = sca_containers_each(cs, see, run, run->err);
	if (r == 0)
		r = sca_containers_find(cs, SCA_STR("web"), &st, run->err);
	if (r == 0)
		r = sca_containers_state(cs, st.id, &st, run->err);
	if (r == 0) {
		mix(run, st.image.p, st.image.n);
		mix_z(run, sca_containers_dir(cs, 0));
	}
	sca_containers_free(cs);
	return r;
}

static int map(struct run *run, const void *arg _unused_)
{
	struct sca_container_ref ref = {.id = SCA_STR("web"), .name = SCA_STR("n"),
					.sure = SCA_STR("exact")}, found;
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME, .pid = 7, .time_ms = 1000};
	struct sca_map *m = NULL;
	int r = 0;

	GET(run, r, m, sca_map_new(&m, run->err));
	if (r == 0)
		r = sca_map_add(m, SCA_STR("n1"), 7, 1000, &ref, run->err);
	if (r == 0)
		r = sca_map_find(m, &rec, &found, run->err);
	if (r == 0)
		mix(run, found.name.p, found.name.n);
	sca_map_free(m);
	return r;
}

static int target(struct run *run, const void *arg _unused_)
{
	struct sca_target t = run->target;
	char text[256];
	int r = sca_target_set_caps(&t, SCA_STR("docker-default,+CAP_BPF,-CAP_KILL"), run->err);

	if (r == 0)
		r = sca_target_set_runtime(&t, SCA_STR("crun:1.8.1"), run->err);
	if (r == 0)
		r = sca_target_set_kernel(&t, SCA_STR("5.10"), run->err);
	if (r == 0)
		r = sca_target_set_arch(&t, SCA_STR("aarch64"), run->err);
	mix(run, text, sca_target_format(&t, text, sizeof(text)));
	return r;
}

static pid_t filtered; /* a child with a filter */

static const struct scenario {
	const char *name;
	int (*f)(struct run *run, const void *arg);
	const void *arg;
	bool root; /* needs it; and what it reads changes */
} scenarios[] = {
	{"names", names, NULL, false},
	{"target", target, NULL, false},
	{"JSON", suggest, &homes[0], false},
	{"YAML", suggest, &homes[1], false},
	{"operator's resource", suggest, &homes[2], false},
	{"config.json", suggest, &homes[3], false},
	{"inspect", suggest, &homes[4], false},
	{"minijail", suggest, &homes[5], false},
	{"systemd", suggest, &homes[6], false},
	{"minijail, written", policy, NULL, false},
	{"systemd, written", policy, "", false},
	{"draft, unused", draft, NULL, false},
	{"compare, unreadable", judge, NULL, false},
	{"containers", containers, CASES "shared/docker/root", false},
	{"map", map, NULL, false},
	{"plain log", read_source, "log", false},
	{"gzip log", read_source, "log.gz", false},
	{"xz log", read_source, "log.xz", false},
	{"zstd log", read_source, "log.zst", false},
	{"set of auditd", read_source, "audit", false},
	{"socket", follow_source, "unix:socket", false},
	{"kmsg", follow_source, "kmsg", true},
	{"journal", follow_source, "journal", true},
	{"netlink", follow_source, "netlink", true},
	{"held filters", hold, &filtered, true},
};

/* -- running them -- */

static int run_one(const struct scenario *s, struct run *run, struct sca_err *err)
{
	int r = 0;

	*run = (struct run){.err = err};
	*err = (struct sca_err)SCA_ERR_INIT;
	sca_target_init(&run->target, SCA_FRONTEND_DOCKER);
	GET(run, r, run->names, sca_names_new(&run->names, err));
	if (r == 0)
		r = s->f(run, s->arg);
	sca_names_free(run->names);
	return r;
}

static void fail_once(const struct scenario *s, long nth, bool all, uint64_t digest)
{
	struct sca_err err;
	struct run run;
	long before = live, failed;
	int r;

	for_good = all;
	freed = 0;
	refused = 0;
	countdown = nth;
	r = run_one(s, &run, &err);
	countdown = -1;
	failed = refused;
	for_good = false;
	if (live != before)
		fail_msg("%s, allocation %ld%s: %ld are not freed", s->name, nth, all ? "+" : "",
			 live - before);
	/* libfyaml crashes, too, when libc finds no memory for it: in a child, so that is an answer */
	if (r == SCA_E_LIMIT && s->f == suggest && strstr(err.text, "libfyaml"))
		return;
	if (r < 0 && ((r != -ENOMEM && !s->root) || err.code != r || !failed))
		fail_msg("%s, allocation %ld%s: %d: %s", s->name, nth, all ? "+" : "", r, err.text);
	if (run.written)
		fail_msg("%s, allocation %ld%s: *ret is written", s->name, nth, all ? "+" : "");
	if (r == 0 && !s->root && run.digest != digest)
		fail_msg("%s, allocation %ld%s: another answer", s->name, nth, all ? "+" : "");
}

static void test_scenarios(void **state _unused_)
{
	const char *wanted = getenv("SCA_SAMPLES");
	long sum = 0, failures = 0, most = SAMPLES;
	uint64_t v;

	if (wanted && str_u64(sca_str_z(wanted), &v) == 0)
		most = (long)MIN(v, (uint64_t)LONG_MAX);
	signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on in the library's child */
	prepare_malloc();
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		struct sca_err err;
		struct run run;
		long n;

		if (s->root && geteuid() != 0) {
			print_message("%s: needs root\n", s->name);
			continue;
		}
		if (UNDER_ASAN && s->f == hold) {
			print_message("%s: the sanitizer starts no thread without memory\n", s->name);
			continue;
		}
		if (run_one(s, &run, &err) < 0) {
			if (!s->root)
				fail_msg("%s: with memory: %s", s->name, err.text);
			print_message("%s: %s\n", s->name, err.text);
			continue;
		}
		asked = 0;
		run_one(s, &run, &err);
		n = asked;
		for (long k = 0; k < MIN(n, most); k++) {
			long nth = n <= most ? k : k * n / most;

			fail_once(s, nth, false, run.digest);
			fail_once(s, nth, true, run.digest);
			failures += 2;
		}
		print_message("%s: %ld allocations\n", s->name, n);
		sum += n;
	}
	print_message("%ld allocations, %ld failures\n", sum, failures);
	assert_true(sum > 5000);
}

/* -- functions that need no memory -- */

static void none_of_names(void)
{
	unsigned cap;
	enum sca_action action;
	uint32_t arch;
	int32_t nr;
	int e;

	assert_true(sca_action_denies(sca_action_from_code(sca_action_code(SCA_ACT_ERRNO), 0)));
	assert_int_equal(sca_action_parse(sca_str_z(sca_action_scmp_name(SCA_ACT_LOG)), &action), 0);
	assert_non_null(sca_action_name(action));
	assert_non_null(sca_advice_find(SCA_STR("bpf")));
	assert_non_null(sca_danger_name(SCA_DANGER_NONE));
	assert_int_equal(sca_arch_parse(SCA_STR("amd64"), &arch), 0);
	assert_non_null(sca_arch_name(arch));
	assert_non_null(sca_arch_go_name(arch));
	assert_non_null(sca_arch_scmp_name(arch));
	assert_true(sca_arch_compilable(arch) && sca_arch_native());
	sca_arch_from_record(arch, SCA_X32_BIT | 1, &arch, &nr);
	sca_arch_to_record(arch, nr, &arch, &nr);
	assert_int_equal(sca_errno_parse(sca_str_z(sca_errno_name(EPERM)), &e), 0);
	assert_int_equal(sca_cap_parse(sca_str_z(sca_cap_name(0)), &cap), 0);
}

static void none_of_words(void)
{
	struct sca_err err = SCA_ERR_INIT;
	enum sca_frontend f;
	char text[128];

	sca_err_at(&err, "f", 1, 2);
	sca_err_path(&err, "/a");
	sca_fail_errno(&err, ENOMEM, "can not %s", "do");
	sca_wrap(&err, "outside");
	assert_true(sca_err_format(&err, text, sizeof(text)) > 20);
	assert_non_null(sca_err_str(SCA_E_LIMIT));
	assert_int_equal(sca_frontend_parse(sca_str_z(sca_frontend_name(SCA_FRONTEND_CRI)), &f), 0);
	assert_non_null(sca_check_at(sca_check_count() - 1));
	assert_non_null(sca_by_name(SCA_BY_RULE));
	assert_non_null(sca_diff_kind_name(SCA_DIFF_OPENED));
	assert_non_null(sca_health_name(SCA_HEALTH_OK));
	assert_non_null(sca_loss_name(SCA_LOSS_KERNEL));
	assert_non_null(sca_mention_fate_name(SCA_MENTION_DECIDES));
	assert_non_null(sca_replay_state_name(SCA_REPLAY_BROKEN));
	assert_non_null(sca_runtime_name(SCA_RUNTIME_RUNC));
	assert_non_null(sca_severity_name(SCA_SEVERITY_NOTE));
	assert_non_null(sca_sight_name(SCA_SIGHT_SILENT));
	assert_non_null(sca_source_kind_name(SCA_SRC_KMSG));
	assert_non_null(sca_track_name(SCA_TRACK_BPF));
}

struct made {
	struct sca_names *names;
	struct sca_profile *p;
	struct sca_checked *ck;
	struct sca_explainer *ex;
	struct sca_containers *cs;
	struct sca_decoder *dec;
	struct sca_dedup *dd;
	struct sca_doctor *doctor;
	struct sca_tracker *tracker;
	struct sca_twin *twin;
	struct sca_denials *ds;
	struct sca_replay *rp;
};

static void make(struct made *m)
{
	const struct sca_doctor_options o = {.root = CASES "doctor/host/root"};
	const struct sca_twin_options by_action = {SCA_TWIN_ACTION, false};
	struct sca_target t;

	sca_target_init(&t, SCA_FRONTEND_DOCKER);
	assert_int_equal(sca_names_new(&m->names, NULL), 0);
	assert_int_equal(sca_profile_load_mem(&m->p, sca_str_z(rules), "p", NULL), 0);
	assert_int_equal(sca_checked_new(&m->ck, m->p, &t, NULL, m->names, NULL), 0);
	assert_int_equal(sca_explainer_new(&m->ex, m->p, &t, m->names, NULL), 0);
	assert_int_equal(sca_containers_new(&m->cs, NULL, NULL), 0);
	assert_int_equal(sca_decoder_new(&m->dec, NULL), 0);
	assert_int_equal(sca_dedup_new(&m->dd, NULL), 0);
	assert_int_equal(sca_doctor_new(&m->doctor, &o, m->names, NULL), 0);
	assert_int_equal(sca_tracker_new(&m->tracker, m->cs, ~0u, NULL), 0);
	assert_int_equal(sca_twin_new(&m->twin, m->p, &t, &by_action, m->names, NULL), 0);
	assert_int_equal(sca_denials_new(&m->ds, 0, NULL), 0);
	assert_int_equal(sca_replay_new(&m->rp, m->p, &t, m->ds, m->names, NULL), 0);
}

static void none_of_made(struct made *m)
{
	const struct sca_call call = {.arch = SCA_ARCH_X86_64, .nr = 83};
	const struct sca_record rec = {.comm = SCA_STR("runc:[2:INIT]"), .have = SCA_F_COMM};
	struct sca_container_stats containers;
	struct sca_decode_stats decoded;
	struct sca_tracker_stats tracked;
	struct sca_filter_info filter;
	struct sca_twin_info twin;
	struct sca_ruling ruling;
	struct sca_verdict v;
	struct sca_reach reach;
	struct sca_str name;
	const char *why;

	for (size_t i = 0; i < sca_checked_count(m->ck); i++)
		assert_non_null(sca_checked_at(m->ck, i));
	for (size_t i = 0; i < sca_checked_change_count(m->ck); i++)
		assert_non_null(sca_checked_change(m->ck, i));
	sca_checked_patch(m->ck);
	sca_filter_info(sca_explainer_filter(m->ex), &filter);
	sca_filter_eval(sca_explainer_filter(m->ex), &call, &v);
	sca_explain_ruling(m->ex, &call, &ruling);
	sca_explainer_default(m->ex, &v);
	sca_explainer_stub(m->ex, call.arch, &name);
	assert_int_equal(v.action, SCA_ACT_ERRNO);
	sca_filter_reach(sca_explainer_filter(m->ex), &call, &reach);
	sca_containers_stats(m->cs, &containers);
	sca_decoder_set_arch(m->dec, call.arch);
	sca_decoder_stats(m->dec, &decoded);
	assert_int_equal(sca_dedup_overflow(m->dd), 0);
	assert_true(sca_record_is_runtime_init(&rec));
	assert_non_null(sca_doctor_at(m->doctor, 0));
	for (size_t i = 0; i < sca_doctor_verdicts(m->doctor); i++)
		assert_non_null(sca_doctor_verdict(m->doctor, i));
	sca_tracker_fd(m->tracker);
	sca_tracker_level(m->tracker, SCA_TRACK_BPF, &why);
	sca_tracker_stats(m->tracker, &tracked);
	assert_int_equal(sca_tracker_dispatch(m->tracker, NULL), 0);
	sca_twin_info(m->twin, &twin);
	assert_non_null(sca_twin_patch(m->twin));
	assert_non_null(sca_twin_compare(m->twin));
	for (size_t i = 0; i < sca_replay_count(m->rp); i++)
		assert_non_null(sca_replay_at(m->rp, i));
}

static void test_needs_none(void **state _unused_)
{
	struct made m = {.names = NULL};

	prepare_malloc();
	make(&m);
	asked = 0;
	none_of_names();
	none_of_words();
	none_of_made(&m);
	assert_int_equal(asked, 0);
	sca_replay_free(m.rp);
	sca_denials_free(m.ds);
	sca_twin_free(m.twin);
	sca_tracker_free(m.tracker);
	sca_doctor_free(m.doctor);
	sca_dedup_free(m.dd);
	sca_decoder_free(m.dec);
	sca_containers_free(m.cs);
	sca_explainer_free(m.ex);
	sca_checked_free(m.ck);
	sca_profile_free(m.p);
	sca_names_free(m.names);
}

/* -- the directory -- */

static void put(const char *name, struct sca_str text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

static void make_dir(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static pid_t start_filtered(void)
{
	struct sock_filter f[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog prog = {.len = 1, .filter = f};
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static int listening = -1;

static int set_up(void **state _unused_)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	assert_non_null(mkdtemp(dir));
	for (size_t k = 0; k < ARRAY_SIZE(packers); k++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		char name[16];

		packers[k].pack(&b, sca_str_z(log_text));
		snprintf(name, sizeof(name), "log%s", packers[k].ending);
		put(name, buf_str(&b));
	}
	make_dir("etc");
	make_dir("etc/audit");
	make_dir("logs");
	put("etc/audit/auditd.conf", SCA_STR("log_file = /logs/audit.log\nnum_logs = 3\n"));
	put("logs/audit.log", sca_str_z(log_text));
	put("logs/audit.log.1", sca_str_z(log_text));
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/socket", dir);
	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(listening, 4096), 0);
	filtered = start_filtered();
	dlopen("libfyaml.so.0", RTLD_NOW); /* kept, so that it can be spared */
	return 0;
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int tear_down(void **state _unused_)
{
	close(listening);
	kill(filtered, SIGKILL);
	waitpid(filtered, NULL, 0);
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_needs_none),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
