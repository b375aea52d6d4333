/* SPDX-License-Identifier: Apache-2.0 */
/* What a target's front end and runtime make of a profile, and what they refuse. */
#include "base.h"

#include <setjmp.h>
#include <cmocka.h>
#include <seccomp.h>

#include "verdict_help.h"

#define A(rules) "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" rules "]}"
#define R(more)  A("{'names':['mkdir'],'action':'SCMP_ACT_ERRNO'," more "}")
#define ARG(more) R("'args':[{" more "}]")
#define TOP(more) "{'defaultAction':'SCMP_ACT_ALLOW'," more "}"
#define EQ "'op':'SCMP_CMP_EQ'"

static void add_drop(struct buf *b, const struct eff_rule *rule)
{
	static const char *const drops[] = {
		[EFF_INC_CAPS] = "inc_caps",     [EFF_INC_ARCHES] = "inc_arches",
		[EFF_INC_KERNEL] = "inc_kernel", [EFF_EXC_CAPS] = "exc_caps",
		[EFF_EXC_ARCHES] = "exc_arches", [EFF_EXC_KERNEL] = "exc_kernel",
		[EFF_NAME_FORM] = "name_form",
	};

	if (rule->drop == EFF_KEPT)
		return;
	buf_addf(b, " -%s", drops[rule->drop]);
	if (rule->what.n)
		buf_addf(b, ":%.*s", (int)rule->what.n, rule->what.p);
}

/* "errno(1) | x86_64 x86 | log | mkdir,rmdir errno(5) a0=4:1/0 | ..." */
static void describe(struct buf *b, const struct eff *e)
{
	if (e->disabled) {
		buf_add_z(b, "disabled");
		return;
	}
	add_verdict_text(b,
			 &(struct sca_verdict){e->default_action, e->default_err, SCA_BY_NONE});
	b->n -= strlen(" none");
	buf_add_z(b, e->archs_listed ? " |" : " | (none)");
	for (size_t i = 0; i < e->n_archs; i++)
		buf_addf(b, " %s", sca_arch_name(e->archs[i]));
	buf_addf(b, " |%s%s%s", e->flag_log ? " log" : "", e->flag_spec_allow ? " spec" : "",
		 e->has_listener ? " listener" : "");
	for (size_t i = 0; i < e->n_rules; i++) {
		const struct eff_rule *r = &e->rules[i];

		buf_add_z(b, " | ");
		for (size_t j = 0; j < r->n_names; j++)
			buf_addf(b, "%s%.*s", j ? "," : "", (int)r->names[j].name.n,
				 r->names[j].name.p);
		if (r->action < SCA_ACT_STRICT)
			buf_addf(b, " %s", sca_action_name(r->action));
		if (r->err)
			buf_addf(b, "(%u)", r->err);
		for (size_t j = 0; j < r->n_args; j++)
			buf_addf(b, " a%u=%d:%" PRIu64 "/%" PRIu64, r->args[j].index,
				 r->args[j].op, r->args[j].value, r->args[j].value_two);
		add_drop(b, r);
		buf_add_z(b, r->gated ? " gated" : "");
	}
}

static int lower_text(const char *json, const char *target, struct buf *b, struct sca_err *err)
{
	struct sca_profile *p = NULL;
	struct eff *e = NULL;
	struct sca_target t;
	int r = profile_from(&p, json, err);

	target_from(&t, target);
	if (r == 0)
		r = eff_new(&e, p, &t, err);
	if (r == 0)
		describe(b, e);
	eff_free(e);
	sca_profile_free(p);
	return r;
}

static const struct {
	const char *target, *json, *want;
} lowered[] = {
	/* nothing said */
	{"docker", "{}", "disabled"},
	{"docker", "null", "disabled"},
	{"docker", "{'syscalls':[]}", "disabled"},
	{"podman", "{}", "disabled"},
	{"cri", "{}", "disabled"},
	{"oci", "{}", "disabled"},
	{"oci", "null", "disabled"},
	{"oci crun", "null", "disabled"},
	{"oci crun", "[]", "disabled"},
	{"docker", "{'defaultAction':'','syscalls':[]}", "disabled"},
	/* only dropped rules and no default: runc sees nothing */
	{"docker",
	 "{'syscalls':[{'names':['a'],'action':'x','includes':{'caps':['CAP_BPF']}}]}",
	 "disabled"},
	/* a whole config.json */
	{"oci", "{'ociVersion':'1','linux':{'seccomp':{'defaultAction':'SCMP_ACT_LOG'}}}",
	 "log | (none) x86_64 | spec"},
	{"oci", "{'ociVersion':'1','linux':{}}", "disabled"},
	{"oci crun", "{'linux':{'seccomp':{'defaultAction':'SCMP_ACT_LOG'}}}",
	 "log | (none) x86_64 | spec"},
	/* keys and values as Go reads them */
	{"docker", "{'DefaultACTION':'SCMP_ACT_KILL'}", "kill_thread | (none) x86_64 | spec"},
	{"docker", TOP("'\\u0066lags':null"), "allow | (none) x86_64 | spec"},
	{"docker", "{'defaultAction':'SCMP_ACT_LOG','defaultAction':'SCMP_ACT_KILL'}",
	 "kill_thread | (none) x86_64 | spec"},
	{"docker", "{'defaultAction':'SCMP_ACT_LOG','defaultAction':null}",
	 "log | (none) x86_64 | spec"},
	{"docker", TOP("'unknown':[1,{'deep':null}]"), "allow | (none) x86_64 | spec"},
	{"docker", ARG("'index':1,'value':18446744073709551615,'valueTwo':3," EQ),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a1=4:18446744073709551615/3"},
	{"docker", ARG("'VALUE':7," EQ),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a0=4:7/0"},
	{"docker", R("'args':null"), "allow | (none) x86_64 | spec | mkdir errno(1)"},
	{"docker", A("{'names':['\\u006dkdir',null],'action':'SCMP_ACT_TRAP'}"),
	 "allow | (none) x86_64 | spec | mkdir, trap"},
	/* errno */
	{"docker", "{'defaultAction':'SCMP_ACT_ERRNO'}", "errno(1) | (none) x86_64 | spec"},
	{"docker", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38}",
	 "errno(38) | (none) x86_64 | spec"},
	{"docker20", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38}",
	 "errno(1) | (none) x86_64 |"},
	{"docker", "{'defaultAction':'SCMP_ACT_TRACE','defaultErrnoRet':5000}",
	 "trace(5000) | (none) x86_64 | spec"},
	{"docker", R("'errnoRet':65574"), "allow | (none) x86_64 | spec | mkdir errno(38)"},
	{"docker", R("'errnoRet':0"), "allow | (none) x86_64 | spec | mkdir errno"},
	{"docker", A("{'names':['mkdir'],'action':'SCMP_ACT_KILL','errnoRet':5}"),
	 "allow | (none) x86_64 | spec | mkdir kill_thread"},
	{"docker", R("'errno':'ENOSYS'"), "allow | (none) x86_64 | spec | mkdir errno(1)"},
	{"podman", R("'errno':'ENOSYS','errnoRet':2"),
	 "allow | (none) x86_64 | spec | mkdir errno(38)"},
	{"podman", R("'errno':'22'"), "allow | (none) x86_64 | spec | mkdir errno(22)"},
	{"podman", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'ENOSYS'}",
	 "errno(38) | (none) x86_64 | spec"},
	{"cri", R("'errno':7"), "allow | (none) x86_64 | spec | mkdir errno(1)"},
	/* architectures */
	{"docker", TOP("'architectures':['SCMP_ARCH_X86','SCMP_ARCH_X86_64','SCMP_ARCH_X86']"),
	 "allow | x86_64 x86 | spec"},
	{"docker", TOP("'architectures':[]"), "allow | (none) x86_64 | spec"},
	{"docker",
	 TOP("'archMap':[{'architecture':'SCMP_ARCH_AARCH64','subArchitectures':"
	     ""
	     "['SCMP_ARCH_ARM']},{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_"
	     "ARCH_X86','SCMP_ARCH_X32']}]"),
	 "allow | x86_64 x86 x32 | spec"},
	{"docker", TOP("'archMap':[{'architecture':'SCMP_ARCH_AARCH64'}]"),
	 "allow | (none) x86_64 | spec"},
	{"docker arch:riscv64", TOP("'archMap':[{'architecture':'SCMP_ARCH_RISCV64'}]"),
	 "allow | riscv64 | spec"},
	{"podman arch:riscv64", TOP("'archMap':[{'architecture':'SCMP_ARCH_RISCV64'}]"),
	 "allow | (none) riscv64 | spec"},
	{"cri", TOP("'archMap':[{'architecture':5}]"), "allow | (none) x86_64 | spec"},
	{"oci crun", TOP("'architectures':['x86','SCMP_ARCH_x32']"),
	 "allow | x86_64 x86 x32 | spec"},
	/* flags */
	{"docker", TOP("'flags':['SECCOMP_FILTER_FLAG_LOG']"), "allow | (none) x86_64 | log"},
	{"docker20", TOP("'flags':['SECCOMP_FILTER_FLAG_LOG']"), "allow | (none) x86_64 |"},
	{"docker20", TOP("'flags':5,'defaultErrnoRet':'x'"), "allow | (none) x86_64 |"},
	{"docker", TOP("'flags':[]"), "allow | (none) x86_64 | spec"},
	{"oci", TOP("'flags':[]"), "allow | (none) x86_64 |"},
	{"oci runc:1.1.5", TOP("'flags':[]"), "allow | (none) x86_64 |"},
	{"oci crun:1.8.1", TOP("'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']"),
	 "allow | (none) x86_64 |"},
	{"oci crun:0.19.1", "{'defaultAction':'SCMP_ACT_LOG'}",
	 "log | (none) x86_64 | log spec"},
	{"podman crun:1.14.0", "{'defaultAction':'SCMP_ACT_LOG'}",
	 "log | (none) x86_64 | spec"},
	/* gates */
	{"docker",
	 A("{'names':['bpf'],'action':'SCMP_ACT_KILL','includes':{'caps':"
	   ""
	   "['CAP_CHOWN','CAP_BPF']}},{'names':['a'],'action':'SCMP_ACT_KILL','excludes':{'"
	   "caps':['CAP_BPF','CAP_CHOWN']}}"),
	 "allow | (none) x86_64 | spec | bpf kill_thread -inc_caps:CAP_BPF gated | a "
	 "kill_thread -exc_caps:CAP_CHOWN gated"},
	{"docker caps:CAP_BPF,CAP_CHOWN",
	 A("{'names':['bpf'],'action':'SCMP_ACT_KILL',"
	   "'includes':{'caps':['CAP_CHOWN','CAP_BPF']}}"),
	 "allow | (none) x86_64 | spec | bpf kill_thread gated"},
	{"docker caps:all", R("'includes':{'caps':['cap_chown']}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) -inc_caps:cap_chown gated"},
	{"docker", R("'includes':{},'excludes':null"),
	 "allow | (none) x86_64 | spec | mkdir errno(1)"},
	{"docker", R("'includes':{'arches':['amd64']}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) gated"},
	{"docker", R("'includes':{'arches':['x86_64','SCMP_ARCH_X86_64']}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) -inc_arches gated"},
	{"docker", R("'excludes':{'arches':['s390','amd64']}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) -exc_arches gated"},
	{"docker kernel:4.7", R("'includes':{'minKernel':'4.8'}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) -inc_kernel:4.8 gated"},
	{"docker kernel:4.8", R("'includes':{'minKernel':'4.8'}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) gated"},
	{"docker kernel:4.8", R("'excludes':{'minKernel':'4.8'}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) -exc_kernel:4.8 gated"},
	{"docker kernel:4.8", R("'excludes':{'minKernel':''}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) -exc_kernel gated"},
	{"podman", R("'includes':{'minKernel':'99.x'}"),
	 "allow | (none) x86_64 | spec | mkdir errno(1)"},
	{"cri", R("'includes':{'caps':'x'}"), "allow | (none) x86_64 | spec | mkdir errno(1)"},
	/* a dropped rule refuses nothing */
	{"docker",
	 A("{'names':['a'],'action':'X','includes':{'caps':['CAP_BPF']},"
	   "'args':[{'op':'Y','index':9}]}"),
	 "allow | (none) x86_64 | spec | a a9=0:0/0 -inc_caps:CAP_BPF gated"},
	/* name */
	{"docker", A("{'name':'mkdir','action':'SCMP_ACT_TRAP'}"),
	 "allow | (none) x86_64 | spec | mkdir trap"},
	{"docker", A("{'name':'','names':['a'],'action':'SCMP_ACT_TRAP'}"),
	 "allow | (none) x86_64 | spec | a trap"},
	{"cri", A("{'name':'mkdir','action':'SCMP_ACT_TRAP'}"),
	 "allow | (none) x86_64 | spec | mkdir trap -name_form"},
	{"cri", A("{'name':'mkdir','names':['a'],'action':'SCMP_ACT_TRAP'}"),
	 "allow | (none) x86_64 | spec | a trap"},
	{"podman", A("{'action':'X'}"), "allow | (none) x86_64 | spec | "},
	{"docker20",
	 A("{'name':'a','names':['b'],'action':'SCMP_ACT_TRAP','includes':{'caps':"
	   "['CAP_BPF']}}"),
	 "allow | (none) x86_64 | | b trap -inc_caps:CAP_BPF gated"},
	{"docker", A("{'action':'SCMP_ACT_TRAP'}"), "allow | (none) x86_64 | spec |  trap"},
	/* NOTIFY */
	{"docker",
	 ""
	 "{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/"
	 "x','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_NOTIFY'}]}",
	 "allow | (none) x86_64 | spec listener | mkdir user_notif"},
	{"podman", A("{'names':['write'],'action':'SCMP_ACT_NOTIFY'}"),
	 "allow | (none) x86_64 | spec | write user_notif"},
	/* crun's own reader */
	{"oci crun", ARG("'index':0,'value':-1," EQ),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a0=4:18446744073709551615/0"},
	{"oci crun", ARG("'value':'7'," EQ),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a0=4:0/0"},
	{"oci crun", ARG("'value':3,'value':5," EQ),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a0=4:3/0"},
	{"oci crun", ARG("'VALUE':3," EQ),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a0=4:0/0"},
	{"oci crun", R("'errnoRet':'5'"), "allow | (none) x86_64 | spec | mkdir errno(1)"},
	{"oci crun", R("'errnoRet':5,'errnoRet':6"),
	 "allow | (none) x86_64 | spec | mkdir errno(5)"},
	{"oci crun", R("'args':{}"), "allow | (none) x86_64 | spec | mkdir errno(1)"},
	{"oci crun", A("{'names':[5,'mkdir'],'action':'SCMP_ACT_TRAP'}"),
	 "allow | (none) x86_64 | spec | ,mkdir trap"},
	{"oci crun", ARG("'op':'EQ'"),
	 "allow | (none) x86_64 | spec | mkdir errno(1) a0=0:0/0"},
};

static void test_lowered(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(lowered); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		int r = lower_text(lowered[i].json, lowered[i].target, &b, &err);

		if (r < 0 || !str_eq(buf_str(&b), sca_str_z(lowered[i].want)))
			fail_msg("%s: %s\nwant %s\ngot  %.*s%s", lowered[i].target,
				 lowered[i].json, lowered[i].want, (int)b.n, b.p ? b.p : "",
				 err.text);
	}
}

/* The pointer, and the start of the text. Line 1 always; the column is checked below. */
static const struct {
	const char *target, *json, *path, *text;
} refused[] = {
	/* types, as Go sees them */
	{"docker", "[]", "", "docker: cannot unmarshal array into Go value of type struct"},
	{"docker", "{'defaultAction':5}", "/defaultAction",
	 "docker: cannot unmarshal number 5 into Go value of type string"},
	{"docker", TOP("'syscalls':{}"), "/syscalls",
	 "docker: cannot unmarshal object into Go value of type []struct"},
	{"docker", A("5"), "/syscalls/0", "docker: cannot unmarshal number 5"},
	{"docker", ARG("'value':'8'," EQ), "/syscalls/0/args/0/value",
	 "docker: cannot unmarshal string into Go value of type uint64; write decimal digits"},
	{"docker", ARG("'value':-1," EQ), "/syscalls/0/args/0/value",
	 "docker: cannot unmarshal number -1 into Go value of type uint64"},
	{"docker", ARG("'value':1.0," EQ), "/syscalls/0/args/0/value",
	 "docker: cannot unmarshal number 1.0"},
	{"docker", ARG("'value':18446744073709551616," EQ), "/syscalls/0/args/0/value",
	 "docker: cannot unmarshal number 18446744073709551616"},
	{"docker", ARG("'index':true," EQ), "/syscalls/0/args/0/index",
	 "docker: cannot unmarshal bool into Go value of type uint;"},
	{"docker", R("'errnoRet':'1'"), "/syscalls/0/errnoRet",
	 "docker: cannot unmarshal string into Go value of type uint;"},
	{"docker", R("'comment':7"), "/syscalls/0/comment",
	 "docker: cannot unmarshal number 7"},
	{"docker", A("{'names':'mkdir'}"), "/syscalls/0/names",
	 "docker: cannot unmarshal string into Go value of type []string"},
	{"docker", A("{'names':[1]}"), "/syscalls/0/names/0",
	 "docker: cannot unmarshal number 1"},
	{"docker", R("'includes':[]"), "/syscalls/0/includes",
	 "docker: cannot unmarshal array into Go value of type struct"},
	{"docker", R("'includes':{'caps':'CAP_BPF'}"), "/syscalls/0/includes/caps",
	 "docker: cannot unmarshal string into Go value of type []string"},
	{"docker", R("'includes':{'caps':['CAP_BPF']},'errnoRet':-1"), "/syscalls/0/errnoRet",
	 "docker: cannot unmarshal number -1"},
	{"podman", TOP("'defaultErrno':38"), "/defaultErrno",
	 "podman: cannot unmarshal number 38"},
	{"cri", TOP("'listenerMetadata':1"), "/listenerMetadata",
	 "containerd: cannot unmarshal number 1"},
	{"oci runc:1.1.5", "{'defaultAction':5}", "/defaultAction",
	 "runc 1.1.5: cannot unmarshal number 5"},
	{"docker", "{'DEFAULTaction':5,'defaultAction':'SCMP_ACT_LOG'}", "/DEFAULTaction",
	 "docker: cannot unmarshal number 5"},
	/* minKernel */
	{"docker", R("'includes':{'minKernel':'4.8.1'}"), "/syscalls/0/includes/minKernel",
	 "docker: invalid kernel version \"4.8.1\""},
	{"docker", R("'includes':{'minKernel':'abc'}"), "/syscalls/0/includes/minKernel",
	 "docker: invalid kernel version"},
	{"docker", R("'includes':{'minKernel':'0.0'}"), "/syscalls/0/includes/minKernel",
	 "docker: invalid kernel version"},
	{"docker", R("'includes':{'minKernel':'4.256'}"), "/syscalls/0/includes/minKernel",
	 "docker: invalid kernel version"},
	{"docker", R("'includes':{'minKernel':'4.'}"), "/syscalls/0/includes/minKernel",
	 "docker: invalid kernel version"},
	{"docker20", R("'excludes':{'minKernel':4.8}"), "/syscalls/0/excludes/minKernel",
	 "docker 20.10: cannot unmarshal number 4.8"},
	/* null */
	{"docker", A("null"), "/syscalls/0", "docker: crashes on a null rule"},
	{"podman", A("null"), "/syscalls/0", "podman: crashes on a null rule"},
	{"cri", A("null"), "/syscalls/0", "runc 1.3.0: string '' is not a valid action"},
	{"podman", R("'args':[null]"), "/syscalls/0/args/0",
	 "podman: crashes on a null in args"},
	{"docker", R("'args':[null]"), "/syscalls/0/args/0",
	 "runc 1.3.0: string '' is not a valid operator"},
	/* twice */
	{"docker", TOP("'syscalls':[],'Syscalls':[]"), "/Syscalls",
	 "\"syscalls\" stands twice and docker merges the two"},
	/* names, architectures */
	{"docker",
	 A("{'name':'a','names':['b'],'action':'SCMP_ACT_LOG','includes':{'caps':"
	   "['CAP_BPF']}}"),
	 "/syscalls/0/name", "docker: both 'name' and 'names'"},
	{"podman", A("{'name':'a','names':['b'],'action':'SCMP_ACT_LOG'}"), "/syscalls/0/name",
	 "podman: both 'name' and 'names'"},
	{"docker", TOP("'architectures':['x'],'archMap':[{}]"), "/archMap",
	 "docker: both 'architectures' and 'archMap'"},
	{"podman", TOP("'architectures':['x'],'archMap':[{}]"), "/archMap",
	 "podman: both 'architectures' and 'archMap'"},
	{"docker", TOP("'architectures':['SCMP_ARCH_NATIVE']"), "/architectures/0",
	 "runc 1.3.0: string SCMP_ARCH_NATIVE is not a valid arch"},
	{"docker", TOP("'architectures':['x86']"), "/architectures/0",
	 "runc 1.3.0: string x86"},
	{"oci crun", TOP("'architectures':['scmp_arch_x86']"), "/architectures/0",
	 "crun 1.14.0: seccomp unknown architecture scmp_arch_x86"},
	{"oci crun", TOP("'architectures':['SCMP_ARCH_S390X']"), "/architectures/0",
	 "crun 1.14.0: seccomp adding architecture: numerical argument"},
	{"docker runc:1.1.7", TOP("'architectures':['SCMP_ARCH_RISCV64']"), "/architectures/0",
	 "runc 1.1.7: string SCMP_ARCH_RISCV64"},
	{"docker", TOP("'architectures':['SCMP_ARCH_PARISC']"), "/architectures/0",
	 "runc 1.3.0: string SCMP_ARCH_PARISC"},
	{"docker", TOP("'architectures':['SCMP_ARCH_S390X']"), "/architectures/0",
	 "runc 1.3.0: error adding architecture to seccomp filter: numerical argument"},
	{"docker arch:s390x", TOP("'architectures':['SCMP_ARCH_X86']"), "/architectures/0",
	 "runc 1.3.0: error adding architecture to seccomp filter: numerical argument"},
	/* actions, operators, errno */
	{"docker", "{'syscalls':[{'names':['a'],'action':'SCMP_ACT_LOG'}]}", "",
	 "runc 1.3.0: string '' is not a valid action for seccomp"},
	{"podman", "{'syscalls':[{'names':['a'],'action':'SCMP_ACT_LOG'}]}", "",
	 "crun 1.14.0: invalid seccomp action '';"},
	{"cri crun", "{}", "", "crun 1.14.0: invalid seccomp action ''"},
	{"docker", A("{'names':[],'action':'SCMP_ACT_FOO'}"), "/syscalls/0/action",
	 "runc 1.3.0: string 'SCMP_ACT_FOO' is not a valid action"},
	{"docker", A("{'names':['a'],'action':'ALLOW'}"), "/syscalls/0/action",
	 "runc 1.3.0: string 'ALLOW'"},
	{"oci runc:1.0.3", A("{'names':['a'],'action':'SCMP_ACT_KILL_PROCESS'}"),
	 "/syscalls/0/action", "runc 1.0.3: string 'SCMP_ACT_KILL_PROCESS'"},
	{"docker", ARG("'op':'EQ'"), "/syscalls/0/args/0",
	 "runc 1.3.0: string 'EQ' is not a valid operator"},
	{"docker", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}",
	 "/defaultErrnoRet", "runc 1.3.0: could not create filter: errno 4096"},
	{"podman", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}",
	 "/defaultErrnoRet", "crun 1.14.0: error seccomp_init: errno 4096"},
	{"podman", "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'5000'}", "/defaultErrno",
	 "crun 1.14.0: error seccomp_init: errno 5000"},
	{"podman", R("'errno':'ENOTUNIQ'"), "/syscalls/0/errno",
	 "podman: unknown errno ENOTUNIQ"},
	{"podman", R("'errno':'EIO EPERM'"), "/syscalls/0/errno", "podman: unknown errno"},
	{"podman", R("'errno':' EPERM '"), "/syscalls/0/errno", "podman: unknown errno"},
	{"podman", A("{'names':['a'],'action':'SCMP_ACT_ALLOW','errnoRet':1}"),
	 "/syscalls/0/errnoRet",
	 "crun 1.14.0: errno value specified for action SCMP_ACT_ALLOW"},
	{"podman", TOP("'defaultErrnoRet':1"), "/defaultErrnoRet",
	 "crun 1.14.0: errno value specified for action SCMP_ACT_ALLOW"},
	{"podman", R("'errnoRet':4294967296"), "/syscalls/0/errnoRet",
	 "crun 1.14.0: invalid value '4294967296' with type 'uint32'"},
	{"docker crun", ARG("'index':4294967296," EQ), "/syscalls/0/args/0",
	 "crun 1.14.0: invalid value '4294967296' with type 'uint32'"},
	/* flags, NOTIFY */
	{"oci runc:1.1.5", TOP("'flags':['SECCOMP_FILTER_FLAG_LOG']"), "/flags",
	 "runc 1.1.5: seccomp flags are not yet supported by runc"},
	{"docker", TOP("'flags':['LOG']"), "/flags/0",
	 "runc 1.3.0: seccomp flag LOG is not known"},
	{"docker", TOP("'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']"), "/flags/0",
	 "runc 1.3.0: seccomp flag SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"},
	{"oci crun:1.8.1", TOP("'flags':['FOO']"), "/flags/0",
	 "crun 1.8.1: unknown seccomp option FOO"},
	{"docker", A("{'names':['mkdir'],'action':'SCMP_ACT_NOTIFY'}"), "/syscalls/0",
	 "runc 1.3.0: SCMP_ACT_NOTIFY is used but listenerPath is not set"},
	{"docker", A("{'names':['mkdir','write'],'action':'SCMP_ACT_NOTIFY'}"),
	 "/syscalls/0/names/1",
	 "runc 1.3.0: SCMP_ACT_NOTIFY cannot be used for the write syscall"},
	{"docker", "{'defaultAction':'SCMP_ACT_NOTIFY'}", "/defaultAction",
	 "runc 1.3.0: SCMP_ACT_NOTIFY cannot be used as default action"},
	/* crun's own reader, and what it makes of Go's null */
	{"oci crun", "{}", "", "crun 1.14.0: required field 'defaultAction' not present"},
	{"oci crun", "{'DefaultAction':'SCMP_ACT_LOG'}", "", "crun 1.14.0: required field"},
	{"oci crun", "{'defaultAction':5}", "", "crun 1.14.0: required field 'defaultAction'"},
	{"oci crun", A("{'action':'SCMP_ACT_LOG'}"), "/syscalls/0",
	 "crun 1.14.0: required field 'names'"},
	{"oci crun", A("null"), "/syscalls/0", "crun 1.14.0: required field 'names'"},
	{"oci crun", R("'args':[{'index':0}]"), "/syscalls/0/args/0",
	 "crun 1.14.0: required field 'op'"},
	{"oci crun", ARG("'value':1.0," EQ), "/syscalls/0/args/0/value",
	 "crun 1.14.0: invalid value '1.0' with type 'uint64' for key 'value'"},
	{"oci crun", ARG("'index':-1," EQ), "/syscalls/0/args/0/index",
	 "crun 1.14.0: invalid value '-1' with type 'uint32' for key 'index'"},
	{"docker crun", A("{'action':'SCMP_ACT_LOG'}"), "/syscalls/0",
	 "crun 1.14.0: required field 'names' not present"},
	{"cri crun", A("{'name':'a','action':'SCMP_ACT_LOG'}"), "/syscalls/0",
	 "crun 1.14.0: required field 'names' not present"},
};

static void test_refused(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		int r = lower_text(refused[i].json, refused[i].target, &b, &err);
		int want = strstr(refused[i].text, "stands twice") ? SCA_E_UNSUPPORTED
								   : SCA_E_REFUSED;

		if (r != want || err.line != 1 || strcmp(err.path, refused[i].path) != 0 ||
		    strncmp(err.text, refused[i].text, strlen(refused[i].text)) != 0 ||
		    strcmp(err.file, "test.json") != 0)
			fail_msg("%s: %s\nwant %s: %s\ngot  %d %s: %s %.*s", refused[i].target,
				 refused[i].json, refused[i].path, refused[i].text, r, err.path,
				 err.text, (int)b.n, b.p ? b.p : "");
	}
}

static void test_place(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_err err = SCA_ERR_INIT;

	assert_int_equal(lower_text("{\n\t'defaultAction': 'SCMP_ACT_ALLOW',\n\t'syscalls': [\n"
				    "\t\t{'names': ['a'], 'action':\t'X'}\n\t]\n}",
				    "docker", &b, &err), SCA_E_REFUSED);
	assert_int_equal(err.line, 4);
	assert_int_equal(err.column, 30);
	assert_string_equal(err.path, "/syscalls/0/action");
}

/* Input that would take long or much memory ends in an error, or quickly. */
static void test_bounds(void **state _unused_)
{
	static const struct {
		const char *head, *item, *tail;
		size_t n;
		int r;
	} rows[] = {
		{A("{'names':["), "'a',", "'a'],'action':'SCMP_ACT_KILL'}]}", 70000,
		 SCA_E_LIMIT},
		{A(""), "{'names':[],'action':'SCMP_ACT_KILL'},",
		 "{'names':[],'action':'SCMP_ACT_KILL'}]}", 65536, SCA_E_LIMIT},
		{A("{'names':[],'action':'SCMP_ACT_KILL','args':["), "{'op':'SCMP_CMP_EQ'},",
		 "{'op':'SCMP_CMP_EQ'}]}]}", 70000, SCA_E_LIMIT},
		{A("{'names':["), "'a',", "'a'],'action':'SCMP_ACT_KILL'}]}", 60000, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf json = BUF_INIT, b = BUF_INIT;
		struct sca_err err = SCA_ERR_INIT;
		int r;

		buf_add(&json, rows[i].head, strlen(rows[i].head) - strlen("]}"));
		for (size_t j = 0; j < rows[i].n; j++)
			buf_add_z(&json, rows[i].item);
		buf_add_z(&json, rows[i].tail);
		r = lower_text(json.p, "docker", &b, &err);
		if (r != rows[i].r)
			fail_msg("row %zu: %d %s", i, r, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowered), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_place),   cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
