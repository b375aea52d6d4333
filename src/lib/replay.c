/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded events against a profile. */
#include "base.h"

#include <scaudit/replay.h>

struct sca_replay {
	struct sca_replayed *v;
	size_t n;
};

const char *sca_replay_state_name(enum sca_replay_state s)
{
	static const char *const names[] = {
		[SCA_REPLAY_BROKEN] = "broken",   [SCA_REPLAY_DENIED] = "denied",
		[SCA_REPLAY_ARGS] = "arguments",  [SCA_REPLAY_UNKNOWN] = "unknown",
		[SCA_REPLAY_BENIGN] = "benign",   [SCA_REPLAY_ENDED] = "ended",
		[SCA_REPLAY_PASSES] = "passes",
	};

	return (size_t)s < ARRAY_SIZE(names) ? names[s] : NULL;
}

static bool falls_back(const struct sca_reach *reach, const char *syscall)
{
	const struct sca_advice *a = syscall ? sca_advice_find(sca_str_z(syscall)) : NULL;

	return a && a->enosys_fallback && reach->n == 1 &&
	       reach->v[0].action == SCA_ACT_ERRNO && reach->v[0].data == ENOSYS;
}

static enum sca_replay_state state_of(const struct sca_denial *d, const struct sca_reach *reach,
				      const char *syscall)
{
	bool denies = false, passes = false;

	for (size_t i = 0; i < reach->n; i++) {
		denies |= sca_action_denies(reach->v[i].action);
		passes |= !sca_action_denies(reach->v[i].action);
	}
	if (!reach->complete || (denies && passes))
		return SCA_REPLAY_ARGS;
	if (denies && falls_back(reach, syscall))
		return SCA_REPLAY_BENIGN;
	if (denies)
		return d->denied ? SCA_REPLAY_DENIED : SCA_REPLAY_BROKEN;
	return d->denied ? SCA_REPLAY_ENDED : SCA_REPLAY_PASSES;
}

static void play(struct sca_replayed *r, const struct sca_filter *f, struct sca_names *names)
{
	const struct sca_denial *d = r->denial;
	struct sca_call call = {.arch = d->arch, .nr = d->nr, .args_known = d->args_known};

	if (!d->have_arch || !d->have_nr) {
		r->state = SCA_REPLAY_UNKNOWN;
		return;
	}
	memcpy(call.args, d->args, sizeof(call.args));
	r->syscall = sca_syscall_name(names, d->arch, d->nr);
	sca_filter_reach(f, &call, &r->reach);
	r->state = state_of(d, &r->reach, r->syscall);
}

/* Into the order of the states; within one, the set's order stays. */
static void sort_in(struct sca_replay *rp, const struct sca_replayed *all, size_t n)
{
	for (unsigned s = 0; s < SCA_REPLAY_COUNT; s++)
		for (size_t i = 0; i < n; i++)
			if (all[i].state == s)
				rp->v[rp->n++] = all[i];
}

int sca_replay_new(struct sca_replay **ret, const struct sca_profile *p,
		   const struct sca_target *t, const struct sca_denials *ds,
		   struct sca_names *names, struct sca_err *err)
{
	size_t n = sca_denials_count(ds);
	_cleanup_free_ struct sca_replayed *all = calloc(MAX(n, (size_t)1), sizeof(*all));
	struct sca_replay *rp = calloc(1, sizeof(*rp));
	struct sca_filter *f = NULL;
	int r = 0;

	if (rp)
		rp->v = calloc(MAX(n, (size_t)1), sizeof(*rp->v));
	if (!all || !rp || !rp->v)
		r = sca_fail_errno(err, ENOMEM, "replaying recorded events");
	if (r == 0)
		r = sca_filter_compile(&f, p, t, names, err);
	if (r < 0) {
		sca_replay_free(rp);
		return r;
	}
	for (size_t i = 0; i < n; i++) {
		all[i].denial = sca_denials_at(ds, i);
		play(&all[i], f, names);
	}
	sort_in(rp, all, n);
	sca_filter_free(f);
	*ret = rp;
	return 0;
}

struct sca_replay *sca_replay_free(struct sca_replay *rp)
{
	if (rp) {
		free(rp->v);
		free(rp);
	}
	return NULL;
}

size_t sca_replay_count(const struct sca_replay *rp)
{
	return rp->n;
}

const struct sca_replayed *sca_replay_at(const struct sca_replay *rp, size_t i)
{
	return i < rp->n ? &rp->v[i] : NULL;
}

/* -- as if the profile had been in force -- */

/* A record that stands for `count` events of a group. */
static struct sca_record record_of(const struct sca_denial *d, uint64_t count)
{
	struct sca_record rec = {
		.have = SCA_F_CODE | (d->have_arch ? SCA_F_ARCH : 0) |
			(d->have_nr ? SCA_F_NR : 0),
		.source = SCA_SRC_COUNT,
		.trust = SCA_TRUST_KERNEL,
		.action = d->action,
		.denied = d->denied,
		.code = d->code,
		.arch = d->arch,
		.nr = d->nr,
		.args_known = d->args_known,
		.count = count,
		.first_ms = d->have_time ? d->first_ms : 0,
		.last_ms = d->have_time ? d->last_ms : 0,
		.n_comms = d->n_comms,
		.n_exes = d->n_exes,
		.container = d->container,
		.pos = d->pos,
	};

	memcpy(rec.args, d->args, sizeof(rec.args));
	memcpy(rec.comms, d->comms, sizeof(d->comms));
	memcpy(rec.exes, d->exes, sizeof(d->exes));
	if (d->runtime_init && d->n_comms && d->n_exes) {
		/* by which the set knows the runtime's start-up again */
		rec.comm = d->comms[0];
		rec.exe = d->exes[0];
	}
	return rec;
}

static int add_as_denied(struct sca_denials *ds, const struct sca_replayed *r, uint64_t count,
			 bool forgeable, struct sca_err *err)
{
	struct sca_record rec = record_of(r->denial, count);

	if (count == 0)
		return 0;
	if (forgeable)
		rec.trust = SCA_TRUST_FORGEABLE;
	if (!rec.denied && r->reach.n && sca_action_denies(r->reach.v[0].action)) {
		rec.denied = true;
		rec.action = r->reach.v[0].action;
		rec.code = sca_action_code(rec.action) | r->reach.v[0].data;
	}
	return sca_denials_add(ds, &rec, err);
}

int sca_replay_as_denied(const struct sca_replay *rp, struct sca_denials **ret,
			 struct sca_err *err)
{
	struct sca_denials *ds = NULL;
	int r = sca_denials_new(&ds, rp->n, err);

	for (size_t i = 0; i < rp->n && r == 0; i++) {
		const struct sca_denial *d = rp->v[i].denial;

		r = add_as_denied(ds, &rp->v[i], d->count - d->forgeable, false, err);
		if (r == 0)
			r = add_as_denied(ds, &rp->v[i], d->forgeable, true, err);
	}
	if (r < 0) {
		sca_denials_free(ds);
		return r;
	}
	sca_denials_sort(ds);
	*ret = ds;
	return 0;
}
