/* SPDX-License-Identifier: Apache-2.0 */
/* A finished replay, and the forms in which it is shown. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "cli.h"
#include "render/document.h"

struct baseline;

struct replay {
	const char *path;
	bool target_given;
	struct sca_target target;
	struct sca_names *names; /* borrowed */
	struct sca_profile *profile;
	struct sca_denials *ds;
	struct sca_replay *rp;
	struct baseline *base; /* NULL without --baseline */
	struct evidence ev;
};

/* How bad a state is for who waits for the profile to be right. */
enum replay_weight {
	REPLAY_FINE,
	REPLAY_OPEN, /* nobody can tell from this evidence */
	REPLAY_BAD,
};
enum replay_weight replay_weight(enum sca_replay_state s);

/* -- baseline.c: an earlier replay or report, as NDJSON -- */

int baseline_load(struct baseline **ret, const char *path, struct sca_err *err);
struct baseline *baseline_free(struct baseline *b);
/* As bad for this call as it is now, or worse. False without a baseline. */
bool baseline_has(const struct baseline *b, const struct sca_replayed *r);

/* Whether it counts: not fine, and not in the baseline. */
bool replay_counts(const struct replay *rp, const struct sca_replayed *r);
/* "ERRNO(EPERM)", "ALLOW or ERRNO(EPERM), by arguments" */
void replay_verdict(struct out *o, const struct sca_replayed *r);

void replay_text(const struct page *pg, const struct replay *rp);
int replay_json(struct out *o, const struct replay *rp, struct sca_err *err);
/* One event a line as report writes them, with "replay" and "verdicts" behind. */
void replay_ndjson(struct out *o, const struct replay *rp);

#endif
