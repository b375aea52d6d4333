/* SPDX-License-Identifier: Apache-2.0 */
/* What strace's options put in front of a call: its process, a time, its place, its number. */
#ifndef SCA_TRACE_FRONT_H
#define SCA_TRACE_FRONT_H

#include "base.h"

/* A line without what stands in front of its call. */
struct trace_line {
	struct sca_str rest;
	uint32_t pid;
	bool have_pid, have_time, have_nr;
	int64_t time_ms;
	int32_t nr; /* strace -n */
	bool marked; /* by a process or a time: hardly other text */
};

struct trace_line trace_front(struct sca_str text);
/* A process, perhaps with its name: "12<sh>"; steps over it. */
bool trace_take_pid(struct sca_str *s, struct trace_line *l);

#endif
