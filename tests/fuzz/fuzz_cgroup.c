/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroup paths, and the patterns that users add for them. An input is the text of a pattern file,
 * a NUL, then paths or whole /proc/PID/cgroup files, a NUL behind each. Aborts when a failing
 * pattern file leaves something behind, when an answer is not made of its path, when the same path
 * spelt otherwise is another container's, or when an id comes out of a path that does not hold it.
 */
#include "fuzz.h"

#include "container_int.h"

#define PATHS 16

static struct sca_containers *cs;

static void drop_patterns(struct patterns *ps)
{
	while (ps->n_user) {
		ps->n_user--;
		pcre2_code_free(ps->user[ps->n_user].code);
		free(ps->user[ps->n_user].engine);
	}
}

static void add_patterns(struct sca_str text)
{
	struct sca_err err = SCA_ERR_INIT;
	int r = sca_containers_add_patterns(cs, text, "patterns", &err);

	if (r == 0) {
		must(cs->patterns.n_user <= SCA_CONTAINER_PATTERNS_MAX, "patterns have a limit");
		return;
	}
	must(r == SCA_E_SYNTAX || r == SCA_E_LIMIT, "a code");
	must(err.text[0] && err.line > 0 && err.column > 0, "a place");
	must(cs->patterns.n_user == 0, "all lines or none");
}

/* What an answer's spans hold, in copies: another call voids them. */
struct answer {
	enum sca_cgroup_kind kind;
	struct buf text;
};

static void add_field(struct buf *b, struct sca_str s)
{
	buf_addf(b, "%zu:", s.n);
	buf_add_str(b, s);
}

static int decode(struct sca_str path, struct answer *ret)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_cgroup cg = {0};
	int r = sca_containers_decode(cs, path, &cg, &err);

	if (r < 0) {
		must(r == SCA_E_SYNTAX || r == SCA_E_LIMIT, "a code");
		must(err.code == r && err.text[0], "an error says what");
		return r;
	}
	ret->kind = cg.kind;
	add_field(&ret->text, cg.engine);
	add_field(&ret->text, cg.id);
	add_field(&ret->text, cg.pod_uid);
	add_field(&ret->text, cg.pod_id);
	add_field(&ret->text, cg.qos);
	add_field(&ret->text, cg.unit);
	add_field(&ret->text, cg.outer_engine);
	add_field(&ret->text, cg.outer_id);
	must(!ret->text.failed, "memory");
	must(cg.kind != SCA_CGROUP_CONTAINER || (cg.id.n && cg.engine.n), "a container has both");
	must(cg.kind != SCA_CGROUP_CANDIDATE || cg.id.n, "a candidate has an id");
	must(cg.kind != SCA_CGROUP_UNIT || (cg.unit.n && !cg.id.n), "a unit is no container");
	must((cg.kind != SCA_CGROUP_UNKNOWN && cg.kind != SCA_CGROUP_RELATIVE) || !cg.id.n,
	     "nobody's path has no id");
	must(!cg.outer_id.n || cg.outer_engine.n, "the outer one has an engine");
	must(cg.id.n <= path.n && cg.unit.n <= path.n && cg.outer_id.n <= path.n,
	     "nothing grows");
	must(span_within(cg.unit, path) && span_within(cg.pod_id, path), "spans of the path");
	must(!cg.id.n || memchr(path.p, '\\', path.n) || memmem(path.p, path.n, cg.id.p, cg.id.n),
	     "an id stands in its path");
	return 0;
}

static void check_same(const struct answer *a, struct sca_str path, const char *what)
{
	struct answer b = {0};
	int r = decode(path, &b);

	/* A user's pattern may run into its limit on the longer one. */
	must(r == SCA_E_LIMIT || (r == 0 && a->kind == b.kind &&
				  str_eq(buf_str(&a->text), buf_str(&b.text))), what);
	buf_release(&b.text);
}

static void check_path(struct sca_str path)
{
	_cleanup_buf_ struct buf other = BUF_INIT;
	struct sca_container_ref ref = {0};
	struct answer a = {0};
	int r = decode(path, &a);

	must(path.n <= SCA_CGROUP_PATH_MAX || r == SCA_E_LIMIT, "a long path is refused");
	must((path.n && path.p[0] == '/') || r < 0, "a path starts with a slash");
	if (r == 0) {
		check_same(&a, path, "the same path, the same answer");
		buf_add_str(&other, path);
		buf_add_z(&other, " (deleted)");
		if (path.n < 10 || memcmp(path.p + path.n - 10, " (deleted)", 10) != 0)
			check_same(&a, buf_str(&other), "a removed cgroup is whose it was");
	}
	buf_release(&a.text);
	r = sca_containers_by_path(cs, path, &ref, NULL);
	must(r == 0 || r == SCA_E_SYNTAX || r == SCA_E_LIMIT, "a code");
	must(r < 0 || !ref.id.n || (ref.engine.n && ref.sure.n && ref.via.n), "an answer is whole");
}

static void check_file(struct sca_str text)
{
	struct sca_container_ref ref = {0};
	bool all_root = false, conflict = false;
	int r;

	containers_begin(cs);
	r = container_by_cgroups(cs, text, &all_root, &conflict, &ref, NULL);
	must(r == 0 || r == SCA_E_SYNTAX || r == SCA_E_LIMIT, "a code");
	must(r < 0 || !ref.id.n || !all_root, "the top is nobody's");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, data + n};

	if (!cs) /* a root without any engine's files */
		must(sca_containers_new(&cs, "/sys", NULL) == 0, "a root");
	add_patterns(input_text(&in));
	for (unsigned i = 0; i < PATHS && in.p < in.end; i++) {
		struct sca_str text = input_text(&in);

		if (text.n && text.p[0] == '/')
			check_path(text);
		else
			check_file(text);
	}
	drop_patterns(&cs->patterns);
	return 0;
}
