/* SPDX-License-Identifier: Apache-2.0 */
/* Rules as compact JSON; json_edit lays them out as their neighbours are. */
#include "plan_edit.h"

static void add_action(struct buf *b, const struct host *h)
{
	buf_addf(b, ",\"action\":\"%s\"", sca_action_scmp_name(h->action));
	if (h->action == SCA_ACT_ERRNO)
		buf_addf(b, ",\"errnoRet\":%u", h->err);
}

void write_name_rule(struct buf *b, const struct host *h, struct sca_str name)
{
	buf_add_z(b, "{\"name\":");
	json_add_string(b, name);
	add_action(b, h);
	buf_add_z(b, ",\"args\":[]}");
}

void write_names_rule(struct buf *b, const struct host *h, struct sca_str quoted_names)
{
	buf_add_z(b, "{\"names\":[");
	buf_add_str(b, quoted_names);
	buf_add_c(b, ']');
	add_action(b, h);
	buf_add_c(b, '}');
}

static void add_conditions(struct buf *b, const struct narrow *nw)
{
	for (size_t i = 0; i < nw->n; i++) {
		const struct condition *c = &nw->v[i];

		buf_addf(b, "%s{\"index\":%u,\"value\":%llu", i ? "," : "", c->index,
			 (unsigned long long)(c->mask ? c->mask : c->value));
		if (c->mask)
			buf_addf(b, ",\"valueTwo\":%llu", (unsigned long long)c->value);
		buf_addf(b, ",\"op\":\"%s\"}",
			 c->mask ? "SCMP_CMP_MASKED_EQ" : "SCMP_CMP_EQ");
	}
}

/* JSON text without the blanks between its tokens. */
static void add_compact(struct buf *b, struct sca_str json)
{
	bool quoted = false;

	for (size_t i = 0; i < json.n; i++) {
		char c = json.p[i];

		if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
			continue;
		buf_add_c(b, c);
		if (quoted && c == '\\' && i + 1 < json.n)
			buf_add_c(b, json.p[++i]);
		else if (c == '"')
			quoted = !quoted;
	}
}

/* The gates of its sibling come along: on s390 the flags of clone() are another argument, and
 * such rules tell the machines apart by them. */
static void add_gates(struct buf *b, const struct jt_doc *doc, const struct eff_rule *like)
{
	static const char *const keys[] = {"includes", "excludes"};

	for (size_t i = 0; like && i < ARRAY_SIZE(keys); i++) {
		uint32_t node = jt_member(doc, like->node, keys[i], true);

		if (node == JT_NONE || !doc->nodes[node].n)
			continue;
		buf_addf(b, ",\"%s\":", keys[i]);
		add_compact(b, jt_raw(doc, node));
	}
}

void write_narrow_rule(struct buf *b, const struct sca_plan *pl, const struct narrow *nw,
		       struct sca_str name)
{
	bool single = nw->like ? nw->like->name_form : pl->name_form;

	buf_add_z(b, single ? "{\"name\":" : "{\"names\":[");
	json_add_string(b, name);
	buf_addf(b, "%s,\"action\":\"SCMP_ACT_ALLOW\",\"args\":[", single ? "" : "]");
	add_conditions(b, nw);
	buf_add_c(b, ']');
	add_gates(b, &pl->profile->doc, nw->like);
	buf_add_c(b, '}');
}
