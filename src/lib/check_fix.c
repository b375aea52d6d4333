/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patch of the safe edits. Both texts are compiled and compared: an edit that is to change
 * nothing must change no verdict, one that corrects a name no verdict but this call's. If all
 * edits together do more, those that correct names are left out; if the rest does more than
 * nothing, there is no patch.
 */
#include "check.h"

#include "patch_int.h"
#include "proof_int.h"

static bool kept(const struct checking *ck, const struct check_edit *e)
{
	return ck->opt.keep && ck->opt.keep(&ck->out->v[e->problem].pub, ck->opt.arg);
}

/* No patch when the edits do not fit each other. */
static int make_patch(struct checking *ck, bool names, struct sca_patch **ret)
{
	struct sca_err err = SCA_ERR_INIT;
	struct je_list l;
	int r = 0;

	je_init(&l, ck->doc);
	for (size_t i = 0; i < ck->n_edits && r == 0; i++) {
		const struct check_edit *e = &ck->edits[i];

		if ((e->name && !names) || kept(ck, e))
			continue;
		r = e->value ? je_replace(&l, e->node, sca_str_z(e->value), i) :
			       je_remove(&l, e->node, i);
	}
	if (r == 0 && l.n)
		r = patch_from_edits(ret, &l, &err);
	je_release(&l);
	return r == -ENOMEM ? sca_fail_errno(ck->err, ENOMEM, "making the patch") : 0;
}

static bool meant(const struct checking *ck, const struct sca_change *c)
{
	for (size_t i = 0; c->syscall && i < ck->n_edits; i++)
		if (ck->edits[i].name && strcmp(ck->edits[i].name, c->syscall) == 0)
			return true;
	return false;
}

static void tell_verdict(struct buf *b, const struct sca_verdict *v)
{
	const char *name = v->action == SCA_ACT_ERRNO ? sca_errno_name(v->data) : NULL;

	if (name)
		buf_addf(b, "ERRNO(%s)", name);
	else
		buf_add_z(b, sca_action_scmp_name(v->action) + strlen("SCMP_ACT_"));
}

static void note_change(struct checking *ck, const struct sca_change *c)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_checked *out = ck->out;

	buf_addf(&b, "%s %s: ", sca_arch_name(c->arch), c->syscall);
	tell_verdict(&b, &c->before);
	buf_add_z(&b, " -> ");
	tell_verdict(&b, &c->after);
	if (b.failed || !vec_grow(&out->changes, &out->cap_changes, out->n_changes) ||
	    !(out->changes[out->n_changes] = arena_dup(&out->arena, buf_str(&b))))
		ck->failed = true;
	else
		out->n_changes++;
}

/* Whether the patch keeps what it promises. */
static int measure(struct checking *ck, const struct sca_patch *patch, bool *ret)
{
	struct sca_profile *fresh = NULL;
	struct sca_filter *after = NULL;
	struct sca_proof *pf = NULL;
	struct sca_err err = SCA_ERR_INIT;
	int r = sca_patch_apply(patch, ck->p, &fresh, &err);

	*ret = false;
	if (r == 0)
		r = sca_filter_compile(&after, fresh, ck->t, ck->names, &err);
	if (r == 0)
		r = proof_compare(&pf, ck->filter, after, NULL, 0, ck->names, &err);
	if (pf) {
		*ret = true;
		for (size_t i = 0; i < sca_proof_count(pf); i++)
			*ret &= meant(ck, sca_proof_at(pf, i));
		for (size_t i = 0; *ret && i < sca_proof_count(pf); i++)
			note_change(ck, sca_proof_at(pf, i));
	}
	sca_proof_free(pf);
	sca_filter_free(after);
	sca_profile_free(fresh);
	return r == -ENOMEM ? sca_fail_errno(ck->err, ENOMEM, "measuring the edits") : 0;
}

static int try_edits(struct checking *ck, bool names, bool *ret)
{
	struct sca_patch *patch = NULL;
	int r = make_patch(ck, names, &patch);

	*ret = false;
	if (r == 0 && patch)
		r = measure(ck, patch, ret);
	if (r < 0 || !*ret) {
		sca_patch_free(patch);
		return r;
	}
	ck->out->patch = patch;
	for (size_t i = 0; i < ck->n_edits; i++)
		if ((names || !ck->edits[i].name) && !kept(ck, &ck->edits[i]))
			ck->out->v[ck->edits[i].problem].pub.edited = true;
	return 0;
}

int check_fix(struct checking *ck)
{
	bool done = false;
	int r = ck->n_edits ? try_edits(ck, true, &done) : 0;

	if (r == 0 && ck->n_edits && !done)
		r = try_edits(ck, false, &done);
	return r;
}
