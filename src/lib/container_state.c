/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What container engines write about a container into their own files. No daemon is asked, so
 * it works for a stopped one, and under a root directory that is only a copy.
 *
 * Several engines know one container: runc of its process, Docker of its name. Files are read
 * from the one that knows most; the first to tell a fact wins.
 */
#include "container_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>

#define STATE_FILE_MAX  (4u << 20)
#define STORAGE_FILE_MAX (16u << 20) /* Podman and CRI-O: one file for all containers */
#define VALUE_MAX       1024u
#define NAMESPACES_MAX  64u

struct reading {
	struct sca_containers *cs;
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

static struct sca_str json_str(const json_t *value)
{
	return (struct sca_str){json_string_value(value), json_string_length(value)};
}

static void put_json(struct reading *rd, struct sca_str *field, const json_t *value)
{
	put(rd, field, json_str(value));
}

static bool _printf_(2, 3) make_path(char path[PATH_MAX], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, PATH_MAX, fmt, ap);
	va_end(ap);
	return n > 0 && n < PATH_MAX;
}

/* NULL when there is none, or none to use; the latter is counted. */
static json_t *load(struct reading *rd, const char *path, size_t max)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	json_error_t error;
	json_t *json;
	int r = root_read(rd->cs->root, path, max, &b);

	if (r == -ENOENT || r == -ENOTDIR)
		return NULL;
	if (r == -ENOMEM)
		rd->no_memory = true;
	if (r < 0) {
		rd->cs->stats.damaged += r != -ENOMEM;
		return NULL;
	}
	json = json_loadb(b.p ? b.p : "", b.n, JSON_ALLOW_NUL, &error);
	if (!json && json_error_code(&error) == json_error_out_of_memory)
		rd->no_memory = true;
	else if (!json)
		rd->cs->stats.damaged++;
	return json;
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
		{"io.podman.annotations.seccomp", &st->profile, NULL},
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
	else if (make_path(path, "%.*s/%.*s", (int)n, bundle, (int)root.n, root.p))
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
		const char *file;
		void (*read)(struct reading *rd, const json_t *json);
	} forms[] = {
		{"state.json", read_runc},
		{"status", read_crun},
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		json_t *json = make_path(path, "%s/%s/%s", dir, rd->id, forms[i].file) ?
				       load(rd, path, STATE_FILE_MAX) : NULL;

		if (!json)
			continue;
		rd->found = true;
		forms[i].read(rd, json);
		json_decref(json);
		if (make_path(path, "/%s/%s/config.json", dir, rd->id))
			read_bundle(rd, path);
		if (rd->bundle[0] && make_path(path, "%s/config.json", rd->bundle))
			read_bundle(rd, path);
		return true;
	}
	return false;
}

/* Calls f for each of containerd's namespaces below `top` until one has the container. */
static bool each_namespace(struct reading *rd, const char *top,
			   bool (*f)(struct reading *rd, const char *dir), bool *ret_moby)
{
	int fd = root_open(rd->cs->root, top, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char path[PATH_MAX];
	struct dirent *de;
	bool found = false;

	if (!dir) {
		rd->no_memory |= fd >= 0 && errno == ENOMEM;
		sca_close_(&fd);
		return false;
	}
	for (unsigned n = 0; !found && n < NAMESPACES_MAX && (de = readdir(dir));) {
		if (de->d_name[0] == '.' || !make_path(path, "%s/%s", top, de->d_name))
			continue;
		n++;
		found = f(rd, path);
		*ret_moby = found && strcmp(de->d_name, "moby") == 0;
	}
	closedir(dir);
	return found;
}

static bool read_task_dir(struct reading *rd, const char *dir)
{
	char path[PATH_MAX];

	if (make_path(path, "/%s/%s/config.json", dir, rd->id))
		read_bundle(rd, path);
	return rd->st->config.n > 0;
}

const struct state_dir *state_dir(size_t i)
{
	static const struct state_dir rows[] = {
		{"run/docker/runtime-runc/moby", "docker", false, false},
		{"run/containerd/runc", "containerd", true, false},
		{"run/containerd/io.containerd.runtime.v2.task", "containerd", true, true},
		{"run/docker/containerd/daemon/io.containerd.runtime.v2.task", "docker", true, true},
		{"run/runc", "runc", false, false},
		{"run/crun", "crun", false, false},
	};

	return i < ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

static void read_runtimes(struct reading *rd)
{
	const struct state_dir *row;

	for (size_t i = 0; !rd->no_memory && (row = state_dir(i)); i++) {
		bool moby = false, found;

		if (row->namespaces)
			found = each_namespace(rd, row->dir,
					       row->tasks ? read_task_dir : read_runtime_dir,
					       &moby);
		else
			found = read_runtime_dir(rd, row->dir);
		if (found)
			put(rd, &rd->st->engine, sca_str_z(moby ? "docker" : row->engine));
	}
}

static void read_docker(struct reading *rd)
{
	char path[PATH_MAX];
	json_t *json = make_path(path, "var/lib/docker/containers/%s/config.v2.json", rd->id) ?
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
	static const char top[] = "/var/lib/containers/storage";
	static const char *const drivers[] = {"overlay", "vfs", "btrfs"};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(drivers) && !rd->no_memory; i++) {
		json_t *all = make_path(path, "%s/%s-containers/containers.json", top, drivers[i]) ?
				      load(rd, path, STORAGE_FILE_MAX) : NULL;

		for (size_t k = 0; k < json_array_size(all); k++) {
			const json_t *one = json_array_get(all, k);

			if (!str_eq(json_str(json_object_get(one, "id")), sca_str_z(rd->id)))
				continue;
			rd->found = true;
			if (make_path(path, "%s/%s-containers/%s/userdata/config.json", top,
				      drivers[i], rd->id))
				read_bundle(rd, path);
			read_metadata(rd, one);
			put_json(rd, &rd->st->name,
				 json_array_get(json_object_get(one, "names"), 0));
			put(rd, &rd->st->engine, SCA_STR("podman"));
			break;
		}
		json_decref(all);
	}
}

/* LXC's id is its name; the configuration is `key = value` a line. */
static void read_lxc(struct reading *rd)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_str text, line, key;
	char path[PATH_MAX];
	int r = make_path(path, "var/lib/lxc/%s/config", rd->id) ?
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

int state_read(struct sca_containers *cs, struct sca_str id, struct arena *text,
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
	rd.no_memory = !rd.id;
	for (size_t i = 0; i < ARRAY_SIZE(readers) && !rd.no_memory; i++)
		readers[i](&rd);
	if (rd.no_memory)
		return sca_fail_errno(err, ENOMEM, "cannot read the state of a container");
	if (!rd.found)
		return 0;
	st.id = sca_str_z(rd.id);
	*ret = st;
	return 1;
}
