/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The level "hint": what those say who started the process (starter.h), as long as they are
 * there or the connector saw them come. And the SELinux label of a process has the categories
 * that an engine gave to one container. All is likely, nothing exact.
 */
#include "inits.h"
#include "starter.h"

#include <scaudit/record.h>

#define STEPS_MAX 16u

struct hint {
	struct buf kept;
};

/* What is said of the process below. A shim in containerd's CRI namespace serves a pod; its id is
 * the sandbox's, not the container's. */
static int tell(struct sca_tracker *t, struct hint *h, const struct starter_says *says,
		struct sca_container_ref *ret, struct sca_err *err)
{
	const struct sca_container_state none = {0}, *st = NULL;
	bool pod = str_is(says->space, "k8s.io");
	int r = state_lookup(t->cs, says->id, &st, err);

	if (r < 0)
		return r;
	if (!st)
		st = &none;
	*ret = (struct sca_container_ref){.sure = SCA_STR("likely")};
	if (pod) {
		ret->pod = st->pod;
		ret->ns = st->ns;
		ret->pod_uid = st->pod_uid;
		return ret->pod.n || ret->pod_uid.n;
	}
	/* A command line is no more than a name: it lives until the next call. */
	buf_reset(&h->kept);
	buf_add_str(&h->kept, says->id);
	buf_add_str(&h->kept, says->name);
	if (h->kept.failed)
		return sca_fail_errno(err, ENOMEM, "cannot remember a container");
	*ret = (struct sca_container_ref){
		.id = {h->kept.p, says->id.n}, .engine = st->engine, .image = st->image,
		.name = st->name.n ? st->name : (struct sca_str){h->kept.p + says->id.n,
								 says->name.n},
		.pod = st->pod, .ns = st->ns, .pod_uid = st->pod_uid, .sure = SCA_STR("likely"),
	};
	if (ret->engine.n == 0 && says->who == STARTER_CONMON)
		ret->engine = SCA_STR("podman");
	if (ret->engine.n == 0 && str_is(says->space, "moby"))
		ret->engine = SCA_STR("docker");
	return 1;
}

/* Whether the process executed a program that nobody has seen the cgroup of. */
static bool unseen(const struct sca_tracker *t, const struct sca_record *rec)
{
	const struct lineage *l = lineage_of(t);
	const struct lineage_life *life = NULL;

	return l && rec->have & SCA_F_TIME &&
	       lineage_at(l, rec->pid, lineage_clock(rec->time_ms), &life) == LINEAGE_FOUND &&
	       life->broken;
}

/* Of a process that was there at that time; empty for all but those that start containers. */
static int cmdline_of(struct sca_tracker *t, uint32_t pid, uint64_t at_ns, struct sca_str *ret,
		      struct sca_err *err)
{
	struct task *task;
	uint64_t born;
	int r;

	if (lineage_cmdline(t, pid, at_ns, ret))
		return 0;
	r = lineage_task(t, pid, at_ns, &task, &born, err);
	if (r <= 0)
		return r;
	if (!task->have_cmdline) {
		buf_reset(&task->cmdline);
		r = starter_read(t->cs, pid, &task->says.st,
				 (struct sca_str){task->cgroup, task->cgroup_n}, &task->cmdline,
				 err);
		if (r < 0)
			return r;
		if (r == 0)
			buf_reset(&task->cmdline);
		task->have_cmdline = true;
	}
	*ret = buf_str(&task->cmdline);
	return 0;
}

static int by_parent(struct sca_tracker *t, struct hint *h, const struct sca_record *rec,
		     struct sca_container_ref *ret, struct sca_err *err)
{
	uint64_t at = rec->have & SCA_F_TIME ? lineage_clock(rec->time_ms) : UINT64_MAX;
	uint32_t pid = rec->pid, ppid = 0;

	for (unsigned i = 0; i < STEPS_MAX; i++) {
		int r = lineage_parent(t, pid, at, &ppid, &at, err);
		struct starter_says says;
		struct sca_str line;

		if (r == 0 && i == 0 && rec->have & SCA_F_PPID) {
			ppid = rec->ppid;
			r = 1;
		}
		if (r <= 0 || ppid <= 1)
			return MIN(r, 0);
		pid = ppid;
		r = cmdline_of(t, pid, at, &line, err);
		if (r < 0)
			return r;
		if (!starter_parse(line, &says))
			continue;
		/* What a runtime starts beside the container is seen in the runtime's own cgroup. */
		if (says.who == STARTER_RUNTIME && !unseen(t, rec))
			return 0;
		return tell(t, h, &says, ret, err);
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

	buf_release(&h->kept);
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
