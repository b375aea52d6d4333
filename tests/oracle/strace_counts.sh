#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real programs under strace: what we count in the trace against strace's own table of the same
# run (-C), and our reading of that table. strace counts calls that return, so those that end a
# process or die with it are left out.
set -u
scaudit=${SCAUDIT:-$(dirname "$0")/../../build/scaudit}
for tool in strace jq; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is not installed" && exit 0; }
done
if ! strace -o /dev/null true 2>/dev/null; then
	echo "1..0 # SKIP this user can not trace"
	exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0

counts() { # counts FILE: "name count" of each call
	"$scaudit" report "$1" --format json 2>>"$dir/err" |
		jq -r '.groups[] | select(.denied == false) | "\(.syscall) \(.count)"' |
		awk '{n[$1] += $2} END {for (c in n) if (c !~ /^exit/) print c, n[c]}' | sort
}

same() { # same NAME STRACE-OPTIONS -- COMMAND...
	name=$1
	shift
	n=$((n + 1))
	(cd "$dir" && strace -C -o "$dir/trace" "$@" >/dev/null 2>&1 </dev/null)
	sed -n '/^% time/,$p' "$dir/trace" >"$dir/table"
	counts "$dir/trace" >"$dir/ours"
	counts "$dir/table" >"$dir/read"
	awk '$1 ~ /^[0-9]/ && $NF != "total" {print $NF, $4}' "$dir/table" |
		grep -v '^exit' | sort >"$dir/theirs"
	if [ -s "$dir/theirs" ] && cmp -s "$dir/theirs" "$dir/read" &&
		cmp -s "$dir/theirs" "$dir/ours"; then
		echo "ok $n - $name ($(wc -l <"$dir/theirs") calls by name)"
	else
		echo "not ok $n - $name"
		diff "$dir/theirs" "$dir/ours" | sed 's/^/# trace: /'
		diff "$dir/theirs" "$dir/read" | sed 's/^/# table: /'
	fi
}

same "one process" ls -la /
same "with times and numbers" -f -ttt -n sh -c 'ls / | cat; (true)'
same "with times of day" -f -tt -Y sh -c 'for i in 1 2 3; do ls / & done; wait'
same "with distances and places" -f -r -i sh -c 'echo a | tr a b; cat /etc/passwd'
same "raw arguments" -f -X raw sh -c 'ls -l / >/dev/null'
same "many at once" -f sh -c 'seq 40 | xargs -P 8 -n 1 true'
echo "1..$n"
