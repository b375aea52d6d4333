/* SPDX-License-Identifier: Apache-2.0 */
/* Lineage: made-up events and a made-up /proc, and what is said of each process behind them. */
#include "container_tree.h"
#include "lineage.h"

enum what {
	TASK,   /* pid is in /proc, in a cgroup, since ms */
	GONE,   /* pid is in /proc no more */
	SEED,
	FORK,   /* pid, child `other` */
	THREAD, /* of pid */
	EXEC,
	EXIT,
	LEAVE,  /* a thread of pid ends */
	LOST,   /* as many events as pid says */
	ASK,    /* pid at ms: a cgroup and how sure; "-": nothing, "reused": another's */
	INIT,   /* the same for a record of a runtime's own code */
};

/* A cgroup by a letter. */
static const struct {
	char letter;
	const char *text, *id, *unit;
} homes[] = {
	{'A', "0::/docker/" A64 "\n", A64, ""},
	{'B', "0::/docker/" B64 "\n", B64, ""},
	{'b', "0::/docker/" B64 "/below\n", B64, ""},
	{'C', "0::/system.slice/containerd.service\n", "", "containerd.service"},
	{'N', "0::/system.slice/nginx.service\n", "", "nginx.service"},
	{'/', "1:name=systemd:/\n0::/\n", "", ""},
};

static const struct step {
	const char *row; /* NULL: of the one before */
	enum what what;
	uint32_t pid, other;
	unsigned ms;
	const char *home;
} steps[] = {
	{"seeded", TASK, 10, 0, 1000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, ASK, 10, 0, 1000, "A exact"},
	{NULL, ASK, 10, 0, 990, "A exact"}, /* within a record's clock */
	{NULL, ASK, 10, 0, 900, "reused"},
	{NULL, ASK, 11, 0, 1000, "-"},

	{"a child dies at once", TASK, 10, 0, 1000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, EXIT, 11, 0, 2003, NULL},
	{NULL, ASK, 11, 0, 2001, "A exact"},
	{NULL, ASK, 11, 0, 2020, "A exact"},
	{NULL, ASK, 11, 0, 2100, "reused"},
	{NULL, GONE, 10, 0, 0, NULL},
	{NULL, EXIT, 10, 0, 2500, NULL},
	{NULL, ASK, 11, 0, 2001, "A exact"}, /* when all are gone */
	{NULL, ASK, 10, 0, 2001, "A exact"},

	{"a thread is no process", TASK, 10, 0, 1000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, THREAD, 10, 11, 2000, NULL},
	{NULL, ASK, 11, 0, 2000, "-"},
	{NULL, EXIT, 10, 0, 2100, NULL},
	{NULL, LEAVE, 10, 11, 2300, NULL}, /* it outlives the first thread */
	{NULL, ASK, 10, 0, 2200, "A exact"},
	{NULL, ASK, 10, 0, 2400, "reused"},

	{"exec reads anew", TASK, 10, 0, 1000, "C"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, TASK, 11, 0, 2000, "A"},
	{NULL, EXEC, 11, 0, 2010, NULL},
	{NULL, ASK, 11, 0, 2010, "A exact"},
	{NULL, FORK, 11, 12, 2020, NULL},
	{NULL, ASK, 12, 0, 2020, "A exact"},

	{"dead before its exec is read", TASK, 10, 0, 1000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, ASK, 11, 0, 2001, "A likely"},
	{NULL, FORK, 11, 12, 2002, NULL},
	{NULL, ASK, 12, 0, 2002, "A likely"}, /* it is inherited */

	{"a container's first process is not in the shim's cgroup", TASK, 10, 0, 1000, "C"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, ASK, 10, 0, 1000, "C exact"},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, ASK, 11, 0, 2000, "C likely"},
	{NULL, INIT, 11, 0, 2000, "-"},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, ASK, 11, 0, 2001, "-"},

	{"whose children go elsewhere says nothing of the next one", TASK, 10, 0, 1000, "C"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, TASK, 11, 0, 2000, "A"},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, FORK, 10, 12, 2002, NULL},
	{NULL, ASK, 12, 0, 2002, "-"},
	{NULL, FORK, 12, 13, 2003, NULL},
	{NULL, ASK, 13, 0, 2003, "-"},
	{NULL, TASK, 12, 0, 2002, "B"},
	{NULL, EXEC, 12, 0, 2004, NULL},
	{NULL, ASK, 12, 0, 2004, "B exact"},

	{"a cgroup below is the same container", TASK, 10, 0, 1000, "B"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, TASK, 11, 0, 2000, "b"},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, FORK, 10, 12, 2002, NULL},
	{NULL, ASK, 12, 0, 2002, "B exact"},

	{"/ on the way out", TASK, 10, 0, 1000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, TASK, 11, 0, 2000, "/"},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, ASK, 11, 0, 2001, "A likely"},

	{"/ is no proof of the host", TASK, 10, 0, 1000, "/"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, ASK, 11, 0, 2000, "-"},

	{"a unit's worker", TASK, 10, 0, 1000, "N"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, ASK, 11, 0, 2000, "N likely"},
	{NULL, TASK, 11, 0, 2000, "N"},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, ASK, 11, 0, 2001, "N exact"},

	{"a pid comes back", TASK, 10, 0, 1000, "A"},
	{NULL, TASK, 20, 0, 1000, "B"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, EXIT, 11, 0, 2100, NULL},
	{NULL, FORK, 20, 11, 3000, NULL},
	{NULL, ASK, 11, 0, 2050, "A exact"},
	{NULL, ASK, 11, 0, 2500, "reused"},
	{NULL, ASK, 11, 0, 3050, "B exact"},

	{"a pid comes back, its end was lost", TASK, 10, 0, 1000, "A"},
	{NULL, TASK, 20, 0, 1000, "B"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, FORK, 20, 11, 3000, NULL},
	{NULL, ASK, 11, 0, 3050, "B exact"},
	{NULL, ASK, 11, 0, 2050, "A exact"},

	{"two lives too near to tell", TASK, 10, 0, 1000, "A"},
	{NULL, TASK, 20, 0, 1000, "B"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, EXIT, 11, 0, 2100, NULL},
	{NULL, FORK, 20, 11, 2140, NULL},
	{NULL, ASK, 11, 0, 2120, "reused"},

	{"exec is another's by the time it is read", TASK, 10, 0, 1000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, TASK, 11, 0, 2500, "B"},
	{NULL, EXEC, 11, 0, 2001, NULL},
	{NULL, ASK, 11, 0, 2001, "A likely"},

	{"the seed saw what an event then tells", TASK, 10, 0, 1000, "C"},
	{NULL, TASK, 11, 0, 2000, "A"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2004, NULL},
	{NULL, ASK, 11, 0, 2004, "A exact"},

	{"events were lost", TASK, 10, 0, 1000, "A"},
	{NULL, TASK, 12, 0, 1000, "B"},
	{NULL, SEED, 0, 0, 0, NULL},
	{NULL, LOST, 3, 0, 0, NULL},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, ASK, 10, 0, 2000, "A likely"},
	{NULL, ASK, 11, 0, 2000, "A likely"},
	{NULL, TASK, 11, 0, 2000, "A"},
	{NULL, EXEC, 11, 0, 2010, NULL},
	{NULL, ASK, 11, 0, 2010, "A exact"},
	{NULL, GONE, 12, 0, 0, NULL},
	{NULL, SEED, 0, 0, 2500, NULL},
	{NULL, ASK, 10, 0, 2000, "A exact"},
	{NULL, ASK, 12, 0, 2600, "reused"}, /* it ended unheard */

	{"a parent that nobody knows", TASK, 11, 0, 2000, "A"},
	{NULL, FORK, 10, 11, 2000, NULL},
	{NULL, ASK, 11, 0, 2000, "A exact"},
	{NULL, FORK, 10, 12, 2000, NULL},
	{NULL, ASK, 12, 0, 2000, "-"},

	{"events of nobody", EXIT, 9, 0, 2000, NULL},
	{NULL, EXEC, 9, 0, 2000, NULL},
	{NULL, LEAVE, 9, 8, 2000, NULL},
	{NULL, ASK, 9, 0, 2000, "-"},
};

static const char *text_of(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++)
		if (homes[i].letter == letter)
			return homes[i].text;
	fail_msg("no cgroup %c", letter);
	return NULL;
}

static void gone(uint32_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	unlink(under(path));
	snprintf(path, sizeof(path), "proc/%u/cgroup", pid);
	unlink(under(path));
	snprintf(path, sizeof(path), "proc/%u", pid);
	rmdir(under(path));
}

static void ask(struct lineage *l, size_t i, const char *row)
{
	const struct lineage_life *life = NULL;
	struct sca_container_ref ref = {0};
	const char *want = steps[i].home;
	bool found;
	size_t k;

	if (lineage_at(l, steps[i].pid, steps[i].ms * UINT64_C(1000000), &life) == LINEAGE_OTHER) {
		if (strcmp(want, "reused") != 0)
			fail_msg("%s, step %zu: the pid was another's", row, i);
		return;
	}
	found = life && lineage_answer(l, life, steps[i].what == INIT, &ref, NULL) > 0;
	for (k = 0; k < ARRAY_SIZE(homes) && homes[k].letter != want[0]; k++)
		;
	if (found != (k < ARRAY_SIZE(homes)) ||
	    (found && (!str_eq(ref.id, sca_str_z(homes[k].id)) ||
		       !str_eq(ref.unit, sca_str_z(homes[k].unit)) ||
		       !str_eq(ref.sure, sca_str_z(want + 2)))))
		fail_msg("%s, step %zu: not %s but id '%.*s', unit '%.*s', sure '%.*s'", row, i,
			 want, (int)ref.id.n, ref.id.p, (int)ref.unit.n, ref.unit.p,
			 (int)ref.sure.n, ref.sure.p);
}

static int step(struct lineage *l, size_t i, const char *row, struct sca_err *err)
{
	const struct step *s = &steps[i];
	struct lineage_event ev = {
		.pid = s->pid, .tgid = s->pid, .at_ns = s->ms * UINT64_C(1000000),
	};

	switch (s->what) {
	case TASK:
		put_task(s->pid, "x", 'S', s->ms / 10, text_of(s->home[0]));
		return 0;
	case GONE:
		gone(s->pid);
		return 0;
	case SEED:
		return lineage_seed(l, ev.at_ns, err);
	case FORK:
		ev.parent = s->pid;
		ev.pid = ev.tgid = s->other;
		return lineage_feed(l, &ev, err);
	case THREAD:
		ev.pid = s->other;
		return lineage_feed(l, &ev, err);
	case EXEC:
		ev.what = LINEAGE_EXEC;
		return lineage_feed(l, &ev, err);
	case EXIT:
	case LEAVE:
		ev.what = LINEAGE_EXIT;
		ev.pid = s->what == EXIT ? s->pid : s->other;
		return lineage_feed(l, &ev, err);
	case LOST:
		lineage_lost(l, s->pid);
		return 0;
	default:
		ask(l, i, row);
		return 0;
	}
}

/* Each row in a tree and a table of its own. */
static void test_rows(void **state)
{
	struct sca_containers *cs = NULL;
	struct lineage *l = NULL;
	const char *row = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].row) {
			row = steps[i].row;
			lineage_free(l);
			sca_containers_free(cs);
			assert_true(i == 0 || remove_top(state) == 0);
			assert_true(i == 0 || make_top(state) == 0);
			cs = new_containers();
			assert_int_equal(lineage_new(&l, cs, 100, NULL), 0);
		}
		if (step(l, i, row, NULL) != 0)
			fail_msg("%s, step %zu: fails", row, i);
	}
	lineage_free(l);
	sca_containers_free(cs);
}

static struct lineage_event forked(uint32_t pid, unsigned ms)
{
	return (struct lineage_event){
		.what = LINEAGE_FORK, .pid = pid, .tgid = pid, .parent = 1,
		.at_ns = ms * UINT64_C(1000000),
	};
}

/* Who ended first goes first, then who runs longest. */
static void test_evicted(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_tracker_stats stats = {0};
	const struct lineage_life *life;
	struct lineage *l = NULL;
	struct lineage_event ev;
	static const struct {
		uint32_t pid;
		enum lineage_match want;
	} rows[] = {
		{1, LINEAGE_NONE}, {2, LINEAGE_FOUND}, {3, LINEAGE_NONE}, {4, LINEAGE_NONE},
		{5, LINEAGE_FOUND}, {6, LINEAGE_FOUND}, {7, LINEAGE_FOUND},
	};

	put_task(1, "init", 'S', 0, text_of('A'));
	assert_int_equal(lineage_new(&l, cs, 4, NULL), 0);
	assert_int_equal(lineage_seed(l, 0, NULL), 0);
	for (uint32_t pid = 2; pid <= 7; pid++) {
		ev = forked(pid, 1000);
		assert_int_equal(lineage_feed(l, &ev, NULL), 0);
		if (pid == 3 || pid == 4) {
			ev.what = LINEAGE_EXIT;
			assert_int_equal(lineage_feed(l, &ev, NULL), 0);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (lineage_at(l, rows[i].pid, 1000000000, &life) != rows[i].want)
			fail_msg("pid %u is %sremembered", rows[i].pid,
				 rows[i].want == LINEAGE_FOUND ? "not " : "");
	lineage_stats(l, &stats);
	assert_int_equal(stats.evicted, 3);
	lineage_free(l);
	sca_containers_free(cs);
}

static void test_lost(void **state _unused_)
{
	struct sca_containers *cs = new_containers();
	struct sca_tracker_stats stats = {0};
	struct lineage *l = NULL;

	assert_int_equal(lineage_new(&l, cs, 4, NULL), 0);
	lineage_lost(l, 3);
	lineage_lost(l, 4);
	lineage_stats(l, &stats);
	assert_int_equal(stats.lost, 7);
	lineage_free(l);
	sca_containers_free(cs);
}

/* What starts a container keeps its command line, when it is root's and the machine's own. */
static void test_starters(void **state _unused_)
{
	static const struct {
		const char *comm, *status, *home;
		bool kept;
	} rows[] = {
		{"runc", "Uid:\t0\t0\t0\t0\nNSpid:\t5\n", "C", true},
		{"conmon", "Uid:\t0\t0\t0\t0\nNSpid:\t5\n", "/", true},
		{"sh", "Uid:\t0\t0\t0\t0\nNSpid:\t5\n", "C", false},
		{"runc", "Uid:\t1000\t0\t0\t0\nNSpid:\t5\n", "C", false},
		{"runc", "Uid:\t0\t0\t0\t0\nNSpid:\t5\t1\n", "C", false},
		{"runc", "Uid:\t0\t0\t0\t0\n", "C", false},
		{"runc", "Uid:\t0\t0\t0\t0\nNSpid:\t5\n", "A", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_containers *cs = new_containers();
		const struct lineage_life *life = NULL;
		struct lineage *l = NULL;
		struct lineage_event ev = forked(5, 1000);

		put_task(1, "init", 'S', 0, text_of('/'));
		put_task(5, rows[i].comm, 'S', 100, text_of(rows[i].home[0]));
		put_file("proc/5/status", rows[i].status);
		put_file("proc/5/cmdline", "runc");
		assert_int_equal(lineage_new(&l, cs, 4, NULL), 0);
		assert_int_equal(lineage_seed(l, 0, NULL), 0);
		assert_int_equal(lineage_feed(l, &ev, NULL), 0);
		ev.what = LINEAGE_EXEC;
		assert_int_equal(lineage_feed(l, &ev, NULL), 0);
		assert_int_equal(lineage_at(l, 5, ev.at_ns, &life), LINEAGE_FOUND);
		if (!life->cmdline == rows[i].kept)
			fail_msg("row %zu: the command line is %skept", i, rows[i].kept ? "not " : "");
		/* conmon goes on as a child of itself, until that is another program. */
		ev = forked(6, 1010);
		ev.parent = 5;
		assert_int_equal(lineage_feed(l, &ev, NULL), 0);
		assert_int_equal(lineage_at(l, 6, ev.at_ns, &life), LINEAGE_FOUND);
		assert_int_equal(life->cmdline != NULL, rows[i].kept);
		ev.what = LINEAGE_EXEC;
		assert_int_equal(lineage_feed(l, &ev, NULL), 0);
		assert_null(life->cmdline);
		lineage_free(l);
		sca_containers_free(cs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_rows),
		IN_TREE(test_evicted),
		IN_TREE(test_lost),
		IN_TREE(test_starters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
