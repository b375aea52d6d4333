#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole loop at 3 a.m.: scaudit follows the kernel as a service would, a container's process
# is killed at once, auditd logs it. Later `suggest --container NAME` finds, in auditd's log and
# by the map, the denial of the process that is long dead, and its engine's profile. TAP.
# shellcheck disable=SC2016 # sh -c gets its words as arguments
set -u
cd "$(dirname "$0")/../.." || exit 1
live_top=$PWD
# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

live_begin auditd runc busybox jq
name=sc$$web
follow=
cleanup() {
	[ -n "$follow" ] && kill "$follow" 2>/dev/null
	runc delete -f "$name" >/dev/null 2>&1
	live_end
}
trap cleanup EXIT

cat >"$dir/prof.json" <<'EOF'
{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [
		{"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_KILL_PROCESS"}
	]
}
EOF

echo "1..10"
live_root "$dir/root"
live_bundle "$dir" "$dir/prof.json" "chmod 600 /tmp; sleep 600"
ok "auditd logs" live_auditd_start "$dir" RAW
"$scaudit" log -f -q --from netlink --state "$dir/state" -o "$dir/events" 2>"$dir/follow.err" &
follow=$!
live_ready "$follow"
ok "a container starts" sh -c 'runc run -d --bundle "$1" "$2" </dev/null >/dev/null 2>&1' sh "$dir" "$name"
live_wait grep -q "\"chmod\".*\"$name\"" "$dir/events"
ok "the killed process is in its container" sh -c '
	grep "\"chmod\".*\"container\":{\"id\":\"$1\"" "$2" || { cat "$2"; false; }' sh "$name" "$dir/events"
kill "$follow"
wait "$follow"
ok "the follower ends well" test $? = 0
follow=
ok "the map is kept" grep -q "$name" "$dir/state.map"
ok "for its owner only" test "$(stat -c %a "$dir/state.map" "$dir/state" | sort -u)" = 600
live_fence
ok "suggest --container makes a patch from the log and the map" sh -c '
	"$1" suggest --container "$2" --from "$3/audit.log" --containers "$3/state.map" \
		--format profile >"$3/new.json" 2>"$3/why"; cat "$3/why"; test -s "$3/new.json"' \
	sh "$scaudit" "$name" "$dir"
ok "the call is open in it" jq -e '[.syscalls[] | select(.action == "SCMP_ACT_KILL_PROCESS") | .names[]]
	| index("chmod") | not' "$dir/new.json"
ok "explain --container shows that its profile kills" sh -c '
	"$1" explain --container "$2" chmod -q --exit-code >"$3/why"; test $? = 1 && cat "$3/why" &&
		grep -q "chmod, .*KILL_PROCESS by rule" "$3/why"' sh "$scaudit" "$name" "$dir"
ok "check --container checks it" sh -c '
	"$1" check --container "$2" -q --format json >"$3/checked"; cat "$3/checked"
	jq -e ".container.name == \"$2\" and (.profiles | length) == 1" "$3/checked"' \
	sh "$scaudit" "$name" "$dir"
