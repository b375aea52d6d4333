/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded events against a profile: which denials it still denies, which it ends, which
 * calls that went through and were recorded (action LOG) it would break.
 *
 * The verdict is that of the compiled program for the recorded architecture, number and
 * arguments. A SECCOMP record has no arguments: where a rule tests them, both can be, and
 * that is the answer.
 */
#ifndef SCAUDIT_REPLAY_H
#define SCAUDIT_REPLAY_H

#include <scaudit/denial.h>
#include <scaudit/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order of the list. */
enum sca_replay_state {
	SCA_REPLAY_BROKEN,  /* went through, would be denied */
	SCA_REPLAY_DENIED,  /* was denied, still is; perhaps with another action */
	SCA_REPLAY_ARGS,    /* depends on arguments that the evidence lacks */
	SCA_REPLAY_UNKNOWN, /* a record without architecture or number */
	SCA_REPLAY_BENIGN,  /* answers ENOSYS, and whoever makes that call falls back */
	SCA_REPLAY_ENDED,   /* was denied, would go through */
	SCA_REPLAY_PASSES,  /* went through, still does */
	SCA_REPLAY_COUNT,
};
SCA_API const char *sca_replay_state_name(enum sca_replay_state s); /* "broken", ... */

struct sca_replayed {
	const struct sca_denial *denial; /* borrowed from the set */
	const char *syscall;             /* NULL when the number has no name */
	enum sca_replay_state state;
	struct sca_reach reach; /* verdicts under the profile; none for UNKNOWN */
};

struct sca_replay;
/*
 * SCA_E_REFUSED when the target would not load the profile. The set and the names are borrowed
 * for as long as the result lives.
 */
SCA_API int sca_replay_new(struct sca_replay **ret, const struct sca_profile *p,
			   const struct sca_target *t, const struct sca_denials *ds,
			   struct sca_names *names, struct sca_err *err);
SCA_API struct sca_replay *sca_replay_free(struct sca_replay *rp);
/* By state, then in the set's order. */
SCA_API size_t sca_replay_count(const struct sca_replay *rp);
SCA_API const struct sca_replayed *sca_replay_at(const struct sca_replay *rp, size_t i);

/*
 * The events as they would have been under the profile: calls that went through and were logged,
 * and that it denies (or may, by their arguments), stand as its denials. So a log made under a
 * logging twin answers what the profile itself has to open. The new set copies what it keeps; it
 * is sorted.
 */
SCA_API int sca_replay_as_denied(const struct sca_replay *rp, struct sca_denials **ret,
				 struct sca_err *err);

#ifdef __cplusplus
}
#endif
#endif
