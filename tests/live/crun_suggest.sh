#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole loop with a real runtime: a container is refused calls, auditd records it,
# suggest patches the profile, and the same container under the patched profile makes exactly
# those calls. crun, because it loads filters with SECCOMP_FILTER_FLAG_LOG.
# shellcheck disable=SC2016
set -u

live_top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/live/lib.sh
. "$live_top/tests/live/lib.sh"

live_begin auditd auditctl crun jq busybox cc unshare
live_shown='first second suggest.err'
script="$live_denied
	ls /tmp"

live_root "$dir/root"
live_bundle "$dir" "$live_top/samples/web.json" "$script"
live_auditd_start "$dir" ENRICHED
live_crun "$dir" "first-$$" >"$dir/first" 2>&1
live_auditd_stop
mv "$dir/audit.log" "$dir/first.log"

ok "the container is refused mkdir" grep -q '^mkdir refused' "$dir/first"
ok "auditd recorded it" grep -q '^type=SECCOMP.*syscall=83 ' "$dir/first.log"

"$scaudit" suggest "$live_top/samples/web.json" "$dir/first.log" --runtime crun:1.8.1 \
	--format profile -o "$dir/patched.json" 2>"$dir/suggest.err"
ok "suggest answers" test -s "$dir/patched.json"
ok "the patched profile is JSON" jq empty "$dir/patched.json"
ok "mkdir is in it" jq -e '.syscalls[0].names | index("mkdir") != null' "$dir/patched.json"

live_bundle "$dir" "$dir/patched.json" "$script"
live_auditd_start "$dir" RAW
live_crun "$dir" "second-$$" >"$dir/second" 2>&1
live_auditd_stop

ok "mkdir works under the patched profile" grep -qx 'cache' "$dir/second"
if [ -x "$dir/root/bin/thumb32" ]; then
	ok "so does the 32-bit mkdir" grep -qx 'thumbs' "$dir/second"
fi
ok "io_uring_setup is still refused" grep -qx 'io_uring_setup: Operation not permitted' "$dir/second"
ok "clone3 still says ENOSYS" grep -qx 'clone3: Function not implemented' "$dir/second"
"$scaudit" report "$dir/audit.log" --format ndjson >"$dir/after" 2>/dev/null
ok "no record of mkdir any more" sh -c '! grep -q "\"syscall\":\"mkdir\"" "$1"' sh "$dir/after"
ok "io_uring_setup is on record" grep -q '"syscall":"io_uring_setup"' "$dir/after"
echo "1..$n"
