/* SPDX-License-Identifier: Apache-2.0 */
/* The dialects of names and values: CEF, syslog, the journal. */
#include "render/dialect.h"

/* The value as text that keeps its line and its field. */
static void put_escaped(struct dialect_run *run, const struct value *v, const char *special)
{
	switch (v->kind) {
	case VALUE_TEXT:
		out_escaped(run->o, v->s, special);
		break;
	case VALUE_NAMES:
		run->text.n = 0;
		value_text(&run->text, v);
		out_escaped(run->o, (struct sca_str){run->text.p, run->text.n}, special);
		break;
	default: /* of our own making */
		value_text(run->o, v);
		break;
	}
}

/* -- CEF -- */

#define CEF_EXTENSION "\\="

/* "cs1 containerId" writes cs1Label, too. */
static void put_cef_key(struct out *o, const char *key)
{
	const char *label = strchr(key, ' ');
	size_t n = label ? (size_t)(label - key) : strlen(key);

	out_c(o, ' ');
	if (label) {
		out_add(o, key, n);
		out_lit(o, "Label=");
		out_z(o, label + 1);
		out_c(o, ' ');
	}
	out_add(o, key, n);
	out_c(o, '=');
}

/* The header's fields are words of our own: nothing in them to escape. */
void cef_event(struct dialect_run *run, const struct event *ev)
{
	const struct sca_record *r = ev->rec;
	struct out *o = run->o;

	out_lit(o, "CEF:0|scaudit|scaudit|" SCA_VERSION "|");
	out_z(o, ev->loss ? "audit-" : "seccomp-");
	out_z(o, event_word(ev));
	out_z(o, ev->loss		  ? "|Audit records lost|" :
		 sca_record_is_traced(r) ? "|System call traced|" :
		 r->denied		  ? "|System call denied by seccomp|" :
					    "|System call logged by seccomp|");
	out_u64(o, verdict_of(ev)->cef);
	out_lit(o, "|externalId=");
	event_id(o, ev);
	if (r->have & SCA_F_TIME && r->time_ms >= 0) {
		out_lit(o, " rt=");
		out_i64(o, r->time_ms);
	}
	out_lit(o, " outcome=");
	out_z(o, verdict_of(ev)->outcome);
	for (size_t i = 0; i < naming_count; i++) {
		const char *key = namings[i].as[AS_CEF];
		struct value v;

		if (!key || !namings[i].get(ev, &v))
			continue;
		put_cef_key(o, key);
		if (v.kind == VALUE_TIME) /* rt's form */
			out_i64(o, v.i);
		else
			put_escaped(run, &v, CEF_EXTENSION);
	}
	out_lit(o, " msg=");
	out_escaped(o, event_message(run, ev), CEF_EXTENSION);
	out_c(o, '\n');
}

/* -- RFC 5424 -- */

/*
 * Facility 13, "log audit". PROCID would be this program's, which says nothing to anybody; the
 * caller's is pid="" in the structured data. The number behind the @ has to be an enterprise's
 * own: 32473 must not leave documents (RFC 5612), 0 is reserved and given to nobody.
 */
#define SYSLOG_FACILITY 13
#define SYSLOG_SD_ID    "scaudit@0"
#define SYSLOG_SD       "\"\\]"
#define SYSLOG_HOST_MAX 255

#define YEAR_0_MS     (-62167219200000)
#define YEAR_10000_MS 253402300800000

/* Printable ASCII without blanks; what else stands in a host's name is shown as '?'. */
static void put_syslog_host(struct out *o, const struct sca_record *r)
{
	size_t n = r->have & SCA_F_NODE ? r->node.n : 0;

	if (n == 0)
		out_c(o, '-');
	for (size_t i = 0; i < n && i < SYSLOG_HOST_MAX; i++)
		out_c(o, r->node.p[i] > ' ' && r->node.p[i] < 0x7f ? r->node.p[i] : '?');
}

static void put_syslog_header(struct out *o, const struct event *ev)
{
	const struct sca_record *r = ev->rec;

	out_c(o, '<');
	out_u64(o, SYSLOG_FACILITY * 8 + verdict_of(ev)->syslog);
	out_lit(o, ">1 ");
	if (r->have & SCA_F_TIME && r->time_ms >= YEAR_0_MS && r->time_ms < YEAR_10000_MS)
		out_time(o, r->time_ms);
	else
		out_c(o, '-');
	out_c(o, ' ');
	put_syslog_host(o, r);
	out_lit(o, " scaudit - ");
	out_z(o, event_word(ev));
}

static bool is_ascii(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] >= 0x80)
			return false;
	return true;
}

/* Text beyond ASCII has to start with a byte order mark. */
static void put_syslog_message(struct dialect_run *run, const struct event *ev)
{
	struct sca_str raw = event_message(run, ev);

	run->text.n = 0;
	out_escaped(&run->text, raw, "");
	if (!is_ascii(run->text.p, run->text.n))
		out_lit(run->o, "\xef\xbb\xbf");
	out_add(run->o, run->text.p, run->text.n);
}

void syslog_event(struct dialect_run *run, const struct event *ev)
{
	struct out *o = run->o;

	put_syslog_header(o, ev);
	out_lit(o, " [" SYSLOG_SD_ID " id=\"");
	event_id(o, ev);
	out_c(o, '"');
	for (size_t i = 0; i < naming_count; i++) {
		const char *key = namings[i].as[AS_SYSLOG];
		struct value v;

		if (!key || !namings[i].get(ev, &v))
			continue;
		out_c(o, ' ');
		out_z(o, key);
		out_lit(o, "=\"");
		put_escaped(run, &v, SYSLOG_SD);
		out_c(o, '"');
	}
	out_lit(o, "] ");
	put_syslog_message(run, ev);
	out_c(o, '\n');
}

/* -- the journal -- */

#define JOURNAL_MESSAGE_ID      "8a33b2b845a447ed83c7b22c434181bb"
#define JOURNAL_LOSS_MESSAGE_ID "54015da325f44973b12224238a41a261"

/* May stand behind "KEY=" on a line of its own. */
static bool is_journal_text(struct sca_str s)
{
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;

	while (p < end) {
		size_t n;
		uint32_t c;

		if (*p >= ' ' && *p <= '~') {
			p++;
			continue;
		}
		c = utf8_take(p, end, &n);
		if (n == 0 || (c < 0x20 && c != '\t'))
			return false;
		p += n;
	}
	return true;
}

static void put_journal_field(struct out *o, const char *key, struct sca_str s)
{
	out_z(o, key);
	if (is_journal_text(s)) {
		out_c(o, '=');
	} else {
		out_c(o, '\n');
		for (unsigned shift = 0; shift < 64; shift += 8)
			out_c(o, (char)((uint64_t)s.n >> shift & 0xff));
	}
	out_add(o, s.p, s.n);
	out_c(o, '\n');
}

/* journald takes no field that starts with an underscore from a client and drops the stamp;
 * systemd-journal-remote, which reads files of this, uses it. */
void journald_event(struct dialect_run *run, const struct event *ev)
{
	const struct sca_record *r = ev->rec;
	struct out *o = run->o;

	if (r->have & SCA_F_TIME && r->time_ms > 0) {
		out_lit(o, "__REALTIME_TIMESTAMP=");
		out_i64(o, r->time_ms);
		out_lit(o, "000\n");
	}
	out_lit(o, "MESSAGE=");
	out_escaped(o, event_message(run, ev), "");
	out_lit(o, "\nMESSAGE_ID=");
	out_z(o, ev->loss ? JOURNAL_LOSS_MESSAGE_ID : JOURNAL_MESSAGE_ID);
	out_lit(o, "\nSYSLOG_IDENTIFIER=scaudit\nPRIORITY=");
	out_u64(o, verdict_of(ev)->syslog);
	out_lit(o, "\nSCAUDIT_EVENT_ID=");
	event_id(o, ev);
	out_c(o, '\n');
	for (size_t i = 0; i < naming_count; i++) {
		const char *key = namings[i].as[AS_JOURNALD];
		struct value v;

		if (!key || !namings[i].get(ev, &v))
			continue;
		run->text.n = 0;
		value_text(&run->text, &v);
		put_journal_field(o, key, (struct sca_str){run->text.p, run->text.n});
	}
	out_c(o, '\n');
}
