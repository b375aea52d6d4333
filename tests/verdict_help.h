/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles, targets and calls from short texts. To be included behind cmocka.h. */
#ifndef TESTS_VERDICT_HELP_H
#define TESTS_VERDICT_HELP_H

#include <inttypes.h>

#include "profile_int.h"

/* Cuts the next word at blanks; false at the end. */
static inline bool next_word(struct sca_str *s, struct sca_str *ret)
{
	*s = str_trim(*s);
	if (s->n == 0)
		return false;
	for (size_t i = 0; i <= s->n; i++) {
		if (i < s->n && s->p[i] != ' ' && s->p[i] != '\t')
			continue;
		*ret = (struct sca_str){s->p, i};
		*s = str_skip(*s, i);
		break;
	}
	return true;
}

/* "docker runc:1.1.5 caps:all kernel:4.7 arch:arm": front end first, the rest as needed. */
static inline void target_from(struct sca_target *t, const char *text)
{
	struct sca_str s = sca_str_z(text), word;
	enum sca_frontend f;
	int r = 0;

	assert_true(next_word(&s, &word));
	assert_int_equal(sca_frontend_parse(word, &f), 0);
	sca_target_init(t, f);
	t->kernel[0] = 6;
	t->kernel[1] = 1;
	while (r == 0 && next_word(&s, &word)) {
		struct sca_str key, value = word;

		str_cut(&value, ':', &key);
		if (str_is(key, "caps"))
			r = sca_target_set_caps(t, value, NULL);
		else if (str_is(key, "kernel"))
			r = sca_target_set_kernel(t, value, NULL);
		else if (str_is(key, "arch"))
			r = sca_target_set_arch(t, value, NULL);
		else
			r = sca_target_set_runtime(t, word, NULL);
	}
	if (r < 0)
		fail_msg("bad target: %s", text);
}

/* JSON in test tables may use ' for ". */
static inline int profile_from(struct sca_profile **ret, const char *json, struct sca_err *err)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	buf_add_z(&b, json);
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\'')
			b.p[i] = '"';
	assert_false(b.failed);
	return sca_profile_load_mem(ret, buf_str(&b), "test.json", err);
}

static inline int compile_text(struct sca_filter **ret, const char *json, const char *target,
			       struct sca_names *names, struct sca_err *err)
{
	struct sca_profile *p = NULL;
	struct sca_target t;
	int r = profile_from(&p, json, err);

	target_from(&t, target);
	if (r == 0)
		r = sca_filter_compile(ret, p, &t, names, err);
	sca_profile_free(p);
	return r;
}

/* As above, and the test fails unless it compiles. */
static inline struct sca_filter *compile(const char *json, const char *target,
					 struct sca_names *names)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_filter *f = NULL;
	char text[512];

	if (compile_text(&f, json, target, names, &err) < 0) {
		sca_err_format(&err, text, sizeof(text));
		fail_msg("%s\n%s\n%s", text, target, json);
	}
	return f;
}

/* A profile of the shared corpus; NULL when the corpus is not there. */
static inline const char *shared_path(char *buf, size_t cap, const char *name)
{
	const char *top = getenv("SCA_SHARED");

	snprintf(buf, cap, "%s/data/profiles/%s", top ? top : "../shared", name);
	return access(buf, R_OK) == 0 ? buf : NULL;
}

/* "x86_64 mkdir 0x1,?,3": architecture, name or number, arguments. False for unknown names. */
static inline bool call_from(struct sca_call *c, struct sca_str s, struct sca_names *names)
{
	struct sca_str arch, nr, args = {NULL, 0}, arg;
	int64_t v;

	*c = (struct sca_call){0};
	if (!next_word(&s, &arch) || !next_word(&s, &nr) || sca_arch_parse(arch, &c->arch) < 0)
		return false;
	if (str_i64(nr, &v) == 0)
		c->nr = (int32_t)v;
	else if (sca_syscall_number(names, c->arch, nr, &c->nr) < 0)
		return false;
	if (!next_word(&s, &args))
		return true;
	for (unsigned i = 0; i < 6 && str_cut(&args, ',', &arg); i++)
		if (str_any64(arg, &c->args[i]) == 0)
			c->args_known |= 1u << i;
	return true;
}

/* "errno(1) rule", "allow default"; data only where it is there. */
static inline void add_verdict_text(struct buf *b, const struct sca_verdict *v)
{
	buf_add_z(b, sca_action_name(v->action));
	if (v->action == SCA_ACT_ERRNO || v->action == SCA_ACT_TRACE)
		buf_addf(b, "(%u)", v->data);
	buf_addf(b, " %s", sca_by_name(v->by));
}

/* All verdicts of a set, " | " between them, " ..." when it is not complete. */
static inline void add_reach_text(struct buf *b, const struct sca_reach *r)
{
	for (size_t i = 0; i < r->n; i++) {
		buf_add_z(b, i ? " | " : "");
		add_verdict_text(b, &r->v[i]);
	}
	if (!r->complete)
		buf_add_z(b, " ...");
}

/* libseccomp 2.5.4 loses nodes of its trees when it merges some rules. */
const char *__lsan_default_suppressions(void);
__attribute__((used)) const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp";
}

/* A reproducible stream of numbers (xorshift64*). */
static inline uint64_t next_random(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * UINT64_C(2685821657736338717);
}

#endif
