/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error value. The caller owns it, it needs no allocation and no release, and
 * every function takes NULL for it. It is written on failure only. The first failure
 * fixes code and place; callers on the way up only prepend words (sca_wrap).
 *
 * Setting it returns the code, so failing is one statement:
 *
 *	return sca_fail(err, SCA_E_RANGE, "value does not fit 64 bits");
 */
#ifndef SCAUDIT_ERROR_H
#define SCAUDIT_ERROR_H

#include <scaudit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The closed set of codes that leave the library: 0, a negative errno (-ENOMEM, -EIO,
 * -ENOENT, ... above -4096), or one of these.
 */
enum sca_error_code {
	SCA_E_SYNTAX = -5001,      /* input is not in the form it claims */
	SCA_E_RANGE = -5002,       /* a number does not fit its type */
	SCA_E_UNKNOWN = -5003,     /* a name that no table has */
	SCA_E_LIMIT = -5004,       /* a stated limit was passed */
	SCA_E_UNSUPPORTED = -5005, /* known, but not built in or not possible here */
	SCA_E_CONFLICT = -5006,    /* the request contradicts the input */
	SCA_E_REFUSED = -5007,     /* the target's loader would refuse this profile */
	SCA_E_PROOF = -5008,       /* a patch did not do what it claims */
	SCA_E_INCOMPLETE = -5009,  /* a record without its syscall or action */
};

struct sca_err {
	int code;              /* see above; 0 when unset */
	unsigned line, column; /* 1-based; 0 when they do not apply */
	char file[192];        /* "" or the input's name; the tail is kept when too long */
	char path[192];        /* "" or an RFC 6901 pointer into a profile */
	char text[512];        /* outermost words first, "a: b: c"; valid UTF-8 when inputs are */
};

#define SCA_ERR_INIT {0}

/* Sets code and text, keeps a place that was set before. Returns code. */
SCA_API int sca_fail(struct sca_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As sca_fail for the value of errno `e` (positive); appends its message. Returns -e. */
SCA_API int sca_fail_errno(struct sca_err *err, int e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Prepends words to the text of a failed call. Returns err->code, or -EINVAL for NULL. */
SCA_API int sca_wrap(struct sca_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Fixes the place unless one is fixed already. `file` NULL and zeros leave a part as it is. */
SCA_API void sca_err_at(struct sca_err *err, const char *file, unsigned line, unsigned column);
SCA_API void sca_err_path(struct sca_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One line of meaning for a code; for an errno its message. Static, never NULL. */
SCA_API const char *sca_err_str(int code);

/*
 * "file:line:column: /pointer: text" with the absent parts left out, terminal controls
 * escaped, cut to `cap` bytes with the NUL. Returns the length written.
 */
SCA_API size_t sca_err_format(const struct sca_err *err, char *buf, size_t cap);

#ifdef __cplusplus
}
#endif
#endif
