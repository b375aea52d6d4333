/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a profile's text to the OCI linux.seccomp object that the target's runtime gets, and
 * the checks that the runtime makes on that object before it talks to libseccomp. Rules are
 * in eff_rule.c, types in eff_schema.c.
 */
#include "eff_int.h"

#include <linux/audit.h>

static const struct front fronts[SCA_FRONTEND_COUNT] = {
	[SCA_FRONTEND_DOCKER] = {
		.who = "docker", .top = fields_moby, .gates = true, .min_kernel = true,
		.null_rule_crashes = true, .marshals = true,
	},
	[SCA_FRONTEND_DOCKER20] = {
		.who = "docker 20.10", .top = fields_moby20, .gates = true, .min_kernel = true,
		.late_names = true, .null_rule_crashes = true, .null_arg_crashes = true,
		.marshals = true,
	},
	[SCA_FRONTEND_PODMAN] = {
		.who = "podman", .top = fields_common, .gates = true, .errno_names = true,
		.late_names = true, .null_rule_crashes = true, .null_arg_crashes = true,
		.marshals = true,
	},
	[SCA_FRONTEND_CRI] = {.who = "containerd", .top = fields_oci, .marshals = true},
	[SCA_FRONTEND_OCI] = {.who = "config.json", .top = fields_oci},
};

static uint32_t member(const struct low *lo, uint32_t object, const char *key)
{
	return low_member(lo, object, lo->front->top, key);
}

static size_t count(const struct low *lo, uint32_t node)
{
	return node == JT_NONE ? 0 : lo->doc->nodes[node].n;
}

/* A whole config.json is as good as its linux.seccomp. False when it has none. */
static bool find_top(const struct low *lo, uint32_t *ret)
{
	static const char *const way[] = {"linux", "seccomp"};
	const struct jt_node *nodes = lo->doc->nodes;
	bool fold = !low_yajl(lo);
	uint32_t top = 0;

	if (!lo->front->marshals && (jt_member(lo->doc, 0, "linux", fold) != JT_NONE ||
				     jt_member(lo->doc, 0, "ociVersion", fold) != JT_NONE))
		for (size_t i = 0; i < ARRAY_SIZE(way) && top != JT_NONE; i++)
			top = jt_member(lo->doc, top, way[i], fold);
	*ret = top;
	if (top == JT_NONE)
		return false;
	return lo->front->marshals || (nodes[top].type != JT_NULL &&
				       (nodes[top].type == JT_OBJECT || !low_yajl(lo)));
}

/* -- architectures -- */

/* runc's table lacks some of libseccomp's architectures, or has them since a version only. */
static bool runc_knows_arch(const struct low *lo, struct sca_str name)
{
	static const struct {
		const char *name;
		unsigned since[3];
	} limits[] = {
		{"SCMP_ARCH_RISCV64", {1, 1, 8}},    {"SCMP_ARCH_LOONGARCH64", {1, 4, 1}},
		{"SCMP_ARCH_PARISC", {-1u, 0, 0}},   {"SCMP_ARCH_PARISC64", {-1u, 0, 0}},
		{"SCMP_ARCH_SH", {-1u, 0, 0}},       {"SCMP_ARCH_SHEB", {-1u, 0, 0}},
		{"SCMP_ARCH_M68K", {-1u, 0, 0}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (str_eq(name, sca_str_z(limits[i].name)))
			return !target_before(lo->t, limits[i].since[0], limits[i].since[1],
					   limits[i].since[2]);
	return true;
}

/* crun takes the name with or without the prefix, in any case. */
static bool find_arch(const struct low *lo, struct sca_str name, uint32_t *ret)
{
	static const struct sca_str prefix = {"SCMP_ARCH_", 10};
	bool crun = low_crun(lo);

	if (!crun && !runc_knows_arch(lo, name))
		return false;
	if (crun && str_starts(name, prefix))
		name = str_skip(name, prefix.n);
	for (size_t i = 0; i < sca_arch_count(); i++) {
		const char *scmp = sca_arch_scmp_name(sca_arch_at(i));
		struct sca_str want;

		if (!scmp)
			continue;
		want = str_skip(sca_str_z(scmp), crun ? prefix.n : 0);
		if (crun ? str_eq_nocase(name, want) : str_eq(name, want)) {
			*ret = sca_arch_at(i);
			return true;
		}
	}
	return false;
}

static int add_arch(struct low *lo, uint32_t node)
{
	struct eff *e = lo->e;
	struct sca_str name;
	uint32_t arch;
	int r = low_string(lo, node, &name);

	if (r < 0)
		return r;
	if (!find_arch(lo, name, &arch)) {
		if (low_crun(lo))
			return low_refuse(lo, node,
					  "seccomp unknown architecture %.*s; write x86_64, "
					  "x86, ...",
					  CUT(name));
		return low_refuse(lo, node,
				  "string %.*s is not a valid arch for seccomp; write "
				  "SCMP_ARCH_X86_64, ...",
				  CUT(name));
	}
	if ((arch ^ lo->t->arch) & __AUDIT_ARCH_LE)
		return low_refuse(lo, node,
				  "%s: numerical argument out of domain (%s has the other byte "
				  "order than %s); remove it",
				  low_crun(lo) ? "seccomp adding architecture"
					       : "error adding architecture to seccomp filter",
				  sca_arch_name(arch), sca_arch_name(lo->t->arch));
	if (!sca_arch_compilable(arch))
		return jt_fail(lo->doc, node, lo->err, SCA_E_UNSUPPORTED,
			       "the libseccomp of this host can not compile for %s; use a "
			       "newer one",
			       sca_arch_name(arch));
	e->native_listed |= arch == lo->t->arch;
	for (size_t i = 0; i < e->n_archs; i++)
		if (e->archs[i] == arch)
			return 0;
	if (e->n_archs == ARRAY_SIZE(e->archs))
		return jt_fail(lo->doc, node, lo->err, SCA_E_LIMIT, "too many architectures");
	e->archs[e->n_archs++] = arch;
	return 0;
}

static int add_archs(struct low *lo, uint32_t array)
{
	int r = 0;

	if (array == JT_NONE)
		return 0;
	jt_for_each (lo->doc, array, c) {
		r = add_arch(lo, c);
		if (r < 0)
			return r;
	}
	return r;
}

/* containers/common knows few native names; moby spells one of its own differently in two
 * places. archMap is void on the others. */
static bool front_maps_arch(const struct low *lo)
{
	static const char *const common[] = {
		"SCMP_ARCH_X86_64",    "SCMP_ARCH_AARCH64",  "SCMP_ARCH_MIPS64",
		"SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
		"SCMP_ARCH_S390X",
	};
	const char *scmp = sca_arch_scmp_name(lo->t->arch);

	if (!scmp)
		return false;
	if (lo->front->min_kernel)
		return strcmp(scmp, "SCMP_ARCH_MIPSEL") != 0;
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (strcmp(scmp, common[i]) == 0)
			return true;
	return false;
}

static int add_arch_map(struct low *lo, uint32_t map)
{
	const struct field *of = low_field(lo->front->top, "archMap")->of;
	const char *scmp = sca_arch_scmp_name(lo->t->arch);

	if (!front_maps_arch(lo))
		return 0;
	jt_for_each (lo->doc, map, c) {
		uint32_t arch = low_member(lo, c, of, "architecture");

		if (arch == JT_NONE || !jt_string_is(lo->doc, arch, scmp))
			continue;
		lo->e->archs_listed = lo->e->native_listed = true;
		lo->e->archs_node = low_member(lo, c, of, "subArchitectures");
		return add_archs(lo, lo->e->archs_node);
	}
	return 0;
}

static int lower_archs(struct low *lo, uint32_t top)
{
	uint32_t list = member(lo, top, "architectures");
	uint32_t map = lo->front->gates ? member(lo, top, "archMap") : JT_NONE;
	struct eff *e = lo->e;

	e->archs[e->n_archs++] = lo->t->arch;
	e->archs_node = list;
	if (count(lo, list) && count(lo, map))
		return low_reject(lo, map,
				  "both 'architectures' and 'archMap' are specified in the "
				  "seccomp profile, use either 'architectures' or 'archMap'");
	if (count(lo, map))
		return add_arch_map(lo, map);
	e->archs_listed = count(lo, list) > 0;
	return add_archs(lo, list);
}

/* -- default, flags, listener -- */

static int lower_default(struct low *lo, uint32_t top)
{
	uint32_t ret = member(lo, top, "defaultErrnoRet"), name = JT_NONE;
	struct eff *e = lo->e;
	int r = low_action(lo, top, e->default_node, &e->default_action);

	if (lo->front->errno_names)
		name = member(lo, top, "defaultErrno");
	if (r == 0)
		r = low_errno(lo, e->default_action, ret, name, &e->default_err);
	if (r < 0)
		return r;
	if (e->default_action == SCA_ACT_ERRNO && e->default_err > 4095)
		return low_refuse(lo, ret != JT_NONE ? ret : name,
				  "%s: errno %u is above 4095; use a smaller one",
				  low_crun(lo) ? "error seccomp_init"
					       : "could not create filter",
				  e->default_err);
	if (e->default_action == SCA_ACT_USER_NOTIF && !low_crun(lo))
		return low_refuse(lo, e->default_node,
				  "SCMP_ACT_NOTIFY cannot be used as default action; name the "
				  "calls");
	return 0;
}

static int lower_flag(struct low *lo, uint32_t node)
{
	static const struct {
		const char *name;
		bool log, spec_allow;
		unsigned runc[3], crun[3];
	} flags[] = {
		{"SECCOMP_FILTER_FLAG_TSYNC", false, false, {1, 2, 0}, {0, 9, 0}},
		{"SECCOMP_FILTER_FLAG_LOG", true, false, {1, 2, 0}, {0, 9, 0}},
		{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", false, true, {1, 2, 0}, {0, 9, 0}},
		{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", false, false, {1, 6, 0}, {1, 6, 0}},
	};
	struct sca_str name;
	int r = low_string(lo, node, &name);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		const unsigned *since = low_crun(lo) ? flags[i].crun : flags[i].runc;

		if (!str_eq(name, sca_str_z(flags[i].name)) ||
		    target_before(lo->t, since[0], since[1], since[2]))
			continue;
		lo->e->flag_log |= flags[i].log;
		lo->e->flag_spec_allow |= flags[i].spec_allow;
		return 0;
	}
	if (low_crun(lo))
		return low_refuse(lo, node, "unknown seccomp option %.*s; remove it",
				  CUT(name));
	return low_refuse(lo, node, "seccomp flag %.*s is not known to runc; remove it",
			  CUT(name));
}

static int lower_flags(struct low *lo, uint32_t top)
{
	uint32_t list = member(lo, top, "flags");
	bool old_runc = !low_crun(lo) && target_before(lo->t, 1, 2, 0);
	struct eff *e = lo->e;

	if (lo->front->marshals && count(lo, list) == 0)
		list = JT_NONE;
	e->flags_given = list != JT_NONE;
	if (!e->flags_given) {
		e->flag_spec_allow = !old_runc;
		e->flag_log = low_crun(lo) && target_before(lo->t, 0, 20, 0);
		return 0;
	}
	if (old_runc && count(lo, list))
		return low_refuse(lo, list,
				  "seccomp flags are not yet supported by runc; remove them or "
				  "use runc 1.2 or newer");
	jt_for_each (lo->doc, list, c) {
		int r = lower_flag(lo, c);

		if (r < 0)
			return r;
	}
	return 0;
}

/* runc hands the listener's descriptor to an agent, and writes to do so. */
static int check_notify(struct low *lo)
{
	if (low_crun(lo))
		return 0;
	for (size_t i = 0; i < lo->e->n_rules; i++) {
		const struct eff_rule *rule = &lo->e->rules[i];

		if (rule->drop != EFF_KEPT || rule->action != SCA_ACT_USER_NOTIF ||
		    rule->n_names == 0)
			continue;
		for (size_t j = 0; j < rule->n_names; j++)
			if (str_is(rule->names[j].name, "write"))
				return low_refuse(
					lo, rule->names[j].node,
					"SCMP_ACT_NOTIFY cannot be used for the write syscall; "
					"take it out of this rule");
		if (!lo->e->has_listener)
			return low_refuse(lo, rule->node,
					  "SCMP_ACT_NOTIFY is used but listenerPath is not "
					  "set; set it to the agent's socket");
	}
	return 0;
}

static void lower_listener(struct low *lo, uint32_t top)
{
	uint32_t node = member(lo, top, "listenerPath");

	lo->e->has_listener = node != JT_NONE && !jt_string_is(lo->doc, node, "");
}

/* -- all of it -- */

static int lower_rules(struct low *lo)
{
	struct eff *e = lo->e;
	size_t n = count(lo, e->syscalls_node);

	if (n > SCA_PROFILE_MAX_RULES)
		return jt_fail(lo->doc, e->syscalls_node, lo->err, SCA_E_LIMIT,
			       "more than %u rules; merge them by action",
			       SCA_PROFILE_MAX_RULES);
	if (n == 0)
		return 0;
	e->rules = arena_alloc(&e->arena, n * sizeof(*e->rules));
	if (!e->rules)
		return low_no_memory(lo);
	jt_for_each (lo->doc, e->syscalls_node, c) {
		struct eff_rule *rule = &e->rules[e->n_rules];
		int r;

		rule->index = e->n_rules;
		r = low_rule(lo, c, rule);
		if (r < 0)
			return r;
		e->n_rules++;
	}
	return 0;
}

static size_t kept_rules(const struct eff *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_rules; i++)
		n += e->rules[i].drop == EFF_KEPT || e->rules[i].drop == EFF_NAME_FORM;
	return n;
}

/* Nothing said, nothing filtered: the front ends look at the text, runc at what is left. */
static bool nothing_said(const struct low *lo, size_t rules)
{
	uint32_t action = lo->e->default_node;

	return rules == 0 && (action == JT_NONE || jt_string_is(lo->doc, action, ""));
}

static int lower(struct low *lo)
{
	struct eff *e = lo->e;
	uint32_t top;
	int r;

	if (!find_top(lo, &top)) {
		e->disabled = true;
		return 0;
	}
	r = low_check(lo, top);
	if (r < 0)
		return r;
	e->default_node = member(lo, top, "defaultAction");
	e->syscalls_node = member(lo, top, "syscalls");
	if (lo->front->gates && nothing_said(lo, count(lo, e->syscalls_node))) {
		e->disabled = true;
		return 0;
	}
	r = lower_archs(lo, top);
	if (r == 0)
		r = lower_rules(lo);
	if (r == 0 && !low_crun(lo) && nothing_said(lo, kept_rules(e))) {
		e->disabled = true;
		return 0;
	}
	if (r == 0)
		r = lower_default(lo, top);
	if (r == 0)
		r = lower_flags(lo, top);
	if (r == 0)
		lower_listener(lo, top);
	return r == 0 ? check_notify(lo) : r;
}

int eff_new(struct eff **ret, const struct sca_profile *p, const struct sca_target *t,
	    struct sca_err *err)
{
	struct low lo = {.t = t, .doc = &p->doc, .front = &fronts[t->frontend], .err = err};
	int r;

	lo.e = calloc(1, sizeof(*lo.e));
	if (!lo.e)
		return low_no_memory(&lo);
	lo.e->default_node = lo.e->archs_node = lo.e->syscalls_node = JT_NONE;
	target_runtime(t, lo.runtime);
	lo.reader = lo.front->marshals ? lo.front->who : lo.runtime;
	r = lower(&lo);
	buf_release(&lo.text);
	if (r < 0) {
		sca_err_at(err, p->name, 0, 0);
		eff_free(lo.e);
		return r;
	}
	*ret = lo.e;
	return 0;
}

struct eff *eff_free(struct eff *e)
{
	if (e) {
		arena_release(&e->arena);
		free(e);
	}
	return NULL;
}
