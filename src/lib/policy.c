/* SPDX-License-Identifier: Apache-2.0 */
/* Which policy a text is, and the JSON of what was read from one. */
#include "policy_int.h"

#include "json_text.h"

/* -- which one -- */

/* The first line that is no comment. */
static bool first_line(struct sca_str text, struct sca_str *ret)
{
	while (str_cut(&text, '\n', ret)) {
		*ret = str_trim(*ret);
		if (ret->n && ret->p[0] != '#' && ret->p[0] != ';')
			return true;
	}
	return false;
}

static bool starts_any(struct sca_str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, sca_str_z(words[i])))
			return true;
	return false;
}

/* YAML has "name: value" lines as well, so the value has to be one of a policy. */
static bool is_minijail(struct sca_str line)
{
	static const char *const heads[] = {"@default ", "@frequency ", "@include ", "@denylist"};
	static const char *const values[] = {"return ", "return\t", "arg0", "arg1", "arg2",
					     "arg3", "arg4", "arg5", "allow", "kill", "trap"};
	struct sca_str name, value = line;

	if (starts_any(line, heads, ARRAY_SIZE(heads)))
		return true;
	if (!str_cut(&value, ':', &name) || !policy_is_name(str_trim(name)))
		return false;
	value = str_trim(value);
	return starts_any(value, values, ARRAY_SIZE(values)) || str_is(value, "1") ||
	       str_starts(value, SCA_STR("1 ")) || str_starts(value, SCA_STR("1#"));
}

bool sca_policy_guess(struct sca_str text, enum sca_policy *ret)
{
	static const char *const keys[] = {"SystemCallFilter", "SystemCallArchitectures",
					   "SystemCallErrorNumber", "SystemCallLog"};
	struct sca_str line;

	if (!first_line(text, &line))
		return false;
	if (is_minijail(line)) {
		*ret = SCA_POLICY_MINIJAIL;
		return true;
	}
	if (!starts_any(line, keys, ARRAY_SIZE(keys)) &&
	    !(line.n > 2 && line.p[0] == '[' && line.p[line.n - 1] == ']' && line.p[1] >= 'A' &&
	      line.p[1] <= 'Z' && str_find(text, SCA_STR("\nSystemCall"))))
		return false;
	*ret = SCA_POLICY_SYSTEMD;
	return true;
}

/* -- collecting -- */

int policy_fail(struct policy *pl, const char *at, int code, const char *fmt, ...)
{
	unsigned line, column;
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jt_locate(pl->text, (size_t)(at - pl->text.p), &line, &column);
	sca_fail(pl->err, code, "%s", text);
	sca_err_at(pl->err, NULL, line, column);
	return code;
}

unsigned policy_line(const struct policy *pl, const char *at)
{
	unsigned line, column;

	jt_locate(pl->text, (size_t)(at - pl->text.p), &line, &column);
	return line;
}

bool policy_is_name(struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_' && !(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(i && ascii_digit(s.p[i])))
			return false;
	return s.n > 0 && s.n < 64;
}

int policy_add(struct policy *pl, const struct policy_call *call)
{
	if (pl->n >= SCA_POLICY_MAX_CALLS)
		return policy_fail(pl, pl->text.p + call->at, SCA_E_LIMIT,
				   "more than %d calls in a policy", SCA_POLICY_MAX_CALLS);
	if (!vec_grow(&pl->calls, &pl->cap, pl->n))
		return policy_no_memory(pl);
	pl->calls[pl->n++] = *call;
	return 0;
}

void policy_release(struct policy *pl)
{
	arena_release(&pl->arena);
	free(pl->calls);
	free(pl->from);
	buf_release(&pl->archs);
	buf_release(&pl->notes);
	buf_release(&pl->json);
}

/* -- JSON -- */

static bool add_name(struct policy *pl, const struct policy_call *call, bool first)
{
	buf_add_z(&pl->json, first ? "\n\t\t\t\t" : ",\n\t\t\t\t");
	if (!vec_grow(&pl->from, &pl->cap_from, pl->n_from + 1))
		return false;
	pl->from[pl->n_from++] = (uint32_t)pl->json.n;
	pl->from[pl->n_from++] = call->at;
	buf_addf(&pl->json, "\"%.*s\"", (int)call->name.n, call->name.p);
	return true;
}

/* A rule for all calls from the i-th on that have its answer; those with conditions stand alone. */
static bool add_rule(struct policy *pl, size_t i, bool *done)
{
	const struct policy_call *head = &pl->calls[i];
	bool ok = true;

	buf_add_z(&pl->json, i ? ",\n\t\t{\n\t\t\t\"names\": [" : "\n\t\t{\n\t\t\t\"names\": [");
	for (size_t k = i; k < pl->n && ok; k++) {
		const struct policy_call *c = &pl->calls[k];

		if (k > i && (done[k] || head->args.n || c->args.n ||
			      c->action != head->action || c->err != head->err))
			continue;
		done[k] = true;
		ok = add_name(pl, c, k == i);
	}
	buf_addf(&pl->json, "\n\t\t\t],\n\t\t\t\"action\": \"%s\"",
		 sca_action_scmp_name(head->action));
	if (head->action == SCA_ACT_ERRNO)
		buf_addf(&pl->json, ",\n\t\t\t\"errnoRet\": %u", head->err);
	if (head->args.n)
		buf_addf(&pl->json, ",\n\t\t\t\"args\": [%s\n\t\t\t]", head->args.p);
	buf_add_z(&pl->json, "\n\t\t}");
	return ok;
}

static int add_json(struct policy *pl)
{
	_cleanup_free_ bool *done = calloc(pl->n + 1, sizeof(*done));

	if (!done)
		return policy_no_memory(pl);
	pl->json.max = SCA_PROFILE_MAX_BYTES;
	buf_addf(&pl->json, "{\n\t\"defaultAction\": \"%s\",\n", sca_action_scmp_name(pl->action));
	if (pl->action == SCA_ACT_ERRNO)
		buf_addf(&pl->json, "\t\"defaultErrnoRet\": %u,\n", pl->code);
	buf_add_str(&pl->json, buf_str(&pl->archs));
	buf_add_z(&pl->json, "\t\"syscalls\": [");
	for (size_t i = 0; i < pl->n; i++)
		if (!done[i] && !add_rule(pl, i, done))
			return policy_no_memory(pl);
	buf_add_z(&pl->json, "\n\t]\n}\n");
	return pl->json.failed || pl->archs.failed || pl->notes.failed ? policy_no_memory(pl) : 0;
}

int policy_make(struct policy *pl, struct sca_str text, enum sca_policy kind,
		struct sca_err *err)
{
	int r;

	*pl = (struct policy){.text = text, .err = err};
	if (text.n > SCA_PROFILE_MAX_BYTES)
		return sca_fail(err, SCA_E_LIMIT, "a policy of more than %u bytes",
				SCA_PROFILE_MAX_BYTES);
	if (text.n && memchr(text.p, '\0', text.n))
		return policy_fail(pl, memchr(text.p, '\0', text.n), SCA_E_SYNTAX,
				   "a byte of value 0 in a policy");
	r = kind == SCA_POLICY_SYSTEMD ? policy_read_systemd(pl) : policy_read_minijail(pl);
	return r < 0 ? r : add_json(pl);
}

int sca_policy_read(char **ret, char **ret_notes, struct sca_str text, enum sca_policy kind,
		    struct sca_err *err)
{
	_cleanup_free_ char *json = NULL;
	struct policy pl;
	int r = policy_make(&pl, text, kind, err);

	if (r == 0) {
		char *notes = buf_steal(&pl.notes, NULL);

		json = buf_steal(&pl.json, NULL);
		if (json && notes) {
			*ret = steal(&json);
			*ret_notes = notes;
		} else {
			free(notes);
			r = policy_no_memory(&pl);
		}
	}
	policy_release(&pl);
	return r;
}
