/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `scaudit explain` against live containers. Each profile starts one with runc and with crun;
 * the filter that its process holds is read back and asked, by the kernel itself, about at least
 * 20,000 calls; `explain --calls` has to answer alike, and `explain --pid` to find no difference.
 * A sample of the profiles, all with SCA_FULL=1.
 */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>

#include <scaudit/scaudit.h>

#include "real_filter.h"

#define NUMBERS     620
#define VECTORS     12
#define PROBES      (3 * (NUMBERS + 1) * VECTORS)
#define PROBES_MIN  20000
#define DOCKER_CAPS "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD",     \
	"CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP",                   \
	"CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"

static const char *const sample[] = {
	"moby-profiles-head-default.json",
	"container-libs-head.json",
	"moby-default-v20.10.24.json",
	"moby-fixture-default-old-format.json",
	"seccomp-diff__charts_seccomp-diff_files_random2.json",
	"seccompute__examples_profile5-ptrace-conditional-pid-restriction.json",
};

struct run {
	const char *runtime, *frontend;
	char target[160]; /* options of explain */
	char dir[64];
	const char *scaudit;
	struct sca_call *calls;
	struct report *rep;
	size_t started, refused, probes, compared;
};

/* -- probes -- */

/* Constants of the program and their neighbours, beside values that are always worth a try. */
static size_t values_of(const struct sock_filter *prog, size_t n, uint64_t *v, size_t cap)
{
	static const uint64_t always[] = {0, 1, 0xffffffff, 0x100000028, UINT64_MAX, 0x7e020000};
	size_t count = 0;

	memcpy(v, always, sizeof(always));
	count = ARRAY_SIZE(always);
	for (size_t i = 0; i < n && count + 3 <= cap; i++) {
		bool known = false;

		if (!bpf_is_jump(prog[i].code) || prog[i].k < 600)
			continue;
		for (size_t k = 0; k < count; k++)
			known |= v[k] == prog[i].k;
		for (int d = -1; d <= 1 && !known; d++)
			v[count++] = (uint64_t)prog[i].k + (uint64_t)(int64_t)d;
	}
	return count;
}

static size_t make_probes(struct sca_call *v, const struct sock_filter *prog, size_t n_prog)
{
	static const uint32_t archs[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32};
	uint64_t values[256], seed = 42;
	size_t n_values = values_of(prog, n_prog, values, ARRAY_SIZE(values)), n = 0;

	for (size_t a = 0; a < ARRAY_SIZE(archs); a++) {
		for (int32_t nr = archs[a] == SCA_ARCH_X32 ? 0 : -1; nr < NUMBERS; nr++) {
			for (unsigned i = 0; i < VECTORS && !beyond_seccomp(archs[a], nr); i++) {
				struct sca_call *c = &v[n++];

				*c = (struct sca_call){archs[a], nr, 63, {0}};
				for (unsigned k = 0; k < 6; k++) {
					uint64_t r = next_random(&seed);

					c->args[k] = r & 1 ? values[r / 2 % n_values] : r / 2 % 64;
					if (archs[a] == SCA_ARCH_X86)
						c->args[k] &= UINT32_MAX;
				}
			}
		}
	}
	return n;
}

static void write_probes(const struct run *t, size_t n)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/calls", t->dir);
	f = fopen(path, "we");
	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		const struct sca_call *c = &t->calls[i];

		fprintf(f, "%s:%d", sca_arch_name(c->arch), c->nr);
		for (unsigned k = 0; k < 6; k++)
			fprintf(f, ":%#" PRIx64, c->args[k]);
		fputc('\n', f);
	}
	assert_int_equal(fclose(f), 0);
}

/* -- answers -- */

/* What a child that holds the same program, its returns tagged, is told by the kernel. */
static void ask_kernel(const struct run *t, const struct sock_filter *prog, size_t n_prog,
		       size_t n)
{
	static struct sock_filter tagged_prog[BPF_MAXINSNS];

	memcpy(tagged_prog, prog, n_prog * sizeof(*prog));
	tag_returns(tagged_prog, n_prog);
	memset(t->rep, 0, sizeof(*t->rep));
	run_child(t->rep, tagged_prog, n_prog, t->calls, n);
	assert_true(t->rep->loaded);
	assert_int_equal(t->rep->done, n);
}

static bool member(const char *line, const char *key, struct sca_str *ret)
{
	const char *p = strstr(line, key);

	if (!p)
		return false;
	p += strlen(key);
	*ret = (struct sca_str){p, strcspn(p, "\",}")};
	return true;
}

/* The line's verdict as the tagged program answers it. */
static long said(const char *line)
{
	struct sca_verdict v = {.action = SCA_ACT_UNKNOWN};
	struct sca_str word;
	uint64_t e = 0;

	if (!member(line, "\"verdict\":\"", &word) || sca_action_parse(word, &v.action) < 0)
		fail_msg("no verdict: %s", line);
	if (v.action == SCA_ACT_ERRNO &&
	    (!member(line, "\"errno\":", &word) || str_u64(word, &e) < 0))
		fail_msg("no errno: %s", line);
	v.data = (uint16_t)e;
	return tagged(&v);
}

static void compare_answers(struct run *t, const char *file, const char *path, size_t n)
{
	char command[1024], line[1024];
	size_t i = 0;
	FILE *f;

	snprintf(command, sizeof(command), "%s explain %s --calls %s/calls -q %s", t->scaudit, path,
		 t->dir, t->target);
	f = popen(command, "re");
	assert_non_null(f);
	for (; fgets(line, sizeof(line), f); i++) {
		if (i >= n || said(line) != t->rep->result[i])
			fail_msg("%s, %s: the kernel says %ld: %s", file, t->target,
				 i < n ? t->rep->result[i] : 0, line);
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(i, n);
	t->probes += n;
}

static int explain_pid(const struct run *t, const char *path, pid_t pid)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "%s explain %s --pid %d -q --exit-code %s >%s/pid.out 2>&1", t->scaudit, path,
		 (int)pid, t->target, t->dir);
	return system(command);
}

/* Some profiles let their process start, and not sleep. */
static bool alive(pid_t pid)
{
	char command[128], state[8];

	snprintf(command, sizeof(command), "sed -n 's/^State:.//p' /proc/%d/status 2>/dev/null",
		 (int)pid);
	return output_of(command, state, sizeof(state)) && state[0] != 'Z' && state[0] != 'X';
}

/* No difference for the container's own profile; for another one the verdict tells. */
static void check_pid(struct run *t, const char *file, const char *path, pid_t pid)
{
	char other[128], command[256], text[4096] = "";
	bool same = explain_pid(t, path, pid) == 0;
	int status;

	if (!alive(pid))
		return;
	if (!same) {
		snprintf(command, sizeof(command), "cat %s/pid.out", t->dir);
		output_of(command, text, sizeof(text));
		fail_msg("%s, %s: --pid differs: %s", file, t->target, text);
	}
	snprintf(other, sizeof(other), "%s/other.json", t->dir);
	write_file(other, "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[{\"names\":"
			  "[\"read\"],\"action\":\"SCMP_ACT_TRAP\"}]}");
	status = explain_pid(t, other, pid);
	if (WEXITSTATUS(status) != 1)
		fail_msg("%s: another profile: exit status %d", file, WEXITSTATUS(status));
	assert_true(alive(pid));
	t->compared++;
}

/* -- profiles -- */

/* The profile as the runtime gets it; NULL when the front end has no such thing. */
static const char *oci_form(const struct run *t, const char *path, struct buf *b)
{
	static char text[1 << 20];
	char command[2048];
	struct sca_target target;

	sca_target_init(&target, SCA_FRONTEND_DOCKER);
	if (strcmp(t->frontend, "oci") == 0)
		snprintf(command, sizeof(command), "cat %s", path);
	else
		snprintf(command, sizeof(command),
			 "jq --argjson caps '[%s]' --arg kernel %u.%u -f tests/live/docker_form.jq %s "
			 "2>/dev/null", b->p, target.kernel[0], target.kernel[1], path);
	return output_of(command, text, sizeof(text)) ? text : NULL;
}

/* Docker's own loader is not here to be asked, and jq takes more than it does. */
static bool docker_takes(const struct run *t, const char *path)
{
	struct sca_names *names = NULL;
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct sca_target target;
	bool takes;

	if (strcmp(t->frontend, "docker") != 0)
		return true;
	sca_target_init(&target, SCA_FRONTEND_DOCKER);
	assert_int_equal(sca_names_new(&names, NULL), 0);
	takes = sca_profile_load_file(&p, path, NULL) == 0 &&
		sca_filter_compile(&f, p, &target, names, NULL) == 0;
	sca_filter_free(f);
	sca_profile_free(p);
	sca_names_free(names);
	return takes;
}

static void check_profile(struct run *t, const char *file)
{
	static const char *const caps[] = {DOCKER_CAPS};
	static struct sock_filter prog[BPF_MAXINSNS];
	_cleanup_buf_ struct buf list = BUF_INIT;
	char path[512];
	const char *oci;
	pid_t pid = 0;
	size_t n = 0, n_probes;

	if (!shared_path(path, sizeof(path), file))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		buf_addf(&list, "%s\"%s\"", i ? "," : "", caps[i]);
	oci = docker_takes(t, path) ? oci_form(t, path, &list) : NULL;
	if (oci)
		n = live_start(t->runtime, t->dir, oci, prog, ARRAY_SIZE(prog), &pid);
	if (n == 0) {
		t->refused++;
		live_stop(t->runtime, t->dir);
		return;
	}
	n_probes = make_probes(t->calls, prog, n);
	assert_true(n_probes >= PROBES_MIN && n_probes <= PROBES);
	write_probes(t, n_probes);
	ask_kernel(t, prog, n, n_probes);
	compare_answers(t, file, path, n_probes);
	check_pid(t, file, path, pid);
	live_stop(t->runtime, t->dir);
	t->started++;
}

static void check_folder(struct run *t)
{
	char path[512];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/data/profiles",
		 getenv("SCA_SHARED") ? getenv("SCA_SHARED") : "../shared");
	d = opendir(path);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		struct sca_str name = sca_str_z(entry->d_name);

		if (str_find(name, SCA_STR(".json")) || str_find(name, SCA_STR(".profile")))
			check_profile(t, entry->d_name);
	}
	closedir(d);
}

static void check_frontend(struct run *t, const char *frontend, const char *version)
{
	t->frontend = frontend;
	t->started = t->refused = t->probes = t->compared = 0;
	snprintf(t->target, sizeof(t->target), "--frontend %s --runtime %s:%s%s", frontend,
		 t->runtime, version,
		 strcmp(frontend, "docker") == 0 ? " --caps docker-default" : "");
	if (getenv("SCA_FULL"))
		check_folder(t);
	for (size_t i = 0; i < ARRAY_SIZE(sample) && !getenv("SCA_FULL"); i++)
		check_profile(t, sample[i]);
	print_message("%s: %zu profiles start, %zu do not; %zu calls, no difference; %zu by --pid\n",
		      t->target, t->started, t->refused, t->probes, t->compared);
	assert_true(t->started > 2 && t->compared > 2);
}

static void test_explain(void **state)
{
	struct run t = {.runtime = *state, .scaudit = getenv("SCAUDIT"),
			.dir = "/tmp/sca-explain-XXXXXX"};
	char version[64], path[512], command[128];

	if (!t.scaudit || !HAVE_ABIS || geteuid() != 0 || !have("busybox") || !have("unshare") ||
	    !have("jq") || !shared_path(path, sizeof(path), sample[0]) ||
	    !live_version(t.runtime, version, sizeof(version))) {
		print_message("needs x86_64, root, %s, busybox (static), unshare, jq, SCAUDIT and the "
			      "shared profiles\n", t.runtime);
		skip();
	}
	assert_non_null(mkdtemp(t.dir));
	live_dir(t.dir);
	t.calls = calloc(PROBES, sizeof(*t.calls));
	t.rep = report_new(PROBES);
	assert_non_null(t.calls);
	check_frontend(&t, "oci", version);
	check_frontend(&t, "docker", version);
	free(t.calls);
	munmap(t.rep, sizeof(*t.rep) + PROBES * sizeof(long));
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	static char runc[] = "runc", crun[] = "crun";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_explain, runc),
		cmocka_unit_test_prestate(test_explain, crun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
