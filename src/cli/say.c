/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdarg.h>
#include <unistd.h>

#include "cli.h"

void say_page(struct out *o)
{
	o->fd = STDERR_FILENO;
	out_flush(o);
	o->n = 0;
	o->fd = -1;
}

/* One line for programs; for a terminal it is filled into as many as it takes. */
void say(const char *fmt, ...)
{
	_cleanup_out_ struct out o = OUT_MEMORY, safe = OUT_MEMORY;
	bool terminal = isatty(STDERR_FILENO);
	struct page pg = {&o, terminal ? term_width(STDERR_FILENO) : UINT_MAX, false};
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		memory_ran_out();
		return;
	}
	out_safe(&safe, span_z(text));
	out_lit(&o, "scaudit: ");
	page_fill(&pg, 9, 9, out_string(&safe));
	if (!o.error && !safe.error)
		say_page(&o);
}

void say_error(const struct sca_err *err)
{
	char text[1024];

	sca_err_format(err, text, sizeof(text));
	say("%s", text);
}
