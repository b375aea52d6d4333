/* SPDX-License-Identifier: Apache-2.0 */
#include "starter.h"

#define PROC_MAX 65536u
#define ARGS_MAX    256u

static const struct {
	const char *program;
	bool prefix; /* containerd-shim, -shim-runc-v1, -shim-runc-v2, ... */
	enum starter who;
	const char *id, *name, *space; /* options */
} starters[] = {
	{"conmon", false, STARTER_CONMON, "-c", "-n", NULL},
	{"containerd-shim", true, STARTER_SHIM, "-id", NULL, "-namespace"},
	{"runc", false, STARTER_RUNTIME, NULL, NULL, NULL},
	{"crun", false, STARTER_RUNTIME, NULL, NULL, NULL},
};

/* The row of a program's name; ARRAY_SIZE(starters) for none. */
static size_t row_of(struct sca_str name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(starters); i++) {
		struct sca_str program = sca_str_z(starters[i].program);

		if (starters[i].prefix ? str_starts(name, program) : str_eq(name, program))
			break;
	}
	return i;
}

bool starter_comm(struct sca_str comm)
{
	return row_of(comm) < ARRAY_SIZE(starters);
}

/* The argument behind an option, with one dash or two, or behind its '='. */
static bool option(struct sca_str arg, const char *name, struct sca_str *rest,
		   struct sca_str *ret)
{
	struct sca_str key;

	if (!name || arg.n < 2 || arg.p[0] != '-')
		return false;
	if (str_starts(arg, SCA_STR("--")))
		arg = str_skip(arg, 1);
	if (str_eq(arg, sca_str_z(name)))
		return str_cut(rest, '\0', ret);
	if (!memchr(arg.p, '=', arg.n) || !str_cut(&arg, '=', &key) ||
	    !str_eq(key, sca_str_z(name)))
		return false;
	*ret = arg;
	return true;
}

/* A runtime's last argument is the id, but for `exec` with the program on the command line. */
static struct sca_str runtime_id(struct sca_str line)
{
	static const char *const verbs[] = {"create", "run", "restore", "exec"};
	struct sca_str arg, last = {NULL, 0}, verb = {NULL, 0}, from_file = {NULL, 0}, rest;

	for (unsigned i = 0; i < ARGS_MAX && str_cut(&line, '\0', &arg); i++) {
		rest = line;
		if (option(arg, "-process", &rest, &from_file) ||
		    option(arg, "-p", &rest, &from_file))
			continue;
		for (size_t k = 0; verb.n == 0 && k < ARRAY_SIZE(verbs); k++)
			if (str_eq(arg, sca_str_z(verbs[k])))
				verb = arg;
		last = arg;
	}
	if (line.n || verb.n == 0 || last.n == 0 || last.p == verb.p || last.p[0] == '-' ||
	    (str_is(verb, "exec") && from_file.n == 0))
		return (struct sca_str){NULL, 0};
	return last;
}

bool starter_parse(struct sca_str cmdline, struct starter_says *ret)
{
	struct starter_says says = {0};
	struct sca_str arg, value;
	const char *slash;
	size_t row;

	if (cmdline.n == 0 || cmdline.p[cmdline.n - 1] != '\0')
		return false;
	cmdline.n--;
	str_cut(&cmdline, '\0', &arg);
	slash = arg.n ? memrchr(arg.p, '/', arg.n) : NULL;
	row = row_of(slash ? str_skip(arg, (size_t)(slash - arg.p) + 1) : arg);
	if (row == ARRAY_SIZE(starters))
		return false;
	says.who = starters[row].who;
	if (says.who == STARTER_RUNTIME)
		says.id = runtime_id(cmdline);
	for (unsigned i = 0; starters[row].id && i < ARGS_MAX && str_cut(&cmdline, '\0', &arg); i++) {
		if (option(arg, starters[row].id, &cmdline, &value))
			says.id = value;
		else if (option(arg, starters[row].name, &cmdline, &value))
			says.name = value;
		else if (option(arg, starters[row].space, &cmdline, &value))
			says.space = value;
	}
	if (says.id.n == 0)
		return false;
	*ret = says;
	return true;
}

/* Root of the machine, in its own pid namespace: what /proc/PID/status says of both needs no rights
 * over the process. */
static bool of_machine(struct sca_str status)
{
	struct sca_str line, uids = SCA_STR("Uid:\t"), pids = SCA_STR("NSpid:\t");
	bool root = false, initial = false;

	while (str_cut(&status, '\n', &line)) {
		if (str_starts(line, uids))
			root = str_is(str_skip(line, uids.n), "0\t0\t0\t0");
		else if (str_starts(line, pids))
			initial = !memchr(line.p + pids.n, '\t', line.n - pids.n);
	}
	return root && initial;
}

int starter_read(struct sca_containers *cs, uint32_t pid, const struct task_stat *st,
		 struct sca_str cgroup, struct buf *ret, struct sca_err *err)
{
	_cleanup_buf_ struct buf status = BUF_INIT;
	struct sca_container_ref ref;
	bool all_root, conflict;
	char path[32];
	int r;

	if (!starter_comm(sca_str_z(st->comm)))
		return 0;
	r = container_by_cgroups(cs, cgroup, &all_root, &conflict, &ref, err);
	if (r < 0 || ref.id.n)
		return r;
	snprintf(path, sizeof(path), "proc/%u/status", pid);
	r = root_read(cs->root, path, PROC_MAX, &status);
	if (r == 0 && !of_machine(buf_str(&status)))
		return 0;
	if (r == 0) {
		snprintf(path, sizeof(path), "proc/%u/cmdline", pid);
		r = root_read(cs->root, path, PROC_MAX, ret);
	}
	if (r == -ENOMEM)
		return sca_fail_errno(err, ENOMEM, "cannot read a command line");
	return r == 0;
}
