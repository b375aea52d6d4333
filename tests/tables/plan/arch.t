# Architectures that the filter lacks (situation 9), and multiplexers.

== 9: advice only
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"archMap": [
		{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X32"]},
		{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}
	],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 write kill_thread
is held 9 -
why x86 is not among the filter's architectures
answer --allow-arch adds SCMP_ARCH_X86: that opens the whole profile, 3 allowed names

== 9: on request, native entry of archMap
option arch
profile same
deny x86 write kill_thread
is patch 9 -
op add /archMap/0/subArchitectures/1 "SCMP_ARCH_X86"

== 9: with a name that is missing there, too
option arch
profile same
deny x86 write kill_thread
is patch 9 -
deny x86 mmap2 kill_thread
is patch 1 -
answer Adding SCMP_ARCH_X86 opens the whole profile
answer Adding it to rule 0 (line 8) allows it on x86.
op add /archMap/0/subArchitectures/1 "SCMP_ARCH_X86"
op add /syscalls/0/names/2 "mmap2"

== 9: x32 is not added
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64"],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x32 write kill_thread
is held 9 -
answer x32 calls are a way around filters

== 9: architectures
option arch
profile same
deny x86 write kill_thread
is patch 9 -
op add /architectures/1 "SCMP_ARCH_X86"

== 9: containerd ignores archMap
target cri
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"archMap": [
		{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}
	],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 write kill_thread
is patch 9 -
note containerd ignores archMap
op add /architectures ["SCMP_ARCH_X86_64","SCMP_ARCH_X86"]
op remove /archMap

== another machine's record
profile same
deny aarch64 write kill_thread
is not_ours 0 -
why aarch64 programs do not run on x86_64
answer --target-arch aarch64

== one name on two architectures: one edit
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	"syscalls": [
		{"names": ["access", "write", "futex_waitv", "cachestat"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 mkdir errno
is patch 1 -
deny x86_64 mkdir errno
is patch 1 -
op add /syscalls/0/names/3 "mkdir"
proof 2 0 0

== socketcall, where nothing names a socket call
profile same
deny x86 socketcall errno
is patch 1 -
answer socketcall carries many calls
op add /syscalls/0/names/3 "socketcall"

== socketcall, where rules for socket decide
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	"syscalls": [
		{"names": ["access", "write", "socket", "cachestat"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 socketcall errno
is args 4 -
answer Argument 0 decides
deny x86 socketcall errno a0=2
is args 4 -
answer Argument 0 says that the call is bind: a rule for bind opens it, on every architecture.

== runc does not count the direct numbers of multiplexed calls
target docker runc:1.3.0
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	"syscalls": [
		{"names": ["access", "msgget", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 msgget errno
is benign 11 -
answer runc does not count the number of msgget here, so no rule opens it

== a call that is multiplexed on x86
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 bind errno
is patch 1 -
answer On x86 it opens socketcall(2) besides.
op add /syscalls/0/names/1 "bind"

== 9: not for a call that stays closed
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64"],
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 userfaultfd kill_thread
is held 1 -

== 9: an architecture whose rules would contradict each other
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64"],
	"syscalls": [
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
		{"names": ["socket"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]}
	]
}
.
deny x86 write kill_thread
is conflict 9 -
answer SCMP_ARCH_X86 can not be added to this profile: crun 1.14.0:

== 9: the native entry of archMap has no list
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"archMap": [
		{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
		{"architecture": "SCMP_ARCH_X86_64"}
	],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 write kill_thread
is patch 9 -
op add /archMap/1/subArchitectures ["SCMP_ARCH_X86"]

== 9: the native entry of archMap has null
target podman
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"archMap": [
		{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": null}
	],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 write kill_thread
is patch 9 -
op replace /archMap/0/subArchitectures ["SCMP_ARCH_X86"]

== 9: archMap has no native entry
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"archMap": [
		{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
		{"subArchitectures": ["SCMP_ARCH_X86"]}
	],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 write kill_thread
is patch 9 -
op add /archMap/2 {"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}

== 9: an empty archMap, and no architectures
option arch
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": null,
	"archMap": [],
	"syscalls": [
		{"names": ["access", "write", "clone3"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86 write kill_thread
is patch 9 -
op replace /architectures ["SCMP_ARCH_X86_64","SCMP_ARCH_X86"]
op remove /archMap
