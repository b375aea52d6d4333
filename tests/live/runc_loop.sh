#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A profile that kills, far too small for its program: run, read the one record that the
# killed process left, patch in place, run again, until the container works. What stands
# in the profile at the end is only what was denied on the way.
# shellcheck disable=SC2016
set -u

live_top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/live/lib.sh
. "$live_top/tests/live/lib.sh"

live_begin auditd auditctl runc crun jq busybox cc

live_root "$dir/root"
# What runc 1.1.5 and a static program need to start (profile-semantics.md section 5); the
# application's own calls are missing.
jq -n '{
	defaultAction: "SCMP_ACT_KILL_PROCESS",
	architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	syscalls: [{
		names: ["arch_prctl", "brk", "capget", "capset", "chdir", "close", "epoll_ctl",
			"epoll_pwait", "execve", "exit_group", "faccessat2", "fchown", "fcntl",
			"fstat", "fstatfs", "futex", "getcwd", "getdents64", "getgid", "getpid",
			"getppid", "getuid", "madvise", "mmap", "mprotect", "munmap", "nanosleep",
			"newfstatat", "openat", "prctl", "read", "rt_sigaction", "rt_sigprocmask",
			"rt_sigreturn", "sched_yield", "setgid", "setgroups", "setuid",
			"sigaltstack", "tgkill", "write"],
		action: "SCMP_ACT_ALLOW"}]}' >"$dir/profile.json"
cp "$dir/profile.json" "$dir/start.json"

rounds=0
works=1
while [ "$rounds" -lt 60 ]; do
	rounds=$((rounds + 1))
	live_bundle "$dir" "$dir/profile.json" 'mkdir /tmp/a; ls /tmp >/dev/null; rmdir /tmp/a; echo works'
	rm -f "$dir/audit.log"
	live_auditd_start "$dir" RAW || break
	live_runc "$dir" "loop-$$-$rounds" >"$dir/out" 2>&1
	live_auditd_stop
	if grep -qx works "$dir/out"; then
		works=0
		break
	fi
	"$scaudit" suggest "$dir/profile.json" "$dir/audit.log" --runtime runc:1.1.5 --in-place \
		--exit-code >"$dir/patch" 2>"$dir/err"
	if [ $? != 1 ]; then
		sed 's/^/# /' "$dir/out" "$dir/err"
		break
	fi
done

echo "1..3"
if [ "$works" = 0 ]; then
	echo "ok 1 - the container works after $rounds rounds"
else
	echo "not ok 1 - the container still fails after $rounds rounds"
fi
jq -r '.syscalls[].names[]' "$dir/start.json" | sort >"$dir/a"
jq -r '.syscalls[].names[]' "$dir/profile.json" | sort >"$dir/b"
if [ -z "$(comm -23 "$dir/a" "$dir/b")" ] && [ -n "$(comm -13 "$dir/a" "$dir/b")" ]; then
	echo "ok 2 - added: $(comm -13 "$dir/a" "$dir/b" | tr '\n' ' ')"
else
	echo "not ok 2 - names lost, or none added"
fi
if [ "$(comm -13 "$dir/a" "$dir/b" | wc -l)" -ge "$((rounds - 1))" ]; then
	echo "ok 3 - each of $((rounds - 1)) patches added a name"
else
	echo "not ok 3 - $((rounds - 1)) patches, but $(comm -13 "$dir/a" "$dir/b" | wc -l) names"
fi
