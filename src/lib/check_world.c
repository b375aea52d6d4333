/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the profile says of the world around the calls: architectures, the default's errno, and
 * whether anybody hears of a denial.
 */
#include "check.h"

/* The calls that a 32-bit program makes where a 64-bit one makes the first. */
static const struct form {
	const char *wide, *forms;
} forms_32[] = {
	{"mmap", "mmap2"},
	{"lseek", "_llseek"},
	{"fstat", "fstat64"},
	{"stat", "stat64"},
	{"lstat", "lstat64"},
	{"newfstatat", "fstatat64"},
	{"fstatfs", "fstatfs64"},
	{"statfs", "statfs64"},
	{"fcntl", "fcntl64"},
	{"ftruncate", "ftruncate64"},
	{"truncate", "truncate64"},
	{"sendfile", "sendfile64"},
	{"getrlimit", "ugetrlimit"},
	{"select", "_newselect"},
	{"setuid", "setuid32"},
	{"setgid", "setgid32"},
	{"setgroups", "setgroups32"},
	{"getuid", "getuid32"},
	{"getgid", "getgid32"},
	{"geteuid", "geteuid32"},
	{"getegid", "getegid32"},
	{"chown", "chown32"},
	{"fchown", "fchown32"},
	{"arch_prctl", "set_thread_area"},
	{"wait4", "waitpid"},
};

/* The 32-bit architecture whose programs the kernel of `arch` runs. */
static uint32_t other_abi(uint32_t arch)
{
	return arch == SCA_ARCH_X86_64	  ? SCA_ARCH_X86 :
	       arch == SCA_ARCH_AARCH64 ? SCA_ARCH_ARM :
					    0;
}

static uint32_t archs_place(const struct checking *ck)
{
	return ck->eff->archs_node != JT_NONE ? ck->eff->archs_node :
						check_member(ck, ck->top, "defaultAction");
}

static void abi_names(struct checking *ck, uint32_t arch)
{
	struct check_list l = CHECK_LIST_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(forms_32); i++) {
		struct sca_str wide = sca_str_z(forms_32[i].wide), form = sca_str_z(forms_32[i].forms);
		struct sca_reach reach;

		if (check_open(ck, ck->t->arch, wide, &reach) == OPEN_WHOLLY &&
		    check_open(ck, arch, form, &reach) == OPEN_SHUT)
			check_list_add(&l, form);
	}
	if (l.n)
		check_add(ck, CHECK_ABI_NAMES, archs_place(ck),
			  check_text(ck, "%s is in the filter, these calls of it are denied: %s",
				     sca_arch_name(arch), check_list_end(ck, &l)),
			  check_text(ck, "A program for %s makes them where one for %s makes a call "
				     "that is allowed.", sca_arch_name(arch),
				     sca_arch_name(ck->t->arch)),
			  "Allow them, or take the architecture out.");
}

static void architectures(struct checking *ck)
{
	uint32_t other = other_abi(ck->t->arch);
	const struct eff *e = ck->eff;
	bool has_other = false, has_x32 = false;

	for (size_t i = 0; i < e->n_archs; i++) {
		has_other |= e->archs[i] == other;
		has_x32 |= e->archs[i] == SCA_ARCH_X32;
	}
	if (other && has_other)
		abi_names(ck, other);
	else if (other)
		check_add(ck, CHECK_OTHER_ABI, archs_place(ck),
			  check_text(ck, "programs for %s are killed", sca_arch_name(other)),
			  "Calls of an architecture that the filter does not name end the thread, "
			  "whatever the rules and the default say.",
			  check_text(ck, "If they are to run, add %s to %s, which opens the whole "
				     "list to them.", sca_arch_scmp_name(other),
				     e->archs_listed ? "the architectures" : "architectures"));
	if (has_x32)
		check_add(ck, CHECK_X32, archs_place(ck), "the x32 ABI is open",
			  "Few kernels and no distribution's programs use it; it doubles what can "
			  "be attacked.",
			  "Take SCMP_ARCH_X32 out.");
}

/* Where runc's stub answers, calls of tomorrow get ENOSYS whatever the default is. */
static void default_errno(struct checking *ck)
{
	const struct eff *e = ck->eff;

	if (e->default_action != SCA_ACT_ERRNO || e->default_err == ENOSYS ||
	    ck->filter->info.stub)
		return;
	check_add(ck, CHECK_DEFAULT_ERRNO, check_member(ck, ck->top, "defaultAction"),
		  check_text(ck, "what no rule names answers %s, calls of tomorrow included",
			     sca_errno_name(e->default_err) ? sca_errno_name(e->default_err) :
							      "an unknown errno"),
		  "A libc that is newer than the profile tries new calls and falls back on ENOSYS "
		  "only. runc has a stub for that; this runtime has none.",
		  "Set defaultErrnoRet to 38 (ENOSYS), as Podman's default profile does.");
}

/* Whether some call is denied by an action that leaves no record without the flag. */
static uint32_t silent_node(const struct checking *ck)
{
	const struct eff *e = ck->eff;

	if (e->default_action == SCA_ACT_ERRNO || e->default_action == SCA_ACT_TRAP)
		return check_member(ck, ck->top, "defaultAction");
	for (size_t i = 0; i < e->n_rules; i++)
		if (e->rules[i].drop == EFF_KEPT && e->rules[i].n_names &&
		    (e->rules[i].action == SCA_ACT_ERRNO || e->rules[i].action == SCA_ACT_TRAP))
			return check_member(ck, e->rules[i].node, "action");
	return JT_NONE;
}

static void records(struct checking *ck)
{
	uint32_t node = ck->filter->info.log_flag ? JT_NONE : silent_node(ck);
	bool old = ck->t->runtime == SCA_RUNTIME_RUNC && target_before(ck->t, 1, 2, 0);

	if (node == JT_NONE)
		return;
	check_add(ck, CHECK_NO_RECORD, node, "denials leave no record",
		  "The kernel logs an errno or a trap only of a filter that was loaded with "
		  "SECCOMP_FILTER_FLAG_LOG.",
		  ck->t->frontend == SCA_FRONTEND_DOCKER20 ?
			  "Docker before 23 can not set it." :
		  old ? "runc before 1.2 refuses the flag; crun, or a newer runc, takes it." :
			"Add \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"]. runc before 1.2 refuses a "
			"profile with it.");
}

void check_world(struct checking *ck)
{
	architectures(ck);
	default_errno(ck);
	records(ck);
}
