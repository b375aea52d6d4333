/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0: one result per finding, at the rule that decided. The patch is one whole, so it
 * is a fix of the first finding that asked for it; its replacements come from the diff.
 */
#include "suggest.h"

/* Everything but unreserved characters and '/' is percent-encoded (RFC 3986). */
static json_t *path_uri(const char *path)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (path[0] == '/')
		out_lit(&o, "file://");
	for (; *path; path++) {
		char c = *path, lower = (char)(c | 0x20);

		if (is_digit(c) || (lower >= 'a' && lower <= 'z') || strchr("/-._~", c))
			out_c(&o, c);
		else
			out_addf(&o, "%%%02X", (unsigned char)c);
	}
	return json_string(out_string(&o));
}

/* Where the walk through a unified diff stands, and the replacement that grows. */
struct walk {
	json_t *replacements;
	unsigned long line; /* of the old text, next to come */
	unsigned long first;
	unsigned long deleted, last_length;
	bool open, end_kept; /* end_kept: the last deleted line has no newline */
	struct out inserted;
};

static void close_replacement(struct walk *w)
{
	unsigned long end = w->first + w->deleted;
	json_t *region, *text;

	if (!w->open)
		return;
	if (w->end_kept && w->deleted)
		region = json_pack("{s:I, s:i, s:I, s:I}", "startLine", (json_int_t)w->first,
				   "startColumn", 1, "endLine", (json_int_t)(end - 1),
				   "endColumn", (json_int_t)w->last_length + 1);
	else
		region =
			json_pack("{s:I, s:i, s:I, s:i}", "startLine", (json_int_t)w->first,
				  "startColumn", 1, "endLine", (json_int_t)end, "endColumn", 1);
	text = document_text((struct sca_str){w->inserted.p, w->inserted.n});
	json_array_append_new(w->replacements,
			      json_pack("{s:o, s:{s:o}}", "deletedRegion", region,
					"insertedContent", "text", text));
	w->inserted.n = 0;
	w->open = false;
}

static void open_replacement(struct walk *w)
{
	if (w->open)
		return;
	w->open = true;
	w->first = w->line;
	w->deleted = 0;
	w->end_kept = false;
}

static void walk_line(struct walk *w, struct sca_str line, char *last)
{
	struct sca_str text = span_skip(line, 1);

	switch (line.p[0]) {
	case '-':
		open_replacement(w);
		w->deleted++;
		w->line++;
		w->last_length = text.n;
		break;
	case '+':
		open_replacement(w);
		out_add(&w->inserted, text.p, text.n);
		out_c(&w->inserted, '\n');
		break;
	case '\\':
		if (*last == '+' && w->inserted.n)
			w->inserted.n--;
		if (*last == '-')
			w->end_kept = true;
		break;
	default:
		close_replacement(w);
		w->line++;
		break;
	}
	*last = line.p[0];
}

/* "@@ -12,7 +12,8 @@" */
static void walk_hunk(struct walk *w, struct sca_str line)
{
	struct sca_str digits = {line.p + 4, 0};
	uint64_t n = 1;

	close_replacement(w);
	while (4 + digits.n < line.n && is_digit(digits.p[digits.n]))
		digits.n++;
	if (span_u64(digits, &n))
		w->line = (unsigned long)n;
}

static json_t *replacements(const char *diff, size_t n)
{
	struct sca_str rest = {diff, n}, line;
	struct walk w = {.replacements = json_array(), .inserted = OUT_MEMORY};
	char last = ' ';
	bool in_hunk = false;

	while (span_cut(&rest, '\n', &line)) {
		if (line.n > 4 && memcmp(line.p, "@@ -", 4) == 0) {
			walk_hunk(&w, line);
			in_hunk = true;
		} else if (in_hunk && line.n) {
			walk_line(&w, line, &last);
		}
	}
	close_replacement(&w);
	out_release(&w.inserted);
	return w.replacements;
}

static json_t *fixes(const struct suggestion *s)
{
	char *diff;
	size_t n;
	json_t *list;

	/* the lines have to be the file's */
	if (sca_profile_check_text(s->new_profile, NULL) < 0 ||
	    sca_profile_home(s->old_profile) == SCA_HOME_INSPECT)
		return NULL;
	if (sca_text_diff(sca_profile_text(s->old_profile), sca_profile_text(s->new_profile),
			  s->path, &diff, &n, NULL) < 0)
		return NULL;
	list = replacements(diff, n);
	free(diff);
	return json_pack("[{s:{s:s}, s:[{s:{s:o}, s:o}]}]", "description", "text",
			 "the whole patch, proved", "artifactChanges", "artifactLocation",
			 "uri", path_uri(s->path), "replacements", list);
}

static void message(struct out *o, const struct suggestion *s, const struct sca_finding *f)
{
	struct sca_record rec;
	struct event ev;

	event_init_denial(&ev, &rec, f->denial, s->names);
	syscall_text(o, &ev);
	out_addf(o, " on %s: %s, ", ev.arch ? ev.arch : "an unknown architecture",
		 sca_action_name(rec.action));
	out_grouped(o, rec.count);
	out_z(o, rec.count == 1 ? " time" : " times");
	for (unsigned i = 0; i < rec.n_comms; i++) {
		out_z(o, i ? ", " : " by ");
		out_safe(o, rec.comms[i]);
	}
	out_lit(o, ". ");
	out_safe(o, span_z(f->why));
	if (f->answer[0]) {
		out_c(o, ' ');
		out_safe(o, span_z(f->answer));
	}
}

static json_t *location(const struct suggestion *s, const struct sca_finding *f)
{
	json_t *at = json_pack("{s:{s:o}}", "artifactLocation", "uri", path_uri(s->path));

	if (f->line)
		json_object_set_new(at, "region",
				    json_pack("{s:i, s:i}", "startLine", (int)f->line,
					      "startColumn", (int)f->column));
	return json_pack("[{s:o}]", "physicalLocation", at);
}

static json_t *result(const struct suggestion *s, const struct sca_finding *f)
{
	_cleanup_out_ struct out text = OUT_MEMORY, print = OUT_MEMORY;
	const char *arch = sca_arch_name(f->denial->arch);
	json_t *doc;

	message(&text, s, f);
	out_addf(&print, "%s:%d:%s", arch ? arch : "?", f->denial->nr,
		 sca_action_name(f->denial->action));
	doc = json_pack("{s:s, s:i, s:s, s:{s:o}, s:o, s:{s:s}}", "ruleId",
			sca_outcome_name(f->outcome), "ruleIndex", (int)f->outcome, "level",
			outcome_row(f->outcome)->level, "message", "text",
			document_text(span_z(out_string(&text))), "locations", location(s, f),
			"partialFingerprints", "denial/v1", out_string(&print));
	return doc;
}

static json_t *results(const struct suggestion *s)
{
	json_t *list = json_array();
	bool fixed = !s->new_profile;

	for (size_t i = 0; i < sca_plan_count(s->plan); i++) {
		const struct sca_finding *f = sca_plan_at(s->plan, i);
		json_t *r = result(s, f);

		if (!fixed && (f->outcome == SCA_OUT_PATCH || f->outcome == SCA_OUT_ENOSYS)) {
			json_object_set_new(r, "fixes", fixes(s));
			fixed = true;
		}
		json_array_append_new(list, r);
	}
	return list;
}

static json_t *rules(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SCA_OUT_COUNT; i++) {
		const struct outcome_row *row = outcome_row((enum sca_outcome)i);

		json_array_append_new(list,
				      json_pack("{s:s, s:{s:s}, s:{s:s}}", "id",
						sca_outcome_name((enum sca_outcome)i),
						"shortDescription", "text", row->meaning,
						"defaultConfiguration", "level", row->level));
	}
	return list;
}

int suggest_sarif(struct out *o, const struct suggestion *s, struct sca_err *err)
{
	json_t *run = json_pack("{s:{s:{s:s, s:s, s:o}}, s:o, s:s, s:{s:o}}", "tool", "driver",
				"name", "scaudit", "version", SCA_VERSION, "rules", rules(),
				"results", results(s), "columnKind", "utf16CodeUnits",
				"properties", "evidence", evidence_json(&s->ev));

	return document_write(o,
			      json_pack("{s:s, s:s, s:[o]}", "$schema",
					"https://json.schemastore.org/sarif-2.1.0.json",
					"version", "2.1.0", "runs", run),
			      err);
}
