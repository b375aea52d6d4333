/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain --calls: one call a line in, one JSON object a line out, in the same order. A line that
 * is no call gets an answer, too, and is counted.
 */
#include <fcntl.h>
#include <unistd.h>

#include "explain.h"

#define LINE_MAX_BYTES 4096

static void put_error(struct out *o, struct sca_str line, const char *text)
{
	out_lit(o, "{\"call\":");
	out_json(o, line);
	out_lit(o, ",\"error\":");
	out_json(o, span_z(text));
	out_c(o, '}');
}

/* More than one verdict is possible, as arguments are not known: all, the worst first. */
static void put_verdicts(struct out *o, const struct sca_reach *reach)
{
	out_lit(o, ",\"by_args\":true,\"verdicts\":[");
	for (size_t i = 0; i < reach->n; i++) {
		const struct sca_verdict *v = &reach->v[i];

		out_addf(o, "%s{\"verdict\":\"%s\"", i ? "," : "", sca_action_name(v->action));
		if (v->action == SCA_ACT_ERRNO)
			out_addf(o, ",\"errno\":%u", v->data);
		out_addf(o, ",\"by\":\"%s\"}", sca_by_name(v->by));
	}
	out_c(o, ']');
	if (!reach->complete)
		out_lit(o, ",\"complete\":false");
}

static void put_ruling(struct out *o, struct sca_str line, const struct sca_ruling *ru)
{
	out_lit(o, "{\"call\":");
	out_json(o, line);
	out_lit(o, ",\"verdict\":\"");
	out_z(o, sca_action_name(ru->v.action));
	out_c(o, '"');
	if (ru->v.action == SCA_ACT_ERRNO) {
		out_lit(o, ",\"errno\":");
		out_u64(o, ru->v.data);
	}
	out_lit(o, ",\"by\":\"");
	out_z(o, sca_by_name(ru->v.by));
	out_c(o, '"');
	if (ru->rule >= 0) {
		out_lit(o, ",\"rule\":");
		out_i64(o, ru->rule);
	}
	if (ru->line) {
		out_lit(o, ",\"line\":");
		out_u64(o, ru->line);
	}
	if (ru->reach.n > 1 || !ru->reach.complete)
		put_verdicts(o, &ru->reach);
	out_c(o, '}');
}

static void answer(struct explaining *e, struct out *o, struct sca_str line)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_ruling ru = {.rule = -1};
	struct sca_call call;

	if (sca_call_parse(line, e->target.arch, e->names, &call, &err) < 0) {
		e->bad_calls++;
		put_error(o, line, err.text);
		return;
	}
	if (e->ex && !e->held) {
		sca_explain_ruling(e->ex, &call, &ru);
	} else {
		sca_filter_reach(explain_filter(e), &call, &ru.reach);
		ru.v = ru.reach.v[0];
	}
	e->denied |= sca_action_denies(ru.v.action);
	put_ruling(o, line, &ru);
}

static void take_line(struct explaining *e, struct out *o, const char *p, size_t n)
{
	if (n && p[n - 1] == '\r')
		n--;
	if (n >= LINE_MAX_BYTES) {
		e->bad_calls++;
		put_error(o, (struct sca_str){p, 64}, "the line is longer than a call can be");
	} else {
		answer(e, o, (struct sca_str){p, n});
	}
	out_c(o, '\n');
	out_record_end(o);
}

/* Lines longer than the buffer are answered once, with an error. */
static int read_lines(struct explaining *e, FILE *f, struct out *o)
{
	_cleanup_free_ char *line = malloc(LINE_MAX_BYTES + 2);
	bool rest = false;

	if (!line)
		return -ENOMEM;
	for (;;) {
		size_t n = 0;
		int c;

		while (n < LINE_MAX_BYTES && (c = getc_unlocked(f)) != EOF && c != '\n')
			line[n++] = (char)c;
		if (n == 0 && c == EOF)
			break;
		if (!rest)
			take_line(e, o, line, n);
		rest = n == LINE_MAX_BYTES;
		if (o->error || c == EOF)
			break;
	}
	return ferror(f) ? -EIO : 0;
}

int explain_calls(struct explaining *e, const char *path, struct out *o, struct sca_err *err)
{
	bool std = strcmp(path, "-") == 0;
	FILE *f = std ? stdin : fopen(path, "re");
	int r;

	if (!f)
		return sca_fail_errno(err, errno, "--calls: can not read %s", path);
	r = read_lines(e, f, o);
	if (!std)
		fclose(f);
	if (r == -ENOMEM)
		return sca_fail(err, r, "no memory");
	return r < 0 ? sca_fail(err, r, "--calls: reading %s failed", path) : 0;
}
