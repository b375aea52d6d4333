/* SPDX-License-Identifier: Apache-2.0 */
#include "container_engine.h"

#include <dirent.h>
#include <fcntl.h>

#define CONFIG_FILE_MAX   (1u << 20)
#define PACKAGES_FILE_MAX (64u << 20)
#define DIR_MAX           1024u /* of a configured path */

const char *const storage_drivers[STORAGE_DRIVERS + 1] = {"overlay", "vfs", "btrfs", "zfs"};

bool path_make(char path[PATH_MAX], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, PATH_MAX, fmt, ap);
	va_end(ap);
	return n > 0 && n < PATH_MAX;
}

/* An empty buffer when there is no file, or none to use; the latter is counted. -ENOMEM. */
static int read_text(struct sca_containers *cs, const char *path, size_t max, struct buf *b)
{
	int r = root_read(cs->root, path, max, b);

	if (r == 0)
		return 1;
	buf_reset(b);
	cs->stats.damaged += r != -ENOENT && r != -ENOTDIR && r != -ENOMEM;
	return r == -ENOMEM ? r : 0;
}

int engine_json(struct sca_containers *cs, const char *path, size_t max, json_t **ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	json_error_t error;
	int r = read_text(cs, path, max, &b);

	*ret = NULL;
	if (r <= 0)
		return r;
	*ret = json_loadb(b.p ? b.p : "", b.n, JSON_ALLOW_NUL, &error);
	if (!*ret && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	cs->stats.damaged += !*ret;
	return 0;
}

bool toml_string(struct sca_str text, const char *table, const char *key, struct sca_str *ret)
{
	struct sca_str line, name, in = {NULL, 0};

	while (str_cut(&text, '\n', &line)) {
		const char *end;

		line = str_trim(line);
		if (line.n && line.p[0] == '[') {
			end = memchr(line.p, ']', line.n);
			if (end)
				in = str_trim((struct sca_str){line.p + 1,
							       (size_t)(end - line.p) - 1});
			continue;
		}
		if (!str_eq(in, sca_str_z(table)) || !line.n || !memchr(line.p, '=', line.n))
			continue;
		str_cut(&line, '=', &name);
		line = str_trim(line);
		if (!str_eq(str_trim(name), sca_str_z(key)) || line.n < 2 ||
		    !strchr("\"'", line.p[0]))
			continue;
		end = memchr(line.p + 1, line.p[0], line.n - 1);
		if (!end || memchr(line.p, '\\', line.n))
			continue;
		*ret = (struct sca_str){line.p + 1, (size_t)(end - line.p) - 1};
		return true;
	}
	return false;
}

/* Takes a configured path; what is no absolute one is damage. False without memory. */
static bool take_path(struct sca_containers *cs, const char **field, struct sca_str value)
{
	struct engine_dirs *d = &cs->dirs;

	if (value.n == 0)
		return true;
	if (value.n > DIR_MAX || value.p[0] != '/' || memchr(value.p, '\0', value.n)) {
		cs->stats.damaged++;
		return true;
	}
	*field = arena_dup(&d->text, value);
	return *field;
}

static int read_docker(struct sca_containers *cs)
{
	struct engine_dirs *d = &cs->dirs;
	json_t *json;
	const struct {
		const char *key, **field;
	} rows[] = {
		{"data-root", &d->docker_data},
		{"exec-root", &d->docker_exec},
	};
	struct sca_str profile;
	int r = engine_json(cs, "etc/docker/daemon.json", CONFIG_FILE_MAX, &json);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		if (!take_path(cs, rows[i].field, json_str(json_object_get(json, rows[i].key))))
			r = -ENOMEM;
	profile = json_str(json_object_get(json, "seccomp-profile"));
	if (r == 0 && profile.n) {
		d->docker_profile = arena_dup(&d->text, profile);
		r = d->docker_profile ? 0 : -ENOMEM;
	}
	json_decref(json);
	return r;
}

/* The first of two files that is there, and one string of it. */
static int read_toml(struct sca_containers *cs, const char *const files[2], const char *table,
		     const char *key, const char **field)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_str value;
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2 && files[i]; i++)
		r = read_text(cs, files[i], CONFIG_FILE_MAX, &b);
	if (r > 0 && toml_string(buf_str(&b), table, key, &value) &&
	    !take_path(cs, field, value))
		r = -ENOMEM;
	return MIN(r, 0);
}

static int read_tomls(struct sca_containers *cs)
{
	struct engine_dirs *d = &cs->dirs;
	const struct {
		const char *files[2], *table, *key, **field;
	} rows[] = {
		{{"etc/containers/storage.conf", "usr/share/containers/storage.conf"}, "storage",
		 "graphroot", &d->storage},
		{{"usr/share/containers/containers.conf"}, "containers", "seccomp_profile",
		 &d->podman_profile},
		{{"etc/containers/containers.conf"}, "containers", "seccomp_profile",
		 &d->podman_profile},
		{{"etc/containerd/config.toml"}, "", "state", &d->containerd},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		r = read_toml(cs, rows[i].files, rows[i].table, rows[i].key, rows[i].field);
	return r;
}

static bool add_state_dir(struct engine_dirs *d, size_t i, const struct state_dir *row,
			  const char *below)
{
	d->state[i] = *row;
	d->state[i].dir = arena_printf(&d->text, "%s%s", row->dir + strspn(row->dir, "/"), below);
	return d->state[i].dir;
}

/* runc's root under containerd is a constant of its shim; Docker's shim gets it told. Who else has
 * the runtimes' own directories is for others to tell. */
static int make_state_dirs(struct engine_dirs *d)
{
	const struct {
		struct state_dir in;
		const char *below;
	} rows[ENGINE_DIRS] = {
		{{d->docker_exec, "docker", false, false}, "/runtime-runc/moby"},
		{{"/run/containerd/runc", "containerd", true, false}, ""},
		{{d->containerd, "containerd", true, true}, "/io.containerd.runtime.v2.task"},
		{{d->docker_exec, "docker", true, true},
		 "/containerd/daemon/io.containerd.runtime.v2.task"},
	};
	const struct state_dir own = {.dir = RUNTIME_DIR};
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ok = ok && add_state_dir(d, i, &rows[i].in, rows[i].below);
	for (size_t i = 0; i < SCA_RUNTIME_COUNT; i++)
		ok = ok && add_state_dir(d, ENGINE_DIRS + i, &own, sca_runtime_name(i));
	return ok ? 0 : -ENOMEM;
}

int engine_dirs(struct sca_containers *cs, const struct engine_dirs **ret)
{
	struct engine_dirs *d = &cs->dirs;
	int r = 0;

	if (!d->known || d->until_ms < cs->now_ms) {
		arena_release(&d->text);
		*d = (struct engine_dirs){
			.docker_data = "/var/lib/docker",
			.docker_exec = "/run/docker",
			.storage = "/var/lib/containers/storage",
			.containerd = "/run/containerd",
			.until_ms = cs->now_ms + cs->keep_ms,
		};
		r = read_docker(cs);
		if (r == 0)
			r = read_tomls(cs);
		if (r == 0)
			r = make_state_dirs(d);
		d->known = r == 0;
	}
	*ret = d;
	return r;
}

const char *sca_containers_dir(struct sca_containers *cs, size_t i)
{
	const struct engine_dirs *d;

	if (engine_dirs(cs, &d) < 0)
		return NULL;
	switch (i) {
	case 0: return d->docker_data;
	case 1: return d->docker_exec;
	case 2: return d->storage;
	case 3: return d->containerd;
	case 4: return "/run/runc";
	case 5: return "/run/crun";
	default: return NULL;
	}
}

const struct state_dir *state_dir(struct sca_containers *cs, size_t i)
{
	const struct engine_dirs *d;

	return i < STATE_DIRS && engine_dirs(cs, &d) == 0 ? &d->state[i] : NULL;
}

int engine_storage(struct sca_containers *cs, size_t driver, json_t **ret)
{
	char path[PATH_MAX];
	int r;

	if (cs->listing && cs->have_storage[driver]) {
		*ret = cs->storage[driver];
		return 0;
	}
	*ret = NULL;
	r = path_make(path, "%s/%s-containers/containers.json", cs->dirs.storage,
		      storage_drivers[driver]) ?
		    engine_json(cs, path, STORAGE_FILE_MAX, ret) : 0;
	if (r == 0 && cs->listing) {
		cs->storage[driver] = *ret;
		cs->have_storage[driver] = true;
	}
	return r;
}

void engine_storage_done(const struct sca_containers *cs, json_t *all)
{
	if (!cs->listing)
		json_decref(all);
}

void engine_list_begin(struct sca_containers *cs)
{
	cs->listing = true;
}

void engine_list_end(struct sca_containers *cs)
{
	for (size_t i = 0; i < STORAGE_DRIVERS; i++) {
		json_decref(cs->storage[i]);
		cs->storage[i] = NULL;
		cs->have_storage[i] = false;
	}
	cs->listing = false;
}

int engine_each_entry(struct sca_containers *cs, const char *path, size_t max,
		      bool (*fn)(const char *name, void *arg), void *arg)
{
	int fd = root_open(cs->root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	bool more = true;

	if (!dir) {
		int r = fd >= 0 && errno == ENOMEM ? -ENOMEM : 0;

		cs->stats.damaged += fd == -EACCES;
		sca_close_(&fd);
		return r;
	}
	for (size_t n = 0; more && n < max && (de = readdir(dir));) {
		if (de->d_name[0] == '.')
			continue;
		n++;
		more = fn(de->d_name, arg);
	}
	closedir(dir);
	return 0;
}

/* One paragraph a package, separated by blank lines. */
static bool find_package(struct sca_str text, const char *name_key, const char *version_key,
			 const char *name, struct sca_str *ret)
{
	struct sca_str line, keys[] = {sca_str_z(name_key), sca_str_z(version_key)};
	bool here = false;

	while (str_cut(&text, '\n', &line)) {
		if (str_starts(line, keys[0]))
			here = str_eq(str_trim(str_skip(line, keys[0].n)), sca_str_z(name));
		else if (here && str_starts(line, SCA_STR("Status: ")))
			here = str_is(str_trim(line), "Status: install ok installed") ||
			       str_is(str_trim(line), "Status: hold ok installed");
		else if (here && str_starts(line, keys[1]))
			*ret = str_trim(str_skip(line, keys[1].n));
		if (here && ret->n)
			return true;
	}
	return false;
}

int engine_package(struct sca_containers *cs, const char *name, struct arena *text,
		   struct sca_str *ret)
{
	static const struct {
		const char *file, *name, *version;
	} rows[] = {
		{"var/lib/dpkg/status", "Package: ", "Version: "},
		{"lib/apk/db/installed", "P:", "V:"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_str version = {NULL, 0}, epoch;
		int r = read_text(cs, rows[i].file, PACKAGES_FILE_MAX, &b);

		if (r < 0)
			return r;
		if (r == 0 || !find_package(buf_str(&b), rows[i].name, rows[i].version, name,
					    &version))
			continue;
		if (memchr(version.p, ':', version.n))
			str_cut(&version, ':', &epoch);
		return arena_dup_str(text, version, ret) ? 1 : -ENOMEM;
	}
	return 0;
}
