/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as bytes of a stream. Many go in one write; where they may mix with the output of
 * others (a pipe), each write is of whole records, as far as they fit.
 */
#include "sink_int.h"

static struct sca_str bare(struct sca_str rec)
{
	if (rec.n && rec.p[rec.n - 1] == '\n')
		rec.n--;
	return rec;
}

/* "82 ", not NUL-terminated; its length. */
static size_t put_count(char text[12], size_t n)
{
	char digits[10];
	size_t len = 0, i = 0;

	do {
		digits[len++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (i < len) {
		text[i] = digits[len - 1 - i];
		i++;
	}
	text[i++] = ' ';
	return i;
}

size_t sink_framed(const struct sink *s, struct sca_str rec)
{
	char count[12];

	if (s->framing == FRAME_LINE)
		return rec.n;
	rec = bare(rec);
	return rec.n + (s->framing == FRAME_COUNTED ? put_count(count, rec.n) : 0);
}

static void add(struct batch *b, char *p, size_t n, size_t *skip, size_t most)
{
	size_t cut = n < *skip ? n : *skip;

	*skip -= cut;
	n -= cut;
	if (n > most - b->bytes)
		n = most - b->bytes;
	if (n == 0)
		return;
	b->v[b->n++] = (struct iovec){p + cut, n};
	b->bytes += n;
}

void batch_gather(struct batch *b, const struct sink *s, size_t most)
{
	uint64_t at = s->q.next;
	size_t skip = s->part;
	struct sca_str rec;

	b->n = 0;
	b->bytes = 0;
	for (unsigned i = 0; i < BATCH_RECORDS && queue_step(&s->q, &at, &rec); i++) {
		if (i && sink_framed(s, rec) > most - b->bytes)
			break;
		if (s->framing != FRAME_LINE)
			rec = bare(rec);
		if (s->framing == FRAME_COUNTED)
			add(b, b->counts[i], put_count(b->counts[i], rec.n), &skip, most);
		add(b, s->q.p + (rec.p - s->q.p), rec.n, &skip, most);
	}
}

void batch_written(struct sink *s, size_t n)
{
	uint64_t at = s->q.next;
	struct sca_str rec;

	s->bytes += n;
	s->conn_sent += n;
	s->part += n;
	while (queue_step(&s->q, &at, &rec) && s->part >= sink_framed(s, rec)) {
		s->part -= sink_framed(s, rec);
		if (s->ops->settle)
			queue_sent(&s->q);
		else
			queue_settled(&s->q);
		at = s->q.next;
	}
}
