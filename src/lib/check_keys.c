/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that are almost right, and the conditions on whole rules: includes and excludes.
 */
#include "check.h"

/* Every key that some loader reads, by the object it stands in. */
static const char *const top_keys[] = {
	"defaultAction", "defaultErrnoRet", "defaultErrno",    "architectures", "archMap",
	"flags",         "listenerPath",    "listenerMetadata", "syscalls",
};
static const char *const rule_keys[] = {
	"names", "name", "action", "errnoRet", "errno", "args", "includes", "excludes",
	"comment",
};
static const char *const arg_keys[] = {"index", "value", "valueTwo", "op"};
static const char *const gate_keys[] = {"caps", "arches", "minKernel"};

/* The key that is meant, NULL when it is a known one or near to none. */
static const char *near_key(struct sca_str key, const char *const *keys, size_t n)
{
	const char *near = NULL;
	unsigned best = 3;

	if (key.n == 0 || strchr("_$/#", key.p[0]))
		return NULL; /* a remark */
	for (size_t i = 0; i < n; i++) {
		unsigned d;

		if (str_eq_nocase(key, sca_str_z(keys[i])))
			return NULL;
		d = str_distance(key, sca_str_z(keys[i]), best - 1);
		if (d < best && d < key.n / 2) {
			best = d;
			near = keys[i];
		}
	}
	return near;
}

static void keys_of(struct checking *ck, uint32_t object, const char *const *keys, size_t n)
{
	if (object == JT_NONE || ck->doc->nodes[object].type != JT_OBJECT)
		return;
	jt_for_each (ck->doc, object, c) {
		_cleanup_buf_ struct buf key = BUF_INIT;
		const char *near;

		if (!jt_key(ck->doc, c, &key)) {
			ck->failed = true;
			return;
		}
		near = near_key(buf_str(&key), keys, n);
		if (near)
			check_add(ck, CHECK_NEAR_KEY, c,
				  check_text(ck, "no loader knows the key %.*s",
					     CUT(buf_str(&key))),
				  "What stands there is ignored.",
				  check_text(ck, "Did you mean %s?", near));
	}
}

static void keys_of_all(struct checking *ck, uint32_t array, const char *const *keys, size_t n)
{
	if (array == JT_NONE || ck->doc->nodes[array].type != JT_ARRAY)
		return;
	jt_for_each (ck->doc, array, c)
		keys_of(ck, c, keys, n);
}

static uint32_t member(const struct checking *ck, uint32_t object, const char *key)
{
	if (object == JT_NONE || ck->doc->nodes[object].type != JT_OBJECT)
		return JT_NONE;
	return jt_member(ck->doc, object, key, true);
}

void check_keys(struct checking *ck)
{
	uint32_t rules = member(ck, ck->top, "syscalls");

	keys_of(ck, ck->top, top_keys, ARRAY_SIZE(top_keys));
	keys_of_all(ck, rules, rule_keys, ARRAY_SIZE(rule_keys));
	if (rules == JT_NONE)
		return;
	jt_for_each (ck->doc, rules, rule) {
		keys_of_all(ck, member(ck, rule, "args"), arg_keys, ARRAY_SIZE(arg_keys));
		keys_of(ck, member(ck, rule, "includes"), gate_keys, ARRAY_SIZE(gate_keys));
		keys_of(ck, member(ck, rule, "excludes"), gate_keys, ARRAY_SIZE(gate_keys));
	}
}

/* -- gates -- */

static const char *near_capability(struct checking *ck, struct sca_str word)
{
	_cleanup_buf_ struct buf upper = BUF_INIT;
	unsigned cap;

	if (word.n > 32)
		return NULL;
	if (word.n < 4 || !str_eq_nocase((struct sca_str){word.p, 4}, SCA_STR("CAP_")))
		buf_add_z(&upper, "CAP_");
	for (size_t i = 0; i < word.n; i++)
		buf_add_c(&upper, (char)toupper((unsigned char)word.p[i]));
	if (upper.failed)
		ck->failed = true;
	else if (sca_cap_parse(buf_str(&upper), &cap) == 0)
		return sca_cap_name(cap);
	for (cap = 0; !upper.failed && sca_cap_name(cap); cap++)
		if (str_distance(buf_str(&upper), sca_str_z(sca_cap_name(cap)), 2) <= 2)
			return sca_cap_name(cap);
	return NULL;
}

static void gate_cap(struct checking *ck, uint32_t node, struct sca_str word, bool exclude)
{
	const char *near;
	unsigned cap;

	if (sca_cap_parse(word, &cap) == 0)
		return;
	near = near_capability(ck, word);
	check_add(ck, CHECK_UNKNOWN_CAPABILITY, node,
		  check_text(ck, "there is no capability %.*s", CUT(word)),
		  exclude ? "Names are compared letter by letter, so this never keeps the rule "
			    "out." :
			    "Names are compared letter by letter, so the rule never applies.",
		  near ? check_text(ck, "Did you mean %s?", near) :
			 "Write a name as CAP_NET_ADMIN.");
}

static void gate_arch(struct checking *ck, uint32_t node, struct sca_str word, bool exclude)
{
	const char *go = NULL;
	uint32_t arch;

	for (size_t i = 0; i < sca_arch_count(); i++) {
		go = sca_arch_go_name(sca_arch_at(i));
		if (go && str_eq(word, sca_str_z(go)))
			return;
	}
	go = sca_arch_parse(word, &arch) == 0 ? sca_arch_go_name(arch) : NULL;
	check_add(ck, CHECK_UNKNOWN_GATE_ARCH, node,
		  check_text(ck, "front ends call no architecture %.*s", CUT(word)),
		  exclude ? "They compare with Go's names, so this never keeps the rule out." :
			    "They compare with Go's names, so the rule never applies.",
		  go ? check_text(ck, "Write %s.", go) : "Write amd64, x86, arm64, s390x, ...");
}

static void gate_words(struct checking *ck, uint32_t gate, const char *key, bool exclude,
		       void (*check)(struct checking *, uint32_t, struct sca_str, bool))
{
	uint32_t list = member(ck, gate, key);

	if (list == JT_NONE || ck->doc->nodes[list].type != JT_ARRAY)
		return;
	jt_for_each (ck->doc, list, c) {
		_cleanup_buf_ struct buf word = BUF_INIT;

		if (ck->doc->nodes[c].type != JT_STRING)
			continue;
		if (jt_string(ck->doc, c, &word))
			check(ck, c, buf_str(&word), exclude);
		else
			ck->failed = true;
	}
}

/* A capability or architecture that the rule both wants and shuns. */
static void gate_clash(struct checking *ck, uint32_t inc, uint32_t exc, const char *key)
{
	uint32_t a = member(ck, inc, key), b = member(ck, exc, key);

	if (a == JT_NONE || b == JT_NONE)
		return;
	jt_for_each (ck->doc, a, x) {
		_cleanup_buf_ struct buf word = BUF_INIT;
		bool both = false;

		if (!jt_string(ck->doc, x, &word)) {
			ck->failed = true;
			return;
		}
		jt_for_each (ck->doc, b, y)
			both |= word.n && jt_string_is(ck->doc, y, word.p);
		/* One architecture of several does not close the gate. */
		if (both && (strcmp(key, "caps") == 0 || ck->doc->nodes[a].n == 1))
			check_add(ck, CHECK_CLOSED_GATE, x,
				  check_text(ck, "includes and excludes both name %.*s",
					     CUT(buf_str(&word))),
				  "So the rule never applies.", "Take it out of one of the two.");
	}
}

/* Podman and CRI-O have no such field: the rule applies whatever the kernel is. */
static void kernel_ignored(struct checking *ck, uint32_t gate)
{
	uint32_t node = member(ck, gate, "minKernel");

	if (node == JT_NONE || ck->t->frontend != SCA_FRONTEND_PODMAN)
		return;
	check_add(ck, CHECK_GATES_IGNORED, node, "podman does not read minKernel",
		  "The rule applies on every kernel, as if this were not there.",
		  "Make the rule right for all kernels, or take it out.");
}

void check_gates(struct checking *ck)
{
	uint32_t rules = member(ck, ck->top, "syscalls");

	if (rules == JT_NONE || ck->t->frontend == SCA_FRONTEND_CRI ||
	    ck->t->frontend == SCA_FRONTEND_OCI)
		return;
	jt_for_each (ck->doc, rules, rule) {
		uint32_t inc = member(ck, rule, "includes"), exc = member(ck, rule, "excludes");

		gate_words(ck, inc, "caps", false, gate_cap);
		gate_words(ck, exc, "caps", true, gate_cap);
		gate_words(ck, inc, "arches", false, gate_arch);
		gate_words(ck, exc, "arches", true, gate_arch);
		gate_clash(ck, inc, exc, "caps");
		gate_clash(ck, inc, exc, "arches");
		kernel_ignored(ck, inc);
		kernel_ignored(ck, exc);
	}
}
