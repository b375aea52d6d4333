/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The level "hint": what those say who start containers. The command line of conmon has the
 * container's id and name, the one of a shim the id of what it serves: a pod's sandbox, or
 * Docker's container. And the SELinux label of a process has the categories that an engine
 * gave to one container. All is likely, nothing exact.
 *
 * Any process may call itself conmon. Believed is one that is in the mount namespace of the
 * machine's first process and in no container's cgroup.
 */
#include "inits.h"

#include <fcntl.h>

#include <scaudit/record.h>

#define STEPS_MAX   16u
#define CMDLINE_MAX 65536u
#define ARGS_MAX    256u

struct hint {
	struct buf cmdline, name;
};

enum who { WHO_CONMON, WHO_SHIM };

static const struct {
	const char *program;
	bool prefix; /* containerd-shim, -shim-runc-v1, -shim-runc-v2, ... */
	enum who who;
	const char *id, *name, *space;
} watchers[] = {
	{"conmon", false, WHO_CONMON, "-c", "-n", NULL},
	{"containerd-shim", true, WHO_SHIM, "-id", NULL, "-namespace"},
};

/* The argument behind an option, with one dash or two, or behind its '='. */
static bool option(struct sca_str arg, const char *name, struct sca_str *rest,
		   struct sca_str *ret)
{
	struct sca_str key;

	if (!name || arg.n < 2 || arg.p[0] != '-')
		return false;
	if (str_starts(arg, SCA_STR("--")))
		arg = str_skip(arg, 1);
	if (str_eq(arg, sca_str_z(name)))
		return str_cut(rest, '\0', ret);
	if (!memchr(arg.p, '=', arg.n) || !str_cut(&arg, '=', &key) ||
	    !str_eq(key, sca_str_z(name)))
		return false;
	*ret = arg;
	return true;
}

/* Whether a command line (arguments that end in NUL) is of a watcher, and what it says. */
static bool parse_cmdline(struct sca_str line, enum who *ret_who, struct sca_str *ret_id,
			  struct sca_str *ret_name, struct sca_str *ret_space)
{
	struct sca_str arg, value;
	const char *slash;
	size_t row;

	if (!str_cut(&line, '\0', &arg))
		return false;
	slash = arg.n ? memrchr(arg.p, '/', arg.n) : NULL;
	if (slash)
		arg = str_skip(arg, (size_t)(slash - arg.p) + 1);
	for (row = 0; row < ARRAY_SIZE(watchers); row++) {
		struct sca_str program = sca_str_z(watchers[row].program);

		if (watchers[row].prefix ? str_starts(arg, program) : str_eq(arg, program))
			break;
	}
	if (row == ARRAY_SIZE(watchers))
		return false;
	*ret_who = watchers[row].who;
	*ret_id = *ret_name = *ret_space = (struct sca_str){NULL, 0};
	for (unsigned i = 0; i < ARGS_MAX && str_cut(&line, '\0', &arg); i++) {
		if (option(arg, watchers[row].id, &line, &value))
			*ret_id = value;
		else if (option(arg, watchers[row].name, &line, &value))
			*ret_name = value;
		else if (option(arg, watchers[row].space, &line, &value))
			*ret_space = value;
	}
	return ret_id->n > 0;
}

/* Whether a process is one of the machine itself. -ENOMEM. */
static int trusted(struct sca_tracker *t, uint32_t pid, struct sca_err *err)
{
	_cleanup_buf_ struct buf cgroup = BUF_INIT;
	char path[48], own[64], first[64];
	struct sca_container_ref ref;
	struct task_stat st;
	bool all_root, conflict;
	ssize_t n, m;
	int r;

	snprintf(path, sizeof(path), "proc/%u/ns/mnt", pid);
	n = readlinkat(t->cs->root, path, own, sizeof(own));
	m = readlinkat(t->cs->root, "proc/1/ns/mnt", first, sizeof(first));
	if (n <= 0 || n != m || memcmp(own, first, (size_t)n) != 0)
		return 0;
	r = process_read(t->cs, pid, &cgroup, &st, err);
	if (r <= 0)
		return r == -ENOMEM ? r : 0;
	r = container_by_cgroups(t->cs, buf_str(&cgroup), &all_root, &conflict, &ref, err);
	return r < 0 ? r : ref.id.n == 0;
}

/* What a watcher tells of the process below it. A shim in containerd's CRI namespace serves a pod;
 * its id is the pod's, not the container's. */
static int tell(struct sca_tracker *t, struct hint *h, enum who who, struct sca_str id,
		struct sca_str name, struct sca_str space, struct sca_container_ref *ret,
		struct sca_err *err)
{
	const struct sca_container_state *st = NULL;
	bool pod = who == WHO_SHIM && str_is(space, "k8s.io");
	int r = state_lookup(t->cs, id, &st, err);

	if (r < 0)
		return r;
	*ret = (struct sca_container_ref){.via = SCA_STR("parent"), .sure = SCA_STR("likely")};
	if (st) {
		ret->pod = st->pod;
		ret->ns = st->ns;
		ret->pod_uid = st->pod_uid;
	}
	if (who == WHO_SHIM && !pod && !str_is(space, "moby") && !(st && st->engine.n))
		return 0; /* what it serves is not known: it may be a pod */
	if (pod)
		return ret->pod.n || ret->pod_uid.n;
	ret->id = id;
	ret->engine = st && st->engine.n ? st->engine :
		      who == WHO_CONMON ? SCA_STR("podman") : SCA_STR("docker");
	ret->name = name;
	if (st) {
		ret->image = st->image;
		if (st->name.n)
			ret->name = st->name;
	}
	/* The strings live in h until the next call. */
	buf_reset(&h->name);
	buf_add_str(&h->name, id);
	buf_add_str(&h->name, ret->name);
	if (h->name.failed)
		return sca_fail_errno(err, ENOMEM, "cannot remember a container");
	ret->id.p = h->name.p;
	ret->name.p = h->name.p + id.n;
	return 1;
}

static int by_parent(struct sca_tracker *t, struct hint *h, const struct sca_record *rec,
		     struct sca_container_ref *ret, struct sca_err *err)
{
	uint64_t at = rec->have & SCA_F_TIME ? lineage_clock(rec->time_ms) : UINT64_MAX;
	uint32_t pid = rec->pid, ppid;
	int r;

	for (unsigned i = 0; i < STEPS_MAX; i++) {
		struct sca_str id, name, space;
		enum who who;
		char path[32];

		r = lineage_parent(t, pid, at, &ppid, &at, err);
		if (r == 0 && i == 0 && rec->have & SCA_F_PPID) {
			ppid = rec->ppid;
			r = 1;
		}
		if (r <= 0 || ppid <= 1)
			return MIN(r, 0);
		pid = ppid;
		snprintf(path, sizeof(path), "proc/%u/cmdline", pid);
		buf_reset(&h->cmdline);
		r = root_read(t->cs->root, path, CMDLINE_MAX, &h->cmdline);
		if (r == -ENOMEM)
			return sca_fail_errno(err, ENOMEM, "cannot read a command line");
		if (r < 0 || !parse_cmdline(buf_str(&h->cmdline), &who, &id, &name, &space))
			continue;
		r = trusted(t, pid, err);
		return r <= 0 ? r : tell(t, h, who, id, name, space, ret, err);
	}
	return 0;
}

/* The categories of a label, "c1,c2", empty when it has none:
 * user:role:type:level[:categories], where a level may be a range. */
static struct sca_str categories(struct sca_str label)
{
	struct sca_str part;

	for (unsigned i = 0; i < 4; i++)
		if (!str_cut(&label, ':', &part))
			return (struct sca_str){NULL, 0};
	return label.n && label.p[0] == 'c' ? label : (struct sca_str){NULL, 0};
}

/* The one container whose label has the record's categories. */
static int by_label(const struct sca_tracker *t, const struct sca_record *rec,
		    struct sca_container_ref *ret)
{
	uint64_t at = rec->have & SCA_F_TIME ? lineage_clock(rec->time_ms) : UINT64_MAX - 1;
	struct sca_str want = categories(rec->subj);
	const struct init *in, *found = NULL;

	if (!(rec->have & SCA_F_SUBJ) || want.n == 0)
		return 0;
	for (size_t i = 0; (in = inits_at(t, i)); i++) {
		if (!str_eq(categories(in->label), want) || !init_alive(in, at))
			continue;
		if (found && !str_eq(found->kept.ref.id, in->kept.ref.id))
			return 0; /* the containers of a pod share a label */
		found = in;
	}
	if (!found)
		return 0;
	*ret = found->kept.ref;
	ret->via = SCA_STR("label");
	ret->sure = SCA_STR("likely");
	return 1;
}

static void hint_close(void *level)
{
	struct hint *h = level;

	buf_release(&h->cmdline);
	buf_release(&h->name);
	free(h);
}

static int hint_open(struct sca_tracker *t, void **ret, struct buf *why, struct sca_err *err)
{
	struct hint *h;

	if (t->cs->live && !tracker_initial_pids()) {
		buf_add_z(why, "records carry pids of the host, and /proc has others here: run in the "
			       "host's pid namespace (docker --pid=host, hostPID: true)");
		return 0;
	}
	h = calloc(1, sizeof(*h));
	if (!h)
		return sca_fail_errno(err, ENOMEM, "cannot follow processes");
	*ret = h;
	return 0;
}

static int hint_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		     struct sca_container_ref *ret, struct sca_err *err)
{
	int r;

	containers_begin(t->cs);
	r = by_parent(t, level, rec, ret, err);
	return r ? r : by_label(t, rec, ret);
}

const struct level_ops level_hint = {
	.via = "parent",
	.open = hint_open,
	.find = hint_find,
	.close = hint_close,
};
