/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for bash: verbs, their options, and the closed sets of values. */
#include "cli.h"
#include "render/pages.h"

static void put_option(const char *heading, const struct argp_option *opt, void *arg)
{
	if (!heading)
		out_addf(arg, " --%s", opt->name);
}

struct values {
	struct out *o;
	const struct verb *verb;
};

static void put_values(const char *heading, const struct argp_option *opt, void *arg)
{
	struct values *vs = arg;
	const char *value;

	if (heading || !option_value(vs->verb, opt->key, 0))
		return;
	out_addf(vs->o, "\t%s.--%s) words='", vs->verb->name, opt->name);
	for (size_t i = 0; (value = option_value(vs->verb, opt->key, i)); i++)
		out_addf(vs->o, "%s%s", i ? " " : "", value);
	out_lit(vs->o, "' ;;\n");
}

static void put_verbs(struct out *o)
{
	for (size_t i = 0; i < verb_count; i++)
		out_addf(o, "%s%s", i ? " " : "", verbs[i].name);
}

void bash_completion(struct out *o)
{
	out_lit(o, "# bash completion for scaudit, made by scaudit help --format bash\n"
		   "_scaudit()\n"
		   "{\n"
		   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		   "\tlocal verb=${COMP_WORDS[1]} words=\n"
		   "\tCOMPREPLY=()\n"
		   "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
		   "\t\tCOMPREPLY=($(compgen -W '");
	put_verbs(o);
	out_lit(o, "' -- \"$cur\"))\n"
		   "\t\treturn\n"
		   "\tfi\n"
		   "\tcase $verb.$prev in\n");
	for (size_t i = 0; i < verb_count; i++)
		options_walk(&verbs[i], put_values, &(struct values){o, &verbs[i]});
	out_lit(o, "\tesac\n"
		   "\tif [ -z \"$words\" ] && [[ $cur == -* ]]; then\n"
		   "\t\tcase $verb in\n");
	for (size_t i = 0; i < verb_count; i++) {
		out_addf(o, "\t\t%s) words='", verbs[i].name);
		options_walk(&verbs[i], put_option, o);
		out_lit(o, "' ;;\n");
	}
	out_lit(o, "\t\tesac\n"
		   "\telif [ -z \"$words\" ] && [ \"$verb\" = help ]; then\n"
		   "\t\twords='");
	put_verbs(o);
	out_lit(o, "'\n"
		   "\tfi\n"
		   "\tif [ -n \"$words\" ]; then\n"
		   "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		   "\telse\n"
		   "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		   "\tfi\n"
		   "}\n"
		   "complete -o filenames -F _scaudit scaudit\n");
}
