/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The denial set: records grouped by (container, arch, syscall, action, arguments),
 * counted, with first and last time and the names seen. Memory is bounded: a record that
 * would open a group past the limit is counted in the "other" bucket.
 */
#ifndef SCAUDIT_DENIAL_H
#define SCAUDIT_DENIAL_H

#include <scaudit/record.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sca_denials;

#define SCA_DENIAL_NAMES_MAX 8

struct sca_denial {
	/* key */
	struct sca_container_ref container; /* empty spans when unknown */
	bool have_arch, have_nr;
	uint32_t arch;
	int32_t nr;
	enum sca_action action;
	bool denied;
	bool runtime_init; /* made by the runtime's start-up code, see record.h */
	unsigned args_known;
	uint64_t args[6];
	/* counted */
	uint32_t code;  /* of the first record */
	uint64_t count; /* events */
	uint64_t forgeable; /* of them, events whose channel anybody can write */
	bool have_time;
	int64_t first_ms, last_ms;
	struct sca_str comms[SCA_DENIAL_NAMES_MAX]; /* in order of appearance */
	struct sca_str exes[SCA_DENIAL_NAMES_MAX];
	unsigned n_comms, n_exes;
	uint64_t more_comms, more_exes; /* events whose name found no room */
	struct sca_pos pos; /* of the first record */
};

/* max_groups 0 means the default, 8192. Names take at most 2 MiB; what finds no room is counted. */
SCA_API int sca_denials_new(struct sca_denials **ret, size_t max_groups, struct sca_err *err);
SCA_API struct sca_denials *sca_denials_free(struct sca_denials *ds);

/* 0; -ENOMEM. A full set is no error, see sca_denials_other(). */
SCA_API int sca_denials_add(struct sca_denials *ds, const struct sca_record *rec,
			    struct sca_err *err);

/* Groups in a stable order: most events first, then arch, number, action, container. The
 * order is made by sca_denials_sort(); before it, order of appearance. Borrowed until the
 * next add. */
SCA_API void sca_denials_sort(struct sca_denials *ds);
SCA_API size_t sca_denials_count(const struct sca_denials *ds);
SCA_API const struct sca_denial *sca_denials_at(const struct sca_denials *ds, size_t i);

/* As sca_record_is_traced(): calls that were made, whatever became of them. */
static inline bool sca_denial_is_traced(const struct sca_denial *d)
{
	return d->action == SCA_ACT_UNKNOWN && !d->denied;
}

struct sca_denial_totals {
	uint64_t events;    /* all that were added */
	uint64_t denied;    /* of them, calls that did not go through */
	uint64_t traced;    /* of them, calls of which only that is known that they were made */
	uint64_t forgeable; /* of them, from channels anybody can write */
	uint64_t other;     /* events that found no room for a group of their own */
	uint64_t no_arch;
	bool have_time;
	int64_t first_ms, last_ms;
};
SCA_API void sca_denials_totals(const struct sca_denials *ds, struct sca_denial_totals *ret);

#ifdef __cplusplus
}
#endif
#endif
