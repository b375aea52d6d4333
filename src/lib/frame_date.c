/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dates that tools write in front of a line. Only a date with year and zone is a time;
 * the others are stepped over.
 */
#include "cursor.h"
#include "frame_int.h"

/* "06:14:07", "06:14:07.968766", "06:14:07,968766" */
static bool take_time(struct sca_str *s)
{
	struct sca_str t = *s;

	if (!take_digits(&t, 2, 2) || !take_char(&t, ':') || !take_digits(&t, 2, 2) ||
	    !take_char(&t, ':') || !take_digits(&t, 2, 2))
		return false;
	if (take_char(&t, '.') || take_char(&t, ','))
		take_digits(&t, 1, 9);
	*s = t;
	return true;
}

static bool is_letter(char c)
{
	return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '.' ||
	       (unsigned char)c >= 0x80;
}

/* A month or weekday in any language: "Nov", "oct.", letters of UTF-8. */
static bool take_letters(struct sca_str *s)
{
	size_t n = 0;

	while (n < s->n && n < 12 && is_letter(s->p[n]))
		n++;
	if (n < 2)
		return false;
	*s = str_skip(*s, n);
	return true;
}

/* "Z", "+01:00", "+0100" glued to the time, or the word "UTC" behind it. */
static bool take_zone(struct sca_str *s)
{
	struct sca_str t = *s, word;

	if (take_char(&t, 'Z')) {
		*s = t;
		return true;
	}
	if ((take_char(&t, '+') || take_char(&t, '-')) && take_digits(&t, 2, 4)) {
		if (take_char(&t, ':'))
			take_digits(&t, 2, 2);
		*s = t;
		return true;
	}
	t = *s;
	if (take_word(&t, &word) && str_is(word, "UTC")) {
		*s = t;
		return true;
	}
	return false;
}

/* A zone that only its own place knows, "CET": it tells no time, but is no host either. */
static void skip_zone_name(struct sca_str *s)
{
	struct sca_str t = *s, word;

	if (!take_word(&t, &word) || word.n < 2 || word.n > 5)
		return;
	for (size_t i = 0; i < word.n; i++)
		if ((word.p[i] < 'A' || word.p[i] > 'Z') && !strchr("+-0123456789", word.p[i]))
			return;
	*s = t;
}

/* "2026-11-24T06:14:07.9Z", and journalctl's "Tue 2026-11-24 06:14:07 UTC". */
bool prefix_take_iso_date(struct sca_str *s, struct prefix *px)
{
	struct sca_str t = *s, from, zoneless;
	bool weekday = take_letters(&t);
	int64_t ms;

	skip_blanks(&t);
	from = t;
	if (!take_digits(&t, 4, 4) || !take_char(&t, '-') || !take_digits(&t, 2, 2) ||
	    !take_char(&t, '-') || !take_digits(&t, 2, 2) ||
	    !(take_char(&t, 'T') || take_char(&t, ' ')) || !take_time(&t))
		return false;
	zoneless = (struct sca_str){from.p, from.n - t.n};
	if (take_zone(&t)) {
		struct sca_str whole = {from.p, from.n - t.n};

		if (time_parse_rfc3339(whole, &ms) == 0 ||
		    (str_find(whole, SCA_STR("UTC")) && time_parse_rfc3339(zoneless, &ms) == 0)) {
			px->have_time = true;
			px->time_ms = ms;
		}
	} else if (weekday) {
		skip_zone_name(&t);
	}
	*s = t;
	return true;
}

/* "Nov 24 06:14:07", "Dec  8 10:00:00", and Wazuh's with the year in front. */
static bool take_bsd_date(struct sca_str *s)
{
	struct sca_str t = *s;

	if (take_digits(&t, 4, 4))
		skip_blanks(&t);
	if (!take_letters(&t))
		return false;
	skip_blanks(&t);
	if (!take_digits(&t, 1, 2))
		return false;
	take_char(&t, '.');
	skip_blanks(&t);
	if (!take_time(&t))
		return false;
	*s = t;
	return true;
}

/* logcat's "07-28 11:49:44.891  1234  1234 " */
static bool take_logcat_date(struct sca_str *s)
{
	struct sca_str t = *s, word;

	if (!take_digits(&t, 2, 2) || !take_char(&t, '-') || !take_digits(&t, 2, 2) ||
	    !take_char(&t, ' ') || !take_time(&t))
		return false;
	*s = t;
	for (int i = 0; i < 2; i++) {
		if (!take_word(&t, &word) || count_digits(word) != word.n)
			break;
		*s = t;
	}
	return true;
}

/* journalctl -o short-unix */
static bool take_epoch(struct sca_str *s)
{
	struct sca_str t = *s;

	if (!take_digits(&t, 9, 11) || !take_char(&t, '.') || !take_digits(&t, 3, 9))
		return false;
	*s = t;
	return true;
}

bool prefix_take_date(struct sca_str *s, struct prefix *px)
{
	struct sca_str t = *s;

	if (!prefix_take_iso_date(&t, px) && !take_bsd_date(&t) && !take_logcat_date(&t) &&
	    !take_epoch(&t) && !take_time(&t))
		return false;
	if (t.n && !is_blank(t.p[0]))
		return false;
	*s = t;
	return true;
}
