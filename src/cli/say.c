/* SPDX-License-Identifier: Apache-2.0 */
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

void say(const char *fmt, ...)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return;
	}
	out_lit(&o, "scaudit: ");
	out_safe(&o, span_z(text));
	out_c(&o, '\n');
	say_page(&o);
}

void say_error(const struct sca_err *err)
{
	char text[1024];

	sca_err_format(err, text, sizeof(text));
	say("%s", text);
}
