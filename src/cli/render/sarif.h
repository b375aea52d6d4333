/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a SARIF 2.1.0 document; each is the caller's, NULL when out of memory. */
#ifndef CLI_RENDER_SARIF_H
#define CLI_RENDER_SARIF_H

#include <scaudit/scaudit.h>

#include "render/document.h"

json_t *sarif_uri(const char *path);
/* Line 0: the file as a whole. */
json_t *sarif_locations(const char *path, unsigned line, unsigned column);
json_t *sarif_rule(const char *id, const char *meaning, const char *level);
/* One fix: what makes the old profile's text the new one's. NULL, too, where the text can not be
 * told, or is not the file's. */
json_t *sarif_fixes(const char *path, const struct sca_profile *old_profile,
		    const struct sca_profile *new_profile, const char *what);
/* The document of one run; takes its parts. */
int sarif_write(struct out *o, json_t *rules, json_t *results, json_t *properties,
		struct sca_err *err);

#endif
