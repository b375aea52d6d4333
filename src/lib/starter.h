/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that start containers, by their command lines: conmon and the runtimes have the
 * container's id, a shim the id of what it serves.
 */
#ifndef SCA_STARTER_H
#define SCA_STARTER_H

#include "container_int.h"

enum starter {
	STARTER_CONMON,
	STARTER_SHIM,    /* id: a pod's sandbox in containerd's namespace k8s.io */
	STARTER_RUNTIME, /* runs hooks, too, which are in no container */
};

struct starter_says {
	enum starter who;
	struct sca_str id;
	struct sca_str name;  /* conmon only */
	struct sca_str space; /* containerd's namespace, shims only */
};

/* Whether a program of that name (as in /proc/PID/stat) may be one. */
bool starter_comm(struct sca_str comm);

/* A command line: arguments that end in NUL. False for all others, and without an id. */
bool starter_parse(struct sca_str cmdline, struct starter_says *ret);

/*
 * The command line of a process, of which all else was read a moment ago, when it can be believed:
 * any process may call itself conmon, so it must be root's, in the machine's own pid namespace and
 * in no container's cgroup. 1, 0, or -ENOMEM.
 */
int starter_read(struct sca_containers *cs, uint32_t pid, const struct task_stat *st,
		 struct sca_str cgroup, struct buf *ret, struct sca_err *err);

#endif
