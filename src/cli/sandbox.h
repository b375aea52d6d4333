/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program gives up before it reads what strangers wrote: capabilities, new privileges,
 * files that it has no business with (Landlock), system calls (samples/scaudit-seccomp.json,
 * compiled by the library as any profile is). There is no way back.
 *
 * It is entered at one point of a run: to follow, behind the opening of sources, tracker and
 * outputs; with --sandbox by other verbs in front of all their work, but for those that have to
 * start or trace a program first (late[] in sandbox.c).
 */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include "cli.h"

struct input;

/* Whether the verb calls sandbox_enter() by itself. */
bool sandbox_later(const struct cli *cli);

/*
 * Enters it where it is wanted and was not entered; `in` is what was opened, NULL when nothing
 * was. No thread may run yet. What this kernel has not is said, and no failure; a filter that a
 * kernel with seccomp does not take is one.
 */
int sandbox_enter(struct cli *cli, struct input *in);

/* -- the parts; each is left out of where it is not to be had -- */

#define SANDBOX_CAP(c) (UINT64_C(1) << (c))

/* sandbox_caps.c: of the capabilities in `keep` those that the process has stay. */
int sandbox_drop_caps(uint64_t keep, uint64_t *ret_kept, struct sca_err *err);

/* sandbox_files.c: paths and what may be done below them. */
struct sandbox_files {
	int ruleset; /* -1: this kernel has no Landlock */
	int abi;
	uint64_t handled;
};
/* 0 also where Landlock is not to be had. */
int sandbox_files_open(struct sandbox_files *f, struct sca_err *err);
/* What is not there needs no rule. */
int sandbox_may_read(const struct sandbox_files *f, const char *path, struct sca_err *err);
/* `path` may be written, and replaced: files beside it can be made, renamed and removed. */
int sandbox_may_write(const struct sandbox_files *f, const char *path, struct sca_err *err);
int sandbox_files_enter(struct sandbox_files *f, struct sca_err *err);

/* sandbox_calls.c: the profile of samples/, for a process that has these capabilities. `missing`
 * is a word for what the kernel has not, NULL when it has all. */
int sandbox_calls_enter(uint64_t caps, const char **ret_missing, struct sca_err *err);

/* sandbox_profile.c: its text, of the tree that the program was built from. */
extern const char sandbox_profile[];
extern const uint64_t sandbox_profile_n;

#endif
