/* SPDX-License-Identifier: Apache-2.0 */
/* A profile as a whole, when no call is asked about. */
#include "explain.h"

void explain_count(const struct explaining *e, uint32_t arch, struct explain_count *ret)
{
	int32_t last = sca_syscall_last(e->names, arch);

	*ret = (struct explain_count){.arch = arch};
	ret->stub_max = sca_explainer_stub(e->ex, arch, &ret->stub_name);
	for (int32_t nr = 0; nr <= last; nr++) {
		struct sca_call call = {.arch = arch, .nr = nr};
		struct sca_reach reach;

		if (!sca_syscall_name(e->names, arch, nr))
			continue;
		sca_filter_reach(sca_explainer_filter(e->ex), &call, &reach);
		ret->known++;
		if (sca_action_denies(reach.v[reach.n - 1].action))
			ret->denied++;
		else if (sca_action_denies(reach.v[0].action))
			ret->by_args++;
		else
			ret->allowed++;
	}
}

/* What an unnamed call gets. */
static void put_default(struct out *o, const struct explaining *e)
{
	struct sca_verdict v;

	sca_explainer_default(e->ex, &v);
	verdict_text(o, &v);
}

static void put_rules(struct out *o, const struct sca_filter_info *info)
{
	const struct {
		size_t n;
		const char *one, *many;
	} rows[] = {
		{info->gated, "rule dropped by its gate", "rules dropped by their gates"},
		{info->redundant, "name that repeats the default action",
		 "names that repeat the default action"},
		{info->unknown, "name unknown to this libseccomp",
		 "names unknown to this libseccomp"},
	};

	out_addf(o, "%zu for libseccomp, %zu instructions", info->rules, info->instructions);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].n)
			out_addf(o, "; %zu %s", rows[i].n, rows[i].n == 1 ? rows[i].one :
				 rows[i].many);
}

static void put_count(struct out *o, const struct explain_count *c)
{
	out_addf(o, "%s: of %u known calls %u allowed, %u by arguments, %u denied",
		 sca_arch_name(c->arch), c->known, c->allowed, c->by_args, c->denied);
	if (c->stub_max < 0)
		return;
	out_addf(o, "; runc's stub answers ENOSYS above %d (", c->stub_max);
	out_safe(o, c->stub_name);
	out_c(o, ')');
}

void explain_summary_text(const struct page *pg, const struct explaining *e)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_filter_info info;

	sca_filter_info(sca_explainer_filter(e->ex), &info);
	if (info.disabled) {
		page_line(pg, "filter:", INK_WARN,
			  "none: the front end sets no filter for this profile, so it denies "
			  "nothing");
		return;
	}
	put_default(&o, e);
	out_lit(&o, " for what no rule names");
	page_line(pg, "default:", INK_FAINT, out_string(&o));
	o.n = 0;
	put_rules(&o, &info);
	page_line(pg, "rules:", INK_FAINT, out_string(&o));
	for (size_t i = 0; i < info.n_archs; i++) {
		struct explain_count c;

		explain_count(e, info.archs[i], &c);
		o.n = 0;
		put_count(&o, &c);
		page_line(pg, i ? "" : "calls:", INK_FAINT, out_string(&o));
	}
	o.n = 0;
	out_lit(&o, "scaudit explain ");
	out_safe(&o, span_z(e->path));
	out_lit(&o, " CALL tells of a single call");
	page_line(pg, "next:", INK_FAINT, out_string(&o));
}

json_t *explain_summary_json(const struct explaining *e)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_filter_info info;
	json_t *doc, *archs = json_array();

	sca_filter_info(sca_explainer_filter(e->ex), &info);
	put_default(&o, e);
	for (size_t i = 0; i < info.n_archs && !info.disabled; i++) {
		struct explain_count c;
		json_t *row;

		explain_count(e, info.archs[i], &c);
		row = json_pack("{s:s, s:i, s:i, s:i, s:i}", "arch", sca_arch_name(c.arch), "known",
				c.known, "allowed", c.allowed, "by_args", c.by_args, "denied",
				c.denied);
		if (c.stub_max >= 0)
			json_object_set_new(row, "stub",
					    json_pack("{s:i, s:o}", "max", c.stub_max, "name",
						      document_text(c.stub_name)));
		json_array_append_new(archs, row);
	}
	doc = json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:o}", "filter",
			!info.disabled, "default", out_string(&o), "rules",
			(json_int_t)info.rules, "gated", (json_int_t)info.gated, "redundant",
			(json_int_t)info.redundant, "unknown", (json_int_t)info.unknown,
			"instructions", (json_int_t)info.instructions, "stub", info.stub, "log",
			info.log_flag, "archs", archs);
	return doc;
}
