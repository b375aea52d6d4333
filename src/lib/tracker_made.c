/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of cgroups that were gone before anybody could ask for the number of their directory:
 * a program on the tracepoint cgroup_mkdir keeps number and path of each that is made.
 */
#include "tracker_cgroup.h"
#include "tracker_kernel.h"

#include <fcntl.h>
#include <sys/syscall.h>

#define ENTRIES  2048u
#define PATH_LEN 320u /* with its NUL; longer ones are left to other ways */

struct cgroups_made {
	int map, prog, event;
};

/* The tracepoint's fields, as its format file tells them. */
#define HIERARCHY  8
#define ID         16
#define PATH       24
static const char *const fields[] = {
	"field:int root;\toffset:8;",
	"field:u64 id;\toffset:16;",
	"field:__data_loc char[] path;\toffset:24;",
};

#define KEY  (-8)
#define TEXT (KEY - (int)PATH_LEN)

static const struct bpf_insn program[] = {
	LOAD32(R2, R1, HIERARCHY),
	UNLESS_ZERO(R2, 17), /* version 1's */
	LOAD(R2, R1, ID),
	STORE(STACK, KEY, R2),
	/* where the path is, from the start of the event: the low half */
	LOAD32(R3, R1, PATH),
	AND(R3, 0xffff),
	ADD_REG(R3, R1),
	MOV(R1, STACK),
	ADD(R1, TEXT),
	SET(R2, PATH_LEN),
	CALL(BPF_FUNC_probe_read_kernel_str),
	MAP(R1),
	MOV(R2, STACK),
	ADD(R2, KEY),
	MOV(R3, STACK),
	ADD(R3, TEXT),
	SET(R4, BPF_ANY),
	CALL(BPF_FUNC_map_update_elem),
	SET(R0, 0),
	EXIT,
};

/* tracefs where it is mounted, or else a mount of our own that nobody sees. */
static int open_tracefs(int root)
{
	static const char *const places[] = {"sys/kernel/tracing", "sys/kernel/debug/tracing"};
	const long close_on_exec = 1, create = 6; /* as in linux/mount.h, which libc's collides with */
	int fd, fs;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		fd = root_open(root, places[i], O_PATH | O_DIRECTORY);
		if (fd >= 0 && faccessat(fd, "events", F_OK, 0) == 0)
			return fd;
		sca_close_(&fd);
	}
	fs = (int)syscall(SYS_fsopen, "tracefs", close_on_exec);
	if (fs < 0)
		return -1;
	fd = syscall(SYS_fsconfig, fs, create, NULL, NULL, 0L) < 0 ? -1 :
	     (int)syscall(SYS_fsmount, fs, close_on_exec, 0L);
	close(fs);
	return fd;
}

/* 0 when the tracepoint is not there, or not in the form that the program reads. */
static uint64_t tracepoint_number(int root)
{
	_cleanup_close_ int tracefs = open_tracefs(root);
	_cleanup_buf_ struct buf format = BUF_INIT, id = BUF_INIT;
	uint64_t number;

	if (tracefs < 0 ||
	    root_read(tracefs, "events/cgroup/cgroup_mkdir/format", 65536, &format) < 0 ||
	    root_read(tracefs, "events/cgroup/cgroup_mkdir/id", 64, &id) < 0 ||
	    str_u64(str_trim(buf_str(&id)), &number) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!str_find(buf_str(&format), sca_str_z(fields[i])))
			return 0;
	return number;
}

struct cgroups_made *made_open(int root)
{
	struct cgroups_made *m = calloc(1, sizeof(*m));
	uint64_t number;

	if (!m)
		return NULL;
	m->map = m->prog = m->event = -1;
	number = tracepoint_number(root);
	if (number)
		m->map = kernel_map("scaudit_made", sizeof(uint64_t), PATH_LEN, ENTRIES);
	if (m->map >= 0)
		m->prog = kernel_program("scaudit_made", BPF_PROG_TYPE_TRACEPOINT, program,
					 ARRAY_SIZE(program), m->map);
	if (m->prog >= 0)
		m->event = kernel_attach(m->prog, number);
	return m->event >= 0 ? m : made_close(m);
}

struct cgroups_made *made_close(struct cgroups_made *m)
{
	if (!m)
		return NULL;
	sca_close_(&m->event);
	sca_close_(&m->prog);
	sca_close_(&m->map);
	free(m);
	return NULL;
}

bool made_find(const struct cgroups_made *m, uint64_t id, struct buf *ret)
{
	char path[PATH_LEN];
	size_t n;

	if (!m || !kernel_lookup(m->map, &id, path))
		return false;
	n = strnlen(path, sizeof(path));
	if (n == 0 || n >= sizeof(path) - 1 || path[0] != '/')
		return false;
	buf_add(ret, path, n);
	return !ret->failed;
}
