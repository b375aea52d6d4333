# Calls on whose ENOSYS the libc falls back: situations 11 and 12, and what is held back.

== 11: explicit ENOSYS
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
	]
}
.
deny x86_64 clone3 errno
is benign 11 1
why Rule 1 (line 5) denies it with ERRNO(ENOSYS).
answer Leave it: the answer is ENOSYS, on which callers fall back.

== 11: opened by name all the same
option dangerous=clone3
profile same
deny x86_64 clone3 errno
is patch 2 1
op move /syscalls/0/names/1 /syscalls/1/names/0
op remove /syscalls/1
proof 1 0 0

== 11: "all" is for calls that are held back
option dangerous=all
profile same
deny x86_64 clone3 errno
is benign 11 1

== 11: by the stub
target docker runc:1.3.0
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"architectures": ["SCMP_ARCH_X86_64"],
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 clone3 errno
is benign 11 -
why runc's ENOSYS stub

== 12: killed by crun, which has no stub
profile same
deny x86_64 clone3 kill_process
is enosys 12 -
answer A new rule makes it answer ENOSYS on x86_64.
op add /syscalls/1 {"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}
proof 1 0 0

== 12: harmless ones are allowed
profile same
deny x86_64 statx kill_process
is patch 18 -
deny x86_64 faccessat2 kill_process
is patch 18 -
deny x86_64 rseq kill_process
is patch 18 -
op add /syscalls/0/names/1 "faccessat2"
op add /syscalls/0/names/2 "rseq"
op add /syscalls/0/names/3 "statx"
proof 3 0 0

== 12: explicit EPERM, a rule for ENOSYS is there
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["clone3", "rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
		{"names": ["io_uring_enter", "io_uring_setup"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
	]
}
.
deny x86_64 clone3 errno
is enosys 12 1
answer Moving it from rule 1 (line 5) to rule 2 (line 6) makes it answer ENOSYS on x86_64.
op move /syscalls/2/names/0 /syscalls/1/names/0
proof 1 0 0

== 12: the default is ENOSYS, a rule says EPERM
target podman
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 38,
	"syscalls": [
		{"names": ["clone3", "rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 clone3 errno
is enosys 12 0
op remove /syscalls/0/names/0
proof 1 0 0

== held back
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 userfaultfd errno
is held 1 -
answer Held back:
answer --allow-dangerous userfaultfd opens it.

== held back: callers of io_uring take EPERM as well as ENOSYS
profile same
deny x86_64 io_uring_setup errno
is held 1 -
answer Held back: operations inside a ring
answer --allow-dangerous io_uring_setup opens it.

== 12: but none of them takes a death
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 io_uring_setup kill_process
is enosys 12 -
answer makes it answer ENOSYS on x86_64.
op add /syscalls/1 {"names":["io_uring_setup"],"action":"SCMP_ACT_ERRNO","errnoRet":38}
proof 1 0 0

== held back, asked for
option dangerous=all
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 userfaultfd errno
is patch 1 -
answer Dangerous:
op add /syscalls/0/names/1 "userfaultfd"

== 12: the default is ENOSYS, and a condition was silenced
target podman
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 38,
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["clone3"], "action": "SCMP_ACT_KILL", "args": [{"index": 1, "value": 88, "op": "SCMP_CMP_EQ"}]},
		{"names": ["clone3", "rmdir"], "action": "SCMP_ACT_TRAP"}
	]
}
.
deny x86_64 clone3 trap
is enosys 12 2
op remove /syscalls/1
op remove /syscalls/1/names/0
