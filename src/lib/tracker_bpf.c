/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Level "bpf": the kernel itself notes, of each process that ends, in which cgroup it was.
 *
 * A program on the raw tracepoint sched_process_exit keeps, by tgid, whose its last exits were.
 * It runs for each thread; tracker_exits.h tells what that makes of a record.
 */
#include "tracker_exits.h"
#include "tracker_kernel.h"
#include "tracker_cgroup.h"

#define ENTRIES 65536u

struct bpf {
	int map, prog, link;
	struct exits_clock clock;
	struct cgroups *cgroups;
};

/* -- the program -- */

#define AT(field)      ((int)offsetof(struct exits, field))
#define NEW(field)     (AT(field) - 8 - (int)sizeof(struct exits)) /* below the key, on the stack */

#define CGROUP R6
#define NOW    R7

/*
 * What is moved is written before what is overwritten, and a cgroup before its time: whoever
 * reads in between takes the process for one that has not ended yet.
 */
static const struct bpf_insn program[] = {
	CALL(BPF_FUNC_get_current_pid_tgid),
	SHIFT(R0, 32),
	STORE32(STACK, -8, R0),
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
	SKIP(13),
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

/* Before Linux 5.8 there is no clock that goes on while the machine is suspended. */
static int load_program(const struct bpf *b, int32_t clock)
{
	struct bpf_insn insns[ARRAY_SIZE(program)];

	memcpy(insns, program, sizeof(insns));
	for (size_t i = 0; i < ARRAY_SIZE(insns); i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) &&
		    insns[i].imm == BPF_FUNC_ktime_get_boot_ns)
			insns[i].imm = clock;
	return kernel_program("scaudit_exit", BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
			      ARRAY_SIZE(insns), b->map);
}

/* Read until it reads the same twice: it may be written meanwhile. */
static bool map_find(const struct bpf *b, uint32_t tgid, struct exits *ret)
{
	struct exits again;

	if (!kernel_lookup(b->map, &tgid, ret))
		return false;
	for (unsigned i = 0; i < 4; i++) {
		if (!kernel_lookup(b->map, &tgid, &again) ||
		    memcmp(&again, ret, sizeof(again)) == 0)
			break;
		*ret = again;
	}
	return true;
}

/* -- opening -- */

static bool start_program(struct bpf *b, struct buf *why)
{
	static const struct {
		clockid_t clock;
		int32_t function;
	} clocks[] = {
		{CLOCK_BOOTTIME, BPF_FUNC_ktime_get_boot_ns},
		{CLOCK_MONOTONIC, BPF_FUNC_ktime_get_ns},
	};

	b->map = kernel_map("scaudit_exits", sizeof(uint32_t), sizeof(struct exits), ENTRIES);
	if (b->map < 0) {
		kernel_refused(why, -b->map, "make a table of ended processes");
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(clocks) && b->prog < 0; i++) {
		b->clock.id = clocks[i].clock;
		b->prog = load_program(b, clocks[i].function);
	}
	if (b->prog < 0) {
		kernel_refused(why, -b->prog, "take the program");
		return false;
	}
	b->link = kernel_attach_raw(b->prog, "sched_process_exit");
	if (b->link < 0) {
		kernel_refused(why, -b->link, "attach the program");
		return false;
	}
	exits_clock_start(&b->clock);
	return true;
}

/* Any entry: in another pid namespace the child's number is not the one that we know. */
static bool any_entry(const struct bpf *b, struct exits *ret)
{
	uint32_t key;

	return kernel_first_key(b->map, &key) && map_find(b, key, ret);
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
		b->clock.roomy = pids_have_room(t);
		*ret = b;
		return 0;
	}
	bpf_close(b);
	return r;
}

/* -- asking -- */

static int bpf_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		    struct sca_container_ref *ret, struct sca_err *err)
{
	struct bpf *b = level;
	struct exits exits = {0};
	int64_t now, then;
	uint64_t cgroup;
	const char *sure;
	int r;

	exits_clock_read(&b->clock);
	if (!(rec->have & SCA_F_TIME) || !exits_time(&b->clock, rec->time_ms, &now, &then))
		return 0;
	sure = !map_find(b, rec->pid, &exits) ? NULL :
	       exits_judge(&b->clock, &exits, now, then, t->again, &cgroup);
	if (!sure) {
		t->reused = exits.last >= (uint64_t)now;
		t->alive = !t->reused && exits_would_know(&b->clock, now);
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

	exits_clock_read(&b->clock);
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
