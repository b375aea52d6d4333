/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effective profile -> libseccomp, call by call as the target's runtime makes them -> BPF.
 *
 * The host's libseccomp resolves names against the host's architecture; names that only
 * another architecture has are pseudo numbers there, and the library translates both to
 * every architecture of the filter. So a foreign target compiles like a native one.
 */
#include "filter_int.h"
#include "probe.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <sys/mman.h>

/* seccomp_rule_add() is linear in the rules before it. A kernel takes 4096 instructions. */
#define MAX_ADDS 8192
#define SLOTS    (2 * MAX_ADDS) /* a power of two */

/* Many times what a filter of 4096 instructions takes. */
#define PROBE_SECONDS 5

struct build {
	struct sca_filter *f;
	const struct jt_doc *doc;
	scmp_filter_ctx ctx;
	struct sca_err *err;
	char runtime[TARGET_RUNTIME_MAX];
	uint32_t default_action;
	size_t adds;
	/* The unconditional adds, hashed; never more than half full. */
	struct added {
		int nr;
		uint32_t action;
		bool used;
	} *added;
};

static bool is_crun(const struct build *b)
{
	return b->f->target.runtime == SCA_RUNTIME_CRUN;
}

static bool runc_before(const struct build *b, unsigned major, unsigned minor, unsigned micro)
{
	return !is_crun(b) && target_before(&b->f->target, major, minor, micro);
}

static int no_memory(const struct build *b)
{
	return sca_fail_errno(b->err, ENOMEM, "compiling the filter");
}

static uint32_t action_value(enum sca_action action, uint16_t data)
{
	return sca_action_code(action) | data;
}

/* What the runtimes print for a failed libseccomp call, and what is behind it. */
static int refuse_add(struct build *b, const struct eff_rule *rule, const struct eff_name *name,
		      int rc)
{
	static const struct {
		int rc;
		const char *runc, *crun, *why;
	} reasons[] = {
		{-EEXIST, "file exists", "File exists",
		 "another rule gives the same condition another action; remove one of the two"},
		{-EINVAL, "two checks on same syscall argument", "Invalid argument",
		 "errnoRet is above 4095; use a smaller one"},
		{-EACCES, "permission denied", "Permission denied",
		 "the rule repeats the default action; remove it or use runc 1.0.2 or newer"},
	};

	if (rc == -ENOMEM)
		return no_memory(b);
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].rc == rc)
			return jt_fail(
				b->doc, name->node, b->err, SCA_E_REFUSED,
				is_crun(b) ? "%s: seccomp_rule_add_array `%.*s`: %s (%s)"
					   : "%s: error adding seccomp rule for syscall %.*s: "
					     "%s (%s)",
				b->runtime, CUT(name->name),
				is_crun(b) ? reasons[i].crun : reasons[i].runc, reasons[i].why);
	return jt_fail(b->doc, rule->node, b->err, SCA_E_REFUSED,
		       "%s: libseccomp refuses this rule for %.*s (%s)", b->runtime,
		       CUT(name->name), sca_err_str(rc));
}

static int refuse_arg(struct build *b, const struct eff_arg *a)
{
	if (a->op == 0)
		return jt_fail(b->doc, a->node, b->err, SCA_E_REFUSED,
			       "%s: get_seccomp_operator: unknown operator; write SCMP_CMP_EQ, "
			       "SCMP_CMP_MASKED_EQ, ...", b->runtime);
	return jt_fail(b->doc, a->node, b->err, SCA_E_REFUSED,
		       is_crun(b) ? "%s: invalid seccomp index %u; use 0 to 5"
				  : "%s: syscalls only have up to 6 arguments (%u given); use "
				    "index 0 to 5",
		       b->runtime, a->index);
}

/* An exact repeat of an unconditional rule changes nothing, and is dear. */
static bool is_repeat(struct build *b, int nr, uint32_t action)
{
	size_t i = ((uint32_t)nr * 2654435761u ^ action * 40503u) % SLOTS;

	while (b->added[i].used) {
		if (b->added[i].nr == nr && b->added[i].action == action)
			return true;
		i = (i + 1) % SLOTS;
	}
	b->added[i] = (struct added){nr, action, true};
	return false;
}

static int call_add(struct build *b, const struct eff_rule *rule, const struct eff_name *name,
		    int nr, unsigned n, const struct scmp_arg_cmp *cmp)
{
	uint32_t action = action_value(rule->action, rule->err);
	int rc;

	b->f->info.rules++;
	if (n == 0 && is_repeat(b, nr, action))
		return 0;
	if (++b->adds > MAX_ADDS)
		return jt_fail(
			b->doc, rule->node, b->err, SCA_E_LIMIT,
			"more than %d different rules for libseccomp, far beyond what fits a "
			"kernel's 4096 instructions; shorten the profile",
			MAX_ADDS);
	rc = seccomp_rule_add_array(b->ctx, action, nr, n, cmp);
	return rc < 0 ? refuse_add(b, rule, name, rc) : 0;
}

/*
 * All conditions of a rule at once; but when two of them look at one argument, libseccomp
 * would refuse, and both runtimes make a rule of each condition.
 */
static int add_name(struct build *b, const struct eff_rule *rule, const struct eff_name *name,
		    int nr)
{
	size_t n = is_crun(b) ? MIN(rule->n_args, (size_t)6) : rule->n_args;
	struct scmp_arg_cmp cmp[6];
	bool split = false;
	unsigned seen = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		const struct eff_arg *a = &rule->args[i];

		if (a->index > 5 || a->op == 0)
			return refuse_arg(b, a);
		split |= seen >> a->index & 1;
		seen |= 1u << a->index;
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct eff_arg *a = &rule->args[i];
		struct scmp_arg_cmp *c = &cmp[split ? 0 : i];

		*c = (struct scmp_arg_cmp){a->index, (enum scmp_compare)a->op, a->value,
					   a->value_two};
		if (split)
			r = call_add(b, rule, name, nr, 1, c);
	}
	if (r == 0 && !split)
		r = call_add(b, rule, name, nr, (unsigned)n, cmp);
	return r;
}

static int add_pair(struct build *b, const struct eff_rule *rule, struct eff_name *name)
{
	struct sca_filter_info *info = &b->f->info;
	bool redundant = action_value(rule->action, rule->err) == b->default_action;
	bool old_runc = runc_before(b, 1, 0, 2);
	int nr;

	if (name->name.n == 0 && !is_crun(b))
		return jt_fail(b->doc, name->node, b->err, SCA_E_REFUSED,
			       "%s: empty string is not a valid syscall; remove it",
			       b->runtime);
	if (redundant && !old_runc) {
		name->fate = EFF_FATE_REDUNDANT;
		info->redundant++;
		return 0;
	}
	nr = seccomp_syscall_resolve_name(name->name.p);
	if (nr == __NR_SCMP_ERROR) {
		name->fate = EFF_FATE_UNKNOWN;
		info->unknown++;
		return 0;
	}
	if (redundant)
		return refuse_add(b, rule, name, -EACCES);
	name->fate = EFF_FATE_ADDED;
	return add_name(b, rule, name, nr);
}

static int add_rules(struct build *b)
{
	struct eff *e = b->f->eff;

	for (size_t i = 0; i < e->n_rules; i++) {
		struct eff_rule *rule = &e->rules[i];

		if (rule->drop != EFF_KEPT) {
			b->f->info.gated += rule->drop != EFF_NAME_FORM;
			continue;
		}
		for (size_t j = 0; j < rule->n_names; j++) {
			int r = add_pair(b, rule, &rule->names[j]);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static size_t count_pairs(const struct eff *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_rules; i++)
		n += e->rules[i].drop == EFF_KEPT ? e->rules[i].n_names : 0;
	return n;
}

static int open_context(struct build *b)
{
	const struct eff *e = b->f->eff;
	int rc = 0;

	/* The target's kernel counts, not this one: no probing of what is available here. */
	seccomp_api_set(6);
	b->added = calloc(SLOTS, sizeof(*b->added));
	b->default_action = action_value(e->default_action, e->default_err);
	b->ctx = seccomp_init(b->default_action);
	if (!b->ctx || !b->added)
		return no_memory(b);
	if (e->archs[0] != seccomp_arch_native()) {
		rc = seccomp_arch_remove(b->ctx, SCMP_ARCH_NATIVE);
		if (rc == 0)
			rc = seccomp_arch_add(b->ctx, e->archs[0]);
	}
	for (size_t i = 1; i < e->n_archs && rc == 0; i++)
		rc = seccomp_arch_add(b->ctx, e->archs[i]);
	/* Same verdicts, sooner. Where libseccomp is too old for it, runc does without, too. */
	if (!is_crun(b) && !runc_before(b, 1, 2, 0) && count_pairs(e) > 32)
		seccomp_attr_set(b->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc < 0)
		return sca_fail(b->err, SCA_E_UNSUPPORTED,
				"libseccomp refuses the architectures (%s)", sca_err_str(rc));
	return 0;
}

/* libseccomp writes in the byte order of the filter's architectures. */
static void to_host_order(struct sock_filter *v, size_t n, uint32_t arch)
{
	if (!((arch ^ seccomp_arch_native()) & __AUDIT_ARCH_LE))
		return;
	for (size_t i = 0; i < n; i++) {
		v[i].code = __builtin_bswap16(v[i].code);
		v[i].k = __builtin_bswap32(v[i].k);
	}
}

static int read_all(struct build *b, int fd, void *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = pread(fd, (char *)p + at, n - at, (off_t)at);

		if (got < 0)
			return sca_fail_errno(b->err, errno, "reading the exported filter");
		if (got == 0)
			return sca_fail(b->err, -EIO, "the exported filter is cut short");
		at += (size_t)got;
	}
	return 0;
}

static int too_long(struct build *b, size_t stub, size_t rules)
{
	return sca_fail(
		b->err, SCA_E_REFUSED,
		is_crun(b) ? "%s: seccomp (SECCOMP_SET_MODE_FILTER): Invalid argument "
			     "(%zu instructions, the kernel takes %d); shorten the profile"
			   : "%s: error loading seccomp filter: invalid argument "
			     "(%zu instructions, the kernel takes %d); shorten the profile",
		b->runtime, stub + rules, BPF_MAXINSNS);
}

static int take_program(struct build *b)
{
	struct sca_filter *f = b->f;
	struct sock_filter stub[512];
	_cleanup_close_ int fd = memfd_create("scaudit-filter", MFD_CLOEXEC);
	off_t size;
	int r;

	if (fd < 0)
		return sca_fail_errno(b->err, errno, "memfd_create for the filter");
	r = seccomp_export_bpf(b->ctx, fd);
	if (r < 0)
		return r == -ENOMEM ? no_memory(b)
				    : sca_fail(b->err, SCA_E_UNSUPPORTED,
					       "libseccomp can not export the filter (%s)",
					       sca_err_str(r));
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || (size_t)size % sizeof(*f->prog))
		return sca_fail(b->err, -EIO, "the exported filter has an odd size");
	f->info.instructions = (size_t)size / sizeof(*f->prog);
	f->stub_n = filter_stub_emit(f, stub, ARRAY_SIZE(stub));
	f->n = f->stub_n + f->info.instructions;
	if (f->n > BPF_MAXINSNS)
		return too_long(b, f->stub_n, f->info.instructions);
	f->prog = calloc(f->n, sizeof(*f->prog));
	if (!f->prog)
		return no_memory(b);
	memcpy(f->prog, stub + ARRAY_SIZE(stub) - f->stub_n, f->stub_n * sizeof(*stub));
	r = read_all(b, fd, f->prog + f->stub_n, (size_t)size);
	if (r < 0)
		return r;
	to_host_order(f->prog + f->stub_n, f->info.instructions, f->eff->archs[0]);
	return bpf_check(f->prog, f->n, b->err);
}

/* -- which numbers the rules name -- */

static int add_ref(struct build *b, uint32_t arch, int32_t nr, size_t rule)
{
	struct sca_filter *f = b->f;

	if (!vec_grow(&f->refs, &f->cap_refs, f->n_refs))
		return no_memory(b);
	f->refs[f->n_refs++] = (struct filter_ref){arch, nr, (uint32_t)rule};
	return 0;
}

/* On x86 and its like a rule for "socket" is one for socketcall, too; see libseccomp. */
static const char *multiplexer(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	return nr <= -101 && nr >= -120   ? "socketcall"
	       : nr <= -201 && nr >= -224 ? "ipc"
					  : NULL;
}

static int add_refs(struct build *b, struct sca_names *names, size_t rule, struct sca_str name)
{
	const struct eff *e = b->f->eff;
	int r = 0;

	for (size_t i = 0; i < e->n_archs && r == 0; i++) {
		const char *outer = multiplexer(e->archs[i], name.p);
		int32_t nr;

		if (sca_syscall_number(names, e->archs[i], sca_str_z(name.p), &nr) == 0)
			r = add_ref(b, e->archs[i], nr, rule);
		if (r == 0 && outer &&
		    sca_syscall_number(names, e->archs[i], sca_str_z(outer), &nr) == 0)
			r = add_ref(b, e->archs[i], nr, rule);
	}
	return r;
}

static int compare_refs(const void *pa, const void *pb)
{
	const struct filter_ref *a = pa, *b = pb;

	if (a->arch != b->arch)
		return a->arch < b->arch ? -1 : 1;
	if (a->nr != b->nr)
		return a->nr < b->nr ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static int collect_refs(struct build *b, struct sca_names *names)
{
	const struct eff *e = b->f->eff;

	for (size_t i = 0; i < e->n_rules; i++) {
		for (size_t j = 0; j < e->rules[i].n_names; j++) {
			const struct eff_name *name = &e->rules[i].names[j];
			int r = name->fate == EFF_FATE_ADDED ? add_refs(b, names, i, name->name)
							     : 0;

			if (r < 0)
				return r;
		}
	}
	if (b->f->n_refs)
		qsort(b->f->refs, b->f->n_refs, sizeof(*b->f->refs), compare_refs);
	return 0;
}

/* -- all of it -- */

/*
 * Some sets of rules for one call send libseccomp into an endless loop (2.5.4; three rules are
 * enough), and a runtime with it. All that random profiles found have a rule with several
 * conditions, one of them other than equality, beside another conditional rule.
 */
static bool may_loop(const struct eff *e)
{
	size_t conditional = 0;
	bool mixed = false;

	for (size_t i = 0; i < e->n_rules; i++) {
		const struct eff_rule *rule = &e->rules[i];

		if (rule->drop != EFF_KEPT || rule->n_args == 0)
			continue;
		conditional += rule->n_names;
		for (size_t j = 0; j < rule->n_args && rule->n_args > 1; j++)
			mixed |= rule->args[j].op != SCMP_CMP_EQ &&
				 rule->args[j].op != SCMP_CMP_MASKED_EQ;
	}
	return mixed && conditional > 1;
}

static void try_rules(void *arg)
{
	struct build *b = arg;
	int fd;

	b->err = NULL;
	if (open_context(b) < 0 || add_rules(b) < 0)
		return;
	fd = memfd_create("scaudit-probe", MFD_CLOEXEC);
	if (fd >= 0)
		seccomp_export_bpf(b->ctx, fd);
}

static int check_ends(struct build *b)
{
	int r = may_loop(b->f->eff) ? probe_run(try_rules, b, PROBE_SECONDS) : 0;

	if (r == SCA_E_LIMIT)
		return jt_fail(b->doc, b->f->eff->syscalls_node, b->err, SCA_E_REFUSED,
			       "%s: libseccomp does not come to an end with these rules, so a "
			       "container would never start; where a rule has several "
			       "conditions, use SCMP_CMP_EQ and SCMP_CMP_MASKED_EQ only",
			       b->runtime);
	return r < 0 ? sca_fail_errno(b->err, -r, "starting a process to try the rules in") : 0;
}

static int build(struct build *b, struct sca_names *names)
{
	int r = check_ends(b);

	if (r == 0)
		r = open_context(b);
	if (r == 0)
		r = add_rules(b);
	if (r < 0)
		return r;
	filter_stub_find(b->f);
	r = take_program(b);
	if (r == 0)
		r = collect_refs(b, names);
	if (r == 0 && filter_look_ahead(b->f) < 0)
		r = no_memory(b);
	return r;
}

int sca_filter_compile(struct sca_filter **ret, const struct sca_profile *p,
		       const struct sca_target *t, struct sca_names *names, struct sca_err *err)
{
	struct build b = {.doc = &p->doc, .err = err};
	struct sca_filter *f = calloc(1, sizeof(*f));
	int r;

	b.f = f;
	if (!f)
		return no_memory(&b);
	f->target = *t;
	target_runtime(t, b.runtime);
	r = eff_new(&f->eff, p, t, err);
	if (r == 0) {
		f->info.disabled = f->eff->disabled;
		f->info.log_flag = f->eff->flag_log;
		f->info.n_archs = f->eff->n_archs;
		memcpy(f->info.archs, f->eff->archs, sizeof(f->info.archs));
		if (!f->eff->disabled)
			r = build(&b, names);
	}
	if (b.ctx)
		seccomp_release(b.ctx);
	free(b.added);
	if (r < 0) {
		sca_err_at(err, p->name, 0, 0);
		sca_filter_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

struct sca_filter *sca_filter_free(struct sca_filter *f)
{
	if (f) {
		eff_free(f->eff);
		free(f->prog);
		free(f->refs);
		free(f->ahead);
		free(f);
	}
	return NULL;
}
