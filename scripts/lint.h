/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read before each source by the analysers only. They do not look into error.c, so they are
 * told here what its header promises: a failure's code is never 0.
 */
#include <scaudit/error.h>

#define sca_fail(err, code_, ...)                 \
	({                                        \
		int c_ = (code_);                 \
		sca_fail(err, c_, __VA_ARGS__);   \
		if (c_ == 0)                      \
			__builtin_unreachable();  \
		c_;                               \
	})
#define sca_fail_errno(err, errno_, ...)              \
	({                                            \
		int e_ = (errno_);                    \
		sca_fail_errno(err, e_, __VA_ARGS__); \
		if (e_ <= 0)                          \
			__builtin_unreachable();      \
		-e_;                                  \
	})
