/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "term.h"

unsigned term_width(int fd)
{
	const char *env = getenv("COLUMNS");
	struct winsize ws;
	uint64_t v;

	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
		return ws.ws_col;
	if (env && span_u64(span_z(env), &v) && v >= 20 && v <= 1000)
		return (unsigned)v;
	return 80;
}

bool term_colors(int fd, enum color_mode mode)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (mode != COLOR_AUTO)
		return mode == COLOR_ALWAYS;
	return !(no && *no) && isatty(fd) && term && strcmp(term, "dumb") != 0;
}

int page_open(struct page *pg, struct out *o, const char *path, mode_t mode,
	      enum color_mode color, struct sca_err *err)
{
	int r = out_open_mode(o, path, mode, err);

	if (r == 0)
		*pg = (struct page){o, term_width(o->fd), term_colors(o->fd, color)};
	return r;
}

static const char *const inks[INK_COUNT] = {
	[INK_NONE] = "",
	[INK_HEAD] = "\033[1m",
	[INK_FAINT] = "\033[2m",
	[INK_NAME] = "\033[1m",
	[INK_GOOD] = "\033[32m",
	[INK_WARN] = "\033[33m",
	[INK_BAD] = "\033[31m",
};

const char *ink_start(enum ink ink)
{
	return inks[ink];
}

enum ink ink_action(enum sca_action action)
{
	switch (action) {
	case SCA_ACT_KILL_PROCESS:
	case SCA_ACT_KILL_THREAD:
	case SCA_ACT_TRAP:
	case SCA_ACT_STRICT:
		return INK_BAD;
	case SCA_ACT_ALLOW:
	case SCA_ACT_LOG:
		return INK_FAINT;
	default:
		return INK_WARN;
	}
}

void page_ink(const struct page *pg, enum ink ink, const char *text)
{
	bool on = pg->colors && ink != INK_NONE;

	if (on)
		out_z(pg->o, inks[ink]);
	out_z(pg->o, text);
	if (on)
		out_lit(pg->o, "\033[0m");
}

static size_t text_columns(const char *p, size_t n)
{
	const char *end = p + n;
	size_t columns = 0;

	while (p < end) {
		size_t len;
		uint32_t c = utf8_take(p, end, &len);
		int w = len > 1 ? wcwidth((wchar_t)c) : 1;

		columns += w < 0 ? 1 : (size_t)w;
		p += len ? len : 1;
	}
	return columns;
}

void page_fill(const struct page *pg, unsigned column, unsigned indent, const char *text)
{
	size_t at = column;
	bool fresh = true; /* no word on this line yet */

	for (;;) {
		size_t blanks = strspn(text, " "), n = strcspn(text + blanks, " "), w;

		text += blanks;
		if (n == 0)
			break;
		w = text_columns(text, n);
		if (!fresh && at + blanks + w > pg->width) {
			out_c(pg->o, '\n');
			out_pad(pg->o, indent);
			at = indent;
		} else if (!fresh) {
			out_pad(pg->o, blanks);
			at += blanks;
		}
		out_add(pg->o, text, n);
		at += w;
		text += n;
		fresh = false;
	}
	out_c(pg->o, '\n');
}

void page_label(const struct page *pg, const char *label, enum ink ink)
{
	size_t n = strlen(label);

	page_ink(pg, ink, label);
	out_pad(pg->o, n < PAGE_MARGIN ? PAGE_MARGIN - n : 1);
}

void page_line(const struct page *pg, const char *label, enum ink ink, const char *text)
{
	page_label(pg, label, ink);
	page_fill(pg, PAGE_MARGIN, PAGE_MARGIN, text);
}

void page_item(const struct page *pg, const char *label, enum ink ink, unsigned indent,
	       const char *text)
{
	size_t n = strlen(label);

	out_lit(pg->o, "  ");
	page_ink(pg, ink, label);
	out_pad(pg->o, n + 2 < indent ? indent - n - 2 : 1);
	page_fill(pg, n + 2 < indent ? indent : (unsigned)n + 3, indent, text);
}
