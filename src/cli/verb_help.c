/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help, version: pages made from the verb table and the option tables.
 */
#include <unistd.h>

#include "cli.h"
#include "render/pages.h"

int verb_version(struct cli *cli)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = out_open(&o, NULL, &cli->err);

	if (r < 0)
		return r;
	out_lit(&o, "scaudit " SCA_VERSION "\n");
	return out_finish(&o, &cli->err);
}

int verb_help(struct cli *cli)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	const struct verb *v = NULL;
	int r;

	if (cli->args.n > 1)
		return sca_fail(&cli->err, SCA_E_SYNTAX, "help takes one verb");
	if (cli->args.n) {
		v = verb_find(cli->args.v[0]);
		if (!v)
			return verb_unknown(&cli->err, cli->args.v[0]);
	}
	r = out_open(&o, cli->output, &cli->err);
	if (r < 0)
		return r;
	if (cli->format == FORMAT_MAN)
		man_page(&o, v);
	else if (cli->format == FORMAT_BASH)
		bash_completion(&o);
	else
		help_text(&o, v);
	return out_finish(&o, &cli->err);
}
