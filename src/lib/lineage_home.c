/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroups that processes are in, and whose they are. */
#include "lineage.h"

static void home_free(struct lineage_home *home)
{
	kept_release(&home->kept);
	free(home);
}

void homes_release(struct homes *hs)
{
	for (size_t i = 0; i < HOME_BUCKETS; i++)
		while (hs->buckets[i]) {
			struct lineage_home *home = hs->buckets[i];

			hs->buckets[i] = home->next;
			home_free(home);
		}
}

void home_put(struct homes *hs, struct lineage_home *home)
{
	struct lineage_home **at;

	if (!home || --home->refs)
		return;
	at = &hs->buckets[home->hash % HOME_BUCKETS];
	while (*at != home)
		at = &(*at)->next;
	*at = home->next;
	home_free(home);
}

int home_get(struct homes *hs, struct sca_str text, struct lineage_home **ret,
		    struct sca_err *err)
{
	uint64_t hash = hash_more(0, text.p, text.n);
	struct lineage_home **at = &hs->buckets[hash % HOME_BUCKETS], *home = *at;

	while (home && !(home->hash == hash && home->n == text.n &&
			 memcmp(home->text, text.p, text.n) == 0))
		home = home->next;
	if (!home) {
		home = calloc(1, sizeof(*home) + text.n);
		if (!home)
			return sca_fail_errno(err, ENOMEM, "cannot remember a cgroup");
		home->hash = hash;
		home->n = text.n;
		memcpy(home->text, text.p, text.n);
		home->next = *at;
		*at = home;
	}
	home->refs++;
	*ret = home;
	return 0;
}

/* What was known stays when nobody knows it any more: the records of a container may come behind
 * its end. */
int home_ask(struct homes *hs, struct lineage_home *home, bool anew, struct sca_err *err)
{
	struct sca_container_ref ref;
	int r;

	containers_begin(hs->cs);
	hs->cs->anew = anew;
	r = container_by_cgroups(hs->cs, (struct sca_str){home->text, home->n}, &home->all_root,
				 &home->conflict, &ref, err);
	hs->cs->anew = false;
	home->news = hs->cs->news;
	home->until_ms = hs->cs->now_ms + STATE_MISSING_MS;
	if (r < 0)
		return r;
	if (ref.id.n == 0 && ref.unit.n == 0)
		return 0;
	if (home->kept.ref.name.n && ref.name.n == 0 && str_eq(home->kept.ref.id, ref.id))
		return 0;
	if (!kept_set(&home->kept, &ref))
		return sca_fail_errno(err, ENOMEM, "cannot remember a container");
	return 0;
}

int home_refresh(struct homes *hs, struct lineage_home *home, struct sca_err *err)
{
	if (home->kept.ref.name.n || (home->news == hs->cs->news &&
				      lineage_now(CLOCK_MONOTONIC) / 1000000 < home->until_ms))
		return 0;
	return home_ask(hs, home, false, err);
}
