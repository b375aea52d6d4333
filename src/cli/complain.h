/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's logging twin, and the forms in which it is shown. */
#ifndef CLI_COMPLAIN_H
#define CLI_COMPLAIN_H

#include "cli.h"
#include "render/document.h"

struct complaint {
	const char *path;
	char *undo_path;        /* NULL: none is written */
	bool target_given;
	bool flag_would_do;     /* the target could record without letting go */
	struct sca_target target;
	struct sca_names *names;
	struct sca_profile *profile;
	struct sca_twin *twin;
};

void complain_text(const struct page *pg, const struct cli *cli, const struct complaint *c);
int complain_json(struct out *o, const struct complaint *c, struct sca_err *err);

#endif
