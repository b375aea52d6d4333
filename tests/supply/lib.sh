# SPDX-License-Identifier: Apache-2.0
# Shared by the supply tests: a directory of their own, the source as `make dist` packs it, and
# rows of TAP. Sourced from the repository's root, not run.
# shellcheck shell=sh

# What the make that started this was told is not for those that are started here.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B SAN DEVELOPER
# shellcheck disable=SC2034 # for those who source it
version=$(sed -n 's/^.define SCA_VERSION "\(.*\)"/\1/p' include/scaudit/scaudit.h)
top=$(mktemp -d) || exit 1
trap 'rm -rf "$top"' EXIT
chmod 755 "$top"
n=0

# row NAME COMMAND...: ok if the command is; what it says, if not.
row() {
	n=$((n + 1))
	name=$1
	shift
	if ("$@") >"$top/said" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 40 "$top/said" | sed 's/^/# /'
	fi
}

skip() { # skip NAME WHY
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# supply_clone DIR: the last commit; git's own files stay in the clone.
supply_clone() {
	git clone -q --local --no-tags . "$1" 2>"$top/said" ||
		{ sed 's/^/# /' "$top/said" && skip_all "no checkout of git here, which \`make dist\` packs"; }
}
