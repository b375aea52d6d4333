/* SPDX-License-Identifier: Apache-2.0 */
#include "audisp.h"

#define READ_MAX (64u << 10)

void audisp_start(struct audisp *a, size_t line_max)
{
	buf_reset(&a->in);
	a->form = AUDISP_NEW;
	a->line_max = line_max;
	a->at = 0;
	a->first_out = a->skipping = false;
}

bool audisp_room(struct audisp *a, char **ret, size_t *ret_n)
{
	struct buf *in = &a->in;

	if (a->at) {
		in->n -= a->at;
		memmove(in->p, in->p + a->at, in->n);
		a->at = 0;
	}
	if (!buf_reserve(in, READ_MAX))
		return false;
	*ret = in->p + in->n;
	*ret_n = READ_MAX;
	return true;
}

void audisp_took(struct audisp *a, size_t n)
{
	a->in.n += n;
}

void audisp_release(struct audisp *a)
{
	buf_release(&a->in);
}

static size_t have(const struct audisp *a)
{
	return a->in.n - a->at;
}

static int next_line(struct audisp *a, struct audisp_message *ret)
{
	while (have(a)) {
		const char *p = a->in.p + a->at;
		const char *end = memchr(p, '\n', have(a));
		size_t n = end ? (size_t)(end - p) : have(a);
		bool skip = a->skipping;

		if (!skip && n > a->line_max)
			a->overlong++;
		a->skipping = !end && (skip || n > a->line_max);
		if (!end && !a->skipping)
			return 0;
		a->at += n + (end != NULL);
		if (skip || n > a->line_max)
			continue;
		*ret = (struct audisp_message){.line = true, .text = {p, n}};
		return 1;
	}
	return 0;
}

/* -- binary -- */

struct header {
	uint32_t version, length, type, size;
};

/* The header at an offset from the first unused byte; false when there is none. */
static bool header_at(const struct audisp *a, size_t at, struct header *ret)
{
	memcpy(ret, a->in.p + a->at + at, sizeof(*ret));
	return ret->version <= 1 && ret->length == AUDISP_HEADER && ret->type &&
	       ret->type <= UINT16_MAX && ret->size && ret->size <= AUDISP_TEXT;
}

/* Where a chain of compact messages gets to, which is at `end` or behind it unless it breaks. */
static size_t chain(const struct audisp *a, size_t end)
{
	struct header h;
	size_t at = 0;

	while (at < end && at + AUDISP_HEADER <= have(a) && header_at(a, at, &h))
		at += AUDISP_HEADER + h.size;
	return at;
}

/*
 * Padded or compact. A padded message comes whole, so a stream that stops earlier is compact.
 * Else the second message tells: in a padded stream its header stands behind the padding, and
 * nobody who made up the padding can take it away; in a compact one that is inside of a
 * message, and a record has no header in its text. Where the compact reading ends exactly
 * there, both are possible, and neither where it breaks off.
 */
static int decide(struct audisp *a, bool quiet)
{
	size_t n = have(a), reach;
	struct header h;
	bool padded;

	if (n < AUDISP_WHOLE) {
		if (quiet)
			a->form = AUDISP_COMPACT;
		return 0;
	}
	reach = chain(a, AUDISP_WHOLE);
	if (n < AUDISP_WHOLE + AUDISP_HEADER) {
		if (reach + AUDISP_HEADER <= AUDISP_WHOLE)
			a->form = AUDISP_PADDED;
		return 0;
	}
	padded = header_at(a, AUDISP_WHOLE, &h);
	if (padded ? reach == AUDISP_WHOLE : reach < AUDISP_WHOLE)
		return SCA_E_SYNTAX;
	a->form = padded ? AUDISP_PADDED : AUDISP_COMPACT;
	return 0;
}

static void step(struct audisp *a, const struct header *h)
{
	a->at += a->form == AUDISP_PADDED ? AUDISP_WHOLE : AUDISP_HEADER + h->size;
}

/* The first message is the same either way: it does not wait for the second one. */
static int next_binary(struct audisp *a, bool quiet, struct audisp_message *ret)
{
	struct header h;
	size_t need;
	int r;

	if (a->form == AUDISP_BINARY && a->first_out) {
		r = decide(a, quiet);
		if (r < 0 || a->form == AUDISP_BINARY)
			return r;
		header_at(a, 0, &h);
		step(a, &h);
	}
	if (have(a) < AUDISP_HEADER)
		return 0;
	if (!header_at(a, 0, &h))
		return SCA_E_SYNTAX;
	need = a->form == AUDISP_PADDED ? AUDISP_WHOLE : AUDISP_HEADER + h.size;
	if (have(a) < need)
		return 0;
	*ret = (struct audisp_message){
		.line = h.version == 1,
		.type = h.type,
		.text = {a->in.p + a->at + AUDISP_HEADER, h.size},
	};
	if (a->form == AUDISP_BINARY)
		a->first_out = true;
	else
		step(a, &h);
	return 1;
}

int audisp_next(struct audisp *a, bool quiet, struct audisp_message *ret)
{
	if (!have(a))
		return 0;
	if (a->form == AUDISP_NEW)
		a->form = (unsigned char)a->in.p[a->at] <= 1 ? AUDISP_BINARY : AUDISP_LINES;
	return a->form == AUDISP_LINES ? next_line(a, ret) : next_binary(a, quiet, ret);
}

bool audisp_wants_quiet(const struct audisp *a)
{
	return a->form == AUDISP_BINARY && a->first_out && have(a) < AUDISP_WHOLE;
}

bool audisp_torn(const struct audisp *a)
{
	struct header h;

	if (a->form != AUDISP_BINARY || !a->first_out)
		return have(a) > 0;
	return have(a) != AUDISP_WHOLE && header_at(a, 0, &h) &&
	       have(a) != AUDISP_HEADER + h.size;
}
