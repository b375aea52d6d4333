/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's logging twin, and the forms in which it is shown. */
#ifndef CLI_COMPLAIN_H
#define CLI_COMPLAIN_H

#include <scaudit/error.h>

#include "cli.h"
#include "render/document.h"

struct complaint {
	const char *path;
	char *undo_path;        /* NULL: none is written */
	bool target_given;
	enum twin_way way;      /* what was taken; TWIN_LEAST: there is nothing to change */
	bool flag_would_do;     /* with --by log: the flag would do, too */
	struct sca_err no_flag; /* without --by: why it is not the flag */
	struct sca_target target;
	struct sca_names *names;
	struct sca_profile *profile;
	struct sca_twin *twin;
};

void complain_text(const struct page *pg, const struct cli *cli, const struct complaint *c);
int complain_json(struct out *o, const struct complaint *c, struct sca_err *err);

#endif
