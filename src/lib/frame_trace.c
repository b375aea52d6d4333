/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strace writes: one line a call, with the process, a time and the instruction in front as
 * its options asked for. A trace tells which calls were made. What a filter did with one it tells
 * of those only that end in a SIGSYS: an EPERM or ENOSYS may be the kernel's own. So each line
 * becomes an event of action "unknown" that is no denial, and a SIGSYS one more that is one.
 *
 *	[pid  12] 06:14:08.421 mkdir("/x", 0777) = -1 EPERM (Operation not permitted)
 *	12 1795502175.137 wait4(-1,  <unfinished ...>
 *	12 <... wait4 resumed>NULL, 0, NULL) = 13
 *	12 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, ..., si_syscall=__NR_mkdir, ...} ---
 *	12 +++ killed by SIGSYS +++
 *	strace: [ Process PID=12 runs in 32 bit mode. ]
 */
#include "cursor.h"
#include "frame_int.h"
#include "trace_args.h"
#include "trace_front.h"

/* What is known of a traced process; the one without a number is that of a trace without -f. */
struct trace_task {
	bool used;
	uint32_t pid;
	uint32_t arch; /* 0: not told */
	uint32_t comm_n;
	char comm[15]; /* as the kernel makes it of the program that was started */
};

/* -- the call -- */

size_t frame_word_len(struct sca_str s)
{
	size_t n = 0;

	while (n < s.n &&
	       ((s.p[n] >= 'a' && s.p[n] <= 'z') || ascii_digit(s.p[n]) || s.p[n] == '_'))
		n++;
	return n;
}

/* Number of "syscall_0x1cf", strace's word for one that it does not know. */
static bool unnamed_number(struct sca_str name, int32_t *ret)
{
	uint64_t v;

	if (!str_starts(name, SCA_STR("syscall_0x")) || str_hex64(str_skip(name, 10), &v) < 0 ||
	    v > INT32_MAX)
		return false;
	*ret = (int32_t)v;
	return true;
}

int frame_knows_call(struct sca_framer *f, struct sca_str name, bool *ret)
{
	struct sca_names *names;
	int r = frame_names(f, &names);
	uint32_t native = sca_arch_native();
	int32_t nr;

	if (r < 0)
		return r;
	*ret = name.n && name.n < TRACE_NAME &&
	       (sca_syscall_number(names, native, name, &nr) == 0 ||
		sca_syscall_number(names, SCA_ARCH_X86, name, &nr) == 0 ||
		sca_syscall_number(names, SCA_ARCH_ARM, name, &nr) == 0);
	return 0;
}

/* "NAME(": a call that some table has, or whose number strace says. */
static int read_name(struct sca_framer *f, const struct trace_line *l, struct sca_str *ret,
		     bool *ret_found)
{
	size_t n = frame_word_len(l->rest);
	int32_t nr;

	*ret_found = false;
	if (n == 0 || n >= l->rest.n || l->rest.p[n] != '(')
		return 0;
	*ret = (struct sca_str){l->rest.p, n};
	if (unnamed_number(*ret, &nr)) {
		*ret_found = true;
		return 0;
	}
	return frame_knows_call(f, *ret, ret_found);
}

static bool is_mode_line(struct sca_str s)
{
	return str_starts(s, SCA_STR("strace: ")) || str_starts(s, SCA_STR("[ Process PID="));
}

int trace_starts(struct sca_framer *f, struct sca_str line, bool *ret)
{
	struct trace_line l = trace_front(line);
	struct sca_str name;

	*ret = is_mode_line(line) || (l.marked && (str_starts(l.rest, SCA_STR("<... ")) ||
						   str_starts(l.rest, SCA_STR("+++ ")) ||
						   str_starts(l.rest, SCA_STR("--- SIG"))));
	return *ret ? 0 : read_name(f, &l, &name, ret);
}

/* -- processes -- */

static void inherit(struct trace_task *child, const struct trace_task *parent)
{
	child->arch = parent->arch;
	child->comm_n = parent->comm_n;
	memcpy(child->comm, parent->comm, sizeof(child->comm));
}

static struct trace_task *task_of(struct trace *t, uint32_t pid)
{
	struct trace_task *free_one = NULL, first;

	if (!t->tasks) {
		t->tasks = calloc(TRACE_TASKS, sizeof(*t->tasks));
		if (!t->tasks)
			return NULL;
	}
	for (size_t i = 0; i < TRACE_TASKS; i++) {
		size_t at = (pid + i) % TRACE_TASKS;

		if (t->tasks[at].used && t->tasks[at].pid == pid)
			return &t->tasks[at];
		if (!t->tasks[at].used && !free_one)
			free_one = &t->tasks[at];
		if (free_one || i >= TRACE_PROBE)
			break;
	}
	/* The one whose place it is makes room: what it knew was an extra. */
	if (!free_one)
		free_one = &t->tasks[pid % TRACE_TASKS];
	first = t->tasks[0];
	*free_one = (struct trace_task){.used = true, .pid = pid};
	/* The first process has no number before it has children, who are like it at first. */
	if (first.used && first.pid == 0)
		inherit(free_one, &first);
	return free_one;
}

/* The last part of "/usr/bin/env", cut as the kernel cuts it. */
static void set_comm(struct trace_task *task, struct sca_str text)
{
	struct sca_str path = {NULL, 0};
	const char *end, *slash;

	task->comm_n = 0;
	if (text.n == 0 || text.p[0] != '"')
		return;
	end = memchr(text.p + 1, '"', text.n - 1);
	if (!end)
		return;
	path = (struct sca_str){text.p + 1, (size_t)(end - text.p) - 1};
	slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	if (slash)
		path = str_skip(path, (size_t)(slash - path.p) + 1);
	task->comm_n = (uint32_t)MIN(path.n, sizeof(task->comm));
	if (task->comm_n)
		memcpy(task->comm, path.p, task->comm_n);
}

/* Behind the last " = ". */
static struct sca_str result_of(struct sca_str text)
{
	for (size_t i = text.n; i > 3; i--)
		if (memcmp(text.p + i - 3, " = ", 3) == 0)
			return str_skip(text, i);
	return (struct sca_str){NULL, 0};
}

/* A new process is its parent's program until it starts another. */
static int note_child(struct trace *t, const struct trace_task *parent, struct sca_str name,
		      struct sca_str text)
{
	struct sca_str result = result_of(text);
	struct trace_task copy = *parent, *child;
	uint32_t pid;
	size_t n = count_digits(result);

	if ((!str_starts(name, SCA_STR("clone")) && !str_is(name, "fork") &&
	     !str_is(name, "vfork")) ||
	    n == 0 || str_u32((struct sca_str){result.p, n}, &pid) < 0 || pid == 0)
		return 0;
	child = task_of(t, pid);
	if (!child)
		return -ENOMEM;
	if (child->comm_n == 0)
		inherit(child, &copy);
	return 0;
}

/* -- events -- */

static void add_container(struct buf *b, const struct sca_container_ref *box,
			  enum sca_source_kind source)
{
	const struct {
		const char *key;
		struct sca_str value;
	} rows[] = {
		{"name", box->name},
		{"image", box->image},
		{"pod", box->pod},
		{"namespace", box->ns},
		{"via", sca_str_z(sca_source_kind_name(source))},
		{"sure", SCA_STR("likely")},
	};

	if (!box->id.n)
		return;
	buf_add_z(b, ",\"container\":{\"id\":");
	json_add_string(b, box->id);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].value.n)
			continue;
		buf_addf(b, ",\"%s\":", rows[i].key);
		json_add_string(b, rows[i].value);
	}
	buf_add_c(b, '}');
}

int frame_call(struct sca_framer *f, const struct traced_call *c, const struct origin *from)
{
	struct sca_frame frame = from->frame;
	_cleanup_buf_ struct buf b = BUF_INIT;
	int32_t nr;
	int r;

	frame.kind = SCA_FRAME_EVENT;
	frame.source = c->source;
	frame.trust = SCA_TRUST_FORGEABLE;
	buf_addf(&b, "{\"v\":1,\"action\":\"%s\"",
		 c->denied ? sca_action_name(c->action) : "unknown");
	if (!c->denied)
		buf_add_z(&b, ",\"denied\":false");
	if (unnamed_number(c->name, &nr))
		buf_addf(&b, ",\"nr\":%d", nr);
	else
		buf_addf(&b, ",\"syscall\":\"%.*s\"", (int)c->name.n, c->name.p);
	if (c->arch)
		buf_addf(&b, ",\"arch\":\"%s\"", sca_arch_name(c->arch));
	if (c->pid)
		buf_addf(&b, ",\"pid\":%u", c->pid);
	if (c->comm.n) {
		buf_add_z(&b, ",\"comm\":");
		json_add_string(&b, c->comm);
	}
	if (c->args_known) {
		for (unsigned i = 0; i < 6 && c->args_known >> i; i++)
			if (c->args_known & 1u << i)
				buf_addf(&b, "%s\"0x%llx\"", i ? "," : ",\"args\":[",
					 (unsigned long long)c->args[i]);
			else
				buf_add_z(&b, i ? ",null" : ",\"args\":[null");
		buf_add_c(&b, ']');
	}
	add_container(&b, &c->container, c->source);
	if (c->count > 1)
		buf_addf(&b, ",\"count\":%llu", (unsigned long long)c->count);
	buf_add_c(&b, '}');
	r = b.failed ? -ENOMEM : frame_keep(f, buf_str(&b), &frame.body);
	return r < 0 ? r : frame_send(f, &frame);
}

static struct traced_call call_of(const struct trace_task *task, struct sca_str name)
{
	return (struct traced_call){
		.source = SCA_SRC_STRACE,
		.name = name,
		.arch = task->arch,
		.pid = task->pid,
		.comm = {task->comm, task->comm_n},
	};
}

static int send_denied(struct sca_framer *f, struct trace_task *task, enum sca_action action,
		       struct sca_str name, const struct origin *from)
{
	struct traced_call c = call_of(task, name);

	c.denied = true;
	c.action = action;
	return frame_call(f, &c, from);
}

/*
 * The kernel takes back a call that a filter kills for: its result is then its own number, or
 * nothing, and death is what follows. Other threads die in calls that they had entered before, or
 * in none. What read and write return is too often 0 and 1.
 */
static int note_refused(struct sca_framer *f, const struct trace_task *task, struct sca_str name,
			struct sca_str result)
{
	struct trace *t = &f->trace;
	uint32_t arch = task->arch ? task->arch : sca_arch_native();
	struct sca_names *names;
	uint64_t v;
	int32_t nr;
	int r = frame_names(f, &names);

	t->call[0] = '\0';
	if (r < 0 || name.n >= TRACE_NAME)
		return r;
	if (!str_starts(result, SCA_STR("?")) &&
	    (str_any64(result, &v) < 0 || v < 2 ||
	     sca_syscall_number(names, arch, name, &nr) < 0 || v != (uint64_t)nr))
		return 0;
	t->caller = task->pid;
	memcpy(t->call, name.p, name.n);
	t->call[name.n] = '\0';
	return 0;
}

static bool ends_with(struct sca_str s, struct sca_str tail)
{
	return s.n >= tail.n && memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0;
}

/* A call that has not returned when another line comes: its mark, or a message of strace's own
 * that it is run into ("SIGCHLDstrace: Process 13 attached"). What stands there is whole. */
static bool cut_unfinished(struct sca_str *text)
{
	static const struct sca_str mark = {" <unfinished ...>", 17};
	const char *p = ends_with(*text, SCA_STR(" attached")) ?
			str_find(*text, SCA_STR("strace: Process ")) : NULL;

	if (ends_with(*text, mark))
		p = text->p + text->n - mark.n;
	if (p)
		text->n = (size_t)(p - text->p);
	return p != NULL;
}

/* A process that is not told apart may be any number, so its is 0: never a real one. */
static int call_line(struct sca_framer *f, const struct trace_line *l, struct sca_str name,
		     const struct origin *from)
{
	struct sca_str text = str_skip(l->rest, name.n + 1);
	struct trace_task *task = task_of(&f->trace, l->have_pid ? l->pid : 0);
	bool whole = cut_unfinished(&text);
	struct sca_str result = whole ? (struct sca_str){NULL, 0} : result_of(text);
	struct traced_call c;
	int r;

	if (!task)
		return -ENOMEM;
	if (str_starts(name, SCA_STR("execve")) && (whole || str_is(result, "0")))
		set_comm(task, name.n == 6 ? text : (struct sca_str){NULL, 0});
	r = note_refused(f, task, name, result);
	if (r < 0)
		return r;
	c = call_of(task, name);
	c.args_known = trace_args(name, text, whole, c.args);
	r = frame_call(f, &c, from);
	return r < 0 ? r : note_child(&f->trace, task, name, text);
}

/* A filter's trap: who handled the signal may live on. */
static int signal_line(struct sca_framer *f, struct trace_task *task, struct sca_str text,
		       const struct origin *from)
{
	static const struct sca_str key = {"si_syscall=__NR_", 16};
	const char *p = str_find(text, key);
	struct sca_str name = {NULL, 0};
	bool known = false;
	int r = 0;

	f->trace.call[0] = '\0';
	if (!str_find(text, SCA_STR("SYS_SECCOMP")))
		return 0;
	if (p) {
		name = str_skip(text, (size_t)(p - text.p) + key.n);
		name.n = frame_word_len(name);
		r = frame_knows_call(f, name, &known);
	}
	if (r < 0)
		return r;
	if (!known) {
		f->stats.undecodable++;
		return 0;
	}
	if (str_find(text, SCA_STR("si_arch=AUDIT_ARCH_I386")))
		task->arch = SCA_ARCH_X86;
	return send_denied(f, task, SCA_ACT_TRAP, name, from);
}

/* Death by a filter comes without a signal that could be seen: the last call was refused. After
 * a trap, which was seen, there is none. */
static int death_line(struct sca_framer *f, struct trace_task *task, struct sca_str text,
		      const struct origin *from)
{
	struct trace *t = &f->trace;
	int r = 0;

	if (str_starts(text, SCA_STR("+++ killed by SIGSYS")) && t->call[0] &&
	    t->caller == task->pid) {
		r = send_denied(f, task, SCA_ACT_UNKNOWN, sca_str_z(t->call), from);
		t->call[0] = '\0';
	}
	*task = (struct trace_task){.used = true, .pid = task->pid};
	return r;
}

static int resumed_line(struct sca_framer *f, struct trace_task *task, struct sca_str text)
{
	struct sca_str name = str_skip(text, 5);

	name.n = frame_word_len(name);
	return note_child(&f->trace, task, name, text);
}

/* "[ Process PID=12 runs in 32 bit mode. ]" */
static int mode_line(struct sca_framer *f, struct sca_str line)
{
	const char *p = str_find(line, SCA_STR("Process PID="));
	const char *bits = str_find(line, SCA_STR(" runs in "));
	struct trace_line l = {.have_pid = false};
	struct trace_task *task;
	struct sca_str pid, mode;
	uint32_t native = sca_arch_native();

	if (!p || !bits || bits < p)
		return 0;
	pid = str_skip(line, (size_t)(p - line.p) + 12);
	mode = str_skip(line, (size_t)(bits - line.p) + 9);
	if (!trace_take_pid(&pid, &l))
		return 0;
	task = task_of(&f->trace, l.pid);
	if (!task)
		return -ENOMEM;
	task->arch = 0;
	if (str_starts(mode, SCA_STR("x32")))
		task->arch = SCA_ARCH_X32;
	else if (str_starts(mode, SCA_STR("32")))
		task->arch = native == SCA_ARCH_X86_64	? SCA_ARCH_X86 :
			     native == SCA_ARCH_AARCH64 ? SCA_ARCH_ARM :
							  0;
	return 0;
}

int trace_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
	       bool *ret_used)
{
	struct trace_line l = trace_front(line);
	struct origin here = *from;
	struct trace_task *task;
	struct sca_str name;
	bool signal = str_starts(l.rest, SCA_STR("--- SIGSYS ")),
	     death = str_starts(l.rest, SCA_STR("+++ ")),
	     resumed = str_starts(l.rest, SCA_STR("<... "));
	int r;

	*ret_used = true;
	if (is_mode_line(l.rest))
		return mode_line(f, l.rest);
	if (l.have_time) {
		here.frame.have_time = true;
		here.frame.time_ms = l.time_ms;
	}
	r = read_name(f, &l, &name, ret_used);
	if (r < 0 || *ret_used)
		return r < 0 ? r : call_line(f, &l, name, &here);
	*ret_used = signal || death || resumed || str_starts(l.rest, SCA_STR("--- SIG"));
	if (!signal && !death && !resumed)
		return 0;
	task = task_of(&f->trace, l.have_pid ? l.pid : 0);
	if (!task)
		return -ENOMEM;
	if (resumed)
		return resumed_line(f, task, l.rest);
	if (death)
		return death_line(f, task, l.rest, &here);
	return signal_line(f, task, l.rest, &here);
}
