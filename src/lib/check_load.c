/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who would take the profile, who would refuse it, and whose reading of it is another one.
 */
#include "check.h"

#include "proof_int.h"

/* Front ends with the runtimes that they are met with. "" is the front end's own. */
static const struct loader {
	enum sca_frontend frontend;
	const char *runtime;
} loaders[] = {
	{SCA_FRONTEND_DOCKER, ""},        {SCA_FRONTEND_DOCKER, "runc:1.1.12"},
	{SCA_FRONTEND_DOCKER, "crun"},    {SCA_FRONTEND_DOCKER20, ""},
	{SCA_FRONTEND_DOCKER20, "crun"},  {SCA_FRONTEND_PODMAN, ""},
	{SCA_FRONTEND_PODMAN, "runc"},    {SCA_FRONTEND_CRI, ""},
	{SCA_FRONTEND_CRI, "crun"},       {SCA_FRONTEND_OCI, ""},
	{SCA_FRONTEND_OCI, "crun"},
};

/* A reason, and all that have it. */
struct refusal {
	struct sca_err err;
	struct check_list who;
};

static void loader_target(const struct checking *ck, const struct loader *l,
			  struct sca_target *ret)
{
	sca_target_init(ret, l->frontend);
	if (l->runtime[0])
		sca_target_set_runtime(ret, sca_str_z(l->runtime), NULL);
	ret->arch = ck->t->arch;
	memcpy(ret->kernel, ck->t->kernel, sizeof(ret->kernel));
}

static bool same_refusal(const struct sca_err *a, const struct sca_err *b)
{
	return a->line == b->line && a->column == b->column && strcmp(a->text, b->text) == 0;
}

static void add_who(struct refusal *r, const struct sca_target *t)
{
	char runtime[TARGET_RUNTIME_MAX], who[96];

	target_runtime(t, runtime);
	snprintf(who, sizeof(who), "%s with %s", sca_frontend_name(t->frontend), runtime);
	check_list_add(&r->who, sca_str_z(who));
}

static void add_refusal(struct checking *ck, enum check_id id, const struct sca_err *err,
			const char *who)
{
	uint32_t node = jt_find(ck->doc, sca_str_z(err->path));

	check_add(ck, id, node,
		  err->code == SCA_E_REFUSED ?
			  check_text(ck, "%s: refused", who) :
			  check_text(ck, "%s: can not be compiled here", who),
		  check_text(ck, "%s.", err->text), "");
}

/* Whether another front end takes it; the same reason is told once. */
static int ask_loaders(struct checking *ck, const struct sca_err *told)
{
	struct refusal all[ARRAY_SIZE(loaders)];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(loaders) && r == 0; i++) {
		struct sca_err err = SCA_ERR_INIT;
		struct sca_filter *f = NULL;
		struct sca_target t;
		size_t k;

		loader_target(ck, &loaders[i], &t);
		r = sca_filter_compile(&f, ck->p, &t, ck->names, &err);
		sca_filter_free(f);
		if (r > -4096)
			continue; /* taken, or out of memory */
		r = 0;
		if (told->code && same_refusal(told, &err))
			continue;
		for (k = 0; k < n && !same_refusal(&all[k].err, &err);)
			k++;
		if (k == n)
			all[n++] = (struct refusal){err, CHECK_LIST_INIT};
		add_who(&all[k], &t);
	}
	for (size_t k = 0; k < n; k++)
		add_refusal(ck, CHECK_REFUSED_ELSEWHERE, &all[k].err,
			    check_list_end(ck, &all[k].who));
	return r < 0 ? sca_fail_errno(ck->err, -r, "asking the other loaders") : 0;
}

int check_loaders(struct checking *ck, struct sca_err *refused)
{
	char runtime[TARGET_RUNTIME_MAX];

	if (refused->code) {
		target_runtime(ck->t, runtime);
		add_refusal(ck, CHECK_REFUSED, refused,
			    check_text(ck, "%s with %s", sca_frontend_name(ck->t->frontend),
				       runtime));
	}
	return ck->all_loaders ? ask_loaders(ck, refused) : 0;
}

/* -- what containerd and config.json do not read -- */

/* The first condition in the file that moby's readers know and the others do not. */
static uint32_t first_gate(const struct checking *ck)
{
	static const char *const keys[] = {"includes", "excludes", "name"};
	uint32_t map = jt_member(ck->doc, ck->top, "archMap", true);
	const struct jt_node *nodes = ck->doc->nodes;

	if (map != JT_NONE && nodes[map].n > 0)
		return map;
	if (ck->eff->syscalls_node == JT_NONE)
		return JT_NONE;
	jt_for_each (ck->doc, ck->eff->syscalls_node, rule) {
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			uint32_t node = nodes[rule].type == JT_OBJECT ?
						jt_member(ck->doc, rule, keys[i], true) :
						JT_NONE;

			if (node != JT_NONE &&
			    (nodes[node].n > 0 || (nodes[node].type == JT_STRING &&
						   !jt_string_is(ck->doc, node, ""))))
				return node;
		}
	}
	return JT_NONE;
}

/* Calls of the native architecture that are shut with the gates and open without them, and the
 * other way round. */
static int compare_readings(struct checking *ck, const struct sca_filter *gated,
			    const struct sca_filter *flat, struct check_list *opened,
			    struct check_list *closed)
{
	struct sca_proof *pf = NULL;
	struct sca_err err = SCA_ERR_INIT;
	int r = proof_compare(&pf, gated, flat, NULL, 0, ck->names, &err);

	for (size_t i = 0; pf && i < sca_proof_count(pf); i++) {
		const struct sca_change *c = sca_proof_at(pf, i);
		bool was = check_passes(&c->before), is = check_passes(&c->after);

		if (c->arch == ck->t->arch && c->syscall && was != is)
			check_list_add(is ? opened : closed, sca_str_z(c->syscall));
	}
	sca_proof_free(pf);
	return r == SCA_E_PROOF ? 0 : r;
}

void check_gates_ignored(struct checking *ck)
{
	bool flat_here = ck->t->frontend == SCA_FRONTEND_CRI ||
			 ck->t->frontend == SCA_FRONTEND_OCI;
	struct check_list opened = CHECK_LIST_INIT, closed = CHECK_LIST_INIT;
	struct sca_target t = *ck->t;
	struct sca_filter *other = NULL;
	uint32_t node = first_gate(ck);
	const char *more, *less;
	size_t n_more, n_less;

	if (node == JT_NONE || (!flat_here && !ck->all_loaders))
		return;
	t.frontend = flat_here ? SCA_FRONTEND_DOCKER : SCA_FRONTEND_CRI;
	if (sca_filter_compile(&other, ck->p, &t, ck->names, NULL) < 0)
		return; /* told by the loaders */
	ck->failed |= compare_readings(ck, flat_here ? other : ck->filter,
				       flat_here ? ck->filter : other, &opened, &closed) ==
		      -ENOMEM;
	n_more = opened.n;
	n_less = closed.n;
	more = check_list_end(ck, &opened);
	less = check_list_end(ck, &closed);
	check_add_as(
		ck, CHECK_GATES_IGNORED, flat_here ? SCA_SEVERITY_WARNING : SCA_SEVERITY_NOTE,
		node,
		check_text(ck, "%s does not read includes, excludes, archMap and name",
			   flat_here ? sca_frontend_name(ck->t->frontend) :
				       "containerd (Kubernetes)"),
		check_text(ck,
			   "Every rule applies there, whatever its conditions say, and the native "
			   "architecture is the only one%s%s%s%s%s%s.",
			   ck->eff->n_archs > 1 || flat_here ? "" : ", as here",
			   n_more ? "; it opens " : "", more ? more : "",
			   n_less ? "; it closes " : "", less ? less : "",
			   n_more || n_less ? " against Docker's reading" : ""),
		"For containerd write a profile in OCI form: architectures instead of archMap, and "
		"only the rules that are meant.");
	sca_filter_free(other);
}
