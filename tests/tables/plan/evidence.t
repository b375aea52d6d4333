# What the record must say before a profile is blamed.

== no architecture
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny - 83 errno
is unknown 0 -
why no architecture, so number 83 has no name
answer --arch

== number -1
profile same
deny x86_64 -1 errno
is unknown 0 -
answer No rule can name it.

== number without a name
profile same
deny x86_64 1999 errno
is unknown 0 -
why No table has a name for number 1999 on x86_64.

== logged only, by a twin
profile same
deny x86_64 mkdir log
is not_denied 0 -
answer logging twin of this profile, which itself answers ERRNO(EPERM).

== strict mode
profile same
deny x86_64 mkdir strict
is not_ours 0 -
why Strict mode

== an action that the profile does not have
profile same
deny x86_64 mkdir trap
is not_ours 0 -
why The record says TRAP, but for this call the profile answers ERRNO(EPERM).
answer Chromium, systemd and sshd use TRAP
deny x86_64 mkdir kill_process
is not_ours 0 -
deny x86_64 mkdir errno
is patch 1 -
op add /syscalls/0/names/1 "mkdir"

== allowed by this profile
profile same
deny x86_64 write errno
is not_ours 0 -
why The record says ERRNO, but for this call the profile answers ALLOW.
answer crun's cache of compiled filters

== no action in the record
profile same
deny x86_64 mkdir unknown
is patch 1 -
why likely, not certain
op add /syscalls/0/names/1 "mkdir"

== records of ERRNO need the log flag
profile same
deny x86_64 mkdir errno
is patch 1 -
note SECCOMP_FILTER_FLAG_LOG
op add /syscalls/0/names/1 "mkdir"

== the runtime's own start-up
profile same
deny x86_64 getdents64 errno init
is patch 1 -
why The container runtime's own start-up was denied, not the application. No rule names getdents64
op add /syscalls/0/names/1 "getdents64"

== the runtime's own start-up has no fallback
target podman
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 38,
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 statx errno init
is patch 1 -
op add /syscalls/0/names/1 "statx"

== no filter at all
profile
{}
.
deny x86_64 mkdir errno
is not_ours 0 -
why The profile sets no filter for this target
note neither defaultAction nor syscalls

== 19: an agent decides
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"listenerPath": "/run/agent.sock",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"},
		{"names": ["rmdir"], "action": "SCMP_ACT_TRACE"}
	]
}
.
deny x86_64 mkdir user_notif
is agent 19 1
answer The agent behind listenerPath decides
deny x86_64 rmdir trace
is agent 19 2
answer The tracer decides

== 21: a profile that its loader refuses
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access"], "name": "access", "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 mkdir errno
refused name

== 13: libseccomp does not know the name
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write", "file_setattr"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 file_setattr errno
is unknown 13 -
why rule 0 (line 4) has it, but this libseccomp does not know the name
answer Till then it answers ERRNO(EPERM).

== 13: but the stub answers ENOSYS
target docker runc:1.3.0
profile same
deny x86_64 file_setattr errno
is benign 11 -

== a misspelling
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["Mkdir", "access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 mkdir errno
is patch 1 -
why rule 0 (line 4) has "Mkdir", which is no system call; defaultAction ERRNO(EPERM) answers.
op add /syscalls/0/names/2 "mkdir"
