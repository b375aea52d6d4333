/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What auditd's plugin may send. Aborts when a message is not a part of what came, or when it
 * matters how the bytes were cut on their way.
 */
#include "fuzz.h"

#include "audisp.h"

struct run {
	uint64_t messages, hash;
	bool refused;
};

static void add(struct run *run, const void *p, size_t n)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i++)
		run->hash = (run->hash ^ u[i]) * 0x100000001b3u;
}

static void take(struct audisp *a, bool quiet, struct run *run)
{
	struct audisp_message m;
	int r;

	while ((r = audisp_next(a, quiet, &m)) > 0) {
		must(m.text.p >= a->in.p && m.text.p + m.text.n <= a->in.p + a->in.n, "a text is here");
		must(m.line ? m.text.n <= MAX(a->line_max, AUDISP_TEXT) : m.type != 0, "a message");
		run->messages++;
		add(run, &m.line, sizeof(m.line));
		add(run, &m.type, sizeof(m.type));
		add(run, m.text.p, m.text.n);
	}
	must(r == 0 || r == SCA_E_SYNTAX, "a code");
	run->refused = r < 0;
}

static struct run feed(const uint8_t *data, size_t n, size_t step)
{
	struct audisp a = {0};
	struct run run = {0};

	audisp_start(&a, 4096);
	while (n && !run.refused) {
		size_t room, part;
		char *p;

		must(audisp_room(&a, &p, &room), "memory");
		part = MIN(MIN(room, n), step);
		memcpy(p, data, part);
		audisp_took(&a, part);
		data += part;
		n -= part;
		take(&a, false, &run);
		must(a.in.n - a.at <= AUDISP_WHOLE + AUDISP_HEADER + room, "memory has a bound");
	}
	if (!run.refused && audisp_wants_quiet(&a))
		take(&a, true, &run);
	audisp_torn(&a);
	audisp_release(&a);
	return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct run whole = feed(data, n, SIZE_MAX), parts;

	for (size_t step = 1; step < 10000; step = step * 7 + 1) {
		parts = feed(data, n, step);
		must(parts.messages == whole.messages && parts.hash == whole.hash, "cuts do not matter");
		must(parts.refused == whole.refused, "cuts do not matter for what is refused");
	}
	return 0;
}
