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

/* Loaders have words of their own for the same thing in the same place. */
static bool same_refusal(const struct sca_err *a, const struct sca_err *b)
{
	return a->line == b->line && a->column == b->column;
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
	size_t n = strlen(err->text);
	bool ends = n && err->text[n - 1] == '.';

	check_add(ck, id, node,
		  err->code == SCA_E_REFUSED ?
			  check_text(ck, "%s: refused", who) :
			  check_text(ck, "%s: can not be compiled here", who),
		  check_text(ck, "%s%s", err->text, ends ? "" : "."), "");
}

/* Whether another front end takes it; the same reason is told once. */
static int ask_loaders(struct checking *ck)
{
	struct refusal all[ARRAY_SIZE(loaders)];
	size_t n = 0, asked = 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(loaders) && r == 0; i++) {
		struct sca_err err = SCA_ERR_INIT;
		struct sca_filter *f = NULL;
		struct sca_target t;
		size_t k;

		loader_target(ck, &loaders[i], &t);
		if (t.frontend == ck->t->frontend && t.runtime == ck->t->runtime &&
		    memcmp(t.version, ck->t->version, sizeof(t.version)) == 0)
			continue; /* the target itself */
		asked++;
		r = sca_filter_compile(&f, ck->p, &t, ck->names, &err);
		sca_filter_free(f);
		if (r > -4096)
			continue; /* taken, or out of memory */
		r = 0;
		for (k = 0; k < n && !same_refusal(&all[k].err, &err);)
			k++;
		if (k == n)
			all[n++] = (struct refusal){err, CHECK_LIST_INIT};
		add_who(&all[k], &t);
	}
	for (size_t k = 0; k < n; k++) {
		bool everybody = all[k].who.n == asked;
		const char *who = check_list_end(ck, &all[k].who);

		add_refusal(ck, CHECK_REFUSED_ELSEWHERE, &all[k].err,
			    everybody ? "every other loader" : who);
	}
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
	return ck->opt.all_loaders ? ask_loaders(ck) : 0;
}

/* -- what containerd and config.json do not read -- */

/* What the file has of it: the first place, and whether that are rules with "name" only. */
struct gates {
	uint32_t first;
	bool names, others;
};

static void note_gate(const struct checking *ck, struct gates *g, uint32_t object, const char *key,
		      bool *kind)
{
	const struct jt_node *nodes = ck->doc->nodes;
	uint32_t node = nodes[object].type == JT_OBJECT ? jt_member(ck->doc, object, key, true) :
							  JT_NONE;

	if (node == JT_NONE ||
	    (nodes[node].n == 0 &&
	     (nodes[node].type != JT_STRING || jt_string_is(ck->doc, node, ""))))
		return;
	*kind = true;
	if (g->first == JT_NONE)
		g->first = node;
}

static struct gates find_gates(const struct checking *ck)
{
	struct gates g = {.first = JT_NONE};

	note_gate(ck, &g, ck->top, "archMap", &g.others);
	if (ck->eff->syscalls_node == JT_NONE)
		return g;
	jt_for_each (ck->doc, ck->eff->syscalls_node, rule) {
		note_gate(ck, &g, rule, "includes", &g.others);
		note_gate(ck, &g, rule, "excludes", &g.others);
		note_gate(ck, &g, rule, "name", &g.names);
	}
	return g;
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

/* " It opens a, b, which Docker denies." */
static const char *clause(struct checking *ck, const char *it, struct check_list *l,
			  const char *docker)
{
	size_t n = l->n;
	const char *names = check_list_end(ck, l);

	return n ? check_text(ck, " It %s %s, which Docker %s.", it, names ? names : "", docker) :
		   "";
}

void check_gates_ignored(struct checking *ck)
{
	bool flat_here = ck->t->frontend == SCA_FRONTEND_CRI ||
			 ck->t->frontend == SCA_FRONTEND_OCI;
	struct check_list opened = CHECK_LIST_INIT, closed = CHECK_LIST_INIT;
	struct gates g = find_gates(ck);
	struct sca_target t = *ck->t;
	struct sca_filter *other = NULL;
	const char *more, *less;
	int r;

	if (g.first == JT_NONE || (!flat_here && !ck->opt.all_loaders))
		return;
	t.frontend = flat_here ? SCA_FRONTEND_DOCKER : SCA_FRONTEND_CRI;
	r = sca_filter_compile(&other, ck->p, &t, ck->names, NULL);
	ck->failed |= r == -ENOMEM;
	if (r < 0)
		return; /* told by the loaders */
	ck->failed |= compare_readings(ck, flat_here ? other : ck->filter,
				       flat_here ? ck->filter : other, &opened, &closed) ==
		      -ENOMEM;
	more = clause(ck, "opens", &opened, "denies");
	less = clause(ck, "denies", &closed, "opens");
	check_add_as(
		ck, CHECK_GATES_IGNORED, flat_here ? SCA_SEVERITY_WARNING : SCA_SEVERITY_NOTE,
		g.first,
		check_text(ck, "%s does not read %s%s%s",
			   flat_here ? sca_frontend_name(ck->t->frontend) :
				       "containerd (Kubernetes)",
			   g.others ? "includes, excludes and archMap" : "",
			   g.others && g.names ? ", nor " : "", g.names ? "name" : ""),
		check_text(ck, "%s%s%s%s",
			   g.others ? "Every rule applies there, whatever its conditions say, and "
				      "archMap adds no architecture." :
				      "",
			   g.names && g.others ? " A rule with name instead of names holds for nothing "
						 "there." :
			   g.names ? "A rule with name instead of names holds for nothing there." :
				     "",
			   more ? more : "", less ? less : ""),
		"For containerd write a profile in OCI form: architectures instead of archMap, "
		"names instead of name, and only the rules that are meant.");
	sca_filter_free(other);
}
