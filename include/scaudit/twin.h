/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logging twin of a profile, and the exact way back.
 *
 * Most denials leave no record: ERRNO, TRAP, TRACE and USER_NOTIF are logged only for a filter
 * that was loaded with SECCOMP_FILTER_FLAG_LOG. A twin is the profile with the fewest changes
 * after which they do: with the action LOG instead (the call goes through and is recorded;
 * every runtime can), or with the flag (the call stays denied and is recorded; not every
 * runtime can). What it lets through is found by comparing the programs, not by reading.
 */
#ifndef SCAUDIT_TWIN_H
#define SCAUDIT_TWIN_H

#include <scaudit/compare.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sca_twin_by {
	SCA_TWIN_ACTION, /* SCMP_ACT_LOG instead of the denial */
	SCA_TWIN_FLAG,   /* SECCOMP_FILTER_FLAG_LOG, actions stay */
};

struct sca_twin_options {
	enum sca_twin_by by;
	bool only_silent; /* SCA_TWIN_ACTION: denials that leave a record already stay */
};

struct sca_twin_info {
	bool default_turned; /* defaultAction becomes LOG */
	size_t rules_turned; /* rules whose action becomes LOG */
	size_t names_removed; /* from allowing rules that a denying one had held down: without
				 that they would let its calls through unseen */
	bool flag_added;
	/* calls of the filter's architectures, each number one */
	size_t denied;  /* that some arguments still have denied */
	size_t silent;  /* of them, those without a record */
	size_t unseen;  /* that go through now, for some arguments without a record */
	size_t noisy;   /* that the profile allows, for some arguments, and the twin records */
	bool log_flag;  /* the twin is loaded with the flag */
};

struct sca_twin;
/*
 * SCA_E_REFUSED when the target would not load the profile or its twin; SCA_E_UNSUPPORTED when
 * the target can not have the flag. Borrows the names for as long as the result lives, and the
 * profile during the call.
 */
SCA_API int sca_twin_new(struct sca_twin **ret, const struct sca_profile *p,
			 const struct sca_target *t, const struct sca_twin_options *opt,
			 struct sca_names *names, struct sca_err *err);
SCA_API struct sca_twin *sca_twin_free(struct sca_twin *tw);
SCA_API void sca_twin_info(const struct sca_twin *tw, struct sca_twin_info *ret);
SCA_API const struct sca_profile *sca_twin_profile(const struct sca_twin *tw); /* borrowed */
SCA_API const struct sca_patch *sca_twin_patch(const struct sca_twin *tw);     /* borrowed */
/* From the profile to its twin: `opened` is what it lets through. Borrowed. */
SCA_API const struct sca_compare *sca_twin_compare(const struct sca_twin *tw);

/*
 * The way back from `now` to `before`: a unified diff with size and checksum of both in front,
 * so that patch(1) reads it, too. malloc'ed.
 */
SCA_API int sca_undo_make(struct sca_str now, struct sca_str before, char **ret, size_t *ret_n,
			  struct sca_err *err);
/*
 * Takes the way back: the bytes of `before` exactly, or an error: SCA_E_CONFLICT when `now` is not
 * the text that the undo was made for, SCA_E_SYNTAX when the undo is damaged. malloc'ed.
 */
SCA_API int sca_undo_apply(struct sca_str now, struct sca_str undo, char **ret, size_t *ret_n,
			   struct sca_err *err);

#ifdef __cplusplus
}
#endif
#endif
