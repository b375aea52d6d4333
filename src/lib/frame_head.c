/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of records in text:
 *
 *	type=SECCOMP msg=audit(SEC.mmm:SERIAL): BODY         auditd
 *	type=1326 audit(SEC.mmm:SERIAL): BODY                the kernel's log
 *	type=SECCOMP msg=audit(11/24/26 06:36:13.125:SERIAL) : BODY   ausearch -i
 *	SECCOMP BODY                                         journald
 *
 * and, before Linux 3.8, type=1701 with reason="seccomp". A quotation may have dots for the
 * stamp or for the whole of it.
 */
#include "frame_int.h"

#define STAMP_MAX  80   /* bytes between the brackets of audit() */
#define REASON_MAX 2048 /* bytes from the head of a 1701 to its reason */

static const struct {
	struct sca_str text;
	uint32_t type;
} types[] = {
	{{"type=SECCOMP", 12}, 1326},
	{{"type=1326", 9}, 1326},
	{{"type=UNKNOWN[1326]", 18}, 1326},
	{{"type=1701", 9}, 1701},
	{{"type=ANOM_ABEND", 15}, 1701},
};

/* journald's name of the type: the first, where its table had none the second, and before
 * systemd 230 the third. */
static const struct sca_str journald_starts[] = {
	{"SECCOMP auid=", 13}, {"AUDIT1326 auid=", 15}, {"<audit-1326> auid=", 18}
};
#define AUID_KEY 5 /* of a start, "auid=" belongs to the body */

static bool is_word(char c)
{
	return ascii_digit(c) || c == '_' || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static size_t past_blanks(struct sca_str s, size_t at)
{
	while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
		at++;
	return at;
}

static bool starts_at(struct sca_str s, size_t at, struct sca_str with)
{
	return s.n - at >= with.n && memcmp(s.p + at, with.p, with.n) == 0;
}

/* Whether the text ends inside `with`, having agreed so far. */
static bool cut_at(struct sca_str s, size_t at, struct sca_str with)
{
	return s.n - at < with.n && memcmp(s.p + at, with.p, s.n - at) == 0;
}

static bool elided_at(struct sca_str s, size_t at)
{
	return starts_at(s, at, SCA_STR("...")) || starts_at(s, at, SCA_STR("\xe2\x80\xa6"));
}

/* Digits at *at, stepped over; at least one, at most 18 so that no sum overflows. */
static inline bool take_digits(struct sca_str s, size_t *at, int64_t *ret)
{
	size_t p = *at, end = MIN(s.n, p + 18);
	int64_t v = 0;

	for (; p < end && ascii_digit(s.p[p]); p++)
		v = v * 10 + (s.p[p] - '0');
	if (p == *at)
		return false;
	*at = p;
	*ret = v;
	return true;
}

/* SEC.mmm:SERIAL. A clock that was never set shows as 0.0 (Android), which is no time;
 * anything else is taken as it stands, seconds past 2^32 as well. */
bool head_read_stamp(struct sca_str s, struct head *ret)
{
	int64_t sec, ms, serial, t;
	size_t at = 0, dot, colon;

	if (!take_digits(s, &at, &sec) || at == s.n || s.p[at] != '.')
		return false;
	dot = at++;
	if (!take_digits(s, &at, &ms) || at == s.n || s.p[at] != ':')
		return false;
	colon = at++;
	if (!take_digits(s, &at, &serial) || at != s.n || serial > UINT32_MAX)
		return false;
	if (sec != 0 || ms != 0) {
		if (colon - dot != 4 || mul_overflow(sec, (int64_t)1000, &t) ||
		    add_overflow(t, ms, &t))
			return false;
		ret->time_ms = t;
		ret->have_time = true;
	}
	ret->serial = (uint32_t)serial;
	ret->have_serial = true;
	return true;
}

/* Only the serial of "DATE TIME.mmm:SERIAL" is taken: the date is in the local form, and of
 * a zone that it does not say. */
static bool read_local_stamp(struct sca_str s, struct head *ret)
{
	size_t colon = s.n;

	if (!memchr(s.p, ' ', s.n))
		return false;
	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon > 5 && s.p[colon - 5] == '.')
		ret->have_serial = str_u32(str_skip(s, colon), &ret->serial) == 0;
	return true;
}

/* The rest of a head from its "audit(" on. */
static enum head_found read_audit(struct sca_str s, size_t at, struct head *h)
{
	struct sca_str stamp;
	const char *close;
	size_t after, colon;
	bool elided, local = false;

	at += 6;
	close = at < s.n ? memchr(s.p + at, ')', MIN(s.n - at, (size_t)STAMP_MAX)) : NULL;
	if (!close)
		return s.n - at < STAMP_MAX ? HEAD_CUT : HEAD_BAD;
	stamp = (struct sca_str){s.p + at, (size_t)(close - s.p) - at};
	after = at + stamp.n + 1;
	colon = past_blanks(s, after);
	if (colon == s.n)
		return HEAD_CUT;
	if (s.p[colon] != ':')
		return HEAD_BAD;
	elided = stamp.n == 0 || elided_at(stamp, 0);
	if (!elided && !head_read_stamp(stamp, h)) {
		local = colon > after && stamp.n && read_local_stamp(stamp, h);
		if (!local)
			return HEAD_BAD;
	}
	h->interpreted = local || (elided && colon > after);
	h->body = past_blanks(s, colon + 1);
	return HEAD_FOUND;
}

static enum head_found type_at(struct sca_str s, size_t at, struct head *h)
{
	size_t i, p;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (starts_at(s, at, types[i].text))
			break;
	if (i == ARRAY_SIZE(types))
		return HEAD_NONE;
	p = at + types[i].text.n;
	h->type = types[i].type;
	if (h->type == 1701) {
		struct sca_str near = {s.p + p, MIN(s.n - p, (size_t)REASON_MAX)};

		if (!str_find(near, SCA_STR(" reason=\"seccomp\"")))
			return HEAD_NONE;
	}
	h->form = HEAD_KERNEL;
	if (p < s.n && s.p[p] != ' ')
		return HEAD_NONE; /* a quoted name could say "type=1326..." but has no blank */
	p = past_blanks(s, p);
	if (starts_at(s, p, SCA_STR("msg="))) {
		h->form = HEAD_AUDITD;
		p += 4;
	}
	if (starts_at(s, p, SCA_STR("audit(")))
		return read_audit(s, p, h);
	if (elided_at(s, p)) {
		h->body = p;
		return HEAD_FOUND;
	}
	return cut_at(s, p, SCA_STR("msg=audit(")) || cut_at(s, p, SCA_STR("audit(")) ? HEAD_CUT
										     : HEAD_NONE;
}

enum head_found head_at(struct sca_str text, size_t at, struct head *ret)
{
	*ret = (struct head){.start = at};
	if (at < text.n && text.p[at] == 't')
		return type_at(text, at, ret);
	for (size_t i = 0; i < ARRAY_SIZE(journald_starts); i++) {
		if (!starts_at(text, at, journald_starts[i]))
			continue;
		ret->form = HEAD_JOURNALD;
		ret->type = 1326;
		ret->body = at + journald_starts[i].n - AUID_KEY;
		return HEAD_FOUND;
	}
	return HEAD_NONE;
}

/* The head, if one ends its first word with the '=' in front of `past`. */
static enum head_found head_before(struct sca_str text, size_t from, size_t past, struct head *ret)
{
	const struct sca_str type = SCA_STR("type=");

	for (size_t i = 0; i <= ARRAY_SIZE(journald_starts); i++) {
		struct sca_str s = i ? journald_starts[i - 1] : type;
		size_t start = past - s.n;

		if (past - from >= s.n && starts_at(text, start, s) &&
		    (start == from || !is_word(text.p[start - 1])))
			return head_at(text, start, ret);
	}
	return HEAD_NONE;
}

enum head_found head_next(struct sca_str text, size_t at, struct head *ret)
{
	const char *p = text.p + at, *end = text.p + text.n;

	while (p < end && (p = memchr(p, '=', (size_t)(end - p)))) {
		enum head_found found = head_before(text, at, (size_t)(++p - text.p), ret);

		if (found != HEAD_NONE)
			return found;
	}
	return HEAD_NONE;
}
