# Several denials at once.

== one host, one new rule, names in order
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{
			"names": [
				"access",
				"getrlimit",
				"get_robust_list",
				"getrusage",
				"write"
			],
			"action": "SCMP_ACT_ALLOW"
		}
	]
}
.
deny x86_64 mkdir errno
is patch 1 -
deny x86_64 link errno
is patch 1 -
deny x86_64 getsockname errno
is patch 1 -
deny x86_64 chdir errno
is patch 1 -
op add /syscalls/0/names/1 "chdir"
op add /syscalls/0/names/5 "getsockname"
op add /syscalls/0/names/6 "link"
op add /syscalls/0/names/7 "mkdir"
proof 4 0 0

== unsorted host: in front of the last
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["write", "read", "open", "access"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 rmdir errno
is patch 1 -
deny x86_64 mkdir errno
is patch 1 -
op add /syscalls/0/names/3 "mkdir"
op add /syscalls/0/names/4 "rmdir"

== a rule loses all of its names to two goals
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mkdir", "clone3"], "action": "SCMP_ACT_ERRNO"}
	]
}
.
deny x86_64 mkdir errno
is patch 2 1
deny x86_64 clone3 errno
is enosys 12 1
op move /syscalls/0/names/1 /syscalls/1/names/0
op add /syscalls/2 {"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}
op remove /syscalls/1
proof 2 0 0

== a rule that loses one name and takes in another stays
option dangerous=clone3
profile
{
	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
	]
}
.
deny x86_64 clone3 errno
is patch 2 1
deny x86_64 io_uring_setup kill_process
is enosys 12 -
op move /syscalls/0/names/1 /syscalls/1/names/0
op add /syscalls/1/names/0 "io_uring_setup"
proof 2 0 0

== the runtime needs what the application can do without
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 38,
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny x86_64 statx errno
is benign 11 -
deny x86_64 statx errno init
is patch 1 -
op add /syscalls/0/names/1 "statx"
