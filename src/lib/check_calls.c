/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that do what another, denied one does.
 */
#include "check.h"

#include "plan.h"

/* Of `denied`, any is done by any of `others` as well. */
static const struct equivalents {
	const char *denied, *others;
} equivalents[] = {
	{"open openat openat2 creat", "open openat openat2"},
	{"execve", "execveat"},
	{"fork vfork clone", "fork vfork clone clone3"},
	{"kill tkill tgkill", "kill tkill tgkill pidfd_send_signal rt_sigqueueinfo "
			      "rt_tgsigqueueinfo"},
	{"chmod fchmod fchmodat", "chmod fchmod fchmodat fchmodat2"},
	{"chown lchown fchown fchownat", "chown lchown fchown fchownat chown32 fchown32"},
	{"rename renameat renameat2", "rename renameat renameat2"},
	{"unlink unlinkat rmdir", "unlink unlinkat"},
	{"mkdir mkdirat", "mkdir mkdirat"},
	{"link linkat", "link linkat"},
	{"symlink symlinkat", "symlink symlinkat"},
	{"mknod mknodat", "mknod mknodat"},
	{"readlink readlinkat", "readlink readlinkat"},
	{"access faccessat", "access faccessat faccessat2"},
	{"stat lstat fstat newfstatat", "stat lstat fstat newfstatat statx"},
	{"setxattr lsetxattr fsetxattr", "setxattr lsetxattr fsetxattr setxattrat"},
	{"removexattr lremovexattr fremovexattr",
	 "removexattr lremovexattr fremovexattr removexattrat"},
	{"utime utimes futimesat utimensat", "utime utimes futimesat utimensat"},
	{"setuid setreuid setresuid", "setuid setreuid setresuid"},
	{"setgid setregid setresgid", "setgid setregid setresgid"},
	{"accept accept4", "accept accept4"},
	{"write pwrite64 writev pwritev", "write pwrite64 writev pwritev pwritev2"},
	{"read pread64 readv preadv", "read pread64 readv preadv preadv2"},
	{"mount", "move_mount"},
	{"umount umount2", "umount umount2"},
	{"init_module finit_module", "init_module finit_module"},
	{"kexec_load kexec_file_load", "kexec_load kexec_file_load"},
	{"settimeofday clock_settime stime", "settimeofday clock_settime stime"},
	{"ptrace", "process_vm_readv process_vm_writev"},
};

/* What an io_uring does without the call of that name. */
static const char ring_calls[] =
	"read write readv writev openat openat2 close connect accept accept4 socket bind listen "
	"sendto recvfrom sendmsg recvmsg shutdown unlinkat renameat mkdirat linkat symlinkat "
	"statx fsync fallocate ftruncate splice tee epoll_ctl setxattr getxattr madvise waitid";

static uint32_t name_node(const struct eff_rule *r, struct sca_str name)
{
	for (size_t i = 0; i < r->n_names; i++)
		if (str_eq(r->names[i].name, name))
			return r->names[i].node;
	return r->node;
}

/* Denied on purpose: by a rule, for all arguments, and not to make callers fall back. */
static bool denied_by_rule(const struct checking *ck, struct sca_str name)
{
	struct sca_reach reach;

	if (check_open(ck, ck->t->arch, name, &reach) != OPEN_SHUT)
		return false;
	for (size_t i = 0; i < reach.n; i++) {
		const struct sca_verdict *v = &reach.v[i];

		if (v->by != SCA_BY_RULE || v->action == SCA_ACT_USER_NOTIF ||
		    (v->action == SCA_ACT_ERRNO && v->data == ENOSYS))
			return false;
	}
	return true;
}

static void equivalent(struct checking *ck, const struct equivalents *row)
{
	struct check_list shut = CHECK_LIST_INIT, open = CHECK_LIST_INIT;
	struct sca_str rest = sca_str_z(row->denied), word, first = {NULL, 0};
	const struct eff_rule *rule;
	const char *denied, *others;
	struct sca_reach reach;

	while (str_cut(&rest, ' ', &word)) {
		if (!denied_by_rule(ck, word))
			continue;
		first = first.n ? first : word;
		check_list_add(&shut, word);
	}
	rest = sca_str_z(row->others);
	while (shut.n && str_cut(&rest, ' ', &word))
		if (check_open(ck, ck->t->arch, word, &reach) == OPEN_WHOLLY)
			check_list_add(&open, word);
	rule = shut.n && open.n ? check_rule_for(ck, ck->t->arch, first) : NULL;
	if (rule) {
		bool one = shut.n == 1, other = open.n == 1;

		denied = check_list_end(ck, &shut);
		others = check_list_end(ck, &open);
		check_add(ck, CHECK_EQUIVALENT, name_node(rule, first),
			  check_text(ck, "%s %s denied, %s %s allowed", denied,
				     one ? "is" : "are", others, other ? "is" : "are"),
			  check_text(ck, "What is denied can be done with %s.", others),
			  check_text(ck, "Deny %s as well, or deny neither.", others));
	}
	buf_release(&shut.text);
	buf_release(&open.text);
}

/* clone for some flags, clone3 for all. */
static void clone_flags(struct checking *ck)
{
	const struct sca_str name = SCA_STR("clone"), other = SCA_STR("clone3");
	const struct eff_rule *rule = check_rule_for(ck, ck->t->arch, name);
	struct sca_reach reach;

	if (!rule || check_open(ck, ck->t->arch, name, &reach) != OPEN_PARTLY ||
	    check_open(ck, ck->t->arch, other, &reach) != OPEN_WHOLLY)
		return;
	check_add(ck, CHECK_EQUIVALENT, name_node(rule, name),
		  "clone is allowed for some flags, clone3 for all",
		  "clone3 has its flags in memory, where no filter can see them.",
		  "Let clone3 answer ENOSYS: {\"names\": [\"clone3\"], \"action\": "
		  "\"SCMP_ACT_ERRNO\", \"errnoRet\": 38}. glibc, musl and Go fall back to clone.");
}

static void ring(struct checking *ck)
{
	const struct sca_str enter = SCA_STR("io_uring_enter"), setup = SCA_STR("io_uring_setup");
	struct sca_str rest = sca_str_z(ring_calls), word;
	struct check_list l = CHECK_LIST_INIT;
	const struct eff_rule *rule;
	struct sca_reach reach;

	if (check_open(ck, ck->t->arch, setup, &reach) != OPEN_WHOLLY ||
	    check_open(ck, ck->t->arch, enter, &reach) != OPEN_WHOLLY)
		return;
	while (str_cut(&rest, ' ', &word)) {
		enum openness o = check_open(ck, ck->t->arch, word, &reach);

		if (o == OPEN_SHUT || o == OPEN_PARTLY)
			check_list_add(&l, word);
	}
	rule = check_rule_for(ck, ck->t->arch, setup);
	if (l.n)
		check_add(ck, CHECK_IO_URING,
			  rule ? name_node(rule, setup) : check_member(ck, ck->top,
								       "defaultAction"),
			  check_text(ck, "io_uring is allowed, and does what is denied or limited: %s",
				     check_list_end(ck, &l)),
			  "Operations inside a ring pass no filter.",
			  "Deny io_uring_setup with ENOSYS (errnoRet 38): libuv, nginx and liburing "
			  "users fall back to epoll.");
	buf_release(&l.text);
}

/* -- socketcall and ipc -- */

static bool carried_open(const struct checking *ck, uint32_t arch, int32_t nr, uint64_t arg0)
{
	struct sca_call call = {.arch = arch, .nr = nr, .args_known = 1, .args = {arg0}};
	struct sca_reach reach;

	sca_filter_reach(ck->filter, &call, &reach);
	for (size_t i = 0; i < reach.n; i++)
		if (!check_passes(&reach.v[i]))
			return false;
	return reach.complete;
}

/* The first rule that names the call itself; it may be another one that decides. */
static const struct eff_rule *naming_rule(const struct checking *ck, struct sca_str name)
{
	for (size_t i = 0; i < ck->eff->n_rules; i++)
		for (size_t j = 0; j < ck->eff->rules[i].n_names; j++)
			if (ck->eff->rules[i].names[j].fate == EFF_FATE_ADDED &&
			    str_eq(ck->eff->rules[i].names[j].name, name))
				return &ck->eff->rules[i];
	return NULL;
}

static void multiplexer(struct checking *ck, uint32_t arch, const char *name)
{
	struct check_list l = CHECK_LIST_INIT;
	const struct eff_rule *rule, *itself;
	struct sca_reach reach;
	int32_t nr;

	if (sca_syscall_number(ck->names, arch, sca_str_z(name), &nr) < 0)
		return;
	for (uint64_t k = 0; k < 32; k++) {
		struct sca_denial d = {.arch = arch, .nr = nr, .args_known = 1, .args = {k}};
		const char *inner = plan_multiplexed(name, &d);
		enum openness o;

		if (!inner || !carried_open(ck, arch, nr, k))
			continue;
		o = check_open(ck, ck->t->arch, sca_str_z(inner), &reach);
		if (o == OPEN_SHUT || o == OPEN_PARTLY)
			check_list_add(&l, sca_str_z(inner));
	}
	itself = naming_rule(ck, sca_str_z(name));
	rule = itself ? itself : check_rule_for(ck, arch, sca_str_z(name));
	if (l.n)
		check_add(ck, CHECK_MULTIPLEXER,
			  rule ? name_node(rule, sca_str_z(name)) :
				 check_member(ck, ck->top, "defaultAction"),
			  check_text(ck, "%s on %s gets around the rules for %s", name,
				     sca_arch_name(arch), check_list_end(ck, &l)),
			  check_text(ck,
				     "32-bit programs make these calls through %s, whose arguments "
				     "are in memory, and every program can run 32-bit code.",
				     name),
			  itself || !rule ?
				  check_text(ck, "Deny %s, or take the architecture %s out.", name,
					     sca_arch_scmp_name(arch)) :
				  check_text(ck,
					     "A rule with a condition on argument 0 opens %s for all "
					     "values of it. Take the architecture %s out.",
					     name, sca_arch_scmp_name(arch)));
	buf_release(&l.text);
}

void check_calls(struct checking *ck)
{
	for (size_t i = 0; i < ARRAY_SIZE(equivalents); i++)
		equivalent(ck, &equivalents[i]);
	clone_flags(ck);
	ring(ck);
	for (size_t i = 0; i < ck->eff->n_archs; i++) {
		multiplexer(ck, ck->eff->archs[i], "socketcall");
		multiplexer(ck, ck->eff->archs[i], "ipc");
	}
}
