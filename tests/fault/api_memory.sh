#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every public function stands in a test of failing memory: a new one can not be forgotten. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
echo 1..1
missing=$(sed -n 's/^\t\(sca_[a-z0-9_]*\);$/\1/p' src/lib/libscaudit.map | while read -r name; do
	grep -q "\<$name(" tests/fault/test_*_memory.c || echo "# in no tests/fault/test_*_memory.c: $name"
done)
[ -z "$missing" ] && echo "ok 1 - every public function without memory" && exit
echo "not ok 1 - every public function without memory"
echo "$missing"
