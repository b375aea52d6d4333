/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where errors are printed and become exit codes. */
#include <locale.h>
#include <signal.h>

#include "cli.h"
#include "render/document.h"
#include "sandbox.h"

const struct exit_row exit_rows[] = {
	{EXIT_DONE, NULL, "done"},
	{EXIT_FOUND, &judge_group,
	 "with --exit-code: changes are suggested, or denials were found"},
	{EXIT_FOUND, &diff_group, "with --exit-code or --fail-on: verdicts differ"},
	{EXIT_FOUND, &check_group, "with --fail-on: there is such a problem"},
	{EXIT_FOUND, &doctor_group, "with --exit-code: there is a problem"},
	{EXIT_ERROR, NULL, "the command or its input was wrong, or a result could not be written"},
	{EXIT_OPEN, &suggest_group, "with --exit-code: some denials stay, nothing in the patch ends them"},
	{EXIT_OPEN, &replay_group, "with --exit-code: some depend on arguments, the others are fine"},
	{EXIT_INCOMPLETE, &judge_group, "with --strict: the evidence is not complete"},
};
const size_t exit_row_count = ARRAY_SIZE(exit_rows);

static int fail(const struct sca_err *err)
{
	say_error(err);
	return EXIT_ERROR;
}

static int run(struct cli *cli, int argc, char **argv)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	int r = options_parse(cli, argc, argv);

	if (r == 0 && cli->want_help) {
		r = out_open(&o, NULL, &cli->err);
		if (r == 0) {
			help_text(&o, cli->verb);
			r = out_finish(&o, &cli->err);
		}
	} else if (r == 0) {
		r = clash_check(cli);
		if (r == 0 && !sandbox_later(cli))
			r = sandbox_enter(cli, NULL);
		if (r == 0)
			r = cli->verb->run(cli);
	}
	return r < 0 ? fail(&cli->err) : r;
}

/* `scaudit` alone shows the verbs; --help and --version before a verb are verbs too. */
static int no_verb(void)
{
	struct out o = OUT_MEMORY;

	help_text(&o, NULL);
	say_page(&o);
	out_release(&o);
	return EXIT_ERROR;
}

static const char *verb_word(const char *word)
{
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	return word;
}

/* Where nothing else says it: an error's own text may have found no memory, either. */
static int last_word(int r)
{
	if (!memory_is_out())
		return r;
	memory_say();
	return EXIT_ERROR;
}

int main(int argc, char **argv)
{
	struct cli cli = {.err = SCA_ERR_INIT, .draft_action = SCA_ACT_ERRNO};
	int r;

	/* the width of characters; other locales than the machine has are no failure */
	errno = 0;
	if (!setlocale(LC_CTYPE, "") && errno == ENOMEM)
		memory_ran_out();
	document_init();
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return last_word(no_verb());
	cli.verb = verb_find(verb_word(argv[1]));
	if (!cli.verb) {
		if (argv[1][0] == '-')
			sca_fail(&cli.err, SCA_E_SYNTAX,
				 "options stand after the verb: scaudit VERB %s", argv[1]);
		else
			verb_unknown(&cli.err, argv[1]);
		return last_word(fail(&cli.err));
	}
	r = run(&cli, argc - 1, argv + 1);
	filter_free(cli.filter);
	free(cli.args.v);
	free(cli.from.v);
	free(cli.to.v);
	free(cli.allow_dangerous.v);
	return last_word(r);
}
