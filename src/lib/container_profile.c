/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp profile that a container runs under, and the target that loaded it.
 *
 * What an engine wrote about its own decision says where the profile comes from; the OCI
 * config.json says what came out. Where both are there, config.json has the last word: without
 * linux.seccomp in it no profile is in force, and a file that makes another filter has changed
 * since the container started.
 */
#include "container_look.h"

#include <fcntl.h>
#include <linux/filter.h>

int look_no_memory(struct sca_err *err)
{
	return sca_fail_errno(err, ENOMEM, "cannot read a container's profile");
}

char *look_name(struct look *lk, struct sca_str path)
{
	return arena_printf(&lk->text, "%s%s%.*s", lk->cs->root_path,
			    path.n && path.p[0] == '/' ? "" : "/", (int)path.n,
			    path.n ? path.p : "");
}

static uint32_t config_at(const struct look *lk, const char *pointer)
{
	return lk->have_config ? jt_find(&lk->config, sca_str_z(pointer)) : JT_NONE;
}

static bool config_string_is(const struct look *lk, const char *pointer, const char *value)
{
	uint32_t node = config_at(lk, pointer);

	return node != JT_NONE && jt_string_is(&lk->config, node, value);
}

static int read_config(struct look *lk, struct sca_err *err)
{
	char path[PATH_MAX];
	int r;

	lk->seccomp = JT_NONE;
	if (!lk->st.config.n || !path_make(path, "%.*s", (int)lk->st.config.n, lk->st.config.p))
		return 0;
	r = root_read(lk->cs->root, path, STATE_FILE_MAX, &lk->config_text);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0) {
		sca_err_at(err, look_name(lk, lk->st.config), 0, 0);
		return sca_fail_errno(err, -r, "cannot read the container's configuration");
	}
	r = jt_parse(&lk->config, buf_str(&lk->config_text), err);
	if (r < 0) {
		sca_err_at(err, look_name(lk, lk->st.config), 0, 0);
		return r;
	}
	lk->have_config = true;
	lk->seccomp = config_at(lk, "/linux/seccomp");
	if (lk->seccomp != JT_NONE && lk->config.nodes[lk->seccomp].type != JT_OBJECT)
		lk->seccomp = JT_NONE;
	return 0;
}

int look_file(struct look *lk, struct sca_str path, enum sca_profile_from from,
	      struct sca_err *err)
{
	_cleanup_close_ int fd = -1;
	char z[PATH_MAX], *name;
	int r;

	if (!path.n || !path_make(z, "%.*s", (int)path.n, path.p))
		return 0;
	fd = root_open(lk->cs->root, z, O_RDONLY);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	name = look_name(lk, path);
	if (!name)
		return look_no_memory(err);
	if (fd < 0) {
		sca_err_at(err, name, 0, 0);
		return sca_fail_errno(err, -fd, "cannot open the container's profile");
	}
	r = profile_load_fd(&lk->out.profile, fd, name, err);
	lk->out.from = from;
	return r < 0 ? r : 1;
}

/* -- what an engine says -- */

static int look_podman(struct look *lk, struct sca_err *err)
{
	const char *note = "/annotations/io.podman.annotations.seccomp";
	const char *defaults[] = {
		lk->dirs->podman_profile,
		"/etc/containers/seccomp.json",
		"/usr/share/containers/seccomp.json",
	};
	int r = 0;

	if (config_string_is(lk, note, "unconfined")) {
		lk->why_unconfined = "--security-opt seccomp=unconfined";
		return 0;
	}
	if (config_at(lk, note) != JT_NONE)
		return look_file(lk, lk->st.profile, SCA_PROFILE_FILE, err);
	if (config_string_is(lk, "/annotations/io.podman.annotations.privileged", "TRUE"))
		lk->why_unconfined = "--privileged";
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(defaults); i++)
		if (defaults[i])
			r = look_file(lk, sca_str_z(defaults[i]), SCA_PROFILE_DEFAULT, err);
	return r;
}

static int look_crio(struct look *lk, struct sca_err *err)
{
	if (config_string_is(lk, "/annotations/io.kubernetes.cri-o.SeccompProfilePath",
			     "unconfined"))
		lk->why_unconfined = "its pod asks for it";
	return look_file(lk, lk->st.profile, SCA_PROFILE_FILE, err);
}

static int look_lxc(struct look *lk, struct sca_err *err)
{
	if (lk->st.profile.n == 0)
		return sca_fail(err, SCA_E_CONFLICT,
				"LXC's container %.*s has no lxc.seccomp.profile of its own",
				CUT(lk->who));
	return sca_fail(err, SCA_E_UNSUPPORTED,
			"LXC's profiles are no JSON; %.*s has the one of %.*s, where a line "
			"names each call",
			CUT(lk->who), CUT(lk->st.profile));
}

static const struct engine {
	const char *name;
	enum sca_frontend frontend;
	int (*target)(struct look *lk, struct sca_err *err); /* or NULL */
	int (*look)(struct look *lk, struct sca_err *err); /* 1 found, 0 what config.json has */
} engines[] = {
	{"docker", SCA_FRONTEND_DOCKER, docker_target, docker_profile},
	{"podman", SCA_FRONTEND_PODMAN, NULL, look_podman},
	{"cri-o", SCA_FRONTEND_PODMAN, NULL, look_crio},
	{"containerd", SCA_FRONTEND_CRI, NULL, NULL},
	{"nerdctl", SCA_FRONTEND_CRI, NULL, NULL},
	{"lxc", SCA_FRONTEND_OCI, NULL, look_lxc},
};

/* -- the target -- */

static void set_caps(struct look *lk)
{
	uint32_t all = config_at(lk, "/process/capabilities");
	uint32_t list = config_at(lk, "/process/capabilities/bounding");
	unsigned cap;

	if (all == JT_NONE)
		return;
	lk->out.target.caps = 0;
	lk->out.have_caps = true;
	if (list == JT_NONE)
		return;
	jt_for_each (&lk->config, list, c) {
		struct sca_str raw = jt_raw(&lk->config, c);

		/* names of capabilities need no escape in JSON */
		if (raw.n > 2 &&
		    sca_cap_parse((struct sca_str){raw.p + 1, raw.n - 2}, &cap) == 0)
			lk->out.target.caps |= UINT64_C(1) << cap;
	}
}

/* The version of the runtime's package; where an engine brings a runtime of its own, the system
 * has no such package. */
static int set_runtime(struct look *lk, struct sca_err *err)
{
	struct sca_container_profile *out = &lk->out;
	struct sca_str name = lk->st.runtime, version;
	const char *word;
	int r;

	if (!name.n || sca_target_set_runtime(&out->target, name, NULL) < 0)
		return 0;
	out->have_runtime = true;
	word = arena_dup(&lk->text, name);
	r = word ? engine_package(lk->cs, word, &lk->text, &version) : -ENOMEM;
	if (r < 0)
		return look_no_memory(err);
	if (r == 0)
		return 0;
	word = arena_printf(&lk->text, "%.*s:%.*s", (int)name.n, name.p, (int)version.n,
			    version.p);
	if (!word)
		return look_no_memory(err);
	out->have_version = sca_target_set_runtime(&out->target, sca_str_z(word), NULL) == 0;
	return 0;
}

static int set_target(struct look *lk, struct sca_err *err)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	uint32_t nnp = config_at(lk, "/process/noNewPrivileges");
	int r;

	set_caps(lk);
	lk->out.no_new_privs = nnp != JT_NONE && lk->config.nodes[nnp].type == JT_TRUE;
	r = root_read(lk->cs->root, "proc/sys/kernel/osrelease", 256, &b);
	if (r == -ENOMEM)
		return look_no_memory(err);
	if (r == 0)
		sca_target_set_kernel(&lk->out.target, str_trim(buf_str(&b)), NULL);
	return set_runtime(lk, err);
}

/* -- what is in force -- */

static int program_of(const struct sca_profile *p, const struct sca_target *t,
		      struct sca_names *names, struct sca_filter **f, struct sca_str *ret,
		      struct sca_err *err)
{
	size_t n = 0;
	int r = sca_filter_compile(f, p, t, names, err);

	if (r < 0)
		return r;
	ret->p = sca_filter_program(*f, &n, err);
	ret->n = n * sizeof(struct sock_filter);
	return ret->p ? 0 : err->code;
}

/* Whether a profile makes the very filter that config.json's does; one that is refused does not. */
static int same_filter(struct look *lk, const struct sca_profile *p,
		       const struct sca_profile *real, bool *ret, struct sca_err *err)
{
	struct sca_target t = lk->out.target;
	struct sca_err why = SCA_ERR_INIT;
	struct sca_filter *fp = NULL, *fr = NULL;
	struct sca_str pp = {NULL, 0}, pr = {NULL, 0};
	struct sca_names *names = NULL;
	int r = sca_names_new(&names, &why);

	if (r == 0)
		r = program_of(p, &t, names, &fp, &pp, &why);
	t.frontend = SCA_FRONTEND_OCI;
	if (r == 0)
		r = program_of(real, &t, names, &fr, &pr, &why);
	*ret = r == 0 && str_eq(pp, pr);
	sca_filter_free(fp);
	sca_filter_free(fr);
	sca_names_free(names);
	return r == -ENOMEM ? look_no_memory(err) : 0;
}

/* What stands in config.json, as text of its own. */
static int config_profile(struct look *lk, struct sca_profile **ret, struct sca_err *err)
{
	const char *name = look_name(lk, lk->st.config);

	if (!name)
		return look_no_memory(err);
	return sca_profile_load_mem(ret, jt_raw(&lk->config, lk->seccomp), name, err);
}

static int unconfined(struct look *lk, struct sca_err *err)
{
	return sca_fail(err, SCA_E_CONFLICT,
			"%.*s runs without a seccomp profile (%s): nothing of it can deny a call",
			CUT(lk->who),
			lk->why_unconfined ? lk->why_unconfined :
					     "its config.json has no linux.seccomp");
}

/* Takes config.json's profile where the engine has none to show, or shows a default that is not
 * what was loaded. */
static int settle(struct look *lk, bool found, struct sca_err *err)
{
	struct sca_profile *real = NULL;
	bool same = true;
	int r = config_profile(lk, &real, err);

	if (r == 0 && found)
		r = same_filter(lk, lk->out.profile, real, &same, err);
	if (r == 0 && (!found || (!same && lk->out.from == SCA_PROFILE_DEFAULT))) {
		sca_profile_free(lk->out.profile);
		lk->out.profile = steal(&real);
		lk->out.from = SCA_PROFILE_CONFIG;
		lk->out.target.frontend = SCA_FRONTEND_OCI;
		same = true;
	}
	lk->out.changed = !same;
	sca_profile_free(real);
	return r;
}

static int look_profile(struct look *lk, const struct engine *e, struct sca_err *err)
{
	int found = e && e->look ? e->look(lk, err) : 0;

	if (found < 0)
		return found;
	if (lk->have_config && lk->seccomp == JT_NONE)
		return unconfined(lk, err);
	if (lk->have_config)
		return settle(lk, found > 0, err);
	if (found > 0)
		return 0;
	if (lk->why_unconfined)
		return unconfined(lk, err);
	return sca_fail(err, SCA_E_UNSUPPORTED,
			"%.*s does not run, and %.*s has no copy of the profile that is built into "
			"it; start it, or name a PROFILE",
			CUT(lk->who), CUT(lk->st.engine.n ? lk->st.engine : SCA_STR("its engine")));
}

static int look(struct look *lk, bool target_only, struct sca_err *err)
{
	const struct engine *e = NULL;
	int r = read_config(lk, err);

	for (size_t i = 0; i < ARRAY_SIZE(engines) && !e; i++)
		if (str_eq(lk->st.engine, sca_str_z(engines[i].name)))
			e = &engines[i];
	sca_target_init(&lk->out.target, e ? e->frontend : SCA_FRONTEND_OCI);
	if (r == 0 && e && e->target)
		r = e->target(lk, err);
	if (r == 0)
		r = set_target(lk, err);
	return r < 0 || target_only ? r : look_profile(lk, e, err);
}

/* The caller may have borrowed from cs. */
static bool copy_state(struct look *lk, const struct sca_container_state *st)
{
	const struct {
		struct sca_str from, *to;
	} rows[] = {
		{st->id, &lk->st.id},           {st->engine, &lk->st.engine},
		{st->name, &lk->st.name},       {st->runtime, &lk->st.runtime},
		{st->config, &lk->st.config},   {st->profile, &lk->st.profile},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].from.n && !arena_dup_str(&lk->text, rows[i].from, rows[i].to))
			return false;
	lk->who = lk->st.name.n ? lk->st.name :
				  (struct sca_str){lk->st.id.p, MIN(lk->st.id.n, (size_t)12)};
	return true;
}

int sca_containers_profile(struct sca_containers *cs, const struct sca_container_state *st,
			   bool target_only, struct sca_container_profile *ret,
			   struct sca_err *err)
{
	struct look lk = {.cs = cs};
	int r;

	if (!copy_state(&lk, st)) {
		r = look_no_memory(err);
	} else {
		containers_begin(cs);
		r = engine_dirs(cs, &lk.dirs) < 0 ? look_no_memory(err) : look(&lk, target_only, err);
	}
	if (r < 0)
		sca_profile_free(lk.out.profile);
	else
		*ret = lk.out;
	jt_release(&lk.config);
	buf_release(&lk.config_text);
	arena_release(&lk.text);
	return r;
}
