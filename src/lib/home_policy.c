/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of other sandboxes (policy.h). The profile is made from one, so its text stands apart;
 * places are those of the call's name in the policy.
 */
#include "home.h"
#include "policy_int.h"

/* home->of: pairs of offsets, in the profile and in the policy, ascending; home->end of them. */
static size_t policy_offset(const struct jt_home *home, const struct jt_doc *doc, uint32_t node)
{
	const struct home *h = (const struct home *)home;
	size_t lo = 0, hi = h->end;
	const struct jt_node *n = &doc->nodes[node];

	/* A rule stands where its first name does. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->of[2 * mid] < n->start)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < h->end && h->of[2 * lo] < n->end)
		return h->of[2 * lo + 1];
	return lo ? h->of[2 * lo - 1] : 0;
}

/* Lines to one. */
static void add_notes(struct buf *note, struct sca_str lines)
{
	struct sca_str line;

	while (str_cut(&lines, '\n', &line))
		if (line.n) {
			buf_add_z(note, note->n ? "; " : "");
			buf_add_str(note, line);
		}
}

int home_open_policy(struct sca_profile *p, enum sca_policy kind, struct sca_err *err)
{
	struct home *h = home_new(p, kind == SCA_POLICY_SYSTEMD ? SCA_HOME_SYSTEMD :
								   SCA_HOME_MINIJAIL, "");
	struct policy pl;
	int r;

	if (!h)
		return sca_fail(err, -ENOMEM, "out of memory");
	r = policy_make(&pl, buf_str(&p->text), kind, err);
	if (r == 0) {
		h->jt.offset = policy_offset;
		h->of = steal(&pl.from);
		h->end = pl.n_from / 2;
		h->outer = p->text;
		p->text = pl.json;
		pl.json = (struct buf)BUF_INIT;
		add_notes(&h->note, buf_str(&pl.notes));
		r = h->note.failed ? sca_fail(err, -ENOMEM, "out of memory") :
				     jt_parse(&p->doc, buf_str(&p->text), err);
	}
	policy_release(&pl);
	return r;
}
