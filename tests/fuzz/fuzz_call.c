/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls as lines of `explain --calls` write them. Aborts when a failure has no code or text, when a
 * call is none of its architecture, or when a call written down again is another one.
 */
#include "fuzz.h"

#include <scaudit/explain.h>

static struct sca_names *names;

/* The number, or its name where `by_name` and it has one. */
static void write_call(const struct sca_call *c, bool by_name, struct buf *b)
{
	const char *name = by_name ? sca_syscall_name(names, c->arch, c->nr) : NULL;

	buf_addf(b, "%s:", sca_arch_name(c->arch));
	if (name)
		buf_add_z(b, name);
	else
		buf_addf(b, "%d", c->nr);
	for (unsigned i = 0; i < 6; i++)
		if (c->args_known >> i & 1)
			buf_addf(b, i % 2 ? ":%llu" : ":0x%llx", (unsigned long long)c->args[i]);
		else
			buf_add_z(b, ":?");
	must(!b->failed, "memory");
}

static void check_again(const struct sca_call *c, bool by_name)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_call again;

	write_call(c, by_name, &b);
	must(sca_call_parse(buf_str(&b), SCA_ARCH_AARCH64, names, &again, NULL) == 0,
	     "a call that is written is read");
	must(again.arch == c->arch && again.nr == c->nr && again.args_known == c->args_known &&
		     memcmp(again.args, c->args, sizeof(c->args)) == 0,
	     "as the same call");
}

static void check_line(struct sca_str line, uint32_t native)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_call c = {0};
	int r = sca_call_parse(line, native, names, &c, &err);

	if (r < 0) {
		must(r == SCA_E_SYNTAX || r == SCA_E_RANGE || r == SCA_E_UNKNOWN, "a code");
		must(err.code == r && err.text[0], "an error says what");
		for (const char *p = err.text; *p; p++)
			must((unsigned char)*p >= ' ', "an error is fit for a terminal");
		return;
	}
	must(sca_arch_name(c.arch) != NULL, "an architecture");
	must(c.args_known < 64, "six arguments");
	for (unsigned i = 0; i < 6; i++)
		must(c.args_known >> i & 1 || c.args[i] == 0, "what is not known is 0");
	check_again(&c, false);
	check_again(&c, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint32_t natives[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_X32,
					   SCA_ARCH_AARCH64};
	struct sca_str text = {(const char *)data, n}, line;

	must(names || sca_names_new(&names, NULL) == 0, "memory");
	for (unsigned i = 0; str_cut(&text, '\n', &line); i++)
		check_line(line, natives[i % ARRAY_SIZE(natives)]);
	return 0;
}
