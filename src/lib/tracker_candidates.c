/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The level "candidates": the containers that ran at the record's time and have its program. No
 * single one is named, not even where there is one only: a process of the host may have a path
 * that a container has, too.
 */
#include "inits.h"

#include <fcntl.h>

#include <scaudit/record.h>

#define LOOKED_MAX 256u  /* roots looked into for one record */
#define NAMED_MAX  4u
#define SLOTS      16u
#define KEEP_MS    1000  /* a flood of records of one program looks once */

/* What was found for a program. */
struct slot {
	uint64_t hash; /* of the path */
	uint64_t news; /* of the containers */
	int64_t time_ms;
	bool used;
	struct buf text; /* empty: no container has it */
};

struct candidates {
	struct slot slots[SLOTS];
};

static int candidates_open(struct sca_tracker *t, void **ret, struct buf *why,
			   struct sca_err *err)
{
	struct candidates *c;

	if (!t->level[SCA_TRACK_INIT].state) {
		buf_add_z(why, "it asks the level init, which is not there");
		return 0;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return sca_fail_errno(err, ENOMEM, "cannot follow processes");
	*ret = c;
	return 0;
}

static void candidates_close(void *level)
{
	struct candidates *c = level;

	for (size_t i = 0; i < SLOTS; i++)
		buf_release(&c->slots[i].text);
	free(c);
}

/* Links in a container's root lead to places in it. */
static bool has_program(const struct sca_containers *cs, const struct init *in, const char *exe)
{
	_cleanup_close_ int root = -1, fd = -1;

	if (in->rootfs.n == 0)
		return false;
	root = root_open(cs->root, in->rootfs.p, O_PATH | O_DIRECTORY);
	if (root < 0)
		return false;
	fd = root_open(root, exe, O_PATH);
	return fd >= 0;
}

static int look(struct sca_tracker *t, const char *exe, int64_t time_ms, struct buf *text,
		struct sca_err *err)
{
	uint64_t at = lineage_clock(time_ms);
	unsigned found = 0, looked = 0;
	const struct init *in;

	buf_reset(text);
	for (size_t i = 0; looked < LOOKED_MAX && (in = inits_at(t, i)); i++) {
		const struct sca_container_ref *ref = &in->kept.ref;

		if (!init_alive(in, at))
			continue;
		looked++;
		if (!has_program(t->cs, in, exe))
			continue;
		if (found++ < NAMED_MAX) {
			buf_add_z(text, found > 1 ? ", " : "");
			buf_add_str(text, ref->name.n ? ref->name : ref->id);
		}
	}
	if (found > NAMED_MAX)
		buf_addf(text, " and %u more", found - NAMED_MAX);
	return text->failed ? sca_fail_errno(err, ENOMEM, "cannot list containers") : 0;
}

static int candidates_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
			   struct sca_container_ref *ret, struct sca_err *err)
{
	struct candidates *c = level;
	struct slot *slot;
	uint64_t hash;
	char exe[4096];
	int r;

	if (!(rec->have & SCA_F_TIME) || !(rec->have & SCA_F_EXE) || rec->exe.n == 0 ||
	    rec->exe.n >= sizeof(exe) || rec->exe.p[0] != '/' ||
	    memchr(rec->exe.p, '\0', rec->exe.n))
		return 0;
	memcpy(exe, rec->exe.p, rec->exe.n);
	exe[rec->exe.n] = '\0';
	hash = hash_more(0, exe, rec->exe.n);
	slot = &c->slots[hash % SLOTS];
	if (!slot->used || slot->hash != hash || slot->news != t->cs->news ||
	    rec->time_ms < slot->time_ms || rec->time_ms - slot->time_ms > KEEP_MS) {
		slot->used = false;
		r = look(t, exe, rec->time_ms, &slot->text, err);
		if (r < 0)
			return r;
		slot->used = true;
		slot->hash = hash;
		slot->news = t->cs->news;
		slot->time_ms = rec->time_ms;
	}
	if (slot->text.n == 0)
		return 0;
	*ret = (struct sca_container_ref){
		.sure = SCA_STR("candidates"), .candidates = buf_str(&slot->text),
	};
	return 1;
}

const struct level_ops level_candidates = {
	.via = "candidates",
	.open = candidates_open,
	.find = candidates_find,
	.close = candidates_close,
};
