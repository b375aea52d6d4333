/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of reading policies: the calls that one names, and the JSON that they become. */
#ifndef SCA_POLICY_INT_H
#define SCA_POLICY_INT_H

#include "text.h"

#include <scaudit/policy.h>

/* What a line says of a call. */
struct policy_call {
	struct sca_str name;
	uint32_t at; /* of the name in the text */
	enum sca_action action;
	uint16_t err;
	struct sca_str args; /* JSON of the rule's conditions; empty: all arguments */
};

struct policy {
	struct sca_str text;
	struct sca_err *err;
	struct arena arena;
	enum sca_action action; /* of all other calls */
	uint16_t code;
	struct policy_call *calls;
	size_t n, cap;
	struct buf archs, notes; /* archs: members of the JSON that tell them */
	struct buf json;
	uint32_t *from; /* pairs: offset in json, and in text of what stands there */
	size_t n_from, cap_from;
};

/* Fills *pl but json. */
int policy_read_minijail(struct policy *pl);
int policy_read_systemd(struct policy *pl);
/* All of sca_policy_read(), with pl->json and pl->from; release *pl whatever it returns. */
int policy_make(struct policy *pl, struct sca_str text, enum sca_policy kind,
		struct sca_err *err);
void policy_release(struct policy *pl);

/* SCA_E_LIMIT or -ENOMEM. `at` is in the text. */
int policy_add(struct policy *pl, const struct policy_call *call);
/* Fails at a place of the text. */
int policy_fail(struct policy *pl, const char *at, int code, const char *fmt, ...)
	_printf_(4, 5);
unsigned policy_line(const struct policy *pl, const char *at);
/* Lower case letters, digits and '_', no digit first: nothing that JSON has to escape. */
bool policy_is_name(struct sca_str s);
static inline int policy_no_memory(struct policy *pl)
{
	return sca_fail(pl->err, -ENOMEM, "no memory for a policy");
}

/* Calls of one of systemd's groups, blanks between them; empty when there is none. */
struct sca_str policy_group(struct sca_str name);

struct policy_arch {
	const char *systemd, *scmp;
};
extern const struct policy_arch policy_archs[];
extern const size_t n_policy_archs;

#endif
