/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Architectures that the filter lacks (row 9). Adding one opens the whole allow-list to its
 * programs, so it is done on request only, and never for x32, which no distribution uses and
 * which is a known way around filters.
 *
 * With an architecture to add, the calls of its programs are judged by a second filter that
 * has it: names that the profile lacks for it are then found in the same run.
 */
#include "plan.h"

#include "patch_int.h"

#include <seccomp.h>

/* Which programs a kernel runs besides its own. */
static const struct {
	uint32_t native, other;
} families[] = {
	{SCMP_ARCH_X86_64, SCMP_ARCH_X86},
	{SCMP_ARCH_X86_64, SCMP_ARCH_X32},
	{SCMP_ARCH_AARCH64, SCMP_ARCH_ARM},
	{SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS},
	{SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64N32},
	{SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL},
	{SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64N32},
	{SCMP_ARCH_PPC64, SCMP_ARCH_PPC},
	{SCMP_ARCH_S390X, SCMP_ARCH_S390},
	{SCMP_ARCH_PARISC64, SCMP_ARCH_PARISC},
};

bool arch_runs_on(uint32_t native, uint32_t arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].native == native && families[i].other == arch)
			return true;
	return arch == native;
}

bool plan_arch_possible(const struct sca_plan *pl, uint32_t arch)
{
	return arch_runs_on(pl->target->arch, arch);
}

static bool in_list(const uint32_t *v, size_t n, uint32_t arch)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == arch)
			return true;
	return false;
}

static void collect(struct sca_plan *pl, const struct sca_denials *ds)
{
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		const struct sca_denial *d = sca_denials_at(ds, i);

		if ((!d->denied && !plan_seen(pl, d)) || !d->have_arch || !d->have_nr ||
		    (d->action != SCA_ACT_KILL_THREAD && d->action != SCA_ACT_UNKNOWN))
			continue;
		if (d->arch == SCA_ARCH_X32 || !plan_arch_possible(pl, d->arch) ||
		    !sca_arch_scmp_name(d->arch) ||
		    in_list(pl->eff->archs, pl->eff->n_archs, d->arch) ||
		    in_list(pl->archs, pl->n_archs, d->arch))
			continue;
		if (pl->n_archs < ARRAY_SIZE(pl->archs))
			pl->archs[pl->n_archs++] = d->arch;
	}
}

/* Rules that look at arguments may contradict each other once they are rules of a multiplexer,
 * too (socketcall on x86). The plan goes on without the architectures then. */
static int refused(struct sca_plan *pl, const struct sca_err *why, struct sca_err *err)
{
	pl->n_archs = 0;
	pl->arch_refusal = arena_dup(&pl->arena, sca_str_z(why->text));
	return pl->arch_refusal ? 0 : plan_no_memory(err);
}

int plan_archs(struct sca_plan *pl, const struct sca_denials *ds, struct sca_err *err)
{
	struct sca_err why = SCA_ERR_INIT;
	struct sca_patch *patch = NULL;
	struct sca_profile *wider = NULL;
	struct je_list edits;
	int r;

	collect(pl, ds);
	if (!pl->n_archs)
		return 0;
	je_init(&edits, &pl->profile->doc);
	r = plan_arch_edits(pl, &edits, err);
	if (r == 0)
		r = patch_from_edits(&patch, &edits, err);
	if (r == 0)
		r = sca_patch_apply(patch, pl->profile, &wider, err);
	if (r < 0)
		sca_wrap(err, "adding an architecture");
	if (r == 0)
		r = sca_filter_compile(&pl->wider, wider, pl->target, pl->names, &why);
	if (why.code)
		r = r == -ENOMEM ? plan_no_memory(err) : refused(pl, &why, err);
	sca_profile_free(wider);
	sca_patch_free(patch);
	je_release(&edits);
	return r;
}

/* The finding that asked for an architecture first. */
static size_t cause_of(const struct sca_plan *pl, uint32_t arch)
{
	for (size_t i = 0; i < pl->n; i++)
		if (pl->finds[i].bad_arch && pl->finds[i].pub.denial->arch == arch)
			return i;
	return 0;
}

void plan_archs_prune(struct sca_plan *pl)
{
	size_t n = 0;

	for (size_t i = 0; i < pl->n_archs; i++) {
		bool used = false;

		for (size_t j = 0; j < pl->n && !used; j++)
			used = pl->finds[j].bad_arch &&
			       pl->finds[j].pub.denial->arch == pl->archs[i] &&
			       (pl->finds[j].pub.outcome == SCA_OUT_PATCH ||
				pl->finds[j].pub.outcome == SCA_OUT_ENOSYS);
		if (used)
			pl->archs[n++] = pl->archs[i];
	}
	pl->n_archs = n;
}

static bool quote_archs(struct sca_plan *pl, bool with_native)
{
	struct buf *b = &pl->text;

	buf_reset(b);
	buf_add_c(b, '[');
	if (with_native)
		buf_addf(b, "\"%s\"", sca_arch_scmp_name(pl->target->arch));
	for (size_t i = 0; i < pl->n_archs; i++)
		buf_addf(b, "%s\"%s\"", b->n > 1 ? "," : "", sca_arch_scmp_name(pl->archs[i]));
	buf_add_c(b, ']');
	return !b->failed;
}

static int insert_each(struct sca_plan *pl, struct je_list *edits, uint32_t array)
{
	for (size_t i = 0; i < pl->n_archs; i++) {
		int r;

		buf_reset(&pl->text);
		buf_addf(&pl->text, "\"%s\"", sca_arch_scmp_name(pl->archs[i]));
		r = pl->text.failed ? -ENOMEM :
		    je_insert(edits, array, edits->doc->nodes[array].n, buf_str(&pl->text),
			      cause_of(pl, pl->archs[i]));
		if (r < 0)
			return r;
	}
	return 0;
}

/* archMap without an array to add to: its native entry lacks one, or there is no entry. */
static int edit_arch_map(struct sca_plan *pl, struct je_list *edits, uint32_t map)
{
	const struct jt_doc *doc = edits->doc;
	size_t cause = cause_of(pl, pl->archs[0]);
	_cleanup_buf_ struct buf name = BUF_INIT;
	uint32_t arch, sub;

	jt_for_each(doc, map, entry) {
		uint32_t node = doc->nodes[entry].type == JT_OBJECT ?
				jt_member(doc, entry, "architecture", true) : JT_NONE;

		buf_reset(&name);
		if (node == JT_NONE || doc->nodes[node].type != JT_STRING)
			continue;
		if (!jt_string(doc, node, &name))
			return -ENOMEM;
		if (sca_arch_parse(buf_str(&name), &arch) < 0 || arch != pl->target->arch)
			continue;
		if (!quote_archs(pl, false))
			return -ENOMEM;
		sub = jt_member(doc, entry, "subArchitectures", true);
		if (sub == JT_NONE)
			return je_member(edits, entry, "subArchitectures", buf_str(&pl->text),
					 cause);
		return je_replace(edits, sub, buf_str(&pl->text), cause);
	}
	if (!quote_archs(pl, false))
		return -ENOMEM;
	buf_reset(&name);
	buf_addf(&name, "{\"architecture\":\"%s\",\"subArchitectures\":%s}",
		 sca_arch_scmp_name(pl->target->arch), pl->text.p);
	if (name.failed)
		return -ENOMEM;
	return je_insert(edits, map, doc->nodes[map].n, buf_str(&name), cause);
}

/*
 * A new list names the native architecture first, as people expect, unless that would bring
 * runc's ENOSYS stub to it: before 1.1.15 the stub covers the listed ones only. A file that has
 * both lists is refused by Docker and Podman, so an archMap that the front end ignores goes.
 */
static int edit_architectures(struct sca_plan *pl, struct je_list *edits, uint32_t map)
{
	bool old_runc = pl->target->runtime == SCA_RUNTIME_RUNC &&
			target_before(pl->target, 1, 1, 15);
	uint32_t top = plan_top(pl), list = jt_member(edits->doc, top, "architectures", true);
	size_t cause = cause_of(pl, pl->archs[0]);
	int r;

	if (!quote_archs(pl, !old_runc))
		return -ENOMEM;
	if (list == JT_NONE)
		r = je_member(edits, top, "architectures", buf_str(&pl->text), cause);
	else
		r = je_replace(edits, list, buf_str(&pl->text), cause);
	if (r == 0 && map != JT_NONE)
		r = je_remove(edits, map, cause);
	return r;
}

int plan_arch_edits(struct sca_plan *pl, struct je_list *edits, struct sca_err *err)
{
	uint32_t map = jt_member(edits->doc, plan_top(pl), "archMap", true);
	bool mapped = pl->target->frontend != SCA_FRONTEND_CRI &&
		      pl->target->frontend != SCA_FRONTEND_OCI && map != JT_NONE &&
		      edits->doc->nodes[map].type == JT_ARRAY && edits->doc->nodes[map].n;
	int r;

	if (!pl->n_archs)
		return 0;
	if (pl->eff->archs_node != JT_NONE)
		r = insert_each(pl, edits, pl->eff->archs_node);
	else if (mapped)
		r = edit_arch_map(pl, edits, map);
	else
		r = edit_architectures(pl, edits, map);
	return r < 0 ? plan_no_memory(err) : 0;
}
