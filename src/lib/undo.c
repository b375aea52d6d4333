/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back from a changed text: a unified diff that is applied exactly or not at all.
 * patch(1) would look for a place where a hunk fits; here the text is the one that the undo
 * was made for, by size and checksum, and so is the result.
 */
#include "text.h"

#include <zlib.h>

#include <scaudit/twin.h>

#define UNDO_HEAD "scaudit undo 1\n"

struct sum {
	uint64_t bytes;
	uint32_t crc;
};

static struct sum sum_of(struct sca_str s)
{
	uLong crc = crc32_z(0, Z_NULL, 0);

	return (struct sum){s.n, (uint32_t)crc32_z(crc, (const Bytef *)s.p, s.n)};
}

int sca_undo_make(struct sca_str now, struct sca_str before, char **ret, size_t *ret_n,
		  struct sca_err *err)
{
	struct sum a = sum_of(now), b = sum_of(before);
	_cleanup_free_ char *diff = NULL;
	struct buf out = BUF_INIT;
	char *text;
	size_t n;
	int r = sca_text_diff(now, before, "profile", &diff, &n, err);

	if (r < 0)
		return r;
	buf_add_z(&out, UNDO_HEAD);
	buf_addf(&out, "from %llu %08x\nto %llu %08x\n", (unsigned long long)a.bytes, a.crc,
		 (unsigned long long)b.bytes, b.crc);
	buf_add(&out, diff, n);
	text = buf_steal(&out, ret_n);
	if (!text)
		return sca_fail(err, -ENOMEM, "out of memory");
	*ret = text;
	return 0;
}

/* -- applying -- */

struct undo {
	struct sca_str diff; /* rest */
	struct sca_str old;  /* rest */
	size_t line;         /* of the old text that comes next, from 0 */
	struct buf out;
};

/* The next line with its newline; false at the end. */
static bool take_line(struct sca_str *s, struct sca_str *ret)
{
	const char *nl;

	if (s->n == 0)
		return false;
	nl = memchr(s->p, '\n', s->n);
	*ret = (struct sca_str){s->p, nl ? (size_t)(nl + 1 - s->p) : s->n};
	*s = str_skip(*s, ret->n);
	return true;
}

/* "from 123 89abcdef\n" */
static bool take_sum(struct sca_str *s, struct sca_str word, struct sum *ret)
{
	struct sca_str line, part;
	uint64_t crc;

	if (!take_line(s, &line))
		return false;
	line = str_trim(line);
	if (!str_cut(&line, ' ', &part) || !str_eq(part, word) || !str_cut(&line, ' ', &part) ||
	    str_u64(part, &ret->bytes) < 0 || str_hex64(line, &crc) < 0 || crc > UINT32_MAX)
		return false;
	ret->crc = (uint32_t)crc;
	return true;
}

static bool same_sum(const struct sum *a, const struct sum *b)
{
	return a->bytes == b->bytes && a->crc == b->crc;
}

/* "12,3" or "12": *ret_from is the index of the first line. */
static bool read_range(struct sca_str s, size_t *ret_from, size_t *ret_n)
{
	struct sca_str from;
	uint64_t a, n = 1;

	if (!str_cut(&s, ',', &from) || str_u64(from, &a) < 0 ||
	    (s.n && str_u64(s, &n) < 0) || (n && a == 0))
		return false;
	*ret_from = n ? a - 1 : a;
	*ret_n = n;
	return true;
}

static bool copy_until(struct undo *u, size_t line)
{
	struct sca_str l;

	for (; u->line < line; u->line++) {
		if (!take_line(&u->old, &l))
			return false;
		buf_add_str(&u->out, l);
	}
	return u->line == line;
}

/* The next line of a hunk, without its mark, and without the newline that the text has not. */
static bool hunk_line(struct undo *u, char *ret_mark, struct sca_str *ret)
{
	struct sca_str line;

	if (!take_line(&u->diff, &line) || line.p[line.n - 1] != '\n')
		return false;
	*ret_mark = line.p[0];
	*ret = str_skip(line, 1);
	if (u->diff.n && u->diff.p[0] == '\\') {
		if (!take_line(&u->diff, &line))
			return false;
		ret->n--;
	}
	return ret->n > 0;
}

/* "@@ -1,7 +1,7 @@" and what follows it. */
static bool take_hunk(struct undo *u)
{
	struct sca_str head, old_range, new_range, line, was;
	size_t from, n_old, n_new, unused;
	char mark;

	if (!take_line(&u->diff, &head) || !str_starts(head, SCA_STR("@@ -")))
		return false;
	head = str_skip(head, 4);
	if (!str_cut(&head, ' ', &old_range) || !str_cut(&head, ' ', &new_range) ||
	    !str_starts(new_range, SCA_STR("+")) || !read_range(old_range, &from, &n_old) ||
	    !read_range(str_skip(new_range, 1), &unused, &n_new) || !copy_until(u, from))
		return false;
	while (n_old || n_new) {
		if (!hunk_line(u, &mark, &line) || !strchr(" -+", mark))
			return false;
		if ((mark != '+' && n_old-- == 0) || (mark != '-' && n_new-- == 0))
			return false;
		if (mark != '+' && (!take_line(&u->old, &was) || !str_eq(was, line)))
			return false;
		u->line += mark != '+';
		if (mark != '-')
			buf_add_str(&u->out, line);
	}
	return true;
}

static bool take_hunks(struct undo *u)
{
	struct sca_str line;

	if (u->diff.n &&
	    (!take_line(&u->diff, &line) || !str_starts(line, SCA_STR("--- ")) ||
	     !take_line(&u->diff, &line) || !str_starts(line, SCA_STR("+++ "))))
		return false;
	while (u->diff.n)
		if (!take_hunk(u))
			return false;
	buf_add_str(&u->out, u->old);
	return true;
}

int sca_undo_apply(struct sca_str now, struct sca_str undo, char **ret, size_t *ret_n,
		   struct sca_err *err)
{
	struct undo u = {.diff = undo, .old = now, .out = BUF_INIT};
	struct sum from, to, have = sum_of(now), made;
	struct sca_str head;
	int r = 0;

	if (!take_line(&u.diff, &head) || !str_is(head, UNDO_HEAD) ||
	    !take_sum(&u.diff, SCA_STR("from"), &from) || !take_sum(&u.diff, SCA_STR("to"), &to))
		return sca_fail(err, SCA_E_SYNTAX, "this is no undo that complain wrote");
	if (!same_sum(&have, &from))
		return sca_fail(err, SCA_E_CONFLICT,
				"the profile is not the one that this undo was made for: it was "
				"changed since, or is another file");
	if (!take_hunks(&u) && !u.out.failed)
		r = sca_fail(err, SCA_E_SYNTAX, "the undo is damaged");
	made = sum_of(buf_str(&u.out));
	if (r == 0 && !u.out.failed && !same_sum(&made, &to))
		r = sca_fail(err, SCA_E_SYNTAX, "the undo is damaged: it leads to another text");
	if (r == 0 && u.out.failed)
		r = sca_fail(err, -ENOMEM, "out of memory");
	if (r == 0) {
		buf_add(&u.out, "", 0); /* an empty text is one, too */
		*ret = buf_steal(&u.out, ret_n);
		if (!*ret)
			r = sca_fail(err, -ENOMEM, "out of memory");
	}
	buf_release(&u.out);
	return r;
}
