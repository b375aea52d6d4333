/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RENDER_GROUPS_H
#define CLI_RENDER_GROUPS_H

#include <limits.h>

#include "event.h"
#include "term.h"

/* The denial set as a table with its totals below; a width of UINT_MAX cuts nothing. */
int groups_table(const struct page *pg, const struct sca_denials *ds, struct sca_names *names,
		 struct sca_err *err);

#endif
