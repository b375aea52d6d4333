/* SPDX-License-Identifier: Apache-2.0 */
/* A record that outlives its source's next call. */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include <scaudit/record.h>

#include "span.h"

/* A copy with all that it points to, one allocation: free() releases it. *ret_bytes is its
 * size. NULL when out of memory. */
struct sca_record *record_copy(const struct sca_record *rec, size_t *ret_bytes);

#endif
