# One case or more for each situation of profile-semantics.md section 3.

== 1: absent, sorted host
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	"syscalls": [
		{
			"names": ["close", "read", "write", "futex_waitv", "process_mrelease"],
			"action": "SCMP_ACT_ALLOW"
		}
	]
}
.
deny x86_64 mkdir errno
is patch 1 -
why No rule names mkdir: defaultAction ERRNO(EPERM) answers.
answer Adding it to rule 0 (line 5) allows it on x86_64 and x86.
op add /syscalls/0/names/4 "mkdir"
proof 1 1 0

== 1: no rule to host it
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": []
}
.
deny x86_64 mkdir errno
is patch 1 -
answer A new rule allows it on x86_64.
op add /syscalls/0 {"names":["mkdir"],"action":"SCMP_ACT_ALLOW"}

== 1: no syscalls at all, two names, one rule
target podman
profile
{"defaultAction": "SCMP_ACT_ERRNO"}
.
deny x86_64 rmdir errno
is patch 1 -
deny x86_64 mkdir errno
is patch 1 -
op add /syscalls [{"names":["mkdir","rmdir"],"action":"SCMP_ACT_ALLOW"}]
proof 2 0 0

== 1: gated and conditional rules are no hosts
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_CHROOT"]}},
		{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
		{"names": ["access", "read"], "action": "SCMP_ACT_ALLOW", "args": [], "includes": {}, "excludes": {}}
	]
}
.
deny x86_64 mkdir errno
is patch 1 -
op add /syscalls/2/names/1 "mkdir"
proof 1 0 0

== 2: explicit rule with another action
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 mkdir errno
is patch 2 0
why Rule 0 (line 4) denies it with ERRNO(EACCES).
answer Moving it from rule 0 (line 4) to rule 1 (line 5) allows it on x86_64.
op move /syscalls/1/names/1 /syscalls/0/names/0
proof 1 0 0

== 2: its only name, so the rule goes
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mkdir"], "action": "SCMP_ACT_KILL_PROCESS"}
	]
}
.
deny x86_64 mkdir kill_process
is patch 2 1
op move /syscalls/0/names/1 /syscalls/1/names/0
op remove /syscalls/1
proof 1 0 0

== 2: without a host
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["mkdir"], "action": "SCMP_ACT_TRAP"}
	]
}
.
deny x86_64 mkdir trap
is patch 2 0
answer A new rule, in place of rule 0 (line 4), allows it on x86_64.
op add /syscalls/1 {"names":["mkdir"],"action":"SCMP_ACT_ALLOW"}
op remove /syscalls/0
proof 1 0 0

== 2: a rule that allows stands behind
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
		{"names": ["access", "mkdir"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 mkdir errno
is patch 2 0
why silences rule 1 (line 5)
answer Taking it out of rule 0 (line 4) allows it on x86_64.
op remove /syscalls/0/names/0
proof 1 0 0

== 2: two rules deny, the host between them
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
		{"names": ["access"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mkdir", "link"], "action": "SCMP_ACT_ERRNO", "errnoRet": 14}
	]
}
.
deny x86_64 mkdir errno
is patch 2 0
op move /syscalls/1/names/1 /syscalls/0/names/0
proof 1 0 0

== 2: two rules deny in front of the host
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
		{"names": ["mkdir", "link"], "action": "SCMP_ACT_ERRNO", "errnoRet": 14},
		{"names": ["access"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 mkdir errno
is patch 2 0
op move /syscalls/2/names/1 /syscalls/0/names/0
op remove /syscalls/1/names/0
proof 1 0 0

== 3: explicit rule that says what the default says
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 1,
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO"}
	]
}
.
deny x86_64 mkdir errno
is patch 3 1
why Rule 1 (line 6) denies it with ERRNO(EPERM), as defaultAction would.
op move /syscalls/0/names/1 /syscalls/1/names/0
proof 1 0 0

== 10: minKernel
target docker crun:1.14.0 kernel=4.4
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["renameat2"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}}
	]
}
.
deny x86_64 renameat2 errno
is kernel 10 -
why rule 1 (line 5) wants kernel 4.8; defaultAction ERRNO(EPERM) answers.
answer this target is 4.4

== 10: opened by name
target docker crun:1.14.0 kernel=4.4
option dangerous=renameat2
profile same
deny x86_64 renameat2 errno
is patch 1 -
op add /syscalls/0/names/1 "renameat2"

== 10: podman does not know minKernel
target podman kernel=4.4
profile same
deny x86_64 renameat2 errno
is not_ours 0 -
why The record says ERRNO, but for this call the profile answers ALLOW.

== 14: the number is above runc's stub
target docker runc:1.3.0
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64"],
	"syscalls": [
		{"names": ["access", "statx", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 pidfd_getfd errno
is patch 14 -
why runc's ENOSYS stub answered ahead of the profile: 438 is above 332 (statx), the highest number that counts.
answer On x86_64 the numbers 333 to 437 leave runc's ENOSYS stub: defaultAction ERRNO(EPERM) answers them.
op add /syscalls/0/names/1 "pidfd_getfd"
proof 1 0 105

== 14: crun has no stub
profile same
deny x86_64 pidfd_getfd errno
is patch 1 -
op add /syscalls/0/names/1 "pidfd_getfd"
proof 1 0 0

== 15: name form
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{
			"name": "access",
			"action": "SCMP_ACT_ALLOW",
			"args": []
		},
		{
			"name": "statx",
			"action": "SCMP_ACT_ALLOW",
			"args": []
		},
		{
			"name": "write",
			"action": "SCMP_ACT_ALLOW",
			"args": []
		}
	]
}
.
deny x86_64 mkdir errno
is patch 15 -
op add /syscalls/1 {"name":"mkdir","action":"SCMP_ACT_ALLOW","args":[]}
proof 1 0 0

== 15: name form, explicit rule
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"name": "access", "action": "SCMP_ACT_ALLOW", "args": []},
		{"name": "mkdir", "action": "SCMP_ACT_KILL", "args": []}
	]
}
.
deny x86_64 mkdir kill_thread
is patch 2 1
answer A new action for rule 1 (line 5) allows it on x86_64.
op replace /syscalls/1 {"name":"mkdir","action":"SCMP_ACT_ALLOW","args":[]}
proof 1 0 0

== 15: containerd ignores the form
target cri
profile same
deny x86_64 access errno
is patch 15 -
why rule 0 (line 4) is in the "name" form, which this front end ignores; defaultAction
note containerd ignores the "name" form: 2 rules
op add /syscalls/2 {"names":["access"],"action":"SCMP_ACT_ALLOW"}
note With its first name runc's ENOSYS stub comes to it

== 16: deny-list
profile
{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO"},
		{"names": ["link"], "action": "SCMP_ACT_ERRNO"}
	]
}
.
deny x86_64 mkdir errno
is patch 16 0
answer Taking it out of rule 0 (line 4) allows it on x86_64.
deny x86_64 link errno
is patch 16 1
op remove /syscalls/1
op remove /syscalls/0/names/0
proof 2 0 0

== 16: a logging default is a deny-list, too
profile
{
	"defaultAction": "SCMP_ACT_LOG",
	"syscalls": [
		{"names": ["mkdir", "rmdir"], "action": "SCMP_ACT_ERRNO"}
	]
}
.
deny x86_64 mkdir errno
is patch 16 0
op remove /syscalls/0/names/0
proof 1 0 0

== 17: logged by the default
profile same
deny x86_64 link log
is not_denied 17 -
why The call went through: defaultAction LOG only logs what no rule names.
answer Adding link to a rule that allows silences the record.

== 18: default that kills
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 rmdir kill_process
is patch 18 -
answer Any other call that no rule names still kills.
op add /syscalls/0/names/1 "rmdir"
