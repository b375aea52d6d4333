# Rules that look at arguments: situations 4, 5 and 6.

== 4: arguments unknown
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{
			"names": ["clone"],
			"action": "SCMP_ACT_ALLOW",
			"args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}],
			"excludes": {"arches": ["s390", "s390x"]}
		},
		{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}
	]
}
.
deny x86_64 personality errno
is args 4 -
why What personality gets depends on its arguments: ERRNO(EPERM) or ALLOW; see rule 2 (line 11).
answer Argument 0 decides, and the record does not have it.
answer --allow-broad

== 4: opened for all arguments
option broad
profile same
deny x86_64 personality errno
is patch 4 -
answer It is then allowed for all arguments, and its conditional rules are void.
op add /syscalls/0/names/1 "personality"

== 5: clone flags, mask and gates of the rule at hand
profile same
deny x86_64 clone errno a0=0x10000011
is patch 5 -
why No condition for clone fits these arguments: defaultAction ERRNO(EPERM) answers; see rule 1 (line 5).
answer A new rule allows it only where argument 0 & 0x7e020000 is 0x10000000, on x86_64.
op add /syscalls/2 {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"valueTwo":268435456,"op":"SCMP_CMP_MASKED_EQ"}],"excludes":{"arches":["s390","s390x"]}}
proof 1 0 0

== 5: personality by value, twice the same
profile same
deny x86_64 personality errno a0=0x40000
is patch 5 -
answer only where argument 0 is 0x40000, on x86_64.
deny x86_64 personality errno a0=0x40000 a1=7
is patch 5 -
deny x86_64 personality errno a0=0x20008
is patch 5 -
op add /syscalls/3 {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":262144,"op":"SCMP_CMP_EQ"}]}
op add /syscalls/4 {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":131080,"op":"SCMP_CMP_EQ"}]}

== 5: one without arguments opens all, conditions are not needed then
option broad
profile same
deny x86_64 personality errno a0=0x40000
is patch 5 -
deny x86_64 personality errno
is patch 4 -
op add /syscalls/0/names/1 "personality"

== 5: arguments that the profile allows
profile same
deny x86_64 personality errno a0=8
is not_ours 0 -

== 5: s390x has the flags of clone in argument 1
target docker crun:1.14.0 arch=s390x
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"}
	]
}
.
deny s390x clone errno a0=0x7000 a1=0x10000011
is patch 5 -
op add /syscalls/1 {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":2114060288,"valueTwo":268435456,"op":"SCMP_CMP_MASKED_EQ"}]}
proof 1 0 0

== 5: socket by family and type
target podman
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"defaultErrnoRet": 38,
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967295, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}]},
		{"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22, "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}], "excludes": {"caps": ["CAP_AUDIT_WRITE"]}}
	]
}
.
deny x86_64 socket errno a0=2 a1=0x80801 a2=0
is patch 5 -
op add /syscalls/2 {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"},{"index":1,"value":15,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"},{"index":2,"value":0,"op":"SCMP_CMP_EQ"}]}

== 5: beside a rule that denies one type of the same family
target podman caps=none
profile same
deny x86_64 socket errno a0=16 a1=3 a2=5
is patch 5 -
op add /syscalls/2 {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"valueTwo":16,"op":"SCMP_CMP_MASKED_EQ"},{"index":1,"value":15,"valueTwo":3,"op":"SCMP_CMP_MASKED_EQ"},{"index":2,"value":5,"op":"SCMP_CMP_EQ"}]}

== 6: a conditional rule denies on purpose
target podman caps=none
profile same
deny x86_64 socket errno a0=16 a1=3 a2=9
is conflict 6 2
why Rule 2 (line 7) denies it with ERRNO(EINVAL) for these arguments.
answer Change rule 2 (line 7), or add CAP_AUDIT_WRITE, which drops it.

== 4: several verdicts, none known
target podman caps=none
profile same
deny x86_64 socket errno
is args 4 -
why ERRNO(EINVAL)

== 16: the one rule of a deny-list fixes its argument
profile
{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [
		{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]},
		{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 21522, "op": "SCMP_CMP_GE"}]}
	]
}
.
deny x86_64 personality errno
is patch 16 -
op remove /syscalls/0

== 16: a range is wider than the call
profile same
deny x86_64 ioctl errno
is args 4 -
answer --allow-broad opens it for all arguments.

== 16: with arguments the rule is certain
profile same
deny x86_64 ioctl errno a1=21523
is patch 16 1
why Rule 1 (line 5) denies it with ERRNO(EPERM) for these arguments.
op remove /syscalls/1

== 16: removing the rule for all silences no conditional one
profile
{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [
		{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]},
		{"names": ["personality", "access"], "action": "SCMP_ACT_ERRNO"}
	]
}
.
deny x86_64 personality errno
is patch 16 1
op remove /syscalls/0
op remove /syscalls/0/names/0

== 6: opened for all, since a second condition would contradict
option broad
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}
	]
}
.
deny x86_64 personality errno
is patch 4 -
deny x86_64 personality errno a0=8
is patch 4 1
op add /syscalls/0/names/1 "personality"

== 6: the same with arguments alone
option broad
profile same
deny x86_64 personality errno a0=8
is patch 4 1
op add /syscalls/0/names/1 "personality"

== 5: a call of no selector: by what the rules at hand look at
profile
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [
		{"names": ["access", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 2, "op": "SCMP_CMP_LE"}]},
		{"names": ["mprotect"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, "value": 4, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
		{"names": ["mlock2"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, "value": 3, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}]},
		{"names": ["mlock2"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, "value": 6, "valueTwo": 4, "op": "SCMP_CMP_MASKED_EQ"}]}
	]
}
.
deny x86_64 kill errno a0=7 a1=15
is patch 5 -
answer A new rule allows it only where argument 1 is 0xf, on x86_64.
op add /syscalls/2 {"names":["kill"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":15,"op":"SCMP_CMP_EQ"}]}

== 5: the same mask as theirs
profile same
deny x86_64 mprotect errno a2=5
is patch 5 -
op add /syscalls/3 {"names":["mprotect"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"value":4,"valueTwo":4,"op":"SCMP_CMP_MASKED_EQ"}]}

== 5: the whole value where their masks differ
profile same
deny x86_64 mlock2 errno a2=10
is patch 5 -
op add /syscalls/5 {"names":["mlock2"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"value":10,"op":"SCMP_CMP_EQ"}]}

== 5: the argument that they look at is not known
profile same
deny x86_64 kill errno a0=7
is args 4 -
answer Argument 1 decides, and the record does not have it.

== 5: a range that holds
profile same
deny x86_64 kill errno a1=2
is not_ours 0 -
