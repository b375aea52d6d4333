/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: name and number of a call on every architecture. Architectures that agree share a
 * line, so the answer to a name is its numbers, the answer to a number its names.
 */
#include <unistd.h>

#include "cli.h"
#include "render/document.h"

#define ARCHS_MAX 64
#define INDENT    14

/* The call on one architecture. */
struct answer {
	uint32_t arch;
	bool known;
	int32_t nr;
	const char *name; /* of a number; a name is the question itself */
};

struct question {
	struct sca_str word;
	bool is_number;
	bool all; /* no architecture was named */
	int32_t nr;
	struct answer v[ARCHS_MAX];
	size_t n, known;
};

struct archs {
	uint32_t v[ARCHS_MAX];
	size_t n;
};

/* Words that name an architecture restrict the answer; numbers never do. */
static bool read_arch(const char *word, struct archs *archs)
{
	uint64_t number;
	uint32_t arch;

	if (span_u64(span_z(word), &number) || sca_arch_parse(span_z(word), &arch) < 0)
		return false;
	if (archs->n < ARCHS_MAX)
		archs->v[archs->n++] = arch;
	return true;
}

static void all_archs(struct archs *archs)
{
	for (size_t i = 0; i < sca_arch_count() && archs->n < ARCHS_MAX; i++)
		archs->v[archs->n++] = sca_arch_at(i);
}

/* A record's number with the x32 bit means x32. */
static int read_number(struct question *q, struct archs *archs, struct sca_err *err)
{
	uint64_t v;

	q->is_number = span_u64(q->word, &v);
	if (!q->is_number)
		return 0;
	if (v > INT32_MAX)
		return sca_fail(err, SCA_E_RANGE, "%.*s is no number of a call", (int)q->word.n,
				q->word.p);
	if (v & SCA_X32_BIT) {
		v &= ~(uint64_t)SCA_X32_BIT;
		*archs = (struct archs){{SCA_ARCH_X32}, 1};
	}
	q->nr = (int32_t)v;
	return 0;
}

static void look_up(struct question *q, const struct archs *archs, struct sca_names *names)
{
	for (size_t i = 0; i < archs->n; i++) {
		struct answer *a = &q->v[q->n++];

		a->arch = archs->v[i];
		if (q->is_number) {
			a->nr = q->nr;
			a->name = sca_syscall_name(names, a->arch, a->nr);
			a->known = a->name;
		} else {
			a->known = sca_syscall_number(names, a->arch, q->word, &a->nr) == 0;
		}
		q->known += a->known;
	}
}

static int ask(struct question *q, const struct archs *wanted, struct sca_names *names,
	       struct sca_err *err)
{
	struct archs archs = *wanted;
	int r = read_number(q, &archs, err);

	if (r < 0)
		return r;
	q->all = archs.n == 0;
	if (q->all)
		all_archs(&archs);
	look_up(q, &archs, names);
	if (q->is_number && q->known == 0)
		return sca_fail(err, SCA_E_UNKNOWN, "no call has the number %.*s%s",
				(int)q->word.n, q->word.p,
				q->all ? " on any architecture" : " there");
	if (!q->is_number && q->known == 0) {
		const char *near = sca_syscall_nearest(names, q->word);
		struct archs every = {.n = 0};
		struct question anywhere = {.word = q->word};

		all_archs(&every);
		look_up(&anywhere, &every, names);
		if (anywhere.known)
			return 0;
		return sca_fail(err, SCA_E_UNKNOWN, "no call is named %.*s%s%s%s",
				(int)q->word.n, q->word.p, near ? "; did you mean " : "",
				near ? near : "", near ? "?" : "");
	}
	return 0;
}

/* An architecture that libseccomp does not know has newer calls only in our tables: what is not
 * there may exist all the same. */
static bool no_table(const struct answer *a)
{
	return !a->known && !sca_arch_compilable(a->arch);
}

static bool same(const struct question *q, size_t i, size_t j)
{
	const struct answer *a = &q->v[i], *b = &q->v[j];

	if (a->known != b->known || no_table(a) != no_table(b))
		return false;
	return !a->known || (q->is_number ? strcmp(a->name, b->name) == 0 : a->nr == b->nr);
}

/* One line: what the architectures from i on that agree with i say. */
static void put_line(const struct page *pg, const struct question *q, size_t i)
{
	_cleanup_out_ struct out label = OUT_MEMORY, list = OUT_MEMORY;

	if (q->all && no_table(&q->v[i]))
		return;
	for (size_t j = 0; j < i; j++)
		if (same(q, i, j))
			return;
	if (!q->v[i].known)
		out_c(&label, no_table(&q->v[i]) ? '?' : '-');
	else if (q->is_number)
		out_z(&label, q->v[i].name);
	else
		out_i64(&label, q->v[i].nr);
	for (size_t j = i; j < q->n; j++) {
		if (!same(q, i, j))
			continue;
		if (list.n)
			out_c(&list, ' ');
		out_z(&list, sca_arch_name(q->v[j].arch));
	}
	if (!q->v[i].known)
		out_z(&list, no_table(&q->v[i]) ? " (not in our tables)" : " (no such call)");
	page_item(pg, out_string(&label), q->v[i].known ? INK_NAME : INK_FAINT, INDENT,
		  out_string(&list));
}

static void put_known(const struct page *pg, const struct question *q, struct sca_names *names)
{
	const struct sca_advice *a = sca_advice_find(q->word);
	_cleanup_out_ struct out text = OUT_MEMORY;

	if (a && a->danger > SCA_DANGER_NOTE) {
		out_addf(&text, "%s%s%s", sca_danger_name(a->danger), a->risk[0] ? ": " : "",
			 a->risk);
		page_item(pg, "danger", INK_BAD, INDENT, out_string(&text));
	} else if (a && a->risk[0]) {
		page_item(pg, "note", INK_WARN, INDENT, a->risk);
	}
	if (a && a->caps[0]) {
		text.n = 0;
		for (const char *p = a->caps; *p; p++) {
			if (*p == ' ')
				out_lit(&text, " or ");
			else
				out_c(&text, *p);
		}
		out_z(&text, a->caps_mandatory ? "; the kernel refuses the call without" :
						 "; for some of its uses");
		page_item(pg, "capability", INK_FAINT, INDENT, out_string(&text));
	}
	if (a && a->enosys_fallback)
		page_item(pg, "fallback", INK_FAINT, INDENT,
			  "callers get along when it answers ENOSYS");
	if (a && a->answer[0])
		page_item(pg, "better", INK_FAINT, INDENT, a->answer);
	if (!sca_syscall_in_libseccomp(names, q->word))
		page_item(pg, "libseccomp", INK_FAINT, INDENT,
			  "this host's does not know the name: a rule with it has no effect here");
}

static void put_text(const struct page *pg, const struct question *q, struct sca_names *names)
{
	_cleanup_out_ struct out word = OUT_MEMORY;

	out_safe(&word, q->word);
	page_ink(pg, INK_HEAD, out_string(&word));
	out_c(pg->o, '\n');
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < q->n; i++)
			if (q->v[i].known == known)
				put_line(pg, q, i);
	if (!q->is_number)
		put_known(pg, q, names);
}

static json_t *advice_json(const struct question *q, struct sca_names *names)
{
	const struct sca_advice *a = sca_advice_find(q->word);
	json_t *doc =
		json_pack("{s:b}", "in_libseccomp", sca_syscall_in_libseccomp(names, q->word));

	if (!a)
		return doc;
	json_object_set_new(doc, "danger", json_string(sca_danger_name(a->danger)));
	json_object_set_new(doc, "enosys_fallback", json_boolean(a->enosys_fallback));
	json_object_set_new(doc, "caps_mandatory", json_boolean(a->caps_mandatory));
	if (a->caps[0])
		json_object_set_new(doc, "caps", json_string(a->caps));
	if (a->risk[0])
		json_object_set_new(doc, "risk", json_string(a->risk));
	if (a->answer[0])
		json_object_set_new(doc, "answer", json_string(a->answer));
	return doc;
}

static json_t *question_json(const struct question *q, struct sca_names *names)
{
	json_t *doc = json_object(), *archs = json_array();

	json_object_set_new(doc, "query", document_text(q->word));
	for (size_t i = 0; i < q->n; i++) {
		const struct answer *a = &q->v[i];
		json_t *row;

		if (!a->known)
			continue;
		row = json_pack("{s:s, s:i}", "arch", sca_arch_name(a->arch), "nr", a->nr);
		json_object_set_new(row, "syscall",
				    a->name ? json_string(a->name) : document_text(q->word));
		json_array_append_new(archs, row);
	}
	json_object_set_new(doc, "archs", archs);
	if (!q->is_number)
		json_object_set_new(doc, "known", advice_json(q, names));
	return doc;
}

static int answer_all(struct cli *cli, struct out *o, struct sca_names *names)
{
	struct page pg = {o, term_width(o->fd), term_colors(o->fd, cli->color)};
	json_t *doc = cli->format == FORMAT_JSON ? json_array() : NULL;
	struct archs archs = {.n = 0};
	bool first = true;
	int r = 0;

	for (size_t i = 0; i < cli->args.n; i++)
		if (read_arch(cli->args.v[i], &archs))
			cli->args.v[i] = NULL;
	for (size_t i = 0; i < cli->args.n && r == 0; i++) {
		struct question q = {.word = span_z(cli->args.v[i])};

		if (!cli->args.v[i])
			continue;
		r = ask(&q, &archs, names, &cli->err);
		if (r == 0 && doc) {
			json_array_append_new(doc, question_json(&q, names));
		} else if (r == 0) {
			if (!first)
				out_c(o, '\n');
			put_text(&pg, &q, names);
		}
		first = false;
	}
	if (r == 0 && first)
		r = sca_fail(&cli->err, SCA_E_SYNTAX,
			     "resolve wants a call's name or number: scaudit resolve clone3");
	if (r == 0 && doc)
		return document_write(o, doc, &cli->err);
	json_decref(doc);
	return r;
}

int verb_resolve(struct cli *cli)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	struct sca_names *names = NULL;
	int r = sca_names_new(&names, &cli->err);

	if (r == 0)
		r = out_open(&o, cli->output, &cli->err);
	if (r == 0)
		r = answer_all(cli, &o, names);
	if (r == 0)
		r = out_finish(&o, &cli->err);
	sca_names_free(names);
	return r;
}
