/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of minijail and systemd. An input's first byte says which one, and whether its profile
 * is written as a policy again. Aborts when a failure has no place, when what a policy becomes is
 * no profile, when a name's place in the policy is another word, or when a policy that was written
 * lets a call through that the profile denies.
 */
#include "fuzz.h"

#include "held_int.h"
#include "policy_int.h"
#include "probe.h"
#include "proof_int.h"

static struct sca_names *names;

/* A filter that needs a child to be tried counts as one that does not end. */
int probe_run(void (*f)(void *arg) _unused_, void *arg _unused_, unsigned seconds _unused_)
{
	return SCA_E_LIMIT;
}

static void check_places(struct sca_str text, enum sca_policy kind, const struct policy *pl)
{
	uint32_t last = 0;

	must(pl->n_from % 2 == 0, "places come in pairs");
	for (size_t i = 0; i < pl->n_from; i += 2) {
		struct sca_str name = {pl->json.p + pl->from[i] + 1, 0};

		must(pl->from[i] < pl->json.n && pl->from[i + 1] < text.n, "a place is in both");
		must(pl->from[i] >= last, "places are in order");
		last = pl->from[i];
		name.n = (size_t)((char *)memchr(name.p, '"', pl->json.n - pl->from[i] - 1) -
				  name.p);
		must(policy_is_name(name), "a name");
		/* systemd's groups, and lists of all that is allowed, stand for names */
		must(kind == SCA_POLICY_SYSTEMD ||
			     (text.n - pl->from[i + 1] >= name.n &&
			      memcmp(text.p + pl->from[i + 1], name.p, name.n) == 0),
		     "a name stands where it is said to");
	}
}

static bool denies(const struct sca_verdict *v)
{
	return sca_action_denies(v->action);
}

/* What a written policy allows is allowed. Minijail's are for the first architecture only. */
static void check_written(const struct sca_profile *p, const struct sca_filter *f,
			  enum sca_policy kind)
{
	char *text = NULL, *notes = NULL, *json = NULL, *more = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_target t = f->target;
	struct sca_profile *q = NULL;
	struct sca_filter *g = NULL;
	struct sca_proof *pf = NULL;
	int r = sca_policy_write(&text, &notes, p, &t, kind, names, &err);

	must(r == 0 || err.text[0], "a failure says why");
	if (r < 0)
		return;
	r = sca_policy_read(&json, &more, sca_str_z(text), kind, &err);
	must(r == 0, err.text);
	must(sca_profile_load_mem(&q, sca_str_z(json), "again", &err) == 0, err.text);
	t.frontend = SCA_FRONTEND_OCI;
	t.runtime = SCA_RUNTIME_CRUN;
	r = sca_filter_compile(&g, q, &t, names, &err);
	must(r == 0 || r == SCA_E_REFUSED, "it loads, or is too large");
	if (r == 0 && sca_held_compare(&pf, f, g, names, &err) == 0)
		for (size_t i = 0; i < sca_proof_count(pf); i++) {
			const struct sca_change *c = sca_proof_at(pf, i);

			must(!denies(&c->before) || denies(&c->after) ||
				     (kind == SCA_POLICY_MINIJAIL && c->arch != f->info.archs[0]),
			     "nothing more is allowed");
		}
	sca_proof_free(pf);
	sca_filter_free(g);
	sca_profile_free(q);
	free(json);
	free(more);
	free(text);
	free(notes);
}

static void check_profile(struct sca_str json, uint8_t flags)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct sca_filter *f = NULL;
	struct sca_target t;
	int r;

	must(sca_profile_load_mem(&p, json, "policy", &err) == 0, "a policy is a profile");
	sca_target_init(&t, SCA_FRONTEND_OCI);
	must(sca_target_set_arch(&t, SCA_STR("x86_64"), NULL) == 0 &&
		     sca_target_set_runtime(&t, flags & 4 ? SCA_STR("runc:1.3.0") :
							    SCA_STR("crun:1.14.0"), NULL) == 0,
	     "a target");
	r = sca_filter_compile(&f, p, &t, names, &err);
	must(r == 0 || r == SCA_E_REFUSED || r == SCA_E_LIMIT, "a policy's profile loads");
	if (r == 0 && !f->info.disabled)
		check_written(p, f, flags & 8 ? SCA_POLICY_MINIJAIL : SCA_POLICY_SYSTEMD);
	sca_filter_free(f);
	sca_profile_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, data + n};
	uint8_t flags = input_byte(&in);
	struct sca_str text = {(const char *)in.p, (size_t)(in.end - in.p)};
	struct sca_err err = SCA_ERR_INIT;
	enum sca_policy guess, kind = flags & 1 ? SCA_POLICY_MINIJAIL : SCA_POLICY_SYSTEMD;
	struct policy pl;
	int r;

	must(names || sca_names_new(&names, NULL) == 0, "memory");
	must(!sca_policy_guess(text, &guess) || text.n, "nothing is no policy");
	r = policy_make(&pl, text, kind, &err);
	if (r < 0) {
		must(r <= SCA_E_SYNTAX || r == -ENOMEM, "a code");
		must(err.code == r && err.text[0] && err.line > 0 && err.column > 0, "a place");
	} else {
		check_places(text, kind, &pl);
		check_profile(buf_str(&pl.json), flags);
	}
	policy_release(&pl);
	return 0;
}
