#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real engines end to end. In a container of each, one process is killed at once and another is
# on record while it lives. Both records must have the container's id and name; from its name alone suggest
# finds denials, profile and target; a new container under the patched profile is not killed.
# shellcheck disable=SC2016
set -u

live_top=$(cd "$(dirname "$0")/../.." && pwd)
scaudit=${SCAUDIT:-$live_top/build/scaudit}
whose=${B:-$live_top/build}/tests/live/tool_whose
engines=${ENGINES:-runc crun podman docker containerd cri lxc}
# shellcheck source=tests/live/lib.sh
. "$live_top/tests/live/lib.sh"
# shellcheck source=tests/live/engines_lib.sh
. "$live_top/tests/live/engines_lib.sh"

why=$(live_missing unshare jq busybox cc tar awk)
for built in "$scaudit" "$whose"; do
	[ -n "$why" ] || [ -x "$built" ] || why="$built is not built"
done
if [ -n "$why" ]; then
	echo "1..0 # SKIP $why"
	exit 0
fi
engines_inside "$@"
dir=$(mktemp -d)
up=
containers=
cleanup() {
	exec 3>&1 >>"$dir/cleanup.log" 2>&1
	live_events_stop
	for c in $containers; do
		"${c%%:*}_rm" "${c#*:}"
	done
	[ -z "$up" ] || "${up}_down"
	for cg in docker libpod_parent scaudit kubepods lxc.pivot; do
		find /sys/fs/cgroup -depth -type d -path "*/$cg*" -exec rmdir {} + 2>/dev/null
	done
	awk -v d="$dir/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
		xargs -r umount -l
	umount -l /etc
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
if ! engines_private "$dir" 2>"$dir/mount.err"; then
	echo "1..0 # SKIP no private /etc and /run here: $(cat "$dir/mount.err")"
	exit 0
fi

n=0
ok() { # ok NAME COMMAND...
	n=$((n + 1))
	name=$1
	shift
	if "$@" >"$dir/said" 2>&1; then
		echo "ok $n - $name"
		return
	fi
	echo "not ok $n - $name"
	{
		sed 's/^/# /' "$dir/said" "$dir/$engine.log" "$dir/suggest.err"
		grep -h "$victim" "$dir/events" | sed 's/^/# /'
	} 2>/dev/null | tail -60
	return 1
}

# The pid of the victim that lives.
living() {
	# shellcheck disable=SC2046 # words
	grep -lzx live $(grep -lzx "/bin/$victim" /proc/[0-9]*/cmdline 2>/dev/null) /dev/null 2>/dev/null |
		sed 's,/proc/\([0-9]*\)/cmdline,\1,' | grep .
}

profile() { # profile FILE: logs mkdir, kills for chmod
	jq -n '{
		defaultAction: "SCMP_ACT_ALLOW",
		architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [
			{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_LOG"},
			{names: ["chmod", "fchmodat"], action: "SCMP_ACT_KILL_PROCESS"}
		]}' >"$1"
}

start() { # start CONTAINER PROFILE: runs the victims; sets pid, the one that lives
	containers="$containers $engine:$1"
	"${engine}_run" "$1" "$2" "/bin/$victim kill && /bin/$victim kill; exec /bin/$victim live" \
		>>"$dir/$engine.log" 2>&1 || return 1
	live_wait living && pid=$(living)
}

end() { # end CONTAINER
	"${engine}_rm" "$1" >>"$dir/$engine.log" 2>&1
	containers=$(printf '%s' "$containers" | sed "s/ $engine:$1//")
	live_wait sh -c '! grep -qx "$1" /proc/[0-9]*/comm 2>/dev/null' sh "$victim"
}

events() { # events FILTER: how many of the victims' events have it
	jq -c --arg v "$victim" --arg id "$id" --arg name "$first" '
		def right: .container.id == $id and (.container.name // $id) == $name;
		select(.comm == $v) | select('"$1"')' "$dir/events" | wc -l
}

# Whether they have a record yet: the kernel's own queue is slow on a busy machine.
recorded() { # recorded SYSCALL...
	for call; do
		[ "$(events ".syscall == \"$call\"")" -ge 1 ] || return
	done
}

check_whose() { # check_whose CONTAINER: while it runs
	ok "$engine: the living process is its container's" sh -c '"$1" "$2" | jq -e --arg id "$3" \
		"select(.id == \$id and .sure == \"exact\")"' sh "$whose" "$pid" "$id"
	ok "$engine: and is called $1" sh -c '"$1" "$2" | jq -e --arg n "$3" \
		"select(if .name == \"\" then .id else .name end == \$n)"' sh "$whose" "$pid" "$1"
	ok "$engine: the record of the living names it" test "$(events \
		'.syscall == "mkdir" and right')" -ge 1
	ok "$engine: so does the record of the killed" test "$(events \
		'.syscall == "chmod" and right')" -ge 1
	ok "$engine: no record names another" test "$(events \
		'.container.id != null and .container.id != $id')" = 0
}

check_suggest() { # check_suggest CONTAINER PATTERN
	word=$1
	[ "$engine" != cri ] || word=prod/pod-$1/$1
	"$scaudit" suggest --container "$word" --from "$dir/events" --format profile \
		-o "$dir/$engine.json" 2>"$dir/suggest.err"
	ok "$engine: suggest --container $word makes a profile" jq -e \
		'[.syscalls[] | select(.action == "SCMP_ACT_KILL_PROCESS").names[]] == ["fchmodat"]' \
		"$dir/$engine.json"
	ok "$engine: for this engine and runtime" grep -Eq "$2" "$dir/suggest.err"
}

run_first() { # leaves the container running
	first=e1$engine$$
	profile "$dir/profile.json"
	up=$engine
	ok "$engine starts" "${engine}_up" || return 1
	live_events_start "$dir/events"
	ok "$engine runs a container" start "$first" "$dir/profile.json" || return 1
	id=$("${engine}_id" "$first" 2>>"$dir/$engine.log")
	live_wait recorded mkdir chmod
	sleep 0.5
	live_events_stop
	check_whose "$first"
}

down() {
	live_events_stop
	"${engine}_down" >>"$dir/$engine.log" 2>&1
	up=
}

try() { # try PATTERN: one engine; PATTERN: its words about its target
	if ! run_first; then
		down
		return
	fi
	check_suggest "$first" "$1"
	end "$first"
	second=e2$engine$$
	live_events_start "$dir/events"
	ok "$engine runs one under the patched profile" start "$second" "$dir/$engine.json"
	live_wait recorded mkdir # which comes last
	live_events_stop
	ok "$engine: nothing is killed any more" test "$(events '.syscall == "chmod"'):$(events \
		'.syscall == "mkdir"')" = 0:1
	end "$second"
	down
}

try_text() { # an engine whose profiles are no JSON: there is a whose, and no patch
	if run_first; then
		"$scaudit" suggest --container "$first" --from "$dir/events" 2>"$dir/suggest.err"
		ok "$engine: suggest names the profile that it can not patch" \
			grep -Fq "$(lxc_policy "$first")" "$dir/suggest.err"
		end "$first"
	fi
	down
}

engines_root "$dir/root"
id=
for engine in $engines; do
	eval "needs=\$${engine}_needs"
	# shellcheck disable=SC2154,SC2086 # set by eval, words
	why=$(live_missing $needs)
	if [ -n "$why" ]; then
		n=$((n + 1))
		echo "ok $n - $engine # SKIP $why"
		continue
	fi
	case $engine in
	docker) try '^target: +docker(20)?, runc' ;;
	podman) try '^target: +podman, runc' ;;
	crun) try '^target: +oci, crun' ;;
	lxc) try_text ;;
	*) try '^target: +oci, runc' ;;
	esac
done
echo "1..$n"
