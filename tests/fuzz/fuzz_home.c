/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files with a profile in them, YAML above all. An input is a file, and behind a NUL byte the
 * numbers that edits are made from. Aborts when a failure has no place or code, when a value's
 * place is outside of the file, or when edited text is not what the edits say.
 */
#include "edits.h"
#include "home.h"
#include "patch_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

static void check_places(const struct sca_profile *p)
{
	const struct home *h = p->home;

	for (uint32_t c = 0; h && c < p->doc.n; c++)
		must(h->jt.offset(&h->jt, &p->doc, c) <= h->jt.text.n, "a place is in the file");
}

static void check_patch(const struct sca_profile *p, const struct je_list *l)
{
	struct sca_profile *q = NULL, *again = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_patch *pt = NULL;
	int r = patch_from_edits(&pt, l, &err);

	must(r == 0 || r == SCA_E_CONFLICT || r == SCA_E_LIMIT, "a patch is made or refused");
	if (r < 0)
		return;
	r = sca_patch_apply(pt, p, &q, &err);
	must(r == 0 || r == SCA_E_LIMIT || r == SCA_E_SYNTAX, "a patch applies");
	sca_patch_free(pt);
	if (r < 0)
		return;
	if (sca_profile_check_text(q, NULL) == 0 && !sca_profile_apart(p)) {
		must(sca_profile_load_text(&again, sca_profile_text(q), "again", NULL) == 0,
		     "what was written is read");
		must(again->doc.n == q->doc.n, "as what it was");
		sca_profile_free(again);
	}
	sca_profile_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *nul = n ? memchr(data, 0, n) : NULL;
	struct numbers nu = {.p = nul ? nul + 1 : data + n, .end = data + n, .seed = 1};
	struct sca_str text = {(const char *)data, nul ? (size_t)(nul - data) : n};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct je_list l;

	if (n > 1 << 16)
		return 0;
	if (sca_profile_load_text(&p, text, "fuzz", &err) < 0) {
		must(err.code < -5000 && err.text[0], "a failure has a code and a text");
		return 0;
	}
	check_places(p);
	je_init(&l, &p->doc);
	make_edits(&l, &nu, 8);
	check_patch(p, &l);
	je_release(&l);
	sca_profile_free(p);
	return 0;
}
