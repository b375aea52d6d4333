/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of an event for reading. */
#include "event.h"

void syscall_text(struct out *o, const struct event *ev)
{
	bool has_nr = ev->rec->have & SCA_F_NR;

	if (ev->syscall)
		out_z(o, ev->syscall);
	else if (has_nr)
		out_c(o, '#');
	else
		out_c(o, '?');
	if (ev->syscall && has_nr)
		out_c(o, '(');
	if (has_nr)
		out_i64(o, ev->rec->nr);
	if (ev->syscall && has_nr)
		out_c(o, ')');
}

void loss_text(struct out *o, const struct sca_frame *loss)
{
	if (loss->lost)
		out_grouped(o, loss->lost);
	else
		out_lit(o, "an unknown number of");
	out_z(o, loss->lost == 1 ? " record lost" : " records lost");
	if (loss->loss != SCA_LOSS_NONE) {
		out_lit(o, " (");
		out_z(o, sca_loss_name(loss->loss));
		out_c(o, ')');
	}
	if (loss->body.n) {
		out_lit(o, ": ");
		out_add(o, loss->body.p, loss->body.n);
	}
}

void short_time(struct out *o, int64_t ms, bool time_only)
{
	struct out t = OUT_MEMORY;
	const char *sep;

	out_time(&t, ms);
	sep = memchr(out_string(&t), 'T', t.n);
	if (sep) {
		if (!time_only) {
			out_add(o, t.p, (size_t)(sep - t.p));
			out_c(o, ' ');
		}
		out_add(o, sep + 1, 8);
	}
	out_release(&t);
}

void arch_text(struct out *o, const struct event *ev)
{
	if (ev->arch)
		out_z(o, ev->arch);
	else if (ev->rec->have & SCA_F_ARCH)
		out_hex(o, ev->rec->arch);
	else
		out_c(o, '?');
	if (ev->arch && ev->rec->arch_given)
		out_c(o, '*');
}
