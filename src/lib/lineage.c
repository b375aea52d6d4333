/* SPDX-License-Identifier: Apache-2.0 */
#include "lineage.h"
#include "starter.h"

#include <dirent.h>
#include <fcntl.h>

#define BUCKETS      65536u
#define NOBODY       UINT32_MAX

struct list {
	uint32_t oldest, newest;
};

struct lineage {
	struct sca_containers *cs;
	size_t max;
	struct lineage_life *lives;
	size_t n, cap;
	uint32_t unused; /* linked by `next` */
	struct list running, ended;
	uint32_t epoch; /* times that events were lost */
	uint64_t lost, evicted;
	struct buf text; /* of the last /proc/PID/cgroup */
	struct homes homes;
	uint32_t buckets[BUCKETS];
};

int lineage_new(struct lineage **ret, struct sca_containers *cs, size_t max, struct sca_err *err)
{
	struct lineage *l = calloc(1, sizeof(*l));

	if (!l)
		return sca_fail_errno(err, ENOMEM, "cannot follow processes");
	l->cs = l->homes.cs = cs;
	l->max = max;
	l->unused = NOBODY;
	l->running = l->ended = (struct list){NOBODY, NOBODY};
	for (size_t i = 0; i < BUCKETS; i++)
		l->buckets[i] = NOBODY;
	*ret = l;
	return 0;
}

struct lineage *lineage_free(struct lineage *l)
{
	if (!l)
		return NULL;
	for (size_t i = 0; i < l->n; i++)
		free(l->lives[i].cmdline);
	homes_release(&l->homes);
	buf_release(&l->text);
	free(l->lives);
	free(l);
	return NULL;
}

void lineage_stats(const struct lineage *l, struct sca_tracker_stats *add)
{
	add->lost += l->lost;
	add->evicted += l->evicted;
}

void lineage_lost(struct lineage *l, uint64_t n)
{
	l->lost += n;
	l->epoch++;
}

/* -- lives -- */

static uint32_t *bucket_of(struct lineage *l, uint32_t pid)
{
	return &l->buckets[pid % BUCKETS];
}

static uint32_t newest_of(const struct lineage *l, uint32_t pid)
{
	uint32_t i = l->buckets[pid % BUCKETS];

	while (i != NOBODY && l->lives[i].pid != pid)
		i = l->lives[i].next;
	return i;
}

static struct list *list_of(struct lineage *l, const struct lineage_life *life)
{
	return life->died_ns == LINEAGE_ALIVE ? &l->running : &l->ended;
}

static void list_add(struct lineage *l, uint32_t i)
{
	struct lineage_life *life = &l->lives[i];
	struct list *list = list_of(l, life);

	life->older = list->newest;
	life->newer = NOBODY;
	*(list->newest == NOBODY ? &list->oldest : &l->lives[list->newest].newer) = i;
	list->newest = i;
}

static void list_remove(struct lineage *l, uint32_t i)
{
	const struct lineage_life *life = &l->lives[i];
	struct list *list = list_of(l, life);

	*(life->older == NOBODY ? &list->oldest : &l->lives[life->older].newer) = life->newer;
	*(life->newer == NOBODY ? &list->newest : &l->lives[life->newer].older) = life->older;
}

static void life_end(struct lineage *l, uint32_t i, uint64_t at_ns)
{
	list_remove(l, i);
	l->lives[i].died_ns = at_ns;
	list_add(l, i);
}

static void life_drop(struct lineage *l, uint32_t i)
{
	struct lineage_life *life = &l->lives[i];
	uint32_t *at = bucket_of(l, life->pid);

	while (*at != i)
		at = &l->lives[*at].next;
	*at = life->next;
	list_remove(l, i);
	home_put(&l->homes, life->home);
	free(steal(&life->cmdline));
	life->next = l->unused;
	l->unused = i;
}

/* Takes the reference to `home` and the command line, also on failure. */
static int life_add(struct lineage *l, const struct lineage_life *from, uint32_t *ret,
		    struct sca_err *err)
{
	uint32_t i, *at;

	if (l->unused == NOBODY && l->n == l->max) {
		life_drop(l, l->ended.oldest != NOBODY ? l->ended.oldest : l->running.oldest);
		l->evicted++;
	}
	if (l->unused == NOBODY && !vec_grow(&l->lives, &l->cap, l->n)) {
		home_put(&l->homes, from->home);
		free(from->cmdline);
		return sca_fail_errno(err, ENOMEM, "cannot remember a process");
	}
	i = l->unused;
	if (i == NOBODY)
		i = (uint32_t)l->n++;
	else
		l->unused = l->lives[i].next;
	l->lives[i] = *from;
	at = bucket_of(l, from->pid);
	l->lives[i].next = *at;
	*at = i;
	list_add(l, i);
	*ret = i;
	return 0;
}

const struct lineage_life *lineage_newest(const struct lineage *l, uint32_t pid, bool *ret_only)
{
	uint32_t i = newest_of(l, pid), k;

	if (i == NOBODY)
		return NULL;
	for (k = l->lives[i].next; k != NOBODY && l->lives[k].pid != pid;)
		k = l->lives[k].next;
	*ret_only = k == NOBODY;
	return &l->lives[i];
}

enum lineage_match lineage_at(const struct lineage *l, uint32_t pid, uint64_t at_ns,
			      const struct lineage_life **ret)
{
	enum lineage_match match = LINEAGE_NONE;
	const struct lineage_life *near = NULL;
	unsigned nears = 0;

	for (uint32_t i = newest_of(l, pid); i != NOBODY; i = l->lives[i].next) {
		const struct lineage_life *life = &l->lives[i];

		if (life->pid != pid)
			continue;
		match = LINEAGE_OTHER;
		if (life->born_ns <= at_ns && at_ns <= life->died_ns) {
			*ret = life;
			return LINEAGE_FOUND;
		}
		if (life->born_ns <= lineage_later(at_ns, LINEAGE_SLACK_NS) &&
		    at_ns <= lineage_later(life->died_ns, LINEAGE_SLACK_NS)) {
			near = life;
			nears++;
		}
	}
	if (nears != 1) /* of two it may be either */
		return match;
	*ret = near;
	return LINEAGE_FOUND;
}

/* -- events -- */

/* 1 with the text in l->text, 0 when it is gone or may not be read. */
static int read_home(struct lineage *l, uint32_t pid, struct task_stat *st, struct sca_err *err)
{
	int r;

	buf_reset(&l->text);
	r = process_read(l->cs, pid, &l->text, st, NULL, err);
	return r == -ENOMEM || r > 0 ? r : 0;
}

/* A process that /proc told of. Takes the reference to `home`. */
static void settle(struct lineage *l, uint32_t i, struct lineage_home *home)
{
	struct lineage_life *life = &l->lives[i];

	home_put(&l->homes, life->home);
	life->home = home;
	life->own = true;
	life->broken = life->strayed = false;
	life->epoch = l->epoch;
}

/* Who starts containers may be gone when it is asked what for. */
static int keep_cmdline(struct lineage *l, struct lineage_life *life, const struct task_stat *st,
			struct sca_err *err)
{
	const struct lineage_home *home = life->home;
	int r;

	free(steal(&life->cmdline));
	if (!starter_comm(sca_str_z(st->comm)) || home->kept.ref.id.n)
		return 0;
	buf_reset(&l->text);
	r = starter_read(l->cs, life->pid, st, (struct sca_str){home->text, home->n}, &l->text,
			 err);
	if (r <= 0)
		return r;
	life->cmdline = buf_steal(&l->text, &life->cmdline_n);
	return life->cmdline ? 0 : sca_fail_errno(err, ENOMEM, "cannot remember a process");
}

static int add_read(struct lineage *l, uint32_t pid, const struct task_stat *st,
		    struct sca_err *err)
{
	struct lineage_life life = {
		.pid = pid, .ppid = st->ppid, .born_ns = lineage_start(l->cs, st->start),
		.died_ns = LINEAGE_ALIVE,
	};
	struct lineage_home *home;
	uint32_t i;
	int r = home_get(&l->homes, buf_str(&l->text), &home, err);

	if (r < 0)
		return r;
	r = life_add(l, &life, &i, err);
	if (r < 0) {
		home_put(&l->homes, home);
		return r;
	}
	settle(l, i, home);
	if (!home->kept.text)
		r = home_ask(&l->homes, home, false, err);
	return r < 0 ? r : keep_cmdline(l, &l->lives[i], st, err);
}

/* Whether two cgroups are the same container's, or the same unit's. */
static bool same_place(const struct lineage_home *a, const struct lineage_home *b)
{
	if (a->kept.ref.id.n || b->kept.ref.id.n)
		return str_eq(a->kept.ref.id, b->kept.ref.id);
	return str_eq(a->kept.ref.unit, b->kept.ref.unit);
}

/* The life of the parent when its child was born. The thread that leads it may have ended. */
static uint32_t parent_of(const struct lineage *l, uint32_t pid, uint64_t born_ns)
{
	uint32_t i = newest_of(l, pid);

	while (i != NOBODY && (l->lives[i].pid != pid ||
			       l->lives[i].born_ns > lineage_later(born_ns, LINEAGE_BIRTH_NS)))
		i = l->lives[i].next;
	return i;
}

static int on_fork(struct lineage *l, const struct lineage_event *ev, struct sca_err *err)
{
	struct lineage_life life = {
		.pid = ev->tgid, .ppid = ev->parent, .born_ns = ev->at_ns,
		.died_ns = LINEAGE_ALIVE, .broken = true, .epoch = l->epoch,
	};
	uint32_t i = newest_of(l, ev->tgid), parent = parent_of(l, ev->parent, ev->at_ns);
	struct task_stat st;
	int r;

	if (i != NOBODY && lineage_same_birth(l->lives[i].born_ns, ev->at_ns)) { /* read before */
		l->lives[i].born_ns = ev->at_ns;
		l->lives[i].ppid = ev->parent;
		return 0;
	}
	if (i != NOBODY && l->lives[i].born_ns > ev->at_ns) /* another one's, since ended */
		return 0;
	if (i != NOBODY && l->lives[i].died_ns == LINEAGE_ALIVE) /* its end was lost */
		life_end(l, i, ev->at_ns);
	if (parent == NOBODY) {
		r = read_home(l, ev->tgid, &st, err);
		if (r > 0 && lineage_same_birth(lineage_start(l->cs, st.start), ev->at_ns))
			return add_read(l, ev->tgid, &st, err);
		return r < 0 ? r : life_add(l, &life, &i, err);
	}
	life.home = l->lives[parent].home;
	life.broken = l->lives[parent].broken ||
		      lineage_later(l->lives[parent].died_ns, LINEAGE_BIRTH_NS) < ev->at_ns;
	life.strayed = l->lives[parent].strayed || l->lives[parent].scatters;
	life.epoch = l->lives[parent].epoch;
	if (l->lives[parent].cmdline) {
		life.cmdline_n = l->lives[parent].cmdline_n;
		life.cmdline = malloc(life.cmdline_n + 1);
		if (!life.cmdline)
			return sca_fail_errno(err, ENOMEM, "cannot remember a process");
		memcpy(life.cmdline, l->lives[parent].cmdline, life.cmdline_n + 1);
	}
	if (life.home)
		life.home->refs++;
	return life_add(l, &life, &i, err);
}

/* It is another program now, and nobody saw where. */
static void lost_sight(struct lineage_life *life)
{
	life->broken = true;
	life->own = false;
	free(steal(&life->cmdline));
}

static int on_exec(struct lineage *l, const struct lineage_event *ev, struct sca_err *err)
{
	uint32_t i = newest_of(l, ev->tgid), parent;
	struct lineage_home *home = NULL, *before;
	struct task_stat st = {0};
	int r = read_home(l, ev->tgid, &st, err);

	if (r < 0)
		return r;
	if (i == NOBODY || l->lives[i].died_ns != LINEAGE_ALIVE)
		return r > 0 ? add_read(l, ev->tgid, &st, err) : 0;
	if (r == 0 || !lineage_same_birth(lineage_start(l->cs, st.start), l->lives[i].born_ns)) {
		lost_sight(&l->lives[i]);
		return 0;
	}
	before = l->lives[i].home;
	r = home_get(&l->homes, buf_str(&l->text), &home, err);
	if (r == 0 && home != before)
		r = home_ask(&l->homes, home, true, err);
	if (r == 0 && home->all_root && before && !before->all_root) {
		/* On its way out: "/" is where such processes seem to be. */
		lost_sight(&l->lives[i]);
		home_put(&l->homes, home);
		return 0;
	}
	if (r < 0) {
		home_put(&l->homes, home);
		return r;
	}
	parent = parent_of(l, l->lives[i].ppid, l->lives[i].born_ns);
	if (parent != NOBODY && l->lives[parent].home &&
	    !same_place(home, l->lives[parent].home))
		l->lives[parent].scatters = true;
	settle(l, i, home);
	return keep_cmdline(l, &l->lives[i], &st, err);
}

/* A process ends with its last thread; until then its pid is nobody else's. */
static void on_exit_(struct lineage *l, const struct lineage_event *ev)
{
	uint32_t i = newest_of(l, ev->tgid);
	struct lineage_life *life = i == NOBODY ? NULL : &l->lives[i];

	if (!life || ev->at_ns < life->born_ns)
		return;
	if (life->died_ns != LINEAGE_ALIVE)
		life->died_ns = MAX(life->died_ns, ev->at_ns);
	else if (ev->pid == ev->tgid)
		life_end(l, i, ev->at_ns);
}

int lineage_feed(struct lineage *l, const struct lineage_event *ev, struct sca_err *err)
{
	if (ev->what == LINEAGE_EXIT)
		on_exit_(l, ev);
	else if (ev->what == LINEAGE_EXEC)
		return on_exec(l, ev, err);
	else if (ev->pid == ev->tgid)
		return on_fork(l, ev, err);
	return 0;
}

static int seed_one(struct lineage *l, uint32_t pid, uint64_t now_ns, struct sca_err *err)
{
	struct lineage_home *home;
	struct task_stat st;
	uint32_t i;
	int r = read_home(l, pid, &st, err);

	if (r <= 0)
		return r;
	i = newest_of(l, pid);
	if (i == NOBODY || l->lives[i].died_ns != LINEAGE_ALIVE)
		return add_read(l, pid, &st, err);
	if (!lineage_same_birth(lineage_start(l->cs, st.start), l->lives[i].born_ns)) {
		life_end(l, i, now_ns);
		return add_read(l, pid, &st, err);
	}
	r = home_get(&l->homes, buf_str(&l->text), &home, err);
	if (r < 0)
		return r;
	settle(l, i, home);
	return home->kept.text ? 0 : home_ask(&l->homes, home, false, err);
}

int lineage_seed(struct lineage *l, uint64_t now_ns, struct sca_err *err)
{
	int fd = root_open(l->cs->root, "proc", O_RDONLY | O_DIRECTORY), r = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	uint32_t pid, next;

	if (!dir) {
		r = fd < 0 ? -fd : errno;
		sca_close_(&fd);
		return sca_fail_errno(err, r, "cannot list processes");
	}
	while (r == 0 && (de = readdir(dir)))
		if (str_u32(sca_str_z(de->d_name), &pid) == 0)
			r = seed_one(l, pid, now_ns, err);
	closedir(dir);
	/* Who runs in the table and not in /proc has ended, and its event was lost. */
	for (uint32_t i = l->running.oldest; r == 0 && i != NOBODY; i = next) {
		next = l->lives[i].newer;
		if (l->lives[i].epoch != l->epoch)
			life_end(l, i, now_ns);
	}
	return r;
}

int lineage_answer(struct lineage *l, const struct lineage_life *life, bool runtime,
		   struct sca_container_ref *ret, struct sca_err *err)
{
	struct lineage_home *home = life->home;
	bool exact, doubt = life->broken || runtime;
	int r;

	if (!home || (life->strayed && !life->own))
		return 0;
	r = home_refresh(&l->homes, home, err);
	if (r < 0)
		return r;
	/* A container's processes stay in it; who runs a unit's may be on its way elsewhere. */
	if (home->kept.ref.id.n == 0 && (home->kept.ref.unit.n == 0 || doubt))
		return 0;
	exact = !doubt && !home->conflict && life->epoch == l->epoch &&
		(life->own || home->kept.ref.id.n) && str_is(home->kept.ref.sure, "exact");
	*ret = home->kept.ref;
	ret->via = (struct sca_str){NULL, 0};
	ret->sure = exact ? SCA_STR("exact") : SCA_STR("likely");
	return 1;
}
