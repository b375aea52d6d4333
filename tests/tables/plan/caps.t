# Gates by capability: situations 7 and 8.

== 7: the kernel demands what the gate demands
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["sethostname", "mount", "umount2", "access"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
		{"names": ["mbind", "get_mempolicy"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_NICE"]}}
	]
}
.
deny x86_64 mount errno
is capability 7 -
why rule 1 (line 5) wants CAP_SYS_ADMIN; defaultAction ERRNO(EPERM) answers.
answer --cap-add SYS_ADMIN opens the rule by itself, and 2 other calls of this profile.

== 7: asked for by name
option dangerous=mount
profile same
deny x86_64 mount errno
is patch 8 -
op add /syscalls/0/names/1 "mount"
proof 1 0 0

== 7: the target has it
target docker caps=all
profile same
deny x86_64 mount errno
is not_ours 0 -

== 8: the kernel does not ask for it
profile same
deny x86_64 mbind errno
is patch 8 -
why rule 2 (line 6) wants CAP_SYS_NICE
op add /syscalls/0/names/1 "mbind"
proof 1 0 0

== 7: podman's pair of gates
target podman
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 38,
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["sethostname"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
		{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": {"caps": ["CAP_SYS_ADMIN"]}}
	]
}
.
deny x86_64 sethostname errno
is capability 7 2
why Rule 2 (line 7) denies it with ERRNO(EPERM).
answer --cap-add SYS_ADMIN opens the rule by itself. No patch.

== 7: no gate, but the kernel would say the same
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 sethostname errno
is capability 7 -
answer a patch would only move the refusal from the filter to the kernel

== 7: killed instead, so the patch is worth it
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 sethostname kill_process
is patch 18 -
answer The kernel will still refuse it without CAP_SYS_ADMIN.
op add /syscalls/0/names/1 "sethostname"

== 7: of several capabilities the narrowest
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["bpf", "mount", "umount2"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
		{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}
	]
}
.
deny x86_64 bpf errno
is capability 7 -
why rule 1 (line 5) wants CAP_SYS_ADMIN, rule 2 (line 6) wants CAP_BPF; defaultAction
answer --cap-add BPF opens the rule by itself. No patch.

== containerd ignores gates
target cri crun:1.14.0
profile same
deny x86_64 bpf errno
is not_ours 0 -
note containerd ignores includes and excludes: 2 rules

== 7: the kernel demands one, but the caller falls back
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 fsopen errno
is enosys 12 -
answer Not allowed because: mounts by another name
op add /syscalls/1 {"names":["fsopen"],"action":"SCMP_ACT_ERRNO","errnoRet":38}

== 7: the stub answers, the kernel would refuse as well
target docker runc:1.3.0
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["sethostname"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}}
	]
}
.
deny x86_64 sethostname errno
is capability 7 -
why runc's ENOSYS stub answered ahead of the profile: 170 is above 21 (access), the highest number that counts: rule 1 (line 5) wants CAP_SYS_ADMIN.

== words from a profile are escaped and cut
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["\u001b[31mAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]}}
	]
}
.
deny x86_64 mkdir errno
is patch 8 -
why wants \x1b[31mAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA...; defaultAction
op add /syscalls/0/names/1 "mkdir"

== a config.json: the profile is its linux.seccomp
target oci crun:1.14.0
profile
{
	"ociVersion": "1.0.2",
	"linux": {
		"seccomp": {
			"defaultAction": "SCMP_ACT_ERRNO",
			"architectures": ["SCMP_ARCH_X86_64"]
		}
	}
}
.
deny x86_64 mkdir errno
is patch 1 -
op add /linux/seccomp/syscalls [{"names":["mkdir"],"action":"SCMP_ACT_ALLOW"}]
