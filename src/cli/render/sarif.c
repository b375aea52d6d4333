/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0: what is the same for every verb. The replacements of a fix come from the diff.
 */
#include "render/sarif.h"

/* Everything but unreserved characters and '/' is percent-encoded (RFC 3986). */
json_t *sarif_uri(const char *path)
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

json_t *sarif_fixes(const char *path, const struct sca_profile *old_profile,
		    const struct sca_profile *new_profile, const char *what)
{
	char *diff;
	size_t n;
	json_t *list;
	int r;

	if (sca_profile_check_text(new_profile, NULL) < 0 || sca_profile_apart(old_profile))
		return NULL;
	r = sca_text_diff(sca_profile_text(old_profile), sca_profile_text(new_profile), path, &diff,
			  &n, NULL);
	if (r == -ENOMEM)
		memory_ran_out();
	if (r < 0)
		return NULL;
	list = replacements(diff, n);
	free(diff);
	return json_pack("[{s:{s:s}, s:[{s:{s:o}, s:o}]}]", "description", "text", what,
			 "artifactChanges", "artifactLocation", "uri", sarif_uri(path),
			 "replacements", list);
}

json_t *sarif_locations(const char *path, unsigned line, unsigned column)
{
	json_t *at = json_pack("{s:{s:o}}", "artifactLocation", "uri", sarif_uri(path));

	if (line)
		json_object_set_new(at, "region",
				    json_pack("{s:i, s:i}", "startLine", (int)line,
					      "startColumn", (int)column));
	return json_pack("[{s:o}]", "physicalLocation", at);
}

json_t *sarif_rule(const char *id, const char *meaning, const char *level)
{
	return json_pack("{s:s, s:{s:s}, s:{s:s}}", "id", id, "shortDescription", "text", meaning,
			 "defaultConfiguration", "level", level);
}

int sarif_write(struct out *o, json_t *rules, json_t *results, json_t *properties,
		struct sca_err *err)
{
	json_t *run = json_pack("{s:{s:{s:s, s:s, s:o}}, s:o, s:s, s:o}", "tool", "driver",
				"name", "scaudit", "version", SCA_VERSION, "rules", rules,
				"results", results, "columnKind", "utf16CodeUnits", "properties",
				properties);

	return document_write(o,
			      json_pack("{s:s, s:s, s:[o]}", "$schema",
					"https://json.schemastore.org/sarif-2.1.0.json",
					"version", "2.1.0", "runs", run),
			      err);
}
