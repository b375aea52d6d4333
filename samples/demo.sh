#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows scaudit on the sample container: what was denied, the patch, and the patch as a diff.
set -eu

cd "$(dirname "$0")/.."
scaudit=${SCAUDIT:-build/scaudit}

show() {
	printf '\n$ scaudit %s\n' "$*"
	"$scaudit" "$@" 2>&1
}
show report samples/web.log
show suggest samples/web.json samples/web.log
show suggest samples/web.json samples/web.log --format diff -q
show resolve clone3
