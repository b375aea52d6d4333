#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the README shows is what the program says: every block that starts with "$ scaudit" is run
# and compared, and so are the samples' expected answers. The kernel's version and how many
# numbers libseccomp knows are the machine's own.
set -u

if [ "$(uname -m)" != x86_64 ]; then
	echo "1..0 # SKIP the samples were recorded on x86_64"
	exit 0
fi

cd "$(dirname "$0")/../.." || exit 1
scaudit=${SCAUDIT:-build/scaudit}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
export COLUMNS=80

plain() {
	sed -e 's/kernel [0-9][0-9.]*/kernel N/' -e 's/[0-9][0-9,]* compared/N compared/' "$1"
}

# Cuts README.md into $dir/N.cmd (the arguments) and $dir/N.want.
awk -v dir="$dir" '
	/^```/ { inside = !inside; out = ""; next }
	inside && /^\$ scaudit / {
		k++
		out = sprintf("%s/%02d.want", dir, k)
		printf "" >out
		sub(/^\$ scaudit /, "")
		print >sprintf("%s/%02d.cmd", dir, k)
		next
	}
	inside && out != "" { print >out }' README.md

for cmd in "$dir"/*.cmd; do
	[ -e "$cmd" ] || break
	n=$((n + 1))
	name=$(cat "$cmd")
	# shellcheck disable=SC2046
	"$scaudit" $(cat "$cmd") >"$dir/out" 2>&1 </dev/null
	plain "$dir/out" >"$dir/got"
	plain "${cmd%.cmd}.want" >"$dir/want"
	if cmp -s "$dir/got" "$dir/want"; then
		echo "ok $n - README: scaudit $name"
	else
		echo "not ok $n - README: scaudit $name"
		diff -u "$dir/want" "$dir/got" | sed 's/^/# /'
	fi
done
[ "$n" -gt 0 ] || echo "not ok $((n += 1)) - README shows the program"

n=$((n + 1))
"$scaudit" suggest samples/web.json samples/web.log -q >"$dir/got" 2>/dev/null
if cmp -s "$dir/got" samples/web.patch.json; then
	echo "ok $n - samples/web.patch.json is the answer to the samples"
else
	echo "not ok $n - samples/web.patch.json is the answer to the samples"
	diff -u samples/web.patch.json "$dir/got" | sed 's/^/# /'
fi
echo "1..$n"
