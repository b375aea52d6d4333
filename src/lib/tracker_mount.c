/* SPDX-License-Identifier: Apache-2.0 */
/* Where the whole version 2 hierarchy is mounted, and what its file handles tell. */
#include "tracker_cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MOUNTINFO_MAX (4u << 20)
#define ROOT_ID       1u
#define KERNFS_HANDLE 0xfe /* FILEID_KERNFS: the id, in 8 bytes */

/* mountinfo writes blanks and the like as \ooo. */
static void unescape(struct buf *b, struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && s.n - i >= 4) {
			buf_add_c(b, (char)((s.p[i + 1] - '0') * 64 + (s.p[i + 2] - '0') * 8 +
					    (s.p[i + 3] - '0')));
			i += 3;
		} else {
			buf_add_c(b, s.p[i]);
		}
	}
}

/* Opens the mount of one line of mountinfo when it is the whole hierarchy. */
static void try_mount(struct cgroup_mount *m, struct sca_str line, bool *ret_partial)
{
	struct sca_str word, at = {0};
	struct stat st;

	for (unsigned i = 0; i < 5; i++)
		if (!str_cut(&line, ' ', &at))
			return;
	while (str_cut(&line, ' ', &word) && !str_is(word, "-"))
		;
	if (!str_cut(&line, ' ', &word) || !str_is(word, "cgroup2"))
		return;
	buf_reset(&m->path);
	unescape(&m->path, at);
	if (m->path.failed)
		return;
	m->fd = open(m->path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->fd >= 0 && (fstat(m->fd, &st) < 0 || st.st_ino != ROOT_ID)) {
		*ret_partial = true;
		sca_close_(&m->fd);
		m->fd = -1;
	}
}

bool mount_open(struct cgroup_mount *m, int root, struct buf *why)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	bool partial = false;
	struct sca_str rest, line;

	*m = (struct cgroup_mount){.fd = -1, .path.max = SCA_CGROUP_PATH_MAX};
	if (root_read(root, "proc/self/mountinfo", MOUNTINFO_MAX, &b) < 0) {
		buf_add_z(why, "/proc/self/mountinfo can not be read: mount /proc");
		return false;
	}
	rest = buf_str(&b);
	while (m->fd < 0 && str_cut(&rest, '\n', &line))
		try_mount(m, line, &partial);
	if (m->fd >= 0)
		return true;
	buf_add_z(why, partial ? "only a part of the cgroups is seen here: mount the host's "
				 "/sys/fs/cgroup, or run in its cgroup namespace (docker "
				 "--cgroupns=host)" :
				 "there is no cgroup2 hierarchy (boot with "
				 "systemd.unified_cgroup_hierarchy=1, or mount it: mount -t cgroup2 "
				 "none DIR)");
	return false;
}

int mount_find(const struct cgroup_mount *m, uint64_t id, struct buf *ret)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} u = {.handle = {.handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE}};
	_cleanup_close_ int fd = -1;
	char link[64], path[SCA_CGROUP_PATH_MAX];
	struct sca_str s = {path, 0};
	ssize_t n;

	memcpy(u.room + offsetof(struct file_handle, f_handle), &id, sizeof(id));
	fd = open_by_handle_at(m->fd, &u.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	s.n = n > 0 && (size_t)n < sizeof(path) ? (size_t)n : 0;
	if (!str_starts(s, buf_str(&m->path)) || s.n <= m->path.n || s.p[m->path.n] != '/')
		return -ESTALE;
	buf_add_str(ret, str_skip(s, m->path.n));
	return ret->failed ? -ENOMEM : 0;
}

void mount_close(struct cgroup_mount *m)
{
	sca_close_(&m->fd);
	buf_release(&m->path);
}
