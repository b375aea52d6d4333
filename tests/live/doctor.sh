#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# doctor tells the truth, and its advice works: in each state of the host a container is really
# denied mkdir; where doctor says that nobody sees it there is no record; after the command that
# it shows there is one; and what it shows as undo gives the old state back.
# shellcheck disable=SC2016
set -u

live_top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/live/lib.sh
. "$live_top/tests/live/lib.sh"

live_begin auditd auditctl crun jq busybox cc unshare
live_shown='doctor.json said seen'
logged=/proc/sys/kernel/seccomp/actions_logged
before=$(cat $logged)
rule='never,exclude -F msgtype=SECCOMP'
restore() {
	echo "$before" >$logged
	# shellcheck disable=SC2086
	auditctl -d $rule >/dev/null 2>&1
	live_end
}
trap restore EXIT

no() {
	! "$@"
}

# doctor [ARGUMENT...]: into doctor.json
doctor() {
	"$scaudit" doctor --format json "$@" >"$dir/doctor.json" 2>"$dir/said"
}
# says ID HEALTH: that is the worst it found of it
says() {
	test "$(jq -r --arg id "$1" '[.findings[] | select(.id == $id) | .health]
		| (map(select(. == "problem")) + map(select(. == "note")) + .)[0]' \
		"$dir/doctor.json")" = "$2"
}
# follow ID show|undo: runs what it says, as it says it
follow() {
	jq -r --arg id "$1" --arg which "$2" \
		'.findings[] | select(.id == $id and .[$which]) | .[$which]' \
		"$dir/doctor.json" >"$dir/commands"
	[ -s "$dir/commands" ] && (cd "$dir" && sh -e ./commands >&2)
}
# sees SYSCALL SIGHT: where the map has it
sees() {
	jq -e --arg call "$1" --arg sight "$2" '.map.verdicts[]
		| select(.arch == "x86_64" and .sight == $sight)
		| .calls[] | select(.syscall == $call)' "$dir/doctor.json" >/dev/null
}
# deny RUNTIME PROFILE: a container tries mkdir; what it said is in said, what the kernel in seen
deny() {
	rm -f "$dir/seen"
	: >"$dir/seen"
	live_bundle "$dir" "$2" 'sleep 0.2; mkdir /tmp/of-doctor'
	"$scaudit" tail --from netlink --exe /bin/busybox --format ndjson >"$dir/seen" 2>/dev/null &
	tail=$!
	live_ready $tail
	"live_$1" "$dir" "doctor-$$" >"$dir/said" 2>&1
	live_wait no_backlog
	sleep 1 # for who reads it
	kill $tail 2>/dev/null
	wait $tail 2>/dev/null
	rmdir "$dir/root/tmp/of-doctor" 2>/dev/null
	return 0
}
no_backlog() {
	auditctl -s | grep -qx 'backlog 0'
}
recorded() { # recorded ACTION
	grep -q "\"action\":\"$1\".*\"syscall\":\"mkdir\"" "$dir/seen"
}
refused() {
	grep -q 'mkdir: .*Operation not permitted' "$dir/said"
}

live_root "$dir/root"
jq 'del(.flags)' "$live_top/samples/web.json" >"$dir/web.json"

echo "# no auditd, a profile without the flag"
doctor "$dir/web.json" --runtime crun
ok "no auditd: it says so" says auditd note
ok "the profile hides denials" says profile problem
ok "mkdir is denied silently" sees mkdir "denied silently"
deny crun "$dir/web.json"
ok "so it is: refused" refused
ok "and not recorded" no recorded errno
ok "the advice for crun can be followed" follow profile show
deny crun "$dir/web.json.logging"
ok "it is still refused" refused
ok "and recorded now" recorded errno
cp "$dir/doctor.json" "$dir/advice.json"
doctor "$dir/web.json.logging" --runtime crun
ok "the map agrees" sees mkdir "denied and logged"
ok "and has no complaint" says profile ok
cp "$dir/web.json.logging" "$dir/flagged.json"
cp "$dir/advice.json" "$dir/doctor.json"
ok "it can be undone" follow profile undo
ok "and leaves nothing" test ! -e "$dir/web.json.logging"

if command -v runc >/dev/null; then
	doctor "$dir/web.json"
	ok "runc: mkdir is denied silently" sees mkdir "denied silently"
	deny runc "$dir/web.json"
	ok "so it is: refused" refused
	ok "and not recorded" no recorded errno
	ok "the advice for this runc can be followed" follow profile show
	deny runc "$dir/web.json.logging"
	ok "mkdir is recorded now" sh -c 'grep -q "\"syscall\":\"mkdir\"" "$1"' sh "$dir/seen"
	ok "it can be undone" follow profile undo
fi

echo "# auditd runs"
live_auditd_start "$dir" RAW
doctor "$dir/flagged.json" --runtime crun
ok "auditd: it says so" says auditd ok
ok "and where its log is" sh -c 'jq -r ".findings[] | select(.id == \"auditd\") | .what" "$1" |
	grep -q "writes to $2/audit.log"' sh "$dir/doctor.json" "$dir"
deny crun "$dir/flagged.json"
live_fence
ok "the record is there" grep -q 'type=SECCOMP.*comm="mkdir".*syscall=83 ' "$dir/audit.log"

# shellcheck disable=SC2086
auditctl -a $rule
doctor "$dir/flagged.json" --runtime crun
ok "a rule that excludes: it says so" says audit-rules problem
ok "mkdir is denied silently" sees mkdir "denied silently"
deny crun "$dir/flagged.json"
ok "so it is" no recorded errno
ok "the advice can be followed" follow audit-rules show
deny crun "$dir/flagged.json"
ok "mkdir is recorded now" recorded errno
ok "it can be undone" follow audit-rules undo
ok "the rule is back" sh -c 'auditctl -l | grep -q "never,exclude -F msgtype=SECCOMP"'
# shellcheck disable=SC2086
auditctl -d $rule
live_auditd_stop

echo "# errno is not in actions_logged"
without=$(echo "$before" | sed 's/errno //')
echo "$without" >$logged
doctor "$dir/flagged.json" --runtime crun
ok "actions_logged: it says so" says actions-logged problem
ok "mkdir is denied silently" sees mkdir "denied silently"
deny crun "$dir/flagged.json"
ok "so it is: refused" refused
ok "and not recorded" no recorded errno
ok "the advice can be followed" follow actions-logged show
deny crun "$dir/flagged.json"
ok "mkdir is recorded now" recorded errno
ok "it can be undone" follow actions-logged undo
ok "actions_logged is as before" test "$(cat $logged)" = "$without"
echo "$before" >$logged
doctor "$dir/flagged.json" --runtime crun
ok "and well in the end" says actions-logged ok
echo "1..$n"
