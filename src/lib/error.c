/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

static void put_text(struct sca_err *err, const char *fmt, va_list ap) _printf_(2, 0);

static void put_text(struct sca_err *err, const char *fmt, va_list ap)
{
	char tail[sizeof(err->text)];
	size_t room;
	int n;

	memcpy(tail, err->text, sizeof(tail));
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	if (n < 0) {
		err->text[0] = '\0';
		return;
	}
	room = (size_t)n < sizeof(err->text) ? sizeof(err->text) - (size_t)n : 0;
	if (tail[0] && room > 3) /* what does not fit is cut */
		snprintf(err->text + n, room, ": %.*s", (int)(room - 3), tail);
}

int sca_fail(struct sca_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	err->text[0] = '\0';
	va_start(ap, fmt);
	put_text(err, fmt, ap);
	va_end(ap);
	return code;
}

int sca_fail_errno(struct sca_err *err, int e, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -e;
	err->code = -e;
	snprintf(err->text, sizeof(err->text), "%s", sca_err_str(-e));
	va_start(ap, fmt);
	put_text(err, fmt, ap);
	va_end(ap);
	return -e;
}

int sca_wrap(struct sca_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -EINVAL;
	va_start(ap, fmt);
	put_text(err, fmt, ap);
	va_end(ap);
	return err->code;
}

void sca_err_at(struct sca_err *err, const char *file, unsigned line, unsigned column)
{
	if (!err)
		return;
	if (file && !err->file[0]) {
		size_t n = strlen(file), room = sizeof(err->file) - 1;

		if (n <= room)
			memcpy(err->file, file, n + 1);
		else
			snprintf(err->file, sizeof(err->file), "...%s", file + n - room + 3);
	}
	if (line && !err->line) {
		err->line = line;
		err->column = column;
	}
}

void sca_err_path(struct sca_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->path[0])
		return;
	va_start(ap, fmt);
	vsnprintf(err->path, sizeof(err->path), fmt, ap);
	va_end(ap);
}

const char *sca_err_str(int code)
{
	static const struct {
		int code;
		const char *text;
	} own[] = {
		{0, "no error"},
		{SCA_E_SYNTAX, "not in the expected form"},
		{SCA_E_RANGE, "number out of range"},
		{SCA_E_UNKNOWN, "unknown name"},
		{SCA_E_LIMIT, "limit passed"},
		{SCA_E_UNSUPPORTED, "not supported"},
		{SCA_E_CONFLICT, "conflicting request"},
		{SCA_E_REFUSED, "the target would refuse this profile"},
		{SCA_E_PROOF, "the patch does not do what it claims"},
		{SCA_E_INCOMPLETE, "incomplete record"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (own[i].code == code)
			return own[i].text;
	if (code < 0 && code > -4096) {
		const char *s = strerrordesc_np(-code);

		if (s)
			return s;
	}
	return "unknown error";
}

size_t sca_err_format(const struct sca_err *err, char *out, size_t cap)
{
	/* An error is shown when there is no memory, too. Escaped, a byte takes four at most. */
	char room[4 * (sizeof(err->file) + sizeof(err->path) + sizeof(err->text)) + 64];
	struct buf b = {.p = room, .cap = sizeof(room), .max = sizeof(room) - 1};
	size_t n;

	if (cap == 0)
		return 0;
	if (err->file[0])
		text_add_safe(&b, sca_str_z(err->file));
	if (err->line)
		buf_addf(&b, "%s%u:%u", b.n ? ":" : "line ", err->line, err->column);
	if (b.n)
		buf_add_z(&b, ": ");
	if (err->path[0]) {
		text_add_safe(&b, sca_str_z(err->path));
		buf_add_z(&b, ": ");
	}
	text_add_safe(&b, sca_str_z(err->text[0] ? err->text : sca_err_str(err->code)));
	n = b.failed ? 0 : MIN(b.n, cap - 1);
	if (n)
		memcpy(out, b.p, n);
	out[n] = '\0';
	return n;
}
