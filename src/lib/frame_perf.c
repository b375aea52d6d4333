/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What perf trace writes: a line a call, or with -s how often each was made. A call that is run
 * into by others comes twice, and counts where it starts.
 *
 *	     0.305 ( 0.014 ms): ls/12 openat(dfd: CWD, filename: 0x83e0b0b1) = 4
 *	     6.710 (         ): sh/13 wait4(upid: -1)                          ...
 *	     6.710 ( 7.446 ms): sh/13  ... [continued]: wait4())               = 14 (cat)
 *	   openat                34     13     0.446     0.012     0.013     0.019      1.84%
 */
#include "cursor.h"
#include "frame_int.h"

struct perf_line {
	struct sca_str comm, rest;
	uint32_t pid;
	bool started; /* before the trace did */
};

/* "12.345", or "?" for a call that had been entered already. */
static bool take_stamp(struct sca_str *s, bool *ret_started)
{
	skip_blanks(s);
	*ret_started = take_char(s, '?');
	return *ret_started ||
	       (take_digits(s, 1, 15) && take_char(s, '.') && take_digits(s, 3, 3));
}

/* "( 0.014 ms): ", "(         ): " */
static bool take_duration(struct sca_str *s)
{
	struct sca_str t = *s;

	skip_blanks(&t);
	if (!take_char(&t, '('))
		return false;
	skip_blanks(&t);
	if (take_digits(&t, 1, 15)) {
		if (!take_char(&t, '.') || !take_digits(&t, 3, 3) ||
		    !str_starts(t, SCA_STR(" ms")))
			return false;
		t = str_skip(t, 3);
	}
	if (!str_starts(t, SCA_STR("): ")))
		return false;
	*s = str_skip(t, 3);
	return true;
}

/* "a name/12 ": a program's name may have blanks and slashes in it; ":12/12 " is one without. None
 * where there is one process only. */
static void take_task(struct sca_str *s, struct perf_line *l)
{
	struct sca_str all = *s;

	for (size_t i = 0; i <= 15 && i < all.n; i++) {
		struct sca_str t = str_skip(all, i);
		size_t n;

		if (!take_char(&t, '/'))
			continue;
		n = count_digits(t);
		if (n == 0 || n == t.n || !t.p || t.p[n] != ' ' ||
		    str_u32((struct sca_str){t.p, n}, &l->pid) < 0)
			continue;
		l->comm = (struct sca_str){all.p, i && all.p[0] != ':' ? i : 0};
		*s = str_skip(t, n + 1);
	}
}

static bool read_line(struct sca_str s, struct perf_line *l)
{
	if (!take_stamp(&s, &l->started) || !take_duration(&s))
		return false;
	take_task(&s, l);
	skip_blanks(&s);
	l->rest = s;
	return true;
}

bool perf_starts(struct sca_str line, enum mode *ret)
{
	struct perf_line l = {.pid = 0};

	if (str_starts(str_trim(line), SCA_STR("Summary of events"))) {
		*ret = MODE_PERF_COUNTS;
		return true;
	}
	if (!read_line(line, &l))
		return false;
	*ret = MODE_PERF;
	return true;
}

static int send_call(struct sca_framer *f, struct traced_call *c, const struct origin *from)
{
	bool known;
	int r = frame_knows_call(f, c->name, &known);

	if (r < 0)
		return r;
	if (!known) {
		f->stats.undecodable++;
		return 0;
	}
	return frame_call(f, c, from);
}

/* "LOST 12 events!" */
static int lost_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
		     bool *ret_used)
{
	struct sca_frame frame = from->frame;
	struct sca_str s = str_skip(line, 5);
	size_t n = count_digits(s);

	*ret_used = str_starts(line, SCA_STR("LOST ")) && n &&
		    str_u64((struct sca_str){s.p, n}, &frame.lost) == 0 &&
		    str_is(str_skip(s, n), " events!");
	if (!*ret_used)
		return 0;
	frame.kind = SCA_FRAME_LOSS;
	frame.source = SCA_SRC_PERF;
	frame.trust = SCA_TRUST_FORGEABLE;
	frame.loss = SCA_LOSS_OUTPUT;
	frame.body = line;
	frame_count_loss(f, frame.lost);
	return frame_send(f, &frame);
}

/* The end of a call whose start was seen is no other call, nor is what a new process returns
 * from; one that had started when the trace did is seen only there. */
static int call_line(struct sca_framer *f, const struct perf_line *l, const struct origin *from)
{
	static const struct sca_str mark = {"... [continued]: ", 17};
	bool continued = str_starts(l->rest, mark);
	struct sca_str rest = continued ? str_skip(l->rest, mark.n) : l->rest;
	struct traced_call c = {.source = SCA_SRC_PERF, .pid = l->pid, .comm = l->comm};
	size_t n = frame_word_len(rest);

	if (n == 0 || n == rest.n || rest.p[n] != '(')
		return 0;
	c.name = (struct sca_str){rest.p, n};
	if (continued && (!l->started || str_starts(c.name, SCA_STR("clone")) ||
			  str_is(c.name, "fork") || str_is(c.name, "vfork")))
		return 0;
	return send_call(f, &c, from);
}

/* The calls of one process; older versions have no column of errors. */
static int count_line(struct sca_framer *f, struct sca_str line, const struct origin *from)
{
	struct traced_call c = {.source = SCA_SRC_PERF};
	struct sca_str word, calls = {NULL, 0}, last = {NULL, 0};
	size_t n = 0;

	for (; n <= 8 && take_word(&line, &word); n++) {
		if (n == 0)
			c.name = word;
		else if (n == 1)
			calls = word;
		last = word;
	}
	if (n < 7 || n > 8 || last.p[last.n - 1] != '%' || frame_word_len(c.name) != c.name.n ||
	    str_u64(calls, &c.count) < 0 || c.count == 0 || c.count > INT64_MAX)
		return 0;
	return send_call(f, &c, from);
}

int perf_line(struct sca_framer *f, struct sca_str line, const struct origin *from,
	      bool *ret_used)
{
	struct perf_line l = {.pid = 0};
	int r = lost_line(f, line, from, ret_used);

	if (r < 0 || *ret_used)
		return r;
	if (f->mode == MODE_PERF_COUNTS) {
		*ret_used = true;
		return count_line(f, line, from);
	}
	*ret_used = read_line(line, &l);
	return *ret_used ? call_line(f, &l, from) : 0;
}
