/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RENDER_PAGES_H
#define CLI_RENDER_PAGES_H

#include "out.h"

struct verb;

/* Manual page of a verb, or with NULL of the whole program. */
void man_page(struct out *o, const struct verb *v);
/* A completion script for bash, all verbs in it. */
void bash_completion(struct out *o);

#endif
