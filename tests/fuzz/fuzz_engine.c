/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What engines wrote about containers: runc, crun, Docker, containerd, Podman, CRI-O, LXC, and
 * their configurations. An input is files, a NUL behind each; a file's first byte says which one
 * it is. Aborts when an answer is not whole or changes without a file that did, when a span is
 * larger than its limit, when a listed container is not found by its id, or when a failure has no
 * code.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "container_int.h"
#include "probe.h"

#define ID        "aaaaaaaa0123456789abcdefaaaaaaaa0123456789abcdefaaaaaaaa01234567"
#define FILES_MAX 32 /* of an input */

static const struct {
	char letter;
	const char *path;
} files[] = {
	{'r', "run/runc/" ID "/state.json"},
	{'R', "run/containerd/runc/k8s.io/" ID "/state.json"},
	{'M', "run/docker/runtime-runc/moby/" ID "/state.json"},
	{'c', "run/crun/" ID "/status"},
	{'C', "run/crun/" ID "/config.json"},
	{'b', "bundle/config.json"},
	{'t', "run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json"},
	{'m', "run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" ID
	      "/config.json"},
	{'d', "var/lib/docker/containers/" ID "/config.v2.json"},
	{'h', "var/lib/docker/containers/" ID "/hostconfig.json"},
	{'s', "var/lib/containers/storage/overlay-containers/containers.json"},
	{'u', "var/lib/containers/storage/overlay-containers/" ID "/userdata/config.json"},
	{'l', "var/lib/lxc/" ID "/config"},
	{'D', "etc/docker/daemon.json"},
	{'S', "etc/containers/storage.conf"},
	{'P', "etc/containers/containers.conf"},
	{'T', "etc/containerd/config.toml"},
	{'p', "profile.json"},
	{'v', "var/lib/dpkg/status"},
	{'k', "proc/sys/kernel/osrelease"},
	{'q', "proc/7/stat"},
	{'g', "proc/7/cgroup"},
	{'B', "proc/stat"},
};

static char top[64];
static struct sca_containers *cs;

/* A filter that needs a child to be tried counts as one that does not end. */
int probe_run(void (*f)(void *arg) _unused_, void *arg _unused_, unsigned seconds _unused_)
{
	return SCA_E_LIMIT;
}

static void path_of(char path[512], const char *name)
{
	snprintf(path, 512, "%s/%s", top, name);
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static void remove_top(void)
{
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_top(void)
{
	char path[512];

	snprintf(top, sizeof(top), "%s/scaudit-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	must(mkdtemp(top) != NULL, "a directory");
	atexit(remove_top);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		path_of(path, files[i].path);
		for (char *p = path + strlen(top) + 1; (p = strchr(p, '/')); p++) {
			*p = '\0';
			must(mkdir(path, 0755) == 0 || errno == EEXIST, "a directory");
			*p = '/';
		}
	}
	must(sca_containers_new(&cs, top, NULL) == 0, "a root");
}

static void put_files(struct input *in, bool *written)
{
	char path[512];

	for (unsigned n = 0; n < FILES_MAX && in->p < in->end; n++) {
		char letter = (char)input_byte(in);
		struct sca_str text = input_text(in);

		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			int fd;

			if (files[i].letter != letter)
				continue;
			path_of(path, files[i].path);
			fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
			must(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n, "a file");
			close(fd);
			written[i] = true;
		}
	}
}

static void remove_files(const bool *written)
{
	char path[512];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		path_of(path, files[i].path);
		if (written[i])
			unlink(path);
	}
}

/* Nothing is remembered from one call to the next. */
static void forget(void)
{
	cs->keep_ms = cs->missing_ms = 0;
	cs->dirs.known = false;
	for (size_t i = 0; i < STATE_ENTRIES_MAX; i++)
		if (cs->ring[i])
			cs->ring[i]->until_ms = 0;
}

static void add_state(struct buf *b, const struct sca_container_state *st)
{
	const struct sca_str fields[] = {
		st->id, st->engine, st->name, st->image, st->pod, st->ns, st->pod_uid,
		st->runtime, st->cgroup, st->config, st->profile, st->rootfs, st->label,
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		must(fields[i].n <= 4096, "a field has a limit");
		buf_addf(b, "%zu:", fields[i].n);
		buf_add_str(b, fields[i]);
	}
	buf_addf(b, "%u %llu", st->init_pid, (unsigned long long)st->init_start);
	must(st->id.n && st->engine.n, "a container has an id and an engine");
	must(!b->failed, "memory");
}

static bool check_state(struct buf *b)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_container_state st;
	int r;

	forget();
	r = sca_containers_state(cs, SCA_STR(ID), &st, &err);
	must(r == 0 || (r == -ENOENT && err.text[0]), "known or not");
	if (r < 0)
		return false;
	must(str_is(st.id, ID), "it is the one that was asked for");
	add_state(b, &st);
	return true;
}

static int see(const struct sca_container_state *st, void *arg, struct sca_err *err _unused_)
{
	struct buf *last = arg;

	must(last->n == 0 || memcmp(last->p, st->id.p, MIN(last->n, st->id.n)) <= 0, "in order");
	buf_reset(last);
	buf_add_str(last, st->id);
	return 0;
}

static void check_list(bool known)
{
	_cleanup_buf_ struct buf last = BUF_INIT;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_container_state st;
	int r;

	forget();
	must(sca_containers_each(cs, see, &last, &err) == 0, "all are listed");
	forget();
	r = sca_containers_find(cs, SCA_STR(ID), &st, &err);
	must(!known || (r == 0 && str_is(st.id, ID)), "a listed one is found");
	must(r == 0 || ((r == -ENOENT || r == SCA_E_CONFLICT) && err.text[0]), "a code");
}

static void check_profile(bool target_only)
{
	struct sca_container_profile cp = {.profile = NULL};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_container_state st;
	int r;

	if (sca_containers_state(cs, SCA_STR(ID), &st, NULL) < 0)
		return;
	r = sca_containers_profile(cs, &st, target_only, &cp, &err);
	if (r < 0) {
		must(err.code == r && err.text[0], "a failure has a code and a text");
		return;
	}
	must(target_only == !cp.profile, "a profile is what was asked for");
	must(cp.target.runtime < SCA_RUNTIME_COUNT && cp.target.frontend < SCA_FRONTEND_COUNT,
	     "a target");
	sca_profile_free(cp.profile);
}

static void check_process(void)
{
	struct sca_container_ref ref = {0};
	struct sca_err err = SCA_ERR_INIT;
	int r = sca_containers_by_pid(cs, 7, 1700000000000, true, &ref, &err);

	must(r == 0 || err.text[0], "a failure has a text");
	must(r < 0 || str_is(ref.via, "proc") || str_is(ref.via, "none"), "a way");
	must(r < 0 || !ref.id.n || (ref.sure.n && ref.engine.n), "an answer is whole");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_buf_ struct buf a = BUF_INIT, b = BUF_INIT;
	struct input in = {data, data + n};
	bool written[ARRAY_SIZE(files)] = {false};
	bool known;

	if (!cs)
		make_top();
	put_files(&in, written);
	known = check_state(&a);
	must(check_state(&b) == known && str_eq(buf_str(&a), buf_str(&b)),
	     "the same files, the same answer");
	check_list(known);
	check_profile(false);
	check_profile(true);
	check_process();
	remove_files(written);
	return 0;
}
