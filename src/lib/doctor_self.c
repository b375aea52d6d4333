/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this process may use here: sources, ways to attribute, namespaces; and the runtimes that its
 * caller found. The product's own functions are asked, so the answers are theirs.
 */
#include "doctor_int.h"

#include <sys/stat.h>

#include <scaudit/source.h>

#include "tracker_int.h"

/* Inodes of initial namespaces are part of the kernel's interface; the network's since 6.18. */
#define INIT_NET  0xeffffff9u
#define INIT_USER 0xeffffffdu

static int read_source(struct sca_doctor *d, const char *spec, bool follow, const char *root)
{
	struct source_fact *s = &d->f.sources[d->f.n_sources];
	const struct sca_follow how = {.backlog = false};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_source *src = NULL;
	char text[512];
	int r = follow ? sca_source_follow(&src, spec, root, NULL, &how, &err)
		       : sca_source_open(&src, spec, root, NULL, &err);

	sca_source_free(src);
	if (r == -ENOMEM)
		return r;
	*s = (struct source_fact){.spec = spec, .usable = r == 0, .absent = r == -ENOENT};
	d->f.n_sources++;
	if (r == 0)
		return 0;
	sca_err_format(&err, text, sizeof(text));
	s->why = arena_dup(&d->arena, sca_str_z(text));
	return s->why ? 0 : -ENOMEM;
}

static int read_levels(struct sca_doctor *d)
{
	struct sca_containers *cs = NULL;
	struct sca_tracker *t = NULL;
	int r = sca_containers_new(&cs, NULL, NULL);

	if (r == 0)
		r = sca_tracker_new(&t, cs, 0, NULL);
	d->f.levels_known = r == 0;
	for (unsigned i = 0; r == 0 && i < SCA_TRACK_COUNT; i++) {
		const char *why = NULL;

		if (sca_tracker_level(t, (enum sca_track)i, &why))
			continue;
		d->f.levels[i] = arena_dup(&d->arena, sca_str_z(why ? why : "not possible here"));
		r = d->f.levels[i] ? 0 : -ENOMEM;
	}
	sca_tracker_free(t);
	sca_containers_free(cs);
	return r == -ENOMEM ? r : 0;
}

static enum fact is_inode(const char *path, ino_t inode)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return FACT_UNKNOWN;
	return st.st_ino == inode ? FACT_YES : FACT_NO;
}

/* Before 6.18 the initial network has no number of its own: then it is that of process 1. */
static enum fact initial_net(enum fact init_pid)
{
	enum fact known = is_inode("/proc/self/ns/net", INIT_NET);
	struct stat own, first;

	if (known == FACT_YES)
		return known;
	if (init_pid != FACT_YES || stat("/proc/self/ns/net", &own) < 0 ||
	    stat("/proc/1/ns/net", &first) < 0)
		return FACT_UNKNOWN;
	return own.st_ino == first.st_ino ? FACT_YES : FACT_NO;
}

int doctor_read_self(struct sca_doctor *d, const char *root)
{
	struct doctor_facts *f = &d->f;
	int r = read_source(d, "audit", false, root);

	if (r == 0)
		r = read_source(d, "journal", false, root);
	if (r == 0 && f->live)
		r = read_source(d, "kmsg", false, root);
	if (r < 0 || !f->live)
		return r;
	r = read_source(d, "netlink", true, root);
	if (r == 0)
		r = read_levels(d);
	f->init_pid = tracker_initial_pids() ? FACT_YES : FACT_NO;
	f->init_net = initial_net(f->init_pid);
	f->init_user = is_inode("/proc/self/ns/user", INIT_USER);
	return r;
}

/* -- runtimes -- */

int doctor_read_runtimes(struct sca_doctor *d, const struct sca_doctor_options *o)
{
	for (size_t i = 0; i < o->n_runtimes && i < DOCTOR_RUNTIMES_MAX; i++) {
		struct runtime_fact *r = &d->f.runtimes[d->f.n_runtimes];
		const char *base = strrchr(o->runtimes[i].path, '/');
		struct sca_target t;

		r->runtime = strcmp(base ? base + 1 : o->runtimes[i].path, "crun") == 0
				     ? SCA_RUNTIME_CRUN
				     : SCA_RUNTIME_RUNC;
		r->path = arena_dup(&d->arena, sca_str_z(o->runtimes[i].path));
		if (!r->path)
			return -ENOMEM;
		sca_target_init(&t, SCA_FRONTEND_OCI);
		r->known = o->runtimes[i].word &&
			   sca_target_set_runtime(&t, sca_str_z(o->runtimes[i].word), NULL) == 0;
		if (r->known) {
			r->runtime = t.runtime;
			memcpy(r->version, t.version, sizeof(r->version));
		}
		d->f.n_runtimes++;
	}
	return 0;
}
