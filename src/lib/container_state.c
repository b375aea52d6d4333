/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What container engines write about a container into their own files. No daemon is asked, so
 * it works for a stopped one, and under a root directory that is only a copy.
 *
 * Several engines know one container: runc of its process, Docker of its name. Files are read
 * from the one that knows most; the first to tell a fact wins.
 */
#include "container_engine.h"

#define VALUE_MAX      1024u
#define NAMESPACES_MAX 64u

struct reading {
	struct sca_containers *cs;
	const struct engine_dirs *dirs;
	struct arena *text;
	struct sca_container_state *st;
	const char *id;
	bool found;
	bool no_memory;
	char bundle[PATH_MAX];
};

/* Keeps a fact unless it is known. */
static void put(struct reading *rd, struct sca_str *field, struct sca_str value)
{
	if (field->n || value.n == 0)
		return;
	if (value.n > VALUE_MAX)
		rd->cs->stats.damaged++;
	else if (!arena_dup_str(rd->text, value, field))
		rd->no_memory = true;
}

static void put_json(struct reading *rd, struct sca_str *field, const json_t *value)
{
	put(rd, field, json_str(value));
}

/* NULL when there is none, or none to use. */
static json_t *load(struct reading *rd, const char *path, size_t max)
{
	json_t *json = NULL;

	if (engine_json(rd->cs, path, max, &json) < 0)
		rd->no_memory = true;
	return json;
}

/* Podman has the path as it was typed, which says nothing when it is not absolute, or a word;
 * CRI-O has the name that Kubernetes knows it by. */
static void read_profile(struct reading *rd, const json_t *notes)
{
	struct sca_str local = SCA_STR("localhost/"), name;
	char path[PATH_MAX];

	name = json_str(json_object_get(notes, "io.podman.annotations.seccomp"));
	if (name.n == 0)
		name = json_str(json_object_get(notes, "io.kubernetes.cri-o.SeccompProfilePath"));
	if (name.n && name.p[0] == '/')
		put(rd, &rd->st->profile, name);
	else if (name.n <= NAME_MAX && str_starts(name, local) &&
		 path_make(path, KUBELET_SECCOMP "/%.*s", (int)(name.n - local.n),
			   name.p + local.n))
		put(rd, &rd->st->profile, sca_str_z(path));
}

/* Annotations of a bundle, and labels of Docker under Kubernetes. The engine is told by keys that
 * no other one writes. */
static void read_annotations(struct reading *rd, const json_t *notes)
{
	struct sca_container_state *st = rd->st;
	const struct {
		const char *key;
		struct sca_str *field;
		const char *engine;
	} rows[] = {
		{"io.kubernetes.cri-o.ImageName", &st->image, "cri-o"},
		{"io.kubernetes.cri-o.ContainerID", NULL, "cri-o"},
		{"io.kubernetes.cri.container-type", NULL, "containerd"},
		{"io.kubernetes.cri.container-name", &st->name, "containerd"},
		{"io.kubernetes.cri.image-name", &st->image, "containerd"},
		{"io.kubernetes.cri.sandbox-name", &st->pod, NULL},
		{"io.kubernetes.cri.sandbox-namespace", &st->ns, NULL},
		{"io.kubernetes.cri.sandbox-uid", &st->pod_uid, NULL},
		{"io.kubernetes.container.name", &st->name, NULL},
		{"io.kubernetes.pod.name", &st->pod, NULL},
		{"io.kubernetes.pod.namespace", &st->ns, NULL},
		{"io.kubernetes.pod.uid", &st->pod_uid, NULL},
		{"nerdctl/name", &st->name, "nerdctl"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *value = json_object_get(notes, rows[i].key);

		if (!value)
			continue;
		if (rows[i].field)
			put_json(rd, rows[i].field, value);
		if (rows[i].engine)
			put(rd, &st->engine, sca_str_z(rows[i].engine));
	}
	if (str_is(json_str(json_object_get(notes, "io.container.manager")), "libpod"))
		put(rd, &st->engine, SCA_STR("podman"));
	read_profile(rd, notes);
}

/* A root that is no absolute path is relative to the bundle; a configuration may be a copy. */
static void put_rootfs(struct reading *rd, const char *config, struct sca_str root)
{
	const char *bundle = rd->bundle[0] ? rd->bundle : config, *slash = strrchr(config, '/');
	size_t n = rd->bundle[0] || !slash ? strlen(bundle) : (size_t)(slash - config);
	char path[PATH_MAX];

	if (root.n == 0 || root.n >= PATH_MAX || memchr(root.p, '\0', root.n))
		return;
	if (root.p[0] == '/')
		put(rd, &rd->st->rootfs, root);
	else if (path_make(path, "%.*s/%.*s", (int)n, bundle, (int)root.n, root.p))
		put(rd, &rd->st->rootfs, sca_str_z(path));
}

static void read_bundle(struct reading *rd, const char *path)
{
	json_t *json = rd->st->config.n ? NULL : load(rd, path, STATE_FILE_MAX);
	const json_t *process = json_object_get(json, "process");

	if (!json)
		return;
	rd->found = true;
	put(rd, &rd->st->config, sca_str_z(path));
	put_rootfs(rd, path, json_str(json_object_get(json_object_get(json, "root"), "path")));
	put_json(rd, &rd->st->label, json_object_get(process, "selinuxLabel"));
	put_json(rd, &rd->st->label,
		 json_object_get(json_object_get(json, "linux"), "mountLabel"));
	read_annotations(rd, json_object_get(json, "annotations"));
	json_decref(json);
}

/* Where the hierarchy is mounted is no part of the path. v1 has a directory a controller. */
static struct sca_str below_mount(struct sca_str path, bool v2)
{
	struct sca_str top = SCA_STR("/sys/fs/cgroup"), unified = SCA_STR("/unified/");
	const char *slash;

	if (!str_starts(path, top))
		return path;
	path = str_skip(path, top.n);
	if (path.n == 0 || path.p[0] != '/' || (v2 && !str_starts(path, unified)))
		return path;
	slash = memchr(path.p + 1, '/', path.n - 1);
	return slash ? str_skip(path, (size_t)(slash - path.p)) : (struct sca_str){NULL, 0};
}

static void put_cgroup(struct reading *rd, json_t *paths)
{
	struct sca_str v2 = json_str(json_object_get(paths, ""));
	struct sca_str v1 = json_str(json_object_get(paths, "name=systemd"));

	if (v1.n == 0)
		v1 = json_str(json_object_get(paths, "devices"));
	put(rd, &rd->st->cgroup, v2.n ? below_mount(v2, true) : below_mount(v1, false));
}

static void put_number(uint64_t max, uint64_t *ret, const json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (*ret == 0 && n > 0 && (uint64_t)n <= max)
		*ret = (uint64_t)n;
}

/* Its keys and crun's. */
static void put_process(struct reading *rd, const json_t *pid, const json_t *start)
{
	uint64_t n = rd->st->init_pid;

	put_number(UINT32_MAX, &n, pid);
	rd->st->init_pid = (uint32_t)n;
	put_number(UINT64_MAX, &rd->st->init_start, start);
}

static void set_bundle(struct reading *rd, struct sca_str bundle)
{
	if (rd->bundle[0] == '\0' && bundle.n && bundle.n < sizeof(rd->bundle) &&
	    !memchr(bundle.p, '\0', bundle.n)) {
		memcpy(rd->bundle, bundle.p, bundle.n);
		rd->bundle[bundle.n] = '\0';
	}
}

static void read_runc(struct reading *rd, const json_t *json)
{
	const json_t *labels = json_object_get(json_object_get(json, "config"), "labels");
	struct sca_str prefix = SCA_STR("bundle=");

	put_process(rd, json_object_get(json, "init_process_pid"),
		    json_object_get(json, "init_process_start"));
	put_cgroup(rd, json_object_get(json, "cgroup_paths"));
	for (size_t i = 0; i < json_array_size(labels); i++) {
		struct sca_str label = json_str(json_array_get(labels, i));

		if (str_starts(label, prefix))
			set_bundle(rd, str_skip(label, prefix.n));
	}
}

static void read_crun(struct reading *rd, const json_t *json)
{
	put_process(rd, json_object_get(json, "pid"), json_object_get(json, "process-start-time"));
	put_json(rd, &rd->st->cgroup, json_object_get(json, "cgroup-path"));
	set_bundle(rd, json_str(json_object_get(json, "bundle")));
}

/* One directory of a runtime's containers; crun keeps a copy of the configuration in it. */
static bool read_runtime_dir(struct reading *rd, const char *dir)
{
	static const struct {
		const char *file, *runtime;
		void (*read)(struct reading *rd, const json_t *json);
	} forms[] = {
		{"state.json", "runc", read_runc},
		{"status", "crun", read_crun},
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		json_t *json = path_make(path, "%s/%s/%s", dir, rd->id, forms[i].file) ?
				       load(rd, path, STATE_FILE_MAX) : NULL;

		if (!json)
			continue;
		rd->found = true;
		forms[i].read(rd, json);
		put(rd, &rd->st->runtime, sca_str_z(forms[i].runtime));
		json_decref(json);
		if (path_make(path, "/%s/%s/config.json", dir, rd->id))
			read_bundle(rd, path);
		if (rd->bundle[0] && path_make(path, "%s/config.json", rd->bundle))
			read_bundle(rd, path);
		return true;
	}
	return false;
}

static bool read_task_dir(struct reading *rd, const char *dir)
{
	char path[PATH_MAX];

	if (path_make(path, "/%s/%s/config.json", dir, rd->id))
		read_bundle(rd, path);
	return rd->st->config.n > 0;
}

struct namespace_walk {
	struct reading *rd;
	const struct state_dir *row;
	bool found, moby;
};

static bool read_namespace(const char *name, void *arg)
{
	struct namespace_walk *w = arg;
	char path[PATH_MAX];

	if (path_make(path, "%s/%s", w->row->dir, name))
		w->found = w->row->tasks ? read_task_dir(w->rd, path) :
					   read_runtime_dir(w->rd, path);
	w->moby = w->found && strcmp(name, "moby") == 0;
	return !w->found;
}

static void read_runtimes(struct reading *rd)
{
	const struct state_dir *row;

	for (size_t i = 0; !rd->no_memory && (row = state_dir(rd->cs, i)); i++) {
		struct namespace_walk w = {.rd = rd, .row = row};

		if (!row->namespaces)
			w.found = read_runtime_dir(rd, row->dir);
		else if (engine_each_entry(rd->cs, row->dir, NAMESPACES_MAX, read_namespace,
					   &w) < 0)
			rd->no_memory = true;
		if (w.found)
			put(rd, &rd->st->engine, sca_str_z(w.moby ? "docker" : row->engine));
	}
}

static void read_docker(struct reading *rd)
{
	char path[PATH_MAX];
	json_t *json = path_make(path, "%s/containers/%s/config.v2.json", rd->dirs->docker_data,
				 rd->id) ?
			       load(rd, path, STATE_FILE_MAX) : NULL;
	const json_t *config = json_object_get(json, "Config");
	struct sca_str name = json_str(json_object_get(json, "Name"));
	struct sca_str profile = json_str(json_object_get(json, "SeccompProfile"));

	if (!json)
		return;
	rd->found = true;
	read_annotations(rd, json_object_get(config, "Labels"));
	put(rd, &rd->st->name, name.n && name.p[0] == '/' ? str_skip(name, 1) : name);
	put_json(rd, &rd->st->image, json_object_get(config, "Image"));
	if (profile.n && profile.p[0] == '/') /* else the profile itself, or "unconfined" */
		put(rd, &rd->st->profile, profile);
	put_process(rd, json_object_get(json_object_get(json, "State"), "Pid"), NULL);
	put(rd, &rd->st->engine, SCA_STR("docker"));
	json_decref(json);
}

/* Podman's metadata is JSON in a string. CRI-O writes the same file. */
static void read_metadata(struct reading *rd, const json_t *container)
{
	struct sca_str text = json_str(json_object_get(container, "metadata"));
	json_error_t error;
	json_t *json;

	if (text.n == 0)
		return;
	json = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error);
	if (!json && json_error_code(&error) == json_error_out_of_memory)
		rd->no_memory = true;
	else if (!json)
		rd->cs->stats.damaged++;
	if (json_object_get(json, "pod-name"))
		put(rd, &rd->st->engine, SCA_STR("cri-o"));
	put_json(rd, &rd->st->image, json_object_get(json, "image-name"));
	put_json(rd, &rd->st->name, json_object_get(json, "name"));
	json_decref(json);
}

static void read_storage(struct reading *rd)
{
	const char *top = rd->dirs->storage;
	char path[PATH_MAX];

	for (size_t i = 0; storage_drivers[i] && !rd->no_memory; i++) {
		json_t *all;

		if (engine_storage(rd->cs, i, &all) < 0)
			rd->no_memory = true;
		for (size_t k = 0; k < json_array_size(all); k++) {
			const json_t *one = json_array_get(all, k);

			if (!str_eq(json_str(json_object_get(one, "id")), sca_str_z(rd->id)))
				continue;
			rd->found = true;
			if (path_make(path, "%s/%s-containers/%s/userdata/config.json", top,
				      storage_drivers[i], rd->id))
				read_bundle(rd, path);
			read_metadata(rd, one);
			put_json(rd, &rd->st->name,
				 json_array_get(json_object_get(one, "names"), 0));
			put(rd, &rd->st->engine, SCA_STR("podman"));
			break;
		}
		engine_storage_done(rd->cs, all);
	}
}

/* LXC's id is its name; the configuration is `key = value` a line. */
static void read_lxc(struct reading *rd)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_str text, line, key;
	char path[PATH_MAX];
	int r = path_make(path, LXC_DIR "/%s/config", rd->id) ?
			root_read(rd->cs->root, path, STATE_FILE_MAX, &b) : -ENOENT;

	rd->no_memory |= r == -ENOMEM;
	if (r < 0) {
		rd->cs->stats.damaged += r != -ENOENT && r != -ENOTDIR && r != -ENOMEM;
		return;
	}
	rd->found = true;
	put(rd, &rd->st->name, sca_str_z(rd->id));
	put(rd, &rd->st->engine, SCA_STR("lxc"));
	text = buf_str(&b);
	while (str_cut(&text, '\n', &line))
		if (memchr(line.p, '=', line.n) && str_cut(&line, '=', &key) &&
		    str_is(str_trim(key), "lxc.seccomp.profile"))
			put(rd, &rd->st->profile, str_trim(line));
}

static bool file_name(struct sca_str id)
{
	return id.n && id.n <= NAME_MAX && id.p[0] != '.' && !memchr(id.p, '/', id.n) &&
	       !memchr(id.p, '\0', id.n);
}

int state_from_files(struct sca_containers *cs, struct sca_str id, struct arena *text,
	       struct sca_container_state *ret, struct sca_err *err)
{
	static void (*const readers[])(struct reading *rd) = {
		read_runtimes, read_storage, read_docker, read_lxc,
	};
	struct sca_container_state st = {0};
	struct reading rd = {.cs = cs, .text = text, .st = &st};

	if (!file_name(id))
		return 0;
	rd.id = arena_dup(text, id);
	rd.no_memory = !rd.id || engine_dirs(cs, &rd.dirs) < 0;
	for (size_t i = 0; i < ARRAY_SIZE(readers) && !rd.no_memory; i++)
		readers[i](&rd);
	if (rd.no_memory)
		return sca_fail_errno(err, ENOMEM, "cannot read the state of a container");
	if (!rd.found)
		return 0;
	put(&rd, &st.engine, st.runtime);
	if (rd.no_memory)
		return sca_fail_errno(err, ENOMEM, "cannot read the state of a container");
	st.id = sca_str_z(rd.id);
	*ret = st;
	return 1;
}
