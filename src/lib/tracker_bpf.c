/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Level "bpf": the kernel itself notes, of each process that ends, in which cgroup it was.
 *
 * A program on the raw tracepoint sched_process_exit keeps, by tgid, whose its last exits were.
 * It runs for each thread. Exits in a row from the same cgroup are one; the last two, and the
 * time of what was before them, are kept. So the process of a record at time T is told even
 * when its pid was others' since: the first exit at or behind T is its own, or its thread's,
 * and that is the oldest one kept that is not before T. All before T is somebody else's.
 */
#include "tracker_kernel.h"
#include "tracker_cgroup.h"

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
#define PAUSE_NS   20000ll
#define SOON_NS    (60000ll * NS_PER_MS)
#define AT_ONCE_NS (5000ll * NS_PER_MS)

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

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Between two readings of one clock is the other's. Only what happened at once is believed, or
 * what differs by more than the pause in between: that clock was set. */
static void read_offset(struct bpf *b)
{
	int64_t pause = INT64_MAX, now = 0, moved;

	for (unsigned i = 0; i < 3 && pause > PAUSE_NS; i++) {
		uint64_t before = clock_ns(b->clock), wall = clock_ns(CLOCK_REALTIME);
		uint64_t after = clock_ns(b->clock);

		if ((int64_t)(after - before) < pause) {
			pause = (int64_t)(after - before);
			now = (int64_t)(wall - before) - pause / 2;
		}
	}
	moved = now > b->offset.ns ? now - b->offset.ns : b->offset.ns - now;
	if (pause > PAUSE_NS && moved < pause + STEP_NS)
		return;
	if (moved > STEP_NS)
		b->offset.before_ns = b->offset.ns ? b->offset.ns : now;
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

	b->map = kernel_map("scaudit_exits", sizeof(uint32_t), sizeof(struct exits), ENTRIES);
	if (b->map < 0) {
		kernel_refused(why, -b->map, "make a table of ended processes");
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(clocks) && b->prog < 0; i++) {
		b->clock = clocks[i].clock;
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
	b->loaded = clock_ns(b->clock);
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
		read_offset(b);
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

/* A record's time by our clock, as the clocks are now and as they were before they were set. */
static bool record_time(struct bpf *b, const struct sca_record *rec, int64_t *ret_now,
			int64_t *ret_then)
{
	int64_t wall;

	read_offset(b);
	return !mul_overflow(rec->time_ms, (int64_t)NS_PER_MS, &wall) &&
	       !sub_overflow(wall, b->offset.ns, ret_now) && *ret_now >= SLACK_NS &&
	       !sub_overflow(wall, b->offset.before_ns, ret_then) && *ret_then >= SLACK_NS;
}

/* An exit shortly before the record is one of another thread, or the clocks are at fault; that is
 * told apart when /proc was asked, too. */
static const char *judge_record(const struct bpf *b, const struct exits *e, int64_t now,
				int64_t then, bool again, uint64_t *ret_cgroup)
{
	const char *sure = judge(b, e, now, ret_cgroup);

	if (sure || !again)
		return sure;
	if (judge(b, e, now - SLACK_NS, ret_cgroup))
		return "likely";
	if (then != now && judge(b, e, then - SLACK_NS, ret_cgroup))
		return "likely";
	return NULL;
}

/* Whether an exit behind that time would be in the map. */
static bool would_know(const struct bpf *b, int64_t time)
{
	return (uint64_t)time >= b->loaded &&
	       (b->roomy || clock_ns(b->clock) <= (uint64_t)time + SOON_NS);
}

static int bpf_find(struct sca_tracker *t, void *level, const struct sca_record *rec,
		    struct sca_container_ref *ret, struct sca_err *err)
{
	struct bpf *b = level;
	struct exits exits = {0};
	int64_t now, then;
	uint64_t cgroup;
	const char *sure;
	int r;

	if (!(rec->have & SCA_F_TIME) || !record_time(b, rec, &now, &then))
		return 0;
	sure = !map_find(b, rec->pid, &exits) ? NULL :
	       judge_record(b, &exits, now, then, t->again, &cgroup);
	if (!sure) {
		t->alive = exits.last < (uint64_t)now && would_know(b, now);
		t->reused = exits.last;
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
