# SPDX-License-Identifier: Apache-2.0
# Shared by the live tests and scripts/make-samples: a real auditd with a log of its own, a
# busybox root, and containers of crun and runc under a given profile. Sourced, not run.
# The caller sets live_top to the repository's root.
# shellcheck shell=sh disable=SC2016,SC2034

: "${live_top:?}"

# live_missing TOOL...: prints why this machine can not do it; nothing when it can.
live_missing() {
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
		return
	fi
	for live_tool; do
		if ! command -v "$live_tool" >/dev/null 2>&1; then
			echo "$live_tool is not installed (scripts/deps installs it)"
			return
		fi
	done
	if [ ! -r /proc/sys/kernel/seccomp/actions_logged ]; then
		echo "this kernel has no seccomp logging"
		return
	fi
	case " $* " in
	*" auditd "*)
		if pidof auditd >/dev/null; then
			echo "an auditd runs already, and the kernel serves only one"
		fi
		;;
	esac
}

# live_begin TOOL...: a script's head. Skips it where this machine can not do it; otherwise sets
# scaudit, and dir, a temporary directory that goes with the script, as auditd does.
live_begin() {
	live_why=$(live_missing "$@")
	if [ -n "$live_why" ]; then
		echo "1..0 # SKIP $live_why"
		exit 0
	fi
	scaudit=${SCAUDIT:-$live_top/build/scaudit}
	dir=$(mktemp -d)
	n=0
	trap live_end EXIT
	trap 'exit 1' INT TERM
}

# live_end: whoever sets another trap on EXIT ends with this.
live_end() {
	live_auditd_stop
	rm -rf "$dir"
}

# ok NAME COMMAND...: a line of TAP. A failed one is followed by what the command printed and by
# the files that live_shown names: words, relative to dir.
ok() {
	n=$((n + 1))
	live_name=$1
	shift
	if "$@" >"$dir/ok.said" 2>&1; then
		echo "ok $n - $live_name"
	else
		echo "not ok $n - $live_name"
		# shellcheck disable=SC2086 # words, and patterns
		(cd "$dir" && sed 's/^/# /' ok.said ${live_shown:-} 2>/dev/null)
	fi
}

# live_wait COMMAND...: until it succeeds. A busy machine may take long for what has to come.
live_wait() {
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.2
	done
	return 1
}

# live_ready PID: until scaudit, which follows, has opened all that it reads: then it is in its sandbox.
live_ready() {
	live_wait grep -q '^Seccomp:.2' "/proc/$1/status"
}

# live_plugin DIR string|binary: auditd, started on DIR, will listen at DIR/events, too.
live_plugin() {
	mkdir -p "$1/conf/plugins.d"
	cat >"$1/conf/plugins.d/af_unix.conf" <<EOF
active = yes
direction = out
path = builtin_af_unix
type = builtin
args = 0600 $1/events
format = $2
EOF
	chmod 640 "$1/conf/plugins.d/af_unix.conf"
}

# live_auditd_start DIR [RAW|ENRICHED]: logs to DIR/audit.log, runs the plugins configured in
# DIR/conf/plugins.d; sets live_auditd. Others' records may be many: the log is not rotated.
live_auditd_start() {
	live_enabled=$(auditctl -s | sed -n 's/^enabled //p')
	mkdir -p "$1/conf/plugins.d"
	sed -e "s,^log_file *=.*,log_file = $1/audit.log," \
		-e "s,^plugin_dir *=.*,plugin_dir = $1/conf/plugins.d," \
		-e "s,^log_format *=.*,log_format = ${2:-RAW}," \
		-e "s,^max_log_file_action *=.*,max_log_file_action = IGNORE," \
		/etc/audit/auditd.conf >"$1/conf/auditd.conf"
	: >"$1/conf/audit.rules"
	chmod 640 "$1/conf/auditd.conf" "$1/conf/audit.rules"
	auditd -n -c "$1/conf" >"$1/auditd.out" 2>&1 &
	live_auditd=$!
	live_log=$1/audit.log
	live_wait live_auditd_up
}
live_auditd_up() { # the kernel gives it records
	[ -s "$live_log" ] && auditctl -s | grep -qx "pid $live_auditd" && auditctl -s | grep -q '^enabled [12]'
}

# live_fence: until auditd has written what the kernel has by now: records come in their order.
live_fence() {
	live_fences=$((${live_fences:-0} + 1))
	auditctl -m "live-fence-$$-$live_fences." && live_wait grep -q "live-fence-$$-$live_fences\." "$live_log"
}

# Lets auditd write what it has, ends it and gives the kernel its old state back.
live_auditd_stop() {
	[ -n "${live_auditd:-}" ] || return 0
	live_fence
	kill "$live_auditd" 2>/dev/null || :
	wait "$live_auditd" 2>/dev/null || :
	live_auditd=
	auditctl -e "${live_enabled:-0}" >/dev/null 2>&1 || :
}

# live_root DIR: a root file system with busybox and the sample helper in both widths (the
# 32-bit one only where the compiler can).
live_root() {
	mkdir -p "$1/bin" "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/var/www"
	cp "$(command -v busybox)" "$1/bin/busybox"
	for live_applet in sh mkdir rmdir ls chmod mount sleep touch httpd cat true; do
		ln -sf busybox "$1/bin/$live_applet"
	done
	${CC:-cc} -O2 -static -o "$1/bin/thumb" "$live_top/samples/app.c"
	${CC:-cc} -O2 -static -m32 -o "$1/bin/thumb32" "$live_top/samples/app.c" 2>/dev/null ||
		rm -f "$1/bin/thumb32"
}

# What the sample profile denies, tried in a container.
live_denied='
	mkdir /tmp/cache || echo "mkdir refused"
	thumb32 mkdir /tmp/thumbs
	thumb io_uring_setup
	thumb clone3
	mount -t tmpfs none /tmp'

# live_bundle DIR PROFILE SCRIPT: DIR/config.json runs SCRIPT by sh in DIR/root under PROFILE,
# as Docker hands it to the runtime on x86_64 with no capability that PROFILE gates on.
live_bundle() {
	rm -f "$1/config.json"
	(cd "$1" && crun spec)
	jq --slurpfile p "$2" --arg script "$3" '
		.process.terminal = false
		| .process.args = ["/bin/sh", "-c", $script]
		| .process.env = ["PATH=/bin"]
		| .process.noNewPrivileges = false
		| .root = {path: "root", readonly: false}
		| del(.linux.resources)
		| .linux.seccomp = ({
			defaultAction: $p[0].defaultAction,
			architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
			syscalls: [$p[0].syscalls[] | select(.includes.caps == null)
				| {names, action} + (if .errnoRet then {errnoRet} else {} end)]
		}
		+ (if $p[0].defaultErrnoRet then {defaultErrnoRet: $p[0].defaultErrnoRet} else {} end)
		+ (if $p[0].flags then {flags: $p[0].flags} else {} end))' \
		"$1/config.json" >"$1/config.new"
	mv "$1/config.new" "$1/config.json"
}

# live_crun DIR ID: crun wants pure cgroup2; it gets that in a mount namespace of its own.
live_crun() {
	unshare -m --propagation private sh -c '
		umount -R /sys/fs/cgroup 2>/dev/null || :
		mount -t cgroup2 none /sys/fs/cgroup
		exec crun --root "$1/crun" run --bundle "$1" "$2" </dev/null' sh "$1" "$2"
}

# live_runc DIR ID
live_runc() {
	runc --root "$1/runc" run --bundle "$1" "$2" </dev/null
}
