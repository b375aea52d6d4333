/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of checks, and what they write into.
 */
#include "check.h"

#define E SCA_SEVERITY_ERROR
#define W SCA_SEVERITY_WARNING
#define N SCA_SEVERITY_NOTE

static const struct sca_check checks[CHECK_COUNT] = {
	[CHECK_SYNTAX] = {"syntax", E, "no loader can read the file"},
	[CHECK_REFUSED] = {"refused", E, "the target refuses the profile"},
	[CHECK_REFUSED_ELSEWHERE] = {"refused-elsewhere", N,
				     "other front ends or runtimes refuse the profile"},
	[CHECK_NO_FILTER] = {"no-filter", E, "the profile sets no filter at all"},
	[CHECK_GATES_IGNORED] = {"gates-ignored", W,
				 "conditions on rules that some loader does not know"},
	[CHECK_NEAR_KEY] = {"unknown-key", W, "a key that is almost one that a loader knows"},
	[CHECK_MISSPELT_NAME] = {"misspelt-name", E, "a name that is almost a call's"},
	[CHECK_UNKNOWN_NAME] = {"unknown-name", W, "a name that no call has"},
	[CHECK_NEWER_NAME] = {"newer-name", N, "calls that are newer than this libseccomp"},
	[CHECK_FOREIGN_NAME] = {"foreign-name", N,
				"calls that no architecture of the filter has"},
	[CHECK_DUPLICATE_NAME] = {"duplicate-name", N, "a name stands twice in one rule"},
	[CHECK_SHADOWED_RULE] = {"shadowed-rule", W,
				 "another rule decides, and decides otherwise"},
	[CHECK_REPEATED_RULE] = {"repeated-rule", N, "another rule says the same already"},
	[CHECK_REDUNDANT_RULE] = {"redundant-rule", N, "a rule that repeats the default action"},
	[CHECK_EMPTY_RULE] = {"empty-rule", N, "a rule that names no call"},
	[CHECK_UNKNOWN_CAPABILITY] = {"unknown-capability", E,
				      "a condition on a capability that does not exist"},
	[CHECK_UNKNOWN_GATE_ARCH] = {"unknown-arch", E,
				     "a condition on an architecture that does not exist"},
	[CHECK_CLOSED_GATE] = {"closed-gate", E, "a rule whose conditions exclude each other"},
	[CHECK_SAME_ARGUMENT] = {"same-argument", W,
				 "two conditions on one argument: one is enough"},
	[CHECK_VOID_MASK] = {"void-mask", E, "a comparison with mask 0 looks at nothing"},
	[CHECK_CUT_VALUE] = {"value-outside-mask", W,
			     "the compared value has bits outside of the mask"},
	[CHECK_UNUSED_VALUE] = {"unused-value", W, "valueTwo without SCMP_CMP_MASKED_EQ"},
	[CHECK_WIDE_COMPARE] = {"wide-compare", W,
				"upper bits get around a condition on an int"},
	[CHECK_MULTIPLEXER] = {"multiplexer", W,
			       "socketcall or ipc gets around other rules"},
	[CHECK_EQUIVALENT] = {"equivalent", W,
			      "a call is denied, one that does the same is allowed"},
	[CHECK_IO_URING] = {"io-uring-bypass", W, "io_uring does what the filter denies"},
	[CHECK_DANGEROUS] = {"dangerous-allow", W, "a dangerous call is allowed"},
	[CHECK_DEFAULT_ALLOW] = {"default-allow", W, "what no rule names is allowed"},
	[CHECK_FAKE_SUCCESS] = {"fake-success", E,
				"errno 0: the call is not made and says it succeeded"},
	[CHECK_ERRNO_IGNORED] = {"errno-ignored", W, "an errno where the action has none"},
	[CHECK_NO_LISTENER] = {"no-listener", E, "SCMP_ACT_NOTIFY without listenerPath"},
	[CHECK_KILL_THREAD] = {"kill-thread", N,
			       "SCMP_ACT_KILL ends one thread, not the process"},
	[CHECK_RUNTIME_START] = {"runtime-start", E,
				 "calls without which the runtime starts no container"},
	[CHECK_RUNTIME_EARLY] = {"runtime-privileges", E,
				 "calls that it needs besides without no_new_privs"},
	[CHECK_RUNTIME_SOMETIMES] = {"runtime-sometimes", W,
				     "calls without which the runtime fails now and then"},
	[CHECK_PROGRAM_START] = {"program-start", E, "calls without which no program starts"},
	[CHECK_LOADER_START] = {"loader-start", W,
				"calls without which the dynamic loader fails"},
	[CHECK_FALLBACK] = {"fallback", W,
			    "callers fall back on ENOSYS, and get another answer"},
	[CHECK_FALLBACK_TIME] = {"fallback-time64", W,
				 "the same for the 64-bit time of 32-bit programs"},
	[CHECK_DEFAULT_ERRNO] = {"default-errno", N, "the default answer is not ENOSYS"},
	[CHECK_OTHER_ABI] = {"other-abi", N, "programs of the machine's other ABI are killed"},
	[CHECK_ABI_NAMES] = {"abi-names", N,
			     "a call is allowed, its 32-bit form is not"},
	[CHECK_X32] = {"x32", N, "the x32 ABI is open"},
	[CHECK_NO_RECORD] = {"no-record", N, "denials leave no record"},
	[CHECK_NOT_MEASURED] = {"not-measured", N, "there was too much to measure"},
};

#undef E
#undef W
#undef N

const char *sca_severity_name(enum sca_severity s)
{
	static const char *const names[] = {
		[SCA_SEVERITY_ERROR] = "error",
		[SCA_SEVERITY_WARNING] = "warning",
		[SCA_SEVERITY_NOTE] = "note",
	};

	return (size_t)s < ARRAY_SIZE(names) ? names[s] : NULL;
}

size_t sca_check_count(void)
{
	return CHECK_COUNT;
}

const struct sca_check *sca_check_at(size_t i)
{
	return i < CHECK_COUNT ? &checks[i] : NULL;
}

/* -- writing -- */

const char *check_text(struct checking *ck, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	const char *copy = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0)
		copy = arena_dup(&ck->out->arena, (struct sca_str){text, (size_t)n});
	else
		text = NULL;
	ck->failed |= !copy;
	return copy;
}

static const char *pointer_of(struct checking *ck, uint32_t node)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	if (node == JT_NONE || !jt_pointer(ck->doc, node, &b))
		return node == JT_NONE ? "" : NULL;
	return arena_dup(&ck->out->arena, buf_str(&b));
}

void check_add_as(struct checking *ck, enum check_id id, enum sca_severity severity,
		  uint32_t node, const char *text, const char *reason, const char *fix)
{
	struct sca_checked *c = ck->out;
	const char *pointer = pointer_of(ck, node);

	if (!pointer || !text || !reason || !fix || !vec_grow(&c->v, &c->cap, c->n)) {
		ck->failed = true;
		return;
	}
	c->v[c->n++] = (struct check_problem){
		.pub = {.check = id, .severity = severity, .pointer = pointer, .text = text,
			.reason = reason, .fix = fix},
		.at = node == JT_NONE ? UINT32_MAX : (uint32_t)jt_offset(ck->doc, node),
	};
}

void check_add(struct checking *ck, enum check_id id, uint32_t node, const char *text,
	       const char *reason, const char *fix)
{
	check_add_as(ck, id, checks[id].severity, node, text, reason, fix);
}

void check_edit(struct checking *ck, uint32_t node, const char *value, const char *name)
{
	if (ck->failed || !vec_grow(&ck->edits, &ck->cap_edits, ck->n_edits)) {
		ck->failed = true;
		return;
	}
	ck->edits[ck->n_edits++] =
		(struct check_edit){ck->out->n - 1, name, node, value};
}

#define LIST_SHOWN 14

void check_list_add(struct check_list *l, struct sca_str word)
{
	l->n++;
	if (l->shown == LIST_SHOWN)
		return;
	buf_addf(&l->text, l->shown++ ? ", %.*s" : "%.*s", CUT(word));
}

const char *check_list_end(struct checking *ck, struct check_list *l)
{
	const char *text = NULL;

	if (l->n > l->shown)
		buf_addf(&l->text, " and %zu more", l->n - l->shown);
	if (!l->text.failed)
		text = arena_dup(&ck->out->arena, buf_str(&l->text));
	ck->failed |= !text;
	buf_release(&l->text);
	return text;
}

/* -- asking the filter -- */

enum openness check_open(const struct checking *ck, uint32_t arch, struct sca_str name,
			 struct sca_reach *ret)
{
	struct sca_call call = {.arch = arch};
	size_t pass = 0;

	if (sca_syscall_number(ck->names, arch, name, &call.nr) < 0)
		return OPEN_ABSENT;
	sca_filter_reach(ck->filter, &call, ret);
	for (size_t i = 0; i < ret->n; i++)
		pass += check_passes(&ret->v[i]);
	return pass == 0 ? OPEN_SHUT : pass == ret->n && ret->complete ? OPEN_WHOLLY
								       : OPEN_PARTLY;
}

const char *check_rule(struct checking *ck, const struct eff_rule *rule)
{
	unsigned line, column;

	jt_place(ck->doc, rule->node, &line, &column);
	return check_text(ck, "Rule %zu (line %u)", rule->index, line);
}

const struct eff_rule *check_rule_for(const struct checking *ck, uint32_t arch,
				      struct sca_str name)
{
	const struct filter_ref *r;
	int32_t nr;

	if (sca_syscall_number(ck->names, arch, name, &nr) < 0)
		return NULL;
	r = filter_find(ck->filter, arch, nr);
	return r ? &ck->eff->rules[r->rule] : NULL;
}

uint32_t check_member(const struct checking *ck, uint32_t object, const char *key)
{
	uint32_t node = jt_member(ck->doc, object, key, true);

	return node == JT_NONE ? object : node;
}

/* -- all of it -- */

static int compare_problems(const void *pa, const void *pb)
{
	const struct check_problem *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at + 1 < b->at + 1 ? -1 : 1; /* none first */
	if (a->pub.severity != b->pub.severity)
		return a->pub.severity < b->pub.severity ? -1 : 1;
	return a->pub.check < b->pub.check ? -1 : a->pub.check > b->pub.check;
}

/* Sorts, and finds the lines in one pass over the text. */
static void place_problems(struct checking *ck)
{
	struct sca_checked *c = ck->out;
	struct sca_str text = jt_file(ck->doc);
	unsigned line = 1;
	size_t from = 0;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), compare_problems);
	for (size_t i = 0; i < c->n; i++) {
		unsigned lines, column;

		if (c->v[i].at == UINT32_MAX)
			continue;
		jt_locate(str_skip(text, from), c->v[i].at - from, &lines, &column);
		line += lines - 1;
		c->v[i].pub.line = line;
		c->v[i].pub.column = column;
		from = c->v[i].at - (column - 1);
	}
}

static int no_memory(struct checking *ck)
{
	return sca_fail_errno(ck->err, ENOMEM, "checking the profile");
}

static int check_all(struct checking *ck)
{
	static void (*const families[])(struct checking *ck) = {
		check_keys,  check_gates, check_gates_ignored, check_spelling, check_args,
		check_actions, check_calls, check_danger, check_start, check_world,
	};
	int r;

	ck->eff = sca_filter_eff(ck->filter);
	if (ck->eff->default_node != JT_NONE)
		ck->top = ck->doc->nodes[ck->eff->default_node].parent;
	if (ck->eff->disabled) {
		check_keys(ck);
		check_add(ck, CHECK_NO_FILTER, ck->top, "there is no filter here",
			  "A profile without defaultAction and rules switches seccomp off, and "
			  "nobody says so.",
			  "Give it a defaultAction and rules, or use unconfined, which says what "
			  "it does.");
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(families) && !ck->failed; i++)
		families[i](ck);
	r = ck->failed ? 0 : check_rules(ck);
	return r == 0 && !ck->failed ? check_fix(ck) : r;
}

int sca_checked_new(struct sca_checked **ret, const struct sca_profile *p,
		    const struct sca_target *t, const struct sca_check_options *opt,
		    struct sca_names *names, struct sca_err *err)
{
	struct checking ck = {.p = p, .doc = &p->doc, .t = t, .names = names, .err = err};
	struct sca_err refused = SCA_ERR_INIT;
	int r;

	if (opt)
		ck.opt = *opt;
	ck.out = calloc(1, sizeof(*ck.out));
	if (!ck.out)
		return no_memory(&ck);
	r = sca_filter_compile(&ck.filter, p, t, names, &refused);
	if (r < 0 && r > -4096) {
		sca_fail(err, r, "%s", refused.text);
	} else {
		r = check_loaders(&ck, &refused);
		if (r == 0 && ck.filter)
			r = check_all(&ck);
	}
	if (r == 0 && ck.failed)
		r = no_memory(&ck);
	if (r == 0)
		place_problems(&ck);
	sca_filter_free(ck.filter);
	free(ck.edits);
	if (r < 0)
		sca_checked_free(ck.out);
	else
		*ret = ck.out;
	return r;
}

int sca_checked_unreadable(struct sca_checked **ret, const struct sca_err *why,
			   struct sca_err *err)
{
	struct checking ck = {.out = calloc(1, sizeof(*ck.out)), .err = err};

	if (!ck.out)
		return no_memory(&ck);
	check_add(&ck, CHECK_SYNTAX, JT_NONE, check_text(&ck, "%s", why->text),
		  "Front ends read JSON to the letter: no comments, no trailing commas, no byte "
		  "order mark, nothing behind the last brace.",
		  "");
	if (ck.failed) {
		sca_checked_free(ck.out);
		return no_memory(&ck);
	}
	ck.out->v[0].pub.line = why->line;
	ck.out->v[0].pub.column = why->column;
	*ret = ck.out;
	return 0;
}

struct sca_checked *sca_checked_free(struct sca_checked *c)
{
	if (c) {
		arena_release(&c->arena);
		sca_patch_free(c->patch);
		free(c->changes);
		free(c->v);
		free(c);
	}
	return NULL;
}

size_t sca_checked_count(const struct sca_checked *c)
{
	return c->n;
}

const struct sca_problem *sca_checked_at(const struct sca_checked *c, size_t i)
{
	return i < c->n ? &c->v[i].pub : NULL;
}

const struct sca_patch *sca_checked_patch(const struct sca_checked *c)
{
	return c->patch;
}

size_t sca_checked_change_count(const struct sca_checked *c)
{
	return c->n_changes;
}

const char *sca_checked_change(const struct sca_checked *c, size_t i)
{
	return i < c->n_changes ? c->changes[i] : NULL;
}
