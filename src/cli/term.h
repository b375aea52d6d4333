/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How text is laid out for eyes: width, colour, wrapped paragraphs.
 */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include "out.h"

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What a colour says; one row each in term.c. */
enum ink { INK_NONE, INK_HEAD, INK_FAINT, INK_NAME, INK_GOOD, INK_WARN, INK_BAD, INK_COUNT };

/* Columns of the terminal behind fd; else COLUMNS; else 80. */
unsigned term_width(int fd);
/* --color, then NO_COLOR and TERM=dumb, then whether fd is a terminal. */
bool term_colors(int fd, enum color_mode mode);
const char *ink_start(enum ink ink); /* "" for INK_NONE */
/* How bad an action is, as a colour. */
enum ink ink_action(enum sca_action action);

/* Where text starts behind the word that says what a line is. */
#define PAGE_MARGIN 12

struct page {
	struct out *o;
	unsigned width;
	bool colors;
};

/* out_open_mode(), and the page that it is: as wide and coloured as what stands behind it. */
int page_open(struct page *pg, struct out *o, const char *path, mode_t mode,
	      enum color_mode color, struct sca_err *err);
/* Text between colour codes, when the page has colours. */
void page_ink(const struct page *pg, enum ink ink, const char *text);
/*
 * Words filled into lines of the page's width. The line so far is `column` wide; following
 * lines start with `indent` blanks. Words longer than a line stand out. Ends with a newline.
 * The text is safe already (own words, or from out_safe).
 */
void page_fill(const struct page *pg, unsigned column, unsigned indent, const char *text);
/* "label       text", filled, at the margin; the label may be "". */
void page_line(const struct page *pg, const char *label, enum ink ink, const char *text);
void page_label(const struct page *pg, const char *label, enum ink ink);
/* "  label     text", filled, the text starting in column `indent`. */
void page_item(const struct page *pg, const char *label, enum ink ink, unsigned indent,
	       const char *text);

#endif
