/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <limits.h>
#include <sys/utsname.h>
#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) HASH_OAT(key, n, hash) /* the default falls through cases */
#include <uthash.h>

#include "attribute.h"

#define PATTERNS_DIR  "/etc/scaudit/containers.d"
#define PATTERNS_MAX  65536u
#define SERVICE_STATE "/var/lib/scaudit/state"
#define MAP_MAX       (64u << 20)
#define KNOWN_MAX     65536u
#define ASKED_AGAIN_MS 1000 /* for records without a time */
#define KNOWN_TEXT    10 /* spans of a reference */

/* What /proc said of a process, for a log that names it a thousand times. */
struct known {
	uint32_t pid;
	bool exact;       /* for records from `from_ms` on */
	int64_t from_ms;
	int64_t asked_ms; /* by the wall clock: later its pid may be another's */
	struct sca_container_ref ref; /* in `text` */
	UT_hash_handle hh;
	char text[];
};

struct attribution {
	struct sca_containers *cs;
	struct sca_tracker *tracker;
	struct sca_map *map;
	bool have_map, map_grew;
	bool own_root; /* --root: whose node name is not known */
	struct utsname host;
	struct known *known;
};

struct attribution *attribution_free(struct attribution *a)
{
	struct known *k, *next;

	if (!a)
		return NULL;
	HASH_ITER(hh, a->known, k, next) {
		HASH_DEL(a->known, k);
		free(k);
	}
	sca_tracker_free(a->tracker);
	sca_map_free(a->map);
	sca_containers_free(a->cs);
	free(a);
	return NULL;
}

static int is_conf(const struct dirent *de)
{
	size_t n = strlen(de->d_name);

	return de->d_name[0] != '.' && n > 5 && strcmp(de->d_name + n - 5, ".conf") == 0;
}

/* The user's own patterns, file by file in the order of their names. */
static int add_patterns(struct attribution *a, const char *root, struct sca_err *err)
{
	_cleanup_free_ char *dir = NULL;
	struct dirent **v = NULL;
	int n, r = 0;

	if (asprintf(&dir, "%s" PATTERNS_DIR, root ? root : "") < 0)
		return sca_fail(err, -ENOMEM, "no memory");
	n = scandir(dir, &v, is_conf, alphasort);
	if (n < 0 && errno == ENOMEM)
		return sca_fail(err, -ENOMEM, "no memory for the files in %s", dir);
	for (int i = 0; i < n; i++) {
		_cleanup_out_ struct out text = OUT_MEMORY;
		char path[PATH_MAX];

		if (r == 0) {
			snprintf(path, sizeof(path), "%s/%s", dir, v[i]->d_name);
			r = file_read(&text, path, PATTERNS_MAX, err);
		}
		if (r == 0)
			r = sca_containers_add_patterns(a->cs, (struct sca_str){text.p, text.n},
							path, err);
		free(v[i]);
	}
	free(v);
	return r;
}

static int read_map(struct attribution *a, const char *path, struct sca_err *err)
{
	_cleanup_out_ struct out text = OUT_MEMORY;
	int r = file_read(&text, path, MAP_MAX, err);

	if (r == 0)
		r = sca_map_read(a->map, (struct sca_str){text.p, text.n}, path, err);
	a->have_map |= r == 0;
	return r;
}

/*
 * The map that an earlier run kept beside its state; without --state the one of the service
 * (samples/systemd). One that is damaged only costs names.
 */
static int read_own_map(struct attribution *a, const struct cli *cli)
{
	_cleanup_free_ char *path = NULL;
	struct sca_err err = SCA_ERR_INIT;

	if (asprintf(&path, "%s%s.map", cli->state || !cli->root ? "" : cli->root,
		     cli->state ? cli->state : SERVICE_STATE) < 0)
		return -ENOMEM;
	if (read_map(a, path, &err) == -ENOMEM)
		return -ENOMEM;
	if (err.code && err.code != -ENOENT &&
	    (cli->state || (err.code != -EACCES && err.code != -ENOTDIR)))
		say_error(&err);
	return 0;
}

int attribution_open(struct attribution **ret, struct cli *cli, bool live, struct sca_err *err)
{
	struct attribution *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return sca_fail(err, -ENOMEM, "no memory");
	a->own_root = cli->root && strcmp(cli->root, "/") != 0;
	uname(&a->host);
	r = sca_containers_new(&a->cs, cli->root, err);
	if (r == 0)
		r = add_patterns(a, cli->root, err);
	if (r == 0)
		r = sca_map_new(&a->map, err);
	if (r == 0 && cli->map)
		r = read_map(a, cli->map, err);
	if (r == 0 && !cli->map && read_own_map(a, cli) < 0)
		r = sca_fail(err, -ENOMEM, "no memory");
	if (r == 0 && live && !a->own_root)
		r = sca_tracker_new(&a->tracker, a->cs, 0, err);
	if (r < 0)
		attribution_free(a);
	else
		*ret = a;
	return r;
}

struct sca_containers *attribution_containers(struct attribution *a)
{
	return a->cs;
}

int attribution_fd(const struct attribution *a)
{
	return a->tracker ? sca_tracker_fd(a->tracker) : -1;
}

int attribution_dispatch(struct attribution *a, struct sca_err *err)
{
	return a->tracker ? sca_tracker_dispatch(a->tracker, err) : 0;
}

bool attribution_live(const struct attribution *a, bool *ret_bpf)
{
	const char *why;

	*ret_bpf = a && a->tracker && sca_tracker_level(a->tracker, SCA_TRACK_BPF, &why);
	return a && a->tracker;
}

void attribution_say(const struct attribution *a)
{
	const char *why = NULL, *lineage = NULL;

	if (!a->tracker || sca_tracker_level(a->tracker, SCA_TRACK_BPF, &why))
		return;
	if (sca_tracker_level(a->tracker, SCA_TRACK_LINEAGE, &lineage))
		say("containers of processes that die at once come from the process connector "
		    "only: %s", why ? why : "no BPF");
	else
		say("containers of processes that die at once stay unknown: %s; %s",
		    why ? why : "no BPF", lineage ? lineage : "no process connector");
}

/* -- a log read afterwards: /proc, asked once for a process -- */

static struct sca_str *ref_field(struct sca_container_ref *c, size_t i)
{
	struct sca_str *const fields[KNOWN_TEXT] = {
		&c->id, &c->engine, &c->name, &c->image, &c->pod,
		&c->ns, &c->pod_uid, &c->unit, &c->via, &c->sure,
	};

	return fields[i];
}

static void forget_all(struct attribution *a)
{
	struct known *k, *next;

	HASH_ITER(hh, a->known, k, next) {
		HASH_DEL(a->known, k);
		free(k);
	}
}

static struct known *keep(struct attribution *a, uint32_t pid, struct sca_container_ref ref)
{
	struct known *k, *old;
	size_t n = 0;

	if (HASH_COUNT(a->known) >= KNOWN_MAX)
		forget_all(a);
	HASH_FIND(hh, a->known, &pid, sizeof(pid), old);
	if (old) {
		HASH_DEL(a->known, old);
		free(old);
	}
	for (size_t i = 0; i < KNOWN_TEXT; i++)
		n += ref_field(&ref, i)->n;
	k = calloc(1, sizeof(*k) + n);
	if (!k)
		return NULL;
	k->pid = pid;
	n = 0;
	for (size_t i = 0; i < KNOWN_TEXT; i++) {
		struct sca_str *s = ref_field(&ref, i);

		if (s->n)
			memcpy(k->text + n, s->p, s->n);
		s->p = k->text + n;
		n += s->n;
	}
	k->ref = ref;
	HASH_ADD(hh, a->known, pid, sizeof(k->pid), k);
	return k->hh.tbl ? k : NULL;
}

/* A process that is gone stays gone, and one that is here was the same for every record between
 * the first that it was asked for and that moment. Behind it the pid may have come back. */
static bool still_true(const struct known *k, const struct sca_record *rec)
{
	if (!(rec->have & SCA_F_TIME))
		return !k->exact && clock_ms(CLOCK_REALTIME) < k->asked_ms + ASKED_AGAIN_MS;
	return rec->time_ms <= k->asked_ms && !(k->exact && rec->time_ms < k->from_ms);
}

static int ask_proc(struct attribution *a, const struct sca_record *rec,
		    struct sca_container_ref *ret, struct sca_err *err)
{
	bool have_time = rec->have & SCA_F_TIME;
	struct sca_container_ref ref;
	struct known *k;
	int r;

	HASH_FIND(hh, a->known, &rec->pid, sizeof(rec->pid), k);
	if (!k || !still_true(k, rec)) {
		int64_t now = clock_ms(CLOCK_REALTIME);

		r = sca_containers_by_pid(a->cs, rec->pid, rec->time_ms, have_time, &ref, err);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return 0; /* counted there */
		k = keep(a, rec->pid, ref);
		if (!k)
			return sca_fail(err, -ENOMEM, "no memory");
		k->exact = span_is(k->ref.sure, "exact");
		k->from_ms = rec->time_ms;
		k->asked_ms = now;
	}
	*ret = k->ref;
	return 0;
}

/* -- */

static bool named(const struct sca_container_ref *c)
{
	return c->id.n || c->unit.n || c->name.n || c->pod.n || c->pod_uid.n;
}

/* Whether a record's node is this host: its name, whole or up to the first dot. */
static bool own_node(const struct attribution *a, const struct sca_record *rec)
{
	struct sca_str host = span_z(a->host.nodename), node = rec->node, h, n;

	if (!(rec->have & SCA_F_NODE) || span_eq(host, node))
		return true;
	return !a->own_root && span_cut(&host, '.', &h) && span_cut(&node, '.', &n) &&
	       span_eq(h, n) && (host.n == 0 || node.n == 0);
}

/* The node that a record of this host has, when it does not say. */
static struct sca_str node_of(const struct attribution *a, const struct sca_record *rec, bool local)
{
	if ((rec->have & SCA_F_NODE) || !local || a->own_root)
		return rec->node;
	return span_z(a->host.nodename);
}

static int ask_map(struct attribution *a, struct sca_record *rec, bool local, struct sca_err *err)
{
	struct sca_container_ref ref = {.id = {NULL, 0}};
	struct sca_record asked = *rec;
	int r;

	if (!a->have_map && !a->map_grew)
		return 0;
	asked.node = node_of(a, rec, local);
	asked.have |= asked.node.n ? SCA_F_NODE : 0;
	r = sca_map_find(a->map, &asked, &ref, err);
	if (r == 0 && named(&ref))
		rec->container = ref;
	return r == -ENOMEM ? r : 0;
}

int attribution_find(struct attribution *a, struct sca_record *rec, bool local,
		     struct sca_err *err)
{
	struct sca_container_ref ref = {.id = {NULL, 0}};
	int r = 0;

	if (named(&rec->container)) /* its names, where only an id stood */
		return rec->container.name.n || !rec->container.id.n ? 0 : ask_map(a, rec, local, err);
	if (!(rec->have & SCA_F_PID))
		return 0;
	if (local && own_node(a, rec)) {
		r = a->tracker ? sca_tracker_find(a->tracker, rec, &ref, err)
			       : ask_proc(a, rec, &ref, err);
		if (r == -ENOMEM)
			return r;
	}
	if (named(&ref) || span_is(ref.via, "candidates")) {
		rec->container = ref;
		if (!a->tracker || !(rec->have & SCA_F_TIME) || !span_is(ref.sure, "exact"))
			return 0;
		a->map_grew = true;
		return sca_map_add(a->map, node_of(a, rec, local), rec->pid, rec->time_ms, &ref,
				   err);
	}
	return ask_map(a, rec, local, err);
}

int attribution_map(struct attribution *a, char **ret, size_t *ret_n, struct sca_err *err)
{
	int r = 0;

	*ret = NULL;
	if (a->map_grew)
		r = sca_map_text(a->map, ret, ret_n, err);
	if (r == 0) {
		a->have_map |= a->map_grew;
		a->map_grew = false;
	}
	return r;
}
