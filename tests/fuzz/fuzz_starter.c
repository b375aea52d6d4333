/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines of processes, which may say anything. Aborts when what a starter is said to have
 * started does not stand in its command line as a whole word, or at its front.
 */
#include "fuzz.h"

#include "starter.h"

static void check_part(struct sca_str part, struct sca_str line)
{
	if (!part.n)
		return;
	must(span_within(part, line), "a part of the command line");
	must(!memchr(part.p, '\0', part.n), "of one argument");
	must(part.p > line.p, "of another one than the program");
	must(part.p[-1] == '\0' || part.p[-1] == '=', "from its start, or behind an option's =");
	must(part.p + part.n < line.p + line.n && part.p[part.n] == '\0', "to its end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sca_str line = {(const char *)data, n};
	struct starter_says says;

	starter_comm(line);
	if (!starter_parse(line, &says))
		return 0;
	must(says.id.n, "an id");
	must(line.p[line.n - 1] == '\0', "a whole command line");
	check_part(says.id, line);
	check_part(says.who == STARTER_CONMON ? says.name : (struct sca_str){NULL, 0}, line);
	check_part(says.who == STARTER_SHIM ? says.space : (struct sca_str){NULL, 0}, line);
	must(says.who == STARTER_CONMON || !says.name.n, "only conmon tells a name");
	must(says.who == STARTER_SHIM || !says.space.n, "only shims tell a namespace");
	return 0;
}
