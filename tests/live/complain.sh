#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The logging twins with real runtimes: a container whose denials leave no record runs under its
# profile's twin, and each call that the profile would have denied is on record. For crun the twin
# has the log flag, and the same is denied; --by log, and for runc 1.1 without being told, it has
# LOG, and what was denied with the flag goes through.
# shellcheck disable=SC2016
set -u

live_top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/live/lib.sh
. "$live_top/tests/live/lib.sh"

live_begin auditd auditctl crun runc jq busybox cc unshare
live_shown='*.out *.err *.calls'
script="$live_denied
	rmdir /tmp/cache /tmp/thumbs
	true"

# run NAME PROFILE RUNTIME: NAME.out is what the container says, NAME.calls the calls of its own
# programs that were recorded, "arch call action" a line.
run() {
	live_bundle "$dir" "$2" "$script"
	rm -f "$dir/audit.log"
	live_auditd_start "$dir" RAW
	"live_$3" "$dir" "$1-$$" >"$dir/$1.out" 2>&1
	live_auditd_stop
	"$scaudit" report "$dir/audit.log" -q --format ndjson --exe /bin/busybox --exe /bin/thumb \
		--exe /bin/thumb32 >"$dir/$1.ndjson"
	jq -r '"\(.arch) \(.syscall) \(.action)"' "$dir/$1.ndjson" | sort -u >"$dir/$1.calls"
}

# Whether each call of A, with whatever action, is in B as LOG.
all_logged() { # all_logged A B
	sed 's/ [^ ]*$/ log/' "$dir/$1.calls" | sort -u >"$dir/wanted"
	test -s "$dir/wanted" && test -z "$(comm -23 "$dir/wanted" "$dir/$2.calls")"
}

live_root "$dir/root"
jq --tab 'del(.flags)' "$live_top/samples/web.json" >"$dir/plain.json"
"$scaudit" complain "$dir/plain.json" --runtime crun:1.8.1 -q -o "$dir/flag.json"
"$scaudit" complain "$dir/plain.json" --by log --runtime crun:1.8.1 -o "$dir/twin.json" \
	--undo "$dir/undo" 2>"$dir/complain.err"

run plain "$dir/plain.json" crun
ok "the profile refuses mkdir" grep -q '^mkdir refused' "$dir/plain.out"
ok "and leaves no record" test ! -s "$dir/plain.calls"

run flag "$dir/flag.json" crun
ok "the twin for crun has the flag" jq -e '.flags | index("SECCOMP_FILTER_FLAG_LOG") != null' \
	"$dir/flag.json"
ok "with the flag it refuses the same" cmp "$dir/plain.out" "$dir/flag.out"
ok "and mkdir is on record" grep -qx 'x86_64 mkdir errno' "$dir/flag.calls"

run twin "$dir/twin.json" crun
ok "under the twin by LOG mkdir works" sh -c '! grep -q "^mkdir refused" "$1"' sh "$dir/twin.out"
ok "each refused call is on record" all_logged flag twin
ok "nothing else than LOG is" sh -c '! grep -qv " log$" "$1"' sh "$dir/twin.calls"
"$scaudit" replay "$dir/plain.json" "$dir/twin.ndjson" --runtime crun:1.8.1 -q \
	--format ndjson >"$dir/replay.ndjson"
ok "the profile would break mkdir" jq -se 'any(.[]; .syscall == "mkdir" and .replay == "broken")' \
	"$dir/replay.ndjson"
ok "clone3 falls back" jq -se 'any(.[]; .syscall == "clone3" and .replay == "benign")' \
	"$dir/replay.ndjson"
ok "whatever is on record, the profile denies" \
	jq -se 'length > 0 and all(.[]; .replay == "broken" or .replay == "benign")' \
	"$dir/replay.ndjson"

"$scaudit" suggest "$dir/plain.json" "$dir/twin.ndjson" --logged --runtime crun:1.8.1 -q \
	--format profile -o "$dir/patched.json"
run patched "$dir/patched.json" crun
ok "suggest --logged opens mkdir by that log" sh -c '! grep -q "^mkdir refused" "$1"' sh \
	"$dir/patched.out"
ok "io_uring_setup is still refused" grep -qx 'io_uring_setup: Operation not permitted' \
	"$dir/patched.out"

"$scaudit" complain "$dir/plain.json" --runtime runc:1.1.5 -q -o "$dir/twin-runc.json"
ok "the twin for runc 1.1 has no flag" jq -e '.flags == null' "$dir/twin-runc.json"
run runc "$dir/twin-runc.json" runc
ok "runc: under the twin mkdir works" sh -c '! grep -q "^mkdir refused" "$1"' sh "$dir/runc.out"
ok "runc: each refused call is on record" all_logged flag runc

"$scaudit" enforce "$dir/twin.json" --undo "$dir/undo" >"$dir/back.json"
ok "enforce gives the profile back, byte for byte" cmp "$dir/plain.json" "$dir/back.json"
echo "1..$n"
