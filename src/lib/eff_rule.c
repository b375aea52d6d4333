/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule: names, gates, action, conditions. A rule that a gate drops is decoded all the
 * same, so that it can be talked about, but nothing in it can refuse the profile any more.
 */
#include "eff_int.h"

#include <seccomp.h>

/* Actions as runc names them; crun knows them all. */
static const struct {
	const char *name;
	enum sca_action action;
	unsigned runc[3]; /* since */
} actions[] = {
	{"SCMP_ACT_ALLOW", SCA_ACT_ALLOW, {0}},
	{"SCMP_ACT_ERRNO", SCA_ACT_ERRNO, {0}},
	{"SCMP_ACT_KILL", SCA_ACT_KILL_THREAD, {0}},
	{"SCMP_ACT_KILL_PROCESS", SCA_ACT_KILL_PROCESS, {1, 1, 3}},
	{"SCMP_ACT_KILL_THREAD", SCA_ACT_KILL_THREAD, {1, 1, 3}},
	{"SCMP_ACT_LOG", SCA_ACT_LOG, {0}},
	{"SCMP_ACT_NOTIFY", SCA_ACT_USER_NOTIF, {1, 1, 0}},
	{"SCMP_ACT_TRACE", SCA_ACT_TRACE, {0}},
	{"SCMP_ACT_TRAP", SCA_ACT_TRAP, {0}},
};

static const struct {
	const char *name;
	int op;
} ops[] = {
	{"SCMP_CMP_EQ", SCMP_CMP_EQ}, {"SCMP_CMP_GE", SCMP_CMP_GE},
	{"SCMP_CMP_GT", SCMP_CMP_GT}, {"SCMP_CMP_LE", SCMP_CMP_LE},
	{"SCMP_CMP_LT", SCMP_CMP_LT}, {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
	{"SCMP_CMP_NE", SCMP_CMP_NE},
};

/* The names that containers/common takes for errno and defaultErrno. */
static const char common_errnos[] =
	" E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG "
	"EBUSY ECANCELED ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM "
	"EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINVAL EIO "
	"EISCONN EISDIR ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE ENAMETOOLONG ENETDOWN "
	"ENETRESET ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC ENOLCK ENOMEDIUM ENOMEM "
	"ENOMSG ENOPROTOOPT ENOSPC ENOSYS ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE "
	"ENOTSOCK ENOTSUP ENOTTY ENXIO EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT "
	"EPIPE EPROTONOSUPPORT EPROTOTYPE ERANGE EREMOTE EROFS ESHUTDOWN ESOCKTNOSUPPORT "
	"ESPIPE ESRCH ESTALE ETIMEDOUT ETOOMANYREFS ETXTBSY EUSERS EXDEV ";

static const struct field *rule_fields(const struct low *lo)
{
	return low_field(lo->front->top, "syscalls")->of;
}

static enum sca_action find_action(const struct low *lo, struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq(name, sca_str_z(actions[i].name)) &&
		    (low_crun(lo) || !target_before(lo->t, actions[i].runc[0],
						    actions[i].runc[1], actions[i].runc[2])))
			return actions[i].action;
	return SCA_ACT_UNKNOWN;
}

int low_action(struct low *lo, uint32_t object, uint32_t node, enum sca_action *ret)
{
	uint32_t at = node == JT_NONE ? object : node;
	struct sca_str name = {"", 0};
	enum sca_action action;
	int r = node == JT_NONE ? 0 : low_string(lo, node, &name);

	if (r < 0)
		return r;
	action = find_action(lo, name);
	if (action == SCA_ACT_UNKNOWN && low_crun(lo))
		return low_refuse(lo, at,
				  "invalid seccomp action '%.*s'; write SCMP_ACT_ALLOW, "
				  "SCMP_ACT_ERRNO, ...",
				  CUT(name));
	if (action == SCA_ACT_UNKNOWN)
		return low_refuse(lo, at,
				  "string '%.*s' is not a valid action for seccomp; write "
				  "SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, ...",
				  CUT(name));
	*ret = action;
	return 0;
}

static bool takes_errno(enum sca_action action)
{
	return action == SCA_ACT_ERRNO || action == SCA_ACT_TRACE;
}

static int errno_by_name(struct low *lo, uint32_t node, uint64_t *ret, bool *ret_given)
{
	struct sca_str s;
	uint32_t v;
	int r = low_string(lo, node, &s), e = 0;
	char token[32];

	if (r < 0 || s.n == 0)
		return r;
	*ret_given = true;
	if (str_u32(s, &v) == 0) {
		*ret = v;
		return 0;
	}
	snprintf(token, sizeof(token), " %.*s ", (int)MIN(s.n, (size_t)24), s.p);
	if (s.n > 24 || memchr(s.p, ' ', s.n) || !strstr(common_errnos, token) ||
	    sca_errno_parse(s, &e) < 0)
		return low_reject(lo, node, "unknown errno %.*s; write its number", CUT(s));
	*ret = (uint64_t)e;
	return 0;
}

int low_errno(struct low *lo, enum sca_action action, uint32_t ret_node, uint32_t name_node,
	      uint16_t *ret)
{
	bool given = ret_node != JT_NONE;
	uint64_t v = given ? low_number(lo, ret_node) : 1;
	int r = name_node == JT_NONE ? 0 : errno_by_name(lo, name_node, &v, &given);
	uint32_t node = given && ret_node != JT_NONE ? ret_node : name_node;

	if (r < 0)
		return r;
	if (given && low_crun(lo) && !takes_errno(action))
		return low_refuse(lo, node, "errno value specified for action %s; remove it",
				  sca_action_scmp_name(action));
	if (given && low_crun(lo) && v > UINT32_MAX)
		return low_refuse(lo, node,
				  "invalid value '%llu' with type 'uint32'; write an errno",
				  (unsigned long long)v);
	/* Both runtimes cut the number to the 16 bits that a verdict has room for. */
	*ret = takes_errno(action) ? (uint16_t)v : 0;
	return 0;
}

/* -- names -- */

static int lower_names(struct low *lo, struct eff_rule *r, uint32_t name, uint32_t names)
{
	const struct jt_node *list = names == JT_NONE ? NULL : &lo->doc->nodes[names];
	size_t n = name != JT_NONE ? 1 : list ? list->n : 0;
	uint32_t c = name;

	if (n == 0)
		return 0;
	if (name == JT_NONE)
		c = list->first;
	lo->n_names += n;
	if (lo->n_names > EFF_MAX_NAMES)
		return jt_fail(lo->doc, r->node, lo->err, SCA_E_LIMIT,
			       "more than %u names in all rules", EFF_MAX_NAMES);
	r->names = arena_alloc(&lo->e->arena, n * sizeof(*r->names));
	if (!r->names)
		return low_no_memory(lo);
	for (; r->n_names < n; c = lo->doc->nodes[c].next) {
		int e = low_string(lo, c, &r->names[r->n_names].name);

		if (e < 0)
			return e;
		r->names[r->n_names++].node = c;
	}
	return 0;
}

static int clash(struct low *lo, uint32_t name)
{
	return low_reject(lo, name,
			  "both 'name' and 'names' are specified in the seccomp profile, use "
			  "either 'name' or 'names'");
}

/* -- gates -- */

struct gate {
	uint32_t caps, arches, kernel;
};

static struct gate read_gate(const struct low *lo, uint32_t rule, const char *key)
{
	const struct field *f = low_field(rule_fields(lo), key);
	uint32_t node = low_member(lo, rule, rule_fields(lo), key);

	if (!f || node == JT_NONE)
		return (struct gate){JT_NONE, JT_NONE, JT_NONE};
	return (struct gate){
		low_member(lo, node, f->of, "caps"),
		low_member(lo, node, f->of, "arches"),
		lo->front->min_kernel ? low_member(lo, node, f->of, "minKernel") : JT_NONE,
	};
}

static bool not_empty(const struct low *lo, uint32_t list)
{
	return list != JT_NONE && lo->doc->nodes[list].n > 0;
}

static bool lists_arch(const struct low *lo, uint32_t list)
{
	const char *go = sca_arch_go_name(lo->t->arch);

	if (go)
		jt_for_each (lo->doc, list, c)
			if (jt_string_is(lo->doc, c, go))
				return true;
	return false;
}

/* The first capability of a list whose presence in the bounding set is `have`. */
static int first_cap(struct low *lo, uint32_t list, bool have, struct sca_str *ret,
		     bool *ret_found)
{
	*ret_found = false;
	if (list == JT_NONE)
		return 0;
	jt_for_each (lo->doc, list, c) {
		unsigned cap;
		int r = low_string(lo, c, ret);

		if (r < 0)
			return r;
		*ret_found = (sca_cap_parse(*ret, &cap) == 0 && lo->t->caps >> cap & 1) == have;
		if (*ret_found)
			return 0;
	}
	return 0;
}

static int kernel_is_new(struct low *lo, uint32_t node, bool *ret)
{
	const unsigned *k = lo->t->kernel;
	unsigned v[2];
	int r = low_kernel(lo, node, v);

	*ret = r == 0 && (k[0] > v[0] || (k[0] == v[0] && k[1] >= v[1]));
	return r;
}

/* Drops the rule when this side of its gates says so. excludes and includes ask the same
 * questions and want opposite answers. */
static int pass_gate(struct low *lo, struct eff_rule *r, const struct gate *g, bool exclude)
{
	bool yes = false;
	int e;

	if (not_empty(lo, g->arches) && lists_arch(lo, g->arches) == exclude) {
		r->drop = exclude ? EFF_EXC_ARCHES : EFF_INC_ARCHES;
		return 0;
	}
	e = first_cap(lo, g->caps, exclude, &r->what, &yes);
	if (e < 0 || yes) {
		r->drop = exclude ? EFF_EXC_CAPS : EFF_INC_CAPS;
		return e;
	}
	r->what = (struct sca_str){NULL, 0};
	if (g->kernel == JT_NONE)
		return 0;
	e = kernel_is_new(lo, g->kernel, &yes);
	if (e < 0 || yes != exclude)
		return e;
	r->drop = exclude ? EFF_EXC_KERNEL : EFF_INC_KERNEL;
	return low_string(lo, g->kernel, &r->what);
}

static int lower_gates(struct low *lo, struct eff_rule *r)
{
	struct gate inc = read_gate(lo, r->node, "includes");
	struct gate exc = read_gate(lo, r->node, "excludes");
	int e;

	r->gated = not_empty(lo, inc.arches) || not_empty(lo, inc.caps) ||
		   inc.kernel != JT_NONE || not_empty(lo, exc.arches) ||
		   not_empty(lo, exc.caps) || exc.kernel != JT_NONE;
	e = pass_gate(lo, r, &exc, true);
	if (e == 0 && r->drop == EFF_KEPT)
		e = pass_gate(lo, r, &inc, false);
	return e;
}

/* -- action and conditions -- */

static int find_op(struct low *lo, uint32_t node, int *ret, struct sca_str *ret_name)
{
	int r;

	*ret = 0;
	*ret_name = (struct sca_str){"", 0};
	if (node == JT_NONE)
		return 0;
	r = low_string(lo, node, ret_name);
	for (size_t i = 0; i < ARRAY_SIZE(ops) && r == 0; i++)
		if (str_eq(*ret_name, sca_str_z(ops[i].name)))
			*ret = ops[i].op;
	return r;
}

/* runc looks at every operator; crun at those only that it hands on, see filter.c. */
static int lower_arg(struct low *lo, struct eff_rule *r, uint32_t node, bool strict)
{
	const struct field *of = low_field(rule_fields(lo), "args")->of;
	struct eff_arg *a = &r->args[r->n_args++];
	uint64_t index = low_number(lo, low_member(lo, node, of, "index"));
	struct sca_str op;
	int e;

	if (strict && lo->front->null_arg_crashes && lo->doc->nodes[node].type == JT_NULL)
		return low_reject(lo, node, "crashes on a null in args; remove it");
	if (strict && low_crun(lo) && index > UINT32_MAX)
		return low_refuse(lo, node, "invalid value '%llu' with type 'uint32' for key "
				  "'index'; write 0 to 5", (unsigned long long)index);
	a->node = node;
	a->index = (unsigned)MIN(index, (uint64_t)UINT32_MAX);
	a->value = low_number(lo, low_member(lo, node, of, "value"));
	a->value_two = low_number(lo, low_member(lo, node, of, "valueTwo"));
	e = find_op(lo, low_member(lo, node, of, "op"), &a->op, &op);
	if (e < 0)
		return e;
	if (strict && a->op == 0 && !low_crun(lo) && r->n_names > 0)
		return low_refuse(lo, node,
				  "string '%.*s' is not a valid operator for seccomp; write "
				  "SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ, ...",
				  CUT(op));
	return 0;
}

static int lower_args(struct low *lo, struct eff_rule *r, bool strict)
{
	uint32_t list = low_member(lo, r->node, rule_fields(lo), "args");
	size_t n = list == JT_NONE ? 0 : lo->doc->nodes[list].n;

	if (n == 0)
		return 0;
	lo->n_args += n;
	if (lo->n_args > EFF_MAX_ARGS)
		return jt_fail(lo->doc, list, lo->err, SCA_E_LIMIT,
			       "more than %u conditions in all rules", EFF_MAX_ARGS);
	r->args = arena_alloc(&lo->e->arena, n * sizeof(*r->args));
	if (!r->args)
		return low_no_memory(lo);
	jt_for_each (lo->doc, list, c) {
		int e = lower_arg(lo, r, c, strict);

		if (e < 0)
			return e;
	}
	return 0;
}

/* For a rule that nobody compiles: what can be read of it. */
static int lower_loosely(struct low *lo, struct eff_rule *r)
{
	uint32_t node = low_member(lo, r->node, rule_fields(lo), "action");
	struct sca_str name = {"", 0};
	int e = node == JT_NONE ? 0 : low_string(lo, node, &name);

	if (e < 0)
		return e;
	r->action = find_action(lo, name);
	node = low_member(lo, r->node, rule_fields(lo), "errnoRet");
	if (takes_errno(r->action))
		r->err = node == JT_NONE ? 1 : (uint16_t)low_number(lo, node);
	return lower_args(lo, r, false);
}

static int lower_strictly(struct low *lo, struct eff_rule *r)
{
	const struct field *of = rule_fields(lo);
	uint32_t name = lo->front->errno_names ? low_member(lo, r->node, of, "errno") : JT_NONE;
	int e = low_action(lo, r->node, low_member(lo, r->node, of, "action"), &r->action);

	if (e == 0)
		e = low_errno(lo, r->action, low_member(lo, r->node, of, "errnoRet"), name,
			      &r->err);
	return e == 0 ? lower_args(lo, r, true) : e;
}

/* A non-empty string at "name"; JT_NONE otherwise. */
static uint32_t name_member(const struct low *lo, uint32_t rule)
{
	uint32_t node = lo->front->gates ? low_member(lo, rule, rule_fields(lo), "name")
					 : jt_member(lo->doc, rule, "name", true);

	if (node == JT_NONE || lo->doc->nodes[node].type != JT_STRING ||
	    jt_string_is(lo->doc, node, ""))
		return JT_NONE;
	return node;
}

int low_rule(struct low *lo, uint32_t node, struct eff_rule *r)
{
	uint32_t names = low_member(lo, node, rule_fields(lo), "names");
	uint32_t name = name_member(lo, node);
	bool named = not_empty(lo, names), both = name != JT_NONE && named;
	int e;

	r->node = node;
	if (lo->front->null_rule_crashes && lo->doc->nodes[node].type == JT_NULL)
		return low_reject(lo, node, "crashes on a null rule; remove it");
	if (lo->front->gates && both && !lo->front->late_names)
		return clash(lo, name);
	r->name_form = name != JT_NONE && !named;
	e = lower_names(lo, r, r->name_form ? name : JT_NONE, names);
	if (e == 0 && lo->front->gates)
		e = lower_gates(lo, r);
	if (e < 0)
		return e;
	if (r->drop != EFF_KEPT)
		return lower_loosely(lo, r);
	if (lo->front->gates && both)
		return clash(lo, name);
	if (lo->front->late_names && r->n_names == 0)
		return lower_loosely(lo, r);
	if (!lo->front->gates && r->name_form)
		r->drop = EFF_NAME_FORM;
	if (low_crun(lo) && names == JT_NONE && (r->drop == EFF_NAME_FORM || !r->name_form))
		return low_refuse(lo, node,
				  "required field 'names' not present; give the rule names");
	return lower_strictly(lo, r);
}
