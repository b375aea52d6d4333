/* SPDX-License-Identifier: Apache-2.0 */
/* What a run needs behind the door: one table of capabilities, one of files. */
#include <limits.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute.h"
#include "dest.h"
#include "input.h"
#include "sandbox.h"

/* Why a capability may be needed. */
enum need {
	NEED_TRACKER = 1 << 0, /* processes and engines' files of other users */
	NEED_BPF = 1 << 1,     /* the tracker's map on the exits */
	NEED_NETLINK = 1 << 2, /* the kernel is asked what it lost, again and again */
	NEED_LOGS = 1 << 3,    /* logs of other users, which reappear when they are rotated */
	NEED_OPEN = 1 << 4,    /* nothing is open yet */
	NEED_OTHERS = 1 << 5,  /* an output in a directory, or of an owner, that is not ours */
	NEED_KEEP = 1 << 6,    /* --in-place: the new file gets the old one's owner and mode */
};

static const struct {
	unsigned cap;
	unsigned needs;
} caps[] = {
	{CAP_DAC_READ_SEARCH, NEED_TRACKER | NEED_LOGS | NEED_OPEN},
	{CAP_SYS_PTRACE, NEED_TRACKER | NEED_OPEN},
	{38 /* CAP_PERFMON */, NEED_BPF},
	{39 /* CAP_BPF */, NEED_BPF},
	{CAP_AUDIT_READ, NEED_OPEN},
	{CAP_AUDIT_CONTROL, NEED_OPEN | NEED_NETLINK},
	{CAP_SYSLOG, NEED_OPEN},
	{CAP_DAC_OVERRIDE, NEED_OTHERS},
	{CAP_CHOWN, NEED_KEEP},
	{CAP_FOWNER, NEED_KEEP},
	{CAP_FSETID, NEED_KEEP},
};

/* Verbs that have something to do first that the sandbox forbids, or that is worth more open. */
static bool follows(const struct cli *cli)
{
	return cli->follow || cli->to.n;
}

static bool asks_process(const struct cli *cli)
{
	return cli->task != NULL;
}

static bool finds_profile(const struct cli *cli)
{
	return cli->in_place && cli->args.n == 0;
}

static const struct {
	int (*run)(struct cli *cli);
	bool (*when)(const struct cli *cli); /* NULL: always */
} late[] = {
	{verb_log, follows},           /* loop.c: sources, tracker and outputs are open */
	{verb_tail, NULL},             /* the same */
	{verb_doctor, NULL},           /* it asks runtimes for their version */
	{verb_suggest, finds_profile}, /* the engine tells which file is written */
	{verb_explain, asks_process},  /* a filter can not be read by who has one */
};

bool sandbox_later(const struct cli *cli)
{
	for (size_t i = 0; i < ARRAY_SIZE(late); i++)
		if (late[i].run == cli->verb->run)
			return !late[i].when || late[i].when(cli);
	return false;
}

/* -- files that are written -- */

typedef int path_fn(const char *path, void *arg, struct sca_err *err);

/* Every path that this run may write. */
static int each_output(struct cli *cli, path_fn *fn, void *arg)
{
	struct sca_err *err = &cli->err;
	_cleanup_free_ char *map = NULL;
	int r = cli->output ? fn(cli->output, arg, err) : 0;

	if (r == 0 && cli->state)
		r = fn(cli->state, arg, err);
	if (r == 0 && cli->state) {
		if (asprintf(&map, "%s.map", cli->state) < 0)
			return sca_fail(err, -ENOMEM, "no memory");
		r = fn(map, arg, err);
	}
	for (size_t i = 0; r == 0 && i < cli->to.n; i++)
		if (strncmp(cli->to.v[i], "file:", 5) == 0)
			r = fn(cli->to.v[i] + 5, arg, err);
	if (r == 0 && cli->undo)
		r = fn(cli->undo, arg, err);
	for (size_t i = 0; r == 0 && (cli->in_place || cli->fix) && i < cli->args.n; i++)
		r = fn(cli->args.v[i], arg, err);
	if (r == 0 && cli->in_place && cli->found)
		r = fn(cli->found, arg, err);
	return r;
}

/* Whether this user may write it by owner and mode alone. Where that is not sure, no. */
static bool own(const char *path)
{
	_cleanup_free_ char *dir = path_dir(path);
	struct stat st;

	if (stat(path, &st) == 0 && st.st_uid != geteuid())
		return false;
	return dir && stat(dir, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & S_IWUSR);
}

static int note_foreign(const char *path, void *arg, struct sca_err *err)
{
	(void)err;
	*(bool *)arg |= !own(path);
	return 0;
}

static int allow_write(const char *path, void *arg, struct sca_err *err)
{
	return sandbox_may_write(arg, path, err);
}

/* -- files that are read -- */

/* Of every run that follows: processes, what libc resolves names with, logs, and the run-time
 * state of services. Not homes, not /root, not /boot, not where people keep data. */
static const char *const always_read[] = {
	"/proc", "/sys", "/run", "/etc", "/usr", "/lib", "/lib64", "/var/log", "/var/lib/scaudit",
};

static int allow_parent(const struct sandbox_files *f, const char *path, struct sca_err *err)
{
	_cleanup_free_ char *dir = path_dir(path);

	return dir ? sandbox_may_read(f, dir, err) : sca_fail(err, -ENOMEM, "no memory");
}

/* A followed log reappears beside its old place: the directory is read, also behind a link. */
static int allow_source(const struct sandbox_files *f, const char *name, struct sca_err *err)
{
	_cleanup_free_ char *real = NULL;
	struct stat st;
	int r;

	if (!name || strcmp(name, "-") == 0 || stat(name, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return sandbox_may_read(f, name, err);
	real = realpath(name, NULL);
	r = allow_parent(f, name, err);
	return r == 0 && real ? allow_parent(f, real, err) : r;
}

static int allow_engines(const struct sandbox_files *f, struct cli *cli, struct input *in)
{
	struct attribution *who = input_attribution(in);
	const char *dir;
	int r = 0;

	for (size_t i = 0; who && r == 0 &&
	     (dir = sca_containers_dir(attribution_containers(who), i)); i++)
		r = sandbox_may_read(f, dir, &cli->err);
	return r;
}

static int allow_reads(const struct sandbox_files *f, struct cli *cli, struct input *in)
{
	int r = 0;

	if (!in) /* what is named is opened later, wherever it is */
		return sandbox_may_read(f, "/", &cli->err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(always_read); i++)
		r = sandbox_may_read(f, always_read[i], &cli->err);
	if (r == 0 && cli->root)
		r = sandbox_may_read(f, cli->root, &cli->err);
	for (size_t i = 0; r == 0 && i < input_count(in); i++) {
		r = allow_source(f, input_spec(in, i), &cli->err);
		if (r == 0)
			r = allow_source(f, sca_source_name(input_source(in, i)), &cli->err);
	}
	return r == 0 ? allow_engines(f, cli, in) : r;
}

/* -- */

/* What reading on takes; what stays open takes nothing. */
static unsigned needs_of(const char *spec)
{
	if (strcmp(spec, "netlink") == 0)
		return NEED_NETLINK;
	if (strcmp(spec, "-") == 0 || strcmp(spec, "kmsg") == 0 || strncmp(spec, "unix:", 5) == 0)
		return 0;
	return NEED_LOGS;
}

static uint64_t caps_needed(struct cli *cli, struct input *in)
{
	bool bpf = false, foreign = false;
	unsigned needs = in ? 0 : NEED_OPEN;
	uint64_t keep = 0;

	if (in && attribution_live(input_attribution(in), &bpf))
		needs |= NEED_TRACKER | (bpf ? NEED_BPF : 0);
	for (size_t i = 0; in && i < input_count(in); i++)
		needs |= needs_of(input_spec(in, i));
	each_output(cli, note_foreign, &foreign);
	needs |= (foreign ? NEED_OTHERS : 0) | (cli->in_place ? NEED_KEEP : 0);
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		if (caps[i].needs & needs)
			keep |= SANDBOX_CAP(caps[i].cap);
	return keep;
}

static int enter_files(struct cli *cli, struct input *in, bool *ret_missing)
{
	struct sandbox_files f;
	int r = sandbox_files_open(&f, &cli->err);

	if (r == 0)
		r = allow_reads(&f, cli, in);
	if (r == 0)
		r = each_output(cli, allow_write, &f);
#ifdef SANDBOX_ALSO_WRITES /* where a build that measures itself (gcov) leaves its counts */
	if (r == 0)
		r = sandbox_may_write(&f, SANDBOX_ALSO_WRITES "/", &cli->err);
#endif
	*ret_missing = f.ruleset < 0;
	if (r == 0)
		return sandbox_files_enter(&f, &cli->err);
	if (f.ruleset >= 0)
		close(f.ruleset);
	return r;
}

/* Whether the leak checker of a sanitizer's build stays away: it traces its own process, and
 * the filter is for the product. */
#if defined(__has_feature) && !defined(__SANITIZE_ADDRESS__)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
static bool inside;
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return inside;
}
#endif

int sandbox_enter(struct cli *cli, struct input *in)
{
	const char *missing = NULL;
	bool no_landlock = false;
	uint64_t kept = 0;
	int r;

	if (cli->sandboxed || cli->sandbox == SANDBOX_OFF ||
	    (cli->sandbox == SANDBOX_AUTO && !cli->follow))
		return 0;
	r = sandbox_drop_caps(caps_needed(cli, in), &kept, &cli->err);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = sca_fail_errno(&cli->err, errno, "can not set no_new_privs");
	if (r == 0)
		r = enter_files(cli, in, &no_landlock);
	if (r == 0)
		r = sandbox_calls_enter(kept, &missing, &cli->err);
	if (r < 0)
		return r;
	cli->sandboxed = true;
#if defined(__SANITIZE_ADDRESS__)
	inside = true;
#endif
	if (!cli->quiet && (no_landlock || missing))
		say("the sandbox is not complete: this kernel has no %s%s%s",
		    no_landlock ? "Landlock" : "", no_landlock && missing ? ", and no " : "",
		    missing ? missing : "");
	return 0;
}
