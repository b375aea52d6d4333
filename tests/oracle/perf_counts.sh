#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real programs under perf trace: our reading of its table (-s) against that table, and what we
# count in its lines against the lines that start a call, or end one whose start perf does not
# know: under load it takes a process for a new one. The execve of the program itself, which had
# started before, is left out.
set -u
scaudit=${SCAUDIT:-$(dirname "$0")/../../build/scaudit}
for tool in perf jq; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is not installed" && exit 0; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
if ! perf trace -o "$dir/probe" true 2>/dev/null || ! grep -q 'exit_group(' "$dir/probe"; then
	echo "1..0 # SKIP perf can not trace here"
	exit 0
fi
n=0

counts() { # counts FILE: "name count" of each call
	"$scaudit" report "$1" --format json 2>>"$dir/err" |
		jq -r '.groups[] | select(.denied == false) | "\(.syscall) \(.count)"' |
		awk '$1 !~ /^execve/ {n[$1] += $2} END {for (c in n) print c, n[c]}' | sort
}

same() { # same NAME: theirs and ours
	n=$((n + 1))
	if [ -s "$dir/theirs" ] && cmp -s "$dir/theirs" "$dir/ours"; then
		echo "ok $n - $1 ($(wc -l <"$dir/theirs") calls by name)"
	else
		echo "not ok $n - $1"
		diff "$dir/theirs" "$dir/ours" | sed 's/^/# /'
	fi
}

lines() { # lines NAME COMMAND...
	name=$1
	shift
	perf trace -o "$dir/trace" "$@" >/dev/null 2>&1 </dev/null
	sed -n -e '/ ? ( *): .*continued\]: v*\(clone\|fork\)/d' \
		-e 's/^ *? ( *): .*continued\]: \([a-z0-9_]*\)().*/\1/p' -e '/continued/d' \
		-e 's/^ *[0-9.]* ([^)]*): *[^(]*\/[0-9]* \([a-z0-9_]*\)(.*/\1/p' "$dir/trace" |
		grep -v '^execve' | sort | uniq -c | awk '{print $2, $1}' | sort >"$dir/theirs"
	counts "$dir/trace" >"$dir/ours"
	same "$name"
}

table() { # table NAME COMMAND...
	name=$1
	shift
	perf trace -s -o "$dir/trace" "$@" >/dev/null 2>&1 </dev/null
	awk 'NF > 6 && $NF ~ /%$/ && $1 !~ /^execve/ {n[$1] += $2} END {for (c in n) print c, n[c]}' \
		"$dir/trace" | sort >"$dir/theirs"
	counts "$dir/trace" >"$dir/ours"
	same "$name"
}

lines "lines of one process" ls -la /
lines "lines of several" sh -c 'ls / | cat; (true); sleep 0.1'
table "a table of one process" ls -la /
table "a table of several" sh -c 'for i in 1 2 3; do ls / & done; wait'
echo "1..$n"
