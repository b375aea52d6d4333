/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_kernel.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define INSNS_MAX 64u

static int bpf_call(enum bpf_cmd cmd, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

int kernel_map(const char *name, size_t key, size_t value, uint32_t entries)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_LRU_HASH,
		.key_size = (uint32_t)key,
		.value_size = (uint32_t)value,
		.max_entries = entries,
	};

	memcpy(attr.map_name, name, MIN(strlen(name), sizeof(attr.map_name) - 1));
	return bpf_call(BPF_MAP_CREATE, &attr);
}

/* Helpers that read the kernel's memory, and all clocks before Linux 5.8, are for programs that
 * may be had under the GPL, too. */
int kernel_program(const char *name, enum bpf_prog_type type, const struct bpf_insn *insns,
		   size_t n, int map)
{
	struct bpf_insn copy[INSNS_MAX];
	union bpf_attr attr = {
		.prog_type = type,
		.insns = pointer(copy),
		.insn_cnt = (uint32_t)n,
		.license = pointer("Dual MIT/GPL"),
	};

	if (n > INSNS_MAX)
		return -E2BIG;
	memcpy(copy, insns, n * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		if (copy[i].code == (BPF_LD | BPF_DW | BPF_IMM))
			copy[i].imm = map;
	memcpy(attr.prog_name, name, MIN(strlen(name), sizeof(attr.prog_name) - 1));
	return bpf_call(BPF_PROG_LOAD, &attr);
}

int kernel_attach_raw(int program, const char *tracepoint)
{
	union bpf_attr attr = {0};

	attr.raw_tracepoint.name = pointer(tracepoint);
	attr.raw_tracepoint.prog_fd = (uint32_t)program;
	return bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

int kernel_attach(int program, uint64_t tracepoint)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = tracepoint,
	};
	/* The program runs whichever CPU comes by. */
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

bool kernel_lookup(int map, const void *key, void *ret_value)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)map, .key = pointer(key), .value = pointer(ret_value),
	};

	return bpf_call(BPF_MAP_LOOKUP_ELEM, &attr) == 0;
}

bool kernel_first_key(int map, void *ret_key)
{
	union bpf_attr attr = {.map_fd = (uint32_t)map, .next_key = pointer(ret_key)};

	return bpf_call(BPF_MAP_GET_NEXT_KEY, &attr) == 0;
}

/* What the steps' failures mean to people. */
static const struct {
	int error;
	const char *why;
} refusals[] = {
	{EPERM, "the kernel refuses bpf() to this process: it needs CAP_BPF and CAP_PERFMON (before "
		"Linux 5.8 CAP_SYS_ADMIN; before 5.11 also LimitMEMLOCK=infinity), and in a "
		"container a seccomp profile that allows bpf"},
	{EACCES, "the kernel's verifier does not take the program; this is a fault of scaudit"},
	{ENOSYS, "this kernel has no bpf() (CONFIG_BPF_SYSCALL)"},
	{ENOENT, "this kernel has no tracepoint sched_process_exit (CONFIG_BPF_EVENTS)"},
	{EINVAL, "this kernel's bpf() knows no raw tracepoints; Linux 4.18 is the first that does"},
	{ENOMEM, "the kernel has no memory for the table of ended processes"},
};

void kernel_refused(struct buf *why, int e, const char *what)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].error == e) {
			buf_add_z(why, refusals[i].why);
			return;
		}
	}
	buf_addf(why, "the kernel does not %s: %s", what, strerrordesc_np(e));
}
