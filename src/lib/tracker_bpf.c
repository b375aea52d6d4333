/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Level "bpf": the kernel itself notes, of each process that ends, in which cgroup it was.
 *
 * A program on the raw tracepoint sched_process_exit keeps, by tgid, whose its last exits were.
 * It runs for each thread. Exits in a row from the same cgroup are one; the last two, and the
 * time of what was before them, are kept. So the process of a record at time T is told even
 * when its pid was others' since: the first exit at or behind T is its own, or its thread's,
 * and that is the oldest one kept that is not before T. All before T is somebody else's.
 *
 * No libbpf and no BTF: nothing is read from the kernel's structures.
 */
#include "tracker_cgroup.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>

#define ENTRIES 65536u

/* What the program writes. 0: none. Times are of the level's clock, in ns. */
struct exits {
	uint64_t cgroup, last;   /* the latest */
	uint64_t cgroup1, last1; /* another cgroup's, before that */
	uint64_t last2;          /* what was before that, whosever */
};

/* The offset of the record's clock against ours, and the one before it was set. */
struct offset {
	int64_t ns, before_ns;
};

struct bpf {
	int map, prog, link;
	clockid_t clock;
	uint64_t loaded; /* when it began to see */
	bool roomy;      /* all pids that there can be have room */
	struct offset offset;
	struct cgroups *cgroups;
};

#define NS_PER_MS  1000000
#define SLACK_NS   (50ll * NS_PER_MS)  /* clocks are set by a bit, and not read at once */
#define STEP_NS    (500ll * NS_PER_MS) /* less is drift */
#define SOON_NS    (60000ll * NS_PER_MS)
#define AT_ONCE_NS (5000ll * NS_PER_MS)

/* -- the program -- */

#define OP(c, d, s, o, i) \
	{.code = (c), .dst_reg = (d), .src_reg = (s), .off = (int16_t)(o), .imm = (i)}
#define CALL(f)        OP(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT           OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define MOV(d, s)      OP(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i)      OP(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i)      OP(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define SHIFT(d, i)    OP(BPF_ALU64 | BPF_RSH | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o)  OP(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE(d, o, s) OP(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define KEY(d, o, s)   OP(BPF_STX | BPF_MEM | BPF_W, d, s, o, 0)
#define ZERO(d, o)     OP(BPF_ST | BPF_MEM | BPF_DW, d, 0, o, 0)
#define IF_ZERO(r, n)  OP(BPF_JMP | BPF_JEQ | BPF_K, r, 0, n, 0)
#define IF_SAME(r, s, n) OP(BPF_JMP | BPF_JEQ | BPF_X, r, s, n, 0)
#define GOTO(n)        OP(BPF_JMP | BPF_JA, 0, 0, n, 0)
#define MAP(d)         OP(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, 0), OP(0, 0, 0, 0, 0)
#define AT(field)      ((int)offsetof(struct exits, field))
#define NEW(field)     (AT(field) - 8 - (int)sizeof(struct exits)) /* below the key, on the stack */

enum { R0, R1, R2, R3, R4, CGROUP = 6, NOW = 7, STACK = 10 };

/*
 * What is moved is written before what is overwritten, and a cgroup before its time: whoever
 * reads in between takes the process for one that has not ended yet.
 */
static const struct bpf_insn program[] = {
	CALL(BPF_FUNC_get_current_pid_tgid),
	SHIFT(R0, 32),
	KEY(STACK, -8, R0),
	CALL(BPF_FUNC_get_current_cgroup_id),
	MOV(CGROUP, R0),
	CALL(BPF_FUNC_ktime_get_boot_ns),
	MOV(NOW, R0),
	MAP(R1),
	MOV(R2, STACK),
	ADD(R2, -8),
	CALL(BPF_FUNC_map_lookup_elem),
	IF_ZERO(R0, 10),
	LOAD(R1, R0, AT(cgroup)),
	IF_SAME(R1, CGROUP, 6),
	/* another process's: what was the latest is now the one before */
	LOAD(R2, R0, AT(last1)),
	STORE(R0, AT(last2), R2),
	STORE(R0, AT(cgroup1), R1),
	LOAD(R2, R0, AT(last)),
	STORE(R0, AT(last1), R2),
	STORE(R0, AT(cgroup), CGROUP),
	STORE(R0, AT(last), NOW),
	GOTO(13),
	/* the first of this tgid */
	STORE(STACK, NEW(cgroup), CGROUP),
	STORE(STACK, NEW(last), NOW),
	ZERO(STACK, NEW(cgroup1)),
	ZERO(STACK, NEW(last1)),
	ZERO(STACK, NEW(last2)),
	MAP(R1),
	MOV(R2, STACK),
	ADD(R2, -8),
	MOV(R3, STACK),
	ADD(R3, NEW(cgroup)),
	SET(R4, BPF_ANY),
	CALL(BPF_FUNC_map_update_elem),
	SET(R0, 0),
	EXIT,
};

static long bpf_call(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static long map_create(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_LRU_HASH,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(struct exits),
		.max_entries = ENTRIES,
	};

	memcpy(attr.map_name, "scaudit_exits", sizeof("scaudit_exits"));
	return bpf_call(BPF_MAP_CREATE, &attr);
}

/* Before Linux 5.8 there is no clock that goes on while the machine is suspended. */
static long program_load(struct bpf *b, int32_t clock)
{
	struct bpf_insn insns[ARRAY_SIZE(program)];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insns = pointer(insns),
		.insn_cnt = ARRAY_SIZE(insns),
		.license = pointer("Dual MIT/GPL"),
	};

	memcpy(insns, program, sizeof(insns));
	memcpy(attr.prog_name, "scaudit_exit", sizeof("scaudit_exit"));
	for (size_t i = 0; i < ARRAY_SIZE(insns); i++) {
		if (insns[i].code == (BPF_LD | BPF_DW | BPF_IMM))
			insns[i].imm = b->map;
		if (insns[i].code == (BPF_JMP | BPF_CALL) &&
		    insns[i].imm == BPF_FUNC_ktime_get_boot_ns)
			insns[i].imm = clock;
	}
	return bpf_call(BPF_PROG_LOAD, &attr);
}

static long attach(const struct bpf *b)
{
	union bpf_attr attr = {0};

	attr.raw_tracepoint.name = pointer("sched_process_exit");
	attr.raw_tracepoint.prog_fd = (uint32_t)b->prog;
	return bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

/* Read until it reads the same twice: it may be written meanwhile. */
static bool map_find(const struct bpf *b, uint32_t tgid, struct exits *ret)
{
	struct exits first;
	union bpf_attr attr = {
		.map_fd = (uint32_t)b->map,
		.key = pointer(&tgid),
		.value = pointer(&first),
	};

	*ret = (struct exits){0};
	for (unsigned i = 0; i < 4; i++) {
		if (bpf_call(BPF_MAP_LOOKUP_ELEM, &attr) < 0)
			return false;
		if (memcmp(&first, ret, sizeof(first)) == 0)
			break;
		*ret = first;
	}
	return true;
}

/* -- opening -- */

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

static void refused(struct buf *why, int e, const char *what)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].error == e) {
			buf_add_z(why, refusals[i].why);
			return;
		}
	}
	buf_addf(why, "the kernel does not %s: %s", what, strerrordesc_np(e));
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Between two readings of one clock is the other's; a pause in between makes it worse, so it is
 * taken again. */
static int64_t clock_offset(clockid_t clock)
{
	uint64_t best = UINT64_MAX;
	int64_t ret = 0;

	for (unsigned i = 0; i < 3 && best > 20000; i++) {
		uint64_t before = clock_ns(clock), wall = clock_ns(CLOCK_REALTIME);
		uint64_t after = clock_ns(clock);

		if (after - before < best) {
			best = after - before;
			ret = (int64_t)(wall - before - best / 2);
		}
	}
	return ret;
}

static void read_offset(struct bpf *b)
{
	int64_t now = clock_offset(b->clock), moved = now - b->offset.ns;

	if (moved > STEP_NS || moved < -STEP_NS)
		b->offset.before_ns = b->offset.ns;
	b->offset.ns = now;
}

static bool start_program(struct bpf *b, struct buf *why)
{
	static const struct {
		clockid_t clock;
		int32_t function;
	} clocks[] = {
		{CLOCK_BOOTTIME, BPF_FUNC_ktime_get_boot_ns},
		{CLOCK_MONOTONIC, BPF_FUNC_ktime_get_ns},
	};

	b->map = (int)map_create();
	if (b->map < 0) {
		refused(why, errno, "make a table of ended processes");
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(clocks) && b->prog < 0; i++) {
		b->clock = clocks[i].clock;
		b->prog = (int)program_load(b, clocks[i].function);
	}
	if (b->prog < 0) {
		refused(why, errno, "take the program");
		return false;
	}
	b->link = (int)attach(b);
	if (b->link < 0) {
		refused(why, errno, "attach the program");
		return false;
	}
	b->loaded = clock_ns(b->clock);
	return true;
}

/* Any entry: in another pid namespace the child's number is not the one that we know. */
static bool any_entry(const struct bpf *b, struct exits *ret)
{
	uint32_t key = 0;
	union bpf_attr attr = {.map_fd = (uint32_t)b->map, .next_key = pointer(&key)};

	return bpf_call(BPF_MAP_GET_NEXT_KEY, &attr) == 0 && map_find(b, key, ret);
}

static bool self_test(struct bpf *b, struct buf *why)
{
	struct exits seen = {0};
	uint32_t pid = 0;
	int r = tracker_child(&pid);

	if (r < 0)
		buf_addf(why, "the self-test cannot start a process: %s", strerrordesc_np(-r));
	else if (!(tracker_initial_pids() ? map_find(b, pid, &seen) : any_entry(b, &seen)))
		buf_add_z(why, "the program runs, but does not see a child of ours end; please "
			       "report this with the kernel's version");
	else if (!cgroups_knows(b->cgroups, seen.cgroup))
		buf_add_z(why, "this kernel's numbers of cgroups are not those of their "
			       "directories; Linux 5.5 is the first where they are");
	return why->n == 0;
}

/* A pid can not come back before all others were used, and none of those makes room. */
static bool pids_have_room(struct sca_tracker *t)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	uint32_t max;

	return root_read(t->cs->root, "proc/sys/kernel/pid_max", 64, &b) == 0 &&
	       str_u32(str_trim(buf_str(&b)), &max) == 0 && max <= ENTRIES / 2;
}

static void bpf_close(void *level)
{
	struct bpf *b = level;

	sca_close_(&b->link);
	sca_close_(&b->prog);
	sca_close_(&b->map);
	cgroups_free(b->cgroups);
	free(b);
}

static int bpf_open(struct sca_tracker *t, void **ret, struct buf *why, struct sca_err *err)
{
	struct bpf *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return sca_fail_errno(err, ENOMEM, "cannot watch processes");
	b->map = b->prog = b->link = -1;
	r = cgroups_new(&b->cgroups, t->cs, why, err);
	if (r == 0 && b->cgroups && start_program(b, why) && self_test(b, why)) {
		b->offset.ns = b->offset.before_ns = clock_offset(b->clock);
		b->roomy = pids_have_room(t);
		*ret = b;
		return 0;
	}
	bpf_close(b);
	return r;
}

/* -- asking -- */

/* What the exits say of a process that was there at a moment. NULL: nothing that is sure. */
static const char *judge(const struct bpf *b, const struct exits *e, int64_t time,
			 uint64_t *ret_cgroup)
{
	uint64_t from = time > 0 ? (uint64_t)time : 1, last;

	/* Three in turn: the process may have been of those that made room. */
	if (e->last < from || e->last2 >= from)
		return NULL;
	*ret_cgroup = e->last1 >= from ? e->cgroup1 : e->cgroup;
	last = e->last1 >= from ? e->last1 : e->last;
	/* Before the program ran, others' exits went unseen. */
	if (from < b->loaded)
		return last - from <= AT_ONCE_NS ? "likely" : NULL;
	return b->roomy || last - from <= SOON_NS ? "exact" : "likely";
}

/* Tries what the clocks may have done since the record was made. */
static const char *judge_record(struct bpf *b, const struct exits *e, int64_t time_ms,
				uint64_t *ret_cgroup)
{
	int64_t wall, now, then;
	const char *sure;

	read_offset(b);
	if (mul_overflow(time_ms, (int64_t)NS_PER_MS, &wall) ||
	    sub_overflow(wall, b->offset.ns, &now) ||
	    sub_overflow(wall, b->offset.before_ns, &then) || now < SLACK_NS || then < SLACK_NS)
		return NULL;
	sure = judge(b, e, now, ret_cgroup);
	if (sure)
		return sure;
	if (judge(b, e, now - SLACK_NS, ret_cgroup))
		return "likely";
	if (then != now && judge(b, e, then - SLACK_NS, ret_cgroup))
		return "likely";
	return NULL;
}

static int bpf_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		    struct sca_container_ref *ret, struct sca_err *err)
{
	struct bpf *b = level;
	struct exits exits;
	uint64_t cgroup;
	const char *sure;
	int r;

	if (!(rec->have & SCA_F_TIME) || !map_find(b, rec->pid, &exits))
		return 0;
	sure = judge_record(b, &exits, rec->time_ms, &cgroup);
	if (!sure) {
		t->reused = true;
		return 0;
	}
	r = cgroups_find(b->cgroups, cgroup, ret, err);
	if (r > 0 && str_is(ret->sure, "exact"))
		ret->sure = sca_str_z(sure);
	return r;
}

static int bpf_fd(const void *level)
{
	return cgroups_fd(((const struct bpf *)level)->cgroups);
}

static int bpf_dispatch(struct sca_tracker *t _unused_, void *level, struct sca_err *err)
{
	struct bpf *b = level;

	read_offset(b);
	return cgroups_dispatch(b->cgroups, err);
}

static void bpf_stats(const void *level, struct sca_tracker_stats *add)
{
	add->evicted += cgroups_evicted(((const struct bpf *)level)->cgroups);
}

const struct level_ops level_bpf = {
	.via = "bpf-exit",
	.open = bpf_open,
	.fd = bpf_fd,
	.dispatch = bpf_dispatch,
	.find = bpf_find,
	.stats = bpf_stats,
	.close = bpf_close,
};
