/* SPDX-License-Identifier: Apache-2.0 */
/* What a twin changes, what it lets through, and what is still not to be seen. */
#include "complain.h"
#include "diff.h"
#include "suggest.h"
#include "target.h"

static void add_part(struct out *o, size_t n, const char *one, const char *many)
{
	if (n)
		out_addf(o, "%s%zu %s", o->n ? ", " : "", n, n == 1 ? one : many);
}

static void put_twin(const struct page *pg, const struct sca_twin_info *info)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (info->default_turned)
		out_lit(&o, "defaultAction becomes LOG");
	add_part(&o, info->rules_turned, "rule becomes LOG", "rules become LOG");
	add_part(&o, info->names_removed, "name leaves an allowing rule that would hide it",
		 "names leave allowing rules that would hide them");
	if (info->flag_added)
		out_lit(&o, "SECCOMP_FILTER_FLAG_LOG is added, actions stay");
	if (o.n == 0)
		out_lit(&o, "no change: every denial leaves a record already, or there is none");
	page_line(pg, "twin:", INK_GOOD, out_string(&o));
}

/* Names only, each once, in the order of the list: the dangerous ones are in front. */
static size_t add_names(struct out *o, const struct sca_compare *c, bool dangerous)
{
	size_t n, shown = 0;
	struct diff_row *rows = diff_rows(c, &n);

	for (size_t i = 0; i < n; i++) {
		const struct sca_difference *d = rows[i].first;
		bool again = false;

		if (d->kind != SCA_DIFF_OPENED || (d->advice != NULL) != dangerous ||
		    !d->change.syscall)
			continue;
		for (size_t j = 0; j < i && !again; j++)
			again = rows[j].first->change.syscall &&
				rows[j].first->kind == SCA_DIFF_OPENED &&
				strcmp(rows[j].first->change.syscall, d->change.syscall) == 0;
		if (again)
			continue;
		out_z(o, shown++ ? ", " : "");
		out_z(o, d->change.syscall);
	}
	diff_rows_free(rows, n);
	return shown;
}

static void put_opened(const struct page *pg, const struct sca_compare *compare,
		       const struct sca_twin_info *info)
{
	_cleanup_out_ struct out o = OUT_MEMORY, names = OUT_MEMORY;
	struct sca_compare_info ci;

	sca_compare_info(compare, &ci);
	if (ci.calls[SCA_DIFF_OPENED] == 0) {
		page_line(pg, "lets go:", INK_GOOD, "nothing; what was denied stays denied");
		return;
	}
	out_grouped(&o, ci.calls[SCA_DIFF_OPENED]);
	out_addf(&o, " verdicts on %zu %s go through that were denied, ", ci.archs,
		 ci.archs == 1 ? "architecture" : "architectures");
	if (info->unseen)
		out_addf(&o, "%zu of them unrecorded", info->unseen);
	else
		out_lit(&o, "each of them recorded");
	page_line(pg, "lets go:", INK_WARN, out_string(&o));
	if (add_names(&names, compare, true)) {
		o.n = 0;
		out_lit(&o, "among them dangerous ones: ");
		out_z(&o, out_string(&names));
		page_line(pg, "", INK_BAD, out_string(&o));
	}
	page_line(pg, "danger:", INK_BAD,
		  "under the twin the container is hardly confined; use it for a test run of "
		  "software that you trust, and put the profile back");
}

static void put_rest(const struct page *pg, const struct cli *cli, const struct sca_target *t,
		     const struct sca_twin_info *info)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (info->silent) {
		out_addf(&o, "%zu %s, by runc's stub or another rule that has to stay",
			 info->silent,
			 info->silent == 1 ? "call is still denied without a record" :
					     "calls are still denied without a record");
		page_line(pg, "silent:", INK_WARN, out_string(&o));
	}
	if (info->noisy) {
		o.n = 0;
		out_addf(&o, "%zu %s recorded although the profile allows %s, for some "
			 "arguments at least", info->noisy,
			 info->noisy == 1 ? "call is" : "calls are",
			 info->noisy == 1 ? "it" : "them");
		page_line(pg, "noise:", INK_FAINT, out_string(&o));
	}
	if (info->flag_added && t->runtime == SCA_RUNTIME_RUNC && !cli->runtime)
		page_line(pg, "note:", INK_WARN,
			  "the version of runc is assumed; before 1.2 it refuses a profile with "
			  "flags, so --runtime runc:VERSION makes a twin without");
	if (info->default_turned || info->rules_turned)
		page_line(pg, "note:", INK_FAINT,
			  "records of LOG have code=0x7ffc0000; 'log' must stand in "
			  "/proc/sys/kernel/seccomp/actions_logged. Calls of an architecture "
			  "that the profile does not list are killed as before, with a record");
}

/* Why it is this twin; what was ordered needs no reason. */
static void put_choice(const struct page *pg, const struct cli *cli, const struct complaint *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (cli->by != TWIN_LEAST || c->way == TWIN_LEAST)
		return;
	if (c->way == TWIN_LOG) {
		out_lit(&o, "the flag, under which nothing would go through, does not work: ");
		out_safe(&o, span_z(c->no_flag.text));
	} else {
		out_lit(&o, "the flag works with this runtime, so denied calls stay denied: "
			    "programs still fail at their first one");
	}
	page_line(pg, "why:", INK_FAINT, out_string(&o));
}

/* What the log of the test run is for. */
static void put_way(const struct page *pg, const struct complaint *c)
{
	struct sca_compare_info compared;
	struct sca_twin_info info;

	sca_twin_info(c->twin, &info);
	sca_compare_info(sca_twin_compare(c->twin), &compared);
	if (compared.calls[SCA_DIFF_OPENED])
		page_line(pg, "next:", INK_FAINT,
			  "run it under the twin, then: scaudit suggest PROFILE LOG --logged, with "
			  "the profile as it was");
	else if (info.flag_added)
		page_line(pg, "next:", INK_FAINT,
			  "run it under the twin, then: scaudit suggest PROFILE LOG, with the "
			  "profile as it was");
}

/* The other twin. */
static void put_other(const struct page *pg, const struct cli *cli, const struct complaint *c)
{
	struct sca_twin_info info;

	sca_twin_info(c->twin, &info);
	if (c->flag_would_do)
		page_line(pg, "or:", INK_FAINT,
			  "this runtime can record without letting anything through: --by flag");
	else if (cli->by == TWIN_LEAST && c->way != TWIN_LOG && info.denied)
		page_line(pg, "or:", INK_FAINT,
			  "--by log lets denied calls go through, recorded, so that one run shows "
			  "all of them");
}

static void put_next(const struct page *pg, const struct cli *cli, const struct complaint *c)
{
	_cleanup_out_ struct out o = OUT_MEMORY;

	if (cli->in_place || c->undo_path) {
		out_lit(&o, "scaudit enforce ");
		out_safe(&o, span_z(cli->in_place ? c->path : "TWIN"));
		if (c->undo_path) {
			out_lit(&o, " --undo ");
			out_safe(&o, span_z(c->undo_path));
		}
		out_z(&o, cli->in_place ? " --in-place" : "");
		out_lit(&o, " takes the way back, byte for byte");
	} else {
		out_lit(&o, "--undo FILE keeps the way back; --in-place puts the twin into ");
		out_safe(&o, span_z(c->path));
	}
	page_line(pg, "back:", INK_FAINT, out_string(&o));
}

void complain_text(const struct page *pg, const struct cli *cli, const struct complaint *c)
{
	struct sca_twin_info info;

	sca_twin_info(c->twin, &info);
	target_line(pg, &c->target, c->target_given);
	put_twin(pg, &info);
	put_choice(pg, cli, c);
	put_opened(pg, sca_twin_compare(c->twin), &info);
	put_rest(pg, cli, &c->target, &info);
	put_way(pg, c);
	put_next(pg, cli, c);
	put_other(pg, cli, c);
}

/* NULL when out of memory. */
static json_t *patch_json(const struct complaint *c, struct sca_err *err)
{
	json_t *doc = NULL;
	char *text;
	size_t n;

	if (sca_patch_json(sca_twin_patch(c->twin), c->profile, &text, &n, err) == 0) {
		doc = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
		free(text);
	}
	return doc;
}

int complain_json(struct out *o, const struct complaint *c, struct sca_err *err)
{
	static const char *const ways[] = {"none", "log", "flag"};
	const struct sca_compare *compare = sca_twin_compare(c->twin);
	json_t *doc = json_pack("{s:i, s:s}", "v", 1, "kind", "complain");
	json_t *changes = json_array(), *patch;
	struct sca_compare_info ci;
	struct sca_twin_info info;

	sca_twin_info(c->twin, &info);
	sca_compare_info(compare, &ci);
	for (size_t i = 0; i < sca_compare_count(compare); i++)
		json_array_append_new(changes, difference_json(sca_compare_at(compare, i)));
	json_object_set_new(doc, "profile", document_text(span_z(c->path)));
	json_object_set_new(doc, "target", target_json(&c->target));
	json_object_set_new(
		doc, "twin",
		json_pack("{s:s, s:b, s:I, s:I, s:b}", "by", ways[c->way], "default_turned",
			  info.default_turned,
			  "rules_turned", (json_int_t)info.rules_turned, "names_removed",
			  (json_int_t)info.names_removed, "flag_added", info.flag_added));
	json_object_set_new(
		doc, "totals",
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "compared", (json_int_t)ci.compared,
			  "let_through", (json_int_t)ci.calls[SCA_DIFF_OPENED], "unseen",
			  (json_int_t)info.unseen, "denied", (json_int_t)info.denied, "silent",
			  (json_int_t)info.silent, "noisy", (json_int_t)info.noisy));
	json_object_set_new(doc, "changes", changes);
	patch = patch_json(c, err);
	if (!patch) {
		json_decref(doc);
		return -ENOMEM;
	}
	json_object_set_new(doc, "patch", patch);
	return document_write(o, doc, err);
}
