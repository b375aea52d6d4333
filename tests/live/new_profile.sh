#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A profile from nothing, under real runtimes: the container's command is traced outside of it,
# suggest --new makes a profile of the trace, and the container starts and works under that
# profile, while a call that was not traced is refused.
# shellcheck disable=SC2016
set -u

live_top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/live/lib.sh
. "$live_top/tests/live/lib.sh"

live_begin crun runc jq busybox cc unshare strace
live_shown='ran err'
script='mkdir /tmp/d && touch /tmp/d/f && ls /tmp/d | cat; rmdir /tmp/none; echo done'

bundle() { # bundle PROFILE SCRIPT NO-NEW-PRIVILEGES
	live_bundle "$dir" "$1" "$2"
	jq --slurpfile p "$1" --argjson nnp "$3" \
		'.linux.seccomp = $p[0] | .process.noNewPrivileges = $nnp' \
		"$dir/config.json" >"$dir/config.new" && mv "$dir/config.new" "$dir/config.json"
}

live_root "$dir/root"
strace -f -o "$dir/trace" chroot "$dir/root" /bin/sh -c "$script" >/dev/null 2>&1
rm -rf "$dir/root/tmp/d"
ok "the command is traced" grep -q ' mkdir("/tmp/d"' "$dir/trace"

for runtime in crun runc; do
	version=$($runtime --version | sed -n "s/^$runtime version //p")
	for action in errno kill_process; do
		"$scaudit" suggest --new "$dir/trace" --frontend oci --default $action \
			--runtime "$runtime:${version%%[!0-9.]*}" -o "$dir/new.json" 2>"$dir/err"
		for nnp in true false; do
			bundle "$dir/new.json" "$script" $nnp
			"live_$runtime" "$dir" "new-$$" >"$dir/ran" 2>&1
			ok "$runtime, $action, no_new_privs $nnp: it works" grep -qx 'done' "$dir/ran"
			ok "$runtime, $action, no_new_privs $nnp: all of it" grep -qx f "$dir/ran"
			rm -rf "$dir/root/tmp/d"
			"live_$runtime" "$dir" "again-$$" >"$dir/ran" 2>&1
			ok "$runtime, $action, no_new_privs $nnp: once more" grep -qx 'done' "$dir/ran"
			rm -rf "$dir/root/tmp/d"
		done
		bundle "$dir/new.json" "$script; chmod 700 /tmp && echo changed" false
		"live_$runtime" "$dir" "not-$$" >"$dir/ran" 2>&1
		rm -rf "$dir/root/tmp/d"
		ok "$runtime, $action: what was not traced is refused" \
			sh -c 'grep -qx "done" "$1" && ! grep -q changed "$1"' sh "$dir/ran"
	done
done
echo "1..$n"
