/* SPDX-License-Identifier: Apache-2.0 */
/* A call as a person or a script writes it. */
#include "text.h"

#include <scaudit/explain.h>

#define CALL_ARGS 6

static int bad(struct sca_err *err, int code, struct sca_str text, const char *what)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	text_add_safe(&b, (struct sca_str){text.p, MIN(text.n, (size_t)64)});
	return sca_fail(err, code, "%s: %s", b.p ? b.p : "", what);
}

/* Digits of a number with 31 bits and the sign, or 32 bits as a record shows them. */
static bool read_number(struct sca_str word, int64_t *ret)
{
	uint64_t v;

	if (str_any64(word, &v) == 0 && v <= UINT32_MAX) {
		*ret = (int32_t)(uint32_t)v;
		return true;
	}
	return str_i64(word, ret) == 0 && *ret >= INT32_MIN && *ret < 0;
}

static bool looks_like_number(struct sca_str word)
{
	return word.n && (ascii_digit(word.p[0]) || word.p[0] == '-');
}

static int no_such_call(struct sca_err *err, struct sca_str text, struct sca_str word,
			const struct sca_call *call, struct sca_names *names)
{
	const char *near = sca_syscall_nearest(names, word);
	char what[192];
	int32_t nr;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		if (sca_syscall_number(names, sca_arch_at(i), word, &nr) < 0)
			continue;
		snprintf(what, sizeof(what), "%s has no such call; %s has: write %s:...",
			 sca_arch_name(call->arch), sca_arch_name(sca_arch_at(i)),
			 sca_arch_name(sca_arch_at(i)));
		return bad(err, SCA_E_UNKNOWN, text, what);
	}
	snprintf(what, sizeof(what), "no call has that name%s%s%s", near ? "; did you mean " : "",
		 near ? near : "", near ? "?" : "");
	return bad(err, SCA_E_UNKNOWN, text, what);
}

static int read_call(struct sca_str text, struct sca_str word, struct sca_names *names,
		     struct sca_call *call, struct sca_err *err)
{
	int64_t nr;

	if (word.n == 0)
		return bad(err, SCA_E_SYNTAX, text,
			   "no name or number; a call is [ARCH:]NAME-OR-NUMBER[:A0[:A1...]]");
	if (!looks_like_number(word))
		return sca_syscall_number(names, call->arch, word, &call->nr) == 0 ? 0 :
			       no_such_call(err, text, word, call, names);
	if (!read_number(word, &nr))
		return bad(err, SCA_E_RANGE, text, "not a number of 32 bits");
	if (call->arch == SCA_ARCH_X32 && nr >= SCA_X32_BIT)
		call->nr = (int32_t)(nr - SCA_X32_BIT);
	else
		sca_arch_from_record(call->arch, nr, &call->arch, &call->nr);
	return 0;
}

static int read_args(struct sca_str text, struct sca_str rest, struct sca_call *call,
		     struct sca_err *err)
{
	struct sca_str word;

	for (unsigned i = 0; str_cut(&rest, ':', &word); i++) {
		if (i == CALL_ARGS)
			return bad(err, SCA_E_SYNTAX, text, "a call has six arguments at most");
		if (word.n == 0 || str_is(word, "?"))
			continue;
		if (str_any64(word, &call->args[i]) < 0)
			return bad(err, SCA_E_SYNTAX, text,
				   "an argument is decimal, hexadecimal behind 0x, or ?");
		call->args_known |= 1u << i;
	}
	return 0;
}

int sca_call_parse(struct sca_str text, uint32_t native, struct sca_names *names,
		   struct sca_call *ret, struct sca_err *err)
{
	struct sca_call call = {.arch = native};
	struct sca_str rest = text, word = {NULL, 0};
	int r;

	str_cut(&rest, ':', &word);
	if (rest.n && sca_arch_parse(word, &call.arch) == 0)
		str_cut(&rest, ':', &word);
	r = read_call(text, word, names, &call, err);
	if (r == 0)
		r = read_args(text, rest, &call, err);
	if (r == 0)
		*ret = call;
	return r;
}
